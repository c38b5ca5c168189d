//! What comes between an echo and the next prompt: a reply, possibly in pieces.
//!
//! ```text
//!  free heap: 182044\r\n     other output: a reply begins with a blank line
//!  \r\n
//!  0a0bI wifi: up\r\n        a piece of the reply, and the output that cut it
//!  0c\r\n                    the rest of the reply
//!  \n>>␠
//! ```
//!
//! Other output usually, but not always, ends its line, and may begin with characters that could be
//! digits of the reply. Output that does not end its line runs on to the end of the reply's, and
//! the rest of the reply is lost in it. So a piece alone is never taken for the whole reply, and
//! pieces are joined only where no other reading is possible.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::text::{self, begins_log};

/// The most digits of a reply that are kept: at two for each byte, enough for the longest scan page
/// a device sends.
const LONGEST: usize = 32 * 1024;

/// The lines since the echo.
#[derive(Default)]
pub(super) struct Answer {
    digits: Zeroizing<Vec<u8>>,
    state: State,
    /// Blank lines since the last piece.
    blank: usize,
    /// The index of the one digit that may belong to other output ([`Piece::Doubtful`]).
    doubtful: Option<usize>,
    /// No blank line has come yet, and the previous line was other output.
    after_other: bool,
    /// Other output may contain the reply or its beginning, so it can't be said that there is none.
    may_hide: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// No blank line has come yet.
    #[default]
    Before,
    Begun,
    /// Other output has cut the reply, so more of it follows.
    Cut,
    Whole,
    /// The lines can be read in more than one way.
    Unclear,
}

/// What the lines turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    Nothing,
    Reply(Vec<u8>),
    Garbled,
}

/// How a line begins: the number of digits at its start, and what comes after them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// The end of the line.
    Whole(usize),
    /// Something that is certainly not of the reply.
    Cut(usize),
    /// Something to which the last digit may belong. The total decides: digits come in pairs.
    Doubtful(usize),
    /// Something to which several of the digits may belong, or which may contain others.
    Unclear(usize),
    None,
}

impl Piece {
    pub(super) fn of(line: &[u8]) -> Self {
        let digits = line.iter().take_while(|byte| is_digit(**byte)).count();
        let (head, rest) = line.split_at(digits);
        // One log line within another: the first has no line end, and may contain a piece.
        if (digits + 1..line.len()).any(|at| begins_log(&line[at..])) {
            return Self::Unclear(digits);
        }
        match rest {
            _ if digits == 0 => Self::None,
            [] => Self::Whole(digits),
            [next, ..] if begins_other_output(*next) => Self::Cut(digits),
            // An address such as 0x3ffb.
            [b'x', next, ..] if head.ends_with(b"0") && is_digit(*next) => Self::Doubtful(digits),
            _ => {
                let count = |byte: &&u8| byte.is_ascii_lowercase();
                let shared = head.iter().rev().take_while(count).count();
                let word = shared + rest.iter().take_while(count).count();
                match shared {
                    // A short word after a number may be its unit.
                    _ if word < SHORTEST_WORD => Self::Unclear(digits),
                    0 => Self::Cut(digits),
                    1 => Self::Doubtful(digits),
                    _ => Self::Unclear(digits),
                }
            }
        }
    }
}

/// The fewest letters of a word that can't be the unit of the number before it.
const SHORTEST_WORD: usize = 4;

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Whether a byte can only begin other output: the level of a log line, a word in capitals, the
/// bracket of an Arduino log. None of these can follow a lower-case letter or a digit in a word.
fn begins_other_output(byte: u8) -> bool {
    byte.is_ascii_uppercase() || b"[<*#".contains(&byte) || !(b' '..=b'~').contains(&byte)
}

/// Whether a line may end in digits of the reply. A log line does not: it always ends its own line.
fn ends_in_digit(line: &[u8]) -> bool {
    let is_arduino = line.starts_with(b"[") && line.windows(2).any(|pair| pair == b"][");
    let is_log = is_arduino || matches!(line, [b'E' | b'W' | b'I' | b'D' | b'V', b' ', ..]);
    !is_log && line.last().is_some_and(|byte| is_digit(*byte))
}

impl Answer {
    /// Takes the next line, without its line end.
    pub(super) fn take(&mut self, line: &[u8]) {
        if line.is_empty() {
            self.blank += 1;
            if self.state == State::Before {
                self.state = State::Begun;
            }
            return;
        }
        let piece = Piece::of(line);
        if self.state == State::Before {
            // The blank line before the reply may only have ended that other output.
            let is_whole = matches!(piece, Piece::Whole(_));
            self.may_hide |= is_whole && self.after_other;
            self.after_other = !is_whole;
            return;
        }
        let goes_on = self.state == State::Begun || self.state == State::Cut && self.blank == 0;
        let (state, digits) = match piece {
            // Output after the reply, unless this line hides more of it.
            Piece::None | Piece::Doubtful(_) | Piece::Unclear(_) if self.state == State::Whole => {
                if !ends_in_digit(line) {
                    return;
                }
                (State::Unclear, 0)
            }
            Piece::None => {
                self.may_hide |= line.last().is_some_and(|byte| is_digit(*byte));
                return;
            }
            Piece::Whole(digits) if goes_on => (State::Whole, digits),
            Piece::Doubtful(digits) if goes_on && self.doubtful.is_none() => {
                self.doubtful = Some(self.digits.len() + digits - 1);
                (State::Cut, digits)
            }
            Piece::Cut(digits) if goes_on => (State::Cut, digits),
            _ => (State::Unclear, 0),
        };
        self.blank = 0;
        self.state = state;
        if self.digits.len() + digits > LONGEST {
            self.spoil();
        }
        self.digits.extend_from_slice(&line[..digits.min(LONGEST)]);
    }

