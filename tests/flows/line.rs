//! A line of devices on a paused clock: what is tried again and when, what bounds how many are
//! worked on, what happens when the ledger or a claim is lost, and devices that appear over BLE.

use std::{
    collections::HashMap,
    future::{Future, pending, poll_fn},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    BleConnect, Care, Connect, Event, FailureKind, Network, Policy, RadioError, Scheme, Stage,
    Transport, TransportError, address::Address, transport::ble::BleScan,
};
use esp_prov_batch::{
    self as batch, AdapterScan, BatchEnd, BatchEvent, Concurrency, Connector, Entry, Hook, Job,
    Station, Summary, Watch,
    ledger::{AttemptOutcome, ClaimResult, Ledger, LedgerError, State},
};
use esp_prov_rs::exit::Exit;
use esp_prov_simulate::{Fault as DeviceFault, Persona, Settings, VirtualDevice};
use kit::{
    Air, Fault, Faulty, Memory, Says, Station as OnAir, Step, When, entry, hex, home, plain_plan,
};
use tokio::time::{Instant, sleep, timeout};

/// Devices by their ids, each at an address of its own.
#[derive(Clone, Default)]
pub(crate) struct Devices(Arc<Mutex<HashMap<String, Arc<dyn Connect>>>>);

impl Devices {
    pub(crate) fn add(&self, id: &str, connect: impl Connect + 'static) -> Entry {
        let entry = entry(id, &format!("http://{id}"));
        let address = entry.address.to_string();
        self.0.lock().expect("no panic").insert(address, Arc::new(connect));
        entry
    }

    pub(crate) fn connector(&self) -> Connector {
        let devices = Arc::clone(&self.0);
        Arc::new(move |address: &Address| {
            let devices = devices.lock().expect("no panic");
            let device = devices.get(&address.to_string()).cloned();
            device.map(|device| Box::new(Shared(device)) as Box<dyn Connect>)
        })
    }
}

struct Shared(Arc<dyn Connect>);

#[async_trait]
impl Connect for Shared {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        self.0.connect(within).await
    }
}

pub(crate) fn job(roster: Vec<Entry>, connect: Connector) -> Job {
    let lease = Duration::from_secs(30);
    Job {
        roster,
        station: Station { name: "here".into(), run: "1".into(), lease, reports: false },
        connect,
        policy: Policy::default(),
        version: None,
        reset_first: false,
        undo: false,
        concurrency: Concurrency::default(),
        retries: 2,
        retry_pause: Duration::from_secs(1),
        stop_after: 10,
        within: None,
        drain_within: Duration::ZERO,
        ledger_within: Duration::from_secs(60),
        adapter_within: Duration::from_secs(60),
        hook: None,
        watch: None,
        arrivals: None,
        keys: None,
        verify: None,
    }
}

/// What a batch came to, and all that it told.
pub(crate) struct Ran {
    pub(crate) summary: Result<Summary, LedgerError>,
    pub(crate) events: Vec<BatchEvent>,
    pub(crate) took: Duration,
}

impl Ran {
    pub(crate) fn end(&self) -> (BatchEnd, usize, usize) {
        let summary = self.summary.as_ref().expect("it ended by itself");
        (summary.end, summary.counts.done, summary.counts.failed)
    }

    fn count(&self, what: impl Fn(&BatchEvent) -> bool) -> usize {
        self.events.iter().filter(|event| what(event)).count()
    }
}

pub(crate) async fn run(job: Job, ledger: &Memory) -> Ran {
    run_until(job, ledger, pending()).await
}

pub(crate) async fn run_until(job: Job, ledger: &Memory, stop: impl Future<Output = ()>) -> Ran {
    run_watched(job, ledger, stop, |_| {}).await
}

pub(crate) async fn run_watched(
    job: Job,
    ledger: &Memory,
    stop: impl Future<Output = ()>,
    watch: impl Fn(&BatchEvent) + Send + Sync + 'static,
) -> Ran {
    let events = Arc::new(Mutex::new(Vec::new()));
    let began = Instant::now();
    let told = Arc::clone(&events);
    let watcher = move |event| {
        watch(&event);
        told.lock().expect("no panic").push(event);
    };
    let summary = batch::run(job, Box::new(ledger.clone()), Arc::new(watcher), stop).await;
    let events = std::mem::take(&mut *events.lock().expect("no panic"));
    Ran { summary, events, took: began.elapsed() }
}

fn device(settings: Settings) -> VirtualDevice {
    VirtualDevice::new(settings)
}

fn faulty(fault: Fault, when: When) -> Faulty {
    Faulty::around(&device(Settings::default()), when, fault)
}

