//! Devices with provisioning firmware, as they are heard.

use std::time::Duration;

use serde::{Serialize, Serializer};
use uuid::Uuid;

/// A device that was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiscoveredDevice {
    /// How it was heard.
    #[serde(rename = "transport")]
    pub by: HeardBy,
    /// What it calls itself; over BLE it comes later than the rest, and may be cut off.
    pub name: Option<String>,
    /// Its Bluetooth address, or what the system has instead of it; host and port on the network.
    pub address: String,
    /// Its signal over BLE, dBm.
    pub rssi: Option<i16>,
    /// The service that it advertises over BLE: one of provisioning firmware if there is one.
    pub service: Option<Uuid>,
    /// Whether the service is one of provisioning firmware.
    pub provisions: bool,
    /// When it was first heard, from the beginning.
    #[serde(rename = "heard_after_ms", serialize_with = "milliseconds")]
    pub heard_after: Duration,
}

/// How a device tells that it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum HeardBy {
    /// It advertises over BLE.
    Ble,
    /// It is announced by mDNS (`scheme_softap.c`, ESP-IDF up to v4.4).
    Softap,
}

impl HeardBy {
    /// What `--transport` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ble => "ble",
            Self::Softap => "softap",
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)]
pub(crate) fn milliseconds<S: Serializer>(
    time: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(time.as_millis())
}
