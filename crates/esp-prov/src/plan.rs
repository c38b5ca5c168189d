//! What to give a device, and the time limits and retries.

use std::time::Duration;

use protocomm::{
    Capabilities, Credentials, NetworkKind, Passphrase, Password, ProofOfPossession, Ssid,
    ThreadDataset, Username, VerifierMaker,
    commands::{CustomConfig, SetWifiConfig},
};

use crate::{
    error::{Cause, Error, SecurityLevel, Stage},
    event::Warning,
};

/// What to give a device.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The network.
    pub network: Network,
    /// The network for a device that joins the other kind.
    pub alternative: Option<Network>,
    /// The required version of the device. A device with any other is refused.
    pub version: Option<String>,
    /// The message for `custom-config`, if any. It is sent before anything else.
    pub custom_config: Option<CustomConfig>,
    /// The data for `custom-data`, if any. It is sent before the network.
    pub custom_data: Option<Vec<u8>>,
    /// Whether to make the device forget a network that it could not join before it is given this
    /// one.
    pub reset_first: bool,
    /// Whether this is a test that is undone: once the device has joined, and was looked for if
    /// that is wanted, it is made to leave the network again, as [`Control::Reprovision`] does.
    /// Firmware that can't is refused before it is given anything.
    ///
    /// The device then waits for another network, but only until it restarts: firmware keeps the
    /// credentials of the last network in flash, and stock firmware joins it again when it starts.
    ///
    /// [`Control::Reprovision`]: crate::Control::Reprovision
    pub undo: bool,
}

/// A network to give to a device, with its credentials.
#[derive(Clone, Debug)]
pub enum Network {
    /// Wi-Fi.
    Wifi(SetWifiConfig),
    /// Thread.
    Thread(ThreadDataset),
}

impl Network {
    /// A Wi-Fi network, with any of its access points.
    pub fn wifi(ssid: Ssid, passphrase: Passphrase) -> Self {
        Self::Wifi(SetWifiConfig { ssid, passphrase, bssid: None, channel: None })
    }

    /// The kind of network.
    pub fn kind(&self) -> NetworkKind {
        match self {
            Self::Wifi(_) => NetworkKind::Wifi,
            Self::Thread(_) => NetworkKind::Thread,
        }
    }
}

impl Plan {
    /// A plan that gives the device a network and nothing else.
    pub fn new(network: Network) -> Self {
        Self {
            network,
            alternative: None,
            version: None,
            custom_config: None,
            custom_data: None,
            reset_first: false,
            undo: false,
        }
    }

    /// Sets the network for a device that joins the other kind.
    #[must_use]
    pub fn with_alternative(self, network: Network) -> Self {
        Self { alternative: Some(network), ..self }
    }

    /// Sets the required version of the device.
    #[must_use]
    pub fn with_version(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }

    /// Sets the data for `custom-data`.
    #[must_use]
    pub fn with_custom_data(self, data: impl Into<Vec<u8>>) -> Self {
        Self { custom_data: Some(data.into()), ..self }
    }

    /// Makes the device first forget a network that it could not join.
    #[must_use]
    pub fn with_reset_first(self) -> Self {
        Self { reset_first: true, ..self }
    }

    /// Makes the device leave the network again once it has joined: see [`Plan::undo`].
    #[must_use]
    pub fn with_undo(self) -> Self {
        Self { undo: true, ..self }
    }

    /// The network of the kind that a device joins. Firmware before network_provisioning does not
    /// report its kind, and is for Wi-Fi.
    pub(crate) fn network_for(&self, device: &Capabilities) -> Result<&Network, Error> {
        let kind = device.network();
        let mut networks = std::iter::once(&self.network).chain(&self.alternative);
        networks.find(|network| network.kind() == kind).ok_or_else(|| {
            let given = self.network.kind();
            Error::new(Stage::Version, Cause::OtherNetwork { given, taken: kind })
        })
    }
}

