//! What each failure means, what to do about it, and its exit code.

mod explain;
mod hint;
mod system;

use std::{fmt::Write, process::ExitCode, time::Duration};

use esp_prov::{
    Busy, Cause, Error, Event, FailureKind, JoinState, Mismatch, Outcome, Recovery, Stage,
    transport::{RadioError, TransportError, WifiError},
};
use protocomm::{
    Command, HandshakeError, NetworkKind, Status,
    commands::{JoinFailure, StartWifiScan},
};
use serde::Serialize;

pub use self::hint::{Context, Job, Reach, SchemeFrom, of_ledger};
pub(crate) use self::{
    hint::{at_station, not_done, of_machine},
    system::System,
};

/// An exit code with one documented meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The number the process ends with.
    pub code: u8,
    /// What it means.
    pub meaning: &'static str,
    /// What to do, in general.
    pub advice: &'static str,
}

macro_rules! exits {
    ($($name:ident = $code:literal, $meaning:literal, $advice:literal;)*) => {
        impl Exit {
            $(#[doc = $meaning] pub const $name: Self =
                Self { code: $code, meaning: $meaning, advice: $advice };)*
            /// Every exit code, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

exits! {
    DONE = 0, "done: the device reports a connection (or did what else was asked)", "";
    INTERNAL = 1, "unexpected internal error", "report it with the output of `-vv`";
    USAGE = 2, "invalid command line", "see `--help`";
    INPUT = 3, "bad input: a value, an address, a file or a missing secret", "the message names the field and what would be right";
    OUTPUT = 4, "done, but stdout could not be written", "free space where stdout goes; the work itself is done, `esp-prov-rs status` shows the state of the device";
    NOT_FOUND = 10, "device not found", "check the name, and that the device is in provisioning mode and in range";
    CONNECT = 11, "could not connect", "check address and port; over HTTP, join the device's access point first";
    LINK_LOST = 12, "link lost or no reply, after all attempts", "check the device's power and the connection to it, or raise `--attempts` and `--reply-timeout`";
    UNSUPPORTED = 20, "the device lacks an endpoint, a capability or the wanted version", "see what it offers with `-v`";
    PROTOCOL = 21, "the device violated the protocol, or is not a provisioning device", "check the address; if it is the device, report it with its `--trace`";
    PROOF = 30, "the proof of possession, or the user name and password, is wrong", "check what is printed on the device or in its firmware";
    SECURITY = 31, "the device's security is not what was asked for, or can't check the secret given", "check that it is your device, by its label and its address; `esp-prov-rs info` says which security it has";
    SESSION_DESYNCHRONISED = 32, "the session got out of step: a reply did not decrypt", "try again; if it persists, report it with its `--trace`";
    WARNED = 33, "a warning, with `--deny-warnings`", "fix what the warning names";
    REFUSED = 40, "the device refused the command", "see the reason it gives; `esp-prov-rs status` shows the state of the device";
    PASSPHRASE = 50, "the network rejected the passphrase", "give `--reset-first` (before ESP-IDF v5.1, reset the device itself) and the right passphrase";
    NETWORK = 51, "the device did not find the network, or could not join it", "check spelling, range and band (most ESP32 have 2.4 GHz only), then give `--reset-first` (before ESP-IDF v5.1, reset the device itself) and the right network; `esp-prov-rs scan --reset-first` lists what the device sees";
    NOT_JOINED = 52, "the device did not report a connection in time, or has none", "raise `--join-timeout`, or check the access point";
    UNCONFIRMED = 53, "applied, but the device left before it confirmed", "look for it on the network: it probably joined";
    MISMATCH = 54, "the device says it is connected, but not to the network it was given, or to none", "ask again with `esp-prov-rs status`; if it persists, restart the device and provision it again (after `reprovision` it persists until then: provision it now)";
    NOT_VERIFIED = 55, "with `--verify`: the device reports a connection, and this machine does not find it there", "check that clients of the access point may reach each other, and that this machine is on the same network; `esp-prov-rs status` asks the device as long as it answers";
    NOT_UNDONE = 56, "with `--then reprovision`: the device joined, and could not be made to leave the network again", "try again: if the device answers, it is first made to leave the network; otherwise make it forget the network by its own means, such as a button";
    SOME_FAILED = 60, "the batch ended, and not every device is done", "`esp-prov-rs batch status` lists them; run `batch retry --failed` or `batch retry --unconfirmed`, then the same batch";
    LEDGER = 61, "the ledger could not be read or written; the batch stopped", "fix what the message names (disk space, permissions, another batch, the database), and run the same command to resume";
    HOOK_FAILED = 62, "every device is done, and the command for results (`--on-result`) failed for some, or has yet to get some", "`esp-prov-rs batch status` lists them; fix the command, then `batch retry --hooks` and the same batch with its command";
    INTERRUPTED = 130, "interrupted by Ctrl-C, SIGQUIT, SIGTERM or SIGHUP", "";
}

impl Exit {
    /// The exit code for `main` to return.
    pub fn to_exit_code(self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// The exit code of a kind of failure.
    pub fn of(failure: FailureKind) -> Self {
        match failure {
            FailureKind::InvalidInput => Self::INPUT,
            FailureKind::NotFound => Self::NOT_FOUND,
            FailureKind::NoConnection => Self::CONNECT,
            FailureKind::LinkLost => Self::LINK_LOST,
            FailureKind::Unsupported => Self::UNSUPPORTED,
            FailureKind::ProtocolViolated => Self::PROTOCOL,
            FailureKind::ProofRejected => Self::PROOF,
            FailureKind::SecurityMismatch => Self::SECURITY,
            FailureKind::SessionDesynchronised => Self::SESSION_DESYNCHRONISED,
            FailureKind::WarningDenied => Self::WARNED,
            FailureKind::Refused => Self::REFUSED,
            FailureKind::PassphraseRejected => Self::PASSPHRASE,
            FailureKind::JoinFailed => Self::NETWORK,
            FailureKind::NotJoined => Self::NOT_JOINED,
            FailureKind::Unconfirmed => Self::UNCONFIRMED,
            FailureKind::NetworkMismatch => Self::MISMATCH,
            FailureKind::NotVerified => Self::NOT_VERIFIED,
            FailureKind::NotUndone => Self::NOT_UNDONE,
            FailureKind::Unrecorded => Self::LEDGER,
        }
    }

    /// The exit code of a result.
    pub fn of_result(result: Result<(), FailureKind>) -> Self {
        result.map_or_else(Self::of, |()| Self::DONE)
    }

    /// The kind of failure that has this exit code, if any.
    pub fn failure(self) -> Option<FailureKind> {
        FailureKind::ALL.iter().copied().find(|kind| Self::of(*kind) == self)
    }

    /// The table of docs/commands.md.
    pub fn table() -> String {
        let mut table = String::from("| code | meaning | what to do |\n| --- | --- | --- |\n");
        for exit in Self::ALL {
            let _ = writeln!(table, "| {} | {} | {} |", exit.code, exit.meaning, exit.advice);
        }
        table
    }
}

/// The exit code of an outcome.
pub fn of_outcome(outcome: &Outcome) -> Exit {
    outcome.failure().map_or(Exit::DONE, Exit::of)
}

/// What to do about an outcome; empty if nothing.
pub fn advice(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NotConnected { state } => match state {
            JoinState::Connecting { attempts_remaining: None } => {
                "ask again later; a device that was given no network yet says the same"
            }
            JoinState::Connecting { attempts_remaining: Some(_) } => "ask again later",
            JoinState::Other { number: DISCONNECTED } => {
                "ask again later; if it persists, provision it again"
            }
            JoinState::Other { .. } => "look at the device's log: stock firmware has no such state",
            JoinState::Mismatch { mismatch: Mismatch::NoNetwork } => {
                "provision it: after `reprovision` it reports this until it joins again"
            }
            JoinState::Mismatch { .. } => {
                "ask again later; if it persists, restart the device and provision it again"
            }
            JoinState::Connected => Exit::NOT_JOINED.advice,
            JoinState::Failed { failure } => return after_failure(*failure),
        }
        .to_owned(),
        Outcome::Unconfirmed { last: Some(last) } if last.doubt().is_some() => DOUBTFUL.to_owned(),
        _ => of_outcome(outcome).advice.to_owned(),
    }
}

/// An event for JSON. The last one has the exit code.
#[derive(Serialize)]
pub(crate) struct EventJson<'a> {
    #[serde(flatten)]
    event: &'a Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
}

impl<'a> EventJson<'a> {
    pub(crate) fn of(event: &'a Event) -> Self {
        let exit_code = match event {
            Event::Finished { outcome } => Some(of_outcome(outcome).code),
            _ => None,
        };
        Self { event, exit_code }
    }
}

fn after_failure(failure: JoinFailure) -> String {
    match failure {
        JoinFailure::WrongPassphrase => Exit::PASSPHRASE.advice,
        JoinFailure::NetworkNotFound => Exit::NETWORK.advice,
        JoinFailure::NotAttached => {
            "check name, extended PAN ID and key of the dataset, and that a router of the network \
             is in range (a wrong key looks the same); then give `--reset-first` and the right \
             dataset"
        }
        JoinFailure::DatasetInvalid => "check the dataset: the device could not parse it",
        _ => {
            "look at the logs of the device and the access point, then give `--reset-first` \
             and the right network"
        }
    }
    .to_owned()
}

/// The exit code of an error, and what to do about it if its [`Context`] is not known.
pub fn of_error(error: &Error) -> (Exit, String) {
    let exit = Exit::of(error.kind());
    (exit, after_error(error).unwrap_or_else(|| exit.advice.to_owned()))
}

/// What to do about an error, if there is more specific advice than that of its exit code.
fn after_error(error: &Error) -> Option<String> {
    let hint = match &error.cause {
        Cause::Transport(cause) => return after_transport(cause, error.stage),
        Cause::Refusal(refusal) => return Some(refused(error.stage, refusal.status)),
        Cause::NotApplied(refusal, recovery) => {
            return Some(not_applied(refusal.status, *recovery));
        }
        Cause::ScanUnsafe(busy, recovery) => return Some(scan_unsafe(*busy, *recovery)),
        Cause::Join(failure) => return Some(after_failure(*failure)),
        Cause::OutOfTime(within) => out_of_time(error.stage, *within),
        Cause::Handshake(HandshakeError::ProofMismatch) | Cause::ProofRejected(_) => OTHER_SECRET,
        Cause::Handshake(HandshakeError::WeakKey) => {
            "check that it is your device: no working device does this, so it may be an impostor"
        }
        Cause::SecurityUnsaid(_) => {
            "give it with `--sec-ver` (firmware this old mostly has 1, and never 2)"
        }
        Cause::SecurityUnsupported(_) => {
            "build the firmware with security 0, 1 or 2, or look for a newer version of this tool"
        }
        Cause::OtherSecurity { asked, offered } if asked < offered => {
            "use the scheme that the device reports"
        }
        Cause::BelowRequired { required, .. } => {
            return Some(format!(
                "check that it is your device; its firmware needs security {required}"
            ));
        }
        Cause::Unchecked { .. } => {
            "check that it is your device: the one this secret belongs to would verify it; the \
             label and the firmware say which secret it has"
        }
        Cause::Contradiction { .. } => {
            "use the scheme that the device reports; a label (--qr) also sets scheme and secret, and \
             ESP_PROV_POP or ESP_PROV_SEC2_PWD the secret"
        }
        Cause::LabelContradiction { .. } => LABEL_CONTRADICTS,
        Cause::Denied { .. } => Exit::WARNED.advice,
        Cause::ProofMissing => {
            "give it with --pop, --pop-file or ESP_PROV_POP: it is on the device's label or in its \
             firmware"
        }
        Cause::LoginMissing => {
            "give them with --sec2-username and --sec2-pwd, --sec2-pwd-file or ESP_PROV_SEC2_PWD"
        }
        Cause::NetworkMissing => "give one with --ssid, or --dataset-tlvs for Thread",
        Cause::Version { .. } => "leave out --proto-ver to accept any version",
        Cause::OtherNetwork { taken: NetworkKind::Thread, .. } => {
            "give a dataset with --dataset-tlvs, or leave out --ssid to choose from the networks \
             it sees"
        }
        Cause::OtherNetwork { taken: NetworkKind::Wifi, .. } => "give a Wi-Fi network with --ssid",
        Cause::NotUndoable(_) => {
            "leave out `--then`: only firmware of ESP-IDF v5.1 and later can leave a network, if its \
             application calls `disable_auto_stop` before provisioning starts"
        }
        Cause::TakenOver => "close every other app that talks to the device, and try again",
        // It reached its own limit.
        Cause::ScanNotDone(_) => SCAN_HANGS,
        Cause::Told(_) => TOLD,
        Cause::NotJoined { has_passphrase: true, .. } => {
            "raise `--join-timeout`, or check the access point; if the network is open, give \
             `--open`: a device that was given a passphrase never joins it"
        }
        Cause::TooLong { .. } => SEND_LESS,
        _ => return None,
    };
    Some(hint.to_owned())
}

fn out_of_time(stage: Stage, within: Duration) -> &'static str {
    match stage {
        Stage::Join => "raise `--timeout`, or check the access point",
        Stage::Scan if within >= StartWifiScan::REPLY_WITHIN => SCAN_HANGS,
        _ => "raise `--timeout`",
    }
}

/// The number with which a device reports that it is in no network (`WifiStationState`,
/// `ThreadNetworkState`).
pub(crate) const DISCONNECTED: i32 = 2;

const LABEL_CONTRADICTS: &str = "check the label (--qr), which contradicts itself; set the \
                                 device's security with `--sec-ver`";

const OTHER_SECRET: &str = "check the proof of possession, or user name and password, printed on \
                            the device or set in its firmware: what was given is not this device's";

const TOLD: &str = "`esp-prov-rs status` shows the state of the device; if it is gone, look for it on \
                    the network";

const DOUBTFUL: &str = "look for it on the network; if it is not there, check what it was given \
                        and that the network is in range, and ask the device with `esp-prov-rs \
                        status`";

const SCAN_HANGS: &str = "switch the device off and on: firmware that scans after it was given a \
                          network never finishes, and may not answer until then";

fn not_applied(status: Status, recovery: Recovery) -> String {
    match (status, recovery) {
        (Status::InternalError, Recovery::Reset) => {
            "check `esp-prov-rs status`: the device was told to join before; after a failed join \
             give `--reset-first`, otherwise reset the device itself (its button or its power)"
        }
        (Status::InternalError, Recovery::ResetTried) => {
            "reset the device itself (its button or its power): it was told to join before, and a \
             reset did not help; `esp-prov-rs status` shows how that join went"
        }
        (Status::InternalError, Recovery::ManualReset) => {
            "reset the device itself (its button or its power): it was told to join before, and \
             its firmware can't be reset from here; `esp-prov-rs status` shows how that join went"
        }
        _ => Exit::REFUSED.advice,
    }
    .to_owned()
}

fn scan_unsafe(busy: Busy, recovery: Recovery) -> String {
    match (busy, recovery) {
        (Busy::JoinFailed, Recovery::ManualReset) => {
            "reset the device itself (its button or its power), then scan: its firmware can't be \
             reset from here"
        }
        (Busy::JoinFailed, Recovery::ResetTried) => {
            "switch the device off and on, then scan; if it was reset already (its state looks the \
             same), give it a network without a scan"
        }
        (Busy::JoinFailed, Recovery::Reset) => {
            "give `--reset-first`, even if it was reset before: until it gets another network, a \
             device looks the same after a reset as before"
        }
        (Busy::Joining, _) => {
            "wait until `esp-prov-rs status` shows how that went; after a failed join give \
             `--reset-first`"
        }
        (Busy::Joined, _) => {
            "make it leave its network to give it another: with `esp-prov-rs reprovision` if its \
             application allows that, otherwise by resetting the device itself (its button or its \
             power)"
        }
    }
    .to_owned()
}

/// The bytes that a characteristic has room for in any firmware (`simple_ble.h`, ESP-IDF v4.0).
const LEAST_BLE_VALUE: usize = 256;

const SEND_LESS: &str = "send less at once, or use a transport that takes more";

fn after_transport(error: &TransportError, stage: Stage) -> Option<String> {
    let hint = match error {
        TransportError::NoTime(_) => {
            "raise `--connect-timeout`, or give the device's address; if another program on this \
             machine is connected to it, close that program"
        }
        TransportError::TimedOut(within) if stage == Stage::Scan => {
            let hangs = *within >= StartWifiScan::REPLY_WITHIN;
            if hangs { SCAN_HANGS } else { "raise `--reply-timeout`" }
        }
        TransportError::NoReply => match stage {
            Stage::Handshake => {
                "close every other app that talks to the device: another client may hold its only \
                 session"
            }
            Stage::Version => {
                "check that this is a provisioning device: it did not reply to the request for its \
                 version"
            }
            Stage::Set
            | Stage::Apply
            | Stage::Join
            | Stage::Custom
            | Stage::Reset
            | Stage::Status
            | Stage::Scan => {
                "try again: a device does this when it can't decrypt or understand a request, or \
                 when another client has taken over its only session"
            }
            Stage::Discover | Stage::Connect | Stage::Proof => return None,
        },
        TransportError::Ambiguous(_) => {
            "choose one by its address: --service-name AA:BB:CC:DD:EE:FF"
        }
        TransportError::OfAnother { .. } => {
            "leave the device to one line of the roster, and check which device the other line is \
             for"
        }
        TransportError::Radio(error) => of_radio(error),
        TransportError::Wifi(error) => of_wifi(error),
        TransportError::RequestTooLong { limit: Some(_), .. } => SEND_LESS,
        // Any provisioning firmware takes this much.
        TransportError::RequestTooLong { limit: None, bytes, .. } if *bytes <= LEAST_BLE_VALUE => {
            "check that it has provisioning firmware, which takes at least 256 bytes"
        }
        TransportError::RequestTooLong { limit: None, .. } => {
            "send less at once: a request has at most 512 bytes, mostly 256 with firmware before \
             ESP-IDF v5.0"
        }
        TransportError::NoSuchEndpoint(endpoint) => match stage {
            Stage::Version => {
                "check that this is a provisioning device, and that it is in \
                               provisioning mode"
            }
            Stage::Reset => {
                "reset the device itself (its button or its power): firmware before ESP-IDF v5.1 \
                 can't be reset from here"
            }
            _ => {
                return Some(format!(
                    "list what it offers with `esp-prov-rs info`: its firmware \
                                      was built without {endpoint}"
                ));
            }
        },
        TransportError::LineTooLong(_) => match stage {
            Stage::Handshake | Stage::Proof => {
                "use another transport: security 2 can't work over the console of stock firmware"
            }
            _ => SEND_LESS,
        },
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What to do about an error of the Bluetooth adapter.
pub(crate) fn of_radio(error: &RadioError) -> &'static str {
    System::HERE.radio(error)
}

/// What to do about an access point that is not there.
const NO_ACCESS_POINT: &str = "check the name, and that the device is in provisioning mode and in \
                               range; `esp-prov-rs discover` lists access points of devices";

/// What to do about an error of this machine's Wi-Fi.
pub(crate) fn of_wifi(error: &WifiError) -> &'static str {
    match error {
        WifiError::Unsupported => "join the device's access point yourself, and leave --softap out",
        WifiError::NoManager(_) => {
            "install or start NetworkManager (wpa_supplicant or iwd alone is not enough), or join the \
             device's access point yourself and leave --softap out"
        }
        WifiError::NoInterface => "plug one in; `ip link` lists interfaces",
        WifiError::OtherInterface { .. } => {
            "leave out --interface to use the one that sees it best"
        }
        WifiError::Unusable(_) => {
            "have NetworkManager manage it: `nmcli device set wlan0 managed yes`"
        }
        WifiError::InUse(_) => "wait until that run ends, or give another --interface",
        WifiError::Off => "switch it on: `rfkill unblock wifi`, `nmcli radio wifi on`",
        WifiError::Denied(_) => {
            "run it as a user who may change networks, in the session of a desktop or with sudo"
        }
        WifiError::NotFound(_) => NO_ACCESS_POINT,
        WifiError::Several(_) => "choose one by its BSSID: --softap 24:0a:c4:11:22:33",
        WifiError::WrongPassphrase => {
            "check --softap-passphrase, which is that of the device's access point, not that of the \
             network to give"
        }
        WifiError::PassphraseMissing => {
            "give it with --softap-passphrase, --softap-passphrase-file or \
             ESP_PROV_SOFTAP_PASSPHRASE"
        }
        WifiError::NotEncrypted => {
            "check that it is your device, since anybody can set up an open access point of this \
             name; if it is, leave its passphrase out"
        }
        WifiError::OtherProtection(_) => {
            "give the firmware an access point that is open or has WPA2 or WPA3"
        }
        WifiError::Gone | WifiError::NoTime => {
            "bring the device closer, check its power, and try again"
        }
        WifiError::NoAddress => {
            "restart the device: its DHCP server does not answer, or has no address left"
        }
        WifiError::TakenOver => "try again, and leave the interface alone meanwhile",
        WifiError::NotRestored(_) => "connect it yourself: `nmcli device up wlan0`",
        _ => "try again; `journalctl -u NetworkManager` says more",
    }
}

fn refused(stage: Stage, status: Status) -> String {
    match (stage, status) {
        (Stage::Scan, Status::InternalError) => {
            "wait until it has joined or failed: it does not scan while it tries; after a failed \
             join `esp-prov-rs scan --reset-first` makes it forget that network first"
        }
        (Stage::Reset, Status::InternalError) => {
            "provision it if it was reset already: a reset is allowed once, after a failed join; \
             if that is refused, too, restart the device"
        }
        (Stage::Set, Status::InvalidArgument) => {
            "check the lengths of name and passphrase, and that the device is not built for Thread \
             instead of Wi-Fi"
        }
        _ => Exit::REFUSED.advice,
    }
    .to_owned()
}
