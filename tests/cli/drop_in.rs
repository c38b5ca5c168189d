//! A drop-in for `esp_prov.py`: the flags of each of its versions do here what they do there,
//! and nothing is asked where it does not ask. (`protocol.md`, section 10; read in ESP-IDF v4.4,
//! v5.0, v5.5.5 and network_provisioning 1.2.4.)

#![cfg(unix)]

use std::thread;

use serde_json::Value;

use crate::run::{Ended, Process, Simulator, esp_prov_rs};
use crate::terminal::Terminal;

/// The versions of the tool whose parsers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    V3_3,
    V4_4,
    V5_0,
    V5_1,
    V5_2,
    Np,
}

use Version::{Np, V3_3, V4_4, V5_0, V5_1, V5_2};

const VERSIONS: [Version; 6] = [V3_3, V4_4, V5_0, V5_1, V5_2, Np];

/// A flag of the tool: which versions have it, a command line with it, the device, and what must
/// come of it.
struct Flag {
    name: &'static str,
    from: Version,
    to: Version,
    device: &'static str,
    typed: &'static str,
    effect: Effect,
}

/// What a device or a user sees.
enum Effect {
    /// The device says this of a request.
    Device(&'static str),
    /// The device is given this network.
    Given(&'static str),
    /// This is said.
    Said(&'static str),
    /// The run ends with this exit code.
    Ends(i32),
}

use Effect::{Device, Ends, Given, Said};

const HOME: &str = "--ssid Home --passphrase correct-horse";

const FLAGS: &[Flag] = &[
    Flag {
        name: "--transport",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--transport softap --pop abcd1234 HOME",
        effect: Given("Home"),
    },
    Flag {
        name: "--transport",
        from: V5_2,
        to: Np,
        device: "",
        typed: "--transport httpd --pop abcd1234 HOME",
        effect: Given("Home"),
    },
    Flag {
        name: "--service_name",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--transport SoftAP --pop abcd1234 HOME",
        effect: Device("ApplyWifiConfig -> Success"),
    },
    Flag {
        name: "--proto_ver",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--proto_ver NETPROV-v1.2 --pop abcd1234 HOME",
        effect: Given("Home"),
    },
    Flag {
        name: "--proto_ver",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--proto_ver v1.1 --pop abcd1234 HOME",
        effect: Ends(20),
    },
    Flag {
        name: "--proto_ver",
        from: V3_3,
        to: V4_4,
        device: "--persona legacy",
        typed: "--proto_ver V0.1 --sec_ver 1 --pop abcd1234 HOME",
        effect: Given("Home"),
    },
    Flag {
        name: "--sec_ver",
        from: V3_3,
        to: Np,
        device: "--sec-ver 0",
        typed: "--sec_ver 0 HOME",
        effect: Device("session open, security 0"),
    },
    Flag {
        name: "--sec_ver",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--sec_ver 1 --pop abcd1234 HOME",
        effect: Device("session open, security 1"),
    },
    Flag {
        name: "--sec_ver",
        from: V5_0,
        to: Np,
        device: "--sec-ver 2",
        typed: "--sec_ver 2 --sec2_username wifiprov --sec2_pwd abcd1234 HOME",
        effect: Device("session open, security 2"),
    },
    Flag {
        name: "--pop",
        from: V3_3,
        to: Np,
        device: "--pop another1",
        typed: "--pop another1 HOME",
        effect: Given("Home"),
    },
    Flag {
        name: "--pop",
        from: V3_3,
        to: Np,
        device: "--no-pop",
        typed: "--pop abcd1234 HOME",
        // Refused, where the tool says that it ignores the proof: see docs/commands.md.
        effect: Ends(31),
    },
    Flag {
        name: "--sec2_username",
        from: V5_0,
        to: Np,
        device: "--sec-ver 2 --sec2-username somebody",
        typed: "--sec2_username somebody --sec2_pwd abcd1234 HOME",
        effect: Given("Home"),
    },
    Flag {
        name: "--sec2_pwd",
        from: V5_0,
        to: Np,
        device: "--sec-ver 2 --sec2-pwd secret99",
        typed: "--sec_ver 2 --sec2_username wifiprov --sec2_pwd secret99 HOME",
        effect: Given("Home"),
    },
    Flag {
        name: "--sec2_gen_cred",
        from: V5_0,
        to: Np,
        device: "",
        typed: "--sec_ver 2 --sec2_gen_cred --sec2_username u --sec2_pwd p",
        effect: Said("static const char sec2_verifier[] = {"),
    },
    Flag {
        name: "--sec2_gen_cred",
        from: V5_0,
        to: Np,
        device: "",
        typed: "--sec2_gen_cred --pop abcd1234 HOME",
        effect: Given("Home"),
    },
    Flag {
        name: "--sec2_salt_len",
        from: V5_0,
        to: Np,
        device: "",
        typed: "--sec_ver 2 --sec2_gen_cred --sec2_salt_len 1 --sec2_username u --sec2_pwd p",
        effect: Said("static const char sec2_salt[] = {\n    0x"),
    },
    Flag {
        name: "--ssid",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--pop abcd1234 --ssid Office --passphrase battery-staple",
        effect: Given("Office"),
    },
    Flag {
        name: "--passphrase",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--pop abcd1234 --ssid Home --passphrase wrong-horse",
        effect: Ends(50),
    },
    Flag {
        name: "--passphrase",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--pop abcd1234 --ssid Guest --passphrase=",
        effect: Given("Guest"),
    },
    Flag {
        name: "--dataset_tlvs",
        from: Np,
        to: Np,
        device: "--persona netprov-thread",
        typed: "--pop abcd1234 --dataset_tlvs \
                000300000f0208dead00beef00cafe051000112233445566778899aabbccddeeff01020042",
        effect: Device("ApplyThreadConfig -> Success"),
    },
    Flag {
        name: "--custom_data",
        from: V4_4,
        to: Np,
        device: "",
        typed: "--custom_data 12345 --pop abcd1234 HOME",
        effect: Device("application data, 5 bytes"),
    },
    Flag {
        name: "--custom_config",
        from: V3_3,
        to: V4_4,
        device: "--persona legacy",
        typed: "--custom_config --sec_ver 1 --pop abcd1234 HOME",
        // Field 1 with 25 characters, field 2 with 2.
        effect: Device("application data, 29 bytes"),
    },
    Flag {
        name: "--custom_info",
        from: V3_3,
        to: V4_4,
        device: "--persona legacy",
        typed: "--custom_config --custom_info abc --sec_ver 1 --pop abcd1234 HOME",
        effect: Device("application data, 7 bytes"),
    },
    Flag {
        name: "--custom_ver",
        from: V3_3,
        to: V4_4,
        device: "--persona legacy",
        typed: "--custom_config --custom_ver 300 --sec_ver 1 --pop abcd1234 HOME",
        effect: Device("application data, 30 bytes"),
    },
    Flag {
        name: "--reset",
        from: V5_1,
        to: Np,
        device: "",
        typed: "--reset --pop abcd1234",
        effect: Device("CtrlWifiReset -> Success"),
    },
    Flag {
        name: "--reprov",
        from: V5_1,
        to: Np,
        device: "",
        typed: "--reprov --pop abcd1234",
        effect: Device("CtrlWifiReprov -> InternalError"),
    },
    Flag {
        name: "--reset",
        from: Np,
        to: Np,
        device: "--persona netprov-thread",
        typed: "--reset --pop abcd1234",
        effect: Device("CtrlThreadReset -> Success"),
    },
    Flag {
        name: "--ble_adapter",
        from: Np,
        to: Np,
        device: "",
        typed: "--ble_adapter hci1 --pop abcd1234 HOME",
        effect: Given("Home"),
    },
    Flag {
        name: "--verbose",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--verbose --pop abcd1234 HOME",
        effect: Said("capabilities: wifi_prov wifi_scan"),
    },
    Flag {
        name: "-v",
        from: V3_3,
        to: Np,
        device: "",
        typed: "-v --pop abcd1234 HOME",
        effect: Said("capabilities: wifi_prov wifi_scan"),
    },
    Flag {
        name: "--help",
        from: V3_3,
        to: Np,
        device: "",
        typed: "--help",
        effect: Said("Usage:"),
    },
];

/// All flags of the tool's parser, and how many each version has of them.
const NAMES: &[(&str, Version, Version)] = &[
    ("--help", V3_3, Np),
    ("--transport", V3_3, Np),
    ("--service_name", V3_3, Np),
    ("--proto_ver", V3_3, Np),
    ("--sec_ver", V3_3, Np),
    ("--pop", V3_3, Np),
    ("--sec2_username", V5_0, Np),
    ("--sec2_pwd", V5_0, Np),
    ("--sec2_gen_cred", V5_0, Np),
    ("--sec2_salt_len", V5_0, Np),
    ("--ssid", V3_3, Np),
    ("--passphrase", V3_3, Np),
    ("--dataset_tlvs", Np, Np),
    ("--custom_data", V4_4, Np),
    ("--custom_config", V3_3, V4_4),
    ("--custom_info", V3_3, V4_4),
    ("--custom_ver", V3_3, V4_4),
    ("--reset", V5_1, Np),
    ("--reprov", V5_1, Np),
    ("--ble_adapter", Np, Np),
    ("--verbose", V3_3, Np),
    ("-v", V3_3, Np),
];

#[test]
fn every_flag_of_every_version_is_in_the_table() {
    for version in VERSIONS {
        for (name, from, to) in NAMES {
            let has = (*from..=*to).contains(&version);
            let tried = FLAGS
                .iter()
                .any(|flag| flag.name == *name && (flag.from..=flag.to).contains(&version));
            assert_eq!(has, tried, "{name} of {version:?}");
        }
    }
}

#[test]
fn every_flag_does_what_it_does_there() {
    thread::scope(|scope| {
        for flag in FLAGS {
            scope.spawn(move || {
                let arguments = flag.device.split_whitespace();
                let device =
                    Simulator::start(["--once", "--join-delay", "0"].into_iter().chain(arguments));
                let address = device.address.to_string();
                let ended = provision(&address, flag.typed);
                let what =
                    format!("{}: {}\n{}{}", flag.name, flag.typed, ended.stdout, ended.stderr);
                match flag.effect {
                    Device(words) => {
                        let told = device.process.stop().stdout;
                        assert!(told.contains(words), "no {words:?} in:\n{told}{what}");
                    }
                    Given(ssid) => {
                        assert_eq!(ended.code, Some(0), "{what}");
                        let told = device.process.end().stdout;
                        let last = told.lines().last().expect("it tells what it was given");
                        let last: Value = serde_json::from_str(last).expect("an event");
                        assert_eq!(
                            (&last["event"], &last["ssid"]),
                            (&"provisioned".into(), &ssid.into())
                        );
                    }
                    Said(words) => {
                        assert!((ended.stdout + &ended.stderr).contains(words), "{what}");
                        assert_eq!(ended.code, Some(0), "{what}");
                    }
                    Ends(code) => assert_eq!(ended.code, Some(code), "{what}"),
                }
            });
        }
    });
}

fn provision(address: &str, typed: &str) -> Ended {
    let typed = typed.replace("HOME", HOME);
    let typed = typed.split(' ').filter(|word| !word.is_empty());
    Process::start(esp_prov_rs(["--service_name", address].into_iter().chain(typed))).end()
}

/// Every question, here and there.
const QUESTIONS: &[&str] = &[
    "Proof of possession of the device:",
    "User name for security 2:",
    "for security 2:",
    "Network (type to filter):",
    "Thread network (type to filter):",
    "Passphrase for",
    "Network key of",
    "Connected:",
    "Attached:",
    "error:",
];

/// The device, the command line, the questions with their answers, and the end.
type Dialogue = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn questions_come_where_it_asks_and_nowhere_else() {
    let dialogues: &[Dialogue] = &[
        ("", "--pop abcd1234 HOME", &[], "Connected:"),
        ("--sec-ver 0", "HOME", &[], "Connected:"),
        ("--no-pop", "HOME", &[], "Connected:"),
        ("--no-pop", "--sec_ver 1 HOME", &[], "Connected:"),
        ("", "HOME", &[("Proof of possession of the device:", "abcd1234")], "Connected:"),
        (
            "",
            "--sec_ver 1 HOME",
            &[("Proof of possession of the device:", "abcd1234")],
            "Connected:",
        ),
        (
            "--sec-ver 2",
            "--sec_ver 2 HOME",
            &[("User name for security 2:", "wifiprov"), ("for security 2:", "abcd1234")],
            "Connected:",
        ),
        (
            "--sec-ver 2",
            "--sec2_username wifiprov HOME",
            &[("for security 2:", "abcd1234")],
            "Connected:",
        ),
        ("", "--pop abcd1234 --ssid Home", &[("Passphrase for", "correct-horse")], "Connected:"),
        (
            "",
            "--pop abcd1234",
            &[("Network (type to filter):", "Home"), ("Passphrase for", "correct-horse")],
            "Connected:",
        ),
        (
            "",
            "--pop abcd1234 --passphrase correct-horse",
            &[("Network (type to filter):", "Home")],
            "Connected:",
        ),
        ("", "--pop abcd1234", &[("Network (type to filter):", "Guest")], "Connected:"),
        (
            "--persona netprov-thread",
            "--pop abcd1234",
            &[
                ("Thread network (type to filter):", "Office"),
                ("Network key of", "ffeeddccbbaa99887766554433221100"),
            ],
            "Attached:",
        ),
        (
            "--persona netprov-thread",
            "--pop abcd1234",
            &[
                ("Thread network (type to filter):", "Home"),
                ("Network key of", "0011"),
                ("Network key of", "00112233445566778899aabbccddeeff"),
            ],
            "Attached:",
        ),
        (
            "",
            "--pop abcd1234",
            &[
                ("Network (type to filter):", "Home"),
                ("Passphrase for", ""),
                ("Passphrase for", "correct-horse"),
            ],
            "Connected:",
        ),
        // A secret that is wrong is asked for again, as long as there were fewer than three.
        (
            "",
            "HOME",
            &[
                ("Proof of possession of the device:", "wrong-one"),
                ("Proof of possession of the device:", "abcd1234"),
            ],
            "Connected:",
        ),
        (
            "",
            "--pop wrong-one HOME",
            &[
                ("Proof of possession of the device:", "wrong-two"),
                ("Proof of possession of the device:", "wrong-three"),
            ],
            "error:",
        ),
        (
            "--sec-ver 2",
            "--sec2_username wifiprov HOME",
            &[("for security 2:", "wrong-one"), ("for security 2:", "abcd1234")],
            "Connected:",
        ),
        ("", "--pop wrong --no-input HOME", &[], "error:"),
    ];
    thread::scope(|scope| {
        for (device, typed, questions, end) in dialogues {
            scope.spawn(move || {
                let device = Simulator::start(
                    ["--once", "--join-delay", "0"].into_iter().chain(device.split_whitespace()),
                );
                let address = device.address.to_string();
                let words = typed.replace("HOME", HOME);
                let words = words.split(' ').filter(|word| !word.is_empty());
                let mut terminal = Terminal::run(esp_prov_rs(
                    ["--service_name", &address].into_iter().chain(words),
                ));
                for (question, answer) in *questions {
                    assert_eq!(
                        terminal.until(QUESTIONS),
                        *question,
                        "{typed}: {}",
                        terminal.shown()
                    );
                    terminal.answer(answer);
                }
                assert_eq!(terminal.until(QUESTIONS), *end, "{typed}: {}", terminal.shown());
                let (code, shown) = terminal.end();
                assert_eq!(code == Some(0), *end != "error:", "{typed}: {shown}");
                for (question, answer) in *questions {
                    let hidden = question.contains("roof")
                        || question.contains("assphrase")
                        || question.contains("key");
                    let is_shown = !answer.is_empty() && shown.contains(answer);
                    assert!(!hidden || !is_shown, "{typed}: {shown}");
                }
            });
        }
    });
}
