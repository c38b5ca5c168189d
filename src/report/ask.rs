//! Questions on the terminal. They and their choices are cleaned like all other output.

use std::io;

use anstream::ColorChoice;
use anstyle::Style;
use crossterm::terminal;
use esp_prov::shown::Shown;
use inquire::{InquireError, Password, PasswordDisplayMode, Select, Text, list_option::ListOption};

use super::{
    plain,
    sink::{self, Key},
    terminal::{columns, rows},
};

/// Asks for one of several options, which can be filtered by typing. The last `always` of them stay
/// whatever is typed. Returns its index.
pub(crate) fn choose(
    question: &str,
    options: &[Shown],
    always: usize,
) -> Result<usize, InquireError> {
    const LISTED: usize = 12;
    // A marker before each option, and the lines of the question and its help around them.
    const BESIDE: usize = 2;
    const AROUND: usize = 4;
    // What inquire prints before a question and before its answer.
    const MARKS: usize = 3;
    // Further back than any place in the list.
    const LAST: i64 = 1 << 32;
    if plain::is_all() {
        return plain::choose(&Shown::line(format!("{question}:")), options);
    }
    let question = Shown::line(format!("{question} (type to filter):"));
    sink::settle();
    // One line for each option, so that redrawing at each key does not scroll.
    let room = columns().saturating_sub(BESIDE);
    let names = options.iter().map(|option| option.clone().cut(room).to_string()).collect();
    let listed = LISTED.min(rows().saturating_sub(AROUND)).max(1);
    let filtered = options.len().saturating_sub(always);
    let scorer = |typed: &str, _: &String, name: &str, at: usize| {
        let place = i64::try_from(at).ok()?;
        if name.to_lowercase().contains(&typed.to_lowercase()) {
            return Some(-place);
        }
        (at >= filtered).then_some(-place - LAST)
    };
    let room = columns().saturating_sub(MARKS + question.width());
    let answer = |chosen: ListOption<&String>| match options.get(chosen.index) {
        Some(option) => option.clone().cut(room).to_string(),
        None => String::new(),
    };
    let question = Select::new(question.as_str(), names)
        .with_page_size(listed)
        .with_help_message("↑↓ to move, enter to select")
        .with_scorer(&scorer)
        .with_formatter(&answer);
    let _keys = Keys::enter()?;
    question.raw_prompt().map(|chosen| chosen.index)
}

/// Asks for a text that is shown as it is typed.
pub(crate) fn text(question: &Shown) -> Result<String, InquireError> {
    if plain::is_all() {
        return plain::text(question);
    }
    sink::settle();
    let _keys = Keys::enter()?;
    Text::new(question.as_str()).prompt()
}

/// Asks for a text that is hidden as it is typed.
pub(crate) fn hidden(question: &Shown) -> Result<String, InquireError> {
    if plain::is_all() {
        return plain::hidden(question);
    }
    sink::settle();
    let question = Password::new(question.as_str());
    let _keys = Keys::enter()?;
    question.without_confirmation().with_display_mode(PasswordDisplayMode::Hidden).prompt()
}

/// Puts the terminal into raw mode for as long as it lives, except that the key of SIGQUIT still
/// sends the signal. (inquire ignores that key, and leaves a terminal that is in raw mode as it
/// is.)
pub(crate) struct Keys;

impl Keys {
    pub(crate) fn enter() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        // If this fails, the key does nothing.
        #[cfg(unix)]
        let _ = keep_quit_key();
        Ok(Self)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // Without a terminal, there is nothing to restore.
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

/// Says what is wrong with an answer.
pub(crate) fn object(why: &str) {
    say(&[Shown::line(format!("  {why}"))], None);
}

/// Prints part of a dialogue: whole lines, then `open` without a line end.
pub(crate) fn say(lines: &[Shown], open: Option<&Shown>) {
    for line in lines {
        sink::tell(ColorChoice::Never, &[(Style::new(), line)]);
    }
    if let Some(open) = open {
        sink::ask(open);
    }
}

/// Shows what was typed into a dialogue, one key at a time.
pub(crate) fn echo(char: char) {
    match char {
        '\n' => sink::key(Key::Enter),
        char if esp_prov::shown::has_picture(char) => sink::ask(&Shown::name(char.to_string())),
        // One column wide, since a backspace takes back one.
        _ => sink::ask(&"?".into()),
    }
}

/// Leaves a question that was not answered: shows the cursor, and ends the line.
pub(crate) fn leave() {
    plain::leave();
    if terminal::is_raw_mode_enabled().unwrap_or(false) {
        // If the terminal is gone, there is nothing to restore.
        let _ = terminal::disable_raw_mode();
        sink::key(Key::Leave);
    }
}

/// Takes back the last character that was typed.
pub(crate) fn take_back() {
    sink::key(Key::Back);
}
