//! `esp-prov-rs secrets`: makes the secrets of many devices, with their roster, the values for their
//! flash, and their labels.
//!
//! Everything is made in a folder beside the one that was asked for, which gets its name at the end.

mod labels;

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use clap::{ArgGroup, Args};
use esp_prov::{
    Stage, Warning,
    address::{AccessPointSelector, Address, BleAddress, BleSelector, SoftapAddress},
    warn,
};
use esp_prov_batch::roster::{self, Field, Form, RosterError};
use esp_prov_input::{files, table, text};
use esp_prov_trace as trace;
use protocomm::{
    Given, Harmless, Label, LabelTransport, NetworkKind, Password, ProofOfPossession, Ssid,
    Username, ble::LONGEST_NAME, device::SrpVerifier, harmless,
};
use rand_core::{Rng, UnwrapErr};
use zeroize::Zeroizing;

use self::labels::Sheet;
use super::qr::{LabelTransportArg, NetworkArg};
use crate::{
    cli::{
        Failure,
        options::{LoginArgs, number},
        plan,
        secrets::Doubts,
        signals::{self, Heeded},
    },
    exit::Exit,
    report::Reporter,
};

/// The most devices at once.
const MOST: usize = 100_000;

/// Letters and digits that are not taken for each other. Each has 5 bits.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// How many of them a secret has: 80 bits, so that nobody guesses it from a recorded handshake or
/// from a verifier.
const LENGTH: usize = 16;

/// How many devices are worked on together, without labels.
const CHUNK: usize = 16;

/// How long the end takes after Ctrl-C.
const REMOVE_WITHIN: Duration = Duration::from_secs(5);

/// Secrets for many devices.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  1,000 devices with security 2, and labels on sheets of paper:
    esp-prov-rs secrets --count 1000 --transport ble --sec-ver 2 \\
      --sec2-username wifiprov --labels L7651 --output lot-7

  Those of a list, with security 1, then a batch of them:
    esp-prov-rs secrets --serials lot.csv --transport ble --sec-ver 1 --output lot
    esp-prov-rs batch --roster lot/roster.csv --ssid Line

  A flash image for each, with mfg_gen.py of ESP-IDF:
    python mfg_gen.py generate lot-7/mfg_config.csv lot-7/mfg_values.csv lot 0x3000 --fileid id

FOLDER gets:
  roster.csv       what `batch` takes: id (the serial number), address, and the
                   proof of possession, or user name and password
  labels.csv       what is printed on the labels, for the software of a label
                   printer: id, name, user name, secret, content of the QR code
  mfg_config.csv   what firmware reads, in the namespace prov: name, and pop, or
                   username, salt and verifier
  mfg_values.csv   the values of each device for that; of security 2 without the
                   password
  labels/NAME.svg  with --labels: the label of each device, with its QR code,
                   its name and its secret
  sheets/1.svg …   with --labels: the same on sheets of paper

