//! The roster of a fleet of virtual devices.

use std::{net::SocketAddr, path::Path};

use esp_prov_batch::roster::{self, Field, Form};
use esp_prov_input::files;
use esp_prov_simulate::Settings;
use protocomm::{Given, Scheme};

use super::SimulateArgs;
use crate::cli::Failure;

/// Writes the roster of devices at `addresses`. Each is to be given the first of their networks.
pub(super) fn write(
    path: &Path,
    addresses: &[SocketAddr],
    args: &SimulateArgs,
    settings: &Settings,
) -> Result<(), Failure> {
    let network = settings.networks.wifi.first();
    let network =
        network.ok_or_else(|| Failure::input("--roster: --networks has no Wi-Fi network"))?;
    let of = |scheme, secret: &Given| {
        if settings.scheme == scheme { secret.clone() } else { Given::default() }
    };
    let pop = if args.no_pop { &Given::default() } else { &args.pop };
    let text = |bytes| Given::from(String::from_utf8_lossy(bytes).into_owned());
    let line = |(number, address): (usize, &SocketAddr)| {
        vec![
            (Field::Id, format!("PROV_{:06}", number + 1).into()),
            (Field::Address, format!("http://{address}").into()),
            (Field::Security, settings.scheme.number().to_string().into()),
            (Field::Pop, of(Scheme::Sec1, pop)),
            (Field::Username, of(Scheme::Sec2, &args.sec2_username)),
            (Field::Password, of(Scheme::Sec2, &args.sec2_pwd)),
            (Field::Ssid, text(network.ssid.as_bytes())),
            (Field::Passphrase, text(network.passphrase.expose())),
        ]
    };
    let lines: Vec<_> = addresses.iter().enumerate().map(line).collect();
    let text = roster::to_text(Form::of(path), &lines);
    let cannot = |error| Failure::input(format!("--roster {}: {error}", files::named(path)));
    files::write_private(path, text.expose().as_bytes()).map_err(cannot)
}
