//! `esp-prov-rs qr`: prints the QR code of a label as text, on the terminal, or as PNG or SVG.

use std::{
    fmt::Write,
    io::Cursor,
    path::{Path, PathBuf},
};

use anstyle::{Ansi256Color, Style};
use clap::{Args, ValueEnum};
use esp_prov::{Stage, shown::Json};
use esp_prov_input::files;
use image::{GrayImage, ImageFormat, Luma};
use protocomm::{Given, Label, LabelTransport, NetworkKind, ProofOfPossession, Ssid, Username};
use qrcodegen::QrCode;

use crate::{
    cli::{
        Failure, label,
        options::{LoginArgs, OutputArgs, SecretArg},
        plan,
        qr_drawing::{QUIET, code, for_xml, modules},
        secrets::Doubts,
        text,
    },
    exit::Exit,
    report::{self, Reporter},
};

/// The width of a module in a PNG, in pixels.
const SCALE: u32 = 8;

/// A QR code. It holds the secret, which is what it is for.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  What a label says:
    esp-prov-rs qr --qr label.jpg --format text

  A label for the printer, its secret from the environment:
    ESP_PROV_POP=… esp-prov-rs qr --name PROV_1234 --transport ble --output label.svg

For many devices, see `esp-prov-rs secrets`.")]
pub struct QrArgs {
    /// A QR code to start from: its text, or a file with the text or a picture of it
    #[arg(long, value_name = "TEXT|FILE", allow_hyphen_values = true)]
    pub qr: Option<SecretArg>,
    /// Name of the device: its BLE name or the name of its access point
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub name: Option<Given>,
    /// Transport of the device: softap or ble
    #[arg(long, value_name = "TRANSPORT", ignore_case = true, hide_possible_values = true)]
    pub transport: Option<LabelTransportArg>,
    /// Kind of network it takes: wifi or thread; most firmware leaves it out
    #[arg(long, value_name = "KIND", ignore_case = true, hide_possible_values = true)]
    pub network: Option<NetworkArg>,
    /// Proof of possession, if the device has one; visible to other users of this machine, so prefer a
    /// file or the environment (ESP_PROV_POP)
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        conflicts_with_all = ["pop_file", "sec2_username", "sec2_pwd", "sec2_pwd_file"]
    )]
    pub pop: Option<SecretArg>,
    /// File with the proof of possession, - for stdin; trailing newlines are ignored
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["sec2_username", "sec2_pwd", "sec2_pwd_file"]
    )]
    pub pop_file: Option<PathBuf>,
    /// For security 2.
    #[command(flatten)]
    pub login: LoginArgs,
    /// text or link for the content of the code; terminal, png or svg for the code itself [default:
    /// by the extension of --output; text and terminal on a terminal; else text]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<QrFormat>,
    /// File to write, readable only by its owner; - for stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Transports of a label.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(missing_docs)]
pub enum LabelTransportArg {
    #[value(name = "softap", aliases = ["httpd", "http"])]
    SoftAp,
    Ble,
}

impl From<LabelTransportArg> for LabelTransport {
    fn from(transport: LabelTransportArg) -> Self {
        match transport {
            LabelTransportArg::SoftAp => Self::SoftAp,
            LabelTransportArg::Ble => Self::Ble,
        }
    }
}

/// Networks of a label.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(missing_docs)]
pub enum NetworkArg {
    Wifi,
    Thread,
}

impl From<NetworkArg> for NetworkKind {
    fn from(network: NetworkArg) -> Self {
        match network {
            NetworkArg::Wifi => Self::Wifi,
            NetworkArg::Thread => Self::Thread,
        }
    }
}

/// Forms of a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum QrFormat {
    Text,
    Link,
    Terminal,
    Png,
    Svg,
}

