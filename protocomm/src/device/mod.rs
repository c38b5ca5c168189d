//! The answering half: what firmware and virtual devices run behind their transports.
//!
//! [`Responder`] is as strict as the vendor's newest C code (`protocomm.c`, `security0.c`,
//! `security1.c`, `security2.c` of ESP-IDF v5.5.5, `network_config.c`, `network_scan.c`, `network_ctrl.c`,
//! `manager.c` of network_provisioning 1.2.4): one session at a time, nothing on a request
//! endpoint before it, lengths checked, and no reply at all to what makes no sense. How "no
//! reply" looks is up to the transport: HTTP closes the socket.

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
