//! `esp-prov-rs simulate`: a virtual device on a socket or a pseudo-terminal.

use std::sync::Arc;

use protocomm::{Password, ProofOfPossession, Scheme, Username, device::SrpVerifier};
use rand_core::UnwrapErr;
use tokio::net::TcpListener;

use super::{
    Failure,
    args::{FaultArg, PersonaArg, SimulateArgs, SimulateTransportArg},
    block_on, credentials,
    exit::Exit,
    interrupted, read_text,
};
#[cfg(unix)]
use crate::simulate::{PseudoTerminal, serve_console};
use crate::{
    report::{Place, Reporter},
    simulate::{Fault, Persona, Settings, VirtualDevice, default_networks, parse_networks, serve},
};

pub(super) fn run(args: &SimulateArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let device = VirtualDevice::new(settings(args)?);
    block_on(async {
        tokio::select! {
            biased;
            () = interrupted() => Ok(Exit::INTERRUPTED),
            result = live(args, &device, reporter) => result.map(|()| Exit::DONE),
        }
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
        reporter.listening(&place, device.settings());
        let log = Arc::new(reporter.request_log());
        serve_console(&mut terminal.device, device, args.log_lines, log).await.map_err(failed)?;
        reporter.provisioned(device.given().as_ref(), args.show_secrets);
        if args.once {
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
    loop {
        reporter.listening(&Place::Socket(address), device.settings());
        let log = reporter.request_log();
        serve(&listener, device, Arc::new(log))
            .await
            .map_err(|error| Failure::Internal(format!("the listener failed: {error}")))?;
        reporter.provisioned(device.given().as_ref(), args.show_secrets);
        if args.once {
            return Ok(());
        }
        // The next device is another one: who connected to this one is turned away.
        drop(listener);
        device.restart();
        listener = TcpListener::bind(address).await.map_err(cannot)?;
    }
}

fn settings(args: &SimulateArgs) -> Result<Settings, Failure> {
    let networks = match &args.networks {
        None => default_networks(),
        Some(path) => {
            let text = zeroize::Zeroizing::new(read_text("--networks", path)?);
            parse_networks(&text).map_err(|error| {
                Failure::input(format!("--networks {}: {error}", path.display()))
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
        pop: (!args.no_pop).then(|| ProofOfPossession::from(args.pop.0.clone())),
        networks,
        join_delay: args.join_delay,
        failed_attempts: args.failed_attempts,
        fault: args.fail.map(|fault| match fault {
            FaultArg::WrongPassphrase => Fault::WrongPassphrase,
            FaultArg::NotFound => Fault::NetworkNotFound,
            FaultArg::Vanish => Fault::Vanish,
            FaultArg::Forever => Fault::Forever,
        }),
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
    let username = Username::new(args.sec2_username.clone())
        .ok_or_else(|| Failure::input("--sec2-username: a user name is not empty"))?;
    let password = Password::from(args.sec2_pwd.0.clone());
    let mut rng = UnwrapErr(getrandom::SysRng);
    Ok(Some(SrpVerifier::generate(&username, &password, SrpVerifier::SALT, &mut rng)))
}
