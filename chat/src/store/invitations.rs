//! Types of invitations to groups, and their storage.

use crate::Result;
use async_trait::async_trait;
use protocol::{
    ClientId, ConversationId, GroupPreview, Invitation, InvitationId, InvitationLink, InvitationLinkId,
};
use protocol::{Person, Timestamp, UserId};
use sha2::{Digest as _, Sha256};

/// SHA-256 of the token of an invitation link. The token itself is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of this token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

/// A link to create.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// The member who makes it.
    pub by: UserId,
    /// The group.
    pub conversation: ConversationId,
    /// The hash of its token.
    pub token: TokenHash,
    /// The first characters of its token.
    pub token_start: String,
    /// Its lifetime, in microseconds.
    pub lifetime: i64,
    /// The number of people who can join by it; `None`: any number.
    pub uses: Option<i64>,
    /// The id that the member's client gave this request: a repeat gives the same link, and another request with the same id is
    /// refused with [`ErrorCode::IdConflict`](protocol::ErrorCode::IdConflict).
    pub client_id: Option<ClientId>,
}

/// A link as its group names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKey {
    /// By its id.
    Id(InvitationLinkId),
    /// By its token.
    Token(TokenHash),
}

/// The permission by which a person joins a group themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// A link.
    Link(TokenHash),
    /// An invitation of this person.
    Invitation(InvitationId),
}

/// The way in which an invitation ends without a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationEnd {
    /// The person declines it.
    Declined,
    /// It is older than [`crate::policy::INVITATION_LIFETIME`].
    Expired,
}

/// An invitation that was made for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Invited {
    /// The person.
    pub user: UserId,
    /// The new counter of the person.
    pub user_rev: i64,
    /// The invitation.
    pub invitation: Invitation,
}

/// An invitation that was answered or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedInvitation {
    /// The invited person.
    pub user: UserId,
    /// The new counter of the person.
    pub user_rev: i64,
    /// The invitation.
    pub invitation: InvitationId,
}

/// A group as the page of a link shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkPreview {
    /// The group.
    pub conversation: GroupPreview,
    /// The member who made the link.
    pub by: Person,
    /// Whether the person who asks is a member already.
    pub is_member: bool,
}

/// Storage of invitations. Changes are [`crate::store::Write`]s.
#[async_trait]
pub trait InvitationStore: Send + Sync + 'static {
    /// Reads the invitations of a person that wait for an answer, the newest first.
    async fn invitations(&self, user: UserId) -> Result<Vec<Invitation>>;

    /// Reads the group of an invitation that waits for this person's answer, or by which they became a member.
    async fn invitation_group(&self, user: UserId, id: InvitationId) -> Result<Option<ConversationId>>;

    /// Reads invitations that wait for an answer and were made before this time, at most 100.
    async fn invitations_before(&self, before: Timestamp) -> Result<Vec<(UserId, InvitationId)>>;

    /// Reads the links of a group that have not ended, the newest first. For its owners and moderators.
    async fn links(&self, user: UserId, id: ConversationId, now: Timestamp) -> Result<Vec<InvitationLink>>;

    /// Reads the group of a link by which this person can join, or of which they are a member. The refusal is the same for
    /// every other link.
    async fn link_preview(&self, user: UserId, token: TokenHash, now: Timestamp) -> Result<LinkPreview>;

    /// Deletes the links that expired before this time, and returns their number.
    async fn sweep_links(&self, before: Timestamp) -> Result<u64>;
}
