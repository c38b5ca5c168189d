//! `esp-prov-rs discover`, and choosing a device from what it finds.

use std::{cmp::Reverse, time::Duration};

use clap::{Args, ValueEnum};
use esp_prov::{
    DiscoveredDevice, DiscoveryFilter, DiscoverySources, Error, Event, Observer, Outcome, Stage,
    Warning,
    address::{AccessPointSelector, BleSelector},
    discover, sort_few,
    transport::{
        TransportError, WifiError,
        ble::BleScan,
        mdns::Announcements,
        softap::{self, InterfaceState, WifiInterface, system_wifi},
    },
};
use protocomm::{Given, Harmless};
use tokio::time::timeout;

use crate::{
    cli::{
        Failure, block_on,
        options::{TransportArg, duration},
        or_interrupted, plan, prompt, text,
    },
    exit::{self, Exit},
    report::Reporter,
};

/// How long to listen before asking a person to choose.
const BEFORE_CHOICE: Duration = Duration::from_secs(2);

/// The same for access points: a scan of all channels takes seconds.
const BEFORE_CHOICE_OF_WIFI: Duration = Duration::from_secs(4);

/// How long the system may take to say whether it has Wi-Fi.
const WIFI_WITHIN: Duration = Duration::from_secs(3);

/// What to listen for.
#[derive(Args, Debug)]
pub struct DiscoverArgs {
    /// Where to listen: ble, or softap (access points, and mDNS on the network) [default: both]
    #[arg(long, value_name = "TRANSPORT", ignore_case = true, hide_possible_values = true, value_parser = heard)]
    pub transport: Option<TransportArg>,
    /// How long to listen
    #[arg(long = "for", value_name = "TIME", default_value = "5s", value_parser = duration, allow_negative_numbers = true)]
    pub within: Duration,
    /// Only devices whose name starts with this, whatever they advertise; access points: PROV_
    #[arg(long, value_name = "TEXT", conflicts_with = "all")]
    pub prefix: Option<Given>,
    /// A service UUID that identifies provisioning firmware
    #[arg(long, value_name = "UUID")]
    pub service_uuid: Option<Given>,
    /// Every device that has a name
    #[arg(long)]
    pub all: bool,
    /// BLE: the machine's adapter, e.g. hci1 [default: the first]
    #[arg(long, aliases = ["ble_adapter", "ble-adapter"], value_name = "NAME")]
    pub adapter: Option<Given>,
}

/// Parses a transport over which devices can be discovered.
fn heard(text: &str) -> Result<TransportArg, Harmless> {
    match TransportArg::from_str(text, true) {
        Ok(transport @ (TransportArg::Softap | TransportArg::Ble)) => Ok(transport),
        _ => Err("ble or softap".into()),
    }
}

pub(super) fn run(args: &DiscoverArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let filter = DiscoveryFilter {
        prefix: text(args.prefix.as_ref()),
        service: args.service_uuid.as_ref().map(plan::service_uuid).transpose()?,
        all: args.all,
    };
    let outcome = block_on(or_interrupted(async {
        let (sources, no_ble) = open(args, reporter).await?;
        Ok((discover(sources, &filter, args.within, reporter).await?, no_ble))
    }));
    reporter.rest();
    let (outcome, no_ble) = outcome?;
    let exit = exit::of_outcome(&outcome);
    let hint = reporter.context().of_outcome(&outcome);
    let hint = match no_ble {
        Some(advice) if exit == Exit::NOT_FOUND => {
            format!("make BLE work on this machine ({advice}); then {hint}")
        }
        _ => hint,
    };
    reporter.outcome_with(&outcome, hint);
    Ok(exit)
}

