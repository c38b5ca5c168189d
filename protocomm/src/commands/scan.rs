//! The networks a device sees (`network_scan.c`, network_provisioning 1.2.4).

use alloc::{string::String, vec::Vec};
use core::{fmt, time::Duration};

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::{AuthMode, bytes, reply, success};
use crate::{
    Bssid, Command, CommandKind, DecodeError, Endpoint, ExtPanId, Refusal,
    wire::{
        CmdScanThreadResult, CmdScanThreadStart, CmdScanWifiResult, CmdScanWifiStart,
        NetworkScanMsgType as Msg, NetworkScanPayload, ThreadScanResult, WiFiScanResult,
        network_scan_payload::Payload,
    },
};

/// Starts a scan for Wi-Fi networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartWifiScan {
    /// Whether the device replies only once the scan is done.
    pub blocking: bool,
    /// Whether to listen for beacons instead of sending probe requests.
    pub passive: bool,
    /// The number of channels after which the device pauses; 0 scans all channels at once. (The
    /// message has 32 bits for it, of which the device keeps 8.)
    pub group_channels: u8,
    /// The time on each channel, sent in whole milliseconds. Firmware with Bluetooth ignores it.
    pub period: Duration,
}

impl Command for StartWifiScan {
    type Reply = ();
    const NAME: &'static str = "ScanWifiStart";
    const KIND: CommandKind = CommandKind::Scan;
    // Time for 13 channels, one by one with pauses, on a SoftAP that must serve its client
    // meanwhile.
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

/// The state of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanStatus {
    /// Whether no scan is running. Also true if none ever ran.
    pub finished: bool,
    /// The number of networks that can be asked for. Any device can claim any number: set a limit.
    pub count: u32,
}

impl Command for GetWifiScanStatus {
    type Reply = ScanStatus;
    const NAME: &'static str = "ScanWifiStatus";
    const KIND: CommandKind = CommandKind::Scan;

    fn endpoint(&self) -> Endpoint {
        Endpoint::SCAN
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Without a payload, as the vendor's tool sends it.
        encode(Msg::TypeCmdScanWifiStatus, None)
    }

