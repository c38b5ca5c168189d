//! A station between the protocol and a radio: takes orders, and keeps their results.
//!
//! ```text
//!  Responder ─▶ Backend for &Station ─▶ Order ─▶ the board's task ─▶ joined, failed, scanned
//! ```

use alloc::vec::Vec;
use core::{cell::RefCell, mem};

use embassy_sync::{blocking_mutex::raw::NoopRawMutex, channel::Channel};
use protocomm::{
    Status,
    commands::{AccessPoint, JoinFailure, ScanStatus, StartWifiScan, WifiConnection, WifiStatus},
    device::{Backend, WifiConfig},
};

/// The number of attempts to join a new network (as in the vendor's examples,
/// `wifi_conn_attempts`).
pub const ATTEMPTS: u32 = 5;

/// The number of orders that may wait. One more is refused.
const WAITING: usize = 4;

/// An order for the board's radio.
pub enum Order {
    /// Join this network, leaving any other.
    Join(WifiConfig),
    /// Leave the network and forget it.
    Leave,
    /// Scan for networks.
    Scan {
        /// Whether to listen only, without sending probe requests.
        passive: bool,
    },
}

/// Why an attempt to join failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Authentication failed, usually because of a wrong passphrase.
    Passphrase,
    /// The network is not in range.
    NotFound,
    /// Any other reason, such as a lost beacon.
    Otherwise,
}

/// A station. `&Station` is the [`Backend`].
pub struct Station {
    state: RefCell<State>,
    orders: Channel<NoopRawMutex, Order, WAITING>,
}

#[derive(Default)]
struct State {
    join: Join,
    found: Vec<AccessPoint>,
    is_scanning: bool,
}

#[derive(Clone, Default)]
enum Join {
    #[default]
    None,
    /// Joining a network that it was in before, with any number of attempts.
    Returning,
    Trying {
        /// The attempts left, including the current one.
        left: u32,
        /// The reason of the last failed attempt for which one is known.
        failure: Option<JoinFailure>,
    },
    Joined(WifiConnection),
    Failed(JoinFailure),
}

impl Default for Station {
    fn default() -> Self {
        Self { state: RefCell::default(), orders: Channel::new() }
    }
}

impl Station {
    /// Makes a station that is in no network.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for the next order.
    pub async fn order(&self) -> Order {
        self.orders.receive().await
    }

    /// Notes that it is joining a network that it was in before: after a start, or after losing it.
    pub fn returns(&self) {
        self.state.borrow_mut().join = Join::Returning;
    }

    /// Notes that it has joined a network and has an IP address.
    pub fn joined(&self, connection: WifiConnection) {
        self.state.borrow_mut().join = Join::Joined(connection);
    }

    /// Notes that an attempt failed. Returns whether to make another.
    pub fn failed(&self, why: Refused) -> bool {
        let join = &mut self.state.borrow_mut().join;
        let Join::Trying { left, failure } = join else {
            return matches!(join, Join::Returning);
        };
        *failure = match why {
            Refused::Passphrase => Some(JoinFailure::WrongPassphrase),
            Refused::NotFound => Some(JoinFailure::NetworkNotFound),
            Refused::Otherwise => failure.take(),
        };
        *left = left.saturating_sub(1);
        if *left == 0 {
            *join = Join::Failed(failure.take().unwrap_or(JoinFailure::NetworkNotFound));
            return false;
        }
        true
    }

    /// Notes the results of a scan.
    pub fn scanned(&self, mut found: Vec<AccessPoint>) {
        found.sort_by_key(|one| -one.rssi);
        let mut state = self.state.borrow_mut();
        (state.found, state.is_scanning) = (found, false);
    }

    fn tell(&self, order: Order) -> Result<(), Status> {
        self.orders.try_send(order).map_err(|_| Status::InternalError)
    }
}

impl Backend for &Station {
    fn join(&mut self, network: WifiConfig) -> Result<(), Status> {
        self.tell(Order::Join(network))?;
        self.state.borrow_mut().join = Join::Trying { left: ATTEMPTS, failure: None };
        Ok(())
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        Ok(match &self.state.borrow().join {
            Join::None | Join::Returning => WifiStatus::Connecting { attempts_remaining: None },
            Join::Trying { left, .. } => {
                WifiStatus::Connecting { attempts_remaining: (*left < ATTEMPTS).then_some(*left) }
            }
            Join::Joined(connection) => WifiStatus::Connected(connection.clone()),
            Join::Failed(failure) => WifiStatus::Failed(*failure),
        })
    }

