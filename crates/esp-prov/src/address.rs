//! The address of a device: which transport leads to it, and where it is.

use std::{fmt, net::Ipv6Addr, str::FromStr};

use protocomm::{Bssid, Harmless, Passphrase, Ssid, ble::cut_off, harmless};
use serde::{Serialize, Serializer};
use thiserror::Error;
use uuid::Uuid;

/// The address of a device: a transport, and where the device is on it. Exhaustive, since how many
/// devices can be provisioned at once and how they are discovered differs by transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// HTTP over the device's own access point or any other network.
    Http(HttpAddress),
    /// HTTP on the device's own access point, which this machine joins for it.
    Softap(SoftapAddress),
    /// The device's UART console, on a serial port.
    Console(ConsoleAddress),
    /// The device's UART console, through a person who copies and pastes.
    ManualConsole,
    /// BLE.
    Ble(BleAddress),
    /// A virtual device inside this process.
    Virtual,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(address) => address.fmt(f),
            Self::Softap(address) => address.fmt(f),
            Self::Console(address) => address.fmt(f),
            Self::ManualConsole => f.write_str("the console, by hand"),
            Self::Ble(address) => address.fmt(f),
            Self::Virtual => f.write_str("virtual"),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    /// Takes `virtual`, `console:` and what follows it in a [`ConsoleAddress`], `ble:` and what
    /// follows it in a [`BleAddress`], `softap:` and what follows it in a [`SoftapAddress`], or
    /// anything that [`HttpAddress`] takes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "virtual" => Ok(Self::Virtual),
            console if console.starts_with(ConsoleAddress::SCHEME) => {
                console.parse().map(Self::Console)
            }
            ble if ble.starts_with(BleAddress::SCHEME) => ble.parse().map(Self::Ble),
            softap if softap.starts_with(SoftapAddress::SCHEME) => softap.parse().map(Self::Softap),
            http => http.parse().map(Self::Http),
        }
    }
}

/// The address of a device that is reached over BLE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BleAddress {
    /// Which device to look for.
    pub wanted: BleSelector,
    /// The Bluetooth adapter of this machine, such as `hci1`; `None` for the first.
    pub adapter: Option<String>,
}

/// How to recognise a device by what it advertises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BleSelector {
    /// By its whole name.
    Name(String),
    /// By the beginning of its name.
    Prefix(String),
    /// By its Bluetooth address, or by the system's identifier for it where the system hides
    /// addresses (macOS).
    Id(String),
    /// By the UUID of a service that it advertises.
    Service(Uuid),
}

impl BleSelector {
    /// Takes a name, the beginning of a name with `*` after it (`PROV_*`), a Bluetooth address
    /// (with colons, hyphens, dots or nothing between its digits), or the UUID that macOS gives a
    /// device.
    pub fn from_text(text: &str) -> Self {
        let address = text.parse::<Bssid>().map(|address| address.to_string().to_ascii_uppercase());
        match (text.strip_suffix('*'), address) {
            (Some(prefix), _) => Self::Prefix(prefix.to_owned()),
            (None, Ok(address)) => Self::Id(address),
            (None, _) if text.len() == 36 && Uuid::try_parse(text).is_ok() => {
                Self::Id(text.to_owned())
            }
            (None, _) => Self::Name(text.to_owned()),
        }
    }

    /// Whether only one device can match.
    pub(crate) fn is_one(&self) -> bool {
        matches!(self, Self::Id(_))
    }
}

impl BleSelector {
    /// What a device advertises of the wanted name if it is too long for an advertisement.
    pub(crate) fn cut_off(&self) -> Option<&str> {
        match self {
            Self::Name(name) => cut_off(name),
            _ => None,
        }
    }
}

impl fmt::Display for BleSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(text) | Self::Id(text) => f.write_str(text),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::Service(service) => write!(f, "service {service}"),
        }
    }
}

/// Whether a name is at most 7 letters and digits long: long enough for the names of ports and
/// adapters, and too short to be a secret in the wrong place.
fn is_short(name: &str) -> bool {
    (1..=7).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

impl BleAddress {
    const SCHEME: &str = "ble:";
}

impl fmt::Display for BleAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::SCHEME, self.wanted)?;
        match &self.adapter {
            Some(adapter) if is_short(adapter) => write!(f, " by {adapter}"),
            Some(_) => f.write_str(" by another adapter"),
            None => Ok(()),
        }
    }
}

impl FromStr for BleAddress {
    type Err = InvalidAddress;

