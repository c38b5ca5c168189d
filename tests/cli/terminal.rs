//! A person at a terminal: a pseudo-terminal on stdin and stderr, what shows on it, and what is
//! typed.

use std::{
    fs::File,
    io::{Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use nix::{
    pty::{Winsize, openpty},
    sys::termios::{self, LocalFlags},
};

/// No question here takes longer to come.
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    shown: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    /// How much of it was looked at.
    seen: usize,
}

impl Terminal {
    pub(crate) fn run(command: Command) -> Self {
        Self::run_sized(command, (40, 120))
    }

    /// In one of so many rows and columns.
    pub(crate) fn run_sized(mut command: Command, size: (u16, u16)) -> Self {
        command.env("NO_COLOR", "1").env("TERM", "xterm-256color");
        Self::begin(command, size)
    }

    pub(crate) fn in_color(command: Command) -> Self {
        Self::in_color_sized(command, (40, 120))
    }

    pub(crate) fn in_color_sized(mut command: Command, size: (u16, u16)) -> Self {
        command.env("TERM", "xterm-256color");
        Self::begin(command, size)
    }

    /// One that shows lines and obeys no escape sequence.
    pub(crate) fn run_dumb(mut command: Command) -> Self {
        command.env("TERM", "dumb");
        Self::begin(command, (24, 80))
    }

    fn begin(mut command: Command, (rows, columns): (u16, u16)) -> Self {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let terminal = openpty(&size, None).expect("a pseudo-terminal");
        let end = || Stdio::from(terminal.slave.try_clone().expect("it can be shared"));
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn();
        let child = child.expect("the program is there");
        // Only the child holds it now, so that reading ends with the child.
        drop(command);
        drop(terminal.slave);
        let mut screen = File::from(terminal.master);
        let keyboard = screen.try_clone().expect("it can be shared");
        let shown = Arc::<Mutex<String>>::default();
        let collected = Arc::clone(&shown);
        let reader = thread::spawn(move || {
            let (mut part, mut left) = ([0; 4096], Vec::new());
            while let Ok(length @ 1..) = screen.read(&mut part) {
                left.extend_from_slice(&part[..length]);
                // A read may end within a character.
                let whole = match std::str::from_utf8(&left) {
                    Err(error) if error.error_len().is_none() => error.valid_up_to(),
                    _ => left.len(),
                };
                let text = String::from_utf8_lossy(&left[..whole]).into_owned();
                left.drain(..whole);
                collected.lock().expect("no reader panics").push_str(&text);
            }
        });
        Self { child, keyboard, shown, reader: Some(reader), seen: 0 }
    }

    /// Waits until one of these shows, and says which.
    pub(crate) fn until<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let began = Instant::now();
        loop {
            let ended = self.ended().is_some();
            let shown = self.shown();
            let new = &shown[self.seen..];
            let first = words.iter().filter_map(|word| Some((new.find(word)?, *word))).min();
            if let Some((at, word)) = first {
                self.seen += at + word.len();
                return word;
            }
            assert!(!ended && began.elapsed() < LIMIT, "none of {words:?}:\n{shown}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it gives keys, not lines.
    pub(crate) fn is_raw(&self) -> bool {
        let modes = termios::tcgetattr(&self.keyboard).expect("a terminal");
        !modes.local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO)
    }

    /// Whether it shows keys that are pressed.
    pub(crate) fn echoes(&self) -> bool {
        let modes = termios::tcgetattr(&self.keyboard).expect("a terminal");
        modes.local_flags.contains(LocalFlags::ECHO)
    }

    /// Waits for the end, and leaves the terminal to be looked at.
    pub(crate) fn until_over(&mut self) {
        let began = Instant::now();
        while self.ended().is_none() {
            assert!(began.elapsed() < LIMIT, "no end:\n{}", self.shown());
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn shown(&self) -> String {
        self.shown.lock().expect("no reader panics").clone()
    }

    /// Types this and the return key at a question, and waits until the question is over, which
    /// is drawn again at each key.
    pub(crate) fn answer(&mut self, text: &str) {
        const QUESTION_IS_OVER: &str = "\x1b[?2004l";
        self.press(&format!("{text}\r"));
        self.until(&[QUESTION_IS_OVER]);
    }

    /// Types keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("a key can be pressed");
    }

    /// Waits for the end; the exit code and all that was shown.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return (status.code(), self.shown());
            }
            assert!(began.elapsed() < LIMIT, "no end:\n{}", self.shown());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// How it ended; then all it showed is there.
    fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().expect("a child can be waited for")?;
        if let Some(reader) = self.reader.take() {
            reader.join().expect("no reader panics");
        }
        Some(status)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
