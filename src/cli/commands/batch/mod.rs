//! `esp-prov-rs batch`: makes a job from flags and a roster, and runs it.

pub(in crate::cli) mod args;
mod export;
mod job;
mod ledger;
mod output;
mod report;
mod sheet;

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use esp_prov::{
    Stage, Warning,
    address::{Address, HttpAddress},
    shown::Shown,
    transport::{
        self,
        ble::BleScan,
        softap::{Interfaces, system_wifi},
    },
    warn,
};
use esp_prov_batch::{
    self as batch, AccessPointScan, AdapterScan, BatchEnd, Concurrency, Hook, Job, Program,
    Station, Summary, Watch, Watcher,
    ledger::{Access, HookState, Ledger, LedgerError, Location, Requeue, Standing, State},
    roster::{
        DefaultTransport, Defaults, Entry, Field, Mistakes, RosterError, RosterPosition, Source,
    },
};
use esp_prov_input::files::{self, Inputs};
use esp_prov_trace::{self as trace, Folder};
use protocomm::Given;
use rand_core::{Rng, UnwrapErr};

use self::args::{BatchArgs, BatchCommand, LedgerArgs, RetryArgs, RunArgs, WorkArgs};
pub(super) use self::ledger::check;
pub(in crate::cli) use self::{job::JobFile, ledger::location};
use crate::{
    cli::{
        Failure,
        args::{Cli, Command},
        drive, network,
        options::TransportArg,
        outputs, plan,
        secrets::{Doubts, Sources},
        signals::{self, Heeded},
        softap::{self, way_over},
        text,
    },
    exit::Exit,
    report::{BatchReporter, Planned, Reporter},
};

/// The file descriptors that the batch itself needs, for its ledger and for hooks.
const OWN_FILES: u64 = 64;

/// How long tasks may take to end. It is less than the time left after a second signal.
const LET_GO_WITHIN: Duration = Duration::from_millis(400);

/// The job file of a command line, if it has one.
pub(in crate::cli) fn job_file(cli: &Cli) -> Option<&Path> {
    match &cli.command {
        Some(Command::Batch(args)) if args.command.is_none() => args.work.job.as_deref(),
        Some(Command::Station(args)) => args.work.job.as_deref(),
        _ => None,
    }
}

pub(super) fn run(args: &BatchArgs, inputs: &Inputs, reporter: &Reporter) -> Result<Exit, Failure> {
    match &args.command {
        None if args.run.dry_run => on_all_cores(dry_run(&args.run, &args.work, reporter)),
        None => on_all_cores(work(&args.run, &args.work, inputs, reporter)),
        Some(BatchCommand::Status(args)) => on_all_cores(status(args, reporter)),
        Some(BatchCommand::Export(args)) => on_all_cores(export::run(args)),
        Some(BatchCommand::Report(args)) => on_all_cores(report::run(args)),
        Some(BatchCommand::Retry(args)) => on_all_cores(retry(args, reporter)),
    }
}

pub(super) fn on_all_cores<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Internal(format!("no runtime: {error}")))?;
    let result = drive(&runtime, work);
    // Tasks that still run release the ledger, which is then closed.
    runtime.shutdown_timeout(LET_GO_WITHIN);
    result
}

async fn work(
    only: &RunArgs,
    args: &WorkArgs,
    inputs: &Inputs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let (path, roster) = roster(args, reporter)?;
    if let Some(folder) = &args.trace {
        for entry in &roster {
            outputs::spare(inputs, "--trace", &trace::file_of(folder, &entry.id))?;
        }
    }
    let location = location(args.ledger.as_ref(), &path)?;
    let (watcher, interfaces) = (watcher(args, &location, reporter)?, interfaces(args));
    let watch = if only.watch { Some(watch(only, &roster).await?) } else { None };
    let job = Job {
        stop_after: only.stop_after,
        within: only.batch_timeout,
        watch,
        ..job(args, roster, &interfaces, reporter)?
    };
    let ledger = open(&location, job.station.clone(), Access::Work).await?;
    if let Some(name) = belongs(only, ledger.as_ref(), &location, &path).await? {
        let added = ledger.add_roster(name).await;
        added.map_err(|error| Failure::Ledger(location.to_string(), error))?;
    }
    let summary = finish(job, ledger, &location, Arc::new(watcher), &interfaces, reporter).await?;
    Ok(ends_with(&summary, args))
}

