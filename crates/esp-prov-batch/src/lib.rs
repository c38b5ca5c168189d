//! Provisions many devices from a roster, several at a time, and records the state of each in a
//! ledger.
//!
//! ```text
//!  roster ──▶ slots ──▶ devices ──▶ provision (one device, one plan)
//!               ▲          │
//!  watch ───────┘          ▼
//!                       ledger ──▶ hook
//! ```
//!
//! A batch can be killed at any moment. Each claim, apply and result is durable before the next step
//! depends on it, so the same batch resumes when it is started again: it skips devices that are
//! done, and settles interrupted ones by the resume rule of [`Provisioner`](esp_prov::Provisioner).
//!
//! # Example: a roster
//!
//! ```
//! use std::path::Path;
//!
//! use esp_prov_batch::roster::{Defaults, Form, parse};
//!
//! let text = "id,address,pop,ssid,passphrase\nlamp-1,192.168.4.1,abcd1234,Home,correct-horse\n";
//! let roster = parse(text.as_bytes(), Form::Csv, Path::new(""), &Defaults::default());
//! let roster = roster.expect("a roster without errors");
//! assert_eq!(roster.entries[0].address.to_string(), "http://192.168.4.1:80");
//! assert_eq!(roster.entries[0].network_name(), "Home");
//! ```
//!
//! [`run`] provisions such a roster with a ledger that [`ledger::open`] gives.
//!
//! Events, their summaries and the errors of a ledger are `#[non_exhaustive]`. The types that your
//! own [`Ledger`](ledger::Ledger) has to construct are not, nor are those that decide how a run
//! ends: the states of devices and a [`BatchEnd`].

mod adapters;
mod concurrency;
mod device;
mod event;
mod export;
mod hook;
pub mod ledger;
mod results;
pub mod roster;
mod run;
mod sole;
mod watch;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use esp_prov::{Policy, address::Address, transport::Connect};
use rand_core::CryptoRng;

pub use self::{
    concurrency::Concurrency,
    event::{BatchEnd, BatchEvent, Counts, DeviceEnded, DeviceFailure, Summary, Watcher},
    export::ExportRow,
    hook::{Hook, Program},
    ledger::Station,
    roster::Entry,
    run::run,
    watch::{AdapterScan, Watch},
};

/// Finds the way to a device.
pub type Connector = Arc<dyn Fn(&Address) -> Option<Box<dyn Connect>> + Send + Sync>;

/// Randomness that comes again, for simulations.
pub type Keys = Arc<Mutex<dyn CryptoRng + Send>>;

/// What a batch is like.
pub struct Job {
    /// Which devices.
    pub roster: Vec<Entry>,
    /// Who works.
    pub station: Station,
    /// Finds the way to a device; [`transport::connector`](esp_prov::transport::connector) does.
    pub connect: Connector,
    /// How patient to be with one device. Its `timeout` is the limit for an attempt; for an adapter
    /// the batch waits itself.
    pub policy: Policy,
    /// Refuse devices of any other version.
    pub version: Option<String>,
    /// Make every device forget a network it could not join before it is given this one. One of
    /// which the ledger knows that it could not join is made to anyway.
    pub reset_first: bool,
    /// How many at once.
    pub concurrency: Concurrency,
    /// How often a device is tried again after a transient failure.
    pub retries: u32,
    /// The pause before that, the first time; it doubles.
    pub retry_pause: Duration,
    /// The batch stops when so many devices failed alike before any was done; 0 for never.
    pub stop_after: usize,
    /// Limit for the whole batch.
    pub within: Option<Duration>,
    /// How long the ledger may be away.
    pub ledger_within: Duration,
    /// How long a Bluetooth adapter may be off or away, if only devices over BLE are left.
    pub adapter_within: Duration,
    /// Gets each result.
    pub hook: Option<Hook>,
    /// Work on devices as they appear, instead of looking for each.
    pub watch: Option<Watch>,
    /// What the keys of all sessions are made from, if not from the system's randomness: see
    /// [`Provisioner::with_keys_from`](esp_prov::Provisioner::with_keys_from).
    pub keys: Option<Keys>,
}
