//! Writes rosters that the reader accepts.

use esp_prov_input::table;
use protocomm::Given;
use serde_json::{Map, Value};

use super::{Field, Form};

/// Writes a roster whose lines all have the same fields. Reading it returns the original values: a
/// secret is never taken for a reference, whatever it begins with.
pub fn to_text(form: Form, lines: &[Vec<(Field, Given)>]) -> Given {
    match form {
        Form::Csv => to_csv(lines),
        Form::JsonLines => to_json_lines(lines),
    }
}

fn to_csv(lines: &[Vec<(Field, Given)>]) -> Given {
    let names = |line: &Vec<(Field, Given)>| {
        table::record(line.iter().map(|(field, _)| field.name().into()))
    };
    let texts = |line: &Vec<(Field, Given)>| {
        table::record(line.iter().map(|(field, text)| field.literal(text)))
    };
    let records = lines.first().map(names).into_iter().chain(lines.iter().map(texts));
    records.collect::<String>().into()
}

fn to_json_lines(lines: &[Vec<(Field, Given)>]) -> Given {
    let json = |line: &Vec<(Field, Given)>| {
        let members = line.iter().map(|(field, text)| {
            let text = field.literal(text);
            let number = text.parse().ok().filter(|_| *field == Field::Security);
            let value = number.map_or_else(|| text.into(), |number: u32| number.into());
            (field.name().to_owned(), value)
        });
        let object: Map<String, Value> = members.collect();
        Value::Object(object).to_string() + "\n"
    };
    lines.iter().map(json).collect::<String>().into()
}
