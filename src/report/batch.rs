//! Reports a batch: on a terminal, a line for each device in progress and one for all; elsewhere, a
//! line for each device that is finished.

mod causes;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anstream::ColorChoice;
use esp_prov::{
    Event, Stage, Warning,
    address::Address,
    exchange::ExchangeRecord,
    shown::{self, Json, Shown},
};
use esp_prov_batch::{
    BatchEnd, BatchEvent, Counts, DeviceEnded, Program, Summary, WIFI, Watcher,
    ledger::{AttemptOutcome, HookState, Standing, State},
    roster::RosterError,
};
use esp_prov_trace::Folder;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use serde::Serialize;

use self::causes::CauseGroup;
use super::{Reporter, Tone, json, sink, terminal, words};
use crate::exit::{self, Exit};

/// The most device names that are shown for a cause.
const NAMES: usize = 8;

/// The lines of a terminal that are not for devices.
const OTHER_LINES: usize = 4;

/// What a dry run reports about a device.
#[derive(Serialize)]
pub(crate) struct Planned<'a> {
    pub(crate) device: &'a str,
    pub(crate) address: String,
    pub(crate) security: Option<u32>,
    pub(crate) network: String,
    /// Its state, if it is in the ledger.
    pub(crate) state: Option<State>,
    /// Whether the hook is still to be called for its result.
    pub(crate) hook_due: bool,
}

impl Reporter {
    /// Makes a reporter for a batch.
    pub(crate) fn batch(&self, ledger: &str) -> BatchReporter {
        let on_terminal = self.state().spinner.is_some();
        BatchReporter {
            verbosity: self.verbosity,
            json: self.json,
            color: self.color,
            began: self.began,
            ledger: ledger.to_owned(),
            traces: None,
            is_station: false,
            bars: on_terminal.then(|| Mutex::new(Bars::new())),
        }
    }

    /// Reports one error in a roster.
    pub(crate) fn roster_error(&self, roster: &str, error: &RosterError) {
        if self.json {
            #[derive(Serialize)]
            struct RosterErrorJson<'a> {
                event: &'static str,
                roster: &'a str,
                position: String,
                error: &'a str,
            }
            let (position, what) = (error.position.to_string(), error.what.as_str());
            let json = RosterErrorJson { event: "roster-error", roster, position, error: what };
            sink::json(&json::line(json, self.began.elapsed()));
        }
        self.line(Tone::Error, &Shown::line(format!("{roster}: {error}")));
    }

    /// Reports what a batch would do. All devices are seen before the first is shown.
    pub(crate) fn plan(&self) -> Plan<'_> {
        Plan { reporter: self, width: 0, devices: 0, settled: 0, due: 0, has_shown: false }
    }

    /// Shows how many devices of a roster have been read, since a large one takes long.
    pub(crate) fn reading(&self, roster: &str, devices: usize) {
        const SO_OFTEN: usize = 10_000;
        if let Some(spinner) = &self.state().spinner
            && devices.is_multiple_of(SO_OFTEN)
        {
            let words = Shown::line(format!("reading {roster}: {devices} devices"));
            if devices == SO_OFTEN {
                spinner.wait(&words);
            } else {
                spinner.say(&words);
            }
        }
    }

    /// Reports the status of the devices in a ledger. All are seen before the first is shown.
    pub(crate) fn status(&self) -> Status<'_> {
        Status {
            reporter: self,
            width: 0,
            counts: Counts::default(),
            tested: 0,
            hooks_due: 0,
            hooks_failed: Vec::new(),
            has_shown: false,
        }
    }

    /// Reports for how many results the hook is due again, and for which named devices it is not.
    pub(crate) fn hooks_due(&self, count: u64, left: &[Standing]) {
        if self.json {
            #[derive(Serialize)]
            struct HooksDueJson<'a> {
                event: &'static str,
                hooks: u64,
                left: Vec<&'a str>,
            }
            let json = HooksDueJson { event: "hooks-due", hooks: count, left: names(left) };
            sink::json(&json::line(json, self.began.elapsed()));
            return;
        }
        for one in left {
            let stands = match one.hook {
                None => "it has no --on-result".to_owned(),
                Some(hook) => format!("its hook is {}", hook.name()),
            };
            self.left(&one.device, &stands);
        }
        let s = if count == 1 { "" } else { "s" };
        let next = if count == 0 { "" } else { "; start the batch with --on-result" };
        self.result(&Shown::line(format!("{count} hook{s} due again{next}")));
    }

    /// Reports a device that was named but is left unchanged.
    fn left(&self, device: &str, why: &str) {
        let device = Shown::name(device);
        self.line(Tone::Warning, &Shown::line(format!("{device} is left as it is: {why}")));
    }

    /// Reports that fewer devices are provisioned at once than requested.
    pub(crate) fn few_files(&self, room: usize) {
        if self.json {
            #[derive(Serialize)]
            struct FewFilesJson {
                event: &'static str,
                at_once: usize,
            }
            let json = FewFilesJson { event: "few-files", at_once: room };
            sink::json(&json::line(json, self.began.elapsed()));
            return;
        }
        let s = if room == 1 { "" } else { "s" };
        let words = format!(
            "only {room} device{s} at once: the system allows no more open files (`ulimit \
                     -n`)"
        );
        self.line(Tone::Warning, &Shown::line(&words));
    }

    /// Reports how many devices were requeued, and which of the named ones were not.
    pub(crate) fn requeued(&self, count: u64, left: &[Standing]) {
        if self.json {
            #[derive(Serialize)]
            struct RequeuedJson<'a> {
                event: &'static str,
                devices: u64,
                left: Vec<&'a str>,
            }
            let json = RequeuedJson { event: "requeued", devices: count, left: names(left) };
            sink::json(&json::line(json, self.began.elapsed()));
            return;
        }
        for one in left {
            let code = match (one.state, one.result) {
                (State::Failed | State::Unconfirmed, Some(result)) => {
                    format!(" (exit code {})", Exit::of_result(result).code)
                }
                _ => String::new(),
            };
            self.left(&one.device, &format!("it is {}{code}", one.state));
        }
        let (s, next) = match count {
            0 => ("s wait", ""),
            1 => (" waits", "; start the batch to provision it"),
            _ => ("s wait", "; start the batch to provision them"),
        };
        self.result(&Shown::line(format!("{count} device{s} again{next}")));
    }
}

