//! Listening for devices with provisioning firmware.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::warnings::warn;
#[cfg(feature = "mdns")]
use crate::transport::mdns::{Announced, Announcements};
use crate::{
    discovered_device::{DiscoveredDevice, HeardBy},
    error::{Error, Stage},
    event::{Event, Observer, Outcome, Warning},
    transport::{
        RadioError, TransportError,
        ble::{Advertisement, BleScan, SERVICES},
        softap::{AccessPoint, NAME_PREFIX, Wifi, WifiError},
    },
};

/// The interval at which what was heard is read.
const LOOK: Duration = Duration::from_millis(100);

/// The same interval while the Bluetooth adapter is off or unplugged.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How long the system may take to list access points.
const LOOK_WITHIN: Duration = Duration::from_secs(10);

/// The shortest interval between two events for a device of which only the signal has changed.
const SIGNAL_EVERY: Duration = Duration::from_secs(1);

/// The most devices that are kept: more than are in range in any factory, and a limit for an
/// attacker who makes devices up.
const MOST_DEVICES: usize = 4096;

/// Where to listen for devices.
#[derive(Default)]
pub struct DiscoverySources {
    /// BLE advertisements.
    pub ble: Option<BleScan>,
    /// mDNS announcements on the network.
    #[cfg(feature = "mdns")]
    pub mdns: Option<Announcements>,
    /// Access points that this machine sees.
    pub wifi: Option<Arc<dyn Wifi>>,
}

/// Which devices to report. By default, those that advertise a service of provisioning firmware, are
/// announced by mDNS, or have an access point that is named like one of the examples.
#[derive(Clone, Debug, Default)]
pub struct DiscoveryFilter {
    /// Only those whose name begins with this, whatever they advertise.
    pub prefix: Option<String>,
    /// Those that advertise this service, as well as those of provisioning firmware.
    pub service: Option<Uuid>,
    /// All that have a name. Has no effect with `prefix`.
    pub all: bool,
}

impl DiscoveryFilter {
    fn takes(&self, one: &DiscoveredDevice) -> bool {
        let name = one.name.as_deref();
        match &self.prefix {
            Some(prefix) => name.is_some_and(|name| name.starts_with(prefix.as_str())),
            None => one.provisions || self.all && name.is_some(),
        }
    }
}

/// The time in which the Bluetooth adapter is off or unplugged.
#[derive(Default)]
struct Absence {
    /// The reason for the current absence, or for the last one.
    error: Option<RadioError>,
    /// For a current absence: when it began, and when it was last noticed.
    lasts: Option<(Instant, Instant)>,
    /// The total length of earlier absences.
    before: Duration,
}

impl Absence {
    fn ends(&mut self) -> bool {
        let lasted = self.lasts.take().map(|(since, _)| since.elapsed());
        self.before += lasted.unwrap_or_default();
        lasted.is_some()
    }

    /// After listening for `within`: the reason, if the adapter was absent at the end or most of
    /// the time, so that hearing nothing says nothing about devices.
    fn explains(mut self, within: Duration) -> Option<RadioError> {
        let lasts = self.ends();
        self.error.filter(|_| lasts || self.before > within / 2)
    }
}

/// What was seen of access points.
#[derive(Default)]
struct AccessPoints {
    looked_at: Option<Instant>,
    /// Whether they can't be listed.
    failed: bool,
}

impl AccessPoints {
    /// Those that this machine sees, at intervals.
    async fn seen(
        &mut self,
        wifi: &Arc<dyn Wifi>,
        after: Duration,
        observer: &dyn Observer,
    ) -> Vec<DiscoveredDevice> {
        let is_due = self.looked_at.is_none_or(|at| at.elapsed() >= LOOK_AGAIN);
        if self.failed || !is_due {
            return Vec::new();
        }
        self.looked_at = Some(Instant::now());
        let looked = timeout(LOOK_WITHIN, wifi.visible(None)).await;
        let _ = timeout(LOOK_WITHIN, wifi.scan(None)).await;
        match looked.unwrap_or(Err(WifiError::NoTime)) {
            Ok(all) => all.into_iter().map(|one| seen(one, after)).collect(),
            Err(error) => {
                self.failed = true;
                let warning = Warning::ListenFailed { error: error.to_string() };
                // Only one place reports warnings, and it may deny them.
                let _ = warn(observer, false, Stage::Discover, warning);
                Vec::new()
            }
        }
    }
}

/// Describes a device from its access point.
pub fn seen(one: AccessPoint, heard_after: Duration) -> DiscoveredDevice {
    let name = one.ssid.map(|name| name.to_string());
    let bssid = one.bssid.map(|bssid| bssid.to_string());
    DiscoveredDevice {
        by: HeardBy::AccessPoint,
        provisions: name.as_ref().is_some_and(|name| name.starts_with(NAME_PREFIX)),
        address: bssid.or_else(|| name.clone()).unwrap_or_default(),
        name,
        rssi: Some(one.rssi),
        channel: (one.channel > 0).then_some(one.channel),
        encryption: Some(one.protection),
        service: None,
        heard_after,
    }
}

