//! The secrets that this process was given. If a device or network has one of them in its name, no
//! part of the name is shown, since the rest would reveal which part is the secret.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use zeroize::Zeroizing;

/// The shortest secret that is kept, in bytes. A shorter one may equal a name by chance.
const SHORTEST: usize = 4;

/// The shortest secret that is also looked for within names, in bytes.
const WITHIN: usize = 8;

/// How many secrets are looked for within names. A table has thousands; the others are only
/// compared with whole names.
const MOST_WITHIN: usize = 64;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Known {
    hasher: RandomState,
    /// The hashes of the secrets, which reveal nothing about them.
    whole: HashSet<u64>,
    within: Vec<Zeroizing<String>>,
}

fn known() -> MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a secret that no name may show from now on. Texts under 4 bytes are ignored; from 8 bytes
/// on, the first 64 are also looked for within names.
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

/// Whether a text is, or contains, a secret passed to [`keep_secret`].
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

    /// Uses secrets that no other test here has in a name.
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
