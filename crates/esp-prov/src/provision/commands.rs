//! What can be done in a session besides provisioning: control, status, messages.

use protocomm::{
    Endpoint, NetworkKind,
    commands::{Custom, ReprovisionThread, ReprovisionWifi},
};

use super::{
    device_status::{DeviceStatus, device_status},
    forget::{Forgetting, Reset},
    link::{End, Link},
    size::Outgoing,
};
use crate::{
    error::{Error, Stage},
    event::{Event, Outcome, Reply, Warning},
};

/// What to do through `prov-ctrl` (ESP-IDF v5.1 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Forget a network that could not be joined.
    Reset,
    /// Leave the network and wait for another, where the application allows it.
    Reprovision,
}

/// A command through `prov-ctrl`.
pub(super) struct Controlling {
    command: Control,
    forgetting: Forgetting,
}

impl Controlling {
    pub(super) fn new(command: Control) -> Self {
        Self { command, forgetting: Forgetting::default() }
    }
}

/// One command through `prov-ctrl`.
pub(super) async fn control(
    link: &mut Link<'_>,
    controlling: &mut Controlling,
) -> Result<End, Error> {
    match controlling.command {
        Control::Reset => {
            if controlling.forgetting.reset(link).await? == Reset::Likely {
                return Ok(End::Done(Outcome::ProbablyReset));
            }
        }
        // Allowed again and again, or never: a refusal means what it says.
        Control::Reprovision => reprovision(link).await?,
    }
    link.observer.notify(Event::Reset);
    Ok(End::Done(Outcome::Reset))
}

async fn reprovision(link: &mut Link<'_>) -> Result<(), Error> {
    match link.device.network() {
        NetworkKind::Wifi => link.client.call(&ReprovisionWifi).await,
        NetworkKind::Thread => link.client.call(&ReprovisionThread).await,
    }
}

/// Where the device stands.
pub(super) async fn status(link: &mut Link<'_>) -> Result<End, Error> {
    let outcome = match device_status(link, Stage::Status, None).await? {
        DeviceStatus::Joined(outcome) => outcome,
        DeviceStatus::NotJoined(state) => Outcome::NotConnected { state },
    };
    Ok(End::Done(outcome))
}

/// A message for the application, in the session.
pub(super) async fn custom(
    link: &mut Link<'_>,
    endpoint: Endpoint,
    body: Vec<u8>,
) -> Result<Vec<u8>, Error> {
    if let Some(limit) = link.surely_takes.filter(|limit| body.len() > *limit) {
        let warning = Warning::MayBeTooLong { bytes: body.len(), limit };
        link.warn(Stage::Custom, warning)?;
    }
    link.client.call(&Custom { endpoint, body }).await
}

/// A reply as text; C ends its texts with a zero.
pub(super) fn text_of(reply: &[u8]) -> String {
    String::from_utf8_lossy(reply).trim_end_matches('\0').to_owned()
}

/// A message for an endpoint.
#[derive(Clone, Debug)]
pub struct Message {
    /// Where to.
    pub endpoint: Endpoint,
    /// What to send; not empty.
    pub body: Vec<u8>,
    /// Send it outside the session, in the clear; `proto-ver` and `prov-session` always are.
    pub plain: bool,
}

impl Message {
    pub(super) fn is_plain(&self) -> bool {
        self.plain || [Endpoint::VERSION, Endpoint::SESSION].contains(&self.endpoint)
    }

    /// For a look whether it fits.
    pub(super) fn outgoing(&self) -> Outgoing {
        Outgoing::custom(self.endpoint.clone(), self.body.len(), self.is_plain())
    }
}

/// Messages one after the other, from the first that was not answered yet. One whose reply got
/// lost is sent again: the device may see it twice.
pub(super) async fn send(
    link: &mut Link<'_>,
    messages: &[Message],
    replies: &mut Vec<Reply>,
) -> Result<End, Error> {
    for message in messages.iter().skip(replies.len()) {
        let endpoint = message.endpoint.clone();
        let body = message.body.clone();
        let sent = body.len();
        let bytes = if message.is_plain() {
            link.client.call_plain(endpoint.clone(), body).await?
        } else {
            custom(link, endpoint.clone(), body).await?
        };
        let text = text_of(&bytes);
        let reply = Reply { endpoint, sent, text, bytes };
        link.observer.notify(Event::Answered { reply: reply.clone() });
        replies.push(reply);
    }
    Ok(End::Done(Outcome::Sent { replies: replies.clone() }))
}
