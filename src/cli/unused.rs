//! Flags that would have no effect with, or without, others. They are refused rather than silently
//! ignored, since the user means something by them.
//!
//! This does not cover what clap itself can check (`requires`, `conflicts_with`), except for
//! `batch`, whose flags may come from a job file; nor what `esp_prov.py` accepts and ignores, which
//! is ignored here, too (`--ble_adapter`, `--custom_info`, `--sec2_salt_len` and the like). Flags
//! about the device and about timeouts (`--pop`, `--attempts`) are the same for all commands, even
//! if one does not need them.

use clap::{ArgMatches, error::ErrorKind, parser::ValueSource};
use esp_prov_batch::ledger::Location;
use protocomm::Given;

use super::{
    args::{CredentialsFormat, QrFormat, SimulateTransportArg, TransportArg},
    commands::batch::args::{ExportFormat, ReportFormat},
    usage,
};

/// A rule for flags that may have no effect.
struct Rule {
    /// The commands it is for.
    commands: &'static [&'static str],
    /// The flags it is for.
    flags: &'static [&'static str],
    /// Whether the flags have no effect.
    is_unused: fn(Typed<'_>) -> bool,
    /// The condition in words, after "does nothing".
    when: &'static str,
}

const DEVICE: &[&str] = &["provision", "info", "scan", "send", "status", "reset", "reprovision"];
const PROVISION: &[&str] = &["provision"];
const SIMULATE: &[&str] = &["simulate"];
const BATCH: &[&str] = &["batch"];
const WORK: &[&str] = &["batch", "station"];

