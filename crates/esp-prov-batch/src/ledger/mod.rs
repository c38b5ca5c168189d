//! The durable record of a batch: one row for each device and one for each attempt. A ledger holds
//! no secrets.
//!
//! ```text
//!            claim                    settle
//!  waiting ────────▶ running ─────────────────────▶ done
//!     ▲                 │  │ an answer, or the last  failed
//!     │  transient      │  │ transient               unconfirmed
//!     ├─────────────────┘  │                            │
//!     │  the station died  │                            │
//!     ├────────────────────┘        requeue             │
//!     └─────────────────────────────────────────────────┘
//! ```
//!
//! A ledger marks a device as told to join just before the device gets the command. It clears the
//! mark when an attempt shows that the device could not join. The resume rule depends on this mark.

#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    allow(dead_code, reason = "what both kinds of ledgers have in common")
)]

#[cfg(feature = "postgres")]
mod postgres;
mod retrying;
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;
mod words;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    ops::ControlFlow,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use esp_prov::{FailureKind, Stage};
use esp_prov_input::files;
use protocomm::{Given, Harmless};
use serde::{Serialize, Serializer};
use thiserror::Error;

#[cfg(feature = "postgres")]
pub use self::postgres::Postgres;
pub(super) use self::retrying::RetryingLedger;
#[cfg(feature = "sqlite")]
pub use self::sqlite::Sqlite;
pub use self::words::{AttemptOutcome, HookState, State};
use super::Entry;

/// The version of the ledger's layout; incremented with each change.
pub const SCHEMA: u32 = 3;

/// The maximum number of characters that a ledger keeps of a text.
const TEXT_LIMIT: usize = 1_000;

/// The location of a ledger.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A file, used by one station.
    File(PathBuf),
    /// A database shared by stations. The text may contain a password.
    Postgres(Given),
}

impl Location {
    /// Parses a path, a `postgres://…` URL, or libpq settings (`host=… dbname=…`).
    ///
    /// # Errors
    /// Fails for a URL with another scheme or without its slashes. The URL may contain a password,
    /// so it is not treated as a file name.
    pub fn new(given: &Given) -> Result<Self, Harmless> {
        let text = given.expose().trim();
        match text.split_once("://") {
            Some((scheme, rest)) if is_postgres(scheme) => {
                Ok(Self::Postgres(format!("postgres://{rest}").into()))
            }
            Some(_) => Err(RIGHT.into()),
            // One or both slashes are missing.
            None if text.split_once(':').is_some_and(|(scheme, _)| is_postgres(scheme)) => {
                Err(RIGHT.into())
            }
            None if is_settings(text) => Ok(Self::Postgres(text.into())),
            None => Ok(Self::File(given.expose().into())),
        }
    }

    /// The ledger file and its companion files, whether they exist or not. Empty for a database.
    pub fn files(&self) -> Vec<PathBuf> {
        let Self::File(path) = self else { return Vec::new() };
        // Companion files are beside the target of a link.
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        #[cfg(feature = "sqlite")]
        return sqlite::files(&path);
        #[cfg(not(feature = "sqlite"))]
        return vec![path];
    }

    /// The host and database, if neither can be part of a password. Parsers disagree about URLs
    /// that have a bare `@`, `/`, `?` or `#` in the password. Without an `@`, the apparent host and
    /// port may be the user and password.
    fn place(given: &str) -> Option<Harmless> {
        let (host, database) = match given.strip_prefix("postgres://") {
            Some(url) => in_url(url)?,
            #[cfg(feature = "postgres")]
            None => in_settings(given)?,
            #[cfg(not(feature = "postgres"))]
            None => return None,
        };
        fits(&database, "._-").then(|| {
            let place = format!("{host}/{database}");
            Harmless::decided(place.trim_end_matches('/'), "of our settings, or after the one @")
        })
    }
}

/// The hosts and database of a URL that is given without its scheme.
fn in_url(url: &str) -> Option<(String, String)> {
    let (user, place) = match url.split_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, url),
    };
    if user.is_some_and(|user| user.contains(['/', '?', '#'])) || place.contains('@') {
        return None;
    }
    let place = place.split('?').next().unwrap_or_default();
    let (host, database) = place.split_once('/').unwrap_or((place, ""));
    let is_plain = match user {
        Some(_) => host.split(',').all(is_host_with_port),
        None => is_host(host),
    };
    is_plain.then(|| (host.to_owned(), database.to_owned()))
}

