//! The ledger's protocol as a machine of states: stations that claim, mark, apply, settle, renew,
//! crash and come back, devices that join or can't, and the database's clock.

use std::fmt;

/// How far everything goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many stations.
    pub stations: u8,
    /// How many devices.
    pub devices: u8,
    /// How often each device is claimed.
    pub attempts: u8,
    /// How often each station crashes.
    pub crashes: u8,
    /// How often answers get lost, over all.
    pub losses: u8,
    /// How far the clock goes.
    pub ticks: u8,
    /// How long a claim holds; `None` for a ledger in a file, which has one station.
    pub lease: Option<u8>,
    /// How often the clock jumps beyond all leases.
    pub jumps: u8,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What can be wrong with a ledger or a station, for the checker to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// A claim takes what another station holds.
    ClaimIgnoresLease,
    /// A claim does not say that the device may have been told.
    ClaimForgetsTold,
    /// A mark by who lost the claim is called made, and is not.
    MarkIsNotRefused,
    /// Whoever had the claim once settles the device.
    AnyoneSettles,
    /// A station goes on when its claims may no longer hold.
    NobodyLapses,
}

/// How a device stands in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stand {
    /// For a station.
    Waiting,
    /// A station has it.
    Running,
    /// It joined.
    Done,
    /// It may have.
    Unconfirmed,
    /// It did not.
    Failed,
}

/// How its last attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum How {
    /// It joined.
    Joined,
    /// The link was lost, and another attempt follows.
    Accident,
    /// It said that it could not join.
    CouldNotJoin,
    /// It gave another answer that ends its run.
    Answered,
    /// It left and did not say.
    Unconfirmed,
}

impl How {
    /// How the device stands after it.
    pub fn stand(self) -> Stand {
        match self {
            Self::Joined => Stand::Done,
            Self::Accident => Stand::Waiting,
            Self::CouldNotJoin | Self::Answered => Stand::Failed,
            Self::Unconfirmed => Stand::Unconfirmed,
        }
    }
}

/// A device in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// How it stands.
    pub stand: Stand,
    /// It may have been told to join.
    pub told: bool,
    /// Attempts so far.
    pub number: u8,
    /// How the last one ended that did.
    pub last: Option<How>,
    /// Who has or had it: a station, and which process of it.
    holder: Option<(u8, u8)>,
    /// Until when, if it is running.
    until: u8,
}

/// A station's work on a device.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Work {
    number: u8,
    told: bool,
    could_not_join: bool,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Begun,
    Marked,
    Applied,
    /// The device refused that.
    Refused,
    /// Its end goes to the ledger, until that answers.
    Settling(How),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Station {
    process: u8,
    /// Until when its claims hold for sure, as it sees it.
    until: u8,
    work: Vec<Option<Work>>,
}

/// The device itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Device {
    Fresh,
    Joined,
    /// It was told to join and can't, until it is reset.
    Stuck,
}

/// All of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Model {
    /// The ledger.
    pub rows: Vec<Row>,
    stations: Vec<Station>,
    devices: Vec<Device>,
    clock: u8,
    losses: u8,
    jumps: u8,
    /// The promise that was broken on the way here.
    pub broken: Option<&'static str>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, stations, devices, clock, .. } = self;
        write!(f, "clock {clock}")?;
        rows.iter().try_for_each(|row| write!(f, "\n  {row:?}"))?;
        stations.iter().try_for_each(|station| write!(f, "\n  {station:?}"))?;
        write!(f, "\n  {devices:?}")
    }
}

/// A step. Stations and devices are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A station asks for a device; its answer may get lost.
    Claim(u8, u8, Answered),
    /// It is about to tell it to join.
    Mark(u8, u8, Answered),
    /// It tells it, and the device can join, or can't.
    Apply(u8, u8, bool),
    /// It writes down how that ended.
    Settle(u8, u8, How, Answered),
    /// It gives the device back.
    Release(u8, u8),
    /// It renews all its claims.
    Renew(u8),
    /// It is killed and started again.
    Crash(u8),
    /// A person lets a failed or unconfirmed device wait again.
    Requeue(u8),
    /// Time goes by.
    Tick,
    /// The ledger's clock jumps beyond all leases; that of the stations does not.
    Jump,
}

