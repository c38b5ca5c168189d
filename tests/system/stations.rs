//! What needs more than this project has: stations that share a PostgreSQL (a private cluster in a
//! temporary folder, on a free port), and a disk that is full. Ignored by `cargo test`;
//! `.ci/run stations` installs what is missing.
#![cfg(unix)]

#[cfg(feature = "tls")]
mod tls;

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{Network, Passphrase, Policy, Security, Ssid, commands::SetWifiConfig};
use esp_prov_batch::{
    self as batch, Concurrency, Entry, Job, Station,
    ledger::{self, Access, Ledger, Location},
};
use esp_prov_simulate::{Settings, VirtualDevice};
use kit::{
    Says,
    process::{InTime, ToTheEnd},
};
use nix::sys::signal::Signal;
use seeds::ledger::{
    SMALL,
    agree::{Subject, TICK, agree},
    checker::check,
    model::Bounds,
};
use serde_json::Value;

use crate::farms::{Process, count, exported, farm, run_batch, standings, tally};

const PASSWORD: &str = "hush-hush";

/// A database server. It ends with the test.
struct Cluster {
    folder: tempfile::TempDir,
    port: u16,
    bin: PathBuf,
    /// PostgreSQL refuses to run as root.
    user: Option<&'static str>,
}

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let id = Command::new("id").arg("-u").output_in_time();
        let user = (id.stdout == b"0\n").then_some("postgres");
        let cluster = Self { folder, port, bin: bin(), user };
        cluster.hand_over(cluster.folder.path());
        let data = cluster.data();
        let password = cluster.folder.path().join("password");
        fs::write(&password, PASSWORD).expect("written");
        let how = ["-D", &data, "-U", "line", "--no-sync", "-A", "scram-sha-256", "--pwfile"];
        cluster.run("initdb", &[&how[..], &[password.to_str().expect("text")]].concat());
        cluster.control("start");
        cluster
            .run("createdb", &["-h", "127.0.0.1", "-p", &port.to_string(), "-U", "line", "prov"]);
        cluster
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().expect("text").to_owned()
    }

    /// Makes a file the server's own.
    fn hand_over(&self, path: &Path) {
        if let Some(user) = self.user {
            let chown = Command::new("chown").arg(user).arg(path).output_in_time();
            assert!(chown.status.success(), "{chown:?}");
        }
    }

    /// `start`, `stop`, `restart`.
    fn control(&self, what: &str) {
        let folder = self.folder.path().display();
        let options = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1", self.port);
        let log = format!("{folder}/log");
        let data = self.data();
        let how = ["-D", &data, "-w", "-m", "fast", "-l", &log, "-o", &options];
        self.run("pg_ctl", &[&[what], &how[..]].concat());
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.bin.join(program);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(&program);
                command
            }
            None => Command::new(&program),
        };
        let command = command.args(arguments).env("PGPASSWORD", PASSWORD).current_dir("/");
        let ran = command.output_in_time();
        assert!(ran.status.success(), "{}: {ran:?}", program.display());
    }

    fn psql(&self) -> Command {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["-qAt", &self.url()]);
        psql
    }

    /// For SQL; what it says.
    fn query(&self, sql: &str) -> String {
        let ran = self.psql().args(["-c", sql]).output_in_time();
        String::from_utf8_lossy(&ran.stdout).trim().to_owned()
    }

    fn url(&self) -> String {
        url(self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.control("stop");
    }
}

fn url(port: u16) -> String {
    format!("postgres://line:{PASSWORD}@127.0.0.1:{port}/prov")
}

fn bin() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let versions = versions.map(|version| version.expect("a folder").path().join("bin"));
    versions.filter(|bin| bin.join("initdb").exists()).max().expect("a PostgreSQL server")
}

/// A way to the database that can be cut.
struct Cable {
    port: u16,
    is_cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let here = listener.local_addr().expect("an address").port();
        let (is_cut, open) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<_>>>::default());
        let cable = Self { port: here, is_cut: Arc::clone(&is_cut), open: Arc::clone(&open) };
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let server = TcpStream::connect(("127.0.0.1", port)).expect("the database");
                let mut open = open.lock().expect("no panic");
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let copy = |stream: &TcpStream| stream.try_clone().expect("a handle");
                    let (from, to) = (copy(from), copy(to));
                    open.push(copy(&from));
                    thread::spawn(move || carry(from, to));
                }
            }
        });
        cable
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().expect("no panic").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn roster(folder: &Path) -> (PathBuf, String) {
    let roster = folder.join("roster.csv");
    let path = roster.to_str().expect("text").to_owned();
    (roster, path)
}