    /// Takes `ble:`, followed by what [`BleSelector::from_text`] takes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.trim().strip_prefix(Self::SCHEME);
        match rest.ok_or(InvalidAddress("begin it with ble:"))? {
            "" => Err(InvalidAddress("the name of the device is missing after ble:")),
            wanted => Ok(Self { wanted: BleSelector::from_text(wanted), adapter: None }),
        }
    }
}

/// A device on its own access point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftapAddress {
    /// Which access point to join.
    pub access_point: AccessPointSelector,
    /// Its passphrase; empty for an open one.
    pub passphrase: Passphrase,
}

/// Which access point is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessPointSelector {
    /// The one with this name.
    Name(Ssid),
    /// The one with this address.
    Bssid(Bssid),
}

impl AccessPointSelector {
    /// Takes a name, or a BSSID with colons, hyphens, dots or nothing between its digits.
    ///
    /// # Errors
    /// [`InvalidAddress`]: the name is empty, or longer than 32 bytes.
    pub fn from_text(text: &str) -> Result<Self, InvalidAddress> {
        const LENGTH: &str = "an access point has a name of 1 to 32 bytes, or a BSSID";
        if let Ok(bssid) = text.parse() {
            return Ok(Self::Bssid(bssid));
        }
        Ssid::new(text).map(Self::Name).map_err(|_| InvalidAddress(LENGTH))
    }
}

impl fmt::Display for AccessPointSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Bssid(bssid) => bssid.fmt(f),
        }
    }
}

impl SoftapAddress {
    const SCHEME: &str = "softap:";
}

impl fmt::Display for SoftapAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::SCHEME, self.access_point)
    }
}

impl FromStr for SoftapAddress {
    type Err = InvalidAddress;

    /// Takes `softap:`, followed by what [`AccessPointSelector::from_text`] takes, for an open
    /// access point.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.trim().strip_prefix(Self::SCHEME);
        let rest = rest.ok_or(InvalidAddress("begin it with softap:"))?;
        let access_point = AccessPointSelector::from_text(rest)?;
        Ok(Self { access_point, passphrase: Passphrase::open() })
    }
}

/// The serial port of a device's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleAddress {
    /// The port's name in the system, such as `/dev/ttyUSB0` or `COM3`.
    pub port: String,
    /// The baud rate, in bits per second.
    pub baud: u32,
}

impl ConsoleAddress {
    /// The default baud rate of ESP-IDF's console (`CONFIG_ESP_CONSOLE_UART_BAUDRATE`).
    pub const DEFAULT_BAUD: u32 = 115_200;

    const SCHEME: &str = "console:";

    /// Takes a port named as systems do: an absolute path, or a short word. Anything else is
    /// refused, since it may be a secret in the wrong place.
    ///
    /// # Errors
    /// [`InvalidAddress`]: the name is empty, or not that of a port.
    pub fn new(port: &str, baud: u32) -> Result<Self, InvalidAddress> {
        let name = port.strip_prefix(r"\\.\").unwrap_or(port);
        let is_path = port.strip_prefix('/').is_some_and(|rest| rest.contains('/'));
        if port.is_empty() {
            Err(InvalidAddress("the serial port is missing"))
        } else if is_path || is_short(name) {
            Ok(Self { port: port.to_owned(), baud })
        } else {
            Err(InvalidAddress("a serial port has a name such as /dev/ttyUSB0 or COM3"))
        }
    }
}

impl fmt::Display for ConsoleAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}?baud={}", Self::SCHEME, self.port, self.baud)
    }
}

impl FromStr for ConsoleAddress {
    type Err = InvalidAddress;

    /// Takes `console:/dev/ttyUSB0?baud=115200`. `console:` and the baud rate may be left out.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.trim();
        let rest = rest.strip_prefix(Self::SCHEME).unwrap_or(rest);
        let (port, baud) = match rest.split_once('?') {
            Some((port, setting)) => {
                let baud = setting.strip_prefix("baud=");
                (port, Some(baud.ok_or(InvalidAddress("only baud= can follow the ?"))?))
            }
            None => (rest, None),
        };
        let baud = match baud {
            None => Self::DEFAULT_BAUD,
            Some(baud) => match baud.parse() {
                Ok(baud) if baud > 0 => baud,
                _ => {
                    return Err(InvalidAddress(
                        "the baud rate is a number of bits per second, such as 115200",
                    ));
                }
            },
        };
        Self::new(port, baud)
    }
}

/// The host and port of a device that is reached over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAddress {
    /// The name or IP address of the device.
    pub host: Host,
    /// The TCP port.
    pub port: u16,
}

