//! Gives an ESP32 its network credentials through Espressif's unified provisioning.
//!
//! ```text
//!  your program ──▶ provision ──▶ Client ──▶ Transport ──▶ the device
//!       ▲               │           │
//!       │             Event       protocomm: every byte, no IO
//!       └───────────────┘
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
