//! A record of one exchange, including its secrets, for observers that record traffic.

use std::time::Duration;

use protocomm::{Credentials, Scheme};
use serde::{Deserialize, Serialize};

/// One request and its result. This struct is exhaustive, so that readers of other recordings can
/// construct it.
#[derive(Clone, Copy)]
pub struct ExchangeRecord<'a> {
    /// The endpoint's name as it was on the wire. In a capture it may be any text.
    pub endpoint: &'a str,
    /// The request; `None` if a capture does not contain it.
    pub request: Option<Body<'a>>,
    /// The reply, if there was one.
    pub reply: Option<Body<'a>>,
    /// What went wrong, either in the transport or with the reply.
    pub failure: Option<Failure<'a>>,
    /// The client's state before the exchange, if it is known.
    pub before: Option<State>,
    /// The client's state after the exchange, if it is known.
    pub after: Option<State>,
    /// How long the exchange took, if that is known.
    pub took: Option<Duration>,
    /// The scheme of the session or of the handshake.
    pub scheme: Option<Scheme>,
    /// The client's credentials; present in a handshake only.
    pub credentials: Option<&'a Credentials>,
    /// Whether the session encrypts all messages under the same nonce. One known message then
    /// reveals the others.
    pub repeats_nonce: bool,
    /// Whether the bytes on the wire may be shown: they contain no secret, or only an encrypted
    /// one.
    pub is_public: bool,
}

/// The bytes of a message, both as they were on the wire and decrypted.
#[derive(Clone, Copy)]
pub struct Body<'a> {
    /// The bytes on the wire.
    pub wire: &'a [u8],
    /// The decrypted bytes; `None` for a reply that could not be decrypted.
    pub plain: Option<&'a [u8]>,
    /// Whether the message was encrypted.
    pub sealed: bool,
}

impl<'a> Body<'a> {
    /// The body of a message that is never encrypted.
    pub fn in_clear(wire: &'a [u8]) -> Self {
        Self { wire, plain: Some(wire), sealed: false }
    }
}

/// What went wrong.
#[derive(Clone, Copy)]
pub struct Failure<'a> {
    /// A short name for the kind of failure.
    pub kind: &'static str,
    /// The error message; it never contains a secret.
    pub words: &'a (dyn std::fmt::Display + Sync),
    /// The HTTP status, for an HTTP answer that is not a protocomm reply.
    pub http_status: Option<u16>,
}

/// The state of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There is a link but no session.
    Connected,
    /// The first half of the handshake is in progress.
    Handshake,
    /// The second half of the handshake is in progress: both sides prove that they hold the same
    /// secret.
    Proof,
    /// A session is open.
    Session,
    /// The link or the session was lost.
    Over,
}
