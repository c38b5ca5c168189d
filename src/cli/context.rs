//! What a command line is about, as the context of hints.

use std::env;

use esp_prov::transport::{FoundPort, serial_ports};
use esp_prov_input::environment::SecretVariable;

use super::args::{Cli, Command, DeviceArgs, TransportArg};
use crate::exit::{Context, Job, Reach, SchemeFrom};

/// The context of a command line, including what a label has filled in.
pub(super) fn of(cli: &Cli) -> Context {
    let (job, device) = match &cli.command {
        None if cli.provision.reset => (Job::Reset, Some(&cli.provision.device)),
        None if cli.provision.reprov => (Job::Reprovision, Some(&cli.provision.device)),
        None => (Job::Provision, Some(&cli.provision.device)),
        Some(Command::Provision(args)) => (Job::Provision, Some(&args.device)),
        Some(Command::Info(args)) => (Job::Look, Some(&args.device)),
        Some(Command::Scan(args)) => (Job::Scan, Some(&args.device)),
        Some(Command::Send(args)) => (Job::Command, Some(&args.device)),
        Some(Command::Status(args)) => (Job::Status, Some(args)),
        Some(Command::Reset(args)) => (Job::Reset, Some(args)),
        Some(Command::Reprovision(args)) => (Job::Reprovision, Some(args)),
        Some(Command::Batch(_) | Command::Station(_)) => (Job::Batch, None),
        Some(Command::Discover(_)) => (Job::Look, None),
        Some(Command::Secrets(_)) => (Job::Secrets, None),
        Some(_) => (Job::Command, None),
    };
    let (resets_first, is_open) = match &cli.command {
        None => (cli.provision.reset_first, cli.provision.wifi.open),
        Some(Command::Provision(args)) => (args.reset_first, args.wifi.open),
        Some(Command::Scan(args)) => (args.reset_first, false),
        Some(_) => (false, false),
    };
    let secrets_from = device.map(secrets_from).unwrap_or_default();
    let scheme_from = device.filter(|args| args.sec_ver.is_some()).map(|args| match args.qr {
        Some(_) if !args.sec_ver_given => SchemeFrom::Label,
        _ => SchemeFrom::Flag,
    });
    let reach = device.map(reach);
    let instead = device.and_then(instead);
    Context { job, reach, device: None, resets_first, is_open, scheme_from, secrets_from, instead }
}

/// What may have been meant by the name of a device or port that was not found.
fn instead(args: &DeviceArgs) -> Option<String> {
    match args.transport {
        // Host names usually contain dots, or are known to this machine.
        None if !args.service_name().is_empty()
            && !args.service_name().contains(['.', ':', '/']) =>
        {
            let what = "for a name over Bluetooth add `--transport ble`; where it is the name of \
                        the device's access point, join that and leave --service-name out";
            Some(what.to_owned())
        }
        Some(TransportArg::Console) => Some(ports_here(&serial_ports())),
        _ => None,
    }
}

/// The serial ports, in words.
pub(super) fn ports_here(ports: &[FoundPort]) -> String {
    match ports {
        [] => "this machine has no serial port".to_owned(),
        ports => {
            let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
            format!("ports here: {}", ports.join(", "))
        }
    }
}

/// Where the secrets come from, in words. A label has filled in flags by now.
fn secrets_from(args: &DeviceArgs) -> String {
    let given = |variable: &'static str| {
        let is_set = env::var_os(variable).is_some_and(|value| !value.is_empty());
        is_set.then_some(variable)
    };
    let login = &args.login;
    let has_password = login.sec2_pwd.as_ref().is_some_and(|value| !value.is_empty());
    let pop = args.pop.as_ref().map(|_| "--pop");
    let pop = pop.or_else(|| args.pop_file.as_ref().map(|_| "--pop-file"));
    let pop = pop.or_else(|| given(SecretVariable::Pop.name()));
    let password = has_password.then_some("--sec2-pwd");
    let password = password.or_else(|| login.sec2_pwd_file.as_ref().map(|_| "--sec2-pwd-file"));
    let password = password.or_else(|| given(SecretVariable::Sec2Password.name()));
    let label = args.qr.as_ref().map(|_| "the label (--qr), which may name the scheme, too");
    let sources: Vec<_> = pop.into_iter().chain(password).chain(label).collect();
    sources.join(" or ")
}

