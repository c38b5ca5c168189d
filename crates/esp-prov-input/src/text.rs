//! Text as other programs write it: with or without a byte order mark, in UTF-8 or UTF-16.

use std::ops::Deref;

use protocomm::{Harmless, harmless};
use zeroize::Zeroizing;

/// The bytes are not valid text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotText {
    /// The line of the first invalid byte, counted from 1.
    pub line: usize,
}

/// Bytes that are UTF-8 if they are text.
#[derive(Debug)]
pub enum Utf8<'a> {
    /// The bytes as given, without a byte order mark.
    AsGiven(&'a [u8]),
    /// Converted from UTF-16.
    Recoded(Zeroizing<Vec<u8>>),
}

impl Deref for Utf8<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::AsGiven(bytes) => bytes,
            Self::Recoded(bytes) => bytes,
        }
    }
}

/// Converts UTF-16 to UTF-8, and leaves out a byte order mark. UTF-16 is recognised by its mark, or
/// by the zero byte of its first character, since no text begins with a NUL. Bytes that are neither
/// encoding are returned unchanged.
pub fn to_utf8(bytes: &[u8]) -> Utf8<'_> {
    let (units, is_little_endian) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return Utf8::AsGiven(rest),
        [0xff, 0xfe, rest @ ..] => (rest, true),
        [0xfe, 0xff, rest @ ..] => (rest, false),
        [1..=0x7f, 0, ..] => (bytes, true),
        [0, 1..=0x7f, ..] => (bytes, false),
        _ => return Utf8::AsGiven(bytes),
    };
    let unit = if is_little_endian { u16::from_le_bytes } else { u16::from_be_bytes };
    let (pairs, odd) = units.as_chunks::<2>();
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 3 / 2));
    for char in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let Ok(char) = char else { return Utf8::AsGiven(bytes) };
        text.push(char);
    }
    if odd.is_empty() {
        Utf8::Recoded(Zeroizing::new(std::mem::take(&mut *text).into_bytes()))
    } else {
        Utf8::AsGiven(bytes)
    }
}

/// Decodes the text of a file or a pipe, in UTF-8 or UTF-16.
///
/// # Errors
/// [`NotText`], with the line of the first invalid byte.
pub fn decode(bytes: &[u8]) -> Result<Zeroizing<String>, NotText> {
    let bytes = to_utf8(bytes);
    let text = std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned()));
    text.map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        NotText { line: lines_in(before) + 1 }
    })
}

/// The number of line ends: LF, CR LF or CR.
pub fn lines_in(bytes: &[u8]) -> usize {
    let mut before = 0;
    let ends = bytes.iter().filter(|&&byte| {
        let ends = byte == b'\r' || byte == b'\n' && before != b'\r';
        before = byte;
        ends
    });
    ends.count()
}

/// A secret that has a file, a pipe or a variable to itself: without a byte order mark before it,
/// and without line ends and zero bytes after it.
pub fn alone(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\r', '\n', '\0'])
}

/// Refuses control characters, which nobody means in a name or a secret. White space at the ends
/// may be meant and is accepted; see [`has_blank_ends`].
///
/// # Errors
/// The control character and where it usually comes from, but nothing else of the text.
pub fn typed(text: &str) -> Result<(), Harmless> {
    let Some(found) = text.chars().find(|one| one.is_control()) else { return Ok(()) };
    Err(match found {
        '\n' | '\u{85}' => {
            "contains a line break, as a file or a cell of several lines does; give one line".into()
        }
        '\r' => "contains a carriage return, as line ends of Windows do; remove it".into(),
        '\t' => "contains a tab, as text copied from a table or a console does; remove it".into(),
        '\0' => {
            "contains a NUL, as padding does, or UTF-16 that is read as UTF-8; remove it".into()
        }
        '\x1b' => {
            "contains an escape character, as arrow keys and copied colours do; remove it".into()
        }
        '\x08' | '\x7f' => {
            "contains a backspace, as a prompt that does not know the key records; remove it".into()
        }
        '\u{80}'..='\u{9f}' => harmless!(
            "contains the control character U+{:04X}, as text in another encoding does; save it as \
             UTF-8",
            u32::from(found)
        ),
        _ => harmless!("contains the control character U+{:04X}; remove it", u32::from(found)),
    })
}

