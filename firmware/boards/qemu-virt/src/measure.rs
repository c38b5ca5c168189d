//! Measures handshakes, in instructions. This is exact only with QEMU's `-icount shift=0`; without
//! it, the counter follows the host's clock.

use core::fmt::Write;

use firmware::{Device, Link, Settings, Simulated};
use protocomm::{
    Capabilities, Credentials, Handshake, Password, ProofOfPossession, Scheme, Step, Username,
    VerifierMaker,
};
use riscv::register::minstret;

use crate::{
    dice,
    machine::{self, Uart},
};

/// The clock of an ESP32-C3: instructions in a millisecond, if each takes one cycle.
const PER_MS: u64 = 160_000;

/// Runs the handshakes of security 1 and 2 within the device, and prints what the device's half
/// took.
pub(crate) fn handshakes() {
    let secret = Settings::BUILT_IN.secret;
    let Some(username) = Username::new(Settings::BUILT_IN.username) else { return };
    let password = Password::from(secret);
    let sec1 = Credentials::Sec1 { pop: ProofOfPossession::from(secret) };
    let sec2 = Credentials::Sec2 { username, password, made_by: VerifierMaker::Device };
    for (scheme, credentials) in [(Scheme::Sec1, sec1), (Scheme::Sec2, sec2)] {
        let settings = Settings { scheme, ..Settings::BUILT_IN };
        let before = minstret::read64();
        let device = Device::new(&settings, Simulated::new(machine::milliseconds), dice());
        let start = minstret::read64() - before;
        let Some(taken) = handshake(&device, &credentials) else {
            let _ = writeln!(Uart, "security {}: no session\r", scheme.number());
            continue;
        };
        let _ = writeln!(
            Uart,
            "security {}: start={start} handshake={taken} ms={}\r",
            scheme.number(),
            taken / PER_MS
        );
    }
}

/// Runs a handshake. Returns the instructions of the device's half.
fn handshake(
    device: &Device<Simulated, impl rand_core::CryptoRng>,
    credentials: &Credentials,
) -> Option<u64> {
    let start = Handshake::start(credentials, &Capabilities::default(), &mut dice());
    let (mut client, mut request) = start.ok()?;
    let mut taken = 0;
    loop {
        let before = minstret::read64();
        let reply = device.handle(Link::Console, request.endpoint.as_str(), &request.body).ok()?;
        taken += minstret::read64() - before;
        match client.handle(&reply).ok()? {
            Step::Send(then, next) => (client, request) = (then, next),
            Step::Done(_) => return Some(taken),
        }
    }
}
