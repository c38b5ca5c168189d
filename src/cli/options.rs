//! Flags that several commands take.

use std::{
    ops::RangeInclusive,
    path::PathBuf,
    str::FromStr,
    time::{Duration, SystemTime},
};

use anstream::ColorChoice;
use clap::{ArgAction, Args, ValueEnum, builder::TypedValueParser};
use protocomm::{Given, Harmless, IsHarmless, harmless};

/// How to tell about it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// More output: -v device details and error causes, -vv each exchange, -vvv its bytes
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Show only the result, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// One JSON object per event on stdout (see docs/json.md)
    #[arg(long, global = true)]
    pub json: bool,
    /// Colours: auto, always or never; auto honours NO_COLOR
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: Color,
    /// Never prompt
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Print help (-h: a summary)
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

impl Color {
    /// The choice for output.
    pub(super) fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// Which device, and how to talk to it.
#[derive(Args, Debug)]
pub struct DeviceArgs {
    /// How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or
    /// virtual (a device inside this process) [default: softap]
    #[arg(
        long,
        value_name = "TRANSPORT",
        ignore_case = true,
        hide_possible_values = true,
        help_heading = "Essentials"
    )]
    pub transport: Option<TransportArg>,
    /// Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0]
    /// [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address
    /// (without a terminal, a name takes 2 s longer, to see that it is unique)
    #[arg(long, alias = "service_name", value_name = "ADDRESS", help_heading = "Essentials")]
    pub service_name: Option<Given>,
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
    /// The device's access point.
    #[command(flatten)]
    pub softap: SoftapArgs,
    /// BLE: the machine's adapter, e.g. hci1 [default: the first]
    #[arg(long, aliases = ["ble_adapter", "ble-adapter"], value_name = "NAME", help_heading = "Device")]
    pub adapter: Option<Given>,
    /// BLE: a service UUID that the device advertises, instead of its name
    #[arg(long, value_name = "UUID", help_heading = "Device")]
    pub service_uuid: Option<Given>,
    /// Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose
    #[arg(long, value_name = "PATH", help_heading = "Device")]
    pub port: Option<Given>,
    /// Console: baud rate
    #[arg(
        long,
        value_name = "N",
        default_value_t = 115_200,
        value_parser = number(1_u32..=u32::MAX), allow_negative_numbers = true,
        help_heading = "Device"
    )]
    pub baud: u32,
    /// Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the
    /// device reports]
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
    /// File with the proof of possession, - for stdin; trailing newlines are ignored
    #[arg(long, value_name = "FILE", help_heading = "Device")]
    pub pop_file: Option<PathBuf>,
    /// The device's QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with
    /// the text or a device log that shows it (- for stdin); supplies transport, security, proof of
    /// possession, user name and password unless flags do
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

impl DeviceArgs {
    /// The device's address or name as it was given; empty where it was not.
    pub fn service_name(&self) -> &str {
        self.service_name.as_ref().map_or("", Given::expose)
    }
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

/// The device's own access point, to be joined for the run.
#[derive(Args, Debug)]
#[command(next_help_heading = "Access point")]
pub struct SoftapArgs {
    /// Join the device's access point, by its name or its BSSID, for as long as the run takes, and
    /// bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager; not yet
    /// tried on macOS and Windows)
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub softap: Option<Given>,
    /// Its passphrase; visible to other users of this machine, so prefer a file, the environment
    /// (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        conflicts_with = "softap_passphrase_file"
    )]
    pub softap_passphrase: Option<SecretArg>,
    /// File with the passphrase, - for stdin; trailing newlines are ignored
    #[arg(long, value_name = "FILE")]
    pub softap_passphrase_file: Option<PathBuf>,
    /// The machine's Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]
    #[arg(long, value_name = "NAME")]
    pub interface: Option<Given>,
    /// Join even if this machine has no other network meanwhile, without asking
    #[arg(long)]
    pub yes: bool,
    /// Whether the access point was named by a label only.
    #[arg(skip)]
    pub is_by_label: bool,
}

