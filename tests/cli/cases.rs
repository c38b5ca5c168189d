//! Inputs that people really have: each file in `cases/` was rebuilt, with invented details, from a
//! public report or from what the program that it names writes. [`ROWS`] lists them all, with the
//! tests that hold them.

use std::{collections::BTreeSet, fs, io::Write, path::Path, process::Stdio};

use serde_json::Value;

use crate::run::{Ended, Process, esp_prov_rs, run};

const CASES: &str = "tests/cli/cases.rs";
const ROSTERS: &str = "crates/esp-prov-batch/src/roster/tests.rs";
const PLANTED: &str = "tests/cli/planted.rs";
const EXIT_CODES: &str = "tests/cli/exit_codes.rs";
const LISTENER: &str = "protocomm/src/console/listener.rs";
const PROMPTS: &str = "tests/cli/prompts.rs";
const AWKWARD: &str = "tests/flows/awkward.rs";

/// Each input, a file in `cases/` or not, and its tests: where each is, and its name.
const ROWS: &[(&str, &[(&str, &str)])] = &[
    (
        "80-headerless.csv, 71-array.json, 73-lines.json, 74-lines.ndjson, 85-shifted.csv",
        &[
            (CASES, "rosters_as_people_have_them"),
            (ROSTERS, "no_flaw_has_text_of_the_file"),
            (PLANTED, "no_mistake_of_a_roster_shows_a_cell"),
        ],
    ),
    (
        "a stray `\"` at the head of a CSV",
        &[(ROSTERS, "a_file_of_another_kind_is_named_as_what_it_is")],
    ),
    ("72-array.jsonl", &[(CASES, "rosters_as_people_have_them")]),
    (
        "20-semicolon-excel-de.csv, 21-sep-line.csv, 23-tab.csv",
        &[(CASES, "rosters_as_people_have_them"), (ROSTERS, "tables_of_spreadsheets_are_read")],
    ),
    ("22-utf16le.csv, 24-cp1252.csv", &[(CASES, "rosters_as_people_have_them")]),
    ("26-case-header.csv", &[(CASES, "rosters_as_people_have_them")]),
    ("27-trailing-empty-rows.csv", &[(CASES, "rosters_as_people_have_them")]),
    (
        "33-padded.csv",
        &[
            (CASES, "rosters_as_people_have_them"),
            (
                "crates/esp-prov-input/src/table.rs",
                "blanks_around_a_field_are_told_unless_they_are_quoted",
            ),
        ],
    ),
    (
        "30-excel-text-trick.csv, 31-excel-mangled.csv, 84-bad-quote.csv",
        &[
            (CASES, "rosters_as_people_have_them"),
            (CASES, "what_a_roster_may_not_mean_is_an_event"),
            (ROSTERS, "what_a_spreadsheet_has_mangled_is_warned_about_and_never_shown"),
        ],
    ),
    ("38-roster.xlsx", &[(CASES, "rosters_as_people_have_them")]),
    (
        "29-rainmaker-values.csv",
        &[
            (CASES, "rosters_as_people_have_them"),
            (ROSTERS, "columns_of_others_are_labels_unless_they_may_hold_a_secret"),
        ],
    ),
    ("76-ble-mac.csv", &[(CASES, "rosters_as_people_have_them")]),
    (
        "02-chip-hex-prefix.tlvs",
        &[
            (CASES, "logs_and_datasets_as_people_paste_them"),
            ("crates/esp-prov-input/src/hexadecimal.rs", "hexadecimal_is_taken_as_it_is_found"),
        ],
    ),
    (
        "10-serial-log-arduino.txt, 11-serial-log-idf.txt as `--qr` (text, file, stdin)",
        &[(CASES, "logs_and_datasets_as_people_paste_them")],
    ),
    (
        "labels with `\"ver\":\"v2\"`, without `ver`, with a numeric `pop`, single or curly quotes; \
         DPP, Matter or Wi-Fi codes",
        &[(CASES, "labels_as_people_have_them")],
    ),
    (
        "40-curly-networks.toml with `--ssid \"Zach's iPhone\"` and `--ssid Home`",
        &[
            (PROMPTS, "a_name_that_is_nearly_right_is_shown_where_the_network_is_not_found"),
            (PROMPTS, "a_name_that_is_typed_for_one_in_the_list_is_taken_for_it"),
        ],
    ),
    (
        "52-android.btsnoop.gz, 53-bugreport.zip, 54-ios.pklg, 58-btsnooz.txt",
        &[(
            CASES,
            "captures_of_telephones_are_read_or_named_with_the_step_that_makes_them_readable",
        )],
    ),
    (
        "console firmware whose reply is cut by a log line of the new ESP-IDF formats \
         (`I (24-11-05 12:34:56.789) wifi: …`, `I wifi: …`), of Arduino \
         (`[ 23458][D][WiFiGeneric.cpp:929] …`) or by a plain `printf`",
        &[
            (LISTENER, "log_lines_may_cut_anything"),
            (LISTENER, "a_part_of_a_reply_is_never_taken_for_the_whole"),
            (LISTENER, "a_reply_that_a_log_line_without_an_end_cuts_is_asked_for_again"),
            ("tests/flows/console.rs", "a_reply_that_is_cut_is_joined_or_asked_for_again"),
        ],
    ),
    (
        "`--custom-data` of 5,000 bytes; `send --file` of 4,090 bytes under security 2",
        &[
            (EXIT_CODES, "what_no_device_takes_is_refused_before_anything_is_sent"),
            (
                EXIT_CODES,
                "what_does_not_fit_under_the_devices_scheme_is_refused_once_and_before_the_handshake",
            ),
        ],
    ),
    (
        "a first scan without any network",
        &[("tests/cli/mistakes.rs", "a_device_that_sees_no_network_looks_again")],
    ),
    (
        "proto-ver JSON with a trailing NUL or a BOM",
        &[("protocomm/src/capabilities.rs", "what_surrounds_an_answer_is_no_part_of_it")],
    ),
    (
        "status replies that do not decode after apply, while the device goes on answering",
        &[
            (AWKWARD, "a_device_that_answers_nonsense_after_apply_has_not_left"),
            (AWKWARD, "connected_to_another_network_or_to_none_is_no_success"),
        ],
    ),
    (
        "a passphrase of 5 or 13 characters for a network the scan calls WEP; an enterprise network \
         chosen from the list",
        &[("src/cli/prompt.rs", "networks_that_no_passphrase_opens_are_refused_with_the_reason")],
    ),
    (
        "scan table with `WPA2_ENTERPRISE` and SSIDs with outer blanks",
        &[("src/report/words.rs", "networks_of_any_kind_and_band_stand_in_one_column")],
    ),
];

