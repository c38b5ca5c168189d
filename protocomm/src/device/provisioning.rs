//! The endpoints of the provisioning manager: `prov-config`, `prov-scan` and `prov-ctrl`
//! (`network_config.c`, `network_scan.c`, `network_ctrl.c` of network_provisioning 1.2.4).
//!
//! A request about the kind of network that the device was not built for gets its usual reply with
//! the status `InvalidArgument`, except one for the results of a Thread scan, which gets none.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use prost::Message;
use zeroize::Zeroizing;

use super::{
    Action, Backend, NoReply, WifiConfig,
    manager::{Manager, Stored},
    responder::Served,
};
use crate::{
    DecodeError, NetworkKind, Passphrase, Ssid, Status, ThreadDataset,
    commands::{JoinFailure, ScanStatus, StartThreadScan, StartWifiScan, ThreadStatus, WifiStatus},
    wire::{
        self, NetworkConfigMsgType, NetworkConfigPayload, NetworkCtrlMsgType, NetworkCtrlPayload,
        NetworkScanMsgType, NetworkScanPayload, network_config_payload as config,
        network_ctrl_payload as control, network_scan_payload as scan, resp_get_thread_status,
        resp_get_wifi_status,
    },
};

pub(super) struct Provisioning<'a, B> {
    pub(super) manager: &'a mut Manager,
    pub(super) backend: &'a mut B,
}

