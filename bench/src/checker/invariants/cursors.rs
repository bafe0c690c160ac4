//! The read position of a person never goes back: not in a read that starts after it was set or read, and not in the final
//! state. Neither does the cursor of a client.

use super::Evidence;
use crate::checker::history::{Kind, What};
use protocol::{ConversationId, UserId};
use std::collections::HashMap;

pub(super) fn check(evidence: &Evidence<'_>, broken: &mut Vec<String>) {
    // In the order of the answers: index of the event, position.
    let mut floors: HashMap<(UserId, ConversationId), Vec<(usize, i64)>> = HashMap::new();
    for (at, event) in evidence.events.iter().enumerate() {
        let Some(user) = evidence.user(event) else { continue };
        match (&event.what, event.kind) {
            (What::Mark { conversation, seq }, Kind::Ok) => {
                floors.entry((user, *conversation)).or_default().push((at, *seq));
            }
            (What::Cursor { conversation, seq: Some(seq) }, Kind::Ok) => {
                let floors = floors.entry((user, *conversation)).or_default();
                let before = floors.iter().take_while(|(at, _)| *at < event.began).map(|(_, seq)| *seq).max();
                if let Some(before) = before.filter(|before| before > seq) {
                    broken.push(format!("the read position of person {user} fell from {before} to {seq}"));
                }
                floors.push((at, *seq));
            }
            (What::Fell { conversation, from, to }, _) => {
                let process = event.process.unwrap_or_default();
                broken.push(format!("client {process} went back from {from} to {to} in {conversation}"));
            }
            _ => {}
        }
    }
    for ((user, conversation), floors) in floors {
        let end = evidence.finals().iter().find(|end| end.conversation == conversation);
        let member = end.and_then(|end| end.members.iter().find(|member| member.user.id == user));
        let highest = floors.into_iter().map(|(_, seq)| seq).max().unwrap_or_default();
        if let Some(member) = member.filter(|member| member.read_seq < highest) {
            let read = member.read_seq;
            broken.push(format!("person {user} had read up to {highest} and ends at {read}"));
        }
    }
}
