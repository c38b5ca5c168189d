//! Who watches a run: everything that is written, without a secret, and no keystream twice.

use std::sync::{Mutex, MutexGuard, PoisonError};

use esp_prov::{Event, Observer, exchange::ExchangeRecord};
use esp_prov_simulate::VirtualDevice;
use tokio::time::Instant;

use super::{ONE_JOIN, SECRETS, SESSION_ENDS, holds, scenario::Fault};
use crate::{
    Transcript, Violation,
    keystreams::{self, Keystreams},
};

/// What must not be seen in anything that is written.
pub(super) struct Needle {
    what: &'static str,
    text: String,
    hex: String,
}

impl Needle {
    pub(super) fn new(what: &'static str, secret: &str) -> Self {
        Self { what, text: secret.to_owned(), hex: hex::encode(secret) }
    }
}

/// Sees everything.
pub(super) struct Watch {
    device: VirtualDevice,
    began: Instant,
    needles: Vec<Needle>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    transcript: Transcript,
    violation: Option<(&'static str, String)>,
    tampered: bool,
    exchanges: u64,
    questions: u32,
    /// The last exchange of a session has failed.
    is_over: bool,
    keystreams: Keystreams,
    joins: u32,
    joined_at: Option<Instant>,
    /// It can join what it was told to join.
    holds: bool,
}

impl Watch {
    pub(super) fn new(device: &VirtualDevice, needles: Vec<Needle>) -> Self {
        let seen = Seen { joins: device.joins(), holds: holds(device, None), ..Seen::default() };
        Self { device: device.clone(), began: Instant::now(), needles, seen: Mutex::new(seen) }
    }

    /// Writes something down.
    pub(super) fn write(&self, line: &str) {
        self.look(line);
        let at = self.began.elapsed();
        self.seen().transcript.push(format!("{:>9.3} {line}", at.as_secs_f64()));
    }

    /// Looks for secrets.
    pub(super) fn look(&self, written: &str) {
        for Needle { what, text, hex } in &self.needles {
            if written.contains(text.as_str()) || written.contains(hex.as_str()) {
                self.violates(SECRETS, format!("the {what} in {written:?}"));
            }
        }
    }

    /// A fault strikes.
    pub(super) fn struck(&self, number: usize, fault: Fault) {
        self.write(&format!("({fault:?} at exchange {number})"));
        self.seen().tampered |= fault.tampers();
    }

    /// Something that must never be; the first one counts.
    pub(super) fn violates(&self, invariant: &'static str, what: String) {
        self.seen().violation.get_or_insert((invariant, what));
    }

    /// Whether what arrived may have been something else than what was sent.
    pub(super) fn has_been_tampered_with(&self) -> bool {
        self.seen().tampered
    }

    /// How often somebody was asked.
    pub(super) fn questions(&self) -> u32 {
        self.seen().questions
    }

    /// When the device was told to join, as far as that was noticed.
    pub(super) fn joined_at(&self) -> Option<Instant> {
        self.note_join();
        self.seen().joined_at
    }

    /// A new run has new sessions.
    pub(super) fn begin(&self) {
        let mut seen = self.seen();
        seen.is_over = false;
        seen.questions = 0;
    }

    /// What was seen until now.
    pub(super) fn so_far(&self) -> Result<(), Violation> {
        let seen = self.seen();
        match &seen.violation {
            None => Ok(()),
            Some((invariant, what)) => Err(Violation {
                invariant,
                seen: what.clone(),
                transcript: seen.transcript.clone(),
            }),
        }
    }

    /// All of it.
    pub(super) fn transcript(&self) -> Transcript {
        self.seen().transcript.clone()
    }

    fn note_join(&self) {
        let joins = self.device.joins();
        let mut seen = self.seen();
        if joins != seen.joins {
            if joins > seen.joins + 1 || (joins > seen.joins && seen.holds) {
                let what = format!("{joins} joins after {}", seen.joins);
                seen.violation.get_or_insert((ONE_JOIN, what));
            }
            seen.joins = joins;
            seen.holds = holds(&self.device, None);
            seen.joined_at = (joins > 0).then(Instant::now);
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Watch {
    fn notify(&self, event: Event) {
        self.note_join();
        if event == Event::Asking {
            self.seen().questions += 1;
        }
        match serde_json::to_string(&event) {
            Ok(json) => self.write(&json),
            Err(error) => self.violates("events can be written", error.to_string()),
        }
    }

    fn exchanged(&self, exchange: &ExchangeRecord<'_>) {
        let number = {
            let mut seen = self.seen();
            seen.exchanges += 1;
            seen.exchanges
        };
        let traced = esp_prov_trace::record(number, exchange, false);
        match serde_json::to_string(&traced) {
            Ok(json) => self.look(&json),
            Err(error) => self.violates("traces can be written", error.to_string()),
        }
        let is_sealed = exchange.request.as_ref().is_some_and(|body| body.sealed);
        if is_sealed {
            if self.seen().is_over {
                let what = format!("a sealed request to {} after one failed", exchange.endpoint);
                self.violates(SESSION_ENDS, what);
            }
            let is_new = self.seen().keystreams.are_new(exchange);
            if !is_new {
                let what = "two messages under the same keystream".to_owned();
                self.seen().violation.get_or_insert((keystreams::ONCE, what));
            }
        }
        let is_handshake = exchange.credentials.is_some();
        if is_sealed || is_handshake {
            self.seen().is_over = exchange.failure.is_some();
        }
        self.notify(Event::Exchange(exchange.into()));
    }
}
