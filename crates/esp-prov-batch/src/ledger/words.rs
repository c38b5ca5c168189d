//! What is written in a ledger as one of a few words.

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
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As it is written.
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
    /// How a device stands.
    State {
        /// For a station.
        Waiting = "waiting",
        /// A station works on it.
        Running = "running",
        /// It says that it is in its network.
        Done = "done",
        /// It was told to join, and did not report the result.
        Unconfirmed = "unconfirmed",
        /// It gave an answer that ends its run, or all tries ended in transient failures.
        Failed = "failed",
    }
}

impl State {
    /// Whether there is nothing more to do unless somebody wants it.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

words! {
    /// How an attempt ended.
    AttemptOutcome {
        /// The device is in a Wi-Fi network.
        Connected = "connected",
        /// The device is in a Thread network.
        Attached = "attached",
        /// The device was told to join, and did not report the result.
        Unconfirmed = "unconfirmed",
        /// It failed, and none follows.
        Failed = "failed",
        /// A transient failure; another attempt follows.
        Again = "again",
        /// The station died or was stopped.
        Interrupted = "interrupted",
    }
}

words! {
    /// What became of the hook that gets a result.
    HookState {
        /// It was not called yet, or not to its end.
        Due = "due",
        /// It succeeded.
        Done = "done",
        /// It failed.
        Failed = "failed",
    }
}

impl HookState {
    /// Of a hook that was called.
    pub(super) fn of(result: &Result<(), String>) -> Self {
        if result.is_ok() { Self::Done } else { Self::Failed }
    }
}

/// How an attempt ended, as a number: 0 where the device is done. These are for ever, for ledgers
/// and their readers have them; they are the exit codes of the command as well.
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
        Err(FailureKind::Unrecorded) => 61,
    }
}

/// What such a number means.
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

/// What a word of a column means. One that is not known is nothing to guess about: another
/// program wrote it, or the ledger is damaged.
pub(super) fn read<T: FromStr>(column: &str, device: &str, word: &str) -> Result<T, LedgerError> {
    word.parse().map_err(|_| unknown(column, device, word))
}

fn unknown(column: &str, device: &str, word: &str) -> LedgerError {
    let word: String = word.chars().take(40).collect();
    LedgerError::Unusable(format!("{column} of {device:?}: unknown value {word:?}"))
}
