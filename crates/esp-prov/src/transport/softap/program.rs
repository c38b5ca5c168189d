//! The system's own programs for Wi-Fi, called without a shell.

use std::{env, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

use super::WifiError;

/// The time limit for a call. A list of access points takes a scan.
const WITHIN: Duration = Duration::from_secs(20);

/// The variables that a program needs. Any other may be a secret.
const KEPT: [&str; 4] = ["PATH", "SystemRoot", "TEMP", "TMPDIR"];

/// What the program writes to stdout, whatever status it ends with.
pub(super) async fn output(program: &str, arguments: &[&str]) -> Result<String, WifiError> {
    let mut command = Command::new(program);
    command.env_clear().envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let failed = |why: String| WifiError::Other(format!("{program}: {why}"));
    let ended = timeout(WITHIN, command.output()).await;
    let ended = ended.map_err(|_| failed("it does not end".to_owned()))?;
    let ended = ended.map_err(|error| failed(error.to_string()))?;
    Ok(String::from_utf8_lossy(&ended.stdout).into_owned())
}
