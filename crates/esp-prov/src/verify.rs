//! Looks for a provisioned device on the network that it was given, from this machine.
//!
//! ```text
//!  the address it told, or its MAC address among the neighbours ─▶ knock ─▶ an answer, or a neighbour
//! ```
//!
//! A device that takes or refuses a connection is there; so is one whose MAC address the system had
//! to ask for and got. Nothing but the address that the device told is knocked at, unless
//! [`Verify::searches`].

use std::{
    fmt,
    future::pending,
    io,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use protocomm::Bssid;
use serde::{Serialize, Serializer};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

/// How to look for a device.
#[derive(Clone)]
pub struct Verify {
    /// This machine's networks.
    pub networks: Arc<dyn LocalNetworks>,
    /// The time limit.
    pub within: Duration,
    /// Whether to knock at every address of the networks that this machine is on, if the device has
    /// told none. Networks of more than [`SEARCHED`] addresses are left out.
    pub searches: bool,
}

/// The most addresses of a network that is searched.
pub const SEARCHED: u32 = 1024;

/// What a search for a device came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// Whether the device is on the network; `None` if this machine could not look.
    pub verified: Option<bool>,
    /// The device's IP address: where it was found, or where it should be.
    pub ip: Option<Ipv4Addr>,
    /// The MAC address of what was found, if the system tells.
    #[serde(serialize_with = "as_text")]
    pub mac: Option<Bssid>,
    /// What shows it, or why this machine could not look.
    pub reason: String,
}

impl Verification {
    /// Without a search.
    pub(crate) fn unknown(reason: &str) -> Self {
        unknown(None, reason)
    }
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn as_text<S: Serializer>(mac: &Option<Bssid>, serializer: S) -> Result<S::Ok, S::Error> {
    mac.map(|mac| mac.to_string()).serialize(serializer)
}

/// What this machine knows of the networks that it is on.
#[async_trait]
pub trait LocalNetworks: Send + Sync {
    /// Lists the IPv4 networks that this machine has an address in.
    ///
    /// # Errors
    /// The system does not tell.
    fn networks(&self) -> io::Result<Vec<LocalNetwork>>;

    /// Lists the machines whose MAC addresses the system knows; `None` if it does not tell.
    fn neighbours(&self) -> Option<Vec<Neighbour>>;

    /// Tries to connect to an address, for a few seconds at most.
    async fn knock(&self, address: Ipv4Addr) -> Knock;
}

/// A network that this machine is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalNetwork {
    /// This machine's address there.
    pub address: Ipv4Addr,
    /// The length of its prefix, in bits.
    pub prefix: u8,
}

impl LocalNetwork {
    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(self.prefix.min(32))).unwrap_or(0)
    }

    fn contains(self, address: Ipv4Addr) -> bool {
        (u32::from(self.address) ^ u32::from(address)) & self.mask() == 0
    }

    /// The addresses of others, unless there are too many.
    fn others(self) -> impl Iterator<Item = Ipv4Addr> {
        let first = u32::from(self.address) & self.mask();
        let count = if self.is_small() { !self.mask() } else { 0 };
        // Neither the network itself nor the broadcast address, which is the last.
        (1..count).map(move |at| Ipv4Addr::from(first + at)).filter(move |one| *one != self.address)
    }

    fn is_small(self) -> bool {
        !self.mask() < SEARCHED
    }
}

impl fmt::Display for LocalNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(u32::from(self.address) & self.mask()), self.prefix)
    }
}

/// A machine whose MAC address the system knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its IP address.
    pub ip: Ipv4Addr,
    /// Its MAC address.
    pub mac: Bssid,
}

/// What came of an attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knock {
    /// The connection was accepted.
    Accepted,
    /// The connection was refused, which only a machine that is there can do.
    Refused,
    /// No answer.
    Silent,
}

/// The MAC addresses that a device may have in its network, by that of its access point. The vendor
/// gives a device four addresses in a row, of which its access point has the second; or two, and its
/// access point the first one marked as local ("MAC Address" in the ESP-IDF Programming Guide).
pub fn stations_of_access_point(Bssid(access_point): Bssid) -> Vec<Bssid> {
    const LOCAL: u8 = 2;
    let mut first = access_point;
    if access_point[0] & LOCAL == 0 {
        first[5] = first[5].wrapping_sub(1);
        return vec![Bssid(first)];
    }
    first[0] &= !LOCAL;
    // A base address of one's own may be local itself.
    let mut before = access_point;
    before[5] = before[5].wrapping_sub(1);
    vec![Bssid(first), Bssid(before)]
}

