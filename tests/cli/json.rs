//! The schemas of what is told in JSON: docs/json.md is made from them (`BLESS=1` rewrites it), and
//! each line that a process of these tests has told is checked against them (`kit::schema`).

use std::{collections::BTreeSet, fmt::Write, fs, time::Duration};

use esp_prov::{
    Connection, DiscoveredDevice, Event, HeardBy, Hint, JoinState, Mismatch, NetworkName, Outcome,
    SecurityLevel, Stage, Status, Warning,
    commands::{JoinFailure, ThreadConnection},
    transport::softap::Protection,
};
use esp_prov_batch::{
    BatchEvent,
    ledger::{AttemptOutcome, State},
};
use kit::schema::{EVENTS, Schema, TRACES, check_lines};
use serde_json::{Value, json};

use crate::{
    readme::keep_current,
    run::{Process, shell},
};

#[test]
fn its_page_is_current() {
    let groups = ["run-events", "batch-events", "simulate-events"];
    let events = |group: &str| variants(EVENTS.definition(group)).map(referred).collect::<Vec<_>>();
    let named: BTreeSet<_> = groups.into_iter().flat_map(events).chain(groups).collect();
    let shared = definitions(&EVENTS).filter(|name| !named.contains(name)).collect();
    let page = |schema: &Schema, names: Vec<&str>| {
        names.iter().map(|name| section(name, schema.definition(name))).collect::<String>()
    };
    let of = |group| page(&EVENTS, events(group));
    keep_current(
        "docs/json.md",
        &[
            ("run", of(groups[0])),
            ("batch", of(groups[1])),
            ("simulate", of(groups[2])),
            ("shared", page(&EVENTS, shared)),
            ("trace", page(&TRACES, definitions(&TRACES).collect())),
        ],
    );
}

fn definitions(schema: &Schema) -> impl Iterator<Item = &str> {
    schema.0["$defs"].as_object().expect("definitions").keys().map(String::as_str)
}

fn variants(schema: &Value) -> impl Iterator<Item = &Value> {
    schema["oneOf"].as_array().into_iter().flatten()
}

/// The name of the definition that a reference leads to.
fn referred(reference: &Value) -> &str {
    let text = reference["$ref"].as_str().expect("a reference");
    text.strip_prefix("#/$defs/").expect("within the schema")
}

fn link(reference: &Value) -> String {
    match referred(reference) {
        "run-events" => "[event of a run](#events-of-a-run)".to_owned(),
        name => format!("[{name}](#{name})"),
    }
}

/// What the page says of a definition.
fn section(name: &str, schema: &Value) -> String {
    let about = schema["description"].as_str().expect("a description");
    let mut text = format!("### {name}\n\n{about}\n\n");
    let rows = members(schema);
    if !rows.is_empty() {
        text += "| member | value | |\n| --- | --- | --- |\n";
        for (name, value, about) in rows {
            let _ = writeln!(text, "| {name} | {value} | {about} |");
        }
        text.push('\n');
    }
    if let Some(words) = schema["enum"].as_array() {
        let _ = writeln!(text, "One of {}.\n", listed(words));
    }
    if let Some(others) = borrowed(schema) {
        let _ = writeln!(text, "And the members of {others}.\n");
    }
    if schema["properties"]["event"].is_null() && variants(schema).next().is_some() {
        let tag =
            |one: &Value| one["properties"].as_object().expect("members").keys().next().cloned();
        let tag = variants(schema).next().and_then(tag).expect("a variant has a name");
        let _ = writeln!(text, "| `{tag}` | what it is | members |\n| --- | --- | --- |");
        for one in variants(schema) {
            let word = one["properties"][&tag]["const"].as_str().expect("a word");
            let about = one["description"].as_str().expect("a description");
            let cell = |(name, value, about): (String, String, &str)| match about {
                "" => format!("{name}: {value}"),
                about => format!("{name}: {value} ({about})"),
            };
            let mut cells: Vec<_> = members(one).into_iter().skip(1).map(cell).collect();
            cells.extend(borrowed(one).map(|others| format!("those of {others}")));
            let _ = writeln!(text, "| `{word}` | {about} | {} |", cells.join("; "));
        }
        text.push('\n');
    }
    text
}

