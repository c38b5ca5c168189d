//! The kind of failure of an error.

use protocomm::{HandshakeError, SessionError, commands::JoinFailure};
use serde::Serialize;

use super::{Cause, Error, Stage};
use crate::transport::{RadioError, TransportError, WifiError};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// The kind of a failure, which is enough for a script, a ledger or a person to act on it.
        /// Exhaustive: each kind has a number of its own in exit codes and ledgers, which never
        /// changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum FailureKind {
            $($(#[$doc])* $name,)+
        }

        impl FailureKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

kinds! {
    /// The input can't be sent to the device, or a secret is missing.
    InvalidInput,
    /// The device was not found.
    NotFound,
    /// No connection to the device could be made.
    NoConnection,
    /// The link broke, or no reply came.
    LinkLost,
    /// The device lacks what is needed: an endpoint, a capability or a version.
    Unsupported,
    /// The device broke the protocol.
    ProtocolViolated,
    /// The device does not hold the same secret.
    ProofRejected,
    /// The device's security is not what was asked for.
    SecurityMismatch,
    /// The session got out of step: a reply did not decrypt.
    SessionDesynchronised,
    /// There was a warning, and warnings are not accepted.
    WarningDenied,
    /// The device understood the command and refused it.
    Refused,
    /// The network rejected the passphrase.
    PassphraseRejected,
    /// The device did not find the network, or could not join it.
    JoinFailed,
    /// The device did not join in time, or reports no connection.
    NotJoined,
    /// The device was told to join, and left before it reported the result.
    Unconfirmed,
    /// The device reports that it is connected, and was not found on its network.
    NotVerified,
    /// The device joined, and could not be made to leave the network again after a test.
    NotUndone,
    /// The device is connected, but not to the network it was given.
    NetworkMismatch,
    /// The record that the device is about to be told to join could not be made, so it was not
    /// told.
    Unrecorded,
}

impl FailureKind {
    /// Whether the device reported that it could not join. It then holds the network until it is
    /// reset, and does not try to join it any more. After any other failure it may still be
    /// joining.
    pub fn is_failed_join(self) -> bool {
        matches!(self, Self::PassphraseRejected | Self::JoinFailed)
    }
}

impl From<JoinFailure> for FailureKind {
    fn from(failure: JoinFailure) -> Self {
        match failure {
            JoinFailure::WrongPassphrase => Self::PassphraseRejected,
            _ => Self::JoinFailed,
        }
    }
}

impl Error {
    /// The kind of failure.
    pub fn kind(&self) -> FailureKind {
        match &self.cause {
            Cause::Transport(error) => of_transport(error, self.stage),
            Cause::Handshake(error) => match error {
                HandshakeError::ProofMismatch => FailureKind::ProofRejected,
                HandshakeError::SchemeMismatch { .. } => FailureKind::SecurityMismatch,
                HandshakeError::Refused(_) => FailureKind::Refused,
                _ => FailureKind::ProtocolViolated,
            },
            Cause::Session(error) => match error {
                SessionError::Decode { sealed: false, .. } => FailureKind::ProtocolViolated,
                SessionError::EmptyRequest(_) => FailureKind::InvalidInput,
                _ => FailureKind::SessionDesynchronised,
            },
            Cause::Refusal(_) | Cause::NotApplied(..) | Cause::ScanUnsafe(..) => {
                FailureKind::Refused
            }
            Cause::ProofRejected(_) => FailureKind::ProofRejected,
            Cause::SchemeRejected(_)
            | Cause::SecurityUnsaid(_)
            | Cause::SecurityUnsupported(_)
            | Cause::OtherSecurity { .. }
            | Cause::BelowRequired { .. }
            | Cause::Unchecked { .. }
            | Cause::Contradiction { .. }
            | Cause::LabelContradiction { .. }
            | Cause::Denied { about_security: true, .. } => FailureKind::SecurityMismatch,
            Cause::Denied { about_security: false, .. } => FailureKind::WarningDenied,
            Cause::ProofMissing
            | Cause::LoginMissing
            | Cause::NetworkMissing
            | Cause::TooLong { .. } => FailureKind::InvalidInput,
            Cause::Version { .. } | Cause::OtherNetwork { .. } | Cause::NotUndoable(_) => {
                FailureKind::Unsupported
            }
            Cause::NotUndone(_) => FailureKind::NotUndone,
            Cause::Join(failure) => (*failure).into(),
            Cause::Told(error) => error.kind(),
            Cause::Elsewhere(_) => FailureKind::NetworkMismatch,
            Cause::NotJoined { .. } => FailureKind::NotJoined,
            Cause::Unrecorded(_) => FailureKind::Unrecorded,
            Cause::OutOfTime(_) if self.stage == Stage::Join => FailureKind::NotJoined,
            Cause::TakenOver | Cause::ScanNotDone(_) | Cause::OutOfTime(_) => FailureKind::LinkLost,
        }
    }
}

fn of_transport(error: &TransportError, stage: Stage) -> FailureKind {
    match error {
        TransportError::NotFound(_) | TransportError::Wifi(WifiError::NotFound(_)) => {
            FailureKind::NotFound
        }
        TransportError::Radio(RadioError::Forbidden(_))
        | TransportError::NoSuchEndpoint(_)
        | TransportError::RequestTooLong { limit: None, .. } => FailureKind::Unsupported,
        TransportError::Wifi(
            WifiError::PassphraseMissing | WifiError::Several(_) | WifiError::OtherInterface { .. },
        ) => FailureKind::InvalidInput,
        TransportError::Wifi(WifiError::NotEncrypted) => FailureKind::SecurityMismatch,
        TransportError::Connect(_)
        | TransportError::NoTime(_)
        | TransportError::Radio(_)
        | TransportError::Wifi(_) => FailureKind::NoConnection,
        TransportError::TimedOut(_)
        | TransportError::Lost(_)
        | TransportError::NoReply
        | TransportError::Http { status: 408, .. } => FailureKind::LinkLost,
        // The transport can't carry the handshake at all.
        TransportError::LineTooLong(_) if matches!(stage, Stage::Handshake | Stage::Proof) => {
            FailureKind::Unsupported
        }
        TransportError::Ambiguous(_)
        | TransportError::OfAnother { .. }
        | TransportError::RequestTooLong { limit: Some(_), .. }
        | TransportError::LineTooLong(_) => FailureKind::InvalidInput,
        TransportError::Http { .. }
        | TransportError::NotHttp(_)
        | TransportError::TooLong { .. } => FailureKind::ProtocolViolated,
    }
}
