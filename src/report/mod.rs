//! Output. This and `cli` are the only modules that print. Results go to stdout, progress and
//! errors to stderr; with `--json`, events go to stdout and text to stderr.

mod about;
pub(crate) mod ask;
mod batch;
mod exchanges;
mod json;
mod plain;
mod sink;
mod station;
mod table;
mod terminal;
mod words;

pub(crate) use self::batch::{BatchReporter, Planned};
pub(crate) use self::sink::{
    ending, has_colors, has_screen, is_terminal, knows_escapes, raw, want_colors,
};
pub(crate) use self::station::StationReporter;
pub(crate) use self::words::{choice, nearby_choice, thread_choice};

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::{self, IsTerminal},
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style as Ansi};
use esp_prov::{
    DiscoveredDevice, Event, JoinState, Observer, Outcome, Stage, exchange::ExchangeRecord,
    shown::Shown,
};
use esp_prov_simulate::{Given, Request, Response, Settings, Tally};
use esp_prov_trace::{Head, Record, Tracer};
use protocomm::{Capabilities, Harmless, Label};

use self::{sink::Results, terminal::Spinner};
use crate::{
    doctor::Check,
    exit::{Context, Exit, Reach},
};

/// How to report.
pub(crate) struct Style {
    /// -1 for quiet, 0 for normal, 1 to 3 for the number of -v.
    pub(crate) verbosity: i8,
    /// Whether to write JSON to stdout.
    pub(crate) json: bool,
    /// When to use colours.
    pub(crate) color: ColorChoice,
}

/// A failure, ready to be reported.
pub(crate) struct Problem {
    /// Its exit code.
    pub(crate) exit: Exit,
    /// The stage at which it happened, if in a run.
    pub(crate) stage: Option<Stage>,
    /// What happened, and where.
    pub(crate) message: String,
    /// What to do; may be empty.
    pub(crate) hint: String,
    /// The underlying causes, for -v.
    pub(crate) causes: Vec<String>,
}

/// Where a virtual device listens.
pub(crate) enum ListenAddress {
    /// On a socket, for HTTP.
    Socket(SocketAddr),
    /// On a socket, with the replies of a recorded device.
    Replay(SocketAddr),
    /// On a pseudo-terminal, by its path. Windows has none.
    #[cfg_attr(not(unix), allow(dead_code))]
    Terminal(String),
}

/// The most devices that are listed during discovery: no terminal shows more.
const LISTED_LIVE: usize = 60;

/// Reports events, results and failures, in words or as JSON.
pub(crate) struct Reporter {
    verbosity: i8,
    json: bool,
    color: ColorChoice,
    began: Instant,
    state: Mutex<State>,
    trace: OnceLock<Mutex<Tracer>>,
    context: OnceLock<Context>,
    /// Whether stdout belongs to another program.
    is_aside: AtomicBool,
}

struct State {
    /// The spinner, on a terminal.
    spinner: Option<Spinner>,
    /// When the last step ended; `None` while a person is asked.
    stepped: Option<Instant>,
    /// Whether a person was asked and the run has not gone on since.
    asked: bool,
    device: DeviceState,
    /// The devices found so far, for the list below the spinner.
    nearby: Vec<DiscoveredDevice>,
    /// What the device has reported about itself.
    identified: Option<Capabilities>,
    /// Whether this run joins the device's access point.
    joins_access_point: bool,
}

#[derive(Clone, Copy)]
enum DeviceState {
    Unknown,
    Untouched,
    /// Data for the application was sent, and may have arrived.
    Custom,
    /// A network was sent, and may have been stored.
    Storing,
    Stored,
    Applied,
    Failed,
    /// It could not join, and was reset.
    Forgotten,
    /// A reset was sent, and may have been carried out.
    Resetting,
    /// It joined, and has left the network again.
    Undone,
}

impl Reporter {
    pub(crate) fn new(style: &Style) -> Self {
        let wants_spinner =
            !style.json && style.verbosity >= 0 && io::stderr().is_terminal() && knows_escapes();
        let spinner = wants_spinner.then(Spinner::new);
        Self {
            verbosity: style.verbosity,
            json: style.json,
            color: style.color,
            began: Instant::now(),
            state: Mutex::new(State {
                spinner,
                stepped: None,
                asked: false,
                device: DeviceState::Unknown,
                nearby: Vec::new(),
                identified: None,
                joins_access_point: false,
            }),
            trace: OnceLock::new(),
            context: OnceLock::new(),
            is_aside: AtomicBool::new(false),
        }
    }

