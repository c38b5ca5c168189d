//! Writes one JSON object per line. The format is described in docs/json.md; only incompatible
//! changes raise the number in `schema`.

use std::{mem, net::SocketAddr, time::Duration};

use esp_prov::{
    Event, Stage,
    shown::{self, Json, REDACTED, shows_secret},
};
use esp_prov_simulate::{Given, Request, Response, Settings, Tally};
use protocomm::{ExtPanId, Scheme};
use serde::Serialize;
use serde_json::Value;

use super::{ListenAddress, Problem};
use crate::{doctor::Check, exit};

const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Line<T> {
    schema: u32,
    elapsed_ms: u128,
    #[serde(flatten)]
    event: T,
}

pub(super) fn line(event: impl Serialize, elapsed: Duration) -> Json {
    let line = Line { schema: SCHEMA, elapsed_ms: elapsed.as_millis(), event };
    let Ok(mut value) = serde_json::to_value(&line) else { return shown::json(&line) };
    hide_secrets(&mut value, false);
    shown::json(&value)
}

/// The members that contain text from a device. The rest is our own, or was cleaned before.
const OUTSIDE: [&str; 10] = [
    "access_point",
    "applications",
    "capabilities",
    "endpoints",
    "heard",
    "ip",
    "name",
    "ssid",
    "ssid_hex",
    "version",
];

/// Hides text from a device that contains one of our secrets.
fn hide_secrets(value: &mut Value, is_outside: bool) {
    match value {
        Value::String(text) if is_outside && shows_secret(text) => REDACTED.clone_into(text),
        Value::Array(values) => {
            for value in values {
                hide_secrets(value, is_outside);
            }
        }
        Value::Object(members) => {
            let hides = members.get("ssid").and_then(Value::as_str).is_some_and(shows_secret);
            let each = mem::take(members).into_iter().map(|(name, mut value)| {
                hide_secrets(&mut value, is_outside || OUTSIDE.contains(&name.as_str()));
                match name {
                    name if hides && name == "ssid_hex" => (name, hex::encode(REDACTED).into()),
                    name if is_outside && shows_secret(&name) => (REDACTED.to_owned(), value),
                    name => (name, value),
                }
            });
            *members = each.collect();
        }
        _ => {}
    }
}

/// A line of a trace, which has a format of its own.
pub(super) fn trace_line(line: &impl Serialize) -> Json {
    // Strings, numbers and maps with string keys can always be serialised.
    Json::whole(line).unwrap_or_default()
}

pub(super) fn event(event: &Event, elapsed: Duration) -> Json {
    line(exit::EventJson::of(event), elapsed)
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Other<'a> {
    Failed {
        stage: Option<Stage>,
        error: &'a str,
        hint: &'a str,
        exit_code: u8,
    },
    Listening {
        address: String,
        persona: &'static str,
        security: Scheme,
        label: Option<&'a str>,
    },
    FarmListening {
        addresses: &'a [SocketAddr],
        persona: &'static str,
        security: Scheme,
    },
    FarmEnded {
        #[serde(flatten)]
        tally: Tally,
    },
    SecretsMade {
        devices: usize,
        sheets: Option<usize>,
    },
    Provisioned {
        #[serde(flatten)]
        network: Provisioned,
    },
    Checked {
        #[serde(flatten)]
        check: &'a Check,
    },
    Request {
        number: u64,
        endpoint: &'a str,
        request_bytes: usize,
        reply_bytes: Option<usize>,
        took_us: u128,
        what: String,
    },
    RequestsSkipped {
        count: u64,
    },
}

/// The event for requests that were left out of the log.
pub(super) fn requests_skipped(count: u64, elapsed: Duration) -> Json {
    line(Other::RequestsSkipped { count }, elapsed)
}

pub(super) fn check(check: &Check, elapsed: Duration) -> Json {
    line(Other::Checked { check }, elapsed)
}

pub(super) fn problem(problem: &Problem, elapsed: Duration) -> Json {
    let event = Other::Failed {
        stage: problem.stage,
        error: &problem.message,
        hint: &problem.hint,
        exit_code: problem.exit.code,
    };
    line(event, elapsed)
}

pub(super) fn listening(
    at: &ListenAddress,
    settings: &Settings,
    label: Option<&str>,
    elapsed: Duration,
) -> Json {
    let address = match at {
        ListenAddress::Socket(address) | ListenAddress::Replay(address) => address.to_string(),
        ListenAddress::Terminal(path) => path.clone(),
    };
    let persona = settings.persona.name();
    line(Other::Listening { address, persona, security: settings.scheme, label }, elapsed)
}

pub(super) fn farm_listens(at: &[SocketAddr], settings: &Settings, elapsed: Duration) -> Json {
    let (persona, security) = (settings.persona.name(), settings.scheme);
    line(Other::FarmListening { addresses: at, persona, security }, elapsed)
}

pub(super) fn secrets_made(devices: usize, sheets: Option<usize>, elapsed: Duration) -> Json {
    line(Other::SecretsMade { devices, sheets }, elapsed)
}

pub(super) fn farm_ended(tally: Tally, elapsed: Duration) -> Json {
    line(Other::FarmEnded { tally }, elapsed)
}

/// The network that a virtual device was given. Its secrets are included only if requested.
#[derive(Serialize)]
#[serde(tag = "network", rename_all = "lowercase")]
enum Provisioned {
    Wifi {
        ssid: String,
        passphrase_bytes: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        passphrase: Option<String>,
    },
    Thread {
        name: Option<String>,
        ext_pan_id: Option<ExtPanId>,
        dataset_bytes: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        dataset: Option<String>,
    },
    None,
}

pub(super) fn provisioned(given: Option<&Given>, show_secrets: bool, elapsed: Duration) -> Json {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let network = match given {
        None => Provisioned::None,
        Some(Given::Wifi(network)) => Provisioned::Wifi {
            ssid: text(&network.ssid),
            passphrase_bytes: network.passphrase.len(),
            passphrase: show_secrets.then(|| text(network.passphrase.expose())),
        },
        Some(Given::Thread(dataset)) => Provisioned::Thread {
            name: dataset.name(),
            ext_pan_id: dataset.ext_pan_id(),
            dataset_bytes: dataset.expose().len(),
            dataset: show_secrets.then(|| hex::encode(dataset.expose())),
        },
    };
    line(Other::Provisioned { network }, elapsed)
}

pub(super) fn request(request: &Request, elapsed: Duration) -> Json {
    let (reply_bytes, what) = match &request.response {
        Response::Replied(bytes, action) => (Some(*bytes), action.to_string()),
        Response::Http(status) => (None, format!("HTTP {status}")),
        Response::Closed(why) => (None, format!("closed: {why}")),
        Response::Silent(why) => (None, format!("no reply: {why}")),
        Response::Waits(why) => (None, format!("waits: {why}")),
    };
    let event = Other::Request {
        number: request.number,
        endpoint: &request.endpoint,
        request_bytes: request.bytes,
        reply_bytes,
        took_us: request.took.as_micros(),
        what,
    };
    line(event, elapsed)
}
