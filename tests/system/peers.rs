//! Clients of other people against our device, and the vendor's generator of partitions with our
//! values. They come from package registries, so these tests run in CI only: `.ci/run peers`.

use std::{collections::BTreeMap, env, process::Command, sync::Arc, time::Duration};

use esp_prov_simulate::{Settings, VirtualDevice, serve};
use kit::process::ToTheEnd;
use serde_json::{Value, json};
use tokio::net::TcpListener;

fn python() -> String {
    env::var("ESP_PROV_PEERS_PYTHON")
        .expect("ESP_PROV_PEERS_PYTHON names a Python that has tests/peers/requirements.txt")
}

/// What the package `esp-protocomm` (PyPI) says of a device whose proof of possession is
/// `abcd1234`.
async fn esp_protocomm(device: &VirtualDevice, pop: &'static str) -> Value {
    let python = python();
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

/// Partitions of a lot's values (`secrets`), made by the vendor's `esp-idf-nvs-partition-gen` as
/// `mfg_gen.py` of ESP-IDF asks it to, and read back.
#[test]
#[ignore = "needs a package from PyPI: .ci/run peers"]
fn the_vendors_generator_makes_partitions_of_the_values_of_a_lot() {
    let folder = tempfile::tempdir().expect("a folder");
    for (lot, scheme) in [("one", &["1"][..]), ("two", &["2", "--sec2-username", "wifiprov"])] {
        let tool = env!("CARGO_BIN_EXE_esp-prov-rs");
        let mut command = Command::new(tool);
        command.args(["secrets", "--count", "3", "--transport", "ble", "--output", lot]);
        command.arg("--sec-ver").args(scheme).current_dir(folder.path());
        assert!(command.output_in_time().status.success());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/nvs_partitions.py");
        let mut command = Command::new(python());
        command.arg(script).arg(lot).current_dir(folder.path());
        let output = command.output_in_time();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read: Vec<BTreeMap<String, String>> =
            serde_json::from_slice(&output.stdout).expect("it says JSON");
        let values = folder.path().join(lot).join("mfg_values.csv");
        let values = csv::Reader::from_path(values).expect("a table").into_deserialize();
        let mut values: Vec<BTreeMap<String, String>> =
            values.map(|line| line.expect("a line")).collect();
        // The id is for names of files.
        let ids = values.iter_mut().filter_map(|value| value.remove("id"));
        assert_eq!(ids.collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(read, values);
    }
}
