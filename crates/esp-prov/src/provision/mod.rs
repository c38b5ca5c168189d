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

mod discover;
mod errand;
mod forget;
mod info;
mod link;
mod run;
mod scan;
mod sequence;
mod size;
mod standing;
mod target;
mod warnings;

pub use self::{
    discover::{Ears, Wish, advertised, discover},
    errand::{Control, Message},
    info::info,
    target::Target,
    warnings::warn,
};
use self::{
    errand::Controlling,
    run::{Job, Run},
    scan::Scanning,
    sequence::Provisioning,
};
use crate::{
    error::Error,
    event::{Observer, Outcome},
    journal::Journal,
    operator::{Operator, Unattended},
    plan::{Plan, Policy, Security},
    scan::Scan,
};

/// Gives a device its network.
///
/// # Errors
/// The stage and the cause. Lost links come up only after all attempts.
pub async fn provision(
    target: &Target<'_>,
    plan: &Plan,
    operator: &dyn Operator,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let job = Job::Provision(Provisioning::new(plan, None));
    provisioning(target, plan, job, observer).complete(operator).await
}

/// As [`provision`], with nobody there, for a process that may die: `journal` keeps what the next
/// one has to know.
///
/// # Errors
/// As [`provision`]; and [`Cause::Unrecorded`](crate::Cause::Unrecorded).
pub async fn provision_with_journal(
    target: &Target<'_>,
    plan: &Plan,
    journal: &dyn Journal,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let job = Job::Provision(Provisioning::new(plan, Some(journal)));
    provisioning(target, plan, job, observer).complete(&Unattended).await
}

fn provisioning<'a>(
    target: &'a Target<'a>,
    plan: &'a Plan,
    job: Job<'a>,
    observer: &'a dyn Observer,
) -> Run<'a> {
    let mut run = Run::new(target, &plan.security, &plan.policy, observer, job);
    run.version = plan.version.as_deref();
    run
}

/// Lists the networks a device sees.
///
/// # Errors
/// The stage and the cause. A scan could hang a device that was given a network, so that it is
/// asked first, and no scan is begun where it may hang ([`Cause::ScanUnsafe`](crate::Cause)).
pub async fn scan(
    target: &Target<'_>,
    scan: Scan,
    security: &Security,
    policy: &Policy,
    operator: &dyn Operator,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let job = Job::Scan(Scanning::new(scan));
    Run::new(target, security, policy, observer, job).complete(operator).await
}

/// Resets a device after a failed join, or makes a connected one take another network.
///
/// # Errors
/// The stage and the cause; a device that is in no state for it refuses.
pub async fn control(
    target: &Target<'_>,
    command: Control,
    security: &Security,
    policy: &Policy,
    operator: &dyn Operator,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let job = Job::Control(Controlling::new(command));
    Run::new(target, security, policy, observer, job).complete(operator).await
}

/// Sends messages to endpoints, in one session. A message whose reply got lost is sent again.
///
/// # Errors
/// The stage and the cause.
pub async fn send(
    target: &Target<'_>,
    messages: &[Message],
    security: &Security,
    policy: &Policy,
    operator: &dyn Operator,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let job = Job::Send(messages, Vec::new());
    Run::new(target, security, policy, observer, job).complete(operator).await
}

/// Asks a device where it stands. One that says that it is connected leaves a second later, as
/// after provisioning.
///
/// # Errors
/// The stage and the cause.
pub async fn status(
    target: &Target<'_>,
    security: &Security,
    policy: &Policy,
    operator: &dyn Operator,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    Run::new(target, security, policy, observer, Job::Status).complete(operator).await
}
