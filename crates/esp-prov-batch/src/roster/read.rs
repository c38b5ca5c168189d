//! Splits the bytes of a roster into lines and fields.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData};

use esp_prov_input::{
    Packed,
    table::{Cell, InvalidQuotes, Record, Table},
};
use protocomm::{Given, Harmless, harmless};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    doubts,
    error::{Mistakes, RosterError, RosterPosition},
    fields::{Field, Value},
};

/// The prefix of label columns in CSV: `label.NAME`.
const LABEL: &str = "label.";

/// One line of the roster.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) values: BTreeMap<Field, Value>,
    pub(super) labels: BTreeMap<String, String>,
    /// The fields that had leading or trailing blanks removed.
    pub(super) padded: Vec<(Field, RosterPosition)>,
    /// Whether part of the line could not be read. If so, a field that seems to be missing may be
    /// present.
    pub(super) is_broken: bool,
}

impl Row {
    fn of(line: u64) -> Self {
        Self {
            line,
            values: BTreeMap::new(),
            labels: BTreeMap::new(),
            padded: Vec::new(),
            is_broken: false,
        }
    }
}

/// The meaning of a CSV column.
enum Column {
    Field {
        field: Field,
        /// Whether the name has blanks around it; in such a file, the values have them too.
        is_padded: bool,
    },
    Label {
        name: String,
        /// Whether the file calls it a label.
        is_chosen: bool,
    },
    /// A column without a name, which must be empty.
    Nameless,
    Unknown,
}

/// What to report about a file.
#[derive(Default)]
pub(super) struct Told {
    pub(super) errors: Mistakes,
    pub(super) warnings: Mistakes,
}

impl Told {
    fn wrong(&mut self, position: RosterPosition, what: impl Into<Harmless>) {
        self.errors.push(RosterError::new(position, what));
    }
}

/// A callback for each line that can be read.
pub(super) type Each<'a> = &'a mut dyn FnMut(Row, &mut Told);

pub(super) fn csv(bytes: &[u8], told: &mut Told, each: Each<'_>) {
    if let Some(what) = no_table(bytes) {
        told.wrong(RosterPosition::File, what);
        return;
    }
    let is_field =
        |name: &[u8]| std::str::from_utf8(name).is_ok_and(|name| Field::from_name(name).is_some());
    let mut columns = None;
    for record in Table::new(bytes, is_field).records() {
        let Record { line, fields } = match record {
            Ok(record) => record,
            Err(error) => {
                // Earlier errors may be caused by the text that the quote swallowed.
                told.errors = stray_quote(error).into();
                return;
            }
        };
        if fields.iter().all(|cell| cell.bytes.is_empty()) {
            continue;
        }
        let Some(columns) = &columns else {
            let Some(named) = header(line, &fields, told) else { return };
            columns = Some(named);
            continue;
        };
        if let Some(row) = record_row(line, fields, columns, told) {
            each(row, told);
        }
    }
}

fn record_row(
    line: u64,
    mut fields: Vec<Cell<'_>>,
    columns: &[Column],
    told: &mut Told,
) -> Option<Row> {
    // Spreadsheets may end a line with superfluous separators.
    while fields.len() > columns.len() && fields.last().is_some_and(|cell| cell.bytes.is_empty()) {
        fields.pop();
    }
    if fields.len() != columns.len() {
        let what = harmless!("{} fields, but the header has {}", fields.len(), columns.len());
        told.wrong(RosterPosition::Line(line), what);
        return None;
    }
    let mut row = Row::of(line);
    // A missing value may be in the unknown column.
    row.is_broken = columns.iter().any(|column| matches!(column, Column::Unknown));
    for (at, (column, cell)) in columns.iter().zip(&fields).enumerate() {
        let position = RosterPosition::Column(line, at + 1);
        let Ok(text) = std::str::from_utf8(&cell.bytes) else {
            told.wrong(position, "not UTF-8; save the table as CSV UTF-8");
            row.is_broken = true;
            continue;
        };
        let text = spelled_out(text);
        match column {
            Column::Field { field, is_padded } => {
                if cell.was_padded && !is_padded && doubts::is_typed(*field) {
                    row.padded.push((*field, position.clone()));
                }
                row.values.insert(*field, Value { text: (&*text).into(), position });
            }
            Column::Label { is_chosen: false, .. } if is_code(&text) => {
                told.wrong(position, CODE);
                row.is_broken = true;
            }
            Column::Label { name, .. } if !text.is_empty() => {
                row.labels.insert(name.clone(), text.into_owned());
            }
            Column::Nameless if !text.is_empty() => {
                told.wrong(position, "a value in a column without a name");
                row.is_broken = true;
            }
            Column::Label { .. } | Column::Nameless | Column::Unknown => {}
        }
    }
    Some(row)
}

