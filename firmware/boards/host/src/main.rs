//! The companion device as a process: the application, HTTP, BLE and station of the chip, with a
//! simulated radio. Either link can be left out (features `softap`, `ble`).
//!
//! `host ADDRESS:PORT [SECURITY]` serves HTTP at that address; `host SOCKET [SECURITY]` serves BLE
//! through the controller that speaks HCI (H4) on that unix socket. The security is 0, 1 or 2; by
//! default that of the build. It prints a line when it is reachable, and one when a link fails.

#[cfg(feature = "ble")]
mod ble;

use std::{error::Error, net::SocketAddr};

use embassy_time::{Duration, Timer};
use firmware::{Air, Device, Forgetful, Settings, Station};
use futures_lite::future::{block_on, or};
use getrandom::{SysRng, rand_core::UnwrapErr};
use protocomm::Scheme;

type ThisDevice<'station> = Device<&'station Station, UnwrapErr<SysRng>>;

fn main() -> Result<(), Box<dyn Error>> {
    const USAGE: &str = "host ADDRESS:PORT|SOCKET [0|1|2]";
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next().ok_or(USAGE)?;
    let scheme = match arguments.next() {
        None => Settings::BUILT_IN.scheme,
        Some(number) => number.parse().ok().and_then(Scheme::from_number).ok_or(USAGE)?,
    };
    let settings = Settings { scheme, ..Settings::BUILT_IN };
    let station = Station::new();
    let device = Device::new(&settings, &station, UnwrapErr(SysRng));
    let pause = async |time: std::time::Duration| {
        Timer::after(time.try_into().unwrap_or(Duration::MAX)).await;
    };
    let radio = async { station.run(Air::new(pause), Forgetful, pause).await };
    match place.parse() {
        Ok(address) => block_on(or(http(address, &device), radio)),
        Err(_) => block_on(or(ble::serve(&place, settings.name(), &device), radio)),
    }
}

#[cfg(feature = "softap")]
async fn http(address: SocketAddr, device: &ThisDevice<'_>) -> Result<(), Box<dyn Error>> {
    use edge_nal::TcpBind;

    let acceptor = edge_nal_std::Stack::new().bind(address).await?;
    println!("listening on {address}");
    Ok(firmware::Http::new(device).run(acceptor).await?)
}

#[cfg(not(feature = "softap"))]
async fn http(_address: SocketAddr, _device: &ThisDevice<'_>) -> Result<(), Box<dyn Error>> {
    Err("built without feature `softap`".into())
}

#[cfg(not(feature = "ble"))]
mod ble {
    use super::{Error, ThisDevice};

    pub(crate) async fn serve(
        _socket: &str,
        _name: &str,
        _device: &ThisDevice<'_>,
    ) -> Result<(), Box<dyn Error>> {
        Err("built without feature `ble`".into())
    }
}
