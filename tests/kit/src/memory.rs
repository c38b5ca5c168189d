//! A ledger in memory that behaves as the real ones: without a lease as one in a file, with one as
//! a database that stations share. The same calls give the same answers, which
//! `tests/seeds/src/ledger` sees to.

use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::FailureKind;
use esp_prov_batch::ledger::{
    Attempt, AttemptOutcome, Claim, ClaimResult, Enrolled, Enrolment, HookState, Ledger,
    LedgerError, Requeue, Standing, State,
};
use esp_prov_rs::exit::Exit;
use tokio::time::Instant;

use super::lock;

/// Clones share what they know, as connections of one station do. [`Memory::at`] is another's.
#[derive(Clone)]
pub struct Memory {
    pub entries: Arc<Mutex<BTreeMap<String, Known>>>,
    pub attempts: Arc<Mutex<Vec<KnownAttempt>>>,
    pub is_away: Arc<AtomicBool>,
    /// While all else works.
    pub renewals_fail: Arc<AtomicBool>,
    /// What is written can't be read again.
    pub is_damaged: bool,
    pub lease: Option<Duration>,
    /// Versions that hold this are not taken.
    pub rejects: Option<&'static str>,
    pub clock: LedgerClock,
    /// The station's name.
    pub station: String,
    /// This process of it.
    pub run: String,
    /// Whether results are kept for a hook.
    pub reports: bool,
    pub rosters: Arc<Mutex<Vec<String>>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            entries: Arc::default(),
            attempts: Arc::default(),
            is_away: Arc::default(),
            renewals_fail: Arc::default(),
            is_damaged: false,
            lease: None,
            rejects: None,
            clock: LedgerClock::default(),
            station: "here".to_owned(),
            run: "1".to_owned(),
            reports: false,
            rosters: Arc::default(),
        }
    }
}

/// The database's own clock, which can jump: in ms from when it was made.
#[derive(Clone)]
pub struct LedgerClock(Instant, Arc<Mutex<i64>>);

impl Default for LedgerClock {
    fn default() -> Self {
        Self(Instant::now(), Arc::default())
    }
}

impl LedgerClock {
    pub fn now(&self) -> i64 {
        milliseconds(self.0.elapsed()) + *lock(&self.1)
    }

    /// Jumps forwards, or back.
    pub fn jump(&self, milliseconds: i64) {
        *lock(&self.1) += milliseconds;
    }

    /// As ledgers write it.
    fn text(&self) -> String {
        let now = self.now();
        let of = |unit: i64, many: i64| now.div_euclid(unit).rem_euclid(many);
        let (ms, s, min) = (of(1, 1000), of(1000, 60), of(60_000, 60));
        let (h, day) = (of(3_600_000, 24), 1 + of(86_400_000, 28));
        format!("2026-01-{day:02}T{h:02}:{min:02}:{s:02}.{ms:03}Z")
    }
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[derive(Clone, Debug)]
pub struct Known {
    pub state: State,
    pub told: bool,
    pub number: i64,
    pub result: Option<Result<(), FailureKind>>,
    /// Which process has or had it.
    pub run: Option<String>,
    /// Until when that holds, by the ledger's clock.
    pub until: i64,
    station: Option<String>,
    place: usize,
    address: String,
    network: String,
    labels: BTreeMap<String, String>,
}

/// An attempt, and what a ledger has beside it.
#[derive(Clone, Debug)]
pub struct KnownAttempt {
    pub attempt: Attempt,
    run: String,
    hook: Option<HookState>,
    hook_error: Option<String>,
}

impl Deref for KnownAttempt {
    type Target = Attempt;

    fn deref(&self) -> &Attempt {
        &self.attempt
    }
}

impl KnownAttempt {
    fn is(&self, device: &str, number: i64) -> bool {
        self.attempt.device == device && self.attempt.number == number
    }
}

impl Memory {
    /// The same ledger, as another process sees it.
    pub fn at(&self, station: &str, run: &str) -> Self {
        Self { station: station.to_owned(), run: run.to_owned(), ..self.clone() }
    }

    pub fn state(&self, device: &str) -> State {
        lock(&self.entries)[device].state
    }

    pub fn known(&self, device: &str) -> Option<Known> {
        lock(&self.entries).get(device).cloned()
    }

    pub fn change(&self, device: &str, change: impl FnOnce(&mut Known)) {
        change(lock(&self.entries).get_mut(device).expect("it is known"));
    }

