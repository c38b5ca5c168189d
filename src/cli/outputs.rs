//! Checks that no flag overwrites a file that another flag reads or writes.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use clap::ArgMatches;
use esp_prov_batch::ledger::Location;
use esp_prov_input::files::{self, Inputs};
use protocomm::Given;

use super::{
    Failure,
    commands::{batch, sec2_credentials as credentials},
};

/// What a command does with the files of a flag.
#[derive(Debug, PartialEq, Eq)]
enum Use {
    Reads(Vec<PathBuf>),
    Writes(Vec<PathBuf>),
}

/// Collects the files that a command line reads, and refuses one that would overwrite any of them.
pub(super) fn check(matches: &ArgMatches) -> Result<Inputs, Failure> {
    let (command, matches) = super::typed(matches);
    let (mut inputs, mut outputs) = (Inputs::default(), Vec::new());
    for id in matches.ids().map(clap::Id::as_str) {
        // Groups of flags have no values.
        for value in matches.try_get_raw(id).ok().flatten().into_iter().flatten() {
            let flag = if id == "stdin" { "-".to_owned() } else { flag(id) };
            match use_of(&command, id, value) {
                Some(Use::Reads(paths)) => paths.iter().for_each(|path| inputs.add(&flag, path)),
                Some(Use::Writes(paths)) => {
                    outputs.extend(paths.into_iter().map(|path| (flag.clone(), path)));
                }
                None => {}
            }
        }
    }
    if let Some(location) = ledger_beside(&command, matches) {
        location.files().iter().for_each(|path| inputs.add("--roster (its ledger)", path));
    }
    for (flag, path) in outputs.iter().filter(|(_, path)| path != Path::new("-")) {
        spare(&inputs, flag, path)?;
        inputs.add(flag, path);
    }
    Ok(inputs)
}

/// Refuses to write a file that is read.
pub(super) fn spare(inputs: &Inputs, flag: &str, path: &Path) -> Result<(), Failure> {
    let Some(taken) = inputs.flag_of(path) else { return Ok(()) };
    let path = files::named(path);
    Err(Failure::input(format!("{flag} {path}: would replace the file of {taken}; choose another")))
}

fn flag(id: &str) -> String {
    format!("--{}", id.replace('_', "-"))
}

fn use_of(command: &str, id: &str, value: &OsStr) -> Option<Use> {
    let path = PathBuf::from(value);
    Some(match (command, id) {
        ("sec2-credentials", "output") => Use::Writes(credentials::files_of(&path).into()),
        ("simulate", "roster") | (_, "output" | "ready_file" | "trace") => Use::Writes(vec![path]),
        (_, "sec2_verifier") => Use::Reads(credentials::files_of(&path).into()),
        (_, "ledger") => {
            let location = Location::new(&Given::from(value.to_str()?)).ok()?;
            Use::Reads(location.files())
        }
        (
            _,
            "pop_file"
            | "softap_passphrase_file"
            | "sec2_pwd_file"
            | "passphrase_file"
            | "dataset_tlvs_file"
            | "network_key_file"
            | "qr"
            | "file"
            | "stdin"
            | "roster"
            | "serials"
            | "job"
            | "networks"
            | "replay",
        ) => Use::Reads(vec![path]),
        _ => return None,
    })
}

/// The ledger of a batch that names none.
fn ledger_beside(command: &str, matches: &ArgMatches) -> Option<Location> {
    let given = |id: &str| matches.try_get_raw(id).ok().flatten().and_then(|mut all| all.next());
    if command == "simulate" || given("ledger").is_some() {
        return None;
    }
    batch::location(None, Path::new(given("roster")?)).ok()
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::*;
    use crate::cli::args::Cli;

    /// Makes sure that a new flag for a file is classified.
    #[test]
    fn of_every_flag_for_a_file_it_is_known_whether_it_is_read_or_written() {
        fn walk(name: &str, command: &Command, seen: &mut usize) {
            for flag in command.get_arguments() {
                let names = flag.get_value_names().unwrap_or_default();
                let is_file = names.iter().any(|name| name.contains("FILE") || name == "FOLDER");
                if is_file {
                    let id = flag.get_id().as_str();
                    assert!(use_of(name, id, "x".as_ref()).is_some(), "{name} {id}");
                    *seen += 1;
                }
            }
            for below in command.get_subcommands() {
                walk(below.get_name(), below, seen);
            }
        }
        let mut seen = 0;
        walk("provision", &Cli::command(), &mut seen);
        assert!(seen > 30, "{seen}");
    }
}
