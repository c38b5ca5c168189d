//! The command line as typed: flags in, plain data out. Every spelling of `esp_prov.py` is a
//! hidden alias.

use std::{net::SocketAddr, ops::RangeInclusive, path::PathBuf, str::FromStr, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, builder::TypedValueParser};
use clap_complete::Shell;
use protocomm::{Given, Harmless, IsHarmless, harmless};

pub use super::{batch::args::BatchArgs, send::Messages};

const EXAMPLES: &str = "\
Examples:
  A virtual device, to try it without hardware:
    esp-prov-rs --transport virtual --pop abcd1234 --ssid Home --passphrase correct-horse

  A device on its own access point (join that first), asking for what is missing:
    esp-prov-rs --ssid Home

  A factory line: no questions, secrets from the environment, JSON events:
    ESP_PROV_POP=… ESP_PROV_PASSPHRASE=… esp-prov-rs --no-input --json --ssid Line

  Another address, an open network, everything that goes over the wire:
    esp-prov-rs --service-name 10.0.0.7:8080 --pop-file pop --ssid Guest --open -vvv";

/// Gives an ESP32 its network credentials through Espressif's unified provisioning
///
/// Without a command it provisions, as `esp_prov.py` does, and takes its command lines.
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
    /// Say what an exit code means, why it happens and what to try
    #[arg(long, value_name = "CODE", help_heading = "Output", exclusive = true, value_parser = number(0_u8..=255))]
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
    /// List the devices in range with provisioning firmware, over BLE and those announced by mDNS;
    /// one that is found need not want a network
    Discover(DiscoverArgs),
    /// Show what a device tells without being provisioned, and what that means
    Info(InfoArgs),
    /// List the networks the device sees
    Scan(ScanArgs),
    /// Ask a device whether it is connected
    ///
    /// A device that says it is leaves provisioning a second later, as after provisioning.
    Status(DeviceArgs),
    /// Send messages to an endpoint of the application
    Send(SendArgs),
    /// Make a device forget a network it could not join, so that it takes another
    Reset(DeviceArgs),
    /// Make a connected device take another network, where its application allows it
    Reprovision(DeviceArgs),
    /// Provision many devices from a roster, and lose none
    Batch(Box<BatchArgs>),
    /// Make salt and verifier of security 2 for firmware
    Sec2Credentials(CredentialsArgs),
    /// Print the QR code for a device's label, or what is in one
    Qr(QrArgs),
    /// Check whether this machine can reach devices, and how to mend what is in the way
    Doctor(DoctorArgs),
    /// Show what went over the wire, from a trace, a capture or hexadecimal text
    Decode(DecodeArgs),
    /// Be a virtual device on a socket or a serial console
    Simulate(SimulateArgs),
    /// Print completions for a shell, or the man page
    Completions {
        /// For which shell
        #[arg(value_enum)]
        shell: Script,
    },
}

/// What `completions` prints.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(missing_docs)]
pub enum Script {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Elvish,
    /// The man page
    Man,
}

impl Script {
    /// The shell, if it is one.
    pub fn shell(self) -> Option<Shell> {
        match self {
            Self::Bash => Some(Shell::Bash),
            Self::Zsh => Some(Shell::Zsh),
            Self::Fish => Some(Shell::Fish),
            Self::PowerShell => Some(Shell::PowerShell),
            Self::Elvish => Some(Shell::Elvish),
            Self::Man => None,
        }
    }
}

/// How to tell about it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its
    /// bytes
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Say only the result, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// One JSON object per event on stdout (schema in the README)
    #[arg(long, global = true)]
    pub json: bool,
    /// Colours: auto, always or never; auto also looks at NO_COLOR
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: Color,
    /// Never ask anything, even on a terminal
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Print help (see more with '--help')
    #[arg(short, long, global = true, action = ArgAction::Help)]
    pub help: Option<bool>,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// Which device, and how to talk to it.
