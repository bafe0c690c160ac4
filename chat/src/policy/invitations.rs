//! Permissions of invitations: who may be added to a group by whom, and who may join by a link.

use protocol::limits::MAX_INVITATIONS;
use protocol::{AddableBy, ConversationKind, ErrorBody, ErrorCode, Role, Timestamp, UserId};

/// Lifetime of an invitation that nobody answers, in microseconds: 30 days.
pub(crate) const INVITATION_LIFETIME: i64 = 30 * DAY;
/// Number of invitations by one member that may wait for the answer of one person.
pub(crate) const MAX_INVITATIONS_BY_ONE: usize = 20;
/// Least time between a declined invitation and the next one to the same group, in microseconds.
const INVITED_AGAIN_AFTER: i64 = DAY;
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// The refusal of an invitation or a link. It is the same for one that never existed, expired, is spent or revoked, or leads to
/// a group that is full or that removed the person, so that it discloses nothing.
pub(crate) fn invitation_has_ended() -> ErrorBody {
    ErrorBody::because(ErrorCode::NotFound, "This invitation does not exist or has ended")
}

/// Whether a person with this preference may be added to a group without being asked. `is_contact`: they talk with whoever adds
/// them.
pub(crate) fn is_addable(addable_by: AddableBy, is_contact: bool) -> bool {
    match addable_by {
        AddableBy::Everyone => true,
        AddableBy::Contacts => is_contact,
        AddableBy::Nobody => false,
    }
}

/// An earlier invitation of a person to the same group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PastInvitation {
    /// The member who invited the person.
    pub(crate) by: UserId,
    /// The time of the invitation.
    pub(crate) created_at: Timestamp,
    /// The time at which the person declined; `None`: it waits for an answer.
    pub(crate) declined_at: Option<Timestamp>,
}

/// Whether an invitation by this member is due: not while another one waits for an answer, and after the person declined only by
/// another member, a day later.
pub(crate) fn may_invite_again(past: Option<PastInvitation>, by: UserId, now: Timestamp) -> bool {
    match past {
        None => true,
        Some(PastInvitation { declined_at: None, created_at, .. }) => has_expired(created_at, now),
        Some(PastInvitation { declined_at: Some(at), by: before, .. }) => {
            before != by && now.0 - at.0 >= INVITED_AGAIN_AFTER
        }
    }
}

/// Whether one more invitation may wait for a person's answer. `waiting`: the number of those that have not expired; `by_inviter`:
/// the number of those among them that the same member made.
pub(crate) fn may_wait_for_answer(waiting: i64, by_inviter: i64) -> bool {
    let is_below = |count: i64, limit: usize| usize::try_from(count).is_ok_and(|count| count < limit);
    is_below(waiting, MAX_INVITATIONS) && is_below(by_inviter, MAX_INVITATIONS_BY_ONE)
}

/// The time at or before which an invitation was made that has expired by now.
pub(crate) fn invitations_expired_at(now: Timestamp) -> Timestamp {
    Timestamp(now.0 - INVITATION_LIFETIME)
}

/// Whether an invitation of this time has expired.
pub(crate) fn has_expired(created_at: Timestamp, now: Timestamp) -> bool {
    created_at <= invitations_expired_at(now)
}

/// Whether a member with this role may make, see and revoke the links of a conversation.
///
/// # Errors
///
/// `Forbidden`: a direct conversation, or a role below moderator.
pub(crate) fn may_manage_links(kind: ConversationKind, role: Role) -> Result<(), ErrorBody> {
    if kind == ConversationKind::Direct {
        return Err(ErrorBody::because(ErrorCode::Forbidden, "Nobody else joins a direct conversation"));
    }
    if role > Role::Member { Ok(()) } else { Err(ErrorCode::Forbidden.into()) }
}

/// What is known of a link, and of the person who wants to join by it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkFacts {
    /// The kind of the conversation.
    pub(crate) kind: ConversationKind,
    /// The time at which the link expires.
    pub(crate) expires_at: Timestamp,
    /// Whether the account of the member who made it is suspended.
    pub(crate) by_suspended: bool,
    /// The number of people who can still join by it; `None`: any number.
    pub(crate) uses_left: Option<i64>,
    /// The counter of the conversation when the link was made.
    pub(crate) created_rev: i64,
    /// The counter of the conversation when somebody else removed the person; `None`: that did not happen, or the person was a
    /// member again since.
    pub(crate) removed_at: Option<i64>,
}

/// Whether somebody who is no member may join a group by a link. A removal is stronger than the links that existed before it.
///
/// # Errors
///
/// [`invitation_has_ended`], whatever the reason.
pub(crate) fn may_join_by_link(link: &LinkFacts, members: i64, now: Timestamp) -> Result<(), ErrorBody> {
    let LinkFacts { kind, expires_at, by_suspended, uses_left, created_rev, removed_at } = *link;
    let is_valid = kind == ConversationKind::Group
        && expires_at > now
        && !by_suspended
        && uses_left.is_none_or(|left| left > 0);
    let is_barred = removed_at.is_some_and(|removed_at| removed_at > created_rev);
    if is_valid && !is_barred && takes_another(members) { Ok(()) } else { Err(invitation_has_ended()) }
}

