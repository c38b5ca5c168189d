//! The operational dataset of a Thread network: a list of MeshCoP TLVs that lets a device attach
//! (Thread 1.3, 8.10; `meshcop_tlvs.hpp` of OpenThread).

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::commands::ThreadNetwork;

/// Why bytes are not a usable dataset. Its messages never contain a value that may be the network
/// key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidDataset {
    /// There are no bytes.
    #[error("the dataset is empty")]
    Empty,
    /// There are more bytes than firmware accepts.
    #[error("a dataset has at most {max} bytes; this one has {0}", max = ThreadDataset::MAX)]
    TooLong(usize),
    /// The last TLV is longer than what is left.
    #[error("the TLV of type {kind:#04x} at byte {at} is cut off")]
    CutOff {
        /// The TLV's type.
        kind: u8,
        /// The byte at which it begins, counted from 0.
        at: usize,
    },
    /// A TLV has a length that Thread does not allow.
    #[error("the {name} (type {kind:#04x}) has {expected} bytes; this one has {got}")]
    Length {
        /// The TLV's name.
        name: &'static str,
        /// The TLV's type.
        kind: u8,
        /// The right length in bytes.
        expected: &'static str,
        /// The length it has, in bytes.
        got: usize,
    },
    /// A TLV occurs twice.
    #[error("duplicate {0}")]
    Twice(&'static str),
    /// The channel is one that no ESP32 with Thread has.
    #[error("a Thread channel is 11 to 26 on page 0; this one is {channel} on page {page}")]
    Channel {
        /// The channel page.
        page: u8,
        /// The number of the channel.
        channel: u16,
    },
    /// The network name is not text.
    #[error("the network name is not UTF-8")]
    Name,
    /// The PAN ID is the broadcast address, or has more than 16 bits.
    #[error("a PAN ID is 0x0000 to 0xfffe; this one is {0:#06x}")]
    PanId(u32),
    /// The network key is missing, without which no device can attach.
    #[error("the network key (type 0x05) is missing")]
    KeyMissing,
    /// The scan did not report the network's extended PAN ID, so no dataset can be made for it.
    #[error("the device did not report the network's extended PAN ID; give the whole dataset")]
    ExtPanIdUnknown,
}

/// The key of a Thread network, wiped on drop and kept out of `Debug`.
#[derive(Clone)]
pub struct NetworkKey(Zeroizing<Vec<u8>>);

impl NetworkKey {
    /// Its length in bytes.
    pub const LENGTH: usize = 16;

    /// Takes 16 bytes.
    ///
    /// # Errors
    /// [`InvalidDataset::Length`] if there are not 16 bytes.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Result<Self, InvalidDataset> {
        check_length(KEY, &bytes)?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for NetworkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkKey([redacted])")
    }
}

/// The extended PAN ID: what distinguishes one Thread network from another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExtPanId(pub [u8; 8]);

impl fmt::Display for ExtPanId {
    /// 16 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ExtPanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ExtPanId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A checked dataset: every TLV is whole and occurs once, known ones have the right length, the
/// channel, PAN ID and name are possible, and the network key is there. It is wiped on drop and
/// kept out of `Debug`.
#[derive(Clone)]
pub struct ThreadDataset(Zeroizing<Vec<u8>>);

impl ThreadDataset {
    /// The longest dataset, in bytes (`OT_OPERATIONAL_DATASET_MAX_LENGTH`; `network_config.h` of
    /// network_provisioning 1.2.4).
    pub const MAX: usize = 254;

    /// Checks the TLVs of a dataset.
    ///
    /// # Errors
    /// [`InvalidDataset`] says what is wrong.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Result<Self, InvalidDataset> {
        let seen = structure(&bytes)?;
        for tlv in Tlvs::new(&bytes) {
            let (kind, value) = tlv?;
            check_value(kind, value)?;
        }
        if !seen.contains(&KEY) {
            return Err(InvalidDataset::KeyMissing);
        }
        Ok(Self(bytes))
    }

    /// Takes any dataset that OpenThread does: TLVs that are whole, of the right lengths and not
    /// repeated.
    #[cfg(feature = "device")]
    pub(crate) fn from_device(bytes: Zeroizing<Vec<u8>>) -> Result<Self, InvalidDataset> {
        structure(&bytes)?;
        Ok(Self(bytes))
    }

