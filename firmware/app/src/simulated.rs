//! A simulated radio for boards that have none: directly behind the protocol if there is no
//! executor, or behind the same station as on a chip.

use alloc::{borrow::ToOwned, vec::Vec};
use core::{future::pending, time::Duration};

use protocomm::{
    Bssid, Passphrase, Status,
    commands::{AccessPoint, JoinFailure, ScanStatus, StartWifiScan, WifiConnection, WifiStatus},
    device::{Backend, WifiConfig},
};

use crate::{Memory, NETWORKS, Network, Radio, Refused, networks::HIDDEN};

/// How long joining takes, in milliseconds.
pub const JOIN_MS: u64 = 300;

/// A radio that sees [`NETWORKS`] and joins one within [`JOIN_MS`].
pub struct Simulated {
    /// A clock in milliseconds.
    clock: fn() -> u64,
    joining: Option<(u64, WifiConfig)>,
    /// The last state, which a reset does not change.
    last: Option<WifiStatus>,
}

impl Simulated {
    /// Makes a radio with the board's clock, in milliseconds from any starting point.
    pub fn new(clock: fn() -> u64) -> Self {
        Self { clock, joining: None, last: None }
    }
}

fn outcome(config: &WifiConfig) -> WifiStatus {
    let name = config.ssid.split(|&byte| byte == 0).next().unwrap_or_default();
    let mut in_reach = NETWORKS.iter().chain([&HIDDEN]);
    let Some(network) = in_reach.find(|network| network.ssid.as_bytes() == name) else {
        return WifiStatus::Failed(JoinFailure::NetworkNotFound);
    };
    if Passphrase::new(network.passphrase.to_owned()).ok().as_ref() != Some(&config.passphrase) {
        return WifiStatus::Failed(JoinFailure::WrongPassphrase);
    }
    WifiStatus::Connected(WifiConnection {
        ip: "192.168.1.57".to_owned(),
        ssid: network.ssid.as_bytes().to_vec(),
        bssid: Some(Bssid(network.bssid)),
        channel: network.channel.into(),
        auth_mode: network.auth_mode(),
    })
}

fn seen(network: &Network) -> AccessPoint {
    AccessPoint {
        ssid: network.ssid.as_bytes().to_vec(),
        channel: network.channel.into(),
        rssi: network.rssi,
        bssid: Some(Bssid(network.bssid)),
        auth_mode: network.auth_mode(),
    }
}

impl Backend for Simulated {
    fn join(&mut self, network: WifiConfig) -> Result<(), Status> {
        self.joining = Some(((self.clock)(), network));
        self.last = None;
        Ok(())
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        let before = WifiStatus::Connecting { attempts_remaining: None };
        Ok(match &self.joining {
            None => self.last.clone().unwrap_or(before),
            Some((began, _)) if (self.clock)().saturating_sub(*began) < JOIN_MS => before,
            Some((_, config)) => outcome(config),
        })
    }

    fn forget(&mut self) -> Result<(), Status> {
        self.last = self.status().ok();
        self.joining = None;
        Ok(())
    }

    fn reprovision(&mut self) -> Result<(), Status> {
        self.forget()
    }

    fn start_scan(&mut self, _scan: &StartWifiScan) -> Result<(), Status> {
        Ok(())
    }

    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        let count = u32::try_from(NETWORKS.len()).unwrap_or(u32::MAX);
        Ok(ScanStatus { finished: true, count })
    }

    fn scan_result(&mut self, index: u32) -> Option<AccessPoint> {
        NETWORKS.get(usize::try_from(index).ok()?).map(seen)
    }

    fn endpoints(&self) -> &[&str] {
        crate::CUSTOM
    }

    fn custom(&mut self, _endpoint: &str, _request: &[u8]) -> Option<Vec<u8>> {
        Some(crate::SUCCESS.to_vec())
    }
}

/// The same radio for a [`Station`](crate::Station).
pub struct Air<P> {
    pause: P,
    chosen: Option<WifiConfig>,
}

impl<P: AsyncFn(Duration)> Air<P> {
    /// Makes a radio. `pause` waits for a time.
    pub fn new(pause: P) -> Self {
        Self { pause, chosen: None }
    }
}

impl<P: AsyncFn(Duration)> Radio for Air<P> {
    fn choose(&mut self, network: &WifiConfig) -> Result<(), Refused> {
        self.chosen = Some(network.clone());
        Ok(())
    }

    async fn join(&mut self) -> Result<WifiConnection, Refused> {
        (self.pause)(Duration::from_millis(JOIN_MS)).await;
        match self.chosen.as_ref().map(outcome) {
            Some(WifiStatus::Connected(connection)) => Ok(connection),
            Some(WifiStatus::Failed(JoinFailure::WrongPassphrase)) => Err(Refused::Passphrase),
            Some(WifiStatus::Failed(JoinFailure::NetworkNotFound)) => Err(Refused::NotFound),
            _ => Err(Refused::Otherwise),
        }
    }

    async fn leave(&mut self) {}

    async fn lost(&mut self) {
        pending::<()>().await;
    }

    async fn scan(&mut self, _passive: bool) -> Vec<AccessPoint> {
        NETWORKS.iter().map(seen).collect()
    }
}

/// A memory that keeps nothing.
pub struct Forgetful;

impl Memory for Forgetful {
    async fn load(&mut self) -> Option<WifiConfig> {
        None
    }

    async fn store(&mut self, _network: &WifiConfig) {}

    async fn erase(&mut self) {}
}
