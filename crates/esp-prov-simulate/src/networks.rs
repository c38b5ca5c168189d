//! The networks in range of a virtual device.

use esp_prov_input::{files, from_hex, text};
use protocomm::{
    Bssid, ExtPanId, Harmless, InvalidNetwork, NetworkKey, Passphrase, Ssid, commands::AuthMode,
    harmless,
};
use serde::Deserialize;
use thiserror::Error;
use zeroize::Zeroizing;

/// A Wi-Fi network in range of a virtual device.
#[derive(Clone, Debug)]
pub struct Network {
    /// The network's name.
    pub ssid: Ssid,
    /// The network's passphrase; empty for an open network.
    pub passphrase: Passphrase,
    /// The BSSID of the network's access point.
    pub bssid: Bssid,
    /// The network's channel.
    pub channel: u8,
    /// The signal strength at the device, in dBm.
    pub rssi: i32,
}

impl Network {
    pub(super) fn auth_mode(&self) -> AuthMode {
        if self.passphrase.is_empty() { AuthMode::OPEN } else { AuthMode::WPA2_PSK }
    }
}

/// A Thread network in range of a virtual device.
#[derive(Clone, Debug)]
pub struct VirtualThreadNetwork {
    /// The network's name.
    pub name: String,
    /// The network's PAN ID.
    pub pan_id: u16,
    /// The network's extended PAN ID.
    pub ext_pan_id: ExtPanId,
    /// The network's channel.
    pub channel: u8,
    /// The network key.
    pub key: NetworkKey,
    /// The signal strength at the device, in dBm.
    pub rssi: i32,
}

/// The networks in range of a virtual device.
#[derive(Clone, Debug, Default)]
pub struct Networks {
    /// The Wi-Fi networks.
    pub wifi: Vec<Network>,
    /// The Thread networks.
    pub thread: Vec<VirtualThreadNetwork>,
}

/// The default networks: `Home` (passphrase `correct-horse`), `Office` (`battery-staple`), the open
/// `Guest`, and the Thread network `Home-Thread` (key 00112233445566778899aabbccddeeff).
pub fn default_networks() -> Networks {
    parse_networks(include_str!("networks.toml")).unwrap_or_default()
}

/// Why a list of networks can't be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InvalidNetworks {
    /// The text is not TOML or does not have the expected structure. The text is not shown, because
    /// it may contain passphrases.
    #[error("line {line}, column {column}: {message}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: Harmless,
    },
    /// A network is invalid.
    #[error("network {number}: {error}")]
    Network {
        /// The number of the network, from 1.
        number: usize,
        /// What is wrong.
        error: InvalidNetwork,
    },
    /// A passphrase has characters that can't be typed.
    #[error("network {number}: the passphrase {reason}")]
    Passphrase {
        /// The number of the network, from 1.
        number: usize,
        /// What is wrong with the passphrase.
        reason: Harmless,
    },
    /// A Thread network is invalid.
    #[error("thread {number}: {reason}")]
    Thread {
        /// The number of the network, from 1.
        number: usize,
        /// What is wrong.
        reason: Harmless,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    network: Vec<Entry>,
    #[serde(default)]
    thread: Vec<ThreadEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    ssid: String,
    #[serde(default)]
    passphrase: String,
    bssid: Option<String>,
    #[serde(default = "default_channel")]
    channel: u8,
    #[serde(default = "default_rssi")]
    rssi: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThreadEntry {
    name: String,
    key: String,
    #[serde(default = "default_pan_id")]
    pan_id: u16,
    ext_pan_id: Option<String>,
    #[serde(default = "default_mesh_channel")]
    channel: u8,
    #[serde(default = "default_rssi")]
    rssi: i32,
}

fn default_pan_id() -> u16 {
    0x1234
}

fn default_mesh_channel() -> u8 {
    15
}

fn default_channel() -> u8 {
    6
}

fn default_rssi() -> i32 {
    -50
}

/// Reads a list of networks. A `[[network]]` table has `ssid` and, optionally, `passphrase`,
/// `bssid`, `channel` and `rssi`. For Thread, a `[[thread]]` table has `name` and `key` and,
/// optionally, `pan_id`, `ext_pan_id`, `channel` and `rssi`.
///
/// # Errors
/// Returns [`InvalidNetworks`], with the position of the error, if the text is not such a list.
pub fn parse_networks(text: &str) -> Result<Networks, InvalidNetworks> {
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        InvalidNetworks::Shape {
            line: before.matches('\n').count() + 1,
            column: before.chars().rev().take_while(|&char| char != '\n').count() + 1,
            message: files::toml_words(error.message()),
        }
    })?;
    let network = |(index, entry): (usize, Entry)| {
        let number = index + 1;
        let last = u8::try_from(number).unwrap_or(u8::MAX);
        let passphrase = Zeroizing::new(entry.passphrase);
        text::typed(&passphrase)
            .map_err(|reason| InvalidNetworks::Passphrase { number, reason })?;
        let network = || {
            Ok(Network {
                ssid: Ssid::new(entry.ssid)?,
                passphrase: Passphrase::new(passphrase)?,
                bssid: match entry.bssid {
                    Some(bssid) => bssid.parse()?,
                    None => Bssid([0x24, 0x0a, 0xc4, 0, 0, last]),
                },
                channel: entry.channel,
                rssi: entry.rssi,
            })
        };
        network().map_err(|error| InvalidNetworks::Network { number, error })
    };
    let mesh = |(index, entry): (usize, ThreadEntry)| {
        let number = index + 1;
        mesh(number, entry).map_err(|reason| InvalidNetworks::Thread { number, reason })
    };
    Ok(Networks {
        wifi: file.network.into_iter().enumerate().map(network).collect::<Result<_, _>>()?,
        thread: file.thread.into_iter().enumerate().map(mesh).collect::<Result<_, _>>()?,
    })
}

fn mesh(number: usize, entry: ThreadEntry) -> Result<VirtualThreadNetwork, Harmless> {
    let key = Zeroizing::new(entry.key);
    let key = from_hex(&key).map_err(|error| harmless!("key: {}", error))?;
    let key = NetworkKey::new(key)?;
    let ext_pan_id = match entry.ext_pan_id {
        Some(text) => {
            let bytes = from_hex(&text).map_err(|error| harmless!("ext_pan_id: {}", error))?;
            bytes[..].try_into().map_err(|_| "ext_pan_id is not 16 hexadecimal digits")?
        }
        None => [0xde, 0xad, 0, 0, 0, 0, 0, u8::try_from(number).unwrap_or(u8::MAX)],
    };
    Ok(VirtualThreadNetwork {
        name: entry.name,
        pan_id: entry.pan_id,
        ext_pan_id: ExtPanId(ext_pan_id),
        channel: entry.channel,
        key,
        rssi: entry.rssi,
    })
}
