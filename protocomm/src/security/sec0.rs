//! Security 0: a handshake in name only (`security0.c`, ESP-IDF v5.5).

use crate::{
    DecodeError, HandshakeError, Session,
    security::{Cipher, success},
    wire::{
        S0SessionCmd, Sec0MsgType, Sec0Payload, SecSchemeVersion, SessionData, sec0_payload,
        session_data::Proto,
    },
};

/// Waits for the device's reply to the hello.
pub(crate) struct ExpectAck;

impl ExpectAck {
    pub(crate) fn start() -> (Self, SessionData) {
        let hello = sec0_payload::Payload::Sc(S0SessionCmd {});
        (Self, message(Sec0MsgType::S0SessionCommand, hello))
    }

    // Consumes itself, like every state that waits for one reply.
    #[allow(clippy::unused_self)]
    pub(crate) fn handle(self, reply: SessionData) -> Result<Session, HandshakeError> {
        const EXPECTED: &str = "S0SessionResp";
        let Some(Proto::Sec0(reply)) = reply.proto else {
            return Err(DecodeError::MissingPayload(EXPECTED).into());
        };
        if reply.msg != Sec0MsgType::S0SessionResponse as i32 {
            return Err(DecodeError::Unexpected { expected: EXPECTED, got: reply.msg }.into());
        }
        let Some(sec0_payload::Payload::Sr(reply)) = reply.payload else {
            return Err(DecodeError::MissingPayload(EXPECTED).into());
        };
        success(reply.status)?;
        Ok(Session::new(Cipher::Plain))
    }
}

/// The device's reply. A device ignores everything in the request but `sec_ver`.
#[cfg(feature = "device")]
pub(crate) fn answer() -> SessionData {
    let ack = sec0_payload::Payload::Sr(crate::wire::S0SessionResp { status: 0 });
    message(Sec0MsgType::S0SessionResponse, ack)
}

fn message(msg: Sec0MsgType, payload: sec0_payload::Payload) -> SessionData {
    SessionData {
        sec_ver: SecSchemeVersion::SecScheme0 as i32,
        proto: Some(Proto::Sec0(Sec0Payload { msg: msg as i32, payload: Some(payload) })),
    }
}
