//! `esp-prov-rs doctor`: whether this machine can reach devices.

use super::{
    Failure,
    args::{DoctorArgs, TransportArg},
    block_on, or_interrupted,
};
use crate::{
    doctor::{Scope, Verdict, examine},
    exit::Exit,
    report::Reporter,
};

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
