//! What happens, for whoever watches. The schema of `--json` is this file; see docs/json.md.

use std::{fmt, time::Duration};

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
};

/// Something that happened during a run. No secret type can be serialised, so no event can
/// carry one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// Listening for devices begins.
    Discovering,
    /// A device was heard for the first time, or has changed.
    Discovered {
        /// What is known of it.
        #[serde(flatten)]
        device: DiscoveredDevice,
    },
    /// An attempt begins.
    Connecting {
        /// Which device.
        address: Address,
        /// From 1.
        attempt: u32,
    },
    /// The device reported its version and capabilities.
    Identified {
        /// What it reported.
        #[serde(flatten)]
        capabilities: Capabilities,
    },
    /// This machine's Bluetooth is off or away; the run waits for it.
    AdapterUnavailable {
        /// Why.
        error: String,
    },
    /// It is back.
    AdapterAvailable,
    /// Something the user should know though the run goes on.
    Warning {
        /// Which one.
        #[serde(flatten)]
        warning: Warning,
    },
    /// A question is put to the person at the terminal.
    Asking,
    /// A session is open.
    Established {
        /// Its scheme.
        security: Scheme,
    },
    /// Application data was taken.
    CustomDataSent {
        /// Bytes sent.
        sent: usize,
        /// The reply as text, invalid UTF-8 replaced.
        reply: String,
    },
    /// The legacy example took its application data (`custom-config`).
    CustomConfigSent,
    /// A message of `send` was answered.
    Answered {
        /// Message and reply.
        #[serde(flatten)]
        reply: Reply,
    },
    /// The device scans for networks.
    Scanning,
    /// The device has stored the network.
    ConfigSent {
        /// What it is called.
        #[serde(flatten)]
        network: NetworkName,
    },
    /// The device has begun to join.
    Applied,
    /// The device reported the state of its join, and it has changed.
    Polled {
        /// How it stands.
        #[serde(flatten)]
        state: JoinState,
    },
    /// The device has forgotten a network.
    Reset,
    /// The device refused to forget a network before it is given another: it could join the last
    /// one, is joining it, or, up to network_provisioning 1.2.0, has nothing to forget.
    ResetRefused {
        /// Its word.
        status: Status,
    },
    /// A lost link or session; another attempt follows.
    Retrying {
        /// The attempt that will follow.
        attempt: u32,
        /// The pause before it.
        #[serde(rename = "after_ms", serialize_with = "milliseconds")]
        after: Duration,
        /// Where the last one ended.
        stage: Stage,
        /// Why.
        cause: String,
    },
    /// One request and its reply, for `-vv`.
    Exchange(Exchange),
    /// The run is over, and the device is provisioned or may be.
    Finished {
        /// How it ended.
        #[serde(flatten)]
        outcome: Outcome,
    },
}

/// How a run ended without an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// The device says that it is connected.
    Connected {
        /// What it reports.
        #[serde(flatten)]
        connection: WifiConnection,
    },
    /// The device was told to join and left before it reported the result. It probably
    /// joined, unless what it said last makes that doubtful.
    Unconfirmed {
        /// How its join stood when it was last asked, if it answered at all.
        last: Option<JoinState>,
    },
    /// The device has forgotten its network and waits for another.
    Reset,
    /// The reply to a reset got lost, and the device refuses another, as firmware up to
    /// network_provisioning 1.2.0 does after a reset.
    ProbablyReset,
    /// The device says that it is attached to a Thread network.
    Attached {
        /// What it reports.
        #[serde(flatten)]
        connection: ThreadConnection,
    },
    /// The device was asked where it stands, and is in no network.
    NotConnected {
        /// How its last join stands.
        #[serde(flatten)]
        state: JoinState,
    },
    /// What the device sees.
    Scanned {
        /// Strongest first.
        networks: Vec<VisibleNetwork>,
    },
    /// What a device for Thread sees.
    ThreadScanned {
        /// Strongest first.
        networks: Vec<ThreadNetwork>,
    },
    /// What a device reports without being provisioned.
    Info {
        /// All of it.
        #[serde(flatten)]
        info: Box<Info>,
    },
    /// What was heard.
    Discovered {
        /// By transport, then by name.
        devices: Vec<DiscoveredDevice>,
    },
    /// All messages were answered.
    Sent {
        /// In the order of the messages.
        replies: Vec<Reply>,
    },
}

