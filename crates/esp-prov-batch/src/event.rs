//! Events of a batch, for watchers.

use std::{collections::BTreeMap, time::Duration};

use esp_prov::{
    DiscoveredDevice, Event, FailureKind, Stage, address::Address, exchange::ExchangeRecord,
};
use serde::Serialize;

use super::ledger::{Attempt, AttemptOutcome, State};

/// An event of a batch. It holds no secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BatchEvent {
    /// The roster is in the ledger, and work begins.
    BatchStarted {
        /// The number of the roster's devices in each state.
        #[serde(flatten)]
        counts: Counts,
    },
    /// The roster now describes a device differently than when the device was settled.
    RosterChanged {
        /// The device's id.
        device: String,
        /// The device's state, which does not change.
        state: State,
        /// The address at that time.
        address: String,
        /// The network at that time.
        network: String,
    },
    /// A device has arrived: see [`Arrivals`](super::Arrivals).
    DeviceArrived {
        /// The device's id.
        device: String,
        /// The device's state: waiting if it was unknown, running if it is already under way.
        state: State,
        /// The outcome of its last attempt: interrupted if it was cut off, tested if the device
        /// was done only as a test. `None` before the first, and where another station works on it
        /// or just settled it.
        outcome: Option<AttemptOutcome>,
        /// Whether it will be worked on. If not, it is done, or already under way. Told again if
        /// another station settles it first.
        #[serde(rename = "accepted")]
        is_accepted: bool,
    },
    /// Work on a device begins.
    DeviceStarted {
        /// The device's id.
        device: String,
        /// The device's address.
        address: Address,
        /// The number of the attempt, from 1, over all stations and runs.
        attempt: i64,
        /// Whether an earlier attempt may have told the device to join.
        may_have_joined: bool,
    },
    /// An event of one device, as in a run for this device alone.
    DeviceEvent {
        /// The device's id.
        device: String,
        /// The event.
        happened: Event,
    },
    /// An attempt ended.
    DeviceEnded(DeviceEnded),
    /// An attempt ended, but the ledger could not record it. The next run applies the resume rule
    /// to the device. A device that is in its network by then may end as unconfirmed.
    Unrecorded {
        /// The attempt, as it should be in the ledger.
        #[serde(flatten)]
        ended: DeviceEnded,
        /// The ledger's error.
        ledger: String,
    },
    /// A device was found that is not in the roster; it was left alone.
    UnknownDevice {
        /// What is known about the device.
        #[serde(flatten)]
        nearby: DiscoveredDevice,
    },
    /// A Bluetooth adapter, or this machine's Wi-Fi, can't look for devices.
    ListenFailed {
        /// The reason.
        error: String,
    },
    /// A Bluetooth adapter, or this machine's Wi-Fi, is unavailable; the devices that need it wait.
    AdapterUnavailable {
        /// The Bluetooth adapter, `null` for the first one; [`WIFI`](super::WIFI) for Wi-Fi.
        adapter: Option<String>,
        /// The reason.
        error: String,
    },
    /// It is available again.
    AdapterAvailable {
        /// The Bluetooth adapter, `null` for the first one; [`WIFI`](super::WIFI) for Wi-Fi.
        adapter: Option<String>,
    },
    /// The batch was stopped. It begins no further device, releases those that were not told to join,
    /// and waits for the others.
    Draining {
        /// The number of devices that were told to join.
        devices: usize,
        /// How long they may take. In JSON, it is in ms.
        #[serde(rename = "within_ms", serialize_with = "milliseconds")]
        within: Duration,
    },
    /// There is nothing to do until one of these devices appears.
    Watching {
        /// The number of devices that have not appeared.
        devices: usize,
        /// The ids of the first of them.
        some: Vec<String>,
    },
    /// The ledger does not respond; the batch waits for it.
    LedgerUnavailable {
        /// The reason.
        error: String,
    },
    /// A claim was lost, usually because it expired before it could be renewed. The attempt was
    /// abandoned.
    ClaimLost {
        /// The device's id.
        device: String,
    },
    /// A hook failed. The device's result is unaffected.
    HookFailed {
        /// The device's id.
        device: String,
        /// The reason.
        error: String,
    },
    /// The batch is over.
    BatchEnded(Summary),
}

