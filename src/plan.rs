//! What to do with a device, and how patient to be about it.

use std::time::Duration;

use protocomm::{
    Capabilities, Credentials, Harmless, NetworkKind, Password, ProofOfPossession, ThreadDataset,
    Username, VerifierMaker,
    commands::{CustomConfig, SetWifiConfig},
    harmless,
};
use zeroize::Zeroizing;

use crate::{
    error::{Cause, Error, Stage},
    event::Warning,
};

/// One provisioning, fully described.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How to open a session.
    pub security: Security,
    /// Refuse any other version than this one (`--proto-ver`).
    pub version: Option<String>,
    /// Sent to `custom-config` before anything else, if there is any.
    pub custom_config: Option<CustomConfig>,
    /// Sent to `custom-data` before the network, if there is any.
    pub custom_data: Option<Vec<u8>>,
    /// Make the device forget a network it could not join before it is given this one.
    pub reset_first: bool,
    /// The network.
    pub network: Network,
    /// The network for a device that takes the other kind.
    pub alternative: Option<Network>,
    /// How patient to be.
    pub policy: Policy,
}

/// A network to give, with what opens it.
#[derive(Clone, Debug)]
pub enum Network {
    /// Wi-Fi.
    Wifi(SetWifiConfig),
    /// Thread.
    Thread(ThreadDataset),
}

impl Network {
    /// Which kind it is.
    pub fn kind(&self) -> NetworkKind {
        match self {
            Self::Wifi(_) => NetworkKind::Wifi,
            Self::Thread(_) => NetworkKind::Thread,
        }
    }
}

impl Plan {
    /// The network that fits a device. Firmware before network_provisioning does not tell its
    /// kind, and is for Wi-Fi.
    pub(crate) fn network_for(&self, device: &Capabilities) -> Result<&Network, Error> {
        let kind = device.network();
        let mut networks = std::iter::once(&self.network).chain(&self.alternative);
        networks.find(|network| network.kind() == kind).ok_or_else(|| {
            let given = self.network.kind();
            Error::new(Stage::Version, Cause::OtherNetwork { given, taken: kind })
        })
    }
}

/// Which security to use.
#[derive(Clone, Debug, Default)]
pub struct Security {
    /// A scheme by number, or the one the device names.
    pub scheme: Option<u32>,
    /// `None`: ask if it is needed. Empty: the device has none.
    pub pop: Option<ProofOfPossession>,
    /// For security 2; `None`: ask if it is needed.
    pub login: Option<Login>,
}

/// User name and password of security 2.
#[derive(Clone, Debug)]
pub struct Login {
    /// Firmware of the vendor's examples has `wifiprov`.
    pub username: Username,
    /// What its verifier was made from.
    pub password: Password,
}

/// What [`Security::choose`] came to.
pub(crate) enum Choice {
    Use(Credentials),
    AskForProof,
    AskForLogin,
}

impl Security {
    /// Chooses as the vendor's manager and apps do: what was asked for, else what the device
    /// says. Never silently less than was asked for.
    pub(crate) fn choose(
        &self,
        device: &Capabilities,
        made_by: VerifierMaker,
        warn: impl Fn(Warning),
    ) -> Result<Choice, Error> {
        let fail = |cause| Err(Error::new(Stage::Handshake, cause));
        let given = self.pop.as_ref().is_some_and(|pop| !pop.is_empty());
        let any_given = given || self.login.is_some();
        let Some(scheme) = self.scheme.or(device.security()) else {
            return fail(Cause::SecurityUnsaid(version_of(device)));
        };
        if let (Some(asked), Some(offered)) = (self.scheme, device.security())
            && asked != offered
        {
            warn(Warning::OtherSecurity { asked, offered });
        }
        match scheme {
            0 if any_given && self.scheme.is_none() => fail(Cause::Downgrade),
            0 => Ok(Choice::Use(Credentials::Sec0)),
            1 if !device.needs_proof_of_possession() => {
                if given {
                    warn(Warning::ProofIgnored);
                }
                Ok(Choice::Use(Credentials::Sec1 { pop: ProofOfPossession::none() }))
            }
            1 => Ok(match &self.pop {
                Some(pop) => Choice::Use(Credentials::Sec1 { pop: pop.clone() }),
                None => Choice::AskForProof,
            }),
            2 => Ok(match &self.login {
                Some(Login { username, password }) => Choice::Use(Credentials::Sec2 {
                    username: username.clone(),
                    password: password.clone(),
                    made_by,
                }),
                None => Choice::AskForLogin,
            }),
            other => fail(Cause::SecurityUnsupported(other)),
        }
    }
}

/// How the device names its version, for messages.
pub(crate) fn version_of(device: &Capabilities) -> String {
    device.version.clone().unwrap_or_else(|| "not told".to_owned())
}

/// How patient to be. Every wait in a run has its limit here.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Limit for building a link.
    pub connect_within: Duration,
    /// Limit for one reply, unless the command is slow by nature.
    pub reply_within: Duration,
    /// Limit for the device's join, from the first apply on.
    pub join_within: Duration,
    /// Limit for the whole run, questions to a person not counted.
    pub timeout: Duration,
    /// The longest pause between two questions how the join stands. The first are asked much
    /// faster.
    pub poll_interval: Duration,
    /// How often to build a link and a session at most.
    pub attempts: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect_within: Duration::from_secs(10),
            reply_within: Duration::from_secs(10),
            join_within: Duration::from_secs(60),
            timeout: Duration::from_secs(180),
            poll_interval: Duration::from_secs(1),
            attempts: 3,
        }
    }
}

impl Policy {
    /// The pause before the next status poll: short at first, since most joins take a second or
    /// three, then a fifteenth of the time waited so far. So waiting hardly adds
    /// more than that to what the join itself takes.
    pub(crate) fn poll_pause(&self, waited: Duration) -> Duration {
        const SHORTEST: Duration = Duration::from_millis(80);
        (waited / 15).max(SHORTEST).min(self.poll_interval)
    }

    /// The pause before another attempt, growing.
    pub(crate) fn retry_pause(attempt: u32) -> Duration {
        Self::growing(Duration::from_millis(500), attempt)
    }

    /// The same once the device may have joined: it leaves a second after it has said so, and
    /// nobody knows whether it has when the link breaks.
    pub(crate) fn retry_pause_after_apply(attempt: u32) -> Duration {
        Self::growing(Duration::from_millis(100), attempt)
    }

    fn growing(first: Duration, attempt: u32) -> Duration {
        first * 2_u32.pow(attempt.saturating_sub(1).min(4))
    }
}

/// Reads a dataset as OpenThread prints it (`dataset active -x`).
pub(crate) fn dataset_from_hex(text: &str) -> Result<ThreadDataset, Harmless> {
    ThreadDataset::new(from_hex(text)?).map_err(Harmless::from)
}

/// Bytes in hexadecimal, with spaces and colons between them if wanted; never shows them.
pub(crate) fn from_hex(text: &str) -> Result<Zeroizing<Vec<u8>>, Harmless> {
    let text = text.trim();
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits = text.chars().filter(|char| !char.is_whitespace() && *char != ':');
    let digits: Zeroizing<String> = Zeroizing::new(digits.collect());
    if let Some(at) = digits.chars().position(|char| !char.is_ascii_hexdigit()) {
        return Err(harmless!("character {} is no hexadecimal digit", at + 1));
    }
    let odd = |_| harmless!("{} hexadecimal digits are no whole bytes", digits.len());
    hex::decode(digits.as_bytes()).map(Zeroizing::new).map_err(odd)
}
