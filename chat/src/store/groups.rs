//! Changes of groups, as the service passes them to the store, and their outcome.

use super::{EndedInvitation, Invited, NewlyListed, Notified, Write};
use protocol::{ClientId, ConversationId, History, Member, Message, Role, UserId};

/// A change of a group by one of its members.
#[derive(Clone, Debug)]
pub struct GroupWrite {
    /// The acting member.
    pub by: UserId,
    /// The group. A direct conversation refuses every change.
    pub conversation: ConversationId,
    /// The change.
    pub change: GroupChange,
    /// The id that the person's client gave this request: a repeat changes nothing, and another request with the same id is
    /// refused with [`ErrorCode::IdConflict`](protocol::ErrorCode::IdConflict).
    pub client_id: Option<ClientId>,
}

/// A change of a group.
#[derive(Clone, Debug)]
pub enum GroupChange {
    /// Add these people, each once. Those who are members already stay as they are. A former member joins anew. People who do
    /// not let the acting member add them are invited instead.
    Add(Vec<UserId>),
    /// Remove a member; the acting member itself to leave.
    Remove(UserId),
    /// Set the role of a member.
    SetRole(UserId, Role),
    /// Change title, picture or history.
    Update(GroupUpdate),
    /// Make the acting member an owner, whatever the role. The decision of an operator, which no member asks for.
    BecomeOwner,
}

/// Changes of title, picture and history. Fields that are `None` stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupUpdate {
    /// The new title, normalised; `Some(None)` removes it.
    pub title: Option<Option<String>>,
    /// The new colour of the picture, 0 to 7.
    pub hue: Option<u8>,
    /// The new emoji of the picture; `Some(None)` removes it.
    pub emoji: Option<Option<String>>,
    /// The history that newcomers see from now on.
    pub history: Option<History>,
}

/// The outcome of a [`GroupWrite`].
#[derive(Clone, Debug, Default)]
pub struct GroupChanged {
    /// The system messages about it, in the order of their `rev`; none if nothing changed, or the request is a repeat.
    pub messages: Vec<Message>,
    /// The memberships that changed.
    pub members: Vec<Member>,
    /// The members in whose lists the group appears.
    pub newly_listed: Vec<NewlyListed>,
    /// The person who was removed or left, and the new value of their counter.
    pub removed: Option<(UserId, i64)>,
    /// The notifications of people who were added or have a new role, ordered by person.
    pub notified: Vec<Notified>,
    /// The people who were invited in place of becoming members, ordered by id.
    pub invited: Vec<Invited>,
    /// The invitations that ended with the change: those of the new members, and those by a member who may not invite any more.
    pub ended: Vec<EndedInvitation>,
}

impl Write {
    /// The removal of a member, or the leaving of `by`.
    #[must_use]
    pub fn remove(by: UserId, conversation: ConversationId, member: UserId) -> Self {
        Self::Group(GroupWrite { by, conversation, change: GroupChange::Remove(member), client_id: None })
    }
}
