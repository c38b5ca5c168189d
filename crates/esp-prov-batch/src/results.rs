//! Handles the results of attempts: records them, passes them to the hook and summarizes them.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use esp_prov::transport::{HostFault, RadioError, WifiError};

use super::{
    BatchEnd, BatchEvent, Counts, DeviceFailure, Entry, Job, Summary,
    device::{Judged, Verdict},
    event::DeviceEnded,
    hook::Starter,
    ledger::{Attempt, AttemptOutcome, Claim, HookState, LedgerError, Standing, State},
    run::{Shared, TaskResult},
};

/// The longest delay before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How many times a device waits for a free file descriptor.
const SHORTAGES: usize = 100;

/// How many times a device is retried after this machine's Bluetooth or Wi-Fi failed, whether or
/// not the device causes it.
const HOST_FAULTS: usize = 100;

/// What this run knows about earlier attempts at a device that is not settled.
#[derive(Clone, Default)]
pub(super) struct History {
    /// The attempts that ended in transient failures.
    pub(super) transient: Vec<Attempt>,
    /// How many times there was no free file descriptor for the device.
    pub(super) shortages: usize,
    /// How many attempts ended because this machine's Bluetooth or Wi-Fi failed.
    pub(super) host_faults: usize,
    /// How many of these failures only this device can have caused, because no other device used
    /// the adapter.
    pub(super) alone: u32,
    /// Whether the last attempt ended in a Bluetooth failure that this device or another one may
    /// have caused. If so, no other device uses the adapter during the next attempt.
    pub(super) is_suspect: bool,
}

impl History {
    /// Adds an attempt that is followed by another.
    pub(super) fn add(&mut self, attempt: Attempt, fault: Option<&HostFault>, is_alone: bool) {
        self.is_suspect = fault.is_some_and(may_be_a_crash);
        match fault {
            None => self.transient.push(attempt),
            Some(fault) => {
                self.host_faults += 1;
                self.alone += u32::from(is_alone && may_be_a_crash(fault));
            }
        }
    }
}

/// Whether a device may have caused the fault. No device can switch an adapter off, keep it from
/// listening, or end what manages Wi-Fi.
fn may_be_a_crash(fault: &HostFault) -> bool {
    !matches!(
        fault,
        HostFault::Wifi(WifiError::Off | WifiError::NoManager(_))
            | HostFault::Bluetooth(RadioError::Off | RadioError::DiscoveryUnavailable)
    )
}

/// How an attempt ended, and what happens next.
pub(super) struct Conclusion {
    attempt: Attempt,
    state: State,
    /// The fault, if this machine's Bluetooth or Wi-Fi failed.
    host_fault: Option<HostFault>,
    /// Whether there was no free file descriptor for the device.
    is_shortage: bool,
    /// After a transient failure, the delay before the next attempt.
    pub(super) again_after: Option<Duration>,
}

/// Decides what happens next. `is_alone` means that no other device used the same adapter.
pub(super) fn conclude(job: &Job, judged: Judged, history: History, is_alone: bool) -> Conclusion {
    let Judged { mut attempt, verdict } = judged;
    let failures = u32::try_from(history.transient.len()).unwrap_or(u32::MAX);
    let is_shortage = verdict == Verdict::Shortage && history.shortages < SHORTAGES;
    let (state, again_after) = match verdict {
        Verdict::HostFault(state, fault) => {
            return of_host(job, attempt, state, fault, &history, is_alone);
        }
        Verdict::Settled(state) => (state, None),
        Verdict::Shortage if is_shortage => (State::Waiting, Some(job.retry_pause)),
        Verdict::Transient(_) if failures < job.retries => {
            (State::Waiting, Some(pause(job.retry_pause, failures)))
        }
        Verdict::Transient(State::Unconfirmed) => {
            name_last_doubt(&mut attempt, history.transient);
            (State::Unconfirmed, None)
        }
        Verdict::Transient(_) | Verdict::Shortage => {
            name_usual_cause(&mut attempt, history.transient);
            (State::Failed, None)
        }
    };
    if again_after.is_some() {
        attempt.outcome = Some(AttemptOutcome::Again);
    }
    Conclusion { attempt, state, host_fault: None, is_shortage, again_after }
}

/// Decides what happens next after this machine's Bluetooth or Wi-Fi failed. A failure does not
/// count against a device, unless only the device can have caused it; even then, a single one may
/// be chance.
fn of_host(
    job: &Job,
    mut attempt: Attempt,
    state: State,
    fault: HostFault,
    history: &History,
    is_alone: bool,
) -> Conclusion {
    let times = history.alone + u32::from(is_alone && may_be_a_crash(&fault));
    let what = match fault {
        HostFault::Bluetooth(_) => "Bluetooth",
        HostFault::Wifi(_) => "Wi-Fi",
    };
    let host_fault = Some(fault);
    let is_culprit = times > job.retries.max(1);
    if !is_culprit && history.host_faults < HOST_FAULTS {
        attempt.outcome = Some(AttemptOutcome::Again);
        let again_after = Some(job.retry_pause);
        let state = State::Waiting;
        return Conclusion { attempt, state, host_fault, is_shortage: false, again_after };
    }
    if is_culprit && let Some(error) = &mut attempt.error {
        let _ = write!(
            error,
            "; this happened {times} times while the batch worked on no other device: perhaps this \
             device crashes {what}"
        );
    }
    Conclusion { attempt, state, host_fault, is_shortage: false, again_after: None }
}

