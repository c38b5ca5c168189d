//! What to do about a failure, depending on the transport, the firmware and the command.

use esp_prov::{
    Busy, Cause, Error, JoinState, Outcome, Stage,
    address::Address,
    transport::{HostFault, RadioError, TransportError, WifiError},
};
use esp_prov_batch::ledger::{LedgerError, State};
use protocomm::{Capabilities, Endpoint, NetworkKind, Status, commands::JoinFailure};

use super::{Exit, NO_ACCESS_POINT, System, advice, of_error, of_outcome, of_radio, of_wifi};

/// What is known about the run in which something failed.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// What was being done.
    pub job: Job,
    /// How the device is reached, if the command works on one.
    pub reach: Option<Reach>,
    /// What the device has reported about itself.
    pub device: Option<Capabilities>,
    /// Whether the device is first made to forget a network.
    pub resets_first: bool,
    /// Whether the network is said to have no passphrase (`--open`).
    pub is_open: bool,
    /// Where the requested scheme comes from, if that is known.
    pub scheme_from: Option<SchemeFrom>,
    /// Where the secrets of the session come from, in words.
    pub secrets_from: String,
    /// What else to try if no device is found under the given name.
    pub instead: Option<String>,
}

/// Where the requested security scheme comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemeFrom {
    /// `--sec-ver`.
    Flag,
    /// The label, which names it or has a user name.
    Label,
}

/// What a command does with devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Job {
    /// Gives a device its network.
    #[default]
    Provision,
    /// Looks at devices, as `info` and `discover` do. They retry nothing.
    Look,
    /// Lists networks.
    Scan,
    /// Asks a device for its status.
    Status,
    /// Makes a device forget a network that it could not join.
    Reset,
    /// Makes a device leave its network.
    Reprovision,
    /// Does anything else with one device.
    Command,
    /// Provisions many devices.
    Batch,
    /// Makes secrets for devices.
    Secrets,
}

/// How a device is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// HTTP on the device's own access point.
    AccessPoint,
    /// The same, which this run joins (`--softap`).
    JoinedAccessPoint,
    /// HTTP on any network.
    Network,
    /// BLE.
    Ble,
    /// A console on a serial port, or through a person.
    Console,
    /// A virtual device inside this process.
    Virtual,
}

impl Reach {
    /// How the device of a roster with this address is reached.
    pub(crate) fn of(address: &Address) -> Self {
        match address {
            Address::Http(_) => Self::Network,
            Address::Softap(_) => Self::JoinedAccessPoint,
            Address::Ble(_) => Self::Ble,
            Address::Console(_) | Address::ManualConsole => Self::Console,
            Address::Virtual => Self::Virtual,
        }
    }

    /// The same, by the scheme of the address, as a ledger has it.
    pub(crate) fn of_scheme(scheme: &str) -> Option<Self> {
        Some(match scheme {
            "http" => Self::Network,
            "softap" => Self::JoinedAccessPoint,
            "ble" => Self::Ble,
            "console" => Self::Console,
            "virtual" => Self::Virtual,
            _ => return None,
        })
    }
}

/// Whether a device can be made to forget its network from here (`prov-ctrl`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Resets {
    Yes,
    No,
    Perhaps,
}

