//! How to scan, and the networks found: by name, strongest first.

use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map::Entry},
    time::Duration,
};

use protocomm::{
    Bssid,
    commands::{AccessPoint, AuthMode, StartThreadScan, StartWifiScan},
};
use serde::{Serialize, Serializer};

use crate::{address::Address, few::sort_few};

/// How a device is to scan.
#[derive(Clone, Copy, Debug)]
pub struct Scan {
    /// Whether the device may reply only once the scan is done. This is used only if the scan is
    /// certain to end, which is after a reset in the same run; otherwise the device is polled.
    pub blocking: bool,
    /// Whether to listen for beacons instead of sending probe requests.
    pub passive: bool,
    /// The number of channels after which the device pauses; 0 scans all channels at once.
    pub group_channels: u8,
    /// The time on each channel. Firmware with Bluetooth ignores it.
    pub period: Duration,
    /// The number of entries to ask for at once. A device for Thread is asked for at most 4.
    pub page: u32,
    /// The channels that a device for Thread scans, one bit for each; 0 for all.
    pub channel_mask: u32,
    /// Whether to make the device forget a network that it could not join before it scans.
    pub reset_first: bool,
}

impl Scan {
    /// The values for a transport. Scanning is as in the vendor's tool: on its own access point, a
    /// device must pause for its client (`esp_prov.py`, network_provisioning 1.2.4). Over HTTP, 16
    /// entries are asked for at once, otherwise 4, which fit into any reply.
    pub fn for_address(address: &Address) -> Self {
        let (group_channels, page) = match address {
            Address::Http(_) | Address::Softap(_) => (5, 16),
            Address::Ble(_) | Address::Console(_) | Address::ManualConsole | Address::Virtual => {
                (0, 4)
            }
        };
        let period = Duration::from_millis(120);
        Self {
            blocking: true,
            passive: false,
            group_channels,
            period,
            page,
            channel_mask: 0,
            reset_first: false,
        }
    }

    pub(crate) fn start(&self) -> StartWifiScan {
        let Self { blocking, passive, group_channels, period, .. } = *self;
        StartWifiScan { blocking, passive, group_channels, period }
    }

    pub(crate) fn start_thread(&self) -> StartThreadScan {
        let Self { blocking, channel_mask, .. } = *self;
        StartThreadScan { blocking, channel_mask }
    }
}

/// A network that a device sees, possibly through several access points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VisibleNetwork {
    /// The name as text, with invalid UTF-8 replaced; empty if the network hides it.
    pub ssid: String,
    /// The bytes of the name.
    #[serde(rename = "ssid_hex", serialize_with = "as_hex")]
    pub ssid_bytes: Vec<u8>,
    /// The signal strength of the strongest access point, in dBm.
    pub rssi: i32,
    /// The channel of that access point.
    pub channel: u32,
    /// The address of that access point.
    pub bssid: Option<Bssid>,
    /// How the network is protected.
    pub auth_mode: AuthMode,
    /// The number of access points that the device sees.
    pub access_points: u32,
}

impl VisibleNetwork {
    /// The signal strength as phones show it, in 0 to 4 bars.
    pub fn bars(&self) -> u8 {
        bars(self.rssi)
    }
}

/// A signal strength in dBm as phones show it, in 0 to 4 bars.
pub fn bars(rssi: i32) -> u8 {
    match rssi {
        -55.. => 4,
        -66..=-56 => 3,
        -77..=-67 => 2,
        -88..=-78 => 1,
        _ => 0,
    }
}

fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

/// Groups the access points of each network, strongest first. Hidden ones stay separate, since they
/// need not belong to one network.
pub(crate) fn group(mut access_points: Vec<AccessPoint>) -> Vec<VisibleNetwork> {
    sort_few(&mut access_points, |point| Reverse(point.rssi));
    let mut networks: Vec<VisibleNetwork> = Vec::new();
    let mut known: HashMap<(Vec<u8>, AuthMode), usize> = HashMap::new();
    for point in access_points {
        if !point.ssid.is_empty() {
            match known.entry((point.ssid.clone(), point.auth_mode)) {
                Entry::Occupied(at) => {
                    networks[*at.get()].access_points += 1;
                    continue;
                }
                Entry::Vacant(new) => drop(new.insert(networks.len())),
            }
        }
        networks.push(VisibleNetwork {
            ssid: String::from_utf8_lossy(&point.ssid).into_owned(),
            ssid_bytes: point.ssid,
            rssi: point.rssi,
            channel: point.channel,
            bssid: point.bssid,
            auth_mode: point.auth_mode,
            access_points: 1,
        });
    }
    networks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(ssid: &[u8], rssi: i32, auth_mode: AuthMode) -> AccessPoint {
        AccessPoint { ssid: ssid.to_vec(), channel: 6, rssi, bssid: None, auth_mode }
    }

    #[test]
    fn access_points_of_one_network_are_one_line_and_hidden_ones_are_not() {
        let (open, wpa2) = (AuthMode::OPEN, AuthMode::WPA2_PSK);
        let networks = group(vec![
            point(b"Home", -80, wpa2),
            point(b"", -70, wpa2),
            point(b"Home", -40, wpa2),
            point(b"Home", -60, open),
            point(b"", -75, wpa2),
            point(b"\xff\xfe", -90, open),
        ]);
        let seen: Vec<_> = networks
            .iter()
            .map(|network| (network.ssid.as_str(), network.rssi, network.access_points))
            .collect();
        let expected = [
            ("Home", -40, 2),
            ("Home", -60, 1),
            ("", -70, 1),
            ("", -75, 1),
            ("\u{fffd}\u{fffd}", -90, 1),
        ];
        assert_eq!(seen, expected);
        assert_eq!(networks.iter().map(VisibleNetwork::bars).collect::<Vec<_>>(), [4, 3, 2, 2, 0]);
    }
}
