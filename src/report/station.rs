//! Reports a station: on a terminal, a full screen whose verdict can be read from a distance;
//! elsewhere, a line of JSON per event.

mod letters;

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use anstyle::{AnsiColor, Style as Ansi};
use esp_prov::{address::Address, exchange::ExchangeRecord, shown::Shown};
use esp_prov_batch::{
    BatchEvent, Watcher,
    ledger::{Attempt, AttemptOutcome, State, Unit},
};
use protocomm::Given;
use serde::Serialize;

use super::{
    Tone, ask,
    batch::{self, BatchReporter, adapter_in_words},
    json, sink, terminal, words,
};
use crate::exit::{self, Exit, Reach};

/// How long the question whether to provision a unit again stands.
const ASKED_FOR: Duration = Duration::from_secs(15);

/// How long a unit that is not done stays on the screen while others end.
const HELD_FOR: Duration = Duration::from_secs(5);

/// The most of a name, or of what is typed, that is shown of what is no unit.
const LONGEST_NAME: usize = 40;

/// The most units that are remembered for the list and the pace.
const REMEMBERED: usize = 2_000;

/// The bell of the terminal.
const BELL: &str = "\x07";

/// Reports what a station does. Used by many tasks at once.
pub(crate) struct StationReporter {
    batch: BatchReporter,
    /// The name of the station.
    name: String,
    /// What fills the screen, on a terminal.
    screen: Option<Mutex<Screen>>,
    has_keys: bool,
}

struct Screen {
    station: String,
    ledger: String,
    word: Word,
    /// When the word was said.
    said: Instant,
    /// The lines below the word: the unit, the reason and what to do.
    about: Vec<String>,
    /// The units that were scanned and are not done, in this order.
    units: Vec<InWork>,
    /// The unit that is done, and when it was asked whether to provision it again.
    asked: Option<(String, Instant)>,
    /// What has been typed of a label.
    typed: Shown,
    passed: usize,
    failed: usize,
    unsure: usize,
    /// The units that ended last, the newest first.
    last: VecDeque<Past>,
    /// Units that were in work when this station stopped.
    cut_off: Vec<String>,
    /// What became of units after the last label, for whoever reads it when the screen is gone.
    after_closing: Vec<String>,
    /// What keeps the station from working, by its cause.
    troubles: Vec<(Trouble, String)>,
    hooks_failed: usize,
    is_closing: bool,
    is_shown: bool,
}

/// What can be read from a distance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Ready,
    Wait,
    Pass,
    Fail,
    /// A person has to look.
    Check,
    /// It was done before.
    Done,
}

impl Word {
    fn of(state: State) -> Self {
        match state {
            State::Done => Self::Pass,
            State::Failed => Self::Fail,
            State::Unconfirmed => Self::Check,
            State::Waiting | State::Running => Self::Wait,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Wait => "WAIT",
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Check => "CHECK",
            Self::Done => "DONE",
        }
    }

    fn look(self) -> Ansi {
        match self {
            Self::Ready | Self::Wait => Ansi::new(),
            Self::Pass => AnsiColor::Green.on_default().bold(),
            Self::Fail => AnsiColor::Red.on_default().bold(),
            Self::Check | Self::Done => AnsiColor::Yellow.on_default().bold(),
        }
    }
}

struct InWork {
    device: String,
    /// How it is reached, once it is worked on.
    reach: Option<Reach>,
    doing: String,
    since: Instant,
}

struct Past {
    at: SystemTime,
    device: String,
    word: Word,
    about: String,
    /// Whether it is one of the counters.
    is_counted: bool,
}

#[derive(Clone, PartialEq, Eq)]
enum Trouble {
    Adapter(Option<String>),
    Ledger,
    Scanner,
}

impl BatchReporter {
    /// Reports a station instead: on a terminal it takes the screen, unless lines of JSON are wanted.
    pub(crate) fn at_station(mut self, station: &str, stdin_is_terminal: bool) -> StationReporter {
        let has_screen = !self.json;
        let screen = has_screen.then(|| Mutex::new(Screen::new(station, &self.ledger)));
        (self.bars, self.is_station) = (None, true);
        let (name, has_keys) = (station.to_owned(), has_screen && stdin_is_terminal);
        StationReporter { batch: self, name, screen, has_keys }
    }
}

