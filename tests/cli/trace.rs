//! Traces: a run of every security on every transport is recorded, decoded and replayed, and its
//! replay leads the tool to the same outcome. Nothing secret is in a trace that was not asked for
//! it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use esp_prov::{
    BleConnect, Connect, Event, Observer, Scheme,
    address::{BleAddress, BleSelector},
    exchange::{ExchangeRecord, State},
};
use esp_prov_simulate::{Fault, Persona, Replay, Settings, VirtualDevice};
use esp_prov_trace::{self as trace, Trace, Tracer};
use kit::{Air, Fault as LinkFault, Faulty, Plan, Ran, Station, When, hex, home, plan, plan_for};
use serde_json::Value;

use crate::run::{Ended, Process, Simulator, esp_prov_rs, run};

const PROOF: &str = "Qx7-proof-Zk";
const PASSPHRASE: &str = "Vb9 phrase-Ty";

/// How a run ends: the device, the tool, and the exit code.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    device: &'static str,
    tool: &'static str,
    code: i32,
}

const CASES: [Case; 5] = [
    Case { name: "success", device: "", tool: "", code: 0 },
    Case { name: "wrong proof", device: "", tool: "WRONG", code: 30 },
    Case { name: "wrong passphrase", device: "--fail wrong-passphrase", tool: "", code: 50 },
    Case { name: "not found", device: "--fail not-found", tool: "", code: 51 },
    Case { name: "vanishing", device: "--fail vanish", tool: "--attempts 1", code: 53 },
];

/// A virtual device on a socket or a console, and how the tool gets there.
struct Place {
    way: Vec<String>,
    _process: Process,
}

fn place(transport: &str, like: &[&str]) -> Place {
    if transport == "softap" {
        let device = Simulator::start(like.iter().copied().chain(["--once"]));
        let way = vec!["--service-name".to_owned(), device.address.to_string()];
        return Place { way, _process: device.process };
    }
    let fixed = ["simulate", "--transport", "console", "--once"];
    let mut process = Process::start(esp_prov_rs(fixed.into_iter().chain(like.iter().copied())));
    let said = process.until("has its console on");
    let (_, path) = said.split_once("has its console on ").expect("a path");
    let way = ["--transport", "console", "--port", path].map(str::to_owned).to_vec();
    Place { way, _process: process }
}

/// What the tool is told about the device's secret.
fn secrets(security: &str, wrong: bool) -> Vec<&'static str> {
    let secret = if wrong { "not-the-one" } else { PROOF };
    match security {
        "0" => Vec::new(),
        "1" => vec!["--pop", secret],
        _ => vec!["--sec2-username", "wifiprov", "--sec2-pwd", secret],
    }
}

fn use_it(place: &Place, security: &str, case: Case, more: &[&str]) -> Ended {
    let wrong = case.tool == "WRONG";
    let tool = case.tool.split(' ').filter(|word| !wrong && !word.is_empty());
    let fixed = ["--ssid", "Home", "--passphrase", PASSPHRASE, "--poll-interval", "50ms", "-q"];
    let words = place.way.iter().map(String::as_str).chain(fixed);
    run(words.chain(secrets(security, wrong)).chain(tool).chain(more.iter().copied()))
}

/// A folder with the network of these tests.
fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder for files");
    let networks = folder.path().join("networks.toml");
    let network = format!("[[network]]\nssid = \"Home\"\npassphrase = \"{PASSPHRASE}\"\n");
    fs::write(&networks, network).expect("a file can be written");
    let networks = networks.to_str().expect("an ASCII path").to_owned();
    (folder, networks)
}

fn device(transport: &str, security: &str, case: Case, networks: &str) -> Place {
    let mut like = vec!["--sec-ver", security, "--join-delay", "100ms", "--networks", networks];
    match security {
        "1" => like.extend(["--pop", PROOF]),
        "2" => like.extend(["--sec2-pwd", PROOF]),
        _ => {}
    }
    like.extend(case.device.split(' ').filter(|word| !word.is_empty()));
    place(transport, &like)
}

fn read(path: &Path) -> Trace {
    trace::read(&fs::read(path).expect("a trace was written")).expect("a trace")
}

