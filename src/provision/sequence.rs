//! What is sent in which order, once a session is open.

use std::{mem, time::Duration};

use protocomm::{
    Capabilities, Command, Endpoint, Passphrase, Ssid,
    commands::{
        ApplyWifiConfig, Custom, GetWifiScanResult, GetWifiScanStatus, GetWifiStatus,
        ReprovisionWifi, ResetWifi, SetWifiConfig, StartWifiScan, WifiConnection, WifiStatus,
    },
};
use tokio::time::{Instant, sleep};

use super::{
    Control,
    run::{End, Link},
};
use crate::{
    error::{Cause, Error, Stage},
    event::{Event, JoinState, Outcome},
    plan::{Plan, Policy},
    scan::{Scan, group},
    transport::TransportError,
};

/// One command through `prov-ctrl`.
pub(super) async fn control(link: &mut Link<'_>, command: Control) -> Result<End, Error> {
    match command {
        Control::Reset => link.client.call(Stage::Reset, &ResetWifi).await?,
        Control::Reprovision => link.client.call(Stage::Reset, &ReprovisionWifi).await?,
    }
    link.observer.notify(Event::Reset);
    Ok(End::Done(Outcome::Reset))
}

/// Longer than any device's list (`*_SCAN_MAX_ENTRIES`): a count beyond it is a lie.
const MOST_NETWORKS: u32 = 256;

/// A scan, and its results page by page.
pub(super) async fn scan(link: &mut Link<'_>, scan: Scan, policy: &Policy) -> Result<End, Error> {
    link.observer.notify(Event::Scanning);
    let began = Instant::now();
    link.client.call(Stage::Scan, &scan.start()).await?;
    let count = loop {
        let status = link.client.call(Stage::Scan, &GetWifiScanStatus).await?;
        if status.finished {
            break status.count.min(MOST_NETWORKS);
        }
        let within = StartWifiScan::REPLY_WITHIN;
        if began.elapsed() >= within {
            return Err(Error::new(Stage::Scan, TransportError::TimedOut(within)));
        }
        sleep(policy.poll_interval.min(SCAN_POLL)).await;
    };
    let mut found = Vec::new();
    let mut start = 0;
    // Never beyond the count: firmware before v5.2.7 and v5.5.5 crashes.
    while start < count {
        let command = GetWifiScanResult { start, count: scan.page.clamp(1, count - start) };
        let page = link.client.call(Stage::Scan, &command).await?;
        start += command.count;
        let is_short = page.len() < command.count as usize;
        found.extend(page);
        if is_short {
            break;
        }
    }
    Ok(End::Done(Outcome::Scanned { networks: group(found) }))
}

/// The pause between two questions how a scan stands.
const SCAN_POLL: Duration = Duration::from_millis(250);

/// How far provisioning has come.
pub(super) struct Provisioning<'a> {
    network: SetWifiConfig,
    custom_data: Option<&'a [u8]>,
    progress: Progress,
    /// The join failed and the device must forget the old network before it takes another.
    reset_first: bool,
    applied_at: Option<Instant>,
    attempts_reported: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    NotApplied,
    ApplySent,
    Applied,
}

