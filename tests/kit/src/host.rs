//! A machine whose Bluetooth goes away and comes back.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use esp_prov::RadioError;
use tokio::time::sleep;

use super::lock;

/// What the radios of one machine share. Clones are the same machine.
#[derive(Clone, Default)]
pub struct Host(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    away: Option<RadioError>,
    /// How often it went: what was open before is gone then.
    absences: usize,
}

impl Host {
    pub fn goes(&self, why: RadioError) {
        let mut state = lock(&self.0);
        state.away = Some(why);
        state.absences += 1;
    }

    pub fn comes_back(&self) {
        lock(&self.0).away = None;
    }

    /// From now on for so long.
    pub fn goes_for(&self, time: Duration, why: RadioError) {
        self.goes(why);
        let host = self.clone();
        tokio::spawn(async move {
            sleep(time).await;
            host.comes_back();
        });
    }

    /// After a while.
    pub fn will_go_for(&self, after: Duration, time: Duration, why: RadioError) {
        let host = self.clone();
        tokio::spawn(async move {
            sleep(after).await;
            host.goes_for(time, why);
        });
    }

    pub fn absences(&self) -> usize {
        lock(&self.0).absences
    }

    /// How often it was away, if it is there.
    pub fn ready(&self) -> Result<usize, RadioError> {
        let state = lock(&self.0);
        state.away.clone().map_or(Ok(state.absences), Err)
    }
}