#[derive(Args, Debug)]
pub struct DeviceArgs {
    /// How to reach the device: softap (HTTP; httpd and http are the same), ble, console (UART),
    /// or virtual for one inside this process [default: softap]
    #[arg(
        long,
        value_name = "TRANSPORT",
        ignore_case = true,
        hide_possible_values = true,
        help_heading = "Essentials"
    )]
    pub transport: Option<TransportArg>,
    /// Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0]
    /// [default: 192.168.4.1:80]; over BLE its name, PROV_* for any that begins so, or its
    /// address, which spares the wait for another device of the name (2 s without a terminal)
    #[arg(
        long,
        alias = "service_name",
        value_name = "ADDRESS",
        default_value = "",
        hide_default_value = true,
        help_heading = "Essentials"
    )]
    pub service_name: Given,
    /// Proof of possession; visible to other users of this machine, so prefer a file, the
    /// environment (ESP_PROV_POP) or the prompt
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        conflicts_with = "pop_file",
        help_heading = "Essentials"
    )]
    pub pop: Option<SecretArg>,
    /// BLE: the machine's adapter, e.g. hci1; without it the first
    #[arg(long, aliases = ["ble_adapter", "ble-adapter"], value_name = "NAME", help_heading = "Device")]
    pub adapter: Option<Given>,
    /// BLE: a service that the device advertises, instead of its name
    #[arg(long, value_name = "UUID", help_heading = "Device")]
    pub service_uuid: Option<Given>,
    /// Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose
    #[arg(long, value_name = "PATH", help_heading = "Device")]
    pub port: Option<Given>,
    /// Console: bits a second
    #[arg(
        long,
        value_name = "N",
        default_value_t = 115_200,
        value_parser = number(1_u32..=u32::MAX),
        help_heading = "Device"
    )]
    pub baud: u32,
    /// Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one
    /// the device names
    #[arg(
        long,
        alias = "sec_ver",
        value_name = "N",
        allow_negative_numbers = true,
        help_heading = "Device", value_parser = scheme)]
    pub sec_ver: Option<u32>,
    /// Whether that was typed; a label fills it in, too.
    #[arg(skip)]
    pub sec_ver_given: bool,
    /// File with the proof of possession, - for stdin; one final line end is left out
    #[arg(long, value_name = "FILE", help_heading = "Device")]
    pub pop_file: Option<PathBuf>,
    /// The device's QR code: its text, a link with it, a PNG or JPEG with it, or a file with the
    /// text (- for stdin); fills in transport, security, proof of possession, user name and
    /// password where no flag gives them
    #[arg(long, value_name = "TEXT|FILE", allow_hyphen_values = true, help_heading = "Device")]
    pub qr: Option<SecretArg>,
    /// For security 2.
    #[command(flatten)]
    pub login: LoginArgs,
    /// What to accept of it.
    #[command(flatten)]
    pub accept: AcceptArgs,
    /// How patient to be.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// What to record.
    #[command(flatten)]
    pub trace: TraceArgs,
    /// Accepted for `esp_prov.py`.
    #[command(flatten)]
    pub compat: CompatArgs,
}

/// What to listen for.
#[derive(Args, Debug)]
pub struct DiscoverArgs {
    /// Where to listen: ble, or softap for mDNS on the network [default: both]
    #[arg(long, value_name = "TRANSPORT", ignore_case = true, hide_possible_values = true, value_parser = heard)]
    pub transport: Option<TransportArg>,
    /// How long to listen
    #[arg(long = "for", value_name = "TIME", default_value = "5s", value_parser = duration, allow_negative_numbers = true)]
    pub within: Duration,
    /// Only devices whose name begins so, whatever they advertise
    #[arg(long, value_name = "TEXT", conflicts_with = "all")]
    pub prefix: Option<Given>,
    /// A service that counts as one of provisioning firmware
    #[arg(long, value_name = "UUID")]
    pub service_uuid: Option<Given>,
    /// Everything that has a name
    #[arg(long)]
    pub all: bool,
    /// BLE: the machine's adapter, e.g. hci1; without it the first
    #[arg(long, aliases = ["ble_adapter", "ble-adapter"], value_name = "NAME")]
    pub adapter: Option<Given>,
}

