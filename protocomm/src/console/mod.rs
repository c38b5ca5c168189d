//! The UART console: one line out, one line of hexadecimal digits back.
//!
//! ```text
//!  device   client           device, what is printed
//!  \n>>␠                     the prompt
//!           proto-ver 17 6e6f6e65\r
//!                            the echo: the same line, its CR as CR LF
//!                            \r\n7b2270726f76…\r\n      the reply; nothing if there is none
//!  \n>>␠                     the prompt
//! ```
//!
//! The device's log goes to the same wire and can cut echo and reply anywhere; a restart shows as
//! the output of the boot ROM. This follows `protocomm_console.c`, ESP-IDF v4.2 to v5.5, which was
//! read, and run on a PC with a simulated UART, but not yet tried on a board.
//!
//! The client's half is [`line()`] and [`Listener`], the device's half (feature `device`) is
//! `LineReader`, `Call`, `words` and `reply`.

mod answer;
#[cfg(feature = "device")]
mod device;
mod listener;
mod text;

use alloc::vec::Vec;
use core::fmt::Write;

use thiserror::Error;
use zeroize::Zeroizing;

use self::answer::Piece;
#[cfg(feature = "device")]
pub use self::device::{Call, LineReader, reply, words};
pub use self::listener::{Heard, Listener};
use crate::Endpoint;

/// What a device prints when it is ready for the next line.
pub const PROMPT: &str = "\n>> ";

/// The CR that ends a line. Send it alone: with a line feed after it, the line does not end.
pub const LINE_END: u8 = b'\r';

/// The longest line in bytes, including its CR: the firmware's buffer of 256 bytes also holds a
/// terminating zero (`LINE_BUF_SIZE`).
pub const LINE_LIMIT: usize = 255;

/// The error for a request that does not fit into a line of the firmware's console.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the request for {endpoint} has {bytes} bytes; a console line has room for {most}")]
#[non_exhaustive]
pub struct LineTooLong {
    /// The endpoint it is for.
    pub endpoint: Endpoint,
    /// The length of the request in bytes.
    pub bytes: usize,
    /// The most bytes that fit.
    pub most: usize,
}

/// Formats the line for a request, including its CR. `session` is the number of the transport
/// session: a device that sees a new number begins a new session.
///
/// # Errors
/// [`LineTooLong`]. Under security 2 this is always so: its public key alone is three times too
/// long.
pub fn line(
    endpoint: &Endpoint,
    session: u32,
    request: &[u8],
) -> Result<Zeroizing<Vec<u8>>, LineTooLong> {
    let mut line = Text(Zeroizing::new(Vec::with_capacity(LINE_LIMIT)));
    // Writing to a vector can't fail.
    let _ = write!(line, "{endpoint} {session} ");
    let most = (LINE_LIMIT - 1).saturating_sub(line.0.len()) / 2;
    if request.len() > most || line.0.len() >= LINE_LIMIT {
        return Err(LineTooLong { endpoint: endpoint.clone(), bytes: request.len(), most });
    }
    line.digits(request);
    line.0.push(LINE_END);
    Ok(line.0)
}

/// Reads a reply that a person has copied from a terminal, which may have wrapped it. Joins all
/// lines of hexadecimal digits in `text`, and leaves out echo, prompts, colours and other output.
/// Returns `None` if there are no digits or an odd number of them, or if it is not clear which
/// belong to the reply.
pub fn copied(text: &str) -> Option<Vec<u8>> {
    let mut filter = text::Filter::default();
    let text: Vec<u8> = text.bytes().filter(|byte| filter.passes(*byte)).collect();
    let mut digits = Vec::new();
    // Other output has cut a line, so its rest must follow.
    let mut is_cut = false;
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let line = line.trim_ascii();
        let line = line.strip_prefix(b">>").unwrap_or(line).trim_ascii_start();
        let whole: Vec<_> = line.iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if whole.iter().all(|byte| byte.is_ascii_hexdigit()) {
            digits.extend(whole.iter().map(|byte| byte.to_ascii_lowercase()));
            is_cut &= whole.is_empty();
            continue;
        }
        if is_cut_echo(line) {
            // The rest of the echo could not be told from the reply.
            return None;
        }
        match Piece::of(line) {
            Piece::Cut(piece) => {
                digits.extend_from_slice(&line[..piece]);
                is_cut = true;
            }
            Piece::Doubtful(_) | Piece::Unclear(_) if !is_copied_echo(line) => return None,
            Piece::Whole(_) | Piece::Doubtful(_) | Piece::Unclear(_) | Piece::None => {}
        }
    }
    text::bytes(&digits).filter(|_| !is_cut)
}

