//! The device's UART console at a serial port: one line out, one line back, through everything
//! else a console prints ([`protocomm::console`]).

use std::{fmt, io, time::Duration};

use async_trait::async_trait;
use protocomm::{
    Endpoint,
    console::{self, Heard, LINE_END, LINE_LIMIT, Listener, PROMPT},
};
use rand_core::{Rng, UnwrapErr};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    time::timeout,
};
use tokio_serial::{
    ClearBuffer, ErrorKind, SerialPort, SerialPortBuilderExt, SerialPortType, SerialStream,
};

use super::{Connect, Place, Survey, Transport, TransportError};
use crate::address::ConsoleAddress;

/// Reaches a device by its console.
#[derive(Clone, Debug)]
pub struct ConsoleConnect {
    address: ConsoleAddress,
}

impl ConsoleConnect {
    /// For the device at `address`.
    pub fn new(address: ConsoleAddress) -> Self {
        Self { address }
    }
}

#[async_trait]
impl Connect for ConsoleConnect {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let ConsoleAddress { port, baud } = &self.address;
        let stream = open(port, *baud).map_err(|error| explain(port, &error))?;
        // A little less than our caller waits, since we know better what is missing.
        let within = within.mul_f64(0.95);
        let link = timeout(within, ConsoleLink::wake(stream)).await.unwrap_or_else(|_| {
            let reason = format!(
                "no prompt \">>\" on {port} at {baud} baud: does its firmware provision over the \
                 console, and is the baud rate right?"
            );
            Err(TransportError::Connect(reason.into()))
        })?;
        Ok(Box::new(link))
    }

    fn longest(&self, endpoint: &Endpoint) -> usize {
        longest_line(endpoint)
    }
}

fn open(port: &str, baud: u32) -> Result<SerialStream, tokio_serial::Error> {
    let stream = tokio_serial::new(port, baud).open_native_async()?;
    // What an earlier program left unread is nothing to us.
    stream.clear(ClearBuffer::Input)?;
    Ok(stream)
}

fn explain(port: &str, error: &tokio_serial::Error) -> TransportError {
    match error.kind() {
        ErrorKind::Io(io::ErrorKind::NotFound) => {
            TransportError::NotFound(format!("there is no serial port {port}").into())
        }
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            let reason = format!(
                "{port} may not be opened by this user: join the group it belongs to (`dialout` \
                 on most systems, `uucp` on some) and log in again"
            );
            TransportError::Connect(reason.into())
        }
        // Also what an exclusive lock of another program looks like.
        ErrorKind::NoDevice => {
            let reason = format!("{port} is in use (by a serial monitor?) or gone: {error}");
            TransportError::Connect(reason.into())
        }
        _ => TransportError::Connect(format!("{port} as a serial port: {error}").into()),
    }
}

/// A link over any wire that carries bytes both ways.
pub struct ConsoleLink<S> {
    wire: BufReader<S>,
    listener: Listener,
    /// The number of the transport session; short, since it takes room in every line.
    session: u32,
}

/// The pause before a console that does not answer is woken again: it may be booting.
const WAKE_AGAIN: Duration = Duration::from_millis(500);

/// More than a list of commands has.
const LISTED: usize = 64 * 1024;

/// How long a prompt may take that may not come at all.
const QUIET: Duration = Duration::from_millis(100);

/// How long the prompt behind a reply is waited for. It comes after 10 to 20 ms, unless the radio
/// keeps the CPU for itself, the console stops, or a log line cuts the prompt.
const PROMPT_WITHIN: Duration = Duration::from_secs(1);

/// How often the list of commands is looked at, and how long each look may take.
const LOOKS: usize = 2;
const HELP_WITHIN: Duration = Duration::from_secs(2);

/// `help`, with a backslash that takes the CR away, which would else be a part of the word
/// (`split_argv.c`, ESP-IDF v4.0 to v6.0).
const HELP: &[u8] = b"help\\\r";

/// The session's number has so many digits at most.
const LONGEST_SESSION: usize = 4;

