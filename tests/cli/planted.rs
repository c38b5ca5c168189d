//! Secrets at every place where something can be given, right and wrong: nothing of them comes
//! back, neither on stdout nor on stderr, nor in the name of a file or in a file that is made.
//!
//! What is used as a name is shown as one, once it fits: an SSID, a host, a user name, the name of
//! a device, a station, an endpoint or a Thread network. Where it does not fit it is not shown
//! either, so the secrets here fit nowhere.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use clap::CommandFactory;
use esp_prov_rs::cli::args::Cli;

use crate::run::{Process, Simulator, esp_prov_rs};

/// Fits nowhere: no host, no path, no number; and longer than an SSID.
const LONG: &str = "Zq9-planted / Qz:8@planted?x=planted#planted,planted%planted";
/// Eight digits, as on a label.
const DIGITS: &str = "70707031";
/// A word like any other.
const WORD: &str = "hunter2-hunter2";

/// Any of them, or a part that can be recognised.
fn secret_in(text: &str) -> Option<&'static str> {
    ["planted", DIGITS, "hunter2"].into_iter().find(|part| text.contains(part))
}

/// Runs it in a folder of its own, with a secret in every variable, and searches all it writes.
/// Returns what leaks.
fn leaks(words: &[&str], files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let mut command = esp_prov_rs(words.iter().copied());
    command.current_dir(folder.path()).env("HOME", folder.path());
    let ended = Process::start(command).end();
    let mut leaks = Vec::new();
    let mut look = |place: String, text: &str| {
        if let Some(part) = secret_in(text) {
            let told: String = text.chars().take(2000).collect();
            leaks.push(format!("{words:?} {files:?}\n  {part} is in {place}:\n{told}"));
        }
    };
    look("stdout".to_owned(), &ended.stdout);
    look("stderr".to_owned(), &ended.stderr);
    for (name, text) in made(folder.path()) {
        if !files.iter().any(|(given, _)| *given == name) {
            look("the name of a file".to_owned(), &name);
            look(name, &text);
        }
    }
    leaks
}

/// The files below a folder with their texts.
fn made(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(made(&path));
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            files.push((name, text));
        }
    }
    files
}

