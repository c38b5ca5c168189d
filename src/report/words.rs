//! Describes events, outcomes and results in words.

use std::{net::SocketAddr, time::Duration};

use esp_prov::{
    Connection, DiscoveredDevice, Event, Exchange, JoinState, NetworkName, Outcome, VisibleNetwork,
    shown::Shown,
};
use esp_prov_simulate::{Given, Request, Response, Settings, Tally};
use protocomm::{
    Capabilities, Harmless, Label, LabelTransport,
    commands::{ThreadConnection, ThreadNetwork, WifiConnection},
};

use super::{
    ListenAddress, Tone, about, sink,
    table::{self, Column},
    terminal::columns,
};
use crate::{
    doctor::{Check, Verdict},
    exit::{DISCONNECTED, Job},
};

/// The lines of an event, if it has any.
pub(super) fn event(event: &Event, verbosity: i8) -> Vec<(Tone, Shown)> {
    let step = |text: String| vec![(Tone::Step, Shown::line(text))];
    match event {
        Event::Connecting { address, attempt: 1 } => step(format!("Connecting to {address}")),
        Event::Connecting { address, attempt } => {
            step(format!("Connecting to {address}, attempt {attempt}"))
        }
        Event::JoiningAccessPoint { access_point } => {
            step(format!("Joining the access point {}", named(access_point)))
        }
        Event::AccessPointJoined { access_point, interface } => {
            step(format!("On the access point {}, with {}", named(access_point), clean(interface)))
        }
        Event::Identified { capabilities } => {
            let mut lines = step(format!("Device found: {}", device(capabilities)));
            if verbosity >= 1 {
                let details = details(capabilities).into_iter().map(Shown::line);
                lines.extend(details.map(|line| (Tone::Detail, line)));
            }
            lines
        }
        Event::AdapterUnavailable { error } => {
            vec![(Tone::Warning, Shown::line(format!("waiting for the adapter: {error}")))]
        }
        Event::AdapterAvailable => step("The adapter is back".to_owned()),
        Event::Warning { warning } => vec![(Tone::Warning, Shown::line(warning.to_string()))],
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
            let bytes = if sent == 1 { "byte" } else { "bytes" };
            step(format!("Message of {sent} {bytes} to {endpoint} answered with {got}"))
        }
        Event::ConfigSent { network } => step(format!("Network {} sent", network_name(network))),
        Event::Applied => step("Applied: the device is joining the network".to_owned()),
        Event::Polled { state } => match state {
            JoinState::Connecting { attempts_remaining: Some(1) } => {
                step("An attempt to join failed, 1 left".to_owned())
            }
            JoinState::Connecting { attempts_remaining: Some(n) } => {
                step(format!("An attempt to join failed, {n} left"))
            }
            JoinState::Failed { failure } => step(format!("The join failed: {failure}")),
            JoinState::Mismatch { mismatch } => {
                let text = clean(&mismatch.to_string());
                step(format!("The device reports a connection, but {text}"))
            }
            JoinState::Other { number: DISCONNECTED } => {
                step("The device reports that it is disconnected".to_owned())
            }
            JoinState::Other { number } => {
                step(format!("The device reports the unknown state {number}"))
            }
            JoinState::Connected => step("The device has joined".to_owned()),
            JoinState::Connecting { attempts_remaining: None } => Vec::new(),
        },
        Event::Reset => step("The device has forgotten its network".to_owned()),
        Event::ResetRefused { status } => {
            let text = format!("the device refuses to forget its network ({status})");
            vec![(Tone::Warning, Shown::line(text))]
        }
        Event::Undone => step("The device has left the network again".to_owned()),
        Event::Retrying { attempt, after, stage, cause } => {
            let when = if after.is_zero() {
                "now".to_owned()
            } else {
                format!("in {}", humantime::format_duration(*after))
            };
            let text = format!("{stage}: {cause}; attempt {attempt} follows {when}");
            vec![(Tone::Warning, Shown::line(text))]
        }
        Event::Verifying { ip } => step(match ip {
            Some(ip) => format!("Looking for the device at {ip}"),
            None => "Looking for the device on its network".to_owned(),
        }),
        Event::Verified { verification } => {
            let mac = verification.mac.map(|mac| format!(" (MAC address {mac})"));
            let reason = format!("{}{}", verification.reason, mac.unwrap_or_default());
            match verification.verified {
                Some(true) => step(format!("Verified: {reason}")),
                Some(false) => vec![(Tone::Warning, Shown::line(format!("not found: {reason}")))],
                None => vec![(Tone::Warning, Shown::line(format!("not verified: {reason}")))],
            }
        }
        Event::Exchange(exchange) => exchanged(exchange),
        // `Asking`, `Discovered` and `Finished` are shown in other ways.
        _ => Vec::new(),
    }
}

