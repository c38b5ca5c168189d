//! Questions to the person at the terminal. They need a terminal as stdin and as stderr.

use std::{
    io::{self, IsTerminal},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    DiscoveredDevice, Login, Operator, VisibleNetwork,
    address::{AccessPointSelector, BleSelector},
    aside,
    shown::{Shown, keep_secret},
    transport::FoundPort,
};
use esp_prov_input::{dataset_from_hex, text};
use inquire::InquireError;
use protocomm::{
    Harmless, NetworkKey, Passphrase, Password, ProofOfPossession, Ssid, ThreadDataset, Username,
    commands::{AuthMode, JoinFailure, ThreadNetwork},
};
use zeroize::Zeroizing;

use super::{
    Failure,
    alike::{self, Difference},
    secrets, signals,
};
use crate::report::{self, ask};

/// Whether somebody can be asked.
pub(super) fn possible(no_input: bool) -> bool {
    !no_input && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Restores the terminal when a question is left unanswered. (Ctrl-C at a question is a key that
/// the question handles itself; this is for signals, which Ctrl-\ sends, too.)
pub(super) fn abandon() {
    ask::leave();
}

/// How long after the terminal is gone the signal may come.
const HANGUP_WITHIN: Duration = Duration::from_millis(200);

const AGAIN: &str = "Rescan";

/// Asks for one of the Wi-Fi networks that a device sees; `None` to scan again.
pub(super) fn wifi_network(networks: &[VisibleNetwork]) -> Result<Option<Picked>, Failure> {
    const OTHER: &str = "Enter a name…";
    // A hidden network has to be given by its name.
    let named: Vec<_> = networks.iter().filter(|one| !one.ssid_bytes.is_empty()).collect();
    let mut options: Vec<_> = named.iter().map(|network| report::choice(network)).collect();
    options.extend([AGAIN.into(), OTHER.into()]);
    let chosen = loop {
        let chosen = answer(ask::choose("Network", &options, 2))?;
        match named.get(chosen).and_then(|network| unusable(network.auth_mode)) {
            Some(why) => ask::object(why),
            None => break chosen,
        }
    };
    match named.get(chosen) {
        Some(network) => Ok(Some(picked(network)?)),
        None if chosen == named.len() => Ok(None),
        None => by_name(ssid()?, networks).map(Some),
    }
}

fn picked(network: &VisibleNetwork) -> Result<Picked, Failure> {
    Ok(Picked::Wifi { ssid: ssid_of(network)?, seen: Some(network.auth_mode) })
}

fn ssid_of(network: &VisibleNetwork) -> Result<Ssid, Failure> {
    let ssid = Ssid::new(network.ssid_bytes.clone());
    ssid.map_err(|error| Failure::input(error.to_string()))
}

/// A network by its name. If the device sees networks with nearly this name, asks which is meant.
fn by_name(ssid: Ssid, seen: &[VisibleNetwork]) -> Result<Picked, Failure> {
    const AS_TYPED: &str = "The name as typed";
    if let Some(network) = seen.iter().find(|one| one.ssid_bytes == ssid.as_bytes()) {
        return picked(network);
    }
    let near = alike::networks(ssid.as_bytes(), seen);
    if !near.is_empty() {
        ask::object("the device does not see this name, but it sees:");
        if let Some(network) = one_of(&near, "Network to use", AS_TYPED)? {
            return picked(network);
        }
    }
    Ok(Picked::Wifi { ssid, seen: None })
}

/// Asks for one of the networks whose names are nearly the wanted one, or none of them.
fn one_of<'a>(
    near: &[(&'a VisibleNetwork, Difference)],
    question: &'static str,
    none: &'static str,
) -> Result<Option<&'a VisibleNetwork>, Failure> {
    let options = near.iter().map(|(network, how)| {
        let choice = report::choice(network);
        Shown::line(format!("{choice}: {how}"))
    });
    let options: Vec<_> = options.chain([none.into()]).collect();
    let chosen = answer(ask::choose(question, &options, 1))?;
    Ok(near.get(chosen).map(|(network, _)| *network))
}

/// Why a device can't be given a network of this kind.
fn unusable(kind: AuthMode) -> Option<&'static str> {
    match kind {
        kind if kind.is_enterprise() => Some(
            "an enterprise network needs a user name or a certificate, which provisioning can't \
             give",
        ),
        kind if kind.is_wep() => Some("firmware does not join WEP networks with a provisioned key"),
        _ => None,
    }
}

/// Asks for one of the Thread networks that a device sees; `None` to scan again.
pub(super) fn thread_network(networks: &[ThreadNetwork]) -> Result<Option<Picked>, Failure> {
    const OTHER: &str = "Enter a dataset…";
    // A network without an extended PAN ID has to be given by its dataset.
    let known: Vec<_> = networks.iter().filter(|one| one.ext_pan_id.is_some()).collect();
    let mut options: Vec<_> = known.iter().map(|one| report::thread_choice(one)).collect();
    options.extend([AGAIN.into(), OTHER.into()]);
    let chosen = answer(ask::choose("Thread network", &options, 2))?;
    match known.get(chosen) {
        Some(&network) => Ok(Some(Picked::Thread(network.clone()))),
        None if chosen == known.len() => Ok(None),
        None => until_good(&"Dataset in hexadecimal:".into(), dataset_from_hex)
            .map(|dataset| Some(Picked::Dataset(dataset))),
    }
}

/// Asks for one of the serial ports; `None` for copying by hand. Does not ask if there is no port.
pub(super) fn port(ports: &[FoundPort]) -> Result<Option<String>, Failure> {
    if ports.is_empty() {
        return Ok(None);
    }
    let mut options: Vec<_> = ports.iter().map(|port| Shown::name(port.to_string())).collect();
    options.push("By hand, with copy and paste".into());
    let chosen = answer(ask::choose("Serial port of the device", &options, 1))?;
    Ok(ports.get(chosen).map(|found| found.port.clone()))
}

/// Asks for one of the devices that were found, or for its name; `None` to listen again.
pub(super) fn device(devices: Vec<DiscoveredDevice>) -> Result<Option<BleSelector>, Failure> {
    const OTHER: &str = "Enter a name…";
    let mut options: Vec<_> = devices.iter().map(report::nearby_choice).collect();
    options.extend([AGAIN.into(), OTHER.into()]);
    let chosen = answer(ask::choose("Device", &options, 2))?;
    let again = devices.len();
    match devices.into_iter().nth(chosen) {
        Some(device) => Ok(Some(BleSelector::Id(device.address))),
        None if chosen == again => Ok(None),
        None => loop {
            let name = shown(&"Name of the device:".into())?;
            if !name.is_empty() {
                return Ok(Some(BleSelector::from_text(&name)));
            }
        },
    }
}

/// Asks for one of the access points that were found, or for its name; `None` to look again.
pub(super) fn access_point(
    devices: Vec<DiscoveredDevice>,
) -> Result<Option<AccessPointSelector>, Failure> {
    const OTHER: &str = "Enter a name…";
    let mut options: Vec<_> = devices.iter().map(report::nearby_choice).collect();
    options.extend([AGAIN.into(), OTHER.into()]);
    let chosen = answer(ask::choose("Access point of the device", &options, 2))?;
    let again = devices.len();
    match devices.into_iter().nth(chosen) {
        // Not by its name, which another one may have, too.
        Some(device) => {
            let wanted = AccessPointSelector::from_text(&device.address);
            wanted.map(Some).map_err(|error| Failure::input(error.to_string()))
        }
        None if chosen == again => Ok(None),
        None => loop {
            let name = shown(&"Name of the access point:".into())?;
            match AccessPointSelector::from_text(&name) {
                Ok(wanted) => return Ok(Some(wanted)),
                Err(error) => ask::object(&error.to_string()),
            }
        },
    }
}

/// A network that somebody picked.
pub(super) enum Picked {
    Wifi {
        ssid: Ssid,
        /// How it is protected, as the device sees it.
        seen: Option<AuthMode>,
    },
    Thread(ThreadNetwork),
    Dataset(ThreadDataset),
}

/// Asks for the name of a network, if there is no list.
pub(super) fn named_by_hand() -> Result<Picked, Failure> {
    Ok(Picked::Wifi { ssid: ssid()?, seen: None })
}

/// Asks for the key of a Thread network, hidden.
pub(super) fn network_key(network: &ThreadNetwork) -> Result<NetworkKey, Failure> {
    let name = Shown::name(&network.name);
    let question = format!("Network key of \"{name}\" in hexadecimal:");
    until_good(&Shown::line(question), secrets::network_key)
}

/// Asks for a secret until it is valid.
fn until_good<T>(
    question: &Shown,
    read: impl Fn(&str) -> Result<T, Harmless>,
) -> Result<T, Failure> {
    loop {
        match read(&hidden(question)?) {
            Ok(secret) => return Ok(secret),
            Err(error) => ask::object(&error.to_string()),
        }
    }
}

/// Asks for the name of a network.
fn ssid() -> Result<Ssid, Failure> {
    loop {
        let name = shown(&"Network name (SSID):".into())?;
        match Ssid::new(name) {
            Ok(ssid) => return Ok(ssid),
            Err(error) => ask::object(&error.to_string()),
        }
    }
}

/// Asks for a passphrase, hidden. It may be empty for an open network, unless the network is known
/// to be encrypted.
pub(super) fn passphrase(ssid: &Ssid, is_encrypted: bool) -> Result<Passphrase, Failure> {
    let name = Shown::quoted_if_needed(&ssid.to_string());
    let or_none = if is_encrypted { "" } else { " (empty if open)" };
    let question = Shown::line(format!("Passphrase for {name}{or_none}:"));
    loop {
        match Passphrase::new(hidden(&question)?) {
            Ok(none) if is_encrypted && none.is_empty() => {
                ask::object("this network has a passphrase");
            }
            Ok(passphrase) => return Ok(passphrase),
            Err(error) => ask::object(&error.to_string()),
        }
    }
}

/// Asks for the passphrase of the device's access point, hidden.
pub(super) fn softap_passphrase() -> Result<Passphrase, Failure> {
    until_good(&"Passphrase of the device's access point:".into(), |text| {
        match Passphrase::new(text.to_owned()) {
            Ok(none) if none.is_empty() => Err("this access point has a passphrase".into()),
            Ok(passphrase) => Ok(passphrase),
            Err(error) => Err(error.into()),
        }
    })
}

/// Asks whether an interface may leave the only network of this machine.
pub(super) fn only_network(interface: &str) -> Result<bool, Failure> {
    let question = "Continue";
    let interface = Shown::quoted_if_needed(interface);
    ask::object(&format!("this machine has no network but that of {interface} until the run ends"));
    let options = ["Join the access point".into(), "Cancel".into()];
    Ok(answer(ask::choose(question, &options, 0))? == 0)
}

/// Asks for the user name of security 2, unless it is known, and for the password.
pub(super) fn login(username: Option<Username>) -> Result<Login, Failure> {
    let username = match username {
        Some(username) => username,
        None => loop {
            let name = shown(&"User name for security 2:".into())?;
            if let Some(username) = Username::new(name) {
                break username;
            }
        },
    };
    let name = Shown::quoted_if_needed(username.as_str());
    let password = hidden(&Shown::line(format!("Password of {name} for security 2:")))?;
    Ok(Login { username, password: Password::from(password) })
}

fn hidden(question: &Shown) -> Result<Zeroizing<String>, Failure> {
    let secret = until_typed(|| answer(ask::hidden(question)).map(Zeroizing::new))?;
    keep_secret(&secret);
    Ok(secret)
}

fn shown(question: &Shown) -> Result<String, Failure> {
    until_typed(|| answer(ask::text(question)))
}

/// Asks until the answer has no control characters, which some keys and pasted text leave in it.
/// White space at its ends may be meant.
fn until_typed<T: AsRef<str>>(ask: impl Fn() -> Result<T, Failure>) -> Result<T, Failure> {
    loop {
        let given = ask()?;
        let typed = given.as_ref();
        if let Err(error) = text::typed(typed) {
            ask::object(&error.to_string());
            continue;
        }
        if text::has_blank_ends(typed) {
            ask::object(secrets::BLANK_ENDS);
        }
        return Ok(given);
    }
}

fn answer<T>(given: Result<T, InquireError>) -> Result<T, Failure> {
    given.map_err(|error| match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Failure::Interrupted
        }
        // If the terminal goes away, reading fails first, and then the signal comes.
        InquireError::IO(_) if signals::comes_within(HANGUP_WITHIN) => Failure::Interrupted,
        other => Failure::input(format!("the terminal can't be read: {other}")),
    })
}

