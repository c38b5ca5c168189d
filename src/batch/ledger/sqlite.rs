//! A ledger in a file, for one station: SQLite with a write-ahead log, synced at every commit.
//!
//! One thread has the database. What is asked of it meanwhile goes into the next transaction
//! together, so that a thousand devices do not wait for a thousand syncs.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use async_trait::async_trait;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Row, TransactionBehavior, params,
};
use tokio::sync::oneshot;

use super::{
    Access, Attempt, Claim, Enrolled, Enrolment, Fate, Ledger, LedgerError, PutBack, SCHEMA,
    Standing, State, Station, code, now,
};
use crate::files;

/// How long another program may hold the database.
const BUSY_WITHIN: Duration = Duration::from_secs(5);

/// What one transaction takes at most.
const TOGETHER: usize = 512;

/// From nothing to layout 1, and so on.
const MIGRATIONS: [&str; SCHEMA as usize] = ["
    CREATE TABLE entries (
        device TEXT PRIMARY KEY NOT NULL,
        place INTEGER NOT NULL,
        address TEXT NOT NULL,
        network TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        told INTEGER NOT NULL DEFAULT 0,
        number INTEGER NOT NULL DEFAULT 0,
        station TEXT,
        exit_code INTEGER
    ) STRICT;
    CREATE INDEX entries_by_place ON entries (place);
    CREATE TABLE attempts (
        device TEXT NOT NULL REFERENCES entries (device),
        number INTEGER NOT NULL,
        station TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        outcome TEXT,
        exit_code INTEGER,
        stage TEXT,
        error TEXT,
        connect_ms INTEGER,
        handshake_ms INTEGER,
        set_ms INTEGER,
        apply_ms INTEGER,
        join_ms INTEGER,
        sessions INTEGER,
        version TEXT,
        security INTEGER,
        capabilities TEXT,
        network TEXT,
        ip TEXT,
        bssid TEXT,
        channel INTEGER,
        settles INTEGER NOT NULL DEFAULT 0,
        reported INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (device, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX attempts_unreported ON attempts (device) WHERE settles = 1 AND reported = 0;
"];

/// What [`attempt`] reads.
macro_rules! attempts {
    ($rest:literal) => {
        concat!(
            "SELECT device, number, station, started_at, ended_at, outcome, exit_code, stage, \
             error, connect_ms, handshake_ms, set_ms, apply_ms, join_ms, sessions, version, \
             security, capabilities, network, ip, bssid, channel FROM attempts ",
            $rest
        )
    };
}

/// A ledger in a file.
pub struct Sqlite {
    work: mpsc::Sender<Box<dyn Work>>,
    station: Station,
    /// Held as long as this lives.
    _alone: Option<File>,
}

impl Sqlite {
    /// Opens the ledger at `path`.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn open(path: &Path, station: Station, access: Access) -> Result<Self, LedgerError> {
        if access == Access::Look && !path.exists() {
            return Err(LedgerError::Missing(files::named(path).into()));
        }
        let alone = match access {
            Access::Work => Some(lock(path)?),
            Access::Look => None,
        };
        let mut connection = connect(path).map_err(|error| explain(&error))?;
        migrate(&mut connection)?;
        if access == Access::Work {
            take_over(&connection).map_err(|error| explain(&error))?;
        }
        let (work, orders) = mpsc::channel::<Box<dyn Work>>();
        thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || serve(&mut connection, &orders))
            .map_err(|error| LedgerError::Unavailable(format!("no thread: {error}")))?;
        Ok(Self { work, station, _alone: alone })
    }

    /// Has something done in the next transaction, and waits for its commit.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (tell, told) = oneshot::channel();
        let gone = || LedgerError::Unusable("its thread has ended".to_owned());
        let job = Job { work: Some(work), done: None, tell: Some(tell) };
        self.work.send(Box::new(job)).map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }
}

