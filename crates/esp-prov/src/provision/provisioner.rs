//! A device, and how to work on it.

use std::sync::Mutex;

use rand_core::CryptoRng;

use crate::{
    address::Address,
    client::Keys,
    event::{Event, Observer},
    operator::{Operator, Unattended},
    plan::{Policy, Security},
    transport::Connect,
};

/// A device to work on: the way to it, how to open a session, how patient to be, who answers
/// questions and who watches.
///
/// Nothing happens before one of its methods is awaited, and each of them begins anew: a
/// provisioner can be used again and again. Their futures are `Send`.
pub struct Provisioner<'a> {
    pub(super) address: Address,
    pub(super) connect: &'a dyn Connect,
    pub(super) security: Security,
    pub(super) policy: Policy,
    pub(super) operator: &'a dyn Operator,
    pub(super) observer: &'a dyn Observer,
    pub(super) keys: Keys<'a>,
}

/// Nobody watches.
struct Unwatched;

impl Observer for Unwatched {
    fn notify(&self, _: Event) {}
}

impl<'a> Provisioner<'a> {
    /// Of the device that `connect` leads to; events call it by `address`. Without more it is
    /// given no secret, has the usual patience, asks nobody and tells nobody.
    pub fn new(address: Address, connect: &'a dyn Connect) -> Self {
        Self {
            address,
            connect,
            security: Security::default(),
            policy: Policy::default(),
            operator: &Unattended,
            observer: &Unwatched,
            keys: None,
        }
    }

    /// How to open a session.
    #[must_use]
    pub fn with_security(self, security: Security) -> Self {
        Self { security, ..self }
    }

    /// How patient to be.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Who answers what only a person knows.
    #[must_use]
    pub fn with_operator(self, operator: &'a dyn Operator) -> Self {
        Self { operator, ..self }
    }

    /// Who watches; a closure that takes an [`Event`] can.
    #[must_use]
    pub fn with_observer(self, observer: &'a dyn Observer) -> Self {
        Self { observer, ..self }
    }

    /// Making the keys of its sessions from this, and not from the system's randomness: for
    /// simulations, whose conversations are to come again. Whoever knows what comes out of it can
    /// read all that a session hides.
    #[must_use]
    pub fn with_keys_from(self, source: &'a Mutex<dyn CryptoRng + Send>) -> Self {
        Self { keys: Some(source), ..self }
    }
}