impl Context {
    /// What to do about an error.
    pub fn hint(&self, error: &Error) -> String {
        let (exit, general) = of_error(error);
        match &error.cause {
            Cause::Transport(TransportError::NoSuchEndpoint(endpoint))
                if *endpoint == Endpoint::CONFIG
                    || self.takes_no_network() && Endpoint::MANAGER.contains(endpoint) =>
            {
                "see what it offers with `esp-prov-rs info`: it takes no network; its firmware has \
                 sessions for its application only"
                    .to_owned()
            }
            Cause::Transport(TransportError::Lost(_) | TransportError::TimedOut(_))
                if exit == Exit::LINK_LOST && general == exit.advice =>
            {
                let and = match error.stage {
                    stage if self.may_be_taken_over(stage) => TAKEN_OVER,
                    // Pairing happens at the first request, and a refusal shows as silence.
                    Stage::Version if self.reach == Some(Reach::Ble) => {
                        System::HERE.failed_pairing()
                    }
                    _ => "",
                };
                format!("{}{and}", self.link_lost())
            }
            // The version is asked for at each attempt, and by `info` many times.
            Cause::Transport(TransportError::NoReply)
                if error.stage == Stage::Version && self.device.is_some() =>
            {
                let and = if self.is_http() { TAKEN_OVER } else { "" };
                format!("try again: it has told its version before{and}")
            }
            Cause::Transport(TransportError::NoReply) if self.has_one_client() => match error.stage
            {
                Stage::Handshake => "restart the device, and try again",
                Stage::Version => return general,
                _ => {
                    "try again, and restart the device if it persists: it does this when it can't \
                         decrypt or understand a request"
                }
            }
            .to_owned(),
            Cause::Transport(TransportError::Wifi(_)) => general,
            Cause::Transport(_) | Cause::NotJoined { .. } | Cause::OutOfTime(_) => {
                self.of_exit(exit, general)
            }
            Cause::Refusal(refusal) => {
                self.refused(error.stage, refusal.status).map_or(general, str::to_owned)
            }
            Cause::NotApplied(refusal, _)
                if self.is_thread() && refusal.status == Status::InternalError =>
            {
                format!("check the dataset, which the device may be unable to read; or {general}")
            }
            Cause::ScanUnsafe(Busy::Joining, _) if self.resets() == Resets::No => {
                "wait until `esp-prov-rs status` shows how that went; after a failed join reset \
                 the device itself (its button or its power)"
                    .to_owned()
            }
            Cause::ScanUnsafe(Busy::Joined, _) if self.resets() == Resets::No => {
                "reset the device itself (its button or its power) to give it another network"
                    .to_owned()
            }
            Cause::OtherSecurity { asked, offered } if asked < offered => match self.scheme_from {
                Some(SchemeFrom::Flag) => {
                    "leave out `--sec-ver` to use what the device reports".to_owned()
                }
                Some(SchemeFrom::Label) => format!(
                    "check that the label (--qr) is this device's; if it is, give `--sec-ver {offered}`"
                ),
                None => general,
            },
            Cause::Contradiction { .. } if !self.secrets_from.is_empty() => {
                let scheme = match self.scheme_from {
                    Some(SchemeFrom::Flag) => {
                        "leave out `--sec-ver` to use what the device reports"
                    }
                    Some(SchemeFrom::Label) => {
                        "give `--sec-ver` with the scheme of the device: the label (--qr) has \
                         another"
                    }
                    None => "use the scheme that the device reports",
                };
                format!("{scheme}, or leave out the secret, which comes from {}", self.secrets_from)
            }
            _ if exit == Exit::SECURITY && general == exit.advice && self.job == Job::Look => {
                "check that it is your device, by its label and its address".to_owned()
            }
            Cause::TooLong { .. } if error.stage == Stage::Set => {
                "use a transport that takes more".to_owned()
            }
            Cause::Join(failure) => self.of_failure(*failure).unwrap_or(general),
            Cause::Told(_) => match error.host_fault() {
                Some(HostFault::Bluetooth(fault)) => {
                    format!("{}; then {general}", of_radio(&fault))
                }
                Some(HostFault::Wifi(fault)) => format!("{}; then {general}", of_wifi(&fault)),
                None => general,
            },
            _ => general,
        }
    }

    /// What to do about an outcome; empty if nothing.
    pub fn of_outcome(&self, outcome: &Outcome) -> String {
        let general = advice(outcome);
        match outcome {
            Outcome::Discovered { devices } if devices.is_empty() => NOT_HEARD.to_owned(),
            Outcome::NotConnected { state: JoinState::Failed { failure } } => {
                self.of_failure(*failure).unwrap_or(general)
            }
            Outcome::Unconfirmed { .. }
                if self.is_http() && general == Exit::UNCONFIRMED.advice =>
            {
                format!("{general}; if it is not there{}", TAKEN_OVER.replace(';', ","))
            }
            Outcome::Unconfirmed { .. } if self.is_http() => format!("{general}{TAKEN_OVER}"),
            _ => self.of_exit(of_outcome(outcome), general),
        }
    }

