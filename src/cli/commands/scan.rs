//! `esp-prov-rs scan`: lists the networks that a device sees.

use std::time::Duration;

use clap::Args;
use esp_prov::{Scan, address::Address};
use protocomm::Harmless;

use crate::{
    cli::{
        Failure,
        options::{DeviceArgs, OutputArgs, duration, number},
        setup::Setup,
    },
    exit::Exit,
    report::Reporter,
};

/// How to scan.
#[derive(Args, Debug)]
pub struct ScanArgs {
    /// Which device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Scan passively: listen for access points instead of probing
    #[arg(long, help_heading = "Scan")]
    pub passive: bool,
    /// Pause after every N channels, 0 for no pause [default: 5 over HTTP, else 0]
    #[arg(long, value_name = "N", help_heading = "Scan", value_parser = number(0_u8..=255), allow_negative_numbers = true)]
    pub group_channels: Option<u8>,
    /// Time on each channel; firmware with Bluetooth ignores it
    #[arg(long, value_name = "TIME", default_value = "120ms", value_parser = duration, allow_negative_numbers = true, help_heading = "Scan")]
    pub scan_period: Duration,
    /// Networks to fetch per request [default: 16 over HTTP, else 4]
    #[arg(long, value_name = "N", value_parser = number(1_u32..=100), allow_negative_numbers = true, help_heading = "Scan")]
    pub page_size: Option<u32>,
    /// Thread: channels to scan, as a bit mask, e.g. 0x07fff800; 0 for all
    #[arg(long, value_name = "MASK", default_value = "0", value_parser = mask, help_heading = "Scan")]
    pub channel_mask: u32,
    /// First forget a network the device could not join (ESP-IDF v5.1 and later); without
    /// this such a device is not scanned, as that could hang it
    #[arg(long, help_heading = "Scan")]
    pub reset_first: bool,
    /// Poll for the result after `--reset-first`, too, instead of letting the request wait; other
    /// scans always poll, as one that blocks could hang the device
    #[arg(long, help_heading = "Scan")]
    pub no_block: bool,
}

fn mask(text: &str) -> Result<u32, Harmless> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|_| "a 32-bit number such as 0x07fff800".into())
}

pub(super) fn run(
    args: &ScanArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let setup = Setup::new(&args.device, output, reporter)?;
    setup.run(setup.provisioner().scan(how(args, &setup.address)))
}

fn how(args: &ScanArgs, address: &Address) -> Scan {
    let usual = Scan::for_address(address);
    Scan {
        blocking: !args.no_block,
        passive: args.passive,
        group_channels: args.group_channels.unwrap_or(usual.group_channels),
        period: args.scan_period,
        page: args.page_size.unwrap_or(usual.page),
        channel_mask: args.channel_mask,
        reset_first: args.reset_first,
    }
}
