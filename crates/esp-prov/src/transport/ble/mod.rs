//! BLE: a GATT service with one characteristic for each endpoint. A request is written with
//! response, then the reply is read (`protocomm_ble.c`, `protocomm_nimble.c`, ESP-IDF v4.0 to
//! v5.5).
//!
//! ```text
//!  listen ─▶ the wanted advertisement ─▶ connect ─▶ names of endpoints ─▶ write, read, write, …
//! ```

mod adapter;
#[cfg(all(feature = "ble", target_os = "linux"))]
mod bluez;
mod connection;
mod listen;
#[cfg(feature = "ble")]
mod platform;
#[cfg(feature = "ble")]
mod said;
mod search;

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use protocomm::{
    Bssid, Endpoint,
    ble::{self, LONGEST, NUMBERS},
};
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

pub use self::{
    adapter::{Adapter, Advertisement, Characteristic, Details, Peer, RadioError},
    listen::BleScan,
    search::{Care, CutName},
};
use self::{
    connection::{Closing, Connection},
    search::Search,
};
use super::{Connect, EndpointList, EndpointLocation, Transport, TransportError};
use crate::{
    address::{BleAddress, BleSelector},
    few::sort_few,
    verify::stations_of_bluetooth,
};

/// The pause before the second attempt to connect. The first attempt fails occasionally.
const CONNECT_AGAIN: Duration = Duration::from_millis(300);

/// The UUIDs of the [services](ble::SERVICES) that provisioning firmware advertises.
pub const SERVICES: [Uuid; 3] = {
    let [examples, manager, old] = ble::SERVICES;
    [Uuid::from_u128(examples), Uuid::from_u128(manager), Uuid::from_u128(old)]
};

/// Reaches a device by BLE. After the first connection it identifies the device by address, so that
/// another device with the same name is never mistaken for it.
pub struct BleConnect {
    address: BleAddress,
    care: Care,
    known: OnceLock<String>,
    adapter: Arc<dyn Adapter>,
    closing: Closing,
    before: Arc<Before>,
}

/// What is remembered from one connection to the next.
#[derive(Default)]
struct Before {
    /// Whether the device gave no reply at all over the last connection.
    is_silent: AtomicBool,
    /// Whether the device gave an empty reply.
    was_empty: AtomicBool,
}

impl BleConnect {
    /// Reaches the device at `address` with the system's Bluetooth.
    #[cfg(feature = "ble")]
    pub fn new(address: BleAddress) -> Self {
        let adapter = platform::adapter(address.adapter.as_deref());
        Self::with_adapter(address, adapter)
    }

    /// Reaches the device at `address` with your own adapter.
    pub fn with_adapter(address: BleAddress, adapter: Arc<dyn Adapter>) -> Self {
        Self {
            address,
            care: Care::default(),
            known: OnceLock::new(),
            adapter,
            closing: Closing::default(),
            before: Arc::default(),
        }
    }

    /// Sets how certain the identity of the device has to be; see [`Care`].
    #[must_use]
    pub fn with(self, care: Care) -> Self {
        Self { care, ..self }
    }

    /// Waits until the device advertises.
    async fn find(&self, deadline: Instant) -> Result<Advertisement, TransportError> {
        let scan = BleScan::start(Arc::clone(&self.adapter), &self.closing);
        let scan = timeout_at(deadline, scan).await;
        let scan = scan.unwrap_or_else(|_| Err(RadioError::no_answer()))?;
        let known = self.known.get().map(String::as_str);
        let search = Search { wanted: &self.address.wanted, care: self.care, known };
        let found = scan.find(&search, deadline).await;
        scan.stop().await;
        found
    }

    async fn open(&self, id: &str) -> Result<Connection, RadioError> {
        let peer: Arc<dyn Peer> = self.adapter.peer(id).await?.into();
        // A connection that fails or is given up half-way is closed like any other.
        let connection = Connection::to(Arc::clone(&peer), &self.closing);
        peer.connect().await?;
        Ok(connection)
    }

    /// Finds the device and makes one attempt to connect to it.
    async fn link(&self, deadline: Instant) -> Result<BleLink, TransportError> {
        // Connecting while the last connection is being closed would return that one, which then
        // breaks.
        let closed = timeout_at(deadline, self.closing.done()).await;
        closed
            .map_err(|_| TransportError::NoTime("the link before is still closing".to_owned()))?;
        let mut found = self.find(deadline).await.map_err(at_connect)?;
        if self.before.is_silent.swap(false, Ordering::Relaxed) {
            // The system's cache may be from the firmware that the device had before.
            self.adapter.forget(&found.id).await;
            found = self.find(deadline).await.map_err(at_connect)?;
        }
        let connection = self.open(&found.id).await;
        let connection = connection.map_err(|error| match error {
            // The service was there a moment ago, when the device was heard.
            RadioError::NoService(why) => RadioError::Died(why).into(),
            other => at_connect(other.into()),
        })?;
        self.before.is_silent.store(true, Ordering::Relaxed);
        self.known.get_or_init(|| found.id.clone());
        let cut_name = CutName::of(&self.address.wanted, &found);
        Ok(BleLink::new(connection, found, cut_name, Arc::clone(&self.before)))
    }
}

