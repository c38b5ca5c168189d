//! Virtual devices: `protocomm`'s device half with a scripted radio.
//!
//! ```text
//!  a client in this process ──▶ Connect ──▶ ┌───────────────┐
//!  a client over HTTP ──▶ serve ──────────▶ │ VirtualDevice │ ──▶ protocomm::device::Responder
//!  a client at a wire ──▶ serve_console ──▶ └───────────────┘        ──▶ a radio with a script
//! ```
//!
//! A [`VirtualDevice`] is itself a [`Connect`]: it works in process, through the full byte path.
//! [`serve`] puts it behind a socket that behaves like the vendor's HTTP server. [`serve_console`]
//! puts it behind a wire that behaves like a UART console.
//!
//! # Example: provision a virtual device
//!
//! ```
//! use esp_prov::{
//!     Network, Outcome, Passphrase, Plan, Provisioner, Security, Ssid, address::Address,
//! };
//! use esp_prov_simulate::{Settings, VirtualDevice};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let device = VirtualDevice::new(Settings::default());
//! let network = Network::wifi(Ssid::new("Home")?, Passphrase::new("correct-horse".to_owned())?);
//! let outcome = Provisioner::new(Address::Virtual, &device)
//!     .with_security(Security::default().with_proof("abcd1234"))
//!     .provision(&Plan::new(network))
//!     .await?;
//! assert!(matches!(outcome, Outcome::Connected { .. }));
//! assert_eq!(device.joins(), 1);
//! # Ok(())
//! # }
//! ```

mod console;
mod fleet;
mod http;
mod injected_faults;
mod keys;
mod networks;
mod persona;
mod radio;
mod replay;
mod socket;

use std::{
    fmt,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::transport::{
    Connect, EndpointList, EndpointLocation, LONGEST_REQUEST, Transport, TransportError,
};
use protocomm::{
    Endpoint, Password, ProofOfPossession, Scheme, Status, ThreadDataset, Username,
    commands::{ThreadStatus, WifiStatus},
    device::{Action, Answer, NoReply, Responder, Security, SrpVerifier, WifiConfig},
};
use tokio::{sync::Notify, time::Instant};

#[cfg(unix)]
pub use self::console::PseudoTerminal;
pub use self::{
    console::serve_console,
    fleet::{Fleet, FleetConfig, Tally},
    http::{Request, Response, serve},
    injected_faults::FaultRates,
    networks::{
        InvalidNetworks, Network, Networks, VirtualThreadNetwork, default_networks, parse_networks,
    },
    persona::Persona,
    radio::{Fault, Quirk},
    replay::{NotReplayable, Replay},
};
use self::{injected_faults::InjectedFault, keys::Keys, radio::Radio, replay::ReplyMode};

/// The settings of a virtual device.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The firmware generation that the device plays.
    pub persona: Persona,
    /// The device's security scheme.
    pub scheme: Scheme,
    /// The device's proof of possession; `None` for firmware started without one.
    pub pop: Option<ProofOfPossession>,
    /// The device's salt and verifier for security 2; `None` for those of `wifiprov` and
    /// `abcd1234`.
    pub verifier: Option<SrpVerifier>,
    /// The networks in range of the device.
    pub networks: Networks,
    /// The time from apply until the device is connected, or until an attempt has failed.
    pub join_delay: Duration,
    /// The address that the device reports once it is connected.
    pub ip: Ipv4Addr,
    /// The number of attempts to join that fail before the one that counts.
    pub failed_attempts: u32,
    /// A fault that occurs whatever the client sends.
    pub fault: Option<Fault>,
    /// The device's peculiarities.
    pub quirks: Vec<Quirk>,
    /// The duration of a scan.
    pub scan_time: Duration,
    /// How often faults are injected. They occur only over HTTP.
    pub fault_rates: FaultRates,
    /// The random seed of the injected faults.
    pub seed: u64,
    /// The seed of the device's keys, which makes whole conversations repeatable; `None` uses the
    /// system's randomness. Anyone who knows the seed knows the keys.
    pub key_seed: Option<u64>,
    /// Whether each HTTP reply is sent in one piece. Stock firmware sends the header first and
    /// waits until the client has acknowledged it, which a kernel may delay by 40 ms.
    pub whole_replies: bool,
    /// Whether the device lacks `prov-config`, `prov-scan` and `prov-ctrl`, like firmware whose
    /// application keeps the transport for itself (session-only mode of network_provisioning).
    pub session_only: bool,
}

