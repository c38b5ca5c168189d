//! Security 1: X25519, a key masked with the proof of possession, and one AES-256-CTR keystream
//! for both directions (`security1.c`, ESP-IDF v5.5).
//!
//! ```text
//! client                                         device
//! SessionCmd0  client_pubkey            ──▶
//!                                       ◀──      SessionResp0  device_pubkey, device_random
//! SessionCmd1  keystream ^ device key   ──▶
//!                                       ◀──      SessionResp1  keystream ^ client key
//! ```

use aes::cipher::{KeyIvInit, StreamCipher};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use x25519_dalek::{EphemeralSecret, PublicKey, SharedSecret};
use zeroize::Zeroizing;

use crate::{
    DecodeError, HandshakeError, ProofOfPossession, Session,
    security::{Cipher, success},
    wire::{
        Sec1MsgType, Sec1Payload, SecSchemeVersion, SessionCmd0, SessionCmd1, SessionData,
        sec1_payload::Payload, session_data::Proto,
    },
};

/// The keystream of a session. It continues across messages and directions without realigning to
/// blocks. The counter starts at `device_random`, all 16 bytes of it big-endian, with carry.
pub(crate) struct Keystream(alloc::boxed::Box<ctr::Ctr128BE<aes::Aes256>>);

impl Keystream {
    fn new(shared: &SharedSecret, pop: &ProofOfPossession, random: &[u8; 16]) -> Self {
        let mut key = Zeroizing::new(*shared.as_bytes());
        if !pop.is_empty() {
            let mask: Zeroizing<[u8; 32]> = Zeroizing::new(Sha256::digest(pop.expose()).into());
            for (byte, mask) in key.iter_mut().zip(mask.iter()) {
                *byte ^= mask;
            }
        }
        let key: &[u8; 32] = &key;
        Self(alloc::boxed::Box::new(ctr::Ctr128BE::new(key.into(), random.into())))
    }

    pub(crate) fn apply(&mut self, message: &mut [u8]) {
        // 2^128 blocks never run out.
        self.0.apply_keystream(message);
    }
}

/// Waits for the device's public key and random bytes.
pub(crate) struct ExpectSetup {
    private: EphemeralSecret,
    public: PublicKey,
    pop: ProofOfPossession,
}

impl ExpectSetup {
    pub(crate) fn start(pop: &ProofOfPossession, rng: &mut impl CryptoRng) -> (Self, SessionData) {
        let private = EphemeralSecret::random_from_rng(rng);
        let public = PublicKey::from(&private);
        let cmd = Payload::Sc0(SessionCmd0 { client_pubkey: public.as_bytes().to_vec() });
        (Self { private, public, pop: pop.clone() }, message(Sec1MsgType::SessionCommand0, cmd))
    }

    pub(crate) fn handle(
        self,
        reply: SessionData,
    ) -> Result<(ExpectVerify, SessionData), HandshakeError> {
        const EXPECTED: &str = "SessionResp0";
        let Payload::Sr0(reply) = payload(reply, Sec1MsgType::SessionResponse0, EXPECTED)? else {
            return Err(DecodeError::MissingPayload(EXPECTED).into());
        };
        success(reply.status)?;
        let device_public = PublicKey::from(exactly::<32>("device_pubkey", &reply.device_pubkey)?);
        let random = exactly::<16>("device_random", &reply.device_random)?;
        let shared = self.private.diffie_hellman(&device_public);
        if !shared.was_contributory() {
            return Err(HandshakeError::WeakKey);
        }

        let mut keystream = Keystream::new(&shared, &self.pop, &random);
        let mut proof = device_public.to_bytes();
        keystream.apply(&mut proof);
        let cmd = Payload::Sc1(SessionCmd1 { client_verify_data: proof.to_vec() });
        Ok((
            ExpectVerify { keystream, public: self.public },
            message(Sec1MsgType::SessionCommand1, cmd),
        ))
    }
}

/// Waits for the device's proof.
pub(crate) struct ExpectVerify {
    keystream: Keystream,
    public: PublicKey,
}

impl ExpectVerify {
    /// Checks the device's proof that it derived the same key: our public key, encrypted.
    pub(crate) fn handle(mut self, reply: SessionData) -> Result<Session, HandshakeError> {
        const EXPECTED: &str = "SessionResp1";
        let Payload::Sr1(reply) = payload(reply, Sec1MsgType::SessionResponse1, EXPECTED)? else {
            return Err(DecodeError::MissingPayload(EXPECTED).into());
        };
        success(reply.status)?;
        if reply.device_verify_data.is_empty() {
            return Err(HandshakeError::ProofMismatch);
        }
        let mut proof = exactly::<32>("device_verify_data", &reply.device_verify_data)?;
        self.keystream.apply(&mut proof);
        if bool::from(proof.ct_eq(self.public.as_bytes())) {
            Ok(Session::new(Cipher::Ctr(self.keystream)))
        } else {
            Err(HandshakeError::ProofMismatch)
        }
    }
}

fn payload(
    reply: SessionData,
    msg: Sec1MsgType,
    expected: &'static str,
) -> Result<Payload, DecodeError> {
    let Some(Proto::Sec1(reply)) = reply.proto else {
        return Err(DecodeError::MissingPayload(expected));
    };
    if reply.msg != msg as i32 {
        return Err(DecodeError::Unexpected { expected, got: reply.msg });
    }
    reply.payload.ok_or(DecodeError::MissingPayload(expected))
}