/// The output of a dry run. Devices are shown one by one, since there may be more than fit in
/// memory.
pub(crate) struct Plan<'a> {
    reporter: &'a Reporter,
    /// The width of the longest name.
    width: usize,
    devices: usize,
    settled: usize,
    due: usize,
    has_shown: bool,
}

impl Plan<'_> {
    /// Takes note of a device of the roster.
    pub(crate) fn see(&mut self, device: &str) {
        self.devices += 1;
        self.width = self.width.max(Shown::name(device).width());
    }

    /// Takes note of a device that is in the ledger.
    pub(crate) fn known(&mut self, state: State, hook_due: bool) {
        self.settled += usize::from(state.is_settled());
        self.due += usize::from(hook_due);
    }

    /// Begins the output, once all devices were seen.
    pub(crate) fn begin(&mut self, ledger: &str, program: Option<&Program>) {
        if self.reporter.json {
            #[derive(Serialize)]
            struct PlanJson<'a> {
                event: &'static str,
                ledger: &'a str,
                to_do: usize,
                /// The program of `--on-result`.
                program: Option<&'a Program>,
            }
            let (event, to_do) = ("batch-planned", self.devices - self.settled);
            let json = PlanJson { event, ledger, to_do, program };
            self.reporter.open_list(&json, "devices");
        }
    }

    /// Shows a device.
    pub(crate) fn show(&mut self, one: &Planned<'_>, program: Option<&Program>) {
        if self.reporter.json {
            return list_item(one, &mut self.has_shown);
        }
        let security = match one.security {
            Some(number) => format!("security {number}"),
            None => "the device's security".to_owned(),
        };
        let stands = match one.state {
            None | Some(State::Waiting) => "provision".to_owned(),
            Some(State::Running) => "resume".to_owned(),
            Some(state) => format!("nothing, it is {state}"),
        };
        let stands = match one.hook_due {
            true if program.is_some() => format!("{stands}; --on-result gets its result"),
            true => format!("{stands}; --on-result: due"),
            false => stands,
        };
        let (device, address) = (Shown::name(one.device), Shown::name(&one.address));
        let (network, width) = (Shown::name(&one.network), self.width);
        self.reporter.result(&Shown::line(format!(
            "{device:width$}  {stands}: {address}, {security}, network {network}"
        )));
    }

    /// Ends the output.
    pub(crate) fn end(self, ledger: &str, program: Option<&Program>) {
        let Self { reporter, devices, settled, due, .. } = self;
        if reporter.json {
            sink::raw(CLOSE_LIST);
            return;
        }
        let s = if devices == 1 { "" } else { "s" };
        let (to_do, due) = (devices - settled, hooks(due, "due"));
        let all = format!("{devices} device{s}, {to_do} to provision{due}; ledger: {ledger}");
        reporter.result(&Shown::line(all));
        let found = match program {
            Some(Program { path: Some(path), .. }) => format!("found {path}"),
            // The failure says why.
            None | Some(Program { error: Some(_), .. }) => return,
            Some(_) => "only the shell can tell whether the command exists".to_owned(),
        };
        reporter.result(&Shown::line(format!("--on-result: {found}")));
    }
}

