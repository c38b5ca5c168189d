//! The ledger in a file, as other programs, other versions and other users leave it.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use esp_prov::FailureKind;
use esp_prov_batch::{
    Station,
    ledger::{
        Access, Attempt, AttemptOutcome, Claim, ClaimResult, Enrolment, HookState, Ledger,
        LedgerError, Location, Requeue, Sqlite, State,
    },
};
use esp_prov_rs::exit::Exit;
use rusqlite::Connection;

/// As version 0.1 before layout 2 made it, with a device that is done and one that failed.
const LAYOUT_1: &str = include_str!("ledger-1.sql");

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
        Some(ClaimResult::Claimed(claim)) => claim,
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
        assert_eq!(attempts[1].stage.expect("a stage").name(), "set");
        assert!(attempts.iter().all(|one| one.warnings.is_none()));
        assert!(ledger.rosters().await.expect("rosters").is_empty());
    };
    look(open(&path, Access::Look)).await;
    assert_eq!(version(&path), 1);
    look(open(&path, Access::Work)).await;
    assert_eq!(version(&path), 3);
}

#[tokio::test]
async fn as_many_devices_are_claimed_as_there_is_room_for_whoever_is_in_front_of_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = open(&folder.path().join("ledger"), Access::Work);
    let devices = ["A", "B", "C", "D"].map(str::to_owned).to_vec();
    let roster = devices.iter().map(|device| enrolment(device, "1")).collect();
    ledger.enrol(roster).await.expect("enrolled");
    let first = claim(&ledger, "A").await;
    ledger.settle(&first, Attempt::default(), State::Done).await.expect("settled");
    let results = ledger.claim_among(devices, 2).await.expect("claimed");
    let claimed = results.iter().filter(|one| matches!(one, ClaimResult::Claimed(_)));
    assert_eq!(claimed.map(ClaimResult::device).collect::<Vec<_>>(), ["B", "C"]);
}

#[tokio::test]
async fn rosters_come_in_the_order_in_which_they_came_whatever_the_clock_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = open(&path, Access::Work);
    for name in ["b", "c", "a", "b"] {
        ledger.add_roster(name.to_owned()).await.expect("added");
        // Within one moment.
        let database = Connection::open(&path).expect("a database");
        database.execute("UPDATE rosters SET since = ''", []).expect("changed");
    }
    assert_eq!(ledger.rosters().await.expect("rosters"), ["b", "c", "a"]);
}

/// Scripts read it, and ledgers of today have to be read for ever.
#[tokio::test]
async fn how_an_attempt_ended_is_kept_as_the_exit_code_of_a_run_for_one_device() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = open(&path, Access::Work);
    let known = FailureKind::ALL.iter().map(|kind| (Exit::of(*kind).code, Err(*kind)));
    let known: Vec<_> = known.chain([(0, Ok(()))]).collect();
    for (code, result) in &known {
        let device = format!("d{code}");
        ledger.enrol(vec![enrolment(&device, "1")]).await.expect("enrolled");
        let claim = claim(&ledger, &device).await;
        let attempt = Attempt { result: Some(*result), ..Attempt::default() };
        assert_eq!(serde_json::to_value(&attempt).expect("JSON")["exit_code"], *code);
        let state = if result.is_ok() { State::Done } else { State::Failed };
        ledger.settle(&claim, attempt, state).await.expect("settled");
    }
    for (standing, (code, result)) in ledger.standings().await.expect("all").iter().zip(&known) {
        assert_eq!((&*standing.device, standing.result), (&*format!("d{code}"), Some(*result)));
    }
    assert!(ledger.attempts().await.expect("all").iter().all(|one| one.result.is_some()));
    let requeue = async |failures| {
        let which = Requeue { states: vec![State::Failed], failures, ..Requeue::default() };
        let standings = ledger.standings().await.expect("all");
        let meant = standings.iter().filter(|one| which.is_for(one)).count() as u64;
        let count = ledger.requeue(which).await.expect("put back");
        assert_eq!(count, meant, "who asks before is told the same");
        count
    };
    assert_eq!(requeue(Some(Vec::new())).await, 0);
    assert_eq!(requeue(Some(vec![FailureKind::NotFound, FailureKind::LinkLost])).await, 2);
    assert_eq!(requeue(None).await, FailureKind::ALL.len() as u64 - 2);
    assert_eq!(claim(&ledger, "d12").await.last_result, Some(Err(FailureKind::LinkLost)));
    drop(ledger);
    let database = Connection::open(&path).expect("a database");
    let mut codes = database.prepare("SELECT device, exit_code FROM entries").expect("a query");
    let codes = codes.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    for row in codes {
        let (device, code): (String, u8) = row.expect("a number");
        assert_eq!(device, format!("d{code}"));
    }
}

