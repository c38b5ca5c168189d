//! One request in, one reply or none out.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::{fmt, time::Duration};

use prost::Message;
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use super::{Backend, ResetRule, SrpVerifier, WifiConfig, manager::Manager};
use crate::{
    DecodeError, Endpoint, Passphrase, ProofOfPossession, Scheme, Status,
    commands::{JoinFailure, StartWifiScan, WifiStatus},
    security::{Cipher, sec0, sec1, sec2},
    wire::{
        self, NetworkConfigMsgType, NetworkConfigPayload, NetworkCtrlMsgType, NetworkCtrlPayload,
        NetworkScanMsgType, NetworkScanPayload, SessionData, network_config_payload as config,
        network_ctrl_payload as control, network_scan_payload as scan, resp_get_wifi_status,
    },
};

/// The scheme a device was built with, and its secret.
#[derive(Clone, Debug)]
pub enum Security {
    /// No security: request endpoints answer without any handshake.
    Sec0,
    /// Security 1.
    Sec1 {
        /// Empty for none.
        pop: ProofOfPossession,
    },
    /// Security 2.
    Sec2 {
        /// Instead of a password.
        verifier: SrpVerifier,
        /// How nonces are made.
        patch: Patch,
    },
}

/// The patch level of security 2 (`sec_patch_ver`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// One nonce for all messages: ESP-IDF v5.0 to v5.4 before v5.0.9, v5.1.7, v5.2.6, v5.3.3,
    /// v5.4.1.
    Zero,
    /// A counter: those and later.
    One,
}

impl Security {
    /// Which scheme it is.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Sec0 => Scheme::Sec0,
            Self::Sec1 { .. } => Scheme::Sec1,
            Self::Sec2 { .. } => Scheme::Sec2,
        }
    }
}

/// The device half of the protocol, over a [`Backend`].
pub struct Responder<B, R> {
    security: Security,
    version: String,
    control: bool,
    scan: bool,
    session: Session,
    manager: Manager,
    backend: B,
    rng: R,
}

enum Session {
    None,
    Verifying1(sec1::DeviceExpectVerify),
    Verifying2(sec2::DeviceExpectVerify),
    Open(Cipher),
}

/// A reply and what it was about.
#[derive(Debug)]
pub struct Answer {
    /// The reply's bytes. May be empty where no version is set.
    pub body: Vec<u8>,
    /// What the request was.
    pub action: Action,
}

/// What a request made the device do; its `Display` is for firmware logs and shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Told its version.
    Version,
    /// First half of the handshake.
    KeysExchanged,
    /// Second half: a session is open.
    SessionOpened(Scheme),
    /// Took a network into memory, or said why not.
    SetWifiConfig {
        /// Its name.
        ssid: String,
        /// How long its passphrase is.
        passphrase_bytes: usize,
        /// The answer.
        status: Status,
    },
    /// Was told to join.
    ApplyWifiConfig(Status),
    /// Told how the join stands.
    GetWifiStatus(Result<WifiStatus, Status>),
    /// Scan requests, by their name in the schema.
    Scan(&'static str, Status),
    /// Reset and re-provision, by their name in the schema.
    Control(&'static str, Status),
    /// A Thread request to this Wi-Fi device.
    Thread(&'static str),
    /// Application data of so many bytes.
    Custom(usize),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("version asked"),
            Self::KeysExchanged => f.write_str("keys exchanged"),
            Self::SessionOpened(scheme) => write!(f, "session open, {scheme}"),
            Self::SetWifiConfig { ssid, passphrase_bytes, status } => {
                write!(f, "SetWifiConfig ssid {ssid:?}, ")?;
                match passphrase_bytes {
                    0 => f.write_str("no passphrase")?,
                    n => write!(f, "passphrase of {n} bytes")?,
                }
                write!(f, " -> {status}")
            }
            Self::ApplyWifiConfig(status) => write!(f, "ApplyWifiConfig -> {status}"),
            Self::GetWifiStatus(Ok(WifiStatus::Connecting { attempts_remaining: None })) => {
                f.write_str("GetWifiStatus -> connecting")
            }
            Self::GetWifiStatus(Ok(WifiStatus::Connecting { attempts_remaining: Some(n) })) => {
                write!(f, "GetWifiStatus -> connecting, {n} attempts remaining")
            }
            Self::GetWifiStatus(Ok(WifiStatus::Connected(connection))) => {
                write!(f, "GetWifiStatus -> connected, {}", connection.ip)
            }
            Self::GetWifiStatus(Ok(WifiStatus::Failed(failure))) => {
                write!(f, "GetWifiStatus -> failed: {failure}")
            }
            Self::GetWifiStatus(Ok(other)) => write!(f, "GetWifiStatus -> {other:?}"),
            Self::GetWifiStatus(Err(status)) => write!(f, "GetWifiStatus -> {status}"),
            Self::Scan(name, status) | Self::Control(name, status) => {
                write!(f, "{name} -> {status}")
            }
            Self::Thread(name) => write!(f, "{name} -> {}", Status::InvalidArgument),
            Self::Custom(bytes) => write!(f, "application data, {bytes} bytes"),
        }
    }
}

