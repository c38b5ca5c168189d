//! The system's Bluetooth, by way of btleplug: BlueZ on Linux, and what macOS and Windows have.
//! The only file that knows of platforms.

use std::{collections::BTreeSet, error::Error as _, sync::Arc, time::Duration};

use async_trait::async_trait;
use btleplug::{
    api::{
        self, Central, CentralState, CharPropFlags, Manager as _, Peripheral as _, ScanFilter,
        WriteType,
    },
    platform::{Adapter, Manager, Peripheral},
};
use tokio::time::{sleep, timeout};

use super::radio::{Characteristic, DESCRIPTION, Details, Peer, Radio, RadioError, Sighting};

/// What closing a connection may take: the system goes on by itself.
const DISCONNECT_WITHIN: Duration = Duration::from_secs(3);

/// Between two looks whether a connection is closed.
const LOOK: Duration = Duration::from_millis(50);

/// What can be done with a characteristic.
const PROPERTIES: [(CharPropFlags, &str); 6] = [
    (CharPropFlags::READ, "read"),
    (CharPropFlags::WRITE, "write"),
    (CharPropFlags::WRITE_WITHOUT_RESPONSE, "write-without-response"),
    (CharPropFlags::NOTIFY, "notify"),
    (CharPropFlags::INDICATE, "indicate"),
    (CharPropFlags::BROADCAST, "broadcast"),
];

/// The adapter of this name, e.g. `hci1`, or the first.
pub(super) async fn radio(wanted: Option<&str>) -> Result<Arc<dyn Radio>, RadioError> {
    let manager = Manager::new().await.map_err(explain_service)?;
    let adapters = manager.adapters().await.map_err(explain_service)?;
    let mut names = Vec::new();
    for adapter in adapters {
        let info = adapter.adapter_info().await.map_err(explain)?;
        // BlueZ: `hci0 (usb:…)`.
        let name = info.split(' ').next().unwrap_or_default().to_owned();
        if wanted.is_none_or(|wanted| wanted == name) {
            if adapter.adapter_state().await.map_err(explain)? == CentralState::PoweredOff {
                return Err(RadioError::Off);
            }
            return Ok(Arc::new(System {
                adapter,
                #[cfg(target_os = "linux")]
                devices: super::bluez::Devices::on(&name).await.map_err(explain_bus)?,
            }));
        }
        names.push(name);
    }
    match wanted {
        Some(wanted) if !names.is_empty() => {
            Err(RadioError::OtherAdapter { wanted: wanted.to_owned(), there: names.join(", ") })
        }
        _ => Err(RadioError::NoAdapter),
    }
}

struct System {
    adapter: Adapter,
    #[cfg(target_os = "linux")]
    devices: super::bluez::Devices,
}

impl System {
    async fn peripheral(&self, id: &str) -> Result<Peripheral, RadioError> {
        let all = self.adapter.peripherals().await.map_err(explain)?;
        let gone = || RadioError::Other(format!("the system has forgotten {id}"));
        all.into_iter().find(|one| name_of(one) == id).ok_or_else(gone)
    }
}

/// Its address, or what the system has instead of it.
fn name_of(peripheral: &Peripheral) -> String {
    let address = peripheral.address();
    if address == api::BDAddr::default() {
        peripheral.id().to_string()
    } else {
        address.to_string()
    }
}

#[async_trait]
impl Radio for System {
    async fn listen(&self) -> Result<(), RadioError> {
        self.adapter.start_scan(ScanFilter::default()).await.map_err(explain)
    }

    // Both ask again and again instead of waiting for events: bluez-async 0.9 panics in a task of its
    // own when a stream of events is dropped while one arrives.
    #[cfg(target_os = "linux")]
    async fn heard(&self) -> Result<Vec<Sighting>, RadioError> {
        self.devices.heard().await.map_err(explain_bus)
    }

