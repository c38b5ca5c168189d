//! Text that is safe to show. The name of a device, a label or a network can contain escape
//! sequences, line ends, and invisible characters that reverse the order of others. A terminal
//! obeys them, and a line ends in the wrong place. [`Shown`] is only ever made by cleaning, and
//! everything that prints takes only [`Shown`].

mod json;
mod known;

use std::{
    fmt::{self, Write},
    str,
};

use unicode_width::UnicodeWidthStr;

pub use self::{
    json::{Json, json},
    known::{keep_secret, shows_secret},
};

/// The most characters of one piece of text from outside.
const NAME: usize = 200;

/// The most characters of a line that contains such pieces, such as an error with its causes.
const LINE: usize = 2000;

/// Shown instead of a name that contains a secret.
pub const REDACTED: &str = "[redacted]";

/// The most combining marks after one character. More of them would cover the lines above and
/// below.
const MARKS: usize = 3;

/// One line of visible characters and spaces, which can't control a terminal. Other characters are
/// escaped as in Rust: `\n` or `\u{202e}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// Takes a piece of text from outside, such as a name. At most 200 characters of it are shown,
    /// and none if it [contains a secret](keep_secret).
    pub fn name(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        if shows_secret(text) { Self(REDACTED.to_owned()) } else { Self::within(text, NAME) }
    }

    /// Takes a name, and quotes it if it begins or ends with a space, which would not be seen.
    pub fn quoted_if_needed(text: &str) -> Self {
        let shown = Self::name(text);
        if shown.0.starts_with(' ') || shown.0.ends_with(' ') {
            return Self::quoted(text);
        }
        shown
    }

    /// Takes a name for a sentence, and quotes it so that its ends are seen.
    pub fn quoted(text: &str) -> Self {
        Self(format!("\"{}\"", Self::name(text)))
    }

    /// Takes a line that may contain such pieces. At most 2,000 characters of it are shown.
    pub fn line(text: impl AsRef<str>) -> Self {
        Self::within(text.as_ref(), LINE)
    }

    /// Takes a line of our own that may be long, such as bytes in hexadecimal. It is not cut.
    pub fn whole(text: impl AsRef<str>) -> Self {
        Self::within(text.as_ref(), usize::MAX)
    }

    /// Takes the lines of a text of our own. Make text from outside a [`Shown`] before you insert
    /// it, or its line ends count.
    pub fn lines(text: &str) -> Vec<Self> {
        text.lines().map(Self::whole).collect()
    }

    /// Cleans a text, and cuts it if it would have more than `most` characters.
    fn within(text: &str, most: usize) -> Self {
        let mut shown = String::with_capacity(text.len().min(most));
        let mut length = 0;
        // Where to cut if necessary, with room for a note that something is missing.
        let (mut cut, mut read_at_cut) = (0, 0);
        let room = most.saturating_sub(MORE);
        let mut before = Before::default();
        for (at, char) in text.char_indices() {
            let start = shown.len();
            if before.shows(char) {
                shown.push(char);
                length += 1;
            } else {
                let escaped = char.escape_default();
                length += escaped.len();
                shown.extend(escaped);
            }
            if length > most {
                shown.truncate(cut);
                let _ = write!(shown, "… ({} bytes more)", text.len() - read_at_cut);
                break;
            }
            if length <= room {
                (cut, read_at_cut) = (shown.len(), at + char.len_utf8());
            }
            debug_assert!(start < shown.len(), "every character is shown somehow");
        }
        Self(shown)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The width in columns of a terminal.
    pub fn width(&self) -> usize {
        self.0.width()
    }

    /// Cuts the text to this many columns of a terminal. A text that is cut ends in `…`.
    #[must_use]
    pub fn cut(mut self, columns: usize) -> Self {
        if self.width() <= columns {
            return self;
        }
        let room = columns.saturating_sub(1);
        // Combining marks stay with their base character.
        let fits = |&(at, char): &(usize, char)| self.0[..at + char.len_utf8()].width() <= room;
        let end = self.0.char_indices().take_while(fits).last();
        self.0.truncate(end.map_or(0, |(at, char)| at + char.len_utf8()));
        self.0.extend((columns > 0).then_some('…'));
        self
    }
}

