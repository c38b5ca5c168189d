//! Any requests to a device: under security 1 nothing before the session, and within it what
//! security 0 answers to the same requests.
//!
//! Input: one byte that chooses the device, then requests: one byte for the endpoint, one for
//! the length of the body, the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocomm::{
    Endpoint,
    commands::Custom,
    device::{Action, NoReply},
};
use protocomm_fuzz::{device_sec0, device_sec1, session_sec1, shake_hands};

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
    match device % 3 {
        0 => plain(Requests(requests)),
        1 => before_the_session(Requests(requests)),
        _ => within_the_session(Requests(requests)),
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
    let mut device = device_sec0();
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
    let mut device = device_sec1();
    for (endpoint, body) in requests {
        match device.handle(endpoint, body).map(|answer| answer.action) {
            // The device's keys are known here, so the fuzzer may find the proof.
            Ok(Action::SessionOpened(_)) => return,
            Ok(Action::Version | Action::KeysExchanged) | Err(_) => {}
            Ok(action) => panic!("{action} without a session"),
        }
    }
}

fn within_the_session(requests: Requests) {
    let (mut device, mut twin) = (device_sec1(), device_sec0());
    shake_hands(&mut device);
    let mut session = session_sec1();
    for (endpoint, body) in requests {
        if endpoint == "prov-session" {
            match device.handle(endpoint, body) {
                // The session is another one now.
                Ok(_) => return,
                Err(_) => continue,
            }
        }
        let request = Custom { endpoint: Endpoint::custom(endpoint), body: body.to_vec() };
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