/// Unwraps `="0001"`, which tells spreadsheets that a number is text.
pub(super) fn spelled_out(text: &str) -> Cow<'_, str> {
    let formula = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    formula.map_or(Cow::Borrowed(text), |text| text.replace("\"\"", "\"").into())
}

/// The error for a file that is not a CSV table.
fn no_table(bytes: &[u8]) -> Option<Harmless> {
    if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return Some("this is JSON: name the file .json or .jsonl".into());
    }
    no_text(bytes)
}

/// The error for bytes that are not text.
pub(super) fn no_text(bytes: &[u8]) -> Option<Harmless> {
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let what = match Packed::of(bytes) {
        Some(Packed::Zip) if has(b"opendocument.spreadsheet") => {
            "this is an OpenDocument spreadsheet: save it as CSV"
        }
        Some(Packed::Zip) if has(b"xl/") => "this is an Excel workbook: save it as CSV UTF-8",
        Some(Packed::Zip) => "this is a zip archive: give the CSV file that is in it",
        Some(Packed::Compressed(how)) => return Some(harmless!("this is {}", how)),
        None if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) => {
            "this is an old Excel workbook: save it as CSV UTF-8"
        }
        None if bytes.contains(&0) => "this is not text: a roster is CSV or JSON",
        None => return None,
    };
    Some(what.into())
}

/// The error for a quote that swallows the text after it (RFC 4180 does not allow text after a
/// field's closing quote).
pub(super) fn stray_quote(error: InvalidQuotes) -> RosterError {
    match error {
        InvalidQuotes::Open(line, column) => {
            let what = harmless!("the quote opened in line {} is never closed", line);
            RosterError::new(RosterPosition::Column(line, column), what)
        }
        InvalidQuotes::TextAfter(line, column) => {
            let what = "text after the closing quote; a quote in a quoted field is written twice";
            RosterError::new(RosterPosition::Column(line, column), what)
        }
    }
}

