//! A ledger that stations share: PostgreSQL, 10 or later.
//!
//! A claim is a momentary row lock (`FOR UPDATE SKIP LOCKED`), followed by a lease. A station that
//! dies stops renewing its lease. A station that loses the database stops working on its devices
//! before the lease ends (see [`Ledger::lease`]). All times come from the database's clock. Each
//! change is one statement, so it is atomic, and repeating it has no effect.

mod connection;
mod settings;
mod tls;

use std::{error::Error as StdError, sync::LazyLock, time::Duration};

use async_trait::async_trait;
use tokio::time::timeout;
use tokio_postgres::{Client, Connection, NoTls, Row, Socket, error::SqlState, tls::TlsStream};

use self::{
    connection::{Orders, Value, in_time},
    settings::Server,
    tls::Tls,
};
use super::{
    Access, Attempt, Claim, ClaimResult, Enrolled, Enrolment, HookState, Ledger, LedgerError,
    Period, Record, Requeue, SCHEMA, Standing, State, Station, Tell, Unit, Units, labels_to_json,
    rows::{self, Cell, Columns},
    storable, words,
};

/// How long the database may take to connect or to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The number of the lock that makes stations started at the same time migrate one after the other.
const MIGRATION_LOCK: i64 = 0x0065_7370_7072_6f76;

/// The steps from an empty database to layout 1, from layout 1 to 2, and so on.
const MIGRATIONS: [&str; SCHEMA as usize] = [
    "
    CREATE TABLE esp_prov_entries (
        device text PRIMARY KEY,
        place bigint GENERATED ALWAYS AS IDENTITY,
        address text NOT NULL,
        network text NOT NULL,
        state text NOT NULL DEFAULT 'waiting',
        told boolean NOT NULL DEFAULT false,
        number bigint NOT NULL DEFAULT 0,
        station text,
        run text,
        claimed_until timestamptz,
        exit_code bigint
    );
    CREATE INDEX ON esp_prov_entries (place);
    CREATE INDEX ON esp_prov_entries (run) WHERE state = 'running';
    CREATE TABLE esp_prov_attempts (
        device text NOT NULL REFERENCES esp_prov_entries,
        number bigint NOT NULL,
        station text NOT NULL,
        run text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        outcome text,
        exit_code bigint,
        stage text,
        error text,
        connect_ms bigint,
        handshake_ms bigint,
        set_ms bigint,
        apply_ms bigint,
        join_ms bigint,
        sessions bigint,
        version text,
        security bigint,
        capabilities text,
        network text,
        ip text,
        bssid text,
        channel bigint,
        settles boolean NOT NULL DEFAULT false,
        reported boolean NOT NULL DEFAULT false,
        PRIMARY KEY (device, number)
    );
    CREATE INDEX ON esp_prov_attempts (station) WHERE settles AND NOT reported;
",
    "
    ALTER TABLE esp_prov_entries ADD COLUMN labels text;
    ALTER TABLE esp_prov_attempts ADD COLUMN warnings text, ADD COLUMN hook text,
        ADD COLUMN hook_error text;
    UPDATE esp_prov_attempts SET hook = 'due' WHERE settles AND NOT reported;
    ALTER TABLE esp_prov_attempts DROP COLUMN reported;
    CREATE INDEX ON esp_prov_attempts (hook) WHERE hook IS NOT NULL;
    CREATE TABLE esp_prov_rosters (
        name text PRIMARY KEY,
        since timestamptz NOT NULL DEFAULT now()
    );
",
    "
    ALTER TABLE esp_prov_attempts ADD COLUMN requeued_at timestamptz,
        ADD COLUMN requeued_by text, ADD COLUMN requeue_reason text;
",
];

