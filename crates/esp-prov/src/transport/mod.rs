//! Transports carry bytes: one request to an endpoint, one reply back. They know nothing about
//! sessions.

pub mod ble;
mod console;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "mdns")]
pub mod mdns;
#[cfg(feature = "serial")]
mod serial;
pub mod softap;

use std::{error::Error as StdError, fmt, future::ready, io, iter, pin::Pin, time::Duration};

use async_trait::async_trait;
use protocomm::{Bssid, Endpoint, console::LineTooLong};
use serde::Serialize;
use thiserror::Error;
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use crate::{address::Address, shown::Shown};

/// Used by the command's manual console; not part of the stable API.
#[doc(hidden)]
pub use self::console::longest_line;
#[cfg(feature = "http")]
pub use self::http::HttpConnect;
#[cfg(feature = "serial")]
pub use self::serial::{ConsoleConnect, FoundPort, serial_ports, serial_reader};
pub use self::{
    ble::{BleConnect, Care, CutName, RadioError},
    console::ConsoleLink,
    softap::WifiError,
};

/// An open link to a device. A link is never repaired: after an error, connect again.
#[async_trait]
pub trait Transport: Send {
    /// Carries one request to `endpoint` and brings back the reply.
    ///
    /// # Errors
    /// [`TransportError`]; after any error, the link is over.
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError>;

    /// The cut-off name by which the device was matched, if it was. The device may be a different
    /// one, so a caller that cares has to check this before sending anything.
    fn cut_name(&self) -> Option<&CutName> {
        None
    }

    /// The system's identifier for the device, if it is known and unique to the device.
    fn device_id(&self) -> Option<&str> {
        None
    }

    /// Returns once the connection is established. If the first exchange builds the connection,
    /// that is later than [`Connect::connect`] returns. The time limit for a reply starts here.
    fn connected(&self) -> Connected {
        Box::pin(ready(()))
    }

    /// Lists the endpoints of the device, as far as possible without a session. If the device has
    /// no list, it checks for the endpoints in `names`.
    ///
    /// # Errors
    /// [`TransportError`].
    async fn list_endpoints(
        &mut self,
        _names: &[Endpoint],
    ) -> Result<EndpointList, TransportError> {
        Ok(EndpointList::default())
    }

    /// Tells the device that the link is closing, if the transport can.
    async fn disconnect(&mut self) {}
}

/// The endpoints that a device offers, and details of its link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EndpointList {
    /// The endpoints that were found; `None` if the transport has no way to look for them.
    pub endpoints: Option<Vec<EndpointLocation>>,
    /// The MTU of a BLE connection, in bytes, if the system reports it.
    pub mtu: Option<u16>,
}

/// The location of an endpoint on its transport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum EndpointLocation {
    /// A URI, for HTTP.
    Uri {
        /// The endpoint.
        endpoint: String,
        /// The URI of the endpoint.
        uri: String,
    },
    /// A console command with the endpoint's name.
    Command {
        /// The endpoint.
        endpoint: String,
    },
    /// A BLE characteristic.
    Characteristic {
        /// The endpoint's name, if the characteristic is an endpoint.
        endpoint: Option<String>,
        /// The service it belongs to.
        service: Uuid,
        /// The UUID of the characteristic.
        uuid: Uuid,
        /// The handle of the characteristic's value, if the system reports it.
        handle: Option<u16>,
        /// The characteristic's properties, if the system reports them.
        properties: Vec<&'static str>,
        /// The UUIDs of the characteristic's descriptors.
        descriptors: Vec<Uuid>,
    },
}

impl EndpointLocation {
    /// The endpoint's name, if this is an endpoint.
    pub fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Uri { endpoint, .. } | Self::Command { endpoint } => Some(endpoint),
            Self::Characteristic { endpoint, .. } => endpoint.as_deref(),
        }
    }
}

