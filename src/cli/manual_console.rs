//! The console through a person, as in `esp_prov.py --transport console`: each request is printed
//! to be copied to the device, and what the device prints is pasted back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use esp_prov::{
    Policy, aside,
    shown::Shown,
    transport::{self, Connect, Transport, TransportError},
};
use protocomm::{Endpoint, console};

use super::Failure;
use crate::report::ask;

/// The session number that the vendor's tool uses.
const SESSION: u32 = 0;

/// The longest pause between the lines of one paste.
const PAUSE_AFTER_PASTE: Duration = Duration::from_millis(100);

/// The longest paste, in bytes. No reply that a person copies is longer.
const LONGEST_PASTE: usize = 64 * 1024;

/// The policy for a person, who has no time limits and is not asked to repeat anything.
pub(super) fn policy(policy: Policy) -> Policy {
    const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let (reply_timeout, join_timeout, timeout) = (A_YEAR, A_YEAR, A_YEAR);
    Policy { reply_timeout, join_timeout, timeout, attempts: 1, ..policy }
}

/// The person as a transport.
#[derive(Clone)]
pub(super) struct ManualConsole {
    /// Set when the person leaves.
    pub(super) interrupted: Arc<AtomicBool>,
}

#[async_trait]
impl Connect for ManualConsole {
    async fn connect(&self, _within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let words = [
            "Copy what follows each \"Client->Device msg :\" to the device's console, and paste \
             what it prints.",
            "Enter an empty line if it printed nothing but its prompt.",
        ];
        ask::say(&words.map(Shown::from), None);
        Ok(Box::new(self.clone()))
    }

    fn longest(&self, endpoint: &Endpoint) -> usize {
        transport::longest_line(endpoint)
    }
}

#[async_trait]
impl Transport for ManualConsole {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        // What a person copies into the console must fit into its line, too.
        console::line(endpoint, SESSION, body)?;
        let request = format!("Client->Device msg : {endpoint} {SESSION} {}", hex::encode(body));
        ask::say(&[Shown::whole(request)], None);
        loop {
            // Outside the executor, so that signals are handled meanwhile.
            let Some(Ok(pasted)) = aside(paste).await else {
                self.interrupted.store(true, Ordering::Relaxed);
                return Err(TransportError::Lost("nobody answers".into()));
            };
            match Pasted::from(pasted.as_str()) {
                Pasted::Reply(reply) => return Ok(reply),
                Pasted::Nothing => return Err(TransportError::NoReply),
                Pasted::Nonsense => {
                    ask::object(
                        "no reply found: a reply is a line of hexadecimal digits, such as 080a",
                    );
                }
            }
        }
    }
}

/// What a person has pasted.
#[derive(Debug, PartialEq, Eq)]
enum Pasted {
    Reply(Vec<u8>),
    /// Nothing but a prompt.
    Nothing,
    Nonsense,
}

impl From<&str> for Pasted {
    fn from(text: &str) -> Self {
        match console::copied(text) {
            Some(reply) => Self::Reply(reply),
            None if text.replace(">>", "").trim().is_empty() => Self::Nothing,
            None => Self::Nonsense,
        }
    }
}

/// Asks for a reply: everything up to Enter, and everything that is pasted together with it. Reads
/// key by key, since a line of the terminal ends at 4096 characters.
fn paste() -> Result<String, Failure> {
    let cannot = |error| Failure::input(format!("the terminal can't be read: {error}"));
    ask::say(&[], Some(&"Enter device->client msg : ".into()));
    let _keys = ask::Keys::enter().map_err(cannot)?;
    let mut text = String::new();
    loop {
        let is_line = text.ends_with('\n');
        if is_line && !event::poll(PAUSE_AFTER_PASTE).map_err(cannot)? {
            return Ok(text);
        }
        let Event::Key(key) = event::read().map_err(cannot)? else { continue };
        match typed(&key) {
            Typed::Char(char) if text.len() < LONGEST_PASTE => {
                text.push(char);
                ask::echo(char);
            }
            Typed::Back if !is_line && text.pop().is_some() => ask::take_back(),
            Typed::Leave => {
                ask::echo('\n');
                return Err(Failure::Interrupted);
            }
            _ => {}
        }
    }
}

enum Typed {
    Char(char),
    Back,
    Leave,
    Other,
}

fn typed(key: &KeyEvent) -> Typed {
    if key.kind == KeyEventKind::Release {
        return Typed::Other;
    }
    let with_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c' | 'd') if with_control => Typed::Leave,
        // A line feed that is pasted arrives like this.
        KeyCode::Char('j') if with_control => Typed::Char('\n'),
        KeyCode::Enter => Typed::Char('\n'),
        KeyCode::Tab => Typed::Char(' '),
        KeyCode::Char(char) if !with_control => Typed::Char(char),
        KeyCode::Backspace => Typed::Back,
        _ => Typed::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_is_a_reply_or_nothing_or_nonsense() {
        let reply = || Pasted::Reply(vec![0x08, 0x0a]);
        for (text, meant) in [
            ("080a\n", reply()),
            ("  08 0A \n", reply()),
            ("\n080a\n\n>> \n", reply()),
            ("prov-config 0 52020802\n\nI (12) wifi: up\n080a\n", reply()),
            ("\n", Pasted::Nothing),
            (" \n\n", Pasted::Nothing),
            (">> \n", Pasted::Nothing),
            ("080\n", Pasted::Nonsense),
            ("what?\n", Pasted::Nonsense),
            ("I (12) wifi: 080a\n", Pasted::Nonsense),
        ] {
            assert_eq!(Pasted::from(text), meant, "{text:?}");
        }
    }

    #[test]
    fn keys_are_text_or_an_end() {
        let key = |code, modifiers| typed(&KeyEvent::new(code, modifiers));
        let control = KeyModifiers::CONTROL;
        for letter in ['c', 'd'] {
            assert!(matches!(key(KeyCode::Char(letter), control), Typed::Leave));
            let plain = key(KeyCode::Char(letter), KeyModifiers::NONE);
            assert!(matches!(plain, Typed::Char(char) if char == letter));
        }
        for end in [key(KeyCode::Enter, KeyModifiers::NONE), key(KeyCode::Char('j'), control)] {
            assert!(matches!(end, Typed::Char('\n')));
        }
        assert!(matches!(key(KeyCode::Esc, KeyModifiers::NONE), Typed::Other));
    }
}