/// Formats a time as text, in RFC 3339 and UTC.
macro_rules! rfc3339 {
    ($time:literal) => {
        concat!("to_char(", $time, r#" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"#)
    };
}

/// All columns of an attempt `a` that are read. Each is named, because the meaning of `*` may change
/// while a batch runs. If the layout may be an older one, the columns that it does not have go
/// through JSON, where they are null; that takes longer than all the rest.
fn columns(is_current: bool) -> String {
    let of_an_end = Attempt::default();
    let newer = |name: &str| {
        if is_current { format!("a.{name}") } else { format!("to_jsonb(a) ->> '{name}' AS {name}") }
    };
    let columns = of_an_end.cells().map(|(name, _)| match name {
        "warnings" => newer(name),
        name => format!("a.{name}"),
    });
    let columns = columns.chain(["requeued_by", "requeue_reason"].map(newer));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let (started_at, ended_at) = (rfc3339!("a.started_at"), rfc3339!("a.ended_at"));
    let requeued_at = if is_current {
        rfc3339!("a.requeued_at")
    } else {
        rfc3339!("(to_jsonb(a) ->> 'requeued_at')::timestamptz")
    };
    format!(
        "a.number, a.station, {started_at} AS started_at, {ended_at} AS ended_at,
            {requeued_at} AS requeued_at, {columns}"
    )
}

/// Selects attempts.
static ATTEMPTS: LazyLock<String> =
    LazyLock::new(|| format!("SELECT a.device, {} FROM esp_prov_attempts a", columns(false)));

/// Selects the attempts whose hook is due.
static UNREPORTED: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{} WHERE hook = 'due' AND station = $1 ORDER BY a.started_at, device, number",
        *ATTEMPTS
    )
});

/// Selects all attempts.
static EVERY_ATTEMPT: LazyLock<String> =
    LazyLock::new(|| format!("{} ORDER BY a.started_at, device, number", *ATTEMPTS));

/// Selects all attempts with their devices, then the devices without attempts.
static RECORDS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT e.device, e.state, to_jsonb(e) ->> 'labels' AS labels, {}
        FROM esp_prov_entries e LEFT JOIN esp_prov_attempts a USING (device)
        ORDER BY a.started_at IS NULL, a.started_at,
            CASE WHEN a.started_at IS NULL THEN e.place END, e.device, a.number",
        columns(false)
    )
});

/// Selects the attempts of a period with their devices.
fn units(period: Period, is_current: bool) -> String {
    let labels = if is_current { "e.labels" } else { "to_jsonb(e) ->> 'labels' AS labels" };
    let [since, until] = period.bounds();
    // These texts are our own, and have no quotation marks.
    let bound = |sign: &str, time: Option<String>| {
        let of = |time| format!("AND coalesce(a.ended_at, a.started_at) {sign} '{time}'");
        time.map(of).unwrap_or_default()
    };
    let (since, until) = (bound(">=", since), bound("<", until));
    format!(
        "SELECT e.device, e.address, {labels}, {}
        FROM esp_prov_attempts a JOIN esp_prov_entries e USING (device)
        WHERE true {since} {until}
        ORDER BY a.device, a.number",
        columns(is_current)
    )
}

/// Selects all devices with their last attempts. Also reads the older layout, which has the column
/// `reported` instead of `hook`.
const STANDINGS: &str = "
    SELECT e.device, e.address, e.network, e.state, e.station, e.number, e.exit_code,
        a.outcome, a.stage, a.error,
        coalesce(to_jsonb(a) ->> 'hook',
            CASE WHEN a.settles AND to_jsonb(a) ->> 'reported' = 'false' THEN 'due' END) AS hook,
        to_jsonb(a) ->> 'hook_error' AS hook_error, to_jsonb(e) ->> 'labels' AS labels
    FROM esp_prov_entries e LEFT JOIN esp_prov_attempts a
        ON a.device = e.device AND a.number = e.number
    ORDER BY e.place";