A secret has 16 of the letters a to z and digits 2 to 9 without l and o, which are 80 random bits.")]
#[command(group = ArgGroup::new("devices").required(true))]
pub struct SecretsArgs {
    /// New folder for all that is made; only its owner can read it. It must not exist, or be empty
    #[arg(long, value_name = "FOLDER")]
    pub output: PathBuf,
    /// File with the serial numbers: CSV with a column `serial` (others are left out), or one per
    /// line; - for stdin
    #[arg(long, value_name = "FILE", group = "devices")]
    pub serials: Option<PathBuf>,
    /// Number of devices, numbered from --first
    #[arg(long, value_name = "N", value_parser = number(1..=MOST), group = "devices", allow_negative_numbers = true)]
    pub count: Option<usize>,
    /// First serial number; all get at least its digits: 00001
    #[arg(long, value_name = "N", default_value = "1", conflicts_with = "serials")]
    pub first: Given,
    /// Name of each device, with {} for its serial number
    #[arg(long, value_name = "TEXT", default_value = "PROV_{}", allow_hyphen_values = true)]
    pub name: Given,
    /// Transport of the devices: softap or ble
    #[arg(long, value_name = "TRANSPORT", ignore_case = true, hide_possible_values = true)]
    pub transport: LabelTransportArg,
    /// Security scheme of the devices: 1 (proofs of possession) or 2 (passwords, salts and verifiers)
    #[arg(long, alias = "sec_ver", value_name = "N", value_parser = number(1_u8..=2), allow_negative_numbers = true)]
    pub sec_ver: u8,
    /// User name of security 2, the same for all [env: ESP_PROV_SEC2_USERNAME]
    #[arg(long, alias = "sec2_username", value_name = "TEXT")]
    pub sec2_username: Option<Given>,
    /// Make labels of this size: L7120, L7160, L7651, L7654, 5160 or 6871 for sheets of Avery, or
    /// paper, width and height in mm to cut out, such as a4-30x30 or letter-50x25
    #[arg(long, value_name = "SIZE", value_parser = Sheet::from_str)]
    pub labels: Option<Sheet>,
    /// Kind of network on the labels: wifi or thread; most firmware leaves it out
    #[arg(long, value_name = "KIND", ignore_case = true, hide_possible_values = true)]
    pub network: Option<NetworkArg>,
}

pub(super) fn run(args: &SecretsArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let _heeded = Heeded::within(REMOVE_WITHIN);
    let recipe = Recipe::of(args, reporter)?;
    let devices = devices(args, &recipe, reporter)?;
    if let Some(sheet) = &args.labels {
        let longest = devices.iter().max_by_key(|device| device.name.len());
        longest.map_or(Ok(()), |device| recipe.fits(sheet, device))?;
    }
    let folder = NewFolder::create(&args.output)?;
    let made = make(&devices, &recipe, args.labels.as_ref(), &folder, reporter);
    reporter.rest();
    let made = made?;
    folder.write("roster.csv", recipe.roster(&devices, &made).expose())?;
    folder.write("labels.csv", recipe.labels(&devices, &made).expose())?;
    folder.write("mfg_config.csv", recipe.mfg_config())?;
    folder.write("mfg_values.csv", recipe.mfg_values(&devices, &made).expose())?;
    folder.done()?;
    let sheets = args.labels.as_ref().map(|sheet| devices.len().div_ceil(sheet.places()));
    reporter.secrets_made(&files::named(&args.output), devices.len(), sheets);
    Ok(Exit::DONE)
}

/// A device to make secrets for.
struct Device {
    serial: String,
    name: String,
}

/// What was made for a device.
struct Made {
    /// The proof of possession, or the password of security 2.
    secret: Given,
    /// With security 2.
    srp: Option<SrpVerifier>,
}

/// What all devices have in common.
struct Recipe {
    transport: LabelTransport,
    network: Option<NetworkKind>,
    /// With security 2.
    username: Option<Username>,
    /// What comes before and after the serial number in a name.
    around: (String, String),
}

impl Recipe {
    fn of(args: &SecretsArgs, reporter: &Reporter) -> Result<Self, Failure> {
        let username = (args.sec_ver == 2).then(|| username(args, reporter)).transpose()?;
        let around = args.name.expose().split_once("{}").filter(|(_, after)| !after.contains("{}"));
        let wrong = "--name: has to contain {} once, for the serial number, such as PROV_{}";
        let (before, after) = around.ok_or_else(|| Failure::input(wrong))?;
        Ok(Self {
            transport: args.transport.into(),
            network: args.network.map(NetworkKind::from),
            username,
            around: (before.to_owned(), after.to_owned()),
        })
    }

    fn name(&self, serial: &str) -> String {
        let (before, after) = &self.around;
        [before, serial, after].concat()
    }

    /// The address in the roster.
    fn address(&self, name: &str) -> String {
        let scheme = match self.transport {
            LabelTransport::Ble => "ble:",
            LabelTransport::SoftAp => "softap:",
        };
        [scheme, name].concat()
    }

