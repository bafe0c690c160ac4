//! Typing, presence, names, receipts and unread counts.

use super::fixtures::*;
use crate::reducer::{PresenceNotice, Receipt, State, Timeline};
use crate::{
    Conversation, Member, Message, MessageDeleted, MessageDelivered, MessageType, NewMessage, Person,
    ServerFrame, Status, Timestamp, UserId, UserUpdated,
};

#[test]
fn t3_typing_runs_out_is_never_double_and_never_oneself() {
    let mut state = listed(0);
    let who = |state: &State| state.rooms[&ROOM].typing.keys().map(|user| user.0).collect::<Vec<_>>();
    state.apply(typing(1, true), 0);
    state.apply(typing(2, true), 0);
    state.apply(typing(2, true), 1_000);
    state.apply(typing(3, true), 2_000);
    assert_eq!(who(&state), [2, 3]);
    assert_eq!(state.next_deadline(), Some(7_000));
    assert!(!state.tick(6_999));
    assert!(state.tick(7_000));
    assert_eq!(who(&state), [3]);
    state.apply(new_message(message(1, 3)), 7_000);
    assert_eq!(who(&state), [0; 0]);
    state.apply(typing(2, true), 7_000);
    state.apply(typing(2, false), 7_000);
    state.apply(typing(3, true), 7_000);
    state.link_lost();
    assert_eq!(who(&state), [0; 0]);
    assert_eq!(state.next_deadline(), None);
}

#[test]
fn p1_who_comes_and_goes_is_an_ephemeral_line_in_the_open_conversation() {
    let lines = |state: &State| {
        let line = |ephemeral: &PresenceNotice| (ephemeral.name.clone(), ephemeral.came);
        state.rooms[&ROOM].ephemeral.iter().map(line).collect::<Vec<_>>()
    };
    let mut state = loaded(1, 2);
    // What is said first, or after the line was lost, is how things are, and nobody's coming.
    let mut first = synced(vec![entry(2)]);
    if let ServerFrame::Synced(answer) = &mut first {
        answer.presence = vec![here(3, Status::Online)];
    }
    state.apply(first, 0);
    assert_eq!(lines(&state), []);
    state.apply(ServerFrame::UserStatus(here(2, Status::Online)), 0);
    assert_eq!(lines(&state), [("person2".into(), true)]);
    // Away and back is no coming and no going; one line a person.
    for status in [Status::Away, Status::Online, Status::Away] {
        state.apply(ServerFrame::UserStatus(here(2, status)), 1_000);
    }
    assert_eq!(lines(&state), [("person2".into(), true)]);
    state.apply(ServerFrame::UserStatus(here(3, Status::Offline)), 1_000);
    state.apply(ServerFrame::UserStatus(here(2, Status::Offline)), 2_000);
    assert_eq!(lines(&state), [("person3".into(), false), ("person2".into(), false)]);
    assert_eq!(state.next_deadline(), Some(5_000));
    assert!(!state.tick(4_999));
    assert!(state.tick(5_000));
    assert_eq!(lines(&state), [("person2".into(), false)]);
    assert!(state.tick(6_000));
    assert_eq!(state.next_deadline(), None);
    // Oneself, a stranger, and what is off screen.
    state.apply(ServerFrame::UserStatus(here(1, Status::Online)), 7_000);
    state.apply(ServerFrame::UserStatus(here(9, Status::Online)), 7_000);
    state.close(ROOM);
    state.apply(ServerFrame::UserStatus(here(2, Status::Online)), 7_000);
    assert_eq!(lines(&state), []);
}

#[test]
fn p1_a_large_conversation_has_no_ephemeral_lines() {
    let mut state = loaded(1, 2);
    state.apply(synced(vec![Conversation { member_count: 33, rev: 3, ..entry(3) }]), 0);
    state.apply(ServerFrame::UserStatus(here(2, Status::Online)), 0);
    assert_eq!(state.presence[&UserId(2)].status, Status::Online);
    assert!(state.rooms[&ROOM].ephemeral.is_empty());
}

#[test]
fn a_new_name_stands_wherever_the_person_does() {
    let everywhere = |state: &State, id: i64| {
        let room = &state.rooms[&ROOM];
        let members = room.summary.members.iter().map(|member| &member.user);
        let shown = room.timeline.iter().flat_map(Timeline::messages).map(|m| &m.sender);
        let all = members.chain(room.summary.last_message.iter().map(|m| &m.sender)).chain(shown);
        let mut names: Vec<_> = all.filter(|user| user.id == UserId(id)).map(Person::display_name).collect();
        names.dedup();
        names
    };
    let named = |id: i64, name: &str| Person { first_name: name.into(), hue: Some(4), ..person(id) };
    let mut state = loaded(1, 3);
    state.apply(ServerFrame::UserUpdated(UserUpdated { user: named(2, "Bo") }), 0);
    assert_eq!(everywhere(&state, 2), ["Bo"]);
    assert_eq!(everywhere(&state, 3), ["person3"]);
    state.apply(ServerFrame::UserUpdated(UserUpdated { user: named(1, "Me") }), 0);
    assert_eq!(state.me.display_name(), "Me");
    state.apply(ServerFrame::UserUpdated(UserUpdated { user: named(9, "A stranger") }), 0);
    // While the line was lost: the list tells, and the loaded messages follow.
    let mut list = entry(3);
    list.members[1].user = named(2, "Bob");
    list.last_message = Some(Message { sender: named(2, "Bob"), ..message(3, 2) });
    state.apply(synced(vec![list]), 0);
    assert_eq!(everywhere(&state, 2), ["Bob"]);
    assert_eq!(shown(&state).len(), 3);
}

