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
PRAGMA user_version = 1;
INSERT INTO entries (device, place, address, network, state, number, station, exit_code)
VALUES ('A', 1, 'http://A', 'Home', 'done', 1, 'here', 0),
    ('B', 2, 'http://B', 'Home', 'failed', 1, 'here', 40);
INSERT INTO attempts (device, number, station, started_at, ended_at, outcome, exit_code, stage,
    error, settles, reported)
VALUES ('A', 1, 'here', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', 'connected', 0, NULL, NULL,
    1, 1),
    ('B', 1, 'here', '2026-01-01T00:00:02Z', '2026-01-01T00:00:03Z', 'failed', 40, 'set config',
    'refused', 1, 0);
