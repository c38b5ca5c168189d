//! The events of a run, for observers. This file defines the schema of `--json`; see docs/json.md.

use std::{fmt, net::Ipv4Addr, time::Duration};

use protocomm::{
    Capabilities, Endpoint, ExtPanId, Scheme, Status,
    commands::{JoinFailure, ThreadConnection, ThreadNetwork, WifiConnection},
};
use serde::Serialize;

use crate::{
    address::Address,
    discovered_device::{DiscoveredDevice, milliseconds},
    error::{FailureKind, Mismatch, SecurityLevel, Stage},
    exchange::ExchangeRecord,
    info::Info,
    scan::VisibleNetwork,
    shown::Shown,
    verify::Verification,
};

/// Something that happened during a run. No secret type can be serialised, so no event can
/// carry one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// The run starts listening for devices.
    Discovering,
    /// A device was heard for the first time, or has changed.
    Discovered {
        /// What is known of it.
        #[serde(flatten)]
        device: DiscoveredDevice,
    },
    /// The device's access point is looked for, to be joined.
    JoiningAccessPoint {
        /// Its name or its BSSID, as text.
        access_point: String,
    },
    /// This machine is on the device's access point.
    AccessPointJoined {
        /// Its name or its BSSID, as text.
        access_point: String,
        /// The Wi-Fi interface that is on it.
        interface: String,
    },
    /// An attempt to connect begins.
    Connecting {
        /// Which device.
        address: Address,
        /// The number of the attempt, from 1.
        attempt: u32,
    },
    /// The device reported its version and capabilities.
    Identified {
        /// What it reported.
        #[serde(flatten)]
        capabilities: Capabilities,
    },
    /// This machine's Bluetooth or Wi-Fi is off or away; the run waits for it.
    AdapterUnavailable {
        /// Why.
        error: String,
    },
    /// The adapter is back.
    AdapterAvailable,
    /// A problem that the user should know about, although the run continues.
    Warning {
        /// Which one.
        #[serde(flatten)]
        warning: Warning,
    },
    /// The person at the terminal is being asked a question.
    Asking,
    /// A session is open.
    Established {
        /// Its scheme.
        security: Scheme,
    },
    /// The device accepted the application data (`custom-data`).
    CustomDataSent {
        /// Bytes sent.
        sent: usize,
        /// The reply as text, invalid UTF-8 replaced.
        reply: String,
    },
    /// The device accepted its application data of the legacy example (`custom-config`).
    CustomConfigSent,
    /// The device answered a message of `send`.
    Answered {
        /// The message and its reply.
        #[serde(flatten)]
        reply: Reply,
    },
    /// The device is scanning for networks.
    Scanning,
    /// The device has stored the network.
    ConfigSent {
        /// The network's name.
        #[serde(flatten)]
        network: NetworkName,
    },
    /// The device has begun to join.
    Applied,
    /// The device reported a new state of its join.
    Polled {
        /// The new state.
        #[serde(flatten)]
        state: JoinState,
    },
    /// The device has forgotten a network.
    Reset,
    /// The device refused to forget its network. Either it could join that network or is still
    /// joining it, or its firmware (up to network_provisioning 1.2.0) has nothing to forget.
    ResetRefused {
        /// The error status of the device.
        status: Status,
    },
    /// After a test, the device has left the network again, and waits for another.
    Undone,
    /// The link or session was lost, and another attempt follows.
    Retrying {
        /// The number of the next attempt.
        attempt: u32,
        /// The pause before the next attempt.
        #[serde(rename = "after_ms", serialize_with = "milliseconds")]
        after: Duration,
        /// The stage at which the last attempt ended.
        stage: Stage,
        /// The reason that the last attempt failed.
        cause: String,
    },
    /// The device is looked for on the network that it was given.
    Verifying {
        /// The address that it has told, if it has.
        ip: Option<Ipv4Addr>,
    },
    /// The search for the device is over.
    Verified {
        /// What came of it.
        #[serde(flatten)]
        verification: Verification,
    },
    /// One request and its reply, for `-vv`.
    Exchange(Exchange),
    /// The run is over, and the device is provisioned or may be provisioned.
    Finished {
        /// The result of the run.
        #[serde(flatten)]
        outcome: Outcome,
    },
}

