//! Schedules a batch: claims, slots, retries, and when to stop.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque},
    future::{Future, pending},
    hash::{DefaultHasher, Hash, Hasher},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use esp_prov::{
    FailureKind, task,
    transport::{Connect, HostFault},
};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
    time::{Instant, sleep, sleep_until, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    BatchEnd, BatchEvent, Counts, Entry, Job, Summary, Watcher,
    adapters::Adapters,
    arrivals::Gate,
    concurrency::TransportSlots,
    device::attempt,
    event::DeviceEnded,
    hook::Groups,
    ledger::{
        AttemptOutcome, Claim, ClaimResult, Enrolment, HookState, Ledger, LedgerError,
        RetryingLedger, State,
    },
    results::{History, Worked, conclude, record, report, summary},
    sole::{Owners, Sole},
    watch::{Noticed, notice},
};

/// How long closing a link may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(4);

/// The maximum number of hooks that run at once.
const HOOKS: usize = 8;

/// The number of devices added to the ledger at once. Each step takes a fraction of a second;
/// between steps, the batch can be stopped, and tasks of other devices can run.
const ENROLLED_TOGETHER: usize = 4096;

/// How many of the devices that a watch waits for are reported by their ids.
const TOLD_ABSENT: usize = 8;

/// The interval between checks whether a slow watcher has caught up.
const CATCH_UP: Duration = Duration::from_millis(20);

/// The longest interval between checks whether another station has settled absent devices.
const LOOK: Duration = Duration::from_secs(5);

/// The longest interval between checks of devices that another station works on.
const LOOK_ELSEWHERE: Duration = Duration::from_secs(1);

/// The number of candidates for a claim beyond the free slots, if other stations may have some of
/// them.
const AHEAD: usize = 64;

/// Works through a roster until all devices are settled or something stops the batch. The batch is
/// interrupted when `stop` completes: devices that were told to join then have
/// [`Job::drain_within`] to end. When the batch ends, devices under way are released for the next
/// run; only if the ledger is lost, work on them is finished first.
///
/// # Errors
/// Returns the ledger's error if the ledger can't be used, or is unavailable for longer than
/// [`Job::ledger_within`]. Results that could not be recorded are left to the next run, which may
/// find the devices unconfirmed.
pub async fn run(
    mut job: Job,
    ledger: Box<dyn Ledger>,
    watcher: Arc<dyn Watcher>,
    stop: impl Future<Output = ()>,
) -> Result<Summary, LedgerError> {
    let began = Instant::now();
    let ledger = RetryingLedger::new(ledger, job.ledger_within, Arc::clone(&watcher));
    let watch = job.watch.take();
    // All devices wait for an adapter together.
    job.policy.waits_for_adapter = false;
    let mut order: Vec<String> = job.roster.iter().map(|entry| entry.id.clone()).collect();
    let takes_in = job.arrivals.is_some();
    let gate = Gate::new(job.arrivals.take());
    let entries = std::mem::take(&mut job.roster);
    let shared = Arc::new(Shared {
        job,
        entries: RwLock::default(),
        secret_variables: RwLock::default(),
        owners: Owners::default(),
        ledger,
        watcher,
        handed_over: AtomicUsize::new(0),
        joining: AtomicUsize::new(0),
        ended: Mutex::default(),
        draining: CancellationToken::new(),
        stopped: CancellationToken::new(),
    });
    for entry in entries {
        shared.add(entry);
    }

    let mut stop = pin!(stop);
    let waiting = tokio::select! {
        biased;
        waiting = enrol(&shared, &order) => Some(waiting?),
        () = &mut stop => None,
    };
    let Some(waiting) = waiting else {
        // The next run enrols the rest.
        let summary = Summary::of_nothing(BatchEnd::Interrupted, began.elapsed());
        shared.watcher.notify(BatchEvent::BatchEnded(summary.clone()));
        return Ok(summary);
    };
    let mut scheduler = Scheduler::new(Arc::clone(&shared), waiting, gate);
    scheduler.catch_up_with_hook().await?;
    if let Some(watch) = watch {
        scheduler.wait_for(watch);
    }
    let renewing = shared.ledger.lease().map(|lease| scheduler.renew(lease));
    let end = scheduler.work(stop).await;
    drop(renewing);
    let (end, finished_now) = (end?, scheduler.finished_now);
    order.extend_from_slice(scheduler.gate.all());
    let caught_up = std::mem::take(&mut scheduler.caught_up);
    let worked = Worked { order, caught_up, takes_in, finished_now };
    let summary = summary(&shared, &worked, end, began.elapsed()).await?;
    shared.ledger.check().await?;
    shared.watcher.notify(BatchEvent::BatchEnded(summary.clone()));
    Ok(summary)
}

