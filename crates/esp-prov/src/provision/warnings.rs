//! Warnings, and errors if warnings are denied.

use std::sync::{Arc, Mutex, PoisonError};

use protocomm::{Credentials, Scheme};

use crate::{
    client::Client,
    error::{Cause, Error, Stage},
    event::{Event, Observer, Warning},
    transport::CutName,
};

/// The warnings of a run. Each is reported once, however many sessions the run takes.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<Vec<Warning>>>);

impl Told {
    /// Whether this warning is new. It is kept, so the next time it is not.
    pub(super) fn is_new(&self, warning: &Warning) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !told.contains(warning);
        if is_new {
            told.push(warning.clone());
        }
        is_new
    }
}

/// Reports a warning, and returns an error if warnings are denied. There is no other way to report
/// one (see `tests/layers.rs`), so `deny` can't be forgotten.
pub fn warn(
    observer: &dyn Observer,
    deny: bool,
    stage: Stage,
    warning: Warning,
) -> Result<(), Error> {
    let denied = denied(&warning);
    observer.notify(Event::Warning { warning });
    if deny { Err(Error::new(stage, denied)) } else { Ok(()) }
}

/// Warns that the name of the device is cut off, so that it may not be the wanted one.
pub(super) fn warn_of_name(
    client: &Client<'_>,
    observer: &dyn Observer,
    deny: bool,
) -> Result<(), Error> {
    let Some(CutName { heard, wanted }) = client.cut_name().cloned() else { return Ok(()) };
    warn(observer, deny, Stage::Connect, Warning::NameCutOff { heard, wanted })
}

/// The cause of the error if warnings are denied.
pub(super) fn denied(warning: &Warning) -> Cause {
    Cause::Denied { warning: warning.to_string(), about_security: warning.is_about_security() }
}

/// The warnings about giving a network in a session with these credentials.
pub(super) fn of_credentials(credentials: &Credentials) -> Vec<Warning> {
    let unencrypted = (credentials.scheme() == Scheme::Sec0).then_some(Warning::Unencrypted);
    let well_known = credentials.are_well_known().then_some(Warning::WellKnownSecret);
    unencrypted.into_iter().chain(well_known).collect()
}
