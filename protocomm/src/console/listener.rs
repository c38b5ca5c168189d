//! The client's half: finds the reply among echo, prompts, log lines and the output of a restart.

use alloc::vec::Vec;
use core::mem;

use zeroize::Zeroizing;

use super::{
    LINE_END,
    answer::{Answer, Judged, Piece},
    text,
};

/// What a client hears from a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The reply to the line that was sent.
    Reply(Vec<u8>),
    /// There was a reply, but other output has cut it in a way that leaves its bytes in doubt.
    Garbled,
    /// The prompt: the device is ready for a line. After a line was sent, it means that there is no
    /// reply: the device failed to handle the request, or has no such endpoint.
    Prompt,
    /// The device has restarted.
    Restarted,
}

/// Listens to a device, byte by byte. One listener serves a link for its whole life.
///
/// A reply is the hexadecimal digits between the echo and the next prompt, on lines of their own or
/// cut by other output, so it is reported only when the prompt comes. A prompt before the echo
/// belongs to the previous line, since it comes 10 to 20 ms after the reply
/// (`protocomm_console.c`). If there has never been an echo on this link, the console has none. A
/// missing reply then goes unnoticed, because its prompt looks like that of the previous line. An
/// empty reply can't be told from none.
///
/// The listener keeps no more than the line that was sent, one line of output and one reply.
#[derive(Default)]
pub struct Listener {
    filter: text::Filter,
    /// The current line of output, so far.
    line: Zeroizing<Vec<u8>>,
    /// The line that was sent, without its CR, until it is answered; then empty.
    sent: Zeroizing<Vec<u8>>,
    echo: Echo,
    /// What came since the echo, or since the line was sent if there was no echo yet.
    answer: Answer,
    /// Whether this console echoes.
    has_echo: bool,
    /// Whether the prompt after the last reply is still to come.
    prompt_due: bool,
}

/// How much of the echo has come.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Echo {
    #[default]
    Nothing,
    /// This many characters, then something else.
    Begun(usize),
    All,
}

/// The longest line that is looked at, in bytes.
const LONGEST_LINE: usize = 32 * 1024;

/// The boot ROM of every ESP32 prints one of these (`rst:0x1 (POWERON),boot:0x8`).
const BOOT: [&[u8]; 2] = [b"ESP-ROM:", b"rst:0x"];

/// A prompt, without the LF before it.
const PROMPTED: &[u8] = b">> ";

/// Whether a line is from the boot ROM. Its words within a log line do not count: the application
/// may be logging the reason of an earlier restart.
fn is_boot(line: &[u8]) -> bool {
    let find = |text: &[u8]| line.windows(text.len()).position(|part| part == text);
    let found = BOOT.iter().filter_map(|text| find(text)).min();
    found.is_some_and(|at| !(0..at).any(|from| text::begins_log(&line[from..])))
}

impl Listener {
    /// Tells the listener that `line` is being sent: its echo comes next, and then its reply.
    pub fn sent(&mut self, line: &[u8]) {
        let line = line.strip_suffix(&[LINE_END]).unwrap_or(line);
        self.sent = Zeroizing::new(line.to_vec());
        self.echo = Echo::Nothing;
        self.answer = Answer::default();
    }

    /// Takes the next byte from the wire. Returns what it completes, if anything.
    pub fn hear(&mut self, byte: u8) -> Option<Heard> {
        if self.filter.passes(byte) { self.take(byte) } else { None }
    }

    /// Whether a whole reply has come and only the prompt after it is missing.
    pub fn awaits_prompt(&self) -> bool {
        self.echo != Echo::Nothing && self.answer.is_whole()
    }

    /// Takes the reply without its prompt, which does not come if the device has stopped its
    /// console or if other output has cut it. Returns `None` unless
    /// [`awaits_prompt`](Self::awaits_prompt).
    pub fn without_prompt(&mut self) -> Option<Heard> {
        if !self.awaits_prompt() {
            return None;
        }
        self.prompt_due = true;
        Some(self.judge())
    }

