//! Permissions: who may do what in a conversation. Pure functions over facts that the store has read.
//!
//! The store calls them inside the transaction that makes the change. That somebody is a member at all is not decided here: rows
//! are read through the membership of the person who asks, and what is not found does not exist.

use protocol::{
    ConversationKind, ErrorBody, ErrorCode, Member, Message, MessageType, Role, Timestamp, UserId,
};

/// How long senders may delete their own messages for everyone, in microseconds: 48 hours.
const DELETE_FOR_EVERYONE_WITHIN: i64 = 48 * 60 * 60 * 1_000_000;

/// Whether a member may send. `partner_suspended`: the conversation is direct, and the other person's account is suspended.
///
/// # Errors
///
/// `Suspended`: the message could not be read before the suspension is lifted, of which nobody would be told.
pub(crate) fn may_send(partner_suspended: bool) -> Result<(), ErrorBody> {
    if partner_suspended { Err(ErrorCode::Suspended.into()) } else { Ok(()) }
}

/// Whether a member with this role may delete a message for everyone. A message that is deleted already may be deleted again.
///
/// # Errors
///
/// `Forbidden`: a system message, or somebody else's without being a moderator, or too late.
pub(crate) fn may_delete_for_everyone(
    role: Role,
    user: UserId,
    message: &Message,
    now: Timestamp,
) -> Result<(), ErrorBody> {
    let moderates = role > Role::Member;
    if message.message_type == MessageType::System || !(moderates || message.sender.id == user) {
        return Err(ErrorCode::Forbidden.into());
    }
    let is_late = now.0 - message.timestamp.0 > DELETE_FOR_EVERYONE_WITHIN;
    if is_late && !moderates && message.deleted_at.is_none() {
        return Err(ErrorBody::because(ErrorCode::Forbidden, "Too late to delete this for everyone"));
    }
    Ok(())
}

/// Whether `by`, who has this role, may end somebody's membership. Anyone may leave a group; moderators may remove members of
/// no higher role than their own.
///
/// # Errors
///
/// `Forbidden`: a direct conversation, which is the one of its two people for ever, or a role that is too low.
pub(crate) fn may_remove(
    kind: ConversationKind,
    by: UserId,
    role: Role,
    removed: &Member,
) -> Result<(), ErrorBody> {
    if kind == ConversationKind::Direct {
        return Err(ErrorBody::because(ErrorCode::Forbidden, "Nobody leaves a direct conversation"));
    }
    let is_allowed = by == removed.user.id || (role > Role::Member && role >= removed.role);
    if is_allowed { Ok(()) } else { Err(ErrorCode::Forbidden.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{ClientId, ConversationId, MessageId, Person};

    const SENDER: UserId = UserId(1);
    const OTHER: UserId = UserId(2);
    const LATE: Timestamp = Timestamp(DELETE_FOR_EVERYONE_WITHIN + 1);

    fn person(id: UserId) -> Person {
        Person {
            id,
            username: "ana".into(),
            first_name: String::new(),
            last_name: String::new(),
            hue: None,
            suspended: false,
            name_key: None,
        }
    }

    fn message(message_type: MessageType, deleted_at: Option<Timestamp>) -> Message {
        Message {
            id: MessageId(1),
            conversation_id: ConversationId(1),
            seq: 1,
            rev: 1,
            client_id: ClientId::mint(),
            sender: person(SENDER),
            content: "hello".into(),
            message_type,
            timestamp: Timestamp(0),
            edited_at: None,
            deleted_at,
            reply_to: None,
        }
    }

    fn member(user: UserId, role: Role) -> Member {
        Member { user: person(user), role, rev: 0, joined_seq: 0, read_seq: 0, delivered_seq: 0, left: false }
    }

    #[test]
    fn senders_delete_for_everyone_within_two_days_and_moderators_at_any_time() {
        let text = message(MessageType::Text, None);
        let may = |role, user, now| may_delete_for_everyone(role, user, &text, now).is_ok();
        assert!(may(Role::Member, SENDER, Timestamp(DELETE_FOR_EVERYONE_WITHIN)));
        assert!(!may(Role::Member, SENDER, LATE));
        assert!(!may(Role::Member, OTHER, Timestamp(0)));
        assert!(may(Role::Moderator, OTHER, LATE));
        let deleted = message(MessageType::Text, Some(Timestamp(1)));
        assert!(may_delete_for_everyone(Role::Member, SENDER, &deleted, LATE).is_ok());
        let system = message(MessageType::System, None);
        assert!(may_delete_for_everyone(Role::Owner, SENDER, &system, Timestamp(0)).is_err());
    }

    #[test]
    fn members_leave_groups_and_moderators_remove_no_higher_role() {
        let may = |kind, by, role, removed| may_remove(kind, by, role, &removed).is_ok();
        let group = ConversationKind::Group;
        assert!(may(group, SENDER, Role::Member, member(SENDER, Role::Member)));
        assert!(!may(group, SENDER, Role::Member, member(OTHER, Role::Member)));
        assert!(may(group, SENDER, Role::Moderator, member(OTHER, Role::Moderator)));
        assert!(!may(group, SENDER, Role::Moderator, member(OTHER, Role::Owner)));
        assert!(!may(ConversationKind::Direct, SENDER, Role::Member, member(SENDER, Role::Member)));
    }
}
