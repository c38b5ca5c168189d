//! Ctrl-C, SIGQUIT, SIGTERM and SIGHUP end every command at any moment, and give the terminal back; files
//! that never end are not read to their end.

#![cfg(unix)]

use std::{
    fs::{self, File},
    net::TcpStream,
    os::unix::net::UnixListener,
    path::Path,
    process::{ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use kit::process::until_it_heeds;
use nix::{
    sys::{
        signal::{Signal, kill},
        stat::Mode,
    },
    unistd::{Pid, mkfifo},
};

use crate::run::{Process, Simulator, esp_prov_rs, run, shell};
use crate::terminal::Terminal;

const SIGNALS: [Signal; 4] = [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGHUP];

/// Hearing and saying goodbye; most of it is a loaded machine's.
const SOON: Duration = Duration::from_secs(3);

fn send(signal: Signal, to: u32) {
    kill(Pid::from_raw(to.cast_signed()), signal).expect("it runs");
}

#[test]
fn a_question_is_left_at_a_signal_with_the_terminal_as_it_was() {
    let networks = ["Network (type to filter):"];
    let questions: [(&str, &[&str], &str); 4] = [
        ("--pop abcd1234 --ssid Home", &["Passphrase for"], "the device was given nothing"),
        ("--ssid Home --passphrase correct-horse", &["Proof of"], "the device was given nothing"),
        ("--pop abcd1234", &networks, "the device was given nothing"),
        ("--pop abcd1234", &[networks[0], "Passphrase for"], "the device was given nothing"),
    ];
    thread::scope(|scope| {
        for signal in SIGNALS {
            scope.spawn(move || {
                for (typed, way, state) in questions {
                    let device = Simulator::start([]);
                    let address = device.address.to_string();
                    let words = ["--service-name", &address].into_iter().chain(typed.split(' '));
                    let mut terminal = Terminal::run(esp_prov_rs(words));
                    let (last, before) = way.split_last().expect("a question");
                    for question in before {
                        terminal.until(&[question]);
                        terminal.answer("Home");
                    }
                    terminal.until(&[last]);
                    assert!(terminal.is_raw(), "{typed}: {last}");
                    send(signal, terminal.id());
                    terminal.until(&[&format!("interrupted; {state}")]);
                    terminal.until_over();
                    assert!(!terminal.is_raw(), "{signal}, {typed}: {last}");
                    let (code, shown) = terminal.end();
                    assert_eq!(code, Some(130), "{signal}, {typed}: {shown}");
                    assert!(shown.contains("\x1b[?25h"), "no cursor: {shown:?}");
                }
            });
        }
    });
}

/// `setsid` makes the pseudo-terminal the one that sends signals.
#[cfg(target_os = "linux")]
#[test]
fn a_question_is_left_at_the_key_of_a_signal() {
    let folder = tempfile::tempdir().expect("a folder");
    let device = Simulator::start([]);
    let login = ["--sec2-username", "user", "--sec2-pwd", "password"];
    let with_login = Simulator::start(["--sec-ver", "2"].into_iter().chain(login));
    let address = format!("--service-name {}", device.address);
    let home = "--ssid Home --passphrase correct-horse";
    let ledger = folder.path().join("line.ledger");
    let nothing = "the device was given nothing";
    for (typed, questions, last) in [
        (format!("{address} --ssid Home --pop abcd1234"), ["Passphrase for"; 2], nothing),
        (format!("{address} {home}"), ["Proof of"; 2], nothing),
        (format!("{address} --pop abcd1234"), ["Network (type to filter):"; 2], nothing),
        (format!("--service-name {} {home}", with_login.address), ["User name"; 2], nothing),
        // The list of ports, or where there is none the dialogue by hand.
        (
            format!("--transport console {home} --pop x"),
            ["Serial port", "Enter device->client msg"],
            "interrupted",
        ),
        (
            format!("station --ledger {} {home}", ledger.display()),
            ["scan a label"; 2],
            "\x1b[?1049l",
        ),
    ] {
        for key in ["\x03", "\x1c"] {
            let line = format!("exec setsid --ctty --wait esp-prov-rs {typed}");
            let mut terminal = Terminal::run(shell(&line, folder.path()));
            terminal.until(&questions);
            while !terminal.is_raw() {
                thread::sleep(Duration::from_millis(2));
            }
            terminal.press(key);
            terminal.until(&[last]);
            terminal.until_over();
            assert!(!terminal.is_raw(), "{key:?}, {typed}");
            let (code, shown) = terminal.end();
            assert_eq!(code, Some(130), "{key:?}, {typed}: {shown}");
        }
    }
}

/// A command that takes a file in place of `FILE`, and how it takes it.
const READERS: [&str; 12] = [
    "--qr FILE",
    "--ssid Home --passphrase x --pop-file FILE",
    "--ssid Home --pop abcd1234 --passphrase-file FILE",
    "--pop abcd1234 --dataset-tlvs-file FILE",
    "--sec2-username u --sec2-pwd-file FILE",
    "send custom-data --file FILE",
    "decode FILE",
    "simulate --replay FILE",
    "simulate --networks FILE",
    "simulate --sec-ver 2 --sec2-verifier FILE",
    "batch --roster FILE",
    "batch --job FILE",
];

fn reader(line: &str, file: &Path) -> Command {
    let file = file.to_str().expect("it is text");
    esp_prov_rs(line.split(' ').map(|word| if word == "FILE" { file } else { word }))
}

/// Where `--sec2-verifier` finds a salt.
fn with_salt(line: &str, file: &Path) {
    if line.contains("--sec2-verifier") {
        let salt = file.with_extension("salt");
        let _ = std::os::unix::fs::symlink(file, salt);
    }
}

#[test]
fn a_file_that_never_begins_is_left_at_a_signal() {
    let folder = tempfile::tempdir().expect("a folder");
    thread::scope(|scope| {
        for (number, line) in READERS.iter().enumerate() {
            let pipe = folder.path().join(format!("pipe{number}"));
            mkfifo(&pipe, Mode::S_IRWXU).expect("a pipe");
            with_salt(line, &pipe);
            scope.spawn(move || {
                let process = Process::start(reader(line, &pipe));
                // Whoever opens the other end waits until it is being read.
                let writer = File::options().write(true).open(&pipe).expect("a reader");
                let began = Instant::now();
                send(SIGNALS[number % SIGNALS.len()], process.id());
                let ended = process.end();
                assert_eq!(ended.code, Some(130), "{line}: {}", ended.stderr);
                assert!(ended.stderr.contains("interrupted; "), "{line}: {}", ended.stderr);
                assert!(began.elapsed() < SOON, "{line}: {:?}", began.elapsed());
                drop(writer);
            });
        }
    });
}

#[test]
fn a_pipe_without_a_writer_is_left_at_a_signal() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).expect("a pipe");
    for line in ["batch --roster FILE", "decode FILE", "--qr FILE"] {
        let process = Process::start(reader(line, &pipe));
        until_it_heeds(Signal::SIGINT, process.id());
        send(Signal::SIGINT, process.id());
        let ended = process.end();
        assert_eq!(ended.code, Some(130), "{line}: {}", ended.stderr);
    }
}