/// Why a request gets no reply.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoReply {
    /// There is no such endpoint.
    #[error("no endpoint {0:?}")]
    NoSuchEndpoint(String),
    /// A request endpoint before the handshake is done.
    #[error("no session is open")]
    NoSession,
    /// The handshake is for another scheme.
    #[error("the client speaks security {client}, this device security {device}")]
    SchemeMismatch {
        /// What the request says.
        client: i32,
        /// What this device is.
        device: u32,
    },
    /// A public key that makes the shared key known to anybody.
    #[error("the client's public key is 0")]
    WeakKey,
    /// A sealed request that fails its check.
    #[error("the request does not decrypt")]
    Undecryptable,
    /// A handshake message that does not fit here.
    #[error("a handshake message out of order")]
    OutOfOrder,
    /// The client does not know the proof of possession.
    #[error("the client's proof is wrong: its secret is not this device's")]
    WrongProof,
    /// The request makes no sense (under security 1: or was encrypted for another session).
    #[error("the request does not decode: {0}")]
    Malformed(#[from] DecodeError),
    /// Nothing to decrypt: memory for it can't be had on the real device.
    #[error("the request is empty")]
    Empty,
    /// A scan result that does not exist.
    #[error("scan results beyond the end of the list were asked for")]
    BeyondEnd,
    /// Results of a Thread scan, of which a Wi-Fi device has none.
    #[error("this is a Wi-Fi device, without results of a Thread scan")]
    ThreadScan,
    /// The application's handler failed.
    #[error("the application refused the request")]
    Application,
}

impl From<prost::DecodeError> for NoReply {
    fn from(error: prost::DecodeError) -> Self {
        Self::Malformed(error.into())
    }
}

type Served = Result<(Vec<u8>, Action), NoReply>;

impl<B: Backend, R: CryptoRng> Responder<B, R> {
    /// A device that says `version` on `proto-ver` (see [`Version`](super::Version)).
    pub fn new(security: Security, version: impl Into<String>, backend: B, rng: R) -> Self {
        Self {
            security,
            version: version.into(),
            control: true,
            scan: true,
            session: Session::None,
            manager: Manager::new(),
            backend,
            rng,
        }
    }

    /// Without the `prov-ctrl` endpoint, as before ESP-IDF v5.1.
    #[must_use]
    pub fn without_control(mut self) -> Self {
        self.control = false;
        self
    }

    /// Without the `prov-scan` endpoint, as firmware without the provisioning manager.
    #[must_use]
    pub fn without_scan(mut self) -> Self {
        self.scan = false;
        self
    }

    /// With another rule for resets than that of network_provisioning 1.2.1.
    #[must_use]
    pub fn with_reset_rule(mut self, rule: ResetRule) -> Self {
        self.manager.reset_rule = rule;
        self
    }

