//! One request and its reply as a pair of types.

use alloc::vec::Vec;
use core::time::Duration;

use zeroize::Zeroizing;

use crate::{DecodeError, Endpoint, Refusal, Request};

/// What a command is for. Exhaustive: a client says by it at which stage something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// Stores a network in the device.
    SetConfig,
    /// Makes the device join it.
    ApplyConfig,
    /// Asks how the join stands.
    Status,
    /// Looks for networks.
    Scan,
    /// Makes the device forget a network.
    Control,
    /// The application's.
    Custom,
}

/// A request a session can carry, and how to read its reply.
pub trait Command {
    /// What comes back when the device says yes.
    type Reply;

    /// Its name in the protocol, for errors and logs.
    const NAME: &'static str;

    /// What it is for.
    const KIND: CommandKind = CommandKind::Custom;

    /// How long the device may take, unless it is slow by nature.
    const REPLY_WITHIN: Duration = Request::REPLY_WITHIN;

    /// Where it goes.
    fn endpoint(&self) -> Endpoint;

    /// The plaintext.
    fn encode(&self) -> Zeroizing<Vec<u8>>;

    /// How many entries the reply may have where it is a list: a session takes no more, and counts
    /// them before any takes memory.
    fn most_entries(&self) -> Option<u32> {
        None
    }

    /// Reads a decrypted reply: the status first, the content only if that was `Success`.
    fn decode(reply: &[u8]) -> Result<Result<Self::Reply, Refusal>, DecodeError>;
}