fn reach(args: &DeviceArgs) -> Reach {
    match args.transport.unwrap_or(TransportArg::Softap) {
        TransportArg::Softap => {
            let address = args.service_name().trim_start_matches("http://");
            if args.softap.softap.is_some() && !args.softap.is_by_label {
                return Reach::JoinedAccessPoint;
            }
            // The network of an ESP32's own access point.
            let is_own = args.softap.softap.is_some()
                || address.is_empty()
                || address.starts_with("192.168.4.");
            if is_own { Reach::AccessPoint } else { Reach::Network }
        }
        TransportArg::Ble => Reach::Ble,
        TransportArg::Console => Reach::Console,
        TransportArg::Virtual => Reach::Virtual,
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::OnceLock, time::Duration};

    use clap::{CommandFactory, Parser};
    use esp_prov_batch::ledger::State;
    use protocomm::{
        Capabilities, Endpoint, HandshakeError, NetworkKind, Scheme, SessionError,
        commands::JoinFailure,
    };

    use super::*;
    use crate::exit::{self, Exit};
    use esp_prov::{
        Busy, Cause, Error, JoinState, Mismatch, Outcome, Recovery, SecurityLevel, Stage,
        transport::{RadioError, TransportError, WifiError},
    };

    const REACHES: [Reach; 6] = [
        Reach::AccessPoint,
        Reach::JoinedAccessPoint,
        Reach::Network,
        Reach::Ble,
        Reach::Console,
        Reach::Virtual,
    ];

    const OVER_HTTP: [Reach; 3] = [Reach::AccessPoint, Reach::JoinedAccessPoint, Reach::Network];

    /// Each command that works on one device, with its job.
    const COMMANDS: [(&str, Job); 7] = [
        ("provision", Job::Provision),
        ("info", Job::Look),
        ("scan", Job::Scan),
        ("status", Job::Status),
        ("send", Job::Command),
        ("reset", Job::Reset),
        ("reprovision", Job::Reprovision),
    ];

    /// What can go wrong with this machine's Wi-Fi, and with access points.
    fn of_wifi() -> Vec<WifiError> {
        let why = || "x".to_owned();
        vec![
            WifiError::Unsupported,
            WifiError::NoManager(why()),
            WifiError::NoInterface,
            WifiError::OtherInterface { there: why() },
            WifiError::Unusable(why()),
            WifiError::InUse(why()),
            WifiError::Off,
            WifiError::Denied(why()),
            WifiError::NotFound(why()),
            WifiError::Several(why()),
            WifiError::WrongPassphrase,
            WifiError::PassphraseMissing,
            WifiError::NotEncrypted,
            WifiError::OtherProtection("x"),
            WifiError::Gone,
            WifiError::NoAddress,
            WifiError::NoTime,
            WifiError::TakenOver,
            WifiError::NotRestored(why()),
            WifiError::Other(why()),
        ]
    }

    #[test]
    fn a_hint_about_wifi_names_flags_that_there_are() {
        for error in of_wifi() {
            let context = Context { reach: Some(Reach::JoinedAccessPoint), ..Context::default() };
            let error = Error::new(Stage::Connect, TransportError::Wifi(error));
            check(&context, "provision", &error);
        }
    }

    /// What can go wrong over one transport, or over any.
    fn causes() -> Vec<(Option<Reach>, Stage, Cause)> {
        let radio = |error| (Some(Reach::Ble), Stage::Connect, TransportError::Radio(error).into());
        let endpoint = || Endpoint::CUSTOM_DATA;
        let refused = |status| protocomm::Refusal::new("SetWifiConfig", status);
        let http = |status| TransportError::Http { endpoint: endpoint(), status, meaning: "x" };
        let mut causes = vec![
            (None, Stage::Connect, TransportError::NotFound("x".into()).into()),
            (None, Stage::Connect, TransportError::Connect("x".into()).into()),
            (None, Stage::Connect, TransportError::NoTime("x".to_owned()).into()),
            (None, Stage::Connect, Cause::OutOfTime(Duration::from_secs(1))),
            (None, Stage::Join, Cause::OutOfTime(Duration::from_secs(1))),
            (None, Stage::Custom, TransportError::NoSuchEndpoint(endpoint()).into()),
            (None, Stage::Set, TransportError::NoSuchEndpoint(Endpoint::CONFIG).into()),
            (None, Stage::Reset, TransportError::NoSuchEndpoint(Endpoint::CONTROL).into()),
            (None, Stage::Set, SessionError::Undecryptable { endpoint: endpoint() }.into()),
            (None, Stage::Proof, HandshakeError::ProofMismatch.into()),
            (None, Stage::Proof, HandshakeError::WeakKey.into()),
            (None, Stage::Proof, Cause::ProofRejected(Scheme::Sec1)),
            (None, Stage::Handshake, Cause::SchemeRejected(Scheme::Sec1)),
            (None, Stage::Handshake, Cause::ProofMissing),
            (None, Stage::Handshake, Cause::LoginMissing),
            (None, Stage::Scan, Cause::NetworkMissing),
            (None, Stage::Apply, Cause::Unrecorded("disk is full".to_owned())),
            (Some(Reach::Ble), Stage::Connect, TransportError::Ambiguous("x".into()).into()),
            (Some(Reach::Network), Stage::Version, http(404).into()),
            (Some(Reach::AccessPoint), Stage::Version, http(408).into()),
            (Some(Reach::AccessPoint), Stage::Version, http(500).into()),
            (Some(Reach::AccessPoint), Stage::Version, TransportError::NotHttp("x".into()).into()),
            radio(RadioError::NoAdapter),
            radio(RadioError::Off),
            radio(RadioError::Lost("x".into())),
            radio(RadioError::Unpaired("x".into())),
            radio(RadioError::Forbidden("x".into())),
            radio(RadioError::NoService("x".into())),
            radio(RadioError::Died("x".into())),
            radio(RadioError::Denied("x".into())),
            (None, Stage::Handshake, Cause::OtherSecurity { asked: 1, offered: 2 }),
            (None, Stage::Handshake, Cause::OtherSecurity { asked: 2, offered: 1 }),
            (
                None,
                Stage::Handshake,
                Cause::Contradiction { scheme: 0, asked: SecurityLevel::Proved },
            ),
            (
                None,
                Stage::Custom,
                Cause::TooLong { what: "x".to_owned(), bytes: 2, limit: 1, scheme: None },
            ),
            (None, Stage::Join, Cause::Join(JoinFailure::WrongPassphrase)),
            (None, Stage::Join, Cause::Join(JoinFailure::NetworkNotFound)),
            (None, Stage::Join, Cause::Join(JoinFailure::DatasetInvalid)),
            (None, Stage::Join, Cause::Join(JoinFailure::NotAttached)),
            (None, Stage::Join, Cause::Join(JoinFailure::Unsaid)),
            (None, Stage::Join, Cause::TakenOver),
        ];
        let internal = refused(protocomm::Status::InternalError);
        for recovery in [Recovery::Reset, Recovery::ResetTried, Recovery::ManualReset] {
            causes.push((None, Stage::Apply, Cause::NotApplied(internal.clone(), recovery)));
            for busy in [Busy::JoinFailed, Busy::Joining, Busy::Joined] {
                causes.push((None, Stage::Scan, Cause::ScanUnsafe(busy, recovery)));
            }
        }
        for stage in [
            Stage::Version,
            Stage::Handshake,
            Stage::Set,
            Stage::Join,
            Stage::Reset,
            Stage::Scan,
            Stage::Status,
        ] {
            causes.push((None, stage, TransportError::NoReply.into()));
            causes.push((None, stage, TransportError::Lost("x".into()).into()));
            causes.push((None, stage, TransportError::TimedOut(Duration::from_secs(1)).into()));
        }
        causes.push((None, Stage::Scan, Cause::OutOfTime(Duration::from_secs(4))));
        for stage in [Stage::Set, Stage::Apply, Stage::Reset, Stage::Scan, Stage::Status] {
            causes.push((None, stage, refused(protocomm::Status::InternalError).into()));
            causes.push((None, stage, refused(protocomm::Status::InvalidArgument).into()));
        }
        causes
    }

    fn device(version: &str, sec_ver: Option<u32>, capabilities: &[&str]) -> Capabilities {
        let mut device = Capabilities::default();
        device.version = Some(version.to_owned());
        device.sec_ver = sec_ver;
        device.capabilities = Some(capabilities.iter().map(|one| (*one).to_owned()).collect());
        device.structured = true;
        device
    }

    /// Whether a command takes a flag.
    fn takes(command: &str, flag: &str) -> bool {
        static CLI: OnceLock<clap::Command> = OnceLock::new();
        let cli = CLI.get_or_init(|| {
            let mut cli = Cli::command();
            cli.build();
            cli
        });
        let one = cli.find_subcommand(command).unwrap_or_else(|| panic!("no command {command}"));
        let below = one.get_subcommands().flat_map(clap::Command::get_arguments);
        let is_it = |one: &clap::Arg| {
            one.get_long() == Some(flag)
                || one.get_all_aliases().is_some_and(|aliases| aliases.contains(&flag))
        };
        one.get_arguments().chain(below).any(is_it)
    }

    /// The flags in a hint, each with the command it belongs to.
    fn flags<'a>(hint: &'a str, own: &'a str) -> Vec<(&'a str, String)> {
        let mut command = own;
        let mut found = Vec::new();
        for part in hint.split('`') {
            let words = part.strip_prefix("esp-prov-rs ").unwrap_or(part).split_whitespace();
            let first = words.clone().next().unwrap_or_default();
            if first == "batch" || COMMANDS.iter().any(|(name, _)| *name == first) {
                command = first;
            }
            for word in words {
                let Some(flag) = word.strip_prefix("--") else { continue };
                let end = flag.find(|char: char| !char.is_ascii_alphanumeric() && char != '-');
                found.push((command, flag[..end.unwrap_or(flag.len())].to_owned()));
            }
            command = own;
        }
        found
    }

    /// Cause × transport × command × firmware: no hint names what does not exist there.
    #[test]
    fn hints_fit_the_way_the_firmware_and_the_command() {
        let devices = [
            None,
            Some(device("v1.1", None, &["wifi_scan"])),
            Some(device("v1.1", Some(1), &["wifi_scan"])),
            Some(device("netprov-v1.2", Some(1), &["wifi_prov", "wifi_scan"])),
            Some(device("netprov-v1.2", Some(1), &["thread_prov", "thread_scan"])),
        ];
        for (only, stage, cause) in causes() {
            let error = Error { stage, cause };
            for reach in REACHES.into_iter().filter(|reach| only.is_none_or(|only| only == *reach))
            {
                // Only a command that gives a network can miss one.
                let misses = matches!(error.cause, Cause::NetworkMissing);
                for (command, job) in COMMANDS.into_iter().filter(|(command, job)| {
                    can_be(command, *job, stage) && (!misses || *job == Job::Provision)
                }) {
                    for device in &devices {
                        for resets_first in [false, true] {
                            let (reach, device) = (Some(reach), device.clone());
                            let context =
                                Context { job, reach, device, resets_first, ..Context::default() };
                            check(&context, command, &error);
                        }
                    }
                }
            }
        }
    }

    /// `discover` knows neither a device nor a transport.
    #[test]
    fn hints_of_discover_are_about_bluetooth() {
        for (_, _, cause) in causes().into_iter().filter(|(only, ..)| *only == Some(Reach::Ble)) {
            let error = Error { stage: Stage::Discover, cause };
            let hint = Context { job: Job::Look, ..Context::default() }.hint(&error);
            for (command, flag) in flags(&hint, "discover") {
                assert!(takes(command, &flag) || flag == "service-name", "{error}: {hint}");
            }
        }
    }

    #[test]
    fn hints_name_what_may_be_wrong_with_a_radio() {
        let ble = |cause: Cause| {
            let context = Context { reach: Some(Reach::Ble), ..Context::default() };
            context.hint(&Error { stage: Stage::Version, cause })
        };
        let too_long = |bytes| {
            let (endpoint, limit) = (Endpoint::VERSION, None);
            TransportError::RequestTooLong { endpoint, bytes, limit }.into()
        };
        let off = TransportError::Radio(RadioError::Off).into();
        let told = Cause::Told(Box::new(Error { stage: Stage::Connect, cause: off }));
        for (cause, says, does_not_say) in [
            (too_long(25), "provisioning firmware", "send less"),
            (too_long(300), "send less", "provisioning firmware"),
            (told, "`bluetoothctl power on`; then `esp-prov-rs status`", "move closer"),
            (TransportError::Lost("x".into()).into(), "failed pairing", "another client"),
            (TransportError::TimedOut(Duration::from_secs(9)).into(), "failed pairing", "client"),
        ] {
            let error = cause.to_string();
            let hint = ble(cause);
            assert!(hint.contains(says) && !hint.contains(does_not_say), "{error}: {hint}");
        }
        let context = Context { job: Job::Look, ..Context::default() };
        let hint = context.of_outcome(&Outcome::Discovered { devices: Vec::new() });
        assert!(hint.contains("no other phone or computer is connected"), "{hint}");
        assert!(!hint.contains("name"), "none was given: {hint}");
        for (command, flag) in flags(&hint, "discover") {
            assert!(takes(command, &flag), "{hint}");
        }
    }

    #[test]
    fn that_another_may_be_connected_is_a_reason_over_ble_alone() {
        let cause = || TransportError::NotFound("x".into()).into();
        for reach in REACHES {
            let context = Context { reach: Some(reach), ..Context::default() };
            let hint = context.hint(&Error { stage: Stage::Connect, cause: cause() });
            let says = hint.contains("no other phone or computer is connected to it");
            assert_eq!(says, reach == Reach::Ble, "{hint}");
        }
    }

    /// Whether a command has this stage.
    fn can_be(command: &str, job: Job, stage: Stage) -> bool {
        match stage {
            Stage::Set | Stage::Apply | Stage::Join => job == Job::Provision,
            Stage::Scan => ["provision", "scan"].contains(&command),
            Stage::Custom => ["provision", "send"].contains(&command),
            Stage::Reset => ["provision", "scan", "reset", "reprovision"].contains(&command),
            Stage::Status => job == Job::Status,
            _ => true,
        }
    }

    /// The hints at the end of `status`, which gives no network.
    #[test]
    fn hints_of_an_end_fit_a_command_that_can_not_give_a_network() {
        for failure in [
            JoinFailure::WrongPassphrase,
            JoinFailure::NetworkNotFound,
            JoinFailure::NotAttached,
            JoinFailure::DatasetInvalid,
            JoinFailure::Unsaid,
        ] {
            let context =
                Context { job: Job::Status, reach: Some(Reach::Ble), ..Context::default() };
            let state = JoinState::Failed { failure };
            let hint = context.of_outcome(&Outcome::NotConnected { state });
            for (command, flag) in flags(&hint, "status") {
                assert!(takes(command, &flag), "{command} has no --{flag}: {hint}");
            }
        }
    }

    fn check(context: &Context, command: &str, error: &Error) {
        let hint = context.hint(error);
        let case = format!("{error}, {context:?}, {command}: {hint}");
        assert!(!hint.is_empty(), "{case}");
        for (command, flag) in flags(&hint, command) {
            assert!(takes(command, &flag), "{command} has no --{flag}: {case}");
        }
        let own = format!("`esp-prov-rs {command}`");
        assert!(!hint.contains(&own), "names what just ran: {case}");
        let says = |words: &[&str]| words.iter().any(|word| hint.contains(word));
        let reach = context.reach.expect("of each");
        if says(&["own access point", "device's access point", "its access point"]) {
            let is_one = matches!(reach, Reach::AccessPoint | Reach::JoinedAccessPoint);
            assert!(is_one, "{case}");
        }
        if says(&["move closer", "luetooth", "adapter"]) {
            assert_eq!(reach, Reach::Ble, "{case}");
        }
        if says(&["cable", "baud", "serial port", "line of"]) {
            assert_eq!(reach, Reach::Console, "{case}");
        }
        if says(&["HTTP", "address and port", "host name"]) {
            assert!(OVER_HTTP.contains(&reach), "{case}");
        }
        // Over the other transports there is only one client.
        if says(&["another client", "one session"]) && !matches!(error.cause, Cause::TakenOver) {
            assert!(OVER_HTTP.contains(&reach), "{case}");
        }
        // The flag was not given.
        assert!(!says(&["leave `--sec-ver` out"]), "{case}");
        let Some(device) = &context.device else { return };
        if device.network() == NetworkKind::Thread {
            let is_of_wifi =
                says(&["2.4 GHz"]) || error.stage == Stage::Join && says(&["the access point"]);
            assert!(!is_of_wifi, "{case}");
        }
        let can_not_reset = device.sec_ver.is_none();
        // For these, it is known whether there is a `prov-ctrl`.
        let was_found = matches!(
            error.cause,
            Cause::NotApplied(_, Recovery::Reset)
                | Cause::ScanUnsafe(Busy::JoinFailed, Recovery::Reset | Recovery::ResetTried)
        );
        if can_not_reset && !was_found && error.stage != Stage::Reset {
            assert!(!says(&["--reset-first", "esp-prov-rs rep", "esp-prov-rs reset"]), "{case}");
        }
        if device.version.as_deref() == Some("netprov-v1.2") {
            assert!(!says(&["before ESP-IDF v5.1"]) || stage_is_reset(error), "{case}");
        }
    }

    fn stage_is_reset(error: &Error) -> bool {
        error.stage == Stage::Reset
    }

    #[test]
    fn a_scheme_is_left_out_where_it_was_given() {
        let other = || Cause::OtherSecurity { asked: 1, offered: 2 };
        let contradiction = || Cause::Contradiction { scheme: 0, asked: SecurityLevel::Proved };
        let label = "PROV:{\"ver\":\"v1\",\"name\":\"X\",\"pop\":\"abcd1234\",\"transport\":\"ble\",\"sec_ver\":1}";
        let leave_out = "leave out `--sec-ver`";
        for (words, cause, says) in [
            (&["--sec-ver", "1"][..], other(), leave_out),
            (&["--sec-ver", "0", "--pop", "x"], contradiction(), leave_out),
            (&["--qr", label], other(), "give `--sec-ver 2`"),
            (&["--qr", label, "--sec-ver", "1"], other(), leave_out),
            (&["--pop", "x"], other(), "use the scheme"),
        ] {
            let line = ["esp-prov-rs"].iter().chain(words);
            let mut cli = Cli::try_parse_from(line).expect("a command line");
            let device = &mut cli.provision.device;
            // A label fills it in like this.
            device.sec_ver_given = device.sec_ver.is_some();
            device.sec_ver = device.sec_ver.or(device.qr.as_ref().map(|_| 1));
            let hint = of(&cli).hint(&Error { stage: Stage::Handshake, cause });
            assert!(hint.contains(says), "{words:?}: {hint}");
            assert_eq!(hint.contains(leave_out), says == leave_out, "{words:?}: {hint}");
        }
    }

    #[test]
    fn a_hint_is_about_the_way_that_failed() {
        let lost = Error { stage: Stage::Version, cause: TransportError::Lost("x".into()).into() };
        let connect =
            Error { stage: Stage::Connect, cause: TransportError::Connect("x".into()).into() };
        for (reach, when_lost, at_connect) in [
            (Reach::AccessPoint, "access point", "join the device's access point"),
            (Reach::JoinedAccessPoint, "access point", "address there"),
            (Reach::Network, "network", "address and port"),
            (Reach::Ble, "move closer", "move closer"),
            (Reach::Console, "cable", "baud rate"),
        ] {
            let context = Context { reach: Some(reach), ..Context::default() };
            assert!(context.hint(&lost).contains(when_lost), "{}", context.hint(&lost));
            assert!(context.hint(&connect).contains(at_connect), "{}", context.hint(&connect));
        }
        let wrong = Error { stage: Stage::Join, cause: Cause::Join(JoinFailure::NotAttached) };
        let context = Context {
            device: Some(device("netprov-v1.2", Some(1), &["thread_prov"])),
            ..Context::default()
        };
        assert!(context.hint(&wrong).contains("key of the dataset"), "{}", context.hint(&wrong));
    }

    /// Each hint, with what it must say and what would be untrue.
    #[test]
    fn hints_are_true_of_what_happened() {
        let v44 = || Some(device("v1.1", None, &["wifi_scan"]));
        let wifi = || Some(device("netprov-v1.2", Some(1), &["wifi_prov", "wifi_scan"]));
        let thread = || Some(device("netprov-v1.2", Some(1), &["thread_prov", "thread_scan"]));
        let session_only = || Some(device("netprov-v1.2", Some(1), &[]));
        let refused = || protocomm::Refusal::new("GetWifiStatus", protocomm::Status::InternalError);
        let lacks = |endpoint| Cause::from(TransportError::NoSuchEndpoint(endpoint));
        let timed_out =
            |seconds| Cause::from(TransportError::TimedOut(Duration::from_secs(seconds)));
        let out_of_time = |seconds| Cause::OutOfTime(Duration::from_secs(seconds));
        let lost = || Cause::from(TransportError::Lost("x".into()));
        let silent = || Cause::from(TransportError::NoReply);
        let unsafe_scan = || Cause::ScanUnsafe(Busy::JoinFailed, Recovery::Reset);
        let not_applied = || Cause::NotApplied(refused(), Recovery::Reset);
        let (by_hand, taken_over) = ("its button or its power", "another client");
        for (job, device, stage, cause, says, does_not_say) in [
            (
                Job::Scan,
                wifi(),
                Stage::Scan,
                unsafe_scan(),
                "even if it was reset",
                "then it scans",
            ),
            (Job::Scan, v44(), Stage::Scan, refused().into(), by_hand, "--reset-first"),
            (Job::Scan, wifi(), Stage::Scan, refused().into(), "scan --reset-first", "rs reset`"),
            (Job::Scan, wifi(), Stage::Scan, out_of_time(4), "--timeout", "switch"),
            (
                Job::Scan,
                wifi(),
                Stage::Scan,
                out_of_time(180),
                "switch the device off",
                "--timeout",
            ),
            (Job::Scan, wifi(), Stage::Scan, timed_out(2), "--reply-timeout", "switch"),
            (Job::Scan, wifi(), Stage::Scan, timed_out(30), "switch the device off", "--reply"),
            (
                Job::Scan,
                session_only(),
                Stage::Scan,
                lacks(Endpoint::SCAN),
                "no network",
                "without",
            ),
            (
                Job::Reset,
                session_only(),
                Stage::Reset,
                lacks(Endpoint::CONTROL),
                "no network",
                "v5",
            ),
            (Job::Reset, v44(), Stage::Reset, lacks(Endpoint::CONTROL), by_hand, "no network"),
            (Job::Reset, wifi(), Stage::Reset, refused().into(), "restart the device", "only"),
            (
                Job::Reprovision,
                wifi(),
                Stage::Reset,
                refused().into(),
                "application",
                "failed join",
            ),
            (Job::Status, wifi(), Stage::Status, refused().into(), "restart", "esp-prov-rs"),
            (Job::Provision, thread(), Stage::Apply, not_applied(), "check the dataset", "Wi-Fi"),
            (Job::Provision, wifi(), Stage::Apply, not_applied(), "told to join", "dataset"),
            (Job::Provision, wifi(), Stage::Set, lost(), taken_over, "move closer"),
            (Job::Provision, wifi(), Stage::Version, lost(), "power", taken_over),
            (Job::Look, wifi(), Stage::Version, silent(), "told its version before", "is this"),
            (Job::Look, None, Stage::Version, silent(), "request for its version", "before"),
        ] {
            let context =
                Context { job, device, reach: Some(Reach::AccessPoint), ..Context::default() };
            let error = Error { stage, cause };
            let hint = context.hint(&error);
            assert!(hint.contains(says), "{error}, {job:?}: {hint}");
            assert!(!hint.contains(does_not_say), "{error}, {job:?}: {hint}");
        }
    }

    /// What `status` finds and what it advises.
    #[test]
    fn hints_are_true_of_where_a_device_stands() {
        let none_yet = "was given no network yet";
        let (trying, mismatch) = (
            |attempts_remaining| JoinState::Connecting { attempts_remaining },
            |mismatch| JoinState::Mismatch { mismatch },
        );
        for (state, says, does_not_say) in [
            (trying(None), none_yet, "log"),
            (trying(Some(2)), "ask again", none_yet),
            (JoinState::Other { number: 2 }, "provision it", none_yet),
            (JoinState::Other { number: 9 }, "log", none_yet),
            (mismatch(Mismatch::NoNetwork), "provision it", "again with"),
            (mismatch(Mismatch::Address(String::new())), "ask again", "esp-prov-rs"),
        ] {
            let context = Context { job: Job::Status, ..Context::default() };
            let hint = context.of_outcome(&Outcome::NotConnected { state: state.clone() });
            assert!(hint.contains(says), "{state:?}: {hint}");
            assert!(!hint.contains(does_not_say), "{state:?}: {hint}");
        }
        let context = Context { reach: Some(Reach::AccessPoint), ..Context::default() };
        let hint = context.of_outcome(&Outcome::Unconfirmed { last: None });
        assert!(hint.contains("another client"), "{hint}");
    }

    #[test]
    fn a_command_line_says_what_it_is_about() {
        let context = |words: &str| {
            let words = std::iter::once("esp-prov-rs").chain(words.split_whitespace());
            of(&Cli::try_parse_from(words).expect("a command line"))
        };
        for (words, job, reach) in [
            ("", Job::Provision, Some(Reach::AccessPoint)),
            ("--service-name http://192.168.4.1/", Job::Provision, Some(Reach::AccessPoint)),
            ("--softap PROV_1", Job::Provision, Some(Reach::JoinedAccessPoint)),
            ("--service-name prov.local", Job::Provision, Some(Reach::Network)),
            ("status --transport ble --service-name X", Job::Status, Some(Reach::Ble)),
            ("--reset", Job::Reset, Some(Reach::AccessPoint)),
            ("info --transport console --port X", Job::Look, Some(Reach::Console)),
            ("batch --roster x.csv", Job::Batch, None),
        ] {
            let context = context(words);
            assert_eq!((context.job, context.reach), (job, reach), "{words}");
        }
    }

    /// The general advice, without a known transport or command.
    #[test]
    fn advice_of_exit_codes_names_flags_that_there_are() {
        for exit in Exit::ALL {
            for (command, flag) in flags(exit.advice, "provision") {
                assert!(takes(command, &flag), "{}: --{flag}", exit.code);
            }
            for (command, flag) in flags(&exit.explanation(), "provision") {
                assert!(
                    takes(command, &flag) || takes("batch", &flag) || flag == "explain",
                    "{}: --{flag}",
                    exit.code
                );
            }
            for reach in REACHES.into_iter().map(Some).chain([None]) {
                let advice = exit::not_done(State::Failed, *exit, reach, None, None);
                for (command, flag) in flags(advice, "batch") {
                    assert!(takes(command, &flag), "in a batch, {}: --{flag}", exit.code);
                }
                let is_http = reach.is_none_or(|reach| OVER_HTTP.contains(&reach));
                assert!(is_http || !advice.contains("HTTP"), "{}, {reach:?}: {advice}", exit.code);
            }
        }
    }
}
