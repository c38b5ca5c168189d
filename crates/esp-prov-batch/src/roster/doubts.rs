//! Finds values that are valid but may not be what was meant.

use std::collections::BTreeMap;

use protocomm::{Harmless, harmless};

use super::{
    error::{Mistakes, RosterError, RosterPosition},
    fields::Field,
    read::Row,
};

/// Whether people type the values of this field. If so, blanks at the ends may be meant, but
/// control characters can't be.
pub(super) fn is_typed(field: Field) -> bool {
    matches!(
        field,
        Field::Ssid
            | Field::Passphrase
            | Field::Pop
            | Field::Password
            | Field::SoftapPassphrase
            | Field::Username
    )
}

pub(super) const MANGLED: &str = "looks like what a spreadsheet makes of a number or a formula; \
                                  format the column as text";

pub(super) const SHORT: &str = "has fewer digits than other lines; a spreadsheet may have removed \
                                zeros from its beginning";

/// Collects values that spreadsheets may have damaged, and blanks at the ends of fields where they
/// may be meant.
pub(super) struct Doubts {
    /// One position per column, because padding usually affects the whole column.
    padded: BTreeMap<Field, RosterPosition>,
    each: Mistakes,
    numbers: [(Field, Numbers); 4],
}

impl Default for Doubts {
    fn default() -> Self {
        let secrets = [Field::Pop, Field::Password, Field::SoftapPassphrase, Field::Passphrase];
        let numbers = secrets.map(|field| (field, Numbers::default()));
        Self { padded: BTreeMap::new(), each: Mistakes::default(), numbers }
    }
}

fn doubt(position: &RosterPosition, field: Field, what: &'static str) -> RosterError {
    RosterError::new(position.clone(), harmless!("{}: {}", field, Harmless::from(what)))
}

impl Doubts {
    /// Checks the next line.
    pub(super) fn look_at(&mut self, row: &Row) {
        for (field, position) in &row.padded {
            self.padded.entry(*field).or_insert_with(|| position.clone());
        }
        for (field, value) in &row.values {
            let text = value.text.expose();
            if is_mangled(text) && !matches!(field, Field::Security | Field::Open | Field::Channel)
            {
                self.each.push(doubt(&value.position, *field, MANGLED));
            }
            if is_typed(*field) && text.trim() != text {
                let what = "begins or ends with a blank, which is kept";
                self.each.push(doubt(&value.position, *field, what));
            }
        }
        for (field, numbers) in &mut self.numbers {
            if let Some(value) = row.values.get(field).filter(|value| value.is_given()) {
                numbers.look_at(value.text.expose(), &value.position);
            }
        }
    }

    /// The warnings for all lines.
    pub(super) fn told(self) -> Mistakes {
        let mut told = Mistakes::default();
        let what = "blanks around values are ignored; quote a value to keep them";
        told.extend(self.padded.iter().map(|(field, position)| doubt(position, *field, what)));
        told.append(self.each);
        let short = |(field, one): &(Field, Numbers)| Some(doubt(one.short()?, *field, SHORT));
        told.extend(self.numbers.iter().filter_map(short));
        told
    }
}

/// Whether a text looks like `1.23E+11`, `1,23E+11`, `1E5`, `#N/A` or similar.
pub(super) fn is_mangled(text: &str) -> bool {
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

/// The numbers in a column. If all values are numbers, none begins with zero, and some have fewer
/// digits, a spreadsheet may have removed leading zeros.
#[derive(Default)]
pub(super) struct Numbers {
    has_others: bool,
    longest: usize,
    /// The position and length of the first number.
    first: Option<(RosterPosition, usize)>,
    /// The position of the first number that is shorter than that.
    shorter: Option<RosterPosition>,
}

impl Numbers {
    pub(super) fn look_at(&mut self, text: &str, position: &RosterPosition) {
        self.has_others |= !text.bytes().all(|byte| byte.is_ascii_digit()) || text.starts_with('0');
        self.longest = self.longest.max(text.len());
        let (_, first) = self.first.get_or_insert_with(|| (position.clone(), text.len()));
        if text.len() < *first && self.shorter.is_none() {
            self.shorter = Some(position.clone());
        }
    }

    /// The position of the first number that is shorter than others; `None` if not all values are
    /// numbers.
    pub(super) fn short(&self) -> Option<&RosterPosition> {
        let (first, length) =
            self.first.as_ref().filter(|_| !self.has_others && self.longest > 3)?;
        if *length < self.longest { Some(first) } else { self.shorter.as_ref() }
    }
}