/// Whether to look for the device on the network that it was given.
#[derive(Args, Debug)]
#[command(next_help_heading = "Verification")]
pub struct VerifyArgs {
    /// Then look for the device on the network it was given, from this machine: by the address it
    /// reported, or by its MAC address among this machine's neighbours
    #[arg(long)]
    pub verify: bool,
    /// Limit for that search
    #[arg(long, alias = "verify-within", value_name = "TIME", default_value = "30s", value_parser = duration, allow_negative_numbers = true)]
    pub verify_timeout: Duration,
    /// If the device reported no address, knock at every address of this machine's networks (up to
    /// 1024 each), so that its MAC address is found
    #[arg(long)]
    pub verify_search: bool,
    /// reprovision: only test the device, which then leaves the network again; firmware that can't
    /// is refused beforehand. The network stays in its flash, and stock firmware joins it again
    /// after a restart
    #[arg(long, value_name = "COMMAND", value_parser = then, allow_hyphen_values = true)]
    pub then: Option<Then>,
}

/// What a device is told once it has joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// To leave the network again.
    Reprovision,
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
    /// File with the password of security 2, - for stdin; trailing newlines are ignored
    #[arg(long, value_name = "FILE", help_heading = "Device")]
    pub sec2_pwd_file: Option<PathBuf>,
}

/// What to accept of a device.
#[derive(Args, Debug)]
#[command(next_help_heading = "Security")]
pub struct AcceptArgs {
    /// Refuse sessions with a security scheme below this one: 1 or 2
    #[arg(long, value_name = "N", value_parser = number(1_u32..=2), allow_negative_numbers = true)]
    pub require_security: Option<u32>,
    /// Treat warnings about the device as errors, before the network is sent
    #[arg(long)]
    pub deny_warnings: bool,
    /// Continue even if the device offers weaker security than --sec-ver, the given secret or its
    /// label requires; whatever answers then gets the network, genuine or not
    #[arg(long = AcceptArgs::WEAKER)]
    pub dangerously_accept_weaker_security: bool,
}

impl AcceptArgs {
    /// Has no short form, no variable and no abbreviation: nobody types it by habit.
    pub(super) const WEAKER: &str = "dangerously-accept-weaker-security";
}

/// How patient to be.
#[derive(Args, Debug)]
#[command(next_help_heading = "Timeouts and retries")]
pub struct PolicyArgs {
    /// Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or
    /// 2min (a plain number is seconds)
    #[arg(long, value_name = "TIME", default_value = "3min", value_parser = duration, allow_negative_numbers = true)]
    pub timeout: Duration,
    /// Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off
    #[arg(long, alias = "connect-within", value_name = "TIME", default_value = "10s", value_parser = duration, allow_negative_numbers = true)]
    pub connect_timeout: Duration,
    /// Limit for each reply; a scan gets at least 30s
    #[arg(long, alias = "reply-within", value_name = "TIME", default_value = "10s", value_parser = duration, allow_negative_numbers = true)]
    pub reply_timeout: Duration,
    /// Limit for the device to join the network
    #[arg(long, alias = "join-within", value_name = "TIME", default_value = "1min", value_parser = duration, allow_negative_numbers = true)]
    pub join_timeout: Duration,
    /// Maximum interval between status polls; the first polls are much faster
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration, allow_negative_numbers = true)]
    pub poll_interval: Duration,
    /// Maximum number of connection attempts
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
    /// Include all secrets and bytes in the trace, so that it can be replayed to the end; do not
    /// share it
    #[arg(long, requires = "trace")]
    pub trace_secrets: bool,
}

/// What `esp_prov.py` has in another way.
#[derive(Args, Debug)]
pub struct CompatArgs {
    /// As the command `sec2-credentials`, in the spelling of `esp_prov.py`.
    #[arg(long, alias = "sec2_gen_cred", hide = true)]
    pub sec2_gen_cred: bool,
    /// For `--sec2-gen-cred`.
    #[arg(long, alias = "sec2_salt_len", hide = true, value_name = "N", value_parser = number(1_u16..=1024), allow_negative_numbers = true)]
    pub sec2_salt_len: Option<u16>,
}