#[test]
#[ignore = "needs a PostgreSQL server"]
fn three_stations_share_a_thousand_devices_and_one_dies_and_one_is_cut_off() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (roster, path) = roster(folder.path());
    let wrong = ["--wrong-pop", "2%", "--drop", "5%", "--seed", "5"];
    let (farm, _) = farm(&[&["--count", "1000", "--roster", &path], &wrong[..]].concat());
    let cable = Cable::to(cluster.port);
    let station = |name: &str, url: &str, patience: &str| {
        let shared = ["--lease", "2s", "--attempts", "6", "--retry-interval", "100ms"];
        let who = ["--station", name, "--ledger", url, "--ledger-timeout", patience];
        crate::farms::batch(&roster, &[&who[..], &shared, &["--parallel", "24"]].concat())
    };
    let mut first = station("first", &cluster.url(), "1min");
    let mut second = station("second", &cluster.url(), "1min");
    let mut third = station("third", &url(cable.port), "3s");

    // Each has worked for a while.
    for station in [&mut second, &mut third] {
        (0..100).for_each(|_| drop(station.until("device-ended")));
    }
    second.signal(Signal::SIGKILL);
    second.process.wait_in_time();
    cable.cut();
    while third.event().is_some() {}
    third.ends_with(61);

    let end = first.until("batch-ended");
    first.ends_with(60);
    assert_eq!((&end["running"], &end["waiting"]), (&0.into(), &0.into()));
    let url = cluster.url();
    let ledger = ["--ledger", &url];
    let standings = standings(&roster, &ledger);
    let (done, unconfirmed) = (count(&standings, "done"), count(&standings, "unconfirmed"));
    let failed: Vec<_> = standings.iter().filter(|one| one["state"] == "failed").collect();
    assert_eq!(done + unconfirmed + failed.len(), 1000);
    assert!(failed.iter().all(|one| one["exit_code"] == 30), "{failed:?}");
    let (joined, twice) = tally(farm);
    assert_eq!((joined, twice), ((done + unconfirmed) as u64, 0));

    // At no time two stations worked on one device: an attempt begins after the one before it
    // has ended, or was given up with its lease.
    let overlaps = cluster.query(
        "SELECT count(*), string_agg(concat(a, b), ' ') FROM esp_prov_attempts a JOIN esp_prov_attempts b
         ON b.device = a.device AND b.number = a.number + 1
         WHERE b.started_at < coalesce(a.ended_at, a.started_at + interval '2 s')
             AND a.outcome <> 'interrupted'",
    );
    assert_eq!(overlaps, "0|");
    let attempts = exported(&roster, &ledger);
    for station in ["first", "second", "third"] {
        assert!(attempts.iter().any(|one| one["station"] == station), "{station}");
    }
    // What the database keeps holds no secret.
    let all = cluster
        .query("SELECT e, a FROM esp_prov_entries e JOIN esp_prov_attempts a USING (device)");
    assert!(!all.is_empty() && !all.contains("correct-horse") && !all.contains("abcd1234"));
}

#[test]
#[ignore = "needs a PostgreSQL server"]
fn a_database_that_restarts_in_the_middle_is_waited_for() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (roster, path) = roster(folder.path());
    let (farm, _) = farm(&["--count", "200", "--roster", &path]);
    let url = cluster.url();
    let mut working = crate::farms::batch(&roster, &["--ledger", &url, "--parallel", "8"]);
    (0..20).for_each(|_| drop(working.until("device-ended")));
    cluster.control("restart");
    let end = working.until("batch-ended");
    assert_eq!(end["done"], 200);
    working.ends_with(0);
    assert_eq!(tally(farm), (200, 0));
}

#[test]
#[ignore = "needs a PostgreSQL server"]
fn a_database_that_can_not_be_used_is_told_of_without_its_password() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (roster, _) = roster(folder.path());
    let line = "id,address,pop,ssid,passphrase\nA,127.0.0.1:1,p,Home,12345678\n";
    fs::write(&roster, line).expect("written");
    let refused = |url: &str, code, told: &str| {
        let within = ["--ledger", url, "--ledger-timeout", "100ms"];
        let ran = run_batch("batch", &roster, &within).ends_with(code);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        assert!(!ran.stderr.contains("hush-hush"), "{}", ran.stderr);
    };
    let ran = run_batch("batch status", &roster, &["--ledger", &cluster.url()]).ends_with(3);
    assert!(ran.stderr.contains("no ledger in this database"), "{}", ran.stderr);
    refused("postgres://line:hush-hush@127.0.0.1:1/prov", 61, "no connection to the database");
    refused(&cluster.url().replace(PASSWORD, "wrong"), 61, "password authentication failed");
    let nowhere = cluster.url().replace("/prov", "/nowhere");
    refused(&nowhere, 61, "database \"nowhere\" does not exist");
    let told = if cfg!(feature = "tls") { "has no TLS" } else { "this build has no TLS" };
    refused(&format!("{}?sslmode=require", cluster.url()), 61, told);
    refused(&format!("{}?sslmode=on", cluster.url()), 61, "sslmode is disable, ");
    refused(&format!("{}?color=red", cluster.url()), 61, "its URL: ");
    refused(&cluster.url(), 60, "A: connect: could not connect");
    cluster.query("UPDATE esp_prov_schema SET version = 9");
    refused(&cluster.url(), 61, "a newer version of this tool (layout 9; this one knows 3)");
}

