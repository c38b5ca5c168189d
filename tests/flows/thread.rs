//! Thread: datasets, scans, the attach and what may go wrong with it, on a paused clock.

use std::time::Duration;

use esp_prov::{
    Cause, Control, ExtPanId, Network, NetworkKey, NetworkKind, NetworkName, Outcome, Scan, Stage,
    ThreadDataset, Unattended, address::Address, commands::ThreadNetwork,
};
use esp_prov_rs::exit::Exit;
use esp_prov_simulate::{Fault as DeviceFault, Networks, Persona, Settings, VirtualDevice};
use kit::{
    Fault, Faulty, HOME_THREAD, Plan, Step, When, dataset, has_joined_home, home, plan, run,
    watched,
};

const HOME: ExtPanId = ExtPanId(*b"\xde\xad\x00\xbe\xef\x00\xca\xfe");

fn device() -> VirtualDevice {
    VirtualDevice::new(Settings { persona: Persona::NetprovThread, ..Settings::default() })
}

fn thread_plan(text: &str) -> Plan {
    Plan { network: Network::Thread(dataset(text)), alternative: None, ..plan() }
}

async fn look(device: &VirtualDevice, page: u32) -> Vec<ThreadNetwork> {
    let how = Scan { page, ..Scan::for_address(&Address::Virtual) };
    match plan().at(device).scan(how).await {
        Ok(Outcome::ThreadScanned { networks }) => networks,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_attaches_and_says_to_what() {
    let device = device();
    let ran = run(&device, &thread_plan(HOME_THREAD)).await;
    let Ok(Outcome::Attached { connection }) = &ran.result else { panic!("{ran}") };
    assert_eq!((connection.name.as_str(), connection.pan_id), ("Home-Thread", 0x0042));
    assert_eq!((connection.ext_pan_id, connection.channel), (Some(HOME), 15));
    assert!(has_joined_home(&device) && ran.exit() == Exit::DONE, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn the_network_chosen_is_the_network_given() {
    // The vendor's tool gives the one after it.
    let device = device();
    let networks = look(&device, 4).await;
    let names: Vec<_> = networks.iter().map(|network| network.name.as_str()).collect();
    assert_eq!(names, ["Home-Thread", "Office-Thread"], "strongest first");

    let key = hex::decode("00112233445566778899aabbccddeeff").expect("hexadecimal");
    let key = NetworkKey::new(key.into()).expect("a key");
    let built = ThreadDataset::of(&networks[0], &key).expect("a network");
    assert_eq!(hex::encode(built.expose()), HOME_THREAD);
    let ran =
        run(&device, &Plan { network: Network::Thread(built), ..thread_plan(HOME_THREAD) }).await;
    assert!(
        matches!(&ran.result, Ok(Outcome::Attached { connection }) if connection.name == "Home-Thread")
    );
}

#[tokio::test(start_paused = true)]
async fn every_page_size_finds_every_network() {
    for page in [0, 1, 2, 4, 100] {
        assert_eq!(look(&device(), page).await.len(), 2, "{page}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_finds_nothing_is_repeated_once_whatever_the_network() {
    let counts = [Persona::Netprov, Persona::NetprovThread].map(async |persona| {
        let networks = Networks { wifi: Vec::new(), thread: Vec::new() };
        let device = VirtualDevice::new(Settings { persona, networks, ..Settings::default() });
        let how = Scan::for_address(&Address::Virtual);
        watched(&device, &plan(), &Unattended, async |device| device.scan(how).await)
            .await
            .exchanges()
    });
    let [wifi, thread] = counts;
    assert_eq!((wifi.await, thread.await), (12, 12));
}

/// Whatever the count was.
#[tokio::test(start_paused = true)]
async fn a_page_that_comes_short_is_the_last() {
    let scheme = esp_prov::Scheme::Sec0;
    let persona = Persona::NetprovThread;
    let device = VirtualDevice::new(Settings { persona, scheme, ..Settings::default() });
    let empty = Faulty::around(&device, When::Once(8), Fault::Reply(kit::hex("080b aa01 00")));
    let how = Scan { page: 1, ..Scan::for_address(&Address::Virtual) };
    let plan = kit::plain_plan();
    let ran = watched(&empty, &plan, &Unattended, async |device| device.scan(how).await).await;
    let Ok(Outcome::ThreadScanned { networks }) = &ran.result else { panic!("{ran}") };
    // As it had found none, it scans once more.
    assert_eq!((networks.len(), ran.exchanges()), (2, 14), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_is_a_network_that_is_not_found() {
    let wrong = HOME_THREAD.replace("00112233", "ff112233");
    let device = device();
    let ran = run(&device, &thread_plan(&wrong)).await;
    assert_eq!((ran.end().as_str(), ran.exit()), ("Join: Join(NotAttached)", Exit::NETWORK));
    let (least, most) = (Duration::from_secs(20), Duration::from_secs(22));
    assert!((least..most).contains(&ran.took), "the device gives up after 20 s: {ran}");

    // It takes another network only once it has forgotten this one.
    let again = run(&device, &thread_plan(HOME_THREAD)).await;
    assert_eq!(again.exit(), Exit::REFUSED, "{again}");
    let plan = Plan { reset_first: true, ..thread_plan(HOME_THREAD) };
    let ran = run(&device, &plan).await;
    assert!(ran.is_connected() && has_joined_home(&device), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn reset_and_reprovision_speak_to_the_device_of_their_kind() {
    let device = device();
    let provisioner = plan().at(&device);
    let ask = |command| provisioner.control(command);
    assert!(matches!(ask(Control::Reset).await, Ok(Outcome::Reset)));
    let refused = ask(Control::Reprovision).await.expect_err("the application does not allow it");
    let Cause::Refusal(refusal) = &refused.cause else { panic!("{refused}") };
    assert_eq!(refusal.command, "CtrlThreadReprov");
}

#[tokio::test(start_paused = true)]
async fn a_network_of_the_other_kind_is_refused_before_anything_is_sent() {
    let (thread, wifi) = (device(), VirtualDevice::new(Settings::default()));
    let only_wifi = Plan { network: home("correct-horse"), alternative: None, ..plan() };
    for (device, plan, given, taken) in [
        (&thread, only_wifi, NetworkKind::Wifi, NetworkKind::Thread),
        (&wifi, thread_plan(HOME_THREAD), NetworkKind::Thread, NetworkKind::Wifi),
    ] {
        let ran = run(device, &plan).await;
        let expected = format!("Version: OtherNetwork {{ given: {given:?}, taken: {taken:?} }}");
        assert_eq!((ran.end(), ran.exit()), (expected, Exit::UNSUPPORTED));
        assert_eq!((ran.exchanges(), device.joins()), (1, 0), "{ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_is_given_the_network_of_its_kind_where_there_are_both() {
    let thread = Network::Thread(dataset(HOME_THREAD));
    let wifi = home("correct-horse");
    for persona in [Persona::Netprov, Persona::NetprovThread] {
        for (network, alternative) in
            [(thread.clone(), wifi.clone()), (wifi.clone(), thread.clone())]
        {
            let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
            let plan = Plan { network, alternative: Some(alternative), ..plan() };
            let ran = run(&device, &plan).await;
            assert!(ran.is_connected() && has_joined_home(&device), "{persona}: {ran}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_is_told_by_name_or_identity_and_never_by_key() {
    let named = format!("0304{}{HOME_THREAD}", hex::encode("Loft"));
    for (text, name) in [(HOME_THREAD, None), (named.as_str(), Some("Loft".to_owned()))] {
        let ran = run(&device(), &thread_plan(text)).await;
        let told = ran.story().into_iter().find_map(|event| match event {
            esp_prov::Event::ConfigSent { network } => Some(network.clone()),
            _ => None,
        });
        assert_eq!(told, Some(NetworkName::Thread { name, ext_pan_id: Some(HOME) }));
    }
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_at_any_exchange_is_got_over() {
    for step in
        [Step::Version, Step::Handshake, Step::Proof, Step::Set, Step::Apply, Step::FirstPoll]
    {
        for fault in [
            Fault::LoseRequest,
            Fault::LoseReply,
            Fault::CutBefore,
            Fault::CutAfter,
            Fault::Truncated,
            Fault::Delay(Duration::from_secs(11)),
        ] {
            if fault_is_an_answer(step, &fault) {
                continue;
            }
            let device = device();
            let ran = run(
                &Faulty::around(&device, step.once(), fault.clone()),
                &thread_plan(HOME_THREAD),
            )
            .await;
            assert!(ran.is_connected(), "{step:?}, {fault:?}: {ran}");
            assert!(has_joined_home(&device) && device.joins() == 1, "{step:?}, {fault:?}: {ran}");
        }
    }
}

/// A damaged plain reply is no transient failure: it would come again.
fn fault_is_an_answer(step: Step, fault: &Fault) -> bool {
    matches!(fault, Fault::Truncated) && step < Step::Set
}

#[tokio::test(start_paused = true)]
async fn a_device_that_leaves_has_probably_attached_and_one_that_never_stops_has_not() {
    for (fault, exit) in
        [(DeviceFault::Vanish, Exit::UNCONFIRMED), (DeviceFault::Forever, Exit::NOT_JOINED)]
    {
        let settings =
            Settings { persona: Persona::NetprovThread, fault: Some(fault), ..Settings::default() };
        let ran = run(&VirtualDevice::new(settings), &thread_plan(HOME_THREAD)).await;
        assert_eq!(ran.exit(), exit, "{fault:?}: {ran}");
    }
}

/// "attached", to "Loft" with another extended PAN ID.
#[tokio::test(start_paused = true)]
async fn a_device_that_is_attached_to_another_network_is_not_done() {
    let elsewhere = "08078a0116 5a14 0842 1208 0101010101010101 180f 2204 4c6f6674";
    let settings = Settings {
        persona: Persona::NetprovThread,
        scheme: esp_prov::Scheme::Sec0,
        ..Settings::default()
    };
    let polls = When::From(Step::FirstPoll.exchange(esp_prov::Scheme::Sec0));
    let liar =
        Faulty::around(&VirtualDevice::new(settings), polls, Fault::Reply(kit::hex(elsewhere)));
    let plan = Plan { security: esp_prov::Security::default(), ..thread_plan(HOME_THREAD) };
    let ran = run(&liar, &plan).await;
    assert_eq!(ran.exit(), Exit::MISMATCH, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn no_damaged_status_passes_for_attached() {
    // Zero is Attached: an error reply and an empty one must not read as success.
    for reply in ["08078a01020805", "08078a0100", "0807", "08078a01020803"] {
        let reply = Fault::Reply(hex::decode(reply).expect("hexadecimal"));
        let settings = Settings {
            persona: Persona::NetprovThread,
            scheme: esp_prov::Scheme::Sec0,
            ..Settings::default()
        };
        let device = VirtualDevice::new(settings);
        let first_poll = Step::FirstPoll.exchange(esp_prov::Scheme::Sec0);
        let lie = Faulty::around(&device, When::From(first_poll), reply);
        let plan = Plan { security: esp_prov::Security::default(), ..thread_plan(HOME_THREAD) };
        let ran = run(&lie, &plan).await;
        let error = ran.result.as_ref().expect_err("no success was told");
        assert_eq!(error.stage, Stage::Join, "{ran}");
    }
}
