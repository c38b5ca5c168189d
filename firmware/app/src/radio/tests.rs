//! A station with a radio that behaves like that of the chip, on a clock that is moved by hand.

use std::{
    cell::{Cell, RefCell},
    vec::Vec,
};

use protocomm::{
    Bssid, Passphrase,
    commands::{AuthMode, JoinFailure, StartWifiScan, WifiStatus},
    device::Backend,
};
use tokio::time::{Instant, advance, sleep};

use super::*;
use crate::ATTEMPTS;

const SECOND: Duration = Duration::from_secs(1);

/// How long the processor takes to derive the key of a network (4096 rounds of SHA-1, twice) on an
/// emulator.
const KEY: Duration = Duration::from_secs(20);

/// The radio, with its access point and the flash beside it.
#[derive(Default)]
struct Chip {
    /// How long nothing else runs during an attempt.
    busy: Duration,
    chosen: RefCell<Vec<WifiConfig>>,
    attempts: Cell<u32>,
    is_joined: Cell<bool>,
    kept: RefCell<Option<WifiConfig>>,
}

impl Radio for &Chip {
    fn choose(&mut self, network: &WifiConfig) -> Result<(), Refused> {
        self.chosen.borrow_mut().push(network.clone());
        if network.ssid.len() > 32 { Err(Refused::NotFound) } else { Ok(()) }
    }

    async fn join(&mut self) -> Result<WifiConnection, Refused> {
        assert!(!self.is_joined.get(), "it is in a network");
        self.attempts.set(self.attempts.get() + 1);
        // The clock moves on while nothing else runs.
        advance(self.busy).await;
        sleep(SECOND).await;
        let network = self.chosen.borrow().last().cloned().ok_or(Refused::Otherwise)?;
        if network.passphrase != Passphrase::from_device(b"correct-horse") {
            return Err(Refused::Passphrase);
        }
        self.is_joined.set(true);
        Ok(WifiConnection {
            ip: "192.168.1.57".into(),
            ssid: network.ssid,
            bssid: Some(Bssid([1; 6])),
            channel: 6,
            auth_mode: AuthMode::WPA2_PSK,
        })
    }

    async fn leave(&mut self) {
        self.is_joined.set(false);
    }

    async fn lost(&mut self) {
        while self.is_joined.get() {
            sleep(SECOND).await;
        }
    }

    async fn scan(&mut self, _passive: bool) -> Vec<AccessPoint> {
        sleep(SECOND).await;
        Vec::new()
    }
}

impl Memory for &Chip {
    async fn load(&mut self) -> Option<WifiConfig> {
        self.kept.borrow().clone()
    }

    async fn store(&mut self, network: &WifiConfig) {
        *self.kept.borrow_mut() = Some(network.clone());
    }

    async fn erase(&mut self) {
        *self.kept.borrow_mut() = None;
    }
}

fn network(passphrase: &str) -> WifiConfig {
    let passphrase = Passphrase::from_device(passphrase.as_bytes());
    WifiConfig { ssid: b"Home".to_vec(), passphrase, bssid: Vec::new(), channel: 0 }
}

/// What the device reports to a client that polls five times a second, until it reports the result
/// of the join; and the longest times between two answers.
struct Watched {
    told: Vec<WifiStatus>,
    gaps: Vec<Duration>,
}

async fn watch(station: &Station) -> Watched {
    let (mut told, mut gaps, mut last) = (Vec::new(), Vec::new(), Instant::now());
    loop {
        sleep(SECOND / 5).await;
        gaps.push(last.elapsed());
        last = Instant::now();
        let mut backend = station;
        let status = backend.status().expect("a status");
        let is_end = !matches!(status, WifiStatus::Connecting { .. });
        told.push(status);
        if is_end {
            return Watched { told, gaps };
        }
    }
}

