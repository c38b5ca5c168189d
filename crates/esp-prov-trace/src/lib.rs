//! A trace: what went over the wire and what it meant, one JSON object per line.
//!
//! ```text
//!  esp_prov: Event::Exchange ──▶ record ──▶ Record ──▶ Tracer, Folder ──▶ a file ──▶ read
//!  a file of packets ──▶ capture::read ──────┘ ▲                                      │
//!                                              └──────────────────────────────────────┘
//! ```
//!
//! The first line describes the file; each other line is an exchange. Every line is written at
//! once, so a trace can be read up to its last complete line while it is being written. By default,
//! secrets are left out: from messages, the passphrase, the dataset and whatever is not in the
//! schema; and all bytes from which a secret could be derived. A trace with secrets has all of
//! these, the credentials, and the plaintext of every message.
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

/// The version of the format. Only incompatible changes raise it.
pub const VERSION: u32 = 1;

/// The first line of a trace.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Head {
    /// The version of the format, see [`VERSION`].
    pub trace: u32,
    /// The program that wrote it, and its version.
    pub tool: String,
    /// When it began, as in RFC 3339.
    pub began: String,
    /// The address of the device.
    pub address: String,
    /// Whether it contains secrets.
    pub secrets: bool,
}

/// One exchange: a request and its reply or failure. What is not known is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// Its number, counted from 1.
    pub exchange: u64,
    /// In a capture: the number of the packet with its request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packet: Option<u64>,
    /// When it ended, as in RFC 3339. In a capture: when it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The name of the endpoint.
    pub endpoint: String,
    /// The state of the client before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<State>,
    /// The state of the client after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<State>,
    /// The number of the security scheme of the handshake or session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<u32>,
    /// Whether the session encrypts all messages under one nonce.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeats_nonce: bool,
    /// How long it took, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_us: Option<u64>,
    /// The request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Part>,
    /// The reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Part>,
    /// What went wrong, if anything did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failed>,
    /// The client's credentials: for handshakes in a trace with secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Secrets>,
}

/// A request or a reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// The number of bytes on the wire.
    pub size: usize,
    /// Whether they are encrypted.
    pub sealed: bool,
    /// The bytes on the wire in hexadecimal, unless a secret could be derived from them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// The plaintext of encrypted bytes in hexadecimal, in a trace with secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<String>,
    /// The content, if it can be read: a message under its name in the schema, text, or bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Value>,
}

/// What went wrong in an exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failed {
    /// The kind of failure: `no-reply`, `timed-out`, `lost`, `connect`, …; `handshake` or `session`
    /// if the reply was invalid.
    pub kind: String,
    /// The error message.
    pub error: String,
    /// The status of an HTTP response that is not a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
}

/// The credentials of a client.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// The proof of possession of security 1, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pop: Option<String>,
    /// The user name of security 2, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password of security 2, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets([redacted])")
    }
}

impl Head {
    /// The head of a trace that begins now.
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
    /// The same exchange with its messages read again from the bytes, if the record has them:
    /// without secrets, or with those that the record contains.
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
    /// The bytes on the wire, if the record has them.
    pub fn wire(&self) -> Option<Vec<u8>> {
        self.bytes.as_deref().and_then(|text| hex::decode(text).ok())
    }

    /// The plaintext, if the record has it.
    pub fn in_clear(&self) -> Option<Vec<u8>> {
        match &self.plain {
            Some(plain) => hex::decode(plain).ok(),
            None if self.sealed => None,
            None => self.wire(),
        }
    }
}