/// What to find out.
#[derive(Args, Debug)]
pub struct InfoArgs {
    /// Which device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// How often to ask, for how long an answer takes
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = number(1_u32..=1000), help_heading = "Info")]
    pub count: u32,
    /// An endpoint of the application to look for, too; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "Info")]
    pub endpoint: Vec<Given>,
}

/// How to scan.
#[derive(Args, Debug)]
pub struct ScanArgs {
    /// Which device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Listen for access points instead of asking for them
    #[arg(long, help_heading = "Scan")]
    pub passive: bool,
    /// Pause after this many channels, 0 for no pause [default: 5 over HTTP, else 0]
    #[arg(long, value_name = "N", help_heading = "Scan", value_parser = number(0_u8..=255))]
    pub group_channels: Option<u8>,
    /// Time on each channel; firmware with Bluetooth ignores it
    #[arg(long, value_name = "TIME", default_value = "120ms", value_parser = duration, allow_negative_numbers = true, help_heading = "Scan")]
    pub scan_period: Duration,
    /// Networks to ask for at once [default: 16 over HTTP, else 4]
    #[arg(long, value_name = "N", value_parser = number(1_u32..=100), help_heading = "Scan")]
    pub page_size: Option<u32>,
    /// Channels that a device for Thread scans, a bit for each, e.g. 0x07fff800; 0 for all
    #[arg(long, value_name = "MASK", default_value = "0", value_parser = mask, help_heading = "Scan")]
    pub channel_mask: u32,
    /// Make the device forget a network it could not join before it scans (ESP-IDF v5.1 and
    /// later); else no scan is begun, as it could hang the device
    #[arg(long, help_heading = "Scan")]
    pub reset_first: bool,
    /// Ask how the scan stands instead of waiting for its answer, after `--reset-first`, too; any
    /// other scan is asked about anyway, as one that blocks could hang the device
    #[arg(long, help_heading = "Scan")]
    pub no_block: bool,
}

/// User name and password of security 2.
#[derive(Args, Clone, Debug)]
pub struct LoginArgs {
    /// User name of security 2 [env: ESP_PROV_SEC2_USERNAME]
    #[arg(long, alias = "sec2_username", value_name = "TEXT", help_heading = "Device")]
    pub sec2_username: Option<Given>,
    /// Password of security 2; visible to other users of this machine, so prefer a file, the
    /// environment (ESP_PROV_SEC2_PWD) or the prompt
    #[arg(
        long,
        alias = "sec2_pwd",
        value_name = "TEXT",
        allow_hyphen_values = true,
        conflicts_with = "sec2_pwd_file",
        help_heading = "Device"
    )]
    pub sec2_pwd: Option<SecretArg>,
    /// File with the password of security 2, - for stdin; one final line end is left out
    #[arg(long, value_name = "FILE", help_heading = "Device")]
    pub sec2_pwd_file: Option<PathBuf>,
}

/// Transports by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum TransportArg {
    #[value(aliases = ["httpd", "http"])]
    Softap,
    Console,
    Virtual,
    Ble,
}

/// What `esp_prov.py` has in another way.
#[derive(Args, Debug)]
pub struct CompatArgs {
    /// As the command `sec2-credentials`, in the spelling of `esp_prov.py`.
    #[arg(long, alias = "sec2_gen_cred", hide = true)]
    pub sec2_gen_cred: bool,
    /// For `--sec2-gen-cred`.
    #[arg(long, alias = "sec2_salt_len", hide = true, value_name = "N", value_parser = number(1_u16..=1024))]
    pub sec2_salt_len: Option<u16>,
}

/// What to accept of a device.
#[derive(Args, Debug)]
#[command(next_help_heading = "Security")]
pub struct AcceptArgs {
    /// Refuse any session with less than this security scheme: 1 or 2
    #[arg(long, value_name = "N", value_parser = number(1_u32..=2))]
    pub require_security: Option<u32>,
    /// Stop at any warning about the device, before its network is sent
    #[arg(long)]
    pub deny_warnings: bool,
    /// Go on where the device offers less than --sec-ver, the secret given or its label demand;
    /// whoever answers then gets the network, be it the device or not
    #[arg(long = AcceptArgs::WEAKER)]
    pub dangerously_accept_weaker_security: bool,
}

