//! `esp-prov-rs simulate`: runs a virtual device on a socket or a pseudo-terminal.

mod beside;
mod roster;

use std::{
    cell::Cell,
    ffi::OsString,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::{Args, ValueEnum};
use esp_prov::Stage;
use esp_prov_input::files::{self, Kind};
use esp_prov_simulate::{
    Fault, FaultRates, Fleet, FleetConfig, Persona, Quirk, Replay, Settings, VirtualDevice,
    default_networks, parse_networks, serve,
};
#[cfg(unix)]
use esp_prov_simulate::{PseudoTerminal, serve_console};
use esp_prov_trace as trace;
use protocomm::{
    Given, Harmless, Label, LabelTransport, NetworkKind, Password, ProofOfPossession, Scheme,
    Username, device::SrpVerifier,
};
use rand_core::UnwrapErr;
use tokio::net::TcpListener;

pub(super) use self::beside::ADDRESS;
use self::beside::Ready;
use super::sec2_credentials as credentials;
use crate::{
    cli::{
        Failure, block_on,
        options::{SecretArg, duration_or_zero, number},
        read_text,
        secrets::Doubts,
    },
    exit::Exit,
    report::{ListenAddress, Reporter},
};

/// The name of the device, which firmware makes from the end of its MAC address.
const NAME: &str = "PROV_123456";

/// A virtual device.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  Security 1 with the proof of possession abcd1234, until Ctrl-C:
    esp-prov-rs simulate --listen 127.0.0.1:8080

  On a serial console, as chatty as a real one:
    esp-prov-rs simulate --transport console --log-lines

  A test against a device on a free port, started before it and stopped after it:
    esp-prov-rs simulate --listen 127.0.0.1:0 --fail wrong-passphrase -- \\
      esp-prov-rs --service-name {} --pop abcd1234 --ssid Home --passphrase 12345678

Environment of COMMAND:
  ESP_PROV_SIMULATED_ADDRESS  Address of the device, or of the first with --count: host:port, or
                              the path of its console

The networks of --networks, in TOML:
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
    /// softap (HTTP on a socket) or console (on a pseudo-terminal, whose path is printed)
    #[arg(
        long,
        value_name = "TRANSPORT",
        default_value = "softap",
        ignore_case = true,
        hide_possible_values = true
    )]
    pub transport: SimulateTransportArg,
    /// Softap: address to listen on; port 0 picks a free port and prints it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = socket)]
    pub listen: SocketAddr,
    /// Console: print log lines in between, even within the echo and the reply
    #[arg(long)]
    pub log_lines: bool,
    /// Softap: send each reply in one piece; stock firmware sends the header first, and the rest
    /// waits for its acknowledgement (40 ms on Linux)
    #[arg(long)]
    pub whole_replies: bool,
    /// Accept no network: sessions serve only the application's endpoints
    #[arg(
        long,
        conflicts_with_all = ["networks", "join_delay", "ip", "failed_attempts", "fail", "quirk", "scan_time"]
    )]
    pub session_only: bool,
    /// Firmware generation to play: legacy (ESP-IDF v3.2 and v4.0 examples, plain version
    /// text), idf-v4.4, idf-v5.0, idf-v5.5, netprov, or netprov-thread
    #[arg(long, value_name = "NAME", default_value = "netprov", hide_possible_values = true)]
    pub persona: PersonaArg,
    /// Security scheme: 0, 1 or 2
    #[arg(long, alias = "sec_ver", value_name = "N", default_value_t = 1, value_parser = number(0_u8..=2), allow_negative_numbers = true)]
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
    /// Salt and verifier instead of user name and password: base name of the files that
    /// sec2-credentials --format raw writes
    #[arg(long, value_name = "NAME")]
    pub sec2_verifier: Option<PathBuf>,
    /// Answer as the device in this trace did; record it with --trace, preferably with
    /// --trace-secrets
    #[arg(
        long,
        value_name = "TRACE",
        conflicts_with_all = [
            "persona", "sec_ver", "pop", "no_pop", "sec2_username", "sec2_pwd", "sec2_verifier",
            "networks", "join_delay", "ip", "failed_attempts", "fail", "quirk", "scan_time",
            "session_only",
            "show_secrets", "count", "drop", "delay", "reboot",
        ]
    )]
    pub replay: Option<PathBuf>,
    /// TOML file with the networks in reach [default: Home, Office and the open Guest]
    #[arg(long, value_name = "FILE")]
    pub networks: Option<PathBuf>,
    /// Time from apply to connected
    #[arg(long, value_name = "TIME", default_value = "1200ms", value_parser = duration_or_zero, allow_negative_numbers = true)]
    pub join_delay: Duration,
    /// Address that the device reports once it is connected
    #[arg(long, value_name = "ADDRESS", default_value = "192.168.1.57", value_parser = ipv4)]
    pub ip: Ipv4Addr,
    /// Number of failed attempts before the one that counts
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = number(0_u32..=u32::MAX), allow_negative_numbers = true)]
    pub failed_attempts: u32,
    /// Fail like this, whatever the client sends: wrong-passphrase, not-found, vanish (leaves
    /// right after apply) or forever (never stops trying)
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub fail: Option<FaultArg>,
    /// Misbehave as some real devices do; repeatable: reconnects (keeps trying after a failed join
    /// and refuses to scan meanwhile; otherwise such a scan hangs it), refuses-reset, restarts-once
    /// (after apply, forgetting the network) or stays-open (accepts another network)
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub quirk: Vec<QuirkArg>,
    /// Duration of a scan
    #[arg(long, value_name = "TIME", default_value = "300ms", value_parser = duration_or_zero, allow_negative_numbers = true)]
    pub scan_time: Duration,
    /// Stop after the first success, and print the network that was set
    #[arg(long)]
    pub once: bool,
    /// Print passphrases, and the text of the QR code even if its secret is not a well-known one
    #[arg(long, conflicts_with = "count")]
    pub show_secrets: bool,
    /// File to write once the device is ready: its address, or with --count one address per line.
    /// It appears complete, and is removed at the end
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Command to run once the device is ready. The device stops when the command ends, and its
    /// exit code is passed on (128 + N after signal N). An argument {} is replaced by the device's
    /// address. Stdout belongs to the command; -v shows what the device does
    #[arg(last = true, value_name = "COMMAND")]
    pub beside: Vec<OsString>,
    /// For a fleet.
    #[command(flatten)]
    pub fleet: FleetArgs,
}

