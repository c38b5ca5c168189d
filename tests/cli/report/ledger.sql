PRAGMA foreign_keys = OFF;
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
        warnings TEXT, hook TEXT, hook_error TEXT,
        PRIMARY KEY (device, number)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "attempts" VALUES('=cmd|''/C calc''!A0',1,'north','2026-11-26T08:13:20.000Z','2026-11-26T08:13:26.000Z','failed',50,'join','wrong passphrase',NULL,NULL,NULL,NULL,NULL,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line',NULL,NULL,NULL,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_01',1,'north','2026-11-26T06:04:00.000Z','2026-11-26T06:04:01.945Z','connected',0,NULL,NULL,127,91,35,12,1680,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line','10.0.0.1',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_02',1,'north','2026-11-26T06:08:00.000Z','2026-11-26T06:08:02.133Z','connected',0,NULL,NULL,134,92,35,12,1860,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line','10.0.0.2',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_03',1,'south','2026-11-26T06:12:00.000Z','2026-11-26T06:12:02.321Z','connected',0,NULL,NULL,141,93,35,12,2040,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line','10.0.0.3',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_04',1,'north','2026-11-26T06:16:00.000Z','2026-11-26T06:16:02.509Z','connected',0,NULL,NULL,148,94,35,12,2220,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line','10.0.0.4',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_05',1,'north','2026-11-26T06:20:00.000Z','2026-11-26T06:20:02.697Z','connected',0,NULL,NULL,155,95,35,12,2400,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line','10.0.0.5',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_06',1,'south','2026-11-26T06:24:00.000Z','2026-11-26T06:24:02.885Z','connected',0,NULL,NULL,162,96,35,12,2580,1,'v1.1, lamp 2.1.0',1,'wifi_scan','Line','10.0.0.6',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_07',1,'north','2026-11-26T06:28:00.000Z','2026-11-26T06:28:03.073Z','connected',0,NULL,NULL,169,97,35,12,2760,1,'v1.1, lamp 2.1.0',1,'wifi_scan','Line','10.0.0.7',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_08',1,'north','2026-11-26T06:32:00.000Z','2026-11-26T06:32:03.261Z','connected',0,NULL,NULL,176,98,35,12,2940,1,'v1.1, lamp 2.1.0',1,'wifi_scan','Line','10.0.0.8',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_09',1,'south','2026-11-26T07:01:40.000Z','2026-11-26T07:01:42.000Z','again',12,'handshake','the link was lost',NULL,NULL,NULL,NULL,NULL,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line',NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_09',2,'south','2026-11-26T07:01:50.000Z','2026-11-26T07:01:54.595Z','connected',0,NULL,NULL,1200,410,60,25,2900,1,'v1.1, lamp 2.1.0',1,'wifi_scan','Line','10.0.0.9',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_10',1,'south','2026-11-26T07:03:20.000Z',NULL,'interrupted',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line',NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_10',2,'south','2026-11-26T07:05:00.000Z','2026-11-26T07:05:04.456Z','connected',0,NULL,NULL,900,380,55,21,3100,1,'v1.1, lamp 2.1.0',1,'wifi_scan','Line','10.0.0.10',NULL,6,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_11',1,'north','2026-11-26T08:05:30.000Z','2026-11-26T08:05:31.400Z','failed',30,'proof','the device rejects the proof of possession',NULL,NULL,NULL,NULL,NULL,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line',NULL,NULL,NULL,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_12',1,'north','2026-11-26T08:06:00.000Z','2026-11-26T08:06:01.400Z','failed',30,'proof','the device rejects the proof of possession',NULL,NULL,NULL,NULL,NULL,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line',NULL,NULL,NULL,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_13',1,'north','2026-11-26T08:06:30.000Z','2026-11-26T08:06:31.400Z','failed',30,'proof','the device rejects the proof of possession (no reply)',NULL,NULL,NULL,NULL,NULL,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line',NULL,NULL,NULL,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_14',1,'south','2026-11-26T08:08:20.000Z','2026-11-26T08:08:30.000Z','again',10,'discover','PROV_14 not found',NULL,NULL,NULL,NULL,NULL,1,NULL,1,'wifi_scan','Line',NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_14',2,'south','2026-11-26T08:08:40.000Z','2026-11-26T08:08:50.000Z','failed',10,'discover','PROV_14 not found; devices in range: </td><script>alert(1)</script>',NULL,NULL,NULL,NULL,NULL,1,NULL,1,'wifi_scan','Line',NULL,NULL,NULL,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_15',1,'north','2026-11-26T08:10:00.000Z','2026-11-26T08:10:09.000Z','unconfirmed',53,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,'v1.1, lamp 2.0.1',1,'wifi_scan','Line',NULL,NULL,NULL,1,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('PROV_16',1,'north','2026-11-26T08:11:40.000Z','2026-11-26T08:11:45.000Z','again',12,'version','no reply within 5s',NULL,NULL,NULL,NULL,NULL,1,NULL,1,'wifi_scan','Line',NULL,NULL,NULL,0,NULL,NULL,NULL);
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
    , labels TEXT) STRICT;
