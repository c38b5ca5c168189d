//! The command line as typed: flags in, plain data out. Every spelling of `esp_prov.py` is a
//! hidden alias.

use std::{convert::Infallible, fmt, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use zeroize::Zeroizing;

const EXAMPLES: &str = "\
Examples:
  A virtual device, to try it without hardware:
    esp-prov-rs --transport virtual --pop abcd1234 --ssid Home --passphrase correct-horse

  A device on its own access point (join that first), asking for what is missing:
    esp-prov-rs --ssid Home

  A factory line: no questions, secrets from the environment, JSON events:
    ESP_PROV_POP=… ESP_PROV_PASSPHRASE=… esp-prov-rs --no-input --json --ssid Line

  Another address, no encryption, everything that goes over the wire:
    esp-prov-rs --service-name 10.0.0.7:8080 --sec-ver 0 --ssid Guest --open -vvv";

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
}

/// A command.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "one per process")]
pub enum Command {
    /// Give a device its network (the default)
    #[command(after_help = EXAMPLES)]
    Provision(ProvisionArgs),
    /// List the networks the device sees
    Scan(ScanArgs),
    /// Make a device forget a network it could not join, so that it takes another
    Reset(DeviceArgs),
    /// Make a connected device take another network, where its application allows it
    Reprovision(DeviceArgs),
    /// Make salt and verifier of security 2 for firmware
    Sec2Credentials(CredentialsArgs),
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
    /// How to reach the device: softap (HTTP; httpd and http are the same), console (UART), or
    /// virtual for one inside this process
    #[arg(
        long,
        value_name = "TRANSPORT",
        default_value = "softap",
        ignore_case = true,
        hide_possible_values = true,
        help_heading = "Device"
    )]
    pub transport: TransportArg,
    /// Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0]
    /// [default: 192.168.4.1:80]
    #[arg(
        long,
        alias = "service_name",
        value_name = "ADDRESS",
        default_value = "",
        hide_default_value = true,
        help_heading = "Device"
    )]
    pub service_name: String,
    /// Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose
    #[arg(long, value_name = "PATH", help_heading = "Device")]
    pub port: Option<String>,
    /// Console: bits a second
    #[arg(
        long,
        value_name = "N",
        default_value_t = 115_200,
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Device"
    )]
    pub baud: u32,
    /// Security scheme: 0, 1 or 2; without it the one the device names
    #[arg(
        long,
        alias = "sec_ver",
        value_name = "N",
        allow_negative_numbers = true,
        help_heading = "Device"
    )]
    pub sec_ver: Option<u32>,
    /// Proof of possession; visible to other users of this machine, so prefer a file, the
    /// environment (ESP_PROV_POP) or the prompt
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        conflicts_with = "pop_file",
        help_heading = "Device"
    )]
    pub pop: Option<SecretArg>,
    /// File with the proof of possession, - for stdin; one final line end is left out
    #[arg(long, value_name = "FILE", help_heading = "Device")]
    pub pop_file: Option<PathBuf>,
    /// For security 2.
    #[command(flatten)]
    pub login: LoginArgs,
    /// How patient to be.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Accepted for `esp_prov.py`.
    #[command(flatten)]
    pub later: LaterArgs,
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
    #[arg(long, value_name = "N", help_heading = "Scan")]
    pub group_channels: Option<u8>,
    /// Time on each channel; firmware with Bluetooth ignores it
    #[arg(long, value_name = "TIME", default_value = "120ms", value_parser = duration, allow_negative_numbers = true, help_heading = "Scan")]
    pub scan_period: Duration,
    /// Networks to ask for at once [default: 16 over HTTP, else 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100), help_heading = "Scan")]
    pub page_size: Option<u32>,
    /// Ask how the scan stands instead of waiting for its answer
    #[arg(long, help_heading = "Scan")]
    pub no_block: bool,
}

/// User name and password of security 2.
#[derive(Args, Clone, Debug)]
pub struct LoginArgs {
    /// User name of security 2 [env: ESP_PROV_SEC2_USERNAME]
    #[arg(long, alias = "sec2_username", value_name = "TEXT", help_heading = "Device")]
    pub sec2_username: Option<String>,
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
    #[value(hide = true)]
    Ble,
}

/// What `esp_prov.py` takes in another way, or this version can't do: parsed so that the refusal
/// names it.
#[derive(Args, Debug)]
pub struct LaterArgs {
    /// As the command `sec2-credentials`, in the spelling of `esp_prov.py`.
    #[arg(long, alias = "sec2_gen_cred", hide = true)]
    pub sec2_gen_cred: bool,
    /// For `--sec2-gen-cred`.
    #[arg(long, alias = "sec2_salt_len", hide = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub sec2_salt_len: Option<u16>,
    /// Thread.
    #[arg(long, alias = "dataset_tlvs", hide = true, value_name = "HEX")]
    pub dataset_tlvs: Option<SecretArg>,
    /// The legacy custom-config endpoint.
    #[arg(long, alias = "custom_config", hide = true)]
    pub custom_config: bool,
    /// The legacy custom-config endpoint.
    #[arg(long, alias = "custom_info", hide = true, value_name = "TEXT")]
    pub custom_info: Option<String>,
    /// The legacy custom-config endpoint.
    #[arg(long, alias = "custom_ver", hide = true, value_name = "N")]
    pub custom_ver: Option<u32>,
    /// BLE. Means nothing elsewhere, as in `esp_prov.py`.
    #[arg(long, alias = "ble_adapter", hide = true, value_name = "NAME")]
    pub ble_adapter: Option<String>,
}

