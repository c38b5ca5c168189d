//! The networks in range of a simulated radio, which are those of the virtual device (`esp-prov-rs
//! simulate`).

use protocomm::commands::AuthMode;

/// A network.
pub struct Network {
    /// The name.
    pub ssid: &'static str,
    /// The passphrase; empty for an open network.
    pub passphrase: &'static str,
    /// The address of its access point.
    pub bssid: [u8; 6],
    /// The channel.
    pub channel: u8,
    /// The signal strength in dBm.
    pub rssi: i32,
}

impl Network {
    pub(crate) fn auth_mode(&self) -> AuthMode {
        if self.passphrase.is_empty() { AuthMode::OPEN } else { AuthMode::WPA2_PSK }
    }
}

/// The visible networks, strongest first.
pub const NETWORKS: [Network; 3] = [
    Network {
        ssid: "Home",
        passphrase: "correct-horse",
        bssid: [0x24, 0x0a, 0xc4, 0x11, 0x22, 0x33],
        channel: 6,
        rssi: -41,
    },
    Network {
        ssid: "Office",
        passphrase: "battery-staple",
        bssid: [0xd8, 0x07, 0xb6, 0x00, 0xaa, 0xbb],
        channel: 11,
        rssi: -58,
    },
    Network {
        ssid: "Guest",
        passphrase: "",
        bssid: [0xd8, 0x07, 0xb6, 0x00, 0xaa, 0xbc],
        channel: 11,
        rssi: -60,
    },
];

/// A network that no scan shows, with the longest possible name and passphrase.
pub const HIDDEN: Network = Network {
    ssid: "hidden, with thirty-two bytes :)",
    passphrase: "a passphrase of sixty-three bytes, which is as long as they are",
    bssid: [0xd8, 0x07, 0xb6, 0x00, 0xaa, 0xbd],
    channel: 1,
    rssi: -62,
};

const _: () = assert!(HIDDEN.ssid.len() == 32 && HIDDEN.passphrase.len() == 63);

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn they_are_those_of_the_virtual_device() {
        let text = include_str!("../../../crates/esp-prov-simulate/src/networks.toml");
        let file: toml::Table = text.parse().expect("TOML");
        let theirs = file["network"].as_array().expect("networks");
        assert_eq!(theirs.len(), NETWORKS.len());
        for (ours, theirs) in NETWORKS.iter().zip(theirs) {
            let bssid = protocomm::Bssid(ours.bssid).to_string();
            let number = |name: &str| theirs[name].as_integer();
            assert_eq!(theirs["ssid"].as_str(), Some(ours.ssid));
            let passphrase = theirs.get("passphrase").and_then(toml::Value::as_str);
            assert_eq!(passphrase.unwrap_or_default(), ours.passphrase);
            assert_eq!(theirs["bssid"].as_str(), Some(bssid.as_str()));
            assert_eq!(number("channel"), Some(ours.channel.into()));
            assert_eq!(number("rssi"), Some(ours.rssi.into()));
        }
    }
}
