//! What the provisioning manager remembers between requests (`manager.c`, `handlers.c` of
//! network_provisioning 1.2.4).

use crate::{
    Status,
    commands::WifiStatus,
    device::{Backend, WifiConfig},
};

/// When a reset is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetRule {
    /// Only after a failed join (`wifi_provisioning`, network_provisioning before 1.2.1).
    AfterFailure,
    /// Also before any apply, where it does nothing (network_provisioning 1.2.1 and later).
    Anytime,
}

pub(super) struct Manager {
    stored: Option<WifiConfig>,
    /// Credentials were applied, so no more are taken until a reset.
    received: bool,
    pub(super) reset_rule: ResetRule,
}

impl Manager {
    pub(super) fn new() -> Self {
        Self { stored: None, received: false, reset_rule: ResetRule::Anytime }
    }

    pub(super) fn set(&mut self, config: WifiConfig) {
        self.stored = Some(config);
    }

    /// Frees the stored network in any case, so that the next apply needs a new one.
    pub(super) fn apply(&mut self, backend: &mut impl Backend) -> Result<(), Status> {
        let config = self.stored.take().ok_or(Status::InternalError)?;
        if self.received {
            return Err(Status::InternalError);
        }
        backend.join(config)?;
        self.received = true;
        Ok(())
    }

    pub(super) fn reset(&mut self, backend: &mut impl Backend) -> Result<(), Status> {
        let allowed = if self.received {
            matches!(backend.status(), Ok(WifiStatus::Failed(_)))
        } else {
            self.reset_rule == ResetRule::Anytime
        };
        if !allowed {
            return Err(Status::InternalError);
        }
        backend.forget()?;
        self.received = false;
        Ok(())
    }

    pub(super) fn reprovision(&mut self, backend: &mut impl Backend) -> Result<(), Status> {
        backend.reprovision()?;
        self.received = false;
        Ok(())
    }
}
