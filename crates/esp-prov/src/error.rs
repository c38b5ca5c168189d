//! Errors, with the stage at which they occurred. All lower-level errors meet here.

mod kind;

use std::{fmt, str::FromStr, time::Duration};

use protocomm::{
    HandshakeError, NetworkKind, Refusal, Scheme, SessionError, commands::JoinFailure,
};
use serde::Serialize;
use thiserror::Error;

pub use self::kind::FailureKind;
use crate::{
    shown::Shown,
    transport::{RadioError, TransportError},
};

/// Where in the sequence something happened. Exhaustive: what no reply means depends on it.
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

/// A failure, with its stage and its cause.
#[derive(Debug, Error)]
#[error("{stage}: {cause}")]
pub struct Error {
    /// Where it happened.
    pub stage: Stage,
    /// What happened.
    #[source]
    pub cause: Cause,
}

/// What a session proves, weakest first. The order compares the demand of a secret with the offer
/// of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum SecurityLevel {
    /// Security 0: anybody can listen, and be the device.
    #[serde(rename = "security-0")]
    Open,
    /// Security 1 without a proof of possession, or with an empty one: anybody can be the device.
    #[serde(rename = "security-1-no-pop")]
    Unproved,
    /// Security 1: the device knows the proof of possession.
    #[serde(rename = "security-1")]
    Proved,
    /// Security 2: the device knows the verifier of user name and password. An impostor learns
    /// nothing about the password.
    #[serde(rename = "security-2")]
    LoggedIn,
}

impl fmt::Display for SecurityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "security 0 (no encryption)",
            Self::Unproved => "security 1 without a proof of possession",
            Self::Proved => "security 1 with a proof of possession",
            Self::LoggedIn => "security 2",
        })
    }
}

