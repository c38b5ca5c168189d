//! A spinner that says what is waited for, below the lines already said.

use std::{
    fmt::{self, Write},
    io, mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use esp_prov::shown::Shown;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::sink;

pub(super) struct Spinner(ProgressBar);

impl Spinner {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, screen());
        // The template is ours; the default serves as well.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed}){prefix}") {
            bar.set_style(style);
        }
        // Nothing is waited for yet.
        bar.finish_and_clear();
        Self(bar)
    }

    /// Shows what is waited for, from now.
    pub(super) fn wait(&self, words: &Shown) {
        self.0.reset();
        self.0.set_prefix("");
        self.0.set_message(words.to_string());
        self.0.enable_steady_tick(Duration::from_millis(100));
    }

    /// Shows lines below, until the next wait.
    pub(super) fn list(&self, lines: &[Shown]) {
        let lines: Vec<_> = [""].into_iter().chain(lines.iter().map(Shown::as_str)).collect();
        self.0.set_prefix(lines.join("\n"));
    }

    /// Gives the line back for a question or the end.
    pub(super) fn stop(&self) {
        self.0.disable_steady_tick();
        self.0.finish_and_clear();
    }

    /// Prints above the spinner.
    pub(super) fn print(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }
}

/// Where spinners and bars are drawn: at stderr, as all else that is told, so that a terminal that
/// stands still holds up nobody.
pub(super) fn screen() -> ProgressDrawTarget {
    const PICTURES_A_SECOND: u8 = 20;
    ProgressDrawTarget::term_like_with_hz(Box::new(Screen::default()), PICTURES_A_SECOND)
}

/// A picture up to its `flush`.
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
        crossterm::terminal::size().map_or(80, |(columns, _)| columns)
    }

    fn height(&self) -> u16 {
        crossterm::terminal::size().map_or(24, |(_, rows)| rows)
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
