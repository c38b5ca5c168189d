//! Espressif's *protocomm* and *unified provisioning*, both halves, without IO and without a clock.
//!
//! ```text
//!            Capabilities::parse           Handshake::start        Session::seal
//!  proto-ver ───────────────────▶ security ───────────────▶ ┌──────────────────▶ Pending
//!   (text)                                 ◀─────────────┐  │                      │
//!                                          Step::Send    │  │                      │ open
//!                                          Handshake::   │  └──── Session ◀────────┘
//!                                            handle ─────┘ Step::Done      + reply or Refusal
//!
//!        bytes go to an endpoint ▼                                    ▲ bytes come back
//!  ─────────────────────────────────── any transport ─────────────────────────────────────
//!                                ▼                                    ▲
//!                          Responder::handle (feature `device`) ──▶ Backend: the radio
//! ```
//!
//! One request goes to one named [`Endpoint`] and gets one reply or none; the device never speaks
//! first. [`Handshake`] is consumed by each reply and ends in a [`Session`]. [`Session::seal`]
//! consumes the session, and only [`Pending::open`] with the matching reply returns it: a lost
//! reply loses the session, because the ciphers on both sides have drifted apart (security 1 runs
//! one keystream for both directions, security 2 one counter; `security1.c`, `security2.c`, ESP-IDF
//! v5.5). So a sealed request can't be sent twice, and the unit of retry is the whole session.
//!
//! Randomness is passed in, and each [`Request`] says how long to wait for its reply.
//!
//! Errors and types that hold what a device reports may grow with the protocol, so they are
//! `#[non_exhaustive]`. Messages, and types that must be handled in full, such as [`Scheme`] and
//! [`Step`], are not: the compiler points out a new member wherever one is written or matched.
//!
//! Sockets, radios, timeouts and retries are **not** here; see the `esp_prov` crate for those.
//!
//! # Example: a whole exchange in memory
//!
#![cfg_attr(feature = "device", doc = "```")]
#![cfg_attr(not(feature = "device"), doc = "```ignore")]
//! use protocomm::commands::{GetWifiStatus, WifiStatus};
//! use protocomm::device::{Backend, Responder, Security, WifiConfig};
//! use protocomm::{Capabilities, Credentials, Handshake, ProofOfPossession, Status, Step};
//! # struct Rng(u8);
//! # impl protocomm::rand_core::TryRng for Rng {
//! #     type Error = core::convert::Infallible;
//! #     fn try_next_u32(&mut self) -> Result<u32, Self::Error> { Ok(7) }
//! #     fn try_next_u64(&mut self) -> Result<u64, Self::Error> { Ok(7) }
//! #     fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
//! #         for byte in to { self.0 = self.0.wrapping_mul(31).wrapping_add(7); *byte = self.0; }
//! #         Ok(())
//! #     }
//! # }
//! # impl protocomm::rand_core::TryCryptoRng for Rng {}
//! struct Radio;
//! impl Backend for Radio {
//!     fn join(&mut self, _: WifiConfig) -> Result<(), Status> { Ok(()) }
//!     fn status(&mut self) -> Result<WifiStatus, Status> {
//!         Ok(WifiStatus::Connecting { attempts_remaining: None })
//!     }
//! }
//!
//! let pop = ProofOfPossession::from("abcd1234");
//! let security = Security::Sec1 { pop: pop.clone() };
//! let mut device = Responder::new(security, "V0.1", Radio, Rng(1));
//!
//! let credentials = Credentials::Sec1 { pop };
//! let known = Capabilities::parse(b"V0.1");
//! let (mut handshake, mut request) = Handshake::start(&credentials, &known, &mut Rng(2))?;
//! let session = loop {
//!     let reply = device.handle(request.endpoint.as_str(), &request.body)?.body;
//!     match handshake.handle(&reply)? {
//!         Step::Send(next, then) => (handshake, request) = (next, then),
//!         Step::Done(session) => break session,
//!     }
//! };
//!
//! let (request, pending) = session.seal(&GetWifiStatus)?;
//! let reply = device.handle(request.endpoint.as_str(), &request.body)?.body;
//! let (_session, answer) = pending.open(&reply)?;
//! assert_eq!(answer?, WifiStatus::Connecting { attempts_remaining: None });
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

#![no_std]
// On docs.rs, marks the items that need the feature `device`.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

pub mod ble;
mod capabilities;
mod command;
pub mod commands;
pub mod console;
mod credentials;
#[cfg(feature = "device")]
pub mod device;
mod error;
mod given;
mod handshake;
pub mod http;
mod label;
mod network;
mod request;
#[allow(missing_docs)]
#[rustfmt::skip]
mod schema;
mod secret;
mod security;
mod session;
mod status;
mod thread;
pub mod tree;
mod wire_debug;

/// The messages as they are on the wire, generated from `proto/`. The rest of this crate has types
/// of its own; these are for tools that take messages apart.
#[allow(missing_docs, clippy::pedantic, clippy::enum_variant_names)]
#[rustfmt::skip]
pub mod wire;

pub use rand_core;

#[doc(hidden)]
pub use self::given::checked;
pub use self::{
    capabilities::{Application, Capabilities, NetworkKind},
    command::{Command, CommandKind},
    credentials::{Credentials, Scheme, VerifierMaker},
    error::{DecodeError, HandshakeError, Refusal, SessionError},
    given::{Given, Harmless, IsHarmless},
    handshake::{Handshake, Step},
    label::{InvalidLabel, Label, LabelTransport},
    network::{Bssid, InvalidNetwork, Ssid, is_channel},
    request::{Endpoint, InvalidEndpoint, Request},
    secret::{Passphrase, Password, ProofOfPossession, Username},
    session::{Opened, Pending, Session},
    status::Status,
    thread::{ExtPanId, InvalidDataset, NetworkKey, ThreadDataset},
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
