//! `esp-prov-rs info`: shows what a device reports without a session.

use clap::Args;
use protocomm::Given;

use super::send;
use crate::{
    cli::{
        Failure,
        options::{DeviceArgs, OutputArgs, number},
        setup::Setup,
    },
    exit::Exit,
    report::Reporter,
};

/// What to find out.
#[derive(Args, Debug)]
pub struct InfoArgs {
    /// Which device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Number of requests used to measure the round-trip time
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = number(1_u32..=1000), allow_negative_numbers = true, help_heading = "Info")]
    pub count: u32,
    /// Also look for this endpoint of the application; repeatable
    #[arg(long, value_name = "NAME", help_heading = "Info")]
    pub endpoint: Vec<Given>,
}

pub(super) fn run(
    args: &InfoArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let endpoints: Vec<_> = args.endpoint.iter().map(send::endpoint).collect::<Result<_, _>>()?;
    let setup = Setup::new(&args.device, output, reporter)?;
    setup.run(setup.provisioner().info(args.count, &endpoints))
}
