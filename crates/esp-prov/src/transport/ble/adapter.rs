//! What this crate needs from a Bluetooth adapter. [`platform`](super::platform) implements the
//! traits with the system's Bluetooth; tests implement them with virtual devices.

use async_trait::async_trait;
use thiserror::Error;
use uuid::Uuid;

use super::super::{DETAIL, reason, told_in};
use crate::address::BleSelector;

/// A Bluetooth adapter.
#[async_trait]
pub trait Adapter: Send + Sync {
    /// Checks that the adapter is usable now: it is present and can listen for advertisements.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn ready(&self) -> Result<(), RadioError>;

    /// Starts listening for advertisements, also after the adapter was away.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn listen(&self) -> Result<(), RadioError>;

    /// Returns what was heard of each device since listening started.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn heard(&self) -> Result<Vec<Advertisement>, RadioError>;

    /// Stops listening.
    async fn stop(&self);

    /// Forgets what the system has cached about a device, if the system can: the cache may be wrong
    /// after a change of firmware.
    async fn forget(&self, id: &str);

    /// Returns a device that was heard. It is not connected yet.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn peer(&self, id: &str) -> Result<Box<dyn Peer>, RadioError>;
}

/// A device that advertises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advertisement {
    /// The system's identifier for the device: its Bluetooth address, or a UUID if the system hides
    /// addresses (macOS).
    pub id: String,
    /// The device's name. It arrives later than the other fields, and may be cut off.
    pub name: Option<String>,
    /// Whether the system guarantees that the name is not cut off. No backend of btleplug does:
    /// BlueZ has no property for it, and firmware marks a cut-off name as complete.
    pub is_named_whole: bool,
    /// The signal strength, in dBm.
    pub rssi: Option<i16>,
    /// The services it advertises.
    pub services: Vec<Uuid>,
    /// Whether this machine is connected to the device. A connected device does not advertise.
    pub is_connected: bool,
}

impl Advertisement {
    /// Whether this device matches the selector.
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
    /// Connects to the device and discovers its services.
    ///
    /// # Errors
    /// [`RadioError`].
    async fn connect(&self) -> Result<(), RadioError>;

    /// Lists the characteristics of all services.
    fn characteristics(&self) -> Vec<Characteristic>;

    /// Lists the characteristics of all services, with everything the system reports about them.
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

    /// The MTU of the connection, in bytes, if the system reports it.
    fn mtu(&self) -> Option<u16> {
        None
    }

    /// Reads the user description (0x2901) of a characteristic that has one.
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

    /// Closes the connection, or cancels connecting. It may return as soon as the system has begun
    /// to close the connection and will finish without this process.
    async fn disconnect(&self);

    /// Returns once a connection that is being closed has closed.
    async fn closed(&self) {}
}

/// A GATT characteristic: a value that can be read and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Characteristic {
    /// The service it belongs to.
    pub service: Uuid,
    /// The UUID of the characteristic.
    pub uuid: Uuid,
    /// Whether it has a user description.
    pub described: bool,
}

/// A characteristic with details that are not needed to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// The characteristic.
    pub characteristic: Characteristic,
    /// The names of its properties, such as read and write.
    pub properties: Vec<&'static str>,
    /// The UUIDs of its descriptors.
    pub descriptors: Vec<Uuid>,
    /// The handle of its value.
    pub handle: Option<u16>,
}

/// The UUID of a characteristic's user description.
pub(super) const DESCRIPTION: Uuid = Uuid::from_u128(0x0000_2901_0000_1000_8000_0080_5f9b_34fb);

/// Why an adapter can't be used, or what the device or the system reported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RadioError {
    /// There is no adapter.
    #[error("this machine has no Bluetooth adapter")]
    NoAdapter,
    /// There is no adapter with the requested name.
    #[error("no Bluetooth adapter has this name; adapters here: {there}")]
    OtherAdapter {
        /// The name that was requested.
        wanted: String,
        /// The adapters that exist.
        there: String,
    },
    /// The adapter is switched off or blocked.
    #[error("the Bluetooth adapter is off")]
    Off,
    /// The adapter is on but does not listen. After a Bluetooth service dies, the kernel continues
    /// that service's work for 10 s, and the next service can't start anything meanwhile.
    #[error("the adapter does not start listening")]
    DiscoveryUnavailable,
    /// The system has no D-Bus system bus, which a Bluetooth service needs.
    #[error("the system's bus (D-Bus) does not answer: {}", reason(.0))]
    NoBus(String),
    /// The system's Bluetooth service is not running.
    #[error("the system's Bluetooth service does not answer: {}", reason(.0))]
    NoService(String),
    /// The Bluetooth service died while connecting to a device. The device may be the cause: BlueZ
    /// 5.66 dies if a device disconnects at once.
    #[error("the system's Bluetooth service died while it connected to the device: {}", reason(.0))]
    Died(String),
    /// This user has no permission to use Bluetooth.
    #[error("this user may not use Bluetooth: {}", reason(.0))]
    Denied(String),
    /// The device requires an encrypted link, and the system did not establish one.
    #[error("the device wants to be paired with: {}", reason(.0))]
    Unpaired(String),
    /// The device does not accept a value of this length.
    #[error("the value is too long for the device: {}", reason(.0))]
    TooLong(String),
    /// The device does not permit this read or write.
    #[error("the device does not allow the request: {}", reason(.0))]
    Forbidden(String),
    /// The device answered with an ATT error, which is how it rejects a request.
    #[error("the device rejects the request: {}", reason(.0))]
    Rejected(String),
    /// The connection was lost.
    #[error("{}", reason(.0))]
    Lost(String),
    /// Anything else.
    #[error("{}", reason(.0))]
    Other(String),
}

impl RadioError {
    /// Whether this machine has no Bluetooth at the moment, which is not the device's fault. On a
    /// machine with two adapters, one appears before the other when the system's Bluetooth service
    /// restarts, so [`OtherAdapter`](Self::OtherAdapter) counts, too.
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

    /// Recognises an error from its text, for example in a ledger. It recognises faults of this
    /// machine's Bluetooth, and a device that requires pairing. The system's own message is left
    /// out.
    pub fn told_in(text: &str) -> Option<Self> {
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
        told_in(text, kinds)
    }
}
