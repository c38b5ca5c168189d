//! Command lines that do not parse.

use std::{error::Error, ffi::OsString};

use anstream::ColorChoice;
use clap::{
    Arg, ArgAction, ArgMatches, Command, CommandFactory, ValueEnum,
    builder::PossibleValue,
    error::{ContextKind, ContextValue, ErrorKind},
};
use esp_prov::shown::Shown;
use protocomm::Harmless;

use super::{
    args::{AcceptArgs, Cli, Color},
    brief,
    commands::batch::JobFile,
    meant,
};
use crate::{exit::Exit, report};

/// What is said of a flag that is like none of ours.
const UNKNOWN: &str = "unknown flag (hidden: it may be part of a secret)";

/// What is said of a word that nothing takes.
const STRAY: &str = "unexpected argument (hidden: it may be part of a secret); put values with \
                     spaces into quotes";

/// Prints help and version to stdout, errors to stderr. No word of the command line is repeated
/// unless it is one of our own: it may be a secret, or the rest of one that was not quoted.
pub(super) fn tell(error: clap::Error, typed: &[OsString]) -> Exit {
    let error = without_values(error, typed);
    let text = error.render();
    if !error.use_stderr() {
        // Our own words.
        let text = match (brief_of(&error, typed), report::has_colors(ColorChoice::Auto)) {
            (Some(page), true) => with_headings(&page),
            (Some(page), false) => page,
            (None, true) => text.ansi().to_string(),
            (None, false) => text.to_string(),
        };
        report::raw(text.as_bytes());
        return Exit::DONE;
    }
    complain(&error, "")
}

/// Prints an error that a line has only with the flags of a job file, and where they are there.
pub(super) fn tell_of_job(error: clap::Error, typed: &[OsString], job: &JobFile<'_>) -> Exit {
    let flag = words(&error, ContextKind::InvalidArg).into_iter().next().unwrap_or_default();
    let flag = flag.trim_start_matches('-').split([' ', '=']).next().unwrap_or_default();
    let place = job.place_of(flag);
    complain(&without_values(error, typed), &format!("{place}: "))
}

fn complain(error: &clap::Error, before: &str) -> Exit {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    report::complain(&Shown::lines(&format!("{before}{text}")));
    exit_of(error)
}

/// The exit code of an error. An invalid value always has the same one, wherever it comes from and
/// whatever reads it; a line that is not a command line of this tool has another.
fn exit_of(error: &clap::Error) -> Exit {
    match error.kind() {
        ErrorKind::ValueValidation => Exit::INPUT,
        // With context, it is clap's error for a missing value.
        ErrorKind::InvalidValue if error.context().next().is_none() => Exit::INPUT,
        _ => Exit::USAGE,
    }
}

/// The value of `--color` on a line that may not parse.
pub(super) fn color(typed: &[OsString]) -> ColorChoice {
    let mut words = typed.iter().filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    let mut color = Color::Auto;
    while let Some(word) = words.next() {
        let wanted = match word.split_once('=') {
            Some(("--color", wanted)) => Some(wanted),
            None if word == "--color" => words.next(),
            _ => None,
        };
        color = wanted.and_then(|wanted| Color::from_str(wanted, true).ok()).unwrap_or(color);
    }
    color.choice()
}

/// The page of `-h`, if that was asked for.
fn brief_of(error: &clap::Error, typed: &[OsString]) -> Option<String> {
    if error.kind() != ErrorKind::DisplayHelp {
        return None;
    }
    // Parses the line again, with `-h` as a flag of its own.
    let brief = Arg::new("brief").short('h').action(ArgAction::SetTrue).global(true);
    let command = Cli::command().mut_arg("help", |help| help.short(None)).arg(brief);
    let matches = command.ignore_errors(true).try_get_matches_from(typed).ok()?;
    let (mut path, mut below) = (Vec::new(), &matches);
    while let Some((name, matches)) = below.subcommand() {
        path.push(name.to_owned());
        below = matches;
    }
    matches.get_flag("brief").then(|| {
        let mut built = Cli::command();
        built.build();
        brief::page(&built, &path)
    })
}