/// The MAC addresses that a device may have in its network, by its Bluetooth address, which is the
/// third of four, or the second of two.
pub fn stations_of_bluetooth(Bssid(bluetooth): Bssid) -> Vec<Bssid> {
    let before = |count| {
        let mut address = bluetooth;
        address[5] = address[5].wrapping_sub(count);
        Bssid(address)
    };
    vec![before(2), before(1)]
}

/// The interval between two knocks, and between two looks at the neighbours.
const PAUSE: Duration = Duration::from_secs(1);

/// After so much silence, the system has asked a neighbour again whether it is there (Linux: 5 s
/// until it asks, and three times a second; arp(7)). Until then, its entry may be old.
const SURE_AFTER: Duration = Duration::from_secs(12);

/// Looks for a device that has told `ip` as its address, if it has, and has one of the addresses in
/// `macs`, if they are known.
pub(crate) async fn look_for(ip: Option<Ipv4Addr>, macs: &[Bssid], how: &Verify) -> Verification {
    let networks = match how.networks.networks() {
        Ok(networks) => networks,
        Err(error) => {
            return unknown(ip, format!("this machine's networks are not known: {error}"));
        }
    };
    let search = Arc::new(Search {
        known: how.networks.neighbours(),
        host: Arc::clone(&how.networks),
        networks,
        macs: macs.to_vec(),
        until: Instant::now() + how.within,
    });
    match ip {
        Some(ip) => search.at(ip).await,
        None => search.by_mac(how.searches).await,
    }
}

/// A search that has begun.
struct Search {
    host: Arc<dyn LocalNetworks>,
    networks: Vec<LocalNetwork>,
    macs: Vec<Bssid>,
    /// Whom the system knew before, perhaps from another time.
    known: Option<Vec<Neighbour>>,
    until: Instant,
}

impl Search {
    /// Looks for a device that is among the neighbours, or becomes one.
    async fn by_mac(self: Arc<Self>, searches: bool) -> Verification {
        if self.macs.is_empty() {
            return unknown(None, "the device told no address, and its MAC address is not known");
        }
        if self.known.is_none() {
            let why = "the device told no address, and this system tells no neighbours";
            return unknown(None, why);
        }
        let others = self.networks.iter().copied().filter(|one| !one.address.is_loopback());
        let (small, large): (Vec<_>, Vec<_>) = others.partition(|one| one.is_small());
        let is_searched = AtomicBool::new(false);
        let search = async {
            if !searches {
                return pending().await;
            }
            loop {
                // What is there becomes a neighbour.
                knock_everywhere(&small, &self.host).await;
                is_searched.store(true, Relaxed);
                sleep(PAUSE).await;
            }
        };
        let (found, silent) = tokio::select! {
            ended = self.watch() => ended,
            never = search => never,
        };
        if let Some(found) = found {
            return found;
        }
        let all = list(&self.macs, " or ");
        if !searches {
            let where_to = match silent[..] {
                [] => "is not among this machine's neighbours".to_owned(),
                _ => format!("does not answer at {}, where it was", list(&silent, ", ")),
            };
            let why = format!("the device told no address, and {where_to} ({all})");
            return unknown(None, format!("{why}; its network was not searched"));
        }
        if small.is_empty() {
            return unknown(
                None,
                "the networks of this machine are too large to search, or none is there",
            );
        }
        let reason = format!("no device with the MAC address {all} in {}", list(&small, ", "));
        if !is_searched.into_inner() {
            return unknown(None, format!("{reason}, of which there was no time to search all"));
        }
        if !large.is_empty() {
            let large = list(&large, ", ");
            return unknown(None, format!("{reason}; too large to search: {large}"));
        }
        Verification { verified: Some(false), ip: None, mac: None, reason }
    }

    /// Watches the neighbours, and looks for the device at the address of each that may be it.
    /// Returns these addresses, too.
    async fn watch(self: &Arc<Self>) -> (Option<Verification>, Vec<Ipv4Addr>) {
        let (mut looks, mut seen) = (JoinSet::new(), Vec::new());
        loop {
            for one in self.host.neighbours().unwrap_or_default() {
                if self.macs.contains(&one.mac) && !seen.contains(&one.ip) {
                    seen.push(one.ip);
                    looks.spawn(Arc::clone(self).at(one.ip));
                }
            }
            if looks.is_empty() && Instant::now() + PAUSE >= self.until {
                return (None, seen);
            }
            tokio::select! {
                Some(Ok(found)) = looks.join_next() => if found.verified == Some(true) {
                    return (Some(found), seen);
                },
                () = sleep(PAUSE) => {}
            }
        }
    }

