//! The file formats: pcap and pcapng by `pcap-parser`, btsnoop and PacketLogger by our own code.

use std::time::{Duration, SystemTime};

use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader, traits::PcapNGPacketBlock};

use super::{Invalid, Notes};

/// A packet of a file.
pub(super) struct Packet<'a> {
    /// Counted from 1, as in Wireshark.
    pub(super) number: u64,
    pub(super) time: Option<SystemTime>,
    pub(super) link: Link,
    pub(super) bytes: &'a [u8],
}

/// What is in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Network(Network),
    Bluetooth(Hci),
}

/// What precedes the IP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    Ethernet,
    Ip,
    /// Four bytes for the address family.
    Loopback,
    Cooked,
    Cooked2,
}

/// What precedes an HCI packet, or what kind of packet it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hci {
    /// A byte for the packet type.
    H4,
    /// Four bytes for the direction, and one for the packet type.
    DirectionAndH4,
    /// The header of the Linux Bluetooth monitor.
    Monitor,
    /// Nothing: it is a data packet.
    Acl {
        /// Whether it goes to the controller.
        sent: bool,
    },
    /// Nothing: it is an event.
    Event,
    /// Anything else, which is ignored.
    Other,
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Pcap,
    Pcapng,
    Btsnoop,
    PacketLogger,
}

impl Form {
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xd4 | 0x4d, 0xc3 | 0x3c, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0xc3 | 0x3c, 0xd4 | 0x4d, ..] => Some(Self::Pcap),
            [0x0a, 0x0d, 0x0d, 0x0a, ..] => Some(Self::Pcapng),
            _ if bytes.starts_with(SNOOP) => Some(Self::Btsnoop),
            _ if logged(bytes, 0).is_some() => Some(Self::PacketLogger),
            _ => None,
        }
    }
}

const SNOOP: &[u8] = b"btsnoop\0";

/// Calls `take` with each packet of a file. An error after the first packet becomes a note.
pub(super) fn packets(
    bytes: &[u8],
    notes: &mut Notes,
    take: impl FnMut(Packet<'_>),
) -> Result<(), Invalid> {
    let read = match Form::of(bytes) {
        Some(Form::Btsnoop) => btsnoop,
        Some(Form::PacketLogger) => packet_logger,
        Some(Form::Pcap | Form::Pcapng) => pcap,
        None => {
            let reason = "neither pcap, pcapng, btsnoop nor PacketLogger".to_owned();
            return Err(Invalid { at: 0, reason });
        }
    };
    let (mut taken, mut take) = (0_u64, take);
    let ended = read(bytes, notes, &mut |packet| {
        taken += 1;
        take(packet);
    });
    match ended {
        Err(error) if taken > 0 => notes.add(format!("{error}; everything before it was read")),
        other => other?,
    }
    Ok(())
}

fn link_of(number: i32) -> Option<Link> {
    Some(match number {
        0 | 108 => Link::Network(Network::Loopback),
        1 => Link::Network(Network::Ethernet),
        101 | 228 | 229 => Link::Network(Network::Ip),
        113 => Link::Network(Network::Cooked),
        276 => Link::Network(Network::Cooked2),
        187 => Link::Bluetooth(Hci::H4),
        201 => Link::Bluetooth(Hci::DirectionAndH4),
        254 => Link::Bluetooth(Hci::Monitor),
        _ => return None,
    })
}

fn pcap(bytes: &[u8], notes: &mut Notes, take: &mut dyn FnMut(Packet<'_>)) -> Result<(), Invalid> {
    let mut at = 0;
    let invalid = |at, reason: &str| Invalid { at, reason: reason.to_owned() };
    let mut reader = create_reader(bytes.len().max(64) + 4096, bytes)
        .map_err(|error| invalid(0, reason(&error)))?;
    let (mut number, mut interfaces, mut fraction) = (0, Vec::new(), 1_000_000);
    let (mut refilled_at, mut section) = (None, None);
    loop {
        if section.is_some_and(|order| is_too_short(reader.data(), order)) {
            return Err(invalid(at, "an invalid block"));
        }
        let (length, block) = match reader.next() {
            Ok(next) => next,
            Err(PcapError::Eof) => return Ok(()),
            Err(PcapError::Incomplete(_)) if refilled_at != Some((at, number)) => {
                refilled_at = Some((at, number));
                reader.refill().map_err(|error| invalid(at, reason(&error)))?;
                continue;
            }
            Err(error) => return Err(invalid(at, reason(&error))),
        };
        let mut add = |link: i32, time, bytes: &[u8]| {
            number += 1;
            match link_of(link) {
                Some(link) => take(Packet { number, time, link, bytes }),
                None => unread(notes, link),
            }
        };
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                fraction = if header.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
                interfaces.push((header.network.0, 0, fraction));
            }
            PcapBlockOwned::Legacy(packet) => {
                let time = moment(packet.ts_sec.into(), packet.ts_usec.into(), fraction);
                let link = interfaces.first().map_or(-1, |(link, ..)| *link);
                let length = packet.data.len().min(packet.caplen as usize);
                add(link, time, &packet.data[..length]);
            }
            PcapBlockOwned::NG(Block::SectionHeader(header)) => {
                section =
                    Some(if header.big_endian() { u32::from_be_bytes } else { u32::from_le_bytes });
                interfaces.clear();
            }
            PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                let resolution = interface.ts_resolution().unwrap_or(1_000_000);
                interfaces.push((interface.linktype.0, interface.ts_offset(), resolution));
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let interface = usize::try_from(packet.if_id).ok();
                let interface = interface.and_then(|index| interfaces.get(index));
                let Some((link, offset, resolution)) = interface.copied() else {
                    return Err(invalid(at, "a packet of an interface without a description"));
                };
                let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                let seconds = (ticks / resolution).saturating_add_signed(offset);
                add(link, moment(seconds, ticks % resolution, resolution), packet.packet_data());
            }
            PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                let link = interfaces.first().map_or(-1, |(link, ..)| *link);
                add(link, None, packet.packet_data());
            }
            PcapBlockOwned::NG(_) => {}
        }
        at += length;
        reader.consume(length);
    }
}

