//! `station`: labels in, results out, at a terminal and off it.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{
    farms::{TOOL, command, count, farm, run_batch, standings, station, tally, with_labels},
    terminal::Terminal,
};

#[test]
fn labels_are_lines_and_what_they_lead_to_is_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (farm, _) = farm(&["--count", "3", "--roster", roster.to_str().expect("text")]);
    let (mut station, mut labels) = station(&roster, &[]);
    // As scanners end them, with a mark of a file, and with blanks.
    write!(labels, "\u{feff}PROV_000001\r\n\r\n  PROV_000002\rPROV_1\n{{\"ver\":\"v1\",\"po")
        .expect("typed");
    drop(labels);
    let mut told = Vec::new();
    while let Some(event) = station.event() {
        told.push(event);
    }
    station.ends_with(0);
    let of =
        |name: &str| -> Vec<&Value> { told.iter().filter(|one| one["event"] == name).collect() };
    assert_eq!(of("device-ended").len(), 2);
    let refused = of("label-refused");
    assert_eq!(refused[0]["device"], "PROV_1");
    assert_eq!(refused[0]["error"], "it is not on the roster");
    assert_eq!(refused[1]["device"], Value::Null);
    let why = refused[1]["error"].as_str().expect("words");
    assert!(why.starts_with("the label can't be read: "), "{why}");
    assert_eq!(count(&standings(&roster, &[]), "done"), 2);
    assert_eq!(tally(farm), (2, 0));
}

#[test]
fn a_label_replaces_no_file_of_the_station_by_a_trace() {
    let folder = tempfile::tempdir().expect("a folder");
    let (roster, secret) = (folder.path().join("roster.csv"), folder.path().join("secret.jsonl"));
    fs::write(&roster, "id,address\n1,127.0.0.1:1\n").expect("written");
    fs::write(&secret, "correct-horse").expect("written");
    let text = |path: &Path| path.to_str().expect("text").to_owned();
    let (traces, secret) = (text(folder.path()), text(&secret));
    let how = ["--trace", &traces, "--unknown", "take", "--transport", "ble", "--ssid", "Line"];
    let (mut station, mut labels) =
        station(&roster, &[&how[..], &["--passphrase-file", &secret]].concat());
    writeln!(labels, "secret").expect("typed");
    drop(labels);
    let refused = station.until("label-refused");
    station.ends_with(0);
    assert_eq!(refused["device"], "secret");
    let why = refused["error"].as_str().expect("words");
    assert!(why.contains("would replace the file of --passphrase-file"), "{why}");
    assert_eq!(fs::read_to_string(&secret).expect("there"), "correct-horse");
}

#[test]
fn a_station_that_was_cut_off_goes_on_and_prints_the_labels_that_were_due() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let printed = folder.path().join("printed");
    let (farm, _) = farm(&["--count", "3", "--roster", roster.to_str().expect("text")]);
    let hook = |command: String| ["--on-result".to_owned(), command];
    let stuck = hook("sleep 60".to_owned());
    let (mut first, mut labels) = station(&roster, &stuck.each_ref().map(String::as_str));
    writeln!(labels, "PROV_000001").expect("typed");
    first.until("device-ended");
    first.signal(Signal::SIGKILL);
    drop((first, labels));

    let prints = hook(format!("cat >> {}", printed.display()));
    let (mut second, mut labels) = station(&roster, &prints.each_ref().map(String::as_str));
    writeln!(labels, "PROV_000002\nPROV_000001").expect("typed");
    drop(labels);
    let mut arrived = Vec::new();
    let end = loop {
        let event = second.event().expect("it ends by itself");
        match event["event"].as_str() {
            Some("device-arrived") => arrived.push(event["accepted"].clone()),
            Some("batch-ended") => break event,
            _ => {}
        }
    };
    second.ends_with(0);
    assert_eq!(arrived, [true, false]);
    assert_eq!((&end["devices"], &end["handed_over"]), (&2.into(), &2.into()));
    let printed = fs::read_to_string(printed).expect("labels");
    let mut printed: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    printed.sort_by_key(|one| one["device"].to_string());
    assert_eq!([&printed[0]["device"], &printed[1]["device"]], ["PROV_000001", "PROV_000002"]);
    assert_eq!(tally(farm), (2, 0));
}

/// A station that does nothing but to hand over what is due.
#[test]
fn a_hook_that_fails_as_a_station_starts_is_told_at_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "1", "--roster", roster.to_str().expect("text")]);
    run_batch("batch", &roster, &["--on-result", "exit 1"]).ends_with(62);
    run_batch("batch retry --hooks", &roster, &[]).ends_with(0);
    let none = Value::from(Vec::<Value>::new());
    let (all, fails, works) = (
        Value::from(["PROV_000001"].to_vec()),
        ["--on-result", "exit 1"],
        ["--on-result", "exit 0"],
    );
    for (hook, code, failed, due) in [
        (&[][..], 62, &none, &all),
        (&fails, 62, &all, &none),
        // It is not called again until that is asked for.
        (&works, 0, &none, &none),
    ] {
        let (mut station, labels) = station(&roster, hook);
        drop(labels);
        let end = station.until("batch-ended");
        assert_eq!((&end["hooks_failed"], &end["hooks_due"]), (failed, due), "{hook:?}");
        assert_eq!(end["devices"], 0);
        station.ends_with(code);
    }
}