impl<B: Backend> Provisioning<'_, B> {
    /// Checks that the device joins networks of this kind.
    fn takes(&self, kind: NetworkKind) -> Result<(), Status> {
        if self.backend.network() == kind { Ok(()) } else { Err(Status::InvalidArgument) }
    }

    /// The type of a message, if this generation of firmware knows it.
    fn known<M, E>(&self, msg: Result<M, E>, name: impl Fn(&M) -> &'static str) -> Option<M> {
        let is_known = |msg: &M| self.manager.knows_thread || !name(msg).contains("Thread");
        msg.ok().filter(is_known)
    }

    pub(super) fn config(&mut self, request: &[u8]) -> Served {
        use NetworkConfigMsgType as Msg;
        use config::Payload;

        let request = NetworkConfigPayload::decode(request)?;
        let (msg, payload, action) = match self.known(Msg::try_from(request.msg), Msg::as_str_name)
        {
            Some(Msg::TypeCmdGetWifiStatus) => {
                let status = self.takes(NetworkKind::Wifi).and_then(|()| self.backend.status());
                let reply = Payload::RespGetWifiStatus(wifi_status(&status));
                (Msg::TypeRespGetWifiStatus, reply, Action::GetWifiStatus(status))
            }
            Some(Msg::TypeCmdSetWifiConfig) => {
                let Some(Payload::CmdSetWifiConfig(command)) = request.payload else {
                    return Err(DecodeError::MissingPayload("CmdSetWifiConfig").into());
                };
                let (status, action) = self.set_wifi(command);
                let reply = wire::RespSetWifiConfig { status: status.number() };
                (Msg::TypeRespSetWifiConfig, Payload::RespSetWifiConfig(reply), action)
            }
            Some(Msg::TypeCmdApplyWifiConfig) => {
                let status = self.apply(NetworkKind::Wifi);
                let reply = wire::RespApplyWifiConfig { status: status.number() };
                let action = Action::ApplyWifiConfig(status);
                (Msg::TypeRespApplyWifiConfig, Payload::RespApplyWifiConfig(reply), action)
            }
            Some(Msg::TypeCmdGetThreadStatus) => {
                let status = self
                    .takes(NetworkKind::Thread)
                    .and_then(|()| self.manager.thread_status(self.backend));
                let reply = Payload::RespGetThreadStatus(thread_status(&status));
                (Msg::TypeRespGetThreadStatus, reply, Action::GetThreadStatus(status))
            }
            Some(Msg::TypeCmdSetThreadConfig) => {
                let Some(Payload::CmdSetThreadConfig(command)) = request.payload else {
                    return Err(DecodeError::MissingPayload("CmdSetThreadConfig").into());
                };
                let (status, action) = self.set_thread(command);
                let reply = wire::RespSetThreadConfig { status: status.number() };
                (Msg::TypeRespSetThreadConfig, Payload::RespSetThreadConfig(reply), action)
            }
            Some(Msg::TypeCmdApplyThreadConfig) => {
                let status = self.apply(NetworkKind::Thread);
                let reply = wire::RespApplyThreadConfig { status: status.number() };
                let action = Action::ApplyThreadConfig(status);
                (Msg::TypeRespApplyThreadConfig, Payload::RespApplyThreadConfig(reply), action)
            }
            _ => return Err(unexpected("a prov-config command", request.msg)),
        };
        let reply = NetworkConfigPayload { msg: msg as i32, payload: Some(payload) };
        Ok((reply.encode_to_vec(), action))
    }

    fn set_wifi(&mut self, command: wire::CmdSetWifiConfig) -> (Status, Action) {
        let passphrase = Zeroizing::new(command.passphrase);
        let fits = self.takes(NetworkKind::Wifi).is_ok()
            && command.ssid.len() <= Ssid::MAX
            && passphrase.len() <= Passphrase::MAX
            && matches!(command.bssid.len(), 0 | 6);
        let status = if fits { Status::Success } else { Status::InvalidArgument };
        let action = Action::SetWifiConfig {
            ssid: String::from_utf8_lossy(&command.ssid).into_owned(),
            passphrase_bytes: passphrase.len(),
            status,
        };
        if fits {
            self.manager.set(Stored::Wifi(WifiConfig {
                ssid: command.ssid,
                passphrase: Passphrase::from_device(&passphrase),
                bssid: command.bssid,
                channel: command.channel,
            }));
        }
        (status, action)
    }

    fn set_thread(&mut self, command: wire::CmdSetThreadConfig) -> (Status, Action) {
        let dataset = Zeroizing::new(command.dataset);
        let fits = self.takes(NetworkKind::Thread).is_ok() && dataset.len() <= ThreadDataset::MAX;
        let status = if fits { Status::Success } else { Status::InvalidArgument };
        let action = Action::SetThreadConfig(dataset.len(), status);
        if fits {
            self.manager.set(Stored::Thread(dataset));
        }
        (status, action)
    }

    fn apply(&mut self, kind: NetworkKind) -> Status {
        status_of(self.takes(kind).and_then(|()| self.manager.apply(self.backend)))
    }

    pub(super) fn scan(&mut self, request: &[u8]) -> Served {
        use NetworkScanMsgType as Msg;
        use scan::Payload;

        let request = NetworkScanPayload::decode(request)?;
        let (msg, status, payload, name) = match self
            .known(Msg::try_from(request.msg), Msg::as_str_name)
        {
            Some(Msg::TypeCmdScanWifiStart) => {
                let Some(Payload::CmdScanWifiStart(command)) = request.payload else {
                    return Err(DecodeError::MissingPayload("CmdScanWifiStart").into());
                };
                let [group_channels, ..] = command.group_channels.to_le_bytes();
                let scan = StartWifiScan {
                    blocking: command.blocking,
                    passive: command.passive,
                    group_channels,
                    period: Duration::from_millis(command.period_ms.into()),
                };
                let started = self.takes(NetworkKind::Wifi);
                let started = started.and_then(|()| self.backend.start_scan(&scan));
                let reply = Payload::RespScanWifiStart(wire::RespScanWifiStart {});
                (Msg::TypeRespScanWifiStart, status_of(started), reply, "ScanWifiStart")
            }
            Some(Msg::TypeCmdScanWifiStatus) => {
                let (status, ScanStatus { finished, count }) = self.scan_status(NetworkKind::Wifi);
                let reply =
                    wire::RespScanWifiStatus { scan_finished: finished, result_count: count };
                let reply = Payload::RespScanWifiStatus(reply);
                (Msg::TypeRespScanWifiStatus, status, reply, "ScanWifiStatus")
            }
            Some(Msg::TypeCmdScanWifiResult) => {
                let Some(Payload::CmdScanWifiResult(command)) = request.payload else {
                    return Err(DecodeError::MissingPayload("CmdScanWifiResult").into());
                };
                let mut status = status_of(self.takes(NetworkKind::Wifi));
                let mut reply = wire::RespScanWifiResult::default();
                if status == Status::Success {
                    match self.page(command.start_index, command.count, B::scan_result)? {
                        Ok(entries) => reply.entries = entries,
                        Err(error) => status = error,
                    }
                }
                let reply = Payload::RespScanWifiResult(reply);
                (Msg::TypeRespScanWifiResult, status, reply, "ScanWifiResult")
            }
            Some(Msg::TypeCmdScanThreadStart) => {
                let Some(Payload::CmdScanThreadStart(command)) = request.payload else {
                    return Err(DecodeError::MissingPayload("CmdScanThreadStart").into());
                };
                let scan = StartThreadScan {
                    blocking: command.blocking,
                    channel_mask: command.channel_mask,
                };
                let started = self.takes(NetworkKind::Thread);
                let started = started.and_then(|()| self.backend.start_thread_scan(&scan));
                let reply = Payload::RespScanThreadStart(wire::RespScanThreadStart {});
                (Msg::TypeRespScanThreadStart, status_of(started), reply, "ScanThreadStart")
            }
            Some(Msg::TypeCmdScanThreadStatus) => {
                let (status, ScanStatus { finished, count }) =
                    self.scan_status(NetworkKind::Thread);
                let reply =
                    wire::RespScanThreadStatus { scan_finished: finished, result_count: count };
                let reply = Payload::RespScanThreadStatus(reply);
                (Msg::TypeRespScanThreadStatus, status, reply, "ScanThreadStatus")
            }
            Some(Msg::TypeCmdScanThreadResult) => {
                let Some(Payload::CmdScanThreadResult(command)) = request.payload else {
                    return Err(DecodeError::MissingPayload("CmdScanThreadResult").into());
                };
                // The only Thread request to which a Wi-Fi build gives no reply.
                self.takes(NetworkKind::Thread).map_err(|_| NoReply::ThreadScan)?;
                let entries =
                    self.page(command.start_index, command.count, B::thread_scan_result)?;
                let status = entries.as_ref().err().copied().unwrap_or(Status::Success);
                let entries = entries.unwrap_or_default();
                let reply = Payload::RespScanThreadResult(wire::RespScanThreadResult { entries });
                (Msg::TypeRespScanThreadResult, status, reply, "ScanThreadResult")
            }
            _ => return Err(unexpected("a prov-scan command", request.msg)),
        };
        let reply =
            NetworkScanPayload { msg: msg as i32, status: status.number(), payload: Some(payload) };
        Ok((reply.encode_to_vec(), Action::Scan(name, status)))
    }

    /// One page of the list. A missing entry within the count is an internal error; an entry beyond
    /// the count means no reply (`wifi_scan.c`, ESP-IDF v5.5.5).
    fn page<E, T: From<E>>(
        &mut self,
        start: u32,
        count: u32,
        entry: impl Fn(&mut B, u32) -> Option<E>,
    ) -> Result<Result<Vec<T>, Status>, NoReply> {
        let mut entries = Vec::new();
        for offset in 0..count {
            let index = start.checked_add(offset).ok_or(NoReply::BeyondEnd)?;
            match entry(self.backend, index) {
                Some(entry) => entries.push(entry.into()),
                None if self.backend.scan_status().is_ok_and(|scan| index < scan.count) => {
                    return Ok(Err(Status::InternalError));
                }
                None => return Err(NoReply::BeyondEnd),
            }
        }
        Ok(Ok(entries))
    }

    fn scan_status(&mut self, kind: NetworkKind) -> (Status, ScanStatus) {
        match self.takes(kind).and_then(|()| self.backend.scan_status()) {
            Ok(scan) => (Status::Success, scan),
            Err(status) => (status, ScanStatus { finished: false, count: 0 }),
        }
    }

    pub(super) fn control(&mut self, request: &[u8]) -> Served {
        use NetworkCtrlMsgType as Msg;
        use control::Payload;

        let request = NetworkCtrlPayload::decode(request)?;
        let (msg, status, payload, name) = match self
            .known(Msg::try_from(request.msg), Msg::as_str_name)
        {
            Some(Msg::TypeCmdCtrlWifiReset) => {
                let reply = Payload::RespCtrlWifiReset(wire::RespCtrlWifiReset {});
                (Msg::TypeRespCtrlWifiReset, self.reset(NetworkKind::Wifi), reply, "CtrlWifiReset")
            }
            Some(Msg::TypeCmdCtrlWifiReprov) => {
                let status = self.reprovision(NetworkKind::Wifi);
                let reply = Payload::RespCtrlWifiReprov(wire::RespCtrlWifiReprov {});
                (Msg::TypeRespCtrlWifiReprov, status, reply, "CtrlWifiReprov")
            }
            Some(Msg::TypeCmdCtrlThreadReset) => {
                let status = self.reset(NetworkKind::Thread);
                let reply = Payload::RespCtrlThreadReset(wire::RespCtrlThreadReset {});
                (Msg::TypeRespCtrlThreadReset, status, reply, "CtrlThreadReset")
            }
            Some(Msg::TypeCmdCtrlThreadReprov) => {
                let status = self.reprovision(NetworkKind::Thread);
                let reply = Payload::RespCtrlThreadReprov(wire::RespCtrlThreadReprov {});
                (Msg::TypeRespCtrlThreadReprov, status, reply, "CtrlThreadReprov")
            }
            _ => return Err(unexpected("a prov-ctrl command", request.msg)),
        };
        let reply =
            NetworkCtrlPayload { msg: msg as i32, status: status.number(), payload: Some(payload) };
        Ok((reply.encode_to_vec(), Action::Control(name, status)))
    }

    fn reset(&mut self, kind: NetworkKind) -> Status {
        status_of(self.takes(kind).and_then(|()| self.manager.reset(self.backend)))
    }

    fn reprovision(&mut self, kind: NetworkKind) -> Status {
        status_of(self.takes(kind).and_then(|()| self.manager.reprovision(self.backend)))
    }
}

