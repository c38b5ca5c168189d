//! Completions and the man page, made from the flags themselves.

use std::io::{self, Write};

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

use crate::cli::args::Cli;

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
    /// The man page
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

/// Commands whose flags the main page does not have already.
const OWN_FLAGS: [&str; 4] = ["batch", "sec2-credentials", "qr", "simulate"];

/// The text of a completion script or the man page, without what `--help` hides, too.
pub fn script(script: Script) -> Vec<u8> {
    let mut command = visible(&Cli::command());
    let mut text = Vec::new();
    match script.shell() {
        Some(shell) => clap_complete::generate(shell, &mut command, "esp-prov-rs", &mut text),
        // Writing into memory does not fail.
        None => drop(man_page(&command, &mut text)),
    }
    text
}

/// A command without its hidden flags, which completions would offer.
fn visible(command: &clap::Command) -> clap::Command {
    let mut shown = clap::Command::new(command.get_name().to_owned())
        // They are among the flags.
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

/// The page of the command, with a section for each of its commands that has flags of its own.
fn man_page(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(page)?;
    for sub in command.get_subcommands().filter(|sub| OWN_FLAGS.contains(&sub.get_name())) {
        let mut flags = Vec::new();
        let man = clap_mangen::Man::new(sub.clone());
        man.render_options_section(&mut flags)?;
        man.render_extra_section(&mut flags)?;
        let flags = String::from_utf8_lossy(&flags).replace(".SH ", ".SS ");
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let name = sub.get_name().to_uppercase().replace('-', "\\-");
        write!(page, ".SH ESP\\-PROV\\-RS {name}\n{about}\n{flags}")?;
    }
    Ok(())
}