/// Many devices, and injected faults.
#[derive(Args, Debug)]
#[command(next_help_heading = "Fleet simulation")]
pub struct FleetArgs {
    /// Number of devices, on consecutive ports starting at --listen; each stops after its success.
    /// Ends when all have stopped, and prints how many joined
    #[arg(long, value_name = "N", value_parser = number(1_u16..=u16::MAX), allow_negative_numbers = true, conflicts_with = "once")]
    pub count: Option<u16>,
    /// Write their roster, as CSV or (*.jsonl) JSON Lines, readable only by its owner
    #[arg(long, value_name = "FILE", requires = "count")]
    pub roster: Option<PathBuf>,
    /// Share of devices whose proof of possession is not the one in the roster: 2% or 0.02
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share, allow_negative_numbers = true, requires = "count")]
    pub wrong_pop: f64,
    /// Share of requests or replies that get lost
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share, allow_negative_numbers = true)]
    pub drop: f64,
    /// Share of replies that are delayed by --delay-by
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share, allow_negative_numbers = true)]
    pub delay: f64,
    /// Length of a delay
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration_or_zero, allow_negative_numbers = true, requires = "delay")]
    pub delay_by: Duration,
    /// Share of requests at which the device restarts
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share, allow_negative_numbers = true)]
    pub reboot: f64,
    /// Random seed; the same seed injects the same faults
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = number(0_u64..=u64::MAX), allow_negative_numbers = true)]
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

fn ipv4(text: &str) -> Result<Ipv4Addr, Harmless> {
    text.parse().map_err(|_| "an IPv4 address, for example 192.168.1.57".into())
}

fn socket(text: &str) -> Result<SocketAddr, Harmless> {
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    local.as_deref().unwrap_or(text).parse().map_err(|_| {
        "an address and a port, for example 127.0.0.1:8080 (0.0.0.0 for all addresses; ports \
         below 1024 need administrator rights)"
            .into()
    })
}