    /// What is wrong with a serial number.
    fn check(&self, serial: &str) -> Result<(), Harmless> {
        text::typed(serial)?;
        if text::has_blank_ends(serial) {
            return Err("begins or ends with a blank; remove it".into());
        }
        let name = self.name(serial);
        text::typed(&name).map_err(|error| harmless!("--name: {}", error))?;
        match self.transport {
            LabelTransport::Ble if name.len() > LONGEST_NAME => {
                return Err(harmless!(
                    "a BLE name of {} bytes; firmware advertises at most {}",
                    name.len(),
                    LONGEST_NAME
                ));
            }
            LabelTransport::SoftAp => {
                Ssid::new(name.as_str())
                    .map_err(|error| harmless!("as an access point: {}", Harmless::from(error)))?;
            }
            LabelTransport::Ble => {}
        }
        // `NAME*` is a prefix, for example, and twelve hexadecimal digits are a BSSID.
        let is_name = match self.address(&name).parse() {
            Ok(Address::Ble(BleAddress { wanted: BleSelector::Name(read), .. })) => read == name,
            Ok(Address::Softap(SoftapAddress {
                access_point: AccessPointSelector::Name(read),
                ..
            })) => read.as_bytes() == name.as_bytes(),
            _ => false,
        };
        let otherwise =
            "a roster would read this name as an address or a prefix; give another --name";
        if is_name { Ok(()) } else { Err(otherwise.into()) }
    }

    fn label(&self, device: &Device, secret: &Given) -> Label {
        let mut label = Label::new(device.name.as_str(), self.transport);
        label.username.clone_from(&self.username);
        label.pop = Some(ProofOfPossession::from(secret.clone()));
        label.network = self.network;
        label
    }

    /// What is printed beside the code.
    fn lines<'a>(&'a self, device: &'a Device, secret: &'a Given) -> Vec<&'a str> {
        let username = self.username.as_ref().map(Username::as_str);
        [&*device.name].into_iter().chain(username).chain([secret.expose()]).collect()
    }

    /// Refuses labels that are too small for a code.
    fn fits(&self, sheet: &Sheet, longest: &Device) -> Result<(), Failure> {
        let secret = Given::from("x".repeat(LENGTH));
        let code = self.label(longest, &secret).to_json();
        let lines = self.lines(longest, &secret).len();
        sheet.fits(&code, lines)
    }

    fn make(&self) -> Made {
        let mut rng = UnwrapErr(getrandom::SysRng);
        let mut bytes = Zeroizing::new([0; LENGTH]);
        rng.fill_bytes(&mut *bytes);
        let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
        let secret = Given::from(letters.collect::<String>());
        let srp = self.username.as_ref().map(|username| {
            let password = Password::from(secret.clone());
            SrpVerifier::generate(username, &password, SrpVerifier::SALT, &mut rng)
        });
        Made { secret, srp }
    }

    fn roster(&self, devices: &[Device], made: &[Made]) -> Given {
        let line = |(device, made): (&Device, &Made)| {
            let mut line = vec![
                (Field::Id, device.serial.as_str().into()),
                (Field::Address, self.address(&device.name).into()),
            ];
            let secret = made.secret.clone();
            match &self.username {
                None => line.extend([(Field::Security, "1".into()), (Field::Pop, secret)]),
                Some(username) => line.extend([
                    (Field::Security, "2".into()),
                    (Field::Username, username.as_str().into()),
                    (Field::Password, secret),
                ]),
            }
            line
        };
        let lines: Vec<_> = devices.iter().zip(made).map(line).collect();
        roster::to_text(Form::Csv, &lines)
    }

    /// What is printed on the labels, for the software of a label printer.
    fn labels(&self, devices: &[Device], made: &[Made]) -> Given {
        let mut text = Zeroizing::new(match self.username {
            None => "id,name,secret,code\n".to_owned(),
            Some(_) => "id,name,username,secret,code\n".to_owned(),
        });
        for (device, Made { secret, .. }) in devices.iter().zip(made) {
            let code = self.label(device, secret).to_json();
            let fields = [&*device.serial].into_iter().chain(self.lines(device, secret));
            let fields = fields.chain([code.as_str()]).map(Into::into);
            text.push_str(&Zeroizing::new(table::record(fields)));
        }
        text.into()
    }

    /// The configuration of `mfg_gen.py`: keys of at most 15 characters with their types and
    /// encodings, below their namespace (`tools/mass_mfg`, ESP-IDF v4.0 to v6.1).
    fn mfg_config(&self) -> &'static str {
        match self.username {
            None => "prov,namespace,\nname,data,string\npop,data,string\n",
            Some(_) => {
                "prov,namespace,\nname,data,string\nusername,data,string\nsalt,data,hex2bin\n\
                 verifier,data,hex2bin\n"
            }
        }
    }

    /// The values, in the same order. The column `id` is for the names of images and not in them.
    fn mfg_values(&self, devices: &[Device], made: &[Made]) -> Given {
        let mut text = Zeroizing::new(match self.username {
            None => "id,name,pop\n".to_owned(),
            Some(_) => "id,name,username,salt,verifier\n".to_owned(),
        });
        for (device, made) in devices.iter().zip(made) {
            let mut fields = vec![device.serial.as_str().into(), device.name.as_str().into()];
            match (&self.username, &made.srp) {
                (Some(username), Some(srp)) => fields.extend([
                    username.as_str().into(),
                    hex::encode(&srp.salt).into(),
                    hex::encode(&srp.verifier).into(),
                ]),
                _ => fields.push(made.secret.expose().into()),
            }
            text.push_str(&Zeroizing::new(table::record(fields.into_iter())));
        }
        text.into()
    }
}

