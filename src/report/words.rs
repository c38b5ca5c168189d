//! Events in words.

use std::{net::SocketAddr, time::Duration};

use protocomm::{Capabilities, Label, LabelTransport, commands::ThreadNetwork};

use super::{Place, Tone, about};
use crate::{
    doctor::{Check, Verdict},
    event::{Event, Exchange, JoinState, NetworkName, Outcome},
    nearby::Nearby,
    scan::{self, VisibleNetwork},
    simulate::{Given, Request, Response, Settings, Tally},
};

/// The lines of an event, if it has any.
pub(super) fn event(event: &Event, verbosity: i8) -> Vec<(Tone, String)> {
    let step = |text: String| vec![(Tone::Step, text)];
    match event {
        Event::Connecting { address, attempt: 1 } => step(format!("Connecting to {address}")),
        Event::Connecting { address, attempt } => {
            step(format!("Connecting to {address}, attempt {attempt}"))
        }
        Event::Identified { capabilities } => {
            let mut lines = step(format!("Device found: {}", device(capabilities)));
            if verbosity >= 1 {
                lines.extend(details(capabilities).into_iter().map(|line| (Tone::Detail, line)));
            }
            lines
        }
        Event::Warning { warning } => vec![(Tone::Warning, warning.to_string())],
        Event::Established { security } => step(format!("Session established with {security}")),
        Event::CustomDataSent { sent, reply } => {
            step(format!("Custom data sent, {sent} bytes; the device says \"{}\"", clean(reply)))
        }
        Event::Discovering => step("Listening for devices".to_owned()),
        Event::Scanning => step("Scanning for networks".to_owned()),
        Event::CustomConfigSent => step("Custom config sent".to_owned()),
        Event::Answered { reply } => {
            let (sent, got) = (reply.sent, reply.bytes.len());
            let endpoint = clean(reply.endpoint.as_str());
            step(format!("Message of {sent} bytes to {endpoint} answered with {got}"))
        }
        Event::ConfigSent { network } => step(format!("Network {} sent", network_name(network))),
        Event::Applied => step("Applied: the device joins the network".to_owned()),
        Event::Polled { state } => match state {
            JoinState::Connecting { attempts_remaining: Some(1) } => {
                step("An attempt to join failed, 1 more left".to_owned())
            }
            JoinState::Connecting { attempts_remaining: Some(n) } => {
                step(format!("An attempt to join failed, {n} more left"))
            }
            JoinState::Failed { reason } => step(format!("The join failed: {reason}")),
            JoinState::Other { number } => {
                step(format!("The device reports the unknown state {number}"))
            }
            JoinState::Connected => step("The device has joined".to_owned()),
            JoinState::Connecting { attempts_remaining: None } => Vec::new(),
        },
        Event::Reset => step("The device has forgotten its network".to_owned()),
        Event::Retrying { attempt, after, stage, cause } => {
            let when = if after.is_zero() {
                "now".to_owned()
            } else {
                format!("in {}", humantime::format_duration(*after))
            };
            let cause = clean(cause);
            vec![(Tone::Warning, format!("{stage}: {cause}; attempt {attempt} follows {when}"))]
        }
        Event::Exchange(exchange) => exchanged(exchange),
        Event::Asking | Event::Discovered { .. } | Event::Finished { .. } => Vec::new(),
    }
}

fn network_name(network: &NetworkName) -> String {
    match network {
        NetworkName::Wifi { ssid } => format!("\"{}\"", clean(ssid)),
        NetworkName::Thread { name: Some(name), .. } => format!("\"{}\"", clean(name)),
        NetworkName::Thread { ext_pan_id: Some(id), .. } => id.to_string(),
        NetworkName::Thread { .. } => "of Thread".to_owned(),
    }
}

/// What is waited for after an event.
pub(super) fn waiting_for(event: &Event) -> Option<String> {
    Some(match event {
        Event::Connecting { address, .. } => format!("connecting to {address}"),
        Event::Identified { .. } => "opening a session".to_owned(),
        Event::Established { .. } => "asking the device".to_owned(),
        Event::CustomDataSent { .. } | Event::CustomConfigSent | Event::Reset => {
            "sending the network".to_owned()
        }
        Event::Discovering => "listening".to_owned(),
        Event::Scanning => "the device scans".to_owned(),
        Event::ConfigSent { .. } => "applying".to_owned(),
        Event::Applied => "waiting for the device to join".to_owned(),
        _ => return None,
    })
}

