//! A Bluetooth radio and the devices in its reach, all made of software.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    Connect, Transport, TransportError,
    transport::ble::{Adapter, Advertisement, Characteristic, Peer, RadioError, SERVICES},
};
use esp_prov_simulate::VirtualDevice;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};
use uuid::Uuid;

use super::{Host, lock};

/// A service that every device has.
const GENERIC: Uuid = Uuid::from_u128(0x0000_1801_0000_1000_8000_0080_5f9b_34fb);

/// What a healthy device does once in a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// It answers a request that it did not process with an ATT error.
    Rejected,
    /// With one that says that it may not be written.
    Forbidden,
    /// The reply to it is gone.
    Empty,
    /// It takes longer than anybody waits.
    Late,
}

/// The numbers of endpoints with the vendor's manager.
const MANAGER: [(&str, u16); 6] = [
    ("prov-ctrl", 0xff4f),
    ("prov-scan", 0xff50),
    ("prov-session", 0xff51),
    ("prov-config", 0xff52),
    ("proto-ver", 0xff53),
    ("custom-data", 0xff54),
];

/// Those of the vendor's examples that have no manager: `ble_prov` of ESP-IDF v3.2, and of v3.3 to v4.4.
pub const EXAMPLES: [[(&str, u16); 4]; 2] = [
    [
        ("prov-session", 0xff51),
        ("prov-config", 0xff52),
        ("proto-ver", 0xff53),
        ("custom-data", 0xff54),
    ],
    [("prov-session", 1), ("prov-config", 2), ("proto-ver", 3), ("custom-data", 4)],
];

/// A device that advertises.
#[allow(clippy::struct_excessive_bools, reason = "each is an oddity of its own")]
#[derive(Clone)]
pub struct Station {
    pub id: &'static str,
    pub name: Option<&'static str>,
    /// When it is first heard, and when its name is.
    pub heard_after: Duration,
    pub named_after: Duration,
    /// When it leaves the air.
    pub heard_until: Duration,
    /// Whether the system says that its name is whole.
    pub is_named_whole: bool,
    pub service: Uuid,
    /// Without them its endpoints are known by number.
    pub has_descriptions: bool,
    /// The numbers of its endpoints.
    pub numbers: &'static [(&'static str, u16)],
    /// How it spells the names of its endpoints.
    pub spelling: fn(&str) -> String,
    /// The endpoint whose name can't be read.
    pub nameless: Option<&'static str>,
    /// Whether its signal is another at each look.
    pub flickers: bool,
    /// How many attempts to connect fail.
    pub refuses: usize,
    /// What goes wrong at which write, from 1, over all connections.
    pub mishap: Option<(usize, RadioError)>,
    /// What is odd about which write, or about each (0), over a link that stays.
    pub odd: Option<(usize, Odd)>,
    /// At which write, from 1, over all connections, the machine's Bluetooth goes away, and for how
    /// long. 0 is each time that it is connected to.
    pub host_fault: Option<(usize, RadioError, Duration)>,
    /// Whether the system takes it for the firmware it had before, until told to forget it.
    pub is_remembered: bool,
    /// Whether a process that was killed has left it connected.
    pub is_held: bool,
    /// Whether another program connects again as soon as a link is closed.
    pub stays_connected: bool,
    pub device: VirtualDevice,
    /// The way to it, if that is not straight.
    pub way: Option<Arc<dyn Connect>>,
}

impl Station {
    pub fn of(device: &VirtualDevice) -> Self {
        Self {
            id: "24:0A:C4:11:22:33",
            name: Some("PROV_1234"),
            heard_after: Duration::ZERO,
            named_after: Duration::ZERO,
            heard_until: Duration::MAX,
            is_named_whole: false,
            service: SERVICES[0],
            has_descriptions: true,
            numbers: &MANAGER,
            spelling: str::to_owned,
            nameless: None,
            flickers: false,
            refuses: 0,
            mishap: None,
            odd: None,
            host_fault: None,
            is_remembered: false,
            is_held: false,
            stays_connected: false,
            device: device.clone(),
            way: None,
        }
    }
}

/// The radio.
pub struct Air {
    stations: Vec<Station>,
    /// What the system takes to tell what was heard.
    pub look_takes: Duration,
    /// By the devices' ids.
    links: HashMap<&'static str, Arc<std::sync::Mutex<Link>>>,
    began: Instant,
    counts: Arc<Counts>,
    host: Host,
    /// How often the machine's Bluetooth was away when it began to listen.
    listens_since: AtomicUsize,
}

/// What the system has of a device. It outlives whoever asked for it.
#[derive(Default)]
struct Link {
    is_connected: bool,
    is_closing: bool,
    is_ours: bool,
    /// Once it was closed.
    advertises_from: Option<Instant>,
    session: Arc<Mutex<Option<Box<dyn Transport>>>>,
}

/// As BlueZ waits before it closes a link (`device.c`, 5.66), and what the device takes then.
const CLOSES_AFTER: Duration = Duration::from_secs(2);
const ADVERTISES_AFTER: Duration = Duration::from_millis(400);