    /// What to do about an exit code; `general` if there is no better advice.
    fn of_exit(&self, exit: Exit, general: String) -> String {
        let is_general = general == exit.advice;
        match exit {
            Exit::NOT_FOUND => {
                let first = self.not_found().map_or(general, str::to_owned);
                match &self.instead {
                    Some(instead) => format!("{first}; {instead}"),
                    None => first,
                }
            }
            Exit::CONNECT if is_general => self.connect().map_or(general, str::to_owned),
            Exit::LINK_LOST if is_general => self.link_lost(),
            Exit::NOT_JOINED if self.is_thread() => {
                general.replace("the access point", "the network's routers")
            }
            _ => general,
        }
    }

    /// What to do about a failed join.
    fn of_failure(&self, failure: JoinFailure) -> Option<String> {
        let (first, with) = match failure {
            JoinFailure::WrongPassphrase if self.is_open => {
                ("leave out `--open`, as this network has a passphrase; ", "that passphrase")
            }
            JoinFailure::WrongPassphrase => ("", "the right passphrase"),
            JoinFailure::NetworkNotFound if !self.is_thread() => (
                "check spelling, range and band (most ESP32 have 2.4 GHz only), then ",
                "the right network",
            ),
            JoinFailure::NetworkNotFound | JoinFailure::NotAttached => (
                "check name, extended PAN ID and key of the dataset, and that a router of the \
                 network is in range (a wrong key looks the same), then ",
                "the right dataset",
            ),
            JoinFailure::DatasetInvalid => return None,
            _ if self.is_thread() => (
                "look at the logs of the device and of the network's routers, then ",
                "the right dataset",
            ),
            _ => (
                "look at the logs of the device and of the access point, then ",
                "the right network",
            ),
        };
        let mut hint = format!("{first}{}", self.again(with));
        let may_scan = !matches!(self.job, Job::Batch | Job::Scan) && self.resets() != Resets::No;
        if failure == JoinFailure::NetworkNotFound && may_scan {
            hint += "; `esp-prov-rs scan --reset-first` lists what the device sees";
        }
        Some(hint)
    }

