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

mod keystreams;
pub mod ledger;
pub mod lies;
pub mod line;
pub mod runs;
mod search;

use std::{convert::Infallible, fmt, future::Future};

use protocomm::rand_core::{TryCryptoRng, TryRng};

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

/// Runs a scenario to its end, on a clock that goes on when everybody waits.
fn on_paused_clock<T>(scenario: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without IO");
    runtime.block_on(scenario)
}

/// Randomness that comes again.
struct Seeded(fastrand::Rng);

impl Seeded {
    fn of(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.u32(..))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.u64(..))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

/// Collects scenarios that are a little smaller than one.
struct Smaller<'a, S> {
    than: &'a S,
    all: Vec<S>,
}

impl<'a, S: Clone> Smaller<'a, S> {
    fn than(than: &'a S) -> Self {
        Self { than, all: Vec::new() }
    }

    fn with(&mut self, change: impl FnOnce(&mut S)) {
        let mut one = self.than.clone();
        change(&mut one);
        self.all.push(one);
    }

    /// One for each member of a list, which has all others.
    fn without_each<T>(&mut self, list: impl Fn(&mut S) -> &mut Vec<T>) {
        for at in 0..list(&mut self.than.clone()).len() {
            self.with(|one| {
                list(one).remove(at);
            });
        }
    }
}
