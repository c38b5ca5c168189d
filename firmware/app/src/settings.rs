//! What a device is built with.

use alloc::{borrow::ToOwned, format, string::String};
use core::fmt;

use protocomm::Scheme;

/// A device's name and secrets. [`BUILT_IN`](Self::BUILT_IN) are those of the build.
#[derive(Clone, Copy)]
pub struct Settings {
    /// Its name: the access point's and BLE's. Boards with a MAC make one of it otherwise.
    pub name: Option<&'static str>,
    /// Its security.
    pub scheme: Scheme,
    /// The user name of security 2.
    pub username: &'static str,
    /// Proof of possession of security 1, where empty means none; password of security 2.
    pub secret: &'static str,
}

impl Settings {
    /// From the environment of the build: `ESP_PROV_NAME` (`PROV_` and
    /// the end of the MAC), `ESP_PROV_SECURITY` (`0`,
    /// `1` or `2`; 1), `ESP_PROV_USERNAME` (`wifiprov`), `ESP_PROV_SECRET` (`abcd1234`, which
    /// everybody knows: for tests only).
    pub const BUILT_IN: Self = Self {
        name: option_env!("ESP_PROV_NAME"),
        scheme: scheme(or(option_env!("ESP_PROV_SECURITY"), "1")),
        username: or(option_env!("ESP_PROV_USERNAME"), "wifiprov"),
        secret: or(option_env!("ESP_PROV_SECRET"), "abcd1234"),
    };
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({:?}, {})", self.name, self.scheme)
    }
}

impl Settings {
    /// The name of boards without a MAC, unless the build has set another.
    pub fn name(&self) -> &'static str {
        self.name.unwrap_or("PROV_123456")
    }

    /// The name of a board with this MAC, as the vendor's examples make it, unless the build has
    /// set another.
    pub fn name_with(&self, mac: [u8; 6]) -> String {
        let [.., a, b, c] = mac;
        self.name.map_or_else(|| format!("PROV_{a:02X}{b:02X}{c:02X}"), ToOwned::to_owned)
    }
}

const fn or(set: Option<&'static str>, default: &'static str) -> &'static str {
    match set {
        Some(text) => text,
        None => default,
    }
}

const fn scheme(text: &str) -> Scheme {
    match text.as_bytes() {
        b"0" => Scheme::Sec0,
        b"1" => Scheme::Sec1,
        b"2" => Scheme::Sec2,
        _ => panic!("ESP_PROV_SECURITY is 0, 1 or 2"),
    }
}
