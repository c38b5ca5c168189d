//! Devices that were told to join and do not say how that went: what a batch tells of them, in
//! every place where it does.
#![cfg(unix)]

use std::{
    collections::VecDeque,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use kit::process::{Ended, ToTheEnd};
use serde_json::Value;

use crate::farms::{TOOL, batch, exported, run_batch, standings};

const SET: &str = "08036a00";
const APPLIED: &str = "08057a00";
/// As stock firmware that holds a network.
const NOT_APPLIED: &str = "08057a020805";
/// Trying, four attempts left.
const FOUR_LEFT: &str = "08015a06100162020804";
/// In `Home`, with 192.168.1.57.
const CONNECTED: &str = "08015a185a160a0c3139322e3136382e312e35371a04486f6d652806";

/// What comes back from `prov-config`.
#[derive(Clone, Copy)]
enum Reply {
    Hex(&'static str),
    /// There is no such endpoint.
    Missing,
    /// It leaves for good.
    Gone,
}

/// A device of security 0 over HTTP, whose replies are written down.
fn device(replies: &[Reply]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut replies = VecDeque::from(replies.to_vec());
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            if serve(stream, &mut replies).is_none() {
                return;
            }
        }
    });
    address
}

/// One connection to its end; `None` if the device is gone.
fn serve(mut stream: TcpStream, replies: &mut VecDeque<Reply>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().expect("a copy"));
    loop {
        let (mut line, mut length) = (String::new(), 0);
        reader.read_line(&mut line).ok();
        let Some(path) = line.split(' ').nth(1).map(str::to_owned) else { return Some(()) };
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let header = line.to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        let (status, body) = match path.as_str() {
            "/proto-ver" => (200, br#"{"prov":{"ver":"v1.1","sec_ver":0,"cap":[]}}"#.to_vec()),
            "/prov-session" => (200, hex::decode("52050801aa0100").expect("hex")),
            "/prov-config" => match replies.pop_front().expect("a reply") {
                Reply::Hex(digits) => (200, hex::decode(digits).expect("hex")),
                Reply::Missing => (404, b"none".to_vec()),
                Reply::Gone => return None,
            },
            _ => (404, b"none".to_vec()),
        };
        write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len()).ok();
        stream.write_all(&body).ok();
    }
}

/// A roster with one of each.
fn roster(folder: &Path, devices: &[(&str, SocketAddr)]) -> PathBuf {
    let path = folder.join("roster.csv");
    let lines = devices.iter().map(|(id, at)| format!("{id},http://{at},0,Home,correct-horse\n"));
    let text = format!("id,address,security,ssid,passphrase\n{}", lines.collect::<String>());
    fs::write(&path, text).expect("written");
    path
}

const ONCE: [&str; 4] = ["--attempts", "1", "--retries", "0"];

