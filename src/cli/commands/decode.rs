//! `esp-prov-rs decode`: shows what went over the wire, from a trace, a capture, or pasted text.

use std::path::Path;

use clap::{Args, ValueEnum};
use esp_prov::exchange::{Body, ExchangeRecord};
use esp_prov_input::{
    files::{self, FileError, Kind},
    from_hex, text,
};
use esp_prov_trace::{self as trace, Head, Record, capture};
use protocomm::{
    Endpoint, Given,
    tree::{Direction, Message},
};
use zeroize::Zeroizing;

use crate::{
    cli::{Failure, options::SecretArg},
    exit::Exit,
    report::Reporter,
};

/// What to take apart.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  A trace, made with --trace:
    esp-prov-rs decode trace.jsonl

  A capture of Wireshark, tcpdump, btmon or Android, as far as it can be read without keys:
    esp-prov-rs decode hci.btsnoop

  Bytes out of a log:
    esp-prov-rs decode '52 03 a2 01 00' --endpoint prov-session --direction request

  A trace with secrets made into one for others:
    esp-prov-rs decode private.jsonl --json > safe.jsonl")]
pub struct DecodeArgs {
    /// Trace, capture or hexadecimal text, - for stdin; captures are pcap or pcapng of HTTP or
    /// Bluetooth HCI, btsnoop or PacketLogger
    #[arg(value_name = "INPUT", allow_hyphen_values = true)]
    pub input: SecretArg,
    /// Read hexadecimal input as a message of this endpoint, not encrypted
    #[arg(long, value_name = "NAME", requires = "direction")]
    pub endpoint: Option<Given>,
    /// request (to the device) or reply (from the device)
    #[arg(long, value_name = "WAY", hide_possible_values = true, requires = "endpoint")]
    pub direction: Option<DirectionArg>,
    /// Show passphrases, datasets and the messages of applications, where they can be read
    #[arg(long)]
    pub show_secrets: bool,
}

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum DirectionArg {
    Request,
    Reply,
}

pub(super) fn run(args: &DecodeArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    match (&args.endpoint, args.direction) {
        (Some(endpoint), Some(direction)) => pasted(args, endpoint.expose(), direction, reporter),
        _ => file(args, reporter),
    }
}

fn head(secrets: bool) -> Head {
    Head::new("", secrets)
}

fn file(args: &DecodeArgs, reporter: &Reporter) -> Result<Exit, Failure> {
    let given = args.input.expose();
    let name = files::named(Path::new(given));
    if given.len() > 3
        && given.chars().all(|char| char.is_ascii_hexdigit() || " :,".contains(char))
        && !Path::new(given).exists()
    {
        // The input is not shown, since it may contain a secret.
        return Err(Failure::input(
            "INPUT: no such file; hexadecimal text needs --endpoint and --direction",
        ));
    }
    let bytes = read(given).map_err(|error| {
        let takes = if given == "-" || Path::new(given).exists() {
            ""
        } else {
            "; INPUT is a trace (--trace makes one), a capture, or, with --endpoint and \
             --direction, hexadecimal text"
        };
        Failure::input(format!("{name}: {error}{takes}"))
    })?;
    let explain = |error: &dyn std::fmt::Display| Failure::input(format!("{name}: {error}"));
    if bytes.is_empty() {
        return Err(explain(&"is empty"));
    }
    let (head, records, notes) = if capture::is_capture(&bytes) {
        let capture = capture::read(&bytes, args.show_secrets).map_err(|error| explain(&error))?;
        (head(args.show_secrets), capture.exchanges, capture.notes)
    } else if text::to_utf8(&bytes).trim_ascii_start().starts_with(b"{") {
        let trace = trace::read(&bytes).map_err(|error| explain(&error))?;
        let note = trace.cut_off.map(|line| {
            format!(
                "line {line} is cut off and was skipped: the trace is still being written, or \
                     its writer was killed"
            )
        });
        let records = trace.records.iter().map(|(_, record)| record.retold(args.show_secrets));
        let mut head = trace.head.clone();
        head.secrets &= args.show_secrets;
        (head, records.collect(), Vec::from_iter(note))
    } else if let Some(packed) = capture::packed(&bytes) {
        return Err(explain(&packed));
    } else {
        return Err(explain(
            &"neither a trace, nor pcap, pcapng, btsnoop or PacketLogger; for hexadecimal text give --endpoint \
              and --direction",
        ));
    };
    reporter.exchanges(&head, &records);
    for note in &notes {
        reporter.note(note);
    }
    if records.is_empty() {
        reporter.note("no provisioning exchanges found");
    }
    Ok(Exit::DONE)
}

fn pasted(
    args: &DecodeArgs,
    name: &str,
    direction: DirectionArg,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let (direction, word) = match direction {
        DirectionArg::Request => (Direction::Request, "request"),
        DirectionArg::Reply => (Direction::Reply, "reply"),
    };
    let message = Message::of(name, direction);
    if message.is_none() && name != Endpoint::VERSION.as_str() {
        return Err(Failure::input(
            "--endpoint: no schema for this endpoint; those known are proto-ver, prov-session, \
             prov-config, \
             prov-scan, prov-ctrl and custom-config",
        ));
    }
    let text = match args.input.expose() {
        "-" => files::read_text("-".as_ref(), Kind::Recording)
            .map_err(|error| Failure::input(format!("stdin: {error}")))?,
        text => Zeroizing::new(text.to_owned()),
    };
    let bytes = from_hex(&text).map_err(|error| Failure::input(format!("INPUT: {error}")))?;
    let body = Some(Body::in_clear(&bytes));
    let is_request = direction == Direction::Request;
    let tapped = ExchangeRecord {
        endpoint: name,
        request: body.filter(|_| is_request),
        reply: body.filter(|_| !is_request),
        failure: None,
        before: None,
        after: None,
        took: None,
        scheme: None,
        credentials: None,
        repeats_nonce: false,
        is_public: false,
    };
    let record: Record = trace::record(1, &tapped, args.show_secrets);
    reporter.exchanges(&head(args.show_secrets), &[record]);
    match message.map(|message| message.read(&bytes)) {
        Some(tree) if tree.trouble().is_some() => {
            let trouble = tree.trouble().map(ToString::to_string).unwrap_or_default();
            Err(Failure::input(format!("INPUT: no {word} of {name}: {trouble}")))
        }
        _ => Ok(Exit::DONE),
    }
}

fn read(name: &str) -> Result<Zeroizing<Vec<u8>>, FileError> {
    files::read(name.as_ref(), Kind::Recording)
}
