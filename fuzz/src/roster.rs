//! Lines and fields of a roster; what they mean needs more of the house.

#[path = "../../src/batch/roster/fields.rs"]
mod fields;
#[path = "../../src/batch/roster/flaw.rs"]
mod flaw;
#[allow(dead_code)]
#[path = "../../src/batch/roster/read.rs"]
mod read;

pub use self::flaw::{Flaw, Place};

pub fn csv(bytes: &[u8], flaws: &mut Vec<Flaw>) {
    drop(read::csv(bytes, flaws));
}

pub fn json_lines(bytes: &[u8], flaws: &mut Vec<Flaw>) {
    drop(read::json_lines(bytes, flaws));
}