impl Default for Settings {
    /// network_provisioning with security 1, `abcd1234`, the default networks and a join that
    /// takes 1.2 s.
    fn default() -> Self {
        Self {
            persona: Persona::Netprov,
            scheme: Scheme::Sec1,
            pop: Some(ProofOfPossession::from("abcd1234")),
            verifier: None,
            networks: default_networks(),
            join_delay: Duration::from_millis(1200),
            ip: Ipv4Addr::new(192, 168, 1, 57),
            failed_attempts: 0,
            fault: None,
            quirks: Vec::new(),
            scan_time: Duration::from_millis(300),
            fault_rates: FaultRates::default(),
            seed: 0,
            key_seed: None,
            whole_replies: false,
            session_only: false,
        }
    }
}

/// A network that was given to a virtual device.
#[derive(Clone, Debug)]
pub enum Given {
    /// Wi-Fi.
    Wifi(WifiConfig),
    /// Thread.
    Thread(ThreadDataset),
}

/// How long a device stays after it reports that it is connected: the default of `*_AUTOSTOP`
/// cleanup (`manager.c`).
const STAYS_AFTER_SUCCESS: Duration = Duration::from_secs(1);

/// How long a device that restarts stays after apply.
const RESTARTS_AFTER: Duration = Duration::from_millis(200);

/// How long a vanishing device stays after apply: long enough for the reply, but little else.
const VANISHES_AFTER: Duration = Duration::from_millis(20);

/// A device simulated in software.
#[derive(Clone)]
pub struct VirtualDevice {
    inner: Arc<Mutex<Inner>>,
    settings: Arc<Settings>,
    /// Notified when the device is about to leave or to restart.
    leaving: Arc<Notify>,
}

struct Inner {
    responder: Responder<Radio, Keys>,
    keys: Keys,
    /// The recorded replies that replace the responder's.
    replay: Option<Replay>,
    leaves_at: Option<Instant>,
    /// When the device restarts by itself.
    restarts_at: Option<Instant>,
    has_restarted: bool,
    /// Whether a scan blocks the device.
    is_blocked: bool,
    dice: fastrand::Rng,
}

impl fmt::Debug for VirtualDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VirtualDevice({}, {})", self.settings.persona, self.settings.scheme)
    }
}

impl VirtualDevice {
    /// Creates a device in its factory state.
    pub fn new(settings: Settings) -> Self {
        let keys = Keys::of(settings.key_seed);
        let responder = responder(&settings, &keys);
        let dice = fastrand::Rng::with_seed(settings.seed);
        Self {
            inner: Arc::new(Mutex::new(Inner {
                responder,
                keys,
                replay: None,
                leaves_at: None,
                restarts_at: None,
                has_restarted: false,
                is_blocked: false,
                dice,
            })),
            settings: Arc::new(settings),
            leaving: Arc::default(),
        }
    }

    /// Creates a device that replays recorded answers.
    pub fn replaying(replay: Replay) -> Self {
        let device = Self::new(Settings { scheme: replay.scheme(), ..Settings::default() });
        device.lock().replay = Some(replay);
        device
    }

    /// Whether the device replays recorded answers.
    pub fn is_replay(&self) -> bool {
        self.lock().replay.is_some()
    }

    /// What the device does instead of replying to the next request, if it does not reply.
    fn reply_mode(&self, endpoint: &str) -> Option<ReplyMode> {
        let mut inner = self.lock();
        if inner.is_blocked && inner.responder.backend().scan_ends().is_none() {
            return Some(ReplyMode::Silence);
        }
        let reply_mode = inner.replay.as_mut()?.reply_mode(endpoint);
        self.leave_at_the_end(&mut inner);
        reply_mode
    }

    fn leave_at_the_end(&self, inner: &mut Inner) {
        if inner.leaves_at.is_none() && inner.replay.as_ref().is_some_and(Replay::is_at_end) {
            inner.leaves_at = Some(Instant::now() + VANISHES_AFTER);
            self.leaving.notify_waiters();
        }
    }

    /// Returns the device to its factory state, like a reboot with empty flash. A replay starts
    /// again.
    pub fn restart(&self) {
        let mut inner = self.lock();
        inner.responder = responder(&self.settings, &inner.keys);
        inner.leaves_at = None;
        inner.restarts_at = None;
        inner.has_restarted = false;
        inner.is_blocked = false;
        if let Some(replay) = &mut inner.replay {
            replay.rewind();
        }
    }

