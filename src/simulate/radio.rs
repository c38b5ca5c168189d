//! A radio that follows a script.

use std::time::Duration;

use protocomm::{
    Bssid, InvalidNetwork, Passphrase, Ssid, Status,
    commands::{
        AccessPoint, AuthMode, JoinFailure, StartWifiScan, WifiConnection, WifiScanStatus,
        WifiStatus,
    },
    device::{Backend, WifiConfig},
};
use serde::Deserialize;
use thiserror::Error;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::Settings;

/// What goes wrong whatever the client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every passphrase is wrong.
    WrongPassphrase,
    /// No network is found.
    NetworkNotFound,
    /// The device leaves right after apply and is never seen again.
    Vanish,
    /// The device never stops trying.
    Forever,
}

/// A network in a virtual device's reach.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name.
    pub ssid: Ssid,
    /// Its passphrase; open if empty.
    pub passphrase: Passphrase,
    /// Its access point.
    pub bssid: Bssid,
    /// Its channel.
    pub channel: u8,
    /// Its signal at the device, dBm.
    pub rssi: i32,
}

impl Network {
    fn auth_mode(&self) -> AuthMode {
        if self.passphrase.is_empty() { AuthMode::OPEN } else { AuthMode::WPA2_PSK }
    }
}

/// `Home` (passphrase `correct-horse`), `Office` (`battery-staple`) and the open `Guest`.
pub fn default_networks() -> Vec<Network> {
    parse_networks(include_str!("networks.toml")).unwrap_or_default()
}

/// Why a list of networks can't be read.
#[derive(Debug, Error)]
pub enum InvalidNetworks {
    /// Not TOML, or not of this shape. The text, which may hold passphrases, is not shown.
    #[error("line {line}, column {column}: {message}")]
    Shape {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A network that can't be.
    #[error("network {number}: {error}")]
    Network {
        /// From 1.
        number: usize,
        /// What is wrong.
        error: InvalidNetwork,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    network: Vec<Entry>,
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

fn default_channel() -> u8 {
    6
}

fn default_rssi() -> i32 {
    -50
}

/// Reads a list of networks: `[[network]]` tables with `ssid`, and if wanted `passphrase`,
/// `bssid`, `channel` and `rssi`.
///
/// # Errors
/// [`InvalidNetworks`], with line and column.
pub fn parse_networks(text: &str) -> Result<Vec<Network>, InvalidNetworks> {
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        InvalidNetworks::Shape {
            line: before.matches('\n').count() + 1,
            column: before.chars().rev().take_while(|&char| char != '\n').count() + 1,
            message: harmless(error.message()),
        }
    })?;
    let network = |(index, entry): (usize, Entry)| {
        let number = index + 1;
        let last = u8::try_from(number).unwrap_or(u8::MAX);
        let passphrase = Zeroizing::new(entry.passphrase);
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
    file.network.into_iter().enumerate().map(network).collect()
}

/// What a parser says without what it quotes, which may be a passphrase.
fn harmless(message: &str) -> String {
    match message.split_once("expected ") {
        // A key is no secret.
        _ if message.starts_with("missing field") || message.starts_with("unknown field") => {
            message.to_owned()
        }
        Some((_, expected)) => format!("expected {expected}"),
        None => "not TOML, or not a list of networks".to_owned(),
    }
}

/// The scripted radio.
pub(super) struct Radio {
    networks: Vec<Network>,
    join_delay: Duration,
    failed_attempts: u32,
    fault: Option<Fault>,
    counts_attempts: bool,
    joining: Option<(Instant, WifiConfig)>,
    joins: u32,
    /// The last state, which a reset does not change.
    last: Option<WifiStatus>,
}

impl Radio {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut networks = settings.networks.clone();
        networks.sort_by_key(|network| -network.rssi);
        Self {
            networks,
            join_delay: settings.join_delay,
            failed_attempts: settings.failed_attempts,
            fault: settings.fault,
            counts_attempts: settings.persona.counts_attempts(),
            joining: None,
            joins: 0,
            last: None,
        }
    }

    pub(super) fn applied(&self) -> Option<WifiConfig> {
        self.joining.as_ref().map(|(_, config)| config.clone())
    }

    pub(super) fn joins(&self) -> u32 {
        self.joins
    }

    fn outcome(&self, config: &WifiConfig) -> WifiStatus {
        let name = config.ssid.split(|&byte| byte == 0).next().unwrap_or_default();
        let found = self.networks.iter().find(|network| network.ssid.as_bytes() == name);
        match (self.fault, found) {
            (Some(Fault::WrongPassphrase), _) => WifiStatus::Failed(JoinFailure::WrongPassphrase),
            (Some(Fault::NetworkNotFound), _) | (_, None) => {
                WifiStatus::Failed(JoinFailure::NetworkNotFound)
            }
            (_, Some(network)) if network.passphrase != config.passphrase => {
                WifiStatus::Failed(JoinFailure::WrongPassphrase)
            }
            (_, Some(network)) => WifiStatus::Connected(WifiConnection {
                ip: "192.168.1.57".to_owned(),
                ssid: network.ssid.as_bytes().to_vec(),
                bssid: Some(network.bssid),
                channel: network.channel.into(),
                auth_mode: network.auth_mode(),
            }),
        }
    }

    fn attempts_completed(&self, began: Instant) -> u32 {
        if self.fault == Some(Fault::Forever) {
            return 0;
        }
        let delay = self.join_delay.as_nanos().max(1);
        u32::try_from(began.elapsed().as_nanos() / delay).unwrap_or(u32::MAX)
    }
}

impl Backend for Radio {
    fn join(&mut self, network: WifiConfig) -> Result<(), Status> {
        self.joining = Some((Instant::now(), network));
        self.joins += 1;
        self.last = None;
        Ok(())
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        let Some((began, config)) = &self.joining else {
            let before_any = WifiStatus::Connecting { attempts_remaining: None };
            return Ok(self.last.clone().unwrap_or(before_any));
        };
        let completed = self.attempts_completed(*began);
        let status = if completed > self.failed_attempts {
            self.outcome(config)
        } else {
            let attempts_remaining = (completed > 0 && self.counts_attempts)
                .then(|| self.failed_attempts + 1 - completed);
            WifiStatus::Connecting { attempts_remaining }
        };
        Ok(status)
    }

    fn forget(&mut self) -> Result<(), Status> {
        self.last = self.status().ok();
        self.joining = None;
        Ok(())
    }

    fn start_scan(&mut self, _scan: &StartWifiScan) -> Result<(), Status> {
        Ok(())
    }

    fn scan_status(&mut self) -> Result<WifiScanStatus, Status> {
        let count = u32::try_from(self.networks.len()).unwrap_or(u32::MAX);
        Ok(WifiScanStatus { finished: true, count })
    }

    fn scan_result(&mut self, index: u32) -> Option<AccessPoint> {
        let network = self.networks.get(usize::try_from(index).ok()?)?;
        Some(AccessPoint {
            ssid: network.ssid.as_bytes().to_vec(),
            channel: network.channel.into(),
            rssi: network.rssi,
            bssid: Some(network.bssid),
            auth_mode: network.auth_mode(),
        })
    }

    fn endpoints(&self) -> &[&str] {
        &["custom-data"]
    }

    /// What the vendor's example says to everything.
    fn custom(&mut self, _endpoint: &str, _request: &[u8]) -> Option<Vec<u8>> {
        Some(b"SUCCESS\0".to_vec())
    }
}
