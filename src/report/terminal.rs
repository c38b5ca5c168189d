//! A spinner that shows what is being waited for, below the lines already printed.

use std::{
    fmt::{self, Write},
    io, mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use esp_prov::shown::Shown;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::sink;

/// The columns of a spinner's line that are not for its text: spaces, brackets and a time.
const OTHER_THAN_WORDS: usize = 12;

pub(super) struct Spinner(ProgressBar);

impl Spinner {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, screen());
        // The template is our own and valid; otherwise the default would do.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed}){prefix}") {
            bar.set_style(style);
        }
        // Nothing is being waited for yet.
        bar.finish_and_clear();
        Self(bar)
    }

    /// Shows what is being waited for, with a time that starts now.
    pub(super) fn wait(&self, words: &Shown) {
        keys::hide();
        // The message is set before the first drawing.
        self.0.set_prefix("");
        self.say(words);
        self.0.reset();
        self.0.enable_steady_tick(Duration::from_millis(100));
    }

    /// Changes the text, without restarting the time.
    pub(super) fn say(&self, words: &Shown) {
        self.0
            .set_message(words.clone().cut(columns().saturating_sub(OTHER_THAN_WORDS)).to_string());
    }

    /// Shows lines below the spinner, until the next wait.
    pub(super) fn list(&self, lines: &[Shown]) {
        let columns = columns();
        let lines = lines.iter().map(|line| line.clone().cut(columns).to_string());
        let lines: Vec<_> = [String::new()].into_iter().chain(lines).collect();
        self.0.set_prefix(lines.join("\n"));
    }

    /// Clears the spinner, for a question or at the end.
    pub(super) fn stop(&self) {
        self.0.disable_steady_tick();
        self.0.finish_and_clear();
        keys::show();
    }

    /// Prints above the spinner.
    pub(super) fn print(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }
}

/// The width of the terminal in columns.
pub(super) fn columns() -> usize {
    size().0.into()
}

/// The height of the terminal in lines.
pub(super) fn rows() -> usize {
    size().1.into()
}

fn size() -> (u16, u16) {
    const USUAL: (u16, u16) = (80, 24);
    // A terminal that does not know its size reports 0.
    crossterm::terminal::size()
        .ok()
        .filter(|(columns, rows)| *columns > 0 && *rows > 0)
        .unwrap_or(USUAL)
}

/// Hides keys that are pressed while no question is open, since their echo would spoil the spinner.
/// The terminal keeps what was typed for the next read.
#[cfg(unix)]
pub(super) mod keys {
    use std::{
        io::{self, IsTerminal},
        sync::{Mutex, MutexGuard, PoisonError},
    };

    use nix::{
        sys::termios::{self, LocalFlags, SetArg},
        unistd,
    };

    static ECHO: Mutex<Echo> = Mutex::new(Echo::AsFound);

    #[derive(PartialEq, Eq)]
    enum Echo {
        AsFound,
        Hidden,
        /// As found, until this process ends.
        Left,
    }

    fn echo() -> MutexGuard<'static, Echo> {
        ECHO.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns the echo off.
    pub(in crate::report) fn hide() {
        let mut echo = echo();
        let is_on = |flags: LocalFlags| flags.contains(LocalFlags::ECHO);
        if *echo == Echo::AsFound && set(is_on, LocalFlags::remove) {
            *echo = Echo::Hidden;
        }
    }

    /// Turns the echo on again.
    pub(in crate::report) fn show() {
        show_and(Echo::AsFound);
    }

    /// Turns the echo on again, for good: a question may still be opened by a thread that nobody
    /// waits for.
    pub(in crate::report) fn leave() {
        show_and(Echo::Left);
    }

    fn show_and(next: Echo) {
        let mut echo = echo();
        if *echo == Echo::Hidden {
            set(|_| true, LocalFlags::insert);
        }
        if *echo != Echo::Left {
            *echo = next;
        }
    }

    /// Changes the echo if wanted. Returns whether it was changed.
    fn set(
        is_wanted: impl FnOnce(LocalFlags) -> bool,
        change: impl FnOnce(&mut LocalFlags, LocalFlags),
    ) -> bool {
        let terminal = io::stdin();
        // A background process that changes its terminal is stopped. If this is not the controlling
        // terminal of the process, there is no background.
        let is_ours = terminal.is_terminal()
            && unistd::tcgetpgrp(&terminal).map_or(true, |group| group == unistd::getpgrp());
        if !is_ours {
            return false;
        }
        let Ok(mut modes) = termios::tcgetattr(&terminal) else { return false };
        if !is_wanted(modes.local_flags) {
            return false;
        }
        change(&mut modes.local_flags, LocalFlags::ECHO);
        termios::tcsetattr(&terminal, SetArg::TCSANOW, &modes).is_ok()
    }
}

#[cfg(not(unix))]
pub(super) mod keys {
    pub(in crate::report) fn hide() {}

    pub(in crate::report) fn show() {}

    pub(in crate::report) fn leave() {}
}

/// Where spinners and bars are drawn: through the queue of stderr, so that a stalled terminal
/// delays nothing.
pub(super) fn screen() -> ProgressDrawTarget {
    const PICTURES_A_SECOND: u8 = 20;
    ProgressDrawTarget::term_like_with_hz(Box::new(Screen::default()), PICTURES_A_SECOND)
}

/// Collects a drawing until it is flushed.
#[derive(Debug, Default)]
struct Screen(Mutex<String>);

impl Screen {
    fn draw(&self, text: fmt::Arguments<'_>) -> io::Result<()> {
        let mut picture = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        picture.write_fmt(text).map_err(io::Error::other)
    }

    fn go(&self, by: usize, way: char) -> io::Result<()> {
        if by == 0 { Ok(()) } else { self.draw(format_args!("\x1b[{by}{way}")) }
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        size().0
    }

    fn height(&self) -> u16 {
        size().1
    }

    fn move_cursor_up(&self, by: usize) -> io::Result<()> {
        self.go(by, 'A')
    }

    fn move_cursor_down(&self, by: usize) -> io::Result<()> {
        self.go(by, 'B')
    }

    fn move_cursor_right(&self, by: usize) -> io::Result<()> {
        self.go(by, 'C')
    }

    fn move_cursor_left(&self, by: usize) -> io::Result<()> {
        self.go(by, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.draw(format_args!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.draw(format_args!("{text}"))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.draw(format_args!("\r\x1b[2K"))
    }

    fn flush(&self) -> io::Result<()> {
        sink::draw(&mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)));
        Ok(())
    }
}
