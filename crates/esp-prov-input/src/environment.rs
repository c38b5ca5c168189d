//! Secrets in the environment: one list, for who reads them and for who must not get them.

use std::env;

use protocomm::Given;
use zeroize::Zeroizing;

use crate::text;

/// A variable that may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretVariable {
    /// The proof of possession, for security 1.
    Pop,
    /// The password of security 2.
    Sec2Password,
    /// Of a Wi-Fi network.
    Passphrase,
    /// Of a Thread network.
    Dataset,
    /// Of a Thread network, alone.
    NetworkKey,
    /// Of a ledger, as PostgreSQL's own programs take it.
    LedgerPassword,
}

impl SecretVariable {
    /// Each of them.
    pub const ALL: [Self; 6] = [
        Self::Pop,
        Self::Sec2Password,
        Self::Passphrase,
        Self::Dataset,
        Self::NetworkKey,
        Self::LedgerPassword,
    ];

    /// As it is set.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pop => "ESP_PROV_POP",
            Self::Sec2Password => "ESP_PROV_SEC2_PWD",
            Self::Passphrase => "ESP_PROV_PASSPHRASE",
            Self::Dataset => "ESP_PROV_DATASET_TLVS",
            Self::NetworkKey => "ESP_PROV_NETWORK_KEY",
            Self::LedgerPassword => "PGPASSWORD",
        }
    }

    /// What it holds; empty counts as not set.
    ///
    /// # Errors
    /// [`NotUtf8`].
    pub fn read(self) -> Result<Option<Given>, NotUtf8> {
        match env::var(self.name()) {
            Ok(text) => {
                let text = Zeroizing::new(text);
                // What reads variables from a file of Windows leaves its line ends.
                let text = text::alone(&text);
                Ok((!text.is_empty()).then(|| text.into()))
            }
            Err(env::VarError::NotUnicode(_)) => Err(NotUtf8),
            Err(env::VarError::NotPresent) => Ok(None),
        }
    }
}

/// What a variable holds is no text.
#[derive(Debug)]
pub struct NotUtf8;

/// What no program that this one starts gets to see, with PostgreSQL's file of passwords.
pub fn secret_variables() -> impl Iterator<Item = &'static str> {
    SecretVariable::ALL.into_iter().map(SecretVariable::name).chain(["PGPASSFILE"])
}
