//! Bytes in hexadecimal, as people write or copy them.

use std::borrow::Cow;

use protocomm::{Harmless, ThreadDataset, harmless};
use zeroize::Zeroizing;

/// Reads a Thread dataset as OpenThread prints it (`dataset active -x`).
///
/// # Errors
/// Those of [`from_hex`], or why the bytes are not a dataset.
pub fn dataset_from_hex(text: &str) -> Result<ThreadDataset, Harmless> {
    ThreadDataset::new(from_hex(text)?).map_err(Harmless::from)
}

/// Reads bytes in hexadecimal as found in terminals, sniffers, logs and C sources.
///
/// Digits come in pairs. Between the pairs there may be `0x`, `\x`, white space, colons, commas,
/// semicolons, dots, hyphens, underscores, brackets, braces and quotation marks; before them,
/// `hex:` or `tlv:`. A line may end anywhere. Of text pasted from a console, prompts and `Done` are
/// left out.
///
/// # Errors
/// The position of the first character that is not a digit, counted from 1, or that the number of
/// digits is odd. The digits are never shown.
pub fn from_hex(text: &str) -> Result<Zeroizing<Vec<u8>>, Harmless> {
    let text = without_console(text);
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    let mut high = None;
    let mut digits = 0_usize;
    let mut chars = text.chars().enumerate().peekable();
    let start = text.len() - text.trim_start().len();
    if let Some(prefix) = text[start..].get(..4)
        && ["hex:", "tlv:"].iter().any(|known| prefix.eq_ignore_ascii_case(known))
    {
        chars.nth(text[..start].chars().count() + 3);
    }
    // If a line ends within a byte, the next line may be indented.
    let mut line_ended = false;
    while let Some((at, char)) = chars.next() {
        line_ended = matches!(char, '\r' | '\n') || line_ended && char.is_whitespace();
        let begins_byte = high.is_none();
        let marks = |next: Option<&(usize, char)>| matches!(next, Some((_, 'x' | 'X')));
        match char {
            '0' | '\\' if begins_byte && marks(chars.peek()) => _ = chars.next(),
            _ if line_ended => {}
            _ if begins_byte && is_between(char) => {}
            _ => {
                let digit = char.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let Some(digit) = digit else {
                    return Err(harmless!("character {} is not a hexadecimal digit", at + 1));
                };
                digits += 1;
                match high.take() {
                    None => high = Some(digit),
                    Some(high) => bytes.push(high << 4 | digit),
                }
            }
        }
    }
    match high {
        None => Ok(bytes),
        Some(_) => Err(harmless!("odd number of hexadecimal digits ({})", digits)),
    }
}

fn is_between(char: char) -> bool {
    char.is_whitespace() || ":,.;-_{}[]\"'\u{feff}\0".contains(char)
}

/// Replaces the console's own lines by spaces, so that characters keep their positions.
fn without_console(text: &str) -> Cow<'_, str> {
    const COMMANDS: &[&str] = &["dataset ", "networkkey", "ot-ctl"];
    let is_of_console = |line: &str| {
        let line = line.trim();
        let prompts = line.starts_with(['>', '$', '#']) || line.contains("> ");
        line == "Done" || prompts || COMMANDS.iter().any(|one| line.contains(one))
    };
    if !text.lines().any(is_of_console) {
        return text.into();
    }
    let blank = |line: &str| if is_of_console(line) { blanks(line) } else { line.to_owned() };
    text.split_inclusive('\n').map(blank).collect::<String>().into()
}

/// Replaces all of a line by spaces, except digits at its end, which come after a prompt or in a
/// command.
fn blanks(line: &str) -> String {
    let end = &line[line.trim_end().len()..];
    let word = line.split_whitespace().last().unwrap_or_default();
    let is_hex = word.len() > 3 && word.chars().all(|one| one.is_ascii_hexdigit());
    let kept = if is_hex { word.to_owned() + end } else { String::new() };
    let gone = line.chars().count() - kept.chars().count();
    // A line end is replaced, too.
    " ".repeat(gone) + &kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_taken_as_it_is_found() {
        for text in [
            "0a0b",
            "0A 0B",
            "0a:0b\n",
            "{0x0a, 0x0b}",
            "\\x0a\\x0b",
            "0a-0b",
            "0x0a0b",
            " 0a0b ",
            "hex:0a0b",
            " HEX:0a 0b",
            "0a0\r\n  b",
            "0a.0b",
            "\"0a0b\"",
            "\u{feff}0a0b\r\n",
            "> dataset active -x\r\n0a0b\r\nDone\r\n> ",
            "sudo ot-ctl dataset active -x\n0a0b\nDone",
            "> 0a0b\nDone",
            "> dataset set active 0a0b\r\nDone",
            "tlv: 0a0b",
            "user@otbr:~$ \n0a0b",
            "b'\\x0a\\x0b'",
        ] {
            let read = from_hex(text).map(|bytes| bytes.to_vec());
            if text.starts_with("b'") || text.starts_with("user") {
                assert!(read.is_err(), "{text}");
            } else {
                assert_eq!(read, Ok(vec![10, 11]), "{text}");
            }
        }
        for (text, error) in [
            ("0a0g", "character 4 is not a hexadecimal digit"),
            ("0a 0 b", "character 5 is not a hexadecimal digit"),
            ("hex:0a0g", "character 8 is not a hexadecimal digit"),
            ("0a0", "odd number of hexadecimal digits (3)"),
            ("Done\n0g", "character 7 is not a hexadecimal digit"),
        ] {
            let told = from_hex(text).expect_err(text);
            assert_eq!(told.as_str(), error, "{text}");
        }
    }
}
