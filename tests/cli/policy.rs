//! A secret that was given is a demand: whoever is at the other end checks it, or gets nothing. As
//! processes, with what the device received.
#![cfg(unix)]

use std::{fs, thread};

use serde_json::Value;

use crate::run::{Ended, Process, Simulator, esp_prov_rs};

const NETWORK: &[&str] = &["--ssid", "Home", "--passphrase", "correct-horse", "--no-input"];
const WEAKER: &str = "--dangerously-accept-weaker-security";

/// What was asked of a device, by endpoint. It may say all of it before it ends.
fn asked(device: Simulator) -> Vec<String> {
    kit::process::signal(device.process.id(), nix::sys::signal::Signal::SIGINT);
    let said = device.process.end().stdout;
    let events = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let requests = events.filter(|event| event["event"] == "request");
    requests.map(|event| event["endpoint"].as_str().expect("a text").to_owned()).collect()
}

fn go(device: &Simulator, command: &[&str], given: &[&str]) -> Ended {
    let address = device.address.to_string();
    let words = command.iter().chain(given).copied().chain(["--service-name", &address]);
    Process::start(esp_prov_rs(words)).end()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn label(members: &str) -> String {
    format!(r#"{{"ver":"v1","name":"PROV_1","transport":"softap",{members}}}"#)
}

/// Everything that opens a session.
fn commands() -> Vec<Vec<&'static str>> {
    let mut commands = vec![
        words("provision"),
        words("scan"),
        words("status"),
        words("reset"),
        words("reprovision"),
        words("send custom-data --utf8 hush-hush"),
    ];
    commands[0].extend(NETWORK);
    commands
}

/// What devices say who can't check what is given, and the secret that shows it.
fn refused() -> Vec<(&'static str, Vec<String>)> {
    let text = |given: &str| given.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let by_label = |members: &str| vec!["--qr".to_owned(), label(members)];
    let password = r#""username":"wifiprov","pop":"abcd1234""#;
    let (proof, login) = ("--pop abcd1234", "--sec2-username wifiprov --sec2-pwd abcd1234");
    vec![
        ("--no-pop", text(proof)),
        ("--no-pop", text("--sec-ver 1 --pop abcd1234")),
        ("--no-pop --persona idf-v4.4", text(proof)),
        ("--no-pop", by_label(r#""pop":"abcd1234""#)),
        ("--no-pop", text(login)),
        ("--no-pop", text(&format!("{proof} {login}"))),
        ("--sec-ver 0", text(proof)),
        ("--sec-ver 0", text(login)),
        ("--sec-ver 0", by_label(r#""pop":"abcd1234""#)),
        ("--sec-ver 0", by_label(password)),
        ("--sec-ver 1", text(login)),
        ("--sec-ver 1", by_label(password)),
        ("--sec-ver 1 --persona legacy", text(login)),
        ("--sec-ver 1", text("--sec-ver 0")),
        ("--sec-ver 0", text("--sec-ver 1")),
        ("--sec-ver 2", text("--sec-ver 1 --pop abcd1234")),
        ("--sec-ver 1", text("--require-security 2 --pop abcd1234")),
    ]
}

#[test]
fn who_can_not_check_the_secret_gets_nothing_of_any_command() {
    thread::scope(|scope| {
        for (like, given) in refused() {
            scope.spawn(move || {
                for command in commands() {
                    let device = Simulator::start(words(like));
                    let given: Vec<_> = given.iter().map(String::as_str).collect();
                    let ended = go(&device, &command, &given);
                    let what = format!("{like}: {command:?} {given:?}\n{}", ended.stderr);
                    assert_eq!(ended.code, Some(31), "{what}");
                    assert_eq!(ended.stderr.matches("hint: ").count(), 1, "{what}");
                    assert_eq!(asked(device), ["proto-ver"], "{what}");
                }
            });
        }
    });
}

#[test]
fn hints_never_suggest_less() {
    let device = Simulator::start(["--persona", "legacy"]);
    let mut said = go(&device, &["provision"], NETWORK).stderr;
    for (like, given) in refused() {
        let device = Simulator::start(words(like));
        let given: Vec<_> = given.iter().map(String::as_str).collect();
        said += &go(&device, &["status", "--attempts", "1"], &given).stderr;
        said += &go(&device, &["info", "--count", "1"], &given).stdout;
    }
    for exit in esp_prov_rs::exit::Exit::ALL {
        said += exit.advice;
        said += &exit.explanation();
    }
    for less in ["--sec-ver 0", "without a secret", "--dangerously", "leave it out", "--pop ''"] {
        assert!(!said.contains(less), "{less}:\n{said}");
    }
}

/// The environment can't decide which of them is checked, and a label is not made right by it.
#[test]
fn a_proof_that_lies_about_does_not_spare_a_login_its_check() {
    for (like, given, members) in [
        ("--sec-ver 1", "--sec2-username bob --sec2-pwd my-login", None),
        ("--sec-ver 1", "--sec2-pwd my-login --sec2-username wifiprov", None),
        ("--sec-ver 1", "--sec2-pwd my-login", None),
        ("--sec-ver 0", "--sec2-pwd my-login", None),
        ("--sec-ver 1", "", Some(r#""username":"bob","pop":"my-login","security":"1""#)),
        ("--sec-ver 1", "", Some(r#""username":"bob","pop":"my-login","security":"0""#)),
        ("--sec-ver 1", "", Some(r#""username":"bob","pop":"my-login""#)),
        ("--sec-ver 1", "", Some(r#""username":"bob","security":"1""#)),
    ] {
        for command in commands() {
            let device = Simulator::start(words(like));
            let address = device.address.to_string();
            let label = members.map(label);
            let by_label = label.iter().flat_map(|label| ["--qr", label]);
            let mut go = esp_prov_rs(command.iter().copied().chain(words(given)).chain(by_label));
            go.args(["--service-name", &address]).env("ESP_PROV_POP", "abcd1234");
            let ended = Process::start(go).end();
            let what = format!("{like}: {command:?} {given} {label:?}\n{}", ended.stderr);
            assert_eq!(ended.code, Some(31), "{what}");
            let contradicts = members.is_some_and(|members| members.contains("security"));
            assert_eq!(ended.stderr.contains("which contradicts itself"), contradicts, "{what}");
            assert!(!ended.stderr.contains("leave `--sec-ver` out"), "{what}");
            assert!(asked(device).iter().all(|endpoint| endpoint == "proto-ver"), "{what}");
        }
    }
    // What is typed says which is meant.
    let label = label(r#""username":"bob","pop":"abcd1234","security":"1""#);
    for given in [
        vec!["--sec-ver", "1", "--pop", "abcd1234"],
        vec!["--sec-ver", "1", "--pop", "abcd1234", "--qr", &label],
    ] {
        let device = Simulator::start(["--join-delay", "0"]);
        let mut go = esp_prov_rs(NETWORK.iter().copied().chain(given.iter().copied()));
        go.args(["--service-name", &device.address.to_string()]);
        go.args(["--sec2-username", "bob", "--sec2-pwd", "my-login"]);
        let ended = Process::start(go).end();
        assert_eq!(ended.code, Some(0), "{given:?}: {}", ended.stderr);
    }
}

#[test]
fn a_contradiction_is_refused_before_anybody_is_asked() {
    for (given, members) in [
        ("--sec-ver 0 --pop abcd1234", None),
        ("--sec-ver 1 --sec2-username wifiprov --sec2-pwd abcd1234", None),
        ("--sec-ver 1 --sec2-username wifiprov", None),
        ("", Some(r#""pop":"abcd1234","security":"0""#)),
        ("", Some(r#""username":"wifiprov","pop":"abcd1234","security":"1""#)),
        ("--sec-ver 0", Some(r#""pop":"abcd1234""#)),
        ("--sec-ver 1", Some(r#""username":"wifiprov","pop":"abcd1234""#)),
        ("--sec-ver 1 --require-security 2", None),
    ] {
        for command in commands() {
            let device = Simulator::start(["--sec-ver", "0"]);
            let label = members.map(label);
            let by_label = label.iter().flat_map(|label| ["--qr", label]);
            let given: Vec<_> = words(given).into_iter().chain(by_label).collect();
            let ended = go(&device, &command, &given);
            assert_eq!(ended.code, Some(31), "{command:?} {given:?}: {}", ended.stderr);
            assert_eq!(asked(device), [""; 0], "{given:?}");
        }
    }
}

#[test]
fn a_secret_of_the_environment_demands_as_much() {
    for (variables, given, like, code) in [
        (&[("ESP_PROV_POP", "abcd1234")][..], "", "--no-pop", 31),
        (&[("ESP_PROV_POP", "abcd1234")], "--sec-ver 0", "--sec-ver 0", 31),
        (&[("ESP_PROV_POP", "abcd1234")], "--sec-ver 0 --pop=", "--sec-ver 0", 0),
        (&[("ESP_PROV_POP", "abcd1234")], "", "", 0),
        (&[("ESP_PROV_SEC2_PWD", "abcd1234")], "", "--no-pop", 31),
        (&[("ESP_PROV_SEC2_USERNAME", "wifiprov")], "", "--no-pop", 31),
        (
            &[("ESP_PROV_SEC2_USERNAME", "wifiprov"), ("ESP_PROV_SEC2_PWD", "abcd1234")],
            "",
            "--sec-ver 2",
            0,
        ),
    ] {
        let device = Simulator::start(words(like).into_iter().chain(["--join-delay", "0"]));
        let address = device.address.to_string();
        let mut command = esp_prov_rs(["--service-name", &address]);
        command.args(NETWORK).args(words(given)).envs(variables.iter().copied());
        let ended = Process::start(command).end();
        assert_eq!(ended.code, Some(code), "{variables:?} {given}: {}", ended.stderr);
    }
}

#[test]
fn an_empty_proof_is_for_a_device_without_one_or_with_an_empty_one() {
    for (like, code) in [("--no-pop", 0), ("--pop=", 0), ("--sec-ver 1", 30)] {
        let device = Simulator::start(words(like).into_iter().chain(["--join-delay", "0"]));
        let ended = go(&device, NETWORK, &["--pop", ""]);
        assert_eq!(ended.code, Some(code), "{like}: {}", ended.stderr);
    }
}

#[test]
fn a_label_with_a_user_name_opens_security_2() {
    let device = Simulator::start(["--sec-ver", "2", "--join-delay", "0"]);
    let label = label(r#""username":"wifiprov","pop":"abcd1234""#);
    let ended = go(&device, NETWORK, &["--qr", &label]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("Session established with security 2"), "{}", ended.stderr);
}

#[test]
fn weaker_security_is_accepted_by_one_flag_and_told_in_every_output() {
    for (like, given, text, asked, offered) in [
        (
            "--no-pop",
            "--pop abcd1234",
            "security 1 without a proof of possession instead of security 1 with a proof",
            "security-1",
            "security-1-no-pop",
        ),
        (
            "--sec-ver 0",
            "--sec2-username wifiprov --sec2-pwd abcd1234",
            "security 0 (no encryption) instead of security 2",
            "security-2",
            "security-0",
        ),
        (
            "--sec-ver 0",
            "--sec-ver 1",
            "security 0 (no encryption) instead of security 1",
            "security-1-no-pop",
            "security-0",
        ),
    ] {
        for command in commands() {
            // A fresh one refuses to leave its network, and is in none.
            let fails = command[0] == "reprovision";
            let code = Some(match command[0] {
                "reprovision" => 40,
                "status" => 52,
                _ => 0,
            });
            let device = Simulator::start(words(like).into_iter().chain(["--join-delay", "0"]));
            let given: Vec<_> = words(given).into_iter().chain([WEAKER]).collect();
            let ended = go(&device, &command, &[&given[..], &["-q"]].concat());
            assert_eq!(ended.code, code, "{command:?} {given:?}: {}", ended.stderr);
            let told = format!("warning: {text}");
            assert_eq!(ended.stderr.matches(&told).count(), 1, "{}", ended.stderr);
            device.process.stop();

            let device = Simulator::start(words(like).into_iter().chain(["--join-delay", "0"]));
            let ended = go(&device, &command, &[&given[..], &["--json"]].concat());
            let events = ended.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
            let mut told = events.filter(|event: &Value| event["warning"] == "weaker-security");
            let told = told.next().unwrap_or_else(|| panic!("no warning: {}", ended.stdout));
            assert_eq!((&told["asked"], &told["offered"]), (&asked.into(), &offered.into()));
            // As an error it stops what it allows.
            if !fails {
                let ended = go(&device, &command, &[&given[..], &["--deny-warnings"]].concat());
                assert_eq!(ended.code, Some(31), "{command:?} {given:?}: {}", ended.stderr);
            }
        }
        let device = Simulator::start(words(like));
        let given: Vec<_> = words(given).into_iter().chain([WEAKER]).collect();
        let ended = go(&device, &["info", "--count", "1", "-q"], &given);
        assert!(ended.stderr.contains(text), "{}", ended.stderr);
    }
    // Not typed by habit.
    let device = Simulator::start(["--no-pop"]);
    for short in ["--dangerously", "--dangerously-accept-weaker", "--dan"] {
        let ended = go(&device, NETWORK, &["--pop", "abcd1234", short]);
        assert_eq!(ended.code, Some(2), "{short}: {}", ended.stderr);
        assert!(ended.stderr.contains("must be written out"), "{}", ended.stderr);
    }
    // Never below what is required.
    let ended = go(&device, NETWORK, &["--pop", "abcd1234", WEAKER, "--require-security", "2"]);
    assert_eq!(ended.code, Some(31), "{}", ended.stderr);
    assert_eq!(asked(device), ["proto-ver"]);
}

#[test]
fn a_message_over_security_0_is_told_of_before_it_is_sent() {
    let message = words("send custom-data --utf8 hush");
    let device = Simulator::start(["--sec-ver", "0"]);
    let ended = go(&device, &message, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("warning: security 0: "), "{}", ended.stderr);
    device.process.stop();
    let device = Simulator::start(["--sec-ver", "0"]);
    let ended = go(&device, &message, &["--deny-warnings"]);
    assert_eq!(ended.code, Some(31), "{}", ended.stderr);
    assert_eq!(asked(device), ["proto-ver", "prov-session"]);
}

#[test]
fn a_message_in_the_clear_is_no_session() {
    let device = Simulator::start([]);
    let message = words("send custom-data --plain --utf8 hush");
    let ended = go(&device, &message, &["--require-security", "1"]);
    assert_eq!(ended.code, Some(31), "{}", ended.stderr);
    // What devices tell anybody may be asked.
    let ended = go(&device, &words("send proto-ver --utf8 none"), &["--require-security", "2"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(asked(device), ["proto-ver", "proto-ver", "proto-ver"]);
}

/// A batch of one device, with these flags and cells of the roster.
fn batch(like: &str, cells: &[(&str, &str)], flags: &[&str]) -> (Ended, Vec<String>, Vec<Value>) {
    let device = Simulator::start(words(like).into_iter().chain(["--join-delay", "0"]));
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let names: Vec<_> = cells.iter().map(|(name, _)| format!(",{name}")).collect();
    let values: Vec<_> = cells.iter().map(|(_, value)| format!(",{value}")).collect();
    let head = format!("id,address,ssid,passphrase{}", names.concat());
    let row = format!("A,http://{},Home,correct-horse{}", device.address, values.concat());
    fs::write(&roster, format!("{head}\n{row}\n")).expect("written");
    let roster = roster.to_str().expect("text");
    let words = ["batch", "--roster", roster].into_iter().chain(flags.iter().copied());
    let ended = Process::start(esp_prov_rs(words)).end();
    let export = ["batch", "export", "--roster", roster, "--format", "json"];
    let exported = Process::start(esp_prov_rs(export)).end().stdout;
    let attempts = serde_json::from_str(&exported).unwrap_or_default();
    (ended, asked(device), attempts)
}

#[test]
fn a_batch_fails_what_would_not_check_its_secret() {
    let pop = ("pop", "abcd1234");
    let login = [("username", "wifiprov"), ("password", "abcd1234")];
    for (like, cells, flags) in [
        ("--no-pop", &[pop][..], &[][..]),
        ("--no-pop", &[], &["--pop", "abcd1234"]),
        ("--no-pop", &[pop, ("security", "1")], &[]),
        ("--no-pop", &login, &[]),
        ("--sec-ver 1", &login, &[]),
        ("--sec-ver 0", &[pop], &[]),
        ("--sec-ver 1", &login, &["--pop", "abcd1234"]),
        ("--sec-ver 1", &[login[0], login[1], pop], &[]),
        ("--sec-ver 1", &[pop], &["--require-security", "2"]),
        ("--sec-ver 1", &[pop], &["--sec-ver", "2", "--sec2-username", "u", "--sec2-pwd", "p"]),
    ] {
        let (ended, asked, attempts) = batch(like, cells, flags);
        let what = format!("{like} {cells:?} {flags:?}\n{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, Some(60), "{what}");
        assert_eq!(asked, ["proto-ver"], "{what}");
        assert_eq!(attempts.len(), 1, "an answer is not asked for again: {what}");
        let one = &attempts[0];
        assert_eq!((&one["outcome"], &one["exit_code"]), (&"failed".into(), &31.into()), "{what}");
    }
    // A warning about security, where none is accepted.
    let (ended, asked, attempts) = batch("", &[pop], &["--deny-warnings"]);
    assert_eq!((ended.code, &attempts[0]["exit_code"]), (Some(60), &31.into()), "{}", ended.stdout);
    assert!(!asked.iter().any(|endpoint| endpoint == "prov-config"), "{asked:?}");
    assert_eq!(attempts[0]["warnings"], "well-known-secret", "{attempts:?}");
}

#[test]
fn a_batch_accepts_weaker_security_by_flag_or_job_and_tells_it() {
    let pop = ("pop", "abcd1234");
    let (ended, _, attempts) = batch("--no-pop", &[pop], &[WEAKER, "-q"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told = "warning: A: security 1 without a proof of possession instead of security 1 with";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert_eq!(attempts[0]["warnings"], "weaker-security", "the ledger knows: {attempts:?}");

    let job = tempfile::NamedTempFile::new().expect("a file");
    fs::write(&job, "dangerously-accept-weaker-security = true\n").expect("written");
    let path = job.path().to_str().expect("text");
    let (ended, _, _) = batch("--no-pop", &[pop], &["--job", path, "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told = r#""device":"A","happened":{"event":"warning","warning":"weaker-security","asked":"security-1","offered":"security-1-no-pop"}"#;
    assert!(ended.stdout.contains(told), "{}", ended.stdout);

    fs::write(&job, "require-security = 2\ndeny-warnings = true\n").expect("written");
    let (ended, asked, _) = batch("", &[pop], &["--job", path]);
    assert_eq!(ended.code, Some(60), "{}", ended.stderr);
    assert_eq!(asked, ["proto-ver"]);

    // Not by a line of the roster, in which it is a column of somebody else's.
    let column = ("dangerously-accept-weaker-security", "yes");
    let (ended, asked, _) = batch("--no-pop", &[pop, column], &[]);
    assert_eq!(ended.code, Some(60), "{}", ended.stderr);
    assert_eq!(asked, ["proto-ver"]);
}
