//! `esp-prov-rs sec2-credentials`: generates a salt and verifier for security 2.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use esp_prov::Login;
use esp_prov_input::files::{self, Kind};
use protocomm::device::SrpVerifier;
use rand_core::UnwrapErr;

use crate::{
    cli::{
        Failure,
        options::{DeviceArgs, LoginArgs, OutputArgs, number},
        plan, prompt,
        secrets::Doubts,
    },
    exit::Exit,
    report::{self, Reporter},
};

/// Salt and verifier of security 2.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  C arrays for the firmware's source:
    esp-prov-rs sec2-credentials --sec2-username wifiprov > sec2_credentials.h

  Two files for its flash:
    esp-prov-rs sec2-credentials --sec2-username wifiprov --format raw --output factory/1234
    (writes factory/1234.salt and factory/1234.verifier)

For many devices, with passwords of their own and labels, see `esp-prov-rs secrets`.")]
pub struct CredentialsArgs {
    /// Of whom.
    #[command(flatten)]
    pub login: LoginArgs,
    /// Length of the salt in bytes
    #[arg(long, alias = "sec2_salt_len", value_name = "N", default_value_t = 16, value_parser = number(1_u16..=1024), allow_negative_numbers = true)]
    pub sec2_salt_len: u16,
    /// c for C arrays, json for hexadecimal text, raw for two files
    #[arg(long, value_name = "FORMAT", default_value = "c", hide_possible_values = true)]
    pub format: CredentialsFormat,
    /// With raw: base name of the two files (.salt, .verifier), readable only by their owner
    #[arg(long, value_name = "NAME", required_if_eq("format", "raw"))]
    pub output: Option<PathBuf>,
}

/// Forms of salt and verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum CredentialsFormat {
    C,
    Json,
    Raw,
}

pub(super) fn run(
    args: &CredentialsArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let doubts = Doubts { observer: reporter, deny_warnings: false };
    let username = plan::username(&args.login, Some(doubts))?;
    let login = match (username, plan::password(&args.login, doubts)?) {
        (Some(username), Some(password)) => Login { username, password },
        (username, None) if prompt::possible(output.no_input) => prompt::login(username)?,
        (None, _) => return Err(missing("--sec2-username", "ESP_PROV_SEC2_USERNAME")),
        (_, None) => return Err(missing("--sec2-pwd", "--sec2-pwd-file or ESP_PROV_SEC2_PWD")),
    };
    let length = usize::from(args.sec2_salt_len);
    let mut rng = UnwrapErr(getrandom::SysRng);
    let made = SrpVerifier::generate(&login.username, &login.password, length, &mut rng);
    match (args.format, &args.output) {
        (CredentialsFormat::C, _) => report::raw(as_c(&made).as_bytes()),
        (CredentialsFormat::Json, _) => report::raw(as_json(&made).as_bytes()),
        (CredentialsFormat::Raw, Some(name)) => write_files(&made, name)?,
        (CredentialsFormat::Raw, None) => {
            return Err(Failure::input("--output is missing: --format raw writes two files"));
        }
    }
    Ok(Exit::DONE)
}

/// Runs as for `--sec_ver 2 --sec2_gen_cred` of `esp_prov.py`.
pub(super) fn run_as_esp_prov(
    args: &DeviceArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let args = CredentialsArgs {
        login: args.login.clone(),
        sec2_salt_len: args.compat.sec2_salt_len.unwrap_or(16),
        format: CredentialsFormat::C,
        output: None,
    };
    report::raw(b"==== Salt-verifier for security scheme 2 (SRP6a) ====\n");
    run(&args, output, reporter)
}

fn missing(flag: &str, or: &str) -> Failure {
    Failure::input(format!("{flag} is missing: give it, or {or}"))
}

/// Formats C arrays as `esp_prov.py` does, whose output people paste into firmware.
fn as_c(made: &SrpVerifier) -> String {
    format!("{}\n{}\n", array("sec2_salt", &made.salt), array("sec2_verifier", &made.verifier))
}

fn array(name: &str, bytes: &[u8]) -> String {
    let lines: Vec<_> = bytes
        .chunks(16)
        .map(|line| line.iter().map(|byte| format!("0x{byte:02x}")).collect::<Vec<_>>().join(", "))
        .collect();
    format!("static const char {name}[] = {{\n    {}\n}};\n", lines.join(", \n    "))
}

fn as_json(made: &SrpVerifier) -> String {
    let object = serde_json::json!({ "salt": hex::encode(&made.salt), "verifier": hex::encode(&made.verifier) });
    format!("{object}\n")
}

fn write_files(made: &SrpVerifier, name: &Path) -> Result<(), Failure> {
    for (path, bytes) in files_of(name).into_iter().zip([&made.salt, &made.verifier]) {
        files::write_private(&path, bytes).map_err(|error| {
            Failure::input(format!("--output {}: {error}", files::named(&path)))
        })?;
    }
    Ok(())
}

/// The longest verifier, in bytes.
const VERIFIER: usize = 384;

/// Reads the files that `write_files` wrote.
pub(in crate::cli) fn read_files(name: &Path) -> Result<SrpVerifier, Failure> {
    let read = |ending| {
        let path = with_ending(name, ending);
        let wrong =
            |what| Failure::input(format!("--sec2-verifier {}: {what}", files::named(&path)));
        match files::read(&path, Kind::Verifier) {
            Ok(bytes) if bytes.is_empty() => Err(wrong(format!("the {ending} is empty"))),
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(error) => Err(wrong(error.to_string())),
        }
    };
    let made = SrpVerifier { salt: read("salt")?, verifier: read("verifier")? };
    // A verifier in hexadecimal, for example, would be twice as long.
    if made.verifier.len() > VERIFIER {
        return Err(Failure::input(format!(
            "--sec2-verifier {}: more than the {VERIFIER} bytes of a verifier; `sec2-credentials \
             --format raw` writes one",
            files::named(&with_ending(name, "verifier"))
        )));
    }
    Ok(made)
}

/// The files with the salt and the verifier for a base name.
pub(in crate::cli) fn files_of(name: &Path) -> [PathBuf; 2] {
    ["salt", "verifier"].map(|ending| with_ending(name, ending))
}

fn with_ending(name: &Path, ending: &str) -> PathBuf {
    let mut name = name.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_arrays_are_laid_out_as_by_the_vendors_tool() {
        // Each array with its name, as `esp_prov.py --sec2-gen-cred` prints them.
        let printed = include_str!("sec2_credentials.txt");
        let arrays: Vec<_> = printed.split_inclusive("};\n").collect();
        let bytes = |array: &str| {
            let digits = array.split("0x").skip(1).map(|byte| &byte[..2]);
            hex::decode(digits.collect::<String>()).expect("hexadecimal")
        };
        let (pairs, rest) = arrays.as_chunks::<2>();
        assert!(pairs.len() == 3 && rest.is_empty());
        for [salt, verifier] in pairs {
            let ours = as_c(&SrpVerifier { salt: bytes(salt), verifier: bytes(verifier) });
            assert_eq!(ours.trim_end(), format!("{salt}{verifier}").trim());
        }
    }
}