impl StationReporter {
    /// Whether labels are typed on the terminal of the screen.
    pub(crate) fn has_keys(&self) -> bool {
        self.has_keys
    }

    fn screen(&self) -> Option<MutexGuard<'_, Screen>> {
        self.screen.as_ref().map(|screen| screen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the screen, until [`leave`](Self::leave).
    pub(crate) fn enter(&self) {
        if let Some(mut screen) = self.screen() {
            screen.is_shown = true;
            screen.tell_of_those_cut_off();
            full::enter(self.has_keys);
        }
        self.draw();
    }

    /// Gives the screen back.
    pub(crate) fn leave(&self) {
        if let Some(mut screen) = self.screen() {
            screen.is_shown = false;
            full::leave();
        }
    }

    /// Draws what has changed, and the time.
    pub(crate) fn draw(&self) {
        if let Some(screen) = self.screen() {
            screen.draw(sink::has_colors(self.batch.color));
        }
    }

    fn change(&self, change: impl FnOnce(&mut Screen)) {
        if let Some(mut screen) = self.screen() {
            change(&mut screen);
            screen.draw(sink::has_colors(self.batch.color));
        }
    }

    /// Counts what this station did to a unit in the shift, before this start. Off a terminal,
    /// tells whether it was cut off.
    pub(crate) fn recall(&self, unit: &Unit) {
        if let Some(mut screen) = self.screen() {
            screen.recall(unit);
        } else if let Some(cut_off) = cut_off(unit, &self.name) {
            #[derive(Serialize)]
            struct CutOffJson<'a> {
                event: &'static str,
                device: &'a str,
                since: &'a str,
            }
            let (device, since) = (&unit.device, &cut_off.started_at);
            self.tell(CutOffJson { event: "cut-off", device, since });
        }
    }

    /// Writes an event of a station without a screen.
    fn tell(&self, event: impl Serialize) {
        sink::json(&json::line(event, self.batch.began.elapsed()));
    }

    /// Whether it was just asked whether to provision this unit again.
    pub(crate) fn is_asked_about(&self, device: &str) -> bool {
        let asked = self.screen().and_then(|mut screen| screen.asked.take());
        asked.is_some_and(|(asked, at)| asked == device && at.elapsed() < ASKED_FOR)
    }

    /// Shows what was typed so far: how much, where it may be a secret.
    pub(crate) fn typed(&self, label: &Given) {
        let text = label.expose();
        let shown = if text.contains(['{', ':', '"']) || text.len() > LONGEST_NAME {
            Shown::line(format!("{} characters", text.chars().count()))
        } else {
            Shown::line(text)
        };
        self.change(|screen| screen.typed = shown);
    }

    /// Reports a label that leads to no unit.
    pub(crate) fn refused(&self, device: Option<&str>, why: &str, advice: &str) {
        if self.screen.is_none() {
            #[derive(Serialize)]
            struct RefusedJson<'a> {
                event: &'static str,
                device: Option<&'a str>,
                error: &'a str,
            }
            return self.tell(RefusedJson { event: "label-refused", device, error: why });
        }
        self.change(|screen| {
            screen.word = Word::Check;
            screen.typed = Shown::default();
            // The reason counts more than the end of a long name.
            let device =
                device.map_or("this label".into(), |name| Shown::name(name).cut(LONGEST_NAME));
            screen.about = vec![format!("{device}: {why}"), format!("nothing was done; {advice}")];
            sink::draw(BELL);
        });
    }

    /// Reports that the scanner does not work, or works again.
    pub(crate) fn scanner(&self, trouble: Option<&str>) {
        if self.screen.is_none() {
            #[derive(Serialize)]
            struct ScannerJson<'a> {
                event: &'static str,
                error: Option<&'a str>,
            }
            return self.tell(ScannerJson { event: "scanner", error: trouble });
        }
        self.change(|screen| screen.trouble(&Trouble::Scanner, trouble.map(ToOwned::to_owned)));
    }

    /// Reports that no more labels come.
    pub(crate) fn closing(&self) {
        self.change(|screen| screen.is_closing = true);
    }
}

