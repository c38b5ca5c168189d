//! The chip's radio: its own access point, and a station that carries out orders.

use alloc::{format, vec::Vec};

use embassy_futures::join::join;
use embassy_net::{Config as NetConfig, DhcpConfig, Stack, StackResources};
use embassy_time::{Duration, Timer, with_timeout};
use esp_hal::peripherals::WIFI;
use esp_println::println;
use esp_radio::wifi::{
    AuthenticationMethod, Config, ConnectionError, ControllerConfig, DisconnectReason, Interface,
    WifiController,
    ap::AccessPointInfo,
    scan::{ScanConfig, ScanTypeConfig},
    sta::{ConnectedInfo, StationConfig},
};
#[cfg(feature = "softap")]
use esp_radio::wifi::{AuthenticationMethodConfig, ap::AccessPointConfig};
use firmware::{Radio, Refused, Station};
use protocomm::{
    Bssid,
    commands::{AccessPoint, AuthMode, WifiConnection},
    device::WifiConfig,
};

use crate::{dice::Dice, flash::Saved, station};

/// How long a network's DHCP server may take to give an address.
const ADDRESS_WITHIN: Duration = Duration::from_secs(15);

/// The most scan results.
const MOST: usize = 20;

/// Starts the access point, without a password as in the vendor's examples.
pub(crate) fn start<'chip>(wifi: WIFI<'chip>, name: &str) -> WifiController<'chip> {
    let config = ControllerConfig::default().with_initial_config(modes(name));
    WifiController::new(wifi, config).unwrap_or_else(|error| panic!("Wi-Fi: {error:?}"))
}

#[cfg(feature = "softap")]
fn modes(name: &str) -> Config {
    let access_point = AccessPointConfig::default()
        .with_ssid(name.try_into().unwrap_or_default())
        .with_authentication(AuthenticationMethodConfig::Open);
    Config::AccessPointStation(StationConfig::default(), access_point)
}

#[cfg(not(feature = "softap"))]
fn modes(_name: &str) -> Config {
    Config::Station(StationConfig::default())
}

/// Carries out the orders of `station` and keeps it in its network, for ever.
pub(crate) async fn run(wifi: WifiController<'_>, dice: Dice, station: &Station, saved: Saved<'_>) {
    let mut resources = StackResources::<2>::new();
    let dhcp = NetConfig::dhcpv4(DhcpConfig::default());
    let interface = Interface::station();
    let (stack, mut runner) = embassy_net::new(interface, dhcp, &mut resources, dice.seed());
    let pause = async |time: core::time::Duration| {
        Timer::after(time.try_into().unwrap_or(Duration::MAX)).await;
    };
    join(runner.run(), station.run(OnChip { wifi, stack }, saved, pause)).await;
}

struct OnChip<'chip, 'stack> {
    wifi: WifiController<'chip>,
    stack: Stack<'stack>,
}

impl Radio for OnChip<'_, '_> {
    fn choose(&mut self, network: &WifiConfig) -> Result<(), Refused> {
        // Firmware reads the name up to the first zero byte.
        let ssid = network.ssid.split(|&byte| byte == 0).next().unwrap_or_default();
        let is_taken = station::choose(&mut self.wifi, ssid, network.passphrase.expose());
        if is_taken { Ok(()) } else { Err(Refused::Otherwise) }
    }

    async fn join(&mut self) -> Result<WifiConnection, Refused> {
        let joined = self.attempt().await;
        match &joined {
            Ok(connection) => println!("joined {}", connection.ip),
            Err(why) => println!("not joined: {why:?}"),
        }
        joined
    }

    async fn leave(&mut self) {
        // This fails if it is in no network.
        let _ = self.wifi.disconnect_async().await;
    }

    async fn lost(&mut self) {
        // Returns at once if it is in no network.
        let _ = self.wifi.wait_for_disconnect_async().await;
    }

