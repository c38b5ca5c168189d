//! What lies between an echo and the next prompt: a reply, maybe in pieces.
//!
//! ```text
//!  free heap: 182044\r\n     not of the reply, which begins with a blank line
//!  \r\n
//!  0a0bI wifi: up\r\n        a piece, and what cut it
//!  0c\r\n                    the rest
//!  \n>>␠
//! ```
//!
//! Other output ends mostly, not always, at the end of a line, and may begin with what could be
//! digits. Pieces are joined where nothing else can be meant; a piece alone is never taken for the
//! whole.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::text;

/// Twice the bytes of the longest scan page a device sends.
const LONGEST: usize = 32 * 1024;

/// The lines since the echo.
#[derive(Default)]
pub(super) struct Answer {
    digits: Zeroizing<Vec<u8>>,
    state: State,
    /// Blank lines since the last piece.
    blank: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// No blank line yet.
    #[default]
    Before,
    Begun,
    /// By other output, so that more follows.
    Cut,
    Whole,
    /// More than one reading.
    Unclear,
}

/// What the lines are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    Nothing,
    Reply(Vec<u8>),
    Garbled,
}

/// How a line begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// So many digits, and the line ends.
    Whole(usize),
    /// So many digits, and then surely something else.
    Cut(usize),
    /// So many digits and something else, to which some of them may belong.
    Unclear(usize),
    None,
}

impl Piece {
    pub(super) fn of(line: &[u8]) -> Self {
        let digits = line.iter().take_while(|byte| is_digit(**byte)).count();
        match (digits, line.get(digits)) {
            (0, _) => Self::None,
            (_, None) => Self::Whole(digits),
            (_, Some(next)) if begins_other_output(*next) => Self::Cut(digits),
            _ => Self::Unclear(digits),
        }
    }
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// The level of a log line, a word in capitals, the bracket of Arduino, and no byte that could
/// follow a small letter or a number in one word.
fn begins_other_output(byte: u8) -> bool {
    byte.is_ascii_uppercase() || b"[<*#".contains(&byte) || !(b' '..=b'~').contains(&byte)
}

/// Whether what follows digits could be more of them. Log lines begin and end as lines.
fn ends_in_digit(line: &[u8]) -> bool {
    let is_arduino = line.starts_with(b"[") && line.windows(2).any(|pair| pair == b"][");
    let is_log = is_arduino || matches!(line, [b'E' | b'W' | b'I' | b'D' | b'V', b' ', ..]);
    !is_log && line.last().is_some_and(|byte| is_digit(*byte))
}

impl Answer {
    /// Takes the next line, without its end.
    pub(super) fn take(&mut self, line: &[u8]) {
        if line.is_empty() {
            self.blank += 1;
            if self.state == State::Before {
                self.state = State::Begun;
            }
            return;
        }
        let goes_on = self.state == State::Begun || self.state == State::Cut && self.blank == 0;
        let (state, digits) = match Piece::of(line) {
            _ if self.state == State::Before => return,
            // Behind the reply, unless this line hides the rest of it.
            Piece::None | Piece::Unclear(_) if self.state == State::Whole => {
                if !ends_in_digit(line) {
                    return;
                }
                (State::Unclear, 0)
            }
            Piece::None => return,
            Piece::Whole(digits) if goes_on => (State::Whole, digits),
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

    /// Something came that is too long to be looked at.
    pub(super) fn spoil(&mut self) {
        self.state = State::Unclear;
        self.digits.clear();
    }

    /// Whether a reply is there, unless more of it follows.
    pub(super) fn is_whole(&self) -> bool {
        self.state == State::Whole
    }

    /// What the lines are; after this comes a prompt, or nothing for a while.
    pub(super) fn judge(&self) -> Judged {
        let is_complete = match self.state {
            State::Before | State::Begun => return Judged::Nothing,
            State::Whole => true,
            // The end of the reply's own line, and the beginning of the prompt.
            State::Cut => self.blank >= 2,
            State::Unclear => false,
        };
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
            // Whatever comes before a reply begins.
            &["free heap: 182044", "deadbeef", "", "0a0b0c", ""],
            &["", "0a0bI wifi: up", "0c", ""],
            &["", "I wifi: up", "0a0b0c", ""],
            &["", "0a[ 23458][D][WiFiGeneric.cpp:929] _eventCallback(): 8", "0b0c", ""],
            &["", "0aHeap", "0bHeap", "0c", ""],
            &["", "0aHeap", "I wifi: up", "Stack: 12", "0b0c", ""],
            // Cut in the end of its line, or behind it.
            &["", "0a0b0cHeap", "", ""],
            &["", "0a0b0c", "Heap", "connection", "I wifi: channel 6", ""],
        ] {
            assert_eq!(judged(lines), Judged::Reply(vec![0x0a, 0x0b, 0x0c]), "{lines:?}");
        }
    }

    #[test]
    fn what_has_two_readings_is_no_reply() {
        for lines in [
            // Which digits are the reply's?
            &["", "0afree heap: 12", "0b0c", ""][..],
            &["", "0a2024-11-05 x", "0b0c", ""],
            &["", "free heap: 12", "0a0b0c", ""],
            // The other output begins or ends in the middle of a line.
            &["", "0a", "Heap", "0b0c", ""],
            &["", "0aHeap 0b0c", ""],
            &["", "0a", "Heap 0b0c", ""],
            &["", "0aHeap", "", "0b0c", ""],
            &["", "0a0b0c", "0a0b0c", ""],
            // Damaged.
            &["", "0a0", ""],
            &["", "0A0B", ""],
        ] {
            assert_eq!(judged(lines), Judged::Garbled, "{lines:?}");
        }
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
