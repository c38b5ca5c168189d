//! Acknowledges incoming data from the device immediately.
//!
//! `esp_http_server` sends a reply in pieces, and its TCP stack sends the first piece and holds
//! back the others until that one is acknowledged. Linux delays the acknowledgement by 40 ms, so
//! that it can go along with outgoing data, unless `TCP_QUICKACK` is set. The next request resets
//! this option (`tcp(7)`).
//!
//! reqwest does not expose its sockets. However, a process can duplicate any of its own open file
//! descriptors (`pidfd_getfd(2)`, Linux 5.6), and an option that is set through the duplicate
//! applies to both. If a sandbox forbids this, replies are as slow as without it.

use std::{
    fs, io, iter,
    net::{self, SocketAddr},
    os::fd::{AsRawFd, IntoRawFd, OwnedFd},
    sync::OnceLock,
};

use hyper::http::Extensions;
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use rustix::{
    io::Errno,
    net::sockopt::set_tcp_quickack,
    process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open},
};
use tokio::{io::Interest, net::TcpStream};

/// How many files other threads usually open at most while a connection is being built.
const NEAR: i32 = 16;

/// This process.
static PROCESS: OnceLock<OwnedFd> = OnceLock::new();

/// Finds the socket of a connection that is about to be built.
pub(super) struct Finder {
    process: &'static OwnedFd,
    /// The lowest free file descriptor, which the next opened file gets.
    next: i32,
}

impl Finder {
    pub(super) fn new() -> io::Result<Self> {
        let process = if let Some(process) = PROCESS.get() {
            process
        } else {
            let process = pidfd_open(getpid(), PidfdFlags::empty())?;
            PROCESS.get_or_init(|| process)
        };
        let next = process.try_clone()?.as_raw_fd();
        Ok(Self { process, next })
    }

    /// Finds the socket. If other threads have opened files meanwhile, it checks the next few
    /// descriptors, and then all of them.
    pub(super) fn find(&self, connection: &impl Connection) -> io::Result<QuickAcks> {
        let mut known = Extensions::new();
        connection.connected().get_extras(&mut known);
        let own = known.get::<HttpInfo>().map(HttpInfo::local_addr);
        let own = own.ok_or(io::ErrorKind::AddrNotAvailable)?;
        let near = self.next..self.next.saturating_add(NEAR);
        // Read only if it is none of those.
        let all = iter::once_with(|| fs::read_dir("/proc/self/fd")).flatten().flatten().flatten();
        let all = all.filter_map(|file| file.file_name().to_str()?.parse().ok());
        let mut sockets = near.chain(all).filter_map(|number| self.second_of(number));
        let socket = sockets.find_map(|(socket, address)| (address == own).then_some(socket));
        TcpStream::from_std(socket.ok_or(io::ErrorKind::NotFound)?).map(QuickAcks)
    }

    /// Duplicates a descriptor if it is a socket, and nothing else: closing a duplicate of a file
    /// releases all locks that this process holds on the file (`fcntl_locking(2)`), and the ledger
    /// is locked.
    fn second_of(&self, number: i32) -> Option<(net::TcpStream, SocketAddr)> {
        let is_socket = fs::read_link(format!("/proc/self/fd/{number}"))
            .is_ok_and(|kind| kind.as_os_str().as_encoded_bytes().starts_with(b"socket:"));
        if !is_socket {
            return None;
        }
        let descriptor = pidfd_getfd(self.process, number, PidfdGetfdFlags::empty()).ok()?;
        let socket = net::TcpStream::from(descriptor);
        match socket.local_addr() {
            Ok(address) => Some((socket, address)),
            Err(error) => {
                if error.raw_os_error() == Some(Errno::NOTSOCK.raw_os_error()) {
                    // The number now belongs to a file. The duplicate stays open, so that the file
                    // keeps its locks.
                    let _ = socket.into_raw_fd();
                }
                None
            }
        }
    }
}

/// A duplicate descriptor of a socket. The connection ends when both descriptors are closed.
#[derive(Debug)]
pub(super) struct QuickAcks(TcpStream);

impl QuickAcks {
    /// Acknowledges incoming data while it is polled. It ends when no more data can arrive.
    pub(super) async fn keep(&self) {
        while let Ok(ready) = self.0.ready(Interest::READABLE).await {
            if ready.is_read_closed() || set_tcp_quickack(&self.0, true).is_err() {
                return;
            }
            // reqwest reads the data. This only clears the readiness, to wait for the next data.
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

    /// A connection like those of reqwest, and its other end.
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
