//! Rows of a list that is kept up to date.

use super::Markup;

/// A row of a list that is to stand there.
pub(crate) struct Row {
    /// Its place in the list as it stands, unless it is new.
    pub(crate) was: Option<usize>,
    /// What it is, unless it is the same.
    pub(crate) markup: Option<Markup>,
}

/// Where each of these stood before. What goes on in the same order is found at once.
pub(crate) fn places<K: PartialEq>(before: &[K], now: &[K]) -> Vec<Option<usize>> {
    let mut next = 0;
    let place = |key: &K| {
        let goes_on = before.get(next).is_some_and(|old| old == key).then_some(next);
        let place = goes_on.or_else(|| before.iter().position(|old| old == key));
        next = place.map_or(next, |place| place + 1);
        place
    };
    now.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn says_where_each_stood() {
        let stood = places(&["a", "b", "c", "d"], &["new", "c", "d", "a", "newer"]);
        assert_eq!(stood, [None, Some(2), Some(3), Some(0), None]);
    }
}
