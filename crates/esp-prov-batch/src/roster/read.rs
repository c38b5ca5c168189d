//! From bytes to lines with fields.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData};

use protocomm::{Given, Harmless, harmless};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    error::{RosterError, RosterPosition},
    fields::{Field, Value},
};

/// How labels are called in CSV: `label.NAME`.
const LABEL: &str = "label.";

/// A line.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) values: BTreeMap<Field, Value>,
    pub(super) labels: BTreeMap<String, String>,
    /// Something of it could not be read, so that what is missing may be there.
    pub(super) is_broken: bool,
}

impl Row {
    fn of(line: u64) -> Self {
        Self { line, values: BTreeMap::new(), labels: BTreeMap::new(), is_broken: false }
    }
}

/// What a column of CSV is.
#[derive(Clone)]
enum Column {
    Field(Field),
    Label(String),
    Unknown,
}

pub(super) fn csv(bytes: &[u8], errors: &mut Vec<RosterError>) -> Vec<Row> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(error) = no_csv(bytes).or_else(|| stray_quote(bytes)) {
        errors.push(error);
        return Vec::new();
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let columns = reader.byte_headers().map(|header| columns(header, errors));
    // Reading from memory does not fail.
    let Ok(Some(columns)) = columns else { return Vec::new() };
    let mut rows = Vec::new();
    let mut lines = Lines { bytes, at: 0, line: 1 };
    for record in reader.byte_records().filter_map(Result::ok) {
        let line = lines.of(record.position());
        if record.len() != columns.len() {
            let what = harmless!("{} fields, but the header has {}", record.len(), columns.len());
            errors.push(RosterError::new(RosterPosition::Line(line), what));
            continue;
        }
        let mut row = Row::of(line);
        // What is missing may be in the column that nobody knows.
        row.is_broken = columns.iter().any(|column| matches!(column, Column::Unknown));
        for (at, (column, bytes)) in columns.iter().zip(&record).enumerate() {
            let position = RosterPosition::Column(line, at + 1);
            let Ok(text) = std::str::from_utf8(bytes) else {
                errors.push(RosterError::new(position, "not UTF-8"));
                row.is_broken = true;
                continue;
            };
            match column {
                Column::Field(field) => {
                    row.values.insert(*field, Value { text: text.into(), position });
                }
                Column::Label(name) if !text.is_empty() => {
                    row.labels.insert(name.clone(), text.to_owned());
                }
                Column::Label(_) | Column::Unknown => {}
            }
        }
        rows.push(row);
    }
    rows
}

/// What else a file can be.
fn no_csv(bytes: &[u8]) -> Option<RosterError> {
    let what = if bytes.trim_ascii_start().starts_with(b"{") {
        "this is JSON: write one object a line and name the file .jsonl"
    } else if bytes.trim_ascii_start().starts_with(b"[") {
        AN_ARRAY
    } else if bytes.starts_with(b"PK\x03\x04") {
        "this is no text but an Excel workbook or a zip: save the table as CSV"
    } else if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        "this is UTF-16: save the table as CSV in UTF-8"
    } else if bytes.contains(&0) {
        "this is no text: a roster is CSV or JSON Lines"
    } else {
        return None;
    };
    Some(RosterError::new(RosterPosition::File, what))
}

const AN_ARRAY: &str = "this is a JSON array: write one object a line, without [ and commas \
                        between them, and name the file .jsonl";

