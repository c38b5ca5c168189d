//! Errors in a roster and their positions.

use std::fmt;

use esp_prov::sort_few;
use protocomm::{Harmless, IsHarmless};
use thiserror::Error;

use super::Field;

/// A position in a roster or its defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RosterPosition {
    /// The file as a whole.
    File,
    /// A flag or setting that supplies a value for lines without one.
    Default(Harmless),
    /// A line number, from 1.
    Line(u64),
    /// A line and a column in it, both from 1. The column counts fields in CSV and characters in
    /// JSON.
    Column(u64, usize),
}

impl RosterPosition {
    /// The line, from 1, if the position is in a line.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::File | Self::Default(_) => None,
            Self::Line(line) | Self::Column(line, _) => Some(*line),
        }
    }

    /// The column in that line, from 1, if the position has one.
    pub fn column(&self) -> Option<usize> {
        match self {
            Self::File | Self::Default(_) | Self::Line(_) => None,
            Self::Column(_, column) => Some(*column),
        }
    }

    /// The sort order for people: the file, defaults, then line by line.
    pub(super) fn order(&self) -> (u64, usize) {
        (self.line().unwrap_or(0), self.column().unwrap_or(0))
    }
}

impl fmt::Display for RosterPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Default(origin) => origin.fmt(f),
            Self::Line(line) => write!(f, "line {line}"),
            Self::Column(line, column) => write!(f, "line {line}, column {column}"),
        }
    }
}

impl IsHarmless for RosterPosition {}

/// One error in a roster.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{position}: {what}")]
pub struct RosterError {
    /// Where the error is.
    pub position: RosterPosition,
    /// What is wrong, and what would be right.
    pub what: Harmless,
    /// The field that a line leaves out, and no default has.
    pub missing: Option<Field>,
}

/// The maximum number of errors to keep, except those of defaults, which are all kept.
const KEPT: usize = 40;

/// The errors or warnings of a roster: the first ones, and the number of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    first: Vec<RosterError>,
    more: usize,
}

impl Mistakes {
    pub(super) fn push(&mut self, error: RosterError) {
        // An error in a default occurs on every line, but is reported once.
        let is_default = matches!(error.position, RosterPosition::Default(_));
        if is_default && self.first.contains(&error) {
            return;
        }
        if is_default || self.first.len() < KEPT {
            self.first.push(error);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn extend(&mut self, errors: impl IntoIterator<Item = RosterError>) {
        errors.into_iter().for_each(|error| self.push(error));
    }

    pub(super) fn append(&mut self, other: Self) {
        self.extend(other.first);
        self.more += other.more;
    }

    /// Sorts the errors by position, and removes duplicates.
    pub(super) fn in_order(mut self) -> Self {
        sort_few(&mut self.first, |error| error.position.order());
        self.first.dedup();
        self
    }

    /// The errors that were kept.
    pub fn iter(&self) -> std::slice::Iter<'_, RosterError> {
        self.first.iter()
    }

    /// The number of errors that were not kept.
    pub fn more(&self) -> usize {
        self.more
    }

    /// The total number of errors.
    pub fn len(&self) -> usize {
        self.first.len() + self.more
    }

    /// Whether there are no errors.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }
}

impl From<RosterError> for Mistakes {
    fn from(error: RosterError) -> Self {
        Self { first: vec![error], more: 0 }
    }
}

impl<'a> IntoIterator for &'a Mistakes {
    type Item = &'a RosterError;
    type IntoIter = std::slice::Iter<'a, RosterError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl RosterError {
    pub(super) fn new(position: RosterPosition, what: impl Into<Harmless>) -> Self {
        Self { position, what: what.into(), missing: None }
    }
}