#[cfg(unix)]
#[test]
fn a_replay_leads_the_tool_to_the_same_outcome() {
    let (folder, networks) = folder();
    let ways =
        [("softap", "0"), ("softap", "1"), ("softap", "2"), ("console", "0"), ("console", "1")];
    thread::scope(|scope| {
        for (transport, security) in ways {
            for case in CASES.into_iter().filter(|case| security != "0" || case.tool != "WRONG") {
                let path = folder.path().join(format!("{transport}{security}{}", case.name));
                let networks = &networks;
                scope.spawn(move || replays(transport, security, case, networks, &path));
            }
        }
    });
}

fn replays(transport: &str, security: &str, case: Case, networks: &str, path: &Path) {
    let what = format!("{transport}, security {security}, {}", case.name);
    let file = path.to_str().expect("an ASCII path");
    let device = device(transport, security, case, networks);
    let first = use_it(&device, security, case, &["--trace", file, "--trace-secrets"]);
    assert_eq!(first.code, Some(case.code), "{what}: {}", first.stderr);
    assert!(first.stderr.contains("do not share it"), "{what}: {}", first.stderr);
    drop(device);

    let device = place(transport, &["--replay", file]);
    let again = format!("{file} again");
    let second = use_it(&device, security, case, &["--trace", &again, "--trace-secrets"]);
    assert_eq!(second.code, first.code, "{what}: {}", second.stderr);
    assert_eq!(second.stdout, first.stdout, "{what}");
    let error = |ended: &Ended| {
        let line = ended.stderr.lines().find(|line| line.starts_with("error: "));
        line.map(str::to_owned)
    };
    assert_eq!(error(&second), error(&first), "{what}");
    // Both sides said the same, as far as the story goes.
    let told = |path: &str| -> Vec<String> {
        let records = read(Path::new(path)).records;
        let told = records.iter().filter(|(_, record)| record.reply.is_some());
        let told = told.map(|(_, record)| {
            let record = record.retold(true);
            let reply = record.reply.and_then(|reply| reply.message).unwrap_or_default();
            let fresh = record.endpoint == "prov-session" && security != "0";
            format!("{} {}", record.endpoint, if fresh { Value::Null } else { reply })
        });
        let mut told: Vec<_> = told.collect();
        // How often it was asked is a matter of time.
        told.dedup();
        told
    };
    assert_eq!(told(&again), told(file), "{what}");
}

#[test]
fn a_trace_without_secrets_replays_what_is_in_the_clear() {
    let (folder, networks) = folder();
    thread::scope(|scope| {
        for (security, case) in
            [("0", CASES[0]), ("0", CASES[2]), ("0", CASES[4]), ("1", CASES[1]), ("2", CASES[1])]
        {
            let path = folder.path().join(format!("{security}{}", case.name));
            let networks = &networks;
            scope.spawn(move || {
                let what = format!("security {security}, {}", case.name);
                let file = path.to_str().expect("an ASCII path");
                let device = device("softap", security, case, networks);
                let first = use_it(&device, security, case, &["--trace", file]);
                assert_eq!(first.code, Some(case.code), "{what}: {}", first.stderr);
                let replay = place("softap", &["--replay", file]);
                let second = use_it(&replay, security, case, &[]);
                assert_eq!((second.code, second.stdout), (first.code, first.stdout), "{what}");
            });
        }
    });
}

#[test]
fn a_replay_says_what_it_can_not_do() {
    let (folder, networks) = folder();
    let file = folder.path().join("trace");
    let file = file.to_str().expect("an ASCII path");
    let device = device("softap", "1", CASES[0], &networks);
    assert_eq!(use_it(&device, "1", CASES[0], &["--trace", file]).code, Some(0));
    let arguments = ["simulate", "--listen", "127.0.0.1:0", "--replay", file];
    let mut replay = Process::start(esp_prov_rs(arguments));
    replay.until("no other client can decrypt");
    let line = replay.until("listens on http://");
    let (_, address) = line.split_once("http://").expect("an address");
    let way = vec!["--service-name".to_owned(), address.to_owned()];
    let place = Place { way, _process: replay };
    // The recorded proof is one for other keys.
    let ended = use_it(&place, "1", CASES[0], &[]);
    assert_eq!(ended.code, Some(30), "{}", ended.stderr);
}

/// Two traces of one run, without secrets and with them.
struct Recorder {
    safe: Mutex<Tracer>,
    full: Mutex<Tracer>,
    events: Mutex<Vec<Event>>,
    /// Plaintext, and what was on the wire.
    sent: Mutex<Vec<(Vec<u8>, Vec<u8>)>>,
}

