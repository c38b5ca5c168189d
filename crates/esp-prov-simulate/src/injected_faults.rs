//! Injected faults, for rehearsals. The same seed repeats the same faults.

use std::time::Duration;

/// How often faults are injected. Each rate is from 0 (never) to 1 (always).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FaultRates {
    /// The request or the reply is lost: the connection closes.
    pub drop: f64,
    /// The reply takes [`delay_by`](Self::delay_by) longer.
    pub delay: f64,
    /// The length of the delay.
    pub delay_by: Duration,
    /// The device restarts. If it was told to join a network before, it joins that network by
    /// itself and does not appear again.
    pub reboot: f64,
}

/// A fault injected into an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InjectedFault {
    RequestLost,
    ReplyLost,
    Delay(Duration),
    Reboot,
}

impl FaultRates {
    /// Draws at most one fault for the next exchange.
    pub(super) fn draw(&self, dice: &mut fastrand::Rng) -> Option<InjectedFault> {
        let shares = [
            (self.drop / 2.0, InjectedFault::RequestLost),
            (self.drop / 2.0, InjectedFault::ReplyLost),
            (self.delay, InjectedFault::Delay(self.delay_by)),
            (self.reboot, InjectedFault::Reboot),
        ];
        let mut drawn = dice.f64();
        let mut happens = |share: f64| {
            drawn -= share;
            drawn < 0.0
        };
        shares.into_iter().find(|(share, _)| happens(*share)).map(|(_, fault)| fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_as_frequent_as_wanted_and_come_again_from_their_seed() {
        let delay_by = Duration::from_secs(1);
        let rates = FaultRates { drop: 0.2, delay: 0.1, delay_by, reboot: 0.05 };
        let draw = |seed| {
            let mut dice = fastrand::Rng::with_seed(seed);
            (0..10_000).map(|_| rates.draw(&mut dice)).collect::<Vec<_>>()
        };
        let drawn = draw(7);
        assert_eq!(drawn, draw(7));
        assert_ne!(drawn, draw(8));
        let count = |wanted| drawn.iter().filter(|one| **one == wanted).count();
        for (fault, expected) in [
            (Some(InjectedFault::RequestLost), 1000),
            (Some(InjectedFault::ReplyLost), 1000),
            (Some(InjectedFault::Delay(delay_by)), 1000),
            (Some(InjectedFault::Reboot), 500),
            (None, 6500),
        ] {
            let found = count(fault);
            assert!(found.abs_diff(expected) < 150, "{fault:?}: {found}, not {expected}");
        }
        let mut dice = fastrand::Rng::with_seed(7);
        assert!((0..1000).all(|_| FaultRates::default().draw(&mut dice).is_none()));
    }
}
