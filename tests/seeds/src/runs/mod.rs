//! Runs of one client with one device: what goes wrong, where it is cancelled, what a person
//! answers, and how the next run goes on.

mod console;
#[cfg(test)]
mod kept;
mod ledger;
mod scenario;
mod trouble;
mod watch;

use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, OnceLock},
    task::Poll,
    time::Duration,
};

use esp_prov::{
    BleConnect, Care, Cause, Connect, Control, Endpoint, Error, Login, Message, Network, Operator,
    Outcome, Plan, Provisioner, Scan, Scheme, Security, ThreadDataset, Unattended, Username,
    address::{Address, BleAddress, BleSelector},
};
use esp_prov_simulate::{Persona, Settings, VirtualDevice};
use kit::{Air, Station};
use protocomm::device::SrpVerifier;
use tokio::time::{Instant, sleep, timeout};

use self::{
    console::Port,
    ledger::{Answers, Notes},
    scenario::{Before, Cancel, Given, Job, Leg, Scenario, Secret, Way},
    trouble::Trouble,
    watch::{Needle, Watch},
};
use crate::{Seeded, Transcript, Violation, World, on_paused_clock};

/// One client and one device.
pub struct Runs;

/// Until the device has done what a cancelled run has written: only then can be said how it stands
/// before the next one.
const IN_FLIGHT: Duration = Duration::from_millis(100);

const SECRETS: &str = "no secret is written";
const SESSION_ENDS: &str = "a session ends with a loss";
const IN_TIME: &str = "every run ends in time";
const TRUE_SUCCESS: &str = "success is told only of a device that holds this network";
const ONE_JOIN: &str = "no device is joined twice by one plan";
const NO_FALSE_FAILURE: &str = "what is joined is never called failed";
const UNDISTURBED: &str = "what nothing disturbs, or one loss, works";
const TRUE_LISTS: &str = "what is listed is what the device sees";

const PROOF: &str = "Zq81-proof";
const WRONG_PROOF: &str = "Yx55-wrong";
const PASSWORD: &str = "Kw74-password";
const WRONG_PASSWORD: &str = "Jv63-wrong";
const RIGHT: &str = "correct-horse";
const WRONG: &str = "wrong-horse-17";
const NEEDLESS: &str = "needless-horse";
const NETWORK_KEY: &str = "00112233445566778899aabbccddeeff";
const OTHER_KEY: &str = "8899aabbccddeeff0011223344556677";

impl World for Runs {
    type Scenario = Scenario;

    const NAME: &'static str = "runs";

    fn draw(&self, seed: u64) -> Scenario {
        Scenario::draw(seed)
    }

    fn run(&self, scenario: &Scenario) -> Result<Transcript, Violation> {
        on_paused_clock(play(scenario))
    }

    fn smaller(&self, scenario: &Scenario) -> Vec<Scenario> {
        scenario.smaller()
    }
}

fn username() -> Username {
    Username::new("wifiprov").expect("it is not empty")
}

/// Made once, for it takes long.
fn verifier() -> SrpVerifier {
    static MADE: OnceLock<SrpVerifier> = OnceLock::new();
    let make = || SrpVerifier::with_salt(&username(), &PASSWORD.into(), vec![7; 16]);
    MADE.get_or_init(make).clone()
}

fn settings(scenario: &Scenario) -> Settings {
    // Its networks are read from a text.
    static USUAL: OnceLock<Settings> = OnceLock::new();
    let device = &scenario.device;
    Settings {
        persona: device.persona,
        scheme: device.scheme,
        pop: device.has_pop.then(|| PROOF.into()),
        verifier: (device.scheme == Scheme::Sec2).then(verifier),
        join_delay: Duration::from_millis(device.join),
        failed_attempts: device.failed_attempts,
        fault: device.fault,
        quirks: device.quirks.clone(),
        scan_time: Duration::from_millis(device.scan),
        key_seed: Some(!scenario.keys),
        ..USUAL.get_or_init(Settings::default).clone()
    }
}

fn security(device: &scenario::Device, secret: Secret) -> Security {
    let is_right = secret == Secret::Right;
    let security = match device.scheme {
        _ if secret == Secret::None => return Security::default(),
        Scheme::Sec1 if device.has_pop => {
            Security::default().with_proof(if is_right { PROOF } else { WRONG_PROOF })
        }
        Scheme::Sec1 => Security::default().with_proof(""),
        Scheme::Sec0 => Security::default(),
        Scheme::Sec2 => Security::default().with_login(login(is_right)),
    };
    // It says nothing of its security.
    let is_silent = device.persona == Persona::Legacy;
    if is_silent { security.with_scheme(device.scheme.number()) } else { security }
}