#[test]
fn labels_that_cannot_be_read_are_no_end_of_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    fs::write(&roster, "id,address,pop,ssid,open\nA,10.0.0.1,p,Line,yes\n").expect("written");
    let stdin = fs::File::open(folder.path()).expect("a folder");
    let mut command = command("station", &roster, &[]);
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null());
    let ran = kit::process::ToTheEnd::output_in_time(command.spawn().expect("it starts"));
    let stdout = String::from_utf8_lossy(&ran.stdout);
    let events: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let names: Vec<_> = events.iter().map(|one| one["event"].as_str().unwrap_or("")).collect();
    assert_eq!(names, ["batch-started", "scanner", "batch-ended", "failed"]);
    let why = events[1]["error"].as_str().expect("words");
    assert!(why.starts_with("stdin: "), "{why}");
    assert_eq!(ran.status.code(), Some(3));
}

#[test]
fn a_station_without_a_screen_tells_what_ends_it_as_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    fs::write(&roster, "id,address,pop,ssid,open\nA,10.0.0.1,p,Line,yes\n").expect("written");
    let ledger = folder.path().to_str().expect("text");
    let (mut station, _labels) = station(&roster, &["--ledger", ledger]);
    let failed = station.until("failed");
    assert_eq!((&failed["exit_code"], &failed["stage"]), (&61.into(), &Value::Null), "{failed}");
    station.ends_with(61);
}

#[test]
fn what_was_cut_off_is_told_and_scanned_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    // Takes connections, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("its address");
    let network = ["--ssid", "Line", "--passphrase", "correct-horse"];
    fs::write(&roster, format!("id,address,pop\nA,http://{address},abcd1234\n")).expect("written");
    let (mut first, mut labels) = station(&roster, &network);
    writeln!(labels, "A").expect("typed");
    assert_eq!(first.until("device-arrived")["outcome"], Value::Null);
    first.until("device-started");
    first.signal(Signal::SIGKILL);
    drop((first, labels));

    let (mut second, mut labels) = station(&roster, &network);
    assert_eq!(second.until("cut-off")["device"], "A");
    writeln!(labels, "A").expect("typed");
    let arrived = second.until("device-arrived");
    assert_eq!((&arrived["outcome"], &arrived["accepted"]), (&"interrupted".into(), &true.into()));
    second.signal(Signal::SIGINT);
    second.ends_with(130);
}

/// A pseudo-terminal is as good a serial port. Nobody knows when its cable comes back.
#[cfg(target_os = "linux")]
#[test]
fn a_serial_scanner_is_read_and_missed_when_it_is_gone() {
    use nix::{
        fcntl::OFlag,
        pty::{grantpt, posix_openpt, ptsname_r, unlockpt},
    };

    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (farm, _) = farm(&["--count", "2", "--roster", roster.to_str().expect("text")]);
    // No process that is started meanwhile may hold it.
    let port = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC);
    let mut port = port.expect("a pseudo-terminal");
    grantpt(&port).and_then(|()| unlockpt(&port)).expect("it can be used");
    let name = ptsname_r(&port).expect("its name");
    let (mut station, _stdin) = station(&roster, &["--scanner", &name]);
    assert_eq!(station.until("scanner")["error"], Value::Null);
    for device in ["PROV_000001", "PROV_000002"] {
        write!(port, "{device}\r").expect("scanned");
        assert_eq!(station.until("device-ended")["device"], device);
    }
    drop(port);
    let gone = station.until("scanner");
    assert!(gone["error"].as_str().is_some_and(|why| why.contains(&name)), "{gone}");
    station.signal(Signal::SIGTERM);
    assert_eq!(station.until("batch-ended")["done"], 2);
    station.ends_with(130);
    assert_eq!(tally(farm), (2, 0));
}