const ENROL: &str = "
    INSERT INTO esp_prov_entries AS e (device, address, network, labels)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    ON CONFLICT (device) DO UPDATE SET labels = excluded.labels,
        address = CASE WHEN e.state IN ('waiting', 'running') THEN excluded.address
            ELSE e.address END,
        network = CASE WHEN e.state IN ('waiting', 'running') THEN excluded.network
            ELSE e.network END
    WHERE e.labels IS DISTINCT FROM excluded.labels
        OR e.state IN ('waiting', 'running')
            AND (e.address, e.network) IS DISTINCT FROM (excluded.address, excluded.network)";

/// Selects how enrolled devices stand.
const ENROLLED: &str = "
    SELECT e.device, e.state, e.address, e.network, a.outcome
    FROM esp_prov_entries e LEFT JOIN esp_prov_attempts a
        ON a.device = e.device AND a.number = e.number
    WHERE e.device = ANY ($1)";

/// Devices that an earlier, lost answer would have told of count towards the limit.
///
/// An attempt begins when its statement runs: `now()` is when the transaction began, which may be
/// before another station's attempt at the device ended.
const CLAIM: &str = concat!(
    "
    WITH had AS (
        SELECT count(*) FROM esp_prov_entries
        WHERE device = ANY ($1) AND run = $3 AND state = 'running' AND claimed_until >= now()
    ), free AS (
        SELECT device FROM esp_prov_entries
        WHERE device = ANY ($1) AND (state = 'waiting' OR state = 'running' AND claimed_until < now())
        ORDER BY place LIMIT greatest($5 - (TABLE had), 0)
        FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE esp_prov_entries e
        SET state = 'running', number = number + 1, station = $2, run = $3,
            claimed_until = now() + $4 * interval '1 s'
        FROM free WHERE e.device = free.device
        RETURNING e.device, e.number, e.told, e.exit_code
    ), lapsed AS (
        UPDATE esp_prov_attempts a SET outcome = 'interrupted'
        FROM taken WHERE a.device = taken.device AND a.ended_at IS NULL AND a.outcome IS NULL
    ), begun AS (
        INSERT INTO esp_prov_attempts (device, number, station, run, started_at)
        SELECT device, number, $2, $3, clock_timestamp() FROM taken RETURNING device, started_at
    )
    SELECT device, number, told, exit_code, ",
    rfc3339!("started_at"),
    " AS started_at FROM taken JOIN begun USING (device)"
);

/// Selects the state of devices that could not be claimed. For a device that this run has claimed
/// before, the columns make up its claim.
const STAND: &str = concat!(
    "
    SELECT device, e.state, coalesce(e.run = $2, false) AS is_ours, number, e.told,
        e.exit_code, ",
    rfc3339!("a.started_at"),
    " AS started_at FROM esp_prov_entries e LEFT JOIN esp_prov_attempts a USING (device, number)
    WHERE device = ANY ($1)"
);

/// A device that is done is recorded as done whoever holds the claim: the device itself reported
/// it.
static SETTLE: LazyLock<String> = LazyLock::new(|| {
    let of_an_end = Attempt::default();
    let columns = of_an_end.cells().zip(9..).map(|((name, _), at)| format!(", {name} = ${at}"));
    let columns: String = columns.collect();
    format!(
        "WITH noted AS (
            UPDATE esp_prov_attempts SET ended_at = now(), settles = $4, hook = $5{columns}
            WHERE device = $1 AND number = $2 AND run = $3
        )
        UPDATE esp_prov_entries SET state = $6, exit_code = $7, told = told AND $8
        WHERE device = $1 AND state <> 'done'
            AND ($6 = 'done' OR number = $2 AND run = $3 AND state = 'running')"
    )
});

const MARK_APPLY_SENT: &str = "UPDATE esp_prov_entries SET told = true
    WHERE device = $1 AND run = $2 AND number = $3 RETURNING device";

/// The parameters of a statement.
macro_rules! values {
    ($($value:expr),*) => { vec![$(Box::new($value) as Value),*] };
}

/// A database shared by stations.
pub struct Postgres {
    server: Server,
    station: Station,
    orders: Orders,
    /// Whether the layout is not an older one, which is only read.
    is_current: bool,
}

