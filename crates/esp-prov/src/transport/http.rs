//! HTTP over SoftAP or any other network: `POST /endpoint`, the session in a cookie.
//!
//! A device expects the following (`protocomm_httpd.c`, ESP-IDF v4.0 to v5.5): a body of 1 to 4096
//! bytes with a Content-Length, at most 512 bytes of headers, one connection at a time, and its
//! cookie returned unchanged and alone in its header. The device reports an error by closing the
//! connection.
//!
//! A link is one connection. `esp_http_server` keeps it open after every reply (ESP-IDF v4.0 to
//! v6.0), so a connection that ends between two requests means a restart, another client or a lost
//! network. The link is lost then, even if the cookie could continue the session on another
//! connection.

#[cfg(target_os = "linux")]
mod quick_acks;
#[cfg(not(target_os = "linux"))]
#[path = "http/no_quick_acks.rs"]
mod quick_acks;

use std::{
    convert::Infallible,
    error::Error as StdError,
    future, io, iter, mem,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use protocomm::Endpoint;
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderValue, SET_COOKIE},
};

use thiserror::Error;
use tokio::{sync::watch, time::sleep};
use tower::util::MapFutureLayer;

use self::quick_acks::{Finder, QuickAcks};
use super::{
    Connect, Connected, EndpointList, EndpointLocation, LONGEST_REQUEST, Transport, TransportError,
};
use crate::address::{Host, HttpAddress};

/// The longest reply accepted, in bytes. A device's request limit is 4 KiB; a scan page of 100
/// networks stays under 8 KiB.
const REPLY_LIMIT: usize = 64 * 1024;

/// Reaches a device by HTTP.
#[derive(Clone, Debug)]
pub struct HttpConnect {
    address: HttpAddress,
    interface: Option<String>,
}

impl HttpConnect {
    /// Reaches the device at `address`.
    pub fn new(address: HttpAddress) -> Self {
        Self { address, interface: None }
    }

    /// Connects only over this network interface. Has an effect on Linux, since 5.7 for every user,
    /// and on macOS.
    #[must_use]
    pub fn on_interface(self, name: &str) -> Self {
        Self { interface: Some(name.to_owned()), ..self }
    }
}

#[async_trait]
impl Connect for HttpConnect {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let HttpAddress { host, port } = &self.address;
        let addresses = tokio::time::timeout(within, resolve(host, *port))
            .await
            .map_err(|_| TransportError::NotFound("timed out resolving the name".into()))?
            .map_err(|error| TransportError::NotFound(error.into()))?;

        // The URL has a stand-in name that resolves to the addresses looked up here, because URLs
        // have no place for a zone, and because the addresses should be looked up once per session.
        let connected = Arc::new(watch::Sender::new(None));
        let may_connect = Arc::new(AtomicBool::new(true));
        let (tell, may) = (Arc::clone(&connected), Arc::clone(&may_connect));
        let builder = Client::builder();
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        let builder = match &self.interface {
            Some(name) => builder.interface(name),
            None => builder,
        };
        #[cfg(not(any(target_os = "linux", target_os = "macos")))]
        let _ = &self.interface;
        // Each wait has its own limit.
        #[cfg(target_os = "linux")]
        let builder = builder.tcp_user_timeout(None);
        let client = builder
            .connector_layer(MapFutureLayer::new(move |connecting| {
                let (tell, may) = (Arc::clone(&tell), may.swap(false, Ordering::Relaxed));
                async move {
                    if !may {
                        // The client may not have noticed yet that the first one is free again.
                        sleep(FREE_WITHIN).await;
                        return Err(Gone.into());
                    }
                    let finder = Finder::new();
                    let connection = connecting.await?;
                    let socket = finder.and_then(|finder| finder.find(&connection));
                    tell.send_replace(Some(socket.ok().map(Arc::new)));
                    Ok::<_, BoxError>(connection)
                }
            }))
            .resolve_to_addrs(STAND_IN, &addresses)
            // A device on its own access point is never behind a proxy.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(within)
            // One connection: a device closes the first when a second comes.
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(None)
            .tcp_nodelay(true)
            // Each wait has its own limit.
            .tcp_keepalive(None)
            .tcp_keepalive_interval(None)
            .tcp_keepalive_retries(None)
            .http1_only()
            .http1_title_case_headers()
            .default_headers(default_headers(host, *port))
            .build()
            .map_err(|error| TransportError::Connect(error.into()))?;
        let url = Url::parse(&format!("http://{STAND_IN}:{port}"));
        let url = url.map_err(|error| TransportError::Connect(error.into()))?;
        let (cookie, answered) = (None, false);
        Ok(Box::new(HttpLink { client, url, cookie, answered, within, connected, may_connect }))
    }
}

