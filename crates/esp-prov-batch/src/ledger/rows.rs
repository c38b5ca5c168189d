//! Reads and writes the rows of a ledger by column name. All ledgers have the same columns.

use std::str::FromStr;

use esp_prov::Stage;

use super::{
    Attempt, AttemptOutcome, Claim, Enrolled, LedgerError, Record, Standing, State, Unit,
    labels_from_json, words,
};

/// A row that was read from a ledger.
pub(super) trait Columns {
    /// Reads a text, or null.
    fn text(&self, column: &str) -> Result<Option<String>, LedgerError>;
    /// Reads a number, or null.
    fn number(&self, column: &str) -> Result<Option<i64>, LedgerError>;
    /// Reads a boolean.
    fn flag(&self, column: &str) -> Result<bool, LedgerError>;
}

/// A value to write into a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    Text(Option<&'a str>),
    Number(Option<i64>),
}

impl Attempt {
    /// All columns to write when an attempt ends, except the end time.
    pub(super) fn cells(&self) -> impl Iterator<Item = (&'static str, Cell<'_>)> {
        // Without `..`, so that a new field can't be forgotten here.
        let Self {
            device: _,
            number: _,
            station: _,
            started_at: _,
            ended_at: _,
            outcome,
            result,
            stage,
            error,
            connect_ms,
            handshake_ms,
            set_ms,
            apply_ms,
            join_ms,
            sessions,
            version,
            security,
            capabilities,
            network,
            ip,
            bssid,
            channel,
            warnings,
            // Written when the device is put back.
            requeued_at: _,
            requeued_by: _,
            requeue_reason: _,
        } = self;
        [
            ("outcome", Cell::Text(outcome.map(AttemptOutcome::name))),
            ("exit_code", Cell::Number(result.map(words::number).map(i64::from))),
            ("stage", Cell::Text(stage.map(Stage::name))),
            ("error", Cell::Text(error.as_deref())),
            ("connect_ms", Cell::Number(*connect_ms)),
            ("handshake_ms", Cell::Number(*handshake_ms)),
            ("set_ms", Cell::Number(*set_ms)),
            ("apply_ms", Cell::Number(*apply_ms)),
            ("join_ms", Cell::Number(*join_ms)),
            ("sessions", Cell::Number(*sessions)),
            ("version", Cell::Text(version.as_deref())),
            ("security", Cell::Number(security.map(i64::from))),
            ("capabilities", Cell::Text(capabilities.as_deref())),
            ("network", Cell::Text(network.as_deref())),
            ("ip", Cell::Text(ip.as_deref())),
            ("bssid", Cell::Text(bssid.as_deref())),
            ("channel", Cell::Number(*channel)),
            ("warnings", Cell::Text(warnings.as_deref())),
        ]
        .into_iter()
    }

    pub(super) fn read(row: &impl Columns) -> Result<Self, LedgerError> {
        let device = must(row, "device")?;
        Ok(Self {
            number: must_number(row, "number")?,
            station: must(row, "station")?,
            started_at: must(row, "started_at")?,
            ended_at: row.text("ended_at")?,
            outcome: word(row, "outcome", &device)?,
            result: words::result_of(&device, row.number("exit_code")?)?,
            stage: word(row, "stage", &device)?,
            error: row.text("error")?,
            connect_ms: row.number("connect_ms")?,
            handshake_ms: row.number("handshake_ms")?,
            set_ms: row.number("set_ms")?,
            apply_ms: row.number("apply_ms")?,
            join_ms: row.number("join_ms")?,
            sessions: row.number("sessions")?,
            version: row.text("version")?,
            security: row.number("security")?.and_then(|number| number.try_into().ok()),
            capabilities: row.text("capabilities")?,
            network: row.text("network")?,
            ip: row.text("ip")?,
            bssid: row.text("bssid")?,
            channel: row.number("channel")?,
            warnings: row.text("warnings")?,
            requeued_at: row.text("requeued_at")?,
            requeued_by: row.text("requeued_by")?,
            requeue_reason: row.text("requeue_reason")?,
            device,
        })
    }
}

impl Standing {
    pub(super) fn read(row: &impl Columns) -> Result<Self, LedgerError> {
        let device = must(row, "device")?;
        Ok(Self {
            address: must(row, "address")?,
            network: must(row, "network")?,
            state: state(row, &device)?,
            station: row.text("station")?,
            attempts: must_number(row, "number")?,
            outcome: word(row, "outcome", &device)?,
            result: words::result_of(&device, row.number("exit_code")?)?,
            stage: word(row, "stage", &device)?,
            error: row.text("error")?,
            hook: word(row, "hook", &device)?,
            hook_error: row.text("hook_error")?,
            labels: labels_from_json(&device, row.text("labels")?.as_deref())?,
            device,
        })
    }
}

