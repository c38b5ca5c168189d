//! What can go wrong, and at which stage. The one place where lower errors meet.

use std::{fmt, str::FromStr, time::Duration};

use protocomm::{
    HandshakeError, NetworkKind, Refusal, Scheme, SessionError, commands::JoinFailure,
};
use serde::Serialize;
use thiserror::Error;

use crate::transport::TransportError;

/// Where in the sequence something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Listening for devices.
    Discover,
    /// Building a link to the device.
    Connect,
    /// Asking for version and capabilities.
    Version,
    /// Choosing a security scheme, and the first half of the handshake.
    Handshake,
    /// The second half: both sides prove that they hold the same secret.
    Proof,
    /// Application data.
    Custom,
    /// Looking for networks.
    Scan,
    /// Storing the network in the device.
    Set,
    /// Making the device join it.
    Apply,
    /// Watching it join.
    Join,
    /// Forgetting a network.
    Reset,
    /// Asking where the device stands.
    Status,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Discover,
        Self::Connect,
        Self::Version,
        Self::Handshake,
        Self::Proof,
        Self::Custom,
        Self::Scan,
        Self::Set,
        Self::Apply,
        Self::Join,
        Self::Reset,
        Self::Status,
    ];

    /// For people and in ledgers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Connect => "connect",
            Self::Version => "version",
            Self::Handshake => "handshake",
            Self::Proof => "proof",
            Self::Custom => "custom data",
            Self::Scan => "scan",
            Self::Set => "set config",
            Self::Apply => "apply config",
            Self::Join => "join",
            Self::Reset => "reset",
            Self::Status => "status",
        }
    }
}

impl FromStr for Stage {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|stage| stage.name() == name).ok_or(())
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A failure: its stage and its cause.
#[derive(Debug, Error)]
#[error("{stage}: {cause}")]
pub struct Error {
    /// Where it happened.
    pub stage: Stage,
    /// What happened.
    #[source]
    pub cause: Cause,
}

/// What happened.
#[derive(Debug, Error)]
pub enum Cause {
    /// The link: no device, no connection, no reply.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The handshake.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The encrypted session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The device understood and said no.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// The device gave no reply to our proof, twice or at the last attempt: that is how it rejects
    /// a wrong proof of possession (`security1.c`).
    #[error("the device rejects our proof: it gives no reply to it")]
    ProofRejected,
    /// The device gave no reply to the first handshake message: that is how it rejects another
    /// security scheme.
    #[error("the device rejects a handshake with {0}: it gives no reply to it")]
    SchemeRejected(Scheme),
    /// The device does not say which security it has.
    #[error("the device does not say which security scheme it uses (its version is {0})")]
    SecurityUnsaid(String),
    /// The device wants a scheme this tool does not speak.
    #[error("the device wants security {0}, which this version of the tool does not speak")]
    SecurityUnsupported(u32),
    /// The device offers no security although a proof of possession was given.
    #[error("the device offers security 0 (no encryption) although a secret was given")]
    Downgrade,
    /// Security 1 needs a proof of possession and none was given.
    #[error("the device asks for a proof of possession and none was given")]
    ProofMissing,
    /// Security 2 needs a user name and a password and none were given.
    #[error("the device asks for a user name and a password and none were given")]
    LoginMissing,
    /// Not the version that was asked for.
    #[error("the device is version {got}, not {wanted}")]
    Version {
        /// What was asked for.
        wanted: String,
        /// What the device says.
        got: String,
    },
    /// The device takes another kind of network than the one that is to be given.
    #[error("the device takes {taken}, and the network given is {given}")]
    OtherNetwork {
        /// The kind of the network given.
        given: NetworkKind,
        /// The kind the device was built for.
        taken: NetworkKind,
    },
    /// The device could not join the network.
    #[error("{0}")]
    Join(JoinFailure),
    /// The device is still trying at the end of our patience.
    #[error("the device did not join within {}{}", humantime::format_duration(*within), remaining(*attempts_remaining))]
    NotJoined {
        /// Our patience.
        within: Duration,
        /// What the device said last about its attempts.
        attempts_remaining: Option<u32>,
    },
    /// That the device is about to be told to join could not be kept (see
    /// [`Journal`](crate::Journal)), so it was not told.
    #[error("the ledger could not be written: {0}")]
    Unrecorded(String),
    /// The whole run took too long.
    #[error("not done within {}", humantime::format_duration(*.0))]
    OutOfTime(Duration),
}

fn remaining(attempts: Option<u32>) -> String {
    match attempts {
        Some(1) => "; it has 1 attempt left".to_owned(),
        Some(attempts) => format!("; it has {attempts} attempts left"),
        None => String::new(),
    }
}

impl Error {
    pub(crate) fn new(stage: Stage, cause: impl Into<Cause>) -> Self {
        Self { stage, cause: cause.into() }
    }

    /// Whether the link or the session was lost, so that a new one may help: an accident, not
    /// an answer. A sealed reply that does not decrypt to sense counts, since a drifted cipher
    /// is repaired by a new session.
    pub fn is_link_lost(&self) -> bool {
        match &self.cause {
            Cause::Transport(error) => error.is_link_lost(),
            Cause::Session(SessionError::Decode { sealed, .. }) => *sealed,
            Cause::Session(SessionError::Undecryptable { .. } | SessionError::CounterExhausted) => {
                true
            }
            _ => false,
        }
    }

    /// Whether the device could not be reached at all.
    pub(crate) fn is_unreachable(&self) -> bool {
        matches!(
            self.cause,
            Cause::Transport(TransportError::NotFound(_) | TransportError::Connect(_))
        )
    }

    /// Whether the device said this inside a session, or our patience ended: what such an error
    /// means does not change by what was sent before.
    pub(crate) fn is_answer(&self) -> bool {
        match &self.cause {
            Cause::Join(_)
            | Cause::NotJoined { .. }
            | Cause::OutOfTime(_)
            | Cause::Refusal(_)
            | Cause::Unrecorded(_) => true,
            Cause::Session(SessionError::Decode { sealed, .. }) => !sealed,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stage;

    /// A stage that is missing in `ALL` could be written into a ledger and not be read again.
    #[test]
    fn every_stage_is_found_by_its_name() {
        for stage in Stage::ALL {
            assert_eq!(stage.name().parse(), Ok(stage));
        }
        assert_eq!(Stage::ALL.len(), Stage::Status as usize + 1);
        assert_eq!("".parse::<Stage>(), Err(()));
    }
}
