//! The library, on a paused clock wherever it can be: what a run does and tells when devices, links and networks behave
//! well, badly, and as real ones do.

mod arrivals;
mod awkward;
mod ble;
mod capture;
mod choosing;
mod console;
mod discover;
mod faults;
mod host;
mod http;
mod ledger;
mod line;
mod lot;
mod matrix;
mod messages;
mod provision;
mod records;
mod softap;
mod thread;
mod undo;
mod verify;
