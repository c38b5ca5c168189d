//! `esp-prov-rs reset` and `reprovision`.

use esp_prov::Control;

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
    command: Control,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let setup = Setup::new(args, output, reporter)?;
    setup.run(setup.provisioner().control(command))
}
