//! The command line: parse, make one library call, print the failure, choose the exit code.

pub mod args;
mod compat;
mod credentials;
pub mod exit;
mod plan;
mod prompt;
mod secrets;
mod simulate;

use std::{
    future::Future,
    io::{self, Write},
    process::ExitCode,
    sync::atomic::Ordering,
};

use clap::{
    CommandFactory, Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};

use self::{
    args::{Cli, Color, Command, DeviceArgs, OutputArgs, ProvisionArgs, ScanArgs, Script},
    exit::Exit,
    prompt::{Chosen, Terminal},
};
use crate::{
    error::{Cause, Error, Stage},
    event::Outcome,
    plan::Security,
    provision::{Control, Target, control, provision, scan},
    report::{self, Problem, Reporter, Style},
    scan::Scan,
};

/// Why the command ends without success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something the user gave.
    Input(String),
    /// The run.
    Run(Error),
    /// Ctrl-C.
    Interrupted,
    /// Nothing the user did.
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
    let cli = match Cli::try_parse_from(compat::expand(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => return usage(error),
    };
    let reporter = Reporter::new(&style(&cli.output));
    let result = match cli.command {
        None => provision_command(&cli.provision, &cli.output, &reporter),
        Some(Command::Provision(args)) => provision_command(&args, &cli.output, &reporter),
        Some(Command::Scan(args)) => scan_command(&args, &cli.output, &reporter),
        Some(Command::Reset(args)) => {
            control_command(&args, Control::Reset, &cli.output, &reporter)
        }
        Some(Command::Reprovision(args)) => {
            control_command(&args, Control::Reprovision, &cli.output, &reporter)
        }
        Some(Command::Sec2Credentials(args)) => credentials::run(&args, &cli.output),
        Some(Command::Simulate(args)) => simulate::run(&args, &reporter),
        Some(Command::Completions { shell }) => {
            report::raw(&script(shell));
            Ok(Exit::DONE)
        }
    };
    let exit = result.unwrap_or_else(|failure| tell(&reporter, &failure));
    exit.to_exit_code()
}

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
    for sub in command.get_subcommands().filter(|sub| sub.get_name() == "simulate") {
        let mut flags = Vec::new();
        let man = clap_mangen::Man::new(sub.clone());
        man.render_options_section(&mut flags)?;
        man.render_extra_section(&mut flags)?;
        let flags = String::from_utf8_lossy(&flags).replace(".SH ", ".SS ");
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        write!(page, ".SH ESP\\-PROV\\-RS SIMULATE\n{about}\n{flags}")?;
    }
    Ok(())
}

fn style(args: &OutputArgs) -> Style {
    Style {
        verbosity: if args.quiet { -1 } else { args.verbose.min(3).cast_signed() },
        json: args.json,
        color: match args.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        },
    }
}

/// Help and version on stdout; errors on stderr, where a stray word is not repeated: it is mostly
/// the rest of a secret that was not quoted.
fn usage(error: clap::Error) -> ExitCode {
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
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { Exit::USAGE.code } else { Exit::DONE.code })
}

fn provision_command(
    args: &ProvisionArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    if args.device.later.sec2_gen_cred && args.device.sec_ver == Some(2) {
        return credentials::run_as_esp_prov(&args.device, output);
    }
    if args.reset {
        return control_command(&args.device, Control::Reset, output, reporter);
    }
    if args.reprov {
        return control_command(&args.device, Control::Reprovision, output, reporter);
    }
    let terminal =
        Terminal::new(prompt::possible(output.no_input), plan::username(&args.device.login)?);
    let (address, connect) = plan::target(&args.device)?;
    let target = Target { address, connect: connect.as_ref() };
    let choose = |security: &Security| {
        let how = Scan::for_address(&target.address);
        let policy = plan::policy(&args.device.policy);
        let work = || scan(&target, how, security, &policy, &terminal, reporter);
        choose_network(|| wait(&terminal, reporter, work()))
    };
    let plan = plan::plan(args, terminal.present, reporter, choose)?;
    run(&terminal, reporter, provision(&target, &plan, &terminal, reporter))
}

