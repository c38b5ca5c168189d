//! Why a device could not join a network of either kind.

use core::fmt;

use crate::wire::{ThreadAttachFailedReason, WifiConnectFailedReason};

/// Why a join failed, according to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JoinFailure {
    /// `AuthError`: usually a wrong passphrase.
    WrongPassphrase,
    /// `WifiNetworkNotFound`: no access point with this name.
    NetworkNotFound,
    /// `ThreadNetworkNotFound`: not attached to the Thread network within 20 s, for any reason,
    /// including a wrong key.
    NotAttached,
    /// `DatasetInvalid`: a Thread device can't read its dataset.
    DatasetInvalid,
    /// The device gave no reason.
    Unsaid,
    /// A reason that this crate does not know, by its number.
    Unknown(i32),
}

impl JoinFailure {
    pub(super) fn of_wifi(number: i32) -> Self {
        match WifiConnectFailedReason::try_from(number) {
            Ok(WifiConnectFailedReason::AuthError) => Self::WrongPassphrase,
            Ok(WifiConnectFailedReason::WifiNetworkNotFound) => Self::NetworkNotFound,
            Err(_) => Self::Unknown(number),
        }
    }

    pub(super) fn of_thread(number: i32) -> Self {
        match ThreadAttachFailedReason::try_from(number) {
            Ok(ThreadAttachFailedReason::DatasetInvalid) => Self::DatasetInvalid,
            Ok(ThreadAttachFailedReason::ThreadNetworkNotFound) => Self::NotAttached,
            Err(_) => Self::Unknown(number),
        }
    }
}

impl fmt::Display for JoinFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongPassphrase => f.write_str("the network rejected the passphrase"),
            Self::NetworkNotFound => f.write_str("the device does not see the network"),
            Self::NotAttached => f.write_str("the device could not attach to the Thread network"),
            Self::DatasetInvalid => f.write_str("the device can't read the Thread dataset"),
            Self::Unsaid => f.write_str("the device gave no reason"),
            Self::Unknown(number) => write!(f, "the device gave the unknown reason {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_failure_says_why() {
        let wifi = |number| JoinFailure::of_wifi(number).to_string();
        assert_eq!(wifi(0), "the network rejected the passphrase");
        assert_eq!(wifi(1), "the device does not see the network");
        assert_eq!(wifi(7), "the device gave the unknown reason 7");
    }
}
