//! The command. Its parts are here for its own tests; to build on there is the crate `esp-prov`.
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
