//! A scan, and its results page by page.

use std::{cmp::Reverse, time::Duration};

use protocomm::{
    Command, NetworkKind,
    commands::{
        GetThreadScanResult, GetThreadScanStatus, GetWifiScanResult, GetWifiScanStatus, ScanStatus,
        StartWifiScan,
    },
};
use tokio::time::{Instant, sleep};

use super::{
    device_status::{DeviceStatus, device_status},
    forget::{Forgetting, Reset},
    link::{End, Link},
};
use crate::{
    error::{Busy, Cause, Error, Mismatch, Recovery, Stage},
    event::{Event, JoinState, Outcome},
    few::sort_few,
    plan::Policy,
    scan::{Scan, group},
    transport::TransportError,
};

/// The most entries that are asked for. No device has a longer list (`*_SCAN_MAX_ENTRIES`), so a
/// higher count is wrong.
const MOST_NETWORKS: u32 = 256;

/// The most Thread networks that are asked for at once. Four fit into any reply, and the vendor's
/// tool never asks for more.
const THREAD_PAGE: u32 = 4;

/// The longest interval between two polls of a scan's state.
const SCAN_POLL: Duration = Duration::from_millis(250);

/// A scan, and what is known from one session to the next.
pub(super) struct Scanning {
    how: Scan,
    /// Whether the device can be asked for its status.
    asks: bool,
    forgetting: Forgetting,
}

impl Scanning {
    pub(super) fn new(how: Scan) -> Self {
        Self { how, asks: true, forgetting: Forgetting::new(how.reset_first) }
    }

    /// What is known of a reset, for what comes after the scan.
    pub(super) fn into_forgetting(self) -> Forgetting {
        self.forgetting
    }

    /// Makes sure that the scan will end or, if that can't be known, that it does not block.
    /// Returns how to scan, or `None` if the device can't be asked for its status, which ends the
    /// link.
    ///
    /// Stock firmware ends a scan only before any network was applied and after a reset. At any
    /// other time a blocking scan hangs the device until it is switched off, unless its application
    /// connects again by itself and the driver refuses the scan (`network_scan.c`, `manager.c`, all
    /// generations). The status "connecting" does not tell before from after, so only a reset makes
    /// sure.
    async fn prepare(&mut self, link: &mut Link<'_>) -> Result<Option<Scan>, Error> {
        if self.forgetting.is_due() {
            self.forgetting.first(link).await?;
        }
        let reset = self.forgetting.came_of_it();
        let mut how = self.how;
        how.blocking &= reset == Some(Reset::Done);
        if !self.asks {
            return Ok(Some(how));
        }
        let busy = match device_status(link, Stage::Scan, None).await {
            Ok(DeviceStatus::NotJoined(JoinState::Failed { .. })) => match reset {
                // A reset does not change the status that a device reports.
                Some(Reset::Done | Reset::Likely) => return Ok(Some(how)),
                // Firmware before network_provisioning 1.2.1 also refuses if it was reset before.
                // But if that is not the reason, the device would never finish a scan.
                Some(Reset::Refused) | None => Busy::JoinFailed,
            },
            Ok(DeviceStatus::NotJoined(JoinState::Connecting { attempts_remaining: Some(_) })) => {
                Busy::Joining
            }
            Ok(
                DeviceStatus::Joined(_)
                | DeviceStatus::NotJoined(JoinState::Mismatch { mismatch: Mismatch::Address(_) }),
            ) => Busy::Joined,
            // A device also reports "connecting" before any network was applied, and a connection
            // to no network after it left one. A device whose manager has stopped refuses the scan,
            // too.
            Ok(_) | Err(Error { cause: Cause::Refusal(_), .. }) => return Ok(Some(how)),
            Err(Error { cause: Cause::Transport(TransportError::NoSuchEndpoint(_)), .. }) => {
                self.asks = false;
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let recovery = match busy {
            Busy::JoinFailed if reset.is_some() => Recovery::ResetTried,
            Busy::JoinFailed => link.recovery().await,
            Busy::Joining | Busy::Joined => Recovery::ManualReset,
        };
        Err(Error::new(Stage::Scan, Cause::ScanUnsafe(busy, recovery)))
    }
}

/// Lists the networks of the kind that the device joins.
pub(super) async fn scan(
    link: &mut Link<'_>,
    scanning: &mut Scanning,
    policy: &Policy,
) -> Result<End, Error> {
    let Some(scan) = scanning.prepare(link).await? else { return Ok(End::OnceMore) };
    link.observer.notify(Event::Scanning);
    let mut outcome = once(link, scan, policy).await?;
    if is_empty(&outcome) {
        // The first scan of a radio that has just started may find nothing.
        outcome = once(link, scan, policy).await?;
    }
    Ok(End::Done(outcome))
}

async fn once(link: &mut Link<'_>, scan: Scan, policy: &Policy) -> Result<Outcome, Error> {
    match link.device.network() {
        NetworkKind::Wifi => wifi(link, scan, policy).await,
        NetworkKind::Thread => thread(link, scan, policy).await,
    }
}

fn is_empty(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Scanned { networks } => networks.is_empty(),
        Outcome::ThreadScanned { networks } => networks.is_empty(),
        _ => false,
    }
}

async fn wifi(link: &mut Link<'_>, scan: Scan, policy: &Policy) -> Result<Outcome, Error> {
    link.client.call(&scan.start()).await?;
    let count = count(link, policy, &GetWifiScanStatus).await?;
    let mut found = Vec::new();
    for (start, count) in pages(count, scan.page) {
        let page = link.client.call(&GetWifiScanResult { start, count }).await?;
        let is_short = page.len() < count as usize;
        found.extend(page);
        if is_short {
            break;
        }
    }
    Ok(Outcome::Scanned { networks: group(found) })
}

async fn thread(link: &mut Link<'_>, scan: Scan, policy: &Policy) -> Result<Outcome, Error> {
    link.client.call(&scan.start_thread()).await?;
    let count = count(link, policy, &GetThreadScanStatus).await?;
    let mut networks = Vec::new();
    for (start, count) in pages(count, scan.page.min(THREAD_PAGE)) {
        let page = link.client.call(&GetThreadScanResult { start, count }).await?;
        let is_short = page.len() < count as usize;
        networks.extend(page);
        if is_short {
            break;
        }
    }
    sort_few(&mut networks, |network| Reverse(network.rssi));
    Ok(Outcome::ThreadScanned { networks })
}

/// Waits until the scan is done. Returns the number of networks it found.
async fn count<C>(link: &mut Link<'_>, policy: &Policy, ask: &C) -> Result<u32, Error>
where
    C: Command<Reply = ScanStatus>,
{
    let began = Instant::now();
    loop {
        let status = link.client.call(ask).await?;
        if status.finished {
            return Ok(status.count.min(MOST_NETWORKS));
        }
        // The same limit as for a blocking scan.
        let within = StartWifiScan::REPLY_WITHIN.max(policy.reply_timeout);
        if began.elapsed() >= within {
            return Err(Error::new(Stage::Scan, Cause::ScanNotDone(within)));
        }
        sleep(policy.poll_interval.min(SCAN_POLL)).await;
    }
}

/// The start and length of each page. They never go beyond the count, which crashes most firmware
/// (see [`GetWifiScanResult`]).
fn pages(count: u32, page: u32) -> impl Iterator<Item = (u32, u32)> {
    let page = page.max(1);
    (0..count).step_by(page as usize).map(move |start| (start, page.min(count - start)))
}
