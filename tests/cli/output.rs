//! Stdout and stderr as they may be: full, closed, or read by nobody.

#![cfg(target_os = "linux")]

use std::{
    fs::File,
    io::{BufRead, Read, Write},
    net::TcpStream,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use kit::process::{self, InTime, Said, ToTheEnd};
use nix::{pty::openpty, sys::signal::Signal};

use crate::run::{Process, Simulator, esp_prov_rs, shell};

/// What a pipe holds that nobody reads.
const PIPE: usize = 64 << 10;

/// Requests at once, since acknowledgements of single segments are delayed.
const AT_A_TIME: usize = 50;

/// More than a process needs that heard that it shall end.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A device in the process itself.
const VIRTUAL: [&str; 4] = ["--transport", "virtual", "--pop", "abcd1234"];

#[test]
fn a_result_that_can_not_be_written_is_an_error_with_a_code() {
    let device: &[&str] = &VIRTUAL;
    let home: &[&str] = &["--ssid", "Home", "--passphrase", "correct-horse"];
    let runs: &[&[&[&str]]] = &[
        &[&["scan"], device],
        &[&["info"], device],
        &[&["info", "--json"], device],
        &[&["send", "custom-data", "--utf8", "x"], device],
        &[&["send", "custom-data", "--utf8", "x", "--reply", "raw"], device],
        &[device, home],
        &[device, home, &["--json"]],
        &[&["qr", "--name", "PROV_1", "--transport", "ble"]],
        &[&["sec2-credentials", "--sec2-username", "u", "--sec2-pwd", "p"]],
        &[&["completions", "bash"]],
        &[&["--explain", "30"]],
        &[&["--help"]],
        &[&["--version"]],
    ];
    for arguments in runs {
        let mut command = esp_prov_rs(arguments.iter().copied().flatten().copied());
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let ended = command.stdout(full).spawn().expect("it runs").output_in_time();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(4), "{arguments:?}: {said}");
        let end = "error: stdout: No space left on device (os error 28)\n";
        assert!(said.ends_with(end), "{arguments:?}: {said}");
    }
}

#[test]
fn a_failed_run_keeps_its_code_where_nothing_can_be_written() {
    let full = || File::options().write(true).open("/dev/full").expect("Linux has it");
    let arguments = ["--transport", "virtual", "--pop", "wrong", "--ssid", "Home", "--open"];
    let mut command = esp_prov_rs(arguments.into_iter().chain(["--json"]));
    let ended = command.stdout(full()).stderr(full()).spawn().expect("it runs").output_in_time();
    assert_eq!(ended.status.code(), Some(30));
}

#[test]
fn words_that_can_not_be_written_change_nothing() {
    for arguments in [&["scan", "-vvv"][..], &["info", "-v"]] {
        let mut command = esp_prov_rs(arguments.iter().copied().chain(VIRTUAL));
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let ended = command.stderr(full).spawn().expect("it runs").output_in_time();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}");
        assert!(!ended.stdout.is_empty());
    }
}

#[test]
fn a_reader_that_wants_no_more_is_no_error() {
    let home = tempfile::tempdir().expect("a folder");
    for line in [
        "esp-prov-rs scan --transport virtual --pop abcd1234 | true; exit ${PIPESTATUS:-0}",
        "esp-prov-rs --transport virtual --pop abcd1234 --ssid Home --passphrase correct-horse \
         --json -vvv | head -n 1; exit ${PIPESTATUS:-0}",
        "esp-prov-rs completions man | head -n 1; exit ${PIPESTATUS:-0}",
    ] {
        let line = format!("bash -c '{line}'");
        let ended = Process::start(shell(&line, home.path())).end();
        assert_eq!(ended.code, Some(0), "{line}: {}", ended.stderr);
        assert!(!ended.stderr.contains("error"), "{line}: {}", ended.stderr);
    }
}

/// A process whose stdout nobody reads any more.
struct Unread {
    child: Child,
    _stdout: Said,
    first: String,
}

impl Unread {
    fn start(arguments: &[&str], lines: usize) -> Self {
        let mut command = esp_prov_rs(arguments.iter().copied());
        let mut child = command.stderr(Stdio::null()).spawn().expect("it runs");
        let mut stdout = Said::by(&mut child);
        let first = (0..lines).map(|_| stdout.line()).collect();
        Self { child, _stdout: stdout, first }
    }

    fn ends_at_once(mut self) -> ExitStatus {
        ends_at_once(&mut self.child)
    }
}