/// Migration by stations that start at once, and the verbs on a shared ledger.
#[test]
#[ignore = "needs a PostgreSQL server"]
fn stations_that_start_at_once_make_the_ledger_once_and_failed_devices_get_another_chance() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (roster, path) = roster(folder.path());
    let (farm, _) = farm(&["--count", "40", "--roster", &path]);
    let right = fs::read_to_string(&roster).expect("a roster");
    fs::write(&roster, right.replacen("correct-horse", "wrong-horse", 1)).expect("written");
    let url = cluster.url();
    let ledger = ["--ledger", &url];
    let stations: Vec<_> = (0..4).map(|_| crate::farms::batch(&roster, &ledger)).collect();
    for mut station in stations {
        station.until("batch-ended");
        station.ends_with(60);
    }
    let now = standings(&roster, &ledger);
    assert_eq!((count(&now, "done"), count(&now, "failed")), (39, 1));
    fs::write(&roster, right).expect("written");
    run_batch("batch retry --failed", &roster, &[&ledger[..], &["--exit-code", "30"]].concat());
    assert_eq!(count(&standings(&roster, &ledger), "failed"), 1, "another exit code");
    // The password need not be on the command line.
    let retry = Command::new(crate::farms::TOOL)
        .args(["batch", "retry", "--failed", "--ledger", &url.replace(":hush-hush", "")])
        .env("PGPASSWORD", PASSWORD)
        .output_in_time();
    assert_eq!(retry.stdout, b"1 device waits again; start the batch to provision it\n");
    let mut last = crate::farms::batch(
        &roster,
        &[&ledger[..], &["--on-result", "echo no paper >&2; exit 3"]].concat(),
    );
    let told = last.until("device-ended");
    let end = last.until("batch-ended");
    assert_eq!(end["hooks_failed"], serde_json::json!([told["device"]]));
    last.ends_with(62);
    for due in ["1 hook due again", "0 hooks due again"] {
        let ran = run_batch("batch retry --hooks", &roster, &ledger).ends_with(0);
        assert!(ran.stdout.starts_with(due), "{}", ran.stdout);
    }
    // It is due at the station that worked on the device.
    run_batch("batch", &roster, &ledger).ends_with(62);
    run_batch("batch", &roster, &[&ledger[..], &["--station", "elsewhere"]].concat()).ends_with(0);
    let result = folder.path().join("result");
    let hook = format!("cat >> {}", result.display());
    for _ in 0..2 {
        run_batch("batch", &roster, &[&ledger[..], &["--on-result", &hook]].concat()).ends_with(0);
        let result = fs::read_to_string(&result).expect("a result");
        let result: Value = serde_json::from_str(&result).expect("one line");
        assert_eq!(result["started_at"], told["started_at"]);
    }
    let attempts = exported(&roster, &ledger);
    assert_eq!(attempts.len(), 41);
    let same = |one: &&Value| one["device"] == told["device"] && one["number"] == told["number"];
    let kept = attempts.iter().find(same).expect("it is kept");
    assert_eq!(kept["started_at"], told["started_at"]);
    drop(farm);
}

#[test]
#[ignore = "needs a PostgreSQL server"]
fn an_older_layout_is_read_as_it_is_and_brought_up_to_date_by_who_works() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (roster, _) = roster(folder.path());
    fs::write(
        &roster,
        "id,address,pop,ssid,passphrase,label.order\nA,http://127.0.0.1:1,p,Home,12345678,7\n",
    )
    .expect("written");
    cluster.query(include_str!("ledger-1-postgres.sql"));
    let url = cluster.url();
    let ledger = ["--ledger", &url];
    let look = || {
        let standings = standings(&roster, &ledger);
        assert_eq!((count(&standings, "done"), count(&standings, "failed")), (1, 1));
        let hooks = standings.iter().map(|one| one["hook"].clone()).collect::<Vec<_>>();
        assert_eq!(hooks, [Value::Null, "due".into()]);
        let attempts = exported(&roster, &ledger);
        assert_eq!(attempts[1]["stage"], "set");
        standings
    };
    look();
    let report = || {
        let words = [&ledger[..], &["--format", "json"]].concat();
        let report = run_batch("batch report", &roster, &words).ends_with(0).stdout;
        let report: Value = serde_json::from_str(&report).expect("JSON");
        ["units", "done", "failed", "attempts"].map(|member| report[member].as_u64())
    };
    let before = report();
    assert_eq!(before, [2, 1, 1, 2].map(Some));
    assert_eq!(cluster.query("SELECT version FROM esp_prov_schema"), "1");
    run_batch("batch", &roster, &ledger).ends_with(0);
    assert_eq!(cluster.query("SELECT version FROM esp_prov_schema"), "3");
    assert_eq!(report(), before);
    // The roster says it, though the device is settled.
    assert_eq!(look()[0]["labels"]["order"], "7");
    cluster.query("UPDATE esp_prov_entries SET state = 'finished' WHERE device = 'A'");
    let ran = run_batch("batch status", &roster, &ledger).ends_with(61);
    assert!(ran.stderr.contains("state of \"A\": unknown value \"finished\""), "{}", ran.stderr);
}