/// How a run ended without an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// The device reports that it is connected.
    Connected {
        /// What it reports.
        #[serde(flatten)]
        connection: WifiConnection,
    },
    /// The device was told to join, and left before it reported the result. It has probably joined,
    /// unless its last report makes that doubtful.
    Unconfirmed {
        /// The last reported state of the join, if the device reported any.
        last: Option<JoinState>,
    },
    /// The device left before it reported the result, and was found on the network that it was
    /// given.
    Verified {
        /// Its address there.
        ip: Option<Ipv4Addr>,
    },
    /// The device reports that it is connected, and was not found there.
    NotVerified {
        /// What it reports.
        #[serde(flatten)]
        connection: WifiConnection,
    },
    /// The device joined, and has left the network again: a test that was undone. Until it restarts,
    /// it waits for another network.
    Tested {
        /// What it reported while it was connected.
        #[serde(flatten)]
        connection: Connection,
    },
    /// The device has forgotten its network and waits for a new one.
    Reset,
    /// The reply to a reset was lost, and the device refuses a second reset, as firmware up to
    /// network_provisioning 1.2.0 does after a successful one.
    ProbablyReset,
    /// The device reports that it is attached to a Thread network.
    Attached {
        /// What it reports.
        #[serde(flatten)]
        connection: ThreadConnection,
    },
    /// The device was asked for its status, and is not connected to any network.
    NotConnected {
        /// The state of its last join.
        #[serde(flatten)]
        state: JoinState,
    },
    /// The Wi-Fi networks that the device sees.
    Scanned {
        /// Strongest first.
        networks: Vec<VisibleNetwork>,
    },
    /// The Thread networks that the device sees.
    ThreadScanned {
        /// Strongest first.
        networks: Vec<ThreadNetwork>,
    },
    /// The information that a device reports without being provisioned.
    Info {
        /// The device's information.
        #[serde(flatten)]
        info: Box<Info>,
    },
    /// The devices that were heard.
    Discovered {
        /// By transport, then by name.
        devices: Vec<DiscoveredDevice>,
    },
    /// All messages of `send` were answered.
    Sent {
        /// In the order of the messages.
        replies: Vec<Reply>,
    },
}

impl Outcome {
    /// The kind of failure, if the device did not reach the intended state.
    pub fn failure(&self) -> Option<FailureKind> {
        match self {
            Self::Discovered { devices } if devices.is_empty() => Some(FailureKind::NotFound),
            Self::Connected { .. }
            | Self::Verified { .. }
            | Self::Attached { .. }
            | Self::Tested { .. }
            | Self::Info { .. }
            | Self::Reset
            | Self::ProbablyReset
            | Self::Scanned { .. }
            | Self::Discovered { .. }
            | Self::ThreadScanned { .. }
            | Self::Sent { .. } => None,
            Self::Unconfirmed { .. } => Some(FailureKind::Unconfirmed),
            Self::NotVerified { .. } => Some(FailureKind::NotVerified),
            Self::NotConnected { state } => Some(match state {
                JoinState::Failed { failure } => (*failure).into(),
                JoinState::Mismatch { .. } => FailureKind::NetworkMismatch,
                JoinState::Connecting { .. } | JoinState::Connected | JoinState::Other { .. } => {
                    FailureKind::NotJoined
                }
            }),
        }
    }
}

impl Outcome {
    /// The outcome after the device was looked for.
    pub(crate) fn after(self, verification: &Verification) -> Self {
        match (self, verification.verified) {
            (Self::Unconfirmed { .. }, Some(true)) => Self::Verified { ip: verification.ip },
            (Self::Connected { connection }, Some(false)) => Self::NotVerified { connection },
            (outcome, _) => outcome,
        }
    }
}

/// A connection that a device reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Connection {
    /// To a Wi-Fi network.
    Wifi(WifiConnection),
    /// To a Thread network.
    Thread(ThreadConnection),
}

/// The name of a network that was sent to a device, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "network", rename_all = "lowercase")]
pub enum NetworkName {
    /// Wi-Fi.
    Wifi {
        /// Its name as text, invalid UTF-8 replaced.
        ssid: String,
    },
    /// Thread.
    Thread {
        /// The network's name, if the dataset contains it.
        name: Option<String>,
        /// The extended PAN ID, if the dataset contains it.
        ext_pan_id: Option<ExtPanId>,
    },
}

