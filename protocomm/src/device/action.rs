//! What came of a request, for logs.

use alloc::string::String;
use core::fmt;

use thiserror::Error;

use crate::{
    DecodeError, Scheme, Status,
    commands::{ThreadStatus, WifiStatus},
};

/// What a request made the device do; its `Display` is for firmware logs and shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Told its version.
    Version,
    /// First half of the handshake.
    KeysExchanged,
    /// Second half: a session is open.
    SessionOpened(Scheme),
    /// Took a network into memory, or said why not.
    SetWifiConfig {
        /// Its name.
        ssid: String,
        /// How long its passphrase is.
        passphrase_bytes: usize,
        /// The answer.
        status: Status,
    },
    /// Was told to join.
    ApplyWifiConfig(Status),
    /// Told how the join stands.
    GetWifiStatus(Result<WifiStatus, Status>),
    /// Took a dataset of so many bytes into memory, or said why not.
    SetThreadConfig(usize, Status),
    /// Was told to attach.
    ApplyThreadConfig(Status),
    /// Told how the attach stands.
    GetThreadStatus(Result<ThreadStatus, Status>),
    /// Scan requests, by their name in the schema.
    Scan(&'static str, Status),
    /// Reset and re-provision, by their name in the schema.
    Control(&'static str, Status),
    /// Application data of so many bytes.
    Custom(usize),
    /// Answered as it was once, by the name of the request in the schema.
    Replayed(&'static str),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("version asked"),
            Self::KeysExchanged => f.write_str("keys exchanged"),
            Self::SessionOpened(scheme) => write!(f, "session open, {scheme}"),
            Self::SetWifiConfig { ssid, passphrase_bytes, status } => {
                write!(f, "SetWifiConfig ssid {ssid:?}, ")?;
                match passphrase_bytes {
                    0 => f.write_str("no passphrase")?,
                    n => write!(f, "passphrase of {n} bytes")?,
                }
                write!(f, " -> {status}")
            }
            Self::ApplyWifiConfig(status) => write!(f, "ApplyWifiConfig -> {status}"),
            Self::GetWifiStatus(Ok(WifiStatus::Connecting { attempts_remaining: None })) => {
                f.write_str("GetWifiStatus -> connecting")
            }
            Self::GetWifiStatus(Ok(WifiStatus::Connecting { attempts_remaining: Some(n) })) => {
                write!(f, "GetWifiStatus -> connecting, {n} attempts remaining")
            }
            Self::GetWifiStatus(Ok(WifiStatus::Connected(connection))) => {
                write!(f, "GetWifiStatus -> connected, {}", connection.ip)
            }
            Self::GetWifiStatus(Ok(WifiStatus::Failed(failure))) => {
                write!(f, "GetWifiStatus -> failed: {failure}")
            }
            Self::GetWifiStatus(Ok(other)) => write!(f, "GetWifiStatus -> {other:?}"),
            Self::GetWifiStatus(Err(status)) => write!(f, "GetWifiStatus -> {status}"),
            Self::SetThreadConfig(bytes, status) => {
                write!(f, "SetThreadConfig, dataset of {bytes} bytes -> {status}")
            }
            Self::ApplyThreadConfig(status) => write!(f, "ApplyThreadConfig -> {status}"),
            Self::GetThreadStatus(Ok(ThreadStatus::Attaching)) => {
                f.write_str("GetThreadStatus -> attaching")
            }
            Self::GetThreadStatus(Ok(ThreadStatus::Attached(connection))) => {
                write!(f, "GetThreadStatus -> attached, {:?}", connection.name)
            }
            Self::GetThreadStatus(Ok(ThreadStatus::Failed(failure))) => {
                write!(f, "GetThreadStatus -> failed: {failure}")
            }
            Self::GetThreadStatus(Ok(other)) => write!(f, "GetThreadStatus -> {other:?}"),
            Self::GetThreadStatus(Err(status)) => write!(f, "GetThreadStatus -> {status}"),
            Self::Scan(name, status) | Self::Control(name, status) => {
                write!(f, "{name} -> {status}")
            }
            Self::Custom(bytes) => write!(f, "application data, {bytes} bytes"),
            Self::Replayed(name) => write!(f, "{name}, answered as recorded"),
        }
    }
}

/// Why a request gets no reply.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoReply {
    /// There is no such endpoint.
    #[error("no endpoint {0:?}")]
    NoSuchEndpoint(String),
    /// A request endpoint before the handshake is done.
    #[error("no session is open")]
    NoSession,
    /// The handshake is for another scheme.
    #[error("the client uses security {client}, this device security {device}")]
    SchemeMismatch {
        /// What the request says.
        client: i32,
        /// What this device is.
        device: u32,
    },
    /// A public key that makes the shared key known to anybody.
    #[error("the client's public key is 0")]
    WeakKey,
    /// A sealed request that fails its check.
    #[error("the request does not decrypt")]
    Undecryptable,
    /// A handshake message that does not fit here.
    #[error("a handshake message out of order")]
    OutOfOrder,
    /// The client does not know the proof of possession.
    #[error("the client's proof is wrong: its secret is not this device's")]
    WrongProof,
    /// The request makes no sense (under security 1: or was encrypted for another session).
    #[error("the request does not decode: {0}")]
    Malformed(#[from] DecodeError),
    /// Nothing to decrypt: memory for it can't be had on the real device.
    #[error("the request is empty")]
    Empty,
    /// A scan result that does not exist.
    #[error("the request is for scan results beyond the end of the list")]
    BeyondEnd,
    /// Results of a Thread scan, of which a Wi-Fi device has none.
    #[error("a Wi-Fi device has no results of a Thread scan")]
    ThreadScan,
    /// The application's handler failed.
    #[error("the application refused the request")]
    Application,
}

impl From<prost::DecodeError> for NoReply {
    fn from(error: prost::DecodeError) -> Self {
        Self::Malformed(error.into())
    }
}
