//! What a device is made of besides the protocol.

use alloc::vec::Vec;
use core::fmt;

use crate::{
    Passphrase, Status,
    commands::{AccessPoint, StartWifiScan, WifiScanStatus, WifiStatus},
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
    /// Starts to join a network.
    ///
    /// # Errors
    /// The status for the reply, e.g. `InternalError`.
    fn join(&mut self, network: WifiConfig) -> Result<(), Status>;

    /// How the last join stands; `Connecting` if there never was one.
    ///
    /// # Errors
    /// The status for the reply: the vendor's manager says `InternalError` when it has stopped.
    fn status(&mut self) -> Result<WifiStatus, Status>;

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

    /// Scans for networks.
    ///
    /// # Errors
    /// The status for the reply.
    fn start_scan(&mut self, _scan: &StartWifiScan) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    /// How the scan stands.
    ///
    /// # Errors
    /// The status for the reply.
    fn scan_status(&mut self) -> Result<WifiScanStatus, Status> {
        Ok(WifiScanStatus { finished: true, count: 0 })
    }

    /// One entry of the finished scan.
    fn scan_result(&mut self, _index: u32) -> Option<AccessPoint> {
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
