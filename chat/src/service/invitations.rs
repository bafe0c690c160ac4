//! Invitations to groups: links, and invitations that wait for an answer.

use super::retention::REQUESTS_KEPT_MICROS;
use super::{ChatService, Operation, unexpected};
use crate::audit::{AuditAction, AuditEvent};
use crate::policy;
use crate::store::{Admission, InvitationEnd, LinkKey, LinkPreview, NewLink, Outcome, TokenHash, Write};
use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use protocol::{
    ClientId, ConversationId, ErrorBody, ErrorCode, Invitation, InvitationId, InvitationLink, Person,
    Timestamp, limits,
};

/// Random bytes of a token: 192 bits.
const TOKEN_BYTES: usize = 24;
/// Letters of a token, each of which has 6 bits.
const TOKEN_LETTERS: usize = TOKEN_BYTES * 4 / 3;
/// Letters of a token that stay readable, to tell links apart. The others have 156 bits.
const TOKEN_START: usize = 6;

/// The token of a link. It is shown once, to the person who made the link.
#[derive(Clone)]
pub struct NewInvitationLink {
    /// The token, URL-safe.
    pub token: String,
    /// The link.
    pub link: InvitationLink,
}

/// The bounds of a link that is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkSettings {
    /// The lifetime in seconds; by default 7 days.
    pub expires_in: Option<i64>,
    /// The number of people who can join by it; by default any number.
    pub uses: Option<i64>,
    /// The id that the member's client gave this request: a repeat gives the same link.
    pub client_id: Option<ClientId>,
}

impl ChatService {
    /// Makes a link by which people join a group.
    ///
    /// # Errors
    /// `Invalid`: a value outside of its range. `Forbidden`: the person is neither owner nor moderator. `IdConflict`: the id was used
    /// for another request. `NotFound`: a repeat, and the link has ended since.
    pub async fn create_link(
        &self,
        by: &Person,
        conversation: ConversationId,
        settings: LinkSettings,
    ) -> Result<NewInvitationLink> {
        self.charge(by, Operation::Change)?;
        let LinkSettings { expires_in, uses, client_id } = settings;
        let expires_in = expires_in.unwrap_or(limits::LINK_SECONDS);
        if !(1..=limits::MAX_LINK_SECONDS).contains(&expires_in) {
            return Err(invalid("A link expires in 1 second to 365 days"));
        }
        if uses.is_some_and(|uses| !(1..=limits::MAX_LINK_USES).contains(&uses)) {
            return Err(invalid(format!("A link is for 1 to {} people", limits::MAX_LINK_USES)));
        }
        let token = match client_id {
            Some(client_id) => self.token_of_request(&format!(
                "invitation link of {conversation} by {} in {client_id}",
                by.id
            ))?,
            None => generate_token()?,
        };
        let new = NewLink {
            by: by.id,
            conversation,
            token: TokenHash::of(&token),
            token_start: token.chars().take(TOKEN_START).collect(),
            lifetime: expires_in * 1_000_000,
            uses,
            client_id,
        };
        let created = self.inner.writer.write(Write::CreateLink(new)).await;
        if let Some(event) = AuditEvent::of(AuditAction::CreateLink, &created) {
            event.by(by.id).conversation(conversation).emit();
        }
        match created? {
            Outcome::LinkCreated(link) => Ok(NewInvitationLink { token, link }),
            other => Err(unexpected(&other)),
        }
    }

    /// The token that a request makes: always the same, so that a repeat can be answered without storing it.
    pub(super) fn token_of_request(&self, request: &str) -> Result<String> {
        let mut token = self.accounts().keyed_hash(request)?;
        token.truncate(TOKEN_LETTERS);
        Ok(token)
    }

    /// The links of a group that have not ended, the newest first.
    pub async fn links(&self, user: &Person, conversation: ConversationId) -> Result<Vec<InvitationLink>> {
        self.charge(user, Operation::Page)?;
        self.inner.store.links(user.id, conversation, self.now()).await
    }

    /// Revokes a link of a group.
    pub async fn revoke_link(&self, by: &Person, conversation: ConversationId, link: LinkKey) -> Result<()> {
        self.charge(by, Operation::Change)?;
        let revoked =
            self.inner.writer.write(Write::RevokeLink { by: by.id, conversation, link }).await.map(drop);
        if let Some(event) = AuditEvent::of(AuditAction::RevokeLink, &revoked) {
            event.by(by.id).conversation(conversation).emit();
        }
        revoked
    }

