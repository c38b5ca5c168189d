//! What the targets share: fixed randomness, a radio that passes through all states, and a
//! handshake in memory. Everything is the same in every run, so that a crash can be reproduced.

use std::{convert::Infallible, sync::OnceLock};

use protocomm::{
    Bssid, Capabilities, Credentials, Endpoint, Handshake, Password, ProofOfPossession, Request,
    Scheme, Session, Status, Step, Username, VerifierMaker,
    commands::{
        AccessPoint, AuthMode, Custom, JoinFailure, ScanStatus, StartWifiScan, WifiConnection,
        WifiStatus,
    },
    device::{Backend, Patch, Responder, Security, SrpVerifier, WifiConfig},
    rand_core::{TryCryptoRng, TryRng},
};

pub type Device = Responder<Radio, Known>;

/// Random bytes from a fixed sequence.
pub struct Known(u8);

impl TryRng for Known {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("keys and nonces are taken as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("keys and nonces are taken as bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(37).wrapping_add(11);
            *byte = self.0;
        }
        Ok(())
    }
}

impl TryCryptoRng for Known {}

/// A radio whose every join goes through all states, poll by poll.
#[derive(Default)]
pub struct Radio {
    joins: u32,
    polls: u32,
}

impl Backend for Radio {
    fn join(&mut self, network: WifiConfig) -> Result<(), Status> {
        self.joins += 1;
        self.polls = 0;
        if network.ssid.is_empty() { Err(Status::InternalError) } else { Ok(()) }
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        self.polls += 1;
        match self.polls {
            1 => Ok(WifiStatus::Connecting { attempts_remaining: None }),
            2 => Ok(WifiStatus::Connecting { attempts_remaining: Some(self.joins) }),
            3 => Ok(WifiStatus::Failed(JoinFailure::WrongPassphrase)),
            4 => Err(Status::InternalError),
            _ => Ok(WifiStatus::Connected(WifiConnection {
                ip: "192.168.1.57".into(),
                ssid: b"HomeNet".to_vec(),
                bssid: Some(Bssid([1, 2, 3, 4, 5, 6])),
                channel: 6,
                auth_mode: AuthMode::WPA2_PSK,
            })),
        }
    }

    fn reprovision(&mut self) -> Result<(), Status> {
        if self.polls > 4 { Ok(()) } else { Err(Status::InternalError) }
    }

    fn start_scan(&mut self, scan: &StartWifiScan) -> Result<(), Status> {
        if scan.passive { Err(Status::InternalError) } else { Ok(()) }
    }

    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        Ok(ScanStatus { finished: true, count: 3 })
    }

    fn scan_result(&mut self, index: u32) -> Option<AccessPoint> {
        (index < 3).then(|| AccessPoint {
            ssid: vec![b'a'; index as usize],
            channel: index,
            rssi: -40,
            bssid: None,
            auth_mode: AuthMode::OPEN,
        })
    }

    fn endpoints(&self) -> &[&str] {
        &["echo"]
    }

    fn custom(&mut self, _: &str, request: &[u8]) -> Option<Vec<u8>> {
        (request != b"fail").then(|| request.to_vec())
    }
}

fn pop() -> ProofOfPossession {
    ProofOfPossession::from("abcd1234")
}

fn username() -> Username {
    Username::new("wifiprov").expect("a name")
}

fn password() -> Password {
    Password::from("abcd1234")
}

pub fn device(scheme: Scheme) -> Device {
    device_with(scheme, Patch::One)
}

fn device_with(scheme: Scheme, patch: Patch) -> Device {
    static VERIFIER: OnceLock<SrpVerifier> = OnceLock::new();
    let verifier =
        || VERIFIER.get_or_init(|| SrpVerifier::with_salt(&username(), &password(), vec![7; 16]));
    let security = match scheme {
        Scheme::Sec0 => Security::Sec0,
        Scheme::Sec1 => Security::Sec1 { pop: pop() },
        Scheme::Sec2 => Security::Sec2 { verifier: verifier().clone(), patch },
    };
    Responder::new(security, "V0.1", Radio::default(), Known(1))
}

