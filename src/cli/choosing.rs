//! Chooses the network within the session that gives it: by a person from the list of networks that
//! the device sees, or by the given name of a Thread network.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use esp_prov::{Chooser, Chosen, Network, Plan, Seen};
use protocomm::{
    NetworkKey, Ssid, ThreadDataset,
    commands::{AuthMode, ThreadNetwork},
};

use super::{
    Failure,
    commands::provision::{self, ProvisionArgs},
    network::{self, Hints, Questions},
    prompt::{self, Picked, Terminal},
    text,
};

/// What is left to choose.
pub(super) enum Wanted {
    /// The network, from a list.
    Network,
    /// The Thread network with this name. The key is that which was given, if any.
    Thread(String, Option<NetworkKey>),
    /// The passphrase of this Wi-Fi network. The other network is for a device of the other kind.
    Passphrase(Ssid, Option<Network>),
}

/// Makes the choice.
pub(super) struct Choice<'a> {
    args: &'a ProvisionArgs,
    terminal: &'a Terminal,
    questions: Questions<'a>,
    hints: Hints,
    wanted: Wanted,
    version: Option<String>,
    /// Why choosing failed.
    failure: Mutex<Option<Failure>>,
}

impl<'a> Choice<'a> {
    pub(super) fn new(
        args: &'a ProvisionArgs,
        terminal: &'a Terminal,
        questions: Questions<'a>,
        hints: Hints,
        wanted: Wanted,
    ) -> Self {
        let version = text(args.proto_ver.as_ref()).filter(|version| !version.is_empty());
        let failure = Mutex::default();
        Self { args, terminal, questions, hints, wanted, version, failure }
    }

    /// Takes the reason why choosing failed, if it did.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the device has to scan first.
    pub(super) fn needs_scan(&self) -> bool {
        !matches!(self.wanted, Wanted::Passphrase(..))
    }

    /// The plan that is chosen; `None` to scan again.
    async fn plan(&self, seen: Seen) -> Result<Option<Plan>, Failure> {
        let (network, other) = match &self.wanted {
            Wanted::Network => match self.picked(seen).await? {
                Some(network) => (network, None),
                None => return Ok(None),
            },
            Wanted::Thread(name, key) => {
                let Seen::Thread(networks) = seen else {
                    return Err(Failure::input("--thread-network: this device is for Wi-Fi"));
                };
                let network = network::by_name(networks, name)?;
                (self.thread(network, key.clone()).await?, None)
            }
            Wanted::Passphrase(ssid, other) => {
                (self.wifi(ssid.clone(), None).await?, other.clone())
            }
        };
        Ok(Some(provision::plan(self.args, network, other)))
    }

    /// Lets a person pick a network; `None` to scan again.
    async fn picked(&self, seen: Seen) -> Result<Option<Network>, Failure> {
        let picked = self.terminal.dialogue(move || match seen {
            Seen::Wifi(networks) => prompt::wifi_network(&networks),
            Seen::Thread(networks) => prompt::thread_network(&networks),
            Seen::Unknown => prompt::named_by_hand().map(Some),
        });
        Ok(Some(match picked.await? {
            None => return Ok(None),
            Some(Picked::Dataset(dataset)) => Network::Thread(dataset),
            Some(Picked::Thread(network)) => {
                let key = self.questions.network_key(&self.args.thread)?;
                self.thread(network, key).await?
            }
            Some(Picked::Wifi { ssid, seen }) => self.wifi(ssid, seen).await?,
        }))
    }

    /// Completes a Wi-Fi network with its passphrase.
    async fn wifi(&self, ssid: Ssid, seen: Option<AuthMode>) -> Result<Network, Failure> {
        let given = self.questions.passphrase(&self.args.wifi, seen)?;
        let passphrase = if let Some(given) = given {
            given
        } else {
            let ssid = ssid.clone();
            let ask = move || prompt::passphrase(&ssid, seen.is_some());
            self.terminal.dialogue(ask).await?
        };
        Ok(network::wifi(ssid, passphrase, self.hints))
    }

    /// Completes a Thread network that the device sees with its key.
    async fn thread(
        &self,
        network: ThreadNetwork,
        key: Option<NetworkKey>,
    ) -> Result<Network, Failure> {
        let key = if let Some(given) = key {
            given
        } else {
            let network = network.clone();
            self.terminal.dialogue(move || prompt::network_key(&network)).await?
        };
        let dataset = ThreadDataset::of(&network, &key);
        dataset
            .map(Network::Thread)
            .map_err(|error| Failure::input(format!("the network the device sees: {error}")))
    }
}

#[async_trait]
impl Chooser for Choice<'_> {
    fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    async fn choose(&self, seen: Seen) -> Chosen {
        match self.plan(seen).await {
            Ok(Some(plan)) => Chosen::Plan(Box::new(plan)),
            Ok(None) => Chosen::LookAgain,
            Err(failure) => {
                let mut kept = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                *kept = Some(failure);
                Chosen::Nothing
            }
        }
    }
}
