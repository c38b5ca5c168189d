//! The binary over a real BlueZ, in the rig of `tests/ble/rig`:
//!
//! ```text
//!  esp-prov-rs ── D-Bus ── BlueZ in a virtual machine ─── virtual air ─── bridge.py ── simulate
//! ```
//!
//! `tests/ble/rig/run cargo test --test system -- --ignored rig::`, or `.ci/run ble`.

mod host;

use std::{
    io::{BufRead, Write},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

use kit::process::{self, Ended, InTime, Said, ToTheEnd};
use nix::sys::signal::Signal;

const TOOL: &str = env!("CARGO_BIN_EXE_esp-prov-rs");

/// As bridge.py and independent.py have it.
const ADDRESS: &str = "F1:F1:F1:F1:F1:F1";

const TWIN: &str = "F3:F3:F3:F3:F3:F3";

/// Of a device that never had a name: BlueZ keeps those it has heard by their addresses.
const NAMELESS: &str = "F4:F4:F4:F4:F4:F4";

const INDEPENDENT: [&str; 3] = ["independent.py", "PROV_1234", "abcd1234"];

/// There is one radio.
static RADIO: Mutex<()> = Mutex::new(());

/// A device with a radio, gone when dropped.
struct Device {
    /// Those it is made of.
    processes: Vec<Child>,
    said: Said,
    twin: Option<Said>,
    _turn: MutexGuard<'static, ()>,
}

impl Device {
    fn new(settings: &[&str]) -> Self {
        Self::with(settings, &[])
    }

    /// A virtual device behind bridge.py.
    fn with(settings: &[&str], bridge: &[&str]) -> Self {
        let turn = RADIO.lock().unwrap_or_else(PoisonError::into_inner);
        let listen = ["simulate", "--listen", "127.0.0.1:0", "--json"];
        let (simulate, line, _) = process::start(Command::new(TOOL).args(listen).args(settings));
        let listening: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let url = format!("http://{}", listening["address"].as_str().expect("an address"));
        let script = [&["bridge.py", "PROV_1234", &url], bridge].concat();
        Self::of(vec![simulate], &script, turn)
    }

    /// One that shares no code with us.
    fn independent(options: &[&str]) -> Self {
        Self::called("PROV_1234", options)
    }

    /// One of another name.
    fn called(name: &str, options: &[&str]) -> Self {
        let turn = RADIO.lock().unwrap_or_else(PoisonError::into_inner);
        let script = [&["independent.py", name, "abcd1234"], options].concat();
        Self::of(Vec::new(), &script, turn)
    }

    /// A second device of the same name, which advertises every 1.6 s.
    fn with_twin(mut self) -> Self {
        let another = ["--radio", "RIG_THIRD_H4", "--address", TWIN, "--interval", "1600"];
        let (radio, mut said) = start(&[&INDEPENDENT[..], &another].concat());
        self.processes.push(radio);
        let line = said.line();
        assert!(line.starts_with("advertising"), "{line}");
        self.twin = Some(said);
        self
    }

    fn of(mut processes: Vec<Child>, script: &[&str], turn: MutexGuard<'static, ()>) -> Self {
        let (radio, said) = start(script);
        // The radio goes first.
        processes.insert(0, radio);
        let mut device = Self { processes, said, twin: None, _turn: turn };
        device.wait_for("advertising");
        device
    }

    /// Its radio's next line that begins so.
    fn wait_for(&mut self, beginning: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.said.read_line(&mut line).expect("the radio's process speaks text");
            assert!(read > 0, "the radio is gone before it says {beginning:?}");
            if line.starts_with(beginning) {
                return line;
            }
        }
    }

    /// Other firmware on the same device; BlueZ remembers what it had before.
    fn becomes(&mut self, options: &[&str]) {
        self.stop();
        let (radio, said) = start(&[&INDEPENDENT, options].concat());
        self.processes.push(radio);
        self.said = said;
        self.wait_for("advertising");
    }

    fn stop(&mut self) {
        for mut child in self.processes.drain(..) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.stop();
        // BlueZ keeps what it knows of a device.
        [ADDRESS, TWIN, NAMELESS].into_iter().for_each(forget);
    }
}

