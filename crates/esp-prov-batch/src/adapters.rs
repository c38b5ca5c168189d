//! Bluetooth adapters that are off or away for a while.

use std::{collections::BTreeMap, future::pending};

use esp_prov::transport::{Connect, once_back};
use tokio::{task::JoinSet, time::Instant};

use super::lane::Lane;

/// Which of the lanes lead nowhere at the moment.
#[derive(Default)]
pub(super) struct Adapters {
    away_since: BTreeMap<Lane, Instant>,
    back_since: BTreeMap<Lane, Instant>,
    looking: JoinSet<Lane>,
}

impl Adapters {
    pub(super) fn is_away(&self, lane: &Lane) -> bool {
        self.away_since.contains_key(lane)
    }

    pub(super) fn away_since(&self, lane: &Lane) -> Option<Instant> {
        self.away_since.get(lane).copied()
    }

    pub(super) fn are_there(&self) -> bool {
        self.away_since.is_empty()
    }

    /// Whether its absence is no news for what began then, perhaps before it was back.
    pub(super) fn is_known(&self, lane: &Lane, began: Instant) -> bool {
        self.is_away(lane) || self.back_since.get(lane).is_some_and(|back| began < *back)
    }

    /// From now on it is away, until a look shows that it is back: one by the way to a device.
    pub(super) fn watch(&mut self, lane: Lane, connect: Option<Box<dyn Connect>>) {
        self.away_since.insert(lane.clone(), Instant::now());
        self.looking.spawn(async move {
            if let Some(connect) = &connect {
                let _ = once_back(&**connect, None).await;
            }
            lane
        });
    }

    /// One that is back.
    pub(super) async fn back(&mut self) -> Lane {
        match self.looking.join_next().await {
            Some(Ok(lane)) => lane,
            // None is looked for.
            _ => pending().await,
        }
    }

    pub(super) fn open(&mut self, lane: Lane) {
        self.away_since.remove(&lane);
        self.back_since.insert(lane, Instant::now());
    }
}
