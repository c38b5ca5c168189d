//! What a person meets at a terminal beside the questions themselves: what they are told before,
//! how lists look in a small window, what becomes of keys that nobody asked for.

use std::{ops::Range, path::Path, thread, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

use crate::{
    run::{Simulator, esp_prov_rs, run},
    terminal::Terminal,
};

/// Networks whose names are not what people type.
fn curly() -> String {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/cases");
    cases.join("40-curly-networks.toml").to_str().expect("UTF-8").to_owned()
}

/// As many networks, each with its number before this name.
fn numbered(folder: &TempDir, numbers: Range<usize>, name: &str) -> String {
    let file = folder.path().join("networks.toml");
    let network = |number| {
        format!("[[network]]\nssid = \"{number:02} {name}\"\npassphrase = \"correct-horse\"\n")
    };
    std::fs::write(&file, numbers.map(network).collect::<String>()).expect("a file");
    file.to_str().expect("ASCII").to_owned()
}

/// What was drawn, without what moves the cursor or colours, line by line.
fn lines(shown: &str) -> Vec<String> {
    let mut parts = shown.split("\x1b[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|char: char| char.is_ascii_alphabetic()).map_or(0, |end| end + 1);
        text.push_str(&part[end..]);
    }
    text.split(['\r', '\n']).map(str::to_owned).collect()
}

#[test]
fn what_goes_unencrypted_is_told_before_a_network_is_chosen_and_all_is_one_session() {
    let device = Simulator::start(["--sec-ver", "0", "--join-delay", "0"]);
    let address = device.address.to_string();
    let mut terminal = Terminal::run(esp_prov_rs(["--service-name", &address]));
    let first = terminal.until(&["sent to the device unencrypted", "Network (type to filter):"]);
    assert_eq!(first, "sent to the device unencrypted", "{}", terminal.shown());
    terminal.until(&["Network (type to filter):"]);
    terminal.answer("Rescan");
    terminal.until(&["Network (type to filter):"]);
    terminal.answer("Home");
    terminal.until(&["Passphrase for"]);
    terminal.answer("correct-horse");
    terminal.until(&["Connected:"]);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(shown.matches("Session established").count(), 1, "{shown}");
    assert_eq!(shown.matches("unencrypted").count(), 1, "{shown}");
}

#[test]
fn a_name_that_is_nearly_right_is_shown_where_the_network_is_not_found() {
    let networks = curly();
    for (typed, meant) in
        [("Zach's iPhone", "Zach\u{2019}s iPhone"), ("Home", "\"Home \""), ("casenet", "CaseNet")]
    {
        let device = || Simulator::start(["--networks", &networks, "--join-delay", "0"]);
        let (there, nobody) = (device(), device());
        let passphrase =
            if typed == "casenet" { "p@$$w0rd \"quoted\" \\ back'tick`" } else { "correct-horse" };
        let given = ["--pop", "abcd1234", "--ssid", typed, "--passphrase", passphrase];
        let address = there.address.to_string();
        let words = ["--service-name", &address].into_iter().chain(given);
        let mut terminal = Terminal::run(esp_prov_rs(words));
        terminal.until(&["the device does not see this network, but it sees:"]);
        terminal.until(&["Network to use"]);
        terminal.until(&[meant]);
        terminal.answer("");
        assert_eq!(terminal.until(&["Connected:", "error:"]), "Connected:", "{typed}");
        let (code, shown) = terminal.end();
        assert_eq!(code, Some(0), "{shown}");
        assert_eq!(shown.matches("Session established").count(), 1, "{shown}");

        // Nobody is asked, and nothing is changed at the device, where there is no terminal.
        let address = nobody.address.to_string();
        let ended = run(["--service-name", &address].into_iter().chain(given));
        assert_eq!(ended.code, Some(51), "{}", ended.stderr);
        let asked = nobody.process.stop().stdout;
        assert!(!asked.contains("Reset") && !asked.contains("ScanWifi"), "{asked}");
    }
}

/// It was given one, and told to forget it.
#[test]
fn who_leaves_the_question_for_another_network_hears_how_the_device_is() {
    let networks = curly();
    let device = Simulator::start(["--networks", &networks, "--join-delay", "0"]);
    let address = device.address.to_string();
    let given = ["--pop", "abcd1234", "--ssid", "casenet", "--passphrase", "correct-horse"];
    let mut terminal =
        Terminal::run(esp_prov_rs(["--service-name", &address].into_iter().chain(given)));
    terminal.until(&["Network to use"]);
    terminal.press("\x03");
    terminal.until(&["interrupted; the device could not join, and has forgotten the network"]);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");
}

/// What was typed for the next question would else be shown, with no way on.
#[test]
fn a_filter_that_no_network_passes_leaves_the_ways_out() {
    let device = Simulator::start(["--join-delay", "0"]);
    let address = device.address.to_string();
    let mut terminal =
        Terminal::run(esp_prov_rs(["--service-name", &address, "--pop", "abcd1234"]));
    terminal.until(&["Network (type to filter):"]);
    terminal.press("zzz");
    terminal.until(&["Enter a name"]);
    terminal.press("\x1b[B\r");
    terminal.until(&["Network name (SSID):"]);
    terminal.answer("Home");
    terminal.until(&["Passphrase for"]);
    terminal.answer("correct-horse");
    terminal.until(&["Connected:"]);
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_name_that_is_typed_for_one_in_the_list_is_taken_for_it() {
    let networks = curly();
    let device = Simulator::start(["--networks", &networks, "--join-delay", "0"]);
    let address = device.address.to_string();
    let words = ["--service-name", &address, "--pop", "abcd1234"];
    let mut terminal = Terminal::run(esp_prov_rs(words));
    terminal.until(&["Network (type to filter):"]);
    terminal.answer("Enter a name");
    terminal.until(&["Network name (SSID):"]);
    terminal.answer("zach's iphone");
    terminal.until(&["the device does not see this name, but it sees:"]);
    terminal.until(&["almost the same name"]);
    terminal.answer("");
    // It is known to be encrypted.
    terminal.until(&["Passphrase for Zach\u{2019}s iPhone:"]);
    terminal.answer("correct-horse");
    assert_eq!(terminal.until(&["Connected:", "error:"]), "Connected:");
}

#[test]
fn keys_that_nobody_asked_for_are_not_shown_and_the_terminal_is_as_before() {
    let device = Simulator::start(["--join-delay", "1s"]);
    let address = device.address.to_string();
    let words = ["--service-name", &address, "--pop", "abcd1234", "--ssid", "Home"];
    let mut terminal =
        Terminal::run(esp_prov_rs(words.into_iter().chain(["--passphrase", "correct-horse"])));
    terminal.until(&["waiting for the device to join"]);
    assert!(!terminal.echoes(), "{}", terminal.shown());
    terminal.press("typed-ahead\r");
    terminal.until_over();
    assert!(terminal.echoes(), "{}", terminal.shown());
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("typed-ahead"), "{shown}");

    // Also where it ends by a signal, and where a question comes in between.
    let device = Simulator::start(["--join-delay", "1min"]);
    let address = device.address.to_string();
    let words = ["--service-name", &address, "--pop", "abcd1234", "--ssid", "Home"];
    let mut terminal = Terminal::run(esp_prov_rs(words));
    terminal.until(&["Passphrase for Home (empty if open):"]);
    terminal.answer("correct-horse");
    terminal.until(&["waiting for the device to join"]);
    assert!(!terminal.echoes(), "{}", terminal.shown());
    let id = Pid::from_raw(terminal.id().cast_signed());
    kill(id, Signal::SIGTERM).expect("it is there");
    terminal.until_over();
    assert!(terminal.echoes(), "{}", terminal.shown());
}

#[test]
fn what_is_shown_fits_a_terminal_of_40_columns_and_10_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = numbered(&folder, 10..30, "a network with a long name");
    let device = Simulator::start(["--networks", &file, "--join-delay", "500ms"]);
    let address = device.address.to_string();
    let words = ["--service-name", &address, "--pop", "abcd1234"];
    let mut terminal = Terminal::run_sized(esp_prov_rs(words), (10, 40));
    terminal.until(&["Network (type to filter):"]);
    terminal.until(&["10 a network"]);
    thread::sleep(Duration::from_millis(200));
    let shown = terminal.shown();
    let (_, list) = shown.split_once("Network (type to filter):").expect("it is there");
    let list: Vec<_> = lines(list).into_iter().filter(|line| line.contains("a network")).collect();
    assert!(!list.is_empty() && list.len() <= 6, "{list:?}");
    for line in &list {
        assert!(line.chars().count() <= 40 && line.ends_with('…'), "{line:?}");
    }
    terminal.answer("17 a");
    terminal.until(&["Passphrase for"]);
    terminal.answer("correct-horse");
    terminal.until(&["Connected:"]);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
}