impl Watcher for StationReporter {
    fn notify(&self, event: BatchEvent) {
        if self.screen.is_none() {
            return self.batch.notify(event);
        }
        if let BatchEvent::BatchEnded(_) = &event {
            self.leave();
            let ended = self.screen().map(|screen| screen.after_closing.clone());
            ended.into_iter().flatten().for_each(|line| self.batch.line(Tone::Step, &line));
            return self.batch.notify(event);
        }
        self.change(|screen| screen.see(&event));
    }

    fn is_busy(&self) -> bool {
        self.batch.is_busy()
    }

    fn exchanged(&self, device: &str, address: &Address, exchange: &ExchangeRecord<'_>) {
        self.batch.exchanged(device, address, exchange);
    }
}

impl Screen {
    fn new(station: &str, ledger: &str) -> Self {
        Self {
            station: station.to_owned(),
            ledger: ledger.to_owned(),
            word: Word::Ready,
            said: Instant::now(),
            about: vec!["scan a label".to_owned()],
            units: Vec::new(),
            asked: None,
            typed: Shown::default(),
            passed: 0,
            failed: 0,
            unsure: 0,
            last: VecDeque::new(),
            cut_off: Vec::new(),
            after_closing: Vec::new(),
            troubles: Vec::new(),
            hooks_failed: 0,
            is_closing: false,
            is_shown: false,
        }
    }

    fn trouble(&mut self, trouble: &Trouble, words: Option<String>) {
        self.troubles.retain(|(known, _)| known != trouble);
        self.troubles.extend(words.map(|words| (trouble.clone(), words)));
    }

    /// Counts what this station did to a unit before this start.
    fn recall(&mut self, unit: &Unit) {
        for attempt in &unit.attempts {
            if attempt.station == self.station {
                self.remember(attempt);
            }
        }
        if let Some(last) = cut_off(unit, &self.station) {
            self.cut_off.push(unit.device.clone());
            self.list(Past {
                at: time(Some(&last.started_at)),
                device: unit.device.clone(),
                word: Word::Check,
                about: "cut off while it was in work; scan it again".to_owned(),
                is_counted: false,
            });
        }
    }

    fn tell_of_those_cut_off(&mut self) {
        if !self.cut_off.is_empty() {
            self.word = Word::Check;
            let devices = batch::some(&self.cut_off);
            let about = format!("in work when the station stopped: {devices}");
            self.about = vec![about, "scan them again".to_owned()];
        }
    }

    /// Lists a unit by the time at which it ended.
    fn list(&mut self, past: Past) {
        let place = self.last.iter().position(|other| other.at <= past.at);
        self.last.insert(place.unwrap_or(self.last.len()), past);
        self.last.truncate(REMEMBERED);
    }

    /// Counts an attempt, if it settled its unit.
    fn remember(&mut self, attempt: &Attempt) {
        let state = attempt.outcome.map_or(State::Waiting, AttemptOutcome::state);
        *match state {
            State::Done => &mut self.passed,
            State::Failed => &mut self.failed,
            State::Unconfirmed => &mut self.unsure,
            State::Waiting | State::Running => return,
        } += 1;
        let device = attempt.device.clone();
        let about = result(attempt, state);
        if self.is_closing {
            let word = Word::of(state).text();
            let line = format!("{word}  {}  {about}", Shown::name(&device));
            self.after_closing.push(line.trim_end().to_owned());
        }
        let at = time(attempt.ended_at.as_deref());
        self.list(Past { at, device, word: Word::of(state), about, is_counted: true });
    }

    fn unit(&mut self, device: &str) -> Option<&mut InWork> {
        self.units.iter_mut().find(|unit| unit.device == device)
    }

    fn doing(&mut self, device: &str, doing: String) {
        if let Some(unit) = self.unit(device) {
            unit.doing = doing;
        }
    }

    /// A verdict: bells call the person who looks elsewhere.
    fn say(&mut self, word: Word, about: Vec<String>) {
        let is_held =
            matches!(self.word, Word::Fail | Word::Check) && self.said.elapsed() < HELD_FOR;
        match (word, is_held) {
            (Word::Pass, true) => {}
            // The newer one first, with what it was about before.
            (_, true) => {
                let before = std::mem::replace(&mut self.about, about);
                self.about.extend(before.into_iter().take(1));
                (self.word, self.said) = (word, Instant::now());
            }
            _ => (self.word, self.about, self.said) = (word, about, Instant::now()),
        }
        let bells = if word == Word::Pass { 1 } else { 2 };
        if self.is_shown {
            sink::draw(&BELL.repeat(bells));
        }
    }