/// The user name of security 2.
fn username(args: &SecretsArgs, reporter: &Reporter) -> Result<Username, Failure> {
    let sec2_username = args.sec2_username.clone();
    let login = LoginArgs { sec2_username, sec2_pwd: None, sec2_pwd_file: None };
    let doubts = Doubts { observer: reporter, deny_warnings: false };
    let missing = "--sec2-username is missing: give it, or ESP_PROV_SEC2_USERNAME";
    plan::username(&login, Some(doubts))?.ok_or_else(|| Failure::input(missing))
}

/// The devices from a list, or by their numbers.
fn devices(
    args: &SecretsArgs,
    recipe: &Recipe,
    reporter: &Reporter,
) -> Result<Vec<Device>, Failure> {
    let serials = match (&args.serials, args.count) {
        (Some(path), _) => listed(path, recipe, reporter)?,
        (None, count) => counted(&args.first, count.unwrap_or(1), recipe)?,
    };
    let device = |serial: String| Device { name: recipe.name(&serial), serial };
    Ok(serials.into_iter().map(device).collect())
}

fn listed(path: &Path, recipe: &Recipe, reporter: &Reporter) -> Result<Vec<String>, Failure> {
    let named = || files::named(path).to_string();
    let read = roster::serials(path, &|serial| recipe.check(serial))
        .map_err(|mistakes| Failure::Roster("--serials", named(), mistakes))?;
    if read.texts.len() > MOST {
        let what = format!("--serials {}: more than {MOST} at once; split the file", named());
        return Err(Failure::input(what));
    }
    for RosterError { position, what, .. } in &read.warnings {
        let (line, column, doubt) = (position.line(), position.column(), what.to_string());
        let warning = Warning::DoubtfulInput { origin: named(), line, column, doubt };
        warn(reporter, false, Stage::Set, warning)?;
    }
    Ok(read.texts)
}

fn counted(first: &Given, count: usize, recipe: &Recipe) -> Result<Vec<String>, Failure> {
    let digits = first.expose();
    let is_one = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse::<u64>().ok().filter(|_| is_one && digits.len() <= 18);
    let number = number.ok_or_else(|| Failure::input("--first: a number of at most 18 digits"))?;
    let last = number + u64::try_from(count - 1).unwrap_or(u64::MAX);
    let width = last.to_string().len().max(digits.len());
    let serials: Vec<_> = (number..=last).map(|number| format!("{number:0width$}")).collect();
    // They have all the same length.
    let checked = serials.first().map_or(Ok(()), |serial| recipe.check(serial));
    checked.map_err(|what| Failure::input(format!("--name: {what}")))?;
    Ok(serials)
}

