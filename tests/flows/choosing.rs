//! A network that is chosen in the session that gives it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    BleConnect, Cause, Chooser, Chosen, Connect, Event, Operator, Policy, Recovery, Scan, Seen,
    Unattended, Warning,
    address::{Address, BleAddress, BleSelector},
};
use esp_prov_rs::exit::Exit;
use esp_prov_simulate::{Fault as DeviceFault, Persona, Settings, VirtualDevice};
use kit::{
    Air, Fault, Faulty, Person, Plan, Ran, Station, When, has_joined_home, home, plain_plan, plan,
    watched, wifi,
};
use protocomm::Scheme;

const LONG: Duration = Duration::from_secs(600);

/// Looks as often as it is to, thinks, and chooses this.
struct Choice {
    looks_again: Mutex<u32>,
    plan: Option<Plan>,
    seen: Mutex<VecDeque<Seen>>,
    version: Option<&'static str>,
}

impl Choice {
    fn of(plan: Plan) -> Self {
        let (looks_again, seen) = (Mutex::new(0), Mutex::default());
        Self { looks_again, plan: Some(plan), seen, version: None }
    }

    fn after_looks(self, count: u32) -> Self {
        Self { looks_again: Mutex::new(count), ..self }
    }

    fn saw(&self) -> Vec<usize> {
        let seen = self.seen.lock().expect("no panic");
        let count = |seen: &Seen| match seen {
            Seen::Wifi(networks) => networks.len(),
            Seen::Thread(networks) => networks.len(),
            Seen::Unknown => 0,
        };
        seen.iter().map(count).collect()
    }
}

#[async_trait]
impl Chooser for Choice {
    fn version(&self) -> Option<&str> {
        self.version
    }

    async fn choose(&self, seen: Seen) -> Chosen {
        tokio::time::sleep(LONG).await;
        self.seen.lock().expect("no panic").push_back(seen);
        let mut again = self.looks_again.lock().expect("no panic");
        if let Some(left) = again.checked_sub(1) {
            *again = left;
            return Chosen::LookAgain;
        }
        let given = self.plan.as_ref().map(|plan| Box::new(plan.given()));
        given.map_or(Chosen::Nothing, Chosen::Plan)
    }
}

async fn choose(connect: &dyn Connect, plan: &Plan, choice: &Choice) -> Ran {
    choose_with(connect, plan, choice, &Unattended).await
}

async fn choose_with(
    connect: &dyn Connect,
    plan: &Plan,
    choice: &Choice,
    operator: &dyn Operator,
) -> Ran {
    let scan = Scan { reset_first: plan.reset_first, ..Scan::for_address(&Address::Virtual) };
    watched(connect, plan, operator, async |device| {
        device.choose_and_provision(Some(scan), choice).await
    })
    .await
}

fn device(persona: Persona) -> VirtualDevice {
    VirtualDevice::new(Settings { persona, ..Settings::default() })
}

fn scans(ran: &Ran) -> usize {
    ran.count(|event| *event == Event::Scanning)
}

#[tokio::test(start_paused = true)]
async fn looking_looking_again_and_giving_are_one_session() {
    for persona in [Persona::IdfV4_4, Persona::IdfV5_0, Persona::IdfV5_5, Persona::Netprov] {
        let device = device(persona);
        let mut plan = plan();
        plan.security.scheme = Some(1);
        let choice = Choice::of(plan.clone()).after_looks(2);
        let ran = choose(&device, &plan, &choice).await;
        assert!(ran.is_connected() && has_joined_home(&device), "{persona}: {ran}");
        assert_eq!((ran.links(), ran.sessions(), scans(&ran)), (1, 1, 3), "{persona}: {ran}");
        let saw = choice.saw();
        assert!(saw.len() == 3 && saw.iter().all(|count| *count > 1), "{persona}: {saw:?}");
        let finished = ran.count(|event| matches!(event, Event::Finished { .. }));
        assert_eq!(finished, 1, "{persona}: {ran}");
    }
    let device = device(Persona::NetprovThread);
    let choice = Choice::of(plan());
    let ran = choose(&device, &plan(), &choice).await;
    assert!(ran.is_connected() && has_joined_home(&device), "{ran}");
    assert_eq!((ran.links(), ran.sessions(), choice.saw()), (1, 1, vec![2]), "{ran}");
}

