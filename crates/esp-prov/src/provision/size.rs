//! Checks before anything is sent that it will fit. A message that does not is an error, not a
//! transient failure.

use protocomm::{Endpoint, Scheme};

use crate::{
    error::{Cause, Error, Stage},
    transport::Connect,
};

/// A message whose length depends on the input.
pub(super) struct Outgoing {
    pub(super) stage: Stage,
    pub(super) what: String,
    pub(super) endpoint: Endpoint,
    pub(super) bytes: usize,
    /// It is sent outside the session.
    pub(super) is_plain: bool,
}

impl Outgoing {
    pub(super) fn custom(endpoint: Endpoint, bytes: usize, is_plain: bool) -> Self {
        let what = format!("the message for {endpoint}");
        Self { stage: Stage::Custom, what, endpoint, bytes, is_plain }
    }
}

/// The length of the tag that security 2 appends to each message, in bytes.
const TAG: usize = 16;

/// Checks all messages. `scheme` is that of the session, if it is known.
pub(super) fn check(
    messages: Vec<Outgoing>,
    connect: &dyn Connect,
    scheme: Option<Scheme>,
) -> Result<(), Error> {
    for Outgoing { stage, what, endpoint, bytes, is_plain } in messages {
        let scheme = scheme.filter(|scheme| *scheme == Scheme::Sec2 && !is_plain);
        let tag = if scheme.is_some() { TAG } else { 0 };
        let limit = connect.longest(&endpoint).saturating_sub(tag);
        if bytes > limit {
            return Err(Error::new(stage, Cause::TooLong { what, bytes, limit, scheme }));
        }
    }
    Ok(())
}
