//! `esp-prov-rs provision`: from what is given and answered to a plan, and the plan to a device.

use std::path::{Path, PathBuf};

use clap::Args;
use esp_prov::{Control, Network, Outcome, Plan, Scan};
use protocomm::{Given, commands::CustomConfig};

use super::{control, sec2_credentials};
use crate::{
    cli::{
        Failure,
        network::{self, Questions, Wanted},
        options::{DeviceArgs, OutputArgs, SecretArg, WifiArgs, number},
        prompt::Chosen,
        setup::Setup,
        text,
    },
    exit::Exit,
    report::Reporter,
};

/// The network to give.
#[derive(Args, Debug)]
pub struct ProvisionArgs {
    /// Which device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// A Wi-Fi network.
    #[command(flatten)]
    pub wifi: WifiArgs,
    /// A Thread network.
    #[command(flatten)]
    pub thread: ThreadArgs,
    /// Fail unless the device reports this version
    #[arg(long, alias = "proto_ver", value_name = "TEXT", help_heading = "Device")]
    pub proto_ver: Option<Given>,
    /// Make the device forget a network it could not join before it scans and is given this one
    /// (ESP-IDF v5.1 and later)
    #[arg(long, help_heading = "Device")]
    pub reset_first: bool,
    /// Text for the application's custom-data endpoint, sent before the network
    #[arg(
        long,
        alias = "custom_data",
        value_name = "TEXT",
        allow_hyphen_values = true,
        help_heading = "Device"
    )]
    pub custom_data: Option<Given>,
    /// For the legacy example.
    #[command(flatten)]
    pub legacy: LegacyArgs,
    /// As the command `reset`, in the spelling of `esp_prov.py`.
    #[arg(long, hide = true)]
    pub reset: bool,
    /// As the command `reprovision`, in the spelling of `esp_prov.py`.
    #[arg(long, hide = true, conflicts_with = "reset")]
    pub reprov: bool,
}

/// What the legacy `custom_config` example takes.
#[derive(Args, Debug)]
pub struct LegacyArgs {
    /// Send --custom-info and --custom-ver to the custom-config endpoint of the legacy example
    /// (ESP-IDF v3.2 to v4.4)
    #[arg(long, alias = "custom_config", help_heading = "Device", hide_short_help = true)]
    pub custom_config: bool,
    /// Text for --custom-config
    #[arg(
        long,
        alias = "custom_info",
        value_name = "TEXT",
        default_value = "<some custom info string>",
        allow_hyphen_values = true,
        help_heading = "Device",
        hide_short_help = true
    )]
    pub custom_info: Given,
    /// Number for --custom-config
    #[arg(
        long,
        alias = "custom_ver",
        value_name = "N",
        default_value_t = 2,
        allow_negative_numbers = true,
        help_heading = "Device",
        hide_short_help = true, value_parser = number(i32::MIN..=i32::MAX))]
    pub custom_ver: i32,
}

/// A Thread network.
#[derive(Args, Debug)]
#[command(next_help_heading = "Thread")]
pub struct ThreadArgs {
    /// Dataset of the Thread network as hexadecimal TLVs, as `dataset active -x` prints it; it
    /// holds the key, so prefer a file or the environment (ESP_PROV_DATASET_TLVS)
    #[arg(
        long,
        alias = "dataset_tlvs",
        value_name = "HEX",
        allow_hyphen_values = true,
        conflicts_with = "dataset_tlvs_file"
    )]
    pub dataset_tlvs: Option<SecretArg>,
    /// File with the dataset, - for stdin
    #[arg(long, value_name = "FILE")]
    pub dataset_tlvs_file: Option<PathBuf>,
    /// Name or extended PAN ID of a network that the device sees, instead of a dataset
    #[arg(long, value_name = "NAME", allow_hyphen_values = true, conflicts_with_all = ["dataset_tlvs", "dataset_tlvs_file"])]
    pub thread_network: Option<Given>,
    /// Key of that network, 32 hexadecimal digits; prefer a file, the environment
    /// (ESP_PROV_NETWORK_KEY) or the prompt
    #[arg(long, value_name = "HEX", conflicts_with = "network_key_file")]
    pub network_key: Option<SecretArg>,
    /// File with the key, - for stdin
    #[arg(long, value_name = "FILE")]
    pub network_key_file: Option<PathBuf>,
}

