//! Lists the networks that a virtual device sees: `cargo run --example scan`.

#![allow(clippy::print_stdout, reason = "an example prints")]

use esp_prov::{Outcome, Provisioner, Scan, Security, address::Address};
use esp_prov_simulate::{Settings, VirtualDevice};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let device = VirtualDevice::new(Settings::default());
    let scan = Scan::for_address(&Address::Virtual);
    let outcome = Provisioner::new(Address::Virtual, &device)
        .with_security(Security::default().with_proof("abcd1234"))
        .scan(scan)
        .await?;

    let Outcome::Scanned { networks } = outcome else {
        return Err("it is no device for Wi-Fi".into());
    };
    for network in &networks {
        println!("{:>4} dBm  {}  {}", network.rssi, network.auth_mode, network.ssid);
    }
    assert!(networks.iter().any(|network| network.ssid == "Home"));
    Ok(())
}
