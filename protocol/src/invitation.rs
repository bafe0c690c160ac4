//! Invitations to groups: those that wait for the answer of a person, and links by which people join.

use crate::{ConversationId, InvitationId, InvitationLinkId, Person, Timestamp};
use serde::{Deserialize, Serialize};

/// A group as somebody sees it who is invited and no member yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPreview {
    /// The id of the group.
    pub id: ConversationId,
    /// The title, 1 to 120 Unicode scalar values; absent if the group has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The chosen colour of the picture, 0 to 7; absent: the colour follows from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hue: Option<u8>,
    /// The emoji of the picture; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// The number of members who have not left, 1 or more.
    pub member_count: i64,
}

/// An invitation of a person to a group, which waits for their answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// The id of the invitation.
    pub id: InvitationId,
    /// The group.
    pub conversation: GroupPreview,
    /// The member who invited the person.
    pub by: Person,
    /// The time of the invitation. It expires 30 days later.
    pub created_at: Timestamp,
}

/// A link by which people join a group, as its owners and moderators see it. Only its maker sees the whole token, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationLink {
    /// The id of the link, by which it is revoked. It is not a credential.
    pub id: InvitationLinkId,
    /// The first characters of the token, which tell links apart.
    pub token_start: String,
    /// The member who made it.
    pub by: Person,
    /// The time at which it was made.
    pub created_at: Timestamp,
    /// The time at which it expires.
    pub expires_at: Timestamp,
    /// The number of people who can still join by it, 0 or more; absent: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<i64>,
}