/// The answer to one message of `send`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reply {
    /// The endpoint that the message was sent to.
    pub endpoint: Endpoint,
    /// Bytes sent.
    pub sent: usize,
    /// The reply as text, invalid UTF-8 replaced.
    #[serde(rename = "reply")]
    pub text: String,
    /// The reply's bytes.
    #[serde(rename = "reply_hex", serialize_with = "hexadecimal")]
    pub bytes: Vec<u8>,
}

/// The state of a join. This enum is exhaustive: states that firmware may add are
/// [`JoinState::Other`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum JoinState {
    /// The device is trying to join.
    Connecting {
        /// The number of attempts left after a failed one, if the firmware reports it.
        attempts_remaining: Option<u32>,
    },
    /// The device has joined.
    Connected,
    /// The join failed, though older firmware may try again on its own.
    Failed {
        /// Why.
        #[serde(rename = "reason", serialize_with = "as_text")]
        failure: JoinFailure,
    },
    /// The device reports a connection, but not to the network that it was given, or to no network.
    Mismatch {
        /// What is wrong.
        #[serde(rename = "reason", serialize_with = "as_text")]
        mismatch: Mismatch,
    },
    /// An unknown state, with the number that the device sent.
    Other {
        /// `wifi_sta_state` on the wire.
        number: i32,
    },
}

impl JoinState {
    /// The reason to doubt that a device that left in this state has joined, if there is one.
    pub fn doubt(&self) -> Option<String> {
        match self {
            Self::Connecting { attempts_remaining: None } | Self::Connected => None,
            Self::Connecting { attempts_remaining: Some(left) } => {
                Some(format!("its last report: an attempt failed, {left} left"))
            }
            Self::Failed { failure } => {
                Some(format!("its last report: the join failed, {failure}"))
            }
            Self::Mismatch { mismatch } => {
                Some(format!("its last report: connected, but {mismatch}"))
            }
            Self::Other { number } => Some(format!("its last report: unknown state {number}")),
        }
    }
}

/// A problem that the user should know about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "warning", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Warning {
    /// The session is weaker than the given secret or the requested scheme demands. This was
    /// explicitly accepted.
    WeakerSecurity {
        /// The security level that was demanded.
        asked: SecurityLevel,
        /// The security level that the device offers.
        offered: SecurityLevel,
    },
    /// An access point or channel was given, but stock firmware ignores it.
    HintIgnored {
        /// The hint that is ignored.
        hint: Hint,
    },
    /// The network, or a message, goes to the device unencrypted.
    Unencrypted,
    /// A passphrase was given, but the device sees the network as open. With a passphrase, stock
    /// firmware never joins an open network.
    PassphraseForOpen,
    /// The device uses security 2 at patch level 0, as the length of its nonce shows: it encrypts
    /// each message under the same nonce.
    NonceRepeated {
        /// The patch level that the device reports (`sec_patch_ver`). A value above 0 contradicts
        /// the nonce.
        told: u32,
    },
    /// The device uses the well-known secret of the vendor's examples.
    WellKnownSecret,
    /// The request may be too long for old firmware over BLE.
    MayBeTooLong {
        /// The length of the request, in bytes.
        bytes: usize,
        /// The longest request that old firmware accepts, in bytes.
        limit: usize,
    },
    /// The device was matched by a cut-off name; it may be a different device.
    NameCutOff {
        /// The name as it was received.
        heard: String,
        /// The whole name of the wanted device.
        wanted: String,
    },
    /// One of the ways to discover devices is unavailable.
    ListenFailed {
        /// The reason.
        error: String,
    },
    /// An input is valid but may not be what was meant.
    DoubtfulInput {
        /// The file, flag or variable that the input came from.
        origin: String,
        /// The line of the file, from 1, if it is known.
        line: Option<u64>,
        /// The field in that line, or the character in it, from 1.
        column: Option<usize>,
        /// The possible problem; it never contains the value.
        doubt: String,
    },
}

/// An optional detail of a Wi-Fi network beside its name and passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Hint {
    /// The BSSID of one access point of the network.
    Bssid,
    /// The network's channel.
    Channel,
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bssid => "BSSID",
            Self::Channel => "channel",
        })
    }
}

