//! A run: one attempt after another, and questions to a person in between.

use std::{mem, time::Duration};

use protocomm::{
    Capabilities, Credentials, HandshakeError, Scheme, VerifierMaker, commands::JoinFailure,
};
use tokio::time::{Instant, sleep, timeout};

use super::{
    choosing::{Choosing, Purpose, seen},
    commands::{self, Controlling, Message},
    link::{End, Link},
    provisioner::Provisioner,
    scan::{Scanning, scan},
    sequence::{Provisioning, may_be_gone},
    size::{self, Outgoing},
    verified::verified,
    warnings::{Told, of_credentials, warn_of_name},
};
use crate::{
    address::Address,
    client::{Client, Keys, Reached},
    error::{Cause, Error, Stage},
    event::{Connection, Event, Observer, Outcome, Reply, Warning},
    operator::{Chosen, Operator, Seen},
    plan::{Choice, Policy, Security, version_of},
    scan::Scan,
    transport::{Connect, TransportError},
    verify::Verify,
};

/// What a run knows from one session to the next.
pub(super) struct Run<'a> {
    address: &'a Address,
    connect: &'a dyn Connect,
    /// Includes what a person has answered.
    security: Security,
    policy: &'a Policy,
    observer: &'a dyn Observer,
    keys: Keys<'a>,
    verify: Option<&'a Verify>,
    job: Job<'a>,
    /// A link that waits for a person's answer.
    link: Option<Link<'a>>,
    attempt: u32,
    reached: Reached,
    /// The scheme of the last handshake.
    tried: Option<Scheme>,
    /// Whether the device itself reported that scheme.
    named: bool,
    /// Whether a handshake has succeeded.
    had_session: bool,
    /// An error that ended an earlier session and says more than the silence that may follow: a
    /// reply that does not decode, or a scan without an answer.
    earlier: Option<Error>,
    /// What made the device's verifier, by our current guess.
    made_by: VerifierMaker,
    told: Told,
    /// Whether the warning that the name is cut off was considered.
    told_of_name: bool,
    /// How many proofs or logins the device has rejected.
    rejected: u32,
}

/// How many secrets a person may try.
const SECRETS: u32 = 3;

/// The longest value that Bluedroid takes before ESP-IDF v5.0, in bytes (`simple_ble.h`: 256 and a
/// terminating zero).
const OLD_BLE_VALUE: usize = 256;

fn gives_no_reply(error: &Error) -> bool {
    matches!(error.cause, Cause::Transport(TransportError::NoReply))
}

fn not_found() -> Error {
    Error::new(Stage::Join, Cause::Join(JoinFailure::NetworkNotFound))
}