impl Reporter {
    /// Writes the beginning of an event whose last member is a list, which is written item by item.
    fn open_list(&self, event: &impl Serialize, list: &str) {
        let json = json::line(event, self.began.elapsed());
        let open = json.trim_end().trim_end_matches('}');
        sink::raw(format!("{open},\"{list}\":[").as_bytes());
    }
}

/// Writes the next item of such a list.
fn list_item(item: &impl Serialize, has_items: &mut bool) {
    let comma = if std::mem::replace(has_items, true) { "," } else { "" };
    sink::raw(format!("{comma}{}", shown::json(item).trim_end()).as_bytes());
}

/// The end of such a list, and of its event.
const CLOSE_LIST: &[u8] = b"]}\n";

/// The output of `batch status`. Devices are shown one by one, since there may be more than fit in
/// memory.
pub(crate) struct Status<'a> {
    reporter: &'a Reporter,
    /// The width of the longest name that is shown.
    width: usize,
    counts: Counts,
    tested: usize,
    hooks_due: usize,
    hooks_failed: Vec<String>,
    has_shown: bool,
}

impl Status<'_> {
    fn is_shown(&self, one: &Standing) -> bool {
        let is_well = one.state == State::Done && matches!(one.hook, None | Some(HookState::Done));
        self.reporter.json || self.reporter.verbosity > 0 || !is_well
    }

    /// Takes note of a device, in a first pass over all.
    pub(crate) fn see(&mut self, one: Standing) {
        if self.is_shown(&one) {
            self.width = self.width.max(Shown::name(&one.device).width());
        }
        self.counts.add(one.state);
        self.tested += usize::from(one.is_tested());
        self.hooks_due += usize::from(one.hook == Some(HookState::Due));
        if one.hook == Some(HookState::Failed) {
            self.hooks_failed.push(one.device);
        }
    }

    /// Begins the output, once all devices were seen.
    pub(crate) fn begin(&mut self, ledger: &str, rosters: &[String]) {
        if self.reporter.json {
            #[derive(Serialize)]
            struct StatusJson<'a> {
                event: &'static str,
                ledger: &'a str,
                #[serde(flatten)]
                counts: Counts,
                tested: usize,
                rosters: &'a [String],
                hooks_failed: &'a [String],
            }
            let (event, counts, hooks_failed) = ("batch-status", self.counts, &self.hooks_failed);
            let tested = self.tested;
            let json = StatusJson { event, ledger, counts, tested, rosters, hooks_failed };
            self.reporter.open_list(&json, "standings");
        }
    }

    /// Shows a device, in a second pass.
    pub(crate) fn show(&mut self, one: &Standing) {
        if self.reporter.json {
            list_item(one, &mut self.has_shown);
        } else if self.is_shown(one) {
            self.reporter.result(&standing(one, self.width));
        }
    }

    /// Ends the output.
    pub(crate) fn end(self, ledger: &str) {
        if self.reporter.json {
            sink::raw(CLOSE_LIST);
            return;
        }
        let failed = hooks(self.hooks_failed.len(), "failed");
        let due = hooks(self.hooks_due, "due");
        let (counts, tested) = (counted(&self.counts), tests(self.tested));
        let all = format!("{counts}{tested}{failed}{due}; ledger: {ledger}");
        self.reporter.result(&Shown::line(all));
    }
}

fn names(standings: &[Standing]) -> Vec<&str> {
    standings.iter().map(|one| one.device.as_str()).collect()
}

/// The number of hooks in a state, in words; empty for none.
fn hooks(count: usize, word: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("; 1 hook {word}"),
        count => format!("; {count} hooks {word}"),
    }
}

