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
    /// What people read first: the file, defaults, then line by line.
    pub(super) fn order(&self) -> (u64, usize) {
        match self {
            Self::File | Self::Default(_) => (0, 0),
            Self::Line(line) => (*line, 0),
            Self::Column(line, column) => (*line, *column),
        }
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
