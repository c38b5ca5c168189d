//! The provisioning sequence: connect, version, session, set, apply, watch.
//!
//! A lost link or session is replaced by a new one, never repaired, and what was already done
//! decides where the new session goes on:
//!
//! | the link broke | the new session | if no new link can be had |
//! | --- | --- | --- |
//! | before apply was sent | sets, applies, watches | the link's error |
//! | before apply was acknowledged | sets, applies again; a refusal means the first one arrived | [`Outcome::Unconfirmed`] |
//! | after that | watches | [`Outcome::Unconfirmed`] |
//!
//! Applying again can tell what asking for the status can't: a device says "connecting" before
//! any apply, too (`manager.c`, network_provisioning 1.2.4).

use std::{mem, time::Duration};

use protocomm::{
    Capabilities, Credentials, Endpoint, Scheme,
    commands::{
        ApplyWifiConfig, Custom, GetWifiStatus, JoinFailure, ReprovisionWifi, ResetWifi,
        SetWifiConfig, WifiConnection, WifiStatus,
    },
};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    address::Address,
    client::Client,
    error::{Cause, Error, Stage},
    event::{Event, JoinState, Observer, Outcome, Warning},
    operator::Operator,
    plan::{Choice, Plan, Policy, Security, version_of},
    transport::{Connect, TransportError},
};

/// A device to work on: its name for messages, and the way to it.
pub struct Target<'a> {
    /// For events.
    pub address: Address,
    /// The way.
    pub connect: &'a dyn Connect,
}

/// Gives a device its network.
///
/// # Errors
/// The stage and the cause. Lost links come up only after all attempts.
pub async fn provision(
    target: &Target<'_>,
    plan: &Plan,
    operator: &dyn Operator,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let job = Job::Provision(Provisioning {
        network: plan.network.clone(),
        custom_data: plan.custom_data.as_deref(),
        progress: Progress::NotApplied,
        reset_first: false,
        applied_at: None,
        attempts_reported: None,
    });
    Run {
        target,
        security: plan.security.clone(),
        version: plan.version.as_deref(),
        policy: &plan.policy,
        observer,
        job,
        link: None,
        attempt: 0,
    }
    .complete(operator)
    .await
}

/// What to do through `prov-ctrl` (ESP-IDF v5.1 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Forget a network that could not be joined.
    Reset,
    /// Leave the network and wait for another, where the application allows it.
    Reprovision,
}

/// Resets a device after a failed join, or makes a connected one take another network.
///
/// # Errors
/// The stage and the cause; a device that is in no state for it refuses.
pub async fn control(
    target: &Target<'_>,
    command: Control,
    security: &Security,
    policy: &Policy,
    operator: &dyn Operator,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    Run {
        target,
        security: security.clone(),
        version: None,
        policy,
        observer,
        job: Job::Control(command),
        link: None,
        attempt: 0,
    }
    .complete(operator)
    .await
}

/// What a run knows from one session to the next.
struct Run<'a> {
    target: &'a Target<'a>,
    security: Security,
    version: Option<&'a str>,
    policy: &'a Policy,
    observer: &'a dyn Observer,
    job: Job<'a>,
    /// A link that waits for a person's answer.
    link: Option<(Client<'a>, Capabilities)>,
    attempt: u32,
}

enum Job<'a> {
    Control(Control),
    Provision(Provisioning<'a>),
}

/// How far provisioning has come.
struct Provisioning<'a> {
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

/// How one stretch of work without a person ends.
enum End {
    Done(Outcome),
    ProofWanted,
    JoinFailed(JoinFailure),
}

impl<'a> Run<'a> {
    /// Works, asks the person where only a person can help, and works on.
    async fn complete(mut self, operator: &dyn Operator) -> Result<Outcome, Error> {
        loop {
            let within = self.policy.timeout;
            let end = timeout(within, self.attempts()).await.unwrap_or_else(|_| {
                Err(Error::new(self.stage_reached(), Cause::OutOfTime(within)))
            });
            match end {
                Ok(End::Done(outcome)) => {
                    self.close().await;
                    return Ok(self.finish(outcome));
                }
                Ok(End::ProofWanted) => {
                    self.announce_question(operator);
                    let Some(pop) = operator.proof_of_possession().await else {
                        self.close().await;
                        return Err(Error::new(Stage::Handshake, Cause::ProofMissing));
                    };
                    self.security.pop = Some(pop);
                }
                Ok(End::JoinFailed(failure)) => {
                    if !self.ask_for_another_passphrase(operator, failure).await {
                        self.close().await;
                        return Err(Error::new(Stage::Join, Cause::Join(failure)));
                    }
                }
                // Once the device was told to join, its silence is no failure: it leaves when
                // it has joined. Nor is a failed handshake then, as the device forgets its proof
                // of possession a second before it leaves (`manager.c`).
                Err(error) if self.may_have_joined() && !error.is_answer() => {
                    return Ok(self.finish(Outcome::Unconfirmed));
                }
                Err(error) => {
                    self.close().await;
                    return Err(error);
                }
            }
        }
    }