/// How an attempt ended and what follows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DeviceEnded {
    /// The attempt, as in the ledger.
    #[serde(flatten)]
    pub attempt: Attempt,
    /// The device's current state.
    pub state: State,
    /// After a transient failure, the delay before the next attempt. In JSON, it is in ms.
    #[serde(rename = "again_after_ms", serialize_with = "maybe_milliseconds")]
    pub again_after: Option<Duration>,
    /// The device's labels from the roster.
    pub labels: BTreeMap<String, String>,
}

/// The number of a roster's devices in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All devices.
    pub devices: usize,
    /// Devices that wait to be worked on.
    pub waiting: usize,
    /// Devices under way, perhaps at another station.
    pub running: usize,
    /// Devices that are connected to their network, or were tested.
    pub done: usize,
    /// Devices that were told to join, but did not report the result.
    pub unconfirmed: usize,
    /// Devices that failed.
    pub failed: usize,
}

impl Counts {
    /// Counts these states.
    pub fn of(states: impl IntoIterator<Item = State>) -> Self {
        let mut counts = Self::default();
        states.into_iter().for_each(|state| counts.add(state));
        counts
    }

    /// Counts one more device.
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

/// The result of a batch.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Why the batch ended.
    pub end: BatchEnd,
    /// The number of the roster's devices in each state.
    #[serde(flatten)]
    pub counts: Counts,
    /// The number of devices settled in this run, with any result.
    pub finished_now: usize,
    /// The number of results that the hook accepted in this run, including those of devices that
    /// were settled before this run.
    pub handed_over: usize,
    /// The number of the roster's devices that are done only as a test, which was undone.
    pub tested: usize,
    /// The duration of the run. In JSON, it is in ms.
    #[serde(rename = "took_ms", serialize_with = "milliseconds")]
    pub took: Duration,
    /// The failed and unconfirmed devices, in the order of the roster.
    pub failures: Vec<DeviceFailure>,
    /// The ids of the devices for whose result the hook failed, in this run or before.
    pub hooks_failed: Vec<String>,
    /// The ids of this station's devices whose result the hook has not got yet.
    pub hooks_due: Vec<String>,
}

impl Summary {
    /// The summary of a batch that started no device.
    pub(super) fn of_nothing(end: BatchEnd, took: Duration) -> Self {
        Self {
            end,
            counts: Counts::default(),
            finished_now: 0,
            handed_over: 0,
            tested: 0,
            took,
            failures: Vec::new(),
            hooks_failed: Vec::new(),
            hooks_due: Vec::new(),
        }
    }
}

/// Why a batch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BatchEnd {
    /// Every device of the roster is settled, or its result could not be recorded.
    Finished,
    /// As many devices in a row as [`Job::stop_after`](super::Job::stop_after) failed with the same
    /// error, before any was done.
    FailedAlike,
    /// A Bluetooth adapter, or this machine's Wi-Fi, was unavailable for longer than
    /// [`Job::adapter_within`](super::Job::adapter_within), and only devices that need it were
    /// left.
    AdapterUnavailable,
    /// The time limit for the whole batch was reached.
    OutOfTime,
    /// The caller's `stop` interrupted the batch.
    Interrupted,
}

/// A device that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceFailure {
    /// The device's id.
    pub device: String,
    /// The device's address in the roster.
    pub address: Address,
    /// The device's state: failed or unconfirmed.
    pub state: State,
    /// The failure of the last attempt.
    pub failure: FailureKind,
    /// The stage at which the attempt failed, if known.
    pub stage: Option<Stage>,
    /// The reason, in words.
    pub error: Option<String>,
}

/// Gets the events of a batch. Its methods are called from many tasks. Closures that take a
/// [`BatchEvent`] implement it.
pub trait Watcher: Send + Sync {
    /// Handles an event. Events of one device arrive in order.
    fn notify(&self, event: BatchEvent);

    /// Whether the watcher is still handling earlier events. Until it has finished, no further
    /// device is started.
    fn is_busy(&self) -> bool {
        false
    }

    /// Handles an exchange with a device. The exchange includes secrets. Does nothing by default.
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
