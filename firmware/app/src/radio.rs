//! What a station does with a radio: order after order, attempt after attempt.

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

/// A radio with an access point that stays as it is: whoever is on it waits there for the verdict.
/// Hence no function here that configures it.
#[expect(async_fn_in_trait, reason = "boards have one thread")]
pub trait Radio {
    /// The network to join from now on. Only the station's part of the configuration: applying
    /// that of the access point again throws its clients off.
    ///
    /// # Errors
    /// A network that can't be.
    fn choose(&mut self, network: &WifiConfig) -> Result<(), Refused>;

    /// One attempt, with an address at its end. The processor may be busy with the key, and
    /// nothing else run, for a second.
    ///
    /// # Errors
    /// Why it failed.
    async fn join(&mut self) -> Result<WifiConnection, Refused>;

    /// Leaves the network, or gives up an attempt.
    async fn leave(&mut self);

    /// Waits until it is in none, if it still is in one.
    async fn lost(&mut self);

    /// Looks around, only listening if `passive`.
    async fn scan(&mut self, passive: bool) -> Vec<AccessPoint>;
}

/// Where a board keeps its network.
#[expect(async_fn_in_trait, reason = "boards have one thread")]
pub trait Memory {
    /// What is kept.
    async fn load(&mut self) -> Option<WifiConfig>;

    /// Keeps `network` in place of any other.
    async fn store(&mut self, network: &WifiConfig);

    /// Erases all, older ones too.
    async fn erase(&mut self);
}

impl Station {
    /// Does what it is told, and keeps `radio` in its network, for ever. `pause` waits.
    pub async fn run(
        &self,
        mut radio: impl Radio,
        mut memory: impl Memory,
        pause: impl AsyncFn(Duration),
    ) -> ! {
        let mut network = memory.load().await;
        if let Some(network) = &network {
            self.returns();
            // What can't be joined now could be once.
            let _ = radio.choose(network);
        }
        let mut is_joined = false;
        loop {
            let tend = self.tend(&mut radio, &mut memory, &mut network, &mut is_joined, &pause);
            let order = match select(self.order(), tend).await {
                Either::First(order) => order,
                Either::Second(never) => never,
            };
            // An attempt that it interrupts is made again, or not.
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

    /// Joins `network` and stays in it, until the attempts are used up; then, or if there is none,
    /// does nothing.
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
