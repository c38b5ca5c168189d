//! Secrets. Each has a type of its own without `Display` and `Serialize`, with a redacted `Debug`,
//! and is wiped on drop.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::network::InvalidNetwork;

/// The proof of possession and the password of the vendor's examples (`app_main.c`, ESP-IDF v4.3 to
/// v5.5).
const WELL_KNOWN: &[u8] = b"abcd1234";

/// The proof of possession of security 1. A device takes a client that knows it for its owner.
///
/// Text is used as UTF-8, as in the C strings of most firmware. (The vendor's tool uses Latin-1.)
/// An empty one means none: the device treats both alike (`security1.c`).
#[derive(Clone)]
pub struct ProofOfPossession(Zeroizing<Vec<u8>>);

impl ProofOfPossession {
    /// No proof of possession.
    pub fn none() -> Self {
        Self(Zeroizing::default())
    }

    /// Whether there is no proof of possession.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is that of the vendor's examples, which everybody knows.
    pub fn is_well_known(&self) -> bool {
        self.0.as_slice() == WELL_KNOWN
    }

    /// The bytes, for code that computes a proof or prints a label.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for ProofOfPossession {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.as_bytes().to_owned()))
    }
}

impl From<Zeroizing<String>> for ProofOfPossession {
    fn from(text: Zeroizing<String>) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Debug for ProofOfPossession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofOfPossession([redacted])")
    }
}

/// The user name of security 2: UTF-8, at least one byte. It is not a secret and is sent
/// unencrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Takes a user name; `None` if it is empty, which no device accepts.
    pub fn new(name: impl Into<String>) -> Option<Self> {
        let name = name.into();
        (!name.is_empty()).then_some(Self(name))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The password of security 2, used as UTF-8. Also holds the password of a device's access point.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Whether it is that of the vendor's examples, which everybody knows.
    pub fn is_well_known(&self) -> bool {
        self.expose() == WELL_KNOWN
    }

    /// The bytes, for code that computes a proof, or records them on request.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl From<Zeroizing<String>> for Password {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([redacted])")
    }
}

/// The passphrase of a Wi-Fi network; empty for an open one.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// The longest passphrase that firmware accepts, in bytes: its buffer has 64 with the
    /// terminating zero (`wifi_config.h` of ESP-IDF v3.3 to `network_config.h` of
    /// network_provisioning 1.2.4).
    pub const MAX: usize = 63;
    /// The shortest WPA passphrase, in bytes (IEEE 802.11). Firmware does not check this; the join
    /// fails later.
    pub const MIN: usize = 8;

    /// The empty passphrase, for an open network.
    pub fn open() -> Self {
        Self(Zeroizing::default())
    }

    /// Takes a passphrase of 8 to 63 bytes, or an empty one for an open network.
    ///
    /// # Errors
    /// [`InvalidNetwork::PassphraseLength`], or [`InvalidNetwork::RawPsk`] for 64 hexadecimal
    /// digits, which are a raw PSK that no firmware accepts.
    pub fn new(text: impl Into<Zeroizing<String>>) -> Result<Self, InvalidNetwork> {
        let text = text.into();
        match text.len() {
            0 => Ok(Self::open()),
            Self::MIN..=Self::MAX => Ok(Self::from_device(text.as_bytes())),
            64 if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => Err(InvalidNetwork::RawPsk),
            length => Err(InvalidNetwork::PassphraseLength(length)),
        }
    }

    /// Takes the bytes that a client sent, unchecked: a device checks only the upper limit.
    pub fn from_device(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_owned()))
    }

    /// Whether it is empty, as for an open network.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The bytes, for code that joins the network with them or shows them on request.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Passphrase {}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase([redacted])")
    }
}
