//! What a device made of a request, for logs.

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
    /// It reported its version.
    Version,
    /// It answered the first half of the handshake.
    KeysExchanged,
    /// It answered the second half of the handshake: a session is open.
    SessionOpened(Scheme),
    /// It stored a network in memory, or refused to.
    SetWifiConfig {
        /// The name of the network. Bytes that are not UTF-8 are replaced.
        ssid: String,
        /// The length of the passphrase in bytes.
        passphrase_bytes: usize,
        /// The status in the reply.
        status: Status,
    },
    /// It was told to join, with the status in the reply.
    ApplyWifiConfig(Status),
    /// It reported the state of the join, or the status that it replied instead.
    GetWifiStatus(Result<WifiStatus, Status>),
    /// It stored a dataset of this many bytes in memory, or refused to.
    SetThreadConfig(usize, Status),
    /// It was told to attach, with the status in the reply.
    ApplyThreadConfig(Status),
    /// It reported the state of the attach, or the status that it replied instead.
    GetThreadStatus(Result<ThreadStatus, Status>),
    /// It answered a scan request, named as in the schema.
    Scan(&'static str, Status),
    /// It answered a reset or re-provision request, named as in the schema.
    Control(&'static str, Status),
    /// It handled a request of this many bytes to an endpoint of the application.
    Custom(usize),
    /// It gave a recorded reply to a request, named as in the schema.
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
    /// There is no endpoint of this name.
    #[error("no endpoint {0:?}")]
    NoSuchEndpoint(String),
    /// The request is to an endpoint that needs a session, and none is open.
    #[error("no session is open")]
    NoSession,
    /// The handshake is for another scheme.
    #[error("the client uses security {client}, this device security {device}")]
    SchemeMismatch {
        /// The `sec_ver` of the request.
        client: i32,
        /// The number of this device's scheme.
        device: u32,
    },
    /// The client's public key would make the shared key known to anybody.
    #[error("the client's public key is 0")]
    WeakKey,
    /// The request fails its authentication check (security 2).
    #[error("the request does not decrypt")]
    Undecryptable,
    /// A handshake message that is not due at this point.
    #[error("a handshake message out of order")]
    OutOfOrder,
    /// The client's proof is wrong: it does not hold the device's secret.
    #[error("the client's proof is wrong: its secret is not this device's")]
    WrongProof,
    /// The request does not decode. Under security 1, one that was encrypted for another session
    /// ends here, too.
    #[error("the request does not decode: {0}")]
    Malformed(#[from] DecodeError),
    /// The decrypted request is empty. A real device fails here because its `malloc(0)` returns
    /// NULL (`security1.c`, `security2.c`).
    #[error("the request is empty")]
    Empty,
    /// The request is for scan results beyond the end of the list.
    #[error("the request is for scan results beyond the end of the list")]
    BeyondEnd,
    /// The request is for the results of a Thread scan, and this is a Wi-Fi device.
    #[error("a Wi-Fi device has no results of a Thread scan")]
    ThreadScan,
    /// The application's handler failed, or there is none.
    #[error("the application refused the request")]
    Application,
}

impl From<prost::DecodeError> for NoReply {
    fn from(error: prost::DecodeError) -> Self {
        Self::Malformed(error.into())
    }
}
