//! Commands that set and apply a Wi-Fi network and ask for its state (`network_config.c`,
//! network_provisioning 1.2.4, whose messages are byte-identical to those of `wifi_config.c` of
//! ESP-IDF).

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{Serialize, Serializer};
use zeroize::{Zeroize, Zeroizing};

use super::{JoinFailure, bytes, config_reply, success};
use crate::{
    Bssid, Command, CommandKind, DecodeError, Endpoint, Passphrase, Refusal, Ssid,
    wire::{
        self, CmdGetWifiStatus, CmdSetWifiConfig, NetworkConfigMsgType as Msg,
        NetworkConfigPayload, WifiConnectedState, WifiStationState,
        network_config_payload::Payload, resp_get_wifi_status::State,
    },
};

/// Stores a Wi-Fi network in the device's memory. Safe to repeat.
#[derive(Clone, Debug)]
pub struct SetWifiConfig {
    /// The network's name.
    pub ssid: Ssid,
    /// The passphrase; empty for an open network.
    pub passphrase: Passphrase,
    /// The address of one access point. Stock firmware checks its length and ignores it.
    pub bssid: Option<Bssid>,
    /// The channel. Stock firmware ignores it.
    pub channel: Option<u8>,
}

impl Command for SetWifiConfig {
    type Reply = ();
    const NAME: &'static str = "SetWifiConfig";
    const KIND: CommandKind = CommandKind::SetConfig;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONFIG
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut payload = NetworkConfigPayload {
            msg: Msg::TypeCmdSetWifiConfig as i32,
            payload: Some(Payload::CmdSetWifiConfig(CmdSetWifiConfig {
                ssid: self.ssid.as_bytes().to_vec(),
                passphrase: self.passphrase.expose().to_vec(),
                bssid: self.bssid.map(|bssid| bssid.0.to_vec()).unwrap_or_default(),
                channel: self.channel.map_or(0, i32::from),
            })),
        };
        let encoded = bytes(&payload);
        if let Some(Payload::CmdSetWifiConfig(config)) = &mut payload.payload {
            config.passphrase.zeroize();
        }
        encoded
    }

    fn decode(bytes: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        match config_reply::<Self>(bytes, Msg::TypeRespSetWifiConfig)? {
            Payload::RespSetWifiConfig(reply) => Ok(success::<Self>(reply.status)),
            _ => Err(DecodeError::MissingPayload(Self::NAME)),
        }
    }
}

/// Makes the device join the network that was set. Do not repeat it blindly: a device that has
/// applied once refuses to apply again until it is reset.
#[derive(Clone, Copy, Debug)]
pub struct ApplyWifiConfig;

impl Command for ApplyWifiConfig {
    type Reply = ();
    const NAME: &'static str = "ApplyWifiConfig";
    const KIND: CommandKind = CommandKind::ApplyConfig;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONFIG
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Without a payload, as the vendor's tool sends it: the device looks only at the type.
        bytes(&NetworkConfigPayload { msg: Msg::TypeCmdApplyWifiConfig as i32, payload: None })
    }

    fn decode(bytes: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        match config_reply::<Self>(bytes, Msg::TypeRespApplyWifiConfig)? {
            Payload::RespApplyWifiConfig(reply) => Ok(success::<Self>(reply.status)),
            _ => Err(DecodeError::MissingPayload(Self::NAME)),
        }
    }
}

/// Asks for the state of the join.
///
/// Sent with its empty oneof member (`52 00`): without it the message would have no bytes, and
/// firmware answers no empty request.
#[derive(Clone, Copy, Debug)]
pub struct GetWifiStatus;

impl Command for GetWifiStatus {
    type Reply = WifiStatus;
    const NAME: &'static str = "GetWifiStatus";
    const KIND: CommandKind = CommandKind::Status;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONFIG
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        bytes(&NetworkConfigPayload {
            msg: Msg::TypeCmdGetWifiStatus as i32,
            payload: Some(Payload::CmdGetWifiStatus(CmdGetWifiStatus {})),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Result<WifiStatus, Refusal>, DecodeError> {
        let Payload::RespGetWifiStatus(reply) =
            config_reply::<Self>(bytes, Msg::TypeRespGetWifiStatus)?
        else {
            return Err(DecodeError::MissingPayload(Self::NAME));
        };
        // The status is checked first: a failed handler leaves the state at 0, which is Connected.
        if let Err(refusal) = success::<Self>(reply.status) {
            return Ok(Err(refusal));
        }
        let status = match (WifiStationState::try_from(reply.wifi_sta_state), reply.state) {
            (Ok(WifiStationState::Connected), Some(State::WifiConnected(connected))) => {
                WifiStatus::Connected(connected.into())
            }
            (Ok(WifiStationState::Connected), _) => {
                return Err(DecodeError::MissingPayload("wifi_connected"));
            }
            (Ok(WifiStationState::Connecting), Some(State::AttemptFailed(failed))) => {
                WifiStatus::Connecting { attempts_remaining: Some(failed.attempts_remaining) }
            }
            (Ok(WifiStationState::Connecting), _) => {
                WifiStatus::Connecting { attempts_remaining: None }
            }
            (Ok(WifiStationState::Disconnected), _) => WifiStatus::Disconnected,
            (Ok(WifiStationState::ConnectionFailed), Some(State::WifiFailReason(reason))) => {
                WifiStatus::Failed(JoinFailure::of_wifi(reason))
            }
            (Ok(WifiStationState::ConnectionFailed), _) => WifiStatus::Failed(JoinFailure::Unsaid),
            (Err(_), _) => WifiStatus::Unknown(reply.wifi_sta_state),
        };
        Ok(Ok(status))
    }
}

/// The state of a device's join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WifiStatus {
    /// The device is trying, or was never told to join.
    Connecting {
        /// The attempts it has left, after at least one has failed (ESP-IDF v5.4.1, v5.5 and later,
        /// network_provisioning).
        attempts_remaining: Option<u32>,
    },
    /// The device has an IPv4 address.
    Connected(WifiConnection),
    /// No known firmware reports this state.
    Disconnected,
    /// The device gave up. Firmware made from the examples up to ESP-IDF v5.4 may still try again
    /// on its own.
    Failed(JoinFailure),
    /// A state that this crate does not know, by its number.
    Unknown(i32),
}

/// What a connected device reports. It is not checked against what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WifiConnection {
    /// The IPv4 address in dotted decimal.
    pub ip: String,
    /// The network's name. Not always text.
    #[serde(serialize_with = "lossy")]
    pub ssid: Vec<u8>,
    /// The address of the access point; `None` if the device did not send six bytes. The bytes
    /// after a 00 are unreliable: firmware up to network_provisioning 1.2.4 copies it as a C string
    /// (see [`Bssid::as_reported`]).
    #[serde(serialize_with = "as_reported")]
    pub bssid: Option<Bssid>,
    /// The channel.
    pub channel: i32,
    /// How the network is protected.
    pub auth_mode: AuthMode,
}

