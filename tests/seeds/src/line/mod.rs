//! Stations with a roster and a ledger: what is killed and started again, what goes away and comes
//! back, and that every device is done once in the end.

#[cfg(test)]
mod kept;
mod scenario;
mod watch;
mod way;
mod wire;

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use esp_prov::{Connect, Policy, Scheme, Security, address::Address};
use esp_prov_batch::{
    self as batch, BatchEnd, BatchEvent, Concurrency, Connector, Entry, Job, Station,
    ledger::{Ledger, Requeue, State},
};
use esp_prov_simulate::{Fault as DeviceFault, Quirk, Settings, VirtualDevice};
use kit::Memory;
use tokio::{
    sync,
    task::{JoinSet, yield_now},
    time::{Instant, sleep, timeout},
};

pub use self::scenario::Scenario;
use self::{
    scenario::{Device, Ends, Kind, Process},
    watch::{ALL_DONE, IN_TIME, Watch},
    way::{Life, Place, Way},
    wire::{Troubles, Wire},
};
use crate::{Seeded, Transcript, Violation, World, on_paused_clock};

/// Stations with a roster and a ledger.
pub struct Line;

const PROOF: &str = "Zq81-proof";
const WRONG_PROOF: &str = "Yx55-wrong";
const RIGHT: &str = "correct-horse";
const WRONG: &str = "wrong-horse-17";

/// No batch that has no limit of its own takes longer.
const LONGEST: Duration = Duration::from_secs(4 * 3600);

impl World for Line {
    type Scenario = Scenario;

    const NAME: &'static str = "line";

    fn draw(&self, seed: u64) -> Scenario {
        Scenario::draw(seed)
    }

    fn run(&self, scenario: &Scenario) -> Result<Transcript, Violation> {
        on_paused_clock(play(scenario))
    }

    fn smaller(&self, scenario: &Scenario) -> Vec<Scenario> {
        scenario.smaller()
    }
}

fn name(device: usize) -> String {
    format!("d{device}")
}

fn settings(keys: u64, device: &Device) -> Settings {
    let mut quirks = Vec::new();
    quirks.extend(device.stays_open.then_some(Quirk::StaysOpen));
    quirks.extend(device.restarts.then_some(Quirk::RestartsOnce));
    Settings {
        persona: device.persona,
        scheme: if device.is_secured { Scheme::Sec1 } else { Scheme::Sec0 },
        pop: device.is_secured.then(|| PROOF.into()),
        join_delay: Duration::from_millis(device.join),
        failed_attempts: device.failed_attempts,
        fault: (device.kind == Kind::WrongPassphrase).then_some(DeviceFault::WrongPassphrase),
        quirks,
        key_seed: Some(keys),
        ..Settings::default()
    }
}

fn entry(at: usize, device: &Device) -> Entry {
    let proof = if device.kind == Kind::WrongProof { WRONG_PROOF } else { PROOF };
    let security = Security::default();
    let security = if device.is_secured { security.with_proof(proof) } else { security };
    let passphrase = if device.kind == Kind::WrongPassphrase { WRONG } else { RIGHT };
    let network = kit::home(passphrase);
    Entry { security, network, ..kit::entry(&name(at), &format!("http://{}", name(at))) }
}

/// What all processes have in common.
struct LineFloor {
    scenario: Scenario,
    watch: Arc<Watch>,
    troubles: Arc<Troubles>,
    places: BTreeMap<String, Arc<Place>>,
    /// The stations'.
    keys: batch::Keys,
}