    fn take(&mut self, byte: u8) -> Option<Heard> {
        match byte {
            b'\n' => {
                let line = mem::take(&mut self.line);
                self.take_line(&line)
            }
            b'\r' => None,
            _ => {
                if self.line.len() <= LONGEST_LINE {
                    self.line.push(byte);
                }
                if self.line.as_slice() == PROMPTED {
                    self.line.clear();
                    return self.take_prompt();
                }
                None
            }
        }
    }

    fn take_line(&mut self, line: &[u8]) -> Option<Heard> {
        // A log line that has cut a prompt.
        let cut = line.iter().zip(PROMPTED).take_while(|(line, prompt)| line == prompt).count();
        if cut > 0 && text::begins_log(&line[cut..]) {
            self.line.extend_from_slice(&line[..cut]);
            return None;
        }
        if is_boot(line) {
            // The prompt that was due will not come.
            self.prompt_due = false;
            self.forget();
            return Some(Heard::Restarted);
        }
        if self.sent.is_empty() {
            return None;
        }
        if line.len() > LONGEST_LINE {
            self.answer.spoil();
        } else if !line.is_empty() && self.is_echo(line) {
            // What came before the echo does not belong to the reply.
            self.answer = Answer::default();
        } else {
            self.answer.take(line);
        }
        None
    }

    /// Whether a line is our echo or a piece of it. Pieces matter because the tail of an echo that
    /// was cut looks like a reply.
    fn is_echo(&mut self, line: &[u8]) -> bool {
        let sent = self.sent.as_slice();
        let heard = match self.echo {
            Echo::All => return false,
            Echo::Begun(heard) => heard,
            Echo::Nothing => 0,
        };
        // Noise may come before the whole echo, and a tail with a space in it can't be a reply.
        let is_tail =
            sent.ends_with(line) && (line.contains(&b' ') || heard + line.len() >= sent.len());
        if line.ends_with(sent) || is_tail {
            self.echo = Echo::All;
            self.has_echo = true;
            return true;
        }
        let rest = &sent[heard..];
        let same = rest.iter().zip(line).take_while(|(sent, line)| sent == line).count();
        let name = sent.iter().position(|&byte| byte == b' ').unwrap_or(sent.len());
        if heard + same > name {
            let is_all = heard + same == sent.len();
            self.echo = if is_all { Echo::All } else { Echo::Begun(heard + same) };
            self.has_echo |= is_all;
            // A piece from the middle may be digits alone, or digits and the output that cut them.
            let is_piece = match Piece::of(line) {
                Piece::Whole(digits) | Piece::Cut(digits) | Piece::Doubtful(digits) => {
                    same >= digits
                }
                Piece::Unclear(_) | Piece::None => false,
            };
            return is_piece || heard == 0;
        }
        false
    }

    fn take_prompt(&mut self) -> Option<Heard> {
        if self.sent.is_empty() {
            self.prompt_due = false;
            return Some(Heard::Prompt);
        }
        if self.echo != Echo::Nothing {
            return Some(self.judge());
        }
        let early = mem::take(&mut self.answer).judge();
        // The prompt after the last reply, or one left over from waking the console.
        if mem::take(&mut self.prompt_due) || self.has_echo {
            return None;
        }
        let Judged::Reply(reply) = early else { return None };
        self.forget();
        Some(Heard::Reply(reply))
    }

    /// Judges what came since the echo, and forgets the line that was sent.
    fn judge(&mut self) -> Heard {
        let judged = self.answer.judge();
        self.forget();
        match judged {
            Judged::Nothing => Heard::Prompt,
            Judged::Reply(reply) => Heard::Reply(reply),
            Judged::Garbled => Heard::Garbled,
        }
    }

    /// Stops waiting for a reply.
    fn forget(&mut self) {
        self.sent(&[]);
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, vec};

    use proptest::prelude::*;

    use super::*;
    use crate::{Endpoint, console::line};

    const LINE: &str = "proto-ver 17 6e6f6e65\r";

    fn all(listener: &mut Listener, text: &[u8]) -> Vec<Heard> {
        text.iter().filter_map(|&byte| listener.hear(byte)).collect()
    }

