//! What is drawn from a seed.

use esp_prov_simulate::Persona;
use fastrand::Rng;

use crate::Smaller;

/// A line: its devices, its stations, and what goes wrong.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Of all keys.
    pub(super) keys: u64,
    /// Stations share a database; else one has a file.
    pub(super) is_shared: bool,
    /// How long a claim holds, in ms.
    pub(super) lease: u64,
    /// What is on the roster.
    pub(super) devices: Vec<Device>,
    /// What runs at the stations.
    pub(super) processes: Vec<Process>,
    /// What goes wrong with calls of the ledger.
    pub(super) ledger_faults: Vec<LedgerFault>,
    /// When the ledger's clock jumps, in ms, and by how many.
    pub(super) jumps: Vec<(u64, i64)>,
    /// When somebody lets failed and unconfirmed devices wait again.
    pub(super) requeues: Vec<u64>,
    /// How often a device is tried again.
    pub(super) retries: u32,
    /// Links and sessions in an attempt.
    pub(super) attempts: u32,
    /// Devices at once.
    pub(super) parallel: usize,
    /// How long the ledger may be away, in ms.
    pub(super) ledger_within: u64,
    /// How long devices that were told to join may take once a station is stopped, in ms.
    pub(super) drain_within: u64,
}

/// A device.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) kind: Kind,
    pub(super) persona: Persona,
    pub(super) is_secured: bool,
    /// It can still be asked when it has joined.
    pub(super) stays_open: bool,
    /// It restarts once when it was told to join, and has forgotten that.
    pub(super) restarts: bool,
    /// What an attempt to join takes, in ms.
    pub(super) join: u64,
    /// How many of them fail.
    pub(super) failed_attempts: u32,
    /// What a request takes, and a reply, in ms.
    pub(super) latency: u64,
    /// By the number of the exchange, over all stations.
    pub(super) faults: Vec<(usize, Fault)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It can join with what it is given.
    Good,
    /// The roster has another proof of possession.
    WrongProof,
    /// The roster has another passphrase.
    WrongPassphrase,
    /// Nothing answers.
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    LoseRequest,
    LoseReply,
    CutBefore,
    CutAfter,
    NoReply,
    NoReplyAfter,
    /// The reply is late, in ms.
    Delay(u64),
    Truncated,
    /// The request arrives twice.
    Duplicate,
    /// For so many ms there is no way to it.
    Away(u64),
    /// It restarts before it hears the request; what it was told is forgotten.
    Restart,
}

/// A station's process. Those of one station run one after the other.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) station: usize,
    /// From the end of the one before, in ms.
    pub(super) pause: u64,
    pub(super) ends: Ends,
    /// The limit for its batch, in ms.
    pub(super) within: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    ByItself,
    /// At a request, a reply or a call of the ledger, counted from 1.
    KilledAtStep(usize),
    /// After so many ms.
    KilledAfter(u64),
    /// A person stops it.
    StoppedAfter(u64),
}

/// By the number of the call, over all stations.
#[derive(Clone, Copy, Debug)]
pub(super) struct LedgerFault {
    pub(super) call: usize,
    /// The call took effect, and its answer gets lost.
    pub(super) is_made: bool,
    /// How long the ledger is away then, in ms.
    pub(super) away: u64,
}

fn one_of<T: Copy>(rng: &mut Rng, all: &[T]) -> T {
    all[rng.usize(..all.len())]
}

