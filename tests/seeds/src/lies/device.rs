//! A device that holds the secret and lies: its answers are changed in the clear and sealed with
//! the right keys.
//!
//! ```text
//!  client ──▶ seal ──▶ Responder: opens ──▶ a virtual device of security 0, or a recording: answers ──▶ Edit
//!         ◀── Forgery ◀── Responder: seals ◀──────────────────────────────────────────────────────────┘
//! ```

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use edits::flipped;
use esp_prov::{Connect, Endpoint, Scheme, Transport, TransportError};
use esp_prov_simulate::{Settings, VirtualDevice};
use protocomm::{
    ProofOfPossession, Status,
    commands::{ScanStatus, StartWifiScan, WifiStatus},
    device::{Action, Backend, NoReply, Patch, Responder, Security, SrpVerifier, WifiConfig},
};

use super::{Lie, Scenario, recorded::Recording};
use crate::Seeded;

/// What one exchange came to.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Where it went.
    pub endpoint: Endpoint,
    /// The request in the clear.
    pub request: Vec<u8>,
    /// What an honest device would have said.
    pub honest: Vec<u8>,
    /// What this one said, in the clear.
    pub told: Vec<u8>,
    /// Whether an honest device would have been silent.
    pub is_unasked: bool,
    /// Whether what was on the wire is none of its sealing. What has no seal cannot be forged: it
    /// is what the device said.
    pub is_forged: bool,
    /// Whether nothing was on the wire.
    pub is_silent: bool,
}

/// The device. Clones are the same one.
#[derive(Clone)]
pub struct Liar(Arc<Mutex<Inner>>);

struct Inner {
    /// Opens and seals.
    mouth: Responder<Nothing, Seeded>,
    /// Answers.
    mind: VirtualDevice,
    /// Answers instead of it, and how far it is.
    recorded: Option<(&'static Recording, usize)>,
    version: Vec<u8>,
    lies: Vec<Lie>,
    turns: Vec<Turn>,
    /// What was on the wire last, for one that says it again.
    last: Vec<u8>,
}

/// What is done to bytes on the wire that have a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// One bit.
    Flip(u16),
    /// What comes after this.
    Cut(u16),
    /// A byte after them.
    Append(u8),
    /// What was said before.
    Again,
    /// The request, which has a seal of this session.
    Echo,
}

impl Liar {
    /// One that says what the scenario says.
    pub fn new(scenario: &Scenario, pop: &str, verifier: &SrpVerifier) -> Self {
        let of = |scheme| {
            VirtualDevice::new(Settings {
                persona: scenario.persona,
                scheme,
                verifier: Some(verifier.clone()),
                fault: scenario.fault,
                seed: scenario.seed,
                ..Settings::default()
            })
        };
        let version = of(scenario.scheme).handle("proto-ver", b"ESP");
        let version = version.map(|answer| answer.body).unwrap_or_default();
        let security = match scenario.scheme {
            Scheme::Sec0 => Security::Sec0,
            Scheme::Sec1 => Security::Sec1 { pop: ProofOfPossession::from(pop) },
            Scheme::Sec2 => {
                Security::Sec2 { verifier: verifier.clone(), patch: patch(scenario.is_counting) }
            }
        };
        let dice = Seeded::of(scenario.seed);
        Self(Arc::new(Mutex::new(Inner {
            mouth: Responder::new(security, "", Nothing, dice),
            mind: of(Scheme::Sec0),
            recorded: scenario.recorded.map(|recording| (recording, 0)),
            version,
            lies: scenario.lies.clone(),
            turns: Vec::new(),
            last: Vec::new(),
        })))
    }

    /// What was said until now.
    pub fn turns(&self) -> Vec<Turn> {
        self.lock().turns.clone()
    }

