//! Wi-Fi through NetworkManager (1.16 and later) over D-Bus, as its reference describes it
//! (networkmanager.dev, D-Bus API).
//!
//! The profile is in memory only and bound to our connection to the bus: when this process ends,
//! however it does, NetworkManager removes it.

use std::{
    collections::HashMap,
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener, UnixStream},
    },
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use dbus::{
    Path,
    arg::{PropMap, RefArg, Variant, prop_cast},
    blocking::{Connection, Proxy, stdintf::org_freedesktop_dbus::Properties as _},
    message::MatchRule,
};
use protocomm::{Bssid, Passphrase, Ssid};

use super::wifi::{
    AccessPoint, HostWifi, InterfaceState, Permission, Protection, Wifi, WifiError, WifiInterface,
};
use crate::{aside::aside, few::sort_few};

const NAME: &str = "org.freedesktop.NetworkManager";
const ROOT: &str = "/org/freedesktop/NetworkManager";
const DEVICE: &str = "org.freedesktop.NetworkManager.Device";
const WIRELESS: &str = "org.freedesktop.NetworkManager.Device.Wireless";
const ACTIVE: &str = "org.freedesktop.NetworkManager.Connection.Active";
const SETTINGS: &str = "org.freedesktop.NetworkManager.Settings";
const PROFILE: &str = "org.freedesktop.NetworkManager.Settings.Connection";

/// The time limit for an answer.
const WITHIN: Duration = Duration::from_secs(10);

/// The time limit for an answer while this process ends.
const AT_END: Duration = Duration::from_secs(2);

/// How long the network before may take to come back.
const BACK_WITHIN: Duration = Duration::from_secs(20);

/// How often to look whether the caller has given up.
const LOOK: Duration = Duration::from_millis(100);

/// The system keeps access points for minutes after it saw them last. Those that are there are seen
/// again at each scan.
const SEEN_WITHIN: i64 = 30;

/// What the names of our profiles begin with.
const OURS: &str = "esp-prov-rs ";

/// In a profile of ours, the name on the bus of the process that made it. No name is used twice, so
/// the profile is a leftover once nobody has that name.
const OWNER: &str = "esp-prov-rs.owner";

/// The types and states of devices (`NMDeviceType`, `NMDeviceState`).
mod device {
    pub(super) const WIFI: u32 = 2;
    pub(super) const UNMANAGED: u32 = 10;
    pub(super) const UNAVAILABLE: u32 = 20;
    pub(super) const DISCONNECTED: u32 = 30;
    pub(super) const PREPARE: u32 = 40;
    pub(super) const NEED_AUTH: u32 = 60;
    pub(super) const IP_CONFIG: u32 = 70;
    pub(super) const ACTIVATED: u32 = 100;
    pub(super) const FAILED: u32 = 120;
}

/// The states of an activation (`NMActiveConnectionState`).
mod activation {
    /// As its device still ends another.
    pub(super) const PENDING: u32 = 0;
    pub(super) const ACTIVATED: u32 = 2;
    pub(super) const DEACTIVATED: u32 = 4;
}

/// Why a device has changed its state (`NMDeviceStateReason`).
mod reason {
    pub(super) const NONE: u32 = 0;
    pub(super) const NO_IP: u32 = 5;
    pub(super) const NO_SECRETS: u32 = 7;
    pub(super) const SUPPLICANT: std::ops::RangeInclusive<u32> = 8..=11;
    pub(super) const DHCP: std::ops::RangeInclusive<u32> = 15..=17;
    pub(super) const NOT_FOUND: u32 = 53;
}

/// The NetworkManager of this machine.
#[derive(Default)]
pub(super) struct NetworkManager {
    state: Arc<Mutex<State>>,
    /// Set when the caller gives up a join.
    gives_up: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    bus: Option<Connection>,
    joined: Option<Joined>,
}

/// What was joined, or tried, and what was there before.
struct Joined {
    /// Keeps other runs off the interface.
    _claim: UnixListener,
    device: Path<'static>,
    /// What is active for us, if it got that far.
    active: Option<Path<'static>>,
    /// The profile that was active before.
    before: Option<Path<'static>>,
    /// Whether the device connects by itself.
    autoconnects: bool,
}

type Proxied<'a> = Proxy<'a, &'a Connection>;

