//! `esp-prov-rs doctor`: checks whether this machine can reach devices.

use clap::{Args, ValueEnum};
use protocomm::Harmless;

use crate::{
    cli::{Failure, block_on, options::TransportArg, or_interrupted},
    doctor::{Scope, Verdict, examine},
    exit::Exit,
    report::Reporter,
};

/// What to check.
#[derive(Args, Debug)]
#[command(after_help = "\
Ends with 0 if a device can be reached from here, over the transport that is given or over any, and \
with 11 if not. What only another transport needs is marked as not needed.

Examples:
  What Bluetooth needs, alone:
    esp-prov-rs doctor --transport ble")]
pub struct DoctorArgs {
    /// Check only what this transport needs: softap, ble or console
    #[arg(long, value_name = "TRANSPORT", ignore_case = true, hide_possible_values = true, value_parser = reached)]
    pub transport: Option<TransportArg>,
}

/// Parses a transport that needs something from this machine.
fn reached(text: &str) -> Result<TransportArg, Harmless> {
    match TransportArg::from_str(text, true) {
        Ok(TransportArg::Virtual) | Err(_) => Err("softap, ble or console".into()),
        Ok(transport) => Ok(transport),
    }
}

pub(super) fn run(args: &DoctorArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let wants = |transport| args.transport.is_none_or(|wanted| wanted == transport);
    let scope = Scope {
        ble: wants(TransportArg::Ble),
        console: wants(TransportArg::Console),
        http: wants(TransportArg::Softap),
    };
    let checks = block_on(or_interrupted(async { Ok(examine(scope).await) }))?;
    reporter.checks(&checks);
    let is_problem = checks.iter().any(|check| check.verdict == Verdict::Problem);
    Ok(if is_problem { Exit::CONNECT } else { Exit::DONE })
}
