//! The Wi-Fi of this machine: whether `--softap` can join a device's access point with it.

use std::{path::Path, time::Duration};

use esp_prov::{
    shown::Shown,
    transport::{
        WifiError,
        softap::{HostWifi, InterfaceState, Permission, check, system_wifi},
    },
};
use esp_prov_input::files::system_text;
use tokio::time::timeout;

use super::Check;
use crate::exit;

/// How long the system may take to answer.
const WITHIN: Duration = Duration::from_secs(10);

const CHECK: &str = "Wi-Fi";

/// The checks, and whether `--softap` can be used. Removes what crashed runs have left.
pub(super) async fn checks() -> (Vec<Check>, bool) {
    let wifi = system_wifi();
    let looked = timeout(WITHIN, async {
        let host = wifi.host().await?;
        Ok((host, wifi.clean_up().await))
    });
    match looked.await.unwrap_or_else(|_| Err(WifiError::NoManager("it is silent".to_owned()))) {
        Ok((host, removed)) => {
            let routes = system_text(Path::new("/proc/net/route")).unwrap_or_default();
            let mut checks = of_host(&host, &routes);
            checks.extend(leftovers(removed));
            (checks, check(&host, None).is_ok())
        }
        Err(error) => (vec![unusable(&error)], false),
    }
}

/// Without it, a device is still reached by whoever joins its access point by hand.
fn unusable(error: &WifiError) -> Check {
    let fix = exit::of_wifi(error);
    Check::cannot_tell(CHECK, format!("`--softap` can't be used: {error}; {fix}"))
}

fn of_host(host: &HostWifi, routes: &str) -> Vec<Check> {
    if let Err(error) = check(host, None) {
        return vec![unusable(&error)];
    }
    let all = host.interfaces.iter().map(|one| {
        let state = match &one.state {
            InterfaceState::Unmanaged => "managed by something else".to_owned(),
            InterfaceState::Unavailable => "not available".to_owned(),
            InterfaceState::Free => "free".to_owned(),
            InterfaceState::Connected { ssid: Some(ssid) } => {
                format!("in {}", Shown::quoted(&ssid.to_string()))
            }
            InterfaceState::Connected { ssid: None } => "connected".to_owned(),
        };
        format!("{} ({state})", one.name)
    });
    let all = all.collect::<Vec<_>>().join(", ");
    let mut checks = vec![Check::ok(CHECK, format!("{}: {all}", host.manager)), run(host, routes)];
    if host.may_join == Permission::WithPassword {
        let fix = exit::of_wifi(&WifiError::Denied(String::new()));
        let finding = format!("joining needs a password, which only a desktop asks for; {fix}");
        checks.push(Check::cannot_tell("Wi-Fi permission", finding));
    }
    checks
}

/// What a run with `--softap` would do.
fn run(host: &HostWifi, routes: &str) -> Check {
    const CHECK: &str = "With --softap";
    let is_free = |state: &InterfaceState| *state == InterfaceState::Free;
    let usable = host.interfaces.iter().filter(|one| one.state.is_usable());
    let free = usable.clone().find(|one| is_free(&one.state));
    let finding = match (free, usable.clone().next()) {
        (Some(free), _) => {
            format!("{} joins the access point, and leaves it at the end", free.name)
        }
        (None, Some(one)) if has_other_way(routes, &one.name) => format!(
            "{} leaves its network for the run; this machine keeps its other network",
            one.name
        ),
        (None, Some(one)) => format!(
            "{} leaves its network for the run, and this machine has no other one (it asks first)",
            one.name
        ),
        (None, None) => "no interface can be used".to_owned(),
    };
    Check::ok(CHECK, finding)
}

