//! Checks whether this machine can reach devices: Bluetooth, serial ports, the network, the clock.
//!
//! Nothing is changed except that what crashed runs have left is removed, and no device is
//! provisioned. What can't be found out, as on a bare server or a system other than Linux, is
//! reported as such.

mod bluetooth;
mod host;
mod network;
mod serial;
mod wifi;

use std::time::Duration;

use esp_prov_input::environment;
use serde::Serialize;
use tokio::time::timeout;

pub(crate) use self::wifi::has_other_way;

/// One check of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub check: &'static str,
    /// The result.
    pub verdict: Verdict,
    /// What was found.
    pub finding: String,
    /// What to do about it; empty for nothing.
    pub fix: String,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is as it should be.
    Ok,
    /// It prevents reaching devices.
    Problem,
    /// It prevents one transport, but another can be used.
    NotNeeded,
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

/// What to check.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// What BLE needs.
    pub ble: bool,
    /// What a serial console needs.
    pub console: bool,
    /// What HTTP needs.
    pub http: bool,
}

/// Checks this machine.
pub async fn examine(scope: Scope) -> Vec<Check> {
    let mut groups = Vec::new();
    if scope.ble {
        groups.push(("ble", bluetooth::checks().await));
    }
    if scope.console {
        groups.push(("console", serial::checks()));
    }
    if scope.http {
        groups.push(("softap", network::checks().await));
    }
    let mut checks = by_transport(groups);
    checks.extend(host::checks());
    checks
}

/// The checks of each transport, after a verdict for it. Nobody needs several transports, so if one
/// works, problems of the others are marked as not needed.
fn by_transport(groups: Vec<(&'static str, Vec<Check>)>) -> Vec<Check> {
    let is_blocked = |checks: &[Check]| {
        let has = |verdict| checks.iter().any(|check| check.verdict == verdict);
        // One usable serial port is enough.
        let is_one_enough = checks.iter().all(|check| check.check == serial::CHECK);
        has(Verdict::Problem) && !(is_one_enough && has(Verdict::Ok))
    };
    if let [(_, checks)] = &groups[..] {
        return checks.clone();
    }
    let is_one_usable = groups.iter().any(|(_, checks)| !is_blocked(checks));
    let verdict = if is_one_usable { Verdict::NotNeeded } else { Verdict::Problem };
    let mut all = Vec::new();
    for (transport, mut checks) in groups {
        all.push(if is_blocked(&checks) {
            let other = if is_one_usable { "; another transport is usable" } else { "" };
            let finding = format!("not usable here now{other}");
            Check { check: transport, verdict, finding, fix: String::new() }
        } else {
            Check::ok(transport, "usable")
        });
        for check in checks.iter_mut().filter(|check| check.verdict == Verdict::Problem) {
            check.verdict = verdict;
        }
        all.append(&mut checks);
    }
    all
}

/// How long another program may take to print something.
const WORDS_WITHIN: Duration = Duration::from_secs(5);

/// The first line that a program prints; `None` if it is not installed.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_transport_does_without_is_no_problem() {
        let good = || vec![Check::ok("Switch", "on")];
        let bad = || vec![Check::ok("Switch", "on"), Check::problem("Way", "none", "mend it")];
        let verdicts = |groups: Vec<_>| {
            let checks = by_transport(groups);
            checks.iter().map(|check| (check.check, check.verdict)).collect::<Vec<_>>()
        };
        assert_eq!(
            verdicts(vec![("ble", good()), ("softap", bad())]),
            [
                ("ble", Verdict::Ok),
                ("Switch", Verdict::Ok),
                ("softap", Verdict::NotNeeded),
                ("Switch", Verdict::Ok),
                ("Way", Verdict::NotNeeded),
            ]
        );
        let said = by_transport(vec![("ble", good()), ("softap", bad())]);
        assert_eq!(said[2].finding, "not usable here now; another transport is usable");
        let all = verdicts(vec![("ble", bad()), ("softap", bad())]);
        assert_eq!(all.iter().filter(|(_, verdict)| *verdict == Verdict::Problem).count(), 4);
        assert_eq!(verdicts(vec![("softap", bad())])[1], ("Way", Verdict::Problem));
        let ports = vec![
            Check::ok(serial::CHECK, "/dev/ttyUSB0"),
            Check::problem(serial::CHECK, "/dev/ttyS0", "sudo"),
        ];
        let told = verdicts(vec![("console", ports), ("softap", bad())]);
        assert_eq!(told[0], ("console", Verdict::Ok));
    }
}
