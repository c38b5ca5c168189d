//! A farm of virtual devices, as somebody uses it who rehearses a line.
#![cfg(unix)]

use std::{collections::HashMap, process::Command};

use kit::process::{Ended, ToTheEnd};
use serde_json::Value;

use crate::farms::{TOOL, farm};

fn run(arguments: &[&str]) -> Ended {
    Command::new(TOOL).args(arguments).output_in_time().into()
}

#[test]
fn a_farm_writes_its_roster_and_ends_when_all_have_left() {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, in_json) in [("roster.csv", false), ("roster.jsonl", true)] {
        let path = folder.path().join(file);
        let roster = path.to_str().expect("text");
        let devices = ["--count", "5", "--roster", roster, "--pop", "se,cret"];
        let (mut farm, listening) = farm(&devices);
        assert_eq!(listening["event"], "farm-listening");
        let text = std::fs::read_to_string(&path).expect("a roster");
        let entries: Vec<HashMap<String, Value>> = if in_json {
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        } else {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            reader.deserialize().map(|entry| entry.expect("CSV")).collect()
        };
        assert_eq!(entries.len(), 5);
        for (entry, address) in entries.iter().zip(listening["addresses"].as_array().expect("5")) {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            assert_eq!(text("address"), format!("http://{}", address.as_str().expect("text")));
            let given = ["--ssid", &text("ssid"), "--passphrase", &text("passphrase")];
            let to = ["--service-name", &text("address")[7..], "--pop", &text("pop"), "--no-input"];
            run(&[&to[..], &given].concat()).ends_with(0);
        }
        let ended: Value = serde_json::from_str(farm.rest().trim()).expect("one line");
        let tally = ["devices", "joined", "joined_twice"].map(|name| ended[name].as_u64());
        assert_eq!(tally, [Some(5), Some(5), Some(0)]);
    }
}

#[test]
fn injected_faults_hit_a_single_device_too_and_the_client_copes() {
    let (mut device, listening) = farm(&["--once", "--drop", "20%", "--seed", "4"]);
    let address = listening["address"].as_str().expect("an address");
    let network = ["--ssid", "Home", "--passphrase", "correct-horse"];
    let to = ["--service-name", address, "--pop", "abcd1234", "--attempts", "9", "--no-input"];
    run(&[&to[..], &network].concat()).ends_with(0);
    let rest = device.rest();
    assert!(rest.contains("injected fault: "), "no fault with this seed: {rest}");
}

#[test]
fn what_a_farm_cannot_be_is_told() {
    for (arguments, code, told) in [
        (&["--count", "3", "--drop", "120%"][..], 3, "from 0% to 100%"),
        (&["--count", "3", "--listen", "127.0.0.1:65534"], 3, "no port above 65535"),
        (&["--count", "3", "--transport", "console"], 3, "several devices need --transport softap"),
        (&["--drop", "60%", "--delay", "50%"], 3, "more than 100% together"),
        (&["--transport", "console", "--drop", "1%"], 3, "faults need --transport softap"),
        (&["--roster", "x"], 2, "--count"),
        (
            &["--count", "1", "--listen", "127.0.0.1:0", "--roster", "/no/where.csv"],
            3,
            "/no/where.csv",
        ),
    ] {
        let ran = run(&[&["simulate"], arguments].concat()).ends_with(code);
        assert!(ran.stderr.contains(told), "{arguments:?}: {}", ran.stderr);
    }
}
