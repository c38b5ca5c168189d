//! SoftAP: joining the device's own access point, then HTTP there.
//!
//! ```text
//!  look ─▶ the wanted access point ─▶ join ─▶ an address ─▶ HTTP, on that interface only
//! ```
//!
//! The network of an access point leads nowhere else, so it never becomes the default route. While a
//! device joins its network, its access point vanishes or moves to another channel; each new link
//! joins it again.

// What the programs of other systems say is understood in tests on any.
#[cfg(all(feature = "softap", any(target_os = "macos", test)))]
#[cfg_attr(not(target_os = "macos"), allow(dead_code, reason = "only tested here"))]
mod macos;
#[cfg(all(feature = "softap", target_os = "linux"))]
mod network_manager;
#[cfg(all(feature = "softap", any(target_os = "macos", windows, test)))]
#[cfg_attr(target_os = "linux", allow(dead_code, reason = "only tested here"))]
mod program;
mod shared;
mod wifi;
#[cfg(all(feature = "softap", any(windows, test)))]
#[cfg_attr(not(windows), allow(dead_code, reason = "only tested here"))]
mod windows;

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use protocomm::{Bssid, Passphrase};
use tokio::time::{Instant, sleep, timeout, timeout_at};

pub use self::{
    shared::Interfaces,
    wifi::{
        AccessPoint, HostWifi, InterfaceState, Permission, Protection, Wifi, WifiError,
        WifiInterface,
    },
};
use super::{Connect, Transport, TransportError};
pub use crate::address::AccessPointSelector;
use crate::{few::sort_few, shown::Shown, verify::stations_of_access_point};

/// How the examples of ESP-IDF name their access points.
pub const NAME_PREFIX: &str = "PROV_";

/// The interval at which access points are looked for.
const LOOK: Duration = Duration::from_millis(500);

/// How long the system may take to say what it has.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// How long joining an access point may take once it was found: its key and an address.
const JOIN_WITHIN: Duration = Duration::from_secs(30);

/// The system's Wi-Fi.
#[cfg(feature = "softap")]
pub fn system_wifi() -> Arc<dyn Wifi> {
    #[cfg(target_os = "linux")]
    return Arc::new(network_manager::NetworkManager::default());
    #[cfg(target_os = "macos")]
    return Arc::new(macos::MacOs::default());
    #[cfg(windows)]
    return Arc::new(windows::Windows::default());
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    Arc::new(Unsupported)
}

#[cfg(all(feature = "softap", not(any(target_os = "linux", target_os = "macos", windows))))]
struct Unsupported;

#[cfg(all(feature = "softap", not(any(target_os = "linux", target_os = "macos", windows))))]
#[async_trait]
impl Wifi for Unsupported {
    async fn host(&self) -> Result<HostWifi, WifiError> {
        Err(WifiError::Unsupported)
    }

    async fn visible(&self, _: Option<&str>) -> Result<Vec<AccessPoint>, WifiError> {
        Err(WifiError::Unsupported)
    }

    async fn scan(&self, _: Option<&str>) {}

    async fn join(&self, _: &AccessPoint, _: &Passphrase, _: Duration) -> Result<(), WifiError> {
        Err(WifiError::Unsupported)
    }

    async fn is_joined(&self) -> bool {
        false
    }

    async fn leave(&self) -> Result<(), WifiError> {
        Ok(())
    }

    async fn clean_up(&self) -> Result<Vec<String>, WifiError> {
        Err(WifiError::Unsupported)
    }
}

impl AccessPoint {
    /// Whether it is the one that is meant.
    pub fn is(&self, wanted: &AccessPointSelector) -> bool {
        match wanted {
            AccessPointSelector::Name(name) => self.ssid.as_ref() == Some(name),
            AccessPointSelector::Bssid(bssid) => self.bssid == Some(*bssid),
        }
    }
}