#[test]
fn t5_reading_on_another_device_counts_down() {
    let mut state = listed(3);
    assert_eq!(state.apply(read(1, 3), 0), vec![]);
    assert_eq!((unread(&state), state.unread()), (0, 0));
    // Up to the middle, off screen: only the list knows how many are left.
    let mut state = listed(3);
    let request = ask_list(&state);
    assert_eq!(state.apply(read(1, 2), 0), request);
    // On screen it is counted.
    let mut state = loaded(1, 3);
    assert_eq!(state.apply(read(1, 2), 0), vec![]);
    assert_eq!(unread(&state), 1);
    let joined = Message { message_type: MessageType::System, ..message(4, 2) };
    state.apply(new_message(joined), 0);
    state.apply(new_message(message(5, 1)), 0);
    assert_eq!(unread(&state), 1);
}

#[test]
fn t5_a_deleted_message_is_no_longer_unread() {
    let tombstone = |rev| {
        let message =
            Message { rev, content: String::new(), deleted_at: Some(Timestamp(9)), ..message(2, 2) };
        let (message_id, rev) = (message.id, Some(rev));
        ServerFrame::MessageDeleted(MessageDeleted {
            conversation_id: ROOM,
            message_id,
            rev,
            user_rev: None,
            message: Some(message),
        })
    };
    let mut state = loaded(1, 3);
    assert_eq!(state.apply(tombstone(4), 0), vec![]);
    assert_eq!(unread(&state), 2);
    let mut state = listed(3);
    let request = ask_list(&state);
    assert_eq!(state.apply(tombstone(4), 0), request);
}

#[test]
fn receipts_are_as_far_as_the_slowest_of_those_who_were_there() {
    let mut state = listed(3);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Sent);
    state.apply(read(2, 3), 0);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Sent);
    let message_id = message(3, 2).id;
    let delivered = ServerFrame::MessageDelivered(MessageDelivered {
        conversation_id: ROOM,
        message_id,
        user_id: UserId(3),
        seq: 3,
    });
    state.apply(delivered, 0);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Delivered);
    let newcomer = Member { rev: 4, joined_seq: 4, ..member(4) };
    let joined = Message { message_type: MessageType::System, ..message(4, 2) };
    let members = vec![newcomer];
    state.apply(
        ServerFrame::NewMessage(NewMessage { conversation_id: ROOM, rev: 4, message: joined, members }),
        0,
    );
    state.apply(read(3, 3), 0);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Read);
    assert_eq!(state.receipt(ROOM, 4), Receipt::Sent);
    assert_eq!(state.rooms[&ROOM].summary.member_count, 4);
}

#[test]
fn f15_receipts_of_an_overtaken_list_count() {
    let mut state = listed(2);
    state.apply(new_message(message(3, 2)), 0);
    let mut late = entry(2);
    late.members[1].read_seq = 2;
    state.apply(synced(vec![late]), 0);
    assert_eq!(state.rooms[&ROOM].summary.members[1].read_seq, 2);
}

#[test]
fn v15_people_whose_names_look_alike_are_shown_with_their_usernames() {
    let named = |id: i64, name: &str, key: Option<&str>| Person {
        first_name: name.into(),
        name_key: key.map(str::to_owned),
        ..person(id)
    };
    let updated = |user| ServerFrame::UserUpdated(UserUpdated { user });
    let shown = |state: &State| {
        let members = &state.rooms[&ROOM].summary.members;
        members.iter().map(|member| state.name_of(&member.user)).collect::<Vec<_>>()
    };
    let mut state = listed(0);
    state.apply(updated(named(2, "Cara", None)), 0);
    assert!(state.take_touched().rooms[&ROOM].summary);
    assert_eq!(shown(&state), ["person1", "Cara", "person3"]);
    // The same letters in another case, and letters of another script with the key of these.
    for (name, key) in [("cARA", None), ("Сага", Some("cara"))] {
        state.apply(updated(named(3, name, key)), 0);
        let both = ["person1".into(), full("Cara", 2), full(name, 3)];
        assert_eq!(shown(&state), both);
        assert!(state.take_touched().names || name == "Сага", "both names change for the views");
    }
    // Oneself counts, and a new name ends it.
    state.apply(updated(named(1, "Cara", None)), 0);
    assert_eq!(shown(&state), [full("Cara", 1), full("Cara", 2), full("Сага", 3)]);
    state.apply(updated(named(3, "Dana", None)), 0);
    state.apply(updated(named(1, "Ana", None)), 0);
    assert_eq!(shown(&state), ["Ana", "Cara", "Dana"]);
    assert!(state.take_touched().names);
    // A name that is another's username.
    state.apply(updated(named(2, "Person3", None)), 0);
    state.apply(updated(named(3, "", None)), 0);
    assert_eq!(shown(&state), ["Ana".into(), full("Person3", 2), full("person3", 3)]);
    // The other one left the list.
    state.apply(synced(vec![]), 0);
    assert!(!state.is_namesake(UserId(2)));
}

fn full(name: &str, id: i64) -> String {
    format!("{name} \u{2066}@person{id}\u{2069}")
}
