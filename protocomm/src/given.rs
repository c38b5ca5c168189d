//! Text that came from outside, and text that may be shown.
//!
//! A table cell, a label, a URL or a word on a command line may hold a secret even where none
//! belongs: columns shift, flags get mixed up. Such text is [`Given`], which can't become part of a
//! message. Messages are made of [`Harmless`] text: literals, numbers, names from our own lists,
//! and text that somebody decided may be shown, with the reason. To find every such decision,
//! search for `.harmless(` and `Harmless::decided(`.

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::{String, ToString},
};
use core::{convert::Infallible, error::Error, fmt, str::FromStr};

use zeroize::Zeroizing;

use crate::{
    network::InvalidNetwork,
    secret::{Password, ProofOfPossession},
    thread::InvalidDataset,
};

/// Text from outside, which may contain a secret. It has no `Display` and no `Serialize`, its
/// `Debug` is redacted, and it is wiped on drop.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Given(Zeroizing<String>);

impl Given {
    /// The text, for code that parses it. Do not put it into messages.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text for messages. `_why` documents why it may be shown.
    pub fn harmless(&self, _why: &'static str) -> Harmless {
        Harmless(Cow::Owned(self.0.as_str().to_owned()))
    }

    /// The text for messages if it is a number of one to three digits, which is too short for a
    /// secret; otherwise `None`.
    pub fn short_number(&self) -> Option<Harmless> {
        let is_one = (1..=3).contains(&self.0.len()) && self.0.bytes().all(|b| b.is_ascii_digit());
        is_one.then(|| self.harmless("three digits are no secret"))
    }

    /// A message that says what would be `right` instead of this text. A short number is named in
    /// it.
    pub fn refused(&self, right: &'static str) -> Harmless {
        match self.short_number() {
            Some(number) => crate::harmless!("{}: {}", number, right),
            None => right.into(),
        }
    }
}

impl From<Zeroizing<String>> for Given {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl From<String> for Given {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Given {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl From<Given> for Zeroizing<String> {
    fn from(given: Given) -> Self {
        given.0
    }
}

impl From<Given> for ProofOfPossession {
    fn from(given: Given) -> Self {
        given.0.into()
    }
}

impl From<Given> for Password {
    fn from(given: Given) -> Self {
        given.0.into()
    }
}

impl FromStr for Given {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given([redacted])")
    }
}

/// Text for messages, which contains no secret. Made by [`harmless!`](crate::harmless), from a
/// literal, or by a decision ([`Given::harmless`], [`Harmless::decided`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harmless(Cow<'static, str>);

impl Harmless {
    /// Takes text that may be shown. `_why` documents the reason.
    pub fn decided(text: impl fmt::Display, _why: &'static str) -> Self {
        Self(Cow::Owned(text.to_string()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[doc(hidden)]
    pub fn of(parts: fmt::Arguments<'_>) -> Self {
        Self(parts.as_str().map_or_else(|| Cow::Owned(format!("{parts}")), Cow::Borrowed))
    }
}

impl From<&'static str> for Harmless {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<Harmless> for String {
    fn from(text: Harmless) -> Self {
        text.0.into_owned()
    }
}

impl From<InvalidNetwork> for Harmless {
    fn from(error: InvalidNetwork) -> Self {
        Self::decided(error, "it has lengths only")
    }
}

impl From<InvalidDataset> for Harmless {
    fn from(error: InvalidDataset) -> Self {
        Self::decided(error, "it has numbers only, none of the key")
    }
}

impl fmt::Display for Harmless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Error for Harmless {}

/// A type that [`harmless!`](crate::harmless) takes, because its text can't come from outside.
pub trait IsHarmless: fmt::Display {}

impl IsHarmless for Harmless {}
impl IsHarmless for &'static str {}
impl IsHarmless for char {}

macro_rules! numbers {
    ($($number:ty)*) => { $(impl IsHarmless for $number {})* };
}

numbers!(u8 u16 u32 u64 usize i32 i64);

#[doc(hidden)]
pub fn checked<T: IsHarmless>(part: &T) -> &T {
    part
}

/// Makes a [`Harmless`] as `format!` does, from parts that are [`IsHarmless`]. It can't capture
/// variables by name, because they would not be checked.
///
/// ```
/// let fields = 3;
/// assert_eq!(protocomm::harmless!("{} fields", fields).as_str(), "3 fields");
/// ```
///
/// ```compile_fail
/// let cell = protocomm::Given::from("hunter2");
/// protocomm::harmless!("{}: not a number", cell);
/// ```
///
/// ```compile_fail
/// let cell = String::from("hunter2");
/// protocomm::harmless!("{}: not a number", cell);
/// ```
///
/// ```compile_fail
/// let cell = String::from("hunter2");
/// protocomm::harmless!("{cell}: not a number");
/// ```
#[macro_export]
macro_rules! harmless {
    ($text:literal $(, $part:expr)* $(,)?) => {
        $crate::Harmless::of(::core::format_args!(
            ::core::concat!($text) $(, $crate::checked(&$part))*
        ))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_shows_only_by_decision() {
        let given = Given::from("hunter2-hunter2");
        assert_eq!(format!("{given:?}{:#?}", Some(&given)).matches("hunter").count(), 0);
        assert_eq!(given.short_number(), None);
        assert_eq!(Given::from("123").short_number(), Some(harmless!("{}", 123)));
        assert_eq!(Given::from("12a").short_number(), None);
        assert_eq!(given.harmless("a test").as_str(), "hunter2-hunter2");
        assert_eq!(String::from(given.harmless("a test")), "hunter2-hunter2");
    }

    #[test]
    fn what_was_given_is_what_comes_of_it() {
        let wiped = Given::from(Zeroizing::new("hunter2".to_owned()));
        assert_eq!("hunter2".parse::<Given>(), Ok(wiped.clone()));
        assert_eq!(wiped.expose(), "hunter2");
    }
}
