//! What a device with security 2 stores instead of a password.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use crate::{Password, Username, VerifierMaker, security::srp6a::Secret};

/// The salt and the verifier for one user name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct SrpVerifier {
    /// Usually 16 random bytes. [`generate`](Self::generate) makes none that begins with a zero
    /// byte, which the vendor's Python tool would drop.
    pub salt: Vec<u8>,
    /// Big-endian without leading zeros: 384 bytes or, in one of 256 cases, fewer. Anyone who has
    /// it can test password guesses.
    pub verifier: Vec<u8>,
}

impl SrpVerifier {
    /// The usual length of a salt, in bytes.
    pub const SALT: usize = 16;

    /// Makes a verifier with a fresh salt of `salt_length` bytes; 0 is taken as 1.
    pub fn generate(
        username: &Username,
        password: &Password,
        salt_length: usize,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let mut salt = alloc::vec![0; salt_length.max(1)];
        while salt[0] == 0 {
            rng.fill_bytes(&mut salt);
        }
        Self::with_salt(username, password, salt)
    }

    /// Makes the verifier for a given salt.
    pub fn with_salt(username: &Username, password: &Password, salt: Vec<u8>) -> Self {
        let secret =
            Secret::new(&salt, username.as_bytes(), password.expose(), VerifierMaker::Device);
        Self { verifier: secret.verifier(), salt }
    }
}

impl fmt::Debug for SrpVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SrpVerifier([redacted])")
    }
}
