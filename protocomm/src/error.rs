//! What can be wrong with messages from the other side.

use alloc::string::String;

use thiserror::Error;

use crate::{Endpoint, Status};

/// Why a message is not the one that the protocol calls for at this point.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// There are no bytes.
    #[error("the reply is empty")]
    Empty,
    /// The bytes are not protobuf, or are cut off.
    #[error("not a protocomm message: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// It is another message than the expected one.
    #[error("expected {expected}, got message type {got}")]
    Unexpected {
        /// The expected message.
        expected: &'static str,
        /// The number of the message type that came.
        got: i32,
    },
    /// The payload is missing, or does not belong to the message type.
    #[error("{0} came without its payload")]
    MissingPayload(&'static str),
    /// A field that must not be empty is.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field has a length that the protocol does not allow.
    #[error("{field} has {got} bytes instead of {expected}")]
    Length {
        /// The field's name in the schema.
        field: &'static str,
        /// The right length in bytes.
        expected: usize,
        /// The length it has, in bytes.
        got: usize,
    },
    /// A list has more entries than were asked for.
    #[error("{reply} has {got} entries, but {asked} were requested")]
    TooMany {
        /// The name of the command.
        reply: &'static str,
        /// How many entries were asked for.
        asked: u32,
        /// How many came.
        got: u32,
    },
}

/// Why a handshake did not end in a session.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The device's proof is wrong: it does not hold the same secret.
    #[error("the device does not hold the same secret")]
    ProofMismatch,
    /// The device answers with another security scheme.
    #[error("the device answers with security {device}, not with security {ours}")]
    SchemeMismatch {
        /// The scheme we started.
        ours: u32,
        /// The `sec_ver` of the reply.
        device: i32,
    },
    /// The device's public key leads to a shared secret that anybody knows.
    #[error("the device sent a public key that makes the shared secret zero")]
    WeakKey,
    /// The device replied with a status other than `Success`.
    #[error("the device refused the handshake: {0}")]
    Refused(Status),
    /// The reply is not a handshake message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Why a session is over: no session survives any of these.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The request is empty, which no firmware answers (`protocomm_httpd.c`, `protocomm_nimble.c`,
    /// `malloc(0)` in `security1.c`).
    #[error("an empty request to {0} can't be sent")]
    EmptyRequest(Endpoint),
    /// The reply was not encrypted by this session's peer, or not as its next message. Only
    /// security 2 can tell.
    #[error("the reply from {endpoint} does not decrypt")]
    Undecryptable {
        /// The endpoint that replied.
        endpoint: Endpoint,
    },
    /// All nonces of this session have been used (security 2).
    #[error("the session has no message numbers left")]
    CounterExhausted,
    /// The decrypted reply does not decode. Security 1 has no checksum, so a keystream that has
    /// drifted from the device's shows here.
    #[error("the reply from {endpoint} does not decode: {error}")]
    Decode {
        /// The endpoint that replied.
        endpoint: Endpoint,
        /// What is wrong with the reply.
        error: DecodeError,
        /// Whether a drifted cipher may be the reason: the reply was encrypted, and is not a list
        /// that is merely too long.
        sealed: bool,
    },
}

/// The device understood a command and refused it. The session continues.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the device refused {command}: {status}")]
#[non_exhaustive]
pub struct Refusal {
    /// The name of the command.
    pub command: String,
    /// The status in the reply.
    pub status: Status,
}

impl Refusal {
    /// Makes a refusal of `command`, usually a [`Command::NAME`](crate::Command::NAME).
    pub fn new(command: impl Into<String>, status: Status) -> Self {
        Self { command: command.into(), status }
    }
}