    fn see(&mut self, event: &BatchEvent) {
        match event {
            BatchEvent::DeviceArrived { device, state, outcome, is_accepted } => {
                self.typed = Shown::default();
                self.arrived(device, *state, *outcome, *is_accepted);
            }
            BatchEvent::DeviceStarted { device, address, .. } => {
                self.trouble(&Trouble::Ledger, None);
                self.doing(device, "connecting".to_owned());
                if let Some(unit) = self.unit(device) {
                    unit.reach = Some(Reach::of(address));
                }
            }
            BatchEvent::DeviceEvent { device, happened } => {
                if let Some(words) = words::waiting_for(happened) {
                    self.doing(device, words.to_string());
                }
            }
            BatchEvent::DeviceEnded(ended) => {
                let attempt = &ended.attempt;
                if let Some(pause) = ended.again_after {
                    let pause = humantime::format_duration(pause);
                    let doing = format!("{}; again in {pause}", reason(attempt));
                    self.doing(&attempt.device, doing);
                    return;
                }
                let reach = self.unit(&attempt.device).and_then(|unit| unit.reach);
                self.units.retain(|unit| unit.device != attempt.device);
                self.remember(attempt);
                let name = Shown::name(&attempt.device);
                let result = result(attempt, ended.state);
                let about = if ended.state == State::Done {
                    vec![format!("{name}  {result}").trim_end().to_owned()]
                } else {
                    let exit = attempt.result.map_or(Exit::DONE, Exit::of_result);
                    let error = attempt.error.as_deref();
                    let advice = exit::at_station(ended.state, exit, reach, attempt.stage, error);
                    vec![format!("{name}: {result}"), advice.to_owned()]
                };
                self.say(Word::of(ended.state), about);
            }
            BatchEvent::Unrecorded { ended, ledger } => {
                let device = &ended.attempt.device;
                self.units.retain(|unit| unit.device != *device);
                let about = format!(
                    "{}: it is {}, but that could not be recorded: {ledger}",
                    Shown::name(device),
                    ended.state
                );
                self.say(Word::Check, vec![about, "scan it again".to_owned()]);
            }
            BatchEvent::ClaimLost { device } => {
                self.doing(device, "another station may work on it".to_owned());
            }
            BatchEvent::HookFailed { device, error } => {
                self.hooks_failed += 1;
                let device = Shown::name(device);
                self.about.push(format!("{device}: --on-result: {error}"));
                self.about.push(Exit::HOOK_FAILED.advice.to_owned());
            }
            BatchEvent::AdapterUnavailable { adapter, error } => {
                let words = adapter_in_words(adapter.as_deref());
                let words = format!("waiting for {words}: {error}");
                self.trouble(&Trouble::Adapter(adapter.clone()), Some(words));
            }
            BatchEvent::AdapterAvailable { adapter } => {
                self.trouble(&Trouble::Adapter(adapter.clone()), None);
            }
            BatchEvent::LedgerUnavailable { error } => {
                self.trouble(&Trouble::Ledger, Some(format!("waiting for the ledger: {error}")));
            }
            BatchEvent::Draining { devices, within } => {
                self.is_closing = true;
                let within = humantime::format_duration(*within);
                self.about = vec![format!(
                    "stopping: {devices} in work, for up to {within}; Ctrl-C again lets go at once"
                )];
            }
            _ => {}
        }
    }

    fn arrived(
        &mut self,
        device: &str,
        state: State,
        outcome: Option<AttemptOutcome>,
        is_accepted: bool,
    ) {
        let name = Shown::name(device);
        match (state, is_accepted) {
            (_, true) => {
                self.word = Word::Wait;
                self.about.clear();
                let (device, doing) = (device.to_owned(), "waiting for its turn".to_owned());
                self.units.push(InWork { device, reach: None, doing, since: Instant::now() });
            }
            (State::Running, false) => {
                self.about = vec![format!("{name} is in work already")];
            }
            // Perhaps another station did it meanwhile.
            (state, false) => {
                self.units.retain(|unit| unit.device != device);
                self.asked = Some((device.to_owned(), Instant::now()));
                let word = if state == State::Done { Word::Done } else { Word::of(state) };
                let within = ASKED_FOR.as_secs();
                let what = if outcome == Some(AttemptOutcome::Tested) {
                    format!("{name} was only tested, and has left the network again")
                } else {
                    format!("{name} is {state} already")
                };
                let again = format!("scan it again within {within} s to provision it once more");
                self.say(word, vec![what, again]);
            }
        }
    }