    /// Makes the short dataset of a network seen in a scan: channel, extended PAN ID, network key
    /// and PAN ID, as the vendor's tool does. The device learns the rest when it attaches.
    ///
    /// # Errors
    /// [`InvalidDataset`] if the scan reported no extended PAN ID, or an impossible value.
    pub fn of(network: &ThreadNetwork, key: &NetworkKey) -> Result<Self, InvalidDataset> {
        let ext_pan_id = network.ext_pan_id.ok_or(InvalidDataset::ExtPanIdUnknown)?;
        let pan_id =
            u16::try_from(network.pan_id).map_err(|_| InvalidDataset::PanId(network.pan_id))?;
        let channel = u16::try_from(network.channel).unwrap_or(u16::MAX).to_be_bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(Self::MAX));
        for (kind, value) in [
            (CHANNEL, &[0, channel[0], channel[1]][..]),
            (EXT_PAN_ID, &ext_pan_id.0),
            (KEY, &key.0),
            (PAN_ID, &pan_id.to_be_bytes()),
        ] {
            bytes.push(kind);
            // No value is longer than 16 bytes.
            bytes.extend(u8::try_from(value.len()));
            bytes.extend_from_slice(value);
        }
        Self::new(bytes)
    }

    /// The network's name, if the dataset contains it.
    pub fn name(&self) -> Option<String> {
        let name = self.value(NAME)?;
        Some(String::from_utf8_lossy(name).into_owned())
    }

    /// The extended PAN ID, if the dataset contains it.
    pub fn ext_pan_id(&self) -> Option<ExtPanId> {
        self.value(EXT_PAN_ID)?.try_into().ok().map(ExtPanId)
    }

    /// The bytes, including the network key, for code that attaches with them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether `key` is the network key of this dataset. Compares in constant time.
    #[cfg(feature = "device")]
    pub fn has_key(&self, key: &NetworkKey) -> bool {
        use subtle::ConstantTimeEq;

        self.value(KEY).is_some_and(|ours| ours.ct_eq(&key.0).into())
    }

    fn value(&self, wanted: u8) -> Option<&[u8]> {
        let mut tlvs = Tlvs::new(&self.0).filter_map(Result::ok);
        tlvs.find(|(kind, _)| *kind == wanted).map(|(_, value)| value)
    }
}

impl fmt::Display for ThreadDataset {
    /// The network's name, otherwise its extended PAN ID, otherwise `unnamed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = || self.ext_pan_id().map(|id| id.to_string());
        f.write_str(&self.name().or_else(id).unwrap_or_else(|| "unnamed".to_owned()))
    }
}

impl fmt::Debug for ThreadDataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ThreadDataset({} bytes, [redacted])", self.0.len())
    }
}

const CHANNEL: u8 = 0x00;
const PAN_ID: u8 = 0x01;
const EXT_PAN_ID: u8 = 0x02;
const NAME: u8 = 0x03;
const KEY: u8 = 0x05;

/// The TLVs of a dataset: type, name, and shortest and longest length in bytes.
const KNOWN: &[(u8, &str, usize, usize)] = &[
    (CHANNEL, "channel", 3, 3),
    (PAN_ID, "PAN ID", 2, 2),
    (EXT_PAN_ID, "extended PAN ID", 8, 8),
    (NAME, "network name", 1, 16),
    (0x04, "PSKc", 16, 16),
    (KEY, "network key", NetworkKey::LENGTH, NetworkKey::LENGTH),
    (0x07, "mesh-local prefix", 8, 8),
    (0x0c, "security policy", 3, 4),
    (0x0e, "active timestamp", 8, 8),
    (0x33, "pending timestamp", 8, 8),
    (0x34, "delay timer", 4, 4),
];

fn name_of(kind: u8) -> &'static str {
    let known = KNOWN.iter().find(|(known, ..)| *known == kind);
    known.map_or("TLV of an unknown type", |(_, name, ..)| name)
}

fn check_length(kind: u8, value: &[u8]) -> Result<(), InvalidDataset> {
    let got = value.len();
    match KNOWN.iter().find(|(known, ..)| *known == kind) {
        Some((_, name, least, most)) if !(*least..=*most).contains(&got) => {
            let expected = match (least, most) {
                (1, 16) => "1 to 16",
                (3, 4) => "3 or 4",
                (2, _) => "2",
                (3, _) => "3",
                (4, _) => "4",
                (8, _) => "8",
                _ => "16",
            };
            Err(InvalidDataset::Length { name, kind, expected, got })
        }
        _ => Ok(()),
    }
}

/// Checks that the TLVs are whole, of the right lengths and not repeated. Returns their types.
fn structure(bytes: &[u8]) -> Result<Vec<u8>, InvalidDataset> {
    match bytes.len() {
        0 => return Err(InvalidDataset::Empty),
        1..=ThreadDataset::MAX => {}
        length => return Err(InvalidDataset::TooLong(length)),
    }
    let mut seen = Vec::new();
    for tlv in Tlvs::new(bytes) {
        let (kind, value) = tlv?;
        check_length(kind, value)?;
        if seen.contains(&kind) {
            return Err(InvalidDataset::Twice(name_of(kind)));
        }
        seen.push(kind);
    }
    Ok(seen)
}

/// Refuses values with which no device could ever attach.
fn check_value(kind: u8, value: &[u8]) -> Result<(), InvalidDataset> {
    match (kind, value) {
        (CHANNEL, &[page, high, low]) => match (page, u16::from_be_bytes([high, low])) {
            (0, 11..=26) => Ok(()),
            (page, channel) => Err(InvalidDataset::Channel { page, channel }),
        },
        (PAN_ID, [0xff, 0xff]) => Err(InvalidDataset::PanId(0xffff)),
        (NAME, name) if core::str::from_utf8(name).is_err() => Err(InvalidDataset::Name),
        _ => Ok(()),
    }
}