/// Quotes that swallow what follows: the parser takes them as they are (RFC 4180 does not allow
/// text after a field's closing quote).
fn stray_quote(bytes: &[u8]) -> Option<RosterError> {
    enum At {
        Start,
        Plain,
        /// In a quoted field that began in this line and column.
        Quoted(u64, usize),
        /// After a quote within one.
        Closed(u64, usize),
    }
    let (mut at, mut line, mut column) = (At::Start, 1, 1);
    for &byte in bytes {
        at = match (at, byte) {
            (At::Start, b'"') => At::Quoted(line, column),
            (At::Closed(line, column), b'"') => At::Quoted(line, column),
            (At::Quoted(line, column), b'"') => At::Closed(line, column),
            (quoted @ At::Quoted(..), _) => quoted,
            (_, b',') => {
                column += 1;
                At::Start
            }
            (_, b'\r' | b'\n') => {
                column = 1;
                At::Start
            }
            (At::Closed(..), _) => {
                let what = "text after the closing quote; a quote in a quoted field is written \
                            twice";
                return Some(RosterError::new(RosterPosition::Column(line, column), what));
            }
            (At::Start | At::Plain, _) => At::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    match at {
        At::Quoted(line, column) => {
            let what = harmless!("the quote opened in line {} is never closed", line);
            Some(RosterError::new(RosterPosition::Column(line, column), what))
        }
        _ => None,
    }
}

/// The parser counts records; people count lines. Goes from place to place, forward only.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of a record. Empty ones before it belong to it for the parser.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or(usize::MAX).clamp(self.at, self.bytes.len());
        let empty = self.bytes[start..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
        let passed = &self.bytes[self.at..start + empty];
        self.line += passed.split(|byte| *byte == b'\n').count() as u64 - 1;
        self.at = start + empty;
        self.line
    }
}

/// The columns a header names; none, if it is no header.
fn columns(header: &csv::ByteRecord, errors: &mut Vec<RosterError>) -> Option<Vec<Column>> {
    let names: Vec<_> =
        header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    if names.iter().all(String::is_empty) {
        return Some(vec![Column::Unknown; names.len()]);
    }
    let is_known = |name: &str| Field::from_name(name).is_some() || name.starts_with(LABEL);
    if !names.iter().any(|name| is_known(name)) {
        let separates = |one: &char| names.iter().any(|name| name.split(*one).any(is_known));
        let what = match [';', '\t'].iter().find(|one| separates(one)) {
            Some(';') => "the columns are separated by semicolons: a roster has commas".into(),
            Some(_) => "the columns are separated by tabs: a roster has commas".into(),
            None => harmless!(
                "no header line: the first line has to name the columns ({} and {}NAME)",
                Field::names(),
                LABEL
            ),
        };
        errors.push(RosterError::new(RosterPosition::Line(1), what));
        return None;
    }
    let mut seen = Vec::new();
    let columns = names.into_iter().enumerate().map(|(at, name)| {
        let mut wrong =
            |what| errors.push(RosterError::new(RosterPosition::Column(1, at + 1), what));
        let known = Field::from_name(&name);
        let column = known.map_or_else(|| name.clone(), |field| field.name().to_owned());
        if seen.contains(&column) {
            wrong(match known {
                Some(field) => harmless!("the column {} is there twice", field),
                None => harmless!("this column is there twice"),
            });
            return Column::Unknown;
        }
        seen.push(column);
        if let Some(field) = known {
            return Column::Field(field);
        }
        match name.strip_prefix(LABEL) {
            Some(label) if !label.is_empty() => Column::Label(label.to_owned()),
            _ => {
                wrong(harmless!(
                    "unknown column{}; there are {} and {}NAME",
                    like(&name),
                    Field::names(),
                    LABEL
                ));
                Column::Unknown
            }
        }
    });
    Some(columns.collect())
}

/// A name that is none may be a cell of a table without a header, so only what it may be meant to
/// be is told.
fn like(name: &str) -> Harmless {
    Field::like(name).map_or_else(|| "".into(), |field| harmless!(" (did you mean {}?)", field))
}

/// The members of an object in their order, with those that are there twice.
struct Members<'a, T>(Vec<(Cow<'a, str>, T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Members<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each<'a, T>(PhantomData<(&'a (), T)>);

        impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for Each<'a, T> {
            type Value = Members<'a, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Each(PhantomData))
    }
}

/// Borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

pub(super) fn json_lines(bytes: &[u8], errors: &mut Vec<RosterError>) -> Vec<Row> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut rows = Vec::new();
    for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            errors.push(RosterError::new(RosterPosition::Line(line), "not UTF-8"));
            continue;
        };
        if text.trim().is_empty() {
            continue;
        }
        if rows.is_empty() && errors.is_empty() && is_open_array(text) {
            errors.push(RosterError::new(RosterPosition::Line(line), AN_ARRAY));
            return Vec::new();
        }
        match serde_json::from_str::<Members<'_, &RawValue>>(text) {
            Ok(Members(members)) => rows.push(row(line, text, &members, errors)),
            Err(error) => {
                // Without serde's own word on the place, and without the value it met.
                let what = if error.is_data() {
                    "a line is an object such as {\"id\": \"PROV_1\"}"
                } else {
                    "this is not JSON"
                };
                let position = RosterPosition::Column(line, error.column().max(1));
                errors.push(RosterError::new(position, what));
            }
        }
    }
    rows
}

/// Whether this begins an array of objects: a line that is a whole one is an error of its own.
fn is_open_array(text: &str) -> bool {
    text.trim_start().strip_prefix('[').is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.is_empty() || rest.starts_with('{')
    })
}

fn row(
    line: u64,
    text: &str,
    members: &[(Cow<'_, str>, &RawValue)],
    errors: &mut Vec<RosterError>,
) -> Row {
    let (mut row, before) = (Row::of(line), errors.len());
    for (name, value) in members {
        // Raw values are parts of the line.
        let offset = value.get().as_ptr() as usize - text.as_ptr() as usize;
        let column = text.get(..offset).map_or(1, |before| before.chars().count() + 1);
        let position = RosterPosition::Column(line, column);
        let mut wrong = |what: Harmless| errors.push(RosterError::new(position.clone(), what));
        if name == "labels" {
            match serde_json::from_str::<Members<'_, String>>(value.get()) {
                Ok(Members(labels)) => {
                    row.labels.extend(labels.into_iter().map(|(name, text)| (name.into(), text)));
                }
                Err(_) => wrong("labels: an object of texts".into()),
            }
            continue;
        }
        let Some(field) = Field::from_name(name) else {
            wrong(harmless!(
                "unknown member{}; there are {} and labels",
                like(name),
                Field::names()
            ));
            continue;
        };
        match scalar(value.get()) {
            Some(text) => {
                if row.values.insert(field, Value { text, position: position.clone() }).is_some() {
                    wrong(harmless!("{}: is there twice", field));
                }
            }
            None if value.get() == "null" => {}
            None => wrong(harmless!("{}: a text", field)),
        }
    }
    row.is_broken = errors.len() > before;
    row
}

/// A text, or a number or truth value as a text.
fn scalar(json: &str) -> Option<Given> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json).ok().map(Given::from),
        b'{' | b'[' | b'n' => None,
        _ => Some(json.into()),
    }
}
