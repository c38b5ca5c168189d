//! The clock, which traces and logs use.

use std::time::{Duration, SystemTime};

use super::Check;
use crate::exit::System;

pub(super) fn checks() -> Vec<Check> {
    vec![clock(SystemTime::now())]
}

fn clock(now: SystemTime) -> Check {
    const CHECK: &str = "Clock";
    /// The beginning of 2026, the year in which this was written.
    const EARLIEST: Duration = Duration::from_secs(1_767_225_600);
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let shown = humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since);
    if since < EARLIEST {
        Check::problem(CHECK, format!("{shown}, which is in the past"), System::HERE.clock())
    } else {
        Check::ok(CHECK, shown.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_clock_that_was_never_set_is_noticed() {
        assert_eq!(clock(SystemTime::UNIX_EPOCH).verdict, Verdict::Problem);
        assert_eq!(clock(SystemTime::now()).verdict, Verdict::Ok);
    }
}