/// The exit code of devices that were worked on.
pub(super) fn ends_with(summary: &Summary, args: &WorkArgs) -> Exit {
    match summary.end {
        BatchEnd::Interrupted => Exit::INTERRUPTED,
        BatchEnd::Finished if summary.counts.done < summary.counts.devices => Exit::SOME_FAILED,
        BatchEnd::Finished if !summary.hooks_failed.is_empty() => Exit::HOOK_FAILED,
        // With a hook, results that are still due belong to another run.
        BatchEnd::Finished if args.on_result.is_none() && !summary.hooks_due.is_empty() => {
            Exit::HOOK_FAILED
        }
        BatchEnd::Finished => Exit::DONE,
        BatchEnd::FailedAlike | BatchEnd::AdapterUnavailable | BatchEnd::OutOfTime => {
            Exit::SOME_FAILED
        }
    }
}

/// The reporter of a batch, with traces if they are wanted.
pub(super) fn watcher(
    args: &WorkArgs,
    location: &Location,
    reporter: &Reporter,
) -> Result<BatchReporter, Failure> {
    let watcher = reporter.batch(&location.to_string());
    let Some(path) = &args.trace else { return Ok(watcher) };
    let explain = |error| Failure::input(format!("--trace {}: {error}", files::named(path)));
    Ok(watcher.trace_into(Folder::create(path).map_err(explain)?))
}

/// What joins access points.
pub(super) fn interfaces(args: &WorkArgs) -> Interfaces {
    let names = args.interface.iter().map(|name| name.expose().to_owned());
    let names: Vec<_> = names.collect();
    Interfaces::new(&names, system_wifi, args.verify.verify)
}

/// The job that flags describe, without limits for the whole batch.
pub(super) fn job(
    args: &WorkArgs,
    roster: Vec<Entry>,
    interfaces: &Interfaces,
    reporter: &Reporter,
) -> Result<Job, Failure> {
    // Each device takes a socket or two. If there are too few, fewer devices run at once, at least
    // one.
    let wanted = args.parallel as u64 * 3 + 256;
    let files = rlimit::increase_nofile_limit(wanted).unwrap_or(wanted);
    let room = usize::try_from(files.saturating_sub(OWN_FILES) / 3).unwrap_or(usize::MAX).max(1);
    if room < args.parallel {
        reporter.few_files(room);
    }
    let (connecting, rejoin_within) = (interfaces.clone(), args.policy.join_timeout);
    Ok(Job {
        roster,
        station: station(args),
        connect: Arc::new(move |address: &Address| match address {
            Address::Softap(softap) => {
                Some(connecting.connect(softap, rejoin_within, way_over(&HttpAddress::default())))
            }
            other => transport::connector(other),
        }),
        policy: plan::policy(&args.policy, &args.accept),
        version: text(args.defaults.proto_ver.as_ref()).filter(|version| !version.is_empty()),
        reset_first: args.defaults.reset_first,
        undo: args.verify.then.is_some(),
        verify: plan::verify(&args.verify),
        concurrency: Concurrency {
            http: args.parallel.min(room),
            softap: interfaces.count(),
            ble: args.parallel_ble,
        },
        retries: args.retries,
        retry_pause: args.retry_interval,
        stop_after: 0,
        within: None,
        drain_within: args.drain_timeout,
        ledger_within: args.ledger_timeout,
        adapter_within: args.adapter_timeout,
        hook: hook(args)?,
        watch: None,
        arrivals: None,
        keys: None,
    })
}

/// Runs a job to its end or to a signal, and then leaves the access points.
pub(super) async fn finish(
    job: Job,
    ledger: Box<dyn Ledger>,
    location: &Location,
    watcher: Arc<dyn Watcher>,
    interfaces: &Interfaces,
    reporter: &Reporter,
) -> Result<Summary, Failure> {
    // Ending devices and hooks has limits of its own.
    let _heeded = Heeded::within(Duration::MAX);
    let summary = tokio::select! {
        biased;
        summary = batch::run(job, ledger, watcher, signals::heard()) => summary,
        // The user does not want to wait for that.
        () = signals::heard_again() => return Err(Failure::Interrupted),
    };
    tokio::select! {
        () = softap::leave(interfaces.leave(), reporter) => {}
        () = signals::heard_again() => return Err(Failure::Interrupted),
    }
    summary.map_err(|error| Failure::Ledger(location.to_string(), error))
}

