//! The network to give: from flags, files, the environment, the list of networks that the device
//! sees, or a prompt.

use esp_prov::{Hint, Network, Stage, Warning, shown::Shown, sort_few, warn};
use esp_prov_input::{dataset_from_hex, environment::SecretVariable, from_hex, text};
use protocomm::{
    Bssid, Given, Harmless, InvalidNetwork, NetworkKey, Passphrase, Ssid, ThreadDataset,
    commands::{AuthMode, SetWifiConfig, ThreadNetwork},
    harmless, is_channel,
};

use super::{
    Failure, alike,
    commands::provision::ThreadArgs,
    options::WifiArgs,
    secrets::{self, Doubts, Found, Sources},
};

/// The error if no network is given and nobody can choose one.
pub(super) const MISSING: &str = "--ssid is missing: give the name of the network, or \
    --dataset-tlvs for Thread (`esp-prov-rs scan` lists what the device sees; without a terminal \
    there is no list to choose from)";

/// Which network to give, as far as flags, files and the environment say.
pub(super) enum Wanted {
    /// These, of which there is at least one.
    Given { ssid: Option<Ssid>, dataset: Option<ThreadDataset> },
    /// A Thread network that the device sees, by its name or extended PAN ID.
    Thread(String),
    /// A network that a person chooses.
    Choice,
}

/// Reads which network to give from flags, files and the environment.
pub(super) fn wanted(
    wifi: &WifiArgs,
    thread: &ThreadArgs,
    questions: &Questions<'_>,
) -> Result<Wanted, Failure> {
    let ssid = ssid(wifi, questions)?;
    let dataset = dataset(thread, ssid.is_some())?;
    match &thread.thread_network {
        _ if ssid.is_some() || dataset.is_some() => Ok(Wanted::Given { ssid, dataset }),
        Some(name) => Ok(Wanted::Thread(name.expose().to_owned())),
        None if questions.somebody_there => Ok(Wanted::Choice),
        // An empty name means a choice, as for `esp_prov.py`. If nobody can choose, it is most
        // likely a shell variable that is not set.
        None if wifi.ssid.is_some() => {
            Err(Failure::input(format!("--ssid: {}", InvalidNetwork::SsidLength(0))))
        }
        None => Err(Failure::input(MISSING)),
    }
}

/// The only Thread network with this name or extended PAN ID that the device sees.
pub(super) fn by_name(networks: Vec<ThreadNetwork>, name: &str) -> Result<ThreadNetwork, Failure> {
    let is_meant = |network: &ThreadNetwork| {
        let id = network.ext_pan_id.map(|id| id.to_string());
        network.name == name || id.is_some_and(|id| id.eq_ignore_ascii_case(name))
    };
    let (mut meant, others): (Vec<_>, Vec<_>) = networks.into_iter().partition(is_meant);
    // Several routers of one network count as one.
    sort_few(&mut meant, |network| network.ext_pan_id.map(|id| id.0));
    meant.dedup_by_key(|network| network.ext_pan_id);
    match (meant.pop(), meant.len()) {
        (Some(network), 0) => Ok(network),
        (None, _) => {
            let near = others.iter().find_map(|network| {
                alike::difference(name, &network.name).map(|how| (&network.name, how))
            });
            let but = near.map_or_else(
                || " (`esp-prov-rs scan` lists what it sees)".to_owned(),
                |(name, how)| format!(", but it sees {}: {how}", Shown::quoted(name)),
            );
            Err(Failure::input(format!("--thread-network: the device does not see it{but}")))
        }
        (Some(_), others) => Err(Failure::input(format!(
            "--thread-network: {} networks have this name; give the extended PAN ID",
            others + 1
        ))),
    }
}

/// Whether somebody can be asked for what the flags leave out, and how to report doubts.
pub(super) struct Questions<'a> {
    pub(super) somebody_there: bool,
    pub(super) doubts: Doubts<'a>,
}

/// The BSSID of an access point and a channel.
pub(super) type Hints = (Option<Bssid>, Option<u8>);

