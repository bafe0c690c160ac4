//! Permissions: who may do what in a conversation. Pure functions over facts that the store has read.
//!
//! The store calls them inside the transaction that makes the change. That somebody is a member at all is not decided here: rows
//! are read through the membership of the person who asks, and what is not found does not exist.

mod invitations;
mod moderation;

pub(crate) use invitations::*;
pub(crate) use moderation::*;

use protocol::limits::MAX_PARTICIPANTS;
use protocol::limits::MAX_PINNED;
use protocol::{
    ClosedBy, ConversationKind, ErrorBody, ErrorCode, Member, Message, MessageType, Person, Role, Timestamp,
    UserId,
};

/// How long senders may delete their own messages for everyone, in microseconds: 48 hours.
const DELETE_FOR_EVERYONE_WITHIN: i64 = 48 * 60 * 60 * 1_000_000;

/// Whether a member may send. `partner_suspended`: the conversation is direct, and the other person's account is suspended.
///
/// # Errors
///
/// `Suspended`: the message could not be read before the suspension is lifted, of which nobody would be told. `Closed`: nobody
/// can write.
pub(crate) fn may_send(partner_suspended: bool, is_closed: bool) -> Result<(), ErrorBody> {
    is_open(is_closed)?;
    if partner_suspended { Err(ErrorCode::Suspended.into()) } else { Ok(()) }
}

/// Whether members may change what all of them see.
///
/// # Errors
///
/// `Closed`: the product closed the conversation.
pub(crate) fn is_open(is_closed: bool) -> Result<(), ErrorBody> {
    if is_closed { Err(ErrorCode::Closed.into()) } else { Ok(()) }
}

/// Whether members decide about the group: its members, roles, title, picture and links.
///
/// # Errors
///
/// `Forbidden`: the conversation has a subject, so that the product decides.
pub(crate) fn is_the_members_own(has_subject: bool) -> Result<(), ErrorBody> {
    if has_subject {
        return Err(ErrorBody::because(ErrorCode::Forbidden, "The product decides about this conversation"));
    }
    Ok(())
}

/// Whether a member may close the conversation, or change that it is closed. `roles`: those that may by the configuration of the
/// subject's kind; `None`: the conversation has no subject. `subject_role`: the member's role in its subject. `closed_by`: who closed
/// it; `None`: it is open.
///
/// # Errors
///
/// `Forbidden`: another role, no conversation about a subject, or one that the product or a moderator closed.
pub(crate) fn may_close(
    roles: Option<&[String]>,
    subject_role: Option<&str>,
    closed_by: Option<ClosedBy>,
) -> Result<(), ErrorBody> {
    let Some(roles) = roles else {
        let why = "Only conversations about a subject are closed and reopened";
        return Err(ErrorBody::because(ErrorCode::Forbidden, why));
    };
    if !subject_role.is_some_and(|role| roles.iter().any(|closing| closing == role)) {
        return Err(ErrorBody::because(ErrorCode::Forbidden, "The product decides about this conversation"));
    }
    match closed_by {
        None | Some(ClosedBy::Participant) => Ok(()),
        Some(ClosedBy::Product) => {
            Err(ErrorBody::because(ErrorCode::Forbidden, "The product closed this conversation"))
        }
        Some(ClosedBy::Moderator) => {
            Err(ErrorBody::because(ErrorCode::Forbidden, "A moderator closed this conversation"))
        }
    }
}

