//! What the tests of both halves share.
#![allow(dead_code, reason = "each test uses its part")]

use std::{collections::VecDeque, convert::Infallible};

use protocomm::{
    Capabilities, Command, Credentials, DecodeError, Endpoint, Handshake, HandshakeError, Refusal,
    Request, Session, Status, Step,
    commands::{AccessPoint, ScanStatus, StartWifiScan, WifiStatus},
    device::{Answer, Backend, NoReply, Responder, WifiConfig},
    rand_core::{TryCryptoRng, TryRng},
};
use zeroize::Zeroizing;

/// Known random bytes: first those given, then a count.
pub(crate) struct Known(VecDeque<u8>, u8);

impl Known {
    pub(crate) fn bytes(bytes: impl Into<VecDeque<u8>>) -> Self {
        Self(bytes.into(), 0)
    }

    pub(crate) fn seed(seed: u8) -> Self {
        Self(VecDeque::new(), seed)
    }
}

impl TryRng for Known {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for byte in to {
            self.1 = self.1.wrapping_mul(37).wrapping_add(11);
            *byte = self.0.pop_front().unwrap_or(self.1);
        }
        Ok(())
    }
}

impl TryCryptoRng for Known {}

/// A radio that reports what it is told to.
pub(crate) struct Scripted {
    pub(crate) status: Result<WifiStatus, Status>,
    pub(crate) networks: Vec<AccessPoint>,
    pub(crate) joined: Vec<WifiConfig>,
    pub(crate) forgotten: u32,
}

impl Default for Scripted {
    fn default() -> Self {
        let status = Ok(WifiStatus::Connecting { attempts_remaining: None });
        Self { status, networks: Vec::new(), joined: Vec::new(), forgotten: 0 }
    }
}

impl Backend for Scripted {
    fn join(&mut self, network: WifiConfig) -> Result<(), Status> {
        self.joined.push(network);
        Ok(())
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        self.status.clone()
    }

    fn forget(&mut self) -> Result<(), Status> {
        self.forgotten += 1;
        Ok(())
    }

    fn start_scan(&mut self, _: &StartWifiScan) -> Result<(), Status> {
        Ok(())
    }

    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        let count = u32::try_from(self.networks.len()).expect("a short list");
        Ok(ScanStatus { finished: true, count })
    }

    fn scan_result(&mut self, index: u32) -> Option<AccessPoint> {
        self.networks.get(usize::try_from(index).ok()?).cloned()
    }

    fn endpoints(&self) -> &[&str] {
        &["custom-data", "echo"]
    }

    fn custom(&mut self, endpoint: &str, request: &[u8]) -> Option<Vec<u8>> {
        Some(if endpoint == "echo" { request.to_vec() } else { b"SUCCESS\0".to_vec() })
    }
}

pub(crate) type Device = Responder<Scripted, Known>;

/// Carries a request to the device.
pub(crate) fn deliver(device: &mut Device, request: &Request) -> Result<Answer, NoReply> {
    device.handle(request.endpoint.as_str(), &request.body)
}

/// A command with any plaintext to any endpoint, and any plaintext as its reply.
pub(crate) struct Raw(pub(crate) Endpoint, pub(crate) Vec<u8>);

impl Command for Raw {
    type Reply = Vec<u8>;
    const NAME: &'static str = "raw bytes";

    fn endpoint(&self) -> Endpoint {
        self.0.clone()
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.1.clone())
    }

    fn decode(reply: &[u8]) -> Result<Result<Vec<u8>, Refusal>, DecodeError> {
        Ok(Ok(reply.to_vec()))
    }
}

/// Why a handshake in memory ends without a session.
#[derive(Debug, PartialEq)]
pub(crate) enum Broken {
    Device(NoReply),
    Client(HandshakeError),
}

/// Runs a whole handshake in memory.
pub(crate) fn establish(credentials: &Credentials, device: &mut Device) -> Result<Session, Broken> {
    let known = Capabilities::default();
    let (mut handshake, mut request) =
        Handshake::start(credentials, &known, &mut Known::seed(99)).map_err(Broken::Client)?;
    loop {
        let reply = deliver(device, &request).map_err(Broken::Device)?.body;
        match handshake.handle(&reply).map_err(Broken::Client)? {
            Step::Send(next, then) => (handshake, request) = (next, then),
            Step::Done(session) => return Ok(session),
        }
    }
}

/// Sends one command and reads its reply.
pub(crate) fn call<C: Command>(
    session: Session,
    command: &C,
    device: &mut Device,
) -> (Session, Result<C::Reply, Refusal>) {
    let (request, pending) = session.seal(command).expect("it can be sealed");
    let reply = deliver(device, &request).expect("the device answers").body;
    pending.open(&reply).expect("the reply opens")
}