#[tokio::test(start_paused = true)]
async fn transient_failures_are_tried_again_in_growing_pauses_and_answers_are_not() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let wrong = Settings { fault: Some(DeviceFault::WrongPassphrase), ..Settings::default() };
    let other = Settings { pop: Some("another".into()), ..Settings::default() };
    let wrong_and_shaky =
        Faulty::around(&device(other.clone()), When::Each(&[13, 14, 15]), Fault::CutBefore);
    let roster = vec![
        devices.add("good", device(Settings::default())),
        devices.add("wrong-passphrase", device(wrong)),
        devices.add("wrong-proof", device(other)),
        devices.add("shaky", faulty(Fault::CutBefore, When::Each(&[1, 2, 3]))),
        devices.add("dead", faulty(Fault::CutBefore, When::From(1))),
        entry("nowhere", "http://nowhere"),
        // Its third run breaks off in another way.
        devices.add("wrong-and-shaky", wrong_and_shaky),
    ];
    let ran = run(job(roster, devices.connector()), &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 2, 5));
    let outcomes = |id: &str| -> Vec<_> {
        let outcomes = ledger.outcomes(id);
        outcomes.into_iter().map(|(outcome, code)| format!("{outcome} {code}")).collect()
    };
    assert_eq!(outcomes("good"), ["connected 0"]);
    assert_eq!(outcomes("wrong-passphrase"), ["failed 50"]);
    // Silence alone says that its proof is wrong, which three runs of it confirm.
    assert_eq!(outcomes("wrong-proof"), ["again 30", "again 30", "failed 30"]);
    assert_eq!(outcomes("wrong-and-shaky"), ["again 30", "again 30", "failed 30"]);
    assert_eq!(outcomes("shaky"), ["again 12", "connected 0"]);
    assert_eq!(outcomes("dead"), ["again 12", "again 12", "failed 12"]);
    assert_eq!(outcomes("nowhere"), ["again 10", "again 10", "failed 10"]);
    let pauses = ran.events.iter().filter_map(|event| match event {
        BatchEvent::DeviceEnded(ended) if ended.attempt.device == "dead" => ended.again_after,
        _ => None,
    });
    assert_eq!(pauses.collect::<Vec<_>>(), [1, 2].map(Duration::from_secs));
    let failures = ran.summary.expect("it ended").failures;
    let failures: Vec<_> = failures.iter().map(|one| (one.device.as_str(), one.failure)).collect();
    let expected = [
        ("wrong-passphrase", FailureKind::PassphraseRejected),
        ("wrong-proof", FailureKind::ProofRejected),
        ("dead", FailureKind::LinkLost),
        ("nowhere", FailureKind::NotFound),
        ("wrong-and-shaky", FailureKind::ProofRejected),
    ];
    assert_eq!(failures, expected);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_in_another_network_is_not_done() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let plain = Settings { scheme: Scheme::Sec0, ..Settings::default() };
    // "connected", with 192.168.1.57, to "Office".
    let office = "08015a18 5a16 0a0c 3139322e3136382e312e3537 1a06 4f6666696365";
    let polls = When::From(Step::FirstPoll.exchange(Scheme::Sec0));
    let liar = Faulty::around(&device(plain), polls, Fault::Reply(hex(office)));
    let mut elsewhere = devices.add("elsewhere", liar);
    elsewhere.security = plain_plan().security;
    let ran = run(job(vec![elsewhere], devices.connector()), &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 0, 1));
    let outcomes = ledger.outcomes("elsewhere").into_iter();
    assert_eq!(outcomes.map(|(_, code)| code).collect::<Vec<_>>(), [54]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_takes_a_thread_network_is_done_when_it_is_attached() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let settings = Settings { persona: Persona::NetprovThread, ..Settings::default() };
    let network = Network::Thread(kit::dataset(kit::HOME_THREAD));
    let roster = vec![Entry { network, ..devices.add("d", device(settings)) }];
    let ran = run(job(roster, devices.connector()), &ledger).await;
    assert_eq!((ran.end(), ledger.state("d")), ((BatchEnd::Finished, 1, 0), State::Done));
    let attempt = ledger.attempts().await.expect("all").remove(0);
    assert_eq!((attempt.outcome, attempt.channel), (Some(AttemptOutcome::Attached), Some(15)));
}

/// Of two ways to fail that came once each, the last is told.
#[tokio::test(start_paused = true)]
async fn what_happened_once_is_no_usual_cause() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let other = device(Settings { pop: Some("another".into()), ..Settings::default() });
    let shaky = Faulty::around(&other, When::Each(&[1, 2, 3]), Fault::CutBefore);
    let job = Job { retries: 1, ..job(vec![devices.add("d", shaky)], devices.connector()) };
    run(job, &ledger).await;
    let outcomes = ledger.outcomes("d");
    let expected = [("again", Exit::LINK_LOST), ("failed", Exit::PROOF)];
    assert_eq!(outcomes, expected.map(|(outcome, exit)| (outcome.to_owned(), exit.code)));
}

/// As an export and a hook have it: all sessions of the attempt together.
#[tokio::test(start_paused = true)]
async fn what_an_attempt_was_like_is_kept() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let plain = Settings { scheme: Scheme::Sec0, ..Settings::default() };
    let slow = |settings: Settings| {
        let second = Fault::Delay(Duration::from_secs(1));
        Faulty::around(&device(settings), When::From(1), second)
    };
    let cut = |slow: &Faulty, scheme| {
        Faulty::around(slow, When::Once(Step::Set.exchange(scheme)), Fault::CutBefore)
    };
    let (slow_open, slow_sealed) = (slow(plain), slow(Settings::default()));
    let mut open = devices.add("open", cut(&slow_open, Scheme::Sec0));
    open.security = plain_plan().security;
    let sealed = devices.add("sealed", cut(&slow_sealed, Scheme::Sec1));
    let ran = run(job(vec![open, sealed], devices.connector()), &ledger).await;
    let ended = |id: &str| {
        let ended = ran.events.iter().find_map(|event| match event {
            BatchEvent::DeviceEnded(ended) if ended.attempt.device == id => Some(ended.clone()),
            _ => None,
        });
        ended.expect("it ended").attempt
    };
    for (id, handshake, security, capabilities, warnings) in [
        ("sealed", 4_000, 1, "wifi_prov wifi_scan", "well-known-secret"),
        ("open", 2_000, 0, "no_sec wifi_prov wifi_scan", "unencrypted"),
    ] {
        let one = ended(id);
        assert_eq!((one.number, &*one.station), (1, "here"));
        assert_eq!(one.started_at, ledger.attempts().await.expect("all")[0].started_at);
        assert_eq!((one.sessions, one.security), (Some(2), Some(security)));
        assert_eq!(one.warnings.as_deref(), Some(warnings), "told in each session, noted once");
        assert_eq!(one.network.as_deref(), Some("Home"));
        assert_eq!(one.version.as_deref(), Some("netprov-v1.2"));
        assert_eq!(one.capabilities.as_deref(), Some(capabilities));
        assert_eq!((one.ip.as_deref(), one.channel), (Some("192.168.1.57"), Some(6)));
        // Two versions, two handshakes; the link broke in place of the first network.
        let times = [one.connect_ms, one.handshake_ms, one.set_ms, one.apply_ms];
        let pause = 500;
        assert_eq!(times, [2_000, handshake, pause + 1_000, 1_000].map(Some), "{id}");
        // Two polls.
        let join = one.join_ms.expect("it joined");
        assert!((2_000..3_000).contains(&join), "{id}: {join}");
    }
}

/// Has no connection for the first few, for this reason.
struct Scarce(VirtualDevice, fn() -> esp_prov::transport::Source, AtomicUsize);

#[async_trait]
impl Connect for Scarce {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let Self(device, why, tries) = self;
        if tries.fetch_add(1, Ordering::SeqCst) < 5 {
            return Err(TransportError::Connect(why()));
        }
        device.connect(within).await
    }
}

/// By its kind, whatever words say.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_shortage_of_descriptors_is_no_transient_failure_of_the_device() {
    for (why, state, attempts) in [
        ((|| std::io::Error::from_raw_os_error(24).into()) as fn() -> _, State::Done, 6),
        (|| std::io::Error::from_raw_os_error(23).into(), State::Done, 6),
        (|| std::io::Error::from_raw_os_error(111).into(), State::Failed, 1),
        (|| "Too many open files (os error 24)".into(), State::Failed, 1),
    ] {
        let (devices, ledger) = (Devices::default(), Memory::default());
        let scarce = Scarce(device(Settings::default()), why, AtomicUsize::default());
        let mut job = job(vec![devices.add("d", scarce)], devices.connector());
        job.retries = 0;
        job.policy.attempts = 1;
        let began = Instant::now();
        run(job, &ledger).await;
        assert_eq!((ledger.state("d"), ledger.outcomes("d").len()), (state, attempts), "{}", why());
        assert!(began.elapsed() < Duration::from_secs(10), "its pauses do not grow");
    }
}

