//! A placeholder for systems where quick acknowledgements are unavailable or not needed.

use std::{convert::Infallible, io};

pub(super) struct Finder;

impl Finder {
    pub(super) fn new() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn find<C>(&self, _: &C) -> io::Result<QuickAcks> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub(super) struct QuickAcks(Infallible);

impl QuickAcks {
    #[allow(clippy::unused_async, reason = "elsewhere it waits")]
    pub(super) async fn keep(&self) {
        match self.0 {}
    }
}
