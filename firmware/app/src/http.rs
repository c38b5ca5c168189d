//! The link over HTTP.

use alloc::{borrow::ToOwned, string::ToString, vec};

use edge_http::{
    Method,
    io::{Error, server::Connection},
};
use embedded_io_async::{Read, Write};
use protocomm::device::Backend;
use rand_core::CryptoRng;

use crate::Device;

/// The longest request, in bytes (`PROTOCOMM_HTTPD_MAX_REQ...`, `protocomm_httpd.c`).
const LONGEST: usize = 4096;

/// All headers of a request, in bytes (`CONFIG_HTTPD_MAX_REQ_HDR_LEN`, ESP-IDF v5.5).
const HEADERS: usize = 1024;

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

impl<B: Backend, R: CryptoRng> Http<B, R> {
    /// Over `device`.
    pub fn new(device: Device<B, R>) -> Self {
        Self { device, session: None, has_used_cookie: false, sessions: 0 }
    }

    /// Serves a connection until it ends.
    ///
    /// # Errors
    /// The link's, and those of a request that is not HTTP.
    pub async fn serve<T: Read + Write>(&mut self, mut io: T) -> Result<(), Error<T::Error>> {
        let mut has_opened = false;
        loop {
            let mut buffer = [0; HEADERS];
            let mut connection = Connection::<_, 16>::new(&mut buffer, &mut io).await?;
            let (headers, body) = connection.split();
            let endpoint = headers.path.strip_prefix('/').unwrap_or_default().to_owned();
            let cookie = headers.headers.get("Cookie").map(str::to_owned);
            let length = headers.headers.get("Content-Length");
            let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or_default();
            let refused = match headers.method {
                Method::Post if self.device.serves(&endpoint) => None,
                Method::Post => Some((404, "Not Found")),
                _ => Some((405, "Method Not Allowed")),
            };
            if let Some((status, why)) = refused {
                connection.initiate_response(status, Some(why), &[("Connection", "close")]).await?;
                return connection.complete().await;
            }
            if !(1..=LONGEST).contains(&length) {
                return Ok(());
            }
            let mut request = vec![0; length];
            if body.read_exact(&mut request).await.is_err() {
                return Ok(());
            }
            let is_new = self.begins_session(cookie.as_deref(), has_opened);
            has_opened |= is_new;
            let Ok(reply) = self.device.handle(&endpoint, &request) else { return Ok(()) };
            let (length, cookie) = (reply.len().to_string(), self.cookie());
            let headers = [
                ("Content-Type", "text/html"),
                ("Content-Length", &length),
                ("Set-Cookie", &cookie),
            ];
            let headers = if is_new { &headers[..] } else { &headers[..2] };
            connection.initiate_response(200, Some("OK"), headers).await?;
            connection.write_all(&reply).await?;
            connection.complete().await?;
            if connection.needs_close() {
                return Ok(());
            }
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

    fn cookie(&self) -> alloc::string::String {
        alloc::format!("session={}", self.session.unwrap_or_default())
    }
}
