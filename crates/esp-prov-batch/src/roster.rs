//! The roster: the list of devices and of the settings for each. Reads and writes CSV and JSON
//! Lines (`*.jsonl`).

mod doubts;
mod error;
mod fields;
mod read;
mod serials;
mod write;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{BuildHasher, RandomState},
    net::{IpAddr, SocketAddr},
    path::Path,
};

use esp_prov::{
    Accept, Network, Security,
    address::{AccessPointSelector, Address, BleAddress, BleSelector, SoftapAddress},
};
use esp_prov_input::{dataset_from_hex, files, from_hex, text};
use protocomm::{
    Bssid, Given, Harmless, Passphrase, Password, ProofOfPossession, Ssid, Username,
    commands::SetWifiConfig, harmless, is_channel,
};
use uuid::Uuid;
use zeroize::Zeroizing;

pub use self::{
    error::{Mistakes, RosterError, RosterPosition},
    fields::Field,
    serials::{Serials, serials},
    write::to_text,
};
use self::{fields::Value, read::Told};
use super::concurrency::TransportSlots;

/// Parses only lines and fields, for fuzzing. Their values may refer to other files, which are not
/// read.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn lines(bytes: &[u8], form: Form) -> Vec<RosterError> {
    let (mut told, mut doubts) = (Told::default(), doubts::Doubts::default());
    rows(&text::to_utf8(bytes), form, &mut told, &mut |row, _| doubts.look_at(&row));
    let all = told.errors.iter().chain(&told.warnings).cloned();
    all.chain(doubts.told().iter().cloned()).collect()
}

/// The maximum length of a device's id, in bytes. The id is used in ledgers and file names.
pub const ID_LIMIT: usize = 128;

/// The values for fields that the lines of a roster leave out.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    values: BTreeMap<Field, Value>,
    /// Where an address without a scheme leads. Over BLE and on access points it is a name, and a
    /// device without an address has its id as its name.
    pub by: DefaultTransport,
    /// What is accepted from all devices; no line can override it.
    pub accept: Accept,
}

/// The transport of an address without a scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DefaultTransport {
    /// HTTP.
    #[default]
    Http,
    /// HTTP on the device's own access point.
    Softap,
    /// BLE.
    Ble,
}

impl Defaults {
    /// Whether a field has a default.
    pub fn has(&self, field: Field) -> bool {
        self.values.contains_key(&field)
    }

    /// Sets the default of a field. `origin` is the default's name in messages, such as `--ssid` or
    /// `job.toml: ssid`. A default that is already set stays.
    pub fn set(&mut self, field: Field, text: impl Into<Given>, origin: impl Into<Harmless>) {
        let value = Value { text: text.into(), position: RosterPosition::Default(origin.into()) };
        self.values.entry(field).or_insert(value);
    }
}

/// A device of the roster.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The device's id, in the roster and in the ledger.
    pub id: String,
    /// The device's address.
    pub address: Address,
    /// The security settings for a session.
    pub security: Security,
    /// The network that the device is given.
    pub network: Network,
    /// Data for the endpoint `custom-data`, sent before the network.
    pub custom_data: Option<Vec<u8>>,
    /// The labels from the roster; they are copied to results.
    pub labels: BTreeMap<String, String>,
    /// The environment variables that the device's line names as secrets (`env:NAME`).
    pub secret_variables: BTreeSet<String>,
}

impl Entry {
    /// The slots that limit how many such devices are worked on at once.
    pub(crate) fn slots(&self) -> TransportSlots {
        TransportSlots::of(&self.address)
    }

    /// The prefix of the device's BLE name, if the roster gives only that.
    fn prefix(&self) -> Option<&str> {
        match &self.address {
            Address::Ble(BleAddress { wanted: BleSelector::Prefix(prefix), .. }) => Some(prefix),
            _ => None,
        }
    }