    /// Leaves stdout to another program, except for JSON, and reports less, so that its output can
    /// be read.
    pub(crate) fn stay_aside(&self) {
        self.is_aside.store(true, Ordering::Relaxed);
    }

    fn is_aside(&self) -> bool {
        self.is_aside.load(Ordering::Relaxed)
    }

    /// Whether to report what a virtual device does.
    fn tells_device(&self) -> bool {
        self.verbosity >= i8::from(self.is_aside())
    }

    /// Sets what is being done, for hints.
    pub(crate) fn doing(&self, context: Context) {
        let _ = self.context.set(context);
    }

    /// What is known when something fails, for hints.
    pub(crate) fn context(&self) -> Context {
        let (device, joins) = {
            let state = self.state();
            (state.identified.clone(), state.joins_access_point)
        };
        let context = self.context.get().cloned().unwrap_or_default();
        let reach = if joins { Some(Reach::JoinedAccessPoint) } else { context.reach };
        Context { reach, device, ..context }
    }

    /// Records each exchange from now on.
    pub(crate) fn trace_to(&self, tracer: Tracer) {
        let _ = self.trace.set(Mutex::new(tracer));
    }

    /// Whether the output is JSON for programs, so that nothing is left out.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a warning.
    pub(crate) fn warn(&self, words: &str) {
        self.line(Tone::Warning, &Shown::line(words));
    }

    /// The state in which an interruption leaves the device, in words.
    pub(crate) fn state_of_device(&self) -> String {
        let device = self.state().device;
        match device {
            DeviceState::Unknown => "no device was reached",
            DeviceState::Untouched => "the device was given nothing",
            DeviceState::Custom => "the device may have been given the data, but no network",
            DeviceState::Storing => {
                "the device may have the network in memory, but was not told to join it"
            }
            DeviceState::Resetting => "the device may have been reset",
            DeviceState::Stored => {
                "the device holds the network in memory and may have been told to join it"
            }
            DeviceState::Applied => "the device was told to join, and may have joined",
            DeviceState::Forgotten => "the device could not join, and has forgotten the network",
            DeviceState::Undone => "the device has left the network again",
            DeviceState::Failed => {
                let then = self.context().after_failed_join();
                return format!("the device could not join: {then}");
            }
        }
        .to_owned()
    }

    /// Reports how a run ended.
    pub(crate) fn outcome(&self, outcome: &Outcome) {
        self.outcome_with(outcome, self.context().of_outcome(outcome));
    }

    /// Reports how a run ended, with a hint other than the usual one.
    pub(crate) fn outcome_with(&self, outcome: &Outcome, hint: String) {
        if self.json {
            return;
        }
        match outcome {
            Outcome::Unconfirmed { .. } | Outcome::NotVerified { .. } => {
                for line in words::outcome(outcome) {
                    self.line(Tone::Error, &line);
                }
            }
            Outcome::Reset => self.results(&[words::reset(self.context().job)]),
            _ => self.results(&words::outcome(outcome)),
        }
        if !hint.is_empty() {
            self.line(Tone::Hint, &Shown::line(hint));
        }
    }

    /// Reports a failure.
    pub(crate) fn problem(&self, problem: &Problem) {
        if self.json {
            sink::json(&json::problem(problem, self.began.elapsed()));
        }
        self.line(Tone::Error, &Shown::line(&problem.message));
        if !problem.hint.is_empty() {
            self.line(Tone::Hint, &Shown::line(&problem.hint));
        }
        if self.verbosity >= 1 {
            for cause in &problem.causes {
                self.line(Tone::Detail, &Shown::line(format!("  caused by: {cause}")));
            }
            let code = problem.exit.code;
            let more = format!("  more: esp-prov-rs --explain {code}");
            self.line(Tone::Detail, &Shown::line(more));
        }
    }

    /// Reports that a QR code was read.
    pub(crate) fn label(&self, label: &Label) {
        if self.verbosity >= 1 {
            self.line(Tone::Detail, &words::label(label));
        }
    }

