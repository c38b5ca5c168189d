//! The status of a device and its network of either kind, and whether it is the network it was
//! given.

use std::net::Ipv4Addr;

use protocomm::{
    NetworkKind, ThreadDataset,
    commands::{
        GetThreadStatus, GetWifiStatus, SetWifiConfig, ThreadConnection, ThreadStatus,
        WifiConnection, WifiStatus,
    },
};

use super::link::Link;
use crate::{
    error::{Error, Mismatch, Stage},
    event::{JoinState, Outcome},
    plan::Network,
};

/// The status of a device.
pub(super) enum DeviceStatus {
    /// It has joined the network it was given, as far as that is known.
    Joined(Outcome),
    /// It has not.
    NotJoined(JoinState),
}

impl DeviceStatus {
    pub(super) fn state(&self) -> JoinState {
        match self {
            Self::Joined(_) => JoinState::Connected,
            Self::NotJoined(state) => state.clone(),
        }
    }

    /// Joined with `outcome`, unless something is wrong with the connection.
    fn of(outcome: Outcome, mismatch: Option<Mismatch>) -> Self {
        match mismatch {
            Some(mismatch) => JoinState::Mismatch { mismatch }.into(),
            None => Self::Joined(outcome),
        }
    }
}

impl From<JoinState> for DeviceStatus {
    fn from(state: JoinState) -> Self {
        Self::NotJoined(state)
    }
}

/// Asks the device for its status. `given` is the network it was told to join, if that is known.
pub(super) async fn device_status(
    link: &mut Link<'_>,
    stage: Stage,
    given: Option<&Network>,
) -> Result<DeviceStatus, Error> {
    Ok(match link.device.network() {
        NetworkKind::Wifi => match link.client.call_at(stage, &GetWifiStatus).await? {
            WifiStatus::Connected(connection) => {
                let given = match given {
                    Some(Network::Wifi(network)) => Some(network),
                    _ => None,
                };
                let mismatch = elsewhere(&connection, given);
                DeviceStatus::of(Outcome::Connected { connection }, mismatch)
            }
            WifiStatus::Connecting { attempts_remaining } => {
                JoinState::Connecting { attempts_remaining }.into()
            }
            WifiStatus::Failed(failure) => JoinState::Failed { failure }.into(),
            WifiStatus::Disconnected => JoinState::Other { number: 2 }.into(),
            WifiStatus::Unknown(number) => JoinState::Other { number }.into(),
        },
        NetworkKind::Thread => match link.client.call_at(stage, &GetThreadStatus).await? {
            ThreadStatus::Attached(connection) => {
                let given = match given {
                    Some(Network::Thread(dataset)) => Some(dataset),
                    _ => None,
                };
                let mismatch = detached(&connection, given);
                DeviceStatus::of(Outcome::Attached { connection }, mismatch)
            }
            ThreadStatus::Attaching => JoinState::Connecting { attempts_remaining: None }.into(),
            ThreadStatus::Failed(failure) => JoinState::Failed { failure }.into(),
            ThreadStatus::Detached => JoinState::Other { number: 2 }.into(),
            ThreadStatus::Unknown(number) => JoinState::Other { number }.into(),
        },
    })
}

/// What is wrong with a Wi-Fi connection. A device reports the name of its network up to the first
/// zero byte (`handlers.c`: a C string). That of a hidden network may be empty, but its channel is
/// not
/// 0.
fn elsewhere(connection: &WifiConnection, given: Option<&SetWifiConfig>) -> Option<Mismatch> {
    let name = connection.ssid.split(|&byte| byte == 0).next().unwrap_or_default();
    if name.is_empty() && connection.channel == 0 && connection.ip.is_empty() {
        return Some(Mismatch::Address(String::new()));
    }
    if name.is_empty() && connection.channel == 0 {
        return Some(Mismatch::NoNetwork);
    }
    if connection.ip.parse().is_ok_and(is_of_a_station) {
        let is_other = given.is_some_and(|given| !name.is_empty() && name != given.ssid.as_bytes());
        return is_other.then(|| Mismatch::Network(String::from_utf8_lossy(name).into_owned()));
    }
    Some(Mismatch::Address(connection.ip.clone()))
}

/// Whether a station can have this address: it is neither "this network" nor loopback, multicast,
/// reserved or broadcast.
fn is_of_a_station(address: Ipv4Addr) -> bool {
    matches!(address.octets()[0], 1..=126 | 128..=223)
}

