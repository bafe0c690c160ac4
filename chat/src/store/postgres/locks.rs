//! Row locks of a batch, taken before it begins, in one order that excludes deadlocks between nodes: conversations, then people,
//! then members, each by id. The batch reads its rows after that, as the last holder of the locks left them.

use super::Connection;
use super::shared_sql::mention;
use super::shared_sql::rows::{flag, get};
use crate::store::error::{Result, StoreError};
use crate::store::{GroupChange, GroupWrite, NewIncomingWebhook, NewLink, SubjectWrite, Write};
use protocol::{Role, UserId};
use std::collections::BTreeSet;
use std::slice;

pub(super) const CONVERSATIONS: &str =
    "SELECT id FROM conversation WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
/// Like [`CONVERSATIONS`], with whether each is still empty, or may be in an archive, those of the people `$2` who have a draft
/// there, and whether memberships may be at rest.
pub(super) const EMPTY: &str = "SELECT c.id, \
        NOT EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id) OR c.has_archived = 1, \
        ARRAY(SELECT d.user_id FROM draft d WHERE d.conversation_id = c.id AND d.user_id = ANY($2)), c.has_resting \
     FROM conversation c WHERE c.id = ANY($1) ORDER BY c.id FOR NO KEY UPDATE OF c";
/// The members in whose lists these conversations appear with a message.
pub(super) const UNLISTED: &str = "SELECT conversation_id, user_id FROM member \
     WHERE conversation_id = ANY($1) AND (listed = 0 OR archived = 1)";
/// The members whose rest a message in these conversations ends.
pub(super) const RESTING: &str =
    "SELECT conversation_id, user_id FROM member WHERE conversation_id = ANY($1) AND rested_at IS NOT NULL";
/// The members who are these people and have pinned a conversation.
pub(super) const PINNED: &str =
    "SELECT conversation_id, user_id FROM member WHERE user_id = ANY($1) AND pinned IS NOT NULL";
pub(super) const PEOPLE: &str = "SELECT id FROM account WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
pub(super) const MEMBERS: &str = "SELECT w.user_id FROM unnest($1::bigint[], $2::bigint[]) AS j (conversation, person) \
     JOIN member w ON w.conversation_id = j.conversation AND w.user_id = j.person \
     ORDER BY w.conversation_id, w.user_id FOR NO KEY UPDATE OF w";

/// The people whose invitations by `$2` to the conversation `$1` wait for an answer.
pub(super) const INVITED: &str =
    "SELECT user_id FROM invitation WHERE conversation_id = $1 AND invited_by = $2 AND declined_at IS NULL";
/// The bot of an incoming webhook.
pub(super) const BOT: &str = "SELECT bot_id FROM incoming_webhook WHERE id = $1";
/// The groups to which the person `$1` opened a link, or invited somebody who has not answered, with the invited people.
pub(super) const OPENED: &str = "SELECT conversation_id, user_id FROM invitation WHERE invited_by = $1 AND declined_at IS NULL \
     UNION ALL SELECT conversation_id, created_by FROM invitation_link WHERE created_by = $1";

