//! Captures: what went over the wire is found again, whatever file it is in and however the
//! packets came; what is broken is told by its position.

use std::{
    fs,
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

use esp_prov::{
    Event, Observer, Scheme,
    exchange::{ExchangeRecord, State},
};
use esp_prov_simulate::{Settings, VirtualDevice};
use esp_prov_trace::{
    self as trace, Record,
    capture::{self, Capture},
};
use etherparse::PacketBuilder;
use kit::plan_for;
use protocomm::ble::{NUMBERS, SERVICES, numbered};

/// Endpoint, request and reply as they were on the wire.
type Exchange = (String, Vec<u8>, Vec<u8>);

#[derive(Default)]
struct Wire(Mutex<Vec<Exchange>>);

impl Observer for Wire {
    fn notify(&self, _: Event) {}

    fn exchanged(&self, exchange: &ExchangeRecord<'_>) {
        let (request, reply) = (exchange.request.expect("a request"), exchange.reply);
        let reply = reply.map(|reply| reply.wire.to_vec()).expect("a reply");
        let exchange = (exchange.endpoint.to_owned(), request.wire.to_vec(), reply);
        self.0.lock().expect("no panic").push(exchange);
    }
}

/// Puts what a file has around HCI data, which goes to the device or comes from it.
type Wrap = fn(bool, Vec<u8>) -> Vec<u8>;

type Builder = etherparse::PacketBuilderStep<etherparse::TcpHeader>;

/// What a run says on the wire.
async fn exchanges(scheme: Scheme) -> Vec<Exchange> {
    let plan = plan_for(scheme);
    let device = VirtualDevice::new(Settings { scheme, ..Settings::default() });
    let wire = Wire::default();
    let ran = plan.at(&device).with_observer(&wire).provision(&plan.given()).await;
    ran.expect("it is connected");
    wire.0.into_inner().expect("no panic")
}

/// The file around packets.
#[derive(Clone, Copy, Debug)]
enum File {
    Pcap,
    PcapBigEndian,
    Pcapng,
    Btsnoop,
}

fn file(form: File, link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let length = |packet: &[u8]| u32::try_from(packet.len()).expect("a short packet");
    match form {
        File::Pcap => {
            bytes.extend([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0]);
            bytes.extend(link.to_le_bytes());
        }
        File::PcapBigEndian => {
            bytes.extend([0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0]);
            bytes.extend(link.to_be_bytes());
        }
        File::Pcapng => {
            let words =
                [0x0a0d_0d0a, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28, 1, 20, link, 0, 20];
            bytes.extend(words.into_iter().flat_map(u32::to_le_bytes));
        }
        File::Btsnoop => {
            bytes.extend(b"btsnoop\0");
            bytes.extend([1_u32, link].into_iter().flat_map(u32::to_be_bytes));
        }
    }
    for (second, packet) in (1_700_000_000..).zip(packets) {
        let size = length(packet);
        match form {
            File::Pcap => {
                bytes.extend([second, 0, size, size].into_iter().flat_map(u32::to_le_bytes));
            }
            File::PcapBigEndian => {
                bytes.extend([second, 0, size, size].into_iter().flat_map(u32::to_be_bytes));
            }
            File::Pcapng => {
                let padded = size.next_multiple_of(4);
                let words = [6, 32 + padded, 0, 0, second, size, size];
                bytes.extend(words.into_iter().flat_map(u32::to_le_bytes));
                bytes.extend(packet);
                bytes.resize(bytes.len() + (padded - size) as usize, 0);
                bytes.extend((32 + padded).to_le_bytes());
                continue;
            }
            File::Btsnoop => {
                // 1001 says in its flags which way data goes; here the packet's first byte does.
                let flags = if link == 1001 { u32::from(packet[0]) } else { 0 };
                let size = if link == 1001 { size - 1 } else { size };
                bytes.extend([size, size, flags, 0, 0, 0].into_iter().flat_map(u32::to_be_bytes));
                bytes.extend(&packet[usize::from(link == 1001)..]);
                continue;
            }
        }
        bytes.extend(packet);
    }
    bytes
}

/// A TCP connection of one client with one device.
struct Tcp {
    packets: Vec<Vec<u8>>,
    /// What each side has sent.
    sent: [u32; 2],
}

impl Tcp {
    /// Numbers wrap in the middle.
    const BASE: u32 = u32::MAX - 100;

    fn open() -> Self {
        let mut tcp = Self { packets: Vec::new(), sent: [0; 2] };
        for side in [0, 1] {
            tcp.packet(side, Self::BASE.wrapping_sub(1), Builder::syn, b"");
        }
        tcp
    }

    fn packet(
        &mut self,
        side: usize,
        sequence: u32,
        shape: impl Fn(Builder) -> Builder,
        payload: &[u8],
    ) {
        let (client, device) = ([192, 168, 4, 2], [192, 168, 4, 1]);
        let builder = if side == 0 {
            PacketBuilder::ipv4(client, device, 64).tcp(50_000, 80, sequence, 4096)
        } else {
            PacketBuilder::ipv4(device, client, 64).tcp(80, 50_000, sequence, 4096)
        };
        let mut bytes = Vec::new();
        shape(builder).write(&mut bytes, payload).expect("memory takes it");
        self.packets.push(bytes);
    }

    fn send(&mut self, side: usize, payload: &[u8]) {
        let sequence = Self::BASE.wrapping_add(self.sent[side]);
        self.packet(side, sequence, Builder::psh, payload);
        self.sent[side] += u32::try_from(payload.len()).expect("a short payload");
    }
}

/// In pieces of this size, each second pair the wrong way round, and each third piece twice.
fn http(exchanges: &[Exchange], piece: usize) -> Vec<Vec<u8>> {
    let mut tcp = Tcp::open();
    for (endpoint, request, reply) in exchanges {
        let mut post = format!(
            "POST /{endpoint} HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Length: {}\r\n\r\n",
            request.len()
        )
        .into_bytes();
        post.extend(request);
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", reply.len()).into_bytes();
        answer.extend(reply);
        for (side, text) in [(0, post), (1, answer)] {
            text.chunks(piece).for_each(|part| tcp.send(side, part));
        }
    }
    let (opening, data) = tcp.packets.split_at(2);
    let mut packets = opening.to_vec();
    for (number, pair) in data.chunks(2).enumerate() {
        let mut pair = pair.to_vec();
        if number % 2 == 1 {
            pair.reverse();
        }
        if number % 3 == 2 {
            pair.push(pair[0].clone());
        }
        packets.extend(pair);
    }
    packets
}

fn read(bytes: &[u8]) -> Capture {
    capture::read(bytes, false).expect("a capture")
}

/// The same exchanges, as far as a capture shows them.
fn assert_found(what: &str, scheme: Scheme, capture: &Capture, exchanges: &[Exchange]) {
    assert_eq!(capture.notes, [""; 0], "{what}");
    assert_eq!(capture.exchanges.len(), exchanges.len(), "{what}");
    for (record, (endpoint, request, reply)) in capture.exchanges.iter().zip(exchanges) {
        let Record { request: sent, reply: back, .. } = record;
        let (sent, back) = (sent.as_ref().expect("a request"), back.as_ref().expect("a reply"));
        assert_eq!(&record.endpoint, endpoint, "{what}");
        assert_eq!((sent.size, back.size), (request.len(), reply.len()), "{what}: {endpoint}");
        let in_clear = ["proto-ver", "prov-session"].contains(&endpoint.as_str());
        let sealed = scheme != Scheme::Sec0 && !in_clear;
        assert_eq!((sent.sealed, back.sealed), (sealed, sealed), "{what}: {endpoint}");
        assert_eq!(back.wire().as_ref(), Some(reply), "{what}: {endpoint}");
    }
    let states: Vec<_> = capture.exchanges.iter().filter_map(|record| record.after).collect();
    assert_eq!(states.first(), Some(&State::Connected), "{what}");
    assert_eq!(states.last(), Some(&State::Session), "{what}");
    if scheme == Scheme::Sec0 {
        let text = serde_json::to_string(&capture.exchanges).expect("JSON");
        assert!(text.contains(r#""ssid":{"hex":"486f6d65","text":"Home"}"#), "{text}");
        assert!(!text.contains("correct-horse"), "{text}");
        assert!(!text.contains(&hex::encode("correct-horse")), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn provisioning_is_found_in_http_however_it_was_cut() {
    for scheme in [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2] {
        let exchanges = exchanges(scheme).await;
        for form in [File::Pcap, File::PcapBigEndian, File::Pcapng] {
            for piece in [7, 64, 1460] {
                let bytes = file(form, 101, &http(&exchanges, piece));
                let what = format!("{form:?}, {scheme}, pieces of {piece}");
                assert_found(&what, scheme, &read(&bytes), &exchanges);
            }
        }
    }
}

/// A network card that cuts packets itself shows them whole and without their length.
#[tokio::test(start_paused = true)]
async fn packets_without_a_length_are_read() {
    let exchanges = exchanges(Scheme::Sec1).await;
    let mut packets = http(&exchanges, 1460);
    for packet in &mut packets {
        packet[2..4].fill(0);
    }
    let capture = read(&file(File::Pcap, 101, &packets));
    assert_found("no length", Scheme::Sec1, &capture, &exchanges);
}

#[tokio::test(start_paused = true)]
async fn packets_that_are_missing_are_told() {
    let exchanges = exchanges(Scheme::Sec0).await;
    let mut packets = http(&exchanges, 1460);
    let gone = b"POST /prov-session";
    packets.retain(|packet| !packet.windows(gone.len()).any(|part| part == gone));
    let capture = read(&file(File::Pcap, 101, &packets));
    assert_eq!(capture.exchanges.len(), 1, "what is before it");
    let note = capture.notes.first().expect("a note");
    assert!(note.contains("bytes before it are missing"), "{note}");
}

/// A hundred thousand of a kind are read in the time of a hundred thousand, not of their square.
#[test]
fn many_connections_pieces_and_kinds_take_their_number_in_time() {
    const MANY: u32 = 30_000;
    let post = b"POST /proto-ver HTTP/1.1\r\nContent-Length: 1\r\n\r\n1";
    let packet = |client: [u8; 4], port: u16, sequence: u32, payload: &[u8]| {
        let builder = PacketBuilder::ipv4(client, [192, 168, 4, 1], 64);
        let mut bytes = Vec::new();
        let builder = builder.tcp(port, 80, sequence, 4096).psh();
        builder.write(&mut bytes, payload).expect("memory takes it");
        bytes
    };
    let began = Instant::now();

    // Each client is another one, and each has a conversation of its own.
    let clients = (0..MANY).map(|client| packet(client.to_be_bytes(), 50_000, 0, post));
    let capture = read(&file(File::Pcap, 101, &clients.collect::<Vec<_>>()));
    assert_eq!(capture.exchanges.len(), MANY as usize);

    // One connection with as many requests, each in pieces; its only answer is never whole.
    let step = u32::try_from(post.len()).expect("short");
    let mut packets = Vec::new();
    for at in (0..MANY).map(|request| request * step) {
        let (one, other) = post.split_at(20);
        packets.push(packet([10, 0, 0, 1], 50_000, at, one));
        packets.push(packet([10, 0, 0, 1], 50_000, at + 20, other));
    }
    let long = [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &vec![b'x'; 40_000]].concat();
    let builder = PacketBuilder::ipv4([192, 168, 4, 1], [10, 0, 0, 1], 64);
    let mut answer = Vec::new();
    let builder = builder.tcp(80, 50_000, 0, 4096);
    builder.write(&mut answer, &long).expect("memory takes it");
    packets.push(answer);
    let capture = read(&file(File::Pcap, 101, &packets));
    assert_eq!(capture.exchanges.len(), MANY as usize);

    // An interface of each kind, of which none is read; and gaps in all connections.
    let mut bytes = file(File::Pcapng, 2000, &[]);
    for kind in 2001..2001 + MANY {
        let interface = [1, 20, kind, 0, 20];
        let packet = [6, 36, kind - 2000, 0, 0, 4, 4, 0, 36];
        bytes.extend(interface.into_iter().chain(packet).flat_map(u32::to_le_bytes));
    }
    let capture = read(&bytes);
    assert_eq!((capture.exchanges.len(), capture.notes.len()), (0, 21));
    assert!(capture.notes[20].ends_with("more notes of this kind"), "{:?}", capture.notes);

    // Bluetooth connections that come and go, on a device with as many names as fit.
    let acl = |pdu: &[u8]| {
        let length = u16::try_from(pdu.len()).expect("short");
        let mut acl = vec![2, 0, 0x20];
        acl.extend((length + 4).to_le_bytes());
        acl.extend(length.to_le_bytes());
        acl.extend([4, 0]);
        acl.extend(pdu);
        acl
    };
    let mut packets = Vec::new();
    for handle in (2..u16::MAX).step_by(2) {
        let [low, high] = handle.to_le_bytes();
        packets.push(acl(&[0x05, 1, low, high, 0x01, 0x29]));
        packets.push(acl(&[0x0a, low, high]));
        packets.push(acl(&[0x0b, b'n', b'a', b'm', b'e']));
    }
    for _ in 0..MANY {
        packets.push(acl(&[0x12, 1, 0, b'?']));
        packets.push(acl(&[0x13]));
        packets.push(acl(&[0x0a, 1, 0]));
        packets.push(acl(&[0x0b, b'!']));
        packets.push(vec![4, 5, 4, 0, 0, 0, 0x13]);
    }
    let capture = read(&file(File::Btsnoop, 1002, &packets));
    assert_eq!(capture.notes.len(), 21);

    // Squares took minutes.
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

/// ATT as a client and a device speak it: the descriptions are read, then each request is written
/// and its reply read, in parts where it is longer than the MTU allows.
struct Att {
    packets: Vec<Vec<u8>>,
    wrap: Wrap,
    /// The most bytes of an HCI packet's data.
    fragment: usize,
}

impl Att {
    const MTU: usize = 23;

    fn pdu(&mut self, to_device: bool, opcode: u8, body: &[u8]) {
        let length = u16::try_from(body.len() + 1).expect("short").to_le_bytes();
        let mut frame = vec![length[0], length[1], 4, 0, opcode];
        frame.extend(body);
        for (number, part) in frame.chunks(self.fragment).enumerate() {
            let boundary: u16 = match (number, to_device) {
                (0, true) => 0,
                (0, false) => 2,
                _ => 1,
            };
            let head = (0x0040 | boundary << 12).to_le_bytes();
            let length = u16::try_from(part.len()).expect("short").to_le_bytes();
            let mut acl = vec![head[0], head[1], length[0], length[1]];
            acl.extend(part);
            self.packets.push((self.wrap)(to_device, acl));
        }
    }

    fn exchange(&mut self, handle: u16, request: &[u8], reply: &[u8]) {
        let at = handle.to_le_bytes();
        if request.len() <= Self::MTU - 3 {
            self.pdu(true, 0x12, &[&at, request].concat());
            self.pdu(false, 0x13, &[]);
        } else {
            for (number, part) in request.chunks(Self::MTU - 5).enumerate() {
                let offset = u16::try_from(number * (Self::MTU - 5)).expect("short").to_le_bytes();
                let body = [&at, &offset[..], part].concat();
                self.pdu(true, 0x16, &body);
                self.pdu(false, 0x17, &body);
            }
            self.pdu(true, 0x18, &[1]);
            self.pdu(false, 0x19, &[]);
        }
        let part = Self::MTU - 1;
        self.pdu(true, 0x0a, &at);
        self.pdu(false, 0x0b, &reply[..reply.len().min(part)]);
        let mut offset = part;
        while offset <= reply.len() {
            let place = u16::try_from(offset).expect("short").to_le_bytes();
            self.pdu(true, 0x0c, &[at, place].concat());
            self.pdu(false, 0x0d, &reply[offset..reply.len().min(offset + part)]);
            offset += part;
        }
    }
}

/// With descriptions, or by the manager's numbers.
fn ble(exchanges: &[Exchange], described: bool, fragment: usize, wrap: Wrap) -> Vec<Vec<u8>> {
    let mut att = Att { packets: Vec::new(), wrap, fragment };
    let handle = |index: usize| u16::try_from(0x10 + 4 * index).expect("short");
    att.pdu(true, 0x08, &[1, 0, 0xff, 0xff, 0x03, 0x28]);
    for (index, (_, number)) in NUMBERS.iter().enumerate() {
        let uuid = numbered(SERVICES[1], if described { 0x1234 } else { *number });
        let mut item = vec![21];
        item.extend((handle(index) - 1).to_le_bytes());
        item.push(0x0a);
        item.extend(handle(index).to_le_bytes());
        item.extend(uuid.to_le_bytes());
        att.pdu(false, 0x09, &item);
        att.pdu(true, 0x08, &[1, 0, 0xff, 0xff, 0x03, 0x28]);
    }
    att.pdu(false, 0x01, &[0x08, 1, 0, 0x0a]);
    for (index, (name, _)) in NUMBERS.iter().enumerate().filter(|_| described) {
        let descriptor = (handle(index) + 1).to_le_bytes();
        att.pdu(true, 0x04, &[descriptor, descriptor].concat());
        att.pdu(false, 0x05, &[1, descriptor[0], descriptor[1], 0x01, 0x29]);
        att.pdu(true, 0x0a, &descriptor);
        att.pdu(false, 0x0b, name.as_bytes());
    }
    for (endpoint, request, reply) in exchanges {
        let index = NUMBERS.iter().position(|(name, _)| name == endpoint);
        att.exchange(handle(index.expect("a standard endpoint")), request, reply);
    }
    att.packets
}

fn h4(_: bool, acl: Vec<u8>) -> Vec<u8> {
    [vec![2], acl].concat()
}

fn with_direction(to_device: bool, acl: Vec<u8>) -> Vec<u8> {
    [vec![0, 0, 0, u8::from(!to_device), 2], acl].concat()
}

fn monitor(to_device: bool, acl: Vec<u8>) -> Vec<u8> {
    [vec![0, 0, 0, if to_device { 4 } else { 5 }], acl].concat()
}

fn in_flags(to_device: bool, acl: Vec<u8>) -> Vec<u8> {
    [vec![u8::from(!to_device)], acl].concat()
}

#[tokio::test(start_paused = true)]
async fn provisioning_is_found_in_bluetooth() {
    for scheme in [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2] {
        let exchanges = exchanges(scheme).await;
        for described in [false, true] {
            for fragment in [27, 251] {
                let ways: [(File, u32, Wrap); 5] = [
                    (File::Btsnoop, 1002, h4),
                    (File::Btsnoop, 1001, in_flags),
                    (File::Pcap, 187, h4),
                    (File::Pcapng, 201, with_direction),
                    (File::Pcap, 254, monitor),
                ];
                for (form, link, wrap) in ways {
                    let packets = ble(&exchanges, described, fragment, wrap);
                    let what =
                        format!("{form:?} {link}, {scheme}, described {described}, {fragment}");
                    let capture = read(&file(form, link, &packets));
                    assert_found(&what, scheme, &capture, &exchanges);
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bluetooth_capture_that_began_too_late_is_told() {
    let exchanges = exchanges(Scheme::Sec1).await;
    let all = ble(&exchanges, true, 251, h4);
    let late = &all[NUMBERS.len() * 6 + 2..];
    let capture = read(&file(File::Btsnoop, 1002, late));
    assert_eq!(capture.exchanges.len(), 0);
    let note = capture.notes.first().expect("a note");
    assert!(note.contains("start the capture before connecting"), "{note}");
}

#[tokio::test(start_paused = true)]
async fn a_capture_that_is_cut_off_is_read_up_to_there() {
    let exchanges = exchanges(Scheme::Sec0).await;
    for (form, bytes) in [
        (File::Pcap, file(File::Pcap, 101, &http(&exchanges, 1460))),
        (File::Pcapng, file(File::Pcapng, 101, &http(&exchanges, 1460))),
        (File::Btsnoop, file(File::Btsnoop, 1002, &ble(&exchanges, false, 251, h4))),
    ] {
        let whole = read(&bytes).exchanges.len();
        for length in (0..bytes.len()).step_by(5) {
            match capture::read(&bytes[..length], false) {
                Ok(capture) => assert!(capture.exchanges.len() <= whole, "{form:?} {length}"),
                Err(error) => assert!(error.at <= length, "{form:?} {length}: {error}"),
            }
        }
    }
}

#[test]
fn what_is_no_capture_is_told_by_position_and_reason() {
    let pcap = file(File::Pcap, 101, &[vec![0x45; 40]]);
    let mut too_long = pcap.clone();
    too_long[32..36].copy_from_slice(&u32::MAX.to_le_bytes());
    let section = file(File::Pcapng, 101, &[]);
    let process = 0x8000_0001_u32;
    let short = |length: u32| [process.to_le_bytes(), length.to_le_bytes(), [0; 4]].concat();
    for (bytes, error) in [
        (b"".to_vec(), "byte 0: neither pcap, pcapng, btsnoop nor PacketLogger"),
        (b"\x7fELF".to_vec(), "byte 0: neither pcap, pcapng, btsnoop nor PacketLogger"),
        (pcap[..10].to_vec(), "byte 0: the file ends inside a block"),
        (pcap[..50].to_vec(), "byte 24: the file ends inside a block"),
        (too_long, "byte 24: a block says that it is longer than the file"),
        (b"btsnoop\0\0\0\0\x01".to_vec(), "byte 12: the file ends inside its header"),
        (
            [&b"btsnoop\0\0\0\0\x01\0\0\x03\xea"[..], &[0; 10]].concat(),
            "byte 16: the file ends inside a record",
        ),
        ([&section[..], &short(6)].concat(), "byte 48: an invalid block"),
        ([&section[..], &short(0)].concat(), "byte 48: an invalid block"),
    ] {
        let got = capture::read(&bytes, false).expect_err("no capture").to_string();
        assert_eq!(got, error, "{bytes:02x?}");
    }
    let other = read(&file(File::Pcap, 105, &[vec![0; 30]]));
    let note = other.notes.first().expect("a note");
    assert!(note.starts_with("link type 105 is not supported"), "{note}");
}

/// Made by `AF_PACKET` on the loopback of a machine where the tool provisioned the simulator.
#[test]
fn a_real_capture_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/http.pcap");
    let capture = read(&fs::read(path).expect("a capture"));
    assert_eq!(capture.notes, [""; 0]);
    let sessions = |security| {
        let exchanges = capture.exchanges.iter();
        exchanges.filter(|one| one.security == Some(security)).count()
    };
    assert_eq!([0, 1, 2].map(sessions), [6, 7, 7]);
}

/// Of BlueZ 5.66 in the rig of `tests/ble`, logged between it and its controller; the trace of the
/// same run, which came after two of `info`, says what is in it.
#[test]
fn a_capture_of_bluez_has_what_the_trace_of_the_same_run_has() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let capture = read(&fs::read(folder.join("ble.btsnoop")).expect("a capture"));
    assert_eq!(capture.notes, [""; 0]);
    let trace = fs::read(folder.join("ble.jsonl")).expect("a trace");
    let trace = trace::read(&trace).expect("a trace");
    assert_eq!(capture.exchanges.len(), 6 + 6 + trace.records.len());
    for (found, (_, traced)) in capture.exchanges[12..].iter().zip(&trace.records) {
        assert_eq!(found.endpoint, traced.endpoint);
        assert_eq!((found.before, found.after), (traced.before, traced.after));
        for (found, traced) in [(&found.request, &traced.request), (&found.reply, &traced.reply)] {
            let (found, traced) = (found.as_ref().expect("there"), traced.as_ref().expect("there"));
            assert_eq!((found.sealed, &found.bytes), (traced.sealed, &traced.bytes));
        }
    }
}
