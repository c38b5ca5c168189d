//! `discover`, and choosing a device from what it finds.

use std::{cmp::Reverse, time::Duration};

use esp_prov::{
    Ears, Error, Event, Nearby, Observer, Outcome, Stage, Warning, Wish,
    address::Wanted,
    discover,
    transport::{TransportError, ble::Listening, mdns::Announcements},
};
use protocomm::Given;

use super::{
    Failure, Reporter,
    args::{DiscoverArgs, TransportArg},
    block_on, or_interrupted, prompt, text,
};
use crate::exit::{self, Exit};

/// How long to listen before a person chooses.
const BEFORE_CHOICE: Duration = Duration::from_secs(2);

pub(super) fn run(args: &DiscoverArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let wish = Wish {
        prefix: text(args.prefix.as_ref()),
        service: args.service_uuid.as_ref().map(super::plan::service_uuid).transpose()?,
        all: args.all,
    };
    let outcome = block_on(or_interrupted(async {
        let ears = open(args, reporter).await?;
        Ok(discover(ears, &wish, args.within, reporter).await?)
    }));
    reporter.rest();
    let outcome = outcome?;
    let exit = exit::of_outcome(&outcome);
    reporter.outcome(&outcome);
    Ok(exit)
}

/// Without `--transport` each way that works will do.
async fn open(args: &DiscoverArgs, reporter: &Reporter) -> Result<Ears, Failure> {
    let ble = match args.transport {
        Some(TransportArg::Softap) => None,
        _ => Some(Listening::once_there(args.adapter.as_ref().map(Given::expose)).await),
    };
    let mdns = match args.transport {
        Some(TransportArg::Ble) => None,
        _ => Some(Announcements::listen()),
    };
    let mut ears = Ears::default();
    let mut failed = Vec::new();
    match ble {
        Some(Ok(listening)) => ears.ble = Some(listening),
        Some(Err(error)) => failed.push(TransportError::from(error)),
        None => {}
    }
    match mdns {
        Some(Ok(announcements)) => ears.mdns = Some(announcements),
        Some(Err(error)) => failed.push(TransportError::Connect(error.into())),
        None => {}
    }
    let is_deaf = ears.ble.is_none() && ears.mdns.is_none();
    for error in failed {
        if is_deaf || args.adapter.is_some() {
            return Err(Error::new(Stage::Discover, error).into());
        }
        let warning = Warning::Deaf { error: error.to_string() };
        reporter.notify(Event::Warning { warning });
    }
    Ok(ears)
}

/// A device over BLE that a person chooses, strongest first.
pub(super) fn choose(adapter: Option<&str>, reporter: &Reporter) -> Result<Wanted, Failure> {
    loop {
        let outcome = block_on(or_interrupted(async {
            let listening = Listening::once_there(adapter).await.map_err(TransportError::from);
            let listening = listening.map_err(|error| Error::new(Stage::Discover, error))?;
            let ears = Ears { ble: Some(listening), mdns: None };
            Ok(discover(ears, &Wish::default(), BEFORE_CHOICE, reporter).await?)
        }));
        reporter.rest();
        let Outcome::Discovered { devices } = outcome? else { continue };
        if let Some(wanted) = prompt::device(strongest_first(devices))? {
            return Ok(wanted);
        }
    }
}

fn strongest_first(mut devices: Vec<Nearby>) -> Vec<Nearby> {
    devices.sort_by_key(|one| Reverse(one.rssi));
    devices
}
