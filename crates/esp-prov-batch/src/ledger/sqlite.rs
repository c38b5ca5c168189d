//! A ledger in a file, for one station: SQLite with a write-ahead log, synced at every commit.
//!
//! One thread owns the database. Requests that arrive during a transaction share the next one, so
//! that a thousand devices do not wait for a thousand syncs. The thread ends with the ledger, which
//! is then a single file; see [`place`].

mod place;

use std::{
    collections::HashMap,
    fs::File,
    io,
    path::Path,
    sync::{
        LazyLock,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use esp_prov::transport::is_shortage;
use esp_prov_input::files;
use rand_core::{Rng, UnwrapErr};
use rusqlite::{
    Connection, ErrorCode, MAIN_DB, OpenFlags, OptionalExtension, Row, Statement, ToSql,
    TransactionBehavior, params, params_from_iter,
    types::{FromSql, ToSqlOutput, Type},
};
use tokio::sync::{mpsc as queue, oneshot};

pub(super) use self::place::files;
use self::place::{Alone, Files, Kept, Lost, Mark, as_immutable, beside, is_at_rest};
use super::{
    Access, Attempt, Claim, ClaimResult, Enrolled, Enrolment, HookState, Ledger, LedgerError,
    Period, Record, Requeue, SCHEMA, Standing, State, Station, Tell, Unit, Units, labels_to_json,
    now,
    rows::{self, Cell, Columns},
    storable, words,
};

/// How long to wait while another program locks the database.
const BUSY_WITHIN: Duration = Duration::from_secs(5);

/// How long to wait for readers when the ledger is closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// The interval between checks that the ledger is still in place while there are no requests.
const LOOK: Duration = Duration::from_secs(1);

/// The size of the page cache, as SQLite wants it: 64 MiB, negative because it is in KiB. Cached
/// pages can still be saved if another program has overwritten the ledger.
const CACHE_KB: i64 = -(64 << 10);

/// The log is moved into the ledger when it has this many pages.
const LOG_FRAMES: u64 = 1000;

/// The number of tries to find the reopened ledger equal to the open one. Other programs may change
/// it between the two queries.
const SAME_WITHIN: usize = 20;

/// The maximum number of requests in one transaction.
const TOGETHER: usize = 512;

/// The number of rows passed on at once.
const TOLD_TOGETHER: usize = 256;

const STANDINGS: &str = "
    SELECT e.device, e.address, e.network, e.state, e.station, e.number, e.exit_code,
        a.outcome, a.stage, a.error, a.hook, a.hook_error, e.labels
    FROM entries e LEFT JOIN attempts a ON a.device = e.device AND a.number = e.number
    ORDER BY e.place, e.device";

/// `a.*` has a second column `device`, which is null without an attempt. The first one is read.
const RECORDS: &str = "
    SELECT e.device, e.state, e.labels, a.* FROM entries e LEFT JOIN attempts a USING (device)
    ORDER BY a.device IS NULL, a.started_at, iif(a.device IS NULL, e.place, 0), e.device, a.number";

/// In the order of the primary key, so that nothing is sorted.
const UNITS: &str = "
    SELECT e.device, e.address, e.labels, a.*
    FROM attempts a CROSS JOIN entries e ON e.device = a.device
    WHERE (?1 IS NULL OR coalesce(a.ended_at, a.started_at) >= ?1)
        AND (?2 IS NULL OR coalesce(a.ended_at, a.started_at) < ?2)
    ORDER BY a.device, a.number";

/// The steps from an empty database to layout 1, from layout 1 to 2, and so on.
const MIGRATIONS: [&str; SCHEMA as usize] = [
    "
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
",
    "
    ALTER TABLE entries ADD COLUMN labels TEXT;
    ALTER TABLE attempts ADD COLUMN warnings TEXT;
    ALTER TABLE attempts ADD COLUMN hook TEXT;
    ALTER TABLE attempts ADD COLUMN hook_error TEXT;
    UPDATE attempts SET hook = 'due' WHERE settles = 1 AND reported = 0;
    DROP INDEX attempts_unreported;
    ALTER TABLE attempts DROP COLUMN reported;
    CREATE INDEX attempts_with_hook ON attempts (hook) WHERE hook IS NOT NULL;
    CREATE TABLE rosters (name TEXT PRIMARY KEY NOT NULL, since TEXT NOT NULL) STRICT;
",
    "
    ALTER TABLE attempts ADD COLUMN requeued_at TEXT;
    ALTER TABLE attempts ADD COLUMN requeued_by TEXT;
    ALTER TABLE attempts ADD COLUMN requeue_reason TEXT;
",
];

/// How each older layout, starting with the first, is read as the current layout without changing
/// it.
const VIEWS: [&str; SCHEMA as usize - 1] = [
    "
    CREATE TEMP VIEW entries AS SELECT *, NULL AS labels FROM main.entries;
    CREATE TEMP VIEW attempts AS SELECT *, NULL AS warnings, NULL AS hook_error,
        CASE WHEN settles = 1 AND reported = 0 THEN 'due' END AS hook,
        NULL AS requeued_at, NULL AS requeued_by, NULL AS requeue_reason FROM main.attempts;
    CREATE TEMP VIEW rosters AS
        SELECT NULL AS name, NULL AS since, NULL AS rowid WHERE false;
",
    "
    CREATE TEMP VIEW attempts AS SELECT *,
        NULL AS requeued_at, NULL AS requeued_by, NULL AS requeue_reason FROM main.attempts;
",
];

/// A ledger in a file.
pub struct Sqlite {
    /// `None` once the ledger is being closed, which ends the thread.
    work: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
    station: Station,
    /// Held for the lifetime of this value.
    _alone: Option<Alone>,
}

impl Drop for Sqlite {
    /// Waits until everything is in one file.
    fn drop(&mut self) {
        self.work = None;
        // A thread that panicked has nothing more to write.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Sqlite {
    /// Opens the ledger at `path`.
    ///
    /// # Errors
    /// Returns a [`LedgerError`] if the ledger can't be opened.
    pub fn open(path: &Path, station: Station, access: Access) -> Result<Self, LedgerError> {
        if access != Access::Work && !path.exists() {
            return Err(LedgerError::Missing(files::named(path).into()));
        }
        let path = &place::find(path)?;
        let mut alone = match access {
            Access::Work => Some(Alone::with(path)?),
            Access::Amend | Access::Look => None,
        };
        let mut connection = connect(path, access)?;
        if let Some(alone) = &mut alone {
            alone.hold(path)?;
            is_sound(&connection)
                .map_err(|error| explain(&error))?
                .map_err(LedgerError::Damaged)?;
        }
        if access != Access::Look {
            migrate(&mut connection)?;
        }
        let files = match access {
            Access::Work => {
                let mark = UnwrapErr(getrandom::SysRng).next_u32().cast_signed();
                take_over(&connection, mark).map_err(|error| explain(&error))?;
                let files = Files::of_batch(path, mark);
                if files.log_frames().is_some() {
                    // The log is checked before it is moved into the ledger.
                    let set = connection.pragma_update(None, "wal_autocheckpoint", 0);
                    set.map_err(|error| explain(&error))?;
                }
                Some(files)
            }
            Access::Amend => Some(Files::of(path)),
            // A reader has nothing to lose.
            Access::Look => None,
        };
        let (work, orders) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || serve(connection, files.as_ref(), &orders))
            .map_err(|error| LedgerError::Unavailable(format!("no thread: {error}")))?;
        Ok(Self { work: Some(work), thread: Some(thread), station, _alone: alone })
    }

    /// Does the work in the next transaction, and waits for its commit.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (job, told) = Job::of(work);
        self.order(Order::Work(job), told).await
    }

    /// As [`Self::run`], for the results of devices under way: they are recorded even if the ledger
    /// is lost, as long as its records could be saved.
    async fn end(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<(), LedgerError> {
        let (job, told) = Job::of(work);
        self.order(Order::End(job), told).await
    }

    /// Passes rows on as they are read.
    async fn each<T: Send + 'static>(
        &self,
        query: &'static str,
        values: Vec<Option<String>>,
        read: fn(&Named<'_, '_>) -> Result<T, LedgerError>,
        tell: Tell<'_, T>,
    ) -> Result<(), LedgerError> {
        let (rows, mut read_rows) = queue::channel(1);
        let reading = self.run(move |connection| {
            let mut query = connection.prepare(query)?;
            let columns = places(&query);
            let mut found = query.query(params_from_iter(values))?;
            let mut some = Vec::with_capacity(TOLD_TOGETHER);
            while let Some(row) = found.next()? {
                some.push(ours(read(&Named { row, columns: &columns }))?);
                if some.len() == TOLD_TOGETHER
                    && rows.blocking_send(std::mem::take(&mut some)).is_err()
                {
                    return Ok(());
                }
            }
            // The receiver is gone if it has had enough.
            let _ = rows.blocking_send(some);
            Ok(())
        });
        let telling = async move {
            while let Some(some) = read_rows.recv().await {
                if some.into_iter().try_for_each(&mut *tell).is_break() {
                    return;
                }
            }
        };
        tokio::join!(reading, telling).0
    }

    async fn order<T>(
        &self,
        order: Order,
        told: oneshot::Receiver<Result<T, LedgerError>>,
    ) -> Result<T, LedgerError> {
        let gone = || LedgerError::Unusable("its thread has ended".to_owned());
        let work = self.work.as_ref().ok_or_else(gone)?;
        work.send(order).map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }
}

fn connect(path: &Path, access: Access) -> Result<Connection, LedgerError> {
    let explain = |error| explain(&error);
    let flags = match access {
        Access::Work => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Access::Amend => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::Look => return look(path),
    };
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = connection.map_err(explain)?;
    if connection.is_readonly(MAIN_DB).map_err(explain)? {
        // Checked before companion files are created, which would stay.
        return Err(LedgerError::Forbidden("the file is read-only".to_owned()));
    }
    connection.busy_timeout(BUSY_WITHIN).map_err(explain)?;
    connection.pragma_update(None, "cache_size", CACHE_KB).map_err(explain)?;
    connection.set_prepared_statement_cache_capacity(32);
    let began = Instant::now();
    // This fails while another program reads, and SQLite does not apply the busy timeout here.
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && began.elapsed() < BUSY_WITHIN => {
                thread::sleep(Duration::from_millis(20));
            }
            set => break set.map_err(explain)?,
        }
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(explain)?;
    Ok(connection)
}