    /// The radio and the application.
    pub fn backend(&mut self) -> &mut B {
        &mut self.backend
    }

    /// A new transport session begins: whatever session there was is over.
    pub fn open_link(&mut self) {
        self.session = Session::None;
    }

    /// Forgets a network that could not be joined, as firmware may do by itself after the last
    /// attempt (`RESET_PROV_MGR_ON_FAILURE` of the vendor's examples).
    ///
    /// # Errors
    /// The status a client would get, if there is nothing to reset.
    pub fn reset(&mut self) -> Result<(), Status> {
        self.manager.reset(&mut self.backend)
    }

    /// Whether there is such an endpoint.
    pub fn serves(&self, endpoint: &str) -> bool {
        [Endpoint::VERSION, Endpoint::SESSION, Endpoint::CONFIG]
            .iter()
            .any(|known| known.as_str() == endpoint)
            || (self.scan && endpoint == Endpoint::SCAN.as_str())
            || (self.control && endpoint == Endpoint::CONTROL.as_str())
            || self.backend.endpoints().contains(&endpoint)
    }

    /// Answers one request.
    ///
    /// # Errors
    /// [`NoReply`]: the device stays silent, and the transport shows that in its own way.
    pub fn handle(&mut self, endpoint: &str, request: &[u8]) -> Result<Answer, NoReply> {
        if !self.serves(endpoint) {
            return Err(NoReply::NoSuchEndpoint(endpoint.to_owned()));
        }
        let (body, action) = match endpoint {
            "proto-ver" => (self.version.as_bytes().to_vec(), Action::Version),
            "prov-session" => self.handshake(request)?,
            _ => self.sealed(endpoint, request)?,
        };
        Ok(Answer { body, action })
    }

    fn handshake(&mut self, request: &[u8]) -> Served {
        let request = SessionData::decode(request)?;
        let scheme = self.security.scheme();
        if i64::from(request.sec_ver) != i64::from(scheme.number()) {
            let (client, device) = (request.sec_ver, scheme.number());
            return Err(NoReply::SchemeMismatch { client, device });
        }
        let (reply, action) = match &self.security {
            Security::Sec0 => (sec0::answer(), Action::SessionOpened(scheme)),
            Security::Sec1 { pop } => {
                let pop = pop.clone();
                self.handshake_sec1(request, &pop)?
            }
            Security::Sec2 { verifier, patch } => {
                let (verifier, patch) = (verifier.clone(), *patch);
                self.handshake_sec2(request, &verifier, patch)?
            }
        };
        Ok((reply.encode_to_vec(), action))
    }

    fn handshake_sec1(
        &mut self,
        request: SessionData,
        pop: &ProofOfPossession,
    ) -> Result<(SessionData, Action), NoReply> {
        let is_first = matches!(
            &request.proto,
            Some(wire::session_data::Proto::Sec1(message))
                if message.msg == wire::Sec1MsgType::SessionCommand0 as i32
        );
        if is_first {
            let (state, reply) = sec1::DeviceExpectVerify::start(request, pop, &mut self.rng)?;
            self.session = Session::Verifying1(state);
            return Ok((reply, Action::KeysExchanged));
        }
        let Session::Verifying1(state) = &mut self.session else {
            return Err(NoReply::OutOfOrder);
        };
        let reply = state.verify(request)?.ok_or(NoReply::WrongProof)?;
        if let Session::Verifying1(state) = core::mem::replace(&mut self.session, Session::None) {
            self.session = Session::Open(state.into_cipher());
        }
        Ok((reply, Action::SessionOpened(Scheme::Sec1)))
    }

