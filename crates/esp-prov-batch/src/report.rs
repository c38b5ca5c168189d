//! Counts what a ledger knows of a period: yield, causes, pace, and how long each stage took. Units
//! are counted one at a time, and what is kept of them does not grow with their number.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, SystemTime},
};

use esp_prov::{FailureKind, Stage};

use super::ledger::{Attempt, AttemptOutcome, State, Unit};

/// The most groups of a kind, such as stations, and the most different causes. Further ones are
/// counted together.
const GROUPS: usize = 200;

/// A longer time in which no attempt begins or ends is a pause, and not counted as work.
const PAUSE_MINUTES: u64 = 15;

/// How many units ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The units with an attempt in the period.
    pub units: u64,
    /// Those that are connected to their network.
    pub done: u64,
    /// Those of `done` that were so after their first attempt, and after each one since. Attempts
    /// that a station did not finish, because it crashed or was stopped, do not count.
    pub first_pass: u64,
    /// Those of `done` that were only tested: they have left their network again.
    pub tested: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that were told to join, but did not report the result.
    pub unconfirmed: u64,
    /// Those that wait for another attempt, or are under way.
    pub unfinished: u64,
    /// All attempts.
    pub attempts: u64,
}

impl Tally {
    fn add(&mut self, unit: &Unit) {
        self.units += 1;
        self.attempts += unit.attempts.len() as u64;
        self.first_pass += u64::from(unit.is_first_pass());
        self.tested += u64::from(unit.is_tested());
        *match unit.state() {
            State::Done => &mut self.done,
            State::Failed => &mut self.failed,
            State::Unconfirmed => &mut self.unconfirmed,
            State::Waiting | State::Running => &mut self.unfinished,
        } += 1;
    }

    /// The units that are done, failed or unconfirmed.
    pub fn finished(&self) -> u64 {
        self.done + self.failed + self.unconfirmed
    }

    /// The share of the finished units that are done; `None` without any.
    pub fn yield_share(&self) -> Option<f64> {
        share(self.done, self.finished())
    }

    /// The share of the finished units that needed one attempt; `None` without any.
    pub fn first_pass_share(&self) -> Option<f64> {
        share(self.first_pass, self.finished())
    }
}

#[allow(clippy::cast_precision_loss, reason = "a share of counts")]
fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

impl Unit {
    /// The state that the attempts of the period left the unit in. [`State::Waiting`] is that of a
    /// unit whose last attempt was transient or was not finished.
    pub fn state(&self) -> State {
        match self.attempts.last().map(|last| last.outcome) {
            Some(Some(outcome)) => outcome.state(),
            Some(None) => State::Running,
            None => State::Waiting,
        }
    }

    /// Whether the unit was only tested: it has left its network again.
    pub fn is_tested(&self) -> bool {
        self.attempts.last().is_some_and(|last| last.outcome == Some(AttemptOutcome::Tested))
    }

    /// Whether the unit is done, and was so after its first attempt: one that was only tested, or
    /// that is provisioned again, stays so while it succeeds. Attempts that were not finished do
    /// not count.
    pub fn is_first_pass(&self) -> bool {
        let is_interrupted = |one: &Attempt| one.outcome == Some(AttemptOutcome::Interrupted);
        let is_done = |one: &Attempt| one.outcome.is_some_and(|it| it.state() == State::Done);
        let mut finished = self.attempts.iter().filter(|one| !is_interrupted(one));
        let begins = self.attempts.first().is_some_and(|first| first.number == 1);
        begins && self.state() == State::Done && finished.all(is_done)
    }

    /// The last version that the unit reported.
    pub fn version(&self) -> Option<&str> {
        self.attempts.iter().rev().find_map(|one| one.version.as_deref())
    }
}

impl Attempt {
    /// How long the attempt took; `None` if it did not end.
    pub fn took(&self) -> Option<Duration> {
        let (from, to) = (time(&self.started_at)?, time(self.ended_at.as_deref()?)?);
        to.duration_since(from).ok()
    }
}

