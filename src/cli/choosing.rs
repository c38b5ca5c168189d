//! The network, chosen in the session that gives it: by a person from a list of what the device
//! sees, or by the name that was given for a Thread network.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use esp_prov::{Chooser, Chosen, Network, Plan, Seen};
use protocomm::{NetworkKey, ThreadDataset, commands::ThreadNetwork};

use super::{
    Failure,
    commands::provision::{self, ProvisionArgs},
    network::{self, Hints, Questions},
    prompt::{self, Picked, Terminal},
    text,
};

/// Who chooses, and by what.
pub(super) struct Choice<'a> {
    args: &'a ProvisionArgs,
    terminal: &'a Terminal,
    questions: Questions<'a>,
    hints: Hints,
    /// A Thread network, where it is no person who chooses: its name, and its key if it was given.
    wanted: Option<(String, Option<NetworkKey>)>,
    version: Option<String>,
    /// Why nothing was chosen.
    failure: Mutex<Option<Failure>>,
}

impl<'a> Choice<'a> {
    pub(super) fn new(
        args: &'a ProvisionArgs,
        terminal: &'a Terminal,
        questions: Questions<'a>,
        hints: Hints,
        wanted: Option<(String, Option<NetworkKey>)>,
    ) -> Self {
        let version = text(args.proto_ver.as_ref()).filter(|version| !version.is_empty());
        let failure = Mutex::default();
        Self { args, terminal, questions, hints, wanted, version, failure }
    }

    /// Why nothing was chosen, where something went wrong with it.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// `None` to look again.
    async fn network(&self, seen: Seen) -> Result<Option<Network>, Failure> {
        if let Some((name, key)) = &self.wanted {
            let Seen::Thread(networks) = seen else {
                return Err(Failure::input("--thread-network: this device is for Wi-Fi"));
            };
            let network = network::by_name(networks, name)?;
            return self.thread(network, key.clone()).await.map(Some);
        }
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
            Some(Picked::Wifi { ssid, seen }) => {
                let passphrase = match self.questions.passphrase(&self.args.wifi, seen)? {
                    Some(given) => given,
                    None => {
                        let ssid = ssid.clone();
                        let ask = move || prompt::passphrase(&ssid, seen.is_some());
                        self.terminal.dialogue(ask).await?
                    }
                };
                network::wifi(ssid, passphrase, self.hints)
            }
        }))
    }

    /// A Thread network that the device sees, with its key.
    async fn thread(
        &self,
        network: ThreadNetwork,
        key: Option<NetworkKey>,
    ) -> Result<Network, Failure> {
        let key = match key {
            Some(given) => given,
            None => {
                let network = network.clone();
                self.terminal.dialogue(move || prompt::network_key(&network)).await?
            }
        };
        let dataset = ThreadDataset::of(&network, &key);
        dataset
            .map(Network::Thread)
            .map_err(|error| Failure::input(format!("the network the device sees: {error}")))
    }

    fn plan(&self, network: Network) -> Plan {
        provision::plan(self.args, network, None)
    }
}

#[async_trait]
impl Chooser for Choice<'_> {
    fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    async fn choose(&self, seen: Seen) -> Chosen {
        match self.network(seen).await {
            Ok(Some(network)) => Chosen::Plan(Box::new(self.plan(network))),
            Ok(None) => Chosen::LookAgain,
            Err(failure) => {
                let mut kept = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                *kept = Some(failure);
                Chosen::Nothing
            }
        }
    }
}
