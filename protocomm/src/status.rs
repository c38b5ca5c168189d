//! The status in a device's replies.

use core::fmt;

use serde::Serialize;

use crate::wire;

/// What became of a request (`constants.proto`, all versions). Known firmware sends only `Success`,
/// `InvalidArgument` and `InternalError`. Each status is described by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// 0
    Success,
    /// 1
    InvalidSecScheme,
    /// 2
    InvalidProto,
    /// 3
    TooManySessions,
    /// 4: a length or value is not allowed.
    InvalidArgument,
    /// 5: the handler failed, or the request is not allowed in this state.
    InternalError,
    /// 6
    CryptoError,
    /// 7
    InvalidSession,
    /// A number that this crate does not know.
    Unknown(i32),
}

impl Status {
    /// The number on the wire.
    pub fn number(self) -> i32 {
        match self {
            Self::Success => 0,
            Self::InvalidSecScheme => 1,
            Self::InvalidProto => 2,
            Self::TooManySessions => 3,
            Self::InvalidArgument => 4,
            Self::InternalError => 5,
            Self::CryptoError => 6,
            Self::InvalidSession => 7,
            Self::Unknown(number) => number,
        }
    }
}

impl From<i32> for Status {
    fn from(number: i32) -> Self {
        match wire::Status::try_from(number) {
            Ok(wire::Status::Success) => Self::Success,
            Ok(wire::Status::InvalidSecScheme) => Self::InvalidSecScheme,
            Ok(wire::Status::InvalidProto) => Self::InvalidProto,
            Ok(wire::Status::TooManySessions) => Self::TooManySessions,
            Ok(wire::Status::InvalidArgument) => Self::InvalidArgument,
            Ok(wire::Status::InternalError) => Self::InternalError,
            Ok(wire::Status::CryptoError) => Self::CryptoError,
            Ok(wire::Status::InvalidSession) => Self::InvalidSession,
            Err(_) => Self::Unknown(number),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(number) => write!(f, "unknown status {number}"),
            known => write!(f, "{known:?} ({})", known.number()),
        }
    }
}

impl Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_status_has_its_name_and_number() {
        assert_eq!(Status::from(5).to_string(), "InternalError (5)");
        assert_eq!(Status::from(99).to_string(), "unknown status 99");
    }
}