impl AcceptArgs {
    /// Has no short form, no variable and no abbreviation: nobody types it by habit.
    pub(super) const WEAKER: &str = "dangerously-accept-weaker-security";
}

/// How patient to be.
#[derive(Args, Debug)]
#[command(next_help_heading = "Patience")]
pub struct PolicyArgs {
    /// Limit for the whole run, without the time taken to answer questions; times are 10s,
    /// 500ms, 2min, and a plain number is seconds
    #[arg(long, value_name = "TIME", default_value = "3min", value_parser = duration, allow_negative_numbers = true)]
    pub timeout: Duration,
    /// Limit for building a connection, and for waiting for a Bluetooth adapter that is off
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, allow_negative_numbers = true)]
    pub connect_within: Duration,
    /// Limit for each reply; a scan is given 30s at least
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, allow_negative_numbers = true)]
    pub reply_within: Duration,
    /// Limit for the device's join
    #[arg(long, value_name = "TIME", default_value = "1min", value_parser = duration, allow_negative_numbers = true)]
    pub join_within: Duration,
    /// Longest pause between two questions how the join stands; the first come much faster
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration, allow_negative_numbers = true)]
    pub poll_interval: Duration,
    /// How often to connect at most when the link gets lost
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = number(1_u32..=100), allow_negative_numbers = true)]
    pub attempts: u32,
}

/// What to record.
#[derive(Args, Debug)]
#[command(next_help_heading = "Trace")]
pub struct TraceArgs {
    /// Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and
    /// `simulate --replay` plays it
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// With all secrets and all bytes, so that it can be replayed to the end: not for others' eyes
    #[arg(long, requires = "trace")]
    pub trace_secrets: bool,
}

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
    /// Refuse a device of any other version than this
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

/// A Wi-Fi network.
#[derive(Args, Debug)]
pub struct WifiArgs {
    /// Name of the Wi-Fi network, 1 to 32 bytes; without it the device looks, and you choose
    #[arg(long, value_name = "NAME", allow_hyphen_values = true, help_heading = "Essentials")]
    pub ssid: Option<Given>,
    /// Its passphrase, 8 to 63 bytes; visible to other users of this machine, so prefer a file,
    /// the environment (ESP_PROV_PASSPHRASE) or the prompt
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with_all = ["passphrase_file", "open"], help_heading = "Essentials")]
    pub passphrase: Option<SecretArg>,
    /// File with the passphrase, - for stdin; one final line end is left out
    #[arg(long, value_name = "FILE", conflicts_with = "open", help_heading = "Wi-Fi")]
    pub passphrase_file: Option<PathBuf>,
    /// The network has no passphrase
    #[arg(long, help_heading = "Wi-Fi")]
    pub open: bool,
    /// Name of the network in hexadecimal, where it is no text
    #[arg(long, value_name = "HEX", conflicts_with = "ssid", help_heading = "Wi-Fi")]
    pub ssid_hex: Option<Given>,
    /// One access point of it, e.g. 24:0a:c4:11:22:33; stock firmware ignores it
    #[arg(long, value_name = "MAC", help_heading = "Wi-Fi")]
    pub bssid: Option<Given>,
    /// Its channel, 1 to 14; stock firmware ignores it
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Wi-Fi")]
    pub channel: Option<Given>,
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

/// Messages for an endpoint.
#[derive(Args, Debug)]
#[command(after_help = "\
Each --utf8, --hex and --file is one message; all go through one session, in the order given.

Examples:
  One message, its reply as text:
    esp-prov-rs send custom-data --utf8 hello --pop abcd1234

  Two messages to two endpoints, replies in hexadecimal:
    esp-prov-rs send custom-data --hex 0102 --to other --file blob.bin --reply hex

  What the device says about itself, outside any session:
    esp-prov-rs send proto-ver --utf8 none")]
