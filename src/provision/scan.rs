//! A scan, and its results page by page.

use std::time::Duration;

use protocomm::{
    Command, NetworkKind,
    commands::{
        GetThreadScanResult, GetThreadScanStatus, GetWifiScanResult, GetWifiScanStatus, ScanStatus,
        StartWifiScan,
    },
};
use tokio::time::{Instant, sleep};

use super::run::{End, Link};
use crate::{
    error::{Error, Stage},
    event::{Event, Outcome},
    plan::Policy,
    scan::{Scan, group},
    transport::TransportError,
};

/// Longer than any device's list (`*_SCAN_MAX_ENTRIES`): a count beyond it is a lie.
const MOST_NETWORKS: u32 = 256;

/// Four of these fit into any reply; the vendor's tool never asks for more.
const THREAD_PAGE: u32 = 4;

/// The pause between two questions how a scan stands.
const SCAN_POLL: Duration = Duration::from_millis(250);

/// Lists the networks of the device's kind.
pub(super) async fn scan(link: &mut Link<'_>, scan: Scan, policy: &Policy) -> Result<End, Error> {
    link.observer.notify(Event::Scanning);
    let outcome = match link.device.network() {
        NetworkKind::Wifi => wifi(link, scan, policy).await?,
        NetworkKind::Thread => thread(link, scan, policy).await?,
    };
    Ok(End::Done(outcome))
}

async fn wifi(link: &mut Link<'_>, scan: Scan, policy: &Policy) -> Result<Outcome, Error> {
    link.client.call(Stage::Scan, &scan.start()).await?;
    let count = count(link, policy, &GetWifiScanStatus).await?;
    let mut found = Vec::new();
    for (start, count) in pages(count, scan.page) {
        let page = link.client.call(Stage::Scan, &GetWifiScanResult { start, count }).await?;
        let is_short = page.len() < count as usize;
        found.extend(page);
        if is_short {
            break;
        }
    }
    Ok(Outcome::Scanned { networks: group(found) })
}

async fn thread(link: &mut Link<'_>, scan: Scan, policy: &Policy) -> Result<Outcome, Error> {
    link.client.call(Stage::Scan, &scan.start_thread()).await?;
    let count = count(link, policy, &GetThreadScanStatus).await?;
    let mut networks = Vec::new();
    for (start, count) in pages(count, scan.page.min(THREAD_PAGE)) {
        let page = link.client.call(Stage::Scan, &GetThreadScanResult { start, count }).await?;
        let is_short = page.len() < count as usize;
        networks.extend(page);
        if is_short {
            break;
        }
    }
    networks.sort_by_key(|network| std::cmp::Reverse(network.rssi));
    Ok(Outcome::ThreadScanned { networks })
}

/// Waits until the scan is done; how many networks it found.
async fn count<C>(link: &mut Link<'_>, policy: &Policy, ask: &C) -> Result<u32, Error>
where
    C: Command<Reply = ScanStatus>,
{
    let began = Instant::now();
    loop {
        let status = link.client.call(Stage::Scan, ask).await?;
        if status.finished {
            return Ok(status.count.min(MOST_NETWORKS));
        }
        let within = StartWifiScan::REPLY_WITHIN;
        if began.elapsed() >= within {
            return Err(Error::new(Stage::Scan, TransportError::TimedOut(within)));
        }
        sleep(policy.poll_interval.min(SCAN_POLL)).await;
    }
}

/// Start and length of each page. Never beyond the count: firmware before v5.2.7 and v5.5.5
/// crashes.
fn pages(count: u32, page: u32) -> impl Iterator<Item = (u32, u32)> {
    let page = page.max(1);
    (0..count).step_by(page as usize).map(move |start| (start, page.min(count - start)))
}
