//! What a session can do besides provisioning: control, status and messages.

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

/// A command for `prov-ctrl` (ESP-IDF v5.1 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Forget a network that could not be joined.
    Reset,
    /// Leave the network and wait for another, if the application allows it.
    Reprovision,
}

/// A command for `prov-ctrl`, and what is known of it from one session to the next.
pub(super) struct Controlling {
    command: Control,
    forgetting: Forgetting,
}

impl Controlling {
    pub(super) fn new(command: Control) -> Self {
        Self { command, forgetting: Forgetting::default() }
    }
}

/// Sends one command to `prov-ctrl`.
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
        // This is always allowed or never, so a refusal of a repeated command is a refusal.
        Control::Reprovision => reprovision(link).await?,
    }
    link.observer.notify(Event::Reset);
    Ok(End::Done(Outcome::Reset))
}

pub(super) async fn reprovision(link: &mut Link<'_>) -> Result<(), Error> {
    match link.device.network() {
        NetworkKind::Wifi => link.client.call(&ReprovisionWifi).await,
        NetworkKind::Thread => link.client.call(&ReprovisionThread).await,
    }
}

/// Asks the device for its status.
pub(super) async fn status(link: &mut Link<'_>) -> Result<End, Error> {
    let outcome = match device_status(link, Stage::Status, None).await? {
        DeviceStatus::Joined(outcome) => outcome,
        DeviceStatus::NotJoined(state) => Outcome::NotConnected { state },
    };
    Ok(End::Done(outcome))
}

/// Sends a message for the application in the session.
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

/// A reply as text, without the zero that ends a C string.
pub(super) fn text_of(reply: &[u8]) -> String {
    String::from_utf8_lossy(reply).trim_end_matches('\0').to_owned()
}

/// A message for an endpoint.
#[derive(Clone, Debug)]
pub struct Message {
    /// The endpoint it is sent to.
    pub endpoint: Endpoint,
    /// The bytes to send. Must not be empty.
    pub body: Vec<u8>,
    /// Whether to send it unencrypted, outside the session, as messages to `proto-ver` and
    /// `prov-session` always are.
    pub plain: bool,
}

impl Message {
    pub(super) fn is_plain(&self) -> bool {
        self.plain || [Endpoint::VERSION, Endpoint::SESSION].contains(&self.endpoint)
    }

    /// Its size, to check that it fits.
    pub(super) fn outgoing(&self) -> Outgoing {
        Outgoing::custom(self.endpoint.clone(), self.body.len(), self.is_plain())
    }
}

/// Sends messages one after the other, from the first that has no reply yet. One whose reply was
/// lost is sent again, so the device may get it twice.
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
