//! Frames about invitations to groups.

use crate::{ConversationId, Invitation, InvitationId, InvitationLink};
use serde::{Deserialize, Serialize};

/// `invitation_added`: somebody invited the recipient to a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationAdded {
    /// The invitation.
    pub invitation: Invitation,
    /// The recipient's own counter after this change, 1 or more.
    pub user_rev: i64,
}

/// `invitation_removed`: an invitation of the recipient was answered or has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationRemoved {
    /// The removed invitation.
    pub invitation_id: InvitationId,
    /// The recipient's own counter after this change, 1 or more.
    pub user_rev: i64,
}

/// `invitation_link_created`: the answer to `create_invitation_link`. Sent once: the server keeps a hash of the token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationLinkCreated {
    /// The group.
    pub conversation_id: ConversationId,
    /// The token. The address of the link is `/join/` with it.
    pub token: String,
    /// The link.
    pub link: InvitationLink,
}

/// `invitation_links`: the links of a group that have not ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationLinks {
    /// The group.
    pub conversation_id: ConversationId,
    /// The links, the newest first, at most [`crate::limits::MAX_LINKS`].
    pub links: Vec<InvitationLink>,
}