    /// Everything that is heard after the line was sent.
    fn heard(text: &str) -> Vec<Heard> {
        let mut listener = Listener::default();
        listener.sent(LINE.as_bytes());
        all(&mut listener, text.as_bytes())
    }

    /// Like [`heard`], on a console that is known to have an echo.
    fn heard_later(text: &str) -> Vec<Heard> {
        let mut listener = Listener::default();
        listener.sent(LINE.as_bytes());
        all(&mut listener, format!("{ECHO}\r\nffff\r\n{PROMPTED}").as_bytes());
        listener.sent(LINE.as_bytes());
        all(&mut listener, text.as_bytes())
    }

    fn reply() -> Heard {
        Heard::Reply(vec![0x0a, 0x0b])
    }

    const ECHO: &str = "proto-ver 17 6e6f6e65\r\n";
    const PROMPTED: &str = "\n>> ";

    #[test]
    fn the_reply_is_found_behind_the_echo() {
        for text in [
            "proto-ver 17 6e6f6e65\r\n\r\n0a0b\r\n",
            "proto-ver 17 6e6f6e65\r\n\r\r\n0a0b\r\r\n",
            "proto-ver 17 6e6f6e65\n\n0a0b\n",
            // Prompts of earlier lines.
            "\n>> proto-ver 17 6e6f6e65\r\n\r\n0a0b\r\n",
            "\r\n\n>> \r\n\n>> proto-ver 17 6e6f6e65\r\n\r\n0a0b\r\n",
            // Noise before, between and around.
            "\0\u{7f}?proto-ver 17 6e6f6e65\r\n\r\n0a0b\r\n",
            "proto-ver 17 6e6f6e65\r\nhello\r\n0a0\r\n0A0B\r\n\r\n 0a0b\r\n0a0b\r\n !\r\n",
            // A reply to an earlier line.
            "ffff\r\nproto-ver 17 6e6f6e65\r\n\r\n0a0b\r\n",
        ] {
            assert_eq!(heard(&format!("{text}{PROMPTED}")), [reply()], "{text:?}");
            assert_eq!(heard_later(&format!("{text}{PROMPTED}")), [reply()], "{text:?}");
        }
    }

    #[test]
    fn log_lines_may_cut_anything() {
        for text in [
            "I (12) a: b\r\nproto-ver 17 6e6f6e65\r\n\r\n0a0b\r\n",
            "proto-ver 17 6eE (12) a: b\r\n6f6e65\r\n\r\n0a0b\r\n",
            "proto-ver 17 6e6f6e65\r\n\r\n0aW (12) a: b\r\n0b\r\n",
            "proto-ver 17 6e6f6e65\r\n\r\n0a\x1b[0;33mW (12) a: b\x1b[0m\r\n0b\r\n",
            "proto-ver 17 6e6f6e65\r\n\r\n0aW (1) a: 00\r\nD (2) a: b\n0V (3) a: b\r\nb\r\n",
            "proto-ver 17 6e6f6e65\r\n\r\n0aI (24-11-05 12:34:56.789) wifi: up\r\n0b\r\n",
            "proto-ver 17 6e6f6e65\r\n\r\n0aI wifi: up\r\n0b\r\n",
            "proto-ver 17 6e6f6e65\r\n\r\n0a0bI wifi: up\r\n\r\n",
            "proto-ver 17 6eI wifi: up\r\n6f6e65\r\n\r\n0a[ 23458][D][WiFi.cpp:929] f(): x\r\n0b\r\n",
            "proto-ver 17 6eI wifi: up\r\n6fHeap: 12\r\n6e65\r\n\r\n0aHeap: 12\r\n0b\r\n",
        ] {
            assert_eq!(heard(&format!("{text}{PROMPTED}")), [reply()], "{text:?}");
        }
    }

    #[test]
    fn a_part_of_a_reply_is_never_taken_for_the_whole() {
        for text in ["0a12ms\r\n0b", "0a\r\nHeap\r\n0b", "0aHeap 0b", "0a\n0b", "0a0"] {
            assert_eq!(
                heard(&format!("{ECHO}\r\n{text}\r\n{PROMPTED}")),
                [Heard::Garbled],
                "{text:?}"
            );
        }
    }