/// Whether a line is an echo: an endpoint, a number and digits.
fn is_copied_echo(line: &[u8]) -> bool {
    let words: Vec<_> = line.split(|&byte| byte == b' ').collect();
    let all = |word: &[u8], is: fn(&u8) -> bool| word.iter().all(is);
    matches!(words[..], [_, number, digits]
        if all(number, u8::is_ascii_digit) && all(digits, u8::is_ascii_hexdigit))
}

/// Whether a line is an echo that other output has cut.
fn is_cut_echo(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let (Some(_), Some(number), Some(rest)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    number.iter().all(u8::is_ascii_digit) && matches!(Piece::of(rest), Piece::Cut(_))
}

/// Text that is being written, and wiped on drop.
struct Text(Zeroizing<Vec<u8>>);

impl Text {
    fn digits(&mut self, bytes: &[u8]) {
        for byte in bytes {
            // Writing to a vector can't fail.
            let _ = write!(self, "{byte:02x}");
        }
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn a_line_has_three_words_and_a_cr_alone() {
        let line = line(&Endpoint::VERSION, 17, b"none").expect("it fits");
        assert_eq!(*line, b"proto-ver 17 6e6f6e65\r");
    }

    #[test]
    fn the_longest_line_is_filled_to_the_last_character() {
        let endpoint = Endpoint::from_static("echo");
        // "echo 1 " and 123 pairs of digits and the CR; "echo 12 " leaves one character over.
        for (session, most) in [(1, 123), (12, 123), (123, 122)] {
            let longest = line(&endpoint, session, &vec![0xab; most]).expect("it fits");
            assert!(longest.len() <= LINE_LIMIT && longest.len() + 2 > LINE_LIMIT);
            let too_long = line(&endpoint, session, &vec![0xab; most + 1]).map(|_| ());
            let bytes = most + 1;
            assert_eq!(too_long, Err(LineTooLong { endpoint: endpoint.clone(), bytes, most }));
        }
    }

    #[test]
    fn a_name_that_fills_the_line_leaves_room_for_nothing() {
        for length in [251, 252, 253, 254, 255, 1000] {
            let endpoint = Endpoint::new("x".repeat(length)).expect("a name");
            let fits = length + " 1 \r".len() <= LINE_LIMIT;
            assert_eq!(line(&endpoint, 1, b"").is_ok(), fits, "{length}");
            assert!(line(&endpoint, 1, b"x").is_err_and(|error| error.most == 0));
        }
    }

    #[test]
    fn a_copied_reply_is_found_between_whatever_was_copied_with_it() {
        for text in [
            "0a0b",
            "  0A0b\r\n",
            "0a 0b",
            "\n0a0b\n\n>> ",
            ">> 0a0b",
            "proto-ver 0 6e6f6e65\r\n\r\n0a0b\r\n",
            "I (123) wifi: up\n0aI (124) wifi: down\n0b\n",
            "\x1b[0;32mI (123) wifi: up\x1b[0m\n0a\n0b",
            "0a0\nb",
            "0aI wifi: up\n0b\n",
            "custom-data 0 6e6f6e65\r\n\r\n0aI (24-11-05 12:34:56.789) wifi: up\r\n0b\r\n",
            "0a[ 23458][D][WiFiGeneric.cpp:929] f(): x\n0b",
        ] {
            assert_eq!(copied(text), Some(vec![0x0a, 0x0b]), "{text:?}");
        }
        for text in [
            "",
            "\n",
            ">> ",
            "0a0",
            "hello",
            "I (1) a: 0a0b",
            "proto-ver 0 6e6f6e65",
            // A part is never taken for the whole.
            "0a0bI wifi: up",
            "0aI (5) wifi: up0b\n\n>> ",
            "proto-ver 0 6eI (5) wifi: up\n6f\n\n0a0b",
            "proto-ver 0 6eI wifi: up\n6f\n\n0a0b",
            "0afree heap: 12\n0b",
        ] {
            assert_eq!(copied(text), None, "{text:?}");
        }
    }
}