    fn forget(&mut self) -> Result<(), Status> {
        self.tell(Order::Leave)
    }

    fn reprovision(&mut self) -> Result<(), Status> {
        self.tell(Order::Leave)?;
        self.state.borrow_mut().join = Join::None;
        Ok(())
    }

    fn start_scan(&mut self, scan: &StartWifiScan) -> Result<(), Status> {
        if !mem::replace(&mut self.state.borrow_mut().is_scanning, true) {
            self.tell(Order::Scan { passive: scan.passive })
                .inspect_err(|_| self.state.borrow_mut().is_scanning = false)?;
        }
        Ok(())
    }

    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        let state = self.state.borrow();
        let count = u32::try_from(state.found.len()).unwrap_or(u32::MAX);
        Ok(ScanStatus { finished: !state.is_scanning, count })
    }

    fn scan_result(&mut self, index: u32) -> Option<AccessPoint> {
        self.state.borrow().found.get(usize::try_from(index).ok()?).cloned()
    }

    fn endpoints(&self) -> &[&str] {
        crate::CUSTOM
    }

    fn custom(&mut self, _endpoint: &str, _request: &[u8]) -> Option<Vec<u8>> {
        Some(crate::SUCCESS.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use protocomm::Passphrase;

    use super::*;

    fn network() -> WifiConfig {
        let passphrase = Passphrase::from_device(b"correct-horse");
        WifiConfig { ssid: b"Home".to_vec(), passphrase, bssid: Vec::new(), channel: 0 }
    }

    fn trying(attempts_remaining: Option<u32>) -> WifiStatus {
        WifiStatus::Connecting { attempts_remaining }
    }

    #[test]
    fn attempts_are_counted_and_the_last_known_reason_is_told() {
        let station = Station::new();
        let mut backend = &station;
        backend.join(network()).expect("an order");
        assert_eq!(backend.status(), Ok(trying(None)));
        assert!(station.failed(Refused::Passphrase));
        assert_eq!(backend.status(), Ok(trying(Some(4))));
        assert!((0..3).all(|_| station.failed(Refused::Otherwise)));
        assert!(!station.failed(Refused::Otherwise), "a sixth attempt");
        let failed = Ok(WifiStatus::Failed(JoinFailure::WrongPassphrase));
        assert_eq!(backend.status(), failed);
        // Until the next join, as with the vendor's manager.
        backend.forget().expect("an order");
        assert_eq!(backend.status(), failed);
        backend.join(network()).expect("an order");
        assert_eq!(backend.status(), Ok(trying(None)));
        assert!((0..4).all(|_| station.failed(Refused::NotFound)));
        assert!(!station.failed(Refused::NotFound));
        assert_eq!(backend.status(), Ok(WifiStatus::Failed(JoinFailure::NetworkNotFound)));
    }

    #[test]
    fn a_network_it_was_in_is_tried_for_ever() {
        let station = Station::new();
        station.returns();
        assert!((0..100).all(|_| station.failed(Refused::NotFound)));
        assert_eq!((&station).status(), Ok(trying(None)));
    }

    #[test]
    fn a_scan_is_ordered_once_and_told_strongest_first() {
        let station = Station::new();
        let mut backend = &station;
        let period = core::time::Duration::from_millis(120);
        let scan = StartWifiScan { blocking: true, passive: false, group_channels: 0, period };
        for _ in 0..10 {
            backend.start_scan(&scan).expect("one order");
        }
        assert!(!backend.scan_status().expect("a status").finished);
        let found = |rssi| AccessPoint {
            ssid: b"Home".to_vec(),
            channel: 6,
            rssi,
            bssid: None,
            auth_mode: protocomm::commands::AuthMode::OPEN,
        };
        station.scanned([found(-70), found(-40)].to_vec());
        assert_eq!(backend.scan_status(), Ok(ScanStatus { finished: true, count: 2 }));
        assert_eq!(backend.scan_result(0).map(|one| one.rssi), Some(-40));
        assert_eq!(backend.scan_result(2).map(|one| one.rssi), None);
    }

    #[test]
    fn more_orders_than_fit_are_refused() {
        let station = Station::new();
        let mut backend = &station;
        let refused = (0..10).map(|_| backend.forget()).position(|told| told.is_err());
        assert_eq!(refused, Some(WAITING));
    }
}
