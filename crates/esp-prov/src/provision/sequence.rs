//! What is sent in which order once a session is open: custom data, network, apply, status polls.

use std::{borrow::Cow, iter, mem, time::Duration};

use protocomm::{
    Command, Endpoint, HandshakeError, Passphrase, Ssid,
    commands::{ApplyThreadConfig, ApplyWifiConfig, CustomConfig, JoinFailure, SetThreadConfig},
};
use tokio::time::{Instant, sleep};

use super::{
    commands::{custom, reprovision, text_of},
    device_status::{DeviceStatus, device_status},
    forget::Forgetting,
    link::{End, Link},
    size::Outgoing,
};
use crate::{
    error::{Cause, Error, Mismatch, Recovery, Stage},
    event::{Connection, Event, JoinState, NetworkName, Outcome},
    journal::Journal,
    plan::{Network, Plan, Policy},
    transport::TransportError,
};

/// How far provisioning has come.
pub(super) struct Provisioning<'a> {
    plan: Cow<'a, Plan>,
    journal: Option<&'a dyn Journal>,
    /// Replaces that of the plan after a failed join.
    passphrase: Option<Passphrase>,
    custom_config_sent: bool,
    custom_data_sent: bool,
    progress: Progress,
    /// The device must forget a network before it takes another.
    forgetting: Forgetting,
    /// Whether the device has shown that it can be made to leave a network.
    is_undoable: bool,
    /// Its connection, once it is to leave the network again.
    to_undo: Option<Connection>,
    applied_at: Option<Instant>,
    attempts_reported: Option<u32>,
    told: Told,
    /// How many times the device accepted to join this network: once, unless it restarts.
    accepted: u32,
}

/// What the device last reported about its join.
#[derive(Default)]
struct Told {
    state: Option<JoinState>,
    /// When it reported that, if it was on this link.
    at: Option<Instant>,
}

impl Told {
    /// What is wrong with the connection it reported, if anything.
    fn mismatch(&self) -> Option<&Mismatch> {
        match &self.state {
            Some(JoinState::Mismatch { mismatch }) => Some(mismatch),
            _ => None,
        }
    }

