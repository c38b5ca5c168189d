//! `secrets`: what it makes for a lot of devices agrees with itself and is for its owner alone; it
//! overwrites nothing, and leaves nothing half-made.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use image::{GrayImage, Luma};
use kit::hex;
use protocomm::{Password, Username, device::SrpVerifier};
use tempfile::TempDir;

use crate::run::{Ended, Process, esp_prov_rs};

/// Runs a line in a folder.
fn secrets(folder: &TempDir, line: &str) -> Ended {
    let mut command = esp_prov_rs(["secrets"].into_iter().chain(line.split_whitespace()));
    command.current_dir(folder.path());
    Process::start(command).end()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|_| panic!("{}", path.as_ref().display()))
}

/// The lines of a table by the names of their columns.
fn table(path: PathBuf) -> Vec<BTreeMap<String, String>> {
    let text = read(path);
    csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .map(|line| line.expect("a line"))
        .collect()
}

/// The names below a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("an entry").file_name().into_string().expect("text")
    };
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

/// What the code of a label says, in our own eyes.
fn code_of(svg: &str, folder: &TempDir) -> String {
    let between = |text: &str, before: &str, after: &str| {
        let (_, rest) = text.split_once(before).expect("its begin");
        rest.split_once(after).expect("its end").0.to_owned()
    };
    // That of the code, within that of the label.
    let size = svg.split("viewBox=\"0 0 ").nth(2).and_then(|rest| rest.split(' ').next());
    let modules: u32 = size.expect("a size").parse().expect("a number");
    let mut picture = GrayImage::from_pixel(modules * 8, modules * 8, Luma([255]));
    for run in between(svg, " d=\"M", "z\"").split("zM") {
        let (place, run) = run.split_once('h').expect("a run");
        let (x, y) = place.split_once(',').expect("a place");
        let (width, _) = run.split_once("v1").expect("its width");
        let [x, y, width] = [x, y, width].map(|text| text.parse::<u32>().expect("a number") * 8);
        for (x, y) in (x..x + width).flat_map(|x| (y..y + 8).map(move |y| (x, y))) {
            picture.put_pixel(x, y, Luma([0]));
        }
    }
    let path = folder.path().join("code.png");
    picture.save(&path).expect("a picture can be written");
    let mut command = esp_prov_rs(["qr", "--qr"]);
    command.arg(&path);
    let ended = Process::start(command).end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stdout.trim_end().to_owned()
}

