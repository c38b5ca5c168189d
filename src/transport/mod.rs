//! Carrying bytes: one request to an endpoint, one reply back. A transport knows no sessions.

pub mod ble;
mod console;
mod http;
pub mod mdns;

use std::{error::Error as StdError, future::ready, pin::Pin, time::Duration};

use async_trait::async_trait;
use protocomm::{Endpoint, console::LineTooLong};
use thiserror::Error;

use crate::address::Address;

pub use self::{
    ble::{BleConnect, RadioError},
    console::{ConsoleConnect, ConsoleLink, FoundPort, serial_ports},
    http::HttpConnect,
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

    /// Returns once the connection stands. Where the first exchange builds it, that is later
    /// than [`Connect::connect`] returns, and the time for a reply counts from here.
    fn connected(&self) -> Connected {
        Box::pin(ready(()))
    }

    /// Says goodbye, where the transport has a way to.
    async fn disconnect(&mut self) {}
}

/// See [`Transport::connected`].
pub type Connected = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How to reach a device; can be used again and again.
#[async_trait]
pub trait Connect: Send + Sync {
    /// Builds a link. May put off the work to the first exchange ([`Transport::connected`]);
    /// `within` holds for it there.
    ///
    /// # Errors
    /// [`TransportError`].
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError>;

    /// Returns once every link that was dropped is closed, where that takes time.
    async fn settle(&self) {}
}

/// The way to a device at an address, where the address alone says it.
pub fn connector(address: &Address) -> Option<Box<dyn Connect>> {
    match address {
        Address::Http(http) => Some(Box::new(HttpConnect::new(http.clone()))),
        Address::Console(console) => Some(Box::new(ConsoleConnect::new(console.clone()))),
        Address::Ble(ble) => Some(Box::new(BleConnect::new(ble.clone()))),
        Address::ByHand | Address::Virtual => None,
    }
}

/// Why bytes could not be carried.
#[derive(Debug, Error)]
pub enum TransportError {
    /// There is no such device.
    #[error("no device: {0}")]
    NotFound(#[source] Source),
    /// The device is there but takes no connection.
    #[error("could not connect: {0}")]
    Connect(#[source] Source),
    /// No reply in time.
    #[error("no reply within {}", humantime::format_duration(*.0))]
    TimedOut(Duration),
    /// The link broke.
    #[error("the link broke: {0}")]
    Lost(#[source] Source),
    /// The device ended the request without a reply, which is its way to say that it failed: on
    /// HTTP it closes the connection (`protocomm_httpd.c`), on a console it shows its prompt
    /// (`protocomm_console.c`).
    #[error("the device gives no reply to the request")]
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
    #[error("the answer is not HTTP: {0}")]
    NotHttp(#[source] Source),
    /// Several devices fit what is wanted.
    #[error("several devices fit: {0}")]
    Ambiguous(String),
    /// What the Bluetooth adapter says.
    #[error(transparent)]
    Radio(#[from] RadioError),
    /// A request longer than a characteristic takes: any (512 bytes), or this device's. It was not
    /// processed.
    #[error("a request of {bytes} bytes is more than {endpoint} takes over BLE")]
    RequestTooLong {
        /// Where to.
        endpoint: Endpoint,
        /// What it has.
        bytes: usize,
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

/// Whatever the layer below said.
pub type Source = Box<dyn StdError + Send + Sync>;

impl TransportError {
    /// Whether a new link may help.
    pub fn is_link_lost(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Lost(_) | Self::NoReply)
    }
}
