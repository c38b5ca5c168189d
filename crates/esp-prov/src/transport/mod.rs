//! Carrying bytes: one request to an endpoint, one reply back. A transport knows no sessions.

pub mod ble;
mod console;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "mdns")]
pub mod mdns;
#[cfg(feature = "serial")]
mod serial;

use std::{error::Error as StdError, fmt, future::ready, io, iter, pin::Pin, time::Duration};

use async_trait::async_trait;
use protocomm::{Endpoint, console::LineTooLong};
use serde::Serialize;
use thiserror::Error;
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use crate::{address::Address, shown::Shown};

/// For the console that a person carries by hand; no promise to others.
#[doc(hidden)]
pub use self::console::longest_line;
#[cfg(feature = "http")]
pub use self::http::HttpConnect;
#[cfg(feature = "serial")]
pub use self::serial::{ConsoleConnect, FoundPort, serial_ports};
pub use self::{
    ble::{BleConnect, Care, CutName, RadioError},
    console::ConsoleLink,
};

/// A living link to a device. It is used up, never repaired: after an error, connect again.
#[async_trait]
pub trait Transport: Send {
    /// Carries one request to `endpoint` and brings back the reply.
    ///
    /// # Errors
    /// [`TransportError`]; no matter which, the link is over.
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError>;

    /// Whether this was taken for the wanted device by a name that is cut off: then it may be
    /// another, and whoever wants to know has to before anything is sent.
    fn cut_name(&self) -> Option<&CutName> {
        None
    }

    /// What the system calls the device, where that is known and no other's.
    fn device_id(&self) -> Option<&str> {
        None
    }

    /// Returns once the connection stands. Where the first exchange builds it, that is later
    /// than [`Connect::connect`] returns, and the time for a reply counts from here.
    fn connected(&self) -> Connected {
        Box::pin(ready(()))
    }

    /// What there is at the other end, as far as it can be told without a session. Of `names` it
    /// says whether there are such endpoints, where the other end has no list.
    ///
    /// # Errors
    /// [`TransportError`].
    async fn list_endpoints(
        &mut self,
        _names: &[Endpoint],
    ) -> Result<EndpointList, TransportError> {
        Ok(EndpointList::default())
    }

    /// Says goodbye, where the transport has a way to.
    async fn disconnect(&mut self) {}
}

/// What there is at the other end of a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EndpointList {
    /// What was found; `None` where the transport has no way to look.
    pub endpoints: Option<Vec<EndpointLocation>>,
    /// The longest packet of a BLE connection, in bytes, where the system tells.
    pub mtu: Option<u16>,
}

/// Something that can be spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum EndpointLocation {
    /// Over HTTP.
    Uri {
        /// The endpoint.
        endpoint: String,
        /// Where it is.
        uri: String,
    },
    /// On a console, a command of its name.
    Command {
        /// The endpoint.
        endpoint: String,
    },
    /// Over BLE, a characteristic.
    Characteristic {
        /// The endpoint, if it is one.
        endpoint: Option<String>,
        /// The service it belongs to.
        service: Uuid,
        /// Its own number.
        uuid: Uuid,
        /// The handle of its value, where the system tells.
        handle: Option<u16>,
        /// What can be done with it, where the system tells.
        properties: Vec<&'static str>,
        /// What describes it.
        descriptors: Vec<Uuid>,
    },
}

impl EndpointLocation {
    /// The endpoint, if it is one.
    pub fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Uri { endpoint, .. } | Self::Command { endpoint } => Some(endpoint),
            Self::Characteristic { endpoint, .. } => endpoint.as_deref(),
        }
    }
}

/// See [`Transport::connected`].
pub type Connected = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The longest request that firmware takes, on the wire (`protocomm_httpd.c`, ESP-IDF v4.0 to v6.0).
pub const LONGEST_REQUEST: usize = 4096;

/// How to reach a device; can be used again and again.
#[async_trait]
pub trait Connect: Send + Sync {
    /// Builds a link. May put off the work to the first exchange ([`Transport::connected`]);
    /// `within` holds for it there.
    ///
    /// # Errors
    /// [`TransportError`].
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError>;

