//! A device on its own access point, which this machine joins, on a paused clock.

use std::{collections::HashMap, sync::Arc, time::Duration};

use esp_prov::{
    Connect, DiscoveryFilter, DiscoverySources, Event, HeardBy, Outcome, Passphrase,
    address::{AccessPointSelector, Address},
    discover,
    transport::{
        WifiError,
        softap::{HostWifi, InterfaceState, Interfaces, Permission, Protection, Wifi},
    },
    verify::Knock,
};
use esp_prov_batch::{
    AccessPointScan, BatchEnd, BatchEvent, Concurrency, Connector, Entry, WIFI, Watch,
    ledger::{Ledger, State},
};
use esp_prov_rs::exit::Exit;
use esp_prov_simulate::{Fault, Quirk, Settings, VirtualDevice};
use kit::{
    Lan, Memory, WifiHost, access_point, entry, has_joined_home, passphrase, plan, run, ssid,
};
use tokio::time::sleep;

use super::line;

const NAME: &str = "PROV_1234";

fn device(join: u64) -> VirtualDevice {
    let join_delay = Duration::from_secs(join);
    VirtualDevice::new(Settings { join_delay, ..Settings::default() })
}

fn one() -> WifiHost {
    WifiHost::seeing(vec![
        access_point("Home", 1, Protection::Wpa),
        access_point(NAME, 2, Protection::Wpa),
    ])
}

#[tokio::test(start_paused = true)]
async fn a_device_is_reached_on_its_access_point_which_is_left_at_the_end() {
    let (wifi, device) = (one(), device(3));
    let way = wifi.way_to(&device, NAME, passphrase("ap-passphrase"));
    let ran = run(&way, &plan()).await;
    assert!(ran.is_connected() && has_joined_home(&device), "{}", ran.end());
    assert_eq!(wifi.joins_and_leaves(), (1, 0));
    way.settle().await;
    assert_eq!(wifi.joins_and_leaves(), (1, 1));
}

/// Its radio follows the network that it joins.
#[tokio::test(start_paused = true)]
async fn an_access_point_that_is_away_during_the_join_is_joined_again() {
    for away in [5, 10, 25, 40] {
        let (wifi, device) = (one(), device(55));
        let way = wifi.way_to(&device, NAME, passphrase("ap-passphrase"));
        wifi.goes_away(Duration::from_secs(6), Duration::from_secs(away));
        let ran = run(&way, &plan()).await;
        assert!(ran.is_connected(), "{away} s: {}", ran.end());
        assert_eq!((wifi.joins_and_leaves().0, device.joins()), (2, 1), "{away} s");
    }
}

