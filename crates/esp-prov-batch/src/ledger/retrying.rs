//! A ledger that may be temporarily unavailable.

use std::{mem::replace, sync::Arc, time::Duration};

use backon::{ConstantBuilder, Retryable};
use tokio::time::Instant;

use super::{
    Attempt, Claim, ClaimResult, Enrolled, Enrolment, Ledger, LedgerError, Requeue, Standing,
    State, in_ascii, storable,
};
use crate::{BatchEvent, Watcher};

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// Wraps a ledger for use by a batch: waits while the ledger is unavailable, and reports that it is
/// waiting.
pub(crate) struct RetryingLedger {
    ledger: Box<dyn Ledger>,
    within: Duration,
    watcher: Arc<dyn Watcher>,
}

impl RetryingLedger {
    pub(crate) fn new(
        ledger: Box<dyn Ledger>,
        within: Duration,
        watcher: Arc<dyn Watcher>,
    ) -> Self {
        Self { ledger, within, watcher }
    }

    /// Repeats a call while the ledger is unavailable, up to the time limit. The first failure is
    /// reported to the watcher.
    async fn retrying<T, F: Future<Output = Result<T, LedgerError>>>(
        &self,
        call: impl FnMut() -> F,
    ) -> Result<T, LedgerError> {
        let (began, mut told) = (Instant::now(), false);
        call.retry(ConstantBuilder::new().with_delay(PAUSE.min(self.within)).without_max_times())
            .when(|error| error.may_pass() && began.elapsed() < self.within)
            .notify(|error, _| {
                if !replace(&mut told, true) {
                    let error = error.to_string();
                    self.watcher.notify(BatchEvent::LedgerUnavailable { error });
                }
            })
            .await
    }
}

impl RetryingLedger {
    pub(crate) async fn enrol(
        &self,
        devices: Vec<Enrolment>,
    ) -> Result<Vec<Enrolled>, LedgerError> {
        let devices: Vec<_> = devices.into_iter().map(Enrolment::storable).collect();
        self.retrying(|| self.ledger.enrol(devices.clone())).await
    }

    pub(crate) async fn claim(
        &self,
        devices: Vec<String>,
        room: usize,
    ) -> Result<Vec<ClaimResult>, LedgerError> {
        self.retrying(|| self.ledger.claim_among(devices.clone(), room)).await
    }

    pub(crate) async fn mark_apply_sent(&self, claim: &Claim) -> Result<(), LedgerError> {
        self.retrying(|| self.ledger.mark_apply_sent(claim)).await
    }

    pub(crate) async fn settle(
        &self,
        claim: &Claim,
        attempt: Attempt,
        state: State,
    ) -> Result<(), LedgerError> {
        match self.retrying(|| self.ledger.settle(claim, attempt.clone(), state)).await {
            Err(LedgerError::Rejected(_)) => {
                let attempt = attempt.in_ascii();
                self.retrying(|| self.ledger.settle(claim, attempt.clone(), state)).await
            }
            settled => settled,
        }
    }

    pub(crate) async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError> {
        // Not retried: the end of the lease or the next start releases the claims anyway.
        self.ledger.release(claims).await
    }

    pub(crate) fn lease(&self) -> Option<Duration> {
        self.ledger.lease()
    }

    pub(crate) async fn renew(&self) -> Result<(), LedgerError> {
        // Not retried: the caller repeats it in time.
        self.ledger.renew().await
    }

    pub(crate) async fn requeue(&self, which: Requeue) -> Result<u64, LedgerError> {
        self.retrying(|| self.ledger.requeue(which.clone())).await
    }

    pub(crate) async fn unreported(&self) -> Result<Vec<Attempt>, LedgerError> {
        self.retrying(|| self.ledger.unreported()).await
    }

    pub(crate) async fn reported(
        &self,
        device: String,
        number: i64,
        result: Result<(), String>,
    ) -> Result<(), LedgerError> {
        let result = result.map_err(|words| storable(&words));
        match self.retrying(|| self.ledger.reported(device.clone(), number, result.clone())).await {
            Err(LedgerError::Rejected(_)) => {
                let result = result.map_err(|words| in_ascii(&words));
                self.retrying(|| self.ledger.reported(device.clone(), number, result.clone())).await
            }
            reported => reported,
        }
    }

    pub(crate) async fn check(&self) -> Result<(), LedgerError> {
        self.retrying(|| self.ledger.check()).await
    }

    pub(crate) async fn standings(&self) -> Result<Vec<Standing>, LedgerError> {
        self.retrying(|| self.ledger.standings()).await
    }
}