    /// What opening a ledger in a file does, which nobody else works with: what a station that died
    /// had claimed waits again.
    pub fn take_over(&self) {
        let given_up = |one: &&mut KnownAttempt| {
            one.attempt.ended_at.is_none() && one.attempt.outcome.is_none()
        };
        for one in lock(&self.attempts).iter_mut().filter(given_up) {
            one.attempt.outcome = Some(AttemptOutcome::Interrupted);
        }
        let mut entries = lock(&self.entries);
        for one in entries.values_mut().filter(|one| one.state == State::Running) {
            one.state = State::Waiting;
        }
    }

    /// How its attempts ended.
    pub fn outcomes(&self, device: &str) -> Vec<(String, u8)> {
        let attempts = lock(&self.attempts);
        let its = attempts.iter().filter(|attempt| attempt.device == device);
        its.filter_map(|one| {
            let exit = Exit::of_result(one.result?);
            Some((one.outcome.expect("it ended").to_string(), exit.code))
        })
        .collect()
    }

    fn there(&self) -> Result<(), LedgerError> {
        if self.is_away.load(Ordering::SeqCst) {
            Err(LedgerError::Unavailable("it is away".to_owned()))
        } else {
            Ok(())
        }
    }

    fn is_shared(&self) -> bool {
        self.lease.is_some()
    }

    /// When a claim that begins now ends.
    fn until(&self) -> i64 {
        self.clock.now() + self.lease.map_or(0, milliseconds)
    }

    fn is_ours(&self, known: &Known) -> bool {
        known.run.as_ref() == Some(&self.run)
    }

    /// The claim of a device, if it is free.
    fn take(&self, device: &str) -> Option<Claim> {
        let mut entries = lock(&self.entries);
        let known = entries.get_mut(device).expect("it is known");
        let has_lapsed = self.is_shared() && known.until < self.clock.now();
        let is_free =
            known.state == State::Waiting || (known.state == State::Running && has_lapsed);
        if !is_free {
            return None;
        }
        known.state = State::Running;
        known.number += 1;
        known.station = Some(self.station.clone());
        known.run = Some(self.run.clone());
        known.until = self.until();
        let begun = Attempt {
            device: device.to_owned(),
            number: known.number,
            station: self.station.clone(),
            started_at: self.clock.text(),
            ..Attempt::default()
        };
        let claim = known.claim(device, &begun.started_at);
        let mut attempts = lock(&self.attempts);
        if self.is_shared() {
            for one in attempts.iter_mut().filter(|one| one.device == device) {
                if one.ended_at.is_none() && one.outcome.is_none() {
                    one.attempt.outcome = Some(AttemptOutcome::Interrupted);
                }
            }
        }
        attempts.push(KnownAttempt {
            attempt: begun,
            run: self.run.clone(),
            hook: None,
            hook_error: None,
        });
        Some(claim)
    }

    /// Whether it is claimed by this process already.
    fn has(&self, device: &str) -> bool {
        let known = &lock(&self.entries)[device];
        self.is_shared()
            && known.state == State::Running
            && self.is_ours(known)
            && known.until >= self.clock.now()
    }

    /// How one stands that was not free.
    fn stand(&self, device: String) -> ClaimResult {
        let entries = lock(&self.entries);
        let known = &entries[&device];
        if known.state.is_settled() {
            return ClaimResult::Settled(device, known.state);
        }
        if self.is_shared() && known.state == State::Running && self.is_ours(known) {
            // The answer to an earlier wish got lost.
            let attempts = lock(&self.attempts);
            let begun = attempts.iter().find(|one| one.is(&device, known.number));
            let started_at = begun.map(|one| one.started_at.clone()).unwrap_or_default();
            return ClaimResult::Claimed(known.claim(&device, &started_at));
        }
        ClaimResult::Elsewhere(device)
    }
}

impl Known {
    fn claim(&self, device: &str, started_at: &str) -> Claim {
        Claim {
            device: device.to_owned(),
            number: self.number,
            apply_may_have_been_sent: self.told,
            last_result: self.result,
            started_at: started_at.to_owned(),
        }
    }
}

#[async_trait]
impl Ledger for Memory {
    async fn enrol(&self, devices: Vec<Enrolment>) -> Result<Vec<Enrolled>, LedgerError> {
        self.there()?;
        let (mut entries, attempts) = (lock(&self.entries), lock(&self.attempts));
        let place = entries.len();
        let enrol = |(at, one): (usize, Enrolment)| {
            let Enrolment { device, address, network, labels } = one;
            let fresh = || Known {
                state: State::Waiting,
                told: false,
                number: 0,
                result: None,
                run: None,
                until: 0,
                station: None,
                place: place + at,
                address: address.clone(),
                network: network.clone(),
                labels: labels.clone(),
            };
            let known = entries.entry(device.clone()).or_insert_with(fresh);
            let last = attempts.iter().find(|one| one.is(&device, known.number));
            let outcome = last.and_then(|one| one.outcome);
            known.labels.clone_from(&labels);
            let as_it_was = (known.address.clone(), known.network.clone());
            let is_other = as_it_was != (address.clone(), network.clone());
            if known.state.is_settled() {
                let settled_as = is_other.then_some(as_it_was);
                return Enrolled { device, state: known.state, outcome, settled_as };
            }
            (known.address, known.network) = (address, network);
            Enrolled { device, state: known.state, outcome, settled_as: None }
        };
        Ok(devices.into_iter().enumerate().map(enrol).collect())
    }

