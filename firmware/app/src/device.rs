//! The device behind its links.

use alloc::vec::Vec;

use protocomm::{
    Password, ProofOfPossession, Scheme, Username,
    device::{Backend, NoReply, Patch, Responder, Security, SrpVerifier, Version},
};
use rand_core::CryptoRng;

use crate::Settings;

/// A device that waits for a network. It stays when it has joined one, as firmware does that has
/// called `disable_auto_stop`, so that it can be provisioned again.
pub struct Device<B, R> {
    responder: Responder<B, R>,
}

impl<B: Backend, R: CryptoRng> Device<B, R> {
    /// A device with this radio.
    pub fn new(settings: &Settings, radio: B, mut rng: R) -> Self {
        let mut capabilities = Vec::new();
        let security = match settings.scheme {
            Scheme::Sec0 => {
                capabilities.push("no_sec");
                Security::Sec0
            }
            Scheme::Sec1 => {
                if settings.secret.is_empty() {
                    capabilities.push("no_pop");
                }
                Security::Sec1 { pop: ProofOfPossession::from(settings.secret) }
            }
            Scheme::Sec2 => {
                Security::Sec2 { verifier: verifier(settings, &mut rng), patch: Patch::One }
            }
        };
        capabilities.extend(["wifi_prov", "wifi_scan"]);
        let version = Version {
            version: "netprov-v1.2",
            sec_ver: Some(settings.scheme.number()),
            sec_patch_ver: Some((settings.scheme == Scheme::Sec2).into()),
            capabilities: &capabilities,
        };
        Self { responder: Responder::new(security, version.to_text(), radio, rng) }
    }

    /// A new transport session begins: whatever session there was is over.
    pub fn open_link(&mut self) {
        self.responder.open_link();
    }

    /// Whether there is such an endpoint.
    pub fn serves(&self, endpoint: &str) -> bool {
        self.responder.serves(endpoint)
    }

    /// Answers one request.
    ///
    /// # Errors
    /// [`NoReply`]: each link shows it in its own way.
    pub fn handle(&mut self, endpoint: &str, request: &[u8]) -> Result<Vec<u8>, NoReply> {
        self.responder.handle(endpoint, request).map(|answer| answer.body)
    }
}

fn verifier(settings: &Settings, rng: &mut impl CryptoRng) -> SrpVerifier {
    let Some(username) = Username::new(settings.username) else {
        panic!("ESP_PROV_USERNAME is empty");
    };
    SrpVerifier::generate(&username, &Password::from(settings.secret), SrpVerifier::SALT, rng)
}