    /// The group of a link, for a person who can join by it or is a member.
    pub async fn link_preview(&self, user: &Person, token: &str) -> Result<LinkPreview> {
        self.charge(user, Operation::One)?;
        self.inner.store.link_preview(user.id, TokenHash::of(token), self.now()).await
    }

    /// Checks that the person may see a link of which they have the token: as an owner or moderator of its group.
    ///
    /// # Errors
    /// `NotFound` otherwise.
    pub async fn may_show_link(&self, user: &Person, token: &str) -> Result<()> {
        self.charge(user, Operation::Page)?;
        let preview = self.inner.store.link_preview(user.id, TokenHash::of(token), self.now()).await?;
        match self.inner.store.links(user.id, preview.conversation.id, self.now()).await {
            Err(Error::Refused(_)) => Err(policy::invitation_has_ended().into()),
            found => found.map(drop),
        }
    }

    /// Joins a group by the token of a link. A member stays one, and no use of the link is spent.
    ///
    /// # Errors
    /// `NotFound`, the same for every link by which this person cannot join.
    pub async fn join_by_link(&self, user: &Person, token: &str) -> Result<ConversationId> {
        self.charge(user, Operation::Change)?;
        let token = TokenHash::of(token);
        // The change checks everything again; this tells whose rows it locks.
        let preview = self.inner.store.link_preview(user.id, token, self.now()).await?;
        self.join(user, preview.conversation.id, Admission::Link(token)).await
    }

    /// The person's invitations that wait for an answer, the newest first.
    pub async fn invitations(&self, user: &Person) -> Result<Vec<Invitation>> {
        self.charge(user, Operation::Page)?;
        self.inner.store.invitations(user.id).await
    }

    /// Accepts an invitation: joins its group. A repeat changes nothing.
    ///
    /// # Errors
    /// `NotFound`: the invitation does not exist or has ended, or the group is full.
    pub async fn accept_invitation(&self, user: &Person, id: InvitationId) -> Result<ConversationId> {
        self.charge(user, Operation::Change)?;
        let group = self.inner.store.invitation_group(user.id, id).await?;
        let group = group.ok_or_else(|| Error::Refused(policy::invitation_has_ended()))?;
        self.join(user, group, Admission::Invitation(id)).await
    }

    async fn join(
        &self,
        user: &Person,
        conversation: ConversationId,
        by: Admission,
    ) -> Result<ConversationId> {
        let joined = self.write_lines(user, 1, Write::Join { user: user.id, conversation, by }).await;
        if let Some(event) = AuditEvent::of(AuditAction::JoinGroup, &joined) {
            event.by(user.id).conversation(conversation).emit();
        }
        joined.map(|_| conversation)
    }

    /// Declines an invitation. Nobody is told. A repeat changes nothing.
    pub async fn decline_invitation(&self, user: &Person, invitation: InvitationId) -> Result<()> {
        self.charge(user, Operation::Change)?;
        let write = Write::EndInvitation { user: user.id, invitation, end: InvitationEnd::Declined };
        self.inner.writer.write(write).await.map(drop)
    }

    /// Ends the invitations and deletes the links that expired.
    pub(super) async fn sweep_invitations(&self) -> Result<()> {
        let now = self.now();
        // Those that ended lately stay, so that a repeat of a request finds its link.
        self.inner.store.sweep_links(Timestamp(now.0 - REQUESTS_KEPT_MICROS)).await?;
        let before = policy::invitations_expired_at(now);
        loop {
            let expired = self.inner.store.invitations_before(before).await?;
            let ends = expired.into_iter().map(|(user, invitation)| {
                let write = Write::EndInvitation { user, invitation, end: InvitationEnd::Expired };
                self.inner.writer.write(write)
            });
            let mut any = false;
            for ended in join_all(ends).await {
                match ended {
                    Ok(_) => any = true,
                    // Answered meanwhile, or ended by another node.
                    Err(Error::Refused(_)) => {}
                    Err(fault) => return Err(fault),
                }
            }
            if !any {
                return Ok(());
            }
        }
    }
}

pub(super) fn generate_token() -> Result<String> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn invalid(why: impl Into<String>) -> Error {
    ErrorBody::because(ErrorCode::Invalid, why).into()
}
