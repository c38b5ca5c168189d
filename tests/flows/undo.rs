//! Tests of devices that are undone: the device joins, and leaves the network again.

use std::time::Duration;

use async_trait::async_trait;
use esp_prov::{Cause, Connect, Connection, Event, Journal, Outcome, Stage, Unattended, Verify};
use esp_prov_batch::{BatchEnd, BatchEvent, Job, ledger::Ledger, ledger::State};
use esp_prov_rs::exit::{Exit, of_error};
use esp_prov_simulate::{Fault as DeviceFault, Persona, Quirk, Settings, VirtualDevice};
use kit::{Fault, Faulty, Lan, Memory, Plan, Ran, When, has_joined_home, plan, watched};
use tokio::time::sleep;

use crate::line::{self, Devices};

/// The exchanges in which a device is asked whether it can leave a network, and, after two status
/// polls, made to leave it.
const ASKED: usize = 4;
const UNDONE: usize = 9;

/// A device that joins at once, and whose application lets it leave networks.
fn open() -> VirtualDevice {
    VirtualDevice::new(settings())
}

fn settings() -> Settings {
    Settings { quirks: vec![Quirk::StaysOpen], join_delay: Duration::ZERO, ..Settings::default() }
}

async fn test(connect: &dyn Connect) -> Ran {
    test_with(connect, &plan(), None).await
}

async fn test_with(connect: &dyn Connect, plan: &Plan, verify: Option<&Verify>) -> Ran {
    watched(connect, plan, &Unattended, async |device| {
        let device = match verify {
            Some(how) => device.with_verification(how),
            None => device,
        };
        device.provision(&plan.given().with_undo()).await
    })
    .await
}

fn is_tested(ran: &Ran) -> bool {
    matches!(ran.result, Ok(Outcome::Tested { .. }))
}

fn undone(ran: &Ran) -> usize {
    ran.count(|event| matches!(event, Event::Undone))
}

#[tokio::test(start_paused = true)]
async fn a_device_that_was_tested_has_left_its_network_again() {
    let device = open();
    let ran = test(&device).await;
    let Ok(Outcome::Tested { connection: Connection::Wifi(connection) }) = &ran.result else {
        panic!("{ran}")
    };
    assert_eq!((connection.ip.as_str(), ran.exit()), ("192.168.1.57", Exit::DONE));
    assert!(device.given().is_none() && device.joins() == 1, "{:?}", device.given());
    assert_eq!((ran.exchanges(), ran.links(), undone(&ran)), (UNDONE, 1, 1), "{ran}");
    // Then it takes another network.
    assert!(kit::run(&device, &plan()).await.is_connected());

    let thread = Settings { persona: Persona::NetprovThread, ..settings() };
    let device = VirtualDevice::new(thread);
    let ran = test(&device).await;
    let Ok(Outcome::Tested { connection: Connection::Thread(connection) }) = &ran.result else {
        panic!("{ran}")
    };
    assert!(connection.name == "Home-Thread" && device.given().is_none(), "{connection:?}");
}

