//! Any answer to `proto-ver` can be read, and what is read is consistent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocomm::{Capabilities, device::Version};

fuzz_target!(|reply: &[u8]| {
    let device = Capabilities::parse(reply);
    assert_eq!(device.security().is_some(), device.structured);
    assert!(device.structured || device.capabilities.is_none() && device.applications.is_empty());
    assert!(!device.applications.contains_key("prov"));
    if let Some(version) = &device.version {
        assert!(device.is_version(&version.to_ascii_uppercase()));
    }
    for capability in device.capabilities.iter().flatten() {
        assert!(device.has(capability));
    }

    // What the manager could have reported is read back from the text it would have sent.
    let (Some(version), Some(capabilities)) = (&device.version, &device.capabilities) else {
        return;
    };
    let plain = |text: &str| text.chars().all(|one| !one.is_control() && !"\"\\".contains(one));
    if plain(version) && capabilities.iter().all(|name| plain(name)) {
        let names: Vec<_> = capabilities.iter().map(String::as_str).collect();
        let text = Version {
            version,
            sec_ver: device.sec_ver,
            sec_patch_ver: Some(device.sec_patch_ver),
            capabilities: &names,
        }
        .to_text();
        let mut without = device.clone();
        without.applications.clear();
        assert_eq!(Capabilities::parse(text.as_bytes()), without);
    }
});
