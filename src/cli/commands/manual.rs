//! Man pages, one for each command, generated from its help.

use std::{fmt::Write as _, io};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use esp_prov_input::environment::SecretVariable;

use super::completions::visible;
use crate::{cli::args::Cli, exit::Exit};

/// A man page and the name of its file.
#[derive(Debug)]
pub struct Manual {
    /// The name of the file, such as `esp-prov-rs-batch-status.1`.
    pub file: String,
    /// The page in roff.
    pub page: Vec<u8>,
}

/// The page of a command, such as `batch status`; the main page for an empty path. `None` if there
/// is no such command.
pub fn of(path: &[&str]) -> Option<Manual> {
    let mut command = visible(&Cli::command());
    let mut name = command.get_name().to_owned();
    for word in path {
        command = command.find_subcommand(word)?.clone();
        name = format!("{name}-{word}");
    }
    let page = page(&name, path.first().copied(), &command);
    // Writing to memory can't fail.
    Some(Manual { file: format!("{name}.1"), page: page.unwrap_or_default() })
}

/// The pages of all commands.
pub fn all() -> Vec<Manual> {
    fn below(command: &Command, path: &mut Vec<String>, manuals: &mut Vec<Manual>) {
        manuals.extend(of(&path.iter().map(String::as_str).collect::<Vec<_>>()));
        for one in command.get_subcommands() {
            path.push(one.get_name().to_owned());
            below(one, path, manuals);
            path.pop();
        }
    }
    let mut manuals = Vec::new();
    below(&Cli::command(), &mut Vec::new(), &mut manuals);
    manuals
}