impl<'a> Provisioning<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        Self {
            network: plan.network.clone(),
            custom_data: plan.custom_data.as_deref(),
            progress: Progress::NotApplied,
            reset_first: false,
            applied_at: None,
            attempts_reported: None,
        }
    }

    pub(super) fn ssid(&self) -> &Ssid {
        &self.network.ssid
    }

    pub(super) fn may_have_joined(&self) -> bool {
        self.progress != Progress::NotApplied
    }

    /// After a failed join: reset the device and try another passphrase.
    pub(super) fn start_over_with(&mut self, passphrase: Passphrase) {
        self.network.passphrase = passphrase;
        self.reset_first = true;
        self.progress = Progress::NotApplied;
        self.applied_at = None;
        self.attempts_reported = None;
    }

    /// Goes on in a new session, or in the same one after a failed join.
    pub(super) async fn go_on(
        &mut self,
        link: &mut Link<'_>,
        policy: &Policy,
    ) -> Result<End, Error> {
        if let Some(data) = self.custom_data {
            let command = Custom { endpoint: Endpoint::CUSTOM_DATA, body: data.to_vec() };
            let reply = link.client.call(Stage::Custom, &command).await?;
            let reply = String::from_utf8_lossy(&reply).trim_end_matches('\0').to_owned();
            link.observer.notify(Event::CustomDataSent { sent: data.len(), reply });
            self.custom_data = None;
        }
        if self.reset_first {
            self.reset(link).await?;
        }
        if self.progress != Progress::Applied {
            link.client.call(Stage::Set, &self.network).await?;
            link.observer.notify(Event::ConfigSent { ssid: self.network.ssid.to_string() });
            // From here on the device may act.
            let earlier = mem::replace(&mut self.progress, Progress::ApplySent);
            self.applied_at.get_or_insert_with(Instant::now);
            match link.client.call(Stage::Apply, &ApplyWifiConfig).await {
                // The one whose acknowledgement got lost did arrive.
                Err(Error { cause: Cause::Refusal(_), .. }) if earlier == Progress::ApplySent => {}
                Err(error) => {
                    if matches!(error.cause, Cause::Refusal(_)) {
                        self.progress = earlier;
                    }
                    return Err(error);
                }
                Ok(()) => {}
            }
            self.progress = Progress::Applied;
            link.observer.notify(Event::Applied);
        }
        self.watch(link, policy).await
    }

    /// Makes the device forget the network it could not join. Firmware before
    /// network_provisioning 1.2.1 that has already reset itself refuses; whether it takes
    /// another network shows at apply.
    async fn reset(&mut self, link: &mut Link<'_>) -> Result<(), Error> {
        match link.client.call(Stage::Reset, &ResetWifi).await {
            Ok(()) | Err(Error { cause: Cause::Refusal(_), .. }) => {}
            Err(error) => return Err(error),
        }
        self.reset_first = false;
        link.observer.notify(Event::Reset);
        Ok(())
    }

    async fn watch(&mut self, link: &mut Link<'_>, policy: &Policy) -> Result<End, Error> {
        let applied_at = *self.applied_at.get_or_insert_with(Instant::now);
        let mut failures = 0;
        let mut shown = None;
        loop {
            let status = link.client.call(Stage::Join, &GetWifiStatus).await?;
            let waited = applied_at.elapsed();
            let state = join_state(&status);
            if shown.as_ref() != Some(&state) {
                link.observer.notify(Event::Polled { state: state.clone() });
                shown = Some(state);
            }
            let mut pause = policy.poll_pause(waited);
            match status {
                WifiStatus::Connected(connection) => return Ok(connected(connection)),
                WifiStatus::Failed(failure) => {
                    failures += 1;
                    if failures > self.second_chances(&link.device) {
                        return Ok(End::JoinFailed(failure));
                    }
                    pause = policy.poll_interval;
                }
                WifiStatus::Connecting { attempts_remaining } => {
                    self.attempts_reported = attempts_remaining.or(self.attempts_reported);
                }
                WifiStatus::Disconnected | WifiStatus::Unknown(_) => {}
            }
            if waited >= policy.join_within {
                let cause = Cause::NotJoined {
                    within: policy.join_within,
                    attempts_remaining: self.attempts_reported,
                };
                return Err(Error::new(Stage::Join, cause));
            }
            sleep(pause.min(policy.join_within.saturating_sub(waited))).await;
        }
    }

    /// How often a failure is asked about again. The examples of ESP-IDF up to v5.4 connect
    /// again at every disconnect, so that their failures are not final; with
    /// network_provisioning, and where the firmware counts attempts itself, they are.
    fn second_chances(&self, device: &Capabilities) -> u32 {
        let counts_attempts = self.attempts_reported.is_some();
        let is_netprov =
            device.version.as_deref().is_some_and(|version| version.starts_with("netprov"));
        if counts_attempts || is_netprov { 0 } else { 3 }
    }
}

fn connected(connection: WifiConnection) -> End {
    End::Done(Outcome::Connected { connection })
}

fn join_state(status: &WifiStatus) -> JoinState {
    match status {
        WifiStatus::Connecting { attempts_remaining } => {
            JoinState::Connecting { attempts_remaining: *attempts_remaining }
        }
        WifiStatus::Connected(_) => JoinState::Connected,
        WifiStatus::Failed(failure) => JoinState::failed(*failure),
        WifiStatus::Disconnected => JoinState::Other { number: 2 },
        WifiStatus::Unknown(number) => JoinState::Other { number: *number },
    }
}