fn on_stdin(line: &str) -> (Process, ChildStdin) {
    let mut command = esp_prov_rs(line.split(' '));
    command.stdin(Stdio::piped());
    Process::with_stdin(command)
}

#[test]
fn a_stdin_that_says_nothing_is_left_at_a_signal() {
    for line in ["--qr -", "decode -", "send custom-data -", "--ssid Home --pop-file -"] {
        let (process, stdin) = on_stdin(line);
        until_it_heeds(Signal::SIGTERM, process.id());
        send(Signal::SIGTERM, process.id());
        let ended = process.end();
        assert_eq!(ended.code, Some(130), "{line}: {}", ended.stderr);
        drop(stdin);
    }
}

/// Whether it takes files of many megabytes, none of which is a device.
fn is_long(line: &str) -> bool {
    ["decode", "--replay", "--roster", "--qr"].iter().any(|flag| line.contains(flag))
}

#[test]
fn what_never_ends_or_is_no_file_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    let directory = folder.path().join("directory");
    fs::create_dir(&directory).expect("a folder");
    let endless = folder.path().join("endless");
    std::os::unix::fs::symlink("/dev/zero", &endless).expect("a link");
    for line in READERS {
        for (file, what) in [
            (&endless, if is_long(line) { "a device, not a file" } else { "larger than " }),
            (&directory, "a directory, not a file"),
            (&socket, "a socket, not a file"),
        ] {
            with_salt(line, file);
            let ended = Process::start(reader(line, file)).end();
            let _ = fs::remove_file(file.with_extension("salt"));
            assert_eq!(ended.code, Some(3), "{line}: {}", ended.stderr);
            assert!(ended.stderr.contains(what), "{line}, {what}: {}", ended.stderr);
        }
    }
}

#[test]
fn who_ignores_its_terminals_end_goes_on_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = "trap '' HUP; exec esp-prov-rs simulate --listen 127.0.0.1:0 --json";
    let device = Simulator::of(Process::start(shell(line, folder.path())));
    send(Signal::SIGHUP, device.process.id());
    assert_eq!(device.provision(["--pop", "abcd1234"]).code, Some(0));
    send(Signal::SIGTERM, device.process.id());
    assert_eq!(device.process.end().code, Some(130));

    let device = Simulator::start([]);
    send(Signal::SIGHUP, device.process.id());
    assert_eq!(device.process.end().code, Some(130));
}

#[test]
fn a_run_is_left_at_a_signal_wherever_it_is() {
    for signal in SIGNALS {
        let device = Simulator::start(["--fail", "forever"]);
        let address = device.address.to_string();
        let home = ["--ssid", "Home", "--passphrase", "correct-horse", "--pop", "abcd1234"];
        let mut process = Process::start(esp_prov_rs(
            ["--service-name", &address, "--json"].into_iter().chain(home),
        ));
        process.until("\"applied\"");
        send(signal, process.id());
        let ended = process.end();
        assert_eq!(ended.code, Some(130), "{}", ended.stderr);
        let state = "interrupted; the device was told to join, and may have";
        assert!(ended.stderr.contains(state), "{}", ended.stderr);
    }
}

#[test]
fn connections_to_virtual_devices_wait_for_a_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = "ulimit -n 40; exec esp-prov-rs simulate --count 15 --listen 127.0.0.1:0 --json \
                --join-delay 0";
    let mut process = Process::start(shell(line, folder.path()));
    let event = process.until("\"farm-listening\"");
    let event: serde_json::Value = serde_json::from_str(&event).expect("an event is JSON");
    let addresses = event["addresses"].as_array().expect("a list");
    let addresses: Vec<_> = addresses.iter().map(|one| one.as_str().expect("text")).collect();
    let idle: Vec<_> =
        addresses.iter().map(|one| TcpStream::connect(one).expect("it listens")).collect();
    process.until("ulimit -n");
    drop(idle);
    let ended = run(["--service-name", addresses[14], "--pop", "abcd1234"].into_iter().chain([
        "--ssid",
        "Home",
        "--passphrase",
        "correct-horse",
    ]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    send(Signal::SIGTERM, process.id());
    let ended = process.end();
    assert_eq!(ended.stderr.matches("ulimit -n").count(), 1, "{}", ended.stderr);
}
