//! Secrets that this process was given. A device that calls itself, or a network, by one of them
//! gets no picture of it: not even part of its name is shown, for the rest would tell which part
//! is the secret.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use zeroize::Zeroizing;

/// From this length on a secret is one, in bytes, and no name by chance.
const SHORTEST: usize = 4;

/// From this length on it is looked for within names, too.
const WITHIN: usize = 8;

/// As many are looked for within names: a table has thousands, of which each is compared only.
const MOST_WITHIN: usize = 64;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Known {
    hasher: RandomState,
    /// By their hashes, which tell nothing of them.
    whole: HashSet<u64>,
    within: Vec<Zeroizing<String>>,
}

fn known() -> MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on no name shows this.
pub fn keep_secret(text: &str) {
    if text.len() < SHORTEST {
        return;
    }
    let mut known = known();
    let hash = known.hasher.hash_one(text);
    if known.whole.insert(hash) && text.len() >= WITHIN && known.within.len() < MOST_WITHIN {
        known.within.push(Zeroizing::new(text.to_owned()));
    }
}

/// Whether this is, or contains, a secret that is kept.
pub fn shows_secret(text: &str) -> bool {
    let known = known();
    !known.whole.is_empty()
        && (known.whole.contains(&known.hasher.hash_one(text))
            || known.within.iter().any(|secret| text.contains(secret.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::Shown;

    /// With secrets that no other test here has in a name.
    #[test]
    fn a_name_that_is_a_secret_or_has_one_is_not_shown() {
        for secret in ["", "Qx7", "Qx7-", "Qx7-echo-Zk"] {
            keep_secret(secret);
        }
        for (name, shown) in [
            ("Qx7", "Qx7"),
            ("Qx7-", "[redacted]"),
            ("Qx7-a", "Qx7-a"),
            ("Qx7-echo-Zk", "[redacted]"),
            ("my Qx7-echo-Zk net", "[redacted]"),
        ] {
            assert_eq!(Shown::name(name).as_str(), shown);
        }
        assert_eq!(Shown::quoted("Qx7-echo-Zk").as_str(), "\"[redacted]\"");
    }
}
