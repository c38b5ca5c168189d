//! Any requests to a device. Under security 1 and 2 it answers nothing before the session is open;
//! within the session, it answers as under security 0; and under security 2, it answers nothing
//! that was not sealed.
//!
//! Input: one byte that chooses the device, then requests: one byte for the endpoint, one for the
//! length of the body, then the body. The last device gets one request without those two bytes,
//! since a public key of security 2 is longer than they allow.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use protocomm::{
    Endpoint, Scheme, Session,
    commands::Custom,
    device::{Action, NoReply},
};
use protocomm_fuzz::{Device, device, shake_hands, start};

const ENDPOINTS: [&str; 7] = [
    "proto-ver",
    "prov-session",
    "prov-config",
    "prov-scan",
    "prov-ctrl",
    "echo",
    "no-such-endpoint",
];

fuzz_target!(|input: &[u8]| {
    let Some((device, requests)) = input.split_first() else { return };
    match device % 6 {
        0 => plain(Requests(requests)),
        1 => before_the_session(Requests(requests)),
        2 => within_the_session(Requests(requests)),
        3 => before_the_proof(Requests(requests)),
        4 => forged(Requests(requests)),
        _ => first(requests),
    }
});

struct Requests<'a>(&'a [u8]);

impl<'a> Iterator for Requests<'a> {
    type Item = (&'static str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let [endpoint, length, rest @ ..] = self.0 else { return None };
        let (body, rest) = rest.split_at(rest.len().min((*length).into()));
        self.0 = rest;
        Some((ENDPOINTS[usize::from(*endpoint) % ENDPOINTS.len()], body))
    }
}

fn plain(requests: Requests) {
    let mut device = device(Scheme::Sec0);
    for (endpoint, body) in requests {
        match device.handle(endpoint, body) {
            Ok(answer) => assert!(!answer.action.to_string().is_empty()),
            Err(silence) => {
                assert!(!silence.to_string().is_empty());
                assert_ne!(silence, NoReply::NoSession, "security 0 has none");
            }
        }
    }
}

fn before_the_session(requests: Requests) {
    let mut device = device(Scheme::Sec1);
    for (endpoint, body) in requests {
        match device.handle(endpoint, body).map(|answer| answer.action) {
            // The device's randomness is fixed here, so the fuzzer may find the proof.
            Ok(Action::SessionOpened(_)) => return,
            Ok(Action::Version | Action::KeysExchanged) | Err(_) => {}
            Ok(action) => panic!("{action} without a session"),
        }
    }
}

fn within_the_session(requests: Requests) {
    let (mut device, mut twin) = (device(Scheme::Sec1), device(Scheme::Sec0));
    let mut session = shake_hands(&mut device, Scheme::Sec1).0;
    for (endpoint, body) in requests {
        if endpoint == "prov-session" {
            match device.handle(endpoint, body) {
                // That has begun another handshake.
                Ok(_) => return,
                Err(_) => continue,
            }
        }
        let request = Custom { endpoint: endpoint.parse().expect("a name"), body: body.to_vec() };
        if body.is_empty() || endpoint == "proto-ver" {
            continue;
        }
        let (request, pending) = session.seal(&request).expect("not empty");
        match (device.handle(endpoint, &request.body), twin.handle(endpoint, body)) {
            (Ok(sealed), Ok(plain)) => {
                assert_eq!(sealed.action, plain.action);
                let (next, opened) = pending.open(&sealed.body).expect("any bytes are good");
                assert_eq!(opened, Ok(plain.body));
                session = next;
            }
            (Err(sealed), Err(plain)) => {
                assert_eq!(sealed, plain);
                return;
            }
            (sealed, plain) => panic!("{sealed:?} is not {plain:?}"),
        }
    }
}

/// A device with security 2 that has exchanged keys. It is kept until an input makes it exchange
/// them again, which takes milliseconds.
fn before_the_proof(requests: Requests) {
    thread_local! { static DEVICE: RefCell<Option<Device>> = const { RefCell::new(None) }; }
    let made = || {
        let mut device = device(Scheme::Sec2);
        device.handle("prov-session", &start(Scheme::Sec2).1.body).expect("a good request");
        device
    };
    let mut device = DEVICE.take().unwrap_or_else(made);
    for (endpoint, body) in requests {
        match device.handle(endpoint, body).map(|answer| answer.action) {
            Ok(Action::KeysExchanged | Action::SessionOpened(_)) => return,
            Ok(Action::Version) | Err(_) => {}
            Ok(action) => panic!("{action} without a session"),
        }
    }
    DEVICE.set(Some(device));
}

/// Requests that were not sealed leave a session of security 2 as it was.
fn forged(requests: Requests) {
    thread_local! { static OPEN: RefCell<Option<(Device, Session)>> = const { RefCell::new(None) }; }
    let made = || {
        let mut device = device(Scheme::Sec2);
        let session = shake_hands(&mut device, Scheme::Sec2).0;
        (device, session)
    };
    let (mut device, session) = OPEN.take().unwrap_or_else(made);
    for (endpoint, body) in requests {
        match (endpoint, device.handle(endpoint, body)) {
            ("prov-session", Ok(_)) => return,
            ("prov-session" | "proto-ver", _) => {}
            (_, answer) => match answer.map(|answer| answer.action) {
                Err(NoReply::Undecryptable | NoReply::NoSuchEndpoint(_)) => {}
                other => panic!("{other:?} to what nobody sealed"),
            },
        }
    }
    let hello = Custom { endpoint: Endpoint::from_static("echo"), body: b"hello".to_vec() };
    let (request, pending) = session.seal(&hello).expect("not empty");
    let reply = device.handle("echo", &request.body).expect("the session is open").body;
    let (session, echo) = pending.open(&reply).expect("the session is in step");
    assert_eq!(echo, Ok(b"hello".to_vec()));
    OPEN.set(Some((device, session)));
}

/// One request to begin a handshake of security 2.
fn first(request: &[u8]) {
    match device(Scheme::Sec2).handle("prov-session", request) {
        Ok(answer) => assert_eq!(answer.action, Action::KeysExchanged),
        Err(silence) => assert_ne!(silence, NoReply::WrongProof, "there were no keys yet"),
    }
}
