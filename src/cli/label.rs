//! `--qr`: a device's QR code as text, as a link, in a file or in a picture, and what it fills in.

use std::{borrow::Cow, io, path::Path, str};

use esp_prov::{Cause, Error, SecurityLevel, Stage, shown::keep_secret};
use esp_prov_input::{
    files::{self, FileError, Kind},
    text,
};
use protocomm::{InvalidLabel, Label, LabelTransport, Scheme, Username};
use zeroize::Zeroizing;

use super::{
    Failure,
    args::{Cli, Command, DeviceArgs, SecretArg, TransportArg},
    plan, qr_image,
};
use crate::report::Reporter;

/// Fills in what the QR code says and no flag does. Returns what to do if the device can't be
/// reached.
pub(super) fn fill_in(cli: &mut Cli, reporter: &Reporter) -> Result<Option<String>, Failure> {
    let args = match &mut cli.command {
        None => &mut cli.provision.device,
        Some(Command::Provision(args)) => &mut args.device,
        Some(Command::Info(args)) => &mut args.device,
        Some(Command::Scan(args)) => &mut args.device,
        Some(Command::Send(args)) => &mut args.device,
        Some(Command::Status(args) | Command::Reset(args) | Command::Reprovision(args)) => args,
        Some(
            Command::Batch(_)
            | Command::Station(_)
            | Command::Discover(_)
            | Command::Secrets(_)
            | Command::Sec2Credentials(_)
            | Command::Qr(_)
            | Command::Decode(_)
            | Command::Doctor(_)
            | Command::Simulate(_)
            | Command::Completions { .. },
        ) => return Ok(None),
    };
    let Some(given) = &args.qr else { return Ok(None) };
    let label = read(given)?;
    check(&label)?;
    reporter.label(&label);
    fill(args, &label)?;
    let on_its_own = args.transport == Some(TransportArg::Softap) && args.service_name.is_none();
    Ok(on_its_own.then(|| {
        let key = if label.password.is_some() { ", with its key" } else { "" };
        format!("join the access point {:?} first: the QR code names it{key}", label.name)
    }))
}

/// Refuses control characters, which no device expects.
fn check(label: &Label) -> Result<(), Failure> {
    let username = label.username.as_ref().map(Username::as_str);
    let pop = label.pop.as_ref().and_then(|pop| str::from_utf8(pop.expose()).ok());
    for (member, content) in [("username", username), ("pop", pop)] {
        text::typed(content.unwrap_or_default())
            .map_err(|error| Failure::input(format!("--qr: {member}: {error}")))?;
    }
    keep_secret(pop.unwrap_or_default());
    Ok(())
}

fn fill(args: &mut DeviceArgs, label: &Label) -> Result<(), Failure> {
    let transport = *args.transport.get_or_insert(match label.transport {
        LabelTransport::Ble => TransportArg::Ble,
        LabelTransport::SoftAp => TransportArg::Softap,
    });
    // With SoftAP, the name is that of the access point, where every device has the same address.
    if transport == TransportArg::Ble && args.service_name.is_none() {
        args.service_name = Some(label.name.as_str().into());
    }
    if transport == TransportArg::Softap {
        fill_softap(args, label);
    }
    let name = label.username.as_ref().map(|name| name.as_str().into());
    // Only security 2 has user names. Its password must never become a proof of possession, which
    // anybody who records a handshake of security 1 can guess offline.
    let mut on_label = label.security.map(Scheme::number);
    if args.sec_ver.is_none()
        && let Some((scheme, asked)) = contradiction(args, label)
    {
        if !args.accept.dangerously_accept_weaker_security {
            let cause = Cause::LabelContradiction { scheme, asked };
            return Err(Error::new(Stage::Handshake, cause).into());
        }
        on_label = None;
    }
    args.sec_ver_given = args.sec_ver.is_some();
    let scheme = args.sec_ver.or(on_label).or(name.is_some().then_some(2));
    let named = plan::username(&args.login, None)?.is_some();
    let is_password = name.is_some() || scheme == Some(2) || (scheme.is_none() && named);
    args.sec_ver = scheme;
    let secret = label.pop.as_ref().map(|pop| {
        let text = String::from_utf8_lossy(pop.expose());
        SecretArg::from(text.into_owned())
    });
    let login = &mut args.login;
    login.sec2_username = login.sec2_username.take().or(name);
    if !is_password {
        if args.pop.is_none() && args.pop_file.is_none() {
            args.pop = secret;
        }
    } else if login.sec2_pwd.is_none() && login.sec2_pwd_file.is_none() {
        login.sec2_pwd = secret;
    }
    Ok(())
}