pub(super) fn run(
    args: &ProvisionArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    if args.device.compat.sec2_gen_cred && args.device.sec_ver == Some(2) {
        return sec2_credentials::run_as_esp_prov(&args.device, output, reporter);
    }
    if args.reset {
        return control::run(&args.device, Control::Reset, output, reporter);
    }
    if args.reprov {
        return control::run(&args.device, Control::Reprovision, output, reporter);
    }
    one_from_stdin(args)?;
    let setup = Setup::new(&args.device, output, reporter)?;
    let plan = complete(args, &setup, reporter)?;
    setup.run(setup.provisioner().provision(&plan))
}

/// All that is needed: from flags, files and the environment, and what is missing from the person,
/// if there is one, who may have the device look first.
fn complete(args: &ProvisionArgs, setup: &Setup<'_>, reporter: &Reporter) -> Result<Plan, Failure> {
    let (network, alternative) = networks(args, setup, reporter)?;
    let mut plan = Plan::new(network);
    plan.alternative = alternative;
    plan.version = text(args.proto_ver.as_ref()).filter(|version| !version.is_empty());
    let LegacyArgs { custom_config, custom_info, custom_ver } = &args.legacy;
    plan.custom_config = custom_config
        .then(|| CustomConfig { info: custom_info.expose().to_owned(), version: *custom_ver });
    let custom_data = text(args.custom_data.as_ref()).filter(|data| !data.is_empty());
    plan.custom_data = custom_data.map(String::into_bytes);
    plan.reset_first = args.reset_first;
    Ok(plan)
}

fn one_from_stdin(args: &ProvisionArgs) -> Result<(), Failure> {
    let qr = args.device.qr.as_ref().filter(|qr| qr.expose() == "-").map(|_| "-".into());
    let files = [
        ("--qr", &qr),
        ("--pop-file", &args.device.pop_file),
        ("--sec2-pwd-file", &args.device.login.sec2_pwd_file),
        ("--passphrase-file", &args.wifi.passphrase_file),
        ("--dataset-tlvs-file", &args.thread.dataset_tlvs_file),
        ("--network-key-file", &args.thread.network_key_file),
    ];
    let mut on_stdin = files.iter().filter(|(_, file)| file.as_deref() == Some(Path::new("-")));
    match (on_stdin.next(), on_stdin.next()) {
        (Some((one, _)), Some((other, _))) => {
            Err(Failure::input(format!("{one} and {other} can't both be stdin")))
        }
        _ => Ok(()),
    }
}

/// The network, and the one for a device of the other kind if both were given.
fn networks(
    args: &ProvisionArgs,
    setup: &Setup<'_>,
    reporter: &Reporter,
) -> Result<(Network, Option<Network>), Failure> {
    let questions = Questions {
        somebody_there: setup.terminal.present,
        observer: reporter,
        deny_warnings: args.device.accept.deny_warnings,
    };
    let hints = questions.hints(&args.wifi)?;
    let wanted = network::wanted(&args.wifi, &args.thread, setup.terminal.present)?;
    let chosen = match wanted {
        Wanted::Given { ssid, dataset } => {
            let wifi = ssid.map(|ssid| questions.wifi(&args.wifi, ssid, None, hints));
            let (wifi, thread) = (wifi.transpose()?, dataset.map(Network::Thread));
            return match (wifi, thread) {
                (Some(wifi), thread) => Ok((wifi, thread)),
                (None, Some(thread)) => Ok((thread, None)),
                (None, None) => Err(Failure::input(network::MISSING)),
            };
        }
        Wanted::Thread(name) => {
            let seen = look(args, setup)?;
            Chosen::Thread(network::by_name(seen, &name)?)
        }
        // As often as the person wants it to look.
        Wanted::Choice => loop {
            if let Some(chosen) = network::choose(look(args, setup))? {
                break chosen;
            }
        },
    };
    Ok((
        match chosen {
            Chosen::Wifi { ssid, seen } => questions.wifi(&args.wifi, ssid, seen, hints)?,
            Chosen::Thread(seen) => Network::Thread(questions.thread(&args.thread, &seen)?),
            Chosen::Dataset(dataset) => Network::Thread(dataset),
        },
        None,
    ))
}

/// The networks the device sees.
fn look(args: &ProvisionArgs, setup: &Setup<'_>) -> Result<Outcome, Failure> {
    let how = Scan { reset_first: args.reset_first, ..Scan::for_address(&setup.address) };
    setup.wait(setup.provisioner().scan(how))
}
