//! The console over a pseudo-terminal.
#![cfg(unix)]

use std::{fs, os::unix::fs::symlink};

use serde_json::Value;

use crate::{
    run::{Ended, Process, esp_prov_rs, run},
    terminal::Terminal,
};

/// A virtual device on a pseudo-terminal of its own, telling in JSON.
struct Simulator {
    process: Process,
    port: String,
}

impl Simulator {
    fn start(arguments: &[&str]) -> Self {
        Self::silent(&[&["--log-lines"], arguments].concat())
    }

    /// Without lines of a log, which may cost a session.
    fn silent(arguments: &[&str]) -> Self {
        let fixed = ["simulate", "--transport", "console", "--json"];
        let arguments = fixed.iter().chain(arguments).copied();
        let mut process = Process::start(esp_prov_rs(arguments));
        let line = process.until("\"listening\"");
        let event: Value = serde_json::from_str(&line).expect("an event is JSON");
        let port = event["address"].as_str().expect("a path is text").to_owned();
        Self { process, port }
    }

    fn client(&self, arguments: &[&str]) -> Process {
        let fixed = ["--transport", "console", "--port", &self.port];
        let network = ["--ssid", "Home", "--passphrase", "correct-horse"];
        let arguments = fixed.iter().chain(&network).chain(arguments).copied();
        Process::start(esp_prov_rs(arguments))
    }
}

#[test]
fn a_device_on_a_pseudo_terminal_is_provisioned_with_security_0_and_1() {
    for security in ["0", "1"] {
        let device = Simulator::start(&["--once", "--sec-ver", security, "--show-secrets"]);
        let pop: &[_] = if security == "0" { &[] } else { &["--pop", "abcd1234"] };
        // The service name means nothing here, as for esp_prov.py.
        let name = ["--service_name", "PROV_123456"];
        let ended = device.client(&[pop, &name].concat()).end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stdout.starts_with("Connected: 192.168.1.57 on \"Home\""));
        let device = device.process.end();
        assert_eq!(device.code, Some(0));
        assert!(device.stdout.contains("\"passphrase\":\"correct-horse\""));
    }
}

#[test]
fn a_fresh_device_follows_on_the_same_path() {
    let mut device = Simulator::start(&["--join-delay", "0"]);
    for _ in 0..2 {
        let ended = device.client(&["--pop", "abcd1234"]).end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        device.process.until("\"provisioned\"");
    }
}

#[test]
fn a_network_is_chosen_and_given_in_one_session() {
    let device = Simulator::silent(&["--once", "--join-delay", "0"]);
    let words = ["--transport", "console", "--port", &device.port, "--pop", "abcd1234"];
    let mut terminal = Terminal::run(esp_prov_rs(words));
    for (question, answer) in [
        ("Network (type to filter):", "Rescan"),
        ("Network (type to filter):", "Home"),
        ("Passphrase for", "correct-horse"),
    ] {
        terminal.until(&[question]);
        terminal.answer(answer);
    }
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(shown.matches("Session established").count(), 1, "{shown}");
    assert_eq!(device.process.end().code, Some(0));
}

#[test]
fn refusals_say_what_to_do() {
    let check = |ended: Ended, code, words: &str| {
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    };
    let device = Simulator::start(&["--sec-ver", "2"]);
    let login = ["--sec2-username", "wifiprov", "--sec2-pwd", "abcd1234"];
    // How many fit depends on the digits of the session's number.
    let ended = device.client(&login).end();
    assert!(ended.stderr.contains(" bytes; a console line has room for "), "{}", ended.stderr);
    check(ended, 20, "error: handshake: the request for prov-session has ");
    check(
        device.client(&login).end(),
        20,
        "  hint: use another transport: security 2 can't work over the console of stock firmware",
    );
    let device = Simulator::start(&[]);
    check(
        device.client(&["--pop", "wrong"]).end(),
        30,
        "the device rejected the proof of possession",
    );
    let no_port = ["--transport", "console", "--ssid", "Home", "--open"];
    check(
        run(no_port),
        3,
        "error: --port is missing: give the serial port of the device's console;",
    );
}

#[test]
fn a_device_that_goes_with_its_port_after_apply_has_probably_joined() {
    let mut device = Simulator::start(&["--join-delay", "1min"]);
    // A link, for the next device of another test may get the same path.
    let folder = tempfile::tempdir().expect("a folder");
    let link = folder.path().join("port");
    symlink(&device.port, &link).expect("a link");
    device.port = link.to_str().expect("a path is text").to_owned();
    let mut client = device.client(&["--pop", "abcd1234", "--connect-timeout", "500ms"]);
    client.until("Applied");
    fs::remove_file(&link).expect("it was there");
    device.process.stop();
    let ended = client.end();
    assert_eq!(ended.code, Some(53), "{}", ended.stderr);
}
