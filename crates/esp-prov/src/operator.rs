//! The person at the terminal, if there is one.

use async_trait::async_trait;
use protocomm::{
    Passphrase, ProofOfPossession, Ssid,
    commands::{JoinFailure, ThreadNetwork},
};

use crate::{
    plan::{Login, Plan},
    scan::VisibleNetwork,
};

/// Answers questions that only a person can answer. `None` means that nobody is present or that the
/// person gave up.
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

    /// Whether the person can choose among the networks that the device sees if it does not see the
    /// given one. The device is then made to forget that network and to scan.
    fn compares_names(&self) -> bool {
        false
    }

    /// Asks for the right network name if the device does not see the given one. Only called if
    /// [`compares_names`](Self::compares_names) returns `true`.
    async fn another_ssid(&self, _ssid: &Ssid, _seen: &[VisibleNetwork]) -> Option<Ssid> {
        None
    }
}

/// Chooses what to give a device once it is known what the device sees.
#[async_trait]
pub trait Chooser: Sync {
    /// The version of the device; any other is refused before it scans.
    fn version(&self) -> Option<&str> {
        None
    }

    /// The session waits meanwhile, and goes on with the plan.
    async fn choose(&self, seen: Seen) -> Chosen;
}

/// What a device sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Wi-Fi networks, strongest first.
    Wifi(Vec<VisibleNetwork>),
    /// Thread networks, strongest first.
    Thread(Vec<ThreadNetwork>),
    /// Nobody knows: its firmware does not scan, or was not asked to.
    Unknown,
}

/// What a [`Chooser`] wants.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// To give this.
    Plan(Box<Plan>),
    /// To scan once more.
    LookAgain,
    /// To give nothing.
    Nothing,
}

/// Nobody is there: no question is ever answered.
#[derive(Clone, Copy, Debug)]
pub struct Unattended;

impl Operator for Unattended {}
