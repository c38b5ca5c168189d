//! Notices devices as they appear.

use std::{
    collections::{BTreeMap, HashSet},
    mem,
    path::Path,
    sync::Arc,
    time::Duration,
};

use esp_prov::{
    address::{AccessPointSelector, Address, BleAddress, BleSelector, Host, HttpAddress},
    advertised, seen, task,
    transport::{
        ble::{Advertisement, BleScan, SERVICES},
        softap::{Wifi, WifiError, check},
    },
};
use tokio::{
    net::TcpStream,
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::{BatchEvent, Entry, Watcher, concurrency::TransportSlots};

/// How many addresses are probed at once.
const PROBES: usize = 64;

/// How long connecting to a device may take.
const PROBE_WITHIN: Duration = Duration::from_secs(1);

/// The shortest interval between checks of an adapter that can't scan.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The maximum number of devices remembered per adapter; unknown devices beyond it are not
/// reported. Some devices change their addresses all day.
const MOST_KNOWN: usize = 4096;

/// How to watch for devices.
#[derive(Default)]
pub struct Watch {
    /// The scans, one for each adapter that the roster names.
    pub scans: Vec<AdapterScan>,
    /// The access points that this machine sees, if the roster has devices on theirs.
    pub access_points: Option<AccessPointScan>,
    /// Which unknown devices are reported: those whose name has this prefix. Without a prefix,
    /// those that have a name and advertise a service of provisioning firmware, and access points
    /// that are named like those of the vendor's examples.
    pub prefix: Option<String>,
    /// The interval between checks: of the scans, of serial ports, and of an address that does not
    /// answer.
    pub every: Duration,
}

/// A scan on one adapter.
pub struct AdapterScan {
    /// The adapter's name in the roster; `None` for the first adapter.
    pub adapter: Option<String>,
    /// The scan, which runs until it is dropped.
    pub scan: BleScan,
}

/// A scan for access points.
pub struct AccessPointScan {
    /// This machine's Wi-Fi.
    pub wifi: Arc<dyn Wifi>,
}

/// Something that the watch noticed.
pub(super) enum Noticed {
    /// The device with this id appeared for the first time.
    Device(String),
    /// An adapter is unavailable, or this machine's Wi-Fi.
    AdapterAway {
        /// The devices that need it.
        slots: TransportSlots,
        /// The reason.
        error: String,
    },
}

/// Reports each device of `entries` when it first appears, and adapters that are unavailable. Stops
/// when the returned tasks are dropped.
pub(super) fn notice(
    watch: Watch,
    entries: Vec<Arc<Entry>>,
    watcher: Arc<dyn Watcher>,
) -> (mpsc::UnboundedReceiver<Noticed>, JoinSet<()>) {
    let (tell, told) = mpsc::unbounded_channel();
    let Watch { scans, access_points, prefix, every } = watch;
    let mut tasks = JoinSet::new();
    let (mut hosts, mut ports, mut named) = (Vec::new(), Vec::new(), Vec::new());
    let mut on_air: BTreeMap<Option<String>, Vec<(String, BleSelector)>> = BTreeMap::new();
    for entry in entries {
        match &entry.address {
            Address::Http(address) => hosts.push((entry.id.clone(), address.clone())),
            Address::Softap(softap) => {
                named.push((entry.id.clone(), softap.access_point.clone()));
            }
            Address::Console(console) => ports.push((entry.id.clone(), console.port.clone())),
            Address::Ble(BleAddress { wanted, adapter }) => {
                let those = on_air.entry(adapter.clone()).or_default();
                those.push((entry.id.clone(), wanted.clone()));
            }
            // These devices are always present.
            Address::Virtual | Address::ManualConsole => {
                drop(tell.send(Noticed::Device(entry.id.clone())));
            }
        }
    }
    if !hosts.is_empty() {
        tasks.spawn(task(probe(hosts, every, tell.clone())));
    }
    if !ports.is_empty() {
        tasks.spawn(task(look(ports, every, tell.clone())));
    }
    if let Some(AccessPointScan { wifi }) = access_points {
        let (tell, watcher, prefix) = (tell.clone(), Arc::clone(&watcher), prefix.clone());
        tasks.spawn(task(look_around(wifi, named, prefix, every, tell, watcher)));
    }
    for AdapterScan { adapter, scan } in scans {
        let wanted = on_air.remove(&adapter).unwrap_or_default();
        let (tell, watcher, prefix) = (tell.clone(), Arc::clone(&watcher), prefix.clone());
        tasks.spawn(task(async move {
            let scan = AdapterScan { adapter, scan };
            listen(scan, wanted, prefix, every, tell, watcher).await;
        }));
    }
    (told, tasks)
}

/// Probes each address until it accepts a connection.
async fn probe(
    hosts: Vec<(String, HttpAddress)>,
    every: Duration,
    tell: mpsc::UnboundedSender<Noticed>,
) {
    let permits = Arc::new(Semaphore::new(PROBES));
    let mut probing = JoinSet::new();
    for (id, address) in hosts {
        let (permits, tell) = (Arc::clone(&permits), tell.clone());
        probing.spawn(task(async move {
            loop {
                {
                    let _permit = permits.acquire().await;
                    if is_open(&address).await {
                        let _ = tell.send(Noticed::Device(id));
                        return;
                    }
                }
                sleep(every).await;
            }
        }));
    }
    while probing.join_next().await.is_some() {}
}

async fn is_open(HttpAddress { host, port }: &HttpAddress) -> bool {
    let host = match host {
        Host::Name(name) => name.clone(),
        Host::V6(address, None) => address.to_string(),
        Host::V6(address, Some(zone)) => format!("{address}%{zone}"),
    };
    matches!(timeout(PROBE_WITHIN, TcpStream::connect((host.as_str(), *port))).await, Ok(Ok(_)))
}

/// Checks for serial ports until all are present.
async fn look(
    mut ports: Vec<(String, String)>,
    every: Duration,
    tell: mpsc::UnboundedSender<Noticed>,
) {
    loop {
        let there = listed_ports();
        ports.retain(|(id, port)| {
            let is_there = there.contains(port) || Path::new(port).exists();
            if is_there {
                let _ = tell.send(Noticed::Device(id.clone()));
            }
            !is_there
        });
        if ports.is_empty() {
            return;
        }
        sleep(every).await;
    }
}

#[cfg(feature = "serial")]
fn listed_ports() -> HashSet<String> {
    esp_prov::transport::serial_ports().into_iter().map(|found| found.port).collect()
}

#[cfg(not(feature = "serial"))]
fn listed_ports() -> HashSet<String> {
    HashSet::new()
}

/// What keeps a scan from working. Each problem is reported once until the scan works again.
struct Trouble {
    slots: TransportSlots,
    is_away: bool,
    is_failing: bool,
}

impl Trouble {
    fn with(slots: TransportSlots) -> Self {
        Self { slots, is_away: false, is_failing: false }
    }

    fn is_there(&self) -> bool {
        self.is_away || self.is_failing
    }

    fn clear(&mut self) {
        (self.is_away, self.is_failing) = (false, false);
    }

    fn report(
        &mut self,
        error: String,
        is_away: bool,
        tell: &mpsc::UnboundedSender<Noticed>,
        watcher: &dyn Watcher,
    ) {
        let known = if is_away { &mut self.is_away } else { &mut self.is_failing };
        if mem::replace(known, true) {
            return;
        }
        if is_away {
            let _ = tell.send(Noticed::AdapterAway { slots: self.slots.clone(), error });
        } else {
            watcher.notify(BatchEvent::ListenFailed { error });
        }
    }
}

/// Listens for the wanted devices for as long as the batch runs, because others may appear.
async fn listen(
    AdapterScan { adapter, scan }: AdapterScan,
    mut wanted: Vec<(String, BleSelector)>,
    prefix: Option<String>,
    every: Duration,
    tell: mpsc::UnboundedSender<Noticed>,
    watcher: Arc<dyn Watcher>,
) {
    let began = Instant::now();
    let mut known: HashSet<String> = HashSet::new();
    let mut trouble = Trouble::with(TransportSlots::Ble(adapter));
    loop {
        match scan.heard().await {
            Ok(heard) => {
                trouble.clear();
                for one in heard {
                    let is_meant = |(_, wanted): &(String, BleSelector)| one.is(wanted);
                    if let Some(at) = wanted.iter().position(is_meant) {
                        let (id, _) = wanted.remove(at);
                        known.insert(one.id.clone());
                        let _ = tell.send(Noticed::Device(id));
                    } else if is_of_interest(&one, prefix.as_deref())
                        && known.len() < MOST_KNOWN
                        && known.insert(one.id.clone())
                    {
                        let nearby = advertised(one, None, began.elapsed());
                        watcher.notify(BatchEvent::UnknownDevice { nearby });
                    }
                }
            }
            Err(error) => trouble.report(error.to_string(), error.is_away(), &tell, &*watcher),
        }
        sleep(if trouble.is_there() { every.max(LOOK_AGAIN) } else { every }).await;
    }
}

/// Looks for access points, and tells which of the roster's devices are there.
async fn look_around(
    wifi: Arc<dyn Wifi>,
    mut wanted: Vec<(String, AccessPointSelector)>,
    prefix: Option<String>,
    every: Duration,
    tell: mpsc::UnboundedSender<Noticed>,
    watcher: Arc<dyn Watcher>,
) {
    let began = Instant::now();
    let mut known = HashSet::new();
    let mut trouble = Trouble::with(TransportSlots::Softap);
    loop {
        let visible = match wifi.visible(None).await {
            Ok(none) if none.is_empty() => absence(&*wifi).await.map_or(Ok(none), Err),
            visible => visible,
        };
        match visible {
            Ok(access_points) => {
                trouble.clear();
                for one in access_points {
                    let meant = wanted.iter().position(|(_, wanted)| one.is(wanted));
                    let nearby = seen(one, began.elapsed());
                    if let Some(at) = meant {
                        let (id, _) = wanted.remove(at);
                        known.insert(nearby.address);
                        let _ = tell.send(Noticed::Device(id));
                        continue;
                    }
                    let is_meant = match (&prefix, &nearby.name) {
                        (Some(prefix), Some(name)) => name.starts_with(prefix.as_str()),
                        (prefix, _) => prefix.is_none() && nearby.provisions,
                    };
                    if is_meant && known.len() < MOST_KNOWN && known.insert(nearby.address.clone())
                    {
                        watcher.notify(BatchEvent::UnknownDevice { nearby });
                    }
                }
            }
            Err(error) => trouble.report(error.to_string(), error.is_away(), &tell, &*watcher),
        }
        wifi.scan(None).await;
        sleep(every.max(LOOK_AGAIN)).await;
    }
}

/// What keeps this machine from seeing any access point.
async fn absence(wifi: &dyn Wifi) -> Option<WifiError> {
    let host = wifi.host().await;
    host.and_then(|host| check(&host, None)).err().filter(WifiError::is_away)
}

fn is_of_interest(one: &Advertisement, prefix: Option<&str>) -> bool {
    let ours = |service: &Uuid| SERVICES.contains(service);
    match (prefix, &one.name) {
        (Some(prefix), Some(name)) => name.starts_with(prefix),
        (Some(_), None) => false,
        (None, name) => one.services.iter().any(ours) && name.is_some(),
    }
}
