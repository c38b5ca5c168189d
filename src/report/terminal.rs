//! A spinner that says what is waited for, below the lines already said.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::sink;
use crate::shown::Shown;

pub(super) struct Spinner(ProgressBar);

impl Spinner {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
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
        self.0.suspend(|| {
            print();
            sink::settle();
        });
    }
}
