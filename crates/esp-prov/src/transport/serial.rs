//! Serial ports: the console of a device at a port, and the list of ports.

use std::{
    fmt, fs, io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use protocomm::Endpoint;
use tokio::time::timeout;
use tokio_serial::{
    ClearBuffer, ErrorKind, SerialPort, SerialPortBuilderExt, SerialPortType, SerialStream,
};

use super::{Connect, ConsoleLink, Transport, TransportError, longest_line};
use crate::address::ConsoleAddress;

/// Reaches a device through its console on a serial port.
#[derive(Clone, Debug)]
pub struct ConsoleConnect {
    address: ConsoleAddress,
    /// The USB device at the port when a console first answered there.
    plugged: Arc<OnceLock<Option<Usb>>>,
}

/// Identifies the USB device at a port as far as it can be identified: many chips have no serial
/// number, or all have the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Usb {
    id: (u16, u16),
    serial_number: Option<String>,
}

/// Whether a different device is at the port now. If the system can't tell, it counts as the same.
fn is_another(before: Option<&Usb>, now: Option<&Usb>) -> bool {
    before.zip(now).is_some_and(|(before, now)| before != now)
}

/// The device that is plugged in at a port, if it is a USB device.
fn plugged_in(port: &str) -> Option<Usb> {
    // Links such as those in `/dev/serial` are listed by their targets.
    let path = fs::canonicalize(port);
    let path = path.ok().and_then(|path| path.to_str().map(str::to_owned));
    let path = path.as_deref().unwrap_or(port);
    let found = tokio_serial::available_ports().ok()?;
    let found = found.into_iter().find(|found| found.port_name == path)?;
    match found.port_type {
        SerialPortType::UsbPort(usb) => {
            Some(Usb { id: (usb.vid, usb.pid), serial_number: usb.serial_number })
        }
        _ => None,
    }
}

impl ConsoleConnect {
    /// Reaches the device at `address`.
    pub fn new(address: ConsoleAddress) -> Self {
        Self { address, plugged: Arc::default() }
    }
}

#[async_trait]
impl Connect for ConsoleConnect {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let ConsoleAddress { port, baud } = &self.address;
        let now = plugged_in(port);
        // A port keeps its name when one device is unplugged and another one is plugged in.
        if is_another(self.plugged.get().and_then(Option::as_ref), now.as_ref()) {
            let reason = format!("another device is plugged in at {port} than before");
            return Err(TransportError::Connect(reason.into()));
        }
        let stream = open(port, *baud).map_err(|error| explain(port, &error))?;
        // A little less than the caller waits, since the error here is more specific.
        let within = within.mul_f64(0.95);
        let link = timeout(within, ConsoleLink::wake(stream)).await.unwrap_or_else(|_| {
            let reason = format!(
                "no prompt \">>\" on {port} at {baud} baud: check that its firmware provisions \
                 over the console, and the baud rate"
            );
            Err(TransportError::Connect(reason.into()))
        })?;
        self.plugged.get_or_init(|| now);
        Ok(Box::new(link))
    }

    fn longest(&self, endpoint: &Endpoint) -> usize {
        longest_line(endpoint)
    }
}

/// How long reading from a scanner waits.
const SCANNER_SILENCE: Duration = Duration::from_millis(200);

fn open(port: &str, baud: u32) -> Result<SerialStream, tokio_serial::Error> {
    let stream = tokio_serial::new(port, baud).open_native_async()?;
    // Discards what an earlier program left unread.
    stream.clear(ClearBuffer::Input)?;
    Ok(stream)
}

/// Opens a serial port to read what a scanner of labels says. Reading times out after a moment of
/// silence.
///
/// # Errors
/// Fails if the port is missing, in use, or may not be opened.
pub fn serial_reader(port: &str, baud: u32) -> Result<Box<dyn io::Read + Send>, TransportError> {
    let opened = tokio_serial::new(port, baud).timeout(SCANNER_SILENCE).open_native();
    Ok(Box::new(opened.map_err(|error| explain(port, &error))?))
}

fn explain(port: &str, error: &tokio_serial::Error) -> TransportError {
    match error.kind() {
        ErrorKind::Io(io::ErrorKind::NotFound) => {
            TransportError::NotFound(format!("no serial port {port}").into())
        }
        // Windows denies access to a port that another program has open.
        ErrorKind::Io(io::ErrorKind::PermissionDenied) if !cfg!(windows) => {
            let reason = format!(
                "this user may not open {port}: join the group that it belongs to (`dialout` \
                 on most systems, `uucp` on some) and log in again"
            );
            TransportError::Connect(reason.into())
        }
        // An exclusive lock of another program looks like this, too.
        ErrorKind::NoDevice | ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            let reason = format!("{port} is in use (by a serial monitor?) or gone: {error}");
            TransportError::Connect(reason.into())
        }
        _ => TransportError::Connect(format!("{port} as a serial port: {error}").into()),
    }
}

/// A serial port of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPort {
    /// The port's name on this system.
    pub port: String,
    /// The USB vendor and product IDs, for a USB port.
    pub usb: Option<(u16, u16)>,
    /// The USB product name.
    pub product: Option<String>,
}

