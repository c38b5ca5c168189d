//! What must hold whatever a device says.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use esp_prov::{
    Cause, Error, Event, JoinState, Observer, Outcome, Scheme, Stage,
    exchange::ExchangeRecord,
    shown::{Json, json},
};
use esp_prov_rs::exit;
use esp_prov_trace::record;
use prost::Message;
use protocomm::wire::{
    NetworkConfigPayload, NetworkCtrlPayload, NetworkScanPayload, SessionData,
    network_config_payload::Payload as Config, network_scan_payload::Payload as ScanReply,
    resp_get_thread_status, resp_get_wifi_status, sec0_payload, sec1_payload, sec2_payload,
    session_data::Proto,
};

use super::{
    Task,
    device::{Liar, Turn},
};
use crate::{
    Transcript, Violation,
    keystreams::{self, Keystreams},
};

/// What a device is to join, and what that takes.
pub(super) const NETWORK: (&str, &str) = ("Home", "correct-horse");

/// Of `Home-Thread`, in hexadecimal.
const THREAD_KEY: &str = "00112233445566778899aabbccddeeff";

/// More exchanges than any run has a reason for: a page each of the longest list, and a join that
/// is watched to the end.
const MOST_TURNS: usize = 1_000;

/// Watches everything that is told.
pub(super) struct Witness<'a> {
    device: &'a Liar,
    scheme: Scheme,
    /// The name of the network.
    network: &'static str,
    secrets: Vec<String>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    transcript: Transcript,
    broken: Option<(&'static str, String)>,
    exchanges: u64,
    keystreams: Keystreams,
    /// The first turn of the task.
    first: usize,
}

impl<'a> Witness<'a> {
    pub(super) fn new(
        device: &'a Liar,
        scheme: Scheme,
        secret: &str,
        (network, passphrase): (&'static str, &str),
    ) -> Self {
        let mut secrets: Vec<String> = [secret, passphrase]
            .iter()
            .filter(|text| !text.is_empty())
            .flat_map(|text| [(*text).to_owned(), hex::encode(text)])
            .collect();
        secrets.push(THREAD_KEY.to_owned());
        Self { device, scheme, network, secrets, seen: Mutex::default() }
    }

    pub(super) fn begins(&self, task: Task) {
        let mut seen = self.seen();
        seen.first = self.device.turn_count();
        seen.transcript.push(format!("{task:?}"));
    }

    pub(super) fn is_broken(&self) -> bool {
        self.seen().broken.is_some()
    }

    pub(super) fn verdict(&self) -> Result<Transcript, Violation> {
        let seen = std::mem::take(&mut *self.seen());
        match seen.broken {
            None => Ok(seen.transcript),
            Some((invariant, what)) => {
                Err(Violation { invariant, seen: what, transcript: seen.transcript })
            }
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn must(&self, invariant: &'static str, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.seen().broken.get_or_insert_with(|| (invariant, what()));
        }
    }

    /// What may be written somewhere.
    fn shown(&self, text: &str) {
        self.must("nothing is shown raw", !text.contains(is_obeyed), || format!("{text:?}"));
        let found = self.secrets.iter().find(|secret| text.contains(*secret));
        self.must("no secret is told", found.is_none(), || format!("{found:?} in {text}"));
    }

    fn line(&self, json: &Json) {
        self.shown(json.trim_end_matches('\n'));
    }

    /// What came of a task.
    pub(super) fn ended(
        &self,
        task: Task,
        result: &Result<Outcome, Error>,
        took: Duration,
        limit: Duration,
    ) {
        let first = self.seen().first;
        let turns = self.device.turns();
        let (turns, all) = (&turns[first..], &turns);
        let within = limit + Duration::from_secs(5);
        self.must("a run ends within its limits", took <= within, || format!("{took:?}"));
        let count = turns.len();
        self.must("a run ends within its limits", count <= MOST_TURNS, || format!("{count} turns"));
        for pair in turns.windows(2) {
            let [forged, next] = pair else { continue };
            let begins = ["proto-ver", "prov-session"].contains(&next.endpoint.as_str());
            self.must("a session is over after a forgery", !forged.is_forged || begins, || {
                format!("{forged:?}, then {next:?}")
            });
        }
        match result {
            Ok(outcome) => {
                self.line(&json(outcome));
                let granted = is_granted(task, outcome, self.network, turns, all);
                self.must("no success that the device did not grant", granted, || {
                    format!("{outcome:?} after {:?}", turns.last())
                });
            }
            Err(error) => {
                self.explained(error, turns);
                let is_honest =
                    |turn: &Turn| turn.told == turn.honest && !turn.is_forged && !turn.is_unasked;
                let blames = matches!(error.cause, Cause::Session(_) | Cause::Handshake(_));
                let holds = !blames || !turns.iter().all(is_honest);
                self.must("what is honest is read", holds, || error.to_string());
            }
        }
        self.seen().transcript.push(match result {
            Ok(outcome) => format!("{outcome:?}"),
            Err(error) => format!("{error}"),
        });
    }

    /// An error names its stage and its cause, and what to do.
    fn explained(&self, error: &Error, turns: &[Turn]) {
        let text = error.to_string();
        self.must("an error can be shown", text.len() < 1500, || text.clone());
        self.shown(&text);
        self.must(
            "an error has a cause",
            text.len() > error.stage.name().len() + 2 && !text.contains('\n'),
            || text.clone(),
        );
        let (exit, hint) = exit::of_error(error);
        self.shown(&hint);
        // One that says that it wants a secret is believed: there is none to give.
        let wants = matches!(error.cause, Cause::ProofMissing | Cause::LoginMissing);
        let has_code = exit.code >= 10 || wants && exit == exit::Exit::INPUT;
        self.must("an error has a code and a hint", has_code && !hint.is_empty(), || {
            format!("{}: {hint}", exit.code)
        });
        let Some(last) = turns.last() else { return };
        if !matches!(error.cause, Cause::Session(_) | Cause::Handshake(_) | Cause::Refusal(_)) {
            return;
        }
        // What a scan was answered tells more than the silence of the session after it.
        let is_earlier = error.stage == Stage::Scan && last.is_silent;
        let mut at = turns.iter().rev().take(if is_earlier { usize::MAX } else { 1 });
        self.must(
            "an error is of the stage it happened at",
            at.any(|turn| stages(turn).contains(&error.stage)),
            || format!("{text} after {}", last.endpoint),
        );
    }
}

impl Observer for Witness<'_> {
    fn notify(&self, event: Event) {
        self.line(&json(&event));
        if let Event::Established { security } = &event {
            let turns = self.device.turns();
            self.must(
                "no session without the device's proof",
                *security == self.scheme && is_proved(self.scheme, &turns),
                || format!("{:?}", &turns[turns.len().saturating_sub(2)..]),
            );
        }
        let line = match &event {
            Event::Exchange(exchange) => {
                format!("{} {} {:?}", exchange.endpoint, exchange.sent, exchange.received)
            }
            other => format!("{other:?}"),
        };
        self.seen().transcript.push(line);
    }

    fn exchanged(&self, exchange: &ExchangeRecord<'_>) {
        let nth = {
            let mut seen = self.seen();
            seen.exchanges += 1;
            seen.exchanges
        };
        let traced = Json::whole(&record(nth, exchange, false));
        self.line(&traced.expect("a record can be written"));
        let is_new = self.seen().keystreams.are_new(exchange);
        self.must(keystreams::ONCE, is_new, || {
            format!("exchange {nth} with {}", exchange.endpoint)
        });
        self.notify(Event::Exchange(exchange.into()));
    }
}

/// Where an error may be when this came last.
fn stages(turn: &Turn) -> &'static [Stage] {
    match turn.endpoint.as_str() {
        "prov-session" => &[Stage::Handshake, Stage::Proof],
        "prov-scan" => &[Stage::Scan],
        "prov-ctrl" => &[Stage::Reset],
        "prov-config" => {
            &[Stage::Set, Stage::Apply, Stage::Join, Stage::Status, Stage::Scan, Stage::Reset]
        }
        _ => &[Stage::Custom],
    }
}

