//! The networks of a machine, and who is there.

use std::{
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    Bssid,
    verify::{Knock, LocalNetwork, LocalNetworks, Neighbour, Verify},
};
use tokio::time::sleep;

use super::lock;

/// The networks of a machine. Clones are the same.
#[derive(Clone, Default)]
pub struct Lan(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    networks: Vec<LocalNetwork>,
    there: Vec<(Neighbour, Knock)>,
    known: Vec<Neighbour>,
    tells_no_neighbours: bool,
    knocked: Vec<Ipv4Addr>,
}

impl Lan {
    /// With this address, in a network of 256.
    pub fn at(address: [u8; 4]) -> Self {
        Self::default().and_at(address, 24)
    }

    /// With this address, too, in a network of this prefix.
    pub fn and_at(self, address: [u8; 4], prefix: u8) -> Self {
        lock(&self.0).networks.push(LocalNetwork { address: address.into(), prefix });
        self
    }

    /// With a machine that answers so.
    pub fn with(self, ip: [u8; 4], mac: &str, answer: Knock) -> Self {
        let mac = mac.parse::<Bssid>().expect("a MAC address");
        lock(&self.0).there.push((Neighbour { ip: ip.into(), mac }, answer));
        self
    }

    /// The system has known this one for long.
    pub fn knowing(self, ip: [u8; 4], mac: &str) -> Self {
        let mac = mac.parse::<Bssid>().expect("a MAC address");
        lock(&self.0).known.push(Neighbour { ip: ip.into(), mac });
        self
    }

    /// On a system that does not tell.
    pub fn telling_no_neighbours(self) -> Self {
        lock(&self.0).tells_no_neighbours = true;
        self
    }

    /// The addresses that were knocked at.
    pub fn knocked(&self) -> Vec<Ipv4Addr> {
        lock(&self.0).knocked.clone()
    }

    /// How to look for a device there.
    pub fn verify(&self) -> Verify {
        let within = Duration::from_secs(30);
        Verify { networks: Arc::new(self.clone()), within, searches: false }
    }
}

#[async_trait]
impl LocalNetworks for Lan {
    fn networks(&self) -> io::Result<Vec<LocalNetwork>> {
        Ok(lock(&self.0).networks.clone())
    }

    fn neighbours(&self) -> Option<Vec<Neighbour>> {
        let state = lock(&self.0);
        (!state.tells_no_neighbours).then(|| state.known.clone())
    }

    async fn knock(&self, address: Ipv4Addr) -> Knock {
        sleep(Duration::from_millis(5)).await;
        let answer = {
            let mut state = lock(&self.0);
            state.knocked.push(address);
            let there = state.there.iter().find(|(one, _)| one.ip == address).copied();
            if let Some((one, _)) = there
                && !state.known.contains(&one)
            {
                state.known.push(one);
            }
            there.map_or(Knock::Silent, |(_, answer)| answer)
        };
        if answer == Knock::Silent {
            sleep(Duration::from_secs(3)).await;
        }
        answer
    }
}