/// Who puts a device back, and why, stays with the attempt that is not the last word any more.
#[tokio::test]
async fn a_device_that_was_done_is_new_again_and_nothing_of_it_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = open(&path, Access::Work);
    ledger.enrol(["A", "B"].map(|one| enrolment(one, "1")).into()).await.expect("enrolled");
    for device in ["A", "B"] {
        let first = claim(&ledger, device).await;
        ledger.mark_apply_sent(&first).await.expect("told");
        let done = Attempt {
            outcome: Some(AttemptOutcome::Connected),
            result: Some(Ok(())),
            ..Attempt::default()
        };
        ledger.settle(&first, done, State::Done).await.expect("settled");
    }
    drop(ledger);
    // As `batch retry` does, beside a batch or without one.
    let amended = open(&path, Access::Amend);
    let which = Requeue {
        states: vec![State::Done],
        devices: vec!["A".to_owned()],
        by: "anna@north".to_owned(),
        reason: Some("new antenna".to_owned()),
        ..Requeue::default()
    };
    assert_eq!(amended.requeue(which.clone()).await.expect("put back"), 1);
    assert_eq!(amended.requeue(which).await.expect("it waits already"), 0);
    drop(amended);
    let ledger = open(&path, Access::Work);
    let states: Vec<_> =
        ledger.standings().await.expect("all").iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Waiting, State::Done]);
    let second = claim(&ledger, "A").await;
    assert_eq!((second.number, second.apply_may_have_been_sent), (2, false));
    let attempts = ledger.attempts().await.expect("all");
    let kept = attempts.iter().map(|one| {
        let by = one.requeued_by.as_deref().unwrap_or_default();
        let why = one.requeue_reason.as_deref().unwrap_or_default();
        (one.device.as_str(), one.number, one.result, one.requeued_at.is_some(), by, why)
    });
    let mut kept: Vec<_> = kept.collect();
    kept.sort_by_key(|one| (one.0, one.1));
    let expected = [
        ("A", 1, Some(Ok(())), true, "anna@north", "new antenna"),
        ("A", 2, None, false, "", ""),
        ("B", 1, Some(Ok(())), false, "", ""),
    ];
    assert_eq!(kept, expected);
}

