//! SRP6a, the arithmetic that both halves of security 2 share (`esp_srp.c`, ESP-IDF v5.0 and
//! later).
//!
//! Numbers are hashed in two forms: *padded* to 384 bytes, or *minimal*, without leading zero
//! bytes. Which form goes where is as in the firmware; see the comments.

use crypto_bigint::{
    U256, U512, U1024, U3072,
    modular::{ConstMontyForm, ConstMontyParams},
};
use rand_core::CryptoRng;
use sha2::{Digest, Sha512};
use zeroize::{Zeroize, Zeroizing};

use crate::VerifierMaker;

// The 3072-bit prime of RFC 5054, appendix A.
crypto_bigint::const_monty_params!(
    Group,
    U3072,
    "\
     ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22\
     514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6\
     f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3d\
     c2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb\
     9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e8603\
     9b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
     15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7d\
     b3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864\
     d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e208e24fa074e5ab31\
     43db5bfce0fd108e4b82d120a93ad2caffffffffffffffff"
);

type Element = ConstMontyForm<Group, { U3072::LIMBS }>;

/// Length of a padded number, in bytes.
pub(crate) const PADDED: usize = 384;

/// A SHA-512 hash.
pub(crate) type Hash = [u8; 64];

const GENERATOR: U3072 = U3072::from_u8(5);

/// x, the secret exponent made from salt, user name and password.
pub(crate) struct Secret(Zeroizing<Hash>);

impl Secret {
    pub(crate) fn new(
        salt: &[u8],
        username: &[u8],
        password: &[u8],
        made_by: VerifierMaker,
    ) -> Self {
        let inner = inner_hash(username, password);
        let inner = match made_by {
            VerifierMaker::Device => &inner[..],
            VerifierMaker::PythonTool => minimal(&inner[..]),
        };
        Self(Zeroizing::new(hash(&[salt, inner])))
    }

    fn exponent(&self) -> U512 {
        U512::from_be_slice(&self.0[..])
    }

    /// The verifier `g^x`, minimal, as a device stores it.
    #[cfg(feature = "device")]
    pub(crate) fn verifier(&self) -> alloc::vec::Vec<u8> {
        minimal(&padded(&power(&GENERATOR, &self.exponent()))).to_vec()
    }
}

/// Whether the padded and the minimal form of the inner hash differ.
pub(crate) fn forms_differ(username: &[u8], password: &[u8]) -> bool {
    inner_hash(username, password)[0] == 0
}

fn inner_hash(username: &[u8], password: &[u8]) -> Zeroizing<Hash> {
    Zeroizing::new(hash(&[username, b":", password]))
}

/// The client's key pair: 256 secret bits, and a public key that fills all 384 bytes.
#[cfg_attr(fuzzing, derive(Clone))]
pub(crate) struct ClientKey {
    secret: Zeroizing<U256>,
    pub(crate) public: [u8; PADDED],
}

impl ClientKey {
    pub(crate) fn random(rng: &mut impl CryptoRng) -> Self {
        loop {
            // The top bit is set, as in the vendor's tool.
            let secret = Zeroizing::new(*secret_bits(rng) | U256::ONE.shl(255));
            let public = padded(&power(&GENERATOR, &secret));
            // Devices hash it as sent, older peers without leading zeros. So it has none.
            if public[0] != 0 {
                return Self { secret, public };
            }
        }
    }

    /// The shared key and both proofs; `None` if the device's public key is 0 mod N.
    pub(crate) fn proofs(
        &self,
        username: &[u8],
        secret: &Secret,
        salt: &[u8],
        device_public: &[u8],
    ) -> Option<Proofs> {
        let b = number(device_public);
        if is_zero(&b) {
            return None;
        }
        let u = scrambler(&self.public, &padded(&b));
        let x = secret.exponent();
        // (B - k v) ^ (a + u x)
        let masked = Element::new(&multiplier()) * Element::new(&GENERATOR).pow(&x);
        let base = Element::new(&b) - masked;
        let mut exponent: U1024 = u.concatenating_mul(&x);
        // This can't wrap, since a has 256 bits: (2^512 - 1)^2 + 2^256 < 2^1024.
        exponent = exponent.wrapping_add(&self.secret.resize());
        let shared = base.pow(&exponent).retrieve();
        exponent.zeroize();
        Some(Proofs::new(username, salt, &self.public, device_public, &shared))
    }
}

