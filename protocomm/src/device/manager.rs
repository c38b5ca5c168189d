//! What the provisioning manager remembers between requests (`manager.c`, `handlers.c` of
//! network_provisioning 1.2.4).

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::{
    NetworkKind, Status, ThreadDataset,
    commands::{JoinFailure, ThreadStatus, WifiStatus},
    device::{Backend, WifiConfig},
};

/// When the device allows a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetRule {
    /// Only after a failed join (`wifi_provisioning`, network_provisioning before 1.2.1).
    AfterFailure,
    /// Also before any apply, where it has nothing to undo (network_provisioning 1.2.1 and later).
    Anytime,
}

pub(super) struct Manager {
    stored: Option<Stored>,
    /// Credentials were applied, so others are refused until a reset.
    received: bool,
    /// The last dataset could not be read.
    dataset_invalid: bool,
    pub(super) reset_rule: ResetRule,
    /// Whether the device knows the messages about Thread, which came with network_provisioning.
    pub(super) knows_thread: bool,
}

/// A network that was set and is not applied yet.
pub(super) enum Stored {
    Wifi(WifiConfig),
    Thread(Zeroizing<Vec<u8>>),
}

impl Manager {
    pub(super) fn new() -> Self {
        Self {
            stored: None,
            received: false,
            dataset_invalid: false,
            reset_rule: ResetRule::Anytime,
            knows_thread: true,
        }
    }

    pub(super) fn set(&mut self, network: Stored) {
        self.stored = Some(network);
    }

    /// Applies the stored network. It is freed in any case, so the next apply needs a new one.
    pub(super) fn apply(&mut self, backend: &mut impl Backend) -> Result<(), Status> {
        let network = self.stored.take().ok_or(Status::InternalError)?;
        if self.received {
            return Err(Status::InternalError);
        }
        match network {
            Stored::Wifi(config) => backend.join(config)?,
            Stored::Thread(bytes) => {
                let Ok(dataset) = ThreadDataset::from_device(bytes) else {
                    // Like a failed attach, this takes a reset to get out of.
                    (self.received, self.dataset_invalid) = (true, true);
                    return Err(Status::InternalError);
                };
                backend.attach(dataset)?;
            }
        }
        (self.received, self.dataset_invalid) = (true, false);
        Ok(())
    }

    pub(super) fn thread_status(&self, backend: &mut impl Backend) -> Result<ThreadStatus, Status> {
        if self.dataset_invalid {
            return Ok(ThreadStatus::Failed(JoinFailure::DatasetInvalid));
        }
        backend.thread_status()
    }

    pub(super) fn reset(&mut self, backend: &mut impl Backend) -> Result<(), Status> {
        let has_failed = match backend.network() {
            NetworkKind::Wifi => matches!(backend.status(), Ok(WifiStatus::Failed(_))),
            NetworkKind::Thread => {
                matches!(self.thread_status(backend), Ok(ThreadStatus::Failed(_)))
            }
        };
        let allowed =
            if self.received { has_failed } else { self.reset_rule == ResetRule::Anytime };
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