/// Opens a ledger read-only, without permission to write to the file or its folder.
fn look(path: &Path) -> Result<Connection, LedgerError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let read = |connection: rusqlite::Result<Connection>| {
        let connection = connection?;
        connection.busy_timeout(BUSY_WITHIN)?;
        // SQLite opens the files only when they are needed.
        connection.query_row("PRAGMA user_version", [], |_| Ok(()))?;
        Ok(connection)
    };
    let at_rest = || {
        let cannot =
            |error| LedgerError::of_file(&error, format!("{}: {error}", files::named(path)));
        let connection = Connection::open_with_flags(
            as_immutable(path).map_err(cannot)?,
            flags | OpenFlags::SQLITE_OPEN_URI,
        );
        read(connection).map_err(|error| explain(&error))
    };
    let connection = if is_at_rest(path) {
        at_rest()?
    } else {
        match read(Connection::open_with_flags(path, flags)) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
                let log = beside(path, "-wal");
                match log.metadata().map(|log| log.len()) {
                    Ok(0) => at_rest()?,
                    Ok(_) if File::open(path).is_ok() => {
                        let why = format!(
                            "{}: SQLite needs a folder that it may write to for a ledger with \
                             this file: copy both to one",
                            files::named(&log)
                        );
                        return Err(LedgerError::Unusable(why));
                    }
                    _ => return Err(explain(&error)),
                }
            }
            connection => connection.map_err(|error| explain(&error))?,
        }
    };
    view(&connection, path)?;
    Ok(connection)
}

