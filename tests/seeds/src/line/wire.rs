//! The way from a station to the ledger, on which answers get lost.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov_batch::ledger::{
    Attempt, Claim, ClaimResult, Enrolled, Enrolment, Ledger, LedgerError, Requeue, Standing, State,
};
use kit::Memory;
use tokio::{
    sync,
    time::{Instant, sleep},
};

use super::{scenario::LedgerFault, watch::Watch, way::Life};

/// What a call takes, each way.
const LATENCY: Duration = Duration::from_millis(2);

/// What goes wrong with the ledger, for all that call it.
pub(super) struct Troubles {
    pub(super) faults: Vec<LedgerFault>,
    /// Nothing goes wrong any more.
    pub(super) is_quiet: AtomicBool,
    calls: AtomicUsize,
    away_until: Mutex<Option<Instant>>,
}

impl Troubles {
    pub(super) fn new(faults: Vec<LedgerFault>) -> Self {
        Self {
            faults,
            is_quiet: AtomicBool::default(),
            calls: AtomicUsize::default(),
            away_until: Mutex::default(),
        }
    }

    fn fault(&self) -> Option<LedgerFault> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        self.faults.iter().find(|fault| fault.call == number).copied()
    }

    fn goes_away(&self, time: u64) {
        let until = Instant::now() + Duration::from_millis(time);
        let mut away = self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        *away = (*away).max(Some(until));
    }

    fn is_away(&self) -> bool {
        let until = *self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }
}

/// One process's connection, which takes one call at a time.
pub(super) struct Wire {
    pub(super) ledger: Memory,
    pub(super) troubles: Arc<Troubles>,
    pub(super) life: Arc<Life>,
    pub(super) watch: Arc<Watch>,
    pub(super) gate: sync::Mutex<()>,
}

fn away() -> LedgerError {
    LedgerError::Unavailable("it is away".to_owned())
}

impl Wire {
    async fn call<T: std::fmt::Debug>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, LedgerError>>,
    ) -> Result<T, LedgerError> {
        let _turn = self.gate.lock().await;
        self.life.step().await;
        sleep(LATENCY).await;
        let is_quiet = self.troubles.is_quiet.load(Ordering::Relaxed);
        let fault = if is_quiet { None } else { self.troubles.fault() };
        let run = &self.life.run;
        if !is_quiet && self.troubles.is_away() {
            return Err(away());
        }
        if let Some(fault) = fault {
            self.watch.note(format_args!("{run}: {what}: {fault:?}"));
            self.troubles.goes_away(fault.away);
            if !fault.is_made {
                return Err(away());
            }
        }
        let answer = call.await;
        self.watch.note(format_args!("{run}: {what}: {}", brief(&answer)));
        self.watch.ledger_changed();
        sleep(LATENCY).await;
        self.life.step().await;
        // A file either makes a change and says so, or does not make it.
        if fault.is_some() && self.ledger.lease.is_some() {
            return Err(away());
        }
        answer
    }
}

fn brief<T>(answer: &Result<T, LedgerError>) -> String {
    answer.as_ref().map_or_else(ToString::to_string, |_| "made".to_owned())
}

#[async_trait]
impl Ledger for Wire {
    async fn enrol(&self, devices: Vec<Enrolment>) -> Result<Vec<Enrolled>, LedgerError> {
        self.call("enrol", self.ledger.enrol(devices)).await
    }

    async fn claim_among(
        &self,
        devices: Vec<String>,
        room: usize,
    ) -> Result<Vec<ClaimResult>, LedgerError> {
        let what = format!("claim {room} of {devices:?}");
        self.call(&what, self.ledger.claim_among(devices.clone(), room)).await
    }

    async fn mark_apply_sent(&self, claim: &Claim) -> Result<(), LedgerError> {
        let what = format!("mark {} {}", claim.device, claim.number);
        self.call(&what, self.ledger.mark_apply_sent(claim)).await
    }

    async fn settle(
        &self,
        claim: &Claim,
        attempt: Attempt,
        state: State,
    ) -> Result<(), LedgerError> {
        let what = format!("settle {} {} {state}", claim.device, claim.number);
        self.call(&what, self.ledger.settle(claim, attempt, state)).await
    }

    async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError> {
        self.call("release", self.ledger.release(claims)).await
    }

    fn lease(&self) -> Option<Duration> {
        self.ledger.lease
    }

    async fn renew(&self) -> Result<(), LedgerError> {
        self.call("renew", self.ledger.renew()).await
    }

    async fn unreported(&self) -> Result<Vec<Attempt>, LedgerError> {
        self.call("unreported", self.ledger.unreported()).await
    }

    async fn reported(
        &self,
        device: String,
        number: i64,
        result: Result<(), String>,
    ) -> Result<(), LedgerError> {
        self.call("reported", self.ledger.reported(device, number, result)).await
    }

    async fn requeue_hooks(&self, devices: Vec<String>) -> Result<u64, LedgerError> {
        self.call("requeue hooks", self.ledger.requeue_hooks(devices)).await
    }

    async fn rosters(&self) -> Result<Vec<String>, LedgerError> {
        self.call("rosters", self.ledger.rosters()).await
    }

    async fn add_roster(&self, name: String) -> Result<(), LedgerError> {
        self.call("add roster", self.ledger.add_roster(name)).await
    }

    async fn standings(&self) -> Result<Vec<Standing>, LedgerError> {
        self.call("standings", self.ledger.standings()).await
    }

    async fn attempts(&self) -> Result<Vec<Attempt>, LedgerError> {
        self.call("attempts", self.ledger.attempts()).await
    }

    async fn requeue(&self, which: Requeue) -> Result<u64, LedgerError> {
        self.call("requeue", self.ledger.requeue(which)).await
    }
}
