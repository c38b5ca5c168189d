//! The device's half: what firmware and virtual devices run behind their transports.
//!
//! [`Responder`] is as strict as the vendor's newest C code (`protocomm.c`, `security0.c`,
//! `security1.c` and `security2.c` of ESP-IDF v5.5.5; `network_config.c`, `network_scan.c`,
//! `network_ctrl.c` and `manager.c` of network_provisioning 1.2.4). It has one session at a time,
//! serves no request endpoint before the session is open, checks lengths, and gives no reply at all
//! to a request that does not decode. What "no reply" looks like is up to the transport: HTTP, for
//! example, closes the socket.

mod action;
mod backend;
mod manager;
mod provisioning;
mod responder;
mod verifier;
mod version;

pub use self::{
    action::{Action, NoReply},
    backend::{Backend, WifiConfig},
    manager::ResetRule,
    responder::{Answer, Patch, Responder, Security},
    verifier::SrpVerifier,
    version::Version,
};