/// The units that have something in common, such as their station.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// How they ended.
    pub tally: Tally,
    work: Work,
}

impl Group {
    /// How long these units were worked on, without pauses of more than 15 minutes.
    pub fn worked(&self) -> Duration {
        self.work.duration()
    }

    /// The units that were done in an hour of work; `None` before the first minute has passed.
    #[allow(clippy::cast_precision_loss, reason = "a rate of units")]
    pub fn units_per_hour(&self) -> Option<f64> {
        let hours = self.worked().as_secs_f64() / 3600.0;
        (hours > 0.0).then(|| self.tally.done as f64 / hours)
    }
}

/// Groups by name; `None` is what has no name, such as a unit that reported no version.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    named: BTreeMap<Option<String>, Group>,
    others: Group,
}

impl Groups {
    /// The groups in the order of their names.
    pub fn named(&self) -> impl Iterator<Item = (Option<&str>, &Group)> {
        self.named.iter().map(|(name, group)| (name.as_deref(), group))
    }

    /// All units of further groups, of which there are too many.
    pub fn others(&self) -> &Group {
        &self.others
    }

    fn group(&mut self, name: Option<&str>) -> &mut Group {
        let name = name.map(str::to_owned);
        if self.named.len() < GROUPS || self.named.contains_key(&name) {
            self.named.entry(name).or_default()
        } else {
            &mut self.others
        }
    }
}

/// How units ended within an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    /// Those that were done.
    pub done: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that did not confirm that they have joined.
    pub unconfirmed: u64,
}

/// Why units are not done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// Their state: failed or unconfirmed.
    pub state: State,
    /// The failure.
    pub failure: FailureKind,
    /// The stage at which it happened, if known.
    pub stage: Option<Stage>,
    /// The scheme of their address: `http`, `ble` or `console`.
    pub scheme: String,
    /// The error, in words. `None` without one, and where there are too many different ones.
    pub error: Option<String>,
}

/// What an attempt spends its time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Connecting and reading the version.
    Connect,
    /// The handshakes.
    Handshake,
    /// Sending custom data, the reset and the network.
    Set,
    /// Telling the device to join.
    Apply,
    /// Waiting for the device to join.
    Join,
    /// The whole attempt.
    Total,
}

impl Span {
    /// All of them, in their order.
    pub const ALL: [Self; 6] =
        [Self::Connect, Self::Handshake, Self::Set, Self::Apply, Self::Join, Self::Total];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Handshake => "handshake",
            Self::Set => "set",
            Self::Apply => "apply",
            Self::Join => "join",
            Self::Total => "total",
        }
    }

    /// The time of an attempt, in ms.
    fn of(self, attempt: &Attempt) -> Option<u64> {
        let time = match self {
            Self::Connect => attempt.connect_ms,
            Self::Handshake => attempt.handshake_ms,
            Self::Set => attempt.set_ms,
            Self::Apply => attempt.apply_ms,
            Self::Join => attempt.join_ms,
            Self::Total => return attempt.took()?.as_millis().try_into().ok(),
        };
        time.and_then(|time| time.try_into().ok())
    }
}

/// How often which times occurred. Each is kept to within 3 %.
#[derive(Clone, Debug, Default)]
pub struct Distribution {
    counts: BTreeMap<u64, u64>,
    count: u64,
    sum: u64,
    shortest: Option<u64>,
    longest: u64,
}

/// Each power of two is divided into this many buckets, as a power of two.
const BITS: u32 = 5;

impl Distribution {
    fn add(&mut self, ms: u64) {
        let shift = (u64::BITS - ms.leading_zeros()).saturating_sub(BITS + 1);
        *self.counts.entry((u64::from(shift) << BITS) + (ms >> shift)).or_default() += 1;
        self.count += 1;
        self.sum = self.sum.saturating_add(ms);
        self.shortest = Some(self.shortest.map_or(ms, |shortest| shortest.min(ms)));
        self.longest = self.longest.max(ms);
    }

    /// How many times there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The shortest, in ms.
    pub fn shortest(&self) -> u64 {
        self.shortest.unwrap_or(0)
    }

