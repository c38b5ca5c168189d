//! Devices as awkward as real ones, on a paused clock: what is told of them is true, and nothing
//! hangs them.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    Busy, Cause, Client, Command as _, Connect, Control, Credentials, Endpoint, EndpointList,
    Error, Event, FailureKind, JoinState, Mismatch, Outcome, Policy, Recovery, Scan, Scheme, Stage,
    Transport, TransportError,
    address::Address,
    commands::{Custom, GetWifiScanStatus, GetWifiStatus, JoinFailure, StartWifiScan, WifiStatus},
};
use esp_prov_rs::exit::{self, Exit};
use esp_prov_simulate::{Fault as DeviceFault, Persona, Quirk, Settings, VirtualDevice};
use kit::{
    Fault, Faulty, Plan, Ran, Scripted, Step, When, dataset, has_joined_home, home, plain_plan,
    plan, run, wifi,
};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

fn device(settings: Settings) -> VirtualDevice {
    VirtualDevice::new(settings)
}

fn of(persona: Persona) -> Settings {
    Settings { persona, ..Settings::default() }
}

fn with(quirk: Quirk) -> Settings {
    Settings { quirks: vec![quirk], ..Settings::default() }
}

/// A network that it can't join.
fn wrong_plan(persona: Persona) -> Plan {
    let thread = esp_prov::Network::Thread(dataset("0510ffffffffffffffffffffffffffffffff"));
    let network = if persona == Persona::NetprovThread { thread } else { home("wrong-horse") };
    Plan { network, alternative: None, ..plan() }
}

async fn has_failed(persona: Persona, settings: Settings) -> VirtualDevice {
    let device = device(settings);
    let ran = run(&device, &wrong_plan(persona)).await;
    assert!(matches!(ran.exit(), Exit::PASSPHRASE | Exit::NETWORK), "{persona}: {ran}");
    device
}

fn usual() -> Scan {
    Scan::for_address(&Address::Virtual)
}

struct Looked {
    result: Result<Outcome, Error>,
    events: Vec<Event>,
}

impl Looked {
    fn names(&self) -> Vec<&str> {
        match &self.result {
            Ok(Outcome::Scanned { networks }) => {
                networks.iter().map(|network| network.ssid.as_str()).collect()
            }
            Ok(Outcome::ThreadScanned { networks }) => {
                networks.iter().map(|network| network.name.as_str()).collect()
            }
            other => panic!("no scan: {other:?}"),
        }
    }

    fn failed(&self) -> (&Error, Exit, String) {
        let error = self.result.as_ref().expect_err("it failed");
        let (exit, hint) = exit::of_error(error);
        (error, exit, hint)
    }

    fn count(&self, what: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| what(event)).count()
    }
}

async fn look(connect: &dyn Connect, how: Scan, policy: &Policy) -> Looked {
    let events = Mutex::new(Vec::new());
    let watch = |event: Event| events.lock().expect("no panic").push(event);
    let device = plan().at(connect).with_policy(policy.clone()).with_observer(&watch);
    let result = device.scan(how).await;
    Looked { result, events: events.into_inner().expect("no panic") }
}

async fn look_at(connect: &dyn Connect, how: Scan) -> Looked {
    look(connect, how, &Policy::default()).await
}

fn reset_first() -> Scan {
    Scan { reset_first: true, ..usual() }
}

async fn reset(connect: &dyn Connect, command: Control) -> Result<Outcome, Error> {
    plan().at(connect).control(command).await
}

async fn ask(connect: &dyn Connect) -> Outcome {
    plan().at(connect).status().await.expect("it answers")
}

// A scan never hangs a device.