    fn handshake_sec2(
        &mut self,
        request: SessionData,
        verifier: &SrpVerifier,
        patch: Patch,
    ) -> Result<(SessionData, Action), NoReply> {
        let is_first = matches!(
            &request.proto,
            Some(wire::session_data::Proto::Sec2(message))
                if message.msg == wire::Sec2MsgType::S2SessionCommand0 as i32
        );
        if is_first {
            let (state, reply) = sec2::DeviceExpectVerify::start(request, verifier, &mut self.rng)?;
            self.session = Session::Verifying2(state);
            return Ok((reply, Action::KeysExchanged));
        }
        let Session::Verifying2(state) = &self.session else {
            return Err(NoReply::OutOfOrder);
        };
        let (cipher, reply) =
            state.verify(request, patch, &mut self.rng)?.ok_or(NoReply::WrongProof)?;
        self.session = Session::Open(cipher);
        Ok((reply, Action::SessionOpened(Scheme::Sec2)))
    }

    fn sealed(&mut self, endpoint: &str, request: &[u8]) -> Served {
        let mut request = Zeroizing::new(request.to_vec());
        match (&self.security, &mut self.session) {
            (Security::Sec0, _) => {}
            (_, Session::Open(cipher)) => {
                cipher.open(&mut request).map_err(|_| NoReply::Undecryptable)?;
                if request.is_empty() {
                    return Err(NoReply::Empty);
                }
            }
            _ => return Err(NoReply::NoSession),
        }
        let (mut reply, action) = match endpoint {
            "prov-config" => self.config(&request)?,
            "prov-scan" => self.scan(&request)?,
            "prov-ctrl" => self.control(&request)?,
            _ => {
                let reply = self.backend.custom(endpoint, &request).ok_or(NoReply::Application)?;
                (reply, Action::Custom(request.len()))
            }
        };
        if let Session::Open(cipher) = &mut self.session {
            cipher.seal(&mut reply).map_err(|_| NoReply::Undecryptable)?;
        }
        Ok((reply, action))
    }

    fn config(&mut self, request: &[u8]) -> Served {
        use NetworkConfigMsgType as Msg;
        use config::Payload;

        let request = NetworkConfigPayload::decode(request)?;
        let (msg, payload, action) = match Msg::try_from(request.msg) {
            Ok(Msg::TypeCmdGetWifiStatus) => {
                let status = self.backend.status();
                let reply = Payload::RespGetWifiStatus(status_reply(&status));
                (Msg::TypeRespGetWifiStatus, reply, Action::GetWifiStatus(status))
            }
            Ok(Msg::TypeCmdSetWifiConfig) => {
                let Some(Payload::CmdSetWifiConfig(command)) = request.payload else {
                    return Err(DecodeError::MissingPayload("CmdSetWifiConfig").into());
                };
                let (status, action) = self.set_wifi(command);
                let reply = wire::RespSetWifiConfig { status: status.number() };
                (Msg::TypeRespSetWifiConfig, Payload::RespSetWifiConfig(reply), action)
            }
            Ok(Msg::TypeCmdApplyWifiConfig) => {
                let status = status_of(self.manager.apply(&mut self.backend));
                let reply = wire::RespApplyWifiConfig { status: status.number() };
                let action = Action::ApplyWifiConfig(status);
                (Msg::TypeRespApplyWifiConfig, Payload::RespApplyWifiConfig(reply), action)
            }
            Ok(Msg::TypeCmdGetThreadStatus) => {
                let status = Status::InvalidArgument.number();
                let reply = wire::RespGetThreadStatus { status, ..Default::default() };
                let reply = Payload::RespGetThreadStatus(reply);
                (Msg::TypeRespGetThreadStatus, reply, Action::Thread("GetThreadStatus"))
            }
            Ok(Msg::TypeCmdSetThreadConfig) => {
                let status = Status::InvalidArgument.number();
                let reply = Payload::RespSetThreadConfig(wire::RespSetThreadConfig { status });
                (Msg::TypeRespSetThreadConfig, reply, Action::Thread("SetThreadConfig"))
            }
            Ok(Msg::TypeCmdApplyThreadConfig) => {
                let status = Status::InvalidArgument.number();
                let reply = Payload::RespApplyThreadConfig(wire::RespApplyThreadConfig { status });
                (Msg::TypeRespApplyThreadConfig, reply, Action::Thread("ApplyThreadConfig"))
            }
            _ => return Err(unexpected("a prov-config command", request.msg)),
        };
        let reply = NetworkConfigPayload { msg: msg as i32, payload: Some(payload) };
        Ok((reply.encode_to_vec(), action))
    }

