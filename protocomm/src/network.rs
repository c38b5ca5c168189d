//! The SSID and BSSID of a Wi-Fi network, checked when they are made.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use thiserror::Error;

/// Whether this is a Wi-Fi channel of the 2.4 GHz band, or of the 5 GHz band, which the ESP32-C5
/// has.
pub fn is_channel(channel: u8) -> bool {
    match channel {
        1..=14 => true,
        36..=64 | 100..=144 => channel.is_multiple_of(4),
        149..=177 => channel % 4 == 1,
        _ => false,
    }
}

/// Why a network's name, address or passphrase can't be used. Its messages never contain a
/// passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidNetwork {
    /// The SSID is empty or longer than 32 bytes.
    #[error("an SSID has 1 to 32 bytes; this one has {0}")]
    SsidLength(usize),
    /// The SSID contains a zero byte, at which firmware stops reading. The position counts from 0.
    #[error("the SSID has a zero byte at position {0}, where firmware would cut it off")]
    SsidZeroByte(usize),
    /// The passphrase is too short or too long. The length is in bytes.
    #[error("a passphrase has 8 to 63 bytes (none for an open network); this one has {0}")]
    PassphraseLength(usize),
    /// The passphrase is a raw key of 64 hexadecimal digits.
    #[error(
        "64 hexadecimal digits are a raw PSK, which no ESP32 provisioning firmware accepts \
         (its limit is 63 bytes); give the passphrase that the key was derived from"
    )]
    RawPsk,
    /// The BSSID is not six hexadecimal bytes.
    #[error("a BSSID is six hexadecimal bytes such as 24:0a:c4:11:22:33")]
    Bssid,
}

/// The name of a Wi-Fi network: 1 to 32 bytes, not necessarily text, without a zero byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ssid(Vec<u8>);

impl Ssid {
    /// The longest name in bytes (IEEE 802.11).
    pub const MAX: usize = 32;

    /// Takes a name of 1 to 32 bytes without a zero byte.
    ///
    /// # Errors
    /// [`InvalidNetwork::SsidLength`] or [`InvalidNetwork::SsidZeroByte`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, InvalidNetwork> {
        let bytes = bytes.into();
        if bytes.is_empty() || bytes.len() > Self::MAX {
            return Err(InvalidNetwork::SsidLength(bytes.len()));
        }
        match bytes.iter().position(|&byte| byte == 0) {
            Some(position) => Err(InvalidNetwork::SsidZeroByte(position)),
            None => Ok(Self(bytes)),
        }
    }

    /// The bytes as they are on the air.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Ssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// The MAC address of an access point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bssid(pub [u8; 6]);

impl Bssid {
    /// The address as a connected device reports it. Firmware up to network_provisioning 1.2.4
    /// copies it as a C string, so the bytes after a 00 may be anything and are shown as `??`:
    /// `24:0a:00:??:??:??`.
    pub fn as_reported(&self) -> String {
        let known = self.0.iter().position(|&byte| byte == 0).map_or(6, |zero| zero + 1);
        let mut text = String::from(&self.to_string()[..3 * known - 1]);
        text.extend((known..6).map(|_| ":??"));
        text
    }
}

impl FromStr for Bssid {
    type Err = InvalidNetwork;

    /// Reads six bytes in hexadecimal: in pairs of digits with `:` or `-` between them, in fours
    /// with `.`, or without separators.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.as_bytes();
        let separators = match bytes.len() {
            12 => &[][..],
            17 if bytes[2] == b'-' => &[(2, b'-'), (5, b'-'), (8, b'-'), (11, b'-'), (14, b'-')],
            17 => &[(2, b':'), (5, b':'), (8, b':'), (11, b':'), (14, b':')],
            14 => &[(4, b'.'), (9, b'.')],
            _ => return Err(InvalidNetwork::Bssid),
        };
        if separators.iter().any(|&(at, separator)| bytes[at] != separator) {
            return Err(InvalidNetwork::Bssid);
        }
        let is_digit = |at: usize| separators.iter().all(|&(separator, _)| at != separator);
        let digits = bytes.iter().enumerate().filter(|(at, _)| is_digit(*at));
        let digits: Vec<u8> = digits.map(|(_, &byte)| byte).collect();
        let mut address = [0; 6];
        for (byte, pair) in address.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            let value = digit(0).zip(digit(1)).ok_or(InvalidNetwork::Bssid)?;
            *byte = u8::try_from(value.0 * 16 + value.1).map_err(|_| InvalidNetwork::Bssid)?;
        }
        Ok(Self(address))
    }
}

