//! Devices that wait to be provisioned, on a radio of our own and a paused clock.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use esp_prov::{
    DiscoveredDevice, DiscoveryFilter, DiscoverySources, Event, Outcome, RadioError, discover,
    transport::ble::BleScan,
};
use esp_prov_rs::exit;
use esp_prov_simulate::{Settings, VirtualDevice};
use kit::{Air, Host, Station};
use uuid::Uuid;

const OWN: Uuid = Uuid::from_u128(0x1111_9004_0382_4aea_bff4_6b3f_1c5a_dfb4);

/// What is listed, and what is told on the way.
async fn listen(
    stations: Vec<Station>,
    wish: DiscoveryFilter,
) -> (Vec<DiscoveredDevice>, Vec<DiscoveredDevice>, u8) {
    let scan = BleScan::with_adapter(Arc::new(Air::with(stations))).await.expect("it listens");
    let told = Mutex::new(Vec::new());
    let watch = |event: Event| {
        if let Event::Discovered { device } = event {
            told.lock().expect("no panic").push(device);
        }
    };
    let sources = DiscoverySources { ble: Some(scan), ..DiscoverySources::default() };
    let outcome = discover(sources, &wish, Duration::from_secs(5), &watch).await.expect("it works");
    let code = exit::of_outcome(&outcome).code;
    let Outcome::Discovered { devices } = outcome else { panic!("{outcome:?}") };
    (devices, told.into_inner().expect("no panic"), code)
}

fn station(id: &'static str, name: Option<&'static str>) -> Station {
    Station { id, name, ..Station::of(&VirtualDevice::new(Settings::default())) }
}

fn names(devices: &[DiscoveredDevice]) -> Vec<Option<&str>> {
    devices.iter().map(|one| one.name.as_deref()).collect()
}

#[tokio::test(start_paused = true)]
async fn devices_are_listed_by_name_whenever_they_come() {
    let late = Station { heard_after: Duration::from_secs(3), ..station("A1", Some("PROV_a")) };
    let stations = vec![station("B2", Some("PROV_b")), late, station("C3", None)];
    let (devices, _, code) = listen(stations, DiscoveryFilter::default()).await;
    assert_eq!(names(&devices), [None, Some("PROV_a"), Some("PROV_b")]);
    assert!(devices.iter().all(|one| one.provisions && one.rssi == Some(-50)));
    assert_eq!(devices[1].heard_after, Duration::from_secs(3));
    assert_eq!(code, 0);
}

