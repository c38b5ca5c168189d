//! Shows exchanges in words: those of a trace, of a capture, or pasted.

use std::fmt::Write;

use esp_prov::{exchange::State, shown::Shown};
use esp_prov_trace::{Part, Record};
use serde_json::{Map, Value};

use super::words::clean;

/// The most bytes that are shown of a value. JSON has them all.
const LONG: usize = 32;

/// One exchange: a line about it, then what was sent (`>`) and what came back (`<`).
pub(super) fn exchange(record: &Record) -> Vec<Shown> {
    let mut head = match record.packet {
        Some(packet) => format!("#{} packet {packet} {}", record.exchange, clean(&record.endpoint)),
        None => format!("#{} {}", record.exchange, clean(&record.endpoint)),
    };
    if let (Some(before), Some(after)) = (record.before, record.after) {
        let _ = write!(head, ", {} -> {}", state(before), state(after));
    }
    if let Some(security) = record.security {
        let _ = write!(head, ", security {security}");
    }
    if let Some(took) = record.took_us {
        #[allow(clippy::cast_precision_loss, reason = "tenths of milliseconds are shown")]
        let _ = write!(head, ", {:.1} ms", took as f64 / 1000.0);
    }
    let mut lines = vec![head];
    if let Some(request) = &record.request {
        lines.extend(part('>', request));
    }
    if let Some(reply) = &record.reply {
        lines.extend(part('<', reply));
    }
    if let Some(failure) = &record.failure {
        lines.push(format!("  ! {}", clean(&failure.error)));
    } else if record.request.is_some() && record.reply.is_none() && record.before.is_some() {
        lines.push("  ! no reply".to_owned());
    }
    lines.into_iter().map(Shown::line).collect()
}

fn state(state: State) -> &'static str {
    match state {
        State::Connected => "connected",
        State::Handshake => "handshake",
        State::Proof => "proof",
        State::Session => "session",
        State::Over => "over",
    }
}

fn part(sign: char, part: &Part) -> Vec<String> {
    let size = match part.size {
        1 => "1 byte".to_owned(),
        size => format!("{size} bytes"),
    };
    let sealed = if part.sealed { ", encrypted" } else { "" };
    let mut lines = vec![format!("  {sign} {size}{sealed}")];
    let told = match &part.message {
        Some(Value::Object(map)) => tree(map, 0),
        Some(Value::String(text)) => {
            text.lines().map(|line| Shown::line(line.replace('\t', "  ")).to_string()).collect()
        }
        _ => part.bytes.iter().map(|bytes| shortened(bytes)).collect(),
    };
    lines.extend(told.into_iter().map(|line| format!("  {sign}   {line}")));
    lines
}

fn tree(map: &Map<String, Value>, depth: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, value) in map {
        entry(name, value, depth, &mut lines);
    }
    lines
}

fn entry(name: &str, value: &Value, depth: usize, lines: &mut Vec<String>) {
    let (indent, name) = ("  ".repeat(depth), clean(name).to_string());
    match value {
        Value::Array(several) => {
            for one in several {
                entry(&name, one, depth, lines);
            }
        }
        Value::Object(map) => match leaf(map) {
            Some(leaf) if name == "trouble" => lines.push(format!("{indent}! {leaf}")),
            Some(leaf) => lines.push(format!("{indent}{name}: {leaf}")),
            None => {
                lines.push(format!("{indent}{name}"));
                lines.extend(tree(map, depth + 1));
            }
        },
        Value::String(text) => lines.push(format!("{indent}{name}: {}", Shown::line(text))),
        other => lines.push(format!("{indent}{name}: {other}")),
    }
}

/// The text for an object that is a single value for people, such as bytes.
fn leaf(map: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| map.get(name).and_then(Value::as_str);
    let number = |name: &str| map.get(name).and_then(Value::as_u64);
    if let (Some(at), Some(why)) = (number("at"), text("why")) {
        return Some(format!("invalid from byte {at}: {}", clean(why)));
    }
    if let Some(bytes) = number("redacted_bytes") {
        return Some(format!("({bytes} bytes, hidden)"));
    }
    let bytes = text("hex")?;
    Some(match text("text") {
        Some(text) => format!("\"{}\"", clean(text)),
        None => shortened(bytes),
    })
}

fn shortened(hex: &str) -> String {
    match hex.get(..2 * LONG) {
        Some(begin) if hex.len() > 2 * LONG => {
            format!("{}… ({} bytes)", clean(begin), hex.len() / 2)
        }
        _ => clean(hex).to_string(),
    }
}
