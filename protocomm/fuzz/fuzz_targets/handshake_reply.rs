//! Any reply in a handshake: only the right proof opens a session.
//!
//! Input: one byte that chooses the state of the handshake, then the reply.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prost::Message;
use protocomm::{
    Scheme, Step,
    wire::{self, sec0_payload, sec1_payload, sec2_payload, session_data::Proto},
};
use protocomm_fuzz::{awaiting_keys_sec2, awaiting_proof, awaiting_proof_sec2, replies, start};

fuzz_target!(|input: &[u8]| {
    let Some((place, reply)) = input.split_first() else { return };
    let handshake = match place % 5 {
        0 => start(Scheme::Sec0).0,
        1 => start(Scheme::Sec1).0,
        2 => awaiting_proof(Scheme::Sec1).0,
        3 => awaiting_keys_sec2(),
        _ => awaiting_proof_sec2(),
    };
    let step = match handshake.handle(reply) {
        Ok(step) => step,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    match (place % 5, step, session_data(reply)) {
        (0, Step::Done(_), Proto::Sec0(message)) => {
            let ack = wire::S0SessionResp { status: 0 };
            assert_eq!(message.payload, Some(sec0_payload::Payload::Sr(ack)));
        }
        (1, Step::Send(_, proof), Proto::Sec1(message)) => {
            let Some(sec1_payload::Payload::Sr0(keys)) = message.payload else { panic!("no keys") };
            assert_eq!((keys.status, keys.device_random.len()), (0, 16));
            assert!(matches!(session_data(&proof.body), Proto::Sec1(_)));
        }
        (2, Step::Done(_), right) => assert_eq!(right, session_data(&replies(Scheme::Sec1)[1])),
        (3, Step::Send(_, proof), Proto::Sec2(message)) => {
            let Some(sec2_payload::Payload::Sr0(keys)) = message.payload else { panic!("no keys") };
            assert_eq!(keys.status, 0);
            assert!(keys.device_pubkey.len() <= 384 && !keys.device_salt.is_empty());
            assert!(keys.device_pubkey.iter().any(|byte| *byte != 0), "a key known to anybody");
            assert!(matches!(session_data(&proof.body), Proto::Sec2(_)));
        }
        (4, Step::Done(_), reply) => {
            let (reply, right) = (proof(reply), proof(session_data(&replies(Scheme::Sec2)[1])));
            assert_eq!((reply.status, reply.device_proof), (0, right.device_proof));
            // The proof does not cover the nonce.
            assert!([12, 16].contains(&reply.device_nonce.len()));
        }
        _ => panic!("a step too far"),
    }
});

fn session_data(message: &[u8]) -> Proto {
    wire::SessionData::decode(message).expect("it was accepted").proto.expect("it was accepted")
}

fn proof(message: Proto) -> wire::S2SessionResp1 {
    match message {
        Proto::Sec2(wire::Sec2Payload {
            payload: Some(sec2_payload::Payload::Sr1(reply)), ..
        }) => reply,
        other => panic!("{other:?} has no proof"),
    }
}