#[cfg(feature = "postgres")]
fn in_settings(settings: &str) -> Option<(String, String)> {
    let config: tokio_postgres::Config = settings.parse().ok()?;
    let host = match config.get_hosts().first() {
        Some(tokio_postgres::config::Host::Tcp(name)) => name.clone(),
        #[cfg(unix)]
        Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
        None => String::new(),
    };
    fits(&host, "._-:/").then(|| (host, config.get_dbname().unwrap_or_default().to_owned()))
}

fn fits(text: &str, more: &str) -> bool {
    text.chars().all(|char| char.is_ascii_alphanumeric() || more.contains(char))
}

/// Whether a text is a host name, an address or the folder of a socket.
fn is_host(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        return rest.strip_suffix(']').is_some_and(|address| {
            address.chars().all(|char| char.is_ascii_hexdigit() || ".:".contains(char))
        });
    }
    let text = text.replace("%2f", "%2F");
    let is_socket = text.starts_with("%2F");
    fits(&if is_socket { text.replace("%2F", "") } else { text }, "._-")
}

fn is_host_with_port(text: &str) -> bool {
    match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => {
            is_host(host) && port.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => is_host(text),
    }
}

/// What a ledger's location should look like, for error messages.
const RIGHT: &str = "a file, or postgres://USER@HOST/DATABASE";

fn is_postgres(scheme: &str) -> bool {
    ["postgres", "postgresql"].iter().any(|known| scheme.trim().eq_ignore_ascii_case(known))
}

/// Whether a text is meant as libpq settings rather than a URL.
fn is_settings(text: &str) -> bool {
    const NAMES: &[&str] = &[
        "application_name",
        "connect_timeout",
        "dbname",
        "host",
        "hostaddr",
        "options",
        "passfile",
        "password",
        "port",
        "service",
        "sslcert",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "user",
    ];
    text.split_once('=').is_some_and(|(name, _)| NAMES.contains(&name.trim()))
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => files::named(path).fmt(f),
            Self::Postgres(url) => match Self::place(url.expose()) {
                Some(place) => write!(f, "postgres://{place}"),
                None => f.write_str("postgres://…"),
            },
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

/// A device as the roster describes it, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The device's id.
    pub device: String,
    /// The device's address.
    pub address: String,
    /// The name of the network that the device is to join.
    pub network: String,
    /// The device's labels from the roster.
    pub labels: BTreeMap<String, String>,
}

impl Enrolment {
    /// What a ledger keeps of a roster's entry.
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            device: entry.id.clone(),
            address: entry.address.to_string(),
            network: entry.network_name(),
            labels: entry.labels.clone(),
        }
    }

    /// Makes all texts storable in every ledger; see [`storable`].
    fn storable(self) -> Self {
        let (address, network) = (storable(&self.address), storable(&self.network));
        Self { address, network, ..self }
    }
}

/// What the ledger knows of a device when its roster is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The device's id.
    pub device: String,
    /// The device's state.
    pub state: State,
    /// The outcome of the device's last attempt; `None` before the first, and while one runs.
    pub outcome: Option<AttemptOutcome>,
    /// For a settled device, the address and network that it was settled with, if the roster now
    /// has others.
    pub settled_as: Option<(String, String)>,
}

/// The result of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimResult {
    /// This station claimed the device.
    Claimed(Claim),
    /// Another station is working on the device with this id.
    Elsewhere(String),
    /// The device with this id is already settled, in this state.
    Settled(String, State),
}

impl ClaimResult {
    /// The device's id.
    pub fn device(&self) -> &str {
        match self {
            Self::Claimed(claim) => &claim.device,
            Self::Elsewhere(device) | Self::Settled(device, _) => device,
        }
    }
}

/// A device that this station has claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The device's id.
    pub device: String,
    /// The number of this attempt, from 1, counted over all stations and runs.
    pub number: i64,
    /// Whether an earlier attempt may have told the device to join.
    pub apply_may_have_been_sent: bool,
    /// The result of the last attempt that ended, if any.
    pub last_result: Option<Result<(), FailureKind>>,
    /// The start of this attempt, as recorded in the ledger.
    pub started_at: String,
}

