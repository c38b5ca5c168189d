//! The recordings as they are in the files, and their messages in this crate's types. The
//! messages are read from their names and numbers in the files, never from the recorded bytes:
//! the decoder under test has no part in what is expected of it.

use std::{convert::Infallible, time::Duration};

use protocomm::{
    Bssid, Credentials, InvalidNetwork, Passphrase, ProofOfPossession, Ssid, Status,
    commands::{
        AccessPoint, AuthMode, GetWifiScanResult, JoinFailure, SetWifiConfig, StartWifiScan,
        WifiConnection, WifiScanStatus, WifiStatus,
    },
    device::Security,
    rand_core::{TryCryptoRng, TryRng},
    wire,
};
use serde::Deserialize;
use serde_json::Value;

/// Bytes, written in hexadecimal.
#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = hex::FromHexError;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        hex::decode(digits).map(Self)
    }
}

/// One session from the first message of the handshake on.
#[derive(Deserialize)]
pub(crate) struct Recording {
    pub(crate) name: String,
    /// `None` for security 0.
    pop: Option<String>,
    #[serde(default)]
    client_private_key: Hex,
    #[serde(default)]
    device_private_key: Hex,
    #[serde(default)]
    device_random: Hex,
    /// Requests and responses in turn.
    handshake: Vec<HandshakeMessage>,
    pub(crate) exchanges: Vec<Exchange>,
}

#[derive(Deserialize)]
struct HandshakeMessage {
    hex: Hex,
}

/// A request and its response after the handshake.
#[derive(Deserialize)]
pub(crate) struct Exchange {
    pub(crate) name: String,
    pub(crate) endpoint: String,
    pub(crate) request: Side,
    pub(crate) response: Side,
}

#[derive(Deserialize)]
pub(crate) struct Side {
    pub(crate) plaintext: Hex,
    /// `None` for security 0.
    ciphertext: Option<Hex>,
    pub(crate) message: Value,
}

impl Side {
    /// The bytes that travelled.
    pub(crate) fn on_the_wire(&self) -> &[u8] {
        &self.ciphertext.as_ref().unwrap_or(&self.plaintext).0
    }
}

impl Recording {
    /// Every recorded session of the schemes this crate speaks.
    pub(crate) fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            cases: Vec<Recording>,
        }
        let files = [include_str!("security0.json"), include_str!("security1.json")];
        let cases = files.map(|file| serde_json::from_str::<File>(file).expect("a recording"));
        cases.into_iter().flat_map(|file| file.cases).collect()
    }

    pub(crate) fn named(name: &str) -> Self {
        Self::all().into_iter().find(|recording| recording.name == name).expect("is recorded")
    }

    pub(crate) fn credentials(&self) -> Credentials {
        match &self.pop {
            None => Credentials::Sec0,
            Some(pop) => Credentials::Sec1 { pop: ProofOfPossession::from(pop.as_str()) },
        }
    }

    pub(crate) fn security(&self) -> Security {
        match &self.pop {
            None => Security::Sec0,
            Some(pop) => Security::Sec1 { pop: ProofOfPossession::from(pop.as_str()) },
        }
    }

    pub(crate) fn client_randomness(&self) -> Recorded {
        Recorded(self.client_private_key.0.clone())
    }

    pub(crate) fn device_randomness(&self) -> Recorded {
        Recorded([self.device_private_key.0.as_slice(), &self.device_random.0].concat())
    }

    /// The requests of the handshake, each with its response.
    pub(crate) fn handshake(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.handshake.chunks(2).map(|pair| (pair[0].hex.0.as_slice(), pair[1].hex.0.as_slice()))
    }
}

/// Yields recorded bytes and no others.
pub(crate) struct Recorded(pub(crate) Vec<u8>);

impl TryRng for Recorded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("keys and nonces are taken as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("keys and nonces are taken as bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(bytes.len());
        bytes.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Recorded {}

/// A status by its name; an absent one is `Success`.
pub(crate) fn status(message: &Value) -> Status {
    let Some(name) = message["status"].as_str() else { return Status::Success };
    let status = wire::Status::from_str_name(name).expect("a status of the schema");
    Status::from(status as i32)
}

/// `Err` for every status but `Success`.
pub(crate) fn success(message: &Value) -> Result<(), Status> {
    match status(message) {
        Status::Success => Ok(()),
        refused => Err(refused),
    }
}

/// `{"hex": ".."}`; absent is empty.
fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value["hex"].as_str().unwrap_or_default()).expect("hexadecimal")
}