impl Postgres {
    /// Connects to the database at a `postgres://` URL.
    ///
    /// # Errors
    /// Returns a [`LedgerError`] if the database can't be used.
    pub async fn open(url: &str, station: Station, access: Access) -> Result<Self, LedgerError> {
        let mut server = settings::server(url)?;
        let config = &mut server.config;
        config.connect_timeout(ANSWER_WITHIN);
        // The system counts in seconds, and takes no 0.
        config.keepalives_idle((station.lease / 2).max(Duration::from_secs(1)));
        if config.get_application_name().is_none() {
            config.application_name(format!("esp-prov-rs {}", station.name));
        }
        let is_current = migrate(&server, access).await? == SCHEMA;
        let orders = Orders::to(server.clone(), patience(&station));
        Ok(Self { server, station, orders, is_current })
    }

    async fn query(&self, text: &'static str, values: Vec<Value>) -> Result<Vec<Row>, LedgerError> {
        self.orders.query(text, values).await
    }

    /// Passes on rows a few at a time. Uses a separate connection, because the receiver may be
    /// slow.
    async fn each<T>(
        &self,
        query: &str,
        read: fn(&Row) -> Result<T, LedgerError>,
        tell: Tell<'_, T>,
    ) -> Result<(), LedgerError> {
        let (client, patience) = (connect(&self.server).await?, patience(&self.station));
        let declare = format!("BEGIN READ ONLY; DECLARE told NO SCROLL CURSOR FOR {query}");
        in_time(patience, client.batch_execute(&declare)).await?;
        let fetch = in_time(patience, client.prepare("FETCH 1000 FROM told")).await?;
        loop {
            let rows = in_time(patience, client.query(&fetch, &[])).await?;
            for row in &rows {
                if tell(read(row)?).is_break() {
                    return Ok(());
                }
            }
            if rows.is_empty() {
                return Ok(());
            }
        }
    }
}

/// Brings the ledger up to date, unless it is only read. Returns its layout.
async fn migrate(server: &Server, access: Access) -> Result<u32, LedgerError> {
    let client = connect(server).await?;
    let explain = |error| explain(&error);
    if access != Access::Look {
        let lock = "SELECT pg_advisory_lock($1)";
        client.execute(lock, &[&MIGRATION_LOCK]).await.map_err(explain)?;
    }
    let known = "SELECT to_regclass('esp_prov_schema') IS NOT NULL";
    let known: bool = client.query_one(known, &[]).await.map_err(explain)?.get(0);
    if !known && access != Access::Work {
        return Err(LedgerError::Missing("in this database".to_owned()));
    }
    if !known {
        let layout = "CREATE TABLE esp_prov_schema (version bigint NOT NULL);
            INSERT INTO esp_prov_schema VALUES (0)";
        client.batch_execute(layout).await.map_err(explain)?;
    }
    let version = "SELECT version FROM esp_prov_schema";
    let found: i64 = client.query_one(version, &[]).await.map_err(explain)?.get(0);
    let found = u32::try_from(found).unwrap_or(u32::MAX);
    let pending = MIGRATIONS.get(found as usize..).ok_or(LedgerError::Newer { found })?;
    if access == Access::Look {
        return Ok(found);
    }
    for (migration, to) in pending.iter().zip(found + 1..) {
        let migration =
            format!("BEGIN; {migration}; UPDATE esp_prov_schema SET version = {to}; COMMIT");
        client.batch_execute(&migration).await.map_err(explain)?;
    }
    // The lock is released when the connection closes.
    Ok(SCHEMA)
}

/// How long to wait for an answer. An answer after the end of the lease is useless.
fn patience(station: &Station) -> Duration {
    ANSWER_WITHIN.min(station.lease)
}

