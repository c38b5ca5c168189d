//! Seeds that once failed, each with what it found.

use crate::{Search, World, line::Line, once, search};

const KEPT: [(u64, &str); 1] =
    [(5634, "a failure that is recorded after its claim, which another station has, is told")];

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

#[test]
fn what_is_encrypted_comes_from_the_keys_of_the_scenario() {
    let secured = |transcript: &crate::Transcript| {
        transcript.0.iter().any(|line| line.contains("prov-session"))
    };
    let run = |scenario: &_| Line.run(scenario).expect("it holds");
    let found = (0..100).map(|seed| Line.draw(seed)).find(|one| secured(&run(one)));
    let mut scenario = found.expect("there are some");
    let first = run(&scenario);
    assert_eq!(first, run(&scenario), "byte for byte");
    scenario.keys += 1;
    assert_ne!(first, run(&scenario));
}
