//! Looks through seeds, and makes what fails smaller.

use std::{
    fmt,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{Transcript, Violation, World};

/// Which seeds, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// The first seed.
    pub from: u64,
    /// How many.
    pub count: u64,
    /// No new seed after this.
    pub within: Option<Duration>,
    /// Every so many seeds, one is run twice and its transcripts are compared.
    pub twice_each: u64,
}

/// What a search came to.
#[derive(Debug)]
pub struct Report<S> {
    /// How many seeds were run. They are the first ones: none is left out.
    pub ran: u64,
    /// How long it took.
    pub took: Duration,
    /// The first seed that failed, made smaller.
    pub failure: Option<Failure<S>>,
}

/// A seed that fails.
#[derive(Debug)]
pub struct Failure<S> {
    /// The seed.
    pub seed: u64,
    /// The smallest scenario found that fails alike.
    pub scenario: S,
    /// How.
    pub violation: Violation,
    /// The command that repeats it.
    pub command: String,
}

impl<S: fmt::Debug> fmt::Display for Failure<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { invariant, seen, transcript } = &self.violation;
        writeln!(f, "{transcript}")?;
        writeln!(f, "seed {}: {invariant}: {seen}", self.seed)?;
        writeln!(f, "the smallest that fails alike: {:#?}", self.scenario)?;
        write!(f, "repeat it: {}", self.command)
    }
}

/// How many smaller scenarios are tried for one failure.
const ATTEMPTS: usize = 2_000;

/// Runs seeds on all processors, until one fails.
pub fn search<W: World>(world: &W, search: Search) -> Report<W::Scenario> {
    let began = Instant::now();
    let next = AtomicU64::new(0);
    let ran = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let first: Mutex<Option<(u64, Violation)>> = Mutex::new(None);
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed)
                    && search.within.is_none_or(|within| began.elapsed() < within)
                {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= search.count {
                        break;
                    }
                    let seed = search.from + index;
                    let is_checked = index.is_multiple_of(search.twice_each.max(1));
                    ran.fetch_add(1, Ordering::Relaxed);
                    if let Some(violation) = fails(world, &world.draw(seed), is_checked) {
                        stop.store(true, Ordering::Relaxed);
                        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                        if first.as_ref().is_none_or(|(known, _)| seed < *known) {
                            *first = Some((seed, violation));
                        }
                    }
                }
            });
        }
    });
    let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    let failure = first.map(|(seed, violation)| made_smaller(world, seed, violation));
    Report { ran: ran.into_inner(), took: began.elapsed(), failure }
}

/// Runs one seed, twice.
///
/// # Errors
/// How it fails, made smaller.
///
/// # Panics
/// If a third run fails where two did not.
pub fn once<W: World>(world: &W, seed: u64) -> Result<Transcript, Box<Failure<W::Scenario>>> {
    let scenario = world.draw(seed);
    match fails(world, &scenario, true) {
        Some(violation) => Err(Box::new(made_smaller(world, seed, violation))),
        None => Ok(world.run(&scenario).expect("it has just held")),
    }
}

/// What fails alike. What fails by chance is as small as it was found where it does not again.
fn made_smaller<W: World>(world: &W, seed: u64, found: Violation) -> Failure<W::Scenario> {
    let mut scenario = world.draw(seed);
    let mut violation = found;
    let mut attempts = ATTEMPTS;
    'smaller: loop {
        for candidate in world.smaller(&scenario) {
            if attempts == 0 {
                break 'smaller;
            }
            attempts -= 1;
            if let Some(found) = fails(world, &candidate, true)
                && found.invariant == violation.invariant
            {
                (scenario, violation) = (candidate, found);
                continue 'smaller;
            }
        }
        break;
    }
    let command = format!("cargo run --release -p esp-prov-seeds -- {} --seed {seed}", W::NAME);
    Failure { seed, scenario, violation, command }
}

fn fails<W: World>(world: &W, scenario: &W::Scenario, twice: bool) -> Option<Violation> {
    let run = || match catch_unwind(AssertUnwindSafe(|| world.run(scenario))) {
        Ok(ended) => ended,
        Err(panic) => Err(Violation {
            invariant: "nothing panics",
            seen: words(&*panic).to_owned(),
            transcript: Transcript::default(),
        }),
    };
    let transcript = match run() {
        Ok(transcript) => transcript,
        Err(violation) => return Some(violation),
    };
    if !twice {
        return None;
    }
    let again = match run() {
        Ok(again) => again,
        Err(violation) => return Some(violation),
    };
    let differs = transcript.0.iter().zip(&again.0).position(|(one, other)| one != other);
    let at = differs.or((transcript.0.len() != again.0.len()).then_some(transcript.0.len()))?;
    let line = |of: &Transcript| of.0.get(at).cloned().unwrap_or_else(|| "the end".to_owned());
    Some(Violation {
        invariant: "the same seed gives the same transcript",
        seen: format!("line {}: {:?}, then {:?}", at + 1, line(&transcript), line(&again)),
        transcript,
    })
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers; those that are divisible by seven and larger than a hundred fail.
    struct Sevens;

    impl World for Sevens {
        type Scenario = u64;
        const NAME: &'static str = "sevens";

        fn draw(&self, seed: u64) -> u64 {
            seed
        }

        fn run(&self, scenario: &u64) -> Result<Transcript, Violation> {
            let mut transcript = Transcript::default();
            transcript.push(format!("{scenario}"));
            if scenario.is_multiple_of(7) && *scenario > 100 {
                let seen = format!("{scenario} is one");
                return Err(Violation { invariant: "no large sevens", seen, transcript });
            }
            Ok(transcript)
        }

        fn smaller(&self, scenario: &u64) -> Vec<u64> {
            vec![scenario / 2, scenario - 7, scenario - 1]
        }
    }

    /// Each run differs from the one before, for two times.
    struct Twins(AtomicU64);

    impl World for Twins {
        type Scenario = u64;
        const NAME: &'static str = "twins";

        fn draw(&self, seed: u64) -> u64 {
            seed
        }

        fn run(&self, _: &u64) -> Result<Transcript, Violation> {
            let nth = self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Transcript(vec![format!("{}", nth.min(1))]))
        }

        fn smaller(&self, _: &u64) -> Vec<u64> {
            Vec::new()
        }
    }

    #[test]
    fn what_fails_by_chance_is_told_although_it_does_not_fail_again() {
        let report = search(&Twins(AtomicU64::new(0)), Search { count: 1, ..SEARCH });
        let failure = report.failure.expect("the second run differed");
        assert_eq!(failure.violation.invariant, "the same seed gives the same transcript");
    }

    const SEARCH: Search = Search { from: 0, count: 100, within: None, twice_each: 10 };

    #[test]
    fn a_search_that_finds_nothing_has_run_all() {
        let report = search(&Sevens, SEARCH);
        assert_eq!((report.ran, report.failure.is_none()), (100, true));
    }

    #[test]
    fn what_fails_is_made_smaller_and_can_be_repeated() {
        let report = search(&Sevens, Search { from: 200, ..SEARCH });
        let failure = report.failure.expect("203 fails");
        assert_eq!((failure.seed % 7, failure.scenario), (0, 105));
        let shown = failure.to_string();
        let command =
            format!("cargo run --release -p esp-prov-seeds -- sevens --seed {}", failure.seed);
        assert!(shown.contains("no large sevens: 105 is one"), "{shown}");
        assert!(shown.ends_with(&command), "{shown}");
    }
}
