//! Custom data, network, apply, watch: what is sent in which order, once a session is open.

use std::{mem, time::Duration};

use protocomm::{
    Command, Endpoint, HandshakeError, Passphrase, Ssid,
    commands::{ApplyThreadConfig, ApplyWifiConfig, CustomConfig, JoinFailure, SetThreadConfig},
};
use tokio::time::{Instant, sleep};

use super::{
    errand::{Forgotten, custom, reset, text_of},
    run::{End, Link},
    size::Outgoing,
    standing::{Standing, standing},
};
use crate::{
    error::{Cause, Error, Mismatch, Recovery, Stage},
    event::{Event, NetworkName, Outcome},
    journal::Journal,
    plan::{Network, Plan, Policy},
    transport::TransportError,
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
    /// A reset was sent, and its answer got lost.
    reset_unanswered: bool,
    /// The device has answered a reset, by doing it or by a refusal.
    reset_tried: bool,
    applied_at: Option<Instant>,
    attempts_reported: Option<u32>,
    /// When the device last told how its join stands, on this link.
    answered_at: Option<Instant>,
    /// What is wrong with the connection it last told of.
    mismatch: Option<Mismatch>,
    /// How its join failed, if that is what it last told.
    failure: Option<JoinFailure>,
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
        let has_failed = journal.is_some_and(Journal::has_failed);
        Self {
            plan,
            journal,
            passphrase: None,
            custom_config: plan.custom_config.as_ref(),
            custom_data: plan.custom_data.as_deref(),
            progress: if told { Progress::ApplySent } else { Progress::NotApplied },
            reset_first: plan.reset_first || has_failed,
            reset_unanswered: false,
            reset_tried: false,
            applied_at: None,
            attempts_reported: None,
            answered_at: None,
            mismatch: None,
            failure: None,
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

    /// What an error means that ended the run after the device may have been told to join. Its
    /// silence is no failure then: it leaves when it has joined. Nor is a failed handshake, as the
    /// device forgets its proof of possession a second before it leaves (`manager.c`). But one that
    /// answers, or `is_there` well after that second, has not left.
    pub(super) fn judge(
        &self,
        error: Error,
        nonsense: Option<Error>,
        is_there: bool,
        policy: &Policy,
    ) -> Result<Outcome, Error> {
        let is_late = matches!(error.cause, Cause::OutOfTime(_));
        // Polls come at least this often.
        let lately = policy.poll_interval + Duration::from_secs(1);
        let answers = self.answered_at.is_some_and(|at| at.elapsed() <= lately);
        if error.says_how_it_stands() {
            return Err(error);
        }
        if let Some(mismatch) = &self.mismatch {
            return Err(Error::new(Stage::Join, Cause::Elsewhere(mismatch.clone())));
        }
        if is_late && answers {
            let failed = self.failure.map(|failure| Error::new(Stage::Join, Cause::Join(failure)));
            return Err(failed.unwrap_or(error));
        }
        if !is_there && (is_late || may_be_gone(&error)) {
            return Ok(Outcome::Unconfirmed);
        }
        let error = nonsense.unwrap_or(error);
        Err(Error { stage: error.stage, cause: Cause::Told(Box::new(error)) })
    }

    /// Goes on in a new session, or in the same one after a failed join.
    pub(super) async fn go_on(
        &mut self,
        link: &mut Link<'_>,
        policy: &Policy,
    ) -> Result<End, Error> {
        self.answered_at = None;
        let end = self.steps(link, policy).await;
        if end.is_err() {
            self.answered_at = None;
        }
        end
    }

    async fn steps(&mut self, link: &mut Link<'_>, policy: &Policy) -> Result<End, Error> {
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
            match self.reset(link).await {
                Err(Error {
                    cause: Cause::Transport(TransportError::NoSuchEndpoint(_)), ..
                }) if !self.is_reset_asked_for() => {
                    self.reset_first = false;
                    return Ok(End::OnceMore);
                }
                done => done?,
            }
        }
        let mut first = None;
        if self.progress == Progress::Applied {
            // In a new session. The device may have restarted and come back empty, which it calls
            // "connecting". If it has not, it refuses another apply, and that changes nothing.
            let standing = self.ask(link).await?;
            if matches!(standing, Standing::Trying { attempts_remaining: None }) {
                self.progress = Progress::ApplySent;
            }
            first = Some(standing);
        }
        if self.progress != Progress::Applied {
            self.apply(link).await?;
            first = None;
        }
        self.watch(link, policy, first).await
    }

    /// Sets and applies.
    async fn apply(&mut self, link: &mut Link<'_>) -> Result<(), Error> {
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
        let now = Instant::now();
        self.applied_at.get_or_insert(now);
        match apply(link, &network).await {
            // It has begun only now, whatever it was told before it restarted.
            Ok(()) => self.applied_at = Some(now),
            // The one before did arrive.
            Err(Error { cause: Cause::Refusal(_), .. }) if earlier == Progress::ApplySent => {}
            Err(Error { cause: Cause::Refusal(refusal), stage }) => {
                self.progress = earlier;
                let recovery =
                    if self.reset_tried { Recovery::ResetTried } else { link.recovery().await };
                return Err(Error { stage, cause: Cause::NotApplied(refusal, recovery) });
            }
            Err(error) => return Err(error),
        }
        self.progress = Progress::Applied;
        link.observer.notify(Event::Applied);
        Ok(())
    }

    /// The network as the device shall get it now.
    fn network(&self, link: &Link<'_>) -> Result<Network, Error> {
        let mut network = self.plan.network_for(&link.device)?.clone();
        if let (Network::Wifi(wifi), Some(passphrase)) = (&mut network, &self.passphrase) {
            wifi.passphrase = passphrase.clone();
        }
        Ok(network)
    }

    /// Or only tried because an earlier join failed, so that firmware that has none goes on without.
    fn is_reset_asked_for(&self) -> bool {
        self.plan.reset_first || self.passphrase.is_some()
    }

    /// Makes the device forget the network it could not join. Firmware before
    /// network_provisioning 1.2.1 that has already reset itself refuses; whether it takes
    /// another network shows at apply.
    async fn reset(&mut self, link: &mut Link<'_>) -> Result<(), Error> {
        reset_first(link, &mut self.reset_unanswered).await?;
        (self.reset_first, self.reset_tried) = (false, true);
        Ok(())
    }

    /// Asks how the join stands.
    async fn ask(&mut self, link: &mut Link<'_>) -> Result<Standing, Error> {
        let given = self.plan.network_for(&link.device)?;
        let standing = standing(link, Stage::Join, Some(given)).await?;
        self.answered_at = Some(Instant::now());
        (self.mismatch, self.failure) = match &standing {
            Standing::Elsewhere(mismatch) => (Some(mismatch.clone()), None),
            Standing::Failed(failure) => (None, Some(*failure)),
            _ => (None, None),
        };
        Ok(standing)
    }

    /// `first` is what the device has just told.
    async fn watch(
        &mut self,
        link: &mut Link<'_>,
        policy: &Policy,
        mut first: Option<Standing>,
    ) -> Result<End, Error> {
        let applied_at = *self.applied_at.get_or_insert_with(Instant::now);
        let mut failures = 0;
        let mut shown = None;
        loop {
            let standing = match first.take() {
                Some(standing) => standing,
                None => self.ask(link).await?,
            };
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
                // What it tells may be of the network before.
                Standing::Elsewhere(_) | Standing::Other(_) => {}
            }
            if waited >= policy.join_within {
                if let Some(failure) = self.failure {
                    return Ok(End::JoinFailed(failure));
                }
                let cause = match &self.mismatch {
                    Some(mismatch) => Cause::Elsewhere(mismatch.clone()),
                    None => Cause::NotJoined {
                        within: policy.join_within,
                        attempts_remaining: self.attempts_reported,
                        has_passphrase: self.has_passphrase(link)?,
                    },
                };
                return Err(Error::new(Stage::Join, cause));
            }
            sleep(pause.min(policy.join_within.saturating_sub(waited))).await;
        }
    }

    fn has_passphrase(&self, link: &Link<'_>) -> Result<bool, Error> {
        let network = self.network(link)?;
        Ok(matches!(network, Network::Wifi(wifi) if !wifi.passphrase.is_empty()))
    }

    /// How often a failure is asked about again. The examples of ESP-IDF up to v5.4 connect
    /// again at every disconnect, so that their failures are not final; with
    /// network_provisioning, and where the firmware counts attempts itself, they are.
    fn second_chances(&self, link: &Link<'_>) -> u32 {
        let counts_attempts = self.attempts_reported.is_some();
        if counts_attempts || link.is_netprov() { 0 } else { 3 }
    }
}

/// Whether a device that has joined and is leaving, or has left, shows so.
pub(super) fn may_be_gone(error: &Error) -> bool {
    error.is_silence()
        || matches!(
            error.cause,
            Cause::Handshake(HandshakeError::ProofMismatch)
                | Cause::Transport(TransportError::Radio(_))
        )
}

/// What came of a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reset {
    Done,
    /// Its reply got lost, and the next one was refused.
    Likely,
    Refused,
}

/// Makes the device forget a network before it is given another, or scans. Tells, if it refuses.
pub(super) async fn reset_first(
    link: &mut Link<'_>,
    unanswered: &mut bool,
) -> Result<Reset, Error> {
    match reset(link, unanswered).await {
        Ok(forgotten) => {
            link.observer.notify(Event::Reset);
            let is_sure = forgotten == Forgotten::Surely;
            Ok(if is_sure { Reset::Done } else { Reset::Likely })
        }
        Err(Error { cause: Cause::Refusal(refusal), .. }) => {
            link.observer.notify(Event::ResetRefused { status: refusal.status });
            Ok(Reset::Refused)
        }
        Err(error) => Err(error),
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
