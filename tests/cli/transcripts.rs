//! The command line as users meet it: what they type, what they see, how it ends.
//!
//! `tests/cli/*.console` are transcripts: `$` what is typed into a shell, then stdout, then
//! stderr with `!` before each line, then `?` and the exit code unless it is 0. Numbers that
//! differ from run to run are `#`. `{simulate …}` in a command is the address of a device that
//! was started so, and that lives as long as the command. `BLESS=1 cargo test --test cli transcripts` writes them anew; read the
//! difference before you commit it.

use std::{env, fmt::Write, fs, thread};

use serde_json::Value;

use crate::run::{Ended, Process, Simulator, run, shell};

#[cfg(unix)]
#[test]
fn good_runs() {
    transcript("good");
}

#[cfg(unix)]
#[test]
fn runs_a_device_ends() {
    transcript("failed");
}

#[cfg(unix)]
#[test]
fn bad_input_is_refused_by_name_before_anything_is_sent() {
    transcript("refused");
}

#[cfg(unix)]
#[test]
fn secrets_come_from_flags_files_stdin_and_the_environment() {
    transcript("secrets");
}

#[cfg(unix)]
#[test]
fn thread_networks() {
    transcript("thread");
}

#[cfg(unix)]
#[test]
fn messages_and_status() {
    transcript("messages");
}

#[cfg(unix)]
#[test]
fn qr_codes() {
    transcript("qr");
}

#[cfg(unix)]
#[test]
fn broken_set_ups_are_told_from_the_output_alone() {
    transcript("broken");
}

/// In a network namespace of its own, where a user may have one.
#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_wifi() {
    if kit::process::is_here("unshare", &["-rn", "true"]) {
        transcript("no-wifi");
    }
}

#[cfg(unix)]
#[test]
fn traces_are_decoded() {
    transcript("decode");
}

#[cfg(unix)]
#[test]
fn batches() {
    transcript("batch");
}

#[cfg(unix)]
#[test]
fn help() {
    transcript("help");
}

/// Types every command of a transcript and compares all that comes of it.
fn transcript(name: &str) {
    let path = format!("{}/tests/cli/{name}.console", env!("CARGO_MANIFEST_DIR"));
    let expected = fs::read_to_string(&path).expect("a transcript is text");
    // All at once: most of a run is waiting for the virtual device's join.
    let mut runs = Vec::new();
    for line in expected.lines() {
        if line.starts_with("# ") {
            runs.push(thread::spawn({
                let comment = format!("{line}\n");
                move || comment
            }));
        } else if let Some(typed) = line.strip_prefix("$ ") {
            let typed = typed.to_owned();
            runs.push(thread::spawn(move || play(&typed)));
        }
    }
    let played: Vec<String> = runs.into_iter().map(|run| run.join().expect("no panic")).collect();
    let got = played.concat();
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &got).expect("a transcript can be written");
        return;
    }
    for (number, (got, expected)) in got.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, expected, "\n{path}:{} (left is what came)", number + 1);
    }
    assert_eq!(got.len(), expected.len(), "{path} has another end:\n{got}");
}

fn play(typed: &str) -> String {
    let home = tempfile::tempdir().expect("a folder for files");
    let wanted = typed.split_once("{simulate").and_then(|(_, rest)| rest.split_once('}'));
    let device = wanted.map(|(arguments, _)| {
        let device = Simulator::start(arguments.split_whitespace());
        (format!("{{simulate{arguments}}}"), device.address.to_string(), device)
    });
    let line = device
        .as_ref()
        .map_or(typed.to_owned(), |(words, address, _)| typed.replace(words, address));
    let ended = Process::start(shell(&line, home.path())).end();
    let same = |line: &str| match &device {
        Some((_, address, _)) => same_in_every_run(&line.replace(address.as_str(), "DEVICE")),
        None => same_in_every_run(line),
    };
    let mut text = format!("$ {typed}\n");
    for line in ended.stdout.lines() {
        let _ = writeln!(text, "{}", same(line));
    }
    for line in ended.stderr.lines() {
        let _ = writeln!(text, "{}", same(&format!("! {line}")));
    }
    match ended.code {
        Some(0) => {}
        code => {
            let code = code.map_or("a signal".to_owned(), |code| code.to_string());
            let _ = writeln!(text, "? {code}");
        }
    }
    text + "\n"
}

