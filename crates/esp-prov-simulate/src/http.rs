//! A virtual device behind a socket that behaves like the vendor's HTTP server
//! (`protocomm_httpd.c`, `esp_http_server`, ESP-IDF v4.0 to v5.5):
//!
//! - it accepts only POST, with a Content-Length, a body of 1 to 4096 bytes, and limited headers;
//! - if a handler fails, it sends no reply and closes the socket;
//! - it sends a reply's header and body separately, and answers a slow header with 408
//!   (`socket.rs`);
//! - it keeps one connection: a second one closes the first;
//! - it identifies a session by its cookie, or by its socket if the client sends no cookie.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Method, StatusCode,
    body::{Bytes, Incoming},
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use protocomm::{
    device::{Action, NoReply},
    http::Sessions,
};
use rand_core::{Rng, UnwrapErr};
use thiserror::Error;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{
    InjectedFault, Persona, ReplyMode, VirtualDevice,
    socket::{RECEIVE_WITHIN, Socket},
};

const BODY_LIMIT: u64 = 4096;

/// The pause before the next try to accept a connection, after the system had no free socket.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a reply under way may take when the device leaves.
const FINISHES_WITHIN: Duration = Duration::from_secs(2);

/// A received request, for a log.
#[derive(Clone, Debug)]
pub struct Request {
    /// The number of the request, from 1; 0 for a connection that waits.
    pub number: u64,
    /// The endpoint: over HTTP, the path without its leading slash.
    pub endpoint: String,
    /// The size of the body, in bytes.
    pub bytes: usize,
    /// How long the device took to answer.
    pub took: Duration,
    /// The result of the request.
    pub response: Response,
}

/// The result of a request.
#[derive(Clone, Debug)]
pub enum Response {
    /// A reply of this many bytes.
    Replied(usize, Action),
    /// An HTTP error with this status.
    Http(u16),
    /// The socket was closed without a reply, for this reason.
    Closed(String),
    /// The console showed its next prompt without a reply, for this reason.
    Silent(String),
    /// No result yet: the connection waits, because the system has no free socket, as this error
    /// says.
    Waits(String),
}

/// Serves a device until it leaves; `log` gets each request. A new connection replaces the previous
/// one. If the system has no free socket, the connection waits.
///
/// # Errors
/// Returns an error that shows that the listener is unusable.
pub async fn serve(
    listener: &TcpListener,
    device: &VirtualDevice,
    log: Arc<dyn Fn(Request) + Send + Sync>,
) -> io::Result<()> {
    let server = Arc::new(Server {
        device: device.clone(),
        sessions: Mutex::default(),
        served: Mutex::new(0),
        log,
    });
    let mut connection = Connection::default();
    let mut socket = 0;
    let mut left = std::pin::pin!(device.left());
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) if is_for_good(&error) => return Err(error),
                Err(error) => {
                    (server.log)(Request::waits(&error));
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = device.restarted() => {
                connection = Connection::default();
                server.forget_sessions();
                continue;
            }
            () = &mut left => {
                connection.finish().await;
                return Ok(());
            }
        };
        socket += 1;
        let stream = Socket::new(stream, device.settings().whole_replies);
        let server = Arc::clone(&server);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(esp_prov::task(async move {
            let service = service_fn(|request| {
                let server = Arc::clone(&server);
                async move { server.answer(socket, request).await }
            });
            let mut serving = std::pin::pin!(
                http1::Builder::new()
                    .auto_date_header(false)
                    // The vendor's tool looks for `Set-Cookie` in exactly this spelling.
                    .title_case_headers(true)
                    .serve_connection(TokioIo::new(stream), service)
            );
            // An error only means that the socket was closed, by the client or by us.
            tokio::select! {
                _ = serving.as_mut() => return,
                Ok(()) = stopped => serving.as_mut().graceful_shutdown(),
            }
            let _ = serving.await;
        }));
        connection.replace(Serving { task, stop });
    }
}