fn leftovers(removed: Result<Vec<String>, WifiError>) -> Option<Check> {
    const CHECK: &str = "Leftovers";
    match removed {
        Ok(names) if names.is_empty() => None,
        Ok(names) => {
            let names = names.iter().map(|name| Shown::quoted(name).to_string());
            let names = names.collect::<Vec<_>>().join(", ");
            Some(Check::ok(CHECK, format!("removed the profiles of crashed runs for {names}")))
        }
        Err(error) => Some(Check::cannot_tell(CHECK, error.to_string())),
    }
}

/// Whether this machine has a default route over another interface, by `/proc/net/route`.
pub(crate) fn has_other_way(routes: &str, interface: &str) -> bool {
    routes.lines().skip(1).any(|line| {
        let mut columns = line.split_whitespace();
        let name = columns.next();
        columns.next() == Some("00000000") && name != Some(interface)
    })
}

#[cfg(test)]
mod tests {
    use esp_prov::{Ssid, transport::softap::WifiInterface};

    use super::*;
    use crate::doctor::Verdict;

    fn route(name: &str, to: &str) -> String {
        format!("{name}\t{to}\t0202000A\t0003\t0\t0\t600\n")
    }

    fn table(routes: &[String]) -> String {
        format!("Iface\tDestination\tGateway\n{}", routes.concat())
    }

    fn host(states: &[InterfaceState]) -> HostWifi {
        let interface = |(number, state): (usize, &InterfaceState)| WifiInterface {
            name: format!("wlan{number}"),
            state: state.clone(),
        };
        HostWifi {
            manager: "NetworkManager 1.42.4".to_owned(),
            is_on: true,
            is_blocked: false,
            may_join: Permission::Yes,
            interfaces: states.iter().enumerate().map(interface).collect(),
        }
    }

    #[test]
    fn another_way_is_a_default_route_over_another_interface() {
        let own = route("wlan0", "00000000");
        assert!(!has_other_way(&table(&[own.clone(), route("eth0", "0002000A")]), "wlan0"));
        assert!(has_other_way(&table(&[own, route("eth0", "00000000")]), "wlan0"));
        assert!(!has_other_way("", "wlan0"));
    }

    #[test]
    fn what_a_run_would_do_to_this_machine_is_told() {
        let ssid = Ssid::new("Home").ok();
        let home = InterfaceState::Connected { ssid };
        let own = route("wlan0", "00000000");
        let other = table(&[own.clone(), route("eth0", "00000000")]);
        let told = |states: &[InterfaceState], routes: &str| of_host(&host(states), routes);
        let checks = told(std::slice::from_ref(&home), &other);
        assert_eq!(checks[0].finding, "NetworkManager 1.42.4: wlan0 (in \"Home\")");
        assert!(checks[1].finding.ends_with("keeps its other network"), "{:?}", checks[1]);
        let alone = &told(std::slice::from_ref(&home), &table(&[own]))[1];
        assert!(alone.finding.contains("no other one"), "{alone:?}");
        let free = &told(&[home, InterfaceState::Free], "")[1];
        assert!(free.finding.starts_with("wlan1 joins"), "{free:?}");
    }

    #[test]
    fn what_keeps_softap_from_working_is_told_with_what_to_do() {
        let denied = HostWifi { may_join: Permission::No, ..host(&[InterfaceState::Free]) };
        let off = HostWifi { is_on: false, ..host(&[InterfaceState::Free]) };
        for (host, words) in [
            (denied, "may not join"),
            (off, "is off"),
            (host(&[]), "no Wi-Fi interface"),
            (host(&[InterfaceState::Unmanaged]), "wlan0 (not managed)"),
        ] {
            let checks = of_host(&host, "");
            assert_eq!((checks.len(), checks[0].verdict), (1, Verdict::CannotTell));
            assert!(checks[0].finding.contains(words), "{checks:?}");
        }
        let may = HostWifi { may_join: Permission::WithPassword, ..host(&[InterfaceState::Free]) };
        let checks = of_host(&may, "");
        assert_eq!(checks[2].check, "Wi-Fi permission");
    }
}
