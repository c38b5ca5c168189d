//! No output is written over what the same command line reads.
#![cfg(unix)]

use std::{collections::BTreeMap, fs, os::unix::fs::symlink, path::Path};

use tempfile::TempDir;

use crate::run::{Ended, Process, shell};

/// Nobody listens there.
const ROSTER: &str = "id,address,pop,ssid,open\nlot,http://127.0.0.1:1,abcd1234,Home,yes\n";

const HOME: &str = "esp-prov-rs --transport virtual --no-input --ssid Home";
const SEND: &str = "esp-prov-rs send custom-data --transport virtual --pop abcd1234";

/// A folder with a roster, its ledger, and what else flags give.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let label = r#"{"ver":"v1","name":"PROV_1","pop":"abcd1234","transport":"ble"}"#;
    for (name, text) in [
        ("lot.csv", ROSTER),
        ("pop", "abcd1234\n"),
        ("wifi", "correct-horse\n"),
        ("key", "00112233445566778899aabbccddeeff\n"),
        ("tlvs", "0e080000000000010000\n"),
        ("msg", "hello"),
        ("label", label),
        ("pwd.salt", "abcd1234\n"),
        ("dev.verifier", "abcdefgh"),
        ("dev.salt", "abcdefgh"),
        ("job.toml", "open = true\n"),
        ("networks.toml", "[[network]]\nssid = \"Home\"\n"),
        ("lot.jsonl", "{\"id\":\"lot\",\"address\":\"http://127.0.0.1:1\",\"pop\":\"abcd1234\"}\n"),
    ] {
        fs::write(at(name), text).expect("written");
    }
    symlink("pop", at("link")).expect("a link");
    fs::hard_link(at("pop"), at("hard")).expect("a link");
    let ended = end("esp-prov-rs batch --roster lot.csv --retries 0", folder.path());
    assert_eq!(ended.code, Some(60), "{}", ended.stderr);
    assert!(at("lot.ledger").exists());
    folder
}

fn end(line: &str, folder: &Path) -> Ended {
    Process::start(shell(line, folder)).end()
}

/// Every file and what is in it.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let content = |entry: &fs::DirEntry| fs::read(entry.path()).unwrap_or_default();
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), content(&entry)))
        .collect()
}