/// A message that is not protobuf.
pub(crate) fn raw(message: &Value) -> Vec<u8> {
    hex::decode(message["raw_hex"].as_str().expect("a raw message")).expect("hexadecimal")
}

/// Absent is 0.
fn number<T: TryFrom<i64, Error: std::fmt::Debug>>(value: &Value) -> T {
    T::try_from(value.as_i64().unwrap_or_default()).expect("in range")
}

fn bssid(value: &Value) -> Option<Bssid> {
    bytes(value).try_into().ok().map(Bssid)
}

fn auth_mode(value: &Value) -> AuthMode {
    let Some(name) = value.as_str() else { return AuthMode(number(value)) };
    AuthMode(wire::WifiAuthMode::from_str_name(name).expect("a mode of the schema") as i32)
}

pub(crate) fn start_scan(request: &Value) -> StartWifiScan {
    let command = &request["cmd_scan_wifi_start"];
    StartWifiScan {
        blocking: command["blocking"].as_bool().unwrap_or_default(),
        passive: command["passive"].as_bool().unwrap_or_default(),
        group_channels: number(&command["group_channels"]),
        period: Duration::from_millis(number(&command["period_ms"])),
    }
}

pub(crate) fn scan_status(response: &Value) -> WifiScanStatus {
    let reply = &response["resp_scan_wifi_status"];
    WifiScanStatus {
        finished: reply["scan_finished"].as_bool().unwrap_or_default(),
        count: number(&reply["result_count"]),
    }
}

pub(crate) fn scan_result(request: &Value) -> GetWifiScanResult {
    let command = &request["cmd_scan_wifi_result"];
    GetWifiScanResult { start: number(&command["start_index"]), count: number(&command["count"]) }
}

pub(crate) fn networks(response: &Value) -> Vec<AccessPoint> {
    let entries = response["resp_scan_wifi_result"]["entries"].as_array();
    let entry = |entry: &Value| AccessPoint {
        ssid: bytes(&entry["ssid"]),
        channel: number(&entry["channel"]),
        rssi: number(&entry["rssi"]),
        bssid: bssid(&entry["bssid"]),
        auth_mode: auth_mode(&entry["auth"]),
    };
    entries.into_iter().flatten().map(entry).collect()
}

/// The error is for a network that this crate refuses to send.
pub(crate) fn set_wifi(request: &Value) -> Result<SetWifiConfig, InvalidNetwork> {
    let command = &request["cmd_set_wifi_config"];
    let passphrase = String::from_utf8(bytes(&command["passphrase"])).expect("text");
    Ok(SetWifiConfig {
        ssid: Ssid::new(bytes(&command["ssid"]))?,
        passphrase: Passphrase::new(passphrase)?,
        bssid: bssid(&command["bssid"]),
        channel: command.get("channel").map(number),
    })
}

pub(crate) fn wifi_status(response: &Value) -> Result<WifiStatus, Status> {
    let reply = &response["resp_get_wifi_status"];
    success(reply)?;
    Ok(match (reply["wifi_sta_state"].as_str(), reply["wifi_fail_reason"].as_str()) {
        (None, None) => {
            let connected = &reply["wifi_connected"];
            WifiStatus::Connected(WifiConnection {
                ip: connected["ip4_addr"].as_str().expect("an address").to_owned(),
                ssid: bytes(&connected["ssid"]),
                bssid: bssid(&connected["bssid"]),
                channel: number(&connected["channel"]),
                auth_mode: auth_mode(&connected["auth_mode"]),
            })
        }
        (Some("Connecting"), None) => WifiStatus::Connecting {
            attempts_remaining: reply
                .get("attempt_failed")
                .map(|failed| number(&failed["attempts_remaining"])),
        },
        (Some("ConnectionFailed"), Some("AuthError")) => {
            WifiStatus::Failed(JoinFailure::WrongPassphrase)
        }
        (Some("ConnectionFailed"), Some("WifiNetworkNotFound")) => {
            WifiStatus::Failed(JoinFailure::NetworkNotFound)
        }
        other => panic!("{other:?} is not in the recordings so far"),
    })
}
