//! Wi-Fi through `networksetup`, `system_profiler` and `ipconfig` of macOS. Not yet tried on a Mac.
//!
//! macOS 14 and later hide the names of access points from programs without the permission for
//! location services; then none is found. `networksetup` takes the passphrase as an argument, which
//! other users of the machine can see, and remembers the network until it is left.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use protocomm::{Passphrase, Ssid};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    AccessPoint, HostWifi, InterfaceState, Permission, Protection, Wifi, WifiError, WifiInterface,
    lock, program::output,
};

const SETUP: &str = "/usr/sbin/networksetup";

/// The interval between two looks for an address.
const LOOK: Duration = Duration::from_millis(300);

/// The Wi-Fi of this Mac.
#[derive(Default)]
pub(super) struct MacOs {
    /// The interface and the access point that was joined.
    joined: Mutex<Option<(String, String)>>,
}

#[async_trait]
impl Wifi for MacOs {
    async fn host(&self) -> Result<HostWifi, WifiError> {
        let ports = output(SETUP, &["-listallhardwareports"]).await?;
        let mut interfaces = Vec::new();
        let mut is_on = true;
        if let Some(name) = device(&ports) {
            is_on = output(SETUP, &["-getairportpower", &name]).await?.trim().ends_with("On");
            let network = output(SETUP, &["-getairportnetwork", &name]).await?;
            let state = match network.split_once("Network: ") {
                Some((_, ssid)) => InterfaceState::Connected { ssid: Ssid::new(ssid.trim()).ok() },
                None => InterfaceState::Free,
            };
            interfaces.push(WifiInterface { name, state });
        }
        let manager = "macOS".to_owned();
        let may_join = Permission::Yes;
        Ok(HostWifi { manager, is_on, is_blocked: false, may_join, interfaces })
    }

    async fn visible(&self, interface: Option<&str>) -> Result<Vec<AccessPoint>, WifiError> {
        let listed = output("/usr/sbin/system_profiler", &["SPAirPortDataType", "-json"]).await?;
        let listed = serde_json::from_str(&listed).unwrap_or_default();
        let mut all = access_points(&listed);
        all.retain(|one| interface.is_none_or(|name| one.interface == name));
        Ok(all)
    }

    /// Each list is made by a scan.
    async fn scan(&self, _: Option<&str>) {}