/// What the resume rule goes by, and whose result a hook gets.
#[tokio::test]
async fn what_became_of_an_attempt_is_what_the_next_one_begins_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = open(&path, Access::Work);
    ledger.enrol(vec![enrolment("A", "1")]).await.expect("enrolled");
    let attempt = |failure| Attempt { result: Some(Err(failure)), ..Attempt::default() };
    let wait_again = async || {
        let which = Requeue { states: vec![State::Failed], ..Requeue::default() };
        assert_eq!(ledger.requeue(which).await.expect("put back"), 1);
    };
    let due = async || ledger.unreported().await.expect("results").len();

    let first = claim(&ledger, "A").await;
    assert_eq!((first.number, first.apply_may_have_been_sent, first.last_result), (1, false, None));
    assert!(humantime::parse_rfc3339(&first.started_at).is_ok(), "{}", first.started_at);
    assert_eq!(ledger.lease(), None, "nobody else can claim it");
    ledger.mark_apply_sent(&first).await.expect("told");
    // It is tried again, which is no result.
    ledger.settle(&first, attempt(FailureKind::LinkLost), State::Waiting).await.expect("settled");
    assert_eq!(due().await, 0);
    let second = claim(&ledger, "A").await;
    let before = Some(Err(FailureKind::LinkLost));
    assert_eq!(
        (second.number, second.apply_may_have_been_sent, second.last_result),
        (2, true, before)
    );
    // It says that it could not join: it is not joining any more.
    let rejected = attempt(FailureKind::PassphraseRejected);
    ledger.settle(&second, rejected, State::Failed).await.expect("settled");
    assert_eq!(due().await, 1);
    wait_again().await;
    let third = claim(&ledger, "A").await;
    let before = Some(Err(FailureKind::PassphraseRejected));
    assert_eq!(
        (third.number, third.apply_may_have_been_sent, third.last_result),
        (3, false, before)
    );
    let elsewhere = ledger.claim(vec!["A".to_owned()]).await.expect("an answer");
    assert_eq!(elsewhere, [ClaimResult::Elsewhere("A".to_owned())]);
    ledger.settle(&third, Attempt::default(), State::Done).await.expect("settled");
    let settled = ledger.claim(vec!["A".to_owned()]).await.expect("an answer");
    assert_eq!(settled, [ClaimResult::Settled("A".to_owned(), State::Done)]);
    // What is not in the ledger can't end.
    let unknown = Claim { number: 9, ..third };
    ledger.settle(&unknown, Attempt::default(), State::Done).await.expect_err("there is none");
    drop(ledger);

    // Where there is no hook, nothing is kept for one.
    let none = Station { reports: false, ..station() };
    let path = folder.path().join("other");
    let ledger = Sqlite::open(&path, none, Access::Work).expect("a ledger");
    ledger.enrol(vec![enrolment("A", "1")]).await.expect("enrolled");
    let claim = claim(&ledger, "A").await;
    ledger.settle(&claim, Attempt::default(), State::Done).await.expect("settled");
    assert!(ledger.unreported().await.expect("results").is_empty());
    assert_eq!(ledger.standings().await.expect("all")[0].hook, None);
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

/// A ledger with a device that was told to join, and one that is done.
async fn in_the_middle(path: &Path) -> Sqlite {
    let ledger = open(path, Access::Work);
    ledger.enrol(vec![enrolment("A", "1"), enrolment("B", "2")]).await.expect("enrolled");
    let told = claim(&ledger, "A").await;
    ledger.mark_apply_sent(&told).await.expect("told");
    let done = claim(&ledger, "B").await;
    let attempt = Attempt { outcome: Some(AttemptOutcome::Connected), ..Attempt::default() };
    ledger.settle(&done, attempt, State::Done).await.expect("settled");
    ledger
}

/// What a copy of this one file knows.
async fn copied(path: &Path) -> Vec<(String, State)> {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy");
    fs::copy(path, &copy).expect("copied");
    states(&copy).await
}

async fn states(path: &Path) -> Vec<(String, State)> {
    let standings = open(path, Access::Look).standings().await.expect("standings");
    standings.into_iter().map(|one| (one.device, one.state)).collect()
}

fn known() -> Vec<(String, State)> {
    vec![("A".to_owned(), State::Running), ("B".to_owned(), State::Done)]
}

fn files(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("a folder");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("text"));
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn at_the_end_one_file_has_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = in_the_middle(&path).await;
    assert_eq!(files(folder.path()), ["ledger", "ledger-shm", "ledger-station", "ledger-wal"]);
    drop(ledger);
    assert_eq!(files(folder.path()), ["ledger"]);
    assert_eq!(copied(&path).await, known());

    // Somebody looks at it while it ends.
    let ledger = in_the_middle(&folder.path().join("other")).await;
    let path = folder.path().join("other");
    let looks = Connection::open(&path).expect("a database");
    looks.execute_batch("SELECT count(*) FROM entries").expect("read");
    drop(ledger);
    assert_eq!(copied(&path).await, known());
    drop(looks);
    drop(open(&path, Access::Amend));
    assert_eq!(files(folder.path()), ["ledger", "other"]);
}

