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

    /// Asks for the proof of possession, if the device requires one and none was given.
    async fn proof_of_possession(&self) -> Option<ProofOfPossession> {
        None
    }

    /// Asks for the user name and the password, if the device requires them and none were given.
    async fn login(&self) -> Option<Login> {
        None
    }

    /// Asks for another proof of possession, because the device rejected the last one.
    async fn another_proof_of_possession(&self) -> Option<ProofOfPossession> {
        None
    }

    /// Asks for another user name and password, because the device rejected the last ones.
    async fn another_login(&self) -> Option<Login> {
        None
    }

    /// Asks for another passphrase after a failed join. Trying the same one again may help, too.
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

/// Chooses what to give a device once it is known which networks the device sees.
#[async_trait]
pub trait Chooser: Sync {
    /// The required version of the device. A device with any other is refused before it scans.
    fn version(&self) -> Option<&str> {
        None
    }

    /// Makes the choice. The session waits meanwhile, and goes on with the plan that is chosen.
    async fn choose(&self, seen: Seen) -> Chosen;
}

/// The networks that a device sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Wi-Fi networks, strongest first.
    Wifi(Vec<VisibleNetwork>),
    /// Thread networks, strongest first.
    Thread(Vec<ThreadNetwork>),
    /// Not known: the firmware has no scan, or was not asked to scan.
    Unknown,
}

/// The choice of a [`Chooser`].
#[derive(Clone, Debug)]
pub enum Chosen {
    /// Provision the device with this plan.
    Plan(Box<Plan>),
    /// Scan again.
    LookAgain,
    /// Give the device nothing.
    Nothing,
}

/// An operator that never answers, for runs without a person.
#[derive(Clone, Copy, Debug)]
pub struct Unattended;

impl Operator for Unattended {}