#[async_trait]
impl Connect for BleConnect {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        // A little less than the caller waits, since the error here is more specific.
        let deadline = Instant::now() + within.mul_f64(0.9);
        let link = match self.link(deadline).await {
            Err(TransportError::Connect(why)) if Instant::now() + CONNECT_AGAIN < deadline => {
                sleep(CONNECT_AGAIN).await;
                match self.link(deadline).await {
                    // The device was there a moment ago.
                    Err(TransportError::NotFound(_)) => Err(TransportError::Connect(why)),
                    linked => linked,
                }
            }
            linked => linked,
        };
        Ok(Box::new(link?))
    }

    async fn ready(&self) -> Result<(), TransportError> {
        Ok(self.adapter.ready().await?)
    }

    fn longest(&self, _endpoint: &Endpoint) -> usize {
        LONGEST
    }

    async fn settle(&self) {
        self.closing.begun().await;
    }

    fn station_addresses(&self) -> Vec<Bssid> {
        let id = match &self.address.wanted {
            BleSelector::Id(id) => Some(id),
            _ => self.known.get(),
        };
        let address = id.and_then(|id| id.parse().ok());
        address.map(stations_of_bluetooth).unwrap_or_default()
    }
}

struct BleLink {
    connection: Connection,
    id: String,
    cut_name: Option<CutName>,
    before: Arc<Before>,
    /// The characteristics of the provisioning service.
    characteristics: Vec<Characteristic>,
    /// Endpoint names that were read, in lower case, as the vendor's tool compares them.
    known: HashMap<String, Characteristic>,
    /// The characteristics whose names were not read yet.
    unread: Vec<Characteristic>,
    /// The characteristics whose names can't be read.
    nameless: Vec<Characteristic>,
}

impl BleLink {
    fn new(
        connection: Connection,
        found: Advertisement,
        cut_name: Option<CutName>,
        before: Arc<Before>,
    ) -> Self {
        let all = connection.peer().map(|peer| peer.characteristics()).unwrap_or_default();
        let characteristics = of_our_service(all, &found.services);
        let known = of_manager(&characteristics);
        let unread =
            |one: &&Characteristic| one.described && !known.values().any(|known| known == *one);
        let unread = characteristics.iter().filter(unread).cloned().collect();
        let nameless = Vec::new();
        let id = found.id;
        Self { connection, id, cut_name, before, characteristics, known, unread, nameless }
    }

    /// Finds the characteristic of an endpoint by its description, and reads the description at the
    /// usual UUID first. If no characteristic has a description, the usual UUID decides.
    async fn find(&mut self, endpoint: &Endpoint) -> Result<Characteristic, TransportError> {
        let name = endpoint.as_str().to_ascii_lowercase();
        let usual = usual(&self.characteristics, &name);
        if let Some(usual) = &usual {
            sort_few(&mut self.unread, |one| one.uuid != usual.uuid);
        }
        while !self.known.contains_key(&name) && !self.unread.is_empty() {
            let one = self.unread.remove(0);
            match self.read_name(&one, endpoint).await? {
                Some(read) => drop(self.known.insert(read.to_ascii_lowercase(), one)),
                None => self.nameless.push(one),
            }
        }
        let found = self.known.get(&name).cloned();
        let undescribed = self.characteristics.iter().all(|one| !one.described);
        found
            .or(usual.filter(|usual| undescribed || self.nameless.contains(usual)))
            .ok_or_else(|| TransportError::NoSuchEndpoint(endpoint.clone()))
    }

    /// Reads the endpoint name of a characteristic, if the device lets it be read.
    async fn read_name(
        &self,
        of: &Characteristic,
        endpoint: &Endpoint,
    ) -> Result<Option<String>, TransportError> {
        match self.connection.peer()?.description(of).await {
            Ok(read) => Ok(Some(String::from_utf8_lossy(ble::described(&read)).into_owned())),
            Err(RadioError::Forbidden(_) | RadioError::Rejected(_)) => Ok(None),
            Err(error) => Err(lost(error, endpoint)),
        }
    }
}

/// The endpoints of firmware that is built on the vendor's provisioning manager, which gives them
/// fixed numbers (`manager.c`, ESP-IDF v4.0 to v5.5): their names need not be read. Firmware without
/// the manager never has all of these: it has no endpoint to scan.
fn of_manager(all: &[Characteristic]) -> HashMap<String, Characteristic> {
    let manager = [Endpoint::SCAN, Endpoint::SESSION, Endpoint::CONFIG, Endpoint::VERSION];
    if !manager.iter().all(|endpoint| usual(all, endpoint.as_str()).is_some()) {
        return HashMap::new();
    }
    let there =
        NUMBERS.iter().filter_map(|(name, _)| Some(((*name).to_owned(), usual(all, name)?)));
    there.collect()
}