pub struct SendArgs {
    /// The endpoint's name, e.g. custom-data
    #[arg(value_name = "ENDPOINT", help_heading = "Message")]
    pub endpoint: Given,
    /// What to send, in order.
    #[command(flatten)]
    pub messages: Messages,
    /// Send outside the session, in the clear; proto-ver and prov-session always are
    #[arg(long, help_heading = "Message")]
    pub plain: bool,
    /// How to print replies: text, hex or raw; auto is text where it is printable, else hex
    #[arg(
        long,
        value_name = "FORM",
        default_value = "auto",
        hide_possible_values = true,
        help_heading = "Message"
    )]
    pub reply: ReplyForm,
    /// Write the reply as it came to a file that its owner alone can read, instead of printing it
    #[arg(long, value_name = "FILE", conflicts_with = "reply", help_heading = "Message")]
    pub output: Option<PathBuf>,
    /// Which device.
    #[command(flatten)]
    pub device: DeviceArgs,
}

/// Forms of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum ReplyForm {
    Auto,
    Text,
    Hex,
    Raw,
}

/// Salt and verifier of security 2.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  C arrays for the firmware's source:
    esp-prov-rs sec2-credentials --sec2-username wifiprov > sec2_credentials.h

  Two files for its flash:
    esp-prov-rs sec2-credentials --sec2-username wifiprov --format raw --output factory/1234
    (writes factory/1234.salt and factory/1234.verifier)")]
pub struct CredentialsArgs {
    /// Of whom.
    #[command(flatten)]
    pub login: LoginArgs,
    /// Length of the salt in bytes
    #[arg(long, alias = "sec2_salt_len", value_name = "N", default_value_t = 16, value_parser = number(1_u16..=1024))]
    pub sec2_salt_len: u16,
    /// c for C arrays, json for hexadecimal text, raw for two files
    #[arg(long, value_name = "FORMAT", default_value = "c", hide_possible_values = true)]
    pub format: CredentialsFormat,
    /// For raw: the files' common name, without .salt and .verifier; only their owner can read them
    #[arg(long, value_name = "NAME", required_if_eq("format", "raw"))]
    pub output: Option<PathBuf>,
}

/// Forms of salt and verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum CredentialsFormat {
    C,
    Json,
    Raw,
}

/// A QR code. It holds the secret, which is what it is for.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  What a label says:
    esp-prov-rs qr --qr label.jpg --format text

  A label for the printer, its secret from the environment:
    ESP_PROV_POP=… esp-prov-rs qr --name PROV_1234 --transport ble --output label.svg")]
pub struct QrArgs {
    /// A QR code to begin with, as for provisioning: its text, or a file with it or its picture
    #[arg(long, value_name = "TEXT|FILE", allow_hyphen_values = true)]
    pub qr: Option<SecretArg>,
    /// Name of the device: its BLE name or the name of its access point
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub name: Option<Given>,
    /// How it is reached: softap or ble
    #[arg(long, value_name = "TRANSPORT", ignore_case = true, hide_possible_values = true)]
    pub transport: Option<LabelTransportArg>,
    /// What it takes: wifi or thread; most firmware does not say
    #[arg(long, value_name = "KIND", ignore_case = true, hide_possible_values = true)]
    pub network: Option<NetworkArg>,
    /// Proof of possession, if it has one; visible to other users of this machine, so prefer a
    /// file or the environment (ESP_PROV_POP)
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        conflicts_with_all = ["pop_file", "sec2_username", "sec2_pwd", "sec2_pwd_file"]
    )]
    pub pop: Option<SecretArg>,
    /// File with the proof of possession, - for stdin; one final line end is left out
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["sec2_username", "sec2_pwd", "sec2_pwd_file"]
    )]
    pub pop_file: Option<PathBuf>,
    /// For security 2.
    #[command(flatten)]
    pub login: LoginArgs,
    /// text and link for what is in the code, terminal, png and svg for the code itself
    /// [default: by the ending of --output; text and terminal on a terminal; else text]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<QrFormat>,
    /// File to write, readable by its owner alone; - for stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Transports of a label.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(missing_docs)]
