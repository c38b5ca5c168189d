//! A machine's Wi-Fi and the access points in its reach, all made of software.

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    Connect, Endpoint, Passphrase, Ssid, Transport, TransportError,
    transport::softap::{
        AccessPoint, AccessPointSelector, HostWifi, InterfaceState, Permission, Protection,
        SoftapConfig, SoftapConnect, WayOver, Wifi, WifiError, WifiInterface, check,
    },
};
use esp_prov_simulate::VirtualDevice;
use tokio::time::{Instant, sleep};

use super::{lock, passphrase, ssid};

/// The Wi-Fi of one machine. Clones are the same.
#[derive(Clone)]
pub struct WifiHost(Arc<Mutex<State>>);

struct State {
    host: Result<HostWifi, WifiError>,
    access_points: Vec<AccessPoint>,
    hidden: Vec<AccessPoint>,
    passphrase: Passphrase,
    /// Whether the system does not answer.
    is_silent: bool,
    /// When the access points leave the air, and when they come back.
    away: Option<(Instant, Instant)>,
    joined: Option<AccessPoint>,
    joins: usize,
    leaves: usize,
}

/// How long a join takes.
const JOIN: Duration = Duration::from_secs(4);

/// What an interface sees of an access point.
pub fn access_point(name: &str, last: u8, protection: Protection) -> AccessPoint {
    AccessPoint {
        interface: "wlan0".to_owned(),
        ssid: Some(ssid(name)),
        bssid: Some(esp_prov::Bssid([0x24, 0x0a, 0xc4, 0, 0, last])),
        channel: 6,
        rssi: -50,
        protection,
    }
}

impl WifiHost {
    /// With one interface, which is free.
    pub fn seeing(access_points: Vec<AccessPoint>) -> Self {
        let interface = WifiInterface { name: "wlan0".to_owned(), state: InterfaceState::Free };
        Self(Arc::new(Mutex::new(State {
            host: Ok(HostWifi {
                manager: "NetworkManager 1.42.4".to_owned(),
                is_on: true,
                is_blocked: false,
                may_join: Permission::Yes,
                interfaces: vec![interface],
            }),
            access_points,
            hidden: Vec::new(),
            passphrase: passphrase("ap-passphrase"),
            is_silent: false,
            away: None,
            joined: None,
            joins: 0,
            leaves: 0,
        })))
    }

    /// Changes what is known about the machine.
    pub fn with(self, change: impl FnOnce(&mut Result<HostWifi, WifiError>)) -> Self {
        self.change(change);
        self
    }

    /// Changes it from now on.
    pub fn change(&self, change: impl FnOnce(&mut Result<HostWifi, WifiError>)) {
        change(&mut lock(&self.0).host);
    }

    /// The system answers no more.
    pub fn falls_silent(self) -> Self {
        lock(&self.0).is_silent = true;
        self
    }

    /// The access points are away from `after` now on, for `time`.
    pub fn goes_away(&self, after: Duration, time: Duration) {
        let begin = Instant::now() + after;
        lock(&self.0).away = Some((begin, begin + time));
    }

    /// Takes the access point of this name off the air.
    pub fn hides(&self, name: &str) {
        let mut state = lock(&self.0);
        let hidden = ssid(name);
        let (gone, there) = std::mem::take(&mut state.access_points)
            .into_iter()
            .partition(|one| one.ssid.as_ref() == Some(&hidden));
        (state.hidden, state.access_points) = (gone, there);
    }

    /// Brings back what was hidden.
    pub fn shows_all(&self) {
        let mut state = lock(&self.0);
        let hidden = std::mem::take(&mut state.hidden);
        state.access_points.extend(hidden);
    }

    /// Another interface that sees the same.
    pub fn another(&self) -> Self {
        let mut all = lock(&self.0).access_points.clone();
        for one in &mut all {
            "wlan1".clone_into(&mut one.interface);
        }
        let other = Self::seeing(all);
        lock(&other.0).host.iter_mut().for_each(|host| host.interfaces[0].name = "wlan1".into());
        other
    }

    /// How often one was joined, and left.
    pub fn joins_and_leaves(&self) -> (usize, usize) {
        let state = lock(&self.0);
        (state.joins, state.leaves)
    }

    /// Whether no access point can be seen; what was joined is gone then.
    fn is_away(&self) -> bool {
        let now = Instant::now();
        let mut state = lock(&self.0);
        let lacks = match &state.host {
            Ok(host) => check(host, None).err(),
            Err(error) => Some(error.clone()),
        };
        let is_away = state.away.is_some_and(|(begin, end)| (begin..end).contains(&now))
            || lacks.is_some_and(|error| error.is_away());
        if is_away {
            state.joined = None;
        }
        is_away
    }

