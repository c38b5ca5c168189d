//! One file for each command, with its arguments and what it does.

pub(super) mod batch;
pub(super) mod completions;
pub(super) mod control;
pub(super) mod decode;
pub(super) mod discover;
pub(super) mod doctor;
pub(super) mod info;
pub mod manual;
pub(super) mod provision;
pub(super) mod qr;
pub(super) mod scan;
pub(super) mod sec2_credentials;
pub(super) mod secrets;
pub(super) mod send;
pub(super) mod simulate;
pub(super) mod station;
pub(super) mod status;

use esp_prov::Control;
use esp_prov_input::files::Inputs;

use super::{
    Failure,
    args::{Cli, Command},
};
use crate::{
    exit::Exit,
    report::{self, Reporter},
};

/// Runs the command that was typed.
pub(super) fn run(cli: Cli, inputs: &Inputs, reporter: &Reporter) -> Result<Exit, Failure> {
    if let Some(code) = cli.explain {
        return explain(code);
    }
    let output = &cli.output;
    match cli.command {
        None => provision::run(&cli.provision, output, reporter),
        Some(Command::Provision(args)) => provision::run(&args, output, reporter),
        Some(Command::Discover(args)) => discover::run(&args, reporter),
        Some(Command::Info(args)) => info::run(&args, output, reporter),
        Some(Command::Scan(args)) => scan::run(&args, output, reporter),
        Some(Command::Status(args)) => status::run(&args, output, reporter),
        Some(Command::Send(args)) => send::run(&args, output, reporter),
        Some(Command::Reset(args)) => control::run(&args, Control::Reset, output, reporter),
        Some(Command::Reprovision(args)) => {
            control::run(&args, Control::Reprovision, output, reporter)
        }
        Some(Command::Batch(args)) => batch::run(&args, inputs, reporter),
        Some(Command::Station(args)) => station::run(&args, inputs, reporter),
        Some(Command::Secrets(args)) => secrets::run(&args, reporter),
        Some(Command::Sec2Credentials(args)) => sec2_credentials::run(&args, output, reporter),
        Some(Command::Qr(args)) => qr::run(&args, output, reporter),
        Some(Command::Doctor(args)) => doctor::run(&args, reporter),
        Some(Command::Decode(args)) => decode::run(&args, reporter),
        Some(Command::Simulate(args)) => simulate::run(&args, reporter),
        Some(Command::Completions { shell, command }) => completions::run(shell, &command),
    }
}

fn explain(code: u8) -> Result<Exit, Failure> {
    let exit = Exit::from_code(code).ok_or_else(|| {
        let codes: Vec<_> = Exit::ALL.iter().map(|exit| exit.code.to_string()).collect();
        Failure::input(format!(
            "--explain {code}: no such exit code; there are {}",
            codes.join(", ")
        ))
    })?;
    report::raw(exit.explanation().as_bytes());
    Ok(Exit::DONE)
}