/// Has none at all, for a reason of this machine.
struct Hopeless(fn() -> TransportError);

#[async_trait]
impl Connect for Hopeless {
    async fn connect(&self, _: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Err(self.0())
    }
}

/// What costs a device nothing ends nevertheless.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn what_this_machine_lacks_for_ever_is_not_waited_for_for_ever() {
    let shortage = || TransportError::Connect(std::io::Error::from_raw_os_error(24).into());
    for (address, why, code) in [
        ("http://10.0.0.1", shortage as fn() -> _, Exit::CONNECT),
        ("ble:PROV_1", || TransportError::Radio(RadioError::Off), Exit::CONNECT),
    ] {
        let (devices, ledger) = (Devices::default(), Memory::default());
        let one = entry("d", address);
        let at = one.address.to_string();
        devices.0.lock().expect("no panic").insert(at, Arc::new(Hopeless(why)));
        let job = Job { retries: 0, ..job(vec![one], devices.connector()) };
        assert_eq!(run(job, &ledger).await.end(), (BatchEnd::Finished, 0, 1), "{address}");
        let outcomes = ledger.outcomes("d");
        assert_eq!(outcomes.len(), 101, "{address}");
        let again = outcomes.iter().filter(|(outcome, _)| outcome == "again").count();
        assert_eq!((again, outcomes[100].1), (100, code.code), "{address}");
    }
}

