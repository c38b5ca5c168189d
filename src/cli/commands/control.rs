//! `esp-prov-rs reset` and `reprovision`.

use esp_prov::{Control, control};

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
    let target = setup.target();
    let work = control(&target, command, &security, &setup.policy, &setup.terminal, reporter);
    setup.run(reporter, work)
}
