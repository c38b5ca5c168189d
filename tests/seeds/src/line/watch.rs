//! What is promised, looked at in every step.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use esp_prov_batch::{BatchEvent, ledger::State};
use esp_prov_simulate::VirtualDevice;
use kit::Memory;
use tokio::time::Instant;

use super::scenario::{Kind, Scenario};
use crate::{Transcript, Violation};

pub(super) const ONE_JOIN: &str = "no device is joined twice by one plan";
pub(super) const TRUE_DONE: &str = "what the ledger calls done has joined, and stays done";
pub(super) const NO_FALSE_FAILURE: &str = "what has been told and joins is never called failed";
pub(super) const IN_TIME: &str = "every batch ends within its limits";
pub(super) const ALONE: &str = "no two stations work on one device while a claim holds";
pub(super) const MARKED: &str = "a device is told after the ledger knows";
pub(super) const SECRETS: &str = "no secret is written";
pub(super) const ALL_DONE: &str = "in the end every healthy device is done once";

/// Planted, and written nowhere.
const NEEDLES: [&str; 4] = [super::PROOF, super::WRONG_PROOF, super::RIGHT, super::WRONG];

/// Sees everything.
pub(super) struct Watch {
    began: Instant,
    pub(super) ledger: Memory,
    devices: BTreeMap<String, Watched>,
    told: Mutex<Told>,
}