/// Checks that the roster belongs to this ledger. Returns its name there.
async fn belongs(
    only: &RunArgs,
    ledger: &dyn Ledger,
    location: &Location,
    roster: &Path,
) -> Result<Option<String>, Failure> {
    let advice = "choose another ledger with --ledger, or keep the devices of both rosters in \
                  this one with --add-roster";
    check(ledger, location, roster, Some(advice).filter(|_| !only.add_roster)).await
}

/// Shows what a batch would do.
async fn dry_run(only: &RunArgs, args: &WorkArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let path = roster_path(args)?;
    let (source, defaults) = source(args, &path, reporter)?;
    let mut plan = reporter.plan();
    go_through(args, &path, &source, &defaults, reporter, &mut |entry| plan.see(&entry.id))?;
    let hook = hook(args)?;
    let location = location(args.ledger.as_ref(), &path)?;
    let station = station(args);
    let mut known = HashMap::new();
    match batch::ledger::open(&location, station.clone(), Access::Look).await {
        Ok(ledger) => {
            belongs(only, ledger.as_ref(), &location, &path).await?;
            let is_shared = ledger.lease().is_some();
            let each = &mut |one: Standing| {
                let is_due = one.is_due_at(&station.name, is_shared);
                known.insert(one.device, (one.state, is_due));
                ControlFlow::Continue(())
            };
            let all = ledger.each_standing(each).await;
            all.map_err(|error| Failure::Ledger(location.to_string(), error))?;
        }
        Err(LedgerError::Missing(_)) => {}
        Err(error) => return Err(Failure::Ledger(location.to_string(), error)),
    }
    let program = hook.map(|hook| hook.program());
    let (program, ledger) = (program.as_ref(), location.to_string());
    let again = |give: &mut dyn FnMut(Entry)| {
        source.each(&defaults, give).map(drop).map_err(|errors| wrong(&path, errors))
    };
    if !known.is_empty() {
        again(&mut |entry| {
            if let Some((state, hook_due)) = known.get(&entry.id) {
                plan.known(*state, *hook_due);
            }
        })?;
    }
    plan.begin(&ledger, program);
    again(&mut |entry| {
        let standing = known.get(&entry.id);
        let planned = Planned {
            device: &entry.id,
            address: entry.address.to_string(),
            security: entry.security.scheme,
            network: entry.network_name(),
            state: standing.map(|(state, _)| *state),
            hook_due: standing.is_some_and(|(_, hook_due)| *hook_due),
        };
        plan.show(&planned, program);
    })?;
    plan.end(&ledger, program);
    match program {
        Some(Program { name: Some(name), error: Some(error), .. }) => {
            Err(Failure::input(format!("--on-result: {name}: {error}")))
        }
        _ => Ok(Exit::DONE),
    }
}

fn hook(args: &WorkArgs) -> Result<Option<Hook>, Failure> {
    let Some(command) = args.on_result.clone() else { return Ok(None) };
    if command.expose().trim().is_empty() {
        let why = "--on-result: empty; give a command, or leave the flag out";
        return Err(Failure::input(why));
    }
    Ok(Some(Hook { command, within: args.hook_timeout }))
}

async fn status(args: &LedgerArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let (location, ledger) = look(args, Access::Look).await?;
    let explain = |error| Failure::Ledger(location.to_string(), error);
    let rosters = ledger.rosters().await.map_err(explain)?;
    let (name, mut status) = (location.to_string(), reporter.status());
    let each = &mut |one| {
        status.see(one);
        ControlFlow::Continue(())
    };
    ledger.each_standing(each).await.map_err(explain)?;
    status.begin(&name, &rosters);
    let each = &mut |one| {
        status.show(&one);
        ControlFlow::Continue(())
    };
    ledger.each_standing(each).await.map_err(explain)?;
    status.end(&name);
    Ok(Exit::DONE)
}