impl Recorder {
    fn into(folder: &Path) -> Self {
        let tracer = |name: &str, secrets| {
            Mutex::new(Tracer::create(&folder.join(name), "virtual", secrets).expect("a file"))
        };
        Self {
            safe: tracer("safe", false),
            full: tracer("full", true),
            events: Mutex::default(),
            sent: Mutex::default(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Recorder {
    fn notify(&self, event: Event) {
        lock(&self.events).push(event);
    }

    fn exchanged(&self, exchange: &ExchangeRecord<'_>) {
        lock(&self.safe).write(exchange).expect("the file is writable");
        lock(&self.full).write(exchange).expect("the file is writable");
        if let Some(request) = exchange.request {
            let plain = request.plain.expect("what we send we know");
            lock(&self.sent).push((plain.to_vec(), request.wire.to_vec()));
        }
    }
}

async fn recorded(connect: &dyn Connect, plan: &Plan, folder: &Path) -> (String, Recorder) {
    let recorder = Recorder::into(folder);
    let result = plan.at(connect).with_observer(&recorder).provision(&plan.given()).await;
    let ran = Ran { result, events: Vec::new(), took: std::time::Duration::ZERO };
    (ran.end(), recorder)
}

fn over_ble(device: &VirtualDevice) -> BleConnect {
    let wanted = BleSelector::from_text("PROV_1234");
    let air = Arc::new(Air::with(vec![Station::of(device)]));
    BleConnect::with_adapter(BleAddress { wanted, adapter: None }, air)
}

fn like(scheme: Scheme, fault: Option<Fault>) -> VirtualDevice {
    VirtualDevice::new(Settings { scheme, fault, ..Settings::default() })
}

#[tokio::test(start_paused = true)]
async fn over_ble_and_in_process_a_replay_ends_as_the_run_did() {
    for scheme in [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2] {
        for (passphrase, fault) in [
            ("correct-horse", None),
            ("another-horse", None),
            ("correct-horse", Some(Fault::Vanish)),
        ] {
            for ble in [false, true] {
                let what = format!("{scheme}, {passphrase}, {fault:?}, BLE {ble}");
                let folder = tempfile::tempdir().expect("a folder for files");
                let plan = Plan { network: home(passphrase), ..plan_for(scheme) };
                let device = like(scheme, fault);
                let connect: Box<dyn Connect> =
                    if ble { Box::new(over_ble(&device)) } else { Box::new(device) };
                let (end, _) = recorded(connect.as_ref(), &plan, folder.path()).await;
                connect.settle().await;
                let trace = read(&folder.path().join("full"));
                let replay = Replay::new(&trace).expect("a trace to replay");
                assert_eq!((replay.mute_sessions(), replay.left_out()), (0, 0), "{what}");
                let device = VirtualDevice::replaying(replay);
                let connect: Box<dyn Connect> =
                    if ble { Box::new(over_ble(&device)) } else { Box::new(device) };
                let other = tempfile::tempdir().expect("a folder for files");
                let (again, _) = recorded(connect.as_ref(), &plan, other.path()).await;
                connect.settle().await;
                assert_eq!(again, end, "{what}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_falls_silent_does_so_again() {
    for from in 1..=6 {
        let folder = tempfile::tempdir().expect("a folder for files");
        let device = like(Scheme::Sec1, None);
        let faulty = Faulty::around(&device, When::From(from), LinkFault::LoseReply);
        let (end, _) = recorded(&faulty, &plan(), folder.path()).await;
        assert!(end.contains("TimedOut") || end.starts_with("Unconfirmed"), "{from}: {end}");
        let replay = Replay::new(&read(&folder.path().join("full"))).expect("a trace to replay");
        let device = VirtualDevice::replaying(replay);
        let other = tempfile::tempdir().expect("a folder for files");
        let (again, _) = recorded(&device, &plan(), other.path()).await;
        assert_eq!(again, end, "silent from exchange {from}");
    }
}

#[test]
fn an_http_error_is_given_again() {
    let folder = tempfile::tempdir().expect("a folder for files");
    let path = folder.path().join("trace");
    let file = path.to_str().expect("an ASCII path");
    let head = r#"{"trace":1,"tool":"t","began":"b","address":"a","secrets":false}"#;
    let failure = r#""failure":{"kind":"http","error":"HTTP 503","http_status":503}"#;
    let record = format!("{{\"exchange\":1,\"endpoint\":\"proto-ver\",{failure}}}");
    fs::write(&path, format!("{head}\n{record}\n")).expect("a file can be written");
    let device = place("softap", &["--replay", file]);
    let again = format!("{file} again");
    let ended = use_it(&device, "1", CASES[0], &["--trace", &again]);
    assert_eq!(ended.code, Some(21), "{}", ended.stderr);
    assert!(ended.stderr.contains("proto-ver answered HTTP 503"), "{}", ended.stderr);
    let again = fs::read_to_string(again).expect("a trace was written");
    assert!(again.contains(r#""http_status":503"#), "{again}");
}

#[tokio::test(start_paused = true)]
async fn a_trace_has_what_was_sent_and_decode_shows_it() {
    for scheme in [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2] {
        let folder = tempfile::tempdir().expect("a folder for files");
        let plan = plan_for(scheme);
        let (end, recorder) = recorded(&like(scheme, None), &plan, folder.path()).await;
        assert_eq!(end, "Connected", "{scheme}");
        let full = read(&folder.path().join("full"));
        let sent = lock(&recorder.sent);
        assert_eq!(full.records.len(), sent.len(), "{scheme}");
        for ((line, record), (plain, wire)) in full.records.iter().zip(sent.iter()) {
            let request = record.request.as_ref().expect("a request");
            assert_eq!(request.in_clear().as_ref(), Some(plain), "{scheme}, line {line}");
            assert_eq!(request.wire().as_ref(), Some(wire), "{scheme}, line {line}");
        }
        let (_, first) = &full.records[0];
        assert_eq!((first.before, first.after), (Some(State::Connected), Some(State::Connected)));

        let decode = |name: &str, more: &[&str]| {
            let path = folder.path().join(name);
            let path = path.to_str().expect("an ASCII path");
            let ended = run(["decode", path].into_iter().chain(more.iter().copied()));
            assert_eq!(ended.code, Some(0), "{scheme}: {}", ended.stderr);
            ended.stdout
        };
        let (safe, hidden) = (decode("safe", &[]), decode("full", &[]));
        assert_eq!(safe, hidden, "{scheme}: without secrets both say the same");
        for word in [
            "msg: TypeCmdSetWifiConfig",
            "ssid: \"Home\"",
            "passphrase: (13 bytes, hidden)",
            "ip4_addr: 192.168.1.57",
        ] {
            assert!(safe.contains(word), "{scheme} lacks {word}:\n{safe}");
        }
        let shown = decode("full", &["--show-secrets"]);
        assert!(shown.contains("passphrase: \"correct-horse\""), "{scheme}:\n{shown}");
        // What decode makes of a trace with secrets is a trace without.
        let lines = decode("full", &["--json"]);
        let made = trace::read(lines.as_bytes()).expect("a trace");
        assert!(!made.head.secrets && !lines.contains("correct-horse"), "{lines}");
        let json = |trace: &Trace| -> Vec<Value> {
            let records = trace.records.iter();
            records.map(|(_, record)| serde_json::to_value(record).expect("JSON")).collect()
        };
        let safe = read(&folder.path().join("safe"));
        let without_time = |mut records: Vec<Value>| {
            for record in &mut records {
                record["time"] = Value::Null;
            }
            records
        };
        assert_eq!(without_time(json(&made)), without_time(json(&safe)), "{scheme}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_key_can_be_had_from_a_trace_that_was_not_asked_for_secrets() {
    const APPLICATION: &[u8] = b"Wq2-token-for-the-application";
    for scheme in [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2] {
        // Security 2 of v5.0 encrypts everything under one nonce.
        for persona in [Persona::Netprov, Persona::IdfV5_0] {
            let what = format!("{scheme}, {persona}");
            let folder = tempfile::tempdir().expect("a folder for files");
            let plan = Plan { custom_data: Some(APPLICATION.to_vec()), ..plan_for(scheme) };
            let device = VirtualDevice::new(Settings { scheme, persona, ..Settings::default() });
            let (end, _) = recorded(&device, &plan, folder.path()).await;
            assert_eq!(end, "Connected", "{what}");
            let text = fs::read_to_string(folder.path().join("safe")).expect("a trace");
            let full = read(&folder.path().join("full"));
            let mut secrets = vec![APPLICATION.to_vec(), b"correct-horse".to_vec()];
            // SHA-256 of the proof of possession, which masks the key of security 1.
            let mask = "e9cee71ab932fde863338d08be4de9dfe39ea049bdafb342ce659ec5450b69ae";
            secrets.push(hex(mask));
            // The keystream.
            for (_, record) in &full.records {
                for part in [&record.request, &record.reply].into_iter().flatten() {
                    let wire = part.wire().expect("a trace with secrets has all bytes");
                    let clear = part.in_clear().expect("a trace with secrets has all plaintext");
                    if part.sealed && clear.len() >= 8 {
                        secrets.push(wire.iter().zip(&clear).map(|(a, b)| a ^ b).collect());
                    }
                }
            }
            for secret in &secrets {
                assert!(!text.contains(&::hex::encode(secret)), "{what}:\n{text}");
                let words = String::from_utf8_lossy(secret);
                assert!(!text.contains(&*words), "{what}:\n{text}");
            }
            let safe = read(&folder.path().join("safe"));
            let repeats = scheme == Scheme::Sec2 && persona == Persona::IdfV5_0;
            for (line, record) in &safe.records {
                assert!(record.credentials.is_none(), "{what}");
                for part in [&record.request, &record.reply].into_iter().flatten() {
                    assert_eq!(part.plain, None, "{what}, line {line}");
                    // What was said is known, so that the sealed bytes would give the rest away.
                    let shown = part.bytes.is_some();
                    assert!(!part.sealed || shown != repeats, "{what}, line {line}");
                }
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_trace_is_for_its_owner_only_whatever_was_there() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder for files");
    let path: PathBuf = folder.path().join("trace");
    fs::write(&path, "an old one that is longer than the head of the new one".repeat(20))
        .expect("a file can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode can be set");
    let file = path.to_str().expect("an ASCII path");
    let ended = run(["status", "--transport", "virtual", "--pop", "abcd1234", "--trace", file]);
    assert_eq!(ended.code, Some(52), "{}", ended.stderr);
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(read(&path).records.len(), 4, "version, two of the handshake, status");
}

#[test]
fn a_trace_that_is_being_written_is_read_to_its_last_whole_line() {
    let folder = tempfile::tempdir().expect("a folder for files");
    let path = folder.path().join("trace");
    let file = path.to_str().expect("an ASCII path");
    let ended = run(["status", "--transport", "virtual", "--pop", "abcd1234", "--trace", file]);
    assert_eq!(ended.code, Some(52), "{}", ended.stderr);
    let whole = fs::read(&path).expect("a trace was written");
    let begins = whole.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    for length in begins..=whole.len() {
        let trace = trace::read(&whole[..length]).expect("a trace, perhaps cut off");
        let lines = whole[begins..length].split(|byte| *byte == b'\n').count() - 1;
        let extra = trace.records.len() - lines;
        // A last line that lacks its end only is whole.
        assert!(extra == 0 || extra == 1 && trace.cut_off.is_none(), "{length}");
    }
}

#[test]
fn what_is_no_trace_is_told_by_line_column_and_reason() {
    let head = r#"{"trace":1,"tool":"t","began":"b","address":"a","secrets":false}"#;
    let record = |part: &str| format!("{head}\n{{\"exchange\":1,\"endpoint\":\"e\",{part}}}\n");
    for (text, error) in [
        (String::new(), "line 1, column 1: the trace is empty"),
        ("{}".to_owned(), "line 1, column 2: missing field `trace`"),
        ("[1]".to_owned(), "line 1, column 3: expected struct Head with 5 elements"),
        (head.replace(":1,", ":2,"), "line 1, column 1: trace version 2; this tool knows 1"),
        (format!("{head}\nQx7-proof-Zk\n"), "line 2, column 1: not JSON"),
        (format!("{head}\n{{\"exchange\":\"Qx7-proof-Zk\"}}\n"), "line 2, column 26: expected u64"),
        (
            record(r#""request":{"size":1,"sealed":false,"bytes":"0g"}"#),
            "line 2, column 1: request.bytes: digit 2 is not hexadecimal",
        ),
        (
            record(r#""reply":{"size":1,"sealed":true,"plain":"012"}"#),
            "line 2, column 1: reply.plain: odd number of hexadecimal digits (3)",
        ),
        (
            record(r#""reply":{"size":3,"sealed":false,"bytes":"0102"}"#),
            "line 2, column 1: reply.size is 3, but there are 2 bytes",
        ),
    ] {
        let got = trace::read(text.as_bytes()).expect_err("no trace").to_string();
        assert_eq!(got, error, "{text}");
    }
}
