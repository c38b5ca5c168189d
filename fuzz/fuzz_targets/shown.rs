//! Any text as what a device calls itself: what is shown drives no terminal, is no longer than it
//! may be, and is shown alike a second time; JSON says the same on one line.
#![no_main]

use esp_prov::shown;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| shown::check(text));
