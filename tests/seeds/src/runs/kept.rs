//! Seeds that once failed, each with what it found.

use crate::{Search, once, runs::Runs, search};

const KEPT: [(u64, &str); 1] =
    [(3913, "a virtual device for Thread kept its network after it was told to leave it")];

#[test]
fn what_failed_once_holds() {
    for (seed, found) in KEPT {
        if let Err(failure) = once(&Runs, seed) {
            panic!("{found}: {failure}");
        }
    }
}

#[test]
fn some_new_ones_hold() {
    let report = search(&Runs, Search { from: 0, count: 200, within: None, twice_each: 10 });
    if let Some(failure) = report.failure {
        panic!("{failure}");
    }
}