/// What was done with the radio.
#[derive(Default)]
pub struct Counts {
    pub listening: AtomicBool,
    pub attempts: AtomicUsize,
    /// Links that nobody has closed.
    pub open: AtomicUsize,
    /// Links at all, of those that are being closed, too.
    pub connected: AtomicUsize,
    /// Links that were built.
    pub links: AtomicUsize,
    pub descriptions: AtomicUsize,
    pub writes: AtomicUsize,
    pub reads: AtomicUsize,
    pub forgotten: AtomicUsize,
}

impl Air {
    pub fn with(stations: Vec<Station>) -> Self {
        Self::on(&Host::default(), stations)
    }

    pub fn on(host: &Host, stations: Vec<Station>) -> Self {
        let (look_takes, began) = (Duration::ZERO, Instant::now());
        let link = |one: &Station| Link { is_connected: one.is_held, ..Link::default() };
        let links = stations.iter().map(|one| (one.id, Arc::new(link(one).into()))).collect();
        let (counts, host) = (Arc::default(), host.clone());
        let listens_since = AtomicUsize::new(0);
        Self { stations, look_takes, links, began, counts, host, listens_since }
    }

    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }
}

fn add(count: &AtomicUsize) -> usize {
    count.fetch_add(1, Ordering::SeqCst) + 1
}

#[async_trait]
impl Adapter for Air {
    async fn ready(&self) -> Result<(), RadioError> {
        self.host.ready().map(drop)
    }

    async fn listen(&self) -> Result<(), RadioError> {
        let absences = self.host.ready()?;
        let listened = self.counts.listening.swap(true, Ordering::SeqCst);
        let since = self.listens_since.swap(absences, Ordering::SeqCst);
        assert!(!listened || since < absences, "it listens already");
        Ok(())
    }

    async fn heard(&self) -> Result<Vec<Advertisement>, RadioError> {
        sleep(self.look_takes).await;
        if self.host.ready()? > self.listens_since.load(Ordering::SeqCst) {
            // Nobody has told it to listen again.
            return Ok(Vec::new());
        }
        let time = self.began.elapsed();
        let is_heard = |one: &&Station| (one.heard_after..one.heard_until).contains(&time);
        let heard = self.stations.iter().filter(is_heard);
        let advertisement = |one: &Station| {
            let link = lock(&self.links[one.id]);
            let flickers = one.flickers && time.as_millis() / 100 % 2 == 1;
            let advertises = link.advertises_from.is_none_or(|from| from <= Instant::now());
            advertises.then(|| Advertisement {
                id: one.id.to_owned(),
                name: one.name.filter(|_| one.named_after <= time).map(str::to_owned),
                is_named_whole: one.is_named_whole,
                rssi: (!link.is_connected).then_some(if flickers { -60 } else { -50 }),
                // As BlueZ lists them once it has been connected.
                services: vec![GENERIC, one.service],
                is_connected: link.is_connected,
            })
        };
        Ok(heard.filter_map(advertisement).collect())
    }

    async fn stop(&self) {
        self.counts.listening.store(false, Ordering::SeqCst);
    }

    async fn forget(&self, _: &str) {
        add(&self.counts.forgotten);
    }

    async fn peer(&self, id: &str) -> Result<Box<dyn Peer>, RadioError> {
        self.host.ready()?;
        let station = self.stations.iter().find(|one| one.id == id);
        let station = station.ok_or(RadioError::Other("no such device".into()))?;
        let endpoints = station.numbers.iter().filter(|(name, _)| station.device.serves(name));
        let endpoints = endpoints.map(|&(name, number)| {
            let mut uuid = *station.service.as_bytes();
            uuid[2..4].copy_from_slice(&number.to_be_bytes());
            (Uuid::from_bytes(uuid), name)
        });
        Ok(Box::new(Linked {
            station: station.clone(),
            endpoints: endpoints.collect(),
            link: Arc::clone(&self.links[station.id]),
            values: std::sync::Mutex::default(),
            counts: Arc::clone(&self.counts),
            host: self.host.clone(),
            open_since: AtomicUsize::new(0),
        }))
    }
}

struct Linked {
    station: Station,
    /// In an order that does not change.
    endpoints: BTreeMap<Uuid, &'static str>,
    link: Arc<std::sync::Mutex<Link>>,
    values: std::sync::Mutex<HashMap<Uuid, Vec<u8>>>,
    counts: Arc<Counts>,
    host: Host,
    /// How often the machine's Bluetooth was away when it was connected.
    open_since: AtomicUsize,
}

