//! Provisioning over BLE: HCI, L2CAP and ATT (Bluetooth Core 5.4, Vol 4 Part E 5.4.2, Vol 3 Part A
//! 3.1, Vol 3 Part F 3.4). A request is written to a characteristic, and the reply is read from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::SystemTime,
};

use protocomm::ble::{CUSTOM, NUMBERS, described};

use super::{
    Exchange, Found,
    container::{Hci, Packet},
};

/// The UUIDs of a characteristic's user description and of its declaration.
const DESCRIPTION: u128 = 0x2901;
const CHARACTERISTIC: u16 = 0x2803;
/// A 16-bit UUID stands for this one with its number in front.
const BASE: u128 = 0x0000_0000_0000_1000_8000_0080_5f9b_34fb;

/// All connections of a capture. What is known about handles is kept from one connection to the
/// next, as operating systems do.
#[derive(Default)]
pub(super) struct Connections {
    open: BTreeMap<u16, Connection>,
    known: Known,
    count: u64,
    /// The first packets of connections in which no endpoint has a known name.
    nameless: Vec<u64>,
}

#[derive(Default)]
struct Known {
    /// The UUIDs of characteristics, by the handles of their values.
    characteristics: BTreeMap<u16, u128>,
    descriptors: BTreeMap<u16, u128>,
    /// The names of endpoints, by the handles of their descriptors.
    names: BTreeMap<u16, String>,
}

#[derive(Default)]
struct Connection {
    number: u64,
    /// L2CAP frames that are incomplete: to the controller, and from it.
    parts: [Vec<u8>; 2],
    asked: Option<Asked>,
    prepared: Option<(u16, Vec<u8>)>,
    written: Option<Written>,
    read: Option<(u16, Vec<u8>, Option<SystemTime>)>,
    /// The exchanges, each with its handle, whose name may become known later.
    exchanges: Vec<(u16, Exchange)>,
}

/// The one ATT request that waits for its response.
enum Asked {
    Types(u16),
    Read(u16),
    Blob(u16),
    Write(u16, Vec<u8>),
    Execute(bool),
    Other,
}

struct Written {
    handle: u16,
    value: Vec<u8>,
    packet: u64,
    time: Option<SystemTime>,
}

impl Connections {
    pub(super) fn take(&mut self, packet: &Packet<'_>, link: Hci, found: &mut Vec<Exchange>) {
        let bytes = packet.bytes;
        let (sent, kind, body) = match (link, bytes) {
            (Hci::H4, [kind, body @ ..]) => (None, *kind, body),
            (Hci::DirectionAndH4, [_, _, _, direction, kind, body @ ..]) => {
                (Some(*direction & 1 == 0), *kind, body)
            }
            (Hci::Monitor, [_, _, 0, 4, body @ ..]) => (Some(true), 2, body),
            (Hci::Monitor, [_, _, 0, 5, body @ ..]) => (Some(false), 2, body),
            (Hci::Monitor, [_, _, 0, 3, body @ ..]) | (Hci::Event, body) => (None, 4, body),
            (Hci::Acl { sent }, body) => (Some(sent), 2, body),
            _ => return,
        };
        match (kind, body) {
            (2, [low, high, _, _, data @ ..]) => {
                let word = u16::from_le_bytes([*low, *high]);
                self.data(packet, word & 0xfff, word >> 12 & 3, sent, data);
            }
            // Disconnection Complete.
            (4, [0x05, _, _, low, high, ..]) => {
                let handle = u16::from_le_bytes([*low, *high]) & 0xfff;
                if let Some(connection) = self.open.remove(&handle) {
                    self.close(connection, found);
                }
            }
            _ => {}
        }
    }

    fn data(
        &mut self,
        packet: &Packet<'_>,
        handle: u16,
        boundary: u16,
        sent: Option<bool>,
        data: &[u8],
    ) {
        let count = &mut self.count;
        let connection = self.open.entry(handle).or_insert_with(|| {
            *count += 1;
            Connection { number: *count, ..Connection::default() }
        });
        let is_first = boundary != 1;
        // If the file does not give the direction: a first part has 0 to the controller and 2 from
        // it, and a further part belongs to the direction that has an incomplete frame.
        let sent =
            sent.unwrap_or(if is_first { boundary == 0 } else { !connection.parts[0].is_empty() });
        let parts = &mut connection.parts[usize::from(!sent)];
        if is_first {
            parts.clear();
        } else if parts.is_empty() {
            return;
        }
        parts.extend_from_slice(data);
        let [low, high, channel, other, ..] = parts[..] else { return };
        let length = usize::from(u16::from_le_bytes([low, high]));
        if parts.len() < 4 + length {
            return;
        }
        let frame = mem::take(parts);
        if (channel, other) == (4, 0) {
            connection.attribute(packet, &frame[4..4 + length], &mut self.known);
        }
    }

