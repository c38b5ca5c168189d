//! Any reply in a handshake: no session but for the right proof.
//!
//! Input: one byte that chooses the reply's place, then the reply.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prost::Message;
use protocomm::{
    Credentials, Step,
    wire::{self, sec0_payload, sec1_payload, session_data::Proto},
};
use protocomm_fuzz::{awaiting_keys, awaiting_proof, replies, start};

fuzz_target!(|input: &[u8]| {
    let Some((place, reply)) = input.split_first() else { return };
    let handshake = match place % 3 {
        0 => start(&Credentials::Sec0).0,
        1 => awaiting_keys().0,
        _ => awaiting_proof().0,
    };
    let step = match handshake.handle(reply) {
        Ok(step) => step,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    match (place % 3, step, session_data(reply)) {
        (0, Step::Done(_), Proto::Sec0(message)) => {
            let ack = wire::S0SessionResp { status: 0 };
            assert_eq!(message.payload, Some(sec0_payload::Payload::Sr(ack)));
        }
        (1, Step::Send(_, proof), Proto::Sec1(message)) => {
            let Some(sec1_payload::Payload::Sr0(keys)) = message.payload else { panic!("no keys") };
            assert_eq!((keys.status, keys.device_random.len()), (0, 16));
            assert!(matches!(session_data(&proof.body), Proto::Sec1(_)));
        }
        (2, Step::Done(_), right) => assert_eq!(right, session_data(&replies().proof)),
        _ => panic!("a step too far"),
    }
});

fn session_data(message: &[u8]) -> Proto {
    wire::SessionData::decode(message).expect("it was accepted").proto.expect("it was accepted")
}
