//! Ctrl-C, SIGQUIT, SIGTERM and SIGHUP, from the first moment of the process to its last.
//!
//! The command runs in a thread of its own, so that signals are handled whatever it does: read an
//! endless file, decode a picture, wait for a person. The first signal ends it there. Work that has
//! something to close or to record [heeds](Heeded) the first signal itself, and has a limited time
//! for that; the second signal ends it at once.

#[cfg(unix)]
use std::task::Poll;
use std::{
    future::pending,
    panic::{self, AssertUnwindSafe},
    sync::{
        LazyLock, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::prompt;
use crate::{exit::Exit, report};

/// How long the last words may take, since the reader of the output may have stalled.
const FAREWELL_WITHIN: Duration = Duration::from_millis(1500);

/// The size of the stack, as that of the first thread of a process.
const STACK: usize = 8 << 20;

/// How long the work may take to end after the second signal.
const AT_ONCE: Duration = Duration::from_millis(500);

/// The number of signals that came.
static HEARD: LazyLock<watch::Sender<u32>> = LazyLock::new(|| watch::Sender::new(0));

/// How long the work may take to end after the first signal, if it heeds that.
static HEEDED: Mutex<Option<Duration>> = Mutex::new(None);

/// Whether the work handles the first signal even after its end.
static FOR_GOOD: AtomicBool = AtomicBool::new(false);

/// Whether the last signal is one that a key of a terminal sends.
static IS_OF_KEY: AtomicBool = AtomicBool::new(false);

/// Where signals go.
static TELL: OnceLock<mpsc::Sender<News>> = OnceLock::new();

enum News {
    Ended(Exit),
    Signal(Signal),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    /// A request to end.
    End,
    /// The same, by Ctrl-C or Ctrl-\ if there is a terminal.
    Key,
    /// The terminal is gone. The system, the shell, and systemd after SIGTERM send this, so it does
    /// not count as a second request.
    Hangup,
}

/// Runs the command of this process until it ends or a signal ends it. In the latter case
/// `farewell` then reports the state of the device.
pub(super) fn run(
    command: impl FnOnce() -> Exit + Send + 'static,
    farewell: impl FnOnce() + Send + 'static,
) -> Exit {
    let (tell, told) = mpsc::channel();
    listen(tell.clone());
    let _ = TELL.set(tell.clone());
    let work = move || {
        // The panic was reported where it happened.
        let exit = panic::catch_unwind(AssertUnwindSafe(command));
        let _ = tell.send(News::Ended(exit.unwrap_or(Exit::INTERNAL)));
    };
    if thread::Builder::new().stack_size(STACK).spawn(work).is_err() {
        return Exit::INTERNAL;
    }
    let mut end_by: Option<Instant> = None;
    loop {
        let next = match end_by {
            None => told.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(by) => told.recv_timeout(by.saturating_duration_since(Instant::now())),
        };
        let count = *HEARD.borrow();
        match next {
            Ok(News::Ended(exit)) => {
                if count > 0 {
                    // A question may have been asked meanwhile that nobody waits for.
                    in_time(prompt::abandon);
                }
                return exit;
            }
            Ok(News::Signal(Signal::Hangup)) if count > 0 => {}
            Ok(News::Signal(signal)) => {
                IS_OF_KEY.store(signal == Signal::Key, Ordering::Relaxed);
                let within = *heeded();
                // From now on, readers of the output are hardly waited for.
                report::ending();
                HEARD.send_replace(count + 1);
                match (count, within) {
                    (0, Some(within)) => end_by = Instant::now().checked_add(within),
                    (1, Some(_)) => end_by = Some(Instant::now() + AT_ONCE),
                    _ => break,
                }
            }
            Err(_) => break,
        }
    }
    in_time(move || {
        prompt::abandon();
        farewell();
    });
    Exit::INTERRUPTED
}

/// Does what a signal does, for Ctrl-C on a terminal in raw mode.
pub(super) fn interrupt() {
    if let Some(tell) = TELL.get() {
        let _ = tell.send(News::Signal(Signal::End));
    }
}

/// Waits for `work` for at most [`FAREWELL_WITHIN`].
fn in_time(work: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let work = move || {
        work();
        let _ = done.send(());
    };
    if thread::Builder::new().spawn(work).is_ok() {
        let _ = ended.recv_timeout(FAREWELL_WITHIN);
    }
}

/// Returns when the first signal has come, or at once if it came earlier.
pub(super) async fn heard() {
    come(1).await;
}

/// Returns when the second signal has come.
pub(super) async fn heard_again() {
    come(2).await;
}

async fn come(wanted: u32) {
    if HEARD.subscribe().wait_for(|&count| count >= wanted).await.is_err() {
        pending::<()>().await;
    }
}

/// Whether the last signal is one that a key of a terminal sends.
pub(super) fn is_of_key() -> bool {
    IS_OF_KEY.load(Ordering::Relaxed)
}

/// Whether the first signal has come or comes within this time. Blocks.
pub(super) fn comes_within(time: Duration) -> bool {
    let began = Instant::now();
    while *HEARD.borrow() == 0 && began.elapsed() < time {
        thread::sleep(Duration::from_millis(5));
    }
    *HEARD.borrow() > 0
}

/// As long as this lives, the work handles the first signal itself.
pub(super) struct Heeded;

impl Heeded {
    /// The work ends within this time after the first signal.
    pub(super) fn within(time: Duration) -> Self {
        *heeded() = Some(time);
        Self
    }

    /// Like [`within`](Self::within), even after the end of the work and of any work around it, so
    /// the exit code stays its own.
    pub(super) fn for_good(time: Duration) {
        FOR_GOOD.store(true, Ordering::Relaxed);
        *heeded() = Some(time);
    }
}

impl Drop for Heeded {
    fn drop(&mut self) {
        if !FOR_GOOD.load(Ordering::Relaxed) {
            *heeded() = None;
        }
    }
}

fn heeded() -> MutexGuard<'static, Option<Duration>> {
    HEEDED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends each signal to `tell`. Signals are handled by the time this returns.
fn listen(tell: mpsc::Sender<News>) {
    let (ready, listens) = mpsc::channel();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without a runtime, signals have their default effect.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let mut signals = Signals::listen();
            let _ = ready.send(());
            loop {
                let signal = signals.next().await;
                if tell.send(News::Signal(signal)).is_err() {
                    return;
                }
            }
        });
    };
    if thread::Builder::new().spawn(work).is_ok() {
        let _ = listens.recv();
    }
}

