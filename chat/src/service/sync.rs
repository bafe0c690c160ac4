//! What a client is missing, and the data of a page.

use super::{ChatService, Operation};
use crate::Result;
use crate::store::SyncRows;
use protocol::{OpenCursors, Person, PersonStatus, SyncAnswer, SyncRequest, Timestamp, limits};

impl ChatService {
    /// Everything that a client is missing, with current presence and typing.
    pub async fn sync(&self, user: &Person, request: &SyncRequest) -> Result<SyncAnswer> {
        self.charge(user, Operation::Sync)?;
        let rows = self.inner.store.sync(user.id, request).await?;
        self.inner.resting.list_was_read(user.id);
        let people = self.inner.store.contacts(user.id).await?;
        Ok(self.answer(rows, self.inner.presence.of(&people)))
    }

    /// The first page of the list, and what is open, for the first render of a page: with presence and typing of the listed
    /// conversations alone. The connection that follows brings the rest.
    pub async fn first_sync(&self, user: &Person, open: OpenCursors) -> Result<SyncAnswer> {
        self.charge(user, Operation::Sync)?;
        let request = SyncRequest { user_rev: 0, list: true, open };
        let rows = self.inner.store.sync_once(user.id, &request).await?;
        self.inner.resting.list_was_read(user.id);
        let mut people: Vec<(Person, Option<Timestamp>)> = Vec::new();
        let small = limits::SMALL_CONVERSATION as i64;
        for conversation in rows.list.iter().flatten().filter(|one| one.member_count <= small) {
            let there =
                conversation.members.iter().filter(|member| !member.left && member.user.id != user.id);
            people.extend(there.map(|member| (member.user.clone(), None)));
        }
        people.sort_unstable_by_key(|(person, _)| person.id);
        people.dedup_by_key(|(person, _)| person.id);
        let ids: Vec<_> = people.iter().map(|(person, _)| person.id).collect();
        for (id, at) in self.inner.store.last_seen(&ids).await? {
            if let Ok(place) = people.binary_search_by_key(&id, |(person, _)| person.id) {
                people[place].1 = Some(at);
            }
        }
        let presence = self.inner.presence.of(&people);
        Ok(self.answer(rows, presence))
    }

    pub(crate) fn answer(&self, rows: SyncRows, presence: Vec<PersonStatus>) -> SyncAnswer {
        let shown = rows.counters.iter().map(|(id, _)| *id).filter(|_| rows.preferences.show_typing);
        let typing = self.inner.typing.now(rows.user.id, shown);
        // They change with the person's counter, which brings the list, too.
        let preferences = rows.list.is_some().then_some(rows.preferences);
        SyncAnswer {
            user_rev: rows.user_rev,
            user: rows.user,
            list: rows.list,
            next: rows.next,
            unread_after: rows.unread_after,
            archived: rows.archived,
            open: rows.open,
            gone: rows.gone,
            hidden: rows.hidden,
            presence,
            typing,
            preferences,
            notifications: rows.notifications,
            invitations: rows.invitations,
        }
    }
}
