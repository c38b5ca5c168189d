//! Turns the flags that every command with a device takes into settings. Everything is checked
//! here, before anything is sent.

use std::path::Path;

use esp_prov::{Accept, Error, Observer, Policy, Security, Stage, Verify, verify::local_networks};
use esp_prov_input::{environment::SecretVariable, text};
use protocomm::{Given, Password, ProofOfPossession, Username};
use uuid::Uuid;

use super::{
    Failure,
    options::{AcceptArgs, DeviceArgs, LoginArgs, PolicyArgs, SecretArg, VerifyArgs},
    secrets::{Doubts, Sources},
};

pub(super) fn service_uuid(given: &Given) -> Result<Uuid, Failure> {
    let right = "--service-uuid: not a UUID such as 021a9004-0382-4aea-bff4-6b3f1c5adfb4";
    given.expose().parse().map_err(|_| Failure::input(right))
}

pub(super) fn policy(args: &PolicyArgs, accept: &AcceptArgs) -> Policy {
    Policy {
        connect_timeout: args.connect_timeout,
        reply_timeout: args.reply_timeout,
        join_timeout: args.join_timeout,
        timeout: args.timeout,
        poll_interval: args.poll_interval,
        attempts: args.attempts,
        deny_warnings: accept.deny_warnings,
        waits_for_adapter: true,
    }
}

/// How to look for a device on its network, if that is wanted.
pub(super) fn verify(args: &VerifyArgs) -> Option<Verify> {
    args.verify.then(|| Verify {
        networks: local_networks(),
        within: args.verify_timeout,
        searches: args.verify_search,
    })
}

pub(super) fn security(args: &DeviceArgs, observer: &dyn Observer) -> Result<Security, Failure> {
    if let Some(unknown @ 3..) = args.sec_ver {
        let number = if unknown < 1000 { format!(" {unknown}") } else { String::new() };
        return Err(Failure::input(format!("--sec-ver{number}: must be 0, 1 or 2")));
    }
    // A secret in the environment counts, too, since it may have been put there for this device.
    let doubts = Doubts { observer, deny_warnings: args.accept.deny_warnings };
    let pop = pop(args.pop.as_ref(), args.pop_file.as_deref()).read()?;
    let pop = pop.map(|pop| pop.typed(Stage::Handshake, doubts)).transpose()?;
    let pop = pop.map(|pop| ProofOfPossession::from(pop.text));
    let username = username(&args.login, Some(doubts))?;
    let password = password(&args.login, doubts)?;
    let security = Security::given(args.sec_ver, pop, username, password, accept(&args.accept));
    security.map_err(|cause| Error::new(Stage::Handshake, cause).into())
}

pub(super) fn accept(args: &AcceptArgs) -> Accept {
    Accept {
        at_least: args.require_security.unwrap_or(0),
        weaker: args.dangerously_accept_weaker_security,
    }
}

pub(super) fn pop<'a>(value: Option<&'a SecretArg>, file: Option<&'a Path>) -> Sources<'a> {
    Sources {
        flag: "pop",
        value,
        file,
        if_none_is_meant: "for a device with an empty one use --pop ''",
        variable: SecretVariable::Pop,
    }
}

/// The user name from the flag or the environment. An empty one counts as not given, as for
/// `esp_prov.py`. `doubts` are reported only when it is read for the first time.
pub(super) fn username(
    args: &LoginArgs,
    doubts: Option<Doubts<'_>>,
) -> Result<Option<Username>, Failure> {
    const VARIABLE: &str = "ESP_PROV_SEC2_USERNAME";
    let from = |origin: &str, name: &str| {
        match doubts {
            Some(doubts) => doubts.typed(Stage::Handshake, origin, name)?,
            None => {
                text::typed(name).map_err(|error| Failure::input(format!("{origin}: {error}")))?;
            }
        }
        Ok(Username::new(name))
    };
    match args.sec2_username.as_ref().map(Given::expose) {
        Some(name) if !name.is_empty() => from("--sec2-username", name),
        _ => match std::env::var(VARIABLE) {
            Ok(name) => from(VARIABLE, text::alone(&name)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(_) => Err(Failure::input(format!("{VARIABLE}: not UTF-8"))),
        },
    }
}

pub(super) fn password(args: &LoginArgs, doubts: Doubts<'_>) -> Result<Option<Password>, Failure> {
    let found = password_sources(args).read()?;
    let found = found.map(|found| found.typed(Stage::Handshake, doubts)).transpose()?;
    Ok(found.map(|found| Password::from(found.text)))
}

pub(super) fn password_sources(args: &LoginArgs) -> Sources<'_> {
    Sources {
        flag: "sec2-pwd",
        value: args.sec2_pwd.as_ref().filter(|value| !value.is_empty()),
        file: args.sec2_pwd_file.as_deref(),
        if_none_is_meant: "security 2 always has a password",
        variable: SecretVariable::Sec2Password,
    }
}
