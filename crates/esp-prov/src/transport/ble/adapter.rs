//! What a Bluetooth adapter has to be able to do here. [`platform`](super::platform) does it with
//! the system's Bluetooth; tests do it with a device made of software.

use async_trait::async_trait;
use thiserror::Error;
use uuid::Uuid;

use super::super::reason;
use crate::address::BleSelector;

/// A Bluetooth adapter.
#[async_trait]
pub trait Adapter: Send + Sync {
    /// Whether it can be used now: it is there, and listens when it is told to.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn ready(&self) -> Result<(), RadioError>;

    /// Begins to listen for advertisements, also after it was away.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn listen(&self) -> Result<(), RadioError>;

    /// What was heard of each device since then.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn heard(&self) -> Result<Vec<Advertisement>, RadioError>;

    /// Listens no more.
    async fn stop(&self);

    /// Forgets what the system keeps of a device, where it can: after a change of firmware that may
    /// be wrong.
    async fn forget(&self, id: &str);

    /// A device that was heard, not connected yet.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn peer(&self, id: &str) -> Result<Box<dyn Peer>, RadioError>;
}

/// A device that advertises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advertisement {
    /// What the system calls it: its address, or a number of its own where the system hides
    /// addresses (macOS).
    pub id: String,
    /// Its name; comes later than the rest, and may be cut off.
    pub name: Option<String>,
    /// Whether the system says that the name is not cut off. None of those behind btleplug does:
    /// BlueZ has no property for it, and firmware calls what is left of a name complete.
    pub is_named_whole: bool,
    /// Its signal, dBm.
    pub rssi: Option<i16>,
    /// The services it advertises.
    pub services: Vec<Uuid>,
    /// Whether this machine is connected to it, so that it does not advertise.
    pub is_connected: bool,
}

impl Advertisement {
    /// Whether this is a wanted device.
    pub fn is(&self, wanted: &BleSelector) -> bool {
        let name = self.name.as_deref();
        match wanted {
            BleSelector::Name(wanted) => name == Some(wanted),
            BleSelector::Prefix(prefix) => {
                name.is_some_and(|name| name.starts_with(prefix.as_str()))
            }
            BleSelector::Id(id) => self.id.eq_ignore_ascii_case(id),
            BleSelector::Service(service) => self.services.contains(service),
        }
    }
}

/// A device to connect to.
#[async_trait]
pub trait Peer: Send + Sync {
    /// Connects to it, and learns what it has.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn connect(&self) -> Result<(), RadioError>;

    /// What can be read and written, of all services.
    fn characteristics(&self) -> Vec<Characteristic>;

    /// The same with all that the system tells about it.
    async fn details(&self) -> Vec<Details> {
        let all = self.characteristics().into_iter();
        all.map(|characteristic| Details {
            descriptors: characteristic.described.then_some(DESCRIPTION).into_iter().collect(),
            properties: Vec::new(),
            handle: None,
            characteristic,
        })
        .collect()
    }

    /// The longest packet of the connection, in bytes, where the system tells.
    fn mtu(&self) -> Option<u16> {
        None
    }

    /// The user description (0x2901) of a characteristic that has one.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn description(&self, of: &Characteristic) -> Result<Vec<u8>, RadioError>;

    /// Writes a whole value and waits for the response.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn write(&self, to: &Characteristic, value: &[u8]) -> Result<(), RadioError>;

    /// Reads a whole value.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn read(&self, from: &Characteristic) -> Result<Vec<u8>, RadioError>;

    /// Closes the connection, or gives up connecting. It may return as soon as that is begun, and
    /// goes on without this process.
    async fn disconnect(&self);

    /// Returns once a connection that is being closed is closed.
    async fn closed(&self) {}
}

/// Something that can be read and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Characteristic {
    /// The service it belongs to.
    pub service: Uuid,
    /// Its own number.
    pub uuid: Uuid,
    /// Whether it has a user description.
    pub described: bool,
}

