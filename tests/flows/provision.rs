//! The whole sequence against virtual devices, on a paused clock: what a user sees and what the
//! device was told, when all goes well and when something goes wrong at any point.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    Accept, Cause, Connect, Control, DiscoveryFilter, DiscoverySources, Endpoint, Error, Event,
    JoinState, Journal, Login, NetworkKind, NetworkName, Observer, Operator, Outcome, Policy,
    ProofOfPossession, Scan, Scheme, Security, SecurityLevel, Stage, Status, Transport,
    TransportError, Username, Warning,
    address::Address,
    commands::JoinFailure,
    discover,
    exchange::{ExchangeRecord, State},
};
use esp_prov_rs::exit::{self, Exit};
use esp_prov_simulate::{Fault as DeviceFault, Persona, Settings, VirtualDevice};
use kit::{
    Fault, Faulty, Person, Plan, Ran, Scripted, Step, When, has_joined_home, home, plain_plan,
    plan, run, run_with, wifi,
};
use protocomm::device::SrpVerifier;
use tokio::time::Instant;

const SCHEMES: [Scheme; 3] = [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2];

const SECOND: Duration = Duration::from_secs(1);

fn device() -> VirtualDevice {
    VirtualDevice::new(Settings::default())
}

fn device_with(fault: DeviceFault) -> VirtualDevice {
    VirtualDevice::new(Settings { fault: Some(fault), ..Settings::default() })
}

fn device_of(scheme: Scheme) -> VirtualDevice {
    VirtualDevice::new(Settings { scheme, ..Settings::default() })
}

fn plan_for(scheme: Scheme) -> Plan {
    kit::plan_for(scheme)
}

fn with_pop(pop: Option<&str>) -> Plan {
    Plan { security: Security { pop: pop.map(Into::into), ..Security::default() }, ..plan() }
}

fn with_policy(policy: Policy) -> Plan {
    Plan { policy, ..plan() }
}

// Success.

