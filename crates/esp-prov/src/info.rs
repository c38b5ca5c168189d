//! What a device tells without being provisioned, and what can be made of it.

use std::time::Duration;

use protocomm::{Capabilities, NetworkKind};
use serde::Serialize;

use crate::transport::EndpointList;

/// All that is known of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Info {
    /// What it says about itself.
    #[serde(flatten)]
    pub capabilities: Capabilities,
    /// What there is at the other end of the link.
    #[serde(flatten)]
    pub endpoint_list: EndpointList,
    /// How long it takes to answer.
    pub round_trips: RoundTrips,
    /// What this tool would do with it.
    pub assessment: Assessment,
}

/// How long answers took: the first, which may build the connection, does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoundTrips {
    /// How many.
    pub count: usize,
    /// The shortest.
    #[serde(rename = "min_us", serialize_with = "microseconds")]
    pub min: Duration,
    /// The one in the middle.
    #[serde(rename = "median_us", serialize_with = "microseconds")]
    pub median: Duration,
    /// The longest.
    #[serde(rename = "max_us", serialize_with = "microseconds")]
    pub max: Duration,
}

impl RoundTrips {
    /// Of at least one.
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |index: usize| times.get(index).copied().unwrap_or_default();
        let (count, last) = (times.len(), times.len().saturating_sub(1));
        // Of an even number the mean of the two in the middle.
        let median = (at(last / 2) + at(times.len() / 2)) / 2;
        Self { count, min: at(0), median, max: at(last) }
    }
}

/// What this tool would do with a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Assessment {
    /// The security scheme it would use, by its number.
    pub security: Option<u32>,
    /// What it lacks for that.
    pub needs: Option<MissingInput>,
    /// Why it would not begin at all.
    pub refuses: Option<String>,
    /// The kind of network it would give.
    pub network: NetworkKind,
    /// Whether the device takes a network at all, if that is known: firmware whose application
    /// keeps the transport for itself has no `prov-config`.
    pub takes_network: Option<bool>,
    /// Whether the device can list the networks it sees, if that is known.
    pub scans: Option<bool>,
    /// Whether it can be reset after a failed join, if that is known.
    pub resets: Option<bool>,
}

/// What is to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingInput {
    /// The proof of possession.
    ProofOfPossession,
    /// User name and password.
    Login,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn microseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(time.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let of = |times: &[u64]| {
            RoundTrips::of(times.iter().copied().map(Duration::from_millis).collect())
        };
        let ms = Duration::from_millis;
        let trips = of(&[9, 1, 2]);
        assert_eq!((trips.min, trips.median, trips.max), (ms(1), ms(2), ms(9)));
        assert_eq!(of(&[4, 1, 2, 9]).median, ms(3));
        assert_eq!(of(&[7]).median, ms(7));
    }
}
