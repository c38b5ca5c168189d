//! Listening for devices that advertise.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};

use super::{
    super::TransportError,
    connection::Closing,
    platform,
    radio::{Radio, RadioError, Sighting},
};
use crate::address::Wanted;

/// Between two looks at what was heard.
const LOOK: Duration = Duration::from_millis(50);

/// How long another device may take to show that it has the same name. Devices advertise every
/// 160 ms (`protocomm_ble.c`).
const ANOTHER_WITHIN: Duration = Duration::from_millis(200);

/// Names in advertisements may be cut off. One that is cut off counts after this long without the
/// whole one.
const WHOLE_NAME_WITHIN: Duration = Duration::from_secs(3);

/// Listening, until it is dropped.
pub struct Listening {
    radio: Option<Arc<dyn Radio>>,
    closing: Closing,
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
        Self::start(radio, &Closing::default()).await
    }

    pub(super) async fn start(
        radio: Arc<dyn Radio>,
        closing: &Closing,
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

    /// Waits until the wanted device is heard.
    pub(super) async fn find(
        &self,
        wanted: &Wanted,
        deadline: Instant,
    ) -> Result<Sighting, TransportError> {
        let began = Instant::now();
        let mut first = None;
        let mut last_look = None;
        loop {
            // With many devices around a look takes a while.
            let heard = match (timeout_at(deadline, self.heard()).await, last_look) {
                (Ok(heard), _) => heard?,
                (Err(_), Some(heard)) => return Err(not_heard(wanted, heard)),
                (Err(_), None) => return Err(RadioError::no_answer().into()),
            };
            let those = |fits: fn(&Wanted, &Sighting) -> bool| -> Vec<&Sighting> {
                heard.iter().filter(|one| fits(wanted, one)).collect()
            };
            let mut fitting = those(|wanted, one| one.is(wanted));
            let is_any = matches!(wanted, Wanted::Prefix(_) | Wanted::Service(_));
            if is_any && fitting.iter().any(|one| !one.is_connected) {
                // Not one that another run is, or was, busy with.
                fitting.retain(|one| !one.is_connected);
            }
            match fitting[..] {
                [] => {
                    if began.elapsed() >= WHOLE_NAME_WITHIN
                        && let [one] = those(is_cut)[..]
                    {
                        return Ok(one.clone());
                    }
                }
                [one] => {
                    let first: &Instant = first.get_or_insert_with(Instant::now);
                    if wanted.is_one() || first.elapsed() >= ANOTHER_WITHIN {
                        return Ok(one.clone());
                    }
                }
                ref several => return Err(TransportError::Ambiguous(names(several))),
            }
            if Instant::now() >= deadline {
                return Err(not_heard(wanted, heard));
            }
            last_look = Some(heard);
            sleep(LOOK).await;
        }
    }

    /// Waits until this machine is not connected to a device; `false` where it still is in the end.
    pub(super) async fn is_free(&self, id: &str, deadline: Instant) -> Result<bool, RadioError> {
        loop {
            let Ok(heard) = timeout_at(deadline, self.heard()).await else { return Ok(false) };
            if !heard?.iter().any(|one| one.id == id && one.is_connected) {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
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

/// Whether this is the beginning of the wanted name.
fn is_cut(wanted: &Wanted, one: &Sighting) -> bool {
    let (Wanted::Name(wanted), Some(name)) = (wanted, &one.name) else { return false };
    name.len() >= 4 && wanted.starts_with(name.as_str())
}

fn names(several: &[&Sighting]) -> String {
    let mut ids: Vec<_> = several.iter().map(|one| one.id.as_str()).collect();
    ids.sort_unstable();
    ids.join(", ")
}

fn not_heard(wanted: &Wanted, heard: Vec<Sighting>) -> TransportError {
    let mut names: Vec<_> = heard.iter().filter_map(|one| one.name.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let others = match names.len() {
        0 => "no other device with a name".to_owned(),
        1..=8 => names.join(", "),
        more => format!("{} and {} more", names[..8].join(", "), more - 8),
    };
    TransportError::NotFound(format!("{wanted} does not advertise here; heard: {others}").into())
}
