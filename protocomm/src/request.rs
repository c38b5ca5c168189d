//! Where bytes go and how long a reply may take.

use alloc::{borrow::Cow, string::String, vec::Vec};
use core::{fmt, time::Duration};

use serde::Serialize;
use zeroize::Zeroizing;

/// The name of a protocomm endpoint. Names are matched exactly and with case
/// (`protocomm.c`, ESP-IDF v5.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Endpoint(Cow<'static, str>);

impl Endpoint {
    /// Version and capabilities, always in the clear.
    pub const VERSION: Self = Self(Cow::Borrowed("proto-ver"));
    /// The handshake, always in the clear.
    pub const SESSION: Self = Self(Cow::Borrowed("prov-session"));
    /// Set, apply and watch a network configuration.
    pub const CONFIG: Self = Self(Cow::Borrowed("prov-config"));
    /// Networks the device sees.
    pub const SCAN: Self = Self(Cow::Borrowed("prov-scan"));
    /// Reset and re-provision (ESP-IDF v5.1 and later).
    pub const CONTROL: Self = Self(Cow::Borrowed("prov-ctrl"));
    /// Where the vendor's example firmware takes application data.
    pub const CUSTOM_DATA: Self = Self(Cow::Borrowed("custom-data"));

    /// Where the vendor's legacy example takes a protobuf of its own (ESP-IDF v3.2 to v4.4).
    pub const CUSTOM_CONFIG: Self = Self(Cow::Borrowed("custom-config"));

    /// Those of the provisioning manager (`manager.c`, ESP-IDF v3.3 to v5.5).
    pub const MANAGER: [Self; 5] =
        [Self::VERSION, Self::SESSION, Self::CONFIG, Self::SCAN, Self::CONTROL];
    /// Those of the vendor's examples beyond these.
    pub const EXAMPLES: [Self; 2] = [Self::CUSTOM_DATA, Self::CUSTOM_CONFIG];

    /// An endpoint the application made.
    pub fn custom(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// The name as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One request: carry `body` to `endpoint` and bring the reply back within `reply_within`.
///
/// The limit travels with the request because only the command knows that a blocking scan takes
/// long and a status read does not. Under security 0 the body is plain, so it is wiped on drop
/// and kept out of `Debug`.
pub struct Request {
    /// Where to.
    pub endpoint: Endpoint,
    /// The bytes to send, exactly.
    pub body: Zeroizing<Vec<u8>>,
    /// How long the device may reasonably take.
    pub reply_within: Duration,
}

impl Request {
    /// How long a device may take for a request that it answers from memory.
    pub const REPLY_WITHIN: Duration = Duration::from_secs(10);

    /// Asks for version and capabilities. The content is ignored, but some transports drop an
    /// empty request (`protocomm_httpd.c`), so one word is sent, as the vendor's tool does.
    pub fn version() -> Self {
        Self::plain(Endpoint::VERSION, b"none".to_vec())
    }

    /// A request in the clear to an endpoint that is outside sessions.
    pub fn plain(endpoint: Endpoint, body: Vec<u8>) -> Self {
        Self { endpoint, body: Zeroizing::new(body), reply_within: Self::REPLY_WITHIN }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({}, {} bytes)", self.endpoint, self.body.len())
    }
}
