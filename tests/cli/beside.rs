//! A command beside virtual devices (`simulate -- COMMAND`), and the file that says that they are
//! ready.

use std::{fs, path::Path, process::Command};

use kit::process::{goes, signal, until};
use nix::sys::signal::Signal;

use crate::{
    run::{Ended, Process, esp_prov_rs, shell},
    terminal::Terminal,
};

/// A line for the shell, to its end.
fn run(line: &str) -> Ended {
    let folder = tempfile::tempdir().expect("a folder");
    Process::start(shell(line, folder.path())).end()
}

const DEVICE: &str = "esp-prov-rs simulate --listen 127.0.0.1:0 --join-delay 0";
const CLIENT: &str = "esp-prov-rs --pop abcd1234 --ssid Home --passphrase correct-horse";

#[test]
fn the_command_begins_when_the_device_is_ready_and_its_stdout_is_its_own() {
    let ended = run(&format!("{DEVICE} -- {CLIENT} --service-name {{}}"));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("Connected: "), "{}", ended.stdout);
    assert!(!ended.stderr.contains("proto-ver"), "{}", ended.stderr);

    let line = format!("{DEVICE} -v -- sh -c 'echo $ESP_PROV_SIMULATED_ADDRESS {{}}'");
    let ended = run(&line);
    let address = ended.stdout.split(' ').next().unwrap_or_default();
    assert!(address.starts_with("127.0.0.1:"), "{}", ended.stdout);
    // Only a whole word is its place.
    assert_eq!(ended.stdout, format!("{address} {{}}\n"));
    assert!(ended.stderr.contains(address), "{}", ended.stderr);
}

#[test]
fn the_exit_code_of_the_command_is_passed_on() {
    for (command, code) in [
        ("true", 0),
        ("sh -c 'exit 7'", 7),
        ("sh -c 'exit 255'", 255),
        ("sh -c 'kill -9 $$'", 137),
        ("no-such-command", 3),
    ] {
        let ended = run(&format!("{DEVICE} -- {command}"));
        assert_eq!(ended.code, Some(code), "{command}: {}", ended.stderr);
        let cannot_run = "error: COMMAND no-such-command: ";
        assert_eq!(ended.stderr.contains(cannot_run), code == 3, "{}", ended.stderr);
    }
    let wrong = format!("{CLIENT} --service-name {{}}");
    let ended = run(&format!("{DEVICE} --fail wrong-passphrase -- {wrong}"));
    assert_eq!(ended.code, Some(50), "{}", ended.stderr);
}

#[test]
fn a_device_that_leaves_first_leaves_the_command_running() {
    let line =
        format!("{DEVICE} --once -v -- sh -c '{CLIENT} --service-name $0 && sleep 0.3' {{}}");
    let ended = run(&line);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("Home"), "what it was given: {}", ended.stderr);
}

/// The client is done when the device says that it has joined, which leaves a second later.
#[test]
fn what_a_device_was_given_is_told_where_the_command_ends_first() {
    for once in ["--once", ""] {
        let client = format!("sh -c '{CLIENT} --service-name $0 >&2' {{}}");
        let ended = run(&format!("{DEVICE} {once} --json -- {client}"));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let events: Vec<serde_json::Value> =
            ended.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let told: Vec<_> = events.iter().filter(|one| one["event"] == "provisioned").collect();
        assert!(told.len() == 1 && told[0]["ssid"] == "Home", "{}", ended.stdout);
        assert_eq!(events.last(), told.first().copied(), "{}", ended.stdout);
    }
}

