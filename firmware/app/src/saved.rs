//! A network as a board keeps it in flash.

use alloc::vec::Vec;

use protocomm::{Passphrase, device::WifiConfig};
use zeroize::Zeroizing;

/// The most bytes of a saved network.
pub const LONGEST: usize = 1 + 32 + Passphrase::MAX;

/// Encodes a network: the length of the name in one byte, the name, the passphrase.
pub fn to_bytes(network: &WifiConfig) -> Zeroizing<Vec<u8>> {
    // Allocates the full size at once, since growing leaves copies in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    bytes.push(u8::try_from(network.ssid.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(&network.ssid);
    bytes.extend_from_slice(network.passphrase.expose());
    bytes
}

/// Decodes a network; `None` if the bytes are not one.
pub fn from_bytes(bytes: &[u8]) -> Option<WifiConfig> {
    let (length, rest) = bytes.split_first()?;
    let (ssid, passphrase) = rest.split_at_checked(usize::from(*length))?;
    if ssid.len() > 32 || passphrase.len() > Passphrase::MAX {
        return None;
    }
    let passphrase = Passphrase::from_device(passphrase);
    Some(WifiConfig { ssid: ssid.to_vec(), passphrase, bssid: Vec::new(), channel: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_was_given() {
        for (ssid, passphrase) in [(&b"Home"[..], &b"correct-horse"[..]), (&[0xff; 32], b"")] {
            let passphrase = Passphrase::from_device(passphrase);
            let bssid = Vec::new();
            let network = WifiConfig { ssid: ssid.to_vec(), passphrase, bssid, channel: 0 };
            assert_eq!(from_bytes(&to_bytes(&network)), Some(network));
        }
        for damaged in [&[][..], &[5, b'H'], &[33; 40], &[0; 66]] {
            assert_eq!(from_bytes(damaged), None);
        }
    }
}