impl State {
    fn bus(&mut self) -> Result<&Connection, WifiError> {
        // A bus that was started anew takes new connections only.
        if !self.bus.as_ref().is_some_and(|bus| bus.channel().is_connected()) {
            let opened = Connection::new_system();
            let bus = opened.map_err(|error| no_manager(&error))?;
            self.bus = Some(bus);
        }
        self.bus.as_ref().ok_or(WifiError::Other("no bus".to_owned()))
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let (Some(bus), Some(joined)) = (&self.bus, &self.joined) {
            // A panic, for example. If this fails, our profile goes with the connection to the bus.
            let _ = give_back(bus, joined, AT_END);
        }
    }
}

/// Sets a flag when the future that waits for a thread is dropped.
struct GivesUp(Option<Arc<AtomicBool>>);

impl Drop for GivesUp {
    fn drop(&mut self) {
        if let Some(flag) = &self.0 {
            flag.store(true, Ordering::Relaxed);
        }
    }
}

impl NetworkManager {
    /// Runs calls on a thread where they may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, WifiError> + Send + 'static,
    ) -> Result<T, WifiError> {
        let state = Arc::clone(&self.state);
        let work = move || work(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
        let done = aside(work).await;
        done.unwrap_or_else(|| Err(WifiError::Other("a call was not finished".to_owned())))
    }
}

#[async_trait]
impl Wifi for NetworkManager {
    async fn host(&self) -> Result<HostWifi, WifiError> {
        self.blocking(|state| host(state.bus()?)).await
    }

    async fn visible(&self, interface: Option<&str>) -> Result<Vec<AccessPoint>, WifiError> {
        let interface = interface.map(str::to_owned);
        self.blocking(move |state| visible(state.bus()?, interface.as_deref())).await
    }

    async fn scan(&self, interface: Option<&str>) {
        let interface = interface.map(str::to_owned);
        // A scan is refused while one is running, or so soon after one.
        let _ = self.blocking(move |state| scan(state.bus()?, interface.as_deref())).await;
    }

    async fn join(
        &self,
        access_point: &AccessPoint,
        passphrase: &Passphrase,
        within: Duration,
    ) -> Result<(), WifiError> {
        let (access_point, passphrase) = (access_point.clone(), passphrase.clone());
        let flag = Arc::clone(&self.gives_up);
        flag.store(false, Ordering::Relaxed);
        let mut given_up = GivesUp(Some(Arc::clone(&flag)));
        let joined = self
            .blocking(move |state| join(state, &access_point, &passphrase, within, &flag))
            .await;
        given_up.0 = None;
        joined
    }

    async fn is_joined(&self) -> bool {
        let is_joined = self.blocking(|state| {
            let Some(joined) = &state.joined else { return Ok(false) };
            let (device, active) = (joined.device.clone(), joined.active.clone());
            let device = at(state.bus()?, device, WITHIN);
            let now: Path = device.get(DEVICE, "ActiveConnection").map_err(explain)?;
            let at: u32 = device.get(DEVICE, "State").map_err(explain)?;
            Ok(Some(now) == active && at == device::ACTIVATED)
        });
        is_joined.await.unwrap_or(false)
    }

    async fn leave(&self) -> Result<(), WifiError> {
        self.gives_up.store(true, Ordering::Relaxed);
        self.blocking(|state| {
            let Some(joined) = state.joined.take() else { return Ok(()) };
            let bus = state.bus()?;
            if give_back(bus, &joined, WITHIN)? {
                comes_back(bus, &joined)?;
            }
            Ok(())
        })
        .await
    }

    async fn clean_up(&self) -> Result<Vec<String>, WifiError> {
        self.blocking(|state| clean_up(state.bus()?)).await
    }
}

fn at<'a>(bus: &'a Connection, path: impl Into<Path<'a>>, within: Duration) -> Proxied<'a> {
    bus.with_proxy(NAME, path, within)
}

fn no_manager(error: &dbus::Error) -> WifiError {
    WifiError::NoManager(error.message().unwrap_or("no reason given").to_owned())
}

