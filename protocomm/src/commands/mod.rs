//! Every command a session can carry.
//!
//! | command | endpoint | reply |
//! | --- | --- | --- |
//! | [`SetWifiConfig`] | `prov-config` | nothing |
//! | [`ApplyWifiConfig`] | `prov-config` | nothing |
//! | [`GetWifiStatus`] | `prov-config` | [`WifiStatus`] |
//! | [`StartWifiScan`] | `prov-scan` | nothing, after the scan if it blocks |
//! | [`GetWifiScanStatus`] | `prov-scan` | [`ScanStatus`] |
//! | [`GetWifiScanResult`] | `prov-scan` | one page of [`AccessPoint`]s |
//! | [`ResetWifi`] | `prov-ctrl` | nothing |
//! | [`ReprovisionWifi`] | `prov-ctrl` | nothing |
//! | [`Custom`] | any | any bytes |
//! | [`CustomConfig`] | `custom-config` | nothing |
//!
//! A device built for Thread has the same provisioning commands, with `Thread` in their names, and
//! its scan returns [`ThreadNetwork`]s instead of access points.

mod control;
mod custom;
mod join;
mod scan;
mod thread;
mod wifi;

pub(crate) use self::scan::check_entries;
pub use self::{
    control::{ReprovisionThread, ReprovisionWifi, ResetThread, ResetWifi},
    custom::{Custom, CustomConfig},
    join::JoinFailure,
    scan::{
        AccessPoint, GetThreadScanResult, GetThreadScanStatus, GetWifiScanResult,
        GetWifiScanStatus, ScanStatus, StartThreadScan, StartWifiScan, ThreadNetwork,
    },
    thread::{ApplyThreadConfig, GetThreadStatus, SetThreadConfig, ThreadConnection, ThreadStatus},
    wifi::{ApplyWifiConfig, AuthMode, GetWifiStatus, SetWifiConfig, WifiConnection, WifiStatus},
};

use alloc::vec::Vec;

use prost::Message;
use zeroize::Zeroizing;

use crate::{
    Command, DecodeError, Refusal, Status,
    wire::{NetworkConfigMsgType, NetworkConfigPayload, network_config_payload},
};

fn bytes(message: &impl Message) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(message.encode_to_vec())
}

/// Parses a reply and checks that it is of the expected type.
fn reply<M: Message + Default, C: Command>(
    reply: &[u8],
    expected: i32,
    msg: impl Fn(&M) -> i32,
) -> Result<M, DecodeError> {
    if reply.is_empty() {
        return Err(DecodeError::Empty);
    }
    let reply = M::decode(reply)?;
    match msg(&reply) {
        got if got == expected => Ok(reply),
        got => Err(DecodeError::Unexpected { expected: C::NAME, got }),
    }
}

fn success<C: Command>(status: i32) -> Result<(), Refusal> {
    match Status::from(status) {
        Status::Success => Ok(()),
        status => Err(Refusal::new(C::NAME, status)),
    }
}

fn config_reply<C: Command>(
    bytes: &[u8],
    expected: NetworkConfigMsgType,
) -> Result<network_config_payload::Payload, DecodeError> {
    let reply = reply::<NetworkConfigPayload, C>(bytes, expected as i32, |reply| reply.msg)?;
    reply.payload.ok_or(DecodeError::MissingPayload(C::NAME))
}
