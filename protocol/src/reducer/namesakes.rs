//! People whose shown names look alike. Views show the username beside their names.

use super::{State, Timeline};
use crate::{Conversation, Person, UserId};

impl State {
    /// Whether another person that this client knows has a name that looks the same.
    #[must_use]
    pub fn is_namesake(&self, user: UserId) -> bool {
        self.namesakes.binary_search(&user).is_ok()
    }

    /// The name to show: with the username if there is a namesake.
    #[must_use]
    pub fn name_of(&self, person: &Person) -> String {
        if self.is_namesake(person.id) { person.full_name() } else { person.display_name() }
    }

    /// The name of a conversation to show: its title, or the names of the other members.
    #[must_use]
    pub fn name_of_conversation(&self, conversation: &Conversation) -> String {
        conversation.name_by(self.me.id, |person| self.name_of(person))
    }

    /// Finds the namesakes among the people in the list and in loaded messages, if people may have changed in this step.
    pub(super) fn compare_names(&mut self) {
        if !std::mem::take(&mut self.people_changed) {
            return;
        }
        let mut known = vec![(self.me.name_key(), self.me.id)];
        for room in self.rooms.values() {
            let members = room.summary.members.iter().map(|member| &member.user);
            let last = room.summary.last_message.iter().map(|message| &message.sender);
            let senders = room.timeline.iter().flat_map(Timeline::messages).map(|message| &message.sender);
            for person in members.chain(last).chain(senders) {
                known.push((person.name_key(), person.id));
            }
        }
        let namesakes = namesakes(known);
        if namesakes != self.namesakes {
            self.namesakes = namesakes;
            self.touched.names = true;
        }
    }
}

/// The people who share their key with somebody else, ordered by id. A person may be given more than once.
#[must_use]
pub fn namesakes(mut people: Vec<(String, UserId)>) -> Vec<UserId> {
    people.sort_unstable();
    people.dedup();
    let same = |a: &(String, UserId), b: &(String, UserId)| a.0 == b.0;
    let mut found: Vec<UserId> =
        people.chunk_by(same).filter(|alike| alike.len() > 1).flatten().map(|(_, user)| *user).collect();
    found.sort_unstable();
    found.dedup();
    found
}