/// The last word of an error's name.
fn kind(error: &dbus::Error) -> &str {
    error.name().unwrap_or_default().rsplit('.').next().unwrap_or_default()
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn explain(error: dbus::Error) -> WifiError {
    let text = || error.message().unwrap_or("no reason given").to_owned();
    match kind(&error) {
        "ServiceUnknown" | "NameHasNoOwner" | "NoReply" | "Disconnected" | "Spawn" => {
            no_manager(&error)
        }
        "PermissionDenied" | "AccessDenied" | "InteractiveAuthorizationRequired" => {
            WifiError::Denied(text())
        }
        _ => WifiError::Other(format!("NetworkManager: {}", text())),
    }
}

/// The Wi-Fi devices, with their properties.
fn devices(bus: &Connection) -> Result<Vec<(Path<'static>, PropMap)>, WifiError> {
    let root = at(bus, ROOT, WITHIN);
    let (paths,): (Vec<Path<'static>>,) =
        root.method_call(NAME, "GetDevices", ()).map_err(explain)?;
    let mut devices = Vec::new();
    for path in paths {
        // One that was unplugged meanwhile is none.
        let Ok(properties) = at(bus, path.clone(), WITHIN).get_all(DEVICE) else { continue };
        if prop_cast::<u32>(&properties, "DeviceType") == Some(&device::WIFI) {
            devices.push((path, properties));
        }
    }
    sort_few(&mut devices, |(_, properties)| name_of(properties));
    Ok(devices)
}

fn name_of(properties: &PropMap) -> String {
    prop_cast::<String>(properties, "Interface").cloned().unwrap_or_default()
}

fn path_in(properties: &PropMap, name: &str) -> Option<Path<'static>> {
    let path = prop_cast::<Path<'static>>(properties, name)?;
    (&**path != "/").then(|| path.clone())
}

fn host(bus: &Connection) -> Result<HostWifi, WifiError> {
    let root = at(bus, ROOT, WITHIN);
    let properties = root.get_all(NAME).map_err(explain)?;
    let is = |name| prop_cast::<bool>(&properties, name).copied().unwrap_or(true);
    let (permissions,): (HashMap<String, String>,) =
        root.method_call(NAME, "GetPermissions", ()).map_err(explain)?;
    let interfaces = devices(bus)?.into_iter().map(|(path, properties)| {
        let state = prop_cast::<u32>(&properties, "State").copied().unwrap_or_default();
        let state = match state {
            ..=device::UNMANAGED => InterfaceState::Unmanaged,
            device::UNAVAILABLE => InterfaceState::Unavailable,
            // What another run has joined is not there to be used.
            device::ACTIVATED if is_claimed(&name_of(&properties)) => {
                InterfaceState::Connected { ssid: None }
            }
            device::ACTIVATED => InterfaceState::Connected { ssid: network(bus, &path) },
            _ => InterfaceState::Free,
        };
        WifiInterface { name: name_of(&properties), state }
    });
    let version = prop_cast::<String>(&properties, "Version").cloned().unwrap_or_default();
    Ok(HostWifi {
        manager: format!("NetworkManager {version}").trim_end().to_owned(),
        is_on: is("WirelessEnabled"),
        is_blocked: !is("WirelessHardwareEnabled"),
        may_join: may_join(&permissions),
        interfaces: interfaces.collect(),
    })
}

/// What joining takes: to control networks, and to make a profile.
fn may_join(permissions: &HashMap<String, String>) -> Permission {
    let of = |name: &str| match permissions.get(&format!("{NAME}.{name}")).map(String::as_str) {
        Some("yes") => Permission::Yes,
        Some("auth") => Permission::WithPassword,
        _ => Permission::No,
    };
    match (of("network-control"), of("settings.modify.system")) {
        (Permission::No, _) | (_, Permission::No) => Permission::No,
        (Permission::Yes, Permission::Yes) => Permission::Yes,
        _ => Permission::WithPassword,
    }
}

/// The name of the network that a device is in.
fn network(bus: &Connection, device: &Path<'static>) -> Option<Ssid> {
    let one: Path = at(bus, device.clone(), WITHIN).get(WIRELESS, "ActiveAccessPoint").ok()?;
    let name: Vec<u8> =
        at(bus, one, WITHIN).get("org.freedesktop.NetworkManager.AccessPoint", "Ssid").ok()?;
    Ssid::new(name).ok()
}

/// Asks the devices, or the one with this name, for a scan.
fn scan(bus: &Connection, interface: Option<&str>) -> Result<(), WifiError> {
    for (path, properties) in devices(bus)? {
        if interface.is_none_or(|wanted| wanted == name_of(&properties)) {
            let device = at(bus, path, WITHIN);
            let _: Result<(), _> = device.method_call(WIRELESS, "RequestScan", (PropMap::new(),));
        }
    }
    Ok(())
}

fn visible(bus: &Connection, interface: Option<&str>) -> Result<Vec<AccessPoint>, WifiError> {
    let mut seen = Vec::new();
    for (path, properties) in devices(bus)? {
        let name = name_of(&properties);
        if interface.is_some_and(|wanted| wanted != name) {
            continue;
        }
        let device = at(bus, path, WITHIN);
        let listed = device.method_call(WIRELESS, "GetAllAccessPoints", ());
        // A device that is off sees none.
        let Ok((paths,)) = listed as Result<(Vec<Path<'static>>,), _> else { continue };
        for path in paths {
            let kind = "org.freedesktop.NetworkManager.AccessPoint";
            // It may have vanished meanwhile.
            let Ok(properties) = at(bus, path, WITHIN).get_all(kind) else { continue };
            let last = prop_cast::<i32>(&properties, "LastSeen").copied().unwrap_or_default();
            if uptime() - i64::from(last) <= SEEN_WITHIN {
                seen.extend(access_point(&name, &properties));
            }
        }
    }
    Ok(seen)
}

/// In seconds of `CLOCK_BOOTTIME`, as NetworkManager counts.
fn uptime() -> i64 {
    rustix::time::clock_gettime(rustix::time::ClockId::Boottime).tv_sec
}

fn access_point(interface: &str, properties: &PropMap) -> Option<AccessPoint> {
    /// `NM_802_11_MODE_INFRA`.
    const INFRASTRUCTURE: u32 = 2;
    let number = |name| prop_cast::<u32>(properties, name).copied().unwrap_or_default();
    if number("Mode") != INFRASTRUCTURE {
        return None;
    }
    let ssid = prop_cast::<Vec<u8>>(properties, "Ssid").cloned().unwrap_or_default();
    let percent = prop_cast::<u8>(properties, "Strength").copied().unwrap_or_default();
    Some(AccessPoint {
        interface: interface.to_owned(),
        ssid: Ssid::new(ssid).ok(),
        bssid: Some(prop_cast::<String>(properties, "HwAddress")?.parse::<Bssid>().ok()?),
        channel: channel(number("Frequency")),
        rssi: rssi(percent),
        protection: protection(number("Flags"), number("WpaFlags") | number("RsnFlags")),
    })
}

/// The channel at a frequency in MHz; 0 if there is none.
fn channel(frequency: u32) -> u16 {
    let channel = match frequency {
        2484 => 14,
        2412..=2472 => (frequency - 2407) / 5,
        5160..=5885 => (frequency - 5000) / 5,
        5955..=7115 => (frequency - 5950) / 5,
        _ => 0,
    };
    u16::try_from(channel).unwrap_or_default()
}

/// Turns NetworkManager's percentage back into dBm: -100 dBm is 0 %, -40 dBm is 100 %
/// (`nm_wifi_utils_level_to_quality`).
fn rssi(percent: u8) -> i16 {
    -40 - (100 - i16::from(percent.min(100))) * 60 / 100
}

/// From `NM80211ApFlags` and `NM80211ApSecurityFlags`.
fn protection(flags: u32, security: u32) -> Protection {
    const PRIVACY: u32 = 0x1;
    const PSK: u32 = 0x100;
    const ENTERPRISE: u32 = 0x200;
    const SAE: u32 = 0x400;
    const SUITE_B: u32 = 0x2000;
    if security & PSK != 0 {
        Protection::Wpa
    } else if security & SAE != 0 {
        Protection::Wpa3
    } else if security & (ENTERPRISE | SUITE_B) != 0 {
        Protection::Enterprise
    } else if security == 0 && flags & PRIVACY != 0 {
        Protection::Wep
    } else {
        // Also OWE, which has no passphrase.
        Protection::Open
    }
}

fn join(
    state: &mut State,
    access_point: &AccessPoint,
    passphrase: &Passphrase,
    within: Duration,
    gives_up: &AtomicBool,
) -> Result<(), WifiError> {
    let before = state.joined.take();
    let bus = state.bus()?;
    let found = devices(bus)?.into_iter().find(|(_, all)| name_of(all) == access_point.interface);
    let (device, properties) = found.ok_or(WifiError::NoInterface)?;
    // Joined once more: the network before is still the same. Another one, such as one that was
    // plugged in again, is claimed anew.
    let before = before.filter(|joined| joined.device == device);
    let mut joined = match before {
        Some(joined) => joined,
        None => Joined {
            _claim: claim(&access_point.interface)?,
            before: path_in(&properties, "ActiveConnection")
                .and_then(|active| at(bus, active, WITHIN).get(ACTIVE, "Connection").ok()),
            autoconnects: prop_cast(&properties, "Autoconnect").copied().unwrap_or(true),
            active: None,
            device,
        },
    };
    let done = activate(bus, &mut joined, access_point, passphrase, within, gives_up);
    state.joined = Some(joined);
    done
}

/// Takes an interface for this run, by a name that the kernel gives to one process at a time
/// (abstract sockets, unix(7)), and takes back when that ends, however it does.
fn claim(interface: &str) -> Result<UnixListener, WifiError> {
    let name = SocketAddr::from_abstract_name(format!("esp-prov-rs/{interface}"));
    name.and_then(|name| UnixListener::bind_addr(&name)).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => WifiError::InUse(interface.to_owned()),
        _ => WifiError::Other(format!("{interface} can't be taken: {error}")),
    })
}

