//! What people type by mistake, and the words that help them on. Most are from questions in
//! public trackers, from command lines of `esp_prov.py` and other tools, and from slips of hands.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use crate::run::{Simulator, esp_prov_rs, run};
#[cfg(unix)]
use crate::terminal::Terminal;

/// A line, its exit code, and a piece of the answer that helps. Nobody listens where it leads to.
const MISTAKES: &[(&str, u8, &str)] = &[
    // Commands.
    ("scna", 2, "did you mean `scan`?"),
    ("provison", 2, "did you mean `provision`?"),
    ("Scan", 2, "did you mean `scan`?"),
    ("inof", 2, "did you mean `info`?"),
    ("sim", 2, "did you mean `simulate`?"),
    ("statsu --pop abcd1234", 2, "did you mean `status`?"),
    ("batch statsu", 2, "did you mean `batch status`?"),
    ("batch results", 2, "did you mean `batch export`?"),
    ("list", 2, "did you mean `discover`?"),
    ("version", 2, "did you mean `--version`?"),
    ("explain 30", 2, "did you mean `--explain CODE`?"),
    ("help scna", 2, "did you mean `scan`?"),
    ("hunter2-hunter2", 2, "`esp-prov-rs -h` lists them"),
    ("batch devices.csv", 2, "a roster is given with --roster"),
    ("info PROV_1234", 2, "takes the device with --service-name"),
    ("scan 192.168.4.1", 2, "takes the device with --service-name"),
    // Flags.
    ("-s Home", 2, "did you mean --ssid or --service-name?"),
    ("-p hunter2-hunter2", 2, "did you mean --pop or --passphrase or --port?"),
    ("-t ble", 2, "did you mean --transport?"),
    ("-ssid Home", 2, "two hyphens; did you mean --ssid?"),
    ("-sec_ver 1", 2, "two hyphens; did you mean --sec-ver?"),
    ("—ssid Home", 2, "flags begin with two hyphens, here --ssid"),
    ("–passphrase hunter2-hunter2", 2, "flags begin with two hyphens, here --passphrase"),
    ("--SSID Home", 2, "did you mean --ssid?"),
    ("--passphrse hunter2-hunter2", 2, "did you mean --passphrase?"),
    ("--password hunter2-hunter2", 2, "did you mean --passphrase?"),
    ("--psk hunter2-hunter2", 2, "did you mean --passphrase?"),
    ("--wifi Home", 2, "did you mean --ssid?"),
    ("--security 1", 2, "did you mean --sec-ver?"),
    ("--username wifiprov", 2, "did you mean --sec2-username?"),
    ("--host 192.168.4.1", 2, "did you mean --service-name?"),
    ("--softap_endpoint 192.168.4.1:80", 2, "did you mean --service-name?"),
    ("--ble_devname PROV_1234", 2, "did you mean --service-name?"),
    ("--bluetooth", 2, "did you mean --transport ble?"),
    ("--serial", 2, "did you mean --transport console?"),
    ("--baudrate 9600", 2, "did you mean --baud?"),
    ("--roster devices.csv", 2, "`provision` takes no --roster"),
    ("reset --ssid Home", 2, "`reset` takes no --ssid"),
    ("--transport virtual scan", 2, "`esp-prov-rs scan --transport <TRANSPORT>`"),
    ("--pop hunter2-hunter2 info", 2, "`esp-prov-rs info --pop <TEXT>`"),
    ("-v scan", 2, "`esp-prov-rs scan --verbose`"),
    ("--roster devices.csv batch", 2, "`esp-prov-rs batch --roster <FILE>`"),
    ("--hunter2-hunter2 x", 2, "unknown flag"),
    ("send custom-data hello", 3, "must be -, for stdin; give a message with --utf8"),
    ("simulate --once esp-prov-rs --service-name {}", 2, "-- before a command to run"),
    ("qr hunter2-hunter2", 2, "give a code with --qr"),
    ("doctor hunter2-hunter2", 2, "`doctor` takes only flags"),
    ("decode 08 02 62", 2, "put hexadecimal text into quotes"),
    ("batch --roster devices.csv status", 2, "`esp-prov-rs batch status --roster <FILE>`"),
    // Values.
    ("--transport bluetooth", 3, "one of softap (also httpd, http), console, virtual, ble"),
    ("info --transport wifi", 3, "one of softap (also httpd, http), console, virtual, ble"),
    ("--sec_ver 3", 3, "0, 1 or 2"),
    ("--sec_ver one", 3, "0, 1 or 2"),
    ("--timeout ten", 3, "10s, 500ms or 2min, or a number of seconds"),
    ("--attempts 0", 3, "a number from 1 to 100"),
    ("--ssid Home --passphrase short", 3, "8 to 63 bytes"),
    ("--ssid Home --passphrase", 2, "a value is required for '--passphrase <TEXT>'"),
    ("--transport virtual --ssid Home Network --open", 2, "put values with spaces into quotes"),
    ("--ssid Home --open --bssid 24:0a", 3, "such as 24:0a:c4:11:22:33"),
    ("simulate --listen 80", 3, "for example 127.0.0.1:8080"),
    ("simulate --listen 127.0.0.1", 3, "for example 127.0.0.1:8080"),
    ("simulate --transport ble", 3, "one of softap (also httpd, http), console"),
    ("simulate --persona v4", 3, "one of legacy (also idf-v3.2, idf-v4.0), idf-v4.4, idf-v5.0"),
    ("decode zz", 3, "INPUT is a trace (--trace makes one), a capture, or"),
    ("decode 5203a20100", 3, "needs --endpoint and --direction"),
    ("qr --name PROV_1 --transport ble --output label.gif", 3, "use .png, .svg or .txt"),
    ("batch status --roster none.csv", 3, "error: no ledger none.ledger"),
    ("--qr nofile.png", 3, "it takes the text of a QR code"),
    ("--explain 99", 3, "there are 0, 1, 2, 3"),
    ("completions bsh", 3, "one of bash, zsh, fish"),
    #[cfg(unix)]
    ("--ssid Home --passphrase-file /dev/secrets/wifi", 3, "-file /dev/secrets/wifi: No such file"),
    // The device.
    ("--service-name 192.168.4", 3, "an IPv4 address has four numbers"),
    ("--service-name https://192.168.4.1", 3, "plain HTTP, not https"),
    ("--service-name 192.168.4.1:99999", 3, "a number from 1 to 65535"),
    ("--service-name 24:0a:c4:11:22:33", 3, "add `--transport ble`"),
    ("info --service-name PROV_1234", 10, "for a name over Bluetooth add `--transport ble`"),
    ("--service-name=", 3, "or leave the flag out"),
    ("info --transport ble --service-name=", 3, "or leave the flag out"),
    ("--service-name fe80::1", 3, "needs the interface it is at, as in [fe80::1%wlan0]"),
    ("info --transport ble", 3, "`esp-prov-rs discover` lists devices"),
    ("info --transport console", 3, "--port is missing"),
    ("info --transport console --port /dev/ttyNONE", 10, "serial port"),
    ("info --service-name 127.0.0.1:1 --attempts 1", 11, "check address and port"),
    // What is left out.
    ("", 3, "--ssid is missing: give the name of the network"),
    ("--ssid=", 3, "--ssid: an SSID has 1 to 32 bytes; this one has 0"),
    ("--ssid Home", 3, "--passphrase, --passphrase-file or ESP_PROV_PASSPHRASE, or --open"),
    ("--transport virtual --ssid Home --open", 3, "give it with --pop, --pop-file or ESP_PROV_POP"),
    ("batch", 3, "--roster is missing: give the file that lists the devices"),
    ("batch status", 2, "as in `esp-prov-rs batch status --roster roster.csv`"),
    ("batch retry --failed", 2, "as in `esp-prov-rs batch retry --roster roster.csv`"),
    ("batch --roster nofile.csv", 3, "No such file"),
    ("send custom-data", 3, "give --utf8, --hex, --file, or -"),
    ("qr --pop abcd1234", 3, "--name is missing"),
];

