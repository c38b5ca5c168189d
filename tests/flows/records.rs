//! Ledgers that are told row by row: more than memory has room for.

use std::{collections::BTreeSet, ops::ControlFlow, path::Path, time::Duration};

use esp_prov::FailureKind;
use esp_prov_batch::{
    Station,
    ledger::{
        Access, Attempt, AttemptOutcome, ClaimResult, Enrolment, Ledger, LedgerError, Record,
        Sqlite, Standing, State,
    },
};
use kit::Memory;
use rusqlite::Connection;

/// More than are told at once, and no multiple of it.
const DEVICES: usize = 400;

fn sqlite(path: &Path, access: Access) -> Sqlite {
    let lease = Duration::from_secs(30);
    let station = Station { name: "here".into(), run: "1".into(), lease, reports: true };
    Sqlite::open(path, station, access).expect("a ledger")
}

async fn fill(ledger: &dyn Ledger) -> Vec<String> {
    let names: Vec<_> =
        (0..DEVICES).map(|number| format!("d{:04}", number * 7 % DEVICES)).collect();
    let enrolment = |(at, device): (usize, &String)| Enrolment {
        device: device.clone(),
        address: format!("http://{device}"),
        network: "Home".to_owned(),
        labels: [("order".to_owned(), at.to_string())].into(),
    };
    let enrolments = names.iter().enumerate().map(enrolment);
    ledger.enrol(enrolments.collect()).await.expect("enrolled");
    names
}

/// Every third device has no attempt, every second of the others failed at the first and has a
/// second.
async fn work(ledger: &dyn Ledger) {
    let names = fill(ledger).await;
    for (at, device) in names.iter().enumerate() {
        let rounds = [0, 1, 2][at % 3];
        for round in 0..rounds {
            let claimed = ledger.claim(vec![device.clone()]).await.expect("claimed").pop();
            let Some(ClaimResult::Claimed(claim)) = claimed else { panic!("{claimed:?}") };
            let is_last = round + 1 == rounds;
            let failed = Some(Err(FailureKind::LinkLost));
            let (outcome, result, state) = if is_last {
                (AttemptOutcome::Connected, Some(Ok(())), State::Done)
            } else {
                (AttemptOutcome::Failed, failed, State::Waiting)
            };
            let attempt = Attempt {
                ended_at: Some(claim.started_at.clone()),
                outcome: Some(outcome),
                result,
                ..Attempt::default()
            };
            ledger.settle(&claim, attempt, state).await.expect("settled");
        }
    }
}

async fn told(ledger: &dyn Ledger) -> Result<(Vec<Standing>, Vec<Record>), LedgerError> {
    let (mut standings, mut records) = (Vec::new(), Vec::new());
    let each = &mut |one| {
        standings.push(one);
        ControlFlow::Continue(())
    };
    ledger.each_standing(each).await?;
    let each = &mut |one| {
        records.push(one);
        ControlFlow::Continue(())
    };
    ledger.each_record(each).await?;
    Ok((standings, records))
}

/// One by one it is what it is at once.
async fn is_told_whole(ledger: &dyn Ledger) {
    let (standings, records) = told(ledger).await.expect("all");
    assert_eq!(standings, ledger.standings().await.expect("all"));
    let attempts: Vec<_> = records.iter().filter_map(|one| one.attempt.clone()).collect();
    assert_eq!(attempts, ledger.attempts().await.expect("all"));
    assert!(records[..attempts.len()].iter().all(|one| one.attempt.is_some()), "those come first");
    let tried: BTreeSet<_> = attempts.iter().map(|one| &one.device).collect();
    let untried = standings.iter().filter(|one| !tried.contains(&one.device));
    let untried: Vec<_> = untried.map(|one| &one.device).collect();
    let last: Vec<_> = records[attempts.len()..].iter().map(|one| &one.device).collect();
    assert_eq!((last.len(), last), (DEVICES.div_ceil(3), untried));
    for one in &records {
        assert!(one.attempt.as_ref().is_none_or(|attempt| attempt.device == one.device));
        let standing = standings.iter().find(|standing| standing.device == one.device);
        let standing = standing.expect("every device");
        assert_eq!((one.state, &one.labels), (standing.state, &standing.labels));
    }
}

async fn ends_early(ledger: &dyn Ledger) {
    let mut count = 0;
    let each = &mut |_| {
        count += 1;
        if count < 10 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    ledger.each_record(each).await.expect("enough");
    assert_eq!(count, 10);
    assert_eq!(ledger.standings().await.expect("it goes on").len(), DEVICES);
}

#[tokio::test]
async fn a_ledger_is_told_one_by_one_as_it_is_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    {
        let ledger = sqlite(&path, Access::Work);
        work(&ledger).await;
        is_told_whole(&ledger).await;
    }
    let ledger = sqlite(&path, Access::Look);
    is_told_whole(&ledger).await;
    ends_early(&ledger).await;
    let memory = Memory::default();
    work(&memory).await;
    is_told_whole(&memory).await;
    ends_early(&memory).await;
}

#[tokio::test]
async fn a_row_that_cannot_be_read_ends_it_with_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    fill(&sqlite(&path, Access::Work)).await;
    let odd = "UPDATE entries SET state = 'odd' WHERE device = 'd0300'";
    Connection::open(&path).expect("a database").execute(odd, []).expect("changed");
    let error = told(&sqlite(&path, Access::Look)).await.expect_err("a state of no version");
    assert!(error.to_string().contains("state of \"d0300\": unknown value \"odd\""), "{error}");
}
