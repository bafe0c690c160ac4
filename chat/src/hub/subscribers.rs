//! Subscribers of one topic: iterated at each delivery, entered and left in constant time.

use super::subscriber::Subscriber;
use std::collections::HashMap;
use std::sync::Arc;

/// Maximum length of a list that is searched from its beginning. Most topics have fewer subscribers, and need no index.
const MAX_SCANNED: usize = 32;

/// The subscribers of a topic, in no order.
#[derive(Default)]
pub(super) struct Subscribers {
    list: Vec<Arc<Subscriber>>,
    /// The position of each subscriber in `list`, by its id. There is one if and only if `list` is longer than
    /// [`MAX_SCANNED`].
    #[allow(clippy::box_collection, reason = "most topics have none: a pointer is smaller")]
    positions: Option<Box<HashMap<u64, usize>>>,
}

impl Subscribers {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Subscriber>> {
        self.list.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds a subscriber that is not among them.
    pub(super) fn insert(&mut self, subscriber: Arc<Subscriber>) {
        let (id, position) = (subscriber.id, self.list.len());
        self.list.push(subscriber);
        match &mut self.positions {
            Some(positions) => _ = positions.insert(id, position),
            None if self.list.len() > MAX_SCANNED => {
                let ids = self.list.iter().map(|subscriber| subscriber.id);
                self.positions = Some(Box::new(ids.zip(0..).collect()));
            }
            None => {}
        }
    }

    /// Removes the subscriber with this id, if it is among them. The last of the list takes its position.
    pub(super) fn remove(&mut self, id: u64) {
        let position = match &mut self.positions {
            Some(positions) => positions.remove(&id),
            None => self.list.iter().position(|subscriber| subscriber.id == id),
        };
        let Some(position) = position else { return };
        self.list.swap_remove(position);
        if self.list.len() <= MAX_SCANNED {
            if self.positions.take().is_some() {
                self.list.shrink_to_fit();
            }
        } else if let (Some(positions), Some(moved)) = (&mut self.positions, self.list.get(position)) {
            positions.insert(moved.id, position);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::UserId;
    use std::collections::BTreeSet;

    proptest! {
        /// Each subscriber that was inserted and not removed is there once, and no list that is scanned is long.
        #[test]
        fn those_who_entered_and_did_not_leave_are_there(
            steps in prop::collection::vec((any::<bool>(), 0..100_u64), 0..600),
        ) {
            let (mut subscribers, mut expected) = (Subscribers::default(), BTreeSet::new());
            for (enters, id) in steps {
                if !enters {
                    expected.remove(&id);
                    subscribers.remove(id);
                } else if expected.insert(id) {
                    subscribers.insert(Subscriber::new(id, UserId(1), None, 1));
                }
                prop_assert_eq!(subscribers.positions.is_some(), subscribers.list.len() > MAX_SCANNED);
                if let Some(positions) = &subscribers.positions {
                    prop_assert_eq!(positions.len(), subscribers.list.len());
                    let right = |(id, at): (&u64, &usize)| subscribers.list[*at].id == *id;
                    prop_assert!(positions.iter().all(right));
                }
            }
            let there: Vec<_> = subscribers.iter().map(|subscriber| subscriber.id).collect();
            prop_assert_eq!(there.len(), expected.len());
            prop_assert_eq!(there.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }
}
