//! The device half itself: one request in, one reply or none out.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use prost::Message;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    Action, Backend, NoReply, ResetRule, SrpVerifier, manager::Manager, provisioning::Provisioning,
};
use crate::{
    Endpoint, ProofOfPossession, Scheme, Status,
    security::{Cipher, sec0, sec1, sec2},
    wire::{self, SessionData},
};

/// The security scheme a device was built with, and its secret.
#[derive(Clone, Debug)]
pub enum Security {
    /// Security 0, which is none: endpoints answer without any handshake.
    Sec0,
    /// Security 1.
    Sec1 {
        /// The proof of possession; empty for none.
        pop: ProofOfPossession,
    },
    /// Security 2.
    Sec2 {
        /// What the device stores instead of a password.
        verifier: SrpVerifier,
        /// The patch level, which decides how nonces are made.
        patch: Patch,
    },
}

/// The patch level of security 2 (`sec_patch_ver`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// One nonce for all messages: ESP-IDF v5.0 to v5.0.8, v5.1 to v5.1.6, v5.2 to v5.2.5, v5.3 to
    /// v5.3.2, and v5.4.
    Zero,
    /// A nonce with a counter: ESP-IDF v5.0.9, v5.1.7, v5.2.6, v5.3.3, v5.4.1, v5.5 and later.
    One,
}

impl Security {
    /// The scheme, without its secret.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Sec0 => Scheme::Sec0,
            Self::Sec1 { .. } => Scheme::Sec1,
            Self::Sec2 { .. } => Scheme::Sec2,
        }
    }
}

/// The device half of the protocol, over a [`Backend`].
pub struct Responder<B, R> {
    security: Security,
    version: String,
    config: bool,
    control: bool,
    scan: bool,
    session: Session,
    manager: Manager,
    backend: B,
    rng: R,
}

enum Session {
    None,
    Verifying1(sec1::DeviceExpectVerify),
    Verifying2(sec2::DeviceExpectVerify),
    Open(Cipher),
}

/// A reply, and what the request made the device do.
#[derive(Debug)]
pub struct Answer {
    /// The bytes to send back. May be empty, for example on `proto-ver` if no version is set.
    pub body: Vec<u8>,
    /// What the device did.
    pub action: Action,
}

/// A reply in plaintext, and what the device did.
pub(super) type Served = Result<(Vec<u8>, Action), NoReply>;

impl<B: Backend, R: CryptoRng> Responder<B, R> {
    /// Makes a device that answers `proto-ver` with the text `version` (see
    /// [`Version`](super::Version)).
    pub fn new(security: Security, version: impl Into<String>, backend: B, rng: R) -> Self {
        Self {
            security,
            version: version.into(),
            config: true,
            control: true,
            scan: true,
            session: Session::None,
            manager: Manager::new(),
            backend,
            rng,
        }
    }

    /// Removes the endpoints of the provisioning manager, so that only the application's are left
    /// besides `proto-ver` and `prov-session`.
    #[must_use]
    pub fn session_only(mut self) -> Self {
        self.config = false;
        self.without_control().without_scan()
    }

    /// Removes the messages about Thread, as in firmware before network_provisioning.
    #[must_use]
    pub fn without_thread(mut self) -> Self {
        self.manager.knows_thread = false;
        self
    }

    /// Removes the `prov-ctrl` endpoint, as in firmware before ESP-IDF v5.1.
    #[must_use]
    pub fn without_control(mut self) -> Self {
        self.control = false;
        self
    }

    /// Removes the `prov-scan` endpoint, as in firmware without the provisioning manager.
    #[must_use]
    pub fn without_scan(mut self) -> Self {
        self.scan = false;
        self
    }

    /// Sets when a reset is allowed. The default is [`ResetRule::Anytime`].
    #[must_use]
    pub fn with_reset_rule(mut self, rule: ResetRule) -> Self {
        self.manager.reset_rule = rule;
        self
    }

    /// The radio and the application.
    pub fn backend(&mut self) -> &mut B {
        &mut self.backend
    }

    /// Begins a new transport session, which ends the secure session, if any.
    pub fn open_link(&mut self) {
        self.session = Session::None;
    }

    /// Forgets a network that could not be joined, as firmware may do by itself after the last
    /// attempt (`RESET_PROV_MGR_ON_FAILURE` of the vendor's examples).
    ///
    /// # Errors
    /// The status that a client would get: `InternalError` if the [`ResetRule`] does not allow it
    /// now, or that of [`Backend::forget`].
    pub fn reset(&mut self) -> Result<(), Status> {
        self.manager.reset(&mut self.backend)
    }

    /// Whether the device has an endpoint of this name.
    pub fn serves(&self, endpoint: &str) -> bool {
        [Endpoint::VERSION, Endpoint::SESSION].iter().any(|known| known.as_str() == endpoint)
            || (self.config && endpoint == Endpoint::CONFIG.as_str())
            || (self.scan && endpoint == Endpoint::SCAN.as_str())
            || (self.control && endpoint == Endpoint::CONTROL.as_str())
            || self.backend.endpoints().contains(&endpoint)
    }