    /// Output that begins within a reply and does not end its line runs on to the end of the
    /// reply's.
    #[test]
    fn a_reply_that_a_log_line_without_an_end_cuts_is_asked_for_again() {
        for log in ["I (5) wifi: up", "\x1b[0;33mW (1) x: y\x1b[0m", "I x: y", "heap: low"] {
            for reply in ["0a~0b\r\n", "~0a0b\r\n", "0a0b~\r\n", "0~a0b\r\n"] {
                let reply = reply.replace('~', log);
                assert_eq!(
                    heard(&format!("{ECHO}\r\n{reply}{PROMPTED}")),
                    [Heard::Garbled],
                    "{reply:?}"
                );
            }
            let behind = format!("{ECHO}\r\n0a0b\r\n{log}{PROMPTED}");
            assert_eq!(heard(&behind), [reply()], "{log:?}: behind it");
        }
    }

    #[test]
    fn a_reply_without_a_prompt_is_there_when_it_is_asked_for() {
        let mut listener = Listener::default();
        listener.sent(LINE.as_bytes());
        assert_eq!(all(&mut listener, format!("{ECHO}\r\n0aI wifi: up\r\n").as_bytes()), []);
        assert_eq!(listener.without_prompt(), None, "only a part of it is");
        assert_eq!(all(&mut listener, b"0b\r\n"), []);
        assert_eq!(listener.without_prompt(), Some(reply()));
        // The prompt comes late, when the next line has been sent.
        listener.sent(LINE.as_bytes());
        assert_eq!(all(&mut listener, PROMPTED.as_bytes()), []);
        assert_eq!(all(&mut listener, format!("{ECHO}\r\n0a0b\r\n\n>> ").as_bytes()), [reply()]);
    }

    #[test]
    fn the_tail_of_an_echo_that_something_else_cut_is_no_reply() {
        for text in [
            "proto-ver 17 6e6fhello\r\n6e65\r\n\r\n0a0b\r\n",
            "proto-ver 17 6ehello\r\n6f\r\n6e65\r\n\r\n0a0b\r\n",
            "proto\r\nhello\r\n-ver 17 6e6f6e65\r\n\r\n0a0b\r\n",
            "proto-ver 17 \r\n6e6f6e65\r\n\r\n0a0b\r\n",
            // With blank lines, as before a reply.
            "proto-ver 17 6ehello\r\n\r\n6f6e65\r\n\r\n0a0b\r\n",
            "proto-ver 17 6ehello\r\n\r\n6f6e65Heap\r\n\r\n0a0b\r\n",
            // What cuts the reply begins like the rest of it.
            "proto-ver 17 6e6f6 apples\r\n\r\n6e65\r\n\r\n0a0b\r\n",
            "\r\nffff\r\nproto-ver 17 6e6f6e65hello\r\n\r\n0a0b\r\n",
        ] {
            assert_eq!(heard(&format!("{text}{PROMPTED}")), [reply()], "{text:?}");
            assert_eq!(heard_later(&format!("{text}{PROMPTED}")), [reply()], "{text:?}");
        }
    }

    #[test]
    fn a_reply_may_be_the_tail_of_what_was_sent() {
        for text in [
            "proto-ver 17 6e6f6e65hello\r\n\r\n65\r\n",
            "proto-ver 17 6e6fhello\r\n?e65\r\n\r\n65\r\n",
        ] {
            let reply = Heard::Reply(vec![0x65]);
            assert_eq!(heard(&format!("{text}{PROMPTED}")), [reply], "{text:?}");
        }
    }