    /// Simulates a short power failure. If the device was told to join a network, it joins that
    /// network by itself and leaves; otherwise it is as after [`restart`](Self::restart).
    pub fn reboot(&self) {
        if self.joins() == 0 {
            self.restart();
            return;
        }
        let mut inner = self.lock();
        inner.leaves_at = Some(Instant::now());
        self.leaving.notify_waiters();
    }

    /// Draws the fault for the next exchange, if any.
    fn injected_fault(&self) -> Option<InjectedFault> {
        self.settings.fault_rates.draw(&mut self.lock().dice)
    }

    /// The device's settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The network that the device was last told to join, of either kind.
    pub fn given(&self) -> Option<Given> {
        let wifi = self.applied().map(Given::Wifi);
        wifi.or_else(|| self.attached().map(Given::Thread))
    }

    /// The Thread network that the device was last told to attach to, if any.
    pub fn attached(&self) -> Option<ThreadDataset> {
        self.lock().responder.backend().attached()
    }

    /// The Wi-Fi network that the device was last told to join, if any.
    pub fn applied(&self) -> Option<WifiConfig> {
        self.lock().responder.backend().applied()
    }

    /// How many times the device was told to join a network, of either kind.
    pub fn joins(&self) -> u32 {
        self.lock().responder.backend().joins()
    }

    /// Whether the device has this endpoint.
    pub fn serves(&self, endpoint: &str) -> bool {
        let inner = self.lock();
        match &inner.replay {
            Some(replay) => replay.serves(endpoint),
            None => inner.responder.serves(endpoint),
        }
    }

    /// Returns when the device has left: a second after it reported that it is connected, right
    /// after apply with [`Fault::Vanish`], or at the end of a replay.
    pub async fn left(&self) {
        loop {
            let notified = self.leaving.notified();
            let leaves_at = self.lock().leaves_at;
            match leaves_at {
                Some(at) => return tokio::time::sleep_until(at).await,
                None => notified.await,
            }
        }
    }

    /// Returns when the device has restarted by itself ([`Quirk::RestartsOnce`]).
    async fn restarted(&self) {
        loop {
            let notified = self.leaving.notified();
            let restarts_at = self.lock().restarts_at;
            let Some(at) = restarts_at else {
                notified.await;
                continue;
            };
            tokio::time::sleep_until(at).await;
            let mut inner = self.lock();
            if inner.restarts_at == Some(at) {
                return self.restart_empty(&mut inner);
            }
        }
    }

    fn restart_empty(&self, inner: &mut Inner) {
        inner.responder = responder(&self.settings, &inner.keys);
        inner.restarts_at = None;
        inner.has_restarted = true;
    }

    /// Begins a new transport session.
    pub fn open_link(&self) {
        self.lock().responder.open_link();
    }

    /// Answers one request, as long as the device is present.
    ///
    /// # Errors
    /// Returns [`NoReply`], which each transport expresses in its own way.
    pub fn handle(&self, endpoint: &str, request: &[u8]) -> Result<Answer, NoReply> {
        let mut inner = self.lock();
        if inner.restarts_at.is_some_and(|at| Instant::now() >= at) {
            self.restart_empty(&mut inner);
            return Err(NoReply::Application);
        }
        let Inner { responder, keys, replay, .. } = &mut *inner;
        if let Some(replay) = replay {
            let answer = replay.handle(responder, keys, &self.settings, endpoint, request);
            self.leave_at_the_end(&mut inner);
            return answer;
        }
        let answer = responder.handle(endpoint, request)?;
        let radio = responder.backend();
        let (restarts, stays) = (radio.has(Quirk::RestartsOnce), radio.has(Quirk::StaysOpen));
        let is_told = matches!(
            answer.action,
            Action::ApplyWifiConfig(Status::Success) | Action::ApplyThreadConfig(Status::Success)
        );
        if is_told && restarts && !inner.has_restarted {
            inner.restarts_at = Some(Instant::now() + RESTARTS_AFTER);
            self.leaving.notify_waiters();
        }
        inner.is_blocked = matches!(answer.action, Action::Scan(_, Status::Success))
            && inner.responder.backend().is_blocking();
        let leaves_in = match &answer.action {
            Action::GetWifiStatus(Ok(WifiStatus::Connected(_)))
            | Action::GetThreadStatus(Ok(ThreadStatus::Attached(_))) => {
                (!stays).then_some(STAYS_AFTER_SUCCESS)
            }
            Action::ApplyWifiConfig(Status::Success)
            | Action::ApplyThreadConfig(Status::Success)
                if self.settings.fault == Some(Fault::Vanish) =>
            {
                Some(VANISHES_AFTER)
            }
            _ => None,
        };
        if let Some(leaves_in) = leaves_in
            && inner.leaves_at.is_none()
        {
            inner.leaves_at = Some(Instant::now() + leaves_in);
            self.leaving.notify_waiters();
        }
        Ok(answer)
    }