    /// The name of the device's network.
    pub fn network_name(&self) -> String {
        match &self.network {
            Network::Wifi(wifi) => wifi.ssid.to_string(),
            Network::Thread(dataset) => dataset.name().unwrap_or_else(|| "Thread".to_owned()),
        }
    }
}

/// A parsed roster.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Roster {
    /// The devices, in the order of the roster.
    pub entries: Vec<Entry>,
    /// Warnings: values that are valid but may not be what was meant.
    pub warnings: Mistakes,
}

/// Reads a roster and checks all of it.
///
/// # Errors
/// Returns the errors, in the order of the roster.
pub fn read(path: &Path, defaults: &Defaults) -> Result<Roster, Mistakes> {
    Source::read(path)?.roster(defaults)
}

/// The text of a roster, which can be parsed several times. The text takes less memory than the
/// parsed devices.
pub struct Source<'a> {
    bytes: Zeroizing<Vec<u8>>,
    form: Form,
    folder: &'a Path,
}

impl<'a> Source<'a> {
    /// Reads a file.
    ///
    /// # Errors
    /// Returns why the file can't be read.
    pub fn read(path: &'a Path) -> Result<Self, Mistakes> {
        let bytes = files::read(path, files::Kind::Roster)
            .map_err(|error| RosterError::new(RosterPosition::File, error.harmless()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(Self { bytes, form: Form::of(path), folder })
    }

    /// Parses the whole roster.
    ///
    /// # Errors
    /// Returns the errors, in the order of the roster.
    pub fn roster(&self, defaults: &Defaults) -> Result<Roster, Mistakes> {
        parse(&self.bytes, self.form, self.folder, defaults)
    }

    /// Passes one device after the other to `give`, in the order of the roster, and checks all
    /// lines. Returns the warnings.
    ///
    /// # Errors
    /// Returns the errors, in the order of the roster. Then the devices that `give` has got are not
    /// to be used.
    pub fn each(
        &self,
        defaults: &Defaults,
        give: &mut dyn FnMut(Entry),
    ) -> Result<Mistakes, Mistakes> {
        each(&self.bytes, self.form, self.folder, defaults, give)
    }
}

/// The file format of a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// CSV with a header line, and any separators and line ends that spreadsheets write (RFC 4180).
    Csv,
    /// JSON objects, either one per line or in an array.
    JsonLines,
}

impl Form {
    /// The format that the file name's extension stands for, if any.
    pub fn by_ending(path: &Path) -> Option<Self> {
        let ending = path.extension()?;
        let is = |known: &&str| ending.eq_ignore_ascii_case(known);
        if ["jsonl", "ndjson", "json"].iter().any(is) {
            Some(Self::JsonLines)
        } else {
            is(&"csv").then_some(Self::Csv)
        }
    }

