//! Clients of other people against our device. They come from package registries, so these tests
//! run in CI only: `.ci/run peers`.

use std::{env, process::Command, sync::Arc, time::Duration};

use esp_prov_simulate::{Settings, VirtualDevice, serve};
use kit::process::ToTheEnd;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What the package `esp-protocomm` (PyPI) says of a device whose proof of possession is
/// `abcd1234`.
async fn esp_protocomm(device: &VirtualDevice, pop: &'static str) -> Value {
    let python = env::var("ESP_PROV_PEERS_PYTHON")
        .expect("ESP_PROV_PEERS_PYTHON names a Python that has tests/peers/requirements.txt");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address").to_string();
    let device = device.clone();
    let server = tokio::spawn(async move { serve(&listener, &device, Arc::new(|_| ())).await });
    let client = tokio::task::spawn_blocking(move || {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/esp_protocomm_client.py");
        let arguments = [script, &address, pop, "Home", "correct-horse"];
        Command::new(python).args(arguments).output_in_time()
    });
    let output = client.await.expect("it ends");
    server.abort();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it says JSON")
}

fn device() -> VirtualDevice {
    let join_delay = Duration::from_millis(50);
    VirtualDevice::new(Settings { join_delay, ..Settings::default() })
}

#[tokio::test]
#[ignore = "needs a package from PyPI: .ci/run peers"]
async fn esp_protocomm_scans_and_provisions() {
    let device = device();
    let said = esp_protocomm(&device, "abcd1234").await;
    assert_eq!(said["before"], "connecting");
    assert_eq!(said["after"], "connected");
    assert_eq!(said["connected"][0], "Home");
    let networks = said["networks"].as_array().expect("a list");
    assert_eq!(networks.len(), device.settings().networks.wifi.len(), "{said}");
    assert!(networks.contains(&json!("Home")), "{said}");
    assert!(kit::has_joined_home(&device));
}

#[tokio::test]
#[ignore = "needs a package from PyPI: .ci/run peers"]
async fn esp_protocomm_is_rejected_with_another_proof() {
    let device = device();
    let said = esp_protocomm(&device, "wrong").await;
    let why = said["handshake"].as_str().expect("a failed handshake");
    assert!(why.contains("rejected the second handshake round"), "{why}");
    assert_eq!(device.joins(), 0);
}