    #[test]
    fn a_prompt_instead_of_a_reply_is_the_devices_no() {
        for text in [
            "proto-ver 17 6e6f6e65\r\n\n>> ",
            "\n>> proto-ver 17 6e6f6e65\r\n\n>> ",
            "proto-ver 17 6e6f6e65\r\nE (12) security1: Key mismatch\r\n\n>> ",
            "proto-ver 17 6e6f6e65\r\nE security1: Key mismatch\r\nbad key\r\n\n>> ",
            "proto-ver 17 6e6f6e65\r\n\n>I (12) a: b\r\n> ",
            "proto-ver 17 6e6f6e65\r\nI (12) app: last time rst:0x1 (POWERON)\r\n\n>> ",
            // The echo is damaged.
            "proto-ver 17 6e6?6e65\r\n\n>> ",
        ] {
            assert_eq!(heard(text), [Heard::Prompt], "{text:?}");
        }
        for text in
            ["\n>> ", "hello\n\n>> ", "proto-ver\n\n>> ", "\n>> \n>> \n>> ", "\n > > >>x >> "]
        {
            assert_eq!(heard(text), [], "a prompt from before: {text:?}");
        }
    }

    #[test]
    fn a_console_without_echo_is_understood_by_its_prompt() {
        let mut listener = Listener::default();
        for _ in 0..3 {
            listener.sent(LINE.as_bytes());
            assert_eq!(all(&mut listener, b"\r\n0a0b\r\n\n>> "), [reply()]);
        }
    }

    #[test]
    fn a_console_whose_echo_was_cut_at_its_end_has_one() {
        let mut listener = Listener::default();
        listener.sent(LINE.as_bytes());
        let cut = "proto-ver 17 6e6f6e65hello\r\n\r\n0a0b\r\n\n>> ";
        assert_eq!(all(&mut listener, cut.as_bytes()), [reply()]);
        listener.sent(LINE.as_bytes());
        assert_eq!(all(&mut listener, b"\r\n0a0b\r\n\n>> "), [], "no echo yet");
    }

    #[test]
    fn exchange_follows_exchange() {
        let mut listener = Listener::default();
        assert_eq!(all(&mut listener, b"\r\n\n>> "), [Heard::Prompt], "woken up");
        for _ in 0..3 {
            listener.sent(LINE.as_bytes());
            assert_eq!(all(&mut listener, ECHO.as_bytes()), []);
            assert_eq!(all(&mut listener, b"\r\n0a0b\r\n"), []);
            assert_eq!(all(&mut listener, b"\n>> "), [reply()]);
            // A reply that comes twice, before or after the prompt, is not taken for the next one.
            listener.sent(LINE.as_bytes());
            assert_eq!(all(&mut listener, b"\r\n0a0b\r\n\n>> \r\n0a0b\r\n\n>> "), []);
            assert_eq!(all(&mut listener, ECHO.as_bytes()), []);
            let next = Heard::Reply(vec![0xff, 0xff]);
            assert_eq!(all(&mut listener, b"\r\nffff\r\n\n>> "), [next]);
            assert_eq!(all(&mut listener, b"\n>> "), [Heard::Prompt]);
        }
    }

    #[test]
    fn a_restart_is_heard_wherever_it_happens() {
        for text in [
            "ESP-ROM:esp32c3-api1-20210207\r\n",
            "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST)\r\n",
            "proto-ver 17 6eESP-ROM:esp32s3-20210327\r\n",
            "proto-ver 17 6e6f6e65\r\n\r\n0a0\0\0rst:0x1 (POWERON)\r\n\n>> ",
        ] {
            assert_eq!(heard(text).first(), Some(&Heard::Restarted), "{text:?}");
        }
    }

    #[test]
    fn garbage_without_end_is_not_kept() {
        for line_end in [&b""[..], b"\n"] {
            let mut listener = Listener::default();
            listener.sent(LINE.as_bytes());
            all(&mut listener, ECHO.as_bytes());
            all(&mut listener, b"\r\n");
            for _ in 0..100 {
                all(&mut listener, &vec![b'0'; 10_000]);
                all(&mut listener, line_end);
                assert!(listener.line.len() <= LONGEST_LINE + 1);
            }
            assert_eq!(all(&mut listener, b"\n\n>> "), [Heard::Garbled], "too long for a reply");
        }
    }