/// Counts how many links are open at once.
struct Counted {
    device: VirtualDevice,
    open: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

struct Open(Box<dyn Transport>, Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Connect for Counted {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(open, Ordering::SeqCst);
        Ok(Box::new(Open(self.device.connect(within).await?, Arc::clone(&self.open))))
    }
}

#[async_trait]
impl Transport for Open {
    async fn exchange(
        &mut self,
        endpoint: &esp_prov::Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        self.0.exchange(endpoint, body).await
    }
}

#[tokio::test(start_paused = true)]
async fn each_lane_is_as_wide_as_it_may_be_and_no_wider() {
    for (address, expected) in [
        ("http://10.0.0.", 5),
        ("ble:PROV_", 2),
        // Each has a port of its own.
        ("console:/dev/ttyUSB", 20),
    ] {
        let (open, most) = (Arc::default(), Arc::<AtomicUsize>::default());
        let devices = Devices::default();
        let roster = (0..20).map(|number| {
            let entry = entry(&format!("D{number}"), &format!("{address}{number}"));
            let connect = Counted {
                device: device(Settings::default()),
                open: Arc::clone(&open),
                most: Arc::clone(&most),
            };
            let at = entry.address.to_string();
            devices.0.lock().expect("no panic").insert(at, Arc::new(connect));
            entry
        });
        let roster = roster.collect();
        let mut job = job(roster, devices.connector());
        job.concurrency = Concurrency { http: 5, ble: 2, ..Concurrency::default() };
        let ran = run(job, &Memory::default()).await;
        assert_eq!(ran.end(), (BatchEnd::Finished, 20, 0));
        assert_eq!(most.load(Ordering::SeqCst), expected, "{address}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_line_stops_when_the_first_fail_alike_but_not_once_one_is_done() {
    let wrong = || Settings { fault: Some(DeviceFault::WrongPassphrase), ..Settings::default() };
    for (good_first, expected) in
        [(false, (BatchEnd::FailedAlike, 0, 10)), (true, (BatchEnd::Finished, 1, 30))]
    {
        let devices = Devices::default();
        let mut roster: Vec<_> =
            (0..30).map(|n| devices.add(&format!("d{n}"), device(wrong()))).collect();
        if good_first {
            roster.insert(0, devices.add("good", device(Settings::default())));
        }
        let mut job = job(roster, devices.connector());
        job.concurrency.http = 1;
        assert_eq!(run(job, &Memory::default()).await.end(), expected);
    }
    // Nor once an earlier run has done one.
    let (devices, ledger) = (Devices::default(), Memory::default());
    let good = devices.add("good", device(Settings::default()));
    run(job(vec![good.clone()], devices.connector()), &ledger).await;
    let wrong_ones = (0..12).map(|n| devices.add(&format!("d{n}"), device(wrong())));
    let roster = std::iter::once(good).chain(wrong_ones).collect();
    let ran = run(job(roster, devices.connector()), &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 1, 12));
}

#[tokio::test(start_paused = true)]
async fn devices_that_fail_in_turn_in_different_ways_do_not_stop_the_line() {
    let devices = Devices::default();
    let wrong = || Settings { fault: Some(DeviceFault::WrongPassphrase), ..Settings::default() };
    let roster = (0..24).map(|n| match n % 2 {
        0 => devices.add(&format!("d{n}"), device(wrong())),
        _ => entry(&format!("d{n}"), "http://nowhere"),
    });
    let mut job = job(roster.collect(), devices.connector());
    (job.concurrency.http, job.retries) = (1, 0);
    assert_eq!(run(job, &Memory::default()).await.end(), (BatchEnd::Finished, 0, 24));
}

/// It can be long, and a table has to show it.
#[tokio::test(start_paused = true)]
async fn an_address_is_kept_in_a_length_that_a_table_can_show() {
    let ledger = Memory::default();
    let port = format!("console:/dev/{}", "x".repeat(2_000));
    run(job(vec![entry("d", &port)], Devices::default().connector()), &ledger).await;
    let kept = ledger.standings().await.expect("all").remove(0).address;
    assert_eq!(kept, format!("{}...", &port[..1_000]));
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_stopped_while_its_roster_goes_into_the_ledger() {
    let devices = Devices::default();
    let roster = || (0..20_000).map(|one| entry(&format!("d{one}"), &format!("http://d{one}")));
    let job = || job(roster().collect(), devices.connector());
    let ledger = Memory::default();
    let entries = Arc::clone(&ledger.entries);
    let some_are_in = poll_fn(move |context| {
        context.waker().wake_by_ref();
        if entries.lock().expect("no panic").is_empty() { Poll::Pending } else { Poll::Ready(()) }
    });
    let ran = run_until(job(), &ledger, some_are_in).await;
    assert_eq!(ran.end(), (BatchEnd::Interrupted, 0, 0));
    let enrolled = ledger.entries.lock().expect("no panic").len();
    assert!(enrolled < 20_000, "{enrolled}");

    // Nor is a ledger waited for that is away.
    ledger.is_away.store(true, Ordering::SeqCst);
    let ran = run_until(job(), &ledger, sleep(5 * Duration::from_secs(1))).await;
    assert_eq!((ran.end().0, ran.took.as_secs()), (BatchEnd::Interrupted, 5));
}

#[tokio::test(start_paused = true)]
async fn limits_and_people_stop_a_batch_and_the_next_goes_on() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let slow = || Settings { join_delay: Duration::from_secs(30), ..Settings::default() };
    let slow: Vec<_> = (0..3).map(|_| device(slow())).collect();
    let roster = || {
        let devices =
            slow.iter().enumerate().map(|(n, one)| devices.add(&format!("d{n}"), one.clone()));
        devices.collect::<Vec<_>>()
    };
    let limited =
        Job { within: Some(Duration::from_secs(5)), ..job(roster(), devices.connector()) };
    let ran = run(limited, &ledger).await;
    assert_eq!((ran.end(), ran.took), ((BatchEnd::OutOfTime, 0, 0), Duration::from_secs(5)));

    let stop = sleep(Duration::from_secs(5));
    let ran = run_until(job(roster(), devices.connector()), &ledger, stop).await;
    assert_eq!(ran.end(), (BatchEnd::Interrupted, 0, 0));
    // Whatever was begun has an end, and waits.
    for attempt in ledger.attempts().await.expect("all") {
        assert_eq!(attempt.outcome, Some(AttemptOutcome::Interrupted));
        assert!(attempt.ended_at.is_some(), "{attempt:?}");
        assert_eq!(ledger.state(&attempt.device), State::Waiting);
    }

    let ran = run(job(roster(), devices.connector()), &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 3, 0));
    // They were told by the first, and watched by the last.
    assert!(slow.iter().all(|device| device.joins() == 1));
    assert!(ran.took < Duration::from_secs(25), "{:?}", ran.took);
}

/// Whoever was told to join ends, whoever was not is let go, and nobody else begins.
#[tokio::test(start_paused = true)]
async fn devices_that_join_when_a_batch_is_stopped_have_time_to_end() {
    const SECOND: Duration = Duration::from_secs(1);
    for (drain_within, done, waiting, took) in
        [(30 * SECOND, 1, 2, 7), (2 * SECOND, 0, 3, 7), (Duration::ZERO, 0, 3, 5)]
    {
        let (devices, ledger) = (Devices::default(), Memory::default());
        let joins = Settings { join_delay: 7 * SECOND, ..Settings::default() };
        let roster = vec![
            devices.add("joins", device(joins)),
            // It never replies to its first request.
            devices.add("silent", faulty(Fault::LoseRequest, When::From(1))),
            devices.add("next", device(Settings::default())),
        ];
        let mut job = job(roster, devices.connector());
        (job.drain_within, job.concurrency.http) = (drain_within, 2);
        let ran = run_until(job, &ledger, sleep(5 * SECOND)).await;
        assert_eq!(ran.end(), (BatchEnd::Interrupted, done, 0));
        let counts = ran.summary.as_ref().expect("it ended").counts;
        assert_eq!((counts.waiting, ran.took.as_secs()), (waiting, took), "{drain_within:?}");
        let told = ran.events.iter().filter_map(|event| match event {
            BatchEvent::Draining { devices, within } => Some((*devices, *within)),
            _ => None,
        });
        let expected = (!drain_within.is_zero()).then_some((1, drain_within));
        assert_eq!(told.collect::<Vec<_>>(), Vec::from_iter(expected));
        let begun = ledger.attempts().await.expect("all").into_iter().map(|one| one.device);
        assert_eq!(begun.collect::<Vec<_>>(), ["joins", "silent"]);
    }
}

/// A device that has left.
struct Gone;

#[async_trait]
impl Connect for Gone {
    async fn connect(&self, _: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Err(TransportError::Connect("connection refused".into()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_was_told_and_has_left_is_unconfirmed_and_one_never_told_is_not_found() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let roster = || vec![devices.add("told", Gone), devices.add("untold", Gone)];
    let stopped = job(roster(), devices.connector());
    run_until(stopped, &ledger, async {}).await;
    ledger.change("told", |known| known.told = true);
    let ran = run(job(roster(), devices.connector()), &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 0, 1));
    assert_eq!(ledger.state("told"), State::Unconfirmed);
    let outcomes = ledger.outcomes("told").into_iter().map(|(outcome, code)| {
        assert_eq!(code, Exit::UNCONFIRMED.code);
        outcome
    });
    assert_eq!(outcomes.collect::<Vec<_>>(), ["again", "again", "unconfirmed"]);
    assert_eq!(ledger.state("untold"), State::Failed);
}

/// Firmware before ESP-IDF v5.1 has no reset; its operator has a button.
#[tokio::test(start_paused = true)]
async fn what_could_not_join_is_tried_again_without_a_reset_where_there_is_none() {
    for persona in [Persona::IdfV4_4, Persona::IdfV5_0] {
        for (is_reset_by_hand, asked_for, code, state) in [
            (true, false, Exit::DONE, State::Done),
            (false, false, Exit::REFUSED, State::Failed),
            // Who asks for a reset is told that there is none.
            (true, true, Exit::UNSUPPORTED, State::Failed),
        ] {
            let (devices, ledger) = (Devices::default(), Memory::default());
            let device = device(Settings { persona, ..Settings::default() });
            let entry = devices.add("d", device.clone());
            let wrong = Entry { network: home("wrong-horse"), ..entry.clone() };
            run(job(vec![wrong], devices.connector()), &ledger).await;
            let before = ledger.outcomes("d");
            assert_eq!(before, [("failed".to_owned(), Exit::PASSPHRASE.code)], "{persona}");

            ledger.change("d", |known| known.state = State::Waiting);
            if is_reset_by_hand {
                device.restart();
            }
            let mut job = job(vec![entry], devices.connector());
            job.reset_first = asked_for;
            let ran = run(job, &ledger).await;
            let (_, last) = ledger.outcomes("d").pop().expect("it ended");
            assert_eq!((ledger.state("d"), last), (state, code.code), "{persona}");
            let is_reset = |event: &BatchEvent| {
                let BatchEvent::DeviceEvent { happened, .. } = event else { return false };
                matches!(happened, Event::Reset | Event::ResetRefused { .. })
            };
            assert_eq!(ran.count(is_reset), 0);
        }
    }
}

/// It holds the network that it could not join; one that it never got, nobody has it forget.
#[tokio::test(start_paused = true)]
async fn a_device_that_could_not_join_forgets_that_network_before_it_gets_another() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let shaky = faulty(Fault::CutBefore, When::Each(&[1, 2, 3]));
    let roster = vec![
        devices.add("d", device(Settings { persona: Persona::Netprov, ..Settings::default() })),
        devices.add("shaky", shaky),
    ];
    let wrong = Entry { network: home("wrong-horse"), ..roster[0].clone() };
    let resets = |ran: &Ran| -> Vec<_> {
        let reset = ran.events.iter().filter_map(|event| match event {
            BatchEvent::DeviceEvent {
                device,
                happened: Event::Reset | Event::ResetRefused { .. },
            } => Some(device.clone()),
            _ => None,
        });
        reset.collect()
    };
    let first = run(job(vec![wrong, roster[1].clone()], devices.connector()), &ledger).await;
    assert_eq!((first.end(), resets(&first)), ((BatchEnd::Finished, 1, 1), Vec::new()));
    ledger.change("d", |known| known.state = State::Waiting);
    let then = run(job(roster, devices.connector()), &ledger).await;
    assert_eq!((then.end(), resets(&then)), ((BatchEnd::Finished, 2, 0), vec!["d".to_owned()]));
}

/// It may say so in an earlier run than the one that finds it gone.
#[tokio::test(start_paused = true)]
async fn what_an_unconfirmed_device_said_last_is_what_is_told_of_it() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let failing = Settings {
        persona: Persona::IdfV5_5,
        failed_attempts: 4,
        join_delay: Duration::from_millis(500),
        ..Settings::default()
    };
    let polls = Step::FirstPoll.exchange(Scheme::Sec1);
    let cut = |settings: Settings, at| {
        Faulty::around(&device(settings), When::From(at), Fault::CutBefore)
    };
    let roster = vec![
        devices.add("failing", cut(failing, polls + 8)),
        devices.add("silent", cut(Settings::default(), polls)),
    ];
    let ran = run(job(roster, devices.connector()), &ledger).await;
    for (device, error, stage) in [
        ("failing", Some("it left before it confirmed; its last report: an attempt"), true),
        ("silent", None, false),
    ] {
        assert_eq!(ledger.state(device), State::Unconfirmed);
        let attempts = ledger.attempts.lock().expect("no panic");
        let last = attempts.iter().rfind(|one| one.device == device).expect("it ended");
        assert_eq!(last.result, Some(Err(FailureKind::Unconfirmed)));
        assert_eq!((last.stage.is_some(), last.error.is_some()), (stage, stage), "{last:?}");
        let told = last.error.as_deref().unwrap_or_default();
        assert!(error.is_none_or(|error| told.starts_with(error)), "{told}");
    }
    let failures = ran.summary.expect("it ended").failures;
    let stages: Vec<_> = failures.iter().map(|one| (&*one.device, one.stage)).collect();
    assert_eq!(stages, [("failing", Some(Stage::Join)), ("silent", None)]);
}

#[tokio::test(start_paused = true)]
async fn a_device_is_not_told_before_the_ledger_knows() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let one = device(Settings::default());
    let roster = vec![
        devices.add("d", Faulty::around(&one, When::From(1), Fault::Delay(Duration::from_secs(1)))),
    ];
    let mut job = job(roster, devices.connector());
    job.ledger_within = Duration::from_secs(20);
    let goes_away = {
        let ledger = ledger.clone();
        async move {
            sleep(Duration::from_millis(1500)).await;
            ledger.is_away.store(true, Ordering::SeqCst);
            pending::<()>().await;
        }
    };
    let ran = run_until(job, &ledger, goes_away).await;
    assert!(matches!(ran.summary, Err(LedgerError::Unavailable(_))), "{:?}", ran.summary);
    assert_eq!(one.joins(), 0);
    // When it is to know that the device is told, and how that ended: once each.
    assert_eq!(ran.count(|event| matches!(event, BatchEvent::LedgerUnavailable { .. })), 2);
    let unrecorded = |event: &BatchEvent| {
        matches!(event, BatchEvent::Unrecorded { ended, .. }
        if ended.attempt.result == Some(Err(FailureKind::Unrecorded)))
    };
    assert_eq!(ran.count(unrecorded), 1);
    assert!(!lock_told(&ledger, "d"));
}

