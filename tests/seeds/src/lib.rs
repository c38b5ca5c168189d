//! Whole runs drawn from seeds, on a paused clock: the same seed gives the same transcript.
//!
//! ```text
//!  seed ──▶ World::draw ──▶ a scenario ──▶ World::run ──▶ a transcript, or a Violation
//!                               ▲                              │
//!                               └── World::smaller ◀───────────┘  until nothing smaller fails
//! ```
//!
//! A [`World`] is a kind of scenario. [`search`] runs a range of seeds on all processors and stops
//! at the first violation, which it makes smaller and shows with the command that repeats it.

pub mod ledger;
pub mod lies;
pub mod line;
pub mod runs;
mod search;

use std::fmt;

pub use self::search::{Failure, Report, Search, once, search};

/// A kind of scenario that seeds are drawn into.
pub trait World: Sync {
    /// All that is drawn from a seed, before anything runs. What it shows is what a person reads
    /// of a failing seed.
    type Scenario: Clone + fmt::Debug + Send;

    /// Its name on the command line of `seeds`.
    const NAME: &'static str;

    /// Draws a scenario. Every choice comes from the seed.
    fn draw(&self, seed: u64) -> Self::Scenario;

    /// Runs it and checks the invariants at every step.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    fn run(&self, scenario: &Self::Scenario) -> Result<Transcript, Violation>;

    /// Scenarios that are a little smaller: a fault less, a device less, a shorter plan. The most
    /// promising first; none for one that is as small as can be.
    fn smaller(&self, scenario: &Self::Scenario) -> Vec<Self::Scenario>;
}

/// What happened, a line a step, without anything that differs from run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript(pub Vec<String>);

impl Transcript {
    /// Adds a line.
    pub fn push(&mut self, line: impl Into<String>) {
        self.0.push(line.into());
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// An invariant that does not hold, and what happened before that.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What was promised, a short name that is kept while a scenario is made smaller.
    pub invariant: &'static str,
    /// What was seen instead.
    pub seen: String,
    /// What happened until then.
    pub transcript: Transcript,
}
