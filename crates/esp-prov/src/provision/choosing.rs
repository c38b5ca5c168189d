//! A scan whose result decides how the same session goes on.

use super::{forget::Forgetting, scan::Scanning, sequence::Provisioning};
use crate::{
    error::{Cause, Error, Stage},
    event::Outcome,
    operator::{Chooser, Seen},
    plan::Plan,
    scan::Scan,
};

/// A scan, if there is one, and what it is for.
pub(super) struct Choosing<'a> {
    pub(super) scanning: Option<Scanning>,
    pub(super) purpose: Purpose<'a>,
}

pub(super) enum Purpose<'a> {
    /// To choose the network to give.
    Choice(&'a dyn Chooser),
    /// To find the right name, since the device does not see the network that it was given.
    OtherName(Box<Provisioning<'a>>),
}

impl<'a> Choosing<'a> {
    pub(super) fn by(chooser: &'a dyn Chooser, how: Option<Scan>) -> Self {
        Self { scanning: how.map(Scanning::new), purpose: Purpose::Choice(chooser) }
    }

    /// After a failed join, whose network the device has to forget before it scans.
    pub(super) fn other_name(job: Box<Provisioning<'a>>, how: Scan) -> Self {
        let how = Scan { reset_first: true, ..how };
        Self { scanning: Some(Scanning::new(how)), purpose: Purpose::OtherName(job) }
    }

    /// The required version of the device.
    pub(super) fn version(&self) -> Option<&str> {
        match &self.purpose {
            Purpose::Choice(chooser) => chooser.version(),
            Purpose::OtherName(job) => job.version(),
        }
    }

    /// Whether an error shows that the firmware has no scan, so that the choice is made without
    /// one.
    pub(super) fn goes_without(&self, error: &Error) -> bool {
        let is_choice = matches!(self.purpose, Purpose::Choice(_));
        is_choice && error.stage == Stage::Scan && matches!(error.cause, Cause::Transport(_))
    }

    /// Goes on with the plan that was chosen. A reset before the scan is not repeated.
    pub(super) fn chosen(self, plan: Plan) -> Provisioning<'a> {
        let forgetting = match self.scanning {
            Some(scanning) => scanning.into_forgetting(),
            None => Forgetting::new(plan.reset_first),
        };
        Provisioning::chosen(plan, forgetting)
    }
}

/// What a scan found, for the chooser.
pub(super) fn seen(outcome: Outcome) -> Seen {
    match outcome {
        Outcome::Scanned { networks } => Seen::Wifi(networks),
        Outcome::ThreadScanned { networks } => Seen::Thread(networks),
        _ => Seen::Unknown,
    }
}
