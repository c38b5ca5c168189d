//! A device to provision, and how.

use std::sync::Mutex;

use rand_core::CryptoRng;

use crate::{
    address::Address,
    client::Keys,
    event::{Event, Observer},
    operator::{Operator, Unattended},
    plan::{Policy, Security},
    transport::Connect,
    verify::Verify,
};

/// A device to provision: how to reach it and open a session, the limits and retries, who answers
/// questions, and who is notified.
///
/// Nothing happens before one of its methods is awaited. Each method starts from the beginning, so
/// a provisioner can be used any number of times. The futures are `Send`.
pub struct Provisioner<'a> {
    pub(super) address: Address,
    pub(super) connect: &'a dyn Connect,
    pub(super) security: Security,
    pub(super) policy: Policy,
    pub(super) operator: &'a dyn Operator,
    pub(super) observer: &'a dyn Observer,
    pub(super) keys: Keys<'a>,
    pub(super) verify: Option<&'a Verify>,
}

/// An observer that does nothing.
struct Unwatched;

impl Observer for Unwatched {
    fn notify(&self, _: Event) {}
}

impl<'a> Provisioner<'a> {
    /// Makes a provisioner for the device that `connect` leads to. Events name the device by
    /// `address`. By default it has no secret and the default [`Policy`], asks nobody and notifies
    /// nobody.
    pub fn new(address: Address, connect: &'a dyn Connect) -> Self {
        Self {
            address,
            connect,
            security: Security::default(),
            policy: Policy::default(),
            operator: &Unattended,
            observer: &Unwatched,
            keys: None,
            verify: None,
        }
    }

    /// Sets how to open a session.
    #[must_use]
    pub fn with_security(self, security: Security) -> Self {
        Self { security, ..self }
    }

    /// Sets the limits and retries.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Sets who answers questions that only a person can answer.
    #[must_use]
    pub fn with_operator(self, operator: &'a dyn Operator) -> Self {
        Self { operator, ..self }
    }

    /// Sets who is notified of events. It can be a closure that takes an [`Event`].
    #[must_use]
    pub fn with_observer(self, observer: &'a dyn Observer) -> Self {
        Self { observer, ..self }
    }

    /// Has the device looked for on the network that it was given, once it reports a connection or
    /// has left. Before that, the transport is settled ([`Connect::settle`]), which brings back the
    /// network of this machine.
    #[must_use]
    pub fn with_verification(self, verify: &'a Verify) -> Self {
        Self { verify: Some(verify), ..self }
    }

    /// Makes the keys of sessions from `source` instead of the system's randomness, for simulations
    /// that must be repeatable. Anyone who can predict the source can read all that a session
    /// encrypts.
    #[must_use]
    pub fn with_keys_from(self, source: &'a Mutex<dyn CryptoRng + Send>) -> Self {
        Self { keys: Some(source), ..self }
    }
}
