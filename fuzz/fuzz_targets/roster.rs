//! Any file as a roster in either format: each error has a position in the file and shows nothing
//! of its text.
#![no_main]

use esp_prov_batch::roster::{Form, RosterPosition, lines};
use libfuzzer_sys::fuzz_target;

/// Stands for a secret, somewhere in the file.
const PLANTED: &[u8] = b"Zq9-planted-Qz";

fuzz_target!(|bytes: &[u8]| {
    let sum: usize = bytes.iter().map(|byte| usize::from(*byte)).sum();
    let (before, after) = bytes.split_at(sum % (bytes.len() + 1));
    let bytes = [before, PLANTED, after].concat();
    let last = bytes.split(|byte| b"\r\n".contains(byte)).count() as u64;
    for form in [Form::Csv, Form::JsonLines] {
        for error in lines(&bytes, form) {
            match error.position {
                RosterPosition::Line(line) | RosterPosition::Column(line, _) => {
                    assert!((1..=last).contains(&line), "{error}: there are {last} lines");
                }
                RosterPosition::File => {}
                RosterPosition::Default(_) => panic!("{error} is of the file"),
            }
            assert!(!error.to_string().contains("planted"), "{error}");
        }
    }
});
