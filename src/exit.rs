//! The help desk: what each failure means, what to do about it, and its exit code.

mod explain;

use std::{fmt::Write, process::ExitCode};

use protocomm::{HandshakeError, NetworkKind, SessionError, Status, commands::JoinFailure};

use crate::{
    error::{Cause, Error, Stage},
    event::Outcome,
    transport::{RadioError, TransportError},
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
    DONE = 0, "done: the device says that it is connected (or did whatever else was asked)", "";
    INTERNAL = 1, "unexpected internal error", "report it with the output of `-vv`";
    USAGE = 2, "the command line does not parse", "see `--help`";
    INPUT = 3, "bad input: a value, an address, a file or a missing secret", "the message names the field and what would be right";
    OUTPUT = 4, "done, but stdout could not be written", "make room where it is written to; what was done stays done, `esp-prov-rs status` tells";
    NOT_FOUND = 10, "device not found", "check the name, and that the device is in provisioning mode and in range";
    CONNECT = 11, "could not connect", "check address and port; over HTTP, join the device's access point first";
    LINK_LOST = 12, "link lost or no reply, after all attempts", "move closer, check the device's power, or give `--attempts` and `--reply-within` more room";
    UNSUPPORTED = 20, "the device lacks an endpoint, a capability or the wanted version", "look at what it offers with `-v`";
    PROTOCOL = 21, "the device broke the protocol, or it is no provisioning device", "check the address; if it is the device, report it with its `--trace`";
    PROOF = 30, "the proof of possession, or the user name and password, is wrong", "check what is printed on the device or in its firmware";
    SECURITY = 31, "the device's security is not what was asked for, or can't check the secret given", "check that it is your device, by its label and its address; `esp-prov-rs info` says which security it has";
    OUT_OF_STEP = 32, "the session got out of step: a reply did not decrypt", "try again; if it stays, report it with its `--trace`";
    WARNED = 33, "a warning, with `--deny-warnings`", "mend what the warning names";
    REFUSED = 40, "the device refused the command", "it names its reason; `esp-prov-rs status` tells where the device stands";
    PASSPHRASE = 50, "the network rejected the passphrase", "provision again with the right passphrase and `--reset-first`";
    NETWORK = 51, "the device did not find the network, or could not join it", "check spelling, range and band (most ESP32 have 2.4 GHz only), then provision again with `--reset-first`";
    NOT_JOINED = 52, "the device did not report a connection in time", "give it longer with `--join-within`, or look at the access point";
    UNCONFIRMED = 53, "applied, but the device left before it confirmed", "it probably joined: look for it on the network";
    SOME_FAILED = 60, "the batch ended, and not every device is done", "`esp-prov-rs batch status` lists them; `batch retry --failed` gives them another chance";
    LEDGER = 61, "the ledger could not be read or written; the batch stopped", "make room, or let go of what holds it, and start the same batch again: it goes on where it was";
    HOOK_FAILED = 62, "every device is done, and the command for results (`--on-result`) failed for some", "`esp-prov-rs batch status` lists them; mend the command, then `batch retry --hooks` and the same batch";
    INTERRUPTED = 130, "interrupted by Ctrl-C, SIGTERM or SIGHUP", "";
}

