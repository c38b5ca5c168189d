//! Sets only the station's part of the radio's configuration.
//!
//! `WifiController::set_config` also applies that of the access point, which disconnects its
//! clients. It means to skip an unchanged one, but for an open access point, what the driver reads
//! back (`pairwise_cipher` 0, `pmf_cfg.capable` false, `sae_pwe_h2e` 3) never equals what it
//! compares with (esp-radio 1.0.0-beta.1, `apply_ap_config`).

use esp_radio::wifi::WifiController;
#[cfg(feature = "esp32c3")]
use esp_wifi_sys_esp32c3::include as driver;
#[cfg(feature = "esp32c6")]
use esp_wifi_sys_esp32c6::include as driver;

use driver::{
    esp_wifi_get_config, esp_wifi_set_config, wifi_auth_mode_t_WIFI_AUTH_OPEN as OPEN,
    wifi_auth_mode_t_WIFI_AUTH_WPA2_PSK as WPA2, wifi_config_t as Config,
    wifi_interface_t_WIFI_IF_STA as STATION,
};

/// Sets the network in the driver. Returns `false` if the driver does not accept it. An empty
/// passphrase means an open network.
pub(crate) fn choose(_started: &mut WifiController<'_>, ssid: &[u8], passphrase: &[u8]) -> bool {
    // SAFETY: all fields of a configuration are numbers, for which 0 is valid.
    let mut config: Config = unsafe { core::mem::zeroed() };
    // Begins with what esp-radio has set at the start, and changes only the network.
    // SAFETY: the driver runs, as there is a controller, and it writes no more than a `Config`.
    if unsafe { esp_wifi_get_config(STATION, &raw mut config) } != 0 {
        return false;
    }
    // SAFETY: the driver has written the station's part.
    let station = unsafe { &mut config.sta };
    (station.ssid, station.password) = ([0; 32], [0; 64]);
    let (Some(name), Some(secret)) =
        (station.ssid.get_mut(..ssid.len()), station.password.get_mut(..passphrase.len()))
    else {
        return false;
    };
    name.copy_from_slice(ssid);
    secret.copy_from_slice(passphrase);
    station.threshold.authmode = if passphrase.is_empty() { OPEN } else { WPA2 };
    // SAFETY: the driver runs, nobody else configures it (`_started`), and it copies a `Config`.
    unsafe { esp_wifi_set_config(STATION, &raw mut config) == 0 }
}
