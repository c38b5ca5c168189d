//! The companion device on an ESP32-C3, with three ways to it at the same time:
//!
//! ```text
//!  SoftAP, DHCP, HTTP at 192.168.4.1 ─┐
//!  BLE, GATT ─────────────────────────┼─▶ Device ─▶ Station ─▶ radio.rs ─▶ the chip's radio
//!  UART0, console ────────────────────┘                           └─▶ flash.rs
//! ```
//!
//! What it says for people, its QR payload first, is on the USB serial port.
#![no_std]
#![no_main]

extern crate alloc;

mod console;
mod dice;
mod flash;
mod radio;
mod softap;

use embassy_executor::Spawner;
use embassy_futures::join::join4;
use esp_hal::{
    efuse::{InterfaceMacAddress, interface_mac_address},
    timer::timg::TimerGroup,
};
use esp_println::println;
use esp_radio::{ble::controller::BleConnector, wifi::Interface};
use firmware::{Device, Settings, Station, serve_ble};
use protocomm::{Label, LabelTransport, ProofOfPossession, Scheme, Username};
use trouble_host::prelude::ExternalController;
use {bytes as _, esp_backtrace as _};

use crate::dice::Dice;

esp_bootloader_esp_idf::esp_app_desc!();

/// Commands to the Bluetooth controller at one time.
const COMMANDS: usize = 8;

#[esp_rtos::main]
#[allow(missing_docs, reason = "of what the macro makes")]
async fn main(_spawner: Spawner) {
    let chip = esp_hal::init(esp_hal::Config::default());
    // What the bootloader no longer needs, and more.
    esp_alloc::heap_allocator!(#[esp_hal::ram(reclaimed)] size: 64 * 1024);
    esp_alloc::heap_allocator!(size: 72 * 1024);
    let timers = TimerGroup::new(chip.TIMG0);
    esp_rtos::start(timers.timer0, chip.FROM_CPU_INTR0);

    let mac = interface_mac_address(InterfaceMacAddress::Station);
    let mac: [u8; 6] = mac.as_bytes().try_into().unwrap_or_default();
    let settings = Settings::BUILT_IN;
    let name = settings.name_with(mac);
    for transport in [LabelTransport::SoftAp, LabelTransport::Ble] {
        println!("{}", label(&settings, &name, transport).to_json().as_str());
    }

    let wifi = radio::start(chip.WIFI, &name);
    let bluetooth = BleConnector::new(chip.BT, Default::default());
    let bluetooth = bluetooth.unwrap_or_else(|error| panic!("Bluetooth: {error:?}"));
    // The radio runs: from now on these numbers are random.
    let dice = Dice::new();
    let station = Station::new();
    let device = Device::new(&settings, &station, dice);

    let mut address = mac;
    address.reverse();
    // Static random.
    address[5] |= 0xc0;
    let ble = async {
        let ended =
            serve_ble(ExternalController::<_, COMMANDS>::new(bluetooth), address, &name, &device)
                .await;
        panic!("Bluetooth: {ended:?}");
    };
    let saved = flash::Saved::open(chip.FLASH);
    join4(
        softap::run(Interface::access_point(), dice, &device),
        ble,
        console::run(chip.UART0, chip.GPIO20, chip.GPIO21, &device),
        radio::run(wifi, &name, dice, &station, saved),
    )
    .await;
}

/// What is printed on a device, as a QR code.
fn label(settings: &Settings, name: &str, transport: LabelTransport) -> Label {
    let has_secret = settings.scheme != Scheme::Sec0;
    Label {
        name: name.into(),
        username: (settings.scheme == Scheme::Sec2)
            .then(|| Username::new(settings.username))
            .flatten(),
        pop: has_secret.then(|| ProofOfPossession::from(settings.secret)),
        transport,
        network: None,
        password: None,
        security: None,
    }
}