impl Exit {
    /// For `main`.
    pub fn to_exit_code(self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// By its number; one that is not ours is an unexpected error.
    pub fn of_code(code: u8) -> Self {
        Self::from_code(code).unwrap_or(Self::INTERNAL)
    }

    /// The table of the README.
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
    match outcome {
        Outcome::Discovered { devices } if devices.is_empty() => Exit::NOT_FOUND,
        Outcome::Connected { .. }
        | Outcome::Attached { .. }
        | Outcome::NotConnected { .. }
        | Outcome::Info { .. }
        | Outcome::Reset
        | Outcome::Scanned { .. }
        | Outcome::Discovered { .. }
        | Outcome::ThreadScanned { .. }
        | Outcome::Sent { .. } => Exit::DONE,
        Outcome::Unconfirmed => Exit::UNCONFIRMED,
    }
}

/// The exit code of an error, and what to do about it.
pub fn of_error(error: &Error) -> (Exit, String) {
    match &error.cause {
        Cause::Transport(cause) => of_transport(cause, error.stage),
        Cause::Handshake(cause) => match cause {
            HandshakeError::ProofMismatch => (Exit::PROOF, OTHER_SECRET.to_owned()),
            HandshakeError::SchemeMismatch { .. } => general(Exit::SECURITY),
            HandshakeError::WeakKey => (
                Exit::PROTOCOL,
                "no working device does this: somebody may be pretending to be it".to_owned(),
            ),
            HandshakeError::Refused(_) => general(Exit::REFUSED),
            HandshakeError::Decode(_) => general(Exit::PROTOCOL),
        },
        Cause::Session(
            SessionError::Decode { sealed: true, .. }
            | SessionError::Undecryptable { .. }
            | SessionError::CounterExhausted,
        ) => general(Exit::OUT_OF_STEP),
        Cause::Session(SessionError::Decode { sealed: false, .. }) => general(Exit::PROTOCOL),
        Cause::Session(SessionError::EmptyRequest(_)) => general(Exit::INPUT),
        Cause::Refusal(refusal) => (Exit::REFUSED, refused(error.stage, refusal.status)),
        Cause::ProofRejected => (Exit::PROOF, OTHER_SECRET.to_owned()),
        Cause::SecurityUnsaid(_) => (
            Exit::SECURITY,
            "say which with `--sec-ver` (firmware this old mostly has 1, and never 2)".to_owned(),
        ),
        Cause::SecurityUnsupported(_) => (
            Exit::SECURITY,
            "build the firmware with security 0, 1 or 2, or look for a newer version".to_owned(),
        ),
        Cause::OtherSecurity { asked, offered } if asked < offered => {
            (Exit::SECURITY, "leave `--sec-ver` out to use what the device says".to_owned())
        }
        Cause::SchemeRejected(_) | Cause::OtherSecurity { .. } => general(Exit::SECURITY),
        Cause::BelowRequired { required, .. } => (
            Exit::SECURITY,
            format!("check that it is your device; its firmware has to have security {required}"),
        ),
        Cause::Unchecked { .. } => (
            Exit::SECURITY,
            "check that it is your device: one that this secret was made for checks it; its label \
             and its firmware say which secret it has"
                .to_owned(),
        ),
        Cause::Contradiction { .. } => (
            Exit::SECURITY,
            "leave `--sec-ver` out to use what the device says; scheme and secret come from a \
             label (--qr), too, and the secret from ESP_PROV_POP or ESP_PROV_SEC2_PWD"
                .to_owned(),
        ),
        Cause::Denied { about_security, .. } => {
            let exit = if *about_security { Exit::SECURITY } else { Exit::WARNED };
            (exit, Exit::WARNED.advice.to_owned())
        }
        Cause::ProofMissing => (
            Exit::INPUT,
            "give it with --pop, --pop-file or ESP_PROV_POP (`--pop ''` if the device's is empty)"
                .to_owned(),
        ),
        Cause::LoginMissing => (
            Exit::INPUT,
            "give it with --sec2-username and --sec2-pwd, --sec2-pwd-file or ESP_PROV_SEC2_PWD"
                .to_owned(),
        ),
        Cause::Version { .. } => {
            (Exit::UNSUPPORTED, "leave out --proto-ver to take any version".to_owned())
        }
        Cause::OtherNetwork { taken: NetworkKind::Thread, .. } => (
            Exit::UNSUPPORTED,
            "give a dataset with --dataset-tlvs, or leave --ssid out to choose from what it sees"
                .to_owned(),
        ),
        Cause::OtherNetwork { taken: NetworkKind::Wifi, .. } => {
            (Exit::UNSUPPORTED, "give a Wi-Fi network with --ssid".to_owned())
        }
        Cause::Join(JoinFailure::DatasetInvalid) => {
            (Exit::NETWORK, "the device reads the dataset in another way: check it".to_owned())
        }
        Cause::Join(JoinFailure::WrongPassphrase) => general(Exit::PASSPHRASE),
        Cause::Join(_) => general(Exit::NETWORK),
        Cause::NotJoined { .. } => general(Exit::NOT_JOINED),
        Cause::Unrecorded(_) => general(Exit::LEDGER),
        Cause::TooLong { .. } => (Exit::INPUT, SEND_LESS.to_owned()),
        Cause::OutOfTime(_) if error.stage == Stage::Join => general(Exit::NOT_JOINED),
        Cause::OutOfTime(_) => (Exit::LINK_LOST, "give it longer with `--timeout`".to_owned()),
    }
}

const OTHER_SECRET: &str = "the proof of possession, or user name and password, is not this \
                            device's: check what is printed on it or in its firmware";

const SEND_LESS: &str = "send less at once, or use a transport that takes more";

fn general(exit: Exit) -> (Exit, String) {
    (exit, exit.advice.to_owned())
}

fn of_transport(error: &TransportError, stage: Stage) -> (Exit, String) {
    match error {
        TransportError::NotFound(_) => general(Exit::NOT_FOUND),
        TransportError::Connect(_) => general(Exit::CONNECT),
        TransportError::TimedOut(_)
        | TransportError::Lost(_)
        | TransportError::Http { status: 408, .. } => general(Exit::LINK_LOST),
        TransportError::NoReply => {
            let why = match stage {
                Stage::Version => {
                    "is this a provisioning device? It gives no reply to the \
                                   first request"
                }
                Stage::Set
                | Stage::Apply
                | Stage::Join
                | Stage::Custom
                | Stage::Reset
                | Stage::Scan => {
                    "a device does this when it can't decrypt or understand a request; another \
                     client may have taken over its one session"
                }
                _ => return general(Exit::LINK_LOST),
            };
            (Exit::LINK_LOST, why.to_owned())
        }
        TransportError::Ambiguous(_) => {
            (Exit::INPUT, "say which with its address: --service-name AA:BB:CC:DD:EE:FF".to_owned())
        }
        TransportError::Radio(error) => (Exit::CONNECT, of_radio(error).to_owned()),
        TransportError::RequestTooLong { limit: Some(_), .. } => {
            (Exit::INPUT, SEND_LESS.to_owned())
        }
        TransportError::RequestTooLong { limit: None, .. } => (
            Exit::UNSUPPORTED,
            "send less at once: a request can have 512 bytes at most, with firmware before \
             ESP-IDF v5.0 mostly 256"
                .to_owned(),
        ),
        TransportError::NoSuchEndpoint(endpoint) => {
            let why = match stage {
                Stage::Version => "this is no provisioning device, or it is not in provisioning \
                                   mode"
                    .to_owned(),
                Stage::Reset => "firmware before ESP-IDF v5.1 can't be reset from here: reset \
                                 the device itself"
                    .to_owned(),
                _ => format!("its firmware was built without {endpoint}"),
            };
            (Exit::UNSUPPORTED, why)
        }
        TransportError::LineTooLong(_) => match stage {
            Stage::Handshake | Stage::Proof => (
                Exit::UNSUPPORTED,
                "security 2 can't work over the console of stock firmware: use another transport"
                    .to_owned(),
            ),
            _ => (Exit::INPUT, SEND_LESS.to_owned()),
        },
        TransportError::Http { .. }
        | TransportError::NotHttp(_)
        | TransportError::TooLong { .. } => general(Exit::PROTOCOL),
    }
}

/// What to do about an adapter.
pub(crate) fn of_radio(error: &RadioError) -> &'static str {
    match error {
        RadioError::NoAdapter => "plug one in; on Linux `bluetoothctl list` shows what is there",
        RadioError::OtherAdapter { .. } => "leave out --adapter to use the first",
        RadioError::Off => {
            "switch it on (on Linux `rfkill unblock bluetooth`, `bluetoothctl power on`)"
        }
        RadioError::NoService(_) => "start it: on Linux `systemctl start bluetooth`",
        RadioError::Denied(_) => {
            "allow this user or terminal to use Bluetooth (on Linux the group `bluetooth`, on \
             macOS the privacy settings)"
        }
        RadioError::Unpaired(_) => {
            "pairing with it failed: make the system forget it (on Linux `bluetoothctl remove \
             ADDRESS`) and try again, or build its firmware without link encryption"
        }
        RadioError::Rejected(_)
        | RadioError::TooLong(_)
        | RadioError::Lost(_)
        | RadioError::Other(_) => "move closer, or switch Bluetooth off and on again",
    }
}

fn refused(stage: Stage, status: Status) -> String {
    match (stage, status) {
        (Stage::Apply, Status::InternalError) => {
            "it was told to join before: `esp-prov-rs status` tells how that went; after a failed \
             join give `--reset-first`, else reset the device itself"
        }
        (Stage::Reset, Status::InternalError) => {
            "a reset is allowed after a failed join only, and `reprovision` only where the \
             application allows it"
        }
        (Stage::Set, Status::InvalidArgument) => {
            "a length is not allowed, or the device was built for Thread instead of Wi-Fi"
        }
        _ => Exit::REFUSED.advice,
    }
    .to_owned()
}