/// The current connection: `None` before there is one; the socket inside is `None` if it can't be
/// found.
type Connection = Option<Option<Arc<QuickAcks>>>;

type BoxError = Box<dyn StdError + Send + Sync>;

const STAND_IN: &str = "device";

/// The longest time until a connection is free for the next request after a reply.
const FREE_WITHIN: Duration = Duration::from_millis(200);

/// The message of hyper for bytes that arrive before a request; hyper has no other way to identify
/// them.
const UNASKED: &str = "received unexpected message from connection";

/// The error for a link whose only connection is over.
#[derive(Debug, Error)]
#[error("the device closed the connection after its last reply")]
struct Gone;

async fn resolve(host: &Host, port: u16) -> io::Result<Vec<SocketAddr>> {
    let name = match host {
        Host::Name(name) => name.clone(),
        Host::V6(address, None) => return Ok(vec![(*address, port).into()]),
        // The system's resolver knows the interface that the zone names.
        Host::V6(address, Some(zone)) => format!("{address}%{zone}"),
    };
    let addresses: Vec<_> = tokio::net::lookup_host((name.as_str(), port)).await?.collect();
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    }
    Ok(addresses)
}

fn default_headers(host: &Host, port: u16) -> HeaderMap {
    // A zone means nothing to the device (RFC 6874, section 4).
    let host = match host {
        Host::V6(address, _) => format!("[{address}]"),
        name @ Host::Name(_) => name.to_string(),
    };
    let host = if port == HttpAddress::DEFAULT_PORT { host } else { format!("{host}:{port}") };
    let mut headers = HeaderMap::new();
    headers.extend([
        (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
        (ACCEPT, HeaderValue::from_static("text/plain")),
    ]);
    if let Ok(host) = HeaderValue::try_from(host) {
        headers.insert(HOST, host);
    }
    headers
}

struct HttpLink {
    client: Client,
    /// Of the root; parsed once, since that takes longer than it looks.
    url: Url,
    cookie: Option<HeaderValue>,
    /// Whether the device has sent an HTTP reply.
    answered: bool,
    within: Duration,
    connected: Arc<watch::Sender<Connection>>,
    /// Whether the client may open a connection.
    may_connect: Arc<AtomicBool>,
}

#[async_trait]
impl Transport for HttpLink {
    fn connected(&self) -> Connected {
        let mut connected = self.connected.subscribe();
        Box::pin(async move {
            // This ends with the link at the latest.
            let _ = connected.wait_for(Option::is_some).await;
        })
    }

    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        let connected = self.connected.subscribe();
        tokio::select! {
            biased;
            reply = self.post(endpoint, body) => reply,
            never = acknowledge(connected) => match never {},
        }
    }

    /// Sends GET requests, which no endpoint accepts: the device answers 405 if the endpoint exists
    /// and 404 if it does not (`httpd_uri.c`), and starts no session. The device closes the
    /// connection after an error, so each request may use its own connection.
    async fn list_endpoints(&mut self, names: &[Endpoint]) -> Result<EndpointList, TransportError> {
        let mut endpoints = Vec::new();
        for endpoint in names {
            let url = self.at(endpoint);
            self.may_connect.store(true, Ordering::Relaxed);
            let mut response = self.client.get(url.clone()).send().await;
            if response.as_ref().is_err_and(|error| !error.is_connect()) {
                // Only now may it show that the device has closed the last connection.
                self.may_connect.store(true, Ordering::Relaxed);
                response = self.client.get(url.clone()).send().await;
            }
            let response = response.map_err(|error| self.explain(error))?;
            if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                let uri = format!("/{endpoint}");
                endpoints
                    .push(EndpointLocation::Uri { endpoint: endpoint.as_str().to_owned(), uri });
            }
        }
        Ok(EndpointList { endpoints: Some(endpoints), mtu: None })
    }
}

impl HttpLink {
    fn at(&self, endpoint: &Endpoint) -> Url {
        let mut url = self.url.clone();
        url.set_path(endpoint.as_str());
        url
    }

