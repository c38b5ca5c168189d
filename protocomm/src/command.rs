//! A command: one request and its reply as a pair of types.

use alloc::vec::Vec;
use core::time::Duration;

use zeroize::Zeroizing;

use crate::{DecodeError, Endpoint, Refusal, Request};

/// What a command is for. Exhaustive, so that a client can name the stage of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// Stores a network in the device.
    SetConfig,
    /// Makes the device join the stored network.
    ApplyConfig,
    /// Asks for the state of the join.
    Status,
    /// Has the device look for networks.
    Scan,
    /// Resets or re-provisions the device.
    Control,
    /// A command of the application.
    Custom,
}

/// A request that a session can carry, and how to read its reply.
pub trait Command {
    /// The content of a reply that reports success.
    type Reply;

    /// The name of the command in the protocol, for errors and logs.
    const NAME: &'static str;

    /// What the command is for.
    const KIND: CommandKind = CommandKind::Custom;

    /// How long the device may take to reply. Raise it for a command that is slow by nature.
    const REPLY_WITHIN: Duration = Request::REPLY_WITHIN;

    /// The endpoint it is sent to.
    fn endpoint(&self) -> Endpoint;

    /// The plaintext of the request. It must not be empty.
    fn encode(&self) -> Zeroizing<Vec<u8>>;

    /// The most entries that a reply with a list may have; `None` for no limit. A session refuses a
    /// longer list, and counts the entries before it takes memory for them.
    fn most_entries(&self) -> Option<u32> {
        None
    }

    /// Reads a decrypted reply: the status first, and the content only if the status is `Success`.
    ///
    /// # Errors
    /// [`DecodeError`]: the bytes are not a reply to this command. A device's [`Refusal`] is not
    /// an error of this kind.
    fn decode(reply: &[u8]) -> Result<Result<Self::Reply, Refusal>, DecodeError>;
}
