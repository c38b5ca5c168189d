//! Security 2: SRP6a with user name and password, then AES-256-GCM (`security2.c`, ESP-IDF v5.0
//! and later).
//!
//! ```text
//! client                                         device
//! S2SessionCmd0  username, A            ──▶
//!                                       ◀──      S2SessionResp0  B, salt
//! S2SessionCmd1  M1                     ──▶
//!                                       ◀──      S2SessionResp1  M2, nonce
//! ```

use alloc::{boxed::Box, vec::Vec};

use aes_gcm::{
    Aes256Gcm, AesGcm, KeyInit,
    aead::{AeadInOut, consts::U16},
    aes::Aes256,
};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    Cipher, CipherError,
    srp6a::{ClientKey, Hash, PADDED, Proofs, Secret},
    success,
};
use crate::{
    DecodeError, HandshakeError, Password, Session, Username, VerifierMaker,
    wire::{
        S2SessionCmd0, S2SessionCmd1, Sec2MsgType, Sec2Payload, SecSchemeVersion, SessionData,
        sec2_payload::Payload, session_data::Proto,
    },
};

/// Encrypts both directions of a session. How nonces are made depends on the patch level, which
/// shows in the length of the device's nonce (`security2.c`, ESP-IDF v5.0 to v5.4 and v5.4.1).
#[cfg_attr(fuzzing, derive(Clone))]
pub(crate) enum Channel {
    /// Patch level 0: 16 bytes, the same for every message.
    Fixed(Box<AesGcm<Aes256, U16>>, [u8; 16]),
    /// Patch level 1: 12 bytes, of which the last four count the messages of both directions;
    /// `None` when the counter has run out.
    Counting(Box<Aes256Gcm>, Option<[u8; 12]>),
}

impl Channel {
    fn new(key: &Hash, nonce: &[u8]) -> Result<Self, DecodeError> {
        // The key of AES is the first half of K.
        let mut half = Zeroizing::new([0; 32]);
        half.copy_from_slice(&key[..32]);
        let key: &[u8; 32] = &half;
        if let Ok(nonce) = <[u8; 12]>::try_from(nonce) {
            return Ok(Self::Counting(Box::new(Aes256Gcm::new(key.into())), Some(nonce)));
        }
        match nonce.try_into() {
            Ok(nonce) => Ok(Self::Fixed(Box::new(AesGcm::new(key.into())), nonce)),
            Err(_) => {
                Err(DecodeError::Length { field: "device_nonce", expected: 12, got: nonce.len() })
            }
        }
    }

    /// Whether every message is encrypted under the same nonce, which gives the plaintext away to
    /// an active attacker.
    pub(crate) fn repeats_nonce(&self) -> bool {
        matches!(self, Self::Fixed(..))
    }

    pub(crate) fn seal(&mut self, message: &mut Vec<u8>) -> Result<(), CipherError> {
        let sealed = match self {
            Self::Fixed(gcm, nonce) => gcm.encrypt_in_place((&*nonce).into(), &[], message),
            Self::Counting(gcm, counter) => {
                let nonce = counter.ok_or(CipherError::CounterExhausted)?;
                *counter = next(nonce);
                gcm.encrypt_in_place((&nonce).into(), &[], message)
            }
        };
        // Only a message of gigabytes could fail here.
        sealed.map_err(|_| CipherError::CounterExhausted)
    }

    /// A message that fails its check does not move the counter.
    pub(crate) fn open(&mut self, message: &mut Vec<u8>) -> Result<(), CipherError> {
        match self {
            Self::Fixed(gcm, nonce) => gcm.decrypt_in_place((&*nonce).into(), &[], message),
            Self::Counting(gcm, counter) => {
                let nonce = counter.ok_or(CipherError::CounterExhausted)?;
                let opened = gcm.decrypt_in_place((&nonce).into(), &[], message);
                if opened.is_ok() {
                    *counter = next(nonce);
                }
                opened
            }
        }
        .map_err(|_| CipherError::Forged)
    }
}

