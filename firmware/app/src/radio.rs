//! What a station does with a radio: it carries out orders, and repeats attempts to join.

use alloc::vec::Vec;
use core::time::Duration;

use embassy_futures::select::{Either, select};
use protocomm::{
    commands::{AccessPoint, WifiConnection},
    device::WifiConfig,
};

use crate::{Order, Refused, Station};

/// The pause after an order to join, so that the reply gets out before the access point changes
/// its channel (`manager.c`, `network_provisioning` 1.2.4).
pub const BEFORE_JOIN: Duration = Duration::from_secs(1);

/// The pause between attempts.
pub const BETWEEN: Duration = Duration::from_secs(1);

/// A radio with an access point that is never reconfigured, since clients on it wait there for the
/// result. So no function here configures it.
#[expect(async_fn_in_trait, reason = "boards have one thread")]
pub trait Radio {
    /// Sets the network to join from now on. It sets only the station's part of the configuration:
    /// applying that of the access point again would disconnect its clients.
    ///
    /// # Errors
    /// The radio does not accept the network.
    fn choose(&mut self, network: &WifiConfig) -> Result<(), Refused>;

    /// Makes one attempt to join, until there is an IP address. Deriving the key may keep the
    /// processor busy for a second, in which nothing else runs.
    ///
    /// # Errors
    /// Why the attempt failed.
    async fn join(&mut self) -> Result<WifiConnection, Refused>;

    /// Leaves the network, or gives up an attempt.
    async fn leave(&mut self);

    /// Waits until the network is lost. Returns at once if it is in none.
    async fn lost(&mut self);

    /// Scans for networks; only listens if `passive`.
    async fn scan(&mut self, passive: bool) -> Vec<AccessPoint>;
}

/// Where a board keeps its network.
#[expect(async_fn_in_trait, reason = "boards have one thread")]
pub trait Memory {
    /// Loads the network that is kept.
    async fn load(&mut self) -> Option<WifiConfig>;

    /// Keeps `network` instead of any other.
    async fn store(&mut self, network: &WifiConfig);

    /// Erases all networks, including older ones.
    async fn erase(&mut self);
}

impl Station {
    /// Carries out orders and keeps `radio` in its network, for ever. `pause` waits for a time.
    pub async fn run(
        &self,
        mut radio: impl Radio,
        mut memory: impl Memory,
        pause: impl AsyncFn(Duration),
    ) -> ! {
        let mut network = memory.load().await;
        if let Some(network) = &network {
            self.returns();
            // This network was joined before, so the radio accepts it.
            let _ = radio.choose(network);
        }
        let mut is_joined = false;
        loop {
            let tend = self.tend(&mut radio, &mut memory, &mut network, &mut is_joined, &pause);
            let order = match select(self.order(), tend).await {
                Either::First(order) => order,
                Either::Second(never) => never,
            };
            // The order interrupts an attempt, which is repeated afterwards if it is still wanted.
            if !is_joined || !matches!(order, Order::Scan { .. }) {
                radio.leave().await;
                is_joined = false;
            }
            match order {
                Order::Join(wanted) => {
                    pause(BEFORE_JOIN).await;
                    network = match radio.choose(&wanted) {
                        Ok(()) => Some(wanted),
                        Err(why) => {
                            while self.failed(why) {}
                            None
                        }
                    };
                }
                Order::Leave => {
                    network = None;
                    memory.erase().await;
                }
                Order::Scan { passive } => self.scanned(radio.scan(passive).await),
            }
        }
    }

    /// Joins `network` and stays in it until the attempts are used up. Then, or if there is no
    /// network, does nothing.
    async fn tend(
        &self,
        radio: &mut impl Radio,
        memory: &mut impl Memory,
        network: &mut Option<WifiConfig>,
        is_joined: &mut bool,
        pause: &impl AsyncFn(Duration),
    ) -> ! {
        while let Some(wanted) = network {
            if !*is_joined {
                match radio.join().await {
                    Ok(connection) => {
                        memory.store(wanted).await;
                        *is_joined = true;
                        self.joined(connection);
                    }
                    Err(why) => {
                        radio.leave().await;
                        if !self.failed(why) {
                            *network = None;
                        }
                        pause(BETWEEN).await;
                        continue;
                    }
                }
            }
            radio.lost().await;
            *is_joined = false;
            self.returns();
        }
        core::future::pending().await
    }
}

#[cfg(test)]
mod tests;
