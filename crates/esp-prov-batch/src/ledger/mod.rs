//! What is known of each device of a batch, durably: one row for each device, one for each
//! attempt. No secrets.
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
//! A device counts as told from just before it is told to join until it is known that it could
//! not join; that is what the resume rule needs.

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
    time::Duration,
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

/// How the ledger is laid out; counts up with each change.
pub const SCHEMA: u32 = 2;

/// How many characters of a device's words are kept.
const TEXT_LIMIT: usize = 1_000;

/// Where a ledger is.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A file, for one station.
    File(PathBuf),
    /// A database that stations share; the text can hold a password.
    Postgres(Given),
}

impl Location {
    /// Takes a path, `postgres://…`, or the settings of libpq (`host=… dbname=…`).
    ///
    /// # Errors
    /// A URL of another scheme. It may hold a password, so it is not taken for a file.
    pub fn new(given: &Given) -> Result<Self, Harmless> {
        let text = given.expose().trim();
        match text.split_once("://") {
            Some((scheme, rest)) if is_postgres(scheme) => {
                Ok(Self::Postgres(format!("postgres://{rest}").into()))
            }
            Some(_) => Err(RIGHT.into()),
            // A slash or two are missing.
            None if text.split_once(':').is_some_and(|(scheme, _)| is_postgres(scheme)) => {
                Err(RIGHT.into())
            }
            None if is_settings(text) => Ok(Self::Postgres(text.into())),
            None => Ok(Self::File(given.expose().into())),
        }
    }

    /// Its own files, if it has any: itself and those beside it.
    pub fn files(&self) -> Vec<PathBuf> {
        let Self::File(path) = self else { return Vec::new() };
        // Those beside it are where a link leads.
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        #[cfg(feature = "sqlite")]
        return sqlite::files(&path);
        #[cfg(not(feature = "sqlite"))]
        return vec![path];
    }

    /// Host and database, where nothing of them can be part of a password: everybody reads a URL
    /// with a bare `@`, `/`, `?` or `#` in its password differently, and without an `@` what looks
    /// like host and port may be user and password.
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

/// Hosts and database of a URL without its scheme.
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

/// A name, an address, or the folder of a socket.
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

/// What says where a ledger is.
const RIGHT: &str = "a file, or postgres://USER@HOST/DATABASE";

fn is_postgres(scheme: &str) -> bool {
    ["postgres", "postgresql"].iter().any(|known| scheme.trim().eq_ignore_ascii_case(known))
}

/// Whether a text is meant as settings, as libpq takes them instead of a URL.
fn is_settings(text: &str) -> bool {
    const NAMES: &[&str] = &[
        "application_name",
        "connect_timeout",
        "dbname",
        "host",
        "hostaddr",
        "options",
        "password",
        "port",
        "sslmode",
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

/// A device as the roster has it; nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// What it is called.
    pub device: String,
    /// Where it is.
    pub address: String,
    /// Which network it is to join.
    pub network: String,
    /// Whatever else the roster says of it.
    pub labels: BTreeMap<String, String>,
}

impl Enrolment {
    /// With texts as every ledger can keep them.
    fn storable(self) -> Self {
        let (address, network) = (storable(&self.address), storable(&self.network));
        Self { address, network, ..self }
    }
}

/// What a roster meets in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The device.
    pub device: String,
    /// How it stands.
    pub state: State,
    /// It was settled with another address or network than the roster has now.
    pub settled_as: Option<(String, String)>,
}

/// What comes of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimResult {
    /// It is this station's to work on.
    Claimed(Claim),
    /// Another station works on it.
    Elsewhere(String),
    /// It is settled already.
    Settled(String, State),
}

impl ClaimResult {
    /// The device.
    pub fn device(&self) -> &str {
        match self {
            Self::Claimed(claim) => &claim.device,
            Self::Elsewhere(device) | Self::Settled(device, _) => device,
        }
    }
}

/// A device that is this station's to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The device.
    pub device: String,
    /// From 1, over all stations and runs.
    pub number: i64,
    /// An earlier attempt may have told the device to join.
    pub apply_may_have_been_sent: bool,
    /// How its last attempt ended, if it came to an end.
    pub last_result: Option<Result<(), FailureKind>>,
    /// When this attempt began, as the ledger has it.
    pub started_at: String,
}

