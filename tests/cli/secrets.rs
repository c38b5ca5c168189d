//! Secrets never show: not at any verbosity, not in JSON, not in errors, not in `Debug`.

use std::{
    ffi::OsStr,
    fmt::{self, Write},
    fs,
    sync::Mutex,
    thread,
};

use clap::Parser;
use esp_prov::{
    Credentials, Event, Network, Passphrase, Policy, ProofOfPossession, Security, Ssid,
    ThreadDataset, commands::SetWifiConfig,
};
use esp_prov_rs::cli::args::{Cli, SecretArg};
use esp_prov_simulate::{Settings, VirtualDevice, parse_networks};
use kit::Plan;

use crate::run::{Ended, Process, Simulator, esp_prov_rs};

const PROOF: &str = "Qx7-proof-Zk";
const WRONG_PROOF: &str = "Qx7-wrong-Zk";
const PASSPHRASE: &str = "Vb9 phrase-Ty";
const WRONG_PASSPHRASE: &str = "Vb9 worng-Ty";
const SHORT: &str = "Jw3-shr";
const HYPHENS: &str = "--Hm5-hyphen-Ln";
/// Too long for a passphrase and a PSK.
const PSK: &str = "5ec0de5ec0de5ec0de5ec0de5ec0de5ec0de5ec0de5ec0de5ec0de5ec0de5ec0";

/// Of a Thread network, as bytes.
const NETWORK_KEY: &str = "Kp4-netkey-Rd-77";

/// Every secret that is used here, and the words of those that can come unquoted.
const SECRETS: &[&str] = &[
    PROOF,
    WRONG_PROOF,
    PASSPHRASE,
    WRONG_PASSPHRASE,
    SHORT,
    HYPHENS,
    PSK,
    NETWORK_KEY,
    "phrase-Ty",
    "worng-Ty",
    "Hm5-hyphen",
    "70707031",
];

/// A secret in this text, in any dress it may come in.
fn secret_in(text: &str) -> Option<String> {
    SECRETS.iter().flat_map(|secret| dresses(secret)).find(|dress| text.contains(dress))
}

fn dresses(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let mut hex = String::new();
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    let list = format!("{bytes:?}");
    vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        hex.to_uppercase(),
        hex,
        base64(bytes),
        secret.escape_debug().to_string(),
        secret.replace(' ', "%20"),
        secret.replace(' ', "+"),
        list.trim_matches(['[', ']']).to_owned(),
    ]
}

/// Without the last group, which depends on what follows.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

#[test]
fn the_search_finds_what_is_planted() {
    assert_eq!(secret_in("Connected: 192.168.1.57 on \"Home\""), None);
    assert_eq!(base64(b"Qx7-proof-Zk"), "UXg3LXByb29mLVpr");
    for planted in [
        "error: Qx7-proof-Zk",
        "kZ-foorp-7xQ",
        "0a0c5178372d70726f6f662d5a6b12",
        "5178372D70726F6F662D5A6B",
        "UXg3LXByb29mLVpr",
        "the subcommand 'phrase-Ty' cannot be used",
        "passphrase: [86, 98, 57, 32, 112, 104, 114, 97, 115, 101, 45, 84, 121]",
        "/prov?p=Vb9%20phrase-Ty",
    ] {
        assert!(secret_in(planted).is_some(), "{planted}");
    }
}

fn assert_silent(what: &str, ended: &Ended) {
    let said = format!("{}\n{}", ended.stdout, ended.stderr);
    assert_eq!(secret_in(&said), None, "{what} says:\n{said}");
}

/// How a secret gets in.
#[derive(Clone, Copy, Debug)]
enum Way {
    Flag,
    File,
    Environment,
}

const EVERY_WAY: [Way; 3] = [Way::Flag, Way::File, Way::Environment];

