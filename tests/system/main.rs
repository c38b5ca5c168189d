//! What needs more than this project has, and is ignored by `cargo test` therefore: a real BlueZ (`rig::`), boards
//! (`hardware::`), a PostgreSQL and a full disk (`stations::`), clients of other people (`peers::`), real Wi-Fi (`wifi::`).
//! `.ci/run` has what each needs.

#[cfg(unix)]
#[path = "../cli/farms.rs"]
mod farms;
mod hardware;
mod peers;
mod rig;
mod stations;
mod wifi;
