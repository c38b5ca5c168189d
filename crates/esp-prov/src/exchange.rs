//! An exchange with all that is known of it, secrets included: for whoever records it.

use std::time::Duration;

use protocomm::{Credentials, Scheme};
use serde::{Deserialize, Serialize};

/// One request and its result. Exhaustive, so that readers of other recordings can construct it.
#[derive(Clone, Copy)]
pub struct ExchangeRecord<'a> {
    /// Where to, as it was on the wire: in a capture it may be anything.
    pub endpoint: &'a str,
    /// What was sent; `None` where a capture does not have it.
    pub request: Option<Body<'a>>,
    /// What came back, if anything did.
    pub reply: Option<Body<'a>>,
    /// What went wrong, in the transport or with the reply.
    pub failure: Option<Failure<'a>>,
    /// Where the client stood before, if that is known.
    pub before: Option<State>,
    /// And after.
    pub after: Option<State>,
    /// How long it took.
    pub took: Option<Duration>,
    /// The scheme of the session or of the handshake.
    pub scheme: Option<Scheme>,
    /// What the client proves with; in a handshake only.
    pub credentials: Option<&'a Credentials>,
    /// Whether all messages of the session are encrypted under one nonce, so that one that is
    /// known gives the others away.
    pub repeats_nonce: bool,
    /// Whether its bytes on the wire may be shown: they hold no secret, or hide it.
    pub is_public: bool,
}

/// Bytes, as they were on the wire and as they are in the clear.
#[derive(Clone, Copy)]
pub struct Body<'a> {
    /// As carried.
    pub wire: &'a [u8],
    /// Without the encryption; `None` for a reply that did not decrypt.
    pub plain: Option<&'a [u8]>,
    /// Whether the two differ.
    pub sealed: bool,
}

impl<'a> Body<'a> {
    /// Of what is never encrypted.
    pub fn in_clear(wire: &'a [u8]) -> Self {
        Self { wire, plain: Some(wire), sealed: false }
    }
}

/// What went wrong.
#[derive(Clone, Copy)]
pub struct Failure<'a> {
    /// A word for it.
    pub kind: &'static str,
    /// The error's own words; never a secret.
    pub words: &'a (dyn std::fmt::Display + Sync),
    /// Of an HTTP answer that is no reply.
    pub http_status: Option<u16>,
}

/// Where a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There is a link, and no session.
    Connected,
    /// The first half of the handshake is on its way.
    Handshake,
    /// The second: both sides prove that they hold the same secret.
    Proof,
    /// A session is open.
    Session,
    /// Link or session are lost.
    Over,
}
