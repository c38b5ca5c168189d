//! Which ledger to use, and to which roster it belongs.

use std::path::{Path, PathBuf};

use esp_prov_batch::{
    ledger::{Ledger, Location},
    roster::Form,
};
use esp_prov_input::files;
use protocomm::Given;

use crate::cli::Failure;

/// The location of the ledger: the given one, otherwise beside the roster.
pub(in crate::cli) fn location(ledger: Option<&Given>, roster: &Path) -> Result<Location, Failure> {
    if let Some(given) = ledger {
        return Location::new(given).map_err(|error| Failure::input(format!("--ledger: {error}")));
    }
    let ledger = beside(roster);
    // The name of the ledger would reveal that of the roster.
    if !ledger.exists() && !files::is_spelled_as_one(roster) {
        let named = files::named(roster);
        return Err(Failure::input(format!("--roster {named}: there is no such file")));
    }
    Ok(Location::File(ledger))
}

/// The ledger beside a roster: `roster.ledger` for `roster.csv`, but `lot.1.ledger` for `lot.1`,
/// since `lot.2` has another.
fn beside(roster: &Path) -> PathBuf {
    let short = roster.with_extension("ledger");
    let mut long = roster.as_os_str().to_owned();
    long.push(".ledger");
    let long = PathBuf::from(long);
    let (path, earlier) = match Form::by_ending(roster) {
        Some(_) => (short, long),
        None => (long, short),
    };
    // Earlier versions had it elsewhere.
    if !path.exists() && earlier.exists() { earlier } else { path }
}

/// The name of a roster in a ledger. A file beside the ledger goes by its file name, so that both
/// can be moved together; another goes by its path. `None` for anything but a file, such as a pipe.
fn name_of(roster: &Path, location: &Location) -> Option<String> {
    let name = roster.file_name().filter(|_| roster.is_file())?;
    let folder = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new(".")).canonicalize().ok()
    };
    let name = match (location, folder(roster)) {
        (Location::File(ledger), Some(of_roster))
            if folder(&ledger.canonicalize().unwrap_or_else(|_| ledger.clone())).as_ref()
                != Some(&of_roster) =>
        {
            of_roster.join(name)
        }
        // With a database, each station may have its copy of the roster anywhere.
        _ => name.into(),
    };
    Some(name.to_string_lossy().into_owned())
}

/// Checks that a roster belongs to a ledger, and returns its name there, if it has one. A database
/// has the devices of many rosters by design.
pub(in crate::cli::commands) async fn check(
    ledger: &dyn Ledger,
    location: &Location,
    roster: &Path,
    advice: Option<&str>,
) -> Result<Option<String>, Failure> {
    let Some(name) = name_of(roster, location) else { return Ok(None) };
    let known = ledger.rosters().await;
    let known = known.map_err(|error| Failure::Ledger(location.to_string(), error))?;
    match (advice, location) {
        (Some(advice), Location::File(_)) if !known.is_empty() && !known.contains(&name) => {
            let roster = files::named(roster);
            Err(Failure::input(format!(
                "--ledger {location}: it belongs to {}, not to {roster}: {advice}",
                known.join(" and ")
            )))
        }
        _ => Ok(Some(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_roster_has_a_ledger_of_its_own_and_those_of_earlier_versions_are_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for (roster, ledger) in [
            ("roster.csv", "roster.ledger"),
            ("roster.JSONL", "roster.ledger"),
            ("roster.ndjson", "roster.ledger"),
            ("roster", "roster.ledger"),
            ("lot.1", "lot.1.ledger"),
            ("lot.2", "lot.2.ledger"),
            ("lot.csv.txt", "lot.csv.txt.ledger"),
        ] {
            assert_eq!(beside(&at(roster)), at(ledger));
        }
        std::fs::write(at("lot.ledger"), "").expect("written");
        assert_eq!(beside(&at("lot.1")), at("lot.ledger"));
        std::fs::write(at("lot.1.ledger"), "").expect("written");
        assert_eq!(beside(&at("lot.1")), at("lot.1.ledger"));
    }

    #[test]
    fn a_roster_keeps_its_name_when_it_is_moved_with_its_ledger() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("a path").join("lot.1");
        std::fs::write(&path, "").expect("written");
        let name = |ledger: &Path| name_of(&path, &Location::File(ledger.to_owned()));
        assert_eq!(name(&path.with_extension("ledger")).as_deref(), Some("lot.1"));
        assert_eq!(name(Path::new("elsewhere.ledger")).as_deref(), path.to_str());
        let shared = Location::Postgres("postgres://db/prov".into());
        assert_eq!(name_of(&path, &shared).as_deref(), Some("lot.1"));
        assert_eq!(name_of(Path::new("/dev/null"), &shared), None);
    }
}