/// Whether the next pcapng block is shorter than its own type and lengths. pcap-parser 0.17
/// subtracts these from the length of a process information block without a check.
fn is_too_short(block: &[u8], order: fn([u8; 4]) -> u32) -> bool {
    const FRAME: u32 = 12;
    let length = block.get(4..).and_then(<[u8]>::first_chunk);
    length.is_some_and(|length| order(*length) < FRAME)
}

fn unread(notes: &mut Notes, link: i32) {
    notes.add(format!(
        "link type {link} is not supported; supported are Ethernet, raw IP, loopback, Linux cooked \
         and Bluetooth HCI (187, 201, 254)"
    ));
}

fn moment(seconds: u64, ticks: u64, resolution: u64) -> Option<SystemTime> {
    let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(resolution.max(1));
    let since =
        Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanos.try_into().ok()?))?;
    printable(SystemTime::UNIX_EPOCH.checked_add(since)?)
}

/// A time before the year 3000. A later one may not be printable, and is not the time of a capture.
fn printable(time: SystemTime) -> Option<SystemTime> {
    const YEAR_3000: Duration = Duration::from_secs(32_503_680_000);
    time.duration_since(SystemTime::UNIX_EPOCH).ok().filter(|since| *since < YEAR_3000)?;
    Some(time)
}

fn reason<I: std::fmt::Debug>(error: &PcapError<I>) -> &'static str {
    match error {
        PcapError::Eof => "the file ends before its first packet",
        PcapError::UnexpectedEof | PcapError::Incomplete(_) => "the file ends inside a block",
        PcapError::BufferTooSmall => "a block says that it is longer than the file",
        PcapError::HeaderNotRecognized => "the header is neither that of pcap nor that of pcapng",
        PcapError::ReadError => "the file can't be read",
        PcapError::NomError(..) | PcapError::OwnedNomError(..) => "an invalid block",
    }
}

