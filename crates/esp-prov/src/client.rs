//! A client of a device: a link, perhaps with a session.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocomm::{
    Capabilities, Command, CommandKind, Credentials, Endpoint, Handshake, Refusal, Request, Scheme,
    Session, Step,
};
use rand_core::{CryptoRng, UnwrapErr};
use tokio::time::{Instant, sleep, timeout};
use zeroize::Zeroizing;

use crate::{
    error::{Cause, Error, Stage},
    event::{Event, Observer},
    exchange::{Body, ExchangeRecord, Failure, State},
    plan::Policy,
    transport::{
        Connect, CutName, EndpointList, HostFault, RadioError, Transport, TransportError, once_back,
    },
};

/// A client of one device, on one link. After a call fails because the link was lost, this client
/// can't be used any more: open another one.
pub struct Client<'a> {
    link: Box<dyn Transport>,
    session: Option<Session>,
    observer: &'a dyn Observer,
    reply_timeout: Duration,
    reached: Reached,
    keys: Keys<'a>,
}

/// The source of randomness for keys; `None` for the system's.
pub(crate) type Keys<'a> = Option<&'a Mutex<dyn CryptoRng + Send>>;

/// The step that was begun last. It is shared with a caller that may stop waiting for the client.
#[derive(Clone)]
pub(crate) struct Reached(Arc<Mutex<Begun>>);

struct Begun {
    stage: Stage,
    /// What this machine lacks for that step.
    waits_for: Option<HostFault>,
}

impl Default for Reached {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Begun { stage: Stage::Connect, waits_for: None })))
    }
}

impl Reached {
    pub(crate) fn stage(&self) -> Stage {
        self.begun().stage
    }

    pub(crate) fn waits_for(&self) -> Option<HostFault> {
        self.begun().waits_for.clone()
    }

    fn set(&self, stage: Stage) {
        *self.begun() = Begun { stage, waits_for: None };
    }

    fn waits(&self, error: &TransportError) {
        self.begun().waits_for = error.host_fault();
    }

    fn begun(&self) -> MutexGuard<'_, Begun> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn link(
    connect: &dyn Connect,
    within: Duration,
) -> Result<Box<dyn Transport>, TransportError> {
    let limit = connect.limit(within);
    timeout(limit, connect.connect(within)).await.unwrap_or_else(|_| {
        let within = humantime::format_duration(limit);
        Err(TransportError::Connect(format!("no link within {within}").into()))
    })
}

/// Builds a link once this machine has again what it lacked, such as an adapter. The error is what
/// is still missing at `until`, or what goes missing again at every attempt to connect.
async fn link_once_back(
    connect: &dyn Connect,
    within: Duration,
    until: Instant,
    observer: &dyn Observer,
    reached: &Reached,
    mut error: TransportError,
) -> Result<Box<dyn Transport>, TransportError> {
    loop {
        observer.notify(Event::AdapterUnavailable { error: error.to_string() });
        reached.waits(&error);
        let hears_nothing =
            matches!(error, TransportError::Radio(RadioError::DiscoveryUnavailable));
        let was_away = match once_back(connect, Some(until)).await {
            Ok(was_away) => was_away || hears_nothing,
            Err(Some(still)) if !is_due_to_it(&error, &still) => return Err(still),
            Err(_) => return Err(error),
        };
        observer.notify(Event::AdapterAvailable);
        reached.set(Stage::Connect);
        // An adapter that has only just come back has not heard any device yet.
        let left = until.saturating_duration_since(Instant::now());
        match link(connect, if was_away { within } else { left }).await {
            Err(again) if is_due_to_it(&error, &again) => {}
            Err(again) if again.host_fault().is_some() => error = again,
            // What fails after that, as with the little time that is left, explains less.
            Err(_) if is_death(&error) => return Err(error),
            link => return link,
        }
    }
}

/// Whether the Bluetooth service does not answer because it died before.
fn is_due_to_it(before: &TransportError, now: &TransportError) -> bool {
    let is_silent =
        matches!(now, TransportError::Radio(RadioError::NoService(_) | RadioError::NoAdapter));
    is_death(before) && is_silent
}

/// Whether the Bluetooth service died of connecting to the device.
fn is_death(error: &TransportError) -> bool {
    matches!(error, TransportError::Radio(RadioError::Died(_)))
}