/// An access point to join.
pub struct SoftapConfig {
    /// Which one.
    pub wanted: AccessPointSelector,
    /// The interface to join it with; `None` for the one that sees it best.
    pub interface: Option<String>,
    /// Its passphrase; empty for an open one.
    pub passphrase: Passphrase,
    /// How long the access point may be away once it was joined, as while the device joins its
    /// network.
    pub rejoin_within: Duration,
}

/// Reaches a device on its own access point. [`settle`](Connect::settle) leaves the access point
/// and brings back the network before.
#[derive(Clone)]
pub struct SoftapConnect(Arc<Inner>);

/// The way to the device on its access point, over the interface with this name if there is one:
/// HTTP, mostly, bound to the interface.
pub type WayOver = dyn Fn(Option<&str>) -> Box<dyn Connect> + Send + Sync;

struct Inner {
    wifi: Arc<dyn Wifi>,
    config: SoftapConfig,
    way_over: Box<WayOver>,
    passphrase: Mutex<Passphrase>,
    /// The access point that was joined, or the interface that was on it before.
    on: Mutex<Option<On>>,
    /// Why the network before could not be brought back, if nobody was told yet.
    not_restored: Mutex<Option<WifiError>>,
}

#[derive(Clone)]
enum On {
    /// The interface that was on it before; it is not ours to leave.
    Already(String),
    Joined(AccessPoint),
    /// The access point is not joined at all.
    Nothing,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SoftapConnect {
    /// Joins the access point of `config` with this machine's `wifi`, and goes on by `way_over` the
    /// interface that is on it.
    pub fn new(config: SoftapConfig, wifi: Arc<dyn Wifi>, way_over: Box<WayOver>) -> Self {
        let passphrase = Mutex::new(config.passphrase.clone());
        let (on, not_restored) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { wifi, config, way_over, passphrase, on, not_restored }))
    }

    /// Which access point is meant.
    pub fn wanted(&self) -> &AccessPointSelector {
        &self.0.config.wanted
    }

    /// Sets the passphrase of the access point, as a person has given it.
    pub fn set_passphrase(&self, passphrase: Passphrase) {
        *lock(&self.0.passphrase) = passphrase;
    }

    /// Checks that an interface can be used. Returns what is known about the machine's Wi-Fi.
    ///
    /// # Errors
    /// [`WifiError`].
    pub async fn check(&self) -> Result<HostWifi, WifiError> {
        check_in_time(&*self.0.wifi, self.0.config.interface.as_deref()).await
    }

    /// The interface that is on the wanted access point already, if one is. It is used as it is,
    /// and stays there.
    ///
    /// # Errors
    /// [`WifiError`].
    pub async fn already_on(&self) -> Result<Option<String>, WifiError> {
        let AccessPointSelector::Name(wanted) = &self.0.config.wanted else { return Ok(None) };
        let host = self.check().await?;
        let is_it = |one: &&WifiInterface| {
            let is_meant = self.0.config.interface.as_ref().is_none_or(|name| *name == one.name);
            let connected = InterfaceState::Connected { ssid: Some(wanted.clone()) };
            is_meant && one.state == connected
        };
        let name = host.interfaces.iter().find(is_it).map(|one| one.name.clone());
        *lock(&self.0.on) = name.clone().map(On::Already);
        Ok(name)
    }

    /// Waits for the access point for at most `within`.
    ///
    /// # Errors
    /// [`WifiError::NotFound`] with what there is instead, [`WifiError::Several`], or another
    /// [`WifiError`].
    pub async fn find(&self, within: Duration) -> Result<AccessPoint, WifiError> {
        let until = Instant::now() + within;
        let mut seen = Vec::new();
        let mut is_checked = false;
        loop {
            let looked = self.0.wifi.visible(self.0.config.interface.as_deref());
            match timeout_at(until, looked).await {
                Ok(visible) => seen = visible?,
                Err(_) if seen.is_empty() => return Err(WifiError::NoTime),
                Err(_) => {}
            }
            if let Some(one) = self.choose(&seen)? {
                return Ok(one);
            }
            if seen.is_empty() && !mem::replace(&mut is_checked, true) {
                // Without Wi-Fi none is seen.
                self.check().await?;
            }
            if Instant::now() + LOOK >= until {
                return Err(WifiError::NotFound(in_vain(self.wanted(), &seen)));
            }
            // Only now: an access point can't be joined before the scan is over.
            let _ = timeout_at(until, self.0.wifi.scan(self.0.config.interface.as_deref())).await;
            sleep(LOOK).await;
        }
    }

    /// The wanted access point, by the interface that sees it best.
    fn choose(&self, seen: &[AccessPoint]) -> Result<Option<AccessPoint>, WifiError> {
        let mut fitting: Vec<_> = seen.iter().filter(|one| one.is(self.wanted())).collect();
        if let Some(On::Joined(before)) = &*lock(&self.0.on) {
            // Never another one of its name.
            fitting.retain(|one| one.bssid == before.bssid);
        }
        let Some(best) = fitting.iter().max_by_key(|one| one.rssi) else { return Ok(None) };
        if fitting.iter().any(|one| one.bssid != best.bssid) {
            let mut all: Vec<_> =
                fitting.iter().filter_map(|one| one.bssid).map(|bssid| bssid.to_string()).collect();
            all.sort();
            all.dedup();
            return Err(WifiError::Several(all.join(", ")));
        }
        Ok(Some((*best).clone()))
    }

    /// Joins an access point, and waits until this machine has an address there.
    ///
    /// # Errors
    /// [`WifiError`].
    pub async fn join(&self, access_point: &AccessPoint) -> Result<(), WifiError> {
        let passphrase = lock(&self.0.passphrase).clone();
        match access_point.protection {
            Protection::Open if !passphrase.is_empty() => return Err(WifiError::NotEncrypted),
            Protection::Wpa | Protection::Wpa3 if passphrase.is_empty() => {
                return Err(WifiError::PassphraseMissing);
            }
            other @ (Protection::Wep | Protection::Enterprise) => {
                return Err(WifiError::OtherProtection(other.name()));
            }
            Protection::Open | Protection::Wpa | Protection::Wpa3 => {}
        }
        self.0.wifi.join(access_point, &passphrase, JOIN_WITHIN).await?;
        *lock(&self.0.on) = Some(On::Joined(access_point.clone()));
        Ok(())
    }

    /// Leaves the access point, and brings back the network before.
    ///
    /// # Errors
    /// [`WifiError::NotRestored`], or another [`WifiError`].
    pub async fn leave(&self) -> Result<(), WifiError> {
        let left = self.0.wifi.leave().await;
        lock(&self.0.not_restored).take().map_or(left, Err)
    }

    /// The access point that was joined.
    fn joined(&self) -> Option<Bssid> {
        match &*lock(&self.0.on) {
            Some(On::Joined(one)) => one.bssid,
            _ => None,
        }
    }

    /// From now on, no access point is joined: the device is reached over whatever way there is.
    pub fn do_without(&self) {
        *lock(&self.0.on) = Some(On::Nothing);
    }

    /// The interface that is on the access point, which is joined if it is not yet, or no longer.
    async fn interface(&self, within: Duration) -> Result<Option<String>, WifiError> {
        let on = lock(&self.0.on).clone();
        match on {
            Some(On::Nothing) => return Ok(None),
            Some(On::Already(interface)) => return Ok(Some(interface)),
            Some(On::Joined(one)) if self.0.wifi.is_joined().await => {
                return Ok(Some(one.interface));
            }
            _ => {}
        }
        match self.find_and_join(within).await {
            // Without Wi-Fi no access point is seen or joined, which says nothing about the device.
            Err(error) if !error.is_away() => match self.check().await {
                Err(lacks) if lacks.is_away() => Err(lacks),
                _ => Err(error),
            },
            joined => joined.map(Some),
        }
    }

    async fn find_and_join(&self, within: Duration) -> Result<String, WifiError> {
        let found = self.find(within).await?;
        self.join(&found).await?;
        Ok(found.interface)
    }
}

