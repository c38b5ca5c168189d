//! What is drawn of a run.

use std::time::Duration;

use esp_prov::{Policy, Scheme};
use esp_prov_simulate::{Fault as DeviceFault, Persona, Quirk};
use fastrand::Rng;

use crate::Smaller;

/// A run, or several of the same plan, one after the other.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What all keys come from.
    pub keys: u64,
    /// The device.
    pub device: Device,
    /// What became of it before.
    pub before: Before,
    /// How it is reached.
    pub way: Way,
    /// What is to be done.
    pub job: Job,
    /// What it is given.
    pub network: Given,
    /// The secret that the client has.
    pub secret: Secret,
    /// Whether a process that dies leaves behind what it did.
    pub has_journal: bool,
    /// Who is asked.
    pub person: Option<Person>,
    /// How patient the client is.
    pub patience: Patience,
    /// What goes wrong, by the number of the exchange over all runs, from 1.
    pub faults: Vec<(usize, Fault)>,
    /// The runs.
    pub legs: Vec<Leg>,
}

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its firmware.
    pub persona: Persona,
    /// Its security.
    pub scheme: Scheme,
    /// Whether it has a proof of possession.
    pub has_pop: bool,
    /// How long a join takes, in milliseconds.
    pub join: u64,
    /// How often it fails before that.
    pub failed_attempts: u32,
    /// How long a scan takes, in milliseconds.
    pub scan: u64,
    /// What does not work at all.
    pub fault: Option<DeviceFault>,
    /// What is odd about it.
    pub quirks: Vec<Quirk>,
}

/// What became of a device before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It is fresh.
    Nothing,
    /// It could not join.
    Failed,
    /// It has joined; only one that stays is there then.
    Joined,
}

/// How a device is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As over HTTP: who is there closes connections, who is not does not answer.
    Http,
    /// The radio of the kit.
    Ble,
    /// A serial port; `true`: the device logs.
    Console(bool),
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// To give a network.
    Provision {
        /// After a reset.
        reset_first: bool,
        /// With data for the application.
        custom_data: bool,
    },
    /// To list networks.
    Scan {
        /// After a reset.
        reset_first: bool,
        /// Wait for the reply.
        blocking: bool,
    },
    /// To ask.
    Status,
    /// To send so many messages.
    Send(usize),
    /// To forget what could not be joined.
    Reset,
    /// To leave a network.
    Reprovision,
}

/// The network that the plan has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// In reach, with what opens it.
    Right,
    /// In reach, with something else.
    WrongPassphrase,
    /// Not in reach.
    OutOfReach,
    /// An open one, with nothing.
    Open,
    /// An open one, and a passphrase.
    OpenWithPassphrase,
}

/// The secret that the client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The one of the device.
    Right,
    /// Another.
    Wrong,
    /// None: it has to ask.
    None,
}

/// Who is asked.
#[derive(Clone, Debug)]
pub struct Person {
    /// Whether the secret that is told is the right one; `None`: they give up.
    pub secret: Option<bool>,
    /// Whether the passphrases are the right ones. After the last they give up.
    pub passphrases: Vec<bool>,
    /// How long each answer takes, in milliseconds.
    pub thinks: u64,
}

/// How patient the client is; times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// To connect.
    pub connect: u64,
    /// For a reply.
    pub reply: u64,
    /// For the join.
    pub join: u64,
    /// For everything.
    pub all: u64,
    /// Between two questions.
    pub poll: u64,
    /// How often.
    pub attempts: u32,
}

impl Patience {
    const USUAL: Self = Self {
        connect: 10_000,
        reply: 10_000,
        join: 60_000,
        all: 180_000,
        poll: 1000,
        attempts: 3,
    };

    /// As if nothing was said.
    pub fn is_usual(&self) -> bool {
        *self == Self::USUAL
    }

