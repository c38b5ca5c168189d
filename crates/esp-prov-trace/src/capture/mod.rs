//! Captures: finds protocomm exchanges in a file of network or Bluetooth packets.
//!
//! Reads pcap and pcapng with HTTP over TCP (Ethernet, raw IP, loopback, Linux cooked) or with
//! Bluetooth HCI (link types 187, 201 and 254), btsnoop, and PacketLogger of macOS and iOS. No
//! capture has the keys of a session, so only the handshake and the sizes of later messages can be
//! shown, unless the session is not encrypted. Captures from the air by a link-layer sniffer
//! (802.11, LE LL) are not supported.

mod bluetooth;
mod container;
mod http;

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, SystemTime},
};

use esp_prov::exchange::{Body, ExchangeRecord, Failure, State};
use esp_prov_input::Packed;
use protocomm::{
    Endpoint, Scheme,
    tree::{Direction, Message, Tree, Value},
};
use thiserror::Error;

use crate::{Record, record};

/// What was found in a capture.
#[derive(Debug, Default)]
pub struct Capture {
    /// The exchanges in the order of their requests.
    pub exchanges: Vec<Record>,
    /// What could not be read, for people.
    pub notes: Vec<String>,
}

/// Why bytes are not a capture.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("byte {at}: {reason}")]
pub struct Invalid {
    /// The byte, counted from 0.
    pub at: usize,
    /// What is wrong there.
    pub reason: String,
}

/// Whether these are the first bytes of a capture.
pub fn is_capture(bytes: &[u8]) -> bool {
    container::Form::of(bytes).is_some()
}

/// For a file that contains a capture in another form: what it is, and how to make a capture of it.
pub fn packed(bytes: &[u8]) -> Option<&'static str> {
    const LOG: &[u8] = b"BTSNOOP_LOG_SUMMARY";
    match Packed::of(bytes) {
        Some(Packed::Zip) => Some(
            "a zip archive, as bug reports of Android are; unpack it and give \
             FS/data/misc/bluetooth/logs/btsnoop_hci.log",
        ),
        Some(Packed::Compressed(how)) => Some(how),
        None => {
            let begin = &bytes[..bytes.len().min(1 << 20)];
            begin.windows(LOG.len()).any(|window| window == LOG).then_some(
                "a btsnooz log of an Android bug report; `btsnooz.py` of Android makes a btsnoop \
                 file of it",
            )
        }
    }
}

/// Finds the exchanges in a capture. With `secrets`, those that are not encrypted contain their
/// secrets.
///
/// # Errors
/// [`Invalid`] if the file is invalid before its first packet. Later that is a note.
pub fn read(bytes: &[u8], secrets: bool) -> Result<Capture, Invalid> {
    let mut found = Found::default();
    let (mut tcp, mut hci) = (http::Streams::default(), bluetooth::Connections::default());
    container::packets(bytes, &mut found.notes, |packet| match packet.link {
        container::Link::Network(link) => tcp.take(&packet, link),
        container::Link::Bluetooth(link) => hci.take(&packet, link, &mut found.exchanges),
    })?;
    tcp.end(&mut found);
    hci.end(&mut found);
    found.exchanges.sort_by_key(|exchange| exchange.packet);
    let (mut conversations, mut exchanges) = (HashMap::new(), Vec::new());
    for (number, exchange) in (1..).zip(&found.exchanges) {
        let conversation: &mut Conversation =
            conversations.entry(exchange.between.as_str()).or_default();
        exchanges.push(conversation.tell(number, exchange, secrets));
    }
    Ok(Capture { exchanges, notes: found.notes.all() })
}

/// What the layers below found.
#[derive(Default)]
struct Found {
    exchanges: Vec<Exchange>,
    notes: Notes,
}

/// What could not be read. A capture can lead to a note for each packet, so only the first are
/// kept.
#[derive(Default)]
struct Notes {
    told: BTreeSet<String>,
    /// The notes in their order.
    kept: Vec<String>,
    left_out: usize,
}

impl Notes {
    const KEPT: usize = 20;

    /// Adds a note, unless it was added before.
    fn add(&mut self, note: String) {
        if self.kept.len() >= Self::KEPT {
            self.left_out += usize::from(!self.told.contains(&note));
        } else if self.told.insert(note.clone()) {
            self.kept.push(note);
        }
    }

    fn all(mut self) -> Vec<String> {
        match self.left_out {
            0 => {}
            1 => self.kept.push("and one more note of this kind".to_owned()),
            more => self.kept.push(format!("and {more} more notes of this kind")),
        }
        self.kept
    }
}