/// Lines, the flag of each that would write, and the one whose file it would replace: they are
/// refused before anything is written.
fn refuses(cases: &[(String, &str, &str)]) {
    let folder = folder();
    let before = contents(folder.path());
    let mut wrong = Vec::new();
    for (line, output, input) in cases {
        let ended = end(line, folder.path());
        let now = contents(folder.path());
        let words = format!(": would replace the file of {input}");
        let says = ended.stderr.contains(&format!("error: {output}"))
            && ended.stderr.contains(&words)
            && ended.stdout.is_empty();
        if ended.code != Some(3) || !says || now != before {
            wrong.push(format!("{line}\n  {:?} {}{}", ended.code, ended.stdout, ended.stderr));
        }
        // For the next.
        for name in now.keys().filter(|name| !before.contains_key(*name)) {
            let path = folder.path().join(name);
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
        }
        for (name, bytes) in before.iter().filter(|(name, bytes)| now.get(*name) != Some(bytes)) {
            fs::write(folder.path().join(name), bytes).expect("written");
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_batch_spares_its_roster_its_ledger_and_what_belongs_to_it() {
    let batch = "esp-prov-rs batch --retries 0 --ssid Home --open";
    let export = "esp-prov-rs batch export";
    refuses(&[
        (format!("{export} --roster lot.csv --output lot.ledger"), "--output", "--roster (its"),
        (format!("{export} --roster lot.csv --output lot.csv"), "--output", "--roster"),
        (format!("{export} --ledger lot.ledger --output lot.ledger"), "--output", "--ledger"),
        (format!("{export} --ledger lot.ledger --output lot.ledger-wal"), "--output", "--ledger"),
        (format!("{export} --ledger lot.ledger --output lot.ledger-shm"), "--output", "--ledger"),
        (
            format!("{export} --ledger lot.ledger --output ./lot.ledger-station"),
            "--output",
            "--ledger",
        ),
        (format!("{export} --ledger lot.ledger --roster lot.csv --output lot.csv"), "", "--roster"),
        (format!("{batch} --roster lot.csv --ledger new --trace new"), "--trace", "--ledger"),
        (format!("{batch} --roster lot.jsonl --ledger new --trace ."), "--trace", "--roster"),
        (format!("{batch} --roster lot.csv --ledger lot.jsonl --trace ."), "", "--ledger"),
    ]);
}

#[test]
fn a_trace_spares_what_secrets_and_messages_are_read_from() {
    let thread = "esp-prov-rs --transport virtual --no-input --pop abcd1234";
    refuses(&[
        (
            format!("{HOME} --passphrase correct-horse --pop-file pop --trace pop"),
            "--trace",
            "--pop-file",
        ),
        (
            format!("{HOME} --passphrase correct-horse --pop-file link --trace pop"),
            "--trace",
            "--pop-file",
        ),
        (
            format!("{HOME} --passphrase correct-horse --pop-file pop --trace hard"),
            "--trace",
            "--pop-file",
        ),
        (
            format!("{HOME} --passphrase correct-horse --pop-file - --trace pop <pop"),
            "--trace",
            "--pop-file",
        ),
        (format!("{HOME} --passphrase correct-horse --qr label --trace label"), "--trace", "--qr"),
        (
            format!("{HOME} --pop abcd1234 --passphrase-file wifi --trace wifi"),
            "--trace",
            "--passphrase-file",
        ),
        (
            format!(
                "{HOME} --passphrase correct-horse --sec2-username u --sec2-pwd-file pwd.salt --trace pwd.salt"
            ),
            "--trace",
            "--sec2-pwd-file",
        ),
        (
            format!("{thread} --dataset-tlvs-file tlvs --trace tlvs"),
            "--trace",
            "--dataset-tlvs-file",
        ),
        (
            format!("{thread} --thread-network T --network-key-file key --trace key"),
            "--trace",
            "--network-key-file",
        ),
        (
            "esp-prov-rs status --transport virtual --pop-file pop --trace pop".to_owned(),
            "--trace",
            "--pop-file",
        ),
        (format!("{SEND} --utf8 x --file msg --trace msg"), "--trace", "--file"),
        (format!("{SEND} --utf8 x --trace new --output new"), "", "--trace"),
    ]);
}

#[test]
fn what_is_made_or_answered_spares_what_it_is_made_of() {
    let farm = "esp-prov-rs simulate --count 1 --listen 127.0.0.1:0";
    let qr = "esp-prov-rs qr --name PROV_1 --transport ble";
    refuses(&[
        (format!("{SEND} --file msg --output msg"), "--output", "--file"),
        (format!("{SEND} - --output msg <msg"), "--output", "-"),
        (format!("{qr} --pop-file pop --output pop"), "--output", "--pop-file"),
        (
            format!("{qr} --sec2-username u --sec2-pwd-file pwd.salt --output pwd.salt"),
            "--output",
            "--sec2-pwd-file",
        ),
        ("esp-prov-rs qr --qr label --output ./label".to_owned(), "--output", "--qr"),
        (
            "esp-prov-rs sec2-credentials --sec2-username u --sec2-pwd-file pwd.salt --format raw \
             --output pwd"
                .to_owned(),
            "--output",
            "--sec2-pwd-file",
        ),
        (
            "esp-prov-rs secrets --serials lot.csv --transport ble --sec-ver 1 --output lot.csv"
                .to_owned(),
            "--output",
            "--serials",
        ),
        (
            format!("{farm} --networks networks.toml --roster networks.toml"),
            "--roster",
            "--networks",
        ),
        (
            format!("{farm} --sec-ver 2 --sec2-verifier dev --roster dev.verifier"),
            "--roster",
            "--sec2-verifier",
        ),
    ]);
}

#[test]
fn an_output_beside_what_is_read_is_written() {
    let folder = folder();
    for (line, made) in [
        ("esp-prov-rs batch export --roster lot.csv --output new.csv", "new.csv"),
        ("esp-prov-rs batch report --roster lot.csv --output new.html", "new.html"),
        ("esp-prov-rs qr --qr label --output new", "new"),
        (
            "esp-prov-rs sec2-credentials --sec2-username u --sec2-pwd-file pwd.salt --format raw \
             --output new",
            "new.verifier",
        ),
        (
            "esp-prov-rs send custom-data --transport virtual --pop-file pop --file msg \
             --trace new.trace --output new.reply",
            "new.reply",
        ),
    ] {
        let ended = end(line, folder.path());
        assert_eq!(ended.code, Some(0), "{line}: {}", ended.stderr);
        assert!(folder.path().join(made).exists(), "{line}");
    }
    let line = format!("{SEND} --file /dev/null --output /dev/null");
    assert!(!end(&line, folder.path()).stderr.contains("would replace"), "nothing is lost there");
}
