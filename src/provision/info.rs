//! Looking at a device without opening a session.

use protocomm::{Capabilities, Endpoint, NetworkKind, VerifierMaker};
use tokio::time::Instant;

use super::Target;
use crate::{
    client::Client,
    error::Error,
    event::{Event, Observer, Outcome},
    info::{Info, Need, Prospects, RoundTrips},
    plan::{Choice, Policy, Security},
    transport::Survey,
};

/// Asks a device what it tells anybody, `count` times more for how long that takes, and says what
/// `security` would come to. The device is not changed by it. `also` are endpoints of the
/// application to look for.
///
/// # Errors
/// The stage and the cause. Nothing is tried again.
pub async fn info(
    target: &Target<'_>,
    security: &Security,
    also: &[String],
    count: u32,
    policy: &Policy,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    observer.notify(Event::Connecting { address: target.address.clone(), attempt: 1 });
    let mut client = Client::open(target.connect, policy, observer).await?;
    let capabilities = client.capabilities().await?;
    observer.notify(Event::Identified { capabilities: capabilities.clone() });
    let mut times = Vec::new();
    for _ in 0..count.max(1) {
        let began = Instant::now();
        client.capabilities().await?;
        times.push(began.elapsed());
    }
    let also = also.iter().map(|name| Endpoint::custom(name.clone()));
    let names: Vec<_> =
        Endpoint::MANAGER.into_iter().chain(Endpoint::EXAMPLES).chain(also).collect();
    let survey = client.survey(&names).await?;
    client.close().await;
    let prospects = prospects(security, &capabilities, &survey);
    let round_trips = RoundTrips::of(times);
    let info = Box::new(Info { capabilities, survey, round_trips, prospects });
    let outcome = Outcome::Info { info };
    observer.notify(Event::Finished { outcome: outcome.clone() });
    Ok(outcome)
}

fn prospects(security: &Security, device: &Capabilities, survey: &Survey) -> Prospects {
    let has = |endpoint: &Endpoint| {
        let places = survey.places.as_ref()?;
        Some(places.iter().any(|place| place.endpoint() == Some(endpoint.as_str())))
    };
    let choice = security.choose(device, VerifierMaker::default(), |_| ());
    let (scheme, needs, refuses) = match choice {
        Ok(Choice::Use(credentials)) => (Some(credentials.scheme().number()), None, None),
        Ok(Choice::AskForProof) => (Some(1), Some(Need::ProofOfPossession), None),
        Ok(Choice::AskForLogin) => (Some(2), Some(Need::Login), None),
        Err(error) => (None, None, Some(error.cause.to_string())),
    };
    let network = device.network();
    let capability = match network {
        NetworkKind::Wifi => "wifi_scan",
        NetworkKind::Thread => "thread_scan",
    };
    let says = device.capabilities.as_ref().map(|_| device.has(capability));
    Prospects {
        security: scheme,
        needs,
        refuses,
        network,
        scans: says.or(has(&Endpoint::SCAN)),
        resets: has(&Endpoint::CONTROL),
    }
}