    fn draw(&self, colors: bool) {
        if !self.is_shown {
            return;
        }
        let (columns, rows) = (terminal::columns(), terminal::rows());
        let mut drawn = String::from("\x1b[H");
        let lines = self.picture(columns, rows, Instant::now(), SystemTime::now());
        for (number, (style, line)) in lines.iter().enumerate() {
            use std::fmt::Write;
            let end = if number + 1 == rows { "" } else { "\r\n" };
            // Writing to a string can't fail.
            let _ = if colors {
                write!(drawn, "{style}{line}{style:#}\x1b[K{end}")
            } else {
                write!(drawn, "{line}\x1b[K{end}")
            };
        }
        sink::draw(&drawn);
    }

    /// The lines of a screen of this size.
    fn picture(
        &self,
        columns: usize,
        rows: usize,
        now: Instant,
        today: SystemTime,
    ) -> Vec<(Ansi, Shown)> {
        let (plain, dim) = (Ansi::new(), Ansi::new().dimmed());
        let line = |text: &str| Shown::line(text).cut(columns);
        let mut lines = Vec::new();
        let title =
            format!(" station {}  {}", Shown::name(&self.station), Shown::name(&self.ledger));
        lines.push((plain.bold(), line(&title)));
        lines.push((plain, Shown::default()));
        // Letters of half the height, so that there is room for the rest.
        let scale = if rows >= 40 && columns >= 120 { 2 } else { 1 };
        for row in letters::rows(self.word.text(), scale) {
            lines.push((self.word.look(), line(&format!("  {row}"))));
        }
        lines.push((plain, Shown::default()));
        let width = columns.saturating_sub(4).max(20);
        for text in self.about.iter().take(3) {
            let text = Shown::line(text);
            let wrapped = textwrap::wrap(text.as_str(), width);
            for part in wrapped.iter().take(2) {
                lines.push((plain.bold(), line(&format!("  {part}"))));
            }
        }
        let most = if rows >= 40 { 12 } else { 4 };
        for unit in self.units.iter().take(most) {
            let seconds = now.saturating_duration_since(unit.since).as_secs();
            let device = Shown::name(&unit.device);
            lines.push((plain, line(&format!("  > {device}  {}  {seconds} s", unit.doing))));
        }
        if self.units.len() > most {
            let more = self.units.len() - most;
            lines.push((plain, line(&format!("  > and {more} more"))));
        }
        // The last lines have their place at the bottom.
        let mut below = vec![(plain, Shown::default()), (plain, line(&self.counters(today)))];
        for (_, trouble) in &self.troubles {
            below.push((Word::Check.look(), line(&format!(" {trouble}"))));
        }
        let input = if self.is_closing {
            " ending: no more labels are taken".to_owned()
        } else if self.typed.as_str().is_empty() {
            " scan a label; Ctrl-D ends".to_owned()
        } else {
            format!(" {}", self.typed)
        };
        below.push((dim, line(&input)));
        let room = rows.saturating_sub(lines.len() + below.len() + 1);
        if room > 0 && !self.last.is_empty() {
            lines.push((plain, Shown::default()));
            for past in self.last.iter().take(room) {
                let age = age(today.duration_since(past.at).unwrap_or_default());
                let (word, device) = (past.word.text(), Shown::name(&past.device));
                let text = format!("  {age:>7}  {word:5}  {device}  {}", past.about);
                lines.push((dim, line(text.trim_end())));
            }
        }
        lines.truncate(rows.saturating_sub(below.len()));
        while lines.len() + below.len() < rows {
            lines.push((plain, Shown::default()));
        }
        lines.extend(below);
        lines.truncate(rows);
        lines
    }