/// The access point to join, unless the device has another address, and its password.
fn fill_softap(args: &mut DeviceArgs, label: &Label) {
    let is_elsewhere = args.service_name.is_some();
    let softap = &mut args.softap;
    if softap.softap.is_none() && !is_elsewhere {
        softap.softap = Some(label.name.as_str().into());
        softap.is_by_label = true;
    }
    let is_it = softap.softap.as_ref().is_some_and(|given| given.expose() == label.name);
    if is_it && softap.softap_passphrase.is_none() && softap.softap_passphrase_file.is_none() {
        softap.softap_passphrase = label.password.as_ref().map(|password| {
            SecretArg::from(String::from_utf8_lossy(password.expose()).into_owned())
        });
    }
}

/// The scheme that a label names, and the level that the rest of it demands, if that is higher.
fn contradiction(args: &DeviceArgs, label: &Label) -> Option<(u32, SecurityLevel)> {
    let scheme = label.security?.number();
    let is_outweighed = args.pop.is_some() || args.pop_file.is_some();
    let has_proof = label.pop.as_ref().is_some_and(|pop| !pop.is_empty()) && !is_outweighed;
    match scheme {
        0 | 1 if label.username.is_some() => Some((scheme, SecurityLevel::LoggedIn)),
        0 if has_proof => Some((scheme, SecurityLevel::Proved)),
        _ => None,
    }
}

/// Reads the label from the value of `--qr`.
pub(super) fn read(given: &SecretArg) -> Result<Label, Failure> {
    let text = given.expose().trim();
    // Also a log, and codes of other kinds, for which the error names the kind.
    let begins = ["{", "http:", "https:", "wifi:", "dpp:", "mt:", "x-hm:"].iter().any(|begin| {
        text.get(..begin.len()).is_some_and(|start| start.eq_ignore_ascii_case(begin))
    });
    let is_text = begins || text.contains(['{', '\r', '\n']) && !Path::new(text).exists();
    if is_text {
        return Label::parse(text).map_err(|error| {
            // Without quotes around it, `{"ver":"v1"}` arrives as `{ver:v1}`.
            let is_bare = matches!(error, InvalidLabel::NotJson { .. }) && !text.contains('"');
            Failure::input(if is_bare {
                "--qr: it has no quotation marks, the shell took them: put ' before and after it"
                    .to_owned()
            } else {
                format!("--qr: {error}")
            })
        });
    }
    if text.is_empty() {
        return Err(Failure::input(
            "--qr: is empty; it takes the text of a QR code, or a file with the text or a picture of it",
        ));
    }
    let name = Path::new(given.expose());
    let wrong = |what: String| Failure::input(format!("--qr {}: {what}", files::named(name)));
    let bytes = files::read(name, Kind::Label).map_err(|error| match error {
        // If a pipe timed out, the pipe was meant.
        FileError::System(error) if error.kind() != io::ErrorKind::TimedOut => wrong(format!(
            "{error}; it takes the text of a QR code, which begins with {{ or http, or a file with the text or \
             a picture of the code"
        )),
        other => wrong(other.to_string()),
    })?;
    in_file(bytes).map_err(wrong)
}

fn in_file(bytes: Zeroizing<Vec<u8>>) -> Result<Label, String> {
    if qr_image::is_one(&bytes) {
        return one_of(&qr_image::codes(bytes, |code| label(code).is_ok())?);
    }
    let text = text::decode(&bytes)
        .map_err(|_| "neither PNG nor JPEG nor text; a screenshot of the picture will do")?;
    Label::parse(&text).map_err(|error| error.to_string())
}

fn label(code: &[u8]) -> Result<Label, String> {
    let text = match str::from_utf8(code) {
        Ok(text) => Cow::Borrowed(text),
        // Encoders may also write ISO 8859-1, whose characters are the first of Unicode.
        Err(_) => Cow::Owned(code.iter().map(|&byte| char::from(byte)).collect()),
    };
    Label::parse(&text).map_err(|error| error.to_string())
}

