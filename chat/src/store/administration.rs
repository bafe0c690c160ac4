//! Storage for administration: all people and all groups, a page at a time.

use crate::Result;
use async_trait::async_trait;
use protocol::{ConversationId, Person, Role, Timestamp, UserId};

/// An account, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedPerson {
    /// The public part.
    pub user: Person,
    /// Whether this is the administrator: the first person's account.
    pub is_admin: bool,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// Issuer and subject of the tokens by which the person signs in; `None`: there is no single sign-on.
    pub identity: Option<(String, String)>,
}

/// A group, as administrators see it: nothing that was said in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedGroup {
    /// The conversation.
    pub id: ConversationId,
    /// The title; `None` if it has none.
    pub title: Option<String>,
    /// The number of members.
    pub member_count: i64,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of the newest message, or of its creation.
    pub active_at: Timestamp,
}

/// Storage for administration. Accounts of `rapport check` are left out.
#[async_trait]
pub trait AdministrationStore: Send + Sync + 'static {
    /// Reads at most `limit` accounts with an id above `after`, by id.
    async fn managed_people(&self, after: UserId, limit: usize) -> Result<Vec<ManagedPerson>>;
    /// Reads the account with this id.
    async fn managed_person(&self, id: UserId) -> Result<Option<ManagedPerson>>;
    /// Reads at most `limit` groups with an id above `after`, by id. Conversations about subjects are none.
    async fn managed_groups(&self, after: ConversationId, limit: usize) -> Result<Vec<ManagedGroup>>;
    /// Reads a group and its members, by id.
    async fn managed_group(&self, id: ConversationId) -> Result<Option<(ManagedGroup, Vec<(Person, Role)>)>>;
}
