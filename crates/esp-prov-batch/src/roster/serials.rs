//! Lists of serial numbers, from which the secrets and the roster of new devices are made.

use std::path::Path;

use esp_prov_input::{
    files, spelling,
    table::{Cell, Record, Table},
    text,
};
use protocomm::{Harmless, harmless};

use super::{
    FirstLine,
    doubts::{self, Numbers},
    error::{Mistakes, RosterError, RosterPosition},
    read,
};

/// Names of the column, without case and separators.
const COLUMN: &[&str] = &["serial", "serialnumber", "serialno", "sn", "id"];

/// Serial numbers in the order of their file.
#[derive(Debug)]
pub struct Serials {
    /// The serial numbers.
    pub texts: Vec<String>,
    /// Warnings: what a spreadsheet may have changed.
    pub warnings: Mistakes,
}

/// Reads serial numbers from a table with a column `serial`, or one per line. `check` says what is
/// wrong with one.
///
/// # Errors
/// Returns the errors, in the order of the file.
pub fn serials(
    path: &Path,
    check: &dyn Fn(&str) -> Result<(), Harmless>,
) -> Result<Serials, Mistakes> {
    let bytes = files::read(path, files::Kind::Roster)
        .map_err(|error| RosterError::new(RosterPosition::File, error.harmless()))?;
    parse(&text::to_utf8(&bytes), check)
}

fn parse(bytes: &[u8], check: &dyn Fn(&str) -> Result<(), Harmless>) -> Result<Serials, Mistakes> {
    let (mut serials, mut errors) = (Vec::new(), Mistakes::default());
    let (mut warnings, mut numbers) = (Mistakes::default(), Numbers::default());
    let mut first_lines = FirstLine::default();
    if let Some(what) = no_table(bytes) {
        return Err(RosterError::new(RosterPosition::File, what).into());
    }
    // The number of columns, and which of them has the serial numbers.
    let mut columns = None;
    for record in Table::new(bytes, is_column).records() {
        // Earlier errors may be caused by the text that the quote swallowed.
        let Record { line, mut fields } = record.map_err(read::stray_quote)?;
        // Spreadsheets may end a line with superfluous separators.
        let most = columns.map_or(1, |(count, _)| count);
        while fields.len() > most && fields.last().is_some_and(|cell| cell.bytes.is_empty()) {
            fields.pop();
        }
        if fields.iter().all(|cell| cell.bytes.is_empty()) {
            continue;
        }
        let (count, at) = if let Some(columns) = columns {
            columns
        } else {
            let (at, is_header) = header(line, &fields)?;
            columns = Some((fields.len(), at));
            if is_header {
                continue;
            }
            (fields.len(), at)
        };
        let position = RosterPosition::Column(line, at + 1);
        let mut wrong = |what| errors.push(RosterError::new(position.clone(), what));
        if fields.len() != count {
            wrong(harmless!("{} fields, but the first line has {}", fields.len(), count));
            continue;
        }
        let Ok(text) = str::from_utf8(&fields[at].bytes) else {
            wrong("not UTF-8; save the table as CSV UTF-8".into());
            continue;
        };
        let text = read::spelled_out(text);
        if text.is_empty() {
            wrong("the serial number is missing".into());
            continue;
        }
        // Files are named by them, and not all systems tell such files apart.
        if let Some(before) = first_lines.insert(&text.to_lowercase(), line) {
            wrong(harmless!("same as in line {}; case does not count", before));
        } else if let Err(what) = check(&text) {
            wrong(what);
        }
        if doubts::is_mangled(&text) {
            warnings.push(RosterError::new(position.clone(), doubts::MANGLED));
        }
        numbers.look_at(&text, &position);
        serials.push(text.into_owned());
    }
    if errors.is_empty() && serials.is_empty() {
        errors.push(RosterError::new(RosterPosition::File, "no serial numbers"));
    }
    if !errors.is_empty() {
        return Err(errors.in_order());
    }
    warnings.extend(numbers.short().map(|one| RosterError::new(one.clone(), doubts::SHORT)));
    Ok(Serials { texts: serials, warnings: warnings.in_order() })
}

fn no_table(bytes: &[u8]) -> Option<Harmless> {
    if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return Some("this is JSON: give a CSV table, or one serial number per line".into());
    }
    read::no_text(bytes)
}

