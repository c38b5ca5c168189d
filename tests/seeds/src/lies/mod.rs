//! A device that holds the secret and lies. A [`Scenario`] is what a client does, one thing after
//! the other, and what is changed in which of the device's replies: in the clear, before they are
//! sealed with the right keys. The replies are those of a virtual device, or those that were recorded
//! of the vendor's. What must hold is in `held`.

pub mod device;
mod held;
pub mod recorded;

use std::sync::{Mutex, OnceLock};

use edits::Edit;
use esp_prov::{
    Accept, Control, Endpoint, Error, Login, Message, Outcome, Policy, Provisioner, Scan, Scheme,
    Security, Username, address::Address, commands::CustomConfig,
};
use esp_prov_simulate::{Fault, Persona};
use kit::{HOME_THREAD, dataset, wifi};
use protocomm::device::SrpVerifier;
use tokio::time::Instant;

use self::{
    device::{Forgery, Liar},
    held::Witness,
    recorded::{Recording, recordings},
};
use crate::{Seeded, Smaller, Transcript, Violation, World, on_paused_clock};

/// What opens a session; the passphrase of `Home` and the key of `Home-Thread` are the kit's.
const SECRET: &str = "sesame-pop-91";

/// Devices that lie.
pub struct Lies;

/// All that is drawn from a seed.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Of the device's randomness, and of the client's keys.
    pub seed: u64,
    /// How the session is secured.
    pub scheme: Scheme,
    /// Security 2 at patch level 1.
    pub is_counting: bool,
    /// Which firmware it is.
    pub persona: Persona,
    /// What goes wrong with its join.
    pub fault: Option<Fault>,
    /// What the client does.
    pub tasks: Vec<Task>,
    /// What is changed.
    pub lies: Vec<Lie>,
    /// Whose replies they are, where it is not the persona's that are changed.
    pub recorded: Option<&'static Recording>,
}

/// One thing that a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// With data for the application and a reset before it.
    ProvisionFully,
    /// Without.
    Provision,
    /// Asks what the device sees.
    Scan {
        /// Waits for the reply until it is done.
        blocking: bool,
        /// How many entries at once.
        page: u32,
    },
    /// Asks how it stands.
    Status,
    /// Makes it forget a network.
    Reset,
    /// Makes it take another one.
    Reprovision,
    /// Sends two messages to the application.
    Send,
}

/// What is changed in one reply.
#[derive(Clone, Debug)]
pub struct Lie {
    /// Which reply of all, from 0.
    pub turn: u8,
    /// It says what it was asked.
    pub echoes: bool,
    /// In the clear, one after the other.
    pub edits: Vec<Edit>,
    /// After it was sealed.
    pub forgery: Option<Forgery>,
}

impl World for Lies {
    type Scenario = Scenario;
    const NAME: &'static str = "lies";

    fn draw(&self, seed: u64) -> Scenario {
        let mut dice = fastrand::Rng::with_seed(seed);
        // A handshake of security 2 takes milliseconds.
        let scheme = match dice.u32(..40) {
            0 => Scheme::Sec2,
            1..=14 => Scheme::Sec0,
            _ => Scheme::Sec1,
        };
        let persona = Persona::ALL[dice.usize(..Persona::ALL.len())];
        let fault = match dice.u32(..4) {
            0 => Some(Fault::WrongPassphrase),
            1 => Some(Fault::NetworkNotFound),
            _ => None,
        };
        let tasks = (0..=dice.usize(..2)).map(|_| task(&mut dice)).collect();
        let is_counting = dice.bool();
        let lies = (0..=dice.usize(..3)).map(|_| lie(&mut dice, scheme, is_counting)).collect();
        // Beside the others, so that a seed of before is the same but for this.
        let mut dice = fastrand::Rng::with_seed(!seed);
        let those = recordings().iter().filter(|one| {
            one.scheme == scheme && (scheme != Scheme::Sec2 || one.is_counting == is_counting)
        });
        let those: Vec<_> = those.collect();
        let recorded = if dice.u32(..3) == 0 { dice.choice(those) } else { None };
        Scenario { seed, scheme, is_counting, persona, fault, tasks, lies, recorded }
    }