    async fn claim_among(
        &self,
        devices: Vec<String>,
        room: usize,
    ) -> Result<Vec<ClaimResult>, LedgerError> {
        self.there()?;
        let (mut results, mut rest) = (Vec::new(), Vec::new());
        let had = devices.iter().filter(|device| self.has(device)).count();
        for device in devices {
            let is_wanted = results.len() + had < room;
            match is_wanted.then(|| self.take(&device)).flatten() {
                Some(claim) => results.push(ClaimResult::Claimed(claim)),
                None => rest.push(device),
            }
        }
        if results.len() < room {
            results.extend(rest.into_iter().map(|device| self.stand(device)));
        }
        Ok(results)
    }

    async fn mark_apply_sent(&self, claim: &Claim) -> Result<(), LedgerError> {
        self.there()?;
        let mut is_held = !self.is_shared();
        self.change(&claim.device, |known| {
            is_held |= self.is_ours(known) && known.number == claim.number;
            known.told |= is_held;
        });
        if is_held { Ok(()) } else { Err(LedgerError::ClaimLost) }
    }

    async fn settle(
        &self,
        claim: &Claim,
        attempt: Attempt,
        state: State,
    ) -> Result<(), LedgerError> {
        self.there()?;
        let version = attempt.version.as_deref().unwrap_or_default();
        if self.rejects.is_some_and(|word| version.contains(word)) {
            return Err(LedgerError::Rejected("no such character".to_owned()));
        }
        let may_note = |one: &&mut KnownAttempt| {
            one.is(&claim.device, claim.number) && (!self.is_shared() || one.run == self.run)
        };
        let result = attempt.result;
        if let Some(noted) = lock(&self.attempts).iter_mut().find(may_note) {
            let started_at = noted.attempt.started_at.clone();
            let station = noted.attempt.station.clone();
            let (device, number) = (claim.device.clone(), claim.number);
            let ended_at = Some(self.clock.text());
            let Attempt { requeued_at, requeued_by, requeue_reason, .. } = noted.attempt.clone();
            noted.attempt = Attempt {
                device,
                number,
                station,
                started_at,
                ended_at,
                requeued_at,
                requeued_by,
                requeue_reason,
                ..attempt
            };
            noted.hook = (self.reports && state.is_settled()).then_some(HookState::Due);
        }
        self.change(&claim.device, |known| {
            let holds = !self.is_shared()
                || state == State::Done
                || (known.number == claim.number
                    && self.is_ours(known)
                    && known.state == State::Running);
            if known.state != State::Done && holds {
                (known.state, known.result) = (state, result);
                // It could not join, and says so.
                known.told &= !matches!(result, Some(Err(failure)) if failure.is_failed_join());
            }
        });
        Ok(())
    }

    async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError> {
        self.there()?;
        for claim in claims {
            let mut number = claim.number;
            let mut is_freed = !self.is_shared();
            self.change(&claim.device, |known| {
                if known.state == State::Running && (!self.is_shared() || self.is_ours(known)) {
                    known.state = State::Waiting;
                    if self.is_shared() {
                        (number, is_freed) = (known.number, true);
                    }
                }
            });
            let mut attempts = lock(&self.attempts);
            let its = attempts.iter_mut().find(|one| one.is(&claim.device, number));
            if let Some(one) =
                its.filter(|one| is_freed && (self.is_shared() || one.attempt.ended_at.is_none()))
            {
                one.attempt.outcome = Some(AttemptOutcome::Interrupted);
                one.attempt.ended_at = Some(self.clock.text());
            }
        }
        Ok(())
    }

    fn lease(&self) -> Option<Duration> {
        self.lease
    }

