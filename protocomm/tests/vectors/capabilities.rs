//! What firmware of all ages says about itself, and how it is understood.

use std::collections::BTreeMap;

use protocomm::{Application, Capabilities, device::Version};
use serde::Deserialize;
use serde_json::Value;

use crate::recording::Hex;

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    raw_hex: Hex,
    expect: Expected,
}

#[derive(Deserialize)]
struct Expected {
    is_json: bool,
    version: Option<String>,
    sec_ver_field: Option<u32>,
    sec_patch_ver: u32,
    cap: Option<Vec<String>>,
    #[serde(default)]
    app_sections: BTreeMap<String, Section>,
    security_to_use: Option<u32>,
    /// Only where it matters, which is with security 1.
    pop_needed: Option<bool>,
    #[serde(default)]
    wifi_prov_declared: bool,
    #[serde(default)]
    scan: bool,
}

#[derive(Deserialize)]
struct Section {
    ver: Option<String>,
    #[serde(default)]
    cap: Vec<String>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str::<File>(include_str!("proto_ver.json")).expect("cases").cases
}

#[test]
fn every_version_reply_is_understood() {
    for Case { name, raw_hex: Hex(raw), expect } in cases() {
        let device = Capabilities::parse(&raw);
        assert_eq!(device.security(), expect.security_to_use, "{name}");
        if let Some(needed) = expect.pop_needed {
            assert_eq!(device.needs_proof_of_possession(), needed, "{name}");
        }
        assert_eq!(device.has("wifi_prov"), expect.wifi_prov_declared, "{name}");
        assert_eq!(device.has("wifi_scan") || device.has("thread_scan"), expect.scan, "{name}");
        if let Some(version) = &expect.version {
            assert!(device.is_version(&version.to_uppercase()), "{name}");
        }

        let application = |(name, section): (String, Section)| {
            (name, Application { version: section.ver, capabilities: section.cap })
        };
        let expected = Capabilities {
            version: expect.version,
            sec_ver: expect.sec_ver_field,
            sec_patch_ver: expect.sec_patch_ver,
            capabilities: expect.cap,
            applications: expect.app_sections.into_iter().map(application).collect(),
            structured: expect.is_json,
        };
        assert_eq!(device, expected, "{name}");
    }
}

#[test]
fn a_device_lays_its_version_out_as_the_vendors_manager_does() {
    let mut compared = 0;
    for Case { name, raw_hex: Hex(raw), .. } in cases() {
        // Only the manager's own section, in the manager's own layout.
        let Ok(Value::Object(sections)) = serde_json::from_slice(&raw) else { continue };
        if sections.len() > 1 || !raw.starts_with(b"{\n\t\"prov\"") {
            continue;
        }
        let prov = &sections["prov"];
        let number = |name: &str| Some(u32::try_from(prov.get(name)?.as_u64()?).expect("small"));
        let names = prov["cap"].as_array().expect("capabilities").iter();
        let capabilities: Vec<&str> = names.map(|name| name.as_str().expect("a name")).collect();
        let version = Version {
            version: prov["ver"].as_str().expect("a version"),
            sec_ver: number("sec_ver"),
            sec_patch_ver: number("sec_patch_ver"),
            capabilities: &capabilities,
        };
        assert_eq!(version.to_text(), String::from_utf8_lossy(&raw), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 12, "the file has as many of them");
}
