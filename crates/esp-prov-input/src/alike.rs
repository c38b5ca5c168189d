//! What a misspelled name may be meant to be, so that it can be told without the name itself.

/// The name that is most like this one, if any is.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|one| (distance(name, one), one));
    let near = near.filter(|(distance, one)| *distance <= one.len().min(name.len()) / 3);
    near.min().map(|(_, nearest)| nearest)
}

/// How many letters to change, add or leave out (Levenshtein). Long names are like nothing.
fn distance(one: &str, other: &str) -> usize {
    if one.len() > 32 {
        return usize::MAX;
    }
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in (1..).zip(one.chars()) {
        let mut now = vec![row];
        for (column, same) in other.iter().map(|&of_other| of_other == letter).enumerate() {
            let changed = before[column] + usize::from(!same);
            now.push(changed.min(before[column + 1] + 1).min(now[column] + 1));
        }
        before = now;
    }
    before[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_secret_is_like_nothing() {
        let near = |name| nearest(name, ["id", "ssid", "passphrase", "custom-data"].into_iter());
        for (name, meant) in [
            ("pasphrase", Some("passphrase")),
            ("custom data", Some("custom-data")),
            ("sid", Some("ssid")),
            ("hunter2-hunter2", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(near(name), meant, "{name}");
        }
        assert_eq!(near(&"passphrase".repeat(1000)), None);
    }
}