    /// The format that the file name's extension stands for; CSV for any other extension.
    pub fn of(path: &Path) -> Self {
        Self::by_ending(path).unwrap_or(Self::Csv)
    }
}

/// As [`read`], from memory. `file:` references are relative to `folder`.
///
/// # Errors
/// As [`read`].
pub fn parse(
    bytes: &[u8],
    form: Form,
    folder: &Path,
    defaults: &Defaults,
) -> Result<Roster, Mistakes> {
    let mut entries = Vec::new();
    let warnings = each(bytes, form, folder, defaults, &mut |entry| entries.push(entry))?;
    Ok(Roster { entries, warnings })
}

fn each(
    bytes: &[u8],
    form: Form,
    folder: &Path,
    defaults: &Defaults,
    give: &mut dyn FnMut(Entry),
) -> Result<Mistakes, Mistakes> {
    let (mut told, mut doubts) = (Told::default(), doubts::Doubts::default());
    let (mut first_lines, mut is_empty) = (FirstLines::default(), true);
    rows(&text::to_utf8(bytes), form, &mut told, &mut |row, told| {
        doubts.look_at(&row);
        let mut reader =
            Reader { row: &row, defaults, folder, errors: Vec::new(), warnings: Vec::new() };
        let entry = reader.entry();
        first_lines.check(&mut reader, entry.as_ref());
        let Reader { errors, warnings, .. } = reader;
        if errors.is_empty()
            && let Some(entry) = entry
        {
            first_lines.add(&entry, row.line);
            is_empty = false;
            give(entry);
        }
        told.errors.extend(errors);
        told.warnings.extend(warnings);
    });
    let Told { mut errors, mut warnings } = told;
    errors.extend(first_lines.overlaps());
    if errors.is_empty() && is_empty {
        errors.push(RosterError::new(RosterPosition::File, "no devices"));
    }
    if errors.is_empty() {
        warnings.append(doubts.told());
        Ok(warnings.in_order())
    } else {
        Err(errors.in_order())
    }
}

fn rows(bytes: &[u8], form: Form, told: &mut Told, each: read::Each<'_>) {
    match form {
        Form::Csv => read::csv(bytes, told, each),
        Form::JsonLines => read::json(bytes, told, each),
    }
}

/// Finds the line that had a text before. Stores two hashes instead of the text. The chance that
/// any two of a million texts share both hashes is 1 in 10^26.
#[derive(Default)]
struct FirstLine {
    hashers: [RandomState; 2],
    lines: HashMap<[u64; 2], u32>,
}

impl FirstLine {
    /// Adds a text, and returns the previous line with the same text.
    fn insert(&mut self, text: &str, line: u64) -> Option<u32> {
        let hashes = self.hashers.each_ref().map(|hasher| hasher.hash_one(text));
        self.lines.insert(hashes, u32::try_from(line).unwrap_or(u32::MAX))
    }
}

/// What earlier lines have, to find ids and addresses that occur twice, and name prefixes that
/// match several devices.
#[derive(Default)]
struct FirstLines {
    ids: FirstLine,
    addresses: FirstLine,
    /// The BLE name prefixes, with their positions and lines.
    prefixes: Vec<(String, RosterPosition, u64)>,
    /// The BLE names and name prefixes, with their lines.
    names: BTreeSet<(String, u64)>,
    /// The line of the first BLE device whose name is unknown.
    nameless: Option<u64>,
}

impl FirstLines {
    fn check(&mut self, reader: &mut Reader<'_>, entry: Option<&Entry>) {
        let line = reader.row.line;
        if let Some(id) = reader.row.values.get(&Field::Id).filter(|id| id.is_given())
            && let Some(before) = self.ids.insert(id.text.expose(), line)
        {
            reader.wrong(Field::Id, harmless!("same as in line {}", before));
        }
        if let Some(entry) = entry
            && let Some(before) = self.addresses.insert(&entry.address.to_string(), line)
        {
            reader.wrong(Field::Address, harmless!("same as in line {}", before));
        }
        if let Some(prefix) = entry.and_then(Entry::prefix) {
            let position = reader.position(Field::Address);
            self.prefixes.push((prefix.to_owned(), position, line));
        }
    }

    /// Adds a device that has no errors.
    fn add(&mut self, entry: &Entry, line: u64) {
        let Address::Ble(BleAddress { wanted, .. }) = &entry.address else { return };
        match wanted {
            BleSelector::Name(name) | BleSelector::Prefix(name) => {
                self.names.insert((name.clone(), line));
            }
            BleSelector::Id(_) | BleSelector::Service(_) => {
                self.nameless.get_or_insert(line);
            }
        }
    }

