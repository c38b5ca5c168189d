//! Any pasted text as hexadecimal: no more bytes are read than the text has, and errors are at a
//! character of it. And as the address of a device: what is read and written is read the same
//! again.
#![no_main]

use esp_prov::address::Address;
use esp_prov_input::from_hex;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    hexadecimal(text);
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.to_string().parse().as_ref(), Ok(&address));
    }
});

fn hexadecimal(text: &str) {
    match from_hex(text) {
        Ok(bytes) => assert!(2 * bytes.len() <= text.len()),
        Err(error) => {
            let words = error.as_str();
            let length = text.chars().count();
            let at = words.strip_prefix("character ").and_then(|rest| rest.split(' ').next());
            let is_in_it = at
                .and_then(|at| at.parse().ok())
                .is_some_and(|at: usize| (1..=length).contains(&at));
            assert!(is_in_it || words.starts_with("odd number"), "{words}");
        }
    }
}
