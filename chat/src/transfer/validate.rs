//! Validation of lines: the rules of registration, of titles and of messages, as far as they need no database.

use super::record::{ConversationRecord, MessageRecord, Record, UserRecord};
use super::subject_record::configured;
use crate::account::{check_username, normalise_name};
use crate::emoji::one_emoji;
use crate::entered_text::one_line;
use crate::image_origins::is_picture;
use crate::service::refused_title;
use crate::store::{
    ImportRow, MemberPositions, Positions, TransferConversation, TransferEvent, TransferMember,
    TransferMessage, TransferPerson, TransferSubject,
};
use crate::subject_kind::SubjectKind;
use crate::{Error, Result};
use protocol::{ConversationKind, ErrorBody, ErrorCode, MessageType, Role, Timestamp, limits};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The longest key, in bytes.
const MAX_KEY: usize = 200;
/// How far a time may lie in the future, in microseconds: a day, for clocks that are wrong.
const MAX_AHEAD: i64 = 86_400_000_000;

/// The conversations of a file so far.
pub(super) struct Conversations<'a> {
    /// The kinds of subjects of this installation.
    kinds: &'a [SubjectKind],
    progress: HashMap<String, Progress>,
}

#[derive(Default)]
struct Progress {
    /// Number of messages so far.
    messages: i64,
    positions: Arc<Positions>,
}

impl<'a> Conversations<'a> {
    pub(super) fn new(kinds: &'a [SubjectKind]) -> Self {
        Self { kinds, progress: HashMap::new() }
    }

    /// Validates a line.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn row(&mut self, record: Record, now: Timestamp) -> Result<ImportRow> {
        match record {
            Record::User(user) => Ok(ImportRow::Person(person(user, now)?)),
            Record::Conversation(record) => {
                let key = record.key.clone();
                let conversation = conversation(record, self.kinds, now)?;
                let positions = Arc::new(positions(&conversation));
                self.progress.entry(key).or_insert(Progress { messages: 0, positions });
                Ok(ImportRow::Conversation(conversation))
            }
            Record::Message(record) => {
                let message = message(record, self.kinds, now)?;
                let progress = self.progress.entry(message.conversation.clone()).or_default();
                progress.messages += 1;
                let (number, positions) = (progress.messages, Arc::clone(&progress.positions));
                Ok(ImportRow::Message { message, number, positions })
            }
        }
    }
}

fn invalid(why: impl Into<String>) -> Error {
    ErrorBody::because(ErrorCode::Invalid, why).into()
}

fn check_hue(hue: Option<u8>) -> Result<()> {
    match hue {
        Some(8..) => Err(invalid("A hue is a number from 0 to 7")),
        _ => Ok(()),
    }
}

fn normalise_title(title: Option<&str>) -> Result<Option<String>> {
    let title = one_line(title.unwrap_or_default(), limits::MAX_TITLE).map_err(refused_title)?;
    Ok(Some(title).filter(|title| !title.is_empty()))
}

fn normalise_emoji(emoji: Option<&str>) -> Result<Option<String>> {
    let one = |emoji| one_emoji(emoji).map(str::to_owned).ok_or_else(|| invalid("A picture is one emoji"));
    emoji.map(one).transpose()
}

fn check_time(at: Timestamp, now: Timestamp) -> Result<()> {
    match at.0 {
        ..0 => Err(invalid(format!("The time {at} lies before 1970"))),
        ahead if ahead > now.0.saturating_add(MAX_AHEAD) => {
            Err(invalid(format!("The time {at} lies in the future")))
        }
        _ => Ok(()),
    }
}

fn person(user: UserRecord, now: Timestamp) -> Result<TransferPerson> {
    check_username(&user.username)?;
    check_hue(user.hue)?;
    if user.picture.as_deref().is_some_and(|url| !is_picture(url)) {
        return Err(invalid("A picture is an https URL of at most 2,048 characters"));
    }
    user.created_at.map_or(Ok(()), |at| check_time(at, now))?;
    Ok(TransferPerson {
        first_name: normalise_name(&user.first_name)?,
        last_name: normalise_name(&user.last_name)?,
        username: user.username,
        hue: user.hue,
        picture: user.picture,
        suspended: user.suspended,
        bot: user.bot,
        created_at: user.created_at,
    })
}