    #[cfg(not(target_os = "linux"))]
    async fn heard(&self) -> Result<Vec<Sighting>, RadioError> {
        let mut heard = Vec::new();
        for peripheral in self.adapter.peripherals().await.map_err(explain)? {
            // One that has just been forgotten has none.
            let Ok(Some(properties)) = peripheral.properties().await else { continue };
            let is_connected = peripheral.is_connected().await.unwrap_or(false);
            if properties.rssi.is_some() || is_connected {
                heard.push(Sighting {
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
        // It stops with us at the latest.
        let _ = self.adapter.stop_scan().await;
    }

    async fn forget(&self, id: &str) {
        #[cfg(target_os = "linux")]
        if let Ok(peripheral) = self.peripheral(id).await {
            super::bluez::forget(peripheral.id().to_string()).await;
        }
        #[cfg(not(target_os = "linux"))]
        let _ = id;
    }

    async fn peer(&self, id: &str) -> Result<Box<dyn Peer>, RadioError> {
        Ok(Box::new(Device {
            peripheral: self.peripheral(id).await?,
            #[cfg(target_os = "linux")]
            _agent: super::bluez::Agent::for_device(id).await,
        }))
    }
}

struct Device {
    peripheral: Peripheral,
    #[cfg(target_os = "linux")]
    _agent: super::bluez::Agent,
}

impl Device {
    fn get(&self, wanted: &Characteristic) -> Result<api::Characteristic, RadioError> {
        let all: BTreeSet<_> = self.peripheral.characteristics();
        let found = all
            .into_iter()
            .find(|one| one.uuid == wanted.uuid && one.service_uuid == wanted.service);
        found.ok_or_else(|| RadioError::Lost("the device's services are gone".to_owned()))
    }

    /// What an error is, seen from a link that stood.
    async fn explain(&self, error: btleplug::Error) -> RadioError {
        match explain(error) {
            RadioError::Other(why) if !self.peripheral.is_connected().await.unwrap_or(false) => {
                RadioError::Lost(why)
            }
            error => error,
        }
    }
}

#[async_trait]
impl Peer for Device {
    async fn connect(&self) -> Result<(), RadioError> {
        self.peripheral.connect().await.map_err(explain)?;
        self.peripheral.discover_services().await.map_err(explain)
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
        let handles = super::bluez::handles(self.peripheral.id().to_string()).await;
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
        match self.peripheral.write(&to, value, WriteType::WithResponse).await {
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
                // One that is gone is not connected either.
                _ = self.peripheral.disconnect() => {}
                // BlueZ takes two seconds, and needs nobody for that (`device.c`, 5.66). It takes
                // calls in turn: once the next is answered, this one has reached it.
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

/// The system's words sorted. BlueZ has few error names and says the rest in text
/// (`src/error.c`, `src/shared/att.c`, BlueZ 5.66).
fn explain(error: btleplug::Error) -> RadioError {
    use btleplug::Error;

    let text = match error.source() {
        Some(source) if !error.to_string().contains(&source.to_string()) => {
            format!("{error}: {source}")
        }
        _ => error.to_string(),
    };
    // Only there are the names of D-Bus errors.
    let whole = format!("{error:?}");
    let has = |words: &[&str]| words.iter().any(|word| whole.contains(word) || text.contains(word));
    match error {
        Error::NoAdapterAvailable => RadioError::NoAdapter,
        Error::PermissionDenied => RadioError::Denied(text),
        Error::NotConnected => RadioError::Lost(text),
        _ if has(&["AccessDenied", "access denied", "Permission denied"]) => {
            RadioError::Denied(text)
        }
        // BlueZ that is not there, or is gone since.
        _ if has(&["ServiceUnknown", "NameHasNoOwner", "Error.Spawn", "Error.Disconnected"]) => {
            RadioError::NoService(text)
        }
        _ if has(&["NotReady", "Resource Not Ready"]) => RadioError::Off,
        _ if has(&[
            "NotPermitted",
            "Not paired",
            "Insufficient",
            "ATT error: 0x05",
            "ATT error: 0x08",
            "ATT error: 0x0f",
            "AuthenticationFailed",
        ]) =>
        {
            RadioError::Unpaired(text)
        }
        // Invalid offset comes from a long write that has no room (Bluetooth Core, Vol 3 Part F, 3.4.6).
        _ if has(&["Invalid Length", "Invalid offset", "ATT error: 0x07", "ATT error: 0x0d"]) => {
            RadioError::TooLong(text)
        }
        _ if has(&["ATT error"]) => RadioError::Rejected(text),
        _ if has(&["Not connected", "NotConnected", "le-connection-abort"]) => {
            RadioError::Lost(text)
        }
        _ => RadioError::Other(text),
    }
}
