//! Any text as the name of a device: what is shown does not control a terminal, is within its
//! limit, and does not change when shown again; JSON says the same on one line.
#![no_main]

use esp_prov::shown;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| shown::check(text));