/// How patient to be.
#[derive(Args, Debug)]
#[command(next_help_heading = "Patience")]
pub struct PolicyArgs {
    /// Limit for the whole run, without the time taken to answer questions; times are 10s,
    /// 500ms, 2min, and a plain number is seconds
    #[arg(long, value_name = "TIME", default_value = "3min", value_parser = duration, allow_negative_numbers = true)]
    pub timeout: Duration,
    /// Limit for building a connection
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, allow_negative_numbers = true)]
    pub connect_within: Duration,
    /// Limit for each reply
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, allow_negative_numbers = true)]
    pub reply_within: Duration,
    /// Limit for the device's join
    #[arg(long, value_name = "TIME", default_value = "1min", value_parser = duration, allow_negative_numbers = true)]
    pub join_within: Duration,
    /// Longest pause between two questions how the join stands; the first come much faster
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration, allow_negative_numbers = true)]
    pub poll_interval: Duration,
    /// How often to connect at most when the link gets lost
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100), allow_negative_numbers = true)]
    pub attempts: u32,
}

/// The network to give.
#[derive(Args, Debug)]
pub struct ProvisionArgs {
    /// Which device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Name of the Wi-Fi network, 1 to 32 bytes
    #[arg(long, value_name = "NAME", allow_hyphen_values = true, help_heading = "Network")]
    pub ssid: Option<String>,
    /// Its name in hexadecimal, where it is no text
    #[arg(long, value_name = "HEX", conflicts_with = "ssid", help_heading = "Network")]
    pub ssid_hex: Option<String>,
    /// Its passphrase, 8 to 63 bytes; visible to other users of this machine, so prefer a file,
    /// the environment (ESP_PROV_PASSPHRASE) or the prompt
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with_all = ["passphrase_file", "open"], help_heading = "Network")]
    pub passphrase: Option<SecretArg>,
    /// File with the passphrase, - for stdin; one final line end is left out
    #[arg(long, value_name = "FILE", conflicts_with = "open", help_heading = "Network")]
    pub passphrase_file: Option<PathBuf>,
    /// The network has no passphrase
    #[arg(long, help_heading = "Network")]
    pub open: bool,
    /// One access point of it, e.g. 24:0a:c4:11:22:33; stock firmware ignores it
    #[arg(long, value_name = "MAC", help_heading = "Network")]
    pub bssid: Option<String>,
    /// Its channel, 1 to 14; stock firmware ignores it
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Network")]
    pub channel: Option<String>,
    /// Refuse a device of any other version than this
    #[arg(long, alias = "proto_ver", value_name = "TEXT", help_heading = "Device")]
    pub proto_ver: Option<String>,
    /// Text for the application's custom-data endpoint, sent before the network
    #[arg(
        long,
        alias = "custom_data",
        value_name = "TEXT",
        allow_hyphen_values = true,
        help_heading = "Network"
    )]
    pub custom_data: Option<String>,
    /// As the command `reset`, in the spelling of `esp_prov.py`.
    #[arg(long, hide = true)]
    pub reset: bool,
    /// As the command `reprovision`, in the spelling of `esp_prov.py`.
    #[arg(long, hide = true, conflicts_with = "reset")]
    pub reprov: bool,
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
    #[arg(long, alias = "sec2_salt_len", value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub sec2_salt_len: u16,
    /// c for C arrays, json for hexadecimal text, raw for two files
    #[arg(long, value_name = "FORMAT", default_value = "c", hide_possible_values = true)]
    pub format: CredentialsFormat,
    /// For raw: the files' common name, without .salt and .verifier
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
  channel = 6")]
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
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Console: print log lines in between, also in the middle of echo and reply
    #[arg(long)]
    pub log_lines: bool,
    /// Firmware generation to play: legacy (ESP-IDF v3.2 and v4.0 examples, plain version
    /// text), idf-v4.4, idf-v5.0, idf-v5.5 or netprov
    #[arg(long, value_name = "NAME", default_value = "netprov", hide_possible_values = true)]
    pub persona: PersonaArg,
    /// Security scheme: 0, 1 or 2
    #[arg(long, alias = "sec_ver", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=2))]
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
    pub sec2_username: String,
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
    /// TOML file with the networks in reach [default: Home, Office and the open Guest]
    #[arg(long, value_name = "FILE")]
    pub networks: Option<PathBuf>,
    /// From apply to connected
    #[arg(long, value_name = "TIME", default_value = "1200ms", value_parser = duration_or_zero)]
    pub join_delay: Duration,
    /// Attempts that fail before the one that counts
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub failed_attempts: u32,
    /// What goes wrong whatever the client sends: wrong-passphrase, not-found, vanish (leaves
    /// right after apply) or forever (never stops trying)
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub fail: Option<FaultArg>,
    /// Leave for good after the first success, and print the network that was set
    #[arg(long)]
    pub once: bool,
    /// Print passphrases
    #[arg(long)]
    pub show_secrets: bool,
}

/// Transports a virtual device has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum SimulateTransportArg {
    #[value(aliases = ["httpd", "http"])]
    Softap,
    Console,
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

/// A secret from the command line: no `Debug`, no error message shows it.
#[derive(Clone)]
pub struct SecretArg(pub Zeroizing<String>);

impl FromStr for SecretArg {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl fmt::Debug for SecretArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    match duration_or_zero(text)? {
        Duration::ZERO => Err("must be longer than zero".to_owned()),
        time => Ok(time),
    }
}

fn duration_or_zero(text: &str) -> Result<Duration, String> {
    let time = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    let time = time.ok_or("a time is 10s, 500ms, 2min or a number of seconds")?;
    // Sums of times must stay within what clocks can count.
    if time > Duration::from_secs(365 * 24 * 60 * 60) {
        Err("must not be longer than a year".to_owned())
    } else {
        Ok(time)
    }
}