fn ends_at_once(child: &mut Child) -> ExitStatus {
    process::signal(child.id(), Signal::SIGTERM);
    let asked = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("it is ours") {
            return status;
        }
        assert!(asked.elapsed() < AT_ONCE, "it does not hear that it shall end");
        thread::sleep(Duration::from_millis(5));
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_virtual_device_whose_log_nobody_reads_serves_on_and_hears_that_it_shall_end() {
    let device = Unread::start(&["simulate", "--listen", "127.0.0.1:0", "--json"], 1);
    let event: serde_json::Value = serde_json::from_str(&device.first).expect("JSON");
    let address = event["address"].as_str().expect("text").to_owned();
    let mut link = TcpStream::connect(address).expect("it listens");
    link.set_read_timeout(Some(AT_ONCE)).expect("it can be set");
    let request = "POST /proto-ver HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n---";
    // A line has more than a hundred bytes.
    for _ in 0..2 * PIPE / 100 / AT_A_TIME {
        link.write_all(request.repeat(AT_A_TIME).as_bytes()).expect("it takes requests");
        let (mut replies, mut part) = (String::new(), [0; 4096]);
        while replies.matches("sec_patch_ver").count() < AT_A_TIME || !replies.ends_with('}') {
            let length = link.read(&mut part).expect("it answers in time");
            assert!(length > 0, "it answers");
            replies += &String::from_utf8_lossy(&part[..length]);
        }
    }
    assert_eq!(device.ends_at_once().code(), Some(130));
}

#[test]
fn a_batch_whose_events_nobody_reads_goes_on_and_hears_that_it_shall_end() {
    const COUNT: usize = 150;
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("lot.csv");
    let roster = roster.to_str().expect("an ASCII path");
    let count = COUNT.to_string();
    let farm = ["simulate", "--count", &count, "--roster", roster, "--join-delay", "10m"];
    let farm = farm.into_iter().chain(["--listen", "127.0.0.1:0", "--json", "-vv"]);
    let mut farm = esp_prov_rs(farm).stderr(Stdio::null()).spawn().expect("it runs");
    let mut said = Said::by(&mut farm).lines();
    said.next();

    let batch = ["batch", "--roster", roster, "--json", "-v", "--parallel", "200"];
    let batch = [&batch[..], &["--drain-timeout", "0"]].concat();
    let batch = Unread::start(&batch, 1);
    let mut applied = 0;
    for line in said.by_ref() {
        applied += usize::from(line.expect("text").contains("ApplyWifiConfig"));
        if applied == COUNT {
            break;
        }
    }
    assert_eq!(applied, COUNT, "each device gets its network, whoever reads of it");
    assert_eq!(batch.ends_at_once().code(), Some(130));
    farm.kill().expect("it is ours");
    farm.wait_in_time();
}

#[test]
fn what_was_told_before_the_end_is_written_for_a_reader_that_comes_late() {
    let mut device = Simulator::start(["--join-delay", "0"]);
    // Each is more than a sixteenth of what a pipe holds.
    let messages = (0..20).flat_map(|_| ["--hex", "ab"]);
    let address = device.address.to_string();
    let fixed = ["send", "custom-data", "--service-name", &address, "--pop", "abcd1234"];
    let long = "x".repeat(3000);
    let long = (0..20).flat_map(|_| ["--utf8", &long]);
    let mut command = esp_prov_rs(fixed.into_iter().chain(["--json", "-vvv"]).chain(long));
    let mut child = command.args(messages).stderr(Stdio::null()).spawn().expect("it runs");
    // Version, two of the handshake, and all messages.
    device.process.until("\"number\":43,");
    let mut told = String::new();
    Said::by(&mut child).read_to_string(&mut told).expect("text");
    assert!(told.len() > PIPE, "{}", told.len());
    assert_eq!(child.wait_in_time().code(), Some(0));
    let last = told.lines().last().expect("a line");
    let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(last["event"], "finished");
}

#[test]
fn a_terminal_that_stands_still_holds_up_nothing() {
    let mut device = Simulator::start(["--fail", "forever"]);
    let address = device.address.to_string();
    let arguments = ["--service-name", &address, "--pop", "abcd1234", "-vvv"];
    let home = ["--ssid", "Home", "--passphrase", "correct-horse", "--poll-interval", "10ms"];
    let terminal = openpty(None, None).expect("a pseudo-terminal");
    let mut command = esp_prov_rs(arguments.into_iter().chain(home));
    command.stdout(Stdio::null()).stderr(Stdio::from(terminal.slave));
    let mut child = command.spawn().expect("it runs");
    drop(command);
    // Each is more than a hundred bytes on the terminal, which holds a few thousand.
    device.process.until("\"number\":150,");
    assert_eq!(ends_at_once(&mut child).code(), Some(130));
    drop(terminal.master);
}

/// A device serves whether or not somebody reads what it tells.
#[cfg(unix)]
#[test]
fn a_log_that_nobody_reads_stops_no_device() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_esp-prov-rs"));
    command.args(["simulate", "--json", "--listen", "127.0.0.1:0"]);
    let mut process = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut said = Said::by(&mut process);
    let event: serde_json::Value = serde_json::from_str(&said.line()).expect("JSON");
    let address = event["address"].as_str().expect("text").to_owned();
    let ask = |path: &str| {
        let mut socket = TcpStream::connect(&address).expect("it listens");
        let soon = Some(Duration::from_secs(5));
        socket.set_read_timeout(soon).expect("it can be set");
        write!(socket, "GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n").expect("it is taken");
        let mut reply = [0; 12];
        socket.read_exact(&mut reply).expect("it is served");
        assert_eq!(&reply, b"HTTP/1.1 404");
    };
    // Each makes a line of 60 kB.
    let long = "a".repeat(60_000);
    for _ in 0..120 {
        ask(&long);
    }
    let mut told = 0;
    let skipped = loop {
        let event: serde_json::Value = serde_json::from_str(&said.line()).expect("JSON");
        match event["count"].as_u64() {
            Some(count) => break count,
            None => told += 1,
        }
        // The next that is told of comes with the count, once most was read.
        if told % 10 == 0 {
            ask("b");
        }
    };
    assert!(skipped > 20 && told > 30, "{told} told, {skipped} skipped");
    process.kill().expect("it runs");
    process.wait_in_time();
}

#[test]
fn colours_are_as_wanted_in_help_and_in_errors_too() {
    let lines: [&[&str]; 4] = [&["--help"], &["-h"], &["scan", "-h"], &["--bogus"]];
    for words in lines {
        for (wanted, colours) in [("always", true), ("never", false), ("auto", false)] {
            let mut command = esp_prov_rs(words.iter().copied());
            command.args(["--color", wanted]);
            let ended = Process::start(command).end();
            let said = ended.stdout + &ended.stderr;
            assert_eq!(said.contains('\x1b'), colours, "{words:?}, {wanted}: {said}");
        }
    }
}
