//! `info` and `doctor`: what a device and this machine tell, without changing either.

use std::sync::Arc;

use esp_prov::{
    BleConnect, Connect, EndpointLocation, Info, MissingInput, Outcome, Provisioner, Security,
    address::{Address, BleAddress, BleSelector},
};
use esp_prov_simulate::{Persona, Settings, VirtualDevice};
use kit::{Air, Station};

use crate::run::{Process, Simulator, esp_prov_rs, run};

async fn look(connect: &dyn Connect, security: Security) -> Info {
    let device = Provisioner::new(Address::Virtual, connect).with_security(security);
    match device.info(3, &[]).await {
        Ok(Outcome::Info { info }) => *info,
        other => panic!("{other:?}"),
    }
}

fn device(persona: Persona, scheme: u32) -> VirtualDevice {
    let scheme = esp_prov::Scheme::from_number(scheme).expect("a scheme");
    VirtualDevice::new(Settings { persona, scheme, ..Settings::default() })
}

#[tokio::test(start_paused = true)]
async fn what_would_be_done_depends_on_the_device_and_on_what_is_given() {
    let pop = || Security { pop: Some("abcd1234".into()), ..Security::default() };
    for (persona, scheme, given, security, needs) in [
        (Persona::Netprov, 0, Security::default(), Some(0), None),
        (Persona::Netprov, 1, Security::default(), Some(1), Some(MissingInput::ProofOfPossession)),
        (Persona::Netprov, 1, pop(), Some(1), None),
        (Persona::IdfV5_5, 2, Security::default(), Some(2), Some(MissingInput::Login)),
        (Persona::IdfV4_4, 1, Security::default(), Some(1), Some(MissingInput::ProofOfPossession)),
        // Too old to tell, and no encryption where a secret was given.
        (Persona::Legacy, 1, pop(), None, None),
        (Persona::Netprov, 0, pop(), None, None),
    ] {
        let what = format!("{persona}, {scheme}, {given:?}");
        let assessment = look(&device(persona, scheme), given).await.assessment;
        assert_eq!((assessment.security, assessment.needs), (security, needs), "{what}");
        assert_eq!(assessment.refuses.is_some(), security.is_none(), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn over_ble_the_whole_table_is_shown() {
    for has_descriptions in [true, false] {
        let device = device(Persona::Netprov, 1);
        let station = Station { has_descriptions, ..Station::of(&device) };
        let address = BleAddress { wanted: BleSelector::from_text("PROV_1234"), adapter: None };
        let connect = BleConnect::with_adapter(address, Arc::new(Air::with(vec![station])));
        let told = look(&connect, Security::default()).await;
        connect.settle().await;
        let places = told.endpoint_list.endpoints.expect("a table");
        let mut names: Vec<_> = places.iter().filter_map(EndpointLocation::endpoint).collect();
        names.sort_unstable();
        let standard = ["proto-ver", "prov-config", "prov-ctrl", "prov-scan", "prov-session"];
        for name in standard {
            assert!(names.contains(&name), "{has_descriptions}: {names:?}");
        }
        let nameless = places.iter().filter(|place| place.endpoint().is_none()).count();
        assert!(nameless >= 1, "the service of every device is there, too");
        assert_eq!(told.round_trips.count, 3);
    }
}

#[test]
fn over_http_endpoints_are_found_and_no_session_is_begun() {
    let endpoints = |persona: &str| {
        let device = Simulator::start(["--persona", persona]);
        let address = device.address.to_string();
        let arguments = ["info", "--service-name", &address, "--count", "2", "--json"];
        let ended = run(arguments);
        assert_eq!(ended.code, Some(0), "{persona}: {}", ended.stderr);
        let last = ended.stdout.lines().last().expect("an event");
        let event: serde_json::Value = serde_json::from_str(last).expect("JSON");
        assert_eq!(event["outcome"], "info", "{event}");
        assert_eq!(event["round_trips"]["count"], 2, "{event}");
        let places = event["endpoints"].as_array().expect("a list").clone();
        let name = |place: &serde_json::Value| place["endpoint"].as_str().map(str::to_owned);
        let said = device.process.stop().stdout;
        assert!(!said.contains("keys exchanged"), "{said}");
        assert_eq!(said.matches("version asked").count(), 3, "{said}");
        places.iter().filter_map(name).collect::<Vec<_>>()
    };
    let standard = ["proto-ver", "prov-session", "prov-config"];
    assert_eq!(
        endpoints("netprov"),
        [&standard[..], &["prov-scan", "prov-ctrl", "custom-data"]].concat()
    );
    assert_eq!(endpoints("legacy"), [&standard[..], &["custom-data", "custom-config"]].concat());
}

#[cfg(unix)]
#[test]
fn a_console_lists_its_endpoints_as_commands() {
    for more in [&[][..], &["--log-lines"]] {
        let arguments = ["simulate", "--transport", "console", "--persona", "idf-v5.0"];
        let arguments = arguments.into_iter().chain(more.iter().copied());
        let mut device = Process::start(esp_prov_rs(arguments));
        let said = device.until("has its console on");
        let (_, path) = said.split_once("has its console on ").expect("a path");
        let ended = run(["info", "--transport", "console", "--port", path, "--json"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let last = ended.stdout.lines().last().expect("an event");
        let told: serde_json::Value = serde_json::from_str(last).expect("JSON");
        let names = ["proto-ver", "prov-session", "prov-config", "prov-scan", "custom-data"];
        let places = names.map(|name| serde_json::json!({ "endpoint": name }));
        assert_eq!(told["endpoints"], serde_json::json!(places), "{more:?}: {told}");
        assert_eq!(told["assessment"]["resets"], false, "{told}");
    }
}

#[test]
fn a_device_that_takes_no_network_is_not_promised_one() {
    let device = Simulator::start(["--session-only"]);
    let address = device.address.to_string();
    let ended = run(["info", "--service-name", &address, "--pop", "abcd1234", "-q"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for line in [
        "Capabilities none",
        "Plan         open a session with security 1 for its application only",
        "Scan         not supported",
        "Reset        not supported",
    ] {
        assert!(ended.stdout.lines().any(|one| one == line), "{line}:\n{}", ended.stdout);
    }
    assert!(ended.stdout.contains("Network      takes none"), "{}", ended.stdout);
    // Who tries all the same is told why not.
    let provision = ["provision", "--ssid", "Home", "--passphrase", "correct-horse"];
    for command in [&provision[..], &["status"], &["scan"], &["scan", "--reset-first"], &["reset"]]
    {
        let device = ["--pop", "abcd1234", "--service-name", &address];
        let ended = run(command.iter().copied().chain(device));
        assert_eq!(ended.code, Some(20), "{command:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("it takes no network"), "{command:?}: {}", ended.stderr);
    }
}

#[test]
fn a_device_is_shown_in_words() {
    let device = Simulator::start(["--sec-ver", "2"]);
    let ended = run(["info", "--service-name", &device.address.to_string(), "-q"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    for line in [
        "Version      netprov-v1.2",
        "Security     2, patch level 1",
        "Capabilities wifi_prov: takes a Wi-Fi network",
        "             /prov-ctrl",
        "Plan         open a session with security 2 and give it a Wi-Fi network",
        "Reset        supported",
    ] {
        assert!(ended.stdout.lines().any(|one| one == line), "{line}:\n{}", ended.stdout);
    }
    assert!(ended.stdout.contains("Required     user name and password:"), "{}", ended.stdout);
    let ended = run(["info", "--transport", "virtual", "--endpoint", "a/b"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
}

/// Whatever this machine is.
#[test]
fn the_doctor_has_a_word_for_each_check_and_says_how_to_mend() {
    for transport in [None, Some("softap"), Some("ble"), Some("console")] {
        let only = transport.iter().flat_map(|name| ["--transport", name]);
        let ended = run(["doctor", "--json"].into_iter().chain(only));
        let events: Vec<serde_json::Value> =
            ended.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let mut problems = 0;
        for event in &events {
            assert_eq!((&event["schema"], &event["event"]), (&1.into(), &"checked".into()));
            let word = |name: &str| event[name].as_str().expect("a text").to_owned();
            assert!(
                ["ok", "problem", "not-needed", "cannot-tell"].contains(&word("verdict").as_str()),
                "{event}"
            );
            assert!(!word("finding").is_empty(), "{event}");
            let stands_in_the_way = ["problem", "not-needed"].contains(&word("verdict").as_str());
            // What a verdict on a transport comes from follows it.
            let is_sum = ["ble", "console", "softap"].contains(&word("check").as_str());
            assert_eq!(stands_in_the_way && !is_sum, !word("fix").is_empty(), "{event}");
            problems += i32::from(word("verdict") == "problem");
        }
        let checks = |name: &str| events.iter().any(|event| event["check"] == name);
        assert!(checks("Clock"));
        assert_eq!(checks("softap") && checks("ble") && checks("console"), transport.is_none());
        assert_eq!(checks("Route to 192.168.4.1"), matches!(transport, None | Some("softap")));
        assert_eq!(checks("Serial port"), matches!(transport, None | Some("console")));
        assert_eq!(checks("Bluetooth adapter"), matches!(transport, None | Some("ble")));
        assert_eq!(ended.code, Some(if problems == 0 { 0 } else { 11 }), "{}", ended.stdout);
    }
}

#[test]
fn an_exit_code_is_explained() {
    for exit in esp_prov_rs::exit::Exit::ALL {
        let ended = run(["--explain", &exit.code.to_string()]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        assert_eq!(ended.stdout, exit.explanation());
    }
    let ended = run(["--explain", "7"]);
    assert_eq!(ended.code, Some(3));
    assert!(
        ended.stderr.contains("--explain 7: no such exit code; there are 0, 1"),
        "{}",
        ended.stderr
    );
}
