//! Payloads of events.

use crate::store::{ProductIdentity, WebhookDelivery, WebhookEventKind, WebhookFacts};
use protocol::{
    ConversationId, ConversationKind, GroupEvent, Message, Person, Role, Subject, Timestamp, UserId,
};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Payload<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    conversation: ConversationData<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a Person>,
    /// The person who made the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a Person>,
    /// The reason for closing.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<MemberData<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipients: Option<Vec<RecipientData<'a>>>,
    /// By the ids of people.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    identities: &'a BTreeMap<UserId, ProductIdentity>,
}

#[derive(Serialize)]
struct ConversationData<'a> {
    id: ConversationId,
    kind: ConversationKind,
    title: Option<&'a str>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a Subject>,
}

#[derive(Serialize)]
struct MemberData<'a> {
    user: &'a Person,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_role: Option<&'a str>,
}

#[derive(Serialize)]
struct RecipientData<'a> {
    user: &'a Person,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_role: Option<&'a str>,
    unread: i64,
}

/// The payload as JSON.
pub(super) fn payload(event: &WebhookDelivery, facts: &WebhookFacts) -> serde_json::Result<Vec<u8>> {
    use WebhookEventKind::{
        ConversationClosed, ConversationCreated, MemberJoined, MemberLeft, MessageCreated, MessageDeleted,
        MessageUnread,
    };
    let message = facts.message.as_ref();
    let is_of_message = matches!(event.kind, MessageCreated | MessageDeleted | MessageUnread);
    let is_of_member = matches!(event.kind, MemberJoined | MemberLeft);
    let change = message.and_then(|message| message.event.as_deref());
    // A product is no person.
    let is_by_sender = is_of_member || change.is_some_and(|change| change.by_sender);
    let moderator = change.and_then(GroupEvent::moderator);
    let closed =
        change.filter(|_| event.kind == ConversationClosed).and_then(|change| change.subject.as_ref());
    let members = || {
        facts.members.iter().map(|member| MemberData {
            user: &member.user,
            role: member.role,
            subject_role: member.subject_role.as_deref(),
        })
    };
    let recipients = || {
        facts.recipients.iter().map(|one| RecipientData {
            user: &one.person,
            subject_role: one.subject_role.as_deref(),
            unread: one.unread,
        })
    };
    serde_json::to_vec(&Payload {
        kind: event.kind.as_str(),
        timestamp: event.created_at,
        data: Data {
            conversation: ConversationData {
                id: event.conversation,
                kind: facts.conversation_kind,
                title: facts.title.as_deref(),
                created_at: facts.conversation_created_at,
                subject: facts.subject.as_ref(),
            },
            message: message.filter(|_| is_of_message),
            user: facts.user.as_ref(),
            by: message.filter(|_| is_by_sender).map(|message| &message.sender).or(moderator),
            reason: closed.and_then(|subject| subject.closed.as_deref()),
            members: (event.kind == ConversationCreated).then(|| members().collect()),
            recipients: (event.kind == MessageUnread).then(|| recipients().collect()),
            identities: &facts.identities,
        },
    })
}
