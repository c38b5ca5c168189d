//! The fields of a roster line and their names.

use std::{borrow::Cow, env, fmt, path::Path};

use esp_prov_input::{files, spelling, text};
use protocomm::{Given, Harmless, IsHarmless, harmless};

use super::error::RosterPosition;

macro_rules! fields {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal;)*) => {
        /// A field of a roster: a CSV column, a JSON member or a default of a job.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[doc = $doc])* $name,)*
        }

        impl Field {
            /// All fields.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The field's name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

fields! {
    /// The device's id, in the roster and in the ledger.
    Id = "id";
    /// The device's address: `http://HOST`, `softap:NAME`, `ble:NAME` or `console:PORT`.
    Address = "address";
    /// The Bluetooth adapter of this machine to use.
    Adapter = "adapter";
    /// The security scheme: 0, 1 or 2.
    Security = "security";
    /// The proof of possession, for security 1.
    Pop = "pop";
    /// The user name, for security 2.
    Username = "username";
    /// The password, for security 2.
    Password = "password";
    /// The passphrase of the device's own access point.
    SoftapPassphrase = "softap-passphrase";
    /// The name of the Wi-Fi network.
    Ssid = "ssid";
    /// The name of the Wi-Fi network in hexadecimal, if it is not valid text.
    SsidHex = "ssid-hex";
    /// The passphrase of the Wi-Fi network.
    Passphrase = "passphrase";
    /// Whether the network has no passphrase: yes or no.
    Open = "open";
    /// The BSSID of one access point of the network.
    Bssid = "bssid";
    /// The channel of the network.
    Channel = "channel";
    /// The dataset of a Thread network, in hexadecimal.
    Dataset = "dataset";
    /// The text for the endpoint `custom-data`.
    CustomData = "custom-data";
}

impl Field {
    /// Finds a field by its name. `_` and a blank are equivalent to `-`, and case is ignored.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().replace(['_', ' '], "-").to_ascii_lowercase();
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Finds the field with the most similar name, to suggest it.
    pub(super) fn like(name: &str) -> Option<Self> {
        let name = name.replace(['_', ' '], "-").to_lowercase();
        spelling::nearest(&name, Self::ALL.iter().map(|field| field.name()))
            .and_then(Self::from_name)
    }

    /// Whether the field holds a secret, which is never shown and may be a reference (`env:NAME` or
    /// `file:PATH`).
    pub fn is_secret(self) -> bool {
        matches!(
            self,
            Self::Pop | Self::Password | Self::SoftapPassphrase | Self::Passphrase | Self::Dataset
        )
    }

    /// The text as written in a roster. A secret that would be read as a reference or a spreadsheet
    /// formula gets the prefix `text:`.
    pub(super) fn literal(self, text: &Given) -> Cow<'_, str> {
        let text = text.expose();
        let is_reference =
            ["env:", "file:", "text:", "=\""].iter().any(|one| text.starts_with(one));
        if self.is_secret() && is_reference { format!("text:{text}").into() } else { text.into() }
    }

    /// All field names, for messages.
    pub(super) fn names() -> Harmless {
        let names: Vec<_> = Self::ALL.iter().map(|field| field.name()).collect();
        Harmless::decided(names.join(", "), "our own names")
    }
}

impl IsHarmless for Field {}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A field's value as written in the file.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: Given,
    pub(super) position: RosterPosition,
}

impl Value {
    pub(super) fn is_given(&self) -> bool {
        !self.text.is_empty()
    }

    /// The environment variable that holds the text of a secret.
    pub(super) fn variable(&self, field: Field) -> Option<&str> {
        self.text.expose().strip_prefix("env:").filter(|_| field.is_secret())
    }

    /// The file that holds the text of a secret.
    fn path(&self, field: Field) -> Option<&str> {
        self.text.expose().strip_prefix("file:").filter(|_| field.is_secret())
    }

    /// Whether the text of a secret is in a separate file.
    pub(super) fn is_in_file(&self, field: Field) -> bool {
        self.path(field).is_some()
    }

    /// Returns the text, which for a secret may be in the environment (`env:NAME`) or in a file
    /// (`file:PATH`). A secret that itself begins like a reference is written `text:env:…`.
    pub(super) fn resolve(&self, field: Field, folder: &Path) -> Result<Given, Harmless> {
        let text = self.text.expose();
        if !field.is_secret() {
            return Ok(self.text.clone());
        }
        if let Some(name) = self.variable(field) {
            let told = variable(name);
            return match env::var(name) {
                Ok(text) => match text::alone(&text) {
                    "" => Err(harmless!("{} is empty", told)),
                    text => Ok(text.into()),
                },
                Err(env::VarError::NotPresent) => Err(harmless!("{} is not set", told)),
                Err(env::VarError::NotUnicode(_)) => Err(harmless!("{}: not UTF-8", told)),
            };
        }
        if let Some(path) = self.path(field) {
            let named = files::named_in(folder, Path::new(path));
            return match files::read_secret(&folder.join(path)) {
                Ok(text) if !text.is_empty() => Ok(text.into()),
                Ok(_) => Err(harmless!("{} is empty", named)),
                Err(error) => Err(harmless!("{}: {}", named, error.harmless())),
            };
        }
        Ok(text.strip_prefix("text:").unwrap_or(text).into())
    }
}

/// Describes a variable, for messages. Only a name that looks like a variable's is shown: anything
/// else may be a secret that begins with `env:`.
fn variable(name: &str) -> Harmless {
    let is_one = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit());
    if is_one {
        harmless!("the variable {}", Given::from(name).harmless("spelled as variables are"))
    } else {
        "the variable (name hidden, it may be a secret)".into()
    }
}
