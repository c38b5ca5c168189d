//! Which unit a label means, and what is known about it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use esp_prov::address::{AccessPointSelector, Address, BleSelector};
use esp_prov_batch::roster::{self, Defaults, Entry, Field, Form, RosterPosition};
use esp_prov_input::files::Inputs;
use esp_prov_trace as trace;
use protocomm::{Given, Label, LabelTransport, Scheme};

use super::StationArgs;
use crate::{
    cli::{Failure, commands::batch, outputs},
    report::Reporter,
};

/// The longest text of a label, in bytes: more than a QR code holds.
pub(super) const LONGEST: usize = 4096;

/// Why a label leads to no unit. Holds no secret.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The unit, if its name could be read.
    pub(super) device: Option<String>,
    pub(super) why: String,
    /// What to do.
    pub(super) advice: &'static str,
}

/// The units that the station takes.
pub(super) struct Units<'a> {
    /// What labels and the roster leave out.
    defaults: Defaults,
    known: Option<Known>,
    takes_unknown: bool,
    /// The folder for traces, and the files that none may replace.
    traces: Option<(&'a Path, &'a Inputs)>,
}

/// The units of a roster.
#[derive(Default)]
struct Known {
    entries: HashMap<String, Entry>,
    /// Their ids by the names under which they can be found.
    by_name: HashMap<String, String>,
}

impl Known {
    fn add(&mut self, entry: Entry) {
        let name = match &entry.address {
            Address::Ble(ble) => match &ble.wanted {
                BleSelector::Name(name) => Some(name.clone()),
                _ => None,
            },
            Address::Softap(softap) => match &softap.access_point {
                AccessPointSelector::Name(ssid) => Some(ssid.to_string()),
                AccessPointSelector::Bssid(_) => None,
            },
            _ => None,
        };
        if let Some(name) = name {
            self.by_name.insert(name, entry.id.clone());
        }
        self.entries.insert(entry.id.clone(), entry);
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        let by_name = || self.entries.get(self.by_name.get(name)?);
        self.entries.get(name).or_else(by_name)
    }
}

impl<'a> Units<'a> {
    /// Reads the roster, if there is one. Returns its path, too.
    pub(super) fn new(
        args: &'a StationArgs,
        inputs: &'a Inputs,
        reporter: &Reporter,
    ) -> Result<(Self, Option<PathBuf>), Failure> {
        let work = &args.work;
        let defaults = batch::defaults(work, reporter)?;
        let takes_unknown = args.takes_unknown();
        if !takes_unknown && work.roster.is_none() {
            let why = "--unknown refuse: give a --roster, without which all units are unknown";
            return Err(Failure::input(why));
        }
        if takes_unknown && !defaults.has(Field::Ssid) && !defaults.has(Field::SsidHex) {
            let why = "--ssid is missing: a unit that is not on a roster is given this network";
            return Err(Failure::input(why));
        }
        let (mut known, mut path) = (None, None);
        if work.roster.is_some() {
            let (found, entries) = batch::roster(work, reporter)?;
            let mut all = Known::default();
            for entry in entries {
                all.add(entry);
            }
            (known, path) = (Some(all), Some(found));
        }
        let traces = work.trace.as_deref().map(|folder| (folder, inputs));
        Ok((Self { defaults, known, takes_unknown, traces }, path))
    }

    /// The unit that a label means: what a QR code says, or a name or id alone.
    pub(super) fn find(&self, label: &Given) -> Result<Entry, Refusal> {
        let entry = self.meant(label)?;
        if let Some((folder, inputs)) = self.traces {
            let file = trace::file_of(folder, &entry.id);
            if let Err(Failure::Input(why)) = outputs::spare(inputs, "--trace", &file) {
                return Err(Refusal {
                    device: Some(entry.id),
                    why,
                    advice: "start the station again with another --trace",
                });
            }
        }
        Ok(entry)
    }

    fn meant(&self, label: &Given) -> Result<Entry, Refusal> {
        let text = label.expose().trim();
        let refused = |why: String| Refusal { device: None, why, advice: "scan it again" };
        if text.len() > LONGEST {
            return Err(refused(format!("over {LONGEST} bytes, which no label has")));
        }
        let known = |name: &str| self.known.as_ref().and_then(|known| known.find(name)).cloned();
        if let Some(entry) = known(text) {
            return Ok(entry);
        }
        // What is no name may be a secret, and is not shown.
        let code = (!is_name(text)).then(|| Label::parse(text)).transpose();
        let code = code.map_err(|error| refused(format!("the label can't be read: {error}")))?;
        let name = code.as_ref().map_or(text, |code| &code.name);
        if let Some(entry) = known(name) {
            return Ok(entry);
        }
        let device = Some(name.to_owned());
        if !self.takes_unknown {
            let advice = "put it on the roster and start the station again, or give --unknown take";
            return Err(Refusal { device, why: "it is not on the roster".to_owned(), advice });
        }
        self.unknown(name, code.as_ref()).map_err(|why| Refusal {
            device,
            why,
            advice: "check the job file and the label",
        })
    }