/// Whether a run has taken an interface.
fn is_claimed(interface: &str) -> bool {
    let name = SocketAddr::from_abstract_name(format!("esp-prov-rs/{interface}"));
    name.is_ok_and(|name| UnixStream::connect_addr(&name).is_ok())
}

/// Makes a profile and activates it.
fn activate(
    bus: &Connection,
    joined: &mut Joined,
    access_point: &AccessPoint,
    passphrase: &Passphrase,
    within: Duration,
    gives_up: &AtomicBool,
) -> Result<(), WifiError> {
    let (tell, changes) = mpsc::channel();
    let rule = MatchRule::new_signal(DEVICE, "StateChanged").with_path(joined.device.clone());
    let heard = move |(new, _, why): (u32, u32, u32), _: &Connection, _: &dbus::Message| {
        tell.send((new, why)).is_ok()
    };
    let token = bus.add_match(rule, heard).map_err(explain)?;
    let profile = profile(access_point, passphrase, &bus.unique_name());
    let options: PropMap = [
        ("persist".to_owned(), text("volatile")),
        ("bind-activation".to_owned(), text("dbus-client")),
    ]
    .into();
    let arguments = (profile, joined.device.clone(), Path::from("/"), options);
    let root = at(bus, ROOT, WITHIN);
    let asked: Result<(Path<'static>, Path<'static>, PropMap), _> =
        root.method_call(NAME, "AddAndActivateConnection2", arguments);
    let done = match asked {
        Ok((_, active, _)) => {
            joined.active = Some(active.clone());
            let ended = until_activated(bus, &active, &changes, within, gives_up);
            if ended.is_err() {
                // Before anybody is asked for another passphrase, as desktops do.
                let _: Result<(), _> = root.method_call(NAME, "DeactivateConnection", (active,));
            }
            ended
        }
        // It may be asking somebody for permission.
        Err(error) if kind(&error) == "NoReply" => Err(WifiError::Other(
            "NetworkManager does not answer to the request to join".to_owned(),
        )),
        Err(error) => Err(explain(error)),
    };
    // Fails only without a bus.
    let _ = bus.remove_match(token);
    done
}