#[tokio::test]
async fn who_looks_needs_no_right_to_write_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let look = async |expected: &[&str]| {
        let before = fs::read(&path).expect("bytes");
        // Root may write nevertheless, but does not.
        for mode in [0o444, 0o644] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).expect("set");
            fs::set_permissions(folder.path(), Permissions::from_mode(mode | 0o111)).expect("set");
            assert_eq!(states(&path).await, known());
            fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("set");
            assert_eq!(files(folder.path()), expected);
        }
        assert!(fs::read(&path).expect("bytes") == before, "it was written");
    };
    let ledger = in_the_middle(&path).await;
    look(&["ledger", "ledger-shm", "ledger-station", "ledger-wal"]).await;
    drop(ledger);
    look(&["ledger"]).await;
    // As earlier versions left it, or a copy without its log.
    let logs = Connection::open(&path).expect("a database");
    logs.pragma_update(None, "journal_mode", "WAL").expect("set");
    drop(logs);
    look(&["ledger"]).await;
}

/// As in a folder where nothing can be made: root could, but for what stands in its place.
#[tokio::test]
async fn who_can_make_no_file_beside_a_ledger_is_told_what_its_log_needs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = in_the_middle(&path).await;
    let copy = |from: &str, name: &str| {
        fs::copy(folder.path().join(from), folder.path().join(name)).expect("copied");
    };
    for name in ["full", "empty"] {
        copy("ledger", name);
        std::os::unix::fs::symlink("nowhere", folder.path().join(format!("{name}-shm")))
            .expect("a link");
    }
    copy("ledger-wal", "full-wal");
    fs::write(folder.path().join("empty-wal"), []).expect("written");
    drop(ledger);
    let full = Sqlite::open(&folder.path().join("full"), station(), Access::Look).err();
    let why = full.expect("its log can't be read").to_string();
    assert!(why.contains("full-wal") && why.contains("copy both"), "{why}");
    // Not where something else is wrong.
    fs::write(folder.path().join("letter"), "dear landlord, ".repeat(99)).expect("written");
    copy("full-wal", "letter-wal");
    let letter = Sqlite::open(&folder.path().join("letter"), station(), Access::Look).err();
    assert_eq!(letter.expect("it can't be read").to_string(), "not a ledger file");
    // What was in the log is not there, and what has come into the ledger is read.
    assert_eq!(states(&folder.path().join("empty")).await, []);
}

#[tokio::test]
async fn a_ledger_that_is_deleted_while_it_is_worked_with_is_noticed_and_put_back() {
    for also in [&["-wal", "-shm"][..], &["-wal"], &[]] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger");
        let ledger = in_the_middle(&path).await;
        fs::remove_file(&path).expect("removed");
        for end in also {
            fs::remove_file(folder.path().join(format!("ledger{end}"))).expect("removed");
        }
        // What is under way is answered once all is safe; nothing more is begun.
        let _ = ledger.standings().await;
        let lost = ledger.claim(vec!["A".to_owned()]).await.expect_err("it is lost").to_string();
        let told = format!(
            "{} was deleted or moved while the batch used it; its records are saved in {0}: start \
             the same batch again",
            path.display()
        );
        assert_eq!(lost, told);
        drop(ledger);
        assert_eq!(files(folder.path()), ["ledger"]);
        assert_eq!(states(&path).await, known());
        // The device that was told is known to be.
        let next = open(&path, Access::Work);
        assert!(claim(&next, "A").await.apply_may_have_been_sent);
    }
}

#[tokio::test]
async fn a_log_that_is_deleted_while_somebody_looks_is_kept_beside() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = in_the_middle(&path).await;
    let reader = open(&path, Access::Look);
    fs::remove_file(folder.path().join("ledger-wal")).expect("removed");
    let _ = ledger.standings().await;
    let lost = ledger.standings().await.expect_err("it is lost").to_string();
    assert!(lost.contains("saved in") && lost.contains("ledger-rescued"), "{lost}");
    drop((ledger, reader));
    assert_eq!(states(&folder.path().join("ledger-rescued")).await, known());
}

#[test]
fn a_database_of_another_program_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("theirs");
    Connection::open(&path).expect("a database").execute_batch("CREATE TABLE t (a)").expect("made");
    for access in [Access::Work, Access::Amend, Access::Look] {
        let refused = Sqlite::open(&path, station(), access).err();
        assert!(matches!(refused, Some(LedgerError::NotALedger(_))), "{refused:?}");
    }
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables = Connection::open(&path).expect("theirs").query_row(tables, [], |row| row.get(0));
    assert_eq!(tables, Ok(1));
}