    /// Answers one request.
    ///
    /// # Errors
    /// [`NoReply`]: the device sends nothing, and the transport shows that in its own way.
    pub fn handle(&mut self, endpoint: &str, request: &[u8]) -> Result<Answer, NoReply> {
        if !self.serves(endpoint) {
            return Err(NoReply::NoSuchEndpoint(endpoint.to_owned()));
        }
        let (body, action) = match endpoint {
            "proto-ver" => (self.version.as_bytes().to_vec(), Action::Version),
            "prov-session" => self.handshake(request)?,
            _ => self.sealed(request, |manager, backend, request| {
                let mut provisioning = Provisioning { manager, backend };
                match endpoint {
                    "prov-config" => provisioning.config(request),
                    "prov-scan" => provisioning.scan(request),
                    "prov-ctrl" => provisioning.control(request),
                    _ => {
                        let reply = provisioning.backend.custom(endpoint, request);
                        Ok((reply.ok_or(NoReply::Application)?, Action::Custom(request.len())))
                    }
                }
            })?,
        };
        Ok(Answer { body, action })
    }

    /// Answers one request through the session with what `answer` returns for its plaintext,
    /// whichever endpoint it is for. This is for devices with a script of their own, such as a
    /// replay.
    ///
    /// # Errors
    /// [`NoReply`]: no session is open, the request does not decrypt or is empty, or `answer`
    /// returns it.
    pub fn handle_with(
        &mut self,
        request: &[u8],
        answer: impl FnOnce(&[u8]) -> Result<(Vec<u8>, Action), NoReply>,
    ) -> Result<Answer, NoReply> {
        let (body, action) = self.sealed(request, |_, _, request| answer(request))?;
        Ok(Answer { body, action })
    }

    fn handshake(&mut self, request: &[u8]) -> Served {
        let request = SessionData::decode(request)?;
        let scheme = self.security.scheme();
        if i64::from(request.sec_ver) != i64::from(scheme.number()) {
            let (client, device) = (request.sec_ver, scheme.number());
            return Err(NoReply::SchemeMismatch { client, device });
        }
        let (reply, action) = match &self.security {
            Security::Sec0 => (sec0::answer(), Action::SessionOpened(scheme)),
            Security::Sec1 { pop } => {
                let pop = pop.clone();
                self.handshake_sec1(request, &pop)?
            }
            Security::Sec2 { verifier, patch } => {
                let (verifier, patch) = (verifier.clone(), *patch);
                self.handshake_sec2(request, &verifier, patch)?
            }
        };
        Ok((reply.encode_to_vec(), action))
    }

    fn handshake_sec1(
        &mut self,
        request: SessionData,
        pop: &ProofOfPossession,
    ) -> Result<(SessionData, Action), NoReply> {
        let is_first = matches!(
            &request.proto,
            Some(wire::session_data::Proto::Sec1(message))
                if message.msg == wire::Sec1MsgType::SessionCommand0 as i32
        );
        if is_first {
            let (state, reply) = sec1::DeviceExpectVerify::start(request, pop, &mut self.rng)?;
            self.session = Session::Verifying1(state);
            return Ok((reply, Action::KeysExchanged));
        }
        let Session::Verifying1(state) = &mut self.session else {
            return Err(NoReply::OutOfOrder);
        };
        let reply = state.verify(request)?.ok_or(NoReply::WrongProof)?;
        if let Session::Verifying1(state) = core::mem::replace(&mut self.session, Session::None) {
            self.session = Session::Open(state.into_cipher());
        }
        Ok((reply, Action::SessionOpened(Scheme::Sec1)))
    }

    fn handshake_sec2(
        &mut self,
        request: SessionData,
        verifier: &SrpVerifier,
        patch: Patch,
    ) -> Result<(SessionData, Action), NoReply> {
        let is_first = matches!(
            &request.proto,
            Some(wire::session_data::Proto::Sec2(message))
                if message.msg == wire::Sec2MsgType::S2SessionCommand0 as i32
        );
        if is_first {
            let (state, reply) = sec2::DeviceExpectVerify::start(request, verifier, &mut self.rng)?;
            self.session = Session::Verifying2(state);
            return Ok((reply, Action::KeysExchanged));
        }
        let Session::Verifying2(state) = &self.session else {
            return Err(NoReply::OutOfOrder);
        };
        let (cipher, reply) =
            state.verify(request, patch, &mut self.rng)?.ok_or(NoReply::WrongProof)?;
        self.session = Session::Open(cipher);
        Ok((reply, Action::SessionOpened(Scheme::Sec2)))
    }

    fn sealed(
        &mut self,
        request: &[u8],
        answer: impl FnOnce(&mut Manager, &mut B, &[u8]) -> Served,
    ) -> Served {
        let mut request = Zeroizing::new(request.to_vec());
        match (&self.security, &mut self.session) {
            (Security::Sec0, _) => {}
            (_, Session::Open(cipher)) => {
                cipher.open(&mut request).map_err(|_| NoReply::Undecryptable)?;
                if request.is_empty() {
                    return Err(NoReply::Empty);
                }
            }
            _ => return Err(NoReply::NoSession),
        }
        let (mut reply, action) = answer(&mut self.manager, &mut self.backend, &request)?;
        if let Session::Open(cipher) = &mut self.session {
            cipher.seal(&mut reply).map_err(|_| NoReply::Undecryptable)?;
        }
        Ok((reply, action))
    }
}