/// Opens what to listen with. Without `--transport`, whatever works is enough. If BLE does not
/// work, also returns what to do about it.
async fn open(
    args: &DiscoverArgs,
    reporter: &Reporter,
) -> Result<(DiscoverySources, Option<&'static str>), Failure> {
    let ble = match args.transport {
        Some(TransportArg::Softap) => None,
        _ => Some(BleScan::once_there(args.adapter.as_ref().map(Given::expose)).await),
    };
    let mdns = match args.transport {
        Some(TransportArg::Ble) => None,
        _ => Some(Announcements::listen()),
    };
    let mut sources = DiscoverySources::default();
    let mut failed = Vec::new();
    let mut no_ble = None;
    match ble {
        Some(Ok(scan)) => sources.ble = Some(scan),
        Some(Err(error)) => {
            no_ble = Some(exit::of_radio(&error));
            failed.push(TransportError::from(error));
        }
        None => {}
    }
    match mdns {
        Some(Ok(announcements)) => sources.mdns = Some(announcements),
        Some(Err(error)) => failed.push(TransportError::Connect(error.into())),
        None => {}
    }
    let wants_softap = args.transport == Some(TransportArg::Softap);
    if wants_softap || args.transport.is_none() {
        let wifi = system_wifi();
        let host = timeout(WIFI_WITHIN, wifi.host()).await;
        let host = host.unwrap_or_else(|_| Err(WifiError::NoManager("it is silent".to_owned())));
        match host.and_then(|host| softap::check(&host, None)) {
            Ok(()) => sources.wifi = Some(wifi),
            // Most machines without Wi-Fi have no use for it.
            Err(error) if wants_softap => failed.push(error.into()),
            Err(_) => {}
        }
    }
    let hears_nothing = sources.ble.is_none() && sources.mdns.is_none() && sources.wifi.is_none();
    for error in failed {
        if hears_nothing || args.adapter.is_some() {
            return Err(Error::new(Stage::Discover, error).into());
        }
        let warning = Warning::ListenFailed { error: error.to_string() };
        reporter.notify(Event::Warning { warning });
    }
    Ok((sources, no_ble))
}

/// Lets a person choose a BLE device, the strongest first.
pub(in crate::cli) fn choose(
    adapter: Option<&str>,
    reporter: &Reporter,
) -> Result<BleSelector, Failure> {
    loop {
        let outcome = block_on(or_interrupted(async {
            let scan = BleScan::once_there(adapter).await.map_err(TransportError::from);
            let scan = scan.map_err(|error| Error::new(Stage::Discover, error))?;
            let sources = DiscoverySources { ble: Some(scan), ..DiscoverySources::default() };
            Ok(discover(sources, &DiscoveryFilter::default(), BEFORE_CHOICE, reporter).await?)
        }));
        reporter.rest();
        let Outcome::Discovered { devices } = outcome? else { continue };
        if let Some(wanted) = prompt::device(strongest_first(devices))? {
            return Ok(wanted);
        }
    }
}

/// Lets a person choose a device by its access point, the strongest first. `None` if this machine's
/// Wi-Fi can't be used, or is on such an access point already.
pub(in crate::cli) fn choose_access_point(
    reporter: &Reporter,
) -> Result<Option<AccessPointSelector>, Failure> {
    let is_one = |one: &WifiInterface| match &one.state {
        InterfaceState::Connected { ssid: Some(ssid) } => {
            ssid.as_bytes().starts_with(softap::NAME_PREFIX.as_bytes())
        }
        _ => false,
    };
    loop {
        let outcome = block_on(or_interrupted(async {
            let wifi = system_wifi();
            let host = timeout(WIFI_WITHIN, wifi.host()).await;
            let usable = host.ok().and_then(Result::ok);
            let usable = usable.filter(|host| softap::check(host, None).is_ok());
            if usable.is_none_or(|host| host.interfaces.iter().any(is_one)) {
                return Ok(None);
            }
            let sources = DiscoverySources { wifi: Some(wifi), ..DiscoverySources::default() };
            let filter = DiscoveryFilter::default();
            Ok(Some(discover(sources, &filter, BEFORE_CHOICE_OF_WIFI, reporter).await?))
        }));
        reporter.rest();
        let Some(Outcome::Discovered { devices }) = outcome? else { return Ok(None) };
        if let Some(wanted) = prompt::access_point(strongest_first(devices))? {
            return Ok(Some(wanted));
        }
    }
}

fn strongest_first(mut devices: Vec<DiscoveredDevice>) -> Vec<DiscoveredDevice> {
    sort_few(&mut devices, |one| Reverse(one.rssi));
    devices
}
