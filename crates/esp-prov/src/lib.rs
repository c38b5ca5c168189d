//! Gives an ESP32 its network credentials through Espressif's unified provisioning.
//!
//! ```text
//!  your program ──▶ provision(), scan(), send(), … ──▶ Client ──▶ Transport ──▶ the device
//!       ▲                │                               │         http, ble, serial,
//!       │              Event                         protocomm     or one of your own
//!       └────────────────┘                           every byte, no IO
//! ```
//!
//! A [`Target`] is a way to a device, a [`Plan`] says what to do with it, and [`provision()`]
//! does it, telling an [`Observer`] what happens. What it lacks, it asks an [`Operator`] for.
//! Nothing here prints, reads files or knows of flags.
//!
//! | feature | brings |
//! | --- | --- |
//! | `http` (default) | [`HttpConnect`](transport::HttpConnect): over SoftAP or any network |
//! | `ble` | the system's Bluetooth for [`BleConnect`] and [`Listening`](transport::ble::Listening) |
//! | `serial` | [`ConsoleConnect`](transport::ConsoleConnect) and [`serial_ports`](transport::serial_ports) |
//! | `mdns` | devices that announce themselves on the network, for [`discover`] |
//!
//! A radio of one's own ([`ble::Radio`](transport::ble::Radio)), a wire of one's own
//! ([`ConsoleLink`](transport::ConsoleLink)) and a [`Transport`] of one's own need no feature. Virtual
//! devices are in the crate `esp-prov-simulate`.
//!
//! # Example: provision a device
//!
//! This one lives in the same process; `HttpConnect::new("192.168.4.1".parse()?)` leads to a real one.
//!
//! ```
//! use esp_prov::{
//!     Event, Network, Outcome, Passphrase, Plan, Policy, ProofOfPossession, Security, Ssid,
//!     Target, Unattended, address::Address, commands::SetWifiConfig, provision,
//! };
//!
//! # use esp_prov::{Connect, Endpoint, Status, Transport, TransportError};
//! # use esp_prov::commands::{AuthMode, WifiConnection, WifiStatus};
//! # use protocomm::device::{self, Backend, Responder, WifiConfig};
//! # use rand_core::UnwrapErr;
//! # use std::{sync::{Arc, Mutex}, time::Duration};
//! # #[derive(Default)]
//! # struct Radio(Option<WifiConfig>);
//! # impl Backend for Radio {
//! #     fn join(&mut self, network: WifiConfig) -> Result<(), Status> {
//! #         self.0 = Some(network);
//! #         Ok(())
//! #     }
//! #     fn status(&mut self) -> Result<WifiStatus, Status> {
//! #         let Some(network) = &self.0 else {
//! #             return Ok(WifiStatus::Connecting { attempts_remaining: None });
//! #         };
//! #         Ok(WifiStatus::Connected(WifiConnection {
//! #             ip: "10.0.0.7".to_owned(),
//! #             ssid: network.ssid.clone(),
//! #             bssid: None,
//! #             channel: 6,
//! #             auth_mode: AuthMode::WPA2_PSK,
//! #         }))
//! #     }
//! # }
//! # type InMemory = Responder<Radio, UnwrapErr<getrandom::SysRng>>;
//! # struct Device(Arc<Mutex<InMemory>>);
//! # struct Link(Arc<Mutex<InMemory>>);
//! # #[async_trait::async_trait]
//! # impl Connect for Device {
//! #     async fn connect(&self, _: Duration) -> Result<Box<dyn Transport>, TransportError> {
//! #         self.0.lock().unwrap().open_link();
//! #         Ok(Box::new(Link(Arc::clone(&self.0))))
//! #     }
//! # }
//! # #[async_trait::async_trait]
//! # impl Transport for Link {
//! #     async fn exchange(
//! #         &mut self, endpoint: &Endpoint, body: &[u8],
//! #     ) -> Result<Vec<u8>, TransportError> {
//! #         let reply = self.0.lock().unwrap().handle(endpoint.as_str(), body);
//! #         Ok(reply.map_err(|_| TransportError::NoReply)?.body)
//! #     }
//! # }
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let security = device::Security::Sec1 { pop: ProofOfPossession::from("abcd1234") };
//! # let version = r#"{"prov":{"ver":"v1.1","sec_ver":1,"cap":["wifi_scan"]}}"#;
//! # let rng = UnwrapErr(getrandom::SysRng);
//! # let responder = Responder::new(security, version, Radio::default(), rng);
//! # let device = Device(Arc::new(Mutex::new(responder)));
//! let target = Target { address: Address::Virtual, connect: &device };
//! let plan = Plan {
//!     security: Security {
//!         pop: Some(ProofOfPossession::from("abcd1234")),
//!         ..Security::default()
//!     },
//!     version: None,
//!     custom_config: None,
//!     custom_data: None,
//!     reset_first: false,
//!     network: Network::Wifi(SetWifiConfig {
//!         ssid: Ssid::new("Home")?,
//!         passphrase: Passphrase::new("correct-horse".to_owned())?,
//!         bssid: None,
//!         channel: None,
//!     }),
//!     alternative: None,
//!     policy: Policy::default(),
//! };
//! let watch = |event: Event| println!("{event:?}");
//! let outcome = provision(&target, &plan, &Unattended, &watch).await?;
//! assert!(matches!(outcome, Outcome::Connected { .. }));
//! # Ok(())
//! # }
//! ```

pub mod address;
mod client;
mod error;
mod event;
mod info;
mod journal;
mod nearby;
mod operator;
mod plan;
mod provision;
mod scan;
pub mod shown;
pub mod tap;
pub mod transport;

pub use protocomm::{
    Bssid, Capabilities, Command, Credentials, DecodeError, Endpoint, ExtPanId, HandshakeError,
    InvalidDataset, InvalidLabel, Label, LabelTransport, NetworkKey, NetworkKind, Passphrase,
    Password, ProofOfPossession, Refusal, Scheme, SessionError, Ssid, Status, ThreadDataset,
    Username, VerifierMaker, commands,
};

pub use self::{
    client::Client,
    error::{Busy, Cause, Error, FailureKind, Mismatch, Recovery, SecurityLevel, Stage},
    event::{Bytes, Event, Exchange, JoinState, NetworkName, Observer, Outcome, Reply, Warning},
    info::{Info, Need, Prospects, RoundTrips},
    journal::Journal,
    nearby::{HeardBy, Nearby},
    operator::{Operator, Unattended},
    plan::{Accept, Login, Network, Plan, Policy, Security},
    provision::{
        Control, Ears, Message, Target, Wish, advertised, control, discover, info, provision,
        provision_with_journal, scan, send, status, warn,
    },
    scan::{Scan, VisibleNetwork, bars},
    transport::{
        BleConnect, Care, Connect, CutName, Place, RadioError, Survey, Transport, TransportError,
    },
};