/// Many at once.
fn all_silent<T: Sync>(cases: &[T], leaks: impl Fn(&T) -> Vec<String> + Sync) {
    let next = AtomicUsize::new(0);
    let found: Vec<String> = thread::scope(|scope| {
        let work = || {
            let mut found = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                found.extend(leaks(case));
            }
            found
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    assert!(cases.len() > 2);
    assert!(found.is_empty(), "{} of {} leak:\n{}", found.len(), cases.len(), found.join("\n\n"));
}

/// What makes a command get far, and end soon.
fn context(command: &str) -> &'static [&'static str] {
    match command {
        "" | "provision" => &[
            "--transport=virtual",
            "--ssid=Home",
            "--passphrase=correct-horse",
            "--pop=wrong",
            "--attempts=1",
        ],
        "info" | "scan" | "status" | "reset" | "reprovision" => {
            &["--transport=virtual", "--pop=wrong", "--attempts=1"]
        }
        "send" => {
            &["custom-data", "--transport=virtual", "--pop=wrong", "--attempts=1", "--utf8=x"]
        }
        "discover" => &["--transport=softap", "--for=10ms"],
        "doctor" => &["--transport=console"],
        "batch" => &["--roster=roster.csv", "--retries=0", "--batch-timeout=2s"],
        "batch status" | "batch export" | "batch report" => &["--roster=roster.csv"],
        "batch retry" => &["--roster=roster.csv", "--failed"],
        "sec2-credentials" => &["--sec2-username=u", "--sec2-pwd=p", "--format=json"],
        "secrets" => &["--count=1", "--transport=ble", "--sec-ver=1", "--output=made"],
        "qr" => &["--name=PROV_1", "--transport=ble", "--pop=x", "--format=svg"],
        "decode" => &["none.jsonl"],
        // It would listen for ever.
        "simulate" => &["--networks=none.toml"],
        _ => &[],
    }
}

/// As in `src/environment.rs`.
const SECRET_VARIABLES: [&str; 6] = [
    "ESP_PROV_POP",
    "ESP_PROV_SEC2_PWD",
    "ESP_PROV_PASSPHRASE",
    "ESP_PROV_DATASET_TLVS",
    "ESP_PROV_NETWORK_KEY",
    "PGPASSWORD",
];

/// A device that is not there.
const ROSTER: &str = "id,address,security,pop,ssid,passphrase\n\
                      A,http://127.0.0.1:1,1,x,Line,correct-horse\n";

/// Every flag of every command, with and without a value that it takes; and every place for a word
/// without a flag.
#[test]
fn no_flag_gives_back_what_it_was_given() {
    let mut cases: Vec<Vec<String>> = Vec::new();
    let mut commands = vec![(String::new(), Cli::command())];
    while let Some((name, command)) = commands.pop() {
        for sub in command.get_subcommands() {
            let path = format!("{name} {}", sub.get_name()).trim().to_owned();
            commands.push((path, sub.clone()));
        }
        let path = || name.split(' ').filter(|word| !word.is_empty()).map(str::to_owned);
        for secret in [LONG, DIGITS, WORD] {
            for flag in command.get_arguments() {
                let Some(long) = flag.get_long() else { continue };
                // A station is called as it likes, and a hook says what it likes.
                let is_free = ["help", "version", "station", "on-result"].contains(&long)
                    // It stands below the code.
                    || (name == "qr" && long == "name");
                if is_free || secret != LONG && is_name(long) {
                    continue;
                }
                let others = context(&name).iter().map(|word| (*word).to_owned());
                let others = others.filter(|word| !word.starts_with(&format!("--{long}=")));
                let typed = format!("--{long}={secret}");
                let far: Vec<_> = path().chain(others).chain([typed]).collect();
                let aloud = ["--json", "-vvv"].map(str::to_owned);
                cases.push(far.iter().cloned().chain(aloud).collect());
                cases.push(far);
                if !flag.get_action().takes_values() {
                    cases.push(path().chain([format!("--{long}"), secret.to_owned()]).collect());
                }
            }
            // Of an export, what is asked for; of a label, what is on it.
            cases.push(path().chain([secret.to_owned()]).collect());
            cases.push(path().chain([format!("--{secret}")]).collect());
            cases.push(path().chain([format!("-{secret}")]).collect());
        }
    }
    assert!(cases.len() > 1000, "{}", cases.len());
    all_silent(&cases, |case| {
        let words: Vec<_> = case.iter().map(String::as_str).collect();
        leaks(&words, &[("roster.csv", ROSTER)])
    });
}

/// What a word is shown as, if it can be one.
fn is_name(flag: &str) -> bool {
    [
        "service-name",
        "ssid",
        "sec2-username",
        "name",
        "endpoint",
        "to",
        "prefix",
        "thread-network",
        // A serial number.
        "first",
        // Files that are made, by the name that was given.
        "output",
        "trace",
        "ledger",
        "roster",
    ]
    .contains(&flag)
}

#[test]
fn no_variable_is_shown() {
    let mut cases = Vec::new();
    for secret in [LONG, DIGITS, WORD] {
        for words in [
            "--transport=virtual --ssid=Home --attempts=1 -vvv",
            "--transport=virtual --sec-ver=1 --ssid=Home --attempts=1 -vvv",
            "--transport=virtual --ssid=Home --open --sec-ver=2 --attempts=1 --json",
            "--transport=virtual --sec-ver=1 --thread-network=Home --attempts=1",
            "batch --roster=roster.csv --retries=0 -vvv --json",
            "batch --roster=roster.csv --dry-run",
            "batch status --ledger=postgres://u@127.0.0.1:1/db",
            "scan --transport=virtual --sec-ver=1 --attempts=1 -vvv",
            "doctor --transport=console -v",
        ] {
            cases.push((words, secret));
        }
    }
    all_silent(&cases, |(words, secret)| {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("roster.csv"), ROSTER).expect("written");
        let mut command = esp_prov_rs(words.split(' '));
        command.current_dir(folder.path());
        for variable in SECRET_VARIABLES {
            command.env(variable, secret);
        }
        let ended = Process::start(command).end();
        let files = made(folder.path()).into_iter().map(|(name, text)| name + &text);
        let said = [ended.stdout, ended.stderr].into_iter().chain(files);
        said.filter(|text| secret_in(text).is_some())
            .map(|text| format!("{words}: {text}"))
            .collect()
    });
}