/// Lets the person choose from what the device sees, as often as they want it to look.
fn choose_network(look: impl Fn() -> Result<Outcome, Failure>) -> Result<Chosen, Failure> {
    loop {
        match look() {
            Ok(Outcome::Scanned { networks }) => {
                if let Some(chosen) = prompt::network(&networks)? {
                    return Ok(chosen);
                }
            }
            // Old firmware can't look.
            Err(Failure::Run(Error { stage: Stage::Scan, cause: Cause::Transport(_) })) | Ok(_) => {
                return prompt::named_by_hand();
            }
            Err(failure) => return Err(failure),
        }
    }
}

fn scan_command(
    args: &ScanArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let username = plan::username(&args.device.login)?;
    let terminal = Terminal::new(prompt::possible(output.no_input), username);
    let security = plan::security(&args.device)?;
    let policy = plan::policy(&args.device.policy);
    let (address, connect) = plan::target(&args.device)?;
    let how = plan::scan(args, &address);
    let target = Target { address, connect: connect.as_ref() };
    run(&terminal, reporter, scan(&target, how, &security, &policy, &terminal, reporter))
}

fn control_command(
    args: &DeviceArgs,
    command: Control,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let terminal = Terminal::new(prompt::possible(output.no_input), plan::username(&args.login)?);
    let security = plan::security(args)?;
    let policy = plan::policy(&args.policy);
    let (address, connect) = plan::target(args)?;
    let target = Target { address, connect: connect.as_ref() };
    let work = control(&target, command, &security, &policy, &terminal, reporter);
    run(&terminal, reporter, work)
}

/// Runs to the end or to Ctrl-C, and tells how it ended.
fn run(
    terminal: &Terminal,
    reporter: &Reporter,
    work: impl Future<Output = Result<Outcome, Error>>,
) -> Result<Exit, Failure> {
    let outcome = wait(terminal, reporter, work)?;
    let exit = exit::of_outcome(&outcome);
    reporter.outcome(&outcome, exit);
    Ok(exit)
}

/// Runs to the end or to Ctrl-C; dropping the run closes its link.
fn wait(
    terminal: &Terminal,
    reporter: &Reporter,
    work: impl Future<Output = Result<Outcome, Error>>,
) -> Result<Outcome, Failure> {
    let result = block_on(async {
        tokio::select! {
            biased;
            () = interrupted() => {
                prompt::abandon();
                Err(Failure::Interrupted)
            }
            outcome = work => match outcome {
                Err(_) if terminal.interrupted.load(Ordering::Relaxed) => Err(Failure::Interrupted),
                outcome => outcome.map_err(Failure::from),
            },
        }
    });
    reporter.rest();
    result
}

fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Internal(format!("no runtime: {error}")))?;
    let result = runtime.block_on(work);
    // A question that nobody answers any more must not hold us up.
    runtime.shutdown_background();
    result
}

/// Returns at the first Ctrl-C or SIGTERM; never, where signals can't be had.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut int), Ok(mut term)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        {
            tokio::select! { _ = int.recv() => {}, _ = term.recv() => {} }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn tell(reporter: &Reporter, failure: &Failure) -> Exit {
    let (exit, stage, message, hint, causes) = match failure {
        Failure::Input(message) => (Exit::INPUT, None, message.clone(), String::new(), Vec::new()),
        Failure::Run(error) => {
            let (exit, hint) = exit::of_error(error);
            (exit, Some(error.stage), error.to_string(), hint, causes(error))
        }
        Failure::Interrupted => {
            let message = format!("interrupted; {}", reporter.state_of_device());
            (Exit::INTERRUPTED, None, message, String::new(), Vec::new())
        }
        Failure::Internal(message) => {
            let advice = Exit::INTERNAL.advice.to_owned();
            (Exit::INTERNAL, None, message.clone(), advice, Vec::new())
        }
    };
    reporter.problem(&Problem { exit, stage, message, hint, causes });
    exit
}

/// What lies below an error, without what its own message already says.
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

/// Reads a text file a flag names.
fn read_text(flag: &str, path: &std::path::Path) -> Result<String, Failure> {
    let explain = |error: io::Error| Failure::input(format!("{flag} {}: {error}", path.display()));
    std::fs::read_to_string(path).map_err(explain)
}
