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
    args.endpoint.iter().try_for_each(send::check)?;
    let endpoints: Vec<_> = args.endpoint.iter().map(|name| name.expose().to_owned()).collect();
    let security = plan::security(&args.device)?;
    let way = Way::new(&args.device, output, reporter)?;
    let target = way.target();
    let work = info(&target, &security, &endpoints, args.count, &way.policy, reporter);
    way.run(reporter, work)
}
