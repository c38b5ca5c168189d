//! What devices, labels, networks, files and ledgers call themselves never drives the terminal,
//! wherever it is shown: in text and in JSON.

#![cfg(unix)]

use std::{
    ffi::OsStr,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::ffi::OsStrExt,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use kit::process::ToTheEnd;
use serde_json::{Value, json};

use crate::run::esp_prov_rs;
use crate::terminal::Terminal;

/// Names, each nasty in its own way.
fn names() -> Vec<Vec<u8>> {
    let texts = [
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\x1b]52;c;ZXZpbA==\x07",
        "\x1b[2J\x1b[H",
        "\x1bc",
        "\x1bP1$r0m\x1b\\",
        "\u{9b}31mC1",
        "\u{9d}52;c;ZXZpbA==\u{9c}",
        "a\u{85}b",
        "good\rbad",
        "good\nerror: bad",
        "\x08\x08\x08back",
        "a\tb\x0b\x0cc",
        "a\0b",
        "a\x7fb",
        "\u{202e}gnp.exe",
        "\u{2066}a\u{2069}\u{200f}",
        "zero\u{200b}\u{200d}\u{2060}width\u{feff}",
        "soft\u{ad}hyphen",
        "\u{e0041}\u{e0042}\u{e007f}tags",
        "line\u{2028}para\u{2029}end",
        "vs\u{fe0f}\u{e0101}",
        "private\u{e000}\u{f0000}",
        "unassigned\u{378}\u{ffff}",
        "\u{3164}\u{115f}filler",
        "\u{301}\u{302}\u{303}\u{304}marks",
        " blanks ",
        "=cmd|' /C calc'!A0",
    ];
    let bytes: [&[u8]; 3] = [b"lone \xed\xa0\x80 surrogate", b"\xff\xfe\x1b[31m", b"\xc2"];
    let texts = texts.iter().map(|text| text.as_bytes().to_vec());
    texts.chain(bytes.iter().map(|bytes| bytes.to_vec())).collect()
}

/// Whether this may not be seen on a terminal. The lists are Unicode's: controls, format
/// characters, and what else is never drawn.
fn is_forbidden(char: char) -> bool {
    matches!(char,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'
        | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{ffff}' | '\u{378}'
        | '\u{e0000}'..='\u{10ffff}')
}

#[track_caller]
fn is_harmless(bytes: &[u8], where_: &str) -> String {
    let text = std::str::from_utf8(bytes);
    let text = text.unwrap_or_else(|error| panic!("{where_}: {error}: {bytes:?}"));
    let bad = text.chars().find(|char| is_forbidden(*char) && *char != '\n');
    assert_eq!(bad, None, "{where_}: {text:?}");
    text.to_owned()
}

/// Runs it and looks at all it writes.
#[track_caller]
fn look(mut command: Command) -> (Option<i32>, String, String) {
    let arguments = format!("{:?}", command.get_args().collect::<Vec<_>>());
    let ended = command.output_in_time();
    let stdout = is_harmless(&ended.stdout, &arguments);
    let stderr = is_harmless(&ended.stderr, &arguments);
    // Bytes in hexadecimal are shown whole.
    let lines = stderr.lines().filter(|line| !line.starts_with("    < "));
    let longest = lines.map(|line| line.chars().count()).max().unwrap_or(0);
    assert!(longest < 2200, "{arguments}: {longest}");
    let code = ended.status.code();
    assert!(!matches!(code, None | Some(1 | 101)), "{arguments}: {code:?} {stderr}");
    (code, stdout, stderr)
}

