//! The Wi-Fi of this machine, as the transport uses it.

use std::time::Duration;

use async_trait::async_trait;
use protocomm::{Bssid, Passphrase, Ssid};
use serde::{Serialize, Serializer};
use thiserror::Error;

use super::super::{DETAIL, told_in};

/// The Wi-Fi of this machine. Joins one access point at a time.
#[async_trait]
pub trait Wifi: Send + Sync {
    /// Reports the interfaces, what they are connected to, and whether they may be used.
    ///
    /// # Errors
    /// [`WifiError`].
    async fn host(&self) -> Result<HostWifi, WifiError>;

    /// Lists the access points that the interfaces see now, or only those that `interface` sees.
    ///
    /// # Errors
    /// [`WifiError`].
    async fn visible(&self, interface: Option<&str>) -> Result<Vec<AccessPoint>, WifiError>;

    /// Has the system look for access points with its interfaces, or only with `interface`, which
    /// takes it seconds. Has no effect while it does.
    async fn scan(&self, interface: Option<&str>);

    /// Joins an access point, with an interface that can see it. Returns when this machine has an
    /// address there, for which it waits for at most `within`. Nothing of it is saved, and it ends with
    /// this process.
    ///
    /// # Errors
    /// [`WifiError`]. The interface may have left its network; [`leave`](Self::leave) brings it back.
    async fn join(
        &self,
        access_point: &AccessPoint,
        passphrase: &Passphrase,
        within: Duration,
    ) -> Result<(), WifiError>;

    /// Whether this machine is on the access point that was joined last.
    async fn is_joined(&self) -> bool;

    /// Leaves the access point, or stops joining it, and brings back what the interface was
    /// connected to before. Has no effect where nothing was joined.
    ///
    /// # Errors
    /// [`WifiError`]: the network before could not be brought back.
    async fn leave(&self) -> Result<(), WifiError>;

    /// Removes what crashed runs have left in the system, and returns the names of the access
    /// points that it was for.
    ///
    /// # Errors
    /// [`WifiError`].
    async fn clean_up(&self) -> Result<Vec<String>, WifiError>;
}

/// What is known about the Wi-Fi of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostWifi {
    /// What manages the interfaces, with its version, e.g. `NetworkManager 1.42.4`.
    pub manager: String,
    /// Whether Wi-Fi is switched on.
    pub is_on: bool,
    /// Whether a switch of the machine (rfkill) blocks it.
    pub is_blocked: bool,
    /// Whether this user may join networks.
    pub may_join: Permission,
    /// All Wi-Fi interfaces.
    pub interfaces: Vec<WifiInterface>,
}

/// Whether something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It is.
    Yes,
    /// It needs a password, which only a desktop asks for.
    WithPassword,
    /// It is not.
    No,
}

/// A Wi-Fi interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WifiInterface {
    /// Its name, e.g. `wlan0`.
    pub name: String,
    /// What it does.
    pub state: InterfaceState,
}

/// What a Wi-Fi interface does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InterfaceState {
    /// The manager leaves it to others.
    Unmanaged,
    /// It can't be used now.
    Unavailable,
    /// It is in no network, or is joining or leaving one.
    Free,
    /// It is in a network.
    Connected {
        /// The network's name, if it is a Wi-Fi network with one.
        ssid: Option<Ssid>,
    },
}

impl InterfaceState {
    /// Whether the interface can join an access point.
    pub fn is_usable(&self) -> bool {
        matches!(self, Self::Free | Self::Connected { .. })
    }
}

/// An access point, as an interface sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPoint {
    /// The interface that sees it.
    pub interface: String,
    /// Its name; `None` if it is hidden.
    pub ssid: Option<Ssid>,
    /// Its address; `None` if the system does not tell.
    pub bssid: Option<Bssid>,
    /// Its channel; 0 if it is not known.
    pub channel: u16,
    /// The strength of its signal, in dBm. NetworkManager gives only a percentage, from which this
    /// is estimated.
    pub rssi: i16,
    /// How it is protected.
    pub protection: Protection,
}

/// How an access point is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Open,
    /// WPA or WPA2 with a passphrase, perhaps WPA3, too.
    Wpa,
    /// WPA3 with a passphrase.
    Wpa3,
    /// WEP, which is not supported.
    Wep,
    /// With accounts (802.1X), which is not supported.
    Enterprise,
}

