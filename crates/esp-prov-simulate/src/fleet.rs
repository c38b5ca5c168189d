//! Many virtual devices in one process, each on its own port.

use std::{io, net::SocketAddr, sync::Arc};

use protocomm::ProofOfPossession;
use serde::Serialize;
use tokio::{net::TcpListener, task::JoinSet};

use super::{Request, Settings, VirtualDevice, serve};

/// The settings of a fleet.
#[derive(Clone, Debug)]
pub struct FleetConfig {
    /// The number of devices.
    pub count: u16,
    /// The address of the first device; the others use the ports that follow. With port 0, the
    /// system picks a free port, and the other devices use the next ones that are free.
    pub listen: SocketAddr,
    /// The settings of each device, except that each has its own seed, drawn from this one, and
    /// sends its replies in one piece.
    pub settings: Settings,
    /// The share of devices with another proof of possession than the roster says, from 0 to 1.
    pub wrong_pop: f64,
}

/// A fleet of listening devices.
#[derive(Debug)]
pub struct Fleet {
    listeners: Vec<TcpListener>,
    devices: Vec<VirtualDevice>,
    /// The addresses of the devices.
    pub addresses: Vec<SocketAddr>,
}

impl Fleet {
    /// Starts to listen for all devices.
    ///
    /// # Errors
    /// Returns the address that can't be listened on, and the reason.
    pub async fn open(config: &FleetConfig) -> Result<Self, (SocketAddr, io::Error)> {
        let mut dice = fastrand::Rng::with_seed(config.settings.seed);
        let (mut listeners, mut devices, mut addresses) = (Vec::new(), Vec::new(), Vec::new());
        let mut ports = Ports { listen: config.listen, next: Some(config.listen.port()), tried: 0 };
        for _ in 0..config.count {
            let (listener, address) = ports.listen().await?;
            addresses.push(address);
            listeners.push(listener);
            // In a rehearsal with a fleet, the timing of single replies does not matter.
            let (seed, whole_replies) = (dice.u64(..), true);
            let mut settings = Settings { seed, whole_replies, ..config.settings.clone() };
            if dice.f64() < config.wrong_pop {
                settings.pop = Some(ProofOfPossession::from("not the one in the roster"));
            }
            devices.push(VirtualDevice::new(settings));
        }
        Ok(Self { listeners, devices, addresses })
    }

    /// Serves until all devices have left, which may be never; `log` gets each request.
    ///
    /// # Errors
    /// Returns the first error of a listener.
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

    /// How many devices were told to join so far.
    pub fn tally(&self) -> Tally {
        let joins: Vec<_> = self.devices.iter().map(VirtualDevice::joins).collect();
        let above = |least| joins.iter().filter(|&&joins| joins > least).count();
        Tally { devices: joins.len(), joined: above(0), joined_twice: above(1) }
    }
}

/// Finds free ports in ascending order. The system could choose each port, but its search slows
/// down with each port in use: it takes 7 s for 10,000 ports on Linux.
struct Ports {
    listen: SocketAddr,
    /// The next port to try: 0 for any; `None` after the last port.
    next: Option<u16>,
    tried: u16,
}

impl Ports {
    async fn listen(&mut self) -> Result<(TcpListener, SocketAddr), (SocketAddr, io::Error)> {
        let picks = self.listen.port() == 0;
        loop {
            let mut at = self.listen;
            let beyond = || (self.listen, io::Error::other("no port above 65535"));
            at.set_port(self.next.ok_or_else(beyond)?);
            let bound = TcpListener::bind(at).await;
            let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
            let after = bound.as_ref().map_or(at.port(), |(address, _)| address.port());
            // After the last port comes the first one that needs no privileges.
            self.next = after.checked_add(1).or(picks.then_some(FIRST_PORT));
            match bound {
                Ok((address, listener)) => return Ok((listener, address)),
                Err(error) if picks && is_taken(&error) && self.tried < u16::MAX => self.tried += 1,
                Err(error) => return Err((at, error)),
            }
        }
    }
}

/// The first port that needs no privileges.
const FIRST_PORT: u16 = 1024;

/// Whether another port may be free. Windows reserves some ports, to which access is denied.
fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

/// How many devices of a fleet were told to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The number of devices.
    pub devices: usize,
    /// The number of devices that were told to join at least once.
    pub joined: usize,
    /// The number of devices that were told to join more than once.
    pub joined_twice: usize,
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test]
    async fn ports_that_are_taken_are_left_out_and_after_the_last_comes_the_first() {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut ports = Ports { listen: any, next: Some(0), tried: 0 };
        let (_first, first) = ports.listen().await.expect("any port");
        assert_eq!(ports.next, first.port().checked_add(1).or(Some(FIRST_PORT)));
        ports.next = Some(first.port());
        let (_second, second) = ports.listen().await.expect("another port");
        assert_ne!(second.port(), first.port());
        assert!(ports.tried > 0, "the first is taken");
        ports.next = Some(u16::MAX);
        let (_last, last) = ports.listen().await.expect("the last port, or one after it");
        assert!(last.port() == u16::MAX || last.port() >= FIRST_PORT);
        let mut ports = Ports { listen: first, next: Some(first.port()), tried: 0 };
        let (at, error) = ports.listen().await.expect_err("it is taken, and was asked for");
        assert_eq!((at, error.kind()), (first, io::ErrorKind::AddrInUse));
        ports.next = None;
        let (_, error) = ports.listen().await.expect_err("there is none");
        assert_eq!(error.to_string(), "no port above 65535");
    }
}