fn provision(words: &str, proof: &str, passphrase: &str, way: Way, json: bool) -> Ended {
    let folder = tempfile::tempdir().expect("a folder for files");
    let mut command = esp_prov_rs(words.split(' '));
    command.args(["--ssid", "Home", "-vvv"]).args(json.then_some("--json"));
    let trace = folder.path().join("trace");
    command.arg("--trace").arg(&trace);
    for (flag, variable, secret) in
        [("--pop", "ESP_PROV_POP", proof), ("--passphrase", "ESP_PROV_PASSPHRASE", passphrase)]
    {
        if secret.is_empty() && matches!(way, Way::File) {
            // Refused: an empty file is taken for a mishap.
            continue;
        }
        let path = folder.path().join(variable);
        match way {
            Way::Flag => command.args([flag, secret]),
            Way::Environment => command.env(variable, secret),
            Way::File => {
                fs::write(&path, secret).expect("a file can be written");
                command.arg(format!("{flag}-file")).arg(path)
            }
        };
    }
    let ended = Process::start(command).end();
    // Where the run began at all.
    let traced = fs::read_to_string(trace).unwrap_or_default();
    assert_eq!(secret_in(&traced), None, "the trace has it:\n{traced}");
    assert!(!traced.is_empty() || ended.code == Some(3), "nothing was traced: {}", ended.stderr);
    ended
}

/// What a device is like, what it is told, and how that ends.
const RUNS: &[(&str, &str, &str, &str, i32)] = &[
    ("--persona netprov", "--attempts 3", PROOF, PASSPHRASE, 0),
    ("--persona idf-v4.4", "--sec-ver 1", PROOF, PASSPHRASE, 0),
    ("--persona legacy", "--sec-ver 1", PROOF, PASSPHRASE, 0),
    ("--persona legacy", "--attempts 1", PROOF, PASSPHRASE, 31),
    ("--persona netprov --no-pop", "--sec-ver 1", WRONG_PROOF, PASSPHRASE, 31),
    (
        "--persona netprov --no-pop",
        "--sec-ver 1 --dangerously-accept-weaker-security",
        WRONG_PROOF,
        PASSPHRASE,
        0,
    ),
    ("--persona netprov", "--attempts 1", WRONG_PROOF, PASSPHRASE, 30),
    ("--persona legacy", "--sec-ver 1 --attempts 1", WRONG_PROOF, PASSPHRASE, 30),
    ("--persona idf-v5.5", "--sec-ver 1", PROOF, WRONG_PASSPHRASE, 50),
    ("--persona netprov --sec-ver 0", "--sec-ver 0", "", PASSPHRASE, 0),
    ("--persona legacy --sec-ver 0", "--sec-ver 0", "", WRONG_PASSPHRASE, 50),
    ("--persona netprov --sec-ver 0", "--attempts 1", PROOF, PASSPHRASE, 31),
    ("--persona netprov --fail vanish", "--attempts 1", PROOF, PASSPHRASE, 53),
];

#[test]
fn a_run_over_http_shows_no_secret_on_either_side() {
    let networks = tempfile::NamedTempFile::new().expect("a temporary file");
    let network = format!("[[network]]\nssid = \"Home\"\npassphrase = \"{PASSPHRASE}\"\n");
    fs::write(&networks, network).expect("a file can be written");
    let networks = networks.path().to_str().expect("an ASCII path");
    for &(like, told, proof, passphrase, code) in RUNS {
        thread::scope(|scope| {
            for (way, json) in EVERY_WAY.into_iter().flat_map(|way| [(way, false), (way, true)]) {
                scope.spawn(move || {
                    let fixed = ["-vvv", "--join-delay", "100ms", "--networks", networks];
                    let takes_none = like.contains("--no-pop") || like.contains("--sec-ver 0");
                    let pop = if takes_none { &[][..] } else { &["--pop", PROOF] };
                    let words = like.split(' ').chain(fixed).chain(pop.iter().copied());
                    let mut device = Simulator::start(words);
                    let told =
                        format!("--service-name {} --poll-interval 50ms {told}", device.address);
                    let ended = provision(&told, proof, passphrase, way, json);
                    let what = format!("{like}: {told}, {way:?}, JSON {json}");
                    assert_eq!(ended.code, Some(code), "{what}: {}", ended.stderr);
                    assert_silent(&what, &ended);
                    device.process.until("\"request\"");
                    let ended = device.process.stop();
                    assert!(ended.stdout.lines().count() > 1, "{what}: nothing was asked");
                    assert_silent(&format!("the device of {what}"), &ended);
                });
            }
        });
    }
}

#[test]
fn the_log_of_a_device_shows_no_secret_to_people_either() {
    let words = "simulate -vvv --once --fail vanish --listen 127.0.0.1:0 --pop";
    let mut device = Process::start(esp_prov_rs(words.split(' ').chain([PROOF])));
    let line = device.until("listens on http://");
    let (_, address) = line.split_once("http://").expect("an address");
    let told = format!("--attempts 1 --service-name {address}");
    let ended = provision(&told, PROOF, PASSPHRASE, Way::Flag, false);
    assert_eq!(ended.code, Some(53), "{}", ended.stderr);
    let ended = device.end();
    assert!(ended.stdout.contains("a passphrase of 13 bytes"), "{}", ended.stdout);
    assert_silent("the log", &ended);
}

