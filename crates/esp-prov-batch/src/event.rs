//! What happens in a batch, for whoever watches.

use std::{collections::BTreeMap, time::Duration};

use esp_prov::{
    DiscoveredDevice, Event, FailureKind, Stage, address::Address, exchange::ExchangeRecord,
};
use serde::Serialize;

use super::ledger::{Attempt, State};

/// Something that happened in a batch. Nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BatchEvent {
    /// The roster is in the ledger, and work begins.
    BatchStarted {
        /// How the roster's devices stand.
        #[serde(flatten)]
        counts: Counts,
    },
    /// The roster says something else of a device than when it was settled.
    RosterChanged {
        /// The device.
        device: String,
        /// How it stands, and stays.
        state: State,
        /// Where it was then.
        address: String,
        /// What it was to join then.
        network: String,
    },
    /// Work on a device begins.
    DeviceStarted {
        /// The device.
        device: String,
        /// Where it is.
        address: Address,
        /// Its attempt, from 1, over all stations and runs.
        attempt: i64,
        /// An earlier attempt may have told the device to join.
        may_have_joined: bool,
    },
    /// Something happened on the way, as in a run for this device alone.
    DeviceEvent {
        /// The device.
        device: String,
        /// What.
        happened: Event,
    },
    /// An attempt ended.
    DeviceEnded(DeviceEnded),
    /// An attempt ended, and the ledger could not be told. The next run goes to the device by the
    /// resume rule; one that is done by now may be unconfirmed then.
    Unrecorded {
        /// As it would be in the ledger.
        #[serde(flatten)]
        ended: DeviceEnded,
        /// What the ledger says.
        ledger: String,
    },
    /// A device was heard that is not in the roster; it was left alone.
    UnknownDevice {
        /// What is known of it.
        #[serde(flatten)]
        nearby: DiscoveredDevice,
    },
    /// Something can't be listened to.
    ListenFailed {
        /// Why.
        error: String,
    },
    /// A Bluetooth adapter is off or away; devices over BLE wait for it.
    AdapterUnavailable {
        /// Which one; `null` for the first.
        adapter: Option<String>,
        /// Why.
        error: String,
    },
    /// A Bluetooth adapter is back.
    AdapterAvailable {
        /// Which one; `null` for the first.
        adapter: Option<String>,
    },
    /// The ledger does not answer; the batch waits for it.
    LedgerUnavailable {
        /// Why.
        error: String,
    },
    /// A claim ended before it could be renewed; the device was let go of.
    ClaimLost {
        /// The device.
        device: String,
    },
    /// A hook failed. The device's result stands.
    HookFailed {
        /// The device.
        device: String,
        /// Why.
        error: String,
    },
    /// The batch is over.
    BatchEnded(Summary),
}

/// How an attempt ended and what follows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DeviceEnded {
    /// As in the ledger.
    #[serde(flatten)]
    pub attempt: Attempt,
    /// How the device stands now.
    pub state: State,
    /// After a transient failure, the pause before the next attempt.
    #[serde(rename = "again_after_ms", serialize_with = "maybe_milliseconds")]
    pub again_after: Option<Duration>,
    /// From the roster.
    pub labels: BTreeMap<String, String>,
}

/// How many devices of a roster stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All.
    pub devices: usize,
    /// To be worked on.
    pub waiting: usize,
    /// Worked on, perhaps by another station.
    pub running: usize,
    /// In their network.
    pub done: usize,
    /// Left before they confirmed.
    pub unconfirmed: usize,
    /// Failed.
    pub failed: usize,
}

impl Counts {
    /// Of these states.
    pub fn of(states: impl IntoIterator<Item = State>) -> Self {
        let mut counts = Self::default();
        states.into_iter().for_each(|state| counts.add(state));
        counts
    }

    /// One more.
    pub fn add(&mut self, state: State) {
        self.devices += 1;
        *match state {
            State::Waiting => &mut self.waiting,
            State::Running => &mut self.running,
            State::Done => &mut self.done,
            State::Unconfirmed => &mut self.unconfirmed,
            State::Failed => &mut self.failed,
        } += 1;
    }
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Why it is over.
    pub end: BatchEnd,
    /// How the roster's devices stand.
    #[serde(flatten)]
    pub counts: Counts,
    /// Finished in this run: settled, however.
    pub finished_now: usize,
    /// Results that the hook took in this run, of devices that were settled in it or before.
    pub handed_over: usize,
    /// How long it took.
    #[serde(rename = "took_ms", serialize_with = "milliseconds")]
    pub took: Duration,
    /// Failed and unconfirmed devices, in the roster's order.
    pub failures: Vec<DeviceFailure>,
    /// Devices for whose result the hook failed, in this run or before.
    pub hooks_failed: Vec<String>,
    /// Devices of this station whose result the hook has yet to get.
    pub hooks_due: Vec<String>,
}

impl Summary {
    /// Of a batch in which nothing was begun.
    pub(super) fn of_nothing(end: BatchEnd, took: Duration) -> Self {
        Self {
            end,
            counts: Counts::default(),
            finished_now: 0,
            handed_over: 0,
            took,
            failures: Vec::new(),
            hooks_failed: Vec::new(),
            hooks_due: Vec::new(),
        }
    }
}

/// Why a batch is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BatchEnd {
    /// Every device of the roster is settled.
    Finished,
    /// The first ones all failed alike.
    FailedAlike,
    /// A Bluetooth adapter stayed away, and only devices that need it were left.
    AdapterUnavailable,
    /// The limit for the whole batch.
    OutOfTime,
    /// Somebody stopped it.
    Interrupted,
}

/// A device that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceFailure {
    /// The device.
    pub device: String,
    /// Where the roster has it.
    pub address: Address,
    /// How it stands: failed or unconfirmed.
    pub state: State,
    /// How its last attempt ended.
    pub failure: FailureKind,
    /// Where it failed, as far as that is known.
    pub stage: Option<Stage>,
    /// Why, in words.
    pub error: Option<String>,
}

/// Watches a batch, from many tasks. A closure is one.
pub trait Watcher: Send + Sync {
    /// Takes note of an event; those of one device come in order.
    fn notify(&self, event: BatchEvent);

    /// Whether it has not yet handled all it was told; until it has, no further device is started.
    fn is_busy(&self) -> bool {
        false
    }

    /// Is shown an exchange with a device, with its secrets.
    fn exchanged(&self, _device: &str, _address: &Address, _exchange: &ExchangeRecord<'_>) {}
}

impl<F: Fn(BatchEvent) + Send + Sync> Watcher for F {
    fn notify(&self, event: BatchEvent) {
        self(event);
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn milliseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    time.as_millis().serialize(serializer)
}

#[allow(clippy::ref_option, reason = "serde hands it over so")]
fn maybe_milliseconds<S: serde::Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_millis()).serialize(serializer)
}
