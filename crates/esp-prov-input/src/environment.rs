//! Secrets in the environment: one list, both for reading them and for keeping them from other
//! programs.

use std::env;

use protocomm::Given;
use zeroize::Zeroizing;

use crate::text;

/// A variable that may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretVariable {
    /// The proof of possession of security 1.
    Pop,
    /// The password of security 2.
    Sec2Password,
    /// The passphrase of a Wi-Fi network.
    Passphrase,
    /// The passphrase of a device's own access point.
    SoftapPassphrase,
    /// The dataset of a Thread network.
    Dataset,
    /// The network key of a Thread network.
    NetworkKey,
    /// The password of a ledger's database, as PostgreSQL's own programs read it.
    LedgerPassword,
}

impl SecretVariable {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pop,
        Self::Sec2Password,
        Self::Passphrase,
        Self::SoftapPassphrase,
        Self::Dataset,
        Self::NetworkKey,
        Self::LedgerPassword,
    ];

    /// The name of the variable.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pop => "ESP_PROV_POP",
            Self::Sec2Password => "ESP_PROV_SEC2_PWD",
            Self::Passphrase => "ESP_PROV_PASSPHRASE",
            Self::SoftapPassphrase => "ESP_PROV_SOFTAP_PASSPHRASE",
            Self::Dataset => "ESP_PROV_DATASET_TLVS",
            Self::NetworkKey => "ESP_PROV_NETWORK_KEY",
            Self::LedgerPassword => "PGPASSWORD",
        }
    }

    /// The value of the variable, without a byte order mark and trailing line ends. An empty one
    /// counts as not set.
    ///
    /// # Errors
    /// [`NotUtf8`].
    pub fn read(self) -> Result<Option<Given>, NotUtf8> {
        match env::var(self.name()) {
            Ok(text) => {
                let text = Zeroizing::new(text);
                // Programs that read variables from a Windows file leave its line ends in them.
                let text = text::alone(&text);
                Ok((!text.is_empty()).then(|| text.into()))
            }
            Err(env::VarError::NotUnicode(_)) => Err(NotUtf8),
            Err(env::VarError::NotPresent) => Ok(None),
        }
    }
}

/// The value of a variable is not UTF-8.
#[derive(Debug)]
pub struct NotUtf8;

/// The names of the variables to remove from the environment of every program that is started. They
/// include the one that leads to PostgreSQL's password file.
pub fn secret_variables() -> impl Iterator<Item = &'static str> {
    SecretVariable::ALL.into_iter().map(SecretVariable::name).chain(["PGPASSFILE"])
}