impl Record {
    pub(super) fn read(row: &impl Columns) -> Result<Self, LedgerError> {
        let device = must(row, "device")?;
        // Without a number, the row has no attempt.
        let attempt = row.number("number")?.map(|_| Attempt::read(row)).transpose()?;
        let labels = labels_from_json(&device, row.text("labels")?.as_deref())?;
        Ok(Self { state: state(row, &device)?, labels, attempt, device })
    }
}

impl Unit {
    /// Reads a unit with one of its attempts.
    pub(super) fn read(row: &impl Columns) -> Result<Self, LedgerError> {
        let device = must(row, "device")?;
        Ok(Self {
            address: must(row, "address")?,
            labels: labels_from_json(&device, row.text("labels")?.as_deref())?,
            attempts: vec![Attempt::read(row)?],
            device,
        })
    }
}

impl Claim {
    pub(super) fn read(row: &impl Columns) -> Result<Self, LedgerError> {
        let device = must(row, "device")?;
        Ok(Self {
            number: must_number(row, "number")?,
            apply_may_have_been_sent: row.flag("told")?,
            last_result: words::result_of(&device, row.number("exit_code")?)?,
            started_at: must(row, "started_at")?,
            device,
        })
    }
}

/// Reads how an enrolled device stands, beside the address and network that the roster has.
pub(super) fn enrolled(
    row: &impl Columns,
    (address, network): (&str, &str),
) -> Result<Enrolled, LedgerError> {
    let device = must(row, "device")?;
    let (state, outcome) = (state(row, &device)?, word(row, "outcome", &device)?);
    let as_it_was = (must(row, "address")?, must(row, "network")?);
    let is_other = (as_it_was.0.as_str(), as_it_was.1.as_str()) != (address, network);
    let settled_as = (state.is_settled() && is_other).then_some(as_it_was);
    Ok(Enrolled { device, state, outcome, settled_as })
}

pub(super) fn state(row: &impl Columns, device: &str) -> Result<State, LedgerError> {
    words::read("state", device, &must(row, "state")?)
}

/// Reads a text that every row must have.
pub(super) fn must(row: &impl Columns, column: &str) -> Result<String, LedgerError> {
    row.text(column)?.ok_or_else(|| missing(column))
}

fn must_number(row: &impl Columns, column: &str) -> Result<i64, LedgerError> {
    row.number(column)?.ok_or_else(|| missing(column))
}

fn missing(column: &str) -> LedgerError {
    LedgerError::Unusable(format!("a row without {column}"))
}

/// Reads a column that holds one of a few words.
fn word<T: FromStr>(
    row: &impl Columns,
    column: &str,
    device: &str,
) -> Result<Option<T>, LedgerError> {
    row.text(column)?.map(|text| words::read(column, device, &text)).transpose()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use esp_prov::FailureKind;

    impl Columns for HashMap<&str, Cell<'_>> {
        fn text(&self, column: &str) -> Result<Option<String>, LedgerError> {
            let Cell::Text(text) = self[column] else { panic!("{column} is a number") };
            Ok(text.map(str::to_owned))
        }

        fn number(&self, column: &str) -> Result<Option<i64>, LedgerError> {
            let Cell::Number(number) = self[column] else { panic!("{column} is a text") };
            Ok(number)
        }

        fn flag(&self, column: &str) -> Result<bool, LedgerError> {
            panic!("{column} is of no attempt")
        }
    }

    #[test]
    fn what_is_written_of_an_attempt_is_what_is_read() {
        let text = |text: &str| Some(text.to_owned());
        let attempt = Attempt {
            device: "d".into(),
            number: 1,
            station: "s".into(),
            started_at: "then".into(),
            ended_at: text("now"),
            outcome: Some(AttemptOutcome::Failed),
            result: Some(Err(FailureKind::LinkLost)),
            stage: Some(Stage::Join),
            error: text("error"),
            connect_ms: Some(2),
            handshake_ms: Some(3),
            set_ms: Some(4),
            apply_ms: Some(5),
            join_ms: Some(6),
            sessions: Some(7),
            version: text("version"),
            security: Some(2),
            capabilities: text("capabilities"),
            network: text("network"),
            ip: text("ip"),
            bssid: text("bssid"),
            channel: Some(8),
            warnings: text("warnings"),
            requeued_at: text("later"),
            requeued_by: text("by"),
            requeue_reason: text("reason"),
        };
        let begun = [
            ("device", Cell::Text(Some("d"))),
            ("number", Cell::Number(Some(1))),
            ("station", Cell::Text(Some("s"))),
            ("started_at", Cell::Text(Some("then"))),
            ("ended_at", Cell::Text(Some("now"))),
            ("requeued_at", Cell::Text(Some("later"))),
            ("requeued_by", Cell::Text(Some("by"))),
            ("requeue_reason", Cell::Text(Some("reason"))),
        ];
        let row: HashMap<_, _> = attempt.cells().chain(begun).collect();
        assert_eq!(Attempt::read(&row).expect("it is whole"), attempt);
        assert!(
            attempt.cells().all(|(_, cell)| !matches!(cell, Cell::Text(None) | Cell::Number(None)))
        );
    }
}
