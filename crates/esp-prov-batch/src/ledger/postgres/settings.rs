//! The settings of a connection, as libpq takes them: what is given, then what a service has. A
//! password that neither has comes from `PGPASSWORD` or a password file.

use std::{env, error::Error as _, net::IpAddr, ops::Range, path::PathBuf, str::FromStr};

use esp_prov_input::{
    environment::SecretVariable,
    files::{self, Kind},
};
use protocomm::Harmless;
use tokio_postgres::{Config, config::Host};
use zeroize::Zeroizing;

use super::tls::{self, Tls};
use crate::ledger::LedgerError;

/// Settings of libpq that the client library does not know.
const OURS: [&str; 8] = [
    "gssencmode",
    "passfile",
    "service",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslpassword",
    "sslrootcert",
];

/// Where a database is, and how to connect to it.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

/// The server that a URL or `NAME=VALUE …` describes.
pub(super) fn server(given: &str) -> Result<Server, LedgerError> {
    let (rest, ours) = without_ours(given);
    // The whole message may quote the password.
    let mut config = Config::from_str(&rest).map_err(|error| {
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        let why = match &*why {
            // The "option" may be what follows a bare ? in the password.
            why if why.starts_with("unknown option") => "an unknown option",
            // The character may be one of the password.
            why if why.starts_with("unexpected character") => {
                "settings are NAME=VALUE; put a value with a blank into 'quotes'"
            }
            why => why,
        };
        LedgerError::Unusable(format!("its URL: {why}"))
    })?;
    let given_of = |name: &str| {
        let mut found = ours.iter().filter(|(known, _)| known == name);
        found.next_back().map(|(_, value)| value.clone())
    };
    let mut of_service = Vec::new();
    if let Some(service) = given_of("service").or_else(|| variable("PGSERVICE")) {
        of_service = service_settings(&service)?;
        complete(&mut config, &of_service);
    }
    let ours_of = |name: &str| {
        let of_service = of_service.iter().find(|(known, _)| known == name);
        given_of(name).or_else(|| of_service.map(|(_, value)| value.clone()))
    };
    let tls = tls::of(&mut config, ours_of)?;
    if config.get_password().is_none() {
        if let Ok(Some(password)) = SecretVariable::LedgerPassword.read() {
            config.password(password.expose());
        } else if let Some(password) = of_file(&config, ours_of("passfile"))? {
            config.password(password.as_str());
        }
    }
    Ok(Server { config, tls })
}

/// The settings that the client library knows, and those that it does not.
fn without_ours(given: &str) -> (Zeroizing<String>, Vec<(String, String)>) {
    let found = match given.split_once("://") {
        Some((scheme, rest)) => in_url(rest, scheme.len() + 3),
        None => in_settings(given),
    };
    let (mut rest, mut ours, mut at) = (Zeroizing::new(String::new()), Vec::new(), 0);
    for (place, name, value) in found.into_iter().filter(|(_, name, _)| OURS.contains(&&**name)) {
        rest.push_str(&given[at..place.start]);
        at = place.end;
        ours.push((name, value));
    }
    rest.push_str(&given[at..]);
    (rest, ours)
}

/// A setting: its place in the text with what separates it from the next, its name and its value.
type Setting = (Range<usize>, String, String);

/// The settings after the `?` of a URL, which begins at `offset`.
fn in_url(url: &str, offset: usize) -> Vec<Setting> {
    // A password may have a bare ? in it, but then the client library takes the URL apart elsewhere.
    let Some(query) = url.rfind('?').map(|at| at + 1) else { return Vec::new() };
    let (mut found, mut at) = (Vec::new(), query);
    for part in url[query..].split_inclusive('&') {
        let end = at + part.len();
        if let Some((name, value)) = part.trim_end_matches('&').split_once('=') {
            found.push((offset + at..offset + end, name.to_owned(), decoded(value)));
        }
        at = end;
    }
    found
}

/// Percent-encoded text as it is meant.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        (rest, bytes) = match (first, byte) {
            (b'%', Some(byte)) => (&after[2..], {
                bytes.push(byte);
                bytes
            }),
            (other, _) => (after, {
                bytes.push(*other);
                bytes
            }),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The settings of a text `NAME=VALUE NAME='VALUE'`, as far as it is one.