    async fn renew(&self) -> Result<(), LedgerError> {
        self.there()?;
        if self.renewals_fail.load(Ordering::SeqCst) {
            return Err(LedgerError::Unavailable("it has no time".to_owned()));
        }
        let until = self.until();
        for known in lock(&self.entries).values_mut() {
            if known.state == State::Running && self.is_ours(known) {
                known.until = until;
            }
        }
        Ok(())
    }

    async fn unreported(&self) -> Result<Vec<Attempt>, LedgerError> {
        self.there()?;
        let attempts = lock(&self.attempts);
        let due = attempts.iter().filter(|one| {
            one.hook == Some(HookState::Due) && (!self.is_shared() || one.station == self.station)
        });
        Ok(due.map(|one| one.attempt.clone()).collect())
    }

    async fn reported(
        &self,
        device: String,
        number: i64,
        result: Result<(), String>,
    ) -> Result<(), LedgerError> {
        self.there()?;
        if let Some(one) = lock(&self.attempts).iter_mut().find(|one| one.is(&device, number)) {
            one.hook = Some(if result.is_ok() { HookState::Done } else { HookState::Failed });
            one.hook_error = result.err();
        }
        Ok(())
    }

    async fn requeue_hooks(&self, devices: Vec<String>) -> Result<u64, LedgerError> {
        self.there()?;
        let entries = lock(&self.entries);
        let mut attempts = lock(&self.attempts);
        let failed = attempts.iter_mut().filter(|one| {
            one.hook == Some(HookState::Failed)
                && entries[&one.device].number == one.number
                && (devices.is_empty() || devices.contains(&one.device))
        });
        let requeue = |one: &mut KnownAttempt| {
            (one.hook, one.hook_error) = (Some(HookState::Due), None);
        };
        Ok(failed.map(requeue).count() as u64)
    }

    async fn check(&self) -> Result<(), LedgerError> {
        if self.is_damaged { Err(LedgerError::Damaged("a hole".to_owned())) } else { Ok(()) }
    }

    async fn rosters(&self) -> Result<Vec<String>, LedgerError> {
        Ok(lock(&self.rosters).clone())
    }

    async fn add_roster(&self, name: String) -> Result<(), LedgerError> {
        let mut rosters = lock(&self.rosters);
        if !rosters.contains(&name) {
            rosters.push(name);
        }
        Ok(())
    }

    async fn standings(&self) -> Result<Vec<Standing>, LedgerError> {
        self.there()?;
        let (entries, attempts) = (lock(&self.entries), lock(&self.attempts));
        let standing = |(device, known): (&String, &Known)| {
            let last = attempts.iter().find(|one| one.is(device, known.number));
            let standing = Standing {
                device: device.clone(),
                address: known.address.clone(),
                network: known.network.clone(),
                state: known.state,
                station: known.station.clone(),
                attempts: known.number,
                outcome: last.and_then(|one| one.outcome),
                result: known.result,
                stage: last.and_then(|one| one.stage),
                error: last.and_then(|one| one.error.clone()),
                hook: last.and_then(|one| one.hook),
                hook_error: last.and_then(|one| one.hook_error.clone()),
                labels: known.labels.clone(),
            };
            (known.place, standing)
        };
        let mut standings: Vec<_> = entries.iter().map(standing).collect();
        standings.sort_by_key(|(place, _)| *place);
        Ok(standings.into_iter().map(|(_, standing)| standing).collect())
    }

    async fn attempts(&self) -> Result<Vec<Attempt>, LedgerError> {
        self.there()?;
        Ok(lock(&self.attempts).iter().map(|one| one.attempt.clone()).collect())
    }

    async fn requeue(&self, which: Requeue) -> Result<u64, LedgerError> {
        self.there()?;
        let is_meant = |(device, known): &(&String, &mut Known)| {
            let how = known.result.and_then(Result::err);
            which.states.contains(&known.state)
                && which
                    .failures
                    .as_ref()
                    .is_none_or(|those| how.is_some_and(|how| those.contains(&how)))
                && (which.devices.is_empty() || which.devices.contains(device))
        };
        let (mut entries, mut attempts) = (lock(&self.entries), lock(&self.attempts));
        let (at, mut count) = (self.clock.text(), 0);
        for (device, known) in entries.iter_mut().filter(is_meant) {
            known.told &= known.state != State::Done;
            known.state = State::Waiting;
            count += 1;
            if let Some(last) = attempts.iter_mut().find(|one| one.is(device, known.number)) {
                last.attempt.requeued_at = Some(at.clone());
                last.attempt.requeued_by = Some(which.by.clone());
                last.attempt.requeue_reason.clone_from(&which.reason);
            }
        }
        Ok(count)
    }
}