fn until_activated(
    bus: &Connection,
    active: &Path<'static>,
    changes: &mpsc::Receiver<(u32, u32)>,
    within: Duration,
    gives_up: &AtomicBool,
) -> Result<(), WifiError> {
    let began = Instant::now();
    let mut reached = 0;
    loop {
        bus.process(LOOK).map_err(explain)?;
        for (new, why) in changes.try_iter() {
            let Some(ended) = judge(&mut reached, new, why) else { continue };
            if is_ours(new, activation(bus, active)) {
                return ended;
            }
            reached = 0;
        }
        if gives_up.load(Ordering::Relaxed) || began.elapsed() > within {
            return Err(match reached {
                device::IP_CONFIG.. => WifiError::NoAddress,
                _ => WifiError::NoTime,
            });
        }
    }
}

/// The state of an activation. One that is no longer there has ended.
fn activation(bus: &Connection, active: &Path<'static>) -> u32 {
    at(bus, active.clone(), WITHIN).get(ACTIVE, "State").unwrap_or(activation::DEACTIVATED)
}

/// What a new state of the device means; `None` while it goes on. `reached` is its highest state
/// since ours was begun.
fn judge(reached: &mut u32, new: u32, why: u32) -> Option<Result<(), WifiError>> {
    let begun = *reached >= device::PREPARE;
    match new {
        device::ACTIVATED if begun => return Some(Ok(())),
        // At first it has to get the passphrase that it was given.
        device::NEED_AUTH if why != reason::NONE => {
            return Some(Err(WifiError::WrongPassphrase));
        }
        device::FAILED => {
            return Some(Err(match why {
                reason::NO_SECRETS => WifiError::WrongPassphrase,
                reason::NO_IP => WifiError::NoAddress,
                why if reason::DHCP.contains(&why) => WifiError::NoAddress,
                why if why == reason::NOT_FOUND || reason::SUPPLICANT.contains(&why) => {
                    WifiError::Gone
                }
                why => WifiError::Other(format!(
                    "NetworkManager could not join the access point (reason {why})"
                )),
            }));
        }
        ..=device::DISCONNECTED if begun => return Some(Err(WifiError::TakenOver)),
        _ => {}
    }
    if (device::PREPARE..device::ACTIVATED).contains(&new) {
        *reached = new.max(*reached);
    }
    None
}