/// In a table that nothing else reads: nobody works on with half a ledger.
#[test]
fn damage_is_noticed_before_work_begins_wherever_it_is() {
    use std::os::unix::fs::FileExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    drop(open(&path, Access::Work));
    let page: u32 = Connection::open(&path)
        .expect("a database")
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'rosters'", [], |row| {
            row.get(0)
        })
        .expect("a table");
    let file = fs::OpenOptions::new().write(true).open(&path).expect("a file");
    file.write_all_at(&[0xa5; 4096], u64::from(page - 1) * 4096).expect("written");
    let refused = Sqlite::open(&path, station(), Access::Work).err();
    assert!(matches!(refused, Some(LedgerError::Damaged(_))), "{refused:?}");
}

/// Its parts that would be put beside another log are not put back.
#[tokio::test]
async fn a_ledger_that_is_deleted_beside_a_log_of_another_is_kept_beside() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = in_the_middle(&path).await;
    fs::remove_file(&path).expect("removed");
    fs::write(folder.path().join("new"), "somebody else's").expect("written");
    fs::rename(folder.path().join("new"), folder.path().join("ledger-wal")).expect("replaced");
    let _ = ledger.standings().await;
    let lost = ledger.standings().await.expect_err("it is lost").to_string();
    assert!(lost.contains("ledger-rescued"), "{lost}");
    drop(ledger);
    assert_eq!(files(folder.path()), ["ledger-rescued", "ledger-wal"]);
    assert_eq!(states(&folder.path().join("ledger-rescued")).await, known());
}

#[tokio::test]
async fn a_log_that_is_cut_off_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = in_the_middle(&path).await;
    let log = fs::OpenOptions::new().write(true).open(folder.path().join("ledger-wal"));
    let log = log.expect("a log");
    let half = log.metadata().expect("its length").len() / 2;
    log.set_len(half).expect("cut off");
    let _ = ledger.standings().await;
    let lost = ledger.standings().await.expect_err("it is lost").to_string();
    assert!(lost.contains("ledger-wal was overwritten"), "{lost}");
    drop(ledger);
    assert_eq!(states(&folder.path().join("ledger-rescued")).await, known());
}

#[tokio::test]
async fn a_file_of_another_that_took_the_place_of_the_one_beside_a_ledger_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = in_the_middle(&path).await;
    let beside = folder.path().join("ledger-station");
    fs::write(folder.path().join("new"), "somebody else's").expect("written");
    fs::rename(folder.path().join("new"), &beside).expect("replaced");
    drop(ledger);
    assert_eq!(fs::read(&beside).expect("it is there"), b"somebody else's");
}

#[test]
fn a_link_that_leads_round_and_round_is_no_ledger() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    std::os::unix::fs::symlink("ledger", &path).expect("a link");
    let refused = Sqlite::open(&path, station(), Access::Work).err().expect("refused").to_string();
    assert!(refused.starts_with("Too many levels of symbolic links"), "{refused}");
    assert_eq!(files(folder.path()), ["ledger"]);
}

#[tokio::test]
async fn a_ledger_that_is_replaced_leaves_nothing_that_would_be_taken_for_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, other) = (folder.path().join("ledger"), folder.path().join("other"));
    let ledger = in_the_middle(&path).await;
    drop(open(&other, Access::Work));
    fs::rename(&other, &path).expect("replaced");
    let _ = ledger.standings().await;
    let lost = ledger.standings().await.expect_err("it is lost").to_string();
    assert!(lost.contains("ledger-rescued: put that file in its place"), "{lost}");
    drop(ledger);
    assert_eq!(files(folder.path()), ["ledger", "ledger-rescued"]);
    assert_eq!(states(&path).await, []);
    assert_eq!(states(&folder.path().join("ledger-rescued")).await, known());
}

