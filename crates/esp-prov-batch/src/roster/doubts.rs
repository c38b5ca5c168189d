//! What can be read, and may not be what was meant.

use std::collections::BTreeMap;

use protocomm::{Harmless, harmless};

use super::{
    error::{RosterError, RosterPosition},
    fields::{Field, Value},
    read::Row,
};

/// Whether people type it: a blank at its ends may be meant, a control character can't be.
pub(super) fn is_typed(field: Field) -> bool {
    matches!(
        field,
        Field::Ssid | Field::Passphrase | Field::Pop | Field::Password | Field::Username
    )
}

/// What spreadsheets have made of values, and blanks at the ends of those where one may be meant.
pub(super) fn of(rows: &[Row]) -> Vec<RosterError> {
    let mut doubts = Vec::new();
    let mut doubt = |position: &RosterPosition, field: Field, what: &'static str| {
        let what = harmless!("{}: {}", field, Harmless::from(what));
        doubts.push(RosterError::new(position.clone(), what));
    };
    // Once a column: whoever pads a table pads all of it.
    let mut padded: BTreeMap<Field, &RosterPosition> = BTreeMap::new();
    for (field, position) in rows.iter().flat_map(|row| &row.padded) {
        padded.entry(*field).or_insert(position);
    }
    for (field, position) in padded {
        doubt(position, field, "blanks around values are ignored; quote a value to keep them");
    }
    for (field, value) in rows.iter().flat_map(|row| &row.values) {
        let text = value.text.expose();
        if is_mangled(text) && !matches!(field, Field::Security | Field::Open | Field::Channel) {
            let what = "looks like what a spreadsheet makes of a number or a formula; format the \
                        column as text";
            doubt(&value.position, *field, what);
        }
        if is_typed(*field) && text.trim() != text {
            doubt(&value.position, *field, "begins or ends with a blank, which is kept");
        }
    }
    for field in [Field::Pop, Field::Password, Field::Passphrase] {
        if let Some(short) = short_number(rows, field) {
            let what = "has fewer digits than other lines; a spreadsheet may have removed zeros \
                        from its beginning";
            doubt(&short.position, field, what);
        }
    }
    doubts
}

/// `1.23E+11`, `1,23E+11`, `1E5`, `#N/A` and its like.
fn is_mangled(text: &str) -> bool {
    const ERRORS: &[&str] =
        &["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#NV", "#BEZUG!"];
    let is_power = || {
        let (digits, power) = text.split_once(['E', 'e'])?;
        let (whole, part) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
        let power = power.strip_prefix(['+', '-']).unwrap_or(power);
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = whole.len() == 1 && (1..=3).contains(&power.len());
        Some(fits && are_digits(whole) && are_digits(part) && are_digits(power))
    };
    let is_hashes = text.len() > 3 && text.bytes().all(|byte| byte == b'#');
    is_hashes || ERRORS.contains(&text) || is_power() == Some(true)
}

/// The first number that is shorter than others of its column, where all are numbers and none
/// begins with zero: as many as begin so can't have been by chance.
fn short_number(rows: &[Row], field: Field) -> Option<&Value> {
    let values = || rows.iter().filter_map(|row| row.values.get(&field));
    let values = || values().filter(|value| value.is_given());
    let is_number = |value: &Value| {
        let text = value.text.expose();
        text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
    };
    let longest = values().map(|value| value.text.expose().len()).max()?;
    let are_numbers = longest > 3 && values().all(is_number);
    values().find(|value| are_numbers && value.text.expose().len() < longest)
}
