//! Acknowledges what the device sends as soon as it comes.
//!
//! `esp_http_server` sends a reply in pieces, and its TCP holds all but the first back until that is
//! acknowledged. Linux waits 40 ms with it, for something to send along, unless it is told not to:
//! `TCP_QUICKACK`, which the next request turns off again (`tcp(7)`).
//!
//! reqwest keeps its sockets to itself. A process may have a second descriptor of any file that it
//! has open (`pidfd_getfd(2)`, Linux 5.6), though, and what is set through one holds for both. Where
//! a sandbox forbids that, it is as slow as it was.

use std::{
    fs, io, iter, net,
    os::fd::{AsRawFd, OwnedFd},
};

use hyper::http::Extensions;
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use rustix::{
    net::sockopt::set_tcp_quickack,
    process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open},
};
use tokio::{io::Interest, net::TcpStream};

/// What finds the socket of a connection that is about to be built.
pub(super) struct Finder {
    process: OwnedFd,
    /// The lowest number that is free, which a file gets that is opened now.
    next: i32,
}

impl Finder {
    pub(super) fn new() -> io::Result<Self> {
        let process = pidfd_open(getpid(), PidfdFlags::empty())?;
        let next = process.try_clone()?.as_raw_fd();
        Ok(Self { process, next })
    }

    /// Finds it. Another thread may have taken the number; then one of all is it.
    pub(super) fn find(&self, connection: &impl Connection) -> io::Result<QuickAcks> {
        let mut known = Extensions::new();
        connection.connected().get_extras(&mut known);
        let own = known.get::<HttpInfo>().map(HttpInfo::local_addr);
        let own = own.ok_or(io::ErrorKind::AddrNotAvailable)?;
        let all = iter::once_with(|| fs::read_dir("/proc/self/fd")).flatten().flatten().flatten();
        let all = all.filter_map(|file| file.file_name().to_str()?.parse().ok());
        let socket = iter::once(self.next).chain(all).find_map(|number| {
            let file = pidfd_getfd(&self.process, number, PidfdGetfdFlags::empty()).ok()?;
            let socket = net::TcpStream::from(file);
            // Of a file that is none it is an error.
            let address = socket.local_addr().ok()?;
            (address == own).then_some(socket)
        });
        TcpStream::from_std(socket.ok_or(io::ErrorKind::NotFound)?).map(QuickAcks)
    }
}

/// A second descriptor of a socket. Its connection ends with the later of the two.
#[derive(Debug)]
pub(super) struct QuickAcks(TcpStream);

impl QuickAcks {
    /// Acknowledges whatever comes, as long as it is polled; ends where there is nothing more.
    pub(super) async fn keep(&self) {
        while let Ok(ready) = self.0.ready(Interest::READABLE).await {
            if ready.is_read_closed() || set_tcp_quickack(&self.0, true).is_err() {
                return;
            }
            // Reading it is reqwest's; the next is waited for.
            let seen = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
            let _ = self.0.try_io(Interest::READABLE, seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use rustix::net::sockopt::tcp_quickack;
    use tokio::{io::AsyncWriteExt, net::TcpListener};

    use super::*;

    /// A connection as reqwest has it, and its other end.
    async fn connection() -> (impl Connection, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("it is bound");
        let stream = TcpStream::connect(address).await.expect("somebody listens");
        let (other, _) = listener.accept().await.expect("a connection");
        (hyper_util::rt::TokioIo::new(stream), other)
    }

    #[tokio::test]
    async fn the_socket_is_found_also_where_another_thread_took_its_number() {
        for is_taken in [false, true] {
            let finder = Finder::new().expect("Linux 5.6 or newer");
            let _other = is_taken.then(|| fs::File::open("/proc/self/stat").expect("Linux"));
            let (connection, other) = connection().await;
            let found = finder.find(&connection).expect("it is open");
            let theirs = other.peer_addr().expect("it is connected");
            assert_eq!(found.0.local_addr().expect("it is bound"), theirs);
        }
    }

    #[tokio::test]
    async fn what_comes_is_acknowledged_at_once_until_it_is_the_end() {
        let finder = Finder::new().expect("Linux 5.6 or newer");
        let (connection, mut other) = connection().await;
        let found = finder.find(&connection).expect("it is open");
        set_tcp_quickack(&found.0, false).expect("a connection");
        other.write_all(b"HTTP/1.1 200 OK").await.expect("it is connected");
        let keeping = found.keep();
        tokio::select! {
            () = keeping => panic!("it is not the end"),
            () = async {
                while !tcp_quickack(&found.0).expect("a connection") {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
        drop(other);
        found.keep().await;
    }
}