impl Action {
    /// The same of the first station, with the first device.
    pub(super) fn of_any(self) -> Self {
        match self {
            Self::Claim(_, _, answered) => Self::Claim(0, 0, answered),
            Self::Mark(_, _, answered) => Self::Mark(0, 0, answered),
            Self::Apply(_, _, can_join) => Self::Apply(0, 0, can_join),
            Self::Settle(_, _, how, answered) => Self::Settle(0, 0, how, answered),
            Self::Release(..) => Self::Release(0, 0),
            Self::Renew(_) => Self::Renew(0),
            Self::Crash(_) => Self::Crash(0),
            Self::Requeue(_) => Self::Requeue(0),
            Self::Tick | Self::Jump => self,
        }
    }
}

/// Whether the ledger's answer arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answered {
    /// It does.
    Yes,
    /// It was made, and nobody hears of it.
    Lost,
}

/// What the ledger says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The device is the station's.
    Claimed {
        /// Its attempt.
        number: u8,
        /// It may have been told.
        told: bool,
        /// How the last one ended.
        last: Option<How>,
    },
    /// Another has it.
    Elsewhere,
    /// It is settled.
    Settled(Stand),
    /// It is made.
    Made,
    /// The claim is lost.
    Refused,
    /// The ledger is not asked.
    NotAsked,
}

impl Model {
    /// At the beginning.
    pub fn new(bounds: &Bounds) -> Self {
        let row = Row {
            stand: Stand::Waiting,
            told: false,
            number: 0,
            last: None,
            holder: None,
            until: 0,
        };
        let devices = usize::from(bounds.devices);
        let lease = bounds.lease.unwrap_or(0);
        let station = Station { process: 0, until: lease, work: vec![None; devices] };
        Self {
            rows: vec![row; devices],
            stations: vec![station; bounds.stations.into()],
            devices: vec![Device::Fresh; devices],
            clock: 0,
            losses: 0,
            jumps: 0,
            broken: None,
        }
    }

    /// What can happen now.
    pub fn actions(&self, bounds: &Bounds) -> Vec<Action> {
        let mut all = Vec::new();
        let answers: &[Answered] = if self.losses < bounds.losses {
            &[Answered::Yes, Answered::Lost]
        } else {
            &[Answered::Yes]
        };
        for (s, station) in (0..).zip(&self.stations) {
            let is_valid = bounds.lease.is_none()
                || station.until > self.clock
                || bounds.flaw == Flaw::NobodyLapses;
            for (d, work) in (0..).zip(&station.work) {
                let row = &self.rows[usize::from(d)];
                let mut add = |action: &dyn Fn(Answered) -> Action| {
                    all.extend(answers.iter().map(|answered| action(*answered)));
                };
                match work {
                    None if row.number < bounds.attempts && is_valid => {
                        add(&|answered| Action::Claim(s, d, answered));
                    }
                    None => {}
                    Some(work) => {
                        let ends: &[How] = match (work.step, self.devices[usize::from(d)]) {
                            (Step::Settling(how), _) => &[how],
                            (Step::Refused, _) => &[How::Answered],
                            (Step::Applied, Device::Joined) => {
                                &[How::Joined, How::Accident, How::Unconfirmed]
                            }
                            (Step::Applied, _) => {
                                &[How::CouldNotJoin, How::Accident, How::Unconfirmed]
                            }
                            _ if work.told => &[How::Accident, How::Unconfirmed],
                            (Step::Begun, _) => &[How::Accident, How::Answered],
                            (Step::Marked, _) => &[How::Accident],
                        };
                        for how in ends {
                            add(&|answered| Action::Settle(s, d, *how, answered));
                        }
                        match work.step {
                            Step::Begun => add(&|answered| Action::Mark(s, d, answered)),
                            Step::Marked => {
                                all.extend([true, false].map(|can| Action::Apply(s, d, can)));
                            }
                            Step::Applied | Step::Refused | Step::Settling(_) => {}
                        }
                        if !matches!(work.step, Step::Settling(_)) {
                            all.push(Action::Release(s, d));
                        }
                    }
                }
            }
            if bounds.lease.is_some() {
                all.push(Action::Renew(s));
            }
            if station.process < bounds.crashes {
                all.push(Action::Crash(s));
            }
        }
        for (d, row) in (0..).zip(&self.rows) {
            let waits = matches!(row.stand, Stand::Failed | Stand::Unconfirmed);
            if waits && row.number < bounds.attempts {
                all.push(Action::Requeue(d));
            }
        }
        if bounds.lease.is_some() && self.clock < bounds.ticks {
            all.push(Action::Tick);
        }
        if self.jumps < bounds.jumps && self.rows.iter().any(|row| row.stand == Stand::Running) {
            all.push(Action::Jump);
        }
        all
    }

