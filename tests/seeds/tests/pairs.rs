//! Any calls one after the other: the ledger in memory, on which the simulation stands, says to
//! each what the one in a file says.

use std::{collections::BTreeMap, fmt::Debug, path::Path, time::Duration};

use esp_prov::FailureKind;
use esp_prov_batch::{
    Station,
    ledger::{
        Access, Attempt, AttemptOutcome, Claim, ClaimResult, Enrolment, Ledger, LedgerError,
        Requeue, Sqlite, State,
    },
};
use fastrand::Rng;
use kit::Memory;

const SEQUENCES: u64 = 60;
const CALLS: usize = 25;

const FAILURES: [FailureKind; 4] = [
    FailureKind::PassphraseRejected,
    FailureKind::ProofRejected,
    FailureKind::Unconfirmed,
    FailureKind::LinkLost,
];

#[derive(Clone, Debug)]
enum Call {
    Enrol(Vec<Enrolment>),
    Claim(Vec<String>),
    Mark(Claim),
    Settle(Claim, Box<Attempt>, State),
    Release(Vec<Claim>),
    Requeue(Requeue),
    Unreported,
    Reported(String, i64, Result<(), String>),
    RequeueHooks(Vec<String>),
    Roster(String),
    /// The station is killed and starts again.
    Restart,
}

fn some<T: Clone>(rng: &mut Rng, all: &[T]) -> Vec<T> {
    all.iter().filter(|_| rng.bool()).cloned().collect()
}

fn draw(rng: &mut Rng, known: &[String], claims: &[Claim]) -> Call {
    if known.is_empty() {
        return enrol(rng);
    }
    let device = known[rng.usize(..known.len())].clone();
    let claim = rng.choice(claims).cloned();
    match (rng.u8(..12), claim) {
        (0, _) => enrol(rng),
        (1, _) => Call::Restart,
        (2, _) => {
            let failures = rng.bool().then(|| some(rng, &FAILURES));
            Call::Requeue(Requeue {
                states: some(rng, &[State::Done, State::Failed, State::Unconfirmed]),
                failures,
                devices: some(rng, known),
                by: "anna".to_owned(),
                reason: rng.bool().then(|| "new antenna".to_owned()),
            })
        }
        (3, _) => Call::Unreported,
        (4, _) => Call::RequeueHooks(some(rng, known)),
        (5, _) => Call::Roster(format!("roster {}", rng.u8(..3))),
        (6, Some(claim)) => {
            let result = if rng.bool() { Ok(()) } else { Err("it says no".to_owned()) };
            Call::Reported(claim.device, claim.number, result)
        }
        (7, Some(claim)) => Call::Mark(claim),
        (8 | 9, Some(claim)) => {
            let (attempt, state) = ending(rng);
            Call::Settle(claim, Box::new(attempt), state)
        }
        (10, Some(claim)) => Call::Release(vec![claim]),
        _ => {
            let mut devices = some(rng, known);
            if devices.is_empty() {
                devices.push(device);
            }
            Call::Claim(devices)
        }
    }
}

fn enrol(rng: &mut Rng) -> Call {
    let one = |rng: &mut Rng, number: u8| Enrolment {
        device: format!("d{number}"),
        address: format!("http://10.0.0.{}", rng.u8(..3)),
        network: ["Home", "Guest"][rng.usize(..2)].to_owned(),
        labels: BTreeMap::from([("rack".to_owned(), rng.u8(..3).to_string())]),
    };
    let devices = (0..=rng.u8(..3)).map(|number| one(rng, number));
    Call::Enrol(devices.collect())
}

fn ending(rng: &mut Rng) -> (Attempt, State) {
    let (outcome, result, state) = match rng.u8(..5) {
        0 => (AttemptOutcome::Connected, Ok(()), State::Done),
        1 => (AttemptOutcome::Again, Err(FailureKind::LinkLost), State::Waiting),
        2 => (AttemptOutcome::Failed, Err(FailureKind::PassphraseRejected), State::Failed),
        3 => (AttemptOutcome::Failed, Err(FailureKind::ProofRejected), State::Failed),
        _ => (AttemptOutcome::Unconfirmed, Err(FailureKind::Unconfirmed), State::Unconfirmed),
    };
    let attempt = Attempt {
        ended_at: Some("2026-01-01T00:00:00.000Z".to_owned()),
        outcome: Some(outcome),
        result: Some(result),
        error: result.err().map(|failure| format!("{failure:?}")),
        sessions: Some(rng.i64(1..4)),
        version: rng.bool().then(|| "v1.1".to_owned()),
        ..Attempt::default()
    };
    (attempt, state)
}

