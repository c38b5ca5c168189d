//! What a line of a roster can have, by its names.

use std::{env, fmt, path::Path};

use zeroize::Zeroizing;

use super::flaw::Place;
use crate::files;

/// A field's text; wiped, as it can be a secret.
pub(crate) type Text = Zeroizing<String>;

macro_rules! fields {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal;)*) => {
        /// A column of CSV, a member of JSON, a default of a job.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[doc = $doc])* $name,)*
        }

        impl Field {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What it is called.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

fields! {
    /// What the device is called, here and in the ledger.
    Id = "id";
    /// `http://HOST`, `ble:NAME` or `console:PORT`.
    Address = "address";
    /// The machine's Bluetooth adapter.
    Adapter = "adapter";
    /// 0, 1 or 2.
    Security = "security";
    /// Proof of possession, for security 1.
    Pop = "pop";
    /// For security 2.
    Username = "username";
    /// For security 2.
    Password = "password";
    /// Name of the Wi-Fi network.
    Ssid = "ssid";
    /// The same in hexadecimal, where it is no text.
    SsidHex = "ssid-hex";
    /// Of the Wi-Fi network.
    Passphrase = "passphrase";
    /// Whether the network has no passphrase: yes or no.
    Open = "open";
    /// One access point of the network.
    Bssid = "bssid";
    /// Its channel.
    Channel = "channel";
    /// Dataset of a Thread network, in hexadecimal.
    Dataset = "dataset";
    /// Text for `custom-data`.
    CustomData = "custom-data";
}

impl Field {
    /// By its name; `_` is as good as `-`.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.replace('_', "-");
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Whether it may be a reference, and must never be shown.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Pop | Self::Password | Self::Passphrase | Self::Dataset)
    }

    /// Its names, for messages.
    pub(super) fn names() -> String {
        let names: Vec<_> = Self::ALL.iter().map(|field| field.name()).collect();
        names.join(", ")
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A field as it stands in the file.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) text: Text,
    pub(super) place: Place,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value([redacted], {:?})", self.place)
    }
}

impl Value {
    pub(super) fn is_given(&self) -> bool {
        !self.text.is_empty()
    }

    /// A secret's text may be elsewhere: `env:NAME` or `file:PATH`. One that begins so itself is
    /// written `text:env:…`.
    pub(super) fn resolve(&self, field: Field, folder: &Path) -> Result<Text, String> {
        if !field.is_secret() {
            return Ok(self.text.clone());
        }
        if let Some(name) = self.text.strip_prefix("env:") {
            return match env::var(name) {
                Ok(text) if !text.is_empty() => Ok(Zeroizing::new(text)),
                Ok(_) => Err(format!("the variable {name} is empty")),
                Err(env::VarError::NotPresent) => Err(format!("the variable {name} is not set")),
                Err(env::VarError::NotUnicode(_)) => Err(format!("the variable {name}: not UTF-8")),
            };
        }
        if let Some(path) = self.text.strip_prefix("file:") {
            let path = folder.join(path);
            return match files::read_secret(&path) {
                Ok(text) if !text.is_empty() => Ok(text),
                Ok(_) => Err(format!("{} is empty", path.display())),
                Err(error) => Err(format!("{}: {error}", path.display())),
            };
        }
        let text = self.text.strip_prefix("text:").unwrap_or(&self.text);
        Ok(Zeroizing::new(text.to_owned()))
    }
}
