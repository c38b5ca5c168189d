//! How provisioning firmware lays out its GATT service, and the size limits of BLE
//! (`protocomm_ble.c`, ESP-IDF v4.0 to v5.5).

/// The UUIDs of the services of provisioning firmware: that of the vendor's examples, the manager's
/// default since ESP-IDF v4.1, and its default before that (`app_main.c`, `scheme_ble.c`).
pub const SERVICES: [u128; 3] = [
    0x021a_9004_0382_4aea_bff4_6b3f_1c5a_dfb4,
    0x1775_244d_6b43_439b_877c_060f_2d9b_ed07,
    0x0000_ffff_0000_1000_8000_0080_5f9b_34fb,
];

/// The 16-bit numbers of the manager's endpoints (`manager.c`).
pub const NUMBERS: [(&str, u16); 5] = [
    ("prov-ctrl", 0xff4f),
    ("prov-scan", 0xff50),
    ("prov-session", 0xff51),
    ("prov-config", 0xff52),
    ("proto-ver", 0xff53),
];

/// The number of the application's first endpoint. The next ones count on from it (`manager.c`).
pub const CUSTOM: u16 = 0xff54;

/// The longest value of a characteristic, in bytes (ATT).
pub const LONGEST: usize = 512;

/// The longest name that firmware can advertise, in bytes: a scan response has 31, of which the
/// length and the type of the name take two (`MAX_BLE_DEVNAME_LEN`, `protocomm_ble.h`).
pub const LONGEST_NAME: usize = 29;

/// What is left of a name that is too long for an advertisement; `None` if it fits. The vendor's
/// firmware cuts the name silently (`scheme_ble.c`) and advertises what is left as the complete
/// name. Unlike the firmware, this does not cut within a UTF-8 character.
///
/// ```
/// use protocomm::ble::cut_off;
///
/// assert_eq!(cut_off("LAMP_0123456789_0123456789_01"), None);
/// assert_eq!(cut_off("LAMP_0123456789_0123456789_0123"), Some("LAMP_0123456789_0123456789_01"));
/// ```
#[must_use]
pub fn cut_off(name: &str) -> Option<&str> {
    let end = (0..=LONGEST_NAME).rev().find(|at| name.is_char_boundary(*at))?;
    (name.len() > LONGEST_NAME).then(|| &name[..end])
}

/// The name of an endpoint from the description of its characteristic: what comes before a NUL, at
/// which C strings end.
///
/// ```
/// use protocomm::ble::described;
///
/// assert_eq!(described(b"prov-session\0\x17"), b"prov-session");
/// ```
#[must_use]
pub fn described(description: &[u8]) -> &[u8] {
    description.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// The UUID of the characteristic with this number: that of the service, with hexadecimal digits 5
/// to 8 replaced.
///
/// ```
/// use protocomm::ble::{SERVICES, numbered};
///
/// let session = numbered(SERVICES[0], 0xff51);
/// assert_eq!(session, 0x021a_ff51_0382_4aea_bff4_6b3f_1c5a_dfb4);
/// ```
#[must_use]
pub const fn numbered(service: u128, number: u16) -> u128 {
    const DIGITS: u128 = 0xffff << 96;
    service & !DIGITS | (number as u128) << 96
}
