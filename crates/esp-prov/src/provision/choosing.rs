//! A scan whose result decides what the same session goes on with.

use super::{forget::Forgetting, scan::Scanning, sequence::Provisioning};
use crate::{
    error::{Cause, Error, Stage},
    event::Outcome,
    operator::{Chooser, Seen},
    plan::Plan,
    scan::Scan,
};

/// A scan, if there is to be one, and what it is for.
pub(super) struct Choosing<'a> {
    pub(super) scanning: Option<Scanning>,
    pub(super) purpose: Purpose<'a>,
}

pub(super) enum Purpose<'a> {
    /// What to give is not known yet.
    Choice(&'a dyn Chooser),
    /// The device does not see the network that it was given: another name may be meant.
    OtherName(Box<Provisioning<'a>>),
}

impl<'a> Choosing<'a> {
    pub(super) fn by(chooser: &'a dyn Chooser, how: Option<Scan>) -> Self {
        Self { scanning: how.map(Scanning::new), purpose: Purpose::Choice(chooser) }
    }

    /// After a failed join, which the device has to forget before it scans.
    pub(super) fn other_name(job: Box<Provisioning<'a>>, how: Scan) -> Self {
        let how = Scan { reset_first: true, ..how };
        Self { scanning: Some(Scanning::new(how)), purpose: Purpose::OtherName(job) }
    }

    /// The only version that is taken.
    pub(super) fn version(&self) -> Option<&str> {
        match &self.purpose {
            Purpose::Choice(chooser) => chooser.version(),
            Purpose::OtherName(job) => job.version(),
        }
    }

    /// Whether an error says that the firmware has no scan, which leaves the choice.
    pub(super) fn goes_without(&self, error: &Error) -> bool {
        let is_choice = matches!(self.purpose, Purpose::Choice(_));
        is_choice && error.stage == Stage::Scan && matches!(error.cause, Cause::Transport(_))
    }

    /// What was chosen, to go on with. What a scan had the device forget is forgotten.
    pub(super) fn chosen(self, plan: Plan) -> Provisioning<'a> {
        let forgetting = match self.scanning {
            Some(scanning) => scanning.into_forgetting(),
            None => Forgetting::new(plan.reset_first),
        };
        Provisioning::chosen(plan, forgetting)
    }
}

/// What a scan has found.
pub(super) fn seen(outcome: Outcome) -> Seen {
    match outcome {
        Outcome::Scanned { networks } => Seen::Wifi(networks),
        Outcome::ThreadScanned { networks } => Seen::Thread(networks),
        _ => Seen::Unknown,
    }
}