/// Definitions of which it has the members, too.
fn borrowed(schema: &Value) -> Option<String> {
    let all = schema["allOf"].as_array().into_iter().flatten();
    let is_event = !schema["properties"]["event"].is_null();
    let one = variants(schema).filter(|_| is_event);
    let links: Vec<_> = all.chain(one).map(link).collect();
    (!links.is_empty()).then(|| links.join(" and "))
}

/// The members by name, what they can be, and what they are.
fn members(schema: &Value) -> Vec<(String, String, &str)> {
    let required =
        |name: &str| schema["required"].as_array().into_iter().flatten().any(|one| one == name);
    let all = schema["properties"].as_object().into_iter().flatten();
    let own = all.filter(|(name, _)| *name != "event");
    let row = |(name, rule): (&String, &'_ Value)| {
        let optional = if required(name) { "" } else { ", optional" };
        (format!("`{name}`"), format!("{}{optional}", kind(rule)))
    };
    own.map(|(name, rule)| {
        let (shown, value) = row((name, rule));
        (shown, value, rule["description"].as_str().unwrap_or_default())
    })
    .collect()
}

/// What a value can be.
fn kind(rule: &Value) -> String {
    if rule.get("$ref").is_some() {
        return link(rule);
    }
    if let Some(words) = rule["enum"].as_array() {
        return listed(words);
    }
    if let Some(word) = rule["const"].as_str() {
        return format!("`{word}`");
    }
    if variants(rule).next().is_some() {
        return variants(rule).map(kind).collect::<Vec<_>>().join(" or ");
    }
    let one = |name: &str| match name {
        "array" => format!("array of {}", kind(&rule["items"])),
        "object" => format!("object, each member {}", kind(&rule["additionalProperties"])),
        name => name.to_owned(),
    };
    match &rule["type"] {
        Value::String(name) => one(name),
        Value::Array(names) => {
            let names = names.iter().map(|name| one(name.as_str().expect("a name")));
            names.collect::<Vec<_>>().join(" or ")
        }
        _ => "anything".to_owned(),
    }
}