/// An exchange as bytes.
struct Exchange {
    /// The number of the packet with its request.
    packet: u64,
    time: Option<SystemTime>,
    took: Option<Duration>,
    /// The ends of the connection. Exchanges with the same ones are one conversation.
    between: String,
    endpoint: String,
    request: Vec<u8>,
    reply: Option<Vec<u8>>,
    /// What went wrong: its kind and the error message.
    failure: Option<(&'static str, String)>,
    http_status: Option<u16>,
}

/// The state of a client and its device, as far as it shows on the wire.
#[derive(Default)]
struct Conversation {
    scheme: Option<Scheme>,
    is_open: bool,
    repeats_nonce: bool,
}

impl Conversation {
    fn tell(&mut self, number: u64, exchange: &Exchange, secrets: bool) -> Record {
        let endpoint = exchange.endpoint.as_str();
        let (before, after);
        let mut sealed = false;
        if endpoint == Endpoint::SESSION.as_str() {
            (before, after) = self.shake_hands(exchange);
        } else if endpoint == Endpoint::VERSION.as_str() {
            before = if self.is_open { State::Session } else { State::Connected };
            after = before;
        } else {
            sealed = match self.scheme {
                Some(scheme) => scheme != Scheme::Sec0,
                // The handshake is not in the capture. What reads well is not encrypted.
                None => !reads_well(&exchange.endpoint, &exchange.request),
            };
            before = State::Session;
            after = State::Session;
        }
        let lost = exchange.reply.is_none();
        if lost {
            self.is_open = false;
        }
        let failure = exchange.failure.as_ref().map(|(kind, words)| Failure {
            kind,
            words,
            http_status: exchange.http_status,
        });
        let tapped = ExchangeRecord {
            endpoint,
            request: Some(body(&exchange.request, sealed)),
            reply: exchange.reply.as_ref().map(|reply| body(reply, sealed)),
            failure,
            before: Some(before),
            after: Some(if lost { State::Over } else { after }),
            took: exchange.took,
            scheme: self.scheme,
            credentials: None,
            repeats_nonce: self.repeats_nonce && sealed,
            is_public: false,
        };
        let mut record = record(number, &tapped, secrets);
        record.time = exchange.time.map(|time| humantime::format_rfc3339_millis(time).to_string());
        record.packet = Some(exchange.packet);
        record
    }

    fn shake_hands(&mut self, exchange: &Exchange) -> (State, State) {
        let tree = |direction, bytes: &[u8]| {
            Message::of(&exchange.endpoint, direction).map(|message| message.read(bytes))
        };
        let request = tree(Direction::Request, &exchange.request);
        let reply = exchange.reply.as_deref().and_then(|bytes| tree(Direction::Reply, bytes));
        let kind = request.as_ref().and_then(Tree::kind).unwrap_or_default();
        self.scheme = request.as_ref().and_then(scheme);
        let is_last = kind.ends_with("Command1") || self.scheme == Some(Scheme::Sec0);
        let before = if kind.ends_with("Command1") { State::Proof } else { State::Handshake };
        self.is_open = is_last && reply.is_some();
        let nonce = reply.as_ref().and_then(|reply| bytes_of(reply, "device_nonce"));
        self.repeats_nonce = nonce.is_some_and(|length| length == 16);
        let after = match (is_last, reply.is_some()) {
            (_, false) => State::Over,
            (true, true) => State::Session,
            (false, true) => State::Proof,
        };
        (before, after)
    }
}

fn body(wire: &[u8], sealed: bool) -> Body<'_> {
    Body { wire, plain: (!sealed).then_some(wire), sealed }
}

fn reads_well(endpoint: &str, bytes: &[u8]) -> bool {
    let message = Message::of(endpoint, Direction::Request);
    message.is_some_and(|message| {
        let tree = message.read(bytes);
        tree.trouble().is_none() && tree.nodes.iter().all(|node| node.field.is_some())
    })
}

/// The scheme that a handshake message names. 0 is never sent.
fn scheme(tree: &Tree) -> Option<Scheme> {
    let named = tree.nodes.iter().find_map(|node| match (node.field?.name, &node.value) {
        ("sec_ver", Value::Enum(_, number)) => u32::try_from(*number).ok(),
        _ => None,
    });
    Scheme::from_number(named.unwrap_or(0))
}

/// The length of the first field of this name.
fn bytes_of(tree: &Tree, name: &str) -> Option<usize> {
    tree.nodes.iter().find_map(|node| match &node.value {
        Value::Bytes(bytes) if node.field.is_some_and(|field| field.name == name) => {
            Some(bytes.len())
        }
        Value::Message(tree) => bytes_of(tree, name),
        _ => None,
    })
}
