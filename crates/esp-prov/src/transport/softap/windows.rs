//! Wi-Fi through `netsh` of Windows. Not yet tried on Windows.
//!
//! `netsh` can't begin a scan: it lists what Windows has seen by itself. Its words are in the
//! language of the system, so only their order and what is the same in each language count. The
//! passphrase is in a file of this user for a moment, and in a profile of this user until it is left.

use std::{
    env, fmt::Write as _, fs, io::Write as _, net::Ipv4Addr, path::PathBuf, process, sync::Mutex,
    time::Duration,
};

use async_trait::async_trait;
use protocomm::{Passphrase, Ssid};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::{
    AccessPoint, HostWifi, InterfaceState, Permission, Protection, Wifi, WifiError, WifiInterface,
    lock, program::output,
};

const NETSH: &str = "netsh.exe";

/// The interval between two looks for an address.
const LOOK: Duration = Duration::from_millis(300);

/// What was joined, and what was there before.
#[derive(Clone)]
struct Joined {
    interface: String,
    name: String,
    before: Option<String>,
}

/// The Wi-Fi of this machine.
#[derive(Default)]
pub(super) struct Windows {
    joined: Mutex<Option<Joined>>,
}

#[async_trait]
impl Wifi for Windows {
    async fn host(&self) -> Result<HostWifi, WifiError> {
        Ok(HostWifi {
            manager: "Windows".to_owned(),
            is_on: true,
            is_blocked: false,
            may_join: Permission::Yes,
            interfaces: interfaces(&output(NETSH, &["wlan", "show", "interfaces"]).await?),
        })
    }

    async fn visible(&self, interface: Option<&str>) -> Result<Vec<AccessPoint>, WifiError> {
        let mut all = Vec::new();
        for WifiInterface { name, .. } in self.host().await?.interfaces {
            if interface.is_none_or(|wanted| wanted == name) {
                let which = format!("interface={name}");
                let arguments = ["wlan", "show", "networks", "mode=bssid", &which];
                all.extend(access_points(&name, &output(NETSH, &arguments).await?));
            }
        }
        Ok(all)
    }

    async fn scan(&self, _: Option<&str>) {}

