//! Exports a batch as one table, with a row for each attempt and for each device without one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::ledger::{Attempt, Record, State};

/// A row of the exported table.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ExportRow {
    /// The columns of [`Attempt`]. For a device without an attempt, all but `device` are null.
    #[serde(flatten)]
    pub attempt: Map<String, Value>,
    /// The device's current state.
    pub state: State,
    /// The device's labels from the roster.
    pub labels: BTreeMap<String, String>,
}

impl ExportRow {
    /// Creates a row from a record of the ledger.
    ///
    /// # Errors
    /// Returns serde's error; no case is known in which it occurs.
    pub fn of(record: Record) -> Result<Self, serde_json::Error> {
        let Record { device, state, labels, attempt } = record;
        let has_one = attempt.is_some();
        let mut attempt = columns(&attempt.unwrap_or_default())?;
        if !has_one {
            attempt.values_mut().for_each(|value| *value = Value::Null);
            attempt.insert("device".to_owned(), device.into());
        }
        Ok(Self { attempt, state, labels })
    }

    /// The header of the table. A label has the column `label.NAME`.
    pub fn header(&self, labels: &BTreeSet<String>) -> Vec<String> {
        let names = self.attempt.keys().cloned().chain(["state".to_owned()]);
        names.chain(labels.iter().map(|name| format!("label.{name}"))).collect()
    }

    /// The cells of this row in that table.
    pub fn cells(&self, labels: &BTreeSet<String>) -> Vec<String> {
        let cells = self.attempt.values().map(cell).chain([self.state.to_string()]);
        let label = |name: &String| self.labels.get(name).cloned().unwrap_or_default();
        cells.chain(labels.iter().map(label)).collect()
    }
}

fn columns(attempt: &Attempt) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(attempt)?)
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