impl Serialize for Protection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Protection {
    /// A short name: `open`, `WPA`, `WPA3`, `WEP` or `enterprise`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Wpa => "WPA",
            Self::Wpa3 => "WPA3",
            Self::Wep => "WEP",
            Self::Enterprise => "enterprise",
        }
    }
}

/// An error of this machine's Wi-Fi.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WifiError {
    /// This version of the tool can't use the system's Wi-Fi.
    #[error("joining an access point is not supported on this system")]
    Unsupported,
    /// Nothing that manages Wi-Fi is running, or it does not answer.
    #[error("NetworkManager does not answer: {0}")]
    NoManager(String),
    /// There is no Wi-Fi interface.
    #[error("this machine has no Wi-Fi interface")]
    NoInterface,
    /// There is no Wi-Fi interface of this name that can be used.
    #[error("no Wi-Fi interface of this name can be used; interfaces here: {there}")]
    OtherInterface {
        /// Those that there are, in words.
        there: String,
    },
    /// The interfaces can't be used: they are left to something else, or not ready.
    #[error("no Wi-Fi interface can be used: {0}")]
    Unusable(String),
    /// Another run uses this interface.
    #[error("another run of esp-prov-rs uses {0}")]
    InUse(String),
    /// Wi-Fi is switched off or blocked.
    #[error("Wi-Fi is off")]
    Off,
    /// This user has no permission to join networks.
    #[error("this user may not join Wi-Fi networks: {0}")]
    Denied(String),
    /// The access point is not in range.
    #[error("{0}")]
    NotFound(String),
    /// Several access points match.
    #[error("several access points have this name: {0}")]
    Several(String),
    /// The access point rejects the passphrase.
    #[error("the access point rejects the passphrase")]
    WrongPassphrase,
    /// The access point is encrypted, and no passphrase was given.
    #[error("the access point is encrypted, and no passphrase was given for it")]
    PassphraseMissing,
    /// The access point is open, although a passphrase was given. Anybody can set one up that has
    /// the device's name.
    #[error("the access point is open, but a passphrase was given for it")]
    NotEncrypted,
    /// The access point is protected in a way that is not supported.
    #[error("the access point uses {0}, which is not supported")]
    OtherProtection(&'static str),
    /// The access point vanished while it was joined.
    #[error("the access point is gone")]
    Gone,
    /// This machine did not get an address.
    #[error("the access point gives this machine no address")]
    NoAddress,
    /// The join was not complete in time.
    #[error("the access point was not joined in time")]
    NoTime,
    /// Somebody connected the interface to something else.
    #[error("the interface was connected to something else meanwhile")]
    TakenOver,
    /// The network that was there before could not be brought back.
    #[error("the network before could not be brought back: {0}")]
    NotRestored(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl WifiError {
    /// Whether the access point is not there, or not yet again.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NotFound(_) | Self::Gone | Self::NoAddress | Self::NoTime)
    }

    /// Whether this machine has no Wi-Fi at the moment, which is not the device's fault.
    pub fn is_away(&self) -> bool {
        matches!(
            self,
            Self::NoManager(_)
                | Self::NoInterface
                | Self::OtherInterface { .. }
                | Self::Unusable(_)
                | Self::Off
        )
    }

    /// Recognises an error from its text, for example in a ledger. The system's own message is left
    /// out.
    pub fn told_in(text: &str) -> Option<Self> {
        let detail = || DETAIL.to_owned();
        let kinds = [
            Self::Unsupported,
            Self::NoManager(detail()),
            Self::NoInterface,
            Self::OtherInterface { there: detail() },
            Self::Unusable(detail()),
            Self::InUse(detail()),
            Self::Off,
            Self::Denied(detail()),
            Self::Several(detail()),
            Self::WrongPassphrase,
            Self::PassphraseMissing,
            Self::NotEncrypted,
            Self::OtherProtection(DETAIL),
            Self::Gone,
            Self::NoAddress,
            Self::NoTime,
            Self::TakenOver,
        ];
        told_in(text, kinds)
    }

    /// Whether this machine's Wi-Fi can't be used at all.
    pub fn is_of_host(&self) -> bool {
        self.is_away() || matches!(self, Self::Unsupported | Self::Denied(_))
    }
}
