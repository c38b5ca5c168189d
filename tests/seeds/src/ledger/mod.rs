//! The ledger's protocol: a [`model`] of it, a [`checker`] that goes through all of its states, and
//! real ledgers that are taken along each of its transitions ([`agree`]).

pub mod agree;
pub mod checker;
pub mod model;

use self::model::{Bounds, Flaw};

/// Two stations that share a ledger.
const SHARED: Bounds = Bounds {
    stations: 2,
    devices: 1,
    attempts: 2,
    crashes: 0,
    losses: 0,
    ticks: 2,
    lease: Some(1),
    jumps: 0,
    flaw: Flaw::None,
};

/// One station with a ledger of its own.
const FILE: Bounds = Bounds { stations: 1, crashes: 1, lease: None, ..SHARED };

/// Small enough for each test.
pub const SMALL: [(&str, Bounds); 4] = [
    ("one device, answers get lost and the clock jumps", Bounds { losses: 1, jumps: 1, ..SHARED }),
    ("one device, stations crash", Bounds { crashes: 1, ..SHARED }),
    ("two devices", Bounds { devices: 2, attempts: 1, ..SHARED }),
    ("a file", FILE),
];

/// What takes a while.
pub const LARGE: [(&str, Bounds); 4] = [
    (
        "one device, with everything",
        Bounds { attempts: 3, crashes: 1, losses: 1, ticks: 3, jumps: 1, ..SHARED },
    ),
    ("three stations", Bounds { stations: 3, losses: 1, jumps: 1, ..SHARED }),
    ("two devices", Bounds { devices: 2, ..SHARED }),
    ("a file with two devices", Bounds { devices: 2, ..FILE }),
];
