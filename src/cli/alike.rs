//! Network names that look the same to people but differ on the air: phones turn apostrophes into
//! typographic ones, a space at the end is not seen, and Unicode has several forms of one letter.

use std::{fmt, str};

use esp_prov::VisibleNetwork;
use unicode_normalization::UnicodeNormalization;

/// How two names that look the same differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    Blanks,
    Punctuation,
    Form,
    Case,
    Several,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blanks => "other blanks",
            Self::Punctuation => "other apostrophes, quotes or dashes",
            Self::Form => "other Unicode forms of its letters",
            Self::Case => "other letter case",
            Self::Several => "almost the same name",
        })
    }
}

/// The networks with nearly this name, in their order, each name once. None if there is one with
/// exactly this name.
pub(super) fn networks<'a>(
    wanted: &[u8],
    seen: &'a [VisibleNetwork],
) -> Vec<(&'a VisibleNetwork, Difference)> {
    let Ok(wanted) = str::from_utf8(wanted) else { return Vec::new() };
    let mut near: Vec<(&VisibleNetwork, Difference)> = Vec::new();
    for network in seen {
        let Ok(name) = str::from_utf8(&network.ssid_bytes) else { continue };
        if name == wanted {
            return Vec::new();
        }
        let is_new = near.iter().all(|(one, _)| one.ssid_bytes != network.ssid_bytes);
        if let Some(how) = difference(wanted, name).filter(|_| is_new) {
            near.push((network, how));
        }
    }
    near
}

/// How two names differ, if they are nearly the same.
pub(super) fn difference(one: &str, other: &str) -> Option<Difference> {
    let is_same = |fold: fn(&str) -> String| fold(one) == fold(other);
    // Punctuation comes first, since an accent on its own has a form with a space.
    let all = |text: &str| case(&blanks(&form(&punctuation(text))));
    if one == other || all(one).is_empty() || all(one) != all(other) {
        return None;
    }
    Some(match () {
        () if is_same(blanks) => Difference::Blanks,
        () if is_same(punctuation) => Difference::Punctuation,
        () if is_same(case) => Difference::Case,
        () if is_same(form) => Difference::Form,
        () => Difference::Several,
    })
}

/// Replaces each run of white space by one space, and removes it at the ends, as well as characters
/// that are invisible.
fn blanks(text: &str) -> String {
    const SHOW_NOTHING: [char; 5] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}'];
    let text = text.replace(SHOW_NOTHING, "");
    text.split(|char: char| char.is_whitespace() || char.is_control())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn punctuation(text: &str) -> String {
    let plain = |char| match char {
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{b4}' | '`' | '\u{2bc}' | '\u{ff07}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        char => char,
    };
    text.chars().map(plain).collect()
}

/// Composes letters with their marks, and uses the usual form of each letter.
fn form(text: &str) -> String {
    text.nfkc().collect()
}

fn case(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use esp_prov::commands::AuthMode;

    use super::*;

    #[test]
    fn names_that_look_the_same_differ_in_something_that_has_a_name() {
        for (one, other, how) in [
            ("Zach's iPhone", "Zach\u{2019}s iPhone", Some(Difference::Punctuation)),
            ("Zach`s iPhone", "Zach\u{b4}s iPhone", Some(Difference::Punctuation)),
            ("Wi-Fi", "Wi\u{2011}Fi", Some(Difference::Punctuation)),
            ("Home", "Home ", Some(Difference::Blanks)),
            ("Home Net", "Home\u{a0}Net", Some(Difference::Blanks)),
            ("Home", "Ho\u{200b}me", Some(Difference::Blanks)),
            ("CaseNet", "casenet", Some(Difference::Case)),
            ("Caf\u{e9}", "Cafe\u{301}", Some(Difference::Form)),
            ("Zach's iphone", "Zach\u{2019}s iPhone ", Some(Difference::Several)),
            ("Home", "Home", None),
            ("Home", "Home2", None),
            ("Home", "Hone", None),
            ("", " ", None),
        ] {
            assert_eq!(difference(one, other), how, "{one:?} {other:?}");
            assert_eq!(difference(other, one), how, "{other:?} {one:?}");
        }
    }

    #[test]
    fn a_network_of_exactly_this_name_is_like_no_other() {
        let network = |ssid: &str| VisibleNetwork {
            ssid: ssid.to_owned(),
            ssid_bytes: ssid.as_bytes().to_vec(),
            rssi: -50,
            channel: 6,
            bssid: None,
            auth_mode: AuthMode::WPA2_PSK,
            access_points: 1,
        };
        let seen = ["home", "Home ", "home", "Other"].map(network);
        let near: Vec<_> =
            networks(b"Home", &seen).into_iter().map(|(one, _)| &*one.ssid).collect();
        assert_eq!(near, ["home", "Home "]);
        assert!(networks(b"home", &seen).is_empty());
        assert!(networks(b"\xff", &seen).is_empty());
    }
}
