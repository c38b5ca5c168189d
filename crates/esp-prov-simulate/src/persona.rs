//! The firmware generations that a virtual device can play.

use std::fmt;

use protocomm::{
    NetworkKind, Scheme,
    device::{Backend, Patch, ResetRule, Responder, Version},
    rand_core::CryptoRng,
};

/// A firmware generation and the behavior that a client can observe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persona {
    /// Examples without the provisioning manager, ESP-IDF v3.2 to v4.0: the version is the text
    /// `V0.1`, there is no scan and no control, and a session is bound to its socket.
    Legacy,
    /// The manager of ESP-IDF v4.4: JSON without `sec_ver`, and no control.
    IdfV4_4,
    /// ESP-IDF v5.0: `sec_ver`, but no control.
    IdfV5_0,
    /// ESP-IDF v5.5: `sec_patch_ver`, control only after a failure, and attempts are counted.
    IdfV5_5,
    /// network_provisioning 1.2: the `wifi_prov` capability, and control at any time.
    Netprov,
    /// As [`Netprov`](Self::Netprov), but built for Thread instead of Wi-Fi.
    NetprovThread,
}

impl Persona {
    /// All personas, oldest first.
    pub const ALL: [Self; 6] = [
        Self::Legacy,
        Self::IdfV4_4,
        Self::IdfV5_0,
        Self::IdfV5_5,
        Self::Netprov,
        Self::NetprovThread,
    ];

    /// The persona's name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::IdfV4_4 => "idf-v4.4",
            Self::IdfV5_0 => "idf-v5.0",
            Self::IdfV5_5 => "idf-v5.5",
            Self::Netprov => "netprov",
            Self::NetprovThread => "netprov-thread",
        }
    }

    /// The reply of the endpoint `proto-ver`.
    pub(crate) fn version(self, scheme: Scheme, has_pop: bool, session_only: bool) -> String {
        let mut capabilities = Vec::new();
        match scheme {
            Scheme::Sec0 => capabilities.push("no_sec"),
            Scheme::Sec1 if !has_pop => capabilities.push("no_pop"),
            Scheme::Sec1 | Scheme::Sec2 => {}
        }
        let patch = u32::from(scheme == Scheme::Sec2);
        capabilities.extend(match self {
            _ if session_only => &[][..],
            Self::Netprov => &["wifi_prov", "wifi_scan"][..],
            Self::NetprovThread => &["thread_prov", "thread_scan"],
            _ => &["wifi_scan"],
        });
        let sec_ver = Some(scheme.number());
        let (version, sec_ver, sec_patch_ver) = match self {
            Self::Legacy => return "V0.1".to_owned(),
            Self::IdfV4_4 => ("v1.1", None, None),
            Self::IdfV5_0 => ("v1.1", sec_ver, None),
            Self::IdfV5_5 => ("v1.1", sec_ver, Some(patch)),
            Self::Netprov | Self::NetprovThread => ("netprov-v1.2", sec_ver, Some(patch)),
        };
        Version { version, sec_ver, sec_patch_ver, capabilities: &capabilities }.to_text()
    }

    /// The kind of network that the firmware accepts.
    pub fn network(self) -> NetworkKind {
        if self == Self::NetprovThread { NetworkKind::Thread } else { NetworkKind::Wifi }
    }

    /// Whether the firmware supports this security scheme: security 2 came with ESP-IDF v5.0.
    pub fn has(self, scheme: Scheme) -> bool {
        scheme != Scheme::Sec2 || !matches!(self, Self::Legacy | Self::IdfV4_4)
    }

    /// How the firmware makes the nonces of security 2.
    pub(crate) fn patch(self) -> Patch {
        match self {
            Self::Legacy | Self::IdfV4_4 | Self::IdfV5_0 => Patch::Zero,
            Self::IdfV5_5 | Self::Netprov | Self::NetprovThread => Patch::One,
        }
    }

    /// Removes the features that this generation does not have.
    pub(crate) fn shape<B: Backend, R: CryptoRng>(
        self,
        responder: Responder<B, R>,
    ) -> Responder<B, R> {
        match self {
            Self::Legacy => responder.without_thread().without_control().without_scan(),
            Self::IdfV4_4 | Self::IdfV5_0 => responder.without_thread().without_control(),
            Self::IdfV5_5 => responder.without_thread().with_reset_rule(ResetRule::AfterFailure),
            Self::Netprov | Self::NetprovThread => responder,
        }
    }

    /// Whether a failed attempt is reported while other attempts remain (v5.4.1, v5.5 and later).
    pub(crate) fn counts_attempts(self) -> bool {
        matches!(self, Self::IdfV5_5 | Self::Netprov)
    }

    /// Whether the generation's example reconnects after a failed join (up to v5.4).
    pub(crate) fn reconnects(self) -> bool {
        matches!(self, Self::Legacy | Self::IdfV4_4 | Self::IdfV5_0)
    }

    /// Whether HTTP sessions are identified by cookie rather than by socket (v4.0.3, v4.1.2,
    /// v4.2.1, v4.3 and later).
    pub(crate) fn has_cookies(self) -> bool {
        self != Self::Legacy
    }

    /// The size limit for all request headers together, in bytes (`CONFIG_HTTPD_MAX_REQ_HDR_LEN`).
    pub(crate) fn header_limit(self) -> usize {
        match self {
            Self::Legacy | Self::IdfV4_4 | Self::IdfV5_0 => 512,
            Self::IdfV5_5 | Self::Netprov | Self::NetprovThread => 1024,
        }
    }
}

impl fmt::Display for Persona {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Settings, VirtualDevice};

    /// The requests set, apply and status, scan, and reset, as plain bytes without a session.
    const THREAD: [(&str, &[u8]); 3] = [
        ("prov-config", b"\x08\x06\x82\x01\x00"),
        ("prov-scan", b"\x08\x08"),
        ("prov-ctrl", b"\x08\x05"),
    ];

    fn plain(persona: Persona, session_only: bool) -> VirtualDevice {
        let scheme = Scheme::Sec0;
        VirtualDevice::new(Settings { persona, scheme, session_only, ..Settings::default() })
    }

    #[test]
    fn messages_about_thread_get_no_reply_before_network_provisioning() {
        for persona in Persona::ALL {
            let device = plain(persona, false);
            for (endpoint, request) in THREAD.into_iter().filter(|(name, _)| device.serves(name)) {
                let is_answered = device.handle(endpoint, request).is_ok();
                let knows = matches!(persona, Persona::Netprov | Persona::NetprovThread);
                assert_eq!(is_answered, knows, "{persona}, {endpoint}");
            }
        }
    }

    #[test]
    fn a_device_for_sessions_alone_takes_no_network_and_says_so() {
        let device = plain(Persona::Netprov, true);
        let served =
            ["proto-ver", "prov-session", "prov-config", "prov-scan", "prov-ctrl", "custom-data"]
                .map(|endpoint| device.serves(endpoint));
        assert_eq!(served, [true, true, false, false, false, true]);
        let version = device.handle("proto-ver", b"none").expect("it has one").body;
        assert!(!String::from_utf8_lossy(&version).contains("wifi"));
    }
}
