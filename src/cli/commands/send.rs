//! `esp-prov-rs send`: sends messages to an endpoint, and prints the replies.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueEnum, value_parser};
use esp_prov::{Message, Outcome, Reply};
use esp_prov_input::{
    files::{self, Kind},
    from_hex,
};
use protocomm::{Endpoint, Given, InvalidEndpoint};

use crate::{
    cli::{
        Failure,
        options::{DeviceArgs, OutputArgs, SecretArg},
        setup::Setup,
    },
    exit::Exit,
    report::{self, Reporter},
};

/// Messages for an endpoint.
#[derive(Args, Debug)]
#[command(after_help = "\
Each --utf8, --hex and --file is one message; all go through one session, in the order given.

Examples:
  One message, its reply as text:
    esp-prov-rs send custom-data --utf8 hello --pop abcd1234

  Two messages to two endpoints, replies in hexadecimal:
    esp-prov-rs send custom-data --hex 0102 --to other --file blob.bin --reply hex

  What the device says about itself, outside any session:
    esp-prov-rs send proto-ver --utf8 none")]
pub struct SendArgs {
    /// The endpoint's name, e.g. custom-data
    #[arg(value_name = "ENDPOINT", help_heading = "Message")]
    pub endpoint: Given,
    /// What to send, in order.
    #[command(flatten)]
    pub messages: Messages,
    /// Send without a session, unencrypted; proto-ver and prov-session always are
    #[arg(long, help_heading = "Message")]
    pub plain: bool,
    /// How to print replies: text, hex or raw; auto prints text if it is printable, else hex
    #[arg(
        long,
        value_name = "FORM",
        default_value = "auto",
        hide_possible_values = true,
        help_heading = "Message"
    )]
    pub reply: ReplyForm,
    /// Write the raw reply to a file, readable only by its owner, instead of printing it
    #[arg(long, value_name = "FILE", conflicts_with = "reply", help_heading = "Message")]
    pub output: Option<PathBuf>,
    /// Which device.
    #[command(flatten)]
    pub device: DeviceArgs,
}

/// Forms of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum ReplyForm {
    Auto,
    Text,
    Hex,
    Raw,
}

pub(super) fn run(
    args: &SendArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let messages = messages(args)?;
    if args.output.is_some() && messages.len() > 1 {
        return Err(Failure::input("--output takes the reply to one message only"));
    }
    let setup = Setup::new(&args.device, output, reporter)?;
    let outcome = setup.wait(setup.provisioner().send(&messages))?;
    if let Outcome::Sent { replies } = outcome {
        show(args, output, &replies)?;
    }
    Ok(Exit::DONE)
}

fn show(args: &SendArgs, output: &OutputArgs, replies: &[Reply]) -> Result<(), Failure> {
    if let (Some(path), [reply]) = (&args.output, replies) {
        return files::write_private(path, &reply.bytes)
            .map_err(|error| Failure::input(format!("--output {}: {error}", files::named(path))));
    }
    if output.json {
        return Ok(());
    }
    for reply in replies {
        let printable = !reply.text.contains(|char: char| {
            (char.is_control() && !char.is_whitespace()) || char == char::REPLACEMENT_CHARACTER
        });
        match args.reply {
            ReplyForm::Raw => report::raw(&reply.bytes),
            ReplyForm::Auto if !printable => report::text(&hex::encode(&reply.bytes)),
            ReplyForm::Auto | ReplyForm::Text => report::text(&reply.text),
            ReplyForm::Hex => report::text(&hex::encode(&reply.bytes)),
        }
    }
    Ok(())
}

fn messages(args: &SendArgs) -> Result<Vec<Message>, Failure> {
    let mut to = &args.endpoint;
    let mut messages = Vec::new();
    let mut parts = args.messages.0.iter().peekable();
    while let Some(part) = parts.next() {
        let body = match part {
            Part::To(_) if parts.peek().is_none_or(|next| matches!(next, Part::To(_))) => {
                return Err(Failure::input("--to: no message follows it"));
            }
            Part::To(other) => {
                to = other;
                continue;
            }
            Part::Utf8(text) => text.expose().as_bytes().to_vec(),
            Part::Hex(text) => from_hex(text.expose())
                .map_err(|error| Failure::input(format!("--hex: {error}")))?
                .to_vec(),
            Part::File(path) => read(path)?,
        };
        if body.is_empty() {
            return Err(Failure::input(format!(
                "{}: empty, and no firmware answers an empty message",
                part.flag()
            )));
        }
        messages.push(Message { endpoint: endpoint(to)?, body, plain: args.plain });
    }
    if messages.is_empty() {
        return Err(Failure::input("nothing to send: give --utf8, --hex, --file, or - for stdin"));
    }
    Ok(messages)
}

pub(super) fn endpoint(name: &Given) -> Result<Endpoint, Failure> {
    name.expose().parse().map_err(|error: InvalidEndpoint| Failure::input(error.to_string()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let explain = |error| Failure::input(format!("--file {}: {error}", files::named(path)));
    files::read(path, Kind::Message).map(|bytes| bytes.to_vec()).map_err(explain)
}

/// The messages of a command line in their order, which a derived parser would lose.
#[derive(Debug)]
pub struct Messages(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Utf8(SecretArg),
    Hex(SecretArg),
    File(PathBuf),
    To(Given),
}

impl Part {
    fn flag(&self) -> &'static str {
        match self {
            Self::Utf8(_) => "--utf8",
            Self::Hex(_) => "--hex",
            Self::File(_) => "--file",
            Self::To(_) => "--to",
        }
    }
}

impl Args for Messages {
    fn augment_args(command: Command) -> Command {
        let flag = |id: &'static str| {
            Arg::new(id).long(id).action(ArgAction::Append).help_heading("Message")
        };
        command
            .arg(
                flag("utf8")
                    .value_name("TEXT")
                    .allow_hyphen_values(true)
                    .value_parser(value_parser!(SecretArg))
                    .help("Send this text"),
            )
            .arg(
                flag("hex")
                    .value_name("HEX")
                    .value_parser(value_parser!(SecretArg))
                    .help("Send these bytes"),
            )
            .arg(
                flag("file")
                    .value_name("FILE")
                    .value_parser(value_parser!(PathBuf))
                    .help("Send the content of this file, - for stdin"),
            )
            .arg(
                flag("to")
                    .value_name("ENDPOINT")
                    .value_parser(value_parser!(Given))
                    .help("Send the messages that follow to this endpoint instead"),
            )
            .arg(
                Arg::new("stdin")
                    .value_name("-")
                    .value_parser(["-"])
                    .hide_possible_values(true)
                    .help_heading("Message")
                    .help("Send stdin"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Messages {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut parts: Vec<(usize, Part)> = Vec::new();
        collect(matches, "utf8", Part::Utf8, &mut parts);
        collect(matches, "hex", Part::Hex, &mut parts);
        collect(matches, "file", Part::File, &mut parts);
        collect(matches, "to", Part::To, &mut parts);
        collect(matches, "stdin", |dash: String| Part::File(dash.into()), &mut parts);
        parts.sort_by_key(|(index, _)| *index);
        Ok(Self(parts.into_iter().map(|(_, part)| part).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn collect<T: Clone + Send + Sync + 'static>(
    matches: &ArgMatches,
    id: &str,
    part: impl Fn(T) -> Part,
    parts: &mut Vec<(usize, Part)>,
) {
    let values = matches.get_many::<T>(id).unwrap_or_default();
    let indices = matches.indices_of(id).into_iter().flatten();
    parts.extend(indices.zip(values).map(|(index, value)| (index, part(value.clone()))));
}
