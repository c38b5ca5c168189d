//! Command lines of `esp_prov.py`. Its spellings are hidden aliases in [`super::args`]; here are
//! its abbreviations, which Python's argparse takes wherever they mean one flag only.

use std::ffi::OsString;

/// Its long flags, network_provisioning 1.2.4 and ESP-IDF v4.4.
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

/// Writes out abbreviations, e.g. `--pass` although this tool has `--passphrase-file`, too.
pub(super) fn expand(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    arguments.into_iter().map(|argument| written_out(&argument).unwrap_or(argument)).collect()
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
}