impl<'a> Client<'a> {
    /// Builds a link.
    ///
    /// # Errors
    /// At [`Stage::Connect`].
    pub async fn open(
        connect: &dyn Connect,
        policy: &Policy,
        observer: &'a dyn Observer,
    ) -> Result<Self, Error> {
        Self::open_and_tell(connect, policy, observer, Reached::default(), None).await
    }

    /// Like [`open`](Self::open), and reports each step as it begins.
    pub(crate) async fn open_and_tell(
        connect: &dyn Connect,
        policy: &Policy,
        observer: &'a dyn Observer,
        reached: Reached,
        keys: Keys<'a>,
    ) -> Result<Self, Error> {
        reached.set(Stage::Connect);
        let within = policy.connect_timeout;
        let until = Instant::now() + within;
        let link = match link(connect, within).await {
            Err(error) if policy.waits_for_adapter && error.host_fault().is_some() => {
                // To join an access point takes longer than a connection may.
                let is_wifi = matches!(error, TransportError::Wifi(_));
                let until = if is_wifi { Instant::now() + within } else { until };
                link_once_back(connect, within, until, observer, &reached, error).await
            }
            link => link,
        };
        let link = link.map_err(|error| Error::new(Stage::Connect, error))?;
        let reply_timeout = policy.reply_timeout;
        Ok(Self { link, session: None, observer, reply_timeout, reached, keys })
    }

    /// The cut-off name by which the device was matched, if it was.
    pub fn cut_name(&self) -> Option<&CutName> {
        self.link.cut_name()
    }

    /// Asks the device for its version and capabilities.
    ///
    /// # Errors
    /// At [`Stage::Version`], or at [`Stage::Connect`] if the transport connects only at the first
    /// exchange.
    pub async fn capabilities(&mut self) -> Result<Capabilities, Error> {
        let request = Request::version();
        let reply = self.carry(&request, Stage::Version).await;
        self.record(&request, &reply, ExchangeContext::in_clear(State::Connected));
        let reply = reply.bytes.map_err(|error| match error {
            TransportError::NotFound(_)
            | TransportError::Connect(_)
            | TransportError::NoTime(_) => Error::new(Stage::Connect, error),
            other => Error::new(Stage::Version, other),
        })?;
        Ok(Capabilities::parse(&reply))
    }

    /// Lists the endpoints of the device. If the transport has no list, it checks for the endpoints
    /// in `names`.
    ///
    /// # Errors
    /// At [`Stage::Version`].
    pub async fn list_endpoints(&mut self, names: &[Endpoint]) -> Result<EndpointList, Error> {
        // Each name may take an exchange of its own.
        let within = self.reply_timeout * u32::try_from(names.len() + 1).unwrap_or(u32::MAX);
        let listed = timeout(within, self.link.list_endpoints(names)).await;
        let listed = listed.unwrap_or(Err(TransportError::TimedOut(within)));
        listed.map_err(|error| Error::new(Stage::Version, error))
    }

    /// Opens a session.
    ///
    /// # Errors
    /// At [`Stage::Handshake`] or [`Stage::Proof`].
    pub async fn establish(
        &mut self,
        credentials: &Credentials,
        device: &Capabilities,
    ) -> Result<(), Error> {
        let begun = match self.keys {
            None => Handshake::start(credentials, device, &mut UnwrapErr(getrandom::SysRng)),
            Some(keys) => {
                let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
                Handshake::start(credentials, device, &mut &mut *keys)
            }
        };
        let (mut handshake, mut request) =
            begun.map_err(|error| Error::new(Stage::Handshake, error))?;
        loop {
            let (stage, before) = if handshake.awaits_proof() {
                (Stage::Proof, State::Proof)
            } else {
                (Stage::Handshake, State::Handshake)
            };
            let mut context = ExchangeContext {
                credentials: Some(credentials),
                ..ExchangeContext::in_clear(before)
            };
            let reply = self.carry(&request, stage).await;
            let Ok(bytes) = &reply.bytes else {
                self.record(&request, &reply, context);
                return reply.bytes.map(drop).map_err(|error| Error::new(stage, error));
            };
            match handshake.handle(bytes) {
                Ok(Step::Send(next, then)) => {
                    self.record(
                        &request,
                        &reply,
                        ExchangeContext { after: State::Proof, ..context },
                    );
                    (handshake, request) = (next, then);
                }
                Ok(Step::Done(session)) => {
                    self.record(
                        &request,
                        &reply,
                        ExchangeContext { after: State::Session, ..context },
                    );
                    self.session = Some(session);
                    return Ok(());
                }
                Err(error) => {
                    context.failure = Some(("handshake", &error));
                    self.record(&request, &reply, context);
                    return Err(Error::new(stage, error));
                }
            }
        }
    }