/// Whether a person may accept an invitation of this time to a group with this number of members. `by_suspended`: the account of
/// the member who invited them is suspended.
///
/// # Errors
///
/// [`invitation_has_ended`], whatever the reason.
pub(crate) fn may_accept(
    created_at: Timestamp,
    by_suspended: bool,
    members: i64,
    now: Timestamp,
) -> Result<(), ErrorBody> {
    let is_valid = !has_expired(created_at, now) && !by_suspended;
    if is_valid && takes_another(members) { Ok(()) } else { Err(invitation_has_ended()) }
}

/// Whether a group with this number of members takes another one. One without members is gone.
fn takes_another(members: i64) -> bool {
    members > 0 && super::has_room(members, 1).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::limits::MAX_PARTICIPANTS;

    const BO: UserId = UserId(2);
    const CY: UserId = UserId(3);

    #[test]
    fn c3_people_choose_who_may_add_them() {
        for (addable_by, stranger, contact) in [
            (AddableBy::Everyone, true, true),
            (AddableBy::Contacts, false, true),
            (AddableBy::Nobody, false, false),
        ] {
            assert_eq!((is_addable(addable_by, false), is_addable(addable_by, true)), (stranger, contact));
        }
    }

    #[test]
    fn c3_a_declined_invitation_is_repeated_by_another_member_a_day_later() {
        let waiting = PastInvitation { by: BO, created_at: Timestamp(0), declined_at: None };
        let declined = PastInvitation { declined_at: Some(Timestamp(DAY)), ..waiting };
        assert!(may_invite_again(None, BO, Timestamp(0)));
        assert!(!may_invite_again(Some(waiting), CY, Timestamp(INVITATION_LIFETIME - 1)));
        assert!(may_invite_again(Some(waiting), BO, Timestamp(INVITATION_LIFETIME)));
        assert!(!may_invite_again(Some(declined), CY, Timestamp(2 * DAY - 1)));
        assert!(may_invite_again(Some(declined), CY, Timestamp(2 * DAY)));
        assert!(!may_invite_again(Some(declined), BO, Timestamp(20 * DAY)), "the same member again");
    }

    #[test]
    fn c3_a_bounded_number_of_invitations_waits_for_a_person() {
        let [all, of_one] =
            [MAX_INVITATIONS, MAX_INVITATIONS_BY_ONE].map(|limit| i64::try_from(limit).unwrap());
        assert!(may_wait_for_answer(0, 0) && may_wait_for_answer(all - 1, of_one - 1));
        assert!(!may_wait_for_answer(all, 0) && !may_wait_for_answer(of_one, of_one));
    }

    #[test]
    fn c3_moderators_and_owners_manage_the_links_of_groups() {
        let may = |kind, role| may_manage_links(kind, role).is_ok();
        assert!(may(ConversationKind::Group, Role::Owner) && may(ConversationKind::Group, Role::Moderator));
        assert!(!may(ConversationKind::Group, Role::Member));
        assert!(!may(ConversationKind::Direct, Role::Owner));
    }

    #[test]
    fn c3_a_link_admits_until_it_ends_and_no_one_who_was_removed_after_it() {
        let good = LinkFacts {
            kind: ConversationKind::Group,
            expires_at: Timestamp(10),
            by_suspended: false,
            uses_left: None,
            created_rev: 5,
            removed_at: None,
        };
        let full = i64::try_from(MAX_PARTICIPANTS).expect("small");
        let refusal = |link: LinkFacts, members, now| may_join_by_link(&link, members, Timestamp(now)).err();
        for link in [
            good,
            LinkFacts { uses_left: Some(1), ..good },
            // Removed before the link was made.
            LinkFacts { removed_at: Some(5), ..good },
        ] {
            assert_eq!(refusal(link, full - 1, 9), None, "{link:?}");
        }
        for (link, members, now) in [
            (good, 1, 10),
            (good, full, 9),
            (good, 0, 9),
            (LinkFacts { kind: ConversationKind::Direct, ..good }, 2, 9),
            (LinkFacts { by_suspended: true, ..good }, 1, 9),
            (LinkFacts { uses_left: Some(0), ..good }, 1, 9),
            (LinkFacts { removed_at: Some(6), ..good }, 1, 9),
        ] {
            assert_eq!(refusal(link, members, now), Some(invitation_has_ended()), "{link:?}");
        }
    }

    #[test]
    fn c3_an_invitation_is_accepted_within_thirty_days() {
        let late = Timestamp(INVITATION_LIFETIME);
        assert!(may_accept(Timestamp(1), false, 1, late).is_ok());
        assert_eq!(may_accept(Timestamp(0), false, 1, late), Err(invitation_has_ended()));
        assert_eq!(may_accept(Timestamp(1), true, 1, late), Err(invitation_has_ended()));
        let full = i64::try_from(MAX_PARTICIPANTS).expect("small");
        assert_eq!(may_accept(Timestamp(1), false, full, late), Err(invitation_has_ended()));
    }
}