    /// What to do if the device refused.
    fn refused(&self, stage: Stage, status: Status) -> Option<&'static str> {
        if status != Status::InternalError {
            return (self.job == Job::Status).then_some("restart the device, and ask again");
        }
        Some(match (stage, self.job) {
            (Stage::Status, _) | (_, Job::Status) => {
                "restart the device: its provisioning has ended, or fails inside"
            }
            (Stage::Reset, Job::Reprovision) => {
                "reset the device itself: its application does not allow `reprovision`, or it has \
                 no network yet"
            }
            (Stage::Scan, _) if self.resets() == Resets::No => {
                "wait until it has joined or failed: it does not scan while it tries; after a \
                 failed join reset the device itself (its button or its power)"
            }
            (Stage::Scan, _) if self.resets_first => {
                "wait until it has joined or failed: it does not scan while it tries; if this \
                 persists, restart the device"
            }
            _ => return None,
        })
    }

    fn is_http(&self) -> bool {
        matches!(self.reach, Some(Reach::AccessPoint | Reach::JoinedAccessPoint | Reach::Network))
    }

    /// Whether no other client can reach the device over this transport at the same time.
    fn has_one_client(&self) -> bool {
        matches!(self.reach, Some(Reach::Ble | Reach::Console | Reach::Virtual))
    }

    /// Whether a link may have been lost to another client: the HTTP server of stock firmware has
    /// one socket, and the last client gets it.
    fn may_be_taken_over(&self, stage: Stage) -> bool {
        let begins = matches!(stage, Stage::Discover | Stage::Connect | Stage::Version);
        self.is_http() && !begins
    }

    /// Whether the device is in the session-only mode of network_provisioning, which has neither
    /// networks nor scans nor resets.
    fn takes_no_network(&self) -> bool {
        self.device.as_ref().is_some_and(|device| {
            let is_netprov = device.version.as_deref().is_some_and(|it| it.starts_with("netprov"));
            let list = ["wifi_prov", "thread_prov", "wifi_scan", "thread_scan"];
            is_netprov && !list.iter().any(|one| device.has(one))
        })
    }

    /// What to do after a failed join, in a few words.
    pub(crate) fn after_failed_join(&self) -> &'static str {
        match self.resets() {
            Resets::No => {
                "reset it itself (its button or its power) before it is provisioned again"
            }
            Resets::Yes => "provision it again with `--reset-first`",
            Resets::Perhaps => {
                "provision it again with `--reset-first` (before ESP-IDF v5.1, reset it itself)"
            }
        }
    }

    fn is_thread(&self) -> bool {
        self.device.as_ref().is_some_and(|device| device.network() == NetworkKind::Thread)
    }

    /// Whether the device has `prov-ctrl`, which came with ESP-IDF v5.1; `sec_ver` came with v5.0.
    fn resets(&self) -> Resets {
        match &self.device {
            Some(device) if device.sec_ver.is_none() => Resets::No,
            Some(device) => {
                let version = device.version.as_deref().unwrap_or_default();
                if version.starts_with("netprov") { Resets::Yes } else { Resets::Perhaps }
            }
            None => Resets::Perhaps,
        }
    }

    /// How to continue after a failed join.
    fn again(&self, with: &str) -> String {
        if self.job == Job::Batch {
            return IN_BATCH.to_owned();
        }
        let give = match self.job {
            Job::Provision => format!("give `--reset-first` and {with}"),
            _ => format!("run `esp-prov-rs provision --reset-first` with {with}"),
        };
        match self.resets() {
            Resets::Yes => give,
            Resets::Perhaps => format!("{give} (before ESP-IDF v5.1, reset the device itself)"),
            Resets::No => format!(
                "reset the device itself (its button or its power; its firmware can't be reset \
                 from here), and provision again with {with}"
            ),
        }
    }

    fn not_found(&self) -> Option<&'static str> {
        Some(match self.reach? {
            Reach::AccessPoint | Reach::JoinedAccessPoint | Reach::Network => {
                "check the host name, and that this machine is in the device's network"
            }
            Reach::Ble => {
                "check the name, that the device is in provisioning mode and in range, and that no \
                 other phone or computer is connected to it (it does not advertise then); \
                 `esp-prov-rs discover` lists the devices in range"
            }
            Reach::Console => {
                "check the cable and the name of the port; `esp-prov-rs doctor` lists the serial \
                 ports"
            }
            Reach::Virtual => return None,
        })
    }

    fn connect(&self) -> Option<&'static str> {
        Some(match self.reach? {
            Reach::AccessPoint => "join the device's access point with this machine first",
            Reach::JoinedAccessPoint => {
                "check that the access point is the device's, and the device's address there"
            }
            Reach::Network => {
                "check address and port, and that this machine is in the device's network"
            }
            Reach::Ble => "move closer, and close every other app that is connected to the device",
            Reach::Console => {
                "check cable, port and baud rate, and close every other program that has the port \
                 open; `esp-prov-rs doctor` shows more"
            }
            Reach::Virtual => "start it again",
        })
    }

    fn link_lost(&self) -> String {
        let first = match self.reach {
            Some(Reach::AccessPoint | Reach::JoinedAccessPoint) => {
                "check the device's power, and that this machine stays on its access point"
            }
            Some(Reach::Network) => "check the device's power and its network",
            Some(Reach::Ble) => "move closer, check the device's power",
            Some(Reach::Console) => "check the device's power, the cable and the baud rate",
            Some(Reach::Virtual) | None => "check the device's power and the connection to it",
        };
        let room = match self.job {
            Job::Look => "`--reply-timeout`",
            _ => "`--attempts` and `--reply-timeout`",
        };
        format!("{first}, or raise {room}")
    }
}

const IN_BATCH: &str = "fix the roster, then `esp-prov-rs batch retry --failed` and the same \
                        batch, which first resets the devices that could not join (before ESP-IDF \
                        v5.1, reset them yourself)";

const NOT_HEARD: &str = "check that the device is in provisioning mode and in range, that no other \
                         phone or computer is connected to it over BLE (it does not advertise \
                         then), and that `--prefix` is right if given";

const TAKEN_OVER: &str = "; another client may have taken over its only session";

