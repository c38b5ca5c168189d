//! The roster of a farm of virtual devices.

use std::{borrow::Cow, net::SocketAddr, path::Path};

use esp_prov_batch::roster::Form;
use esp_prov_input::files;
use esp_prov_simulate::Settings;
use protocomm::Scheme;
use serde::Serialize;

use super::SimulateArgs;
use crate::cli::Failure;

/// A device, as a line of a roster.
#[derive(Serialize)]
struct Entry<'a> {
    id: String,
    address: String,
    security: Scheme,
    pop: &'a str,
    username: &'a str,
    password: &'a str,
    ssid: Cow<'a, str>,
    passphrase: Cow<'a, str>,
}

/// Writes the roster of devices at `addresses`, each to be given the first of their networks.
pub(super) fn write(
    path: &Path,
    addresses: &[SocketAddr],
    args: &SimulateArgs,
    settings: &Settings,
) -> Result<(), Failure> {
    let network = settings.networks.wifi.first();
    let network = network.ok_or_else(|| Failure::input("--roster: --networks has no Wi-Fi"))?;
    let of = |scheme, secret| if settings.scheme == scheme { secret } else { "" };
    let pop = if args.no_pop { "" } else { args.pop.expose() };
    let entry = |(number, address): (usize, &SocketAddr)| Entry {
        id: format!("PROV_{:06}", number + 1),
        address: format!("http://{address}"),
        security: settings.scheme,
        pop: of(Scheme::Sec1, pop),
        username: of(Scheme::Sec2, args.sec2_username.expose()),
        password: of(Scheme::Sec2, args.sec2_pwd.expose()),
        ssid: String::from_utf8_lossy(network.ssid.as_bytes()),
        passphrase: String::from_utf8_lossy(network.passphrase.expose()),
    };
    let entries = addresses.iter().enumerate().map(entry);
    let text = if Form::of(path) == Form::JsonLines {
        let lines = entries.map(|entry| serde_json::to_string(&entry).unwrap_or_default() + "\n");
        lines.collect::<String>().into_bytes()
    } else {
        let mut csv = csv::Writer::from_writer(Vec::new());
        entries.for_each(|entry| csv.serialize(entry).unwrap_or_default());
        csv.into_inner().unwrap_or_default()
    };
    let cannot = |error| Failure::input(format!("--roster {}: {error}", files::named(path)));
    files::write_private(path, &text).map_err(cannot)
}