    /// Takes note of a line that is too long to be looked at.
    pub(super) fn spoil(&mut self) {
        self.state = State::Unclear;
        self.digits.clear();
        self.doubtful = None;
    }

    /// Whether a reply has come that looks complete. More of it may still follow.
    pub(super) fn is_whole(&self) -> bool {
        self.state == State::Whole
    }

    /// Says what the lines are. Call it at the prompt, or after a silence.
    pub(super) fn judge(&mut self) -> Judged {
        let is_complete = match self.state {
            State::Before | State::Begun if !self.may_hide => return Judged::Nothing,
            State::Before | State::Begun | State::Unclear => false,
            State::Whole => true,
            // One ends the reply's own line, the other begins the prompt.
            State::Cut => self.blank >= 2,
        };
        if let Some(at) = self.doubtful.take()
            && !self.digits.len().is_multiple_of(2)
        {
            self.digits.remove(at);
        }
        let bytes = text::bytes(&self.digits).filter(|_| is_complete);
        bytes.map_or(Judged::Garbled, Judged::Reply)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn judged(lines: &[&str]) -> Judged {
        let mut answer = Answer::default();
        for line in lines {
            answer.take(line.as_bytes());
        }
        answer.judge()
    }

    #[test]
    fn pieces_are_joined_across_complete_lines_of_anything() {
        for lines in [
            &["", "0a0b0c", ""][..],
            // Anything may come before the reply begins.
            &["free heap: 182044", "deadbeef", "", "0a0b0c", ""],
            &["", "0a0bI wifi: up", "0c", ""],
            &["", "I wifi: up", "0a0b0c", ""],
            &["", "0a[ 23458][D][WiFiGeneric.cpp:929] _eventCallback(): 8", "0b0c", ""],
            &["", "0aHeap", "0bHeap", "0c", ""],
            &["", "0aHeap", "I wifi: up", "Stack: 12", "0b0c", ""],
            // Words in lower case to which no digit, or only one, could belong.
            &["", "0a0wifi:new:<6,0>", "b0c", ""],
            &["", "hello", "heap: 12345", "0a0b0c", ""],
            &["", "0aheap: 12345", "0b0c", ""],
            &["", "0a0frequency: 5", "b0c", ""],
            &["", "free heap: 12", "0a0b0c", ""],
            &["", "0a00x40081234: abort", "b0c", ""],
            // Cut at the end of its line, or after it.
            &["", "0a0b0cHeap", "", ""],
            &["", "0a0b0c", "Heap", "connection", "I wifi: channel 6", ""],
        ] {
            assert_eq!(judged(lines), Judged::Reply(vec![0x0a, 0x0b, 0x0c]), "{lines:?}");
        }
    }

    #[test]
    fn what_has_two_readings_is_no_reply() {
        for lines in [
            // It is unclear which digits belong to the reply.
            &["", "0afree heap: 12", "0b0c", ""][..],
            &["", "0a2024-11-05 x", "0b0c", ""],
            &["", "0ahead: 1", "0bhead: 1", "0c", ""],
            &["", "0a12ms", "0b0c", ""],
            &["", "0aI (5) a: upI (6) b: up", "0b0c", ""],
            &["", "I (5) a: up0aI (6) b: up", "0b0c", ""],
            // The digits may be all of the reply or only its rest.
            &["", "I (5) a: up0a0b0c", ""],
            &["I (5) a: up", "0a0b0c", ""],
            &["", "0aI (5) a: up0b0c", ""],
            &["", "0a0b0cI (5) a: up", ""],
            // The other output begins or ends in the middle of a line.
            &["", "0a", "Heap", "0b0c", ""],
            &["", "0aHeap 0b0c", ""],
            &["", "0a", "Heap 0b0c", ""],
            &["", "0aHeap", "", "0b0c", ""],
            &["", "0a0b0c", "0a0b0c", ""],
            &["", "0a0b", "0cHeap", "", ""],
            &["", "0a0b0c", "[x] 5", ""],
            // The reply is damaged.
            &["", "0a0", ""],
            &["", "0A0B", ""],
        ] {
            assert_eq!(judged(lines), Judged::Garbled, "{lines:?}");
        }
    }

    #[test]
    fn a_reply_that_is_too_long_is_not_kept() {
        let half = "0a".repeat(LONGEST / 4);
        let cut = half.clone() + "Heap";
        let longest = Judged::Reply(vec![0x0a; LONGEST / 2]);
        assert_eq!(judged(&["", &cut, &half, ""]), longest);
        assert_eq!(judged(&["", &cut, &(half + "0b"), ""]), Judged::Garbled);
    }

    #[test]
    fn lines_without_a_reply_are_none() {
        for lines in [
            &[""][..],
            &["failed", ""],
            &["E wifi: failed", "bad password", ""],
            &["0a0b", ""],
            &["", "I wifi: up", ""],
        ] {
            assert_eq!(judged(lines), Judged::Nothing, "{lines:?}");
        }
    }
}
