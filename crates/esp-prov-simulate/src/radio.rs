//! A scripted radio.

use std::{net::Ipv4Addr, time::Duration};

use protocomm::{
    NetworkKind, Status, ThreadDataset,
    commands::{
        AccessPoint, AuthMode, JoinFailure, ScanStatus, StartThreadScan, StartWifiScan,
        ThreadConnection, ThreadNetwork, ThreadStatus, WifiConnection, WifiStatus,
    },
    device::{Backend, WifiConfig},
};
use tokio::time::Instant;

use super::{Networks, Persona, Settings, VirtualThreadNetwork};

/// A fault that occurs whatever the client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The device rejects every passphrase.
    WrongPassphrase,
    /// The device does not find the network.
    NetworkNotFound,
    /// The device leaves right after apply and does not appear again.
    Vanish,
    /// The device never stops trying to join.
    Forever,
}

/// A peculiarity of some real devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quirk {
    /// The application reconnects after a failed join, so that the driver refuses to scan once a
    /// network was set, as with the vendor's examples up to ESP-IDF v5.4. Without this quirk, a
    /// scan after a join never ends, and a blocking scan hangs the device until it is restarted.
    Reconnects,
    /// The device refuses every reset.
    RefusesReset,
    /// The device restarts once, shortly after it was told to join, and has forgotten the network.
    RestartsOnce,
    /// The application keeps provisioning open (`disable_auto_stop`), so that the device can be
    /// given another network. After that, the device reports that it is connected, but to no
    /// network.
    StaysOpen,
}

/// The state of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scan {
    /// No scan was started: there are no results.
    Never,
    Began(Instant),
    /// The scan never ends: the manager notices the end of a scan only as long as no network was
    /// applied (`manager.c`). A reset does not help.
    Stuck,
}

/// The scripted radio.
pub(super) struct Radio {
    persona: Persona,
    networks: Networks,
    join_delay: Duration,
    ip: Ipv4Addr,
    failed_attempts: u32,
    fault: Option<Fault>,
    quirks: Vec<Quirk>,
    scan_time: Duration,
    scan: Scan,
    /// Whether the last request started a scan that blocks.
    blocks: bool,
    joining: Option<(Instant, WifiConfig)>,
    attaching: Option<(Instant, ThreadDataset)>,
    joins: u32,
    /// The last status; a reset does not change it.
    last: Option<WifiStatus>,
    last_of_thread: Option<ThreadStatus>,
}