    /// Looks for a device at an address.
    async fn at(self: Arc<Self>, ip: Ipv4Addr) -> Verification {
        if self.networks.iter().any(|one| one.address == ip) {
            return unknown(Some(ip), format!("{ip} is an address of this machine"));
        }
        if !self.networks.iter().any(|one| one.contains(ip)) {
            return unknown(Some(ip), format!("this machine is not on the network of {ip}"));
        }
        let began = Instant::now();
        loop {
            let answer = timeout_at(self.until, self.host.knock(ip)).await;
            let neighbours = self.host.neighbours().unwrap_or_default();
            let neighbour = neighbours.into_iter().find(|one| one.ip == ip);
            // Whom the system did not know before has spoken since.
            let is_sure = |one: &Neighbour| {
                began.elapsed() >= SURE_AFTER || !self.known.iter().flatten().any(|old| old == one)
            };
            let shows = match answer.unwrap_or(Knock::Silent) {
                Knock::Accepted => Some("takes connections"),
                Knock::Refused => Some("refuses connections, which shows that it is there"),
                Knock::Silent => neighbour.filter(is_sure).map(|_| "has told its MAC address"),
            };
            let mac = neighbour.map(|one| one.mac);
            match (shows, mac) {
                (Some(_), Some(mac)) if !self.macs.is_empty() && !self.macs.contains(&mac) => {
                    let expected = list(&self.macs, " or ");
                    let reason = format!("{ip} has the MAC address {mac} instead of {expected}");
                    return Verification { mac: Some(mac), ..unknown(Some(ip), reason) };
                }
                (Some(shows), mac) => {
                    let reason = format!("{ip} {shows}");
                    return Verification { verified: Some(true), ip: Some(ip), mac, reason };
                }
                (None, _) if Instant::now() + PAUSE >= self.until => {
                    let reason = format!("nothing answers at {ip}");
                    return Verification { verified: Some(false), ip: Some(ip), mac: None, reason };
                }
                (None, _) => sleep(PAUSE).await,
            }
        }
    }
}

fn list(all: &[impl fmt::Display], between: &str) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

async fn knock_everywhere(networks: &[LocalNetwork], host: &Arc<dyn LocalNetworks>) {
    let mut knocks = JoinSet::new();
    for address in networks.iter().flat_map(|network| network.others()) {
        let host = Arc::clone(host);
        knocks.spawn(async move { host.knock(address).await });
        if knocks.len() >= 128 {
            knocks.join_next().await;
        }
    }
    while knocks.join_next().await.is_some() {}
}

fn unknown(ip: Option<Ipv4Addr>, reason: impl Into<String>) -> Verification {
    Verification { verified: None, ip, mac: None, reason: reason.into() }
}

/// The networks of this machine.
#[cfg(feature = "verify")]
pub fn local_networks() -> Arc<dyn LocalNetworks> {
    Arc::new(system::System)
}

#[cfg(feature = "verify")]
mod system {
    use std::{io, net::Ipv4Addr, time::Duration};

    use async_trait::async_trait;
    use if_addrs::IfAddr;
    use tokio::{net::TcpStream, time::timeout};

    use super::{Knock, LocalNetwork, LocalNetworks, Neighbour};

    /// Where most firmware has a server, if it has one.
    const PORT: u16 = 80;

    /// The system needs 3 s to find out that a neighbour is not there.
    const KNOCK_WITHIN: Duration = Duration::from_secs(4);

    pub(super) struct System;

    #[async_trait]
    impl LocalNetworks for System {
        fn networks(&self) -> io::Result<Vec<LocalNetwork>> {
            let all = if_addrs::get_if_addrs()?;
            let networks = all.into_iter().filter_map(|one| match one.addr {
                IfAddr::V4(v4) => Some(LocalNetwork { address: v4.ip, prefix: v4.prefixlen }),
                IfAddr::V6(_) => None,
            });
            Ok(networks.collect())
        }

        fn neighbours(&self) -> Option<Vec<Neighbour>> {
            let table = std::fs::read_to_string("/proc/net/arp").ok()?;
            Some(table.lines().skip(1).filter_map(neighbour).collect())
        }