/// The columns that a header names; `None` if the line is not a header.
fn header(line: u64, cells: &[Cell<'_>], told: &mut Told) -> Option<Vec<Column>> {
    let name = |cell: &Cell<'_>| String::from_utf8_lossy(&cell.bytes).trim().to_owned();
    let names: Vec<_> = cells.iter().map(name).collect();
    let is_known = |name: &String| Field::from_name(name).is_some() || name.starts_with(LABEL);
    if !names.iter().any(is_known) {
        let what = harmless!(
            "no header line: the first line has to name the columns ({} and {}NAME)",
            Field::names(),
            LABEL
        );
        told.wrong(RosterPosition::Line(line), what);
        return None;
    }
    let mut seen = Vec::new();
    let columns = names.into_iter().zip(cells).enumerate().map(|(at, (name, cell))| {
        if name.is_empty() {
            return Column::Nameless;
        }
        let mut wrong = |what| told.wrong(RosterPosition::Column(line, at + 1), what);
        let known = Field::from_name(&name);
        let column = known.map_or_else(|| name.clone(), |field| field.name().to_owned());
        if seen.contains(&column) {
            wrong(match known {
                Some(field) => harmless!("duplicate column {}", field),
                None => harmless!("duplicate column"),
            });
            return Column::Unknown;
        }
        seen.push(column);
        if let Some(field) = known {
            return Column::Field { field, is_padded: cell.was_padded };
        }
        match carried(&name) {
            Ok(label) => Column::Label { name: label, is_chosen: name.starts_with(LABEL) },
            Err(what) => {
                wrong(harmless!("unknown column{}", what));
                Column::Unknown
            }
        }
    });
    Some(columns.collect())
}

/// Accepts an unknown name as a label, unless it may be a misspelled field, name a secret or be a
/// misplaced value.
fn carried(name: &str) -> Result<String, Harmless> {
    if let Some(label) = name.strip_prefix(LABEL) {
        return if label.is_empty() {
            Err(harmless!(": a label is called {}NAME", LABEL))
        } else {
            Ok(label.to_owned())
        };
    }
    // Labels go into results. A name that is not spelled like one may be a misplaced value.
    let is_word = |word: &str| {
        let has = |is: fn(&u8) -> bool| word.bytes().all(|byte| is(&byte));
        (1..=16).contains(&word.len()) && has(u8::is_ascii_alphabetic)
            || (1..=2).contains(&word.len()) && has(u8::is_ascii_digit)
    };
    let is_name =
        name.split(BETWEEN).all(is_word) && name.starts_with(|one: char| one.is_alphabetic());
    let field = Field::like(name);
    if field.is_some() || may_be_secret(&words_of(name)) || !is_name {
        let meant =
            field.map_or_else(|| "".into(), |field| harmless!(" (did you mean {}?)", field));
        return Err(harmless!(
            "{}; columns are {}, and {}NAME for labels",
            meant,
            Field::names(),
            LABEL
        ));
    }
    Ok(name.to_owned())
}

/// What stands between the words of a name.
const BETWEEN: [char; 4] = ['_', '-', '.', ' '];

/// The words of a name in lower case: `Wi-Fi PSK`, `wifi_psk` and `wifiPsk` have a `psk` each.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        let is_between = BETWEEN.contains(&letter);
        if is_between || was_small && letter.is_uppercase() {
            words.push(String::new());
        }
        was_small = letter.is_lowercase();
        if !is_between && let Some(word) = words.last_mut() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words
}

/// Whether a value under a name of these words may be a secret.
fn may_be_secret(words: &[String]) -> bool {
    const WHOLE: &[&str] = &[
        "auth",
        "clave",
        "contrasena",
        "credential",
        "credentials",
        "geheim",
        "haslo",
        "pin",
        "pop",
        "proof",
        "secrets",
        "senha",
        "tlvs",
        "wachtwoord",
        "wep",
        "wpa",
    ];
    const ENDS: &[&str] = &[
        "kennwort",
        "pass",
        "passe",
        "passphrase",
        "passwd",
        "password",
        "passwort",
        "psk",
        "pw",
        "pwd",
        "secret",
        "token",
    ];
    // The keys of a client of a broker, for example, are names of files.
    const WITH_KEY: &[&str] = &[
        "aes",
        "ap",
        "api",
        "encryption",
        "fi",
        "hmac",
        "master",
        "net",
        "network",
        "private",
        "session",
        "signing",
        "softap",
        "ssid",
        "thread",
        "wifi",
        "wlan",
    ];
    let is_secret_key = words.len() == 1 || words.iter().any(|one| WITH_KEY.contains(&&**one));
    words.iter().any(|word| {
        WHOLE.contains(&&**word)
            || ENDS.iter().any(|end| word.ends_with(end))
            || word == "key" && is_secret_key
            || word.strip_suffix("key").is_some_and(|of| WITH_KEY.contains(&of))
    })
}

/// Whether a value is what the QR code of a device says, or that of a network, with a secret in it.
fn is_code(text: &str) -> bool {
    text.starts_with("WIFI:")
        || text.starts_with('{') && ["\"pop\"", "\"password\""].iter().any(|one| text.contains(one))
}

const CODE: &str = "this may be the text of a QR code with a secret; leave it out, or name it \
                    label.NAME to have it in results and the ledger";

/// The members of an object in their order, including duplicates.
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

/// A name, borrowed if it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads JSON objects: one per line, in an array, or one after the other.
pub(super) fn json(bytes: &[u8], told: &mut Told, each: Each<'_>) {
    if let Some(what) = no_text(bytes) {
        told.wrong(RosterPosition::File, what);
        return;
    }
    match std::str::from_utf8(bytes).map(|text| (text, objects(text))) {
        Ok((text, Ok(objects))) => {
            let mut places = Places::of(text, 1);
            for object in objects {
                let Ok(Members(members)) = serde_json::from_str(object.get()) else {
                    told.wrong(places.position(object.get()), NO_OBJECT);
                    continue;
                };
                each(row(&mut places, object.get(), &members, told), told);
            }
        }
        Ok((text, Err(error))) if text.trim_start().starts_with('[') => {
            let line = u64::try_from(error.line()).unwrap_or(u64::MAX).max(1);
            let position = RosterPosition::Column(line, error.column().max(1));
            told.wrong(position, NO_JSON);
        }
        _ => json_lines(bytes, told, each),
    }
}