/// A roster with a secret in each place, as CSV and as JSON; what is fine about it is a device that
/// is not there.
#[test]
fn no_mistake_of_a_roster_shows_a_cell() {
    const NAMES: [&str; 15] = [
        "id",
        "address",
        "adapter",
        "security",
        "pop",
        "username",
        "password",
        "ssid",
        "ssid-hex",
        "passphrase",
        "open",
        "bssid",
        "channel",
        "dataset",
        "custom-data",
    ];
    let good = |name: &str| match name {
        "id" => "A",
        "address" => "http://127.0.0.1:1",
        "ssid" => "Line",
        "passphrase" => "correct-horse",
        _ => "",
    };
    let mut cases: Vec<(&str, String)> = Vec::new();
    for at in 0..NAMES.len() {
        for secret in [LONG, DIGITS] {
            let mut cells = NAMES.map(good);
            cells[at] = secret;
            let quoted = cells.map(|cell| format!("\"{cell}\""));
            // What fits as a name is one.
            let is_name =
                NAMES[at] == "id" || secret == DIGITS && ["ssid", "username"].contains(&NAMES[at]);
            if !is_name {
                cases.push(("r.csv", format!("{}\n{}\n", NAMES.join(","), quoted.join(","))));
                cases.push(("r.csv", format!("{}\n{}\n", NAMES.join(","), cells.join(","))));
            }
            let mut header = NAMES;
            header[at] = secret;
            cases.push(("r.csv", format!("{}\n{}\n", header.join(","), NAMES.map(good).join(","))));
            let json: Vec<_> =
                NAMES.iter().zip(cells).map(|(name, cell)| format!("{name:?}:{cell:?}")).collect();
            cases.push(("r.jsonl", format!("{{{},\"open\":{secret}}}\n", json.join(","))));
            cases.push(("r.jsonl", format!("{{{},{secret:?}:1}}\n", json.join(","))));
            cases.push(("r.csv", format!("{{{}}}\n", json.join(","))));
            if !is_name {
                cases.push(("r.json", format!("[{{{}}}]\n", json.join(","))));
            }
        }
    }
    let head = "id,address,pop,ssid,passphrase,open";
    for text in [
        format!("DEV-1,http://127.0.0.1:1,{WORD},Line,{WORD}\n"),
        format!("{head}\nA,http://127.0.0.1:1,x,Line,,{WORD}\n"),
        format!("{head}\nA,http://127.0.0.1:1,x,Line,\"hunter2 \"hunter2\",\n"),
        format!("\"{head}\nA,http://127.0.0.1:1,{WORD},Line,{WORD},\n"),
        format!("{}\nA;http://127.0.0.1:1;{WORD};Line;{WORD};\n", head.replace(',', ";")),
        format!("{head}\nA,http://u:{WORD}@127.0.0.1,x,Line,correct-horse,\n"),
        format!("{head}\nA,console:{WORD},x,Line,correct-horse,\n"),
        format!("{head}\nA,127.0.0.1:1,env:{WORD},Line,file:{WORD},\n"),
        format!("{head}\nA,127.0.0.1:1,x,Line,correct-horse,,{WORD}\n"),
        format!("PK\u{3}\u{4}{WORD}"),
    ] {
        cases.push(("r.csv", text));
    }
    all_silent(&cases, |(name, text)| {
        let roster = format!("--roster={name}");
        let more: &[&[&str]] =
            &[&["--dry-run"], &["--json", "-vvv", "--retries=0", "--batch-timeout=2s"]];
        let run =
            |more: &&[&str]| leaks(&[&["batch", &roster][..], more].concat(), &[(*name, text)]);
        more.iter().flat_map(run).collect()
    });
}