/// The device's key pair for one verifier.
#[cfg(feature = "device")]
pub(crate) struct DeviceKey {
    secret: Zeroizing<U256>,
    verifier: U3072,
    /// B, minimal, as it is sent.
    pub(crate) public: alloc::vec::Vec<u8>,
}

#[cfg(feature = "device")]
impl DeviceKey {
    pub(crate) fn random(verifier: &[u8], rng: &mut impl CryptoRng) -> Self {
        let secret = secret_bits(rng);
        let verifier = number(verifier);
        let masked = Element::new(&multiplier()) * Element::new(&verifier);
        let public = masked + Element::new(&GENERATOR).pow(&secret);
        let public = minimal(&padded(&public.retrieve())).to_vec();
        Self { secret, verifier, public }
    }

    /// The shared key and both proofs; `None` if the client's public key is 0 mod N.
    pub(crate) fn proofs(
        &self,
        username: &[u8],
        salt: &[u8],
        client_public: &[u8; PADDED],
    ) -> Option<Proofs> {
        let a = number(client_public);
        if is_zero(&a) {
            return None;
        }
        let u = scrambler(client_public, &padded(&number(&self.public)));
        // (A v^u) ^ b
        let base = Element::new(&a) * Element::new(&self.verifier).pow(&u);
        let shared = base.pow(&self.secret).retrieve();
        Some(Proofs::new(username, salt, client_public, &self.public, &shared))
    }
}

/// What both sides derive.
#[cfg_attr(fuzzing, derive(Clone))]
pub(crate) struct Proofs {
    /// K, of which the first half is the AES key.
    pub(crate) key: Zeroizing<Hash>,
    /// M1, the client's proof.
    pub(crate) client: Hash,
    /// M2, the device's proof.
    pub(crate) device: Hash,
}

impl Proofs {
    fn new(
        username: &[u8],
        salt: &[u8],
        client_public: &[u8; PADDED],
        device_public: &[u8],
        shared: &U3072,
    ) -> Self {
        let shared = Zeroizing::new(padded(shared));
        let key = Zeroizing::new(hash(&[minimal(&shared[..])]));
        // The generator is padded here; the device's public key is used as it was sent.
        let mut group = hash(&[&padded(&modulus())]);
        for (byte, other) in group.iter_mut().zip(hash(&[&padded(&GENERATOR)])) {
            *byte ^= other;
        }
        let user = hash(&[username]);
        let client = hash(&[&group, &user, salt, client_public, device_public, &key[..]]);
        let device = hash(&[client_public, &client, &key[..]]);
        Self { key, client, device }
    }
}

fn modulus() -> U3072 {
    *Group::PARAMS.modulus().as_ref()
}

fn is_zero(number: &U3072) -> bool {
    Element::new(number).retrieve().is_zero().into()
}

fn power<const LIMBS: usize>(base: &U3072, exponent: &crypto_bigint::Uint<LIMBS>) -> U3072 {
    Element::new(base).pow(exponent).retrieve()
}

/// k: the hash of the modulus and the padded generator.
fn multiplier() -> U3072 {
    number(&hash(&[&padded(&modulus()), &padded(&GENERATOR)]))
}

/// u: the hash of both public keys, padded.
fn scrambler(client_public: &[u8; PADDED], device_public: &[u8; PADDED]) -> U512 {
    U512::from_be_slice(&hash(&[client_public, device_public]))
}

/// 256 random bits.
fn secret_bits(rng: &mut impl CryptoRng) -> Zeroizing<U256> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut bytes[..]);
    Zeroizing::new(U256::from_be_slice(&bytes[..]))
}

/// The number in big-endian bytes, of which the last 384 count.
fn number(bytes: &[u8]) -> U3072 {
    let mut whole = [0; PADDED];
    let bytes = &bytes[bytes.len().saturating_sub(PADDED)..];
    whole[PADDED - bytes.len()..].copy_from_slice(bytes);
    U3072::from_be_slice(&whole)
}

fn padded(number: &U3072) -> [u8; PADDED] {
    let mut bytes = [0; PADDED];
    bytes.copy_from_slice(number.to_be_bytes().as_ref());
    bytes
}

fn minimal(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    &bytes[zeros..]
}

fn hash(parts: &[&[u8]]) -> Hash {
    let mut sha = Sha512::new();
    for part in parts {
        sha.update(part);
    }
    sha.finalize().into()
}