#[test]
fn an_answer_is_checked_like_a_flag() {
    let device = Simulator::start(["--pop", "Caf\u{e9} ", "--join-delay", "0"]);
    let address = device.address.to_string();
    let words = ["--service-name", &address, "--ssid", "Home"];
    let mut terminal = Terminal::run(esp_prov_rs(words));
    terminal.until(&["Proof of possession"]);
    // A key that is none, as a terminal with another encoding sends it.
    terminal.answer("Caf\u{e9}\u{9f} ");
    terminal.until(&["contains the control character U+009F"]);
    terminal.until(&["Proof of possession"]);
    terminal.answer("Caf\u{e9} ");
    terminal.until(&["begins or ends with a blank, which is kept"]);
    terminal.until(&["Passphrase for"]);
    terminal.answer("correct-horse\u{85}");
    terminal.until(&["contains a line break"]);
    terminal.until(&["Passphrase for"]);
    terminal.answer("correct-horse");
    terminal.until(&["Connected:"]);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
}

#[test]
fn a_table_fits_the_terminal_and_long_names_are_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = numbered(&folder, 10..20, "network with a long name");
    let device = Simulator::start(["--networks", &file]);
    let address = device.address.to_string();
    for (rows, columns) in [(12, 40), (24, 80)] {
        let words = ["scan", "--service-name", &address, "--pop", "abcd1234"];
        let terminal = Terminal::run_sized(esp_prov_rs(words), (rows, columns));
        let (code, shown) = terminal.end();
        assert_eq!(code, Some(0), "{shown}");
        let table: Vec<_> =
            lines(&shown).into_iter().filter(|line| line.contains(" network with")).collect();
        assert_eq!(table.len(), 10, "{shown}");
        for line in table {
            assert!(line.chars().count() <= columns.into() && line.ends_with('…'), "{line:?}");
            assert_eq!(line.contains("dBm"), columns == 80, "{line:?}");
        }
    }
}