/// The list that the rows were taken from is not published; they are compared where it is.
#[test]
fn every_row_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (row, tests) in ROWS {
        assert!(!tests.is_empty(), "{row}");
        for (file, name) in *tests {
            let source = fs::read_to_string(root.join(file)).expect(file);
            let mut lines = source.lines().map(str::trim);
            let is_it =
                |line: &str| line.trim_start_matches("async ").starts_with(&format!("fn {name}("));
            let above = lines.by_ref().take_while(|line| !is_it(line)).last().expect(name);
            assert!(above.starts_with("#[") && above.contains("test"), "{file}: {name}");
        }
    }

    let files = fs::read_dir(root.join("tests/cli/cases")).expect("a folder");
    for file in files {
        let file = file.expect("an entry").file_name().into_string().expect("ASCII");
        let tests =
            ROWS.iter().filter(|(row, _)| row.contains(&file)).flat_map(|(_, tests)| *tests);
        let tried = |path: &str| {
            let source = fs::read_to_string(root.join(path)).expect(path);
            // Not in the rows above.
            let (_, tests) = source.split_once("fn every_row").unwrap_or(("", &source));
            tests.contains(&format!("\"{file}\""))
        };
        let mut tests = tests.map(|(path, _)| *path);
        assert!(tests.any(tried), "{file}");
    }

    let list = root.ancestors().map(|folder| folder.join("shared/cases/CASES.md"));
    if let Some(list) = list.into_iter().find(|list| list.exists()) {
        let list = fs::read_to_string(list).expect("text");
        let rows = list.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
        let listed: BTreeSet<_> = rows.filter(|row| !row.starts_with("---")).skip(1).collect();
        assert_eq!(ROWS.iter().map(|(row, _)| *row).collect::<BTreeSet<_>>(), listed);
    }
}

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
        let text = fs::read_to_string(case(name)).expect("a log is text");
        for given in [&text, &case(name)] {
            let ended = run(["qr", "--qr", given]);
            assert_eq!(ended.code, Some(0), "{name}: {}", ended.stderr);
            assert!(ended.stdout.contains("\"name\":\"PROV_123456\""), "{}", ended.stdout);
        }
        let mut command = esp_prov_rs(["qr", "--qr", "-"]);
        command.stdin(Stdio::piped());
        let (process, mut stdin) = Process::with_stdin(command);
        stdin.write_all(text.as_bytes()).expect("it reads");
        drop(stdin);
        let ended = process.end();
        assert!(ended.stdout.contains("\"name\":\"PROV_123456\""), "{}", ended.stderr);
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

