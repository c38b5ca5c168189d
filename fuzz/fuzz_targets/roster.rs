//! Any file as a roster, of both forms: lines and flaws, never a panic; each flaw has a place in
//! the file, and nothing of its text.
#![no_main]

use esp_prov_batch::roster::{Form, Place, lines};
use libfuzzer_sys::fuzz_target;

/// Stands somewhere in the file.
const PLANTED: &[u8] = b"Zq9-planted-Qz";

fuzz_target!(|bytes: &[u8]| {
    let sum: usize = bytes.iter().map(|byte| usize::from(*byte)).sum();
    let (before, after) = bytes.split_at(sum % (bytes.len() + 1));
    let bytes = [before, PLANTED, after].concat();
    let last = bytes.split(|byte| *byte == b'\n').count() as u64;
    for form in [Form::Csv, Form::JsonLines] {
        for flaw in lines(&bytes, form) {
            match flaw.place {
                Place::Line(line) | Place::Column(line, _) => {
                    assert!((1..=last).contains(&line), "{flaw}: there are {last} lines");
                }
                Place::File => {}
                Place::Default(_) => panic!("{flaw} is of the file"),
            }
            assert!(!flaw.to_string().contains("planted"), "{flaw}");
        }
    }
});
