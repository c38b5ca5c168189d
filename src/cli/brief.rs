//! The page of `-h`: what a command is for and its most important flags, on one screen.

use clap::{Arg, Command};

/// The size of a small screen, with room for the prompt below.
const ROWS: usize = 23;
const COLUMNS: usize = 80;

/// The page of `provision`, and of the command without a subcommand.
const PROVISION: &str = include_str!("brief.txt");

/// The flags to show for commands with more than fit.
const CHOSEN: [(&str, &[&str]); 3] = [
    (
        "batch",
        &[
            "roster",
            "ledger",
            "job",
            "dry-run",
            "watch",
            "parallel",
            "retries",
            "stop-after",
            "on-result",
        ],
    ),
    (
        "station",
        &[
            "job",
            "ledger",
            "roster",
            "scanner",
            "unknown",
            "station",
            "retries",
            "on-result",
            "verify",
        ],
    ),
    (
        "simulate",
        &["transport", "listen", "persona", "sec-ver", "pop", "networks", "fail", "once", "count"],
    ),
];

/// The headings of flags that all commands have, or all with a device. They are only in `--help`.
const SHARED: [&str; 8] = [
    "Access point",
    "Device",
    "Security",
    "Timeouts and retries",
    "Trace",
    "Output",
    "Wi-Fi",
    "Thread",
];

/// The page of a command, such as `batch status`. `built` is the root command, already built.
pub(super) fn page(built: &Command, path: &[String]) -> String {
    match path {
        [] => PROVISION.to_owned(),
        [one] if one == "provision" => PROVISION.to_owned(),
        path => {
            let find = |command: Option<Command>, name: &String| {
                command.and_then(|it| it.find_subcommand(name).cloned())
            };
            let command = path.iter().fold(Some(built.clone()), find);
            command.map_or(PROVISION.to_owned(), |command| of(command, &path.join(" ")))
        }
    }
}

fn of(mut command: Command, path: &str) -> String {
    let usage = command.render_usage().to_string();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut lines = vec![clause(&about, COLUMNS), String::new()];
    for line in usage.lines() {
        let within = line.char_indices().nth(COLUMNS).and_then(|(end, _)| line[..end].rfind(' '));
        let (first, rest) = within.map_or((line, ""), |end| line.split_at(end));
        lines.push(first.to_owned());
        lines.extend((!rest.is_empty()).then(|| format!("         {rest}")));
    }
    let chosen = CHOSEN.iter().find(|(command, _)| *command == path).map(|(_, flags)| *flags);
    let is_chosen = |arg: &&Arg| match (chosen, arg.get_long()) {
        (Some(flags), Some(long)) => flags.contains(&long),
        _ => is_shown(arg),
    };
    let (places, flags): (Vec<_>, Vec<_>) =
        command.get_arguments().filter(is_chosen).partition(|arg| arg.is_positional());
    let (essential, own): (Vec<_>, Vec<_>) = flags.iter().partition(|flag| is_essential(flag));
    let flags = own.into_iter().chain(essential);
    let below = command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help");
    let about = |command: &Command| command.get_about().map(ToString::to_string);
    let below = below.map(|it| (it.get_name().to_owned(), about(it).unwrap_or_default()));
    section(&mut lines, "Arguments", places.iter().map(|arg| (arg.to_string(), help(arg))));
    section(&mut lines, "Options", flags.map(|flag| (name(flag), help(flag))));
    section(&mut lines, "Commands", below);
    let more = format!("All options and examples: `esp-prov-rs {path} --help`");
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let examples = after.lines().skip_while(|line| *line != "Examples:").skip(1);
    let examples = examples.take_while(|line| line.is_empty() || line.starts_with(' '));
    let examples: Vec<_> = examples.filter_map(|line| line.strip_prefix("  ")).collect();
    let room = ROWS.saturating_sub(lines.len() + 3);
    let examples: Vec<_> = examples
        .iter()
        .filter(|line| line.starts_with("  esp-prov-rs ") && !line.ends_with('\\'))
        .filter(|line| line.chars().count() <= COLUMNS)
        .take(room)
        .collect();
    if !examples.is_empty() {
        lines.extend([String::new(), "Examples:".to_owned()]);
        lines.extend(examples.into_iter().map(|line| (*line).to_owned()));
    }
    lines.extend((lines.len() + 2 <= ROWS).then(String::new));
    lines.push(more);
    lines.iter().fold(String::new(), |page, line| page + line.trim_end() + "\n")
}

fn is_shown(arg: &Arg) -> bool {
    let is_shared = arg.get_help_heading().is_some_and(|heading| SHARED.contains(&heading));
    !arg.is_hide_set() && !arg.is_global_set() && !is_shared
}