/// Parses a share: a percentage, or a number from 0 to 1.
fn share(text: &str) -> Result<f64, Harmless> {
    let (digits, whole) = match text.strip_suffix('%') {
        Some(digits) => (digits, 100.0),
        None => (text, 1.0),
    };
    let share = digits.parse::<f64>().map(|number| number / whole);
    let share = share.ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a share from 0% to 100%, or from 0 to 1".into())
}

pub(super) fn run(args: &SimulateArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    if !args.beside.is_empty() {
        reporter.stay_aside();
    }
    check_typed(args, reporter)?;
    let rates = args.fleet.drop + args.fleet.delay + args.fleet.reboot;
    if rates > 1.0 {
        return Err(Failure::input("--drop, --delay and --reboot: more than 100% together"));
    }
    if rates > 0.0 && args.transport == SimulateTransportArg::Console {
        return Err(Failure::input("--drop, --delay, --reboot: faults need --transport softap"));
    }
    if let Some(count) = args.fleet.count {
        return many(args, count, reporter);
    }
    let device = match &args.replay {
        Some(path) => replaying(path, reporter)?,
        None => VirtualDevice::new(settings(args)?),
    };
    block_on(async {
        let ready = Ready::new(args.ready_file.as_deref());
        let has_left = Cell::new(false);
        let life = async {
            let ended = live(args, &device, reporter, &ready).await;
            has_left.set(true);
            ended
        };
        let ended = beside::run(&args.beside, &ready, life).await;
        // A command ends once the device has joined; the device leaves a moment later.
        if !has_left.get() && device.is_leaving() {
            tell_end(args, &device, reporter);
        }
        ended
    })
}

/// Checks the device's secrets as those of a client: refuses what no client could give, and warns
/// about white space at the ends.
fn check_typed(args: &SimulateArgs, reporter: &Reporter) -> Result<(), Failure> {
    let doubts = Doubts { observer: reporter, deny_warnings: false };
    for (flag, given) in [
        ("--pop", &args.pop),
        ("--sec2-username", &args.sec2_username),
        ("--sec2-pwd", &args.sec2_pwd),
    ] {
        doubts.typed(Stage::Handshake, flag, given.expose())?;
    }
    Ok(())
}

/// Makes a device that replays a trace.
fn replaying(path: &Path, reporter: &Reporter) -> Result<VirtualDevice, Failure> {
    let explain = |error: &dyn std::fmt::Display| {
        Failure::input(format!("--replay {}: {error}", files::named(path)))
    };
    let bytes = files::read(path, Kind::Recording).map_err(|error| explain(&error))?;
    let trace = trace::read(&bytes).map_err(|error| explain(&error))?;
    let replay = Replay::new(&trace).map_err(|error| explain(&error))?;
    let exchanges = if replay.len() == 1 { "exchange" } else { "exchanges" };
    let (count, named) = (replay.len(), files::named(path));
    reporter.note(&format!("Replaying {count} {exchanges} of {named}"));
    if let Some(line) = trace.cut_off {
        reporter.note(&format!("line {line} of the trace is cut off and was skipped"));
    }
    if replay.mute_sessions() > 0 {
        reporter.warn(
            "the trace has no secrets: encrypted messages are replayed as recorded, and no other \
             client can decrypt them; record with --trace-secrets to replay it to the end",
        );
    }
    if replay.left_out() > 0 {
        reporter.warn(&format!(
            "the trace lacks {} replies of the application, and nothing is sent for them; record \
             with --trace-secrets to keep them",
            replay.left_out()
        ));
    }
    Ok(VirtualDevice::replaying(replay))
}

/// Reports what a device was given, once it has left.
fn tell_end(args: &SimulateArgs, device: &VirtualDevice, reporter: &Reporter) {
    if device.is_replay() {
        reporter.note("The trace has ended");
    } else {
        reporter.provisioned(device.given().as_ref(), args.show_secrets);
    }
}