impl Linked {
    /// Whether the machine's Bluetooth was there all the time.
    fn host(&self) -> Result<(), RadioError> {
        if self.host.ready()? > self.open_since.load(Ordering::SeqCst) {
            return Err(RadioError::NoService("it was started anew".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl Peer for Linked {
    async fn connect(&self) -> Result<(), RadioError> {
        self.open_since.store(self.host.ready()?, Ordering::SeqCst);
        assert!(!self.counts.listening.load(Ordering::SeqCst), "it still listens");
        if let Some((0, error, time)) = &self.station.host_fault {
            add(&self.counts.attempts);
            sleep(Duration::from_millis(200)).await;
            self.host()?;
            self.host.goes_for(*time, error.clone());
            return self.host();
        }
        if add(&self.counts.attempts) <= self.station.refuses {
            return Err(RadioError::Other("le-connection-abort-by-local".into()));
        }
        if lock(&self.link).is_connected {
            // BlueZ says so whatever becomes of it.
            return Ok(());
        }
        let straight: &dyn Connect = &self.station.device;
        let way = self.station.way.as_deref().unwrap_or(straight);
        let session = way.connect(Duration::ZERO).await;
        let session = session.map_err(|error| RadioError::Lost(error.to_string()))?;
        let session = Arc::new(Mutex::new(Some(session)));
        *lock(&self.link) = Link { is_connected: true, is_ours: true, session, ..Link::default() };
        add(&self.counts.open);
        add(&self.counts.connected);
        add(&self.counts.links);
        Ok(())
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        let service = self.station.service;
        let described = self.station.has_descriptions;
        let ours = self.endpoints.keys().map(|&uuid| Characteristic { service, uuid, described });
        let other = Characteristic { service: GENERIC, uuid: GENERIC, described: false };
        ours.chain([other]).collect()
    }

    async fn description(&self, of: &Characteristic) -> Result<Vec<u8>, RadioError> {
        self.host()?;
        add(&self.counts.descriptions);
        let name = *self.endpoints.get(&of.uuid).expect("one of ours");
        if self.station.nameless == Some(name) {
            return Err(RadioError::Forbidden("ATT error: 0x02".to_owned()));
        }
        Ok((self.station.spelling)(name).into_bytes())
    }

    async fn write(&self, to: &Characteristic, value: &[u8]) -> Result<(), RadioError> {
        let number = add(&self.counts.writes);
        if let Some((at, error, time)) = &self.station.host_fault
            && *at == number
        {
            self.host.goes_for(*time, error.clone());
        }
        self.host()?;
        let name = *self.endpoints.get(&to.uuid).expect("one of ours");
        let session = Arc::clone(&lock(&self.link).session);
        let mut link = session.lock().await;
        if let Some((at, error)) = &self.station.mishap
            && *at == number
        {
            *link = None;
            return Err(error.clone());
        }
        let odd = self.station.odd.filter(|(at, _)| [0, number].contains(at)).map(|(_, odd)| odd);
        if odd == Some(Odd::Forbidden) {
            return Err(RadioError::Forbidden("Write not permitted".into()));
        }
        if odd == Some(Odd::Rejected) {
            return Err(RadioError::Rejected("ATT error: 0x0e".into()));
        }
        if self.station.is_remembered && self.counts.forgotten.load(Ordering::SeqCst) == 0 {
            return Err(RadioError::Rejected("ATT error: 0x04".into()));
        }
        let lost = || RadioError::Lost("Not connected".into());
        let answer = link.as_mut().ok_or_else(lost)?;
        let endpoint = name.parse().expect("the name of an endpoint");
        match answer.exchange(&endpoint, value).await {
            Ok(reply) => {
                let reply = if odd == Some(Odd::Empty) { Vec::new() } else { reply };
                lock(&self.values).insert(to.uuid, reply);
                if odd == Some(Odd::Late) {
                    sleep(Duration::from_secs(60)).await;
                }
                Ok(())
            }
            Err(TransportError::NoReply) => Err(RadioError::Rejected("ATT error: 0x04".into())),
            Err(_) => {
                *link = None;
                Err(lost())
            }
        }
    }

    async fn read(&self, from: &Characteristic) -> Result<Vec<u8>, RadioError> {
        self.host()?;
        add(&self.counts.reads);
        Ok(lock(&self.values).get(&from.uuid).cloned().unwrap_or_default())
    }

    async fn disconnect(&self) {
        let mut link = lock(&self.link);
        if !link.is_connected
            || self.station.stays_connected
            || mem::replace(&mut link.is_closing, true)
        {
            return;
        }
        if link.is_ours {
            self.counts.open.fetch_sub(1, Ordering::SeqCst);
        }
        drop(link);
        let (link, counts) = (Arc::clone(&self.link), Arc::clone(&self.counts));
        // The machine's Bluetooth takes its links along.
        let closes_after = if self.host().is_ok() { CLOSES_AFTER } else { Duration::ZERO };
        let close = async move {
            sleep(closes_after).await;
            let advertises_from = Some(Instant::now() + ADVERTISES_AFTER);
            let before =
                mem::replace(&mut *lock(&link), Link { advertises_from, ..Link::default() });
            *before.session.lock().await = None;
            if before.is_ours {
                counts.connected.fetch_sub(1, Ordering::SeqCst);
            }
        };
        tokio::spawn(close);
    }

    async fn closed(&self) {
        while lock(&self.link).is_connected {
            sleep(Duration::from_millis(50)).await;
        }
    }
}