    /// As the client takes it.
    pub fn policy(&self) -> Policy {
        Policy::default()
            .with_connect_timeout(Duration::from_millis(self.connect))
            .with_reply_timeout(Duration::from_millis(self.reply))
            .with_join_timeout(Duration::from_millis(self.join))
            .with_timeout(Duration::from_millis(self.all))
            .with_poll_interval(Duration::from_millis(self.poll))
            .with_attempts(self.attempts)
    }
}

/// What goes wrong with an exchange; times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives, and nothing comes back.
    LoseRequest,
    /// The device acts, and nothing comes back.
    LoseReply,
    /// The link breaks before.
    CutBefore,
    /// The link breaks after the device has acted.
    CutAfter,
    /// The device ends it without a reply and does nothing.
    NoReply,
    /// It acts, and ends it without a reply.
    NoReplyAfter,
    /// The reply comes so late.
    Delay(u64),
    /// The request arrives twice.
    Duplicate,
    /// So many bytes come back, and none of them makes sense.
    Garbage(usize),
    /// So many bytes of the reply are missing.
    Truncate(usize),
    /// One bit of the reply is wrong.
    FlipReply(usize),
    /// One bit of the request is wrong.
    FlipRequest(usize),
    /// The power fails when the request arrives: the device starts, and joins what it was given.
    Reboot,
    /// It comes back as from the factory.
    Restart,
    /// It leaves for good.
    Leave,
    /// It can't be reached for so long, beginning with this request.
    Away(u64),
}

impl Fault {
    /// Whether it takes a message, a link or time, and nothing else.
    pub fn is_loss(self) -> bool {
        matches!(
            self,
            Self::LoseRequest | Self::LoseReply | Self::CutBefore | Self::CutAfter | Self::Delay(_)
        )
    }

    /// Whether what arrives may be something else than what was sent.
    pub fn tampers(self) -> bool {
        matches!(
            self,
            Self::Garbage(_)
                | Self::Truncate(_)
                | Self::FlipReply(_)
                | Self::FlipRequest(_)
                | Self::Duplicate
        )
    }
}

/// A run of the plan.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// How long nothing happens before, in milliseconds.
    pub pause: u64,
    /// Where it is cancelled.
    pub cancel: Option<Cancel>,
}

/// Where a run is cancelled.
#[derive(Clone, Copy, Debug)]
pub enum Cancel {
    /// After so many polls of its future.
    Polls(usize),
    /// After so many milliseconds.
    At(u64),
}

/// One of some, the first ones more often.
fn early<T: Copy>(dice: &mut Rng, of: &[T]) -> T {
    let at = dice.usize(..of.len()).min(dice.usize(..of.len()));
    of[at]
}

/// One in so many.
fn one_in(dice: &mut Rng, many: u32) -> bool {
    dice.u32(..many) == 0
}