impl Drop for Shared {
    fn drop(&mut self) {
        let entries = std::mem::take(&mut *self.entries_mut());
        if entries.len() >= ENROLLED_TOGETHER {
            // Wiping the secrets of a million devices takes seconds. A thread does it, so that
            // nobody has to wait. If there is no thread, it is done here.
            let _ = thread::Builder::new().spawn(move || drop(entries));
        }
    }
}

/// The state that all tasks of a batch share.
pub(super) struct Shared {
    pub(super) job: Job,
    entries: RwLock<HashMap<String, Arc<Entry>>>,
    /// The environment variables that hold secrets of the roster.
    secret_variables: RwLock<BTreeSet<String>>,
    owners: Owners,
    pub(super) ledger: RetryingLedger,
    pub(super) watcher: Arc<dyn Watcher>,
    /// The number of results that the hook accepted.
    pub(super) handed_over: AtomicUsize,
    /// The number of devices that were told to join, and have not ended.
    joining: AtomicUsize,
    /// The devices whose end was told, and whose links are being closed.
    ended: Mutex<HashSet<String>>,
    /// Cancelled when devices under way are to be released, except those that were told to join.
    draining: CancellationToken,
    /// Cancelled when all devices under way are to be released.
    stopped: CancellationToken,
}

impl Shared {
    /// A device of the roster.
    pub(super) fn entry(&self, id: &str) -> Option<Arc<Entry>> {
        self.entries().get(id).cloned()
    }

    /// Adds a device to the roster, or replaces it. Returns whether it was unknown.
    pub(super) fn add(&self, entry: Entry) -> bool {
        self.owners.add(&entry);
        if !entry.secret_variables.is_empty() {
            let mut known = self.secret_variables.write().unwrap_or_else(PoisonError::into_inner);
            known.extend(entry.secret_variables.iter().cloned());
        }
        self.entries_mut().insert(entry.id.clone(), Arc::new(entry)).is_none()
    }

    /// Takes note that the end of a device is told.
    pub(super) fn ends(&self, id: &str) {
        self.ended().insert(id.to_owned());
    }

    /// Whether the end of a device was told, while its link is being closed.
    pub(super) fn has_ended(&self, id: &str) -> bool {
        self.ended().contains(id)
    }

    fn ended(&self) -> MutexGuard<'_, HashSet<String>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The environment variables that hold secrets of the roster.
    pub(super) fn secret_variables(&self) -> BTreeSet<String> {
        self.secret_variables.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn entries(&self) -> RwLockReadGuard<'_, HashMap<String, Arc<Entry>>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries_mut(&self) -> RwLockWriteGuard<'_, HashMap<String, Arc<Entry>>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a device was told to join in this attempt. Until it ends, it is counted.
pub(super) struct Joining<'a> {
    count: &'a AtomicUsize,
    was_told: AtomicBool,
}

impl<'a> Joining<'a> {
    fn among(count: &'a AtomicUsize) -> Self {
        Self { count, was_told: AtomicBool::new(false) }
    }