/// As PostgreSQL's own programs find a database: by the name of a service, with the password in a
/// file that others may not read. A device is put back, and reported on, as in a file.
#[test]
#[ignore = "needs a PostgreSQL server"]
fn a_shared_ledger_is_found_by_a_service_and_a_password_file() {
    use std::os::unix::fs::PermissionsExt;
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (roster, path) = roster(folder.path());
    let (_farm, _) = farm(&["--count", "3", "--roster", &path]);
    let (services, passwords) = (folder.path().join("services"), folder.path().join(".pgpass"));
    let port = cluster.port;
    let text =
        format!("[other]\nhost=x\n\n[line]\n# ours\nhost=127.0.0.1\nport={port}\nuser=line\n");
    fs::write(&services, format!("{text}dbname=prov\n")).expect("written");
    fs::write(&passwords, format!("*:1:*:*:no\n127.0.0.1:{port}:prov:line:{PASSWORD}\n"))
        .expect("written");
    let allow = |mode| {
        fs::set_permissions(&passwords, fs::Permissions::from_mode(mode)).expect("ours");
    };
    let tool = |words: &str, more: &[&str]| {
        let mut command = Command::new(crate::farms::TOOL);
        command.args(words.split(' ')).arg("--roster").arg(&roster).args(more);
        command.env_remove("PGPASSWORD").env("PGSERVICEFILE", &services);
        command.env("HOME", folder.path()).env("USER", "anna");
        kit::process::Ended::from(command.output_in_time())
    };
    let ledger = ["--ledger", "service=line"];
    allow(0o644);
    let open = tool("batch", &ledger).ends_with(61);
    assert!(open.stderr.contains("is open to others"), "{}", open.stderr);
    allow(0o600);
    tool("batch", &ledger).ends_with(0);
    tool("batch status", &["--ledger", "postgres://?service=line"]).ends_with(0);
    let none = tool("batch status", &["--ledger", "service=lime"]).ends_with(61);
    assert!(none.stderr.contains("no such service"), "{}", none.stderr);
    let tls = tool("batch status", &["--ledger", "service=line sslmode=verify-full"]).ends_with(61);
    assert!(tls.stderr.contains("sslmode=verify-full: "), "{}", tls.stderr);

    let ids = fs::read_to_string(&roster).expect("a roster");
    let id = ids.lines().nth(1).and_then(|line| line.split(',').next()).expect("an id");
    let told =
        || cluster.query(&format!("SELECT told FROM esp_prov_entries WHERE device = '{id}'"));
    assert_eq!(told(), "t");
    let words = [&ledger[..], &["--reason", "new antenna", id]].concat();
    let ran = tool("batch retry --done", &words).ends_with(0);
    assert!(ran.stdout.contains("1 device waits again"), "{}", ran.stdout);
    assert_eq!(told(), "f");
    let kept = "SELECT count(*), max(requeue_reason), max(split_part(requeued_by, '@', 1))
        FROM esp_prov_attempts WHERE requeued_at IS NOT NULL";
    assert_eq!(cluster.query(kept), "1|new antenna|anna");
    let report = tool("batch report --format json", &ledger).ends_with(0).stdout;
    let report: Value = serde_json::from_str(&report).expect("JSON");
    for (member, number) in [("units", 3), ("done", 3), ("first_pass", 3), ("attempts", 3)] {
        assert_eq!(report[member], number, "{member}");
    }
    let early = [&ledger[..], &["--until", "2026-01-01"]].concat();
    let early = tool("batch report --format json", &early).ends_with(0).stdout;
    let early: Value = serde_json::from_str(&early).expect("JSON");
    assert_eq!(early["units"], 0);
    let cases = tool("batch report --format junit", &ledger).ends_with(0).stdout;
    assert_eq!(cases.matches("<testcase").count(), 3);
}

/// What one device says stops no other, whatever the database can hold.
#[tokio::test]
#[ignore = "needs a PostgreSQL server"]
async fn a_device_whose_words_the_database_can_not_hold_is_settled_like_others() {
    let cluster = Cluster::start();
    cluster.run(
        "createdb",
        &[
            &["-h", "127.0.0.1", "-p", &cluster.port.to_string(), "-U", "line"][..],
            &["-E", "LATIN1", "-T", "template0", "--locale", "C", "latin"],
        ]
        .concat(),
    );
    for database in ["prov", "latin"] {
        let url = cluster.url().replace("/prov", &format!("/{database}"));
        for version in [r"v1.1\u0000\u0000", "v1.1 \u{2603} \u{fffd}", r"\u0000"] {
            let device = VirtualDevice::new(Settings::default());
            let connect = Says(device.clone(), version);
            let device_id = format!("odd {}", version.len());
            let entry = Entry {
                id: device_id.clone(),
                address: "http://10.0.0.1".parse().expect("an address"),
                security: Security { pop: Some("abcd1234".into()), ..Security::default() },
                network: Network::Wifi(SetWifiConfig {
                    ssid: Ssid::new("Home").expect("a name"),
                    passphrase: Passphrase::new("correct-horse".to_owned()).expect("a passphrase"),
                    bssid: None,
                    channel: None,
                }),
                custom_data: None,
                labels: [("order".to_owned(), "4711\0".to_owned())].into(),
                secret_variables: [].into(),
            };
            let connect = Mutex::new(Some(connect));
            let station = Station {
                name: "here".into(),
                run: "1".into(),
                lease: Duration::from_secs(30),
                reports: false,
            };
            let location = Location::new(&url.as_str().into()).expect("a database");
            let ledger = ledger::open(&location, station.clone(), Access::Work).await;
            let job = Job {
                roster: vec![entry],
                station: station.clone(),
                connect: Arc::new(move |_| {
                    Some(Box::new(connect.lock().expect("no panic").take()?) as _)
                }),
                policy: Policy::default(),
                version: None,
                reset_first: false,
                undo: false,
                concurrency: Concurrency::default(),
                retries: 0,
                retry_pause: Duration::ZERO,
                stop_after: 0,
                within: None,
                drain_within: Duration::ZERO,
                ledger_within: Duration::from_secs(1),
                adapter_within: Duration::from_secs(60),
                hook: None,
                watch: None,
                arrivals: None,
                keys: None,
                verify: None,
            };
            let ledger = ledger.expect("a ledger");
            let summary = batch::run(job, ledger, Arc::new(|_| {}), std::future::pending()).await;
            assert_eq!(summary.expect("it ends").counts.done, 1, "{version} in {database}");
            let ledger = ledger::open(&location, station, Access::Look).await.expect("a ledger");
            let attempts = ledger.attempts().await.expect("attempts");
            let kept = attempts.iter().find(|one| one.device == device_id).expect("an attempt");
            assert!(kept.version.is_some(), "{kept:?}");
        }
    }
}

