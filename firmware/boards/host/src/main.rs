//! The companion device as a process: the application, HTTP and BLE of the chip, with a simulated
//! radio.
//!
//! `host ADDRESS:PORT [SECURITY]` serves HTTP there, `host SOCKET [SECURITY]` BLE on the controller
//! that speaks HCI (H4) on that unix socket. The security is 0, 1 or 2; else that of the build. It
//! prints a line when it is reachable, and one when a link fails.

use std::{
    error::Error, net::SocketAddr, os::unix::net::UnixStream, sync::LazyLock, time::Instant,
};

use async_io::Async;
use bt_hci_serial::SerialTransport;
use edge_nal::TcpBind;
use edge_nal_std::Stack;
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_io_adapters::futures_03::FromFutures;
use firmware::{Device, Http, Settings, Simulated, serve_ble};
use futures_lite::{future::block_on, io::split};
use getrandom::{SysRng, rand_core::UnwrapErr};
use protocomm::Scheme;
use trouble_host::prelude::ExternalController;
use {critical_section as _, embassy_time as _};

/// The address of the BLE device, first byte last: a static random one.
const BLE_ADDRESS: [u8; 6] = [0x01, 0x00, 0x00, 0x00, 0x00, 0xc0];

/// Commands to the controller at one time.
const COMMANDS: usize = 8;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

type ThisDevice = Device<Simulated, UnwrapErr<SysRng>>;

fn milliseconds() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn main() -> Result<(), Box<dyn Error>> {
    const USAGE: &str = "host ADDRESS:PORT|SOCKET [0|1|2]";
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next().ok_or(USAGE)?;
    let scheme = match arguments.next() {
        None => Settings::BUILT_IN.scheme,
        Some(number) => number.parse().ok().and_then(Scheme::from_number).ok_or(USAGE)?,
    };
    let settings = Settings { scheme, ..Settings::BUILT_IN };
    let device = Device::new(&settings, Simulated::new(milliseconds), UnwrapErr(SysRng));
    match place.parse() {
        Ok(address) => block_on(http(address, &device)),
        Err(_) => block_on(ble(&place, settings.name(), &device)),
    }
}

async fn http(address: SocketAddr, device: &ThisDevice) -> Result<(), Box<dyn Error>> {
    let acceptor = Stack::new().bind(address).await?;
    println!("listening on {address}");
    Ok(Http::new(device).run(acceptor).await?)
}

async fn ble(socket: &str, name: &str, device: &ThisDevice) -> Result<(), Box<dyn Error>> {
    let socket = Async::<UnixStream>::connect(socket).await?;
    let (reader, writer) = split(socket);
    let (reader, writer) = (FromFutures::new(reader), FromFutures::new(writer));
    let transport = SerialTransport::<NoopRawMutex, _, _>::new(reader, writer);
    let controller = ExternalController::<_, COMMANDS>::new(transport);
    println!("advertising {name}");
    let ended = serve_ble(controller, BLE_ADDRESS, name, device).await;
    ended.map_err(|error| format!("the controller: {error:?}").into())
}
