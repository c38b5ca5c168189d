//! `esp-prov-rs status`: asks a device whether it is connected.

use crate::{
    cli::{
        Failure,
        options::{DeviceArgs, OutputArgs},
        setup::Setup,
    },
    exit::Exit,
    report::Reporter,
};

pub(super) fn run(
    args: &DeviceArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let setup = Setup::new(args, output, reporter)?;
    setup.run(setup.provisioner().status())
}