/// Listens for devices for the time `within`. The observer is notified of each device when it is
/// first heard and when it changes. A Bluetooth adapter that is off or unplugged is used once it is
/// back.
///
/// # Errors
/// Those of the Bluetooth adapter. Its absence is an error only if it was absent at the end or most
/// of the time, and no device was found, on the network either.
pub async fn discover(
    sources: DiscoverySources,
    filter: &DiscoveryFilter,
    within: Duration,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let began = Instant::now();
    let mut known: HashMap<(HeardBy, String), (DiscoveredDevice, Instant)> = HashMap::new();
    let mut absence = Absence::default();
    let mut access_points = AccessPoints::default();
    observer.notify(Event::Discovering);
    loop {
        let mut all = heard(&sources, filter, began.elapsed(), &mut absence, observer).await?;
        if let Some(wifi) = &sources.wifi {
            all.extend(access_points.seen(wifi, began.elapsed(), observer).await);
        }
        for one in all.into_iter().filter(|one| filter.takes(one)) {
            let is_full = known.len() >= MOST_DEVICES;
            match known.get_mut(&(one.by, one.address.clone())) {
                None if is_full => {}
                None => {
                    observer.notify(Event::Discovered { device: one.clone() });
                    known.insert((one.by, one.address.clone()), (one, Instant::now()));
                }
                Some((before, told)) => {
                    let one = DiscoveredDevice { heard_after: before.heard_after, ..one };
                    let but_signal = DiscoveredDevice { rssi: before.rssi, ..one.clone() };
                    let waited = told.elapsed() >= SIGNAL_EVERY;
                    if but_signal != *before || (one.rssi != before.rssi && waited) {
                        observer.notify(Event::Discovered { device: one.clone() });
                        (*before, *told) = (one, Instant::now());
                    }
                }
            }
        }
        if began.elapsed() >= within {
            break;
        }
        sleep(LOOK.min(within.saturating_sub(began.elapsed()))).await;
    }
    if let Some(error) = absence.explains(within)
        && known.is_empty()
    {
        return Err(Error::new(Stage::Discover, TransportError::from(error)));
    }
    if let Some(scan) = sources.ble {
        scan.stop().await;
    }
    let mut devices: Vec<_> = known.into_values().map(|(one, _)| one).collect();
    devices.sort_by(|a, b| (a.by, &a.name, &a.address).cmp(&(b.by, &b.name, &b.address)));
    let outcome = Outcome::Discovered { devices };
    observer.notify(Event::Finished { outcome: outcome.clone() });
    Ok(outcome)
}

async fn heard(
    sources: &DiscoverySources,
    filter: &DiscoveryFilter,
    after: Duration,
    absence: &mut Absence,
    observer: &dyn Observer,
) -> Result<Vec<DiscoveredDevice>, Error> {
    let mut heard = Vec::new();
    if let Some(scan) = &sources.ble
        && absence.lasts.is_none_or(|(_, seen_at)| seen_at.elapsed() >= LOOK_AGAIN)
    {
        match scan.heard().await {
            Ok(advertisements) => {
                if absence.ends() {
                    observer.notify(Event::AdapterAvailable);
                }
                heard.extend(
                    advertisements.into_iter().map(|one| advertised(one, filter.service, after)),
                );
            }
            Err(error) if error.is_away() => {
                if absence.lasts.is_none() {
                    observer.notify(Event::AdapterUnavailable { error: error.to_string() });
                }
                let now = Instant::now();
                absence.lasts = Some((absence.lasts.map_or(now, |(since, _)| since), now));
                absence.error = Some(error);
            }
            Err(error) => return Err(Error::new(Stage::Discover, TransportError::from(error))),
        }
    }
    #[cfg(feature = "mdns")]
    if let Some(announcements) = &sources.mdns {
        heard.extend(announcements.heard().into_iter().map(|one| announced(one, after)));
    }
    Ok(heard)
}

/// Describes a device from its advertisement. A service counts as one of provisioning firmware if
/// it is `wanted` or a known one.
pub fn advertised(
    one: Advertisement,
    wanted: Option<Uuid>,
    heard_after: Duration,
) -> DiscoveredDevice {
    let ours = |service: &&Uuid| wanted == Some(**service) || SERVICES.contains(service);
    let our_service = one.services.iter().find(ours);
    DiscoveredDevice {
        by: HeardBy::Ble,
        provisions: our_service.is_some(),
        service: our_service.or(one.services.first()).copied(),
        name: one.name,
        address: one.id,
        rssi: one.rssi,
        channel: None,
        encryption: None,
        heard_after,
    }
}

#[cfg(feature = "mdns")]
fn announced(one: Announced, heard_after: Duration) -> DiscoveredDevice {
    DiscoveredDevice {
        by: HeardBy::Softap,
        name: Some(one.name),
        address: one.address,
        rssi: None,
        channel: None,
        encryption: None,
        service: None,
        provisions: true,
        heard_after,
    }
}