async fn connect(server: &Server) -> Result<Client, LedgerError> {
    let config = &server.config;
    match &server.tls {
        Tls::Never => reached(config.connect(NoTls)).await,
        #[cfg(feature = "tls")]
        Tls::With(tls) => reached(config.connect(tls.clone())).await,
    }
}

/// A client of a connection that comes up in time, and lives on in a task of its own.
async fn reached<S>(
    connecting: impl Future<Output = Result<(Client, Connection<Socket, S>), tokio_postgres::Error>>,
) -> Result<Client, LedgerError>
where
    S: TlsStream + Unpin + Send + 'static,
{
    let connected = timeout(ANSWER_WITHIN, connecting)
        .await
        .map_err(|_| LedgerError::Unreachable("timed out connecting to the database".to_owned()))?;
    let (client, connection) = connected.map_err(|error| explain(&error))?;
    // The task ends with the client. If the connection breaks, the next query reports it.
    tokio::spawn(esp_prov::task(async move { drop(connection.await) }));
    Ok(client)
}

fn explain(error: &tokio_postgres::Error) -> LedgerError {
    if let Some(error) = error.as_db_error() {
        let class = &error.code().code()[..2];
        let says = format!("the database reports: {}", error.message());
        let may_pass = *error.code() == SqlState::TOO_MANY_CONNECTIONS
            // Connection, insufficient resources, operator intervention, system.
            || ["08", "53", "57", "58"].contains(&class);
        return match class {
            _ if *error.code() == SqlState::DISK_FULL => LedgerError::Full(says),
            _ if may_pass => LedgerError::Unreachable(says),
            // A transaction was rolled back because another station was in its way.
            "40" => LedgerError::Unavailable(says),
            _ if [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::READ_ONLY_SQL_TRANSACTION]
                .contains(error.code()) =>
            {
                LedgerError::Forbidden(says)
            }
            // A value, or a limit such as the size of a row.
            "22" | "54" => LedgerError::Rejected(says),
            _ => LedgerError::Refused(says),
        };
    }
    if let Some(refusal) = tls::refusal(error) {
        return refusal;
    }
    let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    LedgerError::Unreachable(format!("no connection to the database: {why}"))
}

impl Columns for Row {
    fn text(&self, column: &str) -> Result<Option<String>, LedgerError> {
        self.try_get(column).map_err(|error| unreadable(&error))
    }

    fn number(&self, column: &str) -> Result<Option<i64>, LedgerError> {
        self.try_get(column).map_err(|error| unreadable(&error))
    }

    fn flag(&self, column: &str) -> Result<bool, LedgerError> {
        self.try_get(column).map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &tokio_postgres::Error) -> LedgerError {
    LedgerError::Unusable(error.to_string())
}

impl Cell<'_> {
    fn into_value(self) -> Value {
        match self {
            Self::Text(text) => Box::new(text.map(str::to_owned)),
            Self::Number(number) => Box::new(number),
        }
    }
}

#[async_trait]
impl Ledger for Postgres {
    async fn enrol(&self, devices: Vec<Enrolment>) -> Result<Vec<Enrolled>, LedgerError> {
        let column =
            |of: fn(&Enrolment) -> &String| -> Vec<_> { devices.iter().map(of).cloned().collect() };
        let names = column(|one| &one.device);
        let (addresses, networks) = (column(|one| &one.address), column(|one| &one.network));
        let labels: Vec<_> = devices.iter().map(|one| labels_to_json(&one.labels)).collect();
        self.query(ENROL, values![names.clone(), addresses, networks, labels]).await?;
        let known = self.query(ENROLLED, values![names]).await?;
        let wanted: std::collections::HashMap<&str, &Enrolment> =
            devices.iter().map(|one| (one.device.as_str(), one)).collect();
        let enrolled = known.iter().map(|row| {
            let device = rows::must(row, "device")?;
            let wanted = wanted.get(device.as_str());
            let wanted = wanted.map(|one| (one.address.as_str(), one.network.as_str()));
            rows::enrolled(row, wanted.unwrap_or_default())
        });
        enrolled.collect()
    }

