//! The command line: parse, make one library call, print the failure, choose the exit code.

mod alike;
pub mod args;
mod brief;
mod choosing;
mod commands;
mod compat;
mod context;
mod label;
mod manual_console;
mod meant;
mod network;
mod options;
mod outputs;
mod plan;
mod prompt;
mod qr_drawing;
mod qr_image;
mod secrets;
mod setup;
mod signals;
mod softap;
mod target;
mod trace;
mod unused;
mod usage;

use std::{
    ffi::OsString,
    future::Future,
    path::Path,
    pin::Pin,
    process::ExitCode,
    sync::{Arc, OnceLock},
    time::Duration,
};

use clap::{ArgMatches, CommandFactory, FromArgMatches};
use esp_prov::{Error, Stage};
use esp_prov_batch::{
    ledger::LedgerError,
    roster::{Field, Mistakes},
};
use esp_prov_input::files::{self, Inputs, Kind};
use protocomm::Given;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

pub use self::commands::{completions::script, manual};
use self::{
    args::{Cli, Command},
    commands::batch,
    signals::Heeded,
};
use crate::{
    exit::{self, Exit},
    report::{self, Problem, Reporter, Style},
};

/// Why the command ends without success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input is wrong.
    Input(String),
    /// The run failed.
    Run(Error),
    /// The table of this flag and with this name has mistakes.
    Roster(&'static str, String, Mistakes),
    /// The ledger with this name failed.
    Ledger(String, LedgerError),
    /// A signal ended it.
    Interrupted,
    /// An internal error, not the user's fault.
    Internal(String),
}

impl Failure {
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    tell_panics_by_place();
    // Reporting begins once the command line says how to report.
    let reporter = Arc::<OnceLock<Reporter>>::default();
    let teller = Arc::clone(&reporter);
    let exit = signals::run(
        move || report::end(run(&reporter)),
        move || {
            if let Some(reporter) = teller.get() {
                reporter.rest();
                tell(reporter, &Failure::Interrupted, None);
            }
            report::end(Exit::INTERRUPTED);
        },
    );
    exit.to_exit_code()
}

fn run(reporter: &OnceLock<Reporter>) -> Exit {
    let typed = compat::expand(std::env::args_os());
    report::want_colors(usage::color(&typed));
    let (mut cli, mut matches) = match parse(&typed) {
        Ok(parsed) => parsed,
        Err(error) => return usage::tell(error, &typed),
    };
    if let Err(error) = usage::written_out(&cli, &matches, &typed) {
        return usage::tell(error, &typed);
    }
    let reporter = reporter.get_or_init(|| Reporter::new(&style(&cli)));
    if let Some(path) = batch::job_file(&cli) {
        let typed: Vec<_> = std::env::args_os().collect();
        let job = match batch::JobFile::read(path) {
            Ok(job) => job,
            Err(failure) => return tell(reporter, &failure, None),
        };
        match job.put_in(&typed).map(|typed| parse(&typed)) {
            Ok(Ok(with_job)) => (cli, matches) = with_job,
            Ok(Err(error)) => return usage::tell_of_job(error, &typed, &job),
            Err(failure) => return tell(reporter, &failure, None),
        }
    }
    if let Err(error) = unused::check(&matches) {
        return usage::tell(error, &typed);
    }
    let inputs = match outputs::check(&matches) {
        Ok(inputs) => inputs,
        Err(failure) => return tell(reporter, &failure, None),
    };
    match label::fill_in(&mut cli, reporter) {
        Ok(before) => match command_in_context(cli, &inputs, reporter) {
            Ok(exit) => exit,
            Err(failure) => tell(reporter, &failure, before),
        },
        Err(failure) => tell(reporter, &failure, None),
    }
}

/// Parses a command line. Also returns which flags were typed.
fn parse(typed: &[OsString]) -> Result<(Cli, ArgMatches), clap::Error> {
    let matches = Cli::command().try_get_matches_from(typed)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut Cli::command()))?;
    Ok((cli, matches))
}

/// The command that was typed, such as `batch status`, and its own flags.
fn typed(matches: &ArgMatches) -> (String, &ArgMatches) {
    let (path, matches) = path(matches);
    let command = if path.is_empty() { "provision".to_owned() } else { path.join(" ") };
    (command, matches)
}

/// The names of the command that was typed (none if it is implied), and its own flags.
fn path(mut matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    let mut path = Vec::new();
    while let Some((name, below)) = matches.subcommand() {
        path.push(name);
        matches = below;
    }
    (path, matches)
}

fn command_in_context(cli: Cli, inputs: &Inputs, reporter: &Reporter) -> Result<Exit, Failure> {
    reporter.doing(context::of(&cli));
    commands::run(cli, inputs, reporter)
}

fn style(cli: &Cli) -> Style {
    let args = &cli.output;
    let is_station = matches!(cli.command, Some(Command::Station(_)));
    Style {
        verbosity: if args.quiet { -1 } else { args.verbose.min(3).cast_signed() },
        // A station without a screen is read by a program.
        json: args.json || is_station && !report::has_screen(),
        color: args.color.choice(),
    }
}

/// How long closing the last link may take.
const SETTLE_WITHIN: Duration = Duration::from_secs(4);