async fn retry(args: &RetryArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let (location, ledger) = look(&args.ledger, Access::Amend).await?;
    let mut devices: Vec<_> = args.devices.iter().map(|id| id.expose().to_owned()).collect();
    if args.done && devices.is_empty() && args.label.is_empty() {
        let why =
            "--done: name the devices (ID), or give --label: a ledger is not done again by mistake";
        return Err(Failure::input(why));
    }
    let mut named = if devices.is_empty() {
        Vec::new()
    } else {
        named(&devices, standings(&location, ledger.as_ref()).await?, &location)?
    };
    if !args.label.is_empty() {
        let labels = labels(&args.label)?;
        named = labelled(&labels, named, &devices, ledger.as_ref(), &location).await?;
        devices = named.iter().map(|one| one.device.clone()).collect();
    }
    let explain = |error| Failure::Ledger(location.to_string(), error);
    if args.hooks {
        let count = ledger.requeue_hooks(devices).await.map_err(explain)?;
        let left = named.into_iter().filter(|one| one.hook != Some(HookState::Failed));
        reporter.hooks_due(count, &left.collect::<Vec<_>>());
        return Ok(Exit::DONE);
    }
    let states = [
        (args.failed, State::Failed),
        (args.unconfirmed, State::Unconfirmed),
        (args.done, State::Done),
    ];
    let states = states.into_iter().filter(|(wanted, _)| *wanted).map(|(_, state)| state);
    let failures = args.exit_code.iter().filter_map(|code| Exit::from_code(*code)?.failure());
    let failures = (!args.exit_code.is_empty()).then(|| failures.collect());
    let by = text(args.by.as_ref()).unwrap_or_else(who);
    let reason = text(args.reason.as_ref());
    let which = Requeue { states: states.collect(), failures, devices, by, reason };
    let left: Vec<_> = named.into_iter().filter(|one| !which.is_for(one)).collect();
    let count = ledger.requeue(which).await.map_err(explain)?;
    reporter.requeued(count, &left);
    Ok(Exit::DONE)
}

/// The user of this machine, and its name.
fn who() -> String {
    let user =
        ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let user = user.filter(|user| !user.is_empty()).unwrap_or_else(|| "somebody".to_owned());
    format!("{user}@{}", gethostname::gethostname().to_string_lossy())
}

/// The names and values of labels.
fn labels(given: &[Given]) -> Result<Vec<(&str, &str)>, Failure> {
    let parts = given.iter().map(|label| label.expose().split_once('='));
    let parts: Option<Vec<_>> = parts.collect();
    parts.ok_or_else(|| Failure::input("--label: NAME=VALUE, for example lot=7"))
}

/// The devices that have all of these labels: of those that were named, if any were.
async fn labelled(
    labels: &[(&str, &str)],
    named: Vec<Standing>,
    devices: &[String],
    ledger: &dyn Ledger,
    location: &Location,
) -> Result<Vec<Standing>, Failure> {
    let has_all = |one: &Standing| {
        labels.iter().all(|(name, value)| one.labels.get(*name).is_some_and(|known| known == value))
    };
    let mut found: Vec<_> = named.into_iter().filter(|one| has_all(one)).collect();
    if devices.is_empty() {
        let each = &mut |one: Standing| {
            if has_all(&one) {
                found.push(one);
            }
            ControlFlow::Continue(())
        };
        let all = ledger.each_standing(each).await;
        all.map_err(|error| Failure::Ledger(location.to_string(), error))?;
    }
    if found.is_empty() {
        return Err(Failure::input(format!("--label: no such device in the ledger {location}")));
    }
    Ok(found)
}

/// The standings of the devices that were named, all of which must be in the ledger.
fn named(
    devices: &[String],
    standings: Vec<Standing>,
    location: &Location,
) -> Result<Vec<Standing>, Failure> {
    let known = by_device(&standings);
    let unknown = devices.iter().filter(|id| !known.contains_key(id.as_str()));
    let unknown: Vec<_> = unknown.map(|id| Shown::name(id).to_string()).collect();
    if !unknown.is_empty() {
        let unknown = unknown.join(", ");
        return Err(Failure::input(format!("ID: not in the ledger {location}: {unknown}")));
    }
    let wanted: HashSet<_> = devices.iter().collect();
    Ok(standings.into_iter().filter(|one| wanted.contains(&one.device)).collect())
}