    async fn scan(&mut self, passive: bool) -> Vec<AccessPoint> {
        let mut config = ScanConfig::default().with_max(MOST).with_show_hidden(true);
        if passive {
            config = config
                .with_scan_type(ScanTypeConfig::Passive(esp_hal::time::Duration::from_millis(360)));
        }
        let found = self.wifi.scan_async(&config).await.unwrap_or_default();
        let entry = |one: AccessPointInfo| AccessPoint {
            ssid: one.ssid.as_str().as_bytes().to_vec(),
            channel: one.channel.into(),
            rssi: one.signal_strength.into(),
            bssid: Some(Bssid(one.bssid)),
            auth_mode: one.auth_method.map_or(AuthMode::OPEN, auth_mode),
        };
        found.into_iter().map(entry).collect()
    }
}

impl OnChip<'_, '_> {
    async fn attempt(&mut self) -> Result<WifiConnection, Refused> {
        let info = self.wifi.connect_async().await.map_err(|error| match error {
            ConnectionError::Failed(lost) => refused(lost.reason),
            _ => Refused::Otherwise,
        })?;
        let address = with_timeout(ADDRESS_WITHIN, self.stack.wait_config_up()).await;
        address.map_err(|_| Refused::Otherwise)?;
        let address = self.stack.config_v4().ok_or(Refused::Otherwise)?.address.address();
        Ok(connection(&info, format!("{address}")))
    }
}

/// Classifies a reason as the vendor's manager does (`manager.c`, network_provisioning 1.2.4),
/// which has one reason for a network that is not found.
fn refused(reason: DisconnectReason) -> Refused {
    match reason {
        DisconnectReason::FourWayHandshakeTimeout
        | DisconnectReason::MicFailure
        | DisconnectReason::AuthenticationFailed
        | DisconnectReason::HandshakeTimeout => Refused::Passphrase,
        DisconnectReason::NoAccessPointFound
        | DisconnectReason::NoAccessPointFoundWithCompatibleSecurity
        | DisconnectReason::NoAccessPointFoundInAuthmodeThreshold
        | DisconnectReason::NoAccessPointFoundInRssiThreshold => Refused::NotFound,
        _ => Refused::Otherwise,
    }
}

fn connection(info: &ConnectedInfo, ip: alloc::string::String) -> WifiConnection {
    WifiConnection {
        ip,
        ssid: info.ssid.as_str().as_bytes().to_vec(),
        bssid: Some(Bssid(info.bssid)),
        channel: info.channel.into(),
        auth_mode: auth_mode(info.authmode),
    }
}

/// The numbers of `wifi_auth_mode_t` (`esp_wifi_types_generic.h`, ESP-IDF v5.5).
fn auth_mode(method: AuthenticationMethod) -> AuthMode {
    AuthMode(match method {
        AuthenticationMethod::None => 0,
        AuthenticationMethod::Wep => 1,
        AuthenticationMethod::Wpa => 2,
        AuthenticationMethod::Wpa2Personal => 3,
        AuthenticationMethod::WpaWpa2Personal => 4,
        AuthenticationMethod::Wpa2Enterprise => 5,
        AuthenticationMethod::Wpa3Personal => 6,
        AuthenticationMethod::Wpa2Wpa3Personal => 7,
        AuthenticationMethod::WapiPersonal => 8,
        AuthenticationMethod::Owe => 9,
        AuthenticationMethod::Wpa3EntSuiteB192Bit => 10,
        AuthenticationMethod::Wpa3ExtPsk => 11,
        AuthenticationMethod::Wpa3ExtPskMixed => 12,
        AuthenticationMethod::Dpp => 13,
        AuthenticationMethod::Wpa3Enterprise => 14,
        AuthenticationMethod::Wpa2Wpa3Enterprise => 15,
        AuthenticationMethod::WpaEnterprise => 16,
        _ => -1,
    })
}