    /// The way to a device on the access point of this name.
    pub fn way_to(
        &self,
        device: &VirtualDevice,
        name: &str,
        passphrase: Passphrase,
    ) -> SoftapConnect {
        let config = SoftapConfig {
            wanted: AccessPointSelector::Name(ssid(name)),
            interface: None,
            passphrase,
            rejoin_within: Duration::from_secs(60),
        };
        let way_over = self.way_over(device, name);
        let way_over = Box::new(move |interface: Option<&str>| way_over(interface));
        SoftapConnect::new(config, Arc::new(self.clone()), way_over)
    }

    /// The way to a device once this machine is on the access point of this name.
    pub fn way_over(&self, device: &VirtualDevice, name: &str) -> Arc<WayOver> {
        let (wifi, device, name) = (self.clone(), device.clone(), ssid(name));
        Arc::new(move |_: Option<&str>| {
            let (wifi, device, name) = (wifi.clone(), device.clone(), name.clone());
            Box::new(Behind { wifi, device, name }) as Box<dyn Connect>
        })
    }

    /// The way to a device with whichever of these is on its access point.
    pub fn way_over_any(all: &[Self], device: &VirtualDevice, name: &str) -> Arc<WayOver> {
        let (all, device, name) = (all.to_vec(), device.clone(), ssid(name));
        Arc::new(move |interface: Option<&str>| {
            let own = |one: &&Self| {
                let host = lock(&one.0).host.clone();
                host.is_ok_and(|host| Some(host.interfaces[0].name.as_str()) == interface)
            };
            let wifi = all.iter().find(own).unwrap_or(&all[0]).clone();
            Box::new(Behind { wifi, device: device.clone(), name: name.clone() })
                as Box<dyn Connect>
        })
    }

    fn is_on(&self, name: &Ssid) -> bool {
        let is_it = |one: &AccessPoint| one.ssid.as_ref() == Some(name);
        !self.is_away() && lock(&self.0).joined.as_ref().is_some_and(is_it)
    }
}

#[async_trait]
impl Wifi for WifiHost {
    async fn host(&self) -> Result<HostWifi, WifiError> {
        let is_silent = lock(&self.0).is_silent;
        if is_silent {
            pending::<()>().await;
        }
        lock(&self.0).host.clone()
    }

    async fn visible(&self, _: Option<&str>) -> Result<Vec<AccessPoint>, WifiError> {
        let is_away = self.is_away();
        let state = lock(&self.0);
        state.host.clone()?;
        Ok(if is_away { Vec::new() } else { state.access_points.clone() })
    }

    async fn scan(&self, _: Option<&str>) {}

    async fn join(
        &self,
        one: &AccessPoint,
        passphrase: &Passphrase,
        _: Duration,
    ) -> Result<(), WifiError> {
        sleep(JOIN).await;
        if self.is_away() {
            return Err(WifiError::Gone);
        }
        let mut state = lock(&self.0);
        if one.protection != Protection::Open && *passphrase != state.passphrase {
            return Err(WifiError::WrongPassphrase);
        }
        state.joined = Some(one.clone());
        state.joins += 1;
        Ok(())
    }

    async fn is_joined(&self) -> bool {
        !self.is_away() && lock(&self.0).joined.is_some()
    }

    async fn leave(&self) -> Result<(), WifiError> {
        let mut state = lock(&self.0);
        state.leaves += usize::from(state.joined.take().is_some());
        Ok(())
    }

    async fn clean_up(&self) -> Result<Vec<String>, WifiError> {
        Ok(Vec::new())
    }
}

/// A device behind an access point: silence while this machine is not on it.
struct Behind {
    wifi: WifiHost,
    device: VirtualDevice,
    name: Ssid,
}

#[async_trait]
impl Connect for Behind {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        if !self.wifi.is_on(&self.name) {
            sleep(within).await;
            return Err(TransportError::Connect("no answer".into()));
        }
        let inner = self.device.connect(within).await?;
        Ok(Box::new(Link { wifi: self.wifi.clone(), name: self.name.clone(), inner }))
    }
}

struct Link {
    wifi: WifiHost,
    name: Ssid,
    inner: Box<dyn Transport>,
}

#[async_trait]
impl Transport for Link {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        if !self.wifi.is_on(&self.name) {
            pending::<()>().await;
        }
        self.inner.exchange(endpoint, body).await
    }
}