#[tokio::test(start_paused = true)]
async fn a_device_that_could_not_join_scans_after_a_reset_only() {
    for persona in [Persona::IdfV5_5, Persona::Netprov, Persona::NetprovThread] {
        for blocking in [true, false] {
            let device = has_failed(persona, of(persona)).await;
            let looked = look_at(&device, Scan { blocking, ..usual() }).await;
            let (error, exit, hint) = looked.failed();
            let unsafe_scan = Cause::ScanUnsafe(Busy::JoinFailed, Recovery::Reset);
            assert_eq!(format!("{:?}", error.cause), format!("{unsafe_scan:?}"), "{persona}");
            assert_eq!((error.stage, exit), (Stage::Scan, Exit::REFUSED), "{persona}: {error}");
            assert!(hint.contains("`--reset-first`"), "{hint}");
            assert_eq!(looked.count(|event| *event == Event::Scanning), 0);

            let looked = look_at(&device, Scan { blocking, ..reset_first() }).await;
            assert!(looked.names().iter().any(|name| name.starts_with("Home")), "{persona}");
            assert_eq!(looked.count(|event| *event == Event::Reset), 1);
            assert!(run(&device, &plan()).await.is_connected(), "{persona}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_of_an_earlier_run_does_not_keep_a_device_from_scanning() {
    let device = has_failed(Persona::Netprov, Settings::default()).await;
    assert!(matches!(reset(&device, Control::Reset).await, Ok(Outcome::Reset)));
    // It says that it failed all the same.
    assert_eq!(look_at(&device, reset_first()).await.names(), ["Home", "Office", "Guest"]);
}

#[tokio::test(start_paused = true)]
async fn no_scan_is_begun_where_a_reset_is_refused() {
    for persona in [Persona::IdfV5_5, Persona::Netprov] {
        let quirks = vec![Quirk::RefusesReset];
        let device = has_failed(persona, Settings { quirks, ..of(persona) }).await;
        let looked = look_at(&device, reset_first()).await;
        let (error, exit, hint) = looked.failed();
        let is_told =
            matches!(error.cause, Cause::ScanUnsafe(Busy::JoinFailed, Recovery::ResetTried));
        assert!(is_told && exit == Exit::REFUSED, "{persona}: {error}");
        assert!(hint.starts_with("switch the device off and on"), "{hint}");
        let refused = looked.count(|event| matches!(event, Event::ResetRefused { .. }));
        assert_eq!((refused, looked.count(|event| *event == Event::Scanning)), (1, 0));
        device.restart();
        assert_eq!(look_at(&device, usual()).await.names(), ["Home", "Office", "Guest"]);
    }
}

/// It says the same as one that was given no network yet.
#[tokio::test(start_paused = true)]
async fn a_scan_of_a_device_that_is_joining_leaves_it_alive() {
    for persona in [Persona::IdfV5_5, Persona::Netprov, Persona::NetprovThread] {
        for blocking in [true, false] {
            let settings = Settings { fault: Some(DeviceFault::Forever), ..of(persona) };
            let device = device(settings);
            let policy = Policy { join_timeout: SECOND, ..Policy::default() };
            run(&device, &Plan { policy, ..plan() }).await;
            let looked = look_at(&device, Scan { blocking, ..usual() }).await;
            let (error, exit, hint) = looked.failed();
            assert_eq!(error.to_string(), "scan: the device did not finish its scan within 30s");
            assert_eq!(exit, Exit::LINK_LOST, "{persona}");
            assert!(hint.starts_with("switch the device off and on"), "{hint}");
            assert!(matches!(ask(&device).await, Outcome::NotConnected { .. }), "it answers");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn firmware_without_a_reset_is_not_told_to_reset() {
    for persona in [Persona::IdfV4_4, Persona::IdfV5_0] {
        let device = has_failed(persona, of(persona)).await;
        let looked = look_at(&device, usual()).await;
        let (error, exit, hint) = looked.failed();
        assert!(matches!(error.cause, Cause::ScanUnsafe(_, Recovery::ManualReset)), "{error:?}");
        assert!(exit == Exit::REFUSED && !hint.contains("--reset-first"), "{hint}");
        assert!(!hint.contains("esp-prov-rs reset"), "{hint}");

        let ran = run(&device, &plan()).await;
        let (exit, hint) = exit::of_error(ran.result.as_ref().expect_err("it is refused"));
        assert!(exit == Exit::REFUSED && !hint.contains("--reset-first"), "{persona}: {hint}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_joins_or_has_joined_is_not_made_to_scan() {
    let trying = Settings { failed_attempts: 1000, ..of(Persona::IdfV5_5) };
    let trying = device(trying);
    let policy = Policy { join_timeout: 3 * SECOND, ..Policy::default() };
    run(&trying, &Plan { policy, ..plan() }).await;
    let looked = look_at(&trying, usual()).await;
    let (error, exit, _) = looked.failed();
    assert!(matches!(error.cause, Cause::ScanUnsafe(Busy::Joining, _)), "{error:?}");
    assert_eq!(exit, Exit::REFUSED);

    let open = device(with(Quirk::StaysOpen));
    assert!(run(&open, &plan()).await.is_connected());
    let looked = look_at(&open, usual()).await;
    let (error, exit, hint) = looked.failed();
    assert!(matches!(error.cause, Cause::ScanUnsafe(Busy::Joined, _)), "{error:?}");
    assert!(exit == Exit::REFUSED && hint.contains("reprovision"), "{hint}");
    // It says that it is connected, to nothing, after it left its network.
    assert!(matches!(reset(&open, Control::Reprovision).await, Ok(Outcome::Reset)));
    assert_eq!(look_at(&open, usual()).await.names(), ["Home", "Office", "Guest"]);
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_the_driver_refuses_names_the_reset() {
    let fault = Some(DeviceFault::Forever);
    let device = device(Settings { fault, ..with(Quirk::Reconnects) });
    let policy = Policy { join_timeout: SECOND, ..Policy::default() };
    run(&device, &Plan { policy, ..plan() }).await;
    let looked = look_at(&device, usual()).await;
    let (error, exit, hint) = looked.failed();
    assert_eq!(error.to_string(), "scan: the device refused ScanWifiStart: InternalError (5)");
    assert!(exit == Exit::REFUSED && hint.contains("`esp-prov-rs scan --reset-first`"), "{hint}");
}

/// A device that lacks an endpoint.
#[derive(Clone)]
struct Lacking(VirtualDevice, &'static str);

struct LackingLink(Box<dyn Transport>, &'static str, bool);

#[async_trait]
impl Connect for Lacking {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(LackingLink(self.0.connect(within).await?, self.1, false)))
    }
}

#[async_trait]
impl Transport for LackingLink {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        assert!(!self.2, "a link is over after an error");
        if endpoint.as_str() == self.1 {
            self.2 = true;
            return Err(TransportError::NoSuchEndpoint(endpoint.clone()));
        }
        self.0.exchange(endpoint, body).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_can_not_be_asked_scans_all_the_same() {
    let lacking = Lacking(device(Settings::default()), "prov-config");
    let once = Policy { attempts: 1, ..Policy::default() };
    let looked = look(&lacking, usual(), &once).await;
    assert_eq!(looked.names(), ["Home", "Office", "Guest"]);
    // The link that the question costs is no attempt.
    let attempts = Mutex::new(Vec::new());
    let watch = |event: Event| {
        if let Event::Connecting { attempt, .. } = event {
            attempts.lock().expect("no panic").push(attempt);
        }
    };
    plan().at(&lacking).with_observer(&watch).scan(usual()).await.expect("it scans");
    assert_eq!(*attempts.lock().expect("no panic"), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_is_never_answered_is_named() {
    let blocking = StartWifiScan::REPLY_WITHIN;
    let hangs = "switch the device off and on";
    for (timeout, message, advice) in [
        // No scan was given its own limit.
        (20 * SECOND, "scan: timed out after 20s".to_owned(), "raise `--timeout`"),
        (40 * SECOND, "scan: timed out after 40s".to_owned(), hangs),
        (180 * SECOND, "scan: no reply within 30s".to_owned(), hangs),
    ] {
        // From the answer to its start on.
        let silent = Faulty::around(&device(Settings::default()), When::From(5), Fault::LoseReply);
        let policy = Policy { timeout, ..Policy::default() };
        let began = Instant::now();
        let looked = look(&silent, usual(), &policy).await;
        let (error, exit, hint) = looked.failed();
        assert_eq!((error.to_string(), exit), (message, Exit::LINK_LOST));
        assert!(hint.starts_with(advice), "{hint}");
        let took = began.elapsed();
        assert!((blocking.min(timeout)..=timeout).contains(&took), "{took:?}");
    }
    let slow = device(Settings { scan_time: 3600 * SECOND, ..Settings::default() });
    let looked = look_at(&slow, Scan { blocking: false, ..usual() }).await;
    let (error, exit, _) = looked.failed();
    assert_eq!(error.to_string(), "scan: the device did not finish its scan within 30s");
    assert_eq!(exit, Exit::LINK_LOST);
}

#[tokio::test(start_paused = true)]
async fn the_stage_that_time_ran_out_at_is_the_one_that_was_reached() {
    let within = 5 * SECOND;
    for (exchange, stage) in [(1, "version"), (2, "handshake"), (3, "proof"), (4, "set config")] {
        let device = device(Settings::default());
        let silent = Faulty::around(&device, When::From(exchange), Fault::LoseReply);
        let policy = Policy { timeout: within, ..Policy::default() };
        let ran = run(&silent, &Plan { policy, ..plan() }).await;
        let error = ran.result.as_ref().expect_err("it is never done");
        assert_eq!(error.to_string(), format!("{stage}: timed out after 5s"), "{ran}");
    }
}

// The virtual device hangs as real ones do.

async fn client(device: &VirtualDevice) -> Client<'static> {
    let policy = Policy::default();
    let mut client = Client::open(device, &policy, &|_: Event| ()).await.expect("a link");
    let told = client.capabilities().await.expect("a version");
    let credentials = Credentials::Sec1 { pop: "abcd1234".into() };
    client.establish(&credentials, &told).await.expect("a session");
    client
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_byte_is_the_callers_mistake() {
    let mut client = client(&device(Settings::default())).await;
    let nothing = Custom { endpoint: Endpoint::CUSTOM_DATA, body: Vec::new() };
    let error = client.call(&nothing).await.expect_err("there is nothing to send");
    assert_eq!(error.kind(), FailureKind::InvalidInput, "{error}");
}

fn start(blocking: bool) -> StartWifiScan {
    StartWifiScan { blocking, passive: false, group_channels: 0, period: Duration::ZERO }
}

#[tokio::test(start_paused = true)]
async fn a_virtual_device_scans_as_real_ones_do() {
    let device = device(Settings::default());
    let mut client = client(&device).await;
    let before = client.call(&GetWifiScanStatus).await.expect("an answer");
    assert_eq!((before.finished, before.count), (true, 0), "no results before a scan");
    client.call(&start(false)).await.expect("it begins");
    let during = client.call(&GetWifiScanStatus).await.expect("an answer");
    assert_eq!((during.finished, during.count), (false, 0), "a scan takes time");
    tokio::time::sleep(SECOND).await;
    let after = client.call(&GetWifiScanStatus).await.expect("an answer");
    assert_eq!((after.finished, after.count), (true, 3));
    let began = Instant::now();
    client.call(&start(true)).await.expect("it is done");
    assert_eq!(began.elapsed(), device.settings().scan_time, "its answer waits");
}

#[tokio::test(start_paused = true)]
async fn a_scan_after_a_failed_join_hangs_a_virtual_device_until_it_is_restarted() {
    let failed = has_failed(Persona::Netprov, Settings::default()).await;
    let mut blocked = client(&failed).await;
    let error = blocked.call(&start(true)).await.expect_err("it hangs");
    assert!(matches!(error.cause, Cause::Transport(TransportError::TimedOut(_))), "{error}");
    let asked = plan().at(&failed).status().await;
    assert_eq!(exit::of_error(&asked.expect_err("it answers nothing")).0, Exit::LINK_LOST);
    failed.restart();
    assert_eq!(look_at(&failed, usual()).await.names(), ["Home", "Office", "Guest"]);

    // So does one while it joins.
    let fault = Some(DeviceFault::Forever);
    let joining = device(Settings { fault, ..Settings::default() });
    let policy = Policy { join_timeout: SECOND, ..Policy::default() };
    run(&joining, &Plan { policy, ..plan() }).await;
    let mut blocked = client(&joining).await;
    let error = blocked.call(&start(true)).await.expect_err("it hangs");
    assert!(matches!(error.cause, Cause::Transport(TransportError::TimedOut(_))), "{error}");

    // One that does not block leaves it alive, but scans are over, even after a reset.
    let failed = has_failed(Persona::Netprov, Settings::default()).await;
    let mut asking = client(&failed).await;
    asking.call(&start(false)).await.expect("it begins");
    assert!(matches!(reset(&failed, Control::Reset).await, Ok(Outcome::Reset)));
    let mut asking = client(&failed).await;
    tokio::time::sleep(60 * SECOND).await;
    let stuck = asking.call(&GetWifiScanStatus).await.expect("an answer");
    assert!(!stuck.finished);

    // One whose application connects again refuses.
    let again = has_failed(Persona::Netprov, with(Quirk::Reconnects)).await;
    let mut asking = client(&again).await;
    let error = asking.call(&start(true)).await.expect_err("it refuses");
    assert!(matches!(error.cause, Cause::Refusal(_)), "{error}");
}

// A lost reply is not a lost command.

#[tokio::test(start_paused = true)]
async fn a_reset_whose_reply_got_lost_was_carried_out() {
    // One that can't be read is lost as well.
    for fault in [Fault::LoseReply, Fault::CutAfter, Fault::NoReplyAfter, Fault::Truncated] {
        let failed = has_failed(Persona::IdfV5_5, of(Persona::IdfV5_5)).await;
        let lossy = Faulty::around(&failed, When::Once(4), fault.clone());
        let result = reset(&lossy, Control::Reset).await;
        // It refuses the second, as it would if it had refused the first.
        assert!(matches!(result, Ok(Outcome::ProbablyReset)), "{fault:?}: {result:?}");
        assert_eq!(exit::of_outcome(&Outcome::ProbablyReset), Exit::DONE);
        let failed = has_failed(Persona::Netprov, Settings::default()).await;
        let lossy = Faulty::around(&failed, When::Once(4), fault.clone());
        let result = reset(&lossy, Control::Reset).await;
        assert!(matches!(result, Ok(Outcome::Reset)), "{fault:?}: {result:?}");

        let failed = has_failed(Persona::IdfV5_5, of(Persona::IdfV5_5)).await;
        let lossy = Faulty::around(&failed, When::Once(4), fault.clone());
        let ran = run(&lossy, &Plan { reset_first: true, ..plan() }).await;
        assert!(ran.is_connected() && has_joined_home(&failed), "{fault:?}: {ran}");
        assert_eq!(ran.count(|event| *event == Event::Reset), 1, "{fault:?}: {ran}");
    }
    // Nothing had failed: the refusal is one.
    let fresh = device(of(Persona::IdfV5_5));
    let lossy = Faulty::around(&fresh, When::Once(4), Fault::LoseReply);
    let error = reset(&lossy, Control::Reset).await.expect_err("it refuses");
    assert_eq!(exit::of_error(&error).0, Exit::REFUSED, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_restarts_after_apply_is_told_again() {
    for persona in [Persona::IdfV4_4, Persona::IdfV5_5, Persona::Netprov, Persona::NetprovThread] {
        for scheme in [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2] {
            if !persona.has(scheme) {
                continue;
            }
            let quirks = vec![Quirk::RestartsOnce];
            let restarts = device(Settings { scheme, quirks, ..of(persona) });
            let plan = kit::plan_for(scheme);
            let ran = run(&restarts, &plan).await;
            let case = format!("{persona}, {scheme}");
            assert!(ran.is_connected() && has_joined_home(&restarts), "{case}: {ran}");
            assert_eq!((ran.sets(), restarts.joins()), (2, 1), "{case}: {ran}");
        }
    }
}

/// The limit for the join is that of the network it took last: the question that got lost in the
/// restart has used up the first.
#[tokio::test(start_paused = true)]
async fn a_device_that_is_told_again_has_the_whole_time_to_join() {
    for scheme in [Scheme::Sec0, Scheme::Sec1] {
        let restarts = device(Settings { scheme, ..Settings::default() });
        let when = When::Once(Step::FirstPoll.exchange(scheme));
        let fault = Fault::RebootUnheard(restarts.clone());
        let plan = kit::plan_for(scheme);
        let policy = Policy { join_timeout: 5 * SECOND, ..Policy::default() };
        let way = Faulty::around(&restarts, when, fault);
        let ran = run(&way, &Plan { policy, ..plan }).await;
        assert!(ran.is_connected() && has_joined_home(&restarts), "{scheme}: {ran}");
        assert_eq!((ran.sets(), restarts.joins()), (2, 1), "{scheme}: {ran}");
    }
}

/// The key of a WPA network keeps a processor busy: about a second, on an emulator of a chip far
/// longer, for which there is a limit to set.
#[tokio::test(start_paused = true)]
async fn a_device_that_is_busy_with_a_key_is_waited_for_on_the_same_link() {
    for (busy, reply_timeout) in [(1, 10), (9, 10), (20, 40)] {
        let device = device(Settings::default());
        let way = Faulty::around(&device, Step::FirstPoll.once(), Fault::Delay(busy * SECOND));
        let policy = Policy { reply_timeout: reply_timeout * SECOND, ..Policy::default() };
        let ran = run(&way, &Plan { policy, ..plan() }).await;
        assert!(ran.is_connected() && ran.links() == 1, "{busy} s: {ran}");
        assert_eq!((ran.sets(), device.joins()), (1, 1), "{busy} s: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_reset_is_told_as_such() {
    let refuses = has_failed(Persona::Netprov, with(Quirk::RefusesReset)).await;
    let ran = run(&refuses, &Plan { reset_first: true, ..plan() }).await;
    assert_eq!(ran.count(|event| *event == Event::Reset), 0, "{ran}");
    assert_eq!(ran.count(|event| matches!(event, Event::ResetRefused { .. })), 1, "{ran}");
    let error = ran.result.as_ref().expect_err("it holds a network");
    assert!(matches!(error.cause, Cause::NotApplied(_, Recovery::ResetTried)), "{ran}");
    let (exit, hint) = exit::of_error(error);
    assert!(exit == Exit::REFUSED && !hint.contains("--reset-first"), "{hint}");
    assert_eq!(refuses.joins(), 1);

    // It would help another.
    let failed = has_failed(Persona::Netprov, Settings::default()).await;
    let ran = run(&failed, &plan()).await;
    let (_, hint) = exit::of_error(ran.result.as_ref().expect_err("it holds a network"));
    assert!(hint.contains("`--reset-first`"), "{hint}");
}

// What is told of a join.

#[tokio::test(start_paused = true)]
async fn a_passphrase_for_an_open_network_is_named_where_the_device_never_joins() {
    let guest = device(Settings::default());
    let ran = run(&guest, &Plan { network: wifi("Guest", "correct-horse"), ..plan() }).await;
    let (exit, hint) = exit::of_error(ran.result.as_ref().expect_err("it never joins"));
    assert_eq!(exit, Exit::NOT_JOINED, "{ran}");
    assert!(hint.contains("if the network is open") && hint.contains("`--open`"), "{hint}");

    let forever = device(Settings { fault: Some(DeviceFault::Forever), ..Settings::default() });
    let ran = run(&forever, &Plan { network: wifi("Guest", ""), ..plan() }).await;
    let (exit, hint) = exit::of_error(ran.result.as_ref().expect_err("it never joins"));
    assert!(exit == Exit::NOT_JOINED && !hint.contains("`--open`"), "{hint}");
}

#[tokio::test(start_paused = true)]
async fn the_first_client_is_told_of_the_second() {
    for (scheme, strikes) in [
        // In its session, then at each handshake.
        (Scheme::Sec2, &[4, 6, 8][..]),
        (Scheme::Sec1, &[4, 7, 10]),
        (Scheme::Sec0, &[3, 5, 7]),
    ] {
        let strikes: &'static [usize] = strikes.to_vec().leak();
        let device = device(Settings { scheme, ..Settings::default() });
        let taken = Faulty::around(&device, When::Each(strikes), Fault::NoReply);
        let plan = kit::plan_for(scheme);
        let ran = run(&taken, &plan).await;
        let error = ran.result.as_ref().expect_err("it never gets through");
        assert!(matches!(error.cause, Cause::TakenOver), "{scheme}: {ran}");
        assert!(error.to_string().contains("another client took over"), "{error}");
        let (exit, hint) = exit::of_error(error);
        assert!(exit == Exit::LINK_LOST && !hint.contains("--sec-ver"), "{hint}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_scans_is_told_of_a_second_client() {
    // Before the session: version, and one or two messages. In it: how it stands, start, how the
    // scan stands, results.
    for (scheme, opens) in [(Scheme::Sec2, 3), (Scheme::Sec1, 3), (Scheme::Sec0, 2)] {
        for inside in 1..=4 {
            let at = opens + inside;
            // Then at each first message of a handshake.
            let strikes: &'static [usize] = vec![at, at + 2, at + 4].leak();
            let device = device(Settings { scheme, ..Settings::default() });
            let taken = Faulty::around(&device, When::Each(strikes), Fault::NoReply);
            let events = Mutex::new(Vec::new());
            let watch = |event: Event| events.lock().expect("no panic").push(event);
            let device = kit::plan_for(scheme).at(&taken).with_observer(&watch);
            let looked = device.scan(usual()).await;
            let error = looked.expect_err("it never gets through");
            assert!(error.to_string().contains("another client took over"), "{scheme}: {error}");
            let (exit, hint) = exit::of_error(&error);
            assert_eq!(exit, Exit::LINK_LOST);
            assert!(hint.starts_with("close every other app"), "{hint}");
            let begun = events.lock().expect("no panic").contains(&Event::Scanning);
            assert_eq!(begun, inside > 1, "{scheme}, {inside}");
        }
    }
}

/// `connected`, as a device of security 0 says it.
fn connected(ip: &str, ssid: &str, channel: u8) -> String {
    let mut state = Vec::new();
    for (field, text) in [(0x0a, ip), (0x1a, ssid)] {
        if !text.is_empty() {
            state.extend([field, u8::try_from(text.len()).expect("short")]);
            state.extend(text.as_bytes());
        }
    }
    if channel > 0 {
        state.extend([0x28, channel]);
    }
    let length = u8::try_from(state.len()).expect("short");
    let head = [0x08, 0x01, 0x5a, length + 2, 0x5a, length];
    hex::encode([&head[..], &state].concat())
}

fn at_once() -> Plan {
    let policy = Policy { join_timeout: Duration::ZERO, ..Policy::default() };
    Plan { policy, ..plain_plan() }
}

#[tokio::test(start_paused = true)]
async fn connected_to_another_network_or_to_none_is_no_success() {
    let address = |text: &str| Mismatch::Address(text.to_owned());
    for (reply, mismatch) in [
        (connected("", "", 0), address("")),
        (connected("", "Home", 6), address("")),
        (connected("no address", "Home", 6), address("no address")),
        (connected("::1", "Home", 6), address("::1")),
        (connected("0.0.0.0", "Home", 6), address("0.0.0.0")),
        (connected("192.168.1.57", "", 0), Mismatch::NoNetwork),
        (connected("192.168.1.57", "Office", 6), Mismatch::Network("Office".to_owned())),
    ] {
        let ran = run(&Scripted::applied(&[&reply]), &at_once()).await;
        let Err(Error { stage: Stage::Join, cause: Cause::Elsewhere(got) }) = &ran.result else {
            panic!("{mismatch:?}: {ran}")
        };
        assert_eq!((got, ran.exit()), (&mismatch, Exit::MISMATCH), "{ran}");
        let state = JoinState::Mismatch { mismatch: mismatch.clone() };
        assert_eq!(ran.count(|event| *event == Event::Polled { state: state.clone() }), 1);

        // It may change.
        let good = connected("192.168.1.57", "Home", 6);
        let ran = run(&Scripted::applied(&[&reply, &reply, &good]), &plain_plan()).await;
        assert!(ran.is_connected(), "{mismatch:?}: {ran}");
    }
    for good in [
        connected("192.168.1.57", "Home", 6),
        // A hidden one.
        connected("192.168.1.57", "", 6),
    ] {
        let ran = run(&Scripted::applied(&[&good]), &at_once()).await;
        assert!(ran.is_connected(), "{ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_was_elsewhere_to_the_end_is_told_as_such() {
    let other = hex(&connected("192.168.1.57", "Office", 6));
    let polls = When::From(Step::FirstPoll.exchange(Scheme::Sec0));
    let forever = Some(DeviceFault::Forever);
    let device = |fault| device(Settings { scheme: Scheme::Sec0, fault, ..Settings::default() });
    let liar = Faulty::around(&device(forever), polls, Fault::Reply(other.clone()));
    let ran = run(&liar, &plain_plan()).await;
    assert_eq!((ran.exit(), ran.took.as_secs()), (Exit::MISMATCH, 60), "{ran}");

    // It leaves.
    let liar = Faulty::around(&device(None), polls, Fault::Reply(other.clone()));
    let ran = run(&liar, &plain_plan()).await;
    assert!(ran.exit() == Exit::MISMATCH && ran.took < 15 * SECOND, "{ran}");

    let liar = Faulty::around(&device(forever), polls, Fault::Reply(other));
    let policy = Policy { timeout: 5 * SECOND, ..Policy::default() };
    let ran = run(&liar, &Plan { policy, ..plain_plan() }).await;
    assert_eq!((ran.exit(), ran.took.as_secs()), (Exit::MISMATCH, 5), "{ran}");
}

fn hex(digits: &str) -> Vec<u8> {
    kit::hex(digits)
}

#[tokio::test(start_paused = true)]
async fn a_device_can_be_given_another_network_after_it_left_one() {
    let open = device(with(Quirk::StaysOpen));
    assert!(run(&open, &plan()).await.is_connected());
    assert!(matches!(reset(&open, Control::Reprovision).await, Ok(Outcome::Reset)));
    let mismatch = Mismatch::NoNetwork;
    let told = ask(&open).await;
    let state = JoinState::Mismatch { mismatch };
    assert_eq!(told, Outcome::NotConnected { state });
    assert_eq!(exit::of_outcome(&told), Exit::MISMATCH);
    let ran = run(&open, &Plan { network: wifi("Guest", ""), ..plan() }).await;
    assert!(ran.is_connected(), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_answers_nonsense_after_apply_has_not_left() {
    // At each first poll, or from there on at everything.
    for when in [When::Each(&[6, 10, 14]), When::From(6)] {
        let device = device(Settings::default());
        let ran = run(&Faulty::around(&device, when, Fault::garbage()), &plan()).await;
        assert_eq!(
            (ran.exit(), device.joins()),
            (Exit::SESSION_DESYNCHRONISED, 1),
            "{when:?}: {ran}"
        );
    }
    // One that is really gone after a damaged reply may have joined.
    let vanishing = Settings { fault: Some(DeviceFault::Vanish), ..Settings::default() };
    let device = device(vanishing);
    let ran = run(&Faulty::around(&device, When::Once(5), Fault::garbage()), &plan()).await;
    assert_eq!(ran.exit(), Exit::UNCONFIRMED, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn status_ends_with_the_code_of_what_it_found() {
    let wrong = |text: &str| home(text);
    for (network, exit) in [
        (wrong("wrong-horse"), Exit::PASSPHRASE),
        (wifi("Nowhere", "correct-horse"), Exit::NETWORK),
        (home("correct-horse"), Exit::DONE),
    ] {
        let device = device(Settings::default());
        assert_eq!(exit::of_outcome(&ask(&device).await), Exit::NOT_JOINED, "a fresh one");
        let ran: Ran = run(&device, &Plan { network, ..plan() }).await;
        assert_eq!(exit::of_outcome(&ask(&device).await), exit, "{ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_thread_failure_is_told_in_words_of_thread() {
    let thread = device(of(Persona::NetprovThread));
    let ran = run(&thread, &wrong_plan(Persona::NetprovThread)).await;
    assert_eq!(ran.end(), "Join: Join(NotAttached)", "{ran}");
    let (exit, hint) = exit::of_error(ran.result.as_ref().expect_err("it failed"));
    assert_eq!(exit, Exit::NETWORK);
    assert!(hint.contains("PAN ID") && !hint.contains("GHz"), "{hint}");
    let state = JoinState::Failed { failure: JoinFailure::NotAttached };
    let advice = exit::advice(&Outcome::NotConnected { state });
    assert!(!advice.contains("GHz"), "{advice}");
}

#[tokio::test(start_paused = true)]
async fn an_open_network_is_joined_without_a_passphrase_only() {
    let device = device(Settings::default());
    let policy = Policy { join_timeout: SECOND, ..Policy::default() };
    let plan = Plan { network: wifi("Guest", "correct-horse"), policy, ..plan() };
    run(&device, &plan).await;
    tokio::time::sleep(3600 * SECOND).await;
    let mut client = client(&device).await;
    let told = client.call(&GetWifiStatus).await.expect("an answer");
    assert_eq!(told, WifiStatus::Connecting { attempts_remaining: None });
}

// What an answer after apply says.

/// Answers one request of the session with an HTTP status, from an exchange on.
#[derive(Clone)]
struct Status(VirtualDevice, u16, When, Arc<AtomicUsize>);

struct StatusLink(Box<dyn Transport>, Status);

impl Status {
    fn of(device: &VirtualDevice, status: u16, when: When) -> Self {
        Self(device.clone(), status, when, Arc::default())
    }
}

#[async_trait]
impl Connect for Status {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(StatusLink(self.0.connect(within).await?, self.clone())))
    }
}

#[async_trait]
impl Transport for StatusLink {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        let Status(_, status, when, exchanges) = &self.1;
        let number = exchanges.fetch_add(1, Ordering::Relaxed) + 1;
        let is_inside = endpoint.as_str() == "prov-config";
        if is_inside && when.strikes(number) {
            let (endpoint, status) = (endpoint.clone(), *status);
            return Err(match status {
                404 => TransportError::NoSuchEndpoint(endpoint),
                _ => TransportError::Http { endpoint, status, meaning: "as the test wants" },
            });
        }
        self.0.exchange(endpoint, body).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_answers_with_an_http_status_has_not_left() {
    for (status, expected) in [
        (404, Exit::UNSUPPORTED),
        (413, Exit::PROTOCOL),
        (502, Exit::PROTOCOL),
        (500, Exit::PROTOCOL),
        (408, Exit::LINK_LOST),
    ] {
        for step in [Step::Apply, Step::FirstPoll] {
            let device = device(Settings::default());
            let ran = run(&Status::of(&device, status, step.onwards()), &plan()).await;
            let error = ran.result.as_ref().expect_err("it does not say how that went");
            let (exit, hint) = exit::of_error(error);
            assert_eq!(exit, expected, "{status} at {step:?}: {ran}");
            assert!(error.to_string().contains("the device was told to join"), "{error}");
            assert!(hint.contains("`esp-prov-rs status`"), "{hint}");
        }
        // Before that it is told nothing.
        let fresh = device(Settings::default());
        let ran = run(&Status::of(&fresh, status, Step::Set.onwards()), &plan()).await;
        let error = ran.result.as_ref().expect_err("it takes no network");
        assert!(!error.to_string().contains("was told to join"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_takeover_after_apply_is_told_apart_from_a_device_that_left() {
    for (scheme, strikes) in [
        // At the second poll, then in each session or at each handshake.
        (Scheme::Sec1, &[7, 10, 13][..]),
        (Scheme::Sec2, &[7, 10, 13]),
        (Scheme::Sec1, &[7, 11, 15]),
        (Scheme::Sec0, &[6, 8, 10]),
    ] {
        let strikes: &'static [usize] = strikes.to_vec().leak();
        let settings =
            Settings { scheme, fault: Some(DeviceFault::Forever), ..Settings::default() };
        let plan = kit::plan_for(scheme);
        let taken = Faulty::around(&device(settings.clone()), When::Each(strikes), Fault::NoReply);
        let ran = run(&taken, &plan).await;
        let error = ran.result.as_ref().expect_err("it never gets through");
        assert!(error.to_string().contains("another client took over"), "{scheme}: {ran}");
        assert_eq!(ran.exit(), Exit::LINK_LOST, "{scheme}: {ran}");

        // One that has joined, and takes no session in its last second.
        let leaves = device(Settings { fault: None, join_delay: Duration::ZERO, ..settings });
        let taken = Faulty::around(&leaves, When::Each(strikes), Fault::NoReplyAfter);
        let ran = run(&taken, &plan).await;
        assert_eq!(ran.exit(), Exit::UNCONFIRMED, "{scheme}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_device_that_left_said_last_is_what_is_told_of_it() {
    let at_once = |persona| Settings { join_delay: Duration::ZERO, ..of(persona) };
    let fails =
        |persona| Settings { fault: Some(DeviceFault::WrongPassphrase), ..at_once(persona) };
    let tries = Settings { failed_attempts: 4, join_delay: SECOND / 2, ..of(Persona::Netprov) };
    let failure = JoinFailure::WrongPassphrase;
    let polls = Step::FirstPoll.exchange(Scheme::Sec1);
    for (settings, from, expected) in [
        (of(Persona::Netprov), polls, None),
        (of(Persona::Netprov), polls + 1, Some(JoinState::Connecting { attempts_remaining: None })),
        // Its first attempt has failed by then.
        (tries, polls + 8, Some(JoinState::Connecting { attempts_remaining: Some(4) })),
        // It may connect again by itself.
        (fails(Persona::IdfV5_0), polls + 2, Some(JoinState::Failed { failure })),
    ] {
        let gone = Faulty::around(&device(settings), When::From(from), Fault::CutBefore);
        let ran = run(&gone, &plan()).await;
        let outcome = ran.result.as_ref().expect("it left");
        assert_eq!(outcome, &Outcome::Unconfirmed { last: expected.clone() }, "{ran}");
        let advice = exit::advice(outcome);
        let is_doubtful =
            !matches!(expected, None | Some(JoinState::Connecting { attempts_remaining: None }));
        assert_eq!(advice.contains("it probably joined"), !is_doubtful, "{expected:?}: {advice}");
        assert_eq!(advice.contains("`esp-prov-rs status`"), is_doubtful, "{advice}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_was_told_last_is_the_one_that_is_reported() {
    let failing = |persona| device(Settings { join_delay: SECOND, ..of(persona) });
    let wrong = |join_timeout, timeout| {
        let policy = Policy { join_timeout, timeout, ..Policy::default() };
        Plan { network: home("wrong-horse"), policy, ..plan() }
    };
    let long = 180 * SECOND;
    for persona in [Persona::IdfV4_4, Persona::IdfV5_0, Persona::IdfV5_5] {
        for (within, timeout) in [(2 * SECOND, long), (long, 2 * SECOND)] {
            let ran = run(&failing(persona), &wrong(within, timeout)).await;
            assert_eq!(ran.exit(), Exit::PASSPHRASE, "{persona}, {within:?}: {ran}");
        }
    }
    let ran = run(&failing(Persona::IdfV5_0), &wrong(SECOND / 2, long)).await;
    assert_eq!(ran.exit(), Exit::NOT_JOINED, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn nonsense_in_the_clear_is_asked_about_once_more() {
    let plain = || device(Settings { scheme: Scheme::Sec0, ..Settings::default() });
    for step in [Step::Set, Step::Apply, Step::FirstPoll] {
        let exchange = step.exchange(Scheme::Sec0);
        let once = Faulty::around(&plain(), When::Once(exchange), Fault::garbage());
        let ran = run(&once, &plain_plan()).await;
        assert!(ran.is_connected(), "{step:?}: {ran}");
    }
    let polls = When::Each(&[5, 8]);
    let ran = run(&Faulty::around(&plain(), polls, Fault::garbage()), &plain_plan()).await;
    let error = ran.result.as_ref().expect_err("it makes no sense");
    assert!(
        error.to_string().ends_with("the device was told to join, and may have joined"),
        "{error}"
    );
    assert_eq!(ran.exit(), Exit::PROTOCOL, "{ran}");
}

/// A device that tells its version, and falls silent when it is asked what else there is.
struct Endless(VirtualDevice);

struct EndlessLink(Box<dyn Transport>);

#[async_trait]
impl Connect for Endless {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(EndlessLink(self.0.connect(within).await?)))
    }
}

#[async_trait]
impl Transport for EndlessLink {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        request: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        self.0.exchange(endpoint, request).await
    }

    async fn list_endpoints(&mut self, _: &[Endpoint]) -> Result<EndpointList, TransportError> {
        std::future::pending().await
    }
}

/// Each name may take an exchange, and the list itself one: seven of firmware, and one that is asked for.
#[tokio::test(start_paused = true)]
async fn a_look_at_endpoints_takes_no_longer_than_a_reply_for_each() {
    let endless = Endless(device(Settings::default()));
    let also = [Endpoint::new("mine").expect("a name")];
    let began = Instant::now();
    let looked = plan().at(&endless).info(1, &also).await;
    let error = looked.expect_err("it never ends");
    assert!(matches!(error.cause, Cause::Transport(TransportError::TimedOut(_))), "{error}");
    assert_eq!((error.stage, began.elapsed()), (Stage::Version, 90 * SECOND));
}