/// Which security to use.
///
/// A secret that is given is a demand: the device gets its network in a session that checks it,
/// or not at all.
///
#[doc = include_str!("security.md")]
#[derive(Clone, Debug, Default)]
pub struct Security {
    /// The number of the scheme; `None` for the one that the device reports.
    pub scheme: Option<u32>,
    /// The proof of possession of security 1. `None` asks for it if it is needed; an empty one
    /// means that the device has none.
    pub pop: Option<ProofOfPossession>,
    /// The login of security 2. `None` asks for it if it is needed.
    pub login: Option<Login>,
    /// What is accepted from the device.
    pub accept: Accept,
}

/// What is accepted from a device.
#[derive(Clone, Copy, Debug, Default)]
pub struct Accept {
    /// The lowest scheme that is accepted, whatever else is given.
    pub at_least: u32,
    /// Whether to continue if the device offers less security than the given secret or the
    /// requested scheme demands. Any device that answers then gets the network.
    pub weaker: bool,
}

/// The user name and the password of security 2.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user name. The vendor's Wi-Fi examples use `wifiprov`.
    pub username: Username,
    /// The password from which the device's verifier was made.
    pub password: Password,
}

/// The result of [`Security::choose`].
#[derive(Debug)]
pub(crate) enum Choice {
    Use(Credentials),
    AskForProof,
    AskForLogin,
}

impl Security {
    /// Sets the proof of possession; an empty one for a device that has none.
    #[must_use]
    pub fn with_proof(self, pop: impl Into<ProofOfPossession>) -> Self {
        Self { pop: Some(pop.into()), ..self }
    }

    /// Sets the user name and the password of security 2.
    #[must_use]
    pub fn with_login(self, login: Login) -> Self {
        Self { login: Some(login), ..self }
    }

    /// Sets the scheme: 0, 1 or 2. A device that reports another one is refused, except a lower one
    /// with [`Accept::weaker`].
    #[must_use]
    pub fn with_scheme(self, scheme: u32) -> Self {
        Self { scheme: Some(scheme), ..self }
    }

    /// Makes it from whatever was given. A user name without a password, or the reverse, means
    /// security 2 as well, and the rest is asked for. But a user name is not a secret, so beside a
    /// proof of possession it demands nothing.
    ///
    /// # Errors
    /// [`Cause::Contradiction`] or [`Cause::BelowRequired`]: no device can satisfy all of it.
    pub fn given(
        scheme: Option<u32>,
        pop: Option<ProofOfPossession>,
        username: Option<Username>,
        password: Option<Password>,
        accept: Accept,
    ) -> Result<Self, Cause> {
        let is_half = username.is_some() != password.is_some();
        let has_password = password.is_some();
        let login = username.zip(password);
        let login = login.map(|(username, password)| Login { username, password });
        let mut security = Self { scheme, pop, login, accept };
        if is_half {
            let has_proof = security.demanded() > SecurityLevel::Open;
            match scheme {
                None if has_password || !has_proof => security.scheme = Some(2),
                Some(scheme @ 0..=1) if !has_proof && !accept.weaker => {
                    let asked = SecurityLevel::LoggedIn;
                    return Err(Cause::Contradiction { scheme, asked });
                }
                _ => {}
            }
        }
        security.check()?;
        Ok(security)
    }