/// Only firmware that has no scan leaves the choice.
#[tokio::test(start_paused = true)]
async fn nobody_is_asked_to_choose_for_a_device_that_can_not_be_reached() {
    let cut = Faulty::around(&device(Persona::Netprov), When::From(1), Fault::CutBefore);
    let choice = Choice::of(plan());
    let ran = choose(&cut, &plan(), &choice).await;
    assert_eq!((ran.exit(), choice.saw().len()), (Exit::LINK_LOST, 0), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_over_bluetooth_is_kept_while_somebody_thinks() {
    let device = device(Persona::Netprov);
    let air = Arc::new(Air::with(vec![Station::of(&device)]));
    let counts = air.counts();
    let wanted = BleSelector::from_text("PROV_1234");
    let connect = BleConnect::with_adapter(BleAddress { wanted, adapter: None }, air);
    let ran = choose(&connect, &plan(), &Choice::of(plan()).after_looks(1)).await;
    assert!(ran.is_connected() && has_joined_home(&device), "{ran}");
    assert_eq!((ran.links(), ran.sessions(), scans(&ran)), (1, 1, 2), "{ran}");
    connect.settle().await;
    assert_eq!(counts.open.load(Ordering::SeqCst), 0, "a connection is left open: {ran}");
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_known_of_the_session_is_told_before_anything_is_asked() {
    let device = VirtualDevice::new(Settings { scheme: Scheme::Sec0, ..Settings::default() });
    let (plan, person) = (plain_plan(), Person::default());
    let ran = choose_with(&device, &plan, &Choice::of(plan.clone()), &person).await;
    let told = Event::Warning { warning: Warning::Unencrypted };
    let told = ran.story().into_iter().position(|event| *event == told);
    let asked = ran.story().into_iter().position(|event| *event == Event::Asking);
    assert!(told.is_some() && told < asked, "{ran}");
    assert_eq!(ran.warnings(), [Warning::Unencrypted], "told once: {ran}");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_while_somebody_thinks_is_no_failed_attempt() {
    let one = Plan { policy: Policy { attempts: 1, ..Policy::default() }, ..plan() };
    let whole = choose(&device(Persona::Netprov), &one, &Choice::of(one.clone())).await;
    let before = whole.events.iter().take_while(|(at, _)| *at < LONG);
    let before = before.filter(|(_, event)| matches!(event, Event::Exchange(_))).count();
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::LoseReply] {
        let case = format!("{fault:?}");
        let device = device(Persona::Netprov);
        let faulty = Faulty::around(&device, When::Once(before + 1), fault);
        let choice = Choice::of(one.clone());
        let ran = choose(&faulty, &one, &choice).await;
        assert!(ran.is_connected() && has_joined_home(&device), "{case}: {ran}");
        assert_eq!((ran.sessions(), scans(&ran)), (2, 1), "{case}: {ran}");
        assert!(choice.saw()[0] > 0, "{case}: it scanned before: {ran}");
        let firsts = ran.count(|event| matches!(event, Event::Connecting { attempt: 1, .. }));
        assert_eq!(firsts, 2, "{case}: {ran}");
        let retries = ran.count(|event| matches!(event, Event::Retrying { .. }));
        assert_eq!(retries, 0, "{case}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_scan_had_the_device_forget_is_not_forgotten_again() {
    for persona in [Persona::IdfV5_5, Persona::Netprov] {
        let device = device(persona);
        let wrong = Plan { network: home("wrong-horse"), ..plan() };
        kit::run(&device, &wrong).await;
        let reset = Plan { reset_first: true, ..plan() };
        let ran = choose(&device, &reset, &Choice::of(reset.clone())).await;
        assert!(ran.is_connected() && has_joined_home(&device), "{persona}: {ran}");
        assert_eq!(ran.count(|event| *event == Event::Reset), 1, "{persona}: {ran}");
        let refused = ran.count(|event| matches!(event, Event::ResetRefused { .. }));
        assert_eq!((refused, ran.sessions()), (0, 1), "{persona}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_can_be_asked_for_in_a_session_without_a_scan() {
    let device = device(Persona::Netprov);
    kit::run(&device, &Plan { network: home("wrong-horse"), ..plan() }).await;
    let reset = Plan { reset_first: true, ..plan() };
    let choice = Choice::of(reset.clone());
    let ran = watched(&device, &reset, &Unattended, async |device| {
        device.choose_and_provision(None, &choice).await
    })
    .await;
    assert!(ran.is_connected() && has_joined_home(&device), "{ran}");
    assert_eq!((ran.sessions(), scans(&ran)), (1, 0), "{ran}");
    assert_eq!(ran.count(|event| *event == Event::Reset), 1, "{ran}");
    assert_eq!(*choice.seen.lock().expect("no panic"), [Seen::Unknown]);
}

#[tokio::test(start_paused = true)]
async fn firmware_that_does_not_scan_leaves_the_choice() {
    let device = device(Persona::Legacy);
    let mut plan = plan();
    plan.security.scheme = Some(1);
    let choice = Choice::of(plan.clone());
    let ran = choose(&device, &plan, &choice).await;
    assert!(ran.is_connected() && has_joined_home(&device), "{ran}");
    assert_eq!(*choice.seen.lock().expect("no panic"), [Seen::Unknown]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_given_where_nothing_good_is_chosen() {
    let device = device(Persona::Netprov);
    let nothing = Choice { plan: None, ..Choice::of(plan()) };
    let ran = choose(&device, &plan(), &nothing).await;
    assert_eq!(ran.end(), "Scan: NetworkMissing");
    assert_eq!(ran.exit(), Exit::INPUT);

    let long = Plan { custom_data: Some(vec![b'x'; 5000]), ..plan() };
    let ran = choose(&device, &plan(), &Choice::of(long)).await;
    assert!(ran.end().starts_with("Custom: TooLong"), "{ran}");

    let other = Plan { version: Some("v1.1".to_owned()), ..plan() };
    let ran = choose(&device, &plan(), &Choice::of(other)).await;
    assert!(ran.end().starts_with("Version: Version"), "{ran}");

    // Before it scans, where that is known.
    let choice = Choice { version: Some("v1.1"), ..Choice::of(plan()) };
    let ran = choose(&device, &plan(), &choice).await;
    assert!(ran.end().starts_with("Version: Version"), "{ran}");
    assert_eq!((scans(&ran), choice.saw().len(), device.joins()), (0, 0, 0), "{ran}");
}

/// Whoever says nothing of versions takes any.
struct Takes(Plan);

#[async_trait]
impl Chooser for Takes {
    async fn choose(&self, _: Seen) -> Chosen {
        Chosen::Plan(Box::new(self.0.given()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_of_any_version_is_taken_where_none_is_asked_for() {
    let (device, plan) = (device(Persona::Netprov), plan());
    let ran = watched(&device, &plan, &Unattended, async |device| {
        device.choose_and_provision(None, &Takes(plan.clone())).await
    });
    let ran = ran.await;
    assert!(ran.is_connected() && has_joined_home(&device), "{ran}");
}

/// Somebody else gives the device a network while this one thinks.
struct Meanwhile(VirtualDevice);

#[async_trait]
impl Chooser for Meanwhile {
    async fn choose(&self, _: Seen) -> Chosen {
        let policy = Policy { join_timeout: Duration::ZERO, ..Policy::default() };
        kit::run(&self.0, &Plan { policy, ..plan() }).await;
        Chosen::Plan(Box::new(plan().given()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_before_the_scan_is_not_advised_again() {
    let fault = Some(DeviceFault::Forever);
    let device =
        VirtualDevice::new(Settings { persona: Persona::Netprov, fault, ..Settings::default() });
    let scan = Scan { reset_first: true, ..Scan::for_address(&Address::Virtual) };
    let plan = plan();
    let ran = watched(&device, &plan, &Unattended, async |way| {
        way.choose_and_provision(Some(scan), &Meanwhile(device.clone())).await
    });
    let ran = ran.await;
    let error = ran.result.as_ref().expect_err("it holds a network");
    assert!(matches!(error.cause, Cause::NotApplied(_, Recovery::ResetTried)), "{ran}");
}

// A name that is nearly the right one.

#[tokio::test(start_paused = true)]
async fn a_network_that_is_not_seen_is_tried_under_the_name_that_is_meant() {
    let wrong = Plan { network: wifi("home", "correct-horse"), ..plan() };
    for persona in [Persona::IdfV5_5, Persona::Netprov] {
        let device = device(persona);
        let person = Person::who_means("Home").and_thinks(LONG);
        let ran = kit::run_with(&device, &wrong, &person).await;
        assert!(ran.is_connected() && has_joined_home(&device), "{persona}: {ran}");
        assert_eq!((device.joins(), ran.sessions(), scans(&ran)), (2, 1, 1), "{persona}: {ran}");
        assert_eq!(ran.count(|event| *event == Event::Reset), 1, "{persona}: {ran}");
    }
    // It goes on as after any other attempt: a wrong passphrase is asked for again.
    let wrong = Plan { network: wifi("home", "wrong-horse"), ..plan() };
    let person = Person::who_means("Home");
    let ran = kit::run_with(&device(Persona::Netprov), &wrong, &person).await;
    assert_eq!(ran.exit(), Exit::PASSPHRASE, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn where_no_other_name_is_meant_the_device_did_not_find_the_network() {
    let wrong = Plan { network: wifi("Nowhere", "correct-horse"), ..plan() };
    for (persona, person, looks) in [
        (Persona::Netprov, Person::who_means("Elsewhere"), 1),
        (Persona::IdfV5_0, Person::who_means("Home"), 0),
        (Persona::Netprov, Person::default(), 0),
    ] {
        let device = device(persona);
        let ran = kit::run_with(&device, &wrong, &person).await;
        assert_eq!(ran.exit(), Exit::NETWORK, "{persona}: {ran}");
        assert_eq!((scans(&ran), device.joins()), (looks, 1), "{persona}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn looking_for_another_name_goes_on_after_a_lost_link_and_changes_no_verdict() {
    let wrong = Plan { network: wifi("home", "correct-horse"), ..plan() };
    let person = || Person::who_means("Home");
    let good = kit::run_with(&device(Persona::Netprov), &wrong, &person()).await;
    let is_reset = |event: &Event| *event == Event::Reset;
    let before = good.events.iter().take_while(|(_, event)| !is_reset(event));
    let reset = before.filter(|(_, event)| matches!(event, Event::Exchange(_))).count();
    for exchange in reset - 1..good.exchanges() {
        for fault in [Fault::CutAfter, Fault::LoseReply] {
            let case = format!("{fault:?} at {exchange}, reset at {reset}");
            let device = device(Persona::Netprov);
            let faulty = Faulty::around(&device, When::Once(exchange), fault);
            let ran = kit::run_with(&faulty, &wrong, &person()).await;
            assert!(ran.is_connected() && has_joined_home(&device), "{case}: {ran}");
        }
    }
    // Where it goes for good, the verdict is what it was.
    let device = device(Persona::Netprov);
    let faulty = Faulty::around(&device, When::From(reset), Fault::CutBefore);
    let ran = kit::run_with(&faulty, &wrong, &person()).await;
    assert_eq!(ran.exit(), Exit::NETWORK, "{ran}");
}