pub enum LabelTransportArg {
    #[value(name = "softap", aliases = ["httpd", "http"])]
    SoftAp,
    Ble,
}

/// Networks of a label.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(missing_docs)]
pub enum NetworkArg {
    Wifi,
    Thread,
}

/// Forms of a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum QrFormat {
    Text,
    Link,
    Terminal,
    Png,
    Svg,
}

/// What to check.
#[derive(Args, Debug)]
#[command(after_help = "\
Ends with 0 if it finds no problem, and with 11 if it finds one.")]
pub struct DoctorArgs {
    /// Only what this one needs: softap, ble or console
    #[arg(long, value_name = "TRANSPORT", ignore_case = true, hide_possible_values = true, value_parser = reached)]
    pub transport: Option<TransportArg>,
}

/// What to take apart.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  A trace, made with --trace:
    esp-prov-rs decode trace.jsonl

  A capture of Wireshark, tcpdump, btmon or Android, as far as it can be read without keys:
    esp-prov-rs decode hci.btsnoop

  Bytes out of a log:
    esp-prov-rs decode '52 03 a2 01 00' --endpoint prov-session --direction request

  A trace with secrets made into one for others:
    esp-prov-rs decode private.jsonl --json > safe.jsonl")]
pub struct DecodeArgs {
    /// A trace; a capture: pcap or pcapng (HTTP, Bluetooth HCI), or btsnoop; or hexadecimal text.
    /// - for stdin
    #[arg(value_name = "INPUT", allow_hyphen_values = true)]
    pub input: SecretArg,
    /// The input is hexadecimal: what went to or came from this endpoint in the clear
    #[arg(long, value_name = "NAME", requires = "direction")]
    pub endpoint: Option<Given>,
    /// request, to the device, or reply, from it
    #[arg(long, value_name = "WAY", hide_possible_values = true, requires = "endpoint")]
    pub direction: Option<DirectionArg>,
    /// Show passphrases, datasets and what applications say, where they can be read
    #[arg(long)]
    pub show_secrets: bool,
}

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum DirectionArg {
    Request,
    Reply,
}

/// A virtual device.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  Security 1 with the proof of possession abcd1234, until Ctrl-C:
    esp-prov-rs simulate --listen 127.0.0.1:8080

  On a serial console, chatty as a real one:
    esp-prov-rs simulate --transport console --log-lines

  One device of ESP-IDF v4.4 that rejects every passphrase:
    esp-prov-rs simulate --persona idf-v4.4 --fail wrong-passphrase --once

