//! A user-supplied command that gets each result, for example to print a label or to notify an MES.
//!
//! A hook is finished when its command exits. Processes that the command deliberately leaves in the
//! background keep running and delay nothing. A hook that has to be stopped is stopped together
//! with everything it started (see [`Groups`]).

mod group;
mod program;

use std::{convert::Infallible, future::pending, process::Stdio, time::Duration};

use esp_prov::{shown, transport::is_shortage};
use esp_prov_input::environment;
use protocomm::Given;
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{ChildStderr, ChildStdin, Command},
    time::{Instant, sleep, timeout},
};

pub(super) use self::group::{Groups, Starter};
pub use self::program::Program;

/// How many characters of a failed hook's stderr are reported: the last ones, because the reason is
/// usually at the end.
const WORDS: usize = 200;

/// How many bytes of stderr are kept while the hook runs.
const KEPT: usize = 4096;

/// The pause between tries when the process has no free file descriptor.
const SHORTAGE: Duration = Duration::from_millis(100);

/// How long to wait for the rest of stderr after the hook exits. By then everything is in the pipe,
/// but the pipe may never be closed: a background process can keep it open.
const ECHO: Duration = Duration::from_millis(200);

/// A command that gets the result of each device.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The command line for the system's shell.
    pub command: Given,
    /// The time limit, after which the hook is stopped.
    pub within: Duration,
}

impl Hook {
    /// Runs the command with a result on its stdin, as one line of JSON, and without the
    /// environment variables that hold secrets.
    ///
    /// # Errors
    /// Returns what went wrong, in words for people: the hook can't be started, fails or takes too
    /// long.
    pub(super) async fn run(
        &self,
        result: &impl Serialize,
        secret_variables: impl Iterator<Item = &str>,
        starter: &Starter,
    ) -> Result<(), String> {
        let line = shown::json(result);
        let (began, mut shell) = (Instant::now(), self.shell(secret_variables));
        let mut member = loop {
            match starter.spawn(&mut shell) {
                // Other tasks will free descriptors.
                Err(error) if is_shortage(&error) && began.elapsed() < self.within => {
                    sleep(SHORTAGE).await;
                }
                other => break other.map_err(|error| error.to_string())?,
            }
        };
        let stdin = member.process.stdin.take();
        let mut said = Said { stderr: member.process.stderr.take(), kept: Vec::new() };
        let exit = timeout(self.within, async {
            tokio::select! {
                exit = member.process.wait() => exit,
                never = async { tokio::join!(feed(stdin, line.as_bytes()), said.listen()).1 } => match never {},
            }
        });
        let Ok(exit) = exit.await else {
            member.end().await;
            let within = humantime::format_duration(self.within);
            return Err(format!("not done within {within}, so it was killed{}", said.words()));
        };
        member.leave();
        let exit = exit.map_err(|error| error.to_string())?;
        if exit.success() {
            return Ok(());
        }
        let _ = timeout(ECHO, said.read_out()).await;
        Err(format!("{exit}{}", said.words()))
    }

    fn shell<'a>(&self, secret_variables: impl Iterator<Item = &'a str>) -> Command {
        let mut shell = shell_with(self.command.expose());
        // The hook does not need our secrets.
        for name in environment::secret_variables() {
            shell.env_remove(name);
        }
        for name in secret_variables {
            shell.env_remove(name);
        }
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        shell
    }
}

#[cfg(windows)]
fn shell_with(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    // With /S, `cmd` takes what is within the outer quotes as it is; escaped as other programs want it,
    // quotes and paths with blanks would be lost.
    shell.args(["/D", "/S", "/C"]).raw_arg(format!("\"{command}\""));
    shell
}

#[cfg(not(windows))]
fn shell_with(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

async fn feed(stdin: Option<ChildStdin>, line: &[u8]) {
    if let Some(mut stdin) = stdin {
        // A hook may ignore its stdin.
        let _ = stdin.write_all(line).await;
    }
}

/// The end of a hook's stderr. Earlier output is discarded as it arrives.
struct Said {
    stderr: Option<ChildStderr>,
    kept: Vec<u8>,
}

impl Said {
    /// Reads all of stderr. Cancel-safe: the call can be dropped and repeated.
    async fn read_out(&mut self) {
        let Some(stderr) = &mut self.stderr else { return };
        let mut part = [0; KEPT];
        while let Ok(count @ 1..) = stderr.read(&mut part).await {
            self.kept.extend_from_slice(&part[..count]);
            self.kept.drain(..self.kept.len().saturating_sub(KEPT));
        }
    }

    async fn listen(&mut self) -> Infallible {
        self.read_out().await;
        pending().await
    }

    /// The output on one line, to append to an error message.
    fn words(&self) -> String {
        let text = String::from_utf8_lossy(&self.kept);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut = text.chars().count().saturating_sub(WORDS);
        let end: String = text.chars().skip(cut).collect();
        match (text.is_empty(), cut) {
            (true, _) => String::new(),
            (false, 0) => format!(": {end}"),
            (false, _) => format!(": …{end}"),
        }
    }
}
