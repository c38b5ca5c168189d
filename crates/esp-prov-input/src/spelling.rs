//! Finds the name that a misspelled one was probably meant to be.

/// The one of `names` that is most like `name`, if they differ in at most a third of their letters.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|one| (distance(name, one), one));
    let near = near.filter(|(distance, one)| *distance <= one.len().min(name.len()) / 3);
    near.min().map(|(_, nearest)| nearest)
}

/// The number of letters to change, add, leave out or swap with the next. A name of more than 32
/// bytes is like no other.
fn distance(one: &str, other: &str) -> usize {
    if one.len() > 32 {
        return usize::MAX;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = (0..=other.len()).collect();
    let mut long_before = before.clone();
    for (row, letter) in one.iter().enumerate() {
        let mut now = vec![row + 1];
        for (column, of_other) in other.iter().enumerate() {
            let changed = before[column] + usize::from(of_other != letter);
            let mut least = changed.min(before[column + 1] + 1).min(now[column] + 1);
            let is_swapped =
                row > 0 && column > 0 && one[row - 1] == *of_other && other[column - 1] == *letter;
            if is_swapped {
                least = least.min(long_before[column - 1] + 1);
            }
            now.push(least);
        }
        long_before = before;
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
            ("sisd", Some("ssid")),
            ("hunter2-hunter2", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(near(name), meant, "{name}");
        }
        assert_eq!(near(&"passphrase".repeat(1000)), None);
    }
}
