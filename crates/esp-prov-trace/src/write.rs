//! Writing a trace.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    time::SystemTime,
};

use esp_prov::{
    exchange::{Body, ExchangeRecord},
    shown::Json,
};
use esp_prov_input::files;
use protocomm::{
    Credentials, Endpoint,
    tree::{Direction, Message},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Failed, Head, Part, Record, Secrets};

/// Writes a trace, one line for each exchange.
#[derive(Debug)]
pub struct Tracer {
    file: File,
    secrets: bool,
    exchanges: u64,
}

impl Tracer {
    /// Creates the file, readable by its owner only, and writes the first line.
    ///
    /// # Errors
    /// Those of the system.
    pub fn create(path: &Path, address: &str, secrets: bool) -> io::Result<Self> {
        let file = files::create_private(path)?;
        let mut tracer = Self { file, secrets, exchanges: 0 };
        tracer.line(&Head::new(address, secrets))?;
        Ok(tracer)
    }

    /// Continues a trace that has this many exchanges, without secrets.
    pub(super) fn resume(path: &Path, exchanges: u64) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).open(path)?;
        Ok(Self { file, secrets: false, exchanges })
    }

    /// Writes an exchange that has just ended.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write(&mut self, tapped: &ExchangeRecord<'_>) -> io::Result<()> {
        self.exchanges += 1;
        let mut record = record(self.exchanges, tapped, self.secrets);
        record.time = Some(now());
        self.line(&record)
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        // All at once, so only the last line can ever be incomplete.
        self.file.write_all(Json::whole(line)?.as_bytes())
    }
}

pub(super) fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

/// Makes the record of an exchange, with or without secrets.
pub fn record(exchange: u64, tapped: &ExchangeRecord<'_>, secrets: bool) -> Record {
    let of = |direction, body: &Body<'_>| {
        part(tapped.endpoint, tapped.repeats_nonce, direction, body, secrets)
    };
    Record {
        exchange,
        packet: None,
        time: None,
        endpoint: tapped.endpoint.to_owned(),
        before: tapped.before,
        after: tapped.after,
        security: tapped.scheme.map(protocomm::Scheme::number),
        repeats_nonce: tapped.repeats_nonce,
        took_us: tapped.took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
        request: tapped.request.as_ref().map(|body| of(Direction::Request, body)),
        reply: tapped.reply.as_ref().map(|body| of(Direction::Reply, body)),
        failure: tapped.failure.map(|failure| Failed {
            kind: failure.kind.to_owned(),
            error: failure.words.to_string(),
            http_status: failure.http_status,
        }),
        credentials: tapped.credentials.filter(|_| secrets).and_then(secrets_of),
    }
}

pub(super) fn part(
    endpoint: &str,
    repeats_nonce: bool,
    direction: Direction,
    body: &Body<'_>,
    secrets: bool,
) -> Part {
    let schema = Message::of(endpoint, direction);
    let tree = body.plain.zip(schema).map(|(plain, message)| message.read(plain));
    let is_version = endpoint == Endpoint::VERSION.as_str();
    let gives_away = match &tree {
        // If all messages have one nonce, those that anybody can guess decrypt the others.
        _ if body.sealed => repeats_nonce,
        // A request that is invalid may have its secret anywhere.
        Some(tree) => {
            tree.holds_secrets() || direction == Direction::Request && tree.trouble().is_some()
        }
        // A message of an application, which may contain anything.
        None => !is_version,
    };
    let message = match (&tree, body.plain) {
        (Some(tree), _) if secrets => serde_json::to_value(tree.revealed()).ok(),
        (Some(tree), _) => serde_json::to_value(tree.redacted()).ok(),
        (None, Some(plain)) if is_version || secrets => Some(raw(plain)),
        (None, Some(plain)) => Some(json!({ "redacted_bytes": plain.len() })),
        (None, None) => None,
    };
    Part {
        size: body.wire.len(),
        sealed: body.sealed,
        bytes: (secrets || !gives_away).then(|| hex::encode(body.wire)),
        plain: body.plain.filter(|_| secrets && body.sealed).map(hex::encode),
        message,
    }
}

/// Bytes without a schema: as text if they are text, otherwise in hexadecimal.
fn raw(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(|char| char.is_control() && !char.is_whitespace()) => {
            json!(text)
        }
        _ => json!({ "hex": hex::encode(bytes) }),
    }
}

fn secrets_of(credentials: &Credentials) -> Option<Secrets> {
    let none = Secrets { pop: None, username: None, password: None };
    match credentials {
        Credentials::Sec0 => None,
        Credentials::Sec1 { pop } => Some(Secrets { pop: Some(hex::encode(pop.expose())), ..none }),
        Credentials::Sec2 { username, password, .. } => Some(Secrets {
            username: Some(username.as_str().to_owned()),
            password: Some(hex::encode(password.expose())),
            ..none
        }),
    }
}