#[tokio::test(start_paused = true)]
async fn the_events_tell_the_whole_story_in_order() {
    let ran = run(&device(), &plan()).await;
    let story = ran.story();
    let [
        Event::Connecting { attempt: 1, .. },
        Event::Identified { capabilities },
        Event::Established { security: Scheme::Sec1 },
        Event::Warning { warning: Warning::WellKnownSecret },
        Event::ConfigSent { network },
        Event::Applied,
        Event::Polled { state: JoinState::Connecting { attempts_remaining: None } },
        Event::Polled { state: JoinState::Connected },
        Event::Finished { outcome: Outcome::Connected { .. } },
    ] = story[..]
    else {
        panic!("{ran}")
    };
    assert_eq!(capabilities.version.as_deref(), Some("netprov-v1.2"));
    assert_eq!(*network, NetworkName::Wifi { ssid: "Home".to_owned() });

    let ran = run(&device_of(Scheme::Sec0), &plain_plan()).await;
    assert_eq!(ran.warnings(), [Warning::Unencrypted]);
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_proof_of_possession_opens_a_session() {
    let long = "0123456789".repeat(20);
    for pop in [None, Some(""), Some("abcd1234"), Some("pøp-🔑-密码"), Some(long.as_str())] {
        let settings = Settings { pop: pop.map(ProofOfPossession::from), ..Settings::default() };
        let device = VirtualDevice::new(settings);
        let ran = run(&device, &with_pop(pop)).await;
        assert!(ran.is_connected() && device.joins() == 1, "{pop:?}: {ran}");
        assert_eq!(ran.warnings(), [], "{pop:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_everybody_knows_draws_a_warning() {
    for (scheme, secret, expected) in [
        (Scheme::Sec1, "abcd1234", true),
        (Scheme::Sec1, "abcd1235", false),
        (Scheme::Sec2, "abcd1234", true),
        (Scheme::Sec0, "", false),
    ] {
        let pop = Some(ProofOfPossession::from(secret));
        let device = VirtualDevice::new(Settings { scheme, pop, ..Settings::default() });
        let plan = if scheme == Scheme::Sec1 { with_pop(Some(secret)) } else { plan_for(scheme) };
        let ran = run(&device, &plan).await;
        let well_known =
            |event: &Event| *event == Event::Warning { warning: Warning::WellKnownSecret };
        assert_eq!(ran.count(well_known), usize::from(expected), "{scheme} {secret}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn custom_data_goes_first_and_its_reply_is_told() {
    let plan = Plan { custom_data: Some(b"hello".to_vec()), ..plan() };
    let ran = run(&device(), &plan).await;
    let custom = ran.story().into_iter().position(
        |event| matches!(event, Event::CustomDataSent { sent: 5, reply } if reply == "SUCCESS"),
    );
    let set = ran.story().into_iter().position(|event| matches!(event, Event::ConfigSent { .. }));
    assert!(ran.is_connected() && custom.is_some() && custom < set, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_version_is_insisted_on_without_regard_to_case() {
    for (wanted, end) in [
        ("netprov-v1.2", "Connected"),
        ("NetProv-V1.2", "Connected"),
        ("v1.1", r#"Version: Version { wanted: "v1.1", got: "netprov-v1.2" }"#),
    ] {
        let device = device();
        let ran = run(&device, &Plan { version: Some(wanted.to_owned()), ..plan() }).await;
        assert_eq!(ran.end(), end);
        assert_eq!(device.joins(), u32::from(end == "Connected"), "{wanted}");
    }
}

// Which security.

#[tokio::test(start_paused = true)]
async fn the_security_is_what_was_asked_for_or_what_the_device_says() {
    const OLD: &str = "V0.1";
    const SEC7: &str = r#"{"prov": {"ver": "v9", "sec_ver": 7, "cap": []}}"#;
    const SEC2: &str = r#"{"prov": {"ver": "v1.1", "sec_ver": 2, "cap": []}}"#;
    const NO_SEC: &str = r#"{"prov": {"ver": "v1.1", "cap": ["no_sec"]}}"#;
    const UNSAID: &str = r#"{"prov": {"ver": "v1.1", "cap": []}}"#;
    let own = None;
    let [sec0, sec1, sec2] = SCHEMES;
    let other = |asked, offered| {
        format!("Handshake: OtherSecurity {{ asked: {asked}, offered: {offered} }}")
    };
    let (zero_one, two_one) = (other(0, 1), other(2, 1));
    let (one_zero, one_two) = (other(1, 0), other(1, 2));
    // The device, what it says; what was asked for; what comes of it.
    let cases = [
        (sec0, own, None, None, "Connected", vec![Warning::Unencrypted]),
        (
            sec0,
            own,
            None,
            Some("abcd1234"),
            "Handshake: Unchecked { asked: Proved, offered: Open }",
            vec![],
        ),
        (sec0, own, None, Some(""), "Connected", vec![Warning::Unencrypted]),
        (
            sec0,
            own,
            Some(0),
            Some("abcd1234"),
            "Handshake: Contradiction { scheme: 0, asked: Proved }",
            vec![],
        ),
        (sec0, own, Some(0), Some(""), "Connected", vec![Warning::Unencrypted]),
        (sec0, own, Some(1), Some("abcd1234"), &one_zero, vec![]),
        (sec0, Some(NO_SEC), None, None, "Connected", vec![Warning::Unencrypted]),
        (sec0, Some(OLD), None, None, r#"Handshake: SecurityUnsaid("V0.1")"#, vec![]),
        (sec0, Some(OLD), Some(0), None, "Connected", vec![Warning::Unencrypted]),
        (sec1, own, None, Some("abcd1234"), "Connected", vec![]),
        (sec1, own, Some(1), Some("abcd1234"), "Connected", vec![]),
        (sec1, own, Some(0), None, &zero_one, vec![]),
        (sec1, own, Some(2), None, &two_one, vec![]),
        (sec1, Some(SEC7), None, None, "Handshake: SecurityUnsupported(7)", vec![]),
        (sec1, own, None, None, "Handshake: ProofMissing", vec![]),
        (sec1, own, None, Some(""), "Proof: ProofRejected(Sec1)", vec![]),
        (sec1, Some(UNSAID), None, Some("abcd1234"), "Connected", vec![]),
        (sec1, Some(OLD), None, Some("abcd1234"), r#"Handshake: SecurityUnsaid("V0.1")"#, vec![]),
        (sec1, Some(OLD), Some(1), Some("abcd1234"), "Connected", vec![]),
        (sec1, Some(""), None, None, r#"Handshake: SecurityUnsaid("not told")"#, vec![]),
        (sec1, Some(SEC2), None, Some("abcd1234"), "Handshake: LoginMissing", vec![]),
        (sec2, own, None, Some("abcd1234"), "Handshake: LoginMissing", vec![]),
        (sec2, own, Some(1), Some("abcd1234"), &one_two, vec![]),
        (sec1, Some(SEC2), Some(1), Some("abcd1234"), &one_two, vec![]),
    ];
    for (scheme, version, asked, pop, end, warnings) in cases {
        let case = format!("{scheme}, {version:?}, asked for {asked:?}, {pop:?}");
        let device = device_of(scheme);
        let mut plan = with_pop(pop);
        plan.security.scheme = asked;
        let ran = match version {
            None => run(&device, &plan).await,
            Some(version) => {
                let lie = Fault::Reply(version.as_bytes().to_vec());
                run(&Faulty::around(&device, Step::Version.once(), lie), &plan).await
            }
        };
        let mut told = ran.warnings();
        told.dedup();
        assert_eq!((ran.end().as_str(), told), (end, warnings), "{case}: {ran}");
        assert_eq!(device.joins(), u32::from(ran.is_connected()), "{case}");
        if end.starts_with("Handshake: ") {
            assert_eq!(ran.exchanges(), 1, "nothing but the version was asked: {case}");
        }
    }
}

/// What an impostor says, who does not know the secret.
const LIES: [(&str, &str); 3] = [
    ("Unproved", r#"{"prov": {"ver": "v1.1", "sec_ver": 1, "cap": ["no_pop"]}}"#),
    ("Unproved", r#"{"prov": {"ver": "v1.1", "cap": ["no_pop"]}}"#),
    ("Open", r#"{"prov": {"ver": "v1.1", "cap": ["no_sec"]}}"#),
];

#[tokio::test(start_paused = true)]
async fn a_secret_that_was_given_is_checked_or_nothing_is_sent() {
    let (proof, only_login) = (plan().security, plan_for(Scheme::Sec2).security);
    let both = Security { pop: proof.pop.clone(), ..only_login.clone() };
    for (name, security, asked) in
        [("proof", proof, "Proved"), ("login", only_login, "LoggedIn"), ("both", both, "LoggedIn")]
    {
        for (offered, says) in LIES {
            let what = format!("{name}, {says}");
            let device = device();
            let lie = || {
                let says = Fault::Reply(says.as_bytes().to_vec());
                Faulty::around(&device, Step::Version.once(), says)
            };
            let plan = Plan { security: security.clone(), ..plan() };
            let ran = run(&lie(), &plan).await;
            let end = format!("Handshake: Unchecked {{ asked: {asked}, offered: {offered} }}");
            assert_eq!((ran.end(), ran.exit()), (end, Exit::SECURITY), "{what}: {ran}");
            assert_eq!(ran.exchanges(), 1, "nothing but the version was asked: {what}");

            // So is every other command.
            let error = look(&lie(), usual(), &security).await.expect_err("a scan");
            assert_eq!(exit::of_error(&error).0, Exit::SECURITY, "{what}");
            for command in [Control::Reset, Control::Reprovision] {
                let device = lie();
                let device = plan.at(&device);
                let error = device.control(command).await.expect_err("a command");
                assert!(matches!(error.cause, Cause::Unchecked { .. }), "{what}: {error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answered_proof_demands_as_much_as_a_given_one() {
    // At the second attempt the device says that it uses none.
    let device = device();
    let version = LIES[0].1.as_bytes().to_vec();
    let cut = Faulty::around(&device, Step::Set.once(), Fault::CutBefore);
    let lie = Faulty::around(&cut, When::Once(5), Fault::Reply(version));
    let person = Person::who_knows_the_proof("abcd1234");
    let ran = run_with(&lie, &with_pop(None), &person).await;
    assert_eq!(ran.end(), "Handshake: Unchecked { asked: Proved, offered: Unproved }", "{ran}");
    assert_eq!(device.joins(), 0);
}

#[tokio::test(start_paused = true)]
async fn weaker_security_is_accepted_by_one_word_and_told_once() {
    let accept = Accept { weaker: true, ..Accept::default() };
    let settings = Settings { pop: None, ..Settings::default() };
    let weaker = |asked, offered| Warning::WeakerSecurity { asked, offered };
    for (settings, security, warnings) in [
        (
            settings.clone(),
            Security { accept, ..with_pop(Some("abcd1234")).security },
            vec![weaker(SecurityLevel::Proved, SecurityLevel::Unproved)],
        ),
        (
            settings,
            Security { accept, ..login("wifiprov", "abcd1234") },
            vec![weaker(SecurityLevel::LoggedIn, SecurityLevel::Unproved)],
        ),
        (
            Settings { scheme: Scheme::Sec0, ..Settings::default() },
            Security { accept, scheme: Some(1), ..Security::default() },
            vec![weaker(SecurityLevel::Unproved, SecurityLevel::Open), Warning::Unencrypted],
        ),
    ] {
        let device = VirtualDevice::new(settings);
        // The link breaks once: a warning is told once all the same.
        let cut = Faulty::around(&device, Step::Set.once(), Fault::CutBefore);
        let ran = run(&cut, &Plan { security, ..plan() }).await;
        assert!(ran.is_connected(), "{ran}");
        assert_eq!(ran.warnings(), warnings, "{ran}");
    }

    let device = device();
    let cut = Faulty::around(&device, Step::Set.once(), Fault::CutBefore);
    let ran = run(&cut, &with_pop(Some("abcd1234"))).await;
    assert!(ran.is_connected(), "{ran}");
    let known = Event::Warning { warning: Warning::WellKnownSecret };
    assert_eq!(ran.events.iter().filter(|(_, event)| *event == known).count(), 1, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_warning_stops_the_run_before_the_network_is_sent() {
    let deny = Policy { deny_warnings: true, ..Policy::default() };
    let own = ProofOfPossession::from("Qx7-proof");
    let good = VirtualDevice::new(Settings { pop: Some(own), ..Settings::default() });
    let plan = Plan { policy: deny, ..with_pop(Some("Qx7-proof")) };
    assert!(run(&good, &plan).await.is_connected());

    let old = |scheme| {
        let persona = Persona::IdfV5_0;
        VirtualDevice::new(Settings { persona, scheme, ..Settings::default() })
    };
    for (device, security) in [
        (old(Scheme::Sec0), Security::default()),
        (old(Scheme::Sec1), with_pop(Some("abcd1234")).security),
        (old(Scheme::Sec2), login("wifiprov", "abcd1234")),
    ] {
        let ran = run(&device, &Plan { security, ..plan.clone() }).await;
        assert!(ran.end().starts_with("Proof: Denied"), "{ran}");
        assert_eq!((ran.exit(), ran.sets(), device.joins()), (Exit::SECURITY, 0, 0), "{ran}");
        let told = ran.count(|event| matches!(event, Event::Warning { .. }));
        assert_eq!(told, 1, "the warning is told, too: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_handshake_is_no_other_scheme_where_the_device_named_this_one() {
    for scheme in SCHEMES {
        let device = device_of(scheme);
        let silent = Faulty::around(&device, When::Each(&[2, 4, 6]), Fault::NoReply);
        let ran = run(&silent, &plan_for(scheme)).await;
        assert_eq!(ran.end(), "Handshake: Transport(NoReply)", "{ran}");
        let (exit, hint) = exit::of_error(ran.result.as_ref().expect_err("it failed"));
        assert_eq!(exit, Exit::LINK_LOST, "{ran}");
        assert!(hint.contains("another client"), "{hint}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_proof_is_asked_for_while_the_link_waits() {
    let person = Person::who_knows_the_proof("abcd1234").and_thinks(Duration::from_secs(600));
    let ran = run_with(&device(), &with_pop(None), &person).await;
    assert!(ran.is_connected(), "{ran}");
    assert_eq!((ran.links(), ran.count(|event| *event == Event::Asking)), (1, 1), "{ran}");
}

// Answers that end the run.

#[tokio::test(start_paused = true)]
async fn a_wrong_proof_is_told_after_exactly_two_tries_and_at_once() {
    let device = device();
    let ran = run(&device, &with_pop(Some("wrong"))).await;
    assert_eq!(ran.end(), "Proof: ProofRejected(Sec1)");
    assert_eq!((ran.exit(), ran.links(), ran.took), (Exit::PROOF, 2, Duration::ZERO), "{ran}");
    assert_eq!(device.joins(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_attempt_is_one_attempt() {
    let once = Policy { attempts: 1, ..Policy::default() };
    let wrong = Plan { policy: once.clone(), ..with_pop(Some("wrong")) };
    let ran = run(&device(), &wrong).await;
    assert_eq!((ran.end().as_str(), ran.links()), ("Proof: ProofRejected(Sec1)", 1));

    let device = device();
    let cut = Faulty::around(&device, Step::Set.once(), Fault::CutBefore);
    let ran = run(&cut, &with_policy(once)).await;
    assert_eq!((ran.exit(), ran.links(), device.joins()), (Exit::LINK_LOST, 1, 0), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_join_is_told_with_its_reason() {
    use JoinFailure::{NetworkNotFound, WrongPassphrase};
    let (right, wrong) = ("correct-horse", "wrong-horse");
    for (ssid_sent, passphrase_sent, fault, failure, exit) in [
        ("Home", wrong, None, WrongPassphrase, Exit::PASSPHRASE),
        ("home", right, None, NetworkNotFound, Exit::NETWORK),
        ("Home", right, Some(DeviceFault::WrongPassphrase), WrongPassphrase, Exit::PASSPHRASE),
        ("Home", right, Some(DeviceFault::NetworkNotFound), NetworkNotFound, Exit::NETWORK),
    ] {
        for persona in [Persona::IdfV4_4, Persona::IdfV5_5, Persona::Netprov] {
            let device = VirtualDevice::new(Settings { persona, fault, ..Settings::default() });
            let network = wifi(ssid_sent, passphrase_sent);
            let ran = run(&device, &Plan { network, ..plan() }).await;
            assert_eq!(ran.end(), format!("Join: Join({failure:?})"), "{persona}: {ran}");
            assert_eq!((ran.exit(), device.joins()), (exit, 1));
            let failed =
                |event: &Event| matches!(event, Event::Polled { state: JoinState::Failed { .. } });
            assert_eq!(ran.count(failed), 1, "{persona}: {ran}");
            assert!(ran.took < 5 * SECOND, "{persona}: {ran}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_final_only_where_firmware_says_so() {
    // Firmware up to ESP-IDF v5.4 connects again on its own.
    let failed = "08015a04 1003 5000";
    let connected = "08015a11 5a0f 0a07 312e322e332e34 1a04 486f6d65";
    let device = Scripted::applied(&["08015a021001", failed, failed, failed, connected]);
    let ran = run(&device, &plain_plan()).await;
    assert!(ran.is_connected(), "{ran}");

    let device = Scripted::applied(&[failed, failed, failed, failed]);
    assert_eq!(run(&device, &plain_plan()).await.end(), "Join: Join(WrongPassphrase)");

    let attempt_failed = "08015a06 1001 62020801";
    let device = Scripted::applied(&[attempt_failed, failed]);
    assert_eq!(run(&device, &plain_plan()).await.end(), "Join: Join(WrongPassphrase)");
}

#[tokio::test(start_paused = true)]
async fn attempts_remaining_are_told_and_then_success() {
    let device = VirtualDevice::new(Settings { failed_attempts: 2, ..Settings::default() });
    let ran = run(&device, &plan()).await;
    let polled: Vec<_> = ran
        .story()
        .into_iter()
        .filter_map(|event| match event {
            Event::Polled { state } => Some(state.clone()),
            _ => None,
        })
        .collect();
    let connecting = |attempts_remaining| JoinState::Connecting { attempts_remaining };
    assert_eq!(
        polled,
        [connecting(None), connecting(Some(2)), connecting(Some(1)), JoinState::Connected]
    );
    assert!(ran.is_connected() && device.joins() == 1, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_never_stops_trying_is_given_up_in_time() {
    for within in [Duration::ZERO, 3 * SECOND, 60 * SECOND] {
        let policy = Policy { join_timeout: within, ..Policy::default() };
        let ran = run(&device_with(DeviceFault::Forever), &with_policy(policy)).await;
        let Err(Error { stage: Stage::Join, cause: Cause::NotJoined { .. } }) = ran.result else {
            panic!("{ran}")
        };
        assert_eq!(ran.took.as_secs(), within.as_secs(), "{ran}");
        assert_eq!(ran.exit(), Exit::NOT_JOINED);
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_leaves_right_after_apply_has_probably_joined() {
    let device = device_with(DeviceFault::Vanish);
    let ran = run(&device, &plan()).await;
    assert_eq!((ran.end().as_str(), ran.exit()), ("Unconfirmed", Exit::UNCONFIRMED), "{ran}");
    assert!(matches!(ran.story().last(), Some(Event::Finished { .. })), "{ran}");
    // One pause, then the time a connect may take.
    assert!(ran.took < 12 * SECOND, "{ran}");
    assert_eq!(device.joins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_has_a_network_refuses_another() {
    let device = device_with(DeviceFault::Forever);
    let impatient = with_policy(Policy { join_timeout: Duration::ZERO, ..Policy::default() });
    run(&device, &impatient).await;
    let ran = run(&device, &plan()).await;
    assert!(ran.end().starts_with("Apply: NotApplied"), "{ran}");
    assert_eq!((ran.exit(), ran.links(), device.joins()), (Exit::REFUSED, 1, 1), "{ran}");
}

// A failed join repaired.

#[tokio::test(start_paused = true)]
async fn another_passphrase_repairs_a_failed_join_in_the_same_session() {
    let wrong = Plan { network: home("wrong-horse"), ..plan() };
    for persona in [Persona::IdfV5_5, Persona::Netprov] {
        let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
        let person = Person::who_tries(["correct-horse"]).and_thinks(Duration::from_secs(600));
        let ran = run_with(&device, &wrong, &person).await;
        assert!(ran.is_connected() && has_joined_home(&device), "{persona}: {ran}");
        assert_eq!((device.joins(), ran.sessions(), ran.links()), (2, 1, 1), "{persona}: {ran}");
        assert_eq!(ran.count(|event| *event == Event::Reset), 1, "{persona}: {ran}");
    }

    let device = device();
    let ran = run_with(&device, &wrong, &Person::who_tries(["still-wrong", "correct-horse"])).await;
    assert!(ran.is_connected(), "{ran}");
    assert_eq!((device.joins(), ran.sessions()), (3, 1), "{ran}");

    let ran = run_with(&device, &plan(), &Person::default()).await;
    assert_eq!(ran.exit(), Exit::REFUSED, "not a question that a passphrase answers: {ran}");
}

#[tokio::test(start_paused = true)]
async fn a_repair_goes_on_after_a_lost_link_at_any_of_its_steps() {
    let wrong = Plan { network: home("wrong-horse"), ..plan() };
    let good = run_with(&device(), &wrong, &Person::who_tries(["correct-horse"])).await;
    let reset = 1 + exchanges_before(&good, |event| *event == Event::Reset);
    for persona in [Persona::IdfV5_5, Persona::Netprov] {
        for exchange in reset - 1..good.exchanges() {
            for fault in [Fault::CutBefore, Fault::CutAfter, Fault::LoseReply] {
                let case = format!("{persona}, {fault:?} at {exchange}, reset at {reset}");
                let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
                let faulty = Faulty::around(&device, When::Once(exchange), fault);
                let person = Person::who_tries(["correct-horse"]);
                let ran = run_with(&faulty, &wrong, &person).await;
                assert!(ran.is_connected() && has_joined_home(&device), "{case}: {ran}");
                assert_eq!((device.joins(), ran.sessions()), (2, 2), "{case}: {ran}");
            }
        }
    }
}

fn exchanges_before(ran: &Ran, what: impl Fn(&Event) -> bool) -> usize {
    let before = ran.events.iter().take_while(|(_, event)| !what(event));
    before.filter(|(_, event)| matches!(event, Event::Exchange(_))).count()
}

#[tokio::test(start_paused = true)]
async fn a_device_without_control_can_not_be_repaired_from_here() {
    for persona in [Persona::Legacy, Persona::IdfV4_4, Persona::IdfV5_0] {
        let network = home("wrong-horse");
        let mut plan = Plan { network, ..plan() };
        plan.security.scheme = Some(1);
        let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
        let ran = run_with(&device, &plan, &Person::default()).await;
        assert_eq!((ran.exit(), device.joins()), (Exit::PASSPHRASE, 1), "{persona}: {ran}");
        assert_eq!(ran.count(|event| *event == Event::Asking), 0, "{persona}: {ran}");

        // What was asked for is another matter.
        let ran = run(&device, &Plan { reset_first: true, ..plan }).await;
        assert!(ran.end().starts_with("Reset: Transport(NoSuchEndpoint"), "{persona}: {ran}");
        assert_eq!(ran.exit(), Exit::UNSUPPORTED);
    }
}

/// A device at whose other end nothing lists what there is.
struct Unlisted(VirtualDevice);

struct UnlistedLink(Box<dyn Transport>);

#[async_trait]
impl Connect for Unlisted {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(UnlistedLink(self.0.connect(within).await?)))
    }
}

#[async_trait]
impl Transport for UnlistedLink {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        self.0.exchange(endpoint, body).await
    }
}

#[tokio::test(start_paused = true)]
async fn another_passphrase_is_asked_for_only_where_it_surely_helps() {
    for (persona, questions) in
        [(Persona::IdfV5_0, 0), (Persona::IdfV5_5, 0), (Persona::Netprov, 1)]
    {
        let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
        let plan = Plan { network: home("wrong-horse"), ..plan() };
        let ran = run_with(&Unlisted(device), &plan, &Person::default()).await;
        assert_eq!(ran.count(|event| *event == Event::Asking), questions, "{persona}: {ran}");
        // The advice leaves open whether it has a reset.
        assert_eq!(ran.exit(), Exit::PASSPHRASE, "{persona}: {ran}");
        let (_, hint) = exit::of_error(ran.result.as_ref().expect_err("it can't join"));
        assert!(hint.contains("`--reset-first` (before ESP-IDF v5.1"), "{hint}");
    }
}

// The resume rule, a row each.

/// What is left of a run with one fault, in one line.
async fn resumed(when: When, fault: Fault) -> (String, Resumed) {
    let device = device();
    let faulty = Faulty::around(&device, when, fault);
    let ran = run(&faulty, &plan()).await;
    let resumed = Resumed { sessions: ran.sessions(), sets: ran.sets(), joins: device.joins() };
    (ran.end(), resumed)
}

#[derive(Debug, PartialEq, Eq)]
struct Resumed {
    sessions: usize,
    /// Acknowledged ones.
    sets: usize,
    joins: u32,
}

#[tokio::test(start_paused = true)]
async fn a_lost_set_is_set_again_in_a_second_session() {
    for fault in [Fault::LoseReply, Fault::LoseRequest] {
        let (end, resumed) = resumed(Step::Set.once(), fault).await;
        assert_eq!(end, "Connected");
        assert_eq!(resumed, Resumed { sessions: 2, sets: 1, joins: 1 });
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_to_apply_is_settled_by_applying_again_which_the_device_refuses() {
    let (end, resumed) = resumed(Step::Apply.once(), Fault::LoseReply).await;
    assert_eq!(end, "Connected");
    assert_eq!(resumed, Resumed { sessions: 2, sets: 2, joins: 1 });
}

#[tokio::test(start_paused = true)]
async fn an_apply_that_never_arrived_is_applied_by_the_second() {
    let (end, resumed) = resumed(Step::Apply.once(), Fault::LoseRequest).await;
    assert_eq!(end, "Connected");
    assert_eq!(resumed, Resumed { sessions: 2, sets: 2, joins: 1 });
}

#[tokio::test(start_paused = true)]
async fn a_link_cut_while_watching_is_watched_on_and_another_apply_changes_nothing() {
    for poll in [0, 1, 5] {
        let when = When::Once(Step::FirstPoll.exchange(Scheme::Sec1) + poll);
        let (end, resumed) = resumed(when, Fault::CutBefore).await;
        assert_eq!(end, "Connected");
        // It might have restarted, as it says "connecting".
        assert_eq!(resumed, Resumed { sessions: 2, sets: 2, joins: 1 });
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_new_link_it_is_lost_before_apply_and_unconfirmed_after() {
    for (step, fault, exit, joins) in [
        (Step::Set, Fault::CutBefore, Exit::LINK_LOST, 0),
        (Step::Set, Fault::CutAfter, Exit::LINK_LOST, 0),
        (Step::Apply, Fault::CutBefore, Exit::UNCONFIRMED, 0),
        (Step::Apply, Fault::LoseReply, Exit::UNCONFIRMED, 1),
        (Step::FirstPoll, Fault::CutBefore, Exit::UNCONFIRMED, 1),
        (Step::FirstPoll, Fault::NoReply, Exit::UNCONFIRMED, 1),
    ] {
        let device = device();
        let faulty = Faulty::around(&device, step.onwards(), fault.clone());
        let ran = run(&faulty, &plan()).await;
        assert_eq!((ran.exit(), device.joins()), (exit, joins), "{step:?}, {fault:?}: {ran}");
        assert_eq!(ran.links(), 3, "{step:?}, {fault:?}: {ran}");
    }
}

// What is not believed. Bytes of security 0: the message, `5a` its status reply, in that `08` the
// status, `10` the state, `5a` the connection.

fn once() -> Plan {
    Plan { policy: Policy { attempts: 1, ..Policy::default() }, ..plain_plan() }
}

#[tokio::test(start_paused = true)]
async fn a_status_reply_that_only_looks_like_success_is_not_believed() {
    for (reply, why, exit) in [
        ("08015a00", "connected without its payload", Exit::PROTOCOL),
        ("08015a020805", "the handler failed", Exit::REFUSED),
        ("08015a0d 0805 5a09 0a07 312e322e332e34", "failed, with a connection", Exit::REFUSED),
        ("08015a02 08ff", "a number cut off", Exit::PROTOCOL),
        ("08015a03 08e707", "an unknown status", Exit::REFUSED),
        ("08015a02 5000", "connected with a fail reason", Exit::PROTOCOL),
        ("0801", "no payload at all", Exit::PROTOCOL),
        ("5a00", "the request's type", Exit::PROTOCOL),
        ("08036a00", "the reply to set", Exit::PROTOCOL),
        ("08016a00", "the payload of the reply to set", Exit::PROTOCOL),
        ("08015affffffff0f", "a length of 4 GiB", Exit::PROTOCOL),
        ("08015a00ff", "a byte left over", Exit::PROTOCOL),
        ("", "nothing", Exit::PROTOCOL),
    ] {
        let ran = run(&Scripted::applied(&[reply]), &once()).await;
        assert!(matches!(ran.result, Err(Error { stage: Stage::Join, .. })), "{why}: {ran}");
        assert_eq!((ran.exit(), ran.links()), (exit, 1), "{why}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_that_is_no_end_is_asked_about_again() {
    let connected = "08015a11 5a0f 0a07 312e322e332e34 1a04 486f6d65";
    for (reply, why) in [
        ("08015a021001", "connecting"),
        ("08015a0d 1001 5a09 0a07 312e322e332e34", "connecting, with a connection"),
        ("08015a021002", "disconnected"),
        ("08015a021009", "a state newer than we are"),
        ("08015a021001 a00600", "with an unknown field"),
    ] {
        let ran = run(&Scripted::applied(&[reply, connected]), &plain_plan()).await;
        let Ok(Outcome::Connected { connection }) = &ran.result else { panic!("{why}: {ran}") };
        assert_eq!(connection.ip, "1.2.3.4", "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn set_and_apply_succeed_only_by_their_own_good_replies() {
    let (set, apply) = ("08036a00", "08057a00");
    for (replies, stage, exit) in [
        (&["08036a020804"][..], Stage::Set, Exit::REFUSED),
        (&["0803"], Stage::Set, Exit::PROTOCOL),
        (&[apply], Stage::Set, Exit::PROTOCOL),
        (&[""], Stage::Set, Exit::PROTOCOL),
        (&[set, "08057a020805"], Stage::Apply, Exit::REFUSED),
        (&[set, "0805"], Stage::Apply, Exit::PROTOCOL),
        (&[set, set], Stage::Apply, Exit::PROTOCOL),
        (&[set, ""], Stage::Apply, Exit::PROTOCOL),
    ] {
        let ran = run(&Scripted::new(replies), &once()).await;
        let Err(error) = &ran.result else { panic!("{replies:?}: {ran}") };
        assert_eq!((error.stage, ran.exit()), (stage, exit), "{replies:?}: {ran}");
    }
}

// Time.

/// When the device was asked how its join stands, from its apply on.
fn polls(ran: &Ran) -> Vec<Duration> {
    let applied = ran.events.iter().position(|(_, event)| *event == Event::Applied);
    let applied = applied.expect("it was applied");
    let since = ran.events[applied].0;
    let polls = ran.events[applied..].iter();
    polls
        .filter(|(_, event)| matches!(event, Event::Exchange(_)))
        .map(|(at, _)| at.saturating_sub(since))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn waiting_adds_little_to_a_join_of_any_length() {
    for (join, at_most) in [(0, 80), (300, 380), (1200, 1350), (3000, 3210), (10_000, 10_700)] {
        let join_delay = Duration::from_millis(join);
        let device = VirtualDevice::new(Settings { join_delay, ..Settings::default() });
        let ran = run(&device, &plan()).await;
        assert!(ran.is_connected() && ran.took <= Duration::from_millis(at_most), "{join}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_poll_comes_at_once_and_no_pause_is_longer_than_the_poll_interval() {
    for interval in [50, 250, 1000, 5000].map(Duration::from_millis) {
        let policy = Policy { poll_interval: interval, ..Policy::default() };
        let ran = run(&device_with(DeviceFault::Forever), &with_policy(policy)).await;
        let polls = polls(&ran);
        assert_eq!((polls[0], polls.last().copied()), (Duration::ZERO, Some(60 * SECOND)));
        let longest = polls.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).max();
        assert!(longest <= Some(interval), "{interval:?}: {longest:?}");
    }
    let usual = polls(&run(&device_with(DeviceFault::Forever), &plan()).await);
    assert!(usual.len() < 150, "{} questions a minute are rude", usual.len());
}

#[tokio::test(start_paused = true)]
async fn the_limit_for_the_whole_run_ends_it() {
    let within = 5 * SECOND;
    let hasty = with_policy(Policy { timeout: within, ..Policy::default() });
    for step in [Step::Version, Step::Handshake, Step::Proof, Step::Set] {
        let device = device();
        let ran = run(&Faulty::around(&device, step.onwards(), Fault::LoseRequest), &hasty).await;
        let Err(Error { cause: Cause::OutOfTime(limit), .. }) = ran.result else { panic!("{ran}") };
        assert_eq!((limit, ran.took, ran.exit()), (within, within, Exit::LINK_LOST), "{ran}");
        assert_eq!(device.joins(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn out_of_time_after_apply_is_not_joined() {
    let within = 5 * SECOND;
    let hasty = with_policy(Policy { timeout: within, ..Policy::default() });
    let ran = run(&device_with(DeviceFault::Forever), &hasty).await;
    assert_eq!((ran.end().as_str(), ran.took), ("Join: OutOfTime(5s)", within), "{ran}");
    assert_eq!(ran.exit(), Exit::NOT_JOINED);

    let device = device();
    let lost = Faulty::around(&device, Step::Apply.onwards(), Fault::LoseReply);
    let ran = run(&lost, &hasty).await;
    assert_eq!((ran.exit(), ran.took, device.joins()), (Exit::UNCONFIRMED, within, 1), "{ran}");

    // While a new link is built.
    let device = device_with(DeviceFault::Forever);
    let lost = Faulty::around(&device, Step::FirstPoll.onwards(), Fault::CutBefore);
    let hasty = Policy { attempts: 1000, timeout: within, ..Policy::default() };
    let ran = run(&lost, &with_policy(hasty)).await;
    assert_eq!((ran.exit(), ran.took, device.joins()), (Exit::UNCONFIRMED, within, 1), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_device_is_told_at_once() {
    let device = device();
    run(&device, &plan()).await;
    tokio::time::sleep(2 * SECOND).await;
    let ran = run(&device, &plan()).await;
    assert_eq!((ran.exit(), ran.took), (Exit::CONNECT, Duration::ZERO), "{ran}");
}

// Reset and re-provision.

#[tokio::test(start_paused = true)]
async fn a_reset_is_obeyed_or_refused_as_the_firmware_rules() {
    use esp_prov::Control::{Reprovision, Reset};
    for (persona, command, after_failure, end) in [
        (Persona::Netprov, Reset, true, "Reset"),
        (Persona::Netprov, Reset, false, "Reset"),
        (Persona::Netprov, Reprovision, false, "refused"),
        (Persona::IdfV5_5, Reset, true, "Reset"),
        (Persona::IdfV5_5, Reset, false, "refused"),
        (Persona::IdfV5_0, Reset, false, "no endpoint"),
    ] {
        let fault = Some(DeviceFault::WrongPassphrase);
        let device = VirtualDevice::new(Settings { persona, fault, ..Settings::default() });
        if after_failure {
            assert_eq!(run(&device, &plan()).await.exit(), Exit::PASSPHRASE);
        }
        let result = reset(&device, command).await;
        let got = match &result {
            Ok(Outcome::Reset) => "Reset",
            Err(Error { cause: Cause::Refusal(refusal), stage: Stage::Reset }) => {
                assert_eq!(refusal.status, Status::InternalError);
                "refused"
            }
            Err(Error { cause: Cause::Transport(_), stage: Stage::Reset }) => "no endpoint",
            other => panic!("{persona}: {other:?}"),
        };
        assert_eq!(got, end, "{persona}, {command:?}");
        assert_eq!(device.applied().is_some(), after_failure && end != "Reset");
    }
}

async fn reset(connect: &dyn Connect, command: Control) -> Result<Outcome, Error> {
    plan().at(connect).control(command).await
}

#[tokio::test(start_paused = true)]
async fn a_reset_whose_link_is_lost_is_tried_again() {
    for fault in [Fault::LoseRequest, Fault::LoseReply, Fault::CutBefore, Fault::CutAfter] {
        for step in [Step::Version, Step::Handshake, Step::Proof, Step::Set] {
            let device = device();
            let faulty = Faulty::around(&device, step.once(), fault.clone());
            let result = reset(&faulty, Control::Reset).await;
            assert!(matches!(result, Ok(Outcome::Reset)), "{fault:?} at {step:?}: {result:?}");
        }
    }
}

// Everything that can go wrong, everywhere.

/// Longer than any run with one fault, or with the same fault from some point on, may take.
const BOUND: Duration = Duration::from_secs(75);

/// A device for the tables: it joins after four polls.
fn quick_device(scheme: Scheme) -> VirtualDevice {
    let join_delay = Duration::from_millis(200);
    VirtualDevice::new(Settings { scheme, join_delay, ..Settings::default() })
}

/// A run with one fault, and the device after it, with what must hold whatever happens checked.
async fn run_with_fault(scheme: Scheme, when: When, fault: &Fault) -> (Ran, VirtualDevice) {
    let device = quick_device(scheme);
    let fault = match fault {
        Fault::Reboot(_) => Fault::Reboot(device.clone()),
        fault => fault.clone(),
    };
    let case = format!("{scheme}, {fault:?}, {when:?}");
    let ran = run(&Faulty::around(&device, when, fault), &plan_for(scheme)).await;
    assert!(ran.took <= BOUND, "{case}: {ran}");
    assert!(device.joins() <= 1, "{case}: {} joins: {ran}", device.joins());
    if ran.is_connected() {
        assert!(has_joined_home(&device), "{case}: {ran}");
    }
    let finished = ran.count(|event| matches!(event, Event::Finished { .. }));
    assert_eq!(finished, usize::from(ran.result.is_ok()), "{case}: {ran}");
    (ran, device)
}

/// How many exchanges a good run has.
async fn exchanges_of_a_good_run(scheme: Scheme) -> usize {
    let ran = run(&quick_device(scheme), &plan_for(scheme)).await;
    assert!(ran.is_connected(), "{ran}");
    ran.exchanges()
}

/// All that loses a link or a reply.
fn lost() -> [Fault; 7] {
    [
        Fault::LoseRequest,
        Fault::LoseReply,
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::NoReply,
        Fault::NoReplyAfter,
        Fault::Delay(11 * SECOND),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_single_transient_failure_at_any_exchange_is_got_over() {
    for scheme in SCHEMES {
        let last = exchanges_of_a_good_run(scheme).await;
        for exchange in 1..=last {
            for fault in lost().into_iter().chain([Fault::Delay(3 * SECOND), Fault::Duplicate]) {
                let (ran, device) = run_with_fault(scheme, When::Once(exchange), &fault).await;
                // A device that has told of its success leaves while we wait for the reply.
                let loses_reply = matches!(fault, Fault::LoseReply | Fault::Delay(_));
                let is_late = ran.took > 10 * SECOND;
                let gone = exchange == last && loses_reply && is_late;
                let end = if gone { "Unconfirmed" } else { "Connected" };
                let case = format!("{scheme}, {fault:?} at {exchange} of {last}");
                assert_eq!((ran.end().as_str(), device.joins()), (end, 1), "{case}: {ran}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_that_does_not_stop_ends_the_run_in_time() {
    for scheme in SCHEMES {
        let last = exchanges_of_a_good_run(scheme).await;
        for first in 1..=last {
            for fault in lost() {
                let (ran, _) = run_with_fault(scheme, When::From(first), &fault).await;
                let applied = first >= Step::Apply.exchange(scheme);
                let exit = if applied { Exit::UNCONFIRMED } else { Exit::LINK_LOST };
                assert_eq!(ran.exit(), exit, "{scheme}, {fault:?} from {first}: {ran}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reboot_is_noticed_wherever_it_happens() {
    for scheme in SCHEMES {
        for exchange in 1..=exchanges_of_a_good_run(scheme).await {
            let (ran, device) =
                run_with_fault(scheme, When::Once(exchange), &Fault::Reboot(device())).await;
            let (set, apply) = (Step::Set.exchange(scheme), Step::Apply.exchange(scheme));
            let exit = match exchange {
                _ if exchange <= set => Exit::DONE,
                // Without a session to lose, nothing tells that the device forgot its network,
                // but that it can't apply it.
                _ if exchange == apply && scheme == Scheme::Sec0 => Exit::REFUSED,
                // So it is while it is watched.
                _ if exchange > apply && scheme == Scheme::Sec0 => Exit::NOT_JOINED,
                _ => Exit::DONE,
            };
            assert_eq!(ran.exit(), exit, "{scheme}, {exchange}: {ran}");
            assert_eq!(
                device.joins(),
                u32::from(exit == Exit::DONE),
                "{scheme}, {exchange}: {ran}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_damaged_reply_is_told_at_the_beginning_and_got_over_in_a_session() {
    for scheme in SCHEMES {
        for exchange in 1..=exchanges_of_a_good_run(scheme).await {
            let is_inside = exchange >= Step::Set.exchange(scheme);
            let exit = match exchange {
                1 => Exit::SECURITY,
                _ if is_inside => Exit::DONE,
                _ => Exit::PROTOCOL,
            };
            for damage in [Fault::garbage(), Fault::empty(), Fault::Truncated, Fault::TrailingByte]
            {
                let (ran, device) = run_with_fault(scheme, When::Once(exchange), &damage).await;
                let case = format!("{scheme}, {damage:?} at {exchange}");
                assert_eq!(ran.exit(), exit, "{case}: {ran}");
                assert!(!is_inside || device.joins() == 1, "{case}: {ran}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_wrong_bit_passes_for_success() {
    const POSSIBLE: [Exit; 9] = [
        Exit::DONE,
        Exit::INPUT,
        Exit::PROTOCOL,
        Exit::PROOF,
        Exit::SECURITY,
        Exit::REFUSED,
        Exit::PASSPHRASE,
        Exit::NETWORK,
        Exit::NOT_JOINED,
    ];
    let in_requests: fn(usize) -> Fault = Fault::FlipRequestBit;
    for scheme in SCHEMES {
        let last = exchanges_of_a_good_run(scheme).await;
        let (set, apply) = (Step::Set.exchange(scheme), Step::Apply.exchange(scheme));
        for (flip, exchange, bits, every) in [
            (in_requests, set - 1, 8 * 43, 3),
            (in_requests, set, 8 * 25, 1),
            (in_requests, apply, 8 * 2, 1),
            (in_requests, apply + 1, 8 * 2, 1),
            (Fault::FlipBit, 1, 8 * 126, 5),
            (Fault::FlipBit, set - 1, 8 * 43, 1),
            (Fault::FlipBit, set, 8 * 4, 1),
            (Fault::FlipBit, apply, 8 * 4, 1),
            (Fault::FlipBit, apply + 1, 8 * 6, 1),
            (Fault::FlipBit, last, 8 * 38, 1),
        ] {
            // Its handshake is slow, and each message has a checksum.
            let every = if scheme == Scheme::Sec2 { every * 41 } else { every };
            for bit in (0..bits).step_by(every) {
                let fault = flip(bit);
                let (ran, _) = run_with_fault(scheme, When::Once(exchange), &fault).await;
                let case = format!("{scheme}, {fault:?} at {exchange} of {last}");
                assert!(POSSIBLE.contains(&ran.exit()), "{case}: {ran}");
            }
        }
    }
}

// Security 2.

fn login(username: &str, password: &str) -> Security {
    let username = Username::new(username).expect("a name for a test is not empty");
    let login = Some(Login { username, password: password.into() });
    Security { login, ..Security::default() }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_login_is_told_after_two_tries() {
    for (username, password) in [("wifiprov", "abcd1235"), ("wifiprow", "abcd1234")] {
        let device = device_of(Scheme::Sec2);
        let ran = run(&device, &Plan { security: login(username, password), ..plan() }).await;
        assert_eq!((ran.end().as_str(), ran.links()), ("Proof: ProofRejected(Sec2)", 2), "{ran}");
        assert_eq!((ran.exit(), device.joins()), (Exit::PROOF, 0));
        let told = ran.result.expect_err("another secret").to_string();
        assert_eq!(told, "proof: the device rejected the user name or the password (no reply)");
    }
}

/// One of 256 logins: the vendor's Python tool makes another verifier than its C code.
#[tokio::test(start_paused = true)]
async fn a_verifier_of_either_tool_is_met() {
    let vectors = include_str!("../../protocomm/tests/vectors/sec2_credentials.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).expect("JSON");
    let case = vectors["cases"].as_array().and_then(|cases| cases.last()).expect("a case");
    let text = |name: &str| case[name].as_str().expect("text");
    for (verifier, links) in [("verifier", 1), ("verifier_vendor_tool", 2)] {
        let verifier = SrpVerifier {
            salt: hex::decode(text("salt")).expect("hexadecimal"),
            verifier: hex::decode(text(verifier)).expect("hexadecimal"),
        };
        let scheme = Scheme::Sec2;
        let settings = Settings { scheme, verifier: Some(verifier), ..Settings::default() };
        let device = VirtualDevice::new(settings);
        let security = login(text("username"), text("password"));
        let ran = run(&device, &Plan { security, ..plan() }).await;
        assert!(ran.is_connected() && ran.links() == links, "{ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn security_2_that_repeats_its_nonce_draws_a_warning() {
    for (persona, warnings) in
        [(Persona::IdfV5_0, vec![Warning::NonceRepeated { told: 0 }]), (Persona::IdfV5_5, vec![])]
    {
        let settings = Settings { persona, scheme: Scheme::Sec2, ..Settings::default() };
        let ran = run(&VirtualDevice::new(settings), &plan_for(Scheme::Sec2)).await;
        assert!(ran.is_connected(), "{ran}");
        assert_eq!(ran.warnings(), warnings, "{persona}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_nonce_decides_on_the_patch_level_whatever_the_device_tells() {
    let told = |level| {
        let text = format!(r#"{{"prov":{{"ver":"v1.1","sec_ver":2,"sec_patch_ver":{level}}}}}"#);
        Fault::Reply(text.into_bytes())
    };
    for (persona, level, warnings) in [
        (Persona::IdfV5_0, 1, vec![Warning::NonceRepeated { told: 1 }]),
        (Persona::IdfV5_5, 0, vec![]),
        (Persona::IdfV5_5, 7, vec![]),
    ] {
        let settings = Settings { persona, scheme: Scheme::Sec2, ..Settings::default() };
        let device = VirtualDevice::new(settings);
        let liar = Faulty::around(&device, Step::Version.once(), told(level));
        let ran = run(&liar, &plan_for(Scheme::Sec2)).await;
        assert!(ran.is_connected(), "{persona}: {ran}");
        assert_eq!(ran.warnings(), warnings, "{persona}");
    }
    let warning = Warning::NonceRepeated { told: 1 }.to_string();
    assert!(warning.contains("patch level 0 (though it reports 1)"), "{warning}");
    let warning = Warning::NonceRepeated { told: 0 }.to_string();
    assert!(warning.contains("patch level 0, which"), "{warning}");
}

#[tokio::test(start_paused = true)]
async fn going_unencrypted_is_refused_to_who_gave_a_password() {
    let security = login("wifiprov", "abcd1234");
    let ran = run(&device_of(Scheme::Sec0), &Plan { security, ..plan() }).await;
    let end = "Handshake: Unchecked { asked: LoggedIn, offered: Open }";
    assert_eq!(ran.end(), end, "{ran}");
}

// Scanning.

async fn look(connect: &dyn Connect, how: Scan, security: &Security) -> Result<Outcome, Error> {
    plan().at(connect).with_security(security.clone()).scan(how).await
}

fn names(end: Result<Outcome, Error>) -> Vec<String> {
    match end {
        Ok(Outcome::Scanned { networks }) => {
            networks.into_iter().map(|network| network.ssid).collect()
        }
        other => panic!("no scan: {other:?}"),
    }
}

/// What a device says before it was given any network.
const CONNECTING: &str = "08015a021001";

fn usual() -> Scan {
    Scan::for_address(&Address::Virtual)
}

#[tokio::test(start_paused = true)]
async fn networks_come_strongest_first_whatever_the_page() {
    for scheme in SCHEMES {
        for page in [1, 2, 3, 4, 100] {
            for blocking in [true, false] {
                let how = Scan { page, blocking, ..usual() };
                let end = look(&device_of(scheme), how, &plan_for(scheme).security).await;
                assert_eq!(names(end), ["Home", "Office", "Guest"], "{scheme}, {page}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_is_not_done_is_asked_about_until_it_is() {
    let (started, running, done) = ("08015a00", "08036a00", "08036a0408011001");
    let page = "08057a090a070a034361661006";
    let device = Scripted::new(&[CONNECTING, started, running, running, done, page]);
    let end = look(&device, Scan { blocking: false, ..usual() }, &Security::default()).await;
    assert_eq!(names(end), ["Caf"]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_lies_about_its_count_or_refuses_does_no_harm() {
    let (started, many, empty) = ("08015a00", "08036a06080110ffff03", "08057a00");
    let twice = [CONNECTING, started, many, empty, started, many, empty];
    let device = Scripted::new(&twice);
    assert_eq!(names(look(&device, usual(), &Security::default()).await), [""; 0]);

    let device = Scripted::new(&[CONNECTING, "080110055a00"]);
    let error = look(&device, usual(), &Security::default()).await.expect_err("it refuses");
    assert_eq!(exit::of_error(&error).0, Exit::REFUSED, "{error}");
}

/// A page of empty entries as a device of this kind sends it.
fn page_of(kind: NetworkKind, entries: usize) -> String {
    let (msg, tag) = match kind {
        NetworkKind::Wifi => ("0805", "7a"),
        NetworkKind::Thread => ("080b", "aa01"),
    };
    let bytes = 2 * entries;
    let (low, middle, high) = (bytes & 0x7f | 0x80, bytes >> 7 & 0x7f | 0x80, bytes >> 14);
    format!("{msg}{tag}{low:02x}{middle:02x}{high:02x}{}", "0a00".repeat(entries))
}

#[tokio::test(start_paused = true)]
async fn a_page_with_more_networks_than_were_asked_for_is_no_page() {
    for (kind, connecting, started, ten) in [
        (NetworkKind::Wifi, CONNECTING, "08015a00", "08036a040801100a"),
        (NetworkKind::Thread, "08078a01021001", "08078a0100", "08099a01040801100a"),
    ] {
        for entries in [5, 32_000] {
            let page = page_of(kind, entries);
            // Once may be a transient failure.
            let lie = [connecting, started, ten, &page].repeat(2);
            let device = Scripted::new(&lie).of_kind(kind);
            let error = look(&device, usual(), &Security::default()).await.expect_err("a lie");
            assert_eq!(exit::of_error(&error).0, Exit::PROTOCOL, "{error}");
            let said = format!("has {entries} entries, but 4 were requested");
            assert!(error.to_string().contains(&said), "{error}");
        }
        let (four, two) = (page_of(kind, 4), page_of(kind, 2));
        let device = Scripted::new(&[connecting, started, ten, &four, &four, &two]).of_kind(kind);
        match look(&device, usual(), &Security::default()).await.expect("what was asked for") {
            Outcome::Scanned { networks } => assert_eq!(networks.len(), 10),
            Outcome::ThreadScanned { networks } => assert_eq!(networks.len(), 10),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn old_firmware_has_no_scan() {
    let (persona, scheme) = (Persona::Legacy, Scheme::Sec0);
    let old = VirtualDevice::new(Settings { persona, scheme, ..Settings::default() });
    let security = Security { scheme: Some(0), ..Security::default() };
    let error = look(&old, usual(), &security).await.expect_err("it has no such endpoint");
    assert_eq!(exit::of_error(&error).0, Exit::UNSUPPORTED, "{error}");
}

// Limits that span sessions and questions; helpers for other people's runtimes.

#[tokio::test(start_paused = true)]
async fn the_limit_for_the_run_goes_on_after_a_question() {
    let device = VirtualDevice::new(Settings { join_delay: 4 * SECOND, ..Settings::default() });
    let policy = Policy { timeout: 5 * SECOND, ..Policy::default() };
    let person = Person::who_tries(["wrong-horse"]);
    let plan = Plan { network: home("not-right"), ..with_policy(policy) };
    let ran = run_with(&device, &plan, &person).await;
    assert_eq!(ran.end(), "Join: OutOfTime(5s)", "{ran}");
    assert!(ran.took <= 5 * SECOND, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn the_limit_for_the_join_counts_from_the_first_apply() {
    let device = device_with(DeviceFault::Forever);
    let lossy = Faulty::around(&device, When::Once(5), Fault::LoseReply);
    let ran = run(&lossy, &plan()).await;
    assert!(ran.end().starts_with("Join: NotJoined"), "{ran}");
    assert!(ran.took < 62 * SECOND, "{ran}");
}

#[test]
fn a_run_can_be_spawned_on_any_runtime() {
    fn is_send<T: Send>(_: T) {}

    let (device, plan) = (device(), plan());
    let (device, plan) = (plan.at(&device), plan.given());
    is_send(device.provision(&plan));
    is_send(device.scan(usual()));
    is_send(device.status());
    is_send(device.control(Control::Reset));
    is_send(device.send(&[]));
    is_send(device.info(1, &[]));
    is_send(discover(
        DiscoverySources::default(),
        &DiscoveryFilter::default(),
        SECOND,
        &|_: Event| (),
    ));
}

#[tokio::test(start_paused = true)]
async fn a_person_may_try_three_secrets_and_only_one_that_is_rejected_is_asked_about() {
    let asked = |ran: &Ran| ran.count(|event| *event == Event::Asking);
    let wrong = with_pop(Some("wrong"));
    let ran = run_with(&device(), &wrong, &Person::who_knows_the_proof("abcd1234")).await;
    assert!(ran.is_connected() && asked(&ran) == 1, "{ran}");

    let person = Person::who_knows_the_proof("wrong, too");
    let person = person.and_the_proof("and this");
    let ran = run_with(&device(), &wrong, &person).await;
    assert_eq!((ran.end().as_str(), asked(&ran)), ("Proof: ProofRejected(Sec1)", 2), "{ran}");

    // The link, at its second message, is nothing that another secret could mend.
    let cut = Faulty::around(&device(), When::Each(&[2, 4, 6]), Fault::CutBefore);
    let ran = run_with(&cut, &wrong, &Person::default()).await;
    assert_eq!((ran.exit(), asked(&ran)), (Exit::LINK_LOST, 0), "{ran}");
    // Nor is a proof that was good before.
    let later = Faulty::around(&device(), When::Each(&[4, 7, 10]), Fault::CutBefore);
    let no_more = Faulty::around(&later, When::Each(&[7, 10]), Fault::NoReply);
    let ran = run_with(&no_more, &plan(), &Person::default()).await;
    assert_eq!((ran.exit(), asked(&ran)), (Exit::LINK_LOST, 0), "{ran}");
}

/// Knows a password that is right.
struct KnowsTheLogin;

#[async_trait]
impl Operator for KnowsTheLogin {
    fn is_present(&self) -> bool {
        true
    }

    async fn another_login(&self) -> Option<Login> {
        plan_for(Scheme::Sec2).security.login
    }
}

#[tokio::test(start_paused = true)]
async fn another_login_is_asked_for_as_well() {
    let mut wrong = plan_for(Scheme::Sec2);
    let login = wrong.security.login.as_mut().expect("a login");
    login.password = "wrong".into();
    let device = device_of(Scheme::Sec2);
    let ran = run_with(&device, &wrong, &KnowsTheLogin).await;
    assert!(ran.is_connected() && has_joined_home(&device), "{ran}");
    // The first retry is the second attempt.
    let retries = ran.events.iter().filter_map(|(_, event)| match event {
        Event::Retrying { attempt, .. } => Some(*attempt),
        _ => None,
    });
    assert_eq!(retries.collect::<Vec<_>>(), [2], "{ran}");
}

/// Whom nobody can ask.
#[tokio::test(start_paused = true)]
async fn nobody_is_asked_where_nobody_is_and_for_no_name_who_compares_none() {
    let ran = run(&device(), &with_pop(None)).await;
    assert_eq!((ran.exit(), ran.count(|event| *event == Event::Asking)), (Exit::INPUT, 0), "{ran}");
    let nowhere = Plan { network: wifi("Nowhere", "correct-horse"), ..plan() };
    let ran = run_with(&device(), &nowhere, &KnowsTheLogin).await;
    assert_eq!(
        (ran.exit(), ran.count(|event| *event == Event::Scanning)),
        (Exit::NETWORK, 0),
        "{ran}"
    );
}

/// Keeps what it has to, and knows of nothing before.
struct FirstRun;

#[async_trait]
impl Journal for FirstRun {
    fn apply_may_have_been_sent(&self) -> bool {
        false
    }

    async fn mark_apply_sent(&self) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_never_failed_is_not_reset() {
    let (plan, device) = (plan(), device());
    let nobody = Person::default();
    let ran = kit::watched(&device, &plan, &nobody, async |device| {
        device.provision_with_journal(&plan.given(), &FirstRun).await
    });
    let ran = ran.await;
    let resets = |event: &Event| matches!(event, Event::Reset | Event::ResetRefused { .. });
    assert_eq!((ran.is_connected(), ran.count(resets)), (true, 0), "{ran}");
}

#[test]
fn words_say_what_there_is_to_say() {
    let left = |attempts_remaining| {
        let within = 60 * SECOND;
        Cause::NotJoined { within, attempts_remaining, has_passphrase: true }.to_string()
    };
    assert!(left(Some(1)).ends_with("; it has 1 attempt left"), "{}", left(Some(1)));
    assert!(left(Some(2)).ends_with("; it has 2 attempts left"), "{}", left(Some(2)));
    assert_eq!(esp_prov::Mismatch::Address(String::new()).to_string(), "without an IP address");
    assert_eq!([-55, -60, -70, -80, -90].map(esp_prov::bars), [4, 3, 2, 1, 0]);
}

/// Of each exchange what a trace shows of it, and whether it may show the wire.
#[derive(Default)]
struct Records(Mutex<Vec<Recorded>>);

struct Recorded {
    endpoint: String,
    scheme: Option<Scheme>,
    after: Option<State>,
    sealed: [bool; 2],
    /// Whether it is in the clear as it was on the wire.
    is_plain: [bool; 2],
    is_public: bool,
}

impl Observer for Records {
    fn notify(&self, _: Event) {}

    fn exchanged(&self, exchange: &ExchangeRecord<'_>) {
        let bodies = [exchange.request, exchange.reply].map(|body| body.expect("one of each"));
        self.0.lock().expect("no panic").push(Recorded {
            endpoint: exchange.endpoint.to_owned(),
            scheme: exchange.scheme,
            after: exchange.after,
            sealed: bodies.map(|body| body.sealed),
            is_plain: bodies.map(|body| body.plain.expect("it is known") == body.wire),
            is_public: exchange.is_public,
        });
    }
}

#[tokio::test(start_paused = true)]
async fn an_exchange_is_recorded_as_what_it_was() {
    for scheme in [Scheme::Sec0, Scheme::Sec1] {
        let (records, plan, device) = (Records::default(), plan_for(scheme), device_of(scheme));
        let ran = plan.at(&device).with_observer(&records).provision(&plan.given()).await;
        assert!(matches!(ran, Ok(Outcome::Connected { .. })), "{ran:?}");
        let records = records.0.into_inner().expect("no panic");
        let is_sealed = scheme == Scheme::Sec1;
        for one in records.iter().filter(|one| one.endpoint == "prov-config") {
            assert_eq!((one.scheme, one.after), (Some(scheme), Some(State::Session)));
            assert_eq!((one.sealed, one.is_plain), ([is_sealed; 2], [!is_sealed; 2]));
            assert_eq!(one.is_public, is_sealed, "what holds a secret is shown only sealed");
        }
        let handshake = records.iter().rfind(|one| one.endpoint == "prov-session");
        let last = handshake.expect("a handshake");
        assert_eq!((last.scheme, last.after), (Some(scheme), Some(State::Session)));
        assert_eq!((last.sealed, last.is_plain, last.is_public), ([false; 2], [true; 2], true));
    }
    let records = Records::default();
    let endpoint = Endpoint::VERSION;
    let message = esp_prov::Message { endpoint, body: b"none".to_vec(), plain: true };
    let sent = plan().at(&device()).with_observer(&records).send(&[message]).await;
    sent.expect("it is answered");
    let records = records.0.into_inner().expect("no panic");
    let one = records.last().expect("a message");
    assert_eq!((one.sealed, one.is_plain, one.is_public), ([false; 2], [true; 2], false));
}

/// A device that does not name its scheme can be built with another.
#[tokio::test(start_paused = true)]
async fn a_handshake_that_is_never_answered_may_be_one_of_another_scheme() {
    for (persona, end) in [
        (Persona::Legacy, "Handshake: SchemeRejected"),
        (Persona::Netprov, "Handshake: Transport(NoReply"),
    ] {
        let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
        let mut plan = plan();
        plan.security.scheme = Some(1);
        let mute = Faulty::around(&device, When::Each(&[2, 4, 6]), Fault::NoReply);
        let ran = run(&mute, &plan).await;
        assert!(ran.end().starts_with(end), "{ran}");
    }
}

/// Over HTTP a second client may be why; elsewhere a link that broke says no more than that.
#[tokio::test(start_paused = true)]
async fn a_session_that_breaks_off_is_not_called_a_takeover_where_it_can_be_the_link() {
    for (fault, end) in
        [(Fault::CutBefore, "Set: Transport(Lost"), (Fault::NoReply, "Set: Transport(NoReply")]
    {
        let sets = Faulty::around(&device(), When::Each(&[4, 8, 12]), fault);
        let ran = run(&sets, &plan()).await;
        assert!(ran.end().starts_with(end), "{ran}");
        assert_eq!(ran.exchanges(), 12, "nor is it called again: {ran}");
        let pauses = ran.events.iter().filter_map(|(_, event)| match event {
            Event::Retrying { after, .. } => Some(after.as_millis()),
            _ => None,
        });
        assert_eq!(pauses.collect::<Vec<_>>(), [500, 1000], "they grow: {ran}");
    }
    let slow = Settings { join_delay: 300 * SECOND, ..Settings::default() };
    let polls =
        Faulty::around(&VirtualDevice::new(slow), When::Each(&[6, 10, 14]), Fault::CutBefore);
    let ran = run(&polls, &plan()).await;
    assert!(
        ran.end().starts_with("Join: Told(Error { stage: Join, cause: Transport(Lost"),
        "{ran}"
    );
}

/// A device that nobody reaches from the second connection on, for a while.
struct Restarts(Box<dyn Connect>, Instant, AtomicUsize);

#[async_trait]
impl Connect for Restarts {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let Self(device, up_at, connections) = self;
        if connections.fetch_add(1, Ordering::SeqCst) > 0 && Instant::now() < *up_at {
            return Err(TransportError::Connect("no route".into()));
        }
        device.connect(within).await
    }
}

/// As its access point, which changes channels or starts again.
#[tokio::test(start_paused = true)]
async fn a_device_that_was_there_is_waited_for_and_one_that_never_was_is_not() {
    let device = device();
    let cut = Faulty::around(&device, Step::Set.once(), Fault::CutBefore);
    let restarts = Restarts(Box::new(cut), Instant::now() + 5 * SECOND, AtomicUsize::default());
    let twice = with_policy(Policy { attempts: 2, ..Policy::default() });
    let ran = run(&restarts, &twice).await;
    assert!(ran.is_connected() && has_joined_home(&device), "{ran}");

    let never = Box::new(VirtualDevice::new(Settings::default()));
    let never = Restarts(never, Instant::now() + 5 * SECOND, AtomicUsize::new(1));
    let once = with_policy(Policy { attempts: 1, ..Policy::default() });
    let ran = run(&never, &once).await;
    assert_eq!((ran.exit(), ran.took), (Exit::CONNECT, Duration::ZERO), "{ran}");
}

/// A way that says goodbye, and how often it did.
#[derive(Clone)]
struct Polite(VirtualDevice, Arc<AtomicUsize>);

struct PoliteLink(Box<dyn Transport>, Arc<AtomicUsize>);

#[async_trait]
impl Connect for Polite {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(PoliteLink(self.0.connect(within).await?, Arc::clone(&self.1))))
    }
}

#[async_trait]
impl Transport for PoliteLink {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        self.0.exchange(endpoint, body).await
    }

    async fn disconnect(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ends_while_the_link_lives_says_goodbye() {
    let wrong = Plan { network: home("wrong-horse"), ..plan() };
    for (plan, exit) in [(plan(), Exit::DONE), (wrong, Exit::PASSPHRASE)] {
        let goodbyes = Arc::<AtomicUsize>::default();
        let ran = run(&Polite(device(), Arc::clone(&goodbyes)), &plan).await;
        assert_eq!((ran.exit(), goodbyes.load(Ordering::SeqCst)), (exit, 1), "{ran}");
    }
}

/// Where the scheme is given, too: what does not fit with it is known before there is a device.
#[tokio::test(start_paused = true)]
async fn what_does_not_fit_is_refused_before_anything_is_connected() {
    let limit = device().longest(&Endpoint::CUSTOM_DATA);
    for (scheme, spare, fits) in
        [(Scheme::Sec1, 0, true), (Scheme::Sec2, 0, false), (Scheme::Sec2, 16, true)]
    {
        let mut plan = plan_for(scheme);
        plan.security.scheme = Some(scheme.number());
        plan.custom_data = Some(vec![b'x'; limit - spare]);
        let ran = run(&device_of(scheme), &plan).await;
        assert_eq!(
            (ran.end().starts_with("Custom: TooLong"), ran.links() > 0),
            (!fits, fits),
            "{ran}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_runs_out_of_time_before_it_began_says_so() {
    let mut plan = plan();
    plan.policy.timeout = 5 * SECOND;
    let silent = Faulty::around(&device(), When::From(1), Fault::LoseRequest);
    let error = plan.at(&silent).scan(usual()).await.expect_err("nobody answers");
    assert_eq!(error.stage, Stage::Version, "{error}");
}

/// No vendor's firmware answers a handshake so: it closes the connection, or stays silent.
#[tokio::test(start_paused = true)]
async fn an_empty_reply_to_a_handshake_is_told_as_what_it_is_and_not_as_a_wrong_proof() {
    for (step, says) in [
        (Step::Handshake, "handshake: the reply is empty"),
        (Step::Proof, "proof: the reply is empty"),
    ] {
        let device = device();
        let empty = Faulty::around(&device, step.once(), Fault::empty());
        let ran = run(&empty, &with_pop(Some("abcd1234"))).await;
        assert_eq!((ran.exit(), device.joins()), (Exit::PROTOCOL, 0), "{ran}");
        assert_eq!(ran.exchanges(), step.exchange(Scheme::Sec1), "tried once: {ran}");
        assert_eq!(ran.result.expect_err("no session").to_string(), says);
    }
}