impl Outcome {
    /// Which kind of failure it is, if the device is not where it was to be.
    pub fn failure(&self) -> Option<FailureKind> {
        match self {
            Self::Discovered { devices } if devices.is_empty() => Some(FailureKind::NotFound),
            Self::Connected { .. }
            | Self::Attached { .. }
            | Self::Info { .. }
            | Self::Reset
            | Self::ProbablyReset
            | Self::Scanned { .. }
            | Self::Discovered { .. }
            | Self::ThreadScanned { .. }
            | Self::Sent { .. } => None,
            Self::Unconfirmed { .. } => Some(FailureKind::Unconfirmed),
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

/// What a network that was sent is called; its secrets are not here.
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
        /// Its name, if the dataset has it.
        name: Option<String>,
        /// Its extended PAN ID, if the dataset has it.
        ext_pan_id: Option<ExtPanId>,
    },
}

/// The answer to one message of `send`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reply {
    /// Where the message went.
    pub endpoint: Endpoint,
    /// Bytes sent.
    pub sent: usize,
    /// The reply as text, invalid UTF-8 replaced.
    #[serde(rename = "reply")]
    pub text: String,
    /// The reply as it came.
    #[serde(rename = "reply_hex", serialize_with = "hexadecimal")]
    pub bytes: Vec<u8>,
}

/// How a join stands. Exhaustive: what firmware may add is [`JoinState::Other`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum JoinState {
    /// Trying.
    Connecting {
        /// Attempts left after a failed one, if the firmware reports it.
        attempts_remaining: Option<u32>,
    },
    /// Done.
    Connected,
    /// Failed, though older firmware may try again on its own.
    Failed {
        /// Why.
        #[serde(rename = "reason", serialize_with = "as_text")]
        failure: JoinFailure,
    },
    /// It says that it is connected, and not to the network it was given, or to none.
    Mismatch {
        /// What is wrong.
        #[serde(rename = "reason", serialize_with = "as_text")]
        mismatch: Mismatch,
    },
    /// Something else, by the device's number.
    Other {
        /// `wifi_sta_state` on the wire.
        number: i32,
    },
}

impl JoinState {
    /// What is said of a device that left in this state, where that makes it doubtful that it has
    /// joined.
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

/// What the user should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "warning", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Warning {
    /// The session is less than what was given or asked for demands, as was explicitly accepted.
    WeakerSecurity {
        /// What was demanded.
        asked: SecurityLevel,
        /// What the device offers.
        offered: SecurityLevel,
    },
    /// An access point or a channel is sent, and stock firmware ignores it.
    HintIgnored {
        /// Which of them.
        hint: Hint,
    },
    /// The network, or a message, goes to the device unencrypted.
    Unencrypted,
    /// A passphrase was given, and the network is open, as the device sees it: with one, stock
    /// firmware never joins an open network.
    PassphraseForOpen,
    /// Security 2 at patch level 0, as the length of its nonce shows: each message is encrypted
    /// under the same nonce.
    NonceRepeated {
        /// The patch level the device tells (`sec_patch_ver`); above 0 it contradicts itself.
        told: u32,
    },
    /// The device's secret is the one of the vendor's examples.
    WellKnownSecret,
    /// A request that old firmware may not take over BLE.
    MayBeTooLong {
        /// Its length.
        bytes: usize,
        /// What old firmware takes.
        limit: usize,
    },
    /// A device was taken for the wanted one by a name that is cut off; it may be another.
    NameCutOff {
        /// As it was heard.
        heard: String,
        /// The whole name of the wanted one.
        wanted: String,
    },
    /// One way to hear devices can't be used.
    ListenFailed {
        /// Why.
        error: String,
    },
    /// Something that was given can be read, and may not be what was meant.
    DoubtfulInput {
        /// The file, flag or variable.
        origin: String,
        /// The line of the file, from 1, where that is known.
        line: Option<u64>,
        /// A field of that line, or a character of it, from 1.
        column: Option<usize>,
        /// What may be wrong with it; never the value.
        doubt: String,
    },
}

/// What may be said of a Wi-Fi network beside its name and passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Hint {
    /// One access point of it.
    Bssid,
    /// Its channel.
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
    /// Whether it is about how the session is secured.
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
            Self::ListenFailed { error } => write!(f, "some devices can't be found: {error}"),
            Self::Unencrypted => {
                f.write_str("security 0: all data is sent to the device unencrypted")
            }
        }
    }
}

/// One request and its reply, as anybody may see them: an [`ExchangeRecord`] without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Exchange {
    /// Where to, as it was on the wire.
    pub endpoint: String,
    /// Bytes sent.
    pub sent: usize,
    /// Bytes received; `None` if there was no reply.
    pub received: Option<usize>,
    /// How long it took.
    #[serde(rename = "took_us", serialize_with = "microseconds")]
    pub took: Duration,
    /// Both as they were on the wire, in hexadecimal, unless they are plain and could hold a
    /// secret.
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
    /// The reply.
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

/// Watches a run. A closure is one.
pub trait Observer: Sync {
    /// Takes note of an event. Called in order, from one task.
    fn notify(&self, event: Event);

    /// A request of this stage goes out; whether it arrives is not known.
    fn sending(&self, _stage: Stage) {}

    /// Is shown an exchange with its secrets. Who does nothing else with it is told of it as an
    /// [`Event::Exchange`], without them.
    fn exchanged(&self, exchange: &ExchangeRecord<'_>) {
        self.notify(Event::Exchange(exchange.into()));
    }
}

impl<F: Fn(Event) + Sync> Observer for F {
    fn notify(&self, event: Event) {
        self(event);
    }
}
