//! One attempt at one device: provisions the device, judges the result and records it.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use esp_prov::{
    Cause, Connection, Error, Event, JoinState, Journal, Observer, Outcome, Plan, Provisioner,
    Stage, Warning,
    exchange::ExchangeRecord,
    transport::{Connect, HostFault, TransportError, is_shortage},
};
use protocomm::{Capabilities, commands::WifiConnection};
use tokio::time::Instant;

use super::{
    BatchEvent, Entry, Job, Watcher,
    ledger::{
        Attempt, AttemptOutcome, Claim, LedgerError, RetryingLedger, State, could_not_join, now,
    },
    run::Joining,
};

/// How an attempt ended.
pub(super) struct Judged {
    pub(super) attempt: Attempt,
    pub(super) verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Settled(State),
    /// Another attempt may help. If there is none, the device gets this state.
    Transient(State),
    /// This process had no free file descriptor for a connection, which says nothing about the
    /// device.
    Shortage,
    /// This machine's Bluetooth or Wi-Fi was unavailable. If retries do not help either, the device
    /// gets this state.
    HostFault(State, HostFault),
}

/// Provisions a claimed device; `None` if the claim was lost before the device was told to join.
pub(super) async fn attempt(
    job: &Job,
    entry: &Entry,
    claim: &Claim,
    connect: Option<&dyn Connect>,
    (ledger, joining): (&RetryingLedger, &Joining<'_>),
    watcher: &dyn Watcher,
) -> Option<Judged> {
    watcher.notify(BatchEvent::DeviceStarted {
        device: entry.id.clone(),
        address: entry.address.clone(),
        attempt: claim.number,
        may_have_joined: claim.apply_may_have_been_sent,
    });
    let record = Record::new(entry, watcher);
    let turn = match connect {
        // How long it takes depends on the other devices.
        Some(connect) => connect.await_turn().await.map(|()| connect),
        None => Err(TransportError::NotFound("no transport for this address".into())),
    };
    let result = match turn {
        Ok(connect) => {
            let is_lost = AtomicBool::new(false);
            let journal = LedgerJournal { claim, ledger, joining, is_lost };
            let result = provision(job, entry, connect, &journal, &record).await;
            if journal.is_lost.into_inner() {
                return None;
            }
            result
        }
        Err(error) => Err(Error::new(Stage::Connect, error)),
    };
    Some(judge(record.finish(claim, &job.station.name), result))
}

async fn provision(
    job: &Job,
    entry: &Entry,
    connect: &dyn Connect,
    journal: &LedgerJournal<'_>,
    record: &Record<'_>,
) -> Result<Outcome, Error> {
    let mut provisioner = Provisioner::new(entry.address.clone(), connect)
        .with_security(entry.security.clone())
        .with_policy(job.policy.clone())
        .with_observer(record);
    if let Some(keys) = &job.keys {
        provisioner = provisioner.with_keys_from(&**keys);
    }
    if let Some(how) = &job.verify {
        provisioner = provisioner.with_verification(how);
    }
    provisioner.provision_with_journal(&plan(job, entry), journal).await
}

fn plan(job: &Job, entry: &Entry) -> Plan {
    let mut plan = Plan::new(entry.network.clone());
    plan.version.clone_from(&job.version);
    plan.custom_data.clone_from(&entry.custom_data);
    plan.reset_first = job.reset_first;
    plan.undo = job.undo;
    plan
}

fn judge(mut attempt: Attempt, result: Result<Outcome, Error>) -> Judged {
    attempt.ended_at = Some(now());
    let (verdict, outcome, how) = match &result {
        Ok(outcome) => {
            let how = outcome.failure().map_or(Ok(()), Err);
            match outcome {
                Outcome::Connected { connection } => {
                    attempt.connected(connection);
                    (Verdict::Settled(State::Done), AttemptOutcome::Connected, how)
                }
                Outcome::Verified { ip } => {
                    attempt.ip = ip.map(|ip| ip.to_string());
                    (Verdict::Settled(State::Done), AttemptOutcome::Verified, how)
                }
                // Another attempt can't reach it: it has left.
                Outcome::NotVerified { connection } => {
                    attempt.ip = Some(connection.ip.clone());
                    attempt.channel = Some(connection.channel.into());
                    (Verdict::Settled(State::Unconfirmed), AttemptOutcome::NotVerified, how)
                }
                Outcome::Attached { connection } => {
                    attempt.channel = Some(connection.channel.into());
                    (Verdict::Settled(State::Done), AttemptOutcome::Attached, how)
                }
                Outcome::Tested { connection } => {
                    match connection {
                        Connection::Wifi(connection) => attempt.connected(connection),
                        Connection::Thread(connection) => {
                            attempt.channel = Some(connection.channel.into());
                        }
                    }
                    (Verdict::Settled(State::Done), AttemptOutcome::Tested, how)
                }
                // The link may have broken while the device was still joining.
                Outcome::Unconfirmed { last } => {
                    if let Some(doubt) = last.as_ref().and_then(JoinState::doubt) {
                        attempt.stage = Some(Stage::Join);
                        let looked = attempt.error.take().map(|reason| format!("; {reason}"));
                        let looked = looked.unwrap_or_default();
                        let error = format!("it left before it confirmed; {doubt}{looked}");
                        attempt.error = Some(error);
                    }
                    (Verdict::Transient(State::Unconfirmed), AttemptOutcome::Unconfirmed, how)
                }
                _ => (Verdict::Transient(State::Unconfirmed), AttemptOutcome::Unconfirmed, how),
            }
        }
        Err(error) => {
            attempt.stage = Some(error.stage);
            attempt.error = Some(error.cause.to_string());
            let (state, outcome) = if error.may_have_joined() {
                (State::Unconfirmed, AttemptOutcome::Unconfirmed)
            } else {
                (State::Failed, AttemptOutcome::Failed)
            };
            let verdict = match error.host_fault() {
                Some(fault) => Verdict::HostFault(state, fault),
                None if error.stage == Stage::Connect && is_shortage(error) => Verdict::Shortage,
                None if error.may_have_joined() || is_transient(error) => Verdict::Transient(state),
                None => Verdict::Settled(state),
            };
            (verdict, outcome, Err(error.kind()))
        }
    };
    attempt.outcome = Some(outcome);
    attempt.result = Some(how);
    // A text from a device must not keep results out of the ledger.
    Judged { attempt: attempt.storable(), verdict }
}

impl Attempt {
    /// Takes down the connection that the device reports.
    fn connected(&mut self, connection: &WifiConnection) {
        self.ip = Some(connection.ip.clone());
        self.bssid = connection.bssid.map(|bssid| bssid.as_reported());
        self.channel = Some(connection.channel.into());
    }
}

/// Whether a retry may help. A device rejects a wrong secret only by its silence, which a bad link
/// causes as well: if many devices share a link, even two such silences in a row say little.
fn is_transient(error: &Error) -> bool {
    if let Cause::NotUndone(error) = &error.cause {
        return is_transient(error);
    }
    error.is_link_lost()
        || error.is_unreachable()
        || matches!(error.cause, Cause::ProofRejected(_) | Cause::SchemeRejected(_))
}

/// Records in the ledger that the device was told to join.
struct LedgerJournal<'a> {
    claim: &'a Claim,
    ledger: &'a RetryingLedger,
    joining: &'a Joining<'a>,
    /// Whether the claim was lost, so that another station may have the device.
    is_lost: AtomicBool,
}