    fn finish(&self, outcome: Outcome) -> Outcome {
        self.observer.notify(Event::Finished { outcome: outcome.clone() });
        outcome
    }

    async fn close(&mut self) {
        if let Some((client, _)) = self.link.take() {
            client.close().await;
        }
    }

    fn may_have_joined(&self) -> bool {
        matches!(&self.job, Job::Provision(job) if job.progress != Progress::NotApplied)
    }

    fn stage_reached(&self) -> Stage {
        if self.may_have_joined() { Stage::Join } else { Stage::Connect }
    }

    fn announce_question(&self, operator: &dyn Operator) {
        if operator.is_present() {
            self.observer.notify(Event::Asking);
        }
    }

    async fn ask_for_another_passphrase(
        &mut self,
        operator: &dyn Operator,
        failure: JoinFailure,
    ) -> bool {
        self.announce_question(operator);
        let Job::Provision(job) = &mut self.job else { return false };
        let Some(passphrase) = operator.passphrase(&job.network.ssid, failure).await else {
            return false;
        };
        job.network.passphrase = passphrase;
        job.reset_first = true;
        job.applied_at = None;
        job.attempts_reported = None;
        job.progress = Progress::NotApplied;
        self.attempt = 0;
        true
    }

    /// Attempt after attempt while links get lost.
    async fn attempts(&mut self) -> Result<End, Error> {
        let mut rejected_at = None;
        loop {
            self.attempt += 1;
            let error = match self.attempt().await {
                Err(error) if error.is_link_lost() => error,
                end => return end,
            };
            let last = self.attempt >= self.policy.attempts;
            // A device rejects a handshake by closing the connection. Once may be an accident,
            // twice at the same place is an answer.
            let rejection = self.silent_rejection(&error);
            let again = rejection.is_some() && rejected_at == Some(error.stage);
            let after = if rejection.is_some() && !again {
                Duration::ZERO
            } else {
                Policy::retry_pause(self.attempt)
            };
            rejected_at = rejection.is_some().then_some(error.stage);
            match rejection {
                Some(cause) if (again || last) && !self.may_have_joined() => {
                    return Err(Error { stage: error.stage, cause });
                }
                _ if last => return Err(error),
                _ => {}
            }
            self.observer.notify(Event::Retrying {
                attempt: self.attempt + 1,
                after,
                stage: error.stage,
                cause: error.cause.to_string(),
            });
            sleep(after).await;
        }
    }

    fn silent_rejection(&self, error: &Error) -> Option<Cause> {
        if !matches!(error.cause, Cause::Transport(TransportError::NoReply)) {
            return None;
        }
        match error.stage {
            Stage::Proof => Some(Cause::ProofRejected),
            Stage::Handshake => {
                let scheme = match self.security.scheme {
                    Some(0) => Scheme::Sec0,
                    _ => Scheme::Sec1,
                };
                Some(Cause::SchemeRejected(scheme))
            }
            _ => None,
        }
    }

    /// One link and one session, from the beginning or from a person's answer on.
    async fn attempt(&mut self) -> Result<End, Error> {
        let (mut client, device) = match self.link.take() {
            Some(link) => link,
            None => self.greet().await?,
        };
        if !client.has_session() {
            let Some(credentials) = self.credentials(&device)? else {
                self.link = Some((client, device));
                return Ok(End::ProofWanted);
            };
            client.establish(&credentials, &device).await?;
            let security = credentials.scheme();
            self.observer.notify(Event::Established { security });
            if security == Scheme::Sec0 && matches!(self.job, Job::Provision(_)) {
                self.observer.notify(Event::Warning { warning: Warning::Unencrypted });
            }
        }
        let end = match &mut self.job {
            Job::Control(command) => control_once(&mut client, *command, self.observer).await?,
            Job::Provision(job) => {
                job.once(&mut client, &device, self.policy, self.observer).await?
            }
        };
        self.link = Some((client, device));
        Ok(end)
    }

