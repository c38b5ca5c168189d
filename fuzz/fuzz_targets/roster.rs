//! Any file as a roster, of both forms: lines and flaws, never a panic; each flaw has a place in
//! the file.
#![no_main]

use esp_prov_rs_fuzz::roster::{Flaw, Place, csv, json_lines};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
    for parse in [csv, json_lines] {
        let mut flaws: Vec<Flaw> = Vec::new();
        parse(bytes, &mut flaws);
        for flaw in flaws {
            let (Place::Line(line) | Place::Column(line, _)) = flaw.place else {
                panic!("{flaw} has no place");
            };
            assert!((1..=lines).contains(&line), "{flaw}: there are {lines} lines");
        }
    }
});