#[async_trait]
impl Journal for LedgerJournal<'_> {
    fn apply_may_have_been_sent(&self) -> bool {
        self.claim.apply_may_have_been_sent
    }

    // A device that could not join accepts another network only after a reset.
    fn has_failed(&self) -> bool {
        could_not_join(self.claim.last_result)
    }

    async fn mark_apply_sent(&self) -> Result<(), String> {
        self.joining.begins();
        let marked = self.ledger.mark_apply_sent(self.claim).await;
        marked.map_err(|error| {
            self.is_lost.fetch_or(matches!(error, LedgerError::ClaimLost), Ordering::Relaxed);
            error.to_string()
        })
    }
}

/// Collects the data of an attempt from its events.
struct Record<'a> {
    watcher: &'a dyn Watcher,
    entry: &'a Entry,
    progress: Mutex<AttemptProgress>,
}

struct AttemptProgress {
    attempt: Attempt,
    phase: Phase,
    since: Instant,
}

/// What an attempt spends its time on.
#[derive(Clone, Copy)]
enum Phase {
    Connect,
    Handshake,
    Set,
    Apply,
    Join,
}

impl AttemptProgress {
    /// Adds the time since the last call to the current phase, and begins the next one.
    fn enter(&mut self, next: Phase) {
        let took = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        let sum = match self.phase {
            Phase::Connect => &mut self.attempt.connect_ms,
            Phase::Handshake => &mut self.attempt.handshake_ms,
            Phase::Set => &mut self.attempt.set_ms,
            Phase::Apply => &mut self.attempt.apply_ms,
            Phase::Join => &mut self.attempt.join_ms,
        };
        *sum = Some(sum.unwrap_or(0) + took);
        (self.phase, self.since) = (next, Instant::now());
    }

