//! Custom data, network, apply, watch: what is sent in which order, once a session is open.

use std::mem;

use protocomm::{
    Command, Endpoint, Passphrase, Ssid,
    commands::{ApplyThreadConfig, ApplyWifiConfig, CustomConfig, JoinFailure, SetThreadConfig},
};
use tokio::time::{Instant, sleep};

use super::{
    errand::{custom, reset, standing, text_of},
    run::{End, Link},
    size::Outgoing,
};
use crate::{
    error::{Cause, Error, Stage},
    event::{Event, JoinState, NetworkName, Outcome},
    journal::Journal,
    plan::{Network, Plan, Policy},
};

/// How far provisioning has come.
pub(super) struct Provisioning<'a> {
    plan: &'a Plan,
    journal: Option<&'a dyn Journal>,
    /// Instead of the plan's, after a join with that one failed.
    passphrase: Option<Passphrase>,
    custom_config: Option<&'a CustomConfig>,
    custom_data: Option<&'a [u8]>,
    progress: Progress,
    /// The device must forget a network before it takes another.
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
    pub(super) fn new(plan: &'a Plan, journal: Option<&'a dyn Journal>) -> Self {
        let told = journal.is_some_and(Journal::was_told);
        Self {
            plan,
            journal,
            passphrase: None,
            custom_config: plan.custom_config.as_ref(),
            custom_data: plan.custom_data.as_deref(),
            progress: if told { Progress::ApplySent } else { Progress::NotApplied },
            reset_first: plan.reset_first,
            applied_at: None,
            attempts_reported: None,
        }
    }

    /// The name of the Wi-Fi network, if it is one.
    pub(super) fn ssid(&self) -> Option<&Ssid> {
        match &self.plan.network {
            Network::Wifi(network) => Some(&network.ssid),
            Network::Thread(_) => None,
        }
    }

    /// Whether there is a network for this device.
    pub(super) fn check(&self, link: &Link<'_>) -> Result<(), Error> {
        self.plan.network_for(&link.device).map(drop)
    }

    /// The messages whose length depends on what was given.
    pub(super) fn outgoing(&self) -> Vec<Outgoing> {
        let mut messages = Vec::new();
        let config = self.custom_config.map(Command::encode);
        messages.extend(
            config.map(|bytes| Outgoing::custom(Endpoint::CUSTOM_CONFIG, bytes.len(), false)),
        );
        let data = self.custom_data;
        messages
            .extend(data.map(|data| Outgoing::custom(Endpoint::CUSTOM_DATA, data.len(), false)));
        let set = match &self.plan.network {
            Network::Wifi(wifi) => wifi.encode(),
            Network::Thread(dataset) => SetThreadConfig { dataset: dataset.clone() }.encode(),
        };
        messages.push(Outgoing {
            stage: Stage::Set,
            what: "the message with the network".to_owned(),
            endpoint: Endpoint::CONFIG,
            bytes: set.len(),
            is_plain: false,
        });
        messages
    }

    pub(super) fn may_have_joined(&self) -> bool {
        self.progress != Progress::NotApplied
    }

    /// After a failed join: reset the device and try another passphrase.
    pub(super) fn start_over_with(&mut self, passphrase: Passphrase) {
        self.passphrase = Some(passphrase);
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
        if let Some(config) = self.custom_config {
            link.client.call(Stage::Custom, config).await?;
            link.observer.notify(Event::CustomConfigSent);
            self.custom_config = None;
        }
        if let Some(data) = self.custom_data {
            let reply = custom(link, Endpoint::CUSTOM_DATA, data.to_vec()).await?;
            let reply = text_of(&reply);
            link.observer.notify(Event::CustomDataSent { sent: data.len(), reply });
            self.custom_data = None;
        }
        if self.reset_first {
            self.reset(link).await?;
        }
        if self.progress != Progress::Applied {
            let network = self.network(link)?;
            link.observer.notify(Event::ConfigSent { network: set(link, &network).await? });
            if let Some(journal) = self.journal
                && self.progress == Progress::NotApplied
            {
                let kept = journal.telling().await;
                kept.map_err(|why| Error::new(Stage::Apply, Cause::Unrecorded(why)))?;
            }
            // From here on the device may act.
            let earlier = mem::replace(&mut self.progress, Progress::ApplySent);
            self.applied_at.get_or_insert_with(Instant::now);
            match apply(link, &network).await {
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

    /// The network as the device shall get it now.
    fn network(&self, link: &Link<'_>) -> Result<Network, Error> {
        let mut network = self.plan.network_for(&link.device)?.clone();
        if let (Network::Wifi(wifi), Some(passphrase)) = (&mut network, &self.passphrase) {
            wifi.passphrase = passphrase.clone();
        }
        Ok(network)
    }

    /// Makes the device forget the network it could not join. Firmware before
    /// network_provisioning 1.2.1 that has already reset itself refuses; whether it takes
    /// another network shows at apply.
    async fn reset(&mut self, link: &mut Link<'_>) -> Result<(), Error> {
        match reset(link).await {
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
            let standing = standing(link, Stage::Join).await?;
            let waited = applied_at.elapsed();
            let state = standing.state();
            if shown.as_ref() != Some(&state) {
                link.observer.notify(Event::Polled { state: state.clone() });
                shown = Some(state);
            }
            let mut pause = policy.poll_pause(waited);
            match standing {
                Standing::Joined(outcome) => return Ok(End::Done(outcome)),
                Standing::Failed(failure) => {
                    failures += 1;
                    if failures > self.second_chances(link) {
                        return Ok(End::JoinFailed(failure));
                    }
                    pause = policy.poll_interval;
                }
                Standing::Trying { attempts_remaining } => {
                    self.attempts_reported = attempts_remaining.or(self.attempts_reported);
                }
                Standing::Other(_) => {}
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
    fn second_chances(&self, link: &Link<'_>) -> u32 {
        let counts_attempts = self.attempts_reported.is_some();
        let version = link.device.version.as_deref();
        let is_netprov = version.is_some_and(|version| version.starts_with("netprov"));
        if counts_attempts || is_netprov { 0 } else { 3 }
    }
}

/// Puts the network into the device's memory.
async fn set(link: &mut Link<'_>, network: &Network) -> Result<NetworkName, Error> {
    match network {
        Network::Wifi(wifi) => {
            link.client.call(Stage::Set, wifi).await?;
            Ok(NetworkName::Wifi { ssid: wifi.ssid.to_string() })
        }
        Network::Thread(dataset) => {
            let command = SetThreadConfig { dataset: dataset.clone() };
            link.client.call(Stage::Set, &command).await?;
            Ok(NetworkName::Thread { name: dataset.name(), ext_pan_id: dataset.ext_pan_id() })
        }
    }
}

async fn apply(link: &mut Link<'_>, network: &Network) -> Result<(), Error> {
    match network {
        Network::Wifi(_) => link.client.call(Stage::Apply, &ApplyWifiConfig).await,
        Network::Thread(_) => link.client.call(Stage::Apply, &ApplyThreadConfig).await,
    }
}

/// How a device stands with its network, of either kind.
pub(super) enum Standing {
    Joined(Outcome),
    Trying { attempts_remaining: Option<u32> },
    Failed(JoinFailure),
    Other(i32),
}

impl Standing {
    pub(super) fn state(&self) -> JoinState {
        match self {
            Self::Joined(_) => JoinState::Connected,
            Self::Trying { attempts_remaining } => {
                JoinState::Connecting { attempts_remaining: *attempts_remaining }
            }
            Self::Failed(failure) => JoinState::failed(*failure),
            Self::Other(number) => JoinState::Other { number: *number },
        }
    }
}
