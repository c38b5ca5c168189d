//! What is on the wire besides echo, reply and prompt: colours and log lines.

use alloc::{collections::VecDeque, vec::Vec};

/// Lets pass what is neither an ANSI escape sequence nor a log line, byte by byte. A log line
/// goes from its level to its line feed, so that what it cut in two joins again.
#[derive(Default)]
pub(super) struct Filter {
    escape: Escape,
    log: Log,
    /// What may turn out to be the head of a log line.
    held: Vec<u8>,
    passed: VecDeque<u8>,
}

#[derive(Clone, Copy, Default)]
enum Escape {
    #[default]
    No,
    /// After ESC.
    Began,
    /// After ESC and `[`.
    Within,
}

/// How far the head of a log line has come: `I (1234) `, `I (12:34:56.789) ` with the time of day,
/// `I (24-11-05 12:34:56.789) ` with the date (`esp_log.h`, ESP-IDF v4.0 to v6.0). Those without
/// any time, and of others, are left to whoever reads lines.
#[derive(Clone, Copy, Default)]
enum Log {
    #[default]
    No,
    Level,
    Space,
    Time,
    Closed,
    /// In its text.
    Within,
}

/// No time is longer.
const LONGEST_HEAD: usize = 28;

impl Filter {
    /// Takes a byte from the wire.
    pub(super) fn put(&mut self, byte: u8) {
        if !self.is_escape(byte) {
            self.put_unescaped(byte);
        }
    }

    /// The next byte that is known to be neither.
    pub(super) fn next(&mut self) -> Option<u8> {
        self.passed.pop_front()
    }

    fn is_escape(&mut self, byte: u8) -> bool {
        let (escape, is_part) = match (self.escape, byte) {
            (_, 0x1b) => (Escape::Began, true),
            // The end of a line cuts a sequence off.
            (_, b'\n') | (Escape::No, _) => (Escape::No, false),
            (Escape::Began, b'[') => (Escape::Within, true),
            (Escape::Within, 0x40..=0x7e) | (Escape::Began, _) => (Escape::No, true),
            (Escape::Within, _) => (Escape::Within, true),
        };
        self.escape = escape;
        is_part
    }

    fn put_unescaped(&mut self, byte: u8) {
        self.log = match (self.log, byte) {
            (Log::Within, b'\n') => {
                self.log = Log::No;
                return;
            }
            (Log::Within, _) => return,
            (Log::Level, b' ') => Log::Space,
            (Log::Space, b'(') | (Log::Time, b'0'..=b'9' | b':' | b'.' | b'-' | b' ')
                if self.held.len() < LONGEST_HEAD =>
            {
                Log::Time
            }
            (Log::Time, b')') => Log::Closed,
            (Log::Closed, b' ') => {
                self.held.clear();
                self.log = Log::Within;
                return;
            }
            (_, b'E' | b'W' | b'I' | b'D' | b'V') => {
                self.passed.extend(self.held.drain(..));
                Log::Level
            }
            _ => {
                self.passed.extend(self.held.drain(..));
                self.passed.push_back(byte);
                self.log = Log::No;
                return;
            }
        };
        self.held.push(byte);
    }
}

/// The bytes of hexadecimal digits as firmware prints them: lower case, in pairs, at least one.
pub(super) fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    digits.chunks_exact(2).map(|pair| Some((digit(pair[0])? << 4) | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec};
    use core::iter;

    use super::*;

    fn passed(text: &str) -> String {
        let mut filter = Filter::default();
        text.bytes().for_each(|byte| filter.put(byte));
        let passed = iter::from_fn(|| filter.next()).collect();
        String::from_utf8(passed).expect("text stays text")
    }

    #[test]
    fn log_lines_and_colours_are_taken_out_and_what_they_cut_joins() {
        for (text, left) in [
            ("0aI (123) wifi: up\r\n0b", "0a0b"),
            ("0a\x1b[0;32mI (123) wifi: up\x1b[0m\n0b", "0a0b"),
            ("E (12:34:56.789) a: b\n", ""),
            ("0aI (24-11-05 12:34:56.789) a: b\n0b", "0a0b"),
            ("I wifi: up\n", "I wifi: up\n"),
            ("D (1) a: b\nV (2) a: b\nW (3) a: b\nxyz", "xyz"),
            ("II (1) a: b\n.", "I."),
            ("I I (1) a: b\n.", "I ."),
            ("I (I (1) a: b\n.", "I (."),
            ("I (x) \n", "I (x) \n"),
            ("I (1)x\n", "I (1)x\n"),
            ("I (1111111111111111111111111111) x\n", "I (1111111111111111111111111111) x\n"),
            ("\x1b[31", ""),
            ("\x1b[31\n.", "\n."),
            ("\x1bM.", "."),
            ("\x1b\x1b[0m.", "."),
        ] {
            assert_eq!(passed(text), left, "{text:?}");
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
