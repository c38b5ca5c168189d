//! Reports on what a ledger has of a period. A page, a table and JSON are made of counts; a test case
//! for each device is written as it is read, since there may be more than fit in memory.

mod chart;
mod html;
mod json;
mod junit;
mod markup;
mod spreadsheet;

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    io::{self, Write},
    ops::ControlFlow,
    time::SystemTime,
};

use esp_prov::sort_few;
use esp_prov_batch::{
    ledger::{Access, Period, State, Unit},
    report::{Groups, Report},
};

use super::{
    args::{ReportArgs, ReportFormat},
    look,
    output::{Output, unwritten},
};
use crate::{
    cli::{Failure, text},
    exit::{self, Exit, Reach},
};

/// The label by which devices are grouped, if they have it and no other is asked for.
const LABEL: &str = "lot";

/// The most errors that are shown of a cause.
const ERRORS: usize = 3;

pub(super) async fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    let (location, ledger) = look(&args.ledger, Access::Look).await?;
    let explain = |error| Failure::Ledger(location.to_string(), error);
    let period = Period { since: args.since, until: args.until };
    let asked = text(args.by_label.as_ref());
    let label = asked.clone().unwrap_or_else(|| LABEL.to_owned());
    let (mut report, mut has_label) = (Report::by_label(Some(label.clone())), false);
    let each = &mut |unit: Unit| {
        has_label |= unit.labels.contains_key(&label);
        report.add(&unit);
        ControlFlow::Continue(())
    };
    ledger.each_unit(period, each).await.map_err(explain)?;
    if asked.is_some() && !has_label && report.total().tally.units > 0 {
        let why = "--by-label: no device of the report has such a label in the roster";
        return Err(Failure::input(why));
    }
    let mut output = Output::to(&args.output);
    let figures = Figures::of(&report, location.to_string(), period, has_label);
    let mut written = match args.format {
        ReportFormat::Html => output.write_all(html::page(&figures).as_bytes()),
        ReportFormat::Csv => output.write_all(spreadsheet::table(&figures).as_bytes()),
        ReportFormat::Json => json::write(&figures, &mut output),
        ReportFormat::Junit => junit::begin(&figures, &mut output),
    };
    if args.format == ReportFormat::Junit && written.is_ok() {
        let each = &mut |unit: Unit| {
            written = junit::case(&unit, &mut output);
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        ledger.each_unit(period, each).await.map_err(explain)?;
        written = written.and_then(|()| junit::end(&mut output));
    }
    let written = written.and_then(|()| output.flush());
    written.map_err(|error: io::Error| unwritten(&args.output, &error))?;
    Ok(Exit::DONE)
}

/// A report, and what is to be said about it.
struct Figures<'a> {
    report: &'a Report,
    ledger: String,
    period: Period,
    made_at: SystemTime,
    /// The groups of a label, if any device has it.
    labels: Option<(&'a str, &'a Groups)>,
    /// Why devices are not done, the most frequent cause first.
    causes: Vec<Cause>,
    /// Failures of attempts that no device ended with, and how many.
    mended: Vec<(Exit, u64)>,
}

/// Devices that are not done, and for which the same helps.
struct Cause {
    state: State,
    exit: Exit,
    advice: &'static str,
    units: u64,
    /// The attempts that ended with this exit code, whatever became of their devices.
    attempts: u64,
    /// The most frequent errors.
    errors: Vec<(String, u64)>,
}

impl<'a> Figures<'a> {
    fn of(report: &'a Report, ledger: String, period: Period, has_label: bool) -> Self {
        let attempts: BTreeMap<u8, u64> =
            report.failures().map(|(failure, count)| (Exit::of(failure).code, count)).collect();
        let mut causes: BTreeMap<_, Cause> = BTreeMap::new();
        for (one, units) in report.causes() {
            let exit = Exit::of(one.failure);
            let (reach, error) = (Reach::of_scheme(&one.scheme), one.error.as_deref());
            let advice = exit::not_done(one.state, exit, reach, one.stage, error);
            let attempts = attempts.get(&exit.code).copied().unwrap_or(0);
            let new =
                || Cause { state: one.state, exit, advice, units: 0, attempts, errors: Vec::new() };
            let cause = causes.entry((exit.code, advice)).or_insert_with(new);
            cause.units += units;
            let stage = one.stage.map(|stage| format!("{stage}: ")).unwrap_or_default();
            cause.errors.extend(error.map(|error| (format!("{stage}{error}"), units)));
        }
        let has_ended = |code: &u8| causes.keys().any(|(known, _)| known == code);
        let mended = attempts.iter().filter(|(code, _)| !has_ended(code));
        let mut mended: Vec<_> =
            mended.filter_map(|(code, count)| Some((Exit::from_code(*code)?, *count))).collect();
        sort_few(&mut mended, |(_, count)| Reverse(*count));
        let mut causes: Vec<_> = causes.into_values().collect();
        for cause in &mut causes {
            cause
                .errors
                .sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
            cause.errors.truncate(ERRORS);
        }
        sort_few(&mut causes, |cause| Reverse(cause.units));
        let labels = report.labels().filter(|_| has_label);
        let made_at = SystemTime::now();
        Self { report, ledger, period, made_at, labels, causes, mended }
    }

    /// The groups of each kind, and the name of the kind.
    fn groups(&self) -> Vec<(&str, &Groups)> {
        let always = [("station", self.report.stations()), ("version", self.report.versions())];
        always.into_iter().chain(self.labels).collect()
    }
}

/// What a group is called that has no name of its own.
fn name_of(kind: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => name.to_owned(),
        None if kind == "version" => "none reported".to_owned(),
        None => "none".to_owned(),
    }
}

/// A time, to the second.
fn rfc3339(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