fn login(is_right: bool) -> Login {
    let password = if is_right { PASSWORD } else { WRONG_PASSWORD };
    Login { username: username(), password: password.into() }
}

fn dataset(is_right: bool) -> ThreadDataset {
    let key = if is_right { NETWORK_KEY } else { OTHER_KEY };
    kit::dataset(&kit::HOME_THREAD.replace(NETWORK_KEY, key))
}

fn plan(given: Given) -> Plan {
    let (name, passphrase, is_right) = match given {
        Given::Right => ("Home", RIGHT, true),
        Given::WrongPassphrase => ("Home", WRONG, false),
        Given::OutOfReach => ("Elsewhere", WRONG, false),
        Given::Open => ("Guest", "", true),
        Given::OpenWithPassphrase => ("Guest", NEEDLESS, true),
    };
    Plan::new(kit::wifi(name, passphrase)).with_alternative(Network::Thread(dataset(is_right)))
}

fn needles() -> Vec<Needle> {
    let mut needles: Vec<_> = [
        ("proof", PROOF),
        ("wrong proof", WRONG_PROOF),
        ("password", PASSWORD),
        ("wrong password", WRONG_PASSWORD),
        ("passphrase", RIGHT),
        ("wrong passphrase", WRONG),
        ("needless passphrase", NEEDLESS),
        ("network key", NETWORK_KEY),
        ("wrong network key", OTHER_KEY),
    ]
    .map(|(what, secret)| Needle::new(what, secret))
    .into();
    // The bytes of the key, which the dataset is.
    needles.extend([Needle::new("dataset", &kit::HOME_THREAD[20..])]);
    needles
}

/// Whether the device was told to join a network that it can join: that of the plan, if there is
/// one.
fn holds(device: &VirtualDevice, plan: Option<&Plan>) -> bool {
    if device.settings().fault.is_some_and(|fault| fault != esp_prov_simulate::Fault::Vanish) {
        return false;
    }
    if let Some(dataset) = device.attached() {
        return dataset.expose() == self::dataset(true).expose();
    }
    let Some(applied) = device.applied() else { return false };
    let is_meant = |network: &Network| match network {
        Network::Wifi(wifi) => applied.ssid == wifi.ssid.as_bytes(),
        Network::Thread(_) => false,
    };
    let in_reach = &device.settings().networks.wifi;
    in_reach.iter().any(|network| {
        network.ssid.as_bytes() == applied.ssid && network.passphrase == applied.passphrase
    }) && plan.is_none_or(|plan| is_meant(&plan.network))
}

async fn play(scenario: &Scenario) -> Result<Transcript, Violation> {
    let device = VirtualDevice::new(settings(scenario));
    let keys = Mutex::new(Seeded::of(scenario.keys));
    prepare(scenario, &device, &keys).await;
    let watch = Arc::new(Watch::new(&device, needles()));
    let trouble = Trouble::new(&device, &watch, &scenario.faults);
    let (connect, address) = way(scenario, &trouble);
    let notes = scenario.has_journal.then(Notes::default);
    let answers = scenario.person.as_ref().map(|person| Answers::new(person, scenario));
    let played = Played { scenario, device, watch, notes, answers };
    for leg in &scenario.legs {
        sleep(IN_FLIGHT + Duration::from_millis(leg.pause)).await;
        let operator: &dyn Operator = match &played.answers {
            Some(answers) => answers,
            None => &Unattended,
        };
        let client = Provisioner::new(address.clone(), connect.as_ref())
            .with_security(security(&scenario.device, scenario.secret))
            .with_policy(scenario.patience.policy())
            .with_operator(operator)
            .with_observer(played.watch.as_ref())
            .with_keys_from(&keys);
        played.leg(leg, &client).await?;
    }
    played.watch.so_far()?;
    Ok(played.watch.transcript())
}

/// What became of the device before.
async fn prepare(scenario: &Scenario, device: &VirtualDevice, keys: &Mutex<Seeded>) {
    let is_right = match scenario.before {
        Before::Nothing => return,
        Before::Failed => false,
        Before::Joined => true,
    };
    let given = if is_right { Given::Right } else { Given::WrongPassphrase };
    let client = Provisioner::new(Address::Virtual, device)
        .with_security(security(&scenario.device, Secret::Right))
        .with_keys_from(keys);
    // What comes of it is the device's.
    let _ = client.provision(&plan(given)).await;
}