    /// Returns an error for each name prefix that matches, or may match, another device of the
    /// roster: one device would be taken for the other. The name of a device that is given by its
    /// Bluetooth address or a service is unknown, so any prefix may match it.
    fn overlaps(&self) -> Vec<RosterError> {
        let another = |prefix: &str, own: u64| {
            let fits = |(name, _): &&(String, u64)| name.starts_with(prefix);
            let mut fitting = self.names.range((prefix.to_owned(), 0)..).take_while(fits);
            fitting.find(|(_, line)| *line != own).map(|(_, line)| *line)
        };
        let overlap = |(prefix, position, line): &(String, RosterPosition, u64)| {
            let what = match (another(prefix, *line), self.nameless) {
                (Some(other), _) => harmless!("address: also matches the device of line {}", other),
                (None, Some(other)) => {
                    harmless!("address: may also match the device of line {}", other)
                }
                (None, None) => return None,
            };
            Some(RosterError::new(position.clone(), what))
        };
        self.prefixes.iter().filter_map(overlap).collect()
    }
}

/// A line of the roster, completed from the defaults.
struct Reader<'a> {
    row: &'a read::Row,
    defaults: &'a Defaults,
    folder: &'a Path,
    errors: Vec<RosterError>,
    warnings: Vec<RosterError>,
}

impl<'a> Reader<'a> {
    /// Where the value of a field comes from.
    fn position(&self, field: Field) -> RosterPosition {
        let own = self.row.values.get(&field).map(|value| &value.position);
        let default = || self.defaults.values.get(&field).map(|value| &value.position);
        own.or_else(default).cloned().unwrap_or(RosterPosition::Line(self.row.line))
    }

    fn wrong(&mut self, field: Field, what: impl Into<Harmless>) {
        let error = self.about(field, what);
        self.errors.push(error);
    }

    fn about(&self, field: Field, what: impl Into<Harmless>) -> RosterError {
        let (what, position) = (what.into(), self.position(field));
        // The origin of a default already names the field.
        let what = match position {
            RosterPosition::Default(_) => what,
            _ => harmless!("{}: {}", field, what),
        };
        RosterError::new(position, what)
    }

    /// Records that a required field is missing, unless part of the line could not be read.
    fn missing(&mut self, field: Field, what: &'static str) {
        if !self.row.is_broken {
            let error = self.about(field, harmless!("is missing{}", what));
            self.errors.push(RosterError { missing: Some(field), ..error });
        }
    }

