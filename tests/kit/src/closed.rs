//! An address where nobody listens.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// A port that refuses connections for as long as this lives: it is taken, so that no other process
/// begins to listen on it.
pub struct ClosedPort(TcpSocket);

impl ClosedPort {
    /// On the loopback.
    pub fn bind() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port on the loopback");
        Self(socket)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("a bound socket has an address")
    }
}