#[async_trait]
impl Connect for SoftapConnect {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let interface = self.interface(within).await?;
        (self.0.way_over)(interface.as_deref()).connect(within).await
    }

    async fn ready(&self) -> Result<(), TransportError> {
        self.check().await?;
        Ok(())
    }

    fn limit(&self, within: Duration) -> Duration {
        limit(within, self.0.config.rejoin_within)
    }

    async fn settle(&self) {
        if let Err(error) = self.leave().await {
            // For the next call of `leave`.
            *lock(&self.0.not_restored) = Some(error);
        }
    }

    fn station_addresses(&self) -> Vec<Bssid> {
        let known = match self.wanted() {
            AccessPointSelector::Bssid(bssid) => Some(*bssid),
            AccessPointSelector::Name(_) => self.joined(),
        };
        known.map(stations_of_access_point).unwrap_or_default()
    }
}

/// How long connecting may take, and how long the access point may be away.
fn limit(within: Duration, rejoin_within: Duration) -> Duration {
    (within + JOIN_WITHIN).max(rejoin_within)
}

/// Like [`check`], of what the system says within a limit.
async fn check_in_time(wifi: &dyn Wifi, interface: Option<&str>) -> Result<HostWifi, WifiError> {
    let silent = |_| Err(WifiError::NoManager("it is silent".to_owned()));
    let host = timeout(ANSWER_WITHIN, wifi.host()).await.unwrap_or_else(silent)?;
    check(&host, interface)?;
    Ok(host)
}