const RULES: &[Rule] = &[
    Rule {
        commands: DEVICE,
        flags: &["port", "baud"],
        is_unused: |typed| typed.is_over_another_than(TransportArg::Console),
        when: "without --transport console",
    },
    Rule {
        commands: DEVICE,
        flags: &["service-uuid"],
        is_unused: |typed| typed.is_over_another_than(TransportArg::Ble),
        when: "without --transport ble",
    },
    Rule {
        commands: DEVICE,
        flags: &["softap", "softap-passphrase", "softap-passphrase-file", "interface", "yes"],
        is_unused: |typed| {
            typed.has("transport") && typed.is_over_another_than(TransportArg::Softap)
        },
        when: "with --transport ble, console or virtual",
    },
    Rule {
        commands: DEVICE,
        flags: &["softap-passphrase", "softap-passphrase-file", "interface", "yes"],
        is_unused: |typed| !typed.has("softap") && !typed.has("qr"),
        when: "without --softap",
    },
    Rule {
        commands: DEVICE,
        flags: &["service-name"],
        is_unused: |typed| typed.has_text("service-name") && typed.has("service-uuid"),
        when: "with --service-uuid, which replaces it",
    },
    Rule {
        commands: PROVISION,
        flags: &["thread-network"],
        is_unused: |typed| typed.has_wifi(),
        when: "with --ssid or --ssid-hex",
    },
    Rule {
        commands: PROVISION,
        flags: &["network-key", "network-key-file"],
        is_unused: |typed| typed.has_wifi() || typed.has_dataset(),
        when: "without --thread-network, or with --ssid, --ssid-hex or a dataset",
    },
    Rule {
        commands: PROVISION,
        flags: &["open", "passphrase-file", "bssid", "channel"],
        is_unused: |typed| {
            !typed.has_wifi() && (typed.has_dataset() || typed.has_text("thread-network"))
        },
        when: "with a Thread network only",
    },
    Rule {
        commands: PROVISION,
        flags: &[
            "ssid-hex",
            "bssid",
            "channel",
            "open",
            "passphrase-file",
            "thread-network",
            "dataset-tlvs-file",
            "network-key",
            "network-key-file",
            "reset-first",
            "verify",
            "then",
        ],
        is_unused: |typed| typed.has("reset") || typed.has("reprov"),
        when: "with --reset or --reprov, which give no network",
    },
    Rule {
        commands: &["send"],
        flags: &["reply"],
        is_unused: |typed| typed.has("json"),
        when: "with --json, which has each reply as text and in hexadecimal",
    },
    Rule {
        commands: &["discover"],
        flags: &["adapter", "service-uuid"],
        is_unused: |typed| typed.is("transport", TransportArg::Softap),
        when: "with --transport softap: it is for BLE",
    },
    Rule {
        commands: &["provision", "batch", "station"],
        flags: &["verify-timeout", "verify-search"],
        is_unused: |typed| !typed.has("verify"),
        when: "without --verify",
    },
    Rule {
        commands: BATCH,
        flags: &["prefix", "watch-interval"],
        is_unused: |typed| !typed.has("watch"),
        when: "without --watch",
    },
    Rule {
        commands: WORK,
        flags: &["interface"],
        is_unused: |typed| typed.is("transport", TransportArg::Ble),
        when: "with --transport ble: it is for access points",
    },
    Rule {
        commands: WORK,
        flags: &["hook-timeout"],
        is_unused: |typed| !typed.has("on-result"),
        when: "without --on-result",
    },
    Rule {
        commands: WORK,
        flags: &["lease"],
        is_unused: |typed| !typed.has_database(),
        when: "without a --ledger that stations share (postgres://…)",
    },
    Rule {
        commands: &["station"],
        flags: &["scanner-baud"],
        is_unused: |typed| !typed.has("scanner"),
        when: "without --scanner",
    },
    Rule {
        commands: BATCH,
        flags: &["add-roster"],
        is_unused: |typed| typed.has_database(),
        when: "with a database, which keeps the devices of any roster",
    },
    Rule {
        commands: &["batch export"],
        flags: &["json"],
        is_unused: |typed| typed.is("format", ExportFormat::Csv),
        when: "without --format json",
    },
    Rule {
        commands: &["batch report"],
        flags: &["json"],
        is_unused: |typed| !typed.is("format", ReportFormat::Json),
        when: "without --format json",
    },
    Rule {
        commands: &["batch report"],
        flags: &["by-label"],
        is_unused: |typed| typed.is("format", ReportFormat::Junit),
        when: "with --format junit, which has all labels of each device",
    },
    Rule {
        commands: &["secrets"],
        flags: &["sec2-username"],
        is_unused: |typed| !typed.is("sec-ver", 2_u8),
        when: "without --sec-ver 2",
    },
    Rule {
        commands: &["sec2-credentials"],
        flags: &["output"],
        is_unused: |typed| !typed.is("format", CredentialsFormat::Raw),
        when: "without --format raw; the other formats go to stdout",
    },
    Rule {
        commands: &["sec2-credentials"],
        flags: &["json"],
        is_unused: |typed| !typed.is("format", CredentialsFormat::Json),
        when: "without --format json",
    },
    Rule {
        commands: &["qr"],
        flags: &["json"],
        is_unused: |typed| typed.has("format") && !typed.is("format", QrFormat::Text),
        when: "without --format text, which is JSON",
    },
    Rule { commands: &["completions"], flags: &["json"], is_unused: |_| true, when: "here" },
    Rule {
        commands: SIMULATE,
        flags: &["listen", "whole-replies"],
        is_unused: |typed| typed.is("transport", SimulateTransportArg::Console),
        when: "with --transport console",
    },
    Rule {
        commands: SIMULATE,
        flags: &["log-lines"],
        is_unused: |typed| !typed.is("transport", SimulateTransportArg::Console),
        when: "without --transport console",
    },
    Rule {
        commands: SIMULATE,
        flags: &["pop", "no-pop"],
        is_unused: |typed| !typed.is("sec-ver", 1_u8),
        when: "with --sec-ver 0 or 2: it belongs to security 1",
    },
    Rule {
        commands: SIMULATE,
        flags: &["sec2-username", "sec2-pwd", "sec2-verifier"],
        is_unused: |typed| !typed.is("sec-ver", 2_u8),
        when: "without --sec-ver 2",
    },
    Rule {
        commands: SIMULATE,
        flags: &["sec2-username", "sec2-pwd"],
        is_unused: |typed| typed.has("sec2-verifier"),
        when: "with --sec2-verifier",
    },
    Rule {
        commands: SIMULATE,
        flags: &["seed"],
        is_unused: |typed| {
            !["wrong-pop", "drop", "delay", "reboot"].iter().any(|flag| typed.has(flag))
        },
        when: "without --wrong-pop, --drop, --delay or --reboot",
    },
];

