//! A device on its own access point, which this machine joins, on a paused clock.

use std::{sync::Arc, time::Duration};

use esp_prov::{
    Connect, DiscoveryFilter, DiscoverySources, Event, HeardBy, Outcome, Passphrase, discover,
    transport::{
        WifiError,
        softap::{InterfaceState, Permission, Protection},
    },
};
use esp_prov_rs::exit::Exit;
use esp_prov_simulate::{Settings, VirtualDevice};
use kit::{WifiHost, access_point, has_joined_home, passphrase, plan, run, ssid};

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
    let changed = |change: fn(&mut esp_prov::transport::softap::HostWifi)| {
        one().with(|host| host.iter_mut().for_each(change))
    };
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
