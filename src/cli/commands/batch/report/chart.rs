//! The charts of a report, as SVG inside a page. Their colours are those of the page's style.

use std::{
    fmt::Write,
    time::{Duration, SystemTime},
};

use esp_prov_batch::report::{Distribution, Hour, Report, Span};

use super::{
    Cause,
    markup::{count, name, percent, time},
    rfc3339,
};

/// The width of all charts, in units of their view.
const WIDTH: f64 = 720.0;

/// The most columns of a chart over time.
const COLUMNS: u64 = 48;

/// How many hours a column can have, in ascending order.
const STEPS: [u64; 7] = [1, 2, 6, 12, 24, 7 * 24, 28 * 24];

/// The most labels below a chart over time.
const LABELS: usize = 8;

/// The most columns of a Pareto chart.
pub(super) const CAUSES: usize = 12;

/// The part of a chart with the data.
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn width(&self) -> f64 {
        self.right - self.left
    }

    /// The place of a part of the whole height, from the bottom.
    fn y(&self, share: f64) -> f64 {
        self.bottom - share * (self.bottom - self.top)
    }
}

#[allow(clippy::cast_precision_loss, reason = "places in a picture")]
fn real(count: u64) -> f64 {
    count as f64
}

/// A chart is written into a text, which can't fail.
macro_rules! put {
    ($to:expr, $($words:tt)*) => {{ let _ = writeln!($to, $($words)*); }};
}

fn begin(height: f64, about: &str) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n", name(about))
}

/// Lines across the chart with counts, as far as a round number above the highest count. Returns
/// that number.
fn grid(svg: &mut String, area: &Area, highest: u64) -> u64 {
    let step = (0..u64::MAX.ilog10())
        .flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)))
        .find(|step| highest <= step.saturating_mul(5));
    let step = step.unwrap_or(highest).max(1);
    let top = highest.div_ceil(step).max(1) * step;
    for at in 0..=top / step {
        let (number, y) = (at * step, area.y(real(at * step) / real(top)));
        put!(
            svg,
            "<line class=\"grid\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            area.left,
            area.right,
            area.left - 6.0,
            y + 4.0,
            count(number)
        );
    }
    top
}

