//! What a device is made of besides the protocol.

use alloc::vec::Vec;
use core::fmt;

use crate::{
    NetworkKind, Passphrase, Status, ThreadDataset,
    commands::{
        AccessPoint, ScanStatus, StartThreadScan, StartWifiScan, ThreadNetwork, ThreadStatus,
        WifiStatus,
    },
};

/// A network as a client sent it: only the lengths were checked.
#[derive(Clone, PartialEq, Eq)]
pub struct WifiConfig {
    /// 0 to 32 bytes; firmware reads it up to the first zero byte.
    pub ssid: Vec<u8>,
    /// 0 to 63 bytes.
    pub passphrase: Passphrase,
    /// 0 or 6 bytes. The vendor's manager does not use it.
    pub bssid: Vec<u8>,
    /// The vendor's manager does not use it.
    pub channel: i32,
}

impl fmt::Debug for WifiConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WifiConfig")
            .field("ssid", &alloc::string::String::from_utf8_lossy(&self.ssid))
            .field("passphrase", &self.passphrase)
            .field("bssid", &self.bssid)
            .field("channel", &self.channel)
            .finish()
    }
}

/// The radio and the application behind a [`Responder`](super::Responder). No call waits: a join
/// or a scan is started here and asked about later.
pub trait Backend {
    /// The kind of network it takes. Requests of the other kind are refused.
    fn network(&self) -> NetworkKind {
        NetworkKind::Wifi
    }

    /// Starts to join a Wi-Fi network.
    ///
    /// # Errors
    /// The status for the reply, e.g. `InternalError`.
    fn join(&mut self, network: WifiConfig) -> Result<(), Status>;

    /// How the last join stands; `Connecting` if there never was one.
    ///
    /// # Errors
    /// The status for the reply: the vendor's manager says `InternalError` when it has stopped.
    fn status(&mut self) -> Result<WifiStatus, Status>;

    /// Starts to attach to a Thread network.
    ///
    /// # Errors
    /// The status for the reply.
    fn attach(&mut self, _dataset: ThreadDataset) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    /// How the last attach stands; `Attaching` if there never was one.
    ///
    /// # Errors
    /// The status for the reply.
    fn thread_status(&mut self) -> Result<ThreadStatus, Status> {
        Ok(ThreadStatus::Attaching)
    }

    /// The client gave up on the last network: erase its credentials.
    ///
    /// # Errors
    /// The status for the reply.
    fn forget(&mut self) -> Result<(), Status> {
        Ok(())
    }

    /// Leaves the current network so that another can be set, where the application keeps
    /// provisioning open for it.
    ///
    /// # Errors
    /// The status for the reply; `InternalError` unless the application allows it.
    fn reprovision(&mut self) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    /// Scans for Wi-Fi networks.
    ///
    /// # Errors
    /// The status for the reply.
    fn start_scan(&mut self, _scan: &StartWifiScan) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    /// Scans for Thread networks.
    ///
    /// # Errors
    /// The status for the reply.
    fn start_thread_scan(&mut self, _scan: &StartThreadScan) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    /// How the scan stands.
    ///
    /// # Errors
    /// The status for the reply.
    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        Ok(ScanStatus { finished: true, count: 0 })
    }

    /// One entry of the finished scan.
    fn scan_result(&mut self, _index: u32) -> Option<AccessPoint> {
        None
    }

    /// One entry of the finished scan for Thread networks.
    fn thread_scan_result(&mut self, _index: u32) -> Option<ThreadNetwork> {
        None
    }

    /// The application's own endpoints.
    fn endpoints(&self) -> &[&str] {
        &[]
    }

    /// A request to one of [`endpoints`](Self::endpoints). `None`: the handler failed.
    fn custom(&mut self, _endpoint: &str, _request: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