    #[test]
    fn a_line_is_kept_up_to_the_longest_reply() {
        let longest = "0a".repeat(LONGEST_LINE / 2);
        let reply = Heard::Reply(vec![0x0a; LONGEST_LINE / 2]);
        assert_eq!(heard(&format!("{ECHO}\r\n{longest}\r\n{PROMPTED}")), [reply]);
        let longer = "H".repeat(LONGEST_LINE + 1);
        let text = format!("{ECHO}\r\n{longer}\r\n0a0b\r\n{PROMPTED}");
        assert_eq!(heard(&text), [Heard::Garbled], "it may have hidden the rest");
    }

    /// A line in one of the formats that are recognised by their heads.
    fn log_line() -> impl Strategy<Value = String> {
        (
            "(\u{1b}\\[0;3[1-6]m)?",
            "[EWIDV] \\(([0-9]{1,10}|([0-9]{2}-[0-9]{2}-[0-9]{2} )?[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3})\\) ",
            "[a-z_]{1,10}: [ -~]{0,40}",
            "(\u{1b}\\[0m)?\r?\n",
        )
            .prop_map(|(color, head, text, end)| color + &head + &text + &end)
    }

    /// A line of any other output, which begins like none of those.
    fn other_line() -> impl Strategy<Value = String> {
        prop_oneof![
            "[EWIDV] [a-z_]{1,10}: [ -~]{0,40}\r?\n",
            "\\[ {0,6}[0-9]{1,8}\\]\\[[EWIDV]\\]\\[[A-Za-z]{1,9}\\.cpp:[0-9]{1,4}\\] [ -~]{0,40}\r?\n",
            "[A-Z][a-z]{0,8}[ -~]{0,40}[!-/g-z]\r?\n",
        ]
    }

    /// Inserts lines into a text, from the end, so that none cuts another.
    fn cut(text: &mut Vec<u8>, logs: &[(prop::sample::Index, String)], up_to: usize) {
        let mut logs: Vec<_> = logs.iter().map(|(at, log)| (at.index(up_to + 1), log)).collect();
        logs.sort_unstable_by(|one, other| other.cmp(one));
        for (at, log) in logs {
            text.splice(at..at, log.bytes());
        }
    }

    /// The text of a reply with other output somewhere in it, and what is heard of it.
    fn heard_with(reply: &[u8], noise: &str, at: prop::sample::Index) -> (String, Vec<Heard>) {
        let mut text = format!("\r\n{}\r\n", hex::encode(reply));
        text.insert_str(at.index(text.len() + 1), noise);
        let mut listener = Listener::default();
        listener.sent(LINE.as_bytes());
        all(&mut listener, ECHO.as_bytes());
        all(&mut listener, text.as_bytes());
        let heard = all(&mut listener, b"\n>> ");
        (text, heard)
    }

