//! Looking at a device without opening a session.

use protocomm::{Capabilities, Endpoint, NetworkKind, VerifierMaker};
use tokio::time::Instant;

use super::{
    provisioner::Provisioner,
    warnings::{denied, of_credentials, warn, warn_of_name},
};
use crate::{
    client::Client,
    error::{Cause, Error, Stage},
    event::{Event, Observer, Outcome},
    info::{Assessment, Info, MissingInput, RoundTrips},
    plan::{Choice, Policy, Security},
    transport::EndpointList,
};

impl Provisioner<'_> {
    /// Asks the device for what it reports without a session, measures `count` round trips (at
    /// least one), and assesses how provisioning would go. This does not change the device. `also`
    /// names endpoints of the application to look for.
    ///
    /// # Errors
    /// The stage and the cause. Nothing is retried.
    pub async fn info(&self, count: u32, also: &[Endpoint]) -> Result<Outcome, Error> {
        let Self { address, connect, security, policy, observer, .. } = self;
        let (connect, observer) = (*connect, *observer);
        observer.notify(Event::Connecting { address: address.clone(), attempt: 1 });
        let mut client = Client::open(connect, policy, observer).await?;
        warn_of_name(&client, observer, policy.deny_warnings)?;
        let capabilities = client.capabilities().await?;
        observer.notify(Event::Identified { capabilities: capabilities.clone() });
        let mut times = Vec::new();
        for _ in 0..count.max(1) {
            let began = Instant::now();
            client.capabilities().await?;
            times.push(began.elapsed());
        }
        let known = Endpoint::MANAGER.into_iter().chain(Endpoint::EXAMPLES);
        let names: Vec<_> = known.chain(also.iter().cloned()).collect();
        let endpoint_list = client.list_endpoints(&names).await?;
        client.close().await;
        let assessment = assessment(security, policy, &capabilities, &endpoint_list, observer);
        let round_trips = RoundTrips::of(times);
        let info = Box::new(Info { capabilities, endpoint_list, round_trips, assessment });
        let outcome = Outcome::Info { info };
        observer.notify(Event::Finished { outcome: outcome.clone() });
        Ok(outcome)
    }
}

fn assessment(
    security: &Security,
    policy: &Policy,
    device: &Capabilities,
    list: &EndpointList,
    observer: &dyn Observer,
) -> Assessment {
    let has = |endpoint: &Endpoint| {
        let endpoints = list.endpoints.as_ref()?;
        Some(endpoints.iter().any(|location| location.endpoint() == Some(endpoint.as_str())))
    };
    let would = would(security, policy, device, observer);
    let (scheme, needs, refuses) = match would {
        Ok((scheme, needs)) => (Some(scheme), needs, None),
        Err(cause) => (None, None, Some(cause.to_string())),
    };
    let network = device.network();
    let capability = match network {
        NetworkKind::Wifi => "wifi_scan",
        NetworkKind::Thread => "thread_scan",
    };
    let says = device.capabilities.as_ref().map(|_| device.has(capability));
    Assessment {
        security: scheme,
        needs,
        refuses,
        network,
        takes_network: has(&Endpoint::CONFIG),
        scans: says.or(has(&Endpoint::SCAN)),
        resets: has(&Endpoint::CONTROL),
    }
}

/// The scheme that provisioning would use, and the input that is missing for it.
fn would(
    security: &Security,
    policy: &Policy,
    device: &Capabilities,
    observer: &dyn Observer,
) -> Result<(u32, Option<MissingInput>), Cause> {
    let deny = policy.deny_warnings;
    let (choice, weaker) = security.choose(device, VerifierMaker::default())?;
    if let Some(warning) = weaker {
        warn(observer, deny, Stage::Handshake, warning).map_err(|error| error.cause)?;
    }
    Ok(match choice {
        Choice::Use(credentials) => {
            if let Some(foreseen) = of_credentials(&credentials).into_iter().find(|_| deny) {
                return Err(denied(&foreseen));
            }
            (credentials.scheme().number(), None)
        }
        Choice::AskForProof => (1, Some(MissingInput::ProofOfPossession)),
        Choice::AskForLogin => (2, Some(MissingInput::Login)),
    })
}
