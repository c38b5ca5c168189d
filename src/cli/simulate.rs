//! `esp-prov-rs simulate`: a virtual device on a socket or a pseudo-terminal.

use std::{path::Path, sync::Arc};

use esp_prov_input::files::{self, Kind};
use esp_prov_simulate::{
    Accidents, Farm, Fault, Persona, PseudoTerminal, Quirk, Rehearsal, Replay, Settings,
    VirtualDevice, default_networks, parse_networks, serve, serve_console,
};
use esp_prov_trace as trace;
use protocomm::{
    Label, LabelTransport, NetworkKind, Password, ProofOfPossession, Scheme, Username,
    device::SrpVerifier,
};
use rand_core::UnwrapErr;
use tokio::net::TcpListener;

use super::{
    Failure,
    args::{FaultArg, PersonaArg, QuirkArg, SimulateArgs, SimulateTransportArg},
    block_on, credentials, read_text, roster, signals,
};
#[cfg(unix)]
use crate::{
    exit::Exit,
    report::{Place, Reporter},
};

/// As firmware makes it from the end of its MAC address.
const NAME: &str = "PROV_123456";

pub(super) fn run(args: &SimulateArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let accidents = args.rehearsal.drop + args.rehearsal.delay + args.rehearsal.reboot;
    if accidents > 1.0 {
        return Err(Failure::input("--drop, --delay and --reboot: together more than all"));
    }
    if accidents > 0.0 && args.transport == SimulateTransportArg::Console {
        return Err(Failure::input("--drop, --delay, --reboot: accidents happen on softap only"));
    }
    if let Some(count) = args.rehearsal.count {
        return rehearse(args, count, reporter);
    }
    let device = match &args.replay {
        Some(path) => replaying(path, reporter)?,
        None => VirtualDevice::new(settings(args)?),
    };
    block_on(async {
        tokio::select! {
            biased;
            () = signals::heard() => Ok(Exit::INTERRUPTED),
            result = live(args, &device, reporter) => result.map(|()| Exit::DONE),
        }
    })
}

/// A device out of a trace.
fn replaying(path: &Path, reporter: &Reporter) -> Result<VirtualDevice, Failure> {
    let explain = |error: &dyn std::fmt::Display| {
        Failure::input(format!("--replay {}: {error}", files::named(path)))
    };
    let bytes = files::read(path, Kind::Recording).map_err(|error| explain(&error))?;
    let trace = trace::read(&bytes).map_err(|error| explain(&error))?;
    let replay = Replay::new(&trace).map_err(|error| explain(&error))?;
    reporter.note(&format!("Replays {} exchanges of {}", replay.len(), files::named(path)));
    if let Some(line) = trace.cut_off {
        reporter.note(&format!("line {line} of it is cut off and was not read"));
    }
    if replay.mute_sessions() > 0 {
        reporter.warn(
            "the trace has no secrets: what it has of encrypted sessions is said as it was, which \
             no other client can decrypt; it can be replayed to the end if it is recorded with \
             --trace-secrets",
        );
    }
    if replay.left_out() > 0 {
        reporter.warn(&format!(
            "the trace leaves out {} replies of the application, which get none; it has them if it \
             is recorded with --trace-secrets",
            replay.left_out()
        ));
    }
    Ok(VirtualDevice::replaying(replay))
}

/// Says what a device was given, when it has left.
fn tell_end(args: &SimulateArgs, device: &VirtualDevice, reporter: &Reporter) {
    if device.is_replay() {
        reporter.note("The trace is at its end");
    } else {
        reporter.provisioned(device.given().as_ref(), args.show_secrets);
    }
}

/// Many devices, and their roster.
fn rehearse(args: &SimulateArgs, count: u16, reporter: &Reporter) -> Result<Exit, Failure> {
    if args.transport != SimulateTransportArg::Softap {
        return Err(Failure::input("--count: many devices are on softap only"));
    }
    // A socket or two for each; where it can't be had, opening says so.
    let _ = rlimit::increase_nofile_limit(u64::from(count) * 3 + 64);
    let rehearsal = Rehearsal {
        count,
        listen: args.listen,
        settings: settings(args)?,
        wrong_pop: args.rehearsal.wrong_pop,
    };
    block_on(async {
        let opened = Farm::open(&rehearsal).await;
        let mut farm = opened.map_err(|(at, error)| {
            Failure::input(format!("--listen {at} (of --count {count}): {error}"))
        })?;
        if let Some(path) = &args.rehearsal.roster {
            roster::write(path, &farm.addresses, args, &rehearsal.settings)?;
        }
        reporter.farm_listens(&farm.addresses, &rehearsal.settings);
        let log = Arc::new(reporter.request_log(reporter.tells_exchanges()));
        let ended = tokio::select! {
            biased;
            () = signals::heard() => Ok(Exit::INTERRUPTED),
            result = farm.serve(log) => result.map(|()| Exit::DONE),
        };
        reporter.farm_ended(farm.tally());
        ended.map_err(|error| Failure::Internal(format!("a listener failed: {error}")))
    })
}

