//! `esp-prov-rs info`: a look at a device.

use esp_prov::info;

use super::{
    Failure, Way,
    args::{InfoArgs, OutputArgs},
    plan, send,
};
use crate::{exit::Exit, report::Reporter};

pub(super) fn run(
    args: &InfoArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let endpoints: Vec<_> = args.endpoint.iter().map(send::endpoint).collect::<Result<_, _>>()?;
    let security = plan::security(&args.device)?;
    let way = Way::new(&args.device, output, reporter)?;
    let target = way.target();
    let work = info(&target, &security, &endpoints, args.count, &way.policy, reporter);
    way.run(reporter, work)
}