async fn play(scenario: &Scenario) -> Result<Transcript, Violation> {
    let lease = scenario.is_shared.then_some(Duration::from_millis(scenario.lease));
    let ledger = Memory { lease, ..Memory::default() };
    let devices = scenario.devices.iter().zip(1..);
    let devices: Vec<_> = devices
        .map(|(device, nth)| VirtualDevice::new(settings(scenario.keys.wrapping_add(nth), device)))
        .collect();
    let watch = Arc::new(Watch::new(scenario, ledger.clone(), &devices));
    let places = scenario.devices.iter().zip(devices).enumerate().map(|(at, (drawn, device))| {
        let place = Place::new(name(at), device, drawn.clone(), Arc::clone(&watch));
        (entry(at, drawn).address.to_string(), Arc::new(place))
    });
    let floor = Arc::new(LineFloor {
        scenario: scenario.clone(),
        watch: Arc::clone(&watch),
        troubles: Arc::new(Troubles::new(scenario.ledger_faults.clone())),
        places: places.collect(),
        keys: Arc::new(Mutex::new(Seeded::of(scenario.keys))),
    });
    let mut people = JoinSet::new();
    for (at, by) in scenario.jumps.iter().copied() {
        let watch = Arc::clone(&watch);
        people.spawn(async move {
            sleep(Duration::from_millis(at)).await;
            watch.jumped(by);
        });
    }
    for at in scenario.requeues.iter().copied() {
        let watch = Arc::clone(&watch);
        people.spawn(async move {
            sleep(Duration::from_millis(at)).await;
            requeue(&watch).await;
        });
    }
    let mut stations = JoinSet::new();
    for station in 0..3 {
        let floor = Arc::clone(&floor);
        stations.spawn(async move {
            let all = floor.scenario.processes.iter().enumerate();
            for (number, process) in all.filter(|(_, process)| process.station == station) {
                sleep(Duration::from_millis(process.pause)).await;
                floor.run(&format!("s{station}"), &format!("s{station}-{number}"), process).await;
            }
        });
    }
    while let Some(ended) = stations.join_next().await {
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    people.shutdown().await;
    watch.so_far()?;
    floor.last().await;
    watch.so_far()?;
    Ok(watch.transcript())
}

/// What `batch retry --failed --unconfirmed` does.
async fn requeue(watch: &Watch) {
    let states = vec![State::Failed, State::Unconfirmed];
    let which = Requeue { states, ..Requeue::default() };
    let count = watch.ledger.requeue(which).await.unwrap_or_default();
    watch.note(format_args!("{count} wait again"));
}

impl LineFloor {
    /// A batch, to its end, whichever it is.
    async fn run(&self, station: &str, run: &str, process: &Process) {
        let dies_at = match process.ends {
            Ends::KilledAtStep(step) => Some(step),
            _ => None,
        };
        let life = Life::new(run.to_owned(), dies_at);
        let killed = async {
            match process.ends {
                Ends::KilledAfter(time) => sleep(Duration::from_millis(time)).await,
                _ => life.dies().await,
            }
        };
        let stop = process.ends;
        let stop = async move {
            match stop {
                Ends::StoppedAfter(time) => sleep(Duration::from_millis(time)).await,
                _ => pending().await,
            }
        };
        let began = Instant::now();
        let within = process.within.map(Duration::from_millis);
        let batch = self.batch(station, &life, within, stop);
        tokio::select! {
            biased;
            () = killed => self.watch.note(format_args!("{run} is killed")),
            ended = batch => {
                let end = ended.map_or_else(|error| error, |end| format!("{end:?}"));
                self.watch.note(format_args!("{run} ends: {end}"));
            }
        }
        life.end();
        // What was dropped ends.
        for _ in 0..4 {
            yield_now().await;
        }
        // It may still wait for the ledger where it begins, writes down and sums up.
        let patience = Duration::from_millis(self.scenario.ledger_within) * 4;
        let limit = within.map_or(LONGEST, |within| within + patience + Duration::from_secs(60));
        if began.elapsed() > limit {
            self.watch.breaks(IN_TIME, format!("{run} took {:?}", began.elapsed()));
        }
    }

    async fn batch(
        &self,
        station: &str,
        life: &Arc<Life>,
        within: Option<Duration>,
        stop: impl Future<Output = ()>,
    ) -> Result<BatchEnd, String> {
        let Self { scenario, watch, troubles, .. } = self;
        let ledger = watch.ledger.at(station, &life.run);
        if !scenario.is_shared {
            ledger.take_over();
        }
        let wire = Wire {
            ledger,
            troubles: Arc::clone(troubles),
            life: Arc::clone(life),
            watch: Arc::clone(watch),
            gate: sync::Mutex::new(()),
        };
        let places = self.places.clone();
        let who = Arc::clone(life);
        let connect: Connector = Arc::new(move |address: &Address| {
            let place = Arc::clone(places.get(&address.to_string())?);
            Some(Box::new(Way { place, life: Arc::clone(&who) }) as Box<dyn Connect>)
        });
        let roster = scenario.devices.iter().enumerate();
        let is_quiet = troubles.is_quiet.load(Ordering::Relaxed);
        let (attempts, retries) =
            if is_quiet { (3, 2) } else { (scenario.attempts, scenario.retries) };
        let job = Job {
            roster: roster.map(|(at, device)| entry(at, device)).collect(),
            station: Station {
                name: station.to_owned(),
                run: life.run.clone(),
                lease: Duration::from_millis(scenario.lease),
                reports: false,
            },
            connect,
            policy: Policy { attempts, ..Policy::default() },
            version: None,
            verify: None,
            reset_first: false,
            undo: false,
            concurrency: Concurrency { http: scenario.parallel, ..Concurrency::default() },
            retries,
            retry_pause: Duration::from_secs(1),
            stop_after: 0,
            within,
            drain_within: Duration::from_millis(scenario.drain_within),
            ledger_within: Duration::from_millis(scenario.ledger_within),
            adapter_within: Duration::from_secs(60),
            hook: None,
            watch: None,
            arrivals: None,
            keys: Some(self.keys.clone()),
        };
        let (seen, run) = (Arc::clone(watch), life.run.clone());
        let watcher = move |event: BatchEvent| seen.event(&run, &event);
        let ran = batch::run(job, Box::new(wire), Arc::new(watcher), stop);
        let ended = timeout(LONGEST, ran).await;
        let summary = ended.map_err(|_| "it does not end".to_owned())?;
        summary.map(|summary| summary.end).map_err(|error| error.to_string())
    }

    /// Once more, and nothing goes wrong.
    async fn last(&self) {
        self.troubles.is_quiet.store(true, Ordering::Relaxed);
        for place in self.places.values() {
            place.is_quiet.store(true, Ordering::Relaxed);
        }
        // What had begun is over.
        sleep(Duration::from_secs(60)).await;
        requeue(&self.watch).await;
        let life = Life::new("last".to_owned(), None);
        match self.batch("last", &life, None, pending()).await {
            Ok(BatchEnd::Finished) => self.watch.at_the_end(),
            other => self.watch.breaks(ALL_DONE, format!("the last batch ends: {other:?}")),
        }
    }
}