/// What to do about devices of a batch that are not done: their state, exit code, and how they are
/// reached are equal. `error` is the error in the ledger.
pub(crate) fn not_done(
    state: State,
    exit: Exit,
    reach: Option<Reach>,
    at: Option<Stage>,
    error: Option<&str>,
) -> &'static str {
    match state {
        State::Unconfirmed => unconfirmed_in_batch(exit, at),
        _ => in_batch(exit, reach, error),
    }
}

/// What to do about a unit at a station that is not done. See [`not_done`].
pub(crate) fn at_station(
    state: State,
    exit: Exit,
    reach: Option<Reach>,
    at: Option<Stage>,
    error: Option<&str>,
) -> &'static str {
    match (state, exit) {
        (State::Unconfirmed, _) => {
            "look for it on the network; scan it again to ask it for the state of its join"
        }
        (_, Exit::PASSPHRASE | Exit::NETWORK) => {
            "correct the network in the job file or on the roster and start the station again, \
             then scan the unit again"
        }
        _ => not_done(state, exit, reach, at, error),
    }
}

/// What to do about devices of a batch that are reached in the same way and failed with the same
/// exit code. `error` is the error in the ledger.
fn in_batch(exit: Exit, reach: Option<Reach>, error: Option<&str>) -> &'static str {
    let context = Context { reach, job: Job::Batch, ..Context::default() };
    let is_access_points = reach == Some(Reach::JoinedAccessPoint)
        && matches!(exit, Exit::INPUT | Exit::CONNECT | Exit::SECURITY);
    if is_access_points && let Some(advice) = error.and_then(wifi_in_batch) {
        return advice;
    }
    match exit {
        Exit::PASSPHRASE | Exit::NETWORK => IN_BATCH,
        Exit::NOT_FOUND if reach == Some(Reach::JoinedAccessPoint) => NO_ACCESS_POINT,
        Exit::NOT_FOUND => context.not_found().unwrap_or(exit.advice),
        Exit::CONNECT => {
            let of_radio = error.filter(|_| reach == Some(Reach::Ble)).and_then(radio_in_batch);
            of_radio.or_else(|| context.connect()).unwrap_or(exit.advice)
        }
        other => other.advice,
    }
}

/// What to do about the Bluetooth adapter, or about a device that requires pairing.
fn radio_in_batch(error: &str) -> Option<&'static str> {
    Some(match RadioError::told_in(error)? {
        error @ (RadioError::Died(_) | RadioError::Unpaired(_)) => of_radio(&error),
        _ => "fix this machine's Bluetooth; `esp-prov-rs doctor` shows what is missing",
    })
}

/// What to do about this machine's Wi-Fi, or about an access point that can't be joined.
fn wifi_in_batch(error: &str) -> Option<&'static str> {
    Some(match WifiError::told_in(error)? {
        WifiError::Several(_) => "give its BSSID in the roster: softap:24:0a:c4:11:22:33",
        error if error.is_of_host() => {
            "fix this machine's Wi-Fi; `esp-prov-rs doctor` shows what is missing"
        }
        error => of_wifi(&error),
    })
}

/// What to do about devices of a batch that were told to join and did not report the result.
/// `stage` is where something went wrong, if that is known.
fn unconfirmed_in_batch(exit: Exit, stage: Option<Stage>) -> &'static str {
    match (exit, stage) {
        (Exit::UNCONFIRMED, None) | (Exit::NOT_VERIFIED, _) => exit.advice,
        (Exit::UNCONFIRMED, Some(_)) => {
            "look for them on the network; if they are not there, check what the roster gives \
             them, then run `esp-prov-rs batch retry --unconfirmed` and the same batch, which asks \
             them for the state of their join"
        }
        _ => {
            "look for them on the network, as they were told to join; `esp-prov-rs batch retry \
             --unconfirmed` and the same batch ask them for the state of their join"
        }
    }
}

/// Texts that show that a process or the system has no file descriptors left.
const OUT_OF_FILES: [&str; 3] = ["ulimit -n", "(os error 24)", "(os error 23)"];

const MORE_FILES: &str =
    "raise the limit of open files (`ulimit -n`), and run the same command again";