    async fn join(
        &self,
        access_point: &AccessPoint,
        passphrase: &Passphrase,
        within: Duration,
    ) -> Result<(), WifiError> {
        let until = Instant::now() + within;
        let Some(ssid) = &access_point.ssid else {
            return Err(WifiError::NotFound("the access point has no name".to_owned()));
        };
        let interface = access_point.interface.clone();
        let connected = self.host().await?.interfaces.into_iter().find(|one| one.name == interface);
        let before = match connected.map(|one| one.state) {
            Some(InterfaceState::Connected { ssid: Some(before) }) if before != *ssid => {
                Some(before.to_string())
            }
            _ => None,
        };
        let name = format!("esp-prov-rs {ssid}");
        let which = format!("interface={interface}");
        *lock(&self.joined) = Some(Joined { interface, name: name.clone(), before });

        let file = File::new(&profile(&name, ssid, access_point.protection, passphrase))
            .map_err(|error| WifiError::Other(format!("a profile can't be written: {error}")))?;
        let path = format!("filename={}", file.0.display());
        output(NETSH, &["wlan", "add", "profile", &path, &which, "user=current"]).await?;
        drop(file);
        output(NETSH, &["wlan", "connect", &format!("name={name}"), &which]).await?;
        while !self.is_joined().await {
            if Instant::now() >= until {
                // Windows does not tell a wrong passphrase from an access point that is gone.
                return Err(WifiError::NoTime);
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    async fn is_joined(&self) -> bool {
        let Some(Joined { interface, name, .. }) = lock(&self.joined).clone() else { return false };
        let Ok(host) = self.host().await else { return false };
        let is_it = |one: &WifiInterface| match &one.state {
            InterfaceState::Connected { ssid: Some(ssid) } => {
                one.name == interface && name.ends_with(&format!(" {ssid}"))
            }
            _ => false,
        };
        let which = format!("name={interface}");
        let told = output(NETSH, &["interface", "ipv4", "show", "addresses", &which]).await;
        host.interfaces.iter().any(is_it) && told.is_ok_and(|told| has_address(&told))
    }

    async fn leave(&self) -> Result<(), WifiError> {
        let Some(Joined { interface, name, before }) = lock(&self.joined).take() else {
            return Ok(());
        };
        let which = format!("interface={interface}");
        output(NETSH, &["wlan", "delete", "profile", &format!("name={name}"), &which]).await?;
        if let Some(before) = before {
            output(NETSH, &["wlan", "connect", &format!("name={before}"), &which]).await?;
        }
        Ok(())
    }

    async fn clean_up(&self) -> Result<Vec<String>, WifiError> {
        Ok(Vec::new())
    }
}

/// A file that is gone once it was read.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> std::io::Result<Self> {
        let path = env::temp_dir().join(format!("esp-prov-rs-{}.xml", process::id()));
        let mut file = fs::File::create(&path)?;
        let kept = Self(path);
        file.write_all(text.as_bytes())?;
        Ok(kept)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A line `name : value`.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(" : ")?;
    Some((name.trim(), value.trim()))
}

/// The interfaces in the output of `netsh wlan show interfaces`: of each, the first line has its
/// name.
fn interfaces(told: &str) -> Vec<WifiInterface> {
    let told = told.replace("\r\n", "\n");
    let blocks = told.split("\n\n").map(|block| block.lines().filter_map(pair).collect());
    let blocks = blocks.filter(|block: &Vec<_>| block.len() > 3);
    let one = |block: Vec<(&str, &str)>| {
        let name = block.first()?.1.to_owned();
        let ssid = block.iter().find(|(name, _)| *name == "SSID");
        let state = match ssid {
            Some((_, ssid)) => InterfaceState::Connected { ssid: Ssid::new(*ssid).ok() },
            None => InterfaceState::Free,
        };
        Some(WifiInterface { name, state })
    };
    blocks.filter_map(one).collect()
}

/// The access points in the output of `netsh wlan show networks mode=bssid`: after the name of a
/// network come its kind, its authentication and its encryption, and then its access points, each
/// with its signal and its channel.
fn access_points(interface: &str, told: &str) -> Vec<AccessPoint> {
    let mut all: Vec<AccessPoint> = Vec::new();
    let (mut ssid, mut since, mut protection) = (None, 0, Protection::Open);
    for (name, value) in told.lines().filter_map(pair) {
        since += 1;
        if name.starts_with("SSID ") {
            (ssid, since, protection) = (Ssid::new(value).ok(), 0, Protection::Open);
        } else if name.starts_with("BSSID ") {
            all.extend(value.parse().ok().map(|bssid| AccessPoint {
                interface: interface.to_owned(),
                ssid: ssid.clone(),
                bssid: Some(bssid),
                channel: 0,
                rssi: -100,
                protection,
            }));
            since = 100;
        } else if since == 2 {
            protection = protection_of(value);
        } else if since == 3 && value.eq_ignore_ascii_case("WEP") {
            protection = Protection::Wep;
        } else if since > 100
            && let Some(last) = all.last_mut()
        {
            if let Some(percent) = value.strip_suffix('%').and_then(|text| text.parse::<i16>().ok())
            {
                // As Windows counts it (`WLAN_ASSOCIATION_ATTRIBUTES`): 0 is -100 dBm, 100 is -50.
                last.rssi = -100 + percent.clamp(0, 100) / 2;
            } else if last.channel == 0
                && let Ok(channel) = value.parse()
            {
                last.channel = channel;
            }
        }
    }
    all
}

fn protection_of(authentication: &str) -> Protection {
    if authentication.to_ascii_lowercase().contains("enterprise") {
        Protection::Enterprise
    } else if authentication.starts_with("WPA3") {
        Protection::Wpa3
    } else if authentication.starts_with("WPA") {
        Protection::Wpa
    } else {
        Protection::Open
    }
}

/// Whether an interface has an address that is not made up (169.254.0.0/16) in the output of `netsh
/// interface ipv4 show addresses`.
fn has_address(told: &str) -> bool {
    let addresses = told.split_whitespace().filter_map(|word| word.parse::<Ipv4Addr>().ok());
    let mut addresses = addresses.filter(|one| !one.is_link_local());
    addresses.next().is_some()
}

/// A profile for `netsh wlan add profile` (`WLAN_profile` schema).
fn profile(
    name: &str,
    ssid: &Ssid,
    protection: Protection,
    passphrase: &Passphrase,
) -> Zeroizing<String> {
    let escaped = |text: &str| {
        let mut escaped = Zeroizing::new(String::new());
        for char in text.chars() {
            match char {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                char => escaped.push(char),
            }
        }
        escaped
    };
    let (authentication, encryption) = match protection {
        Protection::Wpa => ("WPA2PSK", "AES"),
        Protection::Wpa3 => ("WPA3SAE", "AES"),
        _ => ("open", "none"),
    };
    let mut key = Zeroizing::new(String::new());
    if encryption == "AES" {
        let passphrase = String::from_utf8_lossy(passphrase.expose());
        // Writing to a string can't fail.
        let _ = write!(
            *key,
            "<sharedKey><keyType>passPhrase</keyType><protected>false</protected>\
             <keyMaterial>{}</keyMaterial></sharedKey>",
            *escaped(&passphrase)
        );
    }
    Zeroizing::new(format!(
        "<?xml version=\"1.0\"?>\
         <WLANProfile xmlns=\"http://www.microsoft.com/networking/WLAN/profile/v1\">\
         <name>{}</name><SSIDConfig><SSID><hex>{}</hex></SSID></SSIDConfig>\
         <connectionType>ESS</connectionType><connectionMode>manual</connectionMode>\
         <MSM><security><authEncryption><authentication>{authentication}</authentication>\
         <encryption>{encryption}</encryption><useOneX>false</useOneX></authEncryption>{}</security>\
         </MSM></WLANProfile>",
        *escaped(name),
        hex::encode_upper(ssid.as_bytes()),
        *key
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_netsh_says_is_understood_in_any_language() {
        let told = "\r\nEs ist 1 Schnittstelle auf dem System vorhanden:\r\n\r\n    \
                    Name                   : WLAN\r\n    Beschreibung           : Intel(R)\r\n    \
                    Status                 : Verbunden\r\n    SSID                   : Home\r\n    \
                    BSSID                  : 24:0a:c4:11:22:33\r\n\r\n    Status : frei\r\n";
        let all = interfaces(told);
        let home = InterfaceState::Connected { ssid: Ssid::new("Home").ok() };
        assert_eq!(all, [WifiInterface { name: "WLAN".to_owned(), state: home }]);

        let told = "\nSSID 1 : Home : Office\n    Netzwerktyp             : Infrastruktur\n    \
                    Authentifizierung       : WPA2-Personal\n    Verschlüsselung         : CCMP \n    \
                    BSSID 1                 : 24:0a:c4:11:22:33\n         Signal             : 90%  \n         \
                    Funktyp                 : 802.11n\n         Kanal              : 6 \n\
                    SSID 2 : PROV_1\n    Netzwerktyp : Infrastruktur\n    Authentifizierung : Offen\n    \
                    Verschlüsselung : Keine\n    BSSID 1 : 24:0a:c4:11:22:34\n         Signal : 40%\n";
        let all = access_points("WLAN", told);
        let [home, device] = &all[..] else { panic!("{all:?}") };
        assert_eq!(home.ssid, Ssid::new("Home : Office").ok());
        assert_eq!((home.rssi, home.channel, home.protection), (-55, 6, Protection::Wpa));
        assert_eq!((device.rssi, device.channel, device.protection), (-80, 0, Protection::Open));
        assert!(has_address("IP-Adresse: 192.168.4.2\n"));
        assert!(!has_address("IP-Adresse: 169.254.3.4\n"));
    }

    #[test]
    fn a_profile_is_well_formed_whatever_the_name_and_the_key() {
        let passphrase = Passphrase::new("a<b>&c\"d e".to_owned()).expect("a passphrase");
        let ssid = Ssid::new("P&<").expect("a name");
        let text = profile("P&<", &ssid, Protection::Wpa, &passphrase);
        assert!(text.contains("<name>P&amp;&lt;</name>") && text.contains("<hex>50263C</hex>"));
        assert!(text.contains("<keyMaterial>a&lt;b&gt;&amp;c\"d e</keyMaterial>"), "{}", *text);
        let open = profile("P", &ssid, Protection::Open, &Passphrase::open());
        assert!(open.contains("<authentication>open<") && !open.contains("sharedKey"));
    }
}
