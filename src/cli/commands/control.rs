//! `esp-prov-rs reset` and `reprovision`.

use esp_prov::Control;

use crate::{
    cli::{
        Failure,
        options::{DeviceArgs, OutputArgs},
        plan,
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
    let security = plan::security(args)?;
    let setup = Setup::new(args, output, reporter)?;
    let device = setup.provisioner(&security, reporter);
    setup.run(reporter, device.control(command))
}
