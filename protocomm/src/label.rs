//! The QR code on a device's label: how to reach the device, and the secret that proves possession
//! of it.

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::String,
    vec::Vec,
};
use core::{fmt::Write, str};

use serde::Serialize;
use serde_json::{Map, Value};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{Given, Harmless, NetworkKind, Password, ProofOfPossession, Scheme, Username};

/// The content of the QR code: one JSON object, as printed by `wifi_prov_print_qr` and
/// `network_prov_print_qr` (`app_main.c` of the examples, ESP-IDF v4.3 to v5.5 and
/// network_provisioning 1.2.4).
///
/// ```
/// # use protocomm::{Label, LabelTransport};
/// let text = r#"{"ver":"v1","name":"PROV_1234","pop":"abcd1234","transport":"ble"}"#;
/// let label = Label::parse(text)?;
/// assert_eq!((label.name.as_str(), label.transport), ("PROV_1234", LabelTransport::Ble));
/// assert_eq!(label.to_json().as_str(), text);
/// # Ok::<(), protocomm::InvalidLabel>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Label {
    /// The BLE device name, or the SSID of the device's own access point.
    pub name: String,
    /// The user name of security 2, whose password is in `pop`.
    pub username: Option<Username>,
    /// The proof of possession; with security 2, the password. An empty one differs from none, see
    /// [`Capabilities::needs_proof_of_possession`](crate::Capabilities::needs_proof_of_possession).
    pub pop: Option<ProofOfPossession>,
    /// How to reach the device.
    pub transport: LabelTransport,
    /// The kind of network the device joins. Firmware writes it in some forms of the label only.
    pub network: Option<NetworkKind>,
    /// The password of the device's own access point. The phone apps read it; the examples do not
    /// write it.
    pub password: Option<Password>,
    /// The security scheme. The phone apps read it; the examples do not write it.
    pub security: Option<Scheme>,
}

/// How to reach the device, according to its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelTransport {
    /// Bluetooth Low Energy.
    Ble,
    /// HTTP on the device's own access point.
    SoftAp,
}

/// Why a text is not a label. Its messages never contain a proof of possession or a password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidLabel {
    /// There is no text.
    #[error("no text")]
    Nothing,
    /// A link without `data`, or with data that can't be percent-decoded.
    #[error("the link has no readable data; it ends with ?data= and a JSON object")]
    Link,
    /// The JSON ends too early.
    #[error("the JSON is cut off at byte {at}{}", firmware_buffer(*at))]
    CutOff {
        /// The length of the JSON in bytes.
        at: usize,
    },
    /// A code of another kind, which is named.
    #[error("this is {0}, not the label of a device")]
    OtherKind(&'static str),
    /// A log with the labels of several devices, whose number is given.
    #[error("labels of {0} devices; give only one")]
    Several(usize),
    /// Neither JSON nor a link, as with most QR codes.
    #[error("neither an object such as {{\"ver\":\"v1\",…}} nor a link that contains one")]
    Other,
    /// Not JSON, often because firmware does not escape the values it writes.
    #[error(
        "not JSON at byte {at}; a \" or \\ within a value needs a \\ before it, which firmware \
         forgets"
    )]
    NotJson {
        /// The byte at which the JSON becomes invalid, counted from 1.
        at: usize,
    },
    /// JSON, but not an object.
    #[error("the JSON is {0}, not an object such as {{\"ver\":\"v1\",…}}")]
    NotAnObject(&'static str),
    /// A member that every label needs is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A member is not text.
    #[error("{member} is {got}, not text")]
    NotText {
        /// The name of the member.
        member: &'static str,
        /// What it is instead.
        got: &'static str,
    },
    /// A member that must not be empty is.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A member has an unknown value.
    #[error("{member}: {}; expected {known}", unknown(value.as_ref()))]
    Unknown {
        /// The name of the member.
        member: &'static str,
        /// Its value, if it is too short to be a secret in the wrong place.
        value: Option<Harmless>,
        /// The values it may have.
        known: &'static str,
    },
}

fn unknown(value: Option<&Harmless>) -> Cow<'static, str> {
    match value {
        Some(value) => format!("unknown value \"{value}\"").into(),
        None => "unknown value".into(),
    }
}

fn firmware_buffer(at: usize) -> &'static str {
    if at == Label::FIRMWARE_MAX {
        "; firmware's buffer ends there, so the name and the proof of possession are too long for \
         it"
    } else {
        ""
    }
}

