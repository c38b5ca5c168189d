//! The command, as processes: what is typed, what is seen, how it ends; and the files that are made from it.

mod batch;
#[cfg(unix)]
mod beside;
mod cases;
mod completions;
mod console;
mod drop_in;
mod exit_codes;
mod farm;
#[cfg(unix)]
mod farms;
mod info;
mod json;
mod lots;
mod mistakes;
mod names;
mod output;
mod pasted;
#[cfg(unix)]
mod picture;
mod planted;
mod policy;
#[cfg(unix)]
mod prompts;
mod qr;
mod readme;
mod report;
mod run;
mod secrets;
mod signals;
mod spared;
#[cfg(unix)]
mod station;
#[cfg(unix)]
mod terminal;
mod told;
mod trace;
mod transcripts;
