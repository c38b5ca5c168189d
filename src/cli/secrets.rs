//! Reads secrets from a flag, a file, the environment or a prompt, in this order.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use esp_prov::{Observer, Stage, Warning, shown::keep_secret, warn};
use esp_prov_input::{
    environment::{NotUtf8, SecretVariable},
    files, from_hex, text,
};
use protocomm::{Given, Harmless, InvalidDataset, NetworkKey, harmless};

use super::{Failure, options::SecretArg};

/// Where a secret may come from.
pub(super) struct Sources<'a> {
    /// The flag's name, for messages.
    pub(super) flag: &'static str,
    /// Its value.
    pub(super) value: Option<&'a SecretArg>,
    /// The file given instead.
    pub(super) file: Option<&'a Path>,
    /// What to do if an empty value is intended.
    pub(super) if_none_is_meant: &'static str,
    /// The environment variable; empty counts as not set.
    pub(super) variable: SecretVariable,
}

/// A secret and where it came from.
pub(super) struct Found {
    pub(super) text: Given,
    pub(super) origin: Origin,
}

/// The warning about white space that may not be meant.
pub(super) const BLANK_ENDS: &str = "begins or ends with a blank, which is kept";

/// How to report input that may not be meant.
#[derive(Clone, Copy)]
pub(super) struct Doubts<'a> {
    pub(super) observer: &'a dyn Observer,
    pub(super) deny_warnings: bool,
}

impl Found {
    /// Checks a secret that people type. Those in hexadecimal have other rules.
    pub(super) fn typed(self, stage: Stage, doubts: Doubts<'_>) -> Result<Self, Failure> {
        doubts.typed(stage, &self.origin, self.text.expose())?;
        Ok(self)
    }
}

impl Doubts<'_> {
    /// Refuses control characters in typed text, and warns about white space at its ends.
    pub(super) fn typed(
        self,
        stage: Stage,
        origin: impl fmt::Display,
        text: &str,
    ) -> Result<(), Failure> {
        text::typed(text).map_err(|error| Failure::input(format!("{origin}: {error}")))?;
        self.blanks(stage, origin, text)
    }

    /// Warns about white space at the ends, which is kept but seldom meant. Copied text and
    /// variables have it as easily as files.
    pub(super) fn blanks(
        self,
        stage: Stage,
        origin: impl fmt::Display,
        text: &str,
    ) -> Result<(), Failure> {
        if text::has_blank_ends(text) {
            let warning = Warning::DoubtfulInput {
                origin: origin.to_string(),
                line: None,
                column: None,
                doubt: BLANK_ENDS.to_owned(),
            };
            warn(self.observer, self.deny_warnings, stage, warning)?;
        }
        Ok(())
    }
}

/// Where a secret came from. Flags of the command line override the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Flag(&'static str),
    File(&'static str, PathBuf),
    Variable(&'static str),
}

impl Origin {
    /// Whether it came from the environment, where it may have been set for something else.
    pub(super) fn is_variable(&self) -> bool {
        matches!(self, Self::Variable(_))
    }

    /// Makes an error that says where the secret came from and what is wrong with it.
    pub(super) fn complain(&self, error: impl fmt::Display) -> Failure {
        Failure::input(format!("{self}: {error}"))
    }
}

impl From<&Origin> for Harmless {
    fn from(origin: &Origin) -> Self {
        match origin {
            Origin::Flag(flag) => harmless!("--{}", *flag),
            Origin::File(flag, path) => harmless!("--{}-file {}", *flag, files::named(path)),
            Origin::Variable(name) => (*name).into(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Harmless::from(self).fmt(f)
    }
}

impl Sources<'_> {
    pub(super) fn read(&self) -> Result<Option<Found>, Failure> {
        let found = self.find()?;
        if let Some(found) = &found {
            keep_secret(found.text.expose());
        }
        Ok(found)
    }

    fn find(&self) -> Result<Option<Found>, Failure> {
        if let Some(secret) = self.value {
            let origin = Origin::Flag(self.flag);
            return Ok(Some(Found { text: secret.clone(), origin }));
        }
        if let Some(path) = self.file {
            let origin = Origin::File(self.flag, path.to_owned());
            let text = files::read_secret(path).map_err(|error| origin.complain(error))?;
            if text.is_empty() {
                // An empty value is more likely a mistake than intended.
                return Err(origin.complain(format!("is empty; {}", self.if_none_is_meant)));
            }
            return Ok(Some(Found { text: text.into(), origin }));
        }
        let origin = Origin::Variable(self.variable.name());
        match self.variable.read() {
            Ok(found) => Ok(found.map(|text| Found { text, origin })),
            Err(NotUtf8) => Err(origin.complain("not UTF-8")),
        }
    }
}

/// Reads a network key of 32 hexadecimal digits.
pub(super) fn network_key(text: &str) -> Result<NetworkKey, Harmless> {
    let key = from_hex(text)?;
    NetworkKey::new(key).map_err(|error| match error {
        InvalidDataset::Length { got, .. } => {
            harmless!("a network key has 16 bytes (32 hexadecimal digits), this one has {}", got)
        }
        other => other.into(),
    })
}
