//! A request: where its bytes go and how long the reply may take.

use alloc::{
    borrow::{Cow, ToOwned},
    vec::Vec,
};
use core::{fmt, str::FromStr, time::Duration};

use serde::Serialize;
use thiserror::Error;
use zeroize::Zeroizing;

/// The name of a protocomm endpoint. Devices match it exactly, including its case (`protocomm.c`,
/// ESP-IDF v5.5).
///
/// A name becomes part of a URL and of a console line, so it consists of ASCII letters, digits, and
/// `-`, `_`, `.`, `~`.
///
/// ```
/// use protocomm::Endpoint;
///
/// const LAMP: Endpoint = Endpoint::from_static("lamp");
/// assert_eq!("lamp".parse(), Ok(LAMP));
/// assert!("a lamp".parse::<Endpoint>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Endpoint(Cow<'static, str>);

impl Endpoint {
    /// Version and capabilities, never encrypted.
    pub const VERSION: Self = Self::from_static("proto-ver");
    /// The handshake, never encrypted.
    pub const SESSION: Self = Self::from_static("prov-session");
    /// Sets and applies a network, and reports the state of the join.
    pub const CONFIG: Self = Self::from_static("prov-config");
    /// Scans for networks.
    pub const SCAN: Self = Self::from_static("prov-scan");
    /// Reset and re-provision (ESP-IDF v5.1 and later).
    pub const CONTROL: Self = Self::from_static("prov-ctrl");
    /// Application data of the vendor's examples (ESP-IDF v4.2 and later).
    pub const CUSTOM_DATA: Self = Self::from_static("custom-data");

    /// A protobuf message of the vendor's legacy example (ESP-IDF v3.2 to v4.4).
    pub const CUSTOM_CONFIG: Self = Self::from_static("custom-config");

    /// The endpoints of the provisioning manager (`manager.c`, ESP-IDF v3.3 to v5.5).
    pub const MANAGER: [Self; 5] =
        [Self::VERSION, Self::SESSION, Self::CONFIG, Self::SCAN, Self::CONTROL];
    /// The endpoints that the vendor's examples add to those.
    pub const EXAMPLES: [Self; 2] = [Self::CUSTOM_DATA, Self::CUSTOM_CONFIG];

    /// An endpoint of the application.
    ///
    /// # Errors
    /// [`InvalidEndpoint`]: the name is empty, or has a character that some transport can't carry.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, InvalidEndpoint> {
        let name = name.into();
        if is_name(name.as_bytes()) { Ok(Self(name)) } else { Err(InvalidEndpoint) }
    }

    /// An endpoint whose name is a literal. In a `const`, the compiler checks it.
    ///
    /// # Panics
    /// If [`new`](Self::new) would fail.
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_name(name.as_bytes()), "not the name of an endpoint");
        Self(Cow::Borrowed(name))
    }

    /// The name, as on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_name(name: &[u8]) -> bool {
    let mut rest = name;
    while let [byte, after @ ..] = rest {
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')) {
            return false;
        }
        rest = after;
    }
    !name.is_empty()
}

/// The error for a text that can't be the name of an endpoint. It does not show the text, which may
/// be a secret in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the name of an endpoint has only letters, digits, hyphens, dots and underscores")]
#[non_exhaustive]
pub struct InvalidEndpoint;

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(name: &str) -> Result<Self, InvalidEndpoint> {
        Self::new(name.to_owned())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One request, for a transport: carry `body` to `endpoint` and bring the reply back within
/// `reply_within`.
///
/// The limit travels with the request because only the command knows that a blocking scan takes
/// long and a status request does not. Under security 0 the body is not encrypted, so it is wiped
/// on drop and kept out of `Debug`.
pub struct Request {
    /// The endpoint to send it to.
    pub endpoint: Endpoint,
    /// The bytes to send, unchanged.
    pub body: Zeroizing<Vec<u8>>,
    /// How long to wait for the reply.
    pub reply_within: Duration,
}

impl Request {
    /// How long to wait for the reply to a request that a device can answer at once.
    pub const REPLY_WITHIN: Duration = Duration::from_secs(10);

    /// Asks for version and capabilities. The device ignores the content, but some transports drop
    /// an empty request (`protocomm_httpd.c`), so this sends the word `none`, as the vendor's tool
    /// does.
    pub fn version() -> Self {
        Self::plain(Endpoint::VERSION, b"none".to_vec())
    }

    /// A request to an endpoint that needs no session, with a body that is not encrypted.
    pub fn plain(endpoint: Endpoint, body: Vec<u8>) -> Self {
        Self { endpoint, body: Zeroizing::new(body), reply_within: Self::REPLY_WITHIN }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({}, {} bytes)", self.endpoint, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_a_url_and_of_a_console_line() {
        for name in ["a", "custom-data", "V2.lamp_~", "0"] {
            assert_eq!(Endpoint::new(name).map(|endpoint| endpoint.0), Ok(name.into()));
        }
        for name in ["", " ", "a b", "a/b", "a\r", "a\0", "a?b", "a%20b", "\"a\"", "ä", "a\\"] {
            assert_eq!(name.parse::<Endpoint>(), Err(InvalidEndpoint), "{name:?}");
        }
    }
}