impl Label {
    /// Makes a label with these members only.
    pub fn new(name: impl Into<String>, transport: LabelTransport) -> Self {
        Self {
            name: name.into(),
            username: None,
            pop: None,
            transport,
            network: None,
            password: None,
            security: None,
        }
    }

    /// The longest payload that firmware writes, in bytes: its buffer has 150 with the terminating
    /// zero, and a longer payload comes out cut off (`app_main.c`).
    pub const FIRMWARE_MAX: usize = 149;

    /// The page that shows a label as a QR code (`QRCODE_BASE_URL` in `app_main.c`).
    pub const PAGE: &str = "https://espressif.github.io/esp-jumpstart/qrcode.html";

    /// Reads a label from any of these:
    /// - the content of the QR code;
    /// - a link whose query has it in `data`, plain as firmware writes it, or percent-encoded;
    /// - the log of a device that prints either of them.
    ///
    /// Surrounding white space, unknown members and the case of the known values do not matter.
    /// Text without straight double quotation marks may have typographic or single ones instead.
    ///
    /// # Errors
    /// [`InvalidLabel`] says what is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, InvalidLabel> {
        let text =
            text.trim_matches(|one: char| one.is_whitespace() || matches!(one, '\0' | '\u{feff}'));
        if text.is_empty() {
            return Err(InvalidLabel::Nothing);
        }
        if let Some(kind) = other_kind(text) {
            return Err(InvalidLabel::OtherKind(kind));
        }
        if text.starts_with('{') {
            return Self::from_json(text);
        }
        let is_link = ["http:", "https:"].iter().any(|scheme| begins(text, scheme));
        if is_link && !text.contains(['\r', '\n']) {
            let json = in_link(text).ok_or(InvalidLabel::Link)?;
            return Self::from_json(&json);
        }
        match Self::in_log(text) {
            Err(InvalidLabel::Other) => Self::from_json(text),
            found => found,
        }
    }

    /// The one label in a log, which may show it several times.
    fn in_log(log: &str) -> Result<Self, InvalidLabel> {
        let mut labels: Vec<Self> = Vec::new();
        let mut flaw = InvalidLabel::Other;
        for (at, mark) in log.match_indices(['{', '?']) {
            let rest = &log[at..];
            let found = if mark == "{" {
                let json = serde_json::Deserializer::from_str(rest).into_iter::<Value>().next();
                match json {
                    Some(Ok(Value::Object(members))) if members.contains_key("name") => {
                        Self::from_members(Members(members))
                    }
                    Some(Err(_)) if rest.starts_with("{\"ver\"") => {
                        Self::from_json(rest.lines().next().unwrap_or_default())
                    }
                    _ => continue,
                }
            } else if rest.starts_with("?data=%") {
                let link = rest.split(char::is_whitespace).next().unwrap_or_default();
                match in_link(link) {
                    Some(json) => Self::from_json(&json),
                    None => continue,
                }
            } else {
                continue;
            };
            match found {
                Ok(label) if labels.iter().any(|one| one.to_json() == label.to_json()) => {}
                Ok(label) => labels.push(label),
                Err(error) => flaw = error,
            }
        }
        match (labels.pop(), labels.len()) {
            (Some(label), 0) => Ok(label),
            (Some(_), others) => Err(InvalidLabel::Several(others + 1)),
            (None, _) if flaw == InvalidLabel::Other && log.contains("DPP:") => {
                Err(InvalidLabel::OtherKind(DPP))
            }
            (None, _) => Err(flaw),
        }
    }

    fn from_json(json: &str) -> Result<Self, InvalidLabel> {
        let straight = straight(json);
        let json = straight.as_ref().map_or(json, |json| json.as_str());
        match serde_json::from_str(json) {
            Ok(Value::Object(members)) => Self::from_members(Members(members)),
            Ok(other) => Err(InvalidLabel::NotAnObject(kind(&other))),
            Err(_) if json.starts_with(|first: char| !"{[\"".contains(first)) => {
                Err(InvalidLabel::Other)
            }
            Err(error) if error.is_eof() => Err(InvalidLabel::CutOff { at: json.len() }),
            Err(error) => {
                let lines = json.split_inclusive('\n').take(error.line().saturating_sub(1));
                let at = lines.map(str::len).sum::<usize>() + error.column();
                Err(InvalidLabel::NotJson { at })
            }
        }
    }

    fn from_members(mut members: Members) -> Result<Self, InvalidLabel> {
        // The secrets come first, so that they are wiped if anything else is wrong.
        let (pop, password) = (members.secret("pop")?, members.secret("password")?);
        // Both versions have the same members, so the version is checked and not used.
        let versions = [("v1", ()), ("v2", ()), ("1", ()), ("2", ())];
        members.choice("ver", &versions, "v1 or v2")?;
        let name = members.text("name")?.ok_or(InvalidLabel::Missing("name"))?;
        let name = name.expose().to_owned();
        if name.is_empty() {
            return Err(InvalidLabel::Empty("name"));
        }
        let username = members.text("username")?;
        let username = username
            .map(|name| Username::new(name.expose()).ok_or(InvalidLabel::Empty("username")))
            .transpose()?;
        let transports = [("ble", LabelTransport::Ble), ("softap", LabelTransport::SoftAp)];
        let transport = members.choice("transport", &transports, "ble or softap")?;
        let networks = [("wifi", NetworkKind::Wifi), ("thread", NetworkKind::Thread)];
        let schemes = [("0", Scheme::Sec0), ("1", Scheme::Sec1), ("2", Scheme::Sec2)];
        Ok(Self {
            name,
            username,
            pop: pop.map(ProofOfPossession::from),
            transport: transport.ok_or(InvalidLabel::Missing("transport"))?,
            network: members.choice("network", &networks, "wifi or thread")?,
            password: password.filter(|password| !password.is_empty()).map(Password::from),
            security: members.choice("security", &schemes, "0, 1 or 2")?,
        })
    }

    /// The JSON as firmware writes it: without white space, its members in the same order, followed
    /// by those of the phone apps. Unlike firmware, this escapes the values.
    pub fn to_json(&self) -> Zeroizing<String> {
        let written = Written {
            ver: "v1",
            name: &self.name,
            username: self.username.as_ref().map(Username::as_str),
            pop: self.pop.as_ref().map(|pop| text(pop.expose())),
            transport: self.transport,
            network: self.network,
            password: self.password.as_ref().map(|password| text(password.expose())),
            security: self.security.map(|scheme| match scheme {
                Scheme::Sec0 => "0",
                Scheme::Sec1 => "1",
                Scheme::Sec2 => "2",
            }),
        };
        // Strings in a struct always serialise.
        Zeroizing::new(serde_json::to_string(&written).unwrap_or_default())
    }

    /// The link as firmware writes it, but percent-encoded, so that it can be clicked.
    pub fn to_link(&self) -> Zeroizing<String> {
        let json = self.to_json();
        let mut link = Zeroizing::new(format!("{}?data=", Self::PAGE));
        link.reserve(3 * json.len());
        for byte in json.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                link.push(byte.into());
            } else {
                // Writing to a string can't fail.
                let _ = write!(link, "%{byte:02X}");
            }
        }
        link
    }
}