/// Reads btsnoop files of Android and BlueZ.
fn btsnoop(
    bytes: &[u8],
    notes: &mut Notes,
    take: &mut dyn FnMut(Packet<'_>),
) -> Result<(), Invalid> {
    const HEADER: usize = 16;
    const RECORD: usize = 24;
    /// From the year 0 to 1970, in microseconds.
    const EPOCH: u64 = 0x00dc_ddb3_0f2f_8000;
    let invalid = |at, reason: &str| Invalid { at, reason: reason.to_owned() };
    let word = |at: usize| {
        let bytes = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let form = word(12).ok_or_else(|| invalid(bytes.len(), "the file ends inside its header"))?;
    if !matches!(form, 1001 | 1002 | 2001) {
        notes.add(format!(
            "btsnoop of form {form} is not supported; supported are 1001, 1002 and 2001"
        ));
        return Ok(());
    }
    let (mut at, mut number) = (HEADER, 0);
    while at < bytes.len() {
        let cut = || invalid(at, "the file ends inside a record");
        let included = word(at + 4).ok_or_else(cut)?;
        let flags = word(at + 8).ok_or_else(cut)?;
        let (high, low) = (word(at + 16).ok_or_else(cut)?, word(at + 20).ok_or_else(cut)?);
        let start = at + RECORD;
        let end = usize::try_from(included).ok().and_then(|length| start.checked_add(length));
        let data = end.and_then(|end| bytes.get(start..end)).ok_or_else(cut)?;
        let micros = (u64::from(high) << 32 | u64::from(low)).checked_sub(EPOCH);
        let time = micros.map(|micros| SystemTime::UNIX_EPOCH + Duration::from_micros(micros));
        let link = match (form, flags & 0xffff) {
            (1002, _) => Hci::H4,
            (1001, 0) | (2001, 4) => Hci::Acl { sent: true },
            (1001, 1) | (2001, 5) => Hci::Acl { sent: false },
            (1001 | 2001, 3) => Hci::Event,
            _ => Hci::Other,
        };
        number += 1;
        let (link, time) = (Link::Bluetooth(link), time.and_then(printable));
        take(Packet { number, time, link, bytes: data });
        at = start + data.len();
    }
    Ok(())
}

/// A record of Apple's PacketLogger: its time, its type and the position of its packet. The format
/// has no magic number, so a record is recognised by a plausible length, time and type.
fn logged(bytes: &[u8], at: usize) -> Option<(Duration, u8, std::ops::Range<usize>)> {
    const HEADER: usize = 13;
    let header: &[u8; HEADER] = bytes.get(at..)?.first_chunk()?;
    let word = |at: usize| {
        let word = [header[at], header[at + 1], header[at + 2], header[at + 3]];
        // Newer files are little-endian. No packet has 64 KB, so in older ones the first byte is 0.
        if header[0] == 0 { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    };
    let length = usize::try_from(word(0)).ok().filter(|length| (9..1 << 16).contains(length))?;
    let (micros, kind) = (word(8), header[12]);
    let is_known = matches!(kind, 0..=0x1f | 0xee..=0xff) && micros < 1_000_000;
    let time = Duration::from_secs(word(4).into()) + Duration::from_micros(micros.into());
    let packet = at + HEADER..at + 4 + length;
    (is_known && packet.end <= bytes.len()).then_some((time, kind, packet))
}

/// Reads PacketLogger files of macOS and iOS.
fn packet_logger(
    bytes: &[u8],
    _notes: &mut Notes,
    take: &mut dyn FnMut(Packet<'_>),
) -> Result<(), Invalid> {
    let (mut at, mut number) = (0, 0);
    while at < bytes.len() {
        let Some((since, kind, packet)) = logged(bytes, at) else {
            return Err(Invalid { at, reason: "an invalid or truncated record".to_owned() });
        };
        let link = match kind {
            1 => Hci::Event,
            2 => Hci::Acl { sent: true },
            3 => Hci::Acl { sent: false },
            _ => Hci::Other,
        };
        number += 1;
        let time = SystemTime::UNIX_EPOCH.checked_add(since).and_then(printable);
        at = packet.end;
        take(Packet { number, time, link: Link::Bluetooth(link), bytes: &bytes[packet] });
    }
    Ok(())
}