/// Records in the ledger how an attempt ended, and reports it to the watcher.
pub(super) async fn record(
    shared: &Shared,
    entry: &Entry,
    claim: &Claim,
    conclusion: Conclusion,
    has_lapsed: &AtomicBool,
) -> TaskResult {
    let Conclusion { attempt, state, host_fault, is_shortage, again_after } = conclusion;
    let settled = shared.ledger.settle(claim, attempt.clone(), state).await;
    let labels = entry.labels.clone();
    let ended = DeviceEnded { attempt, state, again_after, labels };
    match settled {
        // The ledger was away for so long that another station may have the device, and then its
        // result counts.
        Ok(()) if has_lapsed.load(Ordering::Relaxed) && state != State::Done => {
            shared.watcher.notify(BatchEvent::ClaimLost { device: claim.device.clone() });
            TaskResult::Lost(claim.device.clone())
        }
        Ok(()) => {
            if again_after.is_none() {
                shared.ends(&claim.device);
            }
            shared.watcher.notify(BatchEvent::DeviceEnded(ended.clone()));
            if is_shortage {
                TaskResult::Short(claim.device.clone())
            } else {
                TaskResult::Ended(Box::new(ended), host_fault)
            }
        }
        Err(error) => {
            shared.watcher.notify(BatchEvent::Unrecorded { ended, ledger: error.to_string() });
            TaskResult::Unrecorded(claim.device.clone(), error)
        }
    }
}

/// After several transient failures, reports the most frequent one instead of the last, if it
/// occurred more often.
fn name_usual_cause(last: &mut Attempt, before: Vec<Attempt>) {
    let often = |result| before.iter().filter(|one| one.result == result).count();
    let usual = before.iter().max_by_key(|one| often(one.result));
    if let Some(usual) = usual
        && often(usual.result) > often(last.result) + 1
    {
        last.result = usual.result;
        last.stage = usual.stage;
        last.error.clone_from(&usual.error);
    }
}

/// If the last attempt heard nothing about the join, reports what the device last said about it in
/// an earlier attempt.
fn name_last_doubt(last: &mut Attempt, before: Vec<Attempt>) {
    let is_doubt = |one: &Attempt| one.result == last.result && one.error.is_some();
    if last.error.is_none()
        && let Some(doubt) = before.into_iter().rev().find(is_doubt)
    {
        (last.stage, last.error) = (doubt.stage, doubt.error);
    }
}

/// Passes a result to the hook, and records whether the hook accepted it.
pub(super) async fn report(shared: &Shared, result: DeviceEnded, starter: &Starter) {
    let Some(hook) = &shared.job.hook else { return };
    let (device, number) = (result.attempt.device.clone(), result.attempt.number);
    let variables = shared.secret_variables();
    let ran = hook.run(&result, variables.iter().map(String::as_str), starter).await;
    match ran.clone() {
        Ok(()) => drop(shared.handed_over.fetch_add(1, Ordering::Relaxed)),
        Err(error) => {
            shared.watcher.notify(BatchEvent::HookFailed { device: device.clone(), error });
        }
    }
    // If this is lost, the next run calls the hook again.
    let _ = shared.ledger.reported(device, number, ran).await;
}

/// What a run was about.
pub(super) struct Worked {
    /// Its devices, in this order.
    pub(super) order: Vec<String>,
    /// The devices whose results were due when it began; of a station, others than its own, too.
    pub(super) caught_up: Vec<String>,
    /// Whether devices arrived meanwhile, as at a station, to which all that is due belongs.
    pub(super) takes_in: bool,
    /// How many devices it has settled.
    pub(super) finished_now: usize,
}

pub(super) async fn summary(
    shared: &Shared,
    worked: &Worked,
    end: BatchEnd,
    took: Duration,
) -> Result<Summary, LedgerError> {
    let standings = shared.ledger.standings().await?;
    let all: HashMap<_, _> = standings.iter().map(|one| (one.device.as_str(), one)).collect();
    let standing = |id: &String| all.get(id.as_str()).copied();
    let ours: Vec<&Standing> = worked.order.iter().filter_map(standing).collect();
    let mut others: HashSet<_> = worked.caught_up.iter().collect();
    for id in &worked.order {
        others.remove(id);
    }
    let others = worked.caught_up.iter().filter(|id| others.contains(id)).filter_map(standing);
    let failures = ours.iter().filter_map(|one| {
        let failure = one.result?.err()?;
        matches!(one.state, State::Failed | State::Unconfirmed).then_some(())?;
        let entry = shared.entry(&one.device)?;
        Some(DeviceFailure {
            device: one.device.clone(),
            address: entry.address.clone(),
            state: one.state,
            failure,
            stage: one.stage,
            error: one.error.clone(),
        })
    });
    let failures = failures.collect();
    let counts = Counts::of(ours.iter().map(|one| one.state));
    let tested = ours.iter().filter(|one| one.is_tested()).count();
    let hooks_failed = ours.iter().copied().chain(others);
    let hooks_failed = hooks_failed.filter(|one| one.hook == Some(HookState::Failed));
    let hooks_failed = hooks_failed.map(|one| one.device.clone()).collect();
    let (station, is_shared) = (&shared.job.station.name, shared.ledger.lease().is_some());
    let may_be_due = if worked.takes_in { standings.iter().collect() } else { ours };
    let hooks_due = may_be_due.iter().filter(|one| one.is_due_at(station, is_shared));
    let hooks_due = hooks_due.map(|one| one.device.clone()).collect();
    let handed_over = shared.handed_over.load(Ordering::Relaxed);
    Ok(Summary {
        end,
        counts,
        finished_now: worked.finished_now,
        handed_over,
        tested,
        took,
        failures,
        hooks_failed,
        hooks_due,
    })
}

/// The delay before another attempt: it doubles each time, up to [`LONGEST_PAUSE`].
fn pause(first: Duration, failures: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_PAUSE)
}
