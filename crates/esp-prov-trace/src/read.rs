//! Reading a trace.

use esp_prov_input::text;
use thiserror::Error;

use super::{Head, Record, VERSION};

/// A trace that was read.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The first line.
    pub head: Head,
    /// The exchanges, each with the number of its line, counted from 1.
    pub records: Vec<(usize, Record)>,
    /// The number of the last line if it is cut off: the trace is still being written, or its
    /// writer was killed.
    pub cut_off: Option<usize>,
}

/// Why bytes are not a trace. The message contains nothing of the line, which could be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct Invalid {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in bytes, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
}

/// Reads a trace up to its last complete line. It may be in UTF-16, as PowerShell writes piped
/// output.
///
/// # Errors
/// [`Invalid`]: the position, and what is wrong there.
pub fn read(bytes: &[u8]) -> Result<Trace, Invalid> {
    let invalid = |line, column, reason: &str| Invalid { line, column, reason: reason.to_owned() };
    let bytes = text::to_utf8(bytes);
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    let (_, first) = lines.next().ok_or_else(|| invalid(1, 1, "the trace is empty"))?;
    let head: Head = parse(1, first)?;
    if head.trace != VERSION {
        let reason = format!("trace version {}; this tool knows {VERSION}", head.trace);
        return Err(invalid(1, 1, &reason));
    }
    let (mut records, mut cut_off) = (Vec::new(), None);
    for (index, bytes) in lines {
        let line = index + 1;
        match parse(line, bytes) {
            Ok(record) => {
                check(line, &record)?;
                records.push((line, record));
            }
            Err(_) if bytes.trim_ascii().is_empty() => {}
            Err(_) if !bytes.ends_with(b"\n") => cut_off = Some(line),
            Err(error) => return Err(error),
        }
    }
    Ok(Trace { head, records, cut_off })
}

fn parse<'a, T: serde::Deserialize<'a>>(line: usize, bytes: &'a [u8]) -> Result<T, Invalid> {
    serde_json::from_slice(bytes).map_err(|error| {
        let reason = match error.classify() {
            serde_json::error::Category::Data => words(&error),
            serde_json::error::Category::Eof => "the line is cut off".to_owned(),
            _ => "not JSON".to_owned(),
        };
        Invalid { line, column: error.column().max(1), reason }
    })
}

/// What is wrong with a value, without the value.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words);
    match text.split_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None if text.starts_with("missing field") => text.to_owned(),
        None => "unexpected value".to_owned(),
    }
}

/// Checks that hexadecimal fields are hexadecimal, and that `size` is the number of bytes.
fn check(line: usize, record: &Record) -> Result<(), Invalid> {
    let parts = [("request", &record.request), ("reply", &record.reply)];
    for (name, part) in parts.into_iter().filter_map(|(name, part)| Some((name, part.as_ref()?))) {
        for (of, text) in [("bytes", &part.bytes), ("plain", &part.plain)] {
            let Some(text) = text else { continue };
            if let Err(error) = hex::decode(text) {
                let reason = match error {
                    hex::FromHexError::InvalidHexCharacter { index, .. } => {
                        format!("digit {} is not hexadecimal", index + 1)
                    }
                    _ => format!("odd number of hexadecimal digits ({})", text.len()),
                };
                let reason = format!("{name}.{of}: {reason}");
                return Err(Invalid { line, column: 1, reason });
            }
        }
        let bytes = part.bytes.as_ref().map(|text| text.len() / 2);
        if let Some(bytes) = bytes.filter(|bytes| *bytes != part.size) {
            let reason = format!("{name}.size is {}, but there are {bytes} bytes", part.size);
            return Err(Invalid { line, column: 1, reason });
        }
    }
    Ok(())
}