#[test]
fn at_a_terminal_the_verdict_fills_the_screen_and_a_second_scan_does_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "2", "--roster", roster.to_str().expect("text")]);
    for size in [(24, 80), (60, 200)] {
        let mut terminal =
            Terminal::run_sized(command("station", &roster, &["--retries", "0"]), size);
        terminal.until(&["\x1b[?1049h"]);
        terminal.until(&["scan a label; Ctrl-D ends"]);
        assert!(terminal.is_raw());
        let device = if size.0 == 24 { "PROV_000001" } else { "PROV_000002" };
        terminal.press(&format!("{device}\r"));
        // The second time, the first unit belongs to the shift.
        terminal.until(&[if size.0 == 24 { "1 passed  0 failed" } else { "2 passed  0 failed" }]);
        terminal.press(&format!("{device}\r"));
        terminal.until(&["is done already"]);
        terminal.until(&["scan it again within 15 s"]);
        // What may be a secret is not shown.
        terminal.press("{\"pop\":\"hush-hush");
        terminal.until(&["17 characters"]);
        terminal.press("\x15");
        terminal.press("PROV_9\r");
        terminal.until(&["PROV_9: it is not on the roster"]);
        // What was not typed to its end is no label.
        terminal.press("PROV_00\x04");
        let (code, shown) = terminal.end();
        assert_eq!(code, Some(0), "{shown}");
        assert!(!shown.contains("hush-hush"), "{shown}");
        let left = shown.rfind("\x1b[?1049l").expect("the screen is given back");
        assert!(shown[left..].contains("1 device: 1 done"), "{shown}");
    }
}

/// More than a terminal hands over at once.
#[test]
fn labels_that_come_all_at_once_are_all_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "1", "--roster", roster.to_str().expect("text")]);
    // Flags outweigh those of the job file.
    let job = folder.path().join("line.toml");
    fs::write(&job, "retries = 3\ntimeout = \"1min\"\n").expect("written");
    let how = ["--job", job.to_str().expect("text"), "--retries", "0", "--timeout", "30s"];
    let mut terminal = Terminal::run(command("station", &roster, &how));
    terminal.until(&["scan a label; Ctrl-D ends"]);
    let labels: Vec<_> = (0..300).map(|number| format!("UNIT_{number:03}\r")).collect();
    terminal.press(&labels.concat());
    terminal.until(&["UNIT_299: it is not on the roster"]);
    terminal.press("\x04");
    assert_eq!(terminal.end().0, Some(0));
}

/// A machine without Wi-Fi is no fault of the unit. No more labels come.
#[test]
#[cfg(target_os = "linux")]
fn a_unit_that_wifi_is_missing_for_is_left_to_the_next_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    fs::write(&roster, "id,address,pop,ssid,open\nSN1,softap:PROV_1,p,Line,yes\n")
        .expect("written");
    let mut command = command("station", &roster, &["--adapter-timeout", "1s"]);
    command.env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere");
    let (mut station, mut labels) = with_labels(command);
    writeln!(labels, "SN1").expect("typed");
    drop(labels);
    let away = station.until("adapter-unavailable");
    assert_eq!(away["adapter"], "wifi");
    let end = station.until("batch-ended");
    assert_eq!((&end["end"], &end["waiting"]), (&"adapter-unavailable".into(), &1.into()), "{end}");
    station.ends_with(60);
}

/// By the way to each unit.
#[test]
fn what_to_do_about_a_unit_fits_the_way_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let lines = "id,address,pop,ssid,open\nSN1,console:/nowhere/tty,p,Line,yes\n\
                 SN2,http://127.0.0.1:1,p,Line,yes\n";
    fs::write(&roster, lines).expect("written");
    let mut terminal = Terminal::run(command("station", &roster, &["--retries", "0"]));
    terminal.until(&["scan a label; Ctrl-D ends"]);
    for (label, told) in [
        ("SN1\r", "check the cable and the name of the port"),
        ("SN2\r", "check address and port, and that this machine is in the device's network"),
    ] {
        terminal.press(label);
        terminal.until(&[told]);
    }
    terminal.press("\x04");
    assert_eq!(terminal.end().0, Some(60));
}

#[test]
fn ctrl_c_ends_it_and_gives_the_terminal_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let count = ["--count", "1", "--join-delay", "1h"];
    let (_farm, _) = farm(&[&count[..], &["--roster", roster.to_str().expect("text")]].concat());
    let mut terminal = Terminal::run(command("station", &roster, &[]));
    terminal.until(&["scan a label; Ctrl-D ends"]);
    terminal.press("PROV_000001\r");
    terminal.until(&["waiting for the device to join"]);
    terminal.press("\x03");
    terminal.until(&["stopping: 1 in work"]);
    terminal.press("\x03");
    terminal.until_over();
    assert!(terminal.echoes(), "{}", terminal.shown());
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");
    assert!(shown.contains("\x1b[?1049l"), "{shown}");
}

#[test]
fn what_a_station_lacks_is_told_before_it_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = folder.path().join("line.ledger");
    let ledger = ledger.to_str().expect("text");
    for (arguments, told) in [
        (&[][..], "--ledger is missing"),
        (&["--ledger", ledger], "--ssid is missing"),
        (&["--ledger", ledger, "--unknown", "refuse"], "--unknown refuse: give a --roster"),
    ] {
        let mut command = Command::new(TOOL);
        let ran = kit::process::ToTheEnd::output_in_time(command.arg("station").args(arguments));
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains(told), "{stderr}");
        assert!(!Path::new(ledger).exists());
    }
}
