//! What is left to do after a batch: groups of devices that ended alike, with advice for all of
//! them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, btree_map::Entry},
};

use esp_prov::sort_few;
use esp_prov_batch::{DeviceFailure, ledger::State};
use serde::Serialize;

use crate::exit::{self, Exit, Reach};

/// Devices that ended alike.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct CauseGroup<'a> {
    /// Their state: failed or unconfirmed.
    pub(super) state: State,
    /// The exit code that provisioning one of them alone would have.
    pub(super) exit_code: u8,
    /// What it means.
    pub(super) meaning: &'static str,
    /// What to do.
    pub(super) advice: &'static str,
    /// The devices, in the order of the roster.
    pub(super) devices: Vec<&'a str>,
}

/// Groups devices by their exit code and by what to do about them, the largest group first.
pub(super) fn group(failures: &[DeviceFailure]) -> Vec<CauseGroup<'_>> {
    let mut groups = BTreeMap::new();
    for one in failures {
        let exit = Exit::of(one.failure);
        let (reach, error) = (Some(Reach::of(&one.address)), one.error.as_deref());
        let advice = exit::not_done(one.state, exit, reach, one.stage, error);
        let group = match groups.entry((exit.code, advice)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(CauseGroup {
                state: one.state,
                exit_code: exit.code,
                meaning: exit.meaning,
                advice,
                devices: Vec::new(),
            }),
        };
        group.devices.push(one.device.as_str());
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    sort_few(&mut groups, |group| Reverse(group.devices.len()));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use esp_prov::{FailureKind, Stage, address::Address};

    fn failure(device: &str, failure: FailureKind, state: State) -> DeviceFailure {
        let device = device.to_owned();
        DeviceFailure {
            device,
            address: Address::Virtual,
            state,
            failure,
            stage: None,
            error: None,
        }
    }

    #[test]
    fn devices_that_ended_alike_and_need_the_same_are_one_group() {
        let failures = [
            failure("a", FailureKind::ProofRejected, State::Failed),
            failure("b", FailureKind::Unconfirmed, State::Unconfirmed),
            DeviceFailure {
                stage: Some(Stage::Join),
                ..failure("c", FailureKind::Unconfirmed, State::Unconfirmed)
            },
            failure("d", FailureKind::Refused, State::Failed),
            failure("e", FailureKind::Refused, State::Failed),
        ];
        let groups = group(&failures);
        let found: Vec<_> =
            groups.iter().map(|one| (one.exit_code, one.state, one.devices.concat())).collect();
        let expected = [
            (40, State::Failed, "de"),
            (30, State::Failed, "a"),
            (53, State::Unconfirmed, "b"),
            (53, State::Unconfirmed, "c"),
        ];
        assert_eq!(found, expected.map(|(code, state, devices)| (code, state, devices.to_owned())));
        let [.., silent, failing] = &groups[..] else { panic!("{groups:?}") };
        assert!(silent.advice.contains("it probably joined"), "{silent:?}");
        assert!(!failing.advice.contains("probably"), "{failing:?}");
        assert!(failing.advice.contains("--unconfirmed"), "{failing:?}");
    }
}