/// A client that waits for the first reply, and its request.
pub fn start(scheme: Scheme) -> (Handshake, Request) {
    let credentials = match scheme {
        Scheme::Sec0 => Credentials::Sec0,
        Scheme::Sec1 => Credentials::Sec1 { pop: pop() },
        Scheme::Sec2 => Credentials::Sec2 {
            username: username(),
            password: password(),
            made_by: VerifierMaker::Device,
        },
    };
    Handshake::start(&credentials, &Capabilities::default(), &mut Known(99)).expect("starts")
}

/// A client of security 1 or 2 that waits for the device's proof, and its request.
pub fn awaiting_proof(scheme: Scheme) -> (Handshake, Request) {
    match start(scheme).0.handle(&replies(scheme)[0]) {
        Ok(Step::Send(handshake, request)) => (handshake, request),
        _ => panic!("good keys"),
    }
}

/// A client of security 2 that waits for the device's keys.
pub fn awaiting_keys_sec2() -> Handshake {
    static HANDSHAKE: OnceLock<Handshake> = OnceLock::new();
    HANDSHAKE.get_or_init(|| start(Scheme::Sec2).0).twin()
}

/// A client of security 2 that waits for the device's proof.
pub fn awaiting_proof_sec2() -> Handshake {
    static HANDSHAKE: OnceLock<Handshake> = OnceLock::new();
    HANDSHAKE.get_or_init(|| awaiting_proof(Scheme::Sec2).0).twin()
}

/// The client's session with a fresh [`device`], as after [`shake_hands`].
pub fn session(scheme: Scheme) -> Session {
    static SEC2: OnceLock<Session> = OnceLock::new();
    match scheme {
        Scheme::Sec0 => finish(start(Scheme::Sec0).0, scheme),
        Scheme::Sec1 => finish(awaiting_proof(Scheme::Sec1).0, scheme),
        Scheme::Sec2 => SEC2.get_or_init(|| finish(awaiting_proof(scheme).0, scheme)).twin(),
    }
}

fn finish(handshake: Handshake, scheme: Scheme) -> Session {
    match handshake.handle(replies(scheme).last().expect("there are some")) {
        Ok(Step::Done(session)) => session,
        _ => panic!("a good proof"),
    }
}

/// A session of security 2 at patch level 0, which opens what it sealed.
pub fn session_of_one_nonce() -> Session {
    static SESSION: OnceLock<Session> = OnceLock::new();
    let device = || device_with(Scheme::Sec2, Patch::Zero);
    SESSION.get_or_init(|| shake_hands(&mut device(), Scheme::Sec2).0).twin()
}

/// Opens a session with a device. Also returns the device's replies.
pub fn shake_hands(device: &mut Device, scheme: Scheme) -> (Session, Vec<Vec<u8>>) {
    let (mut handshake, mut request) = start(scheme);
    let mut replies = Vec::new();
    loop {
        let reply = device.handle("prov-session", &request.body).expect("a good request").body;
        let step = handshake.handle(&reply).expect("a good reply");
        replies.push(reply);
        match step {
            Step::Send(then, next) => (handshake, request) = (then, next),
            Step::Done(session) => return (session, replies),
        }
    }
}

/// The replies of a fresh [`device`] in the handshake. They are made only once, which halves the
/// time of a run.
pub fn replies(scheme: Scheme) -> &'static [Vec<u8>] {
    static REPLIES: [OnceLock<Vec<Vec<u8>>>; 3] = [const { OnceLock::new() }; 3];
    REPLIES[scheme.number() as usize].get_or_init(|| shake_hands(&mut device(scheme), scheme).1)
}

/// The first bytes of the keystream of a [`session`] of security 1, with which a target can choose
/// the plaintext of a sealed message.
pub fn keystream() -> &'static [u8] {
    static KEYSTREAM: OnceLock<Vec<u8>> = OnceLock::new();
    KEYSTREAM.get_or_init(|| {
        let zeros = Custom { endpoint: Endpoint::from_static("echo"), body: vec![0; 8192] };
        session(Scheme::Sec1).seal(&zeros).expect("not empty").0.body.to_vec()
    })
}