    /// Why the join failed, if it did.
    fn failure(&self) -> Option<JoinFailure> {
        match self.state {
            Some(JoinState::Failed { failure }) => Some(failure),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    NotApplied,
    ApplySent,
    Applied,
}

impl<'a> Provisioning<'a> {
    pub(super) fn new(plan: &'a Plan, journal: Option<&'a dyn Journal>) -> Self {
        let told = journal.is_some_and(Journal::apply_may_have_been_sent);
        let has_failed = journal.is_some_and(Journal::has_failed);
        let forgetting = Forgetting::new(plan.reset_first || has_failed);
        Self {
            journal,
            progress: if told { Progress::ApplySent } else { Progress::NotApplied },
            ..Self::from_the_beginning(Cow::Borrowed(plan), forgetting)
        }
    }

    /// With a plan that was chosen in a session that has scanned.
    pub(super) fn chosen(plan: Plan, forgetting: Forgetting) -> Self {
        Self::from_the_beginning(Cow::Owned(plan), forgetting)
    }

    fn from_the_beginning(plan: Cow<'a, Plan>, forgetting: Forgetting) -> Self {
        Self {
            journal: None,
            passphrase: None,
            custom_config_sent: false,
            custom_data_sent: false,
            progress: Progress::NotApplied,
            forgetting,
            is_undoable: false,
            to_undo: None,
            applied_at: None,
            attempts_reported: None,
            told: Told::default(),
            accepted: 0,
            plan,
        }
    }

    /// The required version of the device.
    pub(super) fn version(&self) -> Option<&str> {
        self.plan.version.as_deref()
    }

    /// The name of the Wi-Fi network, if it is one.
    pub(super) fn ssid(&self) -> Option<&Ssid> {
        match &self.plan.network {
            Network::Wifi(network) => Some(&network.ssid),
            Network::Thread(_) => None,
        }
    }

    /// Checks that the plan has a network for this device.
    pub(super) fn check(&self, link: &Link<'_>) -> Result<(), Error> {
        self.plan.network_for(&link.device).map(drop)
    }

    /// The message for `custom-config`, if it is still to be sent.
    fn custom_config(&self) -> Option<&CustomConfig> {
        self.plan.custom_config.as_ref().filter(|_| !self.custom_config_sent)
    }

    fn custom_data(&self) -> Option<&[u8]> {
        self.plan.custom_data.as_deref().filter(|_| !self.custom_data_sent)
    }

    /// The messages whose length depends on the input.
    pub(super) fn outgoing(&self) -> Vec<Outgoing> {
        let mut messages = Vec::new();
        let config = self.custom_config().map(Command::encode);
        messages.extend(
            config.map(|bytes| Outgoing::custom(Endpoint::CUSTOM_CONFIG, bytes.len(), false)),
        );
        let data = self.custom_data();
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

    /// Whether the device has restarted since it was told to join.
    pub(super) fn has_restarted(&self) -> bool {
        self.accepted > 1
    }

    /// Whether the device is to leave the network again once it has joined.
    pub(super) fn is_test(&self) -> bool {
        self.plan.undo
    }

    /// Makes the device leave the network that it has joined.
    pub(super) fn undo_next(&mut self, connection: Connection) {
        self.to_undo = Some(connection);
    }

    /// After a failed join, resets the device and tries another passphrase.
    pub(super) fn start_over_with(&mut self, passphrase: Passphrase) {
        self.passphrase = Some(passphrase);
        self.forgetting.again();
        self.start_over();
    }

    /// After the device has forgotten a network that it does not see, tries it under another name.
    pub(super) fn start_over_as(&mut self, ssid: &Ssid, forgetting: Forgetting) {
        let plan = self.plan.to_mut();
        for network in iter::once(&mut plan.network).chain(&mut plan.alternative) {
            if let Network::Wifi(network) = network {
                network.ssid = ssid.clone();
            }
        }
        self.forgetting = forgetting;
        self.start_over();
    }

    fn start_over(&mut self) {
        self.progress = Progress::NotApplied;
        (self.applied_at, self.accepted) = (None, 0);
        self.attempts_reported = None;
        self.told = Told::default();
    }

    /// The result of a run that ended in an error after the device may have been told to join. Its
    /// silence is then no failure, since it leaves when it has joined. Nor is a failed handshake,
    /// since the device forgets its proof of possession a second before it leaves (`manager.c`).
    /// But a device that answers, or that `is_there` well after that second, has not left.
    pub(super) fn judge(
        &self,
        error: Error,
        nonsense: Option<Error>,
        is_there: bool,
        policy: &Policy,
    ) -> Result<Outcome, Error> {
        if self.to_undo.is_some() {
            return Err(Error::new(Stage::Reset, Cause::NotUndone(Box::new(error))));
        }
        let is_late = matches!(error.cause, Cause::OutOfTime(_));
        // A device that is still polled has answered at least this recently.
        let lately = policy.poll_interval + Duration::from_secs(1);
        let answers = self.told.at.is_some_and(|at| at.elapsed() <= lately);
        if error.says_how_it_stands() {
            return Err(error);
        }
        if let Some(mismatch) = self.told.mismatch() {
            return Err(Error::new(Stage::Join, Cause::Elsewhere(mismatch.clone())));
        }
        if is_late && answers {
            let failure = self.told.failure();
            let failed = failure.map(|failure| Error::new(Stage::Join, Cause::Join(failure)));
            return Err(failed.unwrap_or(error));
        }
        if !is_there && (is_late || may_be_gone(&error)) {
            return Ok(Outcome::Unconfirmed { last: self.told.state.clone() });
        }
        let error = nonsense.unwrap_or(error);
        Err(Error { stage: error.stage, cause: Cause::Told(Box::new(error)) })
    }

    /// Goes on in a new session, or after a failed join in the same one.
    pub(super) async fn go_on(
        &mut self,
        link: &mut Link<'_>,
        policy: &Policy,
    ) -> Result<End, Error> {
        self.told.at = None;
        let end = match self.to_undo.clone() {
            Some(connection) => undo(link, connection).await,
            None => self.steps(link, policy).await,
        };
        if end.is_err() {
            self.told.at = None;
        }
        end
    }

    /// Makes sure that the device can be made to leave a network, by asking for that before it is
    /// given one. Firmware allows this always or never, whatever its state (`manager.c`: only
    /// `disable_auto_stop` counts), and a device without a network goes on waiting for one. If it
    /// has one, as after a test that could not be undone, it leaves that.
    async fn ensure_undoable(&mut self, link: &mut Link<'_>) -> Result<(), Error> {
        let refused = |refusal| Err(Error::new(Stage::Reset, Cause::NotUndoable(refusal)));
        // `prov-ctrl` came with ESP-IDF v5.1, `sec_ver` with v5.0.
        if link.device.sec_ver.is_none() {
            return refused(None);
        }
        match reprovision(link).await {
            Ok(()) => {}
            Err(Error { cause: Cause::Refusal(refusal), .. }) => return refused(Some(refusal)),
            Err(Error { cause: Cause::Transport(TransportError::NoSuchEndpoint(_)), .. }) => {
                return refused(None);
            }
            Err(error) => return Err(error),
        }
        self.is_undoable = true;
        // The device now accepts a network, even if it could not join the last one.
        self.forgetting.go_without();
        Ok(())
    }

    async fn steps(&mut self, link: &mut Link<'_>, policy: &Policy) -> Result<End, Error> {
        // One that was told to join is past refusing.
        if self.plan.undo && !self.is_undoable && !self.may_have_joined() {
            self.ensure_undoable(link).await?;
        }
        if let Some(config) = self.custom_config() {
            link.client.call(config).await?;
            link.observer.notify(Event::CustomConfigSent);
            self.custom_config_sent = true;
        }
        if let Some(data) = self.custom_data() {
            let reply = custom(link, Endpoint::CUSTOM_DATA, data.to_vec()).await?;
            let reply = text_of(&reply);
            link.observer.notify(Event::CustomDataSent { sent: data.len(), reply });
            self.custom_data_sent = true;
        }
        if self.forgetting.is_due() {
            // If the device refuses, apply shows whether it takes another network all the same.
            match self.forgetting.first(link).await {
                Err(Error {
                    cause: Cause::Transport(TransportError::NoSuchEndpoint(_)), ..
                }) if !self.is_reset_asked_for() => {
                    self.forgetting.go_without();
                    return Ok(End::OnceMore);
                }
                done => done?,
            }
        }
        let mut first = None;
        if self.progress == Progress::Applied {
            // This is a new session. The device may have restarted without its credentials, which
            // it reports as "connecting". If it has not, it refuses another apply, which does no
            // harm.
            let status = self.ask(link).await?;
            if matches!(
                status,
                DeviceStatus::NotJoined(JoinState::Connecting { attempts_remaining: None })
            ) {
                self.progress = Progress::ApplySent;
            }
            first = Some(status);
        }
        if self.progress != Progress::Applied {
            self.apply(link).await?;
            first = None;
        }
        self.watch(link, policy, first).await
    }

    /// Sets and applies the network.
    async fn apply(&mut self, link: &mut Link<'_>) -> Result<(), Error> {
        let network = self.network(link)?;
        link.observer.notify(Event::ConfigSent { network: set(link, &network).await? });
        if let Some(journal) = self.journal
            && self.progress == Progress::NotApplied
        {
            let kept = journal.mark_apply_sent().await;
            kept.map_err(|why| Error::new(Stage::Apply, Cause::Unrecorded(why)))?;
        }
        // From here on, the device may join.
        let earlier = mem::replace(&mut self.progress, Progress::ApplySent);
        let now = Instant::now();
        self.applied_at.get_or_insert(now);
        match apply(link, &network).await {
            // The join has begun only now, whatever the device was told before it restarted.
            Ok(()) => {
                self.applied_at = Some(now);
                self.accepted += 1;
            }
            // The earlier apply did arrive.
            Err(Error { cause: Cause::Refusal(_), .. }) if earlier == Progress::ApplySent => {}
            Err(Error { cause: Cause::Refusal(refusal), stage }) => {
                self.progress = earlier;
                let recovery = match self.forgetting.came_of_it() {
                    Some(_) => Recovery::ResetTried,
                    None => link.recovery().await,
                };
                return Err(Error { stage, cause: Cause::NotApplied(refusal, recovery) });
            }
            Err(error) => return Err(error),
        }
        self.progress = Progress::Applied;
        link.observer.notify(Event::Applied);
        Ok(())
    }

    /// The network to give the device now.
    fn network(&self, link: &Link<'_>) -> Result<Network, Error> {
        let mut network = self.plan.network_for(&link.device)?.clone();
        if let (Network::Wifi(wifi), Some(passphrase)) = (&mut network, &self.passphrase) {
            wifi.passphrase = passphrase.clone();
        }
        Ok(network)
    }

    /// Whether somebody asked for the reset. Otherwise it is only tried because an earlier process
    /// saw the join fail, and firmware without a reset goes on without it.
    fn is_reset_asked_for(&self) -> bool {
        self.plan.reset_first || self.passphrase.is_some()
    }

    /// Asks the device for the state of the join.
    async fn ask(&mut self, link: &mut Link<'_>) -> Result<DeviceStatus, Error> {
        let given = self.plan.network_for(&link.device)?;
        let status = device_status(link, Stage::Join, Some(given)).await?;
        self.told = Told { state: Some(status.state()), at: Some(Instant::now()) };
        Ok(status)
    }

    /// Polls the status until the device has joined or failed to. `first` is a status that it has
    /// just reported.
    async fn watch(
        &mut self,
        link: &mut Link<'_>,
        policy: &Policy,
        mut first: Option<DeviceStatus>,
    ) -> Result<End, Error> {
        let applied_at = *self.applied_at.get_or_insert_with(Instant::now);
        let mut failures = 0;
        let mut shown = None;
        loop {
            let status = match first.take() {
                Some(status) => status,
                None => self.ask(link).await?,
            };
            let waited = applied_at.elapsed();
            let state = status.state();
            if shown.as_ref() != Some(&state) {
                link.observer.notify(Event::Polled { state: state.clone() });
                shown = Some(state.clone());
            }
            let mut pause = policy.poll_pause(waited);
            if let DeviceStatus::Joined(outcome) = status {
                return Ok(End::Done(outcome));
            }
            match state {
                JoinState::Failed { failure } => {
                    failures += 1;
                    if failures > self.second_chances(link) {
                        return Ok(End::JoinFailed(failure));
                    }
                    pause = policy.poll_interval;
                }
                JoinState::Connecting { attempts_remaining } => {
                    self.attempts_reported = attempts_remaining.or(self.attempts_reported);
                }
                // The device may be reporting about its previous network.
                JoinState::Mismatch { .. } | JoinState::Other { .. } | JoinState::Connected => {}
            }
            if waited >= policy.join_timeout {
                if let Some(failure) = self.told.failure() {
                    return Ok(End::JoinFailed(failure));
                }
                let cause = match self.told.mismatch() {
                    Some(mismatch) => Cause::Elsewhere(mismatch.clone()),
                    None => Cause::NotJoined {
                        within: policy.join_timeout,
                        attempts_remaining: self.attempts_reported,
                        has_passphrase: self.has_passphrase(link)?,
                    },
                };
                return Err(Error::new(Stage::Join, cause));
            }
            sleep(pause.min(policy.join_timeout.saturating_sub(waited))).await;
        }
    }

    fn has_passphrase(&self, link: &Link<'_>) -> Result<bool, Error> {
        let network = self.network(link)?;
        Ok(matches!(network, Network::Wifi(wifi) if !wifi.passphrase.is_empty()))
    }

    /// How many times a failure is polled again. The examples of ESP-IDF up to v5.4 connect again
    /// at every disconnect, so their failures are not final. With network_provisioning, and in
    /// firmware that counts attempts itself, they are.
    fn second_chances(&self, link: &Link<'_>) -> u32 {
        let counts_attempts = self.attempts_reported.is_some();
        if counts_attempts || link.is_netprov() { 0 } else { 3 }
    }
}

/// Whether an error may mean that the device has joined and is leaving, or has left.
pub(super) fn may_be_gone(error: &Error) -> bool {
    // An error of the adapter is about this machine, or an answer of the device.
    error.is_silence() || matches!(error.cause, Cause::Handshake(HandshakeError::ProofMismatch))
}

/// Makes the device leave its network. A repeated request does no harm, so it is simply sent again
/// if its reply was lost.
async fn undo(link: &mut Link<'_>, connection: Connection) -> Result<End, Error> {
    reprovision(link).await?;
    link.observer.notify(Event::Undone);
    Ok(End::Done(Outcome::Tested { connection }))
}

/// Stores the network in the device's memory.
async fn set(link: &mut Link<'_>, network: &Network) -> Result<NetworkName, Error> {
    match network {
        Network::Wifi(wifi) => {
            link.client.call(wifi).await?;
            Ok(NetworkName::Wifi { ssid: wifi.ssid.to_string() })
        }
        Network::Thread(dataset) => {
            let command = SetThreadConfig { dataset: dataset.clone() };
            link.client.call(&command).await?;
            Ok(NetworkName::Thread { name: dataset.name(), ext_pan_id: dataset.ext_pan_id() })
        }
    }
}

async fn apply(link: &mut Link<'_>, network: &Network) -> Result<(), Error> {
    match network {
        Network::Wifi(_) => link.client.call(&ApplyWifiConfig).await,
        Network::Thread(_) => link.client.call(&ApplyThreadConfig).await,
    }
}