fn named(access_point: &str) -> Shown {
    Shown::quoted_if_needed(access_point)
}

fn network_name(network: &NetworkName) -> String {
    match network {
        NetworkName::Wifi { ssid } => format!("\"{}\"", clean(ssid)),
        NetworkName::Thread { name: Some(name), .. } => format!("\"{}\"", clean(name)),
        NetworkName::Thread { ext_pan_id: Some(id), .. } => id.to_string(),
        NetworkName::Thread { .. } => "of Thread".to_owned(),
    }
}

/// What is being waited for after an event.
pub(super) fn waiting_for(event: &Event) -> Option<Shown> {
    Some(match event {
        Event::Connecting { address, .. } => Shown::line(format!("connecting to {address}")),
        Event::JoiningAccessPoint { .. } => "joining the access point".into(),
        Event::AccessPointJoined { .. } => "connecting".into(),
        Event::AdapterAvailable | Event::Verifying { .. } => "looking for the device".into(),
        Event::Identified { .. } => "opening a session".into(),
        Event::Established { .. } => "asking the device".into(),
        Event::CustomDataSent { .. }
        | Event::CustomConfigSent
        | Event::Reset
        | Event::ResetRefused { .. } => "sending the network".into(),
        Event::AdapterUnavailable { .. } => "waiting for the adapter".into(),
        Event::Discovering => "listening".into(),
        Event::Scanning => "the device is scanning".into(),
        Event::ConfigSent { .. } => "applying".into(),
        Event::Applied => "waiting for the device to join".into(),
        _ => return None,
    })
}

/// What is being waited for after a person's answer.
pub(super) fn working() -> Shown {
    "asking the device".into()
}

/// Whether an event is the beginning of a step.
pub(super) fn begins(event: &Event) -> bool {
    matches!(
        event,
        Event::JoiningAccessPoint { .. }
            | Event::Verifying { .. }
            | Event::Connecting { .. }
            | Event::Discovering
            | Event::Scanning
    )
}