fn way(scenario: &Scenario, trouble: &Trouble) -> (Box<dyn Connect>, Address) {
    match scenario.way {
        Way::Http => (Box::new(trouble.clone()), "http://192.168.4.1".parse().expect("an address")),
        Way::Ble => {
            let station =
                Station { way: Some(Arc::new(trouble.clone())), ..Station::of(trouble.device()) };
            let wanted = BleSelector::from_text("PROV_1234");
            let address = BleAddress { wanted, adapter: None };
            let air = Arc::new(Air::with(vec![station]));
            let connect = BleConnect::with_adapter(address.clone(), air).with(Care::Unattended);
            (Box::new(connect), Address::Ble(address))
        }
        Way::Console(logs) => (
            Box::new(Port::new(trouble, logs)),
            "console:/dev/ttyUSB0".parse().expect("an address"),
        ),
    }
}

/// A scenario on its way.
struct Played<'a> {
    scenario: &'a Scenario,
    device: VirtualDevice,
    watch: Arc<Watch>,
    notes: Option<Notes>,
    answers: Option<Answers>,
}

impl Played<'_> {
    async fn leg(&self, leg: &Leg, client: &Provisioner<'_>) -> Result<(), Violation> {
        let watch = &self.watch;
        watch.begin();
        watch.write("begins");
        let before = Standing::of(self);
        let began = Instant::now();
        let end = cancelled(leg.cancel, self.work(client)).await;
        let took = began.elapsed();
        if took > self.longest() {
            watch.violates(IN_TIME, format!("it took {took:?}"));
        }
        match &end {
            None => watch.write("is cancelled"),
            Some(Ok(outcome)) => {
                watch.look(&format!("{outcome:?}"));
                watch.write(&format!(
                    "ends: {}",
                    serde_json::to_string(outcome).unwrap_or_default()
                ));
                self.judge_success(outcome);
            }
            Some(Err(error)) => {
                watch.look(&format!("{error:?}"));
                watch.write(&format!("fails at {}: {:?}: {error}", error.stage, error.cause));
                self.judge_failure(error, &before);
            }
        }
        if end.as_ref().is_some_and(|end| !self.has_worked(end))
            && self.is_undisturbed()
            && before.is_fresh
        {
            watch.violates(UNDISTURBED, format!("{end:?}"));
        }
        watch.so_far()?;
        Ok(())
    }

    async fn work(&self, client: &Provisioner<'_>) -> Result<Outcome, Error> {
        let plan = plan(self.scenario.network);
        match self.scenario.job {
            Job::Provision { reset_first, custom_data } => {
                let plan = if reset_first { plan.with_reset_first() } else { plan };
                let plan = if custom_data { plan.with_custom_data(*b"serial 17") } else { plan };
                match &self.notes {
                    Some(notes) => client.provision_with_journal(&plan, notes).await,
                    None => client.provision(&plan).await,
                }
            }
            Job::Scan { reset_first, blocking } => {
                let usual = Scan::for_address(&Address::Virtual);
                client.scan(Scan { blocking, reset_first, ..usual }).await
            }
            Job::Status => client.status().await,
            Job::Send(messages) => {
                let message = |number: usize| Message {
                    endpoint: Endpoint::CUSTOM_DATA,
                    body: format!("message {number}").into_bytes(),
                    plain: false,
                };
                client.send(&(0..messages).map(message).collect::<Vec<_>>()).await
            }
            Job::Reset => client.control(Control::Reset).await,
            Job::Reprovision => client.control(Control::Reprovision).await,
        }
    }

    /// What a run may take: its own limit, and a moment for each goodbye and each look whether a
    /// question makes sense; a person may take any time.
    fn longest(&self) -> Duration {
        const MOMENT: Duration = Duration::from_secs(4);
        let questions = self.watch.questions();
        let thinks = self.scenario.person.as_ref().map_or(0, |person| person.thinks);
        let all = Duration::from_millis(self.scenario.patience.all);
        all + Duration::from_millis(thinks) * questions + MOMENT * (questions + 1)
    }

    fn judge_success(&self, outcome: &Outcome) {
        // Without authentication the last word is whoever's is on the wire.
        if self.watch.has_been_tampered_with() && self.scenario.device.scheme != Scheme::Sec2 {
            return;
        }
        let device = &self.device;
        match outcome {
            Outcome::Connected { .. } | Outcome::Attached { .. } => {
                let plan = plan(self.scenario.network);
                let is_provisioning = matches!(self.scenario.job, Job::Provision { .. });
                if !holds(device, is_provisioning.then_some(&plan)) {
                    let seen = format!("the device has {:?}", device.given());
                    self.watch.violates(TRUE_SUCCESS, seen);
                }
            }
            Outcome::Reset if device.given().is_some() => {
                self.watch.violates(TRUE_SUCCESS, "it is reset, and holds a network".to_owned());
            }
            Outcome::Scanned { networks } => {
                let count = device.settings().networks.wifi.len();
                if networks.len() != count {
                    self.watch.violates(TRUE_LISTS, format!("{} of {count}", networks.len()));
                }
            }
            Outcome::Sent { replies } => {
                let is_one_each = self.scenario.job == Job::Send(replies.len());
                if !is_one_each || replies.iter().any(|reply| reply.text != "SUCCESS") {
                    self.watch.violates(TRUE_LISTS, format!("{replies:?}"));
                }
            }
            _ => {}
        }
    }

    /// Whether the device is in the network by now for sure.
    fn is_in(&self) -> bool {
        let settings = self.device.settings();
        let takes = settings.join_delay * (settings.failed_attempts + 1);
        holds(&self.device, Some(&plan(self.scenario.network)))
            && self.watch.joined_at().is_some_and(|at| at.elapsed() > takes)
    }

    fn judge_failure(&self, error: &Error, before: &Standing) {
        if !matches!(self.scenario.job, Job::Provision { .. }) || !self.is_in() {
            return;
        }
        // It says itself that nobody knows, or that time is up.
        let is_open = error.may_have_joined()
            || matches!(error.cause, Cause::NotJoined { .. } | Cause::OutOfTime(_));
        // Who keeps no journal knows nothing of what was before, or is still on its way from there.
        let is_alone = self.scenario.legs.len() == 1 && !before.is_told;
        let knows = self.notes.is_some() || is_alone;
        let is_true = !self.watch.has_been_tampered_with();
        if !is_open && knows && is_true {
            self.watch.violates(NO_FALSE_FAILURE, format!("{error:?}"));
        }
    }

    /// Whether it has worked, as far as a client can know after a loss.
    fn has_worked(&self, end: &Result<Outcome, Error>) -> bool {
        match end {
            Ok(Outcome::Unconfirmed { .. }) => !self.scenario.faults.is_empty(),
            Ok(outcome) => outcome.failure().is_none(),
            Err(_) => false,
        }
    }

    /// Whether all is as it should be, but for one loss at most, so that it has to work.
    fn is_undisturbed(&self) -> bool {
        let Scenario { device, before, job, network, secret, patience, faults, .. } = self.scenario;
        let asks = *secret == Secret::None
            && device.scheme != Scheme::Sec0
            && (device.has_pop || device.scheme == Scheme::Sec2);
        let answers = self.scenario.person.as_ref().is_some_and(|one| one.secret == Some(true));
        let is_checked = device.scheme == Scheme::Sec2 || device.has_pop;
        let is_right = *secret != Secret::Wrong || device.scheme == Scheme::Sec0 || !is_checked;
        // `V0.1` says nothing of its security.
        let says = device.persona != Persona::Legacy || *secret == Secret::Right;
        let is_plain = device.persona == Persona::Legacy || device.persona == Persona::IdfV4_4;
        let is_left_alone = match faults[..] {
            [] => true,
            [(_, fault)] => fault.is_loss() && patience.is_usual(),
            _ => false,
        };
        is_left_alone
            && *before == Before::Nothing
            && matches!(job, Job::Provision { reset_first: false, .. })
            && matches!(network, Given::Right | Given::Open)
            && is_right
            && (!asks || answers)
            && says
            && !(is_plain && device.scheme == Scheme::Sec0)
            && device.fault.is_none()
            && device.quirks.is_empty()
            && self.scenario.way != Way::Console(true)
            && patience.all >= 60_000
            && patience.connect >= 3000
            && patience.reply >= 2000
            && u64::from(device.failed_attempts + 1) * device.join < patience.join
    }
}

/// How things stand before a run.
struct Standing {
    /// The device was told to join.
    is_told: bool,
    /// Nothing was done with it.
    is_fresh: bool,
}

impl Standing {
    fn of(played: &Played<'_>) -> Self {
        let is_told = played.device.joins() > 0;
        let is_marked = played.notes.as_ref().is_some_and(Notes::is_marked);
        Self { is_told, is_fresh: !is_told && !is_marked }
    }
}

/// Works until it is done, or cancelled.
async fn cancelled<T>(at: Option<Cancel>, work: impl Future<Output = T>) -> Option<T> {
    match at {
        None => Some(work.await),
        Some(Cancel::At(time)) => timeout(Duration::from_millis(time), work).await.ok(),
        Some(Cancel::Polls(most)) => {
            let mut work = pin!(work);
            let mut polls = 0;
            poll_fn(|context| {
                polls += 1;
                if polls > most {
                    return Poll::Ready(None);
                }
                work.as_mut().poll(context).map(Some)
            })
            .await
        }
    }
}
