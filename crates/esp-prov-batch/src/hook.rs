//! A command of the line's own that gets each result: it prints a label, or tells an MES.
//!
//! It is done when the command itself has exited. What it left in the background on purpose is
//! left alone, and does not hold anybody up. A hook that has to be ended is ended with all that it
//! started (see [`Groups`]).

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

/// How much of what a failed hook says is told: its end, where the reason usually is.
const WORDS: usize = 200;

/// How much of it is kept while it speaks.
const KEPT: usize = 4096;

/// Between two tries when there is no descriptor for one.
const SHORTAGE: Duration = Duration::from_millis(100);

/// How long what it said may take to arrive once it has exited. All of it is in the pipe by then,
/// whose end may never come: something in the background can hold it.
const ECHO: Duration = Duration::from_millis(200);

/// A command.
#[derive(Clone, Debug)]
pub struct Hook {
    /// For the system's shell.
    pub command: Given,
    /// It is ended after this time.
    pub within: Duration,
}

impl Hook {
    /// Runs it with a result on its stdin, as one line of JSON, and without variables that hold
    /// secrets.
    ///
    /// # Errors
    /// What went wrong, for people.
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
                // Those at work give descriptors back.
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
        #[cfg(windows)]
        let (shell, flag) = ("cmd", "/C");
        #[cfg(not(windows))]
        let (shell, flag) = ("sh", "-c");
        let mut shell = Command::new(shell);
        shell.args([flag, self.command.expose()]);
        // It has no need of them.
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

async fn feed(stdin: Option<ChildStdin>, line: &[u8]) {
    if let Some(mut stdin) = stdin {
        // Whoever does not read it does not want it.
        let _ = stdin.write_all(line).await;
    }
}

/// The end of what a hook says; what came before is thrown away as it comes.
struct Said {
    stderr: Option<ChildStderr>,
    kept: Vec<u8>,
}

impl Said {
    /// Can be dropped and called again.
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

    /// On one line, after what happened.
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