    /// Chooses what to open a session with, and the warning to give, by the table of [`Security`].
    pub(crate) fn choose(
        &self,
        device: &Capabilities,
        made_by: VerifierMaker,
    ) -> Result<(Choice, Option<Warning>), Cause> {
        self.check()?;
        let scheme = self.scheme_for(device)?;
        if scheme < self.accept.at_least {
            let required = self.accept.at_least;
            return Err(Cause::BelowRequired { required, offered: scheme });
        }
        let has_proof = device.needs_proof_of_possession()
            && self.pop.as_ref().is_none_or(|pop| !pop.is_empty());
        let offered = match scheme {
            0 => SecurityLevel::Open,
            1 if !has_proof => SecurityLevel::Unproved,
            1 => SecurityLevel::Proved,
            2 => SecurityLevel::LoggedIn,
            other => return Err(Cause::SecurityUnsupported(other)),
        };
        let asked = self.demanded();
        if offered < asked && !self.accept.weaker {
            return Err(Cause::Unchecked { asked, offered });
        }
        let asked = asked.max(match self.scheme {
            Some(2) => SecurityLevel::LoggedIn,
            Some(1) => SecurityLevel::Unproved,
            _ => SecurityLevel::Open,
        });
        let warning = (offered < asked).then_some(Warning::WeakerSecurity { asked, offered });
        let choice = match offered {
            SecurityLevel::Open => Choice::Use(Credentials::Sec0),
            SecurityLevel::Unproved => {
                Choice::Use(Credentials::Sec1 { pop: ProofOfPossession::none() })
            }
            SecurityLevel::Proved => match &self.pop {
                Some(pop) => Choice::Use(Credentials::Sec1 { pop: pop.clone() }),
                None => Choice::AskForProof,
            },
            SecurityLevel::LoggedIn => match &self.login {
                Some(Login { username, password }) => Choice::Use(Credentials::Sec2 {
                    username: username.clone(),
                    password: password.clone(),
                    made_by,
                }),
                None => Choice::AskForLogin,
            },
        };
        Ok((choice, warning))
    }

    /// Refuses what no device can satisfy, before connecting to one.
    pub(crate) fn check(&self) -> Result<(), Cause> {
        let Some(scheme) = self.scheme else { return Ok(()) };
        let required = self.accept.at_least;
        if scheme < required {
            return Err(Cause::BelowRequired { required, offered: scheme });
        }
        let most = match scheme {
            0 => SecurityLevel::Open,
            1 => SecurityLevel::Proved,
            _ => SecurityLevel::LoggedIn,
        };
        let asked = self.demanded();
        if most < asked && !self.accept.weaker {
            return Err(Cause::Contradiction { scheme, asked });
        }
        Ok(())
    }

    /// The level that the given secret demands: that of the login if there is one, unless a lower
    /// scheme was requested and there is a proof for it. An empty proof demands nothing.
    fn demanded(&self) -> SecurityLevel {
        let has_proof = self.pop.as_ref().is_some_and(|pop| !pop.is_empty());
        let is_below = self.scheme.is_some_and(|scheme| scheme < 2);
        match (has_proof, self.login.is_some()) {
            (true, has_login) if is_below || !has_login => SecurityLevel::Proved,
            (_, true) => SecurityLevel::LoggedIn,
            (_, false) => SecurityLevel::Open,
        }
    }

    /// The scheme to use, from the one requested and the one that the device reports.
    fn scheme_for(&self, device: &Capabilities) -> Result<u32, Cause> {
        match (self.scheme, device.security()) {
            (None, None) => Err(Cause::SecurityUnsaid(version_of(device))),
            (Some(asked), None) => Ok(asked),
            (Some(asked), Some(offered))
                if asked < offered || (offered < asked && !self.accept.weaker) =>
            {
                Err(Cause::OtherSecurity { asked, offered })
            }
            (_, Some(offered)) => Ok(offered),
        }
    }
}

/// The version of the device, for messages.
pub(crate) fn version_of(device: &Capabilities) -> String {
    device.version.clone().unwrap_or_else(|| "not told".to_owned())
}

