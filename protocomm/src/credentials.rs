//! Which security scheme we speak, and with which secrets.

use core::fmt;

use serde::Serialize;

use crate::ProofOfPossession;

/// A security scheme of protocomm, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// No encryption, no authentication.
    Sec0,
    /// X25519 with a proof of possession, AES-256-CTR.
    Sec1,
}

impl Scheme {
    /// 0 or 1: the number in `--sec-ver`, `sec_ver` and on the wire.
    pub fn number(self) -> u32 {
        match self {
            Self::Sec0 => 0,
            Self::Sec1 => 1,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "security {}", self.number())
    }
}

impl Serialize for Scheme {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.number())
    }
}

/// What a client brings to the handshake.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Security 0 takes nothing.
    Sec0,
    /// Security 1 takes a proof of possession, which may be empty.
    Sec1 {
        /// The device's proof of possession.
        pop: ProofOfPossession,
    },
}

impl Credentials {
    /// The scheme these are for.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Sec0 => Scheme::Sec0,
            Self::Sec1 { .. } => Scheme::Sec1,
        }
    }
}
