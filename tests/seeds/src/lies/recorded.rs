//! What the vendor's device said in the clear, for a liar that says it again: the sessions of
//! `protocomm/tests/vectors`. Their secrets are known, so that they can be sealed anew.

use std::{fmt, sync::OnceLock};

use esp_prov::{Endpoint, Scheme, Username};
use protocomm::device::SrpVerifier;
use serde_json::Value;

/// A recorded session.
pub struct Recording {
    /// Of the vectors.
    pub name: String,
    pub(super) scheme: Scheme,
    /// Security 2 at patch level 1.
    pub(super) is_counting: bool,
    /// What opens it: the proof of possession, or the password.
    pub(super) secret: String,
    /// Of security 2.
    pub(super) username: Username,
    pub(super) verifier: Option<SrpVerifier>,
    exchanges: Vec<Exchange>,
}

struct Exchange {
    endpoint: Endpoint,
    request: Vec<u8>,
    reply: Vec<u8>,
}

/// What the network of all recordings is called, and what it takes.
pub(super) const NETWORK: (&str, &str) = ("HomeNet", "correct horse battery");

/// All of them.
pub(super) fn recordings() -> &'static [Recording] {
    static RECORDINGS: OnceLock<Vec<Recording>> = OnceLock::new();
    RECORDINGS.get_or_init(|| {
        let files = [
            (Scheme::Sec0, include_str!("../../../../protocomm/tests/vectors/security0.json")),
            (Scheme::Sec1, include_str!("../../../../protocomm/tests/vectors/security1.json")),
            (Scheme::Sec2, include_str!("../../../../protocomm/tests/vectors/security2.json")),
        ];
        let of_file = |(scheme, file)| {
            let file: Value = serde_json::from_str(file).expect("JSON");
            let cases = file["cases"].as_array().expect("cases").clone();
            cases.into_iter().map(move |case| Recording::read(scheme, &case))
        };
        files.into_iter().flat_map(of_file).collect()
    })
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recording").field(&self.name).finish()
    }
}

impl Recording {
    fn read(scheme: Scheme, case: &Value) -> Self {
        let text = |name: &str| case[name].as_str().unwrap_or_default();
        let exchanges = case["exchanges"].as_array().expect("exchanges").iter();
        let username = Username::new(case["username"].as_str().unwrap_or("-")).expect("a name");
        let secret = text(if scheme == Scheme::Sec2 { "password" } else { "pop" }).to_owned();
        let verifier = (scheme == Scheme::Sec2).then(|| {
            let salt = hex::decode(text("salt")).expect("hexadecimal");
            SrpVerifier::with_salt(&username, &secret.as_str().into(), salt)
        });
        Self {
            name: text("name").to_owned(),
            scheme,
            is_counting: case["sec_patch_ver"] == 1,
            secret,
            username,
            verifier,
            exchanges: exchanges.map(Exchange::read).collect(),
        }
    }

    /// What it said to the next request of this kind after `at`, where `at` goes to then, and
    /// whether it was asked exactly this.
    pub(super) fn says(
        &self,
        at: &mut usize,
        endpoint: &str,
        request: &[u8],
    ) -> Option<(&[u8], bool)> {
        let count = self.exchanges.len();
        let found = (*at..*at + count).map(|at| at % count).find(|at| {
            let one = &self.exchanges[*at];
            one.endpoint.as_str() == endpoint && kind(&one.request) == kind(request)
        })?;
        *at = found + 1;
        let one = &self.exchanges[found];
        Some((&one.reply, one.request == request))
    }
}

impl Exchange {
    fn read(exchange: &Value) -> Self {
        let plain = |side: &str| {
            let text = exchange[side]["plaintext"].as_str().expect("hexadecimal");
            hex::decode(text).expect("hexadecimal")
        };
        let endpoint = exchange["endpoint"].as_str().expect("an endpoint").to_owned();
        Self {
            endpoint: Endpoint::new(endpoint).expect("an endpoint"),
            request: plain("request"),
            reply: plain("response"),
        }
    }
}

/// The first field of all payloads; what the application is sent is of one kind.
fn kind(request: &[u8]) -> u8 {
    match request {
        [8, kind, ..] => *kind,
        _ => 0,
    }
}
