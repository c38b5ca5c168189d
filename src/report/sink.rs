//! All output of the process. It waits in a queue for a thread that writes it, so that a slow or
//! stalled reader of stdout or stderr does not delay timers and signals. Lines consist of cleaned
//! text; our own styling is added here. Only questions (`ask`) write past the queue, once it is
//! empty.

use std::{
    io::{self, ErrorKind, IsTerminal, Write},
    sync::{
        Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use esp_prov::shown::{Json, Shown};

/// The most bytes that may be queued.
const FULL: usize = 4 << 20;

/// The number of queued bytes from which new work is put off where possible.
const BUSY: usize = 1 << 20;

/// The most bytes that are written at once.
const PART: usize = 16 << 10;

/// How long a reader may read nothing while output waits for it. It may be a person at a pager.
const PATIENCE: Duration = Duration::from_secs(600);

/// The same limit for stderr at the end of the process. No run waits for stderr.
const PATIENCE_ON_STDERR: Duration = Duration::from_secs(10);

/// The same limit for both streams after a signal to end.
const PATIENCE_AT_THE_END: Duration = Duration::from_millis(500);

/// The limit for a reader that reads slowly after a signal to end.
const LONGEST_END: Duration = Duration::from_secs(2);

/// How long output to one stream waits for earlier output to the other.
const IN_ORDER: Duration = Duration::from_millis(50);

static STDOUT: Stream = Stream::new(Which::Stdout);
static STDERR: Stream = Stream::new(Which::Stderr);

/// Whether a signal has asked the process to end.
static ENDING: AtomicBool = AtomicBool::new(false);

/// The colours that the user has asked for, for callers that pass `Auto`.
static WANTED: OnceLock<ColorChoice> = OnceLock::new();

/// Sets the colours that the user has asked for. From now on they apply to callers that pass `Auto`.
pub(crate) fn want_colors(color: ColorChoice) {
    let _ = WANTED.set(color);
}

/// A text and its style.
pub(crate) type Span<'a> = (Style, &'a Shown);

/// Writes a line to stdout.
pub(super) fn result(color: ColorChoice, text: &Shown) {
    let colors = colors(&STDOUT, color);
    STDOUT.put(line(colors, &[(Style::new(), text)]));
}

/// Writes a line to stderr.
pub(super) fn tell(color: ColorChoice, spans: &[Span<'_>]) {
    let colors = colors(&STDERR, color);
    STDERR.put(line(colors, spans));
}

/// Writes a line of JSON to stdout.
pub(super) fn json(line: &Json) {
    STDOUT.put(line.as_bytes().to_vec());
}

/// Writes bytes to stdout unchanged: our own, or those of a device if they are wanted raw.
pub(crate) fn raw(bytes: &[u8]) {
    STDOUT.put(bytes.to_vec());
}

/// Writes part of a dialogue to stderr, without a line end.
pub(super) fn ask(text: &Shown) {
    STDERR.put(text.as_str().as_bytes().to_vec());
    STDERR.settle(IN_ORDER);
}

/// What a key does to a dialogue on stderr.
pub(super) enum Key {
    Enter,
    Back,
    /// No key: the question is over. Ends bracketed paste, and shows the cursor again.
    Leave,
}

/// Writes the effect of a key.
pub(super) fn key(key: Key) {
    STDERR.put(match key {
        Key::Enter => b"\r\n".to_vec(),
        Key::Back => b"\x08 \x08".to_vec(),
        Key::Leave => b"\x1b[?2004l\x1b[?25h\r\n".to_vec(),
    });
}

/// Draws a spinner on stderr, unless the last drawings have not been written yet.
pub(super) fn draw(picture: &str) {
    if STDERR.state().length() < 4 * PART {
        STDERR.put(picture.as_bytes().to_vec());
    }
}

/// Whether stdout shows colours.
pub(crate) fn has_colors(color: ColorChoice) -> bool {
    colors(&STDOUT, color)
}

/// Whether stdout is a terminal.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether there is a terminal whose screen can be filled.
pub(crate) fn has_screen() -> bool {
    is_terminal() && io::stderr().is_terminal() && knows_escapes()
}

/// Whether the terminal understands escape sequences at all.
pub(crate) fn knows_escapes() -> bool {
    std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// Waits briefly until everything is written, since another writer uses the terminal next.
pub(super) fn settle() {
    STDOUT.settle(IN_ORDER);
    STDERR.settle(IN_ORDER);
}

/// Whether so much is queued for stdout that no new work should begin.
pub(super) fn is_busy() -> bool {
    STDOUT.is_busy()
}

/// Whether there is room for a line of a log, which may be left out. With `as_json` it goes to
/// stdout. After a gap there is room only once most of the queue is written, so that gaps are few.
pub(super) fn has_room(as_json: bool, after_gap: bool) -> bool {
    let stream = if as_json { &STDOUT } else { &STDERR };
    let most = if after_gap { BUSY } else { FULL - BUSY };
    stream.state().length() < most
}

/// Takes note of a signal to end. From now on, readers are hardly waited for.
pub(crate) fn ending() {
    ENDING.store(true, Ordering::Relaxed);
    for stream in [&STDOUT, &STDERR] {
        // Waiting threads check again.
        drop(stream.state());
        stream.changed.notify_all();
    }
}

/// What became of the output to stdout.
pub(super) enum Results {
    /// It was written, or its reader closed the pipe.
    Written,
    /// A signal ended the process before it was written.
    Cut,
    /// It could not be written.
    Lost(io::Error),
}

/// Writes what is still queued for stdout.
pub(super) fn end_results() -> Results {
    STDOUT.finish(PATIENCE);
    let mut state = STDOUT.state();
    match state.over.take() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => Results::Lost(error),
        None if state.length() > 0 => Results::Cut,
        _ => Results::Written,
    }
}

/// Writes what is still queued for stderr, if possible.
pub(super) fn end_words() {
    STDERR.finish(PATIENCE_ON_STDERR);
}

fn colors(stream: &Stream, color: ColorChoice) -> bool {
    let wanted = || WANTED.get().copied().unwrap_or(color);
    match if color == ColorChoice::Auto { wanted() } else { color } {
        ColorChoice::Auto => *stream.colors.get_or_init(|| {
            let choice = match stream.which {
                Which::Stdout => AutoStream::choice(&io::stdout()),
                Which::Stderr => AutoStream::choice(&io::stderr()),
            };
            choice != ColorChoice::Never
        }),
        ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
        ColorChoice::Never => false,
    }
}

fn line(colors: bool, spans: &[Span<'_>]) -> Vec<u8> {
    let mut line = Vec::new();
    for (style, text) in spans.iter().filter(|(_, text)| !text.as_str().is_empty()) {
        // Writing to memory can't fail.
        let _ = if colors {
            write!(line, "{style}{}{style:#}", text.as_str())
        } else {
            write!(line, "{}", text.as_str())
        };
    }
    line.push(b'\n');
    line
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Stdout,
    Stderr,
}

struct Stream {
    which: Which,
    state: Mutex<State>,
    changed: Condvar,
    colors: OnceLock<bool>,
}

struct State {
    waiting: Vec<u8>,
    /// The number of bytes that the writer is writing.
    in_work: usize,
    /// When the reader last read something, or output began to wait for it.
    moved: Option<Instant>,
    has_writer: bool,
    /// The error after which nothing is written any more.
    over: Option<io::Error>,
}

impl State {
    fn length(&self) -> usize {
        self.waiting.len() + self.in_work
    }

    fn is_settled(&self) -> bool {
        self.length() == 0 || self.over.is_some()
    }

    fn still_for(&self) -> Duration {
        self.moved.map_or(Duration::ZERO, |moved| moved.elapsed())
    }
}

impl Stream {
    const fn new(which: Which) -> Self {
        Self {
            which,
            state: Mutex::new(State {
                waiting: Vec::new(),
                in_work: 0,
                moved: None,
                has_writer: false,
                over: None,
            }),
            changed: Condvar::new(),
            colors: OnceLock::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn other(&self) -> &'static Self {
        match self.which {
            Which::Stdout => &STDERR,
            Which::Stderr => &STDOUT,
        }
    }

    fn is_busy(&self) -> bool {
        let state = self.state();
        // A stalled reader is not waited for forever.
        let is_awake = state.still_for() < PATIENCE && state.over.is_none();
        state.length() > BUSY && is_awake && !ENDING.load(Ordering::Relaxed)
    }

    /// Queues bytes. For stderr, bytes that do not fit are dropped, since no run waits for it.
    fn put(&'static self, bytes: Vec<u8>) {
        self.other().settle(IN_ORDER);
        let mut state = self.state();
        if self.which == Which::Stdout {
            state = self.wait(state, PATIENCE, |state| state.length() < FULL);
        }
        if state.over.is_some() || state.length() >= FULL {
            return;
        }
        if state.length() == 0 {
            state.moved = Some(Instant::now());
        }
        state.waiting.extend(bytes);
        if !state.has_writer {
            let name = "output".to_owned();
            match thread::Builder::new().name(name).spawn(|| self.write_on()) {
                Ok(_) => state.has_writer = true,
                Err(error) => state.over = Some(error),
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until `enough`, as long as the reader reads something now and then. A reader of stdout
    /// that stalls for too long gets nothing more.
    fn wait<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        patience: Duration,
        enough: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let begun = Instant::now();
        while !enough(&state) && state.over.is_none() {
            let is_ending = ENDING.load(Ordering::Relaxed);
            let left = if is_ending {
                let left = PATIENCE_AT_THE_END.saturating_sub(state.still_for());
                left.min(LONGEST_END.saturating_sub(begun.elapsed()))
            } else {
                patience.saturating_sub(state.still_for())
            };
            if left.is_zero() {
                if !is_ending {
                    let why = "it was not read for too long";
                    state.over = Some(io::Error::new(ErrorKind::TimedOut, why));
                }
                break;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state
    }

    /// Waits until everything is written, but not for longer than `within`, nor for a reader that
    /// has stalled for that long.
    fn settle(&self, within: Duration) {
        let mut state = self.state();
        let begun = Instant::now();
        while !state.is_settled() {
            let left = within.saturating_sub(begun.elapsed().max(state.still_for()));
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn finish(&self, patience: Duration) {
        let state = self.state();
        drop(self.wait(state, patience, State::is_settled));
    }

    /// Writes what is queued, until writing fails.
    fn write_on(&self) {
        loop {
            let mut state = self.state();
            while state.waiting.is_empty() {
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
            let bytes = std::mem::take(&mut state.waiting);
            state.in_work = bytes.len();
            drop(state);
            if let Err(error) = self.write(&bytes) {
                let mut state = self.state();
                (state.waiting, state.in_work, state.over) = (Vec::new(), 0, Some(error));
                self.changed.notify_all();
                return;
            }
        }
    }

    fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        let mut to: Box<dyn Write> = match self.which {
            Which::Stdout => Box::new(io::stdout().lock()),
            Which::Stderr => Box::new(io::stderr().lock()),
        };
        while !bytes.is_empty() {
            // In small parts, to see whether the reader goes on reading.
            let part = &bytes[..bytes.len().min(PART)];
            let written = patiently(|| to.write(part))?;
            // The standard library buffers a line until its end.
            patiently(|| to.flush())?;
            if written == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            bytes = &bytes[written..];
            let mut state = self.state();
            state.in_work = bytes.len();
            state.moved = Some(Instant::now());
            drop(state);
            self.changed.notify_all();
        }
        Ok(())
    }
}

/// Repeats a write if the stream was made non-blocking by the process that started this one.
fn patiently<T>(mut write: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match write() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
}
/// Writes a line to stderr past the queue, without colours.
pub(super) fn last_words(line: &Shown) {
    let _ = writeln!(io::stderr(), "{line}");
}