/// Puts `#` for times, and control characters as text.
fn same_in_every_run(line: &str) -> String {
    let mut line = line.replace('\x1b', "<ESC>").trim_end().to_owned();
    if let Some((head, _)) = line.split_once(" finished in this run, in ") {
        line = format!("{head} finished in this run, in #");
    }
    for before in ["\"elapsed_ms\":", " bytes back, ", " no reply, "] {
        if let Some((head, tail)) = line.split_once(before) {
            let tail = tail.trim_start_matches(|char: char| char.is_ascii_digit() || char == '.');
            line = format!("{head}{before}#{tail}");
        }
    }
    line
}

#[test]
fn json_is_one_object_a_line_and_all_there_is_on_stdout() {
    let device = Simulator::start(["--once", "--join-delay", "0"]);
    let run_over_http = device.provision(["--pop", "abcd1234", "--json", "-vvv"]);
    let wrong_proof =
        ["--transport", "virtual", "--pop", "no", "--ssid", "Home", "--open", "--json", "-vvv"];
    let runs = [
        (run_over_http, "finished"),
        (device.process.end(), "provisioned"),
        (run(wrong_proof), "failed"),
        (run(["--ssid", "", "--json"]), "failed"),
        (run(["simulate", "--networks", "nowhere", "--json"]), "failed"),
    ];
    for (ended, last) in runs {
        let events = events(&ended);
        for event in &events {
            assert_eq!(event["schema"], 1, "{event}");
            assert!(event["elapsed_ms"].is_u64(), "{event}");
            assert!(event["event"].is_string(), "{event}");
        }
        assert_eq!(events.last().expect("events")["event"], last, "{}", ended.stdout);
    }
}

fn events(ended: &Ended) -> Vec<Value> {
    let event = |line| serde_json::from_str(line).expect("each line is a JSON object");
    ended.stdout.lines().map(event).collect()
}

/// The one event of this kind.
fn event<'a>(events: &'a [Value], kind: &str) -> &'a Value {
    let mut of_kind = events.iter().filter(|event| event["event"] == kind);
    let event = of_kind.next().expect("an event of this kind");
    assert!(of_kind.next().is_none(), "more than one {kind}");
    event
}

#[test]
fn a_simulated_device_of_every_generation_is_provisioned_over_http() {
    thread::scope(|scope| {
        for (persona, version, security) in [
            ("legacy", "V0.1", 1),
            ("idf-v3.2", "V0.1", 1),
            ("idf-v4.0", "V0.1", 0),
            ("idf-v4.4", "v1.1", 1),
            ("idf-v4.4", "v1.1", 0),
            ("idf-v5.0", "v1.1", 1),
            ("idf-v5.5", "v1.1", 1),
            ("netprov", "netprov-v1.2", 0),
            ("netprov", "netprov-v1.2", 1),
        ] {
            scope.spawn(move || provision_over_http(persona, version, security));
        }
    });
}

fn provision_over_http(persona: &str, version: &str, security: u8) {
    let scheme = security.to_string();
    let like = ["--persona", persona, "--sec-ver", &scheme, "--once", "--join-delay", "100ms"];
    let device = Simulator::start(like);
    let mut told = vec!["--json"];
    if security == 1 {
        told.extend(["--pop", "abcd1234"]);
    }
    if version == "V0.1" {
        // Plain text does not say which security it has.
        told.extend(["--sec-ver", &scheme]);
    }
    let ended = device.provision(told);
    assert_eq!(ended.code, Some(0), "{persona} {security}: {}", ended.stderr);
    let said = events(&ended);
    assert_eq!(event(&said, "identified")["version"], version);
    assert_eq!(event(&said, "established")["security"], security);
    assert_eq!(event(&said, "finished")["ip"], "192.168.1.57");

    let ended = device.process.end();
    assert_eq!(ended.code, Some(0), "{persona} {security}: {}", ended.stderr);
    assert_eq!(ended.stderr, "");
    let said = events(&ended);
    let provisioned = event(&said, "provisioned");
    assert_eq!(provisioned["ssid"], "Home");
    assert_eq!(provisioned["passphrase_bytes"], 13);
    assert_eq!(provisioned.get("passphrase"), None);
    let requests = said.iter().filter(|event| event["event"] == "request").count();
    assert!(requests >= 5, "version, handshake, set, apply, status: {requests} requests");
}