/// The USB chips on ESP32 boards, by vendor and product ID. Without a product ID, any product of
/// the vendor matches.
const BOARDS: &[(u16, Option<u16>, &str)] = &[
    (0x303a, None, "Espressif"),
    (0x10c4, Some(0xea60), "Silicon Labs CP210x"),
    (0x10c4, Some(0xea70), "Silicon Labs CP2105"),
    (0x1a86, Some(0x7523), "WCH CH340"),
    (0x1a86, Some(0x55d3), "WCH CH343"),
    (0x1a86, Some(0x55d4), "WCH CH9102"),
    (0x0403, Some(0x6001), "FTDI FT232R"),
    (0x0403, Some(0x6010), "FTDI FT2232"),
    (0x0403, Some(0x6014), "FTDI FT232H"),
    (0x0403, Some(0x6015), "FTDI FT-X"),
    (0x067b, Some(0x2303), "Prolific PL2303"),
];

impl FoundPort {
    /// The name of the chip, if it is one that ESP32 boards use.
    fn board(&self) -> Option<&'static str> {
        let (vendor, product) = self.usb?;
        let is_it = |(of, one, _): &&(u16, Option<u16>, _)| {
            *of == vendor && one.is_none_or(|one| one == product)
        };
        BOARDS.iter().find(is_it).map(|(_, _, name)| *name)
    }
}

impl fmt::Display for FoundPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.port)?;
        let Some((vendor, product)) = self.usb else { return Ok(()) };
        let name = self.product.as_deref().or(self.board()).unwrap_or("USB");
        write!(f, " ({name}, {vendor:04x}:{product:04x})")
    }
}

/// Lists the serial ports of this machine: first those with a chip that ESP32 boards use, then
/// other USB ports, then the rest. The list is empty if the system can't list its ports.
pub fn serial_ports() -> Vec<FoundPort> {
    let found = tokio_serial::available_ports().unwrap_or_default();
    sorted(found.into_iter().map(|found| match found.port_type {
        SerialPortType::UsbPort(usb) => {
            FoundPort { port: found.port_name, usb: Some((usb.vid, usb.pid)), product: usb.product }
        }
        _ => FoundPort { port: found.port_name, usb: None, product: None },
    }))
}

fn sorted(found: impl Iterator<Item = FoundPort>) -> Vec<FoundPort> {
    // On macOS, each port has a second name for incoming calls.
    let mut ports: Vec<_> = found.filter(|found| !found.port.starts_with("/dev/tty.")).collect();
    ports.sort_by_cached_key(|found| {
        (found.board().is_none(), found.usb.is_none(), found.port.clone())
    });
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_device_at_a_port_is_noticed_where_it_can_be_told() {
        let usb = |id, serial: Option<&str>| Usb { id, serial_number: serial.map(str::to_owned) };
        let (cp2102, ch340) = ((0x10c4, 0xea60), (0x1a86, 0x7523));
        for (before, now, another) in [
            (usb(cp2102, Some("A1")), usb(cp2102, Some("A1")), false),
            (usb(cp2102, Some("A1")), usb(cp2102, Some("B2")), true),
            (usb(cp2102, None), usb(ch340, None), true),
            (usb(ch340, None), usb(ch340, None), false),
        ] {
            assert_eq!(is_another(Some(&before), Some(&now)), another, "{before:?} {now:?}");
            assert!(!is_another(None, Some(&now)) && !is_another(Some(&before), None));
        }
    }

    #[test]
    fn ports_of_boards_come_first_and_say_what_they_are() {
        let port = |port: &str, usb: Option<(u16, u16)>, product: Option<&str>| FoundPort {
            port: port.to_owned(),
            usb,
            product: product.map(str::to_owned),
        };
        let ports = sorted(
            [
                port("/dev/ttyS0", None, None),
                port("/dev/tty.usbserial-10", Some((0x1a86, 0x7523)), None),
                port("/dev/ttyACM0", Some((0x2341, 0x0043)), None),
                port("/dev/ttyUSB1", Some((0x1a86, 0x7523)), None),
                port("/dev/ttyUSB0", Some((0x10c4, 0xea60)), Some("CP2102N Bridge")),
                port("/dev/ttyACM1", Some((0x303a, 0x1001)), Some("USB JTAG/serial debug unit")),
            ]
            .into_iter(),
        );
        let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
        assert_eq!(
            ports,
            [
                "/dev/ttyACM1 (USB JTAG/serial debug unit, 303a:1001)",
                "/dev/ttyUSB0 (CP2102N Bridge, 10c4:ea60)",
                "/dev/ttyUSB1 (WCH CH340, 1a86:7523)",
                "/dev/ttyACM0 (USB, 2341:0043)",
                "/dev/ttyS0",
            ]
        );
    }

    #[test]
    fn each_failure_to_open_says_what_to_do() {
        let explained = |kind, words| {
            explain("/dev/ttyUSB0", &tokio_serial::Error::new(kind, words)).to_string()
        };
        let missing = explained(ErrorKind::Io(io::ErrorKind::NotFound), "x");
        assert_eq!(missing, "no device: no serial port /dev/ttyUSB0");
        let denied = explained(ErrorKind::Io(io::ErrorKind::PermissionDenied), "x");
        assert!(denied.contains("`dialout`"), "{denied}");
        let busy = explained(ErrorKind::NoDevice, "Device or resource busy");
        assert!(busy.contains("in use (by a serial monitor?)"), "{busy}");
        let no_tty = explained(ErrorKind::Unknown, "Not a typewriter");
        assert_eq!(no_tty, "could not connect: /dev/ttyUSB0 as a serial port: Not a typewriter");
    }
}