/// The person at the terminal. Not asked any more after Ctrl-C.
pub(super) struct Terminal {
    pub(super) present: bool,
    pub(super) interrupted: Arc<AtomicBool>,
    /// The user name of security 2, if it is known.
    username: Option<Username>,
}

impl Terminal {
    pub(super) fn new(present: bool, username: Option<Username>) -> Self {
        Self { present, interrupted: Arc::default(), username }
    }

    async fn ask_for_proof(&self, is_first: bool) -> Option<ProofOfPossession> {
        let question = move || {
            if !is_first {
                ask::object("this is not the device's proof of possession");
            }
            hidden(&"Proof of possession of the device:".into())
        };
        Some(self.ask(question).await?.into())
    }

    async fn ask_for_login(&self, is_first: bool) -> Option<Login> {
        let username = self.username.clone();
        let question = move || {
            if !is_first {
                ask::object("this is not the device's user name and password");
            }
            login(username)
        };
        self.ask(question).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Option<T> {
        if self.present { self.dialogue(question).await.ok() } else { None }
    }

    /// Asks outside the executor, so that timers and signals go on.
    pub(super) async fn dialogue<T: Send + 'static>(
        &self,
        questions: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let answer = aside(questions).await;
        let answer = answer.ok_or_else(|| Failure::Internal("a question panicked".to_owned()))?;
        if matches!(answer, Err(Failure::Interrupted)) {
            self.interrupted.store(true, Ordering::Relaxed);
        }
        answer
    }
}

