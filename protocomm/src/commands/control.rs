//! Reset and re-provision (`network_ctrl.c`, network_provisioning 1.2.4; `wifi_ctrl.c`, ESP-IDF
//! v5.1 and later).

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::{bytes, reply, success};
use crate::{
    Command, CommandKind, DecodeError, Endpoint, Refusal,
    wire::{NetworkCtrlMsgType as Msg, NetworkCtrlPayload},
};

/// Makes the device forget a network that it could not join, so that another can be set in the same
/// session. Allowed only after a failed join; since network_provisioning 1.2.1 also before any
/// apply, where it has nothing to undo.
pub struct ResetWifi;

impl Command for ResetWifi {
    type Reply = ();
    const NAME: &'static str = "CtrlWifiReset";
    const KIND: CommandKind = CommandKind::Control;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONTROL
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(Msg::TypeCmdCtrlWifiReset)
    }

    fn decode(reply: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        decode::<Self>(reply, Msg::TypeRespCtrlWifiReset)
    }
}

/// Makes a connected device leave its network, so that another can be set. Allowed only if the
/// application keeps provisioning open (`disable_auto_stop`).
pub struct ReprovisionWifi;

impl Command for ReprovisionWifi {
    type Reply = ();
    const NAME: &'static str = "CtrlWifiReprov";
    const KIND: CommandKind = CommandKind::Control;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONTROL
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(Msg::TypeCmdCtrlWifiReprov)
    }

    fn decode(reply: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        decode::<Self>(reply, Msg::TypeRespCtrlWifiReprov)
    }
}

/// [`ResetWifi`] for a device built for Thread.
pub struct ResetThread;

impl Command for ResetThread {
    type Reply = ();
    const NAME: &'static str = "CtrlThreadReset";
    const KIND: CommandKind = CommandKind::Control;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONTROL
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(Msg::TypeCmdCtrlThreadReset)
    }

    fn decode(reply: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        decode::<Self>(reply, Msg::TypeRespCtrlThreadReset)
    }
}

/// [`ReprovisionWifi`] for a device built for Thread.
pub struct ReprovisionThread;

impl Command for ReprovisionThread {
    type Reply = ();
    const NAME: &'static str = "CtrlThreadReprov";
    const KIND: CommandKind = CommandKind::Control;

    fn endpoint(&self) -> Endpoint {
        Endpoint::CONTROL
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode(Msg::TypeCmdCtrlThreadReprov)
    }

    fn decode(reply: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        decode::<Self>(reply, Msg::TypeRespCtrlThreadReprov)
    }
}

/// Without a payload, as the vendor's tool sends it: the device looks only at the message type.
fn encode(msg: Msg) -> Zeroizing<Vec<u8>> {
    bytes(&NetworkCtrlPayload { msg: msg as i32, status: 0, payload: None })
}

fn decode<C: Command>(bytes: &[u8], expected: Msg) -> Result<Result<(), Refusal>, DecodeError> {
    let reply = reply::<NetworkCtrlPayload, C>(bytes, expected as i32, |reply| reply.msg)?;
    Ok(success::<C>(reply.status))
}
