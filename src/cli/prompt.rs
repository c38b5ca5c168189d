//! Questions to the person at the terminal. Without a terminal on both ends there are none.

use std::{
    fmt,
    io::{self, IsTerminal},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use crossterm::terminal;
use inquire::{InquireError, PasswordDisplayMode, Select, Text};
use protocomm::{
    NetworkKey, Passphrase, Password, ProofOfPossession, Ssid, ThreadDataset, Username,
    commands::{JoinFailure, ThreadNetwork},
};
use zeroize::Zeroizing;

use super::{Failure, network, signals};
use crate::{
    address::Wanted,
    nearby::Nearby,
    operator::Operator,
    plan::{Login, dataset_from_hex},
    report,
    scan::VisibleNetwork,
    transport::FoundPort,
};

/// Whether somebody is there to ask.
pub(super) fn possible(no_input: bool) -> bool {
    !no_input && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Gives the terminal back as it was when a question is left unanswered. (A Ctrl-C at a question
/// is a key, which the question sees itself; this is for signals.)
pub(super) fn abandon() {
    if !terminal::is_raw_mode_enabled().unwrap_or(false) {
        return;
    }
    // Where the terminal is gone there is nothing to give back.
    let _ = terminal::disable_raw_mode();
    let _ = crossterm::execute!(
        io::stderr(),
        crossterm::event::DisableBracketedPaste,
        crossterm::cursor::Show,
        crossterm::style::Print("\n"),
    );
}

/// How long after a terminal is gone we are told.
const HANGUP_WITHIN: Duration = Duration::from_millis(200);

const AGAIN: &str = "Look again";

/// One of the Wi-Fi networks a device sees, by typing part of its name; `None` to look again.
pub(super) fn wifi_network(networks: &[VisibleNetwork]) -> Result<Option<Chosen>, Failure> {
    const OTHER: &str = "Another one, by its name";
    // A hidden network is given by its name.
    let named: Vec<_> = networks.iter().filter(|one| !one.ssid_bytes.is_empty()).collect();
    let mut options: Vec<_> = named.iter().map(|network| report::choice(network)).collect();
    options.extend([AGAIN.to_owned(), OTHER.to_owned()]);
    let question = Select::new("Network (type to filter):", options).with_page_size(12);
    let chosen = answer(question.raw_prompt())?;
    match named.get(chosen.index) {
        Some(network) => {
            let ssid = Ssid::new(network.ssid_bytes.clone());
            let ssid = ssid.map_err(|error| Failure::input(error.to_string()))?;
            Ok(Some(Chosen::Wifi { ssid, is_open: !network.auth_mode.takes_passphrase() }))
        }
        None if chosen.value == AGAIN => Ok(None),
        None => named_by_hand().map(Some),
    }
}

/// One of the Thread networks a device sees; `None` to look again.
pub(super) fn thread_network(networks: &[ThreadNetwork]) -> Result<Option<Chosen>, Failure> {
    const OTHER: &str = "Another one, by its dataset";
    // One that does not tell its identity is given by its dataset.
    let known: Vec<_> = networks.iter().filter(|one| one.ext_pan_id.is_some()).collect();
    let mut options: Vec<_> = known.iter().map(|one| report::thread_choice(one)).collect();
    options.extend([AGAIN.to_owned(), OTHER.to_owned()]);
    let question = Select::new("Thread network (type to filter):", options).with_page_size(12);
    let chosen = answer(question.raw_prompt())?;
    match known.get(chosen.index) {
        Some(&network) => Ok(Some(Chosen::Thread(network.clone()))),
        None if chosen.value == AGAIN => Ok(None),
        None => until_good("Dataset in hexadecimal:", dataset_from_hex)
            .map(|dataset| Some(Chosen::Dataset(dataset))),
    }
}

/// One of the serial ports; `None` for copying by hand, without a question where there is none.
pub(super) fn port(ports: &[FoundPort]) -> Result<Option<String>, Failure> {
    if ports.is_empty() {
        return Ok(None);
    }
    let mut options: Vec<_> = ports.iter().map(ToString::to_string).collect();
    options.push("By hand, with copy and paste".to_owned());
    let chosen = answer(Select::new("Serial port of the device:", options).raw_prompt())?;
    Ok(ports.get(chosen.index).map(|found| found.port.clone()))
}

/// One of the devices that were heard, or its name; `None` to look again.
pub(super) fn device(devices: Vec<Nearby>) -> Result<Option<Wanted>, Failure> {
    const OTHER: &str = "Another one, by its name";
    let mut options: Vec<_> = devices.iter().map(report::nearby_choice).collect();
    options.extend([AGAIN.to_owned(), OTHER.to_owned()]);
    let question = Select::new("Device (type to filter):", options).with_page_size(12);
    let chosen = answer(question.raw_prompt())?;
    match devices.into_iter().nth(chosen.index) {
        Some(device) => Ok(Some(Wanted::Id(device.address))),
        None if chosen.value == AGAIN => Ok(None),
        None => loop {
            let name = answer(Text::new("Name of the device:").prompt())?;
            if !name.is_empty() {
                return Ok(Some(Wanted::from_text(&name)));
            }
        },
    }
}

/// A network somebody chose.
pub(super) enum Chosen {
    Wifi {
        ssid: Ssid,
        /// It takes no passphrase, so none is asked for.
        is_open: bool,
    },
    Thread(ThreadNetwork),
    Dataset(ThreadDataset),
}

/// A network by its name, where there is no list or it is not in it.
pub(super) fn named_by_hand() -> Result<Chosen, Failure> {
    Ok(Chosen::Wifi { ssid: ssid()?, is_open: false })
}

/// The key of a Thread network, hidden.
pub(super) fn network_key(network: &ThreadNetwork) -> Result<NetworkKey, Failure> {
    let question = format!("Network key of {:?} in hexadecimal:", network.name);
    until_good(&question, network::network_key)
}

/// Asks for a secret until it makes sense.
fn until_good<T>(question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    loop {
        match read(&hidden(question)?) {
            Ok(secret) => return Ok(secret),
            Err(error) => say_again(&error),
        }
    }
}

/// The name of a network.
fn ssid() -> Result<Ssid, Failure> {
    loop {
        let name = answer(Text::new("Network name (SSID):").prompt())?;
        match Ssid::new(name) {
            Ok(ssid) => return Ok(ssid),
            Err(error) => say_again(&error),
        }
    }
}

/// A passphrase, hidden; empty for an open network.
pub(super) fn passphrase(ssid: &Ssid) -> Result<Passphrase, Failure> {
    let question = format!("Passphrase for {ssid} (empty for an open network):");
    loop {
        match Passphrase::new(hidden(&question)?) {
            Ok(passphrase) => return Ok(passphrase),
            Err(error) => say_again(&error),
        }
    }
}

/// User name, unless it is known, and password of security 2.
pub(super) fn login(username: Option<Username>) -> Result<Login, Failure> {
    let username = match username {
        Some(username) => username,
        None => loop {
            let name = answer(Text::new("User name for security 2:").prompt())?;
            if let Some(username) = Username::new(name) {
                break username;
            }
        },
    };
    let password = hidden(&format!("Password of {} for security 2:", username.as_str()))?;
    Ok(Login { username, password: Password::from(password) })
}

fn hidden(question: &str) -> Result<Zeroizing<String>, Failure> {
    let prompt = inquire::Password::new(question)
        .without_confirmation()
        .with_display_mode(PasswordDisplayMode::Hidden);
    answer(prompt.prompt()).map(Zeroizing::new)
}

fn answer<T>(given: Result<T, InquireError>) -> Result<T, Failure> {
    given.map_err(|error| match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Failure::Interrupted
        }
        // A terminal that goes away fails first, and tells us then.
        InquireError::IO(_) if signals::comes_within(HANGUP_WITHIN) => Failure::Interrupted,
        other => Failure::input(format!("the terminal can't be asked: {other}")),
    })
}

#[allow(clippy::print_stderr)]
fn say_again(error: &dyn fmt::Display) {
    eprintln!("  {error}");
}

/// The person at the terminal. Stays silent once they pressed Ctrl-C.
pub(super) struct Terminal {
    pub(super) present: bool,
    pub(super) interrupted: Arc<AtomicBool>,
    /// Of security 2, if it is known.
    username: Option<Username>,
    /// Answers given before: a person is asked once in a process.
    proof: OnceLock<ProofOfPossession>,
    login: OnceLock<Login>,
}

impl Terminal {
    pub(super) fn new(present: bool, username: Option<Username>) -> Self {
        Self {
            present,
            interrupted: Arc::default(),
            username,
            proof: OnceLock::new(),
            login: OnceLock::new(),
        }
    }

    /// Asks away from the executor, so that timers and signals go on.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Option<T> {
        if !self.present {
            return None;
        }
        let answer = tokio::task::spawn_blocking(question).await.ok()?;
        if matches!(answer, Err(Failure::Interrupted)) {
            self.interrupted.store(true, Ordering::Relaxed);
        }
        answer.ok()
    }
}

#[async_trait]
impl Operator for Terminal {
    fn is_present(&self) -> bool {
        self.present
    }

    async fn proof_of_possession(&self) -> Option<ProofOfPossession> {
        if let Some(known) = self.proof.get() {
            return Some(known.clone());
        }
        let proof = self.ask(|| hidden("Proof of possession of the device:")).await?.into();
        Some(self.proof.get_or_init(|| proof).clone())
    }

    async fn login(&self) -> Option<Login> {
        if let Some(known) = self.login.get() {
            return Some(known.clone());
        }
        let username = self.username.clone();
        let login = self.ask(|| login(username)).await?;
        Some(self.login.get_or_init(|| login).clone())
    }

    async fn passphrase(&self, ssid: &Ssid, failure: JoinFailure) -> Option<Passphrase> {
        if failure != JoinFailure::WrongPassphrase {
            return None;
        }
        let ssid = ssid.clone();
        self.ask(move || passphrase(&ssid)).await
    }
}