/// One attempt at a device, as it is exported and handed to a hook. No secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The device.
    pub device: String,
    /// From 1.
    pub number: i64,
    /// Who tried.
    pub station: String,
    /// RFC 3339, UTC.
    pub started_at: String,
    /// Null while it runs.
    pub ended_at: Option<String>,
    /// Null while it runs.
    pub outcome: Option<AttemptOutcome>,
    /// Null while it runs. In JSON a number: the exit code of a run for this device alone.
    #[serde(rename = "exit_code", serialize_with = "as_number")]
    pub result: Option<Result<(), FailureKind>>,
    /// Where it failed.
    #[serde(serialize_with = "stage_name")]
    pub stage: Option<Stage>,
    /// Why.
    pub error: Option<String>,
    /// Link and version, over all sessions, in ms.
    pub connect_ms: Option<i64>,
    /// Handshakes.
    pub handshake_ms: Option<i64>,
    /// Custom data, reset and network.
    pub set_ms: Option<i64>,
    /// Telling it to join.
    pub apply_ms: Option<i64>,
    /// Its join.
    pub join_ms: Option<i64>,
    /// Sessions built.
    pub sessions: Option<i64>,
    /// What the device says of its firmware.
    pub version: Option<String>,
    /// Security scheme of the session.
    pub security: Option<u8>,
    /// What the device says it can do, separated by spaces.
    pub capabilities: Option<String>,
    /// Which network it was given.
    pub network: Option<String>,
    /// What it reports of its connection.
    pub ip: Option<String>,
    /// The access point it is at.
    pub bssid: Option<String>,
    /// Its Wi-Fi or Thread channel.
    pub channel: Option<i64>,
    /// Names of the warnings it gave rise to, each once, separated by spaces.
    pub warnings: Option<String>,
}

impl Attempt {
    /// With texts as every ledger can keep them.
    pub(super) fn storable(self) -> Self {
        self.with_texts(storable)
    }

    /// With texts that a database of any encoding takes.
    fn in_ascii(self) -> Self {
        self.with_texts(in_ascii)
    }

    /// All that holds words of the device.
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

/// A device in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// What it is called.
    pub device: String,
    /// Where it is, or was.
    pub address: String,
    /// Which network it is to join.
    pub network: String,
    /// How it stands.
    pub state: State,
    /// Who works on it, or did last.
    pub station: Option<String>,
    /// Attempts so far.
    pub attempts: i64,
    /// How the last one ended. In JSON a number: the exit code of a run for this device alone.
    #[serde(rename = "exit_code", serialize_with = "as_number")]
    pub result: Option<Result<(), FailureKind>>,
    /// Where it failed.
    #[serde(serialize_with = "stage_name")]
    pub stage: Option<Stage>,
    /// Why.
    pub error: Option<String>,
    /// What became of the hook that gets its result; null where there is none.
    pub hook: Option<HookState>,
    /// Why the hook failed.
    pub hook_error: Option<String>,
    /// Whatever else the roster says of it.
    pub labels: BTreeMap<String, String>,
}

impl Standing {
    /// Whether a station's hook has yet to get its result. Where stations share a ledger, each
    /// hands over its own.
    pub fn is_due_at(&self, station: &str, is_shared: bool) -> bool {
        let is_ours = !is_shared || self.station.as_deref() == Some(station);
        self.hook == Some(HookState::Due) && is_ours
    }
}

/// An attempt beside its device, or a device that had none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The device.
    pub device: String,
    /// How it stands now.
    pub state: State,
    /// Whatever else the roster says of it.
    pub labels: BTreeMap<String, String>,
    /// One of its attempts.
    pub attempt: Option<Attempt>,
}

impl Record {
    fn of(standing: &Standing, attempt: Option<Attempt>) -> Self {
        let Standing { device, state, labels, .. } = standing.clone();
        Self { device, state, labels, attempt }
    }
}