/// A disk takes as long for many changes as for one. `now()` is when a transaction began.
#[tokio::test]
#[ignore = "needs a PostgreSQL server"]
async fn what_is_written_at_once_is_written_together_and_none_fails_for_another() {
    let cluster = Cluster::start();
    let location = Location::new(&cluster.url().as_str().into()).expect("a database");
    let lease = Duration::from_secs(30);
    let station = Station { name: "here".into(), run: "1".into(), lease, reports: false };
    let ledger = ledger::open(&location, station, Access::Work).await.expect("a ledger");
    let ledger: Arc<dyn Ledger> = Arc::from(ledger);
    let ids: Vec<_> = (0..100).map(|number| format!("{number:03}")).collect();
    let (address, network) = ("http://10.0.0.1".to_owned(), "Home".to_owned());
    let enrolment = |device: &String| ledger::Enrolment {
        device: device.clone(),
        address: address.clone(),
        network: network.clone(),
        labels: [].into(),
    };
    ledger.enrol(ids.iter().map(enrolment).collect()).await.expect("enrolled");
    // As many as there is room for, also when the answer got lost and they are asked for again.
    let mut claimed = Vec::new();
    for is_repeated in [false, true] {
        let results = ledger.claim_among(ids.clone(), 80).await.expect("claimed");
        // Those for which there is no room are not taken for another station's.
        assert!(is_repeated || results.len() == 80, "{}", results.len());
        claimed = results
            .into_iter()
            .filter_map(|result| match result {
                ledger::ClaimResult::Claimed(claim) => Some(claim),
                _ => None,
            })
            .collect();
        let devices: Vec<_> = claimed.iter().map(|claim| &claim.device).collect();
        assert_eq!(devices, ids[..80].iter().collect::<Vec<_>>());
    }
    let settle = async |claims: &[ledger::Claim], odd: &str| {
        let mut settling = tokio::task::JoinSet::new();
        for claim in claims.iter().cloned() {
            let ledger = Arc::clone(&ledger);
            let version = if claim.device == odd { "v1.1\0" } else { "v1.1" };
            let attempt = ledger::Attempt { version: Some(version.into()), ..Default::default() };
            settling.spawn(async move {
                let settled = ledger.settle(&claim, attempt, ledger::State::Done).await;
                (claim.device, settled)
            });
        }
        settling.join_all().await
    };
    let settled = settle(&claimed[..40], "").await;
    assert!(settled.iter().all(|(_, settled)| settled.is_ok()), "{settled:?}");
    let times = cluster.query("SELECT count(DISTINCT ended_at) FROM esp_prov_attempts");
    assert!(times.parse::<u32>().expect("a number") < 10, "{times}");
    let settled = settle(&claimed[40..], "060").await;
    for (device, settled) in settled {
        assert_eq!(settled.is_err(), device == "060", "{device}: {settled:?}");
    }
    let done = "SELECT count(*) FROM esp_prov_entries WHERE state = 'done'";
    assert_eq!(cluster.query(done), "79");
    // What is done in another network than a roster says by now is told; the rest just changes.
    let devices = ["000", "001", "099"].map(str::to_owned);
    let mut again = devices.each_ref().map(enrolment);
    again[0].network = "Office".to_owned();
    again[2].network = "Office".to_owned();
    let mut known = ledger.enrol(again.into()).await.expect("enrolled");
    known.sort_by(|one, other| one.device.cmp(&other.device));
    let settled_as: Vec<_> = known.into_iter().map(|one| one.settled_as).collect();
    assert_eq!(settled_as, [Some((address.clone(), network.clone())), None, None]);
    // What it means for a batch that the database refuses something.
    for (code, expected) in [
        ("40001", "Unavailable"),
        ("53100", "Full"),
        ("53300", "Unreachable"),
        ("57014", "Unreachable"),
        ("42501", "Forbidden"),
        ("25006", "Forbidden"),
        ("22001", "Rejected"),
        ("54000", "Rejected"),
        ("42P01", "Refused"),
    ] {
        cluster.query(&format!(
            "CREATE OR REPLACE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'odd' USING ERRCODE = '{code}'; END $$"
        ));
        let on = "BEFORE UPDATE ON esp_prov_entries EXECUTE PROCEDURE odd()";
        cluster.query(&format!("CREATE TRIGGER odd {on}"));
        let error = format!("{:?}", ledger.renew().await.expect_err("it is odd"));
        assert!(error.starts_with(&format!("{expected}(")), "{code}: {error}");
    }
    cluster.query("DROP TRIGGER odd ON esp_prov_entries");
    // All goes over one connection, and over another once that is gone.
    let connection = || {
        let ours = "application_name = 'esp-prov-rs here'";
        cluster.query(&format!("SELECT pid FROM pg_stat_activity WHERE {ours}"))
    };
    ledger.renew().await.expect("renewed");
    let first = connection();
    assert!(!first.is_empty());
    ledger.renew().await.expect("renewed");
    assert_eq!(connection(), first);
    cluster.control("restart");
    tokio::time::sleep(Duration::from_millis(500)).await;
    ledger.renew().await.expect("renewed");
    assert_ne!(connection(), first);
}

