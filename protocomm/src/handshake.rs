//! The handshake on `prov-session`: consumed by each reply, ends in a [`Session`].

use alloc::boxed::Box;

use prost::Message;
use rand_core::CryptoRng;

use crate::{
    Capabilities, Credentials, DecodeError, Endpoint, HandshakeError, Request, Scheme, Session,
    security::{sec0, sec1, sec2},
    wire::SessionData,
};

/// A handshake that waits for the device's next message.
///
/// Starting one is always allowed, and on the device it ends whatever session there was
/// (`security1.c`, v4.0.3, v4.1.2, v4.2.1, v4.3 and later).
pub struct Handshake {
    state: State,
}

/// What comes after a good reply.
#[must_use]
pub enum Step {
    /// Send this, and hand the reply to this.
    Send(Handshake, Request),
    /// The device has proved that it holds the same secret.
    Done(Session),
}

/// Named for what we are waiting for.
enum State {
    Sec0(sec0::ExpectAck),
    Sec1Setup(sec1::ExpectSetup),
    Sec1Verify(sec1::ExpectVerify),
    Sec2Setup(Box<sec2::ExpectSetup>),
    Sec2Verify(Box<sec2::ExpectVerify>),
}

impl Handshake {
    /// The first message. Takes the device's capabilities so that asking for them first can't be
    /// forgotten; schemes with patch levels choose by them.
    ///
    /// # Errors
    /// None today: credentials were checked when they were made.
    pub fn start(
        credentials: &Credentials,
        _device: &Capabilities,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Request), HandshakeError> {
        let (state, message) = match credentials {
            Credentials::Sec0 => {
                let (state, message) = sec0::ExpectAck::start();
                (State::Sec0(state), message)
            }
            Credentials::Sec1 { pop } => {
                let (state, message) = sec1::ExpectSetup::start(pop, rng);
                (State::Sec1Setup(state), message)
            }
            Credentials::Sec2 { username, password, made_by } => {
                let (state, message) = sec2::ExpectSetup::start(username, password, *made_by, rng);
                (State::Sec2Setup(Box::new(state)), message)
            }
        };
        Ok((Self { state }, request(&message)))
    }

    /// Another one like it, for the fuzzer: exponentiations of security 2 take milliseconds.
    #[cfg(fuzzing)]
    pub fn twin(&self) -> Self {
        let state = match &self.state {
            State::Sec2Setup(state) => State::Sec2Setup(state.clone()),
            State::Sec2Verify(state) => State::Sec2Verify(state.clone()),
            _ => unimplemented!("only for security 2"),
        };
        Self { state }
    }

    /// Whether the device's next message answers our proof: a device that rejects the proof of
    /// possession sends nothing at this point.
    pub fn awaits_proof(&self) -> bool {
        matches!(self.state, State::Sec1Verify(_) | State::Sec2Verify(_))
    }

    /// Takes the device's reply.
    ///
    /// # Errors
    /// [`HandshakeError`]; start again with a new handshake if it makes sense at all.
    pub fn handle(self, reply: &[u8]) -> Result<Step, HandshakeError> {
        if reply.is_empty() {
            return Err(DecodeError::Empty.into());
        }
        let reply = SessionData::decode(reply).map_err(DecodeError::from)?;
        let ours = self.scheme().number();
        if i64::from(reply.sec_ver) != i64::from(ours) {
            return Err(HandshakeError::SchemeMismatch { ours, device: reply.sec_ver });
        }
        match self.state {
            State::Sec0(state) => state.handle(reply).map(Step::Done),
            State::Sec1Setup(state) => {
                let (state, message) = state.handle(reply)?;
                Ok(Step::Send(Self { state: State::Sec1Verify(state) }, request(&message)))
            }
            State::Sec1Verify(state) => state.handle(reply).map(Step::Done),
            State::Sec2Setup(state) => {
                let (state, message) = state.handle(reply)?;
                Ok(Step::Send(
                    Self { state: State::Sec2Verify(Box::new(state)) },
                    request(&message),
                ))
            }
            State::Sec2Verify(state) => state.handle(reply).map(Step::Done),
        }
    }

    fn scheme(&self) -> Scheme {
        match self.state {
            State::Sec0(_) => Scheme::Sec0,
            State::Sec1Setup(_) | State::Sec1Verify(_) => Scheme::Sec1,
            State::Sec2Setup(_) | State::Sec2Verify(_) => Scheme::Sec2,
        }
    }
}

fn request(message: &SessionData) -> Request {
    Request::plain(Endpoint::SESSION, message.encode_to_vec())
}