    fn credentials(&self, device: &Capabilities) -> Result<Option<Credentials>, Error> {
        let warn = |warning| self.observer.notify(Event::Warning { warning });
        match self.security.choose(device, warn)? {
            Choice::Use(credentials) => Ok(Some(credentials)),
            Choice::AskForProof => Ok(None),
        }
    }

    /// A link, and what the device says about itself.
    async fn greet(&mut self) -> Result<(Client<'a>, Capabilities), Error> {
        self.observer.notify(Event::Connecting {
            address: self.target.address.clone(),
            attempt: self.attempt,
        });
        // At first an unreachable device is an answer. After a lost link it is restarting, or
        // its access point is changing channels: give it the time a connect may take.
        let patience = if self.attempt > 1 { self.policy.connect_within } else { Duration::ZERO };
        let began = Instant::now();
        let (client, device) = loop {
            match self.knock().await {
                Err(error) if error.is_unreachable() && began.elapsed() < patience => {
                    sleep(Duration::from_millis(300)).await;
                }
                answer => break answer?,
            }
        };
        self.observer.notify(Event::Identified { capabilities: device.clone() });
        if let Some(wanted) = self.version
            && !device.is_version(wanted)
        {
            let (wanted, got) = (wanted.to_owned(), version_of(&device));
            return Err(Error::new(Stage::Version, Cause::Version { wanted, got }));
        }
        Ok((client, device))
    }

    async fn knock(&self) -> Result<(Client<'a>, Capabilities), Error> {
        let mut client = Client::open(self.target.connect, self.policy, self.observer).await?;
        let device = client.capabilities().await?;
        Ok((client, device))
    }
}

async fn control_once(
    client: &mut Client<'_>,
    command: Control,
    observer: &dyn Observer,
) -> Result<End, Error> {
    match command {
        Control::Reset => client.call(Stage::Reset, &ResetWifi).await?,
        Control::Reprovision => client.call(Stage::Reset, &ReprovisionWifi).await?,
    }
    observer.notify(Event::Reset);
    Ok(End::Done(Outcome::Reset))
}

impl Provisioning<'_> {
    async fn once(
        &mut self,
        client: &mut Client<'_>,
        device: &Capabilities,
        policy: &Policy,
        observer: &dyn Observer,
    ) -> Result<End, Error> {
        if let Some(data) = self.custom_data {
            let command = Custom { endpoint: Endpoint::CUSTOM_DATA, body: data.to_vec() };
            let reply = client.call(Stage::Custom, &command).await?;
            let reply = String::from_utf8_lossy(&reply).trim_end_matches('\0').to_owned();
            observer.notify(Event::CustomDataSent { sent: data.len(), reply });
            self.custom_data = None;
        }
        if self.reset_first {
            self.reset(client, observer).await?;
        }
        if self.progress != Progress::Applied {
            client.call(Stage::Set, &self.network).await?;
            observer.notify(Event::ConfigSent { ssid: self.network.ssid.to_string() });
            // From here on the device may act.
            let earlier = mem::replace(&mut self.progress, Progress::ApplySent);
            match client.call(Stage::Apply, &ApplyWifiConfig).await {
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
            observer.notify(Event::Applied);
        }
        self.watch(client, device, policy, observer).await
    }

    /// Makes the device forget the network it could not join. Firmware before
    /// network_provisioning 1.2.1 that has already reset itself refuses; whether it takes
    /// another network shows at apply.
    async fn reset(
        &mut self,
        client: &mut Client<'_>,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        match client.call(Stage::Reset, &ResetWifi).await {
            Ok(()) | Err(Error { cause: Cause::Refusal(_), .. }) => {}
            Err(error) => return Err(error),
        }
        self.reset_first = false;
        observer.notify(Event::Reset);
        Ok(())
    }

    async fn watch(
        &mut self,
        client: &mut Client<'_>,
        device: &Capabilities,
        policy: &Policy,
        observer: &dyn Observer,
    ) -> Result<End, Error> {
        let applied_at = *self.applied_at.get_or_insert_with(Instant::now);
        let mut failures = 0;
        let mut shown = None;
        loop {
            let status = client.call(Stage::Join, &GetWifiStatus).await?;
            let waited = applied_at.elapsed();
            let state = join_state(&status);
            if shown.as_ref() != Some(&state) {
                observer.notify(Event::Polled { state: state.clone() });
                shown = Some(state);
            }
            let mut pause = policy.poll_pause(waited);
            match status {
                WifiStatus::Connected(connection) => return Ok(connected(connection)),
                WifiStatus::Failed(failure) => {
                    failures += 1;
                    if failures > self.second_chances(device) {
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
