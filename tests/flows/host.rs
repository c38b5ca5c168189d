//! A batch on a machine whose Bluetooth goes away and comes back, on a paused clock.

use std::{
    future::{Future, pending},
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use esp_prov::{
    BleConnect, Connect, Event, FailureKind, Policy, RadioError, address::Address,
    transport::ble::BleScan,
};
use esp_prov_batch::{
    self as batch, AdapterScan, BatchEnd, BatchEvent, Concurrency, Connector, Job, Station,
    Summary, Watch, ledger::State,
};
use esp_prov_simulate::{Settings, VirtualDevice};
use kit::{Air, Host, Memory, Station as OnAir, entry};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

fn off() -> RadioError {
    RadioError::Off
}

fn ended() -> RadioError {
    RadioError::NoService("it ended".into())
}

/// Devices in reach of one machine.
#[derive(Clone)]
struct Hall {
    host: Host,
    on_air: Vec<OnAir>,
}

impl Hall {
    /// With devices of these names.
    fn of(names: &[&'static str]) -> Self {
        let device = |name: &&'static str| {
            let device = VirtualDevice::new(Settings::default());
            OnAir { id: name, name: Some(name), ..OnAir::of(&device) }
        };
        Self { host: Host::default(), on_air: names.iter().map(device).collect() }
    }

    fn device(&mut self, name: &str) -> &mut OnAir {
        self.on_air.iter_mut().find(|one| one.id == name).expect("it is one of them")
    }

    fn joins(&self) -> Vec<u32> {
        self.on_air.iter().map(|one| one.device.joins()).collect()
    }

    /// Over BLE with a radio for each way; anything else leads to a device of its own.
    fn connector(&self) -> Connector {
        let mut hall = self.clone();
        // Each radio has a beginning of its own.
        hall.on_air.iter_mut().for_each(|one| one.heard_after = Duration::ZERO);
        Arc::new(move |address: &Address| match address {
            Address::Ble(ble) => {
                let air = Arc::new(Air::on(&hall.host, hall.on_air.clone()));
                Some(Box::new(BleConnect::with_adapter(ble.clone(), air)) as Box<dyn Connect>)
            }
            _ => Some(Box::new(VirtualDevice::new(Settings::default()))),
        })
    }

    fn job(&self) -> Job {
        Job {
            roster: self
                .on_air
                .iter()
                .map(|one| entry(one.id, &format!("ble:{}", one.id)))
                .collect(),
            station: Station {
                name: "here".into(),
                run: "1".into(),
                lease: 30 * SECOND,
                reports: false,
            },
            connect: self.connector(),
            policy: Policy::default(),
            version: None,
            reset_first: false,
            undo: false,
            concurrency: Concurrency::default(),
            // Whatever is counted fails.
            retries: 0,
            retry_pause: SECOND,
            stop_after: 1,
            within: None,
            drain_within: Duration::ZERO,
            ledger_within: 60 * SECOND,
            adapter_within: 60 * SECOND,
            hook: None,
            watch: None,
            arrivals: None,
            keys: None,
            verify: None,
        }
    }

    async fn watched(&self, every: Duration) -> Watch {
        let air = Arc::new(Air::on(&self.host, self.on_air.clone()));
        let scan = BleScan::with_adapter_once_there(air).await.expect("it will listen");
        let scans = vec![AdapterScan { adapter: None, scan }];
        Watch { access_points: None, scans, prefix: None, every }
    }
}

/// What a batch came to, and all that it told.
struct Ran {
    summary: Summary,
    events: Vec<(Duration, BatchEvent)>,
    took: Duration,
}

impl Ran {
    fn end(&self) -> (BatchEnd, usize, usize) {
        (self.summary.end, self.summary.counts.done, self.summary.counts.failed)
    }

    /// Whether the adapter is there, each time that was told.
    fn adapter(&self) -> Vec<bool> {
        let told = self.events.iter().filter_map(|(_, event)| match event {
            BatchEvent::AdapterUnavailable { adapter: None, .. } => Some(false),
            BatchEvent::AdapterAvailable { adapter: None } => Some(true),
            _ => None,
        });
        told.collect()
    }

    fn done_at(&self, device: &str) -> Duration {
        let is_it = |(_, event): &&(Duration, BatchEvent)| {
            matches!(event, BatchEvent::DeviceEnded(ended)
                if ended.attempt.device == device && ended.state == State::Done)
        };
        self.events.iter().find(is_it).unwrap_or_else(|| panic!("{device}: {:#?}", self.events)).0
    }
}

async fn run(job: Job, ledger: &Memory) -> Ran {
    run_until(job, ledger, pending()).await
}

async fn run_until(job: Job, ledger: &Memory, stop: impl Future<Output = ()>) -> Ran {
    let events = Arc::new(Mutex::new(Vec::new()));
    let began = Instant::now();
    let told = Arc::clone(&events);
    let watcher = move |event| told.lock().expect("no panic").push((began.elapsed(), event));
    let summary = batch::run(job, Box::new(ledger.clone()), Arc::new(watcher), stop).await;
    let events = std::mem::take(&mut *events.lock().expect("no panic"));
    Ran { summary: summary.expect("the ledger works"), events, took: began.elapsed() }
}

#[tokio::test(start_paused = true)]
async fn devices_wait_for_an_adapter_at_no_cost_and_the_others_go_on() {
    for error in [off(), RadioError::DiscoveryUnavailable, RadioError::NoAdapter, ended()] {
        // Before the first, while one is looked for, and in the middle of sessions.
        for after in [0, 100, 2100, 2300, 3000, 3300, 4000] {
            for ble in [1, 3] {
                let hall = Hall::of(&["a", "b", "c", "d", "e"]);
                let ledger = Memory::default();
                let after = Duration::from_millis(after);
                if after.is_zero() {
                    hall.host.goes_for(2 * SECOND, error.clone());
                } else {
                    hall.host.will_go_for(after, 2 * SECOND, error.clone());
                }
                let mut job = hall.job();
                job.concurrency.ble = ble;
                job.roster.push(entry("wifi", "http://wifi"));
                let ran = run(job, &ledger).await;
                let what = format!("{error:?} after {after:?}, {ble} at once");
                assert_eq!(ran.end(), (BatchEnd::Finished, 6, 0), "{what}: {:#?}", ran.events);
                assert_eq!(hall.joins(), [1; 5], "{what}");
                assert_eq!(ran.adapter(), [false, true], "{what}");
                assert!(ran.done_at("wifi") < 3 * SECOND, "{what}");
                assert!(ran.took < 40 * SECOND, "{what}: {:?}", ran.took);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_whose_bluetooth_stays_away_ends_the_batch_and_leaves_the_devices_to_the_next() {
    let hall = Hall::of(&["a", "b"]);
    let ledger = Memory::default();
    hall.host.will_go_for(SECOND, 3600 * SECOND, off());
    let mut job = hall.job();
    job.adapter_within = 20 * SECOND;
    job.roster.push(entry("wifi", "http://wifi"));
    let ran = run(job, &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::AdapterUnavailable, 1, 0));
    assert_eq!((ledger.state("a"), ledger.state("b")), (State::Waiting, State::Waiting));
    assert!((20..25).contains(&ran.took.as_secs()), "{:?}", ran.took);

    // Its own limit, and somebody who stops it, hold meanwhile.
    let within = Some(5 * SECOND);
    let ran = run(Job { within, ..hall.job() }, &ledger).await;
    assert_eq!((ran.end().0, ran.took.as_secs()), (BatchEnd::OutOfTime, 5));
    let ran = run_until(hall.job(), &ledger, sleep(4 * SECOND)).await;
    assert_eq!((ran.end().0, ran.took.as_secs()), (BatchEnd::Interrupted, 4));

    hall.host.comes_back();
    let ran = run(hall.job(), &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 2, 0));
    assert_eq!(hall.joins(), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_crashes_bluetooth_takes_no_other_along() {
    for ble in [1, 2, 5] {
        for retries in [0, 2] {
            let mut hall = Hall::of(&["a", "b", "hostile", "c", "d"]);
            hall.device("hostile").host_fault = Some((0, ended(), SECOND));
            let ledger = Memory::default();
            let concurrency = Concurrency { ble, ..Concurrency::default() };
            let job = Job { concurrency, retries, stop_after: 0, ..hall.job() };
            let ran = run(job, &ledger).await;
            let what = format!("{ble} at once, {retries} retries");
            assert_eq!(ran.end(), (BatchEnd::Finished, 4, 1), "{what}: {:#?}", ran.events);
            assert_eq!(hall.joins(), [1, 1, 0, 1, 1], "{what}");
            assert_eq!(ledger.state("hostile"), State::Failed);
            let last = ran.events.iter().rev().find_map(|(_, event)| match event {
                BatchEvent::DeviceEnded(ended) if ended.state == State::Failed => {
                    Some(ended.attempt.clone())
                }
                _ => None,
            });
            let last = last.expect("it failed");
            assert_eq!(last.result, Some(Err(FailureKind::NoConnection)), "{what}");
            let error = last.error.expect("a reason");
            let times = u32::max(retries, 1) + 1;
            let words = format!(
                "this happened {times} times while the batch worked on no other device: perhaps \
                 this device crashes Bluetooth"
            );
            assert!(error.ends_with(&words), "{what}: {error}");
            // With others beside it, its first death may be the doing of any of them.
            assert_eq!(hall.host.absences(), times as usize + usize::from(ble > 1), "{what}");
            // One that is suspected is worked on alone, so that no other suffers twice.
            let beside = if ble == 5 { 2 } else { 1 };
            assert_eq!(ledger.outcomes("d").len(), beside, "{what}");
        }
    }
}

/// However often, and even after a crash that may have been its doing.
#[tokio::test(start_paused = true)]
async fn that_an_adapter_is_switched_off_is_no_devices_doing() {
    let hall = Hall::of(&["a"]);
    let host = hall.host.clone();
    let watcher = move |event| match event {
        BatchEvent::DeviceStarted { attempt: 1, .. } => host.goes_for(SECOND, ended()),
        BatchEvent::DeviceStarted { attempt: 2 | 3, .. } => host.goes_for(SECOND, off()),
        _ => {}
    };
    let mut job = hall.job();
    job.concurrency.ble = 1;
    let ended = batch::run(job, Box::new(Memory::default()), Arc::new(watcher), pending()).await;
    let summary = ended.expect("the ledger works");
    assert_eq!((summary.end, summary.counts.done), (BatchEnd::Finished, 1));
    assert_eq!(hall.host.absences(), 3);
}

#[tokio::test(start_paused = true)]
async fn which_adapter_is_away_is_told_by_its_name() {
    let hall = Hall::of(&["a"]);
    hall.host.goes(off());
    let mut job = hall.job();
    job.adapter_within = SECOND;
    let Address::Ble(ble) = &mut job.roster[0].address else { panic!("it is one over BLE") };
    ble.adapter = Some("hci1".to_owned());
    let ran = run(job, &Memory::default()).await;
    let told = ran.events.iter().filter_map(|(_, event)| match event {
        BatchEvent::AdapterUnavailable { adapter, .. } => adapter.as_deref(),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), ["hci1"]);
}

/// Patience with an adapter ends no work that needs none.
#[tokio::test(start_paused = true)]
async fn a_device_that_is_worked_on_comes_to_its_end_while_an_adapter_stays_away() {
    let hall = Hall::of(&["a"]);
    hall.host.goes(off());
    let mut job = hall.job();
    job.adapter_within = 20 * SECOND;
    job.roster.push(entry("wifi", "http://wifi"));
    let slow = VirtualDevice::new(Settings { join_delay: 50 * SECOND, ..Settings::default() });
    let over_ble = Arc::clone(&job.connect);
    job.connect = Arc::new(move |address: &Address| match address {
        Address::Ble(_) => over_ble(address),
        _ => Some(Box::new(slow.clone())),
    });
    let ran = run(job, &Memory::default()).await;
    assert_eq!(ran.end(), (BatchEnd::AdapterUnavailable, 1, 0), "{:#?}", ran.events);
}

#[tokio::test(start_paused = true)]
async fn what_is_watched_for_is_heard_after_the_adapter_was_away() {
    for error in [off(), RadioError::DiscoveryUnavailable, RadioError::NoAdapter, ended()] {
        // From the beginning, while nothing is there yet, and for a single look.
        for (after, time) in [(0, 5000), (10_000, 5000), (9500, 800)] {
            let mut hall = Hall::of(&["late"]);
            hall.device("late").heard_after = 30 * SECOND;
            let ledger = Memory::default();
            let (after, time) = (Duration::from_millis(after), Duration::from_millis(time));
            if after.is_zero() {
                hall.host.goes_for(time, error.clone());
            } else {
                hall.host.will_go_for(after, time, error.clone());
            }
            let watch = Some(hall.watched(SECOND).await);
            let ran = run(Job { watch, ..hall.job() }, &ledger).await;
            assert_eq!(ran.end(), (BatchEnd::Finished, 1, 0), "{error:?}: {:#?}", ran.events);
            assert_eq!(ran.adapter(), [false, true], "{error:?}: {:#?}", ran.events);
            let failed = ran
                .events
                .iter()
                .any(|(_, event)| matches!(event, BatchEvent::ListenFailed { .. }));
            assert!(!failed, "{:#?}", ran.events);
        }
    }
}

/// As when the system's bus is busy: no absence, but it may listen no more.
#[tokio::test(start_paused = true)]
async fn what_is_watched_for_is_heard_after_listening_failed_which_is_told_once() {
    let mut hall = Hall::of(&["late"]);
    hall.device("late").heard_after = 60 * SECOND;
    hall.host.will_go_for(10 * SECOND, 5 * SECOND, RadioError::Other("busy".into()));
    let host = hall.host.clone();
    tokio::spawn(async move {
        sleep(30 * SECOND).await;
        host.goes_for(5 * SECOND, RadioError::Other("busy again".into()));
        sleep(3 * SECOND).await;
        // It is away after all, which a batch that listens in vain has to know, too.
        host.goes_for(5 * SECOND, off());
    });
    let within = Some(300 * SECOND);
    let watch = Some(hall.watched(SECOND).await);
    let ran = run(Job { watch, within, ..hall.job() }, &Memory::default()).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 1, 0), "{:#?}", ran.events);
    let failed = ran.events.iter().filter_map(|(_, event)| match event {
        BatchEvent::ListenFailed { .. } => Some(serde_json::to_value(event).expect("JSON")),
        _ => None,
    });
    // By the name that single runs have for it.
    let expected = ["busy", "busy again"]
        .map(|error| serde_json::json!({ "event": "listen-failed", "error": error }));
    assert_eq!(failed.collect::<Vec<_>>(), expected, "{:#?}", ran.events);
    assert_eq!(ran.adapter(), [false, true], "{:#?}", ran.events);
}

// Elsewhere a port is no file.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn devices_on_serial_ports_are_worked_on_once_their_ports_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let ports = ["there", "late"].map(|name| folder.path().join(name));
    let plug = |port: &Path| std::fs::write(port, "").expect("written");
    plug(&ports[0]);
    let roster = ["there", "late"].iter().zip(&ports);
    let roster = roster.map(|(id, port)| entry(id, &format!("console:{}", port.display())));
    let watch = Some(Watch { access_points: None, scans: Vec::new(), prefix: None, every: SECOND });
    let within = Some(60 * SECOND);
    let job = Job { roster: roster.collect(), watch, within, ..Hall::of(&[]).job() };
    let (late, began) = (ports[1].clone(), Instant::now());
    let ledger = Memory::default();
    let (ran, ()) = tokio::join!(run(job, &ledger), async {
        sleep(10 * SECOND).await;
        plug(&late);
    });
    assert_eq!(ran.end(), (BatchEnd::Finished, 2, 0), "{:#?}", ran.events);
    assert!(ran.done_at("there") < 10 * SECOND && ran.done_at("late") > 10 * SECOND);
    assert!(began.elapsed() < 20 * SECOND, "{:#?}", ran.events);
}

#[tokio::test(start_paused = true)]
async fn a_watch_on_a_machine_whose_bluetooth_stays_away_ends() {
    let hall = Hall::of(&["late"]);
    hall.host.will_go_for(10 * SECOND, 3600 * SECOND, ended());
    let mut hall_later = hall.clone();
    hall_later.device("late").heard_after = 3600 * SECOND;
    let watch = Some(hall_later.watched(SECOND).await);
    let ran = run(Job { watch, ..hall_later.job() }, &Memory::default()).await;
    assert_eq!(ran.end(), (BatchEnd::AdapterUnavailable, 0, 0));
    assert!((70..73).contains(&ran.took.as_secs()), "{:?}", ran.took);
}

/// Two lines that lead to one device: it is that of the address, else of the first.
#[tokio::test(start_paused = true)]
async fn a_device_is_provisioned_for_one_line_alone() {
    const ADDRESS: &str = "24:0A:C4:11:22:33";
    for (lines, has_it) in [
        ([("first", "ble:PROV_1"), ("second", "ble:24:0a:c4:11:22:33")], "second"),
        ([("first", "ble:24:0a:c4:11:22:33"), ("second", "ble:PROV_1")], "first"),
        ([("first", "ble:PROV_1"), ("second", "ble:PROV_*")], "first"),
    ] {
        for ble in [1, 2] {
            let mut hall = Hall::of(&["PROV_1"]);
            hall.on_air[0].id = ADDRESS;
            let device = hall.on_air[0].device.clone();
            // It may be provisioned again as soon as it has left.
            tokio::spawn(async move {
                while device.joins() == 0 {
                    sleep(SECOND).await;
                }
                sleep(2 * SECOND).await;
                device.restart();
            });
            let ledger = Memory::default();
            let roster = lines.iter().map(|(id, address)| entry(id, address)).collect();
            let concurrency = Concurrency { ble, ..Concurrency::default() };
            let job = Job { roster, concurrency, retries: 2, stop_after: 0, ..hall.job() };
            let ran = run(job, &ledger).await;
            let what = format!("{lines:?}, {ble} at once: {:#?}", ran.events);
            assert_eq!(ran.end(), (BatchEnd::Finished, 1, 1), "{what}");
            assert_eq!(ledger.state(has_it), State::Done, "{what}");
            let was_told = |(_, event): &&(Duration, BatchEvent)| {
                matches!(event, BatchEvent::DeviceEvent { happened: Event::ConfigSent { .. }, .. })
            };
            assert_eq!(ran.events.iter().filter(was_told).count(), 1, "{what}");
            let failed = ran.events.iter().find_map(|(_, event)| match event {
                BatchEvent::DeviceEnded(ended) if ended.state == State::Failed => {
                    Some(ended.attempt.clone())
                }
                _ => None,
            });
            let failed = failed.expect("one is refused");
            assert_eq!(failed.result, Some(Err(FailureKind::InvalidInput)), "{what}");
            let words = format!("the address leads to {ADDRESS}, which is the device of {has_it}");
            assert_eq!(failed.error, Some(words), "{what}");
        }
    }
}
