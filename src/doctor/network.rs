//! The route to a device on its own access point, the networks of this machine, and proxies.

use std::{
    env, fs, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    path::Path,
    time::Duration,
};

use esp_prov_input::files::system_text;
use tokio::{net::TcpStream, time::timeout};

use super::{Check, said_by};

/// The address of an ESP32 on its own access point.
const DEVICE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 168, 4, 1)), 80);

/// How long a device nearby may take to answer.
const WITHIN: Duration = Duration::from_secs(2);

pub(super) async fn checks() -> Vec<Check> {
    let source = source();
    let (wifi_checks, can_join) = super::wifi::checks().await;
    let mut checks = vec![networks(Path::new("/sys/class/net"), wifi().await)];
    checks.extend(wifi_checks);
    checks.push(route(&source, can_join));
    if matches!(&source, Ok(address) if is_near(*address)) {
        checks.push(match timeout(WITHIN, TcpStream::connect(DEVICE)).await {
            Ok(Ok(_)) => Check::ok("Device", format!("something answers on {DEVICE}")),
            _ => Check::problem(
                "Device",
                format!("nothing answers on {DEVICE}"),
                "check that the device is in provisioning mode, and that its port is 80",
            ),
        });
    }
    let set =
        PROXIES.iter().filter(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    checks.push(proxies(&set.copied().collect::<Vec<_>>()));
    checks
}

/// The address from which this machine would connect to the device. No packet is sent.
fn source() -> io::Result<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(DEVICE)?;
    Ok(socket.local_addr()?.ip())
}

fn is_near(source: IpAddr) -> bool {
    matches!(source, IpAddr::V4(address) if address.octets()[..3] == [192, 168, 4])
}

/// `can_join` is whether `--softap` can make one.
fn route(source: &io::Result<IpAddr>, can_join: bool) -> Check {
    const CHECK: &str = "Route to 192.168.4.1";
    const FIX: &str = "join the device's access point (PROV_… or similar); if that is not enough, \
                       leave VPNs and other networks";
    match source {
        Ok(address) if is_near(*address) => Check::ok(
            CHECK,
            format!("direct, from {address}: this machine is in a network like the device's"),
        ),
        _ if can_join => Check::ok(
            CHECK,
            "none now; `--softap NAME` joins the device's access point, and makes one",
        ),
        Ok(address) => Check::problem(
            CHECK,
            format!("this machine ({address}) is not on a device's access point"),
            FIX,
        ),
        Err(error) => Check::problem(CHECK, format!("none: {error}"), FIX),
    }
}

/// The name of the Wi-Fi network, if a tool is installed that knows it.
async fn wifi() -> Option<String> {
    if let Some(name) = said_by("iwgetid", &["-r"]).await {
        return Some(name);
    }
    let active = ["-t", "-f", "NAME,TYPE", "connection", "show", "--active"];
    let line = said_by("nmcli", &active).await?;
    line.strip_suffix(":802-11-wireless").map(str::to_owned)
}

/// The interfaces, and the Wi-Fi network.
fn networks(folder: &Path, wifi: Option<String>) -> Check {
    const CHECK: &str = "Networks";
    let Ok(entries) = fs::read_dir(folder) else {
        return Check::cannot_tell(CHECK, "this system does not list its interfaces");
    };
    let mut all = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name == "lo" {
            continue;
        }
        let state = system_text(&path.join("operstate")).unwrap_or_default();
        let kind = if path.join("wireless").exists() { "Wi-Fi, " } else { "" };
        all.push(format!("{name} ({kind}{})", state.trim()));
    }
    all.sort();
    let network = wifi.map(|name| format!("; the Wi-Fi network is {name:?}")).unwrap_or_default();
    if all.is_empty() {
        return Check::problem(CHECK, "this machine has no network interface", "plug one in");
    }
    Check::ok(CHECK, format!("{}{network}", all.join(", ")))
}

const PROXIES: [&str; 6] =
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// The proxy variables that are set. Their values are not shown, since they may contain passwords.
fn proxies(set: &[&str]) -> Check {
    const CHECK: &str = "Proxy";
    match set {
        [] => Check::ok(CHECK, "none set"),
        set => Check::ok(CHECK, format!("{}: set, but not used for devices", set.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn the_way_to_a_device_leads_through_its_own_network() {
        let near = route(&Ok("192.168.4.2".parse().expect("an address")), false);
        assert_eq!(near.verdict, Verdict::Ok);
        let far = route(&Ok("10.0.0.5".parse().expect("an address")), false);
        assert_eq!(far.verdict, Verdict::Problem);
        assert!(far.finding.contains("10.0.0.5") && far.fix.contains("access point"));
        let none = route(&Err(io::Error::other("Network is unreachable")), false);
        assert_eq!(none.finding, "none: Network is unreachable");
        let can_join = route(&Err(io::Error::other("Network is unreachable")), true);
        assert_eq!(can_join.verdict, Verdict::Ok);
        assert!(can_join.finding.contains("--softap"), "{}", can_join.finding);
    }

    #[test]
    fn interfaces_are_listed_with_the_wifi_network() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, state, wireless) in
            [("wlan0", "up", true), ("eth0", "down", false), ("lo", "unknown", false)]
        {
            let path = folder.path().join(name);
            fs::create_dir(&path).expect("a folder");
            fs::write(path.join("operstate"), format!("{state}\n")).expect("a file");
            if wireless {
                fs::create_dir(path.join("wireless")).expect("a folder");
            }
        }
        let check = networks(folder.path(), Some("PROV_1234".to_owned()));
        let finding = "eth0 (down), wlan0 (Wi-Fi, up); the Wi-Fi network is \"PROV_1234\"";
        assert_eq!((check.verdict, check.finding.as_str()), (Verdict::Ok, finding));
        assert_eq!(networks(Path::new("/nowhere"), None).verdict, Verdict::CannotTell);
    }

    #[test]
    fn a_proxy_is_named_and_not_shown() {
        assert_eq!(proxies(&["http_proxy"]).finding, "http_proxy: set, but not used for devices");
    }
}
