//! Devices that arrive while a batch runs, as at a station where each is scanned.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    future::pending,
};

use tokio::sync::mpsc;

use super::{
    BatchEvent, Entry,
    ledger::{Enrolment, LedgerError, Requeue, State},
    run::Shared,
};

/// The most devices that have arrived and are not settled. Further ones wait in [`Arrivals`].
const PRESENT: usize = 256;

/// The source of devices that arrive. A batch ends once its sender is dropped.
pub type Arrivals = mpsc::Receiver<Arrival>;

/// A device that arrives. It becomes part of the roster.
#[derive(Debug)]
pub struct Arrival {
    /// The device.
    pub entry: Entry,
    /// Whether to provision it again if it is done. One that failed or is unconfirmed gets another
    /// chance in any case.
    pub again: bool,
}

/// Takes in devices as they arrive.
#[derive(Default)]
pub(super) struct Gate {
    arrivals: Option<Arrivals>,
    /// The devices that have arrived and are not settled.
    present: HashSet<String>,
    /// Those that have arrived again after their end was told, while their links are being closed.
    early: HashMap<String, Arrival>,
    /// Those of them whose links are closed.
    ready: VecDeque<Arrival>,
    /// All devices that have arrived, in this order.
    all: Vec<String>,
}

impl Gate {
    pub(super) fn new(arrivals: Option<Arrivals>) -> Self {
        Self { arrivals, ..Self::default() }
    }

    /// Whether devices may still arrive.
    pub(super) fn is_open(&self) -> bool {
        self.arrivals.is_some() || !self.ready.is_empty()
    }

    /// The next device. Never returns while there is no room for another, or once no more can
    /// arrive. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Arrival> {
        if let Some(arrival) = self.ready.pop_front() {
            return Some(arrival);
        }
        match &mut self.arrivals {
            Some(arrivals) if self.present.len() < PRESENT => {
                let next = arrivals.recv().await;
                if next.is_none() {
                    self.arrivals = None;
                }
                next
            }
            _ => pending().await,
        }
    }

    /// Adds a device to the roster and the ledger. Returns its id if it is to be worked on.
    pub(super) async fn take_in(
        &mut self,
        arrival: Arrival,
        shared: &Shared,
    ) -> Result<Option<String>, LedgerError> {
        let Arrival { entry, again } = arrival;
        let device = entry.id.clone();
        let tell = |state, outcome, is_accepted| {
            let device = device.clone();
            let told = BatchEvent::DeviceArrived { device, state, outcome, is_accepted };
            shared.watcher.notify(told);
        };
        if self.present.contains(&device) {
            if shared.has_ended(&device) {
                self.early.insert(device, Arrival { entry, again });
                return Ok(None);
            }
            tell(State::Running, None, false);
            return Ok(None);
        }
        let enrolment = Enrolment::of(&entry);
        let enrolled = shared.ledger.enrol(vec![enrolment.clone()]).await?;
        let (state, outcome) =
            enrolled.first().map_or((State::Waiting, None), |one| (one.state, one.outcome));
        if shared.add(entry) {
            self.all.push(device.clone());
        }
        let is_accepted = again || state != State::Done;
        tell(state, outcome, is_accepted);
        if !is_accepted {
            return Ok(None);
        }
        if state.is_settled() {
            let which = Requeue {
                states: vec![state],
                failures: None,
                devices: vec![device.clone()],
                by: format!("station {}", shared.job.station.name),
                reason: Some("it arrived again".to_owned()),
            };
            shared.ledger.requeue(which).await?;
            // The address and the network of a settled device were kept.
            shared.ledger.enrol(vec![enrolment]).await?;
        }
        self.present.insert(device.clone());
        Ok(Some(device))
    }

    /// Takes note that a device is settled, or left to others. Returns whether it had arrived.
    pub(super) fn leaves(&mut self, device: &str) -> bool {
        self.ready.extend(self.early.remove(device));
        self.present.remove(device)
    }

    /// All devices that have arrived, in this order.
    pub(super) fn all(&self) -> &[String] {
        &self.all
    }
}
