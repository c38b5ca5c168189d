//! BLE on a radio of our own, on a paused clock: what the system's radios do now and then.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    BleConnect, Care, Connect, Control, Endpoint, EndpointLocation, Event, Message, Outcome,
    Policy, Provisioner, RadioError, Scan, Scheme, Warning,
    address::{Address, BleAddress, BleSelector},
    transport::ble::{Adapter, Advertisement, Peer, SERVICES},
};
use esp_prov_rs::exit::{self, Exit};
use esp_prov_simulate::{Fault as DeviceFault, Persona, Settings, VirtualDevice};
use kit::{
    Air, Counts, EXAMPLES, Host, Odd, Plan, Ran, Station, has_joined_home, plain_plan, plan, run,
};
use tokio::time::{Instant, timeout};

fn device_of(scheme: Scheme) -> VirtualDevice {
    VirtualDevice::new(Settings { scheme, ..Settings::default() })
}

fn device() -> VirtualDevice {
    device_of(Scheme::Sec1)
}

const CARES: [Care; 3] = [Care::Attended, Care::Unattended, Care::Batch];

fn to(wanted: &str, stations: Vec<Station>) -> (BleConnect, Arc<Counts>) {
    let air = Air::with(stations);
    let counts = air.counts();
    let address = BleAddress { wanted: BleSelector::from_text(wanted), adapter: None };
    (BleConnect::with_adapter(address, Arc::new(air)).with(Care::Attended), counts)
}

/// Runs, waits until the process may end, and checks that nothing stays open then.
async fn run_to(wanted: &str, stations: Vec<Station>, plan: &Plan) -> (Ran, Arc<Counts>) {
    run_with(Care::Attended, wanted, stations, plan).await
}

async fn run_with(
    care: Care,
    wanted: &str,
    stations: Vec<Station>,
    plan: &Plan,
) -> (Ran, Arc<Counts>) {
    let (connect, counts) = to(wanted, stations);
    let connect = connect.with(care);
    let ran = run(&connect, plan).await;
    connect.settle().await;
    assert_eq!(counts.open.load(Ordering::SeqCst), 0, "a connection is left open: {ran}");
    assert!(!counts.listening.load(Ordering::SeqCst), "it still listens: {ran}");
    (ran, counts)
}