    async fn claim_among(
        &self,
        devices: Vec<String>,
        room: usize,
    ) -> Result<Vec<ClaimResult>, LedgerError> {
        let Station { name, run, lease, .. } = self.station.clone();
        let at_most = i64::try_from(room).unwrap_or(i64::MAX);
        let values = values![devices.clone(), name, run.clone(), lease.as_secs_f64(), at_most];
        let taken = self.query(CLAIM, values).await?;
        let taken = taken.iter().map(Claim::read).collect::<Result<Vec<_>, _>>()?;
        let (mut results, mut rest) = (Vec::new(), Vec::new());
        for device in devices {
            match taken.iter().find(|claim| claim.device == device) {
                Some(claim) => results.push(ClaimResult::Claimed(claim.clone())),
                None => rest.push(device),
            }
        }
        if results.len() < room {
            for row in self.query(STAND, values![rest, run]).await? {
                let device = rows::must(&row, "device")?;
                results.push(match rows::state(&row, &device)? {
                    state if state.is_settled() => ClaimResult::Settled(device, state),
                    // The answer to an earlier claim was lost.
                    State::Running if row.flag("is_ours")? => {
                        ClaimResult::Claimed(Claim::read(&row)?)
                    }
                    _ => ClaimResult::Elsewhere(device),
                });
            }
        }
        Ok(results)
    }

    async fn mark_apply_sent(&self, claim: &Claim) -> Result<(), LedgerError> {
        let values = values![claim.device.clone(), self.station.run.clone(), claim.number];
        let marked = self.query(MARK_APPLY_SENT, values).await?;
        if marked.is_empty() { Err(LedgerError::ClaimLost) } else { Ok(()) }
    }

    async fn settle(
        &self,
        claim: &Claim,
        attempt: Attempt,
        state: State,
    ) -> Result<(), LedgerError> {
        let hook = (self.station.reports && state.is_settled()).then_some(HookState::Due.name());
        let number = attempt.result.map(words::number).map(i64::from);
        let mut values = values![
            claim.device.clone(),
            claim.number,
            self.station.run.clone(),
            state.is_settled(),
            hook,
            state.name(),
            number,
            !super::could_not_join(attempt.result)
        ];
        values.extend(attempt.cells().map(|(_, cell)| cell.into_value()));
        self.query(&SETTLE, values).await.map(drop)
    }

    async fn release(&self, claims: Vec<Claim>) -> Result<(), LedgerError> {
        let devices: Vec<_> = claims.into_iter().map(|claim| claim.device).collect();
        let release = "
            WITH freed AS (
                UPDATE esp_prov_entries SET state = 'waiting'
                WHERE device = ANY ($1) AND run = $2 AND state = 'running'
                RETURNING device, number
            )
            UPDATE esp_prov_attempts a SET outcome = 'interrupted', ended_at = now()
            FROM freed WHERE a.device = freed.device AND a.number = freed.number";
        self.query(release, values![devices, self.station.run.clone()]).await.map(drop)
    }

    fn lease(&self) -> Option<Duration> {
        Some(self.station.lease)
    }

    async fn renew(&self) -> Result<(), LedgerError> {
        let renew = "UPDATE esp_prov_entries SET claimed_until = now() + $2 * interval '1 s'
            WHERE run = $1 AND state = 'running'";
        let lease = self.station.lease.as_secs_f64();
        self.query(renew, values![self.station.run.clone(), lease]).await.map(drop)
    }

    async fn unreported(&self) -> Result<Vec<Attempt>, LedgerError> {
        let rows = self.query(&UNREPORTED, values![self.station.name.clone()]).await?;
        rows.iter().map(Attempt::read).collect()
    }

    async fn reported(
        &self,
        device: String,
        number: i64,
        result: Result<(), String>,
    ) -> Result<(), LedgerError> {
        let reported = "UPDATE esp_prov_attempts SET hook = $3, hook_error = $4
            WHERE device = $1 AND number = $2";
        let hook = HookState::of(&result).name();
        self.query(reported, values![device, number, hook, result.err()]).await.map(drop)
    }

