//! `batch` as typed.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use clap::{Arg, ArgGroup, Args, Subcommand, ValueEnum};
use protocomm::Given;

use crate::cli::options::{
    AcceptArgs, LoginArgs, PolicyArgs, SecretArg, TransportArg, VerifyArgs, WifiArgs, duration,
    duration_or_zero, moment, number,
};

/// Many devices.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    args_override_self = true,
    after_help = "\
A roster is CSV with a header line, as spreadsheets write it, or JSON (*.json, *.jsonl):
  id,address,pop,ssid,passphrase,label.order
  PROV_1,http://10.0.0.11,abcd1234,Line,file:wifi.txt,4711
  PROV_2,ble:PROV_2,env:POP_2,Line,file:wifi.txt,4712

Columns: id and address; adapter, security, pop, username, password; softap-passphrase; ssid or \
ssid-hex, passphrase or open (yes), bssid, channel; dataset; custom-data; label.NAME (in JSON the \
object labels). Any other column is a label, too. Flags supply what a line leaves out. pop, password, \
softap-passphrase, passphrase and dataset can be env:NAME or file:PATH (put text: before a value that \
starts with one of these). A job file is TOML whose keys are flags: ssid = \"Line\".

With softap:NAME, or --transport softap, this machine joins the access point of each device (Linux \
with NetworkManager), and goes back to its network at the end; with --verify after each device.

Over BLE, ble:AA:BB:CC:DD:EE:FF is safest and fastest. With a name, the scan goes on for 2 s more, \
and the device is refused if another has the same name; so is a name of over 29 bytes, as devices \
advertise no more.

Examples:
  Look at the plan first:
    esp-prov-rs batch --roster roster.csv --dry-run

  Provision, and print a label for each; after a power cut the same command resumes:
    esp-prov-rs batch --roster roster.csv --on-result ./print-label

  Several stations that share one roster, working on devices as they are switched on:
    esp-prov-rs batch --roster roster.csv --ledger postgres://line@db/prov --watch

  See what failed, and retry it:
    esp-prov-rs batch status --roster roster.csv
    esp-prov-rs batch retry --failed --roster roster.csv

  Print labels that were not printed:
    esp-prov-rs batch retry --hooks --roster roster.csv
    esp-prov-rs batch --roster roster.csv --on-result ./print-label"
)]
pub struct BatchArgs {
    /// What to do instead.
    #[command(subcommand)]
    pub command: Option<BatchCommand>,
    /// What only a batch does.
    #[command(flatten)]
    pub run: RunArgs,
    /// To work.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// What to do with a ledger.
#[derive(Debug, Subcommand)]
pub enum BatchCommand {
    /// Show the status of each device that is not done; with --verbose, of all
    #[command(after_help = "\
Examples:
  What is done, what failed, and why:
    esp-prov-rs batch status --roster roster.csv")]
    Status(LedgerArgs),
    /// Export all attempts with timings and results
    #[command(after_help = "\
Examples:
  For a spreadsheet:
    esp-prov-rs batch export --roster roster.csv > attempts.csv")]
    Export(ExportArgs),
    /// Report yield, causes, pace and times, as a page, for CI or for a spreadsheet
    #[command(after_help = "\
Examples:
  The shift that ends now, for a browser or for paper (A4):
    esp-prov-rs batch report --roster roster.csv --since 8h --output shift.html

  For a CI server, a test case for each device:
    esp-prov-rs batch report --roster roster.csv --format junit --output provisioning.xml")]
    Report(ReportArgs),
    /// Requeue devices for the next batch
    #[command(after_help = "\
Examples:
  Devices whose passphrase was wrong, once the roster has the right one:
    esp-prov-rs batch retry --failed --exit-code 50 --roster roster.csv

  A device that was repaired, although it was done:
    esp-prov-rs batch retry --done --reason 'new antenna' --roster roster.csv PROV_7

  Results whose label was not printed:
    esp-prov-rs batch retry --hooks --roster roster.csv")]
    Retry(RetryArgs),
}

/// Which ledger.
#[derive(Args, Debug)]
pub struct LedgerArgs {
    /// The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]
    #[arg(long, value_name = "FILE|URL", required_unless_present = "roster")]
    pub ledger: Option<Given>,
    /// The roster that the ledger belongs to
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
}

/// What to write.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// From where.
    #[command(flatten)]
    pub ledger: LedgerArgs,
    /// csv or json
    #[arg(long, value_name = "FORMAT", default_value = "csv", hide_possible_values = true)]
    pub format: ExportFormat,
    /// File to write, - for stdout
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
}

/// Forms of attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum ExportFormat {
    Csv,
    Json,
}

