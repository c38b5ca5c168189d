//! Describes a device in words, for `info`.

use std::time::Duration;

use esp_prov::{
    Assessment, Info, MissingInput,
    shown::Shown,
    transport::{EndpointList, EndpointLocation},
};
use protocomm::Capabilities;

use super::words::clean;

/// The meanings of capabilities (`manager.c`, ESP-IDF v3.3 to v5.5 and network_provisioning 1.2.4).
const MEANINGS: [(&str, &str); 6] = [
    ("no_sec", "has no encryption"),
    ("no_pop", "needs no proof of possession"),
    ("wifi_prov", "takes a Wi-Fi network"),
    ("thread_prov", "takes a Thread network"),
    ("wifi_scan", "lists the Wi-Fi networks it sees"),
    ("thread_scan", "lists the Thread networks it sees"),
];

/// One or more lines for each thing that is known.
pub(super) fn device(info: &Info) -> Vec<Shown> {
    let Info { capabilities, endpoint_list, round_trips, assessment, .. } = info;
    let mut lines = said(capabilities);
    lines.extend(endpoints(endpoint_list));
    let shown = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    lines.push((
        "Round trip",
        format!(
            "min {}, median {}, max {}, of {}",
            shown(round_trips.min),
            shown(round_trips.median),
            shown(round_trips.max),
            round_trips.count
        ),
    ));
    lines.extend(ahead(assessment, capabilities.security().is_some()));
    lines.into_iter().map(|(name, text)| Shown::line(format!("{name:12} {text}"))).collect()
}

fn said(device: &Capabilities) -> Vec<(&'static str, String)> {
    let version = device.version.as_deref().map_or("not reported".into(), clean);
    let form = if device.structured { "" } else { " (plain text, no JSON)" };
    let version = format!("{version}{form}");
    let security = match (device.security(), device.sec_ver) {
        (Some(2), _) => format!("2, patch level {}", device.sec_patch_ver),
        (Some(security), Some(_)) => security.to_string(),
        (Some(security), None) => format!("{security}, by its capabilities"),
        (None, _) => "not reported".to_owned(),
    };
    let mut lines = vec![("Version", version), ("Security", security)];
    match &device.capabilities {
        None => lines.push(("Capabilities", "not reported".to_owned())),
        Some(list) if list.is_empty() => lines.push(("Capabilities", "none".to_owned())),
        Some(list) => {
            for (index, one) in list.iter().enumerate() {
                let meaning = MEANINGS.iter().find(|(name, _)| name == one);
                let meaning = meaning.map_or("unknown to this tool", |(_, meaning)| meaning);
                let name = if index == 0 { "Capabilities" } else { "" };
                lines.push((name, format!("{}: {meaning}", clean(one))));
            }
        }
    }
    for (name, application) in &device.applications {
        let version = application.version.as_deref().unwrap_or("no version");
        let list = application.capabilities.join(" ");
        let text = format!("{}: {} {}", clean(name), clean(version), clean(&list));
        lines.push(("Application", text.trim_end().to_owned()));
    }
    lines
}

fn endpoints(list: &EndpointList) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let mut name = "Endpoints";
    match &list.endpoints {
        None => lines.push((name, "can't be listed over this transport".to_owned())),
        Some(locations) if locations.is_empty() => lines.push((name, "none found".to_owned())),
        Some(locations) => {
            for location in locations {
                lines.push((name, one(location)));
                name = "";
            }
        }
    }
    lines.extend(list.mtu.map(|mtu| ("MTU", format!("{mtu} bytes"))));
    lines
}

fn one(location: &EndpointLocation) -> String {
    match location {
        EndpointLocation::Uri { uri, .. } => clean(uri).to_string(),
        EndpointLocation::Command { endpoint } => clean(endpoint).to_string(),
        EndpointLocation::Characteristic {
            endpoint,
            service,
            uuid,
            handle,
            properties,
            descriptors,
        } => {
            let endpoint = clean(endpoint.as_deref().unwrap_or("(none)"));
            let mut text = format!("{endpoint:12} {uuid} of {service}");
            if let Some(handle) = handle {
                text = format!("{text}, handle {handle:#06x}");
            }
            if !properties.is_empty() {
                text = format!("{text}, {}", properties.join(" "));
            }
            let short = |uuid: &uuid::Uuid| format!("{:#06x}", uuid.as_u128() >> 96);
            let descriptors: Vec<_> = descriptors.iter().map(short).collect();
            if !descriptors.is_empty() {
                text = format!("{text}, described by {}", descriptors.join(" "));
            }
            text
        }
    }
}

fn ahead(assessment: &Assessment, is_told: bool) -> Vec<(&'static str, String)> {
    let plan = match (&assessment.refuses, assessment.security) {
        (Some(why), _) => format!("none: {}", clean(why)),
        (None, Some(security)) => {
            let and = match assessment.takes_network {
                Some(true) => format!("and give it a {} network", assessment.network),
                Some(false) => "for its application only".to_owned(),
                None => format!("and try to give it a {} network", assessment.network),
            };
            format!("open a session with security {security} {and}")
        }
        (None, None) => "none".to_owned(),
    };
    let needs = match (assessment.needs, &assessment.refuses) {
        (Some(MissingInput::ProofOfPossession), _) => {
            "the proof of possession: --pop, --pop-file, ESP_PROV_POP or --qr"
        }
        (Some(MissingInput::Login), _) => {
            "user name and password: --sec2-username and --sec2-pwd, --sec2-pwd-file or \
             ESP_PROV_SEC2_PWD"
        }
        (None, Some(_)) if is_told => "the right secret and scheme, or the device that has them",
        (None, Some(_)) => "--sec-ver; firmware this old mostly has 1",
        (None, None) => "no more secrets",
    };
    let can = |yes: Option<bool>| match yes {
        Some(true) => "supported",
        Some(false) => "not supported",
        None => "unknown before a session",
    };
    // Asking would end provisioning on a device that has joined: it leaves once it has reported
    // that.
    let has_network = match assessment.takes_network {
        Some(false) => "takes none: it has no prov-config",
        _ => "unknown before a session: `esp-prov-rs status` asks",
    };
    vec![
        ("Network", has_network.to_owned()),
        ("Plan", plan),
        ("Required", needs.to_owned()),
        ("Scan", can(assessment.scans).to_owned()),
        ("Reset", can(assessment.resets).to_owned()),
    ]
}