A list of networks is TOML:
  [[network]]
  ssid = \"Home\"
  passphrase = \"correct-horse\"   # leave out for an open network
  channel = 6

  [[thread]]
  name = \"Home-Thread\"
  key = \"00112233445566778899aabbccddeeff\"
  ext_pan_id = \"dead00beef00cafe\"")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct SimulateArgs {
    /// softap (HTTP on a socket) or console (on a pseudo-terminal, whose path it says)
    #[arg(
        long,
        value_name = "TRANSPORT",
        default_value = "softap",
        ignore_case = true,
        hide_possible_values = true
    )]
    pub transport: SimulateTransportArg,
    /// Softap: where to listen; port 0 picks a free one and says which
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = socket)]
    pub listen: SocketAddr,
    /// Console: print log lines in between, also in the middle of echo and reply
    #[arg(long)]
    pub log_lines: bool,
    /// Softap: send each reply in one piece; stock firmware sends its header first, for whose
    /// acknowledgement the rest waits (40 ms on Linux)
    #[arg(long)]
    pub whole_replies: bool,
    /// Take no network: a session for the application's endpoints alone
    #[arg(
        long,
        conflicts_with_all = ["networks", "join_delay", "failed_attempts", "fail", "quirk", "scan_time"]
    )]
    pub session_only: bool,
    /// Firmware generation to play: legacy (ESP-IDF v3.2 and v4.0 examples, plain version
    /// text), idf-v4.4, idf-v5.0, idf-v5.5, netprov, or netprov-thread
    #[arg(long, value_name = "NAME", default_value = "netprov", hide_possible_values = true)]
    pub persona: PersonaArg,
    /// Security scheme: 0, 1 or 2
    #[arg(long, alias = "sec_ver", value_name = "N", default_value_t = 1, value_parser = number(0_u8..=2))]
    pub sec_ver: u8,
    /// Proof of possession
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "abcd1234",
        conflicts_with = "no_pop",
        allow_hyphen_values = true
    )]
    pub pop: SecretArg,
    /// No proof of possession
    #[arg(long)]
    pub no_pop: bool,
    /// User name of security 2
    #[arg(long, alias = "sec2_username", value_name = "TEXT", default_value = "wifiprov")]
    pub sec2_username: Given,
    /// Password of security 2
    #[arg(
        long,
        alias = "sec2_pwd",
        value_name = "TEXT",
        default_value = "abcd1234",
        allow_hyphen_values = true
    )]
    pub sec2_pwd: SecretArg,
    /// Salt and verifier instead of user name and password: the common name of the files that
    /// sec2-credentials --format raw writes
    #[arg(long, value_name = "NAME")]
    pub sec2_verifier: Option<PathBuf>,
    /// Answer as the device of a trace did, made with --trace, best with --trace-secrets
    #[arg(
        long,
        value_name = "TRACE",
        conflicts_with_all = [
            "persona", "sec_ver", "pop", "no_pop", "sec2_username", "sec2_pwd", "sec2_verifier",
            "networks", "join_delay", "failed_attempts", "fail", "quirk", "scan_time", "session_only",
            "show_secrets", "count", "drop", "delay", "reboot",
        ]
    )]
    pub replay: Option<PathBuf>,
    /// TOML file with the networks in reach [default: Home, Office and the open Guest]
    #[arg(long, value_name = "FILE")]
    pub networks: Option<PathBuf>,
    /// From apply to connected
    #[arg(long, value_name = "TIME", default_value = "1200ms", value_parser = duration_or_zero)]
    pub join_delay: Duration,
    /// Attempts that fail before the one that counts
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = number(0_u32..=u32::MAX))]
    pub failed_attempts: u32,
    /// What goes wrong whatever the client sends: wrong-passphrase, not-found, vanish (leaves
    /// right after apply) or forever (never stops trying)
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub fail: Option<FaultArg>,
    /// In what it is awkward, as some devices are; may be given several times: reconnects (after a
    /// failed join, and refuses to scan then; else a scan then hangs it), refuses-reset,
    /// restarts-once (after apply, and comes back empty) or stays-open (can be given another
    /// network)
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub quirk: Vec<QuirkArg>,
    /// How long a scan takes
    #[arg(long, value_name = "TIME", default_value = "300ms", value_parser = duration_or_zero)]
    pub scan_time: Duration,
    /// Leave for good after the first success, and print the network that was set
    #[arg(long)]
    pub once: bool,
    #[command(flatten)]
    pub rehearsal: RehearsalArgs,
    /// Print passphrases, and the text of the QR code even if not everybody knows its secret
    #[arg(long, conflicts_with = "count")]
    pub show_secrets: bool,
}

/// Many devices, and accidents.
#[derive(Args, Debug)]
#[command(next_help_heading = "Rehearsal of a line")]
pub struct RehearsalArgs {
    /// So many devices, on ports from that of --listen on; each leaves for good after its success.
    /// Ends when all have left, and tells how many joined
    #[arg(long, value_name = "N", value_parser = number(1_u16..=u16::MAX), conflicts_with = "once")]
    pub count: Option<u16>,
    /// Write their roster, as CSV or (*.jsonl) JSON Lines, readable by its owner alone
    #[arg(long, value_name = "FILE", requires = "count")]
    pub roster: Option<PathBuf>,
    /// Share of devices with another proof of possession than their roster says: 2% or 0.02
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share, requires = "count")]
    pub wrong_pop: f64,
    /// Share of requests or replies that get lost
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share)]
    pub drop: f64,
    /// Share of replies that take --delay-by longer
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share)]
    pub delay: f64,
    /// How much longer
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration_or_zero, requires = "delay")]
    pub delay_by: Duration,
    /// Share of requests at which the device starts anew
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share)]
    pub reboot: f64,
    /// What all this comes from: the same again with the same number
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = number(0_u64..=u64::MAX))]
    pub seed: u64,
}

