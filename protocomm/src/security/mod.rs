//! The security schemes. Each has a file with both halves; this one has what a session keeps of
//! them.

pub(crate) mod sec0;
pub(crate) mod sec1;
pub(crate) mod sec2;
pub(crate) mod srp6a;

use alloc::vec::Vec;

use crate::{HandshakeError, Scheme, Status};

/// What encrypts and decrypts the messages of a session.
pub(crate) enum Cipher {
    Plain,
    Ctr(sec1::Keystream),
    Gcm(sec2::Channel),
}

/// Why a message can't be encrypted or decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CipherError {
    /// The authentication tag is wrong or missing.
    Forged,
    /// All nonces have been used.
    CounterExhausted,
}

impl Cipher {
    pub(crate) fn scheme(&self) -> Scheme {
        match self {
            Self::Plain => Scheme::Sec0,
            Self::Ctr(_) => Scheme::Sec1,
            Self::Gcm(_) => Scheme::Sec2,
        }
    }

    /// Encrypts in place.
    pub(crate) fn seal(&mut self, message: &mut Vec<u8>) -> Result<(), CipherError> {
        match self {
            Self::Plain => Ok(()),
            Self::Ctr(keystream) => {
                keystream.apply(message);
                Ok(())
            }
            Self::Gcm(channel) => channel.seal(message),
        }
    }

    /// Decrypts in place.
    pub(crate) fn open(&mut self, message: &mut Vec<u8>) -> Result<(), CipherError> {
        match self {
            Self::Plain => Ok(()),
            Self::Ctr(keystream) => {
                keystream.apply(message);
                Ok(())
            }
            Self::Gcm(channel) => channel.open(message),
        }
    }
}

/// Checks the status of a handshake reply, before its content is looked at.
fn success(status: i32) -> Result<(), HandshakeError> {
    match Status::from(status) {
        Status::Success => Ok(()),
        refused => Err(HandshakeError::Refused(refused)),
    }
}
