//! The device that is shared by all links.

use alloc::vec::Vec;
use core::cell::RefCell;

use protocomm::{
    Password, ProofOfPossession, Scheme, Username,
    device::{Backend, NoReply, Patch, Responder, Security, SrpVerifier, Version},
};
use rand_core::CryptoRng;

use crate::Settings;

/// A device that can be given a network. It stays available after it has joined one, like firmware
/// that has called `disable_auto_stop`, so it can be provisioned again.
///
/// All links of a board share it. It has one session, which ends when another link is used.
pub struct Device<B, R> {
    inner: RefCell<Inner<B, R>>,
}

struct Inner<B, R> {
    responder: Responder<B, R>,
    /// The link of the session.
    link: Option<Link>,
}

/// The link over which a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// UART.
    Console,
    /// `SoftAP`, or any network.
    Http,
    /// GATT.
    Ble,
}

impl<B: Backend, R: CryptoRng> Device<B, R> {
    /// Makes a device with this radio.
    pub fn new(settings: &Settings, radio: B, mut rng: R) -> Self {
        let security = match settings.scheme {
            Scheme::Sec0 => Security::Sec0,
            Scheme::Sec1 => Security::Sec1 { pop: ProofOfPossession::from(settings.secret) },
            Scheme::Sec2 => {
                Security::Sec2 { verifier: verifier(settings, &mut rng), patch: Patch::One }
            }
        };
        let mut capabilities = Vec::new();
        match settings.scheme {
            Scheme::Sec0 => capabilities.push("no_sec"),
            Scheme::Sec1 if settings.secret.is_empty() => capabilities.push("no_pop"),
            _ => {}
        }
        capabilities.extend(["wifi_prov", "wifi_scan"]);
        let version = Version {
            version: "netprov-v1.2",
            sec_ver: Some(settings.scheme.number()),
            sec_patch_ver: Some((settings.scheme == Scheme::Sec2).into()),
            capabilities: &capabilities,
        };
        let responder = Responder::new(security, version.to_text(), radio, rng);
        Self { inner: RefCell::new(Inner { responder, link: None }) }
    }

    /// Begins a new transport session, which ends the secure session, if any.
    pub fn open_link(&self, link: Link) {
        let mut inner = self.inner.borrow_mut();
        inner.responder.open_link();
        inner.link = Some(link);
    }

    /// Whether the device has an endpoint of this name.
    pub fn serves(&self, endpoint: &str) -> bool {
        self.inner.borrow().responder.serves(endpoint)
    }

    /// The names of the application's own endpoints.
    pub fn custom_endpoints(&self) -> Vec<alloc::string::String> {
        let mut inner = self.inner.borrow_mut();
        inner.responder.backend().endpoints().iter().map(|&name| name.into()).collect()
    }

    /// Answers one request.
    ///
    /// # Errors
    /// [`NoReply`]: each link shows it in its own way.
    pub fn handle(&self, link: Link, endpoint: &str, request: &[u8]) -> Result<Vec<u8>, NoReply> {
        let is_other = self.inner.borrow().link != Some(link);
        if is_other {
            self.open_link(link);
        }
        let mut inner = self.inner.borrow_mut();
        inner.responder.handle(endpoint, request).map(|answer| answer.body)
    }
}

fn verifier(settings: &Settings, rng: &mut impl CryptoRng) -> SrpVerifier {
    let Some(username) = Username::new(settings.username) else {
        panic!("ESP_PROV_USERNAME is empty");
    };
    SrpVerifier::generate(&username, &Password::from(settings.secret), SrpVerifier::SALT, rng)
}