fn lock_told(ledger: &Memory, device: &str) -> bool {
    ledger.entries.lock().expect("no panic")[device].told
}

#[tokio::test(start_paused = true)]
async fn who_can_not_renew_a_claim_lets_the_device_go_before_another_station_may_take_it() {
    let devices = Devices::default();
    let lease = Duration::from_secs(30);
    let ledger = Memory { lease: Some(lease), ..Memory::default() };
    let slow = device(Settings { join_delay: Duration::from_secs(300), ..Settings::default() });
    let mut job = job(vec![devices.add("d", slow)], devices.connector());
    job.policy.join_timeout = Duration::from_secs(600);
    job.policy.timeout = Duration::from_secs(600);
    let began = Instant::now();
    let goes_away = {
        let ledger = ledger.clone();
        async move {
            sleep(Duration::from_secs(100)).await;
            ledger.is_away.store(true, Ordering::SeqCst);
            pending::<()>().await;
        }
    };
    let lost_at = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&lost_at);
    let watcher = move |event| {
        if matches!(event, BatchEvent::ClaimLost { .. }) {
            *noted.lock().expect("no panic") = Some(began.elapsed());
        }
    };
    let ended = batch::run(job, Box::new(ledger.clone()), Arc::new(watcher), goes_away).await;
    assert!(ended.is_err());
    // Renewed every 10 s, last before the 100th second.
    let lost_at = lost_at.lock().expect("no panic").expect("the claim is lost");
    assert!((110..=130).contains(&lost_at.as_secs()), "{lost_at:?}");
}

/// It holds as long as its lease, in which one renewal that works is enough.
#[tokio::test(start_paused = true)]
async fn renewals_that_fail_for_a_while_cost_nobody_a_claim() {
    let devices = Devices::default();
    let ledger = Memory { lease: Some(Duration::from_secs(30)), ..Memory::default() };
    ledger.renewals_fail.store(true, Ordering::SeqCst);
    let works_again = {
        let ledger = ledger.clone();
        async move {
            sleep(Duration::from_secs(20)).await;
            ledger.renewals_fail.store(false, Ordering::SeqCst);
            pending::<()>().await;
        }
    };
    let slow = device(Settings { join_delay: Duration::from_secs(40), ..Settings::default() });
    let job = job(vec![devices.add("d", slow)], devices.connector());
    let ran = run_until(job, &ledger, works_again).await;
    assert_eq!(ran.count(|event| matches!(event, BatchEvent::ClaimLost { .. })), 0);
    assert_eq!(ran.end(), (BatchEnd::Finished, 1, 0));
}