    /// A unit that is not on the roster: what the label says, as a line of a roster.
    fn unknown(&self, name: &str, code: Option<&Label>) -> Result<Entry, String> {
        let mut line = vec![(Field::Id, Given::from(name))];
        if let Some(code) = code {
            let by = match code.transport {
                LabelTransport::Ble => "ble",
                LabelTransport::SoftAp => "softap",
            };
            line.push((Field::Address, format!("{by}:{name}").into()));
            if let Some(scheme) = code.security {
                line.push((Field::Security, scheme.number().to_string().into()));
            }
            let text = |bytes: &[u8]| Given::from(String::from_utf8_lossy(bytes).into_owned());
            let pop = code.pop.as_ref().map(|pop| text(pop.expose()));
            if let Some(username) = &code.username {
                line.push((Field::Username, username.as_str().into()));
            }
            // A password must never become a proof of possession, which can be guessed offline.
            let is_password = code.username.is_some() || code.security == Some(Scheme::Sec2);
            let secret = if is_password { Field::Password } else { Field::Pop };
            line.extend(pop.map(|pop| (secret, pop)));
            let password = code.password.as_ref().map(|password| text(password.expose()));
            line.extend(password.map(|password| (Field::SoftapPassphrase, password)));
        }
        let line = roster::to_text(Form::JsonLines, &[line]);
        let (bytes, here) = (line.expose().as_bytes(), Path::new(""));
        let parsed = roster::parse(bytes, Form::JsonLines, here, &self.defaults);
        let mut parsed = parsed.map_err(|mistakes| {
            let words = mistakes.iter().map(|mistake| match &mistake.position {
                RosterPosition::Default(origin) => format!("{origin}: {}", mistake.what),
                _ => mistake.what.to_string(),
            });
            words.collect::<Vec<_>>().join("; ")
        })?;
        parsed.entries.pop().ok_or_else(|| "the label names no unit".to_owned())
    }
}

/// Whether a text that is no unit's can be a name or a MAC address, rather than the content of
/// another code or a line of a table.
fn is_name(text: &str) -> bool {
    let is_mac = text.chars().all(|char| char.is_ascii_hexdigit() || char == ':');
    text.len() <= roster::ID_LIMIT && (is_mac || !text.contains([':', ';', ',', '=', '"', '{']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(known: Option<Known>) -> Units<'static> {
        let mut defaults = Defaults::default();
        defaults.set(Field::Ssid, "Line", "--ssid");
        defaults.set(Field::Passphrase, "correct-horse", "--passphrase");
        let takes_unknown = known.is_none();
        Units { defaults, known, takes_unknown, traces: None }
    }

    #[test]
    fn a_label_says_where_the_unit_is_and_its_secret() {
        let units = units(None);
        let label = r#" {"ver":"v1","name":"PROV_1","pop":"text:a","transport":"ble"} "#;
        let entry = units.find(&label.into()).expect("a unit");
        assert_eq!(
            (entry.id.as_str(), entry.address.to_string().as_str()),
            ("PROV_1", "ble:PROV_1")
        );
        assert_eq!(entry.network_name(), "Line");
        let pop = entry.security.pop.expect("a proof");
        assert_eq!(pop.expose(), b"text:a");
        let login = label.replace("ble", "softap").replace('}', r#","username":"bob"}"#);
        let entry = units.find(&login.as_str().into()).expect("a unit");
        assert_eq!(entry.address.to_string(), "softap:PROV_1");
        assert!(entry.security.pop.is_none() && entry.security.login.is_some());
    }

    #[test]
    fn what_is_no_unit_is_refused_without_its_secret() {
        let units = units(None);
        for (label, name, told) in [
            ("PROV_1", Some("PROV_1"), "address: is missing"),
            ("{\"pop\":\"hush\"", None, "the label can't be read: "),
            ("WIFI:S:Home;T:WPA;P:hush-hush;;", None, "the label can't be read: "),
            ("DPP:K:hush;;", None, "the label can't be read: "),
            ("01,PROV_01,hush,x", None, "the label can't be read: "),
            ("pop=hush", None, "the label can't be read: "),
            (&"x".repeat(5000), None, "over 4096 bytes"),
            (&"y".repeat(200), None, "the label can't be read: "),
            ("AA:BB:CC:DD:EE:FF", Some("AA:BB:CC:DD:EE:FF"), "address: is missing"),
        ] {
            let refusal = units.find(&label.into()).expect_err("no unit");
            assert_eq!(refusal.device.as_deref(), name);
            assert!(refusal.why.contains(told), "{}", refusal.why);
            assert!(!refusal.why.contains("hush"), "{}", refusal.why);
        }
    }

    #[test]
    fn a_unit_of_the_roster_is_found_by_its_id_and_by_its_name() {
        let line = "id,address,ssid,open\nSN1,ble:PROV_1,Line,yes\nSN2,softap:PROV_2,Line,yes\n";
        let roster = roster::parse(line.as_bytes(), Form::Csv, Path::new(""), &Defaults::default());
        let mut known = Known::default();
        for entry in roster.expect("a roster").entries {
            known.add(entry);
        }
        let units = units(Some(known));
        let label = r#"{"ver":"v1","name":"PROV_2","transport":"softap"}"#;
        for (label, id) in [("SN1", "SN1"), ("PROV_1", "SN1"), (label, "SN2")] {
            assert_eq!(units.find(&label.into()).expect("a unit").id, id);
        }
        let refusal = units.find(&"SN3".into()).expect_err("no unit");
        assert_eq!(refusal.why, "it is not on the roster");
    }
}