async fn live(
    args: &SimulateArgs,
    device: &VirtualDevice,
    reporter: &Reporter,
) -> Result<(), Failure> {
    match args.transport {
        SimulateTransportArg::Softap => live_on_socket(args, device, reporter).await,
        SimulateTransportArg::Console => live_on_console(args, device, reporter).await,
    }
}

#[cfg(unix)]
async fn live_on_console(
    args: &SimulateArgs,
    device: &VirtualDevice,
    reporter: &Reporter,
) -> Result<(), Failure> {
    let failed = |error| Failure::Internal(format!("the pseudo-terminal failed: {error}"));
    let mut terminal = PseudoTerminal::open().map_err(failed)?;
    let place = Place::Terminal(terminal.path.clone());
    loop {
        // No code names a console.
        reporter.listening(&place, device.settings(), None);
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
async fn live_on_console(_: &SimulateArgs, _: &VirtualDevice, _: &Reporter) -> Result<(), Failure> {
    Err(Failure::input("--transport console: this system has no pseudo-terminals; use softap"))
}

async fn live_on_socket(
    args: &SimulateArgs,
    device: &VirtualDevice,
    reporter: &Reporter,
) -> Result<(), Failure> {
    let cannot = |error| Failure::input(format!("--listen {}: {error}", args.listen));
    let mut listener = TcpListener::bind(args.listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let label = label(args, device.settings()).filter(|_| !device.is_replay());
    let place = if device.is_replay() { Place::Replay } else { Place::Socket }(address);
    let label = label.as_ref().map(Label::to_json);
    loop {
        let label = label.as_ref().map(|text| text.as_str());
        reporter.listening(&place, device.settings(), label);
        let log = reporter.request_log(true);
        serve(&listener, device, Arc::new(log))
            .await
            .map_err(|error| Failure::Internal(format!("the listener failed: {error}")))?;
        tell_end(args, device, reporter);
        if args.once {
            return Ok(());
        }
        // The next device is another one: who connected to this one is turned away.
        drop(listener);
        device.restart();
        listener = TcpListener::bind(address).await.map_err(cannot)?;
    }
}

/// What firmware like this writes into its QR code, unless that would show a secret that not
/// everybody knows.
fn label(args: &SimulateArgs, settings: &Settings) -> Option<Label> {
    let (username, secret) = match settings.scheme {
        Scheme::Sec0 => (None, None),
        Scheme::Sec1 => (None, Some(&args.pop).filter(|_| !args.no_pop)),
        // As firmware that was built with a verifier, which knows no password.
        Scheme::Sec2 if args.sec2_verifier.is_some() => (None, None),
        Scheme::Sec2 => (Username::new(args.sec2_username.expose()), Some(&args.sec2_pwd)),
    };
    let pop = secret.map(|secret| ProofOfPossession::from(secret.expose()));
    if !args.show_secrets && pop.as_ref().is_some_and(|pop| !pop.is_well_known()) {
        return None;
    }
    // network_provisioning says it in this form only (`app_main.c`, 1.2.4).
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
        accidents: Accidents {
            drop: args.rehearsal.drop,
            delay: args.rehearsal.delay,
            delay_by: args.rehearsal.delay_by,
            reboot: args.rehearsal.reboot,
        },
        seed: args.rehearsal.seed,
        whole_replies: args.whole_replies,
        session_only: args.session_only,
    })
}

fn scheme(args: &SimulateArgs) -> Result<Scheme, Failure> {
    match args.sec_ver {
        0 => Ok(Scheme::Sec0),
        1 => Ok(Scheme::Sec1),
        _ if matches!(args.persona, PersonaArg::Legacy | PersonaArg::IdfV4_4) => {
            Err(Failure::input("--sec-ver 2: firmware has it since ESP-IDF v5.0, pick a --persona"))
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
        .ok_or_else(|| Failure::input("--sec2-username: a user name is not empty"))?;
    let password = Password::from(args.sec2_pwd.expose());
    let mut rng = UnwrapErr(getrandom::SysRng);
    Ok(Some(SrpVerifier::generate(&username, &password, SrpVerifier::SALT, &mut rng)))
}
