//! `batch report`, of a ledger with all that can become of a device: in each format as a file beside
//! this (`BLESS=1` rewrites them).

use std::{fs, path::Path, process::Command};

use kit::process::ToTheEnd;
use rusqlite::Connection;
use serde_json::Value;

use crate::run::{Ended, run};

/// In place of the moment a report was made.
const MADE: &str = "2026-11-27 08:00";

fn report(folder: &Path, arguments: &[&str]) -> Ended {
    let ledger = folder.join("lot.ledger");
    if !ledger.exists() {
        let content = include_str!("report/ledger.sql");
        Connection::open(&ledger).expect("a database").execute_batch(content).expect("a ledger");
    }
    let ledger = ledger.to_str().expect("text");
    let words = ["batch", "report", "--ledger", ledger];
    run(words.into_iter().chain(arguments.iter().copied()))
}

fn written(folder: &Path, format: &str) -> String {
    let ended = report(folder, &["--format", format]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    // Where and when it was made are of the test.
    let ledger = folder.join("lot.ledger");
    let text = ended.stdout.replace(ledger.to_str().expect("text"), "lot.ledger");
    let begins = [("made <time>", '<'), ("\"made_at\": \"", '"')];
    begins.into_iter().fold(text, |text, (begin, end)| match text.split_once(begin) {
        Some((before, made)) => {
            let (_, rest) = made.split_once(end).expect("its end");
            format!("{before}{begin}{MADE}{end}{rest}")
        }
        None => text,
    })
}

fn is_as_kept(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/report").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, text).expect("written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    for (line, kept) in text.lines().zip(kept.lines()) {
        assert_eq!(line, kept, "{name}");
    }
    assert_eq!(text.lines().count(), kept.lines().count(), "{name}");
}

#[test]
fn a_report_is_in_each_format_what_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    for (format, name) in [
        ("html", "page.html"),
        ("csv", "table.csv"),
        ("json", "report.json"),
        ("junit", "cases.xml"),
    ] {
        let text = written(folder.path(), format);
        let is_markup = ["html", "junit"].contains(&format);
        let is_raw = text.contains("\u{202e}") || is_markup && text.contains("<script");
        assert!(!is_raw, "{text}");
        is_as_kept(name, &text);
    }
}