/// The members in the order of the firmware.
#[derive(Serialize)]
struct Written<'a> {
    ver: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pop: Option<&'a str>,
    transport: LabelTransport,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<NetworkKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<&'static str>,
}

/// The text of a secret: secrets are only ever made from text.
fn text(secret: &[u8]) -> &str {
    str::from_utf8(secret).unwrap_or_default()
}

struct Members(Map<String, Value>);

impl Members {
    fn text(&mut self, member: &'static str) -> Result<Option<Given>, InvalidLabel> {
        match self.0.remove(member) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.into())),
            // Digits without quotation marks. A number too long for u64 lost digits when it was
            // read.
            Some(Value::Number(number)) if number.is_u64() => Ok(Some(format!("{number}").into())),
            Some(other) => Err(InvalidLabel::NotText { member, got: kind(&other) }),
        }
    }

    fn secret(&mut self, member: &'static str) -> Result<Option<Zeroizing<String>>, InvalidLabel> {
        self.text(member).map(|text| text.map(Into::into))
    }

    /// The meaning of a member that has one of the known values. A number counts as its digits.
    fn choice<T: Copy>(
        &mut self,
        member: &'static str,
        choices: &[(&str, T)],
        known: &'static str,
    ) -> Result<Option<T>, InvalidLabel> {
        if let Some(Value::Number(number)) = self.0.get(member) {
            let digits = format!("{number}");
            self.0.insert(member.to_owned(), Value::String(digits));
        }
        let Some(text) = self.text(member)? else { return Ok(None) };
        match choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.expose())) {
            Some((_, choice)) => Ok(Some(*choice)),
            None if text.is_empty() => Err(InvalidLabel::Empty(member)),
            None => {
                let version = || Given::from(text.expose().strip_prefix('v')?).short_number();
                let value = text
                    .short_number()
                    .or_else(|| version().map(|number| crate::harmless!("v{}", number)));
                Err(InvalidLabel::Unknown { member, value, known })
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

const DPP: &str = "a QR code for Wi-Fi Easy Connect (DPP)";

/// The name of another kind of QR code, by how its text begins.
fn other_kind(text: &str) -> Option<&'static str> {
    let kinds = [
        ("wifi:", "the QR code of a Wi-Fi network (give its name with --ssid)"),
        ("dpp:", DPP),
        ("mt:", "a Matter setup code"),
        ("x-hm:", "a HomeKit setup code"),
    ];
    kinds.into_iter().find(|(begin, _)| begins(text, begin)).map(|(_, kind)| kind)
}

fn begins(text: &str, begin: &str) -> bool {
    text.get(..begin.len()).is_some_and(|start| start.eq_ignore_ascii_case(begin))
}

/// The text with straight double quotation marks instead of others, if it has no straight ones.
fn straight(json: &str) -> Option<Zeroizing<String>> {
    const CURLY: [char; 3] = ['\u{201c}', '\u{201d}', '\u{201e}'];
    const SINGLE: [char; 3] = ['\'', '\u{2018}', '\u{2019}'];
    if json.contains('"') {
        return None;
    }
    let quotes = if json.contains(CURLY) { CURLY } else { SINGLE };
    Some(Zeroizing::new(json.replace(quotes, "\"")))
}

/// The value of `data` in a link.
///
/// Every encoder encodes quotation marks, and no object is without them. So if they are plain,
/// everything is, up to the end of the link.
fn in_link(link: &str) -> Option<Zeroizing<String>> {
    let (_, mut query) = link.split_once('?')?;
    while !query.starts_with("data=") {
        (_, query) = query.split_once('&')?;
    }
    let data = query.strip_prefix("data=")?;
    if data.contains('"') {
        return Some(Zeroizing::new(data.to_owned()));
    }
    let data = data.split(['&', '#']).next().unwrap_or_default();
    // Only forms write + for a space, and they encode the colon.
    let data = if data.contains(':') { Cow::Borrowed(data) } else { data.replace('+', " ").into() };
    percent_decode(&data)
}

fn percent_decode(text: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
            let value = digit()? * 16 + digit()?;
            u8::try_from(value).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn pop(label: &Label) -> Option<&str> {
        label.pop.as_ref().map(|pop| text(pop.expose()))
    }

    /// Every form in the vendor's sources (`app_main.c`) and READMEs, and those of the phone apps.
    #[test]
    fn what_firmware_writes_is_read_and_written_alike() {
        for json in [
            r#"{"ver":"v1","name":"PROV_1234","pop":"abcd1234","transport":"ble"}"#,
            r#"{"ver":"v1","name":"PROV_1234","transport":"softap"}"#,
            r#"{"ver":"v1","name":"PROV_1234","transport":"softap","network":"wifi"}"#,
            r#"{"ver":"v1","name":"PROV_01B1E8","username":"wifiprov","pop":"abcd1234","transport":"ble","network":"wifi"}"#,
            r#"{"ver":"v1","name":"PROV_F72E6B","username":"threadprov","pop":"abcd1234","transport":"ble","network":"thread"}"#,
            r#"{"ver":"v1","name":"PROV_1234","pop":"","transport":"ble"}"#,
            r#"{"ver":"v1","name":"P \"x\\\" ü","pop":"a\"b\\c","transport":"ble"}"#,
            r#"{"ver":"v1","name":"PROV_1234","pop":"abcd1234","transport":"softap","password":"12345678","security":"2"}"#,
        ] {
            let label = Label::parse(json).expect(json);
            assert_eq!(label.to_json().as_str(), json);
            let link = label.to_link();
            assert_eq!(Label::parse(&link).expect(&link).to_json().as_str(), json);
        }
    }

    #[test]
    fn each_member_finds_its_place() {
        let json = r#"
            {"network": "thread", "security": 2, "more": [1, {"pop": "x"}], "username": "bob",
             "transport": "SoftAP", "password": "key-of-the-ap", "name": "PROV_1", "pop": "s3cret",
             "ver": "v1"}
        "#;
        let label = Label::parse(json).expect("a label");
        assert_eq!(label.name, "PROV_1");
        assert_eq!(label.username, Username::new("bob"));
        assert_eq!(pop(&label), Some("s3cret"));
        assert_eq!(label.transport, LabelTransport::SoftAp);
        assert_eq!(label.network, Some(NetworkKind::Thread));
        assert_eq!(label.security, Some(Scheme::Sec2));
        assert_eq!(label.password.as_ref().map(Password::expose), Some(&b"key-of-the-ap"[..]));

        let plain = r#"{"ver":"v1","name":"PROV_1","transport":"ble","password":""}"#;
        let label = Label::parse(plain).expect("a label");
        assert!(label.pop.is_none() && label.username.is_none() && label.password.is_none());
        assert_eq!((label.network, label.security), (None, None));
        let around = format!("\u{feff} {plain}\r\n\0");
        assert!(Label::parse(&around).is_ok());
    }

    #[test]
    fn links_are_read_plain_and_encoded() {
        let page = Label::PAGE;
        for (link, expected) in [
            // As firmware writes it: what looks encoded is not.
            (
                format!(
                    r#"{page}?data={{"ver":"v1","name":"P","pop":"5%41&data=+#","transport":"ble"}}"#
                ),
                "5%41&data=+#",
            ),
            // By encodeURIComponent, and for another page.
            (
                "HTTP://example.org/q?a=1&data=%7B%22ver%22%3A%22v1%22%2C%22name%22%3A%22P%22%2C\
                 %22pop%22%3A%225%2541%20%2b%22%2C%22transport%22%3A%22ble%22%7D&b=2#top"
                    .to_owned(),
                "5%41 +",
            ),
            // By a form.
            (
                format!(
                    "{page}?data=%7b%22ver%22%3a%22v1%22%2c+%22name%22%3a%22P%22%2c\
                     %22pop%22%3a%22a+b%22%2c%22transport%22%3a%22ble%22%7d"
                ),
                "a b",
            ),
            // From the address bar of a browser, which encodes little besides quotation marks.
            (
                format!(
                    "{page}?data={{%22ver%22:%22v1%22,%22name%22:%22P%22,%22pop%22:%22a+b%22,\
                     %22transport%22:%22ble%22}}"
                ),
                "a+b",
            ),
        ] {
            assert_eq!(pop(&Label::parse(&link).expect(&link)), Some(expected), "{link}");
        }
        for link in [
            "https://example.org",
            "https://example.org/?x=1",
            "https://example.org/?date=%7B%7D",
            "https://example.org/?data=%7",
            "https://example.org/?data=%7g",
            "https://example.org/?data=%+1",
            "https://example.org/?data=%ff",
        ] {
            assert_eq!(Label::parse(link).err(), Some(InvalidLabel::Link), "{link}");
        }
        let empty = Label::parse("http://example.org/?data=");
        assert_eq!(empty.err(), Some(InvalidLabel::CutOff { at: 0 }));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = "x".repeat(200);
        let cut = format!(r#"{{"ver":"v1","name":"PROV_1234","pop":"{long}"#);
        for (text, said) in [
            ("", "no text"),
            (" \n\0", "no text"),
            ("{", "the JSON is cut off at byte 1"),
            (&cut[..148], "the JSON is cut off at byte 148"),
            (
                &cut[..149],
                "the JSON is cut off at byte 149; firmware's buffer ends there, so the name and \
                 the proof of possession are too long for it",
            ),
            ("hello", "neither an object such as {\"ver\":\"v1\",…} nor a link that contains one"),
            (
                "WIFI:S:Home;T:WPA;P:s3cret;;",
                "this is the QR code of a Wi-Fi network (give its name with --ssid), not the \
                 label of a device",
            ),
            (
                "DPP:C:81/6;K:s3cret;;",
                "this is a QR code for Wi-Fi Easy Connect (DPP), not the label of a device",
            ),
            ("MT:s3cret", "this is a Matter setup code, not the label of a device"),
            ("{ver:v1,name:PROV_1,pop:s3cret}", "not JSON at byte 2; "),
            ("{\n\"ver\":v1}", "not JSON at byte 9; "),
            (r#"{"ver":"v1","pop":"s3"cret","transport":"ble"}"#, "not JSON at byte 23; "),
            (r#"{"ver":"v1","pop":"s3\cret"}"#, "not JSON at byte 23; "),
            (r#"{"ver":"v1"} s3cret"#, "not JSON at byte 14; "),
            ("{\"pop\":\"s3\ncret\"}", "not JSON at byte 11; "),
            ("[]", "the JSON is a list, not an object such as {\"ver\":\"v1\",…}"),
            ("\"s3cret\"", "the JSON is text, not an object such as {\"ver\":\"v1\",…}"),
            ("1234", "the JSON is a number, not an object such as {\"ver\":\"v1\",…}"),
            ("{}", "name is missing"),
            (r#"{"ver":"v1","transport":"ble"}"#, "name is missing"),
            (r#"{"ver":"v1","name":"P"}"#, "transport is missing"),
            (r#"{"ver":1,"name":"P"}"#, "transport is missing"),
            (r#"{"ver":"v3","name":"P"}"#, "ver: unknown value \"v3\"; expected v1 or v2"),
            (r#"{"ver":"","name":"P"}"#, "ver is empty"),
            (r#"{"ver":["v1"],"name":"P"}"#, "ver is a list, not text"),
            (r#"{"ver":"v1","name":7.5,"transport":"ble"}"#, "name is a number, not text"),
            (r#"{"ver":"v1","name":"","transport":"ble"}"#, "name is empty"),
            (r#"{"ver":"v1","name":null,"transport":"ble"}"#, "name is null, not text"),
            (
                r#"{"ver":"v1","name":"P","pop":735373537353735373537353,"transport":"ble"}"#,
                "pop is a number, not text",
            ),
            (
                r#"{"ver":"v1","name":"P","pop":{"s3cret":1},"transport":"ble"}"#,
                "pop is an object, not text",
            ),
            (
                r#"{"ver":"v1","name":"P","password":true,"transport":"ble"}"#,
                "password is true or false, not text",
            ),
            (r#"{"ver":"v1","name":"P","username":"","transport":"ble"}"#, "username is empty"),
            (r#"{"ver":"v1","name":"P","transport":""}"#, "transport is empty"),
            (
                r#"{"ver":"v1","name":"P","pop":"s3cret","transport":"usb\u001b"}"#,
                "transport: unknown value; expected ble or softap",
            ),
            (
                r#"{"ver":"v1","name":"P","transport":"ble","network":"lora"}"#,
                "network: unknown value; expected wifi or thread",
            ),
            (
                r#"{"ver":"s3cret","name":"P","transport":"ble"}"#,
                "ver: unknown value; expected v1 or v2",
            ),
            (
                r#"{"ver":"v1","name":"P","transport":"s3cret"}"#,
                "transport: unknown value; expected ble or softap",
            ),
            (
                r#"{"ver":"v1","name":"P","transport":"ble","security":"12347353"}"#,
                "security: unknown value; expected 0, 1 or 2",
            ),
            (
                r#"{"ver":"v1","name":"P","transport":"ble","security":"3"}"#,
                "security: unknown value \"3\"; expected 0, 1 or 2",
            ),
        ] {
            let error = Label::parse(text).expect_err(text).to_string();
            if said.ends_with("; ") {
                assert!(error.starts_with(said), "{text}: {error}");
            } else {
                assert_eq!(error, said, "{text}");
            }
            assert!(!error.contains("cret") && !error.contains("7353"), "{error}");
        }
    }

    #[test]
    fn labels_are_read_as_people_write_them() {
        let json = r#"{"ver":"v1","name":"PROV_1","pop":"1234","transport":"ble"}"#;
        let encoded = "https://x/q.html?data=%7B%22ver%22%3A%22v1%22%2C%22name%22%3A%22PROV_1%22\
                       %2C%22pop%22%3A%221234%22%2C%22transport%22%3A%22ble%22%7D";
        for text in [
            json.replace("v1", "v2"),
            json.replace(r#""ver":"v1","#, ""),
            json.replace(r#""1234""#, "1234"),
            json.replace('"', "'"),
            json.replace('"', "\u{201c}"),
            json.replace(":\"", ":\u{201c}").replace('"', "\u{201d}"),
            format!("I (1169) QRCODE: {json}"),
            format!("\u{1b}[0;32mI (1) app: {{}} {{\"x\":1}}\r\nI (2) QRCODE: {json}\u{1b}[0m\r\n"),
            format!("12:00:00 -> https://x/q.html?data={json}\n{encoded}\nmore {{"),
            format!("copy the URL\n{encoded}\n"),
        ] {
            assert_eq!(Label::parse(&text).expect(&text).to_json().as_str(), json, "{text}");
        }
        let two = format!("a {json}\n{}\n{json}", json.replace("PROV_1", "PROV_2"));
        assert_eq!(Label::parse(&two).err(), Some(InvalidLabel::Several(2)));
        let cut = format!("QRCODE: {}\nI (1) x", &json[..30]);
        assert_eq!(Label::parse(&cut).err(), Some(InvalidLabel::CutOff { at: 30 }));
    }

    #[test]
    fn a_log_without_a_label_has_none() {
        for log in [r#"I (1) app: {"x":1}"#, r#"I (1) app: {"x":1"#, "I (1) app: {x} ?data=1"] {
            assert_eq!(Label::parse(log).err(), Some(InvalidLabel::Other), "{log}");
        }
        let other = Label::parse("I (1) app: DPP:C:81/6;K:s3cret;;").err();
        assert_eq!(other, Some(InvalidLabel::OtherKind(DPP)));
    }

    #[test]
    fn a_link_is_encoded_where_it_has_to_be() {
        let label = Label::new("P-1._~ü", LabelTransport::Ble);
        let expected = "https://espressif.github.io/esp-jumpstart/qrcode.html?data=%7B%22ver%22%3A\
                        %22v1%22%2C%22name%22%3A%22P-1._~%C3%BC%22%2C%22transport%22%3A%22ble%22%7D";
        assert_eq!(label.to_link().as_str(), expected);
    }

    #[test]
    fn a_label_in_debug_output_shows_no_secret() {
        let json = r#"{"ver":"v1","name":"P","username":"bob","pop":"s3cret","transport":"ble","password":"s3cret-too"}"#;
        let shown = format!("{:#?}", Label::parse(json).expect("a label"));
        assert!(shown.contains("bob") && !shown.contains("s3cret"), "{shown}");
    }

    proptest! {
        #[test]
        fn whatever_is_on_a_label_comes_back(
            name in ".+",
            username in proptest::option::of(".+"),
            pop in proptest::option::of(any::<String>()),
            password in proptest::option::of(".+"),
            is_ble: bool,
            network in proptest::option::of(any::<bool>()),
            security in proptest::option::of(0..3),
        ) {
            let label = Label {
                name: name.clone(),
                username: username.clone().and_then(Username::new),
                pop: pop.as_deref().map(ProofOfPossession::from),
                transport: if is_ble { LabelTransport::Ble } else { LabelTransport::SoftAp },
                network: network.map(|wifi| if wifi { NetworkKind::Wifi } else { NetworkKind::Thread }),
                password: password.as_deref().map(Password::from),
                security: security.map(|number| match number {
                    0 => Scheme::Sec0,
                    1 => Scheme::Sec1,
                    _ => Scheme::Sec2,
                }),
            };
            for text in [label.to_json(), label.to_link()] {
                let read = Label::parse(&text).expect("our own");
                prop_assert_eq!(read.to_json(), label.to_json());
                prop_assert_eq!(&read.name, &name);
                prop_assert_eq!(read.username.as_ref().map(Username::as_str), username.as_deref());
                prop_assert_eq!(self::pop(&read), pop.as_deref());
                prop_assert_eq!(read.transport, label.transport);
                prop_assert_eq!(read.network, label.network);
                prop_assert_eq!(read.security, label.security);
            }
        }

        #[test]
        fn any_text_has_an_answer(text: String) {
            prop_assert!(Label::parse(&text).is_err());
            let link = format!("https://x/?data={text}");
            prop_assert!(Label::parse(&link).is_err());
        }

        #[test]
        fn a_label_cut_anywhere_is_said_to_be(length in 1..70_usize) {
            let whole = r#"{"ver":"v1","name":"PROV_1234","pop":"abcd1234","transport":"softap"}"#;
            let length = length.min(whole.len() - 1);
            let cut = Label::parse(&whole[..length]).err();
            prop_assert_eq!(cut, Some(InvalidLabel::CutOff { at: length }));
        }
    }
}
