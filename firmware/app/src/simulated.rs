//! A radio for boards that have none.

use alloc::{borrow::ToOwned, vec::Vec};

use protocomm::{
    Bssid, Passphrase, Status,
    commands::{AccessPoint, JoinFailure, ScanStatus, StartWifiScan, WifiConnection, WifiStatus},
    device::{Backend, WifiConfig},
};

use crate::NETWORKS;

/// How long it takes to join, ms.
pub const JOIN_MS: u64 = 300;

/// Sees [`NETWORKS`], and joins one in [`JOIN_MS`].
pub struct Simulated {
    /// Milliseconds since any time.
    clock: fn() -> u64,
    joining: Option<(u64, WifiConfig)>,
    /// The last state, which a reset does not change.
    last: Option<WifiStatus>,
}

impl Simulated {
    /// With a clock of the board, milliseconds since any time.
    pub fn new(clock: fn() -> u64) -> Self {
        Self { clock, joining: None, last: None }
    }
}

fn outcome(config: &WifiConfig) -> WifiStatus {
    let name = config.ssid.split(|&byte| byte == 0).next().unwrap_or_default();
    let Some(network) = NETWORKS.iter().find(|network| network.ssid.as_bytes() == name) else {
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
        let network = NETWORKS.get(usize::try_from(index).ok()?)?;
        Some(AccessPoint {
            ssid: network.ssid.as_bytes().to_vec(),
            channel: network.channel.into(),
            rssi: network.rssi,
            bssid: Some(Bssid(network.bssid)),
            auth_mode: network.auth_mode(),
        })
    }

    fn endpoints(&self) -> &[&str] {
        crate::CUSTOM
    }

    fn custom(&mut self, _endpoint: &str, _request: &[u8]) -> Option<Vec<u8>> {
        Some(crate::SUCCESS.to_vec())
    }
}