    async fn post(&mut self, endpoint: &Endpoint, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        if body.len() > LONGEST_REQUEST {
            let (endpoint, bytes, limit) = (endpoint.clone(), body.len(), Some(LONGEST_REQUEST));
            return Err(TransportError::RequestTooLong { endpoint, bytes, limit });
        }
        let mut request = self.client.post(self.at(endpoint)).body(body.to_vec());
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let response = request.send().await.map_err(|error| self.explain(error))?;
        let is_first = !mem::replace(&mut self.answered, true);
        check_status(endpoint, response.status())?;
        // Takes any value, as the vendor's tool does. Attributes are not sent back.
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            let value = cookie.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
            self.cookie = HeaderValue::from_bytes(value).ok();
        }
        let status = response.status();
        let reply = self.read(endpoint, response).await?;
        if is_first && is_page(&reply) {
            let meaning = "a web page, which no ESP32 sends: is this the device?";
            let (endpoint, status) = (endpoint.clone(), status.as_u16());
            return Err(TransportError::Http { endpoint, status, meaning });
        }
        Ok(reply)
    }

    async fn read(
        &self,
        endpoint: &Endpoint,
        mut response: Response,
    ) -> Result<Vec<u8>, TransportError> {
        let too_long =
            || TransportError::TooLong { endpoint: endpoint.clone(), limit: REPLY_LIMIT };
        if response.content_length().is_some_and(|length| length > REPLY_LIMIT as u64) {
            return Err(too_long());
        }
        let mut reply = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.explain(error))? {
            if reply.len() + part.len() > REPLY_LIMIT {
                return Err(too_long());
            }
            reply.extend_from_slice(&part);
        }
        Ok(reply)
    }

    fn explain(&self, error: reqwest::Error) -> TransportError {
        // The URL contains the stand-in name, which would only confuse.
        let error = error.without_url();
        if caused_by::<Gone>(&error).is_some() {
            return TransportError::Lost(Gone.into());
        }
        if error.is_connect() {
            let code = caused_by::<io::Error>(&error).and_then(io::Error::raw_os_error);
            return TransportError::Connect(match code {
                _ if error.is_timeout() => {
                    format!("no answer within {}", humantime::format_duration(self.within)).into()
                }
                Some(code) => io::Error::from_raw_os_error(code).into(),
                None => root_cause(&error).into(),
            });
        }
        let reason = root_cause(&error);
        match caused_by::<hyper::Error>(&error) {
            // The stream has ended where a reply should begin.
            Some(error) if error.is_incomplete_message() => TransportError::NoReply,
            Some(error) if error.is_parse() => TransportError::NotHttp(reason.into()),
            // A device may end a connection like this (408), but never sends anything else unasked.
            _ if reason == UNASKED && self.answered => {
                TransportError::Lost("the device sent something without being asked".into())
            }
            _ if reason == UNASKED => {
                TransportError::NotHttp("the device speaks before it is asked".into())
            }
            _ => TransportError::Lost(reason.into()),
        }
    }
}

/// Acknowledges all incoming data at once.
async fn acknowledge(mut connected: watch::Receiver<Connection>) -> Infallible {
    loop {
        let socket = connected.borrow_and_update().clone().flatten();
        let keeping = async {
            match &socket {
                Some(socket) => socket.keep().await,
                None => future::pending().await,
            }
            future::pending().await
        };
        tokio::select! {
            never = keeping => match never {},
            changed = connected.changed() => if changed.is_err() {
                future::pending::<()>().await;
            }
        }
    }
}

/// Whether a reply is a page for people. No message begins like that: its first byte would be the
/// end of a group, which protobuf no longer has, and encrypted bytes are hardly ever these.
fn is_page(reply: &[u8]) -> bool {
    let reply = reply.trim_ascii_start();
    let begins = |with: &str| {
        reply.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()))
    };
    begins("<!doctype") || begins("<html")
}

fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let causes = iter::successors(Some(error), |&error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

/// Finds an error of this type in the chain of sources.
fn caused_by<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}

fn check_status(endpoint: &Endpoint, status: StatusCode) -> Result<(), TransportError> {
    let meaning = match status.as_u16() {
        200 => return Ok(()),
        404 => return Err(TransportError::NoSuchEndpoint(endpoint.clone())),
        300..=399 => "a redirect, which no ESP32 sends: is this the device?",
        401 | 403 | 407 => "a request for a login, which no ESP32 sends: is this the device?",
        405 => "the endpoint exists but takes no POST: is this the device?",
        // The header did not arrive within 5 s (`httpd_parse.c`).
        408 => "the request came too slowly for the device",
        413 => "the request is too long for the device",
        414 | 431 => "the device's limit for headers is too small (CONFIG_HTTPD_MAX_REQ_HDR_LEN)",
        500 => "an internal error of the device",
        503 => "the device is busy",
        502 | 504 => "something between here and the device answered in its place",
        _ => "no ESP32 sends this status: is this the device?",
    };
    Err(TransportError::Http { endpoint: endpoint.clone(), status: status.as_u16(), meaning })
}
