//! Short lists.

/// Sorts a list of some hundred at most by a key, and keeps the order of equals. The sort of std,
/// which is made for millions, would make the program 5 kB larger for each kind of list.
pub fn sort_few<T, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    for at in 1..list.len() {
        let one = list.remove(at);
        let place = list[..at].partition_point(|other| key(other) <= key(&one));
        list.insert(place, one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_and_keeps_the_order_of_equals() {
        for length in 0..6_u32 {
            // Each list of this length, of the keys 0 to 2.
            for drawn in 0..3_u32.pow(length) {
                let list = (0..length).map(|at| (drawn / 3_u32.pow(at) % 3, at));
                let (mut ours, mut theirs): (Vec<_>, Vec<_>) = list.map(|one| (one, one)).unzip();
                sort_few(&mut ours, |one| one.0);
                theirs.sort_by_key(|one| one.0);
                assert_eq!(ours, theirs);
            }
        }
    }
}