/// One attempt at a device, as exported and as passed to a hook. It holds no secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The device's id.
    pub device: String,
    /// The number of the attempt, from 1.
    pub number: i64,
    /// The station that made the attempt.
    pub station: String,
    /// The start time, in RFC 3339 and UTC.
    pub started_at: String,
    /// The end time; null while the attempt runs.
    pub ended_at: Option<String>,
    /// The outcome; null while the attempt runs.
    pub outcome: Option<AttemptOutcome>,
    /// The result; null while the attempt runs. In JSON this is a number: the exit code of a run
    /// for this device alone.
    #[serde(rename = "exit_code", serialize_with = "as_number")]
    pub result: Option<Result<(), FailureKind>>,
    /// The stage at which the attempt failed.
    pub stage: Option<Stage>,
    /// Why the attempt failed, in words.
    pub error: Option<String>,
    /// The time spent connecting and reading the version, in ms. This and the other times are sums
    /// over all sessions of the attempt.
    pub connect_ms: Option<i64>,
    /// The time spent in handshakes, in ms.
    pub handshake_ms: Option<i64>,
    /// The time spent sending custom data, the reset and the network, in ms.
    pub set_ms: Option<i64>,
    /// The time spent telling the device to join, in ms.
    pub apply_ms: Option<i64>,
    /// The time spent waiting for the device to join, in ms.
    pub join_ms: Option<i64>,
    /// The number of sessions opened.
    pub sessions: Option<i64>,
    /// The versions that the device reports: of provisioning, and of the application's own
    /// sections.
    pub version: Option<String>,
    /// The number of the session's security scheme: 0, 1 or 2.
    pub security: Option<u8>,
    /// The capabilities that the device reports, separated by spaces.
    pub capabilities: Option<String>,
    /// The name of the network that the device is to join.
    pub network: Option<String>,
    /// The IP address that the device reports.
    pub ip: Option<String>,
    /// The BSSID of the access point that the device is connected to.
    pub bssid: Option<String>,
    /// The device's Wi-Fi or Thread channel.
    pub channel: Option<i64>,
    /// The names of the attempt's warnings, each once, separated by spaces.
    pub warnings: Option<String>,
    /// When the device was put back after this attempt had settled it: see [`Requeue`].
    pub requeued_at: Option<String>,
    /// Who put it back.
    pub requeued_by: Option<String>,
    /// Why, if a reason was given.
    pub requeue_reason: Option<String>,
}

impl Attempt {
    /// Makes all texts storable in every ledger; see [`storable`].
    pub(super) fn storable(self) -> Self {
        self.with_texts(storable)
    }

    /// Escapes all characters of texts that are not ASCII, so that a database of any encoding
    /// accepts them.
    fn in_ascii(self) -> Self {
        self.with_texts(in_ascii)
    }

    /// Changes every text that may come from the device or the roster.
    fn with_texts(mut self, change: fn(&str) -> String) -> Self {
        for text in [
            &mut self.error,
            &mut self.version,
            &mut self.capabilities,
            &mut self.network,
            &mut self.ip,
            &mut self.bssid,
        ] {
            *text = text.as_deref().map(change);
        }
        self
    }
}

/// The status of a device in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The device's id.
    pub device: String,
    /// The device's address in the roster. A settled device keeps the one that it was settled with.
    pub address: String,
    /// The name of the network that the device is to join.
    pub network: String,
    /// The device's state.
    pub state: State,
    /// The station that is working on the device or did so last.
    pub station: Option<String>,
    /// The number of attempts so far.
    pub attempts: i64,
    /// The outcome of the last attempt; null while it runs.
    pub outcome: Option<AttemptOutcome>,
    /// The result of the last attempt that ended. In JSON this is a number: the exit code of a run
    /// for this device alone.
    #[serde(rename = "exit_code", serialize_with = "as_number")]
    pub result: Option<Result<(), FailureKind>>,
    /// The stage at which the last attempt failed.
    pub stage: Option<Stage>,
    /// Why the attempt failed, in words.
    pub error: Option<String>,
    /// The state of the hook for this device's result; null if no hook gets it.
    pub hook: Option<HookState>,
    /// Why the hook failed.
    pub hook_error: Option<String>,
    /// The device's labels from the roster.
    pub labels: BTreeMap<String, String>,
}

impl Standing {
    /// Whether the device is done only as a test, which was undone.
    pub fn is_tested(&self) -> bool {
        self.state == State::Done && self.outcome == Some(AttemptOutcome::Tested)
    }

