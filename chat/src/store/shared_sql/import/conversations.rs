//! The conversations of a batch, by their keys.

use super::super::dialect::{among, json, json_rows, numbers, texts};
use super::super::rows::{
    closed_by_number, get, history_number, kind_number, notification_level_number, role_number,
};
use super::names::Names;
use super::subjects::{Participation, Subjects};
use super::{Connection, Refusal};
use crate::store::error::{Result, StoreError};
use crate::store::{ImportCounts, ImportRow, SubjectCard, TransferConversation, TransferMember};
use protocol::{ConversationId, ConversationKind, NotificationLevel, Timestamp, UserId};
use std::collections::{BTreeSet, HashMap};

pub(in super::super) const RECORDED: &str =
    concat!("SELECT key, conversation_id FROM imported_conversation WHERE key ", among!("$1"));

/// The key that an export gives a conversation which was not imported. The same database knows it again by id and creation.
pub(in super::super) fn own_key(id: i64, created_at: i64) -> String {
    format!("{id}-{created_at}")
}

fn parse_own_key(key: &str) -> Option<(i64, i64)> {
    let (id, created_at) = key.split_once('-')?;
    Some((id.parse().ok()?, created_at.parse().ok()?))
}

/// The conversations that exist, and those to create.
pub(super) struct Plan<'a> {
    known: HashMap<&'a str, ConversationId>,
    /// Ids of direct conversations by their pair.
    direct: HashMap<String, ConversationId>,
    subjects: Subjects,
    new: Vec<New<'a>>,
    /// The index of the row of each new conversation.
    new_keys: HashMap<&'a str, usize>,
}

struct New<'a> {
    row: &'a TransferConversation,
    members: Vec<(UserId, &'a TransferMember)>,
    /// The pair of a direct conversation.
    direct_key: Option<String>,
    subject: Option<Participation>,
    /// The index of the row.
    index: usize,
}

impl<'a> Plan<'a> {
    /// Looks for the conversations of these rows.
    pub(super) async fn make(
        c: &mut Connection,
        rows: &'a [ImportRow],
        names: &Names,
        refusal: &mut Refusal,
        counts: &mut ImportCounts,
    ) -> Result<Self> {
        let mut plan = Self {
            known: known(c, rows).await?,
            direct: HashMap::new(),
            subjects: Subjects::default(),
            new: Vec::new(),
            new_keys: HashMap::new(),
        };
        for (index, row) in rows.iter().enumerate() {
            let ImportRow::Conversation(conversation) = row else { continue };
            let key = conversation.key.as_str();
            if plan.known.contains_key(key) || plan.new_keys.contains_key(key) {
                counts.repeated += 1;
                continue;
            }
            plan.new_keys.insert(key, index);
            match New::of(conversation, names, index) {
                Ok(new) => plan.new.push(new),
                Err(username) => refusal.invalid(index, format!("There is nobody named {username}")),
            }
        }
        plan.find_direct(c).await?;
        plan.find_subjects(c, refusal).await?;
        Ok(plan)
    }

    /// Reads the direct conversations of the pairs that are to have one.
    async fn find_direct(&mut self, c: &mut Connection) -> Result<()> {
        let pairs: Vec<String> = self.new.iter().filter_map(|new| new.direct_key.clone()).collect();
        if pairs.is_empty() {
            return Ok(());
        }
        let rows =
            sqlx::query(concat!("SELECT direct_key, id FROM conversation WHERE direct_key ", among!("$1")))
                .bind(texts(&pairs)?)
                .fetch_all(c)
                .await?;
        for row in &rows {
            self.direct.insert(get(row, 0)?, ConversationId(get(row, 1)?));
        }
        for new in &self.new {
            if let Some(id) = new.direct_key.as_ref().and_then(|key| self.direct.get(key)) {
                self.known.insert(&new.row.key, *id);
            }
        }
        Ok(())
    }

    /// Reads the conversations about subjects that exist.
    async fn find_subjects(&mut self, c: &mut Connection, refusal: &mut Refusal) -> Result<()> {
        for new in &self.new {
            let Some(subject) = &new.subject else { continue };
            match self.subjects.look(c, subject).await? {
                Ok(found) => self.known.extend(found.map(|id| (new.row.key.as_str(), id))),
                Err(why) => refusal.note(new.index, why),
            }
        }
        Ok(())
    }