    /// Reports that a virtual device listens. `label` is the text of its QR code, if it may be
    /// shown.
    pub(crate) fn listening(&self, at: &ListenAddress, settings: &Settings, label: Option<&str>) {
        if self.json {
            sink::json(&json::listening(at, settings, label, self.began.elapsed()));
        } else if self.tells_device() {
            self.line(Tone::Step, &words::listening(at, settings));
            if matches!(at, ListenAddress::Socket(_)) {
                self.line(Tone::Step, &words::own_label(label));
            }
        }
    }

    /// Reports that a fleet of virtual devices listens.
    pub(crate) fn farm_listens(&self, at: &[SocketAddr], settings: &Settings) {
        if self.json {
            sink::json(&json::farm_listens(at, settings, self.began.elapsed()));
        } else if self.tells_device() {
            self.line(Tone::Step, &words::farm_listens(at, settings));
        }
    }

    /// Reports how a fleet ended.
    pub(crate) fn farm_ended(&self, tally: Tally) {
        if self.json {
            sink::json(&json::farm_ended(tally, self.began.elapsed()));
        } else {
            self.result(&words::farm_ended(tally));
        }
    }

    /// Shows exchanges that were recorded. As JSON, they are a trace again.
    pub(crate) fn exchanges(&self, head: &Head, records: &[Record]) {
        if self.json {
            sink::json(&json::trace_line(head));
        }
        for record in records {
            if self.json {
                sink::json(&json::trace_line(record));
            } else {
                self.results(&exchanges::exchange(record));
            }
        }
    }

    /// Shows for how many devices secrets have been made.
    pub(crate) fn making(&self, count: usize, of: usize) {
        if let Some(spinner) = &self.state().spinner {
            let words = Shown::line(format!("making secrets: {count} of {of} devices"));
            if count == 0 {
                spinner.wait(&words);
            } else {
                spinner.say(&words);
            }
        }
    }

    /// Reports that the secrets of devices have been made, and how many sheets of labels.
    pub(crate) fn secrets_made(&self, folder: &Harmless, devices: usize, sheets: Option<usize>) {
        if self.json {
            sink::json(&json::secrets_made(devices, sheets, self.began.elapsed()));
        } else {
            self.result(&words::secrets_made(folder, devices, sheets));
        }
    }

    /// Reports the checks of this machine.
    pub(crate) fn checks(&self, checks: &[Check]) {
        for check in checks {
            if self.json {
                sink::json(&json::check(check, self.began.elapsed()));
            } else {
                self.results(&words::check(check));
            }
        }
    }

    /// Prints a note about a result.
    pub(crate) fn note(&self, words: &str) {
        if self.verbosity >= 0 {
            self.line(Tone::Step, &Shown::line(words));
        }
    }

    /// Whether to show each exchange.
    pub(crate) fn tells_exchanges(&self) -> bool {
        self.verbosity > 1
    }

    /// Reports the network that a virtual device was given.
    pub(crate) fn provisioned(&self, given: Option<&Given>, show_secrets: bool) {
        if self.json {
            let elapsed = self.began.elapsed();
            sink::json(&json::provisioned(given, show_secrets, elapsed));
        } else if !self.is_aside() || self.tells_device() {
            self.result(&words::provisioned(given, show_secrets));
        }
    }