/// Transports a virtual device has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum SimulateTransportArg {
    #[value(aliases = ["httpd", "http"])]
    Softap,
    Console,
}

/// In what a device is awkward, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum QuirkArg {
    Reconnects,
    RefusesReset,
    RestartsOnce,
    StaysOpen,
}

/// Personas by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(missing_docs)]
pub enum PersonaArg {
    #[value(name = "legacy", aliases = ["idf-v3.2", "idf-v4.0"])]
    Legacy,
    #[value(name = "idf-v4.4")]
    IdfV4_4,
    #[value(name = "idf-v5.0")]
    IdfV5_0,
    #[value(name = "idf-v5.5")]
    IdfV5_5,
    #[value(name = "netprov")]
    Netprov,
    #[value(name = "netprov-thread")]
    NetprovThread,
}

/// Faults by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(missing_docs)]
pub enum FaultArg {
    WrongPassphrase,
    NotFound,
    Vanish,
    Forever,
}

/// A secret from the command line, where one belongs.
pub type SecretArg = Given;

/// A number from a range. The message says the range and not what was there.
pub(super) fn number<T>(range: RangeInclusive<T>) -> impl TypedValueParser<Value = T>
where
    T: FromStr + PartialOrd + IsHarmless + Clone + Send + Sync + 'static,
{
    move |text: &str| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| harmless!("a number from {} to {}", *range.start(), *range.end()))
    }
}

/// Which of them there are is looked at with the rest of what is given for security.
fn scheme(text: &str) -> Result<u32, Harmless> {
    text.parse().map_err(|_| "0, 1 or 2".into())
}

fn socket(text: &str) -> Result<SocketAddr, Harmless> {
    text.parse().map_err(|_| "an address and a port, for example 127.0.0.1:8080".into())
}

/// A transport on which devices can be heard.
fn heard(text: &str) -> Result<TransportArg, Harmless> {
    match TransportArg::from_str(text, true) {
        Ok(transport @ (TransportArg::Softap | TransportArg::Ble)) => Ok(transport),
        _ => Err("devices are heard over ble or softap".into()),
    }
}

/// A transport that needs something of this machine.
fn reached(text: &str) -> Result<TransportArg, Harmless> {
    match TransportArg::from_str(text, true) {
        Ok(TransportArg::Virtual) | Err(_) => Err("softap, ble or console".into()),
        Ok(transport) => Ok(transport),
    }
}

/// A part of all, from 0 to 1.
fn share(text: &str) -> Result<f64, Harmless> {
    let (digits, whole) = match text.strip_suffix('%') {
        Some(digits) => (digits, 100.0),
        None => (text, 1.0),
    };
    let share = digits.parse::<f64>().map(|number| number / whole);
    let share = share.ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a share is from 0% to 100%, or from 0 to 1".into())
}

fn mask(text: &str) -> Result<u32, Harmless> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|_| "a mask is a number of 32 bits such as 0x07fff800".into())
}

pub(super) fn duration(text: &str) -> Result<Duration, Harmless> {
    match duration_or_zero(text)? {
        Duration::ZERO => Err("must be longer than zero".into()),
        time => Ok(time),
    }
}

fn duration_or_zero(text: &str) -> Result<Duration, Harmless> {
    let time = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    let time = time.ok_or("a time is 10s, 500ms, 2min or a number of seconds")?;
    // Sums of times must stay within what clocks can count.
    if time > Duration::from_secs(365 * 24 * 60 * 60) {
        Err("must not be longer than a year".into())
    } else {
        Ok(time)
    }
}