/// The layout of a ledger; 0 if the ledger is empty.
fn layout(connection: &Connection) -> Result<u32, LedgerError> {
    let explain = |error| explain(&error);
    let number = |row: &Row<'_>| row.get(0);
    let found = connection.query_row("PRAGMA user_version", [], number).map_err(explain)?;
    if found > SCHEMA {
        return Err(LedgerError::Newer { found });
    }
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: u32 = connection.query_row(tables, [], number).map_err(explain)?;
    if found == 0 && tables > 0 {
        return Err(LedgerError::NotALedger("the file is another program's database".to_owned()));
    }
    Ok(found)
}

/// Reads an older layout as this one.
fn view(connection: &Connection, path: &Path) -> Result<(), LedgerError> {
    let missing = || LedgerError::Missing(files::named(path).into());
    let older = layout(connection)?.checked_sub(1).ok_or_else(missing)?;
    let Some(views) = VIEWS.get(older as usize) else { return Ok(()) };
    let views = format!("PRAGMA temp_store = MEMORY; {views}");
    connection.execute_batch(&views).map_err(|error| explain(&error))
}

fn migrate(connection: &mut Connection) -> Result<(), LedgerError> {
    let explain = |error| explain(&error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction = transaction.map_err(explain)?;
    let found = layout(&transaction)?;
    for migration in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(migration).map_err(explain)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA).map_err(explain)?;
    transaction.commit().map_err(explain)
}

/// Makes devices wait again that a crashed station had claimed, and writes this batch's mark. No
/// other batch can be using the ledger now.
fn take_over(connection: &Connection, mark: Mark) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE;
         UPDATE attempts SET outcome = 'interrupted' WHERE ended_at IS NULL AND outcome IS NULL;
         UPDATE entries SET state = 'waiting' WHERE state = 'running';
         PRAGMA application_id = {mark};
         COMMIT;"
    ))?;
    into_the_ledger(connection)
}

/// Moves the log into the ledger, except for pages that readers still use.
fn into_the_ledger(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

/// Reads the whole database. The inner error says what is wrong with it.
fn is_sound(connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let check = "PRAGMA quick_check(1)";
    let found: String = connection.query_row(check, [], |row| row.get(0))?;
    Ok(if found == "ok" { Ok(()) } else { Err(found.replace('\n', " ")) })
}

/// Checks that a new reader can open the ledger, and finds everything that this process wrote. The
/// inner error says what is wrong.
fn can_be_read(path: &Path, connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let fresh = Connection::open_with_flags(path, flags)?;
    fresh.busy_timeout(BUSY_WITHIN)?;
    if let Err(why) = is_sound(&fresh)? {
        return Ok(Err(why));
    }
    let sums = "SELECT (SELECT count(*) FROM entries), (SELECT total(number) FROM entries), \
                (SELECT count(ended_at) FROM attempts)";
    let sums = |connection: &Connection| {
        connection.query_row(sums, [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, f64>(1)?.to_bits(), row.get::<_, i64>(2)?))
        })
    };
    for _ in 0..SAME_WITHIN {
        if sums(&fresh)? == sums(connection)? {
            return Ok(Ok(()));
        }
    }
    Ok(Err("its records differ from those that were written".to_owned()))
}