    async fn requeue_hooks(&self, devices: Vec<String>) -> Result<u64, LedgerError> {
        let requeue = "UPDATE esp_prov_attempts a SET hook = 'due', hook_error = NULL
            FROM esp_prov_entries e
            WHERE a.hook = 'failed' AND e.device = a.device AND e.number = a.number
                AND (cardinality($1::text[]) = 0 OR a.device = ANY ($1))
            RETURNING a.device";
        Ok(self.query(requeue, values![devices]).await?.len() as u64)
    }

    async fn rosters(&self) -> Result<Vec<String>, LedgerError> {
        let known = "SELECT to_regclass('esp_prov_rosters') IS NOT NULL";
        if !self.query(known, values![]).await?.iter().any(|row| row.get(0)) {
            return Ok(Vec::new());
        }
        let rosters = "SELECT name FROM esp_prov_rosters ORDER BY since, name";
        Ok(self.query(rosters, values![]).await?.iter().map(|row| row.get(0)).collect())
    }

    async fn add_roster(&self, name: String) -> Result<(), LedgerError> {
        // Sorted after all others, even if the clock was set back.
        let add = "INSERT INTO esp_prov_rosters (name, since)
            SELECT $1::text, greatest(now(), max(since) + interval '1 microsecond')
            FROM esp_prov_rosters ON CONFLICT DO NOTHING";
        self.query(add, values![name]).await.map(drop)
    }

    async fn standings(&self) -> Result<Vec<Standing>, LedgerError> {
        let rows = self.query(STANDINGS, values![]).await?;
        rows.iter().map(Standing::read).collect()
    }

    async fn each_standing(&self, tell: Tell<'_, Standing>) -> Result<(), LedgerError> {
        self.each(STANDINGS, Standing::read, tell).await
    }

    async fn each_record(&self, tell: Tell<'_, Record>) -> Result<(), LedgerError> {
        self.each(&RECORDS, Record::read, tell).await
    }

    async fn each_unit(&self, period: Period, tell: Tell<'_, Unit>) -> Result<(), LedgerError> {
        let mut units = Units::to(tell);
        self.each(&self::units(period, self.is_current), Unit::read, &mut |row| units.add(row))
            .await?;
        units.end();
        Ok(())
    }

    async fn attempts(&self) -> Result<Vec<Attempt>, LedgerError> {
        let rows = self.query(&EVERY_ATTEMPT, values![]).await?;
        rows.iter().map(Attempt::read).collect()
    }

    async fn requeue(&self, which: Requeue) -> Result<u64, LedgerError> {
        let states: Vec<_> = which.states.iter().map(|state| state.name()).collect();
        let numbers = which.numbers();
        let numbers: Option<Vec<_>> = numbers.map(|all| all.into_iter().map(i64::from).collect());
        let (by, reason) = (storable(&which.by), which.reason.as_deref().map(storable));
        let requeue = "
            WITH chosen AS (
                SELECT device, number FROM esp_prov_entries
                WHERE state = ANY ($1)
                    AND ($2::bigint[] IS NULL OR exit_code = ANY ($2))
                    AND (cardinality($3::text[]) = 0 OR device = ANY ($3))
                FOR UPDATE
            ), noted AS (
                UPDATE esp_prov_attempts a
                SET requeued_at = now(), requeued_by = $4, requeue_reason = $5
                FROM chosen c WHERE a.device = c.device AND a.number = c.number
            )
            UPDATE esp_prov_entries e SET state = 'waiting', told = e.told AND e.state <> 'done'
            FROM chosen c WHERE e.device = c.device
            RETURNING e.device";
        let rows = self.query(requeue, values![states, numbers, which.devices, by, reason]).await?;
        Ok(rows.len() as u64)
    }
}