/// What was typed on a command line.
#[derive(Clone, Copy)]
struct Typed<'a>(&'a ArgMatches);

impl Typed<'_> {
    fn has(self, flag: &str) -> bool {
        self.0.value_source(&id(flag)) == Some(ValueSource::CommandLine)
    }

    fn has_text(self, flag: &str) -> bool {
        self.0.get_one::<Given>(&id(flag)).is_some_and(|text| !text.is_empty())
    }

    /// Whether a flag has this value, typed or by default.
    fn is<T: PartialEq + Clone + Send + Sync + 'static>(self, flag: &str, value: T) -> bool {
        self.0.get_one::<T>(&id(flag)) == Some(&value)
    }

    /// Whether the transport is surely another than this. A label, which is not read here, may name
    /// it.
    fn is_over_another_than(self, transport: TransportArg) -> bool {
        let may_be = self.has("qr") && !self.has("transport");
        !may_be && !self.is("transport", transport)
    }

    fn has_wifi(self) -> bool {
        self.has_text("ssid") || self.has_text("ssid-hex")
    }

    fn has_dataset(self) -> bool {
        self.has("dataset-tlvs") || self.has("dataset-tlvs-file")
    }

    fn has_database(self) -> bool {
        let ledger = self.0.get_one::<Given>("ledger").map(Location::new);
        matches!(ledger, Some(Ok(Location::Postgres(_))))
    }
}

/// The ID of a flag in clap.
fn id(flag: &str) -> String {
    flag.replace('-', "_")
}