    fn run(&self, scenario: &Scenario) -> Result<Transcript, Violation> {
        on_paused_clock(run(scenario))
    }

    fn smaller(&self, scenario: &Scenario) -> Vec<Scenario> {
        let mut smaller = Smaller::than(scenario);
        if scenario.tasks.len() > 1 {
            smaller.without_each(|other| &mut other.tasks);
        }
        smaller.without_each(|other| &mut other.lies);
        for (at, lie) in scenario.lies.iter().enumerate() {
            smaller.without_each(|other| &mut other.lies[at].edits);
            if lie.echoes {
                smaller.with(|other| other.lies[at].echoes = false);
            }
            if lie.forgery.is_some() {
                smaller.with(|other| other.lies[at].forgery = None);
            }
        }
        if scenario.fault.is_some() {
            smaller.with(|other| other.fault = None);
        }
        if scenario.recorded.is_some() {
            smaller.with(|other| other.recorded = None);
        } else if scenario.scheme != Scheme::Sec0 {
            smaller.with(|other| {
                other.scheme = Scheme::Sec0;
                other.lies.iter_mut().for_each(|lie| lie.forgery = None);
            });
        }
        smaller.all
    }
}

fn task(dice: &mut fastrand::Rng) -> Task {
    match dice.u32(..12) {
        0..=2 => Task::Provision,
        3 | 4 => Task::ProvisionFully,
        5..=7 => Task::Scan { blocking: dice.bool(), page: [1, 4, 16][dice.usize(..3)] },
        8 => Task::Status,
        9 => Task::Reset,
        10 => Task::Reprovision,
        _ => Task::Send,
    }
}

fn lie(dice: &mut fastrand::Rng, scheme: Scheme, is_counting: bool) -> Lie {
    let turn = if dice.u32(..3) == 0 { dice.u8(..32) } else { dice.u8(..9) };
    let forgery = (scheme == Scheme::Sec2 && dice.bool()).then(|| // Under one nonce for all messages each is good in the place of another.
    match dice.u32(..if is_counting { 5 } else { 3 }) {
        0 => Forgery::Flip(dice.u16(..)),
        1 => Forgery::Cut(dice.u16(..)),
        2 => Forgery::Append(dice.u8(..)),
        3 => Forgery::Again,
        _ => Forgery::Echo,
    });
    // What was asked has secrets, and no change may make one a name.
    let echoes = dice.u32(..12) == 0;
    let edits = if echoes { 0 } else { 1 + dice.usize(..3) };
    let mut below = |limit| dice.u32(..limit);
    let edits = (0..edits).map(|_| Edit::draw(&mut below)).collect();
    Lie { turn, echoes, edits, forgery }
}

/// Made once: it takes milliseconds.
fn verifier() -> &'static SrpVerifier {
    static VERIFIER: OnceLock<SrpVerifier> = OnceLock::new();
    VERIFIER.get_or_init(|| SrpVerifier::with_salt(&username(), &SECRET.into(), vec![7; 16]))
}

fn username() -> Username {
    Username::new("wifiprov").expect("a name")
}

async fn run(scenario: &Scenario) -> Result<Transcript, Violation> {
    let (secret, username) = match scenario.recorded {
        Some(recording) => (recording.secret.as_str(), recording.username.clone()),
        None => (SECRET, username()),
    };
    let verifier = scenario.recorded.and_then(|recording| recording.verifier.as_ref());
    let device = Liar::new(scenario, secret, verifier.unwrap_or_else(|| self::verifier()));
    let network = if scenario.recorded.is_some() { recorded::NETWORK } else { held::NETWORK };
    let witness = Witness::new(&device, scenario.scheme, secret, network);
    // Others than the device's.
    let keys = Mutex::new(Seeded::of(!scenario.seed));
    for task in &scenario.tasks {
        let security = match scenario.scheme {
            Scheme::Sec0 => Security::default(),
            Scheme::Sec1 => Security::default().with_proof(secret).with_scheme(1),
            Scheme::Sec2 => Security::default()
                .with_login(Login { username: username.clone(), password: secret.into() }),
        };
        let accept = Accept::default();
        let provisioner = Provisioner::new(Address::Virtual, &device)
            .with_security(Security { accept, ..security })
            .with_observer(&witness)
            .with_keys_from(&keys);
        witness.begins(*task);
        let began = Instant::now();
        let result = perform(&provisioner, *task, scenario.persona, network).await;
        witness.ended(*task, &result, began.elapsed(), Policy::default().timeout);
        if witness.is_broken() {
            break;
        }
    }
    witness.verdict()
}