#[tokio::test(start_paused = true)]
async fn firmware_that_can_not_leave_a_network_is_given_none() {
    for (persona, exchanges, why) in [
        (Persona::Netprov, ASKED, "the device refused CtrlWifiReprov: InternalError (5)"),
        (Persona::NetprovThread, ASKED, "the device refused CtrlThreadReprov: InternalError (5)"),
        (Persona::IdfV5_5, ASKED, "the device refused CtrlWifiReprov: InternalError (5)"),
        (Persona::IdfV5_0, ASKED, "its firmware has no prov-ctrl"),
        // This is known without asking.
        (Persona::IdfV4_4, ASKED - 1, "its firmware has no prov-ctrl"),
    ] {
        let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
        let with_data = Plan { custom_data: Some(b"mine".to_vec()), ..plan() };
        let ran = test_with(&device, &with_data, None).await;
        let Err(error) = &ran.result else { panic!("{persona}: {ran}") };
        assert!(matches!(error.cause, Cause::NotUndoable(_)), "{persona}: {error:?}");
        let told = error.to_string();
        assert!(told.starts_with("reset: the device was given nothing"), "{persona}: {told}");
        assert!(told.ends_with(why), "{persona}: {told}");
        assert_eq!((ran.exit(), device.joins()), (Exit::UNSUPPORTED, 0), "{persona}");
        assert_eq!(ran.exchanges(), exchanges, "{persona}: neither data nor network: {ran}");
        assert!(of_error(error).1.contains("disable_auto_stop"), "{persona}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_lost_meanwhile_is_opened_again() {
    for at in [ASKED, UNDONE] {
        for fault in [Fault::CutBefore, Fault::CutAfter, Fault::LoseReply, Fault::NoReply] {
            let device = open();
            let lossy = Faulty::around(&device, When::Once(at), fault.clone());
            let ran = test(&lossy).await;
            assert!(is_tested(&ran) && device.given().is_none(), "{fault:?} at {at}: {ran}");
            assert_eq!((device.joins(), undone(&ran)), (1, 1), "{fault:?} at {at}: {ran}");
        }
    }
}

/// It has the network, so nobody may take it for a device that did not join.
#[tokio::test(start_paused = true)]
async fn a_device_that_is_not_reached_any_more_may_have_kept_its_network() {
    for fault in [Fault::CutBefore, Fault::LoseRequest, Fault::NoReply] {
        let device = open();
        let lossy = Faulty::around(&device, When::From(UNDONE), fault.clone());
        let ran = test(&lossy).await;
        let Err(error) = &ran.result else { panic!("{fault:?}: {ran}") };
        assert!(matches!(error.cause, Cause::NotUndone(_)), "{fault:?}: {error:?}");
        assert_eq!((error.stage, ran.exit()), (Stage::Reset, Exit::NOT_UNDONE), "{fault:?}");
        assert!(error.to_string().contains("may still have it: "), "{fault:?}: {error}");
        assert!(has_joined_home(&device) && undone(&ran) == 0, "{fault:?}: {ran}");
        // The same again makes it leave first.
        assert!(is_tested(&test(&device).await) && device.given().is_none(), "{fault:?}");
    }
}

/// What an earlier process has left.
struct Resumed;

#[async_trait]
impl Journal for Resumed {
    fn apply_may_have_been_sent(&self) -> bool {
        true
    }

    async fn mark_apply_sent(&self) -> Result<(), String> {
        Err("it is recorded already".to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_refuses_to_leave_afterwards_is_told_of() {
    let device = VirtualDevice::new(Settings::default());
    let resumed = async |device: esp_prov::Provisioner<'_>| {
        device.provision_with_journal(&plan().given().with_undo(), &Resumed).await
    };
    let ran = watched(&device, &plan(), &Unattended, resumed).await;
    let Err(error) = &ran.result else { panic!("{ran}") };
    let Cause::NotUndone(why) = &error.cause else { panic!("{error:?}") };
    assert!(matches!(why.cause, Cause::Refusal(_)), "{why:?}");
    assert_eq!((error.stage, ran.exit()), (Stage::Reset, Exit::NOT_UNDONE));
    assert_eq!((device.joins(), ran.links()), (1, 1), "an answer is final: {ran}");
}

#[tokio::test(start_paused = true)]
async fn a_join_that_fails_is_a_failed_join() {
    let fault = Some(DeviceFault::WrongPassphrase);
    let device = VirtualDevice::new(Settings { fault, ..settings() });
    let ran = test(&device).await;
    assert_eq!((ran.exit(), undone(&ran)), (Exit::PASSPHRASE, 0), "{ran}");
    // In this state it accepts no other network, but it can be made to leave.
    let ran = test(&device).await;
    assert_eq!((ran.exit(), device.joins()), (Exit::PASSPHRASE, 2), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_device_is_looked_for_before_it_leaves() {
    let there = [10, 9, 9, 57];
    let device = VirtualDevice::new(Settings { ip: there.into(), ..settings() });
    let nobody = Lan::at([10, 9, 9, 1]);
    let ran = test_with(&device, &plan(), Some(&nobody.verify())).await;
    assert_eq!((ran.exit(), undone(&ran)), (Exit::NOT_VERIFIED, 0), "{ran}");
    assert!(has_joined_home(&device));

    let lan = nobody.with(there, "24:0a:c4:00:00:01", esp_prov::verify::Knock::Refused);
    let ran = test_with(&device, &plan(), Some(&lan.verify())).await;
    assert!(is_tested(&ran) && device.given().is_none(), "{ran}");
    let at = |what: fn(&Event) -> bool| ran.events.iter().position(|(_, event)| what(event));
    let verified = at(|event| matches!(event, Event::Verified { .. })).expect("a search");
    assert!(verified < at(|event| matches!(event, Event::Undone)).expect("undone"), "{ran}");
    assert_eq!(ran.count(|event| matches!(event, Event::Verifying { .. })), 1, "{ran}");
}

/// It can't be made to leave its network any more.
#[tokio::test(start_paused = true)]
async fn a_device_that_has_vanished_is_not_tested_even_if_it_is_found() {
    let fault = Some(DeviceFault::Vanish);
    let device = VirtualDevice::new(Settings { fault, ..settings() });
    let lan = Lan::at([10, 9, 9, 1]);
    let ran = test_with(&device, &plan(), Some(&lan.verify())).await;
    assert_eq!((ran.exit(), undone(&ran)), (Exit::UNCONFIRMED, 0), "{ran}");
    assert!(lan.knocked().is_empty(), "{:?}", lan.knocked());
}

#[tokio::test(start_paused = true)]
async fn a_batch_records_that_a_device_was_only_tested() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let device = open();
    let closed = VirtualDevice::new(Settings::default());
    let roster = vec![devices.add("open", device.clone()), devices.add("closed", closed.clone())];
    let job = Job { undo: true, ..line::job(roster.clone(), devices.connector()) };
    let ran = line::run(job, &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 1, 1));
    assert_eq!(ran.summary.as_ref().expect("a summary").tested, 1);
    assert_eq!(ledger.outcomes("open"), [("tested".to_owned(), 0)]);
    assert_eq!(ledger.outcomes("closed"), [("failed".to_owned(), Exit::UNSUPPORTED.code)]);
    assert_eq!((device.given().is_none(), closed.joins()), (true, 0));
    let attempts = ledger.attempts().await.expect("all");
    let open = attempts.iter().find(|one| one.device == "open").expect("one");
    assert_eq!(open.ip.as_deref(), Some("192.168.1.57"));

    // A later batch counts it as what it is.
    let ran = line::run(line::job(roster, devices.connector()), &ledger).await;
    assert_eq!(ran.summary.expect("a summary").tested, 1);
    assert_eq!(device.joins(), 1);
}

/// Stopped between the join and the undo.
#[tokio::test(start_paused = true)]
async fn a_batch_that_goes_on_undoes_what_was_left() {
    for fault in [Fault::LoseRequest, Fault::LoseReply] {
        let (devices, ledger) = (Devices::default(), Memory::default());
        let device = open();
        let slow = Faulty::around(&device, When::Once(UNDONE), fault.clone());
        let roster = vec![devices.add("d", slow)];
        let job = || Job { undo: true, ..line::job(roster.clone(), devices.connector()) };
        let ran = line::run_until(job(), &ledger, sleep(Duration::from_secs(5))).await;
        assert_eq!(ran.end(), (BatchEnd::Interrupted, 0, 0), "{fault:?}");
        assert!(ledger.known("d").expect("enrolled").told, "{fault:?}");
        let ran = line::run(job(), &ledger).await;
        assert_eq!(ran.end(), (BatchEnd::Finished, 1, 0), "{fault:?}");
        assert_eq!(ledger.outcomes("d"), [("tested".to_owned(), 0)], "{fault:?}");
        assert!(device.given().is_none(), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_tries_again_to_undo_and_tells_of_one_that_it_could_not() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let device = open();
    let lost = Faulty::around(&device, When::From(UNDONE), Fault::CutBefore);
    let roster = vec![devices.add("d", lost)];
    let job = Job { undo: true, retries: 1, ..line::job(roster.clone(), devices.connector()) };
    let ran = line::run(job, &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 0, 0));
    let ended = |event: &&BatchEvent| matches!(event, BatchEvent::DeviceEnded(_));
    assert_eq!(ran.events.iter().filter(ended).count(), 2);
    let outcomes = [("again", Exit::NOT_UNDONE), ("unconfirmed", Exit::UNCONFIRMED)];
    assert_eq!(ledger.outcomes("d"), outcomes.map(|(how, exit)| (how.to_owned(), exit.code)));
    assert_eq!(ledger.state("d"), State::Unconfirmed);
    assert!(ledger.known("d").expect("enrolled").told && has_joined_home(&device));
}
