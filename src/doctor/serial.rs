//! Serial ports, and whether this user may open them. They are not opened, since that restarts many
//! boards.

use esp_prov::transport::{FoundPort, serial_ports};

use super::Check;

pub(super) const CHECK: &str = "Serial port";

pub(super) fn checks() -> Vec<Check> {
    let ports = serial_ports();
    if ports.is_empty() {
        return vec![Check::problem(
            CHECK,
            "none found",
            "connect the board with a data cable, and install the driver of its USB \
             chip",
        )];
    }
    ports.iter().map(check).collect()
}

#[cfg(not(target_os = "linux"))]
fn check(port: &FoundPort) -> Check {
    Check::ok(CHECK, port.to_string())
}

#[cfg(target_os = "linux")]
fn check(port: &FoundPort) -> Check {
    use std::os::unix::fs::MetadataExt;

    use esp_prov_input::files::system_text;

    let status = system_text("/proc/self/status".as_ref()).unwrap_or_default();
    match std::fs::metadata(&port.port) {
        Err(error) => Check::problem(CHECK, format!("{port}: {error}"), "plug it in again"),
        Ok(file) => {
            let rights = Rights { mode: file.mode(), owner: file.uid(), group: file.gid() };
            let groups = system_text("/etc/group".as_ref()).unwrap_or_default();
            verdict(&port.to_string(), rights, &User::from_status(&status), &groups)
        }
    }
}

/// The owner and the permissions of a file.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
#[derive(Clone, Copy)]
struct Rights {
    mode: u32,
    owner: u32,
    group: u32,
}

/// The user of this process.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
struct User {
    id: u32,
    groups: Vec<u32>,
}

#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
impl User {
    /// Reads `/proc/self/status`, where the second number is the effective ID.
    fn from_status(status: &str) -> Self {
        let numbers = |name: &str| -> Vec<u32> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let words = line.unwrap_or_default().split_whitespace();
            words.filter_map(|word| word.parse().ok()).collect()
        };
        let mut groups = numbers("Groups:");
        groups.extend(numbers("Gid:").get(1));
        Self { id: numbers("Uid:").get(1).copied().unwrap_or(u32::MAX), groups }
    }
}

#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
fn verdict(port: &str, rights: Rights, user: &User, groups: &str) -> Check {
    let Rights { mode, owner, group } = rights;
    let bits = if user.id == owner {
        mode >> 6
    } else if user.groups.contains(&group) {
        mode >> 3
    } else {
        mode
    };
    if user.id == 0 || bits & 0o6 == 0o6 {
        return Check::ok(CHECK, format!("{port}: this user may open it"));
    }
    let name = groups.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, _, number) = (parts.next()?, parts.next(), parts.next()?);
        (number.parse() == Ok(group)).then(|| name.to_owned())
    });
    let name = name.unwrap_or_else(|| group.to_string());
    let fix = if mode >> 3 & 0o6 == 0o6 {
        format!("`sudo usermod -aG {name} $USER`, then log in again")
    } else {
        format!("`sudo chmod a+rw {port}`, or add a udev rule for it")
    };
    Check::problem(CHECK, format!("{port}: this user may not open it"), fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_port_is_for_its_owner_its_group_and_root() {
        let user = |uid: u32, groups: &str| {
            User::from_status(&format!(
                "Uid:\t7\t{uid}\t7\t7\nGid:\t5\t5\t5\t5\nGroups:\t{groups}\n"
            ))
        };
        let dialout = Rights { mode: 0o20660, owner: 0, group: 20 };
        let groups = "root:x:0:\ndialout:x:20:someone\n";
        let of = |rights, user: &User| verdict("/dev/ttyUSB0", rights, user, groups);
        assert_eq!(of(dialout, &user(0, "")).verdict, Verdict::Ok);
        assert_eq!(of(dialout, &user(1000, "4 20 27")).verdict, Verdict::Ok);
        let check = of(dialout, &user(1000, "4 27"));
        assert_eq!(check.verdict, Verdict::Problem);
        assert_eq!(check.fix, "`sudo usermod -aG dialout $USER`, then log in again");
        let own = Rights { mode: 0o20600, owner: 1000, group: 20 };
        assert_eq!(of(own, &user(1000, "")).verdict, Verdict::Ok);
        let check = of(Rights { owner: 0, ..own }, &user(1000, "20"));
        assert!(check.fix.contains("chmod a+rw /dev/ttyUSB0"), "{}", check.fix);
    }
}