/// Runs a fleet of devices, and writes their roster.
fn many(args: &SimulateArgs, count: u16, reporter: &Reporter) -> Result<Exit, Failure> {
    if args.transport != SimulateTransportArg::Softap {
        return Err(Failure::input("--count: several devices need --transport softap"));
    }
    // Each device takes a socket or two. If there are too few, opening one fails with the reason.
    let _ = rlimit::increase_nofile_limit(u64::from(count) * 3 + 64);
    let config = FleetConfig {
        count,
        listen: args.listen,
        settings: settings(args)?,
        wrong_pop: args.fleet.wrong_pop,
    };
    block_on(async {
        let opened = Fleet::open(&config).await;
        let mut fleet = opened.map_err(|(at, error)| {
            Failure::input(format!("--listen {at} (of --count {count}): {error}"))
        })?;
        if let Some(path) = &args.fleet.roster {
            roster::write(path, &fleet.addresses, args, &config.settings)?;
        }
        reporter.farm_listens(&fleet.addresses, &config.settings);
        let ready = Ready::new(args.ready_file.as_deref());
        ready.at(&fleet.addresses.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let log = Arc::new(reporter.request_log(reporter.tells_exchanges()));
        let serving = async {
            let served = fleet.serve(log).await;
            served.map_err(|error| Failure::Internal(format!("a listener failed: {error}")))
        };
        let ended = beside::run(&args.beside, &ready, serving).await;
        reporter.farm_ended(fleet.tally());
        ended
    })
}

async fn live(
    args: &SimulateArgs,
    device: &VirtualDevice,
    reporter: &Reporter,
    ready: &Ready,
) -> Result<(), Failure> {
    match args.transport {
        SimulateTransportArg::Softap => live_on_socket(args, device, reporter, ready).await,
        SimulateTransportArg::Console => live_on_console(args, device, reporter, ready).await,
    }
}

#[cfg(unix)]
async fn live_on_console(
    args: &SimulateArgs,
    device: &VirtualDevice,
    reporter: &Reporter,
    ready: &Ready,
) -> Result<(), Failure> {
    let failed = |error| Failure::Internal(format!("the pseudo-terminal failed: {error}"));
    let mut terminal = PseudoTerminal::open().map_err(failed)?;
    let listens_at = ListenAddress::Terminal(terminal.path.clone());
    loop {
        // QR codes have no form for a console.
        reporter.listening(&listens_at, device.settings(), None);
        ready.at(&[terminal.path.clone()])?;
        let log = Arc::new(reporter.request_log(true));
        serve_console(&mut terminal.device, device, args.log_lines, log).await.map_err(failed)?;
        tell_end(args, device, reporter);
        if args.once {
            terminal.close().await;
            return Ok(());
        }
        device.restart();
    }
}

#[cfg(not(unix))]
async fn live_on_console(
    _: &SimulateArgs,
    _: &VirtualDevice,
    _: &Reporter,
    _: &Ready,
) -> Result<(), Failure> {
    Err(Failure::input("--transport console: this system has no pseudo-terminals; use softap"))
}

async fn live_on_socket(
    args: &SimulateArgs,
    device: &VirtualDevice,
    reporter: &Reporter,
    ready: &Ready,
) -> Result<(), Failure> {
    let cannot = |error| Failure::input(format!("--listen {}: {error}", args.listen));
    let mut listener = TcpListener::bind(args.listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let label = label(args, device.settings()).filter(|_| !device.is_replay());
    let listens_at =
        if device.is_replay() { ListenAddress::Replay } else { ListenAddress::Socket }(address);
    let label = label.as_ref().map(Label::to_json);
    loop {
        let label = label.as_ref().map(|text| text.as_str());
        reporter.listening(&listens_at, device.settings(), label);
        ready.at(&[address.to_string()])?;
        let log = reporter.request_log(true);
        serve(&listener, device, Arc::new(log))
            .await
            .map_err(|error| Failure::Internal(format!("the listener failed: {error}")))?;
        tell_end(args, device, reporter);
        if args.once {
            return Ok(());
        }
        // The next device is another one, so connections to this one are closed.
        drop(listener);
        device.restart();
        listener = TcpListener::bind(address).await.map_err(cannot)?;
    }
}

/// The label that firmware like this prints; `None` if it would show a secret that is not well
/// known.
fn label(args: &SimulateArgs, settings: &Settings) -> Option<Label> {
    let (username, secret) = match settings.scheme {
        Scheme::Sec0 => (None, None),
        Scheme::Sec1 => (None, Some(&args.pop).filter(|_| !args.no_pop)),
        // Firmware that was built with a verifier does not know the password.
        Scheme::Sec2 if args.sec2_verifier.is_some() => (None, None),
        Scheme::Sec2 => (Username::new(args.sec2_username.expose()), Some(&args.sec2_pwd)),
    };
    let pop = secret.map(|secret| ProofOfPossession::from(secret.expose()));
    if !args.show_secrets && pop.as_ref().is_some_and(|pop| !pop.is_well_known()) {
        return None;
    }
    // network_provisioning names the network only in the form without a secret (`app_main.c`,
    // 1.2.4).
    let says_network = settings.persona == Persona::Netprov && pop.is_none();
    let mut label = Label::new(NAME, LabelTransport::SoftAp);
    label.username = username;
    label.pop = pop;
    label.network = says_network.then_some(NetworkKind::Wifi);
    Some(label)
}

fn settings(args: &SimulateArgs) -> Result<Settings, Failure> {
    let networks = match &args.networks {
        None => default_networks(),
        Some(path) => {
            let text = read_text("--networks", path, Kind::Networks)?;
            parse_networks(&text).map_err(|error| {
                Failure::input(format!("--networks {}: {error}", files::named(path)))
            })?
        }
    };
    Ok(Settings {
        persona: match args.persona {
            PersonaArg::Legacy => Persona::Legacy,
            PersonaArg::IdfV4_4 => Persona::IdfV4_4,
            PersonaArg::IdfV5_0 => Persona::IdfV5_0,
            PersonaArg::IdfV5_5 => Persona::IdfV5_5,
            PersonaArg::Netprov => Persona::Netprov,
            PersonaArg::NetprovThread => Persona::NetprovThread,
        },
        scheme: scheme(args)?,
        verifier: verifier(args)?,
        pop: (!args.no_pop).then(|| ProofOfPossession::from(args.pop.expose())),
        networks,
        join_delay: args.join_delay,
        ip: args.ip,
        failed_attempts: args.failed_attempts,
        fault: args.fail.map(|fault| match fault {
            FaultArg::WrongPassphrase => Fault::WrongPassphrase,
            FaultArg::NotFound => Fault::NetworkNotFound,
            FaultArg::Vanish => Fault::Vanish,
            FaultArg::Forever => Fault::Forever,
        }),
        quirks: args
            .quirk
            .iter()
            .map(|quirk| match quirk {
                QuirkArg::Reconnects => Quirk::Reconnects,
                QuirkArg::RefusesReset => Quirk::RefusesReset,
                QuirkArg::RestartsOnce => Quirk::RestartsOnce,
                QuirkArg::StaysOpen => Quirk::StaysOpen,
            })
            .collect(),
        scan_time: args.scan_time,
        fault_rates: FaultRates {
            drop: args.fleet.drop,
            delay: args.fleet.delay,
            delay_by: args.fleet.delay_by,
            reboot: args.fleet.reboot,
        },
        seed: args.fleet.seed,
        key_seed: None,
        whole_replies: args.whole_replies,
        session_only: args.session_only,
    })
}

fn scheme(args: &SimulateArgs) -> Result<Scheme, Failure> {
    match args.sec_ver {
        0 => Ok(Scheme::Sec0),
        1 => Ok(Scheme::Sec1),
        _ if matches!(args.persona, PersonaArg::Legacy | PersonaArg::IdfV4_4) => {
            Err(Failure::input("--sec-ver 2: new in ESP-IDF v5.0; choose a later --persona"))
        }
        _ => Ok(Scheme::Sec2),
    }
}

fn verifier(args: &SimulateArgs) -> Result<Option<SrpVerifier>, Failure> {
    if args.sec_ver != 2 {
        return Ok(None);
    }
    if let Some(name) = &args.sec2_verifier {
        return credentials::read_files(name).map(Some);
    }
    let username = Username::new(args.sec2_username.expose())
        .ok_or_else(|| Failure::input("--sec2-username: must not be empty"))?;
    let password = Password::from(args.sec2_pwd.expose());
    let mut rng = UnwrapErr(getrandom::SysRng);
    Ok(Some(SrpVerifier::generate(&username, &password, SrpVerifier::SALT, &mut rng)))
}
