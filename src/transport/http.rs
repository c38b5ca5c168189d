//! HTTP over SoftAP or any other network: `POST /endpoint`, the session in a cookie.
//!
//! What the device expects is in `protocomm_httpd.c` (ESP-IDF v4.0 to v5.5): a body of 1 to 4096
//! bytes with a Content-Length, at most 512 bytes of headers, one connection at a time, and its
//! cookie back exactly as it came, alone in its header. It answers an error by closing the
//! connection.
//!
//! A link is one connection. `esp_http_server` keeps it open after every reply (ESP-IDF v4.0 to
//! v6.0), so its end between two requests is a restart, another client or a lost network: the link
//! is lost, even where the cookie could take the session elsewhere.

use std::{error::Error as StdError, io, iter, net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderValue, SET_COOKIE},
};
use hyper_util::rt::TokioIo;
use protocomm::Endpoint;
use tokio::{net::TcpStream, sync::watch, task::JoinSet, time::timeout};

use super::{Connect, Connected, LONGEST_REQUEST, Place, Survey, Transport, TransportError};
use crate::address::{Host, HttpAddress};

/// The longest reply believed. A device's request limit is 4 KiB; a scan page of 100 networks
/// stays under 8 KiB.
const REPLY_LIMIT: usize = 64 * 1024;

/// Reaches a device by HTTP.
#[derive(Clone, Debug)]
pub struct HttpConnect {
    address: HttpAddress,
}

impl HttpConnect {
    /// For the device at `address`.
    pub fn new(address: HttpAddress) -> Self {
        Self { address }
    }
}

#[async_trait]
impl Connect for HttpConnect {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let HttpAddress { host, port } = &self.address;
        // Once per link.
        let addresses = timeout(within, resolve(host, *port))
            .await
            .map_err(|_| TransportError::NotFound("the name was not resolved in time".into()))?
            .map_err(|error| TransportError::NotFound(error.into()))?;
        let headers = default_headers(host, *port);
        let connected = Arc::new(watch::Sender::new(false));
        Ok(Box::new(HttpLink { addresses, within, headers, connection: None, connected }))
    }
}

async fn resolve(host: &Host, port: u16) -> io::Result<Vec<SocketAddr>> {
    let name = match host {
        Host::Name(name) => name.clone(),
        Host::V6(address, None) => return Ok(vec![(*address, port).into()]),
        // The system's resolver knows the interfaces.
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

/// How long an address may take before the next one is tried, too.
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(300);

async fn reach(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let (mut rest, mut attempts) = (addresses.iter(), JoinSet::new());
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        if let Some(&address) = rest.next() {
            attempts.spawn(TcpStream::connect(address));
        }
        match timeout(NEXT_ADDRESS_AFTER, attempts.join_next()).await {
            Ok(Some(Ok(Ok(stream)))) => return Ok(stream),
            Ok(Some(Ok(Err(error)))) => last = error,
            Ok(Some(Err(error))) => last = error.into(),
            Ok(None) => return Err(last),
            Err(_) => {}
        }
    }
}

/// One connection, which ends with this.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    _driver: JoinSet<()>,
}

impl Connection {
    async fn to(addresses: &[SocketAddr], within: Duration) -> Result<Self, TransportError> {
        let stream = timeout(within, reach(addresses)).await.map_err(|_| {
            let within = humantime::format_duration(within);
            TransportError::Connect(format!("no answer within {within}").into())
        })?;
        let stream = stream.map_err(|error| TransportError::Connect(error.into()))?;
        // Not every system has it, and it is nothing but speed.
        let _ = stream.set_nodelay(true);
        let (sender, connection) = http1::Builder::new()
            .title_case_headers(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| explain(&error))?;
        let mut driver = JoinSet::new();
        driver.spawn(async {
            // What goes wrong is told to the sender.
            let _ = connection.await;
        });
        Ok(Self { sender, _driver: driver })
    }

    async fn ask(
        &mut self,
        method: Method,
        endpoint: &Endpoint,
        headers: HeaderMap,
        body: &[u8],
    ) -> Result<Response<Incoming>, TransportError> {
        let mut request = Request::new(Full::from(body.to_vec()));
        *request.method_mut() = method;
        *request.uri_mut() = format!("/{endpoint}")
            .parse()
            .map_err(|_| TransportError::NoSuchEndpoint(endpoint.clone()))?;
        *request.headers_mut() = headers;
        self.sender.ready().await.map_err(|_| {
            TransportError::Lost("the device closed the connection after its last reply".into())
        })?;
        self.sender.send_request(request).await.map_err(|error| explain(&error))
    }
}

