//! A device that replays the answers recorded in a trace.
//!
//! Plaintext replies are repeated byte for byte. A client's keys are random, so a handshake that
//! led to a session is run again with the secrets of the trace, and the replies of the session are
//! encrypted again. If the trace has no secrets, such a session ends in its handshake.
//!
//! A request gets the reply to the next recorded request to the same endpoint that asks the same.
//! The device leaves at the end of the trace.

use esp_prov::exchange::State;
use esp_prov_trace::{Part, Record, Trace};
use protocomm::{
    Endpoint, Password, ProofOfPossession, Scheme, Username,
    device::{Action, Answer, NoReply, Patch, Responder, Security, SrpVerifier},
    tree::{Direction, Message, Tree, Value},
};
use thiserror::Error;

use super::{Settings, keys::Keys, radio::Radio};

/// Why a trace can't be replayed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotReplayable {
    /// The trace has nothing that could be replayed.
    #[error("the trace has no exchange that could be replayed")]
    Empty,
    /// A secret in the trace is invalid.
    #[error("line {line}: credentials.{field} {reason}")]
    Secret {
        /// The line of the trace, from 1.
        line: usize,
        /// The name of the secret's field.
        field: &'static str,
        /// What is wrong with the secret.
        reason: &'static str,
    },
}

/// A recorded conversation to replay.
#[derive(Clone, Debug)]
pub struct Replay {
    turns: Vec<Turn>,
    /// The next turn.
    next: usize,
    /// The security scheme of the first handshake.
    scheme: Scheme,
    /// The number of sessions whose encrypted replies can't be created again.
    mute: usize,
    /// The number of replies that the trace omits because they could be secrets.
    left_out: usize,
}

#[derive(Clone)]
struct Turn {
    endpoint: String,
    /// What the request asks for, if it could be read.
    kind: Option<String>,
    action: TurnAction,
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Turn({}, {:?})", self.endpoint, self.kind)
    }
}

#[derive(Clone)]
enum TurnAction {
    /// Reply with these bytes.
    Say(Vec<u8>),
    /// Encrypt this plaintext and reply with it.
    SaySealed(Vec<u8>),
    /// Run a real handshake with these secrets; the flag is `true` for its first message.
    Handshake(Security, bool),
    /// Decline to reply, in the way of the transport.
    Decline,
    /// Do nothing at all, so that the client waits.
    StaySilent,
    /// Send an HTTP status instead of a reply.
    Status(u16),
}

/// What a client gets instead of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplyMode {
    Silence,
    Status(u16),
}

impl Replay {
    /// Creates a replay from a trace.
    ///
    /// # Errors
    /// Returns [`NotReplayable`] if the trace can't be replayed.
    pub fn new(trace: &Trace) -> Result<Self, NotReplayable> {
        let (mut mute, mut left_out) = (0, 0);
        let mut turns = Vec::new();
        let proofs = proofs(&trace.records);
        for ((line, record), proof) in trace.records.iter().zip(proofs) {
            let Some(action) = turn_action(*line, record, proof)? else { continue };
            let is_session = record.endpoint == Endpoint::SESSION.as_str();
            let is_live = matches!(action, TurnAction::Handshake(..));
            let opens = record.after == Some(State::Session) && record.security != Some(0);
            mute += usize::from(is_session && opens && !is_live);
            let unsaid =
                record.reply.as_ref().is_some_and(|_| matches!(action, TurnAction::Decline));
            left_out += usize::from(unsaid);
            turns.push(Turn { endpoint: record.endpoint.clone(), kind: kind(record), action });
        }
        if turns.is_empty() {
            return Err(NotReplayable::Empty);
        }
        let mut schemes = trace.records.iter().filter_map(|(_, record)| record.security);
        let scheme = schemes.next().and_then(Scheme::from_number).unwrap_or(Scheme::Sec0);
        Ok(Self { turns, next: 0, scheme, mute, left_out })
    }

    /// The number of recorded exchanges that can be replayed.
    pub fn len(&self) -> usize {
        self.turns.len()
    }

    /// Whether there is nothing to replay. Always false: [`Replay::new`] rejects an empty trace.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// The security scheme of the first handshake.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The number of sessions that will end in their handshake, because the trace lacks their
    /// secrets.
    pub fn mute_sessions(&self) -> usize {
        self.mute
    }

