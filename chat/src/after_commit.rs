//! Events that follow a commit.

use crate::bus::{BusEvent, Push, Topic};
use crate::store::{
    EndedInvitation, GroupChanged, GroupWrite, Invited, NewIncomingWebhook, NewlyListed, Notified, Outcome,
    ParticipantClosing, PersonalChange, SubjectWrite, Write,
};
use protocol::limits::SMALL_CONVERSATION;
use protocol::{
    ConversationId, ConversationRemoved, ConversationUpdated, GroupEventKind, InvitationAdded,
    InvitationRemoved, MembershipUpdated, MessageDeleted, MessageRead, MessageRestored, NewMessage,
    NotificationAdded, NotificationsRead, PreferencesUpdated, ServerFrame, UserId,
};
use std::slice;

/// Appends the events of a change, in the order of delivery. Receipts for others are published by [`crate::receipts`].
pub(crate) fn events(write: &Write, outcome: &Outcome, out: &mut Vec<Push>) {
    match (write, outcome) {
        (_, Outcome::Sent { message, repeated: false, newly_listed, unarchived, notified, draft }) => {
            let conversation_id = message.conversation_id;
            let frame = ServerFrame::NewMessage(NewMessage {
                conversation_id,
                rev: message.rev,
                message: message.clone(),
                members: Vec::new(),
            });
            // Out of an archive, before the message that brings it back.
            unarchived
                .iter()
                .for_each(|(user, change)| membership_changes(*user, slice::from_ref(change), out));
            out.push(Push::frame(Topic::Conversation(conversation_id), &frame));
            conversation_appears(newly_listed, out);
            notify(notified, out);
            membership_changes(message.sender.id, draft.as_slice(), out);
        }
        (Write::SetMembership { user, .. }, Outcome::MembershipSet(changes)) => {
            membership_changes(*user, changes, out);
        }
        (
            Write::Hide { user, conversation, message, hidden },
            Outcome::Hidden { user_rev: Some(user_rev) },
        ) => {
            let (conversation_id, message_id, user_rev) = (*conversation, *message, *user_rev);
            let frame = if *hidden {
                let (rev, user_rev) = (None, Some(user_rev));
                ServerFrame::MessageDeleted(MessageDeleted {
                    conversation_id,
                    message_id,
                    rev,
                    user_rev,
                    message: None,
                })
            } else {
                ServerFrame::MessageRestored(MessageRestored { conversation_id, message_id, user_rev })
            };
            out.push(Push::frame(Topic::Person(*user), &frame).about(*conversation));
        }
        (_, Outcome::Deleted { message: Some(message) }) => {
            let conversation_id = message.conversation_id;
            let frame = ServerFrame::MessageDeleted(MessageDeleted {
                conversation_id,
                message_id: message.id,
                rev: Some(message.rev),
                user_rev: None,
                message: Some(message.clone()),
            });
            out.push(Push::frame(Topic::Conversation(conversation_id), &frame));
        }
        (_, Outcome::ConversationCreated { newly_listed, invited, .. }) => {
            conversation_appears(newly_listed, out);
            invitations_appear(invited, out);
        }
        (
            Write::Group(GroupWrite { conversation, .. }) | Write::Join { conversation, .. },
            Outcome::GroupChanged(changed),
        ) => {
            group_changed(*conversation, changed, out);
        }
        (
            Write::CreateIncomingWebhook(NewIncomingWebhook { conversation, .. })
            | Write::RevokeIncomingWebhook { conversation, .. },
            Outcome::IncomingWebhookCreated { changed, .. } | Outcome::IncomingWebhookRevoked(changed),
        ) => {
            group_changed(*conversation, changed, out);
        }
        (
            Write::Subject(
                SubjectWrite::Update { conversation, .. }
                | SubjectWrite::Close { conversation, .. }
                | SubjectWrite::Reopen { conversation }
                | SubjectWrite::ByParticipant(ParticipantClosing { conversation, .. })
                | SubjectWrite::Moderate { conversation, .. },
            ),
            Outcome::GroupChanged(changed),
        ) => group_changed(*conversation, changed, out),
        (Write::EndInvitation { .. }, Outcome::InvitationEnded(Some((conversation, ended)))) => {
            invitation_ends(*conversation, ended, out);
        }
        (Write::Mark(mark), Outcome::Marked(Some(marked))) if marked.user_rev.is_some() => {
            let frame = ServerFrame::MessageRead(MessageRead {
                conversation_id: mark.conversation,
                message_id: marked.message,
                reader_id: mark.user,
                seq: marked.seq,
                user_rev: marked.user_rev,
            });
            out.push(Push::frame(Topic::Person(mark.user), &frame).about(mark.conversation));
        }
        (
            Write::UpdatePreferences { user, .. },
            Outcome::PreferencesUpdated { preferences, user_rev: Some(user_rev) },
        ) => {
            let (preferences, user_rev) = (preferences.clone(), *user_rev);
            let frame = ServerFrame::PreferencesUpdated(PreferencesUpdated { preferences, user_rev });
            // A connection applies what the person hides before it passes the frame on.
            let event = BusEvent::PreferencesChanged(frame.encode().into());
            out.push(Push { rev: Some(user_rev), ..Push::event(Topic::Person(*user), event) });
        }
        (
            Write::ReadNotifications { user, .. },
            Outcome::NotificationsRead { up_to, user_rev: Some(user_rev) },
        ) => {
            let (up_to, user_rev) = (*up_to, *user_rev);
            let frame = ServerFrame::NotificationsRead(NotificationsRead { up_to, user_rev });
            out.push(Push::frame(Topic::Person(*user), &frame));
        }
        _ => {}
    }
}

