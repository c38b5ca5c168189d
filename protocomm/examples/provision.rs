//! Provisions a device from start to end, with client and device in one process. `carry` stands for
//! the transport.
//!
//! `cargo run -p protocomm --example provision --features device`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use getrandom::SysRng;
use protocomm::{
    Bssid, Capabilities, Command, Credentials, Handshake, Passphrase, ProofOfPossession, Request,
    Session, Ssid, Status, Step,
    commands::{
        ApplyWifiConfig, AuthMode, GetWifiStatus, SetWifiConfig, WifiConnection, WifiStatus,
    },
    device::{Backend, Responder, Security, Version, WifiConfig},
    rand_core::UnwrapErr,
};

/// A device that joins any network at once.
#[derive(Default)]
struct Radio(Option<Vec<u8>>);

impl Backend for Radio {
    fn join(&mut self, network: WifiConfig) -> Result<(), Status> {
        self.0 = Some(network.ssid);
        Ok(())
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        let Some(ssid) = self.0.clone() else {
            return Ok(WifiStatus::Connecting { attempts_remaining: None });
        };
        Ok(WifiStatus::Connected(WifiConnection {
            ip: "192.168.1.7".into(),
            ssid,
            bssid: Some(Bssid([0x24, 0x0a, 0xc4, 0x11, 0x22, 0x33])),
            channel: 6,
            auth_mode: AuthMode::WPA2_PSK,
        }))
    }
}

type Device = Responder<Radio, UnwrapErr<SysRng>>;

fn carry(device: &mut Device, request: &Request) -> Result<Vec<u8>, Box<dyn Error>> {
    let answer = device.handle(request.endpoint.as_str(), &request.body)?;
    println!("{:12} {}", request.endpoint.as_str(), answer.action);
    Ok(answer.body)
}

fn call<C: Command>(
    session: Session,
    command: &C,
    device: &mut Device,
) -> Result<(Session, C::Reply), Box<dyn Error>> {
    let (request, pending) = session.seal(command)?;
    let (session, reply) = pending.open(&carry(device, &request)?)?;
    Ok((session, reply?))
}

fn main() -> Result<(), Box<dyn Error>> {
    let pop = ProofOfPossession::from("abcd1234");
    let version = Version {
        version: "v1.1",
        sec_ver: Some(1),
        sec_patch_ver: None,
        capabilities: &["wifi_scan"],
    };
    let security = Security::Sec1 { pop: pop.clone() };
    let mut rng = UnwrapErr(SysRng);
    let mut device = Responder::new(security, version.to_text(), Radio::default(), rng);

    let known = Capabilities::parse(&carry(&mut device, &Request::version())?);
    let credentials = Credentials::Sec1 { pop };
    let (mut handshake, mut request) = Handshake::start(&credentials, &known, &mut rng)?;
    let session = loop {
        match handshake.handle(&carry(&mut device, &request)?)? {
            Step::Send(next, then) => (handshake, request) = (next, then),
            Step::Done(session) => break session,
        }
    };

    let network = SetWifiConfig {
        ssid: Ssid::new("Home")?,
        passphrase: Passphrase::new("correct-horse".to_owned())?,
        bssid: None,
        channel: None,
    };
    let (session, ()) = call(session, &network, &mut device)?;
    let (session, ()) = call(session, &ApplyWifiConfig, &mut device)?;
    let (_, status) = call(session, &GetWifiStatus, &mut device)?;
    let WifiStatus::Connected(connection) = status else {
        return Err(format!("not connected: {status:?}").into());
    };
    println!("connected, {}", connection.ip);
    Ok(())
}