        async fn knock(&self, address: Ipv4Addr) -> Knock {
            match timeout(KNOCK_WITHIN, TcpStream::connect((address, PORT))).await {
                Ok(Ok(_)) => Knock::Accepted,
                Ok(Err(error)) => match error.kind() {
                    io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => {
                        Knock::Refused
                    }
                    _ => Knock::Silent,
                },
                Err(_) => Knock::Silent,
            }
        }
    }

    /// A line of `/proc/net/arp` (arp(7), `net/ipv4/arp.c`).
    fn neighbour(line: &str) -> Option<Neighbour> {
        /// `ATF_COM`: the neighbour has answered.
        const COMPLETE: u32 = 2;
        let mut columns = line.split_whitespace();
        let ip = columns.next()?.parse().ok()?;
        let flags = columns.nth(1)?.strip_prefix("0x")?;
        let flags = u32::from_str_radix(flags, 16).ok()?;
        let mac = columns.next()?.parse().ok()?;
        (flags & COMPLETE != 0).then_some(Neighbour { ip, mac })
    }

    #[cfg(test)]
    mod tests {
        use std::net::TcpListener;

        use super::*;

        #[test]
        fn a_neighbour_is_one_that_has_answered() {
            let table = "\
IP address       HW type     Flags       HW address            Mask     Device
10.9.9.57        0x1         0x2         24:0a:c4:11:22:33     *        wlan0
10.9.9.58        0x1         0x0         00:00:00:00:00:00     *        wlan0
";
            let known: Vec<_> = table.lines().skip(1).filter_map(neighbour).collect();
            let mac = "24:0a:c4:11:22:33".parse().expect("an address");
            assert_eq!(known, [Neighbour { ip: Ipv4Addr::new(10, 9, 9, 57), mac }]);
        }

        /// By port 80 of addresses of this machine, which needs no rights to be refused.
        #[tokio::test]
        async fn this_machine_answers_itself_and_knows_its_networks() {
            let networks = System.networks().expect("the system tells");
            let loopback = Ipv4Addr::LOCALHOST;
            assert!(networks.iter().any(|one| one.contains(loopback)), "{networks:?}");
            let at = Ipv4Addr::new(127, 83, 71, 9);
            if cfg!(target_os = "linux") {
                assert_ne!(System.knock(at).await, Knock::Silent);
            }
            // Where this user may listen there, a connection is accepted.
            if let Ok(listener) = TcpListener::bind((at, PORT)) {
                assert_eq!(System.knock(at).await, Knock::Accepted);
                drop(listener);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_the_addresses_of_their_prefix() {
        let network =
            |text: &str, prefix| LocalNetwork { address: text.parse().expect("one"), prefix };
        let home = network("10.9.9.3", 24);
        assert!(home.contains(Ipv4Addr::new(10, 9, 9, 57)));
        assert!(!home.contains(Ipv4Addr::new(10, 9, 8, 57)));
        assert_eq!(home.others().count(), 253);
        assert_eq!(home.to_string(), "10.9.9.0/24");
        assert_eq!(network("10.9.9.3", 22).others().count(), 1021);
        assert_eq!(network("10.9.9.3", 21).others().count(), 0);
        assert_eq!(network("10.9.9.3", 32).others().count(), 0);
        assert!(network("10.9.9.3", 0).contains(Ipv4Addr::new(1, 2, 3, 4)));
    }

    #[test]
    fn a_station_is_one_before_its_access_point_and_two_before_its_bluetooth() {
        let of = |made: Vec<Bssid>| made.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mac = |text: &str| text.parse().expect("an address");
        assert_eq!(of(stations_of_access_point(mac("24:0a:c4:11:22:01"))), ["24:0a:c4:11:22:00"]);
        // Only the last byte counts.
        assert_eq!(of(stations_of_access_point(mac("24:0a:c4:11:22:00"))), ["24:0a:c4:11:22:ff"]);
        // One that was derived, as of two addresses.
        let derived = of(stations_of_access_point(mac("26:0a:c4:11:22:33")));
        assert_eq!(derived, ["24:0a:c4:11:22:33", "26:0a:c4:11:22:32"]);
        assert_eq!(
            of(stations_of_bluetooth(mac("24:0a:c4:11:22:35"))),
            ["24:0a:c4:11:22:33", "24:0a:c4:11:22:34"]
        );
    }
}