#[tokio::test]
async fn a_ledger_that_is_replaced_is_kept_beside_and_so_is_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, other) = (folder.path().join("ledger"), folder.path().join("other"));
    let ledger = in_the_middle(&path).await;
    drop(open(&other, Access::Work));
    let bytes = fs::read(&other).expect("bytes");
    fs::rename(&other, &path).expect("replaced");
    for end in ["-wal", "-shm"] {
        fs::write(folder.path().join("new"), "somebody else's").expect("written");
        fs::rename(folder.path().join("new"), format!("{}{end}", path.display()))
            .expect("replaced");
    }
    let _ = ledger.standings().await;
    let lost = ledger.standings().await.expect_err("it is lost").to_string();
    let rescued = folder.path().join("ledger-rescued");
    assert!(lost.contains("was replaced by another file"), "{lost}");
    assert!(lost.contains(rescued.to_str().expect("text")), "{lost}");
    drop(ledger);
    assert_eq!(fs::read(&path).expect("bytes"), bytes);
    assert_eq!(fs::read(format!("{}-wal", path.display())).expect("bytes"), b"somebody else's");
    assert_eq!(states(&rescued).await, known());
}

#[tokio::test]
async fn a_ledger_whose_folder_is_deleted_is_kept_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = format!("ledger-{}", std::process::id());
    let path = folder.path().join("lot").join(&name);
    fs::create_dir(folder.path().join("lot")).expect("a folder");
    let ledger = in_the_middle(&path).await;
    fs::remove_dir_all(folder.path().join("lot")).expect("removed");
    let _ = ledger.standings().await;
    let lost = ledger.standings().await.expect_err("it is lost").to_string();
    drop(ledger);
    let rescued = std::env::temp_dir().join(format!("{name}-rescued"));
    assert!(lost.contains(rescued.to_str().expect("text")), "{lost}");
    assert_eq!(states(&rescued).await, known());
    fs::remove_file(rescued).expect("removed");
}

/// A copy needs a name that is text.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_can_be_kept_nowhere_is_not_answered_as_if_it_were() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(OsStr::from_bytes(b"ledger-\xff"));
    let ledger = open(&path, Access::Work);
    ledger.enrol(vec![enrolment("A", "1")]).await.expect("enrolled");
    let claim = claim(&ledger, "A").await;
    fs::remove_file(&path).expect("removed");
    let told = ledger.mark_apply_sent(&claim).await.expect_err("it is lost").to_string();
    assert!(told.contains("its records could not be saved"), "{told}");
    let ended = ledger.settle(&claim, Attempt::default(), State::Done).await;
    assert!(matches!(ended, Err(LedgerError::Lost(_))), "{ended:?}");
}

#[tokio::test]
async fn a_log_that_is_deleted_is_noticed_and_all_is_in_the_ledger() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = in_the_middle(&path).await;
    fs::remove_file(folder.path().join("ledger-wal")).expect("removed");
    let _ = ledger.standings().await;
    let lost = ledger.standings().await.expect_err("it is lost").to_string();
    assert!(lost.contains("ledger-wal was deleted or moved") && lost.contains("saved"), "{lost}");
    drop(ledger);
    assert_eq!(copied(&path).await, known());
    assert!(claim(&open(&path, Access::Work), "A").await.apply_may_have_been_sent);
}

#[tokio::test]
async fn what_can_not_be_written_of_one_device_is_told_and_the_others_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = open(&path, Access::Work);
    ledger.enrol(vec![enrolment("A", "1"), enrolment("B", "2")]).await.expect("enrolled");
    let (odd, good) = (claim(&ledger, "A").await, claim(&ledger, "B").await);
    let refuses = "CREATE TRIGGER refuse BEFORE UPDATE ON attempts WHEN new.version = 'odd'
        BEGIN SELECT RAISE(ABORT, 'not this one'); END";
    Connection::open(&path).expect("a database").execute_batch(refuses).expect("made");
    let attempt = |version: &str| Attempt { version: Some(version.into()), ..Attempt::default() };
    let (of_odd, of_good) = tokio::join!(
        ledger.settle(&odd, attempt("odd"), State::Done),
        ledger.settle(&good, attempt("v1.1"), State::Done),
    );
    assert!(matches!(of_odd, Err(LedgerError::Rejected(_))), "{of_odd:?}");
    of_good.expect("settled");
    assert_eq!(states(&path).await, known());
}