#[test]
fn no_mistake_of_a_job_file_shows_a_value() {
    let mut cases = Vec::new();
    let cli = Cli::command();
    let batch = cli.find_subcommand("batch").expect("a command");
    let names = batch.get_arguments().filter_map(|flag| flag.get_long());
    for name in names.filter(|name| !is_name(name)) {
        cases.push(format!("{name} = {LONG:?}\n"));
        cases.push(format!("{name} = {DIGITS}\n"));
        cases.push(format!("{name} = [{LONG:?}]\n"));
    }
    for text in [
        format!("{WORD} = 1\n"),
        format!("\"{LONG}\" = 1\n"),
        format!("passphrase = {WORD}\n"),
        format!("passphrase = \"{WORD}\n"),
        format!("passphrase = \"{WORD}\" x\n"),
        format!("passphrase = \"{WORD}\"\npassphrase = \"{WORD}\"\n"),
        format!("{WORD}\n"),
        format!("[{WORD}]\nx = 1\n"),
        format!("passphrase = \"\\{WORD}\"\n"),
        format!("passphrase = {{ {WORD} = 1 }}\n"),
    ] {
        cases.push(text);
    }
    all_silent(&cases, |text| {
        let words = ["batch", "--roster=roster.csv", "--job=job.toml", "--dry-run"];
        leaks(&words, &[("roster.csv", ROSTER), ("job.toml", text)])
    });
}

#[test]
fn no_ledger_shows_the_password_of_its_url() {
    let at = "127.0.0.1:1/db";
    let mut cases = Vec::new();
    for url in [
        format!("postgres://u:hunter2@{at}"),
        format!("POSTGRES://u:hunter2@{at}"),
        format!("PostgreSQL://u:hunter2@{at}"),
        format!("postgres://u:a?hunter2@{at}"),
        format!("postgres://u:a#hunter2@{at}"),
        format!("postgres://u:a@hunter2@{at}"),
        format!("postgres://u:a/hunter2@{at}"),
        format!("postgres://u:a@hunter2/b@{at}"),
        format!("postgres://{at}?password=hunter2"),
        format!("postgres://{at}?password=a@hunter2"),
        format!("postgres://{at}?hunter2=x"),
        format!("postgres://{at}?hunter2"),
        "postgres://u:hunter2@127.0.0.1:hunter2/db".to_owned(),
        "host=127.0.0.1 port=1 password=hunter2 dbname=db".to_owned(),
        "password='hunter2 host=127.0.0.1".to_owned(),
        "host=127.0.0.1 hunter2=hunter2".to_owned(),
        "postgres://u:hunter2:1/db".to_owned(),
        "postgres://u:hunter2:1".to_owned(),
        "postgres://u:hunter2:/db".to_owned(),
        "postgres://u:hunter2%40127.0.0.1:1/db".to_owned(),
        "postgres://u%3Ahunter2%40127.0.0.1/db".to_owned(),
        "postgres://u:,hunter2:1/db".to_owned(),
        "postgres://u,hunter2-hunter2/db".to_owned(),
        "postgres://127.0.0.1:70707031/db".to_owned(),
        "postgres:/u:hunter2@127.0.0.1:1/db".to_owned(),
        "postgres:u:hunter2@127.0.0.1:1/db".to_owned(),
        "host=127.0.0.1 port=1 password=a hunter2 dbname=db".to_owned(),
        format!("mysql://u:hunter2@{at}"),
        format!("postgre://u:hunter2@{at}"),
    ] {
        for words in [
            "batch status",
            "batch export",
            "batch retry --failed",
            "batch --roster=roster.csv --dry-run",
            "batch --roster=roster.csv --json -vvv --ledger-timeout=10ms",
        ] {
            cases.push((words, format!("--ledger={url}")));
        }
    }
    all_silent(&cases, |(words, ledger)| {
        let words: Vec<_> = words.split(' ').chain([ledger.as_str()]).collect();
        leaks(&words, &[("roster.csv", ROSTER)])
    });
}

#[test]
fn not_even_one_character_of_a_ledgers_settings_is_shown() {
    let told = |settings: &str| {
        let ledger = format!("--ledger={settings}");
        Process::start(esp_prov_rs(["batch", "status", &ledger])).end().stderr
    };
    let (one, other) = (told("host=db password=a x dbname=p"), told("host=db password=a x y=p"));
    assert_eq!(one, other);
    assert!(one.contains("settings are NAME=VALUE"), "{one}");
}

