//! Gives an ESP32 its network credentials through Espressif's unified provisioning.
//!
//! ```text
//!  your program ──▶ provision ──▶ Client ──▶ Transport ──▶ the device
//!       ▲               │           │
//!       │             Event       protocomm: every byte, no IO
//!       └───────────────┘
//! ```
//!
//! A [`Connect`] is a way to a device, a [`Plan`] says what to give it, and a [`Provisioner`] owns
//! all that is needed for it: security, patience, who answers questions, and who watches.
//!
//! # Example: a transport of one's own, in a task
//!
//! ```
//! use std::time::Duration;
//!
//! use esp_prov::{
//!     Connect, Endpoint, Event, Network, Observer, Passphrase, Plan, Policy, Provisioner,
//!     Security, Ssid, Stage, Transport, TransportError, address::Address, async_trait,
//! };
//!
//! /// A living link.
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
//! /// Who watches.
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
//! The repository has more in `examples/`, with virtual devices (crate `esp-prov-simulate`).

pub mod address;
mod client;
mod discovered_device;
mod error;
mod event;
pub mod exchange;
mod info;
mod journal;
mod operator;
mod plan;
mod provision;
mod scan;
pub mod shown;
pub mod transport;

/// For implementations of [`Transport`], [`Connect`], [`Operator`] and [`Journal`].
pub use async_trait::async_trait;
pub use protocomm::{
    Bssid, Capabilities, Command, Credentials, DecodeError, Endpoint, ExtPanId, HandshakeError,
    InvalidDataset, InvalidLabel, Label, LabelTransport, NetworkKey, NetworkKind, Passphrase,
    Password, ProofOfPossession, Refusal, Scheme, SessionError, Ssid, Status, ThreadDataset,
    Username, VerifierMaker, commands,
};

pub use self::{
    client::Client,
    discovered_device::{DiscoveredDevice, HeardBy},
    error::{Busy, Cause, Error, FailureKind, Mismatch, Recovery, SecurityLevel, Stage},
    event::{
        Bytes, Event, Exchange, Hint, JoinState, NetworkName, Observer, Outcome, Reply, Warning,
    },
    info::{Assessment, Info, MissingInput, RoundTrips},
    journal::Journal,
    operator::{Operator, Unattended},
    plan::{Accept, Login, Network, Plan, Policy, Security},
    provision::{
        Control, DiscoveryFilter, DiscoverySources, Message, Provisioner, advertised, discover,
        warn,
    },
    scan::{Scan, VisibleNetwork, bars},
    transport::{
        BleConnect, Care, Connect, CutName, Place, RadioError, Survey, Transport, TransportError,
    },
};