/// The next nonce; `None` if the counter would wrap, which the device refuses, too.
fn next(nonce: [u8; 12]) -> Option<[u8; 12]> {
    let [prefix @ .., a, b, c, d] = nonce;
    let counter = u32::from_be_bytes([a, b, c, d]).checked_add(1)?.to_be_bytes();
    let mut next = nonce;
    next[..prefix.len()].copy_from_slice(&prefix);
    next[prefix.len()..].copy_from_slice(&counter);
    Some(next)
}

/// Waits for the device's public key and salt.
#[cfg_attr(fuzzing, derive(Clone))]
pub(crate) struct ExpectSetup {
    key: ClientKey,
    username: Username,
    password: Password,
    made_by: VerifierMaker,
}

impl ExpectSetup {
    pub(crate) fn start(
        username: &Username,
        password: &Password,
        made_by: VerifierMaker,
        rng: &mut impl CryptoRng,
    ) -> (Self, SessionData) {
        let key = ClientKey::random(rng);
        let cmd = Payload::Sc0(S2SessionCmd0 {
            client_username: username.as_bytes().to_vec(),
            client_pubkey: key.public.to_vec(),
        });
        let (username, password) = (username.clone(), password.clone());
        (Self { key, username, password, made_by }, message(Sec2MsgType::S2SessionCommand0, cmd))
    }

    pub(crate) fn handle(
        self,
        reply: SessionData,
    ) -> Result<(ExpectVerify, SessionData), HandshakeError> {
        const EXPECTED: &str = "S2SessionResp0";
        let Payload::Sr0(reply) = payload(reply, Sec2MsgType::S2SessionResponse0, EXPECTED)? else {
            return Err(DecodeError::MissingPayload(EXPECTED).into());
        };
        success(reply.status)?;
        let (public, salt) = (reply.device_pubkey, reply.device_salt);
        if public.len() > PADDED {
            let (expected, got) = (PADDED, public.len());
            return Err(DecodeError::Length { field: "device_pubkey", expected, got }.into());
        }
        if salt.is_empty() {
            return Err(DecodeError::Missing("device_salt").into());
        }
        let username = self.username.as_bytes();
        let secret = Secret::new(&salt, username, self.password.expose(), self.made_by);
        let proofs =
            self.key.proofs(username, &secret, &salt, &public).ok_or(HandshakeError::WeakKey)?;
        let cmd = Payload::Sc1(S2SessionCmd1 { client_proof: proofs.client.to_vec() });
        Ok((ExpectVerify { proofs }, message(Sec2MsgType::S2SessionCommand1, cmd)))
    }
}

/// Waits for the device's proof.
#[cfg_attr(fuzzing, derive(Clone))]
pub(crate) struct ExpectVerify {
    proofs: Proofs,
}

impl ExpectVerify {
    pub(crate) fn handle(self, reply: SessionData) -> Result<Session, HandshakeError> {
        const EXPECTED: &str = "S2SessionResp1";
        let Payload::Sr1(reply) = payload(reply, Sec2MsgType::S2SessionResponse1, EXPECTED)? else {
            return Err(DecodeError::MissingPayload(EXPECTED).into());
        };
        success(reply.status)?;
        if !bool::from(reply.device_proof.ct_eq(&self.proofs.device)) {
            return Err(HandshakeError::ProofMismatch);
        }
        let channel = Channel::new(&self.proofs.key, &reply.device_nonce)?;
        Ok(Session::new(Cipher::Gcm(channel)))
    }
}

fn payload(
    reply: SessionData,
    msg: Sec2MsgType,
    expected: &'static str,
) -> Result<Payload, DecodeError> {
    let Some(Proto::Sec2(reply)) = reply.proto else {
        return Err(DecodeError::MissingPayload(expected));
    };
    if reply.msg != msg as i32 {
        return Err(DecodeError::Unexpected { expected, got: reply.msg });
    }
    reply.payload.ok_or(DecodeError::MissingPayload(expected))
}

