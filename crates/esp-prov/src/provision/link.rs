//! A link that a session is, or may be, on; what work on it comes to.

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

/// A living link, perhaps with a session, and what the device said about itself.
pub(super) struct Link<'a> {
    pub(super) client: Client<'a>,
    pub(super) device: Capabilities,
    pub(super) observer: &'a dyn Observer,
    /// What firmware like this may take at once, where it does not say.
    pub(super) surely_takes: Option<usize>,
    pub(super) deny_warnings: bool,
    pub(super) told: Told,
}

impl Link<'_> {
    /// Tells of a warning about this device, unless an earlier session of this run has led to it,
    /// too.
    pub(super) fn warn(&self, stage: Stage, warning: Warning) -> Result<(), Error> {
        if !self.told.is_new(&warning) {
            return Ok(());
        }
        warn(self.observer, self.deny_warnings, stage, warning)
    }

    /// Whether its firmware has network_provisioning.
    pub(super) fn is_netprov(&self) -> bool {
        self.device.version.as_deref().is_some_and(|version| version.starts_with("netprov"))
    }

    /// Whether there is a `prov-ctrl`, which came with ESP-IDF v5.1, `sec_ver` with v5.0. Firmware
    /// does not say. A console that lists no commands can't be asked either: an unknown command, a
    /// refusal and a request that makes no sense all give a prompt and nothing else
    /// (`protocomm_console.c`), and what `prov-ctrl` would answer changes the device. The link is
    /// over after it.
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

    /// How the device may come to take another network. The link is over after it.
    pub(super) async fn recovery(&mut self) -> Recovery {
        if self.has_control().await == Some(false) {
            Recovery::ManualReset
        } else {
            Recovery::Reset
        }
    }
}

/// How one stretch of work without a person ends.
pub(super) enum End {
    Done(Outcome),
    ProofWanted,
    LoginWanted,
    JoinFailed(JoinFailure),
    /// A scan is done, and somebody is to choose.
    Seen(Seen),
    /// The link was used up by a question that the device has no endpoint for.
    OnceMore,
}