pub(super) fn run(
    args: &QrArgs,
    output: &OutputArgs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    let doubts = Doubts { observer: reporter, deny_warnings: false };
    let label = merged(args, doubts)?;
    let file = args.output.as_deref().filter(|path| *path != Path::new("-"));
    let ending = file.and_then(|path| path.extension()).and_then(|ending| ending.to_str());
    let on_terminal = args.output.is_none() && report::is_terminal();
    let format = match (args.format, ending) {
        (Some(format), _) => format,
        (None, Some("png")) => QrFormat::Png,
        (None, Some("svg")) => QrFormat::Svg,
        (None, None | Some("txt" | "json")) => QrFormat::Text,
        (None, Some(_)) => {
            return Err(Failure::input(
                "--output: unknown extension; use .png, .svg or .txt, or give --format",
            ));
        }
    };
    let json = label.to_json();
    let mut bytes = match format {
        QrFormat::Text => Json::of_text(&json).as_bytes().to_vec(),
        QrFormat::Link => format!("{}\n", label.to_link().as_str()).into_bytes(),
        QrFormat::Terminal => on_screen(&code(&json)?, has_colors(output)).into_bytes(),
        QrFormat::Svg => svg(&code(&json)?, &label.name).into_bytes(),
        QrFormat::Png if on_terminal => {
            return Err(Failure::input(
                "--output is missing: refusing to write a PNG to a \
                                       terminal",
            ));
        }
        QrFormat::Png => png(&code(&json)?)?,
    };
    if on_terminal && args.format.is_none() {
        bytes.extend(on_screen(&code(&json)?, has_colors(output)).into_bytes());
    }
    match file {
        None => report::raw(&bytes),
        Some(path) => files::write_private(path, &bytes)
            .map_err(|error| Failure::input(format!("--output {}: {error}", files::named(path))))?,
    }
    Ok(Exit::DONE)
}

/// The label from `--qr`, with what the flags override.
fn merged(args: &QrArgs, doubts: Doubts<'_>) -> Result<Label, Failure> {
    let base = args.qr.as_ref().map(label::read).transpose()?;
    let missing = |what| Failure::input(format!("{what} is missing: give it, or a code with --qr"));
    let name = text(args.name.as_ref()).or(base.as_ref().map(|label| label.name.clone()));
    let name = name.ok_or_else(|| missing("--name"))?;
    let transport = match args.transport {
        Some(transport) => transport.into(),
        None => base.as_ref().ok_or_else(|| missing("--transport"))?.transport,
    };
    if name.is_empty() {
        return Err(Failure::input("--name: is empty"));
    }
    if let Err(error) = Ssid::new(name.as_str())
        && transport == LabelTransport::SoftAp
    {
        return Err(Failure::input(format!("--name: it is the name of an access point; {error}")));
    }
    let network = args.network.map(NetworkKind::from);
    let (username, pop) = secrets(args, base.as_ref(), doubts)?;
    let mut label = base.unwrap_or_else(|| Label::new(name.as_str(), transport));
    (label.name, label.transport) = (name, transport);
    (label.username, label.pop) = (username, pop);
    label.network = network.or(label.network);
    Ok(label)
}

/// The user name, and the secret: the proof of possession, or the password of security 2. Flags
/// override the code, and the code overrides the environment.
fn secrets(
    args: &QrArgs,
    base: Option<&Label>,
    doubts: Doubts<'_>,
) -> Result<(Option<Username>, Option<ProofOfPossession>), Failure> {
    let login = &args.login;
    let types_pop = args.pop.is_some() || args.pop_file.is_some();
    let types_password = login.sec2_pwd.is_some() || login.sec2_pwd_file.is_some();
    let username = match base.and_then(|label| label.username.clone()) {
        _ if types_pop => None,
        Some(name) if login.sec2_username.is_none() => Some(name),
        _ if base.is_some() && login.sec2_username.is_none() => None,
        _ => plan::username(login, Some(doubts))?,
    };
    if types_password && username.is_none() {
        return Err(Failure::input(
            "--sec2-username is missing: a login needs a user name and a \
                                   password",
        ));
    }
    if let Some(base) = base
        && !types_pop
        && !types_password
    {
        return Ok((username, base.pop.clone()));
    }
    let sources = match username {
        Some(_) => plan::password_sources(login),
        None => plan::pop(args.pop.as_ref(), args.pop_file.as_deref()),
    };
    let found = sources.read()?.map(|found| found.typed(Stage::Handshake, doubts)).transpose()?;
    let secret = found.map(|found| ProofOfPossession::from(found.text));
    if username.is_some() && secret.is_none() {
        return Err(Failure::input(
            "--sec2-pwd is missing: give it, or --sec2-pwd-file or ESP_PROV_SEC2_PWD",
        ));
    }
    Ok((username, secret))
}