    pub(super) fn begins(&self) {
        if !self.was_told.swap(true, Ordering::Relaxed) {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns once `draining` is cancelled, unless the device was told to join.
    async fn let_go(&self, draining: &CancellationToken) {
        draining.cancelled().await;
        if self.was_told.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    }
}

impl Drop for Joining<'_> {
    fn drop(&mut self) {
        if *self.was_told.get_mut() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Adds the roster to the ledger. Returns the devices to work on, and whether any device was
/// already done.
async fn enrol(shared: &Shared, order: &[String]) -> Result<Waiting, LedgerError> {
    let enrolment = |id: &String| Some(Enrolment::of(&*shared.entry(id)?));
    let mut enrolled = Vec::with_capacity(order.len());
    for some in order.chunks(ENROLLED_TOGETHER) {
        if !enrolled.is_empty() {
            // A ledger that is in memory never yields.
            tokio::task::yield_now().await;
        }
        let some = some.iter().filter_map(enrolment).collect();
        enrolled.extend(shared.ledger.enrol(some).await?);
    }
    let counts = Counts::of(enrolled.iter().map(|one| one.state));
    shared.watcher.notify(BatchEvent::BatchStarted { counts });
    let mut settled = HashSet::new();
    for one in enrolled {
        if let Some((address, network)) = one.settled_as {
            let (device, state) = (one.device.clone(), one.state);
            shared.watcher.notify(BatchEvent::RosterChanged { device, state, address, network });
        }
        if one.state.is_settled() {
            settled.insert(one.device);
        }
    }
    let devices = order.iter().filter(|id| !settled.contains(*id)).cloned().collect();
    Ok(Waiting { devices, any_done: counts.done > 0 })
}

struct Waiting {
    devices: Vec<String>,
    any_done: bool,
}

/// How the work on a device ended.
pub(super) enum TaskResult {
    /// The device is settled or waits for another attempt, and the ledger has recorded this. The
    /// fault is set if this machine's Bluetooth or Wi-Fi failed during the attempt.
    Ended(Box<DeviceEnded>, Option<HostFault>),
    /// The device waits, because the process had no free file descriptor for it.
    Short(String),
    /// The device was released.
    LetGo(Claim),
    /// The claim was lost, and another station may have the device.
    Lost(String),
    /// The ledger could not record the result.
    Unrecorded(String, LedgerError),
}

/// The candidates for a claim, and how many of them are wanted.
#[derive(Default)]
struct Wish {
    devices: Vec<String>,
    room: usize,
}

/// How work on a device began.
#[derive(Clone, Copy)]
struct Begun {
    at: Instant,
    /// Whether no other device can use the same adapter meanwhile.
    is_alone: bool,
}

/// Decides which device is worked on when.
struct Scheduler {
    shared: Arc<Shared>,
    /// The devices that are ready to be claimed.
    queues: BTreeMap<TransportSlots, VecDeque<String>>,
    /// The number of devices under way, by slots.
    active: BTreeMap<TransportSlots, usize>,
    /// The devices that become ready later.
    later: BinaryHeap<Reverse<(Instant, String)>>,
    /// The devices that have not appeared yet.
    absent: BTreeSet<String>,
    /// How many of them there were when they were last reported.
    told_absent: usize,
    noticed: Option<mpsc::UnboundedReceiver<Noticed>>,
    /// When to check which of the absent devices another station has settled.
    look_at: Option<Instant>,
    /// When to check the devices that other stations work on; all of them together.
    look_elsewhere_at: Instant,
    histories: HashMap<String, History>,
    /// How to connect to each device that is under way or will be retried; `None` without a
    /// transport. A retry uses the same connector as before, because it can tell the device that it
    /// has reached from others of the same name.
    ways: HashMap<String, Option<Arc<dyn Connect>>>,
    /// The transports on which a suspect device works alone.
    reserved: BTreeSet<TransportSlots>,
    adapters: Adapters,
    working: JoinSet<(TaskResult, Begun)>,
    /// The claims to release for the next run.
    let_go: Vec<Claim>,
    hooks: JoinSet<()>,
    groups: Groups,
    /// The results that wait until one of [`HOOKS`] is free.
    results: VecDeque<DeviceEnded>,
    /// The devices whose results were due when this run began.
    caught_up: Vec<String>,
    noticing: JoinSet<()>,
    /// The time until which the claims are certainly valid, if they expire at all.
    valid_until: Option<watch::Sender<Instant>>,
    finished_now: usize,
    any_done: bool,
    /// The failure of the devices that ended last, and how many in a row had it. `None` once a
    /// device is done, and after one that did not fail.
    alike: Option<(FailureKind, usize)>,
    /// Where devices arrive while the batch runs.
    gate: Gate,
}

impl Scheduler {
    fn new(shared: Arc<Shared>, waiting: Waiting, gate: Gate) -> Self {
        let mut scheduler = Self {
            queues: BTreeMap::new(),
            active: BTreeMap::new(),
            later: BinaryHeap::new(),
            absent: BTreeSet::new(),
            told_absent: 0,
            noticed: None,
            look_at: None,
            look_elsewhere_at: Instant::now(),
            histories: HashMap::new(),
            ways: HashMap::new(),
            reserved: BTreeSet::new(),
            adapters: Adapters::default(),
            working: JoinSet::new(),
            let_go: Vec::new(),
            hooks: JoinSet::new(),
            groups: Groups::default(),
            results: VecDeque::new(),
            caught_up: Vec::new(),
            noticing: JoinSet::new(),
            valid_until: None,
            finished_now: 0,
            any_done: waiting.any_done,
            alike: None,
            gate,
            shared,
        };
        waiting.devices.into_iter().for_each(|id| scheduler.queue(id));
        if scheduler.shared.ledger.lease().is_some() {
            scheduler.begin_elsewhere();
        }
        scheduler
    }

    /// Stations that share a roster begin at different places, so that they rarely want the same
    /// devices.
    fn begin_elsewhere(&mut self) {
        let mut hasher = DefaultHasher::new();
        self.shared.job.station.run.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() >> 32).unwrap_or_default();
        for queue in self.queues.values_mut() {
            queue.rotate_left(place % queue.len().max(1));
        }
    }

    fn queue(&mut self, id: String) {
        if let Some(entry) = self.shared.entry(&id) {
            self.queues.entry(entry.slots()).or_default().push_back(id);
        }
    }

    fn queue_after(&mut self, pause: Duration, id: String) {
        self.later.push(Reverse((Instant::now() + pause, id)));
    }

    /// Makes devices wait until they appear.
    fn wait_for(&mut self, watch: super::Watch) {
        let ids = std::mem::take(&mut self.queues).into_values().flatten();
        self.absent = ids.collect();
        let entries = self.absent.iter().filter_map(|id| self.shared.entry(id));
        let watcher = Arc::clone(&self.shared.watcher);
        let (noticed, noticing) = notice(watch, entries.collect(), watcher);
        (self.noticed, self.noticing) = (Some(noticed), noticing);
        self.look_at = self.shared.ledger.lease().map(|_| Instant::now() + LOOK);
    }

    /// Stops waiting for devices that another station has settled.
    async fn forget_settled(&mut self) -> Result<(), LedgerError> {
        for one in self.shared.ledger.standings().await? {
            if one.state.is_settled() {
                self.absent.remove(&one.device);
            }
        }
        self.look_at = Some(Instant::now() + LOOK);
        Ok(())
    }

    /// Renews the claims until the returned value is dropped.
    fn renew(&mut self, lease: Duration) -> JoinSet<()> {
        let (valid_until, _) = watch::channel(Instant::now() + lease);
        self.valid_until = Some(valid_until.clone());
        let shared = Arc::clone(&self.shared);
        let mut renewing = JoinSet::new();
        renewing.spawn(task(async move {
            loop {
                // Taken before the request, so that our lease ends before the database's.
                let asked = Instant::now();
                match shared.ledger.renew().await {
                    Ok(()) => {
                        valid_until.send_replace(asked + lease);
                        sleep(lease / 3).await;
                    }
                    Err(_) => sleep(lease / 12).await,
                }
            }
        }));
        renewing
    }

    /// Works until the batch ends for any reason. Then releases the devices under way, and passes
    /// the remaining results to the hook.
    async fn work(&mut self, stop: impl Future<Output = ()>) -> Result<BatchEnd, LedgerError> {
        let mut stop = pin!(stop);
        let deadline = self.shared.job.within.map(|within| Instant::now() + within);
        let mut end = self.until_it_ends(stop.as_mut(), deadline).await;
        self.noticing.abort_all();
        if matches!(end, Ok(BatchEnd::Interrupted)) {
            self.finish_joins(deadline).await;
        }
        if matches!(end, Err(LedgerError::Lost(_))) {
            // The results of devices under way are still saved. Devices that were told to join may
            // never be reached again.
            tokio::select! {
                biased;
                () = &mut stop => {}
                () = at(deadline) => {}
                () = self.drain() => {}
            }
        }
        self.shared.stopped.cancel();
        self.drain().await;
        if !self.let_go.is_empty() {
            // If this fails, the lease ends or the next start takes the devices back.
            let _ = self.shared.ledger.release(std::mem::take(&mut self.let_go)).await;
        }
        let is_interrupted =
            matches!(end, Err(_) | Ok(BatchEnd::OutOfTime | BatchEnd::Interrupted));
        if !is_interrupted {
            end = tokio::select! {
                biased;
                () = stop => Ok(BatchEnd::Interrupted),
                () = at(deadline) => Ok(BatchEnd::OutOfTime),
                () = self.hand_over() => end,
            };
        }
        // Running hooks have their own time limit. The next run calls the others.
        while self.hooks.join_next().await.is_some() {}
        end
    }

    /// Releases the devices that were not told to join, and gives the others time to end.
    async fn finish_joins(&mut self, deadline: Option<Instant>) {
        let within = self.shared.job.drain_within;
        let devices = self.shared.joining.load(Ordering::Relaxed);
        if devices == 0 || within.is_zero() {
            return;
        }
        self.shared.watcher.notify(BatchEvent::Draining { devices, within });
        self.shared.draining.cancel();
        let by = Instant::now() + within;
        let by = deadline.map_or(by, |deadline| deadline.min(by));
        let ended = async {
            while let Some(result) = self.working.join_next().await {
                // An error of the ledger was already reported.
                drop(self.take(result));
                self.start_hooks();
            }
        };
        // The rest is released.
        let _ = timeout_at(by, ended).await;
    }

    /// Passes on the results that still wait for a hook.
    async fn hand_over(&mut self) {
        loop {
            self.start_hooks();
            if self.hooks.join_next().await.is_none() {
                return;
            }
        }
    }

    async fn until_it_ends(
        &mut self,
        mut stop: Pin<&mut impl Future<Output = ()>>,
        deadline: Option<Instant>,
    ) -> Result<BatchEnd, LedgerError> {
        loop {
            self.wake();
            let is_busy = self.shared.watcher.is_busy();
            if !is_busy {
                self.start().await?;
            }
            self.start_hooks();
            if self.is_over() {
                return Ok(BatchEnd::Finished);
            }
            self.tell_absent();
            let next = self.later.peek().map(|Reverse((at, _))| *at);
            let give_up = self.give_up_at();
            tokio::select! {
                biased;
                () = &mut stop => return Ok(BatchEnd::Interrupted),
                () = at(deadline) => return Ok(BatchEnd::OutOfTime),
                Some(result) = self.working.join_next() => {
                    self.take(result)?;
                    while let Some(result) = self.working.try_join_next() {
                        self.take(result)?;
                    }
                    let stop_after = self.shared.job.stop_after;
                    if self.alike.is_some_and(|(_, count)| stop_after > 0 && count >= stop_after) {
                        return Ok(BatchEnd::FailedAlike);
                    }
                }
                Some(_) = self.hooks.join_next() => {}
                noticed = noticed(&mut self.noticed) => match noticed {
                    Noticed::Device(id) => if self.absent.remove(&id) {
                        self.queue(id);
                    },
                    Noticed::AdapterAway { slots, error } => {
                        self.adapter_is_away(slots, error, Instant::now());
                    }
                },
                arrived = self.gate.next() => if let Some(arrival) = arrived
                    && let Some(id) = self.gate.take_in(arrival, &self.shared).await?
                {
                    self.queue(id);
                },
                slots = self.adapters.back() => self.adapter_is_back(slots),
                () = at(give_up) => return Ok(BatchEnd::AdapterUnavailable),
                () = at(next) => {}
                () = sleep(CATCH_UP), if is_busy => {}
                () = at(self.look_at) => self.forget_settled().await?,
            }
        }
    }

    /// Waits until all devices under way are finished or released.
    async fn drain(&mut self) {
        while let Some(result) = self.working.join_next().await {
            // An error of the ledger was already reported.
            drop(self.take(result));
        }
    }

    /// Queues the results that an earlier run did not pass to its hook.
    async fn catch_up_with_hook(&mut self) -> Result<(), LedgerError> {
        if self.shared.job.hook.is_none() {
            return Ok(());
        }
        let mut kept: Option<HashMap<_, _>> = None;
        for attempt in self.shared.ledger.unreported().await? {
            let state = attempt.outcome.map(AttemptOutcome::state);
            let state = state.filter(|state| state.is_settled()).unwrap_or(State::Failed);
            let labels = match self.shared.entry(&attempt.device) {
                Some(entry) => entry.labels.clone(),
                // The station knew the device before it was started again.
                None if self.gate.is_open() => {
                    if kept.is_none() {
                        let all = self.shared.ledger.standings().await?.into_iter();
                        let due = all.filter(|one| one.hook == Some(HookState::Due));
                        kept = Some(due.map(|one| (one.device, one.labels)).collect());
                    }
                    let kept = kept.as_mut().and_then(|kept| kept.remove(&attempt.device));
                    kept.unwrap_or_default()
                }
                // Results of another roster are left to a run with that roster.
                None => continue,
            };
            self.caught_up.push(attempt.device.clone());
            self.results.push_back(DeviceEnded { attempt, state, again_after: None, labels });
        }
        Ok(())
    }

    fn start_hooks(&mut self) {
        while self.hooks.len() < HOOKS
            && let Some(result) = self.results.pop_front()
        {
            let (shared, starter) = (Arc::clone(&self.shared), self.groups.starter());
            self.hooks.spawn(task(async move { report(&shared, result, &starter).await }));
        }
    }

    fn is_over(&self) -> bool {
        !self.gate.is_open()
            && self.working.is_empty()
            && self.later.is_empty()
            && self.absent.is_empty()
            && self.queues.values().all(VecDeque::is_empty)
    }

    /// Reports the devices that the watch waits for, if there is nothing else to do.
    fn tell_absent(&mut self) {
        let is_idle = self.working.is_empty()
            && self.later.is_empty()
            && self.queues.values().all(VecDeque::is_empty);
        let devices = self.absent.len();
        if is_idle && devices != self.told_absent {
            self.told_absent = devices;
            let some = self.absent.iter().take(TOLD_ABSENT).cloned().collect();
            self.shared.watcher.notify(BatchEvent::Watching { devices, some });
        }
    }

    /// Makes devices ready whose delay has passed.
    fn wake(&mut self) {
        while let Some(Reverse((at, _))) = self.later.peek()
            && *at <= Instant::now()
        {
            if let Some(Reverse((_, id))) = self.later.pop() {
                self.queue(id);
            }
        }
    }

    /// Claims as many devices as there are free slots.
    async fn start(&mut self) -> Result<(), LedgerError> {
        loop {
            let wishes = self.wishes();
            if wishes.is_empty() {
                return Ok(());
            }
            for Wish { devices, room } in wishes {
                let results = self.shared.ledger.claim(devices.clone(), room).await?;
                if devices.len() > room {
                    self.put_back(devices, room, &results);
                }
                for result in results {
                    self.take_claim(result);
                }
            }
        }
    }

    /// Takes candidates for claims from the queues.
    fn wishes(&mut self) -> Vec<Wish> {
        let ahead = self.shared.ledger.lease().map_or(0, |_| AHEAD);
        let is_suspect = |id: &String| self.histories.get(id).is_some_and(|one| one.is_suspect);
        let (mut all, mut wishes) = (Wish::default(), Vec::new());
        for (slots, queue) in &mut self.queues {
            if self.adapters.is_away(slots) || self.reserved.contains(slots) {
                continue;
            }
            let active = self.active.get(slots).copied().unwrap_or(0);
            let room = slots.limit(self.shared.job.concurrency).saturating_sub(active);
            if room == 0 {
                continue;
            }
            if queue.front().is_some_and(is_suspect) {
                // A suspect device works alone.
                if active == 0 {
                    all.room += 1;
                    all.devices.extend(queue.pop_front());
                }
                continue;
            }
            let most = queue.len().min(room + ahead);
            let count = queue.iter().take(most).position(is_suspect).unwrap_or(most);
            let devices = queue.drain(..count);
            if count > room {
                wishes.push(Wish { devices: devices.collect(), room });
            } else {
                all.room += count;
                all.devices.extend(devices);
            }
        }
        if all.room > 0 {
            wishes.push(all);
        }
        wishes
    }

    /// Puts devices for which there was no room back into their queues.
    fn put_back(&mut self, devices: Vec<String>, room: usize, results: &[ClaimResult]) {
        let claims = results.iter().filter(|result| matches!(result, ClaimResult::Claimed(_)));
        if claims.count() < room {
            // None of the others is free.
            return;
        }
        let told: HashSet<&str> = results.iter().map(ClaimResult::device).collect();
        for id in devices.into_iter().rev().filter(|id| !told.contains(id.as_str())) {
            if let Some(entry) = self.shared.entry(&id) {
                self.queues.entry(entry.slots()).or_default().push_front(id);
            }
        }
    }

    fn take_claim(&mut self, result: ClaimResult) {
        match result {
            ClaimResult::Claimed(claim) => self.begin(claim),
            ClaimResult::Elsewhere(id) => {
                let now = Instant::now();
                if self.look_elsewhere_at <= now {
                    self.look_elsewhere_at = now + LOOK_ELSEWHERE;
                }
                self.later.push(Reverse((self.look_elsewhere_at, id)));
            }
            ClaimResult::Settled(device, state) => {
                self.any_done |= state == State::Done;
                if self.gate.leaves(&device) {
                    let (outcome, is_accepted) = (None, false);
                    let told = BatchEvent::DeviceArrived { device, state, outcome, is_accepted };
                    self.shared.watcher.notify(told);
                }
            }
        }
    }

    fn begin(&mut self, claim: Claim) {
        let Some(entry) = self.shared.entry(&claim.device) else { return };
        let slots = entry.slots();
        *self.active.entry(slots.clone()).or_default() += 1;
        let history = self.histories.get(&claim.device).cloned().unwrap_or_default();
        let is_alone = history.is_suspect || slots.limit(self.shared.job.concurrency) == 1;
        if history.is_suspect {
            self.reserved.insert(slots);
        }
        let begun = Begun { at: Instant::now(), is_alone };
        let shared = Arc::clone(&self.shared);
        let valid_until = self.valid_until.as_ref().map(watch::Sender::subscribe);
        let way = || (self.shared.job.connect)(&entry.address).map(Arc::from);
        let connect = self.ways.entry(claim.device.clone()).or_insert_with(way).clone();
        // Boxed, because the task would otherwise hold the future twice: as a captured value and as
        // the awaited one.
        let work = Box::pin(async move {
            let Shared { job, ledger, watcher, stopped, owners, .. } = &*shared;
            let sole = connect.as_deref().map(|connect| Sole { line: &entry.id, connect, owners });
            let sole = sole.as_ref().map(|sole| sole as &dyn Connect);
            let lost = || {
                watcher.notify(BatchEvent::ClaimLost { device: claim.device.clone() });
                TaskResult::Lost(claim.device.clone())
            };
            let mut lapsed = pin!(lapse(valid_until));
            let joining = Joining::among(&shared.joining);
            let ended = tokio::select! {
                biased;
                () = stopped.cancelled() => Err(TaskResult::LetGo(claim.clone())),
                () = joining.let_go(&shared.draining) => Err(TaskResult::LetGo(claim.clone())),
                () = &mut lapsed => Err(lost()),
                judged = attempt(job, &entry, &claim, sole, (ledger, &joining), &**watcher) => {
                    judged.ok_or_else(lost)
                }
            };
            let close = async {
                if let Some(connect) = &connect {
                    // A device that stays connected can't be reached again.
                    let _ = timeout(CLOSE_WITHIN, connect.settle()).await;
                }
            };
            let conclusion = match ended {
                Ok(judged) => conclude(job, judged, history, is_alone),
                Err(result) => {
                    close.await;
                    return result;
                }
            };
            let has_lapsed = AtomicBool::new(false);
            let mut recorded = pin!(async {
                if conclusion.again_after.is_none() {
                    // Recorded first, so that a link that does not close can't lose the result.
                    let result = record(&shared, &entry, &claim, conclusion, &has_lapsed).await;
                    close.await;
                    result
                } else {
                    // Closed first, because the next attempt, perhaps from another station, needs
                    // the device to be free.
                    close.await;
                    record(&shared, &entry, &claim, conclusion, &has_lapsed).await
                }
            });
            tokio::select! {
                result = &mut recorded => result,
                () = lapsed => {
                    has_lapsed.store(true, Ordering::Relaxed);
                    recorded.await
                }
            }
        });
        self.working.spawn(async move { (work.await, begun) });
    }

    fn take(&mut self, result: Result<(TaskResult, Begun), JoinError>) -> Result<(), LedgerError> {
        let (result, begun) = result.map_err(|error| LedgerError::Unusable(error.to_string()))?;
        let id = match &result {
            TaskResult::Ended(ended, _) => &ended.attempt.device,
            TaskResult::Short(id) | TaskResult::Lost(id) | TaskResult::Unrecorded(id, _) => id,
            TaskResult::LetGo(claim) => &claim.device,
        };
        if let Some(entry) = self.shared.entry(id) {
            let slots = entry.slots();
            let active = self.active.entry(slots.clone()).or_default();
            *active = active.saturating_sub(1);
            if *active == 0 {
                self.reserved.remove(&slots);
            }
            if let TaskResult::Ended(_, Some(fault)) = &result {
                self.adapter_is_away(slots, fault.to_string(), begun.at);
            }
        }
        let is_again = match &result {
            TaskResult::Ended(ended, _) => ended.again_after.is_some(),
            TaskResult::Short(_) => true,
            TaskResult::LetGo(_) | TaskResult::Lost(_) | TaskResult::Unrecorded(..) => false,
        };
        self.shared.ended().remove(id);
        if !is_again {
            self.ways.remove(id);
            if !matches!(result, TaskResult::Lost(_)) {
                self.gate.leaves(id);
            }
        }
        match result {
            TaskResult::Ended(ended, fault) => {
                if let Some(pause) = ended.again_after {
                    let id = ended.attempt.device.clone();
                    self.histories.entry(id.clone()).or_default().add(
                        ended.attempt,
                        fault.as_ref(),
                        begun.is_alone,
                    );
                    self.queue_after(pause, id);
                } else {
                    self.histories.remove(&ended.attempt.device);
                    self.finished_now += 1;
                    self.count_alike(ended.state, ended.attempt.result);
                    if self.shared.job.hook.is_some() {
                        self.results.push_back(*ended);
                    }
                }
            }
            TaskResult::Short(id) => {
                self.histories.entry(id.clone()).or_default().shortages += 1;
                self.queue_after(self.shared.job.retry_pause, id);
            }
            // Another station has claimed the device, or it is free again.
            TaskResult::Lost(id) => self.queue_after(Duration::ZERO, id),
            TaskResult::LetGo(claim) => self.let_go.push(claim),
            // A result that the ledger rejects is left to the next run.
            TaskResult::Unrecorded(_, LedgerError::Rejected(_)) => {}
            TaskResult::Unrecorded(_, error) => return Err(error),
        }
        Ok(())
    }

    /// Records that an adapter is unavailable, unless that is already known. `began` is when the
    /// attempt that noticed it began. Devices that need the adapter wait.
    fn adapter_is_away(&mut self, slots: TransportSlots, error: String, began: Instant) {
        let needs_it = |entry: &&Arc<Entry>| entry.slots() == slots;
        if self.adapters.is_known(&slots, began) {
            return;
        }
        let entry = self.shared.entries().values().find(needs_it).cloned();
        let connect = entry.and_then(|entry| (self.shared.job.connect)(&entry.address));
        let adapter = slots.adapter();
        self.shared.watcher.notify(BatchEvent::AdapterUnavailable { adapter, error });
        self.adapters.watch(slots, connect);
    }

    fn adapter_is_back(&mut self, slots: TransportSlots) {
        let adapter = slots.adapter();
        self.shared.watcher.notify(BatchEvent::AdapterAvailable { adapter });
        self.adapters.open(slots);
    }

    /// When to stop waiting for adapters; `None` while other devices are left.
    fn give_up_at(&self) -> Option<Instant> {
        if self.adapters.are_there() || !self.working.is_empty() || self.gate.is_open() {
            return None;
        }
        let queued = self.queues.iter().filter(|(_, queue)| !queue.is_empty());
        let queued = queued.map(|(slots, _)| self.adapters.away_since(slots));
        let others = self.later.iter().map(|Reverse((_, id))| id).chain(&self.absent);
        let others = others.filter_map(|id| self.shared.entry(id));
        let others = others.map(|entry| self.adapters.away_since(&entry.slots()));
        let since = queued.chain(others).collect::<Option<BTreeSet<_>>>()?;
        since.last()?.checked_add(self.shared.job.adapter_within)
    }

    fn count_alike(&mut self, state: State, result: Option<Result<(), FailureKind>>) {
        self.any_done |= state == State::Done;
        self.alike = match (result.and_then(Result::err), self.alike) {
            _ if self.any_done || state != State::Failed => None,
            (Some(how), Some((before, count))) if how == before => Some((how, count + 1)),
            (how, _) => how.map(|how| (how, 1)),
        };
    }
}

/// Returns when the claims may have expired; never, if they do not expire.
async fn lapse(valid_until: Option<watch::Receiver<Instant>>) {
    let Some(valid_until) = valid_until else { return pending().await };
    loop {
        let until = *valid_until.borrow();
        sleep_until(until).await;
        if *valid_until.borrow() == until {
            return;
        }
    }
}

/// Returns at the given time, or never.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

async fn noticed(noticed: &mut Option<mpsc::UnboundedReceiver<Noticed>>) -> Noticed {
    if let Some(noticed) = noticed
        && let Some(one) = noticed.recv().await
    {
        return one;
    }
    pending().await
}