#[tokio::test]
async fn one_ledger_is_worked_with_once_whatever_leads_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let real = folder.path().canonicalize().expect("a folder");
    let other = |name: &str| folder.path().join("other").join(name);
    fs::create_dir(folder.path().join("other")).expect("a folder");
    // Also before it is there.
    std::os::unix::fs::symlink("../ledger", other("link")).expect("a link");
    let ledger = in_the_middle(&other("link")).await;
    assert_eq!(files(&folder.path().join("other")), ["link"]);
    for way in [&path, &other("link"), &other("../ledger")] {
        let second = Sqlite::open(way, station(), Access::Work).err();
        assert!(matches!(second, Some(LedgerError::Busy)), "{second:?}");
    }
    assert_eq!(states(&other("link")).await, known());
    // As who clears up, or spares them, has to know.
    let through_link = Location::new(&other("link").to_str().expect("text").into());
    let its_files = through_link.expect("a file").files().into_iter();
    let names = its_files.map(|file| file.strip_prefix(&real).expect("beside it").to_owned());
    let expected = ["", "-wal", "-shm", "-journal", "-station"].map(|end| format!("ledger{end}"));
    assert_eq!(names.collect::<Vec<_>>(), expected.map(PathBuf::from));
    drop(ledger);
    fs::hard_link(&path, other("hard")).expect("a link");
    for way in [&path, &other("hard")] {
        for access in [Access::Work, Access::Amend, Access::Look] {
            let refused = Sqlite::open(way, station(), access).err().expect("refused").to_string();
            assert!(refused.contains("2 names (hard links)"), "{refused}");
        }
    }
    assert_eq!(files(folder.path()), ["ledger", "other"]);
}

#[tokio::test]
async fn who_deletes_the_file_beside_a_ledger_stops_the_batch_and_lets_no_other_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = in_the_middle(&path).await;
    fs::remove_file(folder.path().join("ledger-station")).expect("removed");
    if cfg!(target_os = "linux") {
        let second = Sqlite::open(&path, station(), Access::Work).err();
        assert!(matches!(second, Some(LedgerError::Busy)), "{second:?}");
    }
    let _ = ledger.standings().await;
    let lost = ledger.standings().await.expect_err("it is lost").to_string();
    assert!(lost.contains("ledger-station was deleted or moved"), "{lost}");
    assert!(lost.contains("start the same batch again"), "{lost}");
    drop(ledger);
    assert_eq!(files(folder.path()), ["ledger"]);
    assert_eq!(states(&path).await, known());
}

/// Writes over a file without replacing it.
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::OpenOptions::new().write(true).truncate(true).open(path).expect("a file");
    fs::write(path, bytes).expect("written");
}

#[tokio::test]
async fn a_ledger_that_is_written_over_is_noticed_and_all_is_kept_beside() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other");
    drop(in_the_middle(&other).await);
    let other = fs::read(&other).expect("bytes");
    let cases: [(&str, &[u8]); 5] = [
        ("", &other),
        ("", &[]),
        ("-wal", &[]),
        ("-wal", &other),
        ("", &[b"SQLite format 3\0", &other[..50]].concat()),
    ];
    for (end, bytes) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger");
        let ledger = in_the_middle(&path).await;
        overwrite(&folder.path().join(format!("ledger{end}")), bytes);
        let _ = ledger.standings().await;
        let lost = ledger.check().await.expect_err("it is lost").to_string();
        assert!(lost.contains(&format!("ledger{end} was overwritten")), "{lost}");
        assert!(lost.contains("ledger-rescued"), "{lost}");
        drop(ledger);
        assert_eq!(states(&folder.path().join("ledger-rescued")).await, known());
    }
}

/// What happens, to which files, and where the rest is.
type Loss<'a> = (&'a dyn Fn(&Path), &'a [&'a str], &'a str);