/// Whether to use colours. The two colours of a code are its content, not decoration. On a terminal
/// they are used with `NO_COLOR`, too, since otherwise the code could be read only on a dark
/// background.
fn has_colors(output: &OutputArgs) -> bool {
    let color = output.color.choice();
    let is_wanted = color != anstream::ColorChoice::Never;
    report::has_colors(color) || is_wanted && report::is_terminal() && report::knows_escapes()
}

/// Draws a code for a terminal, with two modules in a character, black on white whatever the
/// terminal's colours are. Without colours, the characters are the light modules, as on a dark
/// terminal.
fn on_screen(code: &QrCode, has_colors: bool) -> String {
    let (black, white) = (Ansi256Color(16), Ansi256Color(231));
    let paint = Style::new().fg_color(Some(white.into())).bg_color(Some(black.into()));
    let mut text = String::new();
    for y in (-QUIET..code.size() + QUIET).step_by(2) {
        let line = (-QUIET..code.size() + QUIET).map(|x| {
            match (is_light(code, x, y), is_light(code, x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            }
        });
        let line: String = line.collect();
        let written = if has_colors {
            writeln!(text, "{paint}{line}{paint:#}")
        } else {
            writeln!(text, "{line}")
        };
        // Writing to a string can't fail.
        let _ = written;
    }
    text
}

fn is_light(code: &QrCode, x: i32, y: i32) -> bool {
    // Outside the code it is light, up to the end of the quiet zone.
    y < code.size() + QUIET && !code.get_module(x, y)
}

/// The width of a module on paper, in tenths of a millimetre: enough for a phone close to it.
const MODULE: i32 = 5;

/// Draws a code as SVG with a size for print, and the name of the device below it.
fn svg(code: &QrCode, name: &str) -> String {
    let (side, path) = (code.size() + 2 * QUIET, modules(code));
    // The letters of a monospaced font are 0.6 times as wide as they are high.
    let letters = i32::try_from(name.chars().count()).unwrap_or(i32::MAX).max(1);
    let letter = (code.size() * 100 / letters).min(240) * 10 / 6;
    let height = side + 4;
    let millimetres =
        |modules: i32| format!("{}.{}mm", modules * MODULE / 10, modules * MODULE % 10);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" \
         viewBox=\"0 0 {side} {height}\">\n<rect width=\"100%\" height=\"100%\" \
         fill=\"#fff\"/>\n{path}\n\
         <text x=\"{}.{}\" y=\"{}\" font-family=\"monospace\" font-size=\"{}.{:02}\" \
         text-anchor=\"middle\">{}</text>\n</svg>\n",
        millimetres(side),
        millimetres(height),
        side / 2,
        side % 2 * 5,
        side + 1,
        letter / 100,
        letter % 100,
        for_xml(name)
    )
}

fn png(code: &QrCode) -> Result<Vec<u8>, Failure> {
    let side = u32::try_from(code.size() + 2 * QUIET).unwrap_or_default() * SCALE;
    let module = |pixel: u32| i32::try_from(pixel / SCALE).unwrap_or_default() - QUIET;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        Luma([if code.get_module(module(x), module(y)) { 0 } else { 255 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(|error| Failure::Internal(format!("no PNG: {error}")))?;
    Ok(bytes.into_inner())
}