fn by_device(standings: &[Standing]) -> HashMap<&str, &Standing> {
    standings.iter().map(|one| (one.device.as_str(), one)).collect()
}

async fn look(args: &LedgerArgs, access: Access) -> Result<(Location, Box<dyn Ledger>), Failure> {
    let roster = args.roster.clone().unwrap_or_default();
    let location = location(args.ledger.as_ref(), &roster)?;
    let ledger = open(&location, new_station(None), access).await?;
    // A ledger that was named is not checked.
    if args.ledger.is_none() {
        let advice = "give the ledger with --ledger";
        check(ledger.as_ref(), &location, &roster, Some(advice)).await?;
    }
    Ok((location, ledger))
}

pub(super) async fn open(
    location: &Location,
    station: Station,
    access: Access,
) -> Result<Box<dyn Ledger>, Failure> {
    let ledger = batch::ledger::open(location, station, access).await;
    ledger.map_err(|error| Failure::Ledger(location.to_string(), error))
}

async fn standings(location: &Location, ledger: &dyn Ledger) -> Result<Vec<Standing>, Failure> {
    let standings = ledger.standings().await;
    standings.map_err(|error| Failure::Ledger(location.to_string(), error))
}

fn station(args: &WorkArgs) -> Station {
    let station = new_station(text(args.station.as_ref()));
    Station { lease: args.lease, reports: args.on_result.is_some(), ..station }
}

fn new_station(name: Option<String>) -> Station {
    let name = name.filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| gethostname::gethostname().to_string_lossy().into_owned());
    let run = UnwrapErr(getrandom::SysRng).next_u64();
    let lease = Duration::from_secs(30);
    Station { name, run: format!("{run:016x}"), lease, reports: false }
}

/// The most warnings about a roster that are shown in words.
const WARNINGS: usize = 20;

fn roster_path(args: &WorkArgs) -> Result<PathBuf, Failure> {
    let missing = "--roster is missing: give the file that lists the devices (`esp-prov-rs batch --help` \
                   shows what one looks like)";
    args.roster.clone().ok_or_else(|| Failure::input(missing))
}

fn source<'a>(
    args: &WorkArgs,
    path: &'a Path,
    reporter: &Reporter,
) -> Result<(Source<'a>, Defaults), Failure> {
    let defaults = defaults(args, reporter)?;
    Ok((Source::read(path).map_err(|errors| wrong(path, errors))?, defaults))
}

pub(super) fn roster(
    args: &WorkArgs,
    reporter: &Reporter,
) -> Result<(PathBuf, Vec<Entry>), Failure> {
    let path = roster_path(args)?;
    let (source, defaults) = source(args, &path, reporter)?;
    let mut entries = Vec::new();
    go_through(args, &path, &source, &defaults, reporter, &mut |entry| entries.push(entry))?;
    Ok((path, entries))
}

/// Reads and checks the roster, and reports doubts about it.
fn go_through(
    args: &WorkArgs,
    path: &Path,
    source: &Source<'_>,
    defaults: &Defaults,
    reporter: &Reporter,
    give: &mut dyn FnMut(Entry),
) -> Result<(), Failure> {
    let name = files::named(path).to_string();
    let mut count = 0;
    let warnings = source.each(defaults, &mut |entry| {
        count += 1;
        reporter.reading(&name, count);
        give(entry);
    });
    reporter.rest();
    let warnings = warnings.map_err(|errors| wrong(path, errors))?;
    if args.accept.deny_warnings && !warnings.is_empty() {
        return Err(wrong(path, warnings));
    }
    let told = if reporter.is_json() { warnings.len() } else { WARNINGS };
    for RosterError { position, what, .. } in warnings.iter().take(told) {
        let origin = match position {
            RosterPosition::Default(origin) => origin.to_string(),
            _ => name.clone(),
        };
        let (line, column) = (position.line(), position.column());
        let warning = Warning::DoubtfulInput { origin, line, column, doubt: what.to_string() };
        warn(reporter, false, Stage::Set, warning)?;
    }
    match warnings.len() - warnings.iter().take(told).len() {
        0 => {}
        more => reporter.warn(&format!("{name}: {more} more of this kind")),
    }
    Ok(())
}

