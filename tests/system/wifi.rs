//! The binary and real Linux Wi-Fi, in the rig of `tests/wifi/rig`:
//!
//! ```text
//!  esp-prov-rs ── NetworkManager ── wlan3 ))  virtual air  (( hostapd, DHCP, simulate: a device
//!                                                          (( hostapd, DHCP: the home network
//! ```
//!
//! `.ci/run wifi` runs it there, as root.
#![cfg(unix)]
#![allow(clippy::print_stdout, reason = "times are for whoever runs the rig")]

use std::{
    fs,
    io::{BufRead, Read, Write as _},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

use kit::process::{self, Ended, InTime, Said, ToTheEnd};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

const TOOL: &str = env!("CARGO_BIN_EXE_esp-prov-rs");

/// As NetworkManager and hostapd call what belongs to the machine and to the device.
const HOST: &str = "wlan3";
const NAME: &str = "PROV_1234";
const KEY: &str = "ap-passphrase";

/// The emulated processor is slow: what takes 3 s elsewhere may take 15 s.
const PATIENT: [&str; 2] = ["--connect-timeout", "60s"];
const DEVICE: [&str; 2] = ["--pop", "abcd1234"];
const HOME: [&str; 4] = ["--ssid", "Home", "--passphrase", "correct-horse"];

/// There is one air.
static AIR: Mutex<()> = Mutex::new(());

fn shell(script: &str) -> String {
    let output = Command::new("sh").args(["-c", script]).output_in_time();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn until(what: &str, within: u64, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(within);
    while !is_so() {
        assert!(Instant::now() < end, "not within {within} s: {what}");
        sleep(Duration::from_millis(200));
    }
}

fn at(name: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", name]);
    command
}

/// An access point in a network namespace of its own: `board`, `twin`, `third` or `home`.
struct AccessPoint {
    place: &'static str,
    device: &'static str,
    config: String,
    processes: Vec<Child>,
}

impl AccessPoint {
    fn new(place: &'static str, ssid: &str, key: Option<&str>, channel: u8) -> Self {
        let (device, net) = match place {
            "board" => ("wlan0", "192.168.4"),
            "twin" => ("wlan1", "192.168.4"),
            "third" => ("wlan4", "192.168.4"),
            _ => ("wlan2", "10.9.9"),
        };
        let mut config = format!(
            "interface={device}\nssid={ssid}\nhw_mode=g\nctrl_interface=/run/hostapd.{place}\n"
        );
        if let Some(key) = key {
            let wpa = "wpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=";
            config.extend([wpa, key, "\n"]);
        }
        shell(&format!("ip netns exec {place} ip address add {net}.1/24 dev {device}"));
        let mut dhcp = at(place);
        let range = format!("--dhcp-range={net}.2,{net}.20,1h");
        dhcp.args(["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--bind-interfaces"]);
        // As a device, it does not look for 3 s whether somebody has the address already.
        dhcp.args([
            "--no-ping",
            "--port=0",
            "--dhcp-authoritative",
            &range,
            &format!("--interface={device}"),
        ]);
        dhcp.arg(format!("--dhcp-leasefile=/run/{place}.leases"));
        dhcp.stdout(Stdio::null()).stderr(Stdio::null());
        let dhcp = dhcp.spawn().expect("dnsmasq starts");
        let mut one = Self { place, device, config, processes: vec![dhcp] };
        one.begin(channel);
        one
    }

    fn begin(&mut self, channel: u8) {
        let (config, log) =
            (format!("/run/{}.conf", self.place), format!("/run/{}.log", self.place));
        fs::write(&config, format!("{}channel={channel}\n", self.config)).expect("written");
        let out = fs::File::create(&log).expect("a file");
        let hostapd = at(self.place).args(["hostapd", &config]).stdout(out).spawn();
        self.processes.push(hostapd.expect("hostapd starts"));
        until("the access point is up", 30, || {
            fs::read_to_string(&log).is_ok_and(|said| said.contains("AP-ENABLED"))
        });
    }

    /// Takes it off the air.
    fn vanish(&mut self) {
        let mut hostapd = self.processes.pop().expect("it runs");
        let pid = Pid::from_raw(hostapd.id().try_into().expect("a number"));
        kill(pid, Signal::SIGKILL).expect("it runs");
        hostapd.wait_in_time();
        self.sets("down");
    }

    /// A radio that is up sends its beacons without hostapd, too.
    fn sets(&self, state: &str) {
        shell(&format!("ip netns exec {} ip link set {} {state}", self.place, self.device));
    }

    /// Moves to another channel, and tells its clients before (CSA).
    fn moves_to(&self, frequency: u16) {
        let script = format!(
            "hostapd_cli -p /run/hostapd.{} -i wlan0 chan_switch 5 {frequency} 2>&1",
            self.place
        );
        let said = shell(&script);
        assert!(said.contains("OK"), "{said}");
    }

    fn comes_back(&mut self, channel: u8) {
        self.sets("up");
        self.begin(channel);
        shell(&format!(
            "ip netns exec {} ip address replace 192.168.4.1/24 dev {}",
            self.place, self.device
        ));
    }
}

impl Drop for AccessPoint {
    fn drop(&mut self) {
        for mut child in self.processes.drain(..) {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.sets("down");
    }
}

fn simulate(place: &str, settings: &[&str]) -> (Child, Said) {
    let mut command = at(place);
    command.args([TOOL, "simulate", "--listen", "192.168.4.1:80", "--json"]).args(DEVICE);
    let (child, _, said) = process::start(command.args(settings));
    (child, said)
}

/// The machine in its home network, with a wire to somewhere else or without, and a device behind
/// an access point.
struct World {
    board: AccessPoint,
    home: Option<AccessPoint>,
    device: (Child, Said),
    before: String,
    _turn: MutexGuard<'static, ()>,
}

impl World {
    fn new(key: Option<&str>, settings: &[&str]) -> Self {
        let mut world = Self::without_home(key, settings);
        world.home = Some(AccessPoint::new("home", "Home", Some("correct-horse"), 1));
        shell(&format!(
            "nmcli connection add type wifi con-name home ifname {HOST} ssid Home \
             wifi-sec.key-mgmt wpa-psk wifi-sec.psk correct-horse"
        ));
        until("the home network is joined", 60, || {
            shell("nmcli --wait 20 connection up home 2>&1").contains("successfully activated")
        });
        world.before = connections();
        world
    }

    fn without_home(key: Option<&str>, settings: &[&str]) -> Self {
        Self::at("board", NAME, key, settings)
    }

    fn at(place: &'static str, name: &str, key: Option<&str>, settings: &[&str]) -> Self {
        let turn = AIR.lock().unwrap_or_else(PoisonError::into_inner);
        forget_what_was_seen();
        shell("ip route add default via 10.0.2.2 dev eth0");
        let board = AccessPoint::new(place, name, key, 6);
        let device = simulate(place, settings);
        let before = connections();
        Self { board, home: None, device, before, _turn: turn }
    }

    /// Another device behind the same access point.
    fn replaces_the_device(&mut self, settings: &[&str]) {
        self.device.0.kill().expect("it runs");
        self.device.0.wait_in_time();
        self.device = simulate("board", settings);
    }

    /// Without the wire, the home network is the only one.
    fn without_wire(self) -> Self {
        shell("ip route delete default dev eth0");
        self
    }

    /// The machine's connections are what they were.
    #[track_caller]
    fn is_as_before(&self) {
        let mut now = String::new();
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            now = connections();
            if now == self.before {
                return;
            }
            sleep(Duration::from_millis(300));
        }
        assert_eq!(now, self.before);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.device.0.kill();
        let _ = self.device.0.wait();
        shell(&format!(
            "nmcli connection delete home; nmcli device disconnect {HOST}; ip route delete default dev eth0"
        ));
    }
}

/// The kernel remembers access points for 30 s, and the supplicant for minutes, as they were.
fn forget_what_was_seen() {
    // The supplicant would begin one scan after another, and the kernel does one at a time: the
    // second of ours begins when the first has ended. To wait for its end, as `iw scan` does, is a
    // race that `iw` loses on a slow machine.
    let trigger = format!("iw dev {HOST} scan trigger freq 2412 flush 2>&1 && echo begun");
    shell("kill -STOP $(cat /run/supplicant.pid)");
    for what in ["the kernel scans", "the kernel has forgotten"] {
        until(what, 60, || shell(&trigger) == "begun\n");
    }
    shell("kill -CONT $(cat /run/supplicant.pid)");
    let ask = "dbus-send --system --print-reply=literal --dest=fi.w1.wpa_supplicant1";
    let interface = shell(&format!(
        "{ask} /fi/w1/wpa_supplicant1 fi.w1.wpa_supplicant1.GetInterface string:{HOST}"
    ));
    let flush = "fi.w1.wpa_supplicant1.Interface.FlushBSS uint32:0";
    shell(&format!("{ask} {} {flush}", interface.trim()));
}

/// The machine's profiles, those that are active, and its routes.
fn connections() -> String {
    let profiles =
        shell("nmcli -t -f NAME,UUID,DEVICE,STATE connection show | grep -v ^lo: | sort");
    // Not which address it got.
    let routes = shell("ip route show | cut -d' ' -f1,2,3,4,5 | grep -v ' 10.9.9.[0-9]* ' | sort");
    format!("{profiles}{routes}")
}

fn tool(arguments: &[&str]) -> Command {
    let mut command = Command::new(TOOL);
    command.args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(parts: &[&[&str]]) -> Ended {
    tool(&parts.concat()).output_in_time().into()
}

/// What needs an hour is done in full only where it is asked for.
fn times(short: usize, long: usize) -> usize {
    if std::env::var_os("RIG_LONG").is_some_and(|value| !value.is_empty()) { long } else { short }
}

fn provision(access_point: &[&str]) -> Ended {
    run(&[access_point, &DEVICE, &HOME, &PATIENT])
}

/// That of the device, with this passphrase of its access point.
fn label(key: &str) -> String {
    format!(
        r#"{{"ver":"v1","name":"{NAME}","pop":"abcd1234","transport":"softap","password":"{key}"}}"#
    )
}

const WITH_KEY: [&str; 4] = ["--softap", NAME, "--softap-passphrase", KEY];

/// Waits until a run says this.
fn said_by(child: &mut Child, words: &str) -> Said {
    let mut said = Said::by(child);
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert!(said.read_line(&mut line).expect("text") > 0, "it ended before it said {words:?}");
    }
    said
}

/// How a run ends, and the rest of what it says.
fn ends(mut child: Child, mut said: Said) -> (Option<i32>, String) {
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("text");
    (child.wait_in_time().code(), rest)
}

#[test]
#[ignore = "needs the rig"]
fn a_device_is_found_and_provisioned_and_the_network_comes_back() {
    let world = World::new(Some(KEY), &["--join-delay", "3s"]);
    let ran = run(&[&["discover", "--transport", "softap", "--for", "8s", "--json"]]).ends_with(0);
    let last = ran.stdout.lines().last().expect("an event");
    let told: serde_json::Value = serde_json::from_str(last).expect("JSON");
    let devices = told["devices"].as_array().expect("a list");
    assert_eq!(devices.len(), 1, "{told}");
    assert_eq!(devices[0]["name"], NAME);
    assert_eq!((&devices[0]["encryption"], &devices[0]["channel"]), (&"WPA".into(), &6.into()));
    let ran = run(&[&["discover", "--transport", "softap", "--for", "1s", "--all"]]).ends_with(0);
    assert!(ran.stdout.contains("Home") && ran.stdout.contains(NAME), "{}", ran.stdout);
    let ran = run(&[&["doctor", "--transport", "softap"]]).ends_with(0);
    assert!(ran.stdout.contains("wlan3 (in \"Home\")"), "{}", ran.stdout);
    assert!(ran.stdout.contains("keeps its other network"), "{}", ran.stdout);

    let arguments = [&WITH_KEY[..], &DEVICE, &HOME, &PATIENT, &["--json"]].concat();
    let mut child = tool(&arguments).spawn().expect("it starts");
    let said = said_by(&mut child, r#""event":"applied""#);
    // The access point is not the way to anywhere else, and its profile is in memory only.
    let routes = shell("ip route show default");
    assert!(routes.contains("eth0") && !routes.contains(HOST), "{routes}");
    let files = shell("ls /etc/NetworkManager/system-connections");
    assert!(!files.contains(NAME), "{files}");
    let (code, rest) = ends(child, said);
    assert_eq!(code, Some(0), "{rest}");
    world.is_as_before();
}

#[test]
#[ignore = "needs the rig"]
fn an_open_access_point_needs_no_passphrase_and_takes_none() {
    // Not the one that was encrypted a moment ago, which the system remembers.
    let name = "PROV_OPEN";
    let world = World::at("twin", name, None, &["--join-delay", "0"]);
    let ran = provision(&["--softap", name, "--softap-passphrase", KEY]).ends_with(31);
    assert!(ran.stderr.contains("open"), "{}", ran.stderr);
    provision(&["--softap", name]).ends_with(0);
    // The interface was in no network, and is in none.
    world.is_as_before();
}

#[test]
#[ignore = "needs the rig"]
fn what_does_not_fit_is_refused_and_the_network_comes_back() {
    let world = World::new(Some(KEY), &[]);
    let ran = provision(&["--softap", NAME]).ends_with(3);
    assert!(ran.stderr.contains("--softap-passphrase"), "{}", ran.stderr);
    world.is_as_before();
    let ran = provision(&["--softap", NAME, "--softap-passphrase", "wrong-passphrase"]);
    let ran = ran.ends_with(11);
    assert!(ran.stderr.contains("rejects the passphrase"), "{}", ran.stderr);
    world.is_as_before();
    let label = label("wrong-passphrase");
    let ran = run(&[&["--qr", &label], &HOME, &PATIENT]).ends_with(11);
    assert!(ran.stderr.contains("hint: check --softap-passphrase"), "{}", ran.stderr);
    world.is_as_before();
    let ran = run(&[&["--softap", "PROV_9", "--connect-timeout", "5s"], &DEVICE, &HOME]);
    let ran = ran.ends_with(10);
    assert!(ran.stderr.contains("PROV_1234"), "{}", ran.stderr);
    let ran = run(&[&WITH_KEY, &["--interface", "wlan9"], &DEVICE, &HOME]).ends_with(3);
    assert!(ran.stderr.contains("interfaces here: wlan3"), "{}", ran.stderr);
    world.is_as_before();
}

#[test]
#[ignore = "needs the rig"]
fn of_two_with_one_name_one_is_chosen_by_its_bssid() {
    let world = World::without_home(Some(KEY), &["--join-delay", "0"]);
    let twin = AccessPoint::new("twin", NAME, Some(KEY), 11);
    // Until both were heard.
    until("both are heard", 60, || {
        let ran = run(&[&["discover", "--transport", "softap", "--for", "3s"]]);
        ran.stdout.matches(NAME).count() == 2
    });
    let ran = provision(&WITH_KEY).ends_with(3);
    assert!(ran.stderr.contains("02:00:00:00:00:00, 02:00:00:00:01:00"), "{}", ran.stderr);
    provision(&["--softap", "02:00:00:00:00:00", "--softap-passphrase", KEY]).ends_with(0);
    world.is_as_before();
    drop(twin);
}

#[test]
#[ignore = "needs the rig"]
fn an_access_point_that_vanishes_during_the_join_is_joined_again() {
    let mut world = World::new(Some(KEY), &["--join-delay", "20s"]);
    let arguments =
        [&WITH_KEY[..], &DEVICE, &HOME, &PATIENT, &["--json", "--reply-timeout", "5s"]].concat();
    let mut child = tool(&arguments).spawn().expect("it starts");
    let said = said_by(&mut child, r#""event":"applied""#);
    world.board.vanish();
    sleep(Duration::from_secs(10));
    world.board.comes_back(11);
    let (code, rest) = ends(child, said);
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains(r#""event":"retrying""#), "{rest}");
    world.is_as_before();
}

#[test]
#[ignore = "needs the rig"]
fn the_only_network_is_not_taken_unasked() {
    let label = label(KEY);
    let world = World::new(Some(KEY), &["--join-delay", "0"]).without_wire();
    let ran = run(&[&["--qr", &label], &HOME, &PATIENT]).ends_with(3);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    run(&[&["--qr", &label, "--yes"], &HOME, &PATIENT]).ends_with(0);
    shell("ip route add default via 10.0.2.2 dev eth0");
    world.is_as_before();
}

#[test]
#[ignore = "needs the rig"]
fn a_signal_gives_the_network_back() {
    let world = World::new(Some(KEY), &["--join-delay", "1min"]);
    for (signal, words) in [
        (Signal::SIGTERM, r#""event":"joining-access-point""#),
        (Signal::SIGINT, r#""event":"applied""#),
    ] {
        let arguments = [&WITH_KEY[..], &DEVICE, &HOME, &PATIENT, &["--json"]].concat();
        let mut child = tool(&arguments).spawn().expect("it starts");
        let said = said_by(&mut child, words);
        kill(Pid::from_raw(child.id().try_into().expect("a number")), signal).expect("it runs");
        let (code, rest) = ends(child, said);
        assert_eq!(code, Some(130), "{rest}");
        world.is_as_before();
    }
}

/// At moments that no code of ours sees.
#[test]
#[ignore = "needs the rig"]
fn after_a_kill_nothing_is_left() {
    let world = World::new(Some(KEY), &["--join-delay", "1min"]);
    let random = (0..times(0, 10)).map(|_| fastrand::u64(0..8000));
    for after in [500, 2500, 5000].into_iter().chain(random) {
        println!("killed after {after} ms");
        let arguments = [&WITH_KEY[..], &DEVICE, &HOME, &PATIENT, &["--json"]].concat();
        let mut child = tool(&arguments).spawn().expect("it starts");
        let said = said_by(&mut child, r#""event":"joining-access-point""#);
        sleep(Duration::from_millis(after));
        child.kill().expect("it runs");
        child.wait_in_time();
        drop(said);
        world.is_as_before();
    }
    let ran = run(&[&["doctor", "--transport", "softap"]]).ends_with(0);
    assert!(!ran.stdout.contains("Leftovers"), "{}", ran.stdout);
}

/// As after a crash of the bus, for one: nothing but the name of its owner says that it is ours.
#[test]
#[ignore = "needs the rig"]
fn doctor_removes_leftovers() {
    let world = World::without_home(Some(KEY), &[]);
    for (name, owner) in [(NAME, "[user]\nesp-prov-rs.owner=:1.9999\n"), ("mine", "")] {
        let file = format!("/etc/NetworkManager/system-connections/{name}.nmconnection");
        let profile = format!(
            "[connection]\nid=esp-prov-rs {name}\ntype=wifi\nautoconnect=false\n[wifi]\nssid={name}\n{owner}"
        );
        fs::write(&file, profile).expect("written");
        let loaded = shell(&format!("chmod 600 {file}; nmcli connection load {file} 2>&1"));
        assert_eq!(loaded, "");
    }
    let ran = run(&[&["doctor", "--transport", "softap"]]).ends_with(0);
    assert!(ran.stdout.contains(&format!("crashed runs for \"{NAME}\"")), "{}", ran.stdout);
    // What only has such a name is somebody's.
    let left = shell("nmcli -t -f NAME connection show");
    assert!(left.contains("esp-prov-rs mine") && !left.contains(NAME), "{left}");
    shell("nmcli connection delete 'esp-prov-rs mine'");
    world.is_as_before();
}

/// What the device announces, the machine follows.
#[test]
#[ignore = "needs the rig"]
fn an_access_point_that_moves_to_another_channel_during_the_join_is_followed() {
    let world = World::new(Some(KEY), &["--join-delay", "8s"]);
    let arguments =
        [&WITH_KEY[..], &DEVICE, &HOME, &PATIENT, &["--json", "--reply-timeout", "5s"]].concat();
    let mut child = tool(&arguments).spawn().expect("it starts");
    let said = said_by(&mut child, r#""event":"applied""#);
    world.board.moves_to(2462);
    let (code, rest) = ends(child, said);
    assert_eq!(code, Some(0), "{rest}");
    world.is_as_before();
}

/// The MAC address of the access point is one more than that of the station, which is played by the
/// home network's own.
struct StationAtHome;

impl StationAtHome {
    fn new() -> Self {
        Self::set("02:00:00:00:02:01");
        Self
    }

    fn set(address: &str) {
        shell(&format!(
            "ip netns exec board ip link set wlan0 down; \
             ip netns exec board ip link set wlan0 address {address}"
        ));
    }
}

impl Drop for StationAtHome {
    fn drop(&mut self) {
        Self::set("02:00:00:00:00:00");
    }
}

const LOOK: [&str; 3] = ["--verify", "--verify-timeout", "15s"];

#[test]
#[ignore = "needs the rig"]
fn a_device_is_looked_for_on_its_network() {
    let _station = StationAtHome::new();
    let mut world = World::new(Some(KEY), &[]);
    for (ip, code, words) in [
        ("10.9.9.1", 0, "Verified: 10.9.9.1 refuses connections"),
        ("10.9.9.77", 55, "not found: nothing answers at 10.9.9.77"),
        ("172.31.0.9", 0, "not verified: this machine is not on the network of 172.31.0.9"),
    ] {
        world.replaces_the_device(&["--join-delay", "0", "--ip", ip]);
        let ran = run(&[&WITH_KEY, &DEVICE, &HOME, &PATIENT, &LOOK]).ends_with(code);
        assert!(ran.stderr.contains(words), "{ip}: {}", ran.stderr);
        let mac = ran.stderr.contains("(MAC address 02:00:00:00:02:00)");
        assert_eq!(mac, ip == "10.9.9.1", "{}", ran.stderr);
        world.is_as_before();
    }
}

#[test]
#[ignore = "needs the rig"]
fn a_device_that_left_before_it_confirmed_is_found() {
    let _station = StationAtHome::new();
    let world = World::new(Some(KEY), &["--fail", "vanish", "--once"]);
    let quick = ["--connect-timeout", "20s", "--attempts", "2", "--join-timeout", "10s"];
    let search = ["--verify-search", "--json"];
    let ran = run(&[&WITH_KEY, &DEVICE, &HOME, &quick, &LOOK, &search]).ends_with(0);
    let last = ran.stdout.lines().last().expect("an event");
    let told: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!((&told["outcome"], &told["ip"]), (&"verified".into(), &"10.9.9.1".into()), "{last}");
    world.is_as_before();
}

#[test]
#[ignore = "needs the rig"]
fn two_runs_do_not_take_an_interface_from_each_other() {
    let world = World::new(Some(KEY), &["--join-delay", "20s"]);
    let arguments = [&WITH_KEY[..], &DEVICE, &HOME, &PATIENT, &["--json"]].concat();
    let mut child = tool(&arguments).spawn().expect("it starts");
    let said = said_by(&mut child, r#""event":"applied""#);
    let ran = provision(&WITH_KEY);
    assert!(ran.stderr.contains("another run of esp-prov-rs uses wlan3"), "{}", ran.stderr);
    let ran = ran.ends_with(11);
    assert!(ran.stderr.contains("hint: wait until that run ends"), "{}", ran.stderr);
    let (code, rest) = ends(child, said);
    assert_eq!(code, Some(0), "{rest}");
    world.is_as_before();
}

/// A device in this place, until it is dropped.
struct Device {
    _point: AccessPoint,
    child: Child,
    _said: Said,
}

impl Device {
    fn at(place: &'static str, name: &str, channel: u8) -> Self {
        let point = AccessPoint::new(place, name, Some(KEY), channel);
        let (child, said) = simulate(place, &[]);
        Self { _point: point, child, _said: said }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A batch over access points: with these flags, and a roster of three.
fn batch(name: &str, flags: &[&str]) -> Child {
    let roster = format!("/run/{name}.csv");
    fs::write(&roster, "id\nPROV_1234\nPROV_2\nPROV_3\n").expect("written");
    let fixed = ["batch", "--roster", &roster, "--transport", "softap"];
    let key = ["--softap-passphrase", KEY];
    let arguments = [&fixed[..], &key, &DEVICE, &HOME, &PATIENT, flags].concat();
    tool(&arguments).spawn().expect("it starts")
}

fn done(child: Child) {
    let ended: Ended = child.output_in_time().into();
    let ended = ended.ends_with(0);
    assert!(ended.stdout.contains("3 done"), "{} {}", ended.stdout, ended.stderr);
}

/// Once NetworkManager manages the interface, which it does not at first.
#[test]
#[ignore = "needs the rig"]
fn a_batch_provisions_the_devices_of_three_access_points() {
    let world = World::new(Some(KEY), &["--join-delay", "0"]);
    let _others = [Device::at("twin", "PROV_2", 1), Device::at("third", "PROV_3", 11)];
    // Not with `nmcli radio`, which would switch off the devices, too.
    shell(&format!("nmcli device set {HOST} managed no"));
    let mut child = batch("three", &["--json"]);
    let said = said_by(&mut child, r#""event":"adapter-unavailable","adapter":"wifi""#);
    shell(&format!("nmcli device set {HOST} managed yes"));
    let (code, rest) = ends(child, said);
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains(r#""done":3,"#), "{rest}");
    world.is_as_before();
}

/// With two interfaces, of which one is in no network.
#[test]
#[ignore = "needs the rig"]
fn a_batch_with_two_interfaces_works_on_what_appears() {
    let world = World::new(Some(KEY), &["--join-delay", "3s"]);
    shell("ip netns exec spare iw phy phy5 set netns 1");
    until("NetworkManager has the second interface", 30, || {
        shell("nmcli -t -f DEVICE,STATE device").contains("wlan5:disconnected")
    });
    let child = batch("two", &["--interface", "wlan3", "--interface", "wlan5", "--watch"]);
    sleep(Duration::from_secs(5));
    let others = [Device::at("twin", "PROV_2", 1), Device::at("third", "PROV_3", 11)];
    done(child);
    drop(others);
    shell("iw phy phy5 set netns name spare");
    world.is_as_before();
}

/// Answers the questions of a run at a terminal: waits for each of the words, then types.
fn at_a_terminal(arguments: &[&str], answers: &[(&str, &str)]) -> (Option<i32>, String) {
    let quoted = [&[TOOL], arguments].concat().join(" ");
    let mut command = Command::new("script");
    command.args(["-qefc", &quoted, "/dev/null"]).env("TERM", "xterm");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("script starts");
    let (mut stdin, mut stdout) =
        (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let mut shown = String::new();
    for (words, answer) in answers {
        let from = shown.len();
        let mut bytes = [0; 1024];
        while !shown[from..].contains(words) {
            let count = stdout.read(&mut bytes).expect("text");
            assert!(count > 0, "it ended before it asked {words:?}: {shown}");
            shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        // A question reads what comes after it was drawn.
        sleep(Duration::from_millis(500));
        stdin.write_all(answer.as_bytes()).expect("typed");
    }
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).expect("text");
    shown.push_str(&String::from_utf8_lossy(&rest));
    (child.wait_in_time().code(), shown)
}

#[test]
#[ignore = "needs the rig"]
fn a_person_chooses_the_access_point_and_is_asked_before_the_only_network_is_left() {
    const ONLY: &str = "this machine has no network but that of wlan3 until the run ends";
    let world = World::new(Some(KEY), &["--join-delay", "0"]).without_wire();
    let arguments = [&["--transport", "softap"][..], &DEVICE, &HOME, &PATIENT].concat();
    let choice = ("Access point of the device", "PROV_1234\r");
    // The second of two answers is to let it be.
    let (code, shown) = at_a_terminal(&arguments, &[choice, (ONLY, "\x1b[B\r")]);
    assert_eq!(code, Some(130), "{shown}");
    let passphrase = ("Passphrase of the device's access point:", "ap-passphrase\r");
    let (code, shown) = at_a_terminal(&arguments, &[choice, (ONLY, "\r"), passphrase]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains(KEY), "{shown}");
    shell("ip route add default via 10.0.2.2 dev eth0");
    world.is_as_before();
}

#[test]
#[ignore = "needs the rig"]
fn run_after_run_ends_as_the_first() {
    let world = World::new(Some(KEY), &["--join-delay", "0"]);
    for number in 1..=times(2, 20) {
        let began = Instant::now();
        provision(&WITH_KEY).ends_with(0);
        world.is_as_before();
        println!("run {number}: {:.1} s", began.elapsed().as_secs_f64());
    }
}

/// From the start of the program to the moment that this machine is on the access point, beside
/// `nmcli device wifi connect`. Prints both.
#[test]
#[ignore = "needs the rig"]
fn joining_takes_as_long_as_with_nmcli() {
    let world = World::new(Some(KEY), &["--join-delay", "0"]);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..times(2, 5) {
        // Neither has it in sight before.
        forget_what_was_seen();
        let began = Instant::now();
        let arguments = [&WITH_KEY[..], &DEVICE, &HOME, &PATIENT, &["--json"]].concat();
        let mut child = tool(&arguments).spawn().expect("it starts");
        let said = said_by(&mut child, r#""event":"access-point-joined""#);
        ours.push(began.elapsed().as_secs_f64());
        let (code, rest) = ends(child, said);
        assert_eq!(code, Some(0), "{rest}");
        world.is_as_before();

        forget_what_was_seen();
        let began = Instant::now();
        until("nmcli has joined", 90, || {
            let said = shell(&format!(
                "nmcli device wifi rescan ifname {HOST}; \
                 nmcli --wait 60 device wifi connect {NAME} password {KEY} ifname {HOST} 2>&1"
            ));
            said.contains("successfully activated")
        });
        theirs.push(began.elapsed().as_secs_f64());
        shell(&format!("nmcli connection delete {NAME}; nmcli --wait 60 connection up home"));
        world.is_as_before();
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let all = format!("{ours:.1?} s, nmcli {theirs:.1?} s");
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    println!("joined: {all}; {ours:.1} s : {theirs:.1} s = {:.2}", ours / theirs);
    // A run also starts, looks at the machine, and finds the access point by itself.
    assert!(ours < theirs * 2.0 + 3.0, "{all}");
}
