//! The command line as typed: flags in, plain data out. Every spelling of `esp_prov.py` is a
//! hidden alias.

use clap::{ArgAction, Parser, Subcommand};

use protocomm::Given;

use super::options::number;
pub use super::{
    commands::{
        batch::args::BatchArgs,
        completions::Script,
        decode::{DecodeArgs, DirectionArg},
        discover::DiscoverArgs,
        doctor::DoctorArgs,
        info::InfoArgs,
        provision::{LegacyArgs, ProvisionArgs, ThreadArgs},
        qr::{LabelTransportArg, NetworkArg, QrArgs, QrFormat},
        scan::ScanArgs,
        sec2_credentials::{CredentialsArgs, CredentialsFormat},
        secrets::SecretsArgs,
        send::{Messages, ReplyForm, SendArgs},
        simulate::{FaultArg, FleetArgs, PersonaArg, QuirkArg, SimulateArgs, SimulateTransportArg},
        station::StationArgs,
    },
    options::{
        AcceptArgs, Color, CompatArgs, DeviceArgs, LoginArgs, OutputArgs, PolicyArgs, SecretArg,
        SoftapArgs, TraceArgs, TransportArg, WifiArgs,
    },
};

const EXAMPLES: &str = "\
Examples:
  A virtual device, to try it without hardware:
    esp-prov-rs --transport virtual --pop abcd1234 --ssid Home --passphrase correct-horse

  A device on its own access point, prompting for what is missing:
    esp-prov-rs --softap PROV_1234 --ssid Home

  A factory line: no prompts, secrets from the environment, JSON events:
    ESP_PROV_POP=… ESP_PROV_PASSPHRASE=… esp-prov-rs --no-input --json --ssid Line

  Another address, an open network, every byte on the wire:
    esp-prov-rs --service-name 10.0.0.7:8080 --pop-file pop --ssid Guest --open -vvv";

/// Gives ESP32 devices their network credentials, using Espressif's unified provisioning
///
/// Without a command it provisions a device, and accepts the command lines of `esp_prov.py`.
#[derive(Debug, Parser)]
#[command(
    name = "esp-prov-rs",
    version,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    infer_long_args = true,
    disable_help_flag = true,
    disable_version_flag = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do instead.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Provisioning, if no command is given.
    #[command(flatten)]
    pub provision: ProvisionArgs,
    /// How to tell about it.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Explain an exit code: its meaning, usual causes and what to try
    #[arg(long, value_name = "CODE", help_heading = "Output", exclusive = true, value_parser = number(0_u8..=255), allow_negative_numbers = true)]
    pub explain: Option<u8>,
    /// Print version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    pub version: Option<bool>,
}

impl Cli {
    /// What is accepted of devices, where there are any.
    fn accept(&self) -> Option<&AcceptArgs> {
        Some(match self.command.as_ref() {
            None => &self.provision.device.accept,
            Some(Command::Provision(args)) => &args.device.accept,
            Some(Command::Info(args)) => &args.device.accept,
            Some(Command::Scan(args)) => &args.device.accept,
            Some(Command::Send(args)) => &args.device.accept,
            Some(Command::Status(args) | Command::Reset(args) | Command::Reprovision(args)) => {
                &args.accept
            }
            Some(Command::Batch(args)) => &args.work.accept,
            Some(Command::Station(args)) => &args.work.accept,
            Some(_) => return None,
        })
    }

    /// Whether weaker security is accepted.
    pub(super) fn accepts_weaker(&self) -> bool {
        self.accept().is_some_and(|accept| accept.dangerously_accept_weaker_security)
    }
}

/// A command.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "one per process")]
pub enum Command {
    /// Give a device its network (the default)
    #[command(after_help = EXAMPLES)]
    Provision(ProvisionArgs),
    /// List nearby devices with provisioning firmware, found over BLE, Wi-Fi and mDNS; a listed
    /// device may already have a network
    #[command(after_help = "\
Examples:
  Listen for 20 s instead of 5:
    esp-prov-rs discover --for 20s")]
    Discover(DiscoverArgs),
    /// Show a device's version, capabilities and endpoints, and what they imply
    #[command(after_help = "\
Examples:
  The device on its own access point:
    esp-prov-rs info

  A device over BLE, for a script:
    esp-prov-rs info --transport ble --service-name PROV_1234 --json")]
    Info(InfoArgs),
    /// List the networks the device sees
    #[command(after_help = "\
Examples:
  What the device sees:
    esp-prov-rs scan --pop-file pop

  After a failed join, which the device has to forget first:
    esp-prov-rs scan --pop-file pop --reset-first")]
    Scan(ScanArgs),
    /// Ask a device whether it is connected
    ///
    /// A device that reports a connection leaves provisioning mode a second later, as it does after
    /// provisioning.
    #[command(after_help = "\
Examples:
  Wait until it is connected:
    until esp-prov-rs status --pop-file pop; do sleep 1; done")]
    Status(DeviceArgs),
    /// Send messages to an endpoint of the application
    Send(SendArgs),
    /// Make a device forget a network it could not join, so that it accepts another
    #[command(after_help = "\
Examples:
  Then give it the right network:
    esp-prov-rs reset --pop-file pop && esp-prov-rs --pop-file pop --ssid Home")]
    Reset(DeviceArgs),
    /// Make a connected device accept another network, if its application allows it
    #[command(after_help = "\
Examples:
  Another network for a device that has one:
    esp-prov-rs reprovision --pop-file pop && esp-prov-rs --pop-file pop --ssid Home")]
    Reprovision(DeviceArgs),
    /// Provision many devices from a roster, resumably
    Batch(Box<BatchArgs>),
    /// Provision units as they are scanned, at a bench of a line
    Station(Box<StationArgs>),
    /// Make secrets and labels for many devices, and their roster
    Secrets(SecretsArgs),
    /// Generate a salt and verifier for security 2
    Sec2Credentials(CredentialsArgs),
    /// Print the QR code for a device's label, or read one
    Qr(QrArgs),
    /// Diagnose this machine's connectivity and suggest fixes
    Doctor(DoctorArgs),
    /// Show what went over the wire, from a trace, a capture or hexadecimal text
    Decode(DecodeArgs),
    /// Run a virtual device on a socket or a serial console
    Simulate(SimulateArgs),
    /// Print completions for a shell, or the man page
    #[command(after_help = "\
Examples:
  For bash, in each new shell:
    esp-prov-rs completions bash > ~/.local/share/bash-completion/completions/esp-prov-rs

  The man page of a command:
    esp-prov-rs completions man batch status | man -l -")]
    Completions {
        /// The shell, or man for a man page
        #[arg(value_enum)]
        shell: Script,
        /// With man: the command to print the page of
        #[arg(value_name = "COMMAND")]
        command: Vec<Given>,
    },
}
