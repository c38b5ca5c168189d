//! What this crate uses from BlueZ on Linux beyond btleplug: listing all devices in one call, an
//! agent that accepts pairing on the user's behalf, and removing a device's outdated cache.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dbus::{
    Message, Path,
    arg::{PropMap, prop_cast},
    blocking::{
        Connection, SyncConnection,
        stdintf::org_freedesktop_dbus::{ObjectManager, Properties},
    },
    channel::{MatchingReceiver, Sender},
    message::MatchRule,
};
use uuid::Uuid;

use super::adapter::Advertisement;
use crate::aside::aside;

/// The time limit for an answer from BlueZ, and how long the thread that serves D-Bus may outlive
/// its users.
const WITHIN: Duration = Duration::from_secs(2);

/// What BlueZ says about one adapter and its devices.
#[derive(Clone)]
pub(super) struct Devices {
    bus: Arc<Bus>,
    /// The D-Bus path of the adapter, e.g. `/org/bluez/hci0`.
    adapter: Path<'static>,
}

/// A connection to the system bus, which is opened when it is first needed. One question at a time:
/// libdbus 1.14 hangs where several threads wait for answers on one connection.
#[derive(Default)]
struct Bus(Mutex<Option<Connection>>);

impl Bus {
    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, dbus::Error>,
    ) -> Result<T, dbus::Error> {
        let mut bus = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match bus.take() {
            Some(connection) if connection.channel().is_connected() => connection,
            _ => Connection::new_system()?,
        };
        question(bus.insert(connection))
    }
}

/// The current state of an adapter.
pub(super) struct AdapterState {
    pub(super) is_on: bool,
    pub(super) is_listening: bool,
}

impl Devices {
    /// Those of the adapter with this name, e.g. `hci0`.
    pub(super) fn on(adapter: &str) -> Self {
        Self { bus: Arc::default(), adapter: format!("/org/bluez/{adapter}").into() }
    }

    /// Returns the devices that advertise or are connected, and the adapter's state if the adapter
    /// is present. It makes one call for all devices: two calls for each device take seconds if
    /// fifty are in range.
    pub(super) async fn heard(
        &self,
    ) -> Result<(Option<AdapterState>, Vec<Advertisement>), dbus::Error> {
        let adapter = self.adapter.clone();
        self.ask(move |bus| {
            let objects = bus.with_proxy("org.bluez", "/", WITHIN).get_managed_objects()?;
            let state = objects.get(&adapter).and_then(|those| those.get("org.bluez.Adapter1"));
            let is = |properties, name| prop_cast(properties, name).copied().unwrap_or(false);
            let state = state.map(|properties| AdapterState {
                is_on: is(properties, "Powered"),
                is_listening: is(properties, "Discovering"),
            });
            let within = format!("{adapter}/");
            let devices = objects.iter().filter(|(path, _)| path.starts_with(&within));
            let devices = devices.filter_map(|(_, interfaces)| interfaces.get("org.bluez.Device1"));
            // BlueZ keeps devices that it heard long ago. These have no signal strength.
            let devices = devices
                .filter_map(advertisement)
                .filter(|one| one.rssi.is_some() || one.is_connected)
                .collect();
            Ok((state, devices))
        })
        .await
    }

    /// The unique bus name of BlueZ, if it is running. The name changes when BlueZ restarts.
    pub(super) async fn owner(&self) -> Option<String> {
        let ask = |bus: &Connection| {
            let names = bus.with_proxy("org.freedesktop.DBus", "/org/freedesktop/DBus", WITHIN);
            let asked = ("org.bluez",);
            let (owner,) = names.method_call("org.freedesktop.DBus", "GetNameOwner", asked)?;
            Ok(owner)
        };
        self.ask(ask).await.ok()
    }

    /// The value handles of a device's characteristics, e.g. of `hci0/dev_24_0A_C4_11_22_33`, with
    /// the UUIDs of service and characteristic. The object path in BlueZ contains the handle of the
    /// declaration (`gatt-client.c`, 5.66); the value's handle is the next one (Bluetooth Core, Vol
    /// 3 Part G, 3.3).
    pub(super) async fn handles(&self, device: String) -> Vec<(Uuid, Uuid, u16)> {
        // If the handles are not available, everything else still works.
        self.ask(move |bus| declared(bus, &device)).await.unwrap_or_default()
    }

    /// Makes BlueZ forget a device, e.g. `hci0/dev_24_0A_C4_11_22_33`, unless it is paired: the key
    /// belongs to the user. BlueZ 5.66 caches the services of a device that it was connected to,
    /// and does not discover them again while their handle range stays the same.
    pub(super) async fn forget(&self, device: String) {
        let adapter = self.adapter.clone();
        let remove = move |bus: &Connection| {
            if paired(bus, &device)? {
                return Ok(());
            }
            let path = Path::from(format!("/org/bluez/{device}"));
            let adapter = bus.with_proxy("org.bluez", adapter, WITHIN);
            adapter.method_call("org.bluez.Adapter1", "RemoveDevice", (path,))
        };
        // If this fails, nothing changes.
        let _ = self.ask(remove).await;
    }