    /// The number of replies that the trace omits; their requests get no reply.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    pub(super) fn rewind(&mut self) {
        self.next = 0;
    }

    pub(super) fn serves(&self, endpoint: &str) -> bool {
        self.turns.iter().any(|turn| turn.endpoint == endpoint)
    }

    /// Whether everything was replayed. A replay that ends in silence never ends, but stays silent.
    pub(super) fn is_at_end(&self) -> bool {
        let is_silent =
            matches!(self.turns.last(), Some(Turn { action: TurnAction::StaySilent, .. }));
        self.next >= self.turns.len() && !is_silent
    }

    /// What the next turn of an endpoint does instead of replying, if anything. Consumes that turn.
    pub(super) fn reply_mode(&mut self, endpoint: &str) -> Option<ReplyMode> {
        let at = self.find(endpoint, None);
        let reply_mode = match at.map(|at| &self.turns[at].action) {
            Some(TurnAction::StaySilent) => ReplyMode::Silence,
            Some(TurnAction::Status(status)) => ReplyMode::Status(*status),
            // The replay has ended in silence.
            None if self.next >= self.turns.len() && !self.is_at_end() => ReplyMode::Silence,
            _ => return None,
        };
        self.next = at.map_or(self.next, |at| at + 1);
        Some(reply_mode)
    }

    /// Plays the next turn.
    pub(super) fn handle(
        &mut self,
        responder: &mut Responder<Radio, Keys>,
        keys: &Keys,
        settings: &Settings,
        endpoint: &str,
        request: &[u8],
    ) -> Result<Answer, NoReply> {
        let tree = |bytes: &[u8]| {
            Message::of(endpoint, Direction::Request).map(|message| message.read(bytes))
        };
        let in_clear = tree(request).filter(|tree| tree.trouble().is_none());
        let at = self.find(endpoint, in_clear.as_ref().and_then(Tree::kind));
        let turn = at.map(|at| (at, self.turns[at].action.clone()));
        let action = match in_clear.as_ref().and_then(Tree::kind) {
            _ if endpoint == Endpoint::VERSION.as_str() => Action::Version,
            kind => Action::Replayed(kind.unwrap_or("a request")),
        };
        match turn {
            Some((at, TurnAction::Say(body))) => {
                self.next = at + 1;
                Ok(Answer { body, action })
            }
            Some((at, TurnAction::Handshake(security, begins))) => {
                self.next = at + 1;
                if begins {
                    let radio = Radio::new(settings);
                    *responder = Responder::new(security, "", radio, keys.clone());
                }
                responder.handle(endpoint, request)
            }
            Some((_, TurnAction::SaySealed(_))) => responder.handle_with(request, |plain| {
                let kind = tree(plain).as_ref().and_then(Tree::kind);
                let at = self.find(endpoint, kind).ok_or(NoReply::Application)?;
                self.next = at + 1;
                match &self.turns[at].action {
                    TurnAction::SaySealed(reply) => {
                        Ok((reply.clone(), Action::Replayed(kind.unwrap_or("application data"))))
                    }
                    _ => Err(NoReply::Application),
                }
            }),
            Some((at, _)) => {
                self.next = at + 1;
                Err(NoReply::Application)
            }
            None => Err(NoReply::Application),
        }
    }

    /// The next turn of an endpoint that answers a request of this kind; `None` stands for any
    /// kind. If none follows, a client that asks for the version starts the replay again.
    fn find(&self, endpoint: &str, kind: Option<&str>) -> Option<usize> {
        let fits = |turn: &Turn| {
            let same = kind.zip(turn.kind.as_deref()).is_none_or(|(asked, known)| asked == known);
            turn.endpoint == endpoint && same
        };
        let ahead = (self.next..self.turns.len()).find(|at| fits(&self.turns[*at]));
        let is_first = endpoint == Endpoint::VERSION.as_str();
        ahead.or_else(|| self.turns.iter().position(fits).filter(|_| is_first && !self.is_at_end()))
    }
}

/// For each exchange, the next one (or itself) that carries a proof, which ends its handshake.
fn proofs(records: &[(usize, Record)]) -> Vec<Option<&Record>> {
    let mut next = None;
    let mut proofs: Vec<_> = records
        .iter()
        .rev()
        .map(|(_, record)| {
            if record.endpoint == Endpoint::SESSION.as_str() && record.before == Some(State::Proof)
            {
                next = Some(record);
            }
            next
        })
        .collect();
    proofs.reverse();
    proofs
}