#[test]
fn the_answer_to_a_mistake_helps() {
    const AT_ONCE: usize = 4;
    assert!(MISTAKES.len() >= 60);
    let next = AtomicUsize::new(0);
    let told = thread::scope(|scope| {
        let tell = || {
            let mut wrong = Vec::new();
            while let Some((line, code, helps)) = MISTAKES.get(next.fetch_add(1, Ordering::Relaxed))
            {
                let ended = run(line.split_whitespace());
                let is_told = ended.stderr.contains("hunter2");
                if ended.code != Some((*code).into()) || !ended.stderr.contains(helps) || is_told {
                    wrong.push(format!("{line}: {:?}, {}", ended.code, ended.stderr));
                }
            }
            wrong
        };
        let tellers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(tell)).collect();
        tellers.into_iter().flat_map(|one| one.join().expect("it ends")).collect::<Vec<_>>()
    });
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_heard_without_bluetooth_is_laid_to_bluetooth() {
    let mut command = esp_prov_rs(["discover", "--for", "10ms"]);
    command.env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent");
    let ended = crate::run::Process::start(command).end();
    assert_eq!(ended.code, Some(10), "{}", ended.stderr);
    let hint = ended.stderr.lines().find(|line| line.starts_with("  hint: ")).unwrap_or_default();
    assert!(hint.contains("make BLE work on this machine"), "{}", ended.stderr);
    assert!(hint.contains("start D-Bus; in a container"), "{}", ended.stderr);
}

/// Anybody can open a network of any name.
#[cfg(unix)]
#[test]
fn a_passphrase_is_kept_for_a_network_that_a_scan_calls_open() {
    let device = Simulator::start(["--join-delay", "0"]);
    let address = device.address.to_string();
    let words = ["--service-name", &address, "--pop", "abcd1234", "--passphrase", "correct-horse"];
    let words = words.into_iter().chain(["--join-timeout", "100ms"]);
    let mut terminal = Terminal::run(esp_prov_rs(words));
    terminal.until(&["Network (type to filter):"]);
    terminal.answer("Guest");
    terminal.until(&["the device sees the network as open; the passphrase is sent anyway"]);
    // With it, the device does not join.
    assert_eq!(terminal.until(&["error:", "Connected:"]), "error:");
}

#[test]
fn a_device_that_sees_no_network_looks_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let networks = folder.path().join("networks.toml");
    fs::write(&networks, "network = []\n").expect("a file");
    let device = Simulator::start(["--networks", networks.to_str().expect("ASCII")]);
    let address = device.address.to_string();
    let ended = run(["scan", "--pop", "abcd1234", "--service-name", &address]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("The device sees no networks, even in a second scan"));
    let asked = device.process.stop().stdout;
    assert_eq!(asked.matches("ScanWifiStart").count(), 2, "{asked}");
}