/// Locks all rows that the batch is going to change.
pub(super) async fn take(c: &mut Connection, batch: &[Write]) -> Result<()> {
    let (mut conversations, mut people, mut members) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut pinning = BTreeSet::new();
    let mut senders = BTreeSet::new();
    for write in batch {
        match write {
            Write::Send(message) => {
                conversations.insert(message.conversation.0);
                senders.insert((message.conversation.0, message.sender.0));
            }
            Write::Mark(mark) => {
                if mark.read {
                    people.insert(mark.user.0);
                }
                members.insert((mark.conversation.0, mark.user.0));
            }
            Write::Hide { user, .. }
            | Write::UpdatePreferences { user, .. }
            | Write::ReadNotifications { user, .. } => {
                people.insert(user.0);
            }
            Write::Delete { conversation, .. } => {
                conversations.insert(conversation.0);
            }
            // Concurrent creations of the same conversation are serialised by the locks of its people, before either of them
            // looks for it. Adding it to a list changes the creator's membership, under the lock of the creator.
            Write::CreateConversation(new) => people.extend(new.participants.iter().map(|user| user.0)),
            Write::Group(write) => {
                conversations.insert(write.conversation.0);
                // Concurrent requests of one person are serialised before either of them looks for its id.
                people.insert(write.by.0);
                let changed = match &write.change {
                    GroupChange::Add(added) => added.as_slice(),
                    GroupChange::Remove(member) | GroupChange::SetRole(member, _) => slice::from_ref(member),
                    GroupChange::BecomeOwner => slice::from_ref(&write.by),
                    GroupChange::Update(_) => &[],
                };
                for member in changed {
                    people.insert(member.0);
                    members.insert((write.conversation.0, member.0));
                }
            }
            // Creations of the same conversation are serialised by the locks of its people, or collide.
            Write::Subject(SubjectWrite::Open(new)) => {
                people.extend(new.participants.iter().map(|(user, _)| user.0));
            }
            Write::Subject(
                SubjectWrite::Update { conversation, .. }
                | SubjectWrite::Close { conversation, .. }
                | SubjectWrite::Reopen { conversation }
                | SubjectWrite::Moderate { conversation, .. },
            ) => {
                conversations.insert(conversation.0);
            }
            Write::Subject(SubjectWrite::ByParticipant(closing)) => {
                conversations.insert(closing.conversation.0);
                people.insert(closing.by.0);
            }
            Write::SetMembership { user, conversation, change } => {
                if change.archived.is_some() {
                    conversations.insert(conversation.0);
                }
                if change.archived.is_some() || change.pinned.is_some() {
                    pinning.insert(user.0);
                }
                people.insert(user.0);
                members.insert((conversation.0, user.0));
            }
            Write::Join { conversation, user, .. } => {
                conversations.insert(conversation.0);
                people.insert(user.0);
                members.insert((conversation.0, user.0));
            }
            Write::CreateLink(NewLink { by, conversation, .. }) => {
                conversations.insert(conversation.0);
                people.insert(by.0);
            }
            Write::RevokeLink { conversation, .. } => {
                conversations.insert(conversation.0);
            }
            Write::CreateIncomingWebhook(NewIncomingWebhook { by, conversation, .. })
            | Write::RevokeIncomingWebhook { by, conversation, .. } => {
                conversations.insert(conversation.0);
                people.insert(by.0);
            }
            Write::EndInvitation { user, .. } => {
                people.insert(user.0);
            }
        }
    }
    let conversations: Vec<_> = conversations.into_iter().collect();
    // A draft takes the counter of its person when its text is sent.
    let found = look(c, &conversations, senders).await?;
    people.extend(found.drafted);
    members.extend(found.resting);
    for (conversation, person) in found.unlisted {
        people.insert(person);
        members.insert((conversation, person));
    }
    // The mentioned members, whom nobody can remove now, and people whose invitations end with the permission of who invited
    // them. Nobody is invited to a locked group meanwhile.
    for write in batch {
        match write {
            Write::Send(message) => {
                let found = mention::find(c, message.conversation, message.sender, &message.content).await?;
                people.extend(found.into_iter().map(|(user, _)| user.0));
            }
            Write::Group(GroupWrite {
                conversation,
                change: GroupChange::Remove(member) | GroupChange::SetRole(member, Role::Member),
                ..
            }) => {
                let invited =
                    sqlx::query(INVITED).bind(conversation.0).bind(member.0).fetch_all(&mut *c).await?;
                for row in &invited {
                    people.insert(get(row, 0)?);
                }
            }
            Write::RevokeIncomingWebhook { conversation, webhook, .. } => {
                let bot: Option<i64> = sqlx::query_scalar(BOT).bind(webhook).fetch_optional(&mut *c).await?;
                people.extend(bot);
                members.extend(bot.map(|bot| (conversation.0, bot)));
            }
            _ => {}
        }
    }
    people_in_order(c, &people.into_iter().collect::<Vec<_>>()).await?;
    if !pinning.is_empty() {
        // Pins change under the lock of their person.
        let rows =
            sqlx::query(PINNED).bind(pinning.into_iter().collect::<Vec<_>>()).fetch_all(&mut *c).await?;
        for row in &rows {
            members.insert((get(row, 0)?, get(row, 1)?));
        }
    }
    if !members.is_empty() {
        let (conversations, people): (Vec<i64>, Vec<i64>) = members.into_iter().unzip();
        sqlx::query(MEMBERS).bind(conversations).bind(people).execute(c).await?;
    }
    Ok(())
}

/// The rows besides the conversations that a batch changes.
#[derive(Default)]
struct Concerned {
    /// The memberships that a message of a sender changes: a first one, or one that ends an archiving.
    unlisted: Vec<(i64, i64)>,
    /// The senders who have a draft.
    drafted: Vec<i64>,
    /// The memberships whose rest a message ends.
    resting: Vec<(i64, i64)>,
}

