//! Questions on a terminal without escape sequences (`TERM=dumb`).

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use esp_prov::shown::Shown;
use inquire::InquireError;

use super::{
    ask,
    sink::{self, Key},
    terminal::{columns, keys},
};

/// Whether a question is open.
static OPEN: AtomicBool = AtomicBool::new(false);

/// Whether the terminal is of this kind. Only on Unix: elsewhere, what is typed can't be hidden.
pub(super) fn is_all() -> bool {
    cfg!(unix) && !sink::knows_escapes()
}

/// Asks for one of several options by its number. Returns its index.
pub(super) fn choose(question: &Shown, options: &[Shown]) -> Result<usize, InquireError> {
    let width = options.len().to_string().len();
    let room = columns().saturating_sub(width + ") ".len());
    let lines = options.iter().zip(1..).map(|(option, number)| {
        Shown::line(format!("{number:width$}) {}", option.clone().cut(room)))
    });
    ask::say(&[question.clone()].into_iter().chain(lines).collect::<Vec<_>>(), None);
    loop {
        let typed = text(&Shown::line(format!("Number, 1 to {}:", options.len())))?;
        match typed.trim().parse::<usize>() {
            Ok(number) if (1..=options.len()).contains(&number) => return Ok(number - 1),
            _ => ask::object("this is not one of the numbers"),
        }
    }
}

/// Asks for a text that is hidden as it is typed.
pub(super) fn hidden(question: &Shown) -> Result<String, InquireError> {
    keys::hide();
    let typed = text(question);
    keys::show();
    sink::key(Key::Enter);
    typed
}

/// Leaves a question that was not answered.
pub(super) fn leave() {
    if OPEN.swap(false, Ordering::Relaxed) {
        keys::show();
        sink::key(Key::Enter);
    }
}

/// Asks for a text that is shown as it is typed.
pub(super) fn text(question: &Shown) -> Result<String, InquireError> {
    sink::settle();
    // First, since a signal may come as soon as it shows.
    OPEN.store(true, Ordering::Relaxed);
    sink::ask(&Shown::line(format!("{question} ")));
    let mut typed = String::new();
    let length = io::stdin().read_line(&mut typed);
    OPEN.store(false, Ordering::Relaxed);
    if length? == 0 {
        return Err(InquireError::OperationCanceled);
    }
    let end = typed.trim_end_matches(['\r', '\n']).len();
    typed.truncate(end);
    Ok(typed)
}