/// A Wi-Fi network.
#[derive(Args, Debug)]
pub struct WifiArgs {
    /// Name of the Wi-Fi network, 1 to 32 bytes; without it, the device scans and you choose
    #[arg(long, value_name = "NAME", allow_hyphen_values = true, help_heading = "Essentials")]
    pub ssid: Option<Given>,
    /// Passphrase of the network, 8 to 63 bytes; visible to other users of this machine, so prefer a file,
    /// the environment (ESP_PROV_PASSPHRASE) or the prompt
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with_all = ["passphrase_file", "open"], help_heading = "Essentials")]
    pub passphrase: Option<SecretArg>,
    /// File with the passphrase, - for stdin; trailing newlines are ignored
    #[arg(long, value_name = "FILE", conflicts_with = "open", help_heading = "Wi-Fi")]
    pub passphrase_file: Option<PathBuf>,
    /// The network has no passphrase
    #[arg(long, help_heading = "Wi-Fi")]
    pub open: bool,
    /// Name of the network in hexadecimal, if it is not valid text
    #[arg(long, value_name = "HEX", conflicts_with = "ssid", help_heading = "Wi-Fi")]
    pub ssid_hex: Option<Given>,
    /// BSSID of one access point, e.g. 24:0a:c4:11:22:33; stock firmware ignores it
    #[arg(long, value_name = "MAC", help_heading = "Wi-Fi")]
    pub bssid: Option<Given>,
    /// Channel of the network, 1 to 14 or one at 5 GHz; stock firmware ignores it
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Wi-Fi")]
    pub channel: Option<Given>,
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

fn then(text: &str) -> Result<Then, Harmless> {
    match text {
        "reprovision" => Ok(Then::Reprovision),
        "reset" => Err("must be reprovision: firmware takes reset only after a failed join".into()),
        _ => Err("must be reprovision".into()),
    }
}

/// Parses a scheme. Whether it exists is checked later, with the rest of the security settings.
fn scheme(text: &str) -> Result<u32, Harmless> {
    text.parse().map_err(|_| "0, 1 or 2".into())
}

pub(super) fn duration(text: &str) -> Result<Duration, Harmless> {
    match duration_or_zero(text)? {
        Duration::ZERO => Err("must be longer than zero".into()),
        time => Ok(time),
    }
}

pub(super) fn duration_or_zero(text: &str) -> Result<Duration, Harmless> {
    let time = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    let time = time.ok_or("a time such as 10s, 500ms or 2min, or a number of seconds")?;
    // Sums of times must stay within what clocks can count.
    if time > Duration::from_secs(365 * 24 * 60 * 60) {
        Err("must not be longer than a year".into())
    } else {
        Ok(time)
    }
}

/// A moment: a time before now, or a date with or without a time, in UTC.
pub(super) fn moment(text: &str) -> Result<SystemTime, Harmless> {
    if let Ok(before) = humantime::parse_duration(text) {
        let moment = SystemTime::now().checked_sub(before);
        let moment = moment.filter(|&moment| moment >= SystemTime::UNIX_EPOCH);
        return moment.ok_or("a time before now that is not before 1970".into());
    }
    // Seconds, minutes and hours can be left out.
    let whole = ["", ":00", " 00:00:00"].into_iter().find_map(|rest| {
        let text = format!("{}{rest}", text.trim_end_matches(['Z', 'z']));
        humantime::parse_rfc3339_weak(&text).ok()
    });
    whole.ok_or(
        "8h for 8 hours ago, or a date with or without a time, in UTC: 2026-11-27 06:00".into(),
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::args::Cli;

    /// Each old flag, with its name in help today.
    #[test]
    fn the_flags_of_yesterday_are_taken() {
        for (command, old, new) in [
            ("status", "--connect-timeout=7s", "--connect-timeout=7s"),
            ("status", "--reply-timeout=7s", "--reply-timeout=7s"),
            ("provision", "--join-timeout=7s", "--join-timeout=7s"),
            ("batch", "--batch-timeout=7s", "--batch-timeout=7s"),
            ("batch", "--hook-timeout=7s", "--hook-timeout=7s"),
            ("batch", "--ledger-timeout=7s", "--ledger-timeout=7s"),
            ("batch", "--adapter-timeout=7s", "--adapter-timeout=7s"),
            ("batch", "--watch-interval=7s", "--watch-interval=7s"),
            ("batch", "--retry-interval=7s", "--retry-interval=7s"),
        ] {
            let parsed = |flag| {
                let cli = Cli::try_parse_from(["esp-prov-rs", command, flag]).expect("it parses");
                format!("{cli:?}")
            };
            assert!(parsed(new).contains("7s"), "{new}");
            assert_eq!(parsed(old), parsed(new));
        }
    }
}