/// Locks these conversations, and looks for what messages change besides them; those of the `senders` (conversation and person) may
/// be text.
async fn look(c: &mut Connection, ids: &[i64], senders: BTreeSet<(i64, i64)>) -> Result<Concerned> {
    let mut found = Concerned::default();
    if ids.is_empty() {
        return Ok(found);
    }
    let (at, senders): (Vec<i64>, Vec<i64>) = senders.into_iter().unzip();
    let rows = sqlx::query(EMPTY).bind(ids).bind(senders).fetch_all(&mut *c).await?;
    let (mut empty, mut resting): (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
    for row in &rows {
        let id: i64 = get(row, 0)?;
        if flag(row, 1)? && at.contains(&id) {
            empty.push(id);
        }
        found.drafted.extend(get::<Vec<i64>>(row, 2)?);
        if flag(row, 3)? {
            resting.push(id);
        }
    }
    if !empty.is_empty() {
        found.unlisted = memberships(c, UNLISTED, empty).await?;
    }
    if !resting.is_empty() {
        found.resting = memberships(c, RESTING, resting).await?;
    }
    Ok(found)
}

/// Reads conversations and members by one of the statements above.
async fn memberships(c: &mut Connection, sql: &'static str, ids: Vec<i64>) -> Result<Vec<(i64, i64)>> {
    let rows = sqlx::query(sql).bind(ids).fetch_all(c).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

/// Locks these conversations with the memberships of one person.
pub(super) async fn for_rest(c: &mut Connection, user: UserId, ids: &[i64]) -> Result<()> {
    conversations_in_order(c, ids).await?;
    sqlx::query(MEMBERS).bind(ids).bind(vec![user.0; ids.len()]).execute(c).await?;
    Ok(())
}

/// Locks these conversations.
pub(super) async fn conversations_in_order(c: &mut Connection, ids: &[i64]) -> Result<()> {
    if !ids.is_empty() {
        sqlx::query(CONVERSATIONS).bind(ids).execute(c).await?;
    }
    Ok(())
}

/// Locks these people, after the conversations.
pub(super) async fn people_in_order(c: &mut Connection, ids: &[i64]) -> Result<()> {
    if !ids.is_empty() {
        sqlx::query(PEOPLE).bind(ids).execute(c).await?;
    }
    Ok(())
}

/// Locks a person whose links and invitations end, with their groups and the invited people.
pub(super) async fn for_suspension(c: &mut Connection, user: UserId) -> Result<()> {
    let (conversations, mut people) = opened(c, user).await?;
    people.insert(user.0);
    conversations_in_order(c, &conversations.iter().copied().collect::<Vec<_>>()).await?;
    people_in_order(c, &people.iter().copied().collect::<Vec<_>>()).await?;
    // Under the lock of the person there are no more. Others would be locked out of order: the transaction begins again.
    let (more_conversations, more_people) = opened(c, user).await?;
    if more_conversations.is_subset(&conversations) && more_people.is_subset(&people) {
        return Ok(());
    }
    Err(StoreError::Collision("a suspended person opened a group meanwhile".into()))
}

/// The groups that a person opened to others, and the people whom they invited.
async fn opened(c: &mut Connection, user: UserId) -> Result<(BTreeSet<i64>, BTreeSet<i64>)> {
    let (mut conversations, mut people) = (BTreeSet::new(), BTreeSet::new());
    for row in &sqlx::query(OPENED).bind(user.0).fetch_all(c).await? {
        conversations.insert(get(row, 0)?);
        people.insert(get(row, 1)?);
    }
    Ok((conversations, people))
}

/// The members of these conversations.
const MEMBERS_OF: &str = "SELECT user_id FROM member WHERE conversation_id = ANY($1) \
     ORDER BY conversation_id, user_id FOR NO KEY UPDATE";

/// Locks these conversations with their members, and these people, among whom the members have to be.
pub(super) async fn for_import(c: &mut Connection, conversations: &[i64], people: &[i64]) -> Result<()> {
    conversations_in_order(c, conversations).await?;
    people_in_order(c, people).await?;
    if !conversations.is_empty() {
        sqlx::query(MEMBERS_OF).bind(conversations).execute(c).await?;
    }
    Ok(())
}
