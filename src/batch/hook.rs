//! A command of the line's own that gets each result: it prints a label, or tells an MES.

use std::{process::Stdio, time::Duration};

use serde::Serialize;
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

/// How much of what a failed hook says is told.
const WORDS: usize = 200;

/// A command.
#[derive(Clone, Debug)]
pub struct Hook {
    /// For the system's shell.
    pub command: String,
    /// It is ended after this time.
    pub within: Duration,
}

impl Hook {
    /// Runs it with a result on its stdin, as one line of JSON.
    ///
    /// # Errors
    /// What went wrong, for people.
    pub(super) async fn run(&self, result: &impl Serialize) -> Result<(), String> {
        let mut line = serde_json::to_vec(result).map_err(|error| error.to_string())?;
        line.push(b'\n');
        let mut child = shell(&self.command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| error.to_string())?;
        let stdin = child.stdin.take();
        let work = async {
            if let Some(mut stdin) = stdin {
                // Whoever does not read it does not want it.
                let _ = stdin.write_all(&line).await;
            }
            child.wait_with_output().await
        };
        let output = timeout(self.within, work).await.map_err(|_| {
            format!("it did not end within {}", humantime::format_duration(self.within))
        })?;
        let output = output.map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let says = String::from_utf8_lossy(&output.stderr);
        let says: String = says.trim().chars().take(WORDS).collect();
        Err(format!("{}{}{says}", output.status, if says.is_empty() { "" } else { ": " }))
    }
}

fn shell(command: &str) -> Command {
    #[cfg(windows)]
    let (shell, flag) = ("cmd", "/C");
    #[cfg(not(windows))]
    let (shell, flag) = ("sh", "-c");
    let mut shell = Command::new(shell);
    shell.args([flag, command]);
    shell
}