/// Refuses flags that would have no effect.
pub(super) fn check(matches: &ArgMatches) -> Result<(), clap::Error> {
    let (command, own) = super::typed(matches);
    let typed = Typed(own);
    for rule in RULES.iter().filter(|rule| rule.commands.contains(&command.as_str())) {
        if let Some(flag) = rule.flags.iter().find(|flag| typed.has(flag))
            && (rule.is_unused)(typed)
        {
            let what = format!("--{flag} does nothing {}", rule.when);
            let (path, _) = super::path(matches);
            return Err(usage::error_of(&path, ErrorKind::ArgumentConflict, &what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{super::args::Cli, *};

    /// The error for a command line, if it is refused.
    fn said(words: &str) -> Option<String> {
        let words = ["esp-prov-rs"].into_iter().chain(words.split_whitespace());
        let matches = Cli::command().try_get_matches_from(words).expect("it parses");
        check(&matches).err().map(|error| error.to_string())
    }

    /// A rule with a misspelled flag or command would never apply.
    #[test]
    fn each_rule_is_about_flags_that_its_commands_have() {
        let mut cli = Cli::command();
        cli.build();
        for rule in RULES {
            for command in rule.commands {
                let below = |above: clap::Command, name: &str| {
                    above.find_subcommand(name).cloned().expect("a command")
                };
                let command = command.split(' ').fold(cli.clone(), below);
                for flag in rule.flags {
                    let has = command.get_arguments().any(|arg| {
                        arg.get_long() == Some(flag) && arg.get_id().as_str() == id(flag)
                    });
                    assert!(has, "{} --{flag}", command.get_name());
                }
            }
        }
    }

    #[test]
    fn what_would_do_nothing_is_refused_by_name() {
        for (words, flag, why) in [
            ("--port x", "port", "--transport console"),
            ("--transport ble --baud 9600", "baud", "--transport console"),
            ("--transport ble --softap x", "softap", "--transport ble"),
            ("--interface wlan0", "interface", "--softap"),
            ("status --softap-passphrase-file x", "softap-passphrase-file", "--softap"),
            ("--service-name x --yes", "yes", "--softap"),
            ("status --service-uuid x", "service-uuid", "--transport ble"),
            (
                "provision --transport ble --service-uuid x --service-name y",
                "service-name",
                "with --service-uuid",
            ),
            ("--ssid a --thread-network b", "thread-network", "with --ssid"),
            ("--ssid a --network-key b", "network-key", "--thread-network"),
            ("--dataset-tlvs-file a --open", "open", "Thread"),
            ("--thread-network a --passphrase-file b", "passphrase-file", "Thread"),
            ("--reset --ssid-hex 00", "ssid-hex", "no network"),
            ("--reprov --reset-first", "reset-first", "no network"),
            ("--reprov --then reprovision", "then", "no network"),
            ("send x --utf8 y --reply hex --json", "reply", "--json"),
            ("discover --transport softap --adapter hci1", "adapter", "BLE"),
            ("batch --roster x --watch-interval 2s", "watch-interval", "--watch"),
            ("batch --roster x --prefix y", "prefix", "--watch"),
            ("batch --roster x --hook-timeout 2s", "hook-timeout", "--on-result"),
            ("batch --roster x --lease 2s", "lease", "share"),
            ("batch --roster x --ledger y --lease 2s", "lease", "share"),
            ("batch --roster x --ledger postgres://a/b --add-roster", "add-roster", "database"),
            ("station --ledger x --scanner-baud 9600", "scanner-baud", "--scanner"),
            ("batch export --roster x --json", "json", "--format json"),
            ("batch report --roster x --json", "json", "--format json"),
            ("batch report --roster x --format junit --by-label lot", "by-label", "junit"),
            (
                "secrets --count 1 --transport ble --sec-ver 1 --output x --sec2-username u",
                "sec2-username",
                "--sec-ver 2",
            ),
            ("sec2-credentials --output x", "output", "--format raw"),
            ("sec2-credentials --format json --output x", "output", "--format raw"),
            ("sec2-credentials --json", "json", "--format json"),
            ("qr --format svg --json", "json", "--format text"),
            ("completions bash --json", "json", "here"),
            ("simulate --transport console --listen 127.0.0.1:1", "listen", "console"),
            ("simulate --log-lines", "log-lines", "--transport console"),
            ("simulate --sec-ver 2 --pop x", "pop", "security 1"),
            ("simulate --sec-ver 0 --no-pop", "no-pop", "security 1"),
            ("simulate --sec2-verifier x", "sec2-verifier", "--sec-ver 2"),
            ("simulate --sec2-username x", "sec2-username", "--sec-ver 2"),
            ("simulate --sec-ver 2 --sec2-verifier x --sec2-pwd y", "sec2-pwd", "--sec2-verifier"),
            ("simulate --seed 1", "seed", "--drop"),
        ] {
            let said = said(words).unwrap_or_else(|| panic!("{words}: taken"));
            let about = format!("error: --{flag} does nothing ");
            assert!(said.starts_with(&about) && said.contains(why), "{words}: {said}");
        }
    }

    #[test]
    fn what_does_something_is_taken() {
        for words in [
            "--transport console --port x --baud 9600",
            "--qr x --port y",
            "--softap x --softap-passphrase y --interface z --yes",
            "--qr x --yes",
            "--transport softap --softap x",
            "--transport ble --service-uuid x",
            "--transport BLE --service_name x",
            "--thread-network x --network-key y",
            "--network-key y",
            "--ssid x --dataset-tlvs y --open",
            // As `esp_prov.py` does, which ignores some.
            "--transport softap --ble_adapter hci0 --custom_info x --sec2_salt_len 4 --sec2_gen_cred",
            "--dataset_tlvs x --ssid y --passphrase z",
            "--dataset_tlvs x --passphrase z",
            "--reset --ssid x --passphrase y --custom_data z",
            "send x --utf8 y --reply hex",
            "discover --adapter hci1 --service-uuid x",
            "batch --roster x --watch --watch-interval 2s --prefix y",
            "batch --roster x --on-result y --hook-timeout 2s",
            "batch --roster x --ledger postgres://a/b --lease 2s",
            "batch --roster x --add-roster",
            "batch --job x --watch",
            "batch status --roster x --json",
            "batch export --roster x --json --format json",
            "secrets --count 1 --transport ble --sec-ver 2 --output x --sec2-username u",
            "sec2-credentials --format raw --output x",
            "sec2-credentials --format json --json",
            "qr --json --name x",
            "simulate --transport console --log-lines --pop x",
            "simulate --sec-ver 2 --sec2-verifier x",
            "simulate --sec-ver 2 --sec2-username x --sec2-pwd y",
            "simulate --drop 1% --seed 2",
            "simulate --count 2 --wrong-pop 1% --seed 2",
        ] {
            assert_eq!(said(words), None, "{words}");
        }
    }
}
