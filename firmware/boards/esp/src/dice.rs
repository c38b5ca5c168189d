//! The chip's random numbers.

use core::convert::Infallible;

use esp_hal::rng::Rng;
use protocomm::rand_core::{TryCryptoRng, TryRng};

/// The hardware random number generator. Its numbers are truly random while the radio runs
/// (ESP32-C3 technical reference manual, random number generator).
#[derive(Clone, Copy)]
pub(crate) struct Dice(Rng);

impl Dice {
    pub(crate) fn new() -> Self {
        Self(Rng::new())
    }

    pub(crate) fn seed(self) -> u64 {
        u64::from(self.0.random()) << 32 | u64::from(self.0.random())
    }
}

impl TryRng for Dice {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.random())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.seed())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.read(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Dice {}
