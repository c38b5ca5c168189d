//! A machine's Wi-Fi and the access points in its reach, all made of software.

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    Connect, Endpoint, Passphrase, Transport, TransportError,
    transport::softap::{
        AccessPoint, AccessPointSelector, HostWifi, InterfaceState, Permission, Protection,
        SoftapConfig, SoftapConnect, Wifi, WifiError, WifiInterface,
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
    passphrase: Passphrase,
    /// Whether the system does not answer.
    is_silent: bool,
    /// When the access points leave the air, and when they come back.
    away: Option<(Instant, Instant)>,
    is_joined: bool,
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
        bssid: esp_prov::Bssid([0x24, 0x0a, 0xc4, 0, 0, last]),
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
            passphrase: passphrase("ap-passphrase"),
            is_silent: false,
            away: None,
            is_joined: false,
            joins: 0,
            leaves: 0,
        })))
    }

    /// Changes what is known about the machine.
    pub fn with(self, change: impl FnOnce(&mut Result<HostWifi, WifiError>)) -> Self {
        change(&mut lock(&self.0).host);
        self
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

    /// How often one was joined, and left.
    pub fn joins_and_leaves(&self) -> (usize, usize) {
        let state = lock(&self.0);
        (state.joins, state.leaves)
    }

    fn is_away(&self) -> bool {
        let now = Instant::now();
        let away = lock(&self.0).away;
        let is_away = away.is_some_and(|(begin, end)| (begin..end).contains(&now));
        if is_away {
            lock(&self.0).is_joined = false;
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
        let (wifi, device) = (self.clone(), device.clone());
        let way_over = move |_: Option<&str>| {
            Box::new(Behind { wifi: wifi.clone(), device: device.clone() }) as Box<dyn Connect>
        };
        SoftapConnect::new(config, Arc::new(self.clone()), Box::new(way_over))
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

    async fn join(&self, one: &AccessPoint, passphrase: &Passphrase) -> Result<(), WifiError> {
        sleep(JOIN).await;
        if self.is_away() {
            return Err(WifiError::Gone);
        }
        let mut state = lock(&self.0);
        if one.protection != Protection::Open && *passphrase != state.passphrase {
            return Err(WifiError::WrongPassphrase);
        }
        state.is_joined = true;
        state.joins += 1;
        Ok(())
    }

    async fn is_joined(&self) -> bool {
        !self.is_away() && lock(&self.0).is_joined
    }

    async fn leave(&self) -> Result<(), WifiError> {
        let mut state = lock(&self.0);
        state.is_joined = false;
        state.leaves += 1;
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
}

#[async_trait]
impl Connect for Behind {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        if !self.wifi.is_joined().await {
            sleep(within).await;
            return Err(TransportError::Connect("no answer".into()));
        }
        let link = self.device.connect(within).await?;
        Ok(Box::new(Link { wifi: self.wifi.clone(), link }))
    }
}

struct Link {
    wifi: WifiHost,
    link: Box<dyn Transport>,
}

#[async_trait]
impl Transport for Link {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        if !self.wifi.is_joined().await {
            pending::<()>().await;
        }
        self.link.exchange(endpoint, body).await
    }
}
