//! Seeds that once failed, each with what it found.

use crate::{Search, World, once, runs::Runs, search};

const KEPT: [(u64, &str); 5] = [
    (3913, "a virtual device for Thread kept its network after it was told to leave it"),
    (10_102_000, "chance decided between a reply and its limit in the same moment"),
    (10_147_100, "likewise"),
    (10_171_500, "likewise"),
    (70_380_090, "a device that a cancelled run had told to join was taken for a fresh one"),
];

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

#[test]
fn what_is_encrypted_comes_from_the_keys_of_the_scenario() {
    // Security 1, nothing goes wrong.
    let scenario = (0..1000).map(|seed| Runs.draw(seed)).find(|one| {
        one.faults.is_empty() && one.device.scheme == esp_prov::Scheme::Sec1 && one.legs.len() == 1
    });
    let mut scenario = scenario.expect("there are some");
    let transcript = |scenario: &_| Runs.run(scenario).expect("it holds");
    let first = transcript(&scenario);
    assert_eq!(first, transcript(&scenario));
    scenario.keys += 1;
    let other = transcript(&scenario);
    assert_ne!(first, other);
    assert_eq!(first.0.len(), other.0.len(), "but for the keys it is the same run");
}
