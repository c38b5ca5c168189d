//! Ctrl-C, SIGQUIT, SIGTERM and SIGHUP, from the first moment of the process to its last.
//!
//! The command has a thread of its own, so that signals are heard whatever it does: read a file
//! that never ends, decode a picture, wait for a person. The first signal ends it there. Work with
//! something to close or to write down [heeds](Heeded) the first one itself and has a time for
//! that; the second ends it at once.

#[cfg(unix)]
use std::task::Poll;
use std::{
    future::pending,
    panic::{self, AssertUnwindSafe},
    sync::{
        LazyLock, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::prompt;
use crate::{exit::Exit, report};

/// What saying goodbye may take: whoever reads what we say may have stopped to.
const FAREWELL_WITHIN: Duration = Duration::from_millis(1500);

/// A stack as the first thread of a process has it.
const STACK: usize = 8 << 20;

/// What letting go at once may take, of what is not to outlive us.
const AT_ONCE: Duration = Duration::from_millis(500);

/// How many signals came.
static HEARD: LazyLock<watch::Sender<u32>> = LazyLock::new(|| watch::Sender::new(0));

/// How long the work that hears the first signal itself may take to end.
static HEEDED: Mutex<Option<Duration>> = Mutex::new(None);

enum News {
    Ended(Exit),
    Signal(Signal),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    /// Somebody wants it.
    End,
    /// The terminal is gone; told by the system, by the shell, and by systemd after SIGTERM, so
    /// that it is no second wish.
    Hangup,
}

/// Runs the command of this process to its end, or to a signal's; then `farewell` says how the
/// device stands.
pub(super) fn run(
    command: impl FnOnce() -> Exit + Send + 'static,
    farewell: impl FnOnce() + Send + 'static,
) -> Exit {
    let (tell, told) = mpsc::channel();
    listen(tell.clone());
    let work = move || {
        // Its message was printed where it happened.
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
                    // A question that nobody waited for may have been asked meanwhile.
                    in_time(prompt::abandon);
                }
                return exit;
            }
            Ok(News::Signal(Signal::Hangup)) if count > 0 => {}
            Ok(News::Signal(_)) => {
                let within = *heeded();
                // No reader of what we say is waited for any more.
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

/// Does it within [`FAREWELL_WITHIN`], or leaves it.
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

/// Returns when the first signal has come, also if it has long ago.
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

/// Whether the first signal has come or does within this time, for work that blocks.
pub(super) fn comes_within(time: Duration) -> bool {
    let began = Instant::now();
    while *HEARD.borrow() == 0 && began.elapsed() < time {
        thread::sleep(Duration::from_millis(5));
    }
    *HEARD.borrow() > 0
}

/// As long as this lives, the work hears the first signal itself.
pub(super) struct Heeded;

impl Heeded {
    /// It ends within this time then.
    pub(super) fn within(time: Duration) -> Self {
        *heeded() = Some(time);
        Self
    }
}

impl Drop for Heeded {
    fn drop(&mut self) {
        *heeded() = None;
    }
}

fn heeded() -> MutexGuard<'static, Option<Duration>> {
    HEEDED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells of each signal, from before this returns.
fn listen(tell: mpsc::Sender<News>) {
    let (ready, listens) = mpsc::channel();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without it, signals do what they do by default.
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

/// The signals that ask for an end.
struct Signals {
    #[cfg(unix)]
    streams: Vec<(Signal, tokio::signal::unix::Signal)>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let end = [SignalKind::interrupt(), SignalKind::quit(), SignalKind::terminate()];
        let end = end.map(|kind| (Signal::End, kind));
        let hangup = (Signal::Hangup, SignalKind::hangup());
        let all = end.into_iter().chain((!outlives_its_terminal()).then_some(hangup));
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

/// Whether SIGHUP was ignored when we came, as `nohup` does it.
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
        // Other systems don't say; `nohup` takes the terminal away from stderr.
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
        Signal::End
    }
}