/// Styles headings as clap does.
fn with_headings(text: &str) -> String {
    let heading = anstyle::Style::new().bold().underline();
    let line = |line: &str| match line.split_once(':') {
        Some((head, rest)) if line.starts_with(char::is_uppercase) => {
            format!("{heading}{head}:{heading:#}{rest}\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// Refuses abbreviations of the one flag that must not be typed by habit.
pub(super) fn written_out(
    cli: &Cli,
    matches: &ArgMatches,
    typed: &[OsString],
) -> Result<(), clap::Error> {
    let weaker = AcceptArgs::WEAKER;
    let is_it =
        |word: &OsString| word.to_str().and_then(|word| word.strip_prefix("--")) == Some(weaker);
    if !cli.accepts_weaker() || typed.iter().any(is_it) {
        return Ok(());
    }
    let what = format!("--{weaker} has no abbreviation: it must be written out");
    Err(error_of(&super::path(matches).0, ErrorKind::UnknownArgument, &what))
}

fn without_values(error: clap::Error, typed: &[OsString]) -> clap::Error {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    };
    let argument = word(ContextKind::InvalidArg);
    match error.kind() {
        // Said by us.
        _ if error.context().next().is_none() => error,
        ErrorKind::MissingRequiredArgument if lacks(&error, "--ledger") => {
            let path = command_of(&error);
            let message = format!(
                "--roster is missing: give the roster of the batch, as in `esp-prov-rs {} \
                 --roster roster.csv`, or its ledger with --ledger",
                path.join(" ")
            );
            error_of(&path, ErrorKind::MissingRequiredArgument, &message)
        }
        // Of our own names.
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::InvalidUtf8 => error,
        // Of a subcommand where it can't be.
        ErrorKind::ArgumentConflict
            if let Some(command) =
                word(ContextKind::InvalidSubcommand).filter(|word| is_ours(word)) =>
        {
            let before = words(&error, ContextKind::PriorArg);
            let path = command_of(&error);
            let message = meant::command_first(&path, command, &before);
            error_of(&path, ErrorKind::ArgumentConflict, &message)
        }
        ErrorKind::ArgumentConflict if argument.is_some_and(is_ours) => error,
        // A value is missing.
        ErrorKind::InvalidValue if word(ContextKind::InvalidValue) == Some("") => error,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            refused(error.kind(), argument.filter(|argument| is_ours(argument)), &right(&error))
        }
        _ => {
            let argument = argument.or(word(ContextKind::InvalidSubcommand)).unwrap_or_default();
            let path = command_of(&error);
            let meant = meant::by(argument, &path, typed);
            let stray = if argument.starts_with('-') { UNKNOWN } else { STRAY };
            error_of(&path, ErrorKind::UnknownArgument, meant.as_deref().unwrap_or(stray))
        }
    }
}

/// An error with the usage line of the command at `path`, which is empty for the root.
pub(super) fn error_of(path: &[impl AsRef<str>], kind: ErrorKind, message: &str) -> clap::Error {
    let mut cli = Cli::command();
    // Without this, a subcommand does not know the names before its own.
    cli.build();
    let below = |above, name: &_| Command::find_subcommand_mut(above, AsRef::<str>::as_ref(name));
    match path.iter().try_fold(&mut cli, below) {
        Some(command) => command.error(kind, message),
        None => Cli::command().error(kind, message),
    }
}

/// Whether this is the spelling of one of our arguments or commands.
fn is_ours(argument: &str) -> bool {
    let name = argument.split([' ', '=', '[']).next().unwrap_or_default().trim_end_matches("...");
    let is_it = |arg: &Arg| {
        let long = name.strip_prefix("--");
        let short = name.strip_prefix('-').and_then(|name| name.chars().next());
        long.is_some_and(|long| arg.get_long() == Some(long))
            || long.is_none() && short.is_some() && arg.get_short() == short
            || arg.is_positional() && arg.to_string().starts_with(name)
    };
    meant::all().iter().any(|command| {
        command.get_arguments().any(is_it) || command.find_subcommand(name).is_some()
    })
}

/// The words of an error's context, one or several.
fn words(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(word)) => vec![word.clone()],
        Some(ContextValue::Strings(words)) => words.clone(),
        _ => Vec::new(),
    }
}

/// Whether an argument is missing.
fn lacks(error: &clap::Error, flag: &str) -> bool {
    words(error, ContextKind::InvalidArg).iter().any(|missing| missing.starts_with(flag))
}

/// The command that was typed, from the usage line of the error.
fn command_of(error: &clap::Error) -> Vec<String> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return Vec::new();
    };
    let usage = usage.to_string();
    let mut words = usage.split_whitespace().skip_while(|word| *word != "esp-prov-rs").skip(1);
    let mut command = Cli::command();
    let mut path = Vec::new();
    while let Some(below) = words.next().and_then(|word| command.find_subcommand(word)) {
        path.push(below.get_name().to_owned());
        command = below.clone();
    }
    path
}