    /// Sends a command through the session and reads its reply.
    ///
    /// # Errors
    /// At the stage of the command; this is [`Stage::Custom`] for a command of your own. After a
    /// [`Cause::Refusal`] the session continues. After any other error, or if this call is
    /// cancelled, the session is over.
    pub async fn call<C: Command>(&mut self, command: &C) -> Result<C::Reply, Error> {
        self.call_at(stage_of(C::KIND), command).await
    }

    /// Like [`call`](Self::call), at a given stage. A command may serve another step: before a
    /// scan, a device is asked for the state of its join.
    pub(crate) async fn call_at<C: Command>(
        &mut self,
        stage: Stage,
        command: &C,
    ) -> Result<C::Reply, Error> {
        self.try_call(stage, command).await.map_err(|cause| Error { stage, cause })
    }

    async fn try_call<C: Command>(&mut self, stage: Stage, command: &C) -> Result<C::Reply, Cause> {
        let lost = || TransportError::Lost("no session is open".into());
        let session = self.session.take().ok_or_else(lost)?;
        let sealed = session.scheme() != Scheme::Sec0;
        let plain = command.encode();
        let mut context = ExchangeContext {
            plain: Some(&plain),
            sealed,
            scheme: Some(session.scheme()),
            repeats_nonce: session.repeats_nonce(),
            // If the nonce is repeated, messages that anybody can guess decrypt the others.
            is_public: sealed && !session.repeats_nonce(),
            ..ExchangeContext::in_clear(State::Session)
        };
        let (request, pending) = session.seal(command)?;
        let reply = self.carry(&request, stage).await;
        let mut told = Zeroizing::default();
        let Ok(bytes) = &reply.bytes else {
            self.record(&request, &reply, context);
            return Err(reply.bytes.map_or_else(Cause::from, |_| lost().into()));
        };
        let answer = pending.decrypt(bytes).and_then(|opened| {
            told = Zeroizing::new(opened.plain().to_vec());
            context.opened = Some(&told);
            opened.read()
        });
        context.failure = answer.as_ref().err().map(|error| ("session", error as _));
        self.record(&request, &reply, context);
        let (session, answer) = answer?;
        self.session = Some(session);
        answer.map_err(|refusal: Refusal| refusal.into())
    }

    /// Sends bytes to an endpoint outside the session, in the clear.
    ///
    /// # Errors
    /// At [`Stage::Custom`].
    pub async fn call_plain(
        &mut self,
        endpoint: Endpoint,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let request = Request::plain(endpoint, body);
        let reply = self.carry(&request, Stage::Custom).await;
        let state = if self.has_session() { State::Session } else { State::Connected };
        let context = ExchangeContext { is_public: false, ..ExchangeContext::in_clear(state) };
        self.record(&request, &reply, context);
        reply.bytes.map_err(|error| Error::new(Stage::Custom, error))
    }

    /// Whether a session is open.
    pub fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// Whether the session encrypts every message under the same nonce; see
    /// [`Session::repeats_nonce`].
    pub fn repeats_nonce(&self) -> bool {
        self.session.as_ref().is_some_and(Session::repeats_nonce)
    }

    /// Closes the link, and tells the device so if the transport can.
    pub async fn close(mut self) {
        // A device that does not answer must not delay the end.
        let _ = timeout(Duration::from_secs(1), self.link.disconnect()).await;
    }

    /// Sends a request and waits for its reply. Every wait for a reply is here.
    async fn carry(&mut self, request: &Request, stage: Stage) -> TimedReply {
        // A command that is slow by nature (a blocking scan) keeps its own limit if that is longer.
        let mut within = self.reply_timeout;
        if request.reply_within > Request::REPLY_WITHIN {
            within = within.max(request.reply_within);
        }
        let began = Instant::now();
        self.observer.sending(stage);
        let connected = self.link.connected();
        let reached = self.reached.clone();
        let too_late = async {
            connected.await;
            reached.set(stage);
            sleep(within).await;
        };
        // If the reply and the time limit come together, the reply always counts.
        let reply = tokio::select! {
            biased;
            reply = self.link.exchange(&request.endpoint, &request.body) => reply,
            () = too_late => Err(TransportError::TimedOut(within)),
        };
        if reply.is_ok() {
            self.reached.set(stage);
        }
        TimedReply { bytes: reply, took: began.elapsed() }
    }

