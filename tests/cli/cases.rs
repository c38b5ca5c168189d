//! Inputs that people really have: each file in `cases/` was rebuilt, with invented details, from a
//! public report or from what the program that it names writes.

use std::path::Path;

use crate::run::{Ended, run};

/// In every file that has any.
const SECRETS: [&str; 4] = ["s3cret", "hunter2", "correct-horse", "55aa55aa"];

fn case(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/cases").join(name);
    path.to_str().expect("a path of text").to_owned()
}

fn planned(name: &str) -> Ended {
    run(["batch", "--dry-run", "--no-input", "--transport", "ble", "--roster", &case(name)])
}

/// What a roster says: its exit code, and what is told of it.
#[test]
fn rosters_as_people_have_them() {
    for (name, code, told) in [
        ("20-semicolon-excel-de.csv", 0, "DEV-0002  provision: http://10.77.0.2:80"),
        ("21-sep-line.csv", 0, "DEV-0002  provision: http://10.77.0.2:80"),
        ("22-utf16le.csv", 0, "DEV-0002  provision: http://10.77.0.2:80"),
        ("23-tab.csv", 0, "DEV-0002  provision: http://10.77.0.2:80"),
        ("24-cp1252.csv", 3, "line 2, column 4: not UTF-8; save the table as CSV UTF-8"),
        ("26-case-header.csv", 0, "DEV-0002  provision: http://10.77.0.2:80"),
        ("27-trailing-empty-rows.csv", 0, "2 devices"),
        ("29-rainmaker-values.csv", 3, "ssid: is missing"),
        ("30-excel-text-trick.csv", 0, "1 device"),
        ("31-excel-mangled.csv", 0, "warning: "),
        ("31-excel-mangled.csv", 0, "line 2, column 3: pop: looks like what a spreadsheet makes"),
        ("31-excel-mangled.csv", 0, "line 4, column 3: pop: looks like what a spreadsheet makes"),
        ("33-padded.csv", 0, "network Home"),
        ("38-roster.xlsx", 3, "the file: this is an Excel workbook: save it as CSV UTF-8"),
        ("71-array.json", 0, "2 devices"),
        ("72-array.jsonl", 0, "2 devices"),
        ("73-lines.json", 0, "1 device"),
        ("74-lines.ndjson", 0, "1 device"),
        ("76-ble-mac.csv", 0, "ble:24:0A:C4:11:22:33"),
        ("80-headerless.csv", 3, "line 1: no header line"),
        ("84-bad-quote.csv", 3, "line 2, column 5: text after the closing quote"),
        ("85-shifted.csv", 3, "line 3, column 6: open: yes or no"),
    ] {
        let ended = planned(name);
        let said = ended.stdout + &ended.stderr;
        assert!(ended.code == Some(code) && said.contains(told), "{name}: {told}: {said}");
        let shown = SECRETS.iter().find(|secret| said.contains(**secret));
        assert_eq!(shown, None, "{name}: {said}");
    }
    let ended =
        run(["batch", "--dry-run", "--deny-warnings", "--roster", &case("31-excel-mangled.csv")]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    // Columns of others go with the device.
    let flags = ["--ssid", "Line", "--open", "--roster"];
    let file = case("29-rainmaker-values.csv");
    let ended =
        run(["batch", "--dry-run", "--transport", "ble"].into_iter().chain(flags).chain([&*file]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn logs_and_datasets_as_people_paste_them() {
    for name in ["10-serial-log-arduino.txt", "11-serial-log-idf.txt"] {
        let text = std::fs::read_to_string(case(name)).expect("a log is text");
        for given in [&text, &case(name)] {
            let ended = run(["qr", "--qr", given]);
            assert_eq!(ended.code, Some(0), "{name}: {}", ended.stderr);
            assert!(ended.stdout.contains("\"name\":\"PROV_123456\""), "{}", ended.stdout);
        }
    }
    let file = case("02-chip-hex-prefix.tlvs");
    let ended = run([
        "--service-name",
        "127.0.0.1:1",
        "--pop",
        "x",
        "--dataset-tlvs-file",
        &file,
        "--no-input",
        "--attempts",
        "1",
    ]);
    assert_eq!(ended.code, Some(11), "{}", ended.stderr);
}

#[test]
fn captures_of_telephones_are_read_or_named_with_the_step_that_makes_them_readable() {
    for (name, code, told) in [
        ("52-android.btsnoop.gz", 3, "compressed with gzip; unpack it with `gunzip` first"),
        ("53-bugreport.zip", 3, "FS/data/misc/bluetooth/logs/btsnoop_hci.log"),
        ("54-ios.pklg", 0, "prov-session"),
        ("58-btsnooz.txt", 3, "`btsnooz.py` of Android makes a btsnoop file"),
    ] {
        let ended = run(["decode", &case(name)]);
        let said = ended.stdout + &ended.stderr;
        assert!(ended.code == Some(code) && said.contains(told), "{name}: {said}");
    }
}
