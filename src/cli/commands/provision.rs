//! `esp-prov-rs provision`: makes a plan from flags and answers, and gives it to a device.

use std::path::{Path, PathBuf};

use clap::Args;
use esp_prov::{Control, Network, Plan, Scan};
use protocomm::{Given, commands::CustomConfig};

use super::{control, sec2_credentials};
use crate::{
    cli::{
        Failure,
        choosing::{self, Choice},
        network::{self, Questions, Wanted},
        options::{DeviceArgs, OutputArgs, SecretArg, VerifyArgs, WifiArgs, number},
        secrets::Doubts,
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
    /// Where the device is then.
    #[command(flatten)]
    pub verify: VerifyArgs,
    /// Fail unless the device reports this version
    #[arg(long, alias = "proto_ver", value_name = "TEXT", help_heading = "Device")]
    pub proto_ver: Option<Given>,
    /// First forget a network the device could not join (ESP-IDF v5.1 and later)
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
    let setup = Setup::new(&args.device, output, reporter)?.verifying(&args.verify);
    let doubts = Doubts { observer: reporter, deny_warnings: args.device.accept.deny_warnings };
    let questions = Questions { somebody_there: setup.terminal.present, doubts };
    let hints = questions.hints(&args.wifi)?;
    // An invalid secret is reported before anything is sent.
    let wanted = match network::wanted(&args.wifi, &args.thread, &questions)? {
        Wanted::Given { ssid: Some(ssid), dataset } => {
            let other = dataset.map(Network::Thread);
            match questions.passphrase(&args.wifi, None)? {
                Some(passphrase) => {
                    let plan = plan(args, network::wifi(ssid, passphrase, hints), other);
                    return setup.run(setup.provisioner().provision(&plan));
                }
                None => choosing::Wanted::Passphrase(ssid, other),
            }
        }
        Wanted::Given { ssid: None, dataset } => {
            let dataset = dataset.ok_or_else(|| Failure::input(network::MISSING))?;
            let plan = plan(args, Network::Thread(dataset), None);
            return setup.run(setup.provisioner().provision(&plan));
        }
        Wanted::Thread(name) => {
            choosing::Wanted::Thread(name, questions.network_key(&args.thread)?)
        }
        Wanted::Choice => choosing::Wanted::Network,
    };
    let choice = Choice::new(args, &setup.terminal, questions, hints, wanted);
    let how = Scan { reset_first: args.reset_first, ..Scan::for_address(&setup.address) };
    let how = choice.needs_scan().then_some(how);
    let ended = setup.run(setup.provisioner().choose_and_provision(how, &choice));
    ended.map_err(|failure| choice.failure().unwrap_or(failure))
}

/// Makes the plan from the network, the one for a device of the other kind if both were given, and
/// the other flags.
pub(in crate::cli) fn plan(
    args: &ProvisionArgs,
    network: Network,
    alternative: Option<Network>,
) -> Plan {
    let mut plan = Plan::new(network);
    plan.alternative = alternative;
    plan.version = text(args.proto_ver.as_ref()).filter(|version| !version.is_empty());
    let LegacyArgs { custom_config, custom_info, custom_ver } = &args.legacy;
    plan.custom_config = custom_config
        .then(|| CustomConfig { info: custom_info.expose().to_owned(), version: *custom_ver });
    let custom_data = text(args.custom_data.as_ref()).filter(|data| !data.is_empty());
    plan.custom_data = custom_data.map(String::into_bytes);
    plan.reset_first = args.reset_first;
    plan.undo = args.verify.then.is_some();
    plan
}

fn one_from_stdin(args: &ProvisionArgs) -> Result<(), Failure> {
    let qr = args.device.qr.as_ref().filter(|qr| qr.expose() == "-").map(|_| "-".into());
    let files = [
        ("--qr", &qr),
        ("--pop-file", &args.device.pop_file),
        ("--sec2-pwd-file", &args.device.login.sec2_pwd_file),
        ("--softap-passphrase-file", &args.device.softap.softap_passphrase_file),
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
