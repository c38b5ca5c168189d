//! JSON lines that no character in them can break, and that do not control a terminal.

use std::{borrow::Cow, fmt::Write, io, ops::Deref};

use serde::Serialize;
use zeroize::{Zeroize, Zeroizing};

use super::has_picture;

/// The longest string that is shown whole, in bytes. Strings in hexadecimal are never cut.
const STRING: usize = 16 << 10;

/// JSON with a line end. Characters that can't be seen are written as escapes such as `\u202e`,
/// which mean the same.
#[derive(Debug, Default)]
pub struct Json(Zeroizing<String>);

/// Writes a value as a line of JSON, with long strings cut.
pub fn json(value: &impl Serialize) -> Json {
    let text = Zeroizing::new(serde_json::to_string(value).unwrap_or_default());
    Json::ended(cut(&text, STRING))
}

impl Json {
    /// Writes a value as a line of JSON without cutting anything, for what is to be read back.
    ///
    /// # Errors
    /// Those of serializing the value.
    pub fn whole(value: &impl Serialize) -> io::Result<Self> {
        let text = Zeroizing::new(serde_json::to_string(value)?);
        Ok(Self::ended(Cow::Borrowed(&text)))
    }

    /// Writes a value as indented JSON for people, with long strings cut.
    ///
    /// # Errors
    /// Those of serializing the value.
    pub fn pretty(value: &impl Serialize) -> io::Result<Self> {
        let text = Zeroizing::new(serde_json::to_string_pretty(value)?);
        Ok(Self::ended(cut(&text, STRING)))
    }

    /// Takes text that is JSON already.
    pub fn of_text(text: &str) -> Self {
        Self::ended(Cow::Borrowed(text))
    }

    fn ended(text: Cow<'_, str>) -> Self {
        let mut line = Zeroizing::new(String::with_capacity(text.len() + 1));
        for char in text.chars() {
            // Outside strings there is nothing to escape. The line ends of `pretty` stay.
            if has_picture(char) || char == '\n' {
                line.push(char);
            } else {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    // Writing to a string can't fail.
                    let _ = write!(line, "\\u{unit:04x}");
                }
            }
        }
        line.push('\n');
        if let Cow::Owned(mut text) = text {
            text.zeroize();
        }
        Self(line)
    }
}

impl Deref for Json {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Cuts each string that is longer than `most` bytes and does not consist of hexadecimal digits.
fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let (before, string) = rest.split_at(start + 1);
        let end = end_of_string(string);
        out.push_str(before);
        let (string, after) = string.split_at(end);
        if string.len() <= most || string.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            out.push_str(string);
        } else {
            let kept = boundary(string, most);
            let _ = write!(out, "{}… ({} bytes more)", &string[..kept], string.len() - kept);
        }
        let after_quote = after.len().min(1);
        out.push_str(&after[..after_quote]);
        rest = &after[after_quote..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Where the string that begins here ends.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// The last position up to `most` that is not within a character or an escape.
fn boundary(string: &str, most: usize) -> usize {
    let mut at = 0;
    let mut chars = string.chars();
    loop {
        let length = match chars.next() {
            Some('\\') if chars.next() == Some('u') => {
                chars.nth(3);
                6
            }
            Some('\\') => 2,
            Some(char) => char.len_utf8(),
            None => return at,
        };
        if at + length > most {
            return at;
        }
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json as value};

    use super::*;

    #[test]
    fn a_line_is_one_line_for_every_reader_and_says_the_same() {
        let nasty = "a\u{85}\u{2028}\u{2029}\u{7f}\u{9b}\u{202e}\u{e0041}\u{ad}\n\0\"\\ü東";
        let line = json(&value!({ nasty: [nasty] }));
        let (text, end) = line.split_at(line.len() - 1);
        assert_eq!(end, "\n");
        assert!(text.chars().all(has_picture), "{text}");
        assert!(text.contains("\\u0085\\u2028\\u2029\\u007f\\u009b\\u202e\\udb40\\udc41\\u00ad"));
        let read: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(read, value!({ nasty: [nasty] }));
    }

    #[test]
    fn long_strings_are_cut_between_characters_and_bytes_in_hexadecimal_are_not() {
        let hex = "0a".repeat(40 << 10);
        for filler in ["x", "\n", "\u{1}", "ü", "\"", "\\"] {
            for shift in 0..6 {
                let long = "y".repeat(shift) + &filler.repeat(STRING);
                let line = json(&value!({ "a": long, "b": hex, "c": "d" }));
                let read: Value = serde_json::from_str(&line).expect("JSON");
                assert_eq!(read["b"].as_str(), Some(hex.as_str()));
                assert_eq!(read["c"], "d");
                let cut = read["a"].as_str().expect("a string");
                assert!(cut.len() <= STRING + 40, "{}", cut.len());
                assert!(cut.ends_with(" bytes more)") || long.len() <= STRING, "{filler:?}");
            }
        }
    }
}
