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
CREATE TABLE esp_prov_schema (version bigint NOT NULL);
INSERT INTO esp_prov_schema VALUES (1);
INSERT INTO esp_prov_entries (device, address, network, state, number, station, exit_code)
VALUES ('A', 'http://A', 'Home', 'done', 1, 'here', 0),
    ('B', 'http://B', 'Home', 'failed', 1, 'here', 40);
INSERT INTO esp_prov_attempts (device, number, station, run, started_at, ended_at, outcome,
    exit_code, stage, error, settles, reported)
VALUES ('A', 1, 'here', '1', now(), now(), 'connected', 0, NULL, NULL, true, true),
    ('B', 1, 'here', '1', now(), now(), 'failed', 40, 'set config', 'refused', true, false);