/// What happened.
#[derive(Debug, Error)]
#[non_exhaustive]
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
    /// The device understood the command and refused it.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// The device gave no reply to our proof, twice or at the last attempt: that is how it rejects
    /// a wrong proof of possession (`security1.c`).
    #[error("the device rejected the proof of possession (no reply)")]
    ProofRejected,
    /// The device gave no reply to the first handshake message: that is how it rejects another
    /// security scheme.
    #[error("the device rejected a handshake with {0} (no reply)")]
    SchemeRejected(Scheme),
    /// The device does not report which security it has.
    #[error("the device does not report which security scheme it uses (its version is {})", Shown::name(.0))]
    SecurityUnsaid(String),
    /// The device requires a scheme that this tool does not support.
    #[error("the device requires security {0}, which this version of the tool does not support")]
    SecurityUnsupported(u32),
    /// The device reports a scheme other than the requested one.
    #[error("security {asked} was requested, but the device reports security {offered}")]
    OtherSecurity {
        /// What was requested.
        asked: u32,
        /// What the device reports.
        offered: u32,
    },
    /// The device's security can't check the secret that was given.
    #[error("the device offers {offered}, but the secret given demands {asked}")]
    Unchecked {
        /// What the secret demands.
        asked: SecurityLevel,
        /// What the device offers.
        offered: SecurityLevel,
    },
    /// The scheme that was requested can't check the secret that was given, on any device.
    #[error("security {scheme} was requested, but the secret given demands {asked}")]
    Contradiction {
        /// What was requested.
        scheme: u32,
        /// What the secret demands.
        asked: SecurityLevel,
    },
    /// The device's label demands more than the scheme that it names.
    #[error("the label says security {scheme}, but the rest of it demands {asked}")]
    LabelContradiction {
        /// What the label says.
        scheme: u32,
        /// What the rest of it demands.
        asked: SecurityLevel,
    },
    /// The scheme is below the required minimum.
    #[error("security {required} or higher is required, but this is security {offered}")]
    BelowRequired {
        /// What is required.
        required: u32,
        /// What was asked for, or what the device says.
        offered: u32,
    },
    /// The run stopped at a warning, because warnings are denied.
    #[error("warnings are not accepted: {warning}")]
    Denied {
        /// The warning, as text.
        warning: String,
        /// Whether it is about how the session is secured.
        about_security: bool,
    },
    /// Security 1 needs a proof of possession, and none was given.
    #[error("the device requires a proof of possession, but none was given")]
    ProofMissing,
    /// Security 2 needs a user name and a password, and none were given.
    #[error("the device requires a user name and a password, but none were given")]
    LoginMissing,
    /// No network was chosen when one was asked for.
    #[error("no network was chosen")]
    NetworkMissing,
    /// The device reports a version other than the required one.
    #[error("the device reports version {}, not the one required", Shown::name(got))]
    Version {
        /// What was requested.
        wanted: String,
        /// What the device reports.
        got: String,
    },
    /// The device takes another kind of network than the one that is to be given.
    #[error("the device takes a {taken} network, but a {given} network was given")]
    OtherNetwork {
        /// The kind of the network given.
        given: NetworkKind,
        /// The kind the device was built for.
        taken: NetworkKind,
    },
    /// The device refused to join, as it does until it has forgotten its previous network.
    #[error("{0}")]
    NotApplied(#[source] Refusal, Recovery),
    /// The device did not reply to a handshake, although an earlier handshake in this run
    /// succeeded: another client has taken over the device's only session.
    #[error("another client took over: the device no longer replies to this one")]
    TakenOver,
    /// A scan was not started, because it could hang the device.
    #[error("no scan was started, because it could hang the device until it is switched off: {0}")]
    ScanUnsafe(Busy, Recovery),
    /// The device keeps answering, but its scan does not end.
    #[error("the device did not finish its scan within {}", humantime::format_duration(*.0))]
    ScanNotDone(Duration),
    /// The device could not join the network.
    #[error("{0}")]
    Join(JoinFailure),
    /// The device was told to join, and answers, but does not report the result.
    #[error("{}; the device was told to join, and may have joined", .0.cause)]
    Told(Box<Error>),
    /// The device reports a connection, but not to the network it was given, or to none.
    #[error("the device reports a connection, but {0}")]
    Elsewhere(Mismatch),
    /// The device is still trying at the end of the time it was given.
    #[error("the device did not join within {}{}", humantime::format_duration(*within), remaining(*attempts_remaining))]
    NotJoined {
        /// The time it was given.
        within: Duration,
        /// What the device last reported about its attempts.
        attempts_remaining: Option<u32>,
        /// Whether it was given a passphrase: with one, stock firmware never joins an open
        /// network, and never says so.
        has_passphrase: bool,
    },
    /// The journal could not record that the device was about to be told to join (see
    /// [`Journal`](crate::Journal)), so the device was not told.
    #[error("the ledger could not be written: {0}")]
    Unrecorded(String),
    /// A message of the application, or a network, that is too long. It was not sent.
    #[error("{what} has {bytes} bytes, but at most {limit} fit{}", under(*scheme))]
    TooLong {
        /// What is too long.
        what: String,
        /// Its length, in bytes.
        bytes: usize,
        /// The limit over this transport and with this scheme, in bytes.
        limit: usize,
        /// The scheme, if its overhead reduces the limit.
        scheme: Option<Scheme>,
    },
    /// The whole run took too long.
    #[error("not done within {}", humantime::format_duration(*.0))]
    OutOfTime(Duration),
}

/// What keeps a device from scanning: scans of stock firmware end only before any network was
/// applied and after a reset (`manager.c`, all generations).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// It could not join a network, and holds it.
    JoinFailed,
    /// It is joining one.
    Joining,
    /// It has joined one.
    Joined,
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JoinFailed => "its last join failed",
            Self::Joining => "it is joining a network",
            Self::Joined => "it has a network",
        })
    }
}

/// How a device that has a network can be made to take another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// By a reset over `prov-ctrl`, which was not tried in this run.
    Reset,
    /// Not by a reset: that was tried in this run.
    ResetTried,
    /// Not from here: its firmware has no `prov-ctrl`.
    ManualReset,
}

/// How a device is not where it should be, although it reports a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// In this network, although it was given another.
    Network(String),
    /// Its address, which is not valid.
    Address(String),
    /// In no network: stock firmware reports this after it left one (`reprovision`).
    NoNetwork,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(name) => {
                write!(f, "to \"{}\", which is not the network it was given", Shown::name(name))
            }
            Self::Address(text) if text.is_empty() => f.write_str("without an IP address"),
            Self::Address(text) => {
                write!(
                    f,
                    "with the address \"{}\", which is not valid for a station",
                    Shown::name(text)
                )
            }
            Self::NoNetwork => f.write_str("to no network"),
        }
    }
}

