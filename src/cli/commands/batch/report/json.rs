//! A report as one JSON object.

use std::io::{self, Write};

use esp_prov::shown::Json;
use esp_prov_batch::{
    ledger::State,
    report::{Group, Tally},
};
use serde::Serialize;

use super::{Figures, name_of, rfc3339};

#[derive(Serialize)]
struct ReportJson<'a> {
    schema: u32,
    ledger: &'a str,
    made_at: String,
    since: Option<String>,
    until: Option<String>,
    began_at: Option<&'a str>,
    ended_at: Option<&'a str>,
    #[serde(flatten)]
    all: TallyJson,
    interrupted: u64,
    retried: u64,
    worked_ms: u128,
    units_per_hour: Option<f64>,
    hours: Vec<HourJson>,
    groups: Vec<GroupJson<'a>>,
    causes: Vec<CauseJson<'a>>,
    times: Vec<TimesJson>,
}

#[derive(Serialize)]
struct TallyJson {
    units: u64,
    done: u64,
    first_pass: u64,
    tested: u64,
    failed: u64,
    unconfirmed: u64,
    unfinished: u64,
    attempts: u64,
    #[serde(rename = "yield")]
    yield_share: Option<f64>,
    first_pass_yield: Option<f64>,
}

#[derive(Serialize)]
struct HourJson {
    start: String,
    done: u64,
    failed: u64,
    unconfirmed: u64,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    by: &'a str,
    name: String,
    #[serde(flatten)]
    tally: TallyJson,
    units_per_hour: Option<f64>,
}

#[derive(Serialize)]
struct CauseJson<'a> {
    state: Option<State>,
    exit_code: u8,
    meaning: &'static str,
    advice: &'static str,
    units: u64,
    attempts: u64,
    errors: Vec<&'a str>,
}

#[derive(Serialize)]
struct TimesJson {
    span: &'static str,
    attempts: u64,
    shortest_ms: u64,
    mean_ms: u64,
    p10_ms: u64,
    p50_ms: u64,
    p90_ms: u64,
    p99_ms: u64,
    longest_ms: u64,
}

/// Shares and rates have four digits, as more say nothing.
fn rounded(value: Option<f64>) -> Option<f64> {
    value.map(|value| (value * 10_000.0).round() / 10_000.0)
}

impl TallyJson {
    fn of(tally: &Tally) -> Self {
        let Tally { units, done, first_pass, tested, failed, unconfirmed, unfinished, attempts } =
            *tally;
        let yield_share = rounded(tally.yield_share());
        let first_pass_yield = rounded(tally.first_pass_share());
        Self {
            units,
            done,
            first_pass,
            tested,
            failed,
            unconfirmed,
            unfinished,
            attempts,
            yield_share,
            first_pass_yield,
        }
    }
}

/// Writes the report.
pub(super) fn write(figures: &Figures<'_>, to: &mut impl Write) -> io::Result<()> {
    let report = figures.report;
    let of_group = |by, name, group: &Group| {
        let rate = if by == "station" { rounded(group.units_per_hour()) } else { None };
        GroupJson { by, name, tally: TallyJson::of(&group.tally), units_per_hour: rate }
    };
    let mut groups = Vec::new();
    for (kind, of_kind) in figures.groups() {
        let named = of_kind.named();
        groups.extend(named.map(|(name, group)| of_group(kind, name_of(kind, name), group)));
        if of_kind.others().tally.units > 0 {
            groups.push(of_group(kind, "others".to_owned(), of_kind.others()));
        }
    }
    let causes = figures.causes.iter().map(|cause| CauseJson {
        state: Some(cause.state),
        exit_code: cause.exit.code,
        meaning: cause.exit.meaning,
        advice: cause.advice,
        units: cause.units,
        attempts: cause.attempts,
        errors: cause.errors.iter().map(|(error, _)| error.as_str()).collect(),
    });
    let mended = figures.mended.iter().map(|(exit, attempts)| CauseJson {
        state: None,
        exit_code: exit.code,
        meaning: exit.meaning,
        advice: exit.advice,
        units: 0,
        attempts: *attempts,
        errors: Vec::new(),
    });
    let times = report.spans().map(|(span, times)| TimesJson {
        span: span.name(),
        attempts: times.count(),
        shortest_ms: times.shortest(),
        mean_ms: times.mean(),
        p10_ms: times.percentile(10),
        p50_ms: times.percentile(50),
        p90_ms: times.percentile(90),
        p99_ms: times.percentile(99),
        longest_ms: times.longest(),
    });
    let hours = report.hours().map(|(start, hour)| HourJson {
        start: rfc3339(start),
        done: hour.done,
        failed: hour.failed,
        unconfirmed: hour.unconfirmed,
    });
    let (began_at, ended_at) = report.times();
    let json = Json::pretty(&ReportJson {
        schema: 1,
        ledger: &figures.ledger,
        made_at: rfc3339(figures.made_at),
        since: figures.period.since.map(rfc3339),
        until: figures.period.until.map(rfc3339),
        began_at,
        ended_at,
        all: TallyJson::of(&report.total().tally),
        interrupted: report.interrupted(),
        retried: report.retried(),
        worked_ms: report.total().worked().as_millis(),
        units_per_hour: rounded(report.total().units_per_hour()),
        hours: hours.collect(),
        groups,
        causes: causes.chain(mended).collect(),
        times: times.collect(),
    })?;
    to.write_all(json.as_bytes())
}