/// Whether a text begins or ends with white space or an invisible character, such as an editor,
/// `echo` or copying may leave.
pub fn has_blank_ends(text: &str) -> bool {
    let is_unseen = |one: char| {
        one.is_whitespace() || matches!(one, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    text.starts_with(is_unseen) || text.ends_with(is_unseen)
}

/// Whether a word means yes (`true`) or no (`false`); `None` if it means neither.
pub fn yes_or_no(word: &str) -> Option<bool> {
    // These include what spreadsheets write for true and false in other languages.
    const YES: &[&str] = &[
        "yes",
        "y",
        "true",
        "t",
        "1",
        "on",
        "x",
        "ja",
        "wahr",
        "oui",
        "vrai",
        "sí",
        "si",
        "verdadero",
        "vero",
        "sim",
        "verdadeiro",
        "waar",
        "prawda",
        "sant",
        "истина",
        "是",
    ];
    const NO: &[&str] = &[
        "no", "n", "false", "f", "0", "off", "nein", "falsch", "non", "faux", "falso", "não",
        "nee", "onwaar", "fałsz", "falskt", "ложь", "否",
    ];
    let word = word.trim().to_lowercase();
    if YES.contains(&word.as_str()) {
        Some(true)
    } else {
        NO.contains(&word.as_str()).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some(0xfeff);
        mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn text_is_read_whatever_wrote_it() {
        let text = "id\tna\u{ef}ve 🗝\r\n";
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            utf16(text, true, u16::to_le_bytes),
            utf16(text, true, u16::to_be_bytes),
            utf16(text, false, u16::to_le_bytes),
            utf16(text, false, u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes).expect("text").as_str(), text);
        }
        for (bytes, line) in [
            (&b"a\r\nb\xfcro\n"[..], 2),
            (b"a\rb\nc\xff", 3),
            (b"\xff\xfea", 1),
            (b"\xff\xfe\x00\xd8", 1),
        ] {
            assert_eq!(decode(bytes).err(), Some(NotText { line }));
        }
        assert_eq!(decode(b"").expect("none").as_str(), "");
    }

    #[test]
    fn words_for_yes_and_no_are_known_in_any_case() {
        for (word, meant) in
            [("TRUE", true), ("Wahr", true), (" y ", true), ("FAUX", false), ("0", false)]
        {
            assert_eq!(yes_or_no(word), Some(meant), "{word}");
        }
        assert_eq!((yes_or_no("maybe"), yes_or_no("")), (None, None));
    }

    #[test]
    fn what_nobody_types_is_named_and_nothing_else() {
        for (text, named) in [
            ("hunter2\nhunter3", "a line break"),
            ("hunter2\u{85}", "a line break"),
            ("hunter2\r", "a carriage return"),
            ("\thunter2", "a tab"),
            ("hun\0ter2", "a NUL"),
            ("hunter2\x1b[D", "an escape character"),
            ("hunter2\x7f", "a backspace"),
            ("hunter2\u{92}", "U+0092, as text in another encoding"),
            ("hunter2\x07", "U+0007"),
        ] {
            let error = typed(text).expect_err("a control character").to_string();
            assert!(error.contains(named) && !error.contains("hun"), "{error}");
        }
        for text in ["", " a b ", "Zo\u{eb}\u{2019}s \u{1f511}", "\u{a0}\u{200b}"] {
            assert_eq!(typed(text), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn a_blank_at_an_end_is_seen() {
        for (text, ends) in [
            ("a ", true),
            ("a\u{a0}", true),
            ("a\u{200b}", true),
            (" a", true),
            ("a b", false),
            ("", false),
        ] {
            assert_eq!(has_blank_ends(text), ends, "{text:?}");
        }
    }

    #[test]
    fn what_ends_a_file_is_no_part_of_its_secret() {
        assert_eq!(alone("\u{feff}a b \r\n\r\n\0"), "a b ");
        assert_eq!(alone("a\nb"), "a\nb");
    }
}