/// The only label among the codes in a picture.
fn one_of(codes: &[Zeroizing<Vec<u8>>]) -> Result<Label, String> {
    let mut labels: Vec<_> = codes.iter().filter_map(|code| label(code).ok()).collect();
    match (labels.pop(), codes) {
        (Some(label), _) if labels.is_empty() => Ok(label),
        (Some(last), _) => {
            let mut names: Vec<_> =
                labels.iter().chain([&last]).map(|label| format!("{:?}", label.name)).collect();
            names.sort();
            let names = names.join(", ");
            Err(format!("it shows the QR codes of {names}; cut the picture to the one you mean"))
        }
        (None, []) => {
            Err("no QR code in it that could be read; come closer, with less glare".to_owned())
        }
        (None, [code]) => {
            let why = label(code).err().unwrap_or_default();
            Err(format!("its QR code is not that of a device: {why}"))
        }
        (None, codes) => Err(format!("none of its {} QR codes is that of a device", codes.len())),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::report::Style;

    /// The arguments after filling in, and what to do if the device can't be reached.
    fn filled(typed: &[&str], label: &str) -> (DeviceArgs, Option<String>) {
        let words = [&["esp-prov-rs", "--qr", label], typed].concat();
        let mut cli = Cli::try_parse_from(words).expect("it parses");
        let style = Style { verbosity: -1, json: false, color: anstream::ColorChoice::Never };
        let before = fill_in(&mut cli, &Reporter::new(&style)).expect("a label");
        (cli.provision.device, before)
    }

    const SOFTAP: &str = r#"{"ver":"v1","name":"PROV_1","pop":"x","transport":"softap"}"#;

    #[test]
    fn the_access_point_to_join_is_named_where_the_usual_address_is_used() {
        let (args, before) = filled(&[], SOFTAP);
        assert_eq!((args.transport, args.service_name()), (Some(TransportArg::Softap), ""));
        let before = before.expect("an access point");
        assert_eq!(before, "join the access point \"PROV_1\" first: the QR code names it");

        let with_key = SOFTAP.replace('}', r#","password":"12345678"}"#);
        let (_, before) = filled(&[], &with_key);
        let before = before.expect("an access point");
        assert!(before.ends_with("names it, with its key"), "{before}");

        for typed in [&["--service-name", "127.0.0.1:1"], &["--transport", "virtual"]] {
            assert_eq!(filled(typed, SOFTAP).1, None, "{typed:?}");
        }
    }

    #[test]
    fn a_label_names_the_access_point_to_join_and_has_its_password() {
        let label = SOFTAP.replace('}', r#","password":"12345678"}"#);
        let taken = |typed: &[&str]| {
            let (args, _) = filled(typed, &label);
            let text = |given: Option<SecretArg>| given.map(|given| given.expose().to_owned());
            let softap = args.softap;
            (text(softap.softap), text(softap.softap_passphrase), softap.is_by_label)
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(taken(&[]), (text("PROV_1"), text("12345678"), true));
        assert_eq!(taken(&["--softap", "PROV_1"]), (text("PROV_1"), text("12345678"), false));
        assert_eq!(taken(&["--softap", "PROV_2"]), (text("PROV_2"), None, false));
        let typed = ["--softap-passphrase", "another-one"];
        assert_eq!(taken(&typed), (text("PROV_1"), text("another-one"), true));
        assert_eq!(taken(&["--service-name", "127.0.0.1:1"]), (None, None, false));
        assert_eq!(taken(&["--transport", "virtual"]), (None, None, false));
    }

    #[test]
    fn over_ble_the_name_is_the_service() {
        let label = SOFTAP.replace("softap", "ble");
        let (args, before) = filled(&[], &label);
        assert_eq!(args.transport, Some(TransportArg::Ble));
        assert_eq!((args.service_name(), before), ("PROV_1", None));
        let (args, _) = filled(&["--service-name", "PROV_2"], &label);
        assert_eq!(args.service_name(), "PROV_2");
    }

    /// The scheme, and whether there are a proof and a password.
    fn secrets(typed: &[&str], label: &str) -> (Option<u32>, bool, bool) {
        let (args, _) = filled(typed, label);
        (args.sec_ver, args.pop.is_some(), args.login.sec2_pwd.is_some())
    }

    #[test]
    fn the_secret_of_a_label_is_a_proof_or_a_password_and_never_lost() {
        let with = |member: &str| SOFTAP.replace('}', &format!(",{member}}}"));
        let with_name = with(r#""username":"bob""#);
        let with_both = with(r#""username":"bob","security":"1""#);
        let sec_ver = |number| ["--sec-ver", number];
        let name = ["--sec2-username", "bob"];
        for (typed, label, scheme, is_proof) in [
            (&[][..], SOFTAP, None, true),
            (&sec_ver("1"), SOFTAP, Some(1), true),
            (&sec_ver("2"), SOFTAP, Some(2), false),
            (&name, SOFTAP, None, false),
            (&[name, sec_ver("1")].concat(), SOFTAP, Some(1), true),
            (&name, &with(r#""security":"1""#), Some(1), true),
            (&[], &with(r#""security":"2""#), Some(2), false),
            // This contradiction is refused later.
            (&sec_ver("0"), SOFTAP, Some(0), true),
            // A user name means security 2.
            (&[], &with_name, Some(2), false),
            (&sec_ver("1"), &with_name, Some(1), false),
            // The flag decides which half of the label is right.
            (&sec_ver("1"), &with_both, Some(1), false),
            (&sec_ver("2"), &with_both, Some(2), false),
        ] {
            let expected = (scheme, is_proof, !is_proof);
            assert_eq!(secrets(typed, label), expected, "{typed:?} {label}");
        }
        // Flags come first, and the label supplies the rest.
        let typed = ["--pop", "typed", "--sec-ver", "1"];
        assert_eq!(secrets(&typed, &with_name), (Some(1), true, true));
        let (args, _) = filled(&typed, SOFTAP);
        assert_eq!(args.pop.expect("a proof").expose(), "typed");
    }
}