/// What the device did in an exchange; `None` if the device was not reached. `proof` is the
/// exchange that ends its handshake.
fn turn_action(
    line: usize,
    record: &Record,
    proof: Option<&Record>,
) -> Result<Option<TurnAction>, NotReplayable> {
    if let Some(failure) = &record.failure
        && record.reply.is_none()
    {
        return Ok(match failure.kind.as_str() {
            "not-found" | "connect" | "radio" | "ambiguous" | "no-such-endpoint"
            | "request-too-long" | "cut-off" => None,
            "timed-out" => Some(TurnAction::StaySilent),
            "http" => failure.http_status.map(TurnAction::Status),
            _ => Some(TurnAction::Decline),
        });
    }
    let Some(reply) = &record.reply else { return Ok(Some(TurnAction::Decline)) };
    if record.endpoint == Endpoint::SESSION.as_str()
        && record.security != Some(0)
        && let Some(last) = proof.filter(|last| last.after == Some(State::Session))
        && let Some(security) = security(line, record, last)?
    {
        return Ok(Some(TurnAction::Handshake(security, record.before == Some(State::Handshake))));
    }
    Ok(Some(match (reply.sealed, reply.wire(), reply.in_clear()) {
        (true, _, Some(plain)) => TurnAction::SaySealed(plain),
        (_, Some(wire), _) => TurnAction::Say(wire),
        _ => TurnAction::Decline,
    }))
}

/// The device's side of a handshake, if the trace has the secrets for it.
fn security(
    line: usize,
    record: &Record,
    last: &Record,
) -> Result<Option<Security>, NotReplayable> {
    let Some(secrets) = &record.credentials else { return Ok(None) };
    let secret = |field, reason| NotReplayable::Secret { line, field, reason };
    let text = |field, hex: &str| {
        let bytes = hex::decode(hex).map_err(|_| secret(field, "is not hexadecimal"))?;
        String::from_utf8(bytes).map_err(|_| secret(field, "is not UTF-8"))
    };
    if let Some(pop) = &secrets.pop {
        let pop = ProofOfPossession::from(text("pop", pop)?.as_str());
        return Ok(Some(Security::Sec1 { pop }));
    }
    let (Some(name), Some(password)) = (&secrets.username, &secrets.password) else {
        return Ok(None);
    };
    let username = Username::new(name.as_str()).ok_or_else(|| secret("username", "is empty"))?;
    let password = Password::from(text("password", password)?.as_str());
    let field = |part: &Option<Part>, name: &str| {
        let bytes = part.as_ref()?.in_clear()?;
        let message = Message::of(Endpoint::SESSION.as_str(), Direction::Reply)?;
        find(&message.read(&bytes), name)
    };
    let patch = match field(&last.reply, "device_nonce") {
        Some(nonce) if nonce.len() == 16 => Patch::Zero,
        _ => Patch::One,
    };
    let verifier = match field(&record.reply, "device_salt") {
        Some(salt) => SrpVerifier::with_salt(&username, &password, salt),
        // The second half of a handshake uses the verifier of the first half.
        None => SrpVerifier { salt: Vec::new(), verifier: Vec::new() },
    };
    Ok(Some(Security::Sec2 { verifier, patch }))
}

fn find(tree: &Tree, name: &str) -> Option<Vec<u8>> {
    tree.nodes.iter().find_map(|node| match &node.value {
        Value::Bytes(bytes) if node.field.is_some_and(|field| field.name == name) => {
            Some(bytes.to_vec())
        }
        Value::Message(tree) => find(tree, name),
        _ => None,
    })
}

/// What a request asks for, from its bytes or from the trace's description of them.
fn kind(record: &Record) -> Option<String> {
    let request = record.request.as_ref()?;
    if let Some(bytes) = request.in_clear() {
        let message = Message::of(&record.endpoint, Direction::Request)?;
        return message.read(&bytes).kind().map(str::to_owned);
    }
    let message = request.message.as_ref()?.as_object()?.values().next()?;
    message.get("msg")?.as_str().map(str::to_owned)
}