/// A bench, its scanner, and what came of the labels so far.
struct Bench<'a> {
    roster: &'a Path,
    how: Vec<&'a str>,
    station: Process,
    scanner: ChildStdin,
    refused: usize,
}

impl<'a> Bench<'a> {
    fn begin(roster: &'a Path, how: Vec<&'a str>) -> Self {
        let (station, scanner) = crate::farms::station(roster, &how);
        Self { roster, how, station, scanner, refused: 0 }
    }

    fn scan(&mut self, labels: &str) {
        self.scanner.write_all(labels.as_bytes()).expect("typed");
    }

    /// Waits until as many units have ended, or were done before.
    fn until_ended(&mut self, count: usize) {
        let mut ended = 0;
        while ended < count {
            let event = self.station.event().expect("the station works");
            self.refused += usize::from(event["event"] == "label-refused");
            let is_end = event["event"] == "device-ended" && event["again_after_ms"].is_null();
            let is_done = event["event"] == "device-arrived" && event["accepted"] == false;
            ended += usize::from(is_end || is_done);
        }
    }

    fn power_cut(&mut self) {
        self.station.signal(Signal::SIGKILL);
        self.station.process.wait_in_time();
        (self.station, self.scanner) = crate::farms::station(self.roster, &self.how);
    }

    /// Takes no more labels, and returns how many were refused.
    fn end(mut self, code: i32) -> usize {
        drop(self.scanner);
        while let Some(event) = self.station.event() {
            self.refused += usize::from(event["event"] == "label-refused");
        }
        self.station.ends_with(code);
        self.refused
    }
}

/// Writes other addresses for two units of a roster, where nobody is.
fn kill(units: &[&str; 2], roster: &Path) {
    let text = fs::read_to_string(roster).expect("a roster");
    let lines = text.lines().map(|line| {
        let mut fields: Vec<_> = line.split(',').collect();
        match units.iter().position(|unit| *unit == fields[0]) {
            Some(0) => fields[1] = "http://127.0.0.1:1",
            Some(_) => fields[1] = "http://127.0.0.1:2",
            None => {}
        }
        fields.join(",")
    });
    fs::write(roster, lines.collect::<Vec<_>>().join("\n")).expect("written");
}

/// A shift at a bench: labels that can't be read, units with another secret and dead ones, two power
/// cuts, a printer without paper, and a database that restarts.
#[test]
#[ignore = "needs a PostgreSQL server"]
fn a_shift_is_accounted_for_whatever_happens_to_the_station() {
    const UNITS: usize = 200;
    const AT_ONCE: usize = 10;
    const DEAD: [&str; 2] = ["PROV_000050", "PROV_000150"];
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (roster, path) = roster(folder.path());
    let wrong = ["--wrong-pop", "2%", "--seed", "5"];
    let (farm, _) = farm(&[&["--count", "200", "--roster", &path], &wrong[..]].concat());
    kill(&DEAD, &roster);
    let (printed, no_paper) = (folder.path().join("printed"), folder.path().join("no-paper"));
    let print = format!("! test -e {} && cat >> {}", no_paper.display(), printed.display());
    let url = cluster.url();
    let how = ["--ledger", &url, "--lease", "1s", "--retries", "1", "--retry-interval", "100ms"];
    let how = [&how[..], &["--station", "bench", "--on-result", &print]].concat();

    let units: Vec<_> = (1..=UNITS).map(|number| format!("PROV_{number:06}\n")).collect();
    let mut bench = Bench::begin(&roster, how.clone());
    for (number, units) in units.chunks(AT_ONCE).enumerate() {
        let labels = units.concat();
        bench.scan(&labels);
        match number {
            // What was in work is scanned again.
            3 | 11 => {
                bench.until_ended(3);
                bench.power_cut();
                bench.scan(&labels);
            }
            5 => fs::write(&no_paper, "").expect("written"),
            8 => fs::remove_file(&no_paper).expect("removed"),
            14 => cluster.control("restart"),
            16 => bench.scan("{\"ver\":\"v1\",\"na\nPROV_\nlabel\nPROV_000201\n\u{1b}[2J\n{}\n"),
            _ => {}
        }
        bench.until_ended(AT_ONCE);
    }
    assert_eq!(bench.end(60), 6);

    let ledger = ["--ledger", url.as_str()];
    let now = standings(&roster, &ledger);
    let [done, failed, left] = ["done", "failed", "unconfirmed"].map(|state| count(&now, state));
    assert_eq!((now.len(), done + failed + left), (UNITS, UNITS));
    assert!((3..=12).contains(&failed), "{failed}");
    // Those that had joined when the power was cut, or the database was away, have left.
    assert!(left <= 3 * AT_ONCE, "{left}");
    for one in now.iter().filter(|one| one["state"] == "failed") {
        let is_dead = DEAD.iter().any(|dead| one["device"] == *dead);
        assert_eq!(one["exit_code"], if is_dead { 11 } else { 30 }, "{one}");
    }
    // There is paper again.
    run_batch("batch retry --hooks", &roster, &ledger).ends_with(0);
    Bench::begin(&roster, how).end(0);
    let labels = fs::read_to_string(&printed).expect("labels");
    let labels: Vec<Value> =
        labels.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for one in &now {
        // A power cut may come between the printer and the ledger.
        let count = labels.iter().filter(|label| label["device"] == one["device"]).count();
        assert!((1..=2).contains(&count), "{one}");
    }
    assert!(labels.len() <= UNITS + 2 * AT_ONCE, "{}", labels.len());
    assert_eq!(tally(farm), ((done + left) as u64, 0));

    let report = run_batch("batch report --format json", &roster, &ledger).ends_with(0);
    let report: Value = serde_json::from_str(&report.stdout).expect("a report");
    let told = ["units", "done", "failed", "unconfirmed"].map(|name| report[name].as_u64());
    assert_eq!(told, [UNITS, done, failed, left].map(|count| Some(count as u64)));
}