    /// Whether this machine has what it takes to reach any device, such as an adapter that is on.
    ///
    /// # Errors
    /// What is missing; it may come back ([`TransportError::is_host_fault`]).
    async fn ready(&self) -> Result<(), TransportError> {
        Ok(())
    }

    /// The longest request to `endpoint`, in bytes on the wire, that can be carried to any device.
    fn longest(&self, _endpoint: &Endpoint) -> usize {
        LONGEST_REQUEST
    }

    /// Returns once every link that was dropped is closed, or the system closes it without this
    /// process. The next [`connect`](Self::connect), even of another process, waits for it.
    async fn settle(&self) {}
}

/// Between two looks whether an adapter is back.
const LOOK: Duration = Duration::from_millis(500);

/// What a look may take.
const LOOK_WITHIN: Duration = Duration::from_secs(5);

/// Waits until this machine has again what it lacked on the way to a device, such as an adapter that
/// is on: whether it still did at a look.
///
/// # Errors
/// What it lacks at `until`, if a look has shown it.
pub async fn once_back(
    connect: &dyn Connect,
    until: Option<Instant>,
) -> Result<bool, Option<TransportError>> {
    let by = |next: Instant| until.map_or(next, |until| until.min(next));
    let mut lacks = None;
    let mut was_away = false;
    while until.is_none_or(|until| Instant::now() < until) {
        sleep_until(by(Instant::now() + LOOK)).await;
        // What does not answer is away as well.
        match timeout_at(by(Instant::now() + LOOK_WITHIN), connect.ready()).await {
            Ok(Err(error)) if error.is_host_fault() => lacks = Some(error),
            // Anything else shows when it is used.
            Ok(_) => return Ok(was_away),
            Err(_) => {}
        }
        was_away = true;
    }
    Err(lacks)
}

/// The way to one of many devices ([`Care::Batch`]), where its address alone says it.
/// None without the feature for it.
pub fn connector(address: &Address) -> Option<Box<dyn Connect>> {
    match address {
        #[cfg(feature = "http")]
        Address::Http(http) => Some(Box::new(HttpConnect::new(http.clone()))),
        #[cfg(feature = "serial")]
        Address::Console(console) => Some(Box::new(ConsoleConnect::new(console.clone()))),
        #[cfg(feature = "ble")]
        Address::Ble(ble) => Some(Box::new(BleConnect::new(ble.clone()).with(Care::Batch))),
        Address::ManualConsole | Address::Virtual => None,
        #[cfg(not(all(feature = "http", feature = "serial", feature = "ble")))]
        _ => None,
    }
}

