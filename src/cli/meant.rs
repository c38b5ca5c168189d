//! Guesses what a command line that does not parse was meant to be. No word of the line is
//! repeated, since any may be a secret or part of one.

use std::ffi::OsString;

use clap::{Command, CommandFactory};
use esp_prov_input::spelling;

use super::args::Cli;

/// Other names for commands.
const COMMANDS: &[(&str, &[&str])] = &[
    ("discover", &["list", "ls", "devices", "find", "search"]),
    ("scan", &["networks", "aps"]),
    ("provision", &["connect", "setup", "join"]),
    ("reset", &["forget", "erase"]),
    ("decode", &["dissect", "parse"]),
    ("doctor", &["check", "diagnose"]),
    ("simulate", &["emulate", "virtual", "fake"]),
    ("export", &["results", "report", "dump"]),
    ("status", &["list", "ls", "show"]),
];

/// Other names for flags: those of other tools, and of `esp_prov.py` before ESP-IDF v4.1.
const FLAGS: &[(&str, &[&str])] = &[
    (
        "service-name",
        &[
            "softap-endpoint",
            "ble-devname",
            "devname",
            "device",
            "name",
            "address",
            "host",
            "ip",
            "url",
        ],
    ),
    ("softap", &["access-point", "join-ap"]),
    ("passphrase", &["password", "psk", "wifi-password", "key", "pwd"]),
    ("ssid", &["wifi", "network", "essid", "ap", "wifi-ssid"]),
    ("sec-ver", &["security", "scheme"]),
    ("pop", &["proof", "pin", "proof-of-possession"]),
    ("sec2-username", &["user", "username", "login"]),
    ("transport ble", &["ble", "bluetooth"]),
    ("transport softap", &["http"]),
    ("transport console", &["console", "serial", "uart"]),
    ("transport virtual", &["virtual", "simulate"]),
    ("port", &["tty", "com"]),
    ("baud", &["baudrate", "baud-rate", "speed"]),
    ("adapter", &["hci"]),
    ("quiet", &["silent"]),
    ("no-input", &["batch-mode", "non-interactive"]),
    ("trace", &["log", "record"]),
    ("dataset-tlvs", &["dataset", "tlvs", "thread-dataset"]),
    ("open", &["no-password", "no-passphrase"]),
    ("roster", &["file", "csv", "devices", "list"]),
];

/// Characters that look like hyphens, which word processors make of one or two.
const DASHES: [char; 5] = ['\u{2010}', '\u{2011}', '\u{2013}', '\u{2014}', '\u{2212}'];

/// What to say about an argument that this command does not have.
pub(super) fn by(argument: &str, path: &[String], typed: &[OsString]) -> Option<String> {
    if let Some(flag) = argument.strip_prefix("--")
        && !flag.starts_with(DASHES)
    {
        if let Some(said) = before_command(flag, path, typed) {
            return Some(said);
        }
        return flag_of(flag, path).map(|said| match said {
            Ok(known) => known,
            Err(flag) => format!("unknown flag; did you mean --{flag}?"),
        });
    }
    let undashed = argument.trim_start_matches(|char| char == '-' || DASHES.contains(&char));
    if argument.chars().any(|char| DASHES.contains(&char)) && undashed.len() < argument.len() {
        let meant = flag_of(undashed, path).and_then(Result::err);
        let meant = meant.or_else(|| long_of(undashed, path));
        let such = meant.map(|flag| format!(", here --{flag}")).unwrap_or_default();
        return Some(format!(
            "this dash is not a hyphen (word processors replace it): flags begin with two \
             hyphens{such}"
        ));
    }
    match argument.strip_prefix('-') {
        Some(letter) => short(letter, path, typed),
        None => command(argument, path, typed),
    }
}

