//! What the client of a connection sees.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    vec::Vec,
};

use edge_nal::{Close, Readable, TcpAccept, TcpShutdown, TcpSplit};
use embedded_io_async::{ErrorType, Read, Write};
use getrandom::{SysRng, rand_core::UnwrapErr};

use super::Http;
use crate::{Device, Settings, Simulated};

/// A connection between client and device.
#[derive(Default)]
struct Wire {
    request: RefCell<VecDeque<u8>>,
    reply: RefCell<Vec<u8>>,
    /// The client sends no more.
    is_ended: Cell<bool>,
    how: Cell<Option<Over>>,
}

/// How the device has ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Closed,
    Aborted,
}

impl Wire {
    fn says(&self, endpoint: &str) {
        let request = format!("POST /{endpoint} HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
        self.request.borrow_mut().extend(request.bytes());
    }

    fn is_answered(&self) -> bool {
        self.reply.borrow().starts_with(b"HTTP/1.1 200 OK")
    }
}

struct Socket(Rc<Wire>);

impl ErrorType for Socket {
    type Error = Infallible;
}

impl Read for Socket {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let wire = &self.0;
        std::future::poll_fn(|_| {
            let mut request = wire.request.borrow_mut();
            if request.is_empty() && !wire.is_ended.get() {
                return Poll::Pending;
            }
            let length = request.len().min(buffer.len());
            for (place, byte) in buffer.iter_mut().zip(request.drain(..length)) {
                *place = byte;
            }
            Poll::Ready(Ok(length))
        })
        .await
    }
}

impl Write for Socket {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.0.reply.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Readable for Socket {
    async fn readable(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl TcpSplit for Socket {
    type Read<'a> = Self;
    type Write<'a> = Self;

    fn split(&mut self) -> (Self, Self) {
        (Self(Rc::clone(&self.0)), Self(Rc::clone(&self.0)))
    }
}

impl TcpShutdown for Socket {
    async fn close(&mut self, _what: Close) -> Result<(), Infallible> {
        self.0.how.set(Some(Over::Closed));
        Ok(())
    }

    async fn abort(&mut self) -> Result<(), Infallible> {
        self.0.how.set(Some(Over::Aborted));
        Ok(())
    }
}

/// Behaves like a network stack on a chip: a connection is half open for a while, in the one socket
/// that listens, and is lost if that socket is dropped.
#[derive(Default)]
struct Listener {
    coming: RefCell<VecDeque<Rc<Wire>>>,
}

impl TcpAccept for &Listener {
    type Error = Infallible;
    type Socket<'a>
        = Socket
    where
        Self: 'a;

    async fn accept(&self) -> Result<(SocketAddr, Socket), Infallible> {
        let mut half_open = None;
        let wire = std::future::poll_fn(|_| {
            if let Some(wire) = half_open.take() {
                return Poll::Ready(wire);
            }
            half_open = self.coming.borrow_mut().pop_front();
            Poll::Pending
        });
        Ok((SocketAddr::from(([192, 168, 4, 2], 50_000)), Socket(wire.await)))
    }
}

/// Polls the server once for each of `steps`.
fn serve(steps: impl FnOnce(&Listener, &mut dyn FnMut())) {
    let device = Device::new(&Settings::BUILT_IN, Simulated::new(|| 0), UnwrapErr(SysRng));
    let listener = Listener::default();
    let mut http = Http::new(&device);
    let mut server = pin!(http.run(&listener));
    let mut context = Context::from_waker(Waker::noop());
    steps(&listener, &mut || assert!(server.as_mut().poll(&mut context).is_pending()));
}

#[test]
fn a_connection_that_comes_while_the_one_before_ends_is_served() {
    serve(|listener, poll| {
        let mut before: Option<Rc<Wire>> = None;
        for number in 0..50 {
            let wire = Rc::new(Wire::default());
            wire.says("proto-ver");
            listener.coming.borrow_mut().push_back(Rc::clone(&wire));
            poll();
            // It is half open now, in any case.
            if let Some(before) = before {
                before.is_ended.set(true);
            }
            (0..3).for_each(|_| poll());
            assert!(wire.is_answered(), "connection {number} was dropped");
            before = Some(wire);
        }
    });
}

#[test]
fn who_gets_no_reply_is_told_by_the_end_of_the_connection() {
    serve(|listener, poll| {
        let wire = Rc::new(Wire::default());
        wire.says("prov-session");
        listener.coming.borrow_mut().push_back(Rc::clone(&wire));
        (0..3).for_each(|_| poll());
        assert_eq!((wire.reply.borrow().len(), wire.how.get()), (0, Some(Over::Closed)));
    });
}

#[test]
fn the_newest_connection_ends_the_one_before() {
    serve(|listener, poll| {
        let [first, second] = [(); 2].map(|()| Rc::new(Wire::default()));
        listener.coming.borrow_mut().push_back(Rc::clone(&first));
        (0..3).for_each(|_| poll());
        second.says("proto-ver");
        listener.coming.borrow_mut().push_back(Rc::clone(&second));
        (0..3).for_each(|_| poll());
        assert_eq!(first.how.get(), Some(Over::Aborted));
        assert!(second.is_answered());
    });
}