pub(super) struct Watched {
    pub(super) device: VirtualDevice,
    kind: Kind,
    /// What its join takes.
    join: Duration,
    stays_open: bool,
    applied_at: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Told {
    transcript: Transcript,
    broken: Option<(&'static str, String)>,
    done: Vec<String>,
    has_jumped: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watched {
    fn is_good(&self) -> bool {
        self.kind == Kind::Good
    }

    /// Whether it was told, and has not forgotten that.
    fn is_told(&self) -> bool {
        self.device.joins() > 0
    }

    fn has_joined(&self) -> bool {
        let applied_at = *lock(&self.applied_at);
        let took = applied_at.is_some_and(|at| at.elapsed() >= self.join);
        self.is_good() && self.is_told() && took
    }
}

impl Watch {
    pub(super) fn new(scenario: &Scenario, ledger: Memory, devices: &[VirtualDevice]) -> Self {
        let watched = scenario.devices.iter().zip(devices).enumerate().map(|(at, (it, device))| {
            let join = Duration::from_millis(it.join) * (it.failed_attempts + 1);
            let watched = Watched {
                device: device.clone(),
                kind: it.kind,
                join,
                stays_open: it.stays_open,
                applied_at: Mutex::default(),
            };
            (super::name(at), watched)
        });
        let devices = watched.collect();
        Self { began: Instant::now(), ledger, devices, told: Mutex::default() }
    }

    pub(super) fn note(&self, line: std::fmt::Arguments<'_>) {
        let at = self.began.elapsed().as_millis();
        lock(&self.told).transcript.push(format!("{at:>8} {line}"));
    }

    pub(super) fn jumped(&self, by: i64) {
        self.ledger.clock.jump(by);
        self.note(format_args!("the clock jumps by {by}"));
        lock(&self.told).has_jumped |= by > 0;
    }

    fn has_jumped(&self) -> bool {
        lock(&self.told).has_jumped
    }

    pub(super) fn breaks(&self, promise: &'static str, seen: String) {
        self.note(format_args!("BROKEN {promise}: {seen}"));
        lock(&self.told).broken.get_or_insert((promise, seen));
    }

    /// What was broken so far.
    pub(super) fn so_far(&self) -> Result<(), Violation> {
        let told = lock(&self.told);
        told.broken.clone().map_or(Ok(()), |(invariant, seen)| {
            Err(Violation { invariant, seen, transcript: told.transcript.clone() })
        })
    }

    pub(super) fn transcript(&self) -> Transcript {
        lock(&self.told).transcript.clone()
    }

    /// A process is about to reach a device.
    pub(super) fn reaches(&self, device: &str, run: &str) {
        let Some(known) = self.ledger.known(device) else { return };
        let holds = known.state == State::Running && known.until >= self.ledger.clock.now();
        let is_anothers = known.run.as_deref() != Some(run);
        if holds && is_anothers && self.ledger.lease.is_some() && !self.has_jumped() {
            self.breaks(ALONE, format!("{run} reaches {device}, which {:?} has", known.run));
        }
    }

    /// A device has heard a request. It had obeyed so many applies before.
    pub(super) fn heard(&self, device: &str, before: u32) {
        let watched = &self.devices[device];
        let joins = watched.device.joins();
        if joins <= before {
            return;
        }
        *lock(&watched.applied_at) = Some(Instant::now());
        self.note(format_args!("{device} joins"));
        if self.ledger.known(device).is_none_or(|known| !known.told) {
            self.breaks(MARKED, format!("{device} is told, and the ledger does not know"));
        }
        if watched.is_good() && joins > 1 {
            self.breaks(ONE_JOIN, format!("{device} has joined {joins} times"));
        }
    }

    /// The ledger has changed, perhaps.
    pub(super) fn ledger_changed(&self) {
        for (name, watched) in &self.devices {
            let Some(known) = self.ledger.known(name) else { continue };
            let was_done = lock(&self.told).done.contains(name);
            match known.state {
                State::Done if !was_done => {
                    if !watched.has_joined() {
                        self.breaks(TRUE_DONE, format!("{name} has not joined"));
                    }
                    lock(&self.told).done.push(name.clone());
                }
                State::Done => {}
                state if was_done => {
                    self.breaks(TRUE_DONE, format!("{name} was done, and is {state}"));
                }
                State::Failed if watched.is_good() && watched.is_told() => {
                    self.breaks(NO_FALSE_FAILURE, format!("{name} is failed: {:?}", known.result));
                }
                _ => {}
            }
        }
    }

    pub(super) fn event(&self, run: &str, event: &BatchEvent) {
        let written = format!("{event:?} {}", serde_json::to_string(event).unwrap_or_default());
        self.is_harmless("an event", &written);
        match event {
            BatchEvent::DeviceEnded(ended) | BatchEvent::Unrecorded { ended, .. } => {
                let (device, state) = (&ended.attempt.device, ended.state);
                let (number, result) = (ended.attempt.number, ended.attempt.result);
                self.note(format_args!("{run}: {device} {number} is {state}: {result:?}"));
                let watched = &self.devices[device];
                let is_false = state == State::Failed && watched.is_good() && watched.is_told();
                if is_false && !self.has_jumped() {
                    let why = format!("{device}: {:?}", ended.attempt.error);
                    self.breaks(NO_FALSE_FAILURE, why);
                }
                if state == State::Done && !watched.has_joined() {
                    self.breaks(TRUE_DONE, format!("{device} has not joined, and is called done"));
                }
            }
            BatchEvent::DeviceStarted { device, attempt, may_have_joined, .. } => {
                self.note(format_args!("{run}: {device} {attempt} begins, told {may_have_joined}"));
            }
            BatchEvent::ClaimLost { device } => self.note(format_args!("{run}: {device} is lost")),
            _ => {}
        }
    }

    fn is_harmless(&self, what: &str, written: &str) {
        if let Some(needle) = NEEDLES.iter().find(|needle| written.contains(**needle)) {
            self.breaks(SECRETS, format!("{needle} in {what}"));
        }
    }

    /// After a last batch in which nothing went wrong.
    pub(super) fn at_the_end(&self) {
        for (name, watched) in &self.devices {
            let Some(known) = self.ledger.known(name) else {
                self.breaks(ALL_DONE, format!("{name} is not known"));
                continue;
            };
            let joins = watched.device.joins();
            // One that has told that it is connected leaves, and who was told may be dead.
            let may_have_left = !watched.stays_open && watched.has_joined();
            let is_right = match known.state {
                State::Done => watched.is_good() && joins == 1,
                State::Unconfirmed => may_have_left,
                State::Failed => !watched.is_good(),
                State::Waiting | State::Running => false,
            };
            if !is_right {
                let seen = format!("{name} is {}, with {joins} joins: {known:?}", known.state);
                self.breaks(ALL_DONE, seen);
            }
        }
        let attempts = format!("{:?}", lock(&self.ledger.attempts));
        let entries = format!("{:?}", lock(&self.ledger.entries));
        self.is_harmless("the ledger", &attempts);
        self.is_harmless("the ledger", &entries);
    }
}
