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
    fs, io, net,
    os::fd::{AsRawFd, IntoRawFd, OwnedFd},
};

use hyper::http::Extensions;
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use rustix::{
    io::Errno,
    net::sockopt::set_tcp_quickack,
    process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open},
};
use tokio::{io::Interest, net::TcpStream};

/// How many files other threads open while a connection is built, as a rule.
const NEAR: i32 = 16;

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

    /// Finds it. Where other threads have opened files meanwhile, it is one of the next; else one of
    /// all.
    pub(super) fn find(&self, connection: &impl Connection) -> io::Result<QuickAcks> {
        let mut known = Extensions::new();
        connection.connected().get_extras(&mut known);
        let own = known.get::<HttpInfo>().map(HttpInfo::local_addr);
        let own = own.ok_or(io::ErrorKind::AddrNotAvailable)?;
        let is_own =
            |socket: &net::TcpStream| socket.local_addr().is_ok_and(|address| address == own);
        let near = (self.next..self.next.saturating_add(NEAR))
            .find_map(|number| self.second_of(number).filter(is_own));
        let socket = near.or_else(|| {
            let all = fs::read_dir("/proc/self/fd").ok()?.flatten();
            all.filter_map(|file| file.file_name().to_str()?.parse().ok())
                .find_map(|number| self.second_of(number).filter(is_own))
        });
        TcpStream::from_std(socket.ok_or(io::ErrorKind::NotFound)?).map(QuickAcks)
    }

    /// A second descriptor of a socket, and of nothing else: to close a second descriptor of a file
    /// takes away all locks that this process has on it (`fcntl_locking(2)`), and a ledger is locked.
    fn second_of(&self, number: i32) -> Option<net::TcpStream> {
        let is_socket = fs::read_link(format!("/proc/self/fd/{number}"))
            .is_ok_and(|kind| kind.as_os_str().as_encoded_bytes().starts_with(b"socket:"));
        if !is_socket {
            return None;
        }
        let descriptor = pidfd_getfd(&self.process, number, PidfdGetfdFlags::empty()).ok()?;
        let socket = net::TcpStream::from(descriptor);
        let not_one = Some(Errno::NOTSOCK.raw_os_error());
        if socket.local_addr().is_err_and(|error| error.raw_os_error() == not_one) {
            // A file has the number since a moment ago. It stays open, with its locks.
            let _ = socket.into_raw_fd();
            return None;
        }
        Some(socket)
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

    use rustix::{
        fs::{FlockOperation, fcntl_lock},
        net::sockopt::tcp_quickack,
    };
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

    /// Closing any descriptor of a file would unlock it.
    #[test]
    fn a_file_keeps_its_locks() {
        let finder = Finder::new().expect("Linux 5.6 or newer");
        let file = fs::File::open("/proc/self/exe").expect("Linux");
        fcntl_lock(&file, FlockOperation::LockShared).expect("nobody writes to it");
        assert!(finder.second_of(file.as_raw_fd()).is_none());
        let locks = fs::read_to_string("/proc/locks").expect("Linux");
        let own = format!(" {} ", std::process::id());
        assert!(locks.lines().any(|lock| lock.contains("POSIX") && lock.contains(&own)), "{locks}");
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
