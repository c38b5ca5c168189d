//! The way from a station to a device, on which things go wrong.

use std::{
    future::pending,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{Connect, Endpoint, Transport, TransportError, transport::EndpointList};
use esp_prov_simulate::VirtualDevice;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use super::{
    scenario::{Device, Fault, Kind},
    watch::Watch,
};

/// A process, which is killed at a step.
#[derive(Default)]
pub(super) struct Life {
    /// Which process of which station.
    pub(super) run: String,
    steps: AtomicUsize,
    dies_at: Option<usize>,
    is_dead: AtomicBool,
    death: Notify,
}

impl Life {
    pub(super) fn new(run: String, dies_at: Option<usize>) -> Arc<Self> {
        Arc::new(Self { run, dies_at, ..Self::default() })
    }

    /// Something goes out or comes in. One that is dead never sees it.
    pub(super) async fn step(&self) {
        let step = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
        if Some(step) == self.dies_at {
            self.is_dead.store(true, Ordering::Relaxed);
            self.death.notify_one();
        }
        if self.is_dead.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    }

    /// Returns when it dies.
    pub(super) async fn dies(&self) {
        self.death.notified().await;
    }

    pub(super) fn end(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
    }
}

/// A device with all that goes wrong with it.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) device: VirtualDevice,
    pub(super) drawn: Device,
    pub(super) watch: Arc<Watch>,
    /// Nothing goes wrong any more.
    pub(super) is_quiet: AtomicBool,
    exchanges: AtomicUsize,
    away_until: Mutex<Option<Instant>>,
}

impl Place {
    pub(super) fn new(
        name: String,
        device: VirtualDevice,
        drawn: Device,
        watch: Arc<Watch>,
    ) -> Self {
        Self {
            name,
            device,
            drawn,
            watch,
            is_quiet: AtomicBool::default(),
            exchanges: AtomicUsize::default(),
            away_until: Mutex::default(),
        }
    }

    /// What goes wrong with the next exchange.
    fn fault(&self) -> Option<Fault> {
        let number = self.exchanges.fetch_add(1, Ordering::Relaxed) + 1;
        if self.is_quiet.load(Ordering::Relaxed) {
            return None;
        }
        let its = self.drawn.faults.iter().find(|(at, _)| *at == number);
        let fault = its.map(|(_, fault)| *fault);
        if let Some(fault) = fault {
            self.watch.note(format_args!("{}: exchange {number}: {fault:?}", self.name));
        }
        if let Some(Fault::Away(time)) = fault {
            let until = Instant::now() + Duration::from_millis(time);
            *self.away_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        }
        fault
    }

    fn is_away(&self) -> bool {
        let until = *self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        let is_quiet = self.is_quiet.load(Ordering::Relaxed);
        self.drawn.kind == Kind::Dead
            || (!is_quiet && until.is_some_and(|until| Instant::now() < until))
    }
}

/// From one process to one device.
pub(super) struct Way {
    pub(super) place: Arc<Place>,
    pub(super) life: Arc<Life>,
}

#[async_trait]
impl Connect for Way {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        self.life.step().await;
        let Place { name, device, drawn, watch, .. } = &*self.place;
        sleep(Duration::from_millis(drawn.latency)).await;
        if self.place.is_away() {
            return Err(TransportError::Connect("nothing answers".into()));
        }
        watch.reaches(name, &self.life.run);
        let inner = device.connect(within).await?;
        self.life.step().await;
        Ok(Box::new(Link { place: Arc::clone(&self.place), life: Arc::clone(&self.life), inner }))
    }
}

struct Link {
    place: Arc<Place>,
    life: Arc<Life>,
    inner: Box<dyn Transport>,
}

#[async_trait]
impl Transport for Link {
    async fn list_endpoints(&mut self, names: &[Endpoint]) -> Result<EndpointList, TransportError> {
        self.inner.list_endpoints(names).await
    }

    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        let Place { name, device, drawn, watch, .. } = &*self.place;
        self.life.step().await;
        sleep(Duration::from_millis(drawn.latency)).await;
        let lost = || TransportError::Lost("cut".into());
        let fault = self.place.fault();
        if self.place.is_away() {
            return Err(lost());
        }
        match fault {
            Some(Fault::LoseRequest) => pending().await,
            Some(Fault::CutBefore) => return Err(lost()),
            Some(Fault::NoReply) => return Err(TransportError::NoReply),
            // One that has told that it is connected is gone.
            Some(Fault::Restart) if device.joins() == 0 => device.restart(),
            _ => {}
        }
        watch.reaches(name, &self.life.run);
        let joins = device.joins();
        let mut answer = self.inner.exchange(endpoint, body).await;
        watch.heard(name, joins);
        if drawn.is_secured {
            let reply = answer.as_deref().map(hex::encode).unwrap_or_default();
            watch.note(format_args!("{name}: {endpoint} {} {reply}", hex::encode(body)));
        }
        if fault == Some(Fault::Duplicate) {
            let joins = device.joins();
            drop(self.inner.exchange(endpoint, body).await);
            watch.heard(name, joins);
        }
        sleep(Duration::from_millis(drawn.latency)).await;
        match fault {
            Some(Fault::LoseReply) => pending().await,
            Some(Fault::CutAfter) => return Err(lost()),
            Some(Fault::NoReplyAfter) => return Err(TransportError::NoReply),
            Some(Fault::Delay(time)) => sleep(Duration::from_millis(time)).await,
            Some(Fault::Truncated) => {
                if let Ok(reply) = &mut answer {
                    reply.pop();
                }
            }
            _ => {}
        }
        self.life.step().await;
        answer
    }

    async fn disconnect(&mut self) {
        self.inner.disconnect().await;
    }
}
