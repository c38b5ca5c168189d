//! Command lines of `esp_prov.py`. Its spellings are hidden aliases in [`super::args`]; this
//! expands its abbreviations, which Python's argparse accepts if they are unambiguous.

use std::ffi::OsString;

/// The long flags of `esp_prov.py` (network_provisioning 1.2.4 and ESP-IDF v4.4).
const FLAGS: &[&str] = &[
    "ble_adapter",
    "custom_config",
    "custom_data",
    "custom_info",
    "custom_ver",
    "dataset_tlvs",
    "passphrase",
    "pop",
    "proto_ver",
    "reprov",
    "reset",
    "sec2_gen_cred",
    "sec2_pwd",
    "sec2_salt_len",
    "sec2_username",
    "sec_ver",
    "service_name",
    "ssid",
    "transport",
    "verbose",
];

/// Flags whose value may begin with a hyphen.
const TAKE_ANY_TEXT: &[&str] =
    &["--custom-data", "--custom_data", "--passphrase", "--pop", "--sec2_pwd", "--ssid"];

/// Expands abbreviations, such as `--pass`, although this tool also has `--passphrase-file`. The
/// value of a flag that takes any text is left alone, and so is everything after `--`, which
/// belongs to another command.
pub(super) fn expand(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let (mut is_value, mut is_over) = (false, false);
    let expand = |argument: OsString| {
        is_over |= !is_value && argument == "--";
        if is_over {
            return argument;
        }
        let argument = if is_value { argument } else { written_out(&argument).unwrap_or(argument) };
        is_value = !is_value && TAKE_ANY_TEXT.iter().any(|flag| argument == *flag);
        argument
    };
    arguments.into_iter().map(expand).collect()
}

fn written_out(argument: &OsString) -> Option<OsString> {
    let flag = argument.to_str()?.strip_prefix("--")?;
    let (name, value) = match flag.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (flag, None),
    };
    if name.is_empty() || FLAGS.contains(&name) {
        return None;
    }
    let mut meant = FLAGS.iter().filter(|flag| flag.starts_with(name));
    let (Some(flag), None) = (meant.next(), meant.next()) else { return None };
    Some(match value {
        Some(value) => format!("--{flag}={value}").into(),
        None => format!("--{flag}").into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_that_mean_one_flag_are_written_out() {
        for (typed, meant) in [
            ("--pass", "--passphrase"),
            ("--po=abcd", "--pop=abcd"),
            ("--serv", "--service_name"),
            ("--verb", "--verbose"),
            ("--pop", "--pop"),
            ("--pop-file", "--pop-file"),
            ("--version", "--version"),
            ("--p", "--p"),
            ("--", "--"),
            ("-v", "-v"),
            ("pass", "pass"),
        ] {
            assert_eq!(expand([typed.into()]), [OsString::from(meant)], "{typed}");
        }
    }

    #[test]
    fn a_command_after_two_hyphens_is_left_alone() {
        let typed = ["simulate", "--po", "--", "--", "curl", "--pass", "--po=x"];
        let meant = ["simulate", "--pop", "--", "--", "curl", "--pass", "--po=x"];
        assert_eq!(expand(typed.map(OsString::from)), meant.map(OsString::from));
    }

    #[test]
    fn values_are_left_alone() {
        let typed = ["--pass", "--po", "--serv", "x", "--pop", "--pop", "--verb"];
        let meant = ["--passphrase", "--po", "--service_name", "x", "--pop", "--pop", "--verbose"];
        assert_eq!(expand(typed.map(OsString::from)), meant);
    }
}