impl Warning {
    /// Whether the warning is about how the session is secured.
    pub(crate) fn is_about_security(&self) -> bool {
        match self {
            Self::WeakerSecurity { .. }
            | Self::Unencrypted
            | Self::NonceRepeated { .. }
            | Self::WellKnownSecret => true,
            Self::HintIgnored { .. }
            | Self::PassphraseForOpen
            | Self::MayBeTooLong { .. }
            | Self::NameCutOff { .. }
            | Self::ListenFailed { .. }
            | Self::DoubtfulInput { .. } => false,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WeakerSecurity { asked, offered } => write!(
                f,
                "{offered} instead of {asked}, as explicitly accepted: this may not be your device"
            ),
            Self::HintIgnored { hint } => write!(
                f,
                "the {hint} is sent, but stock firmware ignores it: the device picks the access point"
            ),
            Self::NonceRepeated { told } => {
                f.write_str("the device's security 2 is at patch level 0")?;
                if *told > 0 {
                    write!(f, " (though it reports {told})")?;
                }
                f.write_str(
                    ", which an active listener can break: update its firmware to ESP-IDF \
                     v5.0.9, v5.1.7, v5.2.6, v5.3.3, v5.4.1 or later",
                )
            }
            Self::WellKnownSecret => f.write_str(
                "the device uses the well-known secret of the vendor's examples; give each device \
                 its own before it leaves the factory",
            ),
            Self::MayBeTooLong { bytes, limit } => write!(
                f,
                "firmware before ESP-IDF v5.0 may take only {limit} bytes at once over BLE; this \
                 message has {bytes}"
            ),
            Self::NameCutOff { heard, wanted } => write!(
                f,
                "the device advertises {}, as much of {} as fits an advertisement; if it may be \
                 another device, give its address",
                Shown::quoted(heard),
                Shown::quoted(wanted)
            ),
            Self::PassphraseForOpen => f.write_str(
                "the device sees the network as open; the passphrase is sent anyway, and with it \
                 the device joins only an encrypted network of this name (--open sends none)",
            ),
            Self::DoubtfulInput { origin, line, column, doubt } => {
                f.write_str(origin)?;
                if let Some(line) = line {
                    write!(f, ": line {line}")?;
                }
                if let Some(column) = column {
                    write!(f, ", column {column}")?;
                }
                write!(f, ": {doubt}")
            }
            Self::ListenFailed { error } => write!(f, "some devices may not be found: {error}"),
            Self::Unencrypted => {
                f.write_str("security 0: all data is sent to the device unencrypted")
            }
        }
    }
}

/// One request and its reply without their secrets: the public part of an [`ExchangeRecord`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Exchange {
    /// The endpoint's name as it was on the wire.
    pub endpoint: String,
    /// Bytes sent.
    pub sent: usize,
    /// Bytes received; `None` if there was no reply.
    pub received: Option<usize>,
    /// How long the exchange took.
    #[serde(rename = "took_us", serialize_with = "microseconds")]
    pub took: Duration,
    /// The request and the reply as they were on the wire, in hexadecimal. `None` if they are
    /// unencrypted and could contain a secret.
    pub bytes: Option<Bytes>,
}

impl From<&ExchangeRecord<'_>> for Exchange {
    fn from(record: &ExchangeRecord<'_>) -> Self {
        let (request, reply) =
            (record.request.map(|body| body.wire), record.reply.map(|body| body.wire));
        Self {
            endpoint: record.endpoint.to_owned(),
            sent: request.map_or(0, <[u8]>::len),
            received: reply.map(<[u8]>::len),
            took: record.took.unwrap_or_default(),
            bytes: record.is_public.then(|| Bytes {
                request: request.map(hex::encode).unwrap_or_default(),
                reply: reply.map(hex::encode),
            }),
        }
    }
}

/// Bytes as they were on the wire, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Bytes {
    /// The request.
    pub request: String,
    /// The reply, if there was one.
    pub reply: Option<String>,
}

fn hexadecimal<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

fn as_text<T: fmt::Display, S: serde::Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn microseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(time.as_micros())
}

/// Receives the events of a run. A closure that takes an [`Event`] is an observer.
pub trait Observer: Sync {
    /// Receives an event. Events arrive in order, from one task.
    fn notify(&self, event: Event);

    /// Called before a request of this stage is sent. Whether the request arrives is not known.
    fn sending(&self, _stage: Stage) {}

    /// Receives an exchange with its secrets. The default implementation passes it to
    /// [`notify`](Self::notify) as an [`Event::Exchange`], without the secrets.
    fn exchanged(&self, exchange: &ExchangeRecord<'_>) {
        self.notify(Event::Exchange(exchange.into()));
    }
}

impl<F: Fn(Event) + Sync> Observer for F {
    fn notify(&self, event: Event) {
        self(event);
    }
}