/// Makes panics report their location but not their message, which can quote what was being read.
///
/// bluez-async 0.9 panics if a stream of events ends while an event arrives. Nothing depends on
/// that task, so this is not reported.
fn tell_panics_by_place() {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location();
        if place.is_some_and(|place| place.file().contains("bluez-async")) {
            return;
        }
        let place = place.map(ToString::to_string).unwrap_or_default();
        let words = format!(
            "internal error at {place} (message hidden: it may contain a secret); please report it"
        );
        report::last_words(&words, &std::backtrace::Backtrace::capture());
    }));
}

/// Runs to the end or to a signal.
async fn or_interrupted<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = signals::heard() => {
            prompt::abandon();
            Err(Failure::Interrupted)
        }
        result = work => result,
    }
}

/// Runs `work`, which listens for signals itself, and after one ends within [`SETTLE_WITHIN`].
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let _heeded = Heeded::within(SETTLE_WITHIN + Duration::from_secs(1));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Internal(format!("no runtime: {error}")))?;
    let result = drive(&runtime, work);
    // A question that is still open must not block the end.
    runtime.shutdown_background();
    result
}

/// Runs `work` on a runtime. The runtime sees one kind of future, because what is compiled for each
/// kind is large.
fn drive<T>(
    runtime: &Runtime,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut result = None;
    let work: Pin<Box<dyn Future<Output = ()> + '_>> =
        Box::pin(async { result = Some(work.await) });
    runtime.block_on(work);
    result.unwrap_or_else(|| Err(Failure::Internal("the work did not end".to_owned())))
}

/// Reports a failure and returns its exit code. `before` is what to do before connecting, according
/// to a QR code.
fn tell(reporter: &Reporter, failure: &Failure, before: Option<String>) -> Exit {
    let (exit, stage, message, hint, causes) = match failure {
        Failure::Input(message) => {
            let hint = exit::of_machine(message).unwrap_or_default();
            (Exit::INPUT, None, message.clone(), hint.to_owned(), Vec::new())
        }
        Failure::Run(error) => {
            let (exit, _) = exit::of_error(error);
            let hint = reporter.context().hint(error);
            let no_device = matches!(error.stage, Stage::Connect | Stage::Version)
                && matches!(exit, Exit::CONNECT | Exit::LINK_LOST);
            let joins = reporter.context().reach == Some(exit::Reach::JoinedAccessPoint);
            let hint = before.filter(|_| no_device && !joins).unwrap_or(hint);
            (exit, Some(error.stage), error.to_string(), hint, causes(error))
        }
        Failure::Roster(flag, roster, errors) => {
            for error in errors {
                reporter.roster_error(roster, error);
            }
            let (count, s) = (errors.len(), if errors.len() == 1 { "" } else { "s" });
            let not_shown = match errors.more() {
                0 => String::new(),
                more => format!(" ({more} are not shown)"),
            };
            let message =
                format!("{flag} {roster}: {count} mistake{s}{not_shown}; nothing was started");
            let hint = errors.iter().find_map(|error| exit::of_machine(&error.to_string()));
            let is_common = |field| !matches!(field, Field::Id | Field::Address);
            let hint = hint.or_else(|| {
                let is_missing = errors.iter().any(|error| error.missing.is_some_and(is_common));
                is_missing
                    .then_some("give what all devices have in common as flags, such as --ssid")
            });
            (Exit::INPUT, None, message, hint.unwrap_or_default().to_owned(), Vec::new())
        }
        Failure::Ledger(ledger, error @ LedgerError::Missing(_)) => {
            let missing = error.to_string();
            let message = if missing.contains(ledger.as_str()) {
                missing
            } else {
                format!("--ledger {ledger}: {missing}")
            };
            let hint = "check --roster and --ledger; the first `esp-prov-rs batch` creates it";
            (Exit::INPUT, None, message, hint.to_owned(), Vec::new())
        }
        Failure::Ledger(ledger, error) => {
            let (exit, message) = (Exit::LEDGER, format!("the ledger {ledger}: {error}"));
            (exit, None, message, exit::of_ledger(error).to_owned(), Vec::new())
        }
        Failure::Interrupted => {
            let left = match reporter.context().job {
                exit::Job::Batch => "run the same command to resume".to_owned(),
                exit::Job::Secrets => "no secrets were made".to_owned(),
                _ => reporter.state_of_device(),
            };
            let message = format!("interrupted; {left}");
            (Exit::INTERRUPTED, None, message, String::new(), Vec::new())
        }
        Failure::Internal(message) => {
            let advice = exit::of_machine(message).unwrap_or(Exit::INTERNAL.advice);
            (Exit::INTERNAL, None, message.clone(), advice.to_owned(), Vec::new())
        }
    };
    reporter.problem(&Problem { exit, stage, message, hint, causes });
    exit
}

/// The underlying causes of an error, without what its own message already says.
fn causes(error: &Error) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut source = std::error::Error::source(&error.cause);
    while let Some(error) = source {
        let text = error.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        source = error.source();
    }
    causes
}

/// A value that is used unchanged and not for messages.
fn text(given: Option<&Given>) -> Option<String> {
    given.map(|given| given.expose().to_owned())
}

/// Reads the text file that a flag names.
fn read_text(flag: &str, path: &Path, kind: Kind) -> Result<Zeroizing<String>, Failure> {
    let explain = |error| Failure::input(format!("{flag} {}: {error}", files::named(path)));
    files::read_text(path, kind).map_err(explain)
}