/// Whether a flag is one of the most important ones of commands with a device.
fn is_essential(arg: &Arg) -> bool {
    arg.get_help_heading() == Some("Essentials")
}

fn name(flag: &Arg) -> String {
    let value = flag.get_value_names().filter(|_| flag.get_action().takes_values());
    let value = value.and_then(|names| names.first()).map(|name| format!(" {name}"));
    format!("--{}{}", flag.get_long().unwrap_or_default(), value.unwrap_or_default())
}

/// The help of a flag: that on the page of `provision`, if it has one.
fn help(arg: &Arg) -> String {
    let start = format!("  {} ", name(arg));
    let mut lines = PROVISION.lines().filter(|_| is_essential(arg));
    let there = lines.find_map(|line| line.strip_prefix(&start));
    let own = || arg.get_help().map(ToString::to_string).unwrap_or_default();
    there.map_or_else(own, |text| text.trim_start().to_owned())
}

/// Adds names and their meanings, in two columns.
fn section(
    lines: &mut Vec<String>,
    heading: &str,
    entries: impl Iterator<Item = (String, String)>,
) {
    let entries: Vec<_> = entries.collect();
    let width = entries.iter().map(|(name, _)| name.chars().count()).max();
    let Some(width) = width else { return };
    lines.extend([String::new(), format!("{heading}:")]);
    for (name, text) in entries {
        let text = clause(&text, COLUMNS - width - 4);
        lines.push(format!("  {name:width$}  {text}"));
    }
}

/// The longest beginning of a text that fits and can stand alone.
fn clause(text: &str, room: usize) -> String {
    let fits = |text: &str| text.chars().count() <= room;
    if fits(text) {
        return text.to_owned();
    }
    let count = |part: &str, char| part.matches(char).count();
    let is_whole = |part: &&str| {
        // "Console: …" and "With raw: …" say when, not yet what.
        let is_when = !part.contains(' ') || part.starts_with("With ") && !part.contains(": ");
        let is_what = !is_when || !text.contains(": ");
        is_what && count(part, '(') == count(part, ')') && count(part, '[') == count(part, ']')
    };
    // The best place to cut comes first.
    for end in ["; ", ", e.g.", ". ", " [", ": ", " (", ", "] {
        let mut parts = text.rmatch_indices(end).map(|(at, _)| &text[..at]).filter(is_whole);
        if let Some(part) = parts.find(|part| fits(part)) {
            return part.to_owned();
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Cli;

    fn all(command: &Command, path: &[String], pages: &mut Vec<(String, String)>, root: &Command) {
        pages.push((path.join(" "), page(root, path)));
        for below in command.get_subcommands().filter(|it| it.get_name() != "help") {
            all(below, &[path, &[below.get_name().to_owned()]].concat(), pages, root);
        }
    }

    #[test]
    fn the_page_of_provisioning_knows_what_there_is() {
        let words: Vec<_> = PROVISION.split([' ', ',', '\n', '(', ')', ';', '`']).collect();
        let command = Cli::command();
        for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
            assert!(words.contains(&command.get_name()), "{}", command.get_name());
        }
        let flags: Vec<_> = command.get_arguments().filter_map(Arg::get_long).collect();
        for flag in words.iter().filter_map(|word| word.strip_prefix("--")) {
            assert!(flags.contains(&flag), "--{flag}");
        }
        for (name, chosen) in CHOSEN {
            let command = command.find_subcommand(name).expect("a command");
            let flags: Vec<_> = command.get_arguments().filter_map(Arg::get_long).collect();
            assert!(chosen.iter().all(|flag| flags.contains(flag)), "{name}");
        }
    }

    #[test]
    fn each_command_has_a_page_that_fits_a_screen() {
        let mut root = Cli::command();
        root.build();
        let mut pages = Vec::new();
        all(&root, &[], &mut pages, &root);
        assert!(pages.len() > 15, "{}", pages.len());
        for (path, page) in pages {
            let lines: Vec<_> = page.lines().collect();
            assert!(lines.len() <= ROWS, "{path}: {} lines:\n{page}", lines.len());
            for line in lines {
                assert!(line.chars().count() <= COLUMNS, "{path}: {line}");
            }
            let whole = if path.is_empty() || path == "provision" {
                "`esp-prov-rs --help`".to_owned()
            } else {
                format!("`esp-prov-rs {path} --help`")
            };
            assert!(page.contains(&whole) && page.contains("Usage: "), "{path}:\n{page}");
        }
    }
}
