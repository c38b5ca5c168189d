//! What can be wrong with bytes from the other side.

use alloc::string::String;

use thiserror::Error;

use crate::{Endpoint, Status};

/// A message that is not what its place in the protocol calls for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// No bytes at all.
    #[error("the reply is empty")]
    Empty,
    /// Not protobuf, cut off, or with bytes left over.
    #[error("not a protocomm message: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// Another message than the one that fits here.
    #[error("expected {expected}, got message type {got}")]
    Unexpected {
        /// The message that fits.
        expected: &'static str,
        /// The type number that came.
        got: i32,
    },
    /// The message type and its payload do not belong together, or the payload is missing.
    #[error("{0} came without its payload")]
    MissingPayload(&'static str),
    /// A field that must not be empty.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field whose length is fixed by the protocol.
    #[error("{field} has {got} bytes instead of {expected}")]
    Length {
        /// The field's name in the schema.
        field: &'static str,
        /// What it must be.
        expected: usize,
        /// What it was.
        got: usize,
    },
    /// More entries than were asked for.
    #[error("{reply} has {got} entries, but {asked} were requested")]
    TooMany {
        /// The message.
        reply: &'static str,
        /// How many may be in it.
        asked: u32,
        /// How many are.
        got: u32,
    },
}

/// Why a handshake did not end in a session.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The device's proof does not match: it does not hold the same secret.
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
    /// The device's public key forces a shared secret that anybody knows.
    #[error("the device sent a public key that makes the shared secret zero")]
    WeakKey,
    /// The device said no.
    #[error("the device refused the handshake: {0}")]
    Refused(Status),
    /// The reply is not a handshake message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Why a session is over. A session does not survive any of these.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The request has no bytes: no firmware answers an empty request
    /// (`protocomm_httpd.c`, `protocomm_nimble.c`, `malloc(0)` in `security1.c`).
    #[error("an empty request to {0} can't be sent")]
    EmptyRequest(Endpoint),
    /// The reply was not encrypted by this session's peer, or not as its next message.
    #[error("the reply from {endpoint} does not decrypt")]
    Undecryptable {
        /// Where it came from.
        endpoint: Endpoint,
    },
    /// All nonces of this session are used.
    #[error("the session has no message numbers left")]
    CounterExhausted,
    /// The reply makes no sense once decrypted. Security 1 has no checksum, so this is how a
    /// cipher that has drifted from its peer shows.
    #[error("the reply from {endpoint} does not decode: {error}")]
    Decode {
        /// Where it came from.
        endpoint: Endpoint,
        /// What is wrong with it.
        error: DecodeError,
        /// Whether it was encrypted, so that a drifted cipher is the likely reason.
        sealed: bool,
    },
}

/// The device understood the command and refused it. The session continues.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the device refused {command}: {status}")]
#[non_exhaustive]
pub struct Refusal {
    /// What it refused.
    pub command: String,
    /// The reason it gives.
    pub status: Status,
}

impl Refusal {
    /// Of `command`, usually a [`Command::NAME`](crate::Command::NAME).
    pub fn new(command: impl Into<String>, status: Status) -> Self {
        Self { command: command.into(), status }
    }
}