/// A device that answers one request after the other with the same text.
fn says_of_itself(text: &'static str) -> std::net::SocketAddr {
    use std::io::{Read, Write as _};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it has one");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            let _ = stream.read(&mut [0; 1024]);
            let length = text.len();
            let reply = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
            );
            let _ = stream.write_all(reply.as_bytes());
        }
    });
    address
}

#[test]
fn a_device_that_calls_something_by_a_secret_is_not_quoted() {
    let names =
        "[[network]]\nssid = \"Qx7-proof-Zk\"\n\n[[network]]\nssid = \"my Qx7-proof-Zk net\"\n";
    let networks = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(&networks, names).expect("a file can be written");
    let networks = networks.path().to_str().expect("an ASCII path");
    for more in [&["-v"][..], &["--json"]] {
        let device = Simulator::start(["--networks", networks, "--pop", PROOF]);
        let address = device.address.to_string();
        let scan = ["scan", "--service-name", &address, "--pop", PROOF];
        let ended = Process::start(esp_prov_rs(scan.iter().chain(more).copied())).end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ended.stdout.matches("[redacted]").count(), 2, "{}", ended.stdout);
        assert_silent("the scan", &ended);

        let address = says_of_itself(
            "{\"prov\":{\"ver\":\"Qx7-proof-Zk\",\"sec_ver\":1,\"cap\":[\"Qx7-proof-Zk\"]},\
             \"Qx7-proof-Zk\":{\"ver\":\"1\"}}",
        );
        let address = address.to_string();
        for words in [&["info"][..], &["--proto-ver", "v9", "--ssid", "Home", "--open"]] {
            let device = ["--service-name", &address, "--pop", PROOF];
            let words = words.iter().chain(&device).chain(more).copied();
            let ended = Process::start(esp_prov_rs(words)).end();
            let said = ended.stdout.clone() + &ended.stderr;
            assert!(said.contains("[redacted]"), "{said}");
            assert_silent("what it says of itself", &ended);
        }
    }
}

#[test]
fn a_run_in_process_shows_no_secret() {
    thread::scope(|scope| {
        for way in EVERY_WAY {
            for (proof, passphrase, code) in
                [("abcd1234", WRONG_PASSPHRASE, 50), (PROOF, PASSPHRASE, 30)]
            {
                scope.spawn(move || {
                    let told = "--transport virtual --attempts 1";
                    let ended = provision(told, proof, passphrase, way, true);
                    assert_eq!(ended.code, Some(code), "{way:?}: {}", ended.stderr);
                    assert_silent(&format!("{way:?}"), &ended);
                });
            }
        }
    });
}

#[test]
fn a_refused_secret_is_not_shown() {
    for secret in [SHORT, PSK] {
        for way in EVERY_WAY {
            let ended = provision("--transport virtual", PROOF, secret, way, true);
            assert_eq!(ended.code, Some(3), "{way:?}: {}", ended.stderr);
            assert_silent(&format!("{way:?}"), &ended);
        }
    }
}

/// A message that sets a network with the passphrase, with a wrong length of its inner part.
const CUT_OFF: &str = "0802620f0a04486f6d65120d566239207068726173652d5479";

