//! Administration: all people and all groups, for service keys of the scope `admin`.

use super::ChatService;
use crate::audit::{AuditAction, AuditEvent};
use crate::group_owners::GroupOwners;
use crate::store::{ManagedGroup, ManagedPerson};
use crate::{Error, Result};
use protocol::{ConversationId, Person, Role, UserId};
use std::sync::Arc;

impl ChatService {
    /// At most `limit` accounts with an id above `after`, by id.
    pub async fn managed_people(&self, after: UserId, limit: usize) -> Result<Vec<ManagedPerson>> {
        self.inner.store.managed_people(after, limit).await
    }

    /// The account with this id.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn managed_person(&self, id: UserId) -> Result<ManagedPerson> {
        self.inner.store.managed_person(id).await?.ok_or_else(Error::not_found)
    }

    /// At most `limit` groups with an id above `after`, by id.
    pub async fn managed_groups(&self, after: ConversationId, limit: usize) -> Result<Vec<ManagedGroup>> {
        self.inner.store.managed_groups(after, limit).await
    }

    /// A group, and its members with their roles, by id.
    ///
    /// # Errors
    /// `NotFound` if there is no such group.
    pub async fn managed_group(&self, id: ConversationId) -> Result<(ManagedGroup, Vec<(Person, Role)>)> {
        self.inner.store.managed_group(id).await?.ok_or_else(Error::not_found)
    }

    /// Makes a member of a group an owner, as [`GroupOwners::add`] does.
    ///
    /// # Errors
    /// Those of [`GroupOwners::add`].
    pub async fn make_owner(&self, group: ConversationId, user: UserId) -> Result<bool> {
        let username = self.managed_person(user).await?.user.username;
        let owners = GroupOwners::new(Arc::clone(&self.inner.store), Arc::clone(&self.inner.clock));
        owners.add(group, &username).await
    }

    /// Notes in the audit log that this service key changed something of this person (`None`: of no person).
    pub fn note_administration<T>(&self, key: i64, user: Option<UserId>, outcome: &Result<T>) {
        let Some(event) = AuditEvent::of(AuditAction::Administer, outcome) else { return };
        let event = event.key(key);
        match user {
            Some(user) => event.user(user).emit(),
            None => event.emit(),
        }
    }
}