/// What it says, but for the time of day.
async fn answer(ledger: &dyn Ledger, call: &Call, claims: &mut Vec<Claim>) -> String {
    fn shown<T: Debug>(answer: Result<T, LedgerError>) -> String {
        format!("{answer:?}")
    }
    let answer = match call.clone() {
        Call::Enrol(devices) => shown(ledger.enrol(devices).await),
        Call::Claim(devices) => {
            let mut results = ledger.claim(devices).await;
            for result in results.iter_mut().flatten() {
                if let ClaimResult::Claimed(claim) = result {
                    claim.started_at.clear();
                    claims.push(claim.clone());
                }
            }
            // They come in any order.
            shown(results.map(|results| {
                let results = results.into_iter().map(|one| (device_of(&one).to_owned(), one));
                results.collect::<BTreeMap<_, _>>()
            }))
        }
        Call::Mark(claim) => shown(ledger.mark_apply_sent(&claim).await),
        Call::Settle(claim, attempt, state) => shown(ledger.settle(&claim, *attempt, state).await),
        Call::Release(claims) => shown(ledger.release(claims).await),
        Call::Requeue(which) => shown(ledger.requeue(which).await),
        Call::Unreported => shown(ledger.unreported().await.map(timeless)),
        Call::Reported(device, number, result) => {
            shown(ledger.reported(device, number, result).await)
        }
        Call::RequeueHooks(devices) => shown(ledger.requeue_hooks(devices).await),
        Call::Roster(name) => shown(ledger.add_roster(name).await),
        Call::Restart => String::new(),
    };
    let (standings, attempts) = (ledger.standings().await, ledger.attempts().await);
    let (attempts, rosters) = (attempts.map(timeless), ledger.rosters().await);
    format!("{answer}\n{standings:#?}\n{attempts:#?}\n{rosters:?}")
}

fn device_of(result: &ClaimResult) -> &str {
    match result {
        ClaimResult::Claimed(claim) => &claim.device,
        ClaimResult::Elsewhere(device) | ClaimResult::Settled(device, _) => device,
    }
}

fn timeless(mut attempts: Vec<Attempt>) -> Vec<Attempt> {
    for attempt in &mut attempts {
        attempt.started_at.clear();
        attempt.ended_at.as_mut().map(String::clear);
        attempt.requeued_at.as_mut().map(String::clear);
    }
    // Those of one moment come in any order.
    attempts.sort_by_key(|one| (one.device.clone(), one.number));
    attempts
}

#[tokio::test]
async fn any_calls_get_the_same_answers_of_both() {
    // Thousands of commits, which a disk would take its time for.
    let quick = Path::new("/dev/shm");
    let folder = if quick.is_dir() { tempfile::tempdir_in(quick) } else { tempfile::tempdir() };
    let folder = folder.expect("a folder");
    for seed in 0..SEQUENCES {
        let mut rng = Rng::with_seed(seed);
        let reports = rng.bool();
        let memory = Memory { reports, ..Memory::default() };
        let path = folder.path().join(seed.to_string());
        let open = || {
            let (name, run) = ("here".to_owned(), "1".to_owned());
            let station = Station { name, run, lease: Duration::from_secs(30), reports };
            Sqlite::open(&path, station, Access::Work).expect("a ledger")
        };
        let (mut file, mut calls) = (Some(open()), Vec::new());
        let (mut claims, mut its_claims) = (Vec::new(), Vec::new());
        for _ in 0..CALLS {
            let known = memory.standings().await.expect("it is there");
            let known: Vec<_> = known.into_iter().map(|one| one.device).collect();
            let call = draw(&mut rng, &known, &claims);
            calls.push(call.clone());
            if matches!(call, Call::Restart) {
                memory.take_over();
                file = None;
            }
            let said = answer(file.get_or_insert_with(open), &call, &mut its_claims).await;
            let expected = answer(&memory, &call, &mut claims).await;
            let differs = said.lines().zip(expected.lines()).find(|(one, other)| one != other);
            assert!(
                said == expected,
                "seed {seed}: in a file and in memory: {differs:?} after {calls:#?}\n{said}"
            );
        }
    }
}