/// Iterates over the TLVs, as type and value. Ends after one that is cut off.
struct Tlvs<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tlvs<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Result<(u8, &'a [u8]), InvalidDataset>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.at..)?;
        let (&kind, rest) = rest.split_first()?;
        let value = rest.split_first().and_then(|(&length, rest)| rest.get(..length.into()));
        let Some(value) = value else {
            let at = core::mem::replace(&mut self.at, usize::MAX);
            return Some(Err(InvalidDataset::CutOff { kind, at }));
        };
        self.at += 2 + value.len();
        Some(Ok((kind, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "0e080000000000010000000300000f35060004001fffe00208dead00beef00cafe0708\
                         fddead00beef0000051000112233445566778899aabbccddeeff030f4f70656e54687\
                         26561642d3132333401021234041061e1206d2c2b46e079eb775f41fc72190c0402a0\
                         f7f8";

    fn dataset(text: &str) -> Result<ThreadDataset, InvalidDataset> {
        ThreadDataset::new(Zeroizing::new(hex::decode(text).expect("hexadecimal")))
    }

    fn network() -> ThreadNetwork {
        ThreadNetwork {
            name: "OpenThread-1234".to_owned(),
            pan_id: 0x0042,
            ext_pan_id: Some(ExtPanId(*b"\xde\xad\x00\xbe\xef\x00\xca\xfe")),
            ext_addr: [1; 8].to_vec(),
            channel: 15,
            rssi: -47,
            lqi: 200,
        }
    }

    #[test]
    fn a_whole_dataset_is_read() {
        let dataset = dataset(WHOLE).expect("as OpenThread prints it");
        assert_eq!(dataset.name().as_deref(), Some("OpenThread-1234"));
        assert_eq!(dataset.ext_pan_id().map(|id| id.to_string()), Some("dead00beef00cafe".into()));
        assert_eq!(dataset.to_string(), "OpenThread-1234");
    }

    #[test]
    fn a_short_one_is_built_from_a_scan_and_a_key() {
        let key = NetworkKey::new(Zeroizing::new((0..16).collect())).expect("16 bytes");
        let dataset = ThreadDataset::of(&network(), &key).expect("a good network");
        let expected = "000300000f0208dead00beef00cafe0510000102030405060708090a0b0c0d0e0f01020042";
        assert_eq!(hex::encode(dataset.expose()), expected, "small PAN IDs have two bytes, too");

        let far = ThreadNetwork { channel: 27, ..network() };
        let page = 0;
        let error = ThreadDataset::of(&far, &key).err();
        assert_eq!(error, Some(InvalidDataset::Channel { page, channel: 27 }));
        let unnamed = ThreadNetwork { ext_pan_id: None, ..network() };
        assert!(ThreadDataset::of(&unnamed, &key).is_err());
    }

    #[cfg(feature = "device")]
    #[test]
    fn who_knows_the_key_may_attach() {
        let key = |text| NetworkKey::new(hex::decode(text).expect("digits").into()).expect("a key");
        let dataset = dataset(WHOLE).expect("as OpenThread prints it");
        assert!(dataset.has_key(&key("00112233445566778899aabbccddeeff")));
        assert!(!dataset.has_key(&key("00112233445566778899aabbccddeefe")));
    }

    #[test]
    fn what_is_no_dataset_is_refused_with_the_reason() {
        let key = "051000112233445566778899aabbccddeeff";
        for (text, reason) in [
            (String::new(), "the dataset is empty"),
            ("00".repeat(255), "a dataset has at most 254 bytes; this one has 255"),
            ("05".into(), "the TLV of type 0x05 at byte 0 is cut off"),
            (alloc::format!("{key}0102"), "the TLV of type 0x01 at byte 18 is cut off"),
            ("01020042".into(), "the network key (type 0x05) is missing"),
            ("050100".into(), "the network key (type 0x05) has 16 bytes; this one has 1"),
            ("0300".into(), "the network name (type 0x03) has 1 to 16 bytes; this one has 0"),
            ("0c0100".into(), "the security policy (type 0x0c) has 3 or 4 bytes; this one has 1"),
            ("00020000".into(), "the channel (type 0x00) has 3 bytes; this one has 2"),
            ("010100".into(), "the PAN ID (type 0x01) has 2 bytes; this one has 1"),
            ("020100".into(), "the extended PAN ID (type 0x02) has 8 bytes; this one has 1"),
            ("340100".into(), "the delay timer (type 0x34) has 4 bytes; this one has 1"),
            ("0102ffff".into(), "a PAN ID is 0x0000 to 0xfffe; this one is 0xffff"),
            ("0302ffff".into(), "the network name is not UTF-8"),
            (
                "000302000a".into(),
                "a Thread channel is 11 to 26 on page 0; this one is 10 on page 2",
            ),
            (key.repeat(2), "duplicate network key"),
        ] {
            let error = dataset(&text).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), Some(reason), "{text}");
        }
        let error = NetworkKey::new(Zeroizing::new([0; 15].to_vec())).err();
        assert!(error.is_some_and(|error| error.to_string().ends_with("this one has 15")));
    }
}