/// Makes the secrets and labels, on all cores.
fn make(
    devices: &[Device],
    recipe: &Recipe,
    sheet: Option<&Sheet>,
    folder: &NewFolder,
    reporter: &Reporter,
) -> Result<Vec<Made>, Failure> {
    if sheet.is_some() {
        folder.create_below("labels")?;
        folder.create_below("sheets")?;
    }
    let chunks: Vec<_> = devices.chunks(sheet.map_or(CHUNK, Sheet::places)).collect();
    let work = |at: usize, devices: &[Device]| -> Result<Vec<Made>, Failure> {
        let (mut all, mut bodies) = (Vec::new(), Vec::new());
        for device in devices {
            if signals::comes_within(Duration::ZERO) {
                return Err(Failure::Interrupted);
            }
            let made = recipe.make();
            if let Some(sheet) = sheet {
                let code = recipe.label(device, &made.secret).to_json();
                let body = sheet.label(&code, &recipe.lines(device, &made.secret))?;
                folder.write_at(&label_file(&device.name), &sheet.alone(&body))?;
                bodies.push(body);
            }
            all.push(made);
        }
        let Some(sheet) = sheet else { return Ok(all) };
        let page = sheet.page(&bodies);
        let width = chunks.len().to_string().len();
        folder.write_at(Path::new(&format!("sheets/{:0width$}.svg", at + 1)), &page)?;
        Ok(all)
    };
    let (next, (send, receive)) = (AtomicUsize::new(0), mpsc::channel());
    let worker = |send: mpsc::Sender<_>| loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(devices) = chunks.get(at) else { break };
        if send.send((at, work(at, devices))).is_err() {
            break;
        }
    };
    reporter.making(0, devices.len());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let (worker, send) = (&worker, send.clone());
            scope.spawn(move || worker(send));
        }
        drop(send);
        let mut all: Vec<_> = chunks.iter().map(|_| Vec::new()).collect();
        let mut count = 0;
        // Once this ends, so do the workers, for want of a receiver.
        for (at, made) in receive {
            all[at] = made?;
            count += all[at].len();
            reporter.making(count, devices.len());
        }
        Ok(all.into_iter().flatten().collect())
    })
}

/// The file of a label, below the folder: as the traces of a batch are named, by a name that may
/// have any characters.
fn label_file(name: &str) -> PathBuf {
    trace::file_of(Path::new("labels"), name).with_extension("svg")
}

/// A folder that appears once everything is in it. Until then it has another name, by which it is
/// removed on drop.
struct NewFolder {
    part: PathBuf,
    to: PathBuf,
    is_done: bool,
}