/// A request to the ledger's thread.
enum Order {
    Work(Box<dyn Work>),
    /// Work that is done even after the ledger is lost, on the saved records.
    End(Box<dyn Work>),
    /// Checks that everything can be read again.
    Check(oneshot::Sender<Result<(), LedgerError>>),
}

/// Work to do in a transaction.
trait Work: Send {
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    /// Reports that this work was not done. The rest of the transaction is not affected.
    fn refuse(&mut self, why: LedgerError);
    /// Reports the result after the commit, or why there was no commit.
    fn tell(&mut self, committed: Result<(), LedgerError>);
}

struct Job<T, F> {
    work: Option<F>,
    done: Option<T>,
    tell: Option<oneshot::Sender<Result<T, LedgerError>>>,
}

impl<T, F> Job<T, F>
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
{
    fn of(work: F) -> (Box<dyn Work>, oneshot::Receiver<Result<T, LedgerError>>) {
        let (tell, told) = oneshot::channel();
        (Box::new(Self { work: Some(work), done: None, tell: Some(tell) }), told)
    }
}

impl<T: Send, F: FnOnce(&Connection) -> rusqlite::Result<T> + Send> Work for Job<T, F> {
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.done = Some(work(connection)?);
        }
        Ok(())
    }

    fn refuse(&mut self, why: LedgerError) {
        if let Some(tell) = self.tell.take() {
            let _ = tell.send(Err(why));
        }
    }

    fn tell(&mut self, committed: Result<(), LedgerError>) {
        let undone = || Err(LedgerError::Unavailable("not done".to_owned()));
        let answer = match committed {
            Ok(()) => self.done.take().map_or_else(undone, Ok),
            Err(error) => Err(error),
        };
        if let Some(tell) = self.tell.take() {
            // The caller may be gone.
            let _ = tell.send(answer);
        }
    }
}

fn serve(mut connection: Connection, files: Option<&Files>, orders: &mpsc::Receiver<Order>) {
    let mut lost: Option<Lost> = None;
    loop {
        let first = match orders.recv_timeout(LOOK) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let (mut together, mut checks) = (Vec::new(), Vec::new());
        for order in first.into_iter().chain(orders.try_iter().take(TOGETHER - 1)) {
            match order {
                Order::Work(mut work) => match &lost {
                    None => together.push(work),
                    Some(lost) => work.refuse(lost.error.clone()),
                },
                Order::End(work) => together.push(work),
                Order::Check(tell) => checks.push(tell),
            }
        }
        let mut result = match &lost {
            _ if together.is_empty() => Ok(()),
            Some(lost) => lost.go_on(&mut connection, |kept| transact(kept, &mut together)),
            None => transact(&mut connection, &mut together).map_err(|error| explain(&error)),
        };
        // Checked after the commit and before the answers: what is reported as done is in a file
        // that will be found.
        if lost.is_none()
            && let Some(files) = files
            && let Err(why) = keep(files, &connection, &result, !checks.is_empty())
        {
            if matches!(why.kept, Kept::Nowhere) || result.is_err() {
                result = Err(why.error.clone());
            }
            lost = Some(why);
        }
        for mut work in together {
            work.tell(result.clone());
        }
        for tell in checks {
            let _ = tell.send(lost.as_ref().map_or(Ok(()), |lost| Err(lost.error.clone())));
        }
    }
    if lost.is_some_and(|lost| !matches!(lost.kept, Kept::Here)) {
        // Closing would delete files that have the names of ours.
        std::mem::forget(connection);
    } else if files.is_some() {
        put_together(&connection);
    }
}

/// Checks that everything written is still there. If the log is long, or if a check was requested,
/// moves the log into the ledger.
fn keep(
    files: &Files,
    connection: &Connection,
    result: &Result<(), LedgerError>,
    is_end: bool,
) -> Result<(), Lost> {
    files.are_there(connection)?;
    if let Err(LedgerError::Damaged(why)) = result {
        return Err(files.damaged(connection, why));
    }
    if !is_end && files.log_frames().is_none_or(|frames| frames < LOG_FRAMES) {
        return Ok(());
    }
    let checked = into_the_ledger(connection)
        .and_then(|()| if is_end { can_be_read(files.ledger(), connection) } else { Ok(Ok(())) });
    let why = match checked {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(why)) => why,
        // A ledger that is busy or full is intact.
        Err(error) => match explain(&error) {
            LedgerError::Damaged(why) => why,
            error if error.may_pass() && !is_end => return Ok(()),
            // Everything was written; only the check needs more files.
            error if is_out_of_files() => return Err(Lost { error, kept: Kept::Here }),
            error => error.to_string(),
        },
    };
    // If the files were replaced, that is the cause to report.
    files.are_there(connection)?;
    Err(files.damaged(connection, &why))
}

