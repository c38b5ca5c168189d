//! Gives a device its network, and prints what happens.
//!
//! `cargo run --example provision` uses a virtual device inside this process;
//! `cargo run --example provision -- 192.168.4.1 POP SSID PASSPHRASE` uses a real one.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::env;

use esp_prov::{
    Event, Network, Outcome, Passphrase, Plan, Policy, Provisioner, Security, Ssid,
    address::{Address, HttpAddress},
    transport::{Connect, HttpConnect},
};
use esp_prov_simulate::{Settings, VirtualDevice};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given: Vec<_> = env::args().skip(1).collect();
    let (address, connect, pop, ssid, passphrase): (_, Box<dyn Connect>, _, _, _) = match &*given {
        [] => {
            let device = VirtualDevice::new(Settings::default());
            (Address::Virtual, Box::new(device), "abcd1234", "Home", "correct-horse")
        }
        [address, pop, ssid, passphrase] => {
            let address: HttpAddress = address.parse()?;
            let connect = Box::new(HttpConnect::new(address.clone()));
            (Address::Http(address), connect, &**pop, &**ssid, &**passphrase)
        }
        _ => return Err("give ADDRESS POP SSID PASSPHRASE, or nothing".into()),
    };

    let network = Network::wifi(Ssid::new(ssid)?, Passphrase::new(passphrase.to_owned())?);
    let watch = |event: Event| println!("{event:?}");
    let device = Provisioner::new(address, connect.as_ref())
        .with_security(Security::default().with_proof(pop))
        .with_policy(Policy::default().with_attempts(5))
        .with_observer(&watch);

    match device.provision(&Plan::new(network)).await? {
        Outcome::Connected { connection } => println!("it has the address {}", connection.ip),
        other => println!("it is not known to be connected: {other:?}"),
    }
    Ok(())
}
