//! What `secrets` makes, in use: devices with the values that it makes for their flash, and a batch
//! with its roster as it is.

use std::{collections::BTreeMap, path::Path, process::Command, sync::Arc, time::Duration};

use esp_prov::{BleConnect, Care, Connect, Scheme, address::Address};
use esp_prov_batch::{
    BatchEnd, Connector,
    roster::{self, Defaults, Field},
};
use esp_prov_simulate::{Settings, VirtualDevice};
use kit::{Air, Memory, Station as OnAir, has_joined_home, hex, process::ToTheEnd};
use protocomm::device::SrpVerifier;

use super::line::{job, run};

const NAMES: [&str; 3] = ["PROV_1", "PROV_2", "PROV_3"];

/// The devices, each with what its flash has.
fn devices(values: &Path, scheme: Scheme) -> Vec<VirtualDevice> {
    let values = csv::Reader::from_path(values).expect("a table");
    let device = |value: Result<BTreeMap<String, String>, _>| {
        let value = value.expect("a line");
        let verifier = value
            .get("salt")
            .map(|salt| SrpVerifier { salt: hex(salt), verifier: hex(&value["verifier"]) });
        let pop = value.get("pop").map(|pop| pop.as_str().into());
        VirtualDevice::new(Settings { scheme, pop, verifier, ..Settings::default() })
    };
    values.into_deserialize().map(device).collect()
}

#[tokio::test(start_paused = true)]
async fn its_roster_provisions_the_devices_that_have_its_values() {
    for (scheme, login) in [(Scheme::Sec1, &[][..]), (Scheme::Sec2, &["--sec2-username", "line"])] {
        let folder = tempfile::tempdir().expect("a folder");
        let lot = folder.path().join("lot");
        let mut command = Command::new(env!("CARGO_BIN_EXE_esp-prov-rs"));
        command.args(["secrets", "--count", "3", "--transport", "ble", "--sec-ver"]);
        command.arg(scheme.number().to_string()).args(login).arg("--output").arg(&lot);
        assert!(command.output_in_time().status.success());

        let devices = devices(&lot.join("mfg_values.csv"), scheme);
        let on_air = devices.iter().zip(NAMES).zip(["A1", "B2", "C3"]);
        let on_air =
            on_air.map(|((device, name), id)| OnAir { id, name: Some(name), ..OnAir::of(device) });
        let air = Arc::new(Air::with(on_air.collect()));
        let connect: Connector = Arc::new(move |address: &Address| match address {
            Address::Ble(ble) => {
                let connect = BleConnect::with_adapter(ble.clone(), Arc::<Air>::clone(&air));
                Some(Box::new(connect.with(Care::Batch)) as Box<dyn Connect>)
            }
            _ => None,
        });
        let mut defaults = Defaults::default();
        defaults.set(Field::Ssid, "Home", "--ssid");
        defaults.set(Field::Passphrase, "correct-horse", "--passphrase");
        let roster = roster::read(&lot.join("roster.csv"), &defaults).expect("a roster");
        assert!(roster.warnings.is_empty());
        let mut job = job(roster.entries, connect);
        job.within = Some(Duration::from_secs(600));
        let ran = run(job, &Memory::default()).await;
        assert_eq!(ran.end(), (BatchEnd::Finished, 3, 0), "{scheme}");
        assert!(devices.iter().all(has_joined_home), "{scheme}");
    }
}
