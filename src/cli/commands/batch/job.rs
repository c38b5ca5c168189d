//! Job files: the flags of `batch` or `station` in TOML. They are put before the flags on the command line,
//! which override them.

use std::{ffi::OsString, path::Path};

use clap::CommandFactory;
use esp_prov_input::{
    files::{self, Kind},
    spelling,
};
use toml::Value;
use zeroize::Zeroizing;

use crate::cli::{Failure, args::Cli, read_text};

/// The flags that a job file can't have.
const NOT_HERE: [&str; 2] = ["job", "dry-run"];

/// A job file that was read.
pub(in crate::cli) struct JobFile<'a> {
    path: &'a Path,
    text: Zeroizing<String>,
}

impl<'a> JobFile<'a> {
    pub(in crate::cli) fn read(path: &'a Path) -> Result<Self, Failure> {
        Ok(Self { path, text: read_text("--job", path, Kind::Job)? })
    }

    /// Where a flag is in the file, for people; of an unknown flag only the file.
    pub(in crate::cli) fn place_of(&self, flag: &str) -> String {
        let names = spellings_of(flag);
        let is_it = |line: &str| {
            let line = line.trim_start_matches([' ', '\t', '"', '\'', '[']);
            names.iter().filter_map(|name| line.strip_prefix(&**name)).any(|rest| {
                !rest.starts_with(|next: char| next == '-' || next == '_' || next.is_alphanumeric())
            })
        };
        let line = self.text.lines().position(is_it);
        let line = line.map_or_else(String::new, |line| format!(": line {}", line + 1));
        format!("--job {}{line}", files::named(self.path))
    }

    /// The command line with the flags of the file inserted after the command.
    pub(in crate::cli) fn put_in(&self, typed: &[OsString]) -> Result<Vec<OsString>, Failure> {
        let wrong =
            |flag: &str, what: &str| Failure::input(format!("{}: {what}", self.place_of(flag)));
        let table: toml::Table = toml::from_str(&self.text).map_err(|error| {
            // The message leaves out the line itself, which may contain a secret.
            let before =
                error.span().map_or("", |span| &self.text[..span.start.min(self.text.len())]);
            let line = before.matches('\n').count() + 1;
            wrong("", &format!("line {line}: {}", files::toml_words(error.message())))
        })?;
        let cli = Cli::command();
        // No flag that may come before the command takes a text.
        let is_command = |word: &&OsString| *word == "batch" || *word == "station";
        let at = typed.iter().position(|word| is_command(&word));
        let called = at.and_then(|at| typed[at].to_str()).unwrap_or("batch");
        let command = cli.find_subcommand(called);
        let mut flags = Vec::new();
        for (name, value) in &table {
            let flag = command.and_then(|command| {
                let mut all = command.get_arguments();
                all.find(|flag| spellings(flag).any(|one| one == name))
            });
            let Some(flag) = flag else {
                let flags = command.into_iter().flat_map(clap::Command::get_arguments);
                let flags = flags.filter_map(clap::Arg::get_long);
                let meant = spelling::nearest(name, flags.filter(|name| !NOT_HERE.contains(name)));
                let meant =
                    meant.map_or_else(String::new, |flag| format!("; did you mean {flag}?"));
                let what = format!("{called} has no such flag (see `{called} --help`)");
                // The unknown name is not shown, since it may be a value in the wrong place.
                return Err(wrong(name, &format!("{what}{meant}")));
            };
            if NOT_HERE.contains(&&**name) {
                return Err(wrong(name, &format!("{name}: give it on the command line")));
            }
            let takes_value = flag.get_action().takes_values();
            let value = match value {
                Value::Boolean(false) if !takes_value => continue,
                Value::Boolean(true) if !takes_value => None,
                Value::String(text) if takes_value => Some(text.clone()),
                Value::Integer(number) if takes_value => Some(number.to_string()),
                Value::Float(number) if takes_value => Some(number.to_string()),
                _ if takes_value => {
                    return Err(wrong(name, &format!("{name}: a text or a number")));
                }
                _ => return Err(wrong(name, &format!("{name}: true or false"))),
            };
            flags.push(match value {
                Some(value) => format!("--{name}={value}").into(),
                None => format!("--{name}").into(),
            });
        }
        let at = at.map_or(typed.len(), |at| at + 1);
        let (before, after) = typed.split_at(at);
        Ok([before, &flags, after].concat())
    }
}

/// How a flag can be spelled: by its name, or as it was called before.
fn spellings(flag: &clap::Arg) -> impl Iterator<Item = &str> {
    flag.get_long().into_iter().chain(flag.get_all_aliases().unwrap_or_default())
}

/// The spellings of a flag of `batch` or `station`, the given one first.
fn spellings_of(flag: &str) -> Vec<String> {
    let cli = Cli::command();
    let commands = ["batch", "station"].into_iter().filter_map(|name| cli.find_subcommand(name));
    let it = commands.flat_map(clap::Command::get_arguments).find(|it| it.get_long() == Some(flag));
    let all = [flag].into_iter().chain(it.into_iter().flat_map(spellings));
    all.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