/// The units that ended in each hour, or in each longer step if there are too many hours; with what
/// a column is. `None` if no unit ended.
pub(super) fn pace(report: &Report) -> Option<(String, String)> {
    let hour_of = |start: SystemTime| {
        start.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() / 3600)
    };
    let hours: Vec<(u64, Hour)> =
        report.hours().map(|(start, counts)| (hour_of(start), counts)).collect();
    let (first, last) = (hours.first()?.0, hours.last()?.0);
    let fits = |step: &&u64| last / **step - first / **step < COLUMNS;
    let step = STEPS.iter().find(fits).copied();
    let step = step.unwrap_or_else(|| (last - first + 1).div_ceil(COLUMNS - 1));
    let mut columns = vec![Hour::default(); usize::try_from(last / step - first / step + 1).ok()?];
    for (hour, Hour { done, failed, unconfirmed }) in hours {
        let at = usize::try_from(hour / step - first / step).ok()?;
        let column = columns.get_mut(at)?;
        column.done += done;
        column.failed += failed;
        column.unconfirmed += unconfirmed;
    }
    let of_all = |one: &Hour| one.done + one.failed + one.unconfirmed;
    let area = Area { left: 52.0, top: 10.0, right: WIDTH - 4.0, bottom: 170.0 };
    let mut svg = begin(210.0, "devices that ended, over time");
    let top = grid(&mut svg, &area, columns.iter().map(of_all).max()?);
    let room = area.width() / real(columns.len() as u64);
    let width = (room * 0.8).min(60.0);
    let every = columns.len().div_ceil(LABELS);
    let mut day = String::new();
    for (at, (column, number)) in columns.iter().zip(0..).enumerate() {
        let start = Duration::from_secs((first / step + number) * step * 3600);
        let start = rfc3339(SystemTime::UNIX_EPOCH + start);
        let (date, clock) = (start.get(..10)?, start.get(11..16)?);
        let middle = area.left + room * (real(number) + 0.5);
        let mut below = 0;
        put!(
            svg,
            "<g><title>{date} {clock}: {} done, {} failed, {} unconfirmed</title>",
            column.done,
            column.failed,
            column.unconfirmed
        );
        for (class, part) in
            [("done", column.done), ("failed", column.failed), ("unconfirmed", column.unconfirmed)]
        {
            let (from, to) = (below, below + part);
            if part > 0 {
                let (high, low) = (area.y(real(to) / real(top)), area.y(real(from) / real(top)));
                put!(
                    svg,
                    "<rect class=\"{class}\" x=\"{:.1}\" y=\"{high:.1}\" width=\"{width:.1}\" \
                     height=\"{:.1}\"/>",
                    middle - width / 2.0,
                    low - high
                );
            }
            below = to;
        }
        put!(svg, "</g>");
        if at % every == 0 {
            let words = if step < 24 { clock } else { date.get(5..)? };
            let y = area.bottom + 16.0;
            put!(svg, "<text class=\"mid\" x=\"{middle:.1}\" y=\"{y:.1}\">{words}</text>");
            if step < 24 && day != date {
                date.clone_into(&mut day);
                let (date, y) = (date.get(5..)?, y + 15.0);
                put!(svg, "<text class=\"mid\" x=\"{middle:.1}\" y=\"{y:.1}\">{date}</text>");
            }
        }
    }
    svg.push_str("</svg>\n");
    let each = match step {
        1 => "hour".to_owned(),
        24 => "day".to_owned(),
        168 => "week".to_owned(),
        hours if hours % 24 == 0 => format!("{} days", hours / 24),
        hours => format!("{hours} hours"),
    };
    Some((svg, each))
}

