//! One list of scenarios against devices in a lab, over whatever they speak.
//!
//! `ESP_PROV_HIL` names them: addresses as in `tests/hardware.toml`. Those that begin with `qemu` or
//! `host` are boards of firmware/, started here; `host-ble…` needs `tests/ble/rig/run`. `ESP_PROV_HIL_DEVICES` names another file in place
//! of `tests/hardware.toml`.
//!
//! ```sh
//! ESP_PROV_HIL="qemu console:/dev/ttyUSB0" cargo test --test system -- --ignored --nocapture hardware::
//! ```
#![cfg(unix)]
#![allow(clippy::print_stdout, reason = "a lab reads how each device did")]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use kit::process::{self, Ended, InTime, Said, ToTheEnd};
use nix::sys::signal::Signal;
use protocomm::{
    Capabilities, Credentials, Endpoint, Handshake, ProofOfPossession, Step,
    commands::GetWifiStatus,
    console::{Heard, Listener, line as line_of},
};
use rand_core::UnwrapErr;
use serde::Deserialize;
use serde_json::Value;

const TOOL: &str = env!("CARGO_BIN_EXE_esp-prov-rs");
const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// What a device is like, so that the list knows what to expect of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    /// `console:/dev/ttyUSB0`, `ble:PROV_123456`, `http://192.168.4.1`, `qemu…` or `host…`.
    address: String,
    /// Its security.
    security: u8,
    /// Proof of possession, or password of security 2.
    #[serde(default)]
    secret: String,
    /// User name of security 2.
    #[serde(default)]
    username: String,
    /// A network in its reach.
    ssid: String,
    /// Its passphrase.
    passphrase: String,
    /// A network without a passphrase.
    open: Option<String>,
    /// A network that no scan shows; here with the longest name and passphrase there can be.
    hidden: Option<Hidden>,
    /// More for each command, such as `--reply-timeout 40s` for a chip that is emulated.
    #[serde(default)]
    options: Vec<String>,
    /// An endpoint of the application that answers anything.
    custom: Option<String>,
    /// Whether it can be provisioned again (`disable_auto_stop`).
    #[serde(default)]
    reprovisions: bool,
    /// Scenarios to run, by their names; all if there are none.
    #[serde(default)]
    only: Vec<String>,
    /// A shell command that makes it fresh from the factory, and ends when it waits for a client.
    restart: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hidden {
    ssid: String,
    passphrase: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    device: Vec<Description>,
}

/// A device in the lab.
struct Device {
    is: Description,
    board: Board,
}

/// Where it runs.
enum Board {
    Qemu(Qemu),
    Host(Mutex<Host>),
    /// Not here.
    Real,
}

impl Device {
    /// Makes it fresh from the factory.
    fn restart(&self) {
        match &self.board {
            Board::Qemu(qemu) => qemu.reset(),
            Board::Host(host) => host.lock().expect("one at a time").restart(self.is.security),
            Board::Real => {
                let Some(command) = &self.is.restart else { return };
                let output = Command::new("sh").args(["-c", command]).output_in_time();
                assert!(output.status.success(), "`{command}` failed: {output:?}");
            }
        }
    }

    fn is_on_rig(&self) -> bool {
        matches!(&self.board, Board::Host(host) if host.lock().expect("one at a time").has_ble())
    }

    fn address(&self) -> Vec<String> {
        let address = match &self.board {
            Board::Qemu(qemu) => format!("console:{}", qemu.port),
            Board::Host(host) => host.lock().expect("one at a time").address(),
            Board::Real => self.is.address.clone(),
        };
        let words = match address.split_once(':') {
            Some(("console", port)) => ["--transport", "console", "--port", port],
            Some(("ble", name)) => ["--transport", "ble", "--service-name", name],
            Some(("http", _)) => ["--transport", "softap", "--service-name", &address],
            _ => panic!("no address: {address}"),
        };
        words.map(str::to_owned).to_vec()
    }

    fn secret(&self, secret: &str) -> Vec<String> {
        let words = match self.is.security {
            0 => vec!["--sec-ver", "0"],
            1 => vec!["--pop", secret],
            _ => vec!["--sec2-username", &self.is.username, "--sec2-pwd", secret],
        };
        words.into_iter().map(str::to_owned).collect()
    }

    fn command(&self, name: &str, secret: &str, more: &[&str]) -> Command {
        let mut command = Command::new(TOOL);
        command.arg(name).args(self.address()).args(self.secret(secret));
        command.args(&self.is.options).args(more);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, name: &str, more: &[&str]) -> Ended {
        let mut command = self.command(name, &self.is.secret, more);
        command.output_in_time().into()
    }

