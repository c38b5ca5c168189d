//! An endpoint of the application: a command for it in the client, and its handler in the device.
//!
//! `cargo run -p protocomm --example own_command --features device`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use getrandom::SysRng;
use protocomm::{
    Capabilities, Command, Credentials, DecodeError, Endpoint, Handshake, Refusal, Status, Step,
    commands::WifiStatus,
    device::{Backend, Responder, Security, WifiConfig},
    rand_core::UnwrapErr,
};
use zeroize::Zeroizing;

/// The compiler checks the name: a bad one does not build.
const LAMP: Endpoint = Endpoint::from_static("lamp");

/// Sets the brightness in percent. The reply is the previous one.
struct SetBrightness(u8);

impl Command for SetBrightness {
    type Reply = u8;
    const NAME: &'static str = "SetBrightness";

    fn endpoint(&self) -> Endpoint {
        LAMP
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(vec![self.0])
    }

    fn decode(reply: &[u8]) -> Result<Result<u8, Refusal>, DecodeError> {
        match reply {
            [] => Err(DecodeError::Empty),
            [before] => Ok(Ok(*before)),
            _ => Ok(Err(Refusal::new(Self::NAME, Status::InvalidArgument))),
        }
    }
}

struct Lamp(u8);

impl Backend for Lamp {
    fn join(&mut self, _: WifiConfig) -> Result<(), Status> {
        Err(Status::InternalError)
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        Err(Status::InternalError)
    }

    fn endpoints(&self) -> &[&str] {
        &["lamp"]
    }

    fn custom(&mut self, _: &str, request: &[u8]) -> Option<Vec<u8>> {
        match request {
            [percent @ 0..=100] => Some(vec![std::mem::replace(&mut self.0, *percent)]),
            _ => Some(b"no".to_vec()),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut rng = UnwrapErr(SysRng);
    let mut device = Responder::new(Security::Sec0, "lamp-1", Lamp(20), rng).session_only();

    let known = Capabilities::parse(b"lamp-1");
    let (handshake, request) = Handshake::start(&Credentials::Sec0, &known, &mut rng)?;
    let reply = device.handle(request.endpoint.as_str(), &request.body)?.body;
    let Step::Done(mut session) = handshake.handle(&reply)? else {
        return Err("security 0 needs one message".into());
    };
    for percent in [80, 101] {
        let (request, pending) = session.seal(&SetBrightness(percent))?;
        let reply = device.handle(request.endpoint.as_str(), &request.body)?.body;
        let (next, before) = pending.open(&reply)?;
        session = next;
        match before {
            Ok(before) => println!("{percent} %, before it were {before} %"),
            // A refusal is an answer: the session goes on.
            Err(refusal) => println!("{percent} %: {refusal}"),
        }
    }
    Ok(())
}
