//! How a device decides to which session an HTTP request belongs.

use alloc::{format, string::String};

/// The longest cookie that counts, in bytes. A longer one is treated as none (`protocomm_httpd.c`
/// reads it into 20 bytes with the terminating zero).
const LONGEST_COOKIE: usize = 19;

/// The one session of a device. It is recognised by its cookie or, until the cookie has been used,
/// by the socket that opened it (`protocomm_httpd.c`, ESP-IDF v4.0.3, v4.1.2, v4.2.1, v4.3 and
/// later).
///
/// ```
/// # use protocomm::http::Sessions;
/// let mut sessions = Sessions::default();
/// assert!(sessions.begins(None, 1, || 7), "the first request");
/// assert_eq!(sessions.cookie(), "session=7");
/// assert!(!sessions.begins(None, 1, || 8), "the same socket");
/// assert!(!sessions.begins(Some("session=7"), 2, || 8), "the cookie");
/// assert!(sessions.begins(None, 1, || 8), "the cookie was used: the socket is forgotten");
/// ```
#[derive(Debug, Default)]
pub struct Sessions {
    id: u32,
    /// The socket that opened the session; `None` once the cookie has been used.
    socket: Option<u64>,
    is_open: bool,
}

impl Sessions {
    /// Whether a request with this `Cookie` header on this socket begins a new session. `socket` is
    /// any number that identifies the connection. A new session gets its number from `id`.
    pub fn begins(&mut self, cookie: Option<&str>, socket: u64, id: impl FnOnce() -> u32) -> bool {
        let cookie = cookie.filter(|cookie| cookie.len() <= LONGEST_COOKIE);
        let is_same = self.is_open
            && match cookie {
                Some(cookie) => cookie == self.cookie(),
                None => self.socket == Some(socket),
            };
        if !is_same {
            *self = Self { id: id(), socket: Some(socket), is_open: true };
        } else if cookie.is_some() {
            self.socket = None;
        }
        !is_same
    }

    /// The value of `Set-Cookie` in the first successful response of a session.
    pub fn cookie(&self) -> String {
        format!("session={}", self.id)
    }
}