/// What is wrong with a Thread connection. The extended PAN ID tells networks apart; if it is not
/// known, the name does.
fn detached(connection: &ThreadConnection, given: Option<&ThreadDataset>) -> Option<Mismatch> {
    let ThreadConnection { name, ext_pan_id, .. } = connection;
    if name.is_empty() && ext_pan_id.is_none_or(|id| id.0 == [0; 8]) {
        return Some(Mismatch::NoNetwork);
    }
    let given = given?;
    let is_other = match (given.ext_pan_id(), ext_pan_id) {
        (Some(given), Some(id)) => given != *id,
        _ => given.name().is_some_and(|given| !name.is_empty() && given != *name),
    };
    let id = ext_pan_id.map(|id| id.to_string());
    is_other.then(|| Mismatch::Network(id.filter(|_| name.is_empty()).unwrap_or(name.clone())))
}

#[cfg(test)]
mod tests {
    use protocomm::{Passphrase, Ssid, commands::AuthMode};

    use super::*;

    #[test]
    fn a_connection_is_one_to_the_network_that_was_given() {
        let network = |text: &str| Mismatch::Network(text.to_owned());
        let address = |text: &str| Mismatch::Address(text.to_owned());
        for (given, ip, name, channel, expected) in [
            ("Home", "192.168.1.57", "Home", 6, None),
            // A C string ends at a zero byte.
            ("Home", "192.168.1.57", "Home\0xx", 6, None),
            // A hidden network.
            ("Home", "192.168.1.57", "", 6, None),
            ("Home", "192.168.1.57", "", 0, Some(Mismatch::NoNetwork)),
            ("Home", "0.0.0.0", "", 0, Some(Mismatch::NoNetwork)),
            ("Home", "", "", 0, Some(address(""))),
            ("Home", "", "Home", 6, Some(address(""))),
            ("Home", "0.0.0.0", "Home", 6, Some(address("0.0.0.0"))),
            ("Home", "0.1.2.3", "Home", 6, Some(address("0.1.2.3"))),
            ("Home", "127.0.0.1", "Home", 6, Some(address("127.0.0.1"))),
            ("Home", "224.0.0.1", "Home", 6, Some(address("224.0.0.1"))),
            ("Home", "255.255.255.255", "Home", 6, Some(address("255.255.255.255"))),
            ("Home", "10.0.0.7", "Home", 6, None),
            ("Home", "169.254.3.4", "Home", 6, None),
            ("Home", "fe80::1", "Home", 6, Some(address("fe80::1"))),
            ("Home", "192.168.1", "Home", 6, Some(address("192.168.1"))),
            ("Home", "192.168.1.57", "home", 6, Some(network("home"))),
            ("Home", "192.168.1.57", "Homes", 6, Some(network("Homes"))),
        ] {
            let connection = WifiConnection {
                ip: ip.to_owned(),
                ssid: name.into(),
                bssid: None,
                channel,
                auth_mode: AuthMode::OPEN,
            };
            let given = SetWifiConfig {
                ssid: Ssid::new(given).expect("a name"),
                passphrase: Passphrase::open(),
                bssid: None,
                channel: None,
            };
            let case = format!("{ip} {name:?} {channel}");
            assert_eq!(elsewhere(&connection, Some(&given)), expected, "{case}");
            let named = matches!(expected, Some(Mismatch::Network(_)));
            let unnamed = expected.filter(|_| !named);
            assert_eq!(elsewhere(&connection, None), unnamed, "{case}");
        }
    }

    #[test]
    fn a_thread_network_is_known_by_its_extended_pan_id_or_its_name() {
        let dataset = |text| ThreadDataset::new(hex::decode(text).expect("hex").into());
        // One names `Home-Thread` by its ID, the other `N` only by its name.
        let by_id = dataset("0510000102030405060708090a0b0c0d0e0f0208dead00beef00cafe");
        let by_name = dataset("0510000102030405060708090a0b0c0d0e0f03014e");
        let (by_id, by_name) = (by_id.expect("a dataset"), by_name.expect("a dataset"));
        let connection = |name: &str, id: Option<[u8; 8]>| ThreadConnection {
            name: name.to_owned(),
            pan_id: 1,
            ext_pan_id: id.map(protocomm::ExtPanId),
            channel: 15,
        };
        let ours = Some([0xde, 0xad, 0, 0xbe, 0xef, 0, 0xca, 0xfe]);
        let other = Some([1; 8]);
        let network = |text: &str| Some(Mismatch::Network(text.to_owned()));
        for (given, name, id, expected) in [
            (&by_id, "Home-Thread", ours, None),
            (&by_id, "", ours, None),
            (&by_id, "Home-Thread", other, network("Home-Thread")),
            (&by_id, "", other, network("0101010101010101")),
            (&by_name, "N", other, None),
            (&by_name, "M", other, network("M")),
            (&by_name, "", None, Some(Mismatch::NoNetwork)),
            (&by_name, "", Some([0; 8]), Some(Mismatch::NoNetwork)),
        ] {
            let got = detached(&connection(name, id), Some(given));
            assert_eq!(got, expected, "{name:?} {id:?}");
        }
    }
}