/// Whether a change that ends a join is one of ours, the state of which is `activation` now. Else it
/// is of the network before, which may have been on its way when ours replaced it, as it is when an
/// interface has just become usable.
fn is_ours(new: u32, activation: u32) -> bool {
    match new {
        device::ACTIVATED => activation == activation::ACTIVATED,
        // Ours goes on while its passphrase is asked for.
        device::NEED_AUTH => activation != activation::PENDING,
        _ => activation > activation::ACTIVATED,
    }
}

fn text(text: &str) -> Variant<Box<dyn RefArg>> {
    Variant(Box::new(text.to_owned()))
}

fn flag(on: bool) -> Variant<Box<dyn RefArg>> {
    Variant(Box::new(on))
}

/// The profile: never the default route, no name servers, nothing by itself.
fn profile(
    access_point: &AccessPoint,
    passphrase: &Passphrase,
    owner: &str,
) -> HashMap<&'static str, PropMap> {
    let map = |members: Vec<(&str, Variant<Box<dyn RefArg>>)>| {
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<PropMap>()
    };
    let name = access_point.ssid.as_ref();
    let shown = name.map_or_else(|| "hidden".to_owned(), ToString::to_string);
    let bssid = access_point.bssid.map(|bssid| bssid.0.to_vec()).unwrap_or_default();
    let bytes = name.map(|name| name.as_bytes().to_vec()).unwrap_or_default();
    let owner: HashMap<String, String> = [(OWNER.to_owned(), owner.to_owned())].into();
    let mut profile: HashMap<_, _> = [
        (
            "connection",
            map(vec![
                ("id", text(&format!("{OURS}{shown}"))),
                ("type", text("802-11-wireless")),
                ("interface-name", text(&access_point.interface)),
                ("autoconnect", flag(false)),
            ]),
        ),
        (
            "802-11-wireless",
            map(vec![
                ("ssid", Variant(Box::new(bytes))),
                ("bssid", Variant(Box::new(bssid))),
                ("mode", text("infrastructure")),
                // Not to sleep: replies are waited for one by one.
                ("powersave", Variant(Box::new(2_u32))),
            ]),
        ),
        (
            "ipv4",
            map(vec![
                ("method", text("auto")),
                ("never-default", flag(true)),
                ("ignore-auto-dns", flag(true)),
                ("may-fail", flag(false)),
            ]),
        ),
        (
            "ipv6",
            map(vec![
                ("method", text("link-local")),
                ("never-default", flag(true)),
                ("ignore-auto-dns", flag(true)),
            ]),
        ),
        ("user", map(vec![("data", Variant(Box::new(owner)))])),
    ]
    .into();
    let management = match access_point.protection {
        Protection::Wpa => Some("wpa-psk"),
        Protection::Wpa3 => Some("sae"),
        _ => None,
    };
    if let Some(management) = management {
        let psk = String::from_utf8_lossy(passphrase.expose());
        let security = map(vec![("key-mgmt", text(management)), ("psk", text(&psk))]);
        profile.insert("802-11-wireless-security", security);
    }
    profile
}