fn check_key(key: &str) -> Result<()> {
    match key.len() {
        0 => Err(invalid("A conversation needs a key")),
        1..=MAX_KEY if !key.contains(char::is_control) => Ok(()),
        1..=MAX_KEY => Err(invalid("A key has no control characters")),
        _ => Err(invalid(format!("A key has at most {MAX_KEY} bytes"))),
    }
}

fn conversation(
    mut record: ConversationRecord,
    kinds: &[SubjectKind],
    now: Timestamp,
) -> Result<TransferConversation> {
    check_key(&record.key)?;
    record.created_at.map_or(Ok(()), |at| check_time(at, now))?;
    check_hue(record.hue)?;
    let title = normalise_title(record.title.as_deref())?;
    let emoji = normalise_emoji(record.emoji.as_deref())?;
    if record.members.len() > limits::MAX_PARTICIPANTS {
        return Err(invalid(format!("At most {} people at once", limits::MAX_PARTICIPANTS)));
    }
    let people = record.members.len() + record.former.len();
    if people < 2 {
        return Err(invalid("A conversation needs somebody else"));
    }
    let subject = record.subject.take().map(|subject| subject.checked(kinds)).transpose()?;
    if let Some(subject) = &subject {
        // All of this is the product's.
        let is_changed = title.is_some() || emoji.is_some() || record.hue.is_some();
        if is_changed || !record.owners.is_empty() || !record.moderators.is_empty() {
            return Err(invalid(
                "A conversation about a subject has neither title, picture, owners nor moderators",
            ));
        }
        check_subject_roles(&record, subject, kinds)?;
    } else if !record.subject_roles.is_empty() {
        return Err(invalid("There are `subject_roles` without a `subject`"));
    }
    let is_pair =
        subject.is_none() && record.members.len() == 2 && record.former.is_empty() && title.is_none();
    let kind = match record.kind {
        Some(ConversationKind::Direct) if !is_pair => {
            return Err(invalid("A direct conversation has two members and no title"));
        }
        Some(kind) => kind,
        None if is_pair => ConversationKind::Direct,
        None => ConversationKind::Group,
    };
    if kind == ConversationKind::Direct && (record.hue.is_some() || emoji.is_some()) {
        return Err(invalid("A direct conversation has no picture"));
    }
    let (key, created_at) = (record.key.clone(), record.created_at);
    let (hue, history) = (record.hue, record.history);
    let members = members(record, kind, subject.is_some())?;
    Ok(TransferConversation { key, kind, title, hue, emoji, history, created_at, members, subject })
}

/// Checks that the roles are some of the kind, and the number of participants.
fn check_subject_roles(
    record: &ConversationRecord,
    subject: &TransferSubject,
    kinds: &[SubjectKind],
) -> Result<()> {
    let kind = configured(kinds, &subject.subject.kind)?;
    if let Some(role) = record.subject_roles.values().find(|role| !kind.roles.contains(role)) {
        return Err(invalid(format!("{role} is no role of {}: {}", kind.kind, kind.roles.join(", "))));
    }
    if record.members.len() > limits::SMALL_CONVERSATION {
        return Err(invalid(format!("There are at most {} participants", limits::SMALL_CONVERSATION)));
    }
    Ok(())
}