#[test]
fn no_label_and_no_file_is_quoted() {
    let label = |member: &str, value: &str| {
        let mut members = vec![
            ("ver", "\"v1\"".to_owned()),
            ("name", "\"PROV_1\"".to_owned()),
            ("pop", "\"hunter2-pop\"".to_owned()),
            ("transport", "\"softap\"".to_owned()),
        ];
        members.retain(|(name, _)| *name != member);
        members.push((member, value.to_owned()));
        let members: Vec<_> =
            members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let mut texts = Vec::new();
    for member in ["ver", "transport", "network", "security", "username", "pop", "password", "more"]
    {
        for value in [
            format!("\"{WORD}\""),
            DIGITS.to_owned(),
            format!("[\"{WORD}\"]"),
            WORD.to_owned(),
            format!("\"{WORD}\\q\""),
            "\"\"".to_owned(),
        ] {
            // A user name that is one is shown.
            if member != "username" || !(value.starts_with("\"h") || value == DIGITS) {
                texts.push(label(member, &value));
            }
        }
    }
    let good = label("pop", &format!("\"{WORD}\""));
    texts.extend((0..good.len()).step_by(7).map(|at| good[..at].to_owned()));
    texts.push(good.replace('"', ""));
    texts.push(good.replace('"', "'"));
    texts.push(format!("https://example.org/?data={WORD}"));
    texts.push(format!("https://example.org/?data={}", good.replace("ver", WORD)));
    texts.push(format!("https://u:{WORD}@example.org/{WORD}"));
    texts.push(format!("WIFI:S:Home;T:WPA;P:{WORD};;"));
    texts.push(format!("{WORD}\n"));
    texts.push(format!("[[network]]\nssid = \"{WORD}\n"));
    texts.push(format!("[[network]]\n{WORD} = \"x\"\nssid = \"Home\"\n"));
    texts.push(format!("[[network]]\nssid = \"Home\"\nbssid = \"{WORD}\"\n"));
    texts.push(format!("[[network]]\nssid = \"Home\"\nchannel = \"expected {WORD}\"\n"));
    texts.push(format!("[[thread]]\nname = \"Home\"\nkey = \"{WORD}\"\n"));
    texts.push(format!("[[thread]]\nname = \"Home\"\nkey = \"00112233445566778899aabbccddeeff\"\next_pan_id = \"{WORD}\"\n"));
    texts.push(format!(
        "{{\"trace\":1,\"tool\":\"x\",\"began\":\"x\",\"address\":\"x\",\"secrets\":\"{WORD}\"}}\n"
    ));
    texts.push(format!("{{\"trace\":1,\"tool\":\"x\",\"began\":\"x\",\"address\":\"x\",\"secrets\":false}}\n{{\"exchange\":\"{WORD}\"}}\nx\n"));
    texts.push(format!("{{\"trace\":1,\"tool\":\"x\",\"began\":\"x\",\"address\":\"x\",\"secrets\":false}}\n{{\"exchange\":1,\"endpoint\":\"prov-config\",\"before\":\"{WORD}\"}}\nx\n"));
    texts.push(format!("{{\"{WORD}\":1}}"));
    all_silent(&texts, |text| {
        let files = [("given.txt", text.as_str())];
        let way = ["--transport=virtual", "--attempts=1", "--ssid=Home", "--open", "-vvv"];
        let qr = format!("--qr={text}");
        [
            [&["--qr=given.txt"], &way[..]].concat(),
            [&[qr.as_str()], &way[..]].concat(),
            vec!["qr", "--qr=given.txt", "--format=svg"],
            vec![
                "simulate",
                "--networks=given.txt",
                "--listen=127.0.0.1:1",
                "--sec2-verifier=none.txt",
                "--sec-ver=2",
            ],
            vec!["simulate", "--replay=given.txt", "--listen=192.0.2.1:1"],
            vec!["decode", "given.txt", "--json"],
            vec!["decode", text, "--endpoint=prov-config", "--direction=reply"],
            vec!["batch", "--roster=given.txt", "--dry-run"],
            vec!["batch", "status", "--ledger=given.txt"],
            vec!["batch", "--roster=given.txt", "--job=given.txt"],
        ]
        .iter()
        .flat_map(|words| leaks(words, &files))
        .collect()
    });
}

/// A whole batch and a single run, with secrets where they belong: nothing that is made has them,
/// but for what is asked for, which others may not read.
#[test]
fn what_is_made_holds_no_secret_or_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let networks = format!("[[network]]\nssid = \"Home\"\npassphrase = \"{WORD}\"\n");
    fs::write(folder.path().join("networks.toml"), networks).expect("written");
    let networks = folder.path().join("networks.toml");
    let networks = format!("--networks={}", networks.display());
    let device = Simulator::start([networks.as_str(), "--pop=hunter2-pop", "--join-delay=10ms"]);
    let roster = format!(
        "id,address,pop,ssid,passphrase\nA,http://{},hunter2-pop,Home,{WORD}\n",
        device.address
    );
    let work =
        ["batch", "--roster=roster.csv", "--json", "-vvv", "--trace=traces", "--on-result=env"];
    assert_eq!(leaks(&work, &[("roster.csv", &roster)]), [""; 0]);
    let said = device.process.stop();
    assert!(
        said.stdout.contains("GetWifiStatus -> connected"),
        "it was not given a network: {}",
        said.stdout
    );
    assert_eq!(secret_in(&(said.stdout + &said.stderr)), None);
}