/// It may be free again long before its lease ends.
#[tokio::test(start_paused = true)]
async fn a_device_that_another_station_works_on_is_asked_for_again_in_time() {
    let devices = Devices::default();
    let roster = vec![devices.add("d", device(Settings::default()))];
    let ledger = Memory { lease: Some(Duration::from_secs(60)), ..Memory::default() };
    let stopped = job(roster.clone(), devices.connector());
    run_until(stopped, &ledger, sleep(Duration::from_millis(1))).await;
    let there = ledger.at("there", "2");
    let claims = there.claim(vec!["d".to_owned()]).await.expect("it is there");
    let [ClaimResult::Claimed(claim)] = &claims[..] else { panic!("{claims:?}") };
    let claim = claim.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(3_500)).await;
        there.release(vec![claim]).await.expect("given back");
    });
    let began = Instant::now();
    let started = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&started);
    let watcher = move |event| {
        if matches!(event, BatchEvent::DeviceStarted { .. }) {
            *noted.lock().expect("no panic") = Some(began.elapsed());
        }
    };
    let job = job(roster, devices.connector());
    let ended = batch::run(job, Box::new(ledger), Arc::new(watcher), pending()).await;
    assert_eq!(ended.expect("it ended").counts.done, 1);
    let started = started.lock().expect("no panic").expect("it was begun");
    assert_eq!(started.as_secs(), 4, "{started:?}");
}

/// They begin at different places of the roster, pass over what others have, and none waits long
/// for the others.
#[tokio::test(start_paused = true)]
async fn stations_share_a_roster_and_end_together() {
    let devices = Devices::default();
    let ids: Vec<_> = (0..200).map(|number| format!("d{number:03}")).collect();
    let roster: Vec<_> =
        ids.iter().map(|id| devices.add(id, device(Settings::default()))).collect();
    let ledger = Memory { lease: Some(Duration::from_secs(60)), ..Memory::default() };
    let station = async |name: &str| {
        let mut job = job(roster.clone(), devices.connector());
        (job.station.name, job.station.run) = (name.to_owned(), name.to_owned());
        job.concurrency.http = 4;
        run(job, &ledger.at(name, name)).await
    };
    let (a, b, c) = tokio::join!(station("a"), station("b"), station("c"));
    let ran = [a, b, c];
    let begun = ran.each_ref().map(|ran| {
        ran.events
            .iter()
            .filter_map(|event| match event {
                BatchEvent::DeviceStarted { device, .. } => Some(device.clone()),
                _ => None,
            })
            .collect::<Vec<_>>()
    });
    let mut all = begun.concat();
    all.sort();
    assert_eq!(all, ids);
    assert!(begun.iter().all(|begun| begun.len() > 40), "{begun:?}");
    let firsts: std::collections::BTreeSet<_> = begun.iter().map(|begun| &begun[0]).collect();
    assert!(firsts.len() > 1, "{firsts:?}");
    let [first, .., last] = &mut ran.map(|ran| (ran.end(), ran.took))[..] else { panic!() };
    assert_eq!(first.0, (BatchEnd::Finished, 200, 0));
    assert!(last.1.abs_diff(first.1) < Duration::from_secs(3), "{first:?} {last:?}");
}

/// The database's clock jumps, or this machine slept, which its own clock does not count.
#[tokio::test(start_paused = true)]
async fn a_device_that_another_station_has_by_now_is_let_go_of_before_it_is_told() {
    let devices = Devices::default();
    let ledger = Memory { lease: Some(Duration::from_secs(30)), ..Memory::default() };
    let one = device(Settings::default());
    let slow = Faulty::around(&one, When::From(1), Fault::Delay(Duration::from_secs(1)));
    let another = {
        let ledger = ledger.clone();
        async move {
            sleep(Duration::from_millis(1500)).await;
            ledger.clock.jump(60_000);
            let there = ledger.at("there", "2");
            let claimed = there.claim(vec!["d".to_owned()]).await.expect("it is there");
            assert!(matches!(claimed[..], [ClaimResult::Claimed(_)]), "{claimed:?}");
            sleep(Duration::from_secs(20)).await;
        }
    };
    let job = job(vec![devices.add("d", slow)], devices.connector());
    let ran = run_until(job, &ledger, another).await;
    assert_eq!((one.joins(), lock_told(&ledger, "d")), (0, false));
    assert_eq!(ran.count(|event| matches!(event, BatchEvent::ClaimLost { .. })), 1);
    assert_eq!(ran.count(|event| matches!(event, BatchEvent::DeviceEnded(_))), 0);
}

#[tokio::test(start_paused = true)]
async fn devices_are_worked_on_as_they_are_heard_and_others_are_left_alone() {
    let device = device(Settings::default());
    let stranger = OnAir { id: "24:0A:C4:99:99:99", name: Some("PROV_9999"), ..OnAir::of(&device) };
    // Whoever has no name, or is no device to provision, is nobody to tell of.
    let nameless = OnAir { id: "24:0A:C4:99:99:98", name: None, ..OnAir::of(&device) };
    let speaker = OnAir {
        id: "24:0A:C4:99:99:97",
        name: Some("Speaker"),
        service: uuid::Uuid::from_u128(0x0000_110b_0000_1000_8000_0080_5f9b_34fb),
        ..OnAir::of(&device)
    };
    let late = OnAir { heard_after: Duration::from_secs(40), ..OnAir::of(&device) };
    let on_air = || vec![stranger.clone(), nameless.clone(), speaker.clone(), late.clone()];
    // One radio listens, each connection has another.
    let scan = BleScan::with_adapter(Arc::new(Air::with(on_air()))).await.expect("it listens");
    let began = Instant::now();
    let connector: Connector = Arc::new(move |address: &Address| match address {
        Address::Ble(ble) => {
            let heard = OnAir { heard_after: Duration::ZERO, ..late.clone() };
            let air = Arc::new(Air::with(vec![heard]));
            Some(Box::new(BleConnect::with_adapter(ble.clone(), air)) as Box<dyn Connect>)
        }
        _ => None,
    });
    let mut job = job(vec![entry("mine", "ble:PROV_1234")], connector);
    let scans = vec![AdapterScan { adapter: None, scan }];
    job.watch =
        Some(Watch { access_points: None, scans, prefix: None, every: Duration::from_secs(1) });
    let ran = run(job, &Memory::default()).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 1, 0));
    assert!(began.elapsed() >= Duration::from_secs(40) && device.joins() == 1);
    let unknown = ran.events.iter().filter_map(|event| match event {
        BatchEvent::UnknownDevice { nearby } => nearby.name.clone(),
        _ => None,
    });
    assert_eq!(unknown.collect::<Vec<_>>(), ["PROV_9999"]);
    // It did not look for the device before it was there.
    assert_eq!(ran.count(|event| matches!(event, BatchEvent::DeviceStarted { .. })), 1);
}

