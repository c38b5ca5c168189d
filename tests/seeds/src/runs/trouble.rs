//! A way to a device on which things go wrong, and which sees that no session outlives a loss.

use std::{
    future::pending,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{Connect, Endpoint, Scheme, Transport, TransportError, transport::EndpointList};
use esp_prov_simulate::VirtualDevice;
use tokio::time::{Instant, sleep};

use super::{scenario::Fault, watch::Watch};

/// What goes wrong with a device, whatever way leads to it. Clones are the same.
#[derive(Clone)]
pub(super) struct Trouble(Arc<Shared>);

struct Shared {
    device: VirtualDevice,
    scheme: Scheme,
    watch: Arc<Watch>,
    faults: Vec<(usize, Fault)>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    exchanges: usize,
    has_left: bool,
    away_until: Option<Instant>,
}

impl Trouble {
    pub(super) fn new(
        device: &VirtualDevice,
        watch: &Arc<Watch>,
        faults: &[(usize, Fault)],
    ) -> Self {
        Self(Arc::new(Shared {
            device: device.clone(),
            scheme: device.settings().scheme,
            watch: Arc::clone(watch),
            faults: faults.to_vec(),
            state: Mutex::default(),
        }))
    }

    pub(super) fn device(&self) -> &VirtualDevice {
        &self.0.device
    }

    /// What goes wrong with the next exchange.
    pub(super) fn next(&self) -> Option<Fault> {
        let mut state = self.state();
        state.exchanges += 1;
        let number = state.exchanges;
        let fault = self.0.faults.iter().find(|(at, _)| *at == number).map(|(_, fault)| *fault);
        match fault {
            Some(Fault::Leave) => state.has_left = true,
            Some(Fault::Away(time)) => {
                state.away_until = Some(Instant::now() + Duration::from_millis(time));
            }
            _ => {}
        }
        drop(state);
        if let Some(fault) = fault {
            self.0.watch.struck(number, fault);
        }
        fault
    }

    /// Whether it is there at all.
    pub(super) fn is_there(&self) -> bool {
        let state = self.state();
        !state.has_left && state.away_until.is_none_or(|until| until <= Instant::now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost() -> TransportError {
    TransportError::Lost("cut".into())
}

#[async_trait]
impl Connect for Trouble {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        if !self.is_there() {
            sleep(Duration::from_millis(50)).await;
            return Err(TransportError::Connect("it is not there".into()));
        }
        let straight = self.0.device.connect(within).await?;
        Ok(Box::new(Link { trouble: self.clone(), straight, is_lost: false }))
    }
}

struct Link {
    trouble: Trouble,
    straight: Box<dyn Transport>,
    /// The last exchange has not come to its end.
    is_lost: bool,
}

impl Link {
    fn is_sealed(&self, endpoint: &Endpoint) -> bool {
        self.trouble.0.scheme != Scheme::Sec0
            && ![Endpoint::VERSION, Endpoint::SESSION].contains(endpoint)
    }
}

#[async_trait]
impl Transport for Link {
    async fn list_endpoints(&mut self, names: &[Endpoint]) -> Result<EndpointList, TransportError> {
        if !self.trouble.is_there() {
            return Err(lost());
        }
        self.straight.list_endpoints(names).await
    }

    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        if self.is_lost && self.is_sealed(endpoint) {
            let seen = format!("a sealed request to {endpoint} after a loss on the same link");
            self.trouble.0.watch.violates(super::SESSION_ENDS, seen);
        }
        self.is_lost = true;
        let fault = self.trouble.next();
        if !self.trouble.is_there() {
            // Nobody says that it is gone.
            pending::<()>().await;
        }
        let device = &self.trouble.0.device;
        match fault {
            Some(Fault::LoseRequest) => pending().await,
            Some(Fault::CutBefore) => return Err(lost()),
            Some(Fault::NoReply) => return Err(TransportError::NoReply),
            Some(Fault::Reboot) => {
                device.reboot();
                return Err(lost());
            }
            Some(Fault::Restart) => {
                device.restart();
                return Err(lost());
            }
            _ => {}
        }
        let mut request = body.to_vec();
        if let Some(Fault::FlipRequest(bit)) = fault {
            flip(&mut request, bit);
        }
        let answer = self.straight.exchange(endpoint, &request).await;
        match fault {
            Some(Fault::LoseReply) => pending().await,
            Some(Fault::CutAfter) => return Err(lost()),
            Some(Fault::NoReplyAfter) => return Err(TransportError::NoReply),
            Some(Fault::Delay(time)) => sleep(Duration::from_millis(time)).await,
            Some(Fault::Duplicate) => drop(self.straight.exchange(endpoint, body).await),
            _ => {}
        }
        let mut reply = answer?;
        match fault {
            Some(Fault::Garbage(length)) => reply = vec![0xff; length],
            Some(Fault::Truncate(by)) => reply.truncate(reply.len().saturating_sub(by)),
            Some(Fault::FlipReply(bit)) => flip(&mut reply, bit),
            _ => {}
        }
        self.is_lost = false;
        Ok(reply)
    }
}

/// Counted from the first bit, round and round.
pub(super) fn flip(bytes: &mut [u8], bit: usize) {
    let length = bytes.len();
    if length > 0 {
        bytes[bit / 8 % length] ^= 1 << (bit % 8);
    }
}
