//! The ledger's protocol: in all states of its model what is promised holds, a model that is wrong
//! is found out, and the ledgers do what the model does.

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use esp_prov_batch::{
    Station,
    ledger::{Access, Ledger, Sqlite},
};
use seeds::ledger::{
    SMALL,
    agree::{InMemory, Subject, agree},
    checker::check,
    model::{Bounds, Flaw},
};
use tempfile::TempDir;

#[test]
fn what_is_promised_holds_in_every_state() {
    for (name, bounds) in SMALL {
        let reached = check(&bounds).unwrap_or_else(|broken| panic!("{name}: {broken:#?}"));
        assert!(reached.count() > reached.states.len(), "{name}: all of it is reached");
    }
}

#[test]
fn what_is_wrong_with_a_ledger_or_a_station_is_found() {
    for (flaw, promise) in [
        (Flaw::ClaimIgnoresLease, "two stations work on one device"),
        (Flaw::ClaimForgetsTold, "a device that has joined is called failed"),
        (Flaw::MarkIsNotRefused, "a device is told before the ledger knows"),
        (Flaw::AnyoneSettles, "a device that has joined is called failed"),
        (Flaw::NobodyLapses, "two stations work on one device"),
    ] {
        let found = SMALL.iter().find_map(|(_, bounds)| check(&Bounds { flaw, ..*bounds }).err());
        let broken = found.unwrap_or_else(|| panic!("{flaw:?} is not found"));
        assert_eq!(broken.promise, promise, "{flaw:?}: {broken:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_ledger_in_memory_does_in_every_transition_what_the_model_does() {
    for (name, bounds) in SMALL {
        let reached = check(&bounds).expect("it holds");
        for walk in reached.walks() {
            let agreed = agree(&mut InMemory::new(&bounds), &bounds, "d", &walk).await;
            agreed.unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
}

/// A ledger in a file, with the one station that it is for.
struct InFile {
    folder: TempDir,
    ledger: Option<Sqlite>,
}

impl InFile {
    fn new() -> Self {
        // Thousands of commits, which a disk would take its time for.
        let quick = Path::new("/dev/shm");
        let folder = if quick.is_dir() { tempfile::tempdir_in(quick) } else { tempfile::tempdir() };
        let folder = folder.expect("a folder");
        let mut file = Self { folder, ledger: None };
        file.open();
        file
    }

    fn open(&mut self) {
        let station = Station {
            name: "here".to_owned(),
            run: "1".to_owned(),
            lease: Duration::from_secs(30),
            reports: false,
        };
        self.ledger = None;
        let path = self.folder.path().join("ledger");
        self.ledger = Some(Sqlite::open(&path, station, Access::Work).expect("a ledger"));
    }
}

#[async_trait]
impl Subject for InFile {
    fn at(&self, _: u8) -> &dyn Ledger {
        self.ledger.as_ref().expect("it is open")
    }

    async fn crash(&mut self, _: u8) {
        self.open();
    }

    async fn pass(&mut self, _: Duration) {
        unreachable!("a file has no leases")
    }
}

#[tokio::test]
async fn the_ledger_in_a_file_does_in_every_transition_what_the_model_does() {
    for (name, bounds) in SMALL.iter().filter(|(_, bounds)| bounds.lease.is_none()) {
        let reached = check(bounds).expect("it holds");
        let mut ledger = InFile::new();
        for (number, walk) in reached.walks().enumerate() {
            let agreed = agree(&mut ledger, bounds, &format!("d{number}"), &walk).await;
            agreed.unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
}