#[test]
fn a_simulated_device_shows_the_passphrase_only_when_asked() {
    let device = Simulator::start(["--once", "--join-delay", "0", "--show-secrets"]);
    assert_eq!(device.provision(["--pop", "abcd1234"]).code, Some(0));
    let told = events(&device.process.end());
    assert_eq!(event(&told, "provisioned")["passphrase"], "correct-horse");
}

#[test]
fn a_simulated_device_tells_people_what_it_is_asked() {
    let arguments = ["simulate", "--listen", "127.0.0.1:0", "--once", "--join-delay", "0"];
    let mut device = Process::start(crate::run::esp_prov_rs(arguments));
    let first = device.until("listens on http://");
    let (_, address) = first.split_once("http://").expect("an address");
    let network = ["--ssid", "Home", "--passphrase", "correct-horse", "--pop", "abcd1234"];
    let ended = run(["--service-name", address].into_iter().chain(network));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let ended = device.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        ended.stdout,
        "Provisioned with \"Home\", a passphrase of 13 bytes (--show-secrets shows it)\n"
    );
    let log: Vec<&str> = ended.stderr.lines().collect();
    let begin = format!("Virtual device (netprov, security 1) listens on http://{address}");
    assert_eq!(log[0], begin);
    let payload = r#"{"ver":"v1","name":"PROV_123456","pop":"abcd1234","transport":"softap"}"#;
    assert_eq!(log[1], format!("QR code: {payload}"));
    assert!(log[2].starts_with("#1 proto-ver 4 bytes -> "), "{}", log[2]);
    for (endpoint, requests) in [("proto-ver", 1), ("prov-session", 2)] {
        let found = log.iter().filter(|line| line.contains(&format!(" {endpoint} "))).count();
        assert_eq!(found, requests, "{}", ended.stderr);
    }
}

#[test]
fn a_simulated_device_sees_the_networks_of_a_file() {
    let folder = tempfile::tempdir().expect("a folder for files");
    let file = folder.path().join("networks.toml");
    let network = "[[network]]\nssid = \"Home\"\npassphrase = \"another-horse\"\nchannel = 11\n";
    fs::write(&file, network).expect("a file can be written");
    let file = file.to_str().expect("an ASCII path");
    let device = Simulator::start(["--join-delay", "0", "--networks", file]);
    let ended = device.provision(["--pop", "abcd1234"]);
    assert_eq!(ended.code, Some(50), "the default networks are gone: {}", ended.stderr);

    let device = Simulator::start(["--join-delay", "0", "--networks", file]);
    let address = device.address.to_string();
    let network = ["--pop", "abcd1234", "--ssid", "Home", "--passphrase", "another-horse"];
    let ended = run(["--service-name", &address].into_iter().chain(network));
    assert_eq!(
        (ended.stdout.as_str(), ended.code),
        (
            "Connected: 192.168.1.57 on \"Home\", BSSID 24:0a:c4:00:??:??, channel 11, WPA2_PSK\n",
            Some(0)
        )
    );
}

#[test]
fn a_port_in_use_is_named() {
    let device = Simulator::start([]);
    let address = device.address.to_string();
    let ended = run(["simulate", "--listen", &address]);
    let words = format!("error: --listen {address}: ");
    assert!(ended.stderr.starts_with(&words), "{}", ended.stderr);
    assert_eq!((ended.stdout.as_str(), ended.code), ("", Some(3)));
}