impl Scenario {
    /// Draws one.
    pub fn draw(seed: u64) -> Self {
        let mut dice = Rng::with_seed(seed);
        let dice = &mut dice;
        let device = Device::draw(dice);
        let job = match Job::draw(dice) {
            Job::Reset | Job::Reprovision if !device.has_control() && !one_in(dice, 8) => {
                Job::Provision { reset_first: false, custom_data: false }
            }
            Job::Provision { custom_data, .. } if !device.has_control() && !one_in(dice, 8) => {
                Job::Provision { reset_first: false, custom_data }
            }
            job => job,
        };
        let before = match job {
            _ if one_in(dice, 2) => Before::Nothing,
            Job::Provision { reset_first: false, .. } | Job::Send(_) => Before::Nothing,
            Job::Reprovision => Before::Joined,
            Job::Reset | Job::Provision { .. } => Before::Failed,
            Job::Scan { .. } | Job::Status => early(dice, &[Before::Failed, Before::Joined]),
        };
        // A console's lines are too short for a handshake of security 2.
        let has_room = device.scheme != Scheme::Sec2;
        let way = match dice.u32(..10) {
            0..5 => Way::Http,
            5..8 => Way::Ble,
            _ if !has_room => Way::Ble,
            _ => Way::Console(one_in(dice, 4)),
        };
        let networks = [
            Given::Right,
            Given::WrongPassphrase,
            Given::OutOfReach,
            Given::Open,
            Given::OpenWithPassphrase,
        ];
        let faults = (0..dice.usize(..4))
            .map(|_| (1 + dice.usize(..6) + dice.usize(..6) * dice.usize(..3), Fault::draw(dice)));
        let mut faults: Vec<_> = faults.collect();
        faults.sort_by_key(|(at, _)| *at);
        faults.dedup_by_key(|(at, _)| *at);
        let mut legs = Vec::new();
        for last in [one_in(dice, 2), one_in(dice, 3), true] {
            let cancel = match dice.u32(..6) {
                0 if !last => Some(Cancel::At(dice.u64(..6000))),
                1 if last => Some(Cancel::At(dice.u64(..3000))),
                0..3 if !last => Some(Cancel::Polls(1 + dice.usize(..60))),
                _ => None,
            };
            let pause = early(dice, &[0, 500, 3000, 60_000]);
            legs.push(Leg { pause, cancel });
            if last {
                break;
            }
        }
        Self {
            keys: dice.u64(..),
            device,
            before,
            way,
            job,
            network: if one_in(dice, 2) { Given::Right } else { early(dice, &networks) },
            secret: early(dice, &[Secret::Right, Secret::Right, Secret::None, Secret::Wrong]),
            has_journal: !one_in(dice, 4),
            person: (!one_in(dice, 2)).then(|| Person::draw(dice)),
            patience: Patience::draw(dice),
            faults,
            legs,
        }
    }

    /// Those that are a little smaller.
    pub fn smaller(&self) -> Vec<Self> {
        let mut smaller = Smaller::than(self);
        smaller.without_each(|one| &mut one.faults);
        if self.legs.len() > 1 {
            smaller.without_each(|one| &mut one.legs);
        }
        for at in 0..self.legs.len() {
            if self.legs[at].cancel.is_some() {
                smaller.with(|one| one.legs[at].cancel = None);
            }
            if self.legs[at].pause > 0 {
                smaller.with(|one| one.legs[at].pause = 0);
            }
        }
        if self.person.is_some() {
            smaller.with(|one| one.person = None);
        }
        if let Some(person) = &self.person {
            if person.thinks > 0 {
                smaller.with(|one| one.person.iter_mut().for_each(|person| person.thinks = 0));
            }
            if !person.passphrases.is_empty() {
                smaller.with(|one| {
                    if let Some(person) = &mut one.person {
                        person.passphrases.pop();
                    }
                });
            }
        }
        smaller.without_each(|one| &mut one.device.quirks);
        if self.device.fault.is_some() {
            smaller.with(|one| one.device.fault = None);
        }
        if self.device.failed_attempts > 0 {
            smaller.with(|one| one.device.failed_attempts = 0);
        }
        if self.before != Before::Nothing {
            smaller.with(|one| one.before = Before::Nothing);
        }
        if self.network != Given::Right {
            smaller.with(|one| one.network = Given::Right);
        }
        if self.secret != Secret::Right {
            smaller.with(|one| one.secret = Secret::Right);
        }
        if self.way != Way::Http {
            smaller.with(|one| one.way = Way::Http);
        }
        if self.way == Way::Console(true) {
            smaller.with(|one| one.way = Way::Console(false));
        }
        if self.device.scheme != Scheme::Sec0 {
            smaller.with(|one| one.device.scheme = Scheme::Sec0);
        }
        if self.device.persona != Persona::Netprov {
            smaller.with(|one| one.device.persona = Persona::Netprov);
        }
        if !self.patience.is_usual() {
            smaller.with(|one| one.patience = Patience::USUAL);
        }
        if let Job::Provision { reset_first, custom_data } = self.job
            && (reset_first || custom_data)
        {
            let (reset_first, custom_data) = (reset_first && !custom_data, false);
            smaller.with(|one| one.job = Job::Provision { reset_first, custom_data });
        }
        smaller.all
    }
}