/// A station may wait for the database while another one's attempt ends.
#[tokio::test]
#[ignore = "needs a PostgreSQL server"]
async fn an_attempt_begins_after_the_one_before_it_has_ended() {
    let cluster = Cluster::start();
    let location = Location::new(&cluster.url().as_str().into()).expect("a database");
    let lease = Duration::from_secs(30);
    let station = Station { name: "here".into(), run: "1".into(), lease, reports: false };
    let ledger = ledger::open(&location, station, Access::Work).await.expect("a ledger");
    let enrolment = ledger::Enrolment {
        device: "A".to_owned(),
        address: "http://10.0.0.1".to_owned(),
        network: "Home".to_owned(),
        labels: [].into(),
    };
    ledger.enrol(vec![enrolment]).await.expect("enrolled");
    let claim = async || ledger.claim_among(vec!["A".to_owned()], 1).await.expect("claimed");
    claim().await;
    let mut other = cluster.psql().stdin(Stdio::piped()).spawn().expect("psql");
    let mut says = other.stdin.take().expect("its stdin");
    writeln!(says, "BEGIN; LOCK TABLE esp_prov_entries;").expect("said");
    let wait_for = async |locks: &str, count: &str| {
        while cluster.query(&format!("SELECT count(*) FROM pg_locks WHERE {locks}")) != count {
            tokio::task::yield_now().await;
        }
    };
    wait_for("mode = 'AccessExclusiveLock' AND granted", "1").await;
    let ends = async {
        wait_for("NOT granted", "1").await;
        writeln!(
            says,
            "UPDATE esp_prov_attempts SET outcome = 'failed', ended_at = clock_timestamp();
            UPDATE esp_prov_entries SET state = 'waiting'; COMMIT;"
        )
        .expect("said");
        drop(says);
    };
    let (claimed, ()) = tokio::join!(claim(), ends);
    let [ledger::ClaimResult::Claimed(second)] = &claimed[..] else { panic!("{claimed:?}") };
    assert_eq!(second.number, 2);
    other.wait_in_time();
    let times = "SELECT ended_at < lead(started_at) OVER (ORDER BY number)
        FROM esp_prov_attempts LIMIT 1";
    assert_eq!(cluster.query(times), "t");
}

/// Stations of the model, each with a connection. Its time is that of the claims: they are moved,
/// and the database's clock is not.
struct Shared<'a> {
    cluster: &'a Cluster,
    bounds: Bounds,
    stations: Vec<(Box<dyn Ledger>, u32)>,
}

impl<'a> Shared<'a> {
    async fn of(cluster: &'a Cluster, bounds: Bounds) -> Self {
        let mut shared = Self { cluster, bounds, stations: Vec::new() };
        for number in 0..bounds.stations {
            let ledger = shared.open(number, 0).await;
            shared.stations.push((ledger, 0));
        }
        shared
    }

    async fn open(&self, number: u8, process: u32) -> Box<dyn Ledger> {
        let location = Location::new(&self.cluster.url().as_str().into()).expect("a database");
        let station = Station {
            name: format!("s{number}"),
            run: format!("{:?} s{number} {process}", self.bounds),
            lease: TICK * self.bounds.lease.unwrap_or(0).into(),
            reports: false,
        };
        ledger::open(&location, station, Access::Work).await.expect("a ledger")
    }
}

#[async_trait]
impl Subject for Shared<'_> {
    fn at(&self, station: u8) -> &dyn Ledger {
        &*self.stations[usize::from(station)].0
    }

    async fn crash(&mut self, station: u8) {
        let process = self.stations[usize::from(station)].1 + 1;
        self.stations[usize::from(station)] = (self.open(station, process).await, process);
    }

    async fn pass(&mut self, time: Duration) {
        // A claim that ends now has not ended.
        let seconds = time.as_secs_f64() * 0.99;
        let past = format!("claimed_until = claimed_until - {seconds} * interval '1 s'");
        self.cluster.query(&format!("UPDATE esp_prov_entries SET {past}"));
    }
}

