//! The one way out of the process. What is to be written waits in a queue for a thread that writes
//! it, so that whoever reads stdout or stderr slowly, or no more, holds up no timer and no signal.
//! Lines are made of text that is cleaned; our own styling is added here. Only questions (`ask`)
//! write past it, once it has written all.

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

/// What may wait to be written, in bytes.
const FULL: usize = 4 << 20;

/// From here on nothing new is begun where that can be put off.
const BUSY: usize = 1 << 20;

/// What is written at once, in bytes.
const PART: usize = 16 << 10;

/// How long a reader may take nothing while something waits for it: somebody may be at a pager.
const PATIENCE: Duration = Duration::from_secs(600);

/// The same for stderr, which no run waits for, at the end of the process.
const PATIENCE_ON_STDERR: Duration = Duration::from_secs(10);

/// The same, for both, once somebody has asked us to end.
const PATIENCE_AT_THE_END: Duration = Duration::from_millis(500);

/// And how long for a reader that takes little by little then.
const LONGEST_END: Duration = Duration::from_secs(2);

/// How long what is written to one stream waits for what was written to the other before it.
const IN_ORDER: Duration = Duration::from_millis(50);

static STDOUT: Stream = Stream::new(Which::Stdout);
static STDERR: Stream = Stream::new(Which::Stderr);

/// Whether somebody has asked us to end.
static ENDING: AtomicBool = AtomicBool::new(false);

/// What was asked for, for those who don't say.
static WANTED: OnceLock<ColorChoice> = OnceLock::new();

/// Colours as asked for, from now on where nobody says otherwise.
pub(crate) fn want_colors(color: ColorChoice) {
    let _ = WANTED.set(color);
}

/// Text and how it looks.
pub(crate) type Span<'a> = (Style, &'a Shown);

/// A line for stdout.
pub(super) fn result(color: ColorChoice, text: &Shown) {
    let colors = colors(&STDOUT, color);
    STDOUT.put(line(colors, &[(Style::new(), text)]));
}

/// A line for stderr.
pub(super) fn tell(color: ColorChoice, spans: &[Span<'_>]) {
    let colors = colors(&STDERR, color);
    STDERR.put(line(colors, spans));
}

/// A line of JSON for stdout.
pub(super) fn json(line: &Json) {
    STDOUT.put(line.as_bytes().to_vec());
}

/// Bytes for stdout as they are: our own, or a device's that somebody wants to have raw.
pub(crate) fn raw(bytes: &[u8]) {
    STDOUT.put(bytes.to_vec());
}

/// Part of a dialogue on stderr, without a line end.
pub(super) fn ask(text: &Shown) {
    STDERR.put(text.as_str().as_bytes().to_vec());
    STDERR.settle(IN_ORDER);
}

/// What a key does to a dialogue on stderr.
pub(super) enum Key {
    Enter,
    Back,
    /// None: the question is over. What it asked of the terminal is taken back: that pastes are
    /// marked, and that no cursor is seen.
    Leave,
}

/// Answers a key.
pub(super) fn key(key: Key) {
    STDERR.put(match key {
        Key::Enter => b"\r\n".to_vec(),
        Key::Back => b"\x08 \x08".to_vec(),
        Key::Leave => b"\x1b[?2004l\x1b[?25h\r\n".to_vec(),
    });
}

/// A picture of a spinner, on stderr; none where the last ones have not been taken.
pub(super) fn draw(picture: &str) {
    if STDERR.state().length() < 4 * PART {
        STDERR.put(picture.as_bytes().to_vec());
    }
}

/// Whether stdout shows colours.
pub(crate) fn has_colors(color: ColorChoice) -> bool {
    colors(&STDOUT, color)
}

/// Whether somebody sees stdout.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether the terminal obeys escape sequences at all.
pub(crate) fn knows_escapes() -> bool {
    std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// Waits until all is written, for a moment at most: somebody else writes to the terminal next.
pub(super) fn settle() {
    STDOUT.settle(IN_ORDER);
    STDERR.settle(IN_ORDER);
}

/// Whether so much is still to be written to stdout that nothing new should be begun.
pub(super) fn is_busy() -> bool {
    STDOUT.is_busy()
}

/// Whether there is room for a line of a log, which nobody waits for: `as_json` goes to stdout. After
/// a gap there is room only when most of what waited is written, so that gaps are few.
pub(super) fn has_room(as_json: bool, after_gap: bool) -> bool {
    let stream = if as_json { &STDOUT } else { &STDERR };
    let most = if after_gap { BUSY } else { FULL - BUSY };
    stream.state().length() < most
}

/// Somebody has asked us to end: nobody is waited for any more.
pub(crate) fn ending() {
    ENDING.store(true, Ordering::Relaxed);
    for stream in [&STDOUT, &STDERR] {
        // Those that wait look again.
        drop(stream.state());
        stream.changed.notify_all();
    }
}

/// What became of all that was for stdout.
pub(super) enum Results {
    /// It is written, or its reader wanted no more.
    Written,
    /// Somebody asked us to end before it was.
    Cut,
    /// It could not be.
    Lost(io::Error),
}

/// Writes what still waits for stdout.
pub(super) fn end_results() -> Results {
    STDOUT.finish(PATIENCE);
    let mut state = STDOUT.state();
    match state.over.take() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => Results::Lost(error),
        None if state.length() > 0 => Results::Cut,
        _ => Results::Written,
    }
}

/// Writes what still waits for stderr, if it can be written.
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
        // Writing into memory does not fail.
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
    /// Bytes that the writer is about to write.
    in_work: usize,
    /// When the reader took something last, or something came to wait for it.
    moved: Option<Instant>,
    has_writer: bool,
    /// Why nothing is written any more.
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
        // Nobody waits forever for a reader that has gone to sleep.
        let is_awake = state.still_for() < PATIENCE && state.over.is_none();
        state.length() > BUSY && is_awake && !ENDING.load(Ordering::Relaxed)
    }

    /// Puts bytes behind those that wait. Stderr takes no more than fits: no run waits for it.
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

    /// Waits until `enough`, as long as the reader takes something now and then. A reader of
    /// stdout that takes nothing for too long gets nothing more.
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

    /// Waits until all is written, at most `within`, and not for a reader that is slower.
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

    /// Writes whatever comes, until it can't.
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
            // Little at once, so that it is seen whether the reader takes it.
            let part = &bytes[..bytes.len().min(PART)];
            let written = patiently(|| to.write(part))?;
            // The line buffer of the standard library holds back what has no line end.
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

/// Does it again where whoever started us has made the stream one that does not wait.
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
/// Past the queue and without colours.
pub(super) fn last_words(line: &Shown) {
    let _ = writeln!(io::stderr(), "{line}");
}