#[test]
fn a_terminal_that_only_shows_lines_gets_numbered_lists() {
    let device = Simulator::start(["--join-delay", "0"]);
    let address = device.address.to_string();
    let words = ["--service-name", &address, "--pop", "abcd1234"];
    let mut terminal = Terminal::run_dumb(esp_prov_rs(words));
    terminal.until(&["Network:"]);
    terminal.until(&["1) "]);
    terminal.until(&[") Rescan"]);
    terminal.until(&["Number, 1 to "]);
    terminal.press("99\r");
    terminal.until(&["this is not one of the numbers"]);
    terminal.until(&["Number, 1 to "]);
    terminal.press("1\r");
    terminal.until(&["Passphrase for"]);
    assert!(!terminal.echoes(), "{}", terminal.shown());
    terminal.press("correct-horse\r");
    terminal.until(&["Connected:"]);
    terminal.until_over();
    assert!(terminal.echoes(), "{}", terminal.shown());
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains('\x1b') && !shown.contains("correct-horse"), "{shown:?}");
}

#[test]
fn a_hidden_line_that_is_left_gives_the_terminal_back() {
    let device = Simulator::start([]);
    let address = device.address.to_string();
    let words = ["--service-name", &address, "--pop", "abcd1234", "--ssid", "Home"];
    let mut terminal = Terminal::run_dumb(esp_prov_rs(words));
    terminal.until(&["Passphrase for"]);
    kill(Pid::from_raw(terminal.id().try_into().expect("a process")), Signal::SIGINT)
        .expect("it runs");
    terminal.until_over();
    assert!(terminal.echoes(), "{}", terminal.shown());
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");
    assert!(shown.contains("\nerror: interrupted"), "{shown:?}");
}