/// How many of the devices that are done were only tested, in words; empty for none.
fn tests(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(" ({count} of them only tested)"),
    }
}

fn standing(one: &Standing, width: usize) -> Shown {
    let Standing { state, .. } = one;
    let device = Shown::name(&one.device);
    let station = one.station.as_deref().unwrap_or_default();
    let more = match state {
        State::Running => format!("at station {station}"),
        State::Failed | State::Unconfirmed => {
            let code = one.result.map(|result| Exit::of_result(result).code.to_string());
            let code = code.unwrap_or_default();
            format!("{code:>2}  {}", reason(one.stage, one.error.as_deref()))
        }
        State::Done if one.is_tested() => format!("tested, {}", one.address),
        State::Waiting | State::Done => one.address.clone(),
    };
    let attempts = match one.attempts {
        0 | 1 => String::new(),
        attempts => format!(" ({attempts} attempts)"),
    };
    let hook = match (one.hook, &one.hook_error) {
        (Some(HookState::Failed), error) => {
            format!("; --on-result: {}", error.as_deref().unwrap_or("failed"))
        }
        (Some(HookState::Due), _) => "; --on-result: due".to_owned(),
        (None | Some(HookState::Done), _) => String::new(),
    };
    Shown::line(format!("{device:width$}  {state:11}  {more}{attempts}{hook}"))
}

/// Why a device is not done, if nothing else is known.
const LEFT: &str = "it left before it confirmed";

/// Why an attempt failed, in words.
pub(super) fn reason(stage: Option<Stage>, error: Option<&str>) -> String {
    let stage = stage.map(|stage| format!("{stage}: ")).unwrap_or_default();
    format!("{stage}{}", error.unwrap_or(LEFT))
}

/// What to do when a batch has ended and not every device is done.
fn for_the_rest(counts: &Counts) -> String {
    let flags = match (counts.failed, counts.unconfirmed) {
        (0, 0) => {
            return "`esp-prov-rs batch status` lists them; run the same command to resume"
                .to_owned();
        }
        (_, 0) => "--failed",
        (0, _) => "--unconfirmed",
        _ => "--failed --unconfirmed",
    };
    format!("`esp-prov-rs batch status` lists them; run `batch retry {flags}`, then the same batch")
}

