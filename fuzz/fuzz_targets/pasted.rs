//! Any text as hexadecimal: what is read is in the text, and errors are at a character of it.
#![no_main]

use esp_prov_trace::capture::from_hex;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| match from_hex(text) {
    Ok(bytes) => assert!(2 * bytes.len() <= text.len()),
    Err(error) => {
        let at = error.split(' ').nth(1).and_then(|at| at.parse().ok());
        assert!(at.is_some_and(|at: usize| (1..=text.len()).contains(&at)), "{error}");
    }
});
