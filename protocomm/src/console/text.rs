//! What else is on the wire: colours and log lines. Also decodes the digits of a reply.

use alloc::vec::Vec;

/// Filters out ANSI escape sequences, byte by byte.
#[derive(Default)]
pub(super) struct Filter(Escape);

#[derive(Clone, Copy, Default)]
enum Escape {
    #[default]
    No,
    /// After ESC.
    Began,
    /// After ESC and `[`.
    Within,
}

impl Filter {
    /// Whether the next byte from the wire belongs to no escape sequence.
    pub(super) fn passes(&mut self, byte: u8) -> bool {
        let (escape, is_part) = match (self.0, byte) {
            (_, 0x1b) => (Escape::Began, true),
            // A line end cuts a sequence off.
            (_, b'\n') | (Escape::No, _) => (Escape::No, false),
            (Escape::Began, b'[') => (Escape::Within, true),
            (Escape::Within, 0x40..=0x7e) | (Escape::Began, _) => (Escape::No, true),
            (Escape::Within, _) => (Escape::Within, true),
        };
        self.0 = escape;
        !is_part
    }
}

/// No timestamp in the head of a log line is longer, in bytes.
const LONGEST_TIME: usize = 24;

/// Whether `text` begins with the head of a log line: `I (1234) `, or with the time of day
/// `I (12:34:56.789) `, or with the date as well `I (24-11-05 12:34:56.789) ` (`esp_log.h`, ESP-IDF
/// v4.0 to v6.0).
pub(super) fn begins_log(text: &[u8]) -> bool {
    let [b'E' | b'W' | b'I' | b'D' | b'V', b' ', b'(', rest @ ..] = text else { return false };
    let is_time = |byte: &&u8| matches!(byte, b'0'..=b'9' | b':' | b'.' | b'-' | b' ');
    let time = rest.iter().take_while(is_time).count();
    (1..=LONGEST_TIME).contains(&time) && rest[time..].starts_with(b") ")
}

/// Decodes hexadecimal digits as firmware prints them: lower case, in pairs, at least one pair.
pub(super) fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    digits.chunks_exact(2).map(|pair| Some(16 * digit(pair[0])? + digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec};

    use super::*;

    #[test]
    fn colours_are_taken_out() {
        for (text, left) in [
            ("0a\x1b[0;32mI (123) wifi: up\x1b[0m\n0b", "0aI (123) wifi: up\n0b"),
            ("\x1b[31", ""),
            ("\x1b[31\n.", "\n."),
            ("\x1bM.", "."),
            ("\x1b\x1b[0m.", "."),
        ] {
            let mut filter = Filter::default();
            let passed = text.bytes().filter(|byte| filter.passes(*byte)).collect();
            assert_eq!(String::from_utf8(passed).as_deref(), Ok(left), "{text:?}");
        }
    }

    #[test]
    fn log_lines_are_known_by_their_heads() {
        for (text, is_log) in [
            ("I (123) wifi: up", true),
            ("E (12:34:56.789) a: b", true),
            ("V (24-11-05 12:34:56.789) a: b", true),
            ("I wifi: up", false),
            ("II (1) a: b", false),
            ("I (x) a", false),
            ("I () a", false),
            ("I (1)x", false),
            ("I (1111111111111111111111111111) x", false),
        ] {
            assert_eq!(begins_log(text.as_bytes()), is_log, "{text:?}");
        }
    }

    #[test]
    fn only_pairs_of_small_digits_are_bytes() {
        assert_eq!(bytes(b"00ff1a"), Some(vec![0, 0xff, 0x1a]));
        for text in ["", "0", "0g", "0A", "0 ", "+1"] {
            assert_eq!(bytes(text.as_bytes()), None, "{text:?}");
        }
    }
}
