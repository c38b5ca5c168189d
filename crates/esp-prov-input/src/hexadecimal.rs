//! Bytes as people write them.

use protocomm::{Harmless, ThreadDataset, harmless};
use zeroize::Zeroizing;

/// Reads a dataset as OpenThread prints it (`dataset active -x`).
pub fn dataset_from_hex(text: &str) -> Result<ThreadDataset, Harmless> {
    ThreadDataset::new(from_hex(text)?).map_err(Harmless::from)
}

/// Bytes in hexadecimal, with spaces and colons between them if wanted; never shows them.
pub fn from_hex(text: &str) -> Result<Zeroizing<Vec<u8>>, Harmless> {
    let text = text.trim();
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits = text.chars().filter(|char| !char.is_whitespace() && *char != ':');
    let digits: Zeroizing<String> = Zeroizing::new(digits.collect());
    if let Some(at) = digits.chars().position(|char| !char.is_ascii_hexdigit()) {
        return Err(harmless!("character {} is no hexadecimal digit", at + 1));
    }
    let odd = |_| harmless!("{} hexadecimal digits are no whole bytes", digits.len());
    hex::decode(digits.as_bytes()).map(Zeroizing::new).map_err(odd)
}