    /// Whether the hook of `station` has yet to get this device's result. If stations share a
    /// ledger (`is_shared`), each station passes only its own results to its hook.
    pub fn is_due_at(&self, station: &str, is_shared: bool) -> bool {
        let is_ours = !is_shared || self.station.as_deref() == Some(station);
        self.hook == Some(HookState::Due) && is_ours
    }
}

/// An attempt with its device, or a device without attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The device's id.
    pub device: String,
    /// The device's current state.
    pub state: State,
    /// The device's labels from the roster.
    pub labels: BTreeMap<String, String>,
    /// One of the device's attempts.
    pub attempt: Option<Attempt>,
}

impl Record {
    fn of(standing: &Standing, attempt: Option<Attempt>) -> Self {
        let Standing { device, state, labels, .. } = standing.clone();
        Self { device, state, labels, attempt }
    }
}

/// A period. An attempt belongs to it by its end, or by its start if it did not end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// Its start; `None` for all time before.
    pub since: Option<SystemTime>,
    /// Its end, which is not part of it; `None` for all time after.
    pub until: Option<SystemTime>,
}

impl Period {
    /// The start and the end as text, in RFC 3339 and UTC, as ledgers have times.
    fn bounds(self) -> [Option<String>; 2] {
        // humantime knows no time before 1970, which a machine without a clock may be near to.
        let text = |time: SystemTime| {
            humantime::format_rfc3339_millis(time.max(SystemTime::UNIX_EPOCH)).to_string()
        };
        [self.since, self.until].map(|time| time.map(text))
    }

    /// Whether an attempt belongs to the period.
    fn has(bounds: &[Option<String>; 2], attempt: &Attempt) -> bool {
        let [since, until] = bounds;
        let at = attempt.ended_at.as_ref().unwrap_or(&attempt.started_at);
        since.as_ref().is_none_or(|since| at >= since)
            && until.as_ref().is_none_or(|until| at < until)
    }
}

/// A device with its attempts of a [`Period`], for a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The device's id.
    pub device: String,
    /// The device's address in the roster.
    pub address: String,
    /// The device's labels from the roster.
    pub labels: BTreeMap<String, String>,
    /// Its attempts of the period, in order; at least one.
    pub attempts: Vec<Attempt>,
}

/// Puts together units, of which each row has one attempt.
struct Units<'a> {
    tell: Tell<'a, Unit>,
    open: Option<Unit>,
}

impl<'a> Units<'a> {
    fn to(tell: Tell<'a, Unit>) -> Self {
        Self { tell, open: None }
    }

    fn add(&mut self, row: Unit) -> ControlFlow<()> {
        match &mut self.open {
            Some(open) if open.device == row.device => {
                open.attempts.extend(row.attempts);
                ControlFlow::Continue(())
            }
            open => {
                let told = open.replace(row).map_or(ControlFlow::Continue(()), &mut self.tell);
                if told.is_break() {
                    self.open = None;
                }
                told
            }
        }
    }

    fn end(mut self) {
        let _ = self.open.take().map(&mut self.tell);
    }
}

/// A callback that gets items one at a time. `Break` ends the iteration.
pub type Tell<'a, T> = &'a mut (dyn FnMut(T) -> ControlFlow<()> + Send);

/// Selects the devices to requeue: those that meet all conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requeue {
    /// The states to select; an empty list selects no devices.
    pub states: Vec<State>,
    /// The failures to select, of the last attempt that ended; `None` selects any result.
    pub failures: Option<Vec<FailureKind>>,
    /// The ids to select; an empty list selects all devices.
    pub devices: Vec<String>,
    /// Who does it. The ledger keeps this and the reason with the attempt that settled the device.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

impl Requeue {
    /// The numbers that ledgers store for the selected failures.
    fn numbers(&self) -> Option<Vec<u8>> {
        let numbers = |all: &Vec<_>| all.iter().map(|one| words::number(Err(*one))).collect();
        self.failures.as_ref().map(numbers)
    }

    /// Whether the state and the last result of a device match; its id is not checked.
    pub fn is_for(&self, one: &Standing) -> bool {
        let is_it = |failures: &Vec<_>| {
            one.result.and_then(Result::err).is_some_and(|failure| failures.contains(&failure))
        };
        self.states.contains(&one.state) && self.failures.as_ref().is_none_or(is_it)
    }
}

