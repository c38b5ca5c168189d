//! Decides which of the devices in range is the wanted one.

use std::time::Duration;

use super::{super::TransportError, adapter::Advertisement};
use crate::{address::BleSelector, shown::Shown};

/// How certain it has to be that a device is the wanted one. An address identifies a device; a name
/// may also belong to another device, which is noticed only once that device is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Care {
    /// A person is present and sees which device it is: waits 200 ms for another device with the
    /// same name. Stock firmware advertises every 160 ms (`protocomm_ble.c`).
    Attended,
    /// Nobody is present: waits 2 s for another device, since some advertise only every 1.6 s.
    #[default]
    Unattended,
    /// Like [`Unattended`](Self::Unattended), with devices of the same kind nearby: a cut-off name
    /// does not match.
    Batch,
}

/// A name that was received cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutName {
    /// The name as it was received.
    pub heard: String,
    /// The whole name of the wanted device.
    pub wanted: String,
}

impl CutName {
    /// Returns the cut-off name if the device was matched by it.
    pub(super) fn of(wanted: &BleSelector, found: &Advertisement) -> Option<Self> {
        let heard = wanted.cut_off().filter(|_| is_cut_off(wanted, found))?.to_owned();
        Some(Self { heard, wanted: wanted.to_string() })
    }
}

/// What to search for.
pub(super) struct Search<'a> {
    pub(super) wanted: &'a BleSelector,
    pub(super) care: Care,
    /// The identifier of the device from an earlier connection; only this device matches then.
    pub(super) known: Option<&'a str>,
}

impl Search<'_> {
    pub(super) fn fitting<'h>(&self, heard: &'h [Advertisement]) -> Vec<&'h Advertisement> {
        let fits = |one: &&Advertisement| match self.known {
            Some(known) => one.id == known,
            None => one.is(self.wanted),
        };
        let mut fitting: Vec<_> = heard.iter().filter(fits).collect();
        let is_any = matches!(self.wanted, BleSelector::Prefix(_) | BleSelector::Service(_));
        if is_any && fitting.iter().any(|one| !one.is_connected) {
            // A connected device belongs to another run, or did a moment ago.
            fitting.retain(|one| !one.is_connected);
        }
        fitting
    }

    /// The devices whose names may be the cut-off name of the wanted device. Empty if cut-off names
    /// do not count.
    pub(super) fn fitting_cut_off<'h>(&self, heard: &'h [Advertisement]) -> Vec<&'h Advertisement> {
        if self.care == Care::Batch { Vec::new() } else { self.cut_off(heard) }
    }

    fn cut_off<'h>(&self, heard: &'h [Advertisement]) -> Vec<&'h Advertisement> {
        let may_be = |one: &&Advertisement| self.known.is_none() && is_cut_off(self.wanted, one);
        heard.iter().filter(may_be).collect()
    }

    /// How long to wait for another matching device.
    pub(super) fn another_within(&self) -> Duration {
        match self.care {
            _ if self.known.is_some() || self.wanted.is_one() => Duration::ZERO,
            Care::Attended => Duration::from_millis(200),
            Care::Unattended | Care::Batch => Duration::from_secs(2),
        }
    }

    pub(super) fn names(&self, several: &[&Advertisement]) -> String {
        let says_more = !matches!(self.wanted, BleSelector::Name(name) if several.iter().all(|one| one.name.as_ref() == Some(name)));
        let name = |one: &Advertisement| match &one.name {
            Some(name) if says_more => format!("{} ({})", one.id, Shown::quoted(name)),
            _ => one.id.clone(),
        };
        let mut names: Vec<_> = several.iter().map(|one| name(one)).collect();
        names.sort_unstable();
        names.join(", ")
    }

    /// The error for a search that ran out of time.
    pub(super) fn in_vain(&self, heard: &[Advertisement]) -> TransportError {
        let fitting = self.fitting(heard);
        if fitting.is_empty() && self.fitting_cut_off(heard).is_empty() {
            TransportError::NotFound(self.not_heard(heard).into())
        } else if fitting.iter().any(|one| one.is_connected) {
            let why = "is still connected to this machine, by another program or by an earlier \
                       run, whose link takes up to 3 s to close";
            TransportError::NoTime(format!("{} {why}", self.wanted()))
        } else {
            let why = "is here, but it takes longer to see whether another device has this name";
            TransportError::NoTime(format!("{} {why}", self.wanted()))
        }
    }

    fn not_heard(&self, heard: &[Advertisement]) -> String {
        let mut names: Vec<_> = heard.iter().filter_map(|one| one.name.as_deref()).collect();
        names.sort_unstable();
        names.dedup();
        let list = |names: &[&str]| {
            names.iter().map(|name| Shown::quoted(name).to_string()).collect::<Vec<_>>().join(", ")
        };
        let others = match names.len() {
            0 => "no device with a name".to_owned(),
            1..=8 => list(&names),
            more => format!("{} and {} more", list(&names[..8]), more - 8),
        };
        let cut_off = match self.cut_off(heard)[..] {
            [] => String::new(),
            ref those => {
                let ids: Vec<_> = those.iter().map(|one| one.id.as_str()).collect();
                format!(
                    "; one of them may have this name, cut off; if it is the device, give its \
                     address ({})",
                    ids.join(" or ")
                )
            }
        };
        format!("{} not found; devices in range: {others}{cut_off}", self.wanted())
    }

    fn wanted(&self) -> String {
        let wanted = match self.wanted {
            BleSelector::Id(_) | BleSelector::Service(_) => Shown::name(self.wanted.to_string()),
            BleSelector::Name(_) | BleSelector::Prefix(_) => {
                Shown::quoted(&self.wanted.to_string())
            }
        };
        match self.known {
            Some(known) if !self.wanted.is_one() => format!("{wanted} ({known})"),
            _ => wanted.to_string(),
        }
    }
}

/// Whether the advertised name is the part of the wanted name that fits into an advertisement.
fn is_cut_off(wanted: &BleSelector, one: &Advertisement) -> bool {
    !one.is_named_whole && one.name.is_some() && one.name.as_deref() == wanted.cut_off()
}
