//! Bluetooth that goes away under runs, and comes back.

use std::{
    io::{BufRead, Read},
    net::TcpStream,
    process::Child,
    thread::sleep,
    time::{Duration, Instant},
};

use kit::process::{InTime, Said, ToTheEnd};

use super::{Device, Ended, HOME, TO, TWIN, bluez, bus, provision, start, tool};

/// Another device, beside the one that [`Device`] is, which forgets it in the end.
struct Neighbour {
    radio: Child,
    said: Said,
}

impl Neighbour {
    fn new(name: &str) -> Self {
        Self::of(&[
            "independent.py",
            name,
            "abcd1234",
            "--radio",
            "RIG_THIRD_H4",
            "--address",
            TWIN,
        ])
    }

    /// One that makes bluetoothd crash.
    fn hostile(name: &str) -> Self {
        Self::of(&["slammer.py", name, "RIG_THIRD_H4", TWIN])
    }

    fn of(script: &[&str]) -> Self {
        let (radio, mut said) = start(script);
        assert_eq!(said.line(), "advertising\n");
        Self { radio, said }
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.radio.kill();
        let _ = self.radio.wait();
    }
}

fn power(on: bool) {
    let value = format!("variant:boolean:{on}");
    let what = ["string:org.bluez.Adapter1", "string:Powered", &value];
    bus("org.freedesktop.DBus.Properties.Set", "/org/bluez/hci0", &what);
}

fn off_for_two_seconds() {
    power(false);
    sleep(Duration::from_secs(2));
    power(true);
}

/// As a crash does; it starts again a second later.
fn kill_bluetoothd() {
    let at = std::env::var("RIG_KILL").expect("run it in tests/ble/rig/run");
    let before = bluez();
    let mut stream = TcpStream::connect(at).expect("the guest listens");
    let _ = stream.read_to_end(&mut Vec::new());
    assert_ne!(bluez(), before, "it was not killed");
}

fn is(property: &str) -> bool {
    let asked = ["string:org.bluez.Adapter1", &format!("string:{property}")];
    bus("org.freedesktop.DBus.Properties.Get", "/org/bluez/hci0", &asked).contains("boolean true")
}

fn is_on() -> bool {
    is("Powered")
}

/// A batch that is under way.
struct Batch {
    child: Child,
    said: Said,
    /// What it has said.
    lines: Vec<serde_json::Value>,
    _folder: tempfile::TempDir,
}

impl Batch {
    fn of(names: &[&str], more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let roster = folder.path().join("roster.csv");
        let line = |name: &&str| format!("{name},abcd1234,Home,correct-horse\n");
        let lines: String = names.iter().map(line).collect();
        std::fs::write(&roster, format!("id,pop,ssid,passphrase\n{lines}")).expect("written");
        let mut command = tool(&["batch", "--json"]);
        command.arg("--roster").arg(&roster).args(more).stderr(std::process::Stdio::inherit());
        let mut child = command.spawn().expect("it starts");
        let said = Said::by(&mut child);
        Self { child, said, lines: Vec::new(), _folder: folder }
    }

    fn wait_for(&mut self, event: &str) {
        let mut line = String::new();
        while self.said.read_line(&mut line).expect("text") > 0 {
            self.lines.push(serde_json::from_str(&line).expect("JSON"));
            if self.lines.last().expect("one")["event"] == event {
                return;
            }
            line.clear();
        }
        panic!("it ended without {event}: {:#?}", self.lines);
    }

    fn count(&self, event: &str) -> usize {
        self.lines.iter().filter(|line| line["event"] == event).count()
    }