fn forget(address: &str) {
    let device = format!("objpath:{}", path_of(address));
    let _ = bus("org.bluez.Adapter1.RemoveDevice", "/org/bluez/hci0", &[&device]);
}

/// Starts a script of tests/ble, and what it says.
fn start(script: &[&str]) -> (Child, Said) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ble");
    let python = std::env::var("RIG_PYTHON").expect("run it in tests/ble/rig/run");
    let mut command = Command::new(python);
    command.args(script).current_dir(folder).stdout(Stdio::piped());
    let mut child = command.spawn().expect("Python starts");
    let said = Said::by(&mut child);
    (child, said)
}

fn path() -> String {
    path_of(ADDRESS)
}

fn path_of(address: &str) -> String {
    format!("/org/bluez/hci0/dev_{}", address.replace(':', "_"))
}

/// Asks BlueZ.
fn bus(method: &str, path: &str, arguments: &[&str]) -> String {
    let output = Command::new("dbus-send")
        .args(["--system", "--print-reply", "--dest=org.bluez", path, method])
        .args(arguments)
        .output_in_time();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn is_connected() -> bool {
    let asked = ["string:org.bluez.Device1", "string:Connected"];
    bus("org.freedesktop.DBus.Properties.Get", &path(), &asked).contains("boolean true")
}

/// BlueZ closes a link for itself, some time after the run that had it.
#[track_caller]
fn link_closes() {
    let until = Instant::now() + Duration::from_secs(3);
    while is_connected() {
        assert!(Instant::now() < until, "the link is open after the end");
        sleep(Duration::from_millis(100));
    }
}

/// Who BlueZ is on the bus: another one after a restart.
fn bluez() -> String {
    let output = Command::new("dbus-send")
        .args(["--system", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/"])
        .args(["org.freedesktop.DBus.GetNameOwner", "string:org.bluez"])
        .output_in_time();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn tool(arguments: &[&str]) -> Command {
    let mut command = Command::new(TOOL);
    command.args(arguments).args(["--transport", "ble"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// By its address, which needs no wait for another device of its name.
const TO: [&str; 4] = ["--service-name", ADDRESS, "--pop", "abcd1234"];
const BY_NAME: [&str; 4] = ["--service-name", "PROV_1234", "--pop", "abcd1234"];
const HOME: [&str; 4] = ["--ssid", "Home", "--passphrase", "correct-horse"];

fn run(command: &[&str], more: &[&str]) -> Ended {
    let mut tool = tool(command);
    tool.args(more).output_in_time().into()
}

fn provision(more: &[&str]) -> Ended {
    run(&["provision"], &[&HOME[..], more].concat())
}

#[test]
#[ignore = "needs the rig"]
fn provisions_with_each_security() {
    for (scheme, secret) in [
        ("0", &["--sec-ver", "0"][..]),
        ("1", &["--pop", "abcd1234"]),
        ("2", &["--sec2-username", "wifiprov", "--sec2-pwd", "abcd1234"]),
    ] {
        let _device = Device::new(&["--sec-ver", scheme, "--join-delay", "500ms"]);
        let ran = provision(&[&["--service-name", "PROV_1234"], secret].concat()).ends_with(0);
        assert!(ran.stdout.starts_with("Connected: "), "{scheme}: {}", ran.stdout);
        link_closes();
    }
}

#[test]
#[ignore = "needs the rig"]
fn no_operation_is_in_vain() {
    let mut device = Device::new(&["--join-delay", "0"]);
    let ran = provision(&[&TO[..], &["--json", "-vv"]].concat()).ends_with(0);
    let exchanges =
        ran.stdout.lines().filter(|line| line.contains(r#""event":"exchange""#)).count();
    let said = device.wait_for("disconnected");
    // The manager gives its endpoints fixed numbers.
    let expected = format!("disconnected reads={exchanges} writes={exchanges} names=0\n");
    assert!(exchanges > 0 && said == expected, "{exchanges} exchanges, {said}");
}

#[test]
#[ignore = "needs the rig"]
fn a_device_is_shown_with_its_table() {
    let _device = Device::new(&[]);
    let ran = run(&["info"], &["--service-name", "PROV_1234", "--json"]).ends_with(0);
    let last = ran.stdout.lines().last().expect("an event");
    let told: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert!(told["mtu"].as_u64().is_some_and(|mtu| mtu > 23), "{told}");
    let places = told["endpoints"].as_array().expect("a table");
    for name in ["prov-ctrl", "prov-scan", "prov-session", "prov-config", "proto-ver"] {
        let place = places.iter().find(|place| place["endpoint"] == name).expect("it is there");
        assert!(place["handle"].as_u64().is_some_and(|handle| handle > 0), "{place}");
        assert_eq!(place["properties"], serde_json::json!(["read", "write"]), "{place}");
    }
    let other = places.iter().any(|place| place["endpoint"].is_null());
    assert!(other, "services that every device has are in it, too");
    let ran = run(&["doctor"], &["--json"]).ends_with(0);
    assert!(ran.stdout.contains(r#""check":"Bluetooth adapter","verdict":"ok""#), "{}", ran.stdout);
}

#[test]
#[ignore = "needs the rig"]
fn twenty_networks_come_in_pages() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let network = |n: i32| {
        format!("[[network]]\nssid = \"Net {n}\"\nrssi = -{}\npassphrase = \"12345678\"\n", 40 + n)
    };
    let networks = (1..=20).map(network).collect::<Vec<_>>().concat();
    std::fs::write(file.path(), networks).expect("written");
    let _device = Device::new(&["--networks", &file.path().to_string_lossy()]);
    let ran = run(&["scan"], &TO).ends_with(0);
    assert_eq!(ran.stdout.lines().count(), 20, "{}", ran.stdout);
    assert!((1..=20).all(|n| ran.stdout.contains(&format!("Net {n}"))), "{}", ran.stdout);
}

#[test]
#[ignore = "needs the rig"]
fn four_hundred_bytes_of_custom_data_go_through() {
    let _device = Device::new(&[]);
    let data = "x".repeat(400);
    let ran = provision(&[&TO[..], &["--custom-data", &data]].concat()).ends_with(0);
    assert!(ran.stderr.contains("Custom data sent, 400 bytes"), "{}", ran.stderr);
}

#[test]
#[ignore = "needs the rig"]
fn wrong_secrets_are_told_and_leave_the_device_reachable() {
    let _device = Device::new(&[]);
    provision(&["--service-name", "PROV_1234", "--pop", "wrong"]).ends_with(30);
    let wrong = ["--ssid", "Home", "--passphrase", "wrong-horse"];
    run(&["provision"], &[&TO[..], &wrong].concat()).ends_with(50);
    provision(&[&TO[..], &["--reset-first"]].concat()).ends_with(0);
}

#[test]
#[ignore = "needs the rig"]
fn a_device_that_vanishes_after_apply_is_unconfirmed() {
    let _device = Device::with(&[], &["--vanish"]);
    provision(&[&TO[..], &["--connect-timeout", "3s"]].concat()).ends_with(53);
}

#[test]
#[ignore = "needs the rig"]
fn a_device_that_is_not_there_is_not_found() {
    let _device = Device::new(&[]);
    let ran = provision(&["--service-name", "PROV_9", "--pop", "x", "--connect-timeout", "3s"]);
    let ran = ran.ends_with(10);
    assert!(ran.stderr.contains("devices in range: \"PROV_1234\""), "{}", ran.stderr);
    assert!(ran.stderr.contains("no other phone or computer is connected"), "{}", ran.stderr);
    let ran = provision(&[&TO[..], &["--adapter", "hci7"]].concat()).ends_with(11);
    assert!(ran.stderr.contains("adapters here: hci0"), "{}", ran.stderr);
}

/// One in range of fifty more.
#[test]
#[ignore = "needs the rig"]
fn a_device_in_a_crowd_is_found_in_time() {
    const CROWD: usize = 50;
    let mut device = Device::new(&["--join-delay", "200ms"]);
    let (radio, mut said) = start(&["crowd.py", &CROWD.to_string()]);
    device.processes.push(radio);
    said.read_line(&mut String::new()).expect("its radio speaks text");
    let ran: Ended = tool(&["discover", "--for", "8s", "--json"]).output_in_time().into();
    let ran = ran.ends_with(0);
    let last = ran.stdout.lines().last().expect("a line");
    let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(last["devices"].as_array().expect("a list").len(), CROWD + 1, "{last}");
    // The wait for another of its name, and the join.
    let began = Instant::now();
    let ran = provision(&BY_NAME).ends_with(0);
    assert!(!ran.stderr.contains("attempt"), "{}", ran.stderr);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    let elsewhere = ["--service-name", "PROV_9", "--pop", "x", "--connect-timeout", "3s"];
    let ran = provision(&elsewhere).ends_with(10);
    assert!(ran.stderr.contains(" more"), "{}", ran.stderr);
    device.stop();
    for number in 0..CROWD {
        forget(&format!("F5:F5:F5:F5:F5:{number:02X}"));
    }
}

#[test]
#[ignore = "needs the rig"]
fn a_device_is_provisioned_for_one_line_of_a_roster_alone() {
    let _device = Device::independent(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let lines = "id,address,pop,ssid,passphrase\n\
                 name,ble:PROV_1234,abcd1234,Home,correct-horse\n\
                 address,ble:f1:f1:f1:f1:f1:f1,abcd1234,Home,correct-horse\n";
    std::fs::write(&roster, lines).expect("written");
    let ran = run(&["batch", "--roster", &roster.to_string_lossy()], &[]).ends_with(60);
    let told =
        format!("the address leads to {ADDRESS}, which is the device of address (exit code 3)");
    assert!(
        ran.stdout.contains(&told) || ran.stderr.contains(&told),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert!(ran.stdout.contains("1 done, 1 failed") || ran.stderr.contains("1 done, 1 failed"));
}

/// A batch of these devices, by their names; its exit code, and how each stands.
fn batch_of(names: &[&str]) -> (i32, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let lines = names.iter().map(|name| format!("\n{name},abcd1234,Home,correct-horse"));
    let lines = lines.collect::<Vec<_>>().concat();
    std::fs::write(&roster, format!("id,pop,ssid,passphrase{lines}")).expect("written");
    let roster = roster.to_string_lossy();
    let few = ["--retries", "0", "--connect-timeout", "5s"];
    let ran = run(&["batch", "--roster", &roster], &few);
    let mut status = Command::new(TOOL);
    status.args(["batch", "status", "--json", "--roster", &roster]);
    let status = status.output_in_time().stdout;
    let status: serde_json::Value = serde_json::from_slice(&status).expect("JSON");
    let standing = |one: &serde_json::Value| format!("{} {}", one["state"], one["exit_code"]);
    let standings = status["standings"].as_array().expect("a list").iter().map(standing).collect();
    (ran.code.expect("it ends by itself"), standings)
}

#[test]
#[ignore = "needs the rig"]
fn a_device_is_not_taken_for_another_whose_name_begins_so() {
    let _device = Device::called("LAMP_1", &[]);
    for command in ["provision", "reset", "status"] {
        let network = if command == "provision" { &HOME[..] } else { &[] };
        let to = ["--service-name", "LAMP_12", "--pop", "abcd1234", "--connect-timeout", "4s"];
        let ran = run(&[command], &[&to, network].concat()).ends_with(10);
        let told = "\"LAMP_12\" not found; devices in range: \"LAMP_1\"";
        assert!(ran.stderr.contains(told), "{command}: {}", ran.stderr);
    }
    let standings = ["\"failed\" 10", "\"done\" 0"].map(str::to_owned).to_vec();
    assert_eq!(batch_of(&["LAMP_12", "LAMP_1"]), (60, standings));
}

#[test]
#[ignore = "needs the rig"]
fn a_name_that_has_no_room_in_an_advertisement_counts_with_a_warning() {
    let (whole, cut) = ("LAMP_0123456789_0123456789_01234", "LAMP_0123456789_0123456789_01");
    let _device = Device::called(cut, &["--nul"]);
    let to = ["--service-name", whole, "--pop", "abcd1234"];
    let ran = provision(&[&to[..], &["--deny-warnings"]].concat()).ends_with(33);
    assert!(!ran.stderr.contains("Version"), "nothing was sent to it: {}", ran.stderr);
    let ran = provision(&to).ends_with(0);
    let told = format!("the device advertises {cut:?}, as much of {whole:?} as fits");
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    assert_eq!(batch_of(&[whole]), (60, vec!["\"failed\" 10".to_owned()]));
}

#[test]
#[ignore = "needs the rig"]
fn two_devices_of_one_name_are_refused_with_their_addresses() {
    let _devices = Device::independent(&[]).with_twin();
    let ran = provision(&BY_NAME).ends_with(3);
    let told = format!("several devices match: {ADDRESS}, {TWIN}");
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    assert_eq!(batch_of(&["PROV_1234"]), (60, vec!["\"failed\" 3".to_owned()]));
    provision(&TO).ends_with(0);
}

#[test]
#[ignore = "needs the rig"]
fn no_name_is_no_name_and_a_blank_at_its_end_shows() {
    let listed = |more: &[&str]| {
        let arguments = [&["discover", "--for", "2s"], more].concat();
        Ended::from(tool(&arguments).output_in_time()).ends_with(0)
    };
    let elsewhere = ["--service-name", "PROV_9", "--pop", "x", "--connect-timeout", "2s"];
    {
        let _device = Device::called("", &["--address", NAMELESS]);
        let ran = listed(&[]);
        assert!(
            ran.stdout.starts_with(&format!("ble     (no name)  {NAMELESS}")),
            "{}",
            ran.stdout
        );
        let ran = listed(&["--json"]);
        let last = ran.stdout.lines().last().expect("a line");
        let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
        assert!(last["devices"][0]["name"].is_null(), "{last}");
        let ran = provision(&elsewhere).ends_with(10);
        assert!(ran.stderr.contains("devices in range: no device with a name"), "{}", ran.stderr);
    }
    let _device = Device::called("PROV_1234 ", &[]);
    let ran = provision(&elsewhere).ends_with(10);
    assert!(ran.stderr.contains("devices in range: \"PROV_1234 \""), "{}", ran.stderr);
}

#[test]
#[ignore = "needs the rig"]
fn an_interruption_closes_the_link() {
    let mut device = Device::new(&["--fail", "forever"]);
    let running = tool(&["provision"]).args(TO).args(HOME).spawn().expect("it runs");
    device.wait_for("connected");
    process::signal(running.id(), Signal::SIGINT);
    Ended::from(running.output_in_time()).ends_with(130);
    link_closes();
    // Of a device that is new again, or still tries.
    run(&["status"], &TO).ends_with(52);
}

/// RIG_SESSIONS says how many, else fifteen.
#[test]
#[ignore = "needs the rig"]
fn sessions_leave_nothing_behind() {
    let _device = Device::new(&[]);
    let before = bluez();
    for n in 1..=how_many("RIG_SESSIONS", 15) {
        let ran = run(&["status"], &TO);
        // It was given no network.
        assert_eq!(ran.code, Some(52), "session {n}: {}", ran.stderr);
    }
    link_closes();
    assert_eq!(bluez(), before, "bluetoothd was restarted");
}

/// How many, where CI does fewer than the whole check.
fn how_many(variable: &str, few: u32) -> u32 {
    std::env::var(variable).map_or(few, |many| many.parse().expect("a number"))
}

/// RIG_PAIRS says how many, else three.
#[test]
#[ignore = "needs the rig"]
fn a_run_right_after_another_loses_no_attempt() {
    let pairs = how_many("RIG_PAIRS", 3);
    // It is new again once it has joined.
    let _device = Device::new(&["--join-delay", "4s"]);
    for run in 1..=2 * pairs {
        let ran = provision(&BY_NAME).ends_with(0);
        assert!(!ran.stderr.contains("attempt"), "run {run}: {}", ran.stderr);
    }
}

#[test]
#[ignore = "needs the rig"]
fn what_a_healthy_device_does_once_in_a_while_is_got_over() {
    // At the handshake, at apply, while it joins.
    let odd = [("late", "2"), ("0x0e", "5"), ("empty", "5"), ("late", "5"), ("0x03", "7")];
    for (odd, at) in odd {
        let _device = Device::with(&["--join-delay", "4s"], &["--odd", odd, at]);
        let ran = provision(&[&TO[..], &["--reply-timeout", "4s"]].concat()).ends_with(0);
        assert!(ran.stderr.contains("attempt 2"), "{odd} {at}: {}", ran.stderr);
        assert!(!ran.stderr.contains("attempt 3"), "{odd} {at}: {}", ran.stderr);
    }
}

#[test]
#[ignore = "needs the rig"]
fn att_errors_are_told_as_what_they_are() {
    for (code, exit, words) in [
        ("0x03", 20, "does not allow the request: Write not permitted"),
        ("0x08", 20, "does not allow the request: Operation Not Authorized"),
        ("0x85", 12, "the device did not reply to the request"),
        // Less than any handshake has.
        ("0x0d", 20, "hint: check that it has provisioning firmware"),
    ] {
        let _device = Device::with(&[], &["--odd", code, "0"]);
        let ran = run(&["info"], &["--service-name", ADDRESS]).ends_with(exit);
        assert!(ran.stderr.contains(words), "{code}: {}", ran.stderr);
    }
}

#[test]
#[ignore = "needs the rig"]
fn a_link_that_a_killed_process_left_is_closed_and_not_used() {
    let mut device = Device::new(&["--fail", "forever"]);
    let mut killed = tool(&["provision"]).args(TO).args(HOME).spawn().expect("it runs");
    device.wait_for("connected");
    sleep(Duration::from_secs(1));
    killed.kill().expect("it runs");
    killed.wait_in_time();
    sleep(Duration::from_secs(3));
    assert!(is_connected(), "BlueZ keeps it for good");
    let ran = run(&["status"], &TO).ends_with(52);
    assert!(!ran.stderr.contains("attempt"), "{}", ran.stderr);
    device.wait_for("disconnected");
    device.wait_for("connected");
}

#[test]
#[ignore = "needs the rig"]
fn a_device_is_discovered() {
    let _device = Device::new(&[]);
    let listed = |more: &[&str]| {
        let arguments = [&["discover", "--for", "2s"], more].concat();
        Ended::from(tool(&arguments).output_in_time())
    };
    let ran = listed(&[]).ends_with(0);
    let line = format!("ble     PROV_1234  {ADDRESS}  ▂▄▆█  -50 dBm");
    assert!(ran.stdout.starts_with(&line), "{}", ran.stdout);
    let ran = listed(&["--json", "--prefix", "PROV_"]).ends_with(0);
    let last = ran.stdout.lines().last().expect("a line");
    let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
    let device = &last["devices"][0];
    assert_eq!(device["address"], ADDRESS, "{last}");
    assert_eq!(device["provisions"], true, "{last}");
    listed(&["--prefix", "OTHER_"]).ends_with(10);
}

#[test]
#[ignore = "needs the rig"]
fn a_device_that_demands_an_encrypted_link_is_paired_with() {
    let _device = Device::with(&["--join-delay", "500ms"], &["--secure"]);
    let ran = provision(&TO).ends_with(0);
    assert!(ran.stdout.starts_with("Connected: "), "{}", ran.stdout);
}

/// Whether it refuses a pairing that needs no number, which the second attempt shows, or any.
#[test]
#[ignore = "needs the rig"]
fn a_device_that_refuses_the_pairing_it_demands_is_told_as_that() {
    for (bridge, attempts, exit, words) in [
        (&["--odd", "0x05", "0"][..], "2", 11, "the device wants to be paired with"),
        (&["--secure", "--refuse"], "1", 12, "a failed pairing looks the same"),
    ] {
        let _device = Device::with(&[], bridge);
        let began = Instant::now();
        let ran = provision(&[&TO[..], &["--attempts", attempts]].concat()).ends_with(exit);
        assert!(ran.stderr.contains(words), "{bridge:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("bluetoothctl remove"), "{bridge:?}: {}", ran.stderr);
        assert!(began.elapsed() < Duration::from_secs(18), "before the limit for a reply");
    }
}

#[test]
#[ignore = "needs the rig"]
fn a_device_that_shares_no_code_with_us_is_provisioned() {
    let data = "x".repeat(400);
    for (options, more) in [(&[][..], &["--custom-data", &data][..]), (&["--numbered"], &[])] {
        let mut device = Device::independent(options);
        let ran = provision(&[&TO[..], more].concat()).ends_with(0);
        assert!(ran.stdout.starts_with("Connected: 192.168.7.23 on \"Home\""), "{}", ran.stdout);
        device.wait_for("joined");
    }
    let _device = Device::independent(&[]);
    provision(&["--service-name", "PROV_1234", "--pop", "wrong"]).ends_with(30);
    let wrong = ["--ssid", "Home", "--passphrase", "wrong-horse"];
    run(&["provision"], &[&TO[..], &wrong].concat()).ends_with(50);
}

#[test]
#[ignore = "needs the rig"]
fn a_message_that_is_too_long_for_the_device_is_told() {
    let _device = Device::independent(&["--limit", "256"]);
    let ran = provision(&[&TO[..], &["--custom-data", &"x".repeat(300)]].concat()).ends_with(20);
    let told = "custom data: the request has 300 bytes, more than custom-data takes over BLE";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
#[ignore = "needs the rig"]
fn bluez_forgets_the_services_of_other_firmware() {
    let mut device = Device::independent(&["--numbered"]);
    provision(&TO).ends_with(0);
    device.becomes(&["--numbered", "--updated"]);
    let ran = provision(&TO).ends_with(0);
    // The first attempt went by what BlueZ remembered.
    assert!(ran.stderr.contains("attempt 2"), "{}", ran.stderr);
}

#[test]
#[ignore = "needs the rig"]
fn a_client_of_other_people_provisions_our_device() {
    let _device = Device::new(&["--join-delay", "200ms"]);
    let client = |pop: &str| -> serde_json::Value {
        let script =
            ["../peers/esp_protocomm_client.py", "ble:PROV_1234", pop, "Home", "correct-horse"];
        let (mut client, said) = start(&script);
        assert!(client.wait_in_time().success());
        serde_json::from_reader(said).expect("it says JSON")
    };
    let why = client("wrong")["handshake"].to_string();
    assert!(why.contains("rejected the second handshake round"), "{why}");
    let said = client("abcd1234");
    assert_eq!(said["after"], "connected", "{said}");
    assert_eq!(said["connected"][0], "Home", "{said}");
}

#[test]
#[ignore = "needs the rig"]
fn a_batch_works_on_a_device_as_it_is_switched_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    std::fs::write(&roster, "id,pop,ssid,passphrase\nPROV_1234,abcd1234,Home,correct-horse\n")
        .expect("written");
    let mut watching = tool(&["batch", "--watch", "--json"]);
    let mut watching = watching.arg("--roster").arg(&roster).spawn().expect("it starts");
    let mut said = Said::by(&mut watching);
    let mut line = String::new();
    said.read_line(&mut line).expect("text");
    assert!(line.contains("\"batch-started\""), "{line}");
    let _device = Device::new(&["--join-delay", "500ms"]);
    let last = said.lines().map(|line| line.expect("text")).last().expect("an end");
    assert!(last.contains("\"batch-ended\"") && last.contains("\"done\":1"), "{last}");
    assert_eq!(watching.wait_in_time().code(), Some(0));
    link_closes();
}

/// The label of a device, with this proof of possession.
fn label(pop: &str) -> String {
    format!("{{\"ver\":\"v1\",\"name\":\"PROV_1234\",\"pop\":\"{pop}\",\"transport\":\"ble\"}}\n")
}

#[test]
#[ignore = "needs the rig"]
fn at_a_station_a_label_leads_to_its_device() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = folder.path().join("line.ledger");
    let _device = Device::new(&["--join-delay", "500ms"]);
    let mut station = tool(&["station", "--retries", "0"]);
    let station = station.arg("--ledger").arg(&ledger).args(HOME).stdin(Stdio::piped());
    let mut station = station.spawn().expect("it starts");
    let mut labels = station.stdin.take().expect("its stdin");
    let mut said = Said::by(&mut station);
    let mut scan = |pop: &str| {
        labels.write_all(label(pop).as_bytes()).expect("typed");
        let mut line = String::new();
        while !line.contains("\"device-ended\"") {
            line = said.line();
            assert!(!line.is_empty(), "it ended before a unit did");
        }
        let told: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        (told["state"].clone(), told["exit_code"].clone())
    };
    // The label of another unit on it, then its own.
    assert_eq!(scan("abcd9999"), ("failed".into(), 30.into()));
    assert_eq!(scan("abcd1234"), ("done".into(), 0.into()));
    drop(labels);
    assert_eq!(station.wait_in_time().code(), Some(0));
    link_closes();
}