    fn provision(&self, ssid: &str, passphrase: &str, more: &[&str]) -> Ended {
        self.run("provision", &[&["--ssid", ssid, "--passphrase", passphrase], more].concat())
    }
}

/// The qemu-virt board.
struct Qemu {
    process: Child,
    port: String,
    monitor: PathBuf,
    _folder: tempfile::TempDir,
}

impl Qemu {
    fn start(security: u8) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let monitor = folder.path().join("qmp");
        let mut command = Command::new(format!("{HERE}/firmware/run-qemu"));
        command.args([&security.to_string(), "-qmp"]);
        command.arg(format!("unix:{},server=on,wait=off", monitor.display()));
        let (process, port, _) = process::start(&mut command);
        Self { process, port: port.trim().to_owned(), monitor, _folder: folder }
    }

    fn reset(&self) {
        // QEMU opens it a little after it has told the port.
        let until = Instant::now() + Duration::from_secs(10);
        let mut wire = loop {
            match UnixStream::connect(&self.monitor) {
                Ok(wire) => break wire,
                Err(error) => assert!(Instant::now() < until, "QEMU does not listen: {error}"),
            }
            thread::yield_now();
        };
        let mut replies = BufReader::new(wire.try_clone().expect("a second handle")).lines();
        let mut reply = || replies.next().expect("QEMU answers").expect("text");
        reply();
        for command in ["qmp_capabilities", "system_reset"] {
            writeln!(wire, r#"{{"execute":"{command}"}}"#).expect("QEMU reads");
            // Events come in between.
            while !reply().contains(r#""return""#) {}
        }
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The host board; not running until it is restarted.
struct Host {
    process: Option<Child>,
    /// Where it listens, or the unix socket of its radio.
    place: String,
}

impl Host {
    fn on_http() -> Self {
        // Free now, and asked for again at once.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        drop(listener);
        Self { process: None, place: address.to_string() }
    }

    fn on_ble() -> Self {
        let radio = env::var("RIG_H4").expect("run it in tests/ble/rig/run");
        Self { process: None, place: radio }
    }

    fn has_ble(&self) -> bool {
        self.place.starts_with('/')
    }

    fn address(&self) -> String {
        if self.has_ble() { "ble:PROV_123456".to_owned() } else { format!("http://{}", self.place) }
    }

    fn restart(&mut self, security: u8) {
        self.stop();
        let mut command = Command::new(format!("{HERE}/firmware/target/release/host"));
        command.args([&self.place, &security.to_string()]);
        let (process, line, _) = process::start(&mut command);
        let says = if self.has_ble() { "advertising" } else { "listening on" };
        assert!(line.starts_with(says), "{line}");
        self.process = Some(process);
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
    }
}

type Scenario = fn(&Device);

/// The list. Each begins with a device fresh from the factory.
const SCENARIOS: [(&str, Scenario); 12] = [
    ("success", success),
    ("wrong proof", wrong_proof),
    ("open network", open_network),
    ("hidden network", hidden_network),
    ("verdict on one connection", verdict_on_one_connection),
    ("wrong passphrase, reset, right one", wrong_passphrase),
    ("network not found", network_not_found),
    ("scan", scan),
    ("custom endpoint", custom_endpoint),
    ("reset in each stage", reset_in_each_stage),
    ("a second client", second_client),
    ("reprovision", reprovision),
];

fn success(device: &Device) {
    let is = &device.is;
    let ran = device.provision(&is.ssid, &is.passphrase, &[]).ends_with(0);
    assert!(ran.stdout.starts_with("Connected: "), "{}", ran.stdout);
    assert!(ran.stdout.contains(&is.ssid), "{}", ran.stdout);
}

fn wrong_proof(device: &Device) {
    let is = &device.is;
    if is.security == 0 {
        return;
    }
    let network = ["--ssid", &is.ssid, "--passphrase", &is.passphrase];
    let mut command = device.command("provision", "not-the-secret", &network);
    Ended::from(command.output_in_time()).ends_with(30);
    success(device);
}

fn open_network(device: &Device) {
    let Some(open) = &device.is.open else { return };
    let ran = device.run("provision", &["--ssid", open, "--open"]).ends_with(0);
    assert!(ran.stdout.contains(open.as_str()), "{}", ran.stdout);
}

fn hidden_network(device: &Device) {
    let Some(Hidden { ssid, passphrase }) = &device.is.hidden else { return };
    let ran = device.run("scan", &[]).ends_with(0);
    assert!(!ran.stdout.contains(ssid.as_str()), "it is not hidden: {}", ran.stdout);
    device.provision(ssid, passphrase, &[]).ends_with(0);
}

/// Who waits for the end of a join that fails stays where it is, on the device's access point too:
/// all attempts are told on one connection, and then why.
fn verdict_on_one_connection(device: &Device) {
    let is = &device.is;
    let ran = device.provision(&is.ssid, "not-the-passphrase", &["--json"]).ends_with(50);
    let event = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    let events: Vec<_> = ran.stdout.lines().map(event).collect();
    // Before that, a board that still boots may cost a connection.
    let joining: Vec<_> = events.iter().skip_while(|event| event["event"] != "applied").collect();
    assert!(!joining.is_empty(), "{}", ran.stdout);
    assert!(joining.iter().all(|event| event["event"] != "connecting"), "{}", ran.stdout);
    let is_station = matches!(device.board, Board::Host(_));
    let attempts = |event: &&Value| event["attempts_remaining"].is_u64();
    let counted = events.iter().filter(attempts).count();
    assert!(!is_station || counted == 4, "{counted}: {}", ran.stdout);
}

fn wrong_passphrase(device: &Device) {
    let is = &device.is;
    device.provision(&is.ssid, "not-the-passphrase", &[]).ends_with(50);
    device.provision(&is.ssid, &is.passphrase, &["--reset-first"]).ends_with(0);
}

fn network_not_found(device: &Device) {
    device.provision("no network of this name", "12345678", &[]).ends_with(51);
}

fn scan(device: &Device) {
    let ran = device.run("scan", &[]).ends_with(0);
    assert!(ran.stdout.contains(&device.is.ssid), "{}", ran.stdout);
}

fn custom_endpoint(device: &Device) {
    let Some(endpoint) = &device.is.custom else { return };
    let ran = device.run("send", &[endpoint, "--utf8", "hello"]).ends_with(0);
    assert!(!ran.stdout.trim().is_empty(), "no reply: {}", ran.stderr);
}

/// The device starts anew once a session is open, its network is set, applied, or asked about: it
/// has forgotten it and is told again, or joins it again from flash.
fn reset_in_each_stage(device: &Device) {
    if matches!(device.board, Board::Real) && device.is.restart.is_none() {
        return;
    }
    for stage in ["established", "config-sent", "applied", "polled"] {
        device.restart();
        let is = &device.is;
        let network = ["--ssid", &is.ssid, "--passphrase", &is.passphrase, "--json"];
        let mut child = device.command("provision", &is.secret, &network).spawn().expect("it runs");
        let mut events = Said::by(&mut child).lines();
        let reached =
            |line: &String| serde_json::from_str::<Value>(line).expect("JSON")["event"] == stage;
        let seen = events.by_ref().map(|line| line.expect("text")).any(|line| reached(&line));
        assert!(seen, "{stage}: it never came to it");
        signal(&child, Signal::SIGSTOP);
        device.restart();
        signal(&child, Signal::SIGCONT);
        let last = events.map(|line| line.expect("text")).last();
        let code = child.wait_in_time().code();
        match &device.board {
            // It may have left, or come back with its network and without provisioning.
            Board::Real => assert!(
                matches!(code, Some(0 | 12 | 30 | 40 | 52 | 53)),
                "{stage}: {code:?}: {last:?}"
            ),
            // These forget, and are told again.
            Board::Qemu(_) | Board::Host(_) => assert_eq!(code, Some(0), "{stage}: {last:?}"),
        }
    }
    // Whatever came of it, it may hold a network now.
    device.restart();
    success(device);
}

/// A second client comes while a session is open, and the first still gets its device provisioned:
/// where the session was taken from it, it opens another.
fn second_client(device: &Device) {
    let is = &device.is;
    let network = ["--ssid", &is.ssid, "--passphrase", &is.passphrase, "--json"];
    let mut first = device.command("provision", &is.secret, &network).spawn().expect("it runs");
    let mut events = Said::by(&mut first).lines();
    let is_open = |line: &String| {
        let event = &serde_json::from_str::<Value>(line).expect("JSON")["event"];
        event == "established"
    };
    let seen = events.by_ref().map(|line| line.expect("text")).any(|line| is_open(&line));
    assert!(seen, "it never opened a session");
    signal(&first, Signal::SIGSTOP);
    let second = device.run("status", &["--connect-timeout", "5s"]);
    signal(&first, Signal::SIGCONT);
    let last = events.map(|line| line.expect("text")).last();
    let first = first.wait_in_time().code();
    // Opens a session of its own, or finds the port or the device taken.
    assert!(matches!(second.code, Some(0 | 10 | 11 | 52)), "{:?}: {}", second.code, second.stderr);
    assert_eq!(first, Some(0), "{last:?}");
}

fn signal(child: &Child, signal: Signal) {
    process::signal(child.id(), signal);
}

fn reprovision(device: &Device) {
    if !device.is.reprovisions {
        return;
    }
    success(device);
    device.run("reprovision", &[]).ends_with(0);
    success(device);
}

fn devices() -> Vec<Device> {
    let wanted =
        env::var("ESP_PROV_HIL").expect("ESP_PROV_HIL names devices: see tests/system/hardware.rs");
    let file = env::var("ESP_PROV_HIL_DEVICES");
    let file = file.unwrap_or_else(|_| format!("{HERE}/tests/hardware.toml"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let known: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let device = |address: &str| {
        let described = known.device.iter().find(|device| device.address == address);
        let is = described.unwrap_or_else(|| panic!("{file} has no device {address}")).clone();
        let board = match address {
            _ if address.starts_with("qemu") => Board::Qemu(Qemu::start(is.security)),
            _ if address.starts_with("host-ble") => Board::Host(Mutex::new(Host::on_ble())),
            _ if address.starts_with("host") => Board::Host(Mutex::new(Host::on_http())),
            _ => Board::Real,
        };
        Device { is, board }
    };
    wanted.split_whitespace().map(device).collect()
}

#[test]
#[ignore = "needs devices: ESP_PROV_HIL"]
fn each_device_masters_the_list() {
    // Those on the rig's one radio after each other, all others at once.
    let (on_radio, others): (Vec<_>, Vec<_>) = devices().into_iter().partition(Device::is_on_rig);
    let groups = others.into_iter().map(|device| vec![device]).chain([on_radio]);
    let failed: Vec<_> = thread::scope(|scope| {
        let run = |group| scope.spawn(move || masters_the_list(group));
        let running: Vec<_> = groups.map(run).collect();
        running.into_iter().flat_map(|group| group.join().expect("a list of failures")).collect()
    });
    assert!(failed.is_empty(), "{failed:?}");
}

/// Returns what failed.
fn masters_the_list(devices: Vec<Device>) -> Vec<String> {
    let mut failed = Vec::new();
    for device in devices {
        let only = &device.is.only;
        let wanted = |name: &str| only.is_empty() || only.iter().any(|one| one == name);
        for (name, scenario) in SCENARIOS.into_iter().filter(|(name, _)| wanted(name)) {
            device.restart();
            let began = Instant::now();
            let address = &device.is.address;
            let ended = thread::scope(|scope| scope.spawn(|| scenario(&device)).join());
            let took = began.elapsed().as_secs_f64();
            let verdict = if ended.is_ok() { "ok" } else { "FAILED" };
            println!("{address}: {name}: {verdict} ({took:.1} s)");
            if ended.is_err() {
                failed.push(format!("{address}: {name}"));
            }
        }
    }
    failed
}

/// What a hostile client writes leaves the firmware standing.
#[test]
#[ignore = "needs devices: ESP_PROV_HIL"]
fn noise_on_a_console_does_no_harm() {
    for device in devices() {
        let Board::Qemu(qemu) = &device.board else { continue };
        device.restart();
        let mut port = fs::OpenOptions::new().write(true).open(&qemu.port).expect("a port");
        let printed = BufReader::new(fs::File::open(&qemu.port).expect("a port"));
        // A device whose print nobody reads stands still.
        let (told, memory) = mpsc::channel();
        let reader = thread::spawn(move || {
            let lines = printed.split(b'\n').map_while(Result::ok);
            let mut lines = lines.map(|line| String::from_utf8_lossy(&line).into_owned());
            let _ = told.send(lines.find(|line| line.starts_with("heap=")));
        });
        let mut dice = Dice(0x5eed);
        for _ in 0..10_000 {
            port.write_all(&line(&mut dice)).expect("it takes it");
        }
        // Noise may stand before it in its line.
        let told = (0..100).find_map(|_| {
            port.write_all(b"\r!stats\r").expect("it takes it");
            memory.recv_timeout(Duration::from_millis(300)).ok()
        });
        println!("{}: {}", device.is.address, told.flatten().expect("the board tells its memory"));
        reader.join().expect("it reads");
        drop(port);
        success(&device);
    }
}

/// The boards here that speak HTTP, with their addresses, each as its turn comes and fresh then.
fn fresh_http_hosts() -> impl Iterator<Item = (Device, String)> {
    devices().into_iter().filter(|device| !device.is_on_rig()).filter_map(|device| {
        let Board::Host(host) = &device.board else { return None };
        device.restart();
        let address = host.lock().expect("one at a time").place.clone();
        Some((device, address))
    })
}

/// Nor does what is not quite HTTP.
#[test]
#[ignore = "needs devices: ESP_PROV_HIL"]
fn bad_http_does_no_harm() {
    for (device, address) in fresh_http_hosts() {
        let head = "POST /prov-session HTTP/1.1\r\nContent-Length:";
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(5000));
        let requests = [
            // A body that does not come, or not all of it.
            format!("{head} 10\r\n\r\n"),
            format!("{head} 10\r\n\r\nabc"),
            // Lengths that can't be.
            format!("{head} 99999999999999999999\r\n\r\nabc"),
            format!("{head} -1\r\n\r\nabc"),
            format!("{head} 0\r\n\r\n"),
            // Two at once, no request at all, half a one, a long one.
            "POST /proto-ver HTTP/1.1\r\nContent-Length: 1\r\n\r\nx".repeat(2),
            "\u{1}\u{2}\u{3}\r\n\r\n".to_owned(),
            "POST /prov-se".to_owned(),
            long,
        ];
        // Half-open until the end.
        let mut open = Vec::new();
        for request in requests.iter().cycle().take(50) {
            let mut socket = TcpStream::connect(&address).expect("it listens");
            // It may have closed the connection before the end of a long request.
            let _ = socket.write_all(request.as_bytes());
            open.push(socket);
        }
        success(&device);
    }
}

/// One after the other, each as soon as the one before is over.
#[test]
#[ignore = "needs devices: ESP_PROV_HIL"]
fn each_of_fifty_connections_is_answered() {
    for (_device, address) in fresh_http_hosts() {
        for number in 0..50 {
            let mut socket = TcpStream::connect(&address).expect("it listens");
            let request = b"POST /proto-ver HTTP/1.1\r\nContent-Length: 3\r\n\r\n---";
            socket.write_all(request).expect("it takes it");
            let mut begin = [0; 15];
            let read = socket.read_exact(&mut begin);
            assert!(read.is_ok() && &begin == b"HTTP/1.1 200 OK", "{number}: {read:?} {begin:?}");
        }
    }
}

/// Nor does what is not quite ATT.
#[test]
#[ignore = "needs devices: ESP_PROV_HIL"]
fn bad_att_does_no_harm() {
    for device in devices() {
        if !device.is_on_rig() || !device.is.only.is_empty() {
            continue;
        }
        let Board::Host(host) = &device.board else { continue };
        device.restart();
        let process = host.lock().expect("one at a time").process.as_ref().map(Child::id);
        let python = env::var("RIG_PYTHON").expect("run it in tests/ble/rig/run");
        let process = process.expect("it runs").to_string();
        let mut script = Command::new(python);
        let script = script.args([&format!("{HERE}/tests/ble/hostile.py"), &process]).spawn();
        assert!(script.expect("Python starts").wait_in_time().success());
        success(&device);
    }
}

/// Sessions end without a trace in memory.
#[test]
#[ignore = "needs devices: ESP_PROV_HIL"]
fn a_thousand_sessions_use_no_more_memory() {
    for device in devices() {
        let Board::Qemu(qemu) = &device.board else { continue };
        if device.is.security != 1 {
            continue;
        }
        let mut wire = Wire::open(&qemu.port);
        let pop = ProofOfPossession::from(device.is.secret.as_str());
        let credentials = Credentials::Sec1 { pop };
        let session = |wire: &mut Wire, number| {
            let capabilities = Capabilities::default();
            let mut dice = UnwrapErr(getrandom::SysRng);
            let start = Handshake::start(&credentials, &capabilities, &mut dice);
            let (mut client, mut request) = start.expect("good credentials");
            let session = loop {
                let reply = wire.call(&request.endpoint, number, &request.body);
                match client.handle(&reply).expect("a good reply") {
                    Step::Send(then, next) => (client, request) = (then, next),
                    Step::Done(session) => break session,
                }
            };
            let (request, pending) = session.seal(&GetWifiStatus).expect("a request");
            let reply = wire.call(&request.endpoint, number, &request.body);
            let (_, status) = pending.open(&reply).expect("a reply");
            assert!(status.is_ok(), "{status:?}");
        };
        // The first few fill what is kept.
        (0..10).for_each(|number| session(&mut wire, number));
        let before = wire.memory();
        (10..1010).for_each(|number| session(&mut wire, number));
        let after = wire.memory();
        println!("{}: {before}, after 1000 sessions: {after}", device.is.address);
        // The most at one time depends on how the bytes of a line arrive.
        let in_use = |told: &str| told.split(' ').next().map(str::to_owned);
        assert_eq!(in_use(&before), in_use(&after));
    }
}

/// The board's port, read byte by byte.
struct Wire {
    port: fs::File,
    listener: Listener,
}

impl Wire {
    fn open(path: &str) -> Self {
        let port = fs::OpenOptions::new().read(true).write(true).open(path).expect("a port");
        let mut wire = Self { port, listener: Listener::default() };
        wire.say(b"\r");
        wire.hear();
        wire
    }

    fn say(&mut self, line: &[u8]) {
        self.listener = Listener::default();
        self.listener.sent(line);
        self.port.write_all(line).expect("it takes it");
    }

    /// What it prints up to its prompt, and a reply if there is one.
    fn hear(&mut self) -> (String, Option<Vec<u8>>) {
        let (mut text, mut byte) = (Vec::new(), [0]);
        let reply = loop {
            self.port.read_exact(&mut byte).expect("it prints");
            text.push(byte[0]);
            match self.listener.hear(byte[0]) {
                Some(Heard::Reply(body)) => break Some(body),
                Some(Heard::Prompt | Heard::Garbled) => break None,
                Some(Heard::Restarted) | None => {}
            }
        };
        (String::from_utf8_lossy(&text).into_owned(), reply)
    }

    fn call(&mut self, endpoint: &Endpoint, session: u32, body: &[u8]) -> Vec<u8> {
        self.say(&line_of(endpoint, session, body).expect("it fits"));
        let (text, reply) = self.hear();
        reply.unwrap_or_else(|| panic!("no reply from {endpoint}: {text}"))
    }

    /// What the board says of its memory.
    fn memory(&mut self) -> String {
        self.say(b"!stats\r");
        let (text, _) = self.hear();
        let told = text.lines().find(|line| line.starts_with("heap="));
        told.unwrap_or_else(|| panic!("no figures: {text}")).to_owned()
    }
}

/// A small generator with a seed (xorshift), so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        let length = self.below(most);
        (0..length).map(|_| u8::try_from(self.below(256)).unwrap_or_default()).collect()
    }
}

/// Over-long, odd digits, unknown commands, binary, or well made with nonsense inside.
fn line(dice: &mut Dice) -> Vec<u8> {
    let endpoints = ["proto-ver", "prov-session", "prov-config", "prov-scan", "prov-ctrl", "x"];
    let endpoint = endpoints[usize::try_from(dice.below(6)).unwrap_or_default()];
    let session = dice.below(5);
    let mut line = match dice.below(5) {
        0 => dice.bytes(600),
        1 => format!("{endpoint} {session} abc").into_bytes(),
        2 => format!("{endpoint} {session}").into_bytes(),
        3 => format!("{endpoint} {session} {}", "0g".repeat(20)).into_bytes(),
        _ => format!("{endpoint} {session} {}", hex::encode(dice.bytes(110))).into_bytes(),
    };
    // Lines for the board are not the client's.
    line.retain(|byte| *byte != b'!');
    line.push(b'\r');
    line
}

/// What the page for labs says can be copied.
#[test]
fn the_page_for_labs_describes_devices_as_this_reads_them() {
    let page = fs::read_to_string(format!("{HERE}/docs/hardware.md")).expect("the page is there");
    let blocks = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or(""));
    let files: Vec<File> =
        blocks.map(|block| toml::from_str(block).unwrap_or_else(|why| panic!("{why}"))).collect();
    let devices: Vec<_> = files.iter().flat_map(|file| &file.device).collect();
    assert!(!devices.is_empty());
    for device in devices {
        let wrong = device.only.iter().find(|one| SCENARIOS.iter().all(|(name, _)| name != one));
        assert!(wrong.is_none(), "{}: no scenario {wrong:?}", device.address);
    }
}