/// As text, in detail, and as JSON, each line of which is read.
#[track_caller]
fn look_at(arguments: &[&OsStr]) -> Vec<Value> {
    let command = |more: &[&str]| {
        let mut command = esp_prov_rs([]);
        command.args(arguments).args(more);
        command
    };
    look(command(&["-vvv"]));
    let (_, stdout, _) = look(command(&["--json", "-vvv"]));
    stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A device that says one thing, whatever it is asked, with security 0.
struct Device {
    address: SocketAddr,
}

impl Device {
    fn that_says(name: &[u8], manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it has one");
        let name = name.to_vec();
        let joined = Arc::new(AtomicBool::new(manner == Manner::Joined));
        thread::spawn(move || {
            for link in listener.incoming() {
                let (name, joined) = (name.clone(), Arc::clone(&joined));
                thread::spawn(move || {
                    let mut link = link.expect("a connection");
                    while let Some((path, body)) = request(&mut link) {
                        let reply = reply(&path, &body, &name, manner, &joined);
                        if link.write_all(&reply).is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Self { address }
    }

    fn address(&self) -> String {
        self.address.to_string()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// As firmware.
    Usual,
    /// As firmware that was given a network before.
    Joined,
    /// Its version is plain text.
    PlainVersion,
    /// It answers with this HTTP status line.
    Status,
    /// It does not speak HTTP.
    NoHttp,
}

fn request(link: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        link.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?.to_ascii_lowercase();
    let path = head.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let length = head.split("content-length: ").nth(1)?.split('\r').next()?.parse().ok()?;
    let mut body = vec![0; length];
    link.read_exact(&mut body).ok()?;
    Some((path, body))
}

fn reply(path: &str, body: &[u8], name: &[u8], manner: Manner, joined: &AtomicBool) -> Vec<u8> {
    let text = String::from_utf8_lossy(name);
    let version = || {
        json!({
            "prov": { "ver": text, "sec_ver": 0, "cap": ["wifi_scan", "no_sec", "no_pop", text] },
            &*text: { "ver": text, "cap": [text] },
        })
    };
    // The first field says which message it is.
    let message = if body.first() == Some(&8) { body.get(1).copied().unwrap_or(0) } else { 0 };
    let body = match (path, manner) {
        (_, Manner::NoHttp) => return [name, b"\r\n\r\n"].concat(),
        (_, Manner::Status) => {
            return [b"HTTP/1.1 418 ", name, b"\r\nContent-Length: 0\r\n\r\n"].concat();
        }
        ("proto-ver", Manner::Usual | Manner::Joined) => version().to_string().into_bytes(),
        ("prov-session", _) => vec![0x52, 5, 8, 1, 0xaa, 1, 0],
        ("prov-scan", _) => match message {
            0 => payload(1, 11, &[]),
            2 => payload(3, 13, &[number(1, 1), number(2, 2)].concat()),
            _ => payload(5, 15, &bytes(1, &point(&name[..name.len().min(32)]))),
        },
        ("prov-config", _) => match message {
            0 if !joined.load(Ordering::Relaxed) => payload(1, 11, &number(2, 1)),
            0 => {
                let state = [bytes(1, name), bytes(3, &name[..name.len().min(32)]), number(5, 6)];
                payload(1, 11, &bytes(11, &state.concat()))
            }
            message => {
                joined.fetch_or(message == 4, Ordering::Relaxed);
                payload(message + 1, message + 11, &[])
            }
        },
        // An application's, or a version in plain text.
        _ => name.to_vec(),
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), &body].concat()
}

fn point(ssid: &[u8]) -> Vec<u8> {
    [bytes(1, ssid), number(2, 6), bytes(4, &[1, 2, 3, 4, 5, 6]), number(5, 3)].concat()
}

fn payload(message: u8, field: u8, content: &[u8]) -> Vec<u8> {
    [number(1, message.into()), bytes(field, content)].concat()
}

fn number(field: u8, value: usize) -> Vec<u8> {
    [varint(usize::from(field) << 3), varint(value)].concat()
}

fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
    [varint(usize::from(field) << 3 | 2), varint(content.len()), content.to_vec()].concat()
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(u8::try_from(value & 0x7f).expect("7 bits") | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).expect("7 bits"));
    bytes
}

fn os(text: &str) -> &OsStr {
    OsStr::new(text)
}

/// Does it for each name, on two at once.
fn for_each_name(names: Vec<Vec<u8>>, check: fn(&[u8])) {
    let middle = names.len() / 2;
    thread::scope(|scope| {
        for half in [&names[..middle], &names[middle..]] {
            scope.spawn(move || half.iter().for_each(|name| check(name)));
        }
    });
}

#[test]
fn what_a_device_says() {
    let mut names = names();
    names.push([b"\x1b]0;".as_slice(), &[b'x'; 10 << 10]].concat());
    for_each_name(names, |name| {
        let device = Device::that_says(name, Manner::Usual);
        let address = device.address();
        let at = ["--service-name", &address, "--sec-ver", "0"].map(os);
        let told = look_at(&[&[os("info")], &at[..]].concat());
        let text = String::from_utf8_lossy(name);
        let identified = told.iter().find(|event| event["event"] == "identified");
        if let Some(version) = identified.and_then(|event| event["version"].as_str()) {
            assert!(version == text || version.ends_with(" bytes more)"), "{version:?}");
        }
        look_at(&[&[os("scan")], &at[..]].concat());
        let joined = Device::that_says(name, Manner::Joined);
        look_at(&["status", "--sec-ver", "0", "--service-name", &joined.address()].map(os));
        for form in ["auto", "text", "hex"] {
            let send = ["send", "custom-data", "--utf8", "x", "--reply", form].map(os);
            look_at(&[&send, &at[..]].concat());
        }
        let plan = ["--ssid", "Home", "--open", "--custom-data", "x"].map(os);
        let plan = [&plan[..], &["--join-timeout", "100ms", "--timeout", "5s"].map(os)].concat();
        look_at(&[&at, &plan[..]].concat());
        look_at(&[&at, &plan[..], &["--proto-ver", "other"].map(os)].concat());
    });
}

#[test]
fn what_an_answer_says_that_is_not_one() {
    for_each_name(names(), |name| {
        for manner in [Manner::PlainVersion, Manner::Status, Manner::NoHttp] {
            let device = Device::that_says(name, manner);
            let address = device.address();
            let at = ["--service-name", &address, "--pop", "x", "--ssid", "Home", "--open"];
            let policy = ["--attempts", "1", "--timeout", "2s", "--join-timeout", "100ms"];
            look_at(&[at.map(os).as_slice(), &policy.map(os)].concat());
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_console_says() {
    for_each_name(names(), |name| {
        let port = nix::pty::openpty(None, None).expect("a pseudo-terminal");
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&port.slave));
        let path = fs::read_link(path).expect("it has a name");
        let mut console = fs::File::from(port.master);
        let name = name.to_vec();
        thread::spawn(move || {
            let mut line = [0; 1024];
            while let Ok(1..) = console.read(&mut line) {
                let noise = [b"\r\nI (1) ".as_slice(), &name, b"\r\n", &name, b"0a\r\n>> "];
                if console.write_all(&noise.concat()).is_err() {
                    break;
                }
            }
        });
        let at = ["--transport", "console", "--port", path.to_str().expect("ASCII")];
        let policy = ["--attempts", "1", "--reply-timeout", "100ms", "--connect-timeout", "100ms"];
        look_at(&[&["info"], &at[..], &policy].concat().into_iter().map(os).collect::<Vec<_>>());
        drop(port.slave);
    });
}

#[test]
fn what_a_label_says() {
    for_each_name(names(), |name| {
        let text = String::from_utf8_lossy(name);
        for transport in ["softap", "ble"] {
            let label = json!({
                "ver": "v1", "name": text, "username": text, "pop": text, "transport": transport,
            });
            let label = label.to_string();
            look_at(&["qr", "--qr", &label].map(os));
            let at = ["info", "--service-name", "127.0.0.1:9", "--transport", "softap"];
            look_at(&[at.map(os).as_slice(), &["--qr", &label].map(os)].concat());
        }
    });
}

#[test]
fn what_a_command_line_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for name in names().iter().filter(|name| !name.contains(&0)) {
        let name = OsStr::from_bytes(name);
        let path = folder.join(name);
        let path = path.as_os_str();
        for before in [
            &["--ssid", "Home", "--pop-file"][..],
            &["--ssid", "Home", "--passphrase-file"],
            &["--ssid", "Home", "--open", "--trace", "/no/where/x", "--qr"],
            &["decode"],
            &["simulate", "--networks"],
            &["simulate", "--replay"],
            &["batch", "--roster"],
            &["batch", "status", "--ledger"],
            &["batch", "--job"],
            &["send", "custom-data", "--file"],
        ] {
            let before: Vec<_> = before.iter().map(OsStr::new).collect();
            look_at(&[&before[..], &[path]].concat());
        }
        for before in [
            &["--ssid", "Home", "--open", "--service-name"][..],
            &["--open", "--service-name", "127.0.0.1:9", "--bssid", "x", "--ssid"],
            &["--ssid", "Home", "--open", "--transport", "console", "--port"],
            &["--ssid", "Home", "--open", "--service-uuid"],
            &["--ssid-hex"],
            &["--channel", "x", "--ssid"],
            &["--sec-ver"],
            &["--transport"],
            &["--timeout"],
            &["send"],
            &["decode", "00", "--direction", "reply", "--endpoint"],
            &["simulate", "--listen"],
            &[],
        ] {
            let before: Vec<_> = before.iter().map(OsStr::new).collect();
            let mut command = esp_prov_rs(["--no-input"]);
            look({
                command.args(&before).arg(name);
                command
            });
        }
    }
}

#[test]
fn what_a_roster_and_a_ledger_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut lines, mut flawed) = (String::new(), String::new());
    for (number, name) in names().iter().enumerate() {
        let text = String::from_utf8_lossy(name).into_owned();
        let device = Device::that_says(name, Manner::Usual);
        let nobody = format!("127.1.0.{number}:9");
        for (kind, address) in [device.address(), nobody].iter().enumerate() {
            let line = |name: &str| {
                let end = name.char_indices().map(|(at, char)| at + char.len_utf8());
                let end = end.take_while(|end| *end <= 32).last().unwrap_or(0);
                let id = format!("{name}{number}-{kind}");
                json!({
                    "id": id, "address": address, "security": "0", "ssid": &name[..end],
                    "open": "yes",
                })
            };
            flawed += &(line(&text).to_string() + "\n");
            let without_controls = text.replace(char::is_control, "");
            lines += &(line(&without_controls).to_string() + "\n");
        }
    }
    let roster = folder.path().join("flawed.jsonl");
    fs::write(&roster, flawed).expect("a file");
    look_at(&[os("batch"), os("--dry-run"), os("--roster"), roster.as_os_str()]);
    let roster = folder.path().join("lot.jsonl");
    fs::write(&roster, lines).expect("a file");
    let roster = roster.to_str().expect("ASCII");
    let batch = |more: &[&str]| {
        let mut command = esp_prov_rs(["batch"]);
        command.args(more).args(["--roster", roster]);
        look(command)
    };
    let quick =
        ["--retries", "0", "--stop-after", "0", "--attempts", "1", "--join-timeout", "100ms"];
    batch(&["--dry-run"]);
    batch(&["--dry-run", "--json"]);
    let hook = ["--on-result", "cat >> results"];
    batch(&[&quick[..], &["-v"]].concat());
    batch(&["status", "-v"]);
    batch(&["status", "--json"]);
    batch(&["retry", "--failed"]);
    let mut command = esp_prov_rs(["batch", "--roster", roster, "--json", "-v"]);
    command.args(quick).args(hook).current_dir(folder.path());
    let (_, stdout, stderr) = look(command);
    assert!(stdout.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{stderr}");
    if let Ok(results) = fs::read(folder.path().join("results")) {
        is_harmless(&results, "a hook's input");
    }
    let (_, csv, _) = batch(&["export", "--format", "csv"]);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv.as_bytes());
    let mut records = 0;
    for record in reader.records() {
        records += 1;
        for cell in &record.expect("CSV") {
            let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!is_formula || cell.parse::<f64>().is_ok(), "{cell:?}");
        }
    }
    assert!(records >= names().len(), "{csv}");
    assert_eq!(records + 1, csv.lines().count(), "a record is a line");
    let (_, exported, _) = batch(&["export", "--format", "json"]);
    let exported: Value = serde_json::from_str(&exported).expect("JSON");
    assert!(exported.as_array().is_some_and(|attempts| attempts.len() >= records));
}

#[test]
fn what_a_person_is_asked() {
    for_each_name(names(), |name| {
        let device = Device::that_says(name, Manner::Usual);
        let address = device.address();
        let mut terminal = Terminal::run(esp_prov_rs([
            "--service-name",
            &address,
            "--sec-ver",
            "0",
            "--join-timeout",
            "100ms",
            "--color",
            "always",
        ]));
        terminal.until(&["Network (type to filter)"]);
        terminal.answer("");
        // A name with a zero byte is none that can be given.
        if terminal.until(&["Passphrase for", "error"]) == "Passphrase for" {
            terminal.answer("correct-horse");
        }
        let (_, shown) = terminal.end();
        let text = String::from_utf8_lossy(name);
        if text.chars().any(is_forbidden) {
            assert!(!shown.contains(&*text), "{shown:?}");
        }
        // What draws questions, spinners and colours.
        let mut left = String::new();
        let mut parts = shown.split("\x1b[");
        left.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part.find(|char: char| char.is_ascii_alphabetic()).map_or(0, |end| end + 1);
            left.push_str(&part[end..]);
        }
        let bad = left.chars().find(|char| is_forbidden(*char) && !"\r\n".contains(*char));
        assert_eq!(bad, None, "{shown:?}");
    });
}

#[test]
fn what_a_trace_says() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in names() {
        let device = Device::that_says(&name, Manner::Usual);
        let address = device.address();
        let trace = folder.path().join("trace.jsonl");
        let path = trace.to_str().expect("ASCII");
        let run = ["send", "custom-data", "--utf8", "x", "--service-name", &address];
        let more = ["--sec-ver", "0", "--trace", path, "--trace-secrets"];
        let mut command = esp_prov_rs(run.into_iter().chain(more));
        look({
            command.stdin(Stdio::null());
            command
        });
        is_harmless(&fs::read(&trace).expect("a trace"), "a trace");
        look_at(&["decode", path, "--show-secrets"].map(os));
        look_at(&["decode", path].map(os));
    }
}