INSERT INTO "entries" VALUES('PROV_01',1,'http://10.0.0.1:80','Line','done',1,1,'north',0,'{"lot":"7"}');
INSERT INTO "entries" VALUES('PROV_02',2,'http://10.0.0.2:80','Line','done',1,1,'north',0,'{"lot":"7"}');
INSERT INTO "entries" VALUES('PROV_03',3,'http://10.0.0.3:80','Line','done',1,1,'south',0,'{"lot":"7"}');
INSERT INTO "entries" VALUES('PROV_04',4,'http://10.0.0.4:80','Line','done',1,1,'north',0,'{"lot":"7"}');
INSERT INTO "entries" VALUES('PROV_05',5,'http://10.0.0.5:80','Line','done',1,1,'north',0,'{"lot":"7"}');
INSERT INTO "entries" VALUES('PROV_06',6,'http://10.0.0.6:80','Line','done',1,1,'south',0,'{"lot":"7"}');
INSERT INTO "entries" VALUES('PROV_07',7,'http://10.0.0.7:80','Line','done',1,1,'north',0,'{"lot":"7"}');
INSERT INTO "entries" VALUES('PROV_08',8,'http://10.0.0.8:80','Line','done',1,1,'north',0,'{"lot":"7"}');
INSERT INTO "entries" VALUES('PROV_09',9,'ble:PROV_09','Line','done',1,2,'south',0,'{"lot":"8"}');
INSERT INTO "entries" VALUES('PROV_10',10,'ble:PROV_10','Line','done',1,2,'south',0,'{"lot":"8"}');
INSERT INTO "entries" VALUES('PROV_11',11,'http://10.0.0.11:80','Line','failed',0,1,'north',30,'{"lot":"8"}');
INSERT INTO "entries" VALUES('PROV_12',12,'http://10.0.0.12:80','Line','failed',0,1,'north',30,'{"lot":"8"}');
INSERT INTO "entries" VALUES('PROV_13',13,'http://10.0.0.13:80','Line','failed',0,1,'north',30,'{"lot":"8"}');
INSERT INTO "entries" VALUES('PROV_14',14,'ble:PROV_14','Line','failed',0,2,'south',10,'{"lot":"8","note":"<b>&\u202e"}');
INSERT INTO "entries" VALUES('PROV_15',15,'http://10.0.0.15:80','Line','unconfirmed',1,1,'north',53,NULL);
INSERT INTO "entries" VALUES('PROV_16',16,'http://10.0.0.16:80','Line','waiting',0,1,'north',12,'{"lot":"8"}');
INSERT INTO "entries" VALUES('=cmd|''/C calc''!A0',17,'http://10.0.0.17:80','Line','failed',0,1,'north',50,'{"lot":"=1+1"}');
INSERT INTO "entries" VALUES('PROV_18',18,'http://10.0.0.18:80','Line','waiting',0,0,NULL,NULL,'{"lot":"8"}');
CREATE TABLE rosters (name TEXT PRIMARY KEY NOT NULL, since TEXT NOT NULL) STRICT;
INSERT INTO "rosters" VALUES('lot.csv','2026-11-26T05:59:00.000Z');
CREATE INDEX entries_by_place ON entries (place);
CREATE INDEX attempts_with_hook ON attempts (hook) WHERE hook IS NOT NULL;
PRAGMA user_version = 2;
