//! A report as JUnit XML: a test case for each device.

use std::io::{self, Write};

use esp_prov_batch::ledger::{Attempt, AttemptOutcome, State, Unit};

use super::{Figures, markup};
use crate::exit::{self, Exit, Reach};

/// Writes the head, which has the numbers of all.
pub(super) fn begin(figures: &Figures<'_>, to: &mut impl Write) -> io::Result<()> {
    let tally = figures.report.total().tally;
    let numbers = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        tally.units, tally.failed, tally.unconfirmed, tally.unfinished
    );
    writeln!(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(to, "<testsuites name=\"provisioning\" {numbers}>")?;
    let (began, _) = figures.report.times();
    // JUnit has times without a zone and without fractions.
    let began = began.and_then(|began| began.get(..19)).map(markup::name);
    let timestamp = began.map(|began| format!(" timestamp=\"{began}\"")).unwrap_or_default();
    let ledger = markup::name(&figures.ledger);
    writeln!(to, "  <testsuite name=\"{ledger}\" {numbers}{timestamp}>")
}

/// Writes a device.
pub(super) fn case(unit: &Unit, to: &mut impl Write) -> io::Result<()> {
    let Some(last) = unit.attempts.last() else { return Ok(()) };
    let (station, device) = (markup::name(&last.station), markup::name(&unit.device));
    let took = unit.attempts.iter().filter_map(Attempt::took).sum::<std::time::Duration>();
    let took = took.as_secs_f64();
    writeln!(to, "    <testcase classname=\"{station}\" name=\"{device}\" time=\"{took:.3}\">")?;
    writeln!(to, "      <properties>")?;
    let attempts = unit.attempts.len().to_string();
    let known = [
        ("address", Some(unit.address.as_str())),
        ("version", unit.version()),
        ("outcome", last.outcome.map(AttemptOutcome::name)),
        ("network", last.network.as_deref()),
        ("ip", last.ip.as_deref()),
        ("warnings", last.warnings.as_deref()),
        ("attempts", Some(attempts.as_str())),
    ];
    let labels = unit.labels.iter().map(|(name, value)| (format!("label.{name}"), value.as_str()));
    let known = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    for (name, value) in known.chain(labels) {
        let (name, value) = (markup::name(&name), markup::name(value));
        writeln!(to, "        <property name=\"{name}\" value=\"{value}\"/>")?;
    }
    writeln!(to, "      </properties>")?;
    let state = unit.state();
    let tag = match state {
        State::Done => None,
        State::Failed => Some("failure"),
        State::Unconfirmed => Some("error"),
        State::Waiting | State::Running => {
            writeln!(to, "      <skipped message=\"{state}\"/>")?;
            None
        }
    };
    if let (Some(tag), Some(result)) = (tag, last.result) {
        let exit = Exit::of_result(result);
        let scheme = unit.address.split(':').next().unwrap_or_default();
        let advice = exit::not_done(
            state,
            exit,
            Reach::of_scheme(scheme),
            last.stage,
            last.error.as_deref(),
        );
        let error = last.error.as_deref().unwrap_or("it left before it confirmed");
        let at = last.stage.map(|stage| format!("{stage}: ")).unwrap_or_default();
        let message = markup::line(&format!("{at}{error}"));
        writeln!(to, "      <{tag} type=\"exit code {}\" message=\"{message}\">", exit.code)?;
        for attempt in &unit.attempts {
            let outcome = attempt.outcome.map_or("running", |outcome| outcome.name());
            let at = attempt.stage.map(|stage| format!(" {stage}:")).unwrap_or_default();
            let error = attempt.error.as_deref().unwrap_or_default();
            let (number, began) = (attempt.number, &attempt.started_at);
            let text = format!("attempt {number}, {began}: {outcome}{at} {error}");
            writeln!(to, "{}", markup::line(text.trim_end()))?;
        }
        writeln!(to, "{}: {}", exit.meaning, markup::line(advice))?;
        writeln!(to, "      </{tag}>")?;
    }
    writeln!(to, "    </testcase>")
}

/// Writes the end.
pub(super) fn end(to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "  </testsuite>")?;
    writeln!(to, "</testsuites>")
}