    /// What comes of it.
    pub fn after(&self, bounds: &Bounds, action: Action) -> (Answer, Self) {
        let mut next = self.clone();
        let answer = next.take(bounds, action);
        next.forget();
        (answer, next)
    }

    /// What makes no difference any more.
    fn forget(&mut self) {
        for row in &mut self.rows {
            if row.stand != Stand::Running {
                row.until = 0;
            } else if row.until < self.clock {
                row.until = OVER;
            }
        }
        for station in self.stations.iter_mut().filter(|one| one.until < self.clock) {
            station.until = 0;
        }
    }

    fn take(&mut self, bounds: &Bounds, action: Action) -> Answer {
        if let Action::Claim(.., Answered::Lost)
        | Action::Mark(.., Answered::Lost)
        | Action::Settle(.., Answered::Lost) = action
        {
            self.losses += 1;
        }
        match action {
            Action::Claim(s, d, answered) => self.claim(bounds, s, d, answered),
            Action::Mark(s, d, answered) => self.mark(bounds, s, d, answered),
            Action::Apply(s, d, can_join) => self.apply(s, d, can_join),
            Action::Settle(s, d, how, answered) => self.settle(bounds, s, d, how, answered),
            Action::Release(s, d) => {
                let (holds, row) = self.row(bounds, s, d);
                if holds && row.stand == Stand::Running {
                    row.stand = Stand::Waiting;
                }
                *self.work(s, d) = None;
                Answer::Made
            }
            Action::Renew(s) => {
                let until = self.clock + bounds.lease.unwrap_or(0);
                for d in 0..bounds.devices {
                    let (holds, row) = self.row(bounds, s, d);
                    if holds && row.stand == Stand::Running {
                        row.until = until;
                    }
                }
                self.stations[usize::from(s)].until = until;
                Answer::Made
            }
            Action::Crash(s) => {
                let station = &mut self.stations[usize::from(s)];
                station.process += 1;
                station.until = self.clock + bounds.lease.unwrap_or(0);
                station.work.fill(None);
                if bounds.lease.is_none() {
                    let running = self.rows.iter_mut().filter(|row| row.stand == Stand::Running);
                    running.for_each(|row| row.stand = Stand::Waiting);
                }
                Answer::NotAsked
            }
            Action::Requeue(d) => {
                self.rows[usize::from(d)].stand = Stand::Waiting;
                Answer::Made
            }
            Action::Tick => {
                self.clock += 1;
                self.lapse(bounds);
                Answer::NotAsked
            }
            Action::Jump => {
                self.jumps += 1;
                // Nobody's view of that changes.
                self.rows.iter_mut().for_each(|row| row.until = OVER);
                Answer::NotAsked
            }
        }
    }

    fn claim(&mut self, bounds: &Bounds, s: u8, d: u8, answered: Answered) -> Answer {
        let clock = self.clock;
        let until = clock + bounds.lease.unwrap_or(0);
        let (holds, row) = self.row(bounds, s, d);
        let lapsed = bounds.lease.is_some() && (row.until < clock || row.until == OVER);
        let is_free = match row.stand {
            Stand::Waiting => true,
            Stand::Running => lapsed || bounds.flaw == Flaw::ClaimIgnoresLease,
            _ => return Answer::Settled(row.stand),
        };
        // The answer to an earlier wish got lost.
        let is_again = holds && bounds.lease.is_some();
        if !is_free && !is_again {
            return Answer::Elsewhere;
        }
        if is_free {
            row.stand = Stand::Running;
            row.number += 1;
            row.until = until;
        }
        let (number, last) = (row.number, row.last);
        let told = row.told && bounds.flaw != Flaw::ClaimForgetsTold;
        if is_free {
            let process = self.stations[usize::from(s)].process;
            self.rows[usize::from(d)].holder = Some((s, process));
        }
        if answered == Answered::Yes {
            let others = (0..).zip(&self.stations).filter(|(other, _)| *other != s);
            let is_at_work = |work: &Work| !matches!(work.step, Step::Settling(_));
            let mut others = others.filter_map(|(_, other)| other.work[usize::from(d)].as_ref());
            if self.jumps == 0 && others.any(is_at_work) {
                self.broken = Some("two stations work on one device");
            }
            let could_not_join = last == Some(How::CouldNotJoin);
            let step = if told { Step::Marked } else { Step::Begun };
            *self.work(s, d) = Some(Work { number, told, could_not_join, step });
        }
        Answer::Claimed { number, told, last }
    }

