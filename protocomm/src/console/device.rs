//! The device's half: reads lines as the vendor's firmware does, parses them and formats replies.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::mem;

use zeroize::Zeroizing;

use super::{LINE_END, LINE_LIMIT, Text};

/// Reads lines as `protocomm_console_task` does (ESP-IDF v5.5): it takes all the bytes that have
/// arrived, echoes them, and only then checks whether the last one is a CR. So a CR in the middle,
/// as in CR LF, does not end the line, and what follows is joined to it. A line of [`LINE_LIMIT`]
/// bytes ends there.
#[derive(Default)]
pub struct LineReader {
    line: Zeroizing<Vec<u8>>,
}

impl LineReader {
    /// Takes the bytes that have `arrived` and appends their echo to `echo`. Returns a line, with
    /// its CR, once one is complete. Bytes after a full line stay in `arrived`: pass them again
    /// after the next prompt.
    pub fn read(&mut self, arrived: &mut &[u8], echo: &mut Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
        let (taken, rest) = arrived.split_at(arrived.len().min(LINE_LIMIT - self.line.len()));
        *arrived = rest;
        for &byte in taken {
            echo.push(byte);
            if byte == LINE_END {
                echo.push(b'\n');
            }
        }
        self.line.extend_from_slice(taken);
        let is_full = self.line.len() == LINE_LIMIT;
        (is_full || self.line.last() == Some(&LINE_END)).then(|| mem::take(&mut self.line))
    }
}

/// A request, as a line of the console asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The name of the endpoint.
    pub endpoint: String,
    /// The transport session. A number that differs from the last one begins a new session.
    pub session: u32,
    /// The bytes of the request.
    pub request: Zeroizing<Vec<u8>>,
}

impl Call {
    /// Parses a line, of which the first three words are endpoint, session and request. Returns
    /// `None` if there are fewer, if the name is empty or not UTF-8, or if the request is not
    /// hexadecimal; the device then prints only its next prompt. (The vendor's firmware does not
    /// check the digits.)
    pub fn parse(line: &[u8]) -> Option<Self> {
        let words = words(line);
        let [endpoint, session, digits, ..] = words.as_slice() else { return None };
        let endpoint = core::str::from_utf8(endpoint).ok()?.to_owned();
        // Two quotation marks with nothing between them.
        if endpoint.is_empty() {
            return None;
        }
        // As `atoi` does: the leading digits, or 0.
        let session =
            session.iter().take_while(|byte| byte.is_ascii_digit()).fold(0, |number: u32, byte| {
                number.wrapping_mul(10).wrapping_add((byte - b'0').into())
            });
        // The word includes the CR, which makes a pair with an odd digit, or is left over.
        let value =
            |digit: u8| char::from(digit).to_digit(16).and_then(|digit| digit.try_into().ok());
        let byte = |pair: &[u8]| -> Option<u8> {
            let first: u8 = value(pair[0])?;
            if pair[1] == LINE_END { Some(first) } else { Some(16 * first + value(pair[1])?) }
        };
        let request = digits.chunks_exact(2).map(byte).collect::<Option<Vec<_>>>()?;
        Some(Self { endpoint, session, request: Zeroizing::new(request) })
    }

    /// Whether this call begins a new transport session, compared with the current one in
    /// `session`, which it replaces. Use it only for calls to an endpoint that exists: the firmware
    /// does not look at the session of others.
    pub fn begins_session(&self, session: &mut Option<u32>) -> bool {
        session.replace(self.session) != Some(self.session)
    }
}