    fn counters(&self, today: SystemTime) -> String {
        let Self { passed, failed, unsure, .. } = *self;
        let all = passed + failed + unsure;
        let hour = Duration::from_secs(3600);
        let is_recent = |past: &&Past| {
            past.is_counted && today.duration_since(past.at).is_ok_and(|age| age < hour)
        };
        let pace = self.last.iter().filter(is_recent).count();
        let share = (passed * 100).checked_div(all);
        let share = share.map_or_else(String::new, |share| format!("  {share} %"));
        let hooks = match self.hooks_failed {
            0 => String::new(),
            1 => "  1 hook failed".to_owned(),
            count => format!("  {count} hooks failed"),
        };
        format!(
            " {passed} passed  {failed} failed  {unsure} to check{share}  {pace} in the last hour{hooks}"
        )
    }
}

/// The attempt of this station that was under way when it stopped, and that none came after.
fn cut_off<'a>(unit: &'a Unit, station: &str) -> Option<&'a Attempt> {
    let last = unit.attempts.last().filter(|last| last.station == station)?;
    matches!(last.outcome, None | Some(AttemptOutcome::Interrupted)).then_some(last)
}

/// The time of a ledger.
fn time(text: Option<&str>) -> SystemTime {
    let parsed = text.and_then(|text| humantime::parse_rfc3339_weak(text).ok());
    parsed.unwrap_or_else(SystemTime::now)
}

/// What came of an attempt, in words.
fn result(attempt: &Attempt, state: State) -> String {
    let is_tested = attempt.outcome == Some(AttemptOutcome::Tested);
    match (state, &attempt.ip) {
        (State::Done, Some(ip)) if is_tested => format!("tested, {ip}"),
        (State::Done, None) if is_tested => "tested".to_owned(),
        (State::Done, ip) => ip.clone().unwrap_or_default(),
        _ => reason(attempt),
    }
}

/// Why an attempt failed, in words.
fn reason(attempt: &Attempt) -> String {
    batch::reason(attempt.stage, attempt.error.as_deref())
}

fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ ..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

/// The terminal, while a screen has it.
pub(super) mod full {
    use super::{AtomicBool, Mutex, Ordering, PoisonError, ask::Keys, sink};

    static IS_TAKEN: AtomicBool = AtomicBool::new(false);
    static KEYS: Mutex<Option<Keys>> = Mutex::new(None);

