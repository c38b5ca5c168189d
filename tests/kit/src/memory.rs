//! A ledger in memory, that can be away.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{FailureKind, Stage};
use esp_prov_batch::ledger::{
    Attempt, Claim, ClaimResult, Enrolled, Enrolment, Ledger, LedgerError, Requeue, Standing, State,
};
use esp_prov_rs::exit::Exit;

use super::lock;

/// Clones share what they know.
#[derive(Clone, Default)]
pub struct Memory {
    pub entries: Arc<Mutex<BTreeMap<String, Known>>>,
    pub attempts: Arc<Mutex<Vec<Attempt>>>,
    pub is_away: Arc<AtomicBool>,
    pub lease: Option<Duration>,
    /// Versions that hold this are not taken.
    pub rejects: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Known {
    pub state: State,
    pub told: bool,
    pub number: i64,
    pub result: Option<Result<(), FailureKind>>,
    stage: Option<Stage>,
    address: String,
}

impl Memory {
    pub fn state(&self, device: &str) -> State {
        lock(&self.entries)[device].state
    }

    pub fn change(&self, device: &str, change: impl FnOnce(&mut Known)) {
        change(lock(&self.entries).get_mut(device).expect("it is known"));
    }

    /// How its attempts ended.
    pub fn outcomes(&self, device: &str) -> Vec<(String, u8)> {
        let attempts = lock(&self.attempts);
        let its = attempts.iter().filter(|attempt| attempt.device == device);
        its.map(|one| {
            let exit = Exit::of_result(one.result.expect("it ended"));
            (one.outcome.expect("it ended").to_string(), exit.code)
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
}

#[async_trait]
impl Ledger for Memory {
    async fn enrol(&self, devices: Vec<Enrolment>) -> Result<Vec<Enrolled>, LedgerError> {
        self.there()?;
        let mut entries = lock(&self.entries);
        let enrol = |Enrolment { device, address, .. }| {
            let fresh = Known {
                state: State::Waiting,
                told: false,
                number: 0,
                result: None,
                stage: None,
                address,
            };
            let state = entries.entry(device.clone()).or_insert(fresh).state;
            Enrolled { device, state, settled_as: None }
        };
        Ok(devices.into_iter().map(enrol).collect())
    }

    async fn claim(&self, devices: Vec<String>) -> Result<Vec<ClaimResult>, LedgerError> {
        self.there()?;
        let mut entries = lock(&self.entries);
        let claim = |device: String| {
            let known = entries.get_mut(&device).expect("it is known");
            match known.state {
                State::Waiting => {
                    known.state = State::Running;
                    known.number += 1;
                    ClaimResult::Claimed(Claim {
                        device,
                        number: known.number,
                        apply_may_have_been_sent: known.told,
                        last_result: known.result,
                        started_at: "2026-01-01T00:00:00.000Z".to_owned(),
                    })
                }
                State::Running => ClaimResult::Elsewhere(device),
                settled => ClaimResult::Settled(device, settled),
            }
        };
        Ok(devices.into_iter().map(claim).collect())
    }

    async fn mark_apply_sent(&self, claim: &Claim) -> Result<(), LedgerError> {
        self.there()?;
        self.change(&claim.device, |known| known.told = true);
        Ok(())
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
        self.change(&claim.device, |known| {
            (known.state, known.result, known.stage) = (state, attempt.result, attempt.stage);
            // It could not join, and says so.
            known.told &= !matches!(attempt.result, Some(Err(failure)) if failure.is_failed_join());
        });
        lock(&self.attempts).push(attempt);
        Ok(())
    }

    async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError> {
        self.there()?;
        for claim in claims {
            self.change(&claim.device, |known| known.state = State::Waiting);
        }
        Ok(())
    }

    fn lease(&self) -> Option<Duration> {
        self.lease
    }

    async fn renew(&self) -> Result<(), LedgerError> {
        self.there()
    }

    async fn unreported(&self) -> Result<Vec<Attempt>, LedgerError> {
        Ok(Vec::new())
    }

    async fn reported(&self, _: String, _: i64, _: Result<(), String>) -> Result<(), LedgerError> {
        Ok(())
    }

    async fn requeue_hooks(&self, _: Vec<String>) -> Result<u64, LedgerError> {
        Ok(0)
    }

    async fn rosters(&self) -> Result<Vec<String>, LedgerError> {
        Ok(Vec::new())
    }

    async fn add_roster(&self, _: String) -> Result<(), LedgerError> {
        Ok(())
    }

    async fn standings(&self) -> Result<Vec<Standing>, LedgerError> {
        self.there()?;
        let entries = lock(&self.entries);
        let standing = |(device, known): (&String, &Known)| Standing {
            device: device.clone(),
            address: known.address.clone(),
            network: "Home".to_owned(),
            state: known.state,
            station: None,
            attempts: known.number,
            result: known.result,
            stage: known.stage,
            error: None,
            hook: None,
            hook_error: None,
            labels: BTreeMap::new(),
        };
        Ok(entries.iter().map(standing).collect())
    }

    async fn attempts(&self) -> Result<Vec<Attempt>, LedgerError> {
        Ok(lock(&self.attempts).clone())
    }

    async fn requeue(&self, _: Requeue) -> Result<u64, LedgerError> {
        Ok(0)
    }
}