impl Radio {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut networks = settings.networks.clone();
        networks.wifi.sort_by_key(|network| -network.rssi);
        Self {
            persona: settings.persona,
            networks,
            join_delay: settings.join_delay,
            ip: settings.ip,
            failed_attempts: settings.failed_attempts,
            fault: settings.fault,
            quirks: settings.quirks.clone(),
            scan_time: settings.scan_time,
            scan: Scan::Never,
            blocks: false,
            joining: None,
            attaching: None,
            joins: 0,
            last: None,
            last_of_thread: None,
        }
    }

    pub(super) fn applied(&self) -> Option<WifiConfig> {
        self.joining.as_ref().map(|(_, config)| config.clone())
    }

    pub(super) fn attached(&self) -> Option<ThreadDataset> {
        self.attaching.as_ref().map(|(_, dataset)| dataset.clone())
    }

    pub(super) fn joins(&self) -> u32 {
        self.joins
    }

    pub(super) fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk) || (quirk == Quirk::Reconnects && self.persona.reconnects())
    }

    /// The position of an entry in the list, if there is a list.
    fn result(&mut self, index: u32) -> Option<usize> {
        let scan = self.scan_status().ok()?;
        usize::try_from(index).ok().filter(|_| index < scan.count)
    }

    /// Whether the last request started a blocking scan. The answer is given once.
    pub(super) fn is_blocking(&mut self) -> bool {
        std::mem::take(&mut self.blocks)
    }

    /// When the current scan ends or ended; `None` if it never ends.
    pub(super) fn scan_ends(&self) -> Option<Instant> {
        match self.scan {
            Scan::Never => Some(Instant::now()),
            Scan::Began(began) => Some(began + self.scan_time),
            Scan::Stuck => None,
        }
    }

    /// Starts a scan, unless the radio refuses it. A scan after a network was set never ends.
    fn scan_begins(&mut self, blocks: bool) -> Result<(), Status> {
        let has_network = self.joining.is_some() || self.attaching.is_some();
        if has_network && self.has(Quirk::Reconnects) {
            // "STA is connecting, scan are not allowed!"
            return Err(Status::InternalError);
        }
        self.scan = match self.scan {
            // A running scan goes on.
            Scan::Stuck => Scan::Stuck,
            Scan::Began(began) if began.elapsed() < self.scan_time => Scan::Began(began),
            _ if has_network => Scan::Stuck,
            _ => Scan::Began(Instant::now()),
        };
        self.blocks = blocks;
        Ok(())
    }

    fn outcome(&self, config: &WifiConfig) -> WifiStatus {
        let name = config.ssid.split(|&byte| byte == 0).next().unwrap_or_default();
        let found = self.networks.wifi.iter().find(|network| network.ssid.as_bytes() == name);
        match (self.fault, found) {
            (Some(Fault::WrongPassphrase), _) => WifiStatus::Failed(JoinFailure::WrongPassphrase),
            (Some(Fault::NetworkNotFound), _) | (_, None) => {
                WifiStatus::Failed(JoinFailure::NetworkNotFound)
            }
            // The driver repeats reason 210, which no manager maps to a failure.
            (_, Some(network))
                if network.passphrase.is_empty() && !config.passphrase.is_empty() =>
            {
                WifiStatus::Connecting { attempts_remaining: None }
            }
            (_, Some(network)) if network.passphrase != config.passphrase => {
                WifiStatus::Failed(JoinFailure::WrongPassphrase)
            }
            (_, Some(network)) => WifiStatus::Connected(WifiConnection {
                ip: self.ip.to_string(),
                ssid: network.ssid.as_bytes().to_vec(),
                bssid: Some(network.bssid),
                channel: network.channel.into(),
                auth_mode: network.auth_mode(),
            }),
        }
    }

    /// The result of an attach. The device attaches if a network has the same identity and key;
    /// otherwise it reports that no network was found, the only failure that Thread reports.
    fn attach_outcome(&self, dataset: &ThreadDataset) -> ThreadStatus {
        let is_meant = |mesh: &&VirtualThreadNetwork| {
            dataset.ext_pan_id() == Some(mesh.ext_pan_id) && dataset.has_key(&mesh.key)
        };
        match (self.fault, self.networks.thread.iter().find(is_meant)) {
            (Some(Fault::WrongPassphrase | Fault::NetworkNotFound), _) | (_, None) => {
                ThreadStatus::Failed(JoinFailure::NotAttached)
            }
            (_, Some(mesh)) => ThreadStatus::Attached(ThreadConnection {
                name: mesh.name.clone(),
                pan_id: mesh.pan_id.into(),
                ext_pan_id: Some(mesh.ext_pan_id),
                channel: mesh.channel.into(),
            }),
        }
    }

    fn attempts_completed(&self, began: Instant) -> u32 {
        if self.fault == Some(Fault::Forever) {
            return 0;
        }
        let delay = self.join_delay.as_nanos().max(1);
        u32::try_from(began.elapsed().as_nanos() / delay).unwrap_or(u32::MAX)
    }
}

/// How long a device tries to attach (`network_prov_mgr_configure_thread_dataset`,
/// network_provisioning 1.2.4).
const ATTACH_LIMIT: Duration = Duration::from_secs(20);

impl Backend for Radio {
    fn network(&self) -> NetworkKind {
        self.persona.network()
    }

    fn join(&mut self, network: WifiConfig) -> Result<(), Status> {
        self.joining = Some((Instant::now(), network));
        self.joins += 1;
        self.last = None;
        Ok(())
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        let Some((began, config)) = &self.joining else {
            let before_any = WifiStatus::Connecting { attempts_remaining: None };
            return Ok(self.last.clone().unwrap_or(before_any));
        };
        let completed = self.attempts_completed(*began);
        let status = if completed > self.failed_attempts {
            self.outcome(config)
        } else {
            let attempts_remaining = (completed > 0 && self.persona.counts_attempts())
                .then(|| self.failed_attempts + 1 - completed);
            WifiStatus::Connecting { attempts_remaining }
        };
        Ok(status)
    }

    fn attach(&mut self, dataset: ThreadDataset) -> Result<(), Status> {
        self.attaching = Some((Instant::now(), dataset));
        self.joins += 1;
        self.last_of_thread = None;
        Ok(())
    }

