//! `--trace`: records what goes over the wire in a file.

use esp_prov::address::Address;
use esp_prov_input::files;
use esp_prov_trace::Tracer;

use super::{Failure, args::TraceArgs};
use crate::report::Reporter;

pub(super) fn begin(
    args: &TraceArgs,
    address: &Address,
    reporter: &Reporter,
) -> Result<(), Failure> {
    let Some(path) = &args.trace else { return Ok(()) };
    let tracer = Tracer::create(path, &address.to_string(), args.trace_secrets)
        .map_err(|error| Failure::input(format!("--trace {}: {error}", files::named(path))))?;
    reporter.trace_to(tracer);
    if args.trace_secrets {
        reporter.warn(&format!(
            "--trace-secrets: {} will hold the proof of possession or password, the passphrase \
             and every message in the clear; do not share it, and delete it when you are done",
            files::named(path)
        ));
    }
    Ok(())
}
