//! The rooms that parse, without the rest of the house: its radios and sockets take ten minutes to
//! build with a sanitizer.

#[path = "../../src/alike.rs"]
mod alike;
#[path = "../../src/capture/mod.rs"]
pub mod capture;
#[path = "../../src/files/mod.rs"]
mod files;
pub mod roster;
#[path = "../../src/shown/mod.rs"]
pub mod shown;
#[path = "../../src/tap.rs"]
pub mod exchange;
#[path = "../../src/trace/mod.rs"]
pub mod trace;