    fn close(&mut self, mut connection: Connection, found: &mut Vec<Exchange>) {
        connection.finish(None);
        let handles: BTreeSet<_> = connection.exchanges.iter().map(|(handle, _)| *handle).collect();
        let known = handles.into_iter().map(|handle| (handle, self.known.name(handle)));
        let known: BTreeMap<_, _> = known.collect();
        let named = |handle: &u16| known.get(handle).cloned().flatten();
        let is_ours = |(handle, _): &(u16, Exchange)| {
            let name = named(handle);
            NUMBERS.iter().any(|(standard, _)| Some(*standard) == name.as_deref())
        };
        if !connection.exchanges.iter().any(is_ours) {
            self.nameless.extend(connection.exchanges.first().map(|(_, first)| first.packet));
            return;
        }
        found.extend(connection.exchanges.into_iter().map(|(handle, exchange)| {
            let endpoint = named(&handle).unwrap_or_else(|| format!("handle {handle:#06x}"));
            Exchange { endpoint, ..exchange }
        }));
    }

    pub(super) fn end(mut self, found: &mut Found) {
        for (_, connection) in mem::take(&mut self.open) {
            self.close(connection, &mut found.exchanges);
        }
        for packet in &self.nameless {
            found.notes.add(format!(
                "packet {packet}: a BLE connection without the names of its endpoints: start the \
                 capture before connecting to the device"
            ));
        }
    }
}

impl Known {
    /// The name of the endpoint whose value has this handle: from its description, otherwise from
    /// the manager's number in its UUID.
    fn name(&self, value: u16) -> Option<String> {
        // Its descriptors lie between it and the next characteristic. If no characteristic is
        // known, its description is taken to be right after it.
        let behind = value.checked_add(1)?;
        let described = if self.characteristics.contains_key(&value) {
            let next = self.characteristics.range(behind..).next();
            let last = next.map_or(u16::MAX, |(next, _)| *next);
            self.names.range(behind..=last).next()
        } else {
            let is_others = self.characteristics.range(..behind).next_back().is_some();
            self.names.get_key_value(&behind).filter(|_| !is_others)
        };
        if let Some((_, name)) = described {
            return Some(name.clone());
        }
        let uuid = self.characteristics.get(&value)?;
        let number = u16::try_from(uuid >> 96 & 0xffff).ok()?;
        let standard = NUMBERS.iter().find(|(_, one)| *one == number);
        match standard {
            Some((name, _)) => Some((*name).to_owned()),
            None if (CUSTOM..CUSTOM + 16).contains(&number) => {
                Some(format!("custom {number:#06x}"))
            }
            None => None,
        }
    }
}

impl Connection {
    fn attribute(&mut self, packet: &Packet<'_>, pdu: &[u8], known: &mut Known) {
        let [opcode, body @ ..] = pdu else { return };
        let handle = |bytes: &[u8]| match bytes {
            [low, high, ..] => u16::from_le_bytes([*low, *high]),
            _ => 0,
        };
        match opcode {
            // Requests.
            0x0a | 0x0c => {
                let wanted = handle(body);
                let goes_on = *opcode == 0x0c
                    && self.read.as_ref().is_some_and(|(reading, ..)| *reading == wanted);
                if !goes_on {
                    self.finish(None);
                }
                self.asked =
                    Some(if *opcode == 0x0a { Asked::Read(wanted) } else { Asked::Blob(wanted) });
            }
            0x12 => {
                self.finish(None);
                let value = body.get(2..).unwrap_or_default().to_vec();
                self.asked = Some(Asked::Write(handle(body), value));
                self.begin(packet);
            }
            0x16 => {
                let (to, value) = (handle(body), body.get(4..).unwrap_or_default());
                match &mut self.prepared {
                    Some((same, bytes)) if *same == to => bytes.extend_from_slice(value),
                    other => {
                        *other = Some((to, value.to_vec()));
                        self.finish(None);
                    }
                }
                self.asked = Some(Asked::Other);
            }
            0x18 => {
                self.asked = Some(Asked::Execute(body.first() == Some(&1)));
                self.begin(packet);
            }
            0x08 => self.asked = Some(Asked::Types(handle(body.get(4..).unwrap_or_default()))),
            0x02 | 0x04 | 0x06 | 0x0e | 0x10 => self.asked = Some(Asked::Other),
            // Responses.
            0x05 => descriptors(body, known),
            0x09 => {
                if let Some(Asked::Types(CHARACTERISTIC)) = self.asked {
                    characteristics(body, known);
                }
            }
            0x0b | 0x0d => match self.asked.take() {
                Some(Asked::Read(from)) => {
                    if known.descriptors.get(&from) == Some(&DESCRIPTION) {
                        let name = String::from_utf8_lossy(described(body));
                        known.names.insert(from, name.into_owned());
                    } else {
                        self.read = Some((from, body.to_vec(), packet.time));
                    }
                }
                Some(Asked::Blob(from)) => match &mut self.read {
                    Some((reading, bytes, _)) if *reading == from => bytes.extend_from_slice(body),
                    _ => {}
                },
                _ => {}
            },
            0x13 => {
                if let Some(Asked::Write(to, value)) = self.asked.take() {
                    self.was_written(to, value);
                }
            }
            0x19 => {
                if let Some(Asked::Execute(true)) = self.asked.take()
                    && let Some((to, value)) = self.prepared.take()
                {
                    self.was_written(to, value);
                }
            }
            0x01 => self.refused(body),
            _ => {}
        }
    }

