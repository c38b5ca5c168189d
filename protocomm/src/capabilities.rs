//! What a device reports about itself on `proto-ver`.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// A section of the application beside `prov`, which firmware adds with `set_app_info`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Application {
    /// The version in the section, if it has one.
    pub version: Option<String>,
    /// The capabilities in the section, in the order of the reply.
    pub capabilities: Vec<String>,
}

/// The kind of network a device joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkKind {
    /// Wi-Fi.
    Wifi,
    /// Thread, which network_provisioning supports since 1.0.0.
    Thread,
}

impl fmt::Display for NetworkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wifi => "Wi-Fi",
            Self::Thread => "Thread",
        })
    }
}

/// A device's version and capabilities.
///
/// The provisioning manager (ESP-IDF v3.3 and later, network_provisioning) answers with JSON. Older
/// and hand-made firmware answers with plain text such as `V0.1`, or with nothing. Unknown members
/// and capabilities are kept or skipped; they are never an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Capabilities {
    /// `prov.ver`, or the whole text of a reply that is not a JSON object; `None` if there is
    /// neither.
    pub version: Option<String>,
    /// `prov.sec_ver` (ESP-IDF v5.0 and later).
    pub sec_ver: Option<u32>,
    /// `prov.sec_patch_ver` (ESP-IDF v5.0.9, v5.1.7, v5.2.6, v5.3.3, v5.4.1, v5.5 and later);
    /// otherwise 0.
    pub sec_patch_ver: u32,
    /// `prov.cap`; `None` if the device did not list any.
    pub capabilities: Option<Vec<String>>,
    /// The other sections, by name.
    pub applications: BTreeMap<String, Application>,
    /// Whether the answer was a JSON object.
    pub structured: bool,
}

impl Capabilities {
    /// Reads a `proto-ver` reply. This never fails: what is not a JSON object is taken as plain
    /// text. A byte order mark and terminating zeros are left out.
    pub fn parse(reply: &[u8]) -> Self {
        let reply = reply.strip_prefix("\u{feff}".as_bytes()).unwrap_or(reply);
        let end = reply.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let reply = reply.get(..end).unwrap_or(reply);
        let Ok(Value::Object(mut sections)) = serde_json::from_slice(reply) else {
            let text = String::from_utf8_lossy(reply);
            return Self {
                version: (!text.is_empty()).then(|| text.into_owned()),
                ..Self::default()
            };
        };
        let prov = sections.remove("prov").unwrap_or_default();
        let number = |name: &str| {
            prov.get(name).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok())
        };
        Self {
            version: text(&prov, "ver"),
            sec_ver: number("sec_ver"),
            sec_patch_ver: number("sec_patch_ver").unwrap_or(0),
            capabilities: strings(&prov, "cap"),
            applications: applications(sections),
            structured: true,
        }
    }

    /// Whether the device lists `capability`, e.g. `wifi_scan`.
    pub fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().flatten().any(|one| one == capability)
    }

    /// The number of the security scheme to use: `sec_ver`, otherwise 0 with `no_sec`, otherwise 1,
    /// since firmware with security 2 always reports `sec_ver`. `None` if the reply was not a JSON
    /// object, so the device is too old to tell.
    ///
    /// The vendor's manager sends `no_sec` since ESP-IDF v3.3 and `sec_ver` since v5.0
    /// (`manager.c`); the vendor's tool reads only `no_sec`.
    pub fn security(&self) -> Option<u32> {
        self.structured.then(|| self.sec_ver.unwrap_or(u32::from(!self.has("no_sec"))))
    }

    /// The kind of network the firmware was built for. Firmware for Thread lists `thread_prov`
    /// (`manager.c`, network_provisioning 1.2.4); all other firmware is for Wi-Fi.
    pub fn network(&self) -> NetworkKind {
        let is_thread = self.has("thread_prov") && !self.has("wifi_prov");
        if is_thread { NetworkKind::Thread } else { NetworkKind::Wifi }
    }

    /// Whether security 1 needs a proof of possession. A device that was built with an *empty* one
    /// still says yes, and then accepts only an empty one.
    pub fn needs_proof_of_possession(&self) -> bool {
        !self.has("no_pop")
    }

    /// Whether `expected` is this device's version. Case does not matter, as in the vendor's tool.
    pub fn is_version(&self, expected: &str) -> bool {
        self.version.as_deref().is_some_and(|version| version.eq_ignore_ascii_case(expected))
    }
}

fn text(section: &Value, name: &str) -> Option<String> {
    section.get(name).and_then(Value::as_str).map(ToString::to_string)
}

fn strings(section: &Value, name: &str) -> Option<Vec<String>> {
    let list = section.get(name)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).map(ToString::to_string).collect())
}

fn applications(sections: Map<String, Value>) -> BTreeMap<String, Application> {
    let section = |(name, section): (String, Value)| {
        let version = text(&section, "ver");
        let capabilities = strings(&section, "cap").unwrap_or_default();
        (name, Application { version, capabilities })
    };
    sections.into_iter().map(section).collect()
}

#[cfg(test)]
mod tests {
    use alloc::{borrow::ToOwned, format};

    use super::*;

    #[test]
    fn what_surrounds_an_answer_is_no_part_of_it() {
        const JSON: &str = r#"{"prov":{"ver":"v1.1","cap":["no_pop"]}}"#;
        for (plain, around) in [
            (JSON, format!("{JSON}\0")),
            (JSON, format!("\u{feff}{JSON}\r\n\0\0")),
            ("V0.1", "V0.1\0".to_owned()),
            ("V0.1", "\u{feff}V0.1".to_owned()),
            ("", "\0".to_owned()),
        ] {
            let read = Capabilities::parse(around.as_bytes());
            assert_eq!(read, Capabilities::parse(plain.as_bytes()), "{around:?}");
            assert_eq!(read.structured, plain == JSON);
        }
    }

    #[test]
    fn the_kind_of_network_is_what_the_device_lists() {
        let kind = |list: &str| {
            let json = format!(r#"{{"prov":{{"ver":"netprov-v1.2","cap":[{list}]}}}}"#);
            Capabilities::parse(json.as_bytes()).network().to_string()
        };
        assert_eq!(kind(r#""thread_prov""#), "Thread");
        assert_eq!(kind(r#""wifi_prov""#), "Wi-Fi");
        assert_eq!(kind(r#""wifi_prov","thread_prov""#), "Wi-Fi");
        assert_eq!(kind(""), "Wi-Fi");
    }

    #[test]
    fn versions_are_compared_as_the_vendors_tool_does() {
        let device = Capabilities::parse(b"V0.1");
        assert!(device.is_version("v0.1") && device.is_version("V0.1"));
        assert!(!device.is_version("v0.2"));
        assert!(!Capabilities::parse(b"").is_version(""));
    }
}