#[tokio::test(start_paused = true)]
async fn a_device_is_provisioned_with_each_security() {
    for scheme in [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2] {
        let device = device_of(scheme);
        let plan = kit::plan_for(scheme);
        let (ran, _) = run_to("PROV_1234", vec![Station::of(&device)], &plan).await;
        assert!(ran.is_connected() && has_joined_home(&device), "{scheme}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_read_and_no_write_is_in_vain() {
    let device = VirtualDevice::new(Settings { join_delay: Duration::ZERO, ..Settings::default() });
    let (ran, counts) = run_to("PROV_1234", vec![Station::of(&device)], &plan()).await;
    assert!(ran.is_connected(), "{ran}");
    let count = |count: &std::sync::atomic::AtomicUsize| count.load(Ordering::SeqCst);
    let exchanges = ran.exchanges();
    assert_eq!((count(&counts.writes), count(&counts.reads)), (exchanges, exchanges));
    // The vendor's manager gives its endpoints fixed numbers, any other firmware is asked for names.
    assert_eq!(count(&counts.descriptions), 0);
    for numbers in &EXAMPLES {
        let station = Station { numbers, ..Station::of(&device_of(Scheme::Sec1)) };
        let (ran, counts) = run_to("PROV_1234", vec![station], &plan()).await;
        assert!(ran.is_connected(), "{ran}");
        // Version, session, config.
        let read = count(&counts.descriptions);
        assert!(read == 3, "{numbers:?}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_is_found_by_name_prefix_address_and_service() {
    for wanted in ["PROV_1234", "PROV_*", "24:0a:c4:11:22:33", "24-0A-C4-11-22-33"] {
        let device = device();
        let other = Station { id: "1", name: Some("Lamp"), ..Station::of(&device) };
        let (ran, _) = run_to(wanted, vec![other, Station::of(&device)], &plan()).await;
        assert!(ran.is_connected(), "{wanted}: {ran}");
    }
    // As macOS calls devices.
    let (device, id) = (device(), "5F3C2A10-0000-4000-8000-00805F9B34FB");
    let mac = Station { id, name: None, ..Station::of(&device) };
    let (ran, _) = run_to(id, vec![mac], &plan()).await;
    assert!(ran.is_connected(), "{ran}");

    let unnamed =
        Station { name: None, service: SERVICES[1], ..Station::of(&device_of(Scheme::Sec1)) };
    let wanted = BleSelector::Service(SERVICES[1]);
    let air = Arc::new(Air::with(vec![unnamed]));
    let connect = BleConnect::with_adapter(BleAddress { wanted, adapter: None }, air);
    let ran = run(&connect, &plan()).await;
    assert!(ran.is_connected(), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn it_connects_as_soon_as_the_name_is_heard() {
    let device = device();
    let late = Station {
        heard_after: Duration::from_secs(1),
        named_after: Duration::from_secs(2),
        ..Station::of(&device)
    };
    let (connect, _) = to("PROV_1234", vec![late]);
    let began = Instant::now();
    connect.connect(Duration::from_secs(10)).await.expect("it advertises");
    let took = began.elapsed();
    assert!((2000..2400).contains(&took.as_millis()), "{took:?}");
}

/// As much of [`LONG`] as a scan response has room for, and the whole name.
const CUT: &str = "LAMP_0123456789_0123456789_01";
const LONG: &str = "LAMP_0123456789_0123456789_01234";

fn named(name: &'static str) -> Station {
    Station { name: Some(name), ..Station::of(&device()) }
}

/// Each command that talks to a device: none takes the neighbour for it.
#[tokio::test(start_paused = true)]
async fn a_device_is_not_taken_for_another_whose_name_begins_so() {
    let plan = plan();
    for care in CARES {
        let neighbour = device();
        let on = || vec![Station { name: Some("LAMP_1"), ..Station::of(&neighbour) }];
        let (connect, counts) = to("LAMP_12", on());
        let connect = connect.with(care);
        let wanted = BleSelector::from_text("LAMP_12");
        let address = Address::Ble(BleAddress { wanted, adapter: None });
        let device = plan.at(&connect);
        let message =
            Message { endpoint: Endpoint::from_static("lamp"), body: vec![1], plain: false };
        let how = Scan::for_address(&address);
        let ends = [
            device.provision(&plan.given()).await,
            device.control(Control::Reset).await,
            device.control(Control::Reprovision).await,
            device.scan(how).await,
            device.send(&[message]).await,
            device.status().await,
            device.info(1, &[]).await,
        ];
        for end in ends {
            let error = end.expect_err("LAMP_12 is off");
            assert_eq!(exit::of_error(&error).0, Exit::NOT_FOUND, "{care:?}: {error}");
            let told = "connect: no device: \"LAMP_12\" not found; devices in range: \"LAMP_1\"";
            assert_eq!(error.to_string(), told, "{care:?}");
        }
        assert_eq!(counts.attempts.load(Ordering::SeqCst), 0, "{care:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_has_no_room_in_an_advertisement_counts_with_a_warning() {
    for care in [Care::Attended, Care::Unattended] {
        // Another attempt does not tell it again.
        let mishap = Some((2, RadioError::Lost("Not connected".into())));
        let cut = Station { mishap, ..named(CUT) };
        let (ran, _) = run_with(care, LONG, vec![cut], &plan()).await;
        assert!(ran.is_connected() && ran.links() == 2, "{care:?}: {ran}");
        let (heard, wanted) = (CUT.to_owned(), LONG.to_owned());
        assert_eq!(ran.warnings(), [Warning::NameCutOff { heard, wanted }], "{care:?}");
        let json = serde_json::to_value(&ran.warnings()[0]).expect("JSON");
        let expected = serde_json::json!({"warning": "name-cut-off", "heard": CUT, "wanted": LONG});
        assert_eq!(json, expected);
        let words = ran.warnings()[0].to_string();
        assert!(words.contains(&format!("{CUT:?}")) && words.contains(&format!("{LONG:?}")));
    }
    // Letters of two bytes are cut between them.
    let (whole, cut) = ("Glühlämpchen_0123456789_0äöü", "Glühlämpchen_0123456789_0ä");
    assert_eq!((whole.len(), cut.len()), (33, 29));
    let (ran, _) = run_to(whole, vec![named(cut)], &plan()).await;
    assert_eq!(ran.warnings().len(), 1, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn where_no_warning_is_accepted_nothing_is_sent_to_a_device_whose_name_is_cut_off() {
    let policy = Policy { deny_warnings: true, ..Policy::default() };
    let plan = Plan { policy, ..plan() };
    let (ran, counts) = run_to(LONG, vec![named(CUT)], &plan).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::WARNED, 1), "{ran}");
    assert_eq!(counts.writes.load(Ordering::SeqCst), 0, "{ran}");
    let (connect, counts) = to(LONG, vec![named(CUT)]);
    let looked = plan.at(&connect).info(1, &[]).await;
    assert_eq!(exit::of_error(&looked.expect_err("denied")).0, Exit::WARNED);
    assert_eq!(counts.writes.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_cut_name_counts_for_nothing_where_it_need_not_be_one() {
    // Shorter than what has room; whole, as the system says; in a batch.
    let short = &CUT[..CUT.len() - 1];
    for (care, station) in [
        (Care::Attended, named(short)),
        (Care::Attended, Station { is_named_whole: true, ..named(CUT) }),
        (Care::Batch, named(CUT)),
    ] {
        let (ran, counts) = run_with(care, LONG, vec![station], &plan()).await;
        assert_eq!(ran.exit(), Exit::NOT_FOUND, "{care:?}: {ran}");
        assert_eq!(counts.attempts.load(Ordering::SeqCst), 0, "{care:?}: {ran}");
        let told = ran.result.expect_err("it may be another").to_string();
        let hint = "; one of them may have this name, cut off; if it is the device, give its \
                    address (24:0A:C4:11:22:33)";
        assert_eq!(told.ends_with(hint), care == Care::Batch, "{told}");
    }
    let twin = |id| Station { id, ..named(CUT) };
    let (ran, _) = run_to(LONG, vec![twin("A1"), twin("B2")], &plan()).await;
    assert_eq!(ran.exit(), Exit::INPUT, "{ran}");
    let told = format!("connect: several devices match: A1 ({CUT:?}), B2 ({CUT:?})");
    assert_eq!(ran.result.expect_err("either may be").to_string(), told);
    // The whole name comes later.
    let (neighbour, meant) = (device(), device());
    let late = Station { id: "B2", heard_after: Duration::from_secs(2), ..Station::of(&meant) };
    let stations = vec![
        Station { name: Some(CUT), ..Station::of(&neighbour) },
        Station { name: Some(LONG), ..late },
    ];
    let (ran, _) = run_to(LONG, stations, &plan()).await;
    assert!(ran.is_connected() && ran.warnings().is_empty(), "{ran}");
    assert!(has_joined_home(&meant) && neighbour.joins() == 0, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn two_devices_of_one_name_are_refused_with_their_addresses() {
    let twin = |id, heard_after| Station { id, heard_after, ..Station::of(&device()) };
    for (care, later, are_both_heard) in [
        (Care::Attended, 120, true),
        (Care::Attended, 1500, false),
        (Care::Unattended, 1500, true),
        (Care::Batch, 1500, true),
    ] {
        let later = Duration::from_millis(later);
        // From when the first is heard.
        let first = Duration::from_secs(1);
        let stations = vec![twin("A1", first), twin("B2", first + later)];
        let (ran, counts) = run_with(care, "PROV_1234", stations, &plan()).await;
        assert_eq!(ran.is_connected(), !are_both_heard, "{care:?}: {ran}");
        if are_both_heard {
            assert_eq!(ran.exit(), Exit::INPUT, "{ran}");
            let error = ran.result.expect_err("it is not clear which is meant").to_string();
            assert_eq!(error, "connect: several devices match: A1, B2");
            assert_eq!(counts.attempts.load(Ordering::SeqCst), 0);
        }
    }
}

/// The one before had the same name, and the link of the run that provisioned it is being closed.
#[tokio::test(start_paused = true)]
async fn a_device_that_is_about_to_leave_is_no_second_one() {
    for (leaves, has_left) in [(2, true), (99, false)] {
        let (before, meant) = (device(), device());
        let heard_until = Duration::from_secs(leaves);
        let stations = vec![
            Station { id: "A1", is_held: true, heard_until, ..Station::of(&before) },
            Station { id: "B2", ..Station::of(&meant) },
        ];
        let (connect, _) = to("PROV_1234", stations);
        let ran = run(&connect, &plan()).await;
        let end = if has_left { Exit::DONE } else { Exit::INPUT };
        assert_eq!((ran.exit(), before.joins()), (end, 0), "{ran}");
        assert_eq!(meant.joins(), u32::from(has_left), "{ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_needs_no_wait_for_another() {
    for care in CARES {
        for (wanted, at_most) in [("24:0A:C4:11:22:33", 100), ("PROV_1234", 2100)] {
            let (connect, _) = to(wanted, vec![Station::of(&device())]);
            let began = Instant::now();
            connect.with(care).connect(Duration::from_secs(10)).await.expect("it advertises");
            assert!(began.elapsed().as_millis() <= at_most, "{care:?}: {:?}", began.elapsed());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_heard_too_late_to_be_sure_is_not_connected_to() {
    let policy = Policy { connect_timeout: Duration::from_secs(3), ..Policy::default() };
    let plan = Plan { policy, ..plan() };
    let late = Station { heard_after: Duration::from_secs(1), ..Station::of(&device()) };
    let (ran, counts) = run_with(Care::Unattended, "PROV_1234", vec![late], &plan).await;
    assert_eq!(ran.exit(), Exit::CONNECT, "{ran}");
    assert_eq!(counts.attempts.load(Ordering::SeqCst), 0, "{ran}");
    let told = ran.result.expect_err("there may be another").to_string();
    assert!(told.contains("\"PROV_1234\" is here, but it takes longer"), "{told}");
}

/// One that has joined and left is not looked for under its name, which another may have.
#[tokio::test(start_paused = true)]
async fn another_attempt_is_at_the_same_device() {
    let settings = Settings { fault: Some(DeviceFault::Vanish), ..Settings::default() };
    let (meant, twin) = (VirtualDevice::new(settings), device());
    let leaves = Duration::from_secs(1);
    let stations = vec![
        Station { heard_until: leaves, ..Station::of(&meant) },
        Station { id: "B2", heard_after: leaves, ..Station::of(&twin) },
    ];
    let (ran, _) = run_to("PROV_1234", stations, &plan()).await;
    assert_eq!((ran.exit(), twin.joins()), (Exit::UNCONFIRMED, 0), "{ran}");
    assert!(meant.joins() == 1, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_not_there_is_told_with_those_that_are() {
    let other = |id, name| Station { id, name, ..Station::of(&device()) };
    let others = vec![other("1", Some("Lamp")), other("2", Some("PROV_1234 ")), other("3", None)];
    let (ran, _) = run_to("PROV_1234", others, &plan()).await;
    assert_eq!(ran.exit(), Exit::NOT_FOUND, "{ran}");
    let error = ran.result.expect_err("it is not there").to_string();
    let heard = "devices in range: \"Lamp\", \"PROV_1234 \"";
    let told = format!("connect: no device: \"PROV_1234\" not found; {heard}");
    assert_eq!(error, told);
    assert!(ran.took < Duration::from_secs(10), "within the limit for connecting: {:?}", ran.took);
}

#[tokio::test(start_paused = true)]
async fn a_system_that_is_slow_to_tell_what_it_heard_changes_no_answer() {
    for (look_takes, exit) in
        [(2600, Exit::NOT_FOUND), (8000, Exit::NOT_FOUND), (60_000, Exit::CONNECT)]
    {
        let other = Station { id: "1", name: Some("Lamp"), ..Station::of(&device()) };
        let look_takes = Duration::from_millis(look_takes);
        let mut air = Air::with(vec![other]);
        air.look_takes = look_takes;
        let address = BleAddress { wanted: BleSelector::from_text("PROV_1234"), adapter: None };
        let ran = run(&BleConnect::with_adapter(address, Arc::new(air)), &plan()).await;
        assert_eq!(ran.exit(), exit, "{look_takes:?}: {ran}");
        assert!(
            ran.took <= Duration::from_secs(10),
            "within the limit for connecting: {:?}",
            ran.took
        );
        let error = ran.result.expect_err("it is not there").to_string();
        let words = match exit {
            Exit::NOT_FOUND => "devices in range: \"Lamp\"",
            _ => "the system's Bluetooth service does not answer",
        };
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_try_to_connect_may_fail() {
    for (refuses, exit) in [(1, Exit::DONE), (9, Exit::CONNECT)] {
        let station = Station { refuses, ..Station::of(&device()) };
        let (ran, _) = run_to("PROV_1234", vec![station], &plan()).await;
        assert_eq!(ran.exit(), exit, "{refuses}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn endpoints_are_known_by_name_in_any_case_else_by_number() {
    for (has_descriptions, spelling, numbers) in [
        (true, str::to_uppercase as fn(&str) -> String, &EXAMPLES[1][..]),
        (false, str::to_owned, &EXAMPLES[0]),
    ] {
        for service in SERVICES {
            let device = device();
            let station =
                Station { service, has_descriptions, spelling, numbers, ..Station::of(&device) };
            let (ran, _) = run_to("PROV_1234", vec![station], &plan()).await;
            assert!(ran.is_connected(), "{has_descriptions} {service}: {ran}");
        }
    }
}

/// The endpoints that `info` lists.
async fn endpoints_of(station: Station) -> Vec<String> {
    let (connect, _) = to("PROV_1234", vec![station]);
    let looked = plan().at(&connect).info(1, &[]).await;
    let Ok(Outcome::Info { info }) = looked else { panic!("{looked:?}") };
    let places = info.endpoint_list.endpoints.expect("BLE has a list");
    places.iter().filter_map(EndpointLocation::endpoint).map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn the_name_of_an_endpoint_ends_before_a_nul() {
    let spelling = |name: &str| format!("{name}\0\u{17}rest");
    let station = Station { spelling, numbers: &EXAMPLES[1], ..Station::of(&device()) };
    let (ran, _) = run_to("PROV_1234", vec![station.clone()], &plan()).await;
    assert!(ran.is_connected(), "{ran}");
    let names = endpoints_of(station).await;
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    assert!(has("prov-session") && names.iter().all(|name| !name.contains('\0')));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_can_not_be_read_hides_no_other_and_the_number_does() {
    for nameless in ["custom-data", "proto-ver", "prov-session"] {
        let (nameless_one, numbers) = (Some(nameless), &EXAMPLES[0]);
        let station = Station { nameless: nameless_one, numbers, ..Station::of(&device()) };
        let (ran, _) = run_to("PROV_1234", vec![station.clone()], &plan()).await;
        assert!(ran.is_connected(), "{nameless}: {ran}");
        let names = endpoints_of(station).await;
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        assert!(has("prov-config") && !has(nameless), "{names:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn firmware_with_numbers_of_its_own_is_known_by_the_names() {
    let plan = Plan { custom_data: Some(vec![7; 400]), ..plan() };
    let service = uuid::Uuid::from_u128(0x1234_5678_1234_1234_1234_1234_5678_9abc);
    let station = Station { service, numbers: &EXAMPLES[1], ..Station::of(&device()) };
    let (ran, _) = run_to("PROV_1234", vec![station], &plan).await;
    assert!(ran.is_connected(), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_too_long_is_refused_before_it_is_sent() {
    for (length, exit, links) in [(512, Exit::DONE, 1), (513, Exit::INPUT, 0)] {
        let plan = Plan { custom_data: Some(vec![7; length]), ..plain_plan() };
        let station = Station::of(&device_of(Scheme::Sec0));
        let (ran, _) = run_to("PROV_1234", vec![station], &plan).await;
        assert_eq!((ran.exit(), ran.links()), (exit, links), "{length}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_too_long_for_the_device_is_not_tried_again() {
    let mishap = Some((4, RadioError::TooLong("Invalid Length".into())));
    let plan = Plan { custom_data: Some(vec![7; 400]), ..plan() };
    let station = Station { mishap, ..Station::of(&device()) };
    let (ran, _) = run_to("PROV_1234", vec![station], &plan).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::UNSUPPORTED, 1), "{ran}");
    let error = ran.result.expect_err("it is too long").to_string();
    assert_eq!(
        error,
        "custom data: the request has 400 bytes, more than custom-data takes over BLE"
    );
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_at_any_exchange_is_got_over() {
    let lost = || RadioError::Lost("Not connected".into());
    for at in 1..=6 {
        for error in [lost(), RadioError::Other("Software caused connection abort".into())] {
            let device = device();
            let mishap = Some((at, error.clone()));
            let station = Station { mishap, ..Station::of(&device) };
            let (ran, _) = run_to("PROV_1234", vec![station], &plan()).await;
            assert!(ran.is_connected() && device.joins() == 1, "{at} {error:?}: {ran}");
            assert_eq!(ran.links(), 2, "{at} {error:?}: {ran}");
        }
    }
}

/// The link before breaks two seconds after it was given up, whoever uses it by then.
#[tokio::test(start_paused = true)]
async fn what_a_healthy_device_does_once_in_a_while_is_got_over() {
    for odd in [Odd::Rejected, Odd::Forbidden, Odd::Empty, Odd::Late] {
        // Version, handshake, proof, network, apply, join.
        for at in 1..=7 {
            let join_delay = Duration::from_secs(4);
            let device = VirtualDevice::new(Settings { join_delay, ..Settings::default() });
            let station = Station { odd: Some((at, odd)), ..Station::of(&device) };
            let (ran, counts) = run_to("PROV_1234", vec![station], &plan()).await;
            assert!(ran.is_connected() && device.joins() == 1, "{odd:?} {at}: {ran}");
            assert_eq!(
                (ran.links(), counts.links.load(Ordering::SeqCst)),
                (2, 2),
                "{odd:?} {at}: {ran}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_may_not_be_written_is_told_as_that() {
    let station = Station { odd: Some((0, Odd::Forbidden)), ..Station::of(&device()) };
    let (ran, _) = run_to("PROV_1234", vec![station], &plan()).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::UNSUPPORTED, 3), "{ran}");
    let error = ran.result.expect_err("it can't be written").to_string();
    let words = "the device does not allow the request: Write not permitted";
    assert_eq!(error, format!("version: {words}"));
}

/// Nothing is tried again, and the device has answered or was not asked.
#[tokio::test(start_paused = true)]
async fn what_says_that_a_device_is_there_is_no_sign_that_it_left() {
    let told = "; the device was told to join, and may have joined";
    for (error, exit) in [
        (RadioError::Unpaired("Not paired".into()), Exit::CONNECT),
        (RadioError::Denied("AccessDenied".into()), Exit::CONNECT),
        (RadioError::Forbidden("Write not permitted".into()), Exit::UNSUPPORTED),
    ] {
        for at in [5, 6] {
            let join_delay = Duration::from_secs(30);
            let device = VirtualDevice::new(Settings { join_delay, ..Settings::default() });
            let station = Station { mishap: Some((at, error.clone())), ..Station::of(&device) };
            let policy = Policy { attempts: 1, ..Policy::default() };
            let (ran, _) = run_to("PROV_1234", vec![station], &Plan { policy, ..plan() }).await;
            assert_eq!(ran.exit(), exit, "{error:?} {at}: {ran}");
            let said = ran.result.expect_err("it is not joined").to_string();
            assert!(said.ends_with(told), "{error:?} {at}: {said}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_error_ends_in_nothing() {
    let mishap = Some((1, RadioError::Lost(String::new())));
    let policy = Policy { attempts: 1, ..Policy::default() };
    let plan = Plan { policy, ..plan() };
    let station = Station { mishap, ..Station::of(&device()) };
    let (ran, _) = run_to("PROV_1234", vec![station], &plan).await;
    let said = ran.result.expect_err("the link broke").to_string();
    assert_eq!(said, "version: the link broke: no reason given");
    let address = BleAddress { wanted: BleSelector::from_text("PROV_1234"), adapter: None };
    let broken = Broken(RadioError::Other(String::new()));
    let ran = run(&BleConnect::with_adapter(address, Arc::new(broken)), &plan).await;
    let said = ran.result.expect_err("there is no radio").to_string();
    assert_eq!(said, "connect: could not connect: no reason given");
}

#[tokio::test(start_paused = true)]
async fn a_run_right_after_another_has_a_link_of_its_own() {
    let join_delay = Duration::from_secs(4);
    let device = VirtualDevice::new(Settings { join_delay, ..Settings::default() });
    let air: Arc<dyn Adapter> = Arc::new(Air::with(vec![Station::of(&device)]));
    for number in 1..=20 {
        // As another process.
        let wanted = BleSelector::from_text("PROV_1234");
        let connect =
            BleConnect::with_adapter(BleAddress { wanted, adapter: None }, Arc::clone(&air));
        let ran = run(&connect, &plan()).await;
        assert!(ran.is_connected() && ran.links() == 1, "{number}: {ran}");
        let began = Instant::now();
        connect.settle().await;
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "it waits for a link that closes by itself"
        );
        device.restart();
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_a_killed_process_left_is_closed_and_not_used() {
    for wanted in ["PROV_1234", "PROV_*", "24:0a:c4:11:22:33"] {
        let station = Station { is_held: true, ..Station::of(&device()) };
        let (ran, counts) = run_to(wanted, vec![station], &plan()).await;
        assert!(ran.is_connected(), "{wanted}: {ran}");
        assert_eq!((ran.links(), counts.links.load(Ordering::SeqCst)), (1, 1), "{wanted}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_does_not_close_is_told() {
    let station = Station { is_held: true, stays_connected: true, ..Station::of(&device()) };
    let (ran, counts) = run_to("PROV_1234", vec![station], &plan()).await;
    assert_eq!((ran.exit(), counts.attempts.load(Ordering::SeqCst)), (Exit::CONNECT, 0), "{ran}");
    let error = ran.result.expect_err("somebody else has it").to_string();
    let words =
        "\"PROV_1234\" is still connected to this machine, by another program or by an earlier run";
    assert!(error.contains(words), "{error}");
    assert!(ran.took < Duration::from_secs(10), "within the limit for connecting: {:?}", ran.took);
}

#[tokio::test(start_paused = true)]
async fn of_several_that_fit_one_that_another_run_is_busy_with_is_left_alone() {
    let busy =
        Station { id: "1", name: Some("PROV_5678"), is_held: true, ..Station::of(&device()) };
    let device = device();
    let (ran, _) = run_to("PROV_*", vec![busy, Station::of(&device)], &plan()).await;
    assert!(ran.is_connected() && has_joined_home(&device), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn what_the_system_remembers_of_other_firmware_is_forgotten() {
    let station = Station { is_remembered: true, ..Station::of(&device()) };
    let (ran, counts) = run_to("PROV_1234", vec![station], &plan()).await;
    assert!(ran.is_connected(), "{ran}");
    assert_eq!((ran.links(), counts.forgotten.load(Ordering::SeqCst)), (2, 1), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_proof_is_told_whatever_way_the_firmware_rejects_it() {
    let wrong = Plan {
        security: esp_prov::Security { pop: Some("wrong".into()), ..esp_prov::Security::default() },
        ..plan()
    };
    let (ran, _) = run_to("PROV_1234", vec![Station::of(&device())], &wrong).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::PROOF, 2), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_leaves_after_apply_has_probably_joined() {
    let settings = Settings { fault: Some(DeviceFault::Vanish), ..Settings::default() };
    let station = Station::of(&VirtualDevice::new(settings));
    let (ran, _) = run_to("PROV_1234", vec![station], &plan()).await;
    assert_eq!(ran.exit(), Exit::UNCONFIRMED, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_wants_to_be_paired_with_says_so_once() {
    let mishap = Some((1, RadioError::Unpaired("Insufficient Authentication".into())));
    let station = Station { mishap, ..Station::of(&device()) };
    let (ran, _) = run_to("PROV_1234", vec![station], &plan()).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::CONNECT, 1), "{ran}");
}

/// A radio that is no good.
struct Broken(RadioError);

#[async_trait]
impl Adapter for Broken {
    async fn ready(&self) -> Result<(), RadioError> {
        Err(self.0.clone())
    }

    async fn listen(&self) -> Result<(), RadioError> {
        Err(self.0.clone())
    }

    async fn heard(&self) -> Result<Vec<Advertisement>, RadioError> {
        Err(self.0.clone())
    }

    async fn stop(&self) {}

    async fn forget(&self, _: &str) {}

    async fn peer(&self, _: &str) -> Result<Box<dyn Peer>, RadioError> {
        Err(self.0.clone())
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_is_no_good_is_told_and_one_that_may_come_back_is_waited_for() {
    for (error, words, waits) in [
        (RadioError::NoAdapter, "this machine has no Bluetooth adapter", 10),
        (
            RadioError::OtherAdapter { wanted: "hci7".into(), there: "hci0".into() },
            "no Bluetooth adapter has this name; adapters here: hci0",
            10,
        ),
        (RadioError::Off, "the Bluetooth adapter is off", 10),
        (RadioError::DiscoveryUnavailable, "the adapter does not start listening", 10),
        (
            RadioError::NoService("not known".into()),
            "the system's Bluetooth service does not answer: not known",
            10,
        ),
        (
            RadioError::NoBus("no socket".into()),
            "the system's bus (D-Bus) does not answer: no socket",
            0,
        ),
        (
            RadioError::Denied("AccessDenied".into()),
            "this user may not use Bluetooth: AccessDenied",
            0,
        ),
    ] {
        let address = BleAddress { wanted: BleSelector::from_text("PROV_1234"), adapter: None };
        let connect = BleConnect::with_adapter(address, Arc::new(Broken(error)));
        let ran = run(&connect, &plan()).await;
        assert_eq!((ran.exit(), ran.links()), (Exit::CONNECT, 1), "{ran}");
        assert_eq!((ran.took.as_secs(), adapter_told(&ran).len()), (waits, usize::from(waits > 0)));
        let error = ran.result.expect_err("there is no radio").to_string();
        assert_eq!(error, format!("connect: {words}"));
    }
}

/// What was told of the adapter: whether it is there.
fn adapter_told(ran: &Ran) -> Vec<bool> {
    let told = ran.events.iter().filter_map(|(_, event)| match event {
        Event::AdapterUnavailable { .. } => Some(false),
        Event::AdapterAvailable => Some(true),
        _ => None,
    });
    told.collect()
}

/// To the device of the tests, on a machine.
fn on(host: &Host, station: Station) -> BleConnect {
    let address = BleAddress { wanted: BleSelector::from_text("PROV_1234"), adapter: None };
    BleConnect::with_adapter(address, Arc::new(Air::on(host, vec![station])))
}

fn gone() -> [RadioError; 4] {
    let ended = RadioError::NoService("it ended".into());
    [RadioError::Off, RadioError::DiscoveryUnavailable, RadioError::NoAdapter, ended]
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_comes_back_costs_no_attempt() {
    let policy = Policy { attempts: 1, ..Policy::default() };
    let plan = Plan { policy, ..plan() };
    for error in gone() {
        for after in [0, 150] {
            let host = Host::default();
            let device = device();
            // It is gone before, or while it listens.
            let station = Station { heard_after: Duration::from_secs(1), ..Station::of(&device) };
            let connect = on(&host, station);
            if after == 0 {
                host.goes_for(Duration::from_secs(3), error.clone());
            } else {
                let after = Duration::from_millis(after);
                host.will_go_for(after, Duration::from_secs(3), error.clone());
            }
            let ran = run(&connect, &plan).await;
            assert!(ran.is_connected() && ran.links() == 1, "{error:?} {after}: {ran}");
            assert_eq!(adapter_told(&ran), [false, true], "{error:?} {after}");
            assert!((3..9).contains(&ran.took.as_secs()), "{error:?} {after}: {:?}", ran.took);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_goes_at_any_exchange_is_got_over() {
    for at in 1..=6 {
        for error in gone() {
            let device = device();
            let host = Host::default();
            let host_fault = Some((at, error.clone(), Duration::from_secs(2)));
            let connect = on(&host, Station { host_fault, ..Station::of(&device) });
            let ran = run(&connect, &plan()).await;
            assert!(ran.is_connected() && device.joins() == 1, "{at} {error:?}: {ran}");
            assert_eq!((ran.links(), host.absences()), (2, 1), "{at} {error:?}: {ran}");
            assert_eq!(adapter_told(&ran), [false, true], "{at} {error:?}");
        }
    }
}

/// Be it the device, or the adapter in another way.
#[tokio::test(start_paused = true)]
async fn after_an_adapter_was_away_it_is_told_what_is_wrong_by_then() {
    let second = Duration::from_secs(1);
    let once = Plan { policy: Policy { attempts: 1, ..Policy::default() }, ..plan() };
    let host = Host::default();
    host.goes_for(second, RadioError::Off);
    let never = Station { heard_after: 3600 * second, ..Station::of(&device()) };
    let ran = run(&on(&host, never), &once).await;
    assert_eq!((ran.exit(), adapter_told(&ran)), (Exit::NOT_FOUND, vec![false, true]), "{ran}");

    let host = Host::default();
    host.goes(RadioError::Off);
    host.will_go_for(2 * second, 3600 * second, RadioError::NoService("it ended".into()));
    let ran = run(&on(&host, Station::of(&device())), &once).await;
    assert_eq!(adapter_told(&ran), [false], "{ran}");
    let error = ran.result.expect_err("it is away").to_string();
    assert_eq!(error, "connect: the system's Bluetooth service does not answer: it ended");

    // Away again, while the device is looked for.
    let host = Host::default();
    host.goes_for(second, RadioError::Off);
    host.will_go_for(2 * second, second, RadioError::Off);
    let late = Station { heard_after: 4 * second, ..Station::of(&device()) };
    let ran = run(&on(&host, late), &once).await;
    assert!(ran.is_connected(), "{ran}");
    assert_eq!(adapter_told(&ran), [false, true, false, true], "{ran}");

    // What has only just come back has all the time that there is for a link.
    let host = Host::default();
    host.goes_for(9 * second, RadioError::Off);
    let late = Station { heard_after: 12 * second, ..Station::of(&device()) };
    let ran = run(&on(&host, late), &once).await;
    assert!(ran.is_connected(), "{ran}");
}

/// Nothing was heard of it: neither that it left nor that it is there.
#[tokio::test(start_paused = true)]
async fn an_adapter_that_stays_away_after_apply_does_not_say_that_the_device_left() {
    let host = Host::default();
    let host_fault = Some((6, RadioError::Off, Duration::from_secs(60)));
    let connect = on(&host, Station { host_fault, ..Station::of(&device()) });
    let ran = run(&connect, &plan()).await;
    assert_eq!(ran.exit(), Exit::CONNECT, "{ran}");
    let error = ran.result.expect_err("it is off").to_string();
    let words =
        "connect: the Bluetooth adapter is off; the device was told to join, and may have joined";
    assert_eq!(error, words);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_crashes_bluetooth_each_time_is_given_up() {
    let error = RadioError::NoService("it ended".into());
    let host = Host::default();
    let connect = on(
        &host,
        Station { host_fault: Some((0, error, Duration::from_secs(1))), ..Station::of(&device()) },
    );
    let ran = run(&connect, &plan()).await;
    assert_eq!(ran.exit(), Exit::CONNECT, "{ran}");
    assert!(ran.took < Duration::from_secs(20), "{:?}", ran.took);
    let error = ran.result.expect_err("it is hostile");
    let words = "connect: the system's Bluetooth service died while it connected to the device";
    assert!(error.to_string().starts_with(words), "{error}");
    let (_, hint) = exit::of_error(&error);
    assert!(hint.contains("this device makes it crash"), "{hint}");

    // Nor does it matter that the service ends again while the device is listened for.
    let host = Host::default();
    let ended = || RadioError::NoService("it ended".into());
    let second = Duration::from_secs(1);
    let crashes = Station {
        host_fault: Some((0, ended(), second)),
        heard_until: 3 * second,
        ..Station::of(&device())
    };
    host.will_go_for(5 * second, 3600 * second, ended());
    let ran = run(&on(&host, crashes), &plan()).await;
    assert_eq!(adapter_told(&ran), [false, true, false], "{ran}");
    let error = ran.result.expect_err("it is hostile").to_string();
    assert!(error.starts_with(words), "{error}");
}

/// What ends the run is what it waits for.
#[tokio::test(start_paused = true)]
async fn a_run_that_is_over_while_the_adapter_is_off_says_so() {
    let timeout = Duration::from_secs(4);
    let plan = Plan { policy: Policy { timeout, ..Policy::default() }, ..plan() };
    for (back_after, words) in
        [(60, "connect: the Bluetooth adapter is off"), (2, "connect: timed out after 4s")]
    {
        let host = Host::default();
        let later = Duration::from_secs(60);
        let connect = on(&host, Station { heard_after: later, ..Station::of(&device()) });
        host.goes_for(Duration::from_secs(back_after), RadioError::Off);
        let ran = run(&connect, &plan).await;
        assert_eq!(ran.took, timeout, "{ran}");
        let expected = if back_after == 60 { Exit::CONNECT } else { Exit::LINK_LOST };
        assert_eq!(ran.exit(), expected, "{ran}");
        assert_eq!(ran.result.expect_err("it is not there").to_string(), words);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_given_up_leaves_no_connection() {
    for after in [10, 250, 300, 600, 1200] {
        let (connect, counts) = to("PROV_1234", vec![Station::of(&device())]);
        let given_up = timeout(Duration::from_millis(after), run(&connect, &plan())).await;
        assert!(given_up.is_err(), "{after}: it takes 1.2 s to join");
        connect.settle().await;
        // What listens is told to stop in a task of its own.
        tokio::task::yield_now().await;
        assert_eq!(counts.open.load(Ordering::SeqCst), 0, "{after}");
        assert!(!counts.listening.load(Ordering::SeqCst), "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn fifty_sessions_leave_no_connection() {
    let policy = Policy { attempts: 1, ..Policy::default() };
    let plan = Plan { policy, ..plan() };
    let device = device();
    let (connect, counts) = to("PROV_1234", vec![Station::of(&device)]);
    for number in 1..=50 {
        let ran = run(&connect, &plan).await;
        assert!(ran.is_connected(), "{number}: {ran}");
        connect.settle().await;
        assert_eq!(counts.open.load(Ordering::SeqCst), 0, "{number}");
        device.restart();
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_old_firmware_may_not_take_is_warned_of() {
    for (persona, bytes, expected) in [
        (Persona::IdfV4_4, 257, true),
        (Persona::IdfV4_4, 256, false),
        (Persona::Netprov, 400, false),
    ] {
        let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
        let plan = Plan { custom_data: Some(vec![b'x'; bytes]), ..plan() };
        let (connect, _) = to("PROV_1234", vec![Station::of(&device)]);
        let wanted = BleSelector::from_text("PROV_1234");
        let address = Address::Ble(BleAddress { wanted, adapter: None });
        let warned = AtomicBool::new(false);
        let watch = |event: Event| {
            if let Event::Warning { warning: Warning::MayBeTooLong { limit: 256, .. } } = event {
                warned.store(true, Ordering::SeqCst);
            }
        };
        let device = Provisioner::new(address, &connect)
            .with_security(plan.security.clone())
            .with_observer(&watch);
        let _ = device.provision(&plan.given()).await;
        assert_eq!(warned.into_inner(), expected, "{persona}, {bytes} bytes");
    }
}