/// Causes as columns, the most frequent first, and the share of all that they make up together.
pub(super) fn pareto(causes: &[Cause]) -> Option<String> {
    let all: u64 = causes.iter().map(|cause| cause.units).sum();
    let highest = causes.first()?.units;
    let area = Area { left: 52.0, top: 16.0, right: WIDTH - 50.0, bottom: 160.0 };
    let mut svg = begin(186.0, "devices that are not done, by cause");
    let top = grid(&mut svg, &area, highest);
    for share in [0.0, 0.5, 1.0] {
        let (x, y) = (area.right + 6.0, area.y(share) + 4.0);
        put!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\">{:.0} %</text>", share * 100.0);
    }
    let shown = causes.iter().take(CAUSES);
    let room = area.width() / real(shown.len() as u64);
    let width = (room * 0.7).min(70.0);
    let (mut so_far, mut line) = (0, String::new());
    for (cause, number) in shown.zip(0..) {
        so_far += cause.units;
        let middle = area.left + room * (real(number) + 0.5);
        let y = area.y(real(cause.units) / real(top));
        let together = area.y(real(so_far) / real(all));
        let share = percent(Some(real(so_far) / real(all)));
        let class = if cause.exit.code == 53 { "unconfirmed" } else { "failed" };
        put!(
            svg,
            "<g><title>{}: {} devices, with those before {share}</title>\
             <rect class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
             height=\"{:.1}\"/></g>",
            name(cause.exit.meaning),
            cause.units,
            middle - width / 2.0,
            area.bottom - y
        );
        put!(
            svg,
            "<text class=\"mid\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text>",
            area.bottom + 16.0,
            number + 1
        );
        let _ = write!(line, "{middle:.1},{together:.1} ");
    }
    put!(svg, "<polyline class=\"line\" points=\"{}\"/>", line.trim_end());
    for point in line.split_whitespace() {
        if let Some((x, y)) = point.split_once(',') {
            put!(svg, "<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>");
        }
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

/// The parts of a power of ten that a histogram has.
const PARTS: f64 = 24.0;

/// The height of a histogram and the space below it.
const ROW: f64 = 46.0;

/// How long each span took: histograms on one logarithmic axis. `None` without times.
pub(super) fn times(report: &Report) -> Option<String> {
    let spans: Vec<(Span, &Distribution)> =
        report.spans().filter(|(_, times)| times.count() > 0).collect();
    let shortest = spans.iter().map(|(_, times)| times.shortest().max(1)).min()?;
    let longest = spans.iter().map(|(_, times)| times.longest().max(1)).max()?;
    let from = shortest.ilog10();
    let to = (longest.ilog10() + 1).max(from + 1);
    let area = Area { left: 84.0, top: 24.0, right: 468.0, bottom: 0.0 };
    let axis = area.top + ROW * real(spans.len() as u64);
    let x = |ms: f64| {
        let share = (ms.max(1.0).log10() - f64::from(from)) / f64::from(to - from);
        area.left + share.clamp(0.0, 1.0) * area.width()
    };
    let mut svg = begin(axis + 24.0, "the times of each stage");
    for power in from..=to {
        let x = x(10_f64.powi(power.cast_signed()));
        put!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{axis:.1}\"/>\
             <text class=\"mid\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            area.top,
            axis + 16.0,
            decade(power)
        );
    }
    let columns = [("median", 532.0), ("90 %", 596.0), ("99 %", 656.0), ("longest", WIDTH - 2.0)];
    for (words, x) in columns {
        put!(svg, "<text class=\"end\" x=\"{x:.1}\" y=\"14\">{words}</text>");
    }
    for ((span, times), number) in spans.into_iter().zip(0..) {
        let base = area.top + ROW * real(number + 1) - 6.0;
        let mut bins = std::collections::BTreeMap::<u64, u64>::new();
        for (from, to, count) in times.buckets() {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a column")]
            let bin = (real(u64::midpoint(from, to).max(1)).log10() * PARTS) as u64;
            *bins.entry(bin).or_default() += count;
        }
        let highest = bins.values().copied().max().unwrap_or(1);
        let width = area.width() / f64::from(to - from) / PARTS;
        let mut path = String::new();
        for (bin, count) in &bins {
            let left = area.left + (real(*bin) / PARTS - f64::from(from)) * width * PARTS;
            // What is there is seen.
            let high = (real(*count) / real(highest) * (ROW - 10.0)).max(1.0);
            let _ = write!(path, "M{left:.1} {base:.1}v-{high:.1}h{width:.1}v{high:.1}z");
        }
        put!(
            svg,
            "<text x=\"0\" y=\"{:.1}\">{}</text><path class=\"bars\" d=\"{path}\"/>\
             <line class=\"grid\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{base:.1}\" y2=\"{base:.1}\"/>",
            base - 8.0,
            span.name(),
            area.left,
            area.right
        );
        for percentage in [50, 90] {
            let x = x(real(times.percentile(percentage)));
            put!(
                svg,
                "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{base:.1}\"/>",
                base - ROW + 8.0
            );
        }
        let values = [50, 90, 99].map(|percentage| times.percentile(percentage));
        let values = values.into_iter().chain([times.longest()]);
        for ((_, x), value) in columns.into_iter().zip(values) {
            let (y, value) = (base - 8.0, time(value));
            put!(svg, "<text class=\"end\" x=\"{x:.1}\" y=\"{y:.1}\">{value}</text>");
        }
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

/// A power of ten of milliseconds, in words.
fn decade(power: u32) -> String {
    match power {
        0..3 => format!("{} ms", 10_u64.pow(power)),
        _ => format!("{} s", 10_u64.saturating_pow(power - 3)),
    }
}

/// A share as a bar in a table.
pub(super) fn bar(share: Option<f64>) -> String {
    let width = share.unwrap_or(0.0) * 60.0;
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 60 8\"><rect class=\"none\" width=\"60\" height=\"8\"/>\
         <rect class=\"done\" width=\"{width:.1}\" height=\"8\"/></svg>"
    )
}