/// What to do about an error with this text, if its cause is this machine.
pub(crate) fn of_machine(why: &str) -> Option<&'static str> {
    (cfg!(unix) && OUT_OF_FILES.iter().any(|words| why.contains(words))).then_some(MORE_FILES)
}

/// What to do about a ledger.
pub fn of_ledger(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Damaged(_) => {
            "do not continue with a damaged ledger: use what was saved of it, or an earlier copy"
        }
        LedgerError::Lost(_) => {
            "use what was saved of it (the message says where) or an earlier copy, and run the \
             same command again"
        }
        LedgerError::Full(_) => "free space there, and run the same command again",
        LedgerError::OutOfFiles(_) => MORE_FILES,
        LedgerError::Busy => {
            "wait until the other batch ends, or stop it, and run the same command again"
        }
        LedgerError::Forbidden(_) => {
            "let this user write there, or choose another place with `--ledger`"
        }
        LedgerError::NotALedger(_) => {
            "give a ledger file with `--ledger`, or for a new ledger a file that does not exist yet"
        }
        LedgerError::Newer { .. } => "update this tool",
        LedgerError::Unreachable(_) | LedgerError::Refused(_) => {
            "check that the database is running and accepts this user, and run the same command \
             again"
        }
        _ => "fix what the message names, and run the same command again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batchs_hint_tells_an_access_point_from_this_machines_wifi() {
        let why = || "no".to_owned();
        for (error, about) in [
            (WifiError::Unsupported, "fix this machine's Wi-Fi"),
            (WifiError::NoManager(why()), "fix this machine's Wi-Fi"),
            (WifiError::NoInterface, "fix this machine's Wi-Fi"),
            (WifiError::OtherInterface { there: why() }, "fix this machine's Wi-Fi"),
            (WifiError::Unusable(why()), "fix this machine's Wi-Fi"),
            (WifiError::Off, "fix this machine's Wi-Fi"),
            (WifiError::Denied(why()), "fix this machine's Wi-Fi"),
            (WifiError::InUse(why()), "wait until that run ends"),
            (WifiError::Several(why()), "give its BSSID in the roster"),
            (WifiError::WrongPassphrase, "check --softap-passphrase"),
            (WifiError::PassphraseMissing, "give it with --softap-passphrase"),
            (WifiError::NotEncrypted, "check that it is your device"),
            (WifiError::OtherProtection("WEP"), "give the firmware an access point"),
            (WifiError::NoAddress, "restart the device"),
            (WifiError::TakenOver, "try again, and leave the interface alone"),
            (WifiError::Other(why()), "check that the access point is the device's"),
        ] {
            let kept = format!("connect: {error}");
            let exit = Exit::of(Error::new(Stage::Connect, TransportError::from(error)).kind());
            let hint = in_batch(exit, Some(Reach::JoinedAccessPoint), Some(&kept));
            assert!(hint.starts_with(about), "{kept}: {hint}");
        }
    }

    #[test]
    fn a_batchs_hint_tells_this_machine_from_a_device() {
        let why = || "no".to_owned();
        let (wanted, there) = (why(), why());
        for (error, about) in [
            (RadioError::NoAdapter, "fix this machine's Bluetooth"),
            (RadioError::OtherAdapter { wanted, there }, "fix this machine's Bluetooth"),
            (RadioError::DiscoveryUnavailable, "fix this machine's Bluetooth"),
            (RadioError::Off, "fix this machine's Bluetooth"),
            (RadioError::NoBus(why()), "fix this machine's Bluetooth"),
            (RadioError::NoService(why()), "fix this machine's Bluetooth"),
            (RadioError::Died(why()), "try again; if it dies each time"),
            (RadioError::Denied(why()), "fix this machine's Bluetooth"),
            (RadioError::Unpaired(why()), "make the system forget"),
            (RadioError::Lost(why()), "move closer"),
            (RadioError::Other(why()), "move closer"),
            (RadioError::Other("Bluetooth is what it says".to_owned()), "move closer"),
        ] {
            // As in the ledger.
            let kept = format!("connect: {error}");
            let hint = in_batch(Exit::CONNECT, Some(Reach::Ble), Some(&kept));
            assert!(hint.starts_with(about), "{error}: {hint}");
        }
    }
}
