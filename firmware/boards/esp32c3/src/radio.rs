//! The chip's radio: an access point of its own, and a station that does what it is told.

use alloc::{format, vec::Vec};

use embassy_futures::select::{Either, select};
use embassy_net::{Config as NetConfig, DhcpConfig, Stack, StackResources};
use embassy_time::{Duration, with_timeout};
use esp_hal::peripherals::WIFI;
use esp_println::println;
use esp_radio::wifi::{
    AuthenticationMethod, AuthenticationMethodConfig, Config, ConnectionError, ControllerConfig,
    DisconnectReason, Interface, WifiController,
    ap::{AccessPointConfig, AccessPointInfo},
    scan::{ScanConfig, ScanTypeConfig},
    sta::{ConnectedInfo, StationConfig},
};
use firmware::{Order, Refused, Station};
use protocomm::{
    Bssid,
    commands::{AccessPoint, AuthMode, WifiConnection},
    device::WifiConfig,
};

use crate::{dice::Dice, flash::Saved};

/// How long a network's DHCP server may take.
const ADDRESS_WITHIN: Duration = Duration::from_secs(15);

/// The pause after an order to join, so that the reply gets out before the access point changes
/// its channel (`manager.c`, network_provisioning 1.2.4).
const BEFORE_JOIN: Duration = Duration::from_secs(1);

/// The pause between attempts.
const BETWEEN: Duration = Duration::from_secs(1);

/// Scan results at most.
const MOST: usize = 20;

/// Starts the access point, open as in the vendor's examples.
pub(crate) fn start<'chip>(wifi: WIFI<'chip>, name: &str) -> WifiController<'chip> {
    let config =
        ControllerConfig::default().with_initial_config(both(name, StationConfig::default()));
    WifiController::new(wifi, config).unwrap_or_else(|error| panic!("Wi-Fi: {error:?}"))
}

fn both(name: &str, station: StationConfig) -> Config {
    let access_point = AccessPointConfig::default()
        .with_ssid(name.try_into().unwrap_or_default())
        .with_authentication(AuthenticationMethodConfig::Open);
    Config::AccessPointStation(station, access_point)
}

/// Does what `station` is told, and keeps it in its network, for ever.
pub(crate) async fn run(
    mut wifi: WifiController<'_>,
    name: &str,
    dice: Dice,
    station: &Station,
    mut saved: Saved<'_>,
) {
    let mut resources = StackResources::<2>::new();
    let dhcp = NetConfig::dhcpv4(DhcpConfig::default());
    let interface = Interface::station();
    let (stack, mut runner) = embassy_net::new(interface, dhcp, &mut resources, dice.seed());
    let orders = async {
        let mut network = saved.load().await;
        if network.is_some() {
            station.returns();
        }
        loop {
            let tend = tend(&mut wifi, name, stack, station, &mut saved, &mut network);
            match select(station.order(), tend).await {
                Either::First(Order::Join(wanted)) => {
                    leave(&mut wifi).await;
                    embassy_time::Timer::after(BEFORE_JOIN).await;
                    network = Some(wanted);
                }
                Either::First(Order::Leave) => {
                    network = None;
                    leave(&mut wifi).await;
                    saved.erase().await;
                }
                Either::First(Order::Scan { passive }) => {
                    station.scanned(scan(&mut wifi, passive).await);
                }
                Either::Second(never) => never,
            }
        }
    };
    embassy_futures::join::join(runner.run(), orders).await;
}

async fn leave(wifi: &mut WifiController<'_>) {
    // It may be in none.
    let _ = wifi.disconnect_async().await;
}

/// Joins `network` and stays in it, until the attempts are used up; then, or if there is none,
/// does nothing.
async fn tend(
    wifi: &mut WifiController<'_>,
    name: &str,
    stack: Stack<'_>,
    station: &Station,
    saved: &mut Saved<'_>,
    network: &mut Option<WifiConfig>,
) -> ! {
    while let Some(wanted) = network {
        if !wifi.is_connected() {
            match attempt(wifi, name, stack, wanted).await {
                Ok(connection) => {
                    saved.store(wanted).await;
                    println!("joined {}", connection.ip);
                    station.joined(connection);
                }
                Err(why) => {
                    leave(wifi).await;
                    println!("not joined: {why:?}");
                    if !station.failed(why) {
                        *network = None;
                    }
                    embassy_time::Timer::after(BETWEEN).await;
                    continue;
                }
            }
        }
        if wifi.wait_for_disconnect_async().await.is_ok() {
            station.returns();
        }
    }
    core::future::pending().await
}

/// One attempt, with an address at its end.
async fn attempt(
    wifi: &mut WifiController<'_>,
    name: &str,
    stack: Stack<'_>,
    network: &WifiConfig,
) -> Result<WifiConnection, Refused> {
    // Firmware reads the name up to the first zero byte.
    let ssid = network.ssid.split(|&byte| byte == 0).next().unwrap_or_default();
    let ssid = ssid.try_into().map_err(|_| Refused::NotFound)?;
    let authentication = if network.passphrase.is_empty() {
        AuthenticationMethodConfig::Open
    } else {
        let passphrase = network.passphrase.expose().try_into().map_err(|_| Refused::Passphrase)?;
        AuthenticationMethodConfig::Wpa2Personal(passphrase)
    };
    let config = StationConfig::default().with_ssid(ssid).with_authentication(authentication);
    wifi.set_config(&both(name, config)).map_err(|_| Refused::Otherwise)?;
    let info = wifi.connect_async().await.map_err(|error| match error {
        ConnectionError::Failed(lost) => refused(lost.reason),
        _ => Refused::Otherwise,
    })?;
    with_timeout(ADDRESS_WITHIN, stack.wait_config_up()).await.map_err(|_| Refused::Otherwise)?;
    let address = stack.config_v4().ok_or(Refused::Otherwise)?.address.address();
    Ok(connection(&info, format!("{address}")))
}

/// As the vendor's manager sorts them (`manager.c`, network_provisioning 1.2.4), which knows one
/// reason for a network not found.
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

async fn scan(wifi: &mut WifiController<'_>, passive: bool) -> Vec<AccessPoint> {
    let mut config = ScanConfig::default().with_max(MOST).with_show_hidden(true);
    if passive {
        config = config
            .with_scan_type(ScanTypeConfig::Passive(esp_hal::time::Duration::from_millis(360)));
    }
    let found = wifi.scan_async(&config).await.unwrap_or_default();
    let entry = |one: AccessPointInfo| AccessPoint {
        ssid: one.ssid.as_str().as_bytes().to_vec(),
        channel: one.channel.into(),
        rssi: one.signal_strength.into(),
        bssid: Some(Bssid(one.bssid)),
        auth_mode: one.auth_method.map_or(AuthMode::OPEN, auth_mode),
    };
    found.into_iter().map(entry).collect()
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
