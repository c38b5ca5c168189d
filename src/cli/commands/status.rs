//! `esp-prov-rs status`: where a device stands.

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
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let security = plan::security(args)?;
    let setup = Setup::new(args, output, reporter)?;
    let device = setup.provisioner(&security, reporter);
    setup.run(reporter, device.status())
}
