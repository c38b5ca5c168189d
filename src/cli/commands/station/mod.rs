//! `esp-prov-rs station`: provisions units as their labels are scanned.

mod input;
mod units;

use std::{
    convert::Infallible,
    future::pending,
    io::{self, IsTerminal},
    ops::ControlFlow,
    path::Path,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use clap::{Args, ValueEnum};
use esp_prov_batch::{
    Arrival, Job,
    ledger::{Access, LedgerError, Period, Unit},
};
use esp_prov_input::files::Inputs;
use protocomm::Given;
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior, interval},
};

use self::{
    input::Input,
    units::{Refusal, Units},
};
use crate::{
    cli::{
        Failure,
        commands::batch::{self, args::WorkArgs},
        options::{duration, number},
    },
    exit::Exit,
    report::{Reporter, StationReporter},
};

/// The interval between drawings of a screen on which nothing happens.
const DRAW: Duration = Duration::from_millis(500);

/// Units as they are scanned.
#[derive(Args, Debug)]
#[command(
    args_override_self = true,
    after_help = "\
Each line of stdin is a label: what a QR code says, or the id or name of a unit on the roster. A \
scanner that types, a pipe and a serial scanner (--scanner) do the same. What the label leaves out, \
such as the network, is in the job file: TOML whose keys are flags, as in ssid = \"Line\".

On a terminal it fills the screen: PASS, FAIL or CHECK (it may have joined: look for it), the reason \
and what to do; a unit that is done is provisioned again if it is scanned twice in a row. Elsewhere \
it writes a line of JSON per event, as `batch --json` does. Ctrl-D, or the end of stdin, ends it once \
the units in work are done; Ctrl-C sooner. Started again, it knows all that the ledger knows.

Examples:
  At a bench, with a scanner that types:
    esp-prov-rs station --job line.toml --ledger line.ledger

  A serial scanner, several stations with one ledger, a label printer:
    esp-prov-rs station --job line.toml --ledger postgres://line@db/prov --scanner /dev/ttyACM0 \\
      --on-result ./print-label"
)]
pub struct StationArgs {
    /// Serial port of a scanner, which may be plugged in later [default: stdin]
    #[arg(long, value_name = "PORT")]
    pub scanner: Option<Given>,
    /// Baud rate of that port
    #[arg(long, value_name = "N", default_value_t = 9600, value_parser = number(1_u32..=u32::MAX), allow_negative_numbers = true)]
    pub scanner_baud: u32,
    /// Units that are not on the roster: take or refuse them [default: refuse if there is a roster]
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    pub unknown: Option<UnknownArg>,
    /// The counters on the screen begin with the results of this station in the last TIME
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = duration, allow_negative_numbers = true)]
    pub shift: Duration,
    /// How to work.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// What to do with units that are not on the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum UnknownArg {
    Take,
    Refuse,
}

impl StationArgs {
    fn takes_unknown(&self) -> bool {
        match self.unknown {
            Some(what) => what == UnknownArg::Take,
            None => self.work.roster.is_none(),
        }
    }
}

pub(super) fn run(
    args: &StationArgs,
    inputs: &Inputs,
    reporter: &Reporter,
) -> Result<Exit, Failure> {
    batch::on_all_cores(work(args, inputs, reporter))
}

async fn work(args: &StationArgs, inputs: &Inputs, reporter: &Reporter) -> Result<Exit, Failure> {
    let work = &args.work;
    if work.roster.is_none() && work.ledger.is_none() {
        let why =
            "--ledger is missing: give the file or the database for the results of the station";
        return Err(Failure::input(why));
    }
    let (units, roster) = Units::new(args, inputs, reporter)?;
    let location =
        batch::location(work.ledger.as_ref(), roster.as_deref().unwrap_or(Path::new("")))?;
    let interfaces = batch::interfaces(work);
    let (arrive, arrivals) = mpsc::channel(1);
    let job =
        Job { arrivals: Some(arrivals), ..batch::job(work, Vec::new(), &interfaces, reporter)? };
    let watcher = batch::watcher(work, &location, reporter)?;
    let ledger = batch::open(&location, job.station.clone(), Access::Work).await?;
    let explain = |error: LedgerError| Failure::Ledger(location.to_string(), error);
    if let Some(roster) = &roster {
        let advice = "choose another ledger with --ledger";
        let name = batch::check(ledger.as_ref(), &location, roster, Some(advice)).await?;
        if let Some(name) = name {
            ledger.add_roster(name).await.map_err(explain)?;
        }
    }
    let station = job.station.name.clone();
    let screen = Arc::new(watcher.at_station(&station, io::stdin().is_terminal()));
    let shift = Period { since: SystemTime::now().checked_sub(args.shift), until: None };
    let each = &mut |unit: Unit| {
        screen.recall(&unit);
        ControlFlow::Continue(())
    };
    ledger.each_unit(shift, each).await.map_err(explain)?;
    let (tell, heard) = mpsc::channel(16);
    match &args.scanner {
        Some(port) => {
            input::serial(port.expose().to_owned(), args.scanner_baud, tell.clone());
            if screen.has_keys() {
                input::keyboard(tell);
            }
        }
        None if screen.has_keys() => input::keyboard(tell),
        None => input::pipe(tell),
    }
    screen.enter();
    let watcher = Arc::clone(&screen);
    let working = batch::finish(job, ledger, &location, watcher, &interfaces, reporter);
    let mut unreadable = None;
    let summary = tokio::select! {
        summary = working => summary,
        never = read(heard, units, arrive, &screen, &mut unreadable) => match never {},
    };
    screen.leave();
    match (batch::ends_with(&summary?, work), unreadable) {
        (Exit::DONE, Some(why)) => Err(Failure::input(why)),
        (exit, _) => Ok(exit),
    }
}

/// Passes on the units that labels mean, and draws the screen. Does not end.
async fn read(
    mut inputs: mpsc::Receiver<Input>,
    units: Units<'_>,
    arrive: mpsc::Sender<Arrival>,
    screen: &StationReporter,
    unreadable: &mut Option<String>,
) -> Infallible {
    let mut draw = interval(DRAW);
    draw.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let input = drawn(screen, &mut draw, inputs.recv()).await;
        match input.unwrap_or(Input::End) {
            Input::Label(label) => match units.find(&label) {
                Ok(entry) => {
                    let again = screen.is_asked_about(&entry.id);
                    // Nobody takes it: the station ends.
                    let _ = drawn(screen, &mut draw, arrive.send(Arrival { entry, again })).await;
                }
                Err(Refusal { device, why, advice }) => {
                    screen.refused(device.as_deref(), &why, advice);
                }
            },
            Input::Typed(label) => screen.typed(&label),
            Input::ScannerLost(why) => screen.scanner(Some(&why)),
            Input::Unreadable(why) => {
                screen.scanner(Some(&why));
                *unreadable = Some(why);
            }
            Input::ScannerWorks => screen.scanner(None),
            Input::End => {
                screen.closing();
                drop(arrive);
                return drawn(screen, &mut draw, pending()).await;
            }
        }
    }
}

/// Draws the screen until this is done.
async fn drawn<T>(
    screen: &StationReporter,
    draw: &mut Interval,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = draw.tick() => screen.draw(),
        }
    }
}
