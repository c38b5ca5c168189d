//! Making a device forget a network that it could not join.

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

/// The result of a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reset {
    Done,
    /// The reply to one reset was lost, and the next reset was refused: the first probably worked.
    Likely,
    Refused,
}

/// A reset, and what is known of it from one session to the next.
#[derive(Default)]
pub(super) struct Forgetting {
    /// It is still to be done.
    is_due: bool,
    /// It was sent, and the reply was lost.
    is_unanswered: bool,
    /// Its result in this run.
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

    /// Makes another reset due.
    pub(super) fn again(&mut self) {
        self.is_due = true;
    }

    /// Goes on without a reset, which the firmware does not have.
    pub(super) fn go_without(&mut self) {
        self.is_due = false;
    }

    /// Resets the device before it is given another network or scans. A refusal is reported and not
    /// an error, since firmware before network_provisioning 1.2.1 refuses after it has reset
    /// itself.
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

    /// Sends a reset. If its reply is lost, it may have been carried out all the same. Firmware
    /// before network_provisioning 1.2.1 then refuses the next one, although it goes on reporting
    /// the failed join (`manager.c`). In that state it would have refused the first one only if it
    /// had already been reset, so a reset has taken place in either case.
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
