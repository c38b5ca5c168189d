//! Classifies the failures that the system's Bluetooth reports. BlueZ has few error names and puts
//! the details in text (`error.c`, `gatt-client.c`, 5.66); macOS uses its own wording.

use super::adapter::RadioError;

/// Phrases that stand for an ATT error, with its code.
const ATT: [(&str, u8); 12] = [
    ("Read not permitted", 0x02),
    ("Reading is not permitted", 0x02),
    ("Write not permitted", 0x03),
    ("Writing is not permitted", 0x03),
    ("Not paired", 0x05),
    ("Authentication is insufficient", 0x05),
    ("Operation is not supported", 0x06),
    ("Invalid offset", 0x07),
    ("NotAuthorized", 0x08),
    ("Authorization is insufficient", 0x08),
    ("Invalid Length", 0x0d),
    ("Encryption is insufficient", 0x0f),
];

/// Classifies a failure. `text` is the message for people; only `whole` contains the D-Bus error
/// name.
pub(super) fn sorted(text: &str, whole: &str) -> RadioError {
    let has = |words: &[&str]| words.iter().any(|word| whole.contains(word) || text.contains(word));
    let text = worded(text, whole);
    if has(&["AccessDenied", "access denied", "Permission denied"]) {
        return RadioError::Denied(text);
    }
    // BlueZ is not running, or has ended.
    if has(&[
        "ServiceUnknown",
        "NameHasNoOwner",
        "Error.Spawn",
        "Error.Disconnected",
        // It has ended during a call, in the words of two kinds of bus.
        "recipient disconnected from message bus",
        "Remote peer disconnected",
    ]) {
        return RadioError::NoService(text);
    }
    if has(&["NotReady", "Resource Not Ready"]) {
        return RadioError::Off;
    }
    if let Some(code) = att(&text, whole) {
        return of_att(code, text);
    }
    if has(&["AuthenticationFailed", "AuthenticationCanceled", "AuthenticationRejected"]) {
        return RadioError::Unpaired(text);
    }
    if has(&["Not connected", "NotConnected", "le-connection-abort"]) {
        return RadioError::Lost(text);
    }
    RadioError::Other(text)
}

/// Returns the message of a failure. Some D-Bus errors have a name but no message.
fn worded(text: &str, whole: &str) -> String {
    let is_of_name = |char: char| char.is_ascii_alphanumeric() || "._".contains(char);
    match text.trim() {
        "" => {
            let mut words = whole.split(|char| !is_of_name(char));
            let name = words.find(|word| word.contains(".Error."));
            name.unwrap_or("the system gives no reason").to_owned()
        }
        text => text.to_owned(),
    }
}

fn att(text: &str, whole: &str) -> Option<u8> {
    if let Some((_, code)) = text.split_once("ATT error: 0x") {
        return u8::from_str_radix(code.get(..2)?, 16).ok();
    }
    let named = ATT.iter().find(|(words, _)| text.contains(words) || whole.contains(words));
    named.map(|(_, code)| *code)
}

/// Maps an ATT error code (Bluetooth Core, Vol 3 Part F, 3.4.1.1).
fn of_att(code: u8, text: String) -> RadioError {
    match code {
        // Insufficient authentication, key size, encryption.
        0x05 | 0x0c | 0x0f => RadioError::Unpaired(text),
        // Invalid offset, attribute not long, invalid length. The first comes from a long write
        // that has no room (3.4.6), and the second means that there is no room for a long write at
        // all.
        0x07 | 0x0b | 0x0d => RadioError::TooLong(text),
        // Invalid handle, reading or writing not permitted, not supported, insufficient
        // authorization, attribute not found, unsupported group.
        0x01..=0x03 | 0x06 | 0x08 | 0x0a | 0x10 => RadioError::Forbidden(text),
        // NimBLE rejects a request with Invalid PDU, Bluedroid with 0x85 (`protocomm_nimble.c`,
        // `protocomm_ble.c`). The rest are errors of the application, or temporary.
        _ => RadioError::Rejected(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(text: &str) -> RadioError {
        sorted(text, &format!("Other(DbusError(D-Bus error: {text} (org.bluez.Error.Failed)))"))
    }

    fn named(name: &str, text: &str) -> RadioError {
        sorted(text, &format!("Other(DbusError(D-Bus error: {text} (org.bluez.Error.{name})))"))
    }

    #[test]
    fn every_att_error_is_told_as_what_it_is() {
        for code in 0x01..=0xff_u8 {
            let text = format!("Operation failed with ATT error: 0x{code:02x}");
            let expected = match code {
                0x05 | 0x0c | 0x0f => RadioError::Unpaired(text.clone()),
                0x07 | 0x0b | 0x0d => RadioError::TooLong(text.clone()),
                0x01 | 0x02 | 0x03 | 0x06 | 0x08 | 0x0a | 0x10 => {
                    RadioError::Forbidden(text.clone())
                }
                _ => RadioError::Rejected(text.clone()),
            };
            assert_eq!(failed(&text), expected);
        }
    }

    /// The error names that `create_gatt_dbus_error` writes.
    #[test]
    fn the_names_of_bluez_for_att_errors_are_known() {
        type Sort = fn(String) -> RadioError;
        for (name, text, sort) in [
            ("NotPermitted", "Read not permitted", RadioError::Forbidden as Sort),
            ("NotPermitted", "Write not permitted", RadioError::Forbidden),
            ("NotPermitted", "Not paired", RadioError::Unpaired),
            ("InvalidArguments", "Invalid offset", RadioError::TooLong),
            ("InvalidArguments", "Invalid Length", RadioError::TooLong),
            ("NotAuthorized", "Operation Not Authorized", RadioError::Forbidden),
            ("NotSupported", "Operation is not supported", RadioError::Forbidden),
            ("AuthenticationFailed", "Authentication Failed", RadioError::Unpaired),
            ("Failed", "Not connected", RadioError::Lost),
            ("Failed", "le-connection-abort-by-local", RadioError::Lost),
            ("Failed", "Operation failed", RadioError::Other),
        ] {
            assert_eq!(named(name, text), sort(text.to_owned()), "{name}");
        }
    }

    #[test]
    fn an_error_without_words_has_its_name() {
        let said =
            sorted("", "Other(DbusError(D-Bus error:  (org.freedesktop.DBus.Error.NoReply)))");
        assert_eq!(said, RadioError::Other("org.freedesktop.DBus.Error.NoReply".to_owned()));
        let said = sorted(" ", "Other(\"\")");
        assert_eq!(said, RadioError::Other("the system gives no reason".to_owned()));
    }
}