    /// Records the JSON name of a warning, once.
    fn warn(&mut self, warning: &Warning) {
        let json = serde_json::to_value(warning).unwrap_or_default();
        let Some(name) = json["warning"].as_str() else { return };
        let warnings = self.attempt.warnings.get_or_insert_default();
        if !warnings.split(' ').any(|known| known == name) {
            warnings.push_str(if warnings.is_empty() { "" } else { " " });
            warnings.push_str(name);
        }
    }
}

impl<'a> Record<'a> {
    fn new(entry: &'a Entry, watcher: &'a dyn Watcher) -> Self {
        let attempt = Attempt {
            device: entry.id.clone(),
            network: Some(entry.network_name()),
            ..Attempt::default()
        };
        let progress = AttemptProgress { attempt, phase: Phase::Connect, since: Instant::now() };
        Self { watcher, entry, progress: Mutex::new(progress) }
    }

    fn progress(&self) -> MutexGuard<'_, AttemptProgress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(self, claim: &Claim, station: &str) -> Attempt {
        let mut progress = self.progress.into_inner().unwrap_or_else(PoisonError::into_inner);
        progress.enter(Phase::Join);
        Attempt {
            number: claim.number,
            station: station.to_owned(),
            started_at: claim.started_at.clone(),
            ..progress.attempt
        }
    }
}

/// The versions that a device reports: of provisioning, and of the application's own sections.
fn version(device: &Capabilities) -> Option<String> {
    let applications = device.applications.iter().filter_map(|(name, application)| {
        application.version.as_ref().map(|version| format!("{name} {version}"))
    });
    let all: Vec<_> = device.version.clone().into_iter().chain(applications).collect();
    Some(all.join(", ")).filter(|all| !all.is_empty())
}

impl Observer for Record<'_> {
    fn exchanged(&self, exchange: &ExchangeRecord<'_>) {
        self.watcher.exchanged(&self.entry.id, &self.entry.address, exchange);
    }

    fn notify(&self, event: Event) {
        let device = {
            let mut progress = self.progress();
            match &event {
                Event::Connecting { .. } => {
                    progress.enter(Phase::Connect);
                    *progress.attempt.sessions.get_or_insert(0) += 1;
                }
                Event::Identified { capabilities } => {
                    progress.enter(Phase::Handshake);
                    progress.attempt.version = version(capabilities);
                    progress.attempt.capabilities =
                        capabilities.capabilities.as_ref().map(|all| all.join(" "));
                }
                Event::Established { security } => {
                    progress.enter(Phase::Set);
                    progress.attempt.security = security.number().try_into().ok();
                }
                Event::ConfigSent { .. } => progress.enter(Phase::Apply),
                Event::Applied => progress.enter(Phase::Join),
                Event::Warning { warning } => progress.warn(warning),
                Event::Verified { verification } if verification.verified != Some(true) => {
                    progress.attempt.error = Some(verification.reason.clone());
                }
                _ => {}
            }
            progress.attempt.device.clone()
        };
        self.watcher.notify(BatchEvent::DeviceEvent { device, happened: event });
    }
}
