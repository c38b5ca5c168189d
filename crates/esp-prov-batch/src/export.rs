//! What is known of a batch as one table: a row for each attempt, and for each device without one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::ledger::{Attempt, Standing, State};

/// A row.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ExportRow {
    /// The columns of [`Attempt`]; all but `device` null for a device without an attempt.
    #[serde(flatten)]
    pub attempt: Map<String, Value>,
    /// How the device stands now.
    pub state: State,
    /// From the roster.
    pub labels: BTreeMap<String, String>,
}

impl ExportRow {
    fn new(attempt: &Attempt, standing: &Standing) -> Result<Self, serde_json::Error> {
        let attempt = serde_json::from_value(serde_json::to_value(attempt)?)?;
        Ok(Self { attempt, state: standing.state, labels: standing.labels.clone() })
    }

    fn without_attempt(standing: &Standing) -> Result<Self, serde_json::Error> {
        let mut row = Self::new(&Attempt::default(), standing)?;
        row.attempt.values_mut().for_each(|value| *value = Value::Null);
        row.attempt.insert("device".to_owned(), standing.device.clone().into());
        Ok(row)
    }
}

/// The attempts in their order, then the devices without one in theirs; `standings` are read after
/// the attempts, so that none of these is missing there.
///
/// # Errors
/// None that is known; serde has the type.
pub fn export(
    attempts: &[Attempt],
    standings: &[Standing],
) -> Result<Vec<ExportRow>, serde_json::Error> {
    let of: HashMap<_, _> = standings.iter().map(|one| (one.device.as_str(), one)).collect();
    let tried = attempts.iter().filter_map(|attempt| {
        let standing = of.get(attempt.device.as_str())?;
        Some(ExportRow::new(attempt, standing))
    });
    let has_one: HashSet<_> = attempts.iter().map(|attempt| attempt.device.as_str()).collect();
    let untried = standings.iter().filter(|one| !has_one.contains(one.device.as_str()));
    tried.chain(untried.map(ExportRow::without_attempt)).collect()
}

/// As a table with a header line; a label has the column `label.NAME`.
pub fn to_table(rows: &[ExportRow]) -> Vec<Vec<String>> {
    let Some(first) = rows.first() else { return Vec::new() };
    let labels: BTreeSet<_> = rows.iter().flat_map(|row| row.labels.keys()).collect();
    let mut header: Vec<_> = first.attempt.keys().cloned().collect();
    header.push("state".to_owned());
    header.extend(labels.iter().map(|name| format!("label.{name}")));
    let line = |row: &ExportRow| {
        let mut cells: Vec<_> = row.attempt.values().map(cell).collect();
        cells.push(row.state.to_string());
        cells.extend(labels.iter().map(|name| row.labels.get(*name).cloned().unwrap_or_default()));
        cells
    };
    std::iter::once(header).chain(rows.iter().map(line)).collect()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
