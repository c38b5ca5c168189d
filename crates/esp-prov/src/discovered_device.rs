//! What is known of a device from discovery.

use std::time::Duration;

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::transport::softap::Protection;

/// A device that was found by discovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiscoveredDevice {
    /// How it was found.
    #[serde(rename = "transport")]
    pub by: HeardBy,
    /// The name of the device. Over BLE, it comes later than the rest and may be cut off.
    pub name: Option<String>,
    /// Its Bluetooth address, or the system's identifier where the system hides addresses. For a
    /// device on the network, its host and port; for an access point, its BSSID, or its name
    /// where the system hides that.
    pub address: String,
    /// The signal strength over BLE or of an access point, in dBm.
    pub rssi: Option<i16>,
    /// The channel of an access point, if it is known.
    pub channel: Option<u16>,
    /// How an access point is protected.
    pub encryption: Option<Protection>,
    /// The service that it advertises over BLE. If there are several, one of provisioning firmware.
    pub service: Option<Uuid>,
    /// Whether the device has provisioning firmware, judging by its service, or an access point by
    /// its name. Always true for one that was announced by mDNS.
    pub provisions: bool,
    /// When it was first heard, counted from the start of discovery.
    #[serde(rename = "heard_after_ms", serialize_with = "milliseconds")]
    pub heard_after: Duration,
}

/// How a device was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum HeardBy {
    /// By its BLE advertisements.
    Ble,
    /// By its mDNS announcements (`scheme_softap.c`, ESP-IDF up to v4.4).
    Softap,
    /// By its access point.
    #[serde(rename = "softap")]
    AccessPoint,
}

impl HeardBy {
    /// The short name of the transport: `ble` or `softap`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ble => "ble",
            Self::Softap | Self::AccessPoint => "softap",
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