#[test]
fn a_console_has_its_path_as_its_address() {
    let line = "esp-prov-rs simulate --transport console --join-delay 0";
    let ended = run(&format!("{line} -- {CLIENT} --transport console --port {{}}"));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn many_devices_are_there_for_a_batch_and_told_of_at_its_end() {
    let line = format!(
        "{DEVICE} --count 3 --roster r.csv --ready-file at -- sh -c 'cat at; esp-prov-rs batch \
         --roster r.csv -q --no-input'; echo \"code $?\"; ls at"
    );
    let ended = run(&line);
    let lines: Vec<_> = ended.stdout.lines().collect();
    let at = |line: &&str| line.starts_with("127.0.0.1:");
    assert_eq!(lines.iter().copied().filter(|line| at(line)).count(), 3, "{}", ended.stdout);
    assert!(lines.contains(&"code 0"), "{}{}", ended.stdout, ended.stderr);
    // Told on stderr, as stdout is the command's.
    assert!(ended.stderr.contains('3') && !ended.stdout.contains("joined"), "{}", ended.stderr);
    assert!(ended.stderr.contains("ls: "), "the file is still there: {}", ended.stderr);
}

#[test]
fn a_ready_file_is_whole_and_goes_with_the_device() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ready");
    fs::write(&file, "left by an earlier run").expect("a file");
    let name = file.to_str().expect("text");
    let fixed = ["simulate", "--listen", "127.0.0.1:0", "--ready-file", name];
    let mut process = Process::start(esp_prov_rs(fixed));
    let told = process.until("127.0.0.1:");
    until(|| fs::read_to_string(&file).is_ok_and(|text| text.starts_with("127.0.0.1:")));
    let text = fs::read_to_string(&file).expect("it is there");
    assert!(text.ends_with('\n') && told.contains(text.trim()), "{text}: {told}");
    signal(process.id(), Signal::SIGTERM);
    assert_eq!(process.end().code, Some(130));
    assert!(!file.exists());

    let fixed = ["simulate", "--listen", "127.0.0.1:0", "--ready-file", "/no/where.txt"];
    let ended = Process::start(esp_prov_rs(fixed)).end();
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("--ready-file /no/where.txt: "), "{}", ended.stderr);
}

/// A command that says where it is, and waits.
fn waiting(folder: &Path) -> (Command, impl Fn() -> u32) {
    let file = folder.join("id");
    let line = format!("exec {DEVICE} -- sh -c 'echo $$ > id.new; mv id.new id; exec sleep 300'");
    let id = move || {
        until(|| file.exists());
        fs::read_to_string(&file).expect("written").trim().parse().expect("a number")
    };
    (shell(&line, folder), id)
}

#[test]
fn a_signal_ends_the_command_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let (command, id) = waiting(folder.path());
    let process = Process::start(command);
    let waits = id();
    signal(process.id(), Signal::SIGTERM);
    assert_eq!(process.end().code, Some(143));
    assert!(goes(waits));
}

#[test]
fn a_command_takes_as_long_to_end_as_it_needs_and_a_second_signal_ends_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let started = |trap: &str| {
        let file = folder.path().join("ready");
        let _ = fs::remove_file(&file);
        let command = format!("trap \"{trap}\" TERM; echo > ready; while :; do sleep 0.05; done");
        let process =
            Process::start(shell(&format!("exec {DEVICE} -- sh -c '{command}'"), folder.path()));
        until(|| file.exists());
        signal(process.id(), Signal::SIGTERM);
        process
    };
    let slow = started("sleep 6; exit 9");
    let mut stubborn = started("echo heard");
    stubborn.until("heard");
    signal(stubborn.id(), Signal::SIGTERM);
    let ended = stubborn.end();
    assert!(matches!(ended.code, Some(137 | 130)), "{:?} {}", ended.code, ended.stderr);
    assert_eq!(slow.end().code, Some(9));
}

/// As one whose supply breaks down when its radio begins to send.
#[test]
fn a_device_that_restarts_at_each_join_is_not_taken_over_by_anybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let device = "esp-prov-rs simulate --listen 127.0.0.1:0 --fail vanish";
    let line = format!("exec {device} -- {CLIENT} --service-name {{}}");
    let ended = Process::start(shell(&line, folder.path())).end();
    assert_eq!(ended.code, Some(12), "{}", ended.stderr);
    let told = "error: join: the link broke";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert!(!ended.stderr.contains("another client"), "{}", ended.stderr);
}

/// `setsid` makes the pseudo-terminal the one that sends signals.
#[cfg(target_os = "linux")]
#[test]
fn a_key_of_the_terminal_reaches_both_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let heard = "trap \"echo heard; exit 9\" INT; trap \"echo asked\" TERM; echo waits; while :; do sleep 0.05; done";
    let line = format!("exec setsid --ctty --wait {DEVICE} -- sh -c '{heard}'");
    let mut terminal = Terminal::run(shell(&line, folder.path()));
    terminal.until(&["waits"]);
    terminal.press("\x03");
    terminal.until(&["heard"]);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(9), "{shown}");
    assert!(!shown.contains("asked"), "{shown}");
    // What no key sends reaches one of them, here from the other.
    let heard = "trap \"echo asked; exit 9\" TERM; kill -TERM $PPID; while :; do sleep 0.05; done";
    let line = format!("exec setsid --ctty --wait {DEVICE} -- sh -c '{heard}'");
    let mut terminal = Terminal::run(shell(&line, folder.path()));
    terminal.until(&["asked"]);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(9), "{shown}");
}
