//! The companion device as a process: the application and the HTTP of the chip, on the host's
//! sockets, with a simulated radio.
//!
//! `host ADDRESS:PORT [SECURITY]` (0, 1 or 2; else that of the build) prints a line when it listens
//! there. It serves one connection at a time, and the newest wins, as with the vendor's server,
//! which has one socket and purges the one used least recently.

use std::{error::Error, net::SocketAddr, sync::LazyLock, time::Instant};

use edge_nal::{TcpAccept, TcpBind};
use edge_nal_std::Stack;
use firmware::{Device, Http, Settings, Simulated};
use futures_lite::future::{block_on, or};
use getrandom::{SysRng, rand_core::UnwrapErr};
use protocomm::{Scheme, device::Backend};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

fn milliseconds() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("host ADDRESS:PORT [SECURITY]")?.parse()?;
    let scheme = match arguments.next() {
        None => Settings::BUILT_IN.scheme,
        Some(number) => {
            let scheme = number.parse().ok().and_then(Scheme::from_number);
            scheme.ok_or("the security is 0, 1 or 2")?
        }
    };
    let settings = Settings { scheme, ..Settings::BUILT_IN };
    let radio = Simulated::new(milliseconds);
    let device = Device::new(&settings, radio, UnwrapErr(SysRng));
    block_on(serve(address, Http::new(device)))
}

async fn serve<B, R>(address: SocketAddr, mut http: Http<B, R>) -> Result<(), Box<dyn Error>>
where
    B: Backend,
    R: rand_core::CryptoRng,
{
    let acceptor = Stack::new().bind(address).await?;
    println!("listening on {address}");
    let mut next = None;
    loop {
        let socket = match next.take() {
            Some(socket) => socket,
            None => acceptor.accept().await?.1,
        };
        let served = async {
            // A connection that breaks, or does not speak HTTP, is over.
            let _ = http.serve(socket).await;
            None
        };
        let accepted = async { acceptor.accept().await.ok().map(|(_, socket)| socket) };
        next = or(served, accepted).await;
    }
}
