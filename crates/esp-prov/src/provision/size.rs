//! Whether what is to be sent fits, before anything is sent: an answer, and not a transient failure.

use protocomm::{Endpoint, Scheme};

use crate::{
    error::{Cause, Error, Stage},
    transport::Connect,
};

/// A message whose length depends on what was given.
pub(super) struct Outgoing {
    pub(super) stage: Stage,
    pub(super) what: String,
    pub(super) endpoint: Endpoint,
    pub(super) bytes: usize,
    /// Outside the session.
    pub(super) is_plain: bool,
}

impl Outgoing {
    pub(super) fn custom(endpoint: Endpoint, bytes: usize, is_plain: bool) -> Self {
        let what = format!("the message for {endpoint}");
        Self { stage: Stage::Custom, what, endpoint, bytes, is_plain }
    }
}

/// The tag that security 2 puts behind each message.
const TAG: usize = 16;

/// Checks all that is to be sent; `scheme` as far as it is known.
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