/// A characteristic with what is not needed to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Which one.
    pub characteristic: Characteristic,
    /// What can be done with it.
    pub properties: Vec<&'static str>,
    /// What describes it.
    pub descriptors: Vec<Uuid>,
    /// The handle of its value.
    pub handle: Option<u16>,
}

/// The user description of a characteristic.
pub(super) const DESCRIPTION: Uuid = Uuid::from_u128(0x0000_2901_0000_1000_8000_0080_5f9b_34fb);

/// Why an adapter can't be used, or what a device or the system said.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RadioError {
    /// There is no adapter.
    #[error("this machine has no Bluetooth adapter")]
    NoAdapter,
    /// There is none of this name.
    #[error("no Bluetooth adapter has this name; adapters here: {there}")]
    OtherAdapter {
        /// What was requested.
        wanted: String,
        /// What there is.
        there: String,
    },
    /// The adapter is switched off or blocked.
    #[error("the Bluetooth adapter is off")]
    Off,
    /// The adapter is on and does not listen. The kernel goes on for 10 s with what a Bluetooth
    /// service that died had begun, and lets the next begin nothing meanwhile.
    #[error("the adapter does not start listening")]
    DiscoveryUnavailable,
    /// The system has no bus on which a Bluetooth service could be.
    #[error("the system's bus (D-Bus) does not answer: {}", reason(.0))]
    NoBus(String),
    /// The system's Bluetooth service does not run.
    #[error("the system's Bluetooth service does not answer: {}", reason(.0))]
    NoService(String),
    /// It died while a device was being connected to, which may be that device's doing: BlueZ 5.66
    /// does when one disconnects at once.
    #[error("the system's Bluetooth service died while it connected to the device: {}", reason(.0))]
    Died(String),
    /// This user may not.
    #[error("this user may not use Bluetooth: {}", reason(.0))]
    Denied(String),
    /// The device wants an encrypted link, and the system did not make one.
    #[error("the device wants to be paired with: {}", reason(.0))]
    Unpaired(String),
    /// The device takes no value of this length.
    #[error("the value is too long for the device: {}", reason(.0))]
    TooLong(String),
    /// The device does not let this be read or written, as it is.
    #[error("the device does not allow the request: {}", reason(.0))]
    Forbidden(String),
    /// The device answered with an ATT error, which is how it rejects a request.
    #[error("the device rejects the request: {}", reason(.0))]
    Rejected(String),
    /// The connection is gone.
    #[error("{}", reason(.0))]
    Lost(String),
    /// Anything else.
    #[error("{}", reason(.0))]
    Other(String),
}

impl RadioError {
    /// Whether this machine has no Bluetooth at the moment, which is no fault of a device. With two
    /// adapters, one is there first when the system's Bluetooth service starts again.
    pub fn is_away(&self) -> bool {
        matches!(
            self,
            Self::Off
                | Self::DiscoveryUnavailable
                | Self::NoAdapter
                | Self::OtherAdapter { .. }
                | Self::NoService(_)
                | Self::Died(_)
        )
    }

    /// Of whose kind an error is that was written down as text, as in a ledger: what is wrong with
    /// this machine's Bluetooth, or a device that wants pairing. What the system said of it is left
    /// out.
    pub fn told_in(text: &str) -> Option<Self> {
        // Stands for it, and is in no text.
        const DETAIL: &str = "\0";
        let detail = || DETAIL.to_owned();
        let kinds = [
            Self::NoAdapter,
            Self::OtherAdapter { wanted: detail(), there: detail() },
            Self::Off,
            Self::DiscoveryUnavailable,
            Self::NoBus(detail()),
            Self::NoService(detail()),
            Self::Died(detail()),
            Self::Denied(detail()),
            Self::Unpaired(detail()),
        ];
        kinds.into_iter().find(|kind| {
            let words = kind.to_string();
            text.contains(words.split(DETAIL).next().unwrap_or_default())
        })
    }
}