    fn decode(reply: &[u8]) -> Result<Result<ScanStatus, Refusal>, DecodeError> {
        match scan_reply::<Self>(reply, Msg::TypeRespScanWifiStatus)? {
            Ok(Payload::RespScanWifiStatus(status)) => {
                Ok(Ok(ScanStatus { finished: status.scan_finished, count: status.result_count }))
            }
            Ok(_) => Err(DecodeError::MissingPayload(Self::NAME)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// Asks for one page of the list. Never ask beyond [`ScanStatus::count`], which crashes firmware
/// other than ESP-IDF v5.2.7 and v5.5.5 and network_provisioning 1.2.3 and later.
#[derive(Clone, Copy, Debug)]
pub struct GetWifiScanResult {
    /// The index of the first entry, from 0.
    pub start: u32,
    /// The number of entries. 4 fit into a reply over BLE.
    pub count: u32,
}

impl Command for GetWifiScanResult {
    type Reply = Vec<AccessPoint>;
    const NAME: &'static str = "ScanWifiResult";
    const KIND: CommandKind = CommandKind::Scan;

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

    fn most_entries(&self) -> Option<u32> {
        Some(self.count)
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
    /// The name of the network; empty if hidden, and not always text.
    pub ssid: Vec<u8>,
    /// The channel.
    pub channel: u32,
    /// The signal strength in dBm.
    pub rssi: i32,
    /// The address of the access point; `None` if the device did not send six bytes.
    pub bssid: Option<Bssid>,
    /// How the network is protected.
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

/// Starts a scan for Thread networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartThreadScan {
    /// Whether the device replies only once the scan is done.
    pub blocking: bool,
    /// The channels to scan, one bit for each; 0 for all.
    pub channel_mask: u32,
}

impl Command for StartThreadScan {
    type Reply = ();
    const NAME: &'static str = "ScanThreadStart";
    const KIND: CommandKind = CommandKind::Scan;
    const REPLY_WITHIN: Duration = StartWifiScan::REPLY_WITHIN;

    fn endpoint(&self) -> Endpoint {
        Endpoint::SCAN
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(
            Msg::TypeCmdScanThreadStart,
            Some(Payload::CmdScanThreadStart(CmdScanThreadStart {
                blocking: self.blocking,
                channel_mask: self.channel_mask,
            })),
        )
    }

    fn decode(reply: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        match scan_reply::<Self>(reply, Msg::TypeRespScanThreadStart)? {
            Ok(Payload::RespScanThreadStart(_)) => Ok(Ok(())),
            Ok(_) => Err(DecodeError::MissingPayload(Self::NAME)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// Asks whether the scan for Thread networks is done.
#[derive(Clone, Copy, Debug)]
pub struct GetThreadScanStatus;

impl Command for GetThreadScanStatus {
    type Reply = ScanStatus;
    const NAME: &'static str = "ScanThreadStatus";
    const KIND: CommandKind = CommandKind::Scan;

    fn endpoint(&self) -> Endpoint {
        Endpoint::SCAN
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(Msg::TypeCmdScanThreadStatus, None)
    }

    fn decode(reply: &[u8]) -> Result<Result<ScanStatus, Refusal>, DecodeError> {
        match scan_reply::<Self>(reply, Msg::TypeRespScanThreadStatus)? {
            Ok(Payload::RespScanThreadStatus(status)) => {
                Ok(Ok(ScanStatus { finished: status.scan_finished, count: status.result_count }))
            }
            Ok(_) => Err(DecodeError::MissingPayload(Self::NAME)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// Asks for one page of the list of Thread networks; see [`GetWifiScanResult`].
#[derive(Clone, Copy, Debug)]
pub struct GetThreadScanResult {
    /// The index of the first entry, from 0.
    pub start: u32,
    /// The number of entries. The vendor's tool asks for 4.
    pub count: u32,
}

impl Command for GetThreadScanResult {
    type Reply = Vec<ThreadNetwork>;
    const NAME: &'static str = "ScanThreadResult";
    const KIND: CommandKind = CommandKind::Scan;

    fn endpoint(&self) -> Endpoint {
        Endpoint::SCAN
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(
            Msg::TypeCmdScanThreadResult,
            Some(Payload::CmdScanThreadResult(CmdScanThreadResult {
                start_index: self.start,
                count: self.count,
            })),
        )
    }

    fn most_entries(&self) -> Option<u32> {
        Some(self.count)
    }

    fn decode(reply: &[u8]) -> Result<Result<Vec<ThreadNetwork>, Refusal>, DecodeError> {
        match scan_reply::<Self>(reply, Msg::TypeRespScanThreadResult)? {
            Ok(Payload::RespScanThreadResult(page)) => {
                Ok(Ok(page.entries.into_iter().map(ThreadNetwork::from).collect()))
            }
            Ok(_) => Err(DecodeError::MissingPayload(Self::NAME)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// A Thread network the device sees, through one of its routers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadNetwork {
    /// The network's name; empty if the router did not report it.
    pub name: String,
    /// The PAN ID, 16 bits.
    pub pan_id: u32,
    /// The extended PAN ID; `None` if the router did not report it, which shows as eight zero
    /// bytes.
    pub ext_pan_id: Option<ExtPanId>,
    /// The router's extended address, eight bytes.
    #[serde(serialize_with = "as_hex")]
    pub ext_addr: Vec<u8>,
    /// The channel.
    pub channel: u32,
    /// The signal strength in dBm.
    pub rssi: i32,
    /// The link quality, 0 to 255.
    pub lqi: u32,
}

fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    struct Hex<'a>(&'a [u8]);

    impl fmt::Display for Hex<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }

    serializer.collect_str(&Hex(bytes))
}

impl From<ThreadScanResult> for ThreadNetwork {
    fn from(entry: ThreadScanResult) -> Self {
        let ext_pan_id = entry.ext_pan_id.try_into().ok().map(ExtPanId);
        Self {
            name: entry.network_name,
            pan_id: entry.pan_id,
            ext_pan_id: ext_pan_id.filter(|id| id.0 != [0; 8]),
            ext_addr: entry.ext_addr,
            channel: entry.channel,
            rssi: entry.rssi,
            lqi: entry.lqi,
        }
    }
}

#[cfg(feature = "device")]
impl From<ThreadNetwork> for ThreadScanResult {
    fn from(entry: ThreadNetwork) -> Self {
        Self {
            pan_id: entry.pan_id,
            channel: entry.channel,
            rssi: entry.rssi,
            lqi: entry.lqi,
            ext_addr: entry.ext_addr,
            network_name: entry.name,
            ext_pan_id: entry.ext_pan_id.map_or([0; 8], |id| id.0).to_vec(),
        }
    }
}

/// Refuses a page with more entries than were asked for. An empty entry takes two bytes of a reply
/// but a hundred of memory, so the entries are counted before they are decoded.
pub(crate) fn check_entries(
    reply: &'static str,
    page: &[u8],
    asked: u32,
) -> Result<(), DecodeError> {
    /// The fields `resp_scan_wifi_result` and `resp_scan_thread_result`.
    const PAGES: [u32; 2] = [15, 21];
    const ENTRIES: u32 = 1;
    let mut got = 0_u32;
    // Malformed bytes are reported when the reply is decoded.
    let _ = each_message(page, &mut |tag, inner| {
        if PAGES.contains(&tag) {
            let _ = each_message(inner, &mut |tag, _| got += u32::from(tag == ENTRIES));
        }
    });
    if got > asked { Err(DecodeError::TooMany { reply, asked, got }) } else { Ok(()) }
}

/// Calls `take` with the number and the bytes of each length-delimited field.
fn each_message(
    mut bytes: &[u8],
    take: &mut dyn FnMut(u32, &[u8]),
) -> Result<(), prost::DecodeError> {
    while !bytes.is_empty() {
        let (tag, wire) = decode_key(&mut bytes)?;
        let whole = bytes;
        skip_field(wire, tag, &mut bytes, DecodeContext::default())?;
        if wire == WireType::LengthDelimited {
            let mut field = &whole[..whole.len() - bytes.len()];
            decode_varint(&mut field)?;
            take(tag, field);
        }
    }
    Ok(())
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
