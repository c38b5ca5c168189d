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

/// Chooses how to connect to a device.
pub type Connector = Arc<dyn Fn(&Address) -> Option<Box<dyn Connect>> + Send + Sync>;

/// Repeatable randomness, for simulations.
pub type Keys = Arc<Mutex<dyn CryptoRng + Send>>;

/// The settings of a batch.
pub struct Job {
    /// The devices to work on.
    pub roster: Vec<Entry>,
    /// The station that does the work.
    pub station: Station,
    /// Chooses how to connect to a device; see
    /// [`transport::connector`](esp_prov::transport::connector).
    pub connect: Connector,
    /// The time limits for one device. Its `timeout` limits an attempt. The batch itself waits for
    /// unavailable adapters.
    pub policy: Policy,
    /// The required version; devices with any other version are refused.
    pub version: Option<String>,
    /// Reset every device that could not join a network before it is given the new one. A device
    /// that the ledger records as unable to join is always reset.
    pub reset_first: bool,
    /// How many devices to work on at once.
    pub concurrency: Concurrency,
    /// How often a device is tried again after a transient failure.
    pub retries: u32,
    /// The delay before the first retry; it doubles with each retry.
    pub retry_pause: Duration,
    /// The batch stops if this many devices all fail with the same error before any is done; 0
    /// disables this.
    pub stop_after: usize,
    /// The time limit for the whole batch.
    pub within: Option<Duration>,
    /// How long the ledger may be unavailable.
    pub ledger_within: Duration,
    /// How long a Bluetooth adapter may be unavailable if only BLE devices are left.
    pub adapter_within: Duration,
    /// The hook that gets each result.
    pub hook: Option<Hook>,
    /// Work on devices as they appear, instead of searching for each one.
    pub watch: Option<Watch>,
    /// The source of the keys of all sessions, instead of the system's randomness: see
    /// [`Provisioner::with_keys_from`](esp_prov::Provisioner::with_keys_from).
    pub keys: Option<Keys>,
}