    /// Returns when no scan blocks the device any more; never, if the scan does not end.
    async fn scanned(&self) {
        let ends = {
            let mut inner = self.lock();
            if !inner.is_blocked {
                return;
            }
            inner.responder.backend().scan_ends()
        };
        match ends {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
        self.lock().is_blocked = false;
    }

    /// Whether the device has left or is about to leave.
    pub fn is_leaving(&self) -> bool {
        self.lock().leaves_at.is_some()
    }

    fn has_left(&self) -> bool {
        self.lock().leaves_at.is_some_and(|at| Instant::now() >= at)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic in another thread leaves the state usable.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn responder(settings: &Settings, keys: &Keys) -> Responder<Radio, Keys> {
    let persona = settings.persona;
    let security = match settings.scheme {
        Scheme::Sec0 => Security::Sec0,
        Scheme::Sec1 => {
            Security::Sec1 { pop: settings.pop.clone().unwrap_or_else(ProofOfPossession::none) }
        }
        Scheme::Sec2 => Security::Sec2 {
            verifier: settings.verifier.clone().unwrap_or_else(|| default_verifier(keys.clone())),
            patch: persona.patch(),
        },
    };
    let version = persona.version(settings.scheme, settings.pop.is_some(), settings.session_only);
    let radio = Radio::new(settings);
    let responder = Responder::new(security, version, radio, keys.clone());
    let responder = persona.shape(responder);
    if settings.session_only { responder.session_only() } else { responder }
}

/// The verifier for the login of the vendor's examples in development mode.
fn default_verifier(mut keys: Keys) -> SrpVerifier {
    let password = Password::from("abcd1234");
    match Username::new("wifiprov") {
        Some(username) => SrpVerifier::generate(&username, &password, SrpVerifier::SALT, &mut keys),
        None => unreachable!("the name is not empty"),
    }
}

#[async_trait]
impl Connect for VirtualDevice {
    async fn connect(&self, _within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        if self.has_left() {
            return Err(TransportError::Connect("the virtual device has left".into()));
        }
        self.open_link();
        Ok(Box::new(Link(self.clone())))
    }
}

/// A direct link to a device in the same process.
struct Link(VirtualDevice);

#[async_trait]
impl Transport for Link {
    async fn list_endpoints(&mut self, names: &[Endpoint]) -> Result<EndpointList, TransportError> {
        let there = names.iter().filter(|name| self.0.serves(name.as_str()));
        let endpoints =
            there.map(|name| EndpointLocation::Command { endpoint: name.as_str().to_owned() });
        Ok(EndpointList { endpoints: Some(endpoints.collect()), mtu: None })
    }

    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        if self.0.has_left() {
            return Err(TransportError::Lost("the virtual device has left".into()));
        }
        if body.len() > LONGEST_REQUEST {
            let (endpoint, bytes, limit) = (endpoint.clone(), body.len(), Some(LONGEST_REQUEST));
            return Err(TransportError::RequestTooLong { endpoint, bytes, limit });
        }
        if !self.0.serves(endpoint.as_str()) {
            return Err(TransportError::NoSuchEndpoint(endpoint.clone()));
        }
        match self.0.reply_mode(endpoint.as_str()) {
            Some(ReplyMode::Silence) => std::future::pending().await,
            Some(ReplyMode::Status(status)) => {
                let (endpoint, meaning) = (endpoint.clone(), "as recorded");
                return Err(TransportError::Http { endpoint, status, meaning });
            }
            None => {}
        }
        match self.0.handle(endpoint.as_str(), body) {
            Ok(answer) => {
                self.0.scanned().await;
                Ok(answer.body)
            }
            Err(NoReply::NoSuchEndpoint(_)) => {
                Err(TransportError::NoSuchEndpoint(endpoint.clone()))
            }
            Err(_) => Err(TransportError::NoReply),
        }
    }
}
