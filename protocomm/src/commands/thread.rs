//! Commands that set and apply a Thread network and ask for its state (`network_config.c`,
//! network_provisioning 1.2.4).

use alloc::{string::String, vec::Vec};

use serde::Serialize;
use zeroize::{Zeroize, Zeroizing};

use super::{JoinFailure, bytes, config_reply, success};
use crate::{
    Command, CommandKind, DecodeError, Endpoint, ExtPanId, Refusal, ThreadDataset,
    wire::{
        CmdGetThreadStatus, CmdSetThreadConfig, NetworkConfigMsgType as Msg, NetworkConfigPayload,
        ThreadAttachState, ThreadNetworkState, network_config_payload::Payload,
        resp_get_thread_status::State,
    },
};

/// Stores a Thread network in the device's memory. Safe to repeat.
#[derive(Clone, Debug)]
pub struct SetThreadConfig {
    /// The dataset of the network.
    pub dataset: ThreadDataset,
}

impl Command for SetThreadConfig {
    type Reply = ();
    const NAME: &'static str = "SetThreadConfig";
    const KIND: CommandKind = CommandKind::SetConfig;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONFIG
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut payload = NetworkConfigPayload {
            msg: Msg::TypeCmdSetThreadConfig as i32,
            payload: Some(Payload::CmdSetThreadConfig(CmdSetThreadConfig {
                dataset: self.dataset.expose().to_vec(),
            })),
        };
        let encoded = bytes(&payload);
        if let Some(Payload::CmdSetThreadConfig(config)) = &mut payload.payload {
            config.dataset.zeroize();
        }
        encoded
    }

    fn decode(bytes: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        match config_reply::<Self>(bytes, Msg::TypeRespSetThreadConfig)? {
            Payload::RespSetThreadConfig(reply) => Ok(success::<Self>(reply.status)),
            _ => Err(DecodeError::MissingPayload(Self::NAME)),
        }
    }
}

/// Makes the device attach to the network that was set. Do not repeat it blindly: a device that has
/// applied once refuses to apply again until it is reset. A device that can't read the dataset
/// refuses, too.
#[derive(Clone, Copy, Debug)]
pub struct ApplyThreadConfig;

impl Command for ApplyThreadConfig {
    type Reply = ();
    const NAME: &'static str = "ApplyThreadConfig";
    const KIND: CommandKind = CommandKind::ApplyConfig;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONFIG
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Without a payload, as the vendor's tool sends it: the device looks only at the type.
        bytes(&NetworkConfigPayload { msg: Msg::TypeCmdApplyThreadConfig as i32, payload: None })
    }

    fn decode(bytes: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        match config_reply::<Self>(bytes, Msg::TypeRespApplyThreadConfig)? {
            Payload::RespApplyThreadConfig(reply) => Ok(success::<Self>(reply.status)),
            _ => Err(DecodeError::MissingPayload(Self::NAME)),
        }
    }
}

/// Asks for the state of the attach.
#[derive(Clone, Copy, Debug)]
pub struct GetThreadStatus;

/// The state of a device's attach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreadStatus {
    /// The device is trying, or was never told to attach.
    Attaching,
    /// The device has attached to the network.
    Attached(ThreadConnection),
    /// No known firmware reports this state.
    Detached,
    /// The device gave up: 20 s after apply, or because it can't read the dataset.
    Failed(JoinFailure),
    /// A state that this crate does not know, by its number.
    Unknown(i32),
}

/// What an attached device reports. It is not checked against what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadConnection {
    /// The network's name.
    pub name: String,
    /// The PAN ID, 16 bits.
    pub pan_id: u32,
    /// The extended PAN ID; `None` if the device did not send eight bytes.
    pub ext_pan_id: Option<ExtPanId>,
    /// The channel.
    pub channel: u32,
}

impl From<ThreadAttachState> for ThreadConnection {
    fn from(state: ThreadAttachState) -> Self {
        Self {
            name: state.name,
            pan_id: state.pan_id,
            ext_pan_id: state.ext_pan_id.try_into().ok().map(ExtPanId),
            channel: state.channel,
        }
    }
}

#[cfg(feature = "device")]
impl From<ThreadConnection> for ThreadAttachState {
    fn from(connection: ThreadConnection) -> Self {
        Self {
            pan_id: connection.pan_id,
            ext_pan_id: connection.ext_pan_id.map(|id| id.0.to_vec()).unwrap_or_default(),
            channel: connection.channel,
            name: connection.name,
        }
    }
}

impl Command for GetThreadStatus {
    type Reply = ThreadStatus;
    const NAME: &'static str = "GetThreadStatus";
    const KIND: CommandKind = CommandKind::Status;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONFIG
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        bytes(&NetworkConfigPayload {
            msg: Msg::TypeCmdGetThreadStatus as i32,
            payload: Some(Payload::CmdGetThreadStatus(CmdGetThreadStatus {})),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Result<ThreadStatus, Refusal>, DecodeError> {
        let Payload::RespGetThreadStatus(reply) =
            config_reply::<Self>(bytes, Msg::TypeRespGetThreadStatus)?
        else {
            return Err(DecodeError::MissingPayload(Self::NAME));
        };
        // The status is checked first: a failed handler leaves the state at 0, which is Attached.
        if let Err(refusal) = success::<Self>(reply.status) {
            return Ok(Err(refusal));
        }
        let status = match (ThreadNetworkState::try_from(reply.thread_state), reply.state) {
            (Ok(ThreadNetworkState::Attached), Some(State::ThreadAttached(attached))) => {
                ThreadStatus::Attached(attached.into())
            }
            (Ok(ThreadNetworkState::Attached), _) => {
                return Err(DecodeError::MissingPayload("thread_attached"));
            }
            (Ok(ThreadNetworkState::Attaching), _) => ThreadStatus::Attaching,
            (Ok(ThreadNetworkState::Dettached), _) => ThreadStatus::Detached,
            (Ok(ThreadNetworkState::AttachingFailed), Some(State::ThreadFailReason(reason))) => {
                ThreadStatus::Failed(JoinFailure::of_thread(reason))
            }
            (Ok(ThreadNetworkState::AttachingFailed), _) => {
                ThreadStatus::Failed(JoinFailure::Unsaid)
            }
            (Err(_), _) => ThreadStatus::Unknown(reply.thread_state),
        };
        Ok(Ok(status))
    }
}