/// A hook sees what it needs.
#[cfg(unix)]
#[test]
fn no_secret_variable_reaches_a_hook() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = "id,address,security,pop,ssid,passphrase\n\
                  A,http://127.0.0.1:1,1,env:POP_1,Line,env:WIFI_PW\n\
                  B,http://127.0.0.1:2,1,x,Line,env:wifi-2\n";
    fs::write(folder.path().join("roster.csv"), roster).expect("written");
    let words =
        ["batch", "--roster=roster.csv", "--retries=0", "--on-result=env >> seen; cat >> seen"];
    let mut command = esp_prov_rs(words);
    command.current_dir(folder.path());
    // And those that the roster names, used or not.
    let others = ["PGPASSFILE", "POP_1", "WIFI_PW", "wifi-2"];
    for variable in SECRET_VARIABLES.into_iter().chain(others) {
        command.env(variable, WORD);
    }
    command.env("ORDER", "4711");
    let ended = Process::start(command).end();
    let seen = fs::read_to_string(folder.path().join("seen"));
    let seen = seen.unwrap_or_else(|_| panic!("no hook ran: {}", ended.stderr));
    assert!(seen.contains("ORDER=4711") && secret_in(&seen).is_none(), "{seen}");
}

#[cfg(unix)]
#[test]
fn files_with_secrets_are_for_their_owner_alone() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str], names: &[&str]| {
        for name in names {
            let path = folder.path().join(name);
            fs::write(&path, "old").expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
        }
        let mut command = esp_prov_rs(words.iter().copied());
        command.current_dir(folder.path());
        let ended = Process::start(command).end();
        for name in names {
            let path = folder.path().join(name);
            let mode = fs::metadata(&path).expect("there").mode() & 0o777;
            assert_eq!(format!("{mode:o}"), "600", "{name}: {}", ended.stderr);
            assert_ne!(fs::read(&path).expect("it reads"), b"old", "{}", ended.stderr);
        }
    };
    run(&["qr", "--name=P", "--transport=ble", "--pop=x", "--output=label.svg"], &["label.svg"]);
    run(
        &["sec2-credentials", "--sec2-username=u", "--sec2-pwd=p", "--format=raw", "--output=v"],
        &["v.salt", "v.verifier"],
    );
    let way = ["--transport=virtual", "--pop=abcd1234"];
    run(&[&["send", "proto-ver", "--utf8=x", "--output=reply"], &way[..]].concat(), &["reply"]);
    run(&[&["status", "--trace=t.jsonl", "--trace-secrets"], &way[..]].concat(), &["t.jsonl"]);
}
