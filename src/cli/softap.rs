//! `--softap`: the device's own access point, joined for the run.

use std::{path::Path, sync::Arc, time::Duration};

use esp_prov::{
    Error, Event, Observer, Stage,
    address::{Address, HttpAddress},
    transport::{
        HttpConnect, TransportError, WifiError,
        softap::{
            AccessPoint, AccessPointSelector, InterfaceState, Protection, SoftapConfig,
            SoftapConnect, WayOver, system_wifi,
        },
    },
};
use esp_prov_input::{environment::SecretVariable, files::system_text, text};
use protocomm::{Given, Passphrase, Ssid};
use tokio::time::timeout;

use super::{
    Failure,
    commands::discover,
    options::{DeviceArgs, SecretArg, SoftapArgs, TransportArg},
    prompt::{self, Terminal},
    secrets::{Doubts, Found, Sources},
};
use crate::{doctor::has_other_way, report::Reporter};

/// How long the network before may take to come back.
const BACK_WITHIN: Duration = Duration::from_secs(20);

/// The access point to join.
pub(super) struct Softap {
    pub(super) connect: SoftapConnect,
    has_passphrase: bool,
    /// Whether only a label names it.
    is_by_label: bool,
    /// Whether to join it even if nothing else connects this machine.
    yes: bool,
}

impl Softap {
    /// Reads the flags, or has an access point chosen. `None` if no access point is to be joined.
    pub(super) fn new(
        args: &DeviceArgs,
        address: &Address,
        terminal: &Terminal,
        reporter: &Reporter,
    ) -> Result<Option<Self>, Failure> {
        let Address::Http(address) = address else { return Ok(None) };
        let is_asked_for = args.transport == Some(TransportArg::Softap);
        let wanted = match &args.softap.softap {
            Some(given) => wanted(given)?,
            None if is_asked_for && args.service_name.is_none() && terminal.present => {
                let chosen = discover::choose_access_point(reporter)?;
                let Some(chosen) = chosen else { return Ok(None) };
                chosen
            }
            None => return Ok(None),
        };
        let observer: &dyn Observer = reporter;
        let doubts = Doubts { observer, deny_warnings: args.accept.deny_warnings };
        let passphrase = passphrase(&args.softap, doubts)?;
        if args.softap.interface.as_ref().is_some_and(Given::is_empty) {
            return Err(Failure::input("--interface: empty; give a name such as wlan0"));
        }
        let config = SoftapConfig {
            wanted,
            interface: super::text(args.softap.interface.as_ref()),
            passphrase: passphrase.clone().unwrap_or_else(Passphrase::open),
            rejoin_within: args.policy.join_timeout,
        };
        let way_over = way_over(address);
        let way_over = Box::new(move |interface: Option<&str>| way_over(interface));
        Ok(Some(Self {
            connect: SoftapConnect::new(config, system_wifi(), way_over),
            has_passphrase: passphrase.is_some(),
            is_by_label: args.softap.is_by_label,
            yes: args.softap.yes,
        }))
    }

    /// Joins it. If a label names it and this machine's Wi-Fi can't be used, the device is tried
    /// all the same.
    pub(super) async fn join(
        &self,
        terminal: &Terminal,
        reporter: &Reporter,
        within: Duration,
    ) -> Result<(), Failure> {
        let access_point = self.name();
        let already = match self.connect.check().await {
            Ok(_) => self.connect.already_on().await.map_err(failed)?,
            Err(error) if self.is_by_label && error.is_of_host() => {
                self.connect.do_without();
                return Ok(());
            }
            Err(error) => return Err(failed(error)),
        };
        if let Some(interface) = already {
            reporter.notify(Event::AccessPointJoined { access_point, interface });
            return Ok(());
        }
        reporter.notify(Event::JoiningAccessPoint { access_point: access_point.clone() });
        let found = self.connect.find(within).await.map_err(failed)?;
        self.ask_first(&found, terminal, reporter).await?;
        self.connect.join(&found).await.map_err(failed)?;
        reporter.notify(Event::AccessPointJoined { access_point, interface: found.interface });
        Ok(())
    }

    /// Gives the network back that was there before.
    pub(super) async fn leave(&self, reporter: &Reporter) {
        leave(self.connect.leave(), reporter).await;
    }

    fn name(&self) -> String {
        self.connect.wanted().to_string()
    }

