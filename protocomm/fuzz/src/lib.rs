//! What the targets share: known randomness, a radio that does something, and a handshake in
//! memory. Everything is the same in every run, or a crash could not be run again.

use std::{convert::Infallible, sync::OnceLock};

use protocomm::{
    Bssid, Capabilities, Credentials, Endpoint, Handshake, ProofOfPossession, Request, Session,
    Status, Step,
    commands::{
        AccessPoint, AuthMode, Custom, JoinFailure, ScanStatus, StartWifiScan, WifiConnection,
        WifiStatus,
    },
    device::{Backend, Responder, Security, WifiConfig},
    rand_core::{TryCryptoRng, TryRng},
};

pub type Device = Responder<Radio, Known>;

/// Random bytes that are known.
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

/// Every join goes through all states, poll by poll.
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

pub fn device_sec0() -> Device {
    Responder::new(Security::Sec0, "V0.1", Radio::default(), Known(1))
}

pub fn device_sec1() -> Device {
    Responder::new(Security::Sec1 { pop: pop() }, "V0.1", Radio::default(), Known(1))
}

pub fn start(credentials: &Credentials) -> (Handshake, Request) {
    Handshake::start(credentials, &Capabilities::default(), &mut Known(99)).expect("starts")
}

/// A client of security 1 that waits for the device's keys, and what it sent.
pub fn awaiting_keys() -> (Handshake, Request) {
    start(&Credentials::Sec1 { pop: pop() })
}

/// The same after them.
pub fn awaiting_proof() -> (Handshake, Request) {
    match awaiting_keys().0.handle(&replies().keys) {
        Ok(Step::Send(handshake, request)) => (handshake, request),
        _ => panic!("good keys"),
    }
}

/// A session on the client's side, like that of a fresh [`device_sec1`] after [`shake_hands`].
pub fn session_sec1() -> Session {
    match awaiting_proof().0.handle(&replies().proof) {
        Ok(Step::Done(session)) => session,
        _ => panic!("a good proof"),
    }
}

pub fn session_sec0() -> Session {
    match start(&Credentials::Sec0).0.handle(&[0x52, 5, 8, 1, 0xaa, 1, 0]) {
        Ok(Step::Done(session)) => session,
        _ => panic!("a good reply"),
    }
}

/// Brings a fresh [`device_sec1`] to where [`session_sec1`] is.
pub fn shake_hands(device: &mut Device) {
    for request in [awaiting_keys().1, awaiting_proof().1] {
        device.handle(request.endpoint.as_str(), &request.body).expect("a good request");
    }
}

/// What a fresh [`device_sec1`] says in the handshake. Made once: it halves the time of a run.
pub struct Replies {
    pub keys: Vec<u8>,
    pub proof: Vec<u8>,
}

pub fn replies() -> &'static Replies {
    static REPLIES: OnceLock<Replies> = OnceLock::new();
    REPLIES.get_or_init(|| {
        let mut device = device_sec1();
        let mut answer = |request: &Request| {
            device.handle("prov-session", &request.body).expect("a good request").body
        };
        let (handshake, request) = awaiting_keys();
        let keys = answer(&request);
        let Ok(Step::Send(_, request)) = handshake.handle(&keys) else { panic!("good keys") };
        Replies { proof: answer(&request), keys }
    })
}

/// The first bytes of the keystream of [`session_sec1`]: with them a target can choose what a
/// sealed message says.
pub fn keystream() -> &'static [u8] {
    static KEYSTREAM: OnceLock<Vec<u8>> = OnceLock::new();
    KEYSTREAM.get_or_init(|| {
        let zeros = Custom { endpoint: Endpoint::custom("echo"), body: vec![0; 8192] };
        session_sec1().seal(&zeros).expect("not empty").0.body.to_vec()
    })
}
