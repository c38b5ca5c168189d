//! What the tests share: a run with all that was seen of it, a person who answers from a list,
//! and devices that misbehave.
#![allow(missing_docs, reason = "its callers are all in this repository")]
#![allow(
    clippy::missing_panics_doc,
    clippy::return_self_not_must_use,
    reason = "a test fails by a panic"
)]

mod air;
mod closed;
mod faulty;
mod host;
mod lan;
mod memory;
pub mod process;
mod proxy;
mod says;
pub mod schema;
mod scripted;
mod wifi;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    Accept, Connect, Error, Event, Exchange, Login, Network, Operator, Outcome, Passphrase, Policy,
    ProofOfPossession, Provisioner, Scheme, Security, Ssid, ThreadDataset, Unattended, Username,
    VisibleNetwork, Warning,
    address::Address,
    commands::{CustomConfig, JoinFailure, SetWifiConfig},
};
use esp_prov_batch::Entry;
use esp_prov_rs::exit::{self, Exit};
use esp_prov_simulate::VirtualDevice;
use tokio::time::Instant;

pub use self::{
    air::{Air, Counts, EXAMPLES, Odd, Station},
    closed::ClosedPort,
    faulty::{Fault, Faulty, Step, When},
    host::Host,
    lan::Lan,
    memory::{Known, LedgerClock, Memory},
    proxy::{Mishap, Proxy, Served, connect},
    says::Says,
    scripted::{Scripted, hex},
    wifi::{WifiHost, access_point},
};

/// A device of a roster that takes [`plan`].
pub fn entry(id: &str, address: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        address: address.parse().expect("an address"),
        security: plan().security,
        network: home("correct-horse"),
        custom_data: None,
        labels: BTreeMap::new(),
        secret_variables: BTreeSet::new(),
    }
}

/// One provisioning, fully described, for tests that change one thing of it.
#[derive(Clone, Debug)]
pub struct Plan {
    pub security: Security,
    pub version: Option<String>,
    pub custom_config: Option<CustomConfig>,
    pub custom_data: Option<Vec<u8>>,
    pub reset_first: bool,
    pub network: Network,
    pub alternative: Option<Network>,
    pub policy: Policy,
}

impl Plan {
    /// With its security and its policy at a device.
    pub fn at<'a>(&self, connect: &'a dyn Connect) -> Provisioner<'a> {
        Provisioner::new(Address::Virtual, connect)
            .with_security(self.security.clone())
            .with_policy(self.policy.clone())
    }

    /// What there is to give.
    pub fn given(&self) -> esp_prov::Plan {
        let mut plan = esp_prov::Plan::new(self.network.clone());
        plan.alternative.clone_from(&self.alternative);
        plan.version.clone_from(&self.version);
        plan.custom_config.clone_from(&self.custom_config);
        plan.custom_data.clone_from(&self.custom_data);
        plan.reset_first = self.reset_first;
        plan
    }
}

/// `Home` for a device whose proof of possession, or password of `wifiprov`, is `abcd1234`.
pub fn plan() -> Plan {
    Plan {
        security: Security {
            scheme: None,
            pop: Some("abcd1234".into()),
            login: None,
            accept: Accept::default(),
        },
        version: None,
        custom_config: None,
        custom_data: None,
        reset_first: false,
        network: home("correct-horse"),
        alternative: Some(Network::Thread(dataset(HOME_THREAD))),
        policy: Policy::default(),
    }
}

/// The same for security 0, which needs no word about itself where the device tells.
pub fn plain_plan() -> Plan {
    Plan { security: Security::default(), ..plan() }
}

/// With what a virtual device of this security checks.
pub fn plan_for(scheme: Scheme) -> Plan {
    let login =
        Username::new("wifiprov").map(|username| Login { username, password: "abcd1234".into() });
    match scheme {
        Scheme::Sec0 => plain_plan(),
        Scheme::Sec1 => plan(),
        Scheme::Sec2 => Plan { security: Security { login, ..Security::default() }, ..plan() },
    }
}

/// The dataset of `Home-Thread`.
pub const HOME_THREAD: &str =
    "000300000f0208dead00beef00cafe051000112233445566778899aabbccddeeff01020042";

pub fn dataset(text: &str) -> ThreadDataset {
    let bytes = ::hex::decode(text).expect("hexadecimal");
    ThreadDataset::new(bytes.into()).expect("a dataset for a test is a valid one")
}

/// `Home`, opened with this.
pub fn home(text: &str) -> Network {
    wifi("Home", text)
}

pub fn wifi(name: &str, text: &str) -> Network {
    Network::Wifi(SetWifiConfig {
        ssid: ssid(name),
        passphrase: passphrase(text),
        bssid: None,
        channel: None,
    })
}

pub fn ssid(name: &str) -> Ssid {
    Ssid::new(name).expect("a name for a test is a valid one")
}

pub fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).expect("a passphrase for a test is a valid one")
}

/// Whether the device was told to join exactly the network of [`plan`] of its kind.
pub fn has_joined_home(device: &VirtualDevice) -> bool {
    if let Some(given) = device.attached() {
        return given.expose() == dataset(HOME_THREAD).expose();
    }
    device.applied().is_some_and(|network| {
        network.ssid == b"Home" && network.passphrase == passphrase("correct-horse")
    })
}

/// A run that is over, and all that was seen of it.
pub struct Ran {
    pub result: Result<Outcome, Error>,
    /// With the time from the start.
    pub events: Vec<(Duration, Event)>,
    pub took: Duration,
}

pub async fn run(connect: &dyn Connect, plan: &Plan) -> Ran {
    run_with(connect, plan, &Unattended).await
}