/// What would be right: one of a few words, or what the parser of the value says without showing
/// the value.
fn right(error: &clap::Error) -> String {
    let said = error.source().and_then(|source| source.downcast_ref::<Harmless>());
    match (error.get(ContextKind::ValidValue), said) {
        (Some(ContextValue::Strings(values)), _) if values == &["-"] => {
            ": must be -, for stdin; give a message with --utf8 or --hex".to_owned()
        }
        (Some(ContextValue::Strings(values)), _) if !values.is_empty() => {
            format!(": must be one of {}", with_aliases(values).join(", "))
        }
        (_, Some(said)) => format!(": {said}"),
        _ => String::new(),
    }
}

/// Values with their aliases, as in `esp_prov.py`. No two kinds of values have the same names.
fn with_aliases(values: &[String]) -> Vec<String> {
    let commands = meant::all();
    let mut takes = commands.iter().flat_map(Command::get_arguments).map(possible_values);
    let takes = takes.find(|takes| takes.iter().map(PossibleValue::get_name).eq(values));
    let Some(takes) = takes else { return values.to_vec() };
    let named = takes.iter().map(|value| {
        let others: Vec<_> = value.get_name_and_aliases().skip(1).collect();
        match others[..] {
            [] => value.get_name().to_owned(),
            _ => format!("{} (also {})", value.get_name(), others.join(", ")),
        }
    });
    named.collect()
}

fn possible_values(argument: &Arg) -> Vec<PossibleValue> {
    argument.get_value_parser().possible_values().into_iter().flatten().collect()
}

fn refused(kind: ErrorKind, argument: Option<&str>, right: &str) -> clap::Error {
    let of = argument.map(|argument| format!(" for '{argument}'")).unwrap_or_default();
    let help = "For more information, try '--help'.";
    clap::Error::raw(kind, format!("invalid value{of}{right}\n\n{help}\n"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn colours_are_as_wanted_on_lines_that_do_not_parse() {
        for (line, wanted) in [
            ("--color never --help", ColorChoice::Never),
            ("--help --color=always", ColorChoice::Always),
            ("--color bogus", ColorChoice::Auto),
            ("--color", ColorChoice::Auto),
            ("simulate -- ls --color=never", ColorChoice::Auto),
        ] {
            let typed: Vec<_> = line.split(' ').map(OsString::from).collect();
            assert_eq!(color(&typed), wanted, "{line}");
        }
    }

    #[test]
    fn a_flag_of_another_command_is_not_suggested_but_named() {
        for (words, says) in [
            ("info --passphrase x", "`info` takes no --passphrase"),
            ("info --passphrase=x", "`info` takes no --passphrase"),
            ("batch status --retries 1", "`batch status` takes no --retries"),
            ("--roster x", "`provision` takes no --roster"),
            ("info --passphrose x", "unknown flag (hidden"),
            ("provision --passphrose x", "unknown flag; did you mean --passphrase?"),
            ("--passphrose x", "unknown flag; did you mean --passphrase?"),
            ("batch status --rostr x", "unknown flag; did you mean --roster?"),
        ] {
            let typed = ["esp-prov-rs"].into_iter().chain(words.split(' '));
            let error = Cli::try_parse_from(typed).expect_err(words);
            let typed: Vec<_> = ["esp-prov-rs"].into_iter().chain(words.split(' ')).collect();
            let typed: Vec<_> = typed.into_iter().map(OsString::from).collect();
            let told = without_values(error, &typed).to_string();
            assert!(told.starts_with(&format!("error: {says}")), "{words}: {told}");
        }
    }

    #[test]
    fn the_usage_is_that_of_the_command() {
        for (words, command) in [
            ("info --passphrase x", "info "),
            ("batch status --retries 1", "batch status "),
            ("simulate --sec2-verifier x", "simulate "),
            ("--passphrose x", "[OPTIONS]\n"),
            ("--port x", "[OPTIONS]\n"),
        ] {
            let typed: Vec<_> = ["esp-prov-rs"].into_iter().chain(words.split(' ')).collect();
            let matches = Cli::command().try_get_matches_from(&typed);
            let typed: Vec<_> = typed.into_iter().map(OsString::from).collect();
            let error = match matches {
                Ok(matches) => super::super::unused::check(&matches).expect_err(words),
                Err(error) => without_values(error, &typed),
            };
            let (told, usage) = (error.to_string(), format!("Usage: esp-prov-rs {command}"));
            assert!(told.contains(&usage), "{words}: {told}");
        }
    }
}