    /// The longest, in ms.
    pub fn longest(&self) -> u64 {
        self.longest
    }

    /// The mean, in ms.
    pub fn mean(&self) -> u64 {
        self.sum.checked_div(self.count).unwrap_or(0)
    }

    /// The time, in ms, that so many percent of all do not exceed.
    pub fn percentile(&self, percent: u64) -> u64 {
        let wanted = (self.count.saturating_mul(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        let bucket = self.counts.iter().find(|(_, count)| {
            seen += **count;
            seen >= wanted
        });
        bucket.map_or(0, |(bucket, _)| range(*bucket).1.clamp(self.shortest(), self.longest))
    }

    /// The times in ascending order: the shortest and the longest of a bucket, in ms, and how many
    /// there are.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        self.counts.iter().map(|(bucket, count)| {
            let (from, to) = range(*bucket);
            (from, to, *count)
        })
    }
}

/// The shortest and the longest time of a bucket.
fn range(bucket: u64) -> (u64, u64) {
    let shift = (bucket >> BITS).saturating_sub(1);
    let from = (bucket - (shift << BITS)) << shift;
    (from, from + (1 << shift) - 1)
}

/// The minutes in which attempts began or ended: for each hour, one bit a minute.
#[derive(Clone, Debug, Default)]
struct Work(BTreeMap<u64, u64>);

impl Work {
    fn add(&mut self, time: SystemTime) {
        let minute = minutes(time);
        *self.0.entry(minute / 60).or_default() |= 1 << (minute % 60);
    }

    fn duration(&self) -> Duration {
        let of_hour = |(hour, bits): (&u64, &u64)| {
            let (hour, bits) = (hour * 60, *bits);
            (0..60).filter(move |minute| bits >> minute & 1 == 1).map(move |minute| hour + minute)
        };
        let (mut worked, mut last) = (0, None);
        for minute in self.0.iter().flat_map(of_hour) {
            worked += match last {
                Some(last) if minute - last <= PAUSE_MINUTES => minute - last,
                _ => 1,
            };
            last = Some(minute);
        }
        Duration::from_secs(worked * 60)
    }
}

fn minutes(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60)
}

/// A time of a ledger; `None` if another program wrote it in another form.
fn time(text: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339(text).ok()
}

/// What a ledger knows of a period.
#[derive(Clone, Debug, Default)]
pub struct Report {
    label: Option<String>,
    total: Group,
    /// The first start and the last end of an attempt, as in the ledger.
    began: Option<String>,
    ended: Option<String>,
    interrupted: u64,
    retried: u64,
    hours: BTreeMap<u64, Hour>,
    stations: Groups,
    versions: Groups,
    labels: Groups,
    causes: HashMap<Cause, u64>,
    failures: BTreeMap<FailureKind, u64>,
    spans: [Distribution; Span::ALL.len()],
}

impl Report {
    /// Creates an empty report. Units are grouped by this label of the roster, too.
    pub fn by_label(label: Option<String>) -> Self {
        Self { label, ..Self::default() }
    }

    /// Counts a unit.
    pub fn add(&mut self, unit: &Unit) {
        let Some(last) = unit.attempts.last() else { return };
        self.total.tally.add(unit);
        for attempt in &unit.attempts {
            self.add_attempt(attempt);
        }
        self.stations.group(Some(&last.station)).tally.add(unit);
        self.versions.group(unit.version()).tally.add(unit);
        if let Some(label) = &self.label {
            self.labels.group(unit.labels.get(label).map(String::as_str)).tally.add(unit);
        }
        let state = unit.state();
        if let Some(time) = last.ended_at.as_deref().and_then(time) {
            let hour = self.hours.entry(minutes(time) / 60).or_default();
            match state {
                State::Done => hour.done += 1,
                State::Failed => hour.failed += 1,
                State::Unconfirmed => hour.unconfirmed += 1,
                State::Waiting | State::Running => {}
            }
        }
        if let (State::Failed | State::Unconfirmed, Some(Err(failure))) = (state, last.result) {
            let scheme = unit.address.split(':').next().unwrap_or_default().to_owned();
            let error = last.error.clone();
            let mut cause = Cause { state, failure, stage: last.stage, scheme, error };
            if self.causes.len() >= GROUPS && !self.causes.contains_key(&cause) {
                cause.error = None;
            }
            *self.causes.entry(cause).or_default() += 1;
        }
    }