    /// Passes an exchange to the observer.
    fn record(&self, request: &Request, reply: &TimedReply, context: ExchangeContext<'_>) {
        let failed = reply.bytes.as_ref().err().map(|error| Failure {
            kind: error.kind(),
            words: error,
            http_status: match error {
                TransportError::Http { status, .. } => Some(*status),
                _ => None,
            },
        });
        let made_no_sense =
            context.failure.map(|(kind, words)| Failure { kind, words, http_status: None });
        let failure = failed.or(made_no_sense);
        self.observer.exchanged(&ExchangeRecord {
            endpoint: request.endpoint.as_str(),
            request: Some(Body {
                wire: &request.body,
                plain: context.plain.or((!context.sealed).then_some(&request.body)),
                sealed: context.sealed,
            }),
            reply: reply.bytes.as_deref().ok().map(|wire| Body {
                wire,
                plain: context.opened.or((!context.sealed).then_some(wire)),
                sealed: context.sealed,
            }),
            failure,
            before: Some(context.before),
            after: Some(if failure.is_some() { State::Over } else { context.after }),
            took: Some(reply.took),
            scheme: context.scheme.or(context.credentials.map(Credentials::scheme)),
            credentials: context.credentials,
            repeats_nonce: context.repeats_nonce,
            is_public: context.is_public,
        });
    }
}

fn stage_of(kind: CommandKind) -> Stage {
    match kind {
        CommandKind::SetConfig => Stage::Set,
        CommandKind::ApplyConfig => Stage::Apply,
        CommandKind::Status => Stage::Status,
        CommandKind::Scan => Stage::Scan,
        CommandKind::Control => Stage::Reset,
        CommandKind::Custom => Stage::Custom,
    }
}

/// The result of a request, and the time it took.
struct TimedReply {
    bytes: Result<Vec<u8>, TransportError>,
    took: Duration,
}

/// What is known of an exchange beyond its bytes.
#[derive(Clone, Copy)]
struct ExchangeContext<'a> {
    before: State,
    /// The state after the exchange if it succeeds.
    after: State,
    plain: Option<&'a [u8]>,
    opened: Option<&'a [u8]>,
    sealed: bool,
    scheme: Option<Scheme>,
    credentials: Option<&'a Credentials>,
    repeats_nonce: bool,
    /// Whether the bytes on the wire may be shown.
    is_public: bool,
    /// The kind and message of the failure, for a reply that arrived but is invalid.
    failure: Option<(&'static str, &'a (dyn std::fmt::Display + Sync))>,
}

impl ExchangeContext<'_> {
    fn in_clear(state: State) -> Self {
        Self {
            before: state,
            after: state,
            plain: None,
            opened: None,
            sealed: false,
            scheme: None,
            credentials: None,
            repeats_nonce: false,
            is_public: true,
            failure: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use protocomm::commands::{
        ApplyThreadConfig, ApplyWifiConfig, Custom, CustomConfig, GetThreadScanResult,
        GetThreadScanStatus, GetThreadStatus, GetWifiScanResult, GetWifiScanStatus, GetWifiStatus,
        ReprovisionThread, ReprovisionWifi, ResetThread, ResetWifi, SetThreadConfig, SetWifiConfig,
        StartThreadScan, StartWifiScan,
    };

    use super::*;

    #[test]
    fn a_command_is_of_the_stage_it_is_for() {
        let stages = [
            (stage_of(SetWifiConfig::KIND), stage_of(SetThreadConfig::KIND), Stage::Set),
            (stage_of(ApplyWifiConfig::KIND), stage_of(ApplyThreadConfig::KIND), Stage::Apply),
            (stage_of(GetWifiStatus::KIND), stage_of(GetThreadStatus::KIND), Stage::Status),
            (stage_of(StartWifiScan::KIND), stage_of(StartThreadScan::KIND), Stage::Scan),
            (stage_of(GetWifiScanStatus::KIND), stage_of(GetThreadScanStatus::KIND), Stage::Scan),
            (stage_of(GetWifiScanResult::KIND), stage_of(GetThreadScanResult::KIND), Stage::Scan),
            (stage_of(ResetWifi::KIND), stage_of(ResetThread::KIND), Stage::Reset),
            (stage_of(ReprovisionWifi::KIND), stage_of(ReprovisionThread::KIND), Stage::Reset),
            (stage_of(Custom::KIND), stage_of(CustomConfig::KIND), Stage::Custom),
        ];
        for (wifi, thread, stage) in stages {
            assert_eq!((wifi, thread), (stage, stage));
        }
    }
}