#[test]
fn a_device_that_was_told_and_does_not_say_how_it_went_is_unconfirmed_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    // It answers nothing sensible now, and is there again for the next run.
    let mute = device(
        &[SET, APPLIED]
            .map(Reply::Hex)
            .into_iter()
            .chain([Reply::Missing])
            .chain([SET, NOT_APPLIED, CONNECTED].map(Reply::Hex))
            .collect::<Vec<_>>(),
    );
    let roster = roster(folder.path(), &[("MUTE", mute)]);
    let results = folder.path().join("results");
    let hook = format!("cat >> {}", results.display());
    let words = "prov-config; the device was told to join, and may have joined";

    let mut told = batch(&roster, &[&ONCE[..], &["--on-result", &hook]].concat());
    let ended = told.until("device-ended");
    let summary = told.until("batch-ended");
    told.ends_with(60);
    let results = fs::read_to_string(&results).expect("a result");
    let result: Value = serde_json::from_str(&results).expect("one result");
    let (standing, attempt) = (&standings(&roster, &[])[0], &exported(&roster, &[])[0]);
    for (place, one) in
        [("event", &ended), ("hook", &result), ("status", standing), ("export", attempt)]
    {
        assert_eq!(
            (&one["state"], &one["exit_code"]),
            (&"unconfirmed".into(), &20.into()),
            "{place}"
        );
        assert_eq!(one["stage"], "join", "{place}");
        let error = one["error"].as_str().expect("words");
        assert!(error.ends_with(words), "{place}: {error}");
    }
    assert_eq!(attempt["outcome"], "unconfirmed");
    assert_eq!((&summary["unconfirmed"], &summary["failed"]), (&1.into(), &0.into()));
    let cause = &summary["causes"][0];
    assert_eq!((&cause["state"], &cause["exit_code"]), (&"unconfirmed".into(), &20.into()));
    let advice = cause["advice"].as_str().expect("words");
    assert!(advice.contains("told to join") && advice.contains("retry --unconfirmed"), "{advice}");

    let status = run_batch("batch status", &roster, &[]).ends_with(0).stdout;
    assert!(status.starts_with("MUTE  unconfirmed  20  join: "), "{status}");
    assert!(status.contains(words), "{status}");
    // The summary in words, of a batch that finds it settled.
    let ran = run_batch("batch", &roster, &[]).ends_with(60);
    let line = "    1 × exit code 20: the device lacks an endpoint, a capability or the wanted \
                version; told to join, and may have joined\n        MUTE\n";
    assert!(ran.stdout.contains(line) && ran.stdout.contains(advice), "{}", ran.stdout);
    assert!(!ran.stdout.contains("look at what it offers"), "{}", ran.stdout);

    run_batch("batch retry --unconfirmed", &roster, &[]).ends_with(0);
    run_batch("batch", &roster, &ONCE).ends_with(0);
    assert_eq!(standings(&roster, &[])[0]["state"], "done");
}

#[test]
fn a_device_that_left_is_told_of_by_what_it_said_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let failing = || {
        let said = [SET, APPLIED, FOUR_LEFT].map(Reply::Hex).into_iter();
        device(&said.chain([Reply::Gone]).collect::<Vec<_>>())
    };
    let silent = || {
        let said = [SET, APPLIED].map(Reply::Hex).into_iter();
        device(&said.chain([Reply::Gone]).collect::<Vec<_>>())
    };
    let roster = roster(folder.path(), &[("FAILING", failing()), ("SILENT", silent())]);
    let ran = run_batch("batch", &roster, &ONCE).ends_with(60);
    let said = "it left before it confirmed; its last report: an attempt failed, 4 left";
    assert!(ran.stdout.contains(&format!("FAILING  unconfirmed  {said}")), "{}", ran.stdout);
    let (doubtful, probable) = ("if they are not there", "it probably joined");
    assert!(ran.stdout.contains(doubtful) && ran.stdout.contains(probable), "{}", ran.stdout);
    let status = run_batch("batch status", &roster, &[]).ends_with(0).stdout;
    assert!(status.contains(&format!("53  join: {said}")), "{status}");

    // The same of one alone.
    let alone = |address: SocketAddr, more: &[&str]| -> Ended {
        let address = address.to_string();
        let words = ["--service-name", &address, "--attempts", "1", "--ssid", "Home"];
        let mut command = Command::new(TOOL);
        command.args(words).args(["--passphrase", "correct-horse"]).args(more);
        Ended::from(command.output_in_time()).ends_with(53)
    };
    let four_left = serde_json::json!({ "state": "connecting", "attempts_remaining": 4 });
    for (address, last) in [(failing(), four_left), (silent(), Value::Null)] {
        let told = alone(address, &["--json"]).stdout;
        let end: Value = serde_json::from_str(told.lines().last().expect("an end")).expect("JSON");
        assert_eq!((&end["outcome"], &end["last"]), (&"unconfirmed".into(), &last));
    }
    for (address, words, hint) in
        [(failing(), "an attempt failed, 4 left", "ask the device with"), (silent(), "", probable)]
    {
        let shown = alone(address, &[]).stderr;
        assert!(shown.contains(words) && shown.contains(hint), "{shown}");
        assert_eq!(shown.contains(probable), hint == probable, "{shown}");
    }
}