    /// Its exit code, and how many are done.
    fn end(&mut self) -> (Option<i32>, u64) {
        self.wait_for("batch-ended");
        let done = self.lines.last().expect("one")["done"].as_u64().expect("a number");
        (self.child.wait_in_time().code(), done)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs the rig"]
fn a_run_waits_for_an_adapter_that_is_off() {
    let _device = Device::new(&["--join-delay", "200ms"]);
    power(false);
    let on = std::thread::spawn(|| {
        sleep(Duration::from_secs(2));
        power(true);
    });
    let ran = provision(&[&TO[..], &["--attempts", "1"]].concat()).ends_with(0);
    on.join().expect("no panic");
    let told = "waiting for the adapter: the Bluetooth adapter is off";
    assert_eq!(ran.stderr.matches(told).count(), 1, "{}", ran.stderr);

    for limit in ["--connect-timeout", "--timeout"] {
        power(false);
        let ran = provision(&[&TO[..], &[limit, "2s"]].concat());
        power(true);
        let ran = ran.ends_with(11);
        assert!(ran.stderr.contains("hint: switch it on"), "{limit}: {}", ran.stderr);
    }
}

#[test]
#[ignore = "needs the rig"]
fn a_run_goes_on_after_bluetooth_was_gone_in_the_middle() {
    for gone in [off_for_two_seconds, kill_bluetoothd] {
        let mut device = Device::new(&["--join-delay", "3s"]);
        let running = tool(&["provision"]).args(TO).args(HOME).spawn().expect("it runs");
        device.wait_for("connected");
        sleep(Duration::from_secs(2));
        gone();
        let ran = Ended::from(running.output_in_time()).ends_with(0);
        assert!(ran.stderr.contains("attempt 2"), "{}", ran.stderr);
    }
}

#[test]
#[ignore = "needs the rig"]
fn a_batch_waits_for_an_adapter_at_no_cost() {
    for gone in [off_for_two_seconds, kill_bluetoothd] {
        let mut device = Device::new(&["--join-delay", "1s"]);
        let _neighbour = Neighbour::new("PROV_5678");
        let mut batch = Batch::of(&["PROV_1234", "PROV_5678"], &["--retries", "0"]);
        device.wait_for("connected");
        gone();
        assert_eq!(batch.end(), (Some(0), 2), "{:#?}", batch.lines);
        let told = (batch.count("adapter-unavailable"), batch.count("adapter-available"));
        assert_eq!(told, (1, 1), "{:#?}", batch.lines);
    }
}

/// It dies while both are under way.
#[test]
#[ignore = "needs the rig"]
fn devices_that_are_worked_on_at_once_outlive_bluetoothd() {
    let mut device = Device::new(&["--join-delay", "4s"]);
    let mut neighbour = Neighbour::new("PROV_5678");
    let at_once = ["--retries", "0", "--parallel-ble", "2"];
    let mut batch = Batch::of(&["PROV_1234", "PROV_5678"], &at_once);
    device.wait_for("connected");
    let mut line = String::new();
    neighbour.said.read_line(&mut line).expect("its radio speaks text");
    assert_eq!(line, "session\n");
    kill_bluetoothd();
    assert_eq!(batch.end(), (Some(0), 2), "{:#?}", batch.lines);
    assert!(batch.count("adapter-unavailable") > 0, "{:#?}", batch.lines);
}

#[test]
#[ignore = "needs the rig"]
fn a_watch_hears_devices_after_bluetooth_was_gone() {
    for gone in [off_for_two_seconds, kill_bluetoothd] {
        // It has the radio's turn.
        let _device = Device::new(&[]);
        let mut batch = Batch::of(&["PROV_5678"], &["--watch", "--retries", "0"]);
        batch.wait_for("batch-started");
        sleep(Duration::from_secs(2));
        gone();
        let _neighbour = Neighbour::new("PROV_5678");
        assert_eq!(batch.end(), (Some(0), 1), "{:#?}", batch.lines);
        assert_eq!(batch.count("listen-failed"), 0, "{:#?}", batch.lines);
    }
}

#[test]
#[ignore = "needs the rig"]
fn a_device_that_disconnects_at_once_takes_no_other_along() {
    for ble in ["1", "2"] {
        let _device = Device::new(&["--join-delay", "500ms"]);
        let _hostile = Neighbour::hostile("PROV_5678");
        let names = ["PROV_5678", "PROV_1234"];
        let mut batch = Batch::of(&names, &["--retries", "1", "--parallel-ble", ble]);
        assert_eq!(batch.end(), (Some(60), 1), "{:#?}", batch.lines);
        assert!(batch.count("adapter-unavailable") > 1, "it did not crash: {:#?}", batch.lines);
        let failed = batch.lines.iter().find(|line| line["state"] == "failed");
        assert_eq!(failed.expect("it failed")["device"], "PROV_5678", "{:#?}", batch.lines);
        while !is_on() {
            sleep(Duration::from_millis(200));
        }
    }
}

#[test]
#[ignore = "needs the rig"]
fn a_single_run_says_that_the_device_may_be_what_crashes_bluetooth() {
    // It has the radio's turn.
    let _device = Device::new(&[]);
    let _hostile = Neighbour::hostile("PROV_5678");
    let ran = provision(&["--service-name", TWIN, "--pop", "abcd1234"]);
    while !is_on() {
        sleep(Duration::from_millis(200));
    }
    let ran = ran.ends_with(11);
    let told = "the system's Bluetooth service died while it connected to the device";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(ran.stderr.contains("this device makes it crash"), "{}", ran.stderr);
}

/// The kernel goes on with what the dead bluetoothd had begun, and the next can't listen meanwhile.
#[test]
#[ignore = "needs the rig"]
fn a_device_is_heard_after_bluetooth_died_while_listening() {
    for (args, code) in
        [(&["status", "--connect-timeout", "60s"][..], 52), (&["discover", "--for", "20s"][..], 0)]
    {
        let mut command = tool(args);
        if code == 52 {
            command.args(TO);
        }
        // Nothing is on the air yet, so it listens.
        let child = command.arg("--json").spawn().expect("it starts");
        let until = Instant::now() + Duration::from_secs(10);
        while !is("Discovering") {
            assert!(Instant::now() < until, "it does not listen");
            sleep(Duration::from_millis(50));
        }
        kill_bluetoothd();
        let _device = Device::new(&[]);
        let ended = child.output_in_time();
        let said = String::from_utf8_lossy(&ended.stdout);
        assert_eq!(ended.status.code(), Some(code), "{said}");
        let lines = said.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        let lines: Vec<serde_json::Value> = lines.collect();
        let count = |event: &str| lines.iter().filter(|line| line["event"] == event).count();
        assert_eq!((count("adapter-unavailable"), count("adapter-available")), (1, 1), "{said}");
        if code == 52 {
            // Back is what listens.
            let at = |event: &str| {
                let line = lines.iter().find(|line| line["event"] == event);
                line.and_then(|line| line["elapsed_ms"].as_u64()).expect("it is told")
            };
            assert!(at("identified") - at("adapter-available") < 6000, "{said}");
        }
    }
}