/// What to type if a flag of a command that follows was given before it.
fn before_command(flag: &str, path: &[String], typed: &[OsString]) -> Option<String> {
    let flag = flag.split('=').next()?.to_ascii_lowercase().replace('_', "-");
    let mut here = at(path)?;
    // Only then an argument knows how it is shown.
    here.build();
    if longs(&here).contains(&flag) {
        return None;
    }
    let mut words = typed.iter().filter_map(|word| word.to_str());
    let command =
        words.find_map(|word| here.get_subcommands().find(|command| command.get_name() == word))?;
    let takes = command.get_arguments().find(|one| one.get_long() == Some(&*flag))?;
    Some(command_first(path, command.get_name(), &[takes.to_string()]))
}

/// The long flag that this one is in another spelling.
fn long_of(name: &str, path: &[String]) -> Option<String> {
    let name = name.split('=').next()?.to_ascii_lowercase().replace('_', "-");
    longs(&at(path)?).into_iter().find(|long| *long == name)
}

/// What is wrong with a long flag, as `Ok`, or the flag that was probably meant, as `Err`.
fn flag_of(flag: &str, path: &[String]) -> Option<Result<String, String>> {
    let typed = flag.split('=').next().unwrap_or_default();
    let name = typed.to_ascii_lowercase().replace('_', "-");
    let these = longs(&at(path)?);
    if these.contains(&name) {
        return (name != typed).then_some(Err(name));
    }
    if all().iter().any(|command| longs(command).contains(&name)) {
        let command = if path.is_empty() { "provision".to_owned() } else { path.join(" ") };
        return Some(Ok(format!("`{command}` takes no --{name}")));
    }
    let takes = |flag: &str| {
        let long = flag.split(' ').next().unwrap_or_default();
        these.iter().any(|one| one == long)
    };
    let other = FLAGS.iter().find(|(flag, others)| others.contains(&&*name) && takes(flag));
    let meant = other.map(|(flag, _)| *flag);
    let meant = meant.or_else(|| spelling::nearest(&name, these.iter().map(String::as_str)));
    meant.map(|flag| Err(flag.to_owned()))
}

/// What was meant by a flag with one hyphen.
fn short(letter: &str, path: &[String], typed: &[OsString]) -> Option<String> {
    const MOST: usize = 3;
    let these = longs(&at(path)?);
    // From the words as typed, since the parser stops at the first letter.
    let words = typed.iter().filter_map(|word| word.to_str()?.strip_prefix('-'));
    let mut words = words.filter(|word| word.starts_with(letter) && word.len() > letter.len());
    let is_one = |word: &&str| these.iter().any(|long| *long == word.replace('_', "-"));
    if let Some(long) = words.find(is_one) {
        let long = long.replace('_', "-");
        return Some(format!("flags begin with two hyphens; did you mean --{long}?"));
    }
    let first = letter.to_ascii_lowercase();
    let begins = |names: &[String]| -> Vec<String> {
        let meant = names.iter().filter(|long| long.starts_with(&first));
        meant.map(|long| format!("--{long}")).collect()
    };
    let usual = ["ssid", "service-name", "pop", "passphrase", "transport", "port", "roster"];
    let usual: Vec<_> =
        usual.iter().filter(|flag| these.iter().any(|long| long == *flag)).collect();
    let usual: Vec<_> = usual.into_iter().map(|flag| (*flag).to_owned()).collect();
    let (usual, any) = (begins(&usual), begins(&these));
    let meant = if usual.is_empty() { any } else { usual };
    match meant.as_slice() {
        [] => None,
        meant if meant.len() > MOST => None,
        meant => Some(format!("no such short flag; did you mean {}?", meant.join(" or "))),
    }
}