/// What a run is for.
pub(super) enum Job<'a> {
    Control(Controlling),
    Scan(Scanning),
    Status,
    Send(&'a [Message], Vec<Reply>),
    Choose(Choosing<'a>),
    Provision(Box<Provisioning<'a>>),
}

impl Job<'_> {
    fn needs_session(&self) -> bool {
        match self {
            Self::Send(messages, _) => !messages.iter().all(Message::is_plain),
            _ => true,
        }
    }

    /// The required version of the device.
    fn version(&self) -> Option<&str> {
        match self {
            Self::Provision(job) => job.version(),
            Self::Choose(choosing) => choosing.version(),
            _ => None,
        }
    }

    /// The messages whose length depends on the input.
    fn outgoing(&self) -> Vec<Outgoing> {
        match self {
            Self::Control(_) | Self::Scan(_) | Self::Choose(_) | Self::Status => Vec::new(),
            Self::Send(messages, _) => messages.iter().map(Message::outgoing).collect(),
            Self::Provision(job) => job.outgoing(),
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(provisioner: &'a Provisioner<'a>, job: Job<'a>) -> Self {
        let Provisioner { address, connect, security, policy, observer, keys, verify, .. } =
            provisioner;
        Self {
            address,
            connect: *connect,
            security: security.clone(),
            policy,
            observer: *observer,
            keys: *keys,
            verify: *verify,
            job,
            link: None,
            attempt: 0,
            reached: Reached::default(),
            tried: None,
            named: false,
            had_session: false,
            earlier: None,
            made_by: VerifierMaker::default(),
            told: Told::default(),
            told_of_name: false,
            rejected: 0,
        }
    }

    /// Runs to the end, and asks a person where only a person can help.
    pub(super) async fn complete(mut self, operator: &dyn Operator) -> Result<Outcome, Error> {
        let asked_for = self.security.scheme.filter(|scheme| *scheme == Scheme::Sec2.number());
        size::check(self.job.outgoing(), self.connect, asked_for.map(|_| Scheme::Sec2))?;
        let mut time_left = self.policy.timeout;
        loop {
            let began = Instant::now();
            let end = timeout(time_left, self.attempts()).await;
            let end = end.unwrap_or_else(|_| Err(self.out_of_time()));
            // The time that a person takes to answer does not count.
            time_left = time_left.saturating_sub(began.elapsed());
            match end {
                Ok(End::Done(outcome)) => {
                    let Some(outcome) = self.before_undo(outcome).await else { continue };
                    self.close().await;
                    return Ok(self.finish(outcome).await);
                }
                Ok(End::ProofWanted) => {
                    self.announce_question(operator);
                    let Some(pop) = operator.proof_of_possession().await else {
                        self.close().await;
                        return Err(Error::new(Stage::Handshake, Cause::ProofMissing));
                    };
                    self.security.pop = Some(pop);
                    self.attempt = 0;
                }
                Ok(End::LoginWanted) => {
                    self.announce_question(operator);
                    let Some(login) = operator.login().await else {
                        self.close().await;
                        return Err(Error::new(Stage::Handshake, Cause::LoginMissing));
                    };
                    self.security.login = Some(login);
                    self.attempt = 0;
                }
                Ok(End::JoinFailed(failure)) => {
                    let may_look = self.may_look_for_another_name(operator, failure);
                    let can_go_on = operator.is_present() && self.can_be_reset().await;
                    let goes_on = can_go_on
                        && (may_look && self.look_for_another_name()
                            || self.ask_for_another_passphrase(operator, failure).await);
                    if !goes_on {
                        self.close().await;
                        return Err(Error::new(Stage::Join, Cause::Join(failure)));
                    }
                }
                Ok(End::Seen(seen)) => {
                    if let Err(error) = self.choose_from(seen, operator).await {
                        self.close().await;
                        return Err(error);
                    }
                }
                Ok(End::OnceMore) => {}
                Err(error) => {
                    self.close().await;
                    if self.ask_for_another_secret(operator, &error).await {
                        continue;
                    }
                    if let Job::Choose(choosing) = &self.job {
                        if choosing.goes_without(&error) {
                            self.choose_from(Seen::Unknown, operator).await?;
                            continue;
                        }
                        if matches!(choosing.purpose, Purpose::OtherName(_)) {
                            return Err(not_found());
                        }
                    }
                    let (error, is_there) = self.look_again(error, time_left).await;
                    let outcome = self.judge(error, is_there)?;
                    return Ok(self.finish(outcome).await);
                }
            }
        }
    }

    /// Looks for a device that has joined, if it is to leave the network again, since it can't be
    /// found afterwards. `None` if it is to leave now.
    async fn before_undo(&mut self, outcome: Outcome) -> Option<Outcome> {
        if !self.is_test() {
            return Some(outcome);
        }
        let outcome = match (self.verify, outcome) {
            (Some(how), outcome @ (Outcome::Connected { .. } | Outcome::Attached { .. })) => {
                if matches!(self.address, Address::Softap(_)) {
                    // To look for it, this machine leaves its access point.
                    self.close().await;
                }
                verified(outcome, self.connect, self.observer, how).await
            }
            (_, outcome) => outcome,
        };
        let connection = match outcome {
            Outcome::Connected { connection } => Connection::Wifi(connection),
            Outcome::Attached { connection } => Connection::Thread(connection),
            other => return Some(other),
        };
        if let Job::Provision(job) = &mut self.job {
            job.undo_next(connection);
        }
        // Without a link this is a further attempt, for which the device gets more time.
        self.attempt = u32::from(self.link.is_none());
        None
    }

    /// The result of a run that ended in an error.
    fn judge(&mut self, error: Error, is_there: bool) -> Result<Outcome, Error> {
        let earlier = self.earlier.take();
        match (&self.job, earlier) {
            (Job::Provision(job), earlier) if job.may_have_joined() => {
                job.judge(error, earlier, is_there, self.policy)
            }
            (Job::Scan(_) | Job::Choose(_), Some(scan)) if error.is_silence() => Err(scan),
            _ => Err(error),
        }
    }

    /// Checks whether a device that broke off a session, or accepts none, is still there at a time
    /// when one that has joined would have left. If it is, and had a session with us before,
    /// another client has taken over.
    async fn look_again(&mut self, error: Error, time_left: Duration) -> (Error, bool) {
        // A device stays for a second after it reported that it is connected (`manager.c`).
        const LEAVES_WITHIN: Duration = Duration::from_millis(1500);
        let begins = matches!(error.stage, Stage::Connect | Stage::Version);
        let is_http = matches!(self.address, Address::Http(_) | Address::Softap(_));
        let is_cut = matches!(error.cause, Cause::Transport(TransportError::Lost(_)));
        let is_in_doubt = if self.may_have_joined() {
            may_be_gone(&error) || error.host_fault().is_some()
        } else {
            // Over HTTP, a bad link does not reset a socket.
            self.had_session && is_http && is_cut
        };
        // A device that does not come back has probably left, but only if it was tried again. If
        // just one attempt is allowed, it is not tried again to find out.
        let was_called = self.attempt >= 2 || error.host_fault().is_some();
        if begins || !is_in_doubt || !was_called {
            return (error, false);
        }
        let look = async {
            sleep(LEAVES_WITHIN).await;
            self.knock().await
        };
        let Ok(Ok((client, _))) = timeout(time_left, look).await else { return (error, false) };
        client.close().await;
        // One that restarts once it is to join is as silent.
        let restarts = matches!(&self.job, Job::Provision(job) if job.has_restarted());
        if self.had_session && !restarts && (gives_no_reply(&error) || (is_http && is_cut)) {
            return (Error { stage: error.stage, cause: Cause::TakenOver }, true);
        }
        (error, true)
    }

    fn out_of_time(&self) -> Error {
        let scans = matches!(&self.job, Job::Scan(_) | Job::Choose(_));
        let is_hung = scans && self.earlier.is_some();
        let stage = if is_hung { Stage::Scan } else { self.reached.stage() };
        if let Some(lacks) = self.reached.waits_for() {
            return Error::new(stage, TransportError::from(lacks));
        }
        Error::new(stage, Cause::OutOfTime(self.policy.timeout))
    }

    /// Looks for the device, if that is wanted, and tells how the run ended.
    async fn finish(&mut self, outcome: Outcome) -> Outcome {
        let outcome = match self.verify {
            // One that is there, but was not seen to join and to leave again, was not tested.
            Some(_) if self.is_test() && matches!(outcome, Outcome::Unconfirmed { .. }) => outcome,
            Some(how) => verified(outcome, self.connect, self.observer, how).await,
            None => outcome,
        };
        self.observer.notify(Event::Finished { outcome: outcome.clone() });
        outcome
    }

    async fn close(&mut self) {
        if let Some(link) = self.link.take() {
            link.client.close().await;
        }
    }

    fn may_have_joined(&self) -> bool {
        matches!(&self.job, Job::Provision(job) if job.may_have_joined())
    }

    fn is_test(&self) -> bool {
        matches!(&self.job, Job::Provision(job) if job.is_test())
    }

    /// Whether a device that could not join a network can certainly be given another, since a
    /// person is asked only if the answer helps. This may end the link, which is then opened again.
    async fn can_be_reset(&mut self) -> bool {
        let Some(link) = &mut self.link else { return true };
        if link.is_netprov() {
            return true;
        }
        let has_control = link.has_control().await;
        if matches!(self.address, Address::Http(_)) {
            // A request to an unknown endpoint closes the connection.
            self.close().await;
        }
        has_control == Some(true)
    }

    fn announce_question(&self, operator: &dyn Operator) {
        if operator.is_present() {
            self.observer.notify(Event::Asking);
        }
    }

    /// Asks for another secret if the device has rejected the last one. Returns whether there is
    /// one to try.
    async fn ask_for_another_secret(&mut self, operator: &dyn Operator, error: &Error) -> bool {
        let is_rejected = matches!(
            error.cause,
            Cause::Handshake(HandshakeError::ProofMismatch) | Cause::ProofRejected(_)
        );
        self.rejected += u32::from(is_rejected);
        if !is_rejected || self.had_session || self.rejected >= SECRETS || !operator.is_present() {
            return false;
        }
        self.announce_question(operator);
        match self.tried {
            Some(Scheme::Sec1) => {
                let Some(pop) = operator.another_proof_of_possession().await else { return false };
                self.security.pop = Some(pop);
            }
            Some(Scheme::Sec2) => {
                let Some(login) = operator.another_login().await else { return false };
                self.security.login = Some(login);
            }
            _ => return false,
        }
        self.made_by = VerifierMaker::default();
        self.attempt = 0;
        true
    }

    /// Whether to look for another name for a network that the device does not see: the device can
    /// scan, and the person can compare names.
    fn may_look_for_another_name(&self, operator: &dyn Operator, failure: JoinFailure) -> bool {
        let Job::Provision(job) = &self.job else { return false };
        let scans = self.link.as_ref().is_some_and(|link| link.device.has("wifi_scan"));
        let is_not_seen = failure == JoinFailure::NetworkNotFound;
        is_not_seen && scans && job.ssid().is_some() && operator.compares_names()
    }

    fn look_for_another_name(&mut self) -> bool {
        // The job is replaced below.
        let Job::Provision(job) = mem::replace(&mut self.job, Job::Status) else { return false };
        let how = Scan::for_address(self.address);
        self.job = Job::Choose(Choosing::other_name(job, how));
        self.attempt = 0;
        true
    }

    /// Has the network or its name chosen, and goes on with that.
    async fn choose_from(&mut self, seen: Seen, operator: &dyn Operator) -> Result<(), Error> {
        self.announce_question(operator);
        let Job::Choose(choosing) = mem::replace(&mut self.job, Job::Status) else {
            return Ok(());
        };
        let chosen = match choosing.purpose {
            Purpose::Choice(chooser) => match chooser.choose(seen).await {
                Chosen::Plan(plan) => Box::new(choosing.chosen(*plan)),
                Chosen::LookAgain => {
                    self.job = Job::Choose(choosing);
                    self.attempt = 0;
                    return Ok(());
                }
                Chosen::Nothing => return Err(Error::new(Stage::Scan, Cause::NetworkMissing)),
            },
            Purpose::OtherName(mut job) => {
                let (Some(ssid), Seen::Wifi(seen)) = (job.ssid(), seen) else {
                    return Err(not_found());
                };
                let another = operator.another_ssid(ssid, &seen).await;
                let another = another.ok_or_else(not_found)?;
                let scanning = choosing.scanning.ok_or_else(not_found)?;
                job.start_over_as(&another, scanning.into_forgetting());
                job
            }
        };
        self.job = Job::Provision(chosen);
        (self.attempt, self.earlier) = (0, None);
        size::check(self.job.outgoing(), self.connect, self.tried)
    }

    async fn ask_for_another_passphrase(
        &mut self,
        operator: &dyn Operator,
        failure: JoinFailure,
    ) -> bool {
        self.announce_question(operator);
        let Job::Provision(job) = &mut self.job else { return false };
        let Some(ssid) = job.ssid() else { return false };
        let Some(passphrase) = operator.passphrase(ssid, failure).await else {
            return false;
        };
        job.start_over_with(passphrase);
        self.attempt = 0;
        true
    }

    /// Makes one attempt after another for as long as links are lost.
    async fn attempts(&mut self) -> Result<End, Error> {
        let mut rejected_at = None;
        let mut has_failed_inside = false;
        let mut has_made_no_sense = false;
        loop {
            self.attempt += 1;
            let has_waited = self.link.as_ref().is_some_and(|link| link.client.has_session());
            let error = match self.attempt().await {
                Ok(End::OnceMore) => {
                    self.attempt -= 1;
                    continue;
                }
                // The session ended while a person was answering, so this attempt does not count.
                Err(error) if has_waited && error.is_link_lost() && !self.may_have_joined() => {
                    self.attempt -= 1;
                    continue;
                }
                Err(error) if error.is_link_lost() || self.is_transient_on_host(&error) => error,
                Err(error)
                    if error.is_failure_inside() && !mem::replace(&mut has_failed_inside, true) =>
                {
                    error
                }
                Err(error)
                    if error.is_nonsense() && !mem::replace(&mut has_made_no_sense, true) =>
                {
                    error
                }
                end => return end,
            };
            let last = self.attempt >= self.policy.attempts;
            // A device rejects a handshake by closing the connection. Once, that may be a transient
            // failure; twice at the same stage, it is an answer.
            let rejection = self.silent_rejection(&error);
            let again = rejection.is_some() && rejected_at == Some(error.stage);
            let after = if rejection.is_some() && !again {
                Duration::ZERO
            } else if self.may_have_joined() {
                Policy::retry_pause_after_apply(self.attempt)
            } else {
                Policy::retry_pause(self.attempt)
            };
            rejected_at = rejection.is_some().then_some(error.stage);
            if rejected_at == Some(Stage::Proof) {
                // One in 256 logins depends on what made the verifier.
                self.made_by = self.made_by.other();
            }
            match rejection {
                Some(cause) if again || last => {
                    return Err(Error { stage: error.stage, cause });
                }
                _ if last && self.is_taken_over(&error) => {
                    return Err(Error { stage: error.stage, cause: Cause::TakenOver });
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
            if matches!(
                (error.stage, &error.cause),
                (_, Cause::Session(_))
                    | (Stage::Scan, Cause::Transport(TransportError::TimedOut(_)))
            ) {
                self.earlier = Some(error);
            }
            sleep(after).await;
        }
    }

    /// Whether this machine's Bluetooth or Wi-Fi went away after the link was opened. While
    /// connecting, it was waited for.
    fn is_transient_on_host(&self, error: &Error) -> bool {
        let is_later = error.stage != Stage::Connect;
        is_later && self.policy.waits_for_adapter && error.host_fault().is_some()
    }

    /// What a missing reply to a handshake means: the device has another scheme, unless it reported
    /// this one itself, or another secret. Neither is possible once a handshake has succeeded.
    fn silent_rejection(&self, error: &Error) -> Option<Cause> {
        if !gives_no_reply(error) || self.had_session {
            return None;
        }
        match error.stage {
            Stage::Proof => self.tried.map(Cause::ProofRejected),
            Stage::Handshake if !self.named => self.tried.map(Cause::SchemeRejected),
            _ => None,
        }
    }

    /// Whether another client has taken over. A device has one session, and the HTTP server of
    /// stock firmware one socket; the last client gets it.
    fn is_taken_over(&self, error: &Error) -> bool {
        let begins = matches!(error.stage, Stage::Version | Stage::Handshake | Stage::Proof);
        self.had_session && begins && gives_no_reply(error)
    }

    /// Makes one attempt, with one link and one session, from the beginning or after a person's
    /// answer.
    async fn attempt(&mut self) -> Result<End, Error> {
        let mut link = match self.link.take() {
            Some(link) => link,
            None => self.greet().await?,
        };
        match &self.job {
            Job::Provision(job) => {
                // A plan that was chosen in this session may not suit this device.
                self.check_version(&link.device)?;
                job.check(&link)?;
            }
            Job::Send(messages, _) if messages.iter().any(|message| message.plain) => {
                let required = self.security.accept.at_least;
                if required > 0 {
                    let cause = Cause::BelowRequired { required, offered: 0 };
                    return Err(Error::new(Stage::Custom, cause));
                }
            }
            _ => {}
        }
        if self.job.needs_session() && !link.client.has_session() {
            let credentials = match self.choose(&link)? {
                Choice::Use(credentials) => credentials,
                Choice::AskForProof => {
                    self.link = Some(link);
                    return Ok(End::ProofWanted);
                }
                Choice::AskForLogin => {
                    self.link = Some(link);
                    return Ok(End::LoginWanted);
                }
            };
            let scheme = credentials.scheme();
            size::check(self.job.outgoing(), self.connect, Some(scheme))?;
            self.tried = Some(scheme);
            self.named = link.device.security() == Some(scheme.number());
            link.client.establish(&credentials, &link.device).await?;
            self.had_session = true;
            self.tell_of_session(&link, &credentials)?;
        }
        let end = match &mut self.job {
            Job::Control(controlling) => commands::control(&mut link, controlling).await?,
            Job::Scan(scanning) => match scan(&mut link, scanning, self.policy).await? {
                End::OnceMore => return Ok(End::OnceMore),
                end => end,
            },
            Job::Choose(Choosing { scanning: None, .. }) => End::Seen(Seen::Unknown),
            Job::Choose(Choosing { scanning: Some(scanning), .. }) => {
                match scan(&mut link, scanning, self.policy).await? {
                    End::OnceMore => return Ok(End::OnceMore),
                    End::Done(outcome) => End::Seen(seen(outcome)),
                    end => end,
                }
            }
            Job::Status => commands::status(&mut link).await?,
            Job::Send(messages, replies) => commands::send(&mut link, messages, replies).await?,
            Job::Provision(job) => match job.go_on(&mut link, self.policy).await? {
                End::OnceMore => return Ok(End::OnceMore),
                end => end,
            },
        };
        self.link = Some(link);
        Ok(end)
    }

    fn tell_of_session(&self, link: &Link<'_>, credentials: &Credentials) -> Result<(), Error> {
        let security = credentials.scheme();
        self.observer.notify(Event::Established { security });
        if link.client.repeats_nonce() {
            link.warn(Stage::Proof, Warning::NonceRepeated { told: link.device.sec_patch_ver })?;
        }
        let gives = |warning: &Warning| match self.job {
            Job::Provision(_) | Job::Choose(_) => true,
            Job::Send(..) => *warning == Warning::Unencrypted,
            _ => false,
        };
        for warning in of_credentials(credentials).into_iter().filter(gives) {
            link.warn(Stage::Proof, warning)?;
        }
        Ok(())
    }

    fn choose(&self, link: &Link<'_>) -> Result<Choice, Error> {
        let chosen = self.security.choose(&link.device, self.made_by);
        let (choice, warning) = chosen.map_err(|cause| Error::new(Stage::Handshake, cause))?;
        if let Some(warning) = warning {
            link.warn(Stage::Handshake, warning)?;
        }
        Ok(choice)
    }

    /// Opens a link and asks the device about itself.
    async fn greet(&mut self) -> Result<Link<'a>, Error> {
        self.observer
            .notify(Event::Connecting { address: self.address.clone(), attempt: self.attempt });
        // On the first attempt, an unreachable device is an answer. After a lost link, the device
        // may be restarting or changing the channel of its access point, so it gets more time.
        let limit = self.connect.limit(self.policy.connect_timeout);
        let patience = if self.attempt > 1 { limit } else { Duration::ZERO };
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
        self.check_version(&device)?;
        // `sec_ver` came with ESP-IDF v5.0.
        let is_old = matches!(self.address, Address::Ble(_)) && device.sec_ver.is_none();
        let surely_takes = is_old.then_some(OLD_BLE_VALUE);
        let deny_warnings = self.policy.deny_warnings;
        let told = self.told.clone();
        Ok(Link { client, device, observer: self.observer, surely_takes, deny_warnings, told })
    }

    fn check_version(&self, device: &Capabilities) -> Result<(), Error> {
        match self.job.version() {
            Some(wanted) if !device.is_version(wanted) => {
                let (wanted, got) = (wanted.to_owned(), version_of(device));
                Err(Error::new(Stage::Version, Cause::Version { wanted, got }))
            }
            _ => Ok(()),
        }
    }

    async fn knock(&mut self) -> Result<(Client<'a>, Capabilities), Error> {
        let (connect, policy, observer) = (self.connect, self.policy, self.observer);
        let reached = self.reached.clone();
        let mut client =
            Client::open_and_tell(connect, policy, observer, reached, self.keys).await?;
        if !mem::replace(&mut self.told_of_name, true) {
            // This comes before anything is sent to the device.
            warn_of_name(&client, self.observer, self.policy.deny_warnings)?;
        }
        let device = client.capabilities().await?;
        Ok((client, device))
    }
}