/// As the ledger has them, counted by hand.
#[test]
fn its_numbers_are_those_of_the_ledger() {
    let folder = tempfile::tempdir().expect("a folder");
    let parsed = |arguments: &[&str]| -> Value {
        let ended = report(folder.path(), &[&["--format", "json"], arguments].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        serde_json::from_str(&ended.stdout).expect("JSON")
    };
    let all = parsed(&[]);
    for (member, number) in [
        ("units", 17),
        ("done", 10),
        // One was tried again; what was interrupted was not its fault.
        ("first_pass", 9),
        ("failed", 5),
        ("unconfirmed", 1),
        ("unfinished", 1),
        ("attempts", 20),
        ("interrupted", 1),
        ("retried", 3),
    ] {
        assert_eq!(all[member], number, "{member}");
    }
    assert_eq!((&all["yield"], &all["first_pass_yield"]), (&0.625.into(), &0.5625.into()));
    let causes: Vec<_> = all["causes"].as_array().expect("a list").iter().collect();
    let short: Vec<_> = causes
        .iter()
        .map(|one| [&one["exit_code"], &one["units"], &one["attempts"]].map(Value::as_u64))
        .collect();
    let of = |numbers: [u64; 3]| numbers.map(Some);
    assert_eq!(short, [[30, 3, 3], [10, 1, 2], [50, 1, 1], [53, 1, 1], [12, 0, 2]].map(of));
    assert_eq!(causes[0]["errors"][0], "proof: the device rejects the proof of possession");
    // A period has the attempts that ended in it.
    let early = parsed(&["--until", "2026-11-26 07:00"]);
    assert_eq!((&early["units"], &early["yield"]), (&8.into(), &1.0.into()));
    let late = parsed(&["--since", "2026-11-26T08:00", "--until", "2026-11-27"]);
    assert_eq!((&late["units"], &late["done"]), (&7.into(), &0.into()));
    assert_eq!(parsed(&["--since", "1h"])["units"], 0);
    let by_note = parsed(&["--by-label", "note"]);
    let notes = by_note["groups"].as_array().expect("a list").iter();
    let notes: Vec<_> = notes.filter(|one| one["by"] == "note").map(|one| &one["units"]).collect();
    assert_eq!(notes, [16, 1]);
    let ended = report(folder.path(), &["--by-label", "lots"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("no device of the report has such a label"), "{}", ended.stderr);
}

/// By a parser of its own.
#[test]
fn junit_is_xml_with_a_case_for_each_device() {
    use xml::reader::{EventReader, XmlEvent};
    let folder = tempfile::tempdir().expect("a folder");
    let text = written(folder.path(), "junit");
    let (mut cases, mut tags) = (Vec::new(), Vec::new());
    for event in EventReader::new(text.as_bytes()) {
        if let XmlEvent::StartElement { name, attributes, .. } = event.expect("well-formed") {
            let of = |name: &str| {
                let mut all = attributes.iter();
                all.find(|one| one.name.local_name == name).map(|one| one.value.clone())
            };
            match &*name.local_name {
                "testcase" => cases.push(of("name").expect("a name")),
                tag @ ("failure" | "error" | "skipped") => tags.push(tag.to_owned()),
                "testsuite" => {
                    let counts = ["tests", "failures", "errors", "skipped"].map(of);
                    assert_eq!(counts.map(Option::unwrap), ["17", "5", "1", "1"]);
                }
                _ => {}
            }
        }
    }
    assert_eq!((cases.len(), tags.len()), (17, 7), "{cases:?} {tags:?}");
    assert!(cases.contains(&"=cmd|'/C calc'!A0".to_owned()));
}

/// In a browser, which is asked for what it would print: pages of A4, and nothing loaded.
#[test]
#[ignore = "needs chromium: apt-get install chromium"]
fn a_browser_prints_it_on_a4_and_loads_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let page = at("page.html");
    let ended = report(folder.path(), &["--output", page.to_str().expect("text")]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let pdf = at("page.pdf");
    let log = at("net.json");
    let browse = |more: &[String]| {
        let mut browser = Command::new("chromium");
        browser.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-extensions",
            "--disable-component-update",
            "--disable-background-networking",
        ]);
        browser.arg(format!("--user-data-dir={}", at("profile").display()));
        browser.args(more).arg(format!("file://{}", page.display()));
        let ended = browser.output_in_time();
        assert!(ended.status.success(), "{ended:?}");
    };
    browse(&[
        format!("--print-to-pdf={}", pdf.display()),
        "--no-pdf-header-footer".to_owned(),
        format!("--log-net-log={}", log.display()),
    ]);
    let pdf = fs::read(&pdf).expect("a PDF");
    let pdf = String::from_utf8_lossy(&pdf);
    let boxes: Vec<_> = pdf.match_indices("/MediaBox").map(|(at, _)| &pdf[at..at + 40]).collect();
    assert!(!boxes.is_empty() && boxes.len() <= 4, "{boxes:?}");
    for one in boxes {
        let numbers: Vec<f64> = one
            .split(|char: char| !char.is_ascii_digit() && char != '.')
            .filter_map(|word| word.parse().ok())
            .collect();
        // In points, of 1/72 inch.
        assert!((numbers[2] - 595.0).abs() < 1.5 && (numbers[3] - 842.0).abs() < 1.5, "{one}");
    }
    let net = fs::read_to_string(&log).expect("a log");
    let asked = net.split("\"url\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    // The browser asks its maker.
    let its_own = [".google", ".gvt1."];
    let is_of_page = |url: &&str| !its_own.iter().any(|own| url.contains(own));
    let asked = asked.filter(|url| url.starts_with("http")).filter(is_of_page);
    assert_eq!(asked.collect::<Vec<_>>(), [""; 0]);
    if let Some(to) = std::env::var_os("REPORT_PICTURES") {
        fs::create_dir_all(&to).expect("a folder");
        fs::copy(at("page.pdf"), Path::new(&to).join("page.pdf")).expect("copied");
    }
}
