//! Job files: the flags of `batch` in TOML. They are put before the flags on the command line,
//! which override them.

use std::{ffi::OsString, path::Path};

use clap::CommandFactory;
use esp_prov_input::{
    files::{self, Kind},
    spelling,
};
use toml::Value;

use crate::cli::{Failure, args::Cli, read_text};

/// The command line with the flags of the job file inserted after `batch`.
pub(in crate::cli) fn put_in(typed: &[OsString], path: &Path) -> Result<Vec<OsString>, Failure> {
    let text = read_text("--job", path, Kind::Job)?;
    let wrong = |what: String| Failure::input(format!("--job {}: {what}", files::named(path)));
    let table: toml::Table = toml::from_str(&text).map_err(|error| {
        // The message leaves out the line itself, which may contain a secret.
        let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
        let line = before.matches('\n').count() + 1;
        wrong(format!("line {line}: {}", files::toml_words(error.message())))
    })?;
    let cli = Cli::command();
    let batch = cli.find_subcommand("batch");
    let mut flags = Vec::new();
    for (name, value) in &table {
        let flag = batch.and_then(|batch| {
            let mut all = batch.get_arguments();
            let is_it = |flag: &&clap::Arg| {
                let aliases = flag.get_all_aliases().unwrap_or_default();
                flag.get_long() == Some(name) || aliases.contains(&name.as_str())
            };
            all.find(|flag| is_it(flag) && !["job", "dry-run"].contains(&&**name))
        });
        let Some(flag) = flag else {
            // The unknown name is not shown, since it may be a value in the wrong place.
            let is_it =
                |line: &str| line.trim_start_matches([' ', '\t', '"', '\'', '[']).starts_with(name);
            let line = text.lines().position(is_it).map_or(1, |line| line + 1);
            let flags = batch.into_iter().flat_map(clap::Command::get_arguments);
            let meant = spelling::nearest(name, flags.filter_map(clap::Arg::get_long));
            let meant = meant.map_or_else(String::new, |flag| format!("; did you mean {flag}?"));
            let what = "batch has no such flag (see `batch --help`)";
            return Err(wrong(format!("line {line}: {what}{meant}")));
        };
        let takes_value = flag.get_action().takes_values();
        let value = match value {
            Value::Boolean(false) if !takes_value => continue,
            Value::Boolean(true) if !takes_value => None,
            Value::String(text) if takes_value => Some(text.clone()),
            Value::Integer(number) if takes_value => Some(number.to_string()),
            Value::Float(number) if takes_value => Some(number.to_string()),
            _ if takes_value => return Err(wrong(format!("{name}: a text or a number"))),
            _ => return Err(wrong(format!("{name}: true or false"))),
        };
        flags.push(match value {
            Some(value) => format!("--{name}={value}").into(),
            None => format!("--{name}").into(),
        });
    }
    let at = typed.iter().position(|word| word == "batch").map_or(typed.len(), |at| at + 1);
    let (before, after) = typed.split_at(at);
    Ok([before, &flags, after].concat())
}
