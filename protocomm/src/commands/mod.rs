//! Every command a session can carry.
//!
//! | command | endpoint | reply |
//! | --- | --- | --- |
//! | [`SetWifiConfig`] | `prov-config` | nothing |
//! | [`ApplyWifiConfig`] | `prov-config` | nothing |
//! | [`GetWifiStatus`] | `prov-config` | [`WifiStatus`] |
//! | [`StartWifiScan`] | `prov-scan` | nothing, after the scan if it blocks |
//! | [`GetWifiScanStatus`] | `prov-scan` | [`WifiScanStatus`] |
//! | [`GetWifiScanResult`] | `prov-scan` | one page of [`AccessPoint`]s |
//! | [`ResetWifi`] | `prov-ctrl` | nothing |
//! | [`ReprovisionWifi`] | `prov-ctrl` | nothing |
//! | [`Custom`] | any | any bytes |

mod control;
mod custom;
mod scan;
mod wifi;

pub use self::{
    control::{ReprovisionWifi, ResetWifi},
    custom::Custom,
    scan::{AccessPoint, GetWifiScanResult, GetWifiScanStatus, StartWifiScan, WifiScanStatus},
    wifi::{
        ApplyWifiConfig, AuthMode, GetWifiStatus, JoinFailure, SetWifiConfig, WifiConnection,
        WifiStatus,
    },
};

use alloc::vec::Vec;

use prost::Message;
use zeroize::Zeroizing;

use crate::{Command, DecodeError, Refusal, Status};

fn bytes(message: &impl Message) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(message.encode_to_vec())
}

/// Parses a reply and checks that it is of the type that fits.
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
        status => Err(Refusal { command: C::NAME.into(), status }),
    }
}
