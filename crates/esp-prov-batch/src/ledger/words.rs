//! Values that a ledger stores as one of a few words.

use std::{fmt, str::FromStr};

use esp_prov::FailureKind;
use serde::{Serialize, Serializer};

use super::LedgerError;

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All values.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for this value, in ledgers and in JSON.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|one| one.name() == text).ok_or(())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

words! {
    /// The state of a device.
    State {
        /// The device waits for a station.
        Waiting = "waiting",
        /// A station is working on the device.
        Running = "running",
        /// The device reports that it is connected to its network, or its test was passed and undone.
        Done = "done",
        /// The device was told to join, but did not report the result.
        Unconfirmed = "unconfirmed",
        /// The device gave an answer that a retry can't change, or all tries ended in transient
        /// failures.
        Failed = "failed",
    }
}

impl State {
    /// Whether no work remains on the device, unless it is requeued.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

words! {
    /// How an attempt ended.
    AttemptOutcome {
        /// The device is connected to a Wi-Fi network.
        Connected = "connected",
        /// The device is attached to a Thread network.
        Attached = "attached",
        /// The device was told to join, but did not report the result.
        Unconfirmed = "unconfirmed",
        /// The device did not report the result, and was found on its network.
        Verified = "verified",
        /// The device reports that it is connected, and was not found on its network.
        NotVerified = "not-verified",
        /// The device joined, and has left the network again: a test that was undone.
        Tested = "tested",
        /// The attempt failed, and no other attempt follows.
        Failed = "failed",
        /// The attempt ended in a transient failure, and another attempt follows.
        Again = "again",
        /// The station crashed or was stopped.
        Interrupted = "interrupted",
    }
}

words! {
    /// The state of the hook that gets a result.
    HookState {
        /// The hook was not called yet, or a call did not finish.
        Due = "due",
        /// The hook succeeded.
        Done = "done",
        /// The hook failed.
        Failed = "failed",
    }
}

impl AttemptOutcome {
    /// The state of a device whose last attempt ended so; [`State::Waiting`] if it did not finish.
    pub fn state(self) -> State {
        match self {
            Self::Connected | Self::Attached | Self::Verified | Self::Tested => State::Done,
            Self::Unconfirmed | Self::NotVerified => State::Unconfirmed,
            Self::Failed => State::Failed,
            Self::Again | Self::Interrupted => State::Waiting,
        }
    }
}

impl HookState {
    /// The state that results from a hook call.
    pub(super) fn of(result: &Result<(), String>) -> Self {
        if result.is_ok() { Self::Done } else { Self::Failed }
    }
}

/// Converts a result to a number; 0 means that the device is done. The numbers must never change,
/// because ledgers and their readers depend on them. They are also the exit codes of the command.
pub(super) fn number(result: Result<(), FailureKind>) -> u8 {
    match result {
        Ok(()) => 0,
        Err(FailureKind::InvalidInput) => 3,
        Err(FailureKind::NotFound) => 10,
        Err(FailureKind::NoConnection) => 11,
        Err(FailureKind::LinkLost) => 12,
        Err(FailureKind::Unsupported) => 20,
        Err(FailureKind::ProtocolViolated) => 21,
        Err(FailureKind::ProofRejected) => 30,
        Err(FailureKind::SecurityMismatch) => 31,
        Err(FailureKind::SessionDesynchronised) => 32,
        Err(FailureKind::WarningDenied) => 33,
        Err(FailureKind::Refused) => 40,
        Err(FailureKind::PassphraseRejected) => 50,
        Err(FailureKind::JoinFailed) => 51,
        Err(FailureKind::NotJoined) => 52,
        Err(FailureKind::Unconfirmed) => 53,
        Err(FailureKind::NetworkMismatch) => 54,
        Err(FailureKind::NotVerified) => 55,
        Err(FailureKind::NotUndone) => 56,
        Err(FailureKind::Unrecorded) => 61,
    }
}

/// Converts a stored number back to a result.
pub(super) fn result_of(
    device: &str,
    number: Option<i64>,
) -> Result<Option<Result<(), FailureKind>>, LedgerError> {
    let Some(wanted) = number else { return Ok(None) };
    let all = FailureKind::ALL.iter().map(|kind| Err(*kind));
    let known = all.chain([Ok(())]).find(|one| i64::from(self::number(*one)) == wanted);
    let unknown = || unknown("exit_code", device, &wanted.to_string());
    known.map(Some).ok_or_else(unknown)
}

/// Parses the word in a column. An unknown word is an error: either another program wrote it, or
/// the ledger is damaged.
pub(super) fn read<T: FromStr>(column: &str, device: &str, word: &str) -> Result<T, LedgerError> {
    word.parse().map_err(|_| unknown(column, device, word))
}

fn unknown(column: &str, device: &str, word: &str) -> LedgerError {
    let word: String = word.chars().take(40).collect();
    LedgerError::Unusable(format!("{column} of {device:?}: unknown value {word:?}"))
}