/// Checks that an interface can be used, or the one of this name.
///
/// # Errors
/// [`WifiError`].
pub fn check(host: &HostWifi, interface: Option<&str>) -> Result<(), WifiError> {
    if host.interfaces.is_empty() {
        return Err(WifiError::NoInterface);
    }
    if host.is_blocked || !host.is_on {
        return Err(WifiError::Off);
    }
    let list = || {
        let all = host.interfaces.iter().map(|one| match one.state {
            InterfaceState::Unmanaged => format!("{} (not managed)", one.name),
            InterfaceState::Unavailable => format!("{} (not available)", one.name),
            _ => one.name.clone(),
        });
        all.collect::<Vec<_>>().join(", ")
    };
    let mut usable = host.interfaces.iter().filter(|one| one.state.is_usable());
    match interface {
        Some(name) if usable.all(|one| one.name != name) => {
            return Err(WifiError::OtherInterface { there: list() });
        }
        None if usable.next().is_none() => return Err(WifiError::Unusable(list())),
        _ => {}
    }
    if host.may_join == Permission::No {
        return Err(WifiError::Denied("the system's rules (polkit) forbid it".to_owned()));
    }
    Ok(())
}

fn in_vain(wanted: &AccessPointSelector, seen: &[AccessPoint]) -> String {
    const MOST: usize = 8;
    let mut seen: Vec<_> = seen.iter().filter(|one| one.ssid.is_some()).collect();
    // Those that look like devices first, then the strongest.
    let is_device = |one: &AccessPoint| {
        one.ssid.as_ref().is_some_and(|name| name.as_bytes().starts_with(NAME_PREFIX.as_bytes()))
    };
    sort_few(&mut seen, |one| (!is_device(one), -one.rssi));
    let wanted = match wanted {
        AccessPointSelector::Name(name) => Shown::quoted(&name.to_string()).to_string(),
        AccessPointSelector::Bssid(bssid) => bssid.to_string(),
    };
    let mut names: Vec<_> = seen
        .iter()
        .filter_map(|one| one.ssid.as_ref())
        .map(|name| Shown::quoted(&name.to_string()).to_string())
        .collect();
    let mut known = std::collections::HashSet::new();
    names.retain(|name| known.insert(name.clone()));
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    match &names[..] {
        [] => format!("no access point {wanted} in range; none is"),
        names if more == 0 => {
            format!("no access point {wanted} in range; there are {}", names.join(", "))
        }
        names => {
            format!(
                "no access point {wanted} in range; there are {} and {more} more",
                names.join(", ")
            )
        }
    }
}