/// A host, as people type it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name, or an IPv4 address in dotted decimal.
    Name(String),
    /// An IPv6 address, and the zone of a link-local one (`wlan0` in `fe80::1%wlan0`).
    V6(Ipv6Addr, Option<String>),
}

impl HttpAddress {
    /// The port a device listens on if none is given.
    pub const DEFAULT_PORT: u16 = 80;
}

impl Default for HttpAddress {
    /// `192.168.4.1:80`, the address of an ESP32 on its own access point.
    fn default() -> Self {
        Self { host: Host::Name("192.168.4.1".into()), port: Self::DEFAULT_PORT }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V6(address, None) => write!(f, "[{address}]"),
            Self::V6(address, Some(zone)) => write!(f, "[{address}%{zone}]"),
        }
    }
}

impl fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

/// Why a text is not an address. The message does not contain the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not the address of a device: {0}")]
pub struct InvalidAddress(&'static str);

impl From<InvalidAddress> for Harmless {
    fn from(error: InvalidAddress) -> Self {
        harmless!("not the address of a device: {}", error.0)
    }
}

impl FromStr for HttpAddress {
    type Err = InvalidAddress;

    /// Takes what people type: `192.168.4.1`, `192.168.4.1:80`, `http://host:port/`, `::1`,
    /// `[::1]:80`, `[fe80::1%wlan0]`, `prov-123456.local`. An empty text is the default address.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.trim();
        if rest.is_empty() {
            return Ok(Self::default());
        }
        let rest = match rest.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
                return Err(InvalidAddress("provisioning firmware speaks plain HTTP, not https"));
            }
            Some(_) => return Err(InvalidAddress("the only scheme is http://")),
            None => rest,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#']) {
            return Err(InvalidAddress("give only a host and a port; endpoints have fixed paths"));
        }
        if rest.contains('@') {
            return Err(InvalidAddress("provisioning firmware takes no user name"));
        }

        let (host, port) = if let Some(rest) = rest.strip_prefix('[') {
            let (host, after) = rest.split_once(']').ok_or(InvalidAddress("the ] is missing"))?;
            let port = match after {
                "" => None,
                after => {
                    Some(after.strip_prefix(':').ok_or(InvalidAddress("only :port can follow ]"))?)
                }
            };
            (v6(host).ok_or(InvalidAddress("not an IPv6 address between [ and ]"))?, port)
        } else if rest.matches(':').count() > 1 {
            let host = v6(rest)
                .ok_or(InvalidAddress("not an IPv6 address; with a port, write [address]:port"))?;
            (host, None)
        } else {
            let (host, port) = match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            };
            (name(host).map_err(InvalidAddress)?, port)
        };
        if matches!(host, Host::V6(address, None) if address.is_unicast_link_local()) {
            return Err(InvalidAddress(
                "a link-local address needs the interface it is at, as in [fe80::1%wlan0]",
            ));
        }
        let port = match port {
            None => Self::DEFAULT_PORT,
            Some(port) => match port.parse() {
                Ok(port) if port > 0 => port,
                _ => return Err(InvalidAddress("the port is a number from 1 to 65535")),
            },
        };
        Ok(Self { host, port })
    }
}

fn v6(text: &str) -> Option<Host> {
    let (address, zone) = match text.split_once('%') {
        // In a URL, the % is written %25 (RFC 6874).
        Some((address, zone)) => (address, Some(zone.strip_prefix("25").unwrap_or(zone))),
        None => (text, None),
    };
    let fits = |zone: &str| {
        !zone.is_empty() && zone.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b))
    };
    if !zone.is_none_or(fits) {
        return None;
    }
    Some(Host::V6(address.parse().ok()?, zone.map(str::to_owned)))
}