impl From<WifiConnectedState> for WifiConnection {
    fn from(state: WifiConnectedState) -> Self {
        Self {
            ip: state.ip4_addr,
            ssid: state.ssid,
            bssid: state.bssid.try_into().ok().map(Bssid),
            channel: state.channel,
            auth_mode: AuthMode(state.auth_mode),
        }
    }
}

#[cfg(feature = "device")]
impl From<WifiConnection> for WifiConnectedState {
    fn from(connection: WifiConnection) -> Self {
        Self {
            ip4_addr: connection.ip,
            ssid: connection.ssid,
            bssid: connection.bssid.map(|bssid| bssid.0.to_vec()).unwrap_or_default(),
            channel: connection.channel,
            auth_mode: connection.auth_mode.0,
        }
    }
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn as_reported<S: Serializer>(bssid: &Option<Bssid>, serializer: S) -> Result<S::Ok, S::Error> {
    bssid.map(|bssid| bssid.as_reported()).serialize(serializer)
}

fn lossy<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes))
}

/// How an access point is protected, by its number. Devices copy the driver's number without a
/// range check, so numbers beyond those of the schema do arrive, and are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AuthMode(pub i32);

impl AuthMode {
    /// Not encrypted, without a passphrase.
    pub const OPEN: Self = Self(0);
    /// Encrypted, but without a passphrase (Enhanced Open).
    pub const OWE: Self = Self(9);
    /// WPA2-Personal.
    pub const WPA2_PSK: Self = Self(3);
}

impl AuthMode {
    /// Whether a network of this kind takes a passphrase.
    pub fn takes_passphrase(self) -> bool {
        self != Self::OPEN && self != Self::OWE
    }

    /// Whether a network of this kind needs a user name or a certificate, for which the protocol
    /// has no field.
    pub fn is_enterprise(self) -> bool {
        matches!(self.0, 5 | 10 | 14..=16)
    }

    /// Whether this is WEP. Stock firmware does not join such a network with a passphrase: given
    /// one, it requires WPA (`manager.c`).
    pub fn is_wep(self) -> bool {
        self.0 == 1
    }
}

impl fmt::Display for AuthMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match wire::WifiAuthMode::try_from(self.0) {
            Ok(mode) => f.write_str(mode.as_str_name()),
            // `wifi_auth_mode_t` beyond the schema (`esp_wifi_types_generic.h`, ESP-IDF v6).
            Err(_) => match self.0 {
                8 => f.write_str("WAPI_PSK"),
                9 => f.write_str("OWE"),
                10 => f.write_str("WPA3_ENT_192"),
                11 => f.write_str("WPA3_EXT_PSK"),
                12 => f.write_str("WPA3_EXT_PSK_MIXED_MODE"),
                13 => f.write_str("DPP"),
                14 => f.write_str("WPA3_ENTERPRISE"),
                15 => f.write_str("WPA2_WPA3_ENTERPRISE"),
                16 => f.write_str("WPA_ENTERPRISE"),
                other => write!(f, "auth mode {other}"),
            },
        }
    }
}

impl Serialize for AuthMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn modes_differ_in_what_they_want() {
        let all = |wants: fn(AuthMode) -> bool| (0..=17).filter(move |mode| wants(AuthMode(*mode)));
        let enterprise: Vec<i32> = all(AuthMode::is_enterprise).collect();
        let without: Vec<i32> = all(|mode| !mode.takes_passphrase()).collect();
        assert_eq!(enterprise, [5, 10, 14, 15, 16]);
        assert_eq!(without, [0, 9]);
        assert_eq!(all(AuthMode::is_wep).collect::<Vec<_>>(), [1]);
    }
}
