//! The figures of docs/figures.md: `cargo bench`. Prints them; asserts nothing, since a figure is a
//! property of a machine.
//!
//! A client process provisions a virtual device in another process, over TCP and security 1, with a
//! join of 1.2 s. The device sends header and body apart, as the vendor's server does, and in turns
//! whole, which is the floor: the ratio is what is left of the kernel's delay of 40 ms. With
//! `ESP_PROV_PY` set to a command that runs the vendor's `esp_prov.py`, that one provisions the
//! same device in the same run, and the ratio is printed.
//!
//! Batches of 10 to 10,000 virtual devices, which join at once, are measured beside the floor: what
//! the kernel takes for the connections and the ledger, and the client's half of a key exchange.
//!
//! Rosters and ledgers of many devices: 20,000, or as many as `ESP_PROV_ROWS` says. The goals are for
//! 1,000,000.
//!
//! Stations share 1,000 devices through PostgreSQL if `ESP_PROV_LEDGER` is the URL of an empty
//! database; `psql` asks it, and `pgbench` says what the machine can do.
//!
//! The arithmetic of security 2 is measured beside OpenSSL's, which `openssl_modexp.py` calls:
//! OpenSSL is no dependency of ours.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::cast_precision_loss, missing_docs)]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use esp_prov::{Capabilities, Credentials, Password, Scheme, Username, VerifierMaker};
use esp_prov_batch::{
    Station,
    ledger::{Access, Sqlite},
};
use esp_prov_simulate::{Settings, VirtualDevice};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeVal,
};
use protocomm::{Handshake, Step};
use rand_core::UnwrapErr;
use x25519_dalek::{EphemeralSecret, PublicKey};

const TOOL: &str = env!("CARGO_BIN_EXE_esp-prov-rs");
const JOIN: Duration = Duration::from_millis(1200);

/// For all figures together, many times what they take: something hangs.
const LIMIT: Duration = Duration::from_secs(20 * 60);