    /// The value as written, from the line or the defaults. An empty value counts as missing.
    fn raw(&self, field: Field) -> Option<&'a Value> {
        let given = |values: &'a BTreeMap<Field, Value>| {
            values.get(&field).filter(|value| !value.text.is_empty())
        };
        given(&self.row.values).or_else(|| given(&self.defaults.values))
    }

    /// The value as text, with references resolved. Records what is wrong with it.
    fn text(&mut self, field: Field) -> Option<Given> {
        let value = self.raw(field)?;
        match value.resolve(field, self.folder).and_then(|text| typed(field, text)) {
            Ok(text) => {
                if value.is_in_file(field)
                    && doubts::is_typed(field)
                    && text::has_blank_ends(text.expose())
                {
                    let doubt =
                        self.about(field, "its file begins or ends with a blank, which is kept");
                    self.warnings.push(doubt);
                }
                Some(text)
            }
            Err(what) => {
                self.wrong(field, what);
                None
            }
        }
    }

    /// Parses a field, or records what is wrong with it.
    fn field<T, E: Into<Harmless>>(
        &mut self,
        field: Field,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(field)?;
        match read(text.expose()) {
            Ok(value) => Some(value),
            Err(what) => {
                self.wrong(field, what);
                None
            }
        }
    }

    fn entry(&mut self) -> Option<Entry> {
        let id = self.id();
        let address = self.address();
        let security = self.security();
        let network = self.network();
        let custom_data = self.text(Field::CustomData);
        let custom_data = custom_data.map(|text| text.expose().as_bytes().to_vec());
        Some(Entry {
            id: id?,
            address: address?,
            security: security?,
            network: network?,
            custom_data,
            labels: self.row.labels.clone(),
            secret_variables: self.secret_variables(),
        })
    }

    /// The environment variables that the line refers to, whether they are used or not.
    fn secret_variables(&self) -> BTreeSet<String> {
        let values = self.row.values.iter().chain(&self.defaults.values);
        let named = values.filter_map(|(field, value)| value.variable(*field));
        named.map(str::to_owned).collect()
    }

    fn id(&mut self) -> Option<String> {
        let id = self.field(Field::Id, |text| {
            if text.len() > ID_LIMIT || text.chars().any(char::is_control) {
                Err(harmless!("at most {} bytes, without control characters", ID_LIMIT))
            } else {
                Ok(text.to_owned())
            }
        });
        if id.is_none() && self.raw(Field::Id).is_none() {
            self.missing(Field::Id, ": the name of the device");
        }
        id
    }

    fn address(&mut self) -> Option<Address> {
        let adapter = self.text(Field::Adapter).map(|adapter| adapter.expose().to_owned());
        let own_passphrase = self
            .field(Field::SoftapPassphrase, |text| Passphrase::new(text.to_owned()))
            .unwrap_or_else(Passphrase::open);
        let by = self.defaults.by;
        let address = match self.raw(Field::Address) {
            Some(_) => self.field(Field::Address, |text| {
                let is_bare = ["http://", "softap:", "ble:", "console:"]
                    .iter()
                    .all(|one| !text.starts_with(one));
                let scheme = match by {
                    DefaultTransport::Ble if is_bare => "ble:",
                    // An IP address names no access point.
                    DefaultTransport::Softap if is_bare && !is_ip(text) => "softap:",
                    _ => "",
                };
                match format!("{scheme}{text}").parse() {
                    Ok(Address::Virtual | Address::ManualConsole) => {
                        Err("an address in a roster is http://HOST, softap:NAME, ble:NAME or \
                             console:PORT"
                            .into())
                    }
                    Ok(address) => Ok(address),
                    Err(error) => Err(Harmless::from(error)),
                }
            })?,
            None if by == DefaultTransport::Softap => {
                let id = self.text(Field::Id)?;
                match AccessPointSelector::from_text(id.expose()) {
                    Ok(access_point) => {
                        let passphrase = Passphrase::open();
                        Address::Softap(SoftapAddress { access_point, passphrase })
                    }
                    Err(error) => {
                        self.wrong(Field::Id, error);
                        return None;
                    }
                }
            }
            None if by == DefaultTransport::Ble => {
                let id = self.text(Field::Id)?;
                let wanted = match Uuid::try_parse(id.expose()) {
                    Ok(_) => BleSelector::Name(id.expose().to_owned()),
                    Err(_) => BleSelector::from_text(id.expose()),
                };
                Address::Ble(BleAddress { wanted, adapter: None })
            }
            None => {
                self.missing(
                    Field::Address,
                    ": http://HOST, softap:NAME, ble:NAME or console:PORT (with --transport softap or \
                     ble a device's id is its name)",
                );
                return None;
            }
        };
        Some(match address {
            Address::Ble(ble) => Address::Ble(BleAddress { adapter, ..ble }),
            Address::Softap(softap) => {
                Address::Softap(SoftapAddress { passphrase: own_passphrase, ..softap })
            }
            other => other,
        })
    }

    fn security(&mut self) -> Option<Security> {
        let scheme = match self.raw(Field::Security) {
            None => None,
            Some(_) => Some(self.field(Field::Security, |text| match whole(text).parse() {
                Ok(number @ 0..=2) => Ok(number),
                _ => Err(
                    Given::from(text).refused("0, 1 or 2, or empty for what the device reports"),
                ),
            })?),
        };
        let pop = self.text(Field::Pop).map(ProofOfPossession::from);
        let username = self.text(Field::Username).and_then(|name| Username::new(name.expose()));
        let password = self.text(Field::Password).map(Password::from);
        // A line is often copied from a device's label. Beside a user name, its `pop` may well be
        // the password, which must not be used as a proof.
        let is_named =
            scheme != Some(1) && self.row.values.get(&Field::Username).is_some_and(Value::is_given);
        let is_half = username.is_none() || password.is_none();
        let missing = if username.is_none() { Field::Username } else { Field::Password };
        let accept = self.defaults.accept;
        match Security::given(scheme, pop, username, password, accept) {
            Ok(security) => {
                let is_second = is_named || security.scheme == Some(2);
                if is_second && is_half && self.raw(missing).is_none() {
                    self.missing(missing, ": security 2 needs a user name and a password");
                }
                Some(security)
            }
            Err(cause) => {
                let what = Harmless::decided(cause, "schemes by number, and words of our own");
                self.wrong(Field::Security, what);
                None
            }
        }
    }

    fn network(&mut self) -> Option<Network> {
        // The line's own values take precedence over the defaults.
        let own = |field| self.row.values.get(&field).is_some_and(Value::is_given);
        let own_wifi = own(Field::Ssid) || own(Field::SsidHex);
        if self.raw(Field::Dataset).is_some() && !own_wifi {
            let dataset = self.field(Field::Dataset, dataset_from_hex);
            return dataset.map(Network::Thread);
        }
        let by_hex = own(Field::SsidHex) || self.raw(Field::Ssid).is_none();
        let ssid = if by_hex && self.raw(Field::SsidHex).is_some() {
            self.field(Field::SsidHex, |text| {
                Ssid::new(from_hex(text)?.to_vec()).map_err(Harmless::from)
            })
        } else if self.raw(Field::Ssid).is_some() {
            self.field(Field::Ssid, |text| Ssid::new(text.as_bytes()))
        } else {
            self.missing(Field::Ssid, ": the name of the network (or a dataset for Thread)");
            None
        };
        let passphrase = self.passphrase();
        let bssid = self.field(Field::Bssid, str::parse::<Bssid>);
        let channel = self.field(Field::Channel, |text| match whole(text).parse() {
            Ok(channel) if is_channel(channel) => Ok(channel),
            _ => Err(Given::from(text)
                .refused("a channel is a number from 1 to 14, or one at 5 GHz such as 36")),
        });
        let (ssid, passphrase) = (ssid?, passphrase?);
        Some(Network::Wifi(SetWifiConfig { ssid, passphrase, bssid, channel }))
    }

    fn passphrase(&mut self) -> Option<Passphrase> {
        let own = |field| self.row.values.get(&field).is_some_and(Value::is_given);
        let open = match self.raw(Field::Open) {
            None => false,
            Some(_) => self.field(Field::Open, |text| text::yes_or_no(text).ok_or("yes or no"))?,
        };
        // A default can't make a line open that has its own passphrase.
        if open && (own(Field::Open) || !own(Field::Passphrase)) {
            if own(Field::Passphrase) {
                self.wrong(Field::Passphrase, "an open network has no passphrase");
            }
            return Some(Passphrase::open());
        }
        if self.raw(Field::Passphrase).is_none() {
            self.missing(Field::Passphrase, " (or open = yes for an open network)");
            return None;
        }
        self.field(Field::Passphrase, |text| Passphrase::new(text.to_owned()))
    }
}

/// Rejects control characters in fields that people type.
fn typed(field: Field, given: Given) -> Result<Given, Harmless> {
    match text::typed(given.expose()) {
        Err(what) if field == Field::Ssid => {
            Err(harmless!("{}, or give such a name as {}", what, Field::SsidHex))
        }
        Err(what) if doubts::is_typed(field) => Err(what),
        _ => Ok(given),
    }
}

/// Whether this is an IP address, with or without a port. In brackets is IPv6, maybe with a zone.
fn is_ip(text: &str) -> bool {
    text.starts_with('[') || text.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok()
}

/// A number without the `.0` or `,0` that tools for tables add to whole numbers.
fn whole(text: &str) -> &str {
    text.strip_suffix(".0").or_else(|| text.strip_suffix(",0")).unwrap_or(text)
}

#[cfg(test)]
mod tests;
