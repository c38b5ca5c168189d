//! The person at the terminal, if there is one.

use async_trait::async_trait;
use protocomm::{Passphrase, ProofOfPossession, Ssid, commands::JoinFailure};

use crate::plan::Login;

/// Answers what only a person knows. `None` is "nobody here" or "I give up".
#[async_trait]
pub trait Operator: Sync {
    /// Whether anybody is there to ask.
    fn is_present(&self) -> bool {
        false
    }

    /// The device wants a proof of possession and the plan has none.
    async fn proof_of_possession(&self) -> Option<ProofOfPossession> {
        None
    }

    /// The device wants a user name and a password and the plan has none.
    async fn login(&self) -> Option<Login> {
        None
    }

    /// Another proof of possession, as the device rejects the one it was given.
    async fn another_proof_of_possession(&self) -> Option<ProofOfPossession> {
        None
    }

    /// Another user name and password, as the device rejects those it was given.
    async fn another_login(&self) -> Option<Login> {
        None
    }

    /// The join failed; another passphrase, or the same again, may help.
    async fn passphrase(&self, _ssid: &Ssid, _failure: JoinFailure) -> Option<Passphrase> {
        None
    }
}

/// Nobody is there: no question is ever answered.
#[derive(Clone, Copy, Debug)]
pub struct Unattended;

impl Operator for Unattended {}