/// Leaves the ledger as one file, which can be copied, or read without permission to write.
fn put_together(connection: &Connection) {
    // If another process has the ledger open, its log stays, but empty.
    if !become_one_file(connection) {
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
}

/// Removes SQLite's companion files, unless another process has the ledger open. Returns whether
/// they are gone.
fn become_one_file(connection: &Connection) -> bool {
    let set = |row: &Row<'_>| row.get::<_, String>(0);
    let mode = connection
        .busy_timeout(CLOSE_WITHIN)
        .and_then(|()| connection.query_row("PRAGMA journal_mode = DELETE", [], set));
    mode.is_ok_and(|mode| mode == "delete")
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Does all work that can be done, and commits it. Work whose own data causes an error is refused.
fn transact(connection: &mut Connection, works: &mut [Box<dyn Work>]) -> rusqlite::Result<()> {
    let behavior = if connection.is_readonly(MAIN_DB)? {
        TransactionBehavior::Deferred
    } else {
        TransactionBehavior::Immediate
    };
    let mut transaction = connection.transaction_with_behavior(behavior)?;
    for work in works {
        let part = transaction.savepoint()?;
        match work.run(&part) {
            Ok(()) => part.commit()?,
            Err(error) if is_its_own(&error) => {
                part.finish()?;
                work.refuse(explain(&error));
            }
            Err(error) => return Err(error),
        }
    }
    transaction.commit()
}

/// Whether an error comes from one request's own data, so that other requests are not affected.
fn is_its_own(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(
            code,
            ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch
        ),
        None => true,
    }
}

/// Whether this process can't open as many files as SQLite needs. SQLite reports this case like a
/// file that it is not permitted to open.
fn is_out_of_files() -> bool {
    const OPENED: usize = 4;
    let opened = (0..OPENED).map(|_| File::open("/dev/null")).collect::<io::Result<Vec<_>>>();
    opened.is_err_and(|error| is_shortage(&error))
}

fn explain(error: &rusqlite::Error) -> LedgerError {
    if let rusqlite::Error::FromSqlConversionFailure(_, _, why) = error
        && let Some(why) = why.downcast_ref::<LedgerError>()
    {
        return why.clone();
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            LedgerError::Rejected(error.to_string())
        }
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) if is_out_of_files() => {
            // A batch keeps descriptors free for its ledger. If there are none, waiting does not
            // help.
            LedgerError::OutOfFiles("no more files can be opened (`ulimit -n`)".to_owned())
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            LedgerError::Unavailable("another program holds it".to_owned())
        }
        Some(ErrorCode::DiskFull) => LedgerError::Full("the disk is full".to_owned()),
        Some(ErrorCode::SystemIoFailure) => LedgerError::Unavailable(error.to_string()),
        Some(ErrorCode::NotADatabase) => LedgerError::NotALedger("not a ledger file".to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => LedgerError::Damaged(error.to_string()),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            LedgerError::Forbidden(error.to_string())
        }
        _ => LedgerError::Unusable(error.to_string()),
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Number(number) => number.to_sql(),
        }
    }
}

impl Columns for Row<'_> {
    fn text(&self, column: &str) -> Result<Option<String>, LedgerError> {
        self.get(column).map_err(|error| explain(&error))
    }

    fn number(&self, column: &str) -> Result<Option<i64>, LedgerError> {
        self.get(column).map_err(|error| explain(&error))
    }

    fn flag(&self, column: &str) -> Result<bool, LedgerError> {
        self.get(column).map_err(|error| explain(&error))
    }
}

/// A row of many. SQLite would look up the place of a column for each value, which takes longer than
/// all the rest.
struct Named<'a, 'b> {
    row: &'a Row<'b>,
    columns: &'a HashMap<String, usize>,
}

/// The place of each column; of equal names, that of the first.
fn places(query: &Statement<'_>) -> HashMap<String, usize> {
    let names = query.column_names().map(str::to_owned);
    names.enumerate().map(|(place, name)| (name, place)).rev().collect()
}

impl Named<'_, '_> {
    fn get<T: FromSql>(&self, column: &str) -> Result<T, LedgerError> {
        let missing = || LedgerError::Unusable(format!("no column {column}"));
        let place = self.columns.get(column).ok_or_else(missing)?;
        self.row.get(*place).map_err(|error| explain(&error))
    }
}

impl Columns for Named<'_, '_> {
    fn text(&self, column: &str) -> Result<Option<String>, LedgerError> {
        self.get(column)
    }

    fn number(&self, column: &str) -> Result<Option<i64>, LedgerError> {
        self.get(column)
    }

    fn flag(&self, column: &str) -> Result<bool, LedgerError> {
        self.get(column)
    }
}

/// Wraps one of our errors so that it can pass through SQLite; [`explain`] unwraps it.
fn ours<T>(read: Result<T, LedgerError>) -> rusqlite::Result<T> {
    read.map_err(|why| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(why)))
}