/// Is told one after the other, until it has enough.
pub type Tell<'a, T> = &'a mut (dyn FnMut(T) -> ControlFlow<()> + Send);

/// Which devices get another chance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requeue {
    /// In these states.
    pub states: Vec<State>,
    /// Whose last attempt ended with one of these; in any way if there is no list.
    pub failures: Option<Vec<FailureKind>>,
    /// With these names, or all.
    pub devices: Vec<String>,
}

impl Requeue {
    /// How the last attempt ended, as ledgers have it.
    fn numbers(&self) -> Option<Vec<u8>> {
        let numbers = |all: &Vec<_>| all.iter().map(|one| words::number(Err(*one))).collect();
        self.failures.as_ref().map(numbers)
    }

    /// Whether a device stands so that it gets one, whatever it is called.
    pub fn is_for(&self, one: &Standing) -> bool {
        let is_it = |failures: &Vec<_>| {
            one.result.and_then(Result::err).is_some_and(|failure| failures.contains(&failure))
        };
        self.states.contains(&one.state) && self.failures.as_ref().is_none_or(is_it)
    }
}

/// Where what is known of a batch is kept. Each change is durable when its call returns, and can
/// be made again where it is not known whether it was made.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Takes up devices that are new, and brings those that wait up to date.
    async fn enrol(&self, devices: Vec<Enrolment>) -> Result<Vec<Enrolled>, LedgerError>;

    /// Asks for devices to work on.
    async fn claim(&self, devices: Vec<String>) -> Result<Vec<ClaimResult>, LedgerError>;

    /// Asks for as many of these as there is `room` for. Those that are free beside them are not in
    /// the result.
    async fn claim_among(
        &self,
        mut devices: Vec<String>,
        room: usize,
    ) -> Result<Vec<ClaimResult>, LedgerError> {
        devices.truncate(room);
        self.claim(devices).await
    }

    /// The device is about to be told to join. Where the claim was lost, by a clock that jumped or
    /// a machine that slept, it is [`LedgerError::ClaimLost`].
    async fn mark_apply_sent(&self, claim: &Claim) -> Result<(), LedgerError>;

    /// How an attempt ended, and how the device stands now. A device that is done stays so,
    /// whoever says what.
    async fn settle(
        &self,
        claim: &Claim,
        attempt: Attempt,
        state: State,
    ) -> Result<(), LedgerError>;

    /// Gives claims back that were not worked on to an end.
    async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError>;

    /// How long a claim holds unless it is renewed; `None` where nobody else can claim.
    fn lease(&self) -> Option<Duration> {
        None
    }

    /// Renews all claims of this station.
    async fn renew(&self) -> Result<(), LedgerError> {
        Ok(())
    }

    /// Attempts that settled a device and whose hook is [due](HookState::Due).
    async fn unreported(&self) -> Result<Vec<Attempt>, LedgerError>;

    /// The hook was called, and is [done](HookState::Done) or [failed](HookState::Failed).
    async fn reported(
        &self,
        device: String,
        number: i64,
        result: Result<(), String>,
    ) -> Result<(), LedgerError>;

    /// Makes hooks that failed for the last attempt at a device due again, for these devices or all;
    /// says for how many.
    async fn requeue_hooks(&self, devices: Vec<String>) -> Result<u64, LedgerError>;

    /// The rosters whose devices it has, by the names they were given, in the order in
    /// which they came.
    async fn rosters(&self) -> Result<Vec<String>, LedgerError>;

    /// It has devices of this roster, too.
    async fn add_roster(&self, name: String) -> Result<(), LedgerError>;

    /// Whether the next reader can read all that was written.
    async fn check(&self) -> Result<(), LedgerError> {
        Ok(())
    }

    /// All devices, in the order in which they came.
    async fn standings(&self) -> Result<Vec<Standing>, LedgerError>;

    /// All attempts, in the order in which they began.
    async fn attempts(&self) -> Result<Vec<Attempt>, LedgerError>;

    /// As [`Self::standings`], one after the other: there may be more than memory has room for.
    async fn each_standing(&self, tell: Tell<'_, Standing>) -> Result<(), LedgerError> {
        let _ = self.standings().await?.into_iter().try_for_each(tell);
        Ok(())
    }

    /// All attempts in the order in which they began, then the devices without one in that in which
    /// they came, one after the other.
    async fn each_record(&self, tell: Tell<'_, Record>) -> Result<(), LedgerError> {
        let attempts = self.attempts().await?;
        // After the attempts, so that none of these is missing there.
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

    /// Lets devices wait again; says how many.
    async fn requeue(&self, which: Requeue) -> Result<u64, LedgerError>;
}