/// Splits a line into words as the console does (`split_argv.c`, ESP-IDF v4.0 to v6.0): at spaces,
/// except within quotation marks. A backslash keeps a space, quotation mark or backslash after it,
/// and drops any other character. A NUL ends the line. The CR stays in the last word, unless a
/// backslash drops it: so `help` with a CR is an unknown command.
pub fn words(line: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut words = Vec::new();
    let mut word: Option<Zeroizing<Vec<u8>>> = None;
    let (mut is_quoted, mut is_escaped) = (false, false);
    for &byte in line.split(|&byte| byte == 0).next().unwrap_or_default() {
        let is_special = matches!(byte, b'\\' | b'"' | b' ');
        if mem::take(&mut is_escaped) {
            word.get_or_insert_default().extend(Some(byte).filter(|_| is_special));
            continue;
        }
        match (byte, &word) {
            (b'\\', _) => {
                word.get_or_insert_default();
                is_escaped = true;
            }
            (b'"', None) => {
                word = Some(Zeroizing::default());
                is_quoted = true;
            }
            (b'"', Some(_)) if is_quoted => {
                words.extend(word.take());
                is_quoted = false;
            }
            (b' ', _) if !is_quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    words
}

/// Formats a reply as the device prints it: CR LF, lower-case hexadecimal digits, CR LF.
pub fn reply(reply: &[u8]) -> Vec<u8> {
    let mut text = Text(Zeroizing::new(b"\r\n".to_vec()));
    text.digits(reply);
    text.0.extend_from_slice(b"\r\n");
    mem::take(&mut text.0)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        Endpoint,
        console::{Heard, Listener, PROMPT, line},
    };

    /// The lines read from what arrives in pieces, and the whole echo.
    fn read(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Vec<u8>) {
        let (mut reader, mut lines, mut echo) = (LineReader::default(), Vec::new(), Vec::new());
        for piece in pieces {
            let mut arrived = *piece;
            while !arrived.is_empty() {
                lines.extend(reader.read(&mut arrived, &mut echo).map(|line| line.to_vec()));
            }
        }
        (lines, echo)
    }

    #[test]
    fn a_line_ends_at_a_cr_that_is_the_last_to_arrive() {
        let (lines, echo) = read(&[b"one", b" 1 00\r", b"two\r"]);
        assert_eq!(lines, [b"one 1 00\r".to_vec(), b"two\r".to_vec()]);
        assert_eq!(echo, b"one 1 00\r\ntwo\r\n");
    }

    #[test]
    fn pieces_run_together_where_a_cr_is_not_the_last() {
        assert_eq!(read(&[b"one\r\n", b"two\r"]).0, [b"one\r\ntwo\r".to_vec()]);
        assert_eq!(read(&[b"one\rtwo\r"]).0, [b"one\rtwo\r".to_vec()]);
        assert_eq!(read(&[b"one\r\n"]).0, Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_full_line_ends_and_the_rest_begins_another() {
        let mut long = vec![b'x'; 300];
        long.push(b'\r');
        let (lines, echo) = read(&[&long]);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [255, 46]);
        assert_eq!(echo.len(), 302);
    }

    #[test]
    fn a_call_is_three_words() {
        let call = |line: &str| {
            Call::parse(line.as_bytes())
                .map(|call| (call.endpoint, call.session, call.request.to_vec()))
        };
        let meant = |session, request: &[u8]| Some(("a".to_owned(), session, request.to_vec()));
        for (line, meant) in [
            ("a 7 00ff\r", meant(7, &[0, 0xff])),
            ("a 7 00FF", meant(7, &[0, 0xff])),
            ("  a  7  00ff  more words\r", meant(7, &[0, 0xff])),
            ("a 7x 00\r", meant(7, &[0])),
            ("a x 00\r", meant(0, &[0])),
            // The CR counts as the third word.
            ("a 7 \r", meant(7, &[])),
            // The CR makes a pair with an odd digit.
            ("a 7 0\r", meant(7, &[0])),
            ("a 7 0af\r", meant(7, &[0x0a, 0x0f])),
            ("a 7 0a\\\r", meant(7, &[0x0a])),
            ("a 7 \"0a\"\r", meant(7, &[0x0a])),
            ("a 7\r", None),
            ("a\r", None),
            ("\r", None),
            ("", None),
            ("a 7 0g\r", None),
            ("a 7 00\r\n", None),
        ] {
            assert_eq!(call(line), meant, "{line:?}");
        }
        assert_eq!(Call::parse(b"\xff 7 00\r"), None);
        assert_eq!(call("a 99999999999 00\r").map(|call| call.0), Some("a".to_owned()));
    }

    #[test]
    fn words_are_split_as_the_vendors_console_does() {
        for (line, meant) in [
            ("help\r", &["help\r"][..]),
            ("help\\\r", &["help"]),
            ("help\\", &["help"]),
            ("\r", &["\r"]),
            ("  a  b\r", &["a", "b\r"]),
            ("a\\ b c", &["a b", "c"]),
            ("\"a b\"c", &["a b", "c"]),
            ("a\"b", &["a\"b"]),
            ("\"\" x\\nz", &["", "xz"]),
            ("", &[]),
        ] {
            let words: Vec<_> = words(line.as_bytes()).iter().map(|word| word.to_vec()).collect();
            assert_eq!(
                words,
                meant.iter().map(|word| word.as_bytes()).collect::<Vec<_>>(),
                "{line:?}"
            );
        }
    }

    #[test]
    fn another_number_begins_a_session() {
        let mut session = None;
        let mut begins =
            |line: &[u8]| Call::parse(line).is_some_and(|call| call.begins_session(&mut session));
        assert!(begins(b"a 0 00\r"), "the first");
        assert!(!begins(b"a 0 00\r"), "the same");
        assert!(begins(b"a 7 00\r"), "another");
        assert!(begins(b"a 0 00\r"), "one from before");
    }

    proptest! {
        #[test]
        fn what_one_half_writes_the_other_reads(
            name in "[a-z][a-z0-9_-]{0,30}",
            session in any::<u32>(),
            request in prop::collection::vec(any::<u8>(), 0..100),
            answer in prop::collection::vec(any::<u8>(), 1..300),
        ) {
            let endpoint = Endpoint::new(name.clone()).expect("a name");
            let line = line(&endpoint, session, &request).expect("it fits");
            let (mut reader, mut wire) = (LineReader::default(), PROMPT.as_bytes().to_vec());
            let read = reader.read(&mut line.as_slice(), &mut wire).expect("a whole line");
            let call = Call::parse(&read).expect("three words");
            prop_assert_eq!((call.endpoint, call.session), (name, session));
            prop_assert_eq!(&*call.request, &request);

            wire.extend(reply(&answer));
            wire.extend_from_slice(PROMPT.as_bytes());
            let mut listener = Listener::default();
            listener.sent(&line);
            let heard: Vec<_> = wire.iter().filter_map(|&byte| listener.hear(byte)).collect();
            prop_assert_eq!(heard, [Heard::Reply(answer)]);
        }

        #[test]
        fn any_bytes_are_read_in_peace(pieces in prop::collection::vec(any::<Vec<u8>>(), 0..20)) {
            let pieces: Vec<_> = pieces.iter().map(Vec::as_slice).collect();
            let (lines, _) = read(&pieces);
            for line in lines {
                prop_assert!(line.len() <= LINE_LIMIT);
                let _ = Call::parse(&line);
            }
        }
    }
}
