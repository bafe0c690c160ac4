//! Adds people to a group.

use super::create_conversation::increment_user_revs;
use super::dialect::{among, numbers};
use super::notifications::{self, StoredKind};
use super::rows::{get, member_columns, person, person_columns};
use super::{Connection, Facts, counters, invitations, rows, system_message};
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{GroupChanged, NewlyListed};
use protocol::limits::SMALL_CONVERSATION;
use protocol::{
    Conversation, ConversationId, GroupEvent, GroupEventKind, History, Member, Message, NotificationLevel,
    Person, Role, Timestamp, UserId,
};
use std::collections::HashMap;

/// Temporary accounts are no people: they are deleted with their conversations.
const PEOPLE: &str = concat!(
    "SELECT ",
    person_columns!("a"),
    " FROM account a WHERE a.kind <> 1 AND a.id ",
    among!("$1"),
    " ORDER BY a.id"
);

const MEMBERS: &str = concat!(
    "SELECT user_id, has_left, shown_read_seq, delivered_seq FROM member WHERE conversation_id = $1 AND user_id ",
    among!("$2")
);

/// The members that a list shows; a constant number, so that SQLite prepares the statement once.
const SHOWN: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM member o JOIN account a ON a.id = o.user_id WHERE o.conversation_id = $1 \
     ORDER BY o.has_left, o.user_id LIMIT 32"
);

const WRITE: &str = concat!(
    "INSERT INTO member (conversation_id, user_id, role, rev, joined_seq, from_seq) \
     SELECT $1, a.id, 0, $2, $2, $3 FROM account a WHERE a.id ",
    among!("$4"),
    " ON CONFLICT (conversation_id, user_id) DO UPDATE SET role = 0, rev = excluded.rev, \
        joined_seq = excluded.joined_seq, from_seq = excluded.from_seq, has_left = 0, listed = 1"
);

/// Adds those of these people who are not members.
pub(super) async fn people(
    c: &mut Connection,
    facts: &Facts,
    ids: &[UserId],
    now: Timestamp,
) -> Result<GroupChanged> {
    policy::may_add(facts.kind, facts.role)?;
    let held = positions(c, facts.id, ids).await?;
    let is_there = |user: &UserId| held.get(user).is_some_and(|(left, ..)| !left);
    let new: Vec<UserId> = ids.iter().filter(|user| !is_there(user)).copied().collect();
    let people = find(c, &new).await?;
    if people.len() != new.len() {
        return Err(StoreError::not_found());
    }
    policy::may_be_added(&people)?;
    let (added, invited) = invitations::split(c, facts.by.id, &new).await?;
    policy::has_room(facts.members, added.len())?;
    let due = invitations::due(c, Some(facts.id), facts.by.id, &invited, now).await?;
    let mut changed = GroupChanged::default();
    if !added.is_empty() {
        let people: Vec<_> = people.into_iter().filter(|person| added.contains(&person.id)).collect();
        let event = GroupEvent::about(GroupEventKind::Added, people.clone());
        changed = admit(c, facts, people, event, now).await?;
    }
    changed.invited = invitations::invite(c, facts.id, facts.by.id, &due, now).await?;
    Ok(changed)
}

/// Makes people members, who are none, with this message. Their invitations end with that.
pub(in crate::store) async fn admit(
    c: &mut Connection,
    facts: &Facts,
    people: Vec<Person>,
    event: GroupEvent,
    now: Timestamp,
) -> Result<GroupChanged> {
    let users: Vec<UserId> = people.iter().map(|person| person.id).collect();
    let held = positions(c, facts.id, &users).await?;
    let ended = invitations::withdraw(c, facts.id, &users, now).await?;
    let rev = counters::next_of_conversation(c, facts.id).await?;
    let message = system_message::insert(c, facts.id, rev, facts.by.clone(), event, now).await?;
    let members = write(c, facts.id, facts.history, rev, people, &held).await?;
    let newly_listed = appear(c, facts, &members, &message).await?;
    let others = members.iter().map(|member| member.user.id).filter(|user| *user != facts.by.id);
    let others: Vec<UserId> = others.collect();
    let title = facts.title.as_deref();
    let notified = notifications::store(c, &others, StoredKind::Added, title, &message).await?;
    let messages = vec![message];
    Ok(GroupChanged { messages, members, newly_listed, ended, notified, ..GroupChanged::default() })
}