async fn perform(
    provisioner: &Provisioner<'_>,
    task: Task,
    persona: Persona,
    (ssid, passphrase): (&str, &str),
) -> Result<Outcome, Error> {
    match task {
        Task::Provision | Task::ProvisionFully => {
            let mut plan = esp_prov::Plan::new(wifi(ssid, passphrase))
                .with_alternative(esp_prov::Network::Thread(dataset(HOME_THREAD)));
            if task == Task::ProvisionFully {
                plan.custom_data = Some(b"for the application".to_vec());
                if persona == Persona::Legacy {
                    let info = "hello".to_owned();
                    plan.custom_config = Some(CustomConfig { info, version: 7 });
                }
                plan.reset_first = persona != Persona::Legacy;
            }
            provisioner.provision(&plan).await
        }
        Task::Scan { blocking, page } => {
            let scan = Scan { blocking, page, ..Scan::for_address(&Address::Virtual) };
            provisioner.scan(scan).await
        }
        Task::Status => provisioner.status().await,
        Task::Reset => provisioner.control(Control::Reset).await,
        Task::Reprovision => provisioner.control(Control::Reprovision).await,
        Task::Send => {
            let message = |endpoint: Endpoint, body: &[u8]| Message {
                endpoint,
                body: body.to_vec(),
                plain: false,
            };
            let messages =
                [message(Endpoint::CUSTOM_DATA, b"one"), message(Endpoint::CUSTOM_DATA, b"two")];
            provisioner.send(&messages).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Search, search};

    /// Seeds that failed once: a scan that was not understood, before a session that was not
    /// answered; what was changed in a handshake, which has no seal; keys by chance; and a
    /// reply of 350 MB.
    const KEPT: &[u64] = &[
        10_058_568, 10_092_084, 10_148_987, 10_183_790, 10_202_003, 10_327_900, 10_348_600,
        10_251_052,
    ];

    #[test]
    fn nothing_that_a_device_says_is_more_than_words() {
        let search_of = |from, count| Search { from, count, within: None, twice_each: 50 };
        for seed in KEPT {
            // They failed when nothing was recorded.
            let scenario = Scenario { recorded: None, ..Lies.draw(*seed) };
            if let Err(violation) = Lies.run(&scenario) {
                panic!("{violation:?} {scenario:#?}");
            }
        }
        if let Some(failure) = search(&Lies, search_of(0, 300)).failure {
            panic!("{failure}");
        }
    }

    /// Each recording is told to its end: nothing of it is refused, and nothing else is said.
    #[test]
    fn an_honest_recording_is_a_session_like_others() {
        for recording in recordings() {
            let scenario = Scenario {
                seed: 0,
                scheme: recording.scheme,
                is_counting: recording.is_counting,
                persona: Persona::Netprov,
                fault: None,
                tasks: vec![
                    Task::Scan { blocking: true, page: 4 },
                    Task::Send,
                    Task::Provision,
                    Task::Provision,
                    Task::Provision,
                ],
                lies: Vec::new(),
                recorded: Some(recording),
            };
            let transcript = Lies.run(&scenario).unwrap_or_else(|why| panic!("{why:?}"));
            let told = |words: &str| transcript.0.iter().any(|line| line.contains(words));
            for words in [
                "Scanned { networks: [VisibleNetwork { ssid: \"HomeNet\"",
                "OfficeWPA3",
                "SUCCESS",
                "set config: the device refused SetWifiConfig: InvalidArgument",
                "join: the network rejected the passphrase",
                "Connected { connection: WifiConnection { ip: \"192.168.1.57\"",
            ] {
                assert!(told(words), "{words}: {recording:?}\n{transcript}");
            }
        }
    }
}