#[async_trait]
impl Ledger for Sqlite {
    async fn enrol(&self, devices: Vec<Enrolment>) -> Result<Vec<Enrolled>, LedgerError> {
        self.run(move |connection| devices.into_iter().map(|one| enrol(connection, one)).collect())
            .await
    }

    async fn claim_among(
        &self,
        devices: Vec<String>,
        room: usize,
    ) -> Result<Vec<ClaimResult>, LedgerError> {
        let station = self.station.name.clone();
        self.run(move |connection| {
            let (mut results, mut claimed) = (Vec::new(), 0);
            for device in devices {
                if claimed == room {
                    break;
                }
                let result = claim(connection, device, &station)?;
                claimed += usize::from(matches!(result, ClaimResult::Claimed(_)));
                results.push(result);
            }
            Ok(results)
        })
        .await
    }

    async fn mark_apply_sent(&self, claim: &Claim) -> Result<(), LedgerError> {
        let device = claim.device.clone();
        self.end(move |connection| {
            let mut mark =
                connection.prepare_cached("UPDATE entries SET told = 1 WHERE device = ?1")?;
            mark.execute([device]).map(drop)
        })
        .await
    }

    async fn settle(
        &self,
        claim: &Claim,
        attempt: Attempt,
        state: State,
    ) -> Result<(), LedgerError> {
        let told = !super::could_not_join(attempt.result);
        let hook = (self.station.reports && state.is_settled()).then_some(HookState::Due);
        let claim = claim.clone();
        self.end(move |connection| {
            note(connection, &claim, &attempt, state, hook)?;
            let mut settle = connection.prepare_cached(
                "UPDATE entries SET state = ?2, exit_code = ?3, told = told AND ?4
                 WHERE device = ?1 AND state <> 'done'",
            )?;
            let number = attempt.result.map(words::number);
            settle.execute(params![claim.device, state.name(), number, told]).map(drop)
        })
        .await
    }

    async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError> {
        self.end(move |connection| {
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
            let wanted = "SELECT * FROM attempts WHERE hook = 'due'
                ORDER BY started_at, device, number";
            connection.prepare(wanted)?.query_map([], |row| ours(Attempt::read(row)))?.collect()
        })
        .await
    }

    async fn reported(
        &self,
        device: String,
        number: i64,
        result: Result<(), String>,
    ) -> Result<(), LedgerError> {
        let hook = HookState::of(&result).name();
        self.end(move |connection| {
            let mut reported = connection.prepare_cached(
                "UPDATE attempts SET hook = ?3, hook_error = ?4 WHERE device = ?1 AND number = ?2",
            )?;
            reported.execute(params![device, number, hook, result.err()]).map(drop)
        })
        .await
    }

    async fn requeue_hooks(&self, devices: Vec<String>) -> Result<u64, LedgerError> {
        let devices = serde_json::to_string(&devices).unwrap_or_default();
        self.run(move |connection| {
            let requeue = "UPDATE attempts SET hook = 'due', hook_error = NULL
                WHERE hook = 'failed'
                    AND number = (SELECT number FROM entries e WHERE e.device = attempts.device)
                    AND (?1 = '[]' OR device IN (SELECT value FROM json_each(?1)))";
            connection.execute(requeue, [devices]).map(|changed| changed as u64)
        })
        .await
    }

    async fn rosters(&self) -> Result<Vec<String>, LedgerError> {
        self.run(|connection| {
            // Not by time: two may be written within a millisecond, and a clock can be set back.
            let mut rosters = connection.prepare("SELECT name FROM rosters ORDER BY rowid")?;
            rosters.query_map([], |row| row.get(0))?.collect()
        })
        .await
    }

    async fn add_roster(&self, name: String) -> Result<(), LedgerError> {
        self.run(move |connection| {
            let add = "INSERT INTO rosters (name, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            connection.execute(add, [name, now()]).map(drop)
        })
        .await
    }

    async fn check(&self) -> Result<(), LedgerError> {
        let (tell, told) = oneshot::channel();
        self.order(Order::Check(tell), told).await
    }

    async fn standings(&self) -> Result<Vec<Standing>, LedgerError> {
        self.run(|connection| {
            let mut wanted = connection.prepare(STANDINGS)?;
            wanted.query_map([], |row| ours(Standing::read(row)))?.collect()
        })
        .await
    }

    async fn each_standing(&self, tell: Tell<'_, Standing>) -> Result<(), LedgerError> {
        self.each(STANDINGS, Vec::new(), |row| Standing::read(row), tell).await
    }

    async fn each_record(&self, tell: Tell<'_, Record>) -> Result<(), LedgerError> {
        self.each(RECORDS, Vec::new(), |row| Record::read(row), tell).await
    }

    async fn each_unit(&self, period: Period, tell: Tell<'_, Unit>) -> Result<(), LedgerError> {
        let (values, mut units) = (period.bounds().into(), Units::to(tell));
        self.each(UNITS, values, |row| Unit::read(row), &mut |row| units.add(row)).await?;
        units.end();
        Ok(())
    }

