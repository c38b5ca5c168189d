//! A report as one page for a browser or for paper (A4). It loads nothing, and has no script.

use std::{cmp::Reverse, fmt::Write};

use esp_prov_batch::report::{Group, Groups};

use super::{
    Figures, chart,
    markup::{self, count, percent, prose, rate, span},
    name_of, rfc3339,
};

/// The most rows of a table; further ones are counted.
const ROWS: usize = 25;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d1d9e0;--paper:#fff;\
--done:#2f6fb2;--failed:#c8452f;--unconfirmed:#d9a013}\
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa4af;--line:#39414a;\
--paper:#14181d;--done:#5b9bd9;--failed:#e8705c;--unconfirmed:#e6b93f}}\
@page{size:A4;margin:14mm}\
*{box-sizing:border-box}\
body{margin:0 auto;padding:1.5rem 1rem;max-width:46rem;background:var(--paper);color:var(--ink);\
font:15px/1.45 system-ui,sans-serif}\
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:1.8rem 0 .5rem}\
p{margin:.3rem 0}.soft{color:var(--soft)}\
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:.6rem;margin:1rem 0}\
.tiles div{border:1px solid var(--line);border-radius:.4rem;padding:.5rem .7rem}\
.tiles b{display:block;font-size:1.45rem;font-weight:600;font-variant-numeric:tabular-nums}\
.tiles span{color:var(--soft);font-size:.85rem}\
svg{display:block;width:100%;height:auto}\
svg text{fill:var(--soft);font:12px system-ui,sans-serif}\
.mid{text-anchor:middle}.end{text-anchor:end}\
.grid{stroke:var(--line);stroke-width:1}\
.done,.bars{fill:var(--done)}.failed{fill:var(--failed)}.unconfirmed{fill:var(--unconfirmed)}\
.none{fill:var(--line)}\
.line{fill:none;stroke:var(--ink);stroke-width:1.5}.dot{fill:var(--ink)}\
.mark{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 2}\
.key{display:inline-block;width:.8em;height:.8em;border-radius:.15em;margin:0 .3em 0 .9em;\
vertical-align:-.05em}\
.key.done{background:var(--done)}.key.failed{background:var(--failed)}\
.key.unconfirmed{background:var(--unconfirmed)}\
table{width:100%;border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}\
th{text-align:left;font-weight:600;color:var(--soft)}\
th,td{padding:.25rem .5rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}\
td.n,th.n{text-align:right}th,td.k{white-space:nowrap}td:first-child:not(.k){overflow-wrap:anywhere}\
td b{font-weight:600}\
.bar{width:60px;display:inline-block;margin-left:.4rem}\
code{font:.92em ui-monospace,monospace;overflow-wrap:anywhere}\
@media (max-width:36rem){.tiles{grid-template-columns:repeat(2,1fr)}}\
@media print{body{padding:0;max-width:none;font-size:10pt}section,tr,.tiles{break-inside:avoid}\
h2{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

/// A page is written into a text, which can't fail.
macro_rules! put {
    ($to:expr, $($words:tt)*) => {{ let _ = writeln!($to, $($words)*); }};
}

/// The whole page.
pub(super) fn page(figures: &Figures<'_>) -> String {
    let mut page = String::new();
    put!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n\
         <title>Provisioning report: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        markup::name(&figures.ledger)
    );
    head(&mut page, figures);
    tiles(&mut page, figures);
    pace(&mut page, figures);
    causes(&mut page, figures);
    times(&mut page, figures);
    for (kind, groups) in figures.groups() {
        by(&mut page, kind, groups);
    }
    put!(
        page,
        "<section>\n<h2>What the words mean</h2>\n<p class=\"soft\">Units are the devices with an \
         attempt in the period. Yield: done, of those that are done, failed or unconfirmed. First \
         pass: done with the first attempt, of the same; attempts that a station did not finish do \
         not count. Unconfirmed: told to join, but the device did not report the result. Units per \
         hour: done, in an hour of work; a time of more than 15 minutes in which no attempt begins \
         or ends is no work. Times are those of attempts that connected a device, to within 3 %. \
         The clock is UTC.</p>\n</section>\n</body>\n</html>"
    );
    page
}

/// A moment as people write it, without a zone.
fn moment(rfc3339: &str) -> String {
    rfc3339.get(..16).unwrap_or(rfc3339).replace('T', " ")
}

fn head(page: &mut String, figures: &Figures<'_>) {
    let (began, ended) = figures.report.times();
    let (since, until) = (figures.period.since.map(rfc3339), figures.period.until.map(rfc3339));
    let from = since.as_deref().or(began).map_or("the beginning".to_owned(), moment);
    let to = until.as_deref().or(ended).map_or("now".to_owned(), moment);
    put!(
        page,
        "<header>\n<h1>Provisioning report</h1>\n<p>{} to {} UTC</p>\n\
         <p class=\"soft\">ledger {}<br>made <time>{}</time> UTC by esp-prov-rs {}</p>\n</header>",
        markup::name(&from),
        markup::name(&to),
        markup::name(&figures.ledger),
        moment(&rfc3339(figures.made_at)),
        env!("CARGO_PKG_VERSION")
    );
}

fn tiles(page: &mut String, figures: &Figures<'_>) {
    let all = figures.report.total();
    let tally = all.tally;
    let worked = match tally.attempts {
        0 => "units per hour".to_owned(),
        _ => format!("units per hour, in {} of work", span(all.worked())),
    };
    let attempts = format!(
        "attempts, {} tried again, {} interrupted",
        count(figures.report.retried()),
        count(figures.report.interrupted())
    );
    let done = match tally.tested {
        0 => "units done".to_owned(),
        tested => format!("units done, {} of them only tested", count(tested)),
    };
    put!(page, "<div class=\"tiles\">");
    for (value, words) in [
        (percent(tally.yield_share()), "yield"),
        (percent(tally.first_pass_share()), "first-pass yield"),
        (count(tally.done), done.as_str()),
        (rate(all.units_per_hour()), worked.as_str()),
        (count(tally.failed), "failed"),
        (count(tally.unconfirmed), "unconfirmed"),
        (count(tally.unfinished), "unfinished"),
        (count(tally.attempts), attempts.as_str()),
    ] {
        put!(page, "<div><b>{value}</b><span>{words}</span></div>");
    }
    put!(page, "</div>");
}

fn pace(page: &mut String, figures: &Figures<'_>) {
    let Some((svg, each)) = chart::pace(figures.report) else {
        put!(page, "<p>No device ended in this period.</p>");
        return;
    };
    put!(
        page,
        "<section>\n<h2>Units per {each}</h2>\n<p class=\"soft\"><i class=\"key done\"></i>done\
         <i class=\"key failed\"></i>failed<i class=\"key unconfirmed\"></i>unconfirmed</p>\n\
         {svg}</section>"
    );
}

fn causes(page: &mut String, figures: &Figures<'_>) {
    if let Some(svg) = chart::pareto(&figures.causes) {
        put!(
            page,
            "<section>\n<h2>Causes</h2>\n<p class=\"soft\">Units that are not done, the most \
             frequent cause first; the line is the share of these and those before.</p>\n\
             {svg}</section>"
        );
        put!(
            page,
            "<table>\n<tr><th></th><th class=\"n\">units</th><th>cause, and what to do</th>\
             <th class=\"n\">exit code</th></tr>"
        );
        for (cause, number) in figures.causes.iter().zip(1_usize..) {
            let errors = cause.errors.iter().map(|(error, count)| {
                format!("<br><span class=\"soft\">{count} × {}</span>", markup::line(error))
            });
            put!(
                page,
                "<tr><td class=\"k\">{number}</td><td class=\"n\">{}</td><td>{}<br><b>{}</b>{}</td>\
                 <td class=\"n\">{}</td></tr>",
                count(cause.units),
                prose(cause.exit.meaning),
                prose(cause.advice),
                errors.collect::<String>(),
                cause.exit.code
            );
        }
        put!(page, "</table>");
    }
    if !figures.mended.is_empty() {
        put!(
            page,
            "<section>\n<h2>Causes that another attempt mended</h2>\n<table>\n\
             <tr><th>cause</th><th class=\"n\">attempts</th><th class=\"n\">exit code</th></tr>"
        );
        for (exit, attempts) in &figures.mended {
            let (meaning, code) = (prose(exit.meaning), exit.code);
            put!(
                page,
                "<tr><td>{meaning}</td><td class=\"n\">{}</td><td class=\"n\">{code}</td></tr>",
                count(*attempts)
            );
        }
        put!(page, "</table>\n</section>");
    }
}

fn times(page: &mut String, figures: &Figures<'_>) {
    let Some(svg) = chart::times(figures.report) else { return };
    put!(
        page,
        "<section>\n<h2>Time per stage</h2>\n<p class=\"soft\">Attempts that connected a device; \
         the dashed lines are the median, and what 90 % do not exceed. The axis is \
         logarithmic.</p>\n{svg}</section>"
    );
}

fn by(page: &mut String, kind: &str, groups: &Groups) {
    let mut all: Vec<(String, &Group)> =
        groups.named().map(|(name, group)| (name_of(kind, name), group)).collect();
    all.sort_by_key(|(_, group)| Reverse(group.tally.units));
    if all.is_empty() {
        return;
    }
    let has_rate = kind == "station";
    let last = if has_rate { "<th class=\"n\">per hour</th>" } else { "" };
    let kind = markup::name(kind);
    put!(
        page,
        "<section>\n<h2>By {kind}</h2>\n<table>\n<tr><th>{kind}</th><th class=\"n\">units</th>\
         <th class=\"n\">yield</th><th class=\"n\">first pass</th><th class=\"n\">failed</th>\
         <th class=\"n\">unconfirmed</th>{last}</tr>"
    );
    let mut more: u64 = all.iter().skip(ROWS).map(|(_, group)| group.tally.units).sum();
    more += groups.others().tally.units;
    for (name, group) in all.iter().take(ROWS) {
        let tally = group.tally;
        let rate = if has_rate {
            format!("<td class=\"n\">{}</td>", rate(group.units_per_hour()))
        } else {
            String::new()
        };
        put!(
            page,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td>{rate}</tr>",
            markup::name(name),
            count(tally.units),
            percent(tally.yield_share()),
            chart::bar(tally.yield_share()),
            percent(tally.first_pass_share()),
            count(tally.failed),
            count(tally.unconfirmed)
        );
    }
    put!(page, "</table>");
    if more > 0 {
        put!(page, "<p class=\"soft\">and {} units of others</p>", count(more));
    }
    put!(page, "</section>");
}
