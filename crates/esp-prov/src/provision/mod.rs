//! The provisioning sequence: connect, version, session, set, apply, watch.
//!
//! A lost link or session is replaced by a new one, never repaired, and what was already done
//! decides where the new session goes on:
//!
//! | the link broke | the new session | if no new link can be had |
//! | --- | --- | --- |
//! | before apply was sent | sets, applies, watches | the link's error |
//! | before apply was acknowledged | sets, applies again; a refusal means the first one arrived | [`Outcome::Unconfirmed`] |
//! | after that | asks; sets and applies again where the device may have restarted; watches | [`Outcome::Unconfirmed`] |
//!
//! Applying again can tell what asking for the status can't: a device says "connecting" before
//! any apply, too (`manager.c`, network_provisioning 1.2.4). One that was not needed is refused,
//! and does no harm.

mod choosing;
mod commands;
mod device_status;
mod discover;
mod forget;
mod info;
mod link;
mod provisioner;
mod run;
mod scan;
mod sequence;
mod size;
mod warnings;

use self::{
    choosing::Choosing,
    commands::Controlling,
    run::{Job, Run},
    scan::Scanning,
    sequence::Provisioning,
};
pub use self::{
    commands::{Control, Message},
    discover::{DiscoveryFilter, DiscoverySources, advertised, discover},
    provisioner::Provisioner,
    warnings::warn,
};
use crate::{
    error::Error, event::Outcome, journal::Journal, operator::Chooser, plan::Plan, scan::Scan,
};

impl Provisioner<'_> {
    /// Gives the device its network.
    ///
    /// # Errors
    /// The stage and the cause. Lost links come up only after all attempts.
    pub async fn provision(&self, plan: &Plan) -> Result<Outcome, Error> {
        self.run(Job::Provision(Box::new(Provisioning::new(plan, None)))).await
    }

    /// As [`provision`](Self::provision), for a process that may die: `journal` keeps what the
    /// next one has to know.
    ///
    /// # Errors
    /// As [`provision`](Self::provision); and [`Cause::Unrecorded`](crate::Cause::Unrecorded).
    pub async fn provision_with_journal(
        &self,
        plan: &Plan,
        journal: &dyn Journal,
    ) -> Result<Outcome, Error> {
        self.run(Job::Provision(Box::new(Provisioning::new(plan, Some(journal))))).await
    }

    /// Lets `chooser` choose from the networks that the device sees, as often as it wants them
    /// looked for, and gives the device what it chose: in one session, where the device allows it.
    /// What the user should know of that session is told before anything is asked. Without a
    /// `scan` it is asked as where the firmware has none.
    ///
    /// # Errors
    /// As of a [`scan`](Self::scan), but firmware that has none is no error; then as
    /// [`provision`](Self::provision). [`Cause::NetworkMissing`](crate::Cause) where nothing is
    /// chosen.
    pub async fn choose_and_provision(
        &self,
        scan: Option<Scan>,
        chooser: &dyn Chooser,
    ) -> Result<Outcome, Error> {
        self.run(Job::Choose(Choosing::by(chooser, scan))).await
    }

    /// Lists the networks the device sees.
    ///
    /// # Errors
    /// The stage and the cause. A scan could hang a device that was given a network, so that it is
    /// asked first, and no scan is begun where it may hang ([`Cause::ScanUnsafe`](crate::Cause)).
    pub async fn scan(&self, scan: Scan) -> Result<Outcome, Error> {
        self.run(Job::Scan(Scanning::new(scan))).await
    }

    /// Resets the device after a failed join, or makes a connected one take another network.
    ///
    /// # Errors
    /// The stage and the cause; a device that is in no state for it refuses.
    pub async fn control(&self, command: Control) -> Result<Outcome, Error> {
        self.run(Job::Control(Controlling::new(command))).await
    }

    /// Sends messages to endpoints, in one session. A message whose reply got lost is sent again.
    ///
    /// # Errors
    /// The stage and the cause.
    pub async fn send(&self, messages: &[Message]) -> Result<Outcome, Error> {
        self.run(Job::Send(messages, Vec::new())).await
    }

    /// Asks the device where it stands. One that says that it is connected leaves a second later,
    /// as after provisioning.
    ///
    /// # Errors
    /// The stage and the cause.
    pub async fn status(&self) -> Result<Outcome, Error> {
        self.run(Job::Status).await
    }

    async fn run(&self, job: Job<'_>) -> Result<Outcome, Error> {
        Run::new(self, job).complete(self.operator).await
    }
}