fn page(name: &str, first: Option<&str>, command: &Command) -> io::Result<Vec<u8>> {
    let below: Vec<_> =
        command.get_subcommands().map(|one| (one.get_name().to_owned(), about(one))).collect();
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let invoked = name.replacen("esp-prov-rs-", "esp-prov-rs ", 1);
    let invoked = invoked.replace("batch-", "batch ");
    let shown = command.clone().name(name.to_owned()).bin_name(invoked);
    // clap_mangen's own list of commands names pages that do not exist.
    let man = Man::new(shown).title(name).manual("esp-prov-rs manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut rest = String::new();
    section(
        &mut rest,
        "COMMANDS",
        below.iter().map(|(one, about)| {
            (format!("\\fB{}\\-{}\\fR(1)", text(name), text(one)), about.clone())
        }),
    );
    let (examples, notes) = examples(&after);
    let codes = Exit::ALL.iter().filter(|exit| ends_with(first, exit.code));
    let passed_on = ("\\fIN\\fR".to_owned(), "With COMMAND: the command's exit code".to_owned());
    let passed_on = Some(passed_on).filter(|_| first == Some("simulate"));
    section(
        &mut rest,
        "EXIT STATUS",
        codes
            .map(|exit| {
                let advice = if exit.advice.is_empty() {
                    String::new()
                } else {
                    format!("; {}", exit.advice)
                };
                (format!("\\fB{}\\fR", exit.code), format!("{}{advice}", exit.meaning))
            })
            .chain(passed_on),
    );
    section(
        &mut rest,
        "ENVIRONMENT",
        variables(command, first)
            .into_iter()
            .map(|(name, what)| (format!("\\fB{}\\fR", text(name)), what.to_owned())),
    );
    section(
        &mut rest,
        "FILES",
        files(command, first)
            .into_iter()
            .map(|(name, what)| (format!("\\fI{}\\fR", text(name)), what.to_owned())),
    );
    verbatim(&mut rest, "EXAMPLES", &examples);
    verbatim(&mut rest, "NOTES", &notes);
    if first.is_some() {
        rest.push_str(".SH \"SEE ALSO\"\n\\fBesp\\-prov\\-rs\\fR(1)\n");
    }
    page.extend(rest.bytes());
    Ok(page)
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// Adds a section of terms and their meanings.
fn section(page: &mut String, title: &str, terms: impl Iterator<Item = (String, String)>) {
    let mut terms = terms.peekable();
    if terms.peek().is_some() {
        let _ = writeln!(page, ".SH \"{title}\"");
    }
    for (term, what) in terms {
        let _ = writeln!(page, ".TP\n{term}\n{}", text(&what));
    }
}

fn verbatim(page: &mut String, title: &str, lines: &str) {
    if !lines.is_empty() {
        let lines: Vec<_> = lines.lines().map(text).collect();
        let _ = writeln!(page, ".SH \"{title}\"\n.nf\n{}\n.fi", lines.join("\n"));
    }
}

/// Escapes a line for roff.
fn text(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    let line = line.replace('`', "\\(ga").replace('…', "...");
    if line.starts_with('.') { format!("\\&{line}") } else { line }
}

/// Splits the text below a command's help into examples and the rest.
fn examples(after: &str) -> (String, String) {
    let (mut examples, mut notes, mut is_example) = (String::new(), String::new(), false);
    for line in after.lines() {
        if !line.is_empty() && !line.starts_with(' ') {
            is_example = line == "Examples:";
            if is_example {
                continue;
            }
        }
        let part = if is_example { &mut examples } else { &mut notes };
        part.push_str(line);
        part.push('\n');
    }
    (examples.trim_end().to_owned(), notes.trim_end().to_owned())
}

/// Whether a command can end with this code.
fn ends_with(command: Option<&str>, code: u8) -> bool {
    let own: &[u8] = match command {
        Some("secrets" | "sec2-credentials" | "qr" | "decode" | "simulate" | "completions") => &[],
        Some("discover") => &[10, 11],
        Some("doctor") => &[11],
        Some("batch") => &[60, 61, 62],
        // A run can end with any but those of a batch.
        Some(_) => return !(60..=62).contains(&code),
        None => return true,
    };
    code < 10 || code == 130 || own.contains(&code)
}

fn has(command: &Command, flag: &str) -> bool {
    command.get_arguments().any(|argument| argument.get_long() == Some(flag))
}

fn variables(command: &Command, first: Option<&str>) -> Vec<(&'static str, &'static str)> {
    let secrets = [
        ("pop", SecretVariable::Pop, "The proof of possession"),
        ("sec2-pwd", SecretVariable::Sec2Password, "The password of security 2"),
        ("passphrase", SecretVariable::Passphrase, "The passphrase of the Wi-Fi network"),
        (
            "softap-passphrase",
            SecretVariable::SoftapPassphrase,
            "The passphrase of the device's access point",
        ),
        ("dataset-tlvs", SecretVariable::Dataset, "The dataset of the Thread network"),
        ("network-key", SecretVariable::NetworkKey, "The key of the Thread network"),
        ("ledger", SecretVariable::LedgerPassword, "The password of a PostgreSQL ledger"),
    ];
    let simulates = first == Some("simulate");
    let mut variables: Vec<_> = secrets
        .into_iter()
        .filter(|(flag, ..)| has(command, flag) && !simulates)
        .map(|(_, variable, what)| (variable.name(), what))
        .collect();
    if has(command, "sec2-username") && !simulates {
        variables.push(("ESP_PROV_SEC2_USERNAME", "The user name of security 2"));
    }
    if simulates {
        variables.push((super::simulate::ADDRESS, "Set for COMMAND: the address of the device"));
    }
    variables.push(("NO_COLOR", "No colours, unless --color says otherwise"));
    variables.push(("TERM", "dumb: no cursor movement, and numbered lists to choose from"));
    variables
}

fn files(command: &Command, first: Option<&str>) -> Vec<(&'static str, &'static str)> {
    let mut files = Vec::new();
    if first == Some("batch") {
        files.push((
            "ROSTER.ledger",
            "The ledger of a roster: what was done with each device. While a batch runs, files beside \
             it that end with -wal, -shm and -station belong to it",
        ));
    }
    if ["pop-file", "passphrase-file", "sec2-pwd-file"].iter().any(|flag| has(command, flag)) {
        files.push(("-", "In place of a file to read: stdin"));
    }
    if has(command, "trace") {
        files.push((
            "TRACE",
            "JSON Lines, without secrets unless --trace-secrets is given; mode \
                              0600",
        ));
    }
    if first == Some("secrets") {
        files.push((
            "FOLDER.part",
            "The folder while it is being made. If the command is killed, it is left over and can be \
             removed",
        ));
    } else if ["output", "roster"].iter().any(|flag| has(command, flag)) && first != Some("batch") {
        files.push((
            "FILE",
            "Output files contain secrets and have mode 0600; they replace existing files",
        ));
    }
    if files.is_empty() {
        files.push(("none", "No files of its own"));
    }
    files
}
