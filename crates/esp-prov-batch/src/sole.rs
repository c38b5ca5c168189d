//! Ensures that each BLE device belongs to only one line of the roster, even if the selectors of
//! several lines match it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    address::{Address, BleAddress, BleSelector},
    transport::{Connect, Transport, TransportError},
};
use protocomm::{Bssid, Endpoint};

use super::Entry;

/// The id of the roster line that owns each device, by the system's id of the device. The owner is
/// the line that gives the device's Bluetooth address; if there is none, it is the first line that
/// led to the device.
#[derive(Default)]
pub(super) struct Owners(Mutex<HashMap<String, String>>);

impl Owners {
    /// A line that gives a device's Bluetooth address owns the device.
    pub(super) fn add(&self, entry: &Entry) {
        if let Address::Ble(BleAddress { wanted: BleSelector::Id(id), .. }) = &entry.address {
            self.owners().insert(id.to_ascii_uppercase(), entry.id.clone());
        }
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line that owns a device. `line` becomes the owner if there was none.
    fn owner(&self, device: &str, line: &str) -> String {
        self.owners().entry(device.to_ascii_uppercase()).or_insert_with(|| line.to_owned()).clone()
    }
}

/// Connects to the device of a line. If the device belongs to another line, gives up before
/// anything is sent.
pub(super) struct Sole<'a> {
    pub(super) line: &'a str,
    pub(super) connect: &'a dyn Connect,
    pub(super) owners: &'a Owners,
}

#[async_trait]
impl Connect for Sole<'_> {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let link = self.connect.connect(within).await?;
        if let Some(device) = link.device_id() {
            let owner = self.owners.owner(device, self.line);
            if owner != self.line {
                return Err(TransportError::OfAnother { device: device.to_owned(), owner });
            }
        }
        Ok(link)
    }

    async fn await_turn(&self) -> Result<(), TransportError> {
        self.connect.await_turn().await
    }

    async fn ready(&self) -> Result<(), TransportError> {
        self.connect.ready().await
    }

    fn longest(&self, endpoint: &Endpoint) -> usize {
        self.connect.longest(endpoint)
    }

    async fn settle(&self) {
        self.connect.settle().await;
    }

    fn station_addresses(&self) -> Vec<Bssid> {
        self.connect.station_addresses()
    }

    fn limit(&self, within: Duration) -> Duration {
        self.connect.limit(within)
    }
}
