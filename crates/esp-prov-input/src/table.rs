//! Tables as spreadsheets write them: separated by commas, semicolons, tabs or bars, with or
//! without a `sep=` line, and with any line ends.

use std::borrow::Cow;

/// A table whose records have not been read yet.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    text: &'a [u8],
    /// The number of its first line.
    line: u64,
    separator: u8,
}

/// A record: one line, or several if a quoted field contains line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The line in which it begins, counted from 1.
    pub line: u64,
    /// Its fields. There is at least one.
    pub fields: Vec<Cell<'a>>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// Its bytes, without surrounding white space unless it is quoted.
    pub bytes: Cow<'a, [u8]>,
    /// Whether white space around it was left out.
    pub was_padded: bool,
}

/// Why the quotation marks of a table are invalid (RFC 4180). Lines and columns count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidQuotes {
    /// The quotation mark that begins the field at this line and column is never closed.
    Open(u64, usize),
    /// There is text after the closing quotation mark of the field at this line and column.
    TextAfter(u64, usize),
}

/// The characters that people and spreadsheets put between columns.
const SEPARATORS: [u8; 4] = *b",;\t|";

impl<'a> Table<'a> {
    /// Takes a table. A line `sep=` before it names its separator; otherwise the separator is the
    /// one with which most fields of the first record are `known` names.
    pub fn new(text: &'a [u8], known: impl Fn(&[u8]) -> bool) -> Self {
        let first_end = text.iter().position(|byte| b"\r\n".contains(byte)).unwrap_or(text.len());
        let first = &text[..first_end];
        let unquoted = first.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] = unquoted.unwrap_or(first)
        {
            let rest = &text[first_end..];
            let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
            let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            return Self { text: rest, line: 2, separator: *separator };
        }
        let names = |separator: u8| {
            let table = Self { text, line: 1, separator };
            let header = table.records().find_map(Result::ok).map(|header| header.fields);
            header.iter().flatten().filter(|cell| known(&cell.bytes)).count()
        };
        // Of equals, the first.
        let best = SEPARATORS.into_iter().rev().max_by_key(|separator| names(*separator));
        Self { text, line: 1, separator: best.unwrap_or(b',') }
    }

    /// The records in their order, without empty lines. Invalid quotation marks end the table.
    pub fn records(self) -> impl Iterator<Item = Result<Record<'a>, InvalidQuotes>> {
        Records { table: self, at: 0, line: self.line, is_over: false }
    }
}

struct Records<'a> {
    table: Table<'a>,
    at: usize,
    line: u64,
    is_over: bool,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, InvalidQuotes>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over && self.at < self.table.text.len() {
            let (line, mut fields) = (self.line, Vec::new());
            loop {
                match self.cell(fields.len() + 1) {
                    Ok(cell) => fields.push(cell),
                    Err(error) => {
                        self.is_over = true;
                        return Some(Err(error));
                    }
                }
                if self.peek() != Some(self.table.separator) {
                    break;
                }
                self.at += 1;
            }
            self.line_end();
            let is_empty = matches!(&fields[..], [only] if only.bytes.is_empty());
            if !is_empty {
                return Some(Ok(Record { line, fields }));
            }
        }
        None
    }
}

impl<'a> Records<'a> {
    fn peek(&self) -> Option<u8> {
        self.table.text.get(self.at).copied()
    }

    /// Skips a line end, if there is one.
    fn line_end(&mut self) {
        let rest = &self.table.text[self.at..];
        let length = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return,
        };
        self.at += length;
        self.line += 1;
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t') = self.peek()
            && self.peek() != Some(self.table.separator)
        {
            self.at += 1;
        }
    }

    fn cell(&mut self, column: usize) -> Result<Cell<'a>, InvalidQuotes> {
        let start = self.at;
        self.blanks();
        if self.peek() == Some(b'"') {
            return self.quoted(column);
        }
        let text = self.table.text;
        let is_end = |byte: &u8| *byte == self.table.separator || b"\r\n".contains(byte);
        let end = text[start..].iter().position(is_end).map_or(text.len(), |end| start + end);
        self.at = end;
        let trimmed = text[start..end].trim_ascii();
        // A field of nothing but white space counts as empty.
        let was_padded = !trimmed.is_empty() && trimmed.len() < end - start;
        Ok(Cell { bytes: trimmed.into(), was_padded })
    }

    fn quoted(&mut self, column: usize) -> Result<Cell<'a>, InvalidQuotes> {
        let (line, text) = (self.line, self.table.text);
        self.at += 1;
        let mut bytes = Cow::Borrowed(&text[self.at..self.at]);
        let mut from = self.at;
        loop {
            let byte = self.peek().ok_or(InvalidQuotes::Open(line, column))?;
            match byte {
                b'"' => {
                    let part = &text[from..self.at];
                    if bytes.is_empty() {
                        bytes = part.into();
                    } else {
                        bytes.to_mut().extend_from_slice(part);
                    }
                    self.at += 1;
                    if self.peek() != Some(b'"') {
                        break;
                    }
                    // Two quotation marks stand for one in the text.
                    bytes.to_mut().push(b'"');
                    self.at += 1;
                    from = self.at;
                }
                b'\r' | b'\n' => self.line_end(),
                _ => self.at += 1,
            }
        }
        self.blanks();
        match self.peek() {
            None | Some(b'\r' | b'\n') => {}
            Some(byte) if byte == self.table.separator => {}
            Some(_) => return Err(InvalidQuotes::TextAfter(line, column)),
        }
        Ok(Cell { bytes, was_padded: false })
    }
}

