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
mod arrivals;
mod concurrency;
mod device;
mod event;
mod export;
mod hook;
pub mod ledger;
pub mod report;
mod results;
pub mod roster;
mod run;
mod sole;
mod watch;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use esp_prov::{Policy, Verify, address::Address, transport::Connect};
use rand_core::CryptoRng;

pub use self::{
    arrivals::{Arrival, Arrivals},
    concurrency::{Concurrency, WIFI},
    event::{BatchEnd, BatchEvent, Counts, DeviceEnded, DeviceFailure, Summary, Watcher},
    export::ExportRow,
    hook::{Hook, Program},
    ledger::Station,
    roster::Entry,
    run::run,
    watch::{AccessPointScan, AdapterScan, Watch},
};

/// Returns how to connect to an address; `None` if there is no transport for it.
pub type Connector = Arc<dyn Fn(&Address) -> Option<Box<dyn Connect>> + Send + Sync>;

/// Repeatable randomness, for simulations.
pub type Keys = Arc<Mutex<dyn CryptoRng + Send>>;

/// The settings of a batch.
pub struct Job {
    /// The devices to work on.
    pub roster: Vec<Entry>,
    /// The station that does the work.
    pub station: Station,
    /// Returns how to connect to a device; usually
    /// [`transport::connector`](esp_prov::transport::connector).
    pub connect: Connector,
    /// The time limits and retries for one device. Its `timeout` limits one attempt. Its
    /// `waits_for_adapter` is ignored: the batch waits for adapters itself.
    pub policy: Policy,
    /// The only version to accept, if given; devices that report another one fail.
    pub version: Option<String>,
    /// How to look for each device on its network, if that is wanted. A device that left before it
    /// reported the result is done if it is found there.
    pub verify: Option<Verify>,
    /// Whether every device is reset before it is given the network, so that it forgets one that it
    /// could not join. A device that the ledger records as unable to join is reset in any case.
    pub reset_first: bool,
    /// Whether this is a test that is undone: every device leaves its network again once it has
    /// joined, and was looked for if that is wanted. See [`Plan::undo`](esp_prov::Plan::undo).
    pub undo: bool,
    /// The maximum number of devices worked on at once.
    pub concurrency: Concurrency,
    /// How many times a device is tried again after a transient failure.
    pub retries: u32,
    /// The delay before the first retry; it doubles with each retry, up to a minute.
    pub retry_pause: Duration,
    /// The batch stops if this many devices in a row have failed with the same error and none is
    /// done yet; 0 disables this.
    pub stop_after: usize,
    /// The time limit for the whole batch.
    pub within: Option<Duration>,
    /// How long devices that were told to join may take to end after the batch was stopped. With 0
    /// they are released at once, and the next run asks them how their join went.
    pub drain_within: Duration,
    /// How long the ledger may be unavailable before the batch fails.
    pub ledger_within: Duration,
    /// How long a Bluetooth adapter, or this machine's Wi-Fi, may be unavailable once only devices
    /// that need it are left. The batch then ends.
    pub adapter_within: Duration,
    /// The hook that gets each result.
    pub hook: Option<Hook>,
    /// If given, devices are worked on as they appear, instead of being searched for in the order
    /// of the roster.
    pub watch: Option<Watch>,
    /// If given, devices that arrive are worked on, too, until no more can arrive. Until then, the
    /// batch waits for adapters without a limit.
    pub arrivals: Option<Arrivals>,
    /// The source of the keys of all sessions, instead of the system's randomness: see
    /// [`Provisioner::with_keys_from`](esp_prov::Provisioner::with_keys_from).
    pub keys: Option<Keys>,
}
