//! Takes a real ledger along a way through the [`Model`], and compares what it says.

use std::time::Duration;

use async_trait::async_trait;
use esp_prov::FailureKind;
use esp_prov_batch::ledger::{
    Attempt, AttemptOutcome, Claim, ClaimResult, Enrolment, Ledger, LedgerError, Requeue, State,
};
use kit::Memory;

use super::model::{Action, Answer, Answered, Bounds, How, Model, Stand};

/// A unit of the model's time: beside it, what a call takes is nothing.
pub const TICK: Duration = Duration::from_secs(3600);

/// A ledger that can be taken along.
#[async_trait]
pub trait Subject: Send {
    /// As a station sees it.
    fn at(&self, station: u8) -> &dyn Ledger;

    /// A station is killed and starts again.
    async fn crash(&mut self, station: u8);

    /// Its clock goes on.
    async fn pass(&mut self, time: Duration);
}

/// Ledgers in memory, one for each station.
pub struct InMemory(Vec<Memory>);

impl InMemory {
    /// An empty one.
    pub fn new(bounds: &Bounds) -> Self {
        let lease = bounds.lease.map(|lease| TICK * u32::from(lease));
        let ledger = Memory { lease, ..Memory::default() };
        let station = |number| ledger.at(&format!("s{number}"), &format!("s{number} 0"));
        Self((0..bounds.stations).map(station).collect())
    }
}

#[async_trait]
impl Subject for InMemory {
    fn at(&self, station: u8) -> &dyn Ledger {
        &self.0[usize::from(station)]
    }

    async fn crash(&mut self, station: u8) {
        let ledger = &mut self.0[usize::from(station)];
        ledger.run.push('+');
        if ledger.lease.is_none() {
            ledger.take_over();
        }
    }

