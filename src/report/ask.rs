//! Questions on the terminal. They and what can be chosen are shown as everything else is.

use std::io;

use anstream::ColorChoice;
use anstyle::Style;
use crossterm::terminal;
use esp_prov::shown::Shown;
use inquire::{InquireError, Password, PasswordDisplayMode, Select, Text};

use super::{
    plain,
    sink::{self, Key},
    terminal::{columns, rows},
};

/// One of several; its number. They can be filtered by typing.
pub(crate) fn choose(question: &str, options: &[Shown]) -> Result<usize, InquireError> {
    const LISTED: usize = 12;
    // A sign before each, and the question with its help around them.
    const BESIDE: usize = 2;
    const AROUND: usize = 4;
    if plain::is_all() {
        return plain::choose(&Shown::line(format!("{question}:")), options);
    }
    let question = Shown::line(format!("{question} (type to filter):"));
    sink::settle();
    // A line each, so that what is drawn again at each key stays where it is.
    let room = columns().saturating_sub(BESIDE);
    let options = options.iter().map(|option| option.clone().cut(room).to_string()).collect();
    let listed = LISTED.min(rows().saturating_sub(AROUND)).max(1);
    let question = Select::new(question.as_str(), options).with_page_size(listed);
    let _keys = Keys::enter()?;
    question.raw_prompt().map(|chosen| chosen.index)
}

/// A text that may be seen.
pub(crate) fn text(question: &Shown) -> Result<String, InquireError> {
    if plain::is_all() {
        return plain::text(question);
    }
    sink::settle();
    let _keys = Keys::enter()?;
    Text::new(question.as_str()).prompt()
}

/// A text that is not seen.
pub(crate) fn hidden(question: &Shown) -> Result<String, InquireError> {
    if plain::is_all() {
        return plain::hidden(question);
    }
    sink::settle();
    let question = Password::new(question.as_str());
    let _keys = Keys::enter()?;
    question.without_confirmation().with_display_mode(PasswordDisplayMode::Hidden).prompt()
}

/// A terminal that gives each key, as long as this lives; only the key of SIGQUIT still sends it.
/// (inquire knows no such key. It takes a terminal in raw mode as it is.)
pub(crate) struct Keys;

impl Keys {
    pub(crate) fn enter() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        // Without it, that key does nothing.
        #[cfg(unix)]
        let _ = keep_quit_key();
        Ok(Self)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // Where there is no terminal there is nothing to give back.
        let _ = terminal::disable_raw_mode();
    }
}

#[cfg(unix)]
fn keep_quit_key() -> nix::Result<()> {
    use nix::{
        libc::_POSIX_VDISABLE,
        sys::termios::{self, LocalFlags, SetArg, SpecialCharacterIndices},
    };

    let terminal = io::stdin();
    let mut modes = termios::tcgetattr(&terminal)?;
    modes.local_flags |= LocalFlags::ISIG;
    for key in [SpecialCharacterIndices::VINTR, SpecialCharacterIndices::VSUSP] {
        modes.control_chars[key as usize] = _POSIX_VDISABLE;
    }
    termios::tcsetattr(&terminal, SetArg::TCSANOW, &modes)
}

/// What is wrong with an answer.
pub(crate) fn object(why: &str) {
    say(&[Shown::line(format!("  {why}"))], None);
}

/// A part of a dialogue that is held without questions: lines of our own, the last one open.
pub(crate) fn say(lines: &[Shown], open: Option<&Shown>) {
    for line in lines {
        sink::tell(ColorChoice::Never, &[(Style::new(), line)]);
    }
    if let Some(open) = open {
        sink::ask(open);
    }
}

/// Shows what was typed into a dialogue, a key at a time.
pub(crate) fn echo(char: char) {
    match char {
        '\n' => sink::key(Key::Enter),
        char if esp_prov::shown::has_picture(char) => sink::ask(&Shown::name(char.to_string())),
        // As wide as the one that is taken back for it.
        _ => sink::ask(&"?".into()),
    }
}

/// Leaves a question that is not answered: with its cursor, and on a line of its own.
pub(crate) fn leave() {
    plain::leave();
    if terminal::is_raw_mode_enabled().unwrap_or(false) {
        // Where the terminal is gone there is nothing to give back.
        let _ = terminal::disable_raw_mode();
        sink::key(Key::Leave);
    }
}

/// Takes back what was typed last.
pub(crate) fn take_back() {
    sink::key(Key::Back);
}
