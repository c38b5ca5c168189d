//! Wi-Fi interfaces that many devices share, one device at a time on each.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use protocomm::Bssid;
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

use super::{
    AccessPointSelector, Connect, LOOK, SoftapConfig, SoftapConnect, Transport, TransportError,
    WayOver, Wifi, WifiError, check_in_time, lock,
};
use crate::{address::SoftapAddress, verify::stations_of_access_point};

/// The Wi-Fi interfaces of this machine that devices are reached with. Clones are the same.
#[derive(Clone)]
pub struct Interfaces(Arc<Inner>);

struct Inner {
    all: Vec<Interface>,
    free: Mutex<Vec<Interface>>,
    permits: Arc<Semaphore>,
    /// Whether an interface leaves each access point when the device is settled, and not only at
    /// the end.
    leaves_each: bool,
}

#[derive(Clone)]
struct Interface {
    /// `None` for the one that sees an access point best.
    name: Option<String>,
    wifi: Arc<dyn Wifi>,
    is_in_use: Arc<AtomicBool>,
}

impl Interface {
    async fn check(&self) -> Result<(), WifiError> {
        check_in_time(&*self.wifi, self.name.as_deref()).await.map(drop)
    }
}

impl Interfaces {
    /// Uses the interfaces with these names, or, with none, the one that sees an access point best.
    /// `wifi` makes the Wi-Fi of one interface. Between two devices, an interface goes back to its
    /// network only with `leaves_each`.
    pub fn new(names: &[String], wifi: impl Fn() -> Arc<dyn Wifi>, leaves_each: bool) -> Self {
        let any = names.is_empty().then_some(None);
        let all = names.iter().cloned().map(Some).chain(any);
        let all = all.map(|name| Interface { name, wifi: wifi(), is_in_use: Arc::default() });
        let all: Vec<_> = all.collect();
        let permits = Arc::new(Semaphore::new(all.len()));
        Self(Arc::new(Inner { free: Mutex::new(all.clone()), all, permits, leaves_each }))
    }

    /// The number of interfaces, which is that of devices at once.
    pub fn count(&self) -> usize {
        self.0.all.len()
    }

    /// The way to a device, with the first interface that is free. Its access point may be away
    /// for `rejoin_within`, as while it joins its network.
    pub fn connect(
        &self,
        to: &SoftapAddress,
        rejoin_within: Duration,
        way_over: Arc<WayOver>,
    ) -> Box<dyn Connect> {
        Box::new(Turn {
            interfaces: self.clone(),
            to: to.clone(),
            rejoin_within,
            way_over,
            current: AsyncMutex::default(),
            bssid: Mutex::default(),
        })
    }

    /// Brings back the networks that the interfaces were in.
    ///
    /// # Errors
    /// The first [`WifiError`].
    pub async fn leave(&self) -> Result<(), WifiError> {
        let mut left = Ok(());
        for interface in &self.0.all {
            left = left.and(interface.wifi.leave().await);
        }
        left
    }

    /// Checks that one of the interfaces can be used.
    async fn check(&self) -> Result<(), WifiError> {
        let mut lacks = WifiError::NoInterface;
        for interface in &self.0.all {
            match interface.check().await {
                Ok(()) => return Ok(()),
                Err(error) => lacks = error,
            }
        }
        Err(lacks)
    }

    /// Takes an interface once one is free. Of several, those that can't be used at the moment are
    /// left out, as long as there is another.
    async fn take(&self) -> Result<Taken, WifiError> {
        let mut left_out: Vec<Taken> = Vec::new();
        let mut next = Box::pin(self.next());
        loop {
            let taken = tokio::select! {
                biased;
                taken = &mut next => {
                    next = Box::pin(self.next());
                    taken?
                }
                // It may be back.
                () = sleep(LOOK), if !left_out.is_empty() => left_out.remove(0),
            };
            if self.count() > 1
                && let Err(error) = taken.interface.check().await
                && error.is_away()
            {
                // Kept meanwhile, so that nobody else is given it.
                left_out.push(taken);
                // One that is in use may be too busy to answer.
                if !self.0.all.iter().any(|one| one.is_in_use.load(Ordering::Relaxed)) {
                    self.check().await?;
                }
                continue;
            }
            taken.interface.is_in_use.store(true, Ordering::Relaxed);
            return Ok(taken);
        }
    }

    async fn next(&self) -> Result<Taken, WifiError> {
        let closed = || WifiError::Other("no interface is left".to_owned());
        let permit = Arc::clone(&self.0.permits).acquire_owned().await.map_err(|_| closed())?;
        let interface = lock(&self.0.free).pop().ok_or_else(closed)?;
        Ok(Taken { interface, interfaces: self.clone(), _permit: permit })
    }
}

/// An interface that no other device uses.
struct Taken {
    interface: Interface,
    interfaces: Interfaces,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.interface.is_in_use.store(false, Ordering::Relaxed);
        lock(&self.interfaces.0.free).push(self.interface.clone());
    }
}

/// The way to one device, for as long as it has an interface.
struct Turn {
    interfaces: Interfaces,
    to: SoftapAddress,
    rejoin_within: Duration,
    way_over: Arc<WayOver>,
    current: AsyncMutex<Option<(SoftapConnect, Taken)>>,
    /// The access point that was joined: never another one of its name.
    bssid: Mutex<Option<Bssid>>,
}

impl Turn {
    fn begin(&self, taken: &Taken) -> SoftapConnect {
        let wanted = match *lock(&self.bssid) {
            Some(bssid) => AccessPointSelector::Bssid(bssid),
            None => self.to.access_point.clone(),
        };
        let config = SoftapConfig {
            wanted,
            interface: taken.interface.name.clone(),
            passphrase: self.to.passphrase.clone(),
            rejoin_within: self.rejoin_within,
        };
        let way_over = Arc::clone(&self.way_over);
        let way_over = Box::new(move |interface: Option<&str>| way_over(interface));
        SoftapConnect::new(config, Arc::clone(&taken.interface.wifi), way_over)
    }
}

#[async_trait]
impl Connect for Turn {
    async fn await_turn(&self) -> Result<(), TransportError> {
        let mut current = self.current.lock().await;
        if current.is_none() {
            let taken = self.interfaces.take().await?;
            *current = Some((self.begin(&taken), taken));
        }
        Ok(())
    }

    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        self.await_turn().await?;
        let current = self.current.lock().await;
        let Some((connect, _)) = &*current else {
            return Err(WifiError::NoInterface.into());
        };
        let link = connect.connect(within).await;
        if let Some(bssid) = connect.joined() {
            *lock(&self.bssid) = Some(bssid);
        }
        link
    }

    async fn ready(&self) -> Result<(), TransportError> {
        Ok(self.interfaces.check().await?)
    }

    fn limit(&self, within: Duration) -> Duration {
        super::limit(within, self.rejoin_within)
    }

    async fn settle(&self) {
        let current = self.current.lock().await.take();
        if let Some((connect, _taken)) = current
            && self.interfaces.0.leaves_each
        {
            connect.settle().await;
        }
    }

    fn station_addresses(&self) -> Vec<Bssid> {
        let known = match self.to.access_point {
            AccessPointSelector::Bssid(bssid) => Some(bssid),
            AccessPointSelector::Name(_) => *lock(&self.bssid),
        };
        known.map(stations_of_access_point).unwrap_or_default()
    }
}
