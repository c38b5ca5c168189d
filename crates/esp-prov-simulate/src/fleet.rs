//! Many virtual devices in one process, each on a port of its own.

use std::{io, net::SocketAddr, sync::Arc};

use protocomm::ProofOfPossession;
use serde::Serialize;
use tokio::{net::TcpListener, task::JoinSet};

use super::{Request, Settings, VirtualDevice, serve};

/// What a fleet is like.
#[derive(Clone, Debug)]
pub struct FleetConfig {
    /// How many devices.
    pub count: u16,
    /// The first one's port; the next ones follow. With port 0 each gets a free one.
    pub listen: SocketAddr,
    /// What each device is like; each draws its faults from the seed and its number.
    pub settings: Settings,
    /// The share of devices whose proof of possession is another than the roster says, from 0
    /// to 1.
    pub wrong_pop: f64,
}

/// Devices that listen.
#[derive(Debug)]
pub struct Fleet {
    listeners: Vec<TcpListener>,
    devices: Vec<VirtualDevice>,
    /// Where each is.
    pub addresses: Vec<SocketAddr>,
}

impl Fleet {
    /// Listens for all of them.
    ///
    /// # Errors
    /// The address that can't be listened on, and why.
    pub async fn open(config: &FleetConfig) -> Result<Self, (SocketAddr, io::Error)> {
        let mut dice = fastrand::Rng::with_seed(config.settings.seed);
        let (mut listeners, mut devices, mut addresses) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..config.count {
            let mut at = config.listen;
            if at.port() != 0 {
                let beyond = || (at, io::Error::other("no port above 65535"));
                let port = at.port().checked_add(number).ok_or_else(beyond)?;
                at.set_port(port);
            }
            let listener = TcpListener::bind(at).await.map_err(|error| (at, error))?;
            addresses.push(listener.local_addr().map_err(|error| (at, error))?);
            listeners.push(listener);
            // A line is rehearsed for its roster, not for the time of single replies.
            let (seed, whole_replies) = (dice.u64(..), true);
            let mut settings = Settings { seed, whole_replies, ..config.settings.clone() };
            if dice.f64() < config.wrong_pop {
                settings.pop = Some(ProofOfPossession::from("not the one in the roster"));
            }
            devices.push(VirtualDevice::new(settings));
        }
        Ok(Self { listeners, devices, addresses })
    }

    /// Serves until all devices have left; for ever if one never does.
    ///
    /// # Errors
    /// A listener's.
    pub async fn serve(&mut self, log: Arc<dyn Fn(Request) + Send + Sync>) -> io::Result<()> {
        let mut serving = JoinSet::new();
        for (listener, device) in self.listeners.drain(..).zip(&self.devices) {
            let (log, device) = (Arc::clone(&log), device.clone());
            serving.spawn(async move { serve(&listener, &device, log).await });
        }
        while let Some(served) = serving.join_next().await {
            served.map_err(io::Error::other)??;
        }
        Ok(())
    }

    /// What became of its devices so far.
    pub fn tally(&self) -> Tally {
        let joins: Vec<_> = self.devices.iter().map(VirtualDevice::joins).collect();
        let above = |least| joins.iter().filter(|&&joins| joins > least).count();
        Tally { devices: joins.len(), joined: above(0), joined_twice: above(1) }
    }
}

/// What became of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// All devices.
    pub devices: usize,
    /// Devices that were told to join, and obeyed.
    pub joined: usize,
    /// Those of them to which that happened more than once.
    pub joined_twice: usize,
}
