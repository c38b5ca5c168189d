//! What is wrong with a roster, and where.

use std::fmt;

use protocomm::{Harmless, IsHarmless};
use thiserror::Error;

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RosterPosition {
    /// The file as a whole.
    File,
    /// A flag or a setting that lines without a value of their own take.
    Default(Harmless),
    /// A line, from 1.
    Line(u64),
    /// A line and a column of it: a field of CSV, a character of JSON; both from 1.
    Column(u64, usize),
}

impl RosterPosition {
    /// Its line, from 1, if it is in one.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::File | Self::Default(_) => None,
            Self::Line(line) | Self::Column(line, _) => Some(*line),
        }
    }

    /// Its column in that line, from 1, if it is that small.
    pub fn column(&self) -> Option<usize> {
        match self {
            Self::File | Self::Default(_) | Self::Line(_) => None,
            Self::Column(_, column) => Some(*column),
        }
    }

    /// What people read first: the file, defaults, then line by line.
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

/// One thing that is wrong with a roster.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{position}: {what}")]
pub struct RosterError {
    /// Where.
    pub position: RosterPosition,
    /// What, and what would be right.
    pub what: Harmless,
}

impl RosterError {
    pub(super) fn new(position: RosterPosition, what: impl Into<Harmless>) -> Self {
        Self { position, what: what.into() }
    }
}