const NO_OBJECT: &str = "a device is an object such as {\"id\": \"PROV_1\"}";
const NO_JSON: &str = "this is not JSON";

/// All values of a text; the elements of an array are separate values.
fn objects(text: &str) -> serde_json::Result<Vec<&RawValue>> {
    let mut objects = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let value = value?;
        match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
            Ok(several) => objects.extend(several),
            Err(_) => objects.push(value),
        }
    }
    Ok(objects)
}

/// Reads line by line, so that every error is reported.
fn json_lines(bytes: &[u8], told: &mut Told, each: Each<'_>) {
    for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            told.wrong(RosterPosition::Line(line), "not UTF-8; save the file as UTF-8");
            continue;
        };
        if text.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Members<'_, &RawValue>>(text) {
            Ok(Members(members)) => {
                each(row(&mut Places::of(text, line), text, &members, told), told);
            }
            Err(error) => {
                // Serde's own message would repeat the position and show the value.
                let what = if error.is_data() { NO_OBJECT } else { NO_JSON };
                told.wrong(RosterPosition::Column(line, error.column().max(1)), what);
            }
        }
    }
}

/// Finds the positions of parts of a text. Moves forward only.
struct Places<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    column: usize,
}

impl<'a> Places<'a> {
    fn of(text: &'a str, line: u64) -> Self {
        Self { text, at: 0, line, column: 1 }
    }

    /// The position of a part that begins at or after the previous part.
    fn position(&mut self, part: &str) -> RosterPosition {
        let to = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let passed = self.text.get(self.at..to).unwrap_or_default();
        for char in passed.chars() {
            self.column += 1;
            if char == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            }
        }
        self.at += passed.len();
        RosterPosition::Column(self.line, self.column)
    }
}

fn row(
    places: &mut Places<'_>,
    object: &str,
    members: &[(Cow<'_, str>, &RawValue)],
    told: &mut Told,
) -> Row {
    places.position(object);
    let (mut row, before) = (Row::of(places.line), told.errors.len());
    for (name, value) in members {
        let position = places.position(value.get());
        let mut wrong = |what: Harmless| told.wrong(position.clone(), what);
        if name == "labels" {
            match serde_json::from_str::<Members<'_, String>>(value.get()) {
                Ok(Members(labels)) => {
                    row.labels.extend(labels.into_iter().map(|(name, text)| (name.into(), text)));
                }
                Err(_) => wrong("labels: an object whose values are strings".into()),
            }
            continue;
        }
        let Some(field) = Field::from_name(name) else {
            match (carried(name), scalar(value.get())) {
                (Ok(_), Some(text)) if !name.starts_with(LABEL) && is_code(text.expose()) => {
                    wrong(CODE.into());
                }
                (Ok(label), Some(text)) => {
                    row.labels.insert(label, text.expose().to_owned());
                }
                (Ok(_), None) if value.get() == "null" => {}
                (Ok(_), None) => {
                    wrong("unknown member, whose value is neither a string nor a number".into());
                }
                (Err(what), _) => wrong(harmless!("unknown member{}", what)),
            }
            continue;
        };
        match scalar(value.get()) {
            Some(text) => {
                if row.values.insert(field, Value { text, position: position.clone() }).is_some() {
                    wrong(harmless!("{}: duplicate", field));
                }
            }
            None if value.get() == "null" => {}
            None => wrong(harmless!("{}: a text", field)),
        }
    }
    row.is_broken = told.errors.len() > before;
    row
}

/// Reads a string, number or boolean as text; `None` for anything else.
fn scalar(json: &str) -> Option<Given> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json).ok().map(Given::from),
        b'{' | b'[' | b'n' => None,
        _ => Some(json.into()),
    }
}
