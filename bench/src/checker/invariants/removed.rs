//! A removed member receives no frame, reads no page and sends no message.

use super::{Evidence, Final};
use crate::checker::history::{Event, Kind, What};
use protocol::{ConversationId, MessageType, UserId};
use std::collections::HashMap;

pub(super) fn check(evidence: &Evidence<'_>, broken: &mut Vec<String>) {
    for (at, event) in evidence.events.iter().enumerate() {
        if let (Kind::Ok, What::Remove { conversation, user }) = (event.kind, &event.what) {
            let end = evidence.finals().iter().find(|end| end.conversation == *conversation);
            match end.and_then(|end| Some((end, gone_at(end, *user)?))) {
                Some((end, gone)) => after_removal(evidence, at, event, end, *user, gone, broken),
                None => broken.push(format!("person {user} was removed and is still a member")),
            }
        }
    }
    after_notice(evidence, broken);
}

/// The counter at which a member was removed.
fn gone_at(end: &Final, user: UserId) -> Option<i64> {
    end.members.iter().find(|member| member.user.id == user && member.left).map(|member| member.rev)
}

fn after_removal(
    evidence: &Evidence<'_>,
    at: usize,
    removal: &Event,
    end: &Final,
    user: UserId,
    gone: i64,
    broken: &mut Vec<String>,
) {
    let latest = removal.after + u64::try_from(evidence.grace.as_micros()).unwrap_or(u64::MAX);
    for event in evidence.events.iter().filter(|event| evidence.user(event) == Some(user)) {
        match &event.what {
            What::Heard { conversation, rev }
                if *conversation == end.conversation
                    && *rev > gone
                    && (evidence.grace.is_zero() || event.after > latest) =>
            {
                broken.push(format!("person {user} heard of change {rev} after the removal at {gone}"));
            }
            What::Read { conversation, .. }
                if *conversation == end.conversation && event.kind == Kind::Ok && event.began > at =>
            {
                broken.push(format!("person {user} read a page after the removal"));
            }
            _ => {}
        }
    }
    let theirs = end.messages.iter().filter(|message| message.sender.id == user && message.seq > gone);
    for message in theirs.filter(|message| message.message_type == MessageType::Text) {
        broken.push(format!("person {user} wrote {:?} after the removal", message.content));
    }
}

/// A client that received the removal receives no change over the same connection.
fn after_notice(evidence: &Evidence<'_>, broken: &mut Vec<String>) {
    let mut gone: HashMap<usize, Vec<ConversationId>> = HashMap::new();
    for event in evidence.events {
        let Some(process) = event.process else { continue };
        match &event.what {
            What::Line { .. } => {
                gone.remove(&process);
            }
            What::Gone { conversation } => gone.entry(process).or_default().push(*conversation),
            What::Heard { conversation, rev }
                if gone.get(&process).is_some_and(|all| all.contains(conversation)) =>
            {
                broken
                    .push(format!("client {process} heard of change {rev} after it was told of the removal"));
            }
            _ => {}
        }
    }
}
