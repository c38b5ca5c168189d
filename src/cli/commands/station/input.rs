//! Where labels come from: the keyboard (a scanner types them), a pipe, a serial scanner.

use std::{
    io::{self, BufRead, BufReader},
    thread,
    time::Duration,
};

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use esp_prov::transport::serial_reader;
use esp_prov_input::text;
use protocomm::Given;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::units::LONGEST;
use crate::cli::signals;

/// The interval between looks at the keyboard, and between attempts to open a port.
const LOOK: Duration = Duration::from_millis(100);
const REOPEN: Duration = Duration::from_secs(1);

/// What comes in.
pub(super) enum Input {
    /// A label.
    Label(Given),
    /// What has been typed of one so far.
    Typed(Given),
    /// The scanner does not work, for this reason; it is tried again.
    ScannerLost(String),
    /// Stdin can't be read, for this reason.
    Unreadable(String),
    /// The scanner works, at first or again. What it read before is lost.
    ScannerWorks,
    /// Nothing more comes.
    End,
}

/// One kind of thread for all, as the program is smaller then.
fn in_thread(work: impl FnOnce() + Send + 'static) {
    let work: Box<dyn FnOnce() + Send> = Box::new(work);
    thread::spawn(work);
}

/// Reads keys, with the terminal in raw mode.
pub(super) fn keyboard(tell: mpsc::Sender<Input>) {
    in_thread(move || {
        let mut typed = Zeroizing::new(String::new());
        loop {
            // Nobody is left to tell.
            if tell.is_closed() {
                return;
            }
            match event::poll(LOOK) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(_) => break,
            }
            let Ok(event) = event::read() else { break };
            let Event::Key(key) = event else { continue };
            if key.kind == KeyEventKind::Release {
                continue;
            }
            let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
            match key.code {
                KeyCode::Char('c') if is_control => {
                    signals::interrupt();
                    continue;
                }
                KeyCode::Char('d') if is_control => break,
                KeyCode::Char('u') if is_control => typed.clear(),
                KeyCode::Esc => typed.clear(),
                KeyCode::Char(char) if !is_control && typed.len() < LONGEST => typed.push(char),
                KeyCode::Backspace => drop(typed.pop()),
                KeyCode::Enter | KeyCode::Tab if !typed.trim().is_empty() => {
                    let label = std::mem::take(&mut *typed);
                    if tell.blocking_send(Input::Label(label.into())).is_err() {
                        return;
                    }
                }
                _ => {}
            }
            let so_far = Given::from(typed.as_str());
            if tell.blocking_send(Input::Typed(so_far)).is_err() {
                return;
            }
        }
        let _ = tell.blocking_send(Input::Typed("".into()));
        let _ = tell.blocking_send(Input::End);
    });
}

/// Reads lines of stdin until its end.
pub(super) fn pipe(tell: mpsc::Sender<Input>) {
    in_thread(move || {
        if let Err(error) = lines(&mut io::stdin().lock(), &tell) {
            let _ = tell.blocking_send(Input::Unreadable(format!("stdin: {error}")));
        }
        let _ = tell.blocking_send(Input::End);
    });
}

/// Reads lines of a serial scanner, which may be plugged in later, or again.
pub(super) fn serial(port: String, baud: u32, tell: mpsc::Sender<Input>) {
    in_thread(move || {
        // What was told of the port last: whether it works.
        let mut told = None;
        while !tell.is_closed() {
            let why = match serial_reader(&port, baud) {
                Ok(reader) => {
                    if told.replace(true) != Some(true) {
                        let _ = tell.blocking_send(Input::ScannerWorks);
                    }
                    match lines(&mut BufReader::new(reader), &tell) {
                        Ok(()) => format!("{port} is gone"),
                        Err(error) => format!("{port}: {error}"),
                    }
                }
                Err(error) => error.to_string(),
            };
            if told.replace(false) != Some(false) {
                let _ = tell.blocking_send(Input::ScannerLost(why));
            }
            thread::sleep(REOPEN);
        }
    });
}

/// Passes on lines until the end of `from`. A line that is too long is cut there, and refused later
/// for its length.
fn lines(from: &mut dyn BufRead, tell: &mpsc::Sender<Input>) -> io::Result<()> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    loop {
        // Scanners end a label with CR, LF or both.
        let part = match from.fill_buf() {
            Ok(part) => part,
            // A serial port has nothing to say.
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                if tell.is_closed() {
                    return Ok(());
                }
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let is_end = part.is_empty();
        let end = part.iter().position(|byte| b"\r\n".contains(byte));
        let length = end.unwrap_or(part.len());
        let room = (LONGEST + 1).saturating_sub(line.len()).min(length);
        line.extend_from_slice(&part[..room]);
        let used = end.map_or(length, |end| end + 1);
        from.consume(used);
        if end.is_some() || is_end {
            let label = text::to_utf8(&line);
            let label = String::from_utf8_lossy(&label).trim().to_owned();
            line.clear();
            if !label.is_empty() && tell.blocking_send(Input::Label(label.into())).is_err() {
                return Ok(());
            }
        }
        if is_end {
            return Ok(());
        }
    }
}
