//! Devices that arrive while a batch runs.

use std::{future::pending, sync::Arc, time::Duration};

use async_trait::async_trait;
use esp_prov::{
    address::Address,
    transport::{Connect, Transport, TransportError},
};
use esp_prov_batch::{Arrival, BatchEnd, BatchEvent, Connector, Entry, Job, ledger::State};
use esp_prov_simulate::{Fault, Settings, VirtualDevice};
use kit::Memory;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use crate::line::{Devices, Ran, job, run, run_watched};

fn settings(fault: Option<Fault>) -> Settings {
    Settings { fault, ..Settings::default() }
}

/// Runs while these arrive, each so many seconds after the one before it.
async fn run_with(
    arriving: Vec<(u64, Entry, bool)>,
    devices: &Devices,
    roster: Vec<Entry>,
    ledger: &Memory,
) -> Ran {
    let (arrive, arrivals) = mpsc::channel(1);
    let job = Job { arrivals: Some(arrivals), ..job(roster, devices.connector()) };
    let scan = async move {
        for (after, entry, again) in arriving {
            sleep(Duration::from_secs(after)).await;
            arrive.send(Arrival { entry, again }).await.expect("somebody takes it");
        }
    };
    tokio::join!(run(job, ledger), scan).0
}

/// Each arrival: the device, its state, and whether it was taken.
fn arrived(ran: &Ran) -> Vec<(&str, State, bool)> {
    let told = ran.events.iter().filter_map(|event| match event {
        BatchEvent::DeviceArrived { device, state, is_accepted, .. } => {
            Some((device.as_str(), *state, *is_accepted))
        }
        _ => None,
    });
    told.collect()
}

#[tokio::test(start_paused = true)]
async fn each_is_worked_on_when_it_arrives_and_the_batch_ends_after_the_last() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let on_roster = devices.add("roster", VirtualDevice::new(settings(None)));
    let [first, second] =
        ["first", "second"].map(|id| devices.add(id, VirtualDevice::new(settings(None))));
    let arriving = vec![(60, first.clone(), false), (0, first, false), (3600, second, false)];
    let began = Instant::now();
    let ran = run_with(arriving, &devices, vec![on_roster], &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 3, 0));
    assert!(began.elapsed() < Duration::from_secs(3700), "{:?}", began.elapsed());
    assert_eq!(
        arrived(&ran),
        [
            ("first", State::Waiting, true),
            // It was scanned twice.
            ("first", State::Running, false),
            ("second", State::Waiting, true),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_done_is_done_again_only_on_demand_and_another_in_any_case() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let well = devices.add("well", VirtualDevice::new(settings(None)));
    let wrong = settings(Some(Fault::WrongPassphrase));
    let ill = devices.add("ill", VirtualDevice::new(wrong));
    let arriving = vec![(0, well.clone(), false), (0, ill.clone(), false)];
    assert_eq!(run_with(arriving, &devices, vec![], &ledger).await.end().1, 1);

    // Mended by now, and at another address.
    let mended =
        Entry { address: devices.add("mended", VirtualDevice::new(settings(None))).address, ..ill };
    let again = Entry {
        address: devices.add("again", VirtualDevice::new(settings(None))).address,
        ..well.clone()
    };
    let arriving = vec![(0, well, false), (60, mended, false), (60, again, true)];
    let ran = run_with(arriving, &devices, vec![], &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 2, 0));
    assert_eq!(
        arrived(&ran),
        [("well", State::Done, false), ("ill", State::Failed, true), ("well", State::Done, true),]
    );
    assert_eq!(ran.summary.expect("it ended").finished_now, 2);
}

/// Whose link takes a while to close.
struct Slow(Box<dyn Connect>);

#[async_trait]
impl Connect for Slow {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        self.0.connect(within).await
    }

    async fn settle(&self) {
        sleep(Duration::from_secs(2)).await;
    }
}

/// As by somebody who corrects a label, and scans it as soon as the screen says that it was wrong.
#[tokio::test(start_paused = true)]
async fn one_that_arrives_again_while_its_link_closes_is_not_turned_away() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let connector = devices.connector();
    let connect: Connector = Arc::new(move |address: &Address| {
        connector(address).map(|connect| Box::new(Slow(connect)) as Box<dyn Connect>)
    });
    let entry = devices.add("ill", VirtualDevice::new(settings(Some(Fault::WrongPassphrase))));
    let (arrive, arrivals) = mpsc::channel(1);
    let job = Job { arrivals: Some(arrivals), ..job(vec![], connect) };
    let (tell, mut ended) = mpsc::unbounded_channel();
    let watch = move |event: &BatchEvent| {
        if matches!(event, BatchEvent::DeviceEnded(_)) {
            // Nobody hears of the second.
            let _ = tell.send(());
        }
    };
    let scan = async move {
        let arrival = || Arrival { entry: entry.clone(), again: false };
        arrive.send(arrival()).await.expect("somebody takes it");
        ended.recv().await.expect("it ends");
        arrive.send(arrival()).await.expect("somebody takes it");
    };
    let ran = tokio::join!(run_watched(job, &ledger, pending(), watch), scan).0;
    assert_eq!(arrived(&ran), [("ill", State::Waiting, true), ("ill", State::Failed, true)]);
    assert_eq!(ran.summary.expect("it ended").finished_now, 2);
}

/// Whoever floods it waits.
#[tokio::test(start_paused = true)]
async fn no_more_arrive_than_there_is_room_for() {
    let (devices, ledger) = (Devices::default(), Memory::default());
    let all = (0..600).map(|n| devices.add(&format!("d{n}"), VirtualDevice::new(settings(None))));
    let arriving = all.map(|entry| (0, entry, false)).collect();
    let ran = run_with(arriving, &devices, vec![], &ledger).await;
    assert_eq!(ran.end(), (BatchEnd::Finished, 600, 0));
    let (mut present, mut most) = (0_usize, 0);
    for event in &ran.events {
        match event {
            BatchEvent::DeviceArrived { .. } => present += 1,
            BatchEvent::DeviceEnded(_) => present -= 1,
            _ => {}
        }
        most = most.max(present);
    }
    assert!((200..=257).contains(&most), "{most}");
}