/// The positions of those who are or were members, as all members see them, and whether they left.
type Positions = HashMap<UserId, (bool, i64, i64)>;

async fn positions(c: &mut Connection, id: ConversationId, users: &[UserId]) -> Result<Positions> {
    let rows =
        sqlx::query(MEMBERS).bind(id.0).bind(numbers(users.iter().map(|user| user.0))?).fetch_all(c).await?;
    let position = |row| Ok((UserId(get(row, 0)?), (get::<i64>(row, 1)? != 0, get(row, 2)?, get(row, 3)?)));
    rows.iter().map(position).collect()
}

/// Reads the people, ordered by id.
async fn find(c: &mut Connection, ids: &[UserId]) -> Result<Vec<Person>> {
    let rows = sqlx::query(PEOPLE).bind(numbers(ids.iter().map(|id| id.0))?).fetch_all(c).await?;
    rows.iter().map(|row| person(row, 0)).collect()
}

/// Writes the memberships as of `rev`. Positions only grow, so that a former member keeps those of before.
async fn write(
    c: &mut Connection,
    id: ConversationId,
    history: History,
    rev: i64,
    people: Vec<Person>,
    held: &Positions,
) -> Result<Vec<Member>> {
    // From the message about the joining itself.
    let from_seq = if history.is_whole() { 0 } else { rev - 1 };
    sqlx::query(WRITE)
        .bind(id.0)
        .bind(rev)
        .bind(from_seq)
        .bind(numbers(people.iter().map(|person| person.id.0))?)
        .execute(c)
        .await?;
    let member = |user: Person| {
        let (_, read_seq, delivered_seq) = held.get(&user.id).copied().unwrap_or_default();
        Member {
            user,
            role: Role::Member,
            rev,
            joined_seq: rev,
            read_seq,
            delivered_seq,
            left: false,
            subject_role: None,
        }
    };
    Ok(people.into_iter().map(member).collect())
}

/// The group in the lists of its new members, as [`super::super::list`] would read it.
async fn appear(
    c: &mut Connection,
    facts: &Facts,
    members: &[Member],
    message: &Message,
) -> Result<Vec<NewlyListed>> {
    let users: Vec<UserId> = members.iter().map(|member| member.user.id).collect();
    let revs = increment_user_revs(c, &users).await?;
    let shown = rows::members(&sqlx::query(SHOWN).bind(facts.id.0).fetch_all(c).await?)?;
    let entry = |own: &Member| {
        let others = shown.iter().filter(|member| member.user.id != own.user.id).take(SMALL_CONVERSATION - 1);
        let mut members: Vec<Member> = others.chain([own]).cloned().collect();
        members.sort_unstable_by_key(|member| member.user.id);
        Conversation {
            id: facts.id,
            kind: facts.kind,
            title: facts.title.clone(),
            rev: message.rev,
            members,
            member_count: facts.members + i64::try_from(users.len()).unwrap_or(i64::MAX),
            last_message: Some(message.clone()),
            unread: 0,
            read_seq: own.read_seq,
            created_at: facts.created_at,
            muted_until: None,
            archived: false,
            pinned: None,
            marked_unread: false,
            draft: None,
            notify: NotificationLevel::Default,
            hue: facts.hue,
            emoji: facts.emoji.clone(),
            history: facts.history,
            subject: None,
        }
    };
    // Both are ordered by id.
    let listed = revs.into_iter().zip(members).map(|((user, user_rev), own)| NewlyListed {
        user,
        user_rev,
        conversation: entry(own),
    });
    Ok(listed.collect())
}
