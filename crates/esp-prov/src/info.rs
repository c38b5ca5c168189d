//! What a device reports without being provisioned, and what that implies.

use std::time::Duration;

use protocomm::{Capabilities, NetworkKind};
use serde::Serialize;

use crate::transport::EndpointList;

/// Everything that is known about a device without opening a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Info {
    /// The device's version and capabilities.
    #[serde(flatten)]
    pub capabilities: Capabilities,
    /// The endpoints that the device has.
    #[serde(flatten)]
    pub endpoint_list: EndpointList,
    /// How long the device takes to answer.
    pub round_trips: RoundTrips,
    /// How provisioning would treat the device.
    pub assessment: Assessment,
}

/// How long round trips took. The first one is not included, since it may also open the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoundTrips {
    /// The number of round trips.
    pub count: usize,
    /// The shortest time.
    #[serde(rename = "min_us", serialize_with = "microseconds")]
    pub min: Duration,
    /// The median time.
    #[serde(rename = "median_us", serialize_with = "microseconds")]
    pub median: Duration,
    /// The longest time.
    #[serde(rename = "max_us", serialize_with = "microseconds")]
    pub max: Duration,
}

impl RoundTrips {
    /// Makes the figures from at least one time.
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |index: usize| times.get(index).copied().unwrap_or_default();
        let (count, last) = (times.len(), times.len().saturating_sub(1));
        // For an even number of times, the mean of the two in the middle.
        let median = (at(last / 2) + at(times.len() / 2)) / 2;
        Self { count, min: at(0), median, max: at(last) }
    }
}

/// How provisioning would treat a device, with the security and policy given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Assessment {
    /// The number of the security scheme that would be used; `None` if provisioning would be
    /// refused.
    pub security: Option<u32>,
    /// The input that is missing for that scheme.
    pub needs: Option<MissingInput>,
    /// Why provisioning would be refused before it begins.
    pub refuses: Option<String>,
    /// The kind of network that the device joins.
    pub network: NetworkKind,
    /// Whether the device can be given a network at all, if that is known. Firmware whose
    /// application keeps the transport for itself has no `prov-config`.
    pub takes_network: Option<bool>,
    /// Whether the device can list the networks it sees, if that is known.
    pub scans: Option<bool>,
    /// Whether the device can be reset after a failed join, if that is known.
    pub resets: Option<bool>,
}

/// Input that provisioning needs and that was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingInput {
    /// The proof of possession.
    ProofOfPossession,
    /// The user name and the password.
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
