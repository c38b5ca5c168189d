//! A ledger that may be away for a while.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::{
    Attempt, Claim, ClaimResult, Enrolled, Enrolment, Ledger, LedgerError, PutBack, Standing,
    State, in_ascii, storable,
};
use crate::{BatchEvent, Watcher};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// Waits for a ledger that may work again, and says so.
pub(crate) struct Patient {
    ledger: Box<dyn Ledger>,
    within: Duration,
    watcher: Arc<dyn Watcher>,
}

impl Patient {
    pub(crate) fn new(
        ledger: Box<dyn Ledger>,
        within: Duration,
        watcher: Arc<dyn Watcher>,
    ) -> Self {
        Self { ledger, within, watcher }
    }

    /// Returns when it is worth trying again; the error when our patience ends.
    async fn wait(
        &self,
        began: Instant,
        error: LedgerError,
        told: &mut bool,
    ) -> Result<(), LedgerError> {
        let LedgerError::Unavailable(why) = &error else { return Err(error) };
        if began.elapsed() >= self.within {
            return Err(error);
        }
        if !std::mem::replace(told, true) {
            self.watcher.notify(BatchEvent::LedgerWaits { error: why.clone() });
        }
        sleep(PAUSE.min(self.within)).await;
        Ok(())
    }
}

macro_rules! patiently {
    ($self:ident, $call:expr) => {{
        let (began, mut told) = (Instant::now(), false);
        loop {
            match $call.await {
                Err(error) => match $self.wait(began, error, &mut told).await {
                    Ok(()) => {}
                    Err(error) => break Err(error),
                },
                answer => break answer,
            }
        }
    }};
}

#[async_trait]
impl Ledger for Patient {
    async fn enrol(&self, devices: Vec<Enrolment>) -> Result<Vec<Enrolled>, LedgerError> {
        let devices: Vec<_> = devices.into_iter().map(Enrolment::storable).collect();
        patiently!(self, self.ledger.enrol(devices.clone()))
    }

    async fn claim(&self, devices: Vec<String>) -> Result<Vec<ClaimResult>, LedgerError> {
        patiently!(self, self.ledger.claim(devices.clone()))
    }

    async fn tell(&self, claim: &Claim) -> Result<(), LedgerError> {
        patiently!(self, self.ledger.tell(claim))
    }

    async fn settle(
        &self,
        claim: &Claim,
        attempt: Attempt,
        state: State,
    ) -> Result<(), LedgerError> {
        match patiently!(self, self.ledger.settle(claim, attempt.clone(), state)) {
            Err(LedgerError::Rejected(_)) => {
                let attempt = attempt.in_ascii();
                patiently!(self, self.ledger.settle(claim, attempt.clone(), state))
            }
            settled => settled,
        }
    }

    async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError> {
        // Nobody waits for what a lease or the next start gives back anyway.
        self.ledger.release(claims).await
    }

    fn lease(&self) -> Option<Duration> {
        self.ledger.lease()
    }

    async fn renew(&self) -> Result<(), LedgerError> {
        // Whoever renews has a clock of its own.
        self.ledger.renew().await
    }

    async fn unreported(&self) -> Result<Vec<Attempt>, LedgerError> {
        patiently!(self, self.ledger.unreported())
    }

    async fn reported(
        &self,
        device: String,
        number: i64,
        result: Result<(), String>,
    ) -> Result<(), LedgerError> {
        let result = result.map_err(|words| storable(&words));
        match patiently!(self, self.ledger.reported(device.clone(), number, result.clone())) {
            Err(LedgerError::Rejected(_)) => {
                let result = result.map_err(|words| in_ascii(&words));
                patiently!(self, self.ledger.reported(device.clone(), number, result.clone()))
            }
            reported => reported,
        }
    }

    async fn requeue_hooks(&self, devices: Vec<String>) -> Result<u64, LedgerError> {
        patiently!(self, self.ledger.requeue_hooks(devices.clone()))
    }

    async fn rosters(&self) -> Result<Vec<String>, LedgerError> {
        patiently!(self, self.ledger.rosters())
    }

    async fn add_roster(&self, name: String) -> Result<(), LedgerError> {
        patiently!(self, self.ledger.add_roster(name.clone()))
    }

    async fn check(&self) -> Result<(), LedgerError> {
        patiently!(self, self.ledger.check())
    }

    async fn standings(&self) -> Result<Vec<Standing>, LedgerError> {
        patiently!(self, self.ledger.standings())
    }

    async fn attempts(&self) -> Result<Vec<Attempt>, LedgerError> {
        patiently!(self, self.ledger.attempts())
    }

    async fn put_back(&self, which: PutBack) -> Result<u64, LedgerError> {
        patiently!(self, self.ledger.put_back(which.clone()))
    }
}
