//! A link and maybe a session on it.

use std::time::Duration;

use protocomm::{
    Capabilities, Command, Credentials, Endpoint, Handshake, Refusal, Request, Scheme, Session,
    Step,
};
use rand_core::UnwrapErr;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    error::{Cause, Error, Stage},
    event::{Bytes, Event, Exchange, Observer},
    plan::Policy,
    transport::{Connect, Transport, TransportError},
};

/// A client of one device, on one link. When a call fails with a lost link, this client is of
/// no more use: open another.
pub struct Client<'a> {
    link: Box<dyn Transport>,
    session: Option<Session>,
    observer: &'a dyn Observer,
    reply_within: Duration,
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
        let link = timeout(policy.connect_within, connect.connect(policy.connect_within))
            .await
            .unwrap_or_else(|_| {
                let within = humantime::format_duration(policy.connect_within);
                Err(TransportError::Connect(format!("no link within {within}").into()))
            })
            .map_err(|error| Error::new(Stage::Connect, error))?;
        Ok(Self { link, session: None, observer, reply_within: policy.reply_within })
    }

    /// Asks for version and capabilities.
    ///
    /// # Errors
    /// At [`Stage::Version`], or [`Stage::Connect`] where the transport connects this late.
    pub async fn capabilities(&mut self) -> Result<Capabilities, Error> {
        let reply = self.carry(&Request::version(), true).await.map_err(|error| match error {
            TransportError::NotFound(_) | TransportError::Connect(_) => {
                Error::new(Stage::Connect, error)
            }
            other => Error::new(Stage::Version, other),
        })?;
        Ok(Capabilities::parse(&reply))
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
        let mut rng = UnwrapErr(getrandom::SysRng);
        let (mut handshake, mut request) = Handshake::start(credentials, device, &mut rng)
            .map_err(|error| Error::new(Stage::Handshake, error))?;
        loop {
            let stage = if handshake.awaits_proof() { Stage::Proof } else { Stage::Handshake };
            let reply =
                self.carry(&request, true).await.map_err(|error| Error::new(stage, error))?;
            match handshake.handle(&reply).map_err(|error| Error::new(stage, error))? {
                Step::Send(next, then) => (handshake, request) = (next, then),
                Step::Done(session) => {
                    self.session = Some(session);
                    return Ok(());
                }
            }
        }
    }

    /// Sends a command through the session and reads its reply.
    ///
    /// # Errors
    /// At `stage`. After a [`Cause::Refusal`] the session goes on; after anything else it is
    /// over, and so it is when this call is cancelled.
    pub async fn call<C: Command>(&mut self, stage: Stage, command: &C) -> Result<C::Reply, Error> {
        self.try_call(command).await.map_err(|cause| Error { stage, cause })
    }

    async fn try_call<C: Command>(&mut self, command: &C) -> Result<C::Reply, Cause> {
        let lost = || TransportError::Lost("no session is open".into());
        let session = self.session.take().ok_or_else(lost)?;
        let showable = session.scheme() != Scheme::Sec0;
        let (request, pending) = session.seal(command)?;
        let reply = self.carry(&request, showable).await?;
        let (session, answer) = pending.open(&reply)?;
        self.session = Some(session);
        answer.map_err(|refusal: Refusal| refusal.into())
    }

    /// Sends bytes to an endpoint that is outside sessions.
    ///
    /// # Errors
    /// At [`Stage::Custom`].
    pub async fn call_plain(
        &mut self,
        endpoint: Endpoint,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let request = Request::plain(endpoint, body);
        self.carry(&request, false).await.map_err(|error| Error::new(Stage::Custom, error))
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

    /// Says goodbye.
    pub async fn close(mut self) {
        // A device that does not say goodbye back must not hold us up.
        let _ = timeout(Duration::from_secs(1), self.link.disconnect()).await;
    }

    /// The only wait for a reply.
    async fn carry(
        &mut self,
        request: &Request,
        showable: bool,
    ) -> Result<Vec<u8>, TransportError> {
        // A command that is slow by nature keeps its own limit.
        let mut within = self.reply_within;
        if request.reply_within > Request::REPLY_WITHIN {
            within = within.max(request.reply_within);
        }
        let began = Instant::now();
        let connected = self.link.connected();
        let too_late = async {
            connected.await;
            sleep(within).await;
        };
        let reply = tokio::select! {
            reply = self.link.exchange(&request.endpoint, &request.body) => reply,
            () = too_late => Err(TransportError::TimedOut(within)),
        };
        let received = reply.as_ref().ok();
        self.observer.notify(Event::Exchange(Exchange {
            endpoint: request.endpoint.clone(),
            sent: request.body.len(),
            received: received.map(Vec::len),
            took: began.elapsed(),
            bytes: showable.then(|| Bytes {
                request: hex::encode(&*request.body),
                reply: received.map(hex::encode),
            }),
        }));
        reply
    }
}
