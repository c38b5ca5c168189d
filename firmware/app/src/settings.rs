//! The settings that a device is built with.

use alloc::{borrow::ToOwned, format, string::String};
use core::fmt;

use protocomm::Scheme;

/// A device's name and secrets. [`BUILT_IN`](Self::BUILT_IN) has those of the build.
#[derive(Clone, Copy)]
pub struct Settings {
    /// The name of its access point and over BLE. If it is `None`, boards with a MAC make one from
    /// that.
    pub name: Option<&'static str>,
    /// The security scheme.
    pub scheme: Scheme,
    /// The user name of security 2.
    pub username: &'static str,
    /// The proof of possession of security 1, which may be empty for none, or the password of
    /// security 2.
    pub secret: &'static str,
}

impl Settings {
    /// The settings from the environment of the build: `ESP_PROV_NAME` (default: `PROV_` and the
    /// end of the MAC), `ESP_PROV_SECURITY` (`0`, `1` or `2`; default: 1), `ESP_PROV_USERNAME`
    /// (default: `wifiprov`) and `ESP_PROV_SECRET` (default: `abcd1234`, which everybody knows, so
    /// it is for tests only).
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
    /// The name for boards without a MAC: that of the build, otherwise a fixed one.
    pub fn name(&self) -> &'static str {
        self.name.unwrap_or("PROV_123456")
    }

    /// The name for a board with this MAC: that of the build, otherwise one made from the MAC as in
    /// the vendor's examples.
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