/// Stores the state of a batch. Each change is durable when its call returns. It is safe to repeat
/// a call if it is unknown whether the change was made.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Adds new devices, and updates known ones to match the roster. A settled device keeps the
    /// address and network that it was settled with. Returns what the ledger knows of each device,
    /// in any order.
    async fn enrol(&self, devices: Vec<Enrolment>) -> Result<Vec<Enrolled>, LedgerError>;

    /// Tries to claim each of these devices for this station. The results are in any order.
    async fn claim(&self, devices: Vec<String>) -> Result<Vec<ClaimResult>, LedgerError> {
        let room = devices.len();
        self.claim_among(devices, room).await
    }

    /// Tries to claim as many of these devices as there is `room` for. Once that many are claimed,
    /// the result may leave out the others.
    async fn claim_among(
        &self,
        devices: Vec<String>,
        room: usize,
    ) -> Result<Vec<ClaimResult>, LedgerError>;

    /// Records that the device is about to be told to join. Returns [`LedgerError::ClaimLost`] if
    /// the claim was lost, for example because a clock jumped or a machine slept.
    async fn mark_apply_sent(&self, claim: &Claim) -> Result<(), LedgerError>;

    /// Records how an attempt ended, and the new state of its device. A device that is done stays
    /// done, whatever later calls report.
    async fn settle(
        &self,
        claim: &Claim,
        attempt: Attempt,
        state: State,
    ) -> Result<(), LedgerError>;

    /// Releases claims on which work was not completed. Their devices wait again.
    async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError>;

    /// How long a claim is valid unless it is renewed; `None` if no other station can claim
    /// devices.
    fn lease(&self) -> Option<Duration> {
        None
    }

    /// Renews all claims of this station.
    async fn renew(&self) -> Result<(), LedgerError> {
        Ok(())
    }

    /// Returns the attempts that settled a device and whose hook is [due](HookState::Due). If
    /// stations share the ledger, only those of this station.
    async fn unreported(&self) -> Result<Vec<Attempt>, LedgerError>;

    /// Records that the hook was called and is [done](HookState::Done) or
    /// [failed](HookState::Failed).
    async fn reported(
        &self,
        device: String,
        number: i64,
        result: Result<(), String>,
    ) -> Result<(), LedgerError>;

    /// Makes the hook due again for each of these devices for whose last attempt it failed; an
    /// empty list stands for all devices. Returns the number of devices.
    async fn requeue_hooks(&self, devices: Vec<String>) -> Result<u64, LedgerError>;

    /// Returns the names of the rosters added to this ledger, in the order in which they were
    /// added.
    async fn rosters(&self) -> Result<Vec<String>, LedgerError>;

    /// Records the name of a roster whose devices are in this ledger. A name that is already
    /// recorded stays in its place.
    async fn add_roster(&self, name: String) -> Result<(), LedgerError>;

    /// Checks that the next reader can read everything that was written.
    async fn check(&self) -> Result<(), LedgerError> {
        Ok(())
    }

    /// Returns all devices, in the order in which they were added.
    async fn standings(&self) -> Result<Vec<Standing>, LedgerError>;

    /// Returns all attempts, in the order in which they began.
    async fn attempts(&self) -> Result<Vec<Attempt>, LedgerError>;

    /// Passes the items of [`Self::standings`] to `tell` one at a time, since all of them may not
    /// fit in memory.
    async fn each_standing(&self, tell: Tell<'_, Standing>) -> Result<(), LedgerError> {
        let _ = self.standings().await?.into_iter().try_for_each(tell);
        Ok(())
    }

    /// Passes all attempts to `tell` in the order in which they began, then the devices without an
    /// attempt in the order in which they were added.
    async fn each_record(&self, tell: Tell<'_, Record>) -> Result<(), LedgerError> {
        let attempts = self.attempts().await?;
        // Read after the attempts, so that it has the device of each attempt.
        let standings = self.standings().await?;
        let of: HashMap<_, _> = standings.iter().map(|one| (one.device.as_str(), one)).collect();
        let has_one: HashSet<_> = attempts.iter().map(|one| one.device.clone()).collect();
        let tried = attempts.into_iter().filter_map(|attempt| {
            let standing = of.get(attempt.device.as_str())?;
            Some(Record::of(standing, Some(attempt)))
        });
        let untried = standings.iter().filter(|one| !has_one.contains(&one.device));
        let _ = tried.chain(untried.map(|one| Record::of(one, None))).try_for_each(tell);
        Ok(())
    }

    /// Passes the devices that have attempts of this period to `tell`, in any order, each once.
    async fn each_unit(&self, period: Period, tell: Tell<'_, Unit>) -> Result<(), LedgerError> {
        let (bounds, mut of) = (period.bounds(), BTreeMap::<_, Vec<_>>::new());
        for attempt in self.attempts().await? {
            if Period::has(&bounds, &attempt) {
                of.entry(attempt.device.clone()).or_default().push(attempt);
            }
        }
        let mut units = self.standings().await?.into_iter().filter_map(|one| {
            let Standing { device, address, labels, .. } = one;
            let attempts = of.remove(&device)?;
            Some(Unit { device, address, labels, attempts })
        });
        let _ = units.try_for_each(tell);
        Ok(())
    }

    /// Makes the selected devices wait again, and returns their number. Their attempts stay. One that
    /// was done no longer counts as told to join: it is provisioned as a new one is.
    async fn requeue(&self, which: Requeue) -> Result<u64, LedgerError>;
}