/// Why bytes could not be carried.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// There is no such device.
    #[error("no device: {}", reason(.0))]
    NotFound(#[source] Source),
    /// The device is there but takes no connection.
    #[error("could not connect: {}", reason(.0))]
    Connect(#[source] Source),
    /// The device is there, but the time did not suffice to connect to it.
    #[error("not connected in time: {0}")]
    NoTime(String),
    /// No reply in time.
    #[error("no reply within {}", humantime::format_duration(*.0))]
    TimedOut(Duration),
    /// The link broke.
    #[error("the link broke: {}", reason(.0))]
    Lost(#[source] Source),
    /// The device ended the request without a reply, which is its way to say that it failed: on
    /// HTTP it closes the connection (`protocomm_httpd.c`), on a console it shows its prompt
    /// (`protocomm_console.c`).
    #[error("the device did not reply to the request")]
    NoReply,
    /// The device has no such endpoint.
    #[error("the device has no endpoint {0}")]
    NoSuchEndpoint(Endpoint),
    /// An HTTP answer that is no protocomm reply.
    #[error("{endpoint} answered HTTP {status}: {meaning}")]
    Http {
        /// Where.
        endpoint: Endpoint,
        /// The HTTP status code.
        status: u16,
        /// What it means here.
        meaning: &'static str,
    },
    /// What came back is not HTTP.
    #[error("the answer is not HTTP: {}", reason(.0))]
    NotHttp(#[source] Source),
    /// Several devices fit what is wanted.
    #[error("several devices match: {0}")]
    Ambiguous(String),
    /// What was asked for leads to a device that is another's: it is known by two names, or by its
    /// name and its address. Nothing was sent to it.
    #[error("the address leads to {device}, which is the device of {}", Shown::name(owner))]
    OfAnother {
        /// What the system calls it.
        device: String,
        /// Whose it is.
        owner: String,
    },
    /// What the Bluetooth adapter says.
    #[error(transparent)]
    Radio(#[from] RadioError),
    /// A request longer than can be carried to any device (`limit`), or than this one takes. It was
    /// not processed.
    #[error("the request has {bytes} bytes, more than {endpoint} takes{}", at_most(*limit))]
    RequestTooLong {
        /// Where to.
        endpoint: Endpoint,
        /// What it has.
        bytes: usize,
        /// The most it may have, where that is known.
        limit: Option<usize>,
    },
    /// A request longer than the transport can carry. It was not sent.
    #[error(transparent)]
    LineTooLong(#[from] LineTooLong),
    /// A reply longer than any protocomm reply can be.
    #[error("the reply from {endpoint} is longer than {limit} bytes")]
    TooLong {
        /// Where.
        endpoint: Endpoint,
        /// The limit, in bytes.
        limit: usize,
    },
}

/// What an error below says; some say nothing.
fn reason(said: &dyn fmt::Display) -> String {
    let said = said.to_string();
    if said.trim().is_empty() { "no reason given".to_owned() } else { said }
}

fn at_most(limit: Option<usize>) -> String {
    // Only over BLE a device says so itself.
    limit.map_or_else(|| " over BLE".to_owned(), |limit| format!(": at most {limit}"))
}

/// Whatever the layer below said.
pub type Source = Box<dyn StdError + Send + Sync>;

/// Whether this process, or all of them, had no descriptor for something (EMFILE, ENFILE). Hidden: a
/// batch asks it of other things than transports, too.
#[doc(hidden)]
pub fn is_shortage(error: &(dyn StdError + 'static)) -> bool {
    let is_it = |error: &io::Error| matches!(error.raw_os_error(), Some(23 | 24));
    cfg!(unix)
        && iter::successors(Some(error), |&error| error.source())
            .any(|error| error.downcast_ref().is_some_and(is_it))
}

impl TransportError {
    /// A word for it, for a trace.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not-found",
            Self::Connect(_) | Self::NoTime(_) => "connect",
            Self::TimedOut(_) => "timed-out",
            Self::Lost(_) => "lost",
            Self::NoReply => "no-reply",
            Self::NoSuchEndpoint(_) => "no-such-endpoint",
            Self::Http { .. } => "http",
            Self::NotHttp(_) => "not-http",
            Self::Ambiguous(_) => "ambiguous",
            Self::OfAnother { .. } => "of-another",
            Self::Radio(_) => "radio",
            Self::RequestTooLong { .. } | Self::LineTooLong(_) => "request-too-long",
            Self::TooLong { .. } => "reply-too-long",
        }
    }

    /// Whether a new link may help.
    pub fn is_link_lost(&self) -> bool {
        matches!(
            self,
            Self::TimedOut(_)
                | Self::Lost(_)
                | Self::NoReply
                // Perhaps by what the system remembers of other firmware.
                | Self::Radio(RadioError::Forbidden(_))
        ) || self.is_http(408)
    }

    /// Whether it is this machine that lacks something for now, such as an adapter that is on.
    pub fn is_host_fault(&self) -> bool {
        matches!(self, Self::Radio(error) if error.is_away())
    }

    /// Whether a new link may help once: a device that is out of memory says so, too.
    pub(crate) fn is_failure_inside(&self) -> bool {
        self.is_http(500)
    }

    fn is_http(&self, code: u16) -> bool {
        matches!(self, Self::Http { status, .. } if *status == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_ends_in_nothing() {
        let empty = || "".into();
        for error in [
            TransportError::NotFound(empty()),
            TransportError::Connect(empty()),
            TransportError::Lost(" ".into()),
            TransportError::NotHttp(empty()),
            RadioError::Other(String::new()).into(),
            RadioError::Lost(String::new()).into(),
            RadioError::NoService(String::new()).into(),
            RadioError::Unpaired(String::new()).into(),
        ] {
            assert!(error.to_string().ends_with("no reason given"), "{error}");
        }
    }
}