#[async_trait]
impl Operator for Terminal {
    fn is_present(&self) -> bool {
        self.present
    }

    async fn proof_of_possession(&self) -> Option<ProofOfPossession> {
        self.ask_for_proof(true).await
    }

    async fn login(&self) -> Option<Login> {
        self.ask_for_login(true).await
    }

    async fn another_proof_of_possession(&self) -> Option<ProofOfPossession> {
        self.ask_for_proof(false).await
    }

    async fn another_login(&self) -> Option<Login> {
        self.ask_for_login(false).await
    }

    async fn passphrase(&self, ssid: &Ssid, failure: JoinFailure) -> Option<Passphrase> {
        if failure != JoinFailure::WrongPassphrase {
            return None;
        }
        let ssid = ssid.clone();
        self.ask(move || passphrase(&ssid, true)).await
    }

    fn compares_names(&self) -> bool {
        self.present
    }

    async fn another_ssid(&self, ssid: &Ssid, seen: &[VisibleNetwork]) -> Option<Ssid> {
        let near = alike::networks(ssid.as_bytes(), seen);
        if near.is_empty() {
            return None;
        }
        let near: Vec<_> = near.into_iter().map(|(one, how)| (one.clone(), how)).collect();
        self.ask(move || {
            const NONE: &str = "None of these";
            ask::object("the device does not see this network, but it sees:");
            let near: Vec<_> = near.iter().map(|(network, how)| (network, *how)).collect();
            let meant = one_of(&near, "Network to use", NONE)?;
            meant.map(ssid_of).transpose()
        })
        .await
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_that_no_passphrase_opens_are_refused_with_the_reason() {
        for kind in [5, 10, 14, 15, 16] {
            let why = unusable(AuthMode(kind)).expect("an enterprise network");
            assert!(why.contains("user name"), "{kind}: {why}");
        }
        assert!(unusable(AuthMode(1)).expect("WEP").contains("WEP"));
        for kind in [AuthMode::OPEN, AuthMode::OWE, AuthMode::WPA2_PSK, AuthMode(6)] {
            assert_eq!(unusable(kind), None);
        }
    }
}
