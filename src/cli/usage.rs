//! Command lines that do not parse.

use std::ffi::OsString;

use clap::{
    CommandFactory,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::args::{AcceptArgs, Cli};
use crate::{exit::Exit, report, shown::Shown};

/// Help and version on stdout; errors on stderr, where a stray word is not repeated: it is mostly
/// the rest of a secret that was not quoted.
pub(super) fn tell(error: clap::Error) -> Exit {
    let kinds =
        [ContextKind::InvalidArg, ContextKind::InvalidSubcommand, ContextKind::InvalidValue];
    let is_stray =
        |word: &String| !word.starts_with("--") && Cli::command().find_subcommand(word).is_none();
    let about_a_word = matches!(
        error.kind(),
        ErrorKind::ArgumentConflict
            | ErrorKind::InvalidSubcommand
            | ErrorKind::TooManyValues
            | ErrorKind::UnknownArgument
    );
    let names_a_stray = kinds
        .into_iter()
        .any(|kind| matches!(error.get(kind), Some(ContextValue::String(word)) if is_stray(word)));
    let error = if about_a_word && names_a_stray {
        Cli::command().error(
            ErrorKind::UnknownArgument,
            "a word belongs to no flag (not shown, it may be part of a secret); \
             put values with spaces into quotes",
        )
    } else {
        error
    };
    let text = error.render();
    if !error.use_stderr() {
        // Our own words.
        let colors = report::has_colors(anstream::ColorChoice::Auto);
        let text = if colors { text.ansi().to_string() } else { text.to_string() };
        report::raw(text.as_bytes());
        return Exit::DONE;
    }
    // What was typed may be in it.
    let text = text.to_string();
    report::complain(&Shown::lines(text.strip_prefix("error: ").unwrap_or(&text)));
    Exit::USAGE
}

/// Refuses the one flag that nobody shall type by habit unless it was written out.
pub(super) fn written_out(cli: &Cli, typed: &[OsString]) -> Result<(), clap::Error> {
    let weaker = AcceptArgs::WEAKER;
    let is_it =
        |word: &OsString| word.to_str().and_then(|word| word.strip_prefix("--")) == Some(weaker);
    if !cli.accepts_weaker() || typed.iter().any(is_it) {
        return Ok(());
    }
    let what = format!("--{weaker} has no abbreviation: it has to be written out");
    Err(Cli::command().error(ErrorKind::UnknownArgument, what))
}
