//! Events that follow a commit.

use crate::bus::{BusEvent, Push, Topic};
use crate::store::{NewlyListed, Outcome, Write};
use protocol::{
    ConversationRemoved, ConversationUpdated, MessageDeleted, MessageRead, MessageRestored, NewMessage,
    ServerFrame,
};

/// Appends the events of a change, in the order of delivery. Receipts for others are published by [`crate::receipts`].
pub(crate) fn events(write: &Write, outcome: &Outcome, out: &mut Vec<Push>) {
    match (write, outcome) {
        (_, Outcome::Sent { message, repeated: false, newly_listed }) => {
            let conversation_id = message.conversation_id;
            let frame = ServerFrame::NewMessage(NewMessage {
                conversation_id,
                rev: message.rev,
                message: message.clone(),
                members: Vec::new(),
            });
            out.push(Push::frame(Topic::Conversation(conversation_id), &frame));
            conversation_appears(newly_listed, out);
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
        (_, Outcome::ConversationCreated { newly_listed, .. }) => conversation_appears(newly_listed, out),
        (
            Write::Remove { conversation, member: gone, .. },
            Outcome::Removed { message, member, user_rev },
        ) => {
            let frame = ServerFrame::ConversationRemoved(ConversationRemoved {
                conversation_id: *conversation,
                user_rev: *user_rev,
            });
            // The removed person first, so that nothing of the conversation reaches that person afterwards.
            out.push(Push::frame(Topic::Person(*gone), &frame).about(*conversation));
            out.push(Push::event(Topic::Person(*gone), BusEvent::MemberLeft(*conversation)));
            let frame = ServerFrame::NewMessage(NewMessage {
                conversation_id: *conversation,
                rev: message.rev.max(member.rev),
                message: message.clone(),
                members: vec![member.clone()],
            });
            out.push(Push::frame(Topic::Conversation(*conversation), &frame));
            out.push(Push::event(Topic::Conversation(*conversation), BusEvent::OtherMemberLeft(*gone)));
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
        _ => {}
    }
}

/// Sends the conversation to each of the members, then has their connections subscribe to it, from its first message on.
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