    async fn join(
        &self,
        access_point: &AccessPoint,
        passphrase: &Passphrase,
        within: Duration,
    ) -> Result<(), WifiError> {
        let until = Instant::now() + within;
        let Some(name) = access_point.ssid.as_ref().map(ToString::to_string) else {
            return Err(WifiError::NotFound("the access point has no name".to_owned()));
        };
        let interface = &access_point.interface;
        *lock(&self.joined) = Some((interface.clone(), name.clone()));
        let key = String::from_utf8_lossy(passphrase.expose());
        let arguments = ["-setairportnetwork", interface, &name, &key];
        let given = if key.is_empty() { &arguments[..3] } else { &arguments };
        let said = output(SETUP, given).await?;
        // It says something only if it fails, and exits with 0 all the same.
        match said.lines().next() {
            None => {}
            Some(said) if said.contains("Could not find") => return Err(WifiError::Gone),
            Some(_) if !key.is_empty() && said.contains("-3900") => {
                return Err(WifiError::WrongPassphrase);
            }
            Some(said) => return Err(WifiError::Other(format!("networksetup: {}", said.trim()))),
        }
        while !self.is_joined().await {
            if Instant::now() >= until {
                return Err(WifiError::NoAddress);
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    async fn is_joined(&self) -> bool {
        let Some((interface, _)) = lock(&self.joined).clone() else { return false };
        let address = output("/usr/sbin/ipconfig", &["getifaddr", &interface]).await;
        address.is_ok_and(|address| !address.trim().is_empty())
    }

    async fn leave(&self) -> Result<(), WifiError> {
        let Some((interface, name)) = lock(&self.joined).take() else { return Ok(()) };
        output(SETUP, &["-removepreferredwirelessnetwork", &interface, &name]).await?;
        // Then the system joins what it prefers.
        output(SETUP, &["-setairportpower", &interface, "off"]).await?;
        output(SETUP, &["-setairportpower", &interface, "on"]).await?;
        Ok(())
    }

    async fn clean_up(&self) -> Result<Vec<String>, WifiError> {
        Ok(Vec::new())
    }
}

/// The Wi-Fi device in the output of `networksetup -listallhardwareports`.
fn device(ports: &str) -> Option<String> {
    let mut lines = ports.lines();
    lines.find(|line| matches!(line.trim(), "Hardware Port: Wi-Fi" | "Hardware Port: AirPort"))?;
    lines.next()?.trim().strip_prefix("Device: ").map(str::to_owned)
}

/// The access points in the output of `system_profiler SPAirPortDataType -json`.
fn access_points(listed: &Value) -> Vec<AccessPoint> {
    const CURRENT: &str = "spairport_current_network_information";
    const OTHERS: &str = "spairport_airport_other_local_wireless_networks";
    let of = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let interfaces = of(&listed["SPAirPortDataType"][0], "spairport_airport_interfaces");
    let mut all = Vec::new();
    for interface in interfaces {
        let Some(name) = interface["_name"].as_str() else { continue };
        let seen = of(&interface, OTHERS).into_iter().chain([interface[CURRENT].clone()]);
        all.extend(seen.filter_map(|one| access_point(name, &one)));
    }
    all
}

fn access_point(interface: &str, one: &Value) -> Option<AccessPoint> {
    let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let ssid = Ssid::new(one["_name"].as_str()?).ok()?;
    let number = |text: String| text.split(' ').next().and_then(|number| number.parse().ok());
    let mode = text("spairport_security_mode");
    Some(AccessPoint {
        interface: interface.to_owned(),
        ssid: Some(ssid),
        bssid: None,
        channel: number(text("spairport_network_channel"))
            .and_then(|channel| u16::try_from(channel).ok())
            .unwrap_or_default(),
        rssi: number(text("spairport_signal_noise"))
            .and_then(|rssi: i32| i16::try_from(rssi).ok())
            .unwrap_or(-100),
        protection: protection(&mode),
    })
}

/// From `spairport_security_mode_wpa2_personal` and its like.
fn protection(mode: &str) -> Protection {
    match mode.strip_prefix("spairport_security_mode_").unwrap_or(mode) {
        mode if mode.contains("enterprise") => Protection::Enterprise,
        "wpa3_personal" => Protection::Wpa3,
        mode if mode.contains("wpa") => Protection::Wpa,
        mode if mode.contains("wep") => Protection::Wep,
        _ => Protection::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_programs_say_is_understood() {
        let ports = "\nHardware Port: Ethernet\nDevice: en0\nEthernet Address: 1\n\n\
                     Hardware Port: Wi-Fi\nDevice: en1\nEthernet Address: 2\n";
        assert_eq!(device(ports).as_deref(), Some("en1"));
        let listed = serde_json::json!({"SPAirPortDataType": [{"spairport_airport_interfaces": [{
            "_name": "en1",
            "spairport_airport_other_local_wireless_networks": [{
                "_name": "PROV_1234",
                "spairport_network_channel": "6 (2GHz, 20MHz)",
                "spairport_security_mode": "spairport_security_mode_wpa2_personal",
                "spairport_signal_noise": "-52 dBm / -91 dBm",
            }],
            "spairport_current_network_information": {
                "_name": "Home", "spairport_security_mode": "spairport_security_mode_none",
            },
        }]}]});
        let all = access_points(&listed);
        let [one, home] = &all[..] else { panic!("{all:?}") };
        assert_eq!((one.interface.as_str(), one.channel, one.rssi), ("en1", 6, -52));
        assert_eq!(
            (one.ssid.as_ref(), one.protection),
            (Ssid::new("PROV_1234").ok().as_ref(), Protection::Wpa)
        );
        assert_eq!((home.channel, home.protection), (0, Protection::Open));
        assert_eq!(protection("spairport_security_mode_wpa2_enterprise"), Protection::Enterprise);
    }
}
