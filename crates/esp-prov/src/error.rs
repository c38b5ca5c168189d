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
    transport::{HostFault, TransportError},
};

/// Where in the sequence something happened. Exhaustive, since what a missing reply means depends
/// on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
    /// Scanning for networks.
    Scan,
    /// Storing the network in the device.
    Set,
    /// Making the device join the network.
    Apply,
    /// Watching the device join.
    Join,
    /// Making the device forget a network, or re-provisioning it.
    Reset,
    /// Asking the device for its status.
    Status,
}

impl Stage {
    /// All stages.
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

    /// The name of the stage, in JSON and in ledgers. Its [`Display`](fmt::Display) is for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Connect => "connect",
            Self::Version => "version",
            Self::Handshake => "handshake",
            Self::Proof => "proof",
            Self::Custom => "custom",
            Self::Scan => "scan",
            Self::Set => "set",
            Self::Apply => "apply",
            Self::Join => "join",
            Self::Reset => "reset",
            Self::Status => "status",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Custom => "custom data",
            Self::Set => "set config",
            Self::Apply => "apply config",
            other => other.name(),
        }
    }
}

impl FromStr for Stage {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        // Ledgers of earlier versions have the words.
        let is_it = |stage: &Self| stage.name() == name || stage.words() == name;
        Self::ALL.into_iter().find(is_it).ok_or(())
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// What proves that both sides have the same secret.
fn secret_of(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Sec2 => "the user name or the password",
        _ => "the proof of possession",
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

/// What a session proves, weakest first. The order serves to compare what a secret demands with
/// what a device offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum SecurityLevel {
    /// Security 0: anybody can listen, and anybody can pose as the device.
    #[serde(rename = "security-0")]
    Open,
    /// Security 1 without a proof of possession, or with an empty one: anybody can pose as the
    /// device.
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

/// The cause of an error.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Cause {
    /// The link failed: no device, no connection, or no reply.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The handshake failed.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The session failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The device understood the command and refused it.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// The device gave no reply to our proof, twice or at the last attempt, which is how it rejects
    /// a wrong one (`security1.c`, `security2.c`).
    #[error("the device rejected {} (no reply)", secret_of(*.0))]
    ProofRejected(Scheme),
    /// The device gave no reply to the first handshake message, twice or at the last attempt, which
    /// is how it rejects another security scheme.
    #[error("the device rejected a handshake with {0} (no reply)")]
    SchemeRejected(Scheme),
    /// The device does not report which security scheme it uses. The text is its version.
    #[error("the device does not report which security scheme it uses (its version is {})", Shown::name(.0))]
    SecurityUnsaid(String),
    /// The device requires a scheme that this tool does not support.
    #[error("the device requires security {0}, which this version of the tool does not support")]
    SecurityUnsupported(u32),
    /// The device reports a scheme other than the requested one.
    #[error("security {asked} was requested, but the device reports security {offered}")]
    OtherSecurity {
        /// The scheme that was requested.
        asked: u32,
        /// The scheme that the device reports.
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
        /// The scheme that was requested.
        scheme: u32,
        /// What the secret demands.
        asked: SecurityLevel,
    },
    /// The device's label demands more than the scheme that it names.
    #[error("the label says security {scheme}, but the rest of it demands {asked}")]
    LabelContradiction {
        /// The scheme that the label names.
        scheme: u32,
        /// What the rest of the label demands.
        asked: SecurityLevel,
    },
    /// The scheme is below the required minimum.
    #[error("security {required} or higher is required, but this is security {offered}")]
    BelowRequired {
        /// The lowest scheme that is accepted.
        required: u32,
        /// The scheme that was requested, or that the device reports.
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
        /// The version that is required.
        wanted: String,
        /// The version that the device reports.
        got: String,
    },
    /// The device joins another kind of network than the one given.
    #[error("the device takes a {taken} network, but a {given} network was given")]
    OtherNetwork {
        /// The kind of the network given.
        given: NetworkKind,
        /// The kind the device was built for.
        taken: NetworkKind,
    },
    /// The device refused to apply the network. It refuses until it has forgotten its previous one.
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
    /// The device can't be made to leave a network that it has joined: it has no `prov-ctrl`, or
    /// refuses. A test that is to be undone ([`Plan::undo`](crate::Plan::undo)) was not begun.
    #[error("the device was given nothing, as it would not leave the network again: {}", why_not(.0.as_ref()))]
    NotUndoable(Option<Refusal>),
    /// The device joined, but could not be made to leave the network again.
    #[error("the device joined the network, and may still have it: {}", .0.cause)]
    NotUndone(Box<Error>),
    /// The device could not join the network.
    #[error("{0}")]
    Join(JoinFailure),
    /// The device was told to join, and answers, but does not report the result.
    #[error("{}; the device was told to join, and may have joined", .0.cause)]
    Told(Box<Error>),
    /// The device reports a connection that can't be the right one: to another network, to none, or
    /// without a valid IP address.
    #[error("the device reports a connection, but {0}")]
    Elsewhere(Mismatch),
    /// The device was still trying when the limit for joining was reached.
    #[error("the device did not join within {}{}", humantime::format_duration(*within), remaining(*attempts_remaining))]
    NotJoined {
        /// The limit for joining.
        within: Duration,
        /// The attempts it had left when it last reported them.
        attempts_remaining: Option<u32>,
        /// Whether it was given a passphrase: with one, stock firmware never joins an open
        /// network, and never says so.
        has_passphrase: bool,
    },
    /// The journal could not record that the device was about to be told to join (see
    /// [`Journal`](crate::Journal)), so the device was not told.
    #[error("the ledger could not be written: {0}")]
    Unrecorded(String),
    /// A message for the application, or that with the network, is too long. It was not sent.
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
    /// The whole run took longer than its limit.
    #[error("timed out after {}", humantime::format_duration(*.0))]
    OutOfTime(Duration),
}

/// Why a device can't scan safely. A scan on stock firmware is sure to end only before any network
/// was applied and after a reset (`manager.c`, all generations).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// It could not join a network, and still holds it.
    JoinFailed,
    /// It is joining a network.
    Joining,
    /// It has joined a network.
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

/// How a device that holds a network can be made to take another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// By a reset over `prov-ctrl`, which was not tried in this run.
    Reset,
    /// A reset over `prov-ctrl` was tried in this run and did not help.
    ResetTried,
    /// Only at the device itself: its firmware has no `prov-ctrl`, or a reset does not apply.
    ManualReset,
}

