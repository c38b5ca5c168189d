//! The companion device on an ESP32-C3 or C6 (features), with three links at the same time, each of
//! which can be left out (features `softap`, `ble`, `console`):
//!
//! ```text
//!  SoftAP, DHCP, HTTP at 192.168.4.1 ─┐
//!  BLE, GATT ─────────────────────────┼─▶ Device ─▶ Station ─▶ radio.rs ─▶ the chip's radio
//!  UART0, console ────────────────────┘                           └─▶ flash.rs
//! ```
//!
//! Messages for people, beginning with the QR payloads, are on the USB serial port.
#![no_std]
#![no_main]

extern crate alloc;

#[cfg(not(any(feature = "ble", feature = "softap", feature = "console")))]
compile_error!("a device without a way to it: feature `ble`, `softap` or `console`");
#[cfg(all(feature = "esp32c3", feature = "esp32c6"))]
compile_error!("one chip at a time: without default features");

#[cfg(feature = "ble")]
mod ble;
#[cfg(feature = "console")]
mod console;
mod dice;
mod flash;
mod panic;
mod radio;
#[cfg(feature = "softap")]
mod softap;
mod station;
mod watchdogs;

use bytes as _;
use embassy_executor::Spawner;
use embassy_futures::join::join5;
use esp_hal::{
    efuse::{InterfaceMacAddress, interface_mac_address},
    rtc_cntl::Rtc,
    timer::timg::TimerGroup,
};
use esp_println::println;
use firmware::{Device, Settings, Station};
use protocomm::{Label, LabelTransport, ProofOfPossession, Scheme, Username};

use crate::dice::Dice;

esp_bootloader_esp_idf::esp_app_desc!();

/// The links that have a QR payload.
const LABELS: &[LabelTransport] = &[
    #[cfg(feature = "softap")]
    LabelTransport::SoftAp,
    #[cfg(feature = "ble")]
    LabelTransport::Ble,
];

#[esp_rtos::main]
#[allow(missing_docs, reason = "of what the macro makes")]
async fn main(_spawner: Spawner) {
    let chip = esp_hal::init(esp_hal::Config::default());
    // The memory that the bootloader no longer needs, and more.
    esp_alloc::heap_allocator!(#[esp_hal::ram(reclaimed)] size: 64 * 1024);
    esp_alloc::heap_allocator!(size: 72 * 1024);
    let timers = TimerGroup::new(chip.TIMG0);
    esp_rtos::start(timers.timer0, chip.FROM_CPU_INTR0);

    let mac = interface_mac_address(InterfaceMacAddress::Station);
    let mac: [u8; 6] = mac.as_bytes().try_into().unwrap_or_default();
    let settings = Settings::BUILT_IN;
    let name = settings.name_with(mac);
    for transport in LABELS {
        println!("{}", label(&settings, &name, *transport).to_json().as_str());
    }

    let wifi = radio::start(chip.WIFI, &name);
    // The radio runs, so from now on these numbers are random.
    let dice = Dice::new();
    let station = Station::new();
    let device = Device::new(&settings, &station, dice);
    let saved = flash::Saved::open(chip.FLASH);

    let softap = async {
        #[cfg(feature = "softap")]
        softap::run(esp_radio::wifi::Interface::access_point(), dice, &device).await;
    };
    let ble = async {
        #[cfg(feature = "ble")]
        ble::run(chip.BT, mac, &name, &device).await;
    };
    let console = async {
        #[cfg(all(feature = "console", feature = "esp32c3"))]
        console::run(chip.UART0, chip.GPIO20, chip.GPIO21, &device).await;
        #[cfg(all(feature = "console", feature = "esp32c6"))]
        console::run(chip.UART0, chip.GPIO17, chip.GPIO16, &device).await;
    };
    let radio = radio::run(wifi, dice, &station, saved);
    let watchdogs = watchdogs::feed(timers.wdt, Rtc::new(chip.RTC_TIMER).rwdt);
    join5(softap, ble, console, radio, watchdogs).await;
}

/// The label of the device, for its QR code.
fn label(settings: &Settings, name: &str, transport: LabelTransport) -> Label {
    let has_secret = settings.scheme != Scheme::Sec0;
    let mut label = Label::new(name, transport);
    if settings.scheme == Scheme::Sec2 {
        label.username = Username::new(settings.username);
    }
    label.pop = has_secret.then(|| ProofOfPossession::from(settings.secret));
    label
}