pub async fn run_with(connect: &dyn Connect, plan: &Plan, operator: &dyn Operator) -> Ran {
    let work = async |device: Provisioner<'_>| device.provision(&plan.given()).await;
    watched(connect, plan, operator, work).await
}

/// With all that is seen of it.
pub async fn watched(
    connect: &dyn Connect,
    plan: &Plan,
    operator: &dyn Operator,
    work: impl AsyncFnOnce(Provisioner<'_>) -> Result<Outcome, Error>,
) -> Ran {
    let began = Instant::now();
    let events = Mutex::new(Vec::new());
    let observer = |event| lock(&events).push((began.elapsed(), event));
    let device = plan.at(connect).with_operator(operator).with_observer(&observer);
    let result = work(device).await;
    let took = began.elapsed();
    Ran { result, events: events.into_inner().unwrap_or_else(PoisonError::into_inner), took }
}

impl Ran {
    pub fn is_connected(&self) -> bool {
        matches!(self.result, Ok(Outcome::Connected { .. } | Outcome::Attached { .. }))
    }

    pub fn exit(&self) -> Exit {
        match &self.result {
            Ok(outcome) => exit::of_outcome(outcome),
            Err(error) => exit::of_error(error).0,
        }
    }

    /// `Connected`, `Unconfirmed`, `Reset`, or stage and cause.
    pub fn end(&self) -> String {
        match &self.result {
            Ok(Outcome::Connected { .. }) => "Connected".to_owned(),
            Ok(Outcome::Unconfirmed { .. }) => "Unconfirmed".to_owned(),
            Ok(other) => format!("{other:?}"),
            Err(error) => format!("{:?}: {:?}", error.stage, error.cause),
        }
    }

    pub fn count(&self, what: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|(_, event)| what(event)).count()
    }

    pub fn links(&self) -> usize {
        self.count(|event| matches!(event, Event::Connecting { .. }))
    }

    pub fn sessions(&self) -> usize {
        self.count(|event| matches!(event, Event::Established { .. }))
    }

    pub fn sets(&self) -> usize {
        self.count(|event| matches!(event, Event::ConfigSent { .. }))
    }

    pub fn exchanges(&self) -> usize {
        self.count(|event| matches!(event, Event::Exchange(_)))
    }

    /// But for the one that nearly every device of the tests draws.
    pub fn warnings(&self) -> Vec<Warning> {
        let warning = |(_, event): &(_, Event)| match event {
            Event::Warning { warning: Warning::WellKnownSecret } => None,
            Event::Warning { warning } => Some(warning.clone()),
            _ => None,
        };
        self.events.iter().filter_map(warning).collect()
    }

    /// The events in order, but for the exchanges.
    pub fn story(&self) -> Vec<&Event> {
        let events = self.events.iter().map(|(_, event)| event);
        events.filter(|event| !matches!(event, Event::Exchange(_))).collect()
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} after {:?}", self.end(), self.took)?;
        for (at, event) in &self.events {
            match event {
                Event::Exchange(Exchange { endpoint, sent, received, .. }) => {
                    writeln!(f, "{at:>10.1?} {endpoint}: {sent} bytes, {received:?} back")?;
                }
                event => writeln!(f, "{at:>10.1?} {event:?}")?,
            }
        }
        Ok(())
    }
}

/// Answers from a list, and fails the test if not everything on it was asked for.
#[derive(Default)]
pub struct Person {
    proofs: Mutex<VecDeque<ProofOfPossession>>,
    passphrases: Mutex<VecDeque<Passphrase>>,
    /// The name of another network, where the device does not see the one it was given.
    name: Option<&'static str>,
    /// How long each answer takes.
    thinks: Duration,
}

impl Person {
    pub fn who_knows_the_proof(proof: &str) -> Self {
        let person = Self::default();
        lock(&person.proofs).push_back(proof.into());
        person
    }

    pub fn and_the_proof(self, proof: &str) -> Self {
        lock(&self.proofs).push_back(proof.into());
        self
    }

    pub fn who_tries<const N: usize>(passphrases: [&str; N]) -> Self {
        let person = Self::default();
        lock(&person.passphrases).extend(passphrases.map(passphrase));
        person
    }

    pub fn who_means(name: &'static str) -> Self {
        let mut person = Self::default();
        person.name = Some(name);
        person
    }

    pub fn and_thinks(mut self, time: Duration) -> Self {
        self.thinks = time;
        self
    }
}

#[async_trait]
impl Operator for Person {
    fn is_present(&self) -> bool {
        true
    }

    async fn proof_of_possession(&self) -> Option<ProofOfPossession> {
        tokio::time::sleep(self.thinks).await;
        lock(&self.proofs).pop_front()
    }

    async fn another_proof_of_possession(&self) -> Option<ProofOfPossession> {
        self.proof_of_possession().await
    }

    async fn passphrase(&self, _ssid: &Ssid, _failure: JoinFailure) -> Option<Passphrase> {
        tokio::time::sleep(self.thinks).await;
        lock(&self.passphrases).pop_front()
    }

    fn compares_names(&self) -> bool {
        self.name.is_some()
    }

    async fn another_ssid(&self, _ssid: &Ssid, seen: &[VisibleNetwork]) -> Option<Ssid> {
        tokio::time::sleep(self.thinks).await;
        let meant = self.name.filter(|name| seen.iter().any(|one| one.ssid == *name));
        meant.map(ssid)
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let left = lock(&self.proofs).len() + lock(&self.passphrases).len();
        assert!(left == 0 || thread::panicking(), "{left} answers that nobody asked for");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