/// The way to each device over BLE, by one radio.
fn by_radio(on_air: Vec<OnAir>) -> Connector {
    let air = Arc::new(Air::with(on_air));
    Arc::new(move |address: &Address| match address {
        Address::Ble(ble) => {
            let connect = BleConnect::with_adapter(ble.clone(), Arc::<Air>::clone(&air));
            Some(Box::new(connect.with(Care::Batch)) as Box<dyn Connect>)
        }
        _ => None,
    })
}

/// Names that begin alike, and a name that another is cut off to: with the first off and the second
/// on, whether the devices are looked for or watched for.
#[tokio::test(start_paused = true)]
async fn no_device_of_a_roster_is_taken_for_another() {
    let (long, cut) = ("LAMP_0123456789_0123456789_01234", "LAMP_0123456789_0123456789_01");
    for (off, on) in [("LAMP_12", "LAMP_1"), (long, cut)] {
        for watches in [false, true] {
            let device = device(Settings::default());
            let on_air = || vec![OnAir { name: Some(on), ..OnAir::of(&device) }];
            let roster = [off, on].map(|name| entry(name, &format!("ble:{name}")));
            let mut job = job(roster.to_vec(), by_radio(on_air()));
            job.within = Some(Duration::from_secs(120));
            if watches {
                let air = Arc::new(Air::with(on_air()));
                let scan = BleScan::with_adapter(air).await.expect("it listens");
                let scans = vec![AdapterScan { adapter: None, scan }];
                let every = Duration::from_secs(1);
                job.watch = Some(Watch { access_points: None, scans, prefix: None, every });
            }
            let ledger = Memory::default();
            let ran = run(job, &ledger).await;
            let codes = |id: &str| -> Vec<_> {
                ledger.outcomes(id).into_iter().map(|(_, code)| code).collect()
            };
            assert_eq!(codes(on), [0], "{off} {watches}");
            // Who watches waits for it.
            let expected: &[u8] = if watches { &[] } else { &[10, 10, 10] };
            assert_eq!(codes(off), expected, "{off} {watches}");
            let end = if watches { BatchEnd::OutOfTime } else { BatchEnd::Finished };
            assert_eq!(ran.summary.expect("it ended").end, end, "{off} {watches}");
            assert_eq!(device.joins(), 1, "{off} {watches}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_devices_of_one_name_are_no_device_of_a_roster() {
    let devices = [device(Settings::default()), device(Settings::default())];
    let heard_after = Duration::from_millis(1500);
    let on_air = vec![
        OnAir { id: "A1", ..OnAir::of(&devices[0]) },
        OnAir { id: "B2", heard_after, ..OnAir::of(&devices[1]) },
    ];
    let ledger = Memory::default();
    let ran = run(job(vec![entry("mine", "ble:PROV_1234")], by_radio(on_air)), &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 0, 1));
    let codes: Vec<_> = ledger.outcomes("mine").into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, [Exit::INPUT.code]);
    assert!(devices.iter().all(|device| device.joins() == 0));
}

/// One that was told to join and has left, and another of its name that comes.
#[tokio::test(start_paused = true)]
async fn a_device_is_tried_again_and_not_another_of_its_name() {
    let vanishes = Settings { fault: Some(DeviceFault::Vanish), ..Settings::default() };
    let (meant, twin) = (device(vanishes), device(Settings::default()));
    let leaves = Duration::from_secs(3);
    let on_air = vec![
        OnAir { id: "A1", heard_until: leaves, ..OnAir::of(&meant) },
        OnAir { id: "B2", heard_after: leaves, ..OnAir::of(&twin) },
    ];
    let ledger = Memory::default();
    let ran = run(job(vec![entry("mine", "ble:PROV_1234")], by_radio(on_air)), &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 0, 0));
    let last = ledger.outcomes("mine").pop().map(|(_, code)| code);
    assert_eq!(last, Some(Exit::UNCONFIRMED.code));
    assert_eq!((meant.joins(), twin.joins()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_device_that_came_to_another_station() {
    let ledger = Memory { lease: Some(Duration::from_secs(30)), ..Memory::default() };
    let scan = BleScan::with_adapter(Arc::new(Air::with(Vec::new()))).await.expect("it listens");
    let mut job = job(vec![entry("d", "ble:PROV_1234")], Devices::default().connector());
    let scans = vec![AdapterScan { adapter: None, scan }];
    job.watch =
        Some(Watch { access_points: None, scans, prefix: None, every: Duration::from_secs(1) });
    let another = {
        let ledger = ledger.clone();
        async move {
            sleep(Duration::from_secs(20)).await;
            ledger.change("d", |known| known.state = State::Done);
            pending::<()>().await;
        }
    };
    let ran = run_until(job, &ledger, another).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 1, 0));
    assert!((20..=30).contains(&ran.took.as_secs()), "{:?}", ran.took);
}

/// A link that takes 3 s to close, as BlueZ does; it sees what the ledger says by then.
struct SlowToClose {
    device: VirtualDevice,
    id: &'static str,
    ledger: Memory,
    seen: Arc<Mutex<Vec<State>>>,
}

#[async_trait]
impl Connect for SlowToClose {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        self.device.connect(within).await
    }

    async fn settle(&self) {
        self.seen.lock().expect("no panic").push(self.ledger.state(self.id));
        sleep(Duration::from_secs(3)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_is_recorded_before_the_link_is_closed_and_the_lane_is_free_after_it() {
    let (ledger, seen) = (Memory::default(), Arc::<Mutex<Vec<State>>>::default());
    let wrong = Settings { fault: Some(DeviceFault::WrongPassphrase), ..Settings::default() };
    let links = HashMap::from([
        ("ble:PROV_1".to_owned(), ("one", Settings::default())),
        ("ble:PROV_2".to_owned(), ("two", wrong)),
    ]);
    let connector: Connector = {
        let (ledger, seen) = (ledger.clone(), Arc::clone(&seen));
        Arc::new(move |address: &Address| {
            let (id, settings) = links.get(&address.to_string())?.clone();
            let (ledger, seen) = (ledger.clone(), Arc::clone(&seen));
            Some(Box::new(SlowToClose { device: device(settings), id, ledger, seen }) as _)
        })
    };
    let began = Instant::now();
    let times = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&times);
    let watcher = move |event| {
        if matches!(event, BatchEvent::DeviceStarted { .. } | BatchEvent::DeviceEnded(_)) {
            noted.lock().expect("no panic").push(began.elapsed());
        }
    };
    let roster = vec![entry("one", "ble:PROV_1"), entry("two", "ble:PROV_2")];
    let job = job(roster, connector);
    let ended = batch::run(job, Box::new(ledger.clone()), Arc::new(watcher), pending()).await;
    assert_eq!(ended.expect("it ended").counts.devices, 2);
    assert_eq!(*seen.lock().expect("no panic"), [State::Done, State::Failed]);
    let times = times.lock().expect("no panic");
    let [_, first_ended, second_began, _] = times[..] else { panic!("{times:?}") };
    assert_eq!(second_began, first_ended + Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn what_the_ledger_does_not_take_of_one_device_stops_no_other() {
    for (rejects, state) in [("\u{e9}", State::Done), ("caf", State::Running)] {
        let devices = Devices::default();
        let ledger = Memory { rejects: Some(rejects), ..Memory::default() };
        let roster = vec![
            devices.add("odd", Says(device(Settings::default()), "caf\u{e9}")),
            devices.add("good", device(Settings::default())),
        ];
        let mut job = job(roster, devices.connector());
        job.concurrency.http = 1;
        let ran = run(job, &ledger).await;
        assert_eq!((ledger.state("odd"), ledger.state("good")), (state, State::Done));
        assert_eq!(ran.end().0, BatchEnd::Finished);
        assert!(ran.took < Duration::from_secs(20), "nobody waits for what stays so");
        let unrecorded = ran.count(|event| matches!(event, BatchEvent::Unrecorded { .. }));
        assert_eq!(unrecorded, usize::from(state == State::Running));
    }
}

/// Of devices of this roster; on a real clock, as processes have no other.
#[cfg(unix)]
#[tokio::test]
async fn results_that_no_hook_got_are_handed_over_by_the_next_run_as_what_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let results = folder.path().join("results");
    let devices = Devices::default();
    let ledger = Memory { reports: true, ..Memory::default() };
    let wrong = Settings { fault: Some(DeviceFault::WrongPassphrase), ..Settings::default() };
    let polls = Step::FirstPoll.onwards();
    let mut roster = vec![
        devices.add("done", device(Settings::default())),
        devices.add("failed", device(wrong)),
        devices.add("left", faulty(Fault::CutBefore, polls)),
        devices.add("of-another-roster", device(Settings::default())),
    ];
    tokio::time::pause();
    assert_eq!(run(job(roster.clone(), devices.connector()), &ledger).await.end().1, 2);
    tokio::time::resume();
    roster.pop();
    let command = format!("cat >> {}", results.display());
    let hook = Hook { command: command.into(), within: Duration::from_secs(60) };
    let job = Job { hook: Some(hook), ..job(roster, devices.connector()) };
    let summary = run(job, &ledger).await.summary.expect("it ended");
    assert_eq!((summary.handed_over, summary.finished_now), (3, 0));
    assert_eq!((summary.hooks_due, summary.hooks_failed), (Vec::new(), Vec::new()));
    let text = std::fs::read_to_string(&results).expect("results");
    let mut lines: Vec<_> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|one| format!("{} {}", one["device"], one["state"]).replace('"', ""))
        .collect();
    lines.sort();
    assert_eq!(lines, ["done done", "failed failed", "left unconfirmed"]);
    let due = ledger.unreported().await.expect("all");
    assert_eq!(due.iter().map(|one| &*one.device).collect::<Vec<_>>(), ["of-another-roster"]);
}

/// Whoever reads the summary relies on what is written.
#[tokio::test(start_paused = true)]
async fn a_batch_whose_ledger_can_not_be_read_in_the_end_has_not_succeeded() {
    let devices = Devices::default();
    let ledger = Memory { is_damaged: true, ..Memory::default() };
    let roster = vec![devices.add("d", device(Settings::default()))];
    let ran = run(job(roster, devices.connector()), &ledger).await;
    assert!(matches!(ran.summary, Err(LedgerError::Damaged(_))), "{:?}", ran.summary);
    assert_eq!(ran.count(|event| matches!(event, BatchEvent::BatchEnded(_))), 0);
}

/// Each station hands over its own where they share a ledger, and whoever has it where not.
#[tokio::test(start_paused = true)]
async fn results_are_due_at_the_station_that_got_them() {
    let lease = Duration::from_secs(30);
    for (lease, due) in [(None, &["a", "b"][..]), (Some(lease), &["b"])] {
        let devices = Devices::default();
        let ledger = Memory { reports: true, lease, ..Memory::default() };
        let roster = ["a", "b"].map(|id| devices.add(id, device(Settings::default())));
        let there = job(vec![roster[0].clone()], devices.connector());
        run(there, &ledger.at("there", "2")).await;
        let ran = run(job(roster.to_vec(), devices.connector()), &ledger).await;
        assert_eq!(ran.end(), (BatchEnd::Finished, 2, 0));
        let summary = ran.summary.expect("it ended");
        assert_eq!(summary.finished_now, 1);
        assert_eq!(summary.hooks_due, due);
    }
}

/// Linux takes no argument of more than 128 KiB.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_hook_that_can_not_be_started_is_told_of_at_once() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let roster = vec![devices.add("a", device(Settings::default()))];
    let command = format!("true {}", "x".repeat(1 << 18));
    let hook = Hook { command: command.into(), within: Duration::from_secs(3600) };
    let job = Job { hook: Some(hook), ..job(roster, devices.connector()) };
    let ran = timeout(Duration::from_secs(1800), run(job, &ledger)).await.expect("it ends");
    assert_eq!(ran.end(), (BatchEnd::Finished, 1, 0), "{:?}", ran.events);
    let is_told = |event: &BatchEvent| matches!(event, BatchEvent::HookFailed { error, .. } if error.contains("too long"));
    assert_eq!(ran.count(is_told), 1, "{:?}", ran.events);
}

/// On a real clock: processes have no other.
#[cfg(unix)]
#[tokio::test]
async fn a_hook_ends_with_the_batch_that_is_dropped() {
    let folder = tempfile::tempdir().expect("a folder");
    let ids = folder.path().join("ids");
    let (devices, ledger) = (Devices::default(), Memory::default());
    let roster = vec![devices.add("a", device(Settings::default()))];
    let command = format!("trap '' TERM; sleep 7777 & echo $$ $! > {}; wait", ids.display());
    let hook = Hook { command: command.into(), within: Duration::from_secs(3600) };
    let job = Job { hook: Some(hook), ..job(roster, devices.connector()) };
    let read = || std::fs::read_to_string(&ids).ok().filter(|text| text.ends_with('\n'));
    let text = tokio::select! {
        _ = run(job, &ledger) => panic!("its hook takes an hour"),
        text = async {
            loop {
                match read() {
                    Some(text) => break text,
                    None => sleep(Duration::from_millis(5)).await,
                }
            }
        } => text,
    };
    for id in text.split_whitespace() {
        assert!(kit::process::goes(id.parse().expect("an id")), "{id} is there");
    }
}