/// Writes a line of a table, its fields separated by commas (RFC 4180). A field is quoted if it
/// would otherwise be read differently, for example with white space around it.
pub fn record<'a>(fields: impl Iterator<Item = Cow<'a, str>>) -> String {
    let quoted = |field: Cow<'a, str>| {
        let is_padded = field.trim_ascii().len() < field.len();
        if is_padded || field.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", field.replace('"', "\"\"")).into()
        } else {
            field
        }
    };
    fields.map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let fields = ["id", "", " a", "b\t", "c,d", "\"", "e\r\nf", "g\"h", "ü;|"];
        let text = record(fields.into_iter().map(Cow::Borrowed));
        assert_eq!(read(&text), [(1, fields.map(str::to_owned).to_vec())], "{text}");
    }

    fn read(text: &str) -> Vec<(u64, Vec<String>)> {
        let known = |name: &[u8]| [&b"id"[..], b"ssid"].contains(&name);
        let records = Table::new(text.as_bytes(), known).records();
        let texts = |record: Record<'_>| {
            let text = |cell: &Cell<'_>| String::from_utf8_lossy(&cell.bytes).into_owned();
            (record.line, record.fields.iter().map(text).collect())
        };
        records.map(|record| texts(record.expect("good quotes"))).collect()
    }

    #[test]
    fn tables_are_read_as_spreadsheets_write_them() {
        for text in [
            "id,ssid\nA,\"x,\"\"y\"\r\n",
            "id;ssid\r\nA;x,\"y\r\n",
            "sep=\t\r\nid\tssid\r\nA\tx,\"y",
            "\"sep=|\"\nid|ssid\nA|x,\"y",
            "\n\nid ; ssid\r\r A ; x,\"y \r",
            "\"id\" , \"ssid\"\nA, \"x,\"\"y\" ",
        ] {
            let rows: Vec<_> = read(text).into_iter().map(|(_, fields)| fields).collect();
            assert_eq!(rows, [["id", "ssid"], ["A", "x,\"y"]], "{text}");
        }
        let lines = read("id,ssid\r\n\r\nA,\"two\nlines\"\rB,\n");
        assert_eq!(lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(lines[1].1, ["A", "two\nlines"]);
        assert_eq!(lines[2].1, ["B", ""]);
        assert_eq!(read(""), []);
    }

    #[test]
    fn quotes_that_make_no_sense_have_a_place() {
        for (text, error) in [
            ("id\nA,\"b", InvalidQuotes::Open(2, 2)),
            ("id,ssid\n\"a\n\nb\"c,d\nD", InvalidQuotes::TextAfter(2, 1)),
        ] {
            let mut records = Table::new(text.as_bytes(), |name| name == b"id").records();
            assert!(records.next().is_some_and(|header| header.is_ok()), "{text}");
            assert_eq!((records.next(), records.next()), (Some(Err(error)), None), "{text}");
        }
    }

    #[test]
    fn blanks_around_a_field_are_told_unless_they_are_quoted() {
        let table = Table::new(b"id, a ,\" b \",  ", |_| false);
        let record = table.records().next().expect("one").expect("good quotes");
        let told: Vec<_> =
            record.fields.iter().map(|cell| (&*cell.bytes, cell.was_padded)).collect();
        assert_eq!(told, [(&b"id"[..], false), (b"a", true), (b" b ", false), (b"", false)]);
    }
}