/// Why a ledger can't be used.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// It may work again, as a database that restarts or a disk that is full.
    #[error("{0}")]
    Unavailable(String),
    /// As [`Unavailable`](Self::Unavailable): there is no room for it.
    #[error("{0}")]
    Full(String),
    /// As [`Unavailable`](Self::Unavailable): its database can't be reached, or takes no work.
    #[error("{0}")]
    Unreachable(String),
    /// It will not work.
    #[error("{0}")]
    Unusable(String),
    /// As [`Unusable`](Self::Unusable): this user may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// As [`Unusable`](Self::Unusable): this process, or all of them, can open no more files.
    #[error("{0}")]
    OutOfFiles(String),
    /// As [`Unusable`](Self::Unusable): its database refuses this.
    #[error("{0}")]
    Refused(String),
    /// It is a file of something else.
    #[error("{0}")]
    NotALedger(String),
    /// What is in it can't be read.
    #[error("the file is damaged ({0})")]
    Damaged(String),
    /// It is of another version of this tool.
    #[error(
        "written by a newer version of this tool (layout {found}; this one knows {SCHEMA}): \
         update the tool"
    )]
    Newer {
        /// Its layout.
        found: u32,
    },
    /// It does not take the text of one device; it takes others.
    #[error("{0}")]
    Rejected(String),
    /// It was deleted or replaced while it was worked with.
    #[error("{0}")]
    Lost(String),
    /// Another station has the device by now.
    #[error("the claim was lost")]
    ClaimLost,
    /// There is none.
    #[error("no ledger {0}")]
    Missing(String),
    /// Another process works with it.
    #[error("another batch uses it (several stations can share a PostgreSQL ledger)")]
    Busy,
}

impl LedgerError {
    /// Whether it may work again.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_) | Self::Unreachable(_))
    }

    /// Of a file, and what is said of it.
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

/// Who a station is.
#[derive(Clone, Debug)]
pub struct Station {
    /// For people.
    pub name: String,
    /// This process of it.
    pub run: String,
    /// How long its claims hold where stations share a ledger.
    pub lease: Duration,
    /// Whether results go to a hook, so that those it missed are kept for it.
    pub reports: bool,
}

/// What may be done with a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Work on its devices; it is made if it is not there.
    Work,
    /// Change what it says of devices.
    Amend,
    /// Look only; the right to read is enough.
    Look,
}

/// Opens a ledger.
///
/// # Errors
/// [`LedgerError`].
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

/// Now, in RFC 3339 and UTC.
pub(super) fn now() -> String {
    humantime::format_rfc3339_millis(std::time::SystemTime::now()).to_string()
}

/// Whether an attempt that ended so tells that the device could not join. It waits for a reset
/// then, and no longer counts as told; after any other end it may still be joining.
pub(super) fn could_not_join(result: Option<Result<(), FailureKind>>) -> bool {
    matches!(result, Some(Err(failure)) if failure.is_failed_join())
}

/// A text as every ledger can keep it, in a length that a table can show.
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

/// Of labels, as they are kept. JSON escapes what a text of PostgreSQL can't hold.
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
fn stage_name<S: Serializer>(stage: &Option<Stage>, serializer: S) -> Result<S::Ok, S::Error> {
    stage.map(Stage::name).serialize(serializer)
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
            ("postgres://u@a:1,b:2/prov", "postgres://a:1,b:2/prov"),
            #[cfg(feature = "postgres")]
            ("host=/var/run dbname=prov", "postgres:///var/run/prov"),
        ] {
            assert!(shown(text).starts_with(&format!("{place} ")), "{text}: {}", shown(text));
        }
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