    /// Takes note of a write that has been sent.
    fn begin(&mut self, packet: &Packet<'_>) {
        let (packet, time) = (packet.number, packet.time);
        self.written = Some(Written { handle: 0, value: Vec::new(), packet, time });
    }

    fn was_written(&mut self, handle: u16, value: Vec<u8>) {
        if let Some(written) = &mut self.written {
            (written.handle, written.value) = (handle, value);
        }
    }

    /// Takes an ATT error response.
    fn refused(&mut self, body: &[u8]) {
        let code = body.get(3).copied().unwrap_or_default();
        let words = format!("ATT error {code:#04x}");
        match self.asked.take() {
            Some(Asked::Write(to, value)) => {
                self.was_written(to, value);
                self.finish(Some(words));
            }
            Some(Asked::Execute(_)) => {
                if let Some((to, value)) = self.prepared.take() {
                    self.was_written(to, value);
                }
                self.finish(Some(words));
            }
            Some(Asked::Read(_)) => self.finish(Some(words)),
            // A long value has ended.
            _ => {}
        }
    }

    /// Makes an exchange of what was written and what was read.
    fn finish(&mut self, error: Option<String>) {
        let Some(written) = self.written.take_if(|written| {
            let reads_it = self.read.as_ref().is_some_and(|(from, ..)| *from == written.handle);
            written.handle != 0 && (reads_it || error.is_some())
        }) else {
            return;
        };
        let read = self.read.take().filter(|_| error.is_none());
        let took = read.as_ref().and_then(|(_, _, time)| *time).zip(written.time);
        let exchange = Exchange {
            packet: written.packet,
            time: written.time,
            took: took.and_then(|(after, before)| after.duration_since(before).ok()),
            between: format!("connection {}", self.number),
            endpoint: String::new(),
            request: written.value,
            reply: read.map(|(_, value, _)| value),
            failure: error.map(|words| ("no-reply", words)),
            http_status: None,
        };
        self.exchanges.push((written.handle, exchange));
    }
}

/// Takes the handles and UUIDs in a Find Information response.
fn descriptors(body: &[u8], known: &mut Known) {
    let [form, pairs @ ..] = body else { return };
    let width = if *form == 1 { 4 } else { 18 };
    for pair in pairs.chunks_exact(width) {
        known.descriptors.insert(u16::from_le_bytes([pair[0], pair[1]]), uuid(&pair[2..]));
    }
}

/// Takes the declarations in a Read By Type response: handle, properties, handle of the value,
/// UUID.
fn characteristics(body: &[u8], known: &mut Known) {
    let [width @ (7 | 21), items @ ..] = body else { return };
    for item in items.chunks_exact(usize::from(*width)) {
        known.characteristics.insert(u16::from_le_bytes([item[3], item[4]]), long(&item[5..]));
    }
}

/// The number of a UUID; that of a short one as 16 bits.
fn uuid(bytes: &[u8]) -> u128 {
    let number = bytes.iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte));
    if number & !(0xffff << 96) == BASE { number >> 96 } else { number }
}

/// The number of a UUID with 128 bits, so that a short one is where the manager puts it.
fn long(bytes: &[u8]) -> u128 {
    let number = bytes.iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte));
    if bytes.len() == 2 { number << 96 | BASE } else { number }
}
