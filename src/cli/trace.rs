//! `--trace`: a file for what goes over the wire.

use super::{Failure, args::TraceArgs};
use crate::{address::Address, files, report::Reporter, trace::Tracer};

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
             and every message in the clear; show it to nobody, and delete it when you are done",
            files::named(path)
        ));
    }
    Ok(())
}