    async fn attempts(&self) -> Result<Vec<Attempt>, LedgerError> {
        self.run(|connection| {
            let wanted = "SELECT * FROM attempts ORDER BY started_at, device, number";
            connection.prepare(wanted)?.query_map([], |row| ours(Attempt::read(row)))?.collect()
        })
        .await
    }

    async fn requeue(&self, which: Requeue) -> Result<u64, LedgerError> {
        let list = |of: serde_json::Result<String>| of.unwrap_or_default();
        let states: Vec<_> = which.states.iter().map(|state| state.name()).collect();
        let lists = [
            list(serde_json::to_string(&states)),
            list(serde_json::to_string(&which.numbers())),
            list(serde_json::to_string(&which.devices)),
        ];
        let by = storable(&which.by);
        let reason = which.reason.as_deref().map(storable);
        self.run(move |connection| {
            let [states, numbers, devices] = lists;
            let note = "UPDATE attempts SET requeued_at = ?4, requeued_by = ?5, requeue_reason = ?6
                WHERE (device, number) IN (SELECT device, number FROM entries
                    WHERE state IN (SELECT value FROM json_each(?1))
                        AND (?2 = 'null' OR exit_code IN (SELECT value FROM json_each(?2)))
                        AND (?3 = '[]' OR device IN (SELECT value FROM json_each(?3))))";
            connection.execute(note, params![states, numbers, devices, now(), by, reason])?;
            let requeue = "UPDATE entries SET state = 'waiting', told = told AND state <> 'done'
                WHERE state IN (SELECT value FROM json_each(?1))
                    AND (?2 = 'null' OR exit_code IN (SELECT value FROM json_each(?2)))
                    AND (?3 = '[]' OR device IN (SELECT value FROM json_each(?3)))";
            connection.execute(requeue, [states, numbers, devices]).map(|changed| changed as u64)
        })
        .await
    }
}

fn enrol(connection: &Connection, one: Enrolment) -> rusqlite::Result<Enrolled> {
    let labels = labels_to_json(&one.labels);
    let mut known = connection.prepare_cached(
        "SELECT e.device, e.state, e.address, e.network, a.outcome
         FROM entries e LEFT JOIN attempts a ON a.device = e.device AND a.number = e.number
         WHERE e.device = ?1",
    )?;
    let as_it_is = (one.address.as_str(), one.network.as_str());
    let known = known.query_row([&one.device], |row| ours(rows::enrolled(row, as_it_is)));
    let Some(enrolled) = known.optional()? else {
        let mut insert = connection.prepare_cached(
            "INSERT INTO entries (device, place, address, network, labels)
             VALUES (?1, (SELECT coalesce(max(place), 0) + 1 FROM entries), ?2, ?3, ?4)",
        )?;
        insert.execute(params![one.device, one.address, one.network, labels])?;
        let (device, state) = (one.device, State::Waiting);
        return Ok(Enrolled { device, state, outcome: None, settled_as: None });
    };
    // A settled device keeps its address and network. Its labels can be changed at any time.
    let as_it_was = enrolled.settled_as.as_ref();
    let kept = as_it_was.map(|(address, network)| (address.as_str(), network.as_str()));
    let (address, network) = kept.unwrap_or(as_it_is);
    let mut update = connection.prepare_cached(
        "UPDATE entries SET address = ?2, network = ?3, labels = ?4
         WHERE device = ?1 AND (address, network, labels) IS NOT (?2, ?3, ?4)",
    )?;
    update.execute(params![one.device, address, network, labels])?;
    Ok(enrolled)
}

fn claim(connection: &Connection, device: String, station: &str) -> rusqlite::Result<ClaimResult> {
    let mut take = connection.prepare_cached(
        "UPDATE entries SET state = 'running', number = number + 1, station = ?2
         WHERE device = ?1 AND state = 'waiting'
         RETURNING device, number, told, exit_code, ?3 AS started_at",
    )?;
    let taken = take.query_row(params![device, station, now()], |row| ours(Claim::read(row)));
    if let Some(claim) = taken.optional()? {
        let mut begin = connection.prepare_cached(
            "INSERT INTO attempts (device, number, station, started_at) VALUES (?1, ?2, ?3, ?4)",
        )?;
        begin.execute(params![device, claim.number, station, claim.started_at])?;
        return Ok(ClaimResult::Claimed(claim));
    }
    let mut stands = connection.prepare_cached("SELECT state FROM entries WHERE device = ?1")?;
    match stands.query_row([&device], |row| ours(rows::state(row, &device)))? {
        state if state.is_settled() => Ok(ClaimResult::Settled(device, state)),
        _ => Ok(ClaimResult::Elsewhere(device)),
    }
}