/// A future that ends once the connection is established; see [`Transport::connected`].
pub type Connected = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The longest request that firmware accepts, in bytes on the wire (`protocomm_httpd.c`, ESP-IDF
/// v4.0 to v6.0).
pub const LONGEST_REQUEST: usize = 4096;

/// A way to reach one device. It can be used again and again.
#[async_trait]
pub trait Connect: Send + Sync {
    /// Builds a link within the time `within`. An implementation may defer the work to the first
    /// exchange ([`Transport::connected`]); the limit then applies to that exchange.
    ///
    /// # Errors
    /// [`TransportError`].
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError>;

    /// Waits until the device may use what devices share, such as a Wi-Fi interface. Without this
    /// call, [`connect`](Self::connect) waits for it, within its limit.
    ///
    /// # Errors
    /// What this machine lacks, as with [`ready`](Self::ready).
    async fn await_turn(&self) -> Result<(), TransportError> {
        Ok(())
    }

    /// Checks that this machine has what it needs to reach a device, such as an adapter that is on.
    ///
    /// # Errors
    /// What is missing. It may become available again ([`TransportError::host_fault`]).
    async fn ready(&self) -> Result<(), TransportError> {
        Ok(())
    }

    /// The longest request to `endpoint` that this transport can carry to any device, in bytes on
    /// the wire.
    fn longest(&self, _endpoint: &Endpoint) -> usize {
        LONGEST_REQUEST
    }

    /// Returns once every dropped link is closed, or the system will close it without this process.
    /// The next [`connect`](Self::connect) waits for that, even in another process.
    async fn settle(&self) {}

    /// The MAC addresses that the device may have in the network that it is given, as far as they
    /// follow from what the transport knows of the device. Empty if nothing is known.
    fn station_addresses(&self) -> Vec<Bssid> {
        Vec::new()
    }

    /// The longest time that [`connect`](Self::connect) may take, and that a device may be away
    /// after its link was lost. `within` is the limit for a connection; a transport that has to join
    /// a network before needs more.
    fn limit(&self, within: Duration) -> Duration {
        within
    }
}

/// The interval between two checks whether an adapter is back.
const LOOK: Duration = Duration::from_millis(500);

/// The time limit for one check.
const LOOK_WITHIN: Duration = Duration::from_secs(5);

/// Waits until this machine has again what it needs to reach a device, such as an adapter that is
/// on. Returns whether it was still missing at the first check.
///
/// # Errors
/// What is missing at `until`, if a check has shown it.
pub async fn once_back(
    connect: &dyn Connect,
    until: Option<Instant>,
) -> Result<bool, Option<TransportError>> {
    let by = |next: Instant| until.map_or(next, |until| until.min(next));
    let mut lacks = None;
    let mut was_away = false;
    while until.is_none_or(|until| Instant::now() < until) {
        sleep_until(by(Instant::now() + LOOK)).await;
        // Not answering counts as missing, too.
        match timeout_at(by(Instant::now() + LOOK_WITHIN), connect.ready()).await {
            Ok(Err(error)) if error.host_fault().is_some() => lacks = Some(error),
            // Any other error shows when it is used.
            Ok(_) => return Ok(was_away),
            Err(_) => {}
        }
        was_away = true;
    }
    Err(lacks)
}

/// Returns the connector for one of many devices ([`Care::Batch`]). `None` if the address alone
/// does not determine the connector, or if the feature for it is disabled.
pub fn connector(address: &Address) -> Option<Box<dyn Connect>> {
    match address {
        #[cfg(feature = "http")]
        Address::Http(http) => Some(Box::new(HttpConnect::new(http.clone()))),
        #[cfg(feature = "serial")]
        Address::Console(console) => Some(Box::new(ConsoleConnect::new(console.clone()))),
        #[cfg(feature = "ble")]
        Address::Ble(ble) => Some(Box::new(BleConnect::new(ble.clone()).with(Care::Batch))),
        // Devices share the interfaces of this machine: see `softap::Interfaces`.
        Address::Softap(_) | Address::ManualConsole | Address::Virtual => None,
        #[cfg(not(all(feature = "http", feature = "serial", feature = "ble")))]
        _ => None,
    }
}

/// Why bytes could not be carried.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The device was not found.
    #[error("no device: {}", reason(.0))]
    NotFound(#[source] Source),
    /// The device is in range but does not accept a connection.
    #[error("could not connect: {}", reason(.0))]
    Connect(#[source] Source),
    /// The device is in range, but the time limit was too short to connect to it.
    #[error("not connected in time: {0}")]
    NoTime(String),
    /// No reply arrived within this time.
    #[error("no reply within {}", humantime::format_duration(*.0))]
    TimedOut(Duration),
    /// The link was lost.
    #[error("the link broke: {}", reason(.0))]
    Lost(#[source] Source),
    /// The device ended the request without a reply, which is how it reports a failure. Over HTTP
    /// it closes the connection (`protocomm_httpd.c`); on a console it shows its prompt
    /// (`protocomm_console.c`).
    #[error("the device did not reply to the request")]
    NoReply,
    /// The device has no such endpoint.
    #[error("the device has no endpoint {0}")]
    NoSuchEndpoint(Endpoint),
    /// The HTTP answer is not a protocomm reply.
    #[error("{endpoint} answered HTTP {status}: {meaning}")]
    Http {
        /// The endpoint of the request.
        endpoint: Endpoint,
        /// The HTTP status code.
        status: u16,
        /// What the status code means here.
        meaning: &'static str,
    },
    /// The reply is not HTTP.
    #[error("the answer is not HTTP: {}", reason(.0))]
    NotHttp(#[source] Source),
    /// Several devices match.
    #[error("several devices match: {0}")]
    Ambiguous(String),
    /// The address leads to a device that belongs to another entry: the device is listed under two
    /// names, or under its name and its address. Nothing was sent to it.
    #[error("the address leads to {device}, which is the device of {}", Shown::name(owner))]
    OfAnother {
        /// The system's identifier for the device.
        device: String,
        /// The entry that the device belongs to.
        owner: String,
    },
    /// The Bluetooth adapter failed.
    #[error(transparent)]
    Radio(#[from] RadioError),
    /// This machine's Wi-Fi failed, or the access point refused it.
    #[error(transparent)]
    Wifi(#[from] WifiError),
    /// The request is longer than any device accepts (`limit`), or longer than this device accepts.
    /// It was not processed.
    #[error("the request has {bytes} bytes, more than {endpoint} takes{}", at_most(*limit))]
    RequestTooLong {
        /// The endpoint of the request.
        endpoint: Endpoint,
        /// The length of the request, in bytes.
        bytes: usize,
        /// The longest request accepted, in bytes, if that is known.
        limit: Option<usize>,
    },
    /// The request is longer than the transport can carry. It was not sent.
    #[error(transparent)]
    LineTooLong(#[from] LineTooLong),
    /// The reply is longer than any protocomm reply can be.
    #[error("the reply from {endpoint} is longer than {limit} bytes")]
    TooLong {
        /// The endpoint of the request.
        endpoint: Endpoint,
        /// The limit, in bytes.
        limit: usize,
    },
}

/// What this machine temporarily lacks to reach any device.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HostFault {
    /// Bluetooth: the adapter is off or missing, or the system's service does not answer.
    #[error(transparent)]
    Bluetooth(RadioError),
    /// Wi-Fi, which is off or missing, or what manages it does not answer.
    #[error(transparent)]
    Wifi(WifiError),
}

impl From<HostFault> for TransportError {
    fn from(fault: HostFault) -> Self {
        match fault {
            HostFault::Bluetooth(error) => error.into(),
            HostFault::Wifi(error) => error.into(),
        }
    }
}

/// Returns the message of an underlying error, or a placeholder if it is empty.
fn reason(said: &dyn fmt::Display) -> String {
    let said = said.to_string();
    if said.trim().is_empty() { "no reason given".to_owned() } else { said }
}

/// Stands for the detail of an error in [`told_in`], since no text contains it.
const DETAIL: &str = "\0";

/// The one of these errors that `text` tells: it contains the words before the [`DETAIL`].
fn told_in<E: fmt::Display>(text: &str, kinds: impl IntoIterator<Item = E>) -> Option<E> {
    kinds.into_iter().find(|kind| {
        let words = kind.to_string();
        text.contains(words.split(DETAIL).next().unwrap_or_default())
    })
}

fn at_most(limit: Option<usize>) -> String {
    // Only over BLE does a device itself report that a request is too long.
    limit.map_or_else(|| " over BLE".to_owned(), |limit| format!(": at most {limit}"))
}

/// The error of an underlying layer.
pub type Source = Box<dyn StdError + Send + Sync>;

/// Whether this process or the whole system ran out of file descriptors (EMFILE, ENFILE). Hidden
/// from the docs: a batch also uses it for errors of other layers.
#[doc(hidden)]
pub fn is_shortage(error: &(dyn StdError + 'static)) -> bool {
    let is_it = |error: &io::Error| matches!(error.raw_os_error(), Some(23 | 24));
    cfg!(unix)
        && iter::successors(Some(error), |&error| error.source())
            .any(|error| error.downcast_ref().is_some_and(is_it))
}

impl TransportError {
    /// A short name for the error, for traces.
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
            Self::Wifi(_) => "wifi",
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
                // The system's cache may be from other firmware.
                | Self::Radio(RadioError::Forbidden(_))
        ) || self.is_http(408)
    }

    /// What this machine temporarily lacks, such as an adapter that is on, if that is the error.
    pub fn host_fault(&self) -> Option<HostFault> {
        match self {
            Self::Radio(error) if error.is_away() => Some(HostFault::Bluetooth(error.clone())),
            Self::Wifi(error) if error.is_away() => Some(HostFault::Wifi(error.clone())),
            _ => None,
        }
    }

    /// Whether one retry on a new link may help. A device that is out of memory reports the same
    /// error.
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