/// Longer than "… (N bytes more)" can get.
const MORE: usize = 40;

impl From<&'static str> for Shown {
    /// Takes a literal, which is cleaned all the same.
    fn from(text: &'static str) -> Self {
        Self::whole(text)
    }
}

/// Pads to columns of a terminal, not to characters.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)?;
        let missing = f.width().map_or(0, |width| width.saturating_sub(self.width()));
        (0..missing).try_for_each(|_| f.write_char(' '))
    }
}

/// What comes before a character, as far as it decides whether the character is shown unchanged.
#[derive(Default)]
struct Before {
    /// A character that can carry a combining mark.
    base: Option<char>,
    marks: usize,
}

impl Before {
    /// Whether a character is shown unchanged.
    fn shows(&mut self, char: char) -> bool {
        if char == EMOJI {
            // Makes the symbol before it colourful. Anywhere else it is invisible.
            return self.base.take().is_some_and(|base| !base.is_ascii());
        }
        if is_mark(char) {
            self.marks += 1;
            return self.base.is_some() && self.marks <= MARKS && has_picture(char);
        }
        let shown = has_picture(char);
        *self = Self { base: Some(char).filter(|char| shown && *char != ' '), marks: 0 };
        shown
    }
}

/// The variation selector that turns the symbol before it into an emoji.
const EMOJI: char = '\u{fe0f}';

/// Whether a character is a combining mark.
fn is_mark(char: char) -> bool {
    // Rust escapes a mark that stands alone, but not one after another character.
    !char.is_ascii() && stands_behind_another(char) && char.escape_debug().len() > 1
}

/// Whether a character is visible, or an ordinary space. Control, format, private and unassigned
/// characters are not, nor are other kinds of space.
pub fn has_picture(char: char) -> bool {
    match char {
        ' '..='~' => true,
        // Fillers, joiners and selectors: letters, marks and symbols by class, but invisible.
        '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0000}'..='\u{e0fff}' => false,
        char if char.is_ascii() => false,
        char => stands_behind_another(char),
    }
}

/// Whether a character after another one is shown unchanged. The standard library knows which
/// characters can be printed, and does not escape a mark after another character.
fn stands_behind_another(char: char) -> bool {
    let mut bytes = [b'a'; 5];
    let end = 1 + char.encode_utf8(&mut bytes[1..]).len();
    let text = str::from_utf8(&bytes[..end]).unwrap_or_default();
    text.escape_debug().count() == 2
}

