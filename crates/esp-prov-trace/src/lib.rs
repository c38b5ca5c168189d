//! A trace: what went over the wire and what it meant, one JSON object per line.
//!
//! ```text
//!  esp_prov: Event::Exchange ──▶ record ──▶ Record ──▶ Tracer, Folder ──▶ a file ──▶ read
//!  a file of packets ──▶ capture::read ──────┘ ▲                                      │
//!                                              └──────────────────────────────────────┘
//! ```
//!
//! The first line describes the file; each other line is an exchange. Every line is written at once,
//! so a trace can be read up to its last complete line while it is being written. Secrets are left
//! out: from messages the passphrase, the dataset and whatever the schema does not know; from bytes
//! everything from which a secret could be derived. A trace with secrets has all of these, the
//! credentials, and the plaintext of every message.
//!
//! # Example
//!
//! ```
//! let trace = esp_prov_trace::read(
//!     br#"{"trace":1,"tool":"mine","began":"2026-01-01T00:00:00Z","address":"virtual","secrets":false}
//! {"exchange":1,"endpoint":"proto-ver","request":{"size":3,"sealed":false,"bytes":"455350"}}
//! "#,
//! )?;
//! let (_, exchange) = &trace.records[0];
//! assert_eq!(exchange.endpoint, "proto-ver");
//! let request = exchange.request.as_ref().and_then(|request| request.wire());
//! assert_eq!(request.as_deref(), Some(&b"ESP"[..]));
//! # Ok::<(), esp_prov_trace::Invalid>(())
//! ```

#[cfg(feature = "capture")]
pub mod capture;
mod folder;
mod read;
mod write;

use esp_prov::exchange::{Body, State};
use protocomm::tree::Direction;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

pub use self::{
    folder::{Folder, file_of},
    read::{Invalid, Trace, read},
    write::{Tracer, record},
};

/// Counts the incompatible versions of the format.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Head {
    /// [`VERSION`].
    pub trace: u32,
    /// What wrote it.
    pub tool: String,
    /// When, as RFC 3339.
    pub began: String,
    /// The device.
    pub address: String,
    /// Whether secrets are in it.
    pub secrets: bool,
}

/// An exchange. What is not known is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// Its number, from 1.
    pub exchange: u64,
    /// The packet of a capture in which its request is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packet: Option<u64>,
    /// When it ended (in a capture: began), as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Where to.
    pub endpoint: String,
    /// Where the client stood before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<State>,
    /// And after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<State>,
    /// The number of the security scheme of handshake or session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<u32>,
    /// Whether the session encrypts all messages under one nonce.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeats_nonce: bool,
    /// How long it took, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_us: Option<u64>,
    /// What was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Part>,
    /// What came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Part>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failed>,
    /// What the client proves with: in handshakes, in a trace with secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Secrets>,
}

/// A request or a reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// Its bytes on the wire.
    pub size: usize,
    /// Whether they are encrypted.
    pub sealed: bool,
    /// The bytes in hexadecimal, unless a secret could be had from them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// The plaintext of sealed bytes in hexadecimal, in a trace with secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<String>,
    /// What it says, where it can be read: a message by its name in the schema, or text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Value>,
}

/// What went wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failed {
    /// A word for it: `no-reply`, `timed-out`, `lost`, `connect`, …; `handshake` and `session`
    /// where the reply makes no sense.
    pub kind: String,
    /// The error's own words.
    pub error: String,
    /// Of an HTTP answer that is no reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
}

/// What a client proves with, in hexadecimal.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Of security 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pop: Option<String>,
    /// Of security 2, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Of security 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets([redacted])")
    }
}

impl Head {
    /// Of a trace that begins now.
    pub fn new(address: &str, secrets: bool) -> Self {
        Self {
            trace: VERSION,
            tool: concat!("esp-prov-rs ", env!("CARGO_PKG_VERSION")).to_owned(),
            began: write::now(),
            address: address.to_owned(),
            secrets,
        }
    }
}

impl Record {
    /// The same, read again from its bytes where they are here; without secrets, or with those
    /// it has.
    #[must_use]
    pub fn retold(&self, secrets: bool) -> Self {
        let again = |direction, part: &Option<Part>| {
            let part = part.as_ref()?;
            let (wire, plain) = (part.wire(), part.in_clear().map(Zeroizing::new));
            let (Some(wire), plain) = (wire, plain.as_ref().map(|plain| plain.as_slice())) else {
                return Some(part.clone());
            };
            let body = Body { wire: &wire, plain, sealed: part.sealed };
            let mut told =
                write::part(&self.endpoint, self.repeats_nonce, direction, &body, secrets);
            if plain.is_none() {
                told.message.clone_from(&part.message);
            }
            Some(told)
        };
        Self {
            request: again(Direction::Request, &self.request),
            reply: again(Direction::Reply, &self.reply),
            credentials: self.credentials.clone().filter(|_| secrets),
            ..self.clone()
        }
    }
}

impl Part {
    /// The bytes on the wire, if they are here.
    pub fn wire(&self) -> Option<Vec<u8>> {
        self.bytes.as_deref().and_then(|text| hex::decode(text).ok())
    }

    /// The bytes in the clear, if they are here.
    pub fn in_clear(&self) -> Option<Vec<u8>> {
        match &self.plain {
            Some(plain) => hex::decode(plain).ok(),
            None if self.sealed => None,
            None => self.wire(),
        }
    }
}