/// The characteristic with the UUID that ESP-IDF's provisioning manager gives to an endpoint.
fn usual(all: &[Characteristic], name: &str) -> Option<Characteristic> {
    let (_, number) = NUMBERS.iter().find(|(known, _)| *known == name)?;
    all.iter().find(|one| one.uuid == numbered(one.service, *number)).cloned()
}

fn numbered(service: Uuid, number: u16) -> Uuid {
    Uuid::from_u128(ble::numbered(service.as_u128(), number))
}

/// The characteristics of the provisioning service: a service that firmware is known to have, or
/// else one that was advertised. After BlueZ has connected to a device once, it reports all
/// services of the device as advertised.
fn of_our_service(all: Vec<Characteristic>, advertised: &[Uuid]) -> Vec<Characteristic> {
    let is_there = |service: &&Uuid| all.iter().any(|one| one.service == **service);
    let own = advertised.iter().filter(|service| !is_assigned(service));
    match SERVICES.iter().chain(own).find(is_there).copied() {
        Some(service) => all.into_iter().filter(|one| one.service == service).collect(),
        // The firmware has a service of its own, and its advertisement was not fully received.
        None => all.into_iter().filter(|one| !is_assigned(&one.service)).collect(),
    }
}

/// Whether a service is a standard one, with a UUID assigned by the Bluetooth SIG.
fn is_assigned(service: &Uuid) -> bool {
    const BASE: u128 = 0x0000_0000_0000_1000_8000_0080_5f9b_34fb;
    let number = service.as_u128() ^ BASE;
    number.trailing_zeros() >= 96 && !SERVICES.contains(service)
}

#[async_trait]
impl Transport for BleLink {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        let too_long = |limit| {
            let (endpoint, bytes) = (endpoint.clone(), body.len());
            TransportError::RequestTooLong { endpoint, bytes, limit }
        };
        if body.len() > LONGEST {
            return Err(too_long(Some(LONGEST)));
        }
        let characteristic = self.find(endpoint).await?;
        let peer = self.connection.peer()?;
        // After a failed write, the value is not read, since it is that of an earlier request.
        peer.write(&characteristic, body).await.map_err(|error| match error {
            RadioError::TooLong(_) => too_long(None),
            other => lost(other, endpoint),
        })?;
        let reply = peer.read(&characteristic).await.map_err(|error| lost(error, endpoint))?;
        // No reply of the manager is empty, except a version that was never set.
        let is_empty = reply.is_empty() && Endpoint::MANAGER.contains(endpoint);
        if is_empty && !self.before.was_empty.swap(true, Ordering::Relaxed) {
            return Err(TransportError::NoReply);
        }
        self.before.is_silent.store(false, Ordering::Relaxed);
        Ok(reply)
    }

    fn cut_name(&self) -> Option<&CutName> {
        self.cut_name.as_ref()
    }

    fn device_id(&self) -> Option<&str> {
        Some(&self.id)
    }

    /// Lists all characteristics, with the endpoint names of those in the provisioning service.
    async fn list_endpoints(
        &mut self,
        _names: &[Endpoint],
    ) -> Result<EndpointList, TransportError> {
        let peer = Arc::clone(self.connection.peer()?);
        let mut endpoints = Vec::new();
        for Details { characteristic, properties, descriptors, handle } in peer.details().await {
            let mut endpoint = None;
            if self.characteristics.contains(&characteristic) {
                if characteristic.described {
                    endpoint = self.read_name(&characteristic, &Endpoint::VERSION).await?;
                } else {
                    let is_it =
                        |number| numbered(characteristic.service, number) == characteristic.uuid;
                    let usual = NUMBERS.iter().find(|(_, number)| is_it(*number));
                    endpoint = usual.map(|(name, _)| (*name).to_owned());
                }
            }
            let Characteristic { service, uuid, .. } = characteristic;
            endpoints.push(EndpointLocation::Characteristic {
                endpoint,
                service,
                uuid,
                handle,
                properties,
                descriptors,
            });
        }
        Ok(EndpointList { endpoints: Some(endpoints), mtu: peer.mtu() })
    }

    async fn disconnect(&mut self) {
        self.connection.close();
    }
}

/// Maps an error that occurred before the link was established.
fn at_connect(error: TransportError) -> TransportError {
    match error {
        TransportError::Radio(RadioError::Lost(why) | RadioError::Other(why)) => {
            TransportError::Connect(why.into())
        }
        other => other,
    }
}

/// Maps an error of an exchange. When a request fails, Bluedroid drops the link, and NimBLE answers
/// with an ATT error.
fn lost(error: RadioError, endpoint: &Endpoint) -> TransportError {
    match error {
        RadioError::Rejected(_) => TransportError::NoReply,
        RadioError::Lost(_) if *endpoint == Endpoint::SESSION => TransportError::NoReply,
        RadioError::Lost(why) | RadioError::Other(why) => TransportError::Lost(why.into()),
        other => other.into(),
    }
}

impl RadioError {
    /// The error for a system Bluetooth service that does not answer.
    fn no_answer() -> Self {
        Self::NoService("no answer in time".to_owned())
    }
}