/// Beside the ledger, so that nobody's locks on the file itself are in the way.
fn lock(path: &Path) -> Result<File, LedgerError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-station");
    let beside = PathBuf::from(beside);
    let cannot = |error| LedgerError::Unusable(format!("{}: {error}", files::named(&beside)));
    let open = OpenOptions::new().create(true).truncate(false).write(true).open(&beside);
    let file = open.map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Busy),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_WITHIN)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), LedgerError> {
    let explain = |error| explain(&error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction = transaction.map_err(explain)?;
    let version = |row: &Row<'_>| row.get(0);
    let found: u32 = transaction.query_row("PRAGMA user_version", [], version).map_err(explain)?;
    let pending = MIGRATIONS.get(found as usize..).ok_or(LedgerError::Newer { found })?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: u32 = transaction.query_row(tables, [], |row| row.get(0)).map_err(explain)?;
    if found == 0 && tables > 0 {
        return Err(LedgerError::Unusable("it is another program's database".to_owned()));
    }
    for migration in pending {
        transaction.execute_batch(migration).map_err(explain)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA).map_err(explain)?;
    transaction.commit().map_err(explain)
}

/// What a station that died had claimed waits again: nobody else works here.
fn take_over(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "BEGIN IMMEDIATE;
         UPDATE attempts SET outcome = 'interrupted' WHERE ended_at IS NULL AND outcome IS NULL;
         UPDATE entries SET state = 'waiting' WHERE state = 'running';
         COMMIT;",
    )
}

/// Something to do in a transaction.
trait Work: Send {
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    /// After the commit, or instead of it.
    fn tell(&mut self, committed: Result<(), LedgerError>);
}

struct Job<T, F> {
    work: Option<F>,
    done: Option<T>,
    tell: Option<oneshot::Sender<Result<T, LedgerError>>>,
}

impl<T: Send, F: FnOnce(&Connection) -> rusqlite::Result<T> + Send> Work for Job<T, F> {
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.done = Some(work(connection)?);
        }
        Ok(())
    }

    fn tell(&mut self, committed: Result<(), LedgerError>) {
        let undone = || Err(LedgerError::Unavailable("not done".to_owned()));
        let answer = match committed {
            Ok(()) => self.done.take().map_or_else(undone, Ok),
            Err(error) => Err(error),
        };
        if let Some(tell) = self.tell.take() {
            // Who asked may be gone.
            let _ = tell.send(answer);
        }
    }
}

fn serve(connection: &mut Connection, orders: &mpsc::Receiver<Box<dyn Work>>) {
    while let Ok(first) = orders.recv() {
        let mut together = vec![first];
        together.extend(orders.try_iter().take(TOGETHER - 1));
        let result = transact(connection, &mut together);
        let result = result.map_err(|error| explain(&error));
        for mut work in together {
            work.tell(result.clone());
        }
    }
}

fn transact(connection: &mut Connection, works: &mut [Box<dyn Work>]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for work in works {
        work.run(&transaction)?;
    }
    transaction.commit()
}

fn explain(error: &rusqlite::Error) -> LedgerError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            LedgerError::Unavailable("another program holds it".to_owned())
        }
        Some(ErrorCode::DiskFull) => LedgerError::Unavailable("the disk is full".to_owned()),
        Some(ErrorCode::SystemIoFailure) => LedgerError::Unavailable(error.to_string()),
        Some(ErrorCode::NotADatabase) => LedgerError::Unusable("it is no ledger".to_owned()),
        _ => LedgerError::Unusable(error.to_string()),
    }
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        device: row.get(0)?,
        number: row.get(1)?,
        station: row.get(2)?,
        started_at: row.get(3)?,
        ended_at: row.get(4)?,
        outcome: row.get(5)?,
        exit_code: code(row.get(6)?),
        stage: row.get(7)?,
        error: row.get(8)?,
        connect_ms: row.get(9)?,
        handshake_ms: row.get(10)?,
        set_ms: row.get(11)?,
        apply_ms: row.get(12)?,
        join_ms: row.get(13)?,
        sessions: row.get(14)?,
        version: row.get(15)?,
        security: code(row.get(16)?),
        capabilities: row.get(17)?,
        network: row.get(18)?,
        ip: row.get(19)?,
        bssid: row.get(20)?,
        channel: row.get(21)?,
    })
}

fn state(row: &Row<'_>, at: usize) -> rusqlite::Result<State> {
    let text: String = row.get(at)?;
    text.parse().map_err(|()| {
        let why = format!("no state is called {text:?}").into();
        rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, why)
    })
}

#[async_trait]
impl Ledger for Sqlite {
    async fn enrol(&self, devices: Vec<Enrolment>) -> Result<Vec<Enrolled>, LedgerError> {
        self.run(move |connection| devices.into_iter().map(|one| enrol(connection, one)).collect())
            .await
    }

