//! The source of a virtual device's keys.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use rand_core::{TryCryptoRng, TryRng, UnwrapErr};

/// The system's randomness or a seeded generator. Clones share the generator's state.
#[derive(Clone)]
pub(super) enum Keys {
    System(UnwrapErr<getrandom::SysRng>),
    Seed(Arc<Mutex<fastrand::Rng>>),
}

impl Keys {
    pub(super) fn of(seed: Option<u64>) -> Self {
        match seed {
            None => Self::System(UnwrapErr(getrandom::SysRng)),
            Some(seed) => Self::Seed(Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)))),
        }
    }
}

impl TryRng for Keys {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        match self {
            Self::System(system) => system.try_fill_bytes(bytes)?,
            Self::Seed(dice) => dice.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes),
        }
        Ok(())
    }
}

/// A caller that passes a seed wants predictable keys.
impl TryCryptoRng for Keys {}