/// What to report on.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// From where.
    #[command(flatten)]
    pub ledger: LedgerArgs,
    /// html (one page, with charts), junit, csv or json
    #[arg(long, value_name = "FORMAT", default_value = "html", hide_possible_values = true)]
    pub format: ReportFormat,
    /// File to write, - for stdout
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// Only attempts that ended since then: 8h for the last 8 hours, or a date with or without a
    /// time, in UTC (2026-11-27 06:00)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<SystemTime>,
    /// Only attempts that ended before then
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<SystemTime>,
    /// Also group devices by this label of the roster [default: lot, if there is such a label]
    #[arg(long, value_name = "NAME")]
    pub by_label: Option<Given>,
}

/// Forms of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum ReportFormat {
    Html,
    Junit,
    Csv,
    Json,
}

/// Who gets another chance.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("which").required(true).multiple(true))]
#[allow(clippy::struct_excessive_bools, reason = "flags that can be combined")]
pub struct RetryArgs {
    /// Of which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
    /// Devices that failed
    #[arg(long, group = "which")]
    pub failed: bool,
    /// Devices that left before they confirmed the connection
    #[arg(long, group = "which")]
    pub unconfirmed: bool,
    /// Devices that are done, for rework; name them, or give --label, and --reason
    #[arg(long, group = "which", requires = "reason")]
    pub done: bool,
    /// Results for which --on-result failed, not devices: the next batch calls it again
    #[arg(long, group = "which", conflicts_with_all = ["failed", "unconfirmed", "done", "exit_code", "by", "reason"])]
    pub hooks: bool,
    /// Only those that ended with this exit code; repeatable
    #[arg(long, value_name = "CODE", value_parser = number(0_u8..=255), allow_negative_numbers = true)]
    pub exit_code: Vec<u8>,
    /// Only devices with this label of the roster; repeatable, and all must match
    #[arg(long, value_name = "NAME=VALUE")]
    pub label: Vec<Given>,
    /// Who does it, for the ledger [default: your user name and this machine]
    #[arg(long, value_name = "NAME")]
    pub by: Option<Given>,
    /// Why, for the ledger; --done needs it
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<Given>,
    /// Only these devices
    #[arg(value_name = "ID")]
    pub devices: Vec<Given>,
}

/// What only a batch does.
#[derive(Args, Debug)]
#[command(next_help_heading = "Batch")]
pub struct RunArgs {
    /// Add the roster to a ledger file that belongs to another roster
    #[arg(long)]
    pub add_roster: bool,
    /// Show the plan without acting
    #[arg(long)]
    pub dry_run: bool,
    /// Work on devices as they appear, until all of the roster are done or Ctrl-C: over BLE when
    /// they advertise, on access points when these are in range, over HTTP when their address answers, on a console when its port exists
    #[arg(long)]
    pub watch: bool,
    /// With --watch: report BLE devices and access points that are not in the roster if their name
    /// starts with this [default: those with a service of provisioning firmware; PROV_]
    #[arg(long, value_name = "TEXT")]
    pub prefix: Option<Given>,
    /// With --watch: interval between scans
    #[arg(long, alias = "watch-every", value_name = "TIME", default_value = "1s", value_parser = duration, allow_negative_numbers = true)]
    pub watch_interval: Duration,
    /// Stop if the first N devices all fail with the same error, such as a wrong passphrase; 0 for
    /// never
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = number(0_usize..=usize::MAX), allow_negative_numbers = true)]
    pub stop_after: usize,
    /// Limit for the whole batch; --timeout limits one attempt at one device
    #[arg(long, alias = "within", value_name = "TIME", value_parser = duration, allow_negative_numbers = true)]
    pub batch_timeout: Option<Duration>,
}

/// What the help of a run for one device says that is otherwise for many. Nobody is asked.
const FOR_MANY: [(&str, &str); 4] = [
    ("the whole run, not counting time spent at prompts", "each attempt at a device"),
    ("; without it, the device scans and you choose", ""),
    (", the environment", " or the environment"),
    (" or the prompt", ""),
];

/// Gives a flag the help that is so for many devices.
fn of_many(flag: Arg) -> Arg {
    let Some(help) = flag.get_help().map(ToString::to_string) else { return flag };
    flag.help(FOR_MANY.iter().fold(help, |help, (one, many)| help.replace(one, many)))
}