/// Whether retrying is useless. Other errors pass once another socket is closed, or affect only one
/// connection (`accept(2)`).
fn is_for_good(error: &io::Error) -> bool {
    /// An invalid file descriptor.
    const EBADF: i32 = 9;
    let is_no_listener =
        matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported);
    is_no_listener || cfg!(unix) && error.raw_os_error() == Some(EBADF)
}

impl Request {
    fn waits(error: &io::Error) -> Self {
        let response = Response::Waits(error.to_string());
        Self { number: 0, endpoint: String::new(), bytes: 0, took: Duration::ZERO, response }
    }
}

/// The single connection that a device keeps.
#[derive(Default)]
struct Connection(Option<Serving>);

struct Serving {
    task: JoinHandle<()>,
    /// Stops the connection after the reply under way.
    stop: oneshot::Sender<()>,
}

impl Connection {
    fn replace(&mut self, serving: Serving) {
        if let Some(earlier) = self.0.replace(serving) {
            earlier.task.abort();
        }
    }

    /// Closes the connection after the reply under way.
    async fn finish(&mut self) {
        let Some(Serving { mut task, stop }) = self.0.take() else { return };
        let _ = stop.send(());
        if tokio::time::timeout(FINISHES_WITHIN, &mut task).await.is_err() {
            task.abort();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(serving) = self.0.take() {
            serving.task.abort();
        }
    }
}

struct Server {
    device: VirtualDevice,
    sessions: Mutex<Sessions>,
    served: Mutex<u64>,
    log: Arc<dyn Fn(Request) + Send + Sync>,
}

/// The reason to close the socket without a reply.
#[derive(Debug, Error)]
#[error("{0}")]
struct Close(String);

type HttpResponse = hyper::Response<Full<Bytes>>;

impl Server {
    fn forget_sessions(&self) {
        *self.sessions.lock().unwrap_or_else(PoisonError::into_inner) = Sessions::default();
    }

    async fn answer(
        &self,
        socket: u64,
        request: hyper::Request<Incoming>,
    ) -> Result<HttpResponse, Close> {
        let began = Instant::now();
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let endpoint = path.trim_start_matches('/').to_owned();
        let mut bytes = 0;
        let result = self.try_answer(socket, &endpoint, request, &mut bytes).await;
        let response = match &result {
            Ok((_, response)) => response.clone(),
            Err(close) => Response::Closed(close.0.clone()),
        };
        let number = {
            let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
            *served += 1;
            *served
        };
        (self.log)(Request { number, endpoint, bytes, took: began.elapsed(), response });
        result.map(|(response, _)| response)
    }

