//! CSV that a spreadsheet opens as it is.

use std::borrow::Cow;

use esp_prov::shown::Shown;

/// What a spreadsheet takes for the beginning of a formula; some take the wide ones, too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Makes each cell of a CSV text one that is shown and not run: what has no picture is written
/// out, and before what would be a formula stands an apostrophe, also where a spreadsheet of
/// another country splits at `;`. Numbers stay numbers.
pub(super) fn harmless(text: &[u8]) -> Result<Vec<u8>, csv::Error> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for record in reader.records() {
        writer.write_record(record?.iter().map(|text| cell(text).into_owned()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn cell(text: &str) -> Cow<'_, str> {
    if text.parse::<f64>().is_ok() {
        return Cow::Borrowed(text);
    }
    let begins_formula = text.trim_start().starts_with(FORMULA) || text.starts_with(['\t', '\r']);
    let shown = Shown::whole(text).to_string();
    // A tab is written out by now.
    let mut parts = shown.split(';');
    let mut cell = if begins_formula { "'".to_owned() } else { String::new() };
    cell.push_str(parts.next().unwrap_or_default());
    for part in parts {
        // Such a spreadsheet takes quotation marks away, too.
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
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record([text, "x"]).expect("memory");
            let harmless = harmless(&writer.into_inner().expect("memory")).expect("CSV");
            let lines = harmless.split(|byte| *byte == b'\n').count();
            assert_eq!(lines, 2, "{text:?}");
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).from_reader(harmless.as_slice());
            let record = reader.records().next().expect("a record").expect("CSV");
            assert_eq!(record.iter().collect::<Vec<_>>(), [shown, "x"], "{text:?}");
        }
    }
}
