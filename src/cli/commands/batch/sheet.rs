//! CSV that is safe to open in a spreadsheet.

use std::borrow::Cow;

use esp_prov::shown::Shown;
use esp_prov_input::table;

/// Characters that begin a formula in spreadsheets; in some, the full-width ones do, too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A table whose cells are shown and never run. Invisible characters are escaped, and an apostrophe
/// is put before what would be a formula, even where a spreadsheet with another locale would split
/// at `;`. Numbers stay numbers.
pub(super) fn csv(lines: &[Vec<String>]) -> String {
    lines.iter().map(|line| table::record(line.iter().map(|text| cell(text)))).collect()
}

fn cell(text: &str) -> Cow<'_, str> {
    if text.parse::<f64>().is_ok() {
        return Cow::Borrowed(text);
    }
    let begins_formula = text.trim_start().starts_with(FORMULA) || text.starts_with(['\t', '\r']);
    let shown = Shown::whole(text).to_string();
    // Tabs have been escaped by now.
    let mut parts = shown.split(';');
    let mut cell = if begins_formula { "'".to_owned() } else { String::new() };
    cell.push_str(parts.next().unwrap_or_default());
    for part in parts {
        // Such a spreadsheet also removes quotation marks.
        let begin = part.trim_start_matches(|char: char| char.is_whitespace() || char == '"');
        let (before, _) = part.split_at(part.len() - begin.len());
        let mark = if begin.starts_with(FORMULA) { "'" } else { "" };
        cell.extend([";", before, mark, begin]);
    }
    Cow::Owned(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_no_record_is_two_lines() {
        for (text, shown) in [
            ("PROV_1", "PROV_1"),
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(1)", "'@SUM(1)"),
            (" =1+1", "' =1+1"),
            ("\t=1", "'\\t=1"),
            ("\r=1", "'\\r=1"),
            ("＝1", "'＝1"),
            ("a;=1+1", "a;'=1+1"),
            ("a; \"=1+1\";b;@x", "a; \"'=1+1\";b;'@x"),
            ("=a;-1", "'=a;'-1"),
            ("a;;=1", "a;;'=1"),
            ("a\t=1+1", "a\\t=1+1"),
            ("a;b=c", "a;b=c"),
            ("-42", "-42"),
            ("1.5", "1.5"),
            ("a\nb,c;\"d\"\u{202e}", "a\\nb,c;\"d\"\\u{202e}"),
            ("", ""),
        ] {
            let harmless = csv(&[vec![text.to_owned(), "x".to_owned()]]);
            assert_eq!(harmless.lines().count(), 1, "{text:?}");
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).from_reader(harmless.as_bytes());
            let record = reader.records().next().expect("a record").expect("CSV");
            assert_eq!(record.iter().collect::<Vec<_>>(), [shown, "x"], "{text:?}");
        }
    }
}