/// Time limits, retries and the handling of warnings. Every wait in a run has its limit here.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The limit for opening a link.
    pub connect_timeout: Duration,
    /// The limit for one reply. A command that is slow by nature has its own.
    pub reply_timeout: Duration,
    /// The limit for the device's join, from the time the device accepted the apply command. It
    /// starts again if the device restarted and was told to join again.
    pub join_timeout: Duration,
    /// The limit for the whole run, excluding the time that a person takes to answer.
    pub timeout: Duration,
    /// The longest interval between two status polls. The first polls follow much faster.
    pub poll_interval: Duration,
    /// The maximum number of attempts to open a link and a session.
    pub attempts: u32,
    /// Whether to stop at the first warning, before the network is sent.
    pub deny_warnings: bool,
    /// Whether to wait up to `connect_timeout` for Bluetooth or Wi-Fi that is off or unplugged. A
    /// batch does this waiting itself.
    pub waits_for_adapter: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            reply_timeout: Duration::from_secs(10),
            join_timeout: Duration::from_secs(60),
            timeout: Duration::from_secs(180),
            poll_interval: Duration::from_secs(1),
            attempts: 3,
            deny_warnings: false,
            waits_for_adapter: true,
        }
    }
}

impl Policy {
    /// Sets the limit for opening a link.
    #[must_use]
    pub fn with_connect_timeout(self, time: Duration) -> Self {
        Self { connect_timeout: time, ..self }
    }

    /// Sets the limit for one reply.
    #[must_use]
    pub fn with_reply_timeout(self, time: Duration) -> Self {
        Self { reply_timeout: time, ..self }
    }

    /// Sets the limit for the device's join.
    #[must_use]
    pub fn with_join_timeout(self, time: Duration) -> Self {
        Self { join_timeout: time, ..self }
    }

    /// Sets the limit for the whole run.
    #[must_use]
    pub fn with_timeout(self, time: Duration) -> Self {
        Self { timeout: time, ..self }
    }

    /// Sets the longest interval between two status polls.
    #[must_use]
    pub fn with_poll_interval(self, time: Duration) -> Self {
        Self { poll_interval: time, ..self }
    }

    /// Sets the maximum number of attempts to open a link and a session.
    #[must_use]
    pub fn with_attempts(self, times: u32) -> Self {
        Self { attempts: times, ..self }
    }

    /// Makes the run stop at the first warning.
    #[must_use]
    pub fn with_warnings_denied(self) -> Self {
        Self { deny_warnings: true, ..self }
    }

    /// The pause before the next status poll: short at first, since most joins take one to three
    /// seconds, then a fifteenth of the time waited so far. So polling adds hardly more than that
    /// to the time of the join itself.
    pub(crate) fn poll_pause(&self, waited: Duration) -> Duration {
        const SHORTEST: Duration = Duration::from_millis(80);
        (waited / 15).max(SHORTEST).min(self.poll_interval)
    }

    /// The pause before another attempt, which grows with each attempt.
    pub(crate) fn retry_pause(attempt: u32) -> Duration {
        Self::growing(Duration::from_millis(500), attempt)
    }

    /// The shorter pause once the device may have joined. A device leaves a second after it has
    /// reported that it is connected, and it may have done so when the link broke.
    pub(crate) fn retry_pause_after_apply(attempt: u32) -> Duration {
        Self::growing(Duration::from_millis(100), attempt)
    }

