//! The device to work on, and how to reach it.

use std::sync::Arc;

use esp_prov::{
    address::{Address, BleAddress, BleSelector, ConsoleAddress, HttpAddress},
    transport::{BleConnect, Care, Connect, ConsoleConnect, FoundPort, HttpConnect, serial_ports},
};
use esp_prov_simulate::{Settings, VirtualDevice};
use protocomm::Given;

use super::{
    Failure,
    commands::discover,
    context::ports_here,
    manual_console::ManualConsole,
    options::{DeviceArgs, TransportArg},
    plan::service_uuid,
    prompt::{self, Terminal},
    text,
};
use crate::report::Reporter;

/// The address of the device, and how to connect to it.
pub(super) fn target(
    args: &DeviceArgs,
    terminal: &Terminal,
    reporter: &Reporter,
) -> Result<(Address, Box<dyn Connect>), Failure> {
    let transport = args.transport.unwrap_or(TransportArg::Softap);
    let takes_name = matches!(transport, TransportArg::Softap | TransportArg::Ble);
    if takes_name && args.service_name.as_ref().is_some_and(Given::is_empty) {
        return Err(Failure::input(
            "--service-name: empty (perhaps from an unset variable): give the device's \
             address, such as 192.168.4.1 (over BLE its name), or leave the flag out",
        ));
    }
    match transport {
        TransportArg::Softap => {
            let address: HttpAddress = args.service_name().parse().map_err(|error| {
                match BleSelector::from_text(args.service_name()) {
                    BleSelector::Id(_) => Failure::input(
                        "--service-name: this is a Bluetooth address: add `--transport ble`",
                    ),
                    _ => Failure::input(format!("--service-name: {error}")),
                }
            })?;
            Ok((Address::Http(address.clone()), Box::new(HttpConnect::new(address))))
        }
        TransportArg::Virtual => {
            Ok((Address::Virtual, Box::new(VirtualDevice::new(Settings::default()))))
        }
        TransportArg::Ble => ble(args, terminal, reporter),
        TransportArg::Console => console(args, terminal),
    }
}

/// The console on `--port`, or on a port that a person chooses, or through that person.
fn console(args: &DeviceArgs, terminal: &Terminal) -> Result<(Address, Box<dyn Connect>), Failure> {
    let port = match &args.port {
        Some(port) if port.is_empty() => {
            return Err(Failure::input("--port: empty; give the name of a serial port"));
        }
        Some(port) => Some(port.expose().to_owned()),
        None if terminal.present => prompt::port(&serial_ports())?,
        None => return Err(Failure::input(port_missing(&serial_ports()))),
    };
    let Some(port) = port else {
        let interrupted = Arc::clone(&terminal.interrupted);
        return Ok((Address::ManualConsole, Box::new(ManualConsole { interrupted })));
    };
    let address = ConsoleAddress::new(&port, args.baud)
        .map_err(|error| Failure::input(format!("--port: {error}")))?;
    Ok((Address::Console(address.clone()), Box::new(ConsoleConnect::new(address))))
}

fn port_missing(ports: &[FoundPort]) -> String {
    format!(
        "--port is missing: give the serial port of the device's console; {}",
        ports_here(ports)
    )
}

/// A BLE device by its name, its address or its service.
fn ble(
    args: &DeviceArgs,
    terminal: &Terminal,
    reporter: &Reporter,
) -> Result<(Address, Box<dyn Connect>), Failure> {
    let wanted = match &args.service_uuid {
        Some(text) => BleSelector::Service(service_uuid(text)?),
        None if args.service_name.is_none() && terminal.present => {
            discover::choose(args.adapter.as_ref().map(Given::expose), reporter)?
        }
        None if args.service_name.is_none() => {
            return Err(Failure::input(
                "--service-name is missing: over BLE it is the name of the device, PROV_* for \
                 any that begins so, or its address; `esp-prov-rs discover` lists devices",
            ));
        }
        None => BleSelector::from_text(args.service_name()),
    };
    let address = BleAddress { wanted, adapter: text(args.adapter.as_ref()) };
    let care = if terminal.present { Care::Attended } else { Care::Unattended };
    Ok((Address::Ble(address.clone()), Box::new(BleConnect::new(address).with(care))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_port_is_helped_with_what_is_there() {
        let port = |port: &str, usb| FoundPort { port: port.to_owned(), usb, product: None };
        let message = port_missing(&[port("COM3", Some((0x303a, 0x1001))), port("COM1", None)]);
        assert!(message.ends_with("ports here: COM3 (Espressif, 303a:1001), COM1"), "{message}");
        assert!(port_missing(&[]).ends_with("this machine has no serial port"));
    }
}
