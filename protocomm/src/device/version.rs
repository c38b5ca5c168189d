//! The answer of a device to `proto-ver`.

use alloc::{string::String, vec::Vec};
use core::fmt::Write;

/// The manager's version text, laid out as `cJSON_Print` does (`manager.c`, v3.3 to v5.5 and
/// network_provisioning).
///
/// ```
/// # use protocomm::device::Version;
/// let text = Version { version: "v1.1", sec_ver: None, sec_patch_ver: None, capabilities: &["wifi_scan"] };
/// assert_eq!(text.to_text(), "{\n\t\"prov\":\t{\n\t\t\"ver\":\t\"v1.1\",\n\t\t\"cap\":\t[\"wifi_scan\"]\n\t}\n}");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// `v1.1` for `wifi_provisioning`, `netprov-v1.2` for network_provisioning.
    pub version: &'a str,
    /// The number of the security scheme; `None` before ESP-IDF v5.0.
    pub sec_ver: Option<u32>,
    /// The patch level of the scheme; `None` in firmware that does not report it. It came with
    /// ESP-IDF v5.0.9, v5.1.7, v5.2.6, v5.3.3, v5.4.1 and v5.5.
    pub sec_patch_ver: Option<u32>,
    /// In the manager's order: `no_sec`, `no_pop`, then `wifi_prov` and `wifi_scan`, or `thread_prov`
    /// and `thread_scan`.
    pub capabilities: &'a [&'a str],
}

impl Version<'_> {
    /// The text of the reply. Names are not escaped.
    pub fn to_text(&self) -> String {
        let mut text = String::from("{\n\t\"prov\":\t{\n");
        let mut members = Vec::from([string("ver", self.version)]);
        members.extend(self.sec_ver.map(|number| member("sec_ver", number)));
        members.extend(self.sec_patch_ver.map(|number| member("sec_patch_ver", number)));
        let quoted: Vec<String> =
            self.capabilities.iter().map(|name| alloc::format!("\"{name}\"")).collect();
        members.push(member("cap", alloc::format!("[{}]", quoted.join(", "))));
        let _ = write!(text, "\t\t{}\n\t}}\n}}", members.join(",\n\t\t"));
        text
    }
}

fn member(name: &str, value: impl core::fmt::Display) -> String {
    alloc::format!("\"{name}\":\t{value}")
}

fn string(name: &str, value: &str) -> String {
    member(name, alloc::format!("\"{value}\""))
}