    fn mark(&mut self, bounds: &Bounds, s: u8, d: u8, answered: Answered) -> Answer {
        let holds = self.holds(bounds, s, d);
        self.rows[usize::from(d)].told |= holds;
        if !holds && bounds.flaw != Flaw::MarkIsNotRefused {
            // Who hears that lets go of the device.
            if answered == Answered::Yes {
                *self.work(s, d) = None;
            }
            return Answer::Refused;
        }
        if answered == Answered::Yes
            && let Some(work) = self.work(s, d)
        {
            work.step = Step::Marked;
        }
        Answer::Made
    }

    fn apply(&mut self, s: u8, d: u8, can_join: bool) -> Answer {
        let Some(work) = self.work(s, d) else { return Answer::NotAsked };
        let (told, could_not_join) = (work.told, work.could_not_join);
        work.step = Step::Applied;
        let is_known = self.rows[usize::from(d)].told;
        if !is_known && self.devices[usize::from(d)] != Device::Stuck {
            self.broken = Some("a device is told before the ledger knows");
        }
        let joins = if can_join { Device::Joined } else { Device::Stuck };
        let device = &mut self.devices[usize::from(d)];
        match device {
            Device::Fresh => *device = joins,
            // It was reset.
            Device::Stuck if could_not_join => *device = joins,
            Device::Stuck => {}
            // It refuses, and who knows that it may have been told asks how it stands.
            Device::Joined if told => {}
            Device::Joined => {
                if let Some(work) = self.work(s, d) {
                    work.step = Step::Refused;
                }
            }
        }
        Answer::NotAsked
    }

    fn settle(&mut self, bounds: &Bounds, s: u8, d: u8, how: How, answered: Answered) -> Answer {
        let is_joined = self.devices[usize::from(d)] == Device::Joined;
        let (holds, row) = self.row(bounds, s, d);
        let may = bounds.flaw == Flaw::AnyoneSettles
            || how == How::Joined
            || (holds && (bounds.lease.is_none() || row.stand == Stand::Running));
        if may && row.stand != Stand::Done {
            (row.stand, row.last) = (how.stand(), Some(how));
            row.told &= how != How::CouldNotJoin;
            match row.stand {
                Stand::Done if !is_joined => self.broken = Some("what is done has joined"),
                Stand::Failed if is_joined => {
                    self.broken = Some("a device that has joined is called failed");
                }
                _ => {}
            }
        }
        let work = self.work(s, d);
        match (answered, work) {
            (Answered::Lost, Some(work)) => work.step = Step::Settling(how),
            (_, work) => *work = None,
        }
        Answer::Made
    }

    /// Who can't be sure of its claims any more lets go of what it works on.
    fn lapse(&mut self, bounds: &Bounds) {
        if bounds.flaw == Flaw::NobodyLapses {
            return;
        }
        let clock = self.clock;
        for station in self.stations.iter_mut().filter(|station| station.until <= clock) {
            for work in &mut station.work {
                work.take_if(|work| !matches!(work.step, Step::Settling(_)));
            }
        }
    }

    /// The row of a device, and whether it is this process's, by the number it works with.
    fn row(&mut self, bounds: &Bounds, s: u8, d: u8) -> (bool, &mut Row) {
        (self.holds(bounds, s, d), &mut self.rows[usize::from(d)])
    }

    fn holds(&self, bounds: &Bounds, s: u8, d: u8) -> bool {
        let (row, station) = (&self.rows[usize::from(d)], &self.stations[usize::from(s)]);
        let number = station.work[usize::from(d)].as_ref().map(|work| work.number);
        bounds.lease.is_none()
            || (row.holder == Some((s, station.process))
                && number.is_none_or(|number| number == row.number))
    }

    fn work(&mut self, s: u8, d: u8) -> &mut Option<Work> {
        &mut self.stations[usize::from(s)].work[usize::from(d)]
    }

    /// Whether the ledger has more to say of a claim than [`Answer`]: the number it is for.
    pub fn number(&self, s: u8, d: u8) -> Option<u8> {
        self.stations[usize::from(s)].work[usize::from(d)].as_ref().map(|work| work.number)
    }
}

/// A claim that the clock has jumped over.
const OVER: u8 = u8::MAX;