/// What a terminal obeys, or turns the others around.
fn is_obeyed(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whether the last handshake proved that the device holds the secret: what it said there is what
/// an honest one would have said, as far as that counts.
fn is_proved(scheme: Scheme, turns: &[Turn]) -> bool {
    let mut session = turns.iter().rev().filter(|turn| turn.endpoint.as_str() == "prov-session");
    let read = |turn: &Turn| {
        let read = |bytes: &[u8]| SessionData::decode(bytes).ok()?.proto;
        Some((read(&turn.told)?, read(&turn.honest)?))
    };
    let last = session.next().and_then(read);
    match scheme {
        Scheme::Sec0 => matches!(
            last,
            Some((Proto::Sec0(told), _))
                if told.msg == 1
                    && matches!(&told.payload, Some(sec0_payload::Payload::Sr(ack)) if ack.status == 0)
        ),
        Scheme::Sec1 => {
            let Some((Proto::Sec1(told), Proto::Sec1(honest))) = last else { return false };
            let keys = session.next().and_then(read);
            let Some((Proto::Sec1(keys), Proto::Sec1(honest_keys))) = keys else { return false };
            let of = |message: &protocomm::wire::Sec1Payload| match &message.payload {
                Some(sec1_payload::Payload::Sr0(keys)) => (keys.status == 0 && message.msg == 1)
                    .then(|| [keys.device_pubkey.clone(), keys.device_random.clone()].concat()),
                Some(sec1_payload::Payload::Sr1(proof)) => (proof.status == 0 && message.msg == 3)
                    .then(|| proof.device_verify_data.clone()),
                _ => None,
            };
            [(told, honest), (keys, honest_keys)]
                .iter()
                .all(|(told, honest)| of(told).is_some() && of(told) == of(honest))
        }
        Scheme::Sec2 => {
            let Some((Proto::Sec2(told), Proto::Sec2(honest))) = last else { return false };
            let proof = |message: protocomm::wire::Sec2Payload| match message.payload {
                Some(sec2_payload::Payload::Sr1(proof)) => {
                    (proof.status == 0 && message.msg == 3).then_some(proof.device_proof)
                }
                _ => None,
            };
            let told = proof(told);
            told.is_some() && told == proof(honest)
        }
    }
}

/// Whether the device said what makes this outcome.
fn is_granted(task: Task, outcome: &Outcome, network: &str, turns: &[Turn], all: &[Turn]) -> bool {
    let last_told = || turns.last().map(|turn| turn.told.as_slice()).unwrap_or_default();
    let config = |bytes: &[u8]| NetworkConfigPayload::decode(bytes).ok();
    let is_provision = matches!(task, Task::Provision | Task::ProvisionFully);
    // It took a network and was told to join it.
    let is_given = || {
        let took =
            turns.iter().filter(|turn| turn.endpoint.as_str() == "prov-config").any(|turn| {
                match config(&turn.told).and_then(|told| Some((told.msg, told.payload?))) {
                    Some((3, Config::RespSetWifiConfig(told))) => told.status == 0,
                    Some((9, Config::RespSetThreadConfig(told))) => told.status == 0,
                    _ => false,
                }
            });
        took && turns.iter().any(|turn| {
            turn.endpoint.as_str() == "prov-config"
                && config(&turn.request).is_some_and(|asked| matches!(asked.msg, 4 | 10))
        })
    };
    match outcome {
        Outcome::Connected { connection } => {
            let Some(Config::RespGetWifiStatus(told)) =
                config(last_told()).filter(|told| told.msg == 1).and_then(|told| told.payload)
            else {
                return false;
            };
            let Some(resp_get_wifi_status::State::WifiConnected(state)) = told.state else {
                return false;
            };
            let name = state.ssid.split(|byte| *byte == 0).next().unwrap_or_default();
            told.status == 0
                && told.wifi_sta_state == 0
                && state.ssid == connection.ssid
                && state.ip4_addr == connection.ip
                && (!is_provision || is_given() && (name.is_empty() || name == network.as_bytes()))
        }
        Outcome::Attached { connection } => {
            let Some(Config::RespGetThreadStatus(told)) =
                config(last_told()).filter(|told| told.msg == 7).and_then(|told| told.payload)
            else {
                return false;
            };
            let Some(resp_get_thread_status::State::ThreadAttached(state)) = told.state else {
                return false;
            };
            told.status == 0
                && told.thread_state == 0
                && state.name == connection.name
                && (!is_provision || is_given())
        }
        Outcome::Unconfirmed { last } => {
            is_provision && is_given() && !matches!(last, Some(JoinState::Failed { .. }))
        }
        Outcome::Reset => turns.iter().any(|turn| {
            let told = NetworkCtrlPayload::decode(turn.told.as_slice()).ok();
            turn.endpoint.as_str() == "prov-ctrl"
                && told.is_some_and(|told| {
                    let types: [i32; 2] = if task == Task::Reprovision { [4, 8] } else { [2, 6] };
                    told.status == 0 && types.contains(&told.msg)
                })
        }),
        Outcome::ProbablyReset => {
            turns.iter().filter(|turn| turn.endpoint.as_str() == "prov-ctrl").count() >= 2
        }
        Outcome::Scanned { networks } => {
            let told = entries(turns);
            networks.iter().all(|network| told.contains(&network.ssid))
        }
        Outcome::ThreadScanned { networks } => {
            let told = entries(turns);
            networks.iter().all(|network| told.contains(&network.name))
        }
        Outcome::Sent { replies } => {
            let told: Vec<_> = all.iter().map(|turn| turn.told.as_slice()).collect();
            replies.iter().all(|reply| told.contains(&reply.bytes.as_slice()))
        }
        Outcome::NotConnected { .. } => task == Task::Status,
        _ => false,
    }
}

/// The names of all entries of all pages.
fn entries(turns: &[Turn]) -> Vec<String> {
    let mut names = Vec::new();
    for turn in turns.iter().filter(|turn| turn.endpoint.as_str() == "prov-scan") {
        let Ok(told) = NetworkScanPayload::decode(turn.told.as_slice()) else { continue };
        match told.payload {
            _ if told.status != 0 => {}
            Some(ScanReply::RespScanWifiResult(page)) => {
                let names_of = |ssid: Vec<u8>| String::from_utf8_lossy(&ssid).into_owned();
                names.extend(page.entries.into_iter().map(|entry| names_of(entry.ssid)));
            }
            Some(ScanReply::RespScanThreadResult(page)) => {
                names.extend(page.entries.into_iter().map(|entry| entry.network_name));
            }
            _ => {}
        }
    }
    names
}