    /// Asks for a missing passphrase, and before this machine loses its only network.
    async fn ask_first(
        &self,
        found: &AccessPoint,
        terminal: &Terminal,
        reporter: &Reporter,
    ) -> Result<(), Failure> {
        let is_encrypted = matches!(found.protection, Protection::Wpa | Protection::Wpa3);
        let host = self.connect.check().await.map_err(failed)?;
        let is_connected = host.interfaces.iter().any(|one| {
            one.name == found.interface && matches!(one.state, InterfaceState::Connected { .. })
        });
        let routes = system_text(Path::new("/proc/net/route")).unwrap_or_default();
        let takes_all = is_connected && !has_other_way(&routes, &found.interface);
        if takes_all && !self.yes {
            if terminal.present {
                reporter.notify(Event::Asking);
                let interface = found.interface.clone();
                let goes_on = terminal.dialogue(move || prompt::only_network(&interface)).await?;
                if !goes_on {
                    return Err(Failure::Interrupted);
                }
            } else if self.is_by_label {
                return Err(Failure::input(
                    "--qr: joining the access point that it names takes this machine's only \
                     network for the time of the run: give --yes to do that",
                ));
            }
        }
        if is_encrypted && !self.has_passphrase && terminal.present {
            reporter.notify(Event::Asking);
            let asked = terminal.dialogue(prompt::softap_passphrase).await?;
            self.connect.set_passphrase(asked);
        }
        Ok(())
    }
}

/// Waits until this machine is back on its network, and reports if it is not.
pub(super) async fn leave(
    leaving: impl Future<Output = Result<(), WifiError>>,
    reporter: &Reporter,
) {
    let error = match timeout(BACK_WITHIN, leaving).await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error,
        Err(_) => WifiError::NotRestored("the system is still trying".to_owned()),
    };
    reporter.warn(&error.to_string());
}

/// HTTP over an interface, or over whatever way there is.
pub(super) fn way_over(address: &HttpAddress) -> Arc<WayOver> {
    let address = address.clone();
    Arc::new(move |interface| {
        let http = HttpConnect::new(address.clone());
        Box::new(match interface {
            Some(name) => http.on_interface(name),
            None => http,
        })
    })
}

fn failed(error: WifiError) -> Failure {
    Error::new(Stage::Connect, TransportError::from(error)).into()
}

fn wanted(given: &Given) -> Result<AccessPointSelector, Failure> {
    if given.is_empty() {
        return Err(Failure::input(
            "--softap: empty (perhaps from an unset variable): give the name of the access point",
        ));
    }
    if let Ok(bssid) = given.expose().parse() {
        return Ok(AccessPointSelector::Bssid(bssid));
    }
    text::typed(given.expose()).map_err(|error| Failure::input(format!("--softap: {error}")))?;
    let name = Ssid::new(given.expose());
    let name = name.map_err(|error| Failure::input(format!("--softap: {error}")))?;
    Ok(AccessPointSelector::Name(name))
}

/// Where the passphrase of a device's access point may come from.
pub(super) fn sources<'a>(value: Option<&'a SecretArg>, file: Option<&'a Path>) -> Sources<'a> {
    Sources {
        flag: "softap-passphrase",
        value,
        file,
        if_none_is_meant: "for an open access point leave the flag out",
        variable: SecretVariable::SoftapPassphrase,
    }
}

fn passphrase(args: &SoftapArgs, doubts: Doubts<'_>) -> Result<Option<Passphrase>, Failure> {
    let file = args.softap_passphrase_file.as_deref();
    let Some(found) = sources(args.softap_passphrase.as_ref(), file).read()? else {
        return Ok(None);
    };
    let Found { text, origin } = found.typed(Stage::Connect, doubts)?;
    let passphrase = Passphrase::new(text).map_err(|error| origin.complain(error))?;
    Ok((!passphrase.is_empty()).then_some(passphrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_point_is_named_or_has_a_bssid() {
        assert!(matches!(wanted(&"24:0a:c4:11:22:33".into()), Ok(AccessPointSelector::Bssid(_))));
        assert!(matches!(wanted(&"PROV_1".into()), Ok(AccessPointSelector::Name(_))));
        for (given, why) in [("", "empty"), ("a\u{1b}b", "escape"), (&*"x".repeat(33), "32 bytes")]
        {
            let Err(Failure::Input(said)) = wanted(&given.into()) else { panic!("{why}") };
            assert!(said.starts_with("--softap: ") && said.contains(why), "{said}");
        }
    }
}
