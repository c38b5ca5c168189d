//! What a command line is about, for hints.

use super::args::{Cli, Command, DeviceArgs, TransportArg};
use crate::exit::{Context, Job, Reach};

/// Of a command line as it was typed, with what a label has filled in.
pub(super) fn of(cli: &Cli) -> Context {
    let (job, device) = match &cli.command {
        None if cli.provision.reset || cli.provision.reprov => {
            (Job::Errand, Some(&cli.provision.device))
        }
        None => (Job::Provision, Some(&cli.provision.device)),
        Some(Command::Provision(args)) => (Job::Provision, Some(&args.device)),
        Some(Command::Info(args)) => (Job::Look, Some(&args.device)),
        Some(Command::Scan(args)) => (Job::Errand, Some(&args.device)),
        Some(Command::Send(args)) => (Job::Errand, Some(&args.device)),
        Some(Command::Status(args) | Command::Reset(args) | Command::Reprovision(args)) => {
            (Job::Errand, Some(args))
        }
        Some(Command::Batch(_)) => (Job::Batch, None),
        Some(Command::Discover(_)) => (Job::Look, None),
        Some(_) => (Job::Errand, None),
    };
    Context { job, reach: device.map(reach), device: None }
}

fn reach(args: &DeviceArgs) -> Reach {
    match args.transport.unwrap_or(TransportArg::Softap) {
        TransportArg::Softap => {
            let address = args.service_name.expose().trim_start_matches("http://");
            // Where an ESP32 is on its own access point.
            let is_own = address.is_empty() || address.starts_with("192.168.4.");
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
    use protocomm::{
        Capabilities, Endpoint, HandshakeError, NetworkKind, Scheme, SessionError,
        commands::JoinFailure,
    };

    use super::*;
    use crate::{
        error::{Busy, Cause, Error, Recovery, Stage},
        event::{JoinState, Outcome},
        exit::{self, Exit},
        transport::{RadioError, TransportError},
    };

    const REACHES: [Reach; 5] =
        [Reach::AccessPoint, Reach::Network, Reach::Ble, Reach::Console, Reach::Virtual];

    /// Each command that works on one device, with its job.
    const COMMANDS: [(&str, Job); 7] = [
        ("provision", Job::Provision),
        ("info", Job::Look),
        ("scan", Job::Errand),
        ("status", Job::Errand),
        ("send", Job::Errand),
        ("reset", Job::Errand),
        ("reprovision", Job::Errand),
    ];

    /// What can go wrong over each way, or over any.
    fn causes() -> Vec<(Option<Reach>, Stage, Cause)> {
        let radio = |error| (Some(Reach::Ble), Stage::Connect, TransportError::Radio(error).into());
        let endpoint = || Endpoint::CUSTOM_DATA;
        let refused = |status| protocomm::Refusal { command: "SetWifiConfig".to_owned(), status };
        let http = |status| TransportError::Http { endpoint: endpoint(), status, meaning: "x" };
        let mut causes = vec![
            (None, Stage::Connect, TransportError::NotFound("x".into()).into()),
            (None, Stage::Connect, TransportError::Connect("x".into()).into()),
            (None, Stage::Connect, Cause::OutOfTime(Duration::from_secs(1))),
            (None, Stage::Join, Cause::OutOfTime(Duration::from_secs(1))),
            (None, Stage::Custom, TransportError::NoSuchEndpoint(endpoint()).into()),
            (None, Stage::Set, TransportError::NoSuchEndpoint(Endpoint::CONFIG).into()),
            (None, Stage::Reset, TransportError::NoSuchEndpoint(Endpoint::CONTROL).into()),
            (None, Stage::Set, SessionError::Undecryptable { endpoint: endpoint() }.into()),
            (None, Stage::Proof, HandshakeError::ProofMismatch.into()),
            (None, Stage::Proof, HandshakeError::WeakKey.into()),
            (None, Stage::Proof, Cause::ProofRejected),
            (None, Stage::Handshake, Cause::SchemeRejected(Scheme::Sec1)),
            (None, Stage::Handshake, Cause::ProofMissing),
            (None, Stage::Handshake, Cause::LoginMissing),
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
        for recovery in [Recovery::Reset, Recovery::ResetTried, Recovery::ByHand] {
            causes.push((None, Stage::Apply, Cause::NotApplied(internal.clone(), recovery)));
            for busy in [Busy::JoinFailed, Busy::Joining, Busy::Joined] {
                causes.push((None, Stage::Scan, Cause::ScanUnsafe(busy, recovery)));
            }
        }
        for stage in [Stage::Version, Stage::Handshake, Stage::Set, Stage::Join, Stage::Reset] {
            causes.push((None, stage, TransportError::NoReply.into()));
            causes.push((None, stage, TransportError::Lost("x".into()).into()));
            causes.push((None, stage, TransportError::TimedOut(Duration::from_secs(1)).into()));
        }
        for stage in [Stage::Set, Stage::Apply, Stage::Reset, Stage::Scan] {
            causes.push((None, stage, refused(protocomm::Status::InternalError).into()));
            causes.push((None, stage, refused(protocomm::Status::InvalidArgument).into()));
        }
        causes
    }

    fn device(version: &str, sec_ver: Option<u32>, capabilities: &[&str]) -> Capabilities {
        Capabilities {
            version: Some(version.to_owned()),
            sec_ver,
            capabilities: Some(capabilities.iter().map(|one| (*one).to_owned()).collect()),
            structured: true,
            ..Capabilities::default()
        }
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

    /// The flags of a hint, each with the command it is for.
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

    /// Cause × way × command × firmware: no hint names what can't be.
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
                for (command, job) in
                    COMMANDS.into_iter().filter(|(command, job)| can_be(command, *job, stage))
                {
                    for device in &devices {
                        let context = Context { job, reach: Some(reach), device: device.clone() };
                        check(&context, command, &error);
                    }
                }
            }
        }
    }

    /// It knows neither a device nor a way.
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

    /// Whether a command comes to a stage.
    fn can_be(command: &str, job: Job, stage: Stage) -> bool {
        match stage {
            Stage::Set | Stage::Apply | Stage::Join => job == Job::Provision,
            Stage::Scan => ["provision", "scan"].contains(&command),
            Stage::Custom | Stage::Reset => job != Job::Look,
            _ => true,
        }
    }

    /// As `status` ends, which gives nothing.
    #[test]
    fn hints_of_an_end_fit_a_command_that_can_not_give_a_network() {
        for failure in [
            JoinFailure::WrongPassphrase,
            JoinFailure::NetworkNotFound,
            JoinFailure::NotAttached,
            JoinFailure::DatasetInvalid,
            JoinFailure::Unsaid,
        ] {
            let context = Context { job: Job::Errand, reach: Some(Reach::Ble), device: None };
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
        let says = |words: &[&str]| words.iter().any(|word| hint.contains(word));
        let reach = context.reach.expect("of each");
        if says(&["own access point", "device's access point", "its access point"]) {
            assert_eq!(reach, Reach::AccessPoint, "{case}");
        }
        if says(&["move closer", "luetooth", "adapter"]) {
            assert_eq!(reach, Reach::Ble, "{case}");
        }
        if says(&["cable", "baud", "serial port", "line of"]) {
            assert_eq!(reach, Reach::Console, "{case}");
        }
        if says(&["HTTP", "address and port", "host name"]) {
            assert!(matches!(reach, Reach::AccessPoint | Reach::Network), "{case}");
        }
        let Some(device) = &context.device else { return };
        if device.network() == NetworkKind::Thread {
            let is_of_wifi =
                says(&["2.4 GHz"]) || error.stage == Stage::Join && says(&["the access point"]);
            assert!(!is_of_wifi, "{case}");
        }
        let can_not_reset = device.sec_ver.is_none();
        let is_after_join = matches!(error.cause, Cause::Join(_));
        if can_not_reset && is_after_join && context.job != Job::Batch {
            assert!(!says(&["--reset-first", "esp-prov-rs reset"]), "{case}");
        }
        if device.version.as_deref() == Some("netprov-v1.2") {
            assert!(!says(&["before ESP-IDF v5.1"]) || stage_is_reset(error), "{case}");
        }
    }

    fn stage_is_reset(error: &Error) -> bool {
        error.stage == Stage::Reset
    }

    #[test]
    fn a_hint_is_about_the_way_that_failed() {
        let lost = Error { stage: Stage::Version, cause: TransportError::Lost("x".into()).into() };
        let connect =
            Error { stage: Stage::Connect, cause: TransportError::Connect("x".into()).into() };
        for (reach, when_lost, at_connect) in [
            (Reach::AccessPoint, "access point", "join the device's access point"),
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

    #[test]
    fn a_command_line_says_what_it_is_about() {
        let context = |words: &str| {
            let words = std::iter::once("esp-prov-rs").chain(words.split_whitespace());
            of(&Cli::try_parse_from(words).expect("a command line"))
        };
        for (words, job, reach) in [
            ("", Job::Provision, Some(Reach::AccessPoint)),
            ("--service-name http://192.168.4.1/", Job::Provision, Some(Reach::AccessPoint)),
            ("--service-name prov.local", Job::Provision, Some(Reach::Network)),
            ("status --transport ble --service-name X", Job::Errand, Some(Reach::Ble)),
            ("info --transport console --port X", Job::Look, Some(Reach::Console)),
            ("batch --roster x.csv", Job::Batch, None),
        ] {
            let context = context(words);
            assert_eq!((context.job, context.reach), (job, reach), "{words}");
        }
    }

    /// In general, where neither way nor command is known.
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
            for (command, flag) in flags(exit::in_batch(*exit), "batch") {
                assert!(takes(command, &flag), "in a batch, {}: --{flag}", exit.code);
            }
        }
    }
}