fn message(msg: Sec2MsgType, payload: Payload) -> SessionData {
    SessionData {
        sec_ver: SecSchemeVersion::SecScheme2 as i32,
        proto: Some(Proto::Sec2(Sec2Payload { msg: msg as i32, payload: Some(payload) })),
    }
}

#[cfg(feature = "device")]
pub(crate) use device::DeviceExpectVerify;

/// The device's half.
#[cfg(feature = "device")]
mod device {
    use alloc::vec::Vec;

    use super::{
        Channel, Cipher, ConstantTimeEq, CryptoRng, DecodeError, PADDED, Payload, Proofs,
        Sec2MsgType, SessionData, Zeroizing, message, payload,
    };
    use crate::{
        device::{NoReply, Patch, SrpVerifier},
        security::srp6a::DeviceKey,
        wire::{S2SessionResp0, S2SessionResp1},
    };

    /// Waits for the client's proof, and goes on waiting after a wrong one.
    pub(crate) struct DeviceExpectVerify {
        proofs: Proofs,
    }

    impl DeviceExpectVerify {
        /// Answers `S2SessionCmd0`.
        pub(crate) fn start(
            request: SessionData,
            verifier: &SrpVerifier,
            rng: &mut impl CryptoRng,
        ) -> Result<(Self, SessionData), NoReply> {
            const EXPECTED: &str = "S2SessionCmd0";
            let Payload::Sc0(request) = payload(request, Sec2MsgType::S2SessionCommand0, EXPECTED)?
            else {
                return Err(DecodeError::MissingPayload(EXPECTED).into());
            };
            if request.client_username.is_empty() {
                return Err(DecodeError::Missing("client_username").into());
            }
            let got = request.client_pubkey.len();
            let public: [u8; PADDED] = request.client_pubkey.try_into().map_err(|_| {
                DecodeError::Length { field: "client_pubkey", expected: PADDED, got }
            })?;
            let key = DeviceKey::random(&verifier.verifier, rng);
            // A public key of 0 mod N would make the shared key known to anybody. Firmware other
            // than v5.2.7, v5.5.5, v6.0.2 and master accepts it.
            let proofs = key
                .proofs(&request.client_username, &verifier.salt, &public)
                .ok_or(NoReply::WeakKey)?;
            let reply = Payload::Sr0(S2SessionResp0 {
                status: 0,
                device_pubkey: key.public.clone(),
                device_salt: verifier.salt.clone(),
            });
            Ok((Self { proofs }, message(Sec2MsgType::S2SessionResponse0, reply)))
        }

        /// Checks the proof in `S2SessionCmd1`. `Ok(None)` means that it is wrong.
        pub(crate) fn verify(
            &self,
            request: SessionData,
            patch: Patch,
            rng: &mut impl CryptoRng,
        ) -> Result<Option<(Cipher, SessionData)>, DecodeError> {
            const EXPECTED: &str = "S2SessionCmd1";
            let Payload::Sc1(request) = payload(request, Sec2MsgType::S2SessionCommand1, EXPECTED)?
            else {
                return Err(DecodeError::MissingPayload(EXPECTED));
            };
            if !bool::from(request.client_proof.ct_eq(&self.proofs.client)) {
                return Ok(None);
            }
            let nonce = nonce(patch, rng);
            let channel = Channel::new(&self.proofs.key, &nonce)?;
            let reply = Payload::Sr1(S2SessionResp1 {
                status: 0,
                device_proof: self.proofs.device.to_vec(),
                device_nonce: nonce.to_vec(),
            });
            let reply = message(Sec2MsgType::S2SessionResponse1, reply);
            Ok(Some((Cipher::Gcm(channel), reply)))
        }
    }

    fn nonce(patch: Patch, rng: &mut impl CryptoRng) -> Zeroizing<Vec<u8>> {
        let random = match patch {
            Patch::Zero => 16,
            Patch::One => 8,
        };
        let mut nonce = Zeroizing::new(alloc::vec![0; random]);
        rng.fill_bytes(&mut nonce);
        if patch == Patch::One {
            nonce.extend([0, 0, 0, 1]);
        }
        nonce
    }
}