impl NewFolder {
    fn create(to: &Path) -> Result<Self, Failure> {
        let named = files::named(to);
        match fs::read_dir(to).map(|mut entries| entries.next().is_none()) {
            Ok(true) => {}
            Ok(false) => {
                let what = "is not empty, and secrets are never overwritten; choose a new folder";
                return Err(Failure::input(format!("--output {named}: {what}")));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::input(format!("--output {named}: {error}"))),
        }
        let Some(name) = to.file_name() else {
            let what = "has no name of its own; choose a new folder";
            return Err(Failure::input(format!("--output {named}: {what}")));
        };
        let mut part = OsString::from(name);
        part.push(".part");
        let part = to.with_file_name(part);
        files::create_private_folder(&part).map_err(|error| {
            Failure::input(match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    let part = files::named(&part);
                    format!(
                        "--output {named}: {part} is there, which another run makes, or has left \
                         when it was killed; remove it then"
                    )
                }
                io::ErrorKind::NotFound => {
                    format!("--output {named}: the folder above it is missing; create it first")
                }
                _ => format!("--output {named}: {error}"),
            })
        })?;
        Ok(Self { part, to: to.to_owned(), is_done: false })
    }

    fn cannot(&self, error: io::Error) -> Failure {
        Failure::input(format!("--output {}: {error}", files::named(&self.to)))
    }

    fn create_below(&self, name: &str) -> Result<(), Failure> {
        let created = files::create_private_folder(&self.part.join(name));
        created.map_err(|error| self.cannot(error))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        self.write_at(Path::new(name), text)
    }

    fn write_at(&self, below: &Path, text: &str) -> Result<(), Failure> {
        let written = files::write_private(&self.part.join(below), text.as_bytes());
        written.map_err(|error| self.cannot(error))
    }

    fn done(mut self) -> Result<(), Failure> {
        // Not all systems rename a folder to an empty one.
        let _ = fs::remove_dir(&self.to);
        fs::rename(&self.part, &self.to).map_err(|error| self.cannot(error))?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.is_done {
            let _ = fs::remove_dir_all(&self.part);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn recipe(transport: LabelTransport, name: (&str, &str)) -> Recipe {
        let around = (name.0.to_owned(), name.1.to_owned());
        Recipe { transport, network: None, username: None, around }
    }

    #[test]
    fn a_secret_has_no_letters_that_are_taken_for_each_other() {
        let recipe = recipe(LabelTransport::Ble, ("", ""));
        let secrets: Vec<_> = (0..500).map(|_| recipe.make().secret).collect();
        let letters: HashSet<_> = secrets.iter().flat_map(|one| one.expose().bytes()).collect();
        assert_eq!(letters, LETTERS.iter().copied().collect());
        assert!(!LETTERS.iter().any(|one| b"0O1lI".contains(one)));
        let different: HashSet<_> = secrets.iter().map(Given::expose).collect();
        assert!(different.len() == 500 && different.iter().all(|one| one.len() == 16));
    }

    #[test]
    fn a_name_that_devices_or_rosters_do_not_take_is_refused() {
        use LabelTransport::{Ble, SoftAp};

        let prov = ("PROV_", "");
        for (transport, name, serial, expected) in [
            (Ble, prov, "x".repeat(24), None),
            (
                Ble,
                prov,
                "x".repeat(25),
                Some("a BLE name of 30 bytes; firmware advertises at most"),
            ),
            (SoftAp, prov, "x".repeat(27), None),
            (SoftAp, prov, "x".repeat(28), Some("as an access point: an SSID has 1 to 32 bytes")),
            (Ble, prov, "12*".to_owned(), Some("a roster would read this name as")),
            (Ble, ("", ""), "24:0A:C4:11:22:33".to_owned(), Some("a roster would read")),
            (SoftAp, ("", ""), "240ac4112233".to_owned(), Some("a roster would read")),
            (SoftAp, prov, "24:0A:C4:11:22:33".to_owned(), None),
            (Ble, prov, "1\t2".to_owned(), Some("contains a tab")),
            (Ble, prov, "1\u{a0}".to_owned(), Some("begins or ends with a blank")),
            (Ble, ("a\u{7}", ""), "1".to_owned(), Some("--name: contains the control character")),
        ] {
            let told = recipe(transport, name).check(&serial).err().map(|what| what.to_string());
            let fits = match (&told, expected) {
                (Some(told), Some(expected)) => told.starts_with(expected),
                (told, expected) => told.is_none() && expected.is_none(),
            };
            assert!(fits, "{serial}: {told:?}");
        }
    }

    #[test]
    fn numbers_have_one_length() {
        let counted = |first: &str, count| {
            let recipe = recipe(LabelTransport::Ble, ("PROV_", ""));
            counted(&first.into(), count, &recipe)
                .map(|all| [all[0].clone(), all[count - 1].clone()])
        };
        for (first, count, ends) in [
            ("1", 1, ["1", "1"]),
            ("1", 1000, ["0001", "1000"]),
            ("1001", 1000, ["1001", "2000"]),
            ("00098", 3, ["00098", "00100"]),
        ] {
            assert_eq!(counted(first, count).expect("numbers"), ends);
        }
        for first in ["", "-1", "+1", "x", "1234567890123456789"] {
            assert!(counted(first, 2).is_err(), "{first}");
        }
    }
}
