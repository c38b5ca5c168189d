//! From bytes to lines with fields.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{
    fields::{Field, Value},
    flaw::{Flaw, Place},
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
enum Column {
    Field(Field),
    Label(String),
    Unknown,
}

pub(super) fn csv(bytes: &[u8], flaws: &mut Vec<Flaw>) -> Vec<Row> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let columns = match reader.byte_headers() {
        Ok(header) => columns(header, flaws),
        Err(error) => {
            flaws.push(Flaw { place: Place::Line(1), what: error.to_string() });
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    let mut lines = Lines { bytes, at: 0, line: 1 };
    for record in reader.byte_records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = lines.of(error.position());
                flaws.push(Flaw { place: Place::Line(line), what: error.to_string() });
                continue;
            }
        };
        let line = lines.of(record.position());
        if record.len() != columns.len() {
            let what = format!("{} fields, but the header has {}", record.len(), columns.len());
            flaws.push(Flaw { place: Place::Line(line), what });
            continue;
        }
        let mut row = Row::of(line);
        // What is missing may be in the column that nobody knows.
        row.is_broken = columns.iter().any(|column| matches!(column, Column::Unknown));
        for (at, (column, bytes)) in columns.iter().zip(&record).enumerate() {
            let place = Place::Column(line, at + 1);
            let Ok(text) = std::str::from_utf8(bytes) else {
                flaws.push(Flaw { place, what: "not UTF-8".to_owned() });
                row.is_broken = true;
                continue;
            };
            match column {
                Column::Field(field) => {
                    let text = Zeroizing::new(text.to_owned());
                    row.values.insert(*field, Value { text, place });
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

fn columns(header: &csv::ByteRecord, flaws: &mut Vec<Flaw>) -> Vec<Column> {
    let mut seen = Vec::new();
    let columns = header.iter().enumerate().map(|(at, name)| {
        let name = String::from_utf8_lossy(name).trim().to_owned();
        let mut flaw = |what| flaws.push(Flaw { place: Place::Column(1, at + 1), what });
        if seen.contains(&name) {
            flaw(format!("the column {name:?} is there twice"));
            return Column::Unknown;
        }
        seen.push(name.clone());
        if let Some(field) = Field::from_name(&name) {
            return Column::Field(field);
        }
        match name.strip_prefix(LABEL) {
            Some(label) if !label.is_empty() => Column::Label(label.to_owned()),
            _ => {
                let names = Field::names();
                flaw(format!("no column is called {name:?}; there are {names} and {LABEL}NAME"));
                Column::Unknown
            }
        }
    });
    columns.collect()
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

pub(super) fn json_lines(bytes: &[u8], flaws: &mut Vec<Flaw>) -> Vec<Row> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut rows = Vec::new();
    for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            flaws.push(Flaw { place: Place::Line(line), what: "not UTF-8".to_owned() });
            continue;
        };
        if text.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Members<'_, &RawValue>>(text) {
            Ok(Members(members)) => rows.push(row(line, text, &members, flaws)),
            Err(error) => {
                // Without serde's own word on the place, and without the value it met.
                let what = if error.is_data() {
                    "a line is an object such as {\"id\": \"PROV_1\"}"
                } else {
                    "this is not JSON"
                };
                let place = Place::Column(line, error.column().max(1));
                flaws.push(Flaw { place, what: what.to_owned() });
            }
        }
    }
    rows
}

fn row(line: u64, text: &str, members: &[(Cow<'_, str>, &RawValue)], flaws: &mut Vec<Flaw>) -> Row {
    let (mut row, before) = (Row::of(line), flaws.len());
    for (name, value) in members {
        // Raw values are parts of the line.
        let offset = value.get().as_ptr() as usize - text.as_ptr() as usize;
        let column = text.get(..offset).map_or(1, |before| before.chars().count() + 1);
        let place = Place::Column(line, column);
        let mut flaw = |what: String| flaws.push(Flaw { place: place.clone(), what });
        if name == "labels" {
            match serde_json::from_str::<Members<'_, String>>(value.get()) {
                Ok(Members(labels)) => {
                    row.labels.extend(labels.into_iter().map(|(name, text)| (name.into(), text)));
                }
                Err(_) => flaw("labels: an object of texts".to_owned()),
            }
            continue;
        }
        let Some(field) = Field::from_name(name) else {
            let names = Field::names();
            flaw(format!("no member is called {name:?}; there are {names} and labels"));
            continue;
        };
        match scalar(value.get()) {
            Some(text) => {
                if row.values.insert(field, Value { text, place: place.clone() }).is_some() {
                    flaw(format!("{field}: is there twice"));
                }
            }
            None if value.get() == "null" => {}
            None => flaw(format!("{field}: a text")),
        }
    }
    row.is_broken = flaws.len() > before;
    row
}

/// A text, or a number or truth value as a text.
fn scalar(json: &str) -> Option<Zeroizing<String>> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json).ok().map(Zeroizing::new),
        b'{' | b'[' | b'n' => None,
        _ => Some(Zeroizing::new(json.to_owned())),
    }
}