    /// How many exchanges there were.
    pub fn turn_count(&self) -> usize {
        self.lock().turns.len()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn patch(is_counting: bool) -> Patch {
    if is_counting { Patch::One } else { Patch::Zero }
}

impl Inner {
    fn answer(&mut self, endpoint: &Endpoint, body: &[u8]) -> Result<Vec<u8>, NoReply> {
        let nth = self.turns.len();
        let mut lies = self.lies.iter().filter(|lie| usize::from(lie.turn) == nth);
        let lie = lies.next().cloned();
        let forgery = lie.as_ref().and_then(|lie| lie.forgery.clone());
        let mut turn = Turn {
            endpoint: endpoint.clone(),
            request: body.to_vec(),
            honest: Vec::new(),
            told: Vec::new(),
            is_unasked: false,
            is_forged: false,
            is_silent: false,
        };
        let is_sealed = !["proto-ver", "prov-session"].contains(&endpoint.as_str());
        let said = match endpoint.as_str() {
            "proto-ver" => {
                turn.say(self.version.clone(), lie.as_ref());
                Ok(turn.told.clone())
            }
            "prov-session" => self.mouth.handle(endpoint.as_str(), body).map(|answer| {
                turn.say(answer.body, lie.as_ref());
                turn.told.clone()
            }),
            name => {
                let (mind, recorded) = (&self.mind, &mut self.recorded);
                let is_lied_to = lie.is_some();
                let sealed = self.mouth.handle_with(body, |plain| {
                    turn.request = plain.to_vec();
                    let answer = mind.handle(name, plain).map(|answer| answer.body);
                    let said = recorded
                        .as_mut()
                        .and_then(|(recording, at)| recording.says(at, name, plain));
                    let (honest, said) = match (answer, said) {
                        // It was asked just this, and was honest.
                        (_, Some((said, true))) => (said.to_vec(), said.to_vec()),
                        (answer, Some((said, false))) => {
                            turn.is_unasked = answer.is_err();
                            (answer.unwrap_or_default(), said.to_vec())
                        }
                        (Ok(answer), None) => (answer.clone(), answer),
                        // One that would be silent says something all the same.
                        (Err(_), None) if is_lied_to => {
                            turn.is_unasked = true;
                            (Vec::new(), Vec::new())
                        }
                        (Err(silence), None) => return Err(silence),
                    };
                    turn.say(said, lie.as_ref());
                    turn.honest = honest;
                    Ok((turn.told.clone(), Action::Replayed("a lie")))
                });
                sealed.map(|answer| answer.body)
            }
        };
        let wire = said.map(|honest| {
            let forged = match &forgery {
                None => return honest,
                Some(Forgery::Flip(bit)) => flipped(&honest, *bit),
                Some(Forgery::Cut(at)) => honest[..usize::from(*at) % (honest.len() + 1)].to_vec(),
                Some(Forgery::Append(byte)) => [honest.as_slice(), &[*byte]].concat(),
                Some(Forgery::Again) => self.last.clone(),
                Some(Forgery::Echo) => body.to_vec(),
            };
            if is_sealed {
                turn.is_forged = forged != honest;
            } else {
                turn.told.clone_from(&forged);
            }
            forged
        });
        turn.is_silent = wire.is_err();
        self.turns.push(turn);
        if let Ok(wire) = &wire {
            self.last.clone_from(wire);
        }
        wire
    }
}

impl Turn {
    fn say(&mut self, honest: Vec<u8>, lie: Option<&Lie>) {
        self.told = match lie {
            Some(lie) if lie.echoes => self.request.clone(),
            Some(lie) => lie.edits.iter().fold(honest.clone(), |said, edit| edit.apply(&said)),
            None => honest.clone(),
        };
        self.honest = honest;
    }
}

#[async_trait]
impl Connect for Liar {
    async fn connect(&self, _within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        self.lock().mouth.open_link();
        Ok(Box::new(Link(self.clone())))
    }
}

struct Link(Liar);

#[async_trait]
impl Transport for Link {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.0.lock().answer(endpoint, body).map_err(|silence| match silence {
            NoReply::NoSuchEndpoint(_) => TransportError::NoSuchEndpoint(endpoint.clone()),
            _ => TransportError::NoReply,
        })
    }
}

/// The mouth has no radio.
struct Nothing;

impl Backend for Nothing {
    fn join(&mut self, _: WifiConfig) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        Err(Status::InternalError)
    }

    fn reprovision(&mut self) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    fn start_scan(&mut self, _: &StartWifiScan) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        Err(Status::InternalError)
    }

    fn scan_result(&mut self, _: u32) -> Option<protocomm::commands::AccessPoint> {
        None
    }
}
