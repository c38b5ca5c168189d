//! The provisioning sequence: connect, version, session, set, apply, watch.
//!
//! A lost link or session is replaced by a new one, never repaired. What was already done decides
//! how the new session goes on:
//!
//! | the link broke | the new session | if there is no new link |
//! | --- | --- | --- |
//! | before apply was sent | sets, applies, watches | the link's error |
//! | before apply was acknowledged | sets, applies again; a refusal means that the first apply
//! arrived | [`Outcome::Unconfirmed`] |
//! | after that | asks; sets and applies again if the device may have restarted; watches |
//! [`Outcome::Unconfirmed`] |
//!
//! Applying again shows what asking for the status can't: a device reports "connecting" before any
//! apply, too (`manager.c`, network_provisioning 1.2.4). An apply that was not needed is refused
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
mod verified;
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
    discover::{DiscoveryFilter, DiscoverySources, advertised, discover, seen},
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
    /// The stage and the cause. A lost link is an error only after all attempts have failed.
    pub async fn provision(&self, plan: &Plan) -> Result<Outcome, Error> {
        self.run(Job::Provision(Box::new(Provisioning::new(plan, None)))).await
    }

    /// Like [`provision`](Self::provision), for a process that may be killed: `journal` keeps what
    /// the next process has to know.
    ///
    /// # Errors
    /// Those of [`provision`](Self::provision), and
    /// [`Cause::Unrecorded`](crate::Cause::Unrecorded).
    pub async fn provision_with_journal(
        &self,
        plan: &Plan,
        journal: &dyn Journal,
    ) -> Result<Outcome, Error> {
        self.run(Job::Provision(Box::new(Provisioning::new(plan, Some(journal))))).await
    }

    /// Lets `chooser` choose from the networks that the device sees, and gives the device the
    /// chosen plan. The chooser may ask for new scans. Everything runs in one session if the device
    /// allows it. Warnings about the session are reported before the chooser is asked. Without a
    /// `scan`, the chooser is asked as if the firmware could not scan.
    ///
    /// # Errors
    /// Those of [`scan`](Self::scan), except that firmware without a scan is not an error; then
    /// those of [`provision`](Self::provision). [`Cause::NetworkMissing`](crate::Cause) if nothing
    /// is chosen.
    pub async fn choose_and_provision(
        &self,
        scan: Option<Scan>,
        chooser: &dyn Chooser,
    ) -> Result<Outcome, Error> {
        self.run(Job::Choose(Choosing::by(chooser, scan))).await
    }

    /// Lists the networks that the device sees.
    ///
    /// # Errors
    /// The stage and the cause. A scan can hang a device that was given a network, so the device is
    /// first asked for its state, and no scan is started if it may hang
    /// ([`Cause::ScanUnsafe`](crate::Cause)).
    pub async fn scan(&self, scan: Scan) -> Result<Outcome, Error> {
        self.run(Job::Scan(Scanning::new(scan))).await
    }

    /// Resets the device after a failed join, or makes a connected one take another network.
    ///
    /// # Errors
    /// The stage and the cause. A device refuses a command that does not fit its state.
    pub async fn control(&self, command: Control) -> Result<Outcome, Error> {
        self.run(Job::Control(Controlling::new(command))).await
    }

    /// Sends messages to endpoints, in one session. A message whose reply was lost is sent again.
    ///
    /// # Errors
    /// The stage and the cause.
    pub async fn send(&self, messages: &[Message]) -> Result<Outcome, Error> {
        self.run(Job::Send(messages, Vec::new())).await
    }

    /// Asks the device for its status. A connected device leaves a second after it reports that, as
    /// it does after provisioning.
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