/// What is wrong with the connection that a device reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It is connected to this network, but was given another.
    Network(String),
    /// It has this IP address, which is not valid for a station.
    Address(String),
    /// It is connected to no network, as stock firmware reports after leaving one (`reprovision`).
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

fn why_not(refusal: Option<&Refusal>) -> String {
    refusal.map_or_else(|| "its firmware has no prov-ctrl".to_owned(), ToString::to_string)
}

fn under(scheme: Option<Scheme>) -> String {
    scheme.map_or_else(String::new, |scheme| format!(" under {scheme}"))
}

impl Error {
    /// Makes an error from its stage and cause.
    pub fn new(stage: Stage, cause: impl Into<Cause>) -> Self {
        Self { stage, cause: cause.into() }
    }

    /// Whether the link or the session was lost, so that a new one may help: a transient failure,
    /// not an answer. An encrypted reply that does not decode counts, since a new session repairs a
    /// drifted cipher.
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

    /// What this machine temporarily lacked, if that caused the error rather than the device.
    pub fn host_fault(&self) -> Option<HostFault> {
        match &self.cause {
            Cause::Transport(error) => error.host_fault(),
            Cause::Told(error) | Cause::NotUndone(error) => error.host_fault(),
            _ => None,
        }
    }

    /// Whether this is an internal error of the device that a second attempt may avoid.
    pub(crate) fn is_failure_inside(&self) -> bool {
        matches!(&self.cause, Cause::Transport(error) if error.is_failure_inside())
    }

    /// Whether the device could not be reached at all.
    pub fn is_unreachable(&self) -> bool {
        match &self.cause {
            Cause::Transport(TransportError::Wifi(error)) => error.is_absence(),
            Cause::Transport(
                TransportError::NotFound(_)
                | TransportError::Connect(_)
                | TransportError::NoTime(_),
            ) => true,
            _ => false,
        }
    }

    /// Whether the device's answer could not be decoded in a session without encryption. A single
    /// such answer may be a transient failure.
    pub(crate) fn is_nonsense(&self) -> bool {
        matches!(self.cause, Cause::Session(SessionError::Decode { sealed: false, .. }))
    }

    /// Whether this is about the join itself, or about something that was not sent. The meaning of
    /// such an error does not depend on what was sent before.
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
                Cause::TakenOver | Cause::ProofRejected(_) | Cause::SchemeRejected(_)
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

    /// A stage that is missing in `ALL` could be written into a ledger but not read back.
    #[test]
    fn every_stage_is_found_by_its_name() {
        for stage in Stage::ALL {
            assert_eq!(stage.name().parse(), Ok(stage));
            assert_eq!(stage.to_string().parse(), Ok(stage));
            assert_eq!(serde_json::json!(stage), stage.name());
        }
        assert_eq!(Stage::ALL.len(), Stage::Status as usize + 1);
        assert_eq!("".parse::<Stage>(), Err(()));
    }
}
