//! Networks the device sees (`network_scan.c`, network_provisioning 1.2.4).

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
    const KIND: CommandKind = CommandKind::Scan;
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
pub struct ScanStatus {
    /// Also true when no scan ever ran.
    pub finished: bool,
    /// How many networks can be asked for: the device's word, so limit what you do with it.
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
        // Bare, as the vendor's tool sends it.
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

/// Asks for one page of the list. Never ask beyond [`ScanStatus::count`]: firmware before
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

/// Starts a scan for Thread networks. A blocking one is answered when it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartThreadScan {
    /// Answer only when done.
    pub blocking: bool,
    /// A bit for each channel; 0 for all.
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
    /// The first entry wanted, from 0.
    pub start: u32,
    /// How many; the vendor's tool asks for 4.
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
    /// Its name; empty where the router did not tell.
    pub name: String,
    /// Its PAN ID, 16 bits.
    pub pan_id: u32,
    /// What distinguishes it from others; `None` if the router did not report it (eight zero bytes).
    pub ext_pan_id: Option<ExtPanId>,
    /// The router's address, eight bytes.
    #[serde(serialize_with = "as_hex")]
    pub ext_addr: Vec<u8>,
    /// The channel.
    pub channel: u32,
    /// Signal strength, dBm.
    pub rssi: i32,
    /// Link quality, 0 to 255.
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

/// Refuses a page with more entries than were asked for. An empty one takes two bytes of a reply
/// and a hundred of memory, so they are counted first.
pub(crate) fn check_entries(
    reply: &'static str,
    page: &[u8],
    asked: u32,
) -> Result<(), DecodeError> {
    /// `resp_scan_wifi_result` and `resp_scan_thread_result`.
    const PAGES: [u32; 2] = [15, 21];
    const ENTRIES: u32 = 1;
    let mut got = 0_u32;
    // What is malformed is told by whoever reads it.
    let _ = each_message(page, &mut |tag, inner| {
        if PAGES.contains(&tag) {
            let _ = each_message(inner, &mut |tag, _| got += u32::from(tag == ENTRIES));
        }
    });
    if got > asked { Err(DecodeError::TooMany { reply, asked, got }) } else { Ok(()) }
}

/// The number and the bytes of each field that has a length.
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
