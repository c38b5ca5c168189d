//! The limits on how many devices are worked on at once.

use esp_prov::address::Address;

/// What events call this machine's Wi-Fi where they name an adapter.
pub const WIFI: &str = "wifi";

/// A transport that devices share, with slots for several devices at once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum TransportSlots {
    /// The network, for devices over HTTP and virtual ones.
    Http,
    /// The Wi-Fi interfaces, for devices on their own access points.
    Softap,
    /// A Bluetooth adapter; `None` is the first one.
    Ble(Option<String>),
    /// A serial port, which leads to one device.
    Console(String),
}

/// The maximum number of devices worked on at once. A serial port always has one.
#[derive(Clone, Copy, Debug)]
pub struct Concurrency {
    /// The limit for devices over HTTP.
    pub http: usize,
    /// The limit for devices on their own access points: the number of interfaces that join them.
    pub softap: usize,
    /// The limit for devices over BLE, on each adapter. BlueZ builds one connection at a time.
    pub ble: usize,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { http: 64, softap: 1, ble: 1 }
    }
}

impl TransportSlots {
    pub(super) fn of(address: &Address) -> Self {
        match address {
            Address::Http(_) | Address::Virtual => Self::Http,
            Address::Softap(_) => Self::Softap,
            Address::Ble(ble) => Self::Ble(ble.adapter.clone()),
            Address::Console(console) => Self::Console(console.port.clone()),
            Address::ManualConsole => Self::Console(String::new()),
        }
    }

    /// The name of the Bluetooth adapter, unless it is the first one, or [`WIFI`].
    pub(super) fn adapter(&self) -> Option<String> {
        match self {
            Self::Ble(adapter) => adapter.clone(),
            Self::Softap => Some(WIFI.to_owned()),
            Self::Http | Self::Console(_) => None,
        }
    }

    pub(super) fn limit(&self, concurrency: Concurrency) -> usize {
        match self {
            Self::Http => concurrency.http,
            Self::Softap => concurrency.softap,
            Self::Ble(_) => concurrency.ble,
            Self::Console(_) => 1,
        }
    }
}
