//! A Bluetooth controller on a unix socket (H4) as a link.

use std::{error::Error, os::unix::net::UnixStream};

use async_io::Async;
use bt_hci_serial::SerialTransport;
use critical_section as _;
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_io_adapters::futures_03::FromFutures;
use firmware::serve_ble;
use futures_lite::io::split;
use trouble_host::prelude::ExternalController;

use crate::ThisDevice;

/// The static random address of the BLE device, its first byte last.
const ADDRESS: [u8; 6] = [0x01, 0x00, 0x00, 0x00, 0x00, 0xc0];

/// The most commands to the controller at one time.
const COMMANDS: usize = 8;

/// Serves GATT for ever.
pub(crate) async fn serve(
    socket: &str,
    name: &str,
    device: &ThisDevice<'_>,
) -> Result<(), Box<dyn Error>> {
    let socket = Async::<UnixStream>::connect(socket).await?;
    let (reader, writer) = split(socket);
    let (reader, writer) = (FromFutures::new(reader), FromFutures::new(writer));
    let transport = SerialTransport::<NoopRawMutex, _, _>::new(reader, writer);
    let controller = ExternalController::<_, COMMANDS>::new(transport);
    println!("advertising {name}");
    let ended = serve_ble(controller, ADDRESS, name, device).await;
    ended.map_err(|error| format!("the controller: {error:?}").into())
}
