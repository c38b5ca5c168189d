//! Completions, generated from the flags.

use clap::{
    CommandFactory, ValueEnum, ValueHint,
    builder::{PossibleValue, PossibleValuesParser},
};
use clap_complete::Shell;
use protocomm::Given;

use super::manual;
use crate::{
    cli::{Failure, args::Cli},
    exit::Exit,
    report,
};

/// What `completions` prints.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(missing_docs)]
pub enum Script {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Elvish,
    /// A man page
    Man,
}

impl Script {
    /// The shell, if it is one.
    pub fn shell(self) -> Option<Shell> {
        match self {
            Self::Bash => Some(Shell::Bash),
            Self::Zsh => Some(Shell::Zsh),
            Self::Fish => Some(Shell::Fish),
            Self::PowerShell => Some(Shell::PowerShell),
            Self::Elvish => Some(Shell::Elvish),
            Self::Man => None,
        }
    }
}

/// The text of a completion script or of the main man page, without what `--help` hides.
pub fn script(script: Script) -> Vec<u8> {
    match script.shell() {
        Some(Shell::Bash) => bash(),
        Some(Shell::Fish) => fish(),
        Some(shell) => generated(shell, NAME),
        None => manual::of(&[]).map(|manual| manual.page).unwrap_or_default(),
    }
}

const NAME: &str = "esp-prov-rs";

fn generated(shell: Shell, name: &str) -> Vec<u8> {
    let mut command = completed(visible(&Cli::command()));
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut text);
    text
}

/// The bash script, with two corrections: `clap_complete` 4.6 sets and uses different names for a
/// subcommand if the program's name has a hyphen, and it takes `--flag=value` for one word, which
/// bash splits.
fn bash() -> Vec<u8> {
    const PREVIOUS: &str = "    prev=\"$3\"\n";
    const SPLIT: &str = "    prev=\"$3\"
    if [[ \"${prev}\" == \"=\" ]]; then
        prev=\"${COMP_WORDS[COMP_CWORD-2]}\"
    elif [[ \"${COMP_WORDS[COMP_CWORD]}\" == \"=\" ]]; then
        cur=\"\"
    fi
";
    let without = NAME.replace('-', "_");
    let text = String::from_utf8_lossy(&generated(Shell::Bash, &without)).into_owned();
    let text = text.replace(&format!("default {without}\n"), &format!("default {NAME}\n"));
    text.replacen(PREVIOUS, SPLIT, 1).into_bytes()
}

/// The fish script, with two corrections: `clap_complete` 4.6 does not find the command while a
/// flag still lacks its value, and does not complete the values of positional arguments.
fn fish() -> Vec<u8> {
    const ALL: &str = "    argparse -s (__fish_esp_prov_rs_global_optspecs) -- $cmd 2>/dev/null\n";
    let but_last = ALL.replace("    argparse", "    or argparse").replace("$cmd", "$cmd[1..-2]");
    let text = String::from_utf8_lossy(&generated(Shell::Fish, NAME)).into_owned();
    let text = text.replacen(ALL, &format!("{ALL}{but_last}"), 1);
    let scripts = Script::value_variants().iter().filter_map(Script::to_possible_value);
    let scripts: Vec<_> = scripts.map(|script| script.get_name().to_owned()).collect();
    let scripts = scripts.join(" ");
    let below = "__fish_esp_prov_rs_using_subcommand completions";
    format!("{text}complete -c {NAME} -n \"{below}\" -f -a \"{scripts}\"\n").into_bytes()
}

/// Adds what shells offer for values: exit codes, files for flags that take them, otherwise
/// nothing.
fn completed(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|argument| {
        if argument.get_id() == "explain" {
            let of = |exit: &Exit| PossibleValue::new(exit.code.to_string()).help(exit.meaning);
            return argument.value_parser(PossibleValuesParser::new(Exit::ALL.iter().map(of)));
        }
        let names = argument.get_value_names().unwrap_or_default();
        let is = |part: &str| names.iter().any(|name| name.contains(part));
        let takes = argument.get_action().takes_values();
        let hint = if !takes {
            return argument;
        } else if is("FOLDER") {
            ValueHint::DirPath
        } else if is("FILE") || is("PATH") || is("TRACE") || is("INPUT") {
            ValueHint::FilePath
        } else if !argument.is_positional() {
            ValueHint::Other
        } else {
            return argument;
        };
        argument.value_hint(hint)
    });
    let names: Vec<_> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, completed))
}

/// A command without its hidden flags, which completions would offer.
pub(super) fn visible(command: &clap::Command) -> clap::Command {
    let mut shown = clap::Command::new(command.get_name().to_owned())
        // These flags are copied with the others.
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(command.get_arguments().filter(|flag| !flag.is_hide_set()).cloned())
        .subcommands(command.get_subcommands().map(visible));
    if let Some(version) = command.get_version() {
        shown = shown.version(version.to_owned());
    }
    if let Some(about) = command.get_about() {
        shown = shown.about(about.clone());
    }
    if let Some(about) = command.get_long_about() {
        shown = shown.long_about(about.clone());
    }
    if let Some(after) = command.get_after_help() {
        shown = shown.after_help(after.clone());
    }
    shown
}

/// Prints a script, or the man page of a command.
pub(super) fn run(what: Script, command: &[Given]) -> Result<Exit, Failure> {
    let path: Vec<_> = command.iter().map(Given::expose).collect();
    let text = match what {
        Script::Man => {
            let manual = manual::of(&path);
            manual.ok_or_else(|| Failure::input("COMMAND: no such command"))?.page
        }
        _ if path.is_empty() => script(what),
        _ => return Err(Failure::input("COMMAND: only `completions man` takes one")),
    };
    report::raw(&text);
    Ok(Exit::DONE)
}
