//! The Bluetooth adapter, its service, and what blocks it.

use std::{fs, path::Path, time::Duration};

use esp_prov::transport::{RadioError, ble::BleScan};
use esp_prov_input::files::system_text;
use tokio::time::timeout;

use super::{Check, said_by};
use crate::exit::{self, System};

/// How long the system's Bluetooth may take to answer.
const WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    if cfg!(target_os = "linux") {
        checks.push(rfkill(Path::new("/sys/class/rfkill")));
        checks.push(match said_by("bluetoothctl", &["--version"]).await {
            Some(version) => Check::ok("BlueZ", version),
            None => Check::cannot_tell("BlueZ", "version unknown: bluetoothctl is not installed"),
        });
    }
    checks.push(match timeout(WITHIN, BleScan::on(None)).await {
        Ok(Ok(scan)) => {
            // The scan stops with this process at the latest.
            let _ = timeout(WITHIN, scan.stop()).await;
            Check::ok(ADAPTER, "present, on, and usable by this user")
        }
        // The bus may be on another machine, so this is checked only after it was asked.
        Ok(Err(RadioError::NoBus(_) | RadioError::NoService(_) | RadioError::NoAdapter))
            if !has_bluetooth() =>
        {
            let fix = "connect a Bluetooth adapter, and load its kernel driver";
            Check::problem(ADAPTER, "the kernel has no Bluetooth support", fix)
        }
        Ok(Err(error)) => adapter(&error),
        Err(_) => Check::problem(
            ADAPTER,
            "the system's Bluetooth service does not answer",
            System::HERE.silent_radio(),
        ),
    });
    checks
}

const ADAPTER: &str = "Bluetooth adapter";

/// Whether the system knows Bluetooth at all, as far as can be told.
fn has_bluetooth() -> bool {
    !cfg!(target_os = "linux") || Path::new("/sys/class/bluetooth").exists()
}

fn adapter(error: &RadioError) -> Check {
    Check::problem(ADAPTER, error.to_string(), exit::of_radio(error))
}

/// The software and hardware switches that turn radios off.
fn rfkill(folder: &Path) -> Check {
    const CHECK: &str = "Bluetooth switch";
    let Ok(entries) = fs::read_dir(folder) else {
        return Check::cannot_tell(CHECK, "this system has no rfkill to list switches");
    };
    let read = |path: &Path, name: &str| {
        system_text(&path.join(name)).map(|text| text.trim().to_owned()).unwrap_or_default()
    };
    let (mut known, mut soft, mut hard) = (0, false, false);
    for path in entries.flatten().map(|entry| entry.path()) {
        if read(&path, "type") == "bluetooth" {
            known += 1;
            soft |= read(&path, "soft") == "1";
            hard |= read(&path, "hard") == "1";
        }
    }
    match (known, soft, hard) {
        (0, ..) => Check::cannot_tell(CHECK, "no Bluetooth adapter has a switch"),
        (_, _, true) => Check::problem(
            CHECK,
            "Bluetooth is switched off by a hardware switch",
            "use this machine's switch or key, or its firmware settings",
        ),
        (_, true, _) => Check::problem(
            CHECK,
            "Bluetooth is switched off in software",
            "`rfkill unblock bluetooth`",
        ),
        _ => Check::ok(CHECK, "on"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn switches(list: &[(&str, &str, &str)]) -> Check {
        let folder = tempfile::tempdir().expect("a folder");
        for (number, (kind, soft, hard)) in list.iter().enumerate() {
            let path = folder.path().join(format!("rfkill{number}"));
            fs::create_dir(&path).expect("a folder");
            for (name, value) in [("type", kind), ("soft", soft), ("hard", hard)] {
                fs::write(path.join(name), format!("{value}\n")).expect("a file");
            }
        }
        rfkill(folder.path())
    }

    #[test]
    fn switches_of_bluetooth_count() {
        assert_eq!(switches(&[("bluetooth", "0", "0"), ("wlan", "1", "1")]).verdict, Verdict::Ok);
        let soft = switches(&[("bluetooth", "1", "0")]);
        assert_eq!(
            (soft.verdict, soft.fix.as_str()),
            (Verdict::Problem, "`rfkill unblock bluetooth`")
        );
        assert!(switches(&[("bluetooth", "1", "1")]).finding.contains("hardware"));
        assert_eq!(switches(&[("wlan", "1", "1")]).verdict, Verdict::CannotTell);
        assert_eq!(rfkill(Path::new("/nowhere")).verdict, Verdict::CannotTell);
    }

    #[test]
    fn what_the_system_says_comes_with_what_to_do() {
        for error in [RadioError::NoAdapter, RadioError::Off, RadioError::Denied("no".to_owned())] {
            let check = adapter(&error);
            assert_eq!(check.verdict, Verdict::Problem);
            assert!(!check.fix.is_empty() && check.finding == error.to_string());
        }
    }
}