fn listed(words: &[Value]) -> String {
    let word = |word: &Value| match word {
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    };
    words.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// Commands of each kind, one after the other; each line of theirs is checked where they end.
#[cfg(unix)]
const COMMANDS: &str = r#"
device='--transport virtual --pop abcd1234 --json'
network='--pop abcd1234 --ssid Home --passphrase correct-horse --json'
esp-prov-rs simulate --listen 127.0.0.1:0 --json --join-delay 0 --ip 192.0.2.7 -- \
  esp-prov-rs --service-name {} $network --custom-data hello -vvv --trace trace --verify
esp-prov-rs decode trace --json
esp-prov-rs simulate --listen 127.0.0.1:0 --join-delay 0 --quirk stays-open -- \
  esp-prov-rs --service-name {} $network --then reprovision
esp-prov-rs simulate --listen 127.0.0.1:0 --json --join-delay 0 --once --ready-file ready &
until [ -s ready ]; do sleep 0.01; done
esp-prov-rs --service-name $(cat ready) $network
wait
esp-prov-rs scan $device
esp-prov-rs info $device
esp-prov-rs status $device
esp-prov-rs reset $device
printf hello | esp-prov-rs send custom-data - $device
esp-prov-rs doctor --transport console --json
esp-prov-rs discover --transport softap --for 10ms --json
esp-prov-rs --transport virtual --pop wrong --ssid Home --open --json
esp-prov-rs --transport virtual --pop abcd1234 --ssid Home --passphrase wrong-horse --json
esp-prov-rs secrets --count 2 --transport ble --sec-ver 1 --output made --json
esp-prov-rs secrets --count 2 --transport ble --sec-ver 1 --output labelled --labels L7651 --json
printf 'serial\nA1\nA1\n' > twice.csv
esp-prov-rs secrets --serials twice.csv --transport ble --sec-ver 1 --output twice --json
printf 'id,address\nA,10.0.0.300\n' > bad.csv
esp-prov-rs batch --roster bad.csv --ssid Home --open --json
esp-prov-rs simulate --count 2 --listen 127.0.0.1:0 --join-delay 0 --roster r.csv --json -- sh -c '
  esp-prov-rs batch --roster r.csv --dry-run --json
  esp-prov-rs batch --roster r.csv --json -v --on-result "cat >> results; false"
  esp-prov-rs batch status --roster r.csv --json
  esp-prov-rs batch retry --hooks --roster r.csv --json
  esp-prov-rs batch retry --failed --roster r.csv --json
  esp-prov-rs batch export --roster r.csv --format json --output export.json
  esp-prov-rs batch report --roster r.csv --format json --output report.json
  sed s/127.0.0.1/127.0.0.9/ r.csv > other.csv
  esp-prov-rs batch --roster other.csv --ledger r.ledger --add-roster --json
  printf "PROV_000001\nelsewhere\n" | esp-prov-rs station --roster r.csv
  echo -n'
"#;

#[cfg(unix)]
#[test]
fn what_is_told_is_as_the_schemas_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = Process::start(shell(COMMANDS, folder.path())).end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    check_lines(&read("trace"));

    let results: Vec<Value> = read("results").lines().map(parsed).collect();
    assert_eq!(results.len(), 2);
    for mut result in results {
        result["event"] = "device-ended".into();
        EVENTS.check_as("device-ended", &result).expect("a result is as the event");
    }
    let export = parsed(&read("export.json"));
    let rows = export.as_array().expect("rows");
    assert_eq!(rows.len(), 2);
    for row in rows {
        EVENTS.check_as("export-row", row).expect("a row is as the schema says");
    }

    let report = parsed(&read("report.json"));
    EVENTS.check_as("report", &report).expect("a report is as the schema says");
    assert_eq!((&report["units"], &report["first_pass_yield"]), (&json!(2), &json!(1.0)));

    let lines = ended.stdout.lines().map(parsed);
    let mut told: BTreeSet<_> = lines.filter_map(|line| named(&line)).collect();
    for event in others() {
        let definition = named(&event).expect("an event");
        EVENTS.check_as(&definition, &event).unwrap_or_else(|why| panic!("{why}: {event}"));
        told.insert(definition);
    }
    let groups = ["run-events", "batch-events", "simulate-events"];
    let all = groups.iter().flat_map(|group| variants(EVENTS.definition(group)).map(referred));
    let untold: Vec<_> = all.filter(|name| !told.contains(*name)).collect();
    // They take a lack of files, of a ledger or of a reader, a scanner, and a power cut.
    assert_eq!(untold, ["few-files", "cut-off", "scanner", "unrecorded", "requests-skipped"]);
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn named(event: &Value) -> Option<String> {
    Some(event["event"].as_str()?.to_owned())
}

/// Events that take a radio, a person or a device that misbehaves.
fn others() -> Vec<Value> {
    let warnings = [
        Warning::WeakerSecurity { asked: SecurityLevel::LoggedIn, offered: SecurityLevel::Open },
        Warning::HintIgnored { hint: Hint::Bssid },
        Warning::Unencrypted,
        Warning::PassphraseForOpen,
        Warning::NonceRepeated { told: 1 },
        Warning::WellKnownSecret,
        Warning::MayBeTooLong { bytes: 300, limit: 256 },
        Warning::NameCutOff { heard: "PROV_12".to_owned(), wanted: "PROV_1234".to_owned() },
        Warning::ListenFailed { error: "no Bluetooth".to_owned() },
    ];
    let states = [
        JoinState::Connecting { attempts_remaining: None },
        JoinState::Connecting { attempts_remaining: Some(2) },
        JoinState::Connected,
        JoinState::Failed { failure: JoinFailure::WrongPassphrase },
        JoinState::Mismatch { mismatch: Mismatch::NoNetwork },
        JoinState::Other { number: 9 },
    ];
    let device = DiscoveredDevice {
        by: HeardBy::Ble,
        name: None,
        address: "AA:BB:CC:DD:EE:FF".to_owned(),
        rssi: Some(-60),
        channel: None,
        encryption: None,
        service: None,
        provisions: false,
        heard_after: Duration::from_millis(20),
    };
    let access_point = DiscoveredDevice {
        by: HeardBy::AccessPoint,
        channel: Some(6),
        encryption: Some(Protection::Wpa),
        ..device.clone()
    };
    let mut events = vec![
        Event::JoiningAccessPoint { access_point: "PROV_1234".to_owned() },
        Event::AccessPointJoined {
            access_point: "PROV_1234".to_owned(),
            interface: "wlan0".to_owned(),
        },
        Event::Discovered { device: access_point },
        Event::Asking,
        Event::AdapterUnavailable { error: "off".to_owned() },
        Event::AdapterAvailable,
        Event::Discovered { device: device.clone() },
        Event::CustomConfigSent,
        Event::ResetRefused { status: Status::InternalError },
        Event::ConfigSent { network: NetworkName::Thread { name: None, ext_pan_id: None } },
    ];
    events.extend(warnings.map(|warning| Event::Warning { warning }));
    events.extend(states.clone().map(|state| Event::Polled { state }));
    let mut all: Vec<_> = events.into_iter().map(|event| json!(event)).collect();
    let mut outcomes = vec![
        Outcome::Unconfirmed { last: None },
        Outcome::ProbablyReset,
        Outcome::Discovered { devices: vec![device.clone()] },
        Outcome::ThreadScanned { networks: Vec::new() },
        Outcome::Tested {
            connection: Connection::Thread(ThreadConnection {
                name: "Home-Thread".to_owned(),
                pan_id: 1,
                ext_pan_id: None,
                channel: 15,
            }),
        },
    ];
    outcomes.extend(states.clone().map(|state| Outcome::NotConnected { state }));
    outcomes.extend(states.map(|state| Outcome::Unconfirmed { last: Some(state) }));
    for outcome in outcomes {
        let mut finished = json!(Event::Finished { outcome });
        finished["exit_code"] = 0.into();
        all.push(finished);
    }
    let error = || "as it is".to_owned();
    let of_batches = [
        BatchEvent::UnknownDevice { nearby: device },
        BatchEvent::ListenFailed { error: error() },
        BatchEvent::LedgerUnavailable { error: error() },
        BatchEvent::AdapterUnavailable { adapter: Some("hci1".to_owned()), error: error() },
        BatchEvent::AdapterAvailable { adapter: None },
        BatchEvent::ClaimLost { device: "A".to_owned() },
        BatchEvent::Watching { devices: 1, some: vec!["A".to_owned()] },
        BatchEvent::Draining { devices: 1, within: Duration::from_secs(30) },
    ];
    all.extend(of_batches.map(|event| json!(event)));
    all
}

/// Also those that no command here comes to.
#[test]
fn each_word_for_a_stage_a_state_or_an_outcome_is_in_the_schemas() {
    assert_eq!(EVENTS.definition("stages")["enum"], json!(Stage::ALL));
    assert_eq!(EVENTS.definition("states")["enum"], json!(State::ALL));
    let outcomes: Vec<_> = AttemptOutcome::ALL.iter().map(|one| json!(one)).collect();
    for definition in ["device-arrived", "attempt", "standing", "export-row"] {
        let outcome = &EVENTS.definition(definition)["properties"]["outcome"]["enum"];
        for word in &outcomes {
            assert!(
                outcome.as_array().is_some_and(|all| all.contains(word)),
                "{definition}: {word}"
            );
        }
    }
}

#[test]
fn what_is_otherwise_is_found() {
    let line = |event: Value| {
        let mut line = json!({ "schema": 1, "elapsed_ms": 0 });
        let members = event.as_object().expect("members").clone();
        line.as_object_mut().expect("members").extend(members);
        EVENTS.check(&line)
    };
    let warning = |name: &str| json!({ "event": "warning", "warning": name });
    assert_eq!(line(json!({ "event": "asking" })), Ok(()));
    assert_eq!(line(warning("unencrypted")), Ok(()));
    for (event, why) in [
        (json!({ "event": "aksing" }), "no variant"),
        (json!({ "event": "asking", "what": 1 }), "what is not described"),
        (warning("unknown"), "no variant"),
        (warning("listen-failed"), r#"no "error""#),
        (json!({ "event": "connecting", "address": "a", "attempt": "1" }), ".attempt"),
        (json!({ "event": "request", "request_bytes": -1 }), ".request_bytes"),
        (json!({ "event": "established", "security": 3 }), ".security"),
        (json!({ "event": "finished", "outcome": "reset" }), r#"no "exit_code""#),
    ] {
        let told = line(event.clone()).expect_err("it is wrong");
        assert!(told.contains(why), "{event}: {told}");
    }
}