    /// Whether this machine is paired with a device, e.g. `hci0/dev_24_0A_C4_11_22_33`.
    pub(super) async fn is_paired(&self, device: String) -> bool {
        self.ask(move |bus| paired(bus, &device)).await.unwrap_or(false)
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, dbus::Error> + Send + 'static,
    ) -> Result<T, dbus::Error> {
        let bus = Arc::clone(&self.bus);
        off_the_runtime(move || bus.ask(question)).await
    }
}

/// Reads a device from its properties. The alias is not used as the name: for a device without a
/// name, BlueZ sets the alias to the address.
fn advertisement(properties: &PropMap) -> Option<Advertisement> {
    let services = prop_cast::<Vec<String>>(properties, "UUIDs").into_iter().flatten();
    Some(Advertisement {
        id: prop_cast::<String>(properties, "Address")?.clone(),
        name: prop_cast::<String>(properties, "Name").cloned(),
        rssi: prop_cast(properties, "RSSI").copied(),
        services: services.filter_map(|uuid| uuid.parse().ok()).collect(),
        is_named_whole: false,
        is_connected: prop_cast(properties, "Connected").copied().unwrap_or(false),
    })
}

/// Runs D-Bus calls on a thread where they may block.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, dbus::Error> + Send + 'static,
) -> Result<T, dbus::Error> {
    let done = aside(work).await;
    done.unwrap_or_else(|| Err(dbus::Error::new_failed("BlueZ did not answer in time")))
}

/// Accepts pairing with one device, until the agent is dropped. Neither the agent nor the devices
/// have a display or keys, so the pairing method is Just Works (`protocomm_nimble.c`). If a desktop
/// has its own agent, BlueZ asks that agent instead.
pub(super) struct Agent {
    _bus: Option<Arc<SyncConnection>>,
}

impl Agent {
    /// Registers an agent for the device with this address.
    pub(super) async fn for_device(address: &str) -> Self {
        let path = format!("/dev_{}", address.replace(':', "_"));
        // Without an agent, everything works except pairing.
        Self { _bus: off_the_runtime(move || register(path)).await.ok() }
    }
}

fn register(device: String) -> Result<Arc<SyncConnection>, dbus::Error> {
    let bus = Arc::new(SyncConnection::new_system()?);
    let manager = bus.with_proxy("org.bluez", "/org/bluez", WITHIN);
    let agent = (Path::from("/esp_prov/agent"), "NoInputNoOutput");
    manager.method_call::<(), _, _, _>("org.bluez.AgentManager1", "RegisterAgent", agent)?;
    let answer = move |call: Message, bus: &SyncConnection| {
        let is_ours = call.get1::<Path>().is_some_and(|path| path.ends_with(&device));
        let answer = match call.member().as_deref() {
            Some("RequestAuthorization") if is_ours => call.method_return(),
            Some("Release" | "Cancel") => call.method_return(),
            _ => call.error(&"org.bluez.Error.Rejected".into(), c"not ours"),
        };
        // If this fails, BlueZ is gone and needs no answer.
        let _ = bus.send(answer);
        true
    };
    bus.start_receive(MatchRule::new_method_call(), Box::new(answer));
    let served = Arc::downgrade(&bus);
    std::thread::spawn(move || {
        while let Some(bus) = served.upgrade()
            && bus.process(WITHIN).is_ok()
        {}
    });
    Ok(bus)
}

fn declared(bus: &Connection, device: &str) -> Result<Vec<(Uuid, Uuid, u16)>, dbus::Error> {
    let objects = bus.with_proxy("org.bluez", "/", WITHIN).get_managed_objects()?;
    let uuid = |path: &str, interface: &str| -> Option<Uuid> {
        let (_, interfaces) = objects.iter().find(|(one, _)| **one == *path)?;
        prop_cast::<String>(interfaces.get(interface)?, "UUID")?.parse().ok()
    };
    let within = format!("/org/bluez/{device}/");
    let places = objects.keys().filter(|path| path.starts_with(&within));
    let handle = |path: &Path| {
        let (service, own) = path.rsplit_once("/char")?;
        let declaration = u16::from_str_radix(own, 16).ok()?;
        let characteristic = uuid(path, "org.bluez.GattCharacteristic1")?;
        Some((
            uuid(service, "org.bluez.GattService1")?,
            characteristic,
            declaration.checked_add(1)?,
        ))
    };
    Ok(places.filter_map(handle).collect())
}

fn paired(bus: &Connection, device: &str) -> Result<bool, dbus::Error> {
    let path = format!("/org/bluez/{device}");
    bus.with_proxy("org.bluez", path, WITHIN).get("org.bluez.Device1", "Paired")
}

#[cfg(test)]
mod tests {
    use dbus::arg::{RefArg, Variant};

    use super::*;

    #[test]
    fn an_alias_is_no_name() {
        let named = |name: Option<&str>, alias: &str| {
            let text = |text: &str| Variant(Box::new(text.to_owned()) as Box<dyn RefArg>);
            let mut properties = PropMap::new();
            properties.insert("Address".to_owned(), text("F1:F1:F1:F1:F1:F1"));
            properties.insert("Alias".to_owned(), text(alias));
            properties.extend(name.map(|name| ("Name".to_owned(), text(name))));
            advertisement(&properties).expect("it has an address").name
        };
        assert_eq!(named(None, "F1-F1-F1-F1-F1-F1"), None);
        assert_eq!(named(None, "my lamp"), None);
        assert_eq!(named(Some("PROV_1234"), "my lamp").as_deref(), Some("PROV_1234"));
    }
}