#[tokio::test(start_paused = true)]
async fn a_device_is_told_of_again_when_its_name_is_heard() {
    let slow = Station { named_after: Duration::from_secs(1), ..station("A1", Some("PROV_a")) };
    let (_, told, _) = listen(vec![slow], DiscoveryFilter::default()).await;
    assert_eq!(names(&told), [None, Some("PROV_a")]);
    assert_eq!(told[1].heard_after, Duration::ZERO, "it was there before");
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_changes_all_the_time_is_told_once_a_second() {
    let flickers = Station { flickers: true, ..station("A1", Some("PROV_a")) };
    let (_, told, _) = listen(vec![flickers], DiscoveryFilter::default()).await;
    assert!((4..=6).contains(&told.len()), "{} in 5 s", told.len());
}

#[tokio::test(start_paused = true)]
async fn the_wish_decides_which_devices_count() {
    let lamp = Station { service: OWN, ..station("A1", Some("Lamp")) };
    let stations = || vec![lamp.clone(), station("B2", Some("PROV_b"))];
    let listed = |wish| async { listen(stations(), wish).await.0 };

    let ours = listed(DiscoveryFilter::default()).await;
    assert_eq!(names(&ours), [Some("PROV_b")]);
    let own = listed(DiscoveryFilter { service: Some(OWN), ..DiscoveryFilter::default() }).await;
    assert_eq!(names(&own), [Some("Lamp"), Some("PROV_b")]);
    assert!(own[0].provisions && own[0].service == Some(OWN), "{own:?}");
    let all = listed(DiscoveryFilter { all: true, ..DiscoveryFilter::default() }).await;
    assert_eq!(names(&all), [Some("Lamp"), Some("PROV_b")]);
    assert!(!all[0].provisions, "{all:?}");
    let prefix =
        listed(DiscoveryFilter { prefix: Some("La".into()), ..DiscoveryFilter::default() }).await;
    assert_eq!(names(&prefix), [Some("Lamp")]);
}

#[tokio::test(start_paused = true)]
async fn no_device_is_an_answer_with_its_own_code() {
    let (devices, _, code) = listen(Vec::new(), DiscoveryFilter::default()).await;
    assert!(devices.is_empty() && code == exit::Exit::NOT_FOUND.code);
}

/// What is listed on a machine, and whether its adapter is there, each time that was told.
async fn on(host: &Host, stations: Vec<Station>) -> (Result<Outcome, esp_prov::Error>, Vec<bool>) {
    let air = Arc::new(Air::on(host, stations));
    let scan = BleScan::with_adapter_once_there(air).await.expect("it will listen");
    let told = Mutex::new(Vec::new());
    let watch = |event: Event| match event {
        Event::AdapterUnavailable { .. } => told.lock().expect("no panic").push(false),
        Event::AdapterAvailable => told.lock().expect("no panic").push(true),
        _ => {}
    };
    let sources = DiscoverySources { ble: Some(scan), ..DiscoverySources::default() };
    let outcome =
        discover(sources, &DiscoveryFilter::default(), Duration::from_secs(5), &watch).await;
    (outcome, told.into_inner().expect("no panic"))
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_comes_back_is_listened_with() {
    let second = Duration::from_secs(1);
    for error in [
        RadioError::Off,
        RadioError::DiscoveryUnavailable,
        RadioError::NoService("it ended".into()),
    ] {
        for after in [0, 1] {
            let host = Host::default();
            let late = Station { heard_after: 3 * second, ..station("A1", Some("PROV_a")) };
            if after == 0 {
                host.goes_for(2 * second, error.clone());
            } else {
                host.will_go_for(second, 2 * second, error.clone());
            }
            let (outcome, told) = on(&host, vec![late]).await;
            let Ok(Outcome::Discovered { devices }) = outcome else { panic!("{outcome:?}") };
            assert_eq!(names(&devices), [Some("PROV_a")], "{error:?} {after}");
            assert_eq!(told, [false, true], "{error:?} {after}");
        }
        let host = Host::default();
        host.goes(error.clone());
        let (outcome, told) = on(&host, vec![station("A1", Some("PROV_a"))]).await;
        let failed = outcome.expect_err("it is away");
        assert_eq!(failed.to_string(), format!("discover: {error}"));
        assert_eq!((exit::of_error(&failed).0.code, told), (11, vec![false]));
    }
}

/// It may not listen, which is not that it is away.
#[tokio::test(start_paused = true)]
async fn an_adapter_that_fails_is_told_at_once() {
    let host = Host::default();
    host.will_go_for(
        Duration::from_millis(300),
        Duration::from_secs(9),
        RadioError::Other("busy".into()),
    );
    let (outcome, told) = on(&host, Vec::new()).await;
    assert_eq!(
        (outcome.expect_err("it fails").to_string(), told),
        ("discover: busy".to_owned(), vec![])
    );
}

/// Whoever makes up devices makes up more than there is room for.
#[tokio::test(start_paused = true)]
async fn no_more_devices_are_listed_than_any_place_has() {
    let one = station("", Some("PROV_a"));
    let id = |number: usize| -> &'static str { Box::leak(number.to_string().into_boxed_str()) };
    let stations = (0..4100).map(|number| Station { id: id(number), ..one.clone() }).collect();
    let scan = BleScan::with_adapter(Arc::new(Air::with(stations))).await.expect("it listens");
    let sources = DiscoverySources { ble: Some(scan), ..DiscoverySources::default() };
    let within = Duration::from_millis(1);
    let outcome = discover(sources, &DiscoveryFilter::default(), within, &|_| ()).await;
    let Ok(Outcome::Discovered { devices }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(devices.len(), 4096);
}

/// That nothing was heard says something about devices only where something could be.
#[tokio::test(start_paused = true)]
async fn an_adapter_that_was_away_most_of_the_time_is_why_nothing_was_heard() {
    for (away, code) in [(4, 11), (1, 10)] {
        let host = Host::default();
        host.will_go_for(
            Duration::from_millis(300),
            Duration::from_secs(away),
            RadioError::DiscoveryUnavailable,
        );
        let (outcome, told) = on(&host, Vec::new()).await;
        let ended = match &outcome {
            Ok(outcome) => exit::of_outcome(outcome).code,
            Err(error) => exit::of_error(error).0.code,
        };
        assert_eq!((ended, told), (code, vec![false, true]), "{outcome:?}");
    }
}