    /// Logs each request to a virtual device or, without `each`, only once that connections wait.
    /// The device goes on if the log is not read; requests are then left out and counted.
    pub(crate) fn request_log(&self, each: bool) -> impl Fn(Request) + Send + Sync + 'static {
        let (json, quiet, color, began) = (self.json, !self.tells_device(), self.color, self.began);
        let was_told = AtomicBool::new(false);
        let skipped = AtomicU64::new(0);
        move |request| {
            let is_told = each && (json || !quiet);
            if is_told && !sink::has_room(json, skipped.load(Ordering::Relaxed) > 0) {
                skipped.fetch_add(1, Ordering::Relaxed);
                return;
            }
            match skipped.swap(0, Ordering::Relaxed) {
                0 => {}
                count if json => sink::json(&json::requests_skipped(count, began.elapsed())),
                count => {
                    sink::tell(color, &[(Ansi::new(), &words::requests_skipped(count))]);
                }
            }
            if let Response::Waits(why) = &request.response {
                if !was_told.swap(true, Ordering::Relaxed) {
                    Tone::Warning.tell(color, &words::waits(why), &Shown::default());
                }
            } else if !each {
            } else if json {
                sink::json(&json::request(&request, began.elapsed()));
            } else if !quiet {
                sink::tell(color, &[(Ansi::new(), &words::request(&request))]);
            }
        }
    }

    /// How long a step took, on a terminal.
    fn took(&self, tone: Tone) -> Shown {
        let mut state = self.state();
        if state.spinner.is_none() || !matches!(tone, Tone::Step) {
            return Shown::default();
        }
        let before = state.stepped.replace(Instant::now());
        let took = before.map(|before| format!(" ({})", words::took(before.elapsed())));
        Shown::line(took.unwrap_or_default())
    }

    fn result(&self, text: &Shown) {
        if self.is_aside() {
            self.line(Tone::Step, text);
        } else {
            sink::result(self.color, text);
        }
    }

    fn results(&self, lines: &[Shown]) {
        for line in lines {
            self.result(line);
        }
    }

    fn line(&self, tone: Tone, text: &Shown) {
        self.timed_line(tone, text, &Shown::default());
    }

    fn timed_line(&self, tone: Tone, text: &Shown, took: &Shown) {
        let write = || tone.tell(self.color, text, took);
        let state = self.state();
        match &state.spinner {
            Some(spinner) => spinner.print(write),
            None => write(),
        }
    }

    /// Leaves the terminal to another program for good.
    pub(crate) fn without_spinner(&self) {
        self.rest();
        self.state().spinner = None;
    }

    /// Stops the spinner.
    pub(crate) fn rest(&self) {
        if let Some(spinner) = &self.state().spinner {
            spinner.stop();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a device to the list below the spinner.
    fn keep(&self, device: &DiscoveredDevice) {
        let mut state = self.state();
        let is_full = state.nearby.len() >= LISTED_LIVE;
        let is_it =
            |one: &&mut DiscoveredDevice| (one.by, &one.address) == (device.by, &device.address);
        match state.nearby.iter_mut().find(is_it) {
            Some(one) => *one = device.clone(),
            // The complete list comes at the end.
            None if is_full => return,
            None => state.nearby.push(device.clone()),
        }
        if let Some(spinner) = &state.spinner {
            spinner.list(&words::nearby(&state.nearby));
        }
    }

    /// Whether an event is shown at this verbosity. The bytes of an exchange have been removed
    /// before, unless they are to be shown.
    fn wants(&self, event: &Event) -> bool {
        match event {
            Event::Discovered { .. } if !self.json => false,
            Event::Verified { verification } if verification.verified != Some(true) => true,
            _ => self.verbosity >= 0 || matches!(event, Event::Warning { .. }) || self.json,
        }
    }
}

impl Observer for Reporter {
    fn sending(&self, stage: Stage) {
        use DeviceState::{Custom, Forgotten, Resetting, Storing, Untouched};

        let mut now = self.state();
        if std::mem::take(&mut now.asked) {
            now.stepped = Some(Instant::now());
            if let Some(spinner) = &now.spinner {
                spinner.wait(&words::working());
            }
        }
        let device = &mut now.device;
        match (stage, *device) {
            (Stage::Custom, Untouched) => *device = Custom,
            (Stage::Set, Untouched | Custom | Resetting | Forgotten) => *device = Storing,
            (Stage::Reset, Untouched) => *device = Resetting,
            _ => {}
        }
    }

    fn exchanged(&self, exchange: &ExchangeRecord<'_>) {
        if self.verbosity >= 2 {
            self.notify(Event::Exchange(exchange.into()));
        }
        let Some(trace) = self.trace.get() else { return };
        let written = trace.lock().unwrap_or_else(PoisonError::into_inner).write(exchange);
        if let Err(error) = written {
            self.warn(&format!("--trace: an exchange is missing from the file: {error}"));
        }
    }

    fn notify(&self, mut event: Event) {
        match &event {
            Event::Connecting { .. } => self.state().stepped = Some(Instant::now()),
            Event::Asking => {
                let mut state = self.state();
                (state.stepped, state.asked) = (None, true);
            }
            Event::Identified { .. } if matches!(self.state().device, DeviceState::Unknown) => {
                self.state().device = DeviceState::Untouched;
            }
            Event::ConfigSent { .. } => self.state().device = DeviceState::Stored,
            Event::Applied => self.state().device = DeviceState::Applied,
            Event::Undone => self.state().device = DeviceState::Undone,
            Event::Polled { state: JoinState::Failed { .. } } => {
                self.state().device = DeviceState::Failed;
            }
            Event::Discovering => self.state().nearby.clear(),
            Event::Discovered { device } => self.keep(device),
            Event::Reset => {
                let mut state = self.state();
                state.device = match state.device {
                    DeviceState::Failed => DeviceState::Forgotten,
                    _ => DeviceState::Untouched,
                };
            }
            Event::ResetRefused { .. } => {
                let mut state = self.state();
                if matches!(state.device, DeviceState::Resetting) {
                    state.device = DeviceState::Untouched;
                }
            }
            _ => {}
        }
        if let Event::Identified { capabilities } = &event {
            self.state().identified = Some(capabilities.clone());
        }
        if let Event::JoiningAccessPoint { .. } | Event::AccessPointJoined { .. } = &event {
            self.state().joins_access_point = true;
        }
        if let Event::Exchange(exchange) = &mut event
            && self.verbosity < 3
        {
            exchange.bytes = None;
        }
        if !self.wants(&event) {
            return;
        }
        if self.json {
            sink::json(&json::event(&event, self.began.elapsed()));
            return;
        }
        // On a terminal, the spinner shows what is being tried.
        let on_terminal = self.state().spinner.is_some();
        if !(on_terminal && matches!(event, Event::Connecting { attempt: 1, .. })) {
            for (tone, line) in words::event(&event, self.verbosity) {
                let took = self.took(tone);
                // A step that only begins has taken no time yet.
                let took = if words::begins(&event) { Shown::default() } else { took };
                self.timed_line(tone, &line, &took);
            }
        }
        if let Some(spinner) = &self.state().spinner {
            match words::waiting_for(&event) {
                Some(words) => spinner.wait(&words),
                None if matches!(event, Event::Asking) => spinner.stop(),
                None => {}
            }
        }
    }
}

/// Prints the text of a device to stdout, whole and in its own lines.
pub(crate) fn text(text: &str) {
    let lines = Shown::lines(&text.replace('\t', "  "));
    let lines = if lines.is_empty() { vec![Shown::default()] } else { lines };
    for line in lines {
        sink::result(ColorChoice::Never, &line);
    }
}

/// Prints an error before it is known how to report.
pub(crate) fn complain(lines: &[Shown]) {
    let mut tone = Some(Tone::Error);
    for line in lines {
        let tone = tone.take().unwrap_or(Tone::Step);
        tone.tell(ColorChoice::Auto, line, &Shown::default());
    }
}

/// Prints a panic at once, past the queue, which may not be written any more.
pub(crate) fn last_words(words: &str, trace: &Backtrace) {
    station::full::leave();
    terminal::keys::leave();
    sink::last_words(&Shown::line(format!("error: {words}")));
    if trace.status() == BacktraceStatus::Captured {
        Shown::lines(&trace.to_string()).iter().for_each(sink::last_words);
    }
}

/// Writes what is still queued. A successful run fails if its result could not be written.
pub(crate) fn end(exit: Exit) -> Exit {
    station::full::leave();
    let instead = match sink::end_results() {
        Results::Written => Exit::DONE,
        Results::Cut => Exit::INTERRUPTED,
        Results::Lost(error) => {
            complain(&[Shown::line(format!("stdout: {error}"))]);
            Exit::OUTPUT
        }
    };
    ask::leave();
    sink::end_words();
    terminal::keys::leave();
    if exit == Exit::DONE { instead } else { exit }
}

/// The kind of a line.
#[derive(Clone, Copy)]
enum Tone {
    Step,
    Detail,
    Warning,
    Error,
    Hint,
}

impl Tone {
    fn tell(self, color: ColorChoice, text: &Shown, took: &Shown) {
        let (style, label) = self.look();
        let plain = Ansi::new();
        sink::tell(color, &[(style, &label.into()), (plain, text), (plain.dimmed(), took)]);
    }

    fn look(self) -> (Ansi, &'static str) {
        match self {
            Self::Step => (Ansi::new(), ""),
            Self::Detail => (Ansi::new().dimmed(), ""),
            Self::Warning => (AnsiColor::Yellow.on_default().bold(), "warning: "),
            Self::Error => (AnsiColor::Red.on_default().bold(), "error: "),
            Self::Hint => (AnsiColor::Cyan.on_default(), "  hint: "),
        }
    }
}
