//! Seeds that once failed, each with what it found.

use crate::{Search, line::Line, once, search};

const KEPT: [(u64, &str); 0] = [];

#[test]
fn what_failed_once_holds() {
    for (seed, found) in KEPT {
        if let Err(failure) = once(&Line, seed) {
            panic!("{found}: {failure}");
        }
    }
}

#[test]
fn some_new_ones_hold() {
    let report = search(&Line, Search { from: 0, count: 200, within: None, twice_each: 10 });
    if let Some(failure) = report.failure {
        panic!("{failure}");
    }
}
