//! Bluetooth adapters, and Wi-Fi, that are temporarily unavailable.

use std::{collections::BTreeMap, future::pending};

use esp_prov::transport::{Connect, once_back};
use tokio::{task::JoinSet, time::Instant};

use super::concurrency::TransportSlots;

/// The adapters that are unavailable at the moment, by their slots.
#[derive(Default)]
pub(super) struct Adapters {
    away_since: BTreeMap<TransportSlots, Instant>,
    back_since: BTreeMap<TransportSlots, Instant>,
    looking: JoinSet<TransportSlots>,
}

impl Adapters {
    pub(super) fn is_away(&self, slots: &TransportSlots) -> bool {
        self.away_since.contains_key(slots)
    }

    pub(super) fn away_since(&self, slots: &TransportSlots) -> Option<Instant> {
        self.away_since.get(slots).copied()
    }

    pub(super) fn are_there(&self) -> bool {
        self.away_since.is_empty()
    }

    /// Whether the adapter's absence is already recorded for an attempt that began at `began`: the
    /// adapter is still away, or it came back only after that.
    pub(super) fn is_known(&self, slots: &TransportSlots, began: Instant) -> bool {
        self.is_away(slots) || self.back_since.get(slots).is_some_and(|back| began < *back)
    }

    /// Records that an adapter is unavailable, and begins to check whether it is back. The checks
    /// go through `connect`, the connection of a device that needs the adapter.
    pub(super) fn watch(&mut self, slots: TransportSlots, connect: Option<Box<dyn Connect>>) {
        self.away_since.insert(slots.clone(), Instant::now());
        self.looking.spawn(async move {
            if let Some(connect) = &connect {
                let _ = once_back(&**connect, None).await;
            }
            slots
        });
    }

    /// Waits until one of the adapters is available again, and returns its slots.
    pub(super) async fn back(&mut self) -> TransportSlots {
        match self.looking.join_next().await {
            Some(Ok(slots)) => slots,
            // No adapter is away, or a check panicked.
            _ => pending().await,
        }
    }

    pub(super) fn open(&mut self, slots: TransportSlots) {
        self.away_since.remove(&slots);
        self.back_since.insert(slots, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    /// Those that had begun before it came back may notice late that it was gone.
    #[tokio::test(start_paused = true)]
    async fn an_absence_is_known_to_who_began_before_its_end() {
        let (mut adapters, slots) = (Adapters::default(), TransportSlots::Ble(None));
        let before = Instant::now();
        advance(Duration::from_secs(1)).await;
        adapters.open(slots.clone());
        advance(Duration::from_secs(1)).await;
        assert!(adapters.is_known(&slots, before));
        assert!(!adapters.is_known(&slots, Instant::now()));
    }
}