    async fn pass(&mut self, time: Duration) {
        self.0[0].clock.jump(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }
}

/// Takes it along, with devices of this name and a number.
///
/// # Errors
/// Where it says something else than the model.
pub async fn agree(
    subject: &mut dyn Subject,
    bounds: &Bounds,
    name: &str,
    walk: &[Action],
) -> Result<(), String> {
    let devices: Vec<_> = (0..bounds.devices).map(|number| format!("{name}-{number}")).collect();
    let enrolments = devices.iter().map(|device| Enrolment {
        device: device.clone(),
        address: format!("http://{device}"),
        network: "Home".to_owned(),
        labels: [].into(),
    });
    let enrolled = subject.at(0).enrol(enrolments.collect()).await;
    enrolled.map_err(|error| error.to_string())?;
    let mut claims = vec![vec![None; devices.len()]; bounds.stations.into()];
    let mut model = Model::new(bounds);
    for (at, action) in walk.iter().enumerate() {
        let (expected, next) = model.after(bounds, *action);
        let answer = perform(subject, bounds, &devices, &mut claims, *action).await;
        let seen = answer.map_err(|error| error.to_string());
        let told = |what: String| format!("{:?}: {what}\n{model:?}", &walk[..=at]);
        if seen != Ok(expected) {
            return Err(told(format!("{seen:?}, and not {expected:?}")));
        }
        let rows = rows(subject.at(0), &devices).await.map_err(|error| error.to_string())?;
        let expected = next.rows.iter().map(|row| (row.stand, row.number, row.last));
        let expected: Vec<_> = expected.collect();
        if rows != expected {
            return Err(told(format!("{rows:?}, and not {expected:?}")));
        }
        model = next;
    }
    Ok(())
}

async fn perform(
    subject: &mut dyn Subject,
    bounds: &Bounds,
    devices: &[String],
    claims: &mut [Vec<Option<Claim>>],
    action: Action,
) -> Result<Answer, LedgerError> {
    let name = |device: u8| devices[usize::from(device)].clone();
    let held = |claims: &[Vec<Option<Claim>>], station: u8, device: u8| {
        let claim = &claims[usize::from(station)][usize::from(device)];
        claim.clone().expect("the model works on what was claimed")
    };
    match action {
        Action::Claim(s, d, answered) => {
            let result = subject.at(s).claim(vec![name(d)]).await?.pop();
            Ok(match result.expect("an answer for each") {
                ClaimResult::Claimed(claim) => {
                    let answer = Answer::Claimed {
                        number: u8::try_from(claim.number).unwrap_or(u8::MAX),
                        told: claim.apply_may_have_been_sent,
                        last: claim.last_result.map(how),
                    };
                    if answered == Answered::Yes {
                        claims[usize::from(s)][usize::from(d)] = Some(claim);
                    }
                    answer
                }
                ClaimResult::Elsewhere(_) => Answer::Elsewhere,
                ClaimResult::Settled(_, state) => Answer::Settled(stand(state)),
            })
        }
        Action::Mark(s, d, _) => match subject.at(s).mark_apply_sent(&held(claims, s, d)).await {
            Ok(()) => Ok(Answer::Made),
            Err(LedgerError::ClaimLost) => Ok(Answer::Refused),
            Err(error) => Err(error),
        },
        Action::Apply(..) => Ok(Answer::NotAsked),
        Action::Settle(s, d, how, _) => {
            let (result, outcome, state) = written(how);
            let attempt =
                Attempt { result: Some(result), outcome: Some(outcome), ..Attempt::default() };
            subject.at(s).settle(&held(claims, s, d), attempt, state).await?;
            Ok(Answer::Made)
        }
        Action::Release(s, d) => {
            subject.at(s).release(vec![held(claims, s, d)]).await?;
            Ok(Answer::Made)
        }
        Action::Renew(s) => subject.at(s).renew().await.map(|()| Answer::Made),
        Action::Crash(s) => {
            subject.crash(s).await;
            Ok(Answer::NotAsked)
        }
        Action::Requeue(d) => {
            let states = vec![State::Failed, State::Unconfirmed];
            let which = Requeue { states, devices: vec![name(d)], ..Requeue::default() };
            let count = subject.at(0).requeue(which).await?;
            Ok(if count == 1 { Answer::Made } else { Answer::Refused })
        }
        Action::Tick => {
            subject.pass(TICK).await;
            Ok(Answer::NotAsked)
        }
        Action::Jump => {
            subject.pass(TICK * u32::from(bounds.lease.unwrap_or(0) + 1)).await;
            Ok(Answer::NotAsked)
        }
    }
}

async fn rows(
    ledger: &dyn Ledger,
    devices: &[String],
) -> Result<Vec<(Stand, u8, Option<How>)>, LedgerError> {
    let standings = ledger.standings().await?;
    let its = standings.iter().filter(|one| devices.contains(&one.device));
    let row = |one: &esp_prov_batch::ledger::Standing| {
        let number = u8::try_from(one.attempts).unwrap_or(u8::MAX);
        (stand(one.state), number, one.result.map(how))
    };
    Ok(its.map(row).collect())
}

fn stand(state: State) -> Stand {
    match state {
        State::Waiting => Stand::Waiting,
        State::Running => Stand::Running,
        State::Done => Stand::Done,
        State::Unconfirmed => Stand::Unconfirmed,
        State::Failed => Stand::Failed,
    }
}

fn how(result: Result<(), FailureKind>) -> How {
    match result {
        Ok(()) => How::Joined,
        Err(FailureKind::PassphraseRejected) => How::CouldNotJoin,
        Err(FailureKind::ProofRejected) => How::Answered,
        Err(FailureKind::Unconfirmed) => How::Unconfirmed,
        Err(_) => How::Accident,
    }
}

fn written(how: How) -> (Result<(), FailureKind>, AttemptOutcome, State) {
    match how {
        How::Joined => (Ok(()), AttemptOutcome::Connected, State::Done),
        How::Accident => (Err(FailureKind::LinkLost), AttemptOutcome::Again, State::Waiting),
        How::CouldNotJoin => {
            (Err(FailureKind::PassphraseRejected), AttemptOutcome::Failed, State::Failed)
        }
        How::Answered => (Err(FailureKind::ProofRejected), AttemptOutcome::Failed, State::Failed),
        How::Unconfirmed => {
            (Err(FailureKind::Unconfirmed), AttemptOutcome::Unconfirmed, State::Unconfirmed)
        }
    }
}
