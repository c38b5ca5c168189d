//! The command line tool. Its parts are public only for its tests; to build on, use the crate
//! `esp-prov`.
//!
//! ```text
//!  cli ──▶ esp-prov, esp-prov-batch, esp-prov-simulate, esp-prov-trace
//!   │                    │ events
//!   ▼                    ▼
//!  report ◀──────────────┘   (only report and cli print)
//! ```

#[doc(hidden)]
pub mod cli;
pub mod doctor;
pub mod exit;
mod report;