fn remaining(attempts: Option<u32>) -> String {
    match attempts {
        Some(1) => "; it has 1 attempt left".to_owned(),
        Some(attempts) => format!("; it has {attempts} attempts left"),
        None => String::new(),
    }
}

fn under(scheme: Option<Scheme>) -> String {
    scheme.map_or_else(String::new, |scheme| format!(" under {scheme}"))
}

impl Error {
    /// What went wrong at a stage.
    pub fn new(stage: Stage, cause: impl Into<Cause>) -> Self {
        Self { stage, cause: cause.into() }
    }

    /// Whether the link or the session was lost, so that a new one may help: a transient failure, not
    /// an answer. A sealed reply that does not decrypt to sense counts, since a drifted cipher
    /// is repaired by a new session.
    pub fn is_link_lost(&self) -> bool {
        match &self.cause {
            Cause::Transport(error) => error.is_link_lost(),
            Cause::Session(SessionError::Decode { sealed, .. }) => *sealed,
            Cause::TakenOver
            | Cause::Session(SessionError::Undecryptable { .. } | SessionError::CounterExhausted) => {
                true
            }
            _ => false,
        }
    }

    /// What this machine temporarily lacked, if that caused the error. It is not the device's
    /// fault.
    pub fn host_fault(&self) -> Option<&RadioError> {
        match &self.cause {
            Cause::Transport(TransportError::Radio(error)) if error.is_away() => Some(error),
            Cause::Told(error) => error.host_fault(),
            _ => None,
        }
    }

    /// Whether an internal error of the device, which a second try may get over.
    pub(crate) fn is_failure_inside(&self) -> bool {
        matches!(&self.cause, Cause::Transport(error) if error.is_failure_inside())
    }

    /// Whether the device could not be reached at all.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self.cause,
            Cause::Transport(
                TransportError::NotFound(_)
                    | TransportError::Connect(_)
                    | TransportError::NoTime(_)
            )
        )
    }

    /// Whether the device's answer could not be decoded in a session without encryption. A single
    /// such answer may be a transient failure.
    pub(crate) fn is_nonsense(&self) -> bool {
        matches!(self.cause, Cause::Session(SessionError::Decode { sealed: false, .. }))
    }

    /// Whether this is about the join itself, or about what was not sent: what such an error means
    /// does not change by what was sent before.
    pub(crate) fn says_how_it_stands(&self) -> bool {
        matches!(
            self.cause,
            Cause::Join(_)
                | Cause::Elsewhere(_)
                | Cause::NotJoined { .. }
                | Cause::NotApplied(..)
                | Cause::TooLong { .. }
                | Cause::Unrecorded(_)
        )
    }

    /// Whether the device may have joined all the same.
    pub fn may_have_joined(&self) -> bool {
        matches!(self.cause, Cause::Told(_))
    }

    /// Whether the device sent nothing back.
    pub(crate) fn is_silence(&self) -> bool {
        self.is_unreachable()
            || matches!(
                self.cause,
                Cause::Transport(
                    TransportError::TimedOut(_) | TransportError::Lost(_) | TransportError::NoReply
                )
            )
            || matches!(
                self.cause,
                Cause::TakenOver | Cause::ProofRejected | Cause::SchemeRejected(_)
            )
    }
}

#[cfg(test)]
mod tests {
    use super::{Mismatch, Stage};

    #[test]
    fn what_a_device_says_of_itself_does_not_fill_an_error() {
        let long = "A".repeat(65_000);
        for mismatch in [Mismatch::Network(long.clone()), Mismatch::Address(long)] {
            let told = mismatch.to_string();
            assert!(told.len() < 300 && told.contains("bytes more"), "{told}");
        }
        let told = Mismatch::Network("a\n\u{202e}".to_owned()).to_string();
        assert!(told.contains(r#""a\n\u{202e}""#), "{told}");
    }

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
