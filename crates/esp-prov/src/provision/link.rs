//! An open link, with or without a session, and how work on it ends.

use std::time::Duration;

use protocomm::{Capabilities, Endpoint, commands::JoinFailure};
use tokio::time::timeout;

use super::warnings::{Told, warn};
use crate::{
    client::Client,
    error::{Error, Recovery, Stage},
    event::{Observer, Outcome, Warning},
    operator::Seen,
};

/// An open link, with or without a session, and what the device reported about itself.
pub(super) struct Link<'a> {
    pub(super) client: Client<'a>,
    pub(super) device: Capabilities,
    pub(super) observer: &'a dyn Observer,
    /// The length in bytes that firmware like this is sure to take, if it may not take more.
    pub(super) surely_takes: Option<usize>,
    pub(super) deny_warnings: bool,
    pub(super) told: Told,
}

impl Link<'_> {
    /// Reports a warning about this device, unless it was reported earlier in this run.
    pub(super) fn warn(&self, stage: Stage, warning: Warning) -> Result<(), Error> {
        if !self.told.is_new(&warning) {
            return Ok(());
        }
        warn(self.observer, self.deny_warnings, stage, warning)
    }

    /// Whether the firmware uses network_provisioning.
    pub(super) fn is_netprov(&self) -> bool {
        self.device.version.as_deref().is_some_and(|version| version.starts_with("netprov"))
    }

    /// Whether the device has `prov-ctrl`, if that can be told. Firmware does not report it. It
    /// came with ESP-IDF v5.1, so firmware without `sec_ver`, which came with v5.0, has none. A
    /// console that lists no commands can't be asked: an unknown command, a refusal and an invalid
    /// request all give nothing but a prompt (`protocomm_console.c`), and a request that
    /// `prov-ctrl` answers changes the device. The link can't be used after this.
    pub(super) async fn has_control(&mut self) -> Option<bool> {
        const LOOK: Duration = Duration::from_secs(2);
        let listed = timeout(LOOK, self.client.list_endpoints(&[Endpoint::CONTROL])).await;
        let endpoints = listed.ok().and_then(Result::ok).and_then(|list| list.endpoints);
        let control = Endpoint::CONTROL;
        match endpoints {
            Some(endpoints) => {
                Some(endpoints.iter().any(|location| location.endpoint() == Some(control.as_str())))
            }
            None => self.device.sec_ver.is_none().then_some(false),
        }
    }

    /// How the device can be made to take another network. The link can't be used after this.
    pub(super) async fn recovery(&mut self) -> Recovery {
        if self.has_control().await == Some(false) {
            Recovery::ManualReset
        } else {
            Recovery::Reset
        }
    }
}

/// How work ends that needs no person.
pub(super) enum End {
    Done(Outcome),
    ProofWanted,
    LoginWanted,
    JoinFailed(JoinFailure),
    /// A scan is done, and a choice is needed.
    Seen(Seen),
    /// A request to an endpoint that the device does not have has used up the link.
    OnceMore,
}