pub(super) fn some(devices: &[impl AsRef<str>]) -> String {
    let names = devices.iter().take(NAMES).map(|name| Shown::name(name.as_ref()).to_string());
    let names = names.collect::<Vec<_>>().join(", ");
    match devices.len().saturating_sub(NAMES) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

fn counted(counts: &Counts) -> String {
    let Counts { devices, waiting, running, done, unconfirmed, failed } = *counts;
    let parts = [
        (done, "done"),
        (failed, "failed"),
        (unconfirmed, "unconfirmed"),
        (running, "running"),
        (waiting, "waiting"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts.map(|(count, name)| format!("{count} {name}")).collect();
    let s = if devices == 1 { "" } else { "s" };
    format!(
        "{devices} device{s}: {}",
        if parts.is_empty() { "none".into() } else { parts.join(", ") }
    )
}

/// Reports a batch. Used by many tasks at once.
pub(crate) struct BatchReporter {
    verbosity: i8,
    pub(super) json: bool,
    pub(super) color: ColorChoice,
    pub(super) began: Instant,
    pub(super) ledger: String,
    traces: Option<Folder>,
    /// Whether devices arrive at a station, where each is scanned again.
    pub(super) is_station: bool,
    /// The progress bars, on a terminal.
    pub(super) bars: Option<Mutex<Bars>>,
}

/// What the pace of a batch is told from.
#[derive(Default)]
struct Pace {
    /// The devices that were settled before this run.
    before: AtomicU64,
    /// The devices in progress.
    active: AtomicU64,
}

impl Pace {
    /// The pace in words, and the time that is left at it. It takes a few devices to tell: while the
    /// first ones are in progress, one that ended early says little.
    fn words(&self, position: u64, length: u64, elapsed: Duration) -> String {
        let done = position.saturating_sub(self.before.load(Ordering::Relaxed));
        let left = length.saturating_sub(position);
        if done == 0 {
            return if left == 0 { String::new() } else { ", none finished yet".to_owned() };
        }
        #[allow(clippy::cast_precision_loss, reason = "a rate with one digit")]
        let (rate, left) = (done as f64 / elapsed.as_secs_f64().max(0.1), left as f64);
        let rate_words = match rate {
            1.0.. => format!("{rate:.1} a second"),
            0.1.. => format!("{:.1} a minute", rate * 60.0),
            _ => format!("{:.1} an hour", rate * 3600.0),
        };
        let seconds = left / rate;
        let is_early = done < self.active.load(Ordering::Relaxed).max(3);
        let left = match seconds {
            _ if is_early || left < 1.0 => String::new(),
            ..90.0 => format!(", {seconds:.0} s left"),
            ..5400.0 => format!(", {:.0} min left", seconds / 60.0),
            _ => format!(", {:.1} h left", seconds / 3600.0),
        };
        format!(", {rate_words}{left}")
    }
}

/// A line for each device, as many as fit, and one for the whole batch.
pub(super) struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    devices: HashMap<String, ProgressBar>,
    room: usize,
    active: usize,
    pace: Arc<Pace>,
    /// What the batch waits for, if anything.
    waits_for: String,
}

impl Bars {
    fn new() -> Self {
        let all = MultiProgress::with_draw_target(terminal::screen());
        let total = all.add(ProgressBar::no_length());
        let template = "{wide_bar} {pos}/{len}{pace} {msg}";
        let pace = Arc::<Pace>::default();
        // The template is our own and valid; otherwise the default would do.
        if let Ok(style) = ProgressStyle::with_template(template) {
            let pace = Arc::clone(&pace);
            let words = move |state: &ProgressState, to: &mut dyn fmt::Write| {
                let length = state.len().unwrap_or(0);
                let _ = to.write_str(&pace.words(state.pos(), length, state.elapsed()));
            };
            total.set_style(style.with_key("pace", words));
        }
        let height = crossterm::terminal::size().map_or(24, |(_, rows)| usize::from(rows));
        let room = height.saturating_sub(OTHER_LINES).max(1);
        let (devices, waits_for) = (HashMap::new(), String::new());
        Self { all, total, devices, room, active: 0, pace, waits_for }
    }

    fn begin(&mut self, device: &str, words: &Shown) {
        self.active += 1;
        self.waits_for.clear();
        if self.devices.len() < self.room {
            let bar = self.all.insert_before(&self.total, ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {msg} ({elapsed})")
            {
                bar.set_style(style);
            }
            bar.set_prefix(Shown::name(device).to_string());
            bar.set_message(words.to_string());
            bar.enable_steady_tick(Duration::from_millis(200));
            self.devices.insert(device.to_owned(), bar);
        }
        self.tell_rest();
    }

    fn end(&mut self, device: &str) {
        self.active = self.active.saturating_sub(1);
        if let Some(bar) = self.devices.remove(device) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        self.tell_rest();
    }

    /// Says what the batch waits for.
    fn wait_for(&mut self, what: &Shown) {
        self.waits_for = format!("({what})");
        self.tell_rest();
    }

    fn tell_rest(&self) {
        self.pace.active.store(self.active as u64, Ordering::Relaxed);
        match self.active.saturating_sub(self.devices.len()) {
            0 => self.total.set_message(self.waits_for.clone()),
            more => self.total.set_message(format!("(and {more} more in progress)")),
        }
    }
}

impl BatchReporter {
    fn bars(&self) -> Option<MutexGuard<'_, Bars>> {
        self.bars.as_ref().map(|bars| bars.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn above_bars(&self, print: impl FnOnce()) {
        match self.bars() {
            Some(bars) => bars.all.suspend(print),
            None => print(),
        }
    }

    fn result(&self, text: &Shown) {
        self.above_bars(|| sink::result(self.color, text));
    }

    /// Prints a line about a device or about the batch.
    pub(super) fn line(&self, tone: Tone, text: &str) {
        if self.verbosity < 0 && !matches!(tone, Tone::Error | Tone::Warning) {
            return;
        }
        self.above_bars(|| tone.tell(self.color, &Shown::line(text), &Shown::default()));
    }

    fn ended(&self, ended: &DeviceEnded) {
        let DeviceEnded { attempt, state, again_after, .. } = ended;
        let device = &attempt.device;
        let reason = reason(attempt.stage, attempt.error.as_deref());
        if let Some(pause) = again_after {
            let pause = humantime::format_duration(*pause);
            self.line(Tone::Warning, &format!("{device}: {reason}; again in {pause}"));
            return;
        }
        if self.verbosity < 0 && *state == State::Done {
            return;
        }
        let what = match state {
            State::Done => {
                let ip = attempt.ip.as_deref().unwrap_or_default();
                match attempt.outcome {
                    Some(AttemptOutcome::Tested) => format!("tested, and left again  {ip}"),
                    _ => ip.to_owned(),
                }
            }
            State::Unconfirmed => attempt.error.clone().unwrap_or_else(|| LEFT.to_owned()),
            _ => {
                let code = attempt.result.map_or(0, |result| Exit::of_result(result).code);
                format!("{reason} (exit code {code})")
            }
        };
        let device = Shown::name(device);
        self.result(&Shown::line(format!("{device}  {state:11}  {what}").trim_end()));
    }

    fn summary(&self, summary: &Summary) {
        let Summary { end, counts, finished_now, handed_over, tested, took, failures, .. } =
            summary;
        let Summary { hooks_failed, hooks_due, .. } = summary;
        let causes = causes::group(failures);
        #[allow(clippy::cast_precision_loss, reason = "a rate with one digit")]
        let rate = *finished_now as f64 / took.as_secs_f64().max(0.001);
        let now = match finished_now {
            0 => "none finished in this run".to_owned(),
            now => format!(
                "{now} finished in this run, in {} ({rate:.1} a second)",
                words::took(*took)
            ),
        };
        let results = match handed_over {
            0 => String::new(),
            1 => "; 1 result handed to --on-result".to_owned(),
            more => format!("; {more} results handed to --on-result"),
        };
        let due = hooks(hooks_due.len(), "due");
        let tested = tests(*tested);
        let mut lines = vec![format!("{}{tested}{due}; {now}{results}", counted(counts))];
        for CauseGroup { state, exit_code, meaning, advice, devices } in &causes {
            let told = match (state, *exit_code) {
                (State::Unconfirmed, code)
                    if ![Exit::UNCONFIRMED.code, Exit::NOT_VERIFIED.code].contains(&code) =>
                {
                    "; told to join, and may have joined"
                }
                _ => "",
            };
            lines.push(format!("{:5} × exit code {exit_code}: {meaning}{told}", devices.len()));
            lines.push(format!("        {}", some(devices)));
            lines.push(format!("        {advice}"));
        }
        if !hooks_failed.is_empty() {
            lines.push(format!("{:5} × --on-result failed", hooks_failed.len()));
            lines.push(format!("        {}", some(hooks_failed)));
            lines.push(format!("        {}", Exit::HOOK_FAILED.advice));
        }
        for line in lines {
            self.result(&Shown::line(line));
        }
        match end {
            BatchEnd::Finished => {}
            BatchEnd::FailedAlike => {
                let why = causes.first().map(|cause| cause.meaning).unwrap_or_default();
                self.line(
                    Tone::Error,
                    &format!(
                        "stopped: all devices failed with the same error ({why}); fix that, run `batch \
                         retry --failed`, then the same batch"
                    ),
                );
            }
            BatchEnd::AdapterUnavailable => self.line(
                Tone::Error,
                "stopped: Bluetooth or Wi-Fi was off or missing for longer than --adapter-timeout, \
                 and only devices that need it are left; fix that (`esp-prov-rs doctor` shows what is \
                 missing), and run the same command to resume",
            ),
            BatchEnd::OutOfTime => {
                self.line(
                    Tone::Error,
                    "stopped: the batch reached its time limit (--batch-timeout)",
                );
            }
            BatchEnd::Interrupted => {
                self.line(Tone::Error, "interrupted; run the same command to resume");
            }
        }
        if *end == BatchEnd::Finished && counts.done < counts.devices {
            let rest = if self.is_station {
                "`esp-prov-rs batch status` lists them; start the station again, and scan them \
                 again"
                    .to_owned()
            } else {
                for_the_rest(counts)
            };
            self.line(Tone::Hint, &rest);
        }
        if !hooks_due.is_empty() {
            self.line(
                Tone::Hint,
                "give `--on-result` again, with the same batch: the command gets the results that \
                 are due (`esp-prov-rs batch status` lists them)",
            );
        }
    }

    /// Shows what is only for people.
    fn show(&self, event: &BatchEvent) {
        match event {
            BatchEvent::BatchStarted { counts } => {
                if let Some(bars) = self.bars() {
                    bars.total.set_length(counts.devices as u64);
                    let settled = counts.done + counts.failed + counts.unconfirmed;
                    bars.total.set_position(settled as u64);
                    bars.total.reset_elapsed();
                    bars.pace.before.store(settled as u64, Ordering::Relaxed);
                }
                self.line(Tone::Step, &format!("{}; ledger: {}", counted(counts), self.ledger));
            }
            BatchEvent::RosterChanged { device, state, address, network } => self.line(
                Tone::Warning,
                &format!(
                    "{device} is {state} with {address} and network {network}, but the roster has \
                     changed; it is left as it is"
                ),
            ),
            BatchEvent::DeviceStarted { device, address, may_have_joined, .. } => {
                let words = format!("connecting to {address}");
                if let Some(mut bars) = self.bars() {
                    bars.begin(device, &Shown::line(&words));
                }
                if self.verbosity >= 1 {
                    let told = if *may_have_joined {
                        ", which may already have been told to join"
                    } else {
                        ""
                    };
                    self.line(Tone::Detail, &format!("{device}: {words}{told}"));
                }
            }
            BatchEvent::DeviceEvent { device, happened } => {
                if let (Some(bars), Some(words)) = (self.bars(), words::waiting_for(happened))
                    && let Some(bar) = bars.devices.get(device)
                {
                    bar.set_message(words.to_string());
                }
                if accepts_weaker(event) {
                    for (tone, line) in words::event(happened, 0) {
                        self.line(tone, &format!("{device}: {line}"));
                    }
                } else if self.verbosity >= 1 {
                    for (_, line) in words::event(happened, 0) {
                        self.line(Tone::Detail, &format!("{device}: {line}"));
                    }
                }
            }
            BatchEvent::DeviceEnded(ended) => {
                if let Some(mut bars) = self.bars() {
                    bars.end(&ended.attempt.device);
                    if ended.again_after.is_none() {
                        bars.total.inc(1);
                    }
                }
                self.ended(ended);
            }
            BatchEvent::Unrecorded { ended, .. } => {
                let DeviceEnded { attempt, state, .. } = ended;
                let next = match state {
                    State::Done | State::Unconfirmed => "may find it unconfirmed",
                    _ => "tries it again",
                };
                self.line(
                    Tone::Error,
                    &format!(
                        "{}: it is {state}, but that could not be recorded; the next run {next}",
                        attempt.device
                    ),
                );
            }
            BatchEvent::ClaimLost { device } => {
                if let Some(mut bars) = self.bars() {
                    bars.end(device);
                }
                self.line(
                    Tone::Warning,
                    &format!("{device}: claim lost; another station may work on it now"),
                );
            }
            BatchEvent::BatchEnded(summary) => {
                if let Some(bars) = self.bars() {
                    bars.devices.values().for_each(ProgressBar::finish_and_clear);
                    bars.total.finish_and_clear();
                }
                self.summary(summary);
            }
            _ => self.around(event),
        }
    }

    /// Shows events that are about no single device.
    fn around(&self, event: &BatchEvent) {
        let text = match event {
            BatchEvent::Draining { devices, within } => {
                let (s, are) = if *devices == 1 { ("", "is") } else { ("s", "are") };
                let within = humantime::format_duration(*within);
                format!(
                    "stopping: {devices} device{s} {are} joining, with up to {within} to end; Ctrl-C \
                     again lets go at once"
                )
            }
            BatchEvent::Watching { devices, some } => {
                // Beside a bar there is room for few.
                let shown = if self.bars.is_some() { 3 } else { NAMES };
                let shown = &some[..some.len().min(shown)];
                let more = devices.saturating_sub(shown.len());
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                let names = self::some(shown);
                let words = Shown::line(format!("waiting for {names}{more} to appear"));
                match self.bars() {
                    Some(mut bars) => bars.wait_for(&words),
                    None => self.line(Tone::Step, words.as_str()),
                }
                return;
            }
            BatchEvent::UnknownDevice { nearby } => {
                let name = nearby.name.as_deref().unwrap_or("a device without a name");
                format!("{name} ({}) is not on the roster", nearby.address)
            }
            BatchEvent::ListenFailed { error } => format!("scanning for devices failed: {error}"),
            BatchEvent::AdapterUnavailable { adapter, error } => {
                format!("waiting for {}: {error}", adapter_in_words(adapter.as_deref()))
            }
            BatchEvent::AdapterAvailable { adapter } => {
                self.line(Tone::Step, &format!("{} is back", adapter_in_words(adapter.as_deref())));
                return;
            }
            BatchEvent::LedgerUnavailable { error } => {
                format!("waiting for the ledger {}: {error}", self.ledger)
            }
            BatchEvent::HookFailed { device, error } => format!("{device}: --on-result: {error}"),
            _ => return,
        };
        self.line(Tone::Warning, &text);
    }
}

/// What events name as an adapter.
pub(super) fn adapter_in_words(adapter: Option<&str>) -> String {
    match adapter {
        None => "Bluetooth".to_owned(),
        Some(WIFI) => "Wi-Fi".to_owned(),
        Some(name) => format!("Bluetooth ({})", Shown::name(name)),
    }
}

/// An event as JSON, with exit codes and advice, which the batch library does not know.
fn to_json(event: &BatchEvent, elapsed: Duration) -> Json {
    #[derive(Serialize)]
    #[serde(tag = "event", rename_all = "kebab-case")]
    enum WithExit<'a> {
        DeviceEvent {
            device: &'a str,
            happened: exit::EventJson<'a>,
        },
        BatchEnded {
            end: BatchEnd,
            #[serde(flatten)]
            counts: Counts,
            finished_now: usize,
            handed_over: usize,
            tested: usize,
            took_ms: u128,
            causes: Vec<CauseGroup<'a>>,
            hooks_failed: &'a [String],
            hooks_due: &'a [String],
        },
    }
    let event = match event {
        BatchEvent::DeviceEvent { device, happened } => {
            WithExit::DeviceEvent { device, happened: exit::EventJson::of(happened) }
        }
        BatchEvent::BatchEnded(summary) => WithExit::BatchEnded {
            end: summary.end,
            counts: summary.counts,
            finished_now: summary.finished_now,
            handed_over: summary.handed_over,
            tested: summary.tested,
            took_ms: summary.took.as_millis(),
            causes: causes::group(&summary.failures),
            hooks_failed: &summary.hooks_failed,
            hooks_due: &summary.hooks_due,
        },
        other => return json::line(other, elapsed),
    };
    json::line(event, elapsed)
}

/// Whether an event is the warning that is shown at any verbosity.
fn accepts_weaker(event: &BatchEvent) -> bool {
    let BatchEvent::DeviceEvent { happened, .. } = event else { return false };
    matches!(happened, Event::Warning { warning: Warning::WeakerSecurity { .. } })
}

impl BatchReporter {
    /// Records each exchange in the trace of its device.
    pub(crate) fn trace_into(self, folder: Folder) -> Self {
        Self { traces: Some(folder), ..self }
    }
}

impl Watcher for BatchReporter {
    fn exchanged(&self, device: &str, address: &Address, exchange: &ExchangeRecord<'_>) {
        let Some(traces) = &self.traces else { return };
        if let Err(error) = traces.write(device, &address.to_string(), exchange) {
            let text = format!("{device}: --trace: an exchange is missing from its file: {error}");
            self.line(Tone::Warning, &text);
        }
    }

    fn is_busy(&self) -> bool {
        sink::is_busy()
    }

    fn notify(&self, event: BatchEvent) {
        let is_detail = matches!(event, BatchEvent::DeviceEvent { .. }) && !accepts_weaker(&event);
        if !self.json {
            self.show(&event);
        } else if self.verbosity >= 1 || !is_detail {
            sink::json(&to_json(&event, self.began.elapsed()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_told_once_it_is_known() {
        let pace = Pace { before: AtomicU64::new(10), active: AtomicU64::new(8) };
        let words = |done: u64, seconds| pace.words(10 + done, 1010, Duration::from_secs(seconds));
        assert_eq!(words(0, 0), ", none finished yet");
        assert_eq!(words(0, 60), ", none finished yet");
        // The others that were started with it may take longer.
        assert_eq!(words(1, 2), ", 30.0 a minute");
        assert_eq!(words(8, 2), ", 4.0 a second, 4 min left");
        assert_eq!(words(500, 250), ", 2.0 a second, 4 min left");
        assert_eq!(words(960, 960), ", 1.0 a second, 40 s left");
        assert_eq!(words(10, 600), ", 60.0 an hour, 16.5 h left");
        assert_eq!(words(1000, 1000), ", 1.0 a second");
        assert_eq!(pace.words(1010, 1010, Duration::ZERO), ", 10000.0 a second");
        assert_eq!(Pace::default().words(0, 0, Duration::ZERO), "");
    }
}
