//! What outlives a run: what it wrote down, and the person.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    Journal, Login, Operator, Passphrase, ProofOfPossession, Ssid, commands::JoinFailure,
};
use tokio::time::sleep;

use super::{
    PROOF, RIGHT, WRONG, WRONG_PROOF, login,
    scenario::{Given, Person, Scenario},
};

/// Whether the device was, perhaps, told to join.
#[derive(Default)]
pub(super) struct Notes(AtomicBool);

impl Notes {
    pub(super) fn is_marked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Journal for Notes {
    fn apply_may_have_been_sent(&self) -> bool {
        self.is_marked()
    }

    async fn mark_apply_sent(&self) -> Result<(), String> {
        // As long as a disk takes.
        sleep(Duration::from_millis(1)).await;
        self.0.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// A person, who answers from a list.
pub(super) struct Answers {
    person: Person,
    right: Passphrase,
    passphrases: Mutex<VecDeque<bool>>,
}

impl Answers {
    pub(super) fn new(person: &Person, scenario: &Scenario) -> Self {
        let right = match scenario.network {
            Given::Open | Given::OpenWithPassphrase => Passphrase::open(),
            _ => kit::passphrase(RIGHT),
        };
        Self {
            person: person.clone(),
            right,
            passphrases: Mutex::new(person.passphrases.iter().copied().collect()),
        }
    }

    async fn think(&self) {
        sleep(Duration::from_millis(self.person.thinks)).await;
    }
}

#[async_trait]
impl Operator for Answers {
    fn is_present(&self) -> bool {
        true
    }

    async fn proof_of_possession(&self) -> Option<ProofOfPossession> {
        self.think().await;
        self.person.secret.map(|is_right| if is_right { PROOF } else { WRONG_PROOF }.into())
    }

    async fn login(&self) -> Option<Login> {
        self.think().await;
        self.person.secret.map(login)
    }

    async fn passphrase(&self, _ssid: &Ssid, _failure: JoinFailure) -> Option<Passphrase> {
        self.think().await;
        let is_right = lock(&self.passphrases).pop_front()?;
        Some(if is_right { self.right.clone() } else { kit::passphrase(WRONG) })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