fn in_settings(text: &str) -> Vec<Setting> {
    let (mut found, mut at) = (Vec::new(), 0);
    let blanks = |at: usize| text[at..].len() - text[at..].trim_start().len();
    loop {
        at += blanks(at);
        let start = at;
        let Some(equals) = text[at..].find('=') else { return found };
        let name = text[at..at + equals].trim_end();
        at += equals + 1;
        at += blanks(at);
        let is_quoted = text[at..].starts_with('\'');
        at += usize::from(is_quoted);
        let (mut value, mut is_escaped, mut has_ended) = (String::new(), false, false);
        for char in text[at..].chars() {
            match char {
                _ if is_escaped => {
                    is_escaped = false;
                    value.push(char);
                }
                '\\' => is_escaped = true,
                '\'' if is_quoted => has_ended = true,
                char if char.is_whitespace() && !is_quoted => has_ended = true,
                char => value.push(char),
            }
            at += char.len_utf8();
            if has_ended {
                break;
            }
        }
        found.push((start..at, name.to_owned(), value));
    }
}

/// Fills in what is not given, of what the client library knows.
fn complete(config: &mut Config, of_service: &[(String, String)]) {
    for (name, value) in of_service {
        let is_new = match &**name {
            "host" => config.get_hosts().is_empty(),
            "hostaddr" => config.get_hostaddrs().is_empty(),
            "port" => config.get_ports().is_empty(),
            "dbname" => config.get_dbname().is_none(),
            "user" => config.get_user().is_none(),
            "password" => config.get_password().is_none(),
            "options" => config.get_options().is_none(),
            "application_name" => config.get_application_name().is_none(),
            _ => false,
        };
        if !is_new {
            continue;
        }
        let all = || value.split(',');
        let _: &mut Config = match &**name {
            "host" => all().fold(config, |config, one| config.host(one)),
            "hostaddr" => {
                let all = all().filter_map(|one| one.parse::<IpAddr>().ok());
                all.fold(config, |config, one| config.hostaddr(one))
            }
            "port" => {
                let all = all().filter_map(|one| one.parse().ok());
                all.fold(config, |config, one| config.port(one))
            }
            "dbname" => config.dbname(value),
            "user" => config.user(value),
            "password" => config.password(value),
            "options" => config.options(value),
            _ => config.application_name(value),
        };
    }
}

/// The settings of a service, from the user's file or that of the system.
fn service_settings(service: &str) -> Result<Vec<(String, String)>, LedgerError> {
    let own = path("PGSERVICEFILE", &[".pg_service.conf"], &["postgresql", ".pg_service.conf"]);
    let of_system = env::var_os("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".into());
    let of_system = PathBuf::from(of_system).join("pg_service.conf");
    for file in own.into_iter().chain([of_system]).filter(|file| file.exists()) {
        let text = read(&file)?;
        let mut lines = text.lines().map(str::trim);
        if lines
            .any(|line| line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) == Some(service))
        {
            let of_it = lines.take_while(|line| !line.starts_with('['));
            let of_it = of_it.filter(|line| !line.starts_with('#'));
            let pairs = of_it.filter_map(|line| line.split_once('='));
            let pairs =
                pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
            return Ok(pairs.collect());
        }
    }
    let why = "no such service in PGSERVICEFILE, ~/.pg_service.conf or pg_service.conf";
    Err(LedgerError::Unusable(why.to_owned()))
}

/// The password for this connection in a password file, if there is one.
fn of_file(
    config: &Config,
    given: Option<String>,
) -> Result<Option<Zeroizing<String>>, LedgerError> {
    let file = match given {
        Some(file) => Some(PathBuf::from(file)),
        None => path("PGPASSFILE", &[".pgpass"], &["postgresql", "pgpass.conf"]),
    };
    let Some(file) = file.filter(|file| file.exists()) else { return Ok(None) };
    let host = match (config.get_hosts().first(), config.get_hostaddrs().first()) {
        (Some(Host::Tcp(name)), _) => name.clone(),
        #[cfg(unix)]
        (Some(Host::Unix(path)), _) => match path.to_str() {
            // As libpq names its own sockets.
            Some("/tmp" | "/var/run/postgresql") | None => "localhost".to_owned(),
            Some(path) => path.to_owned(),
        },
        (None, Some(address)) => address.to_string(),
        (None, None) => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let user = config.get_user().map(str::to_owned).or_else(|| variable("USER"));
    let user = user.unwrap_or_default();
    let database = config.get_dbname().unwrap_or(&user);
    let found = password_for(&read(&file)?, [&host, &port, database, &user]);
    if found.is_some() {
        keeps_others_out("the password file", &file)?;
    }
    Ok(found)
}

/// The password of the first line that fits: host, port, database, user and password, separated by
/// colons. `*` fits everything, and a backslash takes the next character as it is.
fn password_for(text: &str, wanted: [&str; 4]) -> Option<Zeroizing<String>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut found = lines.filter_map(|line| {
        let mut fields = vec![Zeroizing::new(String::new())];
        let mut chars = line.chars();
        while let Some(char) = chars.next() {
            match char {
                ':' if fields.len() < 5 => fields.push(Zeroizing::default()),
                '\\' => fields.last_mut()?.extend(chars.next()),
                char => fields.last_mut()?.push(char),
            }
        }
        let password = if fields.len() == 5 { fields.pop()? } else { return None };
        let fits =
            fields.iter().zip(wanted).all(|(field, wanted)| **field == "*" || **field == wanted);
        (fits && !password.is_empty()).then_some(password)
    });
    found.next()
}