    fn add_attempt(&mut self, attempt: &Attempt) {
        let (start, end) = (&attempt.started_at, attempt.ended_at.as_ref());
        if self.began.as_ref().is_none_or(|began| start < began) {
            self.began = Some(start.clone());
        }
        if end.is_some_and(|end| self.ended.as_ref().is_none_or(|ended| end > ended)) {
            self.ended = end.cloned();
        }
        let station = self.stations.group(Some(&attempt.station));
        for time in [Some(start), end].into_iter().flatten().filter_map(|text| time(text)) {
            self.total.work.add(time);
            station.work.add(time);
        }
        match attempt.outcome {
            Some(AttemptOutcome::Interrupted) => self.interrupted += 1,
            Some(AttemptOutcome::Again) => self.retried += 1,
            Some(AttemptOutcome::Connected | AttemptOutcome::Attached | AttemptOutcome::Tested) => {
                for (span, times) in Span::ALL.into_iter().zip(&mut self.spans) {
                    if let Some(time) = span.of(attempt) {
                        times.add(time);
                    }
                }
            }
            _ => {}
        }
        if let Some(Err(failure)) = attempt.result {
            *self.failures.entry(failure).or_default() += 1;
        }
    }

    /// All units.
    pub fn total(&self) -> &Group {
        &self.total
    }

    /// When the first attempt began and the last one ended, in RFC 3339 and UTC.
    pub fn times(&self) -> (Option<&str>, Option<&str>) {
        (self.began.as_deref(), self.ended.as_deref())
    }

    /// The attempts that a station did not finish.
    pub fn interrupted(&self) -> u64 {
        self.interrupted
    }

    /// The attempts that ended in a transient failure, and were followed by another.
    pub fn retried(&self) -> u64 {
        self.retried
    }

    /// How units ended in each hour in which any did, with the start of the hour.
    pub fn hours(&self) -> impl Iterator<Item = (SystemTime, Hour)> {
        let start = |hour: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(hour * 3600);
        self.hours.iter().map(move |(hour, counts)| (start(*hour), *counts))
    }

    /// The units by the station of their last attempt.
    pub fn stations(&self) -> &Groups {
        &self.stations
    }

    /// The units by the version that they reported last.
    pub fn versions(&self) -> &Groups {
        &self.versions
    }

    /// The units by the label that was asked for, and its name.
    pub fn labels(&self) -> Option<(&str, &Groups)> {
        self.label.as_deref().map(|label| (label, &self.labels))
    }

    /// Why units are not done, and how many, in no order.
    pub fn causes(&self) -> impl Iterator<Item = (&Cause, u64)> {
        self.causes.iter().map(|(cause, count)| (cause, *count))
    }

    /// How many attempts ended in each failure, whether a later one mended it or not.
    pub fn failures(&self) -> impl Iterator<Item = (FailureKind, u64)> {
        self.failures.iter().map(|(failure, count)| (*failure, *count))
    }

