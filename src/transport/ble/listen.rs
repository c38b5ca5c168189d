//! Listening for devices that advertise.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::task::TaskTracker;

use super::{
    super::TransportError,
    platform,
    radio::{Radio, RadioError, Sighting},
    search::Search,
};

/// Between two looks at what was heard.
const LOOK: Duration = Duration::from_millis(50);

/// Names in advertisements may be cut off. One that is cut off counts after this long without the
/// whole one.
const WHOLE_NAME_WITHIN: Duration = Duration::from_secs(3);

/// Listening, until it is dropped.
pub struct Listening {
    radio: Option<Arc<dyn Radio>>,
    closing: TaskTracker,
}

impl Listening {
    /// With the system's Bluetooth, on the adapter of this name (`hci1`) or the first.
    ///
    /// # Errors
    /// [`RadioError`].
    pub async fn on(adapter: Option<&str>) -> Result<Self, RadioError> {
        Self::with_radio(platform::radio(adapter).await?).await
    }

    /// With a radio of one's own.
    ///
    /// # Errors
    /// [`RadioError`].
    pub async fn with_radio(radio: Arc<dyn Radio>) -> Result<Self, RadioError> {
        Self::start(radio, &TaskTracker::new()).await
    }

    pub(super) async fn start(
        radio: Arc<dyn Radio>,
        closing: &TaskTracker,
    ) -> Result<Self, RadioError> {
        radio.listen().await?;
        Ok(Self { radio: Some(radio), closing: closing.clone() })
    }

    /// What was heard of each device until now.
    ///
    /// # Errors
    /// [`RadioError`].
    pub async fn heard(&self) -> Result<Vec<Sighting>, RadioError> {
        match &self.radio {
            Some(radio) => radio.heard().await,
            None => Ok(Vec::new()),
        }
    }

    /// Waits until the wanted device is heard, and no other that fits.
    pub(super) async fn find(
        &self,
        search: &Search<'_>,
        deadline: Instant,
    ) -> Result<Sighting, TransportError> {
        let began = Instant::now();
        let mut first = None;
        let mut last_look: Option<Vec<Sighting>> = None;
        loop {
            // With many devices around a look takes a while.
            let heard = match (timeout_at(deadline, self.heard()).await, last_look) {
                (Ok(heard), _) => heard?,
                (Err(_), Some(heard)) => return Err(search.in_vain(&heard)),
                (Err(_), None) => return Err(RadioError::no_answer().into()),
            };
            let mut fitting = search.fitting(&heard);
            if fitting.is_empty() && began.elapsed() >= WHOLE_NAME_WITHIN {
                fitting = search.fitting_cut_off(&heard);
            }
            match fitting[..] {
                [] => {}
                [one] => {
                    let first: &Instant = first.get_or_insert_with(Instant::now);
                    if first.elapsed() >= search.another_within() {
                        return Ok(one.clone());
                    }
                }
                ref several => return Err(TransportError::Ambiguous(search.names(several))),
            }
            if Instant::now() >= deadline {
                return Err(search.in_vain(&heard));
            }
            last_look = Some(heard);
            sleep(LOOK).await;
        }
    }

    /// Listens no more.
    pub async fn stop(mut self) {
        if let Some(radio) = self.radio.take() {
            radio.stop().await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(radio) = self.radio.take() {
            self.closing.spawn(async move { radio.stop().await });
        }
    }
}