/// Runs the station beside `client`.
async fn beside<T>(station: &Station, chip: &Chip, client: impl Future<Output = T>) -> T {
    match select(station.run(chip, chip, sleep), client).await {
        Either::First(never) => never,
        Either::Second(seen) => seen,
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_configured_once_and_its_attempts_leave_the_access_point_alone() {
    let (station, chip) = (Station::new(), Chip::default());
    (&station).join(network("wrong-horse")).expect("an order");
    let mut seen = beside(&station, &chip, watch(&station)).await;
    seen.told.dedup();
    let trying = |attempts_remaining| WifiStatus::Connecting { attempts_remaining };
    let expected = [
        trying(None),
        trying(Some(4)),
        trying(Some(3)),
        trying(Some(2)),
        trying(Some(1)),
        WifiStatus::Failed(JoinFailure::WrongPassphrase),
    ];
    assert_eq!(seen.told, expected);
    assert_eq!((chip.chosen.borrow().len(), chip.attempts.get()), (1, ATTEMPTS));
    // The right one, on the same connection.
    (&station).forget().expect("an order");
    (&station).join(network("correct-horse")).expect("an order");
    let seen = beside(&station, &chip, watch(&station)).await;
    assert!(matches!(seen.told.last(), Some(WifiStatus::Connected(_))), "{:?}", seen.told);
    assert_eq!(chip.chosen.borrow().len(), 2);
}

/// The board has one place where the access point is configured: its start.
#[test]
fn the_board_configures_its_access_point_once() {
    let board = include_str!("../../../boards/esp/src/radio.rs");
    let configured = ["with_initial_config(", "AccessPointConfig::default()"];
    for text in configured {
        assert_eq!(board.matches(text).count(), 1, "{text}");
    }
    assert!(!board.contains(".set_config("), "it applies that of the access point, too");
}

#[tokio::test(start_paused = true)]
async fn only_the_key_keeps_a_client_waiting_in_a_join() {
    for passphrase in ["wrong-horse", "correct-horse"] {
        let (station, chip) = (Station::new(), Chip { busy: KEY, ..Chip::default() });
        (&station).join(network(passphrase)).expect("an order");
        let seen = beside(&station, &chip, watch(&station)).await;
        let long = seen.gaps.iter().filter(|gap| **gap > SECOND / 2).count();
        let attempts = usize::try_from(chip.attempts.get()).expect("a few");
        assert_eq!(long, attempts, "{passphrase}: {:?}", seen.gaps);
        let longest = seen.gaps.iter().max().expect("some");
        assert!(*longest <= KEY + SECOND, "{passphrase}: {longest:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_reply_gets_out_before_the_radio_moves() {
    let (station, chip) = (Station::new(), Chip::default());
    (&station).join(network("correct-horse")).expect("an order");
    beside(&station, &chip, sleep(BEFORE_JOIN * 9 / 10)).await;
    assert_eq!((chip.attempts.get(), chip.chosen.borrow().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_network_is_kept_joined_after_a_start_and_again_when_it_is_lost() {
    let (station, chip) = (Station::new(), Chip::default());
    (&station).join(network("correct-horse")).expect("an order");
    beside(&station, &chip, watch(&station)).await;
    assert_eq!(*chip.kept.borrow(), Some(network("correct-horse")));
    // The power was cut.
    let station = Station::new();
    chip.is_joined.set(false);
    beside(&station, &chip, async {
        watch(&station).await;
        chip.is_joined.set(false);
        sleep(2 * SECOND).await;
        let seen = watch(&station).await;
        assert!(matches!(seen.told.last(), Some(WifiStatus::Connected(_))), "{:?}", seen.told);
        assert_eq!(chip.attempts.get(), 3);
        (&station).reprovision().expect("an order");
        sleep(SECOND).await;
    })
    .await;
    assert_eq!((chip.kept.borrow().clone(), chip.is_joined.get()), (None, false));
}

#[tokio::test(start_paused = true)]
async fn a_scan_in_the_middle_of_a_join_ends_and_the_join_goes_on() {
    let (station, chip) = (Station::new(), Chip::default());
    (&station).join(network("correct-horse")).expect("an order");
    let period = Duration::from_millis(120);
    let scan = StartWifiScan { blocking: false, passive: false, group_channels: 0, period };
    beside(&station, &chip, async {
        sleep(BEFORE_JOIN + SECOND / 2).await;
        (&station).start_scan(&scan).expect("an order");
        let seen = watch(&station).await;
        assert!(matches!(seen.told.last(), Some(WifiStatus::Connected(_))), "{:?}", seen.told);
        assert!((&station).scan_status().expect("a status").finished);
        // It stays in its network for the next one.
        (&station).start_scan(&scan).expect("an order");
        sleep(3 * SECOND).await;
        assert!((&station).scan_status().expect("a status").finished);
        assert!(matches!((&station).status(), Ok(WifiStatus::Connected(_))));
    })
    .await;
    assert_eq!(chip.attempts.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_can_t_be_has_failed_at_once() {
    let (station, chip) = (Station::new(), Chip::default());
    let ssid = [b'x'; 33].to_vec();
    (&station).join(WifiConfig { ssid, ..network("correct-horse") }).expect("an order");
    let seen = beside(&station, &chip, watch(&station)).await;
    assert_eq!(seen.told.last(), Some(&WifiStatus::Failed(JoinFailure::NetworkNotFound)));
    assert_eq!(chip.attempts.get(), 0);
}