    fn growing(first: Duration, attempt: u32) -> Duration {
        first * 2_u32.pow(attempt.saturating_sub(1).min(4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_set_and_nothing_else() {
        let time = Duration::from_millis;
        let policy = Policy::default()
            .with_connect_timeout(time(1))
            .with_reply_timeout(time(2))
            .with_join_timeout(time(3))
            .with_timeout(time(4))
            .with_poll_interval(time(5))
            .with_attempts(6)
            .with_warnings_denied();
        let times = [policy.connect_timeout, policy.reply_timeout, policy.join_timeout];
        assert_eq!(times, [1, 2, 3].map(time));
        assert_eq!([policy.timeout, policy.poll_interval], [4, 5].map(time));
        assert_eq!((policy.attempts, policy.deny_warnings), (6, true));
        let home = Network::wifi(Ssid::new("Home").expect("a name"), Passphrase::open());
        let plan = Plan::new(home.clone())
            .with_alternative(home)
            .with_version("v1.1")
            .with_custom_data("data")
            .with_reset_first();
        assert!(plan.alternative.is_some() && plan.reset_first);
        assert_eq!(plan.version.as_deref(), Some("v1.1"));
        assert_eq!(plan.custom_data.as_deref(), Some(&b"data"[..]));
    }

    /// The table of the docs, as lines and cells.
    fn table() -> Vec<Vec<&'static str>> {
        let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect();
        include_str!("security.md")
            .lines()
            .filter(|line| line.starts_with('|'))
            .map(cells)
            .collect()
    }

    /// What is given in each line of the table. An empty proof beside a login proves nothing.
    const GIVEN: [(&str, Option<&str>, bool); 6] = [
        ("nothing", None, false),
        ("an empty proof", Some(""), false),
        ("a proof", Some("abcd1234"), false),
        ("a login", None, true),
        ("a login", Some(""), true),
        ("a proof and a login", Some("abcd1234"), true),
    ];

    /// What devices report, by column. Firmware before ESP-IDF v5.0 has no `sec_ver`.
    const DEVICES: [(usize, &str); 10] = [
        (1, r#"{"prov":{"ver":"v1.1","sec_ver":0,"cap":["no_sec"]}}"#),
        (1, r#"{"prov":{"ver":"v1.1","cap":["no_sec"]}}"#),
        (2, r#"{"prov":{"ver":"v1.1","sec_ver":1,"cap":["no_pop"]}}"#),
        (2, r#"{"prov":{"ver":"v1.1","cap":["no_pop"]}}"#),
        (3, r#"{"prov":{"ver":"v1.1","sec_ver":1,"cap":[]}}"#),
        (3, r#"{"prov":{"ver":"v1.1","cap":[]}}"#),
        (4, r#"{"prov":{"ver":"v1.1","sec_ver":2,"cap":[]}}"#),
        (4, r#"{"prov":{"ver":"v1.1","sec_ver":2,"cap":["no_pop","no_sec"]}}"#),
        (5, "V0.1"),
        (5, ""),
    ];

    /// The scheme of a column.
    fn named(column: usize) -> Option<u32> {
        [None, Some(0), Some(1), Some(1), Some(2), None][column]
    }

    fn security(pop: Option<&str>, has_login: bool) -> Security {
        let username = Username::new("wifiprov").filter(|_| has_login);
        let login = username.map(|username| Login { username, password: "abcd1234".into() });
        Security { pop: pop.map(Into::into), login, ..Security::default() }
    }

    fn choose(security: &Security, says: &str) -> Result<(Choice, Option<Warning>), Cause> {
        security.choose(&Capabilities::parse(says.as_bytes()), VerifierMaker::default())
    }

    /// The result in the words of the table.
    fn in_words(chosen: &Result<(Choice, Option<Warning>), Cause>) -> String {
        match chosen {
            Ok((Choice::Use(credentials), _)) => {
                format!("security {}", credentials.scheme().number())
            }
            Ok((Choice::AskForProof, _)) => "security 1, asks for the proof".to_owned(),
            Ok((Choice::AskForLogin, _)) => "security 2, asks for the login".to_owned(),
            Err(_) => "refused".to_owned(),
        }
    }

    /// Whether each secret that was used or asked for is the one that was given.
    fn checks_what_was_given(security: &Security, choice: &Choice) -> bool {
        let pop = security.pop.as_ref().filter(|pop| !pop.is_empty());
        match choice {
            Choice::Use(Credentials::Sec0) => pop.is_none() && security.login.is_none(),
            Choice::Use(Credentials::Sec1 { pop: used }) => match pop {
                Some(pop) => {
                    used.expose() == pop.expose()
                        && (security.login.is_none() || security.scheme == Some(1))
                }
                None => used.is_empty() && security.login.is_none(),
            },
            Choice::Use(Credentials::Sec2 { .. }) => security.login.is_some(),
            Choice::AskForProof => security.pop.is_none() && security.login.is_none(),
            Choice::AskForLogin => security.login.is_none(),
        }
    }

    #[test]
    fn the_table_holds_for_everything_given_and_everything_said() {
        let table = table();
        let cell = |line: &str, column: usize| {
            let line = table.iter().find(|cells| cells[0] == line);
            line.unwrap_or_else(|| panic!("no line for {line:?}"))[column]
        };
        assert_eq!(table.len(), 2 + 5, "a head and a line for each kind");
        let mut seen = std::collections::BTreeSet::new();
        for (line, pop, has_login) in GIVEN {
            for (column, says) in DEVICES {
                for scheme in [None, Some(0), Some(1), Some(2)] {
                    let security = Security { scheme, ..security(pop, has_login) };
                    // A scheme that was requested is the device's, or it is refused.
                    let line = match (line, scheme) {
                        // The scheme says which of them is meant.
                        ("a proof and a login", Some(0 | 1)) => "a proof",
                        _ => line,
                    };
                    let expected = match (scheme, named(column)) {
                        (Some(asked), Some(named)) if asked != named => "refused",
                        (None, _) | (Some(_), Some(_)) => cell(line, column),
                        (Some(asked), None) => cell(line, [1, 3, 4][asked as usize]),
                    };
                    let chosen = choose(&security, says);
                    let what = format!("{line}, {pop:?}, --sec-ver {scheme:?}, {says}");
                    assert_eq!(in_words(&chosen), expected, "{what}: {chosen:?}");
                    if let Ok((choice, warning)) = &chosen {
                        assert!(checks_what_was_given(&security, choice), "{what}: {choice:?}");
                        assert_eq!(*warning, None, "{what}");
                    }
                    if scheme.is_some() {
                        continue;
                    }
                    seen.insert((table.iter().position(|cells| cells[0] == line), column));
                }
            }
        }
        assert_eq!(seen.len(), 5 * 5, "every cell of the table");
    }

    /// With [`Accept::weaker`], only an unknown scheme and one above the requested one are refused,
    /// and weaker security always leads to a warning.
    #[test]
    fn weaker_security_is_accepted_with_a_warning_and_never_silently() {
        let accept = Accept { weaker: true, ..Accept::default() };
        for (line, pop, has_login) in GIVEN {
            for (column, says) in DEVICES {
                for scheme in [None, Some(0), Some(1), Some(2)] {
                    let strict = Security { scheme, ..security(pop, has_login) };
                    let lenient = Security { accept, ..strict.clone() };
                    let what = format!("{line}, {pop:?}, --sec-ver {scheme:?}, {says}");
                    let is_stronger = scheme.is_some_and(|asked| named(column) > Some(asked));
                    match (choose(&strict, says), choose(&lenient, says)) {
                        (strict @ Ok(_), lenient) => {
                            assert_eq!(format!("{strict:?}"), format!("{lenient:?}"), "{what}");
                        }
                        (Err(_), Ok((_, Some(Warning::WeakerSecurity { asked, offered })))) => {
                            assert!(offered < asked && !is_stronger, "{what}");
                        }
                        (Err(_), Ok(chosen)) => panic!("{what}: no warning about {chosen:?}"),
                        (Err(_), Err(Cause::OtherSecurity { .. })) => {
                            assert!(is_stronger, "{what}");
                        }
                        (Err(_), Err(Cause::SecurityUnsaid(_))) => {
                            assert!(scheme.is_none() && column == 5, "{what}");
                        }
                        (Err(_), Err(cause)) => panic!("{what}: {cause}"),
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_required_holds_whatever_else_is_given_and_accepted() {
        for (line, pop, has_login) in GIVEN {
            for (_, says) in DEVICES {
                for scheme in [None, Some(0), Some(1), Some(2)] {
                    for (at_least, weaker) in
                        [1, 2].into_iter().flat_map(|n| [(n, false), (n, true)])
                    {
                        let given = Security { scheme, ..security(pop, has_login) };
                        let accept = Accept { at_least, weaker };
                        let what = format!("{line}, {scheme:?}, {says}, {accept:?}");
                        let without = Accept { weaker, ..Accept::default() };
                        let free = choose(&Security { accept: without, ..given.clone() }, says);
                        let held = choose(&Security { accept, ..given }, says);
                        match (&free, &held) {
                            (Ok((choice, _)), Err(Cause::BelowRequired { .. })) => {
                                assert!(scheme_of(choice) < at_least, "{what}");
                            }
                            (Err(_), Err(_)) => {}
                            (Ok((choice, _)), Ok(_)) => {
                                assert!(scheme_of(choice) >= at_least, "{what}");
                                assert_eq!(in_words(&free), in_words(&held), "{what}");
                            }
                            _ => panic!("{what}: {free:?}, {held:?}"),
                        }
                    }
                }
            }
        }
    }

    fn scheme_of(choice: &Choice) -> u32 {
        match choice {
            Choice::Use(credentials) => credentials.scheme().number(),
            Choice::AskForProof => 1,
            Choice::AskForLogin => 2,
        }
    }

    #[test]
    fn half_a_login_means_security_2_but_a_name_beside_a_proof_does_not() {
        let name = || Username::new("wifiprov");
        let password = || Some(Password::from("abcd1234"));
        for (username, password) in [(name(), None), (None, password())] {
            let has_password = password.is_some();
            let given = |scheme, pop: Option<&str>| {
                let (username, password) = (username.clone(), password.clone());
                let pop = pop.map(Into::into);
                Security::given(scheme, pop, username, password, Accept::default())
            };
            assert_eq!(given(None, None).expect("no contradiction").scheme, Some(2));
            assert_eq!(given(None, Some("")).expect("no contradiction").scheme, Some(2));
            let beside_a_proof = given(None, Some("abcd1234")).expect("no contradiction");
            assert_eq!(beside_a_proof.scheme, has_password.then_some(2));
            assert!(given(Some(1), Some("abcd1234")).is_ok());
            for scheme in [0, 1] {
                let cause = given(Some(scheme), None).expect_err("it can't check it");
                assert!(matches!(cause, Cause::Contradiction { .. }), "{cause}");
            }
        }
    }

    /// Whatever a device reports, the given secret is checked and the required scheme is used.
    #[test]
    fn no_reply_gets_a_secret_out_of_its_check() {
        let mut dice = fastrand::Rng::with_seed(14);
        let mut used = 0;
        for _ in 0..20_000 {
            let (_, says) = DEVICES[dice.usize(..DEVICES.len())];
            let mut says = says.as_bytes().to_vec();
            for _ in 0..dice.usize(..4) {
                if let Some(byte) = dice.choice(&mut says) {
                    // Any printable character, or any byte.
                    *byte = if dice.bool() { dice.u8(b'"'..=b'~') } else { dice.u8(..) };
                }
            }
            let (_, pop, has_login) = GIVEN[dice.usize(..GIVEN.len())];
            let accept = Accept { at_least: dice.u32(..3), weaker: false };
            let scheme = dice.choice([None, Some(0), Some(1), Some(2)]).flatten();
            let security = Security { scheme, accept, ..security(pop, has_login) };
            let chosen = security.choose(&Capabilities::parse(&says), VerifierMaker::default());
            if let Ok((choice, warning)) = chosen {
                let what = format!("{security:?}, {}", String::from_utf8_lossy(&says));
                assert!(checks_what_was_given(&security, &choice), "{what}: {choice:?}");
                assert!(scheme_of(&choice) >= accept.at_least && warning.is_none(), "{what}");
                used += 1;
            }
        }
        assert!(used > 1000, "{used}: some are good enough");
    }

    #[test]
    fn a_scheme_nobody_speaks_is_refused() {
        let seven = r#"{"prov":{"ver":"v9","sec_ver":7,"cap":[]}}"#;
        let cause = choose(&security(None, false), seven).expect_err("unknown");
        assert!(matches!(cause, Cause::SecurityUnsupported(7)), "{cause}");
    }
}