fn status_of(result: Result<(), Status>) -> Status {
    result.err().unwrap_or(Status::Success)
}

fn unexpected(expected: &'static str, got: i32) -> NoReply {
    DecodeError::Unexpected { expected, got }.into()
}

fn wifi_status(status: &Result<WifiStatus, Status>) -> wire::RespGetWifiStatus {
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
                JoinFailure::NotAttached | JoinFailure::DatasetInvalid | JoinFailure::Unsaid => {
                    None
                }
                JoinFailure::Unknown(number) => Some(*number),
            };
            (Station::ConnectionFailed as i32, reason.map(State::WifiFailReason))
        }
        Ok(WifiStatus::Unknown(number)) => (*number, None),
    };
    wire::RespGetWifiStatus { status: 0, wifi_sta_state: station, state }
}

fn thread_status(status: &Result<ThreadStatus, Status>) -> wire::RespGetThreadStatus {
    use resp_get_thread_status::State;
    use wire::{ThreadAttachFailedReason as Reason, ThreadNetworkState as Network};

    let (network, state) = match status {
        Err(status) => {
            return wire::RespGetThreadStatus { status: status.number(), ..Default::default() };
        }
        Ok(ThreadStatus::Attaching) => (Network::Attaching as i32, None),
        Ok(ThreadStatus::Attached(connection)) => {
            let attached = State::ThreadAttached(connection.clone().into());
            (Network::Attached as i32, Some(attached))
        }
        Ok(ThreadStatus::Detached) => (Network::Dettached as i32, None),
        Ok(ThreadStatus::Failed(failure)) => {
            let reason = match failure {
                JoinFailure::DatasetInvalid => Some(Reason::DatasetInvalid as i32),
                JoinFailure::NotAttached => Some(Reason::ThreadNetworkNotFound as i32),
                JoinFailure::WrongPassphrase
                | JoinFailure::NetworkNotFound
                | JoinFailure::Unsaid => None,
                JoinFailure::Unknown(number) => Some(*number),
            };
            (Network::AttachingFailed as i32, reason.map(State::ThreadFailReason))
        }
        Ok(ThreadStatus::Unknown(number)) => (*number, None),
    };
    wire::RespGetThreadStatus { status: 0, thread_state: network, state }
}
