//! The link over HTTP.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use embedded_io_async::{Read, Write};
use protocomm::device::Backend;
use rand_core::CryptoRng;

use crate::Device;

/// The longest request, in bytes (`protocomm_httpd.c`).
const LONGEST: usize = 4096;

/// The head of a request, in bytes: headers (`CONFIG_HTTPD_MAX_REQ_HDR_LEN`, ESP-IDF v5.5) and a
/// line before them.
const HEAD: usize = 1024 + 128;

/// A longer cookie does not count (`protocomm_httpd.c`, ESP-IDF v4.3 and later).
const LONGEST_COOKIE: usize = 19;

/// A device behind HTTP, with the manners of `protocomm_httpd.c` (ESP-IDF v5.5): a session is
/// known by its cookie, or by the connection that opened it; no reply is a connection closed
/// without a byte. A board gives it one connection after the other, and closes one that is idle
/// when another comes.
pub struct Http<B, R> {
    device: Device<B, R>,
    session: Option<u32>,
    /// Whether the session's cookie was ever shown: then the connection counts no more.
    has_used_cookie: bool,
    sessions: u32,
}

/// What a request has before its body.
struct Head {
    is_post: bool,
    endpoint: String,
    /// 0 if there is none that can be.
    length: usize,
    cookie: Option<String>,
}

impl Head {
    /// With the bytes it takes. `None` if more must come, or it is no HTTP.
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

impl<B: Backend, R: CryptoRng> Http<B, R> {
    /// Over `device`.
    pub fn new(device: Device<B, R>) -> Self {
        Self { device, session: None, has_used_cookie: false, sessions: 0 }
    }

    /// Serves a connection until it ends, or until it gets no reply.
    ///
    /// # Errors
    /// The link's.
    pub async fn serve<T: Read + Write>(&mut self, mut io: T) -> Result<(), T::Error> {
        let mut has_opened = false;
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
            let is_new = self.begins_session(head.cookie.as_deref(), has_opened);
            has_opened |= is_new;
            let reply = self.device.handle(&head.endpoint, &arrived[taken..end]);
            let Ok(reply) = reply else { return Ok(()) };
            arrived.drain(..end);
            let cookie =
                if is_new { format!("Set-Cookie: {}\r\n", self.cookie()) } else { String::new() };
            let length = reply.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n{cookie}\r\n"
            );
            io.write_all(head.as_bytes()).await?;
            io.write_all(&reply).await?;
            io.flush().await?;
        }
    }

    /// Whether a new session begins with a request that shows this cookie.
    fn begins_session(&mut self, cookie: Option<&str>, has_opened: bool) -> bool {
        let is_same = match cookie.filter(|cookie| cookie.len() <= LONGEST_COOKIE) {
            Some(cookie) => {
                let is_ours = self.session.is_some() && cookie == self.cookie();
                self.has_used_cookie |= is_ours;
                is_ours
            }
            None => has_opened && !self.has_used_cookie,
        };
        if !is_same {
            self.sessions = self.sessions.wrapping_add(1);
            self.session = Some(self.sessions);
            self.has_used_cookie = false;
            self.device.open_link();
        }
        !is_same
    }

    fn cookie(&self) -> String {
        format!("session={}", self.session.unwrap_or_default())
    }
}

/// Whether more has come.
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