/// Sends the changes of a person's own states to the person.
fn membership_changes(user: UserId, changes: &[PersonalChange], out: &mut Vec<Push>) {
    for PersonalChange { conversation, user_rev, state } in changes {
        let updated = MembershipUpdated::new(*conversation, *user_rev, state.clone());
        let frame = ServerFrame::MembershipUpdated(updated);
        out.push(Push::frame(Topic::Person(user), &frame).about(*conversation));
    }
}

/// Sends stored notifications to their people.
fn notify(notified: &[Notified], out: &mut Vec<Push>) {
    for Notified { user, user_rev, notification } in notified {
        let id = notification.conversation_id;
        let (notification, user_rev) = (notification.clone(), *user_rev);
        let frame = ServerFrame::Notification(NotificationAdded { notification, user_rev });
        out.push(Push::frame(Topic::Person(*user), &frame).about(id));
    }
}

/// Sends the changes of a group to its members, and to those who came or went.
fn group_changed(conversation_id: ConversationId, changed: &GroupChanged, out: &mut Vec<Push>) {
    let topic = Topic::Conversation(conversation_id);
    changed.ended.iter().for_each(|ended| invitation_ends(conversation_id, ended, out));
    invitations_appear(&changed.invited, out);
    if let Some((gone, user_rev)) = changed.removed {
        let frame = ServerFrame::ConversationRemoved(ConversationRemoved { conversation_id, user_rev });
        // The removed person first, so that nothing of the conversation reaches that person afterwards.
        out.push(Push::frame(Topic::Person(gone), &frame).about(conversation_id));
        out.push(Push::event(Topic::Person(gone), BusEvent::MemberLeft(conversation_id)));
        out.push(Push::event(topic, BusEvent::OtherMemberLeft(gone)));
    }
    for message in &changed.messages {
        let members = changed.members.iter().filter(|member| member.rev == message.rev);
        let frame = ServerFrame::NewMessage(NewMessage {
            conversation_id,
            rev: message.rev,
            message: message.clone(),
            members: members.cloned().collect(),
        });
        out.push(Push::frame(topic, &frame));
        if message.event.as_ref().is_some_and(|event| event.kind == GroupEventKind::Closed) {
            out.push(Push::event(topic, BusEvent::ConversationClosed));
        }
    }
    let is_small = |listed: &NewlyListed| listed.conversation.member_count <= SMALL_CONVERSATION as i64;
    for NewlyListed { user, .. } in changed.newly_listed.iter().filter(|listed| is_small(listed)) {
        out.push(Push::event(topic, BusEvent::OtherMemberJoined(*user)));
    }
    conversation_appears(&changed.newly_listed, out);
    notify(&changed.notified, out);
}

/// Sends the conversation to each of the members, then has their connections subscribe to it, from the messages on that it does
/// not contain.
fn conversation_appears(newly_listed: &[NewlyListed], out: &mut Vec<Push>) {
    for NewlyListed { user, user_rev, conversation } in newly_listed {
        let (id, rev) = (conversation.id, conversation.rev);
        let frame = ServerFrame::ConversationUpdated(ConversationUpdated {
            conversation: conversation.clone(),
            user_rev: *user_rev,
        });
        out.push(Push::frame(Topic::Person(*user), &frame).about(id));
        out.push(Push::event(Topic::Person(*user), BusEvent::MemberJoined(id, rev)));
    }
}

/// Sends each invitation to the person.
fn invitations_appear(invited: &[Invited], out: &mut Vec<Push>) {
    for Invited { user, user_rev, invitation } in invited {
        let added = InvitationAdded { invitation: invitation.clone(), user_rev: *user_rev };
        let frame = ServerFrame::InvitationAdded(added);
        out.push(Push::frame(Topic::Person(*user), &frame).about(invitation.conversation.id));
    }
}

fn invitation_ends(group: ConversationId, ended: &EndedInvitation, out: &mut Vec<Push>) {
    let EndedInvitation { user, user_rev, invitation: invitation_id } = *ended;
    let frame = ServerFrame::InvitationRemoved(InvitationRemoved { invitation_id, user_rev });
    out.push(Push::frame(Topic::Person(user), &frame).about(group));
}