/// Checks what must hold for any text, for tests and fuzzing.
///
/// # Panics
/// If it does not hold.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub fn check(text: &str) {
    for most in [NAME, LINE, usize::MAX] {
        let show = |text: &str| Shown::within(text, most);
        let shown = show(text);
        let has_picture = |char| has_picture(char) || char == EMOJI;
        assert!(shown.as_str().chars().all(has_picture), "{text:?}: {shown:?}");
        assert!(shown.as_str().chars().count() <= most, "{text:?}: {shown:?}");
        assert_eq!(show(shown.as_str()), shown, "{text:?}");
        assert!(shown == Shown::whole(text) || shown.as_str().ends_with(" bytes more)"));
    }
    let line = json(&text);
    assert!(line.strip_suffix('\n').is_some_and(|line| line.chars().all(has_picture)));
    let said: String = serde_json::from_str(&line).unwrap_or_default();
    assert!(said == text || said.ends_with(" bytes more)"), "{text:?}: {said:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_shown_safely() {
        let mut random = fastrand::Rng::with_seed(14);
        let pieces =
            ["\u{301}", "\u{fe0f}", "\\", "\"", "…", "\x1b[", "\n", " ", "東", "\u{1f468}"];
        for _ in 0..2_000 {
            let most = if random.u8(..) == 0 { 9000 } else { 300 };
            let length = random.usize(..most);
            let mut text = String::new();
            while text.len() < length {
                match random.u8(0..4) {
                    0 => text.push_str(pieces[random.usize(..pieces.len())]),
                    1 => text.push(random.char('\0'..'\u{300}')),
                    2 => text.push(random.char(..)),
                    _ => text.push(random.alphanumeric()),
                }
            }
            check(&text);
        }
        let chars = ('\0'..'\u{32400}').chain('\u{dff80}'..'\u{e1000}').collect::<Vec<_>>();
        chars.chunks(32).for_each(|chars| check(&chars.iter().collect::<String>()));
    }

    #[test]
    fn what_has_no_picture_is_written_out() {
        for (text, shown) in [
            ("Home", "Home"),
            ("Café Zürich 東京 Дом", "Café Zürich 東京 Дом"),
            ("cafe\u{301}", "cafe\u{301}"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
            ("a\u{fe0f}", "a\\u{fe0f}"),
            ("❤\u{fe0f}\u{fe0f}", "❤\u{fe0f}\\u{fe0f}"),
            ("a\\\"'", "a\\\"'"),
            ("\x1b]52;c;aGk=\x07", "\\u{1b}]52;c;aGk=\\u{7}"),
            ("a\rb\nc\td\x08\0\x7f", "a\\rb\\nc\\td\\u{8}\\u{0}\\u{7f}"),
            ("\u{85}\u{9b}31m", "\\u{85}\\u{9b}31m"),
            ("\u{202e}\u{2066}\u{200b}\u{200d}", "\\u{202e}\\u{2066}\\u{200b}\\u{200d}"),
            ("\u{2028}\u{2029}\u{ad}\u{feff}", "\\u{2028}\\u{2029}\\u{ad}\\u{feff}"),
            ("\u{e0041}\u{e0101}\u{3164}", "\\u{e0041}\\u{e0101}\\u{3164}"),
            ("\u{e000}\u{ffff}\u{378}\u{a0}", "\\u{e000}\\u{ffff}\\u{378}\\u{a0}"),
            ("\u{301}a", "\\u{301}a"),
            ("a \u{301}", "a \\u{301}"),
            ("a\u{300}\u{301}\u{302}\u{303}", "a\u{300}\u{301}\u{302}\\u{303}"),
        ] {
            assert_eq!(Shown::name(text).as_str(), shown, "{text:?}");
        }
    }

    #[test]
    fn what_is_long_is_cut_and_says_so() {
        let exact = "x".repeat(NAME);
        assert_eq!(Shown::name(&exact).as_str(), exact);
        let long = "ü".repeat(32 << 10);
        let shown = Shown::name(&long);
        assert_eq!(shown.as_str().chars().filter(|char| *char == 'ü').count(), NAME - MORE);
        let more = format!("… ({} bytes more)", 2 * ((32 << 10) - (NAME - MORE)));
        assert!(shown.as_str().ends_with(&more), "{shown}");
        assert_eq!(Shown::whole(&long).as_str(), long);
    }

    #[test]
    fn outer_blanks_are_seen() {
        assert_eq!(Shown::quoted_if_needed("Home").as_str(), "Home");
        assert_eq!(Shown::quoted_if_needed(" Home").as_str(), "\" Home\"");
        assert_eq!(Shown::quoted_if_needed("My Home ").as_str(), "\"My Home \"");
    }

    #[test]
    fn columns_are_those_of_a_terminal() {
        assert_eq!(format!("{:6}|", Shown::name("東京")), "東京  |");
        assert_eq!(format!("{:6}|", Shown::name("cafe\u{301}")), "cafe\u{301}  |");
        assert_eq!(format!("{:2}|", Shown::name("long")), "long|");
    }
}