    fn set_wifi(&mut self, command: wire::CmdSetWifiConfig) -> (Status, Action) {
        let passphrase = Zeroizing::new(command.passphrase);
        let fits = command.ssid.len() <= crate::Ssid::MAX
            && passphrase.len() <= Passphrase::MAX
            && matches!(command.bssid.len(), 0 | 6);
        let status = if fits { Status::Success } else { Status::InvalidArgument };
        let action = Action::SetWifiConfig {
            ssid: String::from_utf8_lossy(&command.ssid).into_owned(),
            passphrase_bytes: passphrase.len(),
            status,
        };
        if fits {
            self.manager.set(WifiConfig {
                ssid: command.ssid,
                passphrase: Passphrase::from_device(&passphrase),
                bssid: command.bssid,
                channel: command.channel,
            });
        }
        (status, action)
    }

    fn scan(&mut self, request: &[u8]) -> Served {
        use NetworkScanMsgType as Msg;
        use scan::Payload;

        let request = NetworkScanPayload::decode(request)?;
        let (msg, status, payload, name) = match Msg::try_from(request.msg) {
            Ok(Msg::TypeCmdScanWifiStart) => {
                let Some(Payload::CmdScanWifiStart(command)) = request.payload else {
                    return Err(DecodeError::MissingPayload("CmdScanWifiStart").into());
                };
                let [group_channels, ..] = command.group_channels.to_le_bytes();
                let status = status_of(self.backend.start_scan(&StartWifiScan {
                    blocking: command.blocking,
                    passive: command.passive,
                    group_channels,
                    period: Duration::from_millis(command.period_ms.into()),
                }));
                let reply = Payload::RespScanWifiStart(wire::RespScanWifiStart {});
                (Msg::TypeRespScanWifiStart, status, reply, "ScanWifiStart")
            }
            Ok(Msg::TypeCmdScanWifiStatus) => {
                let answer = self.backend.scan_status();
                let reply = answer.map_or_else(
                    |_| wire::RespScanWifiStatus::default(),
                    |scan| wire::RespScanWifiStatus {
                        scan_finished: scan.finished,
                        result_count: scan.count,
                    },
                );
                let reply = Payload::RespScanWifiStatus(reply);
                let status = status_of(answer.map(drop));
                (Msg::TypeRespScanWifiStatus, status, reply, "ScanWifiStatus")
            }
            Ok(Msg::TypeCmdScanWifiResult) => {
                let Some(Payload::CmdScanWifiResult(command)) = request.payload else {
                    return Err(DecodeError::MissingPayload("CmdScanWifiResult").into());
                };
                let mut reply = wire::RespScanWifiResult::default();
                for offset in 0..command.count {
                    let index = command.start_index.checked_add(offset);
                    let entry = index.and_then(|index| self.backend.scan_result(index));
                    reply.entries.push(entry.ok_or(NoReply::BeyondEnd)?.into());
                }
                let reply = Payload::RespScanWifiResult(reply);
                (Msg::TypeRespScanWifiResult, Status::Success, reply, "ScanWifiResult")
            }
            Ok(Msg::TypeCmdScanThreadStart) => {
                let reply = Payload::RespScanThreadStart(wire::RespScanThreadStart {});
                (Msg::TypeRespScanThreadStart, Status::InvalidArgument, reply, "ScanThreadStart")
            }
            Ok(Msg::TypeCmdScanThreadStatus) => {
                let reply = Payload::RespScanThreadStatus(wire::RespScanThreadStatus::default());
                (Msg::TypeRespScanThreadStatus, Status::InvalidArgument, reply, "ScanThreadStatus")
            }
            // The only Thread request that a Wi-Fi build does not answer.
            Ok(Msg::TypeCmdScanThreadResult) => return Err(NoReply::ThreadScan),
            _ => return Err(unexpected("a prov-scan command", request.msg)),
        };
        let reply =
            NetworkScanPayload { msg: msg as i32, status: status.number(), payload: Some(payload) };
        Ok((reply.encode_to_vec(), Action::Scan(name, status)))
    }

