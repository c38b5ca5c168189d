//! Gives an ESP32 its network credentials through Espressif's unified provisioning.
//!
//! ```text
//!  your program ──▶ Provisioner: provision, scan, … ──▶ Client ──▶ Transport ──▶ the device
//!       ▲                │                                │         http, ble, serial,
//!       │              Event                          protocomm     or one of your own
//!       └────────────────┘                            every byte, no IO
//! ```
//!
//! A [`Connect`] leads to a device, a [`Plan`] says what to give it, and a [`Provisioner`] has
//! everything else: the [`Security`], limits and retries ([`Policy`]), an [`Observer`] that is
//! notified of what happens, and an [`Operator`] that is asked for what is missing. Nothing here
//! prints, reads files or knows about flags.
//!
//! | feature | adds |
//! | --- | --- |
//! | `http` (default) | [`HttpConnect`](transport::HttpConnect): over SoftAP or any network |
//! | `ble` | the system's Bluetooth, for [`BleConnect`] and [`BleScan`](transport::ble::BleScan) |
//! | `softap` | the system's Wi-Fi, for [`SoftapConnect`](transport::softap::SoftapConnect) |
//! | `serial` | [`ConsoleConnect`](transport::ConsoleConnect) and [`serial_ports`](transport::serial_ports) |
//! | `mdns` | devices that announce themselves on the network, for [`discover`] |
//!
//! Your own adapter ([`ble::Adapter`](transport::ble::Adapter)), wire
//! ([`ConsoleLink`](transport::ConsoleLink)) or [`Transport`] needs no feature. Virtual devices are
//! in the crate `esp-prov-simulate`.
//!
//! # Example: provision a device
//!
//! The device in this example lives in the same process. `HttpConnect::new("192.168.4.1".parse()?)`
//! leads to a real one.
//!
//! ```
//! use esp_prov::{
//!     Event, Network, Outcome, Passphrase, Plan, Provisioner, Security, Ssid, address::Address,
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
//! # let security = device::Security::Sec1 { pop: "abcd1234".into() };
//! # let version = r#"{"prov":{"ver":"v1.1","sec_ver":1,"cap":["wifi_scan"]}}"#;
//! # let rng = UnwrapErr(getrandom::SysRng);
//! # let responder = Responder::new(security, version, Radio::default(), rng);
//! # let device = Device(Arc::new(Mutex::new(responder)));
//! let network = Network::wifi(Ssid::new("Home")?, Passphrase::new("correct-horse".to_owned())?);
//! let watch = |event: Event| println!("{event:?}");
//! let outcome = Provisioner::new(Address::Virtual, &device)
//!     .with_security(Security::default().with_proof("abcd1234"))
//!     .with_observer(&watch)
//!     .provision(&Plan::new(network))
//!     .await?;
//! assert!(matches!(outcome, Outcome::Connected { .. }));
//! # Ok(())
//! # }
//! ```
//!
//! # Example: your own transport, in a task
//!
//! ```
//! use std::time::Duration;
//!
//! use esp_prov::{
//!     Connect, Endpoint, Event, Network, Observer, Passphrase, Plan, Policy, Provisioner,
//!     Security, Ssid, Stage, Transport, TransportError, address::Address, async_trait,
//! };
//!
//! /// An open link.
//! struct Wire;
//!
//! #[async_trait]
//! impl Transport for Wire {
//!     async fn exchange(
//!         &mut self,
//!         _endpoint: &Endpoint,
//!         _request: &[u8],
//!     ) -> Result<Vec<u8>, TransportError> {
//!         Err(TransportError::Lost("the cable is out".into()))
//!     }
//! }
//!
//! /// The way to a device.
//! struct Cable;
//!
//! #[async_trait]
//! impl Connect for Cable {
//!     async fn connect(&self, _within: Duration) -> Result<Box<dyn Transport>, TransportError> {
//!         Ok(Box::new(Wire))
//!     }
//! }
//!
//! /// Prints what happens.
//! struct Screen;
//!
//! impl Observer for Screen {
//!     fn notify(&self, event: Event) {
//!         println!("{event:?}");
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let network = Network::wifi(Ssid::new("Home")?, Passphrase::new("correct-horse".to_owned())?);
//! let task = tokio::spawn(async move {
//!     Provisioner::new(Address::Virtual, &Cable)
//!         .with_security(Security::default().with_proof("abcd1234"))
//!         .with_policy(Policy::default().with_timeout(Duration::from_secs(30)))
//!         .with_observer(&Screen)
//!         .provision(&Plan::new(network))
//!         .await
//! });
//! let error = task.await?.expect_err("the cable is out");
//! assert_eq!(error.stage, Stage::Version);
//! # Ok(())
//! # }
//! ```
//!
//! The repository has more examples in `examples/`, with virtual devices (crate `esp-prov-simulate`).
//!
//! # What may grow
//!
//! Events, outcomes, warnings, what is known about a device, and the causes of errors are
//! `#[non_exhaustive]`; [`Error::kind`] classifies every cause, known or not. Types that must be
//! handled in full are exhaustive, so that the compiler finds a missing case:
//! [`Address`](address::Address), [`FailureKind`], [`Stage`] and [`JoinState`]. So are types that
//! you construct yourself: what your own transport or radio returns, options, and what tests need.

pub mod address;
mod aside;
mod client;
mod discovered_device;
mod error;
mod event;
pub mod exchange;
mod few;
mod info;
mod journal;
mod operator;
mod plan;
mod provision;
mod scan;
pub mod shown;
pub mod transport;
pub mod verify;

/// For implementations of [`Transport`], [`Connect`], [`Operator`], [`Chooser`] and [`Journal`].
pub use async_trait::async_trait;
pub use protocomm::{
    Bssid, Capabilities, Command, Credentials, DecodeError, Endpoint, ExtPanId, HandshakeError,
    InvalidDataset, InvalidLabel, Label, LabelTransport, NetworkKey, NetworkKind, Passphrase,
    Password, ProofOfPossession, Refusal, Scheme, SessionError, Ssid, Status, ThreadDataset,
    Username, VerifierMaker, commands,
};

/// For the other crates of this repository. Not part of the public API.
#[doc(hidden)]
pub use self::{
    aside::{aside, task},
    few::sort_few,
    provision::{advertised, seen, warn},
    scan::bars,
};
pub use self::{
    client::Client,
    discovered_device::{DiscoveredDevice, HeardBy},
    error::{Busy, Cause, Error, FailureKind, Mismatch, Recovery, SecurityLevel, Stage},
    event::{
        Bytes, Connection, Event, Exchange, Hint, JoinState, NetworkName, Observer, Outcome, Reply,
        Warning,
    },
    info::{Assessment, Info, MissingInput, RoundTrips},
    journal::Journal,
    operator::{Chooser, Chosen, Operator, Seen, Unattended},
    plan::{Accept, Login, Network, Plan, Policy, Security},
    provision::{Control, DiscoveryFilter, DiscoverySources, Message, Provisioner, discover},
    scan::{Scan, VisibleNetwork},
    transport::{
        BleConnect, Care, Connect, CutName, EndpointList, EndpointLocation, HostFault, RadioError,
        Transport, TransportError,
    },
    verify::{Verification, Verify},
};
