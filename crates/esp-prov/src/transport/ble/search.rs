//! Which of the devices that are heard is the one that is meant.

use std::time::Duration;

use super::{super::TransportError, adapter::Advertisement};
use crate::{address::BleSelector, shown::Shown};

/// How sure it has to be that a device is the one that is meant. An address says it; a name may be
/// another device's, too, which shows only once that one is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Care {
    /// Somebody is there and sees which device it is: another of its name has 200 ms to show.
    /// Stock firmware advertises every 160 ms (`protocomm_ble.c`).
    Attended,
    /// Nobody is there: 2 s, for one that advertises every 1.6 s.
    #[default]
    Unattended,
    /// As that, and other devices of its kind are near: a name that is cut off is not its name.
    Batch,
}

/// A name that was heard cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutName {
    /// As it was heard.
    pub heard: String,
    /// The whole name of the device that is wanted.
    pub wanted: String,
}

impl CutName {
    /// Where a device was taken for the wanted one by such a name.
    pub(super) fn of(wanted: &BleSelector, found: &Advertisement) -> Option<Self> {
        let heard = wanted.cut_off().filter(|_| is_cut_off(wanted, found))?.to_owned();
        Some(Self { heard, wanted: wanted.to_string() })
    }
}

/// What is looked for.
pub(super) struct Search<'a> {
    pub(super) wanted: &'a BleSelector,
    pub(super) care: Care,
    /// The device that it was the last time, and is again.
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
            // Not one that another run has, or had.
            fitting.retain(|one| !one.is_connected);
        }
        fitting
    }

    /// Those whose names may be what is left of the wanted one, where that may count.
    pub(super) fn fitting_cut_off<'h>(&self, heard: &'h [Advertisement]) -> Vec<&'h Advertisement> {
        if self.care == Care::Batch { Vec::new() } else { self.cut_off(heard) }
    }

    fn cut_off<'h>(&self, heard: &'h [Advertisement]) -> Vec<&'h Advertisement> {
        let may_be = |one: &&Advertisement| self.known.is_none() && is_cut_off(self.wanted, one);
        heard.iter().filter(may_be).collect()
    }

    /// How long another that fits may take to show.
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

    /// Why there is no time left.
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

/// Whether its name is what an advertisement has room for of the wanted one.
fn is_cut_off(wanted: &BleSelector, one: &Advertisement) -> bool {
    !one.is_named_whole && one.name.is_some() && one.name.as_deref() == wanted.cut_off()
}