/// The signals that ask the process to end.
struct Signals {
    #[cfg(unix)]
    streams: Vec<(Signal, tokio::signal::unix::Signal)>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let keys = [SignalKind::interrupt(), SignalKind::quit()].map(|kind| (Signal::Key, kind));
        let end = (Signal::End, SignalKind::terminate());
        let hangup = (Signal::Hangup, SignalKind::hangup());
        let hangup = (!outlives_its_terminal()).then_some(hangup);
        let all = keys.into_iter().chain([end]).chain(hangup);
        Self { streams: all.filter_map(|(one, kind)| Some((one, signal(kind).ok()?))).collect() }
    }

    async fn next(&mut self) -> Signal {
        std::future::poll_fn(|context| {
            for (signal, stream) in &mut self.streams {
                if stream.poll_recv(context).is_ready() {
                    return Poll::Ready(*signal);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Whether SIGHUP was ignored when the process started, as with `nohup`.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    const SIGHUP: u64 = 1 << 0;
    let status = esp_prov_input::files::system_text("/proc/self/status".as_ref());
    let ignored = status.as_deref().and_then(|status| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    match ignored {
        Some(ignored) => ignored & SIGHUP != 0,
        // Other systems do not show this, but `nohup` redirects stderr away from the terminal.
        None => !std::io::IsTerminal::is_terminal(&std::io::stderr()),
    }
}

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self {}
    }

    async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
        Signal::Key
    }
}