    /// The alternate screen, without a cursor.
    const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[2J";
    const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

    pub(super) fn enter(with_keys: bool) {
        IS_TAKEN.store(true, Ordering::Relaxed);
        if with_keys {
            *KEYS.lock().unwrap_or_else(PoisonError::into_inner) = Keys::enter().ok();
        }
        sink::draw(ENTER);
    }

    /// Gives the terminal back, if it was taken.
    pub(in crate::report) fn leave() {
        if IS_TAKEN.swap(false, Ordering::Relaxed) {
            sink::draw(LEAVE);
            *KEYS.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn text(screen: &Screen, columns: usize, rows: usize) -> String {
        let (now, today) = (Instant::now(), SystemTime::UNIX_EPOCH + Duration::from_secs(7200));
        let lines = screen.picture(columns, rows, now, today);
        assert_eq!(lines.len(), rows);
        let lines: Vec<_> = lines.iter().map(|(_, line)| line.to_string()).collect();
        lines.join("\n")
    }

    fn attempt(device: &str, outcome: AttemptOutcome) -> Attempt {
        Attempt {
            device: device.to_owned(),
            outcome: Some(outcome),
            ended_at: Some("1970-01-01T01:59:00Z".to_owned()),
            error: Some("wrong passphrase".to_owned()),
            ..Attempt::default()
        }
    }

    #[test]
    fn the_screen_fits_any_size_and_names_what_happened() {
        let mut screen = Screen::new("bench-3", "line.ledger");
        screen.remember(&attempt("PROV_1", AttemptOutcome::Connected));
        screen.remember(&attempt("PROV_2", AttemptOutcome::Failed));
        screen.remember(&attempt("PROV_2", AttemptOutcome::Again));
        screen.arrived("PROV_\x1b[31m3", State::Waiting, None, true);
        for (columns, rows) in [(80, 24), (200, 60), (20, 5), (1, 1)] {
            let shown = text(&screen, columns, rows);
            assert!(!shown.contains('\x1b'), "{shown}");
            assert!(shown.lines().all(|line| Shown::line(line).width() <= columns), "{shown}");
        }
        let shown = text(&screen, 80, 24);
        assert!(
            shown.contains("1 passed  1 failed  0 to check  50 %  2 in the last hour"),
            "{shown}"
        );
        assert!(shown.contains("60 s  FAIL   PROV_2  wrong passphrase"), "{shown}");
        assert!(shown.contains("waiting for its turn  0 s"), "{shown}");
    }

    #[test]
    fn a_unit_that_is_done_is_asked_about_and_one_in_work_is_not_begun_twice() {
        let mut screen = Screen::new("bench-3", "line.ledger");
        screen.arrived("PROV_1", State::Done, Some(AttemptOutcome::Connected), false);
        assert!(screen.word == Word::Done);
        assert!(screen.asked.as_ref().is_some_and(|(device, _)| device == "PROV_1"));
        assert!(text(&screen, 80, 24).contains("PROV_1 is done already"));
        screen.arrived("PROV_2", State::Waiting, None, true);
        screen.arrived("PROV_2", State::Running, None, false);
        assert_eq!(screen.units.len(), 1);
        assert!(text(&screen, 80, 24).contains("PROV_2 is in work already"));
    }

    fn unit(device: &str, attempts: Vec<Attempt>) -> Unit {
        let attempts = attempts.into_iter();
        let attempts = attempts.map(|one| Attempt { station: "bench-3".to_owned(), ..one });
        Unit {
            device: device.to_owned(),
            address: String::new(),
            labels: BTreeMap::new(),
            attempts: attempts.collect(),
        }
    }

    fn at(minute: u32, attempt: Attempt) -> Attempt {
        Attempt { ended_at: Some(format!("1970-01-01T01:{minute:02}:00Z")), ..attempt }
    }

    #[test]
    fn after_a_restart_units_stand_in_their_order_and_those_cut_off_are_named() {
        let mut screen = Screen::new("bench-3", "line.ledger");
        let attempts = vec![at(58, attempt("PROV_1", AttemptOutcome::Connected))];
        screen.recall(&unit("PROV_1", attempts));
        let begun = Attempt {
            device: "PROV_2".to_owned(),
            started_at: "1970-01-01T01:59:00Z".to_owned(),
            ..Attempt::default()
        };
        let failed = at(30, attempt("PROV_2", AttemptOutcome::Failed));
        screen.recall(&unit("PROV_2", vec![failed, begun]));
        // Another station's.
        let elsewhere = Attempt { outcome: None, ..attempt("PROV_3", AttemptOutcome::Failed) };
        screen.recall(&Unit { attempts: vec![elsewhere], ..unit("PROV_3", Vec::new()) });
        screen.tell_of_those_cut_off();
        let shown = text(&screen, 80, 24);
        assert!(shown.contains("in work when the station stopped: PROV_2"), "{shown}");
        let lines: Vec<_> = shown.lines().filter(|line| line.contains("  PROV_")).collect();
        let units: Vec<_> = lines
            .iter()
            .map(|line| line.split_whitespace().collect::<Vec<_>>()[2..4].join(" "))
            .collect();
        assert_eq!(units, ["CHECK PROV_2", "PASS PROV_1", "FAIL PROV_2"], "{shown}");
    }

    #[test]
    fn a_unit_that_was_only_tested_is_not_taken_for_a_provisioned_one() {
        let mut screen = Screen::new("bench-3", "line.ledger");
        screen.remember(&attempt("PROV_1", AttemptOutcome::Tested));
        screen.arrived("PROV_1", State::Done, Some(AttemptOutcome::Tested), false);
        let shown = text(&screen, 80, 24);
        assert!(shown.contains("PROV_1 was only tested, and has left the network"), "{shown}");
        assert!(shown.contains("PASS   PROV_1  tested"), "{shown}");
    }

    #[test]
    fn two_units_that_fail_together_are_both_named() {
        let mut screen = Screen::new("bench-3", "line.ledger");
        screen.say(Word::Fail, vec!["PROV_1: no".to_owned(), "look".to_owned()]);
        screen.say(Word::Fail, vec!["PROV_2: no".to_owned(), "look".to_owned()]);
        let shown = text(&screen, 80, 24);
        let place = |name: &str| shown.find(name).expect("it is there");
        assert!(place("PROV_2: no") < place("PROV_1: no"), "{shown}");
    }
}