/// Command lines that don't parse, or mean nothing, with a secret in them.
const MISTAKES: &[&[&str]] = &[
    // Without quotes.
    &["--ssid", "Home", "--passphrase", "Vb9", "phrase-Ty"],
    &["--passphrase", "Vb9", "phrase-Ty", "--ssid", "Home"],
    &["--passphrase=Vb9", "phrase-Ty", "--ssid", "Home"],
    &["--ssid", "Home", "--pop", "Vb9", "phrase-Ty"],
    &["--ssid", "Home", "--passphrase", "Vb9", "-Hm5-hyphen-Ln"],
    &["provision", "--ssid", "Home", "--passphrase", "Vb9", "phrase-Ty"],
    &["provision", "--ssid", "Home", "--passphrase", "Vb9", "and", "more", "phrase-Ty"],
    &["reset", "--pop", "Vb9", "phrase-Ty"],
    &["simulate", "--pop", "Vb9", "phrase-Ty"],
    // Pasted: without a word about what it is, cut off, and with a digit too many.
    &["decode", PSK],
    &["decode", "566239207068726173652d5479"],
    &["decode", CUT_OFF, "--endpoint", "prov-config", "--direction", "request"],
    &["decode", "566239207068726173652d5479f", "--endpoint", "prov-config", "--direction", "reply"],
    // Without a flag, or with a wrong one.
    &[PASSPHRASE],
    &["Home", PASSPHRASE],
    &["provision", PASSPHRASE],
    &["simulate", PROOF],
    &["help", PROOF],
    &["--pasword", PASSPHRASE],
    &["--pasword=Vb9 phrase-Ty"],
    &["--pass=Vb9 phrase-Ty", "--pop=Qx7-proof-Zk", "--pop"],
    &["-p", PASSPHRASE],
    &["-pQx7-proof-Zk"],
    &["-vQx7-proof-Zk"],
    &["-p=Qx7-proof-Zk"],
    &["reset", "--passphrase", PASSPHRASE],
    &["reset", "--passphrase=Vb9 phrase-Ty"],
    &["simulate", "--passphrase", PASSPHRASE],
    // Where no value belongs.
    &["--open=Vb9 phrase-Ty"],
    &["--open", PASSPHRASE],
    &["--ssid", "Home", "--reset", PROOF],
    &["--json", PASSPHRASE, "--ssid", "Home"],
    &["-q", PASSPHRASE],
    // Twice, or against each other.
    &["--pop", PROOF, "--pop", WRONG_PROOF],
    &["--pop", PROOF, "--pop-file", "nowhere"],
    &["--passphrase", PASSPHRASE, "--open"],
    &["--passphrase", PASSPHRASE, "--passphrase-file", "nowhere"],
    &["--pop", PROOF, "reset"],
    &["--passphrase", PASSPHRASE, "simulate"],
    &["simulate", "--pop", PROOF, "--no-pop"],
    // What looks like a flag is a value here.
    &["--ssid", "Home", "--passphrase", HYPHENS, "--bssid", "none"],
    &["--ssid", "Home", "--open", "--pop", HYPHENS, "--sec-ver", "0"],
    &["--ssid", "Home", "--passphrase", "-Hm5-hyphen-Ln", "--channel", "0"],
    &["--ssid", "Home", "--pop=--Hm5-hyphen-Ln", "--passphrase=-Hm5-hyphen-Ln", "--channel=0"],
    // Not there yet.
    &["--sec-ver", "2", "--sec2_pwd", PASSPHRASE, "--sec2_username", "wifiprov"],
    &["--sec2_pwd=Vb9 phrase-Ty"],
    &["--dataset_tlvs", PSK],
];

