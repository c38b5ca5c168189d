//! The chip's Bluetooth controller as a link.

use esp_hal::peripherals::BT;
use esp_radio::ble::controller::BleConnector;
use firmware::{Device, serve_ble};
use protocomm::{device::Backend, rand_core::CryptoRng};
use trouble_host::prelude::ExternalController;

/// The most commands to the controller at one time.
const COMMANDS: usize = 8;

/// Serves GATT for ever, at a static random address made from the station's `mac`.
pub(crate) async fn run<B: Backend, R: CryptoRng>(
    bluetooth: BT<'_>,
    mac: [u8; 6],
    name: &str,
    device: &Device<B, R>,
) {
    let controller = BleConnector::new(bluetooth, Default::default());
    let controller = controller.unwrap_or_else(|error| panic!("Bluetooth: {error:?}"));
    let mut address = mac;
    address.reverse();
    address[5] |= 0xc0;
    let controller = ExternalController::<_, COMMANDS>::new(controller);
    let ended = serve_ble(controller, address, name, device).await;
    panic!("Bluetooth: {ended:?}");
}