impl fmt::Display for Bssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Serialize for Bssid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;
    use crate::Passphrase;

    #[test]
    fn what_may_be_garbage_in_a_reported_bssid_is_not_shown() {
        for (bytes, shown) in [
            ([0x24, 0x0a, 0xc4, 0x11, 0x22, 0x33], "24:0a:c4:11:22:33"),
            ([0x24, 0x0a, 0xc4, 0x11, 0x22, 0x00], "24:0a:c4:11:22:00"),
            ([0x24, 0x0a, 0x00, 0x11, 0x00, 0x33], "24:0a:00:??:??:??"),
            ([0x00, 0x0a, 0xc4, 0x11, 0x22, 0x33], "00:??:??:??:??:??"),
        ] {
            assert_eq!(Bssid(bytes).as_reported(), shown);
        }
    }

    #[test]
    fn channels_are_those_of_both_bands() {
        let channels: Vec<u8> = (0..=u8::MAX).filter(|channel| is_channel(*channel)).collect();
        let mut all: Vec<u8> = (1..=14).collect();
        all.extend([36, 40, 44, 48, 52, 56, 60, 64]);
        all.extend([100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140, 144]);
        all.extend([149, 153, 157, 161, 165, 169, 173, 177]);
        assert_eq!(channels, all);
    }

    #[test]
    fn an_ssid_that_is_no_text_is_shown_all_the_same() {
        let shown = |bytes: &[u8]| Ssid::new(bytes).map(|ssid| ssid.to_string());
        assert_eq!(shown("Café".as_bytes()), Ok("Café".into()));
        assert_eq!(shown(b"Caf\xe9"), Ok("Caf\u{fffd}".into()));
    }

    #[test]
    fn a_bssid_is_read_in_every_usual_form_and_shown_in_one() {
        for text in ["24:0A:c4:11:22:33", "24-0a-c4-11-22-33", "240ac4112233", "240A.c411.2233"] {
            assert_eq!(
                text.parse::<Bssid>().map(|bssid| bssid.to_string()),
                Ok("24:0a:c4:11:22:33".into())
            );
        }
        for text in [
            "",
            "24:0a:c4:11:22",
            "24:0a-c4:11:22:33",
            "24:0a:c4:11:22:3g",
            "240ac411223é",
            "+1:+2:+3:+4:+5:+6",
        ] {
            assert_eq!(text.parse::<Bssid>(), Err(InvalidNetwork::Bssid), "{text}");
        }
    }

    #[test]
    fn limits_of_names_and_passphrases() {
        assert!(Ssid::new("x").is_ok() && Ssid::new(vec![b'x'; 32]).is_ok());
        assert_eq!(Ssid::new(""), Err(InvalidNetwork::SsidLength(0)));
        assert_eq!(Ssid::new(vec![b'x'; 33]), Err(InvalidNetwork::SsidLength(33)));
        assert_eq!(Ssid::new("a\0b"), Err(InvalidNetwork::SsidZeroByte(1)));

        let passphrase = |text: &str| Passphrase::new(String::from(text));
        assert!(passphrase("").is_ok_and(|open| open.is_empty()));
        assert!(passphrase("12345678").is_ok_and(|eight| !eight.is_empty() && eight.len() == 8));
        assert!(passphrase("12345678") == passphrase("12345678"));
        assert!(passphrase("12345678") != passphrase("12345679"));
        assert!(passphrase("12345678").is_ok() && passphrase(&"x".repeat(63)).is_ok());
        assert_eq!(passphrase("1234567"), Err(InvalidNetwork::PassphraseLength(7)));
        assert_eq!(passphrase(&"x".repeat(64)), Err(InvalidNetwork::PassphraseLength(64)));
        assert_eq!(passphrase(&"a1".repeat(32)), Err(InvalidNetwork::RawPsk));
    }
}