/// All that was made for a few devices, and what was said about it.
fn check(line: &str, transport: &str, username: Option<&str>) {
    let folder = folder();
    let line = format!("{line} --transport {transport} --output lot");
    let said = secrets(&folder, &format!("{line} -vvv"));
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert_eq!(
        said.stdout,
        "secrets for 5 devices in lot: roster.csv, labels.csv, mfg_config.csv, mfg_values.csv, \
         labels (5), sheets (2)\n"
    );
    let lot = folder.path().join("lot");
    let all = ["labels", "labels.csv", "mfg_config.csv", "mfg_values.csv", "roster.csv", "sheets"];
    assert_eq!(
        (names(&lot), names(folder.path())),
        (all.map(str::to_owned).into(), vec!["lot".into()])
    );
    let labels: Vec<_> = (8..13).map(|number| format!("LAMP_{number:04}.svg")).collect();
    assert_eq!(names(&lot.join("labels")), labels);
    assert_eq!(names(&lot.join("sheets")), ["1.svg", "2.svg"]);

    let (roster, values) = (table(lot.join("roster.csv")), table(lot.join("mfg_values.csv")));
    let printed = table(lot.join("labels.csv"));
    let sheets = read(lot.join("sheets/1.svg")) + &read(lot.join("sheets/2.svg"));
    assert_eq!((roster.len(), values.len()), (5, 5));
    for (number, (device, value)) in (8..).zip(roster.iter().zip(&values)) {
        let (id, name) = (format!("{number:04}"), format!("LAMP_{number:04}"));
        assert_eq!((&device["id"], &value["id"], &value["name"]), (&id, &id, &name));
        assert_eq!(device["address"], format!("{transport}:{name}"));
        let member = match username {
            None => {
                assert_eq!((device["security"].as_str(), &device["pop"]), ("1", &value["pop"]));
                format!("\"pop\":\"{}\"", device["pop"])
            }
            Some(username) => {
                assert_eq!((device["security"].as_str(), &*device["username"]), ("2", username));
                assert_eq!(value["username"], username);
                let password = Password::from(device["password"].as_str());
                let username = Username::new(username).expect("a name");
                let made = SrpVerifier::with_salt(&username, &password, hex(&value["salt"]));
                assert_eq!((made.salt.len(), made.verifier), (16, hex(&value["verifier"])));
                let username = username.as_str();
                format!("\"username\":\"{username}\",\"pop\":\"{}\"", device["password"])
            }
        };
        let secret = device.get("pop").or(device.get("password")).expect("a secret");
        let only = roster.iter().flat_map(BTreeMap::values).filter(|cell| *cell == secret);
        assert_eq!((secret.len(), only.count()), (16, 1));
        assert!(!said.stderr.contains(secret.as_str()), "{}", said.stderr);

        let label = read(lot.join("labels").join(format!("{name}.svg")));
        let json = format!(
            "{{\"ver\":\"v1\",\"name\":\"{name}\",{member},\"transport\":\"{transport}\"}}"
        );
        assert_eq!(code_of(&label, &folder), json);
        let printed = &printed[number - 8];
        assert_eq!((&printed["id"], &printed["name"], &printed["code"]), (&id, &name, &json));
        assert_eq!((&printed["secret"], printed.get("username")), (secret, device.get("username")));
        assert!(label.contains(&format!(">{name}</text>")), "{label}");
        assert!(label.contains(&format!(">{secret}</text>")), "{label}");
        // On a sheet it is the same.
        let body = label.lines().nth(2).expect("its content");
        assert_eq!(sheets.matches(body).count(), 1, "{name}");
    }
    #[cfg(unix)]
    owners_alone(&lot);

    let before = read(lot.join("roster.csv"));
    let again = secrets(&folder, &line);
    assert_eq!(
        (again.code, again.stderr.lines().next()),
        (
            Some(3),
            Some(
                "error: --output lot: is not empty, and secrets are never overwritten; choose a new \
                 folder"
            )
        )
    );
    assert_eq!((read(lot.join("roster.csv")), names(folder.path()).len()), (before, 2));
}

#[cfg(unix)]
fn owners_alone(folder: &Path) {
    use std::os::unix::fs::MetadataExt;

    let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o777;
    assert_eq!(mode(folder), 0o700);
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            owners_alone(&path);
        } else {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}

#[test]
fn what_is_made_with_security_1_agrees_with_itself() {
    let line = "--count 5 --first 0008 --name LAMP_{} --sec-ver 1 --labels a4-90x130";
    check(line, "softap", None);
}

#[test]
fn what_is_made_with_security_2_agrees_with_itself() {
    let line = "--count 5 --first 0008 --name LAMP_{} --sec-ver 2 --sec2-username wifiprov --labels \
                a4-90x130";
    check(line, "ble", Some("wifiprov"));
}

#[test]
fn a_list_of_serial_numbers_is_read_as_people_have_it() {
    let folder = folder();
    let list = "\u{feff}Lot;Serial Number\r\n7;A/1\r\n\r\n7;B2\r\n7;C,3\r\n";
    fs::write(folder.path().join("lot.csv"), list).expect("written");
    // An empty folder is as good as none.
    fs::create_dir(folder.path().join("made")).expect("a folder");
    let line = "--serials lot.csv --transport ble --sec-ver 1 --labels L7120 --output made";
    let ended = secrets(&folder, line);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let made = folder.path().join("made");
    let ids = |file: &str| -> Vec<_> {
        table(made.join(file))
            .into_iter()
            .map(|mut line| line.remove("id").expect("an id"))
            .collect()
    };
    assert_eq!(ids("roster.csv"), ["A/1", "B2", "C,3"]);
    assert_eq!(ids("mfg_values.csv"), ["A/1", "B2", "C,3"]);
    let labels = ["PROV_A%2F1.svg", "PROV_B2.svg", "PROV_C%2C3.svg"];
    assert_eq!(names(&made.join("labels")), labels);
    #[cfg(unix)]
    owners_alone(&made);
    let mut command = esp_prov_rs(["batch", "--dry-run", "--ssid=Line", "--open", "--roster"]);
    command.arg(made.join("roster.csv"));
    let planned = Process::start(command).end();
    assert_eq!(planned.code, Some(0), "{}", planned.stderr);
}

