//! A minimal device for hardware-in-the-loop tests, on any board:
//!
//! ```text
//!  link (UART, HTTP, BLE) ─▶ Device ─▶ protocomm's Responder ─▶ radio (a Backend)
//! ```
//!
//! A board provides the links, the radio and the random numbers. This crate provides the settings,
//! the behaviour of each link, the state of the station, and a simulated radio. The protocol is in
//! protocomm.
//!
//! ```
//! # #[cfg(feature = "console")] {
//! use firmware::{Console, Device, Settings, Simulated};
//! use getrandom::{SysRng, rand_core::UnwrapErr};
//!
//! let device = Device::new(&Settings::BUILT_IN, Simulated::new(|| 0), UnwrapErr(SysRng));
//! let mut console = Console::new(&device);
//! let mut printed = Vec::new();
//! console.take(b"proto-ver 0 00\r", &mut |text| printed.extend_from_slice(text));
//! assert!(printed.starts_with(b"proto-ver 0 00\r\n\r\n7b0a09"));
//! # }
//! ```
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(feature = "ble")]
mod ble;
#[cfg(feature = "console")]
mod console;
mod device;
#[cfg(feature = "softap")]
mod http;
mod networks;
mod radio;
pub mod saved;
mod settings;
mod simulated;
mod station;

#[cfg(feature = "ble")]
pub use ble::serve_ble;
#[cfg(feature = "console")]
pub use console::Console;
pub use device::{Device, Link};
#[cfg(feature = "softap")]
pub use http::Http;
pub use networks::{HIDDEN, NETWORKS, Network};
pub use radio::{BEFORE_JOIN, BETWEEN, Memory, Radio};
pub use settings::Settings;
pub use simulated::{Air, Forgetful, JOIN_MS, Simulated};
pub use station::{ATTEMPTS, Order, Refused, Station};

/// The application's own endpoints.
const CUSTOM: &[&str] = &["custom-data"];

/// The reply of the vendor's examples to everything on `custom-data`.
const SUCCESS: &[u8] = b"SUCCESS\0";
