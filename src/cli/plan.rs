//! From flags as typed to a plan as meant. Everything is checked here, before anything is sent.

use std::{path::Path, sync::Arc};

use esp_prov::{
    Accept, Error, Observer, Outcome, Plan, Policy, Scan, Security, Stage,
    address::{Address, BleAddress, ConsoleAddress, HttpAddress, Wanted},
    transport::{BleConnect, Care, Connect, ConsoleConnect, FoundPort, HttpConnect, serial_ports},
};
use esp_prov_input::environment::SecretVariable;
use esp_prov_simulate::{Settings, VirtualDevice};
use protocomm::{Given, Password, ProofOfPossession, Username, commands::CustomConfig};
use uuid::Uuid;

use super::{
    Failure, Reporter,
    args::{
        AcceptArgs, DeviceArgs, LegacyArgs, LoginArgs, PolicyArgs, ProvisionArgs, ScanArgs,
        SecretArg, TransportArg,
    },
    by_hand::ByHand,
    discover, network,
    prompt::{self, Terminal},
    secrets::Sources,
    text,
};

/// Where to and how.
pub(super) fn target(
    args: &DeviceArgs,
    terminal: &Terminal,
    reporter: &Reporter,
) -> Result<(Address, Box<dyn Connect>), Failure> {
    match args.transport.unwrap_or(TransportArg::Softap) {
        TransportArg::Softap => {
            let address: HttpAddress = args
                .service_name
                .expose()
                .parse()
                .map_err(|error| Failure::input(format!("--service-name: {error}")))?;
            Ok((Address::Http(address.clone()), Box::new(HttpConnect::new(address))))
        }
        TransportArg::Virtual => {
            Ok((Address::Virtual, Box::new(VirtualDevice::new(Settings::default()))))
        }
        TransportArg::Ble => ble(args, terminal, reporter),
        TransportArg::Console => console(args, terminal),
    }
}

/// The console at `--port`, or at the one a person chooses, or through that person.
fn console(args: &DeviceArgs, terminal: &Terminal) -> Result<(Address, Box<dyn Connect>), Failure> {
    let port = match &args.port {
        Some(port) if port.is_empty() => {
            return Err(Failure::input("--port: the name of a serial port is not empty"));
        }
        Some(port) => Some(port.expose().to_owned()),
        None if terminal.present => prompt::port(&serial_ports())?,
        None => return Err(Failure::input(port_missing(&serial_ports()))),
    };
    let Some(port) = port else {
        let interrupted = Arc::clone(&terminal.interrupted);
        return Ok((Address::ByHand, Box::new(ByHand { interrupted })));
    };
    let address = ConsoleAddress::new(&port, args.baud)
        .map_err(|error| Failure::input(format!("--port: {error}")))?;
    Ok((Address::Console(address.clone()), Box::new(ConsoleConnect::new(address))))
}

fn port_missing(ports: &[FoundPort]) -> String {
    let ports = match ports {
        [] => "it sees no serial port".to_owned(),
        ports => {
            let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
            format!("it sees {}", ports.join(", "))
        }
    };
    format!("--port is missing: where is the device's console? On this machine {ports}")
}

/// The device by its name, its address or its service.
fn ble(
    args: &DeviceArgs,
    terminal: &Terminal,
    reporter: &Reporter,
) -> Result<(Address, Box<dyn Connect>), Failure> {
    let wanted = match &args.service_uuid {
        Some(text) => Wanted::Service(service_uuid(text)?),
        None if args.service_name.is_empty() && terminal.present => {
            discover::choose(args.adapter.as_ref().map(Given::expose), reporter)?
        }
        None if args.service_name.is_empty() => {
            return Err(Failure::input(
                "--service-name is missing: over BLE it is the name of the device, PROV_* for \
                 any that begins so, or its address; `esp-prov-rs discover` lists devices",
            ));
        }
        None => Wanted::from_text(args.service_name.expose()),
    };
    let address = BleAddress { wanted, adapter: text(args.adapter.as_ref()) };
    let care = if terminal.present { Care::Attended } else { Care::Unattended };
    Ok((Address::Ble(address.clone()), Box::new(BleConnect::new(address).with(care))))
}

pub(super) fn service_uuid(given: &Given) -> Result<Uuid, Failure> {
    let right = "--service-uuid: a UUID is 021a9004-0382-4aea-bff4-6b3f1c5adfb4";
    given.expose().parse().map_err(|_| Failure::input(right))
}

pub(super) fn policy(args: &PolicyArgs, accept: &AcceptArgs) -> Policy {
    Policy {
        connect_within: args.connect_within,
        reply_within: args.reply_within,
        join_within: args.join_within,
        timeout: args.timeout,
        poll_interval: args.poll_interval,
        attempts: args.attempts,
        deny_warnings: accept.deny_warnings,
        waits_for_adapter: true,
    }
}

pub(super) fn scan(args: &ScanArgs, address: &Address) -> Scan {
    let usual = Scan::for_address(address);
    Scan {
        blocking: !args.no_block,
        passive: args.passive,
        group_channels: args.group_channels.unwrap_or(usual.group_channels),
        period: args.scan_period,
        page: args.page_size.unwrap_or(usual.page),
        channel_mask: args.channel_mask,
        reset_first: args.reset_first,
    }
}

