//! Whether this machine can reach devices: Bluetooth, serial ports, the network, the clock.
//!
//! Nothing is changed and no device is spoken to. What can't be found out, as on a bare server or
//! another system than Linux, is said to be so.

mod bluetooth;
mod host;
mod network;
mod serial;

use std::time::Duration;

use esp_prov_input::environment;
use serde::Serialize;
use tokio::time::timeout;

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub check: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found.
    pub finding: String,
    /// What to do about it; empty if nothing is to be done.
    pub fix: String,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should.
    Ok,
    /// It is in the way.
    Problem,
    /// It can't be found out here.
    CannotTell,
}

impl Check {
    fn ok(check: &'static str, finding: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, finding: finding.into(), fix: String::new() }
    }

    fn problem(check: &'static str, finding: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Problem, finding: finding.into(), fix: fix.into() }
    }

    fn cannot_tell(check: &'static str, finding: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::CannotTell, finding: finding.into(), fix: String::new() }
    }
}

/// What to look at.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// What BLE needs.
    pub ble: bool,
    /// What a serial console needs.
    pub console: bool,
    /// What HTTP needs.
    pub http: bool,
}

/// Looks at this machine.
pub async fn examine(scope: Scope) -> Vec<Check> {
    let mut checks = Vec::new();
    if scope.ble {
        checks.extend(bluetooth::checks().await);
    }
    if scope.console {
        checks.extend(serial::checks());
    }
    if scope.http {
        checks.extend(network::checks().await);
    }
    checks.extend(host::checks());
    checks
}

/// What another program may take to say something.
const WORDS_WITHIN: Duration = Duration::from_secs(5);

/// The words of a program that may not be there: its first line.
async fn said_by(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = tokio::process::Command::new(program);
    environment::secret_variables().for_each(|name| {
        command.env_remove(name);
    });
    let output =
        command.args(arguments).stdin(std::process::Stdio::null()).kill_on_drop(true).output();
    let output = timeout(WORDS_WITHIN, output).await.ok()?.ok();
    let output = output.filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default().trim();
    (!line.is_empty()).then(|| line.to_owned())
}
