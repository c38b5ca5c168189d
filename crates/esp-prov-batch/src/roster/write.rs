//! Writes what the reader takes.

use protocomm::Given;
use serde_json::{Map, Value};

use super::{Field, Form};

/// A roster of lines that all have the same fields. Whoever reads it has them as they were given:
/// a secret is no reference, whatever it begins with.
///
/// # Errors
/// None that is known; a text in memory takes all.
pub fn to_text(form: Form, lines: &[Vec<(Field, Given)>]) -> Result<Given, String> {
    match form {
        Form::Csv => to_csv(lines),
        Form::JsonLines => Ok(to_json_lines(lines)),
    }
}

fn to_csv(lines: &[Vec<(Field, Given)>]) -> Result<Given, String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    if let Some(first) = lines.first() {
        let header = first.iter().map(|(field, _)| field.name());
        csv.write_record(header).map_err(|error| error.to_string())?;
    }
    for line in lines {
        for (field, text) in line {
            csv.write_field(&*field.literal(text)).map_err(|error| error.to_string())?;
        }
        csv.write_record(None::<&str>).map_err(|error| error.to_string())?;
    }
    let bytes = csv.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map(Given::from).map_err(|error| error.to_string())
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