/// Why a ledger can't be used.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The ledger is temporarily unavailable, for example because a database restarts or a disk is
    /// full.
    #[error("{0}")]
    Unavailable(String),
    /// As [`Unavailable`](Self::Unavailable): there is no space left.
    #[error("{0}")]
    Full(String),
    /// As [`Unavailable`](Self::Unavailable): the database is unreachable or accepts no work.
    #[error("{0}")]
    Unreachable(String),
    /// The ledger can't be used, and a retry does not help.
    #[error("{0}")]
    Unusable(String),
    /// As [`Unusable`](Self::Unusable): this user lacks permission.
    #[error("{0}")]
    Forbidden(String),
    /// As [`Unusable`](Self::Unusable): this process or the whole system can open no more files.
    #[error("{0}")]
    OutOfFiles(String),
    /// As [`Unusable`](Self::Unusable): the database refuses the request.
    #[error("{0}")]
    Refused(String),
    /// The file is not a ledger.
    #[error("{0}")]
    NotALedger(String),
    /// The file is damaged.
    #[error("the file is damaged ({0})")]
    Damaged(String),
    /// The ledger was written by a newer version of this tool.
    #[error(
        "written by a newer version of this tool (layout {found}; this one knows {SCHEMA}): \
         update the tool"
    )]
    Newer {
        /// The version of the ledger's layout.
        found: u32,
    },
    /// The ledger rejects a value of one device. Other devices are not affected.
    #[error("{0}")]
    Rejected(String),
    /// The ledger was deleted, replaced, overwritten or damaged while it was in use. The text says
    /// where its records were saved.
    #[error("{0}")]
    Lost(String),
    /// The claim has expired, and another station may have the device.
    #[error("the claim was lost")]
    ClaimLost,
    /// There is no ledger at this location.
    #[error("no ledger {0}")]
    Missing(String),
    /// Another batch is using the ledger.
    #[error("another batch uses it (several stations can share a PostgreSQL ledger)")]
    Busy,
}

impl LedgerError {
    /// Whether the ledger may become usable by itself, so that a retry makes sense.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_) | Self::Unreachable(_))
    }

    /// The error for an I/O error of a file; `words` describe it.
    #[cfg(feature = "sqlite")]
    fn of_file(error: &std::io::Error, words: String) -> Self {
        use std::io::ErrorKind;

        match error.kind() {
            _ if esp_prov::transport::is_shortage(error) => Self::OutOfFiles(words),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full(words),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Forbidden(words),
            _ => Self::Unusable(words),
        }
    }
}

/// The identity of a station.
#[derive(Clone, Debug)]
pub struct Station {
    /// The station's name, for people. In a shared ledger, it also decides which station's hook
    /// gets a result, so each station needs its own.
    pub name: String,
    /// An id of this run of the station, different each time. Claims belong to a run.
    pub run: String,
    /// How long the station's claims are valid if stations share a ledger.
    pub lease: Duration,
    /// Whether results go to a hook. If so, the ledger keeps the results that the hook missed.
    pub reports: bool,
}

/// The kind of access to a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Work on the devices. The ledger is created if it does not exist. A file can be used by one
    /// batch only.
    Work,
    /// Change the recorded state of devices.
    Amend,
    /// Only read; permission to read is enough.
    Look,
}