fn is_column(name: &[u8]) -> bool {
    let is_letter = |byte: &u8| !b"-_. ".contains(byte);
    let letters: Vec<_> = name.iter().filter(|byte| is_letter(byte)).copied().collect();
    COLUMN.iter().any(|known| letters.eq_ignore_ascii_case(known.as_bytes()))
}

/// The column with the serial numbers, by the first line; and whether that is a header.
fn header(line: u64, cells: &[Cell<'_>]) -> Result<(usize, bool), RosterError> {
    if let Some(at) = cells.iter().position(|cell| is_column(&cell.bytes)) {
        return Ok((at, true));
    }
    match cells {
        [only]
            if only.bytes.iter().any(u8::is_ascii_digit)
                && !only.bytes.iter().any(|byte| b";|\t".contains(byte)) =>
        {
            Ok((0, false))
        }
        cells => {
            let name = |cell: &Cell<'_>| String::from_utf8_lossy(&cell.bytes).to_lowercase();
            let is_like =
                |cell: &Cell<'_>| spelling::nearest(&name(cell), COLUMN.iter().copied()).is_some();
            let at = cells.iter().position(is_like).map_or(0, |at| at);
            let what = "no column serial: the first line has to name it, unless each line is a \
                        serial number, with a digit";
            Err(RosterError::new(RosterPosition::Column(line, at + 1), what))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Vec<String>, Vec<String>> {
        let short = |text: &str| if text.len() > 8 { Err("too long".into()) } else { Ok(()) };
        let told = |mistakes: &Mistakes| mistakes.iter().map(ToString::to_string).collect();
        match parse(&text::to_utf8(text), &short) {
            Ok(read) if read.warnings.is_empty() => Ok(read.texts),
            Ok(read) => Err(told(&read.warnings)),
            Err(errors) => Err(told(&errors)),
        }
    }

    #[test]
    fn lists_are_read_as_people_have_them() {
        for text in [
            "serial\nA1\nB2\n",
            "\u{feff}Serial Number\r\nA1\r\n\r\nB2",
            "lot;SN;mac\n7;A1;x\n7;B2;y;;\n;;\n",
            "sep=;\nlot;serial_no\n7;A1\n7;B2\n",
            "A1\nB2\n",
            "serial\n=\"A1\"\n\"B2\"\n",
        ] {
            assert_eq!(read(text.as_bytes()), Ok(vec!["A1".to_owned(), "B2".to_owned()]), "{text}");
        }
        let utf16: Vec<u8> = "\u{feff}A1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16), Ok(vec!["A1".to_owned()]));
    }

    #[test]
    fn all_that_is_wrong_is_named_by_its_line_and_never_shown() {
        for (text, expected) in [
            (
                &b"lot,serial\n1,A1\n2,hunter2x\n3,a1\n4,\n5\n6,hunter2hunter2"[..],
                &[
                    "line 4, column 2: same as in line 2; case does not count",
                    "line 5, column 2: the serial number is missing",
                    "line 6, column 2: 1 fields, but the first line has 2",
                    "line 7, column 2: too long",
                ][..],
            ),
            (b"serial\nA1\nB\xff", &["line 3, column 1: not UTF-8; save the table as CSV UTF-8"]),
            (b"lot,serail\n1,hunter2", &["line 1, column 2: no column serial: "]),
            (b"Seriennummer\nhunter2", &["line 1, column 1: no column serial: "]),
            (b"7;hunter2\n8;hunter2", &["line 1, column 1: no column serial: "]),
            (b"serial\nA1,hunter2", &["line 2, column 1: 2 fields, but the first line has 1"]),
            (b"serial\n\"A1", &["line 2, column 1: the quote opened in line 2 is never closed"]),
            (b"{\"hunter2\":1}", &["the file: this is JSON: give a CSV table"]),
            (b"PK\x03\x04xl/hunter2", &["the file: this is an Excel workbook"]),
            (b"\n\n", &["the file: no serial numbers"]),
            (b"serial\n", &["the file: no serial numbers"]),
            (b"serial\n1.23E+11\nA", &["line 2, column 1: looks like what a spreadsheet makes"]),
            (b"serial\n1001\n42", &["line 3, column 1: has fewer digits than other lines"]),
        ] {
            let told = read(text).expect_err("something is wrong");
            let fits = told.iter().zip(expected).all(|(told, start)| told.starts_with(start));
            assert!(fits && told.len() == expected.len(), "{told:#?}");
            assert!(!told.concat().contains("hunter2"), "{told:#?}");
        }
    }
}