    async fn claim(&self, devices: Vec<String>) -> Result<Vec<Fate>, LedgerError> {
        let station = self.station.name.clone();
        self.run(move |connection| {
            devices.into_iter().map(|device| claim(connection, device, &station)).collect()
        })
        .await
    }

    async fn tell(&self, claim: &Claim) -> Result<(), LedgerError> {
        let device = claim.device.clone();
        self.run(move |connection| {
            let mut tell =
                connection.prepare_cached("UPDATE entries SET told = 1 WHERE device = ?1")?;
            tell.execute([device]).map(drop)
        })
        .await
    }

    async fn settle(
        &self,
        claim: &Claim,
        attempt: Attempt,
        state: State,
    ) -> Result<(), LedgerError> {
        let told = !super::could_not_join(attempt.exit_code);
        let (claim, reported) = (claim.clone(), !self.station.reports);
        self.run(move |connection| {
            note(connection, &claim, &attempt, state, reported)?;
            let mut settle = connection.prepare_cached(
                "UPDATE entries SET state = ?2, exit_code = ?3, told = told AND ?4
                 WHERE device = ?1 AND state <> 'done'",
            )?;
            settle.execute(params![claim.device, state.name(), attempt.exit_code, told]).map(drop)
        })
        .await
    }

    async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError> {
        self.run(move |connection| {
            let mut attempt = connection.prepare_cached(
                "UPDATE attempts SET outcome = 'interrupted', ended_at = ?3
                 WHERE device = ?1 AND number = ?2 AND ended_at IS NULL",
            )?;
            let mut entry = connection.prepare_cached(
                "UPDATE entries SET state = 'waiting' WHERE device = ?1 AND state = 'running'",
            )?;
            for claim in claims {
                attempt.execute(params![claim.device, claim.number, now()])?;
                entry.execute([claim.device])?;
            }
            Ok(())
        })
        .await
    }

    async fn unreported(&self) -> Result<Vec<Attempt>, LedgerError> {
        self.run(|connection| {
            let wanted = attempts!("WHERE settles = 1 AND reported = 0 ORDER BY started_at");
            connection.prepare(wanted)?.query_map([], attempt)?.collect()
        })
        .await
    }

    async fn reported(&self, device: String, number: i64) -> Result<(), LedgerError> {
        self.run(move |connection| {
            let mut reported = connection.prepare_cached(
                "UPDATE attempts SET reported = 1 WHERE device = ?1 AND number = ?2",
            )?;
            reported.execute(params![device, number]).map(drop)
        })
        .await
    }

    async fn standings(&self) -> Result<Vec<Standing>, LedgerError> {
        self.run(|connection| {
            let mut wanted = connection.prepare(
                "SELECT e.device, e.address, e.network, e.state, e.station, e.number,
                        e.exit_code, a.stage, a.error
                 FROM entries e LEFT JOIN attempts a
                   ON a.device = e.device AND a.number = e.number
                 ORDER BY e.place, e.device",
            )?;
            let standings = wanted.query_map([], |row| {
                Ok(Standing {
                    device: row.get(0)?,
                    address: row.get(1)?,
                    network: row.get(2)?,
                    state: state(row, 3)?,
                    station: row.get(4)?,
                    attempts: row.get(5)?,
                    exit_code: code(row.get(6)?),
                    stage: row.get(7)?,
                    error: row.get(8)?,
                })
            })?;
            standings.collect()
        })
        .await
    }

    async fn attempts(&self) -> Result<Vec<Attempt>, LedgerError> {
        self.run(|connection| {
            let wanted = attempts!("ORDER BY started_at, device, number");
            connection.prepare(wanted)?.query_map([], attempt)?.collect()
        })
        .await
    }

    async fn put_back(&self, which: PutBack) -> Result<u64, LedgerError> {
        let list = |of: serde_json::Result<String>| of.unwrap_or_default();
        let states: Vec<_> = which.states.iter().map(|state| state.name()).collect();
        let lists = [
            list(serde_json::to_string(&states)),
            list(serde_json::to_string(&which.exit_codes)),
            list(serde_json::to_string(&which.devices)),
        ];
        self.run(move |connection| {
            let put_back = "UPDATE entries SET state = 'waiting'
                WHERE state IN (SELECT value FROM json_each(?1))
                    AND (?2 = '[]' OR exit_code IN (SELECT value FROM json_each(?2)))
                    AND (?3 = '[]' OR device IN (SELECT value FROM json_each(?3)))";
            connection.execute(put_back, lists).map(|changed| changed as u64)
        })
        .await
    }
}