/// Opens a ledger.
///
/// # Errors
/// Returns a [`LedgerError`] if the ledger can't be opened, or if this build does not support its
/// kind.
#[cfg_attr(
    not(feature = "postgres"),
    allow(clippy::unused_async, reason = "a file is open at once, a database is not")
)]
pub async fn open(
    location: &Location,
    station: Station,
    access: Access,
) -> Result<Box<dyn Ledger>, LedgerError> {
    match location {
        #[cfg(feature = "sqlite")]
        Location::File(path) => Ok(Box::new(Sqlite::open(path, station, access)?)),
        #[cfg(feature = "postgres")]
        Location::Postgres(url) => {
            Ok(Box::new(Postgres::open(url.expose(), station, access).await?))
        }
        #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
        other => {
            let _ = (station, access);
            let why = format!("{other}: this program was built without ledgers of this kind");
            Err(LedgerError::Unusable(why))
        }
    }
}

/// The current time, in RFC 3339 and UTC.
pub(super) fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

/// Whether a result says that the device could not join. Such a device waits for a reset, and no
/// longer counts as told to join. After any other result, the device may still be joining.
pub(super) fn could_not_join(result: Option<Result<(), FailureKind>>) -> bool {
    matches!(result, Some(Err(failure)) if failure.is_failed_join())
}

/// Converts a text so that every ledger can store it: without NUL, and shortened to [`TEXT_LIMIT`].
fn storable(text: &str) -> String {
    let mut kept = text.replace('\0', "\\0");
    if let Some((end, _)) = kept.char_indices().nth(TEXT_LIMIT) {
        kept.truncate(end);
        kept.push_str("...");
    }
    kept
}

fn in_ascii(text: &str) -> String {
    let escape = |char: char| match char {
        ' '..='~' => char.to_string(),
        other => other.escape_default().to_string(),
    };
    text.chars().map(escape).collect()
}

/// Converts labels to the stored JSON. JSON escapes the characters that PostgreSQL text can't hold.
fn labels_to_json(labels: &BTreeMap<String, String>) -> Option<String> {
    if labels.is_empty() { None } else { serde_json::to_string(labels).ok() }
}