/// What was meant by a word in the place of a command.
fn command(word: &str, path: &[String], typed: &[OsString]) -> Option<String> {
    let mut words: Vec<_> = typed.iter().skip(1).filter_map(|word| word.to_str()).collect();
    let mut path = path.to_vec();
    if words.first() == Some(&"help") {
        words.remove(0);
        path.retain(|word| word != "help");
    }
    let elsewhere = match &*path.join(" ") {
        "simulate" => Some("put values with spaces into quotes, and -- before a command to run"),
        "qr" => Some("give a code with --qr"),
        "doctor" => Some("`doctor` takes only flags"),
        "decode" => Some("put hexadecimal text into quotes"),
        _ => None,
    };
    if let Some(elsewhere) = elsewhere {
        return Some(format!(
            "unexpected argument (hidden: it may be part of a secret); {elsewhere}"
        ));
    }
    if words.get(path.len()) != Some(&word) {
        return None;
    }
    let this = at(&path)?;
    let names: Vec<_> = this.get_subcommands().map(Command::get_name).collect();
    if word.eq_ignore_ascii_case("explain") && path.is_empty() {
        return Some("unknown command; did you mean `--explain CODE`?".to_owned());
    }
    if word.eq_ignore_ascii_case("version") && path.is_empty() {
        return Some("unknown command; did you mean `--version`?".to_owned());
    }
    let lower = word.to_ascii_lowercase();
    let other = COMMANDS.iter().find(|(name, others)| {
        names.contains(name) && (others.contains(&&*lower) || lower == *name)
    });
    let begun = || {
        let mut begun = names.iter().filter(|name| lower.len() > 2 && name.starts_with(&lower));
        begun.next().filter(|_| begun.next().is_none()).copied()
    };
    let meant = other.map(|(name, _)| *name);
    let meant = meant.or_else(begun).or_else(|| spelling::nearest(&lower, names.iter().copied()));
    let mut line = path.clone();
    if let Some(meant) = meant {
        line.push(meant.to_owned());
        return Some(format!("unknown command; did you mean `{}`?", line.join(" ")));
    }
    if path == ["batch"] {
        let said = "unknown command (hidden: it may be part of a secret); a roster is given with \
                    --roster";
        return Some(said.to_owned());
    }
    if !names.is_empty() {
        let said = "unknown command (hidden: it may be part of a secret); `esp-prov-rs -h` lists \
                    them; put values with spaces into quotes";
        return Some(said.to_owned());
    }
    longs(&this).iter().any(|long| long == "service-name").then(|| {
        format!(
            "`{}` takes the device with --service-name and its transport with --transport, not \
             as a word on its own (hidden: it may be part of a secret)",
            path.join(" ")
        )
    })
}

/// What to type if the flags of a command were given before it.
pub(super) fn command_first(path: &[String], command: &str, flags: &[String]) -> String {
    let flags: Vec<_> = flags.iter().map(|flag| flag.trim_end_matches("...")).collect();
    let (path, flags) = ([path, &[command.to_owned()]].concat().join(" "), flags.join(" "));
    format!("flags come after the command: `esp-prov-rs {path} {flags}`")
}

/// The command at this path.
fn at(path: &[String]) -> Option<Command> {
    path.iter().try_fold(Cli::command(), |above, name| above.find_subcommand(name).cloned())
}

/// The visible long flags of a command, including those of every command.
fn longs(command: &Command) -> Vec<String> {
    let global = Cli::command();
    let global = global.get_arguments().filter(|flag| flag.is_global_set());
    let flags = command.get_arguments().chain(global).filter(|flag| !flag.is_hide_set());
    let mut longs: Vec<_> = flags.filter_map(|flag| flag.get_long().map(str::to_owned)).collect();
    longs.sort();
    longs.dedup();
    longs
}

/// All commands, including the root.
pub(super) fn all() -> Vec<Command> {
    let mut commands = vec![Cli::command()];
    let mut at = 0;
    while let Some(command) = commands.get(at) {
        let below: Vec<_> = command.get_subcommands().cloned().collect();
        commands.extend(below);
        at += 1;
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_is_suggested_is_one_of_ours() {
        let all = all();
        for (name, _) in COMMANDS {
            assert!(all.iter().any(|command| command.get_name() == *name), "{name}");
        }
        for (flag, _) in FLAGS {
            let long = flag.split(' ').next().expect("a flag").to_owned();
            assert!(all.iter().any(|command| longs(command).contains(&long)), "{flag}");
        }
    }
}