    /// How long the attempts took that connected a device.
    pub fn spans(&self) -> impl Iterator<Item = (Span, &Distribution)> {
        Span::ALL.into_iter().zip(&self.spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(number: i64, outcome: Option<AttemptOutcome>, ended_at: &str) -> Attempt {
        Attempt {
            number,
            outcome,
            station: "north".to_owned(),
            started_at: "2026-11-27T08:00:00.000Z".to_owned(),
            ended_at: Some(ended_at.to_owned()),
            ..Attempt::default()
        }
    }

    fn unit(attempts: Vec<Attempt>) -> Unit {
        Unit {
            device: "d".to_owned(),
            address: "ble:PROV_1".to_owned(),
            labels: BTreeMap::from([("lot".to_owned(), "7".to_owned())]),
            attempts,
        }
    }

    #[test]
    fn a_unit_that_was_interrupted_or_put_back_passed_at_once_or_not() {
        use AttemptOutcome::{Again, Connected, Failed, Interrupted, Tested, Unconfirmed};
        let end = "2026-11-27T08:00:05.000Z";
        for (outcomes, first, state, is_first_pass) in [
            (vec![Some(Connected)], 1, State::Done, true),
            (vec![Some(Interrupted), Some(Connected)], 1, State::Done, true),
            (vec![Some(Again), Some(Connected)], 1, State::Done, false),
            // Its first attempt is not of this period.
            (vec![Some(Connected)], 2, State::Done, false),
            (vec![Some(Connected), Some(Connected)], 1, State::Done, true),
            (vec![Some(Tested), Some(Connected)], 1, State::Done, true),
            (vec![Some(Connected), Some(Failed), Some(Connected)], 1, State::Done, false),
            (vec![Some(Failed)], 1, State::Failed, false),
            (vec![Some(Unconfirmed)], 1, State::Unconfirmed, false),
            (vec![Some(Again)], 1, State::Waiting, false),
            (vec![None], 1, State::Running, false),
        ] {
            let attempts = outcomes.iter().zip(first..).map(|(one, at)| attempt(at, *one, end));
            let unit = unit(attempts.collect());
            assert_eq!(
                (unit.state(), unit.is_first_pass()),
                (state, is_first_pass),
                "{outcomes:?}"
            );
        }
    }

    #[test]
    fn times_are_kept_to_within_three_percent() {
        let mut times = Distribution::default();
        for ms in (0..200_000).step_by(7).chain([u64::MAX >> 8]) {
            times.add(ms);
            let (from, to, _) = times.buckets().find(|(_, to, _)| *to >= ms).expect("a bucket");
            assert!(from <= ms && (to - from) * 32 <= from.max(32), "{ms}: {from} to {to}");
        }
        assert_eq!(times.shortest(), 0);
        let median = times.percentile(50);
        assert!((100_000..103_200).contains(&median), "{median}");
        assert_eq!((times.percentile(100), times.percentile(0)), (u64::MAX >> 8, 0));
        assert_eq!(Distribution::default().percentile(50), 0);
    }

    #[test]
    fn a_break_is_no_work() {
        let mut work = Work::default();
        let mut add = |minute: u64| {
            work.add(SystemTime::UNIX_EPOCH + Duration::from_secs(minute * 60));
            work.duration().as_secs() / 60
        };
        assert_eq!(add(100), 1);
        assert_eq!(add(110), 11);
        assert_eq!(add(105), 11);
        assert_eq!(add(200), 12);
        assert_eq!(add(215), 27);
    }

    #[test]
    fn a_crowd_of_names_or_errors_takes_no_more_room() {
        let mut report = Report::by_label(Some("lot".to_owned()));
        for number in 0..1000 {
            let mut failed = attempt(1, Some(AttemptOutcome::Failed), "2026-11-27T08:00:05.000Z");
            failed.result = Some(Err(FailureKind::Refused));
            (failed.error, failed.version) = (Some(number.to_string()), Some(number.to_string()));
            report.add(&unit(vec![failed]));
        }
        assert_eq!(report.versions().named().count(), GROUPS);
        assert_eq!(report.versions().others().tally.failed, 1000 - GROUPS as u64);
        assert_eq!(report.causes().count(), GROUPS + 1);
        assert_eq!(report.causes().map(|(_, count)| count).sum::<u64>(), 1000);
        let (label, groups) = report.labels().expect("lots");
        let lots: Vec<_> = groups.named().map(|(name, one)| (name, one.tally.units)).collect();
        assert_eq!((label, lots), ("lot", vec![(Some("7"), 1000)]));
        assert_eq!(report.failures().collect::<Vec<_>>(), [(FailureKind::Refused, 1000)]);
    }
}