/// Ends ours, and asks for what was there before. Returns whether that is to come back.
fn give_back(bus: &Connection, joined: &Joined, within: Duration) -> Result<bool, WifiError> {
    let device = at(bus, joined.device.clone(), within);
    let now: Path = device.get(DEVICE, "ActiveConnection").map_err(explain)?;
    let is_ours = joined.active.as_ref() == Some(&now);
    if !is_ours && &*now != "/" {
        // What is active now is what somebody wants, or what was there before.
        return Ok(false);
    }
    let root = at(bus, ROOT, within);
    let mut comes_back = false;
    if let Some(before) = &joined.before {
        // This replaces ours.
        let arguments = (before.clone(), joined.device.clone(), Path::from("/"));
        let asked: Result<(Path<'static>,), _> =
            root.method_call(NAME, "ActivateConnection", arguments);
        comes_back = true;
        if let Err(error) = asked {
            let _: Result<(), _> = root.method_call(NAME, "DeactivateConnection", (now,));
            return Err(WifiError::NotRestored(explain(error).to_string()));
        }
    } else if is_ours {
        root.method_call::<(), _, _, _>(NAME, "DeactivateConnection", (now,)).map_err(explain)?;
    }
    if !joined.autoconnects {
        // Joining has switched it on.
        device.set(DEVICE, "Autoconnect", false).map_err(explain)?;
    }
    Ok(comes_back)
}

/// Waits until the network before is back.
fn comes_back(bus: &Connection, joined: &Joined) -> Result<(), WifiError> {
    let began = Instant::now();
    let device = at(bus, joined.device.clone(), WITHIN);
    let mut has_failed = false;
    while began.elapsed() < BACK_WITHIN {
        let active = device.get::<Path>(DEVICE, "ActiveConnection").map_err(explain)?;
        let state: u32 = device.get(DEVICE, "State").map_err(explain)?;
        match state {
            device::ACTIVATED if Some(&active) != joined.active.as_ref() => return Ok(()),
            device::FAILED => has_failed = true,
            // NetworkManager tries no more, or not before a while.
            device::DISCONNECTED if has_failed => break,
            _ => {}
        }
        std::thread::sleep(LOOK);
    }
    Err(WifiError::NotRestored("the system is still trying".to_owned()))
}

/// Removes the profiles of processes that are gone.
fn clean_up(bus: &Connection) -> Result<Vec<String>, WifiError> {
    let settings = at(bus, "/org/freedesktop/NetworkManager/Settings", WITHIN);
    let (all,): (Vec<Path<'static>>,) =
        settings.method_call(SETTINGS, "ListConnections", ()).map_err(explain)?;
    let mut removed = Vec::new();
    for path in all {
        let profile = at(bus, path, WITHIN);
        let told = profile.method_call(PROFILE, "GetSettings", ());
        let Ok((told,)) = told as Result<(HashMap<String, PropMap>,), _> else { continue };
        let id = told.get("connection").and_then(|all| prop_cast::<String>(all, "id"));
        let Some(name) = id.and_then(|id| id.strip_prefix(OURS)) else { continue };
        let Some(owner) = told.get("user").and_then(owner) else { continue };
        if !has_owner(bus, &owner) {
            profile.method_call::<(), _, _, _>(PROFILE, "Delete", ()).map_err(explain)?;
            removed.push(name.to_owned());
        }
    }
    Ok(removed)
}

fn owner(user: &PropMap) -> Option<String> {
    let mut members = user.get("data")?.0.as_iter()?;
    while let (Some(name), Some(value)) = (members.next(), members.next()) {
        if name.as_str() == Some(OWNER) {
            return value.as_str().map(str::to_owned);
        }
    }
    None
}

fn has_owner(bus: &Connection, name: &str) -> bool {
    let names = bus.with_proxy("org.freedesktop.DBus", "/org/freedesktop/DBus", WITHIN);
    let asked = names.method_call("org.freedesktop.DBus", "NameHasOwner", (name,));
    // If that can't be found out, it may be in use.
    asked.map_or(true, |(has_owner,)| has_owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_a_join_are_understood() {
        // As NetworkManager 1.42 tells of a join that takes an interface from another network.
        let ends = |changes: &[(u32, u32)]| {
            let mut reached = 0;
            changes.iter().find_map(|&(new, why)| judge(&mut reached, new, why))
        };
        let leaves = [(110, 60), (30, 60), (40, 0), (50, 0), (60, 0), (40, 0), (50, 0)];
        let with = |more: &[(u32, u32)]| ends(&[&leaves, more].concat());
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[(70, 0), (80, 0), (90, 0), (100, 0)]), Some(Ok(())));
        assert_eq!(with(&[(60, 8)]), Some(Err(WifiError::WrongPassphrase)));
        assert_eq!(with(&[(120, 7)]), Some(Err(WifiError::WrongPassphrase)));
        assert_eq!(with(&[(70, 0), (120, 5)]), Some(Err(WifiError::NoAddress)));
        assert_eq!(with(&[(120, 53)]), Some(Err(WifiError::Gone)));
        assert_eq!(with(&[(110, 39), (30, 39)]), Some(Err(WifiError::TakenOver)));
    }

    #[test]
    fn a_join_that_ours_replaces_does_not_end_ours() {
        // As heard on a busy machine whose interface had just become usable.
        let mut reached = 0;
        let mut ends = |changes: &[(u32, u32)]| {
            changes.iter().find_map(|&(new, why)| judge(&mut reached, new, why))
        };
        assert_eq!(ends(&[(40, 0), (50, 0), (70, 0), (90, 0)]), None);
        assert_eq!(ends(&[(100, 0)]), Some(Ok(())));
        assert!(!is_ours(100, activation::PENDING));
        assert_eq!(ends(&[(110, 60), (30, 60)]), Some(Err(WifiError::TakenOver)));
        let begun = 1;
        assert!(!is_ours(30, begun));
        assert!(is_ours(30, activation::DEACTIVATED));
        assert!(!is_ours(120, begun));
        assert!(is_ours(60, begun));
        assert!(is_ours(100, activation::ACTIVATED));
    }

    #[test]
    fn an_interface_is_for_one_run_at_a_time() {
        let interface = format!("test{}", std::process::id());
        assert!(!is_claimed(&interface));
        let first = claim(&interface).expect("it is free");
        assert!(is_claimed(&interface));
        assert_eq!(claim(&interface).err(), Some(WifiError::InUse(interface.clone())));
        drop(first);
        assert!(claim(&interface).is_ok());
    }

    #[test]
    fn what_an_access_point_tells_is_understood() {
        assert_eq!([2412, 2437, 2484, 5180, 5955, 900].map(channel), [1, 6, 14, 36, 1, 0]);
        assert_eq!([0, 50, 100, 255].map(rssi), [-100, -70, -40, -40]);
        for (flags, security, expected) in [
            (0, 0, Protection::Open),
            (1, 0, Protection::Wep),
            (1, 0x188, Protection::Wpa),
            (1, 0x588, Protection::Wpa),
            (1, 0x488, Protection::Wpa3),
            (1, 0x288, Protection::Enterprise),
            (1, 0x888, Protection::Open),
        ] {
            assert_eq!(protection(flags, security), expected, "{flags:#x} {security:#x}");
        }
    }

    #[test]
    fn a_password_that_only_a_desktop_asks_for_is_told_apart() {
        let with = |control: &str, modify: &str| {
            let name = |name: &str| format!("{NAME}.{name}");
            let all = [
                (name("network-control"), control.to_owned()),
                (name("settings.modify.system"), modify.to_owned()),
            ];
            may_join(&all.into())
        };
        assert_eq!(with("yes", "yes"), Permission::Yes);
        assert_eq!(with("yes", "auth"), Permission::WithPassword);
        assert_eq!(with("no", "yes"), Permission::No);
        assert_eq!(may_join(&HashMap::new()), Permission::No);
    }
}