fn exactly<const N: usize>(field: &'static str, bytes: &[u8]) -> Result<[u8; N], DecodeError> {
    bytes.try_into().map_err(|_| DecodeError::Length { field, expected: N, got: bytes.len() })
}

fn message(msg: Sec1MsgType, payload: Payload) -> SessionData {
    SessionData {
        sec_ver: SecSchemeVersion::SecScheme1 as i32,
        proto: Some(Proto::Sec1(Sec1Payload { msg: msg as i32, payload: Some(payload) })),
    }
}

#[cfg(feature = "device")]
pub(crate) use device::DeviceExpectVerify;

/// The device's half.
#[cfg(feature = "device")]
mod device {
    use super::{
        Cipher, ConstantTimeEq, CryptoRng, DecodeError, EphemeralSecret, Keystream, Payload,
        ProofOfPossession, PublicKey, Sec1MsgType, SessionData, exactly, message, payload,
    };
    use crate::{
        device::NoReply,
        wire::{SessionResp0, SessionResp1},
    };

    /// Waits for the client's proof. After a wrong one it goes on waiting, with the keystream two
    /// blocks further, as in firmware before ESP-IDF v6.0. It then accepts only a client that goes
    /// on from there, or a new `SessionCmd0`.
    pub(crate) struct DeviceExpectVerify {
        keystream: Keystream,
        public: PublicKey,
        client_public: PublicKey,
    }

    impl DeviceExpectVerify {
        /// Answers `SessionCmd0`.
        pub(crate) fn start(
            request: SessionData,
            pop: &ProofOfPossession,
            rng: &mut impl CryptoRng,
        ) -> Result<(Self, SessionData), NoReply> {
            const EXPECTED: &str = "SessionCmd0";
            let Payload::Sc0(request) = payload(request, Sec1MsgType::SessionCommand0, EXPECTED)?
            else {
                return Err(DecodeError::MissingPayload(EXPECTED).into());
            };
            let client_public = exactly::<32>("client_pubkey", &request.client_pubkey)?;
            let client_public = PublicKey::from(client_public);
            let private = EphemeralSecret::random_from_rng(&mut *rng);
            let public = PublicKey::from(&private);
            let mut random = [0; 16];
            rng.fill_bytes(&mut random);

            let shared = private.diffie_hellman(&client_public);
            if !shared.was_contributory() {
                // The key would be the hash of the proof of possession. mbedTLS refuses this, too.
                return Err(NoReply::WeakKey);
            }
            let keystream = Keystream::new(&shared, pop, &random);
            let reply = Payload::Sr0(SessionResp0 {
                status: 0,
                device_pubkey: public.as_bytes().to_vec(),
                device_random: random.to_vec(),
            });
            let state = Self { keystream, public, client_public };
            Ok((state, message(Sec1MsgType::SessionResponse0, reply)))
        }

        /// Checks the proof in `SessionCmd1`, which is our public key, encrypted. `Ok(None)` means
        /// that it is wrong.
        pub(crate) fn verify(
            &mut self,
            request: SessionData,
        ) -> Result<Option<SessionData>, DecodeError> {
            const EXPECTED: &str = "SessionCmd1";
            let Payload::Sc1(request) = payload(request, Sec1MsgType::SessionCommand1, EXPECTED)?
            else {
                return Err(DecodeError::MissingPayload(EXPECTED));
            };
            let mut proof = exactly::<32>("client_verify_data", &request.client_verify_data)?;
            self.keystream.apply(&mut proof);
            if !bool::from(proof.ct_eq(self.public.as_bytes())) {
                return Ok(None);
            }
            let mut ours = self.client_public.to_bytes();
            self.keystream.apply(&mut ours);
            let reply = Payload::Sr1(SessionResp1 { status: 0, device_verify_data: ours.to_vec() });
            Ok(Some(message(Sec1MsgType::SessionResponse1, reply)))
        }

        pub(crate) fn into_cipher(self) -> Cipher {
            Cipher::Ctr(self.keystream)
        }
    }
}

#[cfg(all(test, feature = "device"))]
mod tests {
    use super::*;

    struct Dice(u64);

    impl rand_core::TryRng for Dice {
        type Error = core::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            self.try_next_u64().map(|number| (number >> 32) as u32)
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            Ok(self.0)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            for byte in bytes {
                *byte = (self.try_next_u64()? >> 56) as u8;
            }
            Ok(())
        }
    }

    impl rand_core::TryCryptoRng for Dice {}

    fn proof(bytes: &[u8]) -> SessionData {
        let cmd = Payload::Sc1(SessionCmd1 { client_verify_data: bytes.to_vec() });
        message(Sec1MsgType::SessionCommand1, cmd)
    }

    #[test]
    fn a_second_proof_that_goes_on_from_a_wrong_one_is_accepted() {
        let (pop, mut dice) = (ProofOfPossession::from("abcd1234"), Dice(1));
        let (client, cmd0) = ExpectSetup::start(&pop, &mut dice);
        let (mut device, reply) = DeviceExpectVerify::start(cmd0, &pop, &mut dice).expect("keys");
        let Some(Proto::Sec1(Sec1Payload { payload: Some(Payload::Sr0(keys)), .. })) = &reply.proto
        else {
            panic!("{reply:?}")
        };
        let device_public = keys.device_pubkey.clone();
        let (mut client, _) = client.handle(reply).expect("a proof");
        assert_eq!(device.verify(proof(&[0; 32])), Ok(None));
        let mut second = device_public;
        client.keystream.apply(&mut second);
        let answer = device.verify(proof(&second)).expect("it decodes").expect("it is right");
        assert!(client.handle(answer).is_ok());
    }
}