/// What `esp_prov.py` takes, with a value for each that takes one, and how we end with it:
/// done, or refused with a word that says why. (`protocol.md`, section 10)
const ESP_PROV_PY: &[(&str, Option<&str>, Result<(), &str>)] = &[
    ("--transport", Some("virtual"), Ok(())),
    ("--service_name", Some("192.168.4.1:80"), Ok(())),
    ("--proto_ver", Some("netprov-v1.2"), Ok(())),
    ("--sec_ver", Some("1"), Ok(())),
    ("--pop", Some("abcd1234"), Ok(())),
    ("--sec2_username", Some("wifiprov"), Ok(())),
    // A password is a secret, and demands that it is checked.
    ("--sec2_pwd", Some("abcd1234"), Err("security 2 was requested")),
    ("--sec2_gen_cred", None, Ok(())),
    ("--sec2_salt_len", Some("16"), Ok(())),
    ("--ssid", Some("Home"), Ok(())),
    ("--passphrase", Some("correct-horse"), Ok(())),
    ("--dataset_tlvs", Some("051000112233445566778899aabbccddeeff"), Ok(())),
    ("--custom_data", Some("some data"), Ok(())),
    ("--custom_config", None, Err("no endpoint custom-config")),
    ("--custom_info", Some("some info"), Ok(())),
    ("--custom_ver", Some("2"), Ok(())),
    ("--reset", None, Ok(())),
    ("--reprov", None, Err("reset: the device refused")),
    ("--ble_adapter", Some("hci0"), Ok(())),
    ("--verbose", None, Ok(())),
    ("-v", None, Ok(())),
];

#[test]
fn every_flag_of_esp_prov_py_works_or_is_refused_by_name() {
    check(ESP_PROV_PY.iter().map(|&(flag, value, expected)| (flag, flag, value, expected)));
}

#[test]
fn flags_of_esp_prov_py_may_be_abbreviated_as_it_allows() {
    let names = || ESP_PROV_PY.iter().map(|(flag, ..)| *flag).chain(["--help"]);
    let mut abbreviations = Vec::new();
    for &(flag, value, expected) in ESP_PROV_PY {
        let shorter = ("--x".len()..flag.len()).map(|length| &flag[..length]);
        let clear = |short: &&str| names().filter(|name| name.starts_with(short)).count() == 1;
        let mut clear = shorter.filter(clear);
        let shortest_and_longest = clear.next().into_iter().chain(clear.next_back());
        abbreviations.extend(shortest_and_longest.map(|short| (flag, short, value, expected)));
    }
    assert!(abbreviations.len() > 25, "{abbreviations:?}");
    check(abbreviations);
}

/// Runs with a flag as typed, with its value after a space and after `=`, and with whatever else
/// a run needs.
fn check<'a>(
    flags: impl IntoIterator<Item = (&'a str, &'a str, Option<&'a str>, Result<(), &'a str>)>,
) {
    let usual = [
        ("--transport", "virtual"),
        ("--pop", "abcd1234"),
        ("--ssid", "Home"),
        ("--passphrase", "correct-horse"),
    ];
    thread::scope(|scope| {
        for (flag, typed, value, expected) in flags {
            let mut spellings: Vec<Vec<String>> =
                vec![[typed].into_iter().chain(value).map(str::to_owned).collect()];
            spellings.extend(value.map(|value| vec![format!("{typed}={value}")]));
            for typed in spellings {
                scope.spawn(move || {
                    let others = usual.into_iter().filter(|(other, _)| *other != flag);
                    let others = others.flat_map(|(flag, value)| [flag, value]);
                    let ended = run(typed.iter().map(String::as_str).chain(others));
                    match expected {
                        Ok(()) => assert_eq!(ended.code, Some(0), "{typed:?}: {}", ended.stderr),
                        Err(word) => {
                            assert!(ended.stderr.contains(word), "{typed:?}: {}", ended.stderr);
                            assert!(!matches!(ended.code, Some(0 | 2)), "{typed:?}");
                        }
                    }
                });
            }
        }
    });
}

#[test]
fn transports_go_by_the_names_and_the_cases_of_esp_prov_py() {
    let device = Simulator::start(["--join-delay", "0"]);
    for name in ["softap", "SoftAP", "SOFTAP", "httpd", "HTTPD", "http", "Http"] {
        let address = device.address.to_string();
        let arguments = ["--transport", name, "--service_name", &address];
        let ended = run(arguments.into_iter().chain(["--pop", "abcd1234", "--reset"]));
        assert_eq!(ended.code, Some(0), "{name}: {}", ended.stderr);
    }
    for name in ["virtual", "Virtual"] {
        let ended = run(["reset", "--transport", name, "--pop", "abcd1234"]);
        assert_eq!(ended.code, Some(0), "{name}: {}", ended.stderr);
    }
    // The console wants a port.
    for name in ["ble", "BLE", "console", "Console"] {
        let ended = run(["--transport", name, "--ssid", "Home", "--open"]);
        assert_eq!(ended.code, Some(3), "{name}: {}", ended.stderr);
    }
}