/// A time for people.
pub(super) fn took(time: Duration) -> String {
    match time.as_millis() {
        ms @ 0..1000 => format!("{ms} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// How a run ended.
pub(super) fn outcome(outcome: &Outcome) -> Vec<Shown> {
    let line = match outcome {
        Outcome::Connected { connection } => format!("Connected: {}", in_wifi(connection)),
        Outcome::Tested { connection } => {
            let was = match connection {
                Connection::Wifi(connection) => in_wifi(connection),
                Connection::Thread(connection) => in_thread(connection),
            };
            format!(
                "Tested: it joined as {was}, and left again; until it restarts it waits for another network"
            )
        }
        Outcome::Unconfirmed { last } => {
            let doubt = last.as_ref().and_then(JoinState::doubt);
            let doubt = doubt.map(|doubt| format!("; {}", clean(&doubt))).unwrap_or_default();
            format!("join: the device left after it was told to join, before it confirmed{doubt}")
        }
        Outcome::Verified { ip } => {
            let at = ip.map(|ip| format!(": {ip}")).unwrap_or_default();
            format!("Verified{at}; the device left before it confirmed, and is on its network")
        }
        Outcome::NotVerified { connection } => {
            let at = clean(&connection.ip);
            format!(
                "verify: the device reports that it is connected as {at}, and is not found there"
            )
        }
        Outcome::Attached { connection } => format!("Attached: {}", in_thread(connection)),
        Outcome::NotConnected { state } => format!("Not connected: {}", standing(state)),
        Outcome::Scanned { networks } => return table(networks),
        Outcome::ThreadScanned { networks } => return thread_table(networks),
        Outcome::Discovered { devices } => return nearby(devices),
        Outcome::Sent { replies } => format!("{} replies", replies.len()),
        Outcome::Info { info } => return about::device(info),
        Outcome::Reset => return vec![reset(Job::Command)],
        Outcome::ProbablyReset => {
            "Probably reset: the reply was lost, and the device refuses another reset".to_owned()
        }
        // For an outcome that has no text here yet.
        other => format!("{other:?}"),
    };
    vec![Shown::line(line)]
}

/// A connection to a Wi-Fi network.
fn in_wifi(connection: &WifiConnection) -> String {
    // A C string ends at a zero byte.
    let mut parts = connection.ssid.split(|&byte| byte == 0);
    let ssid = clean(&String::from_utf8_lossy(parts.next().unwrap_or_default()));
    let cut = if parts.next().is_some() { " (cut off at byte 00)" } else { "" };
    let bssid = connection.bssid.map(|bssid| format!(", BSSID {}", bssid.as_reported()));
    let bssid = bssid.unwrap_or_default();
    format!(
        "{} on \"{ssid}\"{cut}{bssid}, channel {}, {}",
        clean(&connection.ip),
        connection.channel,
        connection.auth_mode
    )
}

/// A connection to a Thread network.
fn in_thread(connection: &ThreadConnection) -> String {
    let id = connection.ext_pan_id.map(|id| format!(", extended PAN ID {id}"));
    format!(
        "\"{}\", PAN ID {:#06x}{}, channel {}",
        clean(&connection.name),
        connection.pan_id,
        id.unwrap_or_default(),
        connection.channel
    )
}

/// The text after a device has forgotten its network, which does not change the status that it
/// reports (`manager.c`).
pub(super) fn reset(job: Job) -> Shown {
    let and = match job {
        Job::Reset => "; until it gets one, `status` still reports its last join",
        Job::Reprovision => "; until it gets one, `status` may still report the old one",
        _ => "",
    };
    Shown::line(format!("Reset: the device accepts another network now{and}"))
}

fn standing(state: &JoinState) -> String {
    match state {
        // A device also reports this before any apply (`manager.c`).
        JoinState::Connecting { attempts_remaining: None } => {
            "the device is trying to connect, or has no network yet".to_owned()
        }
        JoinState::Connecting { attempts_remaining: Some(n) } => {
            format!("the device is trying to connect, {n} attempts left")
        }
        JoinState::Failed { failure } => format!("the last join failed: {failure}"),
        JoinState::Mismatch { mismatch } => {
            format!("the device reports a connection, but {}", clean(&mismatch.to_string()))
        }
        JoinState::Other { number: DISCONNECTED } => "the device is disconnected".to_owned(),
        JoinState::Other { number } => format!("the device reports the unknown state {number}"),
        JoinState::Connected => "the device does not report to which network".to_owned(),
    }
}

/// The text if a device found no networks in two scans.
const NO_NETWORK: &str = "The device sees no networks, even in a second scan: none are in range or \
                          on its bands, or its antenna is not connected";

/// A table of Thread networks.
fn thread_table(networks: &[ThreadNetwork]) -> Vec<Shown> {
    if networks.is_empty() {
        return vec![NO_NETWORK.into()];
    }
    let cells = |of: &dyn Fn(&ThreadNetwork) -> Shown| networks.iter().map(of).collect();
    let id = |one: &ThreadNetwork| one.ext_pan_id.map(|id| id.to_string()).unwrap_or_default();
    let columns = vec![
        Column::new(0, 0, cells(&|one| bars(one.rssi).into())),
        Column::new(1, 0, cells(&|one| rssi(one.rssi))).spared(3),
        Column::new(2, 0, cells(&|one| Shown::line(format!("ch {:>3}", one.channel)))).spared(2),
        Column::new(2, 16, cells(&|one| Shown::line(id(one)))).spared(1),
        Column::new(2, 0, cells(&|one| Shown::line(format!("{:#06x}", one.pan_id)))).spared(4),
        Column::new(2, 0, cells(&|one| thread_name(one))).of_names(),
    ];
    table::fit(columns, room())
}

fn thread_name(network: &ThreadNetwork) -> Shown {
    if network.name.is_empty() {
        "(unnamed)".into()
    } else {
        Shown::quoted_if_needed(&network.name)
    }
}

/// A Thread network in a list to choose from.
pub(crate) fn thread_choice(network: &ThreadNetwork) -> Shown {
    let id = network.ext_pan_id.map(|id| id.to_string()).unwrap_or_default();
    let (bars, name) = (bars(network.rssi), thread_name(network));
    Shown::line(format!("{bars} {name} [{id}, channel {}]", network.channel))
}

/// A table of Wi-Fi networks.
fn table(networks: &[VisibleNetwork]) -> Vec<Shown> {
    if networks.is_empty() {
        return vec![NO_NETWORK.into()];
    }
    let cells = |of: &dyn Fn(&VisibleNetwork) -> Shown| networks.iter().map(of).collect();
    let bssid = |one: &VisibleNetwork| one.bssid.map(|bssid| bssid.to_string()).unwrap_or_default();
    let channel = |one: &VisibleNetwork| format!("ch {:>3}{}", one.channel, band(one.channel));
    let columns = vec![
        Column::new(0, 0, cells(&|one| bars(one.rssi).into())),
        Column::new(1, 0, cells(&|one| rssi(one.rssi))).spared(3),
        Column::new(2, 0, cells(&|one| Shown::line(channel(one)))).spared(2),
        Column::new(2, 17, cells(&|one| Shown::line(bssid(one)))).spared(4),
        Column::new(2, 14, cells(&|one| Shown::line(one.auth_mode.to_string()))).spared(1),
        Column::new(1, 0, cells(&name)).of_names(),
    ];
    table::fit(columns, room())
}

fn rssi(rssi: i32) -> Shown {
    Shown::line(format!("{rssi:>4} dBm"))
}

/// The width of the terminal, if stdout is one.
fn room() -> Option<usize> {
    sink::is_terminal().then(columns)
}

/// A table of devices.
pub(super) fn nearby(devices: &[DiscoveredDevice]) -> Vec<Shown> {
    if devices.is_empty() {
        return vec!["No devices found".into()];
    }
    let cells = |of: &dyn Fn(&DiscoveredDevice) -> Shown| devices.iter().map(of).collect();
    let signal = |one: &DiscoveredDevice| {
        let signal = one.rssi.map(|rssi| format!("{} {rssi:>4} dBm", bars(rssi.into())));
        Shown::line(signal.unwrap_or_default())
    };
    let since = |one: &DiscoveredDevice| {
        Shown::line(format!("since {:>4.1} s", one.heard_after.as_secs_f64()))
    };
    let what = |one: &DiscoveredDevice| {
        if let Some(encryption) = one.encryption {
            let channel = one.channel.map(|channel| format!(", channel {channel}"));
            let provisions = if one.provisions { "provisions, " } else { "" };
            let channel = channel.unwrap_or_default();
            return Shown::line(format!(
                "{provisions}access point, {}{channel}",
                encryption.name()
            ));
        }
        Shown::line(match (one.provisions, one.service) {
            (true, Some(service)) => format!("provisions, {service}"),
            (true, None) => "provisions".to_owned(),
            (false, Some(service)) => format!("unknown, {service}"),
            (false, None) => "unknown".to_owned(),
        })
    };
    let columns = vec![
        Column::new(0, 6, cells(&|one| one.by.name().into())).spared(1),
        Column::new(2, 0, cells(&device_name)).of_names(),
        Column::new(2, 0, cells(&|one| clean(&one.address))),
        Column::new(2, 13, cells(&signal)).spared(2),
        Column::new(2, 0, cells(&since)).spared(3),
        Column::new(2, 0, cells(&what)).spared(4),
    ];
    table::fit(columns, room())
}

fn device_name(device: &DiscoveredDevice) -> Shown {
    device.name.as_deref().map_or("(no name)".into(), Shown::quoted_if_needed)
}

/// A device in a list to choose from.
pub(crate) fn nearby_choice(device: &DiscoveredDevice) -> Shown {
    let signal = device.rssi.map_or("    ", |rssi| bars(rssi.into()));
    Shown::line(format!("{signal} {} [{}]", device_name(device), clean(&device.address)))
}

/// A note for channels of the 5 GHz band, which hardly any device has.
fn band(channel: u32) -> &'static str {
    if channel > 14 { " (5 GHz)" } else { "" }
}

fn bars(rssi: i32) -> &'static str {
    match esp_prov::bars(rssi) {
        4 => "▂▄▆█",
        3 => "▂▄▆ ",
        2 => "▂▄  ",
        1 => "▂   ",
        _ => "    ",
    }
}

/// The name of a network, or its bytes if it is not text, and the number of its access points.
fn name(network: &VisibleNetwork) -> Shown {
    let name = match std::str::from_utf8(&network.ssid_bytes) {
        Ok("") => "(hidden)".into(),
        Ok(text) => Shown::quoted_if_needed(text),
        Err(_) => Shown::name(format!("(--ssid-hex {})", hex::encode(&network.ssid_bytes))),
    };
    match network.access_points {
        1 => name,
        count => Shown::line(format!("{name} ({count} access points)")),
    }
}

/// A network in a list to choose from.
pub(crate) fn choice(network: &VisibleNetwork) -> Shown {
    let (bars, name, band) = (bars(network.rssi), name(network), band(network.channel));
    Shown::line(format!("{bars} {name} [{}]{band}", network.auth_mode))
}

fn device(capabilities: &Capabilities) -> String {
    let version = match &capabilities.version {
        Some(version) => format!("version {}", clean(version)),
        None => "no version reported".to_owned(),
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
        let text = format!("  application {}: {} {}", clean(name), clean(version), clean(&list));
        lines.push(text.trim_end().to_owned());
    }
    lines
}

fn exchanged(exchange: &Exchange) -> Vec<(Tone, Shown)> {
    let took = exchange.took.as_secs_f64() * 1000.0;
    let received = match exchange.received {
        Some(bytes) => format!("{bytes} bytes back"),
        None => "no reply".to_owned(),
    };
    let summary = format!(
        "  {}: {} bytes out, {received}, {took:.1} ms",
        clean(&exchange.endpoint),
        exchange.sent
    );
    let mut lines = vec![Shown::line(summary)];
    if let Some(bytes) = &exchange.bytes {
        lines.push(Shown::whole(format!("    > {}", bytes.request)));
        if let Some(reply) = &bytes.reply {
            lines.push(Shown::whole(format!("    < {reply}")));
        }
    }
    lines.into_iter().map(|line| (Tone::Detail, line)).collect()
}

/// The text for a virtual device that listens.
pub(super) fn listening(at: &ListenAddress, settings: &Settings) -> Shown {
    let place = match at {
        ListenAddress::Socket(address) => format!("listens on http://{address}"),
        ListenAddress::Replay(address) => {
            return Shown::line(format!("The device from the trace listens on http://{address}"));
        }
        ListenAddress::Terminal(path) => format!("has its console on {path}"),
    };
    Shown::line(format!("Virtual device ({}, {}) {place}", settings.persona, settings.scheme))
}

pub(super) fn farm_listens(at: &[SocketAddr], settings: &Settings) -> Shown {
    let (Some(first), Some(last)) = (at.first(), at.last()) else { return Shown::default() };
    let (count, persona, scheme) = (at.len(), settings.persona, settings.scheme);
    Shown::line(format!(
        "{count} virtual devices ({persona}, {scheme}) listen, the first on http://{first}, the last on http://{last}"
    ))
}

pub(super) fn farm_ended(tally: Tally) -> Shown {
    let Tally { devices, joined, joined_twice } = tally;
    let were = if devices == 1 { "device was" } else { "devices were" };
    Shown::line(format!(
        "{joined} of {devices} {were} told to join, {joined_twice} of them more than once"
    ))
}

pub(super) fn secrets_made(folder: &Harmless, devices: usize, sheets: Option<usize>) -> Shown {
    let s = if devices == 1 { "" } else { "s" };
    let labels = sheets.map(|sheets| format!(", labels ({devices}), sheets ({sheets})"));
    Shown::line(format!(
        "secrets for {devices} device{s} in {folder}: roster.csv, labels.csv, mfg_config.csv, \
         mfg_values.csv{}",
        labels.unwrap_or_default()
    ))
}

/// The QR code of a virtual device, unless it is hidden.
pub(super) fn own_label(label: Option<&str>) -> Shown {
    let hidden = "hidden: it may contain a real secret (--show-secrets shows it)";
    Shown::whole(format!("QR code: {}", label.unwrap_or(hidden)))
}

/// The content of a QR code without its secrets.
pub(super) fn label(label: &Label) -> Shown {
    let way = match label.transport {
        LabelTransport::Ble => "BLE",
        LabelTransport::SoftAp => "SoftAP",
    };
    let mut text = format!("QR code: \"{}\" over {way}", clean(&label.name));
    let network = label.network.map(|network| format!("for {network}"));
    let security = label.security.map(|scheme| scheme.to_string());
    let username =
        label.username.as_ref().map(|name| format!("user name \"{}\"", clean(name.as_str())));
    let secret = label.pop.as_ref().map(|_| match label.username {
        Some(_) => "password".to_owned(),
        None => "proof of possession".to_owned(),
    });
    for part in [network, security, username, secret].into_iter().flatten() {
        text.push_str(", ");
        text.push_str(&part);
    }
    Shown::line(text)
}

/// A check of this machine.
pub(super) fn check(check: &Check) -> Vec<Shown> {
    let verdict = match check.verdict {
        Verdict::Ok => "ok",
        Verdict::Problem => "problem",
        Verdict::NotNeeded => "not needed",
        Verdict::CannotTell => "cannot tell",
    };
    let mut lines = vec![format!("{verdict:11}  {}: {}", check.check, check.finding)];
    if !check.fix.is_empty() {
        let to = if check.verdict == Verdict::NotNeeded { "to use it" } else { "fix" };
        lines.push(format!("             {to}: {}", check.fix));
    }
    lines.into_iter().map(Shown::line).collect()
}

/// The network that a virtual device was given.
pub(super) fn provisioned(given: Option<&Given>, show_secrets: bool) -> Shown {
    let network = match given {
        None => return "Stopped without a network".into(),
        Some(Given::Wifi(network)) => network,
        Some(Given::Thread(dataset)) => {
            let shown = match dataset.expose() {
                bytes if show_secrets => format!("dataset {}", hex::encode(bytes)),
                bytes => format!("a dataset of {} bytes (--show-secrets shows it)", bytes.len()),
            };
            let name = clean(&dataset.to_string());
            return Shown::line(format!("Provisioned with \"{name}\", {shown}"));
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
    Shown::line(format!("Provisioned with \"{ssid}\", {passphrase}"))
}

/// A request to a virtual device, for firmware developers.
pub(super) fn request(request: &Request) -> Shown {
    let took = request.took.as_secs_f64() * 1000.0;
    let head = format!("#{} {} {} bytes", request.number, clean(&request.endpoint), request.bytes);
    Shown::line(match &request.response {
        Response::Replied(bytes, action) => {
            format!("{head} -> {bytes} bytes, {took:.1} ms: {action}")
        }
        Response::Http(status) => format!("{head} -> HTTP {status}"),
        Response::Closed(why) => format!("{head} -> connection closed: {why}"),
        Response::Silent(why) => format!("{head} -> no reply: {why}"),
        Response::Waits(why) => return waits(why),
    })
}

/// The text for requests that were left out of the log.
pub(super) fn requests_skipped(count: u64) -> Shown {
    let s = if count == 1 { "" } else { "s" };
    Shown::line(format!("{count} request{s} served but not logged, as the output was not read"))
}

/// The text for connections to virtual devices that have to wait.
pub(super) fn waits(why: &str) -> Shown {
    Shown::line(format!(
        "connections are waiting for a free socket ({why}); allow more with \
                         `ulimit -n`"
    ))
}

/// Text from a device for a line of ours.
pub(super) fn clean(text: &str) -> Shown {
    Shown::name(text)
}

#[cfg(test)]
mod tests {
    use protocomm::{Bssid, ExtPanId, commands::AuthMode};

    use super::*;
    use esp_prov::{HeardBy, shown::has_picture, transport::FoundPort};

    const NASTY: &str = "\u{1b}]52;c;eA==\u{7}\r\n\u{9b}31m\u{202e}\u{2028}\u{200b}\u{e0041}";

    #[test]
    fn what_is_not_needed_has_no_fault_to_fix() {
        let said = |verdict| {
            let (finding, fix) = ("none".to_owned(), "mend it".to_owned());
            let lines = check(&Check { check: "Way", verdict, finding, fix });
            lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        assert!(said(Verdict::NotNeeded).ends_with("  to use it: mend it"));
        assert!(said(Verdict::Problem).ends_with("  fix: mend it"));
    }

    fn device(name: &str) -> DiscoveredDevice {
        DiscoveredDevice {
            by: HeardBy::Ble,
            name: Some(name.to_owned()),
            address: "24:0A:C4:11:22:33".to_owned(),
            rssi: Some(-50),
            channel: None,
            encryption: None,
            service: None,
            provisions: true,
            heard_after: Duration::ZERO,
        }
    }

    fn network(name: &str) -> VisibleNetwork {
        VisibleNetwork {
            ssid: name.to_owned(),
            ssid_bytes: name.as_bytes().to_vec(),
            rssi: -50,
            channel: 6,
            bssid: None,
            auth_mode: AuthMode::WPA2_PSK,
            access_points: 2,
        }
    }

    fn thread_network(name: &str) -> ThreadNetwork {
        ThreadNetwork {
            pan_id: 1,
            channel: 15,
            rssi: -50,
            lqi: 0,
            ext_addr: Vec::new(),
            name: name.to_owned(),
            ext_pan_id: Some(ExtPanId([1; 8])),
        }
    }

    #[test]
    fn what_a_c_string_may_have_cut_is_shown_with_that_doubt() {
        let told = |ssid: &[u8], bssid| {
            let connection = WifiConnection {
                ip: "10.0.0.7".to_owned(),
                ssid: ssid.to_vec(),
                bssid: Some(Bssid(bssid)),
                channel: 6,
                auth_mode: AuthMode::OPEN,
            };
            let json = serde_json::to_value(&connection).expect("JSON");
            let [line] = &outcome(&Outcome::Connected { connection })[..] else { panic!("a line") };
            (line.to_string(), json["bssid"].as_str().expect("text").to_owned())
        };
        let (line, json) = told(b"Home", [0x24, 0x0a, 0, 0x11, 0x22, 0x33]);
        assert_eq!(
            line,
            "Connected: 10.0.0.7 on \"Home\", BSSID 24:0a:00:??:??:??, channel 6, Open"
        );
        assert_eq!(json, "24:0a:00:??:??:??");
        let (line, _) = told(b"Ho\0me", [0x24, 0x0a, 1, 0x11, 0x22, 0x33]);
        let shown = "on \"Ho\" (cut off at byte 00), BSSID 24:0a:01:11:22:33,";
        assert!(line.contains(shown), "{line}");
    }

    #[test]
    fn lists_and_choices_are_of_names_that_drive_nothing() {
        for name in [NASTY.to_owned(), NASTY.repeat(1000)] {
            let port =
                FoundPort { port: name.clone(), usb: Some((1, 2)), product: Some(name.clone()) };
            let mut lines = vec![
                nearby_choice(&device(&name)),
                choice(&network(&name)),
                thread_choice(&thread_network(&name)),
                Shown::name(port.to_string()),
            ];
            lines.extend(nearby(&[device(&name)]));
            lines.extend(table(&[network(&name)]));
            lines.extend(thread_table(&[thread_network(&name)]));
            for line in lines {
                assert!(line.as_str().chars().all(has_picture), "{line}");
                assert!(line.as_str().chars().count() < 350, "{line}");
            }
        }
    }

    #[test]
    fn networks_of_any_kind_and_band_stand_in_one_column() {
        let network = |name: &str, kind: i32, channel: u32| VisibleNetwork {
            auth_mode: AuthMode(kind),
            channel,
            access_points: 1,
            ..network(name)
        };
        let lines = table(&[
            network("Office", 5, 6),
            network(" Home ", 3, 36),
            network("Guest", 0, 11),
            network("Mall", 15, 1),
        ]);
        let names = ["Office", "\" Home \"", "Guest", "Mall"];
        let columns = lines.iter().zip(names).map(|(line, name)| {
            let before = line.as_str().strip_suffix(name).expect(name);
            Shown::whole(before).width()
        });
        let columns: Vec<_> = columns.collect();
        assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{lines:?}");
    }

    #[test]
    fn names_that_are_wide_or_have_marks_shift_no_column() {
        let names = ["PROV_1", "東京", "cafe\u{301}", "\u{1f600}", " PROV", "\u{202e}"];
        let lines = nearby(&names.map(device));
        let column = |line: &Shown| {
            let (before, _) = line.as_str().split_once("24:0A").expect("the address");
            Shown::whole(before).width()
        };
        let columns: Vec<_> = lines.iter().map(column).collect();
        assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{lines:?}");
        assert!(lines[4].as_str().contains("\" PROV\""), "{}", lines[4]);
    }
}