#[test]
fn whatever_is_wrong_is_said_before_anything_is_made() {
    let folder = folder();
    fs::write(folder.path().join("twice.csv"), "serial\nA1\nB2\na1\nx\u{7}\n").expect("written");
    fs::create_dir(folder.path().join("killed.part")).expect("a folder");
    let before = names(folder.path());
    let (ble, lot) = ("--transport ble --sec-ver 1", "--output lot");
    for (line, code, words) in [
        (format!("{ble} {lot}"), 2, "--serials"),
        (format!("--count 0 {ble} {lot}"), 3, "'--count <N>': a number from 1 to 100000"),
        (format!("--count 2 --sec-ver 1 {lot}"), 2, "--transport"),
        (format!("--count 2 --transport ble {lot}"), 2, "--sec-ver"),
        (format!("--count 2 --sec-ver 2 --transport ble {lot}"), 3, "--sec2-username is missing"),
        (format!("--count 2 --name PROV {ble} {lot}"), 3, "--name: has to contain {} once"),
        (format!("--count 2 --first x {ble} {lot}"), 3, "--first: a number"),
        (
            format!("--count 2 --name PROV_{{}}_01234567890123456789012 {ble} {lot}"),
            3,
            "--name: a BLE name of 30 bytes; firmware advertises at most 29",
        ),
        (
            format!("--count 2 --labels a4-10x20 {ble} {lot}"),
            3,
            "--labels: too small for these codes",
        ),
        (format!("--count 2 --labels A5 {ble} {lot}"), 3, "'--labels <SIZE>': one of L7120"),
        (format!("--count 2 {ble} --output none/lot"), 3, "--output"),
        (format!("--count 2 {ble} --output twice.csv"), 3, "--output twice.csv: Not a directory"),
        (format!("--count 2 {ble} --output .."), 3, "--output ..: is not empty"),
        (
            format!("--count 2 {ble} --output killed"),
            3,
            "killed.part is there, which another run makes, or has left when it was killed",
        ),
        (
            format!("--serials twice.csv {ble} {lot}"),
            3,
            "twice.csv: line 4, column 1: same as in line 2; case does not count",
        ),
        (
            format!("--serials twice.csv {ble} {lot}"),
            3,
            "--serials twice.csv: 2 mistakes; nothing was started",
        ),
        (format!("--serials none.csv {ble} {lot}"), 3, "none.csv"),
    ] {
        let ended = secrets(&folder, &line);
        assert_eq!(ended.code, Some(code), "{line}: {}", ended.stderr);
        assert!(ended.stderr.contains(words), "{line}: {}", ended.stderr);
        assert_eq!(names(folder.path()), before, "{line}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing() {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };

    use crate::terminal::Terminal;

    let folder = folder();
    let line = "secrets --count 100000 --transport ble --sec-ver 2 --sec2-username u --output lot \
                --labels L7651";
    let mut command = esp_prov_rs(line.split_whitespace());
    command.current_dir(folder.path());
    let mut terminal = Terminal::run(command);
    // The first labels are there.
    terminal.until(&["making secrets: 65 of 100000"]);
    assert_eq!(names(folder.path()), ["lot.part"]);
    kill(Pid::from_raw(terminal.id().cast_signed()), Signal::SIGINT).expect("it runs");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");
    assert!(shown.contains("interrupted; no secrets were made"), "{shown}");
    assert_eq!(names(folder.path()), [""; 0]);
}