    proptest! {
        #[test]
        fn any_log_lines_anywhere_leave_the_reply_as_it_is(
            request in prop::collection::vec(any::<u8>(), 1..100),
            reply in prop::collection::vec(any::<u8>(), 1..300),
            echoes in any::<bool>(),
            logs in prop::collection::vec((any::<prop::sample::Index>(), log_line()), 0..8),
        ) {
            let line = line(&Endpoint::CONFIG, 4711, &request).expect("it fits");
            let mut text = b"\n>> ".to_vec();
            let mut listener = Listener::default();
            if echoes {
                text.extend_from_slice(&line);
                text.push(b'\n');
            } else {
                all(&mut listener, b"\n>> ");
                text.clear();
            }
            text.extend_from_slice(format!("\r\n{}\r\n\n>> ", hex::encode(&reply)).as_bytes());
            let length = text.len();
            cut(&mut text, &logs, length);
            listener.sent(&line);
            let heard = all(&mut listener, &text);
            prop_assert_eq!(heard.first(), Some(&Heard::Reply(reply)));
        }

        /// Whole lines of other output, anywhere in echo and reply.
        #[test]
        fn other_lines_leave_the_reply_as_it_is(
            request in prop::collection::vec(any::<u8>(), 1..100),
            reply in prop::collection::vec(any::<u8>(), 1..300),
            logs in prop::collection::vec((any::<prop::sample::Index>(), other_line()), 0..8),
        ) {
            let line = line(&Endpoint::CONFIG, 4711, &request).expect("it fits");
            let mut text = line.to_vec();
            text.extend_from_slice(format!("\n\r\n{}\r\n", hex::encode(&reply)).as_bytes());
            let length = text.len();
            cut(&mut text, &logs, length);
            let mut listener = Listener::default();
            listener.sent(&line);
            all(&mut listener, &text);
            prop_assert_eq!(all(&mut listener, b"\n>> "), [Heard::Reply(reply)]);
        }

        /// One line of other output anywhere, with or without a line end.
        #[test]
        fn a_cut_reply_is_heard_whole_or_not_at_all(
            reply in prop::collection::vec(any::<u8>(), 1..40),
            at in any::<prop::sample::Index>(),
            // Neither digits, which could belong to the reply, nor what looks like a log line.
            noise in "\r?\n?[!-/G-HJ-UX-Zg-z][ -~]{0,20}[!-/g-z](\r?\n)?",
        ) {
            prop_assume!(!noise.contains(">> "));
            let (text, heard) = heard_with(&reply, &noise, at);
            let right = [Heard::Reply(reply)];
            prop_assert!(
                heard == right || heard == [Heard::Garbled] || heard == [Heard::Prompt],
                "{text:?}: {heard:?}"
            );
        }

        /// A log line or plain output without a line end, anywhere from the echo to the prompt.
        #[test]
        fn what_has_no_end_leaves_the_reply_or_spoils_it(
            reply in prop::collection::vec(any::<u8>(), 1..40),
            at in any::<prop::sample::Index>(),
            noise in prop_oneof![
                log_line().prop_map(|line| String::from(line.trim_end())),
                "[EWIDV] [a-z_]{1,10}: [ -~]{0,40}",
                "[A-Z][a-z]{0,8}[ -~]{0,40}",
                "[g-z][a-z]{3,8}[ -=?-~]{0,40}",
            ],
        ) {
            let (text, heard) = heard_with(&reply, &noise, at);
            prop_assert!(
                heard == [Heard::Reply(reply)] || heard == [Heard::Garbled],
                "{text:?}: {heard:?}"
            );
        }

        /// Lines of plain output that begin with a lower-case letter.
        #[test]
        fn words_of_small_letters_leave_the_reply_or_spoil_it(
            reply in prop::collection::vec(any::<u8>(), 1..40),
            at in any::<prop::sample::Index>(),
            noise in "[a-z]{4,10}(: [ -~]{0,40}[!-/g-z])?\r\n",
        ) {
            // A line of nothing but digits would belong to the reply.
            prop_assume!(noise.trim_end().bytes().any(|byte| !byte.is_ascii_hexdigit()));
            let digits = hex::encode(&reply);
            let at = at.index(digits.len() + 1);
            let (head, tail) = digits.split_at(at);
            let before = head.trim_end_matches(|digit: char| digit.is_ascii_lowercase());
            let begins = noise.bytes().take_while(u8::is_ascii_hexdigit).count();
            let shared = head.len() - before.len() + begins;
            let heard = heard(&format!("{ECHO}\r\n{head}{noise}{tail}\r\n{PROMPTED}"));
            let right = [Heard::Reply(reply)];
            prop_assert!(heard == right || shared > 1 && heard == [Heard::Garbled],
                "{head:?} {noise:?} {tail:?}: {heard:?}");
        }

        #[test]
        fn any_bytes_are_heard_in_peace(
            sent in prop::collection::vec(any::<u8>(), 0..40),
            text in prop::collection::vec(any::<u8>(), 0..400),
            lines in "([0-9a-f]{0,4}|[\r\n>> ]{1,4}|proto-ver|I \\(1\\) |I a: |rst:0x|\u{1b}\\[){0,40}",
        ) {
            let mut listener = Listener::default();
            listener.sent(&sent);
            all(&mut listener, &text);
            all(&mut listener, lines.as_bytes());
            listener.sent(LINE.as_bytes());
            all(&mut listener, lines.as_bytes());
            all(&mut listener, &text);
        }
    }
}
