//! Changes of groups: members, roles, title, picture, history.

use super::conversations::{invalid, refused_title};
use super::{ChatService, Operation, unexpected};
use crate::audit::{AuditAction, AuditEvent};
use crate::emoji::one_emoji;
use crate::entered_text::one_line;
use crate::rate_limit::Quota;
use crate::store::{GroupChange, GroupChanged, GroupUpdate, GroupWrite, Outcome, Write};
use crate::{Error, Result};
use protocol::{ClientId, ConversationId, History, Person, Role, UserId, limits};

/// Number of colours of a picture.
const HUES: u8 = 8;

/// Changes of title, picture and history as a client sends them. Fields that are `None` stay as they are.
#[derive(Clone, Debug, Default)]
pub struct GroupSettings {
    /// The title as typed; empty: none.
    pub title: Option<String>,
    /// The colour of the picture, 0 to 7.
    pub hue: Option<u8>,
    /// The emoji of the picture; empty: none.
    pub emoji: Option<String>,
    /// The history that newcomers see.
    pub history: Option<History>,
}

/// People who were to be added to a group.
#[derive(Clone, Debug)]
pub struct AddedMembers {
    /// Those who are members now.
    pub added: Vec<Person>,
    /// Those who do not let the person add them: they are invited.
    pub invited: Vec<Person>,
}

impl ChatService {
    /// Adds people to a group. Those who are members already stay as they are. Returns those who do not let this person add
    /// them: they are invited, unless they declined lately, of which nobody is told.
    pub async fn add_members(
        &self,
        by: &Person,
        conversation: ConversationId,
        members: &[UserId],
        client_id: Option<ClientId>,
    ) -> Result<Vec<UserId>> {
        self.charge_many(by, Operation::Change, members.len().max(1))?;
        if members.len() > limits::MAX_PARTICIPANTS {
            return Err(invalid(format!("At most {} people at once", limits::MAX_PARTICIPANTS)));
        }
        let mut members = members.to_vec();
        members.sort_unstable();
        members.dedup();
        let change = GroupChange::Add(members.clone());
        let added = self.write_group(by, conversation, change, client_id).await;
        if let Some(event) = AuditEvent::of(AuditAction::AddMembers, &added) {
            event.by(by.id).conversation(conversation).emit();
        }
        added?;
        let there = self.inner.store.member_ids(conversation).await?;
        members.retain(|member| !there.contains(member));
        Ok(members)
    }

    /// Like [`Self::add_members`], by usernames. Returns all of these people.
    pub async fn add_members_by_name(
        &self,
        by: &Person,
        conversation: ConversationId,
        usernames: &[String],
        client_id: Option<ClientId>,
    ) -> Result<AddedMembers> {
        self.charge(by, Operation::One)?;
        // Names are not looked up for strangers.
        if !self.inner.store.is_member(by.id, conversation).await? {
            return Err(Error::not_found());
        }
        let people = self.people_named(usernames).await?;
        let ids: Vec<_> = people.iter().map(|person| person.id).collect();
        let invited = self.add_members(by, conversation, &ids, client_id).await?;
        let (invited, added) = people.into_iter().partition(|person| invited.contains(&person.id));
        Ok(AddedMembers { added, invited })
    }

    /// Removes a member, or leaves if `member` is the person itself.
    pub async fn remove_member(
        &self,
        by: &Person,
        conversation: ConversationId,
        member: UserId,
        client_id: Option<ClientId>,
    ) -> Result<()> {
        self.charge(by, Operation::Change)?;
        let removed = self.write_group(by, conversation, GroupChange::Remove(member), client_id).await;
        if let Some(event) = AuditEvent::of(AuditAction::RemoveMember, &removed) {
            event.by(by.id).user(member).conversation(conversation).emit();
        }
        removed?;
        // At once rather than with the events of the commit: typing counts as allowed for a while after a check.
        self.inner.typing.on_member_left(conversation, member);
        Ok(())
    }

    /// Sets the role of a member.
    pub async fn set_role(
        &self,
        by: &Person,
        conversation: ConversationId,
        member: UserId,
        role: Role,
        client_id: Option<ClientId>,
    ) -> Result<()> {
        self.charge(by, Operation::Change)?;
        let change = GroupChange::SetRole(member, role);
        let set = self.write_group(by, conversation, change, client_id).await;
        if let Some(event) = AuditEvent::of(AuditAction::SetRole, &set) {
            event.by(by.id).user(member).conversation(conversation).emit();
        }
        set.map(drop)
    }

    /// Changes title, picture and history of a group.
    pub async fn update_conversation(
        &self,
        by: &Person,
        conversation: ConversationId,
        settings: GroupSettings,
        client_id: Option<ClientId>,
    ) -> Result<()> {
        self.charge(by, Operation::Change)?;
        let change = GroupChange::Update(checked(settings)?);
        self.write_group(by, conversation, change, client_id).await.map(drop)
    }

    async fn write_group(
        &self,
        by: &Person,
        conversation: ConversationId,
        change: GroupChange,
        client_id: Option<ClientId>,
    ) -> Result<GroupChanged> {
        let lines = system_messages(&change);
        let write = GroupWrite { by: by.id, conversation, change, client_id };
        self.write_lines(by, lines, Write::Group(write)).await
    }

    /// Carries out a change that writes up to `lines` system messages, each for a token of [`Quota::Sends`]. Tokens of messages that
    /// were not written are returned.
    ///
    /// # Errors
    /// `RateLimited`: there are fewer tokens than that. Also for a repeat, which takes none otherwise.
    pub(super) async fn write_lines(&self, by: &Person, lines: u32, write: Write) -> Result<GroupChanged> {
        self.charge_sends(by, lines)?;
        let changed = match self.inner.writer.write(write).await {
            Ok(Outcome::GroupChanged(changed)) => Ok(changed),
            Ok(other) => Err(unexpected(&other)),
            Err(error) => Err(error),
        };
        let written = changed.as_ref().map_or(0, |changed| changed.messages.len());
        for _ in written..usize::try_from(lines).unwrap_or_default() {
            self.inner.rate_limiter.refund(Quota::Sends, by.id.0);
        }
        changed
    }
}

/// The most system messages that a change writes.
fn system_messages(change: &GroupChange) -> u32 {
    match change {
        GroupChange::Add(_)
        | GroupChange::Remove(_)
        | GroupChange::SetRole(..)
        | GroupChange::BecomeOwner => 1,
        GroupChange::Update(GroupUpdate { title, hue, emoji, history }) => {
            let picture = hue.is_some() || emoji.is_some();
            u32::from(title.is_some()) + u32::from(picture) + u32::from(history.is_some())
        }
    }
}

/// The settings, normalised.
fn checked(settings: GroupSettings) -> Result<GroupUpdate> {
    let GroupSettings { title, hue, emoji, history } = settings;
    let title = match title {
        Some(title) => {
            let title = one_line(&title, limits::MAX_TITLE).map_err(refused_title)?;
            Some(Some(title).filter(|title| !title.is_empty()))
        }
        None => None,
    };
    if hue.is_some_and(|hue| hue >= HUES) {
        return Err(invalid("A picture's colour is a number from 0 to 7"));
    }
    let emoji = match emoji.as_deref().map(str::trim) {
        Some("") => Some(None),
        Some(emoji) => match one_emoji(emoji) {
            Some(emoji) => Some(Some(emoji.to_owned())),
            None => return Err(invalid("A picture is one emoji")),
        },
        None => None,
    };
    Ok(GroupUpdate { title, hue, emoji, history })
}
