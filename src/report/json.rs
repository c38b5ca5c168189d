//! One JSON object per line. The schema is in the README; `schema` counts its incompatible
//! versions.

use std::{net::SocketAddr, time::Duration};

use protocomm::device::WifiConfig;
use serde::Serialize;
use serde_json::{Value, json};

use super::Problem;
use crate::{
    event::Event,
    simulate::{Request, Response, Settings},
};

const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Line<T> {
    schema: u32,
    elapsed_ms: u128,
    #[serde(flatten)]
    event: T,
}

fn line(event: impl Serialize, elapsed: Duration) -> String {
    let line = Line { schema: SCHEMA, elapsed_ms: elapsed.as_millis(), event };
    // Strings, numbers and maps with string keys always serialise.
    serde_json::to_string(&line).unwrap_or_default() + "\n"
}

pub(super) fn event(event: &Event, elapsed: Duration) -> String {
    line(event, elapsed)
}

pub(super) fn problem(problem: &Problem, elapsed: Duration) -> String {
    let fields = json!({
        "event": "failed",
        "stage": problem.stage,
        "error": problem.message,
        "hint": problem.hint,
        "exit_code": problem.exit.code,
    });
    line(fields, elapsed)
}

pub(super) fn listening(address: SocketAddr, settings: &Settings, elapsed: Duration) -> String {
    let fields = json!({
        "event": "listening",
        "address": address.to_string(),
        "persona": settings.persona.name(),
        "security": settings.scheme,
    });
    line(fields, elapsed)
}

pub(super) fn provisioned(
    network: Option<&WifiConfig>,
    show_secrets: bool,
    elapsed: Duration,
) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut fields = json!({
        "event": "provisioned",
        "ssid": network.map(|network| text(&network.ssid)),
        "passphrase_bytes": network.map(|network| network.passphrase.len()),
    });
    if show_secrets && let Some(network) = network {
        fields["passphrase"] = Value::String(text(network.passphrase.expose()));
    }
    line(fields, elapsed)
}

pub(super) fn request(request: &Request, elapsed: Duration) -> String {
    let (reply_bytes, what) = match &request.response {
        Response::Replied(bytes, action) => (Some(*bytes), action.to_string()),
        Response::Http(status) => (None, format!("HTTP {status}")),
        Response::Closed(why) => (None, format!("closed: {why}")),
    };
    let fields = json!({
        "event": "request",
        "number": request.number,
        "endpoint": request.endpoint,
        "request_bytes": request.bytes,
        "reply_bytes": reply_bytes,
        "took_us": request.took.as_micros(),
        "what": what,
    });
    line(fields, elapsed)
}
