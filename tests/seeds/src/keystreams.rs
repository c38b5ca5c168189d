//! What is on the wire, without what it says, is what sealed it.

use std::collections::BTreeSet;

use esp_prov::exchange::ExchangeRecord;

/// The invariant.
pub(crate) const ONCE: &str = "no keystream is used twice";

/// All that were seen.
#[derive(Default)]
pub(crate) struct Keystreams {
    known: Vec<Vec<u8>>,
    short_repeats: BTreeSet<Vec<u8>>,
}

impl Keystreams {
    /// Whether those of an exchange are others than all before it, as far as they are long enough to
    /// tell.
    pub(crate) fn are_new(&mut self, exchange: &ExchangeRecord<'_>) -> bool {
        if exchange.repeats_nonce {
            return true;
        }
        let bodies = exchange.request.iter().chain(&exchange.reply).filter(|body| body.sealed);
        let mut streams = bodies.filter_map(|body| {
            let plain = body.plain?;
            Some(plain.iter().zip(body.wire).map(|(one, other)| one ^ other).collect::<Vec<_>>())
        });
        streams.all(|stream| self.is_new(stream))
    }

    fn is_new(&mut self, stream: Vec<u8>) -> bool {
        let same = self.known.iter().find_map(|known| {
            let length = known.len().min(stream.len());
            (length >= 4 && known[..length] == stream[..length]).then_some(length)
        });
        // Four bytes may be the same by chance.
        let is_repeat = same.is_some_and(|length| length >= 7 || self.short_repeats.len() > 1);
        if let Some(length) = same {
            self.short_repeats.insert(stream[..length].to_vec());
        }
        self.known.push(stream);
        !is_repeat
    }
}