/// The longest request that a line holds, whatever the session's number.
pub(crate) fn longest_line(endpoint: &Endpoint) -> usize {
    let fixed = endpoint.as_str().len() + LONGEST_SESSION + "  \r".len();
    LINE_LIMIT.saturating_sub(fixed) / 2
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ConsoleLink<S> {
    /// Wakes the console with an empty line until it shows its prompt, for as long as the caller
    /// waits. Half a line from somebody before us ends with it, too.
    ///
    /// # Errors
    /// [`TransportError::Lost`] if the wire ends.
    pub async fn wake(wire: S) -> Result<Self, TransportError> {
        let session = 1 + UnwrapErr(getrandom::SysRng).next_u32() % 9999;
        let mut link = Self { wire: BufReader::new(wire), listener: Listener::default(), session };
        let mut calls = 0;
        loop {
            link.write(&[LINE_END]).await?;
            calls += 1;
            if let Ok(prompted) = timeout(WAKE_AGAIN, link.prompt()).await {
                prompted?;
                break;
            }
        }
        // A line sent while the console still works on an earlier call would be one with it.
        for _ in 1..calls {
            match timeout(QUIET, link.prompt()).await {
                Ok(prompted) => prompted?,
                Err(_) => break,
            }
        }
        Ok(link)
    }

    async fn prompt(&mut self) -> Result<(), TransportError> {
        while self.hear().await? != Heard::Prompt {}
        Ok(())
    }

    async fn write(&mut self, line: &[u8]) -> Result<(), TransportError> {
        self.wire.write_all(line).await.map_err(|error| TransportError::Lost(error.into()))
    }

    /// Whether the console lists other commands, but no such endpoint. A prompt alone means that or
    /// a refusal. A log line may cut the list, so that it is looked at twice before it counts.
    async fn lacks(&mut self, endpoint: &Endpoint) -> bool {
        for _ in 0..LOOKS {
            match timeout(HELP_WITHIN, self.help()).await {
                Ok(Ok(Some(listed))) if !listed.is_empty() => {
                    if listed.iter().any(|name| name == endpoint.as_str()) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
        true
    }

    /// The commands there are, or `None` where the console does not list them.
    async fn help(&mut self) -> Result<Option<Vec<String>>, TransportError> {
        let lost = |error: io::Error| TransportError::Lost(error.into());
        self.write(HELP).await?;
        let mut listed = Vec::new();
        // The prompt behind the last reply may still come before the echo.
        let ends = |listed: &[u8]| {
            let text = String::from_utf8_lossy(listed);
            text.split_once("help").is_some_and(|(_, after)| after.contains(PROMPT))
        };
        while !ends(&listed) {
            let length = self.wire.read_buf(&mut listed).await.map_err(lost)?;
            if length == 0 {
                return Err(TransportError::Lost("the serial port is gone".into()));
            }
            if listed.len() > LISTED {
                let (endpoint, limit) = (Endpoint::from_static("help"), LISTED);
                return Err(TransportError::TooLong { endpoint, limit });
            }
        }
        Ok(commands(&listed))
    }

    /// Waits for something that means something.
    async fn hear(&mut self) -> Result<Heard, TransportError> {
        loop {
            let arrived = self.wire.fill_buf();
            let bytes = if self.listener.awaits_prompt() {
                match timeout(PROMPT_WITHIN, arrived).await {
                    Ok(bytes) => bytes,
                    Err(_) => match self.listener.without_prompt() {
                        Some(heard) => return Ok(heard),
                        None => continue,
                    },
                }
            } else {
                arrived.await
            };
            let bytes = bytes.map_err(|error| TransportError::Lost(error.into()))?;
            if bytes.is_empty() {
                return Err(TransportError::Lost("the serial port is gone".into()));
            }
            let mut taken = 0;
            let heard = bytes.iter().find_map(|&byte| {
                taken += 1;
                self.listener.hear(byte)
            });
            self.wire.consume(taken);
            if let Some(heard) = heard {
                return Ok(heard);
            }
        }
    }
}

#[async_trait]
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Transport for ConsoleLink<S> {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        let line = console::line(endpoint, self.session, body)?;
        self.listener.sent(&line);
        self.write(&line).await?;
        match self.hear().await? {
            Heard::Reply(reply) => Ok(reply),
            Heard::Prompt if self.lacks(endpoint).await => {
                Err(TransportError::NoSuchEndpoint(endpoint.clone()))
            }
            Heard::Prompt => Err(TransportError::NoReply),
            Heard::Garbled => {
                Err(TransportError::Lost("other output of the device cut its reply".into()))
            }
            Heard::Restarted => Err(TransportError::Lost("the device restarted".into())),
        }
    }

    async fn survey(&mut self, _names: &[Endpoint]) -> Result<Survey, TransportError> {
        // A log line may cut the beginning of a list.
        let mut listed = self.help().await?;
        for _ in 1..LOOKS {
            if listed.is_none() {
                listed = self.help().await?;
            }
        }
        let places =
            listed.map(|all| all.into_iter().map(|endpoint| Place::Command { endpoint }).collect());
        Ok(Survey { places, mtu: None })
    }
}

/// The commands of a console, as `help` lists them, itself among them: each on a line of its own and
/// with a space after it, where more words follow if it is none of protocomm (`help_command` in
/// `commands.c`, `protocomm_console_add_endpoint`, ESP-IDF v4.2 to v6.0). `None` if there is no list.
fn commands(listed: &[u8]) -> Option<Vec<String>> {
    let mut commands: Vec<String> = Vec::new();
    let mut is_list = false;
    for line in String::from_utf8_lossy(listed).lines() {
        is_list |= line.starts_with("help ");
        let Some(name) = line.strip_suffix(' ') else { continue };
        let name = name.trim_end();
        let fits = |char: char| char.is_ascii_alphanumeric() || "-_.~".contains(char);
        let is_one = !name.is_empty() && name.chars().all(fits) && name != "help";
        if is_one && !commands.iter().any(|known| known == name) {
            commands.push(name.to_owned());
        }
    }
    is_list.then_some(commands)
}

/// A serial port of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPort {
    /// As the system names it.
    pub port: String,
    /// Vendor and product, where it is on USB.
    pub usb: Option<(u16, u16)>,
    /// What it calls itself.
    pub product: Option<String>,
}

/// The USB chips of ESP32 boards, by vendor and product; without a product any of the vendor.
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
    /// The chip, if ESP32 boards have it.
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

/// The serial ports of this machine: first those with the chips of ESP32 boards, then other USB,
/// then the rest. None where the system can't tell.
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
    // On macOS each port has a second name, for calls that come in.
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
        assert_eq!(missing, "no device: there is no serial port /dev/ttyUSB0");
        let denied = explained(ErrorKind::Io(io::ErrorKind::PermissionDenied), "x");
        assert!(denied.contains("`dialout`"), "{denied}");
        let busy = explained(ErrorKind::NoDevice, "Device or resource busy");
        assert!(busy.contains("in use (by a serial monitor?)"), "{busy}");
        let no_tty = explained(ErrorKind::Unknown, "Not a typewriter");
        assert_eq!(no_tty, "could not connect: /dev/ttyUSB0 as a serial port: Not a typewriter");
    }
}
