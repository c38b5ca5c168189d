//! A virtual device on a socket, as for a test of your own program, and a client that provisions it
//! over HTTP: `cargo run --example virtual_device`.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::sync::Arc;

use esp_prov::{
    Network, Outcome, Passphrase, Plan, Provisioner, Security, Ssid,
    address::{Address, HttpAddress},
    transport::HttpConnect,
};
use esp_prov_simulate::{Persona, Settings, VirtualDevice, serve};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Firmware of ESP-IDF v5.5, with security 1.
    let device = VirtualDevice::new(Settings { persona: Persona::IdfV5_5, ..Settings::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address: HttpAddress = listener.local_addr()?.to_string().parse()?;
    let served = device.clone();
    tokio::spawn(async move { serve(&listener, &served, Arc::new(|_| ())).await });

    let network = Network::wifi(Ssid::new("Home")?, Passphrase::new("correct-horse".to_owned())?);
    let connect = HttpConnect::new(address.clone());
    let outcome = Provisioner::new(Address::Http(address), &connect)
        .with_security(Security::default().with_proof("abcd1234"))
        .provision(&Plan::new(network))
        .await?;

    assert!(matches!(outcome, Outcome::Connected { .. }), "{outcome:?}");
    let applied = device.applied().ok_or("it was told nothing")?;
    println!("the device was told to join {}", String::from_utf8_lossy(&applied.ssid));
    Ok(())
}
