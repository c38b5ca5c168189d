//! Reads the input of `esp-prov-rs` and its crates: files, secrets, tables, bytes in hexadecimal.
//!
//! ```text
//!  a path, `-`, a pipe  ──▶ files::read ──▶ bytes, wiped on drop, with a size limit for each kind
//!  ESP_PROV_POP, …      ──▶ environment ──▶ a secret, kept from every program that is started
//!  UTF-8, UTF-16, BOM   ──▶ text        ──▶ text; a secret on its own; yes or no
//!  0a:0b 0c, hex:0a0b   ──▶ from_hex    ──▶ bytes, never shown
//!  a;b or "a","b"       ──▶ table       ──▶ records of fields, and back
//!  1f 8b …, PK …        ──▶ Packed      ──▶ how to unpack it
//!  --pasphrase          ──▶ spelling    ──▶ the name that was probably meant
//! ```
//!
//! No error repeats the input, since a misplaced word may be a secret.
//!
//! # Example
//!
//! ```
//! use std::path::Path;
//!
//! use esp_prov_input::{files, from_hex, spelling};
//!
//! assert_eq!(*from_hex("0a:0b 0c")?, [10, 11, 12]);
//! let names = ["ssid", "passphrase"];
//! assert_eq!(spelling::nearest("pasphrase", names.into_iter()), Some("passphrase"));
//! // A path that does not exist may be a secret.
//! assert!(!files::named(Path::new("hunter2")).as_str().contains("hunter2"));
//! # Ok::<(), protocomm::Harmless>(())
//! ```

pub mod environment;
pub mod files;
mod hexadecimal;
mod packed;
pub mod spelling;
pub mod table;
pub mod text;

pub use self::{
    hexadecimal::{dataset_from_hex, from_hex},
    packed::Packed,
};