fn enrol(connection: &Connection, one: Enrolment) -> rusqlite::Result<Enrolled> {
    let mut known = connection
        .prepare_cached("SELECT state, address, network FROM entries WHERE device = ?1")?;
    let known = known.query_row([&one.device], |row| {
        Ok((state(row, 0)?, (row.get::<_, String>(1)?, row.get::<_, String>(2)?)))
    });
    let (state, settled_as) = match known.optional()? {
        Some((state, as_it_was)) if state.is_settled() => {
            let is_other = as_it_was != (one.address.clone(), one.network.clone());
            (state, is_other.then_some(as_it_was))
        }
        Some((state, _)) => {
            let mut update = connection.prepare_cached(
                "UPDATE entries SET address = ?2, network = ?3 WHERE device = ?1",
            )?;
            update.execute(params![one.device, one.address, one.network])?;
            (state, None)
        }
        None => {
            let mut insert = connection.prepare_cached(
                "INSERT INTO entries (device, place, address, network)
                 VALUES (?1, (SELECT coalesce(max(place), 0) + 1 FROM entries), ?2, ?3)",
            )?;
            insert.execute(params![one.device, one.address, one.network])?;
            (State::Waiting, None)
        }
    };
    Ok(Enrolled { device: one.device, state, settled_as })
}

fn claim(connection: &Connection, device: String, station: &str) -> rusqlite::Result<Fate> {
    let mut take = connection.prepare_cached(
        "UPDATE entries SET state = 'running', number = number + 1, station = ?2
         WHERE device = ?1 AND state = 'waiting' RETURNING number, told, exit_code",
    )?;
    let taken = take.query_row(params![device, station], |row| {
        Ok((row.get(0)?, row.get(1)?, code(row.get(2)?)))
    });
    if let Some((number, told, last_exit_code)) = taken.optional()? {
        let mut begin = connection.prepare_cached(
            "INSERT INTO attempts (device, number, station, started_at) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let started_at = now();
        begin.execute(params![device, number, station, started_at])?;
        return Ok(Fate::Yours(Claim { device, number, told, last_exit_code, started_at }));
    }
    let mut stands = connection.prepare_cached("SELECT state FROM entries WHERE device = ?1")?;
    match stands.query_row([&device], |row| state(row, 0))? {
        state if state.is_settled() => Ok(Fate::Settled(device, state)),
        _ => Ok(Fate::Elsewhere(device)),
    }
}

/// Writes down how an attempt ended.
fn note(
    connection: &Connection,
    claim: &Claim,
    attempt: &Attempt,
    state: State,
    reported: bool,
) -> rusqlite::Result<()> {
    let mut note = connection.prepare_cached(
        "UPDATE attempts SET ended_at = ?3, outcome = ?4, exit_code = ?5, stage = ?6, error = ?7,
            connect_ms = ?8, handshake_ms = ?9, set_ms = ?10, apply_ms = ?11, join_ms = ?12,
            sessions = ?13, version = ?14, security = ?15, capabilities = ?16, network = ?17,
            ip = ?18, bssid = ?19, channel = ?20, settles = ?21, reported = ?22
         WHERE device = ?1 AND number = ?2",
    )?;
    let noted = note.execute(params![
        claim.device,
        claim.number,
        attempt.ended_at,
        attempt.outcome,
        attempt.exit_code,
        attempt.stage,
        attempt.error,
        attempt.connect_ms,
        attempt.handshake_ms,
        attempt.set_ms,
        attempt.apply_ms,
        attempt.join_ms,
        attempt.sessions,
        attempt.version,
        attempt.security,
        attempt.capabilities,
        attempt.network,
        attempt.ip,
        attempt.bssid,
        attempt.channel,
        state.is_settled(),
        reported,
    ])?;
    if noted == 1 { Ok(()) } else { Err(rusqlite::Error::QueryReturnedNoRows) }
}
