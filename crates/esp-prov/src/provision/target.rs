//! What there is to work on.

use crate::{address::Address, transport::Connect};

/// A device to work on: its name for messages, and the way to it.
pub struct Target<'a> {
    /// For events.
    pub address: Address,
    /// The way.
    pub connect: &'a dyn Connect,
}