fn labels_from_json(
    device: &str,
    text: Option<&str>,
) -> Result<BTreeMap<String, String>, LedgerError> {
    let read = |text| serde_json::from_str(text);
    let why = |error| LedgerError::Unusable(format!("labels of {device:?}: {error}"));
    text.map_or(Ok(BTreeMap::new()), read).map_err(why)
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn as_number<S: Serializer>(
    result: &Option<Result<(), FailureKind>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    result.map(words::number).serialize(serializer)
}

#[cfg(test)]
mod text_tests {
    use super::*;

    #[test]
    fn texts_of_devices_are_kept_so_that_every_database_takes_them() {
        let long = "\u{2603}".repeat(TEXT_LIMIT + 1);
        let attempt = Attempt {
            ip: Some("10.0.0.1\0".to_owned()),
            error: Some(long),
            version: Some("caf\u{e9}".to_owned()),
            ..Attempt::default()
        };
        let kept = attempt.storable();
        assert_eq!(kept.ip.as_deref(), Some(r"10.0.0.1\0"));
        assert_eq!(kept.version.as_deref(), Some("caf\u{e9}"));
        let error = kept.error.clone().expect("an error");
        assert_eq!((error.chars().count(), error.ends_with("...")), (TEXT_LIMIT + 3, true));
        assert_eq!(kept.in_ascii().version.as_deref(), Some(r"caf\u{e9}"));
        let enrolment = Enrolment {
            device: "d".to_owned(),
            address: "http://d\0".to_owned(),
            network: "Ho\0me".to_owned(),
            labels: BTreeMap::new(),
        };
        let kept = enrolment.storable();
        assert_eq!((&*kept.address, &*kept.network), (r"http://d\0", r"Ho\0me"));
    }

    /// A disk may have room again; who may not write may not later.
    #[cfg(all(feature = "sqlite", unix))]
    #[test]
    fn what_is_wrong_with_a_file_says_what_helps() {
        use nix::errno::Errno;
        let of = |errno: Errno| {
            LedgerError::of_file(&std::io::Error::from_raw_os_error(errno as i32), String::new())
        };
        assert!(matches!(of(Errno::EMFILE), LedgerError::OutOfFiles(_)));
        for errno in [Errno::ENOSPC, Errno::EDQUOT] {
            assert!(matches!(of(errno), LedgerError::Full(_)), "{errno}");
        }
        for errno in [Errno::EACCES, Errno::EROFS] {
            assert!(matches!(of(errno), LedgerError::Forbidden(_)), "{errno}");
        }
        assert!(matches!(of(Errno::EIO), LedgerError::Unusable(_)));
    }
}

#[cfg(test)]
mod location_tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Location::new(&text.into()) {
            Ok(location) => format!("{location} {location:?}"),
            Err(error) => error.into(),
        }
    }

    #[test]
    fn a_database_is_shown_by_host_and_name() {
        for (text, place) in [
            ("postgres://line@db/prov", "postgres://db/prov"),
            ("postgresql://line:s3cret@db:5432/prov?sslmode=disable", "postgres://db:5432/prov"),
            ("POSTGRES://u:s3cret@db/prov", "postgres://db/prov"),
            ("postgres://%2Fvar%2Frun/prov", "postgres://%2Fvar%2Frun/prov"),
            #[cfg(feature = "postgres")]
            ("host=db user=u password=s3cret dbname=prov", "postgres://db/prov"),
            ("postgres://db/prov", "postgres://db/prov"),
            ("postgres://u@[::1]:5432/prov", "postgres://[::1]:5432/prov"),
            ("postgres://[::1]/prov", "postgres://[::1]/prov"),
            ("postgres://u@[::1]/prov", "postgres://[::1]/prov"),
            ("postgres://u@a:1,b:2/prov", "postgres://a:1,b:2/prov"),
            #[cfg(feature = "postgres")]
            ("host=/var/run dbname=prov", "postgres:///var/run/prov"),
        ] {
            assert!(shown(text).starts_with(&format!("{place} ")), "{text}: {}", shown(text));
        }
    }

    #[test]
    fn a_name_with_signs_in_it_is_a_file_and_another_database_is_refused() {
        for name in ["line.ledger", "lot:7.ledger", "lot=7.ledger"] {
            assert_eq!(Location::new(&name.into()).ok(), Some(Location::File(name.into())));
        }
        assert!(Location::new(&"mysql://db/prov".into()).is_err());
    }

    #[test]
    fn a_password_of_digits_is_no_port() {
        assert!(shown("postgres://u:12345/prov").starts_with("postgres://… "));
    }

    #[test]
    fn no_part_of_a_password_is_shown_however_it_is_written() {
        for url in [
            "postgres://u:s3cret?s3cret@db/prov",
            "postgres://u:s3cret#s3cret@db/prov",
            "postgres://u:s3cret@s3cret@db/prov",
            "postgres://u:s3cret/s3cret@db/prov",
            "postgres://u:a@b?s3cret@db/prov",
            "postgres://u:a@s3cret/b@db/prov",
            "Postgres://db/prov?password=s3cret",
            "postgres://db/prov?password=x@s3cret",
            "postgres://db/prov#s3cret",
            "postgres://u:x@db:s3cret/prov",
            " postgres://u:s3cret@db/prov",
            "PostgreSQL://u:s3cret@db/prov",
            "postgre://u:s3cret@db/prov",
            "mysql://u:s3cret@db/prov",
            "host=db password='s3 s3cret' dbname=prov",
            "password=s3cret host=db",
            "password = s3cret",
            "user=u password='s3cret",
            "postgres://u:s3cret:5432/prov",
            "postgres://u:s3cret:5432",
            "postgres://u:s3cret%40db.example:5432/prov",
            "postgres://u%3As3cret%40db.example/prov",
            "postgres://u%3as3cret%40db.example/prov",
            "postgres://u:s3cret:/prov",
            "postgres://u:,s3cret:1/prov",
            "postgres://u,s3cret/prov",
            "postgres://%2Fu%3As3cret%40db/prov",
            "postgres://u:@x%3As3cret/prov",
            "postgres://[s3cret]/prov",
            "postgres:/u:s3cret@db/prov",
            "postgres:u:s3cret@db/prov",
            "host=db password=x s3cret dbname=prov",
        ] {
            assert!(!shown(url).contains("s3cret"), "{url}: {}", shown(url));
            assert!(!matches!(Location::new(&url.into()), Ok(Location::File(_))), "{url}");
        }
    }
}
