//! Changes of groups: title, picture and history come with their system messages, members beside them.

use super::fixtures::*;
use crate::reducer::State;
use crate::{
    Conversation, GroupEvent, GroupEventKind, History, Member, Message, MessageType, NewMessage, Role,
    ServerFrame,
};

fn event(seq: i64, event: GroupEvent) -> Message {
    Message { message_type: MessageType::System, event: Some(Box::new(event)), ..message(seq, 2) }
}

fn renamed(seq: i64, title: &str) -> Message {
    let title = Some(title.to_owned()).filter(|title| !title.is_empty());
    event(seq, GroupEvent { title, ..GroupEvent::new(GroupEventKind::Renamed) })
}

fn pictured(seq: i64, hue: u8) -> Message {
    let emoji = Some("🎲".to_owned());
    event(seq, GroupEvent { hue: Some(hue), emoji, ..GroupEvent::new(GroupEventKind::PictureChanged) })
}

fn summary(state: &State) -> &Conversation {
    &state.rooms[&ROOM].summary
}

#[test]
fn c3_live_changes_need_no_request() {
    // In the list alone, and on screen.
    for mut state in [listed(2), loaded(1, 2)] {
        assert_eq!(state.apply(new_message(renamed(3, "Club")), 0), vec![]);
        assert_eq!(summary(&state).title.as_deref(), Some("Club"));
        assert_eq!(state.apply(new_message(pictured(4, 5)), 0), vec![]);
        let history = Some(History::FromJoining);
        let changed = GroupEvent { history, ..GroupEvent::new(GroupEventKind::HistoryChanged) };
        assert_eq!(state.apply(new_message(event(5, changed)), 0), vec![]);
        assert_eq!(state.apply(new_message(renamed(6, "")), 0), vec![]);
        let now = summary(&state);
        assert_eq!((now.title.as_deref(), now.hue, now.emoji.as_deref()), (None, Some(5), Some("🎲")));
        assert_eq!((now.history, now.rev, now.unread), (History::FromJoining, 6, 2));
        // An older one that comes again changes nothing.
        assert_eq!(state.apply(new_message(renamed(3, "Club")), 0), vec![]);
        assert_eq!(summary(&state).title, None);
    }
}

#[test]
fn c3_missed_changes_come_with_the_changes_of_the_log() {
    let mut state = loaded(1, 2);
    assert_eq!(state.apply(new_message(message(6, 2)), 0), ask_changes(2));
    let rows = vec![renamed(3, "One"), pictured(4, 1), renamed(5, "Two"), message(6, 2)];
    assert_eq!(state.apply(changes(2, rows, 6), 0), vec![]);
    assert_eq!((summary(&state).title.as_deref(), summary(&state).hue), (Some("Two"), Some(1)));
}

#[test]
fn c3_what_may_be_missed_is_asked_of_the_list() {
    // A row that is not among the changes may have been a hidden message about the group.
    let mut state = loaded(1, 2);
    state.apply(new_message(message(5, 2)), 0);
    let request = ask_list(&state);
    let asked = state.apply(changes(2, vec![message(3, 2), message(5, 2)], 5), 0);
    assert_eq!(asked.len(), request.len());
    let title = Some("Hidden".to_owned());
    state.apply(synced(vec![Conversation { title, ..entry(5) }]), 0);
    assert_eq!(summary(&state).title.as_deref(), Some("Hidden"));
    // A page in place of the changes lacks what was before it.
    let mut state = loaded(1, 2);
    state.apply(new_message(message(900, 2)), 0);
    assert_eq!(state.apply(reset_after(2, 851..=900), 0).len(), 1, "the list");
}

fn reset_after(after: i64, seqs: std::ops::RangeInclusive<i64>) -> ServerFrame {
    match reset(page(seqs, 900, false)) {
        ServerFrame::Changes(changes) => ServerFrame::Changes(crate::Changes { after, ..changes }),
        other => other,
    }
}

#[test]
fn c3_members_come_and_go_and_change_their_roles() {
    let mut state = listed(2);
    let with = |message: Message, members: Vec<Member>| {
        ServerFrame::NewMessage(NewMessage { conversation_id: ROOM, rev: message.rev, message, members })
    };
    let newcomer = Member { rev: 3, joined_seq: 3, ..member(4) };
    let added = GroupEvent::about(GroupEventKind::Added, vec![person(4)]);
    assert_eq!(state.apply(with(event(3, added), vec![newcomer]), 0), vec![]);
    assert_eq!(summary(&state).member_count, 4);
    let role = Member { rev: 4, role: Role::Owner, ..member(2) };
    let changed = GroupEvent::about(GroupEventKind::RoleChanged, vec![person(2)]);
    assert_eq!(state.apply(with(event(4, changed), vec![role]), 0), vec![]);
    assert_eq!(summary(&state).members[1].role, Role::Owner);
    let gone = Member { rev: 5, left: true, ..member(3) };
    let removed = GroupEvent::about(GroupEventKind::Removed, vec![person(3)]);
    assert_eq!(state.apply(with(event(5, removed), vec![gone]), 0), vec![]);
    assert_eq!((summary(&state).member_count, summary(&state).members.len()), (3, 4));
    // More members than a list shows: the server says which.
    let many: Vec<Member> = (10..45).map(|id| Member { rev: 6, joined_seq: 6, ..member(id) }).collect();
    let added = GroupEvent::about(GroupEventKind::Added, many.iter().map(|m| m.user.clone()).collect());
    assert_eq!(added.others, 3);
    assert_eq!(state.apply(with(event(6, added), many), 0).len(), 1, "the list");
}