impl Scenario {
    pub(super) fn draw(seed: u64) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let is_shared = rng.u8(..4) > 0;
        let stations = if is_shared { rng.usize(1..=3) } else { 1 };
        let count = if rng.bool() { rng.usize(1..=3) } else { rng.usize(1..=8) };
        let devices = (0..count).map(|_| Device::draw(rng)).collect();
        let processes = rng.usize(stations..=stations + 3);
        let processes = (0..processes).map(|number| Process::draw(rng, number % stations));
        let processes = processes.collect();
        let ledger_faults = (0..rng.usize(..4)).map(|_| LedgerFault {
            call: rng.usize(1..60),
            is_made: rng.bool(),
            away: one_of(rng, &[0, 0, 700, 5_000, 20_000, 90_000]),
        });
        let ledger_faults = ledger_faults.collect();
        let mut jumps = Vec::new();
        if is_shared && rng.u8(..4) == 0 {
            for _ in 0..rng.usize(1..=2) {
                let by = one_of(rng, &[-120_000, -20_000, 5_000, 40_000, 300_000]);
                jumps.push((rng.u64(..40_000), by));
            }
        }
        let requeues = if rng.bool() { Vec::new() } else { vec![rng.u64(..60_000)] };
        Self {
            keys: seed,
            is_shared,
            lease: one_of(rng, &[2_000, 10_000, 30_000]),
            devices,
            processes,
            ledger_faults,
            jumps,
            requeues,
            retries: rng.u32(..3),
            attempts: rng.u32(1..=3),
            parallel: rng.usize(1..=4),
            ledger_within: one_of(rng, &[0, 1_000, 10_000, 60_000]),
            drain_within: one_of(rng, &[0, 0, 1_000, 30_000]),
        }
    }

    pub(super) fn smaller(&self) -> Vec<Self> {
        let mut smaller = Smaller::than(self);
        if self.devices.len() > 1 {
            smaller.without_each(|one| &mut one.devices);
        }
        if self.processes.len() > 1 {
            smaller.without_each(|one| &mut one.processes);
        }
        for at in 0..self.processes.len() {
            if self.processes[at].ends != Ends::ByItself {
                smaller.with(|one| one.processes[at].ends = Ends::ByItself);
            }
            if self.processes[at].within.is_some() {
                smaller.with(|one| one.processes[at].within = None);
            }
            if self.processes[at].pause > 0 {
                smaller.with(|one| one.processes[at].pause = 0);
            }
        }
        smaller.without_each(|one| &mut one.ledger_faults);
        for at in 0..self.ledger_faults.len() {
            if self.ledger_faults[at].away > 0 {
                smaller.with(|one| one.ledger_faults[at].away = 0);
            }
        }
        if self.drain_within > 0 {
            smaller.with(|one| one.drain_within = 0);
        }
        smaller.without_each(|one| &mut one.jumps);
        smaller.without_each(|one| &mut one.requeues);
        for (at, device) in self.devices.iter().enumerate() {
            smaller.without_each(|one| &mut one.devices[at].faults);
            if device.restarts {
                smaller.with(|one| one.devices[at].restarts = false);
            }
            if device.failed_attempts > 0 {
                smaller.with(|one| one.devices[at].failed_attempts = 0);
            }
            if device.is_secured && device.kind != Kind::WrongProof {
                smaller.with(|one| one.devices[at].is_secured = false);
            }
            if device.latency > 1 {
                smaller.with(|one| one.devices[at].latency = 1);
            }
        }
        if self.retries > 0 {
            smaller.with(|one| one.retries = 0);
        }
        if self.parallel > 1 {
            smaller.with(|one| one.parallel = 1);
        }
        smaller.all
    }
}

impl Device {
    fn draw(rng: &mut Rng) -> Self {
        let kind = match rng.u8(..10) {
            0 => Kind::WrongProof,
            1 => Kind::WrongPassphrase,
            2 => Kind::Dead,
            _ => Kind::Good,
        };
        let is_secured = kind == Kind::WrongProof || rng.u8(..4) == 0;
        let faults = (0..rng.usize(..4)).map(|_| {
            let fault = match rng.u8(..11) {
                0 => Fault::LoseRequest,
                1 => Fault::LoseReply,
                2 => Fault::CutBefore,
                3 => Fault::CutAfter,
                4 => Fault::NoReply,
                5 => Fault::NoReplyAfter,
                6 => Fault::Delay(one_of(rng, &[500, 4_000, 15_000])),
                7 => Fault::Truncated,
                // Of a session, its second is noise.
                8 if !is_secured => Fault::Duplicate,
                9 => Fault::Restart,
                _ => Fault::Away(one_of(rng, &[1_000, 8_000, 40_000])),
            };
            (rng.usize(1..25), fault)
        });
        let faults = faults.collect();
        Self {
            kind,
            persona: one_of(
                rng,
                &[Persona::Netprov, Persona::Netprov, Persona::IdfV5_0, Persona::IdfV4_4],
            ),
            is_secured,
            stays_open: rng.bool(),
            restarts: rng.u8(..6) == 0,
            join: one_of(rng, &[300, 1_200, 5_000]),
            failed_attempts: one_of(rng, &[0, 0, 0, 1, 2]),
            latency: one_of(rng, &[1, 20, 300]),
            faults,
        }
    }
}

impl Process {
    fn draw(rng: &mut Rng, station: usize) -> Self {
        Self {
            station,
            pause: one_of(rng, &[0, 0, 500, 5_000, 45_000]),
            ends: match rng.u8(..6) {
                0 | 1 => Ends::KilledAtStep(rng.usize(1..120)),
                2 => Ends::KilledAfter(rng.u64(..30_000)),
                3 => Ends::StoppedAfter(rng.u64(..30_000)),
                _ => Ends::ByItself,
            },
            within: (rng.u8(..4) == 0).then(|| rng.u64(1_000..60_000)),
        }
    }
}