impl Device {
    /// Whether its firmware has a `prov-ctrl`.
    fn has_control(&self) -> bool {
        matches!(self.persona, Persona::IdfV5_5 | Persona::Netprov | Persona::NetprovThread)
    }

    fn draw(dice: &mut Rng) -> Self {
        let persona = Persona::ALL[dice.usize(..Persona::ALL.len())];
        let scheme = match dice.u32(..100) {
            // It takes ten times as long to compute.
            0..2 => Scheme::Sec2,
            2..40 => Scheme::Sec0,
            _ => Scheme::Sec1,
        };
        let scheme = if persona.has(scheme) { scheme } else { Scheme::Sec1 };
        let quirks =
            [Quirk::Reconnects, Quirk::RefusesReset, Quirk::RestartsOnce, Quirk::StaysOpen];
        let faults = [
            DeviceFault::WrongPassphrase,
            DeviceFault::NetworkNotFound,
            DeviceFault::Vanish,
            DeviceFault::Forever,
        ];
        Self {
            persona,
            scheme,
            has_pop: !one_in(dice, 6),
            join: early(dice, &[1200, 0, 300, 5000, 9000]),
            failed_attempts: if one_in(dice, 4) { dice.u32(1..4) } else { 0 },
            scan: early(dice, &[300, 0, 2500, 8000]),
            fault: one_in(dice, 12).then(|| faults[dice.usize(..faults.len())]),
            quirks: quirks.into_iter().filter(|_| one_in(dice, 6)).collect(),
        }
    }
}

impl Job {
    fn draw(dice: &mut Rng) -> Self {
        match dice.u32(..20) {
            0..2 => Self::Scan { reset_first: one_in(dice, 2), blocking: one_in(dice, 2) },
            2 => Self::Status,
            3 => Self::Send(1 + dice.usize(..3)),
            4 => Self::Reset,
            5 => Self::Reprovision,
            _ => Self::Provision { reset_first: one_in(dice, 5), custom_data: one_in(dice, 4) },
        }
    }
}

impl Person {
    fn draw(dice: &mut Rng) -> Self {
        Self {
            secret: if one_in(dice, 5) { None } else { Some(!one_in(dice, 5)) },
            passphrases: (0..dice.usize(..4)).map(|_| dice.bool()).collect(),
            thinks: early(dice, &[0, 3000, 20_000, 600_000]),
        }
    }
}

impl Patience {
    fn draw(dice: &mut Rng) -> Self {
        if one_in(dice, 2) {
            return Self::USUAL;
        }
        Self {
            connect: early(dice, &[10_000, 3000, 500, 30_000]),
            reply: early(dice, &[10_000, 2000, 500, 30_000]),
            join: early(dice, &[60_000, 10_000, 2000, 0]),
            all: early(dice, &[180_000, 60_000, 20_000, 5000, 1000]),
            poll: early(dice, &[1000, 200, 5000]),
            attempts: early(dice, &[3, 2, 5, 1]),
        }
    }
}

impl Fault {
    fn draw(dice: &mut Rng) -> Self {
        match dice.u32(..20) {
            0 | 1 => Self::LoseRequest,
            2 | 3 => Self::LoseReply,
            4 => Self::CutBefore,
            5 | 6 => Self::CutAfter,
            7 => Self::NoReply,
            8 => Self::NoReplyAfter,
            9 => Self::Delay(early(dice, &[200, 3000, 9999, 10_000, 15_000])),
            10 => Self::Duplicate,
            11 => Self::Garbage(dice.usize(..80)),
            12 => Self::Truncate(1 + dice.usize(..20)),
            13 => Self::FlipReply(dice.usize(..1000)),
            14 => Self::FlipRequest(dice.usize(..1000)),
            15 | 16 => Self::Reboot,
            17 => Self::Restart,
            18 => Self::Leave,
            _ => Self::Away(early(dice, &[2000, 500, 8000, 30_000, 120_000])),
        }
    }
}
