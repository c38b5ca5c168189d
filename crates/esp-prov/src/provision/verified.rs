//! Looks for the device after its network was given.

use std::time::Duration;

use tokio::time::timeout;

use crate::{
    event::{Event, Observer, Outcome},
    transport::Connect,
    verify::{Verification, Verify, look_for},
};

/// How long this machine may take to be back on its network.
const SETTLE_WITHIN: Duration = Duration::from_secs(25);

/// The outcome after the device was looked for on its network. Other outcomes are as they were.
pub(super) async fn verified(
    outcome: Outcome,
    connect: &dyn Connect,
    observer: &dyn Observer,
    how: &Verify,
) -> Outcome {
    let ip = match &outcome {
        Outcome::Connected { connection } => connection.ip.parse().ok(),
        Outcome::Unconfirmed { .. } | Outcome::Attached { .. } => None,
        // It was looked for before, and this machine has come back to it since.
        Outcome::Tested { .. } => {
            let _ = timeout(SETTLE_WITHIN, connect.settle()).await;
            return outcome;
        }
        _ => return outcome,
    };
    // This machine may have left that network to reach the device.
    let _ = timeout(SETTLE_WITHIN, connect.settle()).await;
    observer.notify(Event::Verifying { ip });
    let verification = match &outcome {
        Outcome::Attached { .. } => {
            Verification::unknown("this machine is not on a Thread network")
        }
        _ => look_for(ip, &connect.station_addresses(), how).await,
    };
    let outcome = outcome.after(&verification);
    observer.notify(Event::Verified { verification });
    outcome
}
