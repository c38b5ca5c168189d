//! The system's Bluetooth, through btleplug: BlueZ on Linux, and the native APIs of macOS and
//! Windows. This is the only file that depends on the platform.

#[cfg(target_os = "linux")]
use std::sync::OnceLock;
use std::{
    collections::BTreeSet,
    error::Error as _,
    future::pending,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use btleplug::{
    api::{
        self, Central, CentralState, CharPropFlags, Manager as _, Peripheral as _, ScanFilter,
        WriteType,
    },
    platform::{Adapter as BtleplugAdapter, Manager, Peripheral},
};
#[cfg(target_os = "linux")]
use tokio::time::Instant;
use tokio::time::{sleep, timeout};

use super::{
    adapter::{Adapter, Advertisement, Characteristic, DESCRIPTION, Details, Peer, RadioError},
    said::sorted,
};

/// How long to wait for a connection to close. After that, the system finishes closing it.
const DISCONNECT_WITHIN: Duration = Duration::from_secs(3);

/// While connecting: the interval between two checks that the adapter is still present.
const HOST_LOOK: Duration = Duration::from_millis(500);

/// The time limit for the first reply on a connection that is paired for it. BlueZ does not report
/// that a device refuses a pairing; it waits half a minute (`att.c`, 5.66).
#[cfg(target_os = "linux")]
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// How soon BlueZ dies after it reported that a connection has failed (seen: 5.66, 80 ms later, where
/// the device had disconnected at once).
const DIES_WITHIN: Duration = Duration::from_millis(200);

/// The interval between two checks whether a connection has closed.
const LOOK: Duration = Duration::from_millis(50);

/// The properties of a characteristic, with their names.
const PROPERTIES: [(CharPropFlags, &str); 6] = [
    (CharPropFlags::READ, "read"),
    (CharPropFlags::WRITE, "write"),
    (CharPropFlags::WRITE_WITHOUT_RESPONSE, "write-without-response"),
    (CharPropFlags::NOTIFY, "notify"),
    (CharPropFlags::INDICATE, "indicate"),
    (CharPropFlags::BROADCAST, "broadcast"),
];

/// How soon to start listening again after the system stopped by itself. Between two of its own
/// scan rounds the system also pauses for a moment.
#[cfg(target_os = "linux")]
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// How long the adapter may take to start listening after it was told to.
#[cfg(target_os = "linux")]
const LISTENS_WITHIN: Duration = Duration::from_millis(500);

/// How long the adapter may stop listening before that counts as a fault. Connecting to a device
/// also stops it.
#[cfg(target_os = "linux")]
const SILENT_WITHIN: Duration = Duration::from_secs(6);

/// Returns the adapter with this name, e.g. `hci1`, or the first one. The adapter does not have to
/// be present yet.
pub(super) fn adapter(wanted: Option<&str>) -> Arc<dyn Adapter> {
    Arc::new(System { wanted: wanted.map(str::to_owned), using: Mutex::default() })
}

struct System {
    wanted: Option<String>,
    /// The adapter that was present last.
    using: Mutex<Option<Using>>,
}

#[derive(Clone)]
struct Using {
    adapter: BtleplugAdapter,
    #[cfg(target_os = "linux")]
    devices: super::bluez::Devices,
    #[cfg(target_os = "linux")]
    listening: Arc<Mutex<ScanState>>,
}

/// When an adapter was told to listen, and since when it has not been listening.
#[cfg(target_os = "linux")]
#[derive(Default)]
struct ScanState {
    at: Option<Instant>,
    silent_since: Option<Instant>,
}

impl System {
    fn using(&self) -> Result<Using, RadioError> {
        lock(&self.using).clone().ok_or(RadioError::NoAdapter)
    }

    /// Returns the wanted adapter if it is on. After an absence it may be a different object.
    async fn look(&self) -> Result<Using, RadioError> {
        if let Ok(using) = self.using() {
            if is_on(&using.adapter).await? {
                return Ok(using);
            }
            // Only on Linux do adapters come and go; elsewhere, each check would start a thread.
            if !cfg!(target_os = "linux") {
                return Err(RadioError::Off);
            }
        }
        let using = self.find().await?;
        *lock(&self.using) = Some(using.clone());
        Ok(using)
    }

    async fn find(&self) -> Result<Using, RadioError> {
        let adapters = match manager().await?.adapters().await.map_err(explain_service) {
            Ok(adapters) => adapters,
            Err(error) => {
                // The connection to the bus may be gone.
                *lock(&MANAGER) = None;
                return Err(error);
            }
        };
        let mut names = Vec::new();
        for adapter in adapters {
            let info = adapter.adapter_info().await.map_err(explain)?;
            // With BlueZ, this is `hci0 (usb:…)`.
            let name = info.split(' ').next().unwrap_or_default().to_owned();
            if self.wanted.as_ref().is_none_or(|wanted| *wanted == name) {
                if !is_on(&adapter).await? {
                    return Err(RadioError::Off);
                }
                return Ok(Using {
                    adapter,
                    #[cfg(target_os = "linux")]
                    devices: super::bluez::Devices::on(&name),
                    #[cfg(target_os = "linux")]
                    listening: Arc::default(),
                });
            }
            names.push(name);
        }
        match &self.wanted {
            Some(wanted) if !names.is_empty() => {
                Err(RadioError::OtherAdapter { wanted: wanted.clone(), there: names.join(", ") })
            }
            _ => Err(RadioError::NoAdapter),
        }
    }

    async fn peripheral(&self, id: &str) -> Result<Peripheral, RadioError> {
        let all = self.using()?.adapter.peripherals().await.map_err(explain)?;
        let gone = || RadioError::Other(format!("the system has forgotten {id}"));
        all.into_iter().find(|one| name_of(one) == id).ok_or_else(gone)
    }
}

impl Using {
    async fn listen(&self) -> Result<(), RadioError> {
        #[cfg(target_os = "linux")]
        lock(&self.listening).at.replace(Instant::now());
        match self.adapter.start_scan(ScanFilter::default()).await {
            // The adapter already listens for us, or can't at the moment; its state shows which.
            Err(error) if format!("{error:?}").contains("Error.InProgress") => Ok(()),
            began => began.map_err(explain_adapter),
        }
    }

    /// Starts listening again where it was already requested. Without stopping first, BlueZ might
    /// reject it.
    #[cfg(target_os = "linux")]
    async fn listen_anew(&self) -> Result<(), RadioError> {
        let _ = self.adapter.stop_scan().await;
        self.listen().await
    }

    /// Listens for a moment, to check that the adapter can.
    #[cfg(target_os = "linux")]
    async fn try_to_listen(&self) -> Result<(), RadioError> {
        self.listen_anew().await?;
        let until = Instant::now() + LISTENS_WITHIN;
        let listens = loop {
            match self.devices.heard().await.map_err(explain_bus)? {
                (Some(adapter), _) if adapter.is_listening => break Ok(()),
                _ if Instant::now() >= until => break Err(RadioError::DiscoveryUnavailable),
                _ => sleep(LOOK).await,
            }
        };
        let _ = self.adapter.stop_scan().await;
        *lock(&self.listening) = ScanState::default();
        listens
    }
}

async fn is_on(adapter: &BtleplugAdapter) -> Result<bool, RadioError> {
    Ok(adapter.adapter_state().await.map_err(explain)? != CentralState::PoweredOff)
}

static MANAGER: Mutex<Option<(Weak<()>, Manager)>> = Mutex::new(None);

/// Returns the manager that all adapters share while their runtime lives. Each manager holds a
/// connection to the bus until the runtime ends.
async fn manager() -> Result<Manager, RadioError> {
    if let Some((runtime, manager)) = &*lock(&MANAGER)
        && runtime.strong_count() > 0
    {
        return Ok(manager.clone());
    }
    let no_bus = |error| match explain(error) {
        RadioError::Denied(why) => RadioError::Denied(why),
        other => RadioError::NoBus(other.to_string()),
    };
    let manager = Manager::new().await.map_err(no_bus)?;
    let runtime = Arc::new(());
    *lock(&MANAGER) = Some((Arc::downgrade(&runtime), manager.clone()));
    tokio::spawn(crate::aside::task(async move {
        pending::<()>().await;
        drop(runtime);
    }));
    Ok(manager)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The device's address, or the identifier that the system uses instead.
fn name_of(peripheral: &Peripheral) -> String {
    let address = peripheral.address();
    if address == api::BDAddr::default() {
        peripheral.id().to_string()
    } else {
        address.to_string()
    }
}

#[async_trait]
impl Adapter for System {
    async fn ready(&self) -> Result<(), RadioError> {
        let using = self.look().await?;
        #[cfg(target_os = "linux")]
        using.try_to_listen().await?;
        #[cfg(not(target_os = "linux"))]
        let _ = using;
        Ok(())
    }

    async fn listen(&self) -> Result<(), RadioError> {
        self.look().await?.listen().await
    }

    // Both versions poll instead of waiting for events: bluez-async 0.9 panics in a task of its own
    // if a stream of events is dropped while an event arrives.
    #[cfg(target_os = "linux")]
    async fn heard(&self) -> Result<Vec<Advertisement>, RadioError> {
        let using = self.using()?;
        let (adapter, heard) = using.devices.heard().await.map_err(explain_bus)?;
        match adapter {
            None => return Err(RadioError::NoAdapter),
            Some(adapter) if !adapter.is_on => return Err(RadioError::Off),
            Some(adapter) if !adapter.is_listening => {
                // The adapter was switched off and on, or its service restarted, between two
                // checks.
                let (is_time, is_silent) = {
                    let mut state = lock(&using.listening);
                    let silent_since = *state.silent_since.get_or_insert_with(Instant::now);
                    let is_time = state.at.is_none_or(|at| at.elapsed() >= LISTEN_AGAIN);
                    (is_time, silent_since.elapsed() >= SILENT_WITHIN)
                };
                if is_silent {
                    lock(&using.listening).silent_since = None;
                    return Err(RadioError::DiscoveryUnavailable);
                }
                if is_time {
                    using.listen_anew().await?;
                }
            }
            Some(_) => lock(&using.listening).silent_since = None,
        }
        Ok(heard)
    }

    #[cfg(not(target_os = "linux"))]
    async fn heard(&self) -> Result<Vec<Advertisement>, RadioError> {
        let mut heard = Vec::new();
        for peripheral in self.look().await?.adapter.peripherals().await.map_err(explain)? {
            // A device that was just forgotten has no properties.
            let Ok(Some(properties)) = peripheral.properties().await else { continue };
            let is_connected = peripheral.is_connected().await.unwrap_or(false);
            if properties.rssi.is_some() || is_connected {
                heard.push(Advertisement {
                    id: name_of(&peripheral),
                    name: properties.advertisement_name.or(properties.local_name),
                    rssi: properties.rssi,
                    services: properties.services,
                    is_named_whole: false,
                    is_connected,
                });
            }
        }
        Ok(heard)
    }

    async fn stop(&self) {
        // Listening stops with this process at the latest.
        if let Ok(using) = self.using() {
            #[cfg(target_os = "linux")]
            lock(&using.listening).silent_since.take();
            let _ = using.adapter.stop_scan().await;
        }
    }

    async fn forget(&self, id: &str) {
        #[cfg(target_os = "linux")]
        if let (Ok(using), Ok(peripheral)) = (self.using(), self.peripheral(id).await) {
            using.devices.forget(peripheral.id().to_string()).await;
        }
        #[cfg(not(target_os = "linux"))]
        let _ = id;
    }

    async fn peer(&self, id: &str) -> Result<Box<dyn Peer>, RadioError> {
        let using = self.using()?;
        Ok(Box::new(Device {
            peripheral: self.peripheral(id).await?,
            #[cfg(target_os = "linux")]
            service: using.devices.owner().await,
            using,
            has_answered: AtomicBool::new(false),
            #[cfg(target_os = "linux")]
            agent: OnceLock::new(),
        }))
    }
}

struct Device {
    peripheral: Peripheral,
    using: Using,
    /// Whether the device has answered a request on this connection.
    has_answered: AtomicBool,
    /// The bus name of BlueZ, if it is known.
    #[cfg(target_os = "linux")]
    service: Option<String>,
    /// Answers for this device while it is connected.
    #[cfg(target_os = "linux")]
    agent: OnceLock<super::bluez::Agent>,
}

impl Device {
    fn get(&self, wanted: &Characteristic) -> Result<api::Characteristic, RadioError> {
        let all: BTreeSet<_> = self.peripheral.characteristics();
        let found = all
            .into_iter()
            .find(|one| one.uuid == wanted.uuid && one.service_uuid == wanted.service);
        found.ok_or_else(|| RadioError::Lost("the device's services are gone".to_owned()))
    }

    /// Maps an error that occurred on an established link.
    async fn explain(&self, error: btleplug::Error) -> RadioError {
        let error = self.explain_connect(error).await;
        // If a link breaks, BlueZ ends an unanswered request with an ATT error of its own.
        let may_be_lost = match &error {
            RadioError::Other(_) => true,
            RadioError::Rejected(why) => why.contains("0x0e"),
            _ => false,
        };
        match error {
            RadioError::Other(why) | RadioError::Rejected(why)
                if may_be_lost && !self.peripheral.is_connected().await.unwrap_or(false) =>
            {
                RadioError::Lost(why)
            }
            error => error,
        }
    }

    /// Registers the agent that accepts pairing.
    async fn answer(&self) {
        #[cfg(target_os = "linux")]
        let _ = self.agent.set(super::bluez::Agent::for_device(&name_of(&self.peripheral)).await);
    }

    /// Returns why a paired device has left the first request unanswered, once it has.
    async fn silence_after_pairing(&self) -> RadioError {
        #[cfg(target_os = "linux")]
        if !self.has_answered.load(Ordering::Relaxed) {
            let device = self.peripheral.id().to_string();
            let was_paired = self.using.devices.is_paired(device.clone()).await;
            sleep(ANSWERS_WITHIN).await;
            if self.using.devices.is_paired(device).await {
                return if was_paired {
                    RadioError::Unpaired(
                        "it is paired, but does not answer: it may require a number to be compared"
                            .to_owned(),
                    )
                } else {
                    // Once in a while BlueZ does not repeat the request for which it paired (seen:
                    // 5.66). On the next connection it is encrypted from the beginning.
                    RadioError::Other("nothing came back after the pairing".to_owned())
                };
            }
        }
        pending().await
    }

    /// Maps an error. A link also ends when its adapter goes away.
    async fn explain_connect(&self, error: btleplug::Error) -> RadioError {
        match explain(error) {
            error @ (RadioError::Lost(_) | RadioError::Other(_)) => {
                sleep(DIES_WITHIN).await;
                self.host_fault().await.unwrap_or(error)
            }
            error => error,
        }
    }

    /// Returns when the adapter is off, or when its Bluetooth service was replaced by a new one.
    async fn host_gone(&self) -> RadioError {
        loop {
            sleep(HOST_LOOK).await;
            if let Some(fault) = self.host_fault().await {
                return fault;
            }
        }
    }

    async fn host_fault(&self) -> Option<RadioError> {
        #[cfg(target_os = "linux")]
        if self.service.is_some() && self.service != self.using.devices.owner().await {
            return Some(RadioError::NoService("it was started anew".to_owned()));
        }
        (!is_on(&self.using.adapter).await.ok()?).then_some(RadioError::Off)
    }
}

#[async_trait]
impl Peer for Device {
    async fn connect(&self) -> Result<(), RadioError> {
        let connect = async {
            // The radio waits for the device to advertise; the agent is there before that.
            let (connected, ()) = tokio::join!(self.peripheral.connect(), self.answer());
            connected?;
            self.peripheral.discover_services().await
        };
        let connected = tokio::select! {
            biased;
            connected = connect => connected,
            // btleplug would go on waiting for the services of a device that BlueZ has forgotten.
            fault = self.host_gone() => return Err(fault),
        };
        match connected {
            Ok(()) => Ok(()),
            Err(error) => Err(self.explain_connect(error).await),
        }
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        let all = self.peripheral.characteristics().into_iter();
        all.map(|one| Characteristic {
            service: one.service_uuid,
            uuid: one.uuid,
            described: one.descriptors.iter().any(|descriptor| descriptor.uuid == DESCRIPTION),
        })
        .collect()
    }

    async fn details(&self) -> Vec<Details> {
        #[cfg(target_os = "linux")]
        let handles = self.using.devices.handles(self.peripheral.id().to_string()).await;
        #[cfg(not(target_os = "linux"))]
        let handles: Vec<(uuid::Uuid, uuid::Uuid, u16)> = Vec::new();
        let all = self.peripheral.characteristics().into_iter();
        all.map(|one| Details {
            characteristic: Characteristic {
                service: one.service_uuid,
                uuid: one.uuid,
                described: one.descriptors.iter().any(|one| one.uuid == DESCRIPTION),
            },
            properties: PROPERTIES
                .into_iter()
                .filter(|(flag, _)| one.properties.contains(*flag))
                .map(|(_, name)| name)
                .collect(),
            descriptors: one.descriptors.iter().map(|one| one.uuid).collect(),
            handle: handles
                .iter()
                .find(|(service, uuid, _)| (*service, *uuid) == (one.service_uuid, one.uuid))
                .map(|(_, _, handle)| *handle),
        })
        .collect()
    }

    fn mtu(&self) -> Option<u16> {
        Some(self.peripheral.mtu())
    }

    async fn description(&self, of: &Characteristic) -> Result<Vec<u8>, RadioError> {
        let descriptors = self.get(of)?.descriptors;
        let Some(descriptor) = descriptors.iter().find(|one| one.uuid == DESCRIPTION) else {
            return Ok(Vec::new());
        };
        match self.peripheral.read_descriptor(descriptor).await {
            Ok(value) => Ok(value),
            Err(error) => Err(self.explain(error).await),
        }
    }

    async fn write(&self, to: &Characteristic, value: &[u8]) -> Result<(), RadioError> {
        let to = self.get(to)?;
        let written = tokio::select! {
            biased;
            written = self.peripheral.write(&to, value, WriteType::WithResponse) => written,
            why = self.silence_after_pairing() => return Err(why),
        };
        self.has_answered.store(true, Ordering::Relaxed);
        match written {
            Ok(()) => Ok(()),
            Err(error) => Err(self.explain(error).await),
        }
    }

    async fn read(&self, from: &Characteristic) -> Result<Vec<u8>, RadioError> {
        let from = self.get(from)?;
        match self.peripheral.read(&from).await {
            Ok(value) => Ok(value),
            Err(error) => Err(self.explain(error).await),
        }
    }

    async fn disconnect(&self) {
        let begun = async {
            tokio::select! {
                biased;
                // If this fails, the device is gone and so not connected.
                _ = self.peripheral.disconnect() => {}
                // BlueZ takes two seconds to disconnect, even without this process (`device.c`,
                // 5.66).
                // It handles calls in order: once the next one is answered, this one has reached
                // it.
                _ = self.peripheral.is_connected(), if cfg!(target_os = "linux") => {}
            }
        };
        let _ = timeout(DISCONNECT_WITHIN, begun).await;
    }

    async fn closed(&self) {
        let closed = async {
            while self.peripheral.is_connected().await.unwrap_or(false) {
                sleep(LOOK).await;
            }
        };
        let _ = timeout(DISCONNECT_WITHIN, closed).await;
    }
}

#[cfg(target_os = "linux")]
fn explain_bus(error: dbus::Error) -> RadioError {
    explain(btleplug::Error::Other(Box::new(error)))
}

fn explain_service(error: btleplug::Error) -> RadioError {
    match explain(error) {
        RadioError::Other(why) => RadioError::NoService(why),
        other => other,
    }
}

/// Maps an error of a call to an adapter, which may be gone.
fn explain_adapter(error: btleplug::Error) -> RadioError {
    let is_gone = ["Error.UnknownObject", "Error.UnknownMethod"];
    let whole = format!("{error:?}");
    match explain(error) {
        RadioError::Other(_) if is_gone.iter().any(|name| whole.contains(name)) => {
            RadioError::NoAdapter
        }
        other => other,
    }
}

fn explain(error: btleplug::Error) -> RadioError {
    use btleplug::Error;

    let text = match error.source() {
        Some(source) if !error.to_string().contains(&source.to_string()) => {
            format!("{error}: {source}")
        }
        _ => error.to_string(),
    };
    match error {
        Error::NoAdapterAvailable => RadioError::NoAdapter,
        Error::PermissionDenied => RadioError::Denied(text),
        Error::NotConnected => RadioError::Lost(text),
        _ => sorted(&text, &format!("{error:?}")),
    }
}
