//! What accompanies virtual devices: a command that uses them, and a file with their addresses.

use std::{
    ffi::{OsStr, OsString},
    fs,
    future::{Future, pending},
    io,
    path::{Path, PathBuf},
    pin::pin,
    process::ExitStatus,
    time::Duration,
};

use esp_prov_input::files;
use protocomm::Harmless;
use tokio::{
    process::{Child, Command},
    sync::watch,
};

use crate::{
    cli::{
        Failure,
        signals::{self, Heeded},
    },
    exit::Exit,
};

/// The variable with the device's address for the command: host and port, or the path of its
/// console.
pub(in super::super) const ADDRESS: &str = "ESP_PROV_SIMULATED_ADDRESS";

/// The word that is replaced by the address in the command's arguments.
const PLACE: &str = "{}";

/// Announces that the devices are ready. Removes its file on drop.
pub(super) struct Ready {
    file: Option<PathBuf>,
    first: watch::Sender<Option<String>>,
}

impl Ready {
    /// No device is ready yet, so a file that an earlier run has left is removed.
    pub(super) fn new(file: Option<&Path>) -> Self {
        let ready = Self { file: file.map(Path::to_owned), first: watch::Sender::new(None) };
        ready.take_away();
        ready
    }

    /// Announces that the devices listen at these addresses. Only the first call has an effect: a
    /// device that restarts has the same address.
    pub(super) fn at(&self, addresses: &[String]) -> Result<(), Failure> {
        if self.first.borrow().is_some() {
            return Ok(());
        }
        if let Some(file) = &self.file {
            let lines = addresses.join("\n") + "\n";
            files::write_private(file, lines.as_bytes()).map_err(|error| {
                Failure::input(format!("--ready-file {}: {error}", files::named(file)))
            })?;
        }
        self.first.send_replace(addresses.first().cloned());
        Ok(())
    }

    async fn first(&self) -> String {
        let mut told = self.first.subscribe();
        let first = told.wait_for(Option::is_some).await.ok().and_then(|first| first.clone());
        match first {
            Some(first) => first,
            // This can't happen, since the sender is our own.
            None => pending().await,
        }
    }

    fn take_away(&self) {
        let is_file = |path: &&PathBuf| fs::symlink_metadata(path).is_ok_and(|it| it.is_file());
        if let Some(file) = self.file.as_ref().filter(is_file) {
            // If the file is already gone, that is fine.
            let _ = fs::remove_file(file);
        }
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.take_away();
    }
}

/// Serves until the command ends, and passes its exit code on; without a command, until `serving`
/// ends.
pub(super) async fn run(
    command: &[OsString],
    ready: &Ready,
    serving: impl Future<Output = Result<(), Failure>>,
) -> Result<Exit, Failure> {
    if !command.is_empty() {
        // A command may take as long as it needs to end. A key of the terminal reaches it, too, so it
        // may have ended before the signal is heard here.
        Heeded::for_good(Duration::MAX);
    }
    let mut serving = pin!(serving);
    let mut child = tokio::select! {
        biased;
        () = signals::heard() => return Ok(Exit::INTERRUPTED),
        ended = &mut serving => return ended.map(|()| Exit::DONE),
        child = started(command, ready) => child?,
    };
    // A device that has left for good does not end the command.
    let mut fails = pin!(async {
        match serving.await {
            Ok(()) => pending().await,
            Err(failure) => failure,
        }
    });
    let status = tokio::select! {
        status = child.wait() => status,
        failure = &mut fails => return Err(failure),
        () = signals::heard() => tokio::select! {
            status = ends(&mut child) => status,
            failure = &mut fails => return Err(failure),
        },
    };
    let status = status.map_err(|error| Failure::Internal(format!("the command: {error}")))?;
    Ok(Exit { code: code(status), ..Exit::DONE })
}

async fn started(command: &[OsString], ready: &Ready) -> Result<Child, Failure> {
    match command.split_first() {
        Some((program, arguments)) => start(program, arguments, &ready.first().await),
        None => pending().await,
    }
}

fn start(program: &OsStr, arguments: &[OsString], address: &str) -> Result<Child, Failure> {
    let in_place = |word: &OsString| if word == PLACE { address.into() } else { word.clone() };
    let mut process = Command::new(program);
    process.args(arguments.iter().map(in_place)).env(ADDRESS, address).kill_on_drop(true);
    process.spawn().map_err(|error| cannot_run(program, &error))
}

fn cannot_run(program: &OsStr, error: &io::Error) -> Failure {
    let name = match program.to_str() {
        Some(word) if is_like_a_program(word) => {
            Harmless::decided(word, "a command is asked for here, and it is spelled as one")
        }
        _ => files::named(Path::new(program)),
    };
    Failure::input(format!("COMMAND {name}: {error}"))
}

/// Whether a word after `--` is more likely the mistyped name of a program than a secret, which
/// would have digits or capitals.
fn is_like_a_program(word: &str) -> bool {
    word.len() <= 20
        && word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.bytes().all(|b| b.is_ascii_lowercase() || b"-_.".contains(&b))
}

/// Waits for the command to end after a signal, however long that takes: a batch finishes with its
/// devices first. A key at the terminal has reached the command, too; otherwise it is asked to end.
/// A second signal kills it.
async fn ends(child: &mut Child) -> io::Result<ExitStatus> {
    if !(signals::is_of_key() && is_in_foreground()) {
        ask(child);
    }
    tokio::select! {
        status = child.wait() => return status,
        () = signals::heard_again() => {}
    }
    child.start_kill()?;
    child.wait().await
}

/// Whether the keys of a terminal send signals to this process, and so to what it has started.
#[cfg(unix)]
fn is_in_foreground() -> bool {
    use nix::unistd::{getpgrp, tcgetpgrp};

    // Opened only to ask for its foreground process group.
    let terminal = fs::OpenOptions::new().read(true).open("/dev/tty");
    terminal.is_ok_and(|terminal| tcgetpgrp(terminal) == Ok(getpgrp()))
}

#[cfg(not(unix))]
fn is_in_foreground() -> bool {
    true
}

#[cfg(unix)]
fn ask(child: &Child) {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };

    let id = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(id) = id {
        // The process may be gone.
        let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
    }
}

#[cfg(not(unix))]
fn ask(_: &Child) {}

/// The exit code, as a shell reports it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    let code = status.code().unwrap_or(i32::from(Exit::INTERNAL.code));
    // Only Windows has larger ones, none of which may look like success.
    u8::try_from(code).unwrap_or(u8::MAX)
}
