//! What a device has besides the protocol: its radio and its application.

use alloc::vec::Vec;
use core::fmt;

use crate::{
    NetworkKind, Passphrase, Status, ThreadDataset,
    commands::{
        AccessPoint, ScanStatus, StartThreadScan, StartWifiScan, ThreadNetwork, ThreadStatus,
        WifiStatus,
    },
};

/// A Wi-Fi network as a client sent it. Only the lengths were checked.
#[derive(Clone, PartialEq, Eq)]
pub struct WifiConfig {
    /// The name of the network, 0 to 32 bytes. The vendor's firmware stops at the first zero byte.
    pub ssid: Vec<u8>,
    /// The passphrase, 0 to 63 bytes.
    pub passphrase: Passphrase,
    /// The address of an access point, 0 or 6 bytes. The vendor's manager ignores it.
    pub bssid: Vec<u8>,
    /// The channel, 0 if none was given. The vendor's manager ignores it.
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

/// The radio and the application behind a [`Responder`](super::Responder). No call waits: a join or
/// a scan is started by one call, and its state is asked for by another.
pub trait Backend {
    /// The kind of network the device joins. Requests of the other kind are refused.
    fn network(&self) -> NetworkKind {
        NetworkKind::Wifi
    }

    /// Starts joining a Wi-Fi network.
    ///
    /// # Errors
    /// The status for the reply, usually `InternalError`.
    fn join(&mut self, network: WifiConfig) -> Result<(), Status>;

    /// The state of the last join; `Connecting` if there never was one.
    ///
    /// # Errors
    /// The status for the reply: the vendor's manager gives `InternalError` once it has stopped.
    fn status(&mut self) -> Result<WifiStatus, Status>;

    /// Starts attaching to a Thread network.
    ///
    /// # Errors
    /// The status for the reply.
    fn attach(&mut self, _dataset: ThreadDataset) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    /// The state of the last attach; `Attaching` if there never was one.
    ///
    /// # Errors
    /// The status for the reply.
    fn thread_status(&mut self) -> Result<ThreadStatus, Status> {
        Ok(ThreadStatus::Attaching)
    }

    /// Erases the credentials of the last network, which the client has given up on.
    ///
    /// # Errors
    /// The status for the reply.
    fn forget(&mut self) -> Result<(), Status> {
        Ok(())
    }

    /// Leaves the current network so that another can be set, if the application keeps provisioning
    /// open for this.
    ///
    /// # Errors
    /// The status for the reply; `InternalError` unless the application allows it.
    fn reprovision(&mut self) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    /// Starts a scan for Wi-Fi networks.
    ///
    /// # Errors
    /// The status for the reply.
    fn start_scan(&mut self, _scan: &StartWifiScan) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    /// Starts a scan for Thread networks.
    ///
    /// # Errors
    /// The status for the reply.
    fn start_thread_scan(&mut self, _scan: &StartThreadScan) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    /// The state of the last scan.
    ///
    /// # Errors
    /// The status for the reply.
    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        Ok(ScanStatus { finished: true, count: 0 })
    }

    /// One entry of the finished scan, counted from 0; `None` beyond the end.
    fn scan_result(&mut self, _index: u32) -> Option<AccessPoint> {
        None
    }

    /// One entry of the finished scan for Thread networks, counted from 0; `None` beyond the end.
    fn thread_scan_result(&mut self, _index: u32) -> Option<ThreadNetwork> {
        None
    }

    /// The names of the application's own endpoints.
    fn endpoints(&self) -> &[&str] {
        &[]
    }

    /// Answers a request to one of [`endpoints`](Self::endpoints). `None` means that the handler
    /// failed, and the device sends no reply.
    fn custom(&mut self, _endpoint: &str, _request: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