    async fn try_answer(
        &self,
        socket: u64,
        endpoint: &str,
        request: hyper::Request<Incoming>,
        bytes: &mut usize,
    ) -> Result<(HttpResponse, Response), Close> {
        let persona = self.device.settings().persona;
        if header_bytes(request.headers()) > persona.header_limit() {
            return Ok(error(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
        }
        // The server matches the path without its query, and the handler then fails because of the
        // query.
        let (name, query) = match endpoint.split_once('?') {
            Some((name, query)) => (name, Some(query)),
            None => (endpoint, None),
        };
        if !self.device.serves(name) {
            return Ok(error(StatusCode::NOT_FOUND));
        }
        if request.method() != Method::POST {
            return Ok(error(StatusCode::METHOD_NOT_ALLOWED));
        }
        let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        match length.and_then(|length| length.parse::<u64>().ok()) {
            None => return Err(Close("no Content-Length".to_owned())),
            Some(0) => return Err(Close("an empty request".to_owned())),
            Some(1..=BODY_LIMIT) => {}
            Some(length) => return Err(Close(format!("a request of {length} bytes"))),
        }
        let cookie = request.headers().get(COOKIE).and_then(|value| value.to_str().ok());
        let cookie = cookie.map(str::to_owned);
        let body = tokio::time::timeout(RECEIVE_WITHIN, request.into_body().collect())
            .await
            .map_err(|_| Close("the body did not come in time".to_owned()))?
            .map_err(|_| Close("the body was cut off".to_owned()))?
            .to_bytes();
        *bytes = body.len();

        match self.device.reply_mode(name) {
            Some(ReplyMode::Silence) => std::future::pending().await,
            Some(ReplyMode::Status(status)) => {
                return Ok(error(StatusCode::from_u16(status).unwrap_or_default()));
            }
            None => {}
        }
        let fault = self.device.injected_fault();
        match fault {
            Some(InjectedFault::RequestLost) => {
                return Err(Close("injected fault: request lost".to_owned()));
            }
            Some(InjectedFault::Delay(by)) => tokio::time::sleep(by).await,
            Some(InjectedFault::Reboot) => {
                self.device.reboot();
                self.forget_sessions();
                return Err(Close("injected fault: reboot".to_owned()));
            }
            Some(InjectedFault::ReplyLost) | None => {}
        }
        let (known, set_cookie) = {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            let known = identify(&mut sessions, persona, cookie.as_deref(), socket);
            (known, sessions.cookie())
        };
        if known == Known::New {
            self.device.open_link();
        }
        if query.is_some() {
            return Err(Close(NoReply::NoSuchEndpoint(endpoint.to_owned()).to_string()));
        }
        let answer = self.device.handle(endpoint, &body).map_err(|why| Close(why.to_string()))?;
        self.device.scanned().await;
        if fault == Some(InjectedFault::ReplyLost) {
            return Err(Close("injected fault: reply lost".to_owned()));
        }
        let size = answer.body.len();
        let mut response = hyper::Response::builder().header(CONTENT_TYPE, "text/html");
        if known == Known::New && persona.has_cookies() {
            // Only with a successful reply: if the first request fails, the client does not learn
            // the session's cookie.
            response = response.header(SET_COOKIE, set_cookie);
        }
        let response = response.body(Full::from(answer.body)).map_err(|e| Close(e.to_string()))?;
        Ok((response, Response::Replied(size, answer.action)))
    }
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}

fn error(status: StatusCode) -> (HttpResponse, Response) {
    let mut response = HttpResponse::new(Full::from(status.canonical_reason().unwrap_or("error")));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("text/html"));
    response.headers_mut().insert(CONNECTION, hyper::header::HeaderValue::from_static("close"));
    (response, Response::Http(status.as_u16()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Same,
    New,
}

/// The session that a request belongs to. Firmware without cookies uses only the socket.
fn identify(sessions: &mut Sessions, persona: Persona, cookie: Option<&str>, socket: u64) -> Known {
    let cookie = cookie.filter(|_| persona.has_cookies());
    let id = || UnwrapErr(getrandom::SysRng).next_u32();
    if sessions.begins(cookie, socket, id) { Known::New } else { Known::Same }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_known_by_its_cookie_and_by_its_socket_until_then() {
        let mut sessions = Sessions::default();
        let mut identify = |cookie: Option<&str>, socket| {
            let known = identify(&mut sessions, Persona::Netprov, cookie, socket);
            (known, sessions.cookie())
        };
        let (known, cookie) = identify(None, 1);
        assert_eq!(known, Known::New);
        assert_eq!(identify(None, 1).0, Known::Same, "the socket that opened it");
        assert_eq!(identify(Some("session=12345678901234567890"), 1).0, Known::Same, "too long");
        assert_eq!(identify(Some(&cookie), 2).0, Known::Same, "another socket with the cookie");
        assert_eq!(identify(None, 1).0, Known::New, "the cookie was used: the socket is forgotten");
        assert_eq!(identify(Some("session=1"), 1).0, Known::New, "a stale cookie");
    }

    #[test]
    fn old_firmware_goes_by_the_socket_alone() {
        let mut sessions = Sessions::default();
        let mut identify =
            |cookie, socket| identify(&mut sessions, Persona::Legacy, cookie, socket);
        assert_eq!(identify(None, 1), Known::New);
        assert_eq!(identify(Some("session=1"), 1), Known::Same);
        assert_eq!(identify(None, 2), Known::New);
    }
}
