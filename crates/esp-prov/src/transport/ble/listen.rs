//! Listening for devices that advertise.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout_at};

use super::{
    super::TransportError,
    adapter::{Adapter, Advertisement, RadioError},
    connection::Closing,
    search::Search,
};

/// The interval between two checks of what was heard.
const LOOK: Duration = Duration::from_millis(20);

/// The longest interval: it is as long as a check takes, with many devices in range.
const LONGEST_LOOK: Duration = Duration::from_millis(200);

/// How long to wait for the whole name before a cut-off name counts. Advertisements may cut a name
/// off.
const WHOLE_NAME_WITHIN: Duration = Duration::from_secs(3);

/// How long the system may take to close a connection. BlueZ first waits for two seconds
/// (`device.c`, 5.66).
const CLOSES_WITHIN: Duration = Duration::from_secs(3);

/// A BLE scan, which runs until it is dropped.
pub struct BleScan {
    adapter: Option<Arc<dyn Adapter>>,
    closing: Closing,
    /// Whether the adapter has failed and may no longer be listening.
    is_interrupted: AtomicBool,
}

impl BleScan {
    /// Scans with the system's Bluetooth, on the named adapter (such as `hci1`) or the first one.
    ///
    /// # Errors
    /// [`RadioError`].
    #[cfg(feature = "ble")]
    pub async fn on(adapter: Option<&str>) -> Result<Self, RadioError> {
        Self::with_adapter(super::platform::adapter(adapter)).await
    }

    /// Like [`on`](Self::on), but if the adapter is off or away, the scan starts once it is back.
    ///
    /// # Errors
    /// [`RadioError`], except one for which [`is_away`](RadioError::is_away) is true.
    #[cfg(feature = "ble")]
    pub async fn once_there(adapter: Option<&str>) -> Result<Self, RadioError> {
        Self::with_adapter_once_there(super::platform::adapter(adapter)).await
    }

    /// Scans with your own adapter.
    ///
    /// # Errors
    /// [`RadioError`].
    pub async fn with_adapter(adapter: Arc<dyn Adapter>) -> Result<Self, RadioError> {
        Self::start(adapter, &Closing::default()).await
    }

    /// Like [`with_adapter`](Self::with_adapter), but if the adapter is off or away, the scan
    /// starts once it is back.
    ///
    /// # Errors
    /// [`RadioError`], except one for which [`is_away`](RadioError::is_away) is true.
    pub async fn with_adapter_once_there(adapter: Arc<dyn Adapter>) -> Result<Self, RadioError> {
        let began = adapter.listen().await;
        let is_interrupted = matches!(&began, Err(error) if error.is_away());
        if !is_interrupted {
            began?;
        }
        let (adapter, closing) = (Some(adapter), Closing::default());
        Ok(Self { adapter, closing, is_interrupted: is_interrupted.into() })
    }

    pub(super) async fn start(
        adapter: Arc<dyn Adapter>,
        closing: &Closing,
    ) -> Result<Self, RadioError> {
        adapter.listen().await?;
        Ok(Self { adapter: Some(adapter), closing: closing.clone(), is_interrupted: false.into() })
    }

    /// Returns what was heard of each device so far. After an error, for example because the
    /// adapter was off or away, the next call starts listening again.
    ///
    /// # Errors
    /// [`RadioError`].
    pub async fn heard(&self) -> Result<Vec<Advertisement>, RadioError> {
        let Some(adapter) = &self.adapter else { return Ok(Vec::new()) };
        if self.is_interrupted.load(Ordering::Relaxed) {
            adapter.ready().await?;
            adapter.listen().await?;
            self.is_interrupted.store(false, Ordering::Relaxed);
        }
        let heard = adapter.heard().await;
        if heard.is_err() {
            self.is_interrupted.store(true, Ordering::Relaxed);
        }
        heard
    }

    /// Waits until the wanted device is heard and no other device matches. A device that is
    /// connected to this machine does not advertise: usually a run that has just ended was using
    /// it, and the system is about to close the connection.
    pub(super) async fn find(
        &self,
        search: &Search<'_>,
        deadline: Instant,
    ) -> Result<Advertisement, TransportError> {
        let began = Instant::now();
        let mut first = None;
        let mut is_freed = false;
        let mut last_look: Option<Vec<Advertisement>> = None;
        loop {
            let looked_at = Instant::now();
            // With many devices in range, reading them takes a while.
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
                    if one.is_connected {
                        if first.elapsed() >= CLOSES_WITHIN && !mem::replace(&mut is_freed, true) {
                            let _ = timeout_at(deadline, self.free(&one.id)).await;
                        }
                    } else if first.elapsed() >= search.another_within() {
                        return Ok(one.clone());
                    }
                }
                ref several => {
                    let first = first.get_or_insert_with(Instant::now);
                    // A connected device may be about to leave after another run, and is not meant
                    // then.
                    let is_closing = several.iter().any(|one| one.is_connected);
                    if !is_closing || first.elapsed() >= CLOSES_WITHIN {
                        return Err(TransportError::Ambiguous(search.names(several)));
                    }
                }
            }
            if Instant::now() >= deadline {
                return Err(search.in_vain(&heard));
            }
            last_look = Some(heard);
            sleep(looked_at.elapsed().clamp(LOOK, LONGEST_LOOK)).await;
        }
    }

    /// Closes a connection that belongs to a killed process or to another program. While it is
    /// open, nobody else can open a session with the device.
    async fn free(&self, id: &str) {
        if let Some(adapter) = &self.adapter
            && let Ok(peer) = adapter.peer(id).await
        {
            peer.disconnect().await;
        }
    }

    /// Stops listening.
    pub async fn stop(mut self) {
        if let Some(adapter) = self.adapter.take() {
            adapter.stop().await;
        }
    }
}

impl Drop for BleScan {
    fn drop(&mut self) {
        if let Some(adapter) = self.adapter.take() {
            self.closing.spawn(async move { adapter.stop().await });
        }
    }
}
