//! A farm of virtual devices in a process of its own, and batches that work on it.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::{
    io::Read,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::atomic::{AtomicU8, Ordering},
};

use kit::process::{self, Ended, InTime, Said, ToTheEnd};
use nix::sys::signal::Signal;
use serde_json::Value;

pub(crate) const TOOL: &str = env!("CARGO_BIN_EXE_esp-prov-rs");

/// A process that tells events. Ends with the test.
pub(crate) struct Process {
    pub(crate) process: Child,
    pub(crate) said: Said,
}

impl Process {
    pub(crate) fn signal(&self, signal: Signal) {
        process::signal(self.process.id(), signal);
    }

    /// The next event; `None` at the end.
    pub(crate) fn event(&mut self) -> Option<Value> {
        let line = self.said.line();
        (!line.is_empty()).then(|| serde_json::from_str(&line).expect("JSON"))
    }

    /// The next event of this name.
    pub(crate) fn until(&mut self, name: &str) -> Value {
        let mut last = Value::Null;
        loop {
            let event = self.event();
            let event = event.unwrap_or_else(|| panic!("it ended without {name}, after {last}"));
            if event["event"] == name {
                return event;
            }
            last = event;
        }
    }

    /// How it ends.
    pub(crate) fn ends_with(&mut self, code: i32) {
        assert_eq!(self.process.wait_in_time().code(), Some(code));
    }

    /// What it tells until it ends.
    pub(crate) fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).expect("text");
        self.ends_with(0);
        rest
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Devices, with the first event they told.
pub(crate) fn farm(arguments: &[&str]) -> (Process, Value) {
    let mut command = Command::new(TOOL);
    command.args(["simulate", "--json", "--listen", &place()]);
    if !arguments.contains(&"--join-delay") {
        command.args(["--join-delay", "0"]);
    }
    let (process, line, said) = process::start(command.args(arguments));
    (Process { process, said }, serde_json::from_str(&line).expect("JSON"))
}

/// Where a farm is: on Linux at an address of its own. A device that leaves gives its port back, and
/// the next farm on that address, of another test, may get it, and its visitors with it.
fn place() -> String {
    static FARMS: AtomicU8 = AtomicU8::new(1);
    if !cfg!(target_os = "linux") {
        return "127.0.0.1:0".to_owned();
    }
    let [_, _, high, low] = std::process::id().to_be_bytes();
    format!("127.{}.{high}.{low}:0", FARMS.fetch_add(1, Ordering::Relaxed))
}

/// How many of a farm's devices joined, and how many more than once, when it is stopped.
pub(crate) fn tally(mut farm: Process) -> (u64, u64) {
    farm.signal(Signal::SIGINT);
    let ended = farm.until("farm-ended");
    let number = |name: &str| ended[name].as_u64().expect("a number");
    (number("joined"), number("joined_twice"))
}

/// A batch on a roster, told in JSON.
pub(crate) fn batch(roster: &Path, arguments: &[&str]) -> Process {
    let mut command = command("batch", roster, &[&["--json"], arguments].concat());
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn().expect("it starts");
    let said = Said::by(&mut process);
    Process { process, said }
}

/// A station off a terminal, and where labels are typed.
pub(crate) fn station(roster: &Path, arguments: &[&str]) -> (Process, ChildStdin) {
    with_labels(command("station", roster, arguments))
}

/// The same, of this command.
pub(crate) fn with_labels(mut command: Command) -> (Process, ChildStdin) {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn().expect("it starts");
    let labels = process.stdin.take().expect("its stdin");
    let said = Said::by(&mut process);
    (Process { process, said }, labels)
}

/// `batch …` to its end.
pub(crate) fn run_batch(words: &str, roster: &Path, arguments: &[&str]) -> Ended {
    command(words, roster, arguments).output_in_time().into()
}

/// `batch …` or `station` on a roster.
pub(crate) fn command(words: &str, roster: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(TOOL);
    command.args(words.split(' ')).arg("--roster").arg(roster).args(arguments);
    command
}

/// Attempts, as `batch export` writes them.
pub(crate) fn exported(roster: &Path, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["--format", "json"], arguments].concat();
    let ran = run_batch("batch export", roster, &arguments).ends_with(0);
    serde_json::from_str(&ran.stdout).expect("a list")
}

/// How each device stands, by `batch status`.
pub(crate) fn standings(roster: &Path, arguments: &[&str]) -> Vec<Value> {
    let ran = run_batch("batch status", roster, &[&["--json"], arguments].concat()).ends_with(0);
    let told: Value = serde_json::from_str(&ran.stdout).expect("an event");
    told["standings"].as_array().expect("a list").clone()
}

/// Devices that stand so.
pub(crate) fn count(standings: &[Value], state: &str) -> usize {
    standings.iter().filter(|one| one["state"] == state).count()
}
