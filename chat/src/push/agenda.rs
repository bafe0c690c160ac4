//! The people to look at, each at a time.

use protocol::UserId;
use std::collections::{BTreeSet, HashMap, HashSet};
use tokio::time::Instant;

/// People with the times of their next looks. A person is looked at by one future at a time.
#[derive(Default)]
pub(super) struct Agenda {
    order: BTreeSet<(Instant, UserId)>,
    times: HashMap<UserId, Instant>,
    busy: HashSet<UserId>,
}

impl Agenda {
    /// Adds a look. Of two looks of a person, the earlier one counts.
    pub(super) fn add(&mut self, user: UserId, at: Instant) {
        match self.times.get(&user) {
            Some(&earlier) if earlier <= at => return,
            Some(&later) => {
                self.order.remove(&(later, user));
            }
            None => {}
        }
        self.times.insert(user, at);
        self.order.insert((at, user));
    }

    /// Takes a person whose look is due and who is not being looked at; [`Self::done`] ends the look.
    pub(super) fn take(&mut self, now: Instant) -> Option<UserId> {
        let is_free = |(_, user): &&(Instant, UserId)| !self.busy.contains(user);
        let &(at, user) = self.order.iter().take_while(|(at, _)| *at <= now).find(is_free)?;
        self.order.remove(&(at, user));
        self.times.remove(&user);
        self.busy.insert(user);
        Some(user)
    }

    /// Ends a look, and adds the next one.
    pub(super) fn done(&mut self, user: UserId, next: Option<Instant>) {
        self.busy.remove(&user);
        if let Some(at) = next {
            self.add(user, at);
        }
    }

    /// The time of the first look of somebody who is not being looked at.
    pub(super) fn next(&self) -> Option<Instant> {
        self.order.iter().find(|(_, user)| !self.busy.contains(user)).map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn n1_looks_come_in_their_order_one_at_a_time_for_each_person() {
        let (mut agenda, start) = (Agenda::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let (ana, bo) = (UserId(1), UserId(2));
        agenda.add(ana, at(5));
        agenda.add(bo, at(3));
        agenda.add(ana, at(2));
        agenda.add(bo, at(4));
        assert_eq!(agenda.next(), Some(at(2)));
        assert_eq!(agenda.take(at(1)), None);
        assert_eq!((agenda.take(at(3)), agenda.take(at(3)), agenda.take(at(9))), (Some(ana), Some(bo), None));
        // Added during the look: it waits for its end.
        agenda.add(ana, at(3));
        assert_eq!((agenda.take(at(3)), agenda.next()), (None, None));
        agenda.done(ana, Some(at(8)));
        assert_eq!(agenda.take(at(3)), Some(ana));
        agenda.done(ana, None);
        agenda.done(bo, Some(at(7)));
        assert_eq!(agenda.next(), Some(at(7)));
    }
}
