//! A maximum matching between two sets.

/// Assigns as many of the first `lefts` numbers as possible to different ones of the first `rights`, each to one that `fits`.
/// Returns the unassigned ones.
pub(super) fn unmatched(lefts: usize, rights: usize, fits: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut assigned: Vec<Option<usize>> = vec![None; rights];
    (0..lefts).filter(|left| !assign(*left, &mut assigned, &mut vec![false; rights], &fits)).collect()
}

/// Assigns one, moving others along an augmenting path.
fn assign(
    left: usize,
    assigned: &mut [Option<usize>],
    visited: &mut [bool],
    fits: &impl Fn(usize, usize) -> bool,
) -> bool {
    for right in 0..assigned.len() {
        if !fits(left, right) || std::mem::replace(&mut visited[right], true) {
            continue;
        }
        let is_free = match assigned[right] {
            None => true,
            Some(other) => assign(other, assigned, visited, fits),
        };
        if is_free {
            assigned[right] = Some(left);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_make_room_and_surplus_ones_are_returned() {
        let fits = |left: usize, right: usize| [&[0, 1][..], &[0], &[1]][left].contains(&right);
        assert_eq!(unmatched(2, 2, fits), Vec::<usize>::new());
        assert_eq!(unmatched(3, 2, fits), [2]);
    }
}