    fn control(&mut self, request: &[u8]) -> Served {
        use NetworkCtrlMsgType as Msg;
        use control::Payload;

        let request = NetworkCtrlPayload::decode(request)?;
        let (msg, status, payload, name) = match Msg::try_from(request.msg) {
            Ok(Msg::TypeCmdCtrlWifiReset) => {
                let status = status_of(self.manager.reset(&mut self.backend));
                let reply = Payload::RespCtrlWifiReset(wire::RespCtrlWifiReset {});
                (Msg::TypeRespCtrlWifiReset, status, reply, "CtrlWifiReset")
            }
            Ok(Msg::TypeCmdCtrlWifiReprov) => {
                let status = status_of(self.manager.reprovision(&mut self.backend));
                let reply = Payload::RespCtrlWifiReprov(wire::RespCtrlWifiReprov {});
                (Msg::TypeRespCtrlWifiReprov, status, reply, "CtrlWifiReprov")
            }
            Ok(Msg::TypeCmdCtrlThreadReset) => {
                let reply = Payload::RespCtrlThreadReset(wire::RespCtrlThreadReset {});
                (Msg::TypeRespCtrlThreadReset, Status::InvalidArgument, reply, "CtrlThreadReset")
            }
            Ok(Msg::TypeCmdCtrlThreadReprov) => {
                let reply = Payload::RespCtrlThreadReprov(wire::RespCtrlThreadReprov {});
                (Msg::TypeRespCtrlThreadReprov, Status::InvalidArgument, reply, "CtrlThreadReprov")
            }
            _ => return Err(unexpected("a prov-ctrl command", request.msg)),
        };
        let reply =
            NetworkCtrlPayload { msg: msg as i32, status: status.number(), payload: Some(payload) };
        Ok((reply.encode_to_vec(), Action::Control(name, status)))
    }
}

fn status_of(result: Result<(), Status>) -> Status {
    result.err().unwrap_or(Status::Success)
}

fn unexpected(expected: &'static str, got: i32) -> NoReply {
    DecodeError::Unexpected { expected, got }.into()
}

fn status_reply(status: &Result<WifiStatus, Status>) -> wire::RespGetWifiStatus {
    use resp_get_wifi_status::State;
    use wire::{WifiConnectFailedReason as Reason, WifiStationState as Station};

    let (station, state) = match status {
        Err(status) => {
            return wire::RespGetWifiStatus { status: status.number(), ..Default::default() };
        }
        Ok(WifiStatus::Connecting { attempts_remaining: None }) => {
            (Station::Connecting as i32, None)
        }
        Ok(WifiStatus::Connecting { attempts_remaining: Some(n) }) => {
            let failed = wire::WifiAttemptFailed { attempts_remaining: *n };
            (Station::Connecting as i32, Some(State::AttemptFailed(failed)))
        }
        Ok(WifiStatus::Connected(connection)) => {
            let connected = State::WifiConnected(connection.clone().into());
            (Station::Connected as i32, Some(connected))
        }
        Ok(WifiStatus::Disconnected) => (Station::Disconnected as i32, None),
        Ok(WifiStatus::Failed(failure)) => {
            let reason = match failure {
                JoinFailure::WrongPassphrase => Some(Reason::AuthError as i32),
                JoinFailure::NetworkNotFound => Some(Reason::WifiNetworkNotFound as i32),
                JoinFailure::Unsaid => None,
                JoinFailure::Unknown(number) => Some(*number),
            };
            (Station::ConnectionFailed as i32, reason.map(State::WifiFailReason))
        }
        Ok(WifiStatus::Unknown(number)) => (*number, None),
    };
    wire::RespGetWifiStatus { status: 0, wifi_sta_state: station, state }
}