    fn thread_status(&mut self) -> Result<ThreadStatus, Status> {
        let Some((began, dataset)) = &self.attaching else {
            return Ok(self.last_of_thread.clone().unwrap_or(ThreadStatus::Attaching));
        };
        let outcome = self.attach_outcome(dataset);
        let takes = match outcome {
            _ if self.fault == Some(Fault::Forever) => Duration::MAX,
            ThreadStatus::Failed(_) => ATTACH_LIMIT,
            _ => self.join_delay,
        };
        Ok(if began.elapsed() < takes { ThreadStatus::Attaching } else { outcome })
    }

    fn forget(&mut self) -> Result<(), Status> {
        if self.has(Quirk::RefusesReset) {
            return Err(Status::InternalError);
        }
        self.last = self.status().ok();
        self.last_of_thread = self.thread_status().ok();
        self.joining = None;
        self.attaching = None;
        Ok(())
    }

    fn reprovision(&mut self) -> Result<(), Status> {
        if !self.has(Quirk::StaysOpen) {
            return Err(Status::InternalError);
        }
        // The device keeps reporting its last status, for a network that it has left.
        let nowhere = WifiConnection {
            ip: "0.0.0.0".to_owned(),
            ssid: Vec::new(),
            bssid: None,
            channel: 0,
            auth_mode: AuthMode::OPEN,
        };
        self.last = self.status().ok().map(|last| match last {
            WifiStatus::Connected(_) => WifiStatus::Connected(nowhere),
            other => other,
        });
        let detached =
            ThreadConnection { name: String::new(), pan_id: 0xffff, ext_pan_id: None, channel: 0 };
        self.last_of_thread = self.thread_status().ok().map(|last| match last {
            ThreadStatus::Attached(_) => ThreadStatus::Attached(detached),
            other => other,
        });
        self.joining = None;
        self.attaching = None;
        Ok(())
    }

    fn start_scan(&mut self, scan: &StartWifiScan) -> Result<(), Status> {
        self.scan_begins(scan.blocking)
    }

    fn start_thread_scan(&mut self, scan: &StartThreadScan) -> Result<(), Status> {
        self.scan_begins(scan.blocking)
    }

    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        let found = match self.network() {
            NetworkKind::Wifi => self.networks.wifi.len(),
            NetworkKind::Thread => self.networks.thread.len(),
        };
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        Ok(match self.scan {
            Scan::Never => ScanStatus { finished: true, count: 0 },
            Scan::Began(began) if began.elapsed() >= self.scan_time => {
                ScanStatus { finished: true, count: found }
            }
            Scan::Began(_) | Scan::Stuck => ScanStatus { finished: false, count: 0 },
        })
    }

    fn scan_result(&mut self, index: u32) -> Option<AccessPoint> {
        let index = self.result(index)?;
        let network = self.networks.wifi.get(index)?;
        Some(AccessPoint {
            ssid: network.ssid.as_bytes().to_vec(),
            channel: network.channel.into(),
            rssi: network.rssi,
            bssid: Some(network.bssid),
            auth_mode: network.auth_mode(),
        })
    }

    fn thread_scan_result(&mut self, index: u32) -> Option<ThreadNetwork> {
        let place = self.result(index)?;
        let mesh = self.networks.thread.get(place)?;
        Some(ThreadNetwork {
            name: mesh.name.clone(),
            pan_id: mesh.pan_id.into(),
            ext_pan_id: Some(mesh.ext_pan_id),
            ext_addr: vec![0x02, 0, 0, 0, 0, 0, 0, u8::try_from(index).unwrap_or(u8::MAX)],
            channel: mesh.channel.into(),
            rssi: mesh.rssi,
            lqi: 200,
        })
    }

    fn endpoints(&self) -> &[&str] {
        match self.persona {
            Persona::Legacy => &["custom-data", "custom-config"],
            _ => &["custom-data"],
        }
    }

    /// The reply of the vendor's examples to all custom data.
    fn custom(&mut self, endpoint: &str, _request: &[u8]) -> Option<Vec<u8>> {
        match endpoint {
            // Success, and a number so that the reply is not empty.
            "custom-config" => Some(vec![0x10, 47]),
            _ => Some(b"SUCCESS\0".to_vec()),
        }
    }
}
