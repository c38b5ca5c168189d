//! Reads what people give `esp-prov-rs` and its crates: files, secrets, tables, bytes in hexadecimal.
//!
//! ```text
//!  a path, `-`, a pipe ──▶ files::read ──▶ bytes, wiped on drop, at most as many as their kind allows
//!  ESP_PROV_POP, …     ──▶ environment ──▶ a secret, kept from every program that is started
//!  UTF-8, UTF-16, marks ──▶ text       ──▶ text; a secret that stands alone; yes or no
//!  0a:0b 0c, hex:0a0b  ──▶ from_hex    ──▶ bytes, never shown
//!  a;b or "a","b"      ──▶ table       ──▶ records of fields, and back
//!  1f 8b …, PK …       ──▶ Packed      ──▶ what has to be unpacked first
//!  --pasphrase         ──▶ spelling    ──▶ what it may be meant to be
//! ```
//!
//! No error repeats what was given: a misplaced word may be a secret.
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
//! // A name that leads nowhere may be a secret.
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
