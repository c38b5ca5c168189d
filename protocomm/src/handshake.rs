//! The handshake on `prov-session`. Each reply consumes it; it ends in a [`Session`].

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
/// A new one may be started at any time. On the device it ends the session that was open
/// (`security1.c`, ESP-IDF v4.0.3, v4.1.2, v4.2.1, v4.3 and later; earlier releases refuse it).
pub struct Handshake {
    state: State,
}

/// What to do after a good reply.
#[must_use]
pub enum Step {
    /// Send the request, and pass its reply to the handshake.
    Send(Handshake, Request),
    /// The session is open. Except under security 0, the device has proved that it holds the same
    /// secret.
    Done(Session),
}

/// Each state is named for the reply it waits for.
enum State {
    Sec0(sec0::ExpectAck),
    Sec1Setup(sec1::ExpectSetup),
    Sec1Verify(sec1::ExpectVerify),
    Sec2Setup(Box<sec2::ExpectSetup>),
    Sec2Verify(Box<sec2::ExpectVerify>),
}

impl Handshake {
    /// Starts a handshake and returns its first request. The device's capabilities are a parameter
    /// so that asking for them first can't be forgotten. They are not used today: the patch level
    /// of security 2 shows in the length of its nonce.
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

    /// A copy for the fuzzer, since the exponentiations of security 2 take milliseconds.
    #[cfg(fuzzing)]
    pub fn twin(&self) -> Self {
        let state = match &self.state {
            State::Sec2Setup(state) => State::Sec2Setup(state.clone()),
            State::Sec2Verify(state) => State::Sec2Verify(state.clone()),
            _ => unimplemented!("only for security 2"),
        };
        Self { state }
    }

    /// Whether the device's next message answers our proof. A device that rejects the proof sends
    /// nothing at this point.
    pub fn awaits_proof(&self) -> bool {
        matches!(self.state, State::Sec1Verify(_) | State::Sec2Verify(_))
    }

    /// Takes the device's reply.
    ///
    /// # Errors
    /// [`HandshakeError`]. The handshake is over; to try again, start a new one.
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
