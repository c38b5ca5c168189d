//! Making a device forget the network it could not join.

use std::mem;

use protocomm::{
    NetworkKind,
    commands::{ResetThread, ResetWifi},
};

use super::{
    device_status::{DeviceStatus, device_status},
    link::Link,
};
use crate::{
    error::{Cause, Error, Stage},
    event::{Event, JoinState},
};

/// What came of a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reset {
    Done,
    /// Its reply got lost, and the next one was refused.
    Likely,
    Refused,
}

/// A reset, and what is known of it from one session to the next.
#[derive(Default)]
pub(super) struct Forgetting {
    /// Still to be done.
    is_due: bool,
    /// It was sent, and its answer got lost.
    is_unanswered: bool,
    /// What came of it in this run.
    came_of_it: Option<Reset>,
}

impl Forgetting {
    pub(super) fn new(is_due: bool) -> Self {
        Self { is_due, ..Self::default() }
    }

    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }

    pub(super) fn came_of_it(&self) -> Option<Reset> {
        self.came_of_it
    }

    /// Another one is due.
    pub(super) fn again(&mut self) {
        self.is_due = true;
    }

    /// The firmware has none.
    pub(super) fn go_without(&mut self) {
        self.is_due = false;
    }

    /// Before the device is given another network, or scans. Tells, if it refuses: firmware before
    /// network_provisioning 1.2.1 that has already reset itself does.
    pub(super) async fn first(&mut self, link: &mut Link<'_>) -> Result<(), Error> {
        let came_of_it = match self.reset(link).await {
            Ok(reset) => {
                link.observer.notify(Event::Reset);
                reset
            }
            Err(Error { cause: Cause::Refusal(refusal), .. }) => {
                link.observer.notify(Event::ResetRefused { status: refusal.status });
                Reset::Refused
            }
            Err(error) => return Err(error),
        };
        (self.is_due, self.came_of_it) = (false, Some(came_of_it));
        Ok(())
    }

    /// Sends it. One whose answer got lost may have been carried out: firmware before
    /// network_provisioning 1.2.1 refuses the second then, and goes on telling of the failure
    /// (`manager.c`), after which the first would have been refused, too, only if there was nothing
    /// left to reset.
    pub(super) async fn reset(&mut self, link: &mut Link<'_>) -> Result<Reset, Error> {
        let again = mem::replace(&mut self.is_unanswered, true);
        let answer = match link.device.network() {
            NetworkKind::Wifi => link.client.call(&ResetWifi).await,
            NetworkKind::Thread => link.client.call(&ResetThread).await,
        };
        let reset = match answer {
            Err(Error { cause: Cause::Refusal(_), .. })
                if again
                    && matches!(
                        device_status(link, Stage::Reset, None).await?,
                        DeviceStatus::NotJoined(JoinState::Failed { .. })
                    ) =>
            {
                Reset::Likely
            }
            Err(error) => {
                self.is_unanswered = error.is_silence() || error.is_link_lost();
                return Err(error);
            }
            Ok(()) => Reset::Done,
        };
        self.is_unanswered = false;
        Ok(reset)
    }
}