pub(super) fn security(args: &DeviceArgs) -> Result<Security, Failure> {
    if let Some(unknown @ 3..) = args.sec_ver {
        let number = if unknown < 1000 { format!(" {unknown}") } else { String::new() };
        return Err(Failure::input(format!("--sec-ver{number}: unknown security; 0, 1 or 2")));
    }
    // One that lies around in the environment counts, too: nothing tells it from one that was
    // put there for this device.
    let pop = pop(args.pop.as_ref(), args.pop_file.as_deref()).read()?;
    let pop = pop.map(|pop| ProofOfPossession::from(pop.text));
    let (username, password) = (username(&args.login)?, password(&args.login)?);
    let security = Security::given(args.sec_ver, pop, username, password, accept(&args.accept));
    security.map_err(|cause| Error::new(Stage::Handshake, cause).into())
}

pub(super) fn accept(args: &AcceptArgs) -> Accept {
    Accept {
        at_least: args.require_security.unwrap_or(0),
        weaker: args.dangerously_accept_weaker_security,
    }
}

pub(super) fn pop<'a>(value: Option<&'a SecretArg>, file: Option<&'a Path>) -> Sources<'a> {
    Sources {
        flag: "pop",
        value,
        file,
        if_none_is_meant: "for a device with an empty one use --pop ''",
        variable: SecretVariable::Pop,
    }
}

/// From the flag or the environment; empty counts as not given, as for `esp_prov.py`.
pub(super) fn username(args: &LoginArgs) -> Result<Option<Username>, Failure> {
    const VARIABLE: &str = "ESP_PROV_SEC2_USERNAME";
    match args.sec2_username.as_ref().map(Given::expose) {
        Some(name) if !name.is_empty() => Ok(Username::new(name)),
        _ => match std::env::var(VARIABLE) {
            Ok(name) => Ok(Username::new(name)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(_) => Err(Failure::input(format!("{VARIABLE}: not UTF-8"))),
        },
    }
}

pub(super) fn password(args: &LoginArgs) -> Result<Option<Password>, Failure> {
    Ok(password_sources(args).read()?.map(|found| Password::from(found.text)))
}

pub(super) fn password_sources(args: &LoginArgs) -> Sources<'_> {
    Sources {
        flag: "sec2-pwd",
        value: args.sec2_pwd.as_ref().filter(|value| !value.is_empty()),
        file: args.sec2_pwd_file.as_deref(),
        if_none_is_meant: "security 2 always has a password",
        variable: SecretVariable::Sec2Password,
    }
}

/// The whole plan; asks for what is missing if somebody is there, who can `look` at the networks
/// the device sees.
pub(super) fn plan(
    args: &ProvisionArgs,
    somebody_there: bool,
    observer: &dyn Observer,
    look: impl Fn(&Security) -> Result<Outcome, Failure>,
) -> Result<Plan, Failure> {
    let qr = args.device.qr.as_ref().filter(|qr| qr.expose() == "-").map(|_| "-".into());
    let files = [
        ("--qr", &qr),
        ("--pop-file", &args.device.pop_file),
        ("--sec2-pwd-file", &args.device.login.sec2_pwd_file),
        ("--passphrase-file", &args.wifi.passphrase_file),
        ("--dataset-tlvs-file", &args.thread.dataset_tlvs_file),
        ("--network-key-file", &args.thread.network_key_file),
    ];
    let mut on_stdin = files.iter().filter(|(_, file)| file.as_deref() == Some(Path::new("-")));
    if let (Some((one, _)), Some((other, _))) = (on_stdin.next(), on_stdin.next()) {
        return Err(Failure::input(format!("{one} and {other} can't both be stdin")));
    }
    let security = security(&args.device)?;
    let version = text(args.proto_ver.as_ref()).filter(|version| !version.is_empty());
    let custom_data = text(args.custom_data.as_ref()).filter(|data| !data.is_empty());
    let LegacyArgs { custom_config, custom_info, custom_ver } = &args.legacy;
    let custom_config = custom_config
        .then(|| CustomConfig { info: custom_info.expose().to_owned(), version: *custom_ver });
    let deny_warnings = args.device.accept.deny_warnings;
    let ask = network::Ask { somebody_there, observer, deny_warnings, look: &|| look(&security) };
    let (network, alternative) = ask.networks(args)?;
    Ok(Plan {
        security,
        version,
        custom_config,
        custom_data: custom_data.map(String::into_bytes),
        reset_first: args.reset_first,
        network,
        alternative,
        policy: policy(&args.device.policy, &args.device.accept),
    })
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_port_is_helped_with_what_is_there() {
        let port = |port: &str, usb| FoundPort { port: port.to_owned(), usb, product: None };
        let message = port_missing(&[port("COM3", Some((0x303a, 0x1001))), port("COM1", None)]);
        assert!(message.ends_with("it sees COM3 (Espressif, 303a:1001), COM1"), "{message}");
        assert!(port_missing(&[]).ends_with("it sees no serial port"));
    }
}