/// Whether a conversation about a subject is the one of these participants. Both lists are ordered by id, and have the roles.
///
/// # Errors
///
/// `Conflict`: it belongs to other people, who may not want these to read it, or they have other roles.
pub(crate) fn is_of_participants(
    members: &[(UserId, String)],
    participants: &[(UserId, String)],
) -> Result<(), ErrorBody> {
    if members == participants {
        return Ok(());
    }
    let why = "The conversation about this subject has other participants or roles";
    Err(ErrorBody::because(ErrorCode::Conflict, why))
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

/// Whether a person with this many pinned conversations may pin another one.
///
/// # Errors
///
/// `Invalid`: there are [`MAX_PINNED`] already.
pub(crate) fn may_pin(pinned: usize) -> Result<(), ErrorBody> {
    if pinned < MAX_PINNED {
        return Ok(());
    }
    Err(ErrorBody::because(ErrorCode::Invalid, format!("At most {MAX_PINNED} pinned conversations")))
}

/// Whether a member with this role may add people to a group.
///
/// # Errors
/// `Forbidden`: a direct conversation, or a member without a role.
pub(crate) fn may_add(kind: ConversationKind, role: Role) -> Result<(), ErrorBody> {
    in_group(kind, role, Role::Moderator)
}

/// Whether these people may be added to a group.
///
/// # Errors
/// `Suspended`: one of the accounts is suspended.
pub(crate) fn may_be_added(people: &[Person]) -> Result<(), ErrorBody> {
    if people.iter().any(|person| person.suspended) { Err(ErrorCode::Suspended.into()) } else { Ok(()) }
}

/// Whether a member with this role may set the roles of members.
///
/// # Errors
/// `Forbidden`: a direct conversation, or no owner.
pub(crate) fn may_set_roles(kind: ConversationKind, role: Role) -> Result<(), ErrorBody> {
    in_group(kind, role, Role::Owner)
}

/// Whether a member with this role may change title and picture, and with `history` the history that newcomers see.
///
/// # Errors
/// `Forbidden`: a direct conversation, or a role that is too low.
pub(crate) fn may_update(kind: ConversationKind, role: Role, history: bool) -> Result<(), ErrorBody> {
    let needed = if history { Role::Owner } else { Role::Moderator };
    in_group(kind, role, needed)
}

/// Whether a member with this role may create, see and revoke the incoming webhooks of a group.
///
/// # Errors
/// `Forbidden`: a direct conversation, or a member without a role.
pub(crate) fn may_manage_incoming_webhooks(kind: ConversationKind, role: Role) -> Result<(), ErrorBody> {
    in_group(kind, role, Role::Moderator)
}

fn in_group(kind: ConversationKind, role: Role, needed: Role) -> Result<(), ErrorBody> {
    if kind == ConversationKind::Direct {
        return Err(ErrorBody::because(ErrorCode::Forbidden, "A direct conversation cannot be changed"));
    }
    if role < needed { Err(ErrorCode::Forbidden.into()) } else { Ok(()) }
}

/// Whether an operator may give a conversation an owner.
///
/// # Errors
/// `Forbidden`: a direct conversation.
pub(crate) fn may_have_owners(kind: ConversationKind) -> Result<(), ErrorBody> {
    in_group(kind, Role::Owner, Role::Owner)
}

/// Whether a person may have this role in a group.
///
/// # Errors
/// `Suspended`: the account is suspended, so that nobody would use the role.
pub(crate) fn may_have_role(person: &Person, role: Role) -> Result<(), ErrorBody> {
    if person.suspended && role > Role::Member { Err(ErrorCode::Suspended.into()) } else { Ok(()) }
}

/// Whether the group has an owner without this member, who is to leave or to get another role. `owners`: the number of those whose
/// accounts are not suspended.
///
/// # Errors
/// `LastOwner`: the member is the only owner, but for suspended ones.
pub(crate) fn keeps_an_owner(owners: i64, member: &Member) -> Result<(), ErrorBody> {
    let others = owners - i64::from(!member.user.suspended);
    if member.role == Role::Owner && others < 1 { Err(ErrorCode::LastOwner.into()) } else { Ok(()) }
}

/// Whether a group of this size takes so many more.
///
/// # Errors
/// `Invalid`: it would have more than [`MAX_PARTICIPANTS`] members.
pub(crate) fn has_room(members: i64, more: usize) -> Result<(), ErrorBody> {
    let all = usize::try_from(members).unwrap_or(usize::MAX).saturating_add(more);
    if all > MAX_PARTICIPANTS {
        let why = format!("A group has at most {MAX_PARTICIPANTS} members");
        return Err(ErrorBody::because(ErrorCode::Invalid, why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{ClientId, ConversationId, MessageId};

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
            bot: false,
            name_key: None,
            picture: None,
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
            event: None,
        }
    }

    fn member(user: UserId, role: Role) -> Member {
        Member {
            user: person(user),
            role,
            rev: 0,
            joined_seq: 0,
            read_seq: 0,
            delivered_seq: 0,
            left: false,
            subject_role: None,
        }
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
    fn c4_the_configured_roles_close_conversations_about_subjects() {
        let roles = ["seller".to_owned(), "agent".to_owned()];
        let code = |roles, role| may_close(roles, role, None).err().map(|why| why.code);
        let forbidden = Some(ErrorCode::Forbidden);
        assert_eq!(code(Some(&roles[..]), Some("seller")), None);
        assert_eq!(code(Some(&roles[..]), Some("agent")), None);
        assert_eq!(code(Some(&roles[..]), Some("buyer")), forbidden);
        assert_eq!(code(Some(&roles[..]), None), forbidden);
        assert_eq!(code(Some(&[]), Some("seller")), forbidden);
        assert_eq!(code(None, Some("seller")), forbidden);
        let code = |by| may_close(Some(&roles[..]), Some("seller"), Some(by)).err().map(|why| why.code);
        assert_eq!(code(ClosedBy::Participant), None);
        assert_eq!(code(ClosedBy::Product), forbidden);
        assert_eq!(code(ClosedBy::Moderator), forbidden);
    }

    #[test]
    fn c5_fifty_conversations_are_pinned_at_most() {
        assert!(may_pin(MAX_PINNED - 1).is_ok());
        assert_eq!(may_pin(MAX_PINNED).map_err(|refused| refused.code), Err(ErrorCode::Invalid));
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

    #[test]
    fn c3_owners_do_everything_moderators_some_and_members_nothing() {
        let group = ConversationKind::Group;
        // Add, set roles, rename, change the history.
        let may = |kind, role| {
            [
                may_add(kind, role).is_ok(),
                may_set_roles(kind, role).is_ok(),
                may_update(kind, role, false).is_ok(),
                may_update(kind, role, true).is_ok(),
            ]
        };
        assert_eq!(may(group, Role::Owner), [true; 4]);
        assert_eq!(may(group, Role::Moderator), [true, false, true, false]);
        assert_eq!(may(group, Role::Member), [false; 4]);
        assert_eq!(may(ConversationKind::Direct, Role::Owner), [false; 4]);
    }

    #[test]
    fn c3_a_group_keeps_an_owner_and_has_500_members_at_most() {
        let code = |owners, role| keeps_an_owner(owners, &member(OTHER, role)).err().map(|why| why.code);
        assert_eq!(code(1, Role::Owner), Some(ErrorCode::LastOwner));
        assert_eq!(code(2, Role::Owner), None);
        assert_eq!(code(1, Role::Moderator), None);
        let mut suspended = member(OTHER, Role::Owner);
        suspended.user.suspended = true;
        assert!(keeps_an_owner(1, &suspended).is_ok(), "the owner who is left is not suspended");
        assert!(keeps_an_owner(0, &suspended).is_err());
        let roles = [Role::Member, Role::Moderator, Role::Owner];
        assert_eq!(roles.map(|role| may_have_role(&suspended.user, role).is_ok()), [true, false, false]);
        assert_eq!(roles.map(|role| may_have_role(&person(SENDER), role).is_ok()), [true; 3]);
        assert!(has_room(499, 1).is_ok() && has_room(1, 499).is_ok());
        assert!(has_room(499, 2).is_err() && has_room(500, 1).is_err());
    }
}
