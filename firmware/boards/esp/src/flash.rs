//! Keeps the device's network in the partition for non-volatile storage.

use core::ops::Range;

use embassy_embedded_hal::adapter::BlockingAsync;
use esp_bootloader_esp_idf::partitions::{
    DataPartitionSubType, PARTITION_TABLE_MAX_LEN, PartitionType, read_partition_table,
};
use esp_hal::peripherals::FLASH;
use esp_println::println;
use esp_storage::FlashStorage;
use firmware::{
    Memory,
    saved::{LONGEST, from_bytes, to_bytes},
};
use protocomm::device::WifiConfig;
use sequential_storage::{
    cache::{Cache, Uncached},
    map::{MapConfig, MapStorage},
};

type Storage<'chip> = BlockingAsync<FlashStorage<'chip>>;

/// The key of the only entry.
const NETWORK: u8 = 0;

/// The size of a buffer for an entry with its key, in whole words.
const BUFFER: usize = (LONGEST + 1).next_multiple_of(4) + 4;

/// Storage for one network. After a power failure, the network is there as a whole or not at all.
pub(crate) struct Saved<'chip> {
    map: Option<MapStorage<u8, Storage<'chip>, Cache<Uncached, Uncached, Uncached, u8>>>,
}

impl<'chip> Saved<'chip> {
    /// Opens the partition `nvs` of the flash. Without one, nothing is kept, and a line says so.
    pub(crate) fn open(flash: FLASH<'chip>) -> Self {
        let mut flash = FlashStorage::new(flash);
        let config = partition(&mut flash).and_then(|range| MapConfig::try_new(range).ok());
        if config.is_none() {
            println!("no partition nvs of two sectors: networks are not kept");
        }
        let map = config.map(|config| {
            MapStorage::new(BlockingAsync::new(flash), config, Cache::new_uncached())
        });
        Self { map }
    }
}

impl Memory for Saved<'_> {
    async fn load(&mut self) -> Option<WifiConfig> {
        let mut buffer = [0; BUFFER];
        let found = self.map.as_mut()?.fetch_item::<&[u8]>(&mut buffer, &NETWORK).await;
        found.ok().flatten().and_then(from_bytes)
    }

    async fn store(&mut self, network: &WifiConfig) {
        let Some(map) = &mut self.map else { return };
        let (mut buffer, bytes) = ([0; BUFFER], to_bytes(network));
        if map.store_item(&mut buffer, &NETWORK, &bytes.as_slice()).await.is_err() {
            println!("the network could not be kept");
        }
    }

    async fn erase(&mut self) {
        let Some(map) = &mut self.map else { return };
        if map.erase_all().await.is_err() {
            println!("the network could not be erased");
        }
    }
}

fn partition(flash: &mut FlashStorage<'_>) -> Option<Range<u32>> {
    let mut table = [0; PARTITION_TABLE_MAX_LEN];
    let table = read_partition_table(flash, &mut table).ok()?;
    let kind = PartitionType::Data(DataPartitionSubType::Nvs);
    let found = table.find_partition(kind).ok().flatten()?;
    Some(found.offset()..found.offset() + found.len())
}