fn main() {
    thread::spawn(|| {
        thread::sleep(LIMIT);
        eprintln!("not done within {LIMIT:?}");
        process::exit(1);
    });
    println!("machine: {}", machine());
    let size = fs::metadata(TOOL).expect("the binary is there").len();
    println!("size of the stripped binary: {:.1} MB (goal: under 9)", megabytes(size));

    let help: Vec<_> = (0..50).map(|_| run(&[TOOL, "--help"]).wall).collect();
    println!("--help: {} (goal: 10 ms)", spread(help));

    // The first child to be waited for is the client, so its memory is the largest so far.
    let (runs, of_whole): (Vec<_>, Vec<_>) =
        (0..10).map(|_| (provision(TOOL, APART, &[]), provision(TOOL, WHOLE, &[]))).unzip();
    let beyond = |runs: &[Run]| runs.iter().map(|run| run.wall.saturating_sub(JOIN)).collect();
    beside(
        "provisioning over HTTP, beyond the join of 1.2 s",
        "40 ms",
        beyond(&runs),
        beyond(&of_whole),
    );
    let (trips, of_whole) = (0..10).map(|_| (round_trip(APART), round_trip(WHOLE))).unzip();
    beside("round trip over HTTP", "1 ms", trips, of_whole);
    let cpu = runs.iter().map(|run| run.cpu).collect();
    println!(
        "CPU of a whole security-1 run, process start included: {} (goal: 15 ms)",
        spread(cpu)
    );
    let memory = runs.iter().map(|run| run.memory).max().unwrap_or_default();
    println!("memory, largest resident set: {:.1} MB (goal: 15)", megabytes(memory));

    match env::var("ESP_PROV_PY") {
        Ok(vendor) => {
            let theirs = provision(&vendor, APART, &["--sec_ver", "1"]);
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

    security_2();
    line();
    stations();
    large();
}

/// What many devices take of memory, and how soon many virtual ones are there.
fn large() {
    let rows: u32 =
        env::var("ESP_PROV_ROWS").map_or(20_000, |rows| rows.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let (roster, ledger) = (folder.path().join("roster.csv"), folder.path().join("ledger"));
    let line = |number: u32| {
        let [_, a, b, c] = number.to_be_bytes();
        format!("PROV_{number:07},http://10.{a}.{b}.{c},abcd1234,Home,correct-horse\n")
    };
    let lines: String = (0..rows).map(line).collect();
    fs::write(&roster, format!("id,address,pop,ssid,passphrase\n{lines}")).expect("written");
    let (path, new) = (roster.to_str().expect("text"), folder.path().join("new"));
    let new = new.to_str().expect("text");
    let most = memory_of(&["--dry-run", "--roster", path, "--ledger", new]);
    println!("dry run of a roster of {rows} lines: {:.0} MB (goal: 300)", megabytes(most));
    let station = Station {
        name: "here".to_owned(),
        run: "1".to_owned(),
        lease: Duration::from_secs(30),
        reports: false,
    };
    drop(Sqlite::open(&ledger, station, Access::Work).expect("a ledger"));
    let database = rusqlite::Connection::open(&ledger).expect("a database");
    let fill = format!(
        "BEGIN;
         INSERT INTO entries (device, place, address, network, state, number, station, exit_code)
            WITH RECURSIVE one (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one WHERE i < {rows})
            SELECT printf('PROV_%07d', i), i, 'http://10.0.0.1', 'Home', 'done', 1, 'here', 0
            FROM one;
         INSERT INTO attempts (device, number, station, started_at, ended_at, outcome, exit_code,
                join_ms, version, ip, bssid, settles)
            SELECT device, 1, 'here', strftime('%FT%H:%M:%fZ', place / 86400.0), '', 'connected', 0,
                1200, 'netprov-v1.2', '10.0.0.1', '02:00:00:00:00:01', 1
            FROM entries;
         COMMIT"
    );
    database.execute_batch(&fill).expect("filled");
    drop(database);
    let ledger = ledger.to_str().expect("text");
    let (csv, json, status) = (
        memory_of(&["export", "--ledger", ledger]),
        memory_of(&["export", "--format", "json", "--ledger", ledger]),
        memory_of(&["status", "--ledger", ledger]),
    );
    println!(
        "ledger of {rows} attempts: export {:.0} MB (goal: 64), as JSON {:.0} MB (64), status {:.0} \
         MB (100)",
        megabytes(csv),
        megabytes(json),
        megabytes(status)
    );
    let began = Instant::now();
    drop(Farm::start("10000", "0"));
    println!(
        "10,000 virtual devices on port 0 listen after {:.1} s",
        began.elapsed().as_secs_f64()
    );
}

/// Most bytes that a command of a batch has, looked at every few milliseconds.
fn memory_of(arguments: &[&str]) -> u64 {
    let mut command = Command::new(TOOL);
    let mut child = command.arg("batch").args(arguments).stdout(Stdio::null()).spawn();
    let child = child.as_mut().expect("the tool starts");
    let mut most = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
        most = status.ok().and_then(|status| high_water(&status)).unwrap_or(most);
        if let Some(ended) = child.try_wait().expect("it can be waited for") {
            assert!(ended.success(), "{arguments:?} ended with {ended}");
            return most;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Most bytes that a process had, as Linux tells.
fn high_water(status: &str) -> Option<u64> {
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    most.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|most| most * 1024)
}

/// How many devices a second a batch provisions, and the CPU time of each beside the floor: the
/// kernel's for connections and the ledger, and the client's half of a key exchange.
fn line() {
    let exchange = key_exchange();
    println!("CPU of the client's half of a key exchange: {:.0} µs", exchange * 1e6);
    for count in ["10", "100", "1000", "10000"] {
        let all: f64 = count.parse().expect("a number");
        let runs: Vec<_> = (0..3).map(|_| Farm::start(count, "0").provisioned()).collect();
        let best = runs.iter().map(|run| run.a_second).fold(0.0, f64::max);
        // What a process takes to start counts, too: with 10 devices it is the most.
        let least = |of: fn(&Batch) -> Duration| {
            runs.iter().map(of).min().unwrap_or_default().as_secs_f64() / all
        };
        let (cpu, floor) = (least(|run| run.cpu), least(|run| run.kernel) + exchange);
        println!(
            "batch of {count} devices: {best:.0} a second; CPU per device: {:.0} µs (goal: 450), \
             {:.1} times the floor of {:.0} µs",
            cpu * 1e6,
            cpu / floor,
            floor * 1e6
        );
    }
    // All are in flight when the first has joined; of the other farm only one.
    let (all, one) = (Farm::start("1000", "2s"), Farm::start("1000", "0"));
    let (all, one) = (all.memory("1000"), one.memory("1"));
    let each = all.saturating_sub(one) / 1000;
    println!("memory of a device in flight: {:.1} KiB (goal: 32)", each as f64 / 1024.0);
}

/// Seconds of CPU time.
fn key_exchange() -> f64 {
    const ROUNDS: u32 = 2000;
    let mut rng = UnwrapErr(getrandom::SysRng);
    let device = PublicKey::from(&EphemeralSecret::random_from_rng(&mut rng));
    let mut took = Duration::ZERO;
    cpu(&mut took, || {
        for _ in 0..ROUNDS {
            let secret = EphemeralSecret::random_from_rng(&mut rng);
            std::hint::black_box(PublicKey::from(&secret));
            std::hint::black_box(secret.diffie_hellman(&device));
        }
    });
    took.as_secs_f64() / f64::from(ROUNDS)
}

/// How a batch went: devices a second, and its CPU time, of which some is the kernel's.
struct Batch {
    a_second: f64,
    cpu: Duration,
    kernel: Duration,
}

/// How many devices a second stations provision that share a database, and what it writes for each.
fn stations() {
    const DEVICES: &str = "1000";
    let Ok(url) = env::var("ESP_PROV_LEDGER") else {
        println!("stations: not measured (set ESP_PROV_LEDGER to the URL of an empty database)");
        return;
    };
    let ask = |sql: &str| -> f64 {
        let output = Command::new("psql").args(["-qAt", &url, "-c", sql]).output().expect("psql");
        let said = String::from_utf8_lossy(&output.stdout);
        said.trim().parse().unwrap_or_default()
    };
    let commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
    let took = "SELECT extract(epoch FROM max(ended_at) - min(started_at)) FROM esp_prov_attempts";
    let clean = "DROP TABLE IF EXISTS esp_prov_attempts, esp_prov_entries, esp_prov_rosters,
        esp_prov_schema";
    let mut of_one = None;
    for count in [1, 3, 10] {
        ask(clean);
        // One station has 64 devices in flight, each for a second.
        let (farm, before) = (Farm::start(DEVICES, "1s"), ask(commits));
        let names = (0..count).map(|number| format!("s{number}"));
        let batches = names.map(|name| farm.batch("64", &["--ledger", &url, "--station", &name]));
        let batches: Vec<_> = batches.collect();
        let end = |batch: Child| {
            let output = batch.wait_with_output().expect("it ends");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        };
        thread::scope(|scope| {
            for batch in batches {
                scope.spawn(move || end(batch));
            }
        });
        let tail = ask("SELECT extract(epoch FROM now() - max(ended_at)) FROM esp_prov_attempts");
        let devices: f64 = DEVICES.parse().expect("a number");
        let rate = devices / ask(took);
        println!(
            "{count} stations at one database: {rate:.0} devices a second, {:.1} times one (goal \
             for 10: 3), {:.1} commits a device (3), {tail:.1} s from the last result to the end (2)",
            rate / *of_one.get_or_insert(rate),
            (ask(commits) - before) / devices
        );
    }
    ask(clean);
    let bench = |arguments: &[&str]| {
        let output = Command::new("pgbench").args(arguments).arg(&url).output().ok()?;
        let said = String::from_utf8(output.stdout).ok()?;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
        Some(rate.split(' ').next()?.to_owned())
    };
    bench(&["-i", "-q"]);
    match bench(&["-n", "-N", "-c", "10", "-T", "5"]) {
        Some(rate) => println!("pgbench: {rate} transactions a second of 10 clients"),
        None => println!("pgbench: not there"),
    }
    bench(&["-i", "-I", "d"]);
}

/// Devices that join after a while, and a batch on them.
struct Farm {
    devices: Child,
    folder: tempfile::TempDir,
}

impl Farm {
    fn start(count: &str, join_delay: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut devices = Command::new(TOOL)
            .args(["simulate", "--json", "--listen", "127.0.0.1:0", "--count", count])
            .args(["--join-delay", join_delay, "--roster"])
            .arg(folder.path().join("roster.csv"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the farm starts");
        let mut line = String::new();
        BufReader::new(devices.stdout.as_mut().expect("piped")).read_line(&mut line).expect("text");
        Self { devices, folder }
    }

    fn batch(&self, parallel: &str, more: &[&str]) -> Child {
        Command::new(TOOL)
            .args(["batch", "--json", "--parallel", parallel, "--roster"])
            .arg(self.folder.path().join("roster.csv"))
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the batch starts")
    }

    fn provisioned(self) -> Batch {
        let cpu = || cpu_time(UsageWho::RUSAGE_CHILDREN);
        let kernel = || {
            let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage can be read");
            duration(usage.system_time())
        };
        let (cpu_before, kernel_before) = (cpu(), kernel());
        let mut batch = self.batch("64", &[]);
        let events = BufReader::new(batch.stdout.take().expect("piped")).lines();
        let end = events.map(|line| line.expect("text")).last().expect("a last event");
        assert!(batch.wait().expect("it ends").success(), "{end}");
        let end: serde_json::Value = serde_json::from_str(&end).expect("in JSON");
        let number = |name: &str| end[name].as_f64().expect("a number");
        Batch {
            a_second: number("done") / (number("took_ms").max(1.0) / 1000.0),
            cpu: cpu().saturating_sub(cpu_before),
            kernel: kernel().saturating_sub(kernel_before),
        }
    }

    /// Most bytes a batch had when its first device was done.
    fn memory(self, parallel: &str) -> u64 {
        let mut batch = self.batch(parallel, &[]);
        let mut events = BufReader::new(batch.stdout.take().expect("piped")).lines();
        let is_end = |line: &std::io::Result<String>| {
            line.as_ref().expect("text").contains("\"device-ended\"")
        };
        assert!(events.any(|line| is_end(&line)), "no device ended");
        let status = fs::read_to_string(format!("/proc/{}/status", batch.id()));
        batch.kill().expect("it is at work");
        batch.wait().expect("it ends");
        high_water(&status.expect("Linux tells")).expect("a size")
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        self.devices.kill().expect("the farm is still there");
        self.devices.wait().expect("it ends");
    }
}

/// Each half's handshake beside OpenSSL's exponentiations of the same lengths. They take turns,
/// so that both see the same moods of the machine.
fn security_2() {
    // Client: g^a, g^x, (B - k g^x)^(a + u x). Device: g^b, v^u, (A v^u)^b.
    const CLIENT_BITS: [&str; 3] = ["256", "512", "1025"];
    const DEVICE_BITS: [&str; 3] = ["256", "512", "256"];
    const TURNS: usize = 5;
    const HANDSHAKES: usize = 5;

    let device = VirtualDevice::new(Settings { scheme: Scheme::Sec2, ..Settings::default() });
    let credentials = Credentials::Sec2 {
        username: Username::new("wifiprov").expect("a name"),
        password: Password::from("abcd1234"),
        made_by: VerifierMaker::Device,
    };
    let (mut client_times, mut device_times) = (Vec::new(), Vec::new());
    let (mut their_client, mut their_device) = (Vec::new(), Vec::new());
    let mut version = Err("no turn".to_owned());
    for _ in 0..TURNS {
        for _ in 0..HANDSHAKES {
            let (client, device) = handshake(&credentials, &device);
            client_times.push(client);
            device_times.push(device);
        }
        version = openssl(HANDSHAKES, &[CLIENT_BITS, DEVICE_BITS].concat(), |times| {
            let (client, device) = times.split_at(CLIENT_BITS.len());
            their_client.push(client.iter().sum());
            their_device.push(device.iter().sum());
        });
    }
    let halves = [("client", client_times, their_client), ("device", device_times, their_device)];
    for (half, ours, theirs) in halves {
        let beside = match &version {
            Ok(version) => format!(
                "{:.2} times that of {version} ({}; goal: 3 times)",
                median(ours.clone()).as_secs_f64() / median(theirs.clone()).as_secs_f64(),
                spread(theirs)
            ),
            Err(why) => format!("comparison with OpenSSL SKIPPED: {why}"),
        };
        println!("CPU of a security-2 handshake, {half}: {}; {beside}", spread(ours));
    }
}

/// CPU of the client's and of the device's half of a handshake in memory.
fn handshake(credentials: &Credentials, device: &VirtualDevice) -> (Duration, Duration) {
    let mut rng = UnwrapErr(getrandom::SysRng);
    let (mut client_time, mut device_time) = (Duration::ZERO, Duration::ZERO);
    let (mut client, mut request) = cpu(&mut client_time, || {
        Handshake::start(credentials, &Capabilities::default(), &mut rng).expect("it starts")
    });
    loop {
        let reply = cpu(&mut device_time, || {
            device.handle(request.endpoint.as_str(), &request.body).expect("it replies").body
        });
        match cpu(&mut client_time, || client.handle(&reply).expect("a good reply")) {
            Step::Send(then, next) => (client, request) = (then, next),
            Step::Done(_) => return (client_time, device_time),
        }
    }
}

/// Adds the CPU time of something to a sum.
fn cpu<T>(sum: &mut Duration, of: impl FnOnce() -> T) -> T {
    let before = cpu_time(UsageWho::RUSAGE_SELF);
    let done = of();
    *sum += cpu_time(UsageWho::RUSAGE_SELF).saturating_sub(before);
    done
}

/// Hands over the CPU times of exponentiations, round by round. OpenSSL's version, or why there
/// are none.
fn openssl(
    rounds: usize,
    bits: &[&str],
    mut each_round: impl FnMut(Vec<Duration>),
) -> Result<String, String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/figures/openssl_modexp.py");
    let output = Command::new("python3")
        .args([script, &rounds.to_string()])
        .args(bits)
        .output()
        .map_err(|error| format!("python3: {error}"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(why.lines().last().unwrap_or("the script failed").to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let (version, rounds) = text.split_once('\n').expect("the version comes first");
    for round in rounds.lines() {
        let times = round.split(' ').map(|time| time.parse().expect("a number"));
        each_round(times.map(Duration::from_nanos).collect());
    }
    Ok(version.to_owned())
}

struct Run {
    wall: Duration,
    cpu: Duration,
    memory: u64,
}

impl Drop for Device {
    fn drop(&mut self) {
        self.process.kill().expect("the virtual device is still there");
        self.process.wait().expect("it ends");
    }
}

/// How a device sends its replies: as stock firmware, which sends the header first and has the
/// rest wait for its acknowledgement, or in one piece.
type Replies = &'static [&'static str];
const APART: Replies = &[];
const WHOLE: Replies = &["--whole-replies"];

/// Times with a device of either kind.
fn beside(what: &str, goal: &str, apart: Vec<Duration>, whole: Vec<Duration>) {
    let ratio = median(apart.clone()).as_secs_f64() / median(whole.clone()).as_secs_f64();
    println!("{what}: {} (goal: {goal})", spread(apart));
    println!("  with whole replies: {}; ratio {ratio:.2}", spread(whole));
}

/// A virtual device for one client.
struct Device {
    process: Child,
    address: String,
}

impl Device {
    fn start(replies: Replies) -> Self {
        let mut process = Command::new(TOOL)
            .args(["simulate", "--listen", "127.0.0.1:0", "--json", "--join-delay", "1200ms"])
            .args(replies)
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

/// The median of those of one session.
fn round_trip(replies: Replies) -> Duration {
    let device = Device::start(replies);
    let output = Command::new(TOOL)
        .args(["info", "--json", "--service-name", &device.address, "--pop", "abcd1234"])
        .stderr(Stdio::inherit())
        .output()
        .expect("the tool starts");
    let events = String::from_utf8(output.stdout).expect("text");
    let events = events.lines().map(|line| serde_json::from_str(line).expect("in JSON"));
    let mut median = events.filter_map(|event: serde_json::Value| {
        event["round_trips"]["median_us"].as_u64().map(Duration::from_micros)
    });
    median.next_back().expect("its round trips")
}

fn provision(tool: &str, replies: Replies, more: &[&str]) -> Run {
    let device = Device::start(replies);
    let mut command: Vec<&str> = tool.split_whitespace().collect();
    command.extend(["--transport", "softap", "--service_name", &device.address]);
    command.extend(["--pop", "abcd1234", "--ssid", "Home", "--passphrase", "correct-horse"]);
    command.extend(more);
    run(&command)
}

fn run(command: &[&str]) -> Run {
    let before = cpu_time(UsageWho::RUSAGE_CHILDREN);
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
    Run { wall, cpu: cpu_time(UsageWho::RUSAGE_CHILDREN).saturating_sub(before), memory }
}

fn cpu_time(of: UsageWho) -> Duration {
    let usage = getrusage(of).expect("usage can be read");
    duration(usage.user_time()) + duration(usage.system_time())
}

fn duration(time: TimeVal) -> Duration {
    let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
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

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores, {}", model.trim_matches([' ', '\t', ':']), env::consts::OS)
}