/// The devices that are under way end while the batch lets go of them.
#[tokio::test]
async fn what_ends_after_a_ledger_is_lost_is_kept_with_the_rest() {
    let remove = |path: &Path| fs::remove_file(path).expect("removed");
    let replace = |path: &Path| {
        fs::write(path.with_extension("new"), "somebody else's").expect("written");
        fs::rename(path.with_extension("new"), path).expect("replaced");
    };
    let blank = |path: &Path| overwrite(path, &[]);
    let cases: [Loss<'_>; 9] = [
        (&remove, &[""], "ledger"),
        (&remove, &["", "-wal", "-shm"], "ledger"),
        (&remove, &["-wal"], "ledger"),
        (&remove, &["-shm"], "ledger"),
        (&remove, &["-wal", "-shm"], "ledger"),
        (&remove, &["-station"], "ledger"),
        (&replace, &[""], "ledger-rescued"),
        (&replace, &["-wal"], "ledger-rescued"),
        (&blank, &[""], "ledger-rescued"),
    ];
    for (lose, ends, kept) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger");
        let ledger = in_the_middle(&path).await;
        ledger.enrol(vec![enrolment("C", "3")]).await.expect("enrolled");
        let third = claim(&ledger, "C").await;
        for end in ends {
            lose(&folder.path().join(format!("ledger{end}")));
        }
        let _ = ledger.standings().await;
        let lost = ledger.check().await.expect_err("it is lost").to_string();
        let place = folder.path().join(kept);
        assert!(lost.contains(&format!("saved in {}:", place.display())), "{lost}");
        let told = Claim { device: "A".to_owned(), number: 1, ..third.clone() };
        let attempt = || Attempt { outcome: Some(AttemptOutcome::Connected), ..Attempt::default() };
        ledger.settle(&told, attempt(), State::Done).await.expect("kept");
        // As of now it is in the file that the message names, whatever becomes of the process.
        let now = |third| {
            ["A", "B", "C"].map(str::to_owned).into_iter().zip([State::Done, State::Done, third])
        };
        assert_eq!(states(&place).await, now(State::Running).collect::<Vec<_>>(), "{ends:?}");
        ledger.release(vec![third]).await.expect("kept");
        ledger.claim(vec!["C".to_owned()]).await.expect_err("nothing more is begun");
        drop(ledger);
        assert_eq!(copied(&place).await, now(State::Waiting).collect::<Vec<_>>(), "{ends:?}");
    }
}

#[tokio::test]
async fn a_ledger_with_a_hole_is_not_told_to_be_whole() {
    use std::os::unix::fs::FileExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = in_the_middle(&path).await;
    ledger.check().await.expect("whole");
    let file = fs::OpenOptions::new().write(true).open(&path).expect("a file");
    let pages = file.metadata().expect("metadata").len() / 4096;
    for page in 1..pages {
        file.write_all_at(&[0xa5; 4096], page * 4096).expect("written");
    }
    let lost = ledger.check().await.expect_err("it is lost").to_string();
    assert!(lost.contains("is damaged"), "{lost}");
    assert!(lost.contains("ledger-rescued"), "{lost}");
    drop(ledger);
    assert_eq!(states(&folder.path().join("ledger-rescued")).await, known());
    let again = Sqlite::open(&path, station(), Access::Work).err();
    assert!(matches!(again, Some(LedgerError::Damaged(_))), "{again:?}");
}

#[tokio::test]
async fn what_is_no_file_is_refused_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    fs::create_dir(at("folder")).expect("a folder");
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
    std::os::unix::fs::symlink("/dev/null", at("device")).expect("a link");
    let before = files(folder.path());
    let kinds =
        [("pipe", "pipe"), ("folder", "directory"), ("socket", "socket"), ("device", "device")];
    for (name, kind) in kinds {
        for access in [Access::Work, Access::Amend, Access::Look] {
            let refused = Sqlite::open(&at(name), station(), access).err().expect("refused");
            assert_eq!(refused.to_string(), format!("it is a {kind}, not a file"));
        }
    }
    assert_eq!(files(folder.path()), before);
    let nowhere = Sqlite::open(&at("none/ledger"), station(), Access::Work).err();
    let nowhere = nowhere.expect("no folder").to_string();
    assert!(nowhere.starts_with(&format!("its folder {}: ", at("none").display())), "{nowhere}");
}