    /// The conversation with this key, if it exists.
    pub(super) fn known(&self, key: &str) -> Option<ConversationId> {
        self.known.get(key).copied()
    }

    /// Whether the row with this index may name this key: of a conversation that exists, or has its row before.
    pub(super) fn has(&self, key: &str, index: usize) -> bool {
        self.known.contains_key(key) || self.new_keys.get(key).is_some_and(|row| *row < index)
    }

    /// The members of the new conversations.
    pub(super) fn people(&self) -> BTreeSet<UserId> {
        self.new.iter().flat_map(|new| new.members.iter().map(|(user, _)| *user)).collect()
    }

    /// Creates the new conversations, and returns everybody in whose list one appears.
    pub(super) async fn create(
        &mut self,
        c: &mut Connection,
        now: Timestamp,
        counts: &mut ImportCounts,
    ) -> Result<BTreeSet<UserId>> {
        let (mut members, mut keys, mut concerned) = (Vec::new(), Vec::new(), BTreeSet::new());
        for new in std::mem::take(&mut self.new) {
            let place = new.subject.as_ref().map(|subject| &subject.place);
            let found = new.direct_key.as_ref().and_then(|key| self.direct.get(key)).copied();
            let found = found.or_else(|| self.subjects.known(place?));
            let id = match found {
                Some(id) => {
                    counts.repeated += 1;
                    id
                }
                None => {
                    let id = new.insert(c, now).await?;
                    members.extend(new.members.iter().map(|(user, member)| cells(id, *user, member)));
                    let listed = new.members.iter().filter(|(_, member)| member.listed && !member.left);
                    concerned.extend(listed.map(|(user, _)| *user));
                    self.direct.extend(new.direct_key.map(|key| (key, id)));
                    if let Some(subject) = new.subject {
                        self.subjects.note(subject.place, id);
                    }
                    counts.conversations += 1;
                    id
                }
            };
            self.known.insert(&new.row.key, id);
            keys.push((&new.row.key, id.0));
        }
        if keys.is_empty() {
            return Ok(concerned);
        }
        insert_members(c, &members).await?;
        record(c, &keys).await?;
        Ok(concerned)
    }
}

/// A row of `member`.
type MemberCells<'a> = (i64, i64, i64, i64, i64, i64, i64, i64, Option<&'a str>);

fn cells(id: ConversationId, user: UserId, member: &TransferMember) -> MemberCells<'_> {
    // The messages of a new conversation are numbered from 1, so that nobody sees what they may not before it is complete.
    let (joined_seq, from_seq) = (member.joined, member.unseen);
    let (listed, left) = (i64::from(member.listed), i64::from(member.left));
    let subject_role = member.subject_role.as_deref();
    // As in a conversation that a product opens.
    let notify = if subject_role.is_some() { NotificationLevel::All } else { NotificationLevel::Default };
    let (role, notify) = (role_number(member.role), notification_level_number(notify));
    (id.0, user.0, role, listed, left, joined_seq, from_seq, notify, subject_role)
}