/// Members in the order of the file, current ones first, and what the lists and maps say about each.
fn members(
    record: ConversationRecord,
    kind: ConversationKind,
    has_subject: bool,
) -> Result<Vec<TransferMember>> {
    let current = record.members.into_iter().map(|username| (username, false));
    let mut members: Vec<TransferMember> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (username, left) in current.chain(record.former.into_iter().map(|username| (username, true))) {
        check_username(&username)?;
        if places.insert(username.to_lowercase(), members.len()).is_some() {
            return Err(invalid(format!("{username} is named twice among the members")));
        }
        let role = Role::Member;
        members.push(TransferMember {
            username,
            role,
            left,
            listed: true,
            joined: 0,
            unseen: 0,
            read: None,
            delivered: None,
            subject_role: None,
        });
    }
    let mut set = |username: &str, change: &dyn Fn(&mut TransferMember)| {
        let place = places.get(&username.to_lowercase());
        let member = place.and_then(|place| members.get_mut(*place));
        member.map(change).ok_or_else(|| invalid(format!("{username} is not among the members")))
    };
    for (names, role) in [(&record.moderators, Role::Moderator), (&record.owners, Role::Owner)] {
        if kind == ConversationKind::Direct && !names.is_empty() {
            return Err(invalid("A direct conversation has neither owners nor moderators"));
        }
        for username in names {
            set(username, &|member| member.role = role)?;
        }
    }
    for (username, role) in &record.subject_roles {
        set(username, &|member| member.subject_role = Some(role.clone()))?;
    }
    for username in &record.unlisted {
        set(username, &|member| member.listed = false)?;
    }
    let mut number = |numbers: &BTreeMap<String, i64>, change: fn(&mut TransferMember, i64)| {
        numbers.iter().try_for_each(|(username, number)| match number {
            ..0 => Err(invalid(format!("The position of {username} is negative"))),
            _ => set(username, &|member| change(member, *number)),
        })
    };
    number(&record.joined, |member, number| member.joined = number)?;
    number(&record.unseen, |member, number| member.unseen = number)?;
    number(&record.delivered, |member, number| member.delivered = Some(number))?;
    number(&record.read, |member, number| member.read = Some(number))?;
    if has_subject && members.iter().any(|member| member.subject_role.is_none()) {
        return Err(invalid("Each member of a conversation about a subject is among the `subject_roles`"));
    }
    let is_owned = members.iter().any(|member| member.role == Role::Owner && !member.left);
    if kind == ConversationKind::Group && !is_owned && !has_subject {
        // An ownerless group could not be managed by anybody.
        members.iter_mut().filter(|member| !member.left).take(1).for_each(|first| first.role = Role::Owner);
    }
    Ok(members)
}

fn positions(conversation: &TransferConversation) -> Positions {
    let of = |member: &TransferMember| {
        let TransferMember { joined, unseen, read, delivered, .. } = *member;
        let positions = MemberPositions { joined, unseen, read, delivered };
        (positions != MemberPositions::default()).then(|| (member.username.to_lowercase(), positions))
    };
    Positions {
        members: conversation.members.iter().filter_map(of).collect(),
        undated: conversation.created_at.is_none(),
    }
}

fn message(record: MessageRecord, kinds: &[SubjectKind], now: Timestamp) -> Result<TransferMessage> {
    check_key(&record.conversation)?;
    check_username(&record.sender)?;
    for at in [Some(record.timestamp), record.edited_at, record.deleted_at].into_iter().flatten() {
        check_time(at, now)?;
    }
    let content = match record.deleted_at {
        Some(_) if !record.content.is_empty() => return Err(invalid("A deleted message has no content")),
        Some(_) => String::new(),
        None => protocol::normalise(&record.content).map_err(|error| Error::from(error.code()))?,
    };
    let event = record.event.map(|event| event_of(event.event(kinds)?)).transpose()?;
    if event.is_some() && !record.system {
        return Err(invalid("Only a system message has an event"));
    }
    Ok(TransferMessage {
        conversation: record.conversation,
        sender: record.sender,
        client_id: record.client_id,
        content,
        message_type: if record.system { MessageType::System } else { MessageType::Text },
        timestamp: record.timestamp,
        edited_at: record.edited_at,
        deleted_at: record.deleted_at,
        reply_to: record.reply_to.map(|reply| (reply.sender, reply.client_id)),
        event,
    })
}

/// The change of a group, validated.
fn event_of(event: TransferEvent) -> Result<TransferEvent> {
    let TransferEvent { mut event, members } = event;
    members.iter().try_for_each(|username| check_username(username))?;
    if members.len() > limits::SMALL_CONVERSATION {
        return Err(invalid(format!("An event names at most {} people", limits::SMALL_CONVERSATION)));
    }
    check_hue(event.hue)?;
    event.title = normalise_title(event.title.as_deref())?;
    event.emoji = normalise_emoji(event.emoji.as_deref())?;
    Ok(TransferEvent { event, members })
}