/// Refuses a file with a secret that others may read. `what` names it with its article.
pub(super) fn keeps_others_out(what: &str, file: &std::path::Path) -> Result<(), LedgerError> {
    if is_open_to_others(file) {
        let why = format!("{what} {} is open to others: `chmod 600` it", files::named(file));
        return Err(LedgerError::Forbidden(why));
    }
    Ok(())
}

#[cfg(unix)]
fn is_open_to_others(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|known| known.is_file() && known.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::path::Path) -> bool {
    false
}

pub(super) fn read(file: &std::path::Path) -> Result<Zeroizing<String>, LedgerError> {
    files::read_text(file, Kind::Connections).map_err(|error| {
        let (named, error): (Harmless, Harmless) = (files::named(file), error.harmless());
        LedgerError::Unusable(format!("{named}: {error}"))
    })
}

/// A file that a variable names, otherwise the one at home; on Windows that of the application data.
pub(super) fn path(variable: &str, at_home: &[&str], in_data: &[&str]) -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(path) = set(variable) {
        return Some(path.into());
    }
    let (folder, below) = if cfg!(windows) { ("APPDATA", in_data) } else { ("HOME", at_home) };
    Some(below.iter().fold(PathBuf::from(set(folder)?), |path, part| path.join(part)))
}

pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_the_client_library_does_not_know_are_taken_out() {
        for (given, rest, ours) in [
            ("postgres://u@h/d", "postgres://u@h/d", vec![]),
            (
                "postgres://u@h/d?sslmode=verify-full&connect_timeout=3&passfile=%2Ftmp%2Fp",
                "postgres://u@h/d?connect_timeout=3&",
                vec![("sslmode", "verify-full"), ("passfile", "/tmp/p")],
            ),
            ("postgres://?service=line", "postgres://?", vec![("service", "line")]),
            (
                r"host=h service='the \'line' user=u",
                "host=h  user=u",
                vec![("service", "the 'line")],
            ),
            ("service = line", "", vec![("service", "line")]),
            ("user=u password='service=x'", "user=u password='service=x'", vec![]),
        ] {
            let (shown, found) = without_ours(given);
            let found: Vec<_> = found.iter().map(|(name, value)| (&**name, &**value)).collect();
            assert_eq!((&**shown, found), (rest, ours), "{given}");
            assert!(Config::from_str(&shown).is_ok(), "{given}: {}", *shown);
        }
    }

    #[test]
    fn a_password_is_that_of_the_first_line_that_fits() {
        let file = "# db:*:*:*:comment\nother:5432:prov:line:no\nshort:5432\n\
                    db:5432:prov:line:pass\\:wo\\\\rd:with colon\n\\:\\:1:*:*:*:six\n*:*:*:line:any\n";
        let of = |host, user| {
            password_for(file, [host, "5432", "prov", user]).map(|found| (*found).clone())
        };
        assert_eq!(of("db", "line").as_deref(), Some(r"pass:wo\rd:with colon"));
        assert_eq!(of("::1", "anna").as_deref(), Some("six"));
        assert_eq!(of("elsewhere", "line").as_deref(), Some("any"));
        assert_eq!(of("elsewhere", "anna"), None);
    }

    #[test]
    fn what_is_given_outweighs_a_service() {
        // A host in a URL has a port, if only the usual one.
        let mut config = Config::from_str("user=line host=db dbname=prov").expect("settings");
        let of_service = [("host", "other"), ("port", "6432"), ("user", "x")];
        let of_service = of_service.map(|(name, value)| (name.to_owned(), value.to_owned()));
        complete(&mut config, &of_service);
        assert_eq!((config.get_ports(), config.get_user()), (&[6432][..], Some("line")));
        assert_eq!(config.get_hosts(), [Host::Tcp("db".to_owned())]);
    }
}