/// Records how an attempt ended.
fn note(
    connection: &Connection,
    claim: &Claim,
    attempt: &Attempt,
    state: State,
    hook: Option<HookState>,
) -> rusqlite::Result<()> {
    static NOTE: LazyLock<String> = LazyLock::new(|| {
        let columns = Attempt::default()
            .cells()
            .zip(6..)
            .fold(String::new(), |all, ((name, _), at)| format!("{all}, {name} = ?{at}"));
        format!(
            "UPDATE attempts SET ended_at = ?3, settles = ?4, hook = ?5{columns}
             WHERE device = ?1 AND number = ?2"
        )
    });
    let mut note = connection.prepare_cached(&NOTE)?;
    let (settles, hook) = (state.is_settled(), hook.map(HookState::name));
    let which: [&dyn ToSql; 5] = [&claim.device, &claim.number, &attempt.ended_at, &settles, &hook];
    let cells: Vec<_> = attempt.cells().map(|(_, cell)| cell).collect();
    let cells = cells.iter().map(|cell| cell as &dyn ToSql);
    let noted = note.execute(params_from_iter(which.into_iter().chain(cells)))?;
    if noted == 1 { Ok(()) } else { Err(rusqlite::Error::QueryReturnedNoRows) }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    /// Another error than of what is to be written: nothing is half done.
    #[test]
    fn a_ledger_that_is_full_takes_all_or_nothing() {
        let mut connection = Connection::open_in_memory().expect("a database");
        let made = "CREATE TABLE t (a); PRAGMA max_page_count = 4;";
        connection.execute_batch(made).expect("made");
        let insert = |what: &'static str| {
            let insert = format!("INSERT INTO t VALUES ({what})");
            Job::of(move |connection: &Connection| connection.execute(&insert, []))
        };
        let ((small, _), (large, _)) = (insert("1"), insert("zeroblob(100000)"));
        let error = transact(&mut connection, &mut [small, large]).expect_err("it is full");
        assert!(matches!(explain(&error), LedgerError::Full(_)), "{error}");
        let count = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
        assert_eq!(count, Ok(0));
    }

    /// A failed checkpoint does no harm, but a ledger that cannot be read in the end is lost.
    #[test]
    #[cfg(unix)]
    fn a_ledger_that_is_busy_is_none_the_worse_until_it_is_looked_at_in_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger");
        let mut connection = connect(&path, Access::Work).expect("a ledger");
        migrate(&mut connection).expect("of today");
        take_over(&connection, 7).expect("marked");
        let files = Files::of_batch(&path, 7);
        let fill = format!(
            "PRAGMA wal_autocheckpoint = 0; CREATE TABLE filling (a);
             INSERT INTO filling VALUES (zeroblob({}));",
            4096 * LOG_FRAMES
        );
        connection.execute_batch(&fill).expect("filled");
        assert!(files.log_frames().is_some_and(|frames| frames >= LOG_FRAMES));
        // An open transaction blocks the checkpoint.
        connection
            .execute_batch("BEGIN IMMEDIATE; INSERT INTO filling VALUES (1);")
            .expect("begun");
        assert!(keep(&files, &connection, &Ok(()), false).is_ok());
        let lost = keep(&files, &connection, &Ok(()), true).expect_err("it can't be looked at");
        assert!(lost.error.to_string().contains("is damaged"), "{}", lost.error);
    }

    /// Uses SQLite's own errors: a full disk may get space again, but a damaged file stays damaged.
    #[test]
    fn what_may_pass_is_waited_for_and_what_stays_is_not() {
        let connection = Connection::open_in_memory().expect("a database");
        let tables = "PRAGMA max_page_count = 2; CREATE TABLE a (b); CREATE TABLE c (d);";
        let full = explain(&connection.execute_batch(tables).expect_err("it is full"));
        assert!(
            matches!(&full, LedgerError::Full(why) if why == "the disk is full") && full.may_pass()
        );
        let of = |code| explain(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        for code in [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_BUSY] {
            assert!(matches!(of(code), LedgerError::Unavailable(_)), "{code}");
        }
        assert!(matches!(of(ffi::SQLITE_CORRUPT), LedgerError::Damaged(_)));
        assert!(matches!(of(ffi::SQLITE_NOTADB), LedgerError::NotALedger(_)));
        assert!(matches!(of(ffi::SQLITE_READONLY), LedgerError::Forbidden(_)));
        assert!(matches!(of(ffi::SQLITE_AUTH), LedgerError::Unusable(_)));
        for code in [ffi::SQLITE_NOTADB, ffi::SQLITE_READONLY, ffi::SQLITE_AUTH] {
            assert!(!of(code).may_pass(), "{code}");
        }
        // Only an error in the data of one request leaves other requests unaffected.
        for (code, is_its_own) in [
            (ffi::SQLITE_CONSTRAINT_CHECK, true),
            (ffi::SQLITE_TOOBIG, true),
            (ffi::SQLITE_FULL, false),
            (ffi::SQLITE_IOERR_WRITE, false),
        ] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(super::is_its_own(&error), is_its_own, "{code}");
            assert_eq!(matches!(explain(&error), LedgerError::Rejected(_)), is_its_own, "{code}");
        }
    }
}
