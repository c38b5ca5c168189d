//! A report as one CSV table. What a row is about is in its first column; columns that say nothing
//! about it are empty.

use esp_prov_batch::report::{Group, Tally};

use super::{super::sheet, Figures, name_of, rfc3339};

const COLUMNS: [&str; 20] = [
    "table",
    "name",
    "units",
    "done",
    "first_pass",
    "tested",
    "failed",
    "unconfirmed",
    "unfinished",
    "attempts",
    "yield",
    "first_pass_yield",
    "units_per_hour",
    "exit_code",
    "what_to_do",
    "p10_ms",
    "p50_ms",
    "p90_ms",
    "p99_ms",
    "longest_ms",
];

/// A row with values in some of its columns.
struct Row(Vec<String>);

impl Row {
    fn of(table: &str, name: impl Into<String>) -> Self {
        Self(vec![String::new(); COLUMNS.len()])
            .with("table", table.to_owned())
            .with("name", name.into())
    }

    fn with(mut self, column: &str, value: String) -> Self {
        if let Some(at) = COLUMNS.iter().position(|one| *one == column) {
            self.0[at] = value;
        }
        self
    }

    fn count(self, column: &str, value: u64) -> Self {
        self.with(column, value.to_string())
    }

    fn share(self, column: &str, value: Option<f64>) -> Self {
        self.with(column, value.map(|value| format!("{value:.4}")).unwrap_or_default())
    }

    fn tally(self, tally: &Tally) -> Self {
        self.count("units", tally.units)
            .count("done", tally.done)
            .count("first_pass", tally.first_pass)
            .count("tested", tally.tested)
            .count("failed", tally.failed)
            .count("unconfirmed", tally.unconfirmed)
            .count("unfinished", tally.unfinished)
            .count("attempts", tally.attempts)
            .share("yield", tally.yield_share())
            .share("first_pass_yield", tally.first_pass_share())
    }
}

/// The table, with its header.
pub(super) fn table(figures: &Figures<'_>) -> String {
    let report = figures.report;
    let group = |table: &str, name: String, group: &Group| Row::of(table, name).tally(&group.tally);
    let rate = |row: Row, group: &Group| {
        let rate = group.units_per_hour().map(|rate| format!("{rate:.2}"));
        row.with("units_per_hour", rate.unwrap_or_default())
    };
    let all = report.total();
    let mut rows = vec![rate(group("all", String::new(), all), all)];
    for (kind, groups) in figures.groups() {
        for (name, one) in groups.named() {
            let row = group(kind, name_of(kind, name), one);
            rows.push(if kind == "station" { rate(row, one) } else { row });
        }
        let others = groups.others();
        if others.tally.units > 0 {
            rows.push(group(kind, "others".to_owned(), others));
        }
    }
    for (start, hour) in report.hours() {
        let row = Row::of("hour", rfc3339(start));
        let row = row.count("units", hour.done + hour.failed + hour.unconfirmed);
        let row = row.count("done", hour.done).count("failed", hour.failed);
        rows.push(row.count("unconfirmed", hour.unconfirmed));
    }
    for cause in &figures.causes {
        let row = Row::of("cause", cause.exit.meaning).count("units", cause.units);
        let row = row.count("attempts", cause.attempts).count("exit_code", cause.exit.code.into());
        rows.push(row.with("what_to_do", cause.advice.to_owned()));
    }
    for (exit, attempts) in &figures.mended {
        let row = Row::of("cause", exit.meaning).count("units", 0).count("attempts", *attempts);
        rows.push(row.count("exit_code", exit.code.into()));
    }
    for (span, times) in report.spans().filter(|(_, times)| times.count() > 0) {
        let mut row = Row::of("time", span.name()).count("attempts", times.count());
        for (column, percent) in [("p10_ms", 10), ("p50_ms", 50), ("p90_ms", 90), ("p99_ms", 99)] {
            row = row.count(column, times.percentile(percent));
        }
        rows.push(row.count("longest_ms", times.longest()));
    }
    let header = COLUMNS.map(str::to_owned).to_vec();
    let lines: Vec<_> = std::iter::once(header).chain(rows.into_iter().map(|row| row.0)).collect();
    sheet::csv(&lines)
}
