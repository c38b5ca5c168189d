//! Any bytes on a console wire, to both halves: the client hears no reply that was not there,
//! the device reads no line longer than its buffer, and what both write they both read.
//!
//! Input: what is on the wire. A byte 0xff ends a piece that arrives at the device at once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocomm::{
    Endpoint,
    console::{self, Call, Heard, LineReader, Listener},
};

fuzz_target!(|wire: &[u8]| {
    client(wire);
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
    for &byte in wire {
        if let Some(Heard::Reply(reply)) = listener.hear(byte) {
            assert!(!reply.is_empty() && reply.len() * 2 <= wire.len());
            listener.sent(&line);
        }
    }
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
    let endpoint = Endpoint::custom(call.endpoint.clone());
    // Leading zeros make room for a longer number.
    let Ok(line) = console::line(&endpoint, call.session, &call.request) else { return };
    assert_eq!(Call::parse(&line).as_ref(), Some(call));
}