fn wrong(path: &Path, errors: Mistakes) -> Failure {
    Failure::Roster("--roster", files::named(path).into(), errors)
}

pub(super) fn defaults(args: &WorkArgs, reporter: &Reporter) -> Result<Defaults, Failure> {
    let mut defaults = Defaults::default();
    match args.transport {
        None => {}
        Some(TransportArg::Softap) => defaults.by = DefaultTransport::Softap,
        Some(TransportArg::Ble) => defaults.by = DefaultTransport::Ble,
        Some(TransportArg::Console | TransportArg::Virtual) => {
            let why = "--transport: softap or ble in a batch; the port of a console is given in \
                       the roster";
            return Err(Failure::input(why));
        }
    }
    defaults.accept = plan::accept(&args.accept);
    let given = &args.defaults;
    let wifi = &args.wifi;
    let texts = [
        (Field::Adapter, "--adapter", &given.adapter),
        (Field::Security, "--sec-ver", &given.sec_ver),
        (Field::CustomData, "--custom-data", &given.custom_data),
        (Field::Ssid, "--ssid", &wifi.ssid),
        (Field::SsidHex, "--ssid-hex", &wifi.ssid_hex),
        (Field::Bssid, "--bssid", &wifi.bssid),
        (Field::Channel, "--channel", &wifi.channel),
    ];
    for (field, flag, text) in texts {
        if let Some(text) = text.clone().filter(|text| !text.is_empty()) {
            defaults.set(field, text, flag);
        }
    }
    if wifi.open {
        defaults.set(Field::Open, "yes", "--open");
    }
    let doubts = Doubts { observer: reporter, deny_warnings: args.accept.deny_warnings };
    if let Some(name) = plan::username(&given.login, Some(doubts))? {
        defaults.set(Field::Username, name.as_str(), "--sec2-username");
    }
    let pop = plan::pop(given.pop.as_ref(), given.pop_file.as_deref());
    let passphrase = network::passphrase_sources(wifi);
    let own_passphrase =
        softap::sources(given.softap_passphrase.as_ref(), given.softap_passphrase_file.as_deref());
    let secrets = [
        (Field::Pop, pop),
        (Field::Password, plan::password_sources(&given.login)),
        (Field::SoftapPassphrase, own_passphrase),
        (Field::Passphrase, passphrase),
    ];
    doubts.blanks(Stage::Set, "--ssid", wifi.ssid.as_ref().map_or("", Given::expose))?;
    for (field, sources) in secrets {
        if wifi.open && field == Field::Passphrase {
            continue;
        }
        secret(&mut defaults, field, &sources, doubts)?;
    }
    Ok(defaults)
}

/// Sets a default to a secret. The text is used unchanged, never as a reference.
fn secret(
    defaults: &mut Defaults,
    field: Field,
    sources: &Sources<'_>,
    doubts: Doubts<'_>,
) -> Result<(), Failure> {
    if let Some(found) = sources.read()? {
        let found = found.typed(Stage::Set, doubts)?;
        let mut text = zeroize::Zeroizing::new("text:".to_owned());
        text.push_str(found.text.expose());
        defaults.set(field, text, &found.origin);
    }
    Ok(())
}

/// Starts listening with the adapters for the roster's BLE devices.
async fn watch(only: &RunArgs, roster: &[Entry]) -> Result<Watch, Failure> {
    let mut adapters: Vec<Option<String>> = Vec::new();
    for entry in roster {
        if let Address::Ble(ble) = &entry.address
            && !adapters.contains(&ble.adapter)
        {
            adapters.push(ble.adapter.clone());
        }
    }
    let mut scans = Vec::new();
    for adapter in adapters {
        let scan = BleScan::once_there(adapter.as_deref()).await;
        let scan = scan.map_err(|error| {
            let error = transport::TransportError::from(error);
            esp_prov::Error::new(Stage::Discover, error)
        })?;
        scans.push(AdapterScan { adapter, scan });
    }
    let on_access_points = roster.iter().any(|one| matches!(one.address, Address::Softap(_)));
    let access_points = on_access_points.then(|| AccessPointScan { wifi: system_wifi() });
    Ok(Watch {
        scans,
        access_points,
        prefix: text(only.prefix.as_ref()),
        every: only.watch_interval,
    })
}