fn name(text: &str) -> Result<Host, &'static str> {
    if text.is_empty() {
        return Err("the host is missing");
    }
    if text.len() > 253 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
        return Err("a host name has letters from a to z, digits, dots and hyphens");
    }
    // What looks like an IPv4 address must be one: the resolver would take 192.168.4 as
    // 192.168.0.4.
    let looks_like_v4 = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if looks_like_v4 && text.parse::<std::net::Ipv4Addr>().is_err() {
        return Err("an IPv4 address has four numbers from 0 to 255");
    }
    Ok(Host::Name(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_people_type() {
        for (typed, meant) in [
            ("", "http://192.168.4.1:80"),
            ("192.168.4.1", "http://192.168.4.1:80"),
            (" 192.168.4.1:8080 ", "http://192.168.4.1:8080"),
            ("http://192.168.4.1", "http://192.168.4.1:80"),
            ("HTTP://device:8080/", "http://device:8080"),
            ("prov-123456.local", "http://prov-123456.local:80"),
            ("::1", "http://[::1]:80"),
            ("[::1]", "http://[::1]:80"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("http://[fe80::1%25wlan0]:80/", "http://[fe80::1%wlan0]:80"),
            ("fe80::1%wlan0", "http://[fe80::1%wlan0]:80"),
            ("[fe80::1%3]", "http://[fe80::1%3]:80"),
        ] {
            let address = typed.parse::<HttpAddress>().map(|address| address.to_string());
            assert_eq!(address, Ok(meant.to_owned()), "{typed}");
        }
    }

    #[test]
    fn a_console_is_a_serial_port_and_a_baud_rate() {
        for (typed, meant) in [
            ("console:/dev/ttyUSB0?baud=9600", "console:/dev/ttyUSB0?baud=9600"),
            ("console:/dev/ttyUSB0", "console:/dev/ttyUSB0?baud=115200"),
            (" /dev/ttyUSB0 ", "console:/dev/ttyUSB0?baud=115200"),
            ("COM3?baud=921600", "console:COM3?baud=921600"),
        ] {
            let address = typed.parse::<ConsoleAddress>().map(|address| address.to_string());
            assert_eq!(address, Ok(meant.to_owned()), "{typed}");
        }
        for typed in [
            "",
            "console:",
            "console:?baud=9600",
            "a?",
            "a?b",
            "a?baud=",
            "a?baud=0",
            "ports/hunter2",
            "/hunter2",
            "hunter2-hunter2",
        ] {
            assert!(typed.parse::<ConsoleAddress>().is_err(), "{typed}");
        }
    }

    #[test]
    fn an_address_says_its_transport() {
        for (typed, meant) in [
            ("virtual", "virtual"),
            ("console:COM3", "console:COM3?baud=115200"),
            ("10.0.0.7", "http://10.0.0.7:80"),
            ("", "http://192.168.4.1:80"),
        ] {
            let address = typed.parse::<Address>().map(|address| address.to_string());
            assert_eq!(address, Ok(meant.to_owned()), "{typed}");
        }
        assert!("console:".parse::<Address>().is_err());
    }

    #[test]
    fn a_device_is_meant_by_its_name_its_address_or_a_prefix() {
        let name = |text: &str| BleSelector::Name(text.to_owned());
        let id = |text: &str| BleSelector::Id(text.to_owned());
        for (typed, meant) in [
            ("PROV_1234", name("PROV_1234")),
            ("PROV_*", BleSelector::Prefix("PROV_".to_owned())),
            ("*", BleSelector::Prefix(String::new())),
            ("24:0a:c4:11:22:33", id("24:0A:C4:11:22:33")),
            ("24-0A-C4-11-22-33", id("24:0A:C4:11:22:33")),
            ("240ac4112233", id("24:0A:C4:11:22:33")),
            ("240a.C411.2233", id("24:0A:C4:11:22:33")),
            ("24:0a:c4:11:22", name("24:0a:c4:11:22")),
            ("5f3c2a10-0000-4000-8000-00805f9b34fb", id("5f3c2a10-0000-4000-8000-00805f9b34fb")),
            ("5f3c2a10000040008000", name("5f3c2a10000040008000")),
        ] {
            assert_eq!(BleSelector::from_text(typed), meant, "{typed}");
            let address = format!("ble:{typed}").parse::<Address>();
            let expected = BleAddress { wanted: meant, adapter: None };
            assert_eq!(address, Ok(Address::Ble(expected)), "{typed}");
        }
        assert!("ble:".parse::<Address>().is_err());
    }

    #[test]
    fn refuses_what_can_not_be_meant() {
        for typed in [
            "https://192.168.4.1",
            "ftp://192.168.4.1",
            "192.168.4.1/proto-ver",
            "http://a?b",
            "user@host",
            "host:",
            "host:0",
            "host:65536",
            "host:http",
            ":80",
            "192.168.4",
            "300.1.1.1",
            "a b",
            "[::1",
            "[::1]80",
            "[host]",
            "1:2:3",
            "fe80::1",
            "[fe80::1]:80",
            "fe80::1%",
            "fe80::1%a b",
            "höst",
        ] {
            assert!(typed.parse::<HttpAddress>().is_err(), "{typed}");
        }
    }
}
