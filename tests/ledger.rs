//! The ledger in a file, as other programs, other versions and other users leave it.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use esp_prov::batch::{
    Station,
    ledger::{
        Access, Attempt, AttemptOutcome, Claim, Enrolment, Fate, HookState, Ledger, LedgerError,
        Sqlite, State,
    },
};
use rusqlite::Connection;

/// As version 0.1 before layout 2 made it, with a device that is done and one that failed.
const LAYOUT_1: &str = include_str!("support/ledger-1.sql");

fn station() -> Station {
    let lease = Duration::from_secs(30);
    Station { name: "here".into(), run: "1".into(), lease, reports: true }
}

fn open(path: &Path, access: Access) -> Sqlite {
    Sqlite::open(path, station(), access).expect("a ledger")
}

fn layout_1(folder: &Path) -> PathBuf {
    let path = folder.join("roster.ledger");
    Connection::open(&path).expect("a database").execute_batch(LAYOUT_1).expect("layout 1");
    path
}

fn version(path: &Path) -> u32 {
    let database = Connection::open(path).expect("a database");
    database.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a number")
}

fn enrolment(device: &str, order: &str) -> Enrolment {
    Enrolment {
        device: device.to_owned(),
        address: format!("http://{device}"),
        network: "Home".to_owned(),
        labels: BTreeMap::from([("order".to_owned(), order.to_owned())]),
    }
}

async fn claim(ledger: &Sqlite, device: &str) -> Claim {
    match ledger.claim(vec![device.to_owned()]).await.expect("claimed").pop() {
        Some(Fate::Yours(claim)) => claim,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_older_layout_is_read_as_it_is_and_brought_up_to_date_by_who_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = layout_1(folder.path());
    let look = |ledger: Sqlite| async move {
        let standings = ledger.standings().await.expect("standings");
        let stand: Vec<_> = standings.iter().map(|one| (one.device.as_str(), one.state)).collect();
        assert_eq!(stand, [("A", State::Done), ("B", State::Failed)]);
        assert!(standings.iter().all(|one| one.labels.is_empty()));
        // B's result did not get to its hook; whether there was one for A is not known.
        let hooks: Vec<_> = standings.iter().map(|one| one.hook).collect();
        assert_eq!(hooks, [None, Some(HookState::Due)]);
        let due = ledger.unreported().await.expect("results");
        assert_eq!(due.iter().map(|one| one.device.as_str()).collect::<Vec<_>>(), ["B"]);
        let attempts = ledger.attempts().await.expect("attempts");
        assert_eq!(attempts[0].outcome, Some(AttemptOutcome::Connected));
        assert_eq!(attempts[1].stage.expect("a stage").name(), "set config");
        assert!(attempts.iter().all(|one| one.warnings.is_none()));
        assert!(ledger.rosters().await.expect("rosters").is_empty());
    };
    look(open(&path, Access::Look)).await;
    assert_eq!(version(&path), 1);
    look(open(&path, Access::Work)).await;
    assert_eq!(version(&path), 2);
}

#[tokio::test]
async fn hooks_that_failed_are_known_and_can_be_run_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = open(&folder.path().join("ledger"), Access::Work);
    ledger.enrol(vec![enrolment("A", "1"), enrolment("B", "2")]).await.expect("enrolled");
    for device in ["A", "B"] {
        let claim = claim(&ledger, device).await;
        let attempt = Attempt { device: device.into(), number: 1, ..Attempt::default() };
        ledger.settle(&claim, attempt, State::Done).await.expect("settled");
    }
    let hooks = async || {
        let standings = ledger.standings().await.expect("standings");
        standings.into_iter().map(|one| (one.hook, one.hook_error)).collect::<Vec<_>>()
    };
    let due = (Some(HookState::Due), None);
    assert_eq!(hooks().await, [due.clone(), due.clone()]);
    ledger.reported("A".into(), 1, Ok(())).await.expect("noted");
    ledger.reported("B".into(), 1, Err("no paper".into())).await.expect("noted");
    let done = (Some(HookState::Done), None);
    assert_eq!(hooks().await, [done.clone(), (Some(HookState::Failed), Some("no paper".into()))]);
    assert!(ledger.unreported().await.expect("results").is_empty());
    assert_eq!(ledger.requeue_hooks(vec!["A".into()]).await.expect("a number"), 0);
    assert_eq!(ledger.requeue_hooks(Vec::new()).await.expect("a number"), 1);
    assert_eq!(hooks().await, [done, due]);
    assert_eq!(ledger.unreported().await.expect("results").len(), 1);
}

#[tokio::test]
async fn labels_can_be_mended_when_a_device_is_settled_and_its_address_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = open(&folder.path().join("ledger"), Access::Work);
    ledger.enrol(vec![enrolment("A", "1"), enrolment("B", "1")]).await.expect("enrolled");
    let claim = claim(&ledger, "A").await;
    ledger.settle(&claim, Attempt::default(), State::Done).await.expect("settled");
    let changed = ["A", "B"].map(|device| Enrolment {
        address: "http://elsewhere".to_owned(),
        ..enrolment(device, "2")
    });
    let enrolled = ledger.enrol(changed.to_vec()).await.expect("enrolled");
    assert_eq!(enrolled[0].settled_as, Some(("http://A".to_owned(), "Home".to_owned())));
    assert_eq!(enrolled[1].settled_as, None);
    let standings = ledger.standings().await.expect("standings");
    let addresses: Vec<_> = standings.iter().map(|one| one.address.as_str()).collect();
    assert_eq!(addresses, ["http://A", "http://elsewhere"]);
    assert!(standings.iter().all(|one| one.labels["order"] == "2"));
}

#[tokio::test]
async fn a_word_that_is_not_known_is_an_error_that_says_where_it_is() {
    for (change, told) in [
        ("UPDATE entries SET state = 'finished'", "state of \"A\": unknown value \"finished\""),
        (
            "UPDATE attempts SET outcome = 'gone\u{1b}'",
            "outcome of \"A\": unknown value \"gone\\u{1b}\"",
        ),
        ("UPDATE attempts SET stage = 'dance'", "stage of \"A\": unknown value \"dance\""),
        ("UPDATE attempts SET hook = 'maybe'", "hook of \"A\": unknown value \"maybe\""),
        ("UPDATE entries SET labels = 'order 1'", "labels of \"A\": "),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = layout_1(folder.path());
        drop(open(&path, Access::Amend));
        Connection::open(&path).expect("a database").execute_batch(change).expect("changed");
        let ledger = open(&path, Access::Look);
        let said = match (ledger.standings().await, ledger.attempts().await) {
            (Err(LedgerError::Unusable(said)), _) | (_, Err(LedgerError::Unusable(said))) => said,
            other => panic!("{change}: {other:?}"),
        };
        assert!(said.starts_with(told), "{said}");
    }
}