#[test]
fn mistakes_on_the_command_line_do_not_repeat_a_secret() {
    let mut leaks = Vec::new();
    for mistake in MISTAKES {
        for more in [&[][..], &["-vvv", "--json"]] {
            let words = || more.iter().chain(*mistake).copied();
            let ended = Process::start(esp_prov_rs(words())).end();
            assert!(matches!(ended.code, Some(2 | 3 | 31)), "{mistake:?}: {:?}", ended.code);
            let said = format!("{}{}", ended.stdout, ended.stderr);
            if secret_in(&said).is_some() {
                leaks.push(format!("{}\n{said}", words().collect::<Vec<_>>().join(" ")));
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

#[cfg(unix)]
#[test]
fn a_secret_that_is_no_text_is_not_shown() {
    use std::os::unix::ffi::OsStrExt;

    let secret = [PASSPHRASE.as_bytes(), b"\xff"].concat();
    let word = OsStr::from_bytes(&secret);
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(&file, &secret).expect("a file can be written");
    for flag in ["--pop", "--passphrase"] {
        let mut typed = esp_prov_rs(["--transport", "virtual", "--ssid", "Home", "-vvv", "--open"]);
        typed.arg(flag).arg(word);
        assert_silent(flag, &Process::start(typed).end());
        let mut named = esp_prov_rs(["--transport", "virtual", "--ssid", "Home", "-vvv"]);
        named.arg(format!("{flag}-file")).arg(file.path());
        assert_silent(flag, &Process::start(named).end());
    }
    let mut set = esp_prov_rs(["--transport", "virtual", "--ssid", "Home", "-vvv"]);
    set.env("ESP_PROV_POP", word).env("ESP_PROV_PASSPHRASE", word);
    assert_silent("the environment", &Process::start(set).end());
}

#[test]
fn a_faulty_list_of_networks_is_not_quoted() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let path = file.path().to_str().expect("an ASCII path");
    let mut leaks = Vec::new();
    for entry in [
        "passphrase = \"Vb9 phrase-Ty",
        "passphrase = Vb9 phrase-Ty",
        "passphrase = \"Vb9 phrase-Ty\" x",
        "passphrase = \"Vb9 \\phrase-Ty\"",
        "passphrase = 70707031",
        "passphrase = [\"Vb9 phrase-Ty\"]",
        "passphrase = \"Jw3-shr\"",
        "pasphrase = \"Vb9 phrase-Ty\"",
        "channel = \"Vb9 phrase-Ty\"",
        "passphrase = \"Vb9 phrase-Ty\"\npassphrase = \"Vb9 phrase-Ty\"",
    ] {
        let text = format!("[[network]]\nssid = \"Home\"\n{entry}\n");
        fs::write(&file, text).expect("a file can be written");
        let ended = Process::start(esp_prov_rs(["simulate", "-vvv", "--networks", path])).end();
        assert_eq!(ended.code, Some(3), "{entry}: {}", ended.stderr);
        if secret_in(&ended.stderr).is_some() {
            leaks.push(format!("{entry}\n{}", ended.stderr));
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn nothing_of_the_library_shows_a_secret_in_debug_output() {
    let pop = || Some(ProofOfPossession::from(PROOF));
    let passphrase = || Passphrase::new(PASSPHRASE.to_owned()).expect("a passphrase");
    let ssid = || Ssid::new("Home").expect("an SSID");
    let network =
        SetWifiConfig { ssid: ssid(), passphrase: passphrase(), bssid: None, channel: None };
    let key = hex::encode(NETWORK_KEY);
    let text = format!("[[network]]\nssid = \"Home\"\npassphrase = \"{PASSPHRASE}\"\n");
    let text = format!("{text}[[thread]]\nname = \"Mesh\"\nkey = \"{key}\"\n");
    let networks = parse_networks(&text).expect("a list of networks");
    let dataset = hex::decode(format!("0510{key}")).expect("hexadecimal");
    let dataset = ThreadDataset::new(dataset.into()).expect("a dataset");
    let settings = Settings { networks, pop: pop(), ..Settings::default() };
    let device = VirtualDevice::new(settings.clone());
    let plan = Plan {
        security: Security { pop: pop(), ..Security::default() },
        version: None,
        custom_config: None,
        custom_data: None,
        reset_first: false,
        network: Network::Wifi(network.clone()),
        alternative: Some(Network::Thread(dataset)),
        policy: Policy::default(),
    };
    let typed = ["esp-prov-rs", "--pop", PROOF, "--passphrase", PASSPHRASE, "--sec2-pwd", PROOF];
    let typed = Cli::try_parse_from(typed).expect("it parses");

    let shown = Mutex::new(String::new());
    let show = |what: &dyn fmt::Debug| {
        let mut shown = shown.lock().expect("no panic");
        let _ = writeln!(shown, "{what:?}\n{what:#?}");
    };
    show(&typed);
    show(&plan);
    show(&network);
    show(&settings);
    show(&Credentials::Sec1 { pop: ProofOfPossession::from(PROOF) });
    show(&SecretArg::from(PROOF));
    show(&Passphrase::new(PSK.to_owned()));
    show(&Passphrase::new(SHORT.to_owned()));

    // A run that goes well, one that fails at the join and one that fails before.
    let watch = |event: Event| show(&event);
    let run =
        async |plan: &Plan| plan.at(&device).with_observer(&watch).provision(&plan.given()).await;
    show(&run(&plan).await.expect("the network is there"));
    show(&device);
    show(&device.applied());
    let mut plan = plan;
    device.restart();
    let wrong = Passphrase::new(WRONG_PASSPHRASE.to_owned()).expect("a passphrase");
    plan.network = Network::Wifi(SetWifiConfig { passphrase: wrong, ..network });
    show(&run(&plan).await.expect_err("a wrong passphrase"));
    device.restart();
    plan.security.pop = Some(ProofOfPossession::from(WRONG_PROOF));
    show(&run(&plan).await.expect_err("a wrong proof"));

    let shown = shown.into_inner().expect("no panic");
    assert!(shown.contains("Applied") && shown.contains("ProofRejected"), "{shown}");
    assert_eq!(secret_in(&shown), None, "{shown}");
}
