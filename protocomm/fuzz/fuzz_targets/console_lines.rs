//! Any bytes on a console wire, to both halves: the client hears no reply that was not there,
//! whether joined from pieces or copied by hand; the device reads no line longer than its buffer;
//! and what one half writes the other reads.
//!
//! Input: the bytes on the wire. A byte 0xff ends a piece that reaches the device at once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocomm::{
    Endpoint,
    console::{self, Call, Heard, LineReader, Listener},
};

fuzz_target!(|wire: &[u8]| {
    client(wire);
    cut(wire);
    device(wire);
    if let Ok(text) = str::from_utf8(wire)
        && let Some(copied) = console::copied(text)
    {
        assert!(!copied.is_empty() && copied.len() * 2 <= wire.len());
    }
});

fn client(wire: &[u8]) {
    let mut listener = Listener::default();
    let line = console::line(&Endpoint::VERSION, 1, b"none").expect("it fits");
    listener.sent(&line);
    // The echo of a device that has read the line.
    let echo = line.iter().chain(b"\n\r\n");
    for &byte in echo.chain(wire).chain(b"\r\n\n>> ") {
        let heard = listener.hear(byte);
        // A byte 0xfe stands for a silence.
        let heard = if byte == 0xfe { heard.or(listener.without_prompt()) } else { heard };
        if let Some(Heard::Reply(reply)) = heard {
            assert!(!reply.is_empty() && is_of(&reply, wire));
            listener.sent(&line);
        }
    }
    assert!(!listener.awaits_prompt());
}

/// A reply that is cut by a log line made of `text`, with or without a line end: all of it is
/// heard, or none.
fn cut(text: &[u8]) {
    const REPLY: &[u8] = b"\x0a\x0b\x0c\xd0\xe1\xf2";
    let Some((&at, text)) = text.split_first() else { return };
    let (at, has_end) = (usize::from(at >> 1), at & 1 == 1);
    let mut wire = console::reply(REPLY);
    let mut log = b"I (5) wifi: ".to_vec();
    // One line, without another log line in it.
    log.extend(text.iter().filter(|byte| (b' '..=b'~').contains(*byte) && **byte != b'('));
    log.extend_from_slice(if has_end { b"\r\n" } else { b"" });
    let at = at.min(wire.len());
    wire.splice(at..at, log);
    let line = console::line(&Endpoint::VERSION, 1, b"none").expect("it fits");
    let mut listener = Listener::default();
    listener.sent(&line);
    let wire = line.iter().chain(b"\n").chain(&wire).chain(b"\n>> ");
    for heard in wire.filter_map(|&byte| listener.hear(byte)) {
        match heard {
            Heard::Reply(reply) => assert_eq!(reply, REPLY),
            Heard::Garbled => assert!(!has_end),
            Heard::Prompt | Heard::Restarted => panic!("{heard:?}"),
        }
    }
}

/// Whether the digits of a reply are on the wire, in this order.
fn is_of(reply: &[u8], wire: &[u8]) -> bool {
    let mut wire = wire.iter();
    let digit = |value: u8| char::from_digit(value.into(), 16).expect("half a byte") as u8;
    let digits = reply.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.into_iter().all(|digit| wire.any(|&byte| byte == digit))
}

fn device(wire: &[u8]) {
    let (mut reader, mut echo) = (LineReader::default(), Vec::new());
    for mut arrived in wire.split(|&byte| byte == 0xff) {
        while !arrived.is_empty() {
            let Some(line) = reader.read(&mut arrived, &mut echo) else { continue };
            assert!(line.len() <= console::LINE_LIMIT);
            if let Some(call) = Call::parse(&line) {
                written_again(&call);
            }
        }
    }
    assert!(echo.len() <= 2 * wire.len());
}

fn written_again(call: &Call) {
    // No endpoint's name has a character that the console's splitter treats specially, so nothing
    // is escaped.
    let Ok(endpoint) = Endpoint::new(call.endpoint.clone()) else { return };
    // The session number is written without leading zeros, so the line may not fit where it did.
    let Ok(line) = console::line(&endpoint, call.session, &call.request) else { return };
    assert_eq!(Call::parse(&line).as_ref(), Some(call));
}
