//! Networks the device sees (`network_scan.c`, network_provisioning 1.2.4).

use alloc::vec::Vec;
use core::time::Duration;

use zeroize::Zeroizing;

use super::{AuthMode, bytes, reply, success};
use crate::{
    Bssid, Command, DecodeError, Endpoint, Refusal,
    wire::{
        CmdScanWifiResult, CmdScanWifiStart, NetworkScanMsgType as Msg, NetworkScanPayload,
        WiFiScanResult, network_scan_payload::Payload,
    },
};

/// Starts a scan. A blocking one is answered when it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartWifiScan {
    /// Answer only when done.
    pub blocking: bool,
    /// Listen for beacons instead of asking.
    pub passive: bool,
    /// Pause after this many channels; 0 scans all at once. The device keeps 8 bits of it.
    pub group_channels: u8,
    /// Time on each channel; ignored by firmware with Bluetooth.
    pub period: Duration,
}

impl Command for StartWifiScan {
    type Reply = ();
    const NAME: &'static str = "ScanWifiStart";
    // 13 channels, one by one, with pauses, on a SoftAP that must serve its client meanwhile.
    const REPLY_WITHIN: Duration = Duration::from_secs(30);

    fn endpoint(&self) -> Endpoint {
        Endpoint::SCAN
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(
            Msg::TypeCmdScanWifiStart,
            Some(Payload::CmdScanWifiStart(CmdScanWifiStart {
                blocking: self.blocking,
                passive: self.passive,
                group_channels: self.group_channels.into(),
                period_ms: u32::try_from(self.period.as_millis()).unwrap_or(u32::MAX),
            })),
        )
    }

    fn decode(reply: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        match scan_reply::<Self>(reply, Msg::TypeRespScanWifiStart)? {
            Ok(Payload::RespScanWifiStart(_)) => Ok(Ok(())),
            Ok(_) => Err(DecodeError::MissingPayload(Self::NAME)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// Asks whether the scan is done.
#[derive(Clone, Copy, Debug)]
pub struct GetWifiScanStatus;

/// How the scan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WifiScanStatus {
    /// Also true when no scan ever ran.
    pub finished: bool,
    /// How many networks can be asked for: the device's word, so limit what you do with it.
    pub count: u32,
}

impl Command for GetWifiScanStatus {
    type Reply = WifiScanStatus;
    const NAME: &'static str = "ScanWifiStatus";

    fn endpoint(&self) -> Endpoint {
        Endpoint::SCAN
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Bare, as the vendor's tool sends it.
        encode(Msg::TypeCmdScanWifiStatus, None)
    }

    fn decode(reply: &[u8]) -> Result<Result<WifiScanStatus, Refusal>, DecodeError> {
        match scan_reply::<Self>(reply, Msg::TypeRespScanWifiStatus)? {
            Ok(Payload::RespScanWifiStatus(status)) => Ok(Ok(WifiScanStatus {
                finished: status.scan_finished,
                count: status.result_count,
            })),
            Ok(_) => Err(DecodeError::MissingPayload(Self::NAME)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// Asks for one page of the list. Never ask beyond [`WifiScanStatus::count`]: firmware before
/// v5.2.7, v5.5.5 and network_provisioning 1.2.3 crashes.
#[derive(Clone, Copy, Debug)]
pub struct GetWifiScanResult {
    /// The first entry wanted, from 0.
    pub start: u32,
    /// How many; 4 fit into a reply over BLE.
    pub count: u32,
}

impl Command for GetWifiScanResult {
    type Reply = Vec<AccessPoint>;
    const NAME: &'static str = "ScanWifiResult";

    fn endpoint(&self) -> Endpoint {
        Endpoint::SCAN
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(
            Msg::TypeCmdScanWifiResult,
            Some(Payload::CmdScanWifiResult(CmdScanWifiResult {
                start_index: self.start,
                count: self.count,
            })),
        )
    }

    fn decode(reply: &[u8]) -> Result<Result<Vec<AccessPoint>, Refusal>, DecodeError> {
        match scan_reply::<Self>(reply, Msg::TypeRespScanWifiResult)? {
            Ok(Payload::RespScanWifiResult(page)) => {
                Ok(Ok(page.entries.into_iter().map(AccessPoint::from).collect()))
            }
            Ok(_) => Err(DecodeError::MissingPayload(Self::NAME)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// A network the device sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPoint {
    /// Its name; empty if hidden, and not always text.
    pub ssid: Vec<u8>,
    /// Its channel.
    pub channel: u32,
    /// Signal strength, dBm.
    pub rssi: i32,
    /// Its address; `None` if the device did not send six bytes.
    pub bssid: Option<Bssid>,
    /// How it is protected.
    pub auth_mode: AuthMode,
}

impl From<WiFiScanResult> for AccessPoint {
    fn from(entry: WiFiScanResult) -> Self {
        Self {
            ssid: entry.ssid,
            channel: entry.channel,
            rssi: entry.rssi,
            bssid: entry.bssid.try_into().ok().map(Bssid),
            auth_mode: AuthMode(entry.auth),
        }
    }
}

#[cfg(feature = "device")]
impl From<AccessPoint> for WiFiScanResult {
    fn from(entry: AccessPoint) -> Self {
        Self {
            ssid: entry.ssid,
            channel: entry.channel,
            rssi: entry.rssi,
            bssid: entry.bssid.map(|bssid| bssid.0.to_vec()).unwrap_or_default(),
            auth: entry.auth_mode.0,
        }
    }
}

fn encode(msg: Msg, payload: Option<Payload>) -> Zeroizing<Vec<u8>> {
    bytes(&NetworkScanPayload { msg: msg as i32, status: 0, payload })
}

fn scan_reply<C: Command>(
    bytes: &[u8],
    expected: Msg,
) -> Result<Result<Payload, Refusal>, DecodeError> {
    let reply = reply::<NetworkScanPayload, C>(bytes, expected as i32, |reply| reply.msg)?;
    match success::<C>(reply.status) {
        Ok(()) => Ok(Ok(reply.payload.ok_or(DecodeError::MissingPayload(C::NAME))?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}