/// On ways that tell all that can be told, or with `STATIONS_FROM=0` on all: hours, which go on where
/// they were with the last number that was printed.
#[tokio::test]
#[ignore = "needs a PostgreSQL server"]
#[allow(clippy::print_stdout, reason = "it takes long, and says how far it is")]
async fn the_shared_ledger_does_what_the_model_does() {
    let cluster = Cluster::start();
    let from = std::env::var("STATIONS_FROM").ok().map(|from| from.parse().expect("a number"));
    let mut number: usize = 0;
    for (name, bounds) in SMALL.iter().filter(|(_, bounds)| bounds.lease.is_some()) {
        let reached = check(bounds).expect("it holds");
        let mut ledger = Shared::of(&cluster, *bounds).await;
        let walks: Vec<_> = match from {
            None => reached.telling(bounds).collect(),
            Some(_) => reached.walks().collect(),
        };
        println!("{name}: the ways from {number} to {}", number + walks.len());
        for walk in walks {
            if number >= from.unwrap_or(0) {
                let agreed = agree(&mut ledger, bounds, &number.to_string(), &walk).await;
                agreed.unwrap_or_else(|why| panic!("{name}: {number}: {why}"));
                if number.is_multiple_of(100) {
                    println!("{number}");
                    cluster.query("TRUNCATE esp_prov_entries, esp_prov_attempts");
                }
            }
            number += 1;
        }
    }
    // The model has no rosters. They come in the order in which they came, whatever the clock says.
    let ledger = Shared::of(&cluster, SMALL[0].1).await;
    for roster in ["b", "c", "a", "b"] {
        ledger.at(0).add_roster(roster.to_owned()).await.expect("added");
        cluster.query("UPDATE esp_prov_rosters SET since = since + interval '1 hour'");
    }
    assert_eq!(ledger.at(1).rosters().await.expect("rosters"), ["b", "c", "a"]);
}

/// On a disk that is read only, as an archive is.
#[test]
#[ignore = "mounts a file system, which needs root"]
fn a_ledger_is_looked_at_where_nothing_can_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (_farm, _) = farm(&["--count", "3", "--roster", roster.to_str().expect("text")]);
    let script = "mount -t tmpfs none $F/disk || exit 1
        look() {
            mount -o remount,ro $F/disk
            for how in status export \"--dry-run --add-roster\"; do
                $TOOL batch $how --roster $F/roster.csv --ledger $F/disk/$1 -v || echo \"$how $?\"
            done
            mount -o remount,rw $F/disk
        }
        $TOOL batch --roster $F/roster.csv --ledger $F/disk/ledger
        look ledger
        # As earlier versions leave it, without its log.
        cp $F/logged $F/disk/logged
        look logged
        # As it is left by who is killed.
        $TOOL batch --roster $F/roster.csv --ledger $F/disk/killed --on-result 'kill -9 $PPID'
        ls $F/disk
        look killed";
    fs::create_dir(folder.path().join("disk")).expect("a folder");
    let logged = folder.path().join("logged");
    run_batch("batch", &roster, &["--ledger", logged.to_str().expect("text")]).ends_with(0);
    let database = rusqlite::Connection::open(&logged).expect("a database");
    database.pragma_update(None, "journal_mode", "WAL").expect("set");
    drop(database);
    let ran = Command::new("unshare")
        .args(["-m", "sh", "-c", script])
        .env("F", folder.path())
        .env("TOOL", crate::farms::TOOL)
        .output_in_time();
    let (said, wrong) =
        (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("killed-wal"), "{said}{wrong}");
    assert_eq!(said.matches("; ledger: ").count(), 2 * 3, "{said}{wrong}");
    for how in ["status", "export", "--dry-run --add-roster"] {
        assert!(!said.contains(&format!("{how} ")), "{said}{wrong}");
    }
}

/// In a file system of its own, which is full from the beginning of the work.
#[test]
#[ignore = "mounts a file system, which needs root"]
fn a_full_disk_stops_the_batch_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("roster.csv");
    let (farm, _) = farm(&["--count", "40", "--roster", roster.to_str().expect("text")]);
    let small = folder.path().join("small");
    fs::create_dir(&small).expect("a folder");
    let script = format!(
        "mount -t tmpfs -o size=160k none {small} || exit 1
         {tool} batch --roster {roster} --ledger {small}/ledger --ledger-timeout 300ms
         echo \"first $?\"
         mount -o remount,size=20m {small}
         {tool} batch --roster {roster} --ledger {small}/ledger
         echo \"then $?\"
         {tool} batch status --roster {roster} --ledger {small}/ledger -v",
        small = small.display(),
        tool = crate::farms::TOOL,
        roster = roster.display(),
    );
    let ran = Command::new("unshare").args(["-m", "sh", "-c", &script]).output_in_time();
    let (said, wrong) =
        (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("first 61") && wrong.contains("the disk is full"), "{said}{wrong}");
    assert!(said.contains("then 0") || said.contains("then 60"), "{said}{wrong}");
    let settled = said.lines().filter(|line| {
        line.starts_with("PROV_") && (line.contains("  done") || line.contains("  unconfirmed"))
    });
    let status = said.rsplit("then ").next().expect("status");
    assert!(settled.count() > 0 && !status.contains("failed"), "{said}{wrong}");
    let (joined, twice) = tally(farm);
    assert_eq!((joined, twice), (40, 0));
}