/// A time as people read it.
pub(super) fn took(time: Duration) -> String {
    match time.as_millis() {
        ms @ 0..1000 => format!("{ms} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// How a run ended.
pub(super) fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Connected { connection } => {
            let ssid = clean(&String::from_utf8_lossy(&connection.ssid));
            let bssid =
                connection.bssid.map(|bssid| format!(", BSSID {bssid}")).unwrap_or_default();
            format!(
                "Connected: {} on \"{ssid}\"{bssid}, channel {}, {}",
                clean(&connection.ip),
                connection.channel,
                connection.auth_mode
            )
        }
        Outcome::Unconfirmed => {
            "join: the device left after it was told to join, before it confirmed".to_owned()
        }
        Outcome::Attached { connection } => {
            let id = connection.ext_pan_id.map(|id| format!(", extended PAN ID {id}"));
            format!(
                "Attached: \"{}\", PAN ID {:#06x}{}, channel {}",
                clean(&connection.name),
                connection.pan_id,
                id.unwrap_or_default(),
                connection.channel
            )
        }
        Outcome::NotConnected { state } => format!("Not connected: {}", standing(state)),
        Outcome::Scanned { networks } => table(networks),
        Outcome::ThreadScanned { networks } => thread_table(networks),
        Outcome::Discovered { devices } => nearby(devices),
        Outcome::Sent { replies } => format!("{} replies", replies.len()),
        Outcome::Info { info } => about::device(info),
        Outcome::Reset => "Reset: the device takes another network now".to_owned(),
    }
}

fn standing(state: &JoinState) -> String {
    match state {
        // A device says this before any apply, too (`manager.c`).
        JoinState::Connecting { attempts_remaining: None } => {
            "the device is trying to, or was given no network yet".to_owned()
        }
        JoinState::Connecting { attempts_remaining: Some(n) } => {
            format!("the device is trying to, {n} more attempts left")
        }
        JoinState::Failed { reason } => format!("the last join failed: {}", clean(reason)),
        JoinState::Other { number } => format!("the device reports the unknown state {number}"),
        JoinState::Connected => "the device does not say to what".to_owned(),
    }
}

/// The Thread networks, one a line.
fn thread_table(networks: &[ThreadNetwork]) -> String {
    if networks.is_empty() {
        return "The device sees no network".to_owned();
    }
    let lines = networks.iter().map(|network| {
        let id = network.ext_pan_id.map(|id| id.to_string()).unwrap_or_default();
        format!(
            "{} {:>4} dBm  ch {:>3}  {id:16}  {:#06x}  {}",
            bars(network.rssi),
            network.rssi,
            network.channel,
            network.pan_id,
            thread_name(network),
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn thread_name(network: &ThreadNetwork) -> String {
    if network.name.is_empty() { "(unnamed)".to_owned() } else { clean(&network.name) }
}

/// A Thread network in a list to choose from.
pub(crate) fn thread_choice(network: &ThreadNetwork) -> String {
    let id = network.ext_pan_id.map(|id| id.to_string()).unwrap_or_default();
    format!("{} {} [{id}, channel {}]", bars(network.rssi), thread_name(network), network.channel)
}

/// The networks, one a line.
fn table(networks: &[VisibleNetwork]) -> String {
    if networks.is_empty() {
        return "The device sees no network".to_owned();
    }
    let lines = networks.iter().map(|network| {
        let bssid = network.bssid.map(|bssid| bssid.to_string()).unwrap_or_default();
        format!(
            "{} {:>4} dBm  ch {:>3}  {bssid:17}  {:<14} {}",
            bars(network.rssi),
            network.rssi,
            network.channel,
            network.auth_mode.to_string(),
            name(network),
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Devices, one a line.
pub(super) fn nearby(devices: &[Nearby]) -> String {
    if devices.is_empty() {
        return "No device was heard".to_owned();
    }
    let name = |one: &Nearby| clean(one.name.as_deref().unwrap_or("(no name)"));
    let width = |of: &dyn Fn(&Nearby) -> usize| devices.iter().map(of).max().unwrap_or(0);
    let names = width(&|one| name(one).chars().count());
    let addresses = width(&|one| one.address.chars().count());
    let lines = devices.iter().map(|one| {
        let signal = one.rssi.map(|rssi| format!("{} {rssi:>4} dBm", bars(rssi.into())));
        let what = match (one.provisions, one.service) {
            (true, Some(service)) => format!("provisions, {service}"),
            (true, None) => "provisions".to_owned(),
            (false, Some(service)) => format!("unknown, {service}"),
            (false, None) => "unknown".to_owned(),
        };
        format!(
            "{:6}  {:names$}  {:addresses$}  {:13}  since {:>4.1} s  {what}",
            one.by.name(),
            name(one),
            clean(&one.address),
            signal.unwrap_or_default(),
            one.heard_after.as_secs_f64(),
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A device in a list to choose from.
pub(crate) fn nearby_choice(device: &Nearby) -> String {
    let signal = device.rssi.map_or("    ", |rssi| bars(rssi.into()));
    let name = clean(device.name.as_deref().unwrap_or("(no name)"));
    format!("{signal} {name} [{}]", clean(&device.address))
}

fn bars(rssi: i32) -> &'static str {
    match scan::bars(rssi) {
        4 => "▂▄▆█",
        3 => "▂▄▆ ",
        2 => "▂▄  ",
        1 => "▂   ",
        _ => "    ",
    }
}

/// A network's name in words: its bytes where it is no text, and how often it is there.
fn name(network: &VisibleNetwork) -> String {
    let name = match std::str::from_utf8(&network.ssid_bytes) {
        Ok("") => "(hidden)".to_owned(),
        Ok(text) => clean(text),
        Err(_) => format!("(--ssid-hex {})", hex::encode(&network.ssid_bytes)),
    };
    match network.access_points {
        1 => name,
        count => format!("{name} ({count} access points)"),
    }
}

/// A network in a list to choose from.
pub(crate) fn choice(network: &VisibleNetwork) -> String {
    format!("{} {} [{}]", bars(network.rssi), name(network), network.auth_mode)
}

fn device(capabilities: &Capabilities) -> String {
    let version = match &capabilities.version {
        Some(version) => format!("version {}", clean(version)),
        None => "no version told".to_owned(),
    };
    match capabilities.security() {
        Some(security) => format!("{version}, security {security}"),
        None => version,
    }
}

fn details(capabilities: &Capabilities) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(list) = &capabilities.capabilities {
        lines.push(format!("  capabilities: {}", clean(&list.join(" "))));
    }
    if capabilities.sec_ver.is_some() {
        lines.push(format!("  security patch level: {}", capabilities.sec_patch_ver));
    }
    for (name, application) in &capabilities.applications {
        let version = application.version.as_deref().unwrap_or("no version");
        let list = application.capabilities.join(" ");
        lines.push(clean(&format!("  application {name}: {version} {list}")).trim_end().to_owned());
    }
    lines
}

fn exchanged(exchange: &Exchange) -> Vec<(Tone, String)> {
    let took = exchange.took.as_secs_f64() * 1000.0;
    let received = match exchange.received {
        Some(bytes) => format!("{bytes} bytes back"),
        None => "no reply".to_owned(),
    };
    let summary =
        format!("  {}: {} bytes out, {received}, {took:.1} ms", exchange.endpoint, exchange.sent);
    let mut lines = vec![(Tone::Detail, summary)];
    if let Some(bytes) = &exchange.bytes {
        lines.push((Tone::Detail, format!("    > {}", bytes.request)));
        if let Some(reply) = &bytes.reply {
            lines.push((Tone::Detail, format!("    < {reply}")));
        }
    }
    lines
}

/// A virtual device is there.
pub(super) fn listening(place: &Place, settings: &Settings) -> String {
    let place = match place {
        Place::Socket(address) => format!("listens on http://{address}"),
        Place::Replay(address) => {
            return format!("The device of the trace listens on http://{address}");
        }
        Place::Terminal(path) => format!("has its console on {path}"),
    };
    format!("Virtual device ({}, {}) {place}", settings.persona, settings.scheme)
}

pub(super) fn farm_listens(at: &[SocketAddr], settings: &Settings) -> String {
    let (Some(first), Some(last)) = (at.first(), at.last()) else { return String::new() };
    let (count, persona, scheme) = (at.len(), settings.persona, settings.scheme);
    format!(
        "{count} virtual devices ({persona}, {scheme}) listen, the first on http://{first}, the last on http://{last}"
    )
}

pub(super) fn farm_ended(tally: Tally) -> String {
    let Tally { devices, joined, twice } = tally;
    format!("{joined} of {devices} devices were told to join, {twice} of them more than once")
}

/// Its QR code.
pub(super) fn own_label(label: Option<&str>) -> String {
    let hidden = "not shown, for its secret may be one (--show-secrets shows it)";
    format!("QR code: {}", label.unwrap_or(hidden))
}

/// What a QR code says, without its secrets.
pub(super) fn label(label: &Label) -> String {
    let way = match label.transport {
        LabelTransport::Ble => "BLE",
        LabelTransport::SoftAp => "SoftAP",
    };
    let mut text = format!("QR code: {:?} over {way}", label.name);
    let network = label.network.map(|network| format!("for {network}"));
    let security = label.security.map(|scheme| scheme.to_string());
    let username = label.username.as_ref().map(|name| format!("user name {:?}", name.as_str()));
    let secret = label.pop.as_ref().map(|_| match label.username {
        Some(_) => "password".to_owned(),
        None => "proof of possession".to_owned(),
    });
    for part in [network, security, username, secret].into_iter().flatten() {
        text.push_str(", ");
        text.push_str(&part);
    }
    text
}

/// How something of this machine stands.
pub(super) fn check(check: &Check) -> String {
    let verdict = match check.verdict {
        Verdict::Ok => "ok",
        Verdict::Problem => "problem",
        Verdict::CannotTell => "cannot tell",
    };
    let line = format!("{verdict:11}  {}: {}", check.check, clean(&check.finding));
    if check.fix.is_empty() { line } else { format!("{line}\n             fix: {}", check.fix) }
}

/// What it was given.
pub(super) fn provisioned(given: Option<&Given>, show_secrets: bool) -> String {
    let network = match given {
        None => return "Left without a network".to_owned(),
        Some(Given::Wifi(network)) => network,
        Some(Given::Thread(dataset)) => {
            let shown = match dataset.expose() {
                bytes if show_secrets => format!("dataset {}", hex::encode(bytes)),
                bytes => format!("a dataset of {} bytes (--show-secrets shows it)", bytes.len()),
            };
            return format!("Provisioned with \"{}\", {shown}", clean(&dataset.to_string()));
        }
    };
    let ssid = clean(&String::from_utf8_lossy(&network.ssid));
    let passphrase = match network.passphrase.len() {
        0 => "no passphrase".to_owned(),
        _ if show_secrets => {
            format!("passphrase {:?}", String::from_utf8_lossy(network.passphrase.expose()))
        }
        bytes => format!("a passphrase of {bytes} bytes (--show-secrets shows it)"),
    };
    format!("Provisioned with \"{ssid}\", {passphrase}")
}

/// A request a virtual device got, for a firmware developer.
pub(super) fn request(request: &Request) -> String {
    let took = request.took.as_secs_f64() * 1000.0;
    let head = format!("#{} {} {} bytes", request.number, clean(&request.endpoint), request.bytes);
    match &request.response {
        Response::Replied(bytes, action) => {
            format!("{head} -> {bytes} bytes, {took:.1} ms: {}", clean(&action.to_string()))
        }
        Response::Http(status) => format!("{head} -> HTTP {status}"),
        Response::Closed(why) => format!("{head} -> connection closed: {}", clean(why)),
        Response::Silent(why) => format!("{head} -> no reply: {}", clean(why)),
        Response::Waits(why) => waits(why),
    }
}

/// A connection to a virtual device waits.
pub(super) fn waits(why: &str) -> String {
    format!("connections wait for a free socket ({}); allow more with `ulimit -n`", clean(why))
}

/// A device's words on a terminal: control characters are shown, not obeyed.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .flat_map(|char| {
            let control = char.is_control();
            let escaped = control.then(|| char.escape_default()).into_iter().flatten();
            (!control).then_some(char).into_iter().chain(escaped)
        })
        .collect()
}