impl Questions<'_> {
    /// The BSSID and the channel, with warnings that stock firmware ignores them.
    pub(super) fn hints(&self, args: &WifiArgs) -> Result<Hints, Failure> {
        let bssid = args.bssid.as_ref().map(|given| given.expose().parse::<Bssid>()).transpose();
        let bssid = bssid.map_err(|error| Failure::input(format!("--bssid: {error}")))?;
        let channel = args.channel.as_ref().map(channel).transpose()?;
        for (hint, given) in [(Hint::Bssid, bssid.is_some()), (Hint::Channel, channel.is_some())] {
            if given {
                let warning = Warning::HintIgnored { hint };
                warn(self.doubts.observer, self.doubts.deny_warnings, Stage::Set, warning)?;
            }
        }
        Ok((bssid, channel))
    }

    /// The key of a Thread network, or `None` to ask for it.
    pub(super) fn network_key(&self, args: &ThreadArgs) -> Result<Option<NetworkKey>, Failure> {
        let sources = Sources {
            flag: "network-key",
            value: args.network_key.as_ref(),
            file: args.network_key_file.as_deref(),
            if_none_is_meant: "every Thread network has a key",
            variable: SecretVariable::NetworkKey,
        };
        match sources.read()? {
            Some(Found { text, origin }) => {
                let key = secrets::network_key(text.expose());
                key.map(Some).map_err(|error| origin.complain(error))
            }
            None if self.somebody_there => Ok(None),
            None => Err(Failure::input(
                "--network-key is missing: give it with --network-key, --network-key-file or \
                 ESP_PROV_NETWORK_KEY",
            )),
        }
    }

    /// The passphrase of a network, or `None` to ask for it. `seen` is how the device sees it
    /// protected.
    pub(super) fn passphrase(
        &self,
        args: &WifiArgs,
        seen: Option<AuthMode>,
    ) -> Result<Option<Passphrase>, Failure> {
        let sources = passphrase_sources(args);
        let is_open = seen.is_some_and(|seen| !seen.takes_passphrase());
        // `--open` on the command line overrides the environment. What a device sees does not,
        // since anybody can set up an open network of any name.
        match sources.read()? {
            _ if args.open => Ok(Some(Passphrase::open())),
            Some(found) => {
                let Found { text, origin } = found.typed(Stage::Set, self.doubts)?;
                let passphrase = Passphrase::new(text).map_err(|error| origin.complain(error))?;
                if is_open && !passphrase.is_empty() {
                    let warning = Warning::PassphraseForOpen;
                    warn(self.doubts.observer, self.doubts.deny_warnings, Stage::Set, warning)?;
                }
                Ok(Some(passphrase))
            }
            None if is_open => Ok(Some(Passphrase::open())),
            None if self.somebody_there => Ok(None),
            None => Err(Failure::input(
                "--passphrase is missing: give it with --passphrase, --passphrase-file or \
                 ESP_PROV_PASSPHRASE, or --open for an open network",
            )),
        }
    }
}

/// Makes a Wi-Fi network to give.
pub(super) fn wifi(ssid: Ssid, passphrase: Passphrase, (bssid, channel): Hints) -> Network {
    Network::Wifi(SetWifiConfig { ssid, passphrase, bssid, channel })
}

pub(super) fn passphrase_sources(args: &WifiArgs) -> Sources<'_> {
    Sources {
        flag: "passphrase",
        value: args.passphrase.as_ref(),
        file: args.passphrase_file.as_deref(),
        if_none_is_meant: "for an open network use --open",
        variable: SecretVariable::Passphrase,
    }
}

fn channel(given: &Given) -> Result<u8, Failure> {
    let channel = given.expose().parse().ok().filter(|channel| is_channel(*channel));
    channel.ok_or_else(|| {
        let why = given.refused("a channel is a number from 1 to 14, or one at 5 GHz such as 36");
        Failure::input(format!("--channel: {why}"))
    })
}

/// The Wi-Fi network's name, if it is given.
fn ssid(args: &WifiArgs, questions: &Questions<'_>) -> Result<Option<Ssid>, Failure> {
    if let Some(given) = &args.ssid_hex {
        let bytes = from_hex(given.expose())
            .map_err(|error| Failure::input(format!("--ssid-hex: {error}")))?;
        let ssid = Ssid::new(bytes.to_vec()).map(Some);
        return ssid.map_err(|error| Failure::input(format!("--ssid-hex: {error}")));
    }
    match args.ssid.as_ref().map(Given::expose) {
        Some(name) if !name.is_empty() => {
            let wrong = |error: Harmless| Failure::input(format!("--ssid: {error}"));
            text::typed(name).map_err(|error| {
                wrong(harmless!("{}, or give such a name with --ssid-hex", error))
            })?;
            questions.doubts.blanks(Stage::Set, "--ssid", name)?;
            Ssid::new(name).map(Some).map_err(|error| wrong(error.into()))
        }
        _ => Ok(None),
    }
}

/// The Thread network's dataset, if it is given. One in the environment does not count if a Wi-Fi
/// network is named.
fn dataset(args: &ThreadArgs, wifi_given: bool) -> Result<Option<ThreadDataset>, Failure> {
    let sources = Sources {
        flag: "dataset-tlvs",
        value: args.dataset_tlvs.as_ref(),
        file: args.dataset_tlvs_file.as_deref(),
        if_none_is_meant: "leave the flag out for Wi-Fi",
        variable: SecretVariable::Dataset,
    };
    match sources.read()? {
        Some(Found { origin, .. }) if wifi_given && origin.is_variable() => Ok(None),
        Some(Found { text, origin }) => {
            dataset_from_hex(text.expose()).map(Some).map_err(|error| origin.complain(error))
        }
        None => Ok(None),
    }
}
