//! The security schemes. Each has a file with both halves; here is what a session keeps of one.

pub(crate) mod sec0;
pub(crate) mod sec1;

use crate::Scheme;

/// What encrypts and decrypts the messages of a session.
pub(crate) enum Cipher {
    Plain,
    Ctr(sec1::Keystream),
}

impl Cipher {
    pub(crate) fn scheme(&self) -> Scheme {
        match self {
            Self::Plain => Scheme::Sec0,
            Self::Ctr(_) => Scheme::Sec1,
        }
    }

    /// Encrypts or decrypts in place; for these schemes that is the same function on the same
    /// state, in wire order, whatever the direction.
    pub(crate) fn apply(&mut self, message: &mut [u8]) {
        match self {
            Self::Plain => {}
            Self::Ctr(keystream) => keystream.apply(message),
        }
    }
}
