//! Bytes as text, from wherever people find them.

use zeroize::Zeroizing;

/// Hexadecimal as sniffers, logs and C sources have it: digits in pairs, with `0x`, `\x`, spaces,
/// colons, commas and hyphens in between.
///
/// # Errors
/// The character that does not fit, from 1, and why.
pub fn from_hex(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut high = None;
    let mut at = 0;
    while let Some(&char) = text.get(at) {
        let begins_byte = high.is_none();
        match char {
            b'0' | b'\\' if begins_byte && matches!(text.get(at + 1), Some(b'x' | b'X')) => at += 1,
            b' ' | b'\t' | b'\r' | b'\n' | b':' | b',' | b'-' | b'{' | b'}' if begins_byte => {}
            _ => {
                let digit =
                    char::from(char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let Some(digit) = digit else {
                    return Err(format!("character {} is no hexadecimal digit", at + 1));
                };
                match high.take() {
                    None => high = Some(digit),
                    Some(high) => bytes.push(high << 4 | digit),
                }
            }
        }
        at += 1;
    }
    match high {
        None => Ok(bytes),
        Some(_) => Err(format!("character {at} is half a byte: digits come in pairs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_taken_as_it_is_found() {
        for text in
            ["0a0b", "0A 0B", "0a:0b\n", "{0x0a, 0x0b}", "\\x0a\\x0b", "0a-0b", "0x0a0b", " 0a0b "]
        {
            assert_eq!(from_hex(text.as_bytes()).map(|bytes| bytes.to_vec()), Ok(vec![10, 11]));
        }
        for (text, error) in [
            ("0a0g", "character 4 is no hexadecimal digit"),
            ("0a 0 b", "character 5 is no hexadecimal digit"),
            ("0a0", "character 3 is half a byte: digits come in pairs"),
        ] {
            assert_eq!(from_hex(text.as_bytes()), Err(error.to_owned()), "{text}");
        }
    }
}