struct HttpLink {
    addresses: Vec<SocketAddr>,
    within: Duration,
    /// With the cookie, once there is one.
    headers: HeaderMap,
    /// Built by the first request.
    connection: Option<Connection>,
    connected: Arc<watch::Sender<bool>>,
}

#[async_trait]
impl Transport for HttpLink {
    fn connected(&self) -> Connected {
        let mut connected = self.connected.subscribe();
        Box::pin(async move {
            // Ends with the link at the latest.
            let _ = connected.wait_for(|&connected| connected).await;
        })
    }

    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        if body.len() > LONGEST_REQUEST {
            let (endpoint, bytes, limit) = (endpoint.clone(), body.len(), Some(LONGEST_REQUEST));
            return Err(TransportError::RequestTooLong { endpoint, bytes, limit });
        }
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None if *self.connected.borrow() => {
                return Err(TransportError::Lost("the connection is over".into()));
            }
            None => Connection::to(&self.addresses, self.within).await?,
        };
        self.connected.send_replace(true);
        let headers = self.headers.clone();
        let response = connection.ask(Method::POST, endpoint, headers, body).await?;
        check_status(endpoint, response.status())?;
        // Any value, as the vendor's tool does; attributes do not belong into the reply.
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            let value = cookie.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
            if let Ok(value) = HeaderValue::from_bytes(value) {
                self.headers.insert(COOKIE, value);
            }
        }
        let reply = read(endpoint, response).await?;
        self.connection = Some(connection);
        Ok(reply)
    }

    /// Asks with GET, which no endpoint takes: the device answers 405 where there is one and 404
    /// where there is none (`httpd_uri.c`), and begins no session. It closes the connection after
    /// an error, so that each question has one of its own.
    async fn survey(&mut self, names: &[Endpoint]) -> Result<Survey, TransportError> {
        let mut places = Vec::new();
        for endpoint in names {
            self.connection = None;
            let mut connection = Connection::to(&self.addresses, self.within).await?;
            self.connected.send_replace(true);
            let headers = self.headers.clone();
            let response = connection.ask(Method::GET, endpoint, headers, b"").await?;
            if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                let uri = format!("/{endpoint}");
                places.push(Place::Uri { endpoint: endpoint.as_str().to_owned(), uri });
            }
        }
        Ok(Survey { places: Some(places), mtu: None })
    }
}

async fn read(
    endpoint: &Endpoint,
    response: Response<Incoming>,
) -> Result<Vec<u8>, TransportError> {
    let too_long = || TransportError::TooLong { endpoint: endpoint.clone(), limit: REPLY_LIMIT };
    let mut body = response.into_body();
    if body.size_hint().exact().is_some_and(|length| length > REPLY_LIMIT as u64) {
        return Err(too_long());
    }
    let mut reply = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(part) = frame.map_err(|error| explain(&error))?.into_data() else { continue };
        if reply.len() + part.len() > REPLY_LIMIT {
            return Err(too_long());
        }
        reply.extend_from_slice(&part);
    }
    Ok(reply)
}

fn explain(error: &hyper::Error) -> TransportError {
    let reason = root_cause(error);
    // The end of the stream where a reply should begin.
    if error.is_incomplete_message() {
        TransportError::NoReply
    } else if error.is_parse() {
        TransportError::NotHttp(reason.into())
    } else {
        TransportError::Lost(reason.into())
    }
}

fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let causes = iter::successors(Some(error), |&error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

fn check_status(endpoint: &Endpoint, status: StatusCode) -> Result<(), TransportError> {
    let meaning = match status.as_u16() {
        200 => return Ok(()),
        404 => return Err(TransportError::NoSuchEndpoint(endpoint.clone())),
        300..=399 => "it wants to redirect, which no ESP32 does: is this the device?",
        401 | 403 | 407 => "it asks for a login, which no ESP32 does: is this the device?",
        405 => "the endpoint exists but takes no POST: is this the device?",
        // `httpd_parse.c`: the header was not there within 5 s.
        408 => "the request came too slowly for the device",
        413 => "the request is too long for the device",
        414 | 431 => "the device's limit for headers is too small (CONFIG_HTTPD_MAX_REQ_HDR_LEN)",
        500 => "the device failed inside",
        503 => "the device is busy",
        502 | 504 => "something between here and the device answered for it",
        _ => "no ESP32 answers so: is this the device?",
    };
    Err(TransportError::Http { endpoint: endpoint.clone(), status: status.as_u16(), meaning })
}
