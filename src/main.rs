//! The `esp-prov-rs` command: `esp_prov_rs::cli`, and the allocator, which only a program can choose.

use std::{alloc::System, process::ExitCode};

/// Wipes every freed byte, so that no copy of a secret that passes through argument parsing,
/// HTTP buffers or a prompt outlives its use.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<System> = zeroizing_alloc::ZeroAlloc(System);

fn main() -> ExitCode {
    esp_prov_rs::cli::main()
}
