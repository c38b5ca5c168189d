//! What can be done in a session besides provisioning: control, status, messages.

use protocomm::{
    Endpoint, NetworkKind,
    commands::{
        Custom, GetThreadStatus, GetWifiStatus, ReprovisionThread, ReprovisionWifi, ResetThread,
        ResetWifi, ThreadStatus, WifiStatus,
    },
};

use super::{
    Control, Message,
    run::{End, Link},
    sequence::Standing,
};
use crate::{
    error::{Error, Stage},
    event::{Event, Outcome, Reply, Warning},
};

/// One command through `prov-ctrl`.
pub(super) async fn control(link: &mut Link<'_>, command: Control) -> Result<End, Error> {
    match command {
        Control::Reset => reset(link).await?,
        Control::Reprovision => reprovision(link).await?,
    }
    link.observer.notify(Event::Reset);
    Ok(End::Done(Outcome::Reset))
}

pub(super) async fn reset(link: &mut Link<'_>) -> Result<(), Error> {
    match link.device.network() {
        NetworkKind::Wifi => link.client.call(Stage::Reset, &ResetWifi).await,
        NetworkKind::Thread => link.client.call(Stage::Reset, &ResetThread).await,
    }
}

async fn reprovision(link: &mut Link<'_>) -> Result<(), Error> {
    match link.device.network() {
        NetworkKind::Wifi => link.client.call(Stage::Reset, &ReprovisionWifi).await,
        NetworkKind::Thread => link.client.call(Stage::Reset, &ReprovisionThread).await,
    }
}

/// Where the device stands.
pub(super) async fn status(link: &mut Link<'_>) -> Result<End, Error> {
    let outcome = match standing(link, Stage::Status).await? {
        Standing::Joined(outcome) => outcome,
        other => Outcome::NotConnected { state: other.state() },
    };
    Ok(End::Done(outcome))
}

pub(super) async fn standing(link: &mut Link<'_>, stage: Stage) -> Result<Standing, Error> {
    Ok(match link.device.network() {
        NetworkKind::Wifi => match link.client.call(stage, &GetWifiStatus).await? {
            WifiStatus::Connected(connection) => {
                Standing::Joined(Outcome::Connected { connection })
            }
            WifiStatus::Connecting { attempts_remaining } => {
                Standing::Trying { attempts_remaining }
            }
            WifiStatus::Failed(failure) => Standing::Failed(failure),
            WifiStatus::Disconnected => Standing::Other(2),
            WifiStatus::Unknown(number) => Standing::Other(number),
        },
        NetworkKind::Thread => match link.client.call(stage, &GetThreadStatus).await? {
            ThreadStatus::Attached(connection) => {
                Standing::Joined(Outcome::Attached { connection })
            }
            ThreadStatus::Attaching => Standing::Trying { attempts_remaining: None },
            ThreadStatus::Failed(failure) => Standing::Failed(failure),
            ThreadStatus::Detached => Standing::Other(2),
            ThreadStatus::Unknown(number) => Standing::Other(number),
        },
    })
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
    link.client.call(Stage::Custom, &Custom { endpoint, body }).await
}

/// A reply as text; C ends its texts with a zero.
pub(super) fn text_of(reply: &[u8]) -> String {
    String::from_utf8_lossy(reply).trim_end_matches('\0').to_owned()
}

/// Messages one after the other, from the first that was not answered yet. One whose reply got
/// lost is sent again: the device may see it twice.
pub(super) async fn send(
    link: &mut Link<'_>,
    messages: &[Message],
    replies: &mut Vec<Reply>,
) -> Result<End, Error> {
    for message in messages.iter().skip(replies.len()) {
        let endpoint = Endpoint::custom(message.endpoint.clone());
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
