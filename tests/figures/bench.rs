//! The figures of the README: `cargo bench`. Prints them; asserts nothing, since a figure is a
//! property of a machine.
//!
//! A client process provisions a virtual device in another process, over TCP and security 1,
//! with a join of 1.2 s. With `ESP_PROV_PY` set to a command that runs the vendor's
//! `esp_prov.py`, that one provisions the same device in the same run, and the ratio is printed.
#![allow(clippy::print_stdout, missing_docs)]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::sys::resource::{UsageWho, getrusage};

const TOOL: &str = env!("CARGO_BIN_EXE_esp-prov-rs");
const JOIN: Duration = Duration::from_millis(1200);

fn main() {
    println!("machine: {}", machine());
    let size = fs::metadata(TOOL).expect("the binary is there").len();
    println!("size of the stripped binary: {:.1} MB (goal: under 8)", megabytes(size));

    let help: Vec<_> = (0..50).map(|_| run(&[TOOL, "--help"]).wall).collect();
    println!("--help: {} (goal: 10 ms)", spread(help));

    // The first child to be waited for is the client, so its memory is the largest so far.
    let runs: Vec<_> = (0..10).map(|_| provision(TOOL, &[])).collect();
    let overhead = runs.iter().map(|run| run.wall.saturating_sub(JOIN)).collect();
    println!("provisioning, beyond the join of 1.2 s: {} (goal: 150 ms)", spread(overhead));
    let cpu = runs.iter().map(|run| run.cpu).collect();
    println!(
        "CPU of a whole security-1 run, process start included: {} (goal: 15 ms)",
        spread(cpu)
    );
    let memory = runs.iter().map(|run| run.memory).max().unwrap_or_default();
    println!("memory, largest resident set: {:.1} MB (goal: 15)", megabytes(memory));

    match env::var("ESP_PROV_PY") {
        Ok(vendor) => {
            let theirs = provision(&vendor, &["--sec_ver", "1"]);
            let ours = median(runs.iter().map(|run| run.wall).collect());
            let times = theirs.wall.as_secs_f64() / ours.as_secs_f64();
            println!(
                "esp_prov.py: {:.2} s, CPU {:.0} ms; ours is {times:.1} times as fast",
                theirs.wall.as_secs_f64(),
                theirs.cpu.as_secs_f64() * 1000.0
            );
        }
        Err(_) => println!("esp_prov.py: not compared (set ESP_PROV_PY to a command that runs it)"),
    }
}

struct Run {
    wall: Duration,
    cpu: Duration,
    memory: u64,
}

/// A virtual device for one client.
struct Device {
    process: Child,
    address: String,
}

impl Device {
    fn start() -> Self {
        let mut process = Command::new(TOOL)
            .args(["simulate", "--listen", "127.0.0.1:0", "--json", "--join-delay", "1200ms"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the virtual device starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("its output is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let line: serde_json::Value = serde_json::from_str(&line).expect("in JSON");
        Self { process, address: line["address"].as_str().expect("its address").to_owned() }
    }
}

fn provision(tool: &str, more: &[&str]) -> Run {
    let mut device = Device::start();
    let mut command: Vec<&str> = tool.split_whitespace().collect();
    command.extend(["--transport", "softap", "--service_name", &device.address]);
    command.extend(["--pop", "abcd1234", "--ssid", "Home", "--passphrase", "correct-horse"]);
    command.extend(more);
    let run = run(&command);
    device.process.kill().expect("the virtual device is still there");
    device.process.wait().expect("it ends");
    run
}

fn run(command: &[&str]) -> Run {
    let before = cpu_of_children();
    let began = Instant::now();
    let status = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the tool starts");
    let wall = began.elapsed();
    assert!(status.success(), "{command:?} ended with {status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage can be read");
    let memory = u64::try_from(usage.max_rss()).unwrap_or_default() * 1024;
    Run { wall, cpu: cpu_of_children().saturating_sub(before), memory }
}

fn cpu_of_children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage can be read");
    let micros = [usage.user_time(), usage.system_time()]
        .iter()
        .map(|time| time.tv_sec() * 1_000_000 + time.tv_usec())
        .sum::<i64>();
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let (first, last) = (times[0], times[times.len() - 1]);
    format!(
        "median {:.1} ms, {:.1} to {:.1} ms, {} runs",
        ms(median(times.clone())),
        ms(first),
        ms(last),
        times.len()
    )
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[allow(clippy::cast_precision_loss, reason = "a few digits are shown")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores, {}", model.trim_matches([' ', '\t', ':']), env::consts::OS)
}