impl<'a> New<'a> {
    /// Finds the members.
    ///
    /// # Errors
    /// The username that nobody has.
    fn of(row: &'a TransferConversation, names: &Names, index: usize) -> Result<Self, &'a str> {
        let mut members = Vec::with_capacity(row.members.len());
        for member in &row.members {
            members.push((names.at(&member.username, index).ok_or(member.username.as_str())?, member));
        }
        let direct_key = match (row.kind, members.as_slice()) {
            (ConversationKind::Direct, [(one, _), (other, _)]) => {
                Some(format!("{}:{}", one.min(other), one.max(other)))
            }
            _ => None,
        };
        let subject = Participation::of(row, &members);
        Ok(Self { row, members, direct_key, subject, index })
    }

    async fn insert(&self, c: &mut Connection, now: Timestamp) -> Result<ConversationId> {
        let place = self.subject.as_ref().map(|subject| &subject.place);
        let subject = self.row.subject.as_ref().map(|subject| &subject.subject);
        let closed = subject.and_then(|subject| subject.closed.as_ref());
        let closed_by = subject.and_then(|subject| subject.closed_by);
        let card = subject.map(|subject| json(&SubjectCard::of(subject.clone()))).transpose()?;
        let id: Option<i64> = sqlx::query_scalar(
            "INSERT INTO conversation (kind, title, direct_key, created_at, active_at, hue, emoji, history, \
                subject_kind, subject_id, subject_people, subject_card, closed_reason, closed_by) \
             VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING id",
        )
        .bind(kind_number(self.row.kind))
        .bind(&self.row.title)
        .bind(&self.direct_key)
        .bind(self.row.created_at.unwrap_or(now).0)
        .bind(self.row.hue.map(i64::from))
        .bind(&self.row.emoji)
        .bind(history_number(self.row.history))
        .bind(place.map(|place| &place.kind))
        .bind(place.map(|place| &place.id))
        .bind(place.map(|place| &place.people))
        .bind(card)
        .bind(closed)
        .bind(closed_by.map(closed_by_number))
        .fetch_optional(c)
        .await?;
        let another = || StoreError::Collision("another server created the same conversation".into());
        id.map(ConversationId).ok_or_else(another)
    }
}

/// The conversations that exist, of those that these rows name: imported before, or exported by this installation.
async fn known<'a>(c: &mut Connection, rows: &'a [ImportRow]) -> Result<HashMap<&'a str, ConversationId>> {
    let keys: BTreeSet<&'a str> = rows
        .iter()
        .filter_map(|row| match row {
            ImportRow::Person(_) => None,
            ImportRow::Conversation(conversation) => Some(conversation.key.as_str()),
            ImportRow::Message { message, .. } => Some(message.conversation.as_str()),
        })
        .collect();
    let texts_of_keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let recorded = sqlx::query(RECORDED).bind(texts(&texts_of_keys)?).fetch_all(&mut *c).await?;
    let mut known = HashMap::new();
    for row in &recorded {
        if let Some(key) = keys.get(get::<&str>(row, 0)?) {
            known.insert(*key, ConversationId(get(row, 1)?));
        }
    }
    let own = keys.iter().filter(|key| !known.contains_key(*key));
    let own: HashMap<(i64, i64), &str> = own.filter_map(|key| Some((parse_own_key(key)?, *key))).collect();
    if own.is_empty() {
        return Ok(known);
    }
    let rows = sqlx::query(concat!("SELECT id, created_at FROM conversation WHERE id ", among!("$1")))
        .bind(numbers(own.keys().map(|(id, _)| *id))?)
        .fetch_all(c)
        .await?;
    for row in &rows {
        let id: i64 = get(row, 0)?;
        if let Some(key) = own.get(&(id, get(row, 1)?)) {
            known.insert(key, ConversationId(id));
        }
    }
    Ok(known)
}

async fn insert_members(c: &mut Connection, members: &[MemberCells<'_>]) -> Result<()> {
    sqlx::query(concat!(
        "INSERT INTO member (conversation_id, user_id, role, listed, has_left, joined_seq, from_seq, notify, subject_role) \
         SELECT CAST(j.value ->> 0 AS BIGINT), CAST(j.value ->> 1 AS BIGINT), CAST(j.value ->> 2 AS BIGINT), \
            CAST(j.value ->> 3 AS BIGINT), CAST(j.value ->> 4 AS BIGINT), CAST(j.value ->> 5 AS BIGINT), \
            CAST(j.value ->> 6 AS BIGINT), CAST(j.value ->> 7 AS BIGINT), j.value ->> 8 FROM ",
        json_rows!("$1")
    ))
    .bind(json(members)?)
    .execute(c)
    .await?;
    Ok(())
}

/// Records the keys.
async fn record(c: &mut Connection, keys: &[(&String, i64)]) -> Result<()> {
    let recorded = sqlx::query(concat!(
        "INSERT INTO imported_conversation (key, conversation_id) \
         SELECT j.value ->> 0, CAST(j.value ->> 1 AS BIGINT) FROM ",
        json_rows!("$1"),
        " WHERE true ON CONFLICT DO NOTHING"
    ))
    .bind(json(keys)?)
    .execute(c)
    .await?;
    if recorded.rows_affected() < keys.len() as u64 {
        return Err(StoreError::Collision("another import created the same conversation".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_key_names_id_and_creation() {
        assert_eq!(parse_own_key(&own_key(12, 1_700_000_000_000_001)), Some((12, 1_700_000_000_000_001)));
        for other in ["", "12", "general", "a-b", "12-"] {
            assert_eq!(parse_own_key(other), None, "{other}");
        }
    }
}
