//! The security schemes, and the secrets they need.

use core::fmt;

use serde::Serialize;

use crate::{Password, ProofOfPossession, Username, security::srp6a};

/// A security scheme of protocomm, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// No encryption, no authentication.
    Sec0,
    /// X25519 with a proof of possession, AES-256-CTR.
    Sec1,
    /// SRP6a with user name and password, AES-256-GCM.
    Sec2,
}

impl Scheme {
    /// The number of the scheme, as in `sec_ver` and on the wire: 0, 1 or 2.
    pub fn number(self) -> u32 {
        match self {
            Self::Sec0 => 0,
            Self::Sec1 => 1,
            Self::Sec2 => 2,
        }
    }

    /// The scheme with this number; `None` if there is none.
    pub fn from_number(number: u32) -> Option<Self> {
        [Self::Sec0, Self::Sec1, Self::Sec2].into_iter().find(|scheme| scheme.number() == number)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "security {}", self.number())
    }
}

impl Serialize for Scheme {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.number())
    }
}

impl VerifierMaker {
    /// The other maker, to try when the proof for this one is rejected.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Device => Self::PythonTool,
            Self::PythonTool => Self::Device,
        }
    }
}

/// What a client needs for the handshake.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Security 0 needs nothing.
    Sec0,
    /// Security 1 needs a proof of possession.
    Sec1 {
        /// The device's proof of possession; empty for none.
        pop: ProofOfPossession,
    },
    /// Security 2 needs a user name and a password.
    Sec2 {
        /// The user name. The vendor's Wi-Fi examples have `wifiprov`.
        username: Username,
        /// The password from which the device's verifier was made.
        password: Password,
        /// What made the verifier.
        made_by: VerifierMaker,
    },
}

/// What made a verifier. It matters for one in 256 pairs of user name and password: those whose
/// inner hash begins with a zero byte, which the vendor's Python tool drops (`srp6a.py`,
/// network_provisioning 1.2.4) and the vendor's C code keeps (`esp_srp.c`). A device does not say
/// which it has; if one fails, try the other in a new session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerifierMaker {
    /// The device's own code, or this crate.
    #[default]
    Device,
    /// `esp_prov.py --sec2_gen_cred`.
    PythonTool,
}

impl Credentials {
    /// The scheme these are for.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Sec0 => Scheme::Sec0,
            Self::Sec1 { .. } => Scheme::Sec1,
            Self::Sec2 { .. } => Scheme::Sec2,
        }
    }

    /// Whether their secret is that of the vendor's examples, which everybody knows.
    pub fn are_well_known(&self) -> bool {
        match self {
            Self::Sec0 => false,
            Self::Sec1 { pop } => pop.is_well_known(),
            Self::Sec2 { password, .. } => password.is_well_known(),
        }
    }

    /// Whether it matters what made the device's verifier; see [`VerifierMaker`].
    pub fn depends_on_maker(&self) -> bool {
        match self {
            Self::Sec2 { username, password, .. } => {
                srp6a::forms_differ(username.as_bytes(), password.expose())
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_scheme_is_its_number() {
        for number in 0..=2 {
            let scheme = Scheme::from_number(number).expect("a scheme");
            assert_eq!(scheme.number(), number);
            assert_eq!(scheme.to_string(), alloc::format!("security {number}"));
        }
        assert_eq!(Scheme::from_number(3), None);
    }

    #[test]
    fn there_are_two_makers() {
        assert_eq!(VerifierMaker::Device.other(), VerifierMaker::PythonTool);
        assert_eq!(VerifierMaker::PythonTool.other(), VerifierMaker::Device);
    }

    #[test]
    fn secrets_of_the_vendors_examples_are_known() {
        let sec2 = |password: &str| Credentials::Sec2 {
            username: Username::new("wifiprov").expect("a name"),
            password: password.into(),
            made_by: VerifierMaker::Device,
        };
        let sec1 = |pop: &str| Credentials::Sec1 { pop: pop.into() };
        assert!(sec1("abcd1234").are_well_known() && sec2("abcd1234").are_well_known());
        for other in [Credentials::Sec0, sec1(""), sec1("abcd1235"), sec2("abcd1235")] {
            assert!(!other.are_well_known(), "{other:?}");
        }
    }
}