#[tokio::test(start_paused = true)]
async fn an_access_point_that_stays_away_is_no_failure_of_the_device() {
    let (wifi, device) = (one(), device(55));
    let way = wifi.way_to(&device, NAME, passphrase("ap-passphrase"));
    wifi.goes_away(Duration::from_secs(6), Duration::from_secs(6000));
    let ran = run(&way, &plan()).await;
    assert_eq!((ran.end().as_str(), ran.exit()), ("Unconfirmed", Exit::UNCONFIRMED));
    // Not for ever.
    assert!(ran.took < Duration::from_secs(120), "{:?}", ran.took);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_access_point_of_the_device_is_not_joined() {
    let named = |protection| WifiHost::seeing(vec![access_point(NAME, 2, protection)]);
    let twins = WifiHost::seeing(vec![
        access_point(NAME, 2, Protection::Wpa),
        access_point(NAME, 3, Protection::Wpa),
    ]);
    let elsewhere = WifiHost::seeing(vec![access_point("PROV_9", 1, Protection::Open)]);
    let key = || passphrase("ap-passphrase");
    for (wifi, passphrase, exit, words) in [
        (twins, key(), Exit::INPUT, "24:0a:c4:00:00:02, 24:0a:c4:00:00:03"),
        (elsewhere, key(), Exit::NOT_FOUND, "there are \"PROV_9\""),
        (WifiHost::seeing(Vec::new()), key(), Exit::NOT_FOUND, "none is"),
        (one(), passphrase("another-one"), Exit::CONNECT, "rejects the passphrase"),
        (one(), Passphrase::open(), Exit::INPUT, "no passphrase was given"),
        // Anybody could have set that up.
        (named(Protection::Open), key(), Exit::SECURITY, "is open"),
        (named(Protection::Enterprise), key(), Exit::CONNECT, "enterprise"),
        (named(Protection::Wep), key(), Exit::CONNECT, "WEP"),
    ] {
        let device = device(1);
        let ran = run(&wifi.way_to(&device, NAME, passphrase), &plan()).await;
        assert_eq!(ran.exit(), exit, "{words}: {}", ran.end());
        let error = ran.result.expect_err("refused").to_string();
        assert!(error.contains(words), "{words}: {error}");
        assert!(!error.contains("passphrase\"") && wifi.joins_and_leaves().0 == 0, "{error}");
    }
    let wifi = named(Protection::Open);
    assert!(run(&wifi.way_to(&device(1), NAME, Passphrase::open()), &plan()).await.is_connected());
}

#[tokio::test(start_paused = true)]
async fn a_machine_whose_wifi_can_not_be_used_says_why() {
    let changed = |change: fn(&mut HostWifi)| one().with(|host| host.iter_mut().for_each(change));
    for (wifi, words) in [
        (
            one().with(|host| *host = Err(WifiError::NoManager("gone".into()))),
            "NetworkManager does",
        ),
        (one().falls_silent(), "it is silent"),
        (changed(|host| host.interfaces.clear()), "no Wi-Fi interface"),
        (changed(|host| host.is_on = false), "Wi-Fi is off"),
        (changed(|host| host.is_blocked = true), "Wi-Fi is off"),
        (changed(|host| host.may_join = Permission::No), "may not join"),
        (
            changed(|host| host.interfaces[0].state = InterfaceState::Unmanaged),
            "wlan0 (not managed)",
        ),
    ] {
        let way = wifi.way_to(&device(1), NAME, passphrase("ap-passphrase"));
        let error = way.check().await.expect_err("not usable");
        assert!(error.to_string().contains(words) && error.is_of_host(), "{words}: {error}");
    }
}

/// Whoever has joined it by hand stays on it.
#[tokio::test(start_paused = true)]
async fn an_access_point_that_this_machine_is_on_is_used_as_it_is() {
    let wifi = one().with(|host| {
        let host = host.as_mut().expect("one");
        host.interfaces[0].state = InterfaceState::Connected { ssid: Some(ssid(NAME)) };
    });
    let way = wifi.way_to(&device(1), NAME, Passphrase::open());
    assert_eq!(way.already_on().await, Ok(Some("wlan0".to_owned())));
    assert_eq!(wifi.joins_and_leaves(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn discovery_lists_access_points_that_look_like_devices() {
    let found = async |filter: DiscoveryFilter| {
        let sources = DiscoverySources { wifi: Some(Arc::new(one())), ..Default::default() };
        let within = Duration::from_secs(2);
        let outcome = discover(sources, &filter, within, &|_: Event| {}).await;
        let Ok(Outcome::Discovered { devices }) = outcome else { panic!("{outcome:?}") };
        devices
    };
    let devices = found(DiscoveryFilter::default()).await;
    let [one] = &devices[..] else { panic!("{devices:?}") };
    assert_eq!((one.by, one.name.as_deref()), (HeardBy::AccessPoint, Some(NAME)));
    assert_eq!((one.address.as_str(), one.rssi), ("24:0a:c4:00:00:02", Some(-50)));
    assert_eq!((one.channel, one.encryption), (Some(6), Some(Protection::Wpa)));
    let all = found(DiscoveryFilter { all: true, ..Default::default() }).await;
    assert_eq!(all.len(), 2);
    let prefix = Some("Ho".to_owned());
    assert_eq!(found(DiscoveryFilter { prefix, ..Default::default() }).await.len(), 1);
}

/// Devices on access points of their own, which one machine sees.
struct Shelf {
    devices: HashMap<String, VirtualDevice>,
    wifi: WifiHost,
}

impl Shelf {
    fn of(settings: &[Settings]) -> Self {
        let name = |number: usize| format!("PROV_{number}");
        let last = |number: usize| u8::try_from(number * 16).expect("a few");
        let points = (1..=settings.len())
            .map(|number| access_point(&name(number), last(number), Protection::Open));
        let wifi = WifiHost::seeing(points.collect());
        let device =
            |(number, one): (usize, &Settings)| (name(number + 1), VirtualDevice::new(one.clone()));
        Self { devices: settings.iter().enumerate().map(device).collect(), wifi }
    }

    fn roster(&self) -> Vec<Entry> {
        let mut names: Vec<_> = self.devices.keys().cloned().collect();
        names.sort();
        names.iter().map(|name| entry(name, &format!("softap:{name}"))).collect()
    }

    fn interfaces(&self, leaves_each: bool) -> Interfaces {
        let wifi = self.wifi.clone();
        Interfaces::new(&[], move || Arc::new(wifi.clone()) as Arc<dyn Wifi>, leaves_each)
    }

    fn connector(&self, interfaces: &Interfaces) -> Connector {
        let (devices, wifi, interfaces) =
            (self.devices.clone(), self.wifi.clone(), interfaces.clone());
        Arc::new(move |address: &Address| {
            let Address::Softap(softap) = address else { return None };
            let AccessPointSelector::Name(name) = &softap.access_point else { return None };
            let name = name.to_string();
            let way = wifi.way_over(devices.get(&name)?, &name);
            Some(interfaces.connect(softap, Duration::from_secs(60), way))
        })
    }

    /// The same, over whichever of these is on the access point.
    fn connector_over(&self, ways: &[WifiHost; 2], interfaces: &Interfaces) -> Connector {
        let (devices, ways, interfaces) = (self.devices.clone(), ways.clone(), interfaces.clone());
        Arc::new(move |address: &Address| {
            let Address::Softap(softap) = address else { return None };
            let name = softap.access_point.to_string();
            let way = WifiHost::way_over_any(&ways, devices.get(&name)?, &name);
            Some(interfaces.connect(softap, Duration::from_secs(60), way))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_joins_one_access_point_after_the_other_and_leaves_at_the_end() {
    let shelf = Shelf::of(&[Settings::default(), Settings::default(), Settings::default()]);
    let interfaces = shelf.interfaces(false);
    let job = line::job(shelf.roster(), shelf.connector(&interfaces));
    let ran = line::run(job, &Memory::default()).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 3, 0));
    assert!(shelf.devices.values().all(has_joined_home));
    // Each replaces the one before.
    assert_eq!(shelf.wifi.joins_and_leaves(), (3, 0));
    assert_eq!(interfaces.leave().await, Ok(()));
    assert_eq!(shelf.wifi.joins_and_leaves(), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn several_interfaces_work_side_by_side() {
    let slow = Settings { join_delay: Duration::from_secs(20), ..Settings::default() };
    let mut took = Vec::new();
    for names in [&["wlan0"][..], &["wlan0", "wlan1"]] {
        let shelf = Shelf::of(&[slow.clone(), slow.clone()]);
        // Each interface has its own: what one joins, the other does not leave.
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let ways = [shelf.wifi.clone(), shelf.wifi.another()];
        let interfaces = Interfaces::new(&names, of_each(&ways), false);
        assert_eq!(interfaces.count(), names.len());
        let mut job = line::job(shelf.roster(), shelf.connector_over(&ways, &interfaces));
        job.concurrency = Concurrency { softap: names.len(), ..Concurrency::default() };
        let ran = line::run(job, &Memory::default()).await;
        assert_eq!(ran.end(), (BatchEnd::Finished, 2, 0), "{names:?}");
        took.push(ran.took);
    }
    assert!(took[1] < took[0] * 3 / 4, "{took:?}");
}

/// Gives out one after the other.
fn of_each(all: &[WifiHost]) -> impl Fn() -> Arc<dyn Wifi> {
    let next = std::cell::Cell::new(0);
    move || {
        let at = next.replace(next.get() + 1);
        Arc::new(all[at % all.len()].clone())
    }
}

fn watch(wifi: &WifiHost) -> Watch {
    Watch {
        access_points: Some(AccessPointScan { wifi: Arc::new(wifi.clone()) }),
        every: Duration::from_secs(1),
        ..Watch::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_waits_for_access_points_to_appear() {
    let shelf = Shelf::of(&[Settings::default(), Settings::default()]);
    let interfaces = shelf.interfaces(false);
    shelf.wifi.hides("PROV_2");
    let mut roster = shelf.roster();
    let mut job = line::job(roster.clone(), shelf.connector(&interfaces));
    job.watch = Some(watch(&shelf.wifi));
    let ledger = Memory::default();
    let (ran, ()) = tokio::join!(line::run(job, &ledger), async {
        sleep(Duration::from_secs(60)).await;
        assert_eq!((ledger.state("PROV_1"), ledger.state("PROV_2")), (State::Done, State::Waiting));
        shelf.wifi.shows_all();
    });
    assert_eq!(ran.end(), (BatchEnd::Finished, 2, 0));

    // One that is not in the roster is told, and left alone.
    let shelf = Shelf::of(&[Settings::default(), Settings::default()]);
    let interfaces = shelf.interfaces(false);
    roster.truncate(1);
    let mut job = line::job(roster, shelf.connector(&interfaces));
    job.watch = Some(watch(&shelf.wifi));
    let ran = line::run(job, &Memory::default()).await;
    let unknown = ran.events.iter().filter_map(|event| match event {
        BatchEvent::UnknownDevice { nearby } => nearby.name.clone(),
        _ => None,
    });
    assert_eq!(unknown.collect::<Vec<_>>(), ["PROV_2"]);
    assert_eq!(shelf.devices["PROV_2"].joins(), 0);
}

type Change = fn(&mut Result<HostWifi, WifiError>);

/// What may befall the Wi-Fi of a machine, for a while.
fn absences() -> [(&'static str, Change); 4] {
    [
        ("no manager", |host| *host = Err(WifiError::NoManager("it ended".into()))),
        ("off", |host| host.iter_mut().for_each(|host| host.is_on = false)),
        ("unplugged", |host| host.iter_mut().for_each(|host| host.interfaces.clear())),
        ("not managed", |host| {
            for host in host.iter_mut() {
                host.interfaces[0].state = InterfaceState::Unmanaged;
            }
        }),
    ]
}

/// Whether Wi-Fi is there, each time that was told.
fn wifi_told(ran: &line::Ran) -> Vec<bool> {
    let told = ran.events.iter().filter_map(|event| match event {
        BatchEvent::AdapterUnavailable { adapter: Some(of), .. } if of == WIFI => Some(false),
        BatchEvent::AdapterAvailable { adapter: Some(of) } if of == WIFI => Some(true),
        _ => None,
    });
    told.collect()
}

#[tokio::test(start_paused = true)]
async fn in_a_batch_wifi_that_goes_away_costs_no_device_a_retry() {
    for (what, goes) in absences() {
        // Before the first, while one is joined, in a session, and while a device joins its network.
        for after in [0, 1000, 4100, 6000, 20_000] {
            for watches in [false, true] {
                let slow = Settings { join_delay: Duration::from_secs(5), ..Settings::default() };
                let shelf = Shelf::of(&[slow.clone(), slow.clone(), slow]);
                let interfaces = shelf.interfaces(false);
                let whole = shelf.wifi.host().await;
                let mut job = line::job(shelf.roster(), shelf.connector(&interfaces));
                // Whatever is counted fails.
                (job.retries, job.stop_after) = (0, 1);
                job.watch = watches.then(|| watch(&shelf.wifi));
                let ledger = Memory::default();
                let (ran, ()) = tokio::join!(line::run(job, &ledger), async {
                    sleep(Duration::from_millis(after)).await;
                    shelf.wifi.change(goes);
                    sleep(Duration::from_secs(40)).await;
                    shelf.wifi.change(|host| *host = whole);
                });
                let case = format!("{what} after {after} ms, watching: {watches}");
                assert_eq!(ran.end(), (BatchEnd::Finished, 3, 0), "{case}: {:#?}", ran.events);
                assert!(shelf.devices.values().all(has_joined_home), "{case}");
                assert_eq!(wifi_told(&ran), [false, true], "{case}: {:#?}", ran.events);
                assert!(ran.took < Duration::from_secs(100), "{case}: {:?}", ran.took);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_whose_wifi_stays_away_ends_the_batch_and_leaves_the_devices_to_the_next() {
    for (what, goes) in absences() {
        let shelf = Shelf::of(&[Settings::default(), Settings::default()]);
        let interfaces = shelf.interfaces(false);
        let whole = shelf.wifi.host().await;
        shelf.wifi.change(goes);
        let ledger = Memory::default();
        let job = || line::job(shelf.roster(), shelf.connector(&interfaces));
        let ran = line::run(job(), &ledger).await;
        assert_eq!(ran.end(), (BatchEnd::AdapterUnavailable, 0, 0), "{what}: {:#?}", ran.events);
        assert_eq!(wifi_told(&ran), [false], "{what}");
        assert!((60..80).contains(&ran.took.as_secs()), "{what}: {:?}", ran.took);
        shelf.wifi.change(|host| *host = whole);
        assert_eq!(line::run(job(), &ledger).await.end(), (BatchEnd::Finished, 2, 0), "{what}");
    }
}

/// However long the others take. If all are gone for a while, it goes on when one is back.
#[tokio::test(start_paused = true)]
async fn an_interface_that_is_gone_leaves_the_devices_to_the_others() {
    for all_are_gone in [false, true] {
        let slow = Settings { join_delay: Duration::from_secs(90), ..Settings::default() };
        let shelf = Shelf::of(&[slow.clone(), slow.clone(), slow]);
        let names = ["wlan0".to_owned(), "wlan1".to_owned()];
        let ways = [shelf.wifi.clone(), shelf.wifi.another()];
        let whole = shelf.wifi.host().await;
        let gone: Change = |host| host.iter_mut().for_each(|host| host.interfaces.clear());
        ways[1].change(gone);
        if all_are_gone {
            ways[0].change(gone);
        }
        let interfaces = Interfaces::new(&names, of_each(&ways), false);
        let mut job = line::job(shelf.roster(), shelf.connector_over(&ways, &interfaces));
        (job.retries, job.stop_after) = (0, 1);
        job.policy.join_timeout = Duration::from_secs(120);
        job.concurrency = Concurrency { softap: 2, ..Concurrency::default() };
        let ledger = Memory::default();
        let (ran, ()) = tokio::join!(line::run(job, &ledger), async {
            sleep(Duration::from_secs(20)).await;
            shelf.wifi.change(|host| *host = whole);
        });
        assert_eq!(ran.end(), (BatchEnd::Finished, 3, 0), "{:#?}", ran.events);
        let times = if all_are_gone { 2 } else { 1 };
        for device in shelf.devices.keys() {
            let outcomes = ledger.outcomes(device);
            assert!(outcomes.len() <= times, "{device}, {all_are_gone}: {outcomes:?}");
        }
        assert_eq!(wifi_told(&ran), if all_are_gone { &[false, true][..] } else { &[] });
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_crashes_wifi_takes_no_other_along() {
    let shelf = Shelf::of(&[Settings::default(), Settings::default(), Settings::default()]);
    let interfaces = shelf.interfaces(false);
    let mut job = line::job(shelf.roster(), shelf.connector(&interfaces));
    (job.retries, job.stop_after) = (0, 1);
    let (wifi, whole) = (shelf.wifi.clone(), shelf.wifi.host().await);
    let crashes = move |event: &BatchEvent| {
        if matches!(event, BatchEvent::DeviceStarted { device, .. } if device == "PROV_2") {
            let (wifi, whole) = (wifi.clone(), whole.clone());
            tokio::spawn(async move {
                sleep(Duration::from_secs(2)).await;
                wifi.change(|host| host.iter_mut().for_each(|host| host.interfaces.clear()));
                sleep(Duration::from_secs(10)).await;
                wifi.change(|host| *host = whole);
            });
        }
    };
    let ledger = Memory::default();
    let ran = line::run_watched(job, &ledger, std::future::pending(), crashes).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 2, 1), "{:#?}", ran.events);
    assert_eq!(ledger.outcomes("PROV_2").len(), 2);
    let attempts = ledger.attempts().await.expect("all");
    let last = attempts.iter().rfind(|one| one.device == "PROV_2").expect("it was tried");
    let error = last.error.as_deref().expect("a reason");
    assert!(error.ends_with("perhaps this device crashes Wi-Fi"), "{error}");
}

/// In a run for one device, too, once it has begun.
#[tokio::test(start_paused = true)]
async fn a_run_waits_for_wifi_that_went_away_in_the_middle() {
    for (what, goes) in absences() {
        for after in [4100, 6000] {
            let (wifi, device) = (one(), device(10));
            let way = wifi.way_to(&device, NAME, passphrase("ap-passphrase"));
            let whole = wifi.host().await;
            let plan = plan();
            let (ran, ()) = tokio::join!(run(&way, &plan), async {
                sleep(Duration::from_millis(after)).await;
                wifi.change(goes);
                sleep(Duration::from_secs(15)).await;
                wifi.change(|host| *host = whole);
            });
            assert!(ran.is_connected(), "{what} after {after} ms: {}", ran.end());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn in_a_batch_a_device_that_left_and_is_found_is_done() {
    let gone = Settings { fault: Some(Fault::Vanish), ..Settings::default() };
    let there = Settings { ip: [10, 9, 9, 58].into(), ..Settings::default() };
    let absent = Settings { ip: [10, 9, 9, 59].into(), ..Settings::default() };
    let shelf = Shelf::of(&[gone, there, absent]);
    let interfaces = shelf.interfaces(true);
    let lan = Lan::at([10, 9, 9, 1])
        .with([10, 9, 9, 57], "24:0a:c4:00:00:0f", Knock::Refused)
        .with([10, 9, 9, 58], "24:0a:c4:00:00:1f", Knock::Accepted);
    let mut job = line::job(shelf.roster(), shelf.connector(&interfaces));
    job.verify = Some(esp_prov::Verify { searches: true, ..lan.verify() });
    let ledger = Memory::default();
    let ran = line::run(job, &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 2, 0));
    assert_eq!(ledger.outcomes("PROV_1"), [("verified".to_owned(), 0)]);
    assert_eq!(ledger.outcomes("PROV_2"), [("connected".to_owned(), 0)]);
    assert_eq!(ledger.outcomes("PROV_3"), [("not-verified".to_owned(), 55)]);
    assert_eq!(ledger.state("PROV_3"), State::Unconfirmed);
    let attempts = ledger.attempts().await.expect("all");
    let of = |id: &str| attempts.iter().find(|one| one.device == id).expect("one");
    assert_eq!(of("PROV_1").ip.as_deref(), Some("10.9.9.57"));
    assert_eq!(of("PROV_3").error.as_deref(), Some("nothing answers at 10.9.9.59"));
    // After each, this machine was back on its network.
    assert_eq!(shelf.wifi.joins_and_leaves().1, 3);
}

/// To look for it, this machine leaves its access point, and comes back to make it leave.
#[tokio::test(start_paused = true)]
async fn a_device_that_is_looked_for_elsewhere_is_joined_again_to_undo_its_test() {
    let open = |last| Settings {
        quirks: vec![Quirk::StaysOpen],
        ip: [10, 9, 9, last].into(),
        ..Settings::default()
    };
    let shelf = Shelf::of(&[open(57), open(58)]);
    let interfaces = shelf.interfaces(true);
    let lan = Lan::at([10, 9, 9, 1])
        .with([10, 9, 9, 57], "24:0a:c4:00:00:0f", Knock::Refused)
        .with([10, 9, 9, 58], "24:0a:c4:00:00:1f", Knock::Refused);
    let mut job = line::job(shelf.roster(), shelf.connector(&interfaces));
    (job.verify, job.undo) = (Some(lan.verify()), true);
    let ledger = Memory::default();
    let ran = line::run(job, &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 2, 0));
    for (name, device) in &shelf.devices {
        assert_eq!(ledger.outcomes(name), [("tested".to_owned(), 0)]);
        assert!(device.given().is_none() && device.joins() == 1, "{name}");
    }
    // After each, this machine was back on its network.
    assert_eq!(shelf.wifi.joins_and_leaves(), (4, 4));
}
