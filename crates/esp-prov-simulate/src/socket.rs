//! A socket that behaves like `esp_http_server` (ESP-IDF v4.0 to v6.0), below HTTP:
//!
//! - It sends header and body separately, without `TCP_NODELAY`. The body waits until the client
//!   has acknowledged the header, which some kernels delay by 40 ms (`httpd_resp_send`).
//! - It answers a header that arrives too slowly with 408 and closes the socket (`httpd_parse.c`).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// How long the server waits for the next piece of a request (`recv_wait_timeout`).
pub(super) const RECEIVE_WITHIN: Duration = Duration::from_secs(5);

const TOO_SLOW: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nContent-Type: text/html\r\n\
                          Content-Length: 29\r\n\r\nServer closed this connection";

/// A socket that behaves as described in this module.
pub(super) struct Socket {
    stream: TcpStream,
    /// Whether replies are sent in one piece, unlike those of firmware.
    whole: bool,
    head: Head,
    /// Ends when the next piece of a header is late.
    late: Pin<Box<Sleep>>,
}

/// How much of a request's header has arrived.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    /// Nothing has arrived since the last reply; a client may take its time.
    None,
    /// The last four bytes that arrived.
    Begun(u32),
    Ended,
}

impl Head {
    fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let last = match *self {
                Self::None => 0,
                Self::Begun(last) => last,
                Self::Ended => return,
            };
            let last = last << 8 | u32::from(byte);
            let is_end = last == u32::from_be_bytes(*b"\r\n\r\n");
            *self = if is_end { Self::Ended } else { Self::Begun(last) };
        }
    }
}

impl Socket {
    pub(super) fn new(stream: TcpStream, whole: bool) -> Self {
        // Not every system supports this, and it only makes replies faster.
        let _ = stream.set_nodelay(whole);
        Self { stream, whole, head: Head::None, late: Box::pin(sleep(RECEIVE_WITHIN)) }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buf) {
            self.head.take(&buf.filled()[before..]);
            self.late.as_mut().reset(Instant::now() + RECEIVE_WITHIN);
            return Poll::Ready(read);
        }
        if !matches!(self.head, Head::Begun(_)) {
            return Poll::Pending;
        }
        ready!(self.late.as_mut().poll(cx));
        // Nothing was sent yet, so the send buffer has room. The empty read then ends the
        // connection.
        let _ = self.stream.try_write(TOO_SLOW);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.head = Head::None;
        let mut piece = buf;
        if !self.whole
            && buf.starts_with(b"HTTP/1.")
            && let Some(end) = buf.windows(4).position(|bytes| bytes == b"\r\n\r\n")
        {
            piece = &buf[..end + 2];
        }
        Pin::new(&mut self.stream).poll_write(cx, piece)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::{io::AsyncWriteExt, net::TcpListener};

    use super::*;

    #[tokio::test]
    async fn header_and_body_are_sent_apart_unless_the_device_is_told_otherwise() {
        const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("a bound socket has an address");
        for (whole, first) in [(false, REPLY.len() - b"\r\nbody".len()), (true, REPLY.len())] {
            let stream = TcpStream::connect(address).await.expect("somebody listens");
            let mut socket = Socket::new(stream, whole);
            assert_eq!(socket.stream.nodelay().ok(), Some(whole));
            assert_eq!(socket.write(REPLY).await.expect("there is room"), first);
            let rest = &REPLY[first..];
            assert_eq!(socket.write(rest).await.expect("there is room"), rest.len());
        }
    }
}