#[test]
fn labels_as_people_have_them() {
    for (label, code, told) in [
        (r#"{"ver":"v2","name":"PROV_1","pop":"abcd","transport":"ble"}"#, 0, "\"pop\":\"abcd\""),
        (r#"{"name":"PROV_1","pop":"abcd","transport":"ble"}"#, 0, "\"pop\":\"abcd\""),
        (r#"{"ver":"v1","name":"PROV_1","pop":1234,"transport":"ble"}"#, 0, "\"pop\":\"1234\""),
        ("{'ver':'v1','name':'PROV_1','pop':'abcd','transport':'BLE'}", 0, "\"pop\":\"abcd\""),
        ("{“ver”:“v1”,“name”:“PROV_1”,“pop”:“abcd”,“transport”:“ble”}", 0, "\"pop\":\"abcd\""),
        ("DPP:C:81/6;K:s3cret;;", 3, "a QR code for Wi-Fi Easy Connect (DPP)"),
        ("MT:s3cret", 3, "a Matter setup code"),
        ("WIFI:S:Home;T:WPA;P:s3cret;;", 3, "the QR code of a Wi-Fi network"),
    ] {
        let ended = run(["qr", "--qr", label, "--format", "text"]);
        let said = ended.stdout + &ended.stderr;
        assert!(ended.code == Some(code) && said.contains(told), "{label}: {said}");
        assert!(!said.contains("s3cret"), "{said}");
    }
}

/// Each is refused before a device is looked for.
#[test]
fn what_nobody_types_is_refused_by_name_and_place() {
    const LABEL: &str =
        r#"{"ver":"v1","name":"P","pop":"hunter2\u0007","transport":"softap","username":"u"}"#;
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path.to_str().expect("ASCII").to_owned()
    };
    let lines = file("lines.txt", "hunter2-hunter2\nhunter2\n");
    let roster = file("roster.csv", "id,address\nA,127.0.0.1:1\n");
    let job = file("job.toml", "ssid = \"Li\\tne\"\nopen = true\n");
    let device = ["--no-input", "--service-name", "127.0.0.1:1"];
    let home = ["--ssid", "Home", "--open"];
    let wifi = ["--pop", "abcd1234", "--ssid", "Home"];
    let batch = ["batch", "--dry-run", "--roster", &roster];
    for (words, variable, told) in [
        (
            [&device[..], &home, &["--pop", "hunter2\r"]].concat(),
            None,
            "--pop: contains a carriage return, as line ends of Windows do",
        ),
        (
            [&device[..], &home, &["--pop-file", &lines]].concat(),
            None,
            "lines.txt: contains a line break, as a file or a cell of several lines does",
        ),
        (
            [&device[..], &home, &["--sec2-username", "hun\ter2", "--sec2-pwd", "x"]].concat(),
            None,
            "--sec2-username: contains a tab",
        ),
        (
            [&device[..], &home, &["--sec2-username", "u", "--sec2-pwd", "hunter2\x7f"]].concat(),
            None,
            "--sec2-pwd: contains a backspace",
        ),
        (
            [&device[..], &["--pop", "x", "--open", "--ssid", "Ho\x1b[Dme"]].concat(),
            None,
            "--ssid: contains an escape character, as arrow keys and copied colours do; remove it, \
             or give such a name with --ssid-hex",
        ),
        (
            [&device[..], &wifi].concat(),
            Some("hunter2\nhunter2"),
            "ESP_PROV_PASSPHRASE: contains a line break",
        ),
        (
            [&device[..], &home, &["--qr", LABEL]].concat(),
            None,
            "--qr: pop: contains the control character U+0007",
        ),
        ([&batch[..], &["--job", &job]].concat(), None, "--ssid: contains a tab"),
        (
            [&batch[..], &wifi, &["--passphrase", "hun\ter2-hunter2"]].concat(),
            None,
            "--passphrase: contains a tab",
        ),
        (
            vec!["sec2-credentials", "--sec2-username", "u", "--sec2-pwd-file", &lines],
            None,
            "lines.txt: contains a line break",
        ),
        (
            vec!["qr", "--name", "P", "--transport", "ble", "--pop-file", &lines],
            None,
            "lines.txt: contains a line break",
        ),
    ] {
        let mut command = esp_prov_rs(words.iter().copied());
        command.envs(variable.map(|text| ("ESP_PROV_PASSPHRASE", text)));
        let ended = Process::start(command).end();
        let said = ended.stdout + &ended.stderr;
        assert!(ended.code == Some(3) && said.contains(told), "{told}: {said}");
        assert!(!said.contains("hun"), "{said}");
    }
    // A name of any bytes is what `--ssid-hex` is for.
    let odd = ["--pop", "x", "--open", "--ssid-hex", "4c09ff", "--attempts", "1"];
    let ended = run([&device[..], &odd].concat());
    assert_eq!(ended.code, Some(11), "{}", ended.stderr);
}

/// The events of a run that are warnings.
fn warnings(ended: &Ended) -> Vec<Value> {
    let events = ended.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    events.filter(|event: &Value| event["event"] == "warning").collect()
}

/// No client could give them; and a device that waits for one is as good as none.
#[test]
fn the_secrets_of_a_virtual_device_are_checked_as_those_of_the_client() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    };
    file("key.salt", "0123456789abcdef");
    file("key.verifier", &"5e".repeat(384));
    let key = folder.path().join("key").to_str().expect("UTF-8").to_owned();
    let networks = file("n.toml", "[[network]]\nssid = \"A\"\npassphrase = \"correct\thorse\"\n");
    for (words, says) in [
        (&["--pop", "abcd\r"][..], "--pop: contains a carriage return"),
        (&["--sec-ver", "2", "--sec2-pwd", "ab\x1b[A"], "--sec2-pwd: contains an escape character"),
        (&["--sec-ver", "2", "--sec2-username", "a\tb"], "--sec2-username: contains a tab"),
        (&["--count", "2", "--pop", "a\nb"], "--pop: contains a line break"),
        (&["--networks", &networks], "network 1: the passphrase contains a tab"),
        (&["--sec-ver", "2", "--sec2-verifier", &key], "more than the 384 bytes of a verifier"),
    ] {
        let ended = run([&["simulate", "--listen", "127.0.0.1:0"], words].concat());
        assert_eq!(ended.code, Some(3), "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(says), "{words:?}: {}", ended.stderr);
    }
    for (scheme, flag) in [("1", "--pop"), ("2", "--sec2-pwd"), ("2", "--sec2-username")] {
        let words = ["simulate", "--listen", "127.0.0.1:0", "--sec-ver", scheme];
        let ended = run([&words[..], &[flag, "abcd ", "--", "true"]].concat());
        assert_eq!(ended.code, Some(0), "{flag}: {}", ended.stderr);
        let told = format!("{flag}: begins or ends with a blank, which is kept");
        assert!(ended.stderr.contains(&told), "{}", ended.stderr);
    }
}

#[test]
fn a_blank_at_an_end_is_warned_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret.txt");
    fs::write(&path, "hunter2-hunter2 \r\n").expect("written");
    let path = path.to_str().expect("ASCII");
    let told = format!("--sec2-pwd-file {path}: begins or ends with a blank, which is kept");
    let ended = run(["sec2-credentials", "--sec2-username", "u", "--sec2-pwd-file", path]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains(&format!("warning: {told}")), "{}", ended.stderr);

    let words = ["--json", "--no-input", "--service-name", "127.0.0.1:1", "--pop", "x"];
    let words = [&words[..], &["--ssid", "Home", "--passphrase-file", path]].concat();
    let ended = run([&words[..], &["--deny-warnings"]].concat());
    assert_eq!(ended.code, Some(33), "{}", ended.stderr);
    let [warning] = &warnings(&ended)[..] else { panic!("{}", ended.stdout) };
    assert_eq!(warning["warning"], "doubtful-input");
    assert_eq!(warning["origin"], format!("--passphrase-file {path}"));
    assert_eq!(warning["doubt"], "begins or ends with a blank, which is kept");
    assert!(warning["line"].is_null() && warning["column"].is_null());

    // From the command line it comes as easily, with "$POP" or by copying.
    let ended = run(["sec2-credentials", "--sec2-username", "u", "--sec2-pwd", " hunter2"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("warning: --sec2-pwd: begins or ends"), "{}", ended.stderr);
    for odd in ["--pop", "--passphrase", "--ssid"] {
        let given = |flag: &'static str, value: &'static str| {
            [flag, if flag == odd { "hunter2-hunter2 " } else { value }]
        };
        let network = [given("--ssid", "Home"), given("--passphrase", "correct-horse")].concat();
        let words = ["--json", "--no-input", "--service-name", "127.0.0.1:1", "--deny-warnings"];
        let ended = run([&words[..], &given("--pop", "x"), &network].concat());
        assert_eq!(ended.code, Some(33), "{odd}: {}", ended.stderr);
        let [warning] = &warnings(&ended)[..] else { panic!("{}", ended.stdout) };
        assert_eq!(warning["origin"], odd);
    }
}

#[test]
fn what_a_roster_may_not_mean_is_an_event() {
    let file = case("31-excel-mangled.csv");
    let words = ["batch", "--dry-run", "--json", "--transport", "ble", "--roster", &file];
    let ended = run(words);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let warnings = warnings(&ended);
    assert!(warnings.len() >= 2, "{}", ended.stdout);
    let first = &warnings[0];
    assert_eq!((&first["warning"], &first["origin"]), (&"doubtful-input".into(), &file.into()));
    assert_eq!((first["line"].as_u64(), first["column"].as_u64()), (Some(2), Some(3)));
    let doubt = first["doubt"].as_str().expect("text");
    assert!(doubt.starts_with("pop: looks like what a spreadsheet makes"), "{doubt}");
    assert_eq!(ended.stderr, "", "it is told once");
}