/// How to work, in a batch or at a station.
#[derive(Args, Debug)]
#[command(next_help_heading = "Work", mut_args(of_many))]
pub struct WorkArgs {
    /// The devices: CSV or (*.jsonl) JSON Lines
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// Where progress is recorded: a file, or postgres://USER@HOST/DATABASE for several stations,
    /// with the password in PGPASSWORD or ~/.pgpass [default: the roster's name with .ledger]
    #[arg(long, value_name = "FILE|URL")]
    pub ledger: Option<Given>,
    /// TOML file with flags of this command; command-line flags override it
    #[arg(long, value_name = "FILE")]
    pub job: Option<PathBuf>,
    /// Name of this station [default: the host name]
    #[arg(long, value_name = "NAME")]
    pub station: Option<Given>,
    /// Number of devices at once over HTTP
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = number(1_usize..=10_000), allow_negative_numbers = true)]
    pub parallel: usize,
    /// Wi-Fi interface that joins access points, e.g. wlan1; repeatable: with several, as many
    /// devices at once [default: the one that sees a device best, one device at a time]
    #[arg(long, value_name = "NAME")]
    pub interface: Vec<Given>,
    /// Number of devices at once over BLE, per adapter
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number(1_usize..=10_000), allow_negative_numbers = true)]
    pub parallel_ble: usize,
    /// Retries per device after a transient failure: not found, link lost, no reply
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = number(0_u32..=u32::MAX), allow_negative_numbers = true)]
    pub retries: u32,
    /// Delay before the first retry; doubles each time
    #[arg(long, alias = "retry-pause", value_name = "TIME", default_value = "1s", value_parser = duration, allow_negative_numbers = true)]
    pub retry_interval: Duration,
    /// How long Bluetooth or Wi-Fi may be off or missing before the work stops, once only devices that
    /// need it are left, and no more can come
    #[arg(long, alias = "adapter-within", value_name = "TIME", default_value = "1min", value_parser = duration, allow_negative_numbers = true)]
    pub adapter_timeout: Duration,
    /// After Ctrl-C: how long devices that were told to join may take to end; no others begin. 0 lets
    /// them go at once, as a second Ctrl-C does
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration_or_zero, allow_negative_numbers = true)]
    pub drain_timeout: Duration,
    /// Command to run for each result, which it gets as a line of JSON on stdin; if it fails, the
    /// result stands and `batch retry --hooks` calls it again
    #[arg(long, value_name = "COMMAND", allow_hyphen_values = true)]
    pub on_result: Option<Given>,
    /// Record each exchange in this folder, one file per device, in the format of --trace of other
    /// commands: without secrets
    #[arg(long, value_name = "FOLDER")]
    pub trace: Option<PathBuf>,
    /// Limit for that command; it is then killed with all its child processes
    #[arg(long, alias = "hook-within", value_name = "TIME", default_value = "30s", value_parser = duration, allow_negative_numbers = true)]
    pub hook_timeout: Duration,
    /// How long the ledger may be unreachable or full before the batch stops
    #[arg(long, alias = "ledger-within", value_name = "TIME", default_value = "1min", value_parser = duration, allow_negative_numbers = true)]
    pub ledger_timeout: Duration,
    /// How long a crashed station keeps its claims on devices, if stations share a ledger
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration, allow_negative_numbers = true)]
    pub lease: Duration,
    /// softap or ble: read addresses without a scheme as names of access points, or as BLE names,
    /// and use the id of a device without an address
    #[arg(
        long,
        value_name = "TRANSPORT",
        ignore_case = true,
        hide_possible_values = true,
        help_heading = "Roster defaults"
    )]
    pub transport: Option<TransportArg>,
    /// What lines of the roster leave out.
    #[command(flatten)]
    pub defaults: DefaultArgs,
    /// A Wi-Fi network.
    #[command(flatten)]
    pub wifi: WifiArgs,
    /// Where each device is then.
    #[command(flatten)]
    pub verify: VerifyArgs,
    /// What to accept of each device.
    #[command(flatten)]
    pub accept: AcceptArgs,
    /// How patient to be with each device.
    #[command(flatten)]
    pub policy: PolicyArgs,
}

/// What lines of the roster leave out.
#[derive(Args, Debug)]
#[command(next_help_heading = "Roster defaults")]
pub struct DefaultArgs {
    /// BLE: the machine's adapter, e.g. hci1 [default: the first]
    #[arg(long, value_name = "NAME")]
    pub adapter: Option<Given>,
    /// Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the
    /// device reports]
    #[arg(long, alias = "sec_ver", value_name = "N", allow_negative_numbers = true)]
    pub sec_ver: Option<Given>,
    /// Passphrase of the devices' own access points
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        conflicts_with = "softap_passphrase_file"
    )]
    pub softap_passphrase: Option<SecretArg>,
    /// File with that passphrase, - for stdin; trailing newlines are ignored
    #[arg(long, value_name = "FILE")]
    pub softap_passphrase_file: Option<PathBuf>,
    /// Proof of possession
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "pop_file")]
    pub pop: Option<SecretArg>,
    /// File with the proof of possession, - for stdin; trailing newlines are ignored
    #[arg(long, value_name = "FILE")]
    pub pop_file: Option<PathBuf>,
    /// For security 2.
    #[command(flatten)]
    pub login: LoginArgs,
    /// Fail unless a device reports this version
    #[arg(long, alias = "proto_ver", value_name = "TEXT")]
    pub proto_ver: Option<Given>,
    /// First make each device forget a network it could not join; devices with a failed join in the
    /// ledger are reset anyway
    #[arg(long)]
    pub reset_first: bool,
    /// Text for the application's custom-data endpoint, sent before the network
    #[arg(long, alias = "custom_data", value_name = "TEXT", allow_hyphen_values = true)]
    pub custom_data: Option<Given>,
}
