//! The link over HTTP.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::pin::pin;

use edge_nal::{Close, TcpAccept, TcpShutdown};
use embassy_futures::select::{Either, select};
use embedded_io_async::{Read, Write};
use protocomm::{device::Backend, http::Sessions};
use rand_core::CryptoRng;

use crate::{Device, device::Link};

/// The longest request, in bytes (`protocomm_httpd.c`).
const LONGEST: usize = 4096;

/// The longest head of a request, in bytes: headers (`CONFIG_HTTPD_MAX_REQ_HDR_LEN`, ESP-IDF v5.5)
/// and the request line before them.
const HEAD: usize = 1024 + 128;

/// A device behind HTTP, which behaves as `protocomm_httpd.c` does (ESP-IDF v5.5): a session is
/// recognised by its cookie, or by the connection that opened it; no reply means that the
/// connection is closed without a byte.
pub struct Http<'device, B, R> {
    device: &'device Device<B, R>,
    sessions: Sessions,
    /// The number of sessions so far, from which the next one gets its number.
    opened: u32,
    /// The number of connections so far, which is that of the current one.
    connections: u64,
}

/// The head of a request.
struct Head {
    is_post: bool,
    endpoint: String,
    /// The length of the body; 0 if it is missing or invalid.
    length: usize,
    cookie: Option<String>,
}

impl Head {
    /// Parses a head. Also returns its length; `None` if it is incomplete.
    fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, httparse::Error> {
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut request = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(taken) = request.parse(bytes)? else { return Ok(None) };
        let header = |name: &str| {
            let found = request.headers.iter().find(|one| one.name.eq_ignore_ascii_case(name));
            found.and_then(|one| core::str::from_utf8(one.value).ok()).map(str::trim)
        };
        let head = Self {
            is_post: request.method == Some("POST"),
            endpoint: request.path.unwrap_or_default().trim_start_matches('/').to_string(),
            length: header("Content-Length").and_then(|text| text.parse().ok()).unwrap_or(0),
            cookie: header("Cookie").map(ToString::to_string),
        };
        Ok(Some((head, taken)))
    }
}

impl<'device, B: Backend, R: CryptoRng> Http<'device, B, R> {
    /// Makes a server for `device`.
    pub fn new(device: &'device Device<B, R>) -> Self {
        Self { device, sessions: Sessions::default(), opened: 0, connections: 0 }
    }

    /// Serves connections for ever, one at a time. A new one replaces the current one, as with the
    /// vendor's server, which has one socket and purges the one used least recently.
    ///
    /// # Errors
    /// Those of the acceptor, when no connection can be accepted any more.
    pub async fn run<A: TcpAccept>(&mut self, acceptor: A) -> Result<(), A::Error> {
        // Kept when a connection ends, since it may hold the next one, half open.
        let mut accept = pin!(acceptor.accept());
        let (mut accepted, mut purged) = (None, None::<A::Socket<'_>>);
        loop {
            let mut socket = if let Some(socket) = accepted.take() {
                socket
            } else {
                let (_, socket) = accept.as_mut().await?;
                accept.set(acceptor.accept());
                socket
            };
            let served = async {
                if let Some(mut purged) = purged.take() {
                    let _ = purged.abort().await;
                }
                // A connection that breaks, or does not speak HTTP, is over.
                let _ = self.serve(&mut socket).await;
                // If a dropped socket is only forgotten, its peer would go on waiting.
                let _ = socket.close(Close::Write).await;
            };
            match select(served, accept.as_mut()).await {
                Either::First(()) => {}
                Either::Second(next) => {
                    accepted = Some(next?.1);
                    purged = Some(socket);
                    accept.set(acceptor.accept());
                }
            }
        }
    }

    /// Serves a connection until it ends, or until a request gets no reply.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn serve<T: Read + Write>(&mut self, mut io: T) -> Result<(), T::Error> {
        self.connections += 1;
        let mut arrived = Vec::new();
        loop {
            let (head, taken) = loop {
                match Head::parse(&arrived) {
                    Ok(Some(head)) => break head,
                    Ok(None) if arrived.len() < HEAD => {}
                    Ok(None) => {
                        return refuse(&mut io, "431 Request Header Fields Too Large").await;
                    }
                    Err(_) => return refuse(&mut io, "400 Bad Request").await,
                }
                if !read_more(&mut io, &mut arrived).await? {
                    return Ok(());
                }
            };
            if !head.is_post {
                return refuse(&mut io, "405 Method Not Allowed").await;
            }
            if !self.device.serves(&head.endpoint) {
                return refuse(&mut io, "404 Not Found").await;
            }
            if !(1..=LONGEST).contains(&head.length) {
                return Ok(());
            }
            let end = taken + head.length;
            while arrived.len() < end {
                if !read_more(&mut io, &mut arrived).await? {
                    return Ok(());
                }
            }
            let opened = &mut self.opened;
            let next = || {
                *opened = opened.wrapping_add(1);
                *opened
            };
            let is_new = self.sessions.begins(head.cookie.as_deref(), self.connections, next);
            if is_new {
                self.device.open_link(Link::Http);
            }
            let reply = self.device.handle(Link::Http, &head.endpoint, &arrived[taken..end]);
            let Ok(reply) = reply else { return Ok(()) };
            arrived.drain(..end);
            let cookie = || format!("Set-Cookie: {}\r\n", self.sessions.cookie());
            let cookie = is_new.then(cookie).unwrap_or_default();
            let length = reply.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n{cookie}\r\n"
            );
            io.write_all(head.as_bytes()).await?;
            io.write_all(&reply).await?;
            io.flush().await?;
        }
    }
}

/// Reads more bytes. Returns whether there were any.
async fn read_more<T: Read>(io: &mut T, arrived: &mut Vec<u8>) -> Result<bool, T::Error> {
    let mut part = [0; 256];
    let length = io.read(&mut part).await?;
    arrived.extend_from_slice(&part[..length]);
    Ok(length > 0)
}

async fn refuse<T: Write>(io: &mut T, status: &str) -> Result<(), T::Error> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    io.write_all(head.as_bytes()).await?;
    io.flush().await
}

#[cfg(test)]
mod tests;
