//! `seeds WORLD`: runs seeds of a world until one fails, or repeats one.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

use std::{process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use seeds::{Search, World, lies::Lies, line::Line, once, runs::Runs, search};

/// Runs seeds of a world until one fails, or repeats one.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    world: Worlds,
    /// Run this seed alone, and show what happens.
    #[arg(long, global = true)]
    seed: Option<u64>,
    /// The first seed.
    #[arg(long, global = true, default_value_t = 0)]
    from: u64,
    /// How many seeds.
    #[arg(long, global = true, default_value_t = 1_000_000)]
    count: u64,
    /// Begin no seed after so many seconds.
    #[arg(long, global = true, value_name = "SECONDS")]
    within: Option<u64>,
}

#[derive(Subcommand)]
enum Worlds {
    /// One client and one device.
    Runs,
    /// Stations with a roster and a ledger.
    Line,
    /// A device that holds the secret and lies.
    Lies,
    /// Each of them in turn.
    All,
}

/// What `all` runs.
const ALL: &[Worlds] = &[Worlds::Runs, Worlds::Line, Worlds::Lies];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run(&arguments.world, &arguments)
}

fn run(world: &Worlds, arguments: &Arguments) -> ExitCode {
    match world {
        Worlds::Runs => work(&Runs, arguments),
        Worlds::Line => work(&Line, arguments),
        Worlds::Lies => work(&Lies, arguments),
        Worlds::All => {
            let mut ends = ALL.iter().map(|world| run(world, arguments));
            ends.find(|end| *end != ExitCode::SUCCESS).unwrap_or(ExitCode::SUCCESS)
        }
    }
}

fn work<W: World>(world: &W, arguments: &Arguments) -> ExitCode {
    if let Some(seed) = arguments.seed {
        return match once(world, seed) {
            Ok(transcript) => {
                print!("{transcript}");
                ExitCode::SUCCESS
            }
            Err(failure) => {
                eprintln!("{failure}");
                ExitCode::FAILURE
            }
        };
    }
    let report = search(
        world,
        Search {
            from: arguments.from,
            count: arguments.count,
            within: arguments.within.map(Duration::from_secs),
            twice_each: 100,
        },
    );
    let (ran, took) = (report.ran, report.took.as_secs_f64());
    println!("{}: {ran} seeds from {} in {took:.0} s", W::NAME, arguments.from);
    match report.failure {
        None => ExitCode::SUCCESS,
        Some(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
