//! Gives an ESP32 its network credentials through Espressif's unified provisioning.
//!
//! ```text
//!  cli ──▶ provision ──▶ client ──▶ transport ──▶ the device
//!   │          │            │
//!   │        Event        protocomm: every byte, no IO
//!   ▼          ▼
//!  report ◀────┘   (only report and cli print)
//! ```
//!
//! A [`Target`] is a way to a device, a [`Plan`] says what to do with it, and [`provision()`]
//! does it, telling an [`Observer`] what happens. [`simulate`] has virtual devices.
//!
//! # Example: provision a virtual device
//!
//! ```
//! use esp_prov::{
//!     Event, Network, Outcome, Passphrase, Plan, Policy, ProofOfPossession, Security, Ssid,
//!     Target, Unattended, address::Address, commands::SetWifiConfig, provision, simulate,
//! };
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let device = simulate::VirtualDevice::new(simulate::Settings::default());
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
mod alike;
pub mod batch;
pub mod capture;
#[doc(hidden)]
pub mod cli;
mod client;
pub mod doctor;
mod environment;
mod error;
mod event;
pub mod exit;
mod files;
mod info;
mod journal;
mod nearby;
mod operator;
mod plan;
mod provision;
mod report;
mod scan;
mod shown;
pub mod simulate;
pub mod tap;
pub mod trace;
pub mod transport;

pub use protocomm::{
    Bssid, Capabilities, Command, Credentials, DecodeError, Endpoint, ExtPanId, HandshakeError,
    InvalidDataset, InvalidLabel, Label, LabelTransport, NetworkKey, NetworkKind, Passphrase,
    Password, ProofOfPossession, Refusal, Scheme, SessionError, Ssid, Status, ThreadDataset,
    Username, VerifierMaker, commands, device,
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
        Control, Ears, Message, Target, Wish, control, discover, info, provision,
        provision_with_journal, scan, send, status,
    },
    scan::{Scan, VisibleNetwork},
    transport::{
        BleConnect, Care, Connect, CutName, Place, RadioError, Survey, Transport, TransportError,
    },
};
